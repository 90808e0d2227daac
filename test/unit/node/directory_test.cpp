#include "node/directory.h"

#include <catch2/catch.hpp>

#include "ledger/state/memory_view.h"
#include "test/support/ledger/network.h"

namespace remit::node {
namespace {

/// A state in which only epochs and plans matter.
class State {
public:
    explicit State(const Chain& chain) {
        for (const auto& [key, value] : chain.state) {
            view_.put(key, *value);
        }
    }
    void begin(std::uint64_t epoch, const std::vector<ledger::EpochValidator>& validators) {
        auto record = *reader().epoch();
        record.epoch = epoch;
        record.validators = validators;
        write([&](ledger::LedgerState& state) { state.put(record); });
    }
    void plan(const std::vector<ledger::EpochValidator>& validators) {
        write([&](ledger::LedgerState& state) {
            state.put(ledger::EpochPlan{.validators = validators, .epoch_blocks = 10});
        });
    }
    [[nodiscard]] ledger::StateReader reader() const { return ledger::StateReader(view_); }

private:
    template <class Change>
    void write(Change change) {
        ledger::Delta delta(view_);
        ledger::LedgerState state(delta);
        change(state);
        view_.apply(delta.write_set());
    }
    ledger::MemoryView view_;
};

Chain chain_of_four() {
    auto genesis = test::Network().genesis();
    genesis.consensus_params = consensus::encode(consensus::Params{});
    return chain_of(ledger::encode_genesis(genesis)).value();
}

}  // namespace

TEST_CASE("directory: whoever left is admitted for one epoch more, the planned from the plan on") {
    const auto chain = chain_of_four();
    REQUIRE(chain.validators.size() == 4);
    Directory directory(chain);
    State state(chain);
    CHECK(directory.admitted(state.reader()) == std::vector<bool>{true, true, true, true});

    auto set = state.reader().epoch()->validators;
    auto fifth = set[3];
    fifth.name = "fifth";
    fifth.validate_key.data[0] ^= 1;
    set[3] = fifth;
    state.plan(set);
    REQUIRE(directory.update(state.reader()).size() == 1);
    CHECK(directory.admitted(state.reader()) == std::vector<bool>{true, true, true, true, true});

    state.begin(2, set);
    CHECK(directory.admitted(state.reader()) == std::vector<bool>{true, true, true, true, true});
    state.begin(3, set);
    CHECK(directory.admitted(state.reader()) == std::vector<bool>{true, true, true, false, true});
    CHECK(directory.update(state.reader()).empty());

    state.plan({state.reader().epoch(1)->validators});  // it is to come back
    CHECK(directory.admitted(state.reader()) == std::vector<bool>{true, true, true, true, true});
}

TEST_CASE("directory: another key of a known validator is news, and it keeps its number") {
    const auto chain = chain_of_four();
    Directory directory(chain);
    State state(chain);
    CHECK(directory.update(state.reader()).empty());
    auto set = state.reader().epoch()->validators;
    set[1].validate_key.data[0] ^= 1;
    state.begin(2, set);
    const auto news = directory.update(state.reader());
    REQUIRE(news.size() == 1);
    CHECK(news[0].number == 1);
    CHECK(news[0].key == set[1].validate_key);
    CHECK_FALSE(news[0].new_peer);
    CHECK(directory.peers()[1].keys.size() == 2);
    CHECK(directory.update(state.reader()).empty());
}

}  // namespace remit::node
