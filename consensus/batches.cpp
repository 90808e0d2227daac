#include "consensus/batches.h"

#include <algorithm>
#include <deque>
#include <utility>

namespace remit::consensus {

namespace {
/// What its digest covers is what it brings.
bool names_its_items(const Batch& batch) {
    return !batch.items.empty() && batch.bytes == encoded_items_bytes(batch.items) &&
           batch.items_root == items_root_of(batch.items);
}
}  // namespace

void Batches::recover(const std::vector<BatchHandle>& batches) {
    for (const auto& batch : batches) {
        const auto entry = batch->entry();
        if (batch->epoch != context_.set().epoch() || !context_.set().contains(entry.author) ||
            tree_.named_finalised(entry.digest) || held_.contains(entry.digest)) {
            continue;
        }
        if (range(entry.expires_height) == Range::below) {
            context_.out.drop_batches.push_back(entry.digest);
            continue;
        }
        // Above the range too: it was acknowledged on a floor that this start has not reached.
        held_[entry.digest] = {.batch = batch,
                               .entry = entry,
                               .order = next_order_++,
                               .since_ms = context_.now.mono_ms,
                               .counts_ms = context_.now.mono_ms + context_.params().resend_ms,
                               .acks = {},
                               .availability = std::nullopt,
                               .claims = {}};
        ++author_counts_[entry.author];
        ++version_;
    }
}

void Batches::end_epoch() {
    for (const auto& [digest, held] : held_) {
        context_.out.drop_batches.push_back(digest);
    }
    for (const auto& [digest, tokens] : own_tokens_) {
        context_.out.expired.insert(context_.out.expired.end(), tokens.begin(), tokens.end());
    }
    for (const auto& item : pending_) {
        context_.out.expired.push_back(item.token);
    }
    give_back_forwarded(true);
    held_.clear();
    author_counts_.clear();
    own_tokens_.clear();
    pending_.clear();
    pending_bytes_ = 0;
    unsent_.clear();
    available_.clear();
    offered_.clear();
    probation_.clear();
    ++version_;
}

/// The Take rule: a far expiry would hold the author's window, disk and work for ever.
Batches::Range Batches::range(Height expires_height) const {
    const auto finalised = tree_.floor().header.height;
    if (expires_height <= finalised) {
        return Range::below;
    }
    return expires_height <= finalised + context_.params().expiry_window ? Range::inside
                                                                         : Range::above;
}

std::size_t Batches::author_count(ValidatorIndex author) const {
    const auto found = author_counts_.find(author);
    return found == author_counts_.end() ? 0 : found->second;
}

/// A batch of an epoch before that a final block names and this node still lacks.
bool Batches::of_earlier_epoch(const Batch& batch, const Entry& entry) {
    const auto found = context_.config.earlier.find(batch.epoch);
    if (found == context_.config.earlier.end()) {
        return false;
    }
    const auto& set = found->second;
    if (!set.contains(batch.author) || !names_its_items(batch)) {
        return false;
    }
    ++context_.metrics.signatures_verified;
    return remit::verify(set.key(batch.author),
                         batch_signed_bytes(context_.config.chain_id, entry.digest),
                         batch.author_signature);
}

bool Batches::well_formed(const Batch& batch, const Entry& entry) {
    return batch.epoch == context_.set().epoch() && context_.set().contains(batch.author) &&
           batch.bytes <= context_.params().batch_bytes_max && names_its_items(batch) &&
           context_.check_signature(batch.author,
                                    batch_signed_bytes(context_.config.chain_id, entry.digest),
                                    batch.author_signature);
}

void Batches::on_batch(ValidatorIndex from, const BatchHandle& batch) {
    const auto entry = batch->entry();
    if (from == entry.author && is_large(entry)) {
        arrivals_.came(entry.digest, from, context_.now.mono_ms);
    }
    if (held_.contains(entry.digest) || named_.contains(entry.digest)) {
        probation_.arrived(entry.digest, from, context_.now.mono_ms);
        return;
    }
#ifdef SIM_BUG_expired_taken
    const bool wanted = true;
#else
    const bool wanted = wants(entry.digest);
#endif
    if (!wanted && (range(entry.expires_height) != Range::inside ||
                    tree_.named_finalised(entry.digest) || !context_.set().contains(entry.author) ||
                    author_count(entry.author) >= context_.params().author_window)) {
        return;  // an offer brings it back once there is room
    }
    if (batch->epoch != context_.set().epoch()) {
        if (wanted && of_earlier_epoch(*batch, entry)) {
            context_.persist(batch);
            note_arrived(batch, entry.digest);
            keep_named(batch, entry.digest);
            ++version_;
        }
        return;
    }
    if (!well_formed(*batch, entry)) {
        context_.blame(from, "batch is not well formed");
        return;
    }
    context_.metrics.batches_fetched += wanted ? 1 : 0;
    probation_.arrived(entry.digest, from, context_.now.mono_ms);
    take(batch, entry);
}

void Batches::on_named_batch(ValidatorIndex from, const BatchHandle& batch, const Entry& entry) {
    if (held_.contains(entry.digest) || named_.contains(entry.digest) ||
        tree_.named_finalised(entry.digest) || batch->digest() != entry.digest ||
        range(entry.expires_height) != Range::inside) {
        return;
    }
    if (!well_formed(*batch, batch->entry())) {
        context_.blame(from, "batch is not well formed");
        return;
    }
    take(batch, batch->entry());
}

void Batches::take(const BatchHandle& batch, const Entry& entry) {
    context_.persist(batch);
    note_arrived(batch, entry.digest);
    offered_.erase(entry.digest);
    ++version_;
#ifndef SIM_BUG_expired_taken
    if (tree_.named_finalised(entry.digest) || range(entry.expires_height) == Range::below) {
        keep_named(batch, entry.digest);
        return;
    }
#endif
    auto& held = held_[entry.digest];
    held = {.batch = batch,
            .entry = entry,
            .order = next_order_++,
            .since_ms = context_.now.mono_ms,
            .counts_ms = context_.now.mono_ms + context_.params().resend_ms,
            .acks = {},
            .availability = std::nullopt,
            .claims = {}};
    ++author_counts_[entry.author];
    if (const auto known = available_.find(entry.digest); known != available_.end()) {
        held.availability = known->second;
        available_.erase(known);
    }
    acknowledge(held, entry.author);
}

void Batches::keep_named(const BatchHandle& batch, const Hash& digest) {
    if (named_.emplace(digest, batch).second) {
        named_bytes_ += batch->bytes;
    }
}

void Batches::acknowledge(Held& held, std::optional<ValidatorIndex> to) {
    if (!context_.voting) {
        return;
    }
    const auto self = context_.self();
    if (!held.acks.contains(self)) {
        const auto signature =
            context_.sign(ack_bytes(context_.config.chain_id, context_.set(), held.entry));
        if (!signature) {
            return;  // its author's next offer asks again
        }
        count_ack(held, self, *signature);
    }
    const Ack ack{.epoch = context_.set().epoch(),
                  .entry = held.entry,
                  .signer = self,
                  .signature = held.acks.at(self)};
    const auto leader = context_.schedule.leader(context_.metrics.view);
    if (to) {
        context_.send(*to, ack);
    }
    if (leader != to) {
        context_.send(leader, ack);
    }
}

void Batches::acknowledge_held() {
    for (auto& [digest, held] : held_) {
        if (!held.acks.contains(context_.self())) {
            acknowledge(held, held.entry.author);
        }
    }
}

void Batches::on_ack(ValidatorIndex from, const Ack& ack) {
    const auto found = held_.find(ack.entry.digest);
    if (found == held_.end() || ack.signer != from || ack.epoch != context_.set().epoch() ||
        found->second.availability || found->second.acks.contains(from)) {
        return;  // of a batch I lack: its author will send the certificate
    }
    auto& held = found->second;
    if (ack.entry == held.entry && held.entry.author != context_.self()) {
        held.claims.acks.emplace(from, ack.signature);
    } else if (ack.entry == held.entry && check_ack(held, from, ack.signature)) {
        count_ack(held, from, ack.signature);
    } else {
        context_.blame(from, "ack is wrong");
    }
}

bool Batches::check_ack(const Held& held, ValidatorIndex signer, const Signature& signature) {
    return context_.check_signature(
        signer, ack_bytes(context_.config.chain_id, context_.set(), held.entry), signature);
}

bool Batches::certify(Held& held) {
    const auto claims = std::exchange(held.claims, {});
    if (!held.availability && claims.certificate) {
        if (context_.check_certificate(*claims.certificate)) {
            held.availability = claims.certificate;
            ++version_;
        } else if (claims.from) {
            context_.blame(*claims.from, "availability certificate is wrong");
        }
    }
    for (const auto& [signer, signature] : claims.acks) {
        if (held.availability) {
            break;
        }
        if (check_ack(held, signer, signature)) {
            count_ack(held, signer, signature);
        } else {
            context_.blame(signer, "ack is wrong");
        }
    }
    return held.availability.has_value();
}

void Batches::count_ack(Held& held, ValidatorIndex signer, const Signature& signature) {
    held.acks[signer] = signature;
    const auto enough = context_.set().f() + 1;
    if (held.availability || held.acks.size() < enough) {
        return;
    }
    SignatureMap signatures(held.acks.begin(), held.acks.end());
    held.availability = AvailabilityCertificate{
        .epoch = context_.set().epoch(),
        .valset_hash = context_.set().hash(),
        .entry = held.entry,
        .signers = Signers::from(signatures, enough, context_.set().size())};
    ++version_;
    if (held.entry.author == context_.self()) {
        context_.broadcast(*held.availability);
    }
}

void Batches::on_request(ValidatorIndex from, const BatchesRequest& request) {
    for (const auto& digest : request.digests) {
        if (!context_.may_serve(from)) {
            return;
        }
        const auto batch = find(digest);
        context_.served(from, 1, batch ? batch->bytes : 0);
        if (batch) {
            context_.send(from, batch, Channel::bulk);
        }
    }
}

const Batches::Held* Batches::held(const Hash& digest) const {
    const auto found = held_.find(digest);
    return found == held_.end() ? nullptr : &found->second;
}

const AvailabilityCertificate* Batches::availability(const Entry& entry) const {
    if (const auto* mine = held(entry.digest)) {
        return mine->availability && mine->entry == entry ? &*mine->availability : nullptr;
    }
    const auto found = available_.find(entry.digest);
    return found != available_.end() && found->second.entry == entry ? &found->second : nullptr;
}

BatchHandle Batches::find(const Hash& digest) const {
    if (const auto* mine = held(digest)) {
        return mine->batch;
    }
    const auto found = named_.find(digest);
    return found != named_.end() ? found->second : context_.source.batch(digest);
}

void Batches::want(const Entry& entry, Fetcher::Hint hint) {
    wanted_.insert(entry.digest);
    if (is_large(entry)) {
        // Asked too early it travels twice, and asked of the next peer too early three times.
        arrivals_.heard(entry.digest, context_.now.mono_ms);
        hint.delay_ms += patience_ms(entry);
        hint.interval_ms = std::max<std::int64_t>(2 * context_.delta_ms + patience_ms(entry),
                                                  context_.params().resend_ms / 2);
    }
    fetcher_.want(BatchesRequest{.digests = {entry.digest}}, hint);
}

/// Half a proposal's time on a link of a few Mbit/s: what is smaller has come before it matters.
bool Batches::is_large(const Entry& entry) const {
    constexpr std::uint32_t parts = 4;
    return entry.bytes > context_.params().batch_bytes_max / parts;
}

/// As far as this node knows: what others say of it is not looked at.
bool Batches::can_be_named(const Held& held) const {
    return !by_certificate(held.entry) || held.availability || held.claims.certificate ||
           held.acks.size() + held.claims.acks.size() > context_.set().f();
}

std::int64_t Batches::patience_ms(const Entry& entry) const {
    return is_large(entry) ? arrivals_.usual_ms(context_.set().f()) : 0;
}

Batches::Unnamed Batches::unnamed(const std::set<Hash>& named) const {
    Unnamed out;
    for (const auto& [digest, held] : held_) {
        if (named.contains(digest)) {
            continue;
        }
        if (can_be_named(held) || held.counts_ms <= context_.now.mono_ms) {
            out.any = true;
            return out;
        }
        out.due_ms = std::min(out.due_ms.value_or(held.counts_ms), held.counts_ms);
    }
    out.any = std::any_of(available_.begin(), available_.end(),
                          [&](const auto& each) { return !named.contains(each.first); });
    return out;
}

std::vector<Entry> Batches::select(const Selection& selection) {
    const auto& params = context_.params();
    struct Candidate {
        Entry entry;
        Held* held = nullptr;  ///< null: certified, its data not here
    };
    std::map<ValidatorIndex, std::multimap<std::uint64_t, Candidate>> by_author;
    const auto consider = [&](const Entry& entry, std::uint64_t order, Held* held) {
        if (!selection.named.contains(entry.digest) && entry.expires_height >= selection.height &&
            entry.expires_height <= selection.height + params.expiry_window) {
            by_author[entry.author].emplace(order, Candidate{.entry = entry, .held = held});
        }
    };
    for (auto& [digest, held] : held_) {
        consider(held.entry, held.order, &held);
    }
    for (const auto& [digest, certificate] : available_) {
        consider(certificate.entry, next_order_, nullptr);
    }
    std::vector<Entry> out;
    std::size_t bytes = 0;
    const auto n = context_.set().size();
    for (std::size_t turn = 0; !by_author.empty() && out.size() < params.block_batches_max;
         ++turn) {
        const auto author = static_cast<ValidatorIndex>((selection.first_author + turn) % n);
        const auto queue = by_author.find(author);
        if (queue == by_author.end()) {
            continue;
        }
        const auto& [entry, held] = queue->second.begin()->second;
        if (bytes + entry.bytes > params.block_bytes_max) {
            break;
        }
        const bool needed = selection.strict || by_certificate(entry);
        if (held == nullptr || !needed || certify(*held)) {
            bytes += entry.bytes;
            out.push_back(entry);
        }
        queue->second.erase(queue->second.begin());
        if (queue->second.empty()) {
            by_author.erase(queue);
        }
    }
    return out;
}

void Batches::expect(const Entry& entry) {
    if (entry.author != context_.self()) {
        probation_.expect(entry, context_.now.mono_ms + context_.delta_ms);
    }
}

bool Batches::by_certificate(const Entry& entry) const {
    return is_large(entry) || probation_.holds(entry.author, tree_.floor().header.height);
}

std::size_t Batches::probation_count() const {
    return probation_.count(tree_.floor().header.height);
}

/// The Keep rule, of what is not named. What is named goes behind a certified snapshot alone, and
/// the host sees to that.
void Batches::finalised() {
    for (auto each = held_.begin(); each != held_.end();) {
        auto& [digest, held] = *each;
        const bool named = tree_.named_finalised(digest);
        if (!named && range(held.entry.expires_height) != Range::below) {
            if (held.counts_ms <= context_.now.mono_ms && !can_be_named(held)) {
                held.counts_ms = context_.now.mono_ms + context_.params().resend_ms;
                ++version_;
            }
            ++each;
            continue;
        }
        const auto tokens = own_tokens_.find(digest);
        if (named) {
            keep_named(held.batch, digest);
#ifdef SIM_BUG_dropped_early
            context_.out.drop_batches.push_back(digest);
#endif
#ifdef SIM_BUG_named_offered
            ++each;
            continue;
#endif
        } else {
            context_.out.drop_batches.push_back(digest);
            if (tokens != own_tokens_.end()) {
                context_.out.expired.insert(context_.out.expired.end(), tokens->second.begin(),
                                            tokens->second.end());
            }
        }
        if (tokens != own_tokens_.end()) {
            own_tokens_.erase(tokens);
        }
        --author_counts_[held.entry.author];
        ++version_;
        each = held_.erase(each);
    }
    std::erase_if(available_, [this](const auto& each) {
        return tree_.named_finalised(each.first) ||
               range(each.second.entry.expires_height) == Range::below;
    });
}

void Batches::committed(const Header& header) {
    for (const auto& entry : header.batches) {
        if (const auto found = named_.find(entry.digest); found != named_.end()) {
            named_bytes_ -= found->second->bytes;
            named_.erase(found);
        }
    }
}

}  // namespace remit::consensus
