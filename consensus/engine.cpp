#include "consensus/engine.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "consensus/epoch_core.h"
#include "consensus/seats.h"

namespace remit::consensus {

namespace {

constexpr std::size_t early_messages_max = 64;  // of one peer, for the next epoch
constexpr std::size_t early_bytes_max = std::size_t{1} << 20U;

/// The epoch a message names; none: it names no epoch.
std::optional<Epoch> epoch_of(const Message& message) {
    return std::visit(
        [](const auto& body) -> std::optional<Epoch> {
            if constexpr (requires { body.header.epoch; }) {
                return body.header.epoch;
            } else if constexpr (requires { body.next.set; }) {
                return std::nullopt;
            } else if constexpr (requires { body->epoch; }) {
                return body->epoch;
            } else if constexpr (requires { body.epoch; }) {
                return body.epoch;
            } else {
                return std::nullopt;
            }
        },
        message);
}

/// Worth keeping for the moment this node enters the next epoch too: what is said once at its
/// start.
bool is_kept_early(const Message& message) {
    return std::holds_alternative<Proposal>(message) || std::holds_alternative<Vote>(message) ||
           std::holds_alternative<Certificate>(message) ||
           std::holds_alternative<ExecutionVote>(message) ||
           std::holds_alternative<VotesRequest>(message) ||
           std::holds_alternative<AvailabilityCertificate>(message);
}

/// In place of a key that is not here.
class AbsentSigner final : public Signer {
public:
    [[nodiscard]] std::optional<Signature> signature_of(ByteView /*message*/) const override {
        return std::nullopt;
    }
};

/// A block as the root of an epoch: of view 0, and no last block of that epoch.
Block root_of(const Header& header) {
    Block out{.header = header, .digest = header.digest()};
    out.header.view = 0;
    out.header.flags = 0;
    return out;
}

}  // namespace

/// One EpochCore after the other: finds the first one at start, hands over when an epoch is over,
/// and turns the host's peer numbers into local indexes and back.
class Engine::Epochs {
public:
    Epochs(EngineConfig config, const Signer& signer, const BlockSource& source)
        : config_(std::move(config)), signer_(signer), source_(source), seats_(config_) {}

    [[nodiscard]] bool start(const Recovery& recovery, Now now);
    void handle(const Tick& /*tick*/) {}
    void handle(const PeerMessage& message);
    void handle(const PeerConnected& event);
    void handle(const PeerDisconnected& event);
    void handle(const SubmitItems& event) { core_->submit(event); }
    void handle(const BlockExecuted& event);
    void handle(const BlockSpeculated& event) { core_->speculated(event.result); }
    void handle(const WakeAt& event);
    void handle(const PeerKnown& event);
    void settle();
    void set_now(Now now) {
        now_ = now;
        core_->context.now = now;
    }

    [[nodiscard]] EpochCore& core() { return *core_; }
    [[nodiscard]] Output take_output() { return std::exchange(out_, {}); }

private:
    [[nodiscard]] EpochConfig first_epoch() const;
    [[nodiscard]] EpochConfig epoch_after(const HandOver& way) const;
    void sort_records(const Recovery& recovery);
    [[nodiscard]] std::optional<HandOver> stored_way(Epoch into) const;
    [[nodiscard]] const Signer& signer_of(const EpochConfig& config) const;
    [[nodiscard]] std::unique_ptr<EpochCore> make_core(EpochConfig config);
    [[nodiscard]] EpochRecovery recovery_of(Epoch epoch);
    /// What a question of this epoch is asked with: never that of another epoch.
    [[nodiscard]] Hash question(const Hash& fresh, Epoch epoch) const;
    void enter(HandOver way);
    void doubt_votes(const HandOver& way, Epoch epoch);
    void carry_peers(const EpochCore& before, const Seats& seats_before);
    void keep_early(const PeerMessage& message);
    void replay_early(Epoch epoch);
    void help_older(ValidatorIndex from, Epoch epoch);
    void collect();

    EngineConfig config_;
    const Signer& signer_;
    const BlockSource& source_;
    Seats seats_;
    std::unique_ptr<EpochCore> core_;
    Output out_;
    Now now_;
    std::optional<HandOver> entered_;  // the way into the epoch this node is in
    WakeAt wake_at_;
    std::map<Height, ExecutionResult> results_;  // newest ones: voted for again in a new epoch

    // Of the recovery, until its epoch has come.
    std::map<Epoch, std::vector<JournalRecord>> records_;
    std::map<Epoch, HandOver> ways_;  // into the epoch
    std::vector<BatchHandle> batches_;
    bool votes_in_doubt_ =
        false;  // votes of the epoch this node is in, or of later ones, may be lost
    Hash nonce_;
    std::optional<Hash> ask_for_votes_;
    Epoch started_in_ = 1;

    struct Early {
        std::deque<Message> messages;
        std::size_t bytes = 0;
    };
    std::map<PeerNumber, Early> early_;
};

EpochConfig Engine::Epochs::first_epoch() const {
    EpochConfig out;
    out.chain_id = config_.chain_id;
    out.validators = config_.validators;
    out.params = config_.params;
    out.root = {.header = config_.genesis, .digest = config_.genesis.digest()};
    out.end_height = config_.end_height;
    return out;
}

EpochConfig Engine::Epochs::epoch_after(const HandOver& way) const {
    EpochConfig out;
    out.chain_id = config_.chain_id;
    out.validators = way.next.set;
    out.params = way.next.params;
    out.root = root_of(way.headers.front());
    out.end_height = way.next.end_height;
    out.demoted = way.next.demoted;
    return out;
}

/// What signs with the key that this epoch gives us. With another one nothing is signed: its
/// signatures would be wrong ones.
const Signer& Engine::Epochs::signer_of(const EpochConfig& config) const {
    static const AbsentSigner absent;
    const auto& set = config.validators;
    for (const auto& own : own_keys(config_, signer_)) {
        if (set.contains(config.self) && set.key(config.self) == own.key) {
            return *own.signer;
        }
    }
    return absent;
}

std::unique_ptr<EpochCore> Engine::Epochs::make_core(EpochConfig config) {
    seats_.sit(config.validators);
    config.self = seats_.self();
    config.peers = seats_.size();
    config.boot_counter = config_.boot_counter;
    config.version_max = config_.version_max;
    config.trusted = config_.trusted;
    config.serve_bytes_per_second = config_.serve_bytes_per_second;
    const auto epoch = config.validators.epoch();
    config.left = !ways_.empty() && ways_.rbegin()->first > epoch;
    config.left = config.left || source_.hand_over(epoch + 1).has_value();
    const Signer& signer = signer_of(config);
    auto core = std::make_unique<EpochCore>(std::move(config), signer, source_);
    core->context.now = now_;
    return core;
}

void Engine::Epochs::sort_records(const Recovery& recovery) {
    for (const auto& record : recovery.journal) {
        if (record.type == RecordType::hand_over) {
            if (auto way = decode<HandOver>(record.bytes)) {
                ways_.emplace(way->epoch(), std::move(*way));
            }
        } else {
            records_[record.epoch].push_back(record);
        }
    }
}

std::optional<HandOver> Engine::Epochs::stored_way(Epoch into) const {
    const auto found = ways_.find(into);
    return found != ways_.end() ? std::optional(found->second) : source_.hand_over(into);
}

Hash Engine::Epochs::question(const Hash& fresh, Epoch epoch) const {
    if (epoch == started_in_) {
        return fresh;
    }
    Writer writer;
    writer.fixed(fresh).u64(epoch);
    return remit::hash(Domain{"remit.epochask"}, writer.view());
}

/// What the recovery has of an epoch; what came before it is of no use any more.
EpochRecovery Engine::Epochs::recovery_of(Epoch epoch) {
    EpochRecovery out;
    records_.erase(records_.begin(), records_.lower_bound(epoch));
    if (auto node = records_.extract(epoch)) {
        out.records = std::move(node.mapped());
    }
    for (const auto& batch : std::exchange(batches_, {})) {
        if (batch->epoch == epoch) {
            out.batches.push_back(batch);
        } else if (batch->epoch > epoch) {
            batches_.push_back(batch);
        } else {
            out_.drop_batches.push_back(batch->digest());  // died with its epoch
        }
    }
    out.wake_at = wake_at_;
    for (const auto& [height, result] : results_) {
        out.results.push_back(result);
    }
    if (votes_in_doubt_) {
        out.votes_lost = question(nonce_, epoch);
    }
    if (ask_for_votes_) {
        out.ask_for_votes = question(*ask_for_votes_, epoch);
    }
    return out;
}

bool Engine::Epochs::start(const Recovery& recovery, Now now) {
    now_ = now;
    sort_records(recovery);
    batches_ = recovery.batches;
    wake_at_ = recovery.wake_at;
    ask_for_votes_ = recovery.ask_for_votes;
    nonce_ = recovery.votes_lost.value_or(recovery.ask_for_votes.value_or(Hash{}));
    for (const auto& result : recovery.results) {
        results_.emplace(result.height, result);
    }
    const Epoch epoch = recovery.executed ? recovery.executed->header.epoch : 1;
    started_in_ = epoch;
    votes_in_doubt_ = recovery.votes_lost.has_value();
    auto config = first_epoch();
    if (epoch > 1) {
        entered_ = stored_way(epoch);
        if (!entered_) {
            return false;
        }
        config = epoch_after(*entered_);
    }
    core_ = make_core(std::move(config));
    if (!core_->context.supported()) {
        out_.unsupported = {.epoch = epoch, .version = core_->context.params().protocol_version};
    }
    auto own = recovery_of(epoch);
    own.executed = recovery.executed;
    own.base_height = recovery.base_height;
    own.named_below = recovery.named_below;
    if (!core_->recover(own)) {
        return false;
    }
    if (const auto way = stored_way(epoch + 1)) {
        core_->take(std::nullopt, *way);
    }
    return true;
}

void Engine::Epochs::handle(const PeerMessage& message) {
    const auto from = seats_.local(message.from);
    if (!from || message.from == config_.self) {
        return;
    }
    const auto current = core_->context.set().epoch();
    if (const auto* way = std::get_if<HandOver>(&message.message)) {
        if (way->epoch() == current + 1) {
            core_->take(from, *way);
        }
        return;
    }
    const auto epoch = epoch_of(message.message);
    const bool status = std::holds_alternative<PeerStatus>(message.message);
    if (epoch && *epoch > current && !status) {
        if (*epoch == current + 1 && is_kept_early(message.message)) {
            keep_early(message);
        }
        return;
    }
    core_->receive(*from, message.message);
    if (epoch && *epoch < current && status) {
        help_older(*from, *epoch);
    }
}

/// Who is still in an earlier epoch gets the way out of it.
void Engine::Epochs::help_older(ValidatorIndex from, Epoch epoch) {
    if (epoch == 0 || !core_->peers.may_answer_laggard(from)) {
        return;
    }
    const auto way =
        entered_ && entered_->epoch() == epoch + 1 ? entered_ : source_.hand_over(epoch + 1);
    if (way) {
        core_->context.send(from, *way, Channel::bulk);
    }
}

void Engine::Epochs::handle(const PeerConnected& event) {
    if (const auto peer = seats_.local(event.peer); peer && event.peer != config_.self) {
        core_->connected(*peer);
    }
}

void Engine::Epochs::handle(const PeerDisconnected& event) {
    if (const auto peer = seats_.local(event.peer)) {
        core_->disconnected(*peer);
    }
}

void Engine::Epochs::handle(const BlockExecuted& event) {
    results_.emplace(event.result.height, event.result);
    while (results_.size() > core_->context.params().lag_max) {
        results_.erase(results_.begin());
    }
    core_->executed(event.result);
}

void Engine::Epochs::handle(const WakeAt& event) {
    wake_at_ = event;
    core_->set_wake(event);
}

void Engine::Epochs::handle(const PeerKnown& event) {
    seats_.add(event.peer, event.key);
    core_->context.config.peers = seats_.size();
}

void Engine::Epochs::settle() {
    core_->settle();
    collect();
    while (auto way = core_->way_out()) {
        enter(std::move(*way));
        core_->settle();
        collect();
    }
}

/// Votes that were lost may lie in the next epoch too, unless q of this one's set said, after the
/// loss, that they had not seen its end: whoever signed a Finalization that covers the last block
/// was at least a view above that block.
void Engine::Epochs::doubt_votes(const HandOver& way, Epoch epoch) {
    const auto resumed = core_->safety.resume_view();
    if (core_->amnesia.asking()) {
        votes_in_doubt_ = true;
    } else if (resumed > 0) {
        votes_in_doubt_ = resumed > way.headers.front().view + 2;
    }
    const auto known = records_.find(epoch);
    const bool told =
        known != records_.end() &&
        std::any_of(known->second.begin(), known->second.end(), [](const auto& each) {
            return each.type == RecordType::votes_lost || each.type == RecordType::resume;
        });
    // An earlier run found it in doubt, or had its answers there.
    votes_in_doubt_ = votes_in_doubt_ || told;
    if (votes_in_doubt_ && !told) {
        out_.journal.push_back(votes_lost_record(epoch, any_view));
        out_.sync_before_send = true;
    }
}

void Engine::Epochs::carry_peers(const EpochCore& before, const Seats& seats_before) {
    for (PeerNumber number = 0; number < seats_.numbers(); ++number) {
        const auto old = seats_before.local(number);
        const auto now = seats_.local(number);
        if (old && now && number != config_.self) {
            core_->peers.adopt(before.peers, *old, *now);
        }
    }
    core_->peers.adopted();
}

/// The old epoch is over for this node: it signs nothing there again. What says so is durable
/// before anything of the new epoch is sent.
void Engine::Epochs::enter(HandOver way) {
    const auto epoch = way.epoch();
    doubt_votes(way, epoch);
    core_->batches.end_epoch();
    collect();
    if (!ways_.contains(epoch)) {
        out_.journal.push_back(record_of(way));
        out_.sync_before_send = true;
    }
    out_.hand_overs.push_back(way);
    auto before = std::move(core_);
    const auto seats_before = seats_;
    auto config = epoch_after(way);
    config.earlier = before->context.config.earlier;
    config.earlier.emplace(before->context.set().epoch(), before->context.set());
    config.earlier.erase(
        config.earlier.begin(),
        config.earlier.lower_bound(before->commits.oldest_epoch().value_or(epoch)));
    core_ = make_core(std::move(config));
    core_->adopt(*before);
    ++core_->context.metrics.epochs_entered;
    if (!core_->recover(recovery_of(epoch))) {
        core_->context.halt();  // votes of another key in our own journal: sign nothing
        out_.foreign_votes = epoch;
    }
    carry_peers(*before, seats_before);
    if (!core_->context.supported()) {
        out_.unsupported = {.epoch = epoch, .version = way.next.params.protocol_version};
    }
    core_->context.broadcast(way, Channel::bulk);
    entered_ = std::move(way);
    if (const auto next = stored_way(epoch + 1)) {
        core_->take(std::nullopt, *next);
    }
    replay_early(epoch);
}

void Engine::Epochs::keep_early(const PeerMessage& message) {
    auto& kept = early_[message.from];
    const auto bytes = encode_message(message.message).size();
    if (kept.messages.size() < early_messages_max && kept.bytes + bytes <= early_bytes_max) {
        kept.messages.push_back(message.message);
        kept.bytes += bytes;
    }
}

void Engine::Epochs::replay_early(Epoch epoch) {
    for (auto& [number, kept] : std::exchange(early_, {})) {
        const auto from = seats_.local(number);
        for (const auto& message : kept.messages) {
            if (from && epoch_of(message) == epoch) {
                core_->receive(*from, message);
            }
        }
    }
}

/// Local indexes become the host's numbers; what is for nobody it knows goes nowhere.
void Engine::Epochs::collect() {
    auto output = std::exchange(core_->context.out, {});
    std::vector<Send> sends;
    for (auto& send : output.send) {
        if (send.to) {
            send.to = seats_.number(*send.to);
            if (!send.to || *send.to == config_.self) {
                continue;
            }
        }
        sends.push_back(std::move(send));
    }
    output.send = std::move(sends);
    std::vector<Misbehaviour> misbehaviour;
    for (auto& each : output.misbehaviour) {
        if (const auto number = seats_.number(each.peer)) {
            misbehaviour.push_back({.peer = *number, .reason = std::move(each.reason)});
        }
    }
    output.misbehaviour = std::move(misbehaviour);
    out_.append(std::move(output));
}

std::vector<OwnKey> own_keys(const EngineConfig& config, const Signer& signer) {
    const auto& first = config.self < config.peers.size() ? config.peers[config.self]
                                                          : config.validators.key(config.self);
    std::vector<OwnKey> out{{.key = first, .signer = &signer}};
    out.insert(out.end(), config.other_keys.begin(), config.other_keys.end());
    return out;
}

Engine::Engine(EngineConfig config, const Signer& signer, const BlockSource& source)
    : epochs_(std::make_unique<Epochs>(std::move(config), signer, source)) {}

Engine::~Engine() = default;

Engine::Started Engine::start(const Recovery& recovery, Now now) {
    if (!epochs_->start(recovery, now)) {
        return {};
    }
    epochs_->settle();
    return {.ok = true, .output = epochs_->take_output()};
}

Output Engine::step(const Event& event, Now now) {
    epochs_->set_now(now);
    std::visit([this](const auto& body) { epochs_->handle(body); }, event);
    epochs_->settle();
    return epochs_->take_output();
}

std::optional<std::int64_t> Engine::next_deadline() const {
    return epochs_->core().deadline();
}

Metrics Engine::metrics() const {
    return epochs_->core().metrics();
}

std::vector<PeerMetrics> Engine::peer_metrics() const {
    auto out = epochs_->core().peers.metrics();
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i].batches_held = epochs_->core().batches.author_count(static_cast<ValidatorIndex>(i));
    }
    return out;
}

ValidatorIndex Engine::leader(View view) const {
    return epochs_->core().context.schedule.leader(view);
}

const ValidatorSet& Engine::validators() const {
    return epochs_->core().context.set();
}

}  // namespace remit::consensus
