#pragma once

#include "tools/cli/command.h"

/// Every noun of `remit`, one file each. The tree is what help, tests and documentation read.
namespace remit::cli {

Noun account_noun();
Noun bank_noun();
Noun bench_noun();
Noun block_noun();
Noun devnet_noun();
Noun explain_noun();
Noun gateway_noun();
Noun governance_noun();
Noun key_noun();
Noun ledger_noun();
Noun node_noun();
Noun quote_noun();
Noun rail_noun();
Noun receipt_noun();
Noun remittance_noun();
Noun tx_noun();
Noun validator_noun();
Noun verify_noun();
Noun version_noun();
Noun window_noun();

CommandTree remit_commands();

}  // namespace remit::cli
