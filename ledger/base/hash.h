#pragma once

#include <initializer_list>

#include "ledger/base/bytes.h"

namespace remit {

using Hash = FixedBytes<32, struct HashTag>;

/// The 16-byte ASCII tag, zero-padded, in front of everything hashed or signed, so that bytes made
/// for one purpose never count for another. The list is docs/reference/encoding.md, section 2.
struct Domain {
    std::string_view name;  // at most 16 ASCII characters
    [[nodiscard]] Bytes tag() const;
};

namespace domain {
inline constexpr Domain genesis{"remit.genesis"};
inline constexpr Domain client{"remit.client"};  // envelope signatures and transaction ids
inline constexpr Domain quote{"remit.quote"};
inline constexpr Domain govern{"remit.govern"};  // approvals of governance actions
inline constexpr Domain account{"remit.account"};
inline constexpr Domain reference{"remit.reference"};  // references kept for ever
inline constexpr Domain state_key{"remit.statekey"};   // key -> path in the state tree
inline constexpr Domain state_value{"remit.statevalue"};
inline constexpr Domain state_leaf{"remit.leaf"};
inline constexpr Domain state_node{"remit.node"};
inline constexpr Domain receipt_leaf{"remit.rcptleaf"};
inline constexpr Domain receipt_node{"remit.rcptnode"};
inline constexpr Domain receipts{"remit.receipts"};  // chain of receipts roots
inline constexpr Domain params{"remit.params"};
inline constexpr Domain validators{"remit.valset"};
inline constexpr Domain schedule{"remit.schedule"};
inline constexpr Domain header{"remit.header"};
inline constexpr Domain vote{"remit.vote"};
inline constexpr Domain execution{"remit.exec"};
inline constexpr Domain batch{"remit.batch"};
inline constexpr Domain batch_items{"remit.items"};
inline constexpr Domain ack{"remit.ack"};
inline constexpr Domain hello{"remit.hello"};  // connection handshakes
}  // namespace domain

/// BLAKE2b-256 (libsodium) of `domain tag | parts...`.
Hash hash(Domain domain, std::initializer_list<ByteView> parts);
inline Hash hash(Domain domain, ByteView bytes) {
    return hash(domain, {bytes});
}

}  // namespace remit
