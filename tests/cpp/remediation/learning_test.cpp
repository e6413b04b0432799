// Tests of learned acceptance: against sampling, exact shares, coverage, separated answers, groups, values out of
// range.
#include "custfolio/remediation/learning.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "custfolio/math/beta.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/quantile.hpp"
#include "custfolio/math/variates.hpp"

using namespace custfolio;

namespace {

/// Answers whose chance falls with the burden and differs by group.
OfferAnswers simulated_answers(std::size_t size, std::int32_t groups, double base, double sensitivity, double spread,
                               std::uint64_t seed) {
    math::VariateStream random(seed, 0);
    OfferAnswers answers;
    answers.groups = groups;
    std::vector<double> offset(static_cast<std::size_t>(groups));
    for (double& one : offset) one = spread * random.normal();
    for (std::size_t k = 0; k < size; ++k) {
        const double burden = 0.1 * random.uniform();
        double odds = math::logit(base) - sensitivity * burden;
        if (groups > 0) {
            const std::size_t g = k % offset.size();
            answers.group.push_back(static_cast<std::int32_t>(g));
            odds += offset[g];
        }
        answers.burden.push_back(burden);
        answers.accepted.push_back(random.uniform() < math::logistic(odds) ? 1 : 0);
    }
    return answers;
}

/// The logarithm of the posterior density, written down from its definition. `point` has log-odds, sensitivity,
/// offsets.
double plain_log_density(const OfferAnswers& answers, const LearningOptions& options,
                         const std::vector<double>& point) {
    double sum = 0;
    for (const double burden : {0.0, options.heavy_burden}) {
        const double stated = options.prior.probability(burden);
        const double p = 1 / (1 + std::exp(point[1] * burden - point[0]));
        sum += options.strength / 2 * (stated * std::log(p) + (1 - stated) * std::log(1 - p));
    }
    for (std::size_t k = 0; k < answers.accepted.size(); ++k) {
        double odds = point[0] - point[1] * answers.burden[k];
        if (answers.groups > 0) odds += point[2 + static_cast<std::size_t>(answers.group[k])];
        const double p = 1 / (1 + std::exp(-odds));
        sum += std::log(answers.accepted[k] != 0 ? p : 1 - p);
    }
    for (std::size_t g = 2; g < point.size(); ++g) sum -= point[g] * point[g] / (2 * options.between * options.between);
    return sum;
}

/// Draws from the posterior by random walk Metropolis, one coordinate at a time.
std::vector<std::vector<double>> metropolis(const OfferAnswers& answers, const LearningOptions& options,
                                            std::vector<double> point, std::size_t draws) {
    math::VariateStream random(7, 1);
    double value = plain_log_density(answers, options, point);
    std::vector<std::vector<double>> kept;
    for (std::size_t draw = 0; draw < draws; ++draw) {
        for (std::size_t i = 0; i < point.size(); ++i) {
            std::vector<double> next = point;
            next[i] += (i == 1 ? 8.0 : 0.5) * random.normal();
            const double proposed = next[1] < 0 ? -1e300 : plain_log_density(answers, options, next);
            if (std::log(random.uniform()) < proposed - value) {
                point = next;
                value = proposed;
            }
        }
        kept.push_back(point);
    }
    return kept;
}

void check_against_draws(const LearnedAcceptance& found, const std::vector<std::vector<double>>& draws, double burden,
                         std::size_t group) {
    std::vector<double> chances;
    for (const std::vector<double>& point : draws) {
        const double own = group == LearnedAcceptance::no_group ? 0 : point[2 + group];
        chances.push_back(math::logistic(point[0] + own - point[1] * burden));
    }
    std::sort(chances.begin(), chances.end());
    const ChanceInterval interval = found.chance(burden, 0.8, group);
    CHECK(std::abs(interval.chance - math::quantile_of_sorted(chances, 0.5)) < 0.02);
    CHECK(std::abs(interval.lower - math::quantile_of_sorted(chances, 0.1)) < 0.02);
    CHECK(std::abs(interval.upper - math::quantile_of_sorted(chances, 0.9)) < 0.02);
}

}  // namespace

TEST_CASE("without answers the prior comes back, with an interval") {
    const LearnedAcceptance found = learn_acceptance({}, {{0.6, 12}, 20});
    CHECK(found.acceptance().base == doctest::Approx(0.6).epsilon(1e-8));
    CHECK(found.acceptance().sensitivity == doctest::Approx(12).epsilon(1e-8));
    const ChanceInterval interval = found.chance(0.03);
    CHECK(interval.chance == doctest::Approx(Acceptance{0.6, 12}.probability(0.03)).epsilon(1e-8));
    CHECK(interval.lower < interval.chance);
    CHECK(interval.chance < interval.upper);
    const LearnedAcceptance flat = learn_acceptance({}, {{0.05, 0}});
    CHECK(flat.acceptance().sensitivity == 0);
    CHECK_FALSE(flat.at_bound);
    // At a stated burden the prior is a beta distribution of half its strength.
    const ChanceInterval stated = learn_acceptance({}, {{0.6, 12}, 400}).chance(0);
    CHECK(stated.lower == doctest::Approx(math::beta_quantile(0.1, 120, 80)).epsilon(0.005));
    CHECK(stated.upper == doctest::Approx(math::beta_quantile(0.9, 120, 80)).epsilon(0.005));
}

TEST_CASE("the logistic against sampling from its posterior") {
    const LearningOptions options{{0.7, 10}, 20};
    const OfferAnswers answers = simulated_answers(300, 0, 0.8, 25, 0, 3);
    const LearnedAcceptance found = learn_acceptance(answers, options);
    const auto draws = metropolis(answers, options, {found.log_odds, found.sensitivity}, 20'000);
    for (const double burden : {0.0, 0.03, 0.08}) {
        check_against_draws(found, draws, burden, LearnedAcceptance::no_group);
    }
}

TEST_CASE("groups against sampling from their posterior") {
    const LearningOptions options{{0.7, 10}, 20, 0.05, 0.7};
    const OfferAnswers answers = simulated_answers(240, 4, 0.7, 15, 0.7, 5);
    const LearnedAcceptance found = learn_acceptance(answers, options);
    std::vector<double> mode{found.log_odds, found.sensitivity};
    mode.insert(mode.end(), found.offset.begin(), found.offset.end());
    const auto draws = metropolis(answers, options, mode, 20'000);
    for (std::size_t g = 0; g < 4; ++g) check_against_draws(found, draws, 0.04, g);
}

TEST_CASE("the mode has no gradient, and any order of answers gives it") {
    const LearningOptions options{{0.7, 10}, 10, 0.05, 0.5};
    OfferAnswers answers = simulated_answers(120, 3, 0.6, 20, 0.5, 11);
    const LearnedAcceptance found = learn_acceptance(answers, options);
    std::vector<double> mode{found.log_odds, found.sensitivity};
    mode.insert(mode.end(), found.offset.begin(), found.offset.end());
    for (std::size_t i = 0; i < mode.size(); ++i) {
        std::vector<double> above = mode, below = mode;
        const double step = i == 1 ? 1e-3 : 1e-4;
        above[i] += step;
        below[i] -= step;
        const double slope =
            (plain_log_density(answers, options, above) - plain_log_density(answers, options, below)) / (2 * step);
        CHECK(std::abs(slope) < 1e-6);
    }
    std::reverse(answers.accepted.begin(), answers.accepted.end());
    std::reverse(answers.burden.begin(), answers.burden.end());
    std::reverse(answers.group.begin(), answers.group.end());
    const LearnedAcceptance again = learn_acceptance(answers, options);
    CHECK(again.log_odds == doctest::Approx(found.log_odds).epsilon(1e-9));
    CHECK(again.sensitivity == doctest::Approx(found.sensitivity).epsilon(1e-9));
}

TEST_CASE("80 % intervals cover the chance in about 80 % of histories") {
    const LearningOptions options{{0.7, 20}, 40};
    math::VariateStream random(21, 0);
    const double heavy = options.prior.probability(options.heavy_burden);
    int covered = 0, histories = 0;
    while (histories < 500) {
        const double at_none = random.beta(20 * 0.7, 20 * 0.3);
        const double at_heavy = random.beta(20 * heavy, 20 * (1 - heavy));
        if (at_heavy > at_none) continue;
        const double sensitivity = (math::logit(at_none) - math::logit(at_heavy)) / options.heavy_burden;
        const auto seed = static_cast<std::uint64_t>(1000 + histories++);
        const OfferAnswers answers = simulated_answers(50, 0, at_none, sensitivity, 0, seed);
        const ChanceInterval interval = learn_acceptance(answers, options).chance(0.03);
        const double truth = Acceptance{at_none, sensitivity}.probability(0.03);
        covered += interval.lower <= truth && truth <= interval.upper ? 1 : 0;
    }
    CHECK(covered > 375);
    CHECK(covered < 425);
}

TEST_CASE("answers without burdens and groups are a beta distribution") {
    const LearnedAcceptance found = learn_acceptance({{1, 1, 0, 1, 0, 1, 1}}, {{0.6, 10}, 5});
    CHECK(found.share);
    CHECK(found.alpha == doctest::Approx(0.6 * 5 + 5).epsilon(1e-14));
    CHECK(found.beta == doctest::Approx(0.4 * 5 + 2).epsilon(1e-14));
    CHECK(found.acceptance() == Acceptance{8.0 / 12, 0});
    const ChanceInterval interval = found.chance(0.5, 0.9);
    CHECK(interval.chance == doctest::Approx(8.0 / 12).epsilon(1e-14));
    // The density x^7 (1 - x)^3, summed up to both ends.
    const auto mass = [](double end) {
        double sum = 0;
        constexpr int steps = 20'000;
        for (int k = 0; k < steps; ++k) {
            const double x = end * (k + 0.5) / steps;
            sum += std::pow(x, 7) * std::pow(1 - x, 3) * end / steps;
        }
        return sum;
    };
    CHECK(mass(interval.lower) / mass(1) == doctest::Approx(0.05).epsilon(1e-6));
    CHECK(mass(interval.upper) / mass(1) == doctest::Approx(0.95).epsilon(1e-6));
}

TEST_CASE("separated answers stay finite") {
    OfferAnswers answers;
    for (int k = 0; k < 100; ++k) {
        answers.burden.push_back(0.001 * k);
        answers.accepted.push_back(k < 50 ? 1 : 0);
    }
    for (const double strength : {0.1, 1.0, 100.0}) {
        const LearnedAcceptance found = learn_acceptance(answers, {{0.7, 10}, strength});
        CHECK(std::isfinite(found.sensitivity));
        CHECK(found.sensitivity > 10);
        const ChanceInterval interval = found.chance(0.05);
        CHECK(interval.lower > 0);
        CHECK(interval.upper < 1);
    }
    for (const std::uint8_t always : {std::uint8_t{0}, std::uint8_t{1}}) {
        answers.accepted.assign(100, always);
        const ChanceInterval interval = learn_acceptance(answers).chance(0.05);
        CHECK(interval.lower > 0);
        CHECK(interval.upper < 1);
        CHECK((always != 0 ? interval.chance > 0.85 : interval.chance < 0.15));
    }
}

TEST_CASE("priors far from the answers converge, and intervals stay in order") {
    math::VariateStream random(31, 0);
    for (int k = 0; k < 2'000; ++k) {
        const double scale = std::pow(10.0, 3 * random.uniform() - 2);
        OfferAnswers answers = simulated_answers(1 + static_cast<std::size_t>(40 * random.uniform()), k % 4,
                                                 random.uniform(), 20 / scale, 1, static_cast<std::uint64_t>(k));
        for (double& burden : answers.burden) burden *= 10 * scale;
        const LearningOptions options{{0.02 + 0.96 * random.uniform(), 40 * random.uniform()},
                                      std::pow(10.0, 4 * random.uniform() - 1),
                                      0.05 + 0.05 * random.uniform()};
        const double last = options.prior.probability(options.heavy_burden);
        if (last < 0.001) continue;
        const ChanceInterval interval = learn_acceptance(answers, options).chance(scale);
        REQUIRE(interval.lower <= interval.chance);
        REQUIRE(interval.chance <= interval.upper);
    }
}

TEST_CASE("a heavier burden is never accepted sooner") {
    OfferAnswers answers;
    for (int k = 0; k < 60; ++k) {
        answers.burden.push_back(0.002 * k);
        answers.accepted.push_back(k < 30 ? 0 : 1);
    }
    const LearnedAcceptance found = learn_acceptance(answers);
    CHECK(found.at_bound);
    CHECK(found.sensitivity == 0);
    // The best share of answers and prior together: 30 of 60, and the stated shares of 10.
    const Acceptance prior{};
    const double expected = (30 + 5 * prior.probability(0) + 5 * prior.probability(0.05)) / 70;
    CHECK(found.acceptance().base == doctest::Approx(expected).epsilon(1e-10));
}

TEST_CASE("groups are drawn to the mean, less so with more answers") {
    OfferAnswers answers;
    answers.groups = 3;
    const auto add = [&](std::int32_t group, int number, int accepted) {
        for (int k = 0; k < number; ++k) {
            answers.group.push_back(group);
            answers.accepted.push_back(k < accepted ? 1 : 0);
        }
    };
    add(0, 4, 4);
    add(1, 400, 400 * 9 / 10);
    const LearnedAcceptance found = learn_acceptance(answers, {{0.7, 10}, 10, 0.05, 0.5});
    CHECK(found.sensitivity == 0);
    CHECK(found.answers == std::vector<std::int64_t>{4, 400, 0});
    CHECK(found.accepted == std::vector<std::int64_t>{4, 360, 0});
    CHECK(found.chance(0, 0.8, 1).chance == doctest::Approx(0.9).epsilon(0.02));
    CHECK(found.chance(0, 0.8, 0).chance > found.chance(0).chance);
    CHECK(found.chance(0, 0.8, 0).chance < 0.95);
    // A group without answers is like a customer of no group.
    CHECK(found.acceptance(2) == found.acceptance());
    CHECK(found.chance(0, 0.8, 2).upper == doctest::Approx(found.chance(0).upper).epsilon(1e-12));
    const LearnedAcceptance alike = learn_acceptance(answers, {{0.7, 10}, 10, 0.05, 0});
    CHECK(alike.acceptance(0) == alike.acceptance(1));
    const double pooled = (364 + 7.0) / 414;
    CHECK(alike.acceptance().base == doctest::Approx(pooled).epsilon(1e-10));
}

TEST_CASE("answers and priors out of range are refused") {
    CHECK_THROWS_WITH_AS(learn_acceptance({}, {{1, 10}}),
                         "the prior's chance at burden 0 is 1; learning needs one in [0.001, 0.999], since no answer "
                         "changes a certain prior",
                         InputError);
    CHECK_THROWS_AS(learn_acceptance({}, {{0, 10}}), InputError);
    CHECK_THROWS_AS(learn_acceptance({}, {{0.7, 1e6}}), InputError);
    CHECK_THROWS_AS(learn_acceptance({}, {{0.7, 10}, 0}), InputError);
    CHECK_THROWS_AS(learn_acceptance({}, {{0.7, 10}, std::nan("")}), InputError);
    CHECK_THROWS_AS(learn_acceptance({}, {{0.7, 10}, 10, 0}), InputError);
    CHECK_THROWS_AS(learn_acceptance({}, {{0.7, 10}, 10, 0.05, -1}), InputError);
    CHECK_THROWS_WITH_AS(learn_acceptance({{1, 0}, {0.1}}),
                         "answers: 1 burdens for 2 answers; there must be one each, or none", InputError);
    CHECK_THROWS_AS(learn_acceptance({{1, 0}, {0.1, std::nan("")}}), InputError);
    CHECK_THROWS_AS(learn_acceptance({{1, 0}, {0.1, 1e9}}), InputError);
    CHECK_THROWS_AS(learn_acceptance({{1, 0}, {}, {0, 2}, 2}), InputError);
    CHECK_THROWS_AS(learn_acceptance({{1, 0}, {}, {0, -1}, 2}), InputError);
    const LearnedAcceptance found = learn_acceptance({});
    CHECK_THROWS_AS(static_cast<void>(found.chance(std::nan(""))), InputError);
    CHECK_THROWS_AS(static_cast<void>(found.chance(0, 1)), InputError);
    CHECK_THROWS_AS(static_cast<void>(found.chance(0, 0.8, 0)), NotFoundError);
}
