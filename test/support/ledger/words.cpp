#include "test/support/ledger/words.h"

#include <charconv>
#include <sstream>

#include "ledger/base/hash.h"

namespace remit::test {

namespace {

constexpr Domain labels{"remit.test"};

}  // namespace

std::vector<std::string> words_of(std::string_view line) {
    std::istringstream stream{std::string(line)};
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        if (word.front() == '#') {
            break;
        }
        words.push_back(word);
    }
    return words;
}

std::uint64_t number_from(const std::string& text) {
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || rest != end) {
        throw ScenarioFailure("not a number: " + text);
    }
    return value;
}

ledger::Minor minor_from(const std::string& text, int exponent) {
    const bool negative = text.starts_with('-');
    const auto minor = ledger::parse_amount(negative ? text.substr(1) : text, exponent);
    if (!minor) {
        throw ScenarioFailure("not an amount: " + text);
    }
    return negative ? -*minor : *minor;
}

ledger::Rate rate_from(const std::string& text) {
    if (text == "0") {  // for refusals: no parser gives it
        return {};
    }
    const auto rate = ledger::parse_rate(text);
    if (!rate) {
        throw ScenarioFailure("not a rate: " + text);
    }
    return *rate;
}

std::int64_t duration_from(const std::string& text) {
    const auto unit_at = text.find_first_not_of("0123456789");
    const auto unit = unit_at == std::string::npos ? "" : text.substr(unit_at);
    const std::int64_t unit_ms = unit == "ms"  ? 1
                                 : unit == "s" ? 1'000
                                 : unit == "m" ? 60'000
                                 : unit == "h" ? 3'600'000
                                 : unit == "d" ? 86'400'000
                                               : 0;
    if (unit_ms == 0) {
        throw ScenarioFailure("not a duration: " + text);
    }
    return static_cast<std::int64_t>(number_from(text.substr(0, unit_at))) * unit_ms;
}

Hash hash_of(std::string_view label) {
    return hash(labels, label);
}

Uuid id_of(std::string_view label) {
    return *Uuid::from(hash_of(label).view().substr(0, Uuid::size));
}

Uuid uetr_of(std::string_view label) {
    return uuid_v4_from(id_of(label));
}

std::string Line::next(std::string_view what) {
    if (done()) {
        throw ScenarioFailure("the line ends where " + std::string(what) + " should be");
    }
    return words_[at_++];
}

bool Line::take(std::string_view word) {
    if (peek() != word) {
        return false;
    }
    ++at_;
    return true;
}

void Line::expect(std::string_view word) {
    if (!take(word)) {
        throw ScenarioFailure("'" + std::string(word) + "' expected before '" + peek() + "'");
    }
}

void Line::end() const {
    if (!done()) {
        throw ScenarioFailure("not understood: '" + peek() + "'");
    }
}

}  // namespace remit::test
