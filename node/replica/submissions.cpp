#include "node/replica/submissions.h"

#include <algorithm>

namespace remit::node {

namespace {
/// Room for the count and length prefixes around a single item in a batch.
constexpr std::size_t batch_framing = 64;

SubmitAnswer answer_of(SubmitAnswer::Outcome outcome, const Hash& id) {
    SubmitAnswer out;
    out.outcome = outcome;
    out.transaction_id = id;
    return out;
}

SubmitAnswer with_outcome_of_receipts(SubmitAnswer answer) {
    if (!answer.receipts) {
        answer.outcome = SubmitAnswer::Outcome::pruned;
    }
    return answer;
}
}  // namespace

Submissions::Submissions(ItemChecker& checker, ReadModel& reads, const BlockStore& store,
                         const consensus::Params& params, std::size_t waiting_max)
    : checker_(checker),
      reads_(reads),
      store_(store),
      item_bytes_max_(params.batch_bytes_max - batch_framing),
      waiting_max_(waiting_max) {}

void Submissions::submit(Submission submission, std::int64_t mono_ms) {
    const auto checked = checker_.check(submission.item);
    const auto& id = checked->transaction_id;
    auto refusal = checked->refusal();
    if (!refusal && submission.item.size() > item_bytes_max_) {
        refusal = ledger::LedgerError::too_large;
    }
    if (stopped_ || refusal) {
        auto answer = answer_of(
            stopped_ ? SubmitAnswer::Outcome::stopped : SubmitAnswer::Outcome::refused, id);
        answer.error = refusal;
        submission.done(std::move(answer));
        return;
    }
    const auto item_id = item_id_of(submission.item);
    const auto known = entries_.find(item_id);
    if (known != entries_.end()) {
        wait_for(known, std::move(submission), mono_ms);
        return;
    }
    if (auto answer = known_answer(id)) {
        submission.done(std::move(*answer));
        return;
    }
    if (entries_.size() >= waiting_max_) {
        submission.done(answer_of(SubmitAnswer::Outcome::exhausted, id));
        return;
    }
    const auto entry = entries_.try_emplace(item_id).first;
    entry->second.item = submission.item;
    entry->second.transaction_id = id;
    entry->second.valid_until_ms = checked->valid_until_ms();
    order(entry);
    wait_for(entry, std::move(submission), mono_ms);
}

/// A new entry is ordered, unless its body ran already and only waits to be final.
void Submissions::order(Entries::iterator entry) {
    auto& [item_id, fresh] = *entry;
    fresh.token = next_token_++;
    tokens_[fresh.token] = item_id;
    by_transaction_.emplace(fresh.transaction_id, item_id);
    const auto place = or_die(store_.transaction(fresh.transaction_id));
    if (place && place->executed) {
        note_executed(entry, place->height);
    } else {
        queued_.push_back({fresh.token, fresh.item});
    }
}

/// The receipts, when the very same body ran before and is final.
std::optional<SubmitAnswer> Submissions::known_answer(const Hash& id) const {
    const auto place = or_die(store_.transaction(id));
    if (!place || !place->executed || place->height > reads_.final_height()) {
        return std::nullopt;
    }
    auto answer = answer_of(SubmitAnswer::Outcome::final, id);
    answer.receipts = reads_.transaction(id);
    return with_outcome_of_receipts(std::move(answer));
}

void Submissions::wait_for(Entries::iterator entry, Submission submission, std::int64_t mono_ms) {
    if (submission.wait_ms <= 0) {
        submission.done(answer_of(SubmitAnswer::Outcome::pending, entry->second.transaction_id));
        return;
    }
    const auto deadline = mono_ms + submission.wait_ms;
    entry->second.waiters.push_back({deadline, std::move(submission.done)});
    deadlines_.emplace(deadline, entry->first);
}

std::vector<consensus::Item> Submissions::take_queued() {
    return std::exchange(queued_, {});
}

void Submissions::answer_all(Entry& entry, const SubmitAnswer& answer) {
    for (auto& waiter : std::exchange(entry.waiters, {})) {
        waiter.done(answer);
    }
}

void Submissions::forget(Entries::iterator entry) {
    tokens_.erase(entry->second.token);
    by_transaction_.erase({entry->second.transaction_id, entry->first});
    entries_.erase(entry);
}

void Submissions::on_refused(std::uint64_t token) {
    const auto id = tokens_.find(token);
    if (id == tokens_.end()) {
        return;
    }
    const auto entry = entries_.find(id->second);
    answer_all(entry->second,
               answer_of(SubmitAnswer::Outcome::exhausted, entry->second.transaction_id));
    forget(entry);
}

void Submissions::on_expired(std::uint64_t token) {
    const auto id = tokens_.find(token);
    if (id == tokens_.end()) {
        return;
    }
    const auto entry = entries_.find(id->second);
    if (entry->second.executed) {
        return;
    }
    if (entry->second.valid_until_ms >= block_time_ms_) {
        queued_.push_back({token, entry->second.item});
        return;
    }
    auto answer = answer_of(SubmitAnswer::Outcome::refused, entry->second.transaction_id);
    answer.error = ledger::LedgerError::validity_passed;
    answer_all(entry->second, answer);
    forget(entry);
}

void Submissions::note_executed(Entries::iterator entry, consensus::Height height) {
    entry->second.executed = height;
    executed_.emplace(height, entry->first);
}

void Submissions::on_executed(const ExecutedBlock& block) {
    using Kind = ledger::TransactionOutcome::Kind;
    block_time_ms_ = block.time_ms;
    const auto height = block.result.height;
    for (std::size_t i = 0; i < block.outcomes.size(); ++i) {
        const auto& outcome = block.outcomes[i];
        if (outcome.kind == Kind::refused) {
            const auto entry = entries_.find(block.item_ids[i]);
            if (entry != entries_.end() && !entry->second.executed) {
                entry->second.refused = {false, height, outcome.receipt_first,
                                         outcome.receipt_count};
                note_executed(entry, height);
            }
            continue;
        }
        // The body ran: that is the answer to every envelope that carries it.
        for (auto copy = by_transaction_.lower_bound({outcome.id, Hash{}});
             copy != by_transaction_.end() && copy->first == outcome.id; ++copy) {
            const auto entry = entries_.find(copy->second);
            if (!entry->second.executed) {
                note_executed(entry,
                              outcome.kind == Kind::replayed ? outcome.first_height : height);
            }
        }
    }
}

void Submissions::on_final(consensus::Height height) {
    while (!stopped_ && !executed_.empty() && executed_.begin()->first <= height) {
        const auto id = executed_.begin()->second;
        executed_.erase(executed_.begin());
        finish(id);
    }
}

void Submissions::finish(const Hash& item_id) {
    const auto entry = entries_.find(item_id);
    if (entry == entries_.end()) {
        return;
    }
    if (!entry->second.waiters.empty()) {
        const auto& id = entry->second.transaction_id;
        auto answer = answer_of(SubmitAnswer::Outcome::final, id);
        answer.receipts = entry->second.refused ? reads_.receipts_at(*entry->second.refused)
                                                : reads_.transaction(id);
        answer_all(entry->second, with_outcome_of_receipts(std::move(answer)));
    }
    forget(entry);
}

void Submissions::on_time(std::int64_t mono_ms) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= mono_ms) {
        const auto id = deadlines_.begin()->second;
        deadlines_.erase(deadlines_.begin());
        const auto entry = entries_.find(id);
        if (entry == entries_.end()) {
            continue;
        }
        auto& waiters = entry->second.waiters;
        const auto late = std::stable_partition(
            waiters.begin(), waiters.end(),
            [&](const Waiter& waiter) { return waiter.deadline_ms > mono_ms; });
        for (auto waiter = late; waiter != waiters.end(); ++waiter) {
            waiter->done(answer_of(SubmitAnswer::Outcome::pending, entry->second.transaction_id));
        }
        waiters.erase(late, waiters.end());
    }
}

void Submissions::stop() {
    stopped_ = true;
    for (auto& [item_id, entry] : entries_) {
        answer_all(entry, answer_of(SubmitAnswer::Outcome::stopped, entry.transaction_id));
    }
    entries_.clear();
    by_transaction_.clear();
    tokens_.clear();
    executed_.clear();
    deadlines_.clear();
    queued_.clear();
}

std::optional<std::int64_t> Submissions::next_deadline() const {
    return deadlines_.empty() ? std::nullopt : std::optional(deadlines_.begin()->first);
}

}  // namespace remit::node
