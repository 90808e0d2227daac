#pragma once

#include <string>
#include <vector>

namespace remit::placement {

/// One-way delays in milliseconds between the validators of a placement: half the round trip.
using Delays = std::vector<std::vector<double>>;

/// Where the validators of a network stand.
struct Placement {
    std::string name;  ///< as on the command line
    std::string text;
    Delays one_way_ms;

    [[nodiscard]] std::size_t size() const { return one_way_ms.size(); }
    [[nodiscard]] std::size_t f() const { return (size() - 1) / 3; }
    [[nodiscard]] std::size_t q() const { return size() - f(); }
};

/// The placements whose bounds are published with the design (but for world13: it does not name the
/// sites of its 13), and one data centre (round trip 0.2 ms) of any size. Round trips between sites
/// are AWS inter-region medians (the table in commonware's estimator example, revision 4622dfb),
/// the mean of both directions.
std::vector<Placement> placements();
/// `count` validators in one data centre.
Placement data_centre(std::size_t count);

}  // namespace remit::placement
