#pragma once

#include <map>
#include <string>
#include <vector>

#include "test/faults/cluster.h"
#include "test/faults/load.h"

namespace remit::test {

/// Judges a run by what clients were told and by what every node says afterwards. Knows nothing of
/// how nodes work: it asks their public API. Empty answers mean: sound.
class Oracle {
public:
    explicit Oracle(const Cluster& cluster) : cluster_(cluster) {}

    /// Blocks that nodes executed since the last call: one digest and one pair of roots for each
    /// height, on all nodes and for ever. Nodes that do not answer are left for the next call.
    std::vector<std::string> check_blocks();

    /// The whole of it, on a network without faults and without load: all nodes at one height;
    /// every block alike; every acknowledged payment on every node exactly once, with its amounts;
    /// nothing twice; sums of all accounts zero, supply what the payments brought in.
    std::vector<std::string> check_all(const std::vector<Payment>& acknowledged);

private:
    struct Block {
        std::string digest;
        std::string state_root;
        std::string receipts_root;
        friend bool operator==(const Block&, const Block&) = default;
    };
    void check_blocks_of(std::size_t node, std::uint64_t from, std::uint64_t last,
                         std::vector<std::string>& found);
    void check_receipts_of(std::size_t node, const std::vector<Payment>& acknowledged,
                           std::vector<std::string>& found) const;
    void check_balances_of(std::size_t node, const std::vector<Payment>& acknowledged,
                           std::vector<std::string>& found) const;
    void check_totals_of(std::size_t node, const std::vector<Payment>& acknowledged,
                         std::vector<std::string>& found) const;

    const Cluster& cluster_;
    std::map<std::uint64_t, Block> blocks_;      // as first seen
    std::map<std::size_t, std::uint64_t> seen_;  // node -> height up to which it was compared
};

}  // namespace remit::test
