#pragma once

#include <tuple>

#include "ledger/receipt.h"
#include "ledger/settlement.h"
#include "ledger/state_access.h"

namespace remit::fuzz {

/// The first byte of an input is the place in this list: append only, the corpus depends on it.
using StoredRecords =
    std::tuple<ledger::ChainRecord, ledger::HeadRecord, ledger::IdempotencyRecord,
               ledger::ReferenceRecord, ledger::Account, ledger::Asset, ledger::Calendar,
               ledger::Participant, ledger::KeyRecord, ledger::Policy, ledger::Mark,
               ledger::Position, ledger::Attestation, ledger::Receipt, ledger::Remittance,
               ledger::Return, ledger::Redemption, ledger::CashMovement, ledger::Bilateral,
               ledger::Claim, ledger::BankLine, ledger::Window, ledger::Leg, ledger::WindowSequence,
               ledger::ParticipantChange, ledger::EvidenceRecord>;

}  // namespace remit::fuzz
