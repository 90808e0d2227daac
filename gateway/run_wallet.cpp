#include <charconv>
#include <fstream>
#include <iterator>

#include "gateway/connectors/best_quotes.h"
#include "gateway/connectors/rail_client.h"
#include "gateway/programs.h"
#include "gateway/runtime.h"
#include "gateway/wallet/wallet_service.h"
#include "node/ops/log.h"
#include "node/ops/service_notice.h"

namespace remit::gateway {

namespace {

constexpr std::size_t threads_beside_senders = 8;  // two calls to each rail, two asks, spare
constexpr Domain screening_domain{"remit.screening"};

Result<WalletOptions, node::Failure> wallet_options(const Settings& settings) {
    WalletOptions options;
    options.participant = static_cast<std::uint32_t>(settings.participant);
    options.expires_in_ms = settings.expires_in.count();
    options.return_expires_in_ms = settings.return_expires_in.count();
    Bytes list;
    if (!settings.screening_list.empty()) {
        std::ifstream file(settings.screening_list, std::ios::binary);
        list.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
        if (!file) {
            return node::fail_with(node::ExitCode::bad_configuration,
                                   "cannot read wallet.screening_list " + settings.screening_list);
        }
    }
    options.screening_hash = hash(screening_domain, list).bytes();
    return options;
}

/// A section of participants' gateways.
Result<std::map<std::uint32_t, std::string>, node::Failure> gateways_of(
    const std::string& section, const std::map<std::string, std::string>& entries) {
    std::map<std::uint32_t, std::string> gateways;
    for (const auto& [text, address] : entries) {
        std::uint32_t id = 0;
        const auto* end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, id);
        const auto endpoint = node::parse_endpoint(address);
        if (read.ec != std::errc() || read.ptr != end || id == 0 || !endpoint) {
            return node::fail_with(node::ExitCode::bad_configuration,
                                   section + "." + text + " = \"" + address + "\"",
                                   "write a participant's number and its gateway's host:port");
        }
        gateways[id] = address;
    }
    return gateways;
}

BestQuotes::Makers makers_at(const std::map<std::uint32_t, std::string>& gateways,
                             const Identity& identity) {
    BestQuotes::Makers makers;
    for (const auto& [id, address] : gateways) {
        makers[id] = std::make_unique<QuoteClient>(identity, address);
    }
    return makers;
}

}  // namespace

Status<node::Failure> run_wallet(Settings configured) {
    TRY_ASSIGN(const auto foundation, Foundation::make(std::move(configured)));
    const auto& settings = foundation->settings;
    TRY_ASSIGN(const auto options, wallet_options(settings));
    TRY_ASSIGN(const auto operators, gateways_of("operators", settings.operators));
    TRY_ASSIGN(const auto makers, gateways_of("makers", settings.makers));
    TRY_ASSIGN(const auto access, LedgerAccess::make(settings, foundation->identity));
    TRY_ASSIGN(const auto key, load_key(settings.operate_key, KeyPurpose::operate, access.devnet));

    RailClient rail(foundation->identity, settings.rail_address);
    RailClient clearing(foundation->identity, settings.clearing_address);
    BestQuotes quotes(makers_at(makers, foundation->identity), foundation->clock);
    DirectoryClient directory(foundation->identity, operators);
    const Journal journal(*foundation->kv);
    WalletBook wallets(journal, foundation->random);
    WalletRole role({.ledger = *access.client,
                     .rail = rail,
                     .quotes = quotes,
                     .wallets = wallets,
                     .registry = access.registry,
                     .clock = foundation->clock},
                    options);
    const auto senders = static_cast<std::size_t>(settings.senders);
    EngineRunner runner(*foundation, *access.client, senders + threads_beside_senders);
    Engine engine({.kv = *foundation->kv,
                   .clock = foundation->clock,
                   .random = foundation->random,
                   .ledger = *access.client,
                   .key = key,
                   .own_rail = &rail,
                   .clearing_rail = &clearing},
                  {.participant = options.participant,
                   .chain_id = access.chain_id,
                   .valid_for_ms = settings.valid_for.count(),
                   .senders = senders},
                  role, runner.post());
    role.bind([&](v1::SagaKind kind, ByteView id) { return engine.find(kind, id); });
    engine.load();

    WalletServer server({.engine = engine,
                         .ledger = *access.client,
                         .rail = rail,
                         .directory = directory,
                         .wallets = wallets,
                         .registry = access.registry,
                         .random = foundation->random,
                         .clock = foundation->clock,
                         .identity = foundation->identity,
                         .options = options,
                         .name = settings.name});
    TRY_ASSIGN(auto listener, Listener::start(settings.listen, foundation->identity,
                                              foundation->metrics, {&server}));
    runner.start(engine);
    foundation->ready = true;
    node::notify_service("READY=1");
    node::log_info("wallet_gateway_ready", {{"listen", settings.listen.text()},
                                            {"participant", settings.participant},
                                            {"height", engine.next_height()}});
    wait_for_stop();
    foundation->ready = false;
    server.stop();
    listener.stop();
    runner.stop();
    return {};
}

}  // namespace remit::gateway
