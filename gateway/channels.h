#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "node/tls/call_shares.h"
#include "node/tls/pinned_server.h"
#include "remit/v1/errors.pb.h"

namespace remit::gateway {

/// A call's place among those in flight at this process, given back when the call ends.
class Turn {
public:
    /// Refused: `status` says why, and there is nothing to give back.
    explicit Turn(grpc::Status status) : status_(std::move(status)) {}
    Turn(std::shared_ptr<node::CallShares> calls, const node::TransportPin& pin)
        : calls_(std::move(calls)), pin_(pin) {}
    ~Turn() {
        if (calls_) {
            calls_->leave(pin_);
        }
    }
    Turn(Turn&&) = default;
    Turn(const Turn&) = delete;
    Turn& operator=(Turn&&) = delete;
    Turn& operator=(const Turn&) = delete;

    [[nodiscard]] bool ok() const { return status_.ok(); }
    [[nodiscard]] const grpc::Status& status() const { return status_; }

private:
    grpc::Status status_;
    std::shared_ptr<node::CallShares> calls_;
    node::TransportPin pin_;
};

/// Who this process is on the wire and whom it accepts: one certificate, one list of pins, both for
/// its listener and for its channels.
class Identity {
public:
    /// Each call in flight has a thread: so many may be, and half as many of one certificate.
    static constexpr std::size_t calls_max = 1024;

    /// `pins`: name -> "64 hex digits" or "64 hex digits participant".
    /// Errors: those of read_tls_identity; bad_configuration for a malformed pin.
    static Result<Identity, node::Failure> load(const std::string& certificate,
                                                const std::string& key,
                                                const std::map<std::string, std::string>& pins,
                                                std::size_t calls = calls_max);

    [[nodiscard]] std::shared_ptr<grpc::Channel> channel(const std::string& address) const;
    /// Of a listener that lets in whom the list names; the caller fills in the rest.
    [[nodiscard]] node::PinnedServer::Settings server_settings() const;
    /// Whose certificate the caller of `context` showed.
    [[nodiscard]] std::optional<node::ListedPeer> caller(const grpc::ServerContext& context) const;
    /// First thing in every call. RESOURCE_EXHAUSTED when too many are in flight, of all callers
    /// or of this one; nothing has been done then.
    [[nodiscard]] Turn enter(const grpc::ServerContext& context) const;
    /// The same for calls that only certificates of `participant` may make; PERMISSION_DENIED
    /// otherwise.
    [[nodiscard]] Turn enter(const grpc::ServerContext& context, std::uint32_t participant) const;

private:
    node::TlsIdentity identity_;
    std::shared_ptr<node::PeerList> peers_;
    std::shared_ptr<node::CallShares> calls_;
};

/// A listener with its services, and how it ends.
class Listener {
public:
    /// Errors: bad_configuration when the address cannot be had.
    static Result<Listener, node::Failure> start(const node::Endpoint& listen,
                                                 const Identity& identity, node::Metrics& metrics,
                                                 const std::vector<grpc::Service*>& services);
    /// Takes no more calls and lets those in flight end for half a second.
    void stop();

private:
    std::unique_ptr<node::PinnedServer> server_;
};

/// Sets a deadline so many milliseconds from now.
void set_deadline(grpc::ClientContext& context, std::chrono::milliseconds longest);

/// A refusal as a gRPC status: its name is ErrorInfo.reason in the domain "remit".
grpc::Status status_of(grpc::StatusCode code, const remit::v1::Refusal& refusal);
grpc::Status status_of(grpc::StatusCode code, const std::string& reason, const std::string& text);
/// The refusal that a status carries; name empty when it carries none.
remit::v1::Refusal refusal_of(const grpc::Status& status);
/// No answer that counts: the server may have done what was asked.
bool is_silence(const grpc::Status& status);

/// One unary call with a deadline.
template <class Stub, class Request, class Response>
grpc::Status call(Stub& stub,
                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request, Response& response, std::chrono::milliseconds longest) {
    grpc::ClientContext context;
    set_deadline(context, longest);
    return (stub.*method)(&context, request, &response);
}

}  // namespace remit::gateway
