#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "node/ops/failure.h"
#include "node/signer/descriptor.h"
#include "node/signer/vote_keeper.h"

namespace remit::node::signer {

struct ServerConfig {
    std::string socket;    ///< path; its folder must be this user's and closed to writers
    uid_t client_uid = 0;  ///< the one user that may connect
};

/// Serves one node over a Unix socket. A second connection is told `busy`: two nodes with one key
/// never both get signatures. One thread; each request is answered before the next is read.
class Server {
public:
    Server(VoteKeeper& keeper, ServerConfig config) : keeper_(keeper), config_(std::move(config)) {}
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Binds the socket (0600; 0666 when the client is another user, whom the kernel names).
    /// Errors: not_allowed when others may write to its folder; bad_configuration when another
    /// signer listens there.
    Status<Failure> open();
    /// Until `stop` is readable.
    void run(int stop);

private:
    void accept_client();
    /// False when the connection is over.
    bool serve_client();
    bool answer(ByteView body);

    VoteKeeper& keeper_;
    ServerConfig config_;
    Descriptor listener_;
    Descriptor client_;
    FrameReader frames_;
    bool greeted_ = false;         // the client's Hello was accepted
    std::optional<Refusal> told_;  // the last refusal logged
};

}  // namespace remit::node::signer
