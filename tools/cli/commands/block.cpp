#include "tools/cli/commands/commands.h"
#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

Result<v1::GetBlockResponse, Failure> get_block(const Connection& node, std::uint64_t height) {
    v1::GetBlockRequest request;
    request.set_height(height);
    return call(*node.stub<v1::LedgerService>(), &v1::LedgerService::Stub::GetBlock, request,
                CallKind::read, node.name);
}

std::string leader_name(const devnet::Network& network, std::uint32_t leader) {
    const auto nodes = network.of_kind(devnet::ProcessKind::node);
    return leader < nodes.size() ? nodes[leader]->name : "#" + std::to_string(leader);
}

Status<Failure> run_show(Context& context) {
    std::int64_t height = 0;
    if (context.args.has("HEIGHT")) {
        TRY_ASSIGN(height, context.args.number("HEIGHT", 1, INT64_MAX));
    }
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto node, session.ledger());
    TRY_ASSIGN(const auto block, get_block(node, static_cast<std::uint64_t>(height)));
    context.out.text(properties(
        {{"block", std::to_string(block.height())},
         {"time", time_text(block.time_ms())},
         {"digest", to_hex(block.digest())},
         {"view", std::to_string(block.view())},
         {"leader", leader_name(session.network(), block.leader())},
         {"batches", std::to_string(block.batches())},
         {"receipts", std::to_string(block.receipts())},
         {"state root", to_hex(block.state_root())},
         {"receipts root", to_hex(block.receipts_root())},
         {"finalization", block.finalization().empty()
                              ? "by a later block"
                              : std::to_string(block.finalization().size()) + " bytes"},
         {"execution", block.execution_certificate().empty()
                           ? "certificate being gathered"
                           : std::to_string(block.execution_certificate().size()) + " bytes"}}));
    context.out.message(block);
    return {};
}

Status<Failure> run_list(Context& context) {
    constexpr std::int64_t rows_max = 10'000;
    TRY_ASSIGN(const auto count, context.args.number("count", 1, rows_max));
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto node, session.ledger());
    TRY_ASSIGN(auto block, get_block(node, 0));
    Table table({">block", "time", "leader", ">view", ">batches", ">receipts", "digest"});
    for (std::int64_t row = 0; row < count; ++row) {
        table.row({std::to_string(block.height()), time_text(block.time_ms()),
                   leader_name(session.network(), block.leader()), std::to_string(block.view()),
                   std::to_string(block.batches()), std::to_string(block.receipts()),
                   short_hex(block.digest())});
        context.out.line(block);
        if (block.height() <= 1 || row + 1 == count) {
            break;
        }
        TRY_ASSIGN(block, get_block(node, block.height() - 1));
    }
    context.out.text(table.text());
    return {};
}

}  // namespace

Noun block_noun() {
    return {"block",
            "what consensus ordered and the ledger made of it",
            {{.verb = "show",
              .summary = "one block with its roots; the newest without a height",
              .options = {},
              .arguments = {{"HEIGHT", "its height", false}},
              .examples = {"remit block show 1", "remit block show --node gcash"},
              .run = run_show},
             {.verb = "list",
              .summary = "the newest blocks; with -o json one message a line",
              .options = {{"count", "N", "how many", "10"}},
              .arguments = {},
              .examples = {"remit block list --count 5"},
              .run = run_list}}};
}

}  // namespace remit::cli
