#pragma once

#include <stdexcept>
#include <string>

namespace remit::sim {

/// A promise of the network was broken; `invariant` is its number in docs (C1.., M1.., L1..).
struct Breach : std::runtime_error {
    Breach(std::string number, const std::string& text)
        : std::runtime_error(number + ": " + text), invariant(std::move(number)) {}
    std::string invariant;
};

}  // namespace remit::sim
