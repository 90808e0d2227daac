#include "test/sim/consensus_oracle.h"
#include "test/sim/oracle.h"
#include "test/sim/oracle_words.h"

// What is looked at after each turn of a node: where it stands, and how much it keeps.

namespace remit::sim {

using namespace consensus;  // NOLINT(google-build-using-namespace)

namespace {
// Bounds that consensus/README.md declares, said again: a bug there must not blind this.
constexpr View views_ahead = 8;
constexpr std::uint64_t executing_max = 64;  // blocks
constexpr std::uint64_t waiting_max = 256;   // blocks, where lag_max is not so large
constexpr std::uint64_t answer_max = 64;     // blocks in an answer to one that catches up
constexpr std::uint64_t headers_max = 4096;  // gathered below a Finalization, before an answer
}  // namespace

void ConsensusOracle::on_turn(std::size_t node, std::uint64_t boot, const Metrics& metrics,
                              Height readable) {
    auto& before = standing_[node];
    const Standing now{.boot = boot,
                       .view = {metrics.epoch, metrics.view},
                       .finalised = metrics.finalised_height,
                       .readable = readable};
    if (before.boot == boot && (now.view < before.view || now.finalised < before.finalised)) {
        throw Breach("C6", who(node) + " goes back from epoch " +
                               std::to_string(before.view.first) + at(before.view.second) +
                               ", height " + std::to_string(before.finalised) + " to epoch " +
                               std::to_string(now.view.first) + at(now.view.second) + ", height " +
                               std::to_string(now.finalised));
    }
    if (before.boot == boot && now.readable < before.readable) {
        throw Breach("C13", who(node) + " shows less than it did");
    }
    before = now;
    // A block that is certified but not final may name batches beyond an author's window.
    const auto open_views = metrics.view - std::min(metrics.view, metrics.finalised_view);
    const auto batches = set_of(metrics.epoch).size() * params_.author_window +
                         (open_views + views_ahead) * params_.block_batches_max;
    const auto too_many = [&](const std::string& what, std::uint64_t count, std::uint64_t bound) {
        if (count > bound) {
            throw Breach("C10", who(node) + " keeps " + std::to_string(count) + " " + what +
                                    ", the bound is " + std::to_string(bound));
        }
    };
    too_many("views", metrics.views_kept, open_views + views_ahead + 1);
    too_many("batches", metrics.batches_held, batches);
    too_many("own batches", metrics.batches_own, params_.author_window);
    check_waiting(node, metrics);
}

/// C10 of a node whose execution is slower than the chain grows: it gathers no more once so many
/// final blocks wait, or batches of so many full ones (consensus/README.md). What was under way
/// then may still come: blocks that are certified already, lag_max at most (N7), and one answer;
/// and headers alone, which became final all at once by a Finalization far above them. They may
/// name what is held already within the windows of authors.
void ConsensusOracle::check_waiting(std::size_t node, const Metrics& metrics) {
    const std::uint64_t lag = params_.lag_max;
    const auto under_way = lag + std::min(answer_max, lag);
    const auto too_many = [&](const std::string& what, std::uint64_t count, std::uint64_t bound) {
        if (count > bound) {
            throw Breach("C10", who(node) + " keeps " + std::to_string(count) + " " + what +
                                    " that wait for execution, the bound is " +
                                    std::to_string(bound));
        }
    };
    most_blocks_waiting_ = std::max(most_blocks_waiting_, metrics.blocks_waiting);
    most_bytes_waiting_ = std::max(most_bytes_waiting_, metrics.batch_bytes_waiting);
    too_many("blocks in execution",
             metrics.committed_height - std::min(metrics.committed_height, metrics.executed_height),
             executing_max);
    too_many("blocks", metrics.blocks_waiting,
             std::max(waiting_max, 2 * lag) + under_way + headers_max + answer_max);
    too_many("bytes of batches", metrics.batch_bytes_waiting,
             (lag + under_way) * params_.block_bytes_max +
                 set_of(metrics.epoch).size() * params_.author_window * params_.batch_bytes_max);
}

}  // namespace remit::sim
