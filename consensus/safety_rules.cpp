#include "consensus/safety_rules.h"

#include <algorithm>

namespace remit::consensus {

std::string_view name_of(SafetyRefusal refusal) {
    switch (refusal) {
        case SafetyRefusal::already_notarized:
            return "already_notarized";
        case SafetyRefusal::already_nullified:
            return "already_nullified";
        case SafetyRefusal::already_finalized:
            return "already_finalized";
        case SafetyRefusal::uncertified_parent:
            return "uncertified_parent";
        case SafetyRefusal::missing_nullification:
            return "missing_nullification";
        case SafetyRefusal::not_a_notarization:
            return "not_a_notarization";
        case SafetyRefusal::bad_certificate:
            return "bad_certificate";
        case SafetyRefusal::view_below_floor:
            return "view_below_floor";
        case SafetyRefusal::not_signed:
            return "not_signed";
    }
    return "unknown";
}

SafetyRules::SafetyRules(const Hash& chain_id, const ValidatorSet& set, ValidatorIndex self,
                         const Hash& root_digest, const Signer& signer)
    : chain_id_(chain_id), set_(set), self_(self), root_digest_(root_digest), signer_(signer) {}

bool SafetyRules::restore(const JournalRecord& record) {
    if (record.type == RecordType::certificate) {
        const auto certificate = decode<Certificate>(record.bytes);
        if (!certificate || !holds(*certificate)) {
            return false;
        }
        journaled_[certificate->view].insert(remit::hash(domain::vote, record.bytes));
        return true;
    }
    if (record.type == RecordType::resume) {
        static_cast<void>(resume_at(record.view));
        return true;
    }
    if (record.type == RecordType::votes_lost) {
        votes_lost();
        return true;
    }
    if (record.type == RecordType::header) {
        return decode<Header>(record.bytes).has_value();
    }
    const auto vote = decode<Vote>(record.bytes);
    if (!vote || !set_.contains(self_) || vote->signer != self_ || vote->epoch != set_.epoch() ||
        !remit::verify(set_.key(self_),
                       vote_bytes(chain_id_, set_, vote->kind, vote->view, vote->digest),
                       vote->signature)) {
        return false;
    }
    auto& slot = slot_of(vote->kind, vote->view);
    if (slot && slot->digest != vote->digest) {
        return false;  // two votes of one kind in one view: this journal was written by two
    }
    slot = *vote;
    return true;
}

bool SafetyRules::holds(const Certificate& certificate) {
    const auto key = remit::hash(domain::vote, encode(certificate));
    auto& known = verified_[certificate.view];
    if (known.contains(key)) {
        return true;
    }
    if (!remit::consensus::verify(certificate, set_, chain_id_)) {
        return false;
    }
    known.insert(key);
    return true;
}

Status<SafetyRefusal> SafetyRules::check_parent(const Header& header, const ParentProof& proof) {
    if (header.parent_view >= header.view) {
        return fail(SafetyRefusal::uncertified_parent);
    }
    if (header.parent_view == 0) {
        if (header.parent_digest != root_digest_) {
            return fail(SafetyRefusal::uncertified_parent);
        }
    } else {
        const auto& parent = proof.parent;
        if (!parent || parent->kind == VoteKind::nullify || parent->view != header.parent_view ||
            parent->digest != header.parent_digest) {
            return fail(SafetyRefusal::uncertified_parent);
        }
        if (!holds(*parent)) {
            return fail(SafetyRefusal::bad_certificate);
        }
    }
    for (View skipped = header.parent_view + 1; skipped < header.view; ++skipped) {
#ifdef SIM_BUG_no_skip_check
        break;
#endif
        const auto found = std::find_if(
            proof.nullifications.begin(), proof.nullifications.end(), [&](const auto& each) {
                return each.kind == VoteKind::nullify && each.view == skipped;
            });
        if (found == proof.nullifications.end()) {
            return fail(SafetyRefusal::missing_nullification);
        }
        if (!holds(*found)) {
            return fail(SafetyRefusal::bad_certificate);
        }
    }
    return {};
}

Result<SignedVote, SafetyRefusal> SafetyRules::notarize(const Header& header,
                                                        const ParentProof& proof,
                                                        const std::optional<Certificate>& entry) {
    if (!may_sign(header.view)) {
        return fail(SafetyRefusal::view_below_floor);
    }
    const auto digest = header.digest();
    if (vote(VoteKind::notarize, header.view) != nullptr) {
        return fail(SafetyRefusal::already_notarized);  // S1
    }
    if (vote(VoteKind::nullify, header.view) != nullptr) {
        return fail(SafetyRefusal::already_nullified);  // S1
    }
    TRY(check_parent(header, proof));  // S3
    TRY(check_entry(entry));
    TRY_ASSIGN(const auto vote, sign(VoteKind::notarize, header.view, digest));
    std::vector<JournalRecord> records;
    if (proof.parent) {
        journal(*proof.parent, records);
    }
    for (const auto& nullification : proof.nullifications) {
        if (nullification.view > header.parent_view && nullification.view < header.view) {
            journal(nullification, records);
        }
    }
    if (entry) {
        journal(*entry, records);
    }
    records.push_back(record_of(header));
    records.push_back(record_of(vote));
    return SignedVote{.vote = vote, .records = std::move(records)};
}

Result<SignedVote, SafetyRefusal> SafetyRules::nullify(View view,
                                                       const std::optional<Certificate>& entry) {
    if (!may_sign(view)) {
        return fail(SafetyRefusal::view_below_floor);
    }
    if (vote(VoteKind::nullify, view) != nullptr) {
        return fail(SafetyRefusal::already_nullified);
    }
    if (vote(VoteKind::finalize, view) != nullptr) {
        return fail(SafetyRefusal::already_finalized);  // S2
    }
    TRY(check_entry(entry));
    TRY_ASSIGN(const auto vote, sign(VoteKind::nullify, view, Hash{}));
    std::vector<JournalRecord> records;
    if (entry) {
        journal(*entry, records);
    }
    records.push_back(record_of(vote));
    return SignedVote{.vote = vote, .records = std::move(records)};
}

Result<SignedVote, SafetyRefusal> SafetyRules::finalize(const Certificate& notarization,
                                                        const std::optional<Certificate>& entry) {
    const auto view = notarization.view;
    if (!may_sign(view)) {
        return fail(SafetyRefusal::view_below_floor);
    }
    if (notarization.kind != VoteKind::notarize) {
        return fail(SafetyRefusal::not_a_notarization);  // S4
    }
    if (vote(VoteKind::finalize, view) != nullptr) {
        return fail(SafetyRefusal::already_finalized);
    }
#ifndef SIM_BUG_nullify_then_finalize
    if (vote(VoteKind::nullify, view) != nullptr) {
        return fail(SafetyRefusal::already_nullified);  // S2
    }
#endif
#ifndef SIM_BUG_finalize_unnotarized
    if (!holds(notarization)) {
        return fail(SafetyRefusal::bad_certificate);
    }
#endif
    TRY(check_entry(entry));
    TRY_ASSIGN(const auto vote, sign(VoteKind::finalize, view, notarization.digest));
    std::vector<JournalRecord> records;
    if (entry) {
        journal(*entry, records);
    }
    journal(notarization, records);
    records.push_back(record_of(vote));
    return SignedVote{.vote = vote, .records = std::move(records)};
}

const Vote* SafetyRules::vote(VoteKind kind, View view) const {
    const auto found = votes_.find(view);
    if (found == votes_.end()) {
        return nullptr;
    }
    const auto& slot = kind == VoteKind::notarize  ? found->second.notarize
                       : kind == VoteKind::nullify ? found->second.nullify
                                                   : found->second.finalize;
    return slot ? &*slot : nullptr;
}

View SafetyRules::highest_view() const {
    return votes_.empty() ? 0 : votes_.rbegin()->first;
}

void SafetyRules::prune_below(View view) {
    floor_ = std::max(floor_, view);
    votes_.erase(votes_.begin(), votes_.lower_bound(floor_));
    verified_.erase(verified_.begin(), verified_.lower_bound(floor_));
    journaled_.erase(journaled_.begin(), journaled_.lower_bound(floor_));
}

JournalRecord SafetyRules::resume_at(View view) {
    resume_ = std::max(resume_, view);
    votes_lost_ = false;
    return resume_record(set_.epoch(), resume_);
}

std::optional<Vote>& SafetyRules::slot_of(VoteKind kind, View view) {
    auto& votes = votes_[view];
    return kind == VoteKind::notarize  ? votes.notarize
           : kind == VoteKind::nullify ? votes.nullify
                                       : votes.finalize;
}

void SafetyRules::journal(const Certificate& certificate, std::vector<JournalRecord>& records) {
    auto record = record_of(certificate);
    if (journaled_[certificate.view].insert(remit::hash(domain::vote, record.bytes)).second) {
        records.push_back(std::move(record));
    }
}

Status<SafetyRefusal> SafetyRules::check_entry(const std::optional<Certificate>& entry) {
    if (entry && !holds(*entry)) {
        return fail(SafetyRefusal::bad_certificate);
    }
    return {};
}

Result<Vote, SafetyRefusal> SafetyRules::sign(VoteKind kind, View view, const Hash& digest) {
    const auto signature = signer_.signature_of(vote_bytes(chain_id_, set_, kind, view, digest));
    if (!signature) {
        return fail(SafetyRefusal::not_signed);
    }
    const Vote vote{
        .kind = kind,
        .epoch = set_.epoch(),
        .view = view,
        .digest = digest,
        .signer = self_,
        .signature = *signature,
    };
    slot_of(kind, view) = vote;
    return vote;
}

}  // namespace remit::consensus
