#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "consensus/certificate.h"
#include "consensus/epoch.h"
#include "consensus/header.h"
#include "consensus/validator_set.h"

namespace remit::consensus {

/// A signed vote. Counts only on its signer's own connection, a leader's inside its proposal
/// excepted.
struct Vote {
    VoteKind kind = VoteKind::notarize;
    Epoch epoch = 0;
    View view = 0;
    Hash digest;  ///< zero in a Nullify
    ValidatorIndex signer = 0;
    Signature signature;

    friend bool operator==(const Vote&, const Vote&) = default;
    void write(Writer& writer) const;
    static Vote read(Reader& reader);
};

/// "Executing this block gave me these roots."
struct ExecutionVote {
    Epoch epoch = 0;
    ExecutionResult result;
    ValidatorIndex signer = 0;
    Signature signature;

    friend bool operator==(const ExecutionVote&, const ExecutionVote&) = default;
    void write(Writer& writer) const;
    static ExecutionVote read(Reader& reader);
};

/// Payload of one validator: items are opaque here (client envelopes). Immutable once sealed.
struct Batch {
    Epoch epoch = 0;
    ValidatorIndex author = 0;
    std::uint64_t nonce = 0;    ///< only makes digests differ
    Height expires_height = 0;  ///< may be named up to this height
    std::uint32_t bytes = 0;    ///< of the encoded items
    Hash items_root;
    std::vector<Bytes> items;
    Signature author_signature;

    friend bool operator==(const Batch&, const Batch&) = default;
    void write(Writer& writer) const;
    static Batch read(Reader& reader);
    /// Covers every field but the items (items_root binds them) and the signature.
    [[nodiscard]] Hash digest() const;
    [[nodiscard]] Entry entry() const;
};
/// Batches are shared, never copied. Never null inside a decoded message.
using BatchHandle = std::shared_ptr<const Batch>;

/// Bytes that `items` take in a batch, and the root that binds them.
std::size_t encoded_items_bytes(const std::vector<Bytes>& items);
Hash items_root_of(const std::vector<Bytes>& items);
/// The exact bytes a batch's author signs.
Bytes batch_signed_bytes(const Hash& chain_id, const Hash& digest);

/// "This batch is durable here and its Entry is right."
struct Ack {
    Epoch epoch = 0;
    Entry entry;
    ValidatorIndex signer = 0;
    Signature signature;

    friend bool operator==(const Ack&, const Ack&) = default;
    void write(Writer& writer) const;
    static Ack read(Reader& reader);
};

/// What shows a voter that a header's parent is certified and its data available. Unsigned: a bad
/// one is a missing one.
struct Justification {
    std::optional<Certificate> parent;  ///< none when the parent is the epoch root
    std::vector<Certificate> nullifications;
    std::vector<AvailabilityCertificate> availability;
    std::optional<ExecutionCertificate> execution;

    friend bool operator==(const Justification&, const Justification&) = default;
    void write(Writer& writer) const;
    static Justification read(Reader& reader);
};

/// A leader's block. Its signature is the leader's Notarize vote.
struct Proposal {
    Header header;
    Signature leader_signature;
    Justification justification;
    BatchHandle inline_batch;  ///< null, or one small batch of the leader's own

    void write(Writer& writer) const;
    static Proposal read(Reader& reader);
};

/// "I hold these, the chain does not name them": whoever lacks one fetches it from the sender.
struct Offer {
    std::vector<Entry> entries;
    void write(Writer& writer) const;
    static Offer read(Reader& reader);
};

/// Sent on connection and as a ping: where the sender stands. Never moves anybody's view.
struct PeerStatus {
    Epoch epoch = 0;
    View view = 0;
    View finalised_view = 0;
    Height finalised_height = 0;
    Height executed_height = 0;
    std::uint64_t boot_counter = 0;  ///< two boots of one key show as two running processes
    std::int64_t sent_ms = 0;        ///< sender's monotonic clock, echoed by the Pong
    View votes_from = 0;  ///< the sender's votes were lost: it waits for this view; 0: it does not
    void write(Writer& writer) const;
    static PeerStatus read(Reader& reader);
};
struct Pong {
    std::int64_t sent_ms = 0;
    void write(Writer& writer) const;
    static Pong read(Reader& reader);
};

/// Certificates of the views from..to (both ends included), every kind held.
struct CertificatesRequest {
    View from_view = 0;
    View to_view = 0;
    void write(Writer& writer) const;
    static CertificatesRequest read(Reader& reader);
};
struct CertificatesAnswer {
    std::vector<Certificate> certificates;
    void write(Writer& writer) const;
    static CertificatesAnswer read(Reader& reader);
};
/// The header of this digest and up to count-1 of its ancestors, newest first.
struct HeadersRequest {
    Hash digest;
    std::uint16_t count = 0;
    void write(Writer& writer) const;
    static HeadersRequest read(Reader& reader);
};
struct HeadersAnswer {
    std::vector<Header> headers;
    void write(Writer& writer) const;
    static HeadersAnswer read(Reader& reader);
};
/// Batches by digest; each answer is a batch message.
struct BatchesRequest {
    std::vector<Hash> digests;
    void write(Writer& writer) const;
    static BatchesRequest read(Reader& reader);
};
struct ExecutionCertificateRequest {
    Height height = 0;
    void write(Writer& writer) const;
    static ExecutionCertificateRequest read(Reader& reader);
};
/// Finalised blocks from this height on, for a node that was down.
struct BlocksRequest {
    Height from_height = 0;
    std::uint16_t count = 0;
    void write(Writer& writer) const;
    static BlocksRequest read(Reader& reader);
};

/// A finalised block as hosts store and serve it. `finalization` is absent where only a
/// descendant gathered one.
struct StoredBlock {
    Header header;
    std::optional<Certificate> finalization;
    std::optional<ExecutionCertificate> execution;

    friend bool operator==(const StoredBlock&, const StoredBlock&) = default;
    void write(Writer& writer) const;
    static StoredBlock read(Reader& reader);
};
/// Consecutive heights, ascending; the last one carries a Finalization, so it proves them all.
struct BlocksAnswer {
    std::vector<StoredBlock> blocks;
    void write(Writer& writer) const;
    static BlocksAnswer read(Reader& reader);
};

/// "My votes may be lost: where do you stand?" See Amnesia.
struct ViewRequest {
    Epoch epoch = 0;
    Hash nonce;  ///< fresh: no answer to an earlier question passes for one to this
    void write(Writer& writer) const;
    static ViewRequest read(Reader& reader);
};
struct ViewAnswer {
    Epoch epoch = 0;
    Hash nonce;
    View view = 0;
    std::optional<Certificate> entry;  ///< what opened the view; none for the first one
    ValidatorIndex signer = 0;
    Signature signature;  ///< of view_answer_bytes
    void write(Writer& writer) const;
    static ViewAnswer read(Reader& reader);
};

/// "Which votes of mine do you hold?" See ShownVotes.
struct VotesRequest {
    Epoch epoch = 0;
    Hash nonce;  ///< fresh: no answer to an earlier run passes for one to this
    void write(Writer& writer) const;
    static VotesRequest read(Reader& reader);
};
/// The newest of each kind, of that epoch.
struct VotesAnswer {
    Epoch epoch = 0;
    Hash nonce;
    std::vector<Vote> votes;
    void write(Writer& writer) const;
    static VotesAnswer read(Reader& reader);
};

/// "I am behind, or new: is there a certified snapshot above this height?"
struct SnapshotRequest {
    Height above_height = 0;
    /// Newest one whose set the sender knows: the ways into the next ones come as well.
    Epoch epoch = 0;
    void write(Writer& writer) const;
    static SnapshotRequest read(Reader& reader);
};
/// The manifest of a snapshot, and why it is to be believed: a finalised header anchors a result
/// that q executors signed and that carries the manifest's root.
struct SnapshotAnswer {
    Header anchor;
    Certificate finalization;        ///< of the anchor
    ExecutionCertificate execution;  ///< of the anchor's `exec`
    Bytes manifest;                  ///< canonical; what it says is the host's business
    void write(Writer& writer) const;
    static SnapshotAnswer read(Reader& reader);
};
struct ChunkRequest {
    Hash snapshot_root;
    std::uint32_t index = 0;
    void write(Writer& writer) const;
    static ChunkRequest read(Reader& reader);
};
/// No bytes: the sender does not keep this snapshot.
struct ChunkAnswer {
    Hash snapshot_root;
    std::uint32_t index = 0;
    Bytes bytes;
    void write(Writer& writer) const;
    static ChunkAnswer read(Reader& reader);
};

/// Items of a node that is no validator, for a validator to seal into its batches.
struct Forward {
    std::vector<Bytes> items;
    void write(Writer& writer) const;
    static Forward read(Reader& reader);
};

/// Everything validators say to each other. The order is the tag byte: append only.
using Message =
    std::variant<PeerStatus, Pong, Proposal, Vote, Certificate, BatchHandle, Ack,
                 AvailabilityCertificate, Offer, ExecutionVote, ExecutionCertificate,
                 CertificatesRequest, CertificatesAnswer, HeadersRequest, HeadersAnswer,
                 BatchesRequest, ExecutionCertificateRequest, BlocksRequest, BlocksAnswer,
                 ViewRequest, ViewAnswer, VotesRequest, VotesAnswer, SnapshotRequest,
                 SnapshotAnswer, ChunkRequest, ChunkAnswer, HandOver, Forward>;

/// Tag byte and canonical bytes.
Bytes encode_message(const Message& message);
/// Empty optional on anything but the canonical bytes of one message.
std::optional<Message> decode_message(ByteView bytes);
/// `proposal`, `vote`, ...: for logs and metric labels.
std::string_view name_of(const Message& message);

}  // namespace remit::consensus
