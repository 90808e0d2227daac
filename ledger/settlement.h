#pragma once

#include "ledger/base/time.h"
#include "ledger/ids.h"
#include "ledger/money.h"
#include "ledger/record.h"

/// Records that only settlement writes (ledger.md 4).
namespace remit::ledger {

/// Cash that moved at the bank by the ledger's own rules at one height: positive came in. An
/// attestation "as of" an earlier height is corrected by it.
struct CashMovement {
    Minor amount = 0;

    friend bool operator==(const CashMovement&, const CashMovement&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.amount);
    }
};

/// Net of all crossing postings between two participants in a window, seen from the one with the
/// lower id: positive means the other owes it. Loss shares are in proportion to it.
struct Bilateral {
    Minor net = 0;

    friend bool operator==(const Bilateral&, const Bilateral&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.net);
    }
};

/// A loss share: what `creditor` went without because `debtor` failed a leg.
struct Claim {
    WindowId window;
    ParticipantId debtor;
    ParticipantId creditor;
    Money money;
    std::uint64_t height = 0;

    friend bool operator==(const Claim&, const Claim&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.window, self.debtor, self.creditor, self.money, self.height);
    }
};

/// What the bank lent so that a failed leg could settle; repaid outside the ledger.
struct BankLine {
    WindowId window;
    ParticipantId debtor;
    Money money;
    Bytes reference;
    std::uint64_t height = 0;

    friend bool operator==(const BankLine&, const BankLine&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.window, self.debtor, self.money, self.reference, self.height);
    }
};

}  // namespace remit::ledger
