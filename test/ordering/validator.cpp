#include "test/ordering/validator.h"

#include <sys/resource.h>

#include <stdexcept>

#include "test/support/node/free_port.h"

namespace remit::ordering {

using namespace consensus;

namespace {

constexpr std::size_t item_bytes = 300;
/// Bulk data of one turn, as the reactor of a node takes it.
constexpr std::size_t bulk_bytes_per_turn = std::size_t{1} << 20U;

template <class T, class E>
T must(Result<T, E> result, const char* what) {
    if (!result) {
        throw std::runtime_error(std::string("ordering: cannot ") + what);
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*result);
    }
}

double processor_s() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

Net::Net(std::size_t validators) : world(validators) {
    const auto ports = node::free_ports(validators);
    for (std::size_t i = 0; i < validators; ++i) {
        const auto name = "validator " + std::to_string(i);
        identities.push_back(must(node::make_tls_identity(name), "make a certificate"));
        const auto facts = must(node::read_certificate(identities[i].certificate_pem), "read it");
        addresses.push_back({.name = name,
                             .pins = {facts.pin},
                             .endpoints = {node::Endpoint{"127.0.0.1", ports[i]}}});
    }
}

Validator::Validator(const Net& net, std::size_t index, const std::string& folder,
                     std::size_t at_once)
    : net_(net), index_(index), at_once_(at_once), host_(net.world, index) {
    host_.costs = &costs_;
    must(disk_.make_folder(folder), "make a folder");
    auto opened =
        must(node::VoteJournal::open(disk_, random_, {.folder = folder}, true), "open a journal");
    journal_ = std::move(opened.journal);
    network_ = std::make_unique<node::PeerNetwork>(
        node::PeerNetworkConfig{.chain_id = net.world.chain_id,
                                .self = static_cast<ValidatorIndex>(index),
                                .listen = net.addresses[index].endpoints.front(),
                                .validators = net.addresses,
                                .identity = net.identities[index]},
        node::PeerNetwork::Parts{.receiver = *this,
                                 .clock = clock_,
                                 .notice = [](auto /*what*/, const auto& /*who*/) {}});
}

Validator::~Validator() {
    network_->stop();
}

void Validator::arrived(Arrived event) {
    const auto* message = std::get_if<PeerMessage>(&event.event);
    const bool batch = message != nullptr && std::holds_alternative<BatchHandle>(message->message);
    const std::lock_guard lock(mutex_);
    (batch ? bulk_ : urgent_).push_back(std::move(event));
    wake_.notify_one();
}

void Validator::on_message(ValidatorIndex peer, Message message, node::ReadLease lease) {
    arrived({PeerMessage{peer, std::move(message)}, std::move(lease)});
}

void Validator::on_garbage(ValidatorIndex /*peer*/) {
    const std::lock_guard lock(mutex_);
    ++garbage_;
}

void Validator::on_connected(ValidatorIndex peer) {
    arrived({PeerConnected{peer}, nullptr});
}

void Validator::on_disconnected(ValidatorIndex peer) {
    arrived({PeerDisconnected{peer}, nullptr});
}

std::deque<Validator::Arrived> Validator::wait_for_work(std::int64_t until_ms) {
    std::unique_lock lock(mutex_);
    if (garbage_ > 0) {
        throw std::runtime_error("ordering: bytes that are no message");
    }
    const auto wait_ms = std::max<std::int64_t>(until_ms - clock_.mono_ms(), 0);
    wake_.wait_for(lock, std::chrono::milliseconds(wait_ms),
                   [this] { return !urgent_.empty() || !bulk_.empty(); });
    auto out = std::exchange(urgent_, {});
    std::size_t bytes = 0;
    while (!bulk_.empty() && bytes < bulk_bytes_per_turn) {
        bytes += std::get<BatchHandle>(std::get<PeerMessage>(bulk_.front().event).message)->bytes;
        out.push_back(std::move(bulk_.front()));
        bulk_.pop_front();
    }
    return out;
}

void Validator::take(placement::Host::Done done) {
    pending_.append(std::move(done.output));
}

/// A quarter of the author's window: what its batches carry is large then, no item is refused.
void Validator::fill() {
    while (host_.metrics().batches_own < net_.world.params.author_window / 4) {
        SubmitItems items;
        for (std::size_t i = 0; i < at_once_; ++i) {
            Bytes item(item_bytes, 'i');
            const auto number = std::to_string(index_) + "." + std::to_string(given_++);
            item.replace(0, number.size(), number);
            items.items.push_back({.token = given_, .bytes = std::move(item)});
        }
        take(host_.step(items, now()));
    }
}

/// In the one safe order; what is final counts, and is executed in no time.
void Validator::drain() {
    while (true) {
        auto output = std::exchange(pending_, {});
        must(journal_->append(output.journal, output.store_batches), "write the journal");
        if (output.sync_before_send) {
            must(journal_->sync(), "sync the journal");
        }
        for (const auto& send : output.send) {
            const auto bytes = encode_message(send.message);
            const auto channel =
                send.channel == Channel::votes ? node::Channel::votes : node::Channel::bulk;
            for (std::size_t to = 0; to < net_.world.set.size(); ++to) {
                if (to != index_ && (!send.to || *send.to == to)) {
                    network_->send(static_cast<std::uint16_t>(to), channel, bytes);
                }
            }
        }
        network_->flush();
        if (!output.refused.empty() || !output.misbehaviour.empty()) {
            throw std::runtime_error("ordering: an item or a peer was refused");
        }
        for (const auto& commit : output.commits) {
            host_.keep(commit);
            const auto result = host_.execute(commit.header, commit.batches);
            for (const auto& batch : commit.batches) {
                ordered_ += batch->items.size();
            }
            take(host_.step(BlockExecuted{result}, now()));
            take(
                host_.step(WakeAt{.height = commit.header.height, .time_ms = std::nullopt}, now()));
        }
        for (const auto& certificate : output.execution_certificates) {
            host_.keep(certificate);
        }
        if (output.commits.empty()) {
            return;
        }
    }
}

void Validator::turn(std::int64_t until_ms, bool fills) {
    // Room in the author's window shows with the next block; nothing else wakes who waits for it.
    constexpr std::int64_t pause_ms = 5;
    const auto latest = std::min(until_ms, clock_.mono_ms() + pause_ms);
    auto work = wait_for_work(std::min(host_.deadline().value_or(latest), latest));
    for (auto& each : work) {
        take(host_.step(each.event, now()));
    }
    work.clear();  // its leases: the streams are read on
    if (host_.deadline() && *host_.deadline() <= clock_.mono_ms()) {
        take(host_.step(Tick{}, now()));
    }
    if (fills) {
        fill();
    }
    drain();
}

Count Validator::count() const {
    const auto metrics = host_.metrics();
    return {.items = ordered_,
            .blocks = metrics.blocks_finalised,
            .views = metrics.view,
            .nullified = metrics.views_nullified,
            .syncs = journal_->syncs(),
            .journal_bytes = journal_->bytes_written(),
            .processor_s = processor_s()};
}

Count Validator::run(std::int64_t begin_ms, std::int64_t count_ms, std::int64_t span_ms) {
    must(network_->start({.boot_counter = 1, .started = index_ + 1}), "listen");
    take(host_.start(now()));
    drain();
    const auto until = [this](std::int64_t end_ms, bool fills) {
        while (clock_.mono_ms() < end_ms) {
            turn(end_ms, fills);
        }
    };
    until(begin_ms, false);
    if (network_->connected_count() + 1 < net_.world.set.size()) {
        throw std::runtime_error("ordering: not all are connected");
    }
    until(count_ms, true);
    const auto before = count();
    until(count_ms + span_ms, true);
    const auto after = count();
    // The others still count, and need this one.
    constexpr std::int64_t grace_ms = 500;
    until(count_ms + span_ms + grace_ms, false);
    return {.items = after.items - before.items,
            .blocks = after.blocks - before.blocks,
            .views = after.views - before.views,
            .nullified = after.nullified - before.nullified,
            .syncs = after.syncs - before.syncs,
            .journal_bytes = after.journal_bytes - before.journal_bytes,
            .processor_s = after.processor_s - before.processor_s};
}

}  // namespace remit::ordering
