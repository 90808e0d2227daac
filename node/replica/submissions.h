#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "consensus/event.h"
#include "node/replica/executor.h"
#include "node/replica/read_model.h"
#include "node/replica/replica.h"

namespace remit::node {

/// Envelopes submitted at this node until they are final, and the clients that wait for them. Each
/// is known by all its bytes: the same body under another member's key is another envelope, whose
/// refusal is nobody else's answer. Reactor thread.
class Submissions {
public:
    Submissions(ItemChecker& checker, ReadModel& reads, const BlockStore& store,
                const consensus::Params& params, std::size_t waiting_max);

    /// Answers at once, or makes the client wait; an envelope not seen before is queued for
    /// ordering.
    void submit(Submission submission, std::int64_t mono_ms);
    /// What is to be ordered since the last call.
    [[nodiscard]] std::vector<consensus::Item> take_queued();

    void on_refused(std::uint64_t token);
    /// The batch of this item expired unnamed: ordered again while it is valid.
    void on_expired(std::uint64_t token);
    void on_executed(const ExecutedBlock& block);
    /// Everything up to this height is final.
    void on_final(consensus::Height height);
    /// Clients whose wait has ended hear PENDING; their envelopes stay.
    void on_time(std::int64_t mono_ms);
    /// Nobody gets a receipt any more.
    void stop();

    [[nodiscard]] std::optional<std::int64_t> next_deadline() const;
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    struct Waiter {
        std::int64_t deadline_ms = 0;
        std::function<void(SubmitAnswer)> done;
    };
    struct Entry {
        Bytes item;
        Hash transaction_id;
        std::uint64_t token = 0;
        std::int64_t valid_until_ms = 0;
        std::optional<consensus::Height> executed;
        /// Where this very envelope's refusal lies; nothing: its body ran, under whatever envelope.
        std::optional<TransactionPlace> refused;
        std::vector<Waiter> waiters;
    };
    using Entries = std::map<Hash, Entry>;  // by the id of the whole item

    void answer_all(Entry& entry, const SubmitAnswer& answer);
    void forget(Entries::iterator entry);
    void finish(const Hash& item_id);
    void wait_for(Entries::iterator entry, Submission submission, std::int64_t mono_ms);
    void order(Entries::iterator entry);
    void note_executed(Entries::iterator entry, consensus::Height height);
    [[nodiscard]] std::optional<SubmitAnswer> known_answer(const Hash& id) const;

    ItemChecker& checker_;
    ReadModel& reads_;
    const BlockStore& store_;
    std::size_t item_bytes_max_;
    std::size_t waiting_max_;
    Entries entries_;
    // The rest name entries by their item ids.
    std::set<std::pair<Hash, Hash>> by_transaction_;  // transaction id, item id
    std::map<std::uint64_t, Hash> tokens_;
    std::multimap<consensus::Height, Hash> executed_;  // not final yet
    std::multimap<std::int64_t, Hash> deadlines_;
    std::vector<consensus::Item> queued_;
    std::uint64_t next_token_ = 1;
    std::int64_t block_time_ms_ = 0;
    bool stopped_ = false;
};

}  // namespace remit::node
