// Tests of scores and learned percentages: identities, slow computations, thread independence, bad input.
#include "custfolio/growth/calibration.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "custfolio/math/beta.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/random.hpp"

using namespace custfolio;

namespace {

// The isotonic fit by its max-min formula: the greatest over starts of the least over ends of the mean between them.
std::vector<double> max_min(const std::vector<double>& values, const std::vector<double>& weights) {
    std::vector<double> fitted;
    for (std::size_t k = 0; k < values.size(); ++k) {
        double greatest = -std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i <= k; ++i) {
            double least = std::numeric_limits<double>::infinity();
            double sum = 0;
            double weight = 0;
            for (std::size_t j = i; j < values.size(); ++j) {
                sum += values[j] * weights[j];
                weight += weights[j];
                if (j >= k) least = std::min(least, sum / weight);
            }
            greatest = std::max(greatest, least);
        }
        fitted.push_back(greatest);
    }
    return fitted;
}

}  // namespace

TEST_CASE("isotonic regression: as the max-min formula gives it") {
    for (std::uint64_t run = 0; run < 50; ++run) {
        std::vector<double> values;
        std::vector<double> weights;
        for (std::uint64_t k = 0; k < 1 + run % 17; ++k) {
            values.push_back(std::floor(8 * math::uniform(2, run, k)));
            weights.push_back(0.1 + math::uniform(3, run, k));
        }
        const std::vector<double> slow = max_min(values, weights);
        const std::vector<double> fast = isotonic_regression(values, weights);
        REQUIRE(fast.size() == slow.size());
        for (std::size_t k = 0; k < slow.size(); ++k) CHECK(fast[k] == doctest::Approx(slow[k]).epsilon(1e-12));
        CHECK(std::is_sorted(fast.begin(), fast.end()));
    }
    CHECK(isotonic_regression({}).empty());
}

TEST_CASE("reliability: the parts add up to the Brier score") {
    std::vector<double> stated;
    std::vector<std::uint8_t> happened;
    for (std::uint64_t k = 0; k < 3000; ++k) {
        stated.push_back(std::round(20 * math::uniform(4, 0, k)) / 20);
        happened.push_back(math::uniform(4, 1, k) < stated.back() * stated.back() ? 1 : 0);  // too sure of success
    }
    const Reliability found = reliability(stated, happened, {0.9, 200, 7, 1});
    double brier = 0;
    for (std::size_t k = 0; k < stated.size(); ++k) brier += (stated[k] - happened[k]) * (stated[k] - happened[k]);
    CHECK(found.brier == doctest::Approx(brier / 3000).epsilon(1e-13));
    CHECK(found.miscalibration - found.discrimination + found.uncertainty ==
          doctest::Approx(found.brier).epsilon(1e-13));
    CHECK(found.miscalibration > 0.01);
    CHECK(found.discrimination > 0.05);
    CHECK(found.stated > found.observed);
    // half was stated and a quarter happened: outside of its band
    const auto half =
        std::find_if(found.points.begin(), found.points.end(), [](const auto& one) { return one.stated == 0.5; });
    REQUIRE(half != found.points.end());
    CHECK(half->share == doctest::Approx(0.25).epsilon(0.25));
    CHECK(half->recalibrated < half->lower);
    const Reliability again = reliability(stated, happened, {0.9, 200, 7, 3});
    for (std::size_t k = 0; k < found.points.size(); ++k) {
        CHECK(again.points[k].lower == found.points[k].lower);  // the same bits with other threads
        CHECK(again.points[k].upper == found.points[k].upper);
    }
}

TEST_CASE("reliability: what is said rightly lies within its bands as often as they say") {
    std::size_t inside = 0;
    std::size_t points = 0;
    for (std::uint64_t run = 0; run < 60; ++run) {
        std::vector<double> stated;
        std::vector<std::uint8_t> happened;
        for (std::uint64_t k = 0; k < 400; ++k) {
            stated.push_back((0.5 + std::floor(5 * math::uniform(5, 2 * run, k))) / 5);
            happened.push_back(math::uniform(5, 2 * run + 1, k) < stated.back() ? 1 : 0);
        }
        for (const ReliabilityPoint& point : reliability(stated, happened, {0.9, 200, run, 0}).points) {
            inside += point.lower <= point.recalibrated && point.recalibrated <= point.upper ? 1U : 0U;
            ++points;
        }
    }
    const double share = static_cast<double>(inside) / static_cast<double>(points);
    CHECK(share > 0.86);
    CHECK(share < 0.97);
}

TEST_CASE("reliability: certainty that fails is announced") {
    const std::vector<double> stated{0.0, 1.0, 0.5};
    const std::vector<std::uint8_t> happened{1, 1, 0};
    const Reliability found = reliability(stated, happened, {0.9, 0, 1, 1});
    CHECK(found.impossible == 1);
    CHECK(std::isinf(found.log_loss));
    CHECK(found.band_level == 0);
    const std::vector<std::uint8_t> right{0, 1, 0};
    CHECK(reliability(stated, right, {0.9, 0, 1, 1}).log_loss == doctest::Approx(std::log(2.0) / 3));
}

TEST_CASE("success rates: a short history is drawn towards the others, a long one hardly") {
    const std::vector<double> successes{2, 400, 90, 30, 0, 55};
    const std::vector<double> trials{2, 500, 300, 60, 0, 200};
    const SuccessRates found = success_rates(successes, trials);
    CHECK_FALSE(found.pooled);
    CHECK(found.message == "converged");
    CHECK(found.rate[0] < 0.8);                                          // two of two is no certainty
    CHECK(found.rate[1] == doctest::Approx(0.8).epsilon(0.01));          // 500 cases speak for themselves
    CHECK(found.rate[4] == doctest::Approx(found.mean).epsilon(1e-12));  // without history: the mean
    for (std::size_t k = 0; k < trials.size(); ++k) {
        CHECK(found.lower[k] < found.rate[k]);
        CHECK(found.rate[k] < found.upper[k]);
    }
    CHECK(found.upper[0] - found.lower[0] > found.upper[1] - found.lower[1]);
}

TEST_CASE("success rates: groups that differ by chance only have one rate") {
    const std::vector<double> successes{50, 51, 49, 50};
    const std::vector<double> trials{100, 100, 100, 100};
    const SuccessRates found = success_rates(successes, trials);
    CHECK(found.pooled);
    CHECK(found.rate == std::vector<double>(4, 0.5));
    const ShareInterval all = share_interval(200, 400);
    CHECK(found.lower[0] == all.lower);
    CHECK(found.upper[0] == all.upper);
    CHECK(success_rates(std::vector<double>{0, 0}, std::vector<double>{5, 6}).rate == std::vector<double>{0, 0});
    CHECK(success_rates(std::vector<double>{3}, std::vector<double>{4}).message == "one group only");
}

TEST_CASE("success rates: groups with only successes or only failures are shrunk as by one case") {
    const std::vector<double> successes{4238, 0, 0, 1};
    const std::vector<double> trials{4238, 2473, 0, 1};
    const custfolio::SuccessRates found = custfolio::success_rates(successes, trials);
    const double all = 4239.0 / 6712.0;
    CHECK(found.mean == doctest::Approx(all));
    CHECK(found.precision == 1);
    CHECK(found.rate[0] == doctest::Approx((4238 + all) / 4239));
    CHECK(found.rate[1] == doctest::Approx(all / 2474));
    CHECK(found.rate[2] == doctest::Approx(all));
    CHECK(found.rate[3] == doctest::Approx((1 + all) / 2));
    for (std::size_t k = 0; k < trials.size(); ++k) {
        CHECK(found.lower[k] < found.rate[k]);
        CHECK(found.rate[k] < found.upper[k]);
        CHECK(math::regularised_beta(all + successes[k], 1 - all + trials[k] - successes[k], found.upper[k]) ==
              doctest::Approx(0.95));
    }
}

TEST_CASE("win rate by age: hazards by hand") {
    // ages 0: won; 1: lost, open (seen for period 0 only); 2: won, won; 3: open
    const std::vector<std::uint32_t> age{0, 1, 1, 2, 2, 3};
    const std::vector<CaseEnd> end{CaseEnd::won, CaseEnd::lost, CaseEnd::open,
                                   CaseEnd::won, CaseEnd::won,  CaseEnd::open};
    const std::vector<AgePeriod> found = win_rate_by_age(age, end);
    REQUIRE(found.size() == 3);
    CHECK(found[0].at_risk == 6);
    CHECK(found[1].at_risk == 4);
    CHECK(found[2].at_risk == 3);
    CHECK(found[0].win_rate.share == doctest::Approx(1.0 / 6));
    CHECK(found[1].win_rate.share == 0);
    CHECK(found[2].win_rate.share == doctest::Approx(2.0 / 3));
    CHECK(found[1].open == doctest::Approx(5.0 / 6 * 3 / 4));
    CHECK(found[2].won_by == doctest::Approx(1.0 / 6 + 5.0 / 6 * 3 / 4 * 2 / 3));
    CHECK(found[2].wins_from_here == doctest::Approx(2.0 / 3));
    CHECK(found[0].wins_from_here == doctest::Approx(found[2].won_by));
}

TEST_CASE("calibration: bad input names its place") {
    const std::vector<std::uint8_t> one{1};
    CHECK_THROWS_WITH_AS(reliability({}, {}), "there is no outcome; at least one is needed", InputError);
    CHECK_THROWS_AS(reliability(std::vector<double>{1.5}, one), InputError);
    CHECK_THROWS_AS(reliability(std::vector<double>{0.5, 0.5}, one), InputError);
    CHECK_THROWS_AS(reliability(std::vector<double>{0.5}, std::vector<std::uint8_t>{2}), InputError);
    CHECK_THROWS_AS(reliability(std::vector<double>{0.5}, one, {1.0, 10, 1, 1}), InputError);
    CHECK_THROWS_AS(isotonic_regression(std::vector<double>{1.0}, std::vector<double>{0.0}), InputError);
    CHECK_THROWS_AS(success_rates(std::vector<double>{2}, std::vector<double>{1}), InputError);
    CHECK_THROWS_AS(success_rates(std::vector<double>{0.5}, std::vector<double>{1}), InputError);
    CHECK_THROWS_AS(success_rates(std::vector<double>{0}, std::vector<double>{0}), InputError);
    CHECK_THROWS_AS(share_interval(1, 0), InputError);
    CHECK_THROWS_AS(win_rate_by_age({}, {}), InputError);
    CHECK_THROWS_AS(win_rate_by_age(std::vector<std::uint32_t>{1'000'000}, std::vector<CaseEnd>{CaseEnd::won}),
                    InputError);
}

TEST_CASE("ends of cases have names") {
    CHECK(custfolio::to_string(custfolio::CaseEnd::open) == "open");
    CHECK(custfolio::to_string(custfolio::CaseEnd::won) == "won");
    CHECK(custfolio::to_string(custfolio::CaseEnd::lost) == "lost");
    CHECK_THROWS_AS((void)custfolio::to_string(static_cast<custfolio::CaseEnd>(99)), custfolio::InputError);
}
