#pragma once

#include <functional>

#include "node/replica/replica.h"
#include "remit/v1/ledger_service.pb.h"

namespace remit::node {

/// What the API asks of the node around it. Any thread.
class ApiHost {
public:
    virtual ~ApiHost() = default;
    /// Hands an envelope to the reactor. False when its queue is full: nothing was kept and `done`
    /// is never called.
    virtual bool submit(Submission submission) = 0;
    /// So little disk is left that clients must go elsewhere.
    [[nodiscard]] virtual bool is_disk_low() const = 0;
    [[nodiscard]] virtual v1::GetNodeStatusResponse status() const = 0;
};

}  // namespace remit::node
