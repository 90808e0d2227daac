#include <nlohmann/json.hpp>

#include "ledger/errors.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/input_file.h"
#include "tools/cli/receipt_check.h"
#include "tools/cli/table.h"

namespace remit::cli {
namespace {

Status<Failure> run(Context& context) {
    TRY_ASSIGN(const auto proof, read_input(context.args.text("FILE")));
    TRY_ASSIGN(const auto genesis, read_input(context.args.text("genesis")));
    TRY_ASSIGN(const auto checked, check_receipt(proof, genesis));
    const auto& receipt = checked.receipt;
    const auto error = ledger::ledger_error_from(receipt.code);
    const std::string result =
        receipt.ok() ? "done"
                     : (error ? std::string(name_of(*error)) : std::to_string(receipt.code));
    const std::string verb(ledger::name_of(receipt.verb));
    context.out.text(
        properties({{"proven", "the validators of this genesis made this receipt final"},
                    {"chain", checked.chain_id.hex()},
                    {"transaction", receipt.transaction.hex() + " operation " +
                                        std::to_string(receipt.operation_index)},
                    {"verb", verb},
                    {"result", result},
                    {"reference", to_hex(receipt.reference)},
                    {"block", std::to_string(receipt.height)},
                    {"time", to_text(receipt.time)},
                    {"executed by", std::to_string(checked.executed_by) + " validators"},
                    {"finalized by", std::to_string(checked.finalized_by) + " validators, block " +
                                         std::to_string(checked.finalized_height)}}));
    context.out.value({{"proven", true},
                       {"chain_id", checked.chain_id.hex()},
                       {"transaction_id", receipt.transaction.hex()},
                       {"operation_index", receipt.operation_index},
                       {"verb", verb},
                       {"result", result},
                       {"reference", to_hex(receipt.reference)},
                       {"height", std::to_string(receipt.height)},
                       {"time_ms", std::to_string(receipt.time.ms)},
                       {"executed_by", checked.executed_by},
                       {"finalized_by", checked.finalized_by}});
    return {};
}

}  // namespace

Noun verify_noun() {
    return {"verify",
            "checks a receipt file against the genesis file alone; needs no node",
            {{.verb = "",
              .summary = "exit 0 when the network's validators made the receipt final, else 7",
              .options = {{"genesis", "FILE", "the network's genesis file", "", true}},
              .arguments = {{"FILE", "what remit receipt export wrote"}},
              .examples = {"remit verify receipt.bin --genesis .devnet/genesis.bin"},
              .run = run}}};
}

}  // namespace remit::cli
