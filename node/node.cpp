#include "node/node.h"

#include <algorithm>

#include "consensus/seats.h"
#include "ledger/state_access.h"
#include "node/ops/log.h"
#include "node/storage/known_epochs.h"

namespace remit::node {

namespace {

RocksOptions options_of(const Settings& settings, const std::string& path,
                        const DiskReserve& reserve) {
    return {.path = path,
            .schema_name = database_schema,
            .schema_version = database_schema_version,
            .write_buffer_bytes = static_cast<std::size_t>(settings.write_buffer_mib) << 20U,
            .no_room = [&reserve] { return reserve.no_room_to_write(); }};
}

/// Bytes; 0: none.
std::uint64_t reserve_of(const Settings& settings, bool devnet) {
    if (settings.reserve_mib >= 0) {
        return static_cast<std::uint64_t>(settings.reserve_mib) << 20U;
    }
    return devnet ? 0 : DiskReserve::usual(DiskReserve::volume_bytes(settings.data));
}

DiskReserve::Marks marks_of(const Settings& settings, bool devnet) {
    const auto reserve = reserve_of(settings, devnet);
    return {.reserve = reserve,
            .stop = settings.stop_mib >= 0 ? static_cast<std::uint64_t>(settings.stop_mib) << 20U
                                           : DiskReserve::usual_stop(reserve, devnet)};
}

}  // namespace

Result<std::unique_ptr<Node>, Failure> Node::start(const Settings& settings,
                                                   std::uint16_t version_max) {
    TRY_ASSIGN(const auto genesis_file, read_genesis_file(settings.genesis));
    auto chain = chain_of(genesis_file);
    if (!chain) {
        return fail_with(ExitCode::bad_configuration,
                         "genesis file " + settings.genesis + ": " + chain.error(),
                         "take the file that the members of the network share");
    }
    TRY_ASSIGN(auto place, find_own_place(settings, *chain));
    TRY_ASSIGN(const auto peers, configured_peers(settings, *chain));
    TRY_ASSIGN(auto folder, DataFolder::open(settings.data, chain->id));
    std::unique_ptr<Node> node(
        new Node(settings, version_max, std::move(*chain), std::move(place), std::move(folder)));
    if (auto shortage = node->reserve_.shortage()) {
        return tl::unexpected(std::move(*shortage));  // to open the database is to write it
    }
    TRY(node->open_signer());
    TRY(node->open_store(genesis_file));
    TRY(node->check_trusted());
    TRY(check_listing(node->place_, settings, node->chain_,
                      ledger::StateReader(*node->reads_->latest()->view),
                      node->execution_->height()));
    node->make_listeners(peers);
    TRY(node->open_replica());
    TRY(node->open_listeners());
    node->run();
    return node;
}

Node::Node(const Settings& settings, std::uint16_t version_max, Chain chain, OwnPlace place,
           DataFolder folder)
    : settings_(settings),
      version_max_(version_max),
      chain_(std::move(chain)),
      place_(std::move(place)),
      folder_(std::move(folder)),
      reserve_(settings_.data, marks_of(settings_, chain_.genesis.devnet), clock_),
      checker_(chain_.id),
      databases_(options_of(settings_, {}, reserve_)),
      reactor_(clock_, {}) {
    if (place_.index == chain_.validators.size()) {
        directory_.add_self({.name = settings_.name, .keys = {place_.validate_key}});
    }
    numbers_.set_build(std::string(version), place_.certificate_not_after_s);
}

Node::~Node() {
    stop();
}

/// A signer that is away is no reason not to start: the node follows until it is there.
Status<Failure> Node::open_signer() {
    if (!place_.key) {
        TRY_ASSIGN(remote_, open_remote(settings_.signer_socket, place_.validate_key));
    }
    gate_ = std::make_unique<signer::KeyGate>(place_.key ? *place_.key->signer : *remote_);
    if (place_.next_key) {
        next_gate_ = std::make_unique<signer::KeyGate>(*place_.next_key->signer);
    } else if (place_.next_validate_key) {
        TRY_ASSIGN(next_remote_,
                   open_remote(settings_.next_signer_socket, *place_.next_validate_key));
        next_gate_ = std::make_unique<signer::KeyGate>(*next_remote_);
    }
    return {};
}

Result<std::unique_ptr<signer::RemoteSigner>, Failure> Node::open_remote(const std::string& socket,
                                                                         const PublicKey& key) {
    return signer::RemoteSigner::open(
        {.socket = socket, .chain_id = chain_.id, .key = key, .wait = settings_.signer_wait},
        [this, socket](const signer::SignerReading& now) { on_signer(socket, now); });
}

const signer::RemoteSigner* Node::signer_in_force() const {
    return key_in_force_ == KeyInForce::next ? next_remote_.get() : remote_.get();
}

/// Which key votes from here on, and what is left to do about it; each thing is told once.
void Node::note_set(const consensus::ValidatorSet& set) {
    const auto listed = listed_key(settings_.name, set);
    const auto now = key_in_force(place_, settings_.name, set);
    key_in_force_ = now;
    if (listed == told_key_) {
        return;
    }
    told_key_ = listed;
    if (now == KeyInForce::missing) {
        log_error("key_missing", {{"code", key_missing_code},
                                  {"epoch", set.epoch()},
                                  {"key", listed->hex()},
                                  {"now", "this validator follows and signs nothing"},
                                  {"remedy",
                                   "make the key named node.key or that of signer.socket, and "
                                   "start again"}});
    } else if (now == KeyInForce::next) {
        log_info("next_key_votes",
                 {{"epoch", set.epoch()},
                  {"key", listed->hex()},
                  {"now", "make it node.key or that of signer.socket before the next start"}});
    }
}

/// Of an epoch whose way is stored here; none: it is not known.
std::optional<consensus::ValidatorSet> Node::set_of(consensus::Epoch epoch) const {
    const BlockStore store(*kv_);
    const KnownEpochs epochs(store, chain_.validators, chain_.params);
    const auto* known = epochs.find(epoch);
    return known != nullptr ? std::optional(known->set) : std::nullopt;
}

void Node::show_votes(const std::vector<consensus::JournalRecord>& records) {
    if (!remote_ && !next_remote_) {
        return;
    }
    const BlockStore store(*kv_);
    const KnownEpochs epochs(store, chain_.validators, chain_.params);  // reads each way once
    std::map<PublicKey, std::vector<signer::SignedStatement>> votes;
    for (const auto& record : records) {
        const auto vote = record.type == consensus::RecordType::vote
                              ? consensus::decode<consensus::Vote>(record.bytes)
                              : std::nullopt;
        const auto* known = vote ? epochs.find(vote->epoch) : nullptr;
        if (known != nullptr && known->set.contains(vote->signer)) {
            votes[known->set.key(vote->signer)].push_back(
                {.statement = consensus::vote_bytes(chain_.id, known->set, vote->kind, vote->view,
                                                    vote->digest),
                 .signature = vote->signature});
        }
    }
    if (remote_) {
        remote_->show(votes[place_.validate_key]);
    }
    if (next_remote_) {
        next_remote_->show(votes[*place_.next_validate_key]);
    }
}

/// A snapshot that was gathered takes the database's place before that is opened.
Status<Failure> Node::open_database() {
    const auto installed = finish_install(disk_, databases_, InstallPaths::in(settings_.data));
    if (!installed) {
        return tl::unexpected(failure_of(installed.error()));
    }
    snapshot_installed_ = *installed;
    if (*installed) {
        log_info("snapshot_installed", {{"database", folder_.database()}});
    }
    auto kv = RocksKv::open(options_of(settings_, folder_.database(), reserve_));
    if (!kv) {
        return tl::unexpected(failure_of(kv.error()));
    }
    kv_ = std::move(*kv);
    if (chain_.params.snapshot_interval == 0) {
        return {};
    }
    auto library = SnapshotLibrary::open(
        {.disk = disk_,
         .databases = databases_,
         .chain = chain_,
         .folder = folder_.snapshots(),
         .background = [this](std::function<void()> work) { builder_.post(std::move(work)); }});
    if (!library) {
        return tl::unexpected(failure_of(library.error()));
    }
    snapshots_ = std::move(*library);
    return {};
}

Status<Failure> Node::open_store(ByteView genesis_file) {
    const auto begin = clock_.mono_ms();
    TRY(open_database());
    reads_ = std::make_unique<ReadModel>(*kv_, chain_.id, chain_.validators);
    auto execution =
        Execution::open({.kv = *kv_,
                         .clock = clock_,
                         .checker = checker_,
                         .reads = *reads_,
                         .snapshots = snapshots_.get()},
                        genesis_file,
                        {.blocks = static_cast<std::uint64_t>(settings_.checkpoint_blocks),
                         .interval_ms = settings_.checkpoint_interval.count(),
                         .prune = settings_.prune});
    if (!execution) {
        return tl::unexpected(failure_of(execution.error()));
    }
    execution_ = std::move(*execution);
    executor_ = std::make_unique<ThreadedExecutor>(*execution_);
    executor_->set_sink([this](ExecutedBlock block) { on_executed(std::move(block)); });
    pool_ = std::make_unique<VerificationPool>(checker_,
                                               static_cast<std::size_t>(settings_.crypto_threads));
    members_->replace(listed_members(*reads_->latest()->view));
    log_info("store_opened",
             {{"height", execution_->height()}, {"took_ms", clock_.mono_ms() - begin}});
    return {};
}

/// What is stored must not be the history that the operator warned of.
Status<Failure> Node::check_trusted() {
    TRY_ASSIGN(trusted_, parse_trusted(settings_.trusted));
    if (!trusted_) {
        return {};
    }
    const auto way = or_die(BlockStore(*kv_).hand_over(trusted_->epoch));
    if (way && !consensus::agrees(*way, trusted_)) {
        return fail_with(ExitCode::not_allowed,
                         "node.trusted: epoch " + std::to_string(trusted_->epoch) +
                             " stands on block " + way->headers.front().digest().hex() + " in " +
                             settings_.data,
                         "one of the two is another history: ask the other members; if it is the "
                         "data, move it away and let the node join anew");
    }
    return {};
}

void Node::make_listeners(const std::map<std::string, ConfiguredPeer>& configured) {
    const auto latest = reads_->latest();
    const ledger::StateReader state(*latest->view);
    directory_.configure(configured, state);
    directory_.update(state);
    const auto contacts = directory_.contacts(state);
    std::vector<PeerAddress> peers;
    for (std::size_t i = 0; i < contacts.size(); ++i) {
        peers.push_back(address_of(directory_.peers()[i].name, contacts[i]));
    }
    known_peers_ = directory_.peers();
    network_ = std::make_unique<PeerNetwork>(
        PeerNetworkConfig{.chain_id = chain_.id,
                          .self = place_.index,
                          .listen = settings_.peer_listen,
                          .validators = std::move(peers),
                          .identity = place_.identity},
        PeerNetwork::Parts{
            .receiver = inbox_,
            .clock = clock_,
            .notice = notice("peer"),
            .on_second_session = [this](consensus::ValidatorIndex at) { on_second_session(at); },
            .on_superseded =
                [this](const std::set<consensus::PeerNumber>& by) { on_superseded(by); },
            .metrics = &metrics_});
    api_ = std::make_unique<ApiServer>(
        ApiServerConfig{.listen = settings_.api_listen,
                        .identity = place_.identity,
                        .reflection = settings_.api_reflection},
        LedgerService::Parts{.host = *this,
                             .checker = checker_,
                             .reads = *reads_,
                             .members = members_,
                             .metrics = metrics_,
                             .calls_max = static_cast<std::size_t>(settings_.api_calls_max),
                             .reads_each_second = settings_.api_reads_each_second},
        notice("api"));
}

/// The numbers of the peers are those of the directory.
consensus::EngineConfig Node::engine_config() const {
    auto out = chain_.engine_config(place_.index);
    for (const auto& peer : directory_.peers()) {
        out.peers.push_back(peer.keys.empty() ? consensus::no_key : peer.keys.front());
    }
    out.name = settings_.name;
    out.peers[place_.index] = place_.validate_key;  // what we have, not what genesis says
    if (next_gate_) {
        out.other_keys.push_back({.key = *place_.next_validate_key, .signer = next_gate_.get()});
    }
    out.version_max = version_max_;
    out.trusted = trusted_;
    out.serve_bytes_per_second = settings_.peer_serve_mib_per_second << 20U;
    return out;
}

Status<Failure> Node::open_replica() {
    replica_ = std::make_unique<Replica>(
        ReplicaConfig{.engine = engine_config(),
                      .journal = {.folder = folder_.journal()},
                      .gathered = settings_.join_from_snapshot
                                      ? InstallPaths::in(settings_.data).gathered
                                      : std::string(),
                      .serve_bytes_per_second = settings_.serve_mib_per_second << 20U},
        ReplicaParts{
            .clock = clock_,
            .random = random_,
            .disk = disk_,
            .kv = *kv_,
            .transport = *network_,
            .signer = *gate_,
            .executor = *executor_,
            .checker = checker_,
            .reads = *reads_,
            .observer = *this,
            .prefetch = [this](const consensus::BatchHandle& batch) { pool_->prefetch(batch); },
            .snapshots = snapshots_.get(),
            .aside =
                [this](std::function<std::function<void()>()> work) {
                    aside_.post([this, work = std::move(work)] {
                        reactor_.post([then = work()](Replica&) { then(); });
                    });
                },
            .recalled = [this](const auto& records) { show_votes(records); }});
    feed_ = std::make_unique<FinalFeed>([this](consensus::Height at) { on_final_feed(at); });
    if (auto started = replica_->start(); !started) {
        return tl::unexpected(failure_of(started.error()));
    }
    // Later keys of peers; the first ones are in the configuration.
    for (std::size_t number = 0; number < directory_.peers().size(); ++number) {
        for (const auto& key : directory_.peers()[number].keys) {
            replica_->on_peer_known(static_cast<consensus::PeerNumber>(number), key);
        }
    }
    read_from(*replica_);  // who asks before the first turn is told the truth as well
    note_set(set_of(latest_.consensus.epoch).value_or(chain_.validators));
    counted_ = reads_->final_height();
    return {};
}

/// Milliseconds since 1970 and some chance: no two runs have the same.
std::uint64_t Node::run_number() {
    constexpr unsigned chance_bits = 16;
    const auto now = static_cast<std::uint64_t>(std::max<std::int64_t>(clock_.wall_ms(), 0));
    std::uint16_t chance = 0;
    random_.fill(reinterpret_cast<std::uint8_t*>(&chance), sizeof chance);  // NOLINT
    return (now << chance_bits) | chance;
}

/// Only after recovery: who connects before would wait for an answer.
Status<Failure> Node::open_listeners() {
    TRY(network_->start({.boot_counter = replica_->boot_counter(), .started = run_number()}));
    renew_peers();
    TRY(api_->start());
    ops_.get("/healthz", [this](const HttpRequest&) {
        return stopped_ ? HttpReply{.status = 503, .body = "stopped\n"}
                        : HttpReply{.status = 200, .body = "ok\n"};
    });
    ops_.get("/readyz", [this](const HttpRequest&) { return readiness(); });
    ops_.get("/metrics", [this](const HttpRequest&) {
        auto now = reading();
        now.disk_bytes = kv_->disk_bytes();
        now.disk_free_bytes = reserve_.free_bytes();
        now.disk_reserve_bytes = reserve_.marks().reserve;
        now.disk_stop_bytes = reserve_.marks().stop;
        numbers_.update(now);
        return HttpReply{
            .status = 200, .body = metrics_.text(), .content_type = "text/plain; version=0.0.4"};
    });
    auto started = ops_.start(settings_.ops_listen.host, settings_.ops_listen.port);
    if (!started) {
        started.error().message = "ops.listen: " + started.error().message;
    }
    return started;
}

void Node::run() {
    running_ = true;
    reactor_.start(*replica_, [this](const Replica& replica, std::chrono::microseconds flush) {
        after_turn(replica, flush);
    });
    log_info("node_started", {{"name", settings_.name},
                              {"validator", place_.index},
                              {"validators", chain_.validators.size()},
                              {"chain", chain_.id.hex()},
                              {"height", execution_->height()},
                              {"peer", settings_.peer_listen.text()},
                              {"api", settings_.api_listen.text()},
                              {"ops", settings_.ops_listen.text()}});
}

void Node::stop() {
    ops_.stop();
    if (api_) {
        api_->stop();
    }
    reactor_.stop();
    aside_.stop();
    if (kv_) {
        kv_->stop_discarding();
    }
    if (running_) {
        replica_->close();
    }
    if (feed_) {
        feed_->stop();
    }
    if (network_) {
        network_->stop();
    }
    remote_.reset();
    next_remote_.reset();
    executor_.reset();
    pool_.reset();
    if (execution_ && running_.exchange(false)) {
        execution_->checkpoint();
        log_info("node_stopped", {{"height", execution_->height()}});
    }
}

std::optional<Failure> Node::fatal() const {
    const std::lock_guard lock(mutex_);
    return fatal_;
}

bool Node::submit(Submission submission) {
    const auto begin = clock_.mono_ms();
    submission.done = [this, begin, done = std::move(submission.done)](SubmitAnswer answer) {
        if (answer.outcome == SubmitAnswer::Outcome::final) {
            numbers_.on_committed(static_cast<double>(clock_.mono_ms() - begin) / 1000);
        }
        done(std::move(answer));
    };
    return reactor_.submit(std::move(submission));
}

bool Node::is_disk_low() const {
    return reserve_.is_touched();
}

v1::GetNodeStatusResponse Node::status() const {
    const auto now = reading();
    const auto latest = reads_->latest();
    v1::GetNodeStatusResponse out;
    out.set_name(settings_.name);
    out.set_chain_id(chain_.id.bytes());
    out.set_view(now.consensus.view);
    out.set_finalized_height(now.consensus.finalised_height);
    out.set_executed_height(now.executed_height);
    out.set_state_root(latest->state_root.bytes());
    out.set_block_time_ms(latest->time_ms);
    const auto known = [this] {
        const std::lock_guard lock(mutex_);
        return known_peers_;
    }();
    for (std::size_t i = 0; i < known.size(); ++i) {
        const auto index = static_cast<consensus::PeerNumber>(i);
        if (index == place_.index) {
            continue;
        }
        auto& peer = *out.add_peers();
        peer.set_validator(index);
        peer.set_name(known[i].name);
        peer.set_connected(network_->connected(index));
        peer.set_height(inbox_.height_of(index));
    }
    out.set_signatures_verified(checker_.signatures_verified());
    out.set_diverged(diverged_);
    return out;
}

NodeReading Node::reading() const {
    NodeReading out;
    {
        const std::lock_guard lock(mutex_);
        out = latest_;
    }
    out.final_height = reads_->final_height();
    out.executed_height = reads_->executed_height();
    const auto latest = reads_->latest();
    out.block_time_ms = latest->time_ms;
    const ledger::StateReader state(*latest->view);
    out.evidence_recorded = state.evidence().size();
    out.plan = plan_reading(state);
    out.signatures_verified = checker_.signatures_verified();
    out.peers_connected = network_->connected_count();
    out.clock_skew_ms = network_->clock_skew_ms();
    const auto traffic = network_->traffic();
    out.sent_bytes = traffic.sent_bytes;
    out.received_bytes = traffic.received_bytes;
    out.dropped_messages = traffic.dropped_messages;
    out.stopped = stopped_;
    out.superseded = gate_->is_shut();
    out.key_missing = key_in_force_ == KeyInForce::missing;
    out.snapshot_installed = snapshot_installed_;
    if (out.snapshots && snapshots_useless_ > 0) {
        out.snapshots->failed[SnapshotFlaw::not_installable] = snapshots_useless_;
    }
    if (remote_) {
        out.signer = remote_->reading();
    }
    if (next_remote_) {
        out.next_signer = next_remote_->reading();
    }
    return out;
}

bool Node::ready() const {
    const auto* remote = signer_in_force();
    return running_ && !stopped_ && !unsupported_ && network_->connected_count() + 1 >= quorum() &&
           !gate_->is_shut() && key_in_force_ != KeyInForce::missing &&
           (remote == nullptr || remote->reading().ready()) && !is_before_trusted();
}

/// What a node has of the epochs before may be another history: the way into it proves it.
bool Node::is_before_trusted() const {
    const std::lock_guard lock(mutex_);
    return trusted_ && latest_.consensus.epoch < trusted_->epoch;
}

/// Of the epoch this node is in.
std::size_t Node::validators() const {
    const std::lock_guard lock(mutex_);
    const auto n = latest_.consensus.validators;
    return n == 0 ? chain_.validators.size() : n;
}

std::size_t Node::quorum() const {
    const auto n = validators();
    return n - (n - 1) / 3;
}

HttpReply Node::readiness() const {
    if (ready()) {
        return {.status = 200, .body = "ready\n"};
    }
    if (gate_->is_shut() && !stopped_) {
        return {.status = 503, .body = "a newer process with this key runs: this one is silent\n"};
    }
    if (is_before_trusted() && !stopped_) {
        return {.status = 503,
                .body = "epoch " + std::to_string(trusted_->epoch) +
                        " of node.trusted is not reached: what is here may be another history\n"};
    }
    if (unsupported_ && !stopped_) {
        return {.status = 503,
                .body = "code " + std::to_string(unsupported_version_code) +
                        ": this release does not know the protocol version in force\n"};
    }
    if (key_in_force_ == KeyInForce::missing && !stopped_) {
        return {.status = 503,
                .body = "code " + std::to_string(key_missing_code) +
                        ": the key of this epoch is not here, its log names it (key_missing)\n"};
    }
    if (const auto* remote = signer_in_force(); remote != nullptr && !stopped_) {
        const auto now = remote->reading();
        if (!now.ready()) {
            return {.status = 503,
                    .body = now.connected ? "the signer is locked\n"
                                          : "no signer: " + now.trouble + "\n"};
        }
    }
    if (stopped_) {
        const std::lock_guard lock(mutex_);
        const auto code = stop_code_ == 0 ? "" : "code " + std::to_string(stop_code_) + ": ";
        return {.status = 503, .body = "stopped: " + code + stop_reason_ + "\n"};
    }
    return {.status = 503,
            .body = std::to_string(network_->connected_count() + 1) + " of " +
                    std::to_string(quorum()) + " validators needed are here\n"};
}

}  // namespace remit::node
