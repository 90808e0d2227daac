#include "gateway/connectors/best_quotes.h"

#include <algorithm>
#include <future>

#include "node/ops/log.h"

namespace remit::gateway {

namespace {

constexpr std::int64_t pause_after_silence_ms = 5'000;

bool is_send(const v1::QuoteRequest& request) {
    return request.fixed() != remit::v1::FIXED_SIDE_RECEIVE;
}

bool are_equal(const google::protobuf::RepeatedPtrField<remit::v1::Fee>& a,
               const google::protobuf::RepeatedPtrField<remit::v1::Fee>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.participant_id() == y.participant_id() && x.amount_minor() == y.amount_minor();
    });
}

/// A better price for something else is not a better price. What the ledger alone can judge, the
/// signature and the mark, it judges at `prepare`.
bool is_for(const remit::v1::Quote& quote, std::uint32_t maker, const v1::QuoteRequest& request) {
    const auto fixed = is_send(request) ? quote.source_minor() : quote.target_minor();
    return quote.maker_id() == maker && quote.requester_id() == request.requester_id() &&
           quote.source_asset_id() == request.source_asset_id() &&
           quote.target_asset_id() == request.target_asset_id() &&
           (quote.fixed() == remit::v1::FIXED_SIDE_RECEIVE) == !is_send(request) &&
           fixed == request.amount_minor() && are_equal(quote.fees(), request.fees());
}

bool is_better(const remit::v1::Quote& quote, const remit::v1::Quote& than,
               const v1::QuoteRequest& request) {
    return is_send(request) ? quote.target_minor() > than.target_minor()
                            : quote.source_minor() < than.source_minor();
}

void work_in(const v1::QuoteAnswer& answer, std::uint32_t maker, const v1::QuoteRequest& request,
             v1::QuoteAnswer& best) {
    if (answer.has_refusal()) {
        if (!best.has_quote() && !best.has_refusal()) {
            best = answer;
        }
        return;
    }
    if (!is_for(answer.quote(), maker, request)) {
        node::log_warning("quote_not_as_asked", {{"maker", maker}});
        return;
    }
    if (!best.has_quote() || is_better(answer.quote(), best.quote(), request)) {
        best = answer;
    }
}

std::vector<v1::QuoteRequest> addressed(std::vector<v1::QuoteRequest> requests,
                                        std::uint32_t maker) {
    for (auto& request : requests) {
        request.set_maker_id(maker);
    }
    return requests;
}

}  // namespace

BestQuotes::BestQuotes(Makers makers, const node::Clock& clock) : clock_(clock) {
    for (auto& [maker, source] : makers) {
        makers_[maker].source = std::move(source);
    }
}

std::map<std::uint32_t, QuoteSource*> BestQuotes::makers_to_ask() const {
    const auto now = clock_.mono_ms();
    std::map<std::uint32_t, QuoteSource*> all;
    std::map<std::uint32_t, QuoteSource*> answering;
    const std::lock_guard lock(mutex_);
    for (const auto& [number, maker] : makers_) {
        all[number] = maker.source.get();
        if (maker.silent_until_ms <= now) {
            answering[number] = maker.source.get();
        }
    }
    return answering.empty() ? all : answering;
}

void BestQuotes::note(std::uint32_t maker, const Answers& answers) {
    if (!answers) {
        node::log_warning("maker_silent", {{"maker", maker}, {"reason", answers.error().reason}});
    }
    const std::lock_guard lock(mutex_);
    makers_[maker].silent_until_ms = answers ? 0 : clock_.mono_ms() + pause_after_silence_ms;
}

Result<std::vector<v1::QuoteAnswer>, RailSilent> BestQuotes::quotes(
    const std::vector<v1::QuoteRequest>& requests) {
    std::map<std::uint32_t, std::future<Answers>> asked;
    const auto makers = makers_to_ask();
    for (const auto& [maker, source] : makers) {
        // One maker alone is asked on this thread, when its answer is wanted.
        const auto how = makers.size() == 1 ? std::launch::deferred : std::launch::async;
        asked[maker] = std::async(how, [&requests, number = maker, from = source] {
            return from->quotes(addressed(requests, number));
        });
    }
    std::vector<v1::QuoteAnswer> best(requests.size());
    std::string silence = "no maker is configured";
    bool any = false;
    for (auto& [maker, future] : asked) {
        const auto answers = future.get();
        note(maker, answers);
        if (!answers) {
            silence = answers.error().reason;
            continue;
        }
        any = true;
        for (std::size_t i = 0; i < requests.size() && i < answers->size(); ++i) {
            work_in((*answers)[i], maker, requests[i], best[i]);
        }
    }
    if (!any) {
        return fail(RailSilent{silence});
    }
    return best;
}

}  // namespace remit::gateway
