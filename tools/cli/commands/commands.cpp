#include "tools/cli/commands/commands.h"

namespace remit::cli {

CommandTree remit_commands() {
    return CommandTree({devnet_noun(), account_noun(),   quote_noun(),      remittance_noun(),
                        window_noun(), bank_noun(),      gateway_noun(),    rail_noun(),
                        ledger_noun(), validator_noun(), governance_noun(), block_noun(),
                        tx_noun(),     receipt_noun(),   verify_noun(),     node_noun(),
                        key_noun(),    bench_noun(),     explain_noun(),    version_noun()});
}

}  // namespace remit::cli
