#include "node/storage/chain.h"

#include "ledger/base/check.h"
#include "ledger/rules/next_epoch.h"
#include "ledger/state/memory_view.h"
#include "ledger/state/merkle_tree.h"
#include "node/storage/epochs.h"

namespace remit::node {

namespace {
constexpr consensus::Epoch first_epoch = 1;
constexpr std::uint16_t first_version = 1;
}  // namespace

consensus::EngineConfig Chain::engine_config(consensus::ValidatorIndex self) const {
    consensus::EngineConfig out;
    out.chain_id = id;
    out.validators = validators;
    out.self = self;
    out.params = params;
    out.genesis = header;
    out.end_height = genesis.epoch_blocks;
    return out;
}

Result<Chain, std::string> chain_of(ByteView genesis_file) {
    Chain out;
    TRY_ASSIGN(out.genesis, ledger::decode_genesis(genesis_file));
    TRY(ledger::check_genesis(out.genesis));
    const auto params = consensus::decode<consensus::Params>(out.genesis.consensus_params);
    if (!params) {
        return fail(std::string("the consensus parameters cannot be read"));
    }
    if (!params->acceptable() || params->protocol_version != first_version) {
        return fail(std::string("the consensus parameters contradict each other or a limit"));
    }
    if (out.genesis.validators.size() > consensus::limits::validators) {
        return fail("validators: at most " + std::to_string(consensus::limits::validators));
    }
    out.params = *params;
    out.id = ledger::chain_id_of(genesis_file);
    std::vector<consensus::Validator> validators;
    for (const auto& validator : out.genesis.validators) {
        validators.push_back({validator.validate_key, validator.name});
    }
    out.validators = consensus::ValidatorSet(first_epoch, std::move(validators));

    const ledger::MemoryView nothing;
    ledger::Delta delta(nothing);
    ledger::write_genesis(out.genesis, out.id, delta);
    out.state = delta.write_set();
    out.state_root = ledger::MerkleTree().updated(out.state).root();

    const auto next = ledger::next_epoch(ledger::StateReader(delta));
    CHECK(next.has_value());
    out.next_epoch = description_of(*next);

    consensus::GenesisFields fields;
    fields.chain_id = out.id;
    fields.time_ms = out.genesis.time.ms;
    fields.state_root = out.state_root;
    fields.receipts_root = ledger::initial_receipts_root();
    fields.params_hash = out.params.hash();
    fields.leader_schedule_hash = consensus::leader_schedule_hash(out.id, out.validators);
    fields.next_epoch_hash = out.next_epoch.hash();
    out.header = consensus::genesis_header(fields);
    return out;
}

}  // namespace remit::node
