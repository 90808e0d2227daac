#include "test/scenario/scenario.h"

namespace remit::test {

using namespace ledger;  // NOLINT(google-build-using-namespace)

// prepare NAME PAYER -> PAYEE [quote Q]... [send X] [target Y] [fee Z to P]... [expires T]
Scenario::Sending Scenario::prepare_line(Line& line) {
    Prepare operation;
    const auto name = line.next("a remittance");
    operation.uetr = uetr_of(name);
    const auto payer = wallet(line.next("the payer's wallet"));
    line.expect("->");
    const auto payee = wallet(line.next("the payee's wallet"));
    operation.end_to_end_id = "E2E-" + name;
    operation.source_asset = payer.asset;
    operation.payer_tag = payer.tag;
    operation.payee_operator = payee.participant;
    operation.target_asset = payee.asset;
    operation.payee_tag = payee.tag;
    operation.purpose = "CASH";
    operation.travel_commit = hash_of("travel data of " + name);
    operation.screening.list_hash = hash_of("list of the day");
    operation.expires_at = BlockTime{chain().now().ms + 30'000};
    while (!line.done()) {
        if (line.take("quote")) {
            const auto& quote = quotes_.at(line.next("a quote"));
            if (operation.quotes.empty()) {
                operation.source = quote.source;
            }
            operation.target = quote.target;
            operation.quotes.push_back(quote);
        } else if (line.take("send")) {
            operation.source = amount(line);
            if (operation.quotes.empty()) {
                operation.target = operation.source;
            }
        } else if (line.take("target")) {
            operation.target = amount(line);
        } else if (line.take("fee")) {
            const auto minor = amount(line);
            line.expect("to");
            operation.fees.push_back(
                {.participant = participant(line.next("a participant")), .amount = minor});
        } else if (line.take("expires")) {
            operation.expires_at.ms = chain().now().ms + duration_from(line.next("a duration"));
        } else if (line.take("purpose")) {
            operation.purpose = line.next("a purpose");
        } else if (line.take("id")) {
            // A UUID of another version, for refusals.
            operation.uetr = id_of(line.next("a label"));
            operation.uetr.data.at(6) = 0x11;
        } else {
            line.expect("no_travel_data");
            operation.travel_commit = Hash{};
        }
    }
    remittances_[name] = operation;
    wallets_["payer of " + name] = payer;
    return {.operation = operation, .sender = network_.name_of(payer.participant)};
}

// return_prepare NAME REMITTANCE [source X target Y] [mode M] [reason R] [bears] [expires T]
Scenario::Sending Scenario::return_prepare_line(Line& line) {
    ReturnPrepare operation;
    const auto name = line.next("a return");
    operation.return_id = uetr_of("return " + name);
    const auto remittance = line.next("a remittance");
    operation.uetr = uetr_of(remittance);
    returns_[name] = remittance;
    const auto original = remittances_.find(remittance);
    if (original != remittances_.end()) {
        operation.source = original->second.source;
        operation.target = original->second.target;
    }
    operation.mode = ReturnMode::same_rate;
    operation.reason = "AC04";
    operation.expires_at = BlockTime{chain().now().ms + 30'000};
    while (!line.done()) {
        if (line.take("source")) {
            operation.source = amount(line);
        } else if (line.take("target")) {
            operation.target = amount(line);
        } else if (line.take("mode")) {
            operation.mode =
                line.take("CURRENT_RATE") ? ReturnMode::current_rate : ReturnMode::target_currency;
            (void)line.take("TARGET_CURRENCY");
        } else if (line.take("reason")) {
            operation.reason = line.next("a reason");
        } else if (line.take("bears")) {
            operation.operator_bears = true;
        } else {
            line.expect("expires");
            operation.expires_at.ms = chain().now().ms + duration_from(line.next("a duration"));
        }
    }
    const auto payee =
        original == remittances_.end() ? "G" : network_.name_of(original->second.payee_operator);
    return {.operation = operation, .sender = payee};
}

void Scenario::add_remittance_lines() {
    const auto payee_of = [this](const std::string& name) {
        const auto found = remittances_.find(name);
        return found == remittances_.end() ? std::string("G")
                                           : network_.name_of(found->second.payee_operator);
    };
    verbs_["prepare"] = [this](Line& line) { return prepare_line(line); };
    verbs_["accept"] = [payee_of](Line& line) {
        const auto name = line.next("a remittance");
        Accept operation{.uetr = uetr_of(name), .screening = {}};
        operation.screening.list_hash = hash_of("list of the day");
        return Sending{.operation = operation, .sender = payee_of(name)};
    };
    verbs_["reject"] = [payee_of](Line& line) {
        const auto name = line.next("a remittance");
        return Sending{.operation = Reject{.uetr = uetr_of(name), .reason = line.next("a reason")},
                       .sender = payee_of(name)};
    };
    // credit NAME [paid] [ref r]
    verbs_["credit"] = [this, payee_of](Line& line) {
        const auto name = line.next("a remittance");
        ConfirmCredit operation{.uetr = uetr_of(name), .credit_reference = {}};
        operation.paid_out = line.take("paid");
        operation.credit_reference = line.take("ref") ? line.next("a reference") : fresh("CREDIT-");
        return Sending{.operation = operation, .sender = payee_of(name)};
    };
    verbs_["fail_credit"] = [payee_of](Line& line) {
        const auto name = line.next("a remittance");
        return Sending{
            .operation = FailCredit{.uetr = uetr_of(name), .reason = line.next("a reason")},
            .sender = payee_of(name)};
    };
    verbs_["return_prepare"] = [this](Line& line) { return return_prepare_line(line); };
    verbs_["return_accept"] = [this](Line& line) {
        const auto name = line.next("a return");
        const auto payer = wallets_.find("payer of " + returns_[name]);
        return Sending{
            .operation = ReturnAccept{.return_id = uetr_of("return " + name)},
            .sender = payer == wallets_.end() ? "A" : network_.name_of(payer->second.participant)};
    };
}

}  // namespace remit::test
