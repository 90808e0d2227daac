#include "gateway/connectors/best_quotes.h"

#include <catch2/catch.hpp>

namespace remit::gateway {

namespace {

/// A maker that answers as it is told to, and counts.
struct Desk final : QuoteSource {
    std::int64_t target_minor = 0;  // 0: refuses
    std::int64_t source_minor = 1'000;
    bool silent = false;
    int calls = 0;
    std::function<void(remit::v1::Quote&)> twist;

    Result<std::vector<v1::QuoteAnswer>, RailSilent> quotes(
        const std::vector<v1::QuoteRequest>& requests) override {
        ++calls;
        if (silent) {
            return fail(RailSilent{"no answer"});
        }
        std::vector<v1::QuoteAnswer> answers(requests.size());
        for (std::size_t i = 0; i < requests.size(); ++i) {
            answer(requests[i], answers[i]);
        }
        return answers;
    }
    void answer(const v1::QuoteRequest& request, v1::QuoteAnswer& out) const {
        if (target_minor == 0) {
            out.mutable_refusal()->set_name("REFUSED_BY_" + std::to_string(request.maker_id()));
            return;
        }
        auto& quote = *out.mutable_quote();
        quote.set_maker_id(request.maker_id());
        quote.set_requester_id(request.requester_id());
        quote.set_source_asset_id(request.source_asset_id());
        quote.set_target_asset_id(request.target_asset_id());
        quote.set_fixed(request.fixed());
        quote.set_source_minor(source_minor);
        quote.set_target_minor(target_minor);
        *quote.mutable_fees() = request.fees();
        if (twist) {
            twist(quote);
        }
    }
};

struct HandClock final : node::Clock {
    std::int64_t now_ms = 0;
    [[nodiscard]] std::int64_t mono_ms() const override { return now_ms; }
    [[nodiscard]] std::int64_t wall_ms() const override { return now_ms; }
};

struct Fixture {
    HandClock clock;
    std::vector<Desk*> desks;
    std::unique_ptr<BestQuotes> all;

    explicit Fixture(const std::vector<std::int64_t>& targets) {
        BestQuotes::Makers makers;
        std::uint32_t number = 5;
        for (const auto target : targets) {
            auto desk = std::make_unique<Desk>();
            desk->target_minor = target;
            desks.push_back(desk.get());
            makers[number++] = std::move(desk);
        }
        all = std::make_unique<BestQuotes>(std::move(makers), clock);
    }
    [[nodiscard]] v1::QuoteAnswer ask(remit::v1::FixedSide fixed, std::int64_t minor) const {
        v1::QuoteRequest request;
        request.set_requester_id(1);
        request.set_source_asset_id(1);
        request.set_target_asset_id(2);
        request.set_fixed(fixed);
        request.set_amount_minor(minor);
        request.add_fees()->set_amount_minor(7);
        const auto answers = all->quotes({request});
        return answers && answers->size() == 1 ? answers->front() : v1::QuoteAnswer();
    }
    [[nodiscard]] v1::QuoteAnswer ask() const { return ask(remit::v1::FIXED_SIDE_SEND, 1'000); }
};

}  // namespace

TEST_CASE("best quotes: a fixed amount sent goes where the payee gets most", "[gateway][quote]") {
    CHECK(Fixture({7'458, 7'462}).ask().quote().maker_id() == 6);
    CHECK(Fixture({7'463, 7'462}).ask().quote().maker_id() == 5);
    CHECK(Fixture({7'462, 7'462, 7'462}).ask().quote().maker_id() == 5);
    CHECK(Fixture({7'458}).ask().quote().target_minor() == 7'458);
}

TEST_CASE("best quotes: a fixed amount received comes from where the payer gives least",
          "[gateway][quote]") {
    const Fixture fixture({7'458, 7'458});
    fixture.desks[0]->source_minor = 1'001;
    const auto best = fixture.ask(remit::v1::FIXED_SIDE_RECEIVE, 7'458);
    CHECK(best.quote().maker_id() == 6);
    CHECK(best.quote().source_minor() == 1'000);
}

TEST_CASE("best quotes: a maker that refuses or is silent costs nobody a price",
          "[gateway][quote]") {
    Fixture fixture({0, 7'462, 7'470});
    fixture.desks[2]->silent = true;
    CHECK(fixture.ask().quote().maker_id() == 6);

    // The silent one is left out for a while, then asked again.
    CHECK(fixture.ask().has_quote());
    CHECK(fixture.desks[2]->calls == 1);
    fixture.clock.now_ms = 5'000;
    fixture.desks[2]->silent = false;
    CHECK(fixture.ask().quote().maker_id() == 7);
}

TEST_CASE("best quotes: with no price the first maker's refusal is told", "[gateway][quote]") {
    CHECK(Fixture({0, 0}).ask().refusal().name() == "REFUSED_BY_5");
    const Fixture fixture({0, 0});
    fixture.desks[0]->silent = true;
    CHECK(fixture.ask().refusal().name() == "REFUSED_BY_6");
}

TEST_CASE("best quotes: only when every maker is silent is there no answer", "[gateway][quote]") {
    const Fixture fixture({7'458, 7'462});
    fixture.desks[0]->silent = true;
    fixture.desks[1]->silent = true;
    CHECK_FALSE(fixture.all->quotes({v1::QuoteRequest()}));
    // All of them are asked again at once: there is nobody else.
    fixture.desks[0]->silent = false;
    CHECK(fixture.ask().quote().maker_id() == 5);
    CHECK_FALSE(Fixture({}).all->quotes({v1::QuoteRequest()}));
}

TEST_CASE("best quotes: a better price for something else is no price", "[gateway][quote]") {
    using Twist = std::function<void(remit::v1::Quote&)>;
    const Twist twist =
        GENERATE(Twist([](auto& quote) { quote.set_maker_id(5); }),
                 Twist([](auto& quote) { quote.set_requester_id(2); }),
                 Twist([](auto& quote) { quote.set_source_asset_id(2); }),
                 Twist([](auto& quote) { quote.set_target_asset_id(1); }),
                 Twist([](auto& quote) { quote.set_source_minor(999); }),
                 Twist([](auto& quote) { quote.set_fixed(remit::v1::FIXED_SIDE_RECEIVE); }),
                 Twist([](auto& quote) { quote.mutable_fees(0)->set_amount_minor(6); }),
                 Twist([](auto& quote) { quote.clear_fees(); }));
    const Fixture fixture({7'458, 9'999});
    fixture.desks[1]->twist = twist;
    CHECK(fixture.ask().quote().maker_id() == 5);
}

}  // namespace remit::gateway
