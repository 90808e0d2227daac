#include "node/node.h"

#include <algorithm>

#include "node/ops/log.h"

/// What the node does when its parts report something; each function names its thread.
namespace remit::node {

NoticeFunction Node::notice(const std::string& listener) {
    // gRPC threads.
    return [this, listener](HandshakeNotice notice, const CertificateFacts& facts) {
        numbers_.on_handshake_refused(std::string(name_of(notice)));
        log_warning(
            notice == HandshakeNotice::expired ? "certificate_expired" : "handshake_refused",
            {{"listener", listener},
             {"notice", name_of(notice)},
             {"common_name", facts.common_name},
             {"pin", facts.pin.hex()}});
    };
}

// Execution thread.
void Node::on_executed(ExecutedBlock block) {
    if (block.breach) {
        numbers_.on_invariant_violation();
        log_error("invariant_violated", {{"breach", *block.breach}});
        const std::lock_guard lock(mutex_);
        fatal_ = Failure{.exit = ExitCode::bad_configuration,
                         .message = "invariant violated: " + *block.breach,
                         .help =
                             "nothing of this block was written; keep the data folder and "
                             "compare with the other validators"};
    } else {
        log_debug(block.speculative ? "block_executed_ahead" : "block_executed",
                  {{"height", block.result.height},
                   {"items", block.outcomes.size()},
                   {"state_root", block.result.state_root.hex()}});
    }
    reactor_.post([block = std::move(block)](Replica& replica) mutable {
        replica.on_executed(std::move(block));
    });
}

// Reactor thread, the rest of this file but the last function.
void Node::on_final(consensus::Height height) {
    feed_->announce(height);
}

void Node::on_evidence(const consensus::Evidence& evidence) {
    numbers_.on_equivocation();
    const auto set = set_of(evidence.first.epoch);
    const bool known = set && set->contains(evidence.first.signer);
    log_error("equivocation",
              {{"epoch", evidence.first.epoch},
               {"validator", evidence.first.signer},
               {"name", known ? set->validators()[evidence.first.signer].name : ""},
               {"signed", consensus::name_of(evidence.kind)},
               {"view", evidence.first.view},
               {"now", "reported on the chain; see `remit ledger evidence`, governance decides"},
               {"evidence", to_hex(consensus::encode(evidence))}});
}

void Node::on_misbehaviour(const consensus::Misbehaviour& misbehaviour) {
    log_warning("peer_misbehaved",
                {{"validator", misbehaviour.peer}, {"reason", misbehaviour.reason}});
    network_->interrupt(misbehaviour.peer);
}

void Node::on_votes_lost(const std::string& reason) {
    log_error("votes_lost", {{"reason", reason},
                             {"now",
                              "this validator votes again once a quorum of the others has "
                              "told where it stands"}});
}

void Node::on_snapshot_gathered(bool was_new) {
    log_info("snapshot_gathered", {{"new_here", was_new}});
    aside_.post([this, was_new] {
        const auto built = build_install({.disk = disk_,
                                          .databases = databases_,
                                          .library = *snapshots_,
                                          .chain = chain_,
                                          .own = *kv_,
                                          .paths = InstallPaths::in(settings_.data),
                                          .was_new = was_new});
        if (built) {
            wants_restart_ = true;
            return;
        }
        ++snapshots_useless_;
        log_error("snapshot_useless", {{"number", static_cast<int>(SnapshotFlaw::not_installable)},
                                       {"name", name_of(SnapshotFlaw::not_installable)},
                                       {"reason", built.error().text()}});
        reactor_.post([](Replica& replica) { replica.discard_gathered(); });
    });
}

void Node::on_divergence(const consensus::Divergence& divergence) {
    diverged_ = true;
    explain_.begin(kv_->snapshot(), chain_, divergence);
}

void Node::on_fork(const consensus::Fork& fork) {
    note_stop_code(chain_forked_code);
    log_error("chain_forked",
              {{"code", chain_forked_code},
               {"rule", consensus::name_of(fork.broken)},
               {"epoch", fork.other.epoch},
               {"view", fork.other.view},
               {"held", fork.held ? to_hex(consensus::encode(*fork.held)) : ""},
               {"other", to_hex(consensus::encode(fork.other))},
               {"now", "this node votes no more and gives no receipts; it answers what it has"},
               {"remedy",
                "stop paying out, keep every data folder; governance decides which "
                "validators are at fault: `remit ledger evidence`, `equivocation` here"}});
}

void Node::on_foreign_votes(consensus::Epoch epoch) {
    note_stop_code(journal_of_another_code);
    log_error("journal_of_another",
              {{"code", journal_of_another_code},
               {"epoch", epoch},
               {"now", "this node votes no more and gives no receipts; it answers what it has"},
               {"remedy",
                "two processes wrote this data folder, or a wrong one was copied here: "
                "find out which, then join with an empty folder"}});
}

void Node::on_epoch(const consensus::HandOver& way) {
    const auto& epoch = way.next;
    note_set(epoch.set);
    log_info("epoch_began", {{"epoch", epoch.set.epoch()},
                             {"validators", epoch.set.size()},
                             {"end_height", epoch.end_height},
                             {"protocol_version", epoch.params.protocol_version}});
}

void Node::on_unsupported_version(const consensus::UnsupportedVersion& found) {
    unsupported_ = true;
    log_error("protocol_version_unsupported",
              {{"code", unsupported_version_code},
               {"epoch", found.epoch},
               {"version", found.version},
               {"now", "this node votes no more and executes nothing new; it answers what it has"},
               {"remedy", "install the release that knows the version, and start again"}});
}

/// Before `on_stopped`: the first one stays.
void Node::note_stop_code(int code) {
    const std::lock_guard lock(mutex_);
    stop_code_ = stop_code_ == 0 ? code : stop_code_;
}

void Node::on_stopped(const std::string& reason) {
    {
        const std::lock_guard lock(mutex_);
        stop_reason_ = reason;
    }
    stopped_ = true;
    log_error("receipts_stopped", {{"reason", reason}});
}

// The reactor's thread or the signer's.
void Node::on_signer(const std::string& socket, const signer::SignerReading& reading) {
    for (const auto& [refusal, count] : reading.refusals) {
        log_error("signature_refused", {{"number", static_cast<int>(refusal)},
                                        {"reason", name_of(refusal)},
                                        {"socket", socket}});
    }
    if (reading.ready()) {
        log_info("signer_ready", {{"socket", socket}});
    } else {
        log_error(reading.connected ? "signer_locked" : "signer_away",
                  {{"reason", reading.trouble},
                   {"socket", socket},
                   {"now", "this validator follows and signs nothing with this key"}});
    }
    reactor_.post([](Replica& replica) { replica.on_tick(); });
}

// gRPC threads, these two.
void Node::on_superseded(const std::set<consensus::PeerNumber>& peers) {
    // One may lie. Of f+1 of the epoch's validators at least one is honest and hears another
    // process with this key; how many of the others lie nothing says.
    const auto epoch = [this] {
        const std::lock_guard lock(mutex_);
        return latest_.consensus.epoch;
    }();
    const auto set = set_of(std::max(epoch, chain_.validators.epoch()));
    const auto is_member = [&](consensus::PeerNumber peer) {
        const std::lock_guard lock(mutex_);
        const auto& keys = known_peers_.at(peer).keys;
        return std::any_of(keys.begin(), keys.end(), [&](const PublicKey& key) {
            const auto& all = set->validators();
            return std::any_of(all.begin(), all.end(),
                               [&](const auto& each) { return each.key == key; });
        });
    };
    const bool certain = set && std::count_if(peers.begin(), peers.end(), is_member) >
                                    static_cast<std::ptrdiff_t>(set->f());
    if (certain) {
        gate_->shut();
        if (next_gate_) {
            next_gate_->shut();
        }
    }
    log_error("superseded",
              {{"peers", peers.size()},
               {"reason", "peers hear a newer process with this validator's key"},
               {"now", certain ? "this process signs nothing any more: stop it, and find out who "
                                 "started the other"
                               : "waiting for a second opinion"}});
}

std::string Node::name_of_peer(consensus::PeerNumber peer) const {
    const std::lock_guard lock(mutex_);
    return peer < known_peers_.size() ? known_peers_[peer].name : "#" + std::to_string(peer);
}

void Node::on_second_session(consensus::ValidatorIndex peer) {
    const auto name = name_of_peer(peer);
    numbers_.on_second_session(name);
    log_error("two_processes_one_key",
              {{"validator", name},
               {"reason", "two processes with this validator's key are connected at once"}});
}

void Node::after_turn(const Replica& replica, std::chrono::microseconds flush) {
    const auto syncs = replica.counts().journal_syncs;
    if (syncs != syncs_) {
        syncs_ = syncs;
        numbers_.on_sync(static_cast<double>(flush.count()) / 1e6);
    }
    read_from(replica);
}

void Node::read_from(const Replica& replica) {
    NodeReading out;
    out.consensus = replica.metrics();
    out.pending = replica.pending();
    out.counts = replica.counts();
    out.evidence_waiting = replica.evidence_waiting();
    out.snapshots = replica.snapshot_counts();
    const auto now = clock_.mono_ms();
    const bool due = now >= validators_due_ms_;
    if (due) {
        constexpr std::int64_t pause_ms = 500;  // a string each, and nobody looks more often
        validators_due_ms_ = now + pause_ms;
        out.validators = replica.peer_metrics();
    }
    const std::lock_guard lock(mutex_);
    if (!due) {
        out.validators = std::move(latest_.validators);
    }
    latest_ = std::move(out);
}

// Feed thread.
void Node::follow_membership() {
    const auto latest = reads_->latest();
    for (const auto& news : directory_.update(ledger::StateReader(*latest->view))) {
        admit(news);
    }
    renew_peers();
}

/// Who left the network is let go: it costs nothing here any more, and hears nothing. Who moved, or
/// has another certificate, is found again.
void Node::renew_peers() {
    const auto latest = reads_->latest();
    const auto contacts = directory_.contacts(ledger::StateReader(*latest->view));
    for (std::size_t i = 0; i < contacts.size(); ++i) {
        const auto number = static_cast<consensus::PeerNumber>(i);
        const auto& name = directory_.peers()[i].name;
        const auto& contact = contacts[i];
        if (number == place_.index) {
            check_own_certificate(contact);
            continue;
        }
        const auto address = address_of(name, contact);
        if (contact.admitted && network_->renew(number, address)) {
            log_info("validator_renewed",
                     {{"name", name},
                      {"address", contact.addresses.empty() ? "" : contact.addresses.front()},
                      {"certificate", contact.pins.front().hex()}});
        }
        if (network_->admit(number, contact.admitted)) {
            log_info(contact.admitted ? "validator_admitted" : "validator_let_go",
                     {{"name", name}});
        }
    }
}

/// Once the chain names another one, nobody lets this node in or calls it.
void Node::check_own_certificate(const Directory::Contact& own) {
    const bool wrong =
        own.admitted && std::find(own.pins.begin(), own.pins.end(), place_.pin) == own.pins.end();
    if (wrong && !certificate_told_) {
        log_error(
            "certificate_not_listed",
            {{"code", certificate_not_listed_code},
             {"certificate", place_.pin.hex()},
             {"listed", own.pins.front().hex()},
             {"now", "the other validators refuse this node's certificate"},
             {"remedy", "set tls.certificate and tls.key to the one listed, and start again"}});
    }
    certificate_told_ = wrong;
}

/// The engine knows the peer before the network can bring anything of it.
void Node::admit(const Directory::News& news) {
    const auto& peer = directory_.peers()[news.number];
    reactor_.post([news](Replica& replica) { replica.on_peer_known(news.number, news.key); });
    {
        const std::lock_guard lock(mutex_);
        known_peers_ = directory_.peers();
    }
    if (!news.new_peer) {
        log_info("validator_key_listed", {{"name", peer.name}, {"key", news.key.hex()}});
        return;
    }
    const auto latest = reads_->latest();
    const auto contact = directory_.contacts(ledger::StateReader(*latest->view))[news.number];
    const bool added = network_->add_peer(address_of(peer.name, contact));
    log_info("validator_listed",
             {{"name", peer.name},
              {"address", contact.addresses.empty() ? "" : contact.addresses.front()},
              {"reachable", added}});
}

void Node::on_final_feed(consensus::Height height) {
    follow_membership();
    members_->replace(listed_members(*reads_->latest()->view));
    api_->service().watchers().wake(clock_.mono_ms());
    for (; counted_ < height; ++counted_) {
        if (const auto news = reads_->news(counted_ + 1)) {
            numbers_.count(*news);
            log_debug("block_final", {{"height", news->height},
                                      {"receipts", news->receipts.size()},
                                      {"time_ms", news->time_ms}});
        }
    }
}

}  // namespace remit::node
