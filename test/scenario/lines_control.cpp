#include <fstream>
#include <iterator>

#include "test/scenario/scenario.h"

namespace remit::test {

using namespace ledger;  // NOLINT(google-build-using-namespace)

namespace {

struct Setting {
    std::string name;
    std::string value;
};

Setting setting_from(const std::string& word) {
    const auto equals = word.find('=');
    if (equals == std::string::npos) {
        throw ScenarioFailure("name=value expected, not " + word);
    }
    return {.name = word.substr(0, equals), .value = word.substr(equals + 1)};
}

}  // namespace

void apply_setting(Policy& policy, const std::string& word) {
    const auto [name, value] = setting_from(word);
    const auto number = [&value] { return static_cast<std::uint32_t>(number_from(value)); };
    if (name == "cap_bps") {
        policy.cap_bps = number();
    } else if (name == "haircut_bps") {
        policy.haircut_bps = number();
    } else if (name == "rate_band_bps") {
        policy.rate_band_bps = number();
    } else if (name == "sweep_per_block_max") {
        policy.sweep_per_block_max = number();
    } else if (name == "operations_per_envelope_max") {
        policy.operations_per_envelope_max = number();
    } else if (name == "govern_threshold") {
        policy.govern_threshold = number();
    } else if (name == "rate_mode") {
        policy.rate_mode = value == "BANK_EXACT"  ? RateMode::bank_exact
                           : value == "BANK_BAND" ? RateMode::bank_band
                                                  : RateMode::market;
    } else if (name == "quote_life_max") {
        policy.quote_life_max_ms = duration_from(value);
    } else if (name == "escrow_life_max") {
        policy.escrow_life_max_ms = duration_from(value);
    } else if (name == "pay_in_deadline") {
        policy.pay_in_deadline_ms = duration_from(value);
    } else if (name == "attestation_age_max") {
        policy.attestation_age_max_ms = duration_from(value);
    } else if (name == "single_limit") {
        for (Corridor& corridor : policy.corridors) {
            corridor.single_limit = minor_from(value, 2);
        }
    } else {
        throw ScenarioFailure("no such setting: " + name);
    }
}

void Scenario::begin_network(Line& line) {
    while (!line.done()) {
        const auto word = line.next("a setting");
        const auto [name, value] = setting_from(word);
        if (name == "bank_cover") {  // the bank's own cover comes from the founders, in each asset
            for (const AssetId asset : {hkd, php}) {
                network_.genesis().cash.push_back({.participant = participant("bank"),
                                                   .asset = asset,
                                                   .cover = minor_from(value, 2)});
            }
        } else {
            apply_setting(network_.genesis().policy, word);
        }
    }
    chain_.emplace(network_.genesis());
}

void Scenario::add_control_lines() {
    others_["network"] = [this](Line& line) { begin_network(line); };
    // `wallet zed G PHP`: a name for an account nobody opened.
    others_["wallet"] = [this](Line& line) {
        const auto name = line.next("a wallet");
        const auto owner = participant(line.next("a participant"));
        wallets_[name] = customer_account(owner, asset(line.next("a currency")),
                                          *CustomerTag::from(id_of(name).view()));
    };
    others_["flag"] = [this](Line& line) { flag_line(line); };
    others_["include"] = [this](Line& line) { include_line(line); };
    others_["quote"] = [this](Line& line) { quote_line(line); };
    add_time_lines();
    add_sending_lines();
}

void Scenario::add_time_lines() {
    // `tick 30s`: time passes, and an empty block says so.
    others_["tick"] = [this](Line& line) {
        chain().advance(duration_from(line.next("a duration")));
        (void)chain().run({});
    };
    // `later 30s`: time passes; the next line's block is the first to see it.
    others_["later"] = [this](Line& line) {
        chain().advance(duration_from(line.next("a duration")));
    };
    // `close`: time passes to the next cut-off, and an empty block is made there.
    others_["close"] = [this](Line&) {
        const auto next = next_cut_off(chain().state().calendar(), chain().now());
        if (!next) {
            throw ScenarioFailure("the calendar has run out");
        }
        chain().advance(next->at.ms - chain().now().ms);
        (void)chain().run({});
    };
}

void Scenario::add_sending_lines() {
    // `batch EACH` or `batch ALL` ... `end`: one envelope; expectations stand on its lines.
    others_["batch"] = [this](Line& line) {
        batch_.emplace();
        batch_->transaction.mode = line.next("a mode") == "ALL" ? Mode::all : Mode::each;
    };
    others_["end"] = [this](Line&) {
        if (!batch_ || batch_->transaction.operations.empty()) {
            throw ScenarioFailure("nothing to end");
        }
        auto batch = std::move(*batch_);
        batch_.reset();
        batch.transaction.participant = participant(batch.sender);
        batch.transaction.client_key = id_of(fresh("client key "));
        batch.transaction.valid_until = BlockTime{chain().now().ms + 60'000};
        chain().finish(batch.transaction, Network::key(batch.sender, batch.purpose).public_key(),
                       false);
        submit(batch.transaction, batch.expectations);
    };
    // `replay => replayed`: the last envelope again, byte for byte.
    others_["replay"] = [this](Line&) {
        if (!last_) {
            throw ScenarioFailure("nothing was sent yet");
        }
        submit(Transaction(*last_), {expectation_});
    };
    // `resend => ok`: the operations of the last envelope in a new one, under a new client key.
    others_["resend"] = [this](Line&) {
        if (!last_) {
            throw ScenarioFailure("nothing was sent yet");
        }
        Transaction transaction = *last_;
        transaction.client_key = id_of(fresh("client key "));
        transaction.valid_until = BlockTime{chain().now().ms + 60'000};
        chain().finish(transaction, std::nullopt, false);
        submit(transaction, {expectation_});
    };
}

// `flag alice closed|frozen_debit|frozen_credit on|off`: for what verbs of a later version do.
void Scenario::flag_line(Line& line) {
    auto account = chain().state().account(wallet(line.next("a wallet")));
    if (!account) {
        throw ScenarioFailure("the account was never opened");
    }
    const auto flag = line.next("a flag");
    bool& value = flag == "closed"         ? account->closed
                  : flag == "frozen_debit" ? account->frozen_debit
                                           : account->frozen_credit;
    value = line.next("on or off") == "on";
    chain().put(*account);
}

// `include day_one.part`: the lines of another text, from the scenarios' folder.
void Scenario::include_line(Line& line) {
    const auto name = line.next("a file");
    std::ifstream file(std::string(REMIT_SOURCE_DIR) + "/test/scenario/ledger/" + name);
    if (!file) {
        throw ScenarioFailure("no such file: " + name);
    }
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    try {
        run(text);
    } catch (const ScenarioFailure& failure) {
        throw ScenarioFailure(name + ", " + failure.what());
    }
}

// quote NAME MAKER for REQUESTER SOURCE TARGET send|receive AMOUNT rate RATE [options]
void Scenario::quote_line(Line& line) {
    Quote quote;
    const auto name = line.next("a quote");
    quote.quote_id = id_of("quote " + name);
    const auto maker = line.next("a maker");
    quote.maker = participant(maker);
    line.expect("for");
    quote.requester = participant(line.next("a requester"));
    quote.source_asset = asset(line.next("a currency"));
    quote.target_asset = asset(line.next("a currency"));
    quote.fixed = line.take("receive") ? FixedSide::receive : FixedSide::send;
    if (quote.fixed == FixedSide::send) {
        line.expect("send");
    }
    const auto fixed = amount(line);
    line.expect("rate");
    quote.rate = rate_from(line.next("a rate"));
    const auto other = quote.fixed == FixedSide::send
                           ? target_of(fixed, quote.rate, {.source = 2, .target = 2})
                           : source_of(fixed, quote.rate, {.source = 2, .target = 2});
    quote.source = quote.fixed == FixedSide::send ? fixed : other.value_or(0);
    quote.target = quote.fixed == FixedSide::send ? other.value_or(0) : fixed;
    const auto mark = chain().state().mark(quote.source_asset, quote.target_asset);
    quote.mark_id = mark ? mark->mark_id : 0;
    quote.issued_at = chain().now();
    quote.expires_at = BlockTime{quote.issued_at.ms + 60'000};
    quote.nonce = ++counter_;
    auto signer = maker;
    auto purpose = KeyPurpose::quote;
    while (!line.done()) {
        if (line.take("life")) {
            quote.expires_at.ms = quote.issued_at.ms + duration_from(line.next("a duration"));
        } else if (line.take("issued_in")) {
            const auto ahead_ms = duration_from(line.next("a duration"));
            quote.issued_at.ms += ahead_ms;
            quote.expires_at.ms += ahead_ms;
        } else if (line.take("nonce")) {
            quote.nonce = number_from(line.next("a nonce"));
        } else if (line.take("mark")) {
            quote.mark_id = number_from(line.next("a mark"));
        } else if (line.take("source")) {
            quote.source = amount(line);
        } else if (line.take("target")) {
            quote.target = amount(line);
        } else if (line.take("return_days")) {
            quote.return_days = static_cast<std::uint32_t>(number_from(line.next("days")));
        } else if (line.take("fee")) {
            const auto minor = amount(line);
            line.expect("to");
            quote.fees.push_back(
                {.participant = participant(line.next("a participant")), .amount = minor});
        } else if (line.take("signed_by")) {
            signer = line.next("a participant");
        } else {
            line.expect("with_operate_key");
            purpose = KeyPurpose::operate;
        }
    }
    sign_quote(quote, chain().chain_id(), Network::key(signer, purpose));
    quotes_[name] = quote;
}

}  // namespace remit::test
