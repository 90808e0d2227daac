#pragma once

#include <string>

#include "gateway/connectors/rail.h"
#include "gateway/engine.h"
#include "gateway/registry.h"
#include "remit/gateway/v1/reconciliation.pb.h"

/// Ledger against the rail's book, to the cent: what differs is either explained by work under way
/// or stays as a difference. Errors tell in words who gave no answer.
namespace remit::gateway {

/// Per currency: fiat turned into tokens less tokens turned into fiat, as the ledger posted it,
/// against the movement of the operator's account at its rail.
Result<v1::ReconcileResponse, std::string> reconcile_wallets(const Engine& engine, Rail& rail,
                                                             const Registry& registry);

/// Per currency: reserves + covers - CLEARING of the ledger against the cash of those accounts at
/// the bank's rail.
Result<v1::ReconcileResponse, std::string> reconcile_bank(const Engine& engine, Ledger& ledger,
                                                          Rail& rail, const Registry& registry);

}  // namespace remit::gateway
