#include "node/explain_divergence.h"

#include "node/ops/log.h"
#include "node/replica/compare_state.h"
#include "node/storage/block_store.h"

namespace remit::node {

namespace {

void log_difference(const StateDifference& difference) {
    for (const auto& table : difference.tables) {
        const bool same = table.here == table.there;
        log_event(same ? LogLevel::info : LogLevel::error, same ? "table_same" : "table_differs",
                  {{"table", table_name(table.here.table)},
                   {"records", table.here.records},
                   {"digest", table.here.digest.hex()},
                   {"replayed_records", table.there.records},
                   {"replayed_digest", table.there.digest.hex()}});
    }
    if (!difference.first) {
        return;
    }
    const auto& first = *difference.first;
    log_error("record_differs", {{"records", difference.records},
                                 {"table", table_name(static_cast<std::uint8_t>(first.key.at(0)))},
                                 {"key", to_hex(first.key)},
                                 {"here", first.here ? to_hex(*first.here) : "none"},
                                 {"replayed", first.there ? to_hex(*first.there) : "none"}});
}

}  // namespace

ExplainDivergence::~ExplainDivergence() {
    stopping_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
}

void ExplainDivergence::begin(std::shared_ptr<const KvReader> state, const Chain& chain,
                              const consensus::Divergence& divergence) {
    if (thread_.joinable()) {
        return;
    }
    thread_ = std::thread(
        [this, state = std::move(state), &chain, divergence] { run(*state, chain, divergence); });
}

void ExplainDivergence::run(const KvReader& state, const Chain& chain,
                            const consensus::Divergence& divergence) {
    const auto& mine = divergence.mine;
    const auto& proven = divergence.proven;
    log_error("diverged", {{"height", mine.height},
                           {"state_root", mine.state_root.hex()},
                           {"proven_state_root", proven.state_root.hex()},
                           {"receipts_root", mine.receipts_root.hex()},
                           {"proven_receipts_root", proven.receipts_root.hex()}});
    const auto height = BlockStore(state).executed_height();
    auto here = stored_state(state);
    if (!height || !*height || !here) {
        log_error("divergence_unexplained", {{"reason", "the database cannot be read"}});
        return;
    }
    const auto replayed =
        replayed_state(state, chain, {.height = **height, .root_at = mine.height, .go_on = [this] {
                                          return !stopping_.load();
                                      }});
    if (!replayed) {
        log_error("divergence_unexplained",
                  {{"record", replayed.error().record}, {"reason", replayed.error().text}});
        return;
    }
    const auto difference = compare_states(*here, replayed->view);
    log_difference(difference);
    const bool sound = replayed->root_at == proven.state_root;
    log_error("divergence_explained",
              {{"compared_at_height", **height},
               {"records_that_differ", difference.records},
               {"cause", sound ? "executing the blocks again gives the proven root: records of "
                                 "this database were changed or lost"
                               : "executing the blocks again gives another root than the proven "
                                 "one: this program or machine computes differently"},
               {"now", "docs/operate/node.md, A node that diverged"}});
}

}  // namespace remit::node
