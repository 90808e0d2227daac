#pragma once

#include <string>

#include "gateway/registry.h"
#include "gateway/saga.h"
#include "ledger/base/result.h"
#include "node/seams/random.h"
#include "remit/gateway/v1/wallet.pb.h"

/// From what a caller asks for to a saga that can be written down. Nothing malformed gets past
/// here: a bad field must not spoil the envelope it would share with others.
namespace remit::gateway {

/// Why a request is not taken; it had no effect.
struct RequestError {
    enum class Kind : std::uint8_t {
        malformed,
        not_found,
        reused,
        refused,  // well formed, and not possible now
        silent,   // another process, whose answer is needed, gives none
    } kind = Kind::malformed;
    std::string reason;  // stable, UPPER_SNAKE
    std::string text;
};

template <class T>
using Parsed = Result<T, RequestError>;

tl::unexpected<RequestError> malformed(std::string reason, std::string text);

/// 1..10^15 - 1 minor units.
Status<RequestError> check_amount(std::int64_t amount_minor);
/// The caller's 16 bytes, or a new UUID v4. `v4` asks for that version.
Parsed<Bytes> id_or_draw(const Bytes& given, bool v4, node::Random& random);
/// 1 to 20 of a-z, 0-9, '_', '.', '-': it is part of an account name at the rail.
Status<RequestError> check_wallet_name(const std::string& name);

/// Everything of a send but the payee's tag when it was given by name.
struct SendTerms {
    const v1::Wallet& from;
    const Registry& registry;
    std::int64_t expires_in_ms = 0;  // when the request names none
    Bytes screening_hash;
    std::int64_t now_ms = 0;
};
Parsed<Saga> send_saga(const v1::SendRemittanceRequest& request, const Bytes& payee_tag,
                       const SendTerms& terms, node::Random& random);
/// The two ask for the same remittance.
bool is_same_send(const Saga& left, const Saga& right);

v1::SendRemittanceResponse response_of(const Saga& send);

}  // namespace remit::gateway
