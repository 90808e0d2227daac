#include "node/node_metrics.h"

#include <algorithm>

#include "ledger/errors.h"
#include "ledger/rules/next_epoch.h"

namespace remit::node {

PlanReading plan_reading(const ledger::StateReader& state) {
    PlanReading out;
    const auto now = state.epoch();
    const auto plan = state.epoch_plan();
    if (!now || !plan) {
        return out;
    }
    for (const auto& each : plan->validators) {
        const bool ready = ledger::is_ready(each.validate_key, plan->protocol_version, state);
        const bool learns = std::none_of(
            now->validators.begin(), now->validators.end(),
            [&](const auto& voter) { return voter.validate_key == each.validate_key; });
        ++out.validators;
        out.ready += ready ? 1 : 0;
        out.learners += learns ? 1 : 0;
        out.learners_ready += learns && ready ? 1 : 0;
    }
    return out;
}

void NodeMetrics::raise(const std::string& name, const std::string& help, std::uint64_t value,
                        const Labels& labels) {
    auto& last = last_[{name, labels}];
    metrics_.counter(name, help, labels).add(value > last ? static_cast<double>(value - last) : 0);
    last = std::max(last, value);
}

void NodeMetrics::set(const std::string& name, const std::string& help, double value) {
    metrics_.gauge(name, help).set(value);
}

void NodeMetrics::set_build(const std::string& version, std::int64_t certificate_not_after_s) {
    metrics_
        .gauge("remit_build_info", "Always 1; the labels say what runs.", {{"version", version}})
        .set(1);
    set("remit_certificate_expiry_timestamp_seconds", "When this node's certificate expires.",
        static_cast<double>(certificate_not_after_s));
    metrics_.counter("remit_equivocations_total", "Proofs of two votes of one validator.");
    metrics_.counter("remit_invariant_violations_total", "Broken invariants: page at 1.");
}

void NodeMetrics::update_snapshots(const SnapshotCounts& now, bool installed) {
    raise("remit_snapshots_made_total", "Snapshots of the state made here.", now.made);
    raise("remit_snapshot_chunks_served_total", "Chunks given to peers that join.",
          now.chunks_served);
    raise("remit_snapshot_served_bytes_total", "Bytes of chunks and manifests for them.",
          now.bytes_served);
    raise("remit_snapshot_chunks_fetched_total", "Chunks fetched from peers, each as signed.",
          now.chunks_fetched);
    raise("remit_snapshot_fetched_bytes_total", "Their bytes.", now.bytes_fetched);
    set("remit_snapshot_chunks_missing", "Chunks of the snapshot being gathered.",
        static_cast<double>(now.chunks_missing.value_or(0)));
    raise("remit_snapshots_installed_total", "1 when this run began with an installed snapshot.",
          installed ? 1 : 0);
    for (const auto flaw : {SnapshotFlaw::bad_manifest, SnapshotFlaw::uncertified_manifest,
                            SnapshotFlaw::bad_chunk, SnapshotFlaw::not_installable}) {
        const auto found = now.failed.find(flaw);
        raise("remit_snapshots_failed_total", "Manifests and chunks of peers that were none.",
              found == now.failed.end() ? 0 : found->second,
              {{"reason", std::string(name_of(flaw))}});
    }
}

void NodeMetrics::update_signers(const NodeReading& reading) {
    std::map<signer::Refusal, std::uint64_t> refusals;
    const auto show = [&](const std::string& prefix, const signer::SignerReading& now) {
        set(prefix + "_connected", "1 while the signer process answers.", now.connected ? 1 : 0);
        set(prefix + "_locked", "1 while the signer signs no vote: an operator must raise it.",
            now.locked ? 1 : 0);
        for (const auto& [refusal, count] : now.refusals) {
            refusals[refusal] += count;
        }
    };
    if (reading.signer) {
        show("remit_signer", *reading.signer);
    }
    if (reading.next_signer) {
        show("remit_next_signer", *reading.next_signer);
    }
    for (const auto& [refusal, count] : refusals) {
        raise("remit_signer_refusals_total", "Signatures that signers refused.", count,
              {{"reason", std::string(name_of(refusal))}});
    }
}

void NodeMetrics::update_validators(const std::vector<consensus::PeerMetrics>& validators) {
    constexpr double ms_per_s = 1000;
    for (const auto& each : validators) {
        const Labels labels{{"validator", each.name}};
        raise("remit_leader_views_nullified_total",
              "Views that made no block, by the validator that led them.", each.views_nullified,
              labels);
        metrics_
            .gauge("remit_author_batches",
                   "Batches held of an author and named by no final block: of its window.", labels)
            .set(static_cast<double>(each.batches_held));
        if (each.round_trip_ms) {
            metrics_
                .gauge("remit_peer_round_trip_seconds", "Slowest of the newest pings of a peer.",
                       labels)
                .set(static_cast<double>(*each.round_trip_ms) / ms_per_s);
        }
        if (each.vote_lag_ms) {
            metrics_
                .gauge("remit_peer_vote_lag_seconds",
                       "From a view's first Notarize to this peer's, smoothed over some eight.",
                       labels)
                .set(static_cast<double>(*each.vote_lag_ms) / ms_per_s);
        }
    }
}

void NodeMetrics::update_disk(const NodeReading& reading) {
    raise("remit_journal_syncs_total", "Syncs of the vote journal.", reading.counts.journal_syncs);
    raise("remit_journal_bytes_total", "Written to the vote journal, held batches included.",
          reading.counts.journal_bytes);
    set("remit_storage_bytes", "Size of the database on disk.",
        static_cast<double>(reading.disk_bytes));
    set("remit_disk_free_bytes", "Free for this node on the volume of its data.",
        static_cast<double>(reading.disk_free_bytes));
    set("remit_disk_reserve_bytes", "Clients are refused when less is free; 0: no reserve.",
        static_cast<double>(reading.disk_reserve_bytes));
    set("remit_disk_stop_bytes", "The node stops when less is free; 0: never.",
        static_cast<double>(reading.disk_stop_bytes));
}

void NodeMetrics::update_chain(const NodeReading& reading) {
    const auto& c = reading.consensus;
    const auto number = [this](const std::string& name, const std::string& help, auto value) {
        set(name, help, static_cast<double>(value));
    };
    number("remit_block_height", "Newest block with final receipts here.", reading.final_height);
    number("remit_executed_height", "Newest block executed here.", reading.executed_height);
    number("remit_finalised_height", "Newest block that cannot be undone: the floor.",
           c.finalised_height);
    number("remit_finalised_view", "View of the floor.", c.finalised_view);
    number("remit_anchored_height", "Newest block whose result a finalised header carries.",
           c.anchored_height);
    number("remit_blocks_waiting", "Final blocks that wait for batches or for execution here.",
           c.blocks_waiting);
    number("remit_batch_bytes_waiting", "Bytes of batches that such blocks name.",
           c.batch_bytes_waiting);
    number("remit_certificate_bytes", "Size of the newest Finalization.", c.certificate_bytes);
    set("remit_last_commit_timestamp_seconds", "Block time of the newest final block.",
        static_cast<double>(reading.block_time_ms) / 1000);
    raise("remit_blocks_committed_total", "Blocks finalised since the start.", c.blocks_finalised);
    raise("remit_blocks_empty_total", "Of these, without batches.", c.empty_blocks_finalised);
    raise("remit_blocks_proposed_total", "Blocks proposed here.", c.blocks_proposed);
    number("remit_plan_validators", "Validators of the plan that waits; 0: none waits.",
           reading.plan.validators);
    number("remit_plan_validators_ready", "Of these, those that said they can vote.",
           reading.plan.ready);
    number("remit_learners", "Of the plan's validators, those not of this epoch.",
           reading.plan.learners);
    number("remit_learners_ready", "Of these, those that said they can vote.",
           reading.plan.learners_ready);
}

void NodeMetrics::update(const NodeReading& reading) {
    const std::lock_guard lock(mutex_);
    const auto& c = reading.consensus;
    update_chain(reading);
    set("remit_view", "Current view.", static_cast<double>(c.view));
    set("remit_delta_seconds", "Assumed one-way delay.", static_cast<double>(c.delta_ms) / 1000);
    set("remit_voting", "1 while this node votes.",
        c.voting && !reading.superseded && !reading.key_missing ? 1 : 0);
    raise("remit_signatures_missing_total", "Signatures that the signer did not give.",
          c.signatures_missing);
    update_signers(reading);
    update_validators(reading.validators);
    set("remit_epoch", "Epoch this node is in.", static_cast<double>(c.epoch));
    set("remit_epoch_end_height", "The epoch ends at or soon after this height.",
        static_cast<double>(c.epoch_end_height));
    set("remit_epoch_validators", "Validators of the epoch.", static_cast<double>(c.validators));
    set("remit_epoch_member", "1 while this node is one of them.", c.member ? 1 : 0);
    set("remit_votes_lost", "1 while this node asks where the others stand before it votes again.",
        c.amnesiac ? 1 : 0);
    set("remit_evidence_waiting", "Evidence found here that the chain has not recorded yet.",
        static_cast<double>(reading.evidence_waiting));
    set("remit_evidence_recorded", "Evidence on the chain, against any validator: page above 0.",
        static_cast<double>(reading.evidence_recorded));
    set("remit_batches_held", "Batches not yet named by a final block.",
        static_cast<double>(c.batches_held));
    set("remit_batches_own", "Of these, this node's: the author window in use.",
        static_cast<double>(c.batches_own));
    set("remit_authors_on_probation", "Authors that do not send their batches to this node.",
        static_cast<double>(c.authors_on_probation));
    const std::string changes = "Own votes to leave a view, by reason.";
    const std::string changed = "remit_view_changes_total";
    raise(changed, changes, c.timeouts_no_proposal, {{"reason", "no_proposal"}});
    raise(changed, changes, c.timeouts_no_certificate, {{"reason", "no_certificate"}});
    raise(changed, changes, c.timeouts_invalid, {{"reason", "invalid_proposal"}});
    raise(changed, changes, c.timeouts_skipped, {{"reason", "quiet_leader"}});
    raise("remit_views_nullified_total", "Views that made no block.", c.views_nullified);
    set("remit_peers_connected", "Validators connected, without this one.",
        static_cast<double>(reading.peers_connected));
    set("remit_mempool_transactions", "Envelopes taken here and not final.",
        static_cast<double>(reading.pending));
    raise("remit_signatures_verified_total", "Envelope signatures verified here.",
          reading.signatures_verified);
    raise("remit_consensus_requests_dropped_total",
          "Requests of peers that asked more than their share.", c.requests_dropped);
    raise("remit_consensus_signatures_verified_total", "Validators' signatures verified here.",
          c.signatures_verified);
    raise("remit_votes_sent_total", "Own votes on views, sent again or not.",
          reading.counts.votes_sent);
    update_disk(reading);
    raise("remit_frames_refused_total", "Frames of peers that were no message.",
          reading.counts.frames_refused);
    raise("remit_peer_sent_bytes_total", "Bytes sent to validators.", reading.sent_bytes);
    raise("remit_peer_received_bytes_total", "Bytes received from validators.",
          reading.received_bytes);
    raise("remit_peer_dropped_messages_total", "Messages dropped for a slow or absent peer.",
          reading.dropped_messages);
    if (reading.snapshots) {
        update_snapshots(*reading.snapshots, reading.snapshot_installed);
    }
    if (reading.clock_skew_ms) {
        set("remit_clock_skew_seconds", "This clock less the other validators', by their median.",
            static_cast<double>(*reading.clock_skew_ms) / 1000);
    }
    set("remit_key_missing", "1 while the key that this epoch gives the validator is not here.",
        reading.key_missing ? 1 : 0);
    set("remit_superseded", "1 when a newer process with this key made this one fall silent.",
        reading.superseded ? 1 : 0);
    set("remit_stopped", "1 when this node gives no receipts any more.", reading.stopped ? 1 : 0);
}

void NodeMetrics::count(const BlockNews& news) {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::size_t> applied;
    std::map<std::string, std::size_t> rejected;
    for (const auto& receipt : news.receipts) {
        if (receipt.ok()) {
            ++applied[std::string(ledger::name_of(receipt.verb))];
        } else {
            const auto error = ledger::ledger_error_from(receipt.code);
            ++rejected[error ? std::string(ledger::name_of(*error)) : "UNKNOWN"];
        }
    }
    for (const auto& [verb, count] : applied) {
        metrics_
            .counter("remit_transactions_applied_total", "Operations executed.", {{"type", verb}})
            .add(static_cast<double>(count));
    }
    for (const auto& [reason, count] : rejected) {
        metrics_
            .counter("remit_transactions_rejected_total", "Operations refused by the ledger.",
                     {{"reason", reason}})
            .add(static_cast<double>(count));
    }
    metrics_.counter("remit_invariant_checks_total", "Blocks whose invariants were checked.").add();
}

void NodeMetrics::on_handshake_refused(const std::string& notice) {
    metrics_
        .counter("remit_handshakes_noticed_total", "TLS handshakes refused, or let in expired.",
                 {{"notice", notice}})
        .add();
}

void NodeMetrics::on_second_session(const std::string& validator) {
    metrics_
        .counter("remit_second_sessions_total",
                 "Times two live processes with one validator's key were heard: page at 1.",
                 {{"validator", validator}})
        .add(1);
}

void NodeMetrics::on_equivocation() {
    metrics_.counter("remit_equivocations_total", "Proofs of two votes of one validator.").add();
}

void NodeMetrics::on_invariant_violation() {
    metrics_.counter("remit_invariant_violations_total", "Broken invariants: page at 1.").add();
}

void NodeMetrics::on_sync(double seconds) {
    metrics_.histogram("remit_storage_sync_duration_seconds", "A turn that synced the journal.")
        .observe(seconds);
}

void NodeMetrics::on_committed(double seconds) {
    metrics_.histogram("remit_commit_duration_seconds", "From submission to final receipts.")
        .observe(seconds);
}

}  // namespace remit::node
