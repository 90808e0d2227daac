#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ledger/base/codec.h"
#include "ledger/base/hash.h"

namespace remit {

/// Consensus-critical parameters. They live on the ledger, never in a local file; a header carries
/// their hash, so nodes that differ never vote together. Both cores read them: consensus obeys
/// them, the ledger judges a plan that changes them, by the same rules.
struct ConsensusParams {
    /// Hard limits of the decoder, above every legal value.
    static constexpr std::size_t batch_bytes_limit = std::size_t{256} * 1024;
    static constexpr std::size_t block_batches_limit = 1024;
    static constexpr std::size_t snapshot_chunk_bytes_limit = std::size_t{2} * 1024 * 1024;
    static constexpr std::size_t snapshot_chunk_bytes_least = 256;

    std::uint16_t protocol_version = 1;
    std::uint32_t delta_ms_min = 50;  ///< bounds of Delta, the assumed one-way delay
    std::uint32_t delta_ms_max = 2000;
    std::uint32_t skew_ms = 1000;        ///< block time at most this far ahead of a voter's clock
    std::uint32_t expiry_window = 1024;  ///< W: heights a batch may live, and the dedup window
    std::uint32_t lag_max = 16;          ///< MAX_LAG: blocks ordered above the executed one (N7)
    std::uint32_t author_window = 64;    ///< batches of one author held and not yet finalised
    std::uint32_t batch_bytes_max = std::uint32_t{256} * 1024;
    std::uint32_t inline_bytes_max = std::uint32_t{64} * 1024;  ///< own batch inside a proposal
    std::uint32_t block_batches_max = 256;
    std::uint32_t block_bytes_max = std::uint32_t{1024} * 1024;
    std::uint32_t seal_delay_ms = 4;      ///< after the first item, unless idle
    std::uint32_t skip_window_ms = 1000;  ///< a leader unheard for so long is skipped at once
    std::uint32_t resend_ms = 2000;       ///< t_R
    /// S: a snapshot of the state every so many heights; 0: none are made, and the canonical bytes
    /// end before these three fields.
    std::uint32_t snapshot_interval = 0;
    std::uint32_t snapshot_delay = 0;        ///< D: results from kS+D on name snapshot kS
    std::uint32_t snapshot_chunk_bytes = 0;  ///< a chunk ends with the record that reaches it

    friend bool operator==(const ConsensusParams&, const ConsensusParams&) = default;
    void write(Writer& writer) const;
    static ConsensusParams read(Reader& reader);
    [[nodiscard]] Hash hash() const;
    /// Within the decoder's limits and not contradicting each other: checked at genesis and at
    /// every plan that changes some.
    [[nodiscard]] bool acceptable() const;
    /// The height of the snapshot whose root the result of `height` carries; 0: of none.
    [[nodiscard]] std::uint64_t snapshot_named_at(std::uint64_t height) const;

private:
    [[nodiscard]] bool snapshots_acceptable() const;
};

/// A parameter that governance may change at an epoch's end.
enum class GovernedParam : std::uint8_t {
#define X(number, field, least, most, meaning) field = number,
#include "ledger/base/consensus_params.def"
#undef X
};
constexpr GovernedParam last_of(GovernedParam) {
    return GovernedParam::resend_ms;
}

/// What a plan may say of one parameter.
struct ParamBounds {
    GovernedParam param{};
    std::string_view name;  // as the field of ConsensusParams
    std::uint32_t least = 0;
    std::uint32_t most = 0;
    std::string_view meaning;
    std::uint32_t ConsensusParams::* field = nullptr;
};
/// All of them, by number.
std::span<const ParamBounds> governed_params();

/// A new value of one parameter.
struct ParamChange {
    GovernedParam param{};
    std::uint32_t value = 0;

    friend bool operator==(const ParamChange&, const ParamChange&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.param, self.value);
    }
};

/// `params` with `changes` made. Empty optional unless the changes are of governed parameters, each
/// once and ascending, within their bounds, and the result is acceptable.
std::optional<ConsensusParams> changed(const ConsensusParams& params,
                                       std::span<const ParamChange> changes);

}  // namespace remit
