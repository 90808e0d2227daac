#include "node/ops/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace remit::node {

namespace {
const std::vector<double> seconds_bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                         0.25,  0.5,    1,     2.5,  5,     10};
}  // namespace

void Counter::add(double amount) const {
    counter_->Increment(amount);
}
void Gauge::set(double value) const {
    gauge_->Set(value);
}
void Histogram::observe(double value) const {
    histogram_->Observe(value);
}

struct Metrics::Registry {
    // Merge: asking for a known family again gives that family.
    prometheus::Registry inner{prometheus::Registry::InsertBehavior::Merge};
};

Metrics::Metrics() : registry_(std::make_unique<Registry>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
    auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(registry_->inner);
    return Counter(family.Add(labels));
}

Gauge Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(registry_->inner);
    return Gauge(family.Add(labels));
}

Histogram Metrics::histogram(const std::string& name, const std::string& help, const Labels& labels,
                             const std::vector<double>& bounds) {
    auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(registry_->inner);
    return Histogram(family.Add(labels, bounds.empty() ? seconds_bounds : bounds));
}

std::string Metrics::text() const {
    return prometheus::TextSerializer().Serialize(registry_->inner.Collect());
}

}  // namespace remit::node
