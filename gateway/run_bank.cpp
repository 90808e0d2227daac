#include <fstream>
#include <iterator>
#include <optional>

#include "gateway/bank/bank_role.h"
#include "gateway/bank/bank_service.h"
#include "gateway/bank/settlement.h"
#include "gateway/connectors/rail_client.h"
#include "gateway/maker/quote_service.h"
#include "gateway/programs.h"
#include "gateway/runtime.h"
#include "node/ops/log.h"
#include "node/ops/service_notice.h"

namespace remit::gateway {

namespace {

constexpr std::size_t threads_beside_senders = 6;
constexpr std::chrono::milliseconds settlement_pause{250};
constexpr std::chrono::milliseconds publish_pause{500};

Result<ReferenceRates, node::Failure> load_rates(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    auto rates = parse_rates(text);
    if (!rates) {
        return node::fail_with(node::ExitCode::bad_configuration, path + ": " + rates.error(),
                               "take a CSV of the European Central Bank's reference rates");
    }
    return std::move(*rates);
}

}  // namespace

Status<node::Failure> run_bank(Settings configured) {
    TRY_ASSIGN(const auto foundation, Foundation::make(std::move(configured)));
    const auto& settings = foundation->settings;
    TRY_ASSIGN(const auto rates, load_rates(settings.rates));
    TRY_ASSIGN(const auto access, LedgerAccess::make(settings, foundation->identity));
    TRY_ASSIGN(const auto key, load_key(settings.bank_key, KeyPurpose::bank, access.devnet));
    const auto participant = static_cast<std::uint32_t>(settings.participant);
    const auto maker = static_cast<std::uint32_t>(settings.maker);

    RailClient rail(foundation->identity, settings.rail_address);
    const Journal journal(*foundation->kv);
    MarkBook marks;
    BankRole role(
        *access.client, rail, access.registry, marks,
        {.participant = participant, .own_maker = settings.maker_pays_from_own ? maker : 0});
    role.load(journal);
    const auto senders = static_cast<std::size_t>(settings.senders);
    EngineRunner runner(*foundation, *access.client, senders + threads_beside_senders);
    Engine engine({.kv = *foundation->kv,
                   .clock = foundation->clock,
                   .random = foundation->random,
                   .ledger = *access.client,
                   .key = key,
                   .own_rail = &rail,
                   .clearing_rail = &rail},
                  {.participant = participant,
                   .chain_id = access.chain_id,
                   .valid_for_ms = settings.valid_for.count(),
                   .senders = senders},
                  role, runner.post());
    engine.load();

    std::optional<SecretKey> quote_key;
    std::optional<QuoteDesk> desk;
    if (maker != 0) {
        TRY_ASSIGN(quote_key, load_key(settings.quote_key, KeyPurpose::quote, access.devnet));
        desk.emplace(
            journal, marks, access.registry, *quote_key, foundation->clock, foundation->random,
            MakerOptions{.participant = maker,
                         .chain_id = access.chain_id,
                         .spread_bps = static_cast<std::uint32_t>(settings.maker_spread_bps),
                         .quote_life_ms = settings.quote_life.count(),
                         .open_quotes_max = static_cast<std::size_t>(settings.open_quotes_max)});
    }
    Publisher publisher(engine, *access.client, rail, access.registry, rates, marks,
                        foundation->random,
                        {.participant = participant,
                         .mark_life_ms = settings.mark_life.count(),
                         .mark_spread_bps = static_cast<std::int32_t>(settings.mark_spread_bps),
                         .attest_every_ms = settings.attest_every.count()});
    Settlement settlement(
        engine, *access.client, rail, access.registry,
        {.settle_fail = settings.settle_fail, .grace_ms = settings.settle_fail_grace.count()});
    QuoteServer quote_server(desk ? &*desk : nullptr, foundation->identity);
    BankServer bank_server({.engine = engine,
                            .ledger = *access.client,
                            .rail = rail,
                            .publisher = publisher,
                            .marks = marks,
                            .registry = access.registry,
                            .rates = rates,
                            .clock = foundation->clock,
                            .identity = foundation->identity,
                            .participant = participant,
                            .name = settings.name});
    TRY_ASSIGN(auto listener, Listener::start(settings.listen, foundation->identity,
                                              foundation->metrics, {&quote_server, &bank_server}));
    runner.start(engine);
    runner.every(publish_pause, [&] { publisher.poll(foundation->clock.wall_ms()); });
    runner.every(settlement_pause, [&] { settlement.poll(foundation->clock.wall_ms()); });
    foundation->ready = true;
    node::notify_service("READY=1");
    node::log_info(
        "bank_gateway_ready",
        {{"listen", settings.listen.text()}, {"rates_of", rates.date}, {"source", rates.source}});
    wait_for_stop();
    foundation->ready = false;
    listener.stop();
    runner.stop();
    return {};
}

}  // namespace remit::gateway
