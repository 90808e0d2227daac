#include "ledger/apply.h"

#include <algorithm>
#include <set>
#include <utility>

#include "ledger/base/check.h"
#include "ledger/invariants/registry.h"
#include "ledger/rules/accept.h"
#include "ledger/rules/attest_cover.h"
#include "ledger/rules/attest_reserve.h"
#include "ledger/rules/bank_mark.h"
#include "ledger/rules/close_window.h"
#include "ledger/rules/confirm_credit.h"
#include "ledger/rules/defund_wallet.h"
#include "ledger/rules/expire.h"
#include "ledger/rules/fail_credit.h"
#include "ledger/rules/fund_wallet.h"
#include "ledger/rules/leadership.h"
#include "ledger/rules/next_epoch.h"
#include "ledger/rules/open_account.h"
#include "ledger/rules/prepare.h"
#include "ledger/rules/ready.h"
#include "ledger/rules/reject.h"
#include "ledger/rules/report_evidence.h"
#include "ledger/rules/return_accept.h"
#include "ledger/rules/return_prepare.h"
#include "ledger/rules/set_calendar.h"
#include "ledger/rules/set_participant.h"
#include "ledger/rules/set_policy.h"
#include "ledger/rules/set_validators.h"
#include "ledger/rules/settle_confirm.h"
#include "ledger/rules/settle_fail.h"
#include "ledger/rules/standing.h"

namespace remit::ledger {

namespace {
/// Which rule runs which operation. Each verb is one function of its own name.
struct Rules {
    const OperationContext& context;
    LedgerState& state;

    RuleResult operator()(const OpenAccount& op) const { return open_account(op, context, state); }
    RuleResult operator()(const FundWallet& op) const { return fund_wallet(op, context, state); }
    RuleResult operator()(const DefundWallet& op) const {
        return defund_wallet(op, context, state);
    }
    RuleResult operator()(const BankMark& op) const { return bank_mark(op, context, state); }
    RuleResult operator()(const Prepare& op) const { return prepare(op, context, state); }
    RuleResult operator()(const Accept& op) const { return accept(op, context, state); }
    RuleResult operator()(const Reject& op) const { return reject(op, context, state); }
    RuleResult operator()(const ConfirmCredit& op) const {
        return confirm_credit(op, context, state);
    }
    RuleResult operator()(const FailCredit& op) const { return fail_credit(op, context, state); }
    RuleResult operator()(const ReturnPrepare& op) const {
        return return_prepare(op, context, state);
    }
    RuleResult operator()(const ReturnAccept& op) const {
        return return_accept(op, context, state);
    }
    RuleResult operator()(const AttestCover& op) const { return attest_cover(op, context, state); }
    RuleResult operator()(const AttestReserve& op) const {
        return attest_reserve(op, context, state);
    }
    RuleResult operator()(const SettleConfirm& op) const {
        return settle_confirm(op, context, state);
    }
    RuleResult operator()(const SettleFail& op) const { return settle_fail(op, context, state); }
    RuleResult operator()(const SetParticipant& op) const {
        return set_participant(op, context, state);
    }
    RuleResult operator()(const SetPolicy& op) const { return set_policy(op, context, state); }
    RuleResult operator()(const SetCalendar& op) const { return set_calendar(op, context, state); }
    RuleResult operator()(const SetValidators& op) const {
        return set_validators(op, context, state);
    }
    RuleResult operator()(const Ready& op) const { return ready(op, context, state); }
    RuleResult operator()(const ReportEvidence& op) const {
        return report_evidence(op, context, state);
    }
};

/// Executes the items of one block into one delta.
class BlockRun {
public:
    BlockRun(const BlockContext& block, LedgerState& state, BlockResult& result)
        : block_(block), state_(state), result_(result) {}

    void run(const BlockItem& item) {
        std::visit([this](const auto& one) { run_one(one); }, item);
    }

private:
    using Outcome = TransactionOutcome::Kind;

    void run_one(const Undecodable& item) {
        Receipt receipt = receipt_for(item.id);
        receipt.code = static_cast<std::uint16_t>(item.error);
        add_outcome(item.id, Outcome::refused, {std::move(receipt)});
    }

    void run_one(const Transaction& transaction) {
        if (const auto checked = check_transaction(transaction); !checked) {
            refuse(transaction, checked.error());
            return;
        }
        const auto known = state_.idempotency(transaction.participant, transaction.client_key);
        if (known && known->transaction == transaction.id) {
            add_outcome(transaction.id, Outcome::replayed, {});
            result_.outcomes.back().first_height = known->height;
            return;
        }
        if (known) {
            refuse(transaction, LedgerError::id_reused);
            return;
        }
        state_.claim_idempotency(transaction.participant, transaction.client_key,
                                 {.transaction = transaction.id,
                                  .height = block_.height,
                                  .valid_until = transaction.valid_until});
        add_outcome(transaction.id, Outcome::executed,
                    transaction.mode == Mode::all ? run_all(transaction) : run_each(transaction));
    }

    /// Everything that is judged of the envelope as a whole, before any of its operations.
    Status<LedgerError> check_transaction(const Transaction& transaction) const {
        const Policy policy = state_.policy();
        if (transaction.operations.empty() || transaction.mode == Mode::unspecified) {
            return fail(LedgerError::bad_encoding);
        }
        if (transaction.operations.size() > policy.operations_per_envelope_max ||
            transaction.envelope_bytes > policy.envelope_bytes_max) {
            return fail(LedgerError::too_large);
        }
        if (!has_good_signature(transaction)) {
            return fail(LedgerError::bad_signature);
        }
        const auto key = state_.key(transaction.key);
        if (!key || !key->in_force() || key->participant != transaction.participant ||
            !state_.participant(transaction.participant)) {
            return fail(LedgerError::unknown_key);
        }
        const bool purpose_fits =
            std::all_of(transaction.operations.begin(), transaction.operations.end(),
                        [&](const Operation& op) { return may_sign(key->purpose, verb_of(op)); });
        if (!purpose_fits) {
            return fail(LedgerError::wrong_key_purpose);
        }
        if (block_.time > transaction.valid_until) {
            return fail(LedgerError::validity_passed);
        }
        if (transaction.valid_until.ms - block_.time.ms > policy.validity_max_ms) {
            return fail(LedgerError::validity_too_far);
        }
        return {};
    }

    [[nodiscard]] bool has_good_signature(const Transaction& transaction) const {
        if (transaction.verdict != SignatureVerdict::unchecked) {
            return transaction.verdict == SignatureVerdict::good;
        }
        return verify(transaction.key,
                      signed_bytes(domain::client, {block_.chain_id.view(), transaction.body}),
                      transaction.signature);
    }

    void refuse(const Transaction& transaction, LedgerError error) {
        Receipt receipt = receipt_for(transaction.id);
        receipt.participant = transaction.participant;
        receipt.code = static_cast<std::uint16_t>(error);
        if (transaction.operations.size() == 1) {
            receipt.verb = verb_of(transaction.operations.front());
            receipt.reference = reference_of(transaction.operations.front());
        }
        add_outcome(transaction.id, Outcome::refused, {std::move(receipt)});
    }

    std::vector<Receipt> run_each(const Transaction& transaction) {
        std::vector<Receipt> receipts;
        receipts.reserve(transaction.operations.size());
        for (std::size_t i = 0; i < transaction.operations.size(); ++i) {
            receipts.push_back(run_operation(transaction, i, state_, true));
        }
        return receipts;
    }

    /// All or none: after the first refusal everything is dropped, what had passed included.
    std::vector<Receipt> run_all(const Transaction& transaction) {
        Delta attempt = state_.delta().nested();
        LedgerState inner(attempt);
        std::vector<Receipt> receipts;
        bool failed = false;
        for (std::size_t i = 0; i < transaction.operations.size(); ++i) {
            receipts.push_back(failed ? described(transaction, i)
                                      : run_operation(transaction, i, inner, false));
            failed = failed || !receipts.back().ok();
        }
        if (!failed) {
            state_.delta().merge(std::move(attempt));
            return receipts;
        }
        for (Receipt& receipt : receipts) {
            const auto index = receipt.operation_index;
            if (receipt.ok()) {
                receipt = described(transaction, index);
                receipt.code = static_cast<std::uint16_t>(LedgerError::batch_undone);
            } else {
                // What stands, not what stood within the envelope before it was undone.
                receipt.state = state_after(transaction.operations[index], state_);
            }
        }
        return receipts;
    }

    /// Runs one operation in an attempt of its own: a refusal leaves nothing behind but, with
    /// `keep_refused`, the record of a refused remittance.
    Receipt run_operation(const Transaction& transaction, std::size_t index, LedgerState& state,
                          bool keep_refused) {
        const Operation& operation = transaction.operations[index];
        OperationContext context{block_, transaction.participant, transaction.key, transaction.id};
        Receipt receipt = described(transaction, index);
        Delta attempt = state.delta().nested();
        LedgerState inner(attempt);
        const RuleResult result = run_rule(operation, context, inner);
        if (result) {
            state.delta().merge(std::move(attempt));
            receipt.state = result->state;
            receipt.source = result->source;
            receipt.target = result->target;
            return receipt;
        }
        const Refusal& refusal = result.error();
        receipt.code = static_cast<std::uint16_t>(refusal.error);
        receipt.about = refusal.about;
        const auto* prepared = std::get_if<Prepare>(&operation);
        if (prepared != nullptr && refusal.keeps_record && keep_refused) {
            record_refused(*prepared, refusal, context, state);
        }
        receipt.state = state_after(operation, state);
        return receipt;
    }

    static RuleResult run_rule(const Operation& operation, const OperationContext& context,
                               LedgerState& state) {
        if (const auto role = role_needed(verb_of(operation))) {
            const auto signer = state.participant(context.signer);
            CHECK(signer.has_value());
            if (!signer->has(*role)) {
                return fail(Refusal(LedgerError::not_permitted));
            }
        }
        return std::visit(Rules{context, state}, operation);
    }

    /// The remittance's state as it stands after a refusal, so that a client sees what is.
    [[nodiscard]] RemittanceState state_after(const Operation& operation,
                                              const StateReader& state) const {
        return std::visit(
            [&](const auto& op) {
                if constexpr (requires { op.uetr; }) {
                    const auto remittance = state.remittance(op.uetr);
                    return remittance ? remittance->state_at(block_.time) : RemittanceState::none;
                } else {
                    return RemittanceState::none;
                }
            },
            operation);
    }

    [[nodiscard]] Receipt receipt_for(const TransactionId& id) const {
        Receipt receipt;
        receipt.transaction = id;
        receipt.height = block_.height;
        receipt.time = block_.time;
        return receipt;
    }

    [[nodiscard]] Receipt described(const Transaction& transaction, std::size_t index) const {
        Receipt receipt = receipt_for(transaction.id);
        receipt.operation_index = static_cast<std::uint32_t>(index);
        receipt.participant = transaction.participant;
        receipt.verb = verb_of(transaction.operations[index]);
        receipt.reference = reference_of(transaction.operations[index]);
        return receipt;
    }

    void add_outcome(const TransactionId& id, Outcome kind, std::vector<Receipt> receipts) {
        result_.outcomes.push_back(
            {.id = id,
             .kind = kind,
             .receipt_first = static_cast<std::uint32_t>(result_.receipts.size()),
             .receipt_count = static_cast<std::uint32_t>(receipts.size())});
        std::move(receipts.begin(), receipts.end(), std::back_inserter(result_.receipts));
    }

    const BlockContext& block_;
    LedgerState& state_;
    BlockResult& result_;
};

/// Records of a table that the block wrote, decoded.
template <class T>
std::vector<T> written(const Delta& delta, keys::Table table) {
    const Bytes prefix = keys::prefix(table);
    std::vector<T> out;
    const auto& writes = delta.write_set();
    for (auto entry = writes.lower_bound(prefix);
         entry != writes.end() && ByteView(entry->first).starts_with(prefix); ++entry) {
        if (entry->second) {
            auto record = decode<T>(*entry->second);
            CHECK(record.has_value());
            out.push_back(*std::move(record));
        }
    }
    return out;
}

/// Owners and assets of the SETTLEMENT accounts that the block wrote, by their keys alone.
std::set<std::pair<ParticipantId, AssetId>> written_settlements(const Delta& delta) {
    const Bytes prefix = keys::prefix(keys::Table::account);
    std::set<std::pair<ParticipantId, AssetId>> out;
    const auto& writes = delta.write_set();
    for (auto entry = writes.lower_bound(prefix);
         entry != writes.end() && ByteView(entry->first).starts_with(prefix); ++entry) {
        Reader key(ByteView(entry->first).substr(prefix.size()));
        const ParticipantId participant{key.u32()};
        const AssetId asset{key.u16()};
        if (key.u8() == static_cast<std::uint8_t>(AccountKind::settlement)) {
            out.emplace(participant, asset);
        }
    }
    return out;
}

/// A flagged position whose cause has gone in this block loses its flag. An off-ramp ends a
/// shortfall by SETTLEMENT alone: it crosses nothing, so the position itself is not written.
void review_flags(LedgerState& state) {
    auto places = written_settlements(state.delta());
    for (const Position& position : written<Position>(state.delta(), keys::Table::position)) {
        places.emplace(position.participant, position.asset);
    }
    const Policy policy = state.policy();
    for (const auto& [participant, asset] : places) {
        const Position position = state.position(participant, asset);
        if (position.over_cap || position.shortfall) {
            review_standing(state, participant, asset, policy);
        }
    }
}

/// Windows whose last leg an operation of this block settled. The close announces its own.
void announce_settled(const BlockContext& block, const Delta& delta,
                      std::vector<LedgerEvent>& events) {
    for (const Window& window : written<Window>(delta, keys::Table::window)) {
        const LedgerEvent event{.kind = LedgerEvent::Kind::window_settled, .window = window.id};
        const bool settled_now =
            window.state == WindowState::settled && window.settled_height == block.height;
        if (settled_now && std::find(events.begin(), events.end(), event) == events.end()) {
            events.push_back(event);
        }
    }
}
}  // namespace

bool may_sign(KeyPurpose purpose, Verb verb) {
    switch (verb) {
        case Verb::fund_wallet:
        case Verb::defund_wallet:
            return purpose == KeyPurpose::operate || purpose == KeyPurpose::gateway;
        case Verb::open_account:
        case Verb::prepare:
        case Verb::accept:
        case Verb::reject:
        case Verb::confirm_credit:
        case Verb::fail_credit:
        case Verb::return_prepare:
        case Verb::return_accept:
            return purpose == KeyPurpose::operate;
        case Verb::bank_mark:
        case Verb::attest_cover:
        case Verb::attest_reserve:
        case Verb::settle_confirm:
        case Verb::settle_fail:
            return purpose == KeyPurpose::bank;
        case Verb::set_participant:
        case Verb::set_policy:
        case Verb::set_calendar:
        case Verb::set_validators:
            // The approvals inside carry the authority; any of these may hand them in.
            return purpose == KeyPurpose::govern || purpose == KeyPurpose::operate ||
                   purpose == KeyPurpose::bank || purpose == KeyPurpose::regulate;
        case Verb::ready:
            return purpose == KeyPurpose::validate;
        case Verb::report_evidence:
            // It proves itself. A node has no other key than its VALIDATE key, and signs no other
            // operation with it.
            return purpose == KeyPurpose::validate || purpose == KeyPurpose::operate ||
                   purpose == KeyPurpose::bank || purpose == KeyPurpose::regulate;
        case Verb::none:
        case Verb::expire:
        case Verb::close_window:
            return false;
    }
    return false;
}

std::optional<Role> role_needed(Verb verb) {
    switch (verb) {
        case Verb::open_account:
        case Verb::fund_wallet:
        case Verb::defund_wallet:
        case Verb::prepare:
        case Verb::accept:
        case Verb::reject:
        case Verb::confirm_credit:
        case Verb::fail_credit:
        case Verb::return_prepare:
        case Verb::return_accept:
            return Role::wallet_operator;
        case Verb::bank_mark:
        case Verb::attest_cover:
        case Verb::attest_reserve:
        case Verb::settle_confirm:
        case Verb::settle_fail:
            return Role::clearing_bank;
        case Verb::set_participant:
        case Verb::set_policy:
        case Verb::set_calendar:
        case Verb::set_validators:
        case Verb::ready:
        case Verb::report_evidence:
        case Verb::none:
        case Verb::expire:
        case Verb::close_window:
            return std::nullopt;
    }
    return std::nullopt;
}

std::optional<BlockTime> wake_at(const StateView& view) {
    const StateReader state(view);
    const auto expiry = next_expiry_at(state);
    const auto close = next_close_at(state);
    if (expiry && close) {
        return std::min(*expiry, *close);
    }
    return expiry ? expiry : close;
}

BlockResult apply_block(const StateView& base, const BlockInput& input) {
    BlockResult result;
    Delta delta(base);
    LedgerState state(delta);
    const auto chain = state.chain();
    CHECK(chain.has_value());
    const HeadRecord head = state.head();
    CHECK(input.height == head.height + 1);
    CHECK(input.time >= head.time);
    const BlockContext block{
        .chain_id = chain->chain_id, .height = input.height, .time = input.time};

    close_window_if_due(block, state, result.events);
    sweep_expired(block, state, result.events);
    prune_idempotency(block, input.items.size(), state);
    BlockRun run(block, state, result);
    for (const BlockItem& item : input.items) {
        run.run(item);
    }
    review_flags(state);
    announce_settled(block, delta, result.events);
    state.put(HeadRecord{.height = input.height, .time = input.time});
    if (input.turns) {
        note_turns(*input.turns, state);
    }
    if (input.next_epoch) {
        begin_epoch(*input.next_epoch, state);
    }
    result.next_epoch = next_epoch(state);
    result.wake_at = wake_at(delta);
    result.writes = delta.write_set();
#ifndef SIM_BLIND_INVARIANTS
    result.breach = check_invariants(base, delta, result.writes, block);
#endif
    return result;
}

}  // namespace remit::ledger
