#include <catch2/catch.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>

#include "test/support/consensus/network.h"

// One faulty validator against the memory, the requests and the catch-up of an honest one.

using namespace remit;
using namespace remit::consensus;
using remit::test::Chain;
using remit::test::Disk;
using remit::test::VirtualNetwork;

namespace {

Offer invented_offer(std::uint64_t number, ValidatorIndex author) {
    Offer offer;
    for (std::size_t i = 0; i < limits::offer_entries; ++i) {
        Writer writer;
        writer.u64(number).u64(i);
        offer.entries.push_back({.digest = remit::hash(domain::batch, writer.view()),
                                 .author = author,
                                 .expires_height = 500,
                                 .bytes = 100});
    }
    return offer;
}

BatchHandle signed_batch(const Chain& chain, ValidatorIndex author, Height expires_height) {
    Batch batch;
    batch.epoch = 1;
    batch.author = author;
    batch.nonce = 77;
    batch.expires_height = expires_height;
    batch.items = {"never named"};
    batch.bytes = static_cast<std::uint32_t>(encoded_items_bytes(batch.items));
    batch.items_root = items_root_of(batch.items);
    batch.author_signature =
        chain.signers[author]->sign(batch_signed_bytes(chain.chain_id, batch.digest()));
    return std::make_shared<const Batch>(std::move(batch));
}

/// A chain of `length` blocks, one a view, and an engine that knows none of it.
struct FarBehind {
    explicit FarBehind(std::size_t length)
        : chain(4),
          engine({.chain_id = chain.chain_id,
                  .validators = chain.set,
                  .self = 0,
                  .params = chain.params,
                  .genesis = chain.genesis,
                  .boot_counter = 1},
                 *chain.signers[0], disk) {
        const auto* parent = &chain.genesis;
        headers.reserve(length);
        for (std::size_t i = 0; i < length; ++i) {
            headers.push_back(chain.child(*parent, parent->view + 1));
            heights[headers.back().digest()] = headers.size();
            parent = &headers.back();
        }
        static_cast<void>(engine.start({}, now()));
    }

    [[nodiscard]] Now now() const { return {now_ms, VirtualNetwork::wall_offset_ms + now_ms}; }
    Output tell(const Message& message) { return engine.step(PeerMessage{1, message}, now()); }
    /// Tells it, and executes what it hands over then.
    Output follow(const Message& message) {
        auto first = tell(message);
        for (auto commits = first.commits; !commits.empty();) {
            std::vector<Commit> more;
            for (const auto& commit : commits) {
                ExecutionResult result;
                result.height = commit.header.height;
                result.block_digest = commit.digest;
                auto output = engine.step(BlockExecuted{result}, now());
                std::move(output.commits.begin(), output.commits.end(), std::back_inserter(more));
            }
            commits = std::move(more);
        }
        return first;
    }
    [[nodiscard]] Certificate finalization(Height height) const {
        return chain.certificate(VoteKind::finalize, headers[height - 1].view,
                                 headers[height - 1].digest(), {1, 2, 3});
    }
    /// The header with this digest and those below it, as a peer answers.
    [[nodiscard]] HeadersAnswer answer(const HeadersRequest& request) const {
        HeadersAnswer out;
        for (auto at = heights.at(request.digest);
             at > 0 && out.headers.size() < std::min<std::size_t>(request.count, 64); --at) {
            out.headers.push_back(headers[at - 1]);
        }
        return out;
    }

    Chain chain;
    Disk disk;
    Engine engine;
    std::vector<Header> headers;
    std::map<Hash, std::size_t> heights;
    std::int64_t now_ms = 1000;
};

}  // namespace

TEST_CASE("engine: one peer that boasts and dawdles does not hold up the way to the tip",
          "[consensus]") {
    constexpr Height length = 2000;
    constexpr ValidatorIndex liar = 3;
    FarBehind node(length);
    const auto blocks_from = [&](Height first, Height last) {
        BlocksAnswer out;
        for (auto each = first; each <= last; ++each) {
            out.blocks.push_back({.header = node.headers[each - 1],
                                  .finalization = std::nullopt,
                                  .execution = std::nullopt});
        }
        out.blocks.back().finalization = node.finalization(last);
        return out;
    };
    std::multimap<std::int64_t, std::pair<ValidatorIndex, Message>> inbox;
    for (ValidatorIndex peer = 1; peer <= liar; ++peer) {
        inbox.emplace(
            node.now_ms,
            std::pair(peer, PeerStatus{.epoch = 1,
                                       .finalised_height = peer == liar ? 1U << 30U : length}));
    }
    const auto until = node.now_ms + 20'000;
    while (node.now_ms < until && node.engine.metrics().finalised_height < length) {
        node.now_ms += 5;
        std::vector<Output> outputs;
        while (!inbox.empty() && inbox.begin()->first <= node.now_ms) {
            const auto [from, message] = inbox.begin()->second;
            inbox.erase(inbox.begin());
            outputs.push_back(node.engine.step(PeerMessage{from, message}, node.now()));
        }
        outputs.push_back(node.engine.step(Tick{}, node.now()));
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            const auto output = std::move(outputs[i]);
            for (const auto& commit : output.commits) {
                ExecutionResult result;
                result.height = commit.header.height;
                result.block_digest = commit.digest;
                outputs.push_back(node.engine.step(BlockExecuted{result}, node.now()));
            }
            for (const auto& send : output.send) {
                const auto* request = std::get_if<BlocksRequest>(&send.message);
                if (request == nullptr || request->from_height > length) {
                    continue;
                }
                // The liar gives one block, just before another one would be asked.
                const auto last = send.to == liar
                                      ? request->from_height
                                      : std::min<Height>(request->from_height + 63, length);
                inbox.emplace(node.now_ms + (send.to == liar ? 480 : 10),
                              std::pair(*send.to, blocks_from(request->from_height, last)));
            }
        }
    }
    CHECK(node.engine.metrics().finalised_height == length);
}

TEST_CASE("engine: offers of invented batches do not keep a node from fetching real ones",
          "[consensus]") {
    VirtualNetwork network(4);
    const ValidatorIndex starved = 0;
    const ValidatorIndex author = 1;
    const ValidatorIndex liar = 3;
    network.filter = [&](ValidatorIndex from, ValidatorIndex to, const Message& message) {
        return !(from == author && to == starved && std::holds_alternative<BatchHandle>(message));
    };
    network.run_for(100);
    std::uint64_t number = 0;
    const auto flood = [&] {
        for (int i = 0; i < 8; ++i) {
            network.inject(liar, starved,
                           invented_offer(number++, static_cast<ValidatorIndex>(i % 4)));
        }
    };
    flood();
    const Bytes large(100 * 1024, 'x');  // above the inline limit
    network.submit(author, large);
    for (int i = 0; i < 30 && !network.all_executed(large); ++i) {
        flood();
        network.run_for(100);
    }
    CHECK(network.all_executed(large));
    CHECK(network.faults().empty());
}

TEST_CASE("engine: a node far behind asks for a bounded number of headers, then follows by range",
          "[consensus]") {
    constexpr std::size_t length = 6000;
    FarBehind node(length);
    std::set<Hash> asked;
    std::vector<Message> inbox{node.finalization(length)};
    for (int round = 0; round < 200; ++round) {
        std::vector<Message> answers;
        node.now_ms += 10;
        for (const auto& message : inbox) {
            for (const auto& send : node.tell(message).send) {
                const auto* request = std::get_if<HeadersRequest>(&send.message);
                if (request != nullptr && asked.insert(request->digest).second) {
                    answers.emplace_back(node.answer(*request));
                }
            }
        }
        inbox = answers;
    }
    CHECK(asked.size() * 64 <= 4096 + 64);
    CHECK(node.engine.metrics().finalised_height == 0);

    for (Height height = 1; height <= length; height += 64) {
        BlocksAnswer blocks;
        const auto last = std::min<Height>(height + 63, length);
        for (auto each = height; each <= last; ++each) {
            blocks.blocks.push_back({.header = node.headers[each - 1],
                                     .finalization = std::nullopt,
                                     .execution = std::nullopt});
        }
        blocks.blocks.back().finalization = node.finalization(last);
        const auto output = node.follow(blocks);
        CHECK(output.misbehaviour.empty());
        for (const auto& send : output.send) {
            if (const auto* request = std::get_if<HeadersRequest>(&send.message)) {
                static_cast<void>(node.tell(node.answer(*request)));
            }
        }
    }
    CHECK(node.engine.metrics().finalised_height == length);
}

TEST_CASE("engine: an epoch's last block without its way is left alone, others must be proven",
          "[consensus]") {
    for (const auto& [last, covered] : {std::pair(true, false), std::pair(true, true),
                                        std::pair(false, false), std::pair(false, true)}) {
        CAPTURE(last, covered);
        FarBehind node(3);
        auto newest = node.headers.back();
        newest.flags = last ? header_flag::epoch_last : std::uint8_t{0};
        BlocksAnswer answer;
        for (const auto& header : {node.headers[0], node.headers[1], newest}) {
            answer.blocks.push_back(
                {.header = header, .finalization = std::nullopt, .execution = std::nullopt});
        }
        if (covered) {
            // By what stands on it: a closing block carried the votes.
            answer.blocks.back().finalization =
                node.chain.certificate(VoteKind::finalize, newest.view + 1,
                                       remit::hash(domain::header, "closing"), {1, 2, 3});
        }
        // The way into the next epoch, which proves it, goes ahead of it and may be lost.
        const auto output = node.tell(answer);
        CHECK(output.misbehaviour.size() == (last ? 0U : 1U));
        CHECK(output.commits.empty());
        CHECK(node.engine.metrics().finalised_height == 0);
    }
}

TEST_CASE("engine: batches that expired before a restart are given up", "[consensus]") {
    VirtualNetwork network(4);
    for (int i = 0; i < 4; ++i) {
        network.submit(0, "item-" + std::to_string(i));
        network.run_for(300);
    }
    REQUIRE(network.executed(0) >= 4);
    const auto& chain = network.chain();
    const auto expired = signed_batch(chain, 2, 3);
    const auto living = signed_batch(chain, 2, 100);
    auto& disk = network.node(0).disk;
    Recovery recovery;
    recovery.journal = disk.journal;
    recovery.executed = disk.blocks.at(network.executed(0));
    recovery.batches = {expired, living};
    Engine engine({.chain_id = chain.chain_id,
                   .validators = chain.set,
                   .self = 0,
                   .params = chain.params,
                   .genesis = chain.genesis,
                   .boot_counter = 2},
                  *chain.signers[0], disk);
    const auto started = engine.start(recovery, {1, network.wall_ms()});
    REQUIRE(started.ok);
    CHECK(started.output.drop_batches == std::vector<Hash>{expired->digest()});
    CHECK(engine.metrics().batches_held == 1);
}

TEST_CASE("engine: a peer that asks without end is served its share, and others theirs",
          "[consensus]") {
    VirtualNetwork network(4);
    for (int i = 0; i < 4; ++i) {
        network.submit(0, "item-" + std::to_string(i));
        network.run_for(300);
    }
    const auto& chain = network.chain();
    auto& disk = network.node(0).disk;
    const auto newest = network.executed(0);
    REQUIRE(newest >= 4);
    Recovery recovery;
    recovery.journal = disk.journal;
    recovery.executed = disk.blocks.at(newest);
    Engine engine({.chain_id = chain.chain_id,
                   .validators = chain.set,
                   .self = 0,
                   .params = chain.params,
                   .genesis = chain.genesis,
                   .boot_counter = 2},
                  *chain.signers[0], disk);
    REQUIRE(engine.start(recovery, {1, network.wall_ms()}).ok);
    std::int64_t now_ms = 1;
    const auto answers = [&](ValidatorIndex peer, const Message& request) {
        const auto output = engine.step(PeerMessage{peer, request}, {now_ms, network.wall_ms()});
        return std::count_if(output.send.begin(), output.send.end(), [&](const auto& send) {
            return send.to == peer && (std::holds_alternative<BlocksAnswer>(send.message) ||
                                       std::holds_alternative<HeadersAnswer>(send.message));
        });
    };
    const BlocksRequest blocks{1, 64};
    constexpr int asked = 20'000;
    std::int64_t answered = 0;
    for (int i = 0; i < asked; ++i) {
        answered += answers(3, blocks);
    }
    CHECK(answered > 100);
    CHECK(answered < asked / 2);
    CHECK(engine.metrics().requests_dropped == static_cast<std::uint64_t>(asked - answered));
    // All kinds of request share the bucket, which fills as the engine's clock goes on.
    const HeadersRequest headers{disk.blocks.at(newest).header.digest(), 4};
    CHECK(answers(3, headers) == 0);
    CHECK(answers(2, blocks) == 1);
    CHECK(answers(2, headers) == 1);
    now_ms += 1000;
    CHECK(answers(3, headers) == 1);
    CHECK(answers(3, blocks) == 1);
}

TEST_CASE("engine: old execution certificates sent again are not kept", "[consensus]") {
    Params params;
    params.lag_max = 1;
    VirtualNetwork network(4, params);
    for (int i = 0; i < 8; ++i) {
        network.submit(0, "item-" + std::to_string(i));
        network.run_for(300);
    }
    auto& stored = network.node(0).disk.blocks.at(1);
    REQUIRE(stored.execution.has_value());
    const auto certificate = *stored.execution;
    network.inject(3, 0, certificate);
    stored.execution.reset();  // so that an answer can only come from memory
    bool answered = false;
    network.filter = [&](ValidatorIndex from, ValidatorIndex, const Message& message) {
        const auto* sent = std::get_if<ExecutionCertificate>(&message);
        answered = answered || (from == 0 && sent != nullptr && sent->result.height == 1);
        return true;
    };
    network.inject(3, 0, ExecutionCertificateRequest{.height = 1});
    CHECK_FALSE(answered);
}

TEST_CASE("engine: a pong from before all time is ignored", "[consensus]") {
    VirtualNetwork network(4);
    network.run_for(100);
    const auto before = network.node(0).engine->metrics().delta_ms;
    network.inject(3, 0, Pong{.sent_ms = std::numeric_limits<std::int64_t>::min()});
    network.inject(3, 0, Pong{.sent_ms = std::numeric_limits<std::int64_t>::max()});
    CHECK(network.node(0).engine->metrics().delta_ms == before);
    CHECK(network.node(0).misbehaviour.empty());
}

namespace {

/// Blocks until the first ones are forgotten by everything but the disk.
void outrun(VirtualNetwork& network, Height blocks) {
    for (int i = 0; network.executed(0) < blocks; ++i) {
        REQUIRE(i < 400);
        network.submit(static_cast<ValidatorIndex>(i % 4), "item " + std::to_string(i));
        network.run_for(60);
    }
    network.run_for(3000);
}

}  // namespace

TEST_CASE("engine: an old execution certificate said again costs no signature checks",
          "[consensus]") {
    for (const Height window : {Height{16}, Height{1024}}) {
        CAPTURE(window);
        Params params;
        params.lag_max = 4;
        params.expiry_window = static_cast<std::uint32_t>(window);
        VirtualNetwork network(4, params);
        outrun(network, 40);
        const auto old = network.node(0).disk.blocks.at(2).execution;
        REQUIRE(old);
        const auto before = network.node(1).engine->metrics().signatures_verified;
        for (int i = 0; i < 10; ++i) {
            network.inject(0, 1, *old);
        }
        network.run_for(20);
        CHECK(network.node(1).engine->metrics().signatures_verified == before);
    }
}

TEST_CASE("engine: an old execution certificate is taken by whoever lacks it", "[consensus]") {
    Params params;
    params.lag_max = 4;
    VirtualNetwork network(4, params);
    outrun(network, 40);
    auto& stored = network.node(1).disk.blocks.at(2).execution;
    const auto old = std::exchange(stored, std::nullopt);
    REQUIRE(old);
    network.inject(0, 1, *old);
    network.run_for(20);
    CHECK(stored == old);
}
