#pragma once

#include <variant>
#include <vector>

#include "ledger/base/keys.h"
#include "node/signer/refusal.h"
#include "node/signer/statement.h"
#include "node/signer/vote_guard.h"

/// What a node and its signer say to each other over their socket (docs/reference/signer.md): each
/// frame is a u32 length and that many bytes of one request or reply, a tag byte first.
namespace remit::node::signer {

inline constexpr std::uint16_t protocol_version = 1;
inline constexpr std::size_t frame_bytes_max = 4096;

/// A vote of this key that the node still has.
struct SignedStatement {
    Bytes statement;
    Signature signature;

    friend bool operator==(const SignedStatement&, const SignedStatement&) = default;
    void write(Writer& writer) const;
    static SignedStatement read(Reader& reader);
};

/// First on every connection. A signer that has forgotten one of these votes is behind.
struct Hello {
    static constexpr std::size_t votes_max = 6;
    std::uint16_t version = protocol_version;
    Hash chain_id;
    std::vector<SignedStatement> newest_votes;

    friend bool operator==(const Hello&, const Hello&) = default;
    void write(Writer& writer) const;
    static Hello read(Reader& reader);
};
struct SignRequest {
    Bytes statement;

    friend bool operator==(const SignRequest&, const SignRequest&) = default;
    void write(Writer& writer) const;
    static SignRequest read(Reader& reader);
};
struct StatusRequest {
    friend bool operator==(const StatusRequest&, const StatusRequest&) = default;
    void write(Writer& /*writer*/) const {}
    static StatusRequest read(Reader& /*reader*/) { return {}; }
};
using Request = std::variant<Hello, SignRequest, StatusRequest>;

/// Answer to Hello and StatusRequest.
struct SignerStatus {
    PublicKey key = {};
    bool locked = false;
    Place floor = {};
    Place highest = {};
    std::uint64_t boot_counter = 0;
    std::uint64_t votes = 0;  ///< signed since its start

    friend bool operator==(const SignerStatus&, const SignerStatus&) = default;
    void write(Writer& writer) const;
    static SignerStatus read(Reader& reader);
};
struct Signed {
    Signature signature;

    friend bool operator==(const Signed&, const Signed&) = default;
    void write(Writer& writer) const;
    static Signed read(Reader& reader);
};
struct Refused {
    Refusal reason = Refusal::malformed;

    friend bool operator==(const Refused&, const Refused&) = default;
    void write(Writer& writer) const;
    static Refused read(Reader& reader);
};
using Reply = std::variant<SignerStatus, Signed, Refused>;

/// The whole frame, length and all.
Bytes frame_of(const Request& request);
Bytes frame_of(const Reply& reply);
/// Of a frame without its length. Nothing on anything but the canonical bytes.
std::optional<Request> request_from(ByteView body);
std::optional<Reply> reply_from(ByteView body);

/// Cuts frames out of what a socket gives, piece by piece.
class FrameReader {
public:
    void add(ByteView bytes) { buffer_.append(bytes); }
    /// The next whole frame's body; nothing while it is not whole.
    std::optional<Bytes> next();
    /// A length that no frame has: the connection is to be closed.
    [[nodiscard]] bool broken() const { return broken_; }

private:
    Bytes buffer_;
    bool broken_ = false;
};

}  // namespace remit::node::signer
