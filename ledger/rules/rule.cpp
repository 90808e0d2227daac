#include "ledger/rules/rule.h"

#include <algorithm>

namespace remit::ledger {

namespace {
constexpr std::size_t code_size = 4;

bool is_printable(char c) {
    return c >= ' ' && c <= '~';
}

Result<Account, LedgerError> open_customer_account(const StateReader& state, const AccountId& id) {
    auto account = state.account(id);
    if (!account || id.kind != AccountKind::customer) {
        return fail(LedgerError::wrong_account);
    }
    if (account->closed) {
        return fail(LedgerError::account_closed);
    }
    return *std::move(account);
}
}  // namespace

TimelineStep step_of(RemittanceState state, Verb verb, const OperationContext& context) {
    return {.state = state,
            .verb = verb,
            .height = context.height,
            .time = context.time,
            .participant = context.signer,
            .key = context.key};
}

TimelineStep own_step(RemittanceState state, Verb verb, const BlockContext& block) {
    return {.state = state, .verb = verb, .height = block.height, .time = block.time};
}

Status<LedgerError> check_reference(ByteView text, std::size_t size_max) {
    if (text.empty() || text.size() > size_max ||
        !std::all_of(text.begin(), text.end(), is_printable)) {
        return fail(LedgerError::bad_reference);
    }
    return {};
}

bool is_four_letter_code(ByteView text) {
    return text.size() == code_size && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
           });
}

Result<Participant, LedgerError> registered(const StateReader& state, ParticipantId id) {
    auto participant = state.participant(id);
    if (!participant) {
        return fail(LedgerError::not_registered);
    }
    return *std::move(participant);
}

bool is_operating(const Participant& participant) {
    return participant.status == ParticipantStatus::active ||
           participant.status == ParticipantStatus::restricted;
}

Result<Asset, LedgerError> known_asset(const StateReader& state, AssetId id) {
    auto asset = state.asset(id);
    if (!asset) {
        return fail(LedgerError::currency_not_open);
    }
    return *std::move(asset);
}

Status<LedgerError> check_debit_allowed(const StateReader& state, const AccountId& id) {
    TRY_ASSIGN(const Account account, open_customer_account(state, id));
    if (account.frozen_debit) {
        return fail(LedgerError::account_frozen);
    }
    return {};
}

Status<LedgerError> check_credit_allowed(const StateReader& state, const AccountId& id) {
    TRY_ASSIGN(const Account account, open_customer_account(state, id));
    if (account.frozen_credit) {
        return fail(LedgerError::account_frozen);
    }
    return {};
}

Status<LedgerError> post_home(LedgerState& state, const Posting& posting) {
    Posting home = posting;
    const bool is_customer = home.credit.kind == AccountKind::customer;
    if (is_customer && !check_credit_allowed(state, home.credit)) {
        home.credit =
            own_account(home.credit.participant, home.credit.asset, AccountKind::suspense);
    }
    return post(state, home);
}

}  // namespace remit::ledger
