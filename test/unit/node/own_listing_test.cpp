#include "node/own_listing.h"

#include <catch2/catch.hpp>

#include "ledger/state/memory_view.h"
#include "test/support/ledger/network.h"

namespace remit::node {
namespace {

PublicKey key_of(std::uint8_t fill) {
    PublicKey out;
    out.data.fill(fill);
    return out;
}

/// A founder of four, the second of them, with what its files hold.
struct Founder {
    Chain chain = [] {
        auto genesis = test::Network().genesis();
        genesis.consensus_params = consensus::encode(consensus::Params{});
        return chain_of(ledger::encode_genesis(genesis)).value();
    }();
    Settings settings;
    OwnPlace place;
    ledger::MemoryView view;

    Founder() {
        const auto& self = chain.genesis.validators[1];
        settings.name = self.name;
        place.index = 1;
        place.validate_key = self.validate_key;
        place.pin.data = self.transport_pin.data;
        for (const auto& [key, value] : chain.state) {
            view.put(key, *value);
        }
    }
    Status<Failure> check(consensus::Height executed) const {
        return check_listing(place, settings, chain, ledger::StateReader(view), executed);
    }
    /// A later epoch with another key and certificate of this validator's.
    void rotate(const PublicKey& key, std::uint8_t pin) {
        ledger::Delta delta(view);
        ledger::LedgerState state(delta);
        auto record = *state.epoch();
        ++record.epoch;
        record.validators[1].validate_key = key;
        record.validators[1].transport_pin.data.fill(pin);
        state.put(record);
        view.apply(delta.write_set());
    }
};

consensus::ValidatorSet set_of(const Founder& founder, const PublicKey& key) {
    auto all = founder.chain.validators.validators();
    all[1].key = key;
    return {2, all};
}

}  // namespace

TEST_CASE("own keys: in a new folder a founder has genesis's, unless told that they changed") {
    Founder founder;
    CHECK(founder.check(0));
    founder.place.next_validate_key = key_of(7);
    CHECK(founder.check(0));

    founder.place.validate_key = key_of(9);
    const auto refused = founder.check(0);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().exit == ExitCode::not_allowed);
    CHECK_THAT(refused.error().message, Catch::Contains("code 1221"));
    founder.settings.trusted = "2:" + std::string(64, 'a');
    CHECK(founder.check(0));
    founder.settings.trusted.clear();
    CHECK(founder.check(1));  // its own data may say anything by now

    // Both keys at once: genesis's waits in the second place.
    founder.place.next_validate_key = founder.chain.genesis.validators[1].validate_key;
    CHECK(founder.check(0));
    founder.place.pin.data.fill(3);
    CHECK_THAT(founder.check(0).error().message, Catch::Contains("code 1223"));
}

TEST_CASE("own keys: another validator's are refused, whichever place they are in") {
    const auto refusal = [](auto change, consensus::Height executed) {
        Founder founder;
        change(founder);
        const auto checked = founder.check(executed);
        return checked ? std::string() : checked.error().message;
    };
    for (const consensus::Height executed : {0U, 9U}) {
        CHECK_THAT(refusal(
                       [](Founder& founder) {
                           founder.place.validate_key =
                               founder.chain.genesis.validators[2].validate_key;
                       },
                       executed),
                   Catch::Contains("code 1222"));
        CHECK_THAT(refusal(
                       [](Founder& founder) {
                           founder.place.next_validate_key =
                               founder.chain.genesis.validators[0].validate_key;
                       },
                       executed),
                   Catch::Contains("code 1222"));
        CHECK_THAT(refusal(
                       [](Founder& founder) {
                           founder.place.pin.data =
                               founder.chain.genesis.validators[0].transport_pin.data;
                       },
                       executed),
                   Catch::Contains("code 1223"));
    }
    // A key of the epoch in force is its own, whoever had it at genesis.
    Founder founder;
    const auto theirs = founder.chain.genesis.validators[2].validate_key;
    founder.rotate(theirs, 5);
    founder.place.validate_key = theirs;
    CHECK(founder.check(9));
}

TEST_CASE("own keys: the epoch decides which of them votes, or that none does") {
    Founder founder;
    const auto& place = founder.place;
    const auto& name = founder.settings.name;
    founder.place.next_validate_key = key_of(7);
    CHECK(key_in_force(place, name, founder.chain.validators) == KeyInForce::first);
    CHECK(key_in_force(place, name, set_of(founder, key_of(7))) == KeyInForce::next);
    CHECK(key_in_force(place, name, set_of(founder, key_of(8))) == KeyInForce::missing);
    CHECK(key_in_force(place, "nobody", set_of(founder, key_of(7))) == KeyInForce::unlisted);
    founder.place.next_validate_key.reset();
    CHECK(key_in_force(place, name, set_of(founder, key_of(7))) == KeyInForce::missing);
}

}  // namespace remit::node
