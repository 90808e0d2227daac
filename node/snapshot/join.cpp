#include "node/snapshot/join.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace remit::node {

namespace {

constexpr std::int64_t ask_interval_ms = 1000;
constexpr std::int64_t stalled_ms = 5000;  // without a new block though peers are ahead
constexpr std::int64_t chunk_patience_ms = 6000;
constexpr std::int64_t slow_pause_ms = 3000;
constexpr std::size_t asked_of_a_peer = 4;
constexpr std::int64_t answers_wait_ms = 1000;  // the newest of those that come within it
constexpr std::size_t timeouts_max = 3;

/// Only what it is named by may be taken from a file: the disk may have lost or changed it.
Status<IoError> write_chunk(Disk& disk, const std::string& path, ByteView bytes) {
    if (disk.exists(path)) {
        TRY(disk.remove(path));
    }
    TRY_ASSIGN(const auto file, disk.open(path, OpenMode::create_new));
    return file->write(0, {bytes});
}

}  // namespace

std::string gathered_chunk_path(const std::string& folder, std::size_t index) {
    constexpr std::size_t digits = 8;
    const auto number = std::to_string(index);
    return folder + "/chunk-" + std::string(digits - std::min(digits, number.size()), '0') + number;
}

Result<std::optional<SnapshotManifest>, IoError> gathered_manifest(Disk& disk,
                                                                   const std::string& folder) {
    const auto file = folder + "/manifest";
    if (!disk.exists(file)) {
        return std::optional<SnapshotManifest>();
    }
    TRY_ASSIGN(const auto bytes, read_file(disk, file));
    if (bytes.size() < Hash::size || Hash::from(ByteView(bytes).substr(0, Hash::size)) !=
                                         snapshot_root_of(ByteView(bytes).substr(Hash::size))) {
        return std::optional<SnapshotManifest>();
    }
    return consensus::decode<SnapshotManifest>(ByteView(bytes).substr(Hash::size));
}

Status<IoError> remove_gathered(Disk& disk, const std::string& folder) {
    TRY_ASSIGN(const auto names, disk.list(folder));
    for (const auto& name : names) {
        if (name != "ready") {
            TRY(disk.remove(folder + "/" + name));
        }
    }
    TRY(disk.sync_folder(folder));
    if (disk.exists(folder + "/ready")) {
        TRY(disk.remove(folder + "/ready"));
        TRY(disk.sync_folder(folder));
    }
    return {};
}

Result<std::unique_ptr<SnapshotJoin>, IoError> SnapshotJoin::open(Parts parts,
                                                                  std::int64_t now_ms) {
    std::unique_ptr<SnapshotJoin> out(new SnapshotJoin(std::move(parts)));
    out->executed_ = out->parts_.executed;
    out->executed_at_ms_ = now_ms;
    while (out->parts_.epochs.find(out->newest_ + 1) != nullptr) {
        ++out->newest_;
    }
    TRY(out->parts_.disk.make_folder(out->parts_.folder));
    TRY(out->resume());
    return out;
}

std::string SnapshotJoin::path_of(std::size_t index) const {
    return gathered_chunk_path(parts_.folder, index);
}

Status<IoError> SnapshotJoin::resume() {
    TRY_ASSIGN(auto manifest, gathered_manifest(parts_.disk, parts_.folder));
    if (!manifest || manifest->height() <= executed_) {
        return remove_gathered(parts_.disk, parts_.folder);
    }
    root_ = manifest->root();
    manifest_ = std::move(*manifest);
    for (std::size_t i = 0; i < manifest_.chunks.size(); ++i) {
        bool sound = false;
        if (parts_.disk.exists(path_of(i))) {
            TRY_ASSIGN(const auto bytes, read_file(parts_.disk, path_of(i)));
            sound = checked_chunk(manifest_, i, bytes).has_value();
        }
        if (!sound) {
            missing_.insert(i);
        }
    }
    phase_ = missing_.empty() ? Phase::complete : Phase::fetching;
    return {};
}

Status<IoError> SnapshotJoin::discard() {
    phase_ = Phase::idle;
    missing_.clear();
    asked_.clear();
    for (auto& [index, peer] : peers_) {
        peer.asked = 0;
        peer.useless = false;
        peer.timeouts = 0;
    }
    return remove_gathered(parts_.disk, parts_.folder);
}

Status<IoError> SnapshotJoin::begin(SnapshotManifest manifest, const Bytes& bytes) {
    TRY(discard());
    root_ = snapshot_root_of(bytes);
    TRY(replace_file(parts_.disk, parts_.folder + "/manifest", root_.bytes() + bytes));
    manifest_ = std::move(manifest);
    for (std::size_t i = 0; i < manifest_.chunks.size(); ++i) {
        missing_.insert(missing_.end(), i);
    }
    phase_ = Phase::fetching;
    return {};
}

void SnapshotJoin::on_status(consensus::ValidatorIndex peer, const consensus::PeerStatus& status) {
    peers_[peer].height = status.finalised_height;
}

void SnapshotJoin::on_disconnected(consensus::ValidatorIndex peer) {
    forget_requests_to(peer);
    peers_.erase(peer);
    questioned_.erase(peer);
    have_same_.erase(peer);
}

void SnapshotJoin::forget_requests_to(consensus::ValidatorIndex peer) {
    std::erase_if(asked_, [peer](const auto& each) { return each.second.peer == peer; });
    if (const auto found = peers_.find(peer); found != peers_.end()) {
        found->second.asked = 0;
    }
}

void SnapshotJoin::on_executed(consensus::Height height, std::int64_t now_ms) {
    executed_ = std::max(executed_, height);
    executed_at_ms_ = now_ms;
    if (phase_ == Phase::fetching && manifest_.height() <= executed_) {
        or_die(discard());  // blocks were faster
    }
}

bool SnapshotJoin::is_member(consensus::PeerNumber peer, const consensus::ValidatorSet& set) const {
    const auto& keys = parts_.chain.peers;
    if (keys.empty()) {
        return set.contains(peer);
    }
    return peer < keys.size() && std::any_of(
                                     set.validators().begin(), set.validators().end(),
                                     [&](const auto& each) { return each.key == keys[peer]; });
}

/// A claim proves nothing, and f of the newest set that is known here may invent theirs: the
/// highest that one of f+1 makes. Nobody may know that set any more but those who left it.
consensus::Height SnapshotJoin::claimed_height() const {
    const auto& set = parts_.epochs.find(newest_)->set;
    std::vector<consensus::Height> members;
    std::vector<consensus::Height> all;
    for (const auto& [index, peer] : peers_) {
        all.push_back(peer.height);
        if (is_member(index, set)) {
            members.push_back(peer.height);
        }
    }
    auto& claims = members.size() > set.f() ? members : all;
    if (claims.size() <= set.f()) {
        return 0;
    }
    std::sort(claims.begin(), claims.end(), std::greater<>());
    return claims[set.f()];
}

/// Peers say they are where a snapshot far above me must exist.
bool SnapshotJoin::behind() const {
    const auto& params = parts_.chain.params;
    return params.snapshot_named_at(claimed_height()) > executed_ + params.lag_max;
}

/// ... and I am new here or get no further with blocks.
bool SnapshotJoin::wanted(std::int64_t now_ms) const {
    return behind() && (executed_ == 0 || now_ms >= executed_at_ms_ + stalled_ms);
}

void SnapshotJoin::on_hand_over(consensus::ValidatorIndex peer, const consensus::HandOver& way) {
    if (way.epoch() != newest_ + 1) {
        return;
    }
    if (!consensus::verify(way, parts_.epochs.find(newest_)->set, parts_.chain.chain_id) ||
        !consensus::agrees(way, parts_.chain.trusted)) {
        out_.misbehaviour.push_back({.peer = peer, .reason = "hand-over is wrong"});
        return;
    }
    KvBatch writes;
    put_hand_over(writes, way);
    or_die(parts_.kv.write(writes, KvSync::buffered));
    ++newest_;
}

bool SnapshotJoin::can_judge(const consensus::SnapshotAnswer& answer,
                             const SnapshotManifest& manifest) const {
    const auto& epochs = parts_.epochs;
    return epochs.find(manifest.header.epoch) != nullptr &&
           epochs.find(answer.anchor.epoch) != nullptr &&
           epochs.find(answer.execution.epoch) != nullptr;
}

bool SnapshotJoin::convincing(const consensus::SnapshotAnswer& answer,
                              const SnapshotManifest& manifest) const {
    const auto& chain = parts_.chain;
    const auto& anchor = answer.anchor;
    const auto& own = *parts_.epochs.find(manifest.header.epoch);
    const auto& finalisers = parts_.epochs.find(anchor.epoch)->set;
    const auto& executors = parts_.epochs.find(answer.execution.epoch)->set;
    return manifest.chain_id == chain.chain_id && manifest.validators.hash() == own.set.hash() &&
           manifest.params == own.params &&
           manifest.header.leader_schedule_hash ==
               consensus::leader_schedule_hash(chain.chain_id, own.set, own.demoted) &&
           anchor.exec.snapshot_root == snapshot_root_of(answer.manifest) &&
           chain.params.snapshot_named_at(anchor.exec.height) == manifest.height() &&
           answer.execution.result == anchor.exec &&
           answer.finalization.kind == consensus::VoteKind::finalize &&
           answer.finalization.view == anchor.view &&
           answer.finalization.digest == anchor.digest() &&
           consensus::verify(answer.finalization, finalisers, chain.chain_id).has_value() &&
           consensus::verify(answer.execution, executors, chain.chain_id).has_value();
}

void SnapshotJoin::on_answer(consensus::ValidatorIndex peer,
                             const consensus::SnapshotAnswer& answer, std::int64_t now_ms) {
    if (phase_ == Phase::complete || questioned_.erase(peer) == 0 || liars_.contains(peer)) {
        return;  // not asked, or asked no more
    }
    auto manifest = consensus::decode<SnapshotManifest>(answer.manifest);
    if (manifest && !can_judge(answer, *manifest)) {
        return;
    }
    if (!manifest || !convincing(answer, *manifest)) {
        blame(peer, manifest ? SnapshotFlaw::uncertified_manifest : SnapshotFlaw::bad_manifest);
        return;
    }
    if (manifest->height() <= executed_) {
        return;
    }
    const bool fetching = phase_ == Phase::fetching;
    if (fetching && snapshot_root_of(answer.manifest) == root_) {
        have_same_.insert(peer);
    } else if ((!fetching || manifest->height() > manifest_.height()) &&
               (!best_ || manifest->height() > best_->manifest.height())) {
        best_ = Candidate{std::move(*manifest), answer.manifest};
    }
    choose_at_ms_ = choose_at_ms_.value_or(now_ms + answers_wait_ms);
    if (questioned_.empty()) {
        choose(now_ms);
    }
}

/// The first answer may be a liar's: of a snapshot that is sound, but that nobody else keeps.
void SnapshotJoin::choose(std::int64_t now_ms) {
    choose_at_ms_.reset();
    auto best = std::exchange(best_, std::nullopt);
    const auto have_same = std::exchange(have_same_, {});
    if (best && best->manifest.height() > executed_) {
        if (phase_ == Phase::idle || nobody_keeps_it()) {
            or_die(begin(std::move(best->manifest), best->bytes));
        }
    } else {  // there is nothing newer, so whoever was silent may try again
        for (const auto index : have_same) {
            peers_[index].useless = false;
            peers_[index].timeouts = 0;
        }
    }
    ask_for_chunks(now_ms);
}

void SnapshotJoin::on_chunk(consensus::ValidatorIndex peer, const consensus::ChunkAnswer& answer,
                            std::int64_t now_ms) {
    const auto asked = asked_.find(answer.index);
    if (answer.snapshot_root != root_ || asked == asked_.end() || asked->second.peer != peer) {
        return;
    }
    forget_request(answer.index);
    if (answer.bytes.empty()) {
        peers_[peer].useless = true;
    } else if (!checked_chunk(manifest_, answer.index, answer.bytes)) {
        forget_requests_to(peer);
        blame(peer, SnapshotFlaw::bad_chunk);
    } else {
        ++counts_.chunks_fetched;
        counts_.bytes_fetched += answer.bytes.size();
        peers_[peer].timeouts = 0;
        or_die(write_chunk(parts_.disk, path_of(answer.index), answer.bytes));
        missing_.erase(answer.index);
        phase_ = missing_.empty() ? Phase::complete : phase_;
    }
    ask_for_chunks(now_ms);
}

void SnapshotJoin::forget_request(std::size_t index) {
    const auto asked = asked_.find(index);
    if (const auto peer = peers_.find(asked->second.peer); peer != peers_.end()) {
        --peer->second.asked;
    }
    asked_.erase(asked);
}

/// Nothing more of this snapshot is expected of it.
bool SnapshotJoin::given_up(consensus::ValidatorIndex index, const Peer& peer) const {
    return peer.useless || peer.timeouts >= timeouts_max || liars_.contains(index);
}

bool SnapshotJoin::nobody_keeps_it() const {
    return std::all_of(peers_.begin(), peers_.end(),
                       [this](const auto& each) { return given_up(each.first, each.second); });
}

void SnapshotJoin::expire_requests(std::int64_t now_ms) {
    std::vector<std::size_t> late;
    std::set<consensus::ValidatorIndex> slow;
    for (const auto& [index, asked] : asked_) {
        if (asked.until_ms <= now_ms) {
            late.push_back(index);
            slow.insert(asked.peer);
        }
    }
    for (const auto peer : slow) {
        peers_[peer].slow_until_ms = now_ms + slow_pause_ms;
        ++peers_[peer].timeouts;
    }
    for (const auto index : late) {
        forget_request(index);
    }
}

std::map<consensus::ValidatorIndex, SnapshotJoin::Peer>::iterator SnapshotJoin::idlest(
    std::int64_t now_ms) {
    auto best = peers_.end();
    for (auto each = peers_.begin(); each != peers_.end(); ++each) {
        const auto& peer = each->second;
        // After a silence one chunk at a time: its link may be slow.
        const std::size_t at_once = peer.timeouts == 0 ? asked_of_a_peer : 1;
        const bool usable =
            !given_up(each->first, peer) && peer.slow_until_ms <= now_ms && peer.asked < at_once;
        if (usable && (best == peers_.end() || peer.asked < best->second.asked)) {
            best = each;
        }
    }
    return best;
}

void SnapshotJoin::ask_for_chunks(std::int64_t now_ms) {
    if (phase_ != Phase::fetching) {
        return;
    }
    for (const auto index : missing_) {
        if (asked_.contains(index)) {
            continue;
        }
        const auto peer = idlest(now_ms);
        if (peer == peers_.end()) {
            return;
        }
        ++peer->second.asked;
        asked_[index] = {peer->first, now_ms + chunk_patience_ms};
        out_.send.push_back(
            {.to = peer->first,
             .channel = consensus::Channel::votes,
             .message = consensus::ChunkRequest{root_, static_cast<std::uint32_t>(index)}});
    }
}

void SnapshotJoin::ask_for_snapshot(std::int64_t now_ms) {
    // While chunks come there is nothing to ask; with no peer left to ask for them there is.
    const bool stuck = phase_ == Phase::fetching && asked_.empty();
    if (now_ms < ask_at_ms_ || !(stuck || (phase_ == Phase::idle && wanted(now_ms)))) {
        return;
    }
    ask_at_ms_ = now_ms + ask_interval_ms;
    for (const auto& [index, peer] : peers_) {
        questioned_.insert(index);
        out_.send.push_back({.to = index,
                             .channel = consensus::Channel::votes,
                             .message = consensus::SnapshotRequest{executed_, newest_}});
    }
}

void SnapshotJoin::on_time(std::int64_t now_ms) {
    if (phase_ == Phase::complete) {
        return;
    }
    expire_requests(now_ms);
    if (choose_at_ms_ && *choose_at_ms_ <= now_ms) {
        choose(now_ms);
    }
    ask_for_chunks(now_ms);
    ask_for_snapshot(now_ms);
}

std::optional<std::int64_t> SnapshotJoin::next_deadline() const {
    if (phase_ == Phase::complete || parts_.chain.params.snapshot_interval == 0) {
        return std::nullopt;
    }
    const auto ask = ask_deadline();
    return ask && choose_at_ms_ ? std::min(ask, choose_at_ms_) : ask ? ask : choose_at_ms_;
}

std::optional<std::int64_t> SnapshotJoin::ask_deadline() const {
    if (phase_ == Phase::idle) {
        return !behind()        ? std::nullopt
               : executed_ == 0 ? std::optional(ask_at_ms_)
                                : std::optional(std::max(ask_at_ms_, executed_at_ms_ + stalled_ms));
    }
    if (asked_.empty()) {
        return ask_at_ms_;
    }
    return std::min_element(asked_.begin(), asked_.end(),
                            [](const auto& one, const auto& other) {
                                return one.second.until_ms < other.second.until_ms;
                            })
        ->second.until_ms;
}

/// Whoever gave this is not asked again by this process.
void SnapshotJoin::blame(consensus::ValidatorIndex peer, SnapshotFlaw flaw) {
    liars_.insert(peer);
    ++counts_.failed[flaw];
    out_.misbehaviour.push_back({.peer = peer, .reason = "snapshot: " + text_of(flaw)});
}

}  // namespace remit::node
