#include "node/api/submit_gate.h"

#include "ledger/state_access.h"
#include "ledger/wire/envelope.h"

namespace remit::node {

namespace {

using ledger::LedgerError;

constexpr std::size_t pending_max = 100'000;

/// What needs the registry and the policy but no order: judged on the newest final state.
std::optional<LedgerError> refusal_by_state(const ledger::Transaction& transaction,
                                            const StateSnapshot& latest, std::size_t item_bytes) {
    const ledger::StateReader state(*latest.view);
    const auto policy = state.policy();
    if (item_bytes > policy.envelope_bytes_max ||
        transaction.operations.size() > policy.operations_per_envelope_max) {
        return LedgerError::too_large;
    }
    const auto key = state.key(transaction.key);
    if (!key || !key->in_force() || key->participant != transaction.participant) {
        return LedgerError::unknown_key;
    }
    if (transaction.valid_until.ms <= latest.time_ms) {
        return LedgerError::validity_passed;
    }
    return std::nullopt;
}

}  // namespace

Answer<SubmitGate::Admitted> SubmitGate::admit(const v1::SubmitEnvelopeRequest& request) {
    auto signed_body = ledger::wire::from_proto(request.envelope());
    if (!signed_body) {
        return fail(failure_of(signed_body.error()));
    }
    Admitted out;
    out.item = ledger::wire::item_of(*signed_body);
    const auto checked = checker_.check(out.item);
    out.transaction_id = checked->transaction_id;
    if (const auto refusal = checked->refusal()) {
        return fail(failure_of(*refusal));
    }
    // The same body again, perhaps long past its validity: the replica has the first receipts.
    if (reads_.transaction(out.transaction_id)) {
        return out;
    }
    const auto latest = reads_.latest();
    const auto& transaction = std::get<ledger::Transaction>(checked->content);
    if (const auto refusal = refusal_by_state(transaction, *latest, out.item.size())) {
        return fail(failure_of(*refusal));
    }
    return out;
}

void SubmitGate::note_pending(const Hash& transaction_id) {
    const std::lock_guard lock(mutex_);
    if (pending_.insert(transaction_id).second) {
        pending_order_.push_back(transaction_id);
    }
    while (pending_order_.size() > pending_max) {
        pending_.erase(pending_order_.front());
        pending_order_.pop_front();
    }
}

bool SubmitGate::is_pending(const Hash& transaction_id) const {
    const std::lock_guard lock(mutex_);
    return pending_.contains(transaction_id);
}

}  // namespace remit::node
