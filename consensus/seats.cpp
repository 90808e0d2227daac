#include "consensus/seats.h"

namespace remit::consensus {

Seats::Seats(const EngineConfig& config) : self_(config.self), name_(config.name) {
    std::vector<PublicKey> keys = config.peers;
    if (keys.empty()) {
        for (const auto& validator : config.validators.validators()) {
            keys.push_back(validator.key);
        }
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
        add(static_cast<PeerNumber>(i), keys[i]);
    }
    for (const auto& own : config.other_keys) {
        add(self_, own.key);
    }
}

void Seats::place(PeerNumber number) {
    if (local_.size() <= number) {
        local_.resize(number + std::size_t{1});
    }
    for (std::size_t i = 0; i < set_.size(); ++i) {
        if (sitter(i) == number) {
            members_[i] = number;
            local_[number] = static_cast<ValidatorIndex>(i);
            return;
        }
    }
    if (!local_[number]) {
        local_[number] = static_cast<ValidatorIndex>(members_.size() + guests_.size());
        guests_.push_back(number);
    }
}

/// A key of ours that a set gives to another name does not make its seat ours.
std::optional<PeerNumber> Seats::sitter(std::size_t index) const {
    if (named_seat_ == index) {
        return self_;
    }
    const auto found = numbers_.find(set_[index]);
    return found != numbers_.end() ? std::optional(found->second) : std::nullopt;
}

void Seats::add(PeerNumber number, const PublicKey& key) {
    if (key != no_key && (name_.empty() || number != self_)) {
        numbers_[key] = number;
    }
    place(number);
}

void Seats::sit(const ValidatorSet& set) {
    set_.clear();
    named_seat_.reset();
    for (const auto& validator : set.validators()) {
        if (!name_.empty() && validator.name == name_) {
            named_seat_ = set_.size();
        }
        set_.push_back(validator.key);
    }
    members_.assign(set_.size(), std::nullopt);
    guests_.clear();
    const auto count = local_.size();
    local_.assign(count, std::nullopt);
    for (std::size_t number = 0; number < count; ++number) {
        place(static_cast<PeerNumber>(number));
    }
}

std::optional<ValidatorIndex> Seats::local(PeerNumber number) const {
    return number < local_.size() ? local_[number] : std::nullopt;
}

std::optional<PeerNumber> Seats::number(ValidatorIndex local) const {
    if (local < members_.size()) {
        return members_[local];
    }
    const auto guest = std::size_t{local} - members_.size();
    return guest < guests_.size() ? std::optional(guests_[guest]) : std::nullopt;
}

}  // namespace remit::consensus
