#pragma once

#include <optional>
#include <variant>

#include "consensus/certificate.h"

namespace remit::node::signer {

/// A vote as its signed bytes say it.
struct VoteStatement {
    consensus::VoteKind kind = consensus::VoteKind::notarize;
    consensus::Epoch epoch = 0;
    Hash valset_hash;
    consensus::View view = 0;
    Hash digest;  ///< zero in a Nullify

    friend bool operator==(const VoteStatement&, const VoteStatement&) = default;
    void write(Writer& writer) const;
    static VoteStatement read(Reader& reader);
};

/// "I am in this view", said to a validator that lost its votes.
struct ViewStatement {
    consensus::Epoch epoch = 0;
    consensus::View view = 0;
};

/// That a batch is durable at the node.
struct AcknowledgementStatement {};

/// An envelope with `ready`: that this validator can take its place in the next set.
struct ReadyStatement {};

/// What contradicts nothing said before: a batch of one's own, the result of executing a block, an
/// envelope with `report_evidence`.
struct FreeStatement {};

using Statement = std::variant<VoteStatement, ViewStatement, AcknowledgementStatement,
                               ReadyStatement, FreeStatement>;

/// Longer than anything a validator signs.
inline constexpr std::size_t statement_bytes_max = 512;

/// Why bytes are no statement of a validator of this chain.
enum class StatementFlaw : std::uint8_t {
    unknown_domain,  ///< nothing a validator signs
    malformed,       ///< or longer than statement_bytes_max
    foreign_chain,
    foreign_verb,  ///< an envelope with anything but one `report_evidence` or one `ready`
};

/// What the VALIDATE key would say by signing these bytes. Every byte is accounted for: bytes that
/// are not understood whole are not signed.
Result<Statement, StatementFlaw> statement_of(ByteView bytes, const Hash& chain_id);

}  // namespace remit::node::signer
