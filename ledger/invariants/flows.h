#pragma once

#include <map>
#include <vector>

#include "ledger/invariants/invariant.h"

/// What a remittance or a return moves between participants, told from its record alone.
namespace remit::ledger {

/// Money from one owner to another, or within one.
struct Flow {
    ParticipantId from;
    ParticipantId to;
    Money money;
};

std::vector<Flow> flows_of(const Remittance& remittance);
std::vector<Flow> flows_of(const Return& movement, const Remittance& remittance);

/// The remittance's money has moved: COMMITTED and every state after it.
bool is_committed(const Remittance& remittance);
/// Funds are held and caps reserved: PREPARED, HELD.
bool is_live(const Remittance& remittance);
/// Funds are held: PREPARED, HELD, BLOCKED.
bool holds_escrow(const Remittance& remittance);

/// Sums by place. Missing means 0.
using Sums = std::map<Place, Wide>;

/// Adds sign x what the crossing flows change of `open`.
void add_open(Sums& sums, const std::vector<Flow>& flows, int sign);
/// Adds sign x what the crossing flows make their payers reserve.
void add_reserved(Sums& sums, const std::vector<Flow>& flows, int sign);

/// The first place at which the two differ.
std::optional<Place> first_difference(const Sums& left, const Sums& right);
Wide at(const Sums& sums, Place place);
std::string to_text(Wide value);

}  // namespace remit::ledger
