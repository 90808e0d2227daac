#pragma once

#include <functional>
#include <map>

#include "ledger/state/delta.h"
#include "ledger/state/view.h"

namespace remit::ledger {

/// The whole state in a std::map: for tests, the simulator and offline replay.
class MemoryView final : public StateView {
public:
    using Records = std::map<Bytes, Bytes, std::less<>>;

    [[nodiscard]] std::optional<Bytes> get(ByteView key) const override;
    [[nodiscard]] std::optional<Record> next(ByteView from_inclusive,
                                             ByteView prefix) const override;

    void put(ByteView key, Bytes value);
    void erase(ByteView key);
    /// Writes a block's changes down. The delta's base is usually this very view: drop it after.
    void apply(const Delta::WriteSet& writes);

    [[nodiscard]] const Records& records() const { return records_; }

private:
    Records records_;
};

}  // namespace remit::ledger
