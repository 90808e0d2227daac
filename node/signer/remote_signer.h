#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "consensus/signer.h"
#include "node/ops/failure.h"
#include "node/signer/descriptor.h"
#include "node/signer/protocol.h"

namespace remit::node::signer {

struct RemoteSignerConfig {
    std::string socket;
    Hash chain_id;
    PublicKey key;  ///< the one that this signer must have
    /// A signature that takes longer is given up, and with it the connection.
    std::chrono::milliseconds wait{500};
};

/// How the node stands with its signer.
struct SignerReading {
    bool connected = false;
    bool locked = false;
    std::string trouble;  ///< why it is not connected
    std::uint64_t signatures = 0;
    std::map<Refusal, std::uint64_t> refusals;

    [[nodiscard]] bool ready() const { return connected && !locked; }
};

/// The node's end of the socket: the VALIDATE key is in another process. Away, slow or unwilling it
/// gives no signature, and the node goes on without; a thread of its own brings it back.
class RemoteSigner final : public consensus::Signer {
public:
    /// Told whenever `connected`, `locked` or a kind of refusal is new. Any thread; no locks held.
    using OnChange = std::function<void(const SignerReading&)>;

    /// Connects if somebody listens. Errors: not_allowed when the signer has another key;
    /// bad_configuration when it serves another chain, another node or another protocol.
    static Result<std::unique_ptr<RemoteSigner>, Failure> open(RemoteSignerConfig config,
                                                               OnChange on_change);
    ~RemoteSigner() override;
    RemoteSigner(const RemoteSigner&) = delete;
    RemoteSigner& operator=(const RemoteSigner&) = delete;

    /// Waits `wait` at most (twice that behind a status request). Signatures are verified here.
    [[nodiscard]] std::optional<Signature> signature_of(ByteView message) const override;

    /// Votes of this key that the node's own journal holds: a signer that lacks one is behind.
    void show(const std::vector<SignedStatement>& votes);
    [[nodiscard]] SignerReading reading() const;

private:
    RemoteSigner(RemoteSignerConfig config, OnChange on_change)
        : config_(std::move(config)), on_change_(std::move(on_change)) {}
    /// Connects and greets; the failure says what is wrong with the signer that answered.
    Status<Failure> connect();
    Result<Reply, std::string> greet(int socket) const;
    void keep();
    std::optional<Reply> ask(const Request& request) const;  // under mutex_
    void note_vote(SignedStatement vote) const;              // under mutex_
    void lose(std::string why) const;                        // under mutex_
    void tell() const;

    RemoteSignerConfig config_;
    OnChange on_change_;
    mutable std::mutex mutex_;
    mutable Descriptor socket_;
    mutable SignerReading reading_;
    mutable Place newest_place_;
    mutable std::map<consensus::VoteKind, SignedStatement> newest_votes_;
    mutable std::mutex tell_mutex_;
    mutable SignerReading told_;

    std::mutex keep_mutex_;
    std::condition_variable keep_wake_;
    bool stopping_ = false;
    std::thread keeper_;
};

}  // namespace remit::node::signer
