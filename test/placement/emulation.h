#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <tuple>
#include <vector>

#include "test/placement/host.h"
#include "test/placement/sites.h"
#include "test/placement/uplink.h"

namespace remit::placement {

/// What is wrong with the network, and what its validators leave out.
struct Conditions {
    std::optional<std::size_t> dead;       ///< this validator is down from the start
    std::optional<double> leader_dies_ms;  ///< so long after the first payment, whoever leads then
    std::optional<std::size_t> gray;       ///< each of its messages comes late by `gray_ms`
    double gray_ms = 0;
    /// Share of messages that lose a packet: TCP sends it again, and all behind it wait.
    double loss = 0;
    double uplink_mbit = 0;      ///< what a validator can send in all; 0: no limit
    bool executes_ahead = true;  ///< false: blocks are executed when final, not when notarized
};

struct Load {
    std::uint64_t payments = 200;
    double every_ms = 0;  ///< a payment each, in turn at all validators that live
    std::size_t of = 1;   ///< items that it is made of: one is the payment, others come with it
};

/// Figures of one run. Costs are of what came after the warm-up, whether views carried payments or
/// not.
struct Figures {
    /// Of one payment or one Finalization: under which leader, where it was seen, how long it took.
    struct Sample {
        std::size_t leader = 0;
        std::size_t at = 0;
        double ms = 0;
    };
    std::vector<Sample> receipts;  ///< of each payment, at the validator it was given to
    /// From the beginning of the step that proposes to the end of the one that has the Finalization
    /// at each validator.
    std::vector<Sample> finalities;
    double cpu_ms_per_view = 0;        ///< of one validator's consensus, by the cost model
    double execution_ms_per_view = 0;  ///< of one validator, by the cost model
    double checks_per_view = 0;        ///< signatures checked by one validator
    double messages_per_view = 0;      ///< in the whole network
    double bytes_per_view = 0;         ///< sent by one validator, batches included
    double journal_bytes_per_view = 0;
    double syncs_per_view = 0;        ///< of one validator
    double kept_bytes_per_block = 0;  ///< header and certificates, as long as a node keeps blocks
    /// What the network's messages were, by name.
    struct Share {
        double messages_per_view = 0;
        double bytes_per_view = 0;
    };
    std::map<std::string, Share> by_kind;
    std::uint64_t views = 0;
    std::uint64_t nullified = 0;
    /// From a leader's death to the next block that is final somewhere; none: there was no other.
    std::optional<double> pause_ms;
    std::uint64_t unanswered = 0;  ///< payments that never ended: 0, or the run shows nothing
};

/// What ordering alone took, in time of this machine's processor.
struct Ordering {
    std::uint64_t items = 0;  ///< committed by every validator
    std::uint64_t blocks = 0;
    double cpu_s = 0;  ///< of all validators together
    double virtual_s = 0;
    std::uint64_t lag_blocks = 0;  ///< most blocks that one validator had final and not executed
    std::uint64_t lag_bytes = 0;   ///< most bytes of items in those
    std::vector<double>
        behind_ms;  ///< from final to executed, of each block with items, everywhere
};

/// A network of real engines on virtual time: messages take the placement's delays, everything
/// they do on a processor or a disk takes what `Costs` says. One processor for each validator.
class Emulation {
public:
    Emulation(const Placement& placement, Costs costs, Conditions conditions, std::uint64_t seed,
              consensus::Params params = {});
    ~Emulation();

    Figures run(const Load& load);
    /// Orders so many items of 300 bytes, given to all validators in pieces of `at_once` as fast as
    /// their windows take them. What executing takes is in the costs; hashes are all that it does.
    /// Each keeps so many batches of its own under way, a quarter of its window unless told: no
    /// item is refused.
    Ordering order(std::uint64_t items, std::size_t at_once,
                   std::optional<std::size_t> own_batches = std::nullopt);

private:
    using Time = std::int64_t;  // microseconds
    struct Planned {
        Time at = 0;
        std::uint64_t order = 0;
        std::function<void()> action;
        bool operator<(const Planned& other) const {
            return std::pair(at, order) > std::pair(other.at, other.order);  // earliest on top
        }
    };

    void at(Time when, std::function<void()> action);
    void give(std::size_t node, consensus::Event event);
    void drain(std::size_t node, Host::Done done);
    void deliver(std::size_t from, std::size_t to, const Bytes& bytes, Time sent, bool bulk);
    void count(const consensus::Message& message, std::size_t bytes);
    void plan_tick(std::size_t node);
    void begin();
    void end_warm_up();
    void submit(std::size_t node, std::size_t items);
    void kill_leader();
    void fill(std::size_t node);
    void note_committed(std::size_t node, const consensus::Commit& commit);
    void note_executed(std::size_t node, std::uint64_t bytes, Time committed);
    void answer(std::size_t node, consensus::Height height, Time when);
    void summarise();
    [[nodiscard]] bool chance(double share);

    Placement placement_;
    Costs costs_;
    Conditions conditions_;
    World world_;
    std::vector<std::unique_ptr<Host>> hosts_;
    std::priority_queue<Planned> queue_;
    Time now_ = 0;
    std::uint64_t order_ = 0;
    std::uint64_t random_;
    std::map<std::tuple<std::size_t, std::size_t, bool>, Time> last_arrival_;  // bulk apart
    std::vector<Uplink> uplinks_;                                              // by validator
    std::vector<consensus::Metrics> before_;  // by validator, at the warm-up's end
    std::map<Hash, Time> proposed_;
    struct Waiting {
        std::size_t at = 0;
        Time since = 0;
    };
    std::map<Bytes, Waiting> submitted_;  // by item
    std::uint64_t next_item_ = 0;
    std::uint64_t messages_ = 0;
    struct Bulk {
        std::uint64_t items = 0;
        std::size_t at_once = 0;
        std::size_t own_batches = 0;
        std::uint64_t given = 0;
        struct Lag {
            std::uint64_t committed = 0;
            std::uint64_t blocks = 0;  // final and not executed
            std::uint64_t bytes = 0;
        };
        std::vector<Lag> of;  // by validator
        Ordering out;
    };
    std::optional<Time> died_;
    std::optional<Bulk> bulk_;  ///< while only ordering is asked for
    Figures figures_;
};

}  // namespace remit::placement
