#pragma once

namespace remit::devnet {

/// While one lives, the first SIGINT or SIGTERM is only noted, so that work may be undone before
/// the program ends; a second one, half a second later or more, ends it at once (exit 130).
class Interruption {
public:
    Interruption();
    ~Interruption();
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;

    /// True once a signal came.
    [[nodiscard]] static bool asked();
};

}  // namespace remit::devnet
