#include "node/storage/epochs.h"

#include "consensus/leader_schedule.h"
#include "ledger/base/check.h"

namespace remit::node {

consensus::EpochDescription description_of(const ledger::EpochRecord& record) {
    std::vector<consensus::Validator> validators;
    for (const auto& each : record.validators) {
        validators.push_back({each.validate_key, each.name});
    }
    const auto params = consensus::decode<consensus::Params>(record.consensus_params);
    CHECK(params.has_value());
    consensus::EpochDescription out;
    out.set = consensus::ValidatorSet(record.epoch, std::move(validators));
    out.params = *params;
    out.params.protocol_version = record.protocol_version;
    out.end_height = record.end_height;
    out.demoted = record.demoted;
    out.host = ledger::encode(record);
    return out;
}

std::optional<ledger::EpochRecord> record_of(const consensus::EpochDescription& description) {
    return ledger::decode<ledger::EpochRecord>(description.host);
}

ledger::BlockInput input_of(const consensus::Header& header, const ledger::StateReader& state) {
    ledger::BlockInput out;
    out.height = header.height;
    out.time = header.time();
    auto& turns = out.turns.emplace();
    turns.leader = header.leader;
    if (header.view > header.parent_view + 1) {
        const auto chain = state.chain();
        const auto epoch = state.epoch();
        if (!chain || !epoch || epoch->epoch != header.epoch) {
            out.turns.reset();  // blocks of a damaged database: the state will tell
            return out;
        }
        const auto description = description_of(*epoch);
        const consensus::LeaderSchedule schedule(chain->chain_id, description.set,
                                                 description.demoted);
        for (const auto& [leader, views] :
             schedule.leaders_between(header.parent_view, header.view)) {
            turns.failed.push_back({.leader = leader, .views = views});
        }
    }
    return out;
}

}  // namespace remit::node
