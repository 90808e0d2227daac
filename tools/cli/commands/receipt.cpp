#include <fstream>

#include "tools/cli/commands/commands.h"
#include "tools/cli/connection.h"
#include "tools/cli/ids.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

Status<Failure> run_export(Context& context) {
    constexpr std::int64_t operations_max = 100'000;
    TRY_ASSIGN(const auto id, parse_hash(context.args.text("ID")));
    TRY_ASSIGN(const auto index, context.args.number("operation", 0, operations_max));
    TRY_ASSIGN(const auto session, Session::open(context.settings));
    TRY_ASSIGN(const auto node, session.ledger());
    v1::GetReceiptRequest request;
    request.set_transaction_id(id.bytes());
    request.set_operation_index(static_cast<std::uint32_t>(index));
    TRY_ASSIGN(const auto answer,
               call(*node.stub<v1::LedgerService>(), &v1::LedgerService::Stub::GetReceipt, request,
                    CallKind::read, node.name));
    const auto path = context.args.text("out");
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << answer.proof();
    if (!file.flush()) {
        return fail(Failure{"WRITE_FAILED", "cannot write " + path,
                            "name a file in a folder you may write with --out", ExitCode::usage});
    }
    const auto& receipt = answer.receipt();
    context.out.text(
        properties({{"receipt of", to_hex(receipt.transaction_id()) + " operation " +
                                       std::to_string(receipt.operation_index())},
                    {"verb", receipt.verb()},
                    {"result", receipt.has_refusal() ? receipt.refusal().name() : "done"},
                    {"block", std::to_string(receipt.height())},
                    {"written", path + " (" + std::to_string(answer.proof().size()) + " bytes)"}}));
    context.out.message(answer);
    context.out.note("next: remit verify " + path + " --genesis " +
                     session.network().genesis_file().string());
    return {};
}

}  // namespace

Noun receipt_noun() {
    return {"receipt",
            "proof of what the ledger did, to be checked without any node",
            {{.verb = "export",
              .summary = "writes an operation's receipt with its proof to a file",
              .options = {{"operation", "N", "which of the transaction's", "0"},
                          {"out", "FILE", "where to", "receipt.bin"}},
              .arguments = {{"ID", "the transaction's id, as remit remittance send shows it"}},
              .examples = {"remit receipt export "
                           "769fcb5cc5583b6eda42f3f14c9859e41dc48a89580258f69dfd326cf97e3336 "
                           "--out receipt.bin"},
              .run = run_export}}};
}

}  // namespace remit::cli
