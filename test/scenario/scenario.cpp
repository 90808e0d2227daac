#include "test/scenario/scenario.h"

#include <sstream>

namespace remit::test {

using namespace ledger;  // NOLINT(google-build-using-namespace)

Scenario::Scenario() {
    add_control_lines();
    add_money_lines();
    add_remittance_lines();
    add_bank_lines();
    add_governance_lines();
    add_check_lines();
}

void Scenario::run(const std::string& text) {
    std::istringstream stream(text);
    std::string line;
    for (int number = 1; std::getline(stream, line); ++number) {
        try {
            run_line(line);
        } catch (const ScenarioFailure& failure) {
            throw ScenarioFailure("line " + std::to_string(number) + ": " + line + "\n  " +
                                  failure.what());
        }
    }
    if (batch_) {
        throw ScenarioFailure("a batch has no end");
    }
}

void Scenario::run_line(const std::string& text) {
    auto words = words_of(text);
    if (words.empty()) {
        return;
    }
    expectation_ = split_expectation(words);
    Line line(std::move(words));
    const auto manner = read_manner(line);
    const auto word = line.next("a word");
    if (const auto other = others_.find(word); other != others_.end()) {
        other->second(line);
        line.end();
        return;
    }
    const auto verb = verbs_.find(word);
    if (verb == verbs_.end()) {
        throw ScenarioFailure("no such line: " + word);
    }
    auto sending = verb->second(line);
    line.end();
    send(std::move(sending), manner, expectation_);
}

Scenario::Expectation Scenario::split_expectation(std::vector<std::string>& words) {
    Expectation out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "=>") {
            Line line(std::vector<std::string>(words.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                               words.end()));
            out.outcome = line.next("an outcome");
            if (line.take("about")) {
                out.about = line.next("a participant");
            }
            line.end();
            words.resize(i);
            break;
        }
    }
    return out;
}

Scenario::Manner Scenario::read_manner(Line& line) {
    Manner out;
    while (true) {
        if (line.take("as")) {
            // `as G` or `as G.QUOTE`
            const auto who = line.next("a participant");
            const auto dot = who.find('.');
            out.sender = who.substr(0, dot);
            if (dot != std::string::npos) {
                out.purpose = key_purpose_from(who.substr(dot + 1));
                if (!out.purpose) {
                    throw ScenarioFailure("no such key purpose: " + who);
                }
            }
        } else if (line.take("key_of")) {
            out.key_owner = line.next("a participant");
        } else if (line.take("client_key")) {
            out.client_key = line.next("a label");
        } else if (line.take("valid")) {
            out.valid_ms = duration_from(line.next("a duration"));
        } else if (line.take("forged")) {
            out.forged = true;
        } else {
            return out;
        }
    }
}

void Scenario::send(Sending sending, const Manner& manner, const Expectation& expectation) {
    if (batch_) {
        if (batch_->transaction.operations.empty()) {
            batch_->sender = manner.sender.value_or(sending.sender);
            batch_->purpose = manner.purpose.value_or(sending.purpose);
        }
        batch_->transaction.operations.push_back(std::move(sending.operation));
        batch_->expectations.push_back(expectation);
        return;
    }
    Transaction transaction;
    const auto sender = manner.sender.value_or(sending.sender);
    transaction.participant = participant(sender);
    transaction.client_key = id_of(manner.client_key.value_or(fresh("client key ")));
    transaction.valid_until = BlockTime{chain().now().ms + manner.valid_ms.value_or(60'000)};
    transaction.operations.push_back(std::move(sending.operation));
    const auto key =
        Network::key(manner.key_owner.value_or(sender), manner.purpose.value_or(sending.purpose));
    chain().finish(transaction, key.public_key(), manner.forged);
    submit(transaction, {expectation});
}

void Scenario::submit(const Transaction& transaction,
                      const std::vector<Expectation>& expectations) {
    last_ = transaction;
    const auto result = chain().run({transaction});
    const auto& outcome = result.outcomes.at(0);
    if (outcome.kind == TransactionOutcome::Kind::replayed) {
        if (expectations.at(0).outcome != "replayed") {
            throw ScenarioFailure("the envelope was taken as a replay");
        }
        return;
    }
    for (std::size_t i = 0; i < expectations.size(); ++i) {
        // An envelope refused as a whole leaves one receipt for all its operations.
        const bool whole = outcome.kind == TransactionOutcome::Kind::refused;
        compare(result.receipts.at(outcome.receipt_first + (whole ? 0 : i)), expectations[i]);
    }
}

void Scenario::compare(const Receipt& receipt, const Expectation& expectation) const {
    std::string outcome = "ok";
    if (!receipt.ok()) {
        const auto error = ledger_error_from(receipt.code);
        outcome = error ? std::string(ledger::name_of(*error)) : std::to_string(receipt.code);
    }
    if (outcome != expectation.outcome) {
        throw ScenarioFailure(
            "expected " + expectation.outcome + ", got " + outcome +
            (receipt.about == ParticipantId{} ? "" : " about " + network_.name_of(receipt.about)));
    }
    if (!expectation.about.empty() && network_.name_of(receipt.about) != expectation.about) {
        throw ScenarioFailure("the refusal is about " + network_.name_of(receipt.about));
    }
}

Chain& Scenario::chain() {
    if (!chain_) {
        throw ScenarioFailure("a scenario begins with 'network'");
    }
    return *chain_;
}

ParticipantId Scenario::participant(const std::string& name) const {
    const auto id = network_.id_of(name);
    // An id nobody has, for refusals.
    return id == ParticipantId{} ? ParticipantId{99} : id;
}

AssetId Scenario::asset(const std::string& currency) {
    // An asset nobody registered, for refusals.
    return currency == "HKD" ? hkd : currency == "PHP" ? php : currency == "USD" ? usd : AssetId{9};
}

AccountId Scenario::wallet(const std::string& name) const {
    const auto found = wallets_.find(name);
    if (found == wallets_.end()) {
        throw ScenarioFailure("no wallet has the name " + name + " ('wallet' or 'open' names one)");
    }
    return found->second;
}

// Every currency of the test networks has two decimals.
Minor Scenario::amount(Line& line) {
    return minor_from(line.next("an amount"), 2);
}

WindowId Scenario::window(Line& line) const {
    return WindowId{number_from(line.next("a window"))};
}

std::string Scenario::fresh(const std::string& what) {
    return what + std::to_string(++counter_);
}

}  // namespace remit::test
