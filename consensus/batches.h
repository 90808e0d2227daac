#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "consensus/arrivals.h"
#include "consensus/block_tree.h"
#include "consensus/context.h"
#include "consensus/fetcher.h"
#include "consensus/probation.h"

namespace remit::consensus {

/// Batches of the epoch: sealed here, taken from others, acknowledged, offered and fetched
/// (consensus.md 3.6). "Held" always means: this step or an earlier one persisted it.
class Batches {
public:
    Batches(Context& context, const BlockTree& tree, Fetcher& fetcher)
        : context_(context), tree_(tree), fetcher_(fetcher) {}

    /// What others say of the availability of a batch that I hold myself, not looked at: only a
    /// leader in STRICT mode needs it, and a batch costs f+1 signatures less everywhere else.
    struct Claims {
        std::map<ValidatorIndex, Signature> acks;
        std::optional<AvailabilityCertificate> certificate;
        std::optional<ValidatorIndex> from;  ///< who vouches for the certificate
    };
    /// A held batch that no finalised block names, or one that awaits its commit.
    struct Held {
        BatchHandle batch;
        Entry entry;
        std::uint64_t order = 0;     ///< of arrival
        std::int64_t since_ms = 0;   ///< of arrival
        std::int64_t counts_ms = 0;  ///< from when it is work though nobody may name it yet
        std::map<ValidatorIndex, Signature> acks;
        std::optional<AvailabilityCertificate> availability;
        Claims claims;
    };

    void recover(const std::vector<BatchHandle>& batches);
    /// The epoch is over: what no final block names dies with it, own items come back as expired.
    void end_epoch();

    // Own items (own_batches.cpp).
    void submit(const SubmitItems& items);
    /// Items of a node that is no validator.
    void on_forward(ValidatorIndex from, const Forward& forward);
    /// Seals what is due. `now_at_once`: whatever waits (I am about to propose).
    void seal_due(bool now_at_once);
    /// The batch sealed in this step and not sent yet, if it fits into a proposal: it then travels
    /// inside. Null otherwise.
    BatchHandle take_inline();
    /// Streams sealed batches that did not travel inside a proposal.
    void stream_sealed();
    [[nodiscard]] std::optional<std::int64_t> seal_deadline() const;

    // From peers.
    void on_batch(ValidatorIndex from, const BatchHandle& batch);
    /// A proposal's inline batch: taken only if its header names it.
    void on_named_batch(ValidatorIndex from, const BatchHandle& batch, const Entry& entry);
    void on_ack(ValidatorIndex from, const Ack& ack);
    /// Acknowledges what came while this node did not vote.
    void acknowledge_held();
    /// `blamed` is the sender if it vouches for it; `named`: by a proposal that came with it. False
    /// if it was looked at and is wrong.
    bool on_availability(std::optional<ValidatorIndex> blamed,
                         const AvailabilityCertificate& certificate, bool named);
    void on_offer(ValidatorIndex from, const Offer& offer);
    void on_request(ValidatorIndex from, const BatchesRequest& request);

    // For the replica.
    [[nodiscard]] const Held* held(const Hash& digest) const;
    /// A verified availability certificate with exactly this Entry.
    [[nodiscard]] const AvailabilityCertificate* availability(const Entry& entry) const;
    /// The batch from memory or the host's store; null if this node lacks it.
    [[nodiscard]] BatchHandle find(const Hash& digest) const;
    /// Ask for a batch of this Entry, `hint` first; what arrives is taken whatever the window.
    void want(const Entry& entry, Fetcher::Hint hint);
    /// Finalised blocks lack these: each is taken whenever it comes and then told by
    /// `take_arrived`. Gives the requests to ask for them by: small ones together.
    struct Request {
        std::vector<Entry> entries;
        Fetcher::Prepared message;
        std::size_t bytes = 0;
        std::size_t lacking = 0;  ///< of the entries; the caller counts
    };
    [[nodiscard]] std::vector<Request> await(const std::vector<Entry>& entries);
    [[nodiscard]] std::vector<BatchHandle> take_arrived() { return std::exchange(arrived_, {}); }
    void want(const Request& request, Fetcher::Hint hint);
    /// Whether a batch waits to be named on top of a chain that names `named`. One that takes a
    /// certificate and has none counts once in t_R: it travels, a leader that cannot have it yet
    /// must not be left for it, and blocks that cannot name it must not follow one another.
    struct Unnamed {
        bool any = false;
        std::optional<std::int64_t> due_ms;  ///< when one counts that does not yet
    };
    [[nodiscard]] Unnamed unnamed(const std::set<Hash>& named) const;
    /// What to name next: round robin over authors from `first`, oldest first, within the maxima.
    /// A large batch takes a certificate, and with one its data need not be here.
    struct Selection {
        const std::set<Hash>& named;
        Height height = 0;
        bool strict = false;  ///< only batches with an availability certificate
        ValidatorIndex first_author = 0;
    };
    [[nodiscard]] std::vector<Entry> select(const Selection& selection);
    /// A proposal of this view names the batch without a certificate, and it is not here.
    void expect(const Entry& entry);
    /// Whether this node names the batch by certificate alone: its author is on probation, or it is
    /// so large that others cannot be expected to hold it yet.
    [[nodiscard]] bool by_certificate(const Entry& entry) const;
    [[nodiscard]] std::size_t probation_count() const;
    /// Offer held batches the chain does not name, of at least this age, to one peer or to all.
    void offer(std::optional<ValidatorIndex> to, const std::set<Hash>& named,
               std::int64_t age_ms_min, bool with_acks);
    /// The floor moved: named batches wait for their commit, expired ones go.
    void finalised();
    /// The block was handed over: its batches are the host's.
    void committed(const Header& header);
    /// Declares what offers promised and is still lacking, if there is room for it. End of every
    /// step.
    void declare_wants(bool has_room);
    /// Asked for by this digest.
    [[nodiscard]] bool wants(const Hash& digest) const {
        return wanted_.contains(digest) || wanted_last_.contains(digest) ||
               awaited_.contains(digest);
    }

    [[nodiscard]] std::uint64_t version() const { return version_; }
    [[nodiscard]] std::size_t held_count() const { return held_.size(); }
    [[nodiscard]] std::size_t own_count() const;
    /// Of one author, held and named by no finalised block: of its window.
    [[nodiscard]] std::size_t author_count(ValidatorIndex author) const;
    /// Of batches that a finalised block names and that were not handed over yet.
    [[nodiscard]] std::size_t named_bytes() const { return named_bytes_; }

private:
    [[nodiscard]] bool is_large(const Entry& entry) const;
    [[nodiscard]] bool can_be_named(const Held& held) const;
    /// How long a batch of this size may still be on its way from its author.
    [[nodiscard]] std::int64_t patience_ms(const Entry& entry) const;
    enum class Range : std::uint8_t { below, inside, above };
    [[nodiscard]] Range range(Height expires_height) const;
    [[nodiscard]] std::size_t available_max() const;
    [[nodiscard]] bool well_formed(const Batch& batch, const Entry& entry);
    [[nodiscard]] bool of_earlier_epoch(const Batch& batch, const Entry& entry);
    void forward(const SubmitItems& items);
    void give_back_forwarded(bool all);
    void take(const BatchHandle& batch, const Entry& entry);
    void note_arrived(const BatchHandle& batch, const Hash& digest);
    void keep_named(const BatchHandle& batch, const Hash& digest);
    void acknowledge(Held& held, std::optional<ValidatorIndex> to);
    void count_ack(Held& held, ValidatorIndex signer, const Signature& signature);
    [[nodiscard]] bool check_ack(const Held& held, ValidatorIndex signer,
                                 const Signature& signature);
    /// Looks at the claims until there is a certificate; false if they make none.
    [[nodiscard]] bool certify(Held& held);
    void seal();

    Context& context_;
    const BlockTree& tree_;
    Fetcher& fetcher_;
    std::map<Hash, Held> held_;          // not named by a finalised block
    std::map<Hash, BatchHandle> named_;  // named by one, not committed yet
    std::size_t named_bytes_ = 0;
    std::map<ValidatorIndex, std::size_t> author_counts_;  // of held_
    std::map<Hash, AvailabilityCertificate> available_;    // without the data
    struct Offered {
        Entry entry;
        ValidatorIndex from = 0;
        std::int64_t until_ms = 0;
        std::int64_t delay_ms = 0;
        bool promised = false;  ///< by the peer's word alone, without a certificate
    };
    std::map<Hash, Offered> offered_;
    Probation probation_;
    Arrivals arrivals_;                 // of large ones
    std::set<Hash> awaited_;            // by finalised blocks
    std::vector<BatchHandle> arrived_;  // of those
    std::set<Hash> wanted_;             // declared in this step
    std::set<Hash> wanted_last_;        // and in the one before: what may arrive now
    std::vector<Item> pending_;
    std::size_t pending_bytes_ = 0;
    std::int64_t pending_since_ms_ = 0;
    std::map<Hash, std::vector<std::uint64_t>> own_tokens_;
    std::vector<Hash> unsent_;  // sealed in this step
    std::uint64_t next_nonce_ = 0;
    struct Forwarded {
        std::int64_t again_ms = 0;
        std::uint64_t token = 0;
    };
    std::deque<Forwarded> forwarded_;  // of this epoch, oldest first
    std::size_t next_forward_ = 0;
    std::uint64_t next_order_ = 0;
    std::uint64_t version_ = 0;
};

}  // namespace remit::consensus
