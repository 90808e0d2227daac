#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "gateway/channels.h"
#include "gateway/engine.h"
#include "gateway/node_client.h"
#include "gateway/registry.h"
#include "gateway/settings.h"
#include "gateway/work_pool.h"
#include "ledger/base/keys.h"
#include "node/kv/rocks_kv.h"
#include "node/ops/http_server.h"
#include "node/ops/metrics.h"
#include "node/seams/clock.h"
#include "node/seams/random.h"

namespace remit::gateway {

/// Whether SIGTERM or SIGINT has come. Call once before any thread starts.
void catch_stop_signals();
bool stop_wanted();
/// Sleeps until it comes.
void wait_for_stop();

/// What every kind of gateway process has. Members are made in the order they depend on.
struct Foundation {
    Settings settings;
    Identity identity;
    std::unique_ptr<node::RocksKv> kv;
    node::SystemClock clock;
    node::SystemRandom random;
    node::Metrics metrics;
    node::HttpServer ops;
    std::atomic<bool> ready{false};

    /// Log, certificate, pins, database, ops listener.
    static Result<std::unique_ptr<Foundation>, node::Failure> make(Settings settings);
};

/// The ledger as this process reaches it, and what it has to know of the network before it works.
struct LedgerAccess {
    Hash chain_id;
    bool devnet = false;
    std::unique_ptr<NodeClient> client;
    Registry registry;

    /// Errors: bad_configuration for the genesis; unhealthy when no node answers in a minute.
    static Result<LedgerAccess, node::Failure> make(const Settings& settings,
                                                    const Identity& identity);
};

/// Errors: not_allowed with what is wrong with the file.
Result<SecretKey, node::Failure> load_key(const std::string& path, KeyPurpose purpose, bool devnet);

/// Runs an engine: the thread that decides, the pool that calls, the thread that reads blocks.
class EngineRunner {
public:
    EngineRunner(Foundation& foundation, NodeClient& ledger, std::size_t threads);
    ~EngineRunner() { stop(); }
    EngineRunner(const EngineRunner&) = delete;
    EngineRunner& operator=(const EngineRunner&) = delete;

    [[nodiscard]] Engine::Post post();
    /// `engine` has been loaded and outlives the runner's stop.
    void start(Engine& engine);
    /// Calls `work` again and again with this pause, on a thread of its own, until the stop.
    void every(std::chrono::milliseconds pause, std::function<void()> work);
    void stop();

private:
    void turn(Engine& engine);
    void follow(Engine& engine);
    void export_metrics(const Engine& engine);

    Foundation& foundation_;
    NodeClient& ledger_;
    WorkPool pool_;
    std::atomic<bool> stopped_{false};
    std::vector<std::thread> threads_;
};

}  // namespace remit::gateway
