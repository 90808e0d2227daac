#pragma once

#include "test/faults/links.h"

namespace remit::test {

/// Validators that reach each other on the loopback, with nothing between them.
class DirectLinks final : public Links {
public:
    [[nodiscard]] std::string name() const override { return "the loopback, no network faults"; }
    [[nodiscard]] std::string host(std::size_t) const override { return "127.0.0.1"; }
    [[nodiscard]] std::vector<std::string> wrapper(std::size_t) const override { return {}; }
    [[nodiscard]] std::vector<std::string> settings(std::size_t) const override { return {}; }
    void set(std::size_t, std::size_t, const PathState&) override {}
    [[nodiscard]] bool has_packets() const override { return false; }
};

}  // namespace remit::test
