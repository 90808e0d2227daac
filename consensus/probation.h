#pragma once

#include <cstdint>
#include <map>

#include "consensus/header.h"

namespace remit::consensus {

/// Authors that do not stream their batches to everybody (consensus.md 3.6, Probation). A leader
/// names theirs only with an availability certificate for a while, so that nobody waits for data in
/// a view again. What one node thinks of an author is its own affair: no message carries it, and
/// an honest author on a bad path only has its batches named one round trip later.
class Probation {
public:
    /// Finalised heights that it lasts.
    static constexpr Height heights = 100;

    /// A proposal names this batch without a certificate and it is not here: its author has until
    /// then to bring it.
    void expect(const Entry& entry, std::int64_t until_ms);
    /// A copy came, its author's signature checked. A digest that never appears accuses nobody: a
    /// faulty leader may have invented it.
    void arrived(const Hash& digest, ValidatorIndex from, std::int64_t now_ms);
    /// Ends what was waited for; `floor` is the finalised height. Call once a step.
    void judge(std::int64_t now_ms, Height floor);

    [[nodiscard]] bool holds(ValidatorIndex author, Height floor) const;
    [[nodiscard]] std::size_t count(Height floor) const;
    void clear();

private:
    struct Expected {
        ValidatorIndex author = 0;
        std::int64_t until_ms = 0;
        bool came_from_another = false;
    };
    std::map<Hash, Expected> expected_;
    std::map<ValidatorIndex, Height> until_;  // authors on probation, to this height
};

}  // namespace remit::consensus
