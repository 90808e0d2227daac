#pragma once

#include "ledger/base/time.h"
#include "ledger/ids.h"
#include "ledger/money.h"
#include "ledger/record.h"
#include "ledger/remittance.h"
#include "ledger/verb.h"

namespace remit::ledger {

/// What the ledger did with one operation: a leaf of the block's receipts tree. Its canonical bytes
/// are `encode(receipt)`.
struct Receipt {
    TransactionId transaction{};
    std::uint32_t operation_index = 0;
    std::uint64_t height = 0;
    BlockTime time{};
    ParticipantId participant{};  // the signer; 0 when the envelope could not be read
    Verb verb = Verb::none;
    Bytes reference{};       // UETR, return id, payout id; empty for others
    std::uint16_t code = 0;  // LedgerError number; 0 is success
    ParticipantId about{};   // whom a refusal is about, when not the signer; 0: nobody else
    RemittanceState state = RemittanceState::none;  // after the operation
    Money source{};
    Money target{};

    [[nodiscard]] bool ok() const { return code == 0; }
    friend bool operator==(const Receipt&, const Receipt&) = default;
    template <class Self, class Fields>
    static void fields(Self& self, Fields&& each) {
        each(self.transaction, self.operation_index, self.height, self.time, self.participant,
             self.verb, self.reference, self.code, self.about, self.state, self.source,
             self.target);
    }
};

}  // namespace remit::ledger
