#include "gateway/connectors/rail_client.h"
#include "gateway/maker/maker_role.h"
#include "gateway/maker/quote_service.h"
#include "gateway/programs.h"
#include "gateway/runtime.h"
#include "node/ops/log.h"
#include "node/ops/service_notice.h"

namespace remit::gateway {

namespace {

constexpr std::size_t threads_beside_senders = 2;  // pay-ins, spare

/// A maker that the ledger does not know would give quotes that every prepare refuses.
Status<node::Failure> check_is_maker(const Registry& registry, std::uint32_t participant) {
    if (registry.has_role(participant, "MARKET_MAKER")) {
        return {};
    }
    return node::fail_with(
        node::ExitCode::bad_configuration,
        "participant " + std::to_string(participant) + " is no MARKET_MAKER on this ledger",
        "mend ledger.participant, or start again when governance has given it the role");
}

}  // namespace

Status<node::Failure> run_maker(Settings configured) {
    TRY_ASSIGN(const auto foundation, Foundation::make(std::move(configured)));
    const auto& settings = foundation->settings;
    TRY_ASSIGN(const auto access, LedgerAccess::make(settings, foundation->identity));
    const auto participant = static_cast<std::uint32_t>(settings.participant);
    TRY(check_is_maker(access.registry, participant));
    TRY_ASSIGN(const auto key, load_key(settings.quote_key, KeyPurpose::quote, access.devnet));

    RailClient clearing(foundation->identity, settings.clearing_address);
    const Journal journal(*foundation->kv);
    MarkBook marks;
    MakerRole role(*access.client, access.registry, marks, participant);
    if (!role.read_marks()) {
        return node::fail_with(node::ExitCode::unhealthy, "no node tells the bank's marks",
                               "start the node, or mend ledger.nodes and the pins");
    }
    const auto senders = static_cast<std::size_t>(settings.senders);
    EngineRunner runner(*foundation, *access.client, senders + threads_beside_senders);
    // No saga of a maker submits an envelope: its key signs quotes only.
    Engine engine({.kv = *foundation->kv,
                   .clock = foundation->clock,
                   .random = foundation->random,
                   .ledger = *access.client,
                   .key = key,
                   .clearing_rail = &clearing},
                  {.participant = participant,
                   .chain_id = access.chain_id,
                   .valid_for_ms = settings.valid_for.count(),
                   .senders = senders},
                  role, runner.post());
    engine.load();

    QuoteDesk desk(journal, marks, access.registry, key, foundation->clock, foundation->random,
                   {.participant = participant,
                    .chain_id = access.chain_id,
                    .spread_bps = static_cast<std::uint32_t>(settings.maker_spread_bps),
                    .quote_life_ms = settings.quote_life.count(),
                    .open_quotes_max = static_cast<std::size_t>(settings.open_quotes_max)});
    QuoteServer quote_server(&desk, foundation->identity);
    MakerServer maker_server(engine, foundation->identity, participant, settings.name);
    TRY_ASSIGN(auto listener, Listener::start(settings.listen, foundation->identity,
                                              foundation->metrics, {&quote_server, &maker_server}));
    runner.start(engine);
    foundation->ready = true;
    node::notify_service("READY=1");
    node::log_info("maker_gateway_ready", {{"listen", settings.listen.text()},
                                           {"participant", settings.participant},
                                           {"marks", marks.all().size()}});
    wait_for_stop();
    foundation->ready = false;
    listener.stop();
    runner.stop();
    return {};
}

}  // namespace remit::gateway
