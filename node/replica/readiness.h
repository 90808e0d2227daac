#pragma once

#include <optional>
#include <vector>

#include "consensus/engine.h"
#include "ledger/state_access.h"
#include "node/seams/random.h"

namespace remit::node {

/// Says `ready` for this node's keys while governance has a plan that lists them: again when half
/// of its life has passed, and when the versions this program can vote in have changed.
class Readiness {
public:
    struct Parts {
        Random& random;
        Hash chain_id;
        std::vector<consensus::OwnKey> keys;
        std::uint16_t version_max = 1;
    };
    explicit Readiness(Parts parts) : parts_(std::move(parts)) {}

    /// Items to have ordered now. `state` is that of `head`, executed here; `behind`: heights
    /// finalised and not executed here yet.
    [[nodiscard]] std::vector<Bytes> due(const ledger::StateReader& state,
                                         const ledger::HeadRecord& head, consensus::Height behind);

private:
    /// None: the signer does not sign now.
    [[nodiscard]] std::optional<Bytes> item_for(const consensus::OwnKey& own,
                                                ledger::ParticipantId participant,
                                                const ledger::HeadRecord& head);

    Parts parts_;
    consensus::Height said_at_ = 0;  // the height of what was last said, in whose fate we trust
};

}  // namespace remit::node
