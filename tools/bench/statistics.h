#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace remit::bench {

/// Latencies of one run in microseconds. Add in any order; asking sorts.
class Latencies {
public:
    void add(std::int64_t us) {
        values_.push_back(us);
        sorted_ = false;
    }
    void merge(const Latencies& other);
    /// The value that `percent` of all are at or below (nearest rank); 0 when there are none.
    [[nodiscard]] std::int64_t percentile_us(double percent) const;
    [[nodiscard]] std::size_t count() const { return values_.size(); }

private:
    mutable std::vector<std::int64_t> values_;
    mutable bool sorted_ = true;
};

/// `12.3 ms`.
std::string ms_text(std::int64_t us);

}  // namespace remit::bench
