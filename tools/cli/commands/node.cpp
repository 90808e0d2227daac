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
    if (!context.settings.node.empty()) {
        TRY_ASSIGN(const auto* asked, session.network().process(context.settings.node));
        if (asked->kind != devnet::ProcessKind::node) {
            return usage(asked->name + " is no validator",
                         "name one, or leave out --node to see all");
        }
    }
    std::string silent;
    Table table({"node", ">view", ">final", ">executed", "state root", ">signatures", "peers"});
    bool healthy = true;
    for (const auto* node : session.network().of_kind(devnet::ProcessKind::node)) {
        if (!context.settings.node.empty() && context.settings.node != node->name) {
            continue;
        }
        const auto status = status_of(session, node->name);
        if (!status) {
            table.row({node->name, "-", "-", "-", "does not answer", "-", ""});
            silent += (silent.empty() ? "" : ", ") + node->name;
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
        context.out.line(*status);
    }
    context.out.text(table.text());
    if (!healthy) {
        return fail(Failure{
            "UNHEALTHY",
            silent.empty() ? "a node's state differs from the others'" : "no answer from " + silent,
            silent.empty() ? "stop that node and read its log"
                           : "start it with remit devnet start NAME",
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
              .summary = "view, heights and roots, one node a line; exit 8 unless all are well",
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
