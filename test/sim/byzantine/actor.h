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
    /// How often it did what no honest validator does. Zero over all seeds: it tested nothing.
    [[nodiscard]] std::uint64_t misdeeds() const { return misdeeds_; }

protected:
    virtual void on_send(std::size_t to, const consensus::Message& message) { send(to, message); }
    virtual void on_receive(std::size_t from, const consensus::Message& message) {
        hand_in(from, message);
    }

    void send(std::size_t to, const consensus::Message& message);
    void send_bytes(std::size_t to, ByteView bytes);
    void send_all(const consensus::Message& message);
    /// To the node inside, as from that validator. Not from within `on_send`.
    void hand_in(std::size_t from, const consensus::Message& message);
    void every(std::int64_t ms, const std::function<void()>& action);
    void misdeed() { ++misdeeds_; }

    [[nodiscard]] consensus::ValidatorIndex me() const;
    [[nodiscard]] std::vector<std::size_t> others() const;
    [[nodiscard]] std::size_t any_other() { return others()[random_.below(others().size())]; }
    [[nodiscard]] consensus::ValidatorIndex leader(consensus::View view) const;
    [[nodiscard]] const consensus::ValidatorSet& set() const { return world_.chain.validators; }
    [[nodiscard]] const consensus::Params& params() const { return world_.chain.params; }
    [[nodiscard]] consensus::Vote vote(consensus::VoteKind kind, consensus::View view,
                                       const Hash& digest) const;
    /// The same proposal with another header, signed by this validator.
    [[nodiscard]] consensus::Proposal with_header(consensus::Proposal proposal,
                                                  const consensus::Header& header) const;
    [[nodiscard]] consensus::BatchHandle sign_batch(consensus::Batch batch) const;
    [[nodiscard]] Hash some_hash() { return random_.draw<Hash>(); }

    SharedWorld world_;
    SecretKey key_;
    SimulatedNode& inner_;
    test::Prng random_;
    // Seen on the wire so far.
    consensus::View view_ = 1;  ///< above the newest certificate
    std::map<Hash, consensus::Header> headers_;
    std::map<consensus::View, consensus::Certificate> notarizations_;
    std::map<consensus::View, consensus::Certificate> nullifications_;
    std::map<consensus::View, consensus::Certificate> finalizations_;

private:
    void observe(const consensus::Message& message);
    void observe(const consensus::Certificate& certificate);

    consensus::LeaderSchedule schedule_;
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

private:
    std::map<consensus::View, consensus::Proposal> told_;
};

}  // namespace remit::sim
