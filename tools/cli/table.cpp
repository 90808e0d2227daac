#include "tools/cli/table.h"

#include <algorithm>

namespace remit::cli {
namespace {

/// Characters a terminal shows: UTF-8 continuation bytes take no room.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

void put_line(std::string& out, const std::vector<std::string>& cells,
              const std::vector<std::size_t>& widths, const std::vector<bool>& right) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string pad(widths[i] - width(cells[i]), ' ');
        line += i == 0 ? "" : "  ";
        line += right[i] ? pad + cells[i] : cells[i] + pad;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
}

}  // namespace

Table::Table(std::vector<std::string> headings) : headings_(std::move(headings)) {
    for (auto& heading : headings_) {
        right_.push_back(heading.starts_with('>'));
        heading.erase(0, right_.back() ? 1 : 0);
    }
}

Table& Table::row(std::vector<std::string> cells) {
    cells.resize(headings_.size());
    rows_.push_back(std::move(cells));
    return *this;
}

std::string Table::text() const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < headings_.size(); ++i) {
        widths.push_back(width(headings_[i]));
        for (const auto& row : rows_) {
            widths[i] = std::max(widths[i], width(row[i]));
        }
    }
    std::string out;
    put_line(out, headings_, widths, right_);
    for (const auto& row : rows_) {
        put_line(out, row, widths, right_);
    }
    return out;
}

std::string properties(const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::size_t name_width = 0;
    for (const auto& [name, value] : pairs) {
        name_width = value.empty() ? name_width : std::max(name_width, name.size());
    }
    std::string out;
    for (const auto& [name, value] : pairs) {
        if (!value.empty()) {
            out += name + std::string(name_width + 2 - name.size(), ' ') + value + "\n";
        }
    }
    return out;
}

}  // namespace remit::cli
