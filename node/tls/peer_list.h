#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "node/tls/certificate.h"

namespace remit::node {

/// Whom a listed certificate belongs to.
struct ListedPeer {
    std::string name;
    std::uint32_t participant_id = 0;
};

/// The pins a listener or a channel accepts, and whose they are. May be replaced while in use;
/// handlers ask it again on every call, so a revoked key stops working at once. Any thread.
class PeerList {
public:
    PeerList() = default;
    explicit PeerList(std::map<TransportPin, ListedPeer> peers) : peers_(std::move(peers)) {}

    void replace(std::map<TransportPin, ListedPeer> peers) {
        const std::lock_guard lock(mutex_);
        peers_ = std::move(peers);
    }
    [[nodiscard]] std::optional<ListedPeer> find(const TransportPin& pin) const {
        const std::lock_guard lock(mutex_);
        const auto at = peers_.find(pin);
        return at == peers_.end() ? std::nullopt : std::optional(at->second);
    }

private:
    mutable std::mutex mutex_;
    std::map<TransportPin, ListedPeer> peers_;
};

}  // namespace remit::node
