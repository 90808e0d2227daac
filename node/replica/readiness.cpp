#include "node/replica/readiness.h"

#include <algorithm>

#include "ledger/epoch.h"
#include "ledger/wire/encode.h"

namespace remit::node {

namespace {
/// Heights to wait before saying again what may have been lost or come too late.
constexpr consensus::Height patience = 16;
constexpr std::int64_t valid_ms = 120'000;
}  // namespace

std::vector<Bytes> Readiness::due(const ledger::StateReader& state, const ledger::HeadRecord& head,
                                  consensus::Height behind) {
    const auto plan = state.epoch_plan();
    if (!plan || behind > ledger::ready_lag_max / 2 ||
        (said_at_ > 0 && head.height < said_at_ + patience)) {
        return {};
    }
    std::vector<Bytes> out;
    for (const auto& own : parts_.keys) {
        const auto listed = std::find_if(
            plan->validators.begin(), plan->validators.end(),
            [&](const ledger::EpochValidator& each) { return each.validate_key == own.key; });
        if (listed == plan->validators.end()) {
            continue;
        }
        const auto said = state.ready(own.key);
        const bool fresh = said && said->height + ledger::ready_life / 2 > head.height &&
                           said->version_max == parts_.version_max;
        if (!fresh) {
            if (auto item = item_for(own, listed->participant, head)) {
                out.push_back(std::move(*item));
            }
        }
    }
    if (!out.empty()) {
        said_at_ = head.height;
    }
    return out;
}

std::optional<Bytes> Readiness::item_for(const consensus::OwnKey& own,
                                         ledger::ParticipantId participant,
                                         const ledger::HeadRecord& head) {
    ledger::Transaction transaction;
    transaction.participant = participant;
    transaction.client_key = uuid_v4_from(parts_.random.draw<Uuid>());
    transaction.valid_until = {head.time.ms + valid_ms};
    transaction.mode = ledger::Mode::each;
    transaction.operations = {ledger::Ready{
        .as_of_height = head.height, .version_min = 1, .version_max = parts_.version_max}};
    ledger::wire::SignedBody body;
    body.body = ledger::wire::encode_body(transaction);
    body.key_id = own.key;
    const auto signature =
        own.signer->signature_of(signed_bytes(domain::client, {parts_.chain_id.view(), body.body}));
    if (!signature) {
        return std::nullopt;  // the key is away: said again later
    }
    body.signature = *signature;
    return ledger::wire::item_of(body);
}

}  // namespace remit::node
