#pragma once

#include <map>

#include "ledger/state/view.h"

namespace remit::ledger {

/// What a block, an envelope or an operation changes: an ordered map of key to new bytes (or to
/// nothing: erased) over a base view it reads through to. Deltas nest: give each attempt a
/// `Delta attempt = outer.nested()`, then `outer.merge(std::move(attempt))` on success, or drop it.
class Delta final : public StateView {
public:
    /// Key to the record's new bytes; an empty optional erases it.
    using WriteSet = std::map<Bytes, std::optional<Bytes>, std::less<>>;

    /// `base` must outlive the delta and stay unchanged while it lives (except by `merge`).
    explicit Delta(const StateView& base) : base_(&base) {}
    // Never copied: a copy of everything written would pass for an empty attempt over it.
    Delta(const Delta&) = delete;
    Delta& operator=(const Delta&) = delete;
    Delta(Delta&&) = default;
    Delta& operator=(Delta&&) = default;
    ~Delta() override = default;

    /// An empty delta over this one.
    [[nodiscard]] Delta nested() const { return Delta(static_cast<const StateView&>(*this)); }

    [[nodiscard]] std::optional<Bytes> get(ByteView key) const override;
    [[nodiscard]] std::optional<Record> next(ByteView from_inclusive,
                                             ByteView prefix) const override;

    void put(ByteView key, Bytes value);
    void erase(ByteView key);

    /// Takes over everything `inner` wrote, as if it had been written here.
    void merge(Delta&& inner);
    /// Forgets everything written: the base shows through again.
    void rollback() { writes_.clear(); }

    /// What was written, in key order. May name a record whose bytes did not change.
    [[nodiscard]] const WriteSet& write_set() const { return writes_; }
    [[nodiscard]] const StateView& base() const { return *base_; }
    [[nodiscard]] bool empty() const { return writes_.empty(); }

private:
    const StateView* base_;
    WriteSet writes_;
};

}  // namespace remit::ledger
