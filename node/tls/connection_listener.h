#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "node/ops/config.h"
#include "node/ops/metrics.h"
#include "node/tls/connection_book.h"

namespace remit::node {

/// A port and the thread that accepts its connections. gRPC's own accept loop ends for good when
/// the process runs out of descriptors, which needs no certificate; this one waits until there are
/// some again, and takes no more than `limits` allow in the first place.
class ConnectionListener {
public:
    struct Settings {
        std::string name;  ///< of the setting, for messages and metrics: `api.listen`
        Endpoint listen;   ///< a name, IPv4 or IPv6 address; every address of a name is bound
        ConnectionLimits limits;
        /// How long sent bytes may stay unacknowledged before a connection is given up.
        std::chrono::milliseconds silence_max{0};
        Metrics* metrics = nullptr;
    };
    /// Takes a connected socket, and closes it when it is done with it. The listener's thread.
    using Handler = std::function<void(int socket)>;

    /// Binds and listens; nobody is accepted yet. Errors: bad_configuration with the system's
    /// words.
    static Result<std::unique_ptr<ConnectionListener>, Failure> open(Settings settings);
    ~ConnectionListener();
    ConnectionListener(const ConnectionListener&) = delete;
    ConnectionListener& operator=(const ConnectionListener&) = delete;

    /// Accepts from now on. Once.
    void start(Handler handler);
    /// Accepts no more, closes the port; `handler` is not called afterwards.
    void stop();
    /// A call on the connection from `peer`, as gRPC writes it (`ipv4:10.0.0.2:40001`), has shown
    /// this key. False when the key holds its share of connections: this one has been ended. Any
    /// thread.
    bool identify(std::string_view peer, const TransportPin& key);

private:
    explicit ConnectionListener(Settings settings);
    Status<Failure> bind_all();
    [[nodiscard]] bool wait_for(std::chrono::milliseconds limit, bool for_connections);
    void run();
    void accept_all(int listening);
    void take(int socket);
    void pause(const std::string& reason);
    [[nodiscard]] bool has_room();
    [[nodiscard]] bool enter(int socket, const ConnectionOrigin& from);
    void count_ended();  // under `mutex_`
    /// Whether the last such line in the log is old enough for another.
    [[nodiscard]] static bool is_due(std::chrono::steady_clock::time_point& told);

    Settings settings_;
    std::mutex mutex_;  // the accepting thread and those of calls
    ConnectionBook book_;
    Handler handler_;
    std::vector<int> listening_;
    int wake_ = -1;
    std::atomic<bool> stopping_ = false;
    std::optional<Counter> accepted_;
    std::optional<Counter> refused_;
    std::optional<Counter> pauses_;
    std::optional<Counter> silent_ended_;
    std::optional<Counter> over_share_;
    std::uint64_t counted_ended_ = 0;
    std::chrono::steady_clock::time_point told_wait_;
    std::chrono::steady_clock::time_point told_share_;
    std::thread thread_;
};

}  // namespace remit::node
