#include "tools/cli/commands/commands.h"
#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

using Stub = v1::LedgerService::Stub;

Result<v1::GetNodeStatusResponse, Failure> status_of(const Session& session,
                                                     const std::string& name) {
    TRY_ASSIGN(const auto node, session.ledger(name));
    return call(*node.stub<v1::LedgerService>(), &Stub::GetNodeStatus, v1::GetNodeStatusRequest{},
                CallKind::read, name);
}

Status<Failure> run_status(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    Table table({"node", ">view", ">final", ">executed", "state root", ">signatures", "peers"});
    bool healthy = true;
    for (const auto* node : session.network().of_kind(devnet::ProcessKind::node)) {
        if (!context.settings.node.empty() && context.settings.node != node->name) {
            continue;
        }
        const auto status = status_of(session, node->name);
        if (!status) {
            table.row({node->name, "-", "-", "-", "does not answer", "-", ""});
            context.out.note(node->name + ": " + status.error().message);
            healthy = false;
            continue;
        }
        int connected = 0;
        for (const auto& peer : status->peers()) {
            connected += peer.connected() ? 1 : 0;
        }
        healthy = healthy && !status->diverged();
        table.row({node->name, std::to_string(status->view()),
                   std::to_string(status->finalized_height()),
                   std::to_string(status->executed_height()),
                   status->diverged() ? "DIVERGED" : short_hex(status->state_root()),
                   std::to_string(status->signatures_verified()),
                   std::to_string(connected) + " of " + std::to_string(status->peers_size())});
        context.out.message(*status);
    }
    context.out.text(table.text());
    if (!healthy) {
        return fail(Failure{"UNHEALTHY", "not every node is well", "see remit devnet status",
                            ExitCode::unhealthy});
    }
    return {};
}

Status<Failure> run_peers(Context& context) {
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto node, session.ledger());
    TRY_ASSIGN(const auto status, call(*node.stub<v1::LedgerService>(), &Stub::GetNodeStatus,
                                       v1::GetNodeStatusRequest{}, CallKind::read, node.name));
    Table table({"peer", "connected", ">executed"});
    for (const auto& peer : status.peers()) {
        table.row({peer.name(), peer.connected() ? "yes" : "no", std::to_string(peer.height())});
    }
    context.out.text(status.name() + " sees\n\n" + table.text());
    context.out.message(status);
    return {};
}

}  // namespace

Noun node_noun() {
    return {"node",
            "the validators",
            {{.verb = "status",
              .summary = "view, heights and roots of every node (or of --node); exit 8 unless well",
              .options = {},
              .arguments = {},
              .examples = {"remit node status", "remit node status --node regulator -o json"},
              .run = run_status},
             {.verb = "peers",
              .summary = "how one node sees the others",
              .options = {},
              .arguments = {},
              .examples = {"remit node peers --node gcash"},
              .run = run_peers}}};
}

}  // namespace remit::cli
