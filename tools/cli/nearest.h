#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace remit::cli {

/// The candidate closest to `word` by edit distance, or empty when none is near enough to be meant
/// (more than a third of the word, at least 2 edits, would have to change).
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace remit::cli
