#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "remit/gateway/v1/bank.grpc.pb.h"
#include "remit/gateway/v1/rail.grpc.pb.h"
#include "remit/gateway/v1/wallet.grpc.pb.h"
#include "remit/v1/ledger_service.grpc.pb.h"
#include "tools/cli/command.h"
#include "tools/devnet/network.h"

namespace remit::cli {

/// Whether an answer that never came leaves the outcome open.
enum class CallKind { read, write };

/// What went wrong with a call, for a person. A lost answer to a write is OUTCOME_UNKNOWN (exit 5);
/// to a read it is UNREACHABLE (exit 8). The server's own reason code is kept when it sent one.
Failure failure_of(const grpc::Status& status, CallKind kind, const std::string& whom);

/// A write that the server has taken and not finished: exit 5, with how to ask for it again.
Failure not_done_yet(std::string message, std::string ask);

/// `failure`, and when its outcome is unknown (exit 5) with `ask` as its remedy.
Failure with_remedy_if_unknown(Failure failure, std::string ask);

/// The refusal of the ledger as a failure: its code, meaning and remedy; exit 3.
Failure failure_of(const v1::Refusal& refusal);

/// A channel to `process` with the client certificate of participant `as`, connected.
/// Errors: UNREACHABLE (exit 8) when nobody answers within `patience_ms`.
Result<std::shared_ptr<grpc::Channel>, Failure> connect(const devnet::Network& network,
                                                        const devnet::Process& process,
                                                        const std::string& as, int patience_ms);

/// One process of the network to call, by the stubs of its services.
struct Connection {
    std::shared_ptr<grpc::Channel> channel;
    std::string name;

    template <class Service>
    [[nodiscard]] std::unique_ptr<typename Service::Stub> stub() const {
        return Service::NewStub(channel);
    }
};

/// The network of the state folder, and connections made in the name the settings ask for.
class Session {
public:
    static Result<Session, Failure> open(const Settings& settings);

    [[nodiscard]] const devnet::Network& network() const { return network_; }
    /// `--as`, or `fallback`.
    [[nodiscard]] std::string acting(const std::string& fallback) const;

    /// The node of `--node`, or the first that answers.
    [[nodiscard]] Result<Connection, Failure> ledger() const;
    /// The node of that name.
    [[nodiscard]] Result<Connection, Failure> ledger(const std::string& node_name) const;
    /// The wallet gateway of an operator, acting as that operator.
    [[nodiscard]] Result<Connection, Failure> wallet(const std::string& operator_name) const;
    /// The clearing bank's gateway, acting as the bank.
    [[nodiscard]] Result<Connection, Failure> bank() const;
    /// Process names of all gateways that may give quotes, the bank's first. Not empty.
    [[nodiscard]] Result<std::vector<std::string>, Failure> desks() const;
    /// Any gateway by its process name, acting as `fallback` (its own participant when empty).
    [[nodiscard]] Result<Connection, Failure> gateway(const std::string& process_name,
                                                      const std::string& fallback = {}) const;
    [[nodiscard]] Result<Connection, Failure> rail(const std::string& process_name) const;

private:
    Session(devnet::Network network, Settings settings)
        : network_(std::move(network)), settings_(std::move(settings)) {}
    devnet::Network network_;
    Settings settings_;
};

/// Longest a call may take when it does not wait for the ledger.
inline constexpr int call_ms = 10'000;
/// Longest a person waits for the ledger in one command.
inline constexpr int wait_ms_max = 30'000;

/// Calls `method` of `stub` and gives the answer or a failure.
template <class Stub, class Request, class Response>
Result<Response, Failure> call(
    Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
    const Request& request, CallKind kind, const std::string& whom, int deadline_ms = call_ms) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(deadline_ms));
    Response response;
    const auto status = (stub.*method)(&context, request, &response);
    if (!status.ok()) {
        return fail(failure_of(status, kind, whom));
    }
    return response;
}

}  // namespace remit::cli
