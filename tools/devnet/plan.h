#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

namespace remit::devnet {

/// Places of the participants of a devnet; ids are these plus one.
enum class Place : std::uint32_t {
    payer_operator,
    payee_operator,
    bank,
    regulator,
    maker,         // the clearing bank's own desk
    second_maker,  // with a gateway of its own, where the plan asks for one
};
inline constexpr std::size_t organisations = 4;  // the first four run a validator and govern
inline constexpr std::size_t participants = 6;

/// What `remit devnet up` was asked for. Times in seconds of block time.
struct Plan {
    std::filesystem::path folder;
    std::uint16_t base_port = 0;  // 0: free ones
    std::array<std::string, participants> names = {"alipayhk",  "gcash",  "clearbank",
                                                   "regulator", "fxdesk", "fxdesk2"};
    std::int64_t cutoff_seconds = 600;  // first cut-off after the start
    std::int64_t window_seconds = 600;  // and each one after it
    std::int64_t pay_in_seconds = 60;
    std::int64_t escrow_seconds = 30;    // a prepare's life, when its request names none
    std::int64_t epoch_blocks = 10'000;  // the validator set may change after so many
    bool gateways = true;                // false: validators alone
    std::int64_t makers = 1;             // market makers with a gateway: 1 or 2
    std::int64_t snapshot_every = 0;     // blocks from one snapshot to the next; 0: none
    bool signers = false;                // each validator's key in a remit-signer of its own
    std::filesystem::path rates;         // file of reference rates

    [[nodiscard]] bool has_second_maker() const { return gateways && makers > 1; }
    [[nodiscard]] const std::string& name(Place place) const {
        return names[static_cast<std::size_t>(place)];
    }
};

[[nodiscard]] constexpr std::uint32_t id_of(Place place) {
    return static_cast<std::uint32_t>(place) + 1;
}

/// Assets of a devnet.
inline constexpr std::uint16_t hkd_id = 1;
inline constexpr std::uint16_t php_id = 2;

}  // namespace remit::devnet
