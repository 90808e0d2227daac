#include "gateway/settings.h"

#include <filesystem>

namespace remit::gateway {

namespace {

constexpr std::chrono::hours longest{24 * 366};
constexpr std::int64_t id_max = 0xFFFF'FFFF;

void bind_all(node::Config& config, Settings& settings) {
    config.text("gateway.name", settings.name, "name in logs and status");
    config.required();
    config.text("gateway.data", settings.data, "folder of the gateway's own database");
    config.endpoint("gateway.listen", settings.listen, "gRPC, mutual TLS");
    config.endpoint("gateway.ops_listen", settings.ops_listen, "HTTP: health and metrics");
    config.text("gateway.log_level", settings.log_level, "debug, info, warning or error");
    config.text("tls.certificate", settings.tls_certificate, "P-256, self-signed, PEM");
    config.text("tls.key", settings.tls_key, "its key, mode 0600");
    config.section("peers", settings.peers, "name = \"pin participant\" of all it speaks with");
}

void bind_ledger(node::Config& config, Settings& settings) {
    config.text("ledger.genesis", settings.genesis, "genesis file; the chain id is its hash");
    config.required();
    config.integer("ledger.participant", settings.participant, {1, id_max}, "who signs");
    config.required();
    config.texts("ledger.nodes", settings.nodes, "host:port, its own first");
    config.required();
    config.flag("ledger.spread", settings.spread, "envelopes go to the nodes in turn");
    config.duration("ledger.valid_for", settings.valid_for, longest, "life of an envelope");
    config.integer("ledger.senders", settings.senders, {1, 256}, "envelopes under way at once");
}

void bind_own_rail(node::Config& config, Settings& settings) {
    config.text("rail.address", settings.rail_address, "host:port of its rail");
    config.required();
}

void bind_wallet(node::Config& config, Settings& settings) {
    bind_own_rail(config, settings);
    config.text("keys.operate", settings.operate_key, "key file, purpose OPERATE");
    config.required();
    config.text("wallet.screening_list", settings.screening_list, "its hash goes with decisions");
    config.duration("wallet.expires_in", settings.expires_in, longest, "life of a prepare");
    config.duration("wallet.return_expires_in", settings.return_expires_in, longest,
                    "life of a return");
    config.section("makers", settings.makers, "participant = \"host:port\": the best price wins");
    config.text("clearing.address", settings.clearing_address, "the clearing bank's rail");
    config.required();
    config.section("operators", settings.operators, "participant = \"host:port\"");
}

void bind_desk(node::Config& config, Settings& settings) {
    config.integer("maker.spread_bps", settings.maker_spread_bps, {0, 1000}, "off the mark");
    config.duration("maker.quote_life", settings.quote_life, std::chrono::minutes(10),
                    "of a firm quote");
    config.integer("maker.open_quotes_max", settings.open_quotes_max, {1, 10'000'000},
                   "per requester");
}

void bind_maker(node::Config& config, Settings& settings) {
    config.text("keys.quote", settings.quote_key, "key file, purpose QUOTE");
    config.required();
    config.text("clearing.address", settings.clearing_address, "the clearing bank's rail");
    config.required();
    bind_desk(config, settings);
}

void bind_bank(node::Config& config, Settings& settings) {
    bind_own_rail(config, settings);
    config.text("keys.bank", settings.bank_key, "key file, purpose BANK");
    config.required();
    config.text("keys.quote", settings.quote_key, "key file of the maker, purpose QUOTE");
    config.text("bank.rates", settings.rates, "CSV of reference rates");
    config.required();
    config.duration("bank.mark_life", settings.mark_life, longest, "renewed after half of it");
    config.integer("bank.mark_spread_bps", settings.mark_spread_bps, {0, 1000},
                   "bid and ask off the reference rate");
    config.duration("bank.attest_every", settings.attest_every, longest, "pause of attestations");
    config.flag("bank.settle_fail", settings.settle_fail, "draw cover after the deadline");
    config.duration("bank.settle_fail_grace", settings.settle_fail_grace, longest,
                    "so much after the deadline");
    config.integer("maker.participant", settings.maker, {0, id_max}, "0: no quotes");
    bind_desk(config, settings);
    config.flag("maker.pays_from_own", settings.maker_pays_from_own,
                "pays in for the maker from own/<id>/<currency>");
}

void bind(GatewayKind kind, node::Config& config, Settings& settings) {
    bind_all(config, settings);
    if (kind == GatewayKind::rail) {
        config.integer("rail.participant", settings.participant, {1, id_max},
                       "whose certificates may use every account");
        config.required();
        config.flag("rail.admin", settings.rail_admin, "allow the fault switches");
        config.section("accounts", settings.accounts, "name = \"opening minor units\"");
        return;
    }
    bind_ledger(config, settings);
    if (kind == GatewayKind::wallet) {
        bind_wallet(config, settings);
    } else if (kind == GatewayKind::maker) {
        bind_maker(config, settings);
    } else {
        bind_bank(config, settings);
    }
}

}  // namespace

Result<Settings, node::Failure> load_settings(GatewayKind kind, const std::string& file) {
    Settings settings;
    node::Config config("REMIT_GATEWAY");
    bind(kind, config, settings);
    TRY(config.load(file, {}));
    const auto folder = std::filesystem::absolute(file).parent_path();
    for (auto* path : {&settings.data, &settings.tls_certificate, &settings.tls_key,
                       &settings.genesis, &settings.operate_key, &settings.screening_list,
                       &settings.bank_key, &settings.quote_key, &settings.rates}) {
        if (!path->empty() && std::filesystem::path(*path).is_relative()) {
            *path = (folder / *path).string();
        }
    }
    return settings;
}

std::string default_settings(GatewayKind kind) {
    Settings settings;
    node::Config config("REMIT_GATEWAY");
    bind(kind, config, settings);
    return config.show_default();
}

}  // namespace remit::gateway
