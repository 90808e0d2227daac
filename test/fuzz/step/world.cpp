#include "test/fuzz/step/world.h"

#include <algorithm>
#include <memory>

namespace remit::fuzz {

const test::Chain& step_chain() {
    static const test::Chain out = [] {
        Params params;
        params.expiry_window = 16;
        params.lag_max = 4;
        params.author_window = 3;
        params.block_batches_max = 4;
        params.batch_bytes_max = 512;
        params.inline_bytes_max = 128;
        params.block_bytes_max = 1024;
        return test::Chain(4, params);
    }();
    return out;
}

StepWorld::StepWorld(ValidatorIndex self, ValidatorIndex liar)
    : self_(self), liar_(liar), schedule_(step_chain().chain_id, step_chain().set) {
    const auto& genesis = step_chain().genesis;
    headers_.push_back({genesis, genesis.digest(), 0, genesis.exec.state_root, true, ""});
    by_digest_[headers_[0].digest] = 0;
    final_.push_back(0);
}

std::vector<ValidatorIndex> StepWorld::peers() const {
    std::vector<ValidatorIndex> out;
    for (ValidatorIndex each = 0; each < 4; ++each) {
        if (each != self_) {
            out.push_back(each);
        }
    }
    return out;
}

std::optional<std::size_t> StepWorld::find(const Hash& digest) const {
    const auto found = by_digest_.find(digest);
    return found == by_digest_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::size_t> StepWorld::headers_of(View view) const {
    std::vector<std::size_t> out;
    for (std::size_t i = 1; i < headers_.size(); ++i) {
        if (headers_[i].header.view == view) {
            out.push_back(i);
        }
    }
    return out;
}

std::size_t StepWorld::add_header(const Header& header) {
    const auto digest = header.digest();
    if (const auto known = find(digest)) {
        return *known;
    }
    Known known{.header = header,
                .digest = digest,
                .parent = 0,
                .state_root = {},
                .sound = false,
                .flaw = {}};
    known.flaw = flaw(header);
    known.sound = known.flaw.empty();
    if (known.sound) {
        known.parent = *find(header.parent_digest);
        known.state_root = remit::hash(domain::state_node,
                                       {headers_[known.parent].state_root.view(), digest.view()});
    }
    headers_.push_back(known);
    by_digest_[digest] = headers_.size() - 1;
    return headers_.size() - 1;
}

std::string_view StepWorld::flaw(const Header& header) const {
    const auto& chain = step_chain();
    const auto parent = find(header.parent_digest);
    if (!parent || !headers_[*parent].sound) {
        return "its parent is not sound";
    }
    const auto& before = headers_[*parent].header;
    if (header.version != 1 || header.epoch != 1 || header.flags != 0 ||
        header.params_hash != chain.params.hash() ||
        header.leader_schedule_hash != schedule_.hash()) {
        return "it is of another version, epoch or set of rules";
    }
    if (header.view == 0 || header.leader != leader(header.view)) {
        return "another validator leads its view";
    }
    if (header.view <= before.view || header.parent_view != before.view ||
        header.height != before.height + 1) {
        return "its place is not behind its parent's";
    }
    if (header.time_ms <= before.time_ms) {
        return "its time is not behind its parent's";
    }
    const auto batches = flaw_of_batches(header, *parent);
    return batches.empty() ? flaw_of_execution(header, *parent) : batches;
}

std::string_view StepWorld::flaw_of_batches(const Header& header, std::size_t parent) const {
    const auto& params = step_chain().params;
    std::set<Hash> names;
    std::uint64_t bytes = 0;
    for (const auto& entry : header.batches) {
        const auto known = entries_.find(entry.digest);
        bytes += entry.bytes;
        if (known == entries_.end() || known->second != entry) {
            return "it names a batch that nobody made";
        }
        if (!names.insert(entry.digest).second || named_on_chain(parent, entry.digest)) {
            return "it names a batch twice";
        }
        if (entry.expires_height < header.height ||
            entry.expires_height > header.height + params.expiry_window) {
            return "it names a batch outside its life";
        }
    }
    const bool fits =
        bytes <= params.block_bytes_max && header.batches.size() <= params.block_batches_max;
    return fits ? "" : "it names too much";
}

std::string_view StepWorld::flaw_of_execution(const Header& header, std::size_t parent) const {
    const auto& before = headers_[parent].header;
    if (header.exec == before.exec) {
        // N7 below.
    } else if (header.exec.height <= before.exec.height || header.exec.height > before.height) {
        return "its result is older than its parent's or not of an ancestor";
    } else {
        auto at = parent;
        while (headers_[at].header.height > header.exec.height) {
            at = headers_[at].parent;
        }
        if (header.exec != result_of(at)) {
            return "its result is not its ancestor's";
        }
    }
    const bool frozen = header.height - header.exec.height > step_chain().params.lag_max;
    return frozen && !header.batches.empty() ? "it carries batches too far above execution" : "";
}

bool StepWorld::named_on_chain(std::size_t header, const Hash& batch) const {
    for (auto at = header; at != 0; at = headers_[at].parent) {
        for (const auto& entry : headers_[at].header.batches) {
            if (entry.digest == batch) {
                return true;
            }
        }
    }
    return false;
}

void StepWorld::add_batch(const BatchHandle& batch) {
    const auto entry = batch->entry();
    if (entries_.emplace(entry.digest, entry).second) {
        batches_.push_back(batch);
    }
}

BatchHandle StepWorld::make_batch(ValidatorIndex author, Height expires, std::vector<Bytes> items) {
    const auto& chain = step_chain();
    Batch batch;
    batch.epoch = 1;
    batch.author = author;
    batch.nonce = next_nonce_++;
    batch.expires_height = expires;
    batch.items = std::move(items);
    batch.bytes = static_cast<std::uint32_t>(encoded_items_bytes(batch.items));
    batch.items_root = items_root_of(batch.items);
    batch.author_signature =
        chain.signers[author]->sign(batch_signed_bytes(chain.chain_id, batch.digest()));
    return std::make_shared<const Batch>(std::move(batch));
}

const Hash* StepWorld::cast(ValidatorIndex peer, VoteKind kind, View view) const {
    const auto found = cast_.find({peer, kind, view});
    return found == cast_.end() ? nullptr : &found->second;
}

bool StepWorld::may_vote(ValidatorIndex peer, VoteKind kind, View view, const Hash& digest) const {
    if (!honest(peer)) {
        return true;
    }
    if (const auto* already = cast(peer, kind, view)) {
        return *already == digest;
    }
    if (kind == VoteKind::nullify) {
        return digest.is_zero() && cast(peer, VoteKind::finalize, view) == nullptr;
    }
    if (cast(peer, VoteKind::nullify, view) != nullptr) {
        return false;
    }
    const auto header = find(digest);
    if (!header || !headers_[*header].sound || headers_[*header].header.view != view) {
        return false;
    }
    if (kind == VoteKind::finalize) {
        return certifiable(VoteKind::notarize, view, digest);
    }
    const auto parent = headers_[*header].parent;
    bool justified = parent == 0 || certified(parent);
    for (View skipped = headers_[parent].header.view + 1; skipped < view; ++skipped) {
        justified = justified && certifiable(VoteKind::nullify, skipped, Hash{});
    }
    return justified;
}

std::optional<Vote> StepWorld::vote(ValidatorIndex peer, VoteKind kind, View view,
                                    const Hash& digest) {
    if (view == 0 || !may_vote(peer, kind, view, digest)) {
        return std::nullopt;
    }
    if (honest(peer)) {
        cast_[{peer, kind, view}] = digest;
    }
    return step_chain().vote(kind, view, digest, peer);
}

void StepWorld::replica_voted(VoteKind kind, View view, const Hash& digest) {
    cast_[{self_, kind, view}] = digest;
}

bool StepWorld::certifiable(VoteKind kind, View view, const Hash& digest, bool also_self) const {
    std::size_t count = 1;  // the liar
    for (ValidatorIndex each = 0; each < 4; ++each) {
        const auto* vote = each == liar_ ? nullptr : cast(each, kind, view);
        const bool voted = vote != nullptr && *vote == digest;
        count += voted || (also_self && each == self_) ? 1 : 0;
    }
    return count >= step_chain().set.q();
}

std::optional<Certificate> StepWorld::certificate(VoteKind kind, View view, const Hash& digest,
                                                  std::size_t rotation) const {
    if (!certifiable(kind, view, digest)) {
        return std::nullopt;
    }
    std::vector<ValidatorIndex> voters;
    for (std::size_t i = 0; i < 4 && voters.size() < step_chain().set.q(); ++i) {
        const auto each = static_cast<ValidatorIndex>((i + rotation) % 4);
        const auto* vote = cast(each, kind, view);
        if (each == liar_ || (vote != nullptr && *vote == digest)) {
            voters.push_back(each);
        }
    }
    return step_chain().certificate(kind, view, digest, voters);
}

bool StepWorld::certified(std::size_t header) const {
    const auto& known = headers_[header];
    return certifiable(VoteKind::notarize, known.header.view, known.digest) ||
           certifiable(VoteKind::finalize, known.header.view, known.digest);
}

std::size_t StepWorld::newest_certified() const {
    std::size_t out = 0;
    for (std::size_t i = 1; i < headers_.size(); ++i) {
        if (headers_[i].header.view > headers_[out].header.view && headers_[i].sound &&
            certified(i)) {
            out = i;
        }
    }
    return out;
}

bool StepWorld::advance_final() {
    for (std::size_t i = 1; i < headers_.size(); ++i) {
        const auto& known = headers_[i];
        if (!known.sound || !certifiable(VoteKind::finalize, known.header.view, known.digest)) {
            continue;
        }
        std::vector<std::size_t> chain;
        for (auto at = i; at != 0; at = headers_[at].parent) {
            chain.push_back(at);
        }
        chain.push_back(0);
        std::reverse(chain.begin(), chain.end());
        const auto common = std::min(chain.size(), final_.size());
        if (!std::equal(chain.begin(), chain.begin() + static_cast<std::ptrdiff_t>(common),
                        final_.begin())) {
            return false;
        }
        if (chain.size() > final_.size()) {
            final_ = std::move(chain);
        }
    }
    return true;
}

ExecutionResult StepWorld::result_of(std::size_t header) const {
    const auto& known = headers_[header];
    ExecutionResult out;
    out.height = known.header.height;
    out.block_digest = known.digest;
    out.state_root = known.state_root;
    return out;
}

ExecutionCertificate StepWorld::execution_certificate(const ExecutionResult& result) const {
    const auto& chain = step_chain();
    SignatureMap signatures;
    for (const auto peer : peers()) {
        signatures[peer] =
            chain.signers[peer]->sign(execution_bytes(chain.chain_id, chain.set, result));
    }
    return {.epoch = 1,
            .valset_hash = chain.set.hash(),
            .result = result,
            .signers = Signers::from(signatures, chain.set.q(), chain.set.size())};
}

AvailabilityCertificate StepWorld::availability(const Entry& entry) const {
    const auto& chain = step_chain();
    SignatureMap signatures;
    for (const auto peer : peers()) {
        signatures[peer] = chain.signers[peer]->sign(ack_bytes(chain.chain_id, chain.set, entry));
    }
    return {.epoch = 1,
            .valset_hash = chain.set.hash(),
            .entry = entry,
            .signers = Signers::from(signatures, chain.set.f() + 1, chain.set.size())};
}

}  // namespace remit::fuzz
