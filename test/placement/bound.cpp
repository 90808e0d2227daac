#include "test/placement/bound.h"

#include <algorithm>

namespace remit::placement {

namespace {

/// When the k-th of these arrives.
double nth(std::vector<double> times, std::size_t k) {
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(k - 1),
                     times.end());
    return times[k - 1];
}

/// For each validator: when the k-th message of all, sent at `sent`, is there.
std::vector<double> gathered(const Delays& delays, const std::vector<double>& sent, std::size_t k) {
    std::vector<double> out;
    for (std::size_t to = 0; to < delays.size(); ++to) {
        std::vector<double> arrivals;
        for (std::size_t from = 0; from < delays.size(); ++from) {
            arrivals.push_back(sent[from] + delays[from][to]);
        }
        out.push_back(nth(std::move(arrivals), k));
    }
    return out;
}

}  // namespace

double Bound::mean(const Delays& values) {
    double sum = 0;
    double count = 0;
    for (const auto& row : values) {
        for (const auto value : row) {
            sum += value;
            ++count;
        }
    }
    return sum / count;
}

Bound bound_of(const Placement& placement) {
    const auto& delays = placement.one_way_ms;
    Bound out;
    for (std::size_t leader = 0; leader < placement.size(); ++leader) {
        const auto notarized = gathered(delays, delays[leader], placement.q());
        out.finality_ms.push_back(gathered(delays, notarized, placement.q()));
        auto& receipts = out.receipt_ms.emplace_back();
        for (std::size_t submitter = 0; submitter < placement.size(); ++submitter) {
            // The batch goes to all at once; a voter needs it and the proposal.
            std::vector<double> proposed;
            for (std::size_t to = 0; to < placement.size(); ++to) {
                proposed.push_back(std::max(delays[submitter][to],
                                            delays[submitter][leader] + delays[leader][to]));
            }
            const auto certified = gathered(delays, proposed, placement.q());
            const auto final = gathered(delays, certified, placement.q());
            const auto proven = gathered(delays, certified, placement.f() + 1);
            receipts.push_back(std::max(final[submitter], proven[submitter]));
        }
    }
    return out;
}

}  // namespace remit::placement
