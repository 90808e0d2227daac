#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/bytes.h"
#include "ledger/base/uuid.h"
#include "ledger/fx.h"
#include "ledger/money.h"

/// The words scenario lines are made of.
namespace remit::test {

/// A line that cannot be read, or an expectation that does not hold, in words.
struct ScenarioFailure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The words of a line, without its comment (`#` at the start of a word ends the line).
std::vector<std::string> words_of(std::string_view line);

/// A number of at most 64 bits.
std::uint64_t number_from(const std::string& text);
/// `1000.00`, or `-1000.00`, in minor units.
ledger::Minor minor_from(const std::string& text, int exponent);
ledger::Rate rate_from(const std::string& text);
/// `30s`, `500ms`, `10m`, `24h`, `2d` in milliseconds.
std::int64_t duration_from(const std::string& text);

/// Bytes that depend on the label alone; `uetr_of` gives a version 4 UUID.
Uuid id_of(std::string_view label);
Uuid uetr_of(std::string_view label);
Hash hash_of(std::string_view label);

/// A line as it is being read, word by word.
class Line {
public:
    explicit Line(std::vector<std::string> words) : words_(std::move(words)) {}

    [[nodiscard]] bool done() const { return at_ == words_.size(); }
    [[nodiscard]] std::string peek() const { return done() ? "" : words_[at_]; }
    /// Throws when the line is over; `what` says what was wanted.
    std::string next(std::string_view what);
    /// Steps over `word` when it comes next.
    bool take(std::string_view word);
    /// Throws unless `word` comes next.
    void expect(std::string_view word);
    /// Throws when words are left over.
    void end() const;

private:
    std::vector<std::string> words_;
    std::size_t at_ = 0;
};

}  // namespace remit::test
