#include "gateway/engine.h"

#include <algorithm>

#include "gateway/crash_points.h"
#include "node/ops/log.h"

namespace remit::gateway {

namespace {

/// A quiet block is not worth a synced write: reading it again does no harm.
constexpr std::uint64_t quiet_blocks_per_write = 64;

}  // namespace

Change::Change(const std::map<Bytes, Saga>& live, const Journal& journal, std::int64_t now_ms)
    : live_(live), journal_(journal) {
    context_.now_ms = now_ms;
}

Saga* Change::find(v1::SagaKind kind, ByteView id) {
    return find(saga_key(kind, id));
}

Saga* Change::find(const Bytes& key) {
    if (const auto at = sagas_.find(key); at != sagas_.end()) {
        return &at->second;
    }
    if (const auto at = live_.find(key); at != live_.end()) {
        return &(sagas_[key] = at->second);
    }
    if (auto saga = journal_.saga_at_rest(key)) {
        return &(sagas_[key] = std::move(*saga));
    }
    return nullptr;
}

bool Change::add(Saga saga) {
    const auto key = saga_key(saga);
    if (sagas_.contains(key) || live_.contains(key) || journal_.saga_at_rest(key)) {
        return false;
    }
    if (saga.started_at_ms() == 0) {
        saga.set_started_at_ms(context_.now_ms);
    }
    sagas_[key] = std::move(saga);
    return true;
}

Engine::Engine(const EngineParts& parts, const EngineOptions& options, Role& role, Post post)
    : parts_(parts), options_(options), role_(role), post_(std::move(post)), journal_(parts.kv) {}

void Engine::load() {
    const std::lock_guard lock(mutex_);
    for (auto& saga : journal_.live_sagas()) {
        const auto key = saga_key(saga);
        // Whether the last life reached the rail is not known: ask before sending.
        saga.set_rail_unknown(true);
        live_[key] = std::move(saga);
        ready_.insert(key);
    }
    const auto now = parts_.clock.wall_ms();
    for (auto& record : journal_.outbox()) {
        redeliveries_.emplace(now, record.sequence());
        outbox_[record.sequence()] = std::move(record);
    }
    sequence_ = journal_.number(Journal::Number::outbox_sequence);
    next_height_ = std::max<std::uint64_t>(1, journal_.number(Journal::Number::next_height));
}

void Engine::commit(Change& change) {
    // What a step gives rise to is part of the same write.
    for (auto& saga : std::exchange(change.context().spawned, {})) {
        change.add(std::move(saga));
    }
    for (const auto& [asset, more] : change.context().ramps) {
        journal_.add(change.batch(), asset, more);
    }
    for (const auto& item : change.context().breaks) {
        put_break(item, change.batch());
    }
    for (const auto& [key, saga] : change.sagas()) {
        Journal::put(change.batch(), saga);
        role_.on_write(saga, change.batch());
    }
    journal_.commit(change.batch());
    for (auto& [key, saga] : change.sagas()) {
        if (is_at_rest(saga)) {
            live_.erase(key);
            ready_.erase(key);
            alone_.erase(key);
        } else {
            live_[key] = std::move(saga);
            ready_.insert(key);
        }
    }
    changed_.notify_all();
    work_.notify_one();
}

void Engine::put_break(const v1::Break& item, node::KvBatch& batch) const {
    auto known = journal_.find_break(item.break_id());
    if (item.closed_at_ms() == 0) {
        if (!known || known->closed_at_ms() != 0) {
            node::log_warning("break_opened", {{"class", v1::BreakClass_Name(item.break_class())},
                                               {"subject", item.subject()},
                                               {"detail", item.detail()}});
        }
        Journal::put(batch, item);
    } else if (known && known->closed_at_ms() == 0) {
        known->set_closed_at_ms(item.closed_at_ms());
        Journal::put(batch, *known);
    }
}

std::size_t Engine::start(std::vector<Saga> sagas, const node::KvBatch& more) {
    const std::lock_guard lock(mutex_);
    Change change(live_, journal_, parts_.clock.wall_ms());
    for (const auto& [key, value] : more.writes()) {
        if (value) {
            change.batch().put(key, *value);
        }
    }
    std::size_t fresh = 0;
    for (auto& saga : sagas) {
        fresh += change.add(std::move(saga)) ? 1 : 0;
    }
    crash_point(CrashPoint::saga_start_before);
    commit(change);
    crash_point(CrashPoint::saga_start_after);
    return fresh;
}

void Engine::edit(const std::function<void(Change&)>& change_it) {
    const std::lock_guard lock(mutex_);
    Change change(live_, journal_, parts_.clock.wall_ms());
    change_it(change);
    if (!change.empty()) {
        commit(change);
    }
}

bool Engine::apply_block(const remit::v1::WatchEventsResponse& block) {
    BlockFacts facts{.block = block, .remittances = {}, .windows = {}};
    {
        const std::lock_guard lock(mutex_);
        if (block.height() < next_height_) {
            return true;
        }
    }
    if (!role_.study(facts)) {
        return false;
    }
    const std::lock_guard lock(mutex_);
    Change change(live_, journal_, parts_.clock.wall_ms());
    role_.on_block(facts, change);
    const bool quiet = change.empty() && block.height() % quiet_blocks_per_write != 0;
    if (!quiet) {
        Journal::put(change.batch(), Journal::Number::next_height, block.height() + 1);
        crash_point(CrashPoint::block_before_write);
        commit(change);
        crash_point(CrashPoint::block_after_write);
    }
    next_height_ = block.height() + 1;
    return true;
}

void Engine::turn() {
    std::vector<Job> jobs;
    {
        const std::lock_guard lock(mutex_);
        take_timers();
        sort_ready();
        stage_envelopes(jobs);
        stage_rail(RailName::own, jobs);
        stage_rail(RailName::clearing, jobs);
        stage_asks(jobs);
        const auto now = parts_.clock.wall_ms();
        while (!redeliveries_.empty() && redeliveries_.begin()->first <= now) {
            const auto sequence = redeliveries_.begin()->second;
            redeliveries_.erase(redeliveries_.begin());
            jobs.emplace_back([this, sequence] { deliver(sequence, true); });
        }
        jobs_ += jobs.size();
    }
    for (auto& job : jobs) {
        post_([this, job = std::move(job)] {
            job();
            const std::lock_guard lock(mutex_);
            --jobs_;
            work_.notify_one();
        });
    }
}

void Engine::wait_for_work(std::chrono::milliseconds longest) {
    std::unique_lock lock(mutex_);
    if (ready_.empty()) {
        work_.wait_for(lock, longest);
    }
}

bool Engine::is_still_at(const Bytes& key, v1::SagaStep step) const {
    const auto at = live_.find(key);
    return at != live_.end() && at->second.step() == step;
}

void Engine::release(const Bytes& key) {
    busy_.erase(key);
    ready_.insert(key);  // an event may have moved it while it was busy
}

void Engine::take_timers() {
    const auto now = parts_.clock.wall_ms();
    while (!timers_.empty() && timers_.begin()->first <= now) {
        ready_.insert(timers_.begin()->second);
        timers_.erase(timers_.begin());
    }
}

void Engine::sort_ready() {
    const auto now = parts_.clock.wall_ms();
    for (const auto& key : std::exchange(ready_, {})) {
        const auto at = live_.find(key);
        if (at == live_.end() || busy_.contains(key) || at->second.envelope() != 0) {
            continue;
        }
        const auto& saga = at->second;
        if (saga.retry_at_ms() > now) {
            timers_.emplace(saga.retry_at_ms(), key);
            continue;
        }
        auto action = role_.rules_of(saga.kind()).next(saga);
        switch (action.kind) {
            case Action::Kind::wait:
                break;
            case Action::Kind::ledger:
                busy_.insert(key);
                ledger_queue_.push_back({key, saga.step(), std::move(action.operation)});
                break;
            case Action::Kind::rail:
                busy_.insert(key);
                rail_queue_[action.rail].push_back(
                    {key, saga.step(), std::move(action.transfer), saga.rail_unknown()});
                break;
            case Action::Kind::ask:
                busy_.insert(key);
                ask_queue_.push_back(key);
                break;
        }
    }
}

std::optional<Saga> Engine::find(v1::SagaKind kind, ByteView id) const {
    const std::lock_guard lock(mutex_);
    const auto key = saga_key(kind, id);
    if (const auto at = live_.find(key); at != live_.end()) {
        return at->second;
    }
    return journal_.saga_at_rest(key);
}

std::optional<Saga> Engine::wait_until(v1::SagaKind kind, ByteView id,
                                       const std::function<bool(const Saga&)>& enough,
                                       std::chrono::milliseconds longest) const {
    const auto key = saga_key(kind, id);
    const auto deadline = std::chrono::steady_clock::now() + longest;
    std::unique_lock lock(mutex_);
    while (true) {
        const auto at = live_.find(key);
        if (at == live_.end()) {
            return journal_.saga_at_rest(key);
        }
        if (enough(at->second) || changed_.wait_until(lock, deadline) == std::cv_status::timeout) {
            const auto now = live_.find(key);
            return now == live_.end() ? journal_.saga_at_rest(key) : std::optional(now->second);
        }
    }
}

std::vector<Saga> Engine::live() const {
    const std::lock_guard lock(mutex_);
    std::vector<Saga> all;
    all.reserve(live_.size());
    for (const auto& [key, saga] : live_) {
        all.push_back(saga);
    }
    return all;
}

std::uint64_t Engine::next_height() const {
    const std::lock_guard lock(mutex_);
    return next_height_;
}

std::size_t Engine::envelopes_open() const {
    const std::lock_guard lock(mutex_);
    return outbox_.size();
}

bool Engine::is_idle() const {
    const std::lock_guard lock(mutex_);
    return ready_.empty() && busy_.empty() && timers_.empty() && redeliveries_.empty() &&
           outbox_.empty() && jobs_ == 0;
}

}  // namespace remit::gateway
