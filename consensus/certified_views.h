#pragma once

#include <map>
#include <optional>
#include <vector>

#include "consensus/block_tree.h"
#include "consensus/output.h"

namespace remit::consensus {

/// What certificates and finalised blocks say of the epoch's newest views, and what can never stand
/// beside it: L1, L2 and L3 of consensus.md 3.5 hold while at most f validators are faulty, so a
/// verified certificate against one of them shows that more are, and that the chain may have two
/// ends.
class CertifiedViews {
public:
    static constexpr View views_kept = 1000;

    /// A certificate that holds.
    void add(const Certificate& certificate);
    /// A finalised block, in height order.
    void add(const Header& header, const Hash& digest);

    /// What this certificate breaks, if it holds: signatures are not looked at here.
    [[nodiscard]] std::optional<Fork> contradiction(const Certificate& certificate) const;
    /// The same of blocks that become final by the Finalization of the last of them.
    [[nodiscard]] std::optional<Fork> contradiction(const std::vector<const Block*>& blocks,
                                                    const Certificate& finalization) const;
    /// The lowest Finalization kept of this view or a later one.
    [[nodiscard]] std::optional<Certificate> covering(View view) const;

private:
    struct Certificates {
        std::optional<Certificate> notarization;
        std::optional<Certificate> nullification;
        std::optional<Certificate> finalization;
    };
    struct Final {
        Hash digest;
        View parent_view = 0;
        Hash parent_digest;
    };
    [[nodiscard]] std::optional<Fork> against_chain(const Certificate& certificate) const;
    void prune(View newest);

    std::map<View, Certificates> views_;
    std::map<View, Final> chain_;
};

}  // namespace remit::consensus
