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

Result<std::vector<PeerAddress>, Failure> peer_addresses(const Settings& settings,
                                                         const Chain& chain,
                                                         consensus::ValidatorIndex self) {
    const auto names = validator_names(chain);
    std::set<std::string> seen{settings.peer_listen.text()};
    for (const auto& [name, address] : settings.peers) {
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            return fail_with(ExitCode::bad_configuration,
                             "peers: the genesis file has no validator " + name, hint(name, names));
        }
        if (name == settings.name) {
            return fail_with(ExitCode::bad_configuration, "peers: " + name + " is this node",
                             "list the other validators only");
        }
        if (!seen.insert(address).second) {
            return fail_with(ExitCode::bad_configuration,
                             "peers: " + address + " is used twice, or by this node");
        }
    }
    std::vector<PeerAddress> out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        PeerAddress peer{.name = names[i], .pin = {}, .endpoint = std::nullopt};
        peer.pin.data = chain.genesis.validators[i].transport_pin.data;
        if (i != self) {
            const auto at = settings.peers.find(names[i]);
            if (at == settings.peers.end()) {
                return fail_with(ExitCode::bad_configuration,
                                 "peers: no address for validator " + names[i]);
            }
            auto endpoint = parse_endpoint(at->second);
            if (!endpoint) {
                return fail_with(ExitCode::bad_configuration,
                                 "peers." + names[i] + ": " + endpoint.error().message);
            }
            peer.endpoint = std::move(*endpoint);
        }
        out.push_back(std::move(peer));
    }
    if (self == names.size()) {  // this node joins: its own place, behind genesis's
        out.push_back({.name = settings.name, .pin = {}, .endpoint = std::nullopt});
    }
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

PeerAddress address_of(const Directory::Peer& peer) {
    PeerAddress out{.name = peer.name, .pin = peer.pin, .endpoint = std::nullopt};
    if (auto endpoint = parse_endpoint(peer.address)) {
        out.endpoint = std::move(*endpoint);
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
