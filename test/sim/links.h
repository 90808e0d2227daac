#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "ledger/base/bytes.h"
#include "test/sim/fault_script.h"
#include "test/sim/profile.h"
#include "test/sim/scheduler.h"

namespace remit::sim {

/// The wires between validators: delay, loss, doubles, reordering, cuts in one or both directions.
class Links {
public:
    using Deliver = std::function<void(std::size_t from, std::size_t to, const Bytes& bytes)>;
    /// `told`: loses these messages instead of what it draws; null, or a script without a list: it
    /// draws. What is lost is noted in `kept` either way.
    Links(Scheduler& scheduler, std::uint64_t seed, Profile profile, const FaultScript* told,
          FaultScript& kept, Deliver deliver)
        : scheduler_(scheduler),
          random_(seed, "links"),
          unlost_(seed, "unlost"),
          profile_(std::move(profile)),
          told_(told != nullptr && told->lost ? &*told->lost : nullptr),
          lost_(kept.lost.emplace()),
          deliver_(std::move(deliver)) {}

    void send(std::size_t from, std::size_t to, ByteView bytes) {
        if (is_cut(from, to)) {
            return;
        }
        const bool drawn = !healed_ && random_.chance(profile_.loss);
        const bool lost = !healed_ && loses(from, to, drawn);
        if (drawn && lost) {
            return;
        }
        // One message more or less must not change what is drawn for all that follow.
        auto& random = drawn ? unlost_ : random_;
        const auto deliver = [&](std::int64_t ms) {
            if (!lost) {
                deliver_after(ms, from, to, bytes);
            }
        };
        const bool twice = !healed_ && random.chance(profile_.duplicate);
        for (int copy = 0; copy < (twice ? 2 : 1); ++copy) {
            deliver(std::max(slowness(from), slowness(to)) * delay(random));
        }
        if (!healed_ && profile_.replayed > 0 && random.chance(profile_.replayed)) {
            deliver(random.between(1000, 20'000));
        }
    }
    /// This node's wires and processor are so many times slower than the others', until all is
    /// healed; a sync of its disk takes so long.
    void make_slow(std::size_t node, std::int64_t factor = 20, std::int64_t sync_ms = 0) {
        slow_ = node;
        factor_ = factor;
        sync_ms_ = sync_ms;
    }
    void end_slowness() { slow_.reset(); }
    [[nodiscard]] std::optional<std::size_t> slow_node() const {
        return healed_ ? std::nullopt : slow_;
    }
    [[nodiscard]] bool is_slow(std::size_t node) const { return slow_node() == node; }
    [[nodiscard]] std::int64_t slowness(std::size_t node) const {
        return is_slow(node) ? factor_ : 1;
    }
    [[nodiscard]] std::int64_t sync_ms(std::size_t node) const {
        return is_slow(node) ? sync_ms_ : 0;
    }
    void cut(std::size_t from, std::size_t to) { cut_.insert({from, to}); }
    void join(std::size_t from, std::size_t to) { cut_.erase({from, to}); }
    void join_all() { cut_.clear(); }
    /// A connection that one end closed; what is under way is lost. False: it was closed already.
    bool close(std::size_t one, std::size_t other) {
        return closed_.insert(std::minmax(one, other)).second;
    }
    void reopen(std::size_t one, std::size_t other) { closed_.erase(std::minmax(one, other)); }
    [[nodiscard]] bool healed() const { return healed_; }
    /// No more loss, doubles or cuts; delays stay.
    void heal() {
        healed_ = true;
        join_all();
    }

private:
    /// Whether the message goes lost, which may be told instead of drawn.
    bool loses(std::size_t from, std::size_t to, bool drawn) {
        const SentMessage message{from, to, sent_[{from, to}]++};
        const bool lost = told_ != nullptr ? told_->contains(message) : drawn;
        if (lost) {
            lost_.insert(message);
        }
        return lost;
    }
    void deliver_after(std::int64_t ms, std::size_t from, std::size_t to, ByteView bytes) {
        scheduler_.after(ms, [this, from, to, bytes = Bytes(bytes)] {
            if (!is_cut(from, to)) {
                deliver_(from, to, bytes);
            }
        });
    }
    [[nodiscard]] bool is_cut(std::size_t from, std::size_t to) const {
        return cut_.contains({from, to}) || closed_.contains(std::minmax(from, to));
    }
    /// Minimum plus a roughly exponential part: the mean doubled as often as a coin allows.
    std::int64_t delay(test::Prng& random) const {
        auto out = profile_.delay_min_ms;
        auto part = profile_.delay_mean_ms;
        constexpr std::uint64_t half = 500'000;
        while (random.chance(half) && part < 8 * profile_.delay_mean_ms) {
            part += profile_.delay_mean_ms;
        }
        return out + (part > 0 ? random.between(0, part) : 0);
    }

    Scheduler& scheduler_;
    test::Prng random_;
    test::Prng unlost_;  // for messages that were drawn to be lost and are not
    Profile profile_;
    const std::set<SentMessage>* told_;
    std::set<SentMessage>& lost_;
    std::map<std::pair<std::size_t, std::size_t>, std::uint64_t> sent_;
    Deliver deliver_;
    std::set<std::pair<std::size_t, std::size_t>> cut_;
    std::set<std::pair<std::size_t, std::size_t>> closed_;
    std::optional<std::size_t> slow_;
    std::int64_t factor_ = 1;
    std::int64_t sync_ms_ = 0;
    bool healed_ = false;
};

}  // namespace remit::sim
