#include "test/placement/emulation.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <utility>

namespace remit::placement {

using namespace consensus;

namespace {

constexpr std::int64_t wall_ms = 1'735'660'900'000;
constexpr std::int64_t warm_up_us = 3'000'000;  // connections, first delays measured
constexpr std::int64_t give_up_us = 60'000'000;
constexpr std::size_t item_bytes = 300;
/// A lost packet is noticed by the ones behind it or, at the latest, by this timer of TCP.
constexpr double retransmit_ms_min = 200;

std::uint64_t bytes_of(const std::vector<BatchHandle>& batches) {
    std::uint64_t bytes = 0;
    for (const auto& batch : batches) {
        bytes += batch->bytes;
    }
    return bytes;
}

double processor_s() {
    timespec spent{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

std::int64_t us(double microseconds) {
    return static_cast<std::int64_t>(std::llround(microseconds));
}

}  // namespace

Emulation::Emulation(const Placement& placement, Costs costs, Conditions conditions,
                     std::uint64_t seed, Params params)
    : placement_(placement),
      costs_(costs),
      conditions_(conditions),
      world_(placement.size(), params),
      random_(seed | 1U),
      uplinks_(placement.size(), Uplink(conditions.uplink_mbit)),
      before_(placement.size()) {
    for (std::size_t i = 0; i < placement.size(); ++i) {
        hosts_.push_back(conditions.dead == i ? nullptr : std::make_unique<Host>(world_, i));
        if (hosts_.back()) {
            hosts_.back()->costs = &costs_;
        }
    }
}

Emulation::~Emulation() = default;

bool Emulation::chance(double share) {
    random_ ^= random_ << 13U;
    random_ ^= random_ >> 7U;
    random_ ^= random_ << 17U;
    constexpr std::uint64_t parts = 1'000'000;
    return static_cast<double>(random_ % parts) < share * static_cast<double>(parts);
}

void Emulation::at(Time when, std::function<void()> action) {
    queue_.push({.at = std::max(when, now_), .order = order_++, .action = std::move(action)});
}

void Emulation::give(std::size_t node, consensus::Event event) {
    auto* host = hosts_[node].get();
    if (host == nullptr) {
        return;
    }
    if (host->reactor_free_us > now_) {  // busy: in its turn
        at(host->reactor_free_us,
           [this, node, event = std::move(event)]() mutable { give(node, std::move(event)); });
        return;
    }
    const auto ms = now_ / 1000;
    auto done = host->step(event, {.mono_ms = ms, .wall_ms = wall_ms + ms});
    drain(node, std::move(done));
}

void Emulation::drain(std::size_t node, Host::Done done) {
    auto& host = *hosts_[node];
    host.reactor_free_us = now_ + us(done.reactor_us);
    const auto ready = host.reactor_free_us;
    for (const auto& send : done.output.send) {
        if (const auto* proposal = std::get_if<Proposal>(&send.message)) {
            proposed_.try_emplace(proposal->header.digest(), now_);
        }
        const auto bytes = encode_message(send.message);
        for (std::size_t to = 0; to < hosts_.size(); ++to) {
            if (to != node && (!send.to || *send.to == to)) {
                deliver(node, to, bytes, ready, send.channel == Channel::bulk);
                count(send.message, bytes.size());
            }
        }
    }
    const auto executes = [&](double cost_us, auto&& then) {
        host.executor_free_us = std::max(host.executor_free_us, ready) + us(cost_us);
        host.execution_us += cost_us;
        at(host.executor_free_us, std::forward<decltype(then)>(then));
    };
    const auto cost_of = [this](const std::vector<BatchHandle>& batches) {
        double items = 0;
        for (const auto& batch : batches) {
            items += static_cast<double>(batch->items.size());
        }
        return costs_.block_us + items * costs_.item_us;
    };
    if (!conditions_.executes_ahead) {
        done.output.notarized.clear();
    }
    for (const auto& commit : done.output.commits) {
        host.keep(commit);
        if (const auto begin = proposed_.find(commit.digest);
            begin != proposed_.end() && now_ > warm_up_us) {
            figures_.finalities.push_back(
                {.leader = commit.header.leader,
                 .at = node,
                 .ms = static_cast<double>(ready - begin->second) / 1000});
        }
        // A block proposed after the death: what was under way then ends without its leader.
        const auto begun = proposed_.find(commit.digest);
        if (died_ && begun != proposed_.end() && begun->second > *died_) {
            figures_.pause_ms = static_cast<double>(ready - *died_) / 1000;
            died_.reset();
        }
        const auto result = host.execute(commit.header, commit.batches);
        const auto height = commit.header.height;
        // What was executed ahead only needs to be written.
        const bool ahead = host.ahead.erase(commit.digest) > 0;
        const auto bytes = bytes_of(commit.batches);
        executes((ahead ? 0 : cost_of(commit.batches)) + costs_.write_us,
                 [this, node, result, height, bytes, committed = ready] {
                     note_executed(node, bytes, committed);
                     give(node, BlockExecuted{result});
                     give(node, WakeAt{.height = height, .time_ms = std::nullopt});
                 });
        if (bulk_) {
            note_committed(node, commit);
            continue;
        }
        auto& carried = host.carried[height];
        carried.leader = commit.header.leader;
        for (const auto& batch : commit.batches) {
            carried.items.insert(carried.items.end(), batch->items.begin(), batch->items.end());
        }
    }
    for (const auto& block : done.output.notarized) {
        host.ahead.insert(block.digest);
        const auto result = host.execute(block.header, block.batches);
        executes(cost_of(block.batches),
                 [this, node, result] { give(node, BlockSpeculated{result}); });
    }
    for (const auto& certificate : done.output.execution_certificates) {
        host.keep(certificate);
    }
    for (const auto& proof : done.output.execution_proofs) {
        answer(node, proof.result.height, ready);
    }
    plan_tick(node);
}

void Emulation::count(const Message& message, std::size_t bytes) {
    auto& share = figures_.by_kind[std::string(name_of(message))];
    ++share.messages_per_view;
    share.bytes_per_view += static_cast<double>(bytes);
}

/// The clients of this validator see their receipts once the step that has the proof is done.
void Emulation::answer(std::size_t node, Height height, Time when) {
    if (bulk_) {
        return;
    }
    const auto& carried = hosts_[node]->carried[height];
    for (const auto& item : carried.items) {
        const auto waiting = submitted_.find(item);
        if (waiting != submitted_.end() && waiting->second.at == node) {
            figures_.receipts.push_back(
                {.leader = carried.leader,
                 .at = node,
                 .ms = static_cast<double>(when - waiting->second.since) / 1000});
            submitted_.erase(waiting);
        }
    }
    hosts_[node]->carried.erase(height);
}

/// Bytes of one connection arrive in order: what is behind a lost packet waits for it.
void Emulation::deliver(std::size_t from, std::size_t to, const Bytes& bytes, Time sent,
                        bool bulk) {
    if (!hosts_[to]) {
        return;
    }
    ++messages_;
    hosts_[from]->sent_bytes += bytes.size();
    auto delay = placement_.one_way_ms[from][to];
    if (conditions_.gray == from) {
        delay += conditions_.gray_ms;
    }
    if (chance(conditions_.loss)) {
        delay += std::max(retransmit_ms_min, 2 * placement_.one_way_ms[from][to]);
    }
    sent = uplinks_[from].leaves(bytes.size(), bulk, sent);
    auto& last = last_arrival_[{from, to, bulk}];
    last = std::max(last, sent + us(delay * 1000));
    at(last, [this, from, to, bytes] {
        auto message = decode_message(bytes);
        if (message) {
            give(to, PeerMessage{static_cast<ValidatorIndex>(from), std::move(*message)});
        }
    });
}

void Emulation::plan_tick(std::size_t node) {
    auto& host = *hosts_[node];
    const auto deadline = host.deadline();
    if (!deadline) {
        return;
    }
    const auto when = std::max(*deadline, now_ / 1000 + 1);
    if (host.tick_planned_ms > now_ / 1000 && host.tick_planned_ms <= when) {
        return;
    }
    host.tick_planned_ms = when;
    at(when * 1000, [this, node, when] {
        if (hosts_[node] && hosts_[node]->tick_planned_ms == when) {
            hosts_[node]->tick_planned_ms = -1;
            give(node, Tick{});
        }
    });
}

/// What its clients wait for is not waited for here: they ask another one. A payment comes at the
/// same moment, so that the pause is the network's and not the load's.
void Emulation::kill_leader() {
    const auto& somebody = *std::find_if(hosts_.begin(), hosts_.end(),
                                         [](const auto& host) { return host != nullptr; });
    auto view = somebody->metrics().view;
    while (!hosts_[somebody->leader(view)]) {
        ++view;  // dead already: the next that lives
    }
    const auto leader = somebody->leader(view);
    hosts_[leader].reset();
    std::erase_if(submitted_, [leader](const auto& each) { return each.second.at == leader; });
    died_ = now_;
    submit((leader + 1) % hosts_.size(), 1);
}

void Emulation::submit(std::size_t node, std::size_t items) {
    while (!hosts_[node]) {
        node = (node + 1) % hosts_.size();
    }
    SubmitItems given;
    ++next_item_;
    for (std::size_t i = 0; i < items; ++i) {
        Bytes item(item_bytes, 'i');
        const auto number = std::to_string(next_item_) + "." + std::to_string(i);
        item.replace(0, number.size(), number);
        if (i == 0) {
            submitted_[item] = {.at = node, .since = now_};
        }
        given.items.push_back({.token = next_item_, .bytes = std::move(item)});
    }
    give(node, std::move(given));
}

void Emulation::begin() {
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
        if (hosts_[i]) {
            drain(i, hosts_[i]->start({.mono_ms = 0, .wall_ms = wall_ms}));
        }
    }
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
        for (std::size_t j = 0; j < hosts_.size(); ++j) {
            if (i != j && hosts_[i] && hosts_[j]) {
                give(i, PeerConnected{static_cast<ValidatorIndex>(j)});
            }
        }
    }
}

/// Never more than the author's window takes: no item is refused.
void Emulation::fill(std::size_t node) {
    while (bulk_->given < bulk_->items &&
           hosts_[node]->metrics().batches_own < bulk_->own_batches) {
        SubmitItems items;
        for (std::size_t i = 0; i < bulk_->at_once && bulk_->given < bulk_->items; ++i) {
            Bytes item(item_bytes, 'i');
            const auto number = std::to_string(bulk_->given++);
            item.replace(0, number.size(), number);
            items.items.push_back({.token = bulk_->given, .bytes = std::move(item)});
        }
        const auto ms = now_ / 1000;
        drain(node, hosts_[node]->step(items, {.mono_ms = ms, .wall_ms = wall_ms + ms}));
    }
    if (bulk_->given < bulk_->items) {
        at(now_ + 1000, [this, node] { fill(node); });
    }
}

void Emulation::note_committed(std::size_t node, const Commit& commit) {
    auto& lag = bulk_->of[node];
    for (const auto& batch : commit.batches) {
        lag.committed += batch->items.size();
    }
    lag.bytes += bytes_of(commit.batches);
    ++lag.blocks;
    bulk_->out.lag_blocks = std::max(bulk_->out.lag_blocks, lag.blocks);
    bulk_->out.lag_bytes = std::max(bulk_->out.lag_bytes, lag.bytes);
}

void Emulation::note_executed(std::size_t node, std::uint64_t bytes, Time committed) {
    if (!bulk_) {
        return;
    }
    auto& lag = bulk_->of[node];
    --lag.blocks;
    lag.bytes -= bytes;
    if (bytes > 0) {
        bulk_->out.behind_ms.push_back(static_cast<double>(now_ - committed) / 1000);
    }
}

Ordering Emulation::order(std::uint64_t items, std::size_t at_once,
                          std::optional<std::size_t> own_batches) {
    bulk_ = Bulk{.items = items,
                 .at_once = at_once,
                 .own_batches = own_batches.value_or(world_.params.author_window / 4),
                 .given = 0,
                 .of = std::vector<Bulk::Lag>(hosts_.size()),
                 .out = {}};
    begin();
    const auto run_until = [this](auto&& done, Time end) {
        while (!queue_.empty() && queue_.top().at < end && !done()) {
            now_ = queue_.top().at;
            auto action = queue_.top().action;
            queue_.pop();
            action();
        }
    };
    run_until([] { return false; }, warm_up_us);
    now_ = warm_up_us;
    const auto cpu_before = processor_s();
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
        at(now_, [this, i] { fill(i); });
    }
    const auto& of = bulk_->of;
    const auto all_done = [&] {
        return std::all_of(of.begin(), of.end(), [items](const auto& each) {
            return each.committed >= items && each.bytes == 0;
        });
    };
    run_until(all_done, warm_up_us + 10 * give_up_us);
    auto out = bulk_->out;
    out.cpu_s = processor_s() - cpu_before;
    out.items = items;
    for (const auto& each : of) {
        out.items = std::min(out.items, each.committed);
    }
    out.blocks = hosts_[0]->metrics().blocks_finalised;
    out.virtual_s = static_cast<double>(now_ - warm_up_us) / 1e6;
    return out;
}

Figures Emulation::run(const Load& load) {
    begin();
    at(warm_up_us, [this] { end_warm_up(); });
    std::size_t next = 0;
    for (std::uint64_t i = 0; i < load.payments; ++i) {
        do {
            next = (next + 1) % hosts_.size();
        } while (!hosts_[next]);
        at(warm_up_us + us(load.every_ms * 1000 * static_cast<double>(i)),
           [this, node = next, of = load.of] { submit(node, of); });
    }
    if (conditions_.leader_dies_ms) {
        at(warm_up_us + us(*conditions_.leader_dies_ms * 1000), [this] { kill_leader(); });
    }
    const auto end =
        warm_up_us + us(load.every_ms * 1000 * static_cast<double>(load.payments)) + give_up_us;
    const auto all = load.payments + (conditions_.leader_dies_ms ? 1 : 0);
    while (!queue_.empty() && queue_.top().at < end && (next_item_ < all || !submitted_.empty())) {
        now_ = queue_.top().at;
        auto action = queue_.top().action;
        queue_.pop();
        action();
    }
    summarise();
    return figures_;
}

/// Connections are open, distances known: what follows is what the figures are about.
void Emulation::end_warm_up() {
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
        if (hosts_[i]) {
            before_[i] = hosts_[i]->metrics();
            hosts_[i]->forget_costs();
        }
    }
    messages_ = 0;
    figures_.by_kind.clear();
}

void Emulation::summarise() {
    double alive = 0;
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
        const auto& host = hosts_[i];
        if (!host) {
            continue;
        }
        ++alive;
        const auto metrics = host->metrics();
        const auto& before = before_[i];
        figures_.views = std::max(figures_.views, metrics.view - before.view);
        figures_.nullified =
            std::max(figures_.nullified, metrics.views_nullified - before.views_nullified);
        figures_.cpu_ms_per_view += host->cpu_us / 1000;
        figures_.execution_ms_per_view += host->execution_us / 1000;
        figures_.checks_per_view +=
            static_cast<double>(metrics.signatures_verified - before.signatures_verified);
        figures_.bytes_per_view += static_cast<double>(host->sent_bytes);
        figures_.journal_bytes_per_view += static_cast<double>(host->journal_bytes);
        figures_.syncs_per_view += static_cast<double>(host->syncs);
        figures_.kept_bytes_per_block += host->kept_bytes_per_block();
    }
    const auto views = static_cast<double>(std::max<std::uint64_t>(figures_.views, 1));
    for (auto* each :
         {&figures_.cpu_ms_per_view, &figures_.execution_ms_per_view, &figures_.checks_per_view,
          &figures_.bytes_per_view, &figures_.journal_bytes_per_view, &figures_.syncs_per_view}) {
        *each /= views * alive;
    }
    figures_.kept_bytes_per_block /= alive;
    figures_.messages_per_view = static_cast<double>(messages_) / views;
    for (auto& [kind, share] : figures_.by_kind) {
        share.messages_per_view /= views;
        share.bytes_per_view /= views;
    }
    figures_.unanswered = submitted_.size();
}

}  // namespace remit::placement
