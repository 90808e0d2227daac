#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tools/bench/statistics.h"
#include "tools/cli/failure.h"
#include "tools/devnet/network.h"

namespace remit::bench {

/// What `remit bench load` was asked for.
struct LoadPlan {
    std::size_t remittances = 2'000;
    std::size_t wallets = 200;  // half at each operator
    std::size_t clients = 8;    // envelopes (or groups) under way at once
    std::size_t batch = 100;    // remittances in a group; an envelope takes half of a thousand
    double rate = 0;            // remittances a second offered; 0: closed loop
    std::string wallet_prefix = "load";
};

/// The remittances of one group. Groups alternate between the directions; `first` counts within a
/// direction, so that every wallet of a side gets its turn as payer.
struct Share {
    std::size_t first = 0;
    std::size_t count = 0;
};
[[nodiscard]] inline Share share_of(const LoadPlan& plan, std::size_t group) {
    const auto before = group * plan.batch;
    return {group / 2 * plan.batch, std::min(plan.batch, plan.remittances - before)};
}

/// What came of it.
struct LoadReport {
    double seconds = 0;  // of the load, without setting up
    std::size_t submitted = 0;
    std::map<std::string, std::size_t> by_state;   // last state of each remittance
    std::map<std::string, std::size_t> refusals;   // ledger code -> operations
    std::map<std::string, std::size_t> envelopes;  // node -> envelopes it was given
    std::size_t retries = 0;                       // envelopes sent again under the same id
    // Through nodes: client signatures that all validators together had to verify for the load, one
    // for each envelope and one for each quote.
    std::size_t signature_checks = 0;
    Latencies final;  // a prepare handed over until its receipt is final
    Latencies whole;  // until the payee is credited (or the remittance ended otherwise)
    std::vector<std::string> uetrs;

    /// Remittances whose payee has the money.
    [[nodiscard]] std::size_t credited() const {
        const auto found = by_state.find("CREDITED");
        return found == by_state.end() ? 0 : found->second;
    }
    /// Of these; what was refused on the way is no throughput.
    [[nodiscard]] double per_second() const {
        return seconds > 0 ? static_cast<double>(credited()) / seconds : 0;
    }
};

/// Told how many remittances have ended so far.
using LoadProgress = std::function<void(std::size_t ended)>;

/// Straight to the nodes' APIs, all of them in turn, with the operators' OPERATE keys and the
/// maker's QUOTE key: prepare by the payer's operator, accept and confirm by the payee's. For a
/// network without wallet gateways, which would answer for wallets they do not know.
Result<LoadReport, cli::Failure> run_node_load(const devnet::Network& network, const LoadPlan& plan,
                                               const LoadProgress& progress);

/// Through the operators' wallet gateways, with fiat on both rails.
Result<LoadReport, cli::Failure> run_gateway_load(const devnet::Network& network,
                                                  const LoadPlan& plan,
                                                  const LoadProgress& progress);

}  // namespace remit::bench
