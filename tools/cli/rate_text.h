#pragma once

#include <string>

#include "remit/v1/types.pb.h"

namespace remit::cli {

/// `7.4735393996`: target units for one source unit, exactly as signed.
std::string rate_text(const v1::Rate& rate);

}  // namespace remit::cli
