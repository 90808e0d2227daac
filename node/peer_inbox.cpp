#include "node/peer_inbox.h"

#include <algorithm>
#include <optional>
#include <variant>
#include <vector>

#include "consensus/serve_budget.h"
#include "node/ops/log.h"

namespace remit::node {

namespace {

constexpr std::size_t header_bytes = 512;  // about, without its entries
constexpr std::size_t entry_bytes = 60;
constexpr std::size_t chunk_bytes = std::size_t{256} * 1024;

std::size_t bytes_of(const consensus::Header& header) {
    return header_bytes + header.batches.size() * entry_bytes;
}

/// About how much work a message of bulk data is, or a request for some; none: it is neither. A
/// request is short and its answer may take a hundred reads of the database: votes overtake those
/// as well.
struct BulkBytes {
    using Found = std::optional<std::size_t>;

    template <class T>
    Found operator()(const T& /*small*/) const {
        return std::nullopt;
    }
    Found operator()(const consensus::BatchHandle& batch) const { return batch->bytes; }
    Found operator()(const consensus::Forward& forward) const {
        std::size_t bytes = 0;
        for (const auto& item : forward.items) {
            bytes += item.size();
        }
        return bytes;
    }
    Found operator()(const consensus::ChunkAnswer& chunk) const { return chunk.bytes.size(); }
    Found operator()(const consensus::SnapshotAnswer& answer) const {
        return answer.manifest.size();
    }
    Found operator()(const consensus::HandOver& way) const { return sum(way.headers); }
    Found operator()(const consensus::HeadersAnswer& answer) const { return sum(answer.headers); }
    Found operator()(const consensus::BlocksAnswer& answer) const {
        std::size_t bytes = 0;
        for (const auto& block : answer.blocks) {
            bytes += bytes_of(block.header);
        }
        return bytes;
    }
    Found operator()(const consensus::HeadersRequest& request) const {
        return lookups(std::min<std::size_t>(request.count, consensus::limits::answer_headers));
    }
    Found operator()(const consensus::BlocksRequest& request) const {
        return lookups(std::min<std::size_t>(request.count, consensus::limits::answer_blocks));
    }
    Found operator()(const consensus::BatchesRequest& request) const {
        return lookups(request.digests.size());
    }
    Found operator()(const consensus::SnapshotRequest& /*request*/) const { return lookups(1); }
    Found operator()(const consensus::ChunkRequest& /*request*/) const { return chunk_bytes; }
    static Found lookups(std::size_t count) {
        return std::max<std::size_t>(count, 1) * consensus::ServeBudget::lookup_bytes;
    }
    static Found sum(const std::vector<consensus::Header>& headers) {
        std::size_t bytes = 0;
        for (const auto& header : headers) {
            bytes += bytes_of(header);
        }
        return bytes;
    }
};

}  // namespace

void PeerInbox::on_message(consensus::ValidatorIndex peer, consensus::Message message,
                           ReadLease lease) {
    if (const auto* status = std::get_if<consensus::PeerStatus>(&message)) {
        heights_.at(peer) = status->executed_height;
    }
    const auto bulk = std::visit(BulkBytes(), message);
    Reactor::Event event = [peer, message = std::move(message),
                            lease = std::move(lease)](Replica& replica) mutable {
        replica.on_peer_message(peer, std::move(message));
    };
    bulk ? reactor_.post_bulk(peer, std::move(event), *bulk) : reactor_.post(std::move(event));
}

void PeerInbox::on_garbage(consensus::ValidatorIndex peer) {
    log_warning("peer_sent_garbage", {{"validator", peer}});
    // An empty frame is no message: the replica counts it against the peer.
    reactor_.post([peer](Replica& replica) { replica.on_peer_bytes(peer, {}); });
}

void PeerInbox::on_connected(consensus::ValidatorIndex peer) {
    log_info("peer_connected", {{"validator", peer}});
    reactor_.post([peer](Replica& replica) { replica.on_peer_connected(peer); });
}

void PeerInbox::on_disconnected(consensus::ValidatorIndex peer) {
    log_info("peer_disconnected", {{"validator", peer}});
    reactor_.post([peer](Replica& replica) { replica.on_peer_disconnected(peer); });
}

}  // namespace remit::node
