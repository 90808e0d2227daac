#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "node/node_metrics.h"
#include "node/ops/metrics.h"

// Names of metrics are a promise: dashboards and alarms are built on them.

using namespace remit;        // NOLINT(google-build-using-namespace)
using namespace remit::node;  // NOLINT(google-build-using-namespace)

namespace {

std::set<std::string> matches(const std::string& text, const std::string& pattern) {
    const std::regex name(pattern);
    std::set<std::string> out;
    for (auto each = std::sregex_iterator(text.begin(), text.end(), name);
         each != std::sregex_iterator(); ++each) {
        out.insert((*each)[1]);
    }
    return out;
}

std::set<std::string> documented() {
    std::ifstream in(REMIT_SOURCE_DIR "/docs/operate/metrics.md");
    std::stringstream text;
    text << in.rdbuf();
    return matches(text.str(), "`(remit_[a-z_]+)[`{]");
}

/// Everything a node can say at once.
std::set<std::string> exported() {
    Metrics metrics;
    NodeMetrics numbers(metrics);
    numbers.set_build("1", 1);
    NodeReading reading;
    reading.validators = {{.name = "A",
                           .views_nullified = 1,
                           .round_trip_ms = 1,
                           .vote_lag_ms = 1,
                           .batches_held = 1}};
    reading.snapshots.emplace();
    reading.clock_skew_ms = 1;
    const std::map<signer::Refusal, std::uint64_t> refusals{{signer::Refusal{}, 1}};
    reading.signer.emplace().refusals = refusals;
    reading.next_signer.emplace();
    numbers.update(reading);
    BlockNews news;
    news.receipts.resize(2);
    news.receipts[1].code = 1;
    numbers.count(news);
    numbers.on_handshake_refused("unlisted");
    numbers.on_second_session("A");
    numbers.on_sync(0.1);
    numbers.on_committed(0.1);
    return matches(metrics.text(), "# TYPE (remit_[a-z_]+) ");
}

}  // namespace

TEST_CASE("metrics: what a node exports is documented, and the other way round",
          "[node][metrics]") {
    // Of the listeners and the API, which count for themselves.
    const std::set<std::string> elsewhere{
        "remit_connections_accepted_total", "remit_connections_refused_total",
        "remit_connections_ended_total",    "remit_accept_pauses_total",
        "remit_envelopes_refused_total",    "remit_reads_refused_total"};
    const auto here = exported();
    const auto there = documented();
    CHECK(here.size() > 60);
    for (const auto& name : here) {
        CAPTURE(name);
        CHECK(there.contains(name));
    }
    for (const auto& name : there) {
        CAPTURE(name);
        CHECK((here.contains(name) || elsewhere.contains(name)));
    }
}
