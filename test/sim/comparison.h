#pragma once

#include <map>
#include <set>
#include <vector>

#include "consensus/messages.h"
#include "node/storage/chain.h"

namespace remit::sim {

/// Holds the certificates of both sides of a fork against each other, as somebody does who was
/// shown two finalised chains: who signed on both sides what no honest validator signs both is
/// named.
class Comparison {
public:
    explicit Comparison(const node::Chain& chain) : chain_(chain) {}

    /// A message of either side; what is no certificate says nothing here.
    void see(ByteView bytes);
    [[nodiscard]] const std::set<PublicKey>& guilty() const { return guilty_; }

private:
    void see(const consensus::Certificate& certificate);
    void compare(const consensus::Vote& vote);

    const node::Chain& chain_;
    std::map<std::pair<consensus::View, consensus::ValidatorIndex>, std::vector<consensus::Vote>>
        votes_;
    std::set<PublicKey> guilty_;
};

}  // namespace remit::sim
