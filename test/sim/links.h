#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "ledger/base/bytes.h"
#include "test/sim/profile.h"
#include "test/sim/scheduler.h"

namespace remit::sim {

/// The wires between validators: delay, loss, doubles, reordering, cuts in one or both directions.
class Links {
public:
    using Deliver = std::function<void(std::size_t from, std::size_t to, const Bytes& bytes)>;
    Links(Scheduler& scheduler, std::uint64_t seed, Profile profile, Deliver deliver)
        : scheduler_(scheduler),
          random_(seed, "links"),
          profile_(std::move(profile)),
          deliver_(std::move(deliver)) {}

    void send(std::size_t from, std::size_t to, ByteView bytes) {
        if (is_cut(from, to) || (!healed_ && random_.chance(profile_.loss))) {
            return;
        }
        const bool twice = !healed_ && random_.chance(profile_.duplicate);
        for (int copy = 0; copy < (twice ? 2 : 1); ++copy) {
            deliver_after(slow(from, to) * delay(), from, to, bytes);
        }
        if (!healed_ && profile_.replayed > 0 && random_.chance(profile_.replayed)) {
            deliver_after(random_.between(1000, 20'000), from, to, bytes);
        }
    }
    /// This node's wires are far slower than the others', until all is healed.
    void make_slow(std::size_t node) { slow_ = node; }
    [[nodiscard]] bool is_slow(std::size_t node) const { return !healed_ && slow_ == node; }
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
    void deliver_after(std::int64_t ms, std::size_t from, std::size_t to, ByteView bytes) {
        scheduler_.after(ms, [this, from, to, bytes = Bytes(bytes)] {
            if (!is_cut(from, to)) {
                deliver_(from, to, bytes);
            }
        });
    }
    [[nodiscard]] std::int64_t slow(std::size_t from, std::size_t to) const {
        constexpr std::int64_t factor = 20;
        return is_slow(from) || is_slow(to) ? factor : 1;
    }
    [[nodiscard]] bool is_cut(std::size_t from, std::size_t to) const {
        return cut_.contains({from, to}) || closed_.contains(std::minmax(from, to));
    }
    /// Minimum plus a roughly exponential part: the mean doubled as often as a coin allows.
    std::int64_t delay() {
        auto out = profile_.delay_min_ms;
        auto part = profile_.delay_mean_ms;
        constexpr std::uint64_t half = 500'000;
        while (random_.chance(half) && part < 8 * profile_.delay_mean_ms) {
            part += profile_.delay_mean_ms;
        }
        return out + (part > 0 ? random_.between(0, part) : 0);
    }

    Scheduler& scheduler_;
    test::Prng random_;
    Profile profile_;
    Deliver deliver_;
    std::set<std::pair<std::size_t, std::size_t>> cut_;
    std::set<std::pair<std::size_t, std::size_t>> closed_;
    std::optional<std::size_t> slow_;
    bool healed_ = false;
};

}  // namespace remit::sim
