#include "node/storage/epochs.h"

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
    out.host = ledger::encode(record);
    return out;
}

std::optional<ledger::EpochRecord> record_of(const consensus::EpochDescription& description) {
    return ledger::decode<ledger::EpochRecord>(description.host);
}

}  // namespace remit::node
