#include "test/scenario/scenario.h"

namespace remit::test {

using namespace ledger;  // NOLINT(google-build-using-namespace)

// attest cover|reserve PARTICIPANT CURRENCY AMOUNT [release] [ago N] [height H] [ref r]
Scenario::Sending Scenario::attest_line(Line& line) {
    const bool cover = line.take("cover");
    if (!cover) {
        line.expect("reserve");
    }
    AttestationClaim claim;
    claim.participant = participant(line.next("a participant"));
    claim.asset = asset(line.next("a currency"));
    claim.balance = amount(line);
    claim.kind = line.take("release") ? AttestationKind::release : AttestationKind::fact;
    // `ago 2`: as of the block two before the newest one.
    const auto blocks_ago = line.take("ago") ? number_from(line.next("a number of blocks")) : 0;
    claim.as_of_height =
        line.take("height") ? number_from(line.next("a height")) : chain().height() - blocks_ago;
    claim.statement_reference = line.take("ref") ? line.next("a reference") : fresh("STATEMENT-");
    Operation operation = AttestReserve{claim};
    if (cover) {
        operation = AttestCover{claim};
    }
    return {.operation = operation, .sender = "bank", .purpose = KeyPurpose::bank};
}

// settle_confirm WINDOW PARTICIPANT CURRENCY RESERVE|OWN|COVER [ENTRY AMOUNT]...
Scenario::Sending Scenario::settle_confirm_line(Line& line) {
    SettleConfirm operation;
    operation.window = window(line);
    operation.participant = participant(line.next("a participant"));
    operation.asset = asset(line.next("a currency"));
    operation.source = line.take("RESERVE") ? SettleSource::reserve
                       : line.take("OWN")   ? SettleSource::own
                                            : SettleSource::cover;
    if (operation.source == SettleSource::cover) {
        line.expect("COVER");
    }
    while (!line.done()) {
        const auto reference = line.next("an entry");
        operation.entries.push_back({.account = "CLEARING",
                                     .booking_date = "2025-01-02",
                                     .entry_reference = reference,
                                     .amount = amount(line)});
    }
    return {.operation = operation, .sender = "bank", .purpose = KeyPurpose::bank};
}

void Scenario::add_bank_lines() {
    // mark HKD PHP 7.4735 [ask 7.4780] [for 1h] [in 10s] [id 4]
    verbs_["mark"] = [this](Line& line) {
        BankMark operation;
        operation.source = asset(line.next("a currency"));
        operation.target = asset(line.next("a currency"));
        operation.bid = rate_from(line.next("a rate"));
        operation.ask = line.take("ask") ? rate_from(line.next("a rate")) : operation.bid;
        const auto life_ms = line.take("for") ? duration_from(line.next("a duration")) : 2 * day_ms;
        const auto wait_ms = line.take("in") ? duration_from(line.next("a duration")) : 0;
        operation.valid_from = BlockTime{chain().now().ms + wait_ms};
        operation.valid_to = BlockTime{operation.valid_from.ms + life_ms};
        const auto last = chain().state().mark(operation.source, operation.target);
        operation.mark_id =
            line.take("id") ? number_from(line.next("a number")) : (last ? last->mark_id + 1 : 1);
        return Sending{.operation = operation, .sender = "bank", .purpose = KeyPurpose::bank};
    };
    verbs_["attest"] = [this](Line& line) { return attest_line(line); };
    verbs_["settle_confirm"] = [this](Line& line) { return settle_confirm_line(line); };
    // settle_fail WINDOW PARTICIPANT CURRENCY [ref r]: r names a committed bank line
    verbs_["settle_fail"] = [this](Line& line) {
        SettleFail operation;
        operation.window = window(line);
        operation.participant = participant(line.next("a participant"));
        operation.asset = asset(line.next("a currency"));
        operation.bank_line_reference = line.take("ref") ? line.next("a reference") : "";
        return Sending{.operation = operation, .sender = "bank", .purpose = KeyPurpose::bank};
    };
}

}  // namespace remit::test
