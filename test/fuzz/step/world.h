#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "consensus/leader_schedule.h"
#include "consensus/messages.h"
#include "test/support/consensus/network.h"

namespace remit::fuzz {

using namespace consensus;  // NOLINT(google-build-using-namespace)

/// The chain of every run: four validators and tight limits, so that short inputs reach them.
const test::Chain& step_chain();

/// The three validators around the one that is fuzzed. One of them (the liar) signs anything; the
/// other two keep S1-S4, so with a sound replica no two blocks of one height can become final. It
/// knows every header and batch that exists, which makes it the judge of what may be voted for.
class StepWorld {
public:
    StepWorld(ValidatorIndex self, ValidatorIndex liar);

    struct Known {
        Header header;
        Hash digest;
        std::size_t parent = 0;  ///< only if `sound`
        Hash state_root;         ///< after executing it
        bool sound = false;      ///< keeps N2 and N4 to N6 as far as no clock is asked
        std::string_view flaw;   ///< why not
    };

    [[nodiscard]] ValidatorIndex self() const { return self_; }
    [[nodiscard]] ValidatorIndex liar() const { return liar_; }
    [[nodiscard]] bool honest(ValidatorIndex peer) const { return peer != liar_; }
    [[nodiscard]] ValidatorIndex leader(View view) const { return schedule_.leader(view); }
    [[nodiscard]] const Hash& schedule_hash() const { return schedule_.hash(); }

    // Headers and batches.
    std::size_t add_header(const Header& header);
    [[nodiscard]] const std::deque<Known>& headers() const { return headers_; }
    [[nodiscard]] std::optional<std::size_t> find(const Hash& digest) const;
    [[nodiscard]] std::vector<std::size_t> headers_of(View view) const;
    void add_batch(const BatchHandle& batch);
    [[nodiscard]] const std::vector<BatchHandle>& batches() const { return batches_; }
    /// Named by this header or an ancestor of it.
    [[nodiscard]] bool named_on_chain(std::size_t header, const Hash& batch) const;
    BatchHandle make_batch(ValidatorIndex author, Height expires, std::vector<Bytes> items);

    // Votes.
    /// Casts the vote of a peer, or finds that it must not be cast.
    std::optional<Vote> vote(ValidatorIndex peer, VoteKind kind, View view, const Hash& digest);
    /// The replica's own vote has left it.
    void replica_voted(VoteKind kind, View view, const Hash& digest);
    /// q validators have cast this vote (the liar casts all). `also_self`: the replica's vote
    /// counts even if it has not left it yet.
    [[nodiscard]] bool certifiable(VoteKind kind, View view, const Hash& digest,
                                   bool also_self = false) const;
    /// The certificate, of voters chosen by `rotation`; nothing if it cannot exist.
    [[nodiscard]] std::optional<Certificate> certificate(VoteKind kind, View view,
                                                         const Hash& digest,
                                                         std::size_t rotation = 0) const;
    /// Notarization or Finalization of a header.
    [[nodiscard]] bool certified(std::size_t header) const;
    /// The certified header of the highest view; genesis if there is none.
    [[nodiscard]] std::size_t newest_certified() const;

    // What is final.
    /// Looks for new Finalizations. False: two blocks of one height are final.
    [[nodiscard]] bool advance_final();
    [[nodiscard]] const std::vector<std::size_t>& final_chain() const { return final_; }
    [[nodiscard]] ExecutionResult result_of(std::size_t header) const;
    [[nodiscard]] ExecutionCertificate execution_certificate(const ExecutionResult& result) const;
    [[nodiscard]] AvailabilityCertificate availability(const Entry& entry) const;

    [[nodiscard]] std::vector<ValidatorIndex> peers() const;

private:
    [[nodiscard]] std::string_view flaw(const Header& header) const;
    [[nodiscard]] std::string_view flaw_of_batches(const Header& header, std::size_t parent) const;
    [[nodiscard]] std::string_view flaw_of_execution(const Header& header,
                                                     std::size_t parent) const;
    [[nodiscard]] bool may_vote(ValidatorIndex peer, VoteKind kind, View view,
                                const Hash& digest) const;
    [[nodiscard]] const Hash* cast(ValidatorIndex peer, VoteKind kind, View view) const;

    using Slot = std::tuple<ValidatorIndex, VoteKind, View>;

    ValidatorIndex self_;
    ValidatorIndex liar_;
    LeaderSchedule schedule_;
    std::deque<Known> headers_;  // references into it stay good
    std::map<Hash, std::size_t> by_digest_;
    std::vector<BatchHandle> batches_;
    std::map<Hash, Entry> entries_;
    std::map<Slot, Hash> cast_;  // of everyone but the liar
    std::vector<std::size_t> final_;
    std::uint64_t next_nonce_ = 1;
};

}  // namespace remit::fuzz
