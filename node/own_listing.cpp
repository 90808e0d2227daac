#include "node/own_listing.h"

#include <algorithm>

namespace remit::node {

namespace {

using Listed = std::vector<ledger::EpochValidator>;

/// Of the epoch in force, the plan and genesis.
Listed all_listed(const Chain& chain, const ledger::StateReader& state) {
    Listed out;
    for (const auto& each : chain.genesis.validators) {
        out.push_back({.participant = each.participant,
                       .name = each.name,
                       .validate_key = each.validate_key,
                       .transport_pin = each.transport_pin,
                       .address = {}});
    }
    if (const auto epoch = state.epoch()) {
        out.insert(out.end(), epoch->validators.begin(), epoch->validators.end());
    }
    if (const auto plan = state.epoch_plan()) {
        out.insert(out.end(), plan->validators.begin(), plan->validators.end());
    }
    return out;
}

/// Whose it is, if it is somebody else's alone.
template <class Matches>
std::optional<std::string> other_owner(const Listed& listed, const std::string& name,
                                       Matches matches) {
    std::optional<std::string> out;
    for (const auto& each : listed) {
        if (matches(each)) {
            if (each.name == name) {
                return std::nullopt;
            }
            out = each.name;
        }
    }
    return out;
}

tl::unexpected<Failure> refuse(int code, const std::string& message, const std::string& help) {
    return fail_with(ExitCode::not_allowed, message + " (code " + std::to_string(code) + ")", help);
}

std::vector<PublicKey> keys_of(const OwnPlace& place) {
    std::vector<PublicKey> out{place.validate_key};
    if (place.next_validate_key) {
        out.push_back(*place.next_validate_key);
    }
    return out;
}

Status<Failure> check_others(const OwnPlace& place, const Settings& settings,
                             const Listed& listed) {
    for (const auto& key : keys_of(place)) {
        const auto owner = other_owner(
            listed, settings.name,
            [&](const ledger::EpochValidator& each) { return each.validate_key == key; });
        if (owner) {
            return refuse(key_of_another_code,
                          "the key " + key.hex() + " is that of validator " + *owner + ", not of " +
                              settings.name,
                          "two nodes with one key would both vote: give this node its own");
        }
    }
    const auto owner = other_owner(listed, settings.name, [&](const ledger::EpochValidator& each) {
        return each.transport_pin.view() == place.pin.view();
    });
    if (owner) {
        return refuse(certificate_not_listed_code,
                      "tls.certificate: the key of " + settings.tls_certificate + ", " +
                          place.pin.hex() + ", is that of validator " + *owner,
                      "give this node its own certificate");
    }
    return {};
}

/// What a founder's new folder is measured by.
Status<Failure> check_genesis(const OwnPlace& place, const Settings& settings,
                              const ledger::GenesisValidator& self) {
    const std::string help =
        "if governance has changed it since, set node.trusted to the `root` that remit validator "
        "list shows on a member you trust";
    const auto keys = keys_of(place);
    if (std::find(keys.begin(), keys.end(), self.validate_key) == keys.end()) {
        return refuse(key_missing_code,
                      "the VALIDATE key here is " + place.validate_key.hex() +
                          ", the genesis file says " + self.validate_key.hex() + " for " +
                          settings.name,
                      help);
    }
    if (place.pin.view() != self.transport_pin.view()) {
        return refuse(certificate_not_listed_code,
                      "tls.certificate: the key of " + settings.tls_certificate + " is " +
                          place.pin.hex() + ", the genesis file says " + self.transport_pin.hex() +
                          " for " + settings.name,
                      help);
    }
    return {};
}

}  // namespace

std::optional<PublicKey> listed_key(const std::string& name, const consensus::ValidatorSet& set) {
    for (const auto& each : set.validators()) {
        if (each.name == name) {
            return each.key;
        }
    }
    return std::nullopt;
}

KeyInForce key_in_force(const OwnPlace& place, const std::string& name,
                        const consensus::ValidatorSet& set) {
    const auto listed = listed_key(name, set);
    if (!listed) {
        return KeyInForce::unlisted;
    }
    if (*listed == place.validate_key) {
        return KeyInForce::first;
    }
    return listed == place.next_validate_key ? KeyInForce::next : KeyInForce::missing;
}

Status<Failure> check_listing(const OwnPlace& place, const Settings& settings, const Chain& chain,
                              const ledger::StateReader& state, consensus::Height executed) {
    TRY(check_others(place, settings, all_listed(chain, state)));
    const bool founder = place.index < chain.genesis.validators.size();
    if (founder && executed == 0 && settings.trusted.empty()) {
        return check_genesis(place, settings, chain.genesis.validators[place.index]);
    }
    return {};
}

}  // namespace remit::node
