#pragma once

#include "ledger/ids.h"
#include "ledger/money.h"
#include "ledger/record.h"

namespace remit::ledger {

/// One account's balance and flags. Own accounts (all but CUSTOMER) come into being with their
/// first posting; a missing one reads as zero.
struct Account {
    AccountId id{};
    Minor balance = 0;
    bool frozen_debit = false;
    bool frozen_credit = false;
    bool closed = false;
    std::uint64_t opened_height = 0;

    friend bool operator==(const Account&, const Account&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.id, self.balance, self.frozen_debit, self.frozen_credit, self.closed,
             self.opened_height);
    }
};

/// An asset of the registry. The exponent is that of ISO 4217, fixed at registration.
struct Asset {
    AssetId id{};
    Bytes currency{};        // ISO 4217 code
    ParticipantId issuer{};  // the clearing bank: owner of the CLEARING account
    std::uint8_t exponent = 0;

    friend bool operator==(const Asset&, const Asset&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.id, self.currency, self.issuer, self.exponent);
    }
};

}  // namespace remit::ledger
