// The engine's side towards the ledger: envelopes, written before they are sent and sent byte for
// byte until their receipts are known.
#include <algorithm>

#include "gateway/crash_points.h"
#include "gateway/engine.h"
#include "ledger/base/uuid.h"
#include "ledger/operation.h"
#include "ledger/wire/envelope.h"
#include "node/ops/log.h"

namespace remit::gateway {

namespace {

constexpr std::int64_t redelivery_pause_ms = 200;
constexpr std::int64_t redelivery_pause_ms_max = 5'000;

void crash_after_write_of(const remit::v1::Operation& operation) {
    using V = remit::v1::Operation;
    switch (operation.verb_case()) {
        case V::kOpenAccount:
            return crash_point(CrashPoint::outbox_open_account);
        case V::kFundWallet:
            return crash_point(CrashPoint::outbox_fund_wallet);
        case V::kDefundWallet:
            return crash_point(CrashPoint::outbox_defund_wallet);
        case V::kPrepare:
            return crash_point(CrashPoint::outbox_prepare);
        case V::kAccept:
            return crash_point(CrashPoint::outbox_accept);
        case V::kReject:
            return crash_point(CrashPoint::outbox_reject);
        case V::kConfirmCredit:
            return crash_point(CrashPoint::outbox_confirm_credit);
        case V::kFailCredit:
            return crash_point(CrashPoint::outbox_fail_credit);
        case V::kReturnPrepare:
            return crash_point(CrashPoint::outbox_return_prepare);
        case V::kReturnAccept:
            return crash_point(CrashPoint::outbox_return_accept);
        case V::kBankMark:
            return crash_point(CrashPoint::outbox_bank_mark);
        case V::kAttestCover:
            return crash_point(CrashPoint::outbox_attest_cover);
        case V::kAttestReserve:
            return crash_point(CrashPoint::outbox_attest_reserve);
        case V::kSettleConfirm:
            return crash_point(CrashPoint::outbox_settle_confirm);
        case V::kSettleFail:
            return crash_point(CrashPoint::outbox_settle_fail);
        case V::kSetParticipant:
        case V::kSetPolicy:
        case V::kSetCalendar:
        case V::kSetValidators:
        case V::kReady:
        case V::kReportEvidence:
        case V::VERB_NOT_SET:
            return;  // a gateway sends none of these
    }
}

/// The verdict on one operation: its own receipt, or the only one when the envelope as a whole was
/// refused.
const remit::v1::Receipt* receipt_of(
    const google::protobuf::RepeatedPtrField<remit::v1::Receipt>& receipts, int operation,
    int operations) {
    for (const auto& receipt : receipts) {
        if (static_cast<int>(receipt.operation_index()) == operation) {
            return &receipt;
        }
    }
    const bool whole = receipts.size() == 1 && operations > 1 && receipts[0].has_refusal();
    return whole ? &receipts[0] : nullptr;
}

}  // namespace

v1::OutboxRecord Engine::make_record(std::vector<LedgerWork> work, std::uint64_t sequence) {
    v1::OutboxRecord record;
    remit::v1::Body body;
    body.set_participant_id(options_.participant);
    body.set_client_key(parts_.random.draw<Uuid>().bytes());
    body.set_valid_until_ms(parts_.clock.wall_ms() + options_.valid_for_ms);
    body.set_mode(remit::v1::MODE_EACH);
    for (auto& item : work) {
        *body.add_operations() = std::move(item.operation);
        record.add_sagas(item.key);
    }
    const auto signed_body =
        ledger::wire::sign(body.SerializeAsString(), parts_.key, options_.chain_id);
    record.set_sequence(sequence);
    *record.mutable_envelope() = ledger::wire::to_proto(signed_body);
    record.set_transaction_id(ledger::transaction_id(options_.chain_id, signed_body.body).bytes());
    record.set_valid_until_ms(body.valid_until_ms());
    return record;
}

void Engine::stage_envelopes(std::vector<Job>& jobs) {
    if (ledger_queue_.empty() || outbox_.size() >= options_.senders) {
        return;
    }
    Change change(live_, journal_, parts_.clock.wall_ms());
    std::vector<v1::OutboxRecord> records;
    std::vector<remit::v1::Operation> written;
    while (!ledger_queue_.empty() && outbox_.size() + records.size() < options_.senders) {
        std::vector<LedgerWork> work;
        while (!ledger_queue_.empty() && work.size() < options_.operations_per_envelope) {
            const bool alone = alone_.contains(ledger_queue_.front().key);
            if (alone && !work.empty()) {
                break;
            }
            auto item = std::move(ledger_queue_.front());
            ledger_queue_.pop_front();
            release(item.key);
            if (is_still_at(item.key, item.step)) {
                change.find(item.key)->set_envelope(sequence_ + 1);
                written.push_back(item.operation);
                work.push_back(std::move(item));
            }
            if (alone) {
                break;
            }
        }
        if (!work.empty()) {
            records.push_back(make_record(std::move(work), ++sequence_));
            Journal::put(change.batch(), records.back());
        }
    }
    Journal::put(change.batch(), Journal::Number::outbox_sequence, sequence_);
    crash_point(CrashPoint::outbox_before_write);
    commit(change);
    for (const auto& operation : written) {
        crash_after_write_of(operation);
    }
    for (auto& record : records) {
        const auto sequence = record.sequence();
        outbox_[sequence] = std::move(record);
        jobs.emplace_back([this, sequence] { deliver(sequence, false); });
    }
}

void Engine::deliver(std::uint64_t sequence, bool ask_first) {
    v1::OutboxRecord record;
    {
        const std::lock_guard lock(mutex_);
        const auto at = outbox_.find(sequence);
        if (at == outbox_.end()) {
            return;
        }
        record = at->second;
    }
    if (!ask_first || !inquire(record)) {
        submit(record);
    }
}

bool Engine::inquire(const v1::OutboxRecord& record) {
    const auto answer = parts_.ledger.transaction(record.transaction_id());
    if (answer && answer->state() == remit::v1::TRANSACTION_STATE_FINAL) {
        complete(record.sequence(), answer->receipts());
        return true;
    }
    if (!answer && answer.error().kind == LedgerFailure::Kind::not_found) {
        return false;
    }
    deliver_later(record.sequence());
    return true;
}

void Engine::submit(const v1::OutboxRecord& record) {
    crash_point(CrashPoint::ledger_before_call);
    const auto answer = parts_.ledger.submit(record.envelope(), options_.submit_wait_ms);
    crash_point(CrashPoint::ledger_after_call);
    if (answer && answer->state() == remit::v1::TRANSACTION_STATE_FINAL) {
        return complete(record.sequence(), answer->receipts());
    }
    const bool refused = !answer && answer.error().kind == LedgerFailure::Kind::refused;
    if (!refused) {
        return deliver_later(record.sequence());
    }
    // An earlier copy of the same bytes may have been taken: the ledger decides, not the door.
    if (!inquire(record)) {
        turned_away(record.sequence(), answer.error().refusal);
    }
}

void Engine::deliver_later(std::uint64_t sequence) {
    const std::lock_guard lock(mutex_);
    const auto attempt = attempts_[sequence]++;
    const auto pause =
        std::min(redelivery_pause_ms << std::min(attempt, 5U), redelivery_pause_ms_max);
    redeliveries_.emplace(parts_.clock.wall_ms() + pause, sequence);
}

void Engine::complete(std::uint64_t sequence,
                      const google::protobuf::RepeatedPtrField<remit::v1::Receipt>& receipts) {
    const std::lock_guard lock(mutex_);
    const auto at = outbox_.find(sequence);
    if (at == outbox_.end()) {
        return;
    }
    Change change(live_, journal_, parts_.clock.wall_ms());
    const auto& keys = at->second.sagas();
    for (int i = 0; i < keys.size(); ++i) {
        auto* saga = change.find(keys[i]);
        const auto* receipt = receipt_of(receipts, i, keys.size());
        if (saga == nullptr || saga->envelope() != sequence) {
            continue;  // moved on by an event of the ledger already
        }
        saga->set_envelope(0);
        if (receipt == nullptr) {
            back_off(*saga, "the ledger gave no receipt for the operation", change.context());
        } else if (is_refused_as(*receipt, {"VALIDITY_PASSED", "VALIDITY_TOO_FAR"})) {
            // It never ran. The ids inside are kept: the ledger judges doubles by them.
            back_off(*saga, receipt->refusal().meaning(), change.context());
        } else {
            role_.rules_of(saga->kind()).on_receipt(*saga, *receipt, change.context());
        }
    }
    Journal::erase_outbox(change.batch(), sequence);
    commit(change);
    crash_point(CrashPoint::ledger_result_after);
    outbox_.erase(sequence);
    attempts_.erase(sequence);
}

void Engine::turned_away(std::uint64_t sequence, const remit::v1::Refusal& refusal) {
    const std::lock_guard lock(mutex_);
    const auto at = outbox_.find(sequence);
    if (at == outbox_.end()) {
        return;
    }
    node::log_warning("envelope_turned_away",
                      {{"code", refusal.name()}, {"operations", at->second.sagas_size()}});
    Change change(live_, journal_, parts_.clock.wall_ms());
    const bool lost = refusal.name() == "VALIDITY_PASSED";
    const bool several = at->second.sagas_size() > 1;
    for (const auto& key : at->second.sagas()) {
        auto* saga = change.find(key);
        if (saga == nullptr || saga->envelope() != sequence) {
            continue;
        }
        saga->set_envelope(0);
        if (lost || several) {
            // One bad operation must not stop its neighbours: each goes alone now.
            back_off(*saga, refusal.meaning(), change.context());
            if (!lost) {
                alone_.insert(key);
            }
            continue;
        }
        remit::v1::Receipt receipt;
        receipt.set_transaction_id(at->second.transaction_id());
        *receipt.mutable_refusal() = refusal;
        role_.rules_of(saga->kind()).on_receipt(*saga, receipt, change.context());
    }
    Journal::erase_outbox(change.batch(), sequence);
    commit(change);
    outbox_.erase(sequence);
    attempts_.erase(sequence);
}

}  // namespace remit::gateway
