#pragma once

#include <string>

#include "consensus/validator_set.h"
#include "ledger/state_access.h"
#include "node/membership.h"

namespace remit::node {

/// Numbers of docs/reference/node-errors.md.
inline constexpr int unsupported_version_code = 990;
inline constexpr int key_missing_code = 1221;
inline constexpr int key_of_another_code = 1222;
inline constexpr int certificate_not_listed_code = 1223;
inline constexpr int chain_forked_code = 1231;
inline constexpr int journal_of_another_code = 1232;

/// Which of this node's keys one epoch wants its votes from.
enum class KeyInForce : std::uint8_t {
    unlisted,  ///< this validator is not in the set
    missing,   ///< it is, with a key that is not here: nothing is signed
    first,     ///< node.key, or the signer of signer.socket
    next,      ///< node.next_key, or the signer of signer.next_socket
};
KeyInForce key_in_force(const OwnPlace& place, const std::string& name,
                        const consensus::ValidatorSet& set);

/// The key that the set gives this validator; none: it is not in it.
std::optional<PublicKey> listed_key(const std::string& name, const consensus::ValidatorSet& set);

/// Whether this node is the validator that it says it is, as far as the chain is known here: no key
/// or certificate of it may be another validator's in the epoch in force or the plan, and in a new
/// folder they must be those of the genesis file, unless `node.trusted` says that the chain has
/// gone on since. Errors: not_allowed.
Status<Failure> check_listing(const OwnPlace& place, const Settings& settings, const Chain& chain,
                              const ledger::StateReader& state, consensus::Height executed);

}  // namespace remit::node
