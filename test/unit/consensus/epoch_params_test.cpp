#include <catch2/catch.hpp>

#include "test/support/consensus/network.h"

using namespace remit;
using namespace remit::consensus;
using namespace remit::test;

namespace {

Params quick() {
    Params params;
    params.resend_ms = 200;
    params.skip_window_ms = 200;
    return params;
}

/// Narrow from the second epoch on, wide from the fourth.
Epochs changing() {
    auto narrow = quick();
    narrow.lag_max = 2;
    narrow.author_window = 2;
    narrow.block_batches_max = 1;
    narrow.inline_bytes_max = 0;
    narrow.delta_ms_max = 100;
    auto wide = quick();
    wide.lag_max = 40;
    wide.block_bytes_max = 2 * wide.block_bytes_max;
    wide.resend_ms = 400;
    return {.length = 6, .params = {{2, narrow}, {4, wide}}};
}

bool run_to(VirtualNetwork& net, Epoch epoch, std::vector<Bytes>& items) {
    const auto there = [&] {
        for (PeerNumber node = 0; node < net.size(); ++node) {
            if (net.node(node).engine->metrics().epoch < epoch) {
                return false;
            }
        }
        return true;
    };
    for (int i = 0; i < 600 && !there(); ++i) {
        for (int each = 0; each < 3; ++each) {
            items.push_back("item " + std::to_string(items.size()));
            net.submit(static_cast<PeerNumber>(items.size() % net.size()), items.back());
        }
        net.run_for(40);
    }
    return there();
}

bool all_executed(VirtualNetwork& net, std::vector<Bytes> items) {
    std::sort(items.begin(), items.end());
    return net.run_until(
        [&] {
            for (PeerNumber node = 0; node < net.size(); ++node) {
                auto done = net.items(node);
                std::sort(done.begin(), done.end());
                if (done != items) {
                    return false;
                }
            }
            return true;
        },
        60'000);
}

}  // namespace

TEST_CASE("epochs: parameters change when one begins, and every block obeys those of its epoch") {
    VirtualNetwork net(4, quick(), changing());
    net.execution_ms = 30;  // slower than blocks are made: N7 binds
    std::vector<Bytes> items;
    REQUIRE(run_to(net, 5, items));
    REQUIRE(all_executed(net, items));
    CHECK(net.faults().empty());
    std::map<Epoch, std::size_t> most_batches;
    for (const auto& [height, block] : net.node(0).disk.blocks) {
        const auto& header = block.header;
        if (height == 0) {
            continue;
        }
        const auto params = net.chain().description(header.epoch).params;
        CAPTURE(height, header.epoch);
        CHECK(header.params_hash == params.hash());
        CHECK(header.batches.size() <= params.block_batches_max);
        CHECK((header.batches.empty() || header.height - header.exec.height <= params.lag_max));
        auto& most = most_batches[header.epoch];
        most = std::max(most, header.batches.size());
    }
    CHECK(most_batches[1] > 1);  // what the narrow epochs forbid does happen in the others
    CHECK(most_batches[2] == 1);
}

TEST_CASE("epochs: whoever starts again within an epoch obeys its parameters, not genesis's") {
    VirtualNetwork net(4, quick(), changing());
    std::vector<Bytes> items;
    for (const Epoch epoch : {2U, 4U}) {
        REQUIRE(run_to(net, epoch, items));
        for (PeerNumber node = 0; node < net.size(); ++node) {
            net.crash(node);
        }
        for (PeerNumber node = 0; node < net.size(); ++node) {
            net.restart(node);
        }
        items = net.items(0);  // what was under way may be lost with its node
        const auto before = net.executed(0);
        REQUIRE(run_to(net, epoch + 1, items));
        CHECK(net.executed(0) > before);
        CHECK(net.faults().empty());
    }
}
