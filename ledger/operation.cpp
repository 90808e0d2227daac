#include "ledger/operation.h"

namespace remit::ledger {

namespace {
Bytes reference_in(const DefundWallet& operation) {
    return operation.payout_id.bytes();
}
Bytes reference_in(const ReturnPrepare& operation) {
    return operation.return_id.bytes();
}
Bytes reference_in(const ReturnAccept& operation) {
    return operation.return_id.bytes();
}

template <class Op>
Bytes reference_in(const Op& operation) {
    if constexpr (requires { operation.uetr; }) {
        return operation.uetr.bytes();
    } else {
        return {};
    }
}
}  // namespace

Verb verb_of(const Operation& operation) {
    return std::visit([](const auto& op) { return std::decay_t<decltype(op)>::verb; }, operation);
}

Bytes reference_of(const Operation& operation) {
    return std::visit([](const auto& op) { return reference_in(op); }, operation);
}

TransactionId transaction_id(const ChainId& chain_id, ByteView body) {
    return hash(domain::client, {chain_id.view(), body});
}

}  // namespace remit::ledger
