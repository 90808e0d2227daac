#include "consensus/engine.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "test/support/consensus/network.h"

using namespace remit;
using namespace remit::consensus;
using remit::test::VirtualNetwork;

namespace {

/// Items item-<from>..item-<to-1>, one after another through the given validators.
void submit_many(VirtualNetwork& network, int from, int to,
                 const std::vector<ValidatorIndex>& through) {
    for (int i = from; i < to; ++i) {
        network.submit(through[static_cast<std::size_t>(i) % through.size()],
                       "item-" + std::to_string(i));
        network.run_for(7);
    }
}

std::size_t distinct(std::vector<Bytes> items) {
    std::sort(items.begin(), items.end());
    return static_cast<std::size_t>(std::unique(items.begin(), items.end()) - items.begin());
}

}  // namespace

TEST_CASE("engine: a submitted item is executed by all, then the chain is idle", "[consensus]") {
    VirtualNetwork network(4);
    network.run_for(500);
    CHECK(network.node(0).commits.empty());
    network.submit(1, "pay");
    REQUIRE(network.run_until([&] { return network.all_executed("pay"); }, 2000));
    network.run_for(2000);
    // The block with the item, and one empty block that anchors its result.
    for (ValidatorIndex i = 0; i < 4; ++i) {
        CHECK(network.executed(i) == 2);
        CHECK(network.items(i) == std::vector<Bytes>{"pay"});
        CHECK(network.node(i).proofs.size() == 2);
        CHECK(network.node(i).engine->metrics().anchored_height == 1);
    }
    const auto view = network.node(0).engine->metrics().view;
    network.run_for(60000);
    CHECK(network.executed(0) == 2);
    CHECK(network.node(0).engine->metrics().view == view);
    CHECK(network.faults().empty());
    CHECK(network.node(0).misbehaviour.empty());
}

TEST_CASE("engine: a result is anchored by the next payload, or by a block of its own after Delta",
          "[consensus]") {
    VirtualNetwork network(4);
    network.run_for(500);
    const auto anchored = [&] { return network.node(0).engine->metrics().anchored_height; };
    // Delta is 50 ms at least: one item every 30 ms leaves no time for a block without payload.
    constexpr std::uint64_t items = 20;
    for (std::uint64_t i = 0; i < items; ++i) {
        network.submit(0, "pay-" + std::to_string(i));
        network.run_for(30);
    }
    CHECK(network.node(0).commits.size() == items);
    CHECK(network.node(0).engine->metrics().empty_blocks_finalised == 0);
    CHECK(anchored() == items - 1);
    const bool alone =
        network.run_until([&] { return network.node(0).commits.size() > items; }, 300);
    CHECK(alone);
    network.run_for(1000);
    CHECK(network.node(0).commits.size() == items + 1);
    CHECK(network.node(0).engine->metrics().empty_blocks_finalised == 1);
    CHECK(anchored() == items);
}

TEST_CASE("engine: one validator alone finalises its own blocks", "[consensus]") {
    VirtualNetwork network(1);
    network.submit(0, "pay");
    REQUIRE(network.run_until([&] { return network.all_executed("pay"); }, 1000));
    network.run_for(1000);
    CHECK(network.executed(0) == 2);
    CHECK(network.faults().empty());
}

TEST_CASE("engine: a block is final three hops after its batch arrived", "[consensus]") {
    VirtualNetwork network(4);
    network.delay_ms = 20;
    network.run_for(500);
    network.submit(network.node(0).engine->leader(1), "pay");
    CHECK(network.run_until([&] { return network.node(0).commits.size() == 1; }, 60));
}

TEST_CASE("engine: items of all validators under steady load execute once, in one order",
          "[consensus]") {
    VirtualNetwork network(4);
    submit_many(network, 0, 200, {0, 1, 2, 3});
    REQUIRE(network.run_until(
        [&] {
            for (ValidatorIndex i = 0; i < 4; ++i) {
                if (network.items(i).size() < 200) {
                    return false;
                }
            }
            return true;
        },
        5000));
    for (ValidatorIndex i = 0; i < 4; ++i) {
        CHECK(network.items(i) == network.items(0));
        CHECK(network.node(i).engine->metrics().views_nullified == 0);
    }
    CHECK(distinct(network.items(0)) == 200);
    CHECK(network.faults().empty());
}

TEST_CASE("engine: a dead leader is nullified and the next one goes on", "[consensus]") {
    VirtualNetwork network(4);
    const auto dead = network.node(0).engine->leader(1);
    network.crash(dead);
    const auto alive = static_cast<ValidatorIndex>((dead + 1) % 4);
    network.submit(alive, "pay");
    REQUIRE(network.run_until([&] { return network.all_executed("pay"); }, 3000));
    CHECK(network.node(alive).engine->metrics().views_nullified >= 1);
    CHECK(network.faults().empty());
}

TEST_CASE("engine: a leader quiet for the skip window costs no timeout", "[consensus]") {
    VirtualNetwork network(4);
    const auto dead = network.node(0).engine->leader(1);
    network.crash(dead);
    network.run_for(3000);
    const auto alive = static_cast<ValidatorIndex>((dead + 1) % 4);
    network.submit(alive, "pay");
    CHECK(network.run_until([&] { return network.all_executed("pay"); }, 60));
    CHECK(network.node(alive).engine->metrics().timeouts_skipped == 1);
    CHECK(network.node(alive).engine->metrics().timeouts_no_proposal == 0);
}

TEST_CASE("engine: one of four down goes on, and catches up when it returns", "[consensus]") {
    VirtualNetwork network(4);
    submit_many(network, 0, 20, {0, 1, 2, 3});
    network.crash(3);
    submit_many(network, 20, 120, {0, 1, 2});
    REQUIRE(network.run_until([&] { return network.all_executed("item-119"); }, 20000));
    network.restart(3);
    REQUIRE(network.run_until([&] { return network.all_executed("item-119"); }, 20000));
    submit_many(network, 120, 140, {3});
    REQUIRE(network.run_until([&] { return network.all_executed("item-139"); }, 5000));
    CHECK(network.items(3) == network.items(0));
    CHECK(distinct(network.items(0)) == network.items(0).size());
    CHECK(network.faults().empty());
}

TEST_CASE("engine: a node that missed hundreds of blocks asks for them by range", "[consensus]") {
    VirtualNetwork network(4);
    network.crash(2);
    for (int i = 0; i < 150; ++i) {
        network.submit(0, "item-" + std::to_string(i));
        network.run_for(60);
    }
    REQUIRE(network.run_until([&] { return network.all_executed("item-149"); }, 20000));
    const auto height = network.executed(0);
    REQUIRE(height > 200);
    network.restart(2);
    REQUIRE(network.run_until([&] { return network.executed(2) >= height; }, 10000));
    CHECK(network.items(2) == network.items(0));
    CHECK(network.faults().empty());
}

TEST_CASE("engine: two of four down stop the chain, and it resumes when one returns",
          "[consensus]") {
    VirtualNetwork network(4);
    submit_many(network, 0, 8, {0, 1, 2, 3});
    REQUIRE(network.run_until([&] { return network.all_executed("item-7"); }, 3000));
    network.crash(2);
    network.crash(3);
    network.submit(0, "stuck");
    network.run_for(15000);
    const auto done = network.items(0);
    CHECK(std::find(done.begin(), done.end(), "stuck") == done.end());
    network.restart(3);
    REQUIRE(network.run_until([&] { return network.all_executed("stuck"); }, 20000));
    network.restart(2);
    REQUIRE(network.run_until([&] { return network.all_executed("stuck"); }, 20000));
    CHECK(network.faults().empty());
}

TEST_CASE("engine: a crash of all validators at once loses nothing and signs nothing twice",
          "[consensus]") {
    VirtualNetwork network(4);
    for (int round = 0; round < 12; ++round) {
        const auto item = "round-" + std::to_string(round);
        network.submit(static_cast<ValidatorIndex>(round % 4), item);
        network.run_for(3 + round * 2);  // somewhere inside the votes
        for (ValidatorIndex i = 0; i < 4; ++i) {
            network.crash(i);
        }
        for (ValidatorIndex i = 0; i < 4; ++i) {
            network.restart(i);
        }
        REQUIRE(network.run_until([&] { return network.all_executed(item); }, 20000));
    }
    CHECK(network.faults().empty());
}

TEST_CASE("engine: a validator restarted from its journal signs nothing twice", "[consensus]") {
    VirtualNetwork network(4);
    for (int i = 0; i < 60; ++i) {
        network.submit(static_cast<ValidatorIndex>(i % 4), "item-" + std::to_string(i));
        network.run_for(11);
        const auto victim = static_cast<ValidatorIndex>((i * 7) % 4);
        network.crash(victim);
        network.run_for(i % 5);
        network.restart(victim);
    }
    submit_many(network, 60, 64, {0, 1, 2, 3});
    REQUIRE(network.run_until([&] { return network.all_executed("item-63"); }, 20000));
    CHECK(network.faults().empty());
}

TEST_CASE("engine: lost and partitioned messages delay but never fork", "[consensus]") {
    VirtualNetwork network(4);
    std::uint64_t state = 12345;
    const auto chance = [&state](unsigned percent) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return (state >> 33U) % 100 < percent;
    };
    network.filter = [&](ValidatorIndex, ValidatorIndex, const Message&) { return !chance(20); };
    submit_many(network, 0, 40, {0, 1, 2, 3});
    network.run_for(5000);
    network.filter = [](ValidatorIndex from, ValidatorIndex to, const Message&) {
        return (from < 2) == (to < 2);
    };
    submit_many(network, 40, 44, {0, 1, 2, 3});
    network.run_for(8000);
    network.filter = nullptr;
    REQUIRE(network.run_until(
        [&] {
            for (ValidatorIndex i = 0; i < 4; ++i) {
                if (distinct(network.items(i)) < 44) {
                    return false;
                }
            }
            return true;
        },
        30000));
    CHECK(network.items(0).size() == 44);
    CHECK(network.items(3) == network.items(0));
    CHECK(network.faults().empty());
}

TEST_CASE("engine: an equivocating leader leaves evidence and cannot fork", "[consensus]") {
    VirtualNetwork network(4);
    const auto& chain = network.chain();
    const auto liar = network.node(0).engine->leader(1);
    network.crash(liar);
    std::vector<ValidatorIndex> honest;
    for (ValidatorIndex i = 0; i < 4; ++i) {
        if (i != liar) {
            honest.push_back(i);
        }
    }
    // Two valid empty blocks for view 1, told to different validators.
    const auto proposal = [&](std::int64_t later_ms) {
        auto header = chain.child(chain.genesis, 1);
        header.leader = liar;
        header.time_ms += later_ms;
        return Proposal{
            .header = header,
            .leader_signature = chain.vote(VoteKind::notarize, 1, header.digest(), liar).signature,
            .justification = {},
            .inline_batch = nullptr};
    };
    network.inject(liar, honest[0], proposal(1));
    network.inject(liar, honest[1], proposal(2));
    network.inject(liar, honest[2], proposal(2));
    network.inject(liar, honest[2], proposal(1));
    CHECK(network.node(honest[2]).evidence.size() == 1);
    network.submit(honest[0], "pay");
    REQUIRE(network.run_until([&] { return network.all_executed("pay"); }, 10000));
    CHECK(verify(network.node(honest[2]).evidence.front(), chain.set, chain.chain_id));
    CHECK(network.faults().empty());
}

TEST_CASE("engine: a large batch is fetched from others after its author is gone", "[consensus]") {
    VirtualNetwork network(4);
    const ValidatorIndex author = 0;
    const ValidatorIndex starved = 3;
    // One validator never sees the batch itself, only that blocks name it.
    network.filter = [&](ValidatorIndex from, ValidatorIndex to, const Message& message) {
        return !(from == author && to == starved &&
                 (std::holds_alternative<BatchHandle>(message) ||
                  std::holds_alternative<AvailabilityCertificate>(message)));
    };
    const Bytes large(100 * 1024, 'x');  // above the inline limit
    network.submit(author, large);
    REQUIRE(network.run_until(
        [&] {
            return network.node(1).disk.batches.size() == 1 &&
                   network.node(2).disk.batches.size() == 1;
        },
        1000));
    network.crash(author);
    REQUIRE(network.run_until([&] { return network.all_executed(large); }, 10000));
    CHECK(network.items(starved) == std::vector<Bytes>{large});
    CHECK(network.node(starved).engine->metrics().batches_fetched >= 1);
    CHECK(network.faults().empty());
}

TEST_CASE("engine: nobody checks that a batch is available whose bytes it has", "[consensus]") {
    VirtualNetwork network(4);
    network.run_for(500);
    // The leader has the payment itself, so that no batch travels apart from its proposal.
    const auto author = static_cast<ValidatorIndex>((network.node(0).engine->leader(1) + 1) % 4);
    const auto checked = [&](ValidatorIndex at) {
        return network.node(at).engine->metrics().signatures_verified;
    };
    const auto before = checked(network.node(0).engine->leader(1));
    network.submit(author, "pay");
    REQUIRE(network.run_until([&] { return network.all_executed("pay"); }, 2000));
    network.run_for(20);
    // The batch, two other votes of each of three kinds and no acknowledgement.
    CHECK(checked(network.node(0).engine->leader(1)) - before <= 1 + 3 * 2 + 1);
}

TEST_CASE("engine: a false word on a batch's availability costs its sender, not the payment",
          "[consensus]") {
    VirtualNetwork network(4);
    network.run_for(500);
    const auto dead = network.node(0).engine->leader(1);
    const auto next = network.node(0).engine->leader(2);
    std::vector<ValidatorIndex> others;
    for (ValidatorIndex i = 0; i < 4; ++i) {
        if (i != dead && i != next) {
            others.push_back(i);
        }
    }
    const auto author = others[0];
    const auto liar = others[1];
    network.crash(dead);
    std::optional<Entry> entry;
    network.filter = [&](ValidatorIndex from, ValidatorIndex to, const Message& message) {
        const auto* batch = std::get_if<BatchHandle>(&message);
        if (batch != nullptr && from == author && to == next) {
            entry = (*batch)->entry();
        }
        // The next leader hears of the batch's availability from the liar alone, until it asks.
        const bool word = std::holds_alternative<AvailabilityCertificate>(message) ||
                          std::holds_alternative<Ack>(message);
        return !(word && to == next && from == author);
    };
    network.submit(author, "pay");
    REQUIRE(network.run_until([&] { return entry.has_value(); }, 100));
    network.run_for(network.delay_ms + 1);
    const auto& chain = network.chain();
    SignatureMap wrong;
    for (const ValidatorIndex signer : {author, liar}) {
        wrong[signer] = chain.signers[liar]->sign("not this");
    }
    network.inject(liar, next,
                   AvailabilityCertificate{.epoch = 1,
                                           .valset_hash = chain.set.hash(),
                                           .entry = *entry,
                                           .signers = Signers::from(wrong, 2, 4)});
    REQUIRE(network.run_until([&] { return network.all_executed("pay"); }, 20000));
    const auto& blamed = network.node(next).misbehaviour;
    CHECK(std::count(blamed.begin(), blamed.end(), "availability certificate is wrong") == 1);
    CHECK(network.faults().empty());
}

TEST_CASE("engine: a due ledger time makes exactly one empty block", "[consensus]") {
    VirtualNetwork network(4);
    network.run_for(200);
    const auto due = network.wall_ms() + 3000;
    network.set_wake(due);
    network.run_for(2900);
    CHECK(network.executed(0) == 0);
    network.run_for(10000);
    for (ValidatorIndex i = 0; i < 4; ++i) {
        REQUIRE(network.executed(i) == 1);
        CHECK(network.node(i).commits.front().header.batches.empty());
        CHECK(network.node(i).commits.front().header.time_ms >= due);
    }
    CHECK(network.faults().empty());
}

TEST_CASE("engine: results that nobody certifies freeze payload at the lag limit, and it thaws",
          "[consensus]") {
    Params params;
    params.lag_max = 4;
    VirtualNetwork network(4, params);
    network.filter = [](ValidatorIndex, ValidatorIndex, const Message& message) {
        return !std::holds_alternative<ExecutionVote>(message) &&
               !std::holds_alternative<ExecutionCertificate>(message);
    };
    for (int i = 0; i < 30; ++i) {
        network.submit(static_cast<ValidatorIndex>(i % 4), "item-" + std::to_string(i));
        network.run_for(200);
    }
    network.run_for(5000);
    Height last_with_batches = 0;
    for (const auto& commit : network.node(0).commits) {
        if (!commit.batches.empty()) {
            last_with_batches = commit.header.height;
        }
    }
    CHECK(last_with_batches == 4);
    CHECK(network.node(0).proofs.empty());
    network.filter = nullptr;
    REQUIRE(network.run_until([&] { return network.all_executed("item-29"); }, 20000));
    CHECK(network.items(0).size() == 30);
    network.run_for(2000);
    CHECK(network.node(0).engine->metrics().anchored_height >= 5);
    CHECK(network.faults().empty());
}

TEST_CASE("engine: a node whose roots differ stops voting and the others go on", "[consensus]") {
    VirtualNetwork network(4);
    network.node(2).state_suffix = "a bit flipped";
    network.submit(0, "pay");
    REQUIRE(network.run_until([&] { return network.node(2).divergence.has_value(); }, 3000));
    CHECK_FALSE(network.node(2).engine->metrics().voting);
    network.run_for(1000);
    CHECK(network.node(2).proofs.empty());
    network.submit(1, "again");
    REQUIRE(network.run_until([&] { return network.node(1).proofs.size() >= 3; }, 5000));
    CHECK_FALSE(network.node(0).divergence.has_value());
    CHECK(network.faults().empty());
}

TEST_CASE("engine: a full author window refuses items instead of dropping them", "[consensus]") {
    Params params;
    params.author_window = 2;
    params.batch_bytes_max = 1024;
    VirtualNetwork network(4, params);
    for (ValidatorIndex i = 1; i < 4; ++i) {
        network.crash(i);  // nothing gets finalised
    }
    for (int i = 0; i < 6; ++i) {
        network.submit(0, Bytes(900, static_cast<char>('a' + i)));
        network.run_for(10);
    }
    // Two batches in the window, one batch of items waiting.
    CHECK(network.node(0).refused == std::vector<std::uint64_t>{4, 5, 6});
    CHECK(network.node(0).engine->metrics().batches_own == 2);
    network.restart(1);
    network.restart(2);
    REQUIRE(network.run_until([&] { return network.all_executed(Bytes(900, 'c')); }, 20000));
    CHECK(network.items(0).size() == 3);
}

TEST_CASE("engine: a batch that no block named expires and its items come back", "[consensus]") {
    Params params;
    params.expiry_window = 8;
    VirtualNetwork network(4, params);
    // Validator 3's batches reach nobody, and it never hears that it should offer them.
    bool muted = true;
    network.filter = [&](ValidatorIndex from, ValidatorIndex, const Message& message) {
        return !(muted && from == 3 &&
                 (std::holds_alternative<BatchHandle>(message) ||
                  std::holds_alternative<Proposal>(message) ||
                  std::holds_alternative<Offer>(message) ||
                  std::holds_alternative<AvailabilityCertificate>(message)));
    };
    network.submit(3, "lost");
    for (int i = 0; i < 12; ++i) {
        network.submit(0, "item-" + std::to_string(i));
        network.run_for(300);
    }
    CHECK(network.node(3).engine->metrics().batches_own == 0);
    const auto done = network.items(0);
    CHECK(std::find(done.begin(), done.end(), "lost") == done.end());
    muted = false;
    network.submit(3, "lost");
    REQUIRE(network.run_until([&] { return network.all_executed("lost"); }, 5000));
    CHECK(network.faults().empty());
}

TEST_CASE("engine: garbage of a peer moves neither view nor floor", "[consensus]") {
    VirtualNetwork network(4);
    const auto& chain = network.chain();
    const auto before = network.node(0).engine->metrics();
    auto forged = chain.certificate(VoteKind::nullify, 900, Hash{}, {1, 2});
    network.inject(3, 0, forged);
    network.inject(3, 0,
                   PeerStatus{.epoch = 1,
                              .view = 1000000,
                              .finalised_view = 999999,
                              .finalised_height = 999999,
                              .executed_height = 0,
                              .boot_counter = 0,
                              .sent_ms = 0});
    network.inject(3, 0, chain.vote(VoteKind::nullify, 5000, Hash{}, 3));
    network.inject(3, 0, chain.vote(VoteKind::nullify, 1, Hash{}, 2));  // another's vote
    network.inject(3, 0, HeadersAnswer{{chain.child(chain.genesis, 7)}});
    network.inject(3, 0,
                   BlocksAnswer{{StoredBlock{.header = chain.child(chain.genesis, 1),
                                             .finalization = std::nullopt,
                                             .execution = std::nullopt}}});
    const auto after = network.node(0).engine->metrics();
    CHECK(after.view == before.view);
    CHECK(after.finalised_height == 0);
    CHECK(network.node(0).misbehaviour.size() == 2);  // the certificate and the blocks
    network.submit(0, "pay");
    CHECK(network.run_until([&] { return network.all_executed("pay"); }, 3000));
}

TEST_CASE("engine: an epoch's last block whose proof was lost on the way is no fault of its sender",
          "[consensus]") {
    VirtualNetwork network(4);
    const auto& chain = network.chain();
    auto last = chain.child(chain.genesis, 1);
    last.flags = header_flag::epoch_last;
    network.inject(3, 0,
                   BlocksAnswer{{StoredBlock{
                       .header = last, .finalization = std::nullopt, .execution = std::nullopt}}});
    CHECK(network.node(0).misbehaviour.empty());
    CHECK(network.node(0).engine->metrics().finalised_height == 0);
}

TEST_CASE("engine: a journal of another validator is refused", "[consensus]") {
    VirtualNetwork network(4);
    network.submit(0, "pay");
    REQUIRE(network.run_until([&] { return network.all_executed("pay"); }, 3000));
    auto& chain = network.chain();
    Engine other({.chain_id = chain.chain_id,
                  .validators = chain.set,
                  .self = 1,
                  .params = chain.params,
                  .genesis = chain.genesis,
                  .boot_counter = 1},
                 *chain.signers[1], network.node(1).disk);
    Recovery recovery;
    recovery.journal = network.node(0).disk.journal;
    CHECK_FALSE(other.start(recovery, {1, VirtualNetwork::wall_offset_ms}).ok);
}
