#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
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

private:
    explicit ConnectionListener(Settings settings);
    Status<Failure> bind_all();
    [[nodiscard]] bool wait_for(std::chrono::milliseconds limit, bool for_connections);
    void run();
    void accept_all(int listening);
    void take(int socket);
    void pause(const std::string& reason);

    Settings settings_;
    ConnectionBook book_;
    Handler handler_;
    std::vector<int> listening_;
    int wake_ = -1;
    std::atomic<bool> stopping_ = false;
    std::optional<Counter> accepted_;
    std::optional<Counter> refused_;
    std::optional<Counter> pauses_;
    std::chrono::steady_clock::time_point told_;
    std::thread thread_;
};

}  // namespace remit::node
