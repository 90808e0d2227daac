#pragma once

#include <tuple>

#include "ledger/epoch.h"
#include "ledger/receipt.h"
#include "ledger/settlement.h"
#include "ledger/state_access.h"
#include "node/storage/block_store.h"

namespace remit::fuzz {

/// Every record of the key schema and what the node keeps beside them. The first byte of an input
/// is the place in this list: append only, the corpus depends on it.
using StoredRecords =
    std::tuple<ledger::ChainRecord, ledger::HeadRecord, ledger::IdempotencyRecord,
               ledger::ReferenceRecord, ledger::Account, ledger::Asset, ledger::Calendar,
               ledger::Participant, ledger::KeyRecord, ledger::Policy, ledger::Mark,
               ledger::Position, ledger::Attestation, ledger::Receipt, ledger::Remittance,
               ledger::Return, ledger::Redemption, ledger::CashMovement, ledger::Bilateral,
               ledger::Claim, ledger::BankLine, ledger::Window, ledger::Leg, ledger::WindowSequence,
               ledger::ParticipantChange, ledger::EvidenceRecord, node::ExecutedBlockRecord,
               node::TransactionPlace, ledger::EpochRecord, ledger::EpochPlan, ledger::LeaderDebts,
               ledger::ReadyRecord, node::BaseRecord>;

/// What the node keeps beside the ledger's records; those are encoded by the names of their fields.
template <class T>
concept NodeRecord = requires(Reader& reader) { T::read(reader); };

}  // namespace remit::fuzz
