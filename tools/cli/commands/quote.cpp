#include <algorithm>

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

/// The best price first, refusals last.
bool is_better(const api::QuoteAnswer& a, const api::QuoteAnswer& b) {
    if (a.has_quote() != b.has_quote()) {
        return a.has_quote();
    }
    return std::pair(-a.quote().target_minor(), a.quote().source_minor()) <
           std::pair(-b.quote().target_minor(), b.quote().source_minor());
}

/// Every desk of the network; one that does not answer is told on standard error. Not empty.
/// Errors: that of the last desk when none answers.
Result<api::RequestQuotesResponse, Failure> ask_desks(const Context& context,
                                                      const Session& session,
                                                      const std::string& requester,
                                                      const api::RequestQuotesRequest& request) {
    std::vector<api::QuoteAnswer> found;
    Failure last{"INTERNAL", "no answer to the quote", "", ExitCode::our_bug};
    TRY_ASSIGN(const auto names, session.desks());
    for (const auto& name : names) {
        const auto ask = [&]() -> Result<api::RequestQuotesResponse, Failure> {
            TRY_ASSIGN(const auto desk, session.gateway(name, requester));
            return call(*desk.stub<api::QuoteService>(), &api::QuoteService::Stub::RequestQuotes,
                        request, CallKind::read, name);
        };
        const auto answer = ask();
        if (answer && answer->answers_size() == 1) {
            found.push_back(answer->answers(0));
        } else if (!answer) {
            last = answer.error();
            context.out.note("no quote of " + name + ": " + last.message);
        }
    }
    if (found.empty()) {
        return fail(std::move(last));
    }
    std::stable_sort(found.begin(), found.end(), is_better);
    api::RequestQuotesResponse sorted;
    sorted.mutable_answers()->Assign(found.begin(), found.end());
    return sorted;
}

void print_others(Context& context, const devnet::Network& network,
                  const api::RequestQuotesResponse& answers) {
    Table table({"maker", ">pays", ">arrives", ">rate", "refused"});
    for (const auto& answer : answers.answers()) {
        const auto& quote = answer.quote();
        if (answer.has_refusal()) {
            table.row({"-", "-", "-", "-", answer.refusal().name()});
        } else {
            table.row({network.member_name(quote.maker_id()),
                       network.amount(quote.source_minor(), quote.source_asset_id()),
                       network.amount(quote.target_minor(), quote.target_asset_id()),
                       rate_text(quote.rate()), ""});
        }
    }
    if (answers.answers_size() > 1) {
        context.out.text("\n" + table.text());
    }
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
    TRY_ASSIGN(const auto answers, ask_desks(context, session, requester, request));
    context.out.message(answers);
    if (answers.answers(0).has_refusal()) {
        return fail(failure_of(answers.answers(0).refusal()));
    }
    print_quote(context, network, answers.answers(0).quote());
    print_others(context, network, answers);
    return {};
}

}  // namespace

Noun quote_noun() {
    return {"quote",
            "a firm, signed, single-use rate of a market maker",
            {{.verb = "",
              .summary = "asks every maker what an amount becomes; binds nobody until it is used",
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
