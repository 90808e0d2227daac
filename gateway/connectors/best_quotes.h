#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "gateway/connectors/quote_source.h"
#include "node/seams/clock.h"

namespace remit::gateway {

/// Several market makers as one: each is asked at once and the best price wins, the most for the
/// payee or the least from the payer; of equals the maker with the lowest number. A maker that is
/// silent costs the others one call and is then left out for a while. Thread-safe.
class BestQuotes final : public QuoteSource {
public:
    using Makers = std::map<std::uint32_t, std::unique_ptr<QuoteSource>>;  // by participant

    BestQuotes(Makers makers, const node::Clock& clock);

    /// The makers' own numbers go into the requests; an answer that is not what was asked is no
    /// answer. Where nobody quotes: the refusal of the first maker that gave one.
    /// Errors: all makers are silent.
    Result<std::vector<v1::QuoteAnswer>, RailSilent> quotes(
        const std::vector<v1::QuoteRequest>& requests) override;

private:
    using Answers = Result<std::vector<v1::QuoteAnswer>, RailSilent>;
    struct Maker {
        std::unique_ptr<QuoteSource> source;
        std::int64_t silent_until_ms = 0;  // guarded by mutex_
    };
    [[nodiscard]] std::map<std::uint32_t, QuoteSource*> makers_to_ask() const;
    void note(std::uint32_t maker, const Answers& answers);

    const node::Clock& clock_;
    mutable std::mutex mutex_;
    std::map<std::uint32_t, Maker> makers_;
};

}  // namespace remit::gateway
