#include "test/sim/shrink.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "test/sim/faults.h"
#include "test/sim/oracle.h"
#include "test/sim/simulation.h"

namespace remit::sim {

namespace {

using Clock = std::chrono::steady_clock;
constexpr double enough_s = 300;

/// How a run ended.
struct Ended {
    std::string invariant;  // empty: well
    std::string text;
    FaultScript script;
    std::int64_t at_ms = 0;
    bool healed = false;
};

Ended run(std::uint64_t seed, const Profile& profile, const FaultScript* told) {
    Ended out;
    std::unique_ptr<Simulation> simulation;
    try {
        simulation = std::make_unique<Simulation>(seed, profile, told);
        simulation->run();
    } catch (const Breach& breach) {
        out.invariant = breach.invariant;
        out.text = breach.what();
    }
    if (simulation) {
        out.script = simulation->script();
        out.at_ms = simulation->now_ms();
        out.healed = simulation->healed();
    }
    return out;
}

class Shrinker {
public:
    Shrinker(std::uint64_t seed, const Profile& profile) {
        best_.repro.seed = seed;
        best_.repro.profile = profile;
    }

    std::optional<Shrunk> shrink() {
        auto& repro = best_.repro;
        const auto first = run(repro.seed, repro.profile, nullptr);
        repro.invariant = first.invariant;
        repro.script = first.script;
        best_.faults_before = first.script.faults.size();
        best_.lost_before = first.script.lost ? first.script.lost->size() : 0;
        if (first.invariant.empty() || !still(repro.profile, repro.script)) {
            return std::nullopt;
        }
        end_early();
        take_out_kinds();
        take_out_faults();
        take_out_clients();
        take_out_time();
        take_out_faults();
        take_out_losses();
        end_early();
        best_.seconds = passed();
        return best_;
    }

private:
    [[nodiscard]] double passed() const {
        return std::chrono::duration<double>(Clock::now() - began_).count();
    }

    /// Runs it; what still breaks is the best there is, with the script as it happened: nothing
    /// behind the breach.
    bool still(const Profile& profile, const FaultScript& script) {
        if (passed() > enough_s) {
            return false;
        }
        ++best_.runs;
        auto ended = run(best_.repro.seed, profile, &script);
        if (ended.invariant != best_.repro.invariant) {
            return false;
        }
        best_.repro.profile = profile;
        best_.repro.script = std::move(ended.script);
        ended_ms_ = ended.at_ms;
        healed_ = ended.healed;
        return true;
    }

    /// A breach in bad weather needs nothing of what comes after it. Some room is left, so that
    /// the breach may come a little later in a smaller run.
    void end_early() {
        if (!healed_) {
            constexpr std::int64_t room_ms = 1000;
            auto profile = best_.repro.profile;
            profile.stop_at_ms = ended_ms_ + room_ms;
            still(profile, best_.repro.script);
        }
    }

    void take_out_kinds() {
        for (const auto& kind : fault_kinds()) {
            auto profile = best_.repro.profile;
            auto script = best_.repro.script;
            kind.remove(profile);
            profile.stop_at_ms = best_.repro.profile.stop_at_ms;
            std::erase_if(script.faults,
                          [&](const Happening& each) { return each.kind == kind.happening; });
            if (profile.loss == 0) {
                script.lost->clear();
            }
            still(profile, script);
        }
    }

    void take_out_faults() {
        take_out([](FaultScript& script) -> auto& { return script.faults; });
    }

    /// One by one; what is left open by an older list is said by the run itself.
    void take_out_losses() {
        take_out([](FaultScript& script) -> auto& { return *script.lost; });
    }

    /// ddmin: takes out ever smaller shares of a list.
    template <class ListOf>
    void take_out(const ListOf& list_of) {
        std::size_t shares = 2;
        while (!list_of(best_.repro.script).empty()) {
            const auto all = best_.repro.script;
            auto script = all;
            const auto count = list_of(script).size();
            shares = std::min(shares, count);
            bool smaller = false;
            for (std::size_t share = 0; share < shares && !smaller; ++share) {
                script = all;
                auto& list = list_of(script);
                const auto at = [&](std::size_t part) {
                    return std::next(list.begin(),
                                     static_cast<std::ptrdiff_t>(part * count / shares));
                };
                list.erase(at(share), at(share + 1));
                smaller = still(best_.repro.profile, script);
            }
            if (smaller) {
                shares = std::max<std::size_t>(shares - 1, 2);
            } else if (shares == count) {
                return;
            } else {
                shares = std::min(2 * shares, count);
            }
        }
    }

    void take_out_clients() {
        for (auto fewer = best_.repro.profile.remittances / 2; fewer > 0; fewer /= 2) {
            auto profile = best_.repro.profile;
            profile.remittances = fewer;
            if (!still(profile, best_.repro.script)) {
                return;
            }
        }
    }

    /// Of a breach that needs good weather again: it may come sooner.
    void take_out_time() {
        while (healed_ && best_.repro.profile.safety_ms > 1) {
            auto profile = best_.repro.profile;
            profile.safety_ms /= 2;
            if (!still(profile, best_.repro.script)) {
                return;
            }
        }
    }

    Clock::time_point began_ = Clock::now();
    Shrunk best_;
    std::int64_t ended_ms_ = 0;
    bool healed_ = false;
};

}  // namespace

std::optional<Shrunk> shrink(std::uint64_t seed, const Profile& profile) {
    return Shrinker(seed, profile).shrink();
}

std::string broken_by(const Repro& repro, std::string& text) {
    auto ended = run(repro.seed, repro.profile, &repro.script);
    text = std::move(ended.text);
    return ended.invariant;
}

}  // namespace remit::sim
