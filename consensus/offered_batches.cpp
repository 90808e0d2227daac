#include <algorithm>
#include <utility>

#include "consensus/batches.h"

// What others say they hold: certificates without the data, offers, and what is asked for on their
// word; and what this node offers itself.

namespace remit::consensus {

namespace {
constexpr std::int64_t offer_kept_ms = 10000;
constexpr std::size_t offers_max = 1024;

/// Offers kept of one peer. All peers' together leave room for requests that matter more, so that
/// invented ones cannot keep this node from fetching.
std::size_t offers_of_one_max(std::size_t validators) {
    return std::max<std::size_t>(8, 256 / validators);
}
}  // namespace

/// As many batches as may be open at once, none of which a finalised block names.
std::size_t Batches::available_max() const {
    return std::max(offers_max,
                    context_.set().size() * std::size_t{context_.params().author_window});
}

bool Batches::on_availability(std::optional<ValidatorIndex> blamed,
                              const AvailabilityCertificate& certificate, bool named) {
    const auto& entry = certificate.entry;
    if (certificate.epoch != context_.set().epoch() ||  // late: its batch died with its epoch
        range(entry.expires_height) != Range::inside || tree_.named_finalised(entry.digest) ||
        availability(entry) != nullptr) {
        return true;
    }
    if (const auto found = held_.find(entry.digest); found != held_.end()) {
        auto& claims = found->second.claims;
        // The author's own word replaces that of others: it is the one to lose by a wrong one.
        if (found->second.entry == entry && (!claims.certificate || blamed == entry.author)) {
            claims.certificate = certificate;
            claims.from = blamed;
            ++version_;
        }
        return true;
    }
    if (!context_.check_certificate(certificate)) {
        if (blamed) {
            context_.blame(*blamed, "availability certificate is wrong");
        }
        return false;
    }
    ++version_;
    // Without this certificate the block that names the batch cannot be voted for. There are never
    // more of them than honest validators' windows hold.
    if (named || available_.size() < available_max()) {
        available_.emplace(entry.digest, certificate);
    }
    if (offered_.size() < offers_max) {
        // It is probably on its way from its author.
        offered_.try_emplace(entry.digest, Offered{.entry = entry,
                                                   .from = entry.author,
                                                   .until_ms = context_.now.mono_ms + offer_kept_ms,
                                                   .delay_ms = 2 * context_.delta_ms,
                                                   .promised = false});
    }
    return true;
}

void Batches::on_offer(ValidatorIndex from, const Offer& offer) {
    auto room = offers_of_one_max(context_.set().size());
    for (const auto& [digest, offered] : offered_) {
        room -= offered.promised && offered.from == from && room > 0 ? 1 : 0;
    }
    for (const auto& entry : offer.entries) {
        if (const auto found = held_.find(entry.digest); found != held_.end()) {
            if (found->second.entry.author == from && context_.voting) {
                acknowledge(found->second, from);
            }
            continue;
        }
        if (range(entry.expires_height) != Range::inside || tree_.named_finalised(entry.digest) ||
            !context_.set().contains(entry.author) ||
            author_count(entry.author) >= context_.params().author_window ||
            offered_.size() >= offers_max || room == 0) {
            continue;
        }
        const auto until = context_.now.mono_ms + offer_kept_ms;
        const Offered offered{
            .entry = entry, .from = from, .until_ms = until, .delay_ms = 0, .promised = true};
        room -= offered_.try_emplace(entry.digest, offered).second ? 1 : 0;
    }
}

/// The Offer rule: what one honest node holds comes to every leader (docs/spec/offer.pml).
void Batches::offer(std::optional<ValidatorIndex> to, const std::set<Hash>& named,
                    std::int64_t age_ms_min, bool with_acks) {
    Offer offer;
    for (auto& [digest, held] : held_) {
        if (offer.entries.size() == limits::offer_entries) {
            break;
        }
        if (named.contains(digest) || context_.now.mono_ms - held.since_ms < age_ms_min) {
            continue;
        }
        offer.entries.push_back(held.entry);
        if (with_acks && to && context_.voting) {
            acknowledge(held, to);
        }
    }
    if (offer.entries.empty()) {
        return;
    }
    if (to) {
        context_.send(*to, std::move(offer));
    } else {
        context_.broadcast(std::move(offer));
    }
}

void Batches::declare_wants(bool has_room) {
    probation_.judge(context_.now.mono_ms, tree_.floor().header.height);
    arrivals_.prune(context_.now.mono_ms);
    std::map<ValidatorIndex, std::size_t> promised;  // asked for here, by author
    for (auto each = offered_.begin(); each != offered_.end();) {
        const auto& offered = each->second;
        if (offered.until_ms <= context_.now.mono_ms ||
            range(offered.entry.expires_height) != Range::inside ||
            tree_.named_finalised(each->first)) {
            each = offered_.erase(each);
            continue;
        }
        // The window holds for what one peer's word is all that speaks for.
        const auto author = offered.entry.author;
        const bool fits = !offered.promised ||
                          author_count(author) + promised[author] < context_.params().author_window;
        if (has_room && fits) {
            promised[author] += offered.promised ? 1 : 0;
            want(offered.entry, {.first = offered.from, .delay_ms = offered.delay_ms});
        }
        ++each;
    }
    wanted_last_ = std::move(wanted_);
    wanted_.clear();
}

}  // namespace remit::consensus
