#include "node/signer/vote_guard.h"

#include <algorithm>

#include "consensus/codec.h"

namespace remit::node::signer {

namespace {

using consensus::JournalRecord;
using consensus::RecordType;
using consensus::VoteKind;

Place place_of(const VoteStatement& vote) {
    return {.epoch = vote.epoch, .view = vote.view};
}

/// The floor rises in steps, so that not every vote writes two records.
constexpr std::size_t step_of(std::size_t views_max) {
    return std::max<std::size_t>(views_max / 8, 1);
}

JournalRecord floor_record(Place floor) {
    Writer writer;
    writer.u64(floor.epoch).u64(floor.view);
    return {.type = RecordType::resume, .view = VoteGuard::order_of(floor), .bytes = writer.take()};
}

}  // namespace

consensus::View VoteGuard::order_of(Place place) {
    constexpr unsigned view_bits = 40;
    constexpr auto view_max = (consensus::View{1} << view_bits) - 1;
    constexpr auto epoch_max = (consensus::Epoch{1} << (64 - view_bits)) - 1;
    return (std::min(place.epoch, epoch_max) << view_bits) | std::min(place.view, view_max);
}

bool VoteGuard::restore(const JournalRecord& record) {
    Reader reader(record.bytes);
    if (record.type == RecordType::resume) {
        Place floor;
        floor.epoch = reader.u64();
        floor.view = reader.u64();
        if (!reader.done()) {
            return false;
        }
        set_floor(floor);
        return true;
    }
    const auto vote = VoteStatement::read(reader);
    if (record.type != RecordType::vote || !reader.done()) {
        return false;
    }
    if (place_of(vote) < floor_) {
        return true;
    }
    if (!check(vote)) {
        return false;  // two votes that contradict each other: two signers wrote this journal
    }
    note(vote);
    return true;
}

Status<Refusal> VoteGuard::check(const VoteStatement& vote) const {
    if (place_of(vote) < floor_) {
        return fail(Refusal::below_floor);
    }
    const auto found = votes_.find(place_of(vote));
    if (found == votes_.end()) {
        return {};
    }
    const auto& votes = found->second;
    switch (vote.kind) {
        case VoteKind::notarize:
            if (votes.notarize == vote.digest) {
                return {};
            }
            if (votes.notarize) {
                return fail(Refusal::already_notarized);  // S1
            }
            if (votes.nullify) {
                return fail(Refusal::already_nullified);  // S1
            }
            return {};
        case VoteKind::nullify:
            if (votes.finalize) {
                return fail(Refusal::already_finalized);  // S2
            }
            return {};
        case VoteKind::finalize:
            if (votes.nullify) {
                return fail(Refusal::already_nullified);  // S2
            }
            if (votes.finalize && votes.finalize != vote.digest) {
                return fail(Refusal::already_finalized);
            }
            return {};
    }
    return fail(Refusal::malformed);
}

bool VoteGuard::remembers(const VoteStatement& vote) const {
    const auto found = votes_.find(place_of(vote));
    if (found == votes_.end()) {
        return false;
    }
    switch (vote.kind) {
        case VoteKind::notarize:
            return found->second.notarize == vote.digest;
        case VoteKind::nullify:
            return found->second.nullify;
        case VoteKind::finalize:
            return found->second.finalize == vote.digest;
    }
    return false;
}

std::vector<JournalRecord> VoteGuard::add(const VoteStatement& vote) {
    note(vote);
    std::vector<JournalRecord> out{{.type = RecordType::vote,
                                    .view = order_of(place_of(vote)),
                                    .bytes = consensus::encode(vote)}};
    if (votes_.size() > views_max_ + step_of(views_max_)) {
        auto lowest = votes_.begin();
        std::advance(lowest, static_cast<std::ptrdiff_t>(votes_.size() - views_max_));
        out.push_back(raise(lowest->first));
    }
    return out;
}

JournalRecord VoteGuard::raise(Place floor) {
    set_floor(floor);
    return floor_record(floor_);
}

Place VoteGuard::highest() const {
    return votes_.empty() ? floor_ : std::max(floor_, votes_.rbegin()->first);
}

void VoteGuard::note(const VoteStatement& vote) {
    auto& votes = votes_[place_of(vote)];
    switch (vote.kind) {
        case VoteKind::notarize:
            votes.notarize = vote.digest;
            break;
        case VoteKind::nullify:
            votes.nullify = true;
            break;
        case VoteKind::finalize:
            votes.finalize = vote.digest;
            break;
    }
}

void VoteGuard::set_floor(Place floor) {
    floor_ = std::max(floor_, floor);
    votes_.erase(votes_.begin(), votes_.lower_bound(floor_));
}

}  // namespace remit::node::signer
