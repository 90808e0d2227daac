#include "ledger/ids.h"
#include "tools/cli/amount.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/cli/table.h"
#include "tools/cli/wallet_address.h"

namespace remit::cli {
namespace {

namespace api = gateway::v1;

/// The wallet a command speaks of, and its operator's gateway.
struct Target {
    Session session;
    WalletAddress address;
    Connection gateway;

    [[nodiscard]] std::string amount(std::int64_t minor, std::uint32_t asset_id) const {
        return session.network().amount(minor, asset_id);
    }
};

Result<Target, Failure> target_of(const Context& context) {
    TRY_ASSIGN(auto session, Session::open(context.settings));
    TRY_ASSIGN(auto address, parse_wallet(session.network(), context.args.text("WALLET"),
                                          context.settings.as, context.args.text("currency")));
    TRY_ASSIGN(auto gateway, session.wallet(address.operator_name));
    return Target{std::move(session), std::move(address), std::move(gateway)};
}

Result<std::int64_t, Failure> amount_of(const Target& target, const std::string& text) {
    TRY_ASSIGN(const auto* asset, target.session.network().asset(target.address.currency));
    return parse_amount(text, asset->exponent);
}

using Properties = std::vector<std::pair<std::string, std::string>>;

void print_wallet(Context& context, const Target& target, const api::Wallet& wallet,
                  const Properties& more = {}) {
    const ledger::AccountId id = ledger::customer_account(
        {target.address.operator_id}, {static_cast<std::uint16_t>(wallet.asset_id())},
        ledger::CustomerTag::from(wallet.tag()).value_or(ledger::CustomerTag{}));
    Properties shown = {
        {"wallet", wallet.name() + "@" + target.address.operator_name},
        {"account", ledger::to_text(id, wallet.currency())},
        {"fiat account", wallet.rail_account()},
        {"open", wallet.open() ? "yes" : "not yet"},
        {"incoming", wallet.silent()                   ? "not answered"
                     : wallet.blocked()                ? "rejected with AC06"
                     : !wallet.reject_reason().empty() ? "rejected with " + wallet.reject_reason()
                     : wallet.pay_out()                ? "accepted and paid out in fiat"
                                                       : "accepted"}};
    shown.insert(shown.end(), more.begin(), more.end());
    context.out.text(properties(shown));
}

Status<Failure> show_refusal(const v1::Refusal& refusal, api::Progress progress) {
    if (progress == api::PROGRESS_REFUSED) {
        return fail(failure_of(refusal));
    }
    if (progress == api::PROGRESS_PARKED) {
        return fail(Failure{"PARKED", "the gateway has set this aside for a person",
                            "see remit gateway reconcile", ExitCode::outcome_unknown});
    }
    return {};
}

/// The id typed with --id, or a new one: a call that is repeated with it moves money once.
Result<Uuid, Failure> id_of(const Context& context) {
    return context.args.has("id") ? parse_uuid(context.args.text("id"))
                                  : Result<Uuid, Failure>(new_uuid());
}

/// How to learn what became of `verb` (fund or withdraw), or do it again without doing it twice.
std::string ask_again(const Target& target, const std::string& verb, const std::string& amount,
                      const Uuid& id) {
    return "repeat it with the same id: remit account " + verb + " " + target.address.name + "@" +
           target.address.operator_name + " --amount " + amount + " --currency " +
           target.address.currency + " --id " + to_text(id);
}

Status<Failure> fund(Context& context, const Target& target, const std::string& text,
                     bool show_message) {
    TRY_ASSIGN(const auto minor, amount_of(target, text));
    TRY_ASSIGN(const auto id, id_of(context));
    const auto ask = ask_again(target, "fund", text, id);
    api::OnRampRequest request;
    request.set_request_id(id.bytes());
    request.set_wallet(target.address.name);
    request.set_currency(target.address.currency);
    request.set_amount_minor(minor);
    request.set_wait_ms(wait_ms_max);
    const auto stub = target.gateway.stub<api::WalletService>();
    const auto answered = call(*stub, &api::WalletService::Stub::OnRamp, request, CallKind::write,
                               target.gateway.name, wait_ms_max + call_ms);
    if (!answered) {
        return fail(with_remedy_if_unknown(answered.error(), ask));
    }
    const auto& answer = *answered;
    if (show_message) {
        context.out.message(answer);
    }
    TRY(show_refusal(answer.refusal(), answer.progress()));
    TRY_ASSIGN(const auto* asset, target.session.network().asset(target.address.currency));
    context.out.text(
        properties({{"on-ramp", uuid_text(answer.request_id())},
                    {"amount", target.amount(minor, asset->id)},
                    {"state", answer.progress() == api::PROGRESS_DONE ? "done" : "under way"},
                    {"fiat entry", answer.fiat_reference()},
                    {"block", answer.height() == 0 ? "" : std::to_string(answer.height())}}));
    if (answer.progress() != api::PROGRESS_DONE) {
        return fail(not_done_yet("the on-ramp is still under way", ask));
    }
    return {};
}

Status<Failure> run_open(Context& context) {
    TRY_ASSIGN(const auto target, target_of(context));
    api::OpenWalletRequest request;
    request.set_name(target.address.name);
    request.set_currency(target.address.currency);
    request.set_pay_out(context.args.flag("pay-out"));
    if (context.args.has("fiat")) {
        TRY_ASSIGN(const auto minor, amount_of(target, context.args.text("fiat")));
        request.set_rail_opening_minor(minor);
    }
    request.set_wait_ms(wait_ms_max);
    const auto stub = target.gateway.stub<api::WalletService>();
    TRY_ASSIGN(const auto answer,
               call(*stub, &api::WalletService::Stub::OpenWallet, request, CallKind::write,
                    target.gateway.name, wait_ms_max + call_ms));
    print_wallet(context, target, answer.wallet());
    context.out.message(answer);
    if (!answer.wallet().open()) {
        return fail(not_done_yet("the wallet is not open yet",
                                 "repeat it: a wallet is opened once, however often it is asked"));
    }
    if (context.args.has("fund")) {
        TRY(fund(context, target, context.args.text("fund"), false));
    }
    context.out.note("next: remit account show " + target.address.name + "@" +
                     target.address.operator_name);
    return {};
}

Status<Failure> run_show(Context& context) {
    TRY_ASSIGN(const auto target, target_of(context));
    api::GetWalletRequest request;
    request.set_name(target.address.name);
    request.set_currency(target.address.currency);
    const auto stub = target.gateway.stub<api::WalletService>();
    TRY_ASSIGN(const auto answer, call(*stub, &api::WalletService::Stub::GetWallet, request,
                                       CallKind::read, target.gateway.name));
    const auto asset_id = answer.wallet().asset_id();
    print_wallet(context, target, answer.wallet(),
                 {{"tokens", target.amount(answer.balance_minor(), asset_id)},
                  {"fiat", target.amount(answer.rail_balance_minor(), asset_id)}});
    context.out.message(answer);
    return {};
}

Status<Failure> run_fund(Context& context) {
    TRY_ASSIGN(const auto target, target_of(context));
    return fund(context, target, context.args.text("amount"), true);
}

Status<Failure> run_withdraw(Context& context) {
    TRY_ASSIGN(const auto target, target_of(context));
    TRY_ASSIGN(const auto minor, amount_of(target, context.args.text("amount")));
    TRY_ASSIGN(const auto id, id_of(context));
    const auto ask = ask_again(target, "withdraw", context.args.text("amount"), id);
    api::OffRampRequest request;
    request.set_payout_id(id.bytes());
    request.set_wallet(target.address.name);
    request.set_currency(target.address.currency);
    request.set_amount_minor(minor);
    request.set_wait_ms(wait_ms_max);
    const auto stub = target.gateway.stub<api::WalletService>();
    const auto answered = call(*stub, &api::WalletService::Stub::OffRamp, request, CallKind::write,
                               target.gateway.name, wait_ms_max + call_ms);
    if (!answered) {
        return fail(with_remedy_if_unknown(answered.error(), ask));
    }
    const auto& answer = *answered;
    context.out.message(answer);
    TRY(show_refusal(answer.refusal(), answer.progress()));
    TRY_ASSIGN(const auto* asset, target.session.network().asset(target.address.currency));
    context.out.text(
        properties({{"off-ramp", uuid_text(answer.payout_id())},
                    {"amount", target.amount(minor, asset->id)},
                    {"state", answer.progress() == api::PROGRESS_DONE ? "done" : "under way"},
                    {"fiat entry", answer.rail_reference()},
                    {"block", answer.height() == 0 ? "" : std::to_string(answer.height())}}));
    if (answer.progress() != api::PROGRESS_DONE) {
        return fail(not_done_yet("the off-ramp is still under way", ask));
    }
    return {};
}

Status<Failure> run_set(Context& context) {
    TRY_ASSIGN(const auto target, target_of(context));
    api::SetWalletRequest request;
    auto& wallet = *request.mutable_wallet();
    wallet.set_name(target.address.name);
    wallet.set_currency(target.address.currency);
    const auto incoming = context.args.text("incoming");
    if (incoming == "silent") {
        wallet.set_silent(true);
    } else if (incoming == "pay-out") {
        wallet.set_pay_out(true);
    } else if (incoming == "blocked") {
        wallet.set_blocked(true);
    } else if (incoming.starts_with("reject:")) {
        wallet.set_reject_reason(incoming.substr(incoming.find(':') + 1));
    } else if (incoming != "accept") {
        return usage("'" + incoming + "' is no way to treat incoming money",
                     "accept, pay-out, silent, blocked or reject:REASON");
    }
    const auto stub = target.gateway.stub<api::WalletService>();
    TRY_ASSIGN(const auto answer, call(*stub, &api::WalletService::Stub::SetWallet, request,
                                       CallKind::write, target.gateway.name));
    print_wallet(context, target, answer.wallet());
    context.out.message(answer);
    return {};
}

Status<Failure> list_wallets(Context& context, const Session& session) {
    const auto name = session.acting("");
    if (name.empty()) {
        return usage("whose wallets?", "name the operator with --as");
    }
    TRY_ASSIGN(const auto gateway, session.wallet(name));
    const auto stub = gateway.stub<api::WalletService>();
    TRY_ASSIGN(const auto answer, call(*stub, &api::WalletService::Stub::ListWallets,
                                       api::ListWalletsRequest{}, CallKind::read, gateway.name));
    Table table({"wallet", "currency", "fiat account", "tag"});
    for (const auto& wallet : answer.wallets()) {
        table.row({wallet.name() + "@" + name, wallet.currency(), wallet.rail_account(),
                   to_hex(wallet.tag())});
    }
    context.out.text(table.text());
    context.out.message(answer);
    return {};
}

Status<Failure> run_list(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    if (context.args.flag("wallets")) {
        return list_wallets(context, session);
    }
    TRY_ASSIGN(const auto node, session.ledger());
    v1::ListAccountsRequest request;
    if (context.args.has("participant")) {
        TRY_ASSIGN(const auto* member, session.network().member(context.args.text("participant")));
        request.set_participant_id(member->id);
    }
    const auto stub = node.stub<v1::LedgerService>();
    v1::ListAccountsResponse all;
    do {
        TRY_ASSIGN(const auto page, call(*stub, &v1::LedgerService::Stub::ListAccounts, request,
                                         CallKind::read, node.name));
        all.MergeFrom(page);
        all.set_height(page.height());
        request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    all.clear_next_page_token();
    Table table({"account", ">balance", "flags"});
    for (const auto& account : all.accounts()) {
        const auto kind = ledger::account_kind_from(account.id().kind());
        const ledger::AccountId id{
            {account.id().participant_id()},
            {static_cast<std::uint16_t>(account.id().asset_id())},
            kind.value_or(ledger::AccountKind::customer),
            ledger::CustomerTag::from(account.id().tag()).value_or(ledger::CustomerTag{})};
        const auto currency = session.network().currency_of(account.id().asset_id());
        table.row({ledger::to_text(id, currency),
                   session.network().amount(account.balance_minor(), account.id().asset_id()),
                   std::string(account.closed() ? "closed " : "") +
                       (account.frozen_debit() ? "no debit " : "") +
                       (account.frozen_credit() ? "no credit" : "")});
    }
    context.out.text(table.text());
    context.out.message(all);
    return {};
}

const Argument wallet_argument{"WALLET", "name@operator, for example alice@alipayhk"};
const Option currency_option{"currency", "CODE", "of the wallet (default: its operator's own)", ""};

}  // namespace

Noun account_noun() {
    const Option amount{"amount", "AMOUNT", "like 1,000.00", "", true};
    const Option id{"id", "UUID", "to repeat one whose outcome is unknown", ""};
    return {
        "account",
        "wallets at their operators, accounts on the ledger",
        {{.verb = "open",
          .summary = "opens a wallet at its operator and its account on the ledger",
          .options = {currency_option,
                      {"fiat", "AMOUNT", "sandbox: fiat its new rail account starts with", ""},
                      {"fund", "AMOUNT", "takes this much fiat on-ramp at once", ""},
                      {"pay-out", "", "incoming money leaves as fiat", ""}},
          .arguments = {wallet_argument},
          .examples = {"remit account open carol@alipayhk --fiat 5,000.00 --fund 2,000.00"},
          .run = run_open},
         {.verb = "show",
          .summary = "a wallet: its account, tokens and fiat",
          .options = {currency_option},
          .arguments = {wallet_argument},
          .examples = {"remit account show alice@alipayhk"},
          .run = run_show},
         {.verb = "list",
          .summary = "accounts on the ledger with balances; with --wallets an operator's wallets",
          .options = {{"participant", "NAME", "only this participant's", ""},
                      {"wallets", "", "the wallets of --as instead", ""}},
          .arguments = {},
          .examples = {"remit account list --participant gcash",
                       "remit account list --wallets --as alipayhk"},
          .run = run_list},
         {.verb = "fund",
          .summary = "on-ramp: fiat from the wallet's rail account becomes tokens",
          .options = {amount, currency_option, id},
          .arguments = {wallet_argument},
          .examples = {"remit account fund alice@alipayhk --amount 500.00"},
          .run = run_fund},
         {.verb = "withdraw",
          .summary = "off-ramp: tokens become fiat on the wallet's rail account",
          .options = {amount, currency_option, id},
          .arguments = {wallet_argument},
          .examples = {"remit account withdraw bob@gcash --amount 250.00"},
          .run = run_withdraw},
         {.verb = "set",
          .summary = "how the operator treats money that comes in for the wallet",
          .options = {{"incoming", "HOW", "accept, pay-out, silent, blocked or reject:REASON", "",
                       true},
                      currency_option},
          .arguments = {wallet_argument},
          .examples = {"remit account set bob@gcash --incoming reject:AC04"},
          .run = run_set}}};
}

}  // namespace remit::cli
