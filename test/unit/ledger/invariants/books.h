#pragma once

#include <functional>

#include "ledger/invariants/registry.h"
#include "test/unit/ledger/rules/payment_world.h"

/// A state in good order with something of everything, and ways to spoil it.
namespace remit::ledger::payments {

/// Remittances PREPARED (1), COMMITTED (2), RETURN_PENDING (3), PARTLY_RETURNED (4), EXPIRED (5);
/// off-ramps locked from a wallet and from FEE; a window closed with legs due.
MemoryView sound_books();

using Spoil = std::function<void(LedgerState&)>;

/// What one invariant says of a block that did just this to the books.
std::optional<Breach> breach_in_block(MakeInvariant invariant, const MemoryView& before,
                                      const Spoil& spoil);
/// What it says of the whole state after it.
std::optional<Breach> breach_in_whole(MakeInvariant invariant, const MemoryView& before,
                                      const Spoil& spoil);

/// REQUIREs that the invariant fires under `id`, in the block and in the whole state.
void require_fires(MakeInvariant invariant, std::string_view id, const Spoil& spoil);

}  // namespace remit::ledger::payments
