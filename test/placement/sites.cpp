#include "test/placement/sites.h"

namespace remit::placement {

namespace {

enum Site : std::uint8_t {
    hong_kong,
    singapore,
    tokyo,
    taipei,
    kuala_lumpur,
    jakarta,
    bangkok,
    seoul,
    mumbai,
    uae,
    bahrain,
    london,
    frankfurt,
    virginia,
};

constexpr std::size_t sites = 14;
/// Round trips in milliseconds; on the diagonal between two zones of one site.
constexpr double round_trip_ms[sites][sites] = {
    {2.8, 37.4, 51.8, 18.5, 44.2, 53.5, 64.5, 39.2, 97.7, 125.5, 131.3, 203.7, 193.5, 198.6},
    {37.4, 3.7, 70.8, 51.2, 9.1, 18.4, 29.9, 74.1, 64.1, 90.6, 98.5, 169.7, 160.8, 219.3},
    {51.8, 70.8, 2.8, 37.1, 76.3, 86.6, 99.1, 36.4, 133.8, 169.7, 175.7, 213.0, 227.3, 149.6},
    {18.5, 51.2, 37.1, 5.6, 57.1, 68.0, 78.3, 65.2, 112.3, 139.9, 146.2, 245.3, 208.0, 180.8},
    {44.2, 9.1, 76.3, 57.1, 2.1, 25.0, 25.2, 79.3, 70.6, 95.5, 104.2, 179.2, 166.8, 225.4},
    {53.5, 18.4, 86.6, 68.0, 25.0, 2.6, 46.1, 89.6, 80.5, 106.5, 115.2, 189.2, 176.9, 235.7},
    {64.5, 29.9, 99.1, 78.3, 25.2, 46.1, 3.4, 99.9, 91.6, 117.2, 124.7, 200.1, 188.8, 247.2},
    {39.2, 74.1, 36.4, 65.2, 79.3, 89.6, 99.9, 4.0, 134.9, 164.3, 167.8, 243.5, 231.2, 179.7},
    {97.7, 64.1, 133.8, 112.3, 70.6, 80.5, 91.6, 134.9, 3.2, 30.6, 38.5, 117.3, 129.1, 191.1},
    {125.5, 90.6, 169.7, 139.9, 95.5, 106.5, 117.2, 164.3, 30.6, 3.2, 15.6, 122.6, 116.1, 194.4},
    {131.3, 98.5, 175.7, 146.2, 104.2, 115.2, 124.7, 167.8, 38.5, 15.6, 2.7, 89.0, 86.4, 161.8},
    {203.7, 169.7, 213.0, 245.3, 179.2, 189.2, 200.1, 243.5, 117.3, 122.6, 89.0, 3.3, 17.7, 77.7},
    {193.5, 160.8, 227.3, 208.0, 166.8, 176.9, 188.8, 231.2, 129.1, 116.1, 86.4, 17.7, 4.0, 92.9},
    {198.6, 219.3, 149.6, 180.8, 225.4, 235.7, 247.2, 179.7, 191.1, 194.4, 161.8, 77.7, 92.9, 5.5},
};

Placement of(std::string name, std::string text, const std::vector<Site>& at) {
    Placement out{.name = std::move(name), .text = std::move(text), .one_way_ms = {}};
    for (std::size_t i = 0; i < at.size(); ++i) {
        auto& row = out.one_way_ms.emplace_back();
        for (std::size_t j = 0; j < at.size(); ++j) {
            row.push_back(i == j ? 0 : round_trip_ms[at[i]][at[j]] / 2);
        }
    }
    return out;
}

}  // namespace

Placement data_centre(std::size_t count) {
    constexpr double one_way_ms = 0.1;
    Placement out{.name = "dc" + std::to_string(count),
                  .text = std::to_string(count) + " in one data centre",
                  .one_way_ms = Delays(count, std::vector<double>(count, one_way_ms))};
    for (std::size_t i = 0; i < count; ++i) {
        out.one_way_ms[i][i] = 0;
    }
    return out;
}

std::vector<Placement> placements() {
    return {
        data_centre(4),
        of("asia4", "HK x2, SG x2", {hong_kong, hong_kong, singapore, singapore}),
        of("world4", "HK, SG, Tokyo, London", {hong_kong, singapore, tokyo, london}),
        of("asia7", "HK x2, SG x2, Tokyo, Taipei, Jakarta",
           {hong_kong, hong_kong, singapore, singapore, tokyo, taipei, jakarta}),
        of("world7", "HK SG Tokyo Mumbai London Frankfurt Virginia",
           {hong_kong, singapore, tokyo, mumbai, london, frankfurt, virginia}),
        of("world13", "13 in Asia, the Gulf and Europe",
           {hong_kong, singapore, tokyo, taipei, kuala_lumpur, jakarta, bangkok, seoul, mumbai, uae,
            bahrain, london, frankfurt}),
    };
}

}  // namespace remit::placement
