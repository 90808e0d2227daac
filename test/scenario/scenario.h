#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "test/support/ledger/chain.h"
#include "test/support/ledger/words.h"

namespace remit::test {

/// Applies `name=value` of `network` and `set_policy` lines: numbers and amounts by their field's
/// name, times as durations.
void apply_setting(ledger::Policy& policy, const std::string& word);

/// Runs a text of the scenario language (test/scenario/ledger/README.md) on the pure ledger: one
/// block for each line that sends something, all invariants after each.
class Scenario {
public:
    Scenario();
    /// Throws ScenarioFailure with the line's number and text at the first line that fails.
    void run(const std::string& text);

private:
    /// What a verb line sends, and who sends it unless the line says otherwise.
    struct Sending {
        ledger::Operation operation;
        std::string sender;
        KeyPurpose purpose = KeyPurpose::operate;
    };
    /// Words in front of a verb that change how it is sent.
    struct Manner {
        std::optional<std::string> sender;
        std::optional<KeyPurpose> purpose;
        std::optional<std::string> key_owner;
        std::optional<std::string> client_key;
        std::optional<std::int64_t> valid_ms;
        bool forged = false;
    };
    struct Expectation {
        std::string outcome = "ok";
        std::string about;  // participant a refusal names; empty: not asked
    };
    struct Batch {
        ledger::Transaction transaction;
        std::string sender;
        KeyPurpose purpose = KeyPurpose::operate;
        std::vector<Expectation> expectations;
    };
    using VerbLine = std::function<Sending(Line&)>;
    using OtherLine = std::function<void(Line&)>;

    void run_line(const std::string& text);
    static Expectation split_expectation(std::vector<std::string>& words);
    static Manner read_manner(Line& line);
    void send(Sending sending, const Manner& manner, const Expectation& expectation);
    void submit(const ledger::Transaction& transaction,
                const std::vector<Expectation>& expectations);
    void compare(const ledger::Receipt& receipt, const Expectation& expectation) const;
    Chain& chain();

    // lines_control.cpp: network, time, batches, replays.
    void add_control_lines();
    void add_time_lines();
    void add_sending_lines();
    void include_line(Line& line);
    void flag_line(Line& line);
    void begin_network(Line& line);
    void quote_line(Line& line);
    // lines_money.cpp, lines_remittance.cpp, lines_bank.cpp, lines_governance.cpp
    void add_money_lines();
    void add_remittance_lines();
    void add_bank_lines();
    void add_governance_lines();
    Sending prepare_line(Line& line);
    Sending return_prepare_line(Line& line);
    Sending settle_confirm_line(Line& line);
    Sending attest_line(Line& line);
    template <class Set, class Content>
    Sending governed(Line& line, const Content& content);
    ledger::ParticipantChange read_change(Line& line);
    // lines_check.cpp: what the state must say.
    void add_check_lines();
    void add_remittance_checks();
    void add_window_checks();
    void check_position(Line& line);

    // Words with a meaning of their own.
    ledger::ParticipantId participant(const std::string& name) const;
    static ledger::AssetId asset(const std::string& currency);
    ledger::AccountId wallet(const std::string& name) const;
    ledger::WindowId window(Line& line) const;
    static ledger::Minor amount(Line& line);
    std::string fresh(const std::string& what);

    std::map<std::string, VerbLine> verbs_;
    std::map<std::string, OtherLine> others_;
    Network network_;
    std::optional<Chain> chain_;
    std::optional<Batch> batch_;
    std::optional<ledger::Transaction> last_;
    std::map<std::string, ledger::AccountId> wallets_;
    std::map<std::string, ledger::Quote> quotes_;
    std::map<std::string, ledger::Prepare> remittances_;
    std::map<std::string, std::string> returns_;  // return label -> remittance label
    Expectation expectation_;                     // of the line being run
    std::uint64_t counter_ = 0;
};

}  // namespace remit::test
