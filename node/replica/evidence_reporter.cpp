#include "node/replica/evidence_reporter.h"

#include <algorithm>

#include "ledger/rules/report_evidence.h"
#include "ledger/state_access.h"
#include "ledger/wire/encode.h"
#include "node/storage/key_schema.h"

namespace remit::node {

namespace {

constexpr std::int64_t apart_ms = 1'000;
constexpr std::int64_t valid_for_ms = 60'000;

Bytes record_key(const ledger::VotePair& votes) {
    return ledger::keys::evidence(votes.validator, votes.epoch, votes.view,
                                  static_cast<std::uint8_t>(votes.kind));
}

ledger::EvidenceKind kind_of(consensus::EvidenceKind kind) {
    switch (kind) {
        case consensus::EvidenceKind::double_notarize:
            return ledger::EvidenceKind::double_notarize;
        case consensus::EvidenceKind::double_finalize:
            return ledger::EvidenceKind::double_finalize;
        case consensus::EvidenceKind::nullify_and_finalize:
            return ledger::EvidenceKind::nullify_and_finalize;
    }
    return ledger::EvidenceKind::unspecified;
}

}  // namespace

ledger::VotePair vote_pair(const consensus::Evidence& evidence,
                           const consensus::ValidatorSet& set) {
    const auto* first = &evidence.first;
    const auto* second = &evidence.second;
    // A Nullify's digest is zero, so this puts it first as well.
    if (second->digest < first->digest) {
        std::swap(first, second);
    }
    return {.kind = kind_of(evidence.kind),
            .validator = set.key(first->signer),
            .epoch = first->epoch,
            .valset_hash = set.hash(),
            .view = first->view,
            .first_digest = first->digest,
            .first_signature = first->signature,
            .second_digest = second->digest,
            .second_signature = second->signature};
}

void EvidenceReporter::follow(const consensus::ValidatorSet& set) {
    sets_[set.epoch()] = set;
    while (sets_.size() > 2) {
        sets_.erase(sets_.begin());
    }
}

void EvidenceReporter::add(const consensus::Evidence& evidence, std::int64_t mono_ms) {
    const auto set = sets_.find(evidence.first.epoch);
    if (set == sets_.end() || waiting_.size() >= waiting_max) {
        return;  // the same validators will be found out again
    }
    const auto votes = vote_pair(evidence, set->second);
    const auto key = record_key(votes);
    const Waiting waiting{.votes = votes, .at_ms = mono_ms + parts_.turn * turn_ms};
    if (waiting_.try_emplace(key, waiting).second) {
        writes_.put(keys::evidence(key), ledger::encode(votes));
    }
}

Status<IoError> EvidenceReporter::recover(const KvReader& kv, std::int64_t mono_ms) {
    const auto all = keys::prefix(keys::Table::evidence);
    bool sound = true;
    TRY(kv.scan(all, end_of_prefix(all), [&](ByteView key, ByteView value) {
        const auto votes = ledger::decode<ledger::VotePair>(value);
        sound = votes && keys::evidence(record_key(*votes)) == key;
        if (sound && waiting_.size() < waiting_max) {
            waiting_.try_emplace(
                record_key(*votes),
                Waiting{.votes = *votes, .at_ms = mono_ms + parts_.turn * turn_ms});
        }
        return sound;
    }));
    if (!sound) {
        return fail(IoError{IoFailure::corrupt, "read evidence", "state",
                            "a record of what this node found is damaged"});
    }
    return {};
}

std::optional<Bytes> EvidenceReporter::due(std::int64_t mono_ms, std::int64_t wall_ms) {
    if (mono_ms < not_before_ms_) {
        return std::nullopt;
    }
    for (auto each = waiting_.begin(); each != waiting_.end();) {
        if (mono_ms < each->second.at_ms) {
            ++each;
            continue;
        }
        const auto state = parts_.reads.latest();
        if (settled(each->first, *state->view)) {
            writes_.erase(keys::evidence(each->first));
            each = waiting_.erase(each);
            continue;
        }
        each->second.at_ms = mono_ms + again_ms;
        not_before_ms_ = mono_ms + apart_ms;
        return item(each->second.votes, *state->view, wall_ms);
    }
    return std::nullopt;
}

/// Recorded, or there is no more room for this validator's misdeeds.
bool EvidenceReporter::settled(const Bytes& key, const ledger::StateView& state) const {
    if (state.get(key)) {
        return true;
    }
    std::size_t kept = 0;
    constexpr std::size_t prefix_size = 1 + PublicKey::size;
    ledger::scan(state, ByteView(key).substr(0, prefix_size), [&kept](ByteView, ByteView) {
        return ++kept < ledger::evidence_per_validator_max;
    });
    return kept >= ledger::evidence_per_validator_max;
}

/// Registered and not revoked; null: none is. An old key may be destroyed or revoked any time.
const consensus::OwnKey* EvidenceReporter::reporting_key(const ledger::StateReader& state) const {
    const consensus::OwnKey* found = nullptr;
    for (const auto& own : parts_.keys) {
        const auto registered = state.key(own.key);
        if (!registered || !registered->in_force()) {
            continue;
        }
        const auto listed = [&own](const consensus::Validator& each) {
            return each.key == own.key;
        };
        if (!sets_.empty()) {
            const auto& newest = sets_.rbegin()->second.validators();
            if (std::any_of(newest.begin(), newest.end(), listed)) {
                return &own;
            }
        }
        found = found == nullptr ? &own : found;
    }
    return found;
}

std::optional<Bytes> EvidenceReporter::item(const ledger::VotePair& votes,
                                            const ledger::StateView& state,
                                            std::int64_t wall_ms) const {
    const ledger::StateReader reader(state);
    const auto* own = reporting_key(reader);
    if (own == nullptr) {
        return std::nullopt;  // the next validator's turn
    }
    ledger::Transaction out;
    out.participant = reader.key(own->key)->participant;
    out.valid_until =
        BlockTime{wall_ms + std::min(valid_for_ms, reader.policy().validity_max_ms / 2)};
    out.operations.emplace_back(ledger::ReportEvidence{votes});
    // Each try is an envelope of its own: the chain refuses a second record, not a second try.
    Writer name;
    name.bytes(record_key(votes)).i64(out.valid_until.ms);
    const auto drawn = hash(domain::client, name.view());
    std::copy_n(drawn.data.begin(), out.client_key.data.size(), out.client_key.data.begin());
    ledger::wire::SignedBody body;
    body.key_id = own->key;
    body.body = ledger::wire::encode_body(out);
    const auto signature = own->signer->signature_of(
        signed_bytes(domain::client, {parts_.chain_id.view(), body.body}));
    if (!signature) {
        return std::nullopt;  // the key is away, or kept for votes alone: the next one's turn
    }
    body.signature = *signature;
    return ledger::wire::item_of(body);
}

std::optional<std::int64_t> EvidenceReporter::next_deadline() const {
    std::optional<std::int64_t> next;
    for (const auto& [key, each] : waiting_) {
        const auto at = std::max(each.at_ms, not_before_ms_);
        next = next ? std::min(*next, at) : at;
    }
    return next;
}

}  // namespace remit::node
