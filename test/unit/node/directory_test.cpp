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

std::vector<bool> admitted(const Directory& directory, const State& state) {
    std::vector<bool> out;
    for (const auto& contact : directory.contacts(state.reader())) {
        out.push_back(contact.admitted);
    }
    return out;
}

TransportPin pin_of(std::uint8_t fill) {
    TransportPin out;
    out.data.fill(fill);
    return out;
}

}  // namespace

TEST_CASE("directory: whoever left is admitted for one epoch more, the planned from the plan on") {
    const auto chain = chain_of_four();
    REQUIRE(chain.validators.size() == 4);
    Directory directory(chain);
    State state(chain);
    CHECK(admitted(directory, state) == std::vector<bool>{true, true, true, true});

    auto set = state.reader().epoch()->validators;
    auto fifth = set[3];
    fifth.name = "fifth";
    fifth.validate_key.data[0] ^= 1;
    set[3] = fifth;
    state.plan(set);
    REQUIRE(directory.update(state.reader()).size() == 1);
    CHECK(admitted(directory, state) == std::vector<bool>{true, true, true, true, true});

    state.begin(2, set);
    CHECK(admitted(directory, state) == std::vector<bool>{true, true, true, true, true});
    state.begin(3, set);
    CHECK(admitted(directory, state) == std::vector<bool>{true, true, true, false, true});
    CHECK(directory.update(state.reader()).empty());

    state.plan({state.reader().epoch(1)->validators});  // it is to come back
    CHECK(admitted(directory, state) == std::vector<bool>{true, true, true, true, true});
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

TEST_CASE("directory: who moves is looked for in both places until the plan is in force") {
    const auto chain = chain_of_four();
    Directory directory(chain);
    State state(chain);
    const auto name = chain.genesis.validators[1].name;
    directory.configure({{name, {.address = "old:1", .pin = std::nullopt}}}, state.reader());
    const auto contact = [&] { return directory.contacts(state.reader())[1]; };
    const auto first = contact();
    REQUIRE(first.pins.size() == 1);
    CHECK(first.addresses == std::vector<std::string>{"old:1"});

    auto set = state.reader().epoch()->validators;
    set[1].address = "new:2";
    set[1].transport_pin.data.fill(9);
    state.plan(set);
    CHECK(directory.update(state.reader()).empty());
    CHECK(contact().pins == std::vector<TransportPin>{pin_of(9), first.pins[0]});
    CHECK(contact().addresses == std::vector<std::string>{"new:2", "old:1"});

    // The certificate before opens nothing any more; an address proves nothing, so the settings'
    // stays the last one to try.
    state.begin(2, set);
    CHECK(contact().pins == std::vector<TransportPin>{pin_of(9)});
    CHECK(contact().addresses == std::vector<std::string>{"new:2", "old:1"});
    CHECK(contact().admitted);
}

TEST_CASE("directory: a peer of the settings may connect until the chain has its say") {
    const auto chain = chain_of_four();
    State state(chain);
    const std::map<std::string, ConfiguredPeer> configured{
        {"later", {.address = "here:1", .pin = pin_of(7)}}};
    Directory directory(chain);
    directory.add_self({.name = "self", .keys = {chain.genesis.validators[0].validate_key}});
    directory.configure(configured, state.reader());
    REQUIRE(directory.peers().size() == 6);
    CHECK(directory.peers()[5].keys.empty());
    CHECK(directory.update(state.reader()).empty());
    const auto contact = directory.contacts(state.reader())[5];
    CHECK(contact.admitted);
    CHECK(contact.pins == std::vector<TransportPin>{pin_of(7)});
    CHECK(contact.addresses == std::vector<std::string>{"here:1"});
    CHECK_FALSE(directory.contacts(state.reader())[4].admitted);  // ourselves, not listed

    // Its key is news, its number stays; when it has left, it is let go like any other.
    auto set = state.reader().epoch()->validators;
    set[3].name = "later";
    set[3].validate_key.data[0] ^= 1;
    set[3].transport_pin.data.fill(7);
    state.begin(2, set);
    const auto news = directory.update(state.reader());
    REQUIRE(news.size() == 1);
    CHECK(news[0].number == 5);
    CHECK_FALSE(news[0].new_peer);
    CHECK(admitted(directory, state) == std::vector<bool>{true, true, true, true, false, true});
    const auto genesis = state.reader().epoch(1)->validators;
    state.begin(3, genesis);
    CHECK(directory.update(state.reader()).empty());
    CHECK(admitted(directory, state)[5]);
    state.begin(4, genesis);
    CHECK_FALSE(admitted(directory, state)[5]);
    // A start later finds in the chain that the certificate had its time.
    Directory again(chain);
    again.configure(configured, state.reader());
    CHECK_FALSE(admitted(again, state)[4]);
}

}  // namespace remit::node
