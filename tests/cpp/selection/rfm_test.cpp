// Tests of the RFM scores: quantiles, ties, given cut points, named segments.
#include "custfolio/selection/rfm.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

using Numbers = std::vector<double>;
using Whole = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("rfm: bins between quantiles, the most recent customers on top") {
    const Numbers days{10, 20, 30, 40, 50, 60, 70, 80, 90, 100};
    const RfmScores found = rfm(days, days, days);
    CHECK(found.score[0] == Whole{5, 5, 4, 4, 3, 3, 2, 2, 1, 1});
    CHECK(found.score[1] == Whole{1, 1, 2, 2, 3, 3, 4, 4, 5, 5});
    CHECK(found.score[2] == found.score[1]);
    CHECK(found.cuts[1] == Numbers{28, 46, 64, 82});  // linear between neighbours, as numpy.quantile
    CHECK(found.empty_bins.empty());
    // Cut points at the values of customers: they are in the lower bin.
    CHECK(rfm(Numbers{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10.0}, Numbers(11, 1.0), Numbers(11, 1.0)).cuts[0] ==
          Numbers{2, 4, 6, 8});
    CHECK(rfm(days, days, days, 1).score[0] == Whole(10, 1));
}

TEST_CASE("rfm: equal values are never in two bins, and empty bins are listed") {
    // Two thirds of the customers bought once: the cut points of the lowest bins coincide.
    const Numbers once{1, 1, 1, 1, 1, 1, 2, 3, 4};
    const RfmScores found = rfm(once, once, Numbers(9, 7.0));
    CHECK(found.score[1] == Whole{1, 1, 1, 1, 1, 1, 4, 5, 5});
    CHECK(found.score[0] == Whole{5, 5, 5, 5, 5, 5, 2, 1, 1});
    CHECK(found.score[2] == Whole(9, 1));  // all equal: one bin
    CHECK(found.empty_bins == std::vector<EmptyBin>{{0, 3}, {0, 4}, {1, 2}, {1, 3}, {2, 2}, {2, 3}, {2, 4}, {2, 5}});
    std::mt19937_64 random(5);
    for (int trial = 0; trial < 200; ++trial) {
        std::array<Numbers, 3> values;
        const std::size_t count = 1 + random() % 40;
        for (Numbers& column : values) {
            for (std::size_t i = 0; i < count; ++i) column.push_back(static_cast<double>(random() % 7));
        }
        const int bins = 1 + static_cast<int>(random() % 6);
        const RfmScores scores = rfm(values[0], values[1], values[2], bins);
        std::size_t empty = 0;
        for (std::size_t m = 0; m < 3; ++m) {
            for (int score = 1; score <= bins; ++score) {
                empty += std::find(scores.score[m].begin(), scores.score[m].end(), score) == scores.score[m].end();
            }
            for (std::size_t i = 0; i < count; ++i) {
                for (std::size_t j = 0; j < count; ++j) {
                    const bool lower = values[m][i] < values[m][j];
                    if (values[m][i] == values[m][j]) CHECK(scores.score[m][i] == scores.score[m][j]);
                    if (lower && m == 0) CHECK(scores.score[m][i] >= scores.score[m][j]);
                    if (lower && m > 0) CHECK(scores.score[m][i] <= scores.score[m][j]);
                }
            }
        }
        CHECK(scores.empty_bins.size() == empty);
        // The cut points of one run score the same customers the same way again.
        if (scores.empty_bins.empty()) CHECK(rfm(values[0], values[1], values[2], scores.cuts).score == scores.score);
    }
}

TEST_CASE("rfm: given cut points; a value at a cut point is below it") {
    const RfmScores found = rfm(Numbers{30, 31, 365}, Numbers{1, 2, 12}, Numbers{0, 100, 101},
                                RfmCuts{Numbers{30, 90}, Numbers{1, 6, 24}, Numbers{}});
    CHECK(found.score[0] == Whole{3, 2, 1});
    CHECK(found.score[1] == Whole{1, 2, 3});
    CHECK(found.score[2] == Whole{1, 1, 1});
    CHECK(found.empty_bins == std::vector<EmptyBin>{{1, 4}});
}

TEST_CASE("rfm: the first segment that fits counts") {
    const RfmScores found = rfm(Numbers{1, 2, 3}, Numbers{3, 2, 1}, Numbers{3, 2, 1}, 3);
    const std::vector<RfmSegment> segments{{"best", {3, 3, 3}}, {"lost", {1, 1, 1}, {1, 2, RfmSegment::most_score}}};
    CHECK(rfm_segments(found, segments) == Whole{0, -1, 1});
    CHECK(rfm_segments(found, std::vector<RfmSegment>{{"all"}, {"best", {3, 3, 3}}}) == Whole{0, 0, 0});
    CHECK_THROWS_WITH_AS(rfm_segments(found, std::vector<RfmSegment>{{"odd", {4, 1, 1}, {2, 5, 5}}}),
                         "segment 'odd': the recency score is from 4 to 2; the lowest score comes first", InputError);
    CHECK_THROWS_WITH_AS(rfm_segments(found, std::vector<RfmSegment>{{"high", {1, 4, 1}}}),
                         "segment 'high': the frequency score is 4; scores are from 1 to 3", InputError);
    CHECK_THROWS_WITH_AS(rfm_segments(found, std::vector<RfmSegment>{{"wide", {1, 1, 1}, {3, 3, 5}}}),
                         "segment 'wide': the monetary score is 5; scores are from 1 to 3", InputError);
}

TEST_CASE("rfm: bad input") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH_AS(rfm(Numbers{1, 2}, Numbers{1, nan}, Numbers{1, 2}), doctest::Contains("frequency, value 2"),
                         InputError);
    CHECK_THROWS_WITH_AS(rfm(Numbers{1}, Numbers{1, 2}, Numbers{1}), doctest::Contains("frequency has 2"), InputError);
    CHECK_THROWS_WITH_AS(rfm(Numbers{}, Numbers{}, Numbers{}), doctest::Contains("no customer"), InputError);
    CHECK_THROWS_WITH_AS(rfm(Numbers{1}, Numbers{1}, Numbers{1}, 0), doctest::Contains("bins is 0"), InputError);
    CHECK_THROWS_WITH_AS(rfm(Numbers{1}, Numbers{1}, Numbers{1}, RfmCuts{Numbers{}, Numbers{2, 2}, Numbers{}}),
                         doctest::Contains("frequency, cut point 2 is 2 after 2"), InputError);
    CHECK_THROWS_WITH_AS(rfm(Numbers{1}, Numbers{1}, Numbers{1}, RfmCuts{Numbers{nan}, Numbers{}, Numbers{}}),
                         doctest::Contains("recency, cut point 1"), InputError);
}
