#include "gateway/engine.h"

#include <catch2/catch.hpp>

#include "test/support/gateway/world.h"

namespace remit::gateway {

namespace {

using test::an_id;

struct Funded {
    test::World world;

    Funded() {
        world.a->open_wallet("alice", "HKD", false, 1'000'000);
        world.g->open_wallet("bob", "PHP", false, 0);
        world.settle_down();
        world.a->on_ramp(an_id("ramp"), "alice", "HKD", 500'000);
        world.settle_down();
    }
    void send(const std::string& text,
              const std::function<void(v1::SendRemittanceRequest&)>& change) {
        auto request = test::a_send(an_id(text));
        change(request);
        world.a->send(request, world.g->wallet("bob", "PHP").tag());
        world.settle_down();
    }
};

}  // namespace

TEST_CASE("send: 1,000.00 HKD arrive as 7,458.59 PHP on a firm quote", "[gateway][world]") {
    Funded network;
    network.send("one", [](auto&) {});
    auto& world = network.world;
    CHECK(world.state_of(an_id("one")) == "CREDITED");
    CHECK(world.tokens("A", "alice", "HKD") == 400'000);
    CHECK(world.tokens("G", "bob", "PHP") == 745'859);
    const auto saga = world.a->saga(v1::SAGA_KIND_SEND, an_id("one"));
    CHECK(saga.step() == v1::SAGA_STEP_DONE);
    CHECK(saga.prepare().quotes(0).maker_id() == 5);
    CHECK(saga.prepare().quotes(0).rate().mantissa() == 74'585'923'208);
    CHECK(saga.prepared_at_ms() <= saga.committed_at_ms());
    CHECK(response_of(saga).state() == "CREDITED");
}

TEST_CASE("send: a fixed amount to receive costs the smallest source that delivers it",
          "[gateway][world]") {
    Funded network;
    network.send("receive", [](auto& request) {
        request.set_fixed(remit::v1::FIXED_SIDE_RECEIVE);
        request.set_amount_minor(500'000);
    });
    CHECK(network.world.tokens("G", "bob", "PHP") == 500'000);
    CHECK(network.world.tokens("A", "alice", "HKD") == 500'000 - 67'037);
}

TEST_CASE("send: more than the balance is refused and costs nothing", "[gateway][world]") {
    Funded network;
    network.send("much", [](auto& request) { request.set_amount_minor(500'001); });
    const auto saga = network.world.a->saga(v1::SAGA_KIND_SEND, an_id("much"));
    CHECK(saga.step() == v1::SAGA_STEP_REFUSED);
    CHECK(saga.refusal().name() == "INSUFFICIENT_FUNDS");
    CHECK(network.world.tokens("A", "alice", "HKD") == 500'000);
}

TEST_CASE("send: a silent beneficiary lets it expire and the money comes home",
          "[gateway][world]") {
    Funded network;
    auto bob = network.world.g->wallet("bob", "PHP");
    bob.set_silent(true);
    network.world.g->set_wallet(bob);
    network.send("silence", [](auto&) {});
    CHECK(network.world.state_of(an_id("silence")) == "PREPARED");
    network.world.pass(60'000);
    CHECK(network.world.state_of(an_id("silence")) == "EXPIRED");
    CHECK(network.world.tokens("A", "alice", "HKD") == 500'000);
    CHECK(network.world.a->saga(v1::SAGA_KIND_SEND, an_id("silence")).state() == "EXPIRED");
    CHECK(network.world.g->saga(v1::SAGA_KIND_RECEIVE, an_id("silence")).step() ==
          v1::SAGA_STEP_DONE);
}

TEST_CASE("return: the payer gets back exactly what was sent, in whole or in part",
          "[gateway][world]") {
    Funded network;
    network.send("back", [](auto&) {});
    auto& world = network.world;
    world.g->give_back(an_id("part"), an_id("back"), 25'000);
    world.settle_down();
    CHECK(world.state_of(an_id("back")) == "PARTLY_RETURNED");
    CHECK(world.tokens("A", "alice", "HKD") == 425'000);
    world.g->give_back(an_id("rest"), an_id("back"), 0);
    world.settle_down();
    CHECK(world.state_of(an_id("back")) == "RETURNED");
    CHECK(world.tokens("A", "alice", "HKD") == 500'000);
    CHECK(world.tokens("G", "bob", "PHP") == 0);
    CHECK(world.a->saga(v1::SAGA_KIND_TAKE_BACK, an_id("rest")).step() == v1::SAGA_STEP_DONE);
}

TEST_CASE("outbox: many operations share an envelope, and one bad one goes alone",
          "[gateway][outbox]") {
    Funded network;
    auto& world = network.world;
    const auto before = world.ledger.blocks();
    std::vector<Saga> sagas;
    constexpr int count = 100;
    for (int i = 0; i < count; ++i) {
        auto saga = send_saga(test::a_send(an_id("many" + std::to_string(i))),
                              world.g->wallet("bob", "PHP").tag(),
                              {.from = world.a->wallet("alice", "HKD"),
                               .registry = world.registry,
                               .expires_in_ms = 30'000,
                               .screening_hash = Bytes(32, 's'),
                               .now_ms = world.clock.wall_ms()},
                              world.random);
        REQUIRE(saga);
        saga->set_amount_minor(100);
        if (i == 7) {
            // Not decodable: a tag of 15 bytes gets the whole envelope turned away.
            saga->mutable_prepare()->set_payer_tag(Bytes(15, 'x'));
        }
        sagas.push_back(std::move(*saga));
    }
    CHECK(world.a->engine().start(sagas) == count);
    CHECK(world.a->engine().start(sagas) == 0);
    world.settle_down();
    int credited = 0;
    for (int i = 0; i < count; ++i) {
        credited += world.state_of(an_id("many" + std::to_string(i))) == "CREDITED" ? 1 : 0;
    }
    CHECK(credited == count - 1);
    const auto bad = world.a->saga(v1::SAGA_KIND_SEND, an_id("many7"));
    CHECK(bad.step() == v1::SAGA_STEP_REFUSED);
    CHECK(bad.refusal().name() == "BAD_ENCODING");
    CHECK(world.tokens("A", "alice", "HKD") == 500'000 - 99 * 100);
    // Two envelopes of prepares, 63 of them sent alone after one was turned away, and the like.
    CHECK(world.ledger.blocks() - before < 80);
}

TEST_CASE("outbox: an envelope outlived by its validity is decided anew under the same ids",
          "[gateway][outbox]") {
    Funded network;
    auto& world = network.world;
    auto request = test::a_send(an_id("late"));
    request.set_expires_in_ms(150'000);  // still within a prepare's 30 s when it is sent again
    world.ledger.lose_before = 1;
    world.a->send(request, world.g->wallet("bob", "PHP").tag());
    world.a->work();  // quote
    world.a->work();  // the envelope is lost on its way
    world.ledger.pass(120'000);
    world.settle_down();
    const auto saga = world.a->saga(v1::SAGA_KIND_SEND, an_id("late"));
    // The quote was for a minute: the second envelope carries it and is judged by the ledger.
    CHECK(saga.step() == v1::SAGA_STEP_REFUSED);
    CHECK(saga.refusal().name() == "QUOTE_EXPIRED");
    CHECK(world.tokens("A", "alice", "HKD") == 500'000);
    CHECK(world.a->engine().is_idle());
}

TEST_CASE("rail: another transfer under our id parks the saga with a break", "[gateway][world]") {
    Funded network;
    auto& world = network.world;
    const auto id = an_id("taken");
    v1::Transfer other;
    other.set_transfer_id("off-ramp/" + uuid_text(id));
    other.set_debit_account("operator/HKD");
    other.set_credit_account("customer/alice/HKD");
    other.set_currency("HKD");
    other.set_amount_minor(1);
    world.a->rail().book().submit({other});
    world.a->off_ramp(id, "alice", "HKD", 10'000);
    world.settle_down();
    CHECK(world.a->saga(v1::SAGA_KIND_OFF_RAMP, id).step() == v1::SAGA_STEP_PARKED);
    const auto breaks = world.a->engine().journal().breaks();
    REQUIRE(breaks.size() == 1);
    CHECK(breaks[0].break_class() == v1::BREAK_CLASS_ID_REUSED);
    // Locked, neither burnt nor paid.
    CHECK(world.tokens("A", "alice", "HKD") == 490'000);
    CHECK(world.a->rail().balance("customer/alice/HKD") == 500'001);
}

}  // namespace remit::gateway
