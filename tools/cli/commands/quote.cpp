#include "tools/cli/amount.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/cli/rate_text.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

namespace api = gateway::v1;

void print_quote(Context& context, const devnet::Network& network, const v1::Quote& quote) {
    std::string fees;
    for (const auto& fee : quote.fees()) {
        fees += (fees.empty() ? "" : ", ") +
                network.amount(fee.amount_minor(), quote.source_asset_id()) + " to " +
                network.member_name(fee.participant_id());
    }
    context.out.text(
        properties({{"quote", uuid_text(quote.quote_id())},
                    {"maker", network.member_name(quote.maker_id())},
                    {"for", network.member_name(quote.requester_id())},
                    {"pays", network.amount(quote.source_minor(), quote.source_asset_id())},
                    {"arrives", network.amount(quote.target_minor(), quote.target_asset_id())},
                    {"rate", rate_text(quote.rate())},
                    {"fees", fees},
                    {"bank mark", std::to_string(quote.mark_id())},
                    {"issued", time_text(quote.issued_at_ms())},
                    {"expires", time_text(quote.expires_at_ms())}}));
}

Status<Failure> run(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    const auto& network = session.network();
    const auto requester = session.acting(
        network.wallets.empty() ? std::string() : network.wallets.front().operator_name);
    TRY_ASSIGN(const auto* member, network.member(requester));
    TRY_ASSIGN(const auto* source, network.asset(context.args.text("from")));
    TRY_ASSIGN(const auto* target, network.asset(context.args.text("to")));
    const bool receive = context.args.text("fixed") == "receive";
    if (!receive && context.args.text("fixed") != "send") {
        return usage("--fixed is send or receive",
                     "send: the payer pays exactly --amount; receive: exactly that arrives");
    }
    TRY_ASSIGN(const auto minor,
               parse_amount(context.args.text("amount"), (receive ? target : source)->exponent));
    api::RequestQuotesRequest request;
    auto& wanted = *request.add_requests();
    wanted.set_requester_id(member->id);
    wanted.set_source_asset_id(source->id);
    wanted.set_target_asset_id(target->id);
    wanted.set_fixed(receive ? v1::FIXED_SIDE_RECEIVE : v1::FIXED_SIDE_SEND);
    wanted.set_amount_minor(minor);
    TRY_ASSIGN(const auto bank, session.bank(requester));
    const auto stub = bank.stub<api::QuoteService>();
    TRY_ASSIGN(const auto answer, call(*stub, &api::QuoteService::Stub::RequestQuotes, request,
                                       CallKind::read, bank.name));
    context.out.message(answer);
    if (answer.answers_size() != 1 || answer.answers(0).has_refusal()) {
        return fail(answer.answers_size() == 1
                        ? failure_of(answer.answers(0).refusal())
                        : Failure{"INTERNAL", "no answer to the quote", "", ExitCode::our_bug});
    }
    print_quote(context, network, answer.answers(0).quote());
    return {};
}

}  // namespace

Noun quote_noun() {
    return {"quote",
            "a firm, signed, single-use rate of the market maker",
            {{.verb = "",
              .summary = "asks the maker what an amount becomes; binds nobody until it is used",
              .options = {{"from", "CODE", "currency that is paid", "HKD"},
                          {"to", "CODE", "currency that arrives", "PHP"},
                          {"amount", "AMOUNT", "of the fixed side", "", true},
                          {"fixed", "SIDE", "send or receive", "send"}},
              .arguments = {},
              .examples = {"remit quote --from HKD --to PHP --amount 1,000.00",
                           "remit quote --amount 5,000.00 --fixed receive --as alipayhk"},
              .run = run}}};
}

}  // namespace remit::cli
