#include "node/network/peer_network.h"

#include <grpcpp/create_channel.h>

#include "node/network/outbound_link.h"
#include "node/network/peer_listener.h"
#include "node/tls/pinned_server.h"

namespace remit::node {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t frame_bytes_max = consensus::limits::message_bytes;
/// Room for the frame around the largest message.
constexpr int received_bytes_max = static_cast<int>(frame_bytes_max + (std::size_t{1} << 20U));
/// Votes are small: what does not fit waits for a peer that is gone anyway.
constexpr LinkLimits votes_limits{.queue_bytes_max = std::size_t{16} << 20U,
                                  .frame_bytes_max = frame_bytes_max};
constexpr LinkLimits bulk_limits{.queue_bytes_max = std::size_t{64} << 20U,
                                 .frame_bytes_max = frame_bytes_max};
constexpr int keepalive_ms = 20'000;
constexpr int keepalive_timeout_ms = 10'000;
constexpr int metadata_bytes_max = 8192;
constexpr int streams_max = 16;
constexpr milliseconds keeper_interval{100};
/// How long a peer that misbehaved is left alone.
constexpr std::int64_t misbehaviour_pause_ms = 2500;

grpc::ChannelArguments channel_arguments() {
    grpc::ChannelArguments out;
    // Channels of equal settings share a connection unless told not to: votes would queue behind
    // batches.
    out.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    out.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    // Also the longest a handshake may take: a busy machine needs more than a second.
    out.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 10'000);
    out.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
    out.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, keepalive_ms);
    out.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, keepalive_timeout_ms);
    out.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
    out.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    out.SetInt(GRPC_ARG_MAX_METADATA_SIZE, metadata_bytes_max);
    return out;
}

}  // namespace

struct PeerNetwork::Peer {
    Bytes name;
    TransportPin pin;
    std::atomic<bool> admitted = true;
    mutable std::mutex mutex;  // orders the two notices of one peer
    bool votes_up = false;
    bool bulk_up = false;
    std::unique_ptr<OutboundLink> votes;
    std::unique_ptr<OutboundLink> bulk;

    [[nodiscard]] bool up() const { return votes_up && bulk_up; }
};

struct PeerNetwork::Listening {
    explicit Listening(PeerListener::Parts parts) : service(std::move(parts)) {}
    PeerListener service;
    std::unique_ptr<PinnedServer> server;
};

PeerNetwork::PeerNetwork(PeerNetworkConfig config, Parts parts)
    : config_(std::move(config)), parts_(std::move(parts)), peers_(peers_max) {}

PeerNetwork::~PeerNetwork() {
    stop();
}

Status<Failure> PeerNetwork::start(Session session) {
    session_ = session;
    std::map<TransportPin, consensus::ValidatorIndex> indexes;
    for (std::size_t i = 0; i < config_.validators.size(); ++i) {
        const auto index = static_cast<consensus::ValidatorIndex>(i);
        if (index != config_.self) {
            listed_[config_.validators[i].pin] = {.name = config_.validators[i].name};
            indexes[config_.validators[i].pin] = index;
        }
    }
    admitted_->replace(listed_);
    listening_ = std::make_unique<Listening>(
        PeerListener::Parts{.chain_id = config_.chain_id,
                            .validators = std::move(indexes),
                            .receiver = parts_.receiver,
                            .on_second_session = parts_.on_second_session});
    TRY_ASSIGN(listening_->server, PinnedServer::start({.name = "peer.listen",
                                                        .listen = config_.listen,
                                                        .identity = config_.identity,
                                                        .peers = admitted_,
                                                        .notice = parts_.notice,
                                                        .received_bytes_max = received_bytes_max,
                                                        .streams_max = streams_max,
                                                        .metrics = parts_.metrics},
                                                       {&listening_->service}));
    for (std::size_t i = 0; i < config_.validators.size(); ++i) {
        if (i != config_.self) {
            connect(static_cast<consensus::ValidatorIndex>(i), config_.validators[i]);
        }
    }
    peer_count_ = config_.validators.size();
    keeper_ = std::thread([this] { keep_links_open(); });
    return {};
}

bool PeerNetwork::admit(consensus::PeerNumber number, bool admitted) {
    if (number >= peer_count_ || !peers_[number] || peers_[number]->admitted == admitted) {
        return false;
    }
    auto& peer = *peers_[number];
    peer.admitted = admitted;
    if (admitted) {
        listed_[peer.pin] = {.name = peer.name};
        admitted_->replace(listed_);
        listening_->service.list(peer.pin, number);
        return true;
    }
    listed_.erase(peer.pin);
    admitted_->replace(listed_);
    listening_->service.unlist(peer.pin);
    interrupt(number);
    return true;
}

bool PeerNetwork::add_peer(PeerAddress address) {
    const std::size_t number = peer_count_;
    if (number >= peers_max || !listening_) {
        return false;
    }
    listed_[address.pin] = {.name = address.name};
    admitted_->replace(listed_);
    connect(static_cast<consensus::ValidatorIndex>(number), address);
    listening_->service.list(address.pin, static_cast<consensus::PeerNumber>(number));
    peer_count_ = number + 1;  // from here on other threads look at it
    return true;
}

void PeerNetwork::connect(consensus::ValidatorIndex index, const PeerAddress& address) {
    peers_[index] = std::make_unique<Peer>();
    peers_[index]->name = address.name;
    peers_[index]->pin = address.pin;
    if (!address.endpoint) {
        return;
    }
    // Each channel accepts this one validator's key and no other.
    const auto only = std::make_shared<PeerList>(
        std::map<TransportPin, ListedPeer>{{address.pin, {.name = address.name}}});
    const auto link = [&](Channel channel, const LinkLimits& limits) {
        return std::make_unique<OutboundLink>(OutboundLink::Parts{
            .connection = grpc::CreateCustomChannel(
                address.endpoint->text(),
                pinned_channel_credentials(config_.identity, only, parts_.notice),
                channel_arguments()),
            .channel = channel,
            .chain_id = config_.chain_id,
            .limits = limits,
            .on_change = [this, index, channel](bool up) { on_link_change(index, channel, up); },
            .session = session_,
            .on_superseded = [this, index] { on_superseded(index); }});
    };
    peers_[index]->votes = link(Channel::votes, votes_limits);
    peers_[index]->bulk = link(Channel::bulk, bulk_limits);
}

void PeerNetwork::on_superseded(consensus::ValidatorIndex by) {
    std::set<consensus::PeerNumber> peers;
    {
        const std::lock_guard lock(superseded_mutex_);
        if (!superseded_by_.insert(by).second) {
            return;
        }
        peers = superseded_by_;
    }
    if (parts_.on_superseded) {
        parts_.on_superseded(peers);
    }
}

void PeerNetwork::on_link_change(consensus::ValidatorIndex index, Channel channel, bool up) {
    auto& peer = *peers_[index];
    const std::lock_guard lock(peer.mutex);
    const bool was_up = peer.up();
    (channel == Channel::votes ? peer.votes_up : peer.bulk_up) = up;
    if (!was_up && peer.up()) {
        parts_.receiver.on_connected(index);
    } else if (was_up && !peer.up()) {
        parts_.receiver.on_disconnected(index);
    }
}

void PeerNetwork::keep_links_open() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        for (std::size_t i = 0; i < peer_count_; ++i) {
            const auto& peer = peers_[i];
            if (peer && peer->votes && peer->admitted) {
                peer->votes->keep_open(parts_.clock.mono_ms());
                peer->bulk->keep_open(parts_.clock.mono_ms());
            }
        }
        wake_.wait_for(lock, keeper_interval, [this] { return stopping_; });
    }
}

void PeerNetwork::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (keeper_.joinable()) {
        keeper_.join();
    }
    for (const auto& peer : peers_) {
        if (peer) {
            peer->votes.reset();
            peer->bulk.reset();
        }
    }
    if (listening_ && listening_->server) {
        listening_->server->stop();
        listening_->server.reset();
    }
}

void PeerNetwork::send(std::uint16_t peer, Channel channel, ByteView bytes) {
    if (peer >= peer_count_ || !peers_[peer] || !peers_[peer]->votes || !peers_[peer]->admitted) {
        return;
    }
    sent_bytes_ += bytes.size();
    auto& link = channel == Channel::votes ? *peers_[peer]->votes : *peers_[peer]->bulk;
    link.send(bytes);
    unflushed_.insert(&link);
}

void PeerNetwork::flush() {
    for (auto* link : unflushed_) {
        link->flush();
    }
    unflushed_.clear();
}

void PeerNetwork::interrupt(consensus::ValidatorIndex peer) {
    if (peer >= peer_count_ || !peers_[peer]) {
        return;
    }
    listening_->service.interrupt(peer);
    if (peers_[peer]->votes) {
        const auto now = parts_.clock.mono_ms();
        peers_[peer]->votes->interrupt(now, misbehaviour_pause_ms);
        peers_[peer]->bulk->interrupt(now, misbehaviour_pause_ms);
    }
}

bool PeerNetwork::connected(consensus::ValidatorIndex peer) const {
    if (peer >= peer_count_ || !peers_[peer]) {
        return false;
    }
    const std::lock_guard lock(peers_[peer]->mutex);
    return peers_[peer]->up();
}

std::size_t PeerNetwork::connected_count() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < peer_count_; ++i) {
        count += connected(static_cast<consensus::ValidatorIndex>(i)) ? 1 : 0;
    }
    return count;
}

PeerNetwork::Traffic PeerNetwork::traffic() const {
    Traffic out{.sent_bytes = sent_bytes_};
    out.received_bytes = listening_ ? listening_->service.bytes_received() : 0;
    for (std::size_t i = 0; i < peer_count_; ++i) {
        const auto& peer = peers_[i];
        if (peer && peer->votes) {
            out.dropped_messages += peer->votes->dropped() + peer->bulk->dropped();
        }
    }
    return out;
}

}  // namespace remit::node
