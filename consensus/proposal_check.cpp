#include "consensus/proposal_check.h"

#include <algorithm>
#include <set>

namespace remit::consensus {

/// N2, and of N5 and N7 what the header alone shows.
bool ProposalCheck::well_formed(const Header& header) const {
    const auto& params = context_.params();
    if (header.version != params.protocol_version || header.epoch != context_.set().epoch() ||
        header.leader != context_.schedule.leader(header.view) ||
#ifndef SIM_BUG_params_unchecked
        header.params_hash != context_.params_hash ||
#endif
        header.leader_schedule_hash != context_.schedule.hash() || header.height == 0 ||
        header.parent_view >= header.view || header.exec.height >= header.height ||
        header.batches.size() > params.block_batches_max) {
        return false;
    }
    std::set<Hash> names;
    std::uint64_t bytes = 0;
    for (const auto& entry : header.batches) {
        bytes += entry.bytes;
        if (!names.insert(entry.digest).second || !context_.set().contains(entry.author) ||
            entry.bytes > params.batch_bytes_max || entry.expires_height < header.height ||
            entry.expires_height > header.height + params.expiry_window) {
            return false;
        }
    }
#ifdef SIM_BUG_lag_unchecked
    const bool frozen = false;
#else
    const bool frozen = header.height - header.exec.height > params.lag_max;  // N7
#endif
    return bytes <= params.block_bytes_max && !(frozen && !header.batches.empty());
}

/// N2 and N4 against the parent: height, time and flags, and what a closing block may not change
/// (consensus.md 3.9).
bool ProposalCheck::follows(const Header& header, const Header& parent) const {
    if (parent.is_epoch_last() || parent.is_closing()) {
        return header.is_closing() && header.height == parent.height &&
               header.time_ms == parent.time_ms && header.exec == parent.exec &&
               header.batches.empty();
    }
#ifdef SIM_BUG_same_time_allowed
    const bool later = header.time_ms >= parent.time_ms;
#else
    const bool later = header.time_ms > parent.time_ms;
#endif
    return header.height == parent.height + 1 && later &&
           header.flags == context_.flags_of(header.height, header.exec.height);
}

bool ProposalCheck::parent_certified(const Header& header) {
    const auto& floor = tree_.floor();
    if (header.parent_view < floor.header.view ||
        (header.parent_view == floor.header.view && header.parent_digest != floor.digest)) {
        return false;  // cannot become valid, but only the certificates say so: no proof
    }
    bool complete = true;
    if (header.parent_view > 0) {
        const auto* parent = tree_.parent_certificate(header.parent_view);
        if (parent == nullptr) {
            fetcher_.want(CertificatesRequest{header.parent_view, header.parent_view},
                          {.first = header.leader});
            complete = false;
        } else if (parent->digest != header.parent_digest) {
            return false;
        }
    }
    std::optional<View> first;
    View last = 0;
    for (View skipped = header.parent_view + 1; skipped < header.view; ++skipped) {
#ifdef SIM_BUG_no_skip_check
        break;
#endif
        if (tree_.certificate(VoteKind::nullify, skipped) == nullptr) {
            first = first.value_or(skipped);
            last = skipped;
        }
    }
    if (first) {
        last = std::min(last, *first + 20);  // one answer's worth
        fetcher_.want(CertificatesRequest{*first, last}, {.first = header.leader});
        complete = false;
    }
    return complete;
}

ParentProof ProposalCheck::proof(const Header& header) const {
    ParentProof out;
    if (const auto* parent = tree_.parent_certificate(header.parent_view)) {
        out.parent = *parent;
    }
    for (View skipped = header.parent_view + 1; skipped < header.view; ++skipped) {
        if (const auto* nullification = tree_.certificate(VoteKind::nullify, skipped)) {
            out.nullifications.push_back(*nullification);
        }
    }
    return out;
}

ProposalCheck::Judgement ProposalCheck::judge(const Header& header) {
    if (!parent_certified(header)) {  // N3
        return {.verdict = Verdict::wait, .until_wall_ms = std::nullopt};
    }
    const auto path = tree_.path_to(header.parent_digest);
    if (path.state == BlockTree::Path::State::header_missing && !path.far) {
        fetcher_.want(HeadersRequest{path.missing, limits::answer_headers},
                      {.first = header.leader});
    }
    if (path.state != BlockTree::Path::State::complete) {
        return {.verdict = Verdict::wait, .until_wall_ms = std::nullopt};
    }
    const auto& parent = path.blocks.empty() ? tree_.floor() : *path.blocks.back();
    if (!follows(header, parent.header)) {
        return {.verdict = Verdict::invalid, .until_wall_ms = std::nullopt};
    }
    const auto execution = check_execution(header, parent, path);
    const auto batches = check_batches(header, path);
    if (execution == Verdict::invalid || batches == Verdict::invalid) {
        return {.verdict = Verdict::invalid, .until_wall_ms = std::nullopt};
    }
#ifndef SIM_BUG_time_ahead_unchecked
    const auto ahead = header.time_ms - std::int64_t{context_.params().skew_ms};
    if (ahead > context_.now.wall_ms) {  // N4: my clock may be late
        return {.verdict = Verdict::wait, .until_wall_ms = ahead};
    }
#endif
    const bool ready = execution == Verdict::vote && batches == Verdict::vote;
    return {.verdict = ready ? Verdict::vote : Verdict::wait, .until_wall_ms = std::nullopt};
}

/// N5 and Once only: named by no block below within the window, and either held here or certified.
ProposalCheck::Verdict ProposalCheck::check_batches(const Header& header,
                                                    const BlockTree::Path& path) {
    std::set<Hash> named;
    for (const auto* block : path.blocks) {
        for (const auto& entry : block->header.batches) {
            named.insert(entry.digest);
        }
    }
    for (const auto& entry : header.batches) {
        const auto* held = batches_.held(entry.digest);
        if (named.contains(entry.digest) || tree_.named_finalised(entry.digest) ||
            (held != nullptr && held->entry != entry)) {
            return Verdict::invalid;
        }
    }
    auto verdict = Verdict::vote;
#ifndef SIM_BUG_data_unchecked
    for (const auto& entry : header.batches) {
        if (batches_.held(entry.digest) == nullptr && batches_.availability(entry) == nullptr) {
            // The author's stream is probably under way: one delay, then ask.
            batches_.expect(entry);
            batches_.want(entry, {.first = header.leader, .delay_ms = context_.delta_ms});
            verdict = Verdict::wait;
        }
    }
#endif
    return verdict;
}

/// N6: exec stays, or rises to the certified result of an ancestor. A block that was notarized and
/// then nullified may have a certificate too (docs/spec/execution.pml).
ProposalCheck::Verdict ProposalCheck::check_execution(const Header& header, const Block& parent,
                                                      const BlockTree::Path& path) {
    const auto& exec = header.exec;
    if (exec == parent.header.exec) {
        return Verdict::vote;
    }
    if (exec.height <= parent.header.exec.height || exec.height > parent.header.height ||
        exec.height < context_.root_height()) {
        return Verdict::invalid;
    }
    std::optional<Hash> ancestor = tree_.finalised_digest(exec.height);
    for (const auto* block : path.blocks) {
        if (block->header.height == exec.height) {
            ancestor = block->digest;
        }
    }
    if (ancestor != exec.block_digest) {
        return Verdict::invalid;
    }
#ifndef SIM_BUG_anchor_uncertified
    if (execution_.certificate(exec) == nullptr) {
        fetcher_.want(ExecutionCertificateRequest{exec.height}, {.first = header.leader});
        return Verdict::wait;
    }
#endif
    return Verdict::vote;
}

}  // namespace remit::consensus
