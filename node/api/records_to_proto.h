#pragma once

#include <optional>
#include <string>

#include "ledger/block.h"
#include "ledger/state_access.h"
#include "remit/v1/ledger_service.pb.h"

namespace remit::node {

/// Records of the state in the public language.
v1::Account to_proto(const ledger::Account& account);
/// A PREPARED remittance past its deadline at `now` reads EXPIRED.
v1::Remittance to_proto(const ledger::Remittance& remittance, BlockTime now);
v1::BankMark to_proto(const ledger::Mark& mark);
v1::Participant to_proto(const ledger::Participant& participant);
v1::Asset to_proto(const ledger::Asset& asset);
v1::Evidence to_proto(const ledger::EvidenceRecord& evidence);
v1::Position to_proto(const ledger::Position& position, const ledger::Policy& policy);
/// With its legs, and what is left of each.
v1::Window to_proto(const ledger::Window& window, const ledger::StateReader& state);
v1::LedgerEvent to_proto(const ledger::LedgerEvent& event);

/// Empty optional when a part is missing, unknown or of the wrong size.
std::optional<ledger::AccountId> account_id_from(const v1::AccountId& id);

}  // namespace remit::node
