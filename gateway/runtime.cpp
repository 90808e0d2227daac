#include "gateway/runtime.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "ledger/genesis.h"
#include "node/ops/log.h"
#include "node/ops/passphrase.h"
#include "node/ops/service_notice.h"
#include "node/seams/key_file.h"

namespace remit::gateway {

namespace {

constexpr std::chrono::milliseconds pause_between_turns{20};
constexpr std::chrono::milliseconds pause_after_lost_stream{200};
constexpr std::chrono::seconds patience_at_start{60};
constexpr std::uint32_t schema_version = 1;

sigset_t& stop_signals() {
    static sigset_t signals;
    return signals;
}

std::atomic<bool>& stopping() {
    static std::atomic<bool> flag{false};
    return flag;
}

}  // namespace

void catch_stop_signals() {
    sigemptyset(&stop_signals());
    sigaddset(&stop_signals(), SIGTERM);
    sigaddset(&stop_signals(), SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop_signals(), nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

bool stop_wanted() {
    timespec now{};
    if (!stopping() && sigtimedwait(&stop_signals(), nullptr, &now) > 0) {
        stopping() = true;
    }
    return stopping();
}

void wait_for_stop() {
    int signal = 0;
    if (!stopping()) {
        sigwait(&stop_signals(), &signal);
        stopping() = true;
    }
    node::notify_service("STOPPING=1");
}

Result<std::unique_ptr<Foundation>, node::Failure> Foundation::make(Settings settings) {
    auto out = std::make_unique<Foundation>();
    node::LogLevel level = node::LogLevel::info;
    if (!node::log_level_from(settings.log_level, level)) {
        return node::fail_with(node::ExitCode::bad_configuration,
                               "gateway.log_level is debug, info, warning or error");
    }
    node::start_log(settings.name, level);
    node::quiet_grpc_log(
        [](std::string_view line) { node::log_debug("grpc", {{"line", std::string(line)}}); });
    TRY_ASSIGN(out->identity,
               Identity::load(settings.tls_certificate, settings.tls_key, settings.peers));
    std::error_code ignored;
    std::filesystem::create_directories(settings.data, ignored);
    auto kv = node::RocksKv::open({.path = settings.data + "/journal",
                                   .schema_name = "remit-gateway",
                                   .schema_version = schema_version});
    if (!kv) {
        return node::fail_with(node::ExitCode::io_error, kv.error().text());
    }
    out->kv = std::move(*kv);
    auto* ready = &out->ready;
    auto* metrics = &out->metrics;
    out->ops.get("/healthz", [](const node::HttpRequest&) {
        return node::HttpReply{.status = 200, .body = "ok\n"};
    });
    out->ops.get("/readyz", [ready](const node::HttpRequest&) {
        constexpr int unavailable = 503;
        return *ready ? node::HttpReply{.status = 200, .body = "ready\n"}
                      : node::HttpReply{.status = unavailable, .body = "starting\n"};
    });
    out->ops.get("/metrics", [metrics](const node::HttpRequest&) {
        return node::HttpReply{.status = 200,
                               .body = metrics->text(),
                               .content_type = "text/plain; version=0.0.4; charset=utf-8"};
    });
    TRY(out->ops.start(settings.ops_listen.host, settings.ops_listen.port));
    out->settings = std::move(settings);
    return out;
}

Result<LedgerAccess, node::Failure> LedgerAccess::make(const Settings& settings,
                                                       const Identity& identity) {
    LedgerAccess out;
    std::ifstream file(settings.genesis, std::ios::binary);
    const Bytes bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const auto genesis = ledger::decode_genesis(bytes);
    if (!genesis) {
        return node::fail_with(node::ExitCode::bad_configuration,
                               settings.genesis + ": " + genesis.error(),
                               "take the genesis file of this network");
    }
    out.chain_id = ledger::chain_id_of(bytes);
    out.devnet = genesis->devnet;
    out.client = std::make_unique<NodeClient>(
        NodeClient::Options{.nodes = settings.nodes, .spread = settings.spread}, identity);
    const auto deadline = std::chrono::steady_clock::now() + patience_at_start;
    while (true) {
        const auto status = out.client->status();
        const auto participants = out.client->participants();
        if (status && participants) {
            if (status->chain_id() != out.chain_id.view()) {
                return node::fail_with(node::ExitCode::bad_configuration,
                                       "the node runs another chain than " + settings.genesis);
            }
            out.registry = Registry::from(*participants);
            return out;
        }
        if (stop_wanted() || std::chrono::steady_clock::now() > deadline) {
            return node::fail_with(node::ExitCode::unhealthy, "no node answers",
                                   "start the node, or mend ledger.nodes and the pins");
        }
        std::this_thread::sleep_for(pause_after_lost_stream);
    }
}

Result<SecretKey, node::Failure> load_key(const std::string& path, KeyPurpose purpose,
                                          bool devnet) {
    auto key = node::read_key_file(
        path, {.purpose = purpose, .devnet = devnet, .passphrase = [](const std::string& file) {
                   return node::passphrase_of_key("", file);
               }});
    if (!key) {
        return node::fail_with(node::ExitCode::not_allowed, key.error().numbered(),
                               "name an own key file of mode 0600 and this purpose below [keys]");
    }
    return std::move(*key);
}

EngineRunner::EngineRunner(Foundation& foundation, NodeClient& ledger, std::size_t threads)
    : foundation_(foundation), ledger_(ledger), pool_(threads) {}

Engine::Post EngineRunner::post() {
    return [this](Engine::Job job) { pool_.post(std::move(job)); };
}

void EngineRunner::start(Engine& engine) {
    threads_.emplace_back([this, &engine] { turn(engine); });
    threads_.emplace_back([this, &engine] { follow(engine); });
    every(std::chrono::seconds(1), [this, &engine] { export_metrics(engine); });
}

void EngineRunner::turn(Engine& engine) {
    while (!stopped_) {
        engine.turn();
        engine.wait_for_work(pause_between_turns);
    }
}

void EngineRunner::follow(Engine& engine) {
    while (!stopped_) {
        const auto ended = ledger_.watch(engine.next_height(), [&](const auto& block) {
            while (!stopped_ && !engine.apply_block(block)) {
                std::this_thread::sleep_for(pause_after_lost_stream);
            }
            return !stopped_;
        });
        if (!ended && !stopped_) {
            node::log_info("stream_lost", {{"reason", ended.error().text}});
        }
        if (!stopped_) {
            std::this_thread::sleep_for(pause_after_lost_stream);
        }
    }
}

void EngineRunner::every(std::chrono::milliseconds pause, std::function<void()> work) {
    threads_.emplace_back([this, pause, work = std::move(work)] {
        while (!stopped_) {
            work();
            const auto until = std::chrono::steady_clock::now() + pause;
            while (!stopped_ && std::chrono::steady_clock::now() < until) {
                std::this_thread::sleep_for(std::min(pause, pause_between_turns));
            }
        }
    });
}

void EngineRunner::export_metrics(const Engine& engine) {
    auto& metrics = foundation_.metrics;
    metrics.gauge("remit_gateway_sagas_live", "Pieces of work not at rest.")
        .set(static_cast<double>(engine.live().size()));
    metrics.gauge("remit_gateway_envelopes_open", "Envelopes without their receipts.")
        .set(static_cast<double>(engine.envelopes_open()));
    metrics.gauge("remit_gateway_next_height", "First block not yet worked in.")
        .set(static_cast<double>(engine.next_height()));
}

void EngineRunner::stop() {
    stopped_ = true;
    ledger_.stop();
    for (auto& thread : threads_) {
        if (thread.joinable()) {
            thread.join();
        }
    }
    pool_.stop();
}

}  // namespace remit::gateway
