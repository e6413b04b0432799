// Tests of the natural breaks, against all partitions and a plain dynamic programme.
#include "custfolio/selection/natural_breaks.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

using Values = std::vector<double>;

/// Sum of squares about the mean in two passes, with weights.
long double squares_of(const std::vector<std::pair<double, double>>& run) {
    long double weight = 0;
    long double moment = 0;
    for (const auto& [value, amount] : run) {
        weight += amount;
        moment += static_cast<long double>(amount) * (static_cast<long double>(value) - run.front().first);
    }
    if (weight == 0) return 0;
    const long double mean = moment / weight;
    long double sum = 0;
    for (const auto& [value, amount] : run) {
        const long double distance = static_cast<long double>(value) - run.front().first - mean;
        sum += static_cast<long double>(amount) * distance * distance;
    }
    return sum;
}

/// The least sum of squares over all ways to cut the distinct values into k runs.
long double least_squares(std::vector<std::pair<double, double>> rows, std::size_t k) {
    std::sort(rows.begin(), rows.end());
    std::vector<std::vector<std::pair<double, double>>> distinct;
    for (const auto& row : rows) {
        if (distinct.empty() || distinct.back().front().first != row.first) distinct.emplace_back();
        distinct.back().push_back(row);
    }
    std::vector<bool> cut(distinct.size() - 1, false);
    std::fill(cut.end() - static_cast<std::ptrdiff_t>(k - 1), cut.end(), true);
    long double least = std::numeric_limits<long double>::infinity();
    do {
        long double sum = 0;
        std::vector<std::pair<double, double>> run;
        for (std::size_t i = 0; i < distinct.size(); ++i) {
            run.insert(run.end(), distinct[i].begin(), distinct[i].end());
            if (i + 1 == distinct.size() || cut[i]) {
                sum += squares_of(run);
                run.clear();
            }
        }
        least = std::min(least, sum);
    } while (std::next_permutation(cut.begin(), cut.end()));
    return least;
}

/// The sum of squares of the classes that labels make.
long double squares_of_labels(const std::vector<std::pair<double, double>>& rows, const NaturalBreaks& found) {
    long double sum = 0;
    for (std::size_t c = 0; c < found.mean.size(); ++c) {
        std::vector<std::pair<double, double>> members;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (found.labels[i] == static_cast<std::int32_t>(c)) members.push_back(rows[i]);
        }
        std::sort(members.begin(), members.end());
        sum += squares_of(members);
    }
    return sum;
}

}  // namespace

TEST_CASE("natural breaks: no partition has a smaller sum of squares") {
    std::mt19937_64 random(7);
    for (int trial = 0; trial < 400; ++trial) {
        const std::size_t count = 1 + random() % 11;
        const double centre = trial % 4 == 1 ? 1e8 : trial % 4 == 2 ? -3e5 : 0;
        const double unit = trial % 3 == 0 ? 1.0 : trial % 3 == 1 ? 1e-3 : 1e3;
        const bool weighted = trial % 2 == 1;
        std::vector<std::pair<double, double>> rows;
        Values value;
        Values weight;
        for (std::size_t i = 0; i < count; ++i) {
            value.push_back(centre * static_cast<double>(random() % 2) + unit * static_cast<double>(random() % 30));
            weight.push_back(weighted ? 0.25 * static_cast<double>(1 + random() % 12) : 1.0);
            rows.emplace_back(value.back(), weight.back());
        }
        const std::size_t distinct = std::set<double>(value.begin(), value.end()).size();
        const std::size_t k = 1 + random() % distinct;
        CAPTURE(trial);
        const NaturalBreaks found = natural_breaks(
            value, static_cast<int>(k), weighted ? std::span<const double>(weight) : std::span<const double>{});
        const auto least = static_cast<double>(least_squares(rows, k));
        CHECK(static_cast<double>(squares_of_labels(rows, found)) == doctest::Approx(least).epsilon(1e-12));
        CHECK(found.within == doctest::Approx(least).epsilon(1e-12));
        REQUIRE(found.breaks.size() == k + 1);
        CHECK(std::is_sorted(found.breaks.begin(), found.breaks.end()));
        CHECK(found.breaks.front() == *std::min_element(value.begin(), value.end()));
        CHECK(found.breaks.back() == *std::max_element(value.begin(), value.end()));
        CHECK(std::set<std::int32_t>(found.labels.begin(), found.labels.end()).size() == k);
    }
}

TEST_CASE("natural breaks: bounds on runs of values lose no partition of thousands of values") {
    std::mt19937_64 random(11);
    std::lognormal_distribution<double> heavy(7, 2);
    std::normal_distribution<double> normal;
    for (int trial = 0; trial < 3; ++trial) {
        Values value(4500);
        for (double& one : value)
            one = trial == 0 ? heavy(random) : trial == 1 ? normal(random) : std::floor(heavy(random));
        const int k = 3 + 2 * trial;
        const NaturalBreaks found = natural_breaks(value, k);
        // The programme of Fisher in O(k n^2), with sums of squares by Welford's update.
        std::sort(value.begin(), value.end());
        std::vector<double> before(value.size() + 1, std::numeric_limits<double>::infinity());
        before[0] = 0;
        for (int q = 0; q < k; ++q) {
            std::vector<double> after(before.size(), std::numeric_limits<double>::infinity());
            for (std::size_t i = 1; i <= value.size(); ++i) {
                double mean = 0;
                double sum = 0;
                for (std::size_t j = i; j-- > 0 && sum < after[i];) {
                    const double distance = value[j] - mean;
                    mean += distance / static_cast<double>(i - j);
                    sum += distance * (value[j] - mean);
                    after[i] = std::min(after[i], before[j] + sum);
                }
            }
            before = std::move(after);
        }
        CHECK(found.within == doctest::Approx(before.back()).epsilon(1e-10));
    }
}

TEST_CASE("natural breaks: classes, weights, units and order") {
    const NaturalBreaks found = natural_breaks(Values{10, 1, 2, 11, 12, 50}, 3);
    CHECK(found.breaks == Values{1, 2, 12, 50});
    CHECK(found.lowest == Values{1, 10, 50});
    CHECK(found.labels == std::vector<std::int32_t>{1, 0, 0, 1, 1, 2});
    CHECK(found.mean == Values{1.5, 11, 50});
    CHECK(found.weight == Values{2, 3, 1});  // a class of one is a class
    CHECK(found.within == 2.5);
    CHECK(found.goodness_of_fit() == doctest::Approx(1 - 2.5 / found.total));
    // A whole weight is a number of equal values.
    const Values value{1, 4, 6, 9, 20, 21};
    const Values weight{3, 1, 2, 5, 1, 4};
    Values repeated;
    for (std::size_t i = 0; i < value.size(); ++i) {
        repeated.insert(repeated.end(), static_cast<std::size_t>(weight[i]), value[i]);
    }
    for (int k = 1; k <= 6; ++k) {
        const NaturalBreaks weighted = natural_breaks(value, k, weight);
        CHECK(weighted.breaks == natural_breaks(repeated, k).breaks);
        CHECK(weighted.weight == natural_breaks(repeated, k).weight);
    }
    // A weight of 0 moves no break: values outside the others get the nearest class.
    const NaturalBreaks outside = natural_breaks(Values{-99, 1, 2, 8, 9, 99}, 2, Values{0, 1, 1, 1, 1, 0});
    CHECK(outside.breaks == Values{1, 2, 9});
    CHECK(outside.labels == std::vector<std::int32_t>{0, 0, 0, 1, 1, 1});
    // The unit does not matter, up to amounts whose squares a double cannot represent.
    for (const double unit : {0x1p-500, 0x1p-40, 0x1p400}) {
        Values scaled;
        for (const double one : value) scaled.push_back(one * unit);
        CHECK(natural_breaks(scaled, 3).labels == natural_breaks(value, 3).labels);
    }
    CHECK(natural_breaks(Values{5, 5, 5}, 1).goodness_of_fit() == 1);
}

TEST_CASE("natural breaks: bad input") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH_AS(natural_breaks(Values{1, nan}, 1), doctest::Contains("value 2"), InputError);
    CHECK_THROWS_WITH_AS(natural_breaks(Values{3, 3, 3}, 2),
                         "natural breaks: k is 2; it must be from 1 to 1, the number of distinct values", InputError);
    CHECK_THROWS_WITH_AS(natural_breaks(Values{}, 1), doctest::Contains("from 1 to 0"), InputError);
    CHECK_THROWS_WITH_AS(natural_breaks(Values{1, 2}, 0), doctest::Contains("k is 0"), InputError);
    CHECK_THROWS_WITH_AS(natural_breaks(Values{1, 2}, 1, Values{0, 0}), doctest::Contains("all weights are 0"),
                         InputError);
    CHECK_THROWS_WITH_AS(natural_breaks(Values{1, 2}, 1, Values{1, -1}), doctest::Contains("weight 2 is -1"),
                         InputError);
    CHECK_THROWS_WITH_AS(natural_breaks(Values{1, 2}, 2, Values{1, 0}), doctest::Contains("a positive weight"),
                         InputError);
    CHECK_THROWS_WITH_AS(natural_breaks(Values{1, 2}, 1, Values{1}), doctest::Contains("1 weights for 2"), InputError);
    CHECK_THROWS_WITH_AS(natural_breaks(Values{-1e200, 1e200}, 1), doctest::Contains("a larger unit"), InputError);
}
