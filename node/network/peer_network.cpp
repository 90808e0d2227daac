#include "node/network/peer_network.h"

#include <grpcpp/create_channel.h>

#include <algorithm>

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
/// A peer that may be in several places is looked for in the next one after this long.
constexpr std::int64_t next_endpoint_ms = 5000;
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

std::map<TransportPin, ListedPeer> of_one(const std::string& name,
                                          const std::vector<TransportPin>& pins) {
    std::map<TransportPin, ListedPeer> out;
    for (const auto& pin : pins) {
        out[pin] = {.name = name};
    }
    return out;
}

bool same(const Endpoint& one, const Endpoint& other) {
    return one.host == other.host && one.port == other.port;
}

bool same(const std::vector<Endpoint>& ones, const std::vector<Endpoint>& others) {
    return std::equal(ones.begin(), ones.end(), others.begin(), others.end(),
                      [](const Endpoint& one, const Endpoint& other) { return same(one, other); });
}

}  // namespace

struct PeerNetwork::Peer {
    Bytes name;
    std::vector<TransportPin> pins;  // of the thread that adds peers
    std::atomic<bool> admitted = true;
    /// Each of its channels accepts this one validator's keys and no other.
    std::shared_ptr<PeerList> only = std::make_shared<PeerList>();
    std::mutex place_mutex;
    std::vector<Endpoint> endpoints;
    std::size_t at = 0;  // the endpoint in use
    std::int64_t looking_since_ms = 0;
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
    : config_(std::move(config)),
      parts_(std::move(parts)),
      clocks_(parts_.clock),
      peers_(peers_max) {}

PeerNetwork::~PeerNetwork() {
    stop();
}

Status<Failure> PeerNetwork::start(Session session) {
    session_ = session;
    listening_ = std::make_unique<Listening>(PeerListener::Parts{
        .chain_id = config_.chain_id,
        .validators = {},
        .receiver = parts_.receiver,
        .on_second_session = parts_.on_second_session,
        .on_clock = [this](consensus::PeerNumber peer, const ClockStamp& stamp) {
            clocks_.note(peer, stamp);
        }});
    for (std::size_t i = 0; i < config_.validators.size(); ++i) {
        if (i != config_.self) {
            add(static_cast<consensus::ValidatorIndex>(i), config_.validators[i]);
        }
    }
    peer_count_ = config_.validators.size();
    list();
    TRY_ASSIGN(listening_->server, PinnedServer::start({.name = "peer.listen",
                                                        .listen = config_.listen,
                                                        .identity = config_.identity,
                                                        .peers = admitted_,
                                                        .notice = parts_.notice,
                                                        .received_bytes_max = received_bytes_max,
                                                        .streams_max = streams_max,
                                                        .metrics = parts_.metrics},
                                                       {&listening_->service}));
    keeper_ = std::thread([this] { keep_links_open(); });
    return {};
}

/// Who may come in, from what is said of all peers.
void PeerNetwork::list() {
    std::map<TransportPin, ListedPeer> listed;
    std::map<TransportPin, consensus::PeerNumber> numbers;
    for (std::size_t i = 0; i < peer_count_; ++i) {
        if (!peers_[i] || !peers_[i]->admitted) {
            continue;
        }
        for (const auto& pin : peers_[i]->pins) {
            listed.try_emplace(pin, ListedPeer{.name = peers_[i]->name});
            numbers.try_emplace(pin, static_cast<consensus::PeerNumber>(i));
        }
    }
    admitted_->replace(std::move(listed));
    listening_->service.list(std::move(numbers));
}

bool PeerNetwork::admit(consensus::PeerNumber number, bool admitted) {
    if (number >= peer_count_ || !peers_[number] || peers_[number]->admitted == admitted) {
        return false;
    }
    peers_[number]->admitted = admitted;
    list();
    if (!admitted) {
        interrupt(number);
    }
    return true;
}

bool PeerNetwork::add_peer(PeerAddress address) {
    const std::size_t number = peer_count_;
    if (number >= peers_max || !listening_) {
        return false;
    }
    add(static_cast<consensus::ValidatorIndex>(number), address);
    peer_count_ = number + 1;  // from here on other threads look at it
    list();
    return true;
}

void PeerNetwork::add(consensus::ValidatorIndex index, const PeerAddress& address) {
    peers_[index] = std::make_unique<Peer>();
    auto& peer = *peers_[index];
    peer.name = address.name;
    peer.pins = address.pins;
    peer.endpoints = address.endpoints;
    peer.looking_since_ms = parts_.clock.mono_ms();
    const auto link = [&](Channel channel, const LinkLimits& limits) {
        return std::make_unique<OutboundLink>(OutboundLink::Parts{
            .channel = channel,
            .chain_id = config_.chain_id,
            .limits = limits,
            .on_change = [this, index, channel](bool up) { on_link_change(index, channel, up); },
            .session = session_,
            .on_superseded = [this, index] { on_superseded(index); },
            .stamp = channel == Channel::votes
                         ? std::function([this, index] { return clocks_.stamp_for(index); })
                         : nullptr});
    };
    peer.votes = link(Channel::votes, votes_limits);
    peer.bulk = link(Channel::bulk, bulk_limits);
    peer.only->replace(of_one(peer.name, peer.pins));
    connect(peer);
}

/// New connections to where the peer is thought to be. Under `place_mutex`, or before other threads
/// know the peer.
void PeerNetwork::connect(Peer& peer) {
    for (auto* link : {peer.votes.get(), peer.bulk.get()}) {
        link->connect(peer.endpoints.empty() ? nullptr
                                             : grpc::CreateCustomChannel(
                                                   peer.endpoints[peer.at].text(),
                                                   pinned_channel_credentials(
                                                       config_.identity, peer.only, parts_.notice),
                                                   channel_arguments()));
    }
}

bool PeerNetwork::renew(consensus::PeerNumber number, const PeerAddress& address) {
    if (number >= peer_count_ || !peers_[number]) {
        return false;
    }
    auto& peer = *peers_[number];
    std::unique_lock lock(peer.place_mutex);
    if (peer.pins == address.pins && same(peer.endpoints, address.endpoints)) {
        return false;
    }
    const bool fewer = std::any_of(peer.pins.begin(), peer.pins.end(), [&](const auto& pin) {
        return std::find(address.pins.begin(), address.pins.end(), pin) == address.pins.end();
    });
    const auto found =
        std::find_if(address.endpoints.begin(), address.endpoints.end(), [&](const Endpoint& each) {
            return !peer.endpoints.empty() && same(each, peer.endpoints[peer.at]);
        });
    const bool stays = found != address.endpoints.end();
    peer.pins = address.pins;
    peer.endpoints = address.endpoints;
    peer.at = stays ? static_cast<std::size_t>(found - address.endpoints.begin()) : 0;
    peer.looking_since_ms = parts_.clock.mono_ms();
    peer.only->replace(of_one(peer.name, peer.pins));
    if (fewer || !stays) {
        connect(peer);  // a connection that stands is not asked for its certificate again
    }
    lock.unlock();
    list();
    if (fewer) {
        listening_->service.interrupt(number);
    }
    return true;
}

void PeerNetwork::try_next_endpoint(Peer& peer, std::int64_t now_ms) {
    const bool up = [&peer] {
        const std::lock_guard lock(peer.mutex);
        return peer.up();
    }();
    const std::lock_guard lock(peer.place_mutex);
    if (up || peer.endpoints.size() < 2) {
        peer.looking_since_ms = now_ms;
    } else if (now_ms >= peer.looking_since_ms + next_endpoint_ms) {
        peer.looking_since_ms = now_ms;
        peer.at = (peer.at + 1) % peer.endpoints.size();
        connect(peer);
    }
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
            if (peer && peer->admitted) {
                const auto now_ms = parts_.clock.mono_ms();
                try_next_endpoint(*peer, now_ms);
                peer->votes->keep_open(now_ms);
                peer->bulk->keep_open(now_ms);
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
    if (peer >= peer_count_ || !peers_[peer] || !peers_[peer]->admitted) {
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
    const auto now = parts_.clock.mono_ms();
    peers_[peer]->votes->interrupt(now, misbehaviour_pause_ms);
    peers_[peer]->bulk->interrupt(now, misbehaviour_pause_ms);
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

std::optional<std::int64_t> PeerNetwork::clock_skew_ms() const {
    std::size_t admitted = 0;
    for (std::size_t i = 0; i < peer_count_; ++i) {
        admitted += peers_[i] && peers_[i]->admitted ? 1 : 0;
    }
    return clocks_.skew_ms(admitted);
}

PeerNetwork::Traffic PeerNetwork::traffic() const {
    Traffic out{.sent_bytes = sent_bytes_};
    out.received_bytes = listening_ ? listening_->service.bytes_received() : 0;
    for (std::size_t i = 0; i < peer_count_; ++i) {
        const auto& peer = peers_[i];
        if (peer) {
            out.dropped_messages += peer->votes->dropped() + peer->bulk->dropped();
        }
    }
    return out;
}

}  // namespace remit::node
