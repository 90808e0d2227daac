#include "tools/devnet/identities.h"

#include <algorithm>

#include "node/seams/key_file.h"
#include "node/seams/random.h"

namespace remit::devnet {
namespace {

cli::Failure from(const node::Failure& failure) {
    return {"SETUP_FAILED", failure.message, failure.help, cli::ExitCode::bad_configuration};
}

Result<Certificate, cli::Failure> draw_certificate(const std::string& common_name) {
    auto identity = node::make_tls_identity(common_name);
    if (!identity) {
        return fail(from(identity.error()));
    }
    const auto facts = node::read_certificate(identity->certificate_pem);
    if (!facts) {
        return fail(from(facts.error()));
    }
    return Certificate{std::move(*identity), facts->pin};
}

/// Which purposes a role signs with. One key, one purpose.
std::vector<KeyPurpose> purposes_of(const std::string& role) {
    if (role == "OPERATOR") {
        return {KeyPurpose::operate, KeyPurpose::gateway, KeyPurpose::govern};
    }
    if (role == "CLEARING_BANK") {
        return {KeyPurpose::bank, KeyPurpose::govern};
    }
    if (role == "REGULATOR") {
        return {KeyPurpose::regulate, KeyPurpose::govern};
    }
    if (role == "MARKET_MAKER") {
        return {KeyPurpose::quote};
    }
    return {KeyPurpose::validate};
}

Status<cli::Failure> write_certificate(const std::filesystem::path& folder,
                                       const Certificate& certificate) {
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
    if (const auto written = node::write_tls_identity(folder, certificate.identity); !written) {
        return fail(from(written.error()));
    }
    return {};
}

}  // namespace

PublicKey Identities::public_key(const std::string& member, KeyPurpose purpose) const {
    return SecretKey(seeds.at(member).at(purpose)).public_key();
}

Result<Identities, cli::Failure> draw_identities(const Network& network) {
    node::SystemRandom random;
    Identities identities;
    for (const auto& member : network.members) {
        for (const auto& role : member.roles) {
            for (const auto purpose : purposes_of(role)) {
                identities.seeds[member.name].try_emplace(purpose, random.draw<KeySeed>());
            }
        }
        TRY_ASSIGN(identities.clients[member.name], draw_certificate(member.name));
    }
    for (const auto& process : network.processes) {
        if (process.has_listeners()) {
            TRY_ASSIGN(identities.processes[process.name], draw_certificate(process.name));
        }
    }
    return identities;
}

Status<cli::Failure> write_identities(const Network& network, const Identities& identities) {
    for (const auto& [member, keys] : identities.seeds) {
        std::error_code ignored;
        std::filesystem::create_directories(network.folder / "keys" / member, ignored);
        for (const auto& [purpose, seed] : keys) {
            const auto path = network.key_file(member, std::string(name_of(purpose)));
            const auto written = node::write_devnet_key_file(path.string(), purpose, seed);
            if (!written) {
                return fail(
                    cli::Failure{"KEY_FILE", written.error().text, "", cli::ExitCode::not_allowed});
            }
        }
    }
    for (const auto& [member, certificate] : identities.clients) {
        TRY(write_certificate(network.client_folder(member), certificate));
    }
    for (const auto& process : network.processes) {
        if (process.has_listeners()) {
            TRY(write_certificate(process.folder, identities.processes.at(process.name)));
        }
    }
    return {};
}

}  // namespace remit::devnet
