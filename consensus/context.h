#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "consensus/block_tree.h"
#include "consensus/engine.h"
#include "consensus/leader_schedule.h"
#include "consensus/serve_budget.h"

namespace remit::consensus {

/// Everything fixed for the run of one epoch. Peers have local indexes in it: a validator's is its
/// index in the set, any other peer (a guest) comes behind them.
struct EpochConfig {
    Hash chain_id;
    ValidatorSet validators;
    ValidatorIndex self = 0;  ///< not in the set: this node follows
    Params params;
    Block root;  ///< of view 0, without flags: genesis, or the epoch_last block of the epoch before
    Height end_height = never_ends;
    std::vector<ValidatorIndex> demoted;
    std::optional<TrustedRoot> trusted;
    std::uint64_t boot_counter = 0;
    std::size_t peers = 0;  ///< local indexes in use; grows with the guests
    std::uint16_t version_max = 1;
    /// Of the epochs before whose blocks wait for execution here: their batches may still come.
    std::map<Epoch, ValidatorSet> earlier;
    std::int64_t serve_bytes_per_second = ServeBudget::total_bytes_per_second;
    bool left = false;  ///< a later epoch was entered in an earlier run: no vote here any more
};

/// What all parts of one epoch share: the fixed configuration, the time of this step and the
/// output it fills. Internal to the engine.
struct Context {
    Context(EpochConfig the_config, const Signer& the_signer, const BlockSource& the_source)
        : config(std::move(the_config)),
          signer(the_signer),
          source(the_source),
          schedule(config.chain_id, config.validators, config.demoted),
          params_hash(config.params.hash()),
          serve_budget(config.serve_bytes_per_second) {
        voting = may_ever_vote();
    }

    EpochConfig config;
    const Signer& signer;
    const BlockSource& source;
    LeaderSchedule schedule;
    Hash params_hash;
    Metrics metrics;
    std::map<std::string, std::uint64_t> nullified_by_leader;  // views, by the leader's name
    ServeBudget serve_budget;
    Now now;
    Output out;
    std::int64_t delta_ms = 0;  ///< the assumed one-way delay, measured within its bounds
    bool voting = true;         ///< false: follows, signs nothing
    bool starting = false;      ///< not voting yet, but soon: clients' items are taken
    bool halted = false;        ///< diverged or forked: `voting` stays false for good
    bool forked = false;        ///< halted because more than f validators are faulty
    bool ended = false;         ///< the epoch's last block is final: nothing is signed here again
    /// Until then the signer is not asked: it was away, or refused.
    std::int64_t sign_again_ms = std::numeric_limits<std::int64_t>::min();

    [[nodiscard]] const ValidatorSet& set() const { return config.validators; }
    [[nodiscard]] const Params& params() const { return config.params; }
    [[nodiscard]] ValidatorIndex self() const { return config.self; }

    [[nodiscard]] Height root_height() const { return config.root.header.height; }
    /// What this epoch's set votes for lies above: the result that the root's header carries was
    /// certified by the set before. What lies between it and the root is voted for again, so that
    /// every receipt gets its proof, but only the root and what is above is ever anchored.
    [[nodiscard]] Height certified_before() const { return config.root.header.exec.height; }
    /// One of the epoch's validators, and its program knows the epoch's protocol version.
    [[nodiscard]] bool member() const { return set().contains(self()) && supported(); }
    [[nodiscard]] bool supported() const {
        return config.params.protocol_version <= config.version_max;
    }
    [[nodiscard]] bool may_ever_vote() const {
        return member() && !config.left && !halted && !ended;
    }

    /// Flags of an ordinary block: the first one at or above the end height whose result is of this
    /// epoch is the last. A result inherited from the epoch before would name this one again.
    [[nodiscard]] std::uint8_t flags_of(Height height, Height exec_height) const {
        const bool last = height >= config.end_height && exec_height >= root_height();
        return last ? header_flag::epoch_last : std::uint8_t{0};
    }

    void broadcast(Message message, Channel channel = Channel::votes) {
        if (config.peers > 1) {
            out.send.push_back(
                {.to = std::nullopt, .channel = channel, .message = std::move(message)});
        }
    }
    void send(ValidatorIndex to, Message message, Channel channel = Channel::votes) {
        if (to != self()) {
            out.send.push_back({.to = to, .channel = channel, .message = std::move(message)});
        }
    }
    /// Whether a peer's request is answered: it has not had more than its share of late.
    bool may_serve(ValidatorIndex peer) {
        const bool admitted = serve_budget.admits(peer, config.peers, now.mono_ms);
        metrics.requests_dropped += admitted ? 0 : 1;
        return admitted;
    }
    void served(ValidatorIndex peer, std::size_t lookups, std::size_t bytes) {
        serve_budget.spend(peer, static_cast<std::int64_t>(lookups) * ServeBudget::lookup_bytes +
                                     static_cast<std::int64_t>(bytes));
    }
    /// A journal record that must be durable before anything of this step is sent.
    void persist(JournalRecord record) {
        out.journal.push_back(std::move(record));
        out.sync_before_send = true;
    }
    void persist(const BatchHandle& batch) {
        out.store_batches.push_back(batch);
        out.sync_before_send = true;
    }
    bool check_signature(ValidatorIndex signer_index, ByteView bytes, const Signature& signature) {
        ++metrics.signatures_verified;
        return remit::verify(set().key(signer_index), bytes, signature);
    }
    template <class T>
    bool check_certificate(const T& certificate) {
        metrics.signatures_verified += certificate.signers.signatures.size();
        return verify(certificate, set(), config.chain_id).has_value();
    }
    /// My signature over the bytes, if the signer gives one.
    [[nodiscard]] std::optional<Signature> sign(ByteView message) {
        if (!signing()) {
            return std::nullopt;
        }
        const auto signature = signer.signature_of(message);
        if (!signature) {
            pause_signing();
        }
        return signature;
    }
    [[nodiscard]] bool signing() const { return now.mono_ms >= sign_again_ms; }
    /// The signer gave nothing: without a pause every step would ask it again.
    void pause_signing() {
        constexpr std::int64_t pause_ms = 50;
        sign_again_ms = now.mono_ms + pause_ms;
        ++metrics.signatures_missing;
    }
    /// Whether a vote may be attempted now.
    [[nodiscard]] bool may_vote() const { return voting && signing(); }
    void halt() {
        halted = true;
        voting = false;
    }
    void blame(ValidatorIndex peer, std::string reason) {
        ++metrics.messages_refused;
        out.misbehaviour.push_back({.peer = peer, .reason = std::move(reason)});
    }
};

}  // namespace remit::consensus
