#pragma once

#include <map>
#include <optional>
#include <vector>

#include "consensus/engine.h"

namespace remit::consensus {

/// In EngineConfig::peers, of a peer whose key is not known yet: no validator has it.
inline constexpr PublicKey no_key{};

/// Who sits where in one epoch: validators at their index in the set, every other peer the host
/// knows (a guest: it follows, or served an earlier set) behind them, in the order they came.
class Seats {
public:
    explicit Seats(const EngineConfig& config);

    /// A peer, or another key of one.
    void add(PeerNumber number, const PublicKey& key);
    /// A new epoch: everybody takes the place the set gives.
    void sit(const ValidatorSet& set);

    /// Local indexes in use.
    [[nodiscard]] std::size_t size() const { return members_.size() + guests_.size(); }
    /// Peer numbers in use.
    [[nodiscard]] std::size_t numbers() const { return local_.size(); }
    [[nodiscard]] ValidatorIndex self() const { return *local(self_); }
    [[nodiscard]] std::optional<ValidatorIndex> local(PeerNumber number) const;
    /// None: a validator that the host does not know.
    [[nodiscard]] std::optional<PeerNumber> number(ValidatorIndex local) const;

private:
    void place(PeerNumber number);
    [[nodiscard]] std::optional<PeerNumber> sitter(std::size_t index) const;

    PeerNumber self_;
    std::string name_;                       // empty: our seat is found by our keys
    std::optional<std::size_t> named_seat_;  // of our name in this epoch's set
    std::map<PublicKey, PeerNumber> numbers_;
    std::vector<PublicKey> set_;                      // keys by index
    std::vector<std::optional<PeerNumber>> members_;  // by index
    std::vector<PeerNumber> guests_;
    std::vector<std::optional<ValidatorIndex>> local_;  // by number
};

}  // namespace remit::consensus
