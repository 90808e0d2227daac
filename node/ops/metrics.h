#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace remit::node {

using Labels = std::map<std::string, std::string>;

/// A value that only rises. Copyable handle; valid as long as its Metrics. Any thread.
class Counter {
public:
    explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
    void add(double amount = 1) const;

private:
    prometheus::Counter* counter_;
};

/// A value that rises and falls. Any thread.
class Gauge {
public:
    explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
    void set(double value) const;

private:
    prometheus::Gauge* gauge_;
};

/// Counts observations in buckets of fixed upper bounds. Any thread.
class Histogram {
public:
    explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
    void observe(double value) const;

private:
    prometheus::Histogram* histogram_;
};

/// The registry behind `/metrics`. Names are `remit_...` in base units, counters end in `_total`,
/// labels have few values; money never appears here: doubles lose digits and sums are private.
/// The same name and labels give the same value again. Any thread.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
    Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});
    /// Bounds for durations in seconds, 1 ms to 10 s, unless others are given.
    Histogram histogram(const std::string& name, const std::string& help, const Labels& labels = {},
                        const std::vector<double>& bounds = {});
    /// Prometheus text format 0.0.4.
    [[nodiscard]] std::string text() const;

private:
    struct Registry;
    std::unique_ptr<Registry> registry_;
};

}  // namespace remit::node
