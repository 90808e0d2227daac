#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/base/bytes.h"
#include "ledger/base/hash.h"
#include "ledger/base/uuid.h"

namespace remit::ledger {

/// A member of the network. 0 names nobody: in a timeline step it is the ledger itself.
struct ParticipantId {
    std::uint32_t value = 0;
    friend auto operator<=>(const ParticipantId&, const ParticipantId&) = default;
};

/// A (currency, issuer) pair of the registry. 0 names none.
struct AssetId {
    std::uint16_t value = 0;
    friend auto operator<=>(const AssetId&, const AssetId&) = default;
};

/// A settlement window, counted from 1. 0 names none.
struct WindowId {
    std::uint64_t value = 0;
    friend auto operator<=>(const WindowId&, const WindowId&) = default;
};

/// Opaque name of a customer at an operator; never personal data. All zero: no customer.
using CustomerTag = FixedBytes<16, struct CustomerTagTag>;
using Uetr = Uuid;
using ReturnId = Uuid;
using PayoutId = Uuid;
/// Idempotency key chosen by the client; 16 bytes of any kind.
using ClientKey = Uuid;
using ChainId = Hash;
using TransactionId = Hash;

/// Kinds of account (ledger.md 2). Only SETTLEMENT and CLEARING may be negative, and CLEARING
/// never is positive.
enum class AccountKind : std::uint8_t {
    customer,
    escrow,
    fee,
    suspense,
    guarantee,
    settlement,
    clearing,
};
constexpr AccountKind last_of(AccountKind) {
    return AccountKind::clearing;
}

/// `customer`, `escrow`, ...
std::string_view name_of(AccountKind kind);
/// Lower or upper case.
std::optional<AccountKind> account_kind_from(std::string_view name);

/// Names one account. `tag` is zero unless `kind` is customer.
struct AccountId {
    ParticipantId participant{};
    AssetId asset{};
    AccountKind kind = AccountKind::customer;
    CustomerTag tag{};

    friend auto operator<=>(const AccountId&, const AccountId&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.participant, self.asset, self.kind, self.tag);
    }
};

AccountId customer_account(ParticipantId participant, AssetId asset, const CustomerTag& tag);
/// An account of any other kind.
AccountId own_account(ParticipantId participant, AssetId asset, AccountKind kind);

/// `3/HKD/customer/<32 hex>`, without the tag for other kinds. `currency` is the asset's code.
std::string to_text(const AccountId& id, std::string_view currency);

/// The parts of `3/HKD/customer/<hex tag>`; the caller finds the asset. Empty optional when the
/// text has another shape.
struct AccountText {
    ParticipantId participant{};
    std::string currency{};
    AccountKind kind = AccountKind::customer;
    CustomerTag tag{};
};
std::optional<AccountText> account_from_text(std::string_view text);

}  // namespace remit::ledger
