#pragma once

#include <optional>
#include <utility>

#include "ledger/base/bytes.h"

namespace remit::ledger {

/// One record of the state: its key (ledger/state/keys.h) and its canonical bytes.
using Record = std::pair<Bytes, Bytes>;

/// The ledger's state as the rules read it: an ordered set of records. Implementations are the
/// store's read view, `MemoryView` and every `Delta`. Not safe for use by several threads unless
/// the implementation says so.
class StateView {
public:
    virtual ~StateView() = default;

    /// The record's bytes, or nothing when the state has no such record.
    [[nodiscard]] virtual std::optional<Bytes> get(ByteView key) const = 0;

    /// The first record in key order whose key is `from_inclusive` or later and begins with
    /// `prefix`. An ordered scan: ask again from `key_after(record.first)`.
    [[nodiscard]] virtual std::optional<Record> next(ByteView from_inclusive,
                                                     ByteView prefix) const = 0;
};

/// The smallest key greater than `key`.
inline Bytes key_after(ByteView key) {
    Bytes out(key);
    out.push_back('\0');
    return out;
}

/// Calls `visit(key, value)` for every record under `prefix`, in key order, until it returns false.
/// `visit` may write the record it is given into the delta scanned, but no other one.
template <class Visit>
void scan(const StateView& view, ByteView prefix, Visit&& visit) {
    auto record = view.next(prefix, prefix);
    while (record) {
        if (!visit(ByteView(record->first), ByteView(record->second))) {
            return;
        }
        record = view.next(key_after(record->first), prefix);
    }
}

}  // namespace remit::ledger
