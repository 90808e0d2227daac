#pragma once

#include <cstdint>
#include <string_view>

namespace remit::node::signer {

/// Why the signer signs nothing. The numbers go over the socket and stand in logs, metrics and
/// docs/operate/signer.md; they are never used again.
enum class Refusal : std::uint16_t {
    malformed = 1101,          ///< no statement of a validator, or no request
    unknown_domain = 1102,     ///< nothing is signed blindly
    foreign_chain = 1103,      ///< of another chain
    already_notarized = 1104,  ///< S1: another digest in this view
    already_nullified = 1105,  ///< S1 and S2
    already_finalized = 1106,  ///< S2, or another digest in this view
    below_floor = 1107,        ///< a view whose votes are not remembered any more
    view_gone_back = 1108,     ///< claims to be in a view before one it has voted in
    locked = 1109,             ///< votes may be lost: an operator names the first view
    busy = 1110,               ///< another node holds the connection
    unknown_version = 1111,    ///< of the protocol
    key_failed = 1112,         ///< the key's store gave no signature
    foreign_verb = 1113,       ///< an envelope with an operation that this key does not sign
};

std::string_view name_of(Refusal refusal);

}  // namespace remit::node::signer
