#include <algorithm>
#include <catch2/catch.hpp>

#include "test/support/consensus/network.h"

using namespace remit;
using namespace remit::consensus;
using remit::test::VirtualNetwork;

namespace {

constexpr ValidatorIndex forgetful = 2;

/// A network that has made some blocks, and one validator of it without its journal.
struct Fixture {
    VirtualNetwork network{4};
    View view_before = 0;

    Fixture() {
        pay(10);
        network.run_for(1'000);  // idle
        view_before = view_of(forgetful);
        network.crash(forgetful);
        network.lose_journal(forgetful);
    }
    void pay(int count) {
        for (int i = 0; i < count; ++i) {
            network.submit(static_cast<ValidatorIndex>(i % 2), "pay-" + std::to_string(paid_++));
            network.run_for(40);
        }
    }
    [[nodiscard]] View view_of(ValidatorIndex node) {
        return network.node(node).engine->metrics().view;
    }
    [[nodiscard]] bool amnesiac() { return network.node(forgetful).engine->metrics().amnesiac; }

    /// What its journal says it may vote in first; 0: nothing yet.
    [[nodiscard]] View first_view() {
        for (const auto& record : network.node(forgetful).disk.journal) {
            if (record.type == RecordType::resume) {
                return record.view;
            }
        }
        return 0;
    }

    /// Views of votes that the forgetful validator sent since now.
    std::vector<View> sent;
    bool acked = false;
    void listen() {
        network.filter = [this](ValidatorIndex from, ValidatorIndex, const Message& message) {
            if (from == forgetful) {
                if (const auto* vote = std::get_if<Vote>(&message)) {
                    sent.push_back(vote->view);
                } else if (const auto* proposal = std::get_if<Proposal>(&message)) {
                    sent.push_back(proposal->header.view);
                }
                acked = acked || std::holds_alternative<Ack>(message);
            }
            return true;
        };
    }

private:
    int paid_ = 0;
};

}  // namespace

TEST_CASE("amnesia: without its votes a validator votes again two views on, and only there",
          "[consensus][amnesia]") {
    Fixture fixture;
    fixture.listen();
    fixture.network.restart(forgetful);
    fixture.network.run_for(200);
    CHECK(fixture.amnesiac());  // no view goes on so soon
    CHECK(fixture.sent.empty());
    CHECK_FALSE(fixture.acked);
    fixture.pay(10);
    CHECK_FALSE(fixture.amnesiac());
    REQUIRE_FALSE(fixture.sent.empty());
    CHECK(*std::min_element(fixture.sent.begin(), fixture.sent.end()) >= fixture.view_before + 2);
    CHECK(fixture.acked);
    CHECK(fixture.network.faults().empty());
}

TEST_CASE("amnesia: an idle chain goes on until the validator that waits may vote, and no further",
          "[consensus][amnesia]") {
    Fixture fixture;
    fixture.listen();
    fixture.network.restart(forgetful);
    CHECK(fixture.amnesiac());
    CHECK(fixture.network.run_until([&] { return !fixture.amnesiac(); }, 25'000));
    CHECK(fixture.sent.empty());
    fixture.network.run_for(180'000);
    for (ValidatorIndex node = 0; node < 4; ++node) {
        CHECK(fixture.view_of(node) == fixture.view_before + 2);
    }
    // Its vote counts: with another one down, the three go on.
    fixture.network.crash(3);
    fixture.network.submit(0, "needs it");
    CHECK(fixture.network.run_until([&] { return fixture.network.all_executed("needs it"); },
                                    20'000));
    REQUIRE_FALSE(fixture.sent.empty());
    CHECK(*std::min_element(fixture.sent.begin(), fixture.sent.end()) >= fixture.view_before + 2);
    CHECK(fixture.network.faults().empty());
}

namespace {

/// Three honest validators on an idle chain, and what the fourth claims to them.
struct Claims {
    static constexpr ValidatorIndex liar = 3;
    VirtualNetwork network{4};

    Claims() {
        network.submit(0, "before");
        network.run_for(1'000);
    }
    [[nodiscard]] View view() { return network.node(0).engine->metrics().view; }
    [[nodiscard]] Height height() { return network.node(0).engine->metrics().finalised_height; }
    [[nodiscard]] std::uint64_t nullified() {
        return network.node(0).engine->metrics().views_nullified;
    }
    [[nodiscard]] ValidatorIndex leader() {
        return static_cast<ValidatorIndex>(network.node(0).engine->leader(view()));
    }
    /// Ten times a second, to those that `told` picks by whether they lead.
    template <class Told>
    void claim(std::int64_t seconds, const Told& told) {
        for (std::int64_t i = 0; i < seconds * 10; ++i) {
            for (ValidatorIndex to = 0; to < liar; ++to) {
                if (told(to == leader())) {
                    network.inject(liar, to,
                                   PeerStatus{.epoch = 1,
                                              .view = view(),
                                              .finalised_view = view() - 1,
                                              .votes_from = view() + 2});
                }
            }
            network.run_for(100);
        }
    }
};

}  // namespace

TEST_CASE("amnesia: claims to wait make a quiet chain go on by a block in ten seconds at most",
          "[consensus][amnesia]") {
    Claims all;
    auto before = all.height();
    all.claim(85, [](bool /*leads*/) { return true; });
    CHECK(all.height() > before);
    CHECK(all.height() <= before + 9);
    CHECK(all.nullified() <= 4);  // views that the liar leads itself: it waits, so it is skipped
    CHECK(all.network.faults().empty());

    // Told one after the other, whoever leads: no more than that.
    Claims one;
    before = one.height();
    one.claim(85, [](bool leads) { return leads; });
    CHECK(one.height() > before);
    CHECK(one.height() <= before + 9);
}

TEST_CASE("amnesia: a claim that the leader does not hear costs the leader nothing",
          "[consensus][amnesia]") {
    Claims others;
    const auto before = others.view();
    REQUIRE(others.leader() != Claims::liar);
    others.claim(60, [](bool leads) { return !leads; });
    CHECK(others.view() == before);
    CHECK(others.nullified() == 0);
    CHECK(others.network.faults().empty());
}

TEST_CASE("amnesia: fewer answers than a quorum of the others are not enough",
          "[consensus][amnesia]") {
    Fixture fixture;
    fixture.network.crash(3);
    fixture.network.restart(forgetful);
    fixture.network.run_for(20'000);
    CHECK(fixture.amnesiac());
    fixture.network.submit(0, "waits");
    fixture.network.run_for(5'000);
    CHECK(fixture.amnesiac());
    CHECK_FALSE(fixture.network.all_executed("waits"));
    // The fourth comes back: everybody goes on.
    fixture.network.restart(3);
    CHECK(fixture.network.run_until([&] { return fixture.network.all_executed("waits"); }, 20'000));
    fixture.pay(80);
    CHECK_FALSE(fixture.amnesiac());
    CHECK(fixture.network.faults().empty());
}

TEST_CASE("amnesia: a restart asks again, one after the answers does not", "[consensus][amnesia]") {
    Fixture fixture;
    fixture.network.restart(forgetful);
    fixture.network.crash(forgetful);
    fixture.network.restart(forgetful);
    fixture.network.run_for(200);
    CHECK(fixture.amnesiac());
    // It has its answers and waits for its first view; the record is in its journal.
    CHECK(fixture.first_view() == fixture.view_before + 2);
    fixture.network.crash(forgetful);
    fixture.listen();
    bool asked = false;
    fixture.network.filter = [&, listen = fixture.network.filter](
                                 ValidatorIndex from, ValidatorIndex to, const Message& message) {
        asked = asked || std::holds_alternative<ViewRequest>(message);
        return listen(from, to, message);
    };
    fixture.network.restart(forgetful);
    CHECK(fixture.network.run_until([&] { return !fixture.amnesiac(); }, 25'000));
    CHECK(fixture.sent.empty());
    CHECK_FALSE(asked);
    fixture.pay(10);
    REQUIRE_FALSE(fixture.sent.empty());
    CHECK(*std::min_element(fixture.sent.begin(), fixture.sent.end()) >= fixture.view_before + 2);
    CHECK(fixture.network.faults().empty());
}

TEST_CASE("amnesia: answers that lie, repeat or answer another question do not count",
          "[consensus][amnesia]") {
    Fixture fixture;
    auto& chain = fixture.network.chain();
    const auto nonce = *fixture.network.node(forgetful).votes_lost;
    // The peers' own answers are lost: only the forged ones arrive.
    fixture.network.filter = [](ValidatorIndex, ValidatorIndex, const Message& message) {
        return !std::holds_alternative<ViewAnswer>(message);
    };
    fixture.network.restart(forgetful);
    fixture.network.run_for(100);
    const auto answer = [&](ValidatorIndex signer, View view, const Hash& to) {
        ViewAnswer out{.epoch = chain.set.epoch(),
                       .nonce = to,
                       .view = view,
                       .entry = std::nullopt,
                       .signer = signer,
                       .signature = {}};
        if (view > 1) {
            out.entry = chain.certificate(VoteKind::nullify, view - 1, Hash{}, {0, 1, 3});
        }
        out.signature =
            chain.signers[signer]->sign(view_answer_bytes(chain.chain_id, chain.set, to, view));
        return out;
    };
    const auto inject = [&](ValidatorIndex from, const ViewAnswer& message) {
        fixture.network.inject(from, forgetful, message);
        fixture.network.run_for(20);
    };
    inject(0, answer(0, 50, nonce));
    inject(0, answer(0, 51, nonce));                         // said already
    inject(1, answer(0, 50, nonce));                         // another's
    inject(1, answer(1, 50, hash(domain::hello, "older")));  // to another question
    inject(1, answer(forgetful, 50, nonce));                 // its own
    CHECK(fixture.first_view() == 0);
    auto uncertified = answer(1, 50, nonce);
    uncertified.entry = chain.certificate(VoteKind::nullify, 48, Hash{}, {0, 1, 3});
    inject(1, uncertified);
    auto unsigned_one = answer(3, 50, nonce);
    unsigned_one.view = 40;
    unsigned_one.entry = chain.certificate(VoteKind::nullify, 39, Hash{}, {0, 1, 3});
    inject(3, unsigned_one);
    CHECK(fixture.first_view() == 0);
    CHECK(fixture.network.node(forgetful).misbehaviour.size() == 2);
    inject(1, answer(1, 60, nonce));
    CHECK(fixture.first_view() == 0);
    inject(3, answer(3, 55, nonce));
    CHECK(fixture.first_view() == 62);
}

TEST_CASE("amnesia: who waits for answers gives none", "[consensus][amnesia]") {
    Fixture fixture;
    fixture.network.crash(1);
    fixture.network.lose_journal(1);
    fixture.network.restart(forgetful);
    fixture.network.restart(1);
    fixture.network.run_for(30'000);
    // Two of four have lost their votes: more than f. Nobody may guess, so nobody votes.
    CHECK(fixture.network.node(1).engine->metrics().amnesiac);
    CHECK(fixture.amnesiac());
    fixture.network.submit(0, "waits");
    fixture.network.run_for(5'000);
    CHECK_FALSE(fixture.network.all_executed("waits"));
    CHECK(fixture.network.faults().empty());
}

TEST_CASE("amnesia: answers of another epoch, or to its question, do not count",
          "[consensus][amnesia]") {
    VirtualNetwork network(4, {}, {.length = 6});
    std::map<Epoch, Hash> asked;
    network.filter = [&](ValidatorIndex from, ValidatorIndex, const Message& message) {
        const auto* request = std::get_if<ViewRequest>(&message);
        if (request != nullptr && from == forgetful) {
            asked[request->epoch] = request->nonce;
        }
        return !std::holds_alternative<ViewAnswer>(message);
    };
    const auto epoch_of = [&](ValidatorIndex node) {
        return network.node(node).engine->metrics().epoch;
    };
    const auto pay = [&](int number) {
        network.submit(static_cast<ValidatorIndex>(number % 2), "pay-" + std::to_string(number));
        network.run_for(40);
    };
    pay(0);
    network.crash(forgetful);
    network.lose_journal(forgetful);
    for (int i = 1; i < 100 && epoch_of(0) < 2; ++i) {
        pay(i);
    }
    network.restart(forgetful);
    REQUIRE(network.run_until([&] { return asked.contains(2); }, 20'000));
    REQUIRE(epoch_of(forgetful) == 2);
    REQUIRE(asked.contains(1));
    REQUIRE(asked.at(1) != asked.at(2));

    const auto& chain = network.chain();
    const auto tell = [&](Epoch says, Epoch asks, Epoch signs) {
        for (const auto signer : {ValidatorIndex{0}, ValidatorIndex{1}, ValidatorIndex{3}}) {
            const auto& nonce = asked.at(asks);
            ViewAnswer out{.epoch = says,
                           .nonce = nonce,
                           .view = 1,
                           .entry = std::nullopt,
                           .signer = signer,
                           .signature = chain.signers[signer]->sign(
                               view_answer_bytes(chain.chain_id, chain.set_of(signs), nonce, 1))};
            network.inject(signer, forgetful, out);
        }
    };
    const auto resumed = [&] {
        const auto& journal = network.node(forgetful).disk.journal;
        return std::any_of(journal.begin(), journal.end(), [](const JournalRecord& record) {
            return record.type == RecordType::resume;
        });
    };
    tell(1, 1, 1);  // a whole quorum of the epoch before, in answer to what was asked there
    tell(2, 1, 2);
    tell(1, 2, 1);
    CHECK_FALSE(resumed());
    CHECK(network.node(forgetful).engine->metrics().amnesiac);
    CHECK(network.node(forgetful).misbehaviour.empty());
    tell(2, 2, 1);  // signed for another set
    CHECK_FALSE(resumed());
    CHECK(network.node(forgetful).misbehaviour.size() == 3);
    tell(2, 2, 2);
    CHECK(resumed());
    CHECK(network.faults().empty());
}
