#pragma once

#include <string>
#include <utility>
#include <vector>

namespace remit::cli {

/// Columns of text for a terminal. Amounts and heights go right, words left; the widest cell rules.
class Table {
public:
    /// A heading that starts with `>` is right-aligned (the sign is not shown).
    explicit Table(std::vector<std::string> headings);

    /// As many cells as headings.
    Table& row(std::vector<std::string> cells);
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    /// Headings and rows, each line ended; nothing trails a line.
    [[nodiscard]] std::string text() const;

private:
    std::vector<std::string> headings_;
    std::vector<bool> right_;
    std::vector<std::vector<std::string>> rows_;
};

/// One thing, a line per property: `name      value`. Empty values are left out.
std::string properties(const std::vector<std::pair<std::string, std::string>>& pairs);

}  // namespace remit::cli
