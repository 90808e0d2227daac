#pragma once

#include <string>
#include <string_view>

#include "remit/v1/ledger_service.pb.h"
#include "tools/devnet/network.h"

namespace remit::cli {

/// True for states after which the ledger does nothing more by itself.
bool is_final(std::string_view state);

/// One remittance for a person: parties, amounts, rate and the timeline.
std::string remittance_text(const devnet::Network& network, const v1::Remittance& remittance);

/// One line of a timeline: state, verb, time, height, who signed.
std::string step_text(const devnet::Network& network, const v1::TimelineStep& step);

/// Many, a line each.
std::string remittances_text(const devnet::Network& network,
                             const v1::ListRemittancesResponse& list);

}  // namespace remit::cli
