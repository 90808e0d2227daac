#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "consensus/leader_schedule.h"
#include "consensus/messages.h"
#include "test/sim/simulated_node.h"

namespace remit::sim {

/// What an adversary has: one validator's key and its machine, with an unmodified node on it whose
/// every message goes through the adversary's hands.
struct Seat {
    SharedWorld world;
    SecretKey key;
    SimulatedNode& inner;
    std::size_t number = 0;  ///< actors that were seated before it
};

/// One Byzantine validator. It sees everything delivered to its machine and everything the node
/// inside wants to send, and may send any bytes to anybody at any time. Without an override it is
/// a wire: each behaviour overrides what it falsifies, and counts each falsehood.
class Actor {
public:
    explicit Actor(Seat seat);
    virtual ~Actor() = default;
    Actor(const Actor&) = delete;
    Actor& operator=(const Actor&) = delete;

    /// The network has started: plan what happens by time.
    virtual void begin() {}
    /// The node inside wants to send these bytes to a validator.
    void sent(std::size_t to, ByteView bytes);
    /// These bytes came from a validator.
    void received(std::size_t from, const Bytes& bytes);
    /// A way into a later epoch: whatever it signs from now on is of that one, if its set has a key
    /// of this machine, else of the last one that had.
    void learn_way(const consensus::HandOver& way);
    /// How often it did what no honest validator does. Zero over all seeds: it tested nothing.
    [[nodiscard]] std::uint64_t misdeeds() const { return misdeeds_; }

protected:
    virtual void on_send(std::size_t to, const consensus::Message& message) { send(to, message); }
    virtual void on_receive(std::size_t from, const consensus::Message& message) {
        hand_in(from, message);
    }
    /// Another epoch has begun: views count from one again.
    virtual void on_epoch() {}

    void send(std::size_t to, const consensus::Message& message);
    void send_bytes(std::size_t to, ByteView bytes);
    void send_all(const consensus::Message& message);
    /// To the node inside, as from that validator. Not from within `on_send`.
    void hand_in(std::size_t from, const consensus::Message& message);
    void every(std::int64_t ms, const std::function<void()>& action);
    void misdeed() { ++misdeeds_; }

    /// An epoch that this machine votes in, or did. One that never was in a set has an index
    /// behind everybody's.
    struct Membership {
        consensus::ValidatorSet set;
        consensus::ValidatorIndex self = 0;
    };
    [[nodiscard]] consensus::ValidatorIndex me() const { return memberships_.back().self; }
    [[nodiscard]] std::vector<std::size_t> others() const;
    [[nodiscard]] std::size_t any_other() { return others()[random_.below(others().size())]; }
    [[nodiscard]] consensus::ValidatorIndex leader(consensus::View view) const;
    [[nodiscard]] const consensus::ValidatorSet& set() const { return memberships_.back().set; }
    [[nodiscard]] const std::vector<Membership>& memberships() const { return memberships_; }
    /// Newest epoch that it knows of, member or not.
    [[nodiscard]] consensus::Epoch epoch() const { return epoch_; }
    [[nodiscard]] const consensus::Params& params() const { return world_.chain.params; }
    [[nodiscard]] consensus::Vote vote(consensus::VoteKind kind, consensus::View view,
                                       const Hash& digest) const {
        return vote_in(memberships_.back(), kind, view, digest);
    }
    [[nodiscard]] consensus::Vote vote_in(const Membership& membership, consensus::VoteKind kind,
                                          consensus::View view, const Hash& digest) const;
    /// With the key of this machine that the set has.
    [[nodiscard]] Signature sign_in(const Membership& membership, ByteView bytes) const {
        return key_in(membership.set).sign(bytes);
    }
    [[nodiscard]] Signature sign(ByteView bytes) const {
        return sign_in(memberships_.back(), bytes);
    }
    /// The same proposal with another header, signed by this validator.
    [[nodiscard]] consensus::Proposal with_header(consensus::Proposal proposal,
                                                  const consensus::Header& header) const;
    [[nodiscard]] consensus::BatchHandle sign_batch(consensus::Batch batch) const;
    [[nodiscard]] Hash some_hash() { return random_.draw<Hash>(); }

    SharedWorld world_;
    SecretKey key_;
    SimulatedNode& inner_;
    test::Prng random_;
    // Seen on the wire so far; views and certificates of the newest epoch alone.
    consensus::View view_ = 1;  ///< above the newest certificate
    std::map<Hash, consensus::Header> headers_;
    std::map<consensus::View, consensus::Certificate> notarizations_;
    std::map<consensus::View, consensus::Certificate> nullifications_;
    std::map<consensus::View, consensus::Certificate> finalizations_;

private:
    void observe(const consensus::Message& message);
    void observe(const consensus::Certificate& certificate);
    [[nodiscard]] const SecretKey& key_in(const consensus::ValidatorSet& set) const;
    [[nodiscard]] std::optional<consensus::ValidatorIndex> seat_in(
        const consensus::ValidatorSet& set) const;

    std::optional<SecretKey> rotated_;     // the first machine's second key
    std::vector<Membership> memberships_;  // never empty
    consensus::Epoch epoch_ = 1;
    consensus::LeaderSchedule schedule_;  // of the newest membership
    std::uint64_t misdeeds_ = 0;
};

/// A leader whose proposals say something else than the node inside meant: the same to everybody,
/// also when it is said again.
class LyingLeader : public Actor {
public:
    using Actor::Actor;

protected:
    void on_send(std::size_t to, const consensus::Message& message) override;
    /// The header to propose instead; none: this one stays as it is.
    virtual std::optional<consensus::Header> rewrite(const consensus::Header& header) = 0;
    void on_epoch() override { told_.clear(); }

private:
    std::map<consensus::View, consensus::Proposal> told_;
};

}  // namespace remit::sim
