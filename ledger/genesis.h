#pragma once

#include <string>
#include <vector>

#include "ledger/account.h"
#include "ledger/base/result.h"
#include "ledger/calendar.h"
#include "ledger/governance.h"
#include "ledger/participant.h"
#include "ledger/policy.h"
#include "ledger/state/delta.h"

namespace remit::ledger {

/// A voter of the first validator set; its index is its place in the list.
struct GenesisValidator {
    ParticipantId participant{};
    Bytes name{};
    PublicKey validate_key{};  // registered as VALIDATE for the participant
    /// SHA-256 of the P-256 SubjectPublicKeyInfo of its node's certificate.
    Hash transport_pin{};

    friend bool operator==(const GenesisValidator&, const GenesisValidator&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.participant, self.name, self.validate_key, self.transport_pin);
    }
};

struct GenesisParticipant {
    Participant participant{};
    std::vector<NewKey> keys{};  // without VALIDATE: those come from the validators

    friend bool operator==(const GenesisParticipant&, const GenesisParticipant&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.participant, self.keys);
    }
};

/// Cash behind a participant that the founders vouch for, as attested at height 0. The only cover a
/// clearing bank has of its own: no bank attests for itself.
struct GenesisCash {
    ParticipantId participant{};
    AssetId asset{};
    Minor cover = 0;
    Minor reserve = 0;

    friend bool operator==(const GenesisCash&, const GenesisCash&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.participant, self.asset, self.cover, self.reserve);
    }
};

/// How a network begins. The genesis file is `encode_genesis`, byte for byte; its hash is the chain
/// id, so nodes with another file never talk to each other.
struct Genesis {
    Bytes network{};      // 1..32 of a-z, 0-9, '-'
    bool devnet = false;  // devnet keys are refused elsewhere
    BlockTime time{};
    Bytes consensus_params{};  // canonical bytes of ConsensusParams, which the node checks
    std::vector<GenesisValidator> validators{};
    std::vector<GenesisParticipant> participants{};  // rising by id
    std::vector<Asset> assets{};                     // rising by id
    Policy policy{};
    Calendar calendar{};
    std::vector<GenesisCash> cash{};
    std::uint64_t epoch_blocks = epoch_blocks_default;  // of the first epochs

    friend bool operator==(const Genesis&, const Genesis&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.network, self.devnet, self.time, self.consensus_params, self.validators,
             self.participants, self.assets, self.policy, self.calendar, self.cash,
             self.epoch_blocks);
    }
};

/// `REMITGEN` | record version | fields.
Bytes encode_genesis(const Genesis& genesis);
/// The error says in words what is wrong: another format, trailing bytes, or the first broken rule
/// of `check_genesis`.
Result<Genesis, std::string> decode_genesis(ByteView file);
/// Ids rise, names and references fit, keys are acceptable and unique, threshold can be met.
Status<std::string> check_genesis(const Genesis& genesis);

/// hash(domain::genesis, file bytes).
ChainId chain_id_of(ByteView genesis_file);

/// Writes the state of height 0. `genesis` has passed check_genesis.
void write_genesis(const Genesis& genesis, const ChainId& chain_id, Delta& delta);

}  // namespace remit::ledger
