#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ledger/base/consensus_params.h"
#include "ledger/base/hash.h"
#include "ledger/base/keys.h"
#include "ledger/ids.h"
#include "ledger/record.h"

/// Who validates, and until when. Consensus sees an epoch as a description that the host makes of
/// these records (consensus.md 3.9).
namespace remit::ledger {

/// One voter; its index is its place in the list.
struct EpochValidator {
    ParticipantId participant{};
    Bytes name{};
    PublicKey validate_key{};
    /// SHA-256 of the P-256 SubjectPublicKeyInfo of its node's certificate.
    Hash transport_pin{};
    /// `host:port` of its peer listener; empty: members have it in their own configuration.
    Bytes address{};

    friend bool operator==(const EpochValidator&, const EpochValidator&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.participant, self.name, self.validate_key, self.transport_pin, self.address);
    }
};

/// What governance wants the coming epochs to be. It stays pending until it is activated or
/// replaced: naming the set in force takes it back.
struct EpochPlan {
    std::vector<EpochValidator> validators{};
    std::uint64_t epoch_blocks = 0;      // heights from one epoch's end height to the next
    std::uint16_t protocol_version = 1;  // the one in force, or the next
    /// Consensus parameters that shall change, ascending; what is not named stays as it is.
    Trailing<ParamChange> params{};

    friend bool operator==(const EpochPlan&, const EpochPlan&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.validators, self.epoch_blocks, self.protocol_version, self.params);
    }
};

/// Why an epoch has the set it has.
enum class EpochReason : std::uint8_t {
    unchanged,         ///< no plan was pending
    activated,         ///< the plan's conditions held
    joiner_not_ready,  ///< a plan waits: somebody who would join is not ready
    quorum_not_ready,  ///< a plan waits: fewer than a quorum of its set are ready
};
constexpr EpochReason last_of(EpochReason) {
    return EpochReason::quorum_not_ready;
}
/// `UNCHANGED`, `ACTIVATED`, `JOINER_NOT_READY`, `QUORUM_NOT_READY`.
std::string_view name_of(EpochReason reason);

/// An epoch as the chain knows it.
struct EpochRecord {
    std::uint64_t epoch = 0;
    std::vector<EpochValidator> validators{};
    Bytes consensus_params{};  // canonical bytes of ConsensusParams
    std::uint16_t protocol_version = 1;
    std::uint64_t epoch_blocks = 0;
    /// The first block at or above it, with a result of this epoch in its header, is the last.
    std::uint64_t end_height = 0;
    EpochReason reason = EpochReason::unchanged;
    std::vector<PublicKey> not_ready{};  // of the plan that waits, in its order
    /// Who votes but does not lead: indexes of `validators`, ascending, at most f of them.
    std::vector<std::uint16_t> demoted{};

    friend bool operator==(const EpochRecord&, const EpochRecord&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.epoch, self.validators, self.consensus_params, self.protocol_version,
             self.epoch_blocks, self.end_height, self.reason, self.not_ready, self.demoted);
    }
};

/// How the validators of the epoch in force have led, by index: what their failed views weigh,
/// less what they have made good since. No record: nobody owes anything.
struct LeaderDebts {
    std::vector<std::uint32_t> debts{};

    friend bool operator==(const LeaderDebts&, const LeaderDebts&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.debts);
    }
};

/// A failed view weighs as much as ten that were led well: a leader that fails now and then is not
/// forgiven by what lies between (consensus.md 3.10).
inline constexpr std::uint32_t debt_of_failure = 10;
/// Who owes so much when an epoch ends does not lead in the next: ten failures, fewer where epochs
/// are so short that nobody has the time for ten.
constexpr std::uint32_t debt_that_demotes(std::uint64_t epoch_blocks) {
    constexpr std::uint64_t least = 20;
    constexpr std::uint64_t most = 100;
    const auto debt = epoch_blocks < most ? 2 * epoch_blocks : most;
    return static_cast<std::uint32_t>(debt < least ? least : debt > most ? most : debt);
}
/// No debt grows beyond. An epoch's begin halves them all: whoever failed all the time leads again
/// in the fourth epoch after.
constexpr std::uint32_t debt_max(std::uint64_t epoch_blocks) {
    return 4 * debt_that_demotes(epoch_blocks);
}

/// "I follow the chain and can vote": of one VALIDATE key.
struct ReadyRecord {
    std::uint64_t height = 0;  // of the block that has it
    std::uint16_t version_min = 0;
    std::uint16_t version_max = 0;  // protocol versions its program can vote in

    friend bool operator==(const ReadyRecord&, const ReadyRecord&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.height, self.version_min, self.version_max);
    }
};

/// How many heights a `ready` counts.
inline constexpr std::uint64_t ready_life = 512;
/// How far behind the chain a node may be that says it is ready.
inline constexpr std::uint64_t ready_lag_max = 16;
inline constexpr std::size_t epoch_validators_max = 64;
inline constexpr std::uint64_t epoch_blocks_min = 4;
inline constexpr std::uint64_t epoch_blocks_max = 100'000'000;
inline constexpr std::uint64_t epoch_blocks_default = 10'000;
/// Below it a set bears no fault: only a devnet may have less.
inline constexpr std::size_t validators_min = 4;

}  // namespace remit::ledger
