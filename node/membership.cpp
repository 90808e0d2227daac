#include "node/membership.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "ledger/state_access.h"

namespace remit::node {

namespace {

std::vector<std::string> validator_names(const Chain& chain) {
    std::vector<std::string> out;
    for (const auto& validator : chain.genesis.validators) {
        out.push_back(validator.name);
    }
    return out;
}

std::string hint(const std::string& word, const std::vector<std::string>& names) {
    const auto near = nearest_of(word, names);
    return near.empty() ? "" : "did you mean " + near + "?";
}

/// A key, and what signs with it; none: a signer process has it.
struct FoundKey {
    PublicKey public_key;
    std::optional<signer::OpenedKey> opened = std::nullopt;
};

Result<FoundKey, Failure> open_file(const std::string& file, const signer::TokenSettings& token,
                                    const Settings& settings, const Chain& chain) {
    TRY_ASSIGN(auto opened, signer::open_key({.file = file,
                                              .passphrase_file = settings.passphrase_file,
                                              .token = token,
                                              .devnet = chain.genesis.devnet}));
    const auto key = opened.public_key;
    return FoundKey{.public_key = key, .opened = std::move(opened)};
}

/// A signer that is away cannot say which key it has, so the settings do.
Result<PublicKey, Failure> named_key(const std::string& setting, const std::string& text) {
    const auto key = PublicKey::parse_hex(text);
    if (!key) {
        return fail_with(ExitCode::bad_configuration,
                         setting + (text.empty() ? ": the key of the signer is not said"
                                                 : ": " + text + " is no public key"),
                         "give the 64 hex digits that remit-signer show prints");
    }
    return *key;
}

/// The key of the settings; of a signer that does not say it, `registered`.
Result<FoundKey, Failure> find_own_key(const Settings& settings, const Chain& chain,
                                       const PublicKey* registered) {
    const bool file = !settings.key.empty();
    const bool token = !settings.token.module.empty();
    const bool process = !settings.signer_socket.empty();
    if (int{file} + int{token} + int{process} != 1) {
        return fail_with(ExitCode::bad_configuration,
                         "the VALIDATE key is in one place: node.key, pkcs11.module or "
                         "signer.socket",
                         "give exactly one of the three");
    }
    if (process && registered != nullptr && settings.signer_public_key.empty()) {
        return FoundKey{.public_key = *registered};
    }
    FoundKey out;
    if (process) {
        TRY_ASSIGN(out.public_key, named_key("signer.public_key", settings.signer_public_key));
    } else {
        TRY_ASSIGN(out, open_file(settings.key, settings.token, settings, chain));
    }
    return out;
}

/// Of the epochs that list it; none when the settings have no second key.
Result<std::optional<FoundKey>, Failure> find_next_key(const Settings& settings, const Chain& chain,
                                                       const PublicKey& own) {
    const bool file = !settings.next_key.empty();
    const bool process = !settings.next_signer_socket.empty();
    if (file && process) {
        return fail_with(ExitCode::bad_configuration,
                         "the next VALIDATE key is in one place: node.next_key or "
                         "signer.next_socket",
                         "give one of the two");
    }
    std::optional<FoundKey> out;
    if (file) {
        TRY_ASSIGN(out, open_file(settings.next_key, {}, settings, chain));
    } else if (process) {
        out.emplace();
        TRY_ASSIGN(out->public_key,
                   named_key("signer.next_public_key", settings.next_signer_public_key));
    }
    if (out && out->public_key == own) {
        // A key in two places would have two journals, neither of which has every vote.
        return fail_with(ExitCode::bad_configuration,
                         std::string(file ? "node.next_key" : "signer.next_public_key") +
                             " is the key that this validator has already",
                         "give the key that the plan lists; leave the setting out once that key "
                         "has become node.key (or the one of signer.socket)");
    }
    return out;
}

}  // namespace

Result<OwnPlace, Failure> find_own_place(const Settings& settings, const Chain& chain) {
    const auto names = validator_names(chain);
    const auto at = std::find(names.begin(), names.end(), settings.name);
    const bool listed = at != names.end();
    if (listed == settings.joins) {
        return fail_with(ExitCode::bad_configuration,
                         listed ? "node.joins: the genesis file has validator " + settings.name
                                : "node.name: the genesis file has no validator " + settings.name,
                         listed ? "leave node.joins out" : hint(settings.name, names));
    }
    if (names.size() < 4 && !settings.dev) {
        return fail_with(
            ExitCode::bad_configuration,
            "a network of " + std::to_string(names.size()) + " validators bears no fault",
            "start with node.dev = true to try things out");
    }
    const auto index = static_cast<std::size_t>(at - names.begin());
    const PublicKey* registered = listed ? &chain.genesis.validators[index].validate_key : nullptr;
    TRY_ASSIGN(auto key, find_own_key(settings, chain, registered));
    OwnPlace out{.index = static_cast<consensus::PeerNumber>(index),
                 .validate_key = key.public_key,
                 .key = std::move(key.opened),
                 .next_validate_key = std::nullopt,
                 .next_key = std::nullopt,
                 .pin = {},
                 .identity = {},
                 .certificate_not_after_s = 0};
    TRY_ASSIGN(auto next, find_next_key(settings, chain, out.validate_key));
    if (next) {
        out.next_validate_key = next->public_key;
        out.next_key = std::move(next->opened);
    }
    TRY_ASSIGN(out.identity, read_tls_identity(settings.tls_certificate, settings.tls_key));
    TRY_ASSIGN(const auto facts, read_certificate(out.identity.certificate_pem));
    out.pin = facts.pin;
    out.certificate_not_after_s = facts.not_after_s;
    return out;
}

namespace {

/// `PIN@host:port` or `host:port`.
Result<ConfiguredPeer, Failure> parse_peer(const std::string& name, const std::string& text) {
    ConfiguredPeer out{.address = text, .pin = std::nullopt};
    if (const auto at = text.find('@'); at != std::string::npos) {
        out.pin = TransportPin::parse_hex(text.substr(0, at));
        out.address = text.substr(at + 1);
        if (!out.pin) {
            return fail_with(
                ExitCode::bad_configuration,
                "peers." + name + ": " + text.substr(0, at) + " is not the pin of a certificate",
                "give the 64 hex digits that remit validator list --peers shows");
        }
    }
    if (auto endpoint = parse_endpoint(out.address); !endpoint) {
        return fail_with(ExitCode::bad_configuration,
                         "peers." + name + ": " + endpoint.error().message);
    }
    return out;
}

/// A founder that left out another by mistake would be one of f; who comes later may not know who
/// is left of them.
Status<Failure> check_complete(const Settings& settings, const std::vector<std::string>& names) {
    if (settings.joins || !settings.trusted.empty()) {
        return !settings.peers.empty()
                   ? Status<Failure>{}
                   : fail_with(ExitCode::bad_configuration, "peers: nobody to join by",
                               "give present validators, f+1 of them or more, as "
                               "NAME = \"PIN@host:port\"");
    }
    for (const auto& name : names) {
        if (name != settings.name && !settings.peers.contains(name)) {
            return fail_with(ExitCode::bad_configuration,
                             "peers: no address for validator " + name);
        }
    }
    return {};
}

}  // namespace

Result<std::map<std::string, ConfiguredPeer>, Failure> configured_peers(const Settings& settings,
                                                                        const Chain& chain) {
    const auto names = validator_names(chain);
    std::set<std::string> seen{settings.peer_listen.text()};
    std::map<std::string, ConfiguredPeer> out;
    for (const auto& [name, text] : settings.peers) {
        if (name == settings.name) {
            return fail_with(ExitCode::bad_configuration, "peers: " + name + " is this node",
                             "list the other validators only");
        }
        const bool founder = std::find(names.begin(), names.end(), name) != names.end();
        if (!founder && text.find('@') == std::string::npos) {
            const auto near = hint(name, names);
            return fail_with(ExitCode::bad_configuration,
                             "peers: the genesis file has no validator " + name,
                             near.empty() ? "one that came later is " + name +
                                                " = \"PIN@host:port\", with the pin of its "
                                                "certificate"
                                          : near);
        }
        TRY_ASSIGN(auto peer, parse_peer(name, text));
        if (!seen.insert(peer.address).second) {
            return fail_with(ExitCode::bad_configuration,
                             "peers: " + peer.address + " is used twice, or by this node");
        }
        out.emplace(name, std::move(peer));
    }
    TRY(check_complete(settings, names));
    return out;
}

Result<std::optional<consensus::TrustedRoot>, Failure> parse_trusted(const std::string& text) {
    std::optional<consensus::TrustedRoot> out;
    if (text.empty()) {
        return out;
    }
    const auto colon = text.find(':');
    consensus::TrustedRoot root;
    const auto* end = text.data() + std::min(colon, text.size());
    const auto number = std::from_chars(text.data(), end, root.epoch);
    const auto digest =
        colon == std::string::npos ? std::nullopt : Hash::parse_hex(text.substr(colon + 1));
    if (number.ec != std::errc() || number.ptr != end || root.epoch < 2 || !digest) {
        return fail_with(ExitCode::bad_configuration,
                         "node.trusted: " + text + " is not EPOCH:DIGEST of epoch 2 or later",
                         "remit validator list says it as `root`");
    }
    root.block = *digest;
    out = root;
    return out;
}

PeerAddress address_of(const std::string& name, const Directory::Contact& contact) {
    PeerAddress out{.name = name, .pins = contact.pins, .endpoints = {}};
    for (const auto& address : contact.addresses) {
        if (auto endpoint = parse_endpoint(address)) {
            out.endpoints.push_back(std::move(*endpoint));
        }
    }
    return out;
}

std::map<TransportPin, ListedPeer> listed_members(const ledger::StateView& state) {
    const ledger::StateReader reader(state);
    std::map<TransportPin, ListedPeer> out;
    ledger::scan(state, ledger::keys::prefix(ledger::keys::Table::key),
                 [&](ByteView, ByteView value) {
                     const auto key = ledger::decode<ledger::KeyRecord>(value);
                     if (!key || key->purpose != KeyPurpose::transport || !key->in_force()) {
                         return true;
                     }
                     TransportPin pin;
                     pin.data = key->key.data;
                     const auto owner = reader.participant(key->participant);
                     out[pin] = {.name = owner ? owner->name : Bytes(),
                                 .participant_id = key->participant.value};
                     return true;
                 });
    return out;
}

}  // namespace remit::node
