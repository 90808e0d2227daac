#include "tools/cli/rate_text.h"

namespace remit::cli {

std::string rate_text(const v1::Rate& rate) {
    auto digits = std::to_string(rate.mantissa());
    const std::size_t scale = rate.scale();
    if (scale == 0) {
        return digits;
    }
    if (digits.size() <= scale) {
        digits.insert(0, scale + 1 - digits.size(), '0');
    }
    return digits.substr(0, digits.size() - scale) + "." + digits.substr(digits.size() - scale);
}

}  // namespace remit::cli
