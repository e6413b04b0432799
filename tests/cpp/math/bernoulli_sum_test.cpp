// Tests of sums of all-or-nothing amounts against enumeration, one-by-one convolution in long double and closed forms.
#include "custfolio/math/bernoulli_sum.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"

using namespace custfolio::math;
using custfolio::InputError;

namespace {

struct Trials {
    std::vector<double> probability;
    std::vector<double> amount;
};

Trials random_trials(std::size_t n, std::mt19937_64& random, double unit, int highest) {
    Trials trials;
    for (std::size_t i = 0; i < n; ++i) {
        trials.probability.push_back(std::uniform_real_distribution<double>(0.0, 1.0)(random));
        trials.amount.push_back(unit *
                                static_cast<double>(std::uniform_int_distribution<int>(-highest / 4, highest)(random)));
    }
    return trials;
}

// All 2^n outcomes.
std::map<double, long double> enumerate(const Trials& trials) {
    std::map<double, long double> outcomes;
    const std::size_t n = trials.amount.size();
    for (std::size_t set = 0; set < (std::size_t{1} << n); ++set) {
        long double probability = 1.0L;
        double sum = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            const bool in = (set >> i & 1) != 0;
            probability *= in ? static_cast<long double>(trials.probability[i]) : 1.0L - trials.probability[i];
            if (in) sum += trials.amount[i];
        }
        outcomes[sum] += probability;
    }
    return outcomes;
}

// Masses of a sum of whole non-negative amounts, one trial after the other.
std::vector<long double> one_by_one(const std::vector<double>& probability, const std::vector<std::size_t>& amount) {
    std::vector<long double> mass(std::accumulate(amount.begin(), amount.end(), std::size_t{1}), 0.0L);
    mass[0] = 1.0L;
    std::size_t top = 0;
    for (std::size_t i = 0; i < amount.size(); ++i) {
        top += amount[i];
        const long double p = probability[i];
        for (std::size_t k = top + 1; k-- > 0;)
            mass[k] = mass[k] * (1.0L - p) + (k >= amount[i] ? mass[k - amount[i]] * p : 0.0L);
    }
    return mass;
}

double mean_of(const Trials& t) {
    return std::inner_product(t.amount.begin(), t.amount.end(), t.probability.begin(), 0.0);
}

double variance_of(const Trials& t) {
    double sum = 0.0;
    for (std::size_t i = 0; i < t.amount.size(); ++i)
        sum += t.probability[i] * (1.0 - t.probability[i]) * t.amount[i] * t.amount[i];
    return sum;
}

}  // namespace

TEST_CASE("amounts on the lattice: the sum agrees with the enumeration of all outcomes") {
    std::mt19937_64 random(1);
    for (int k = 0; k < 60; ++k) {
        const double unit = k % 2 == 0 ? 1.0 : 0.05;
        const Trials trials = random_trials(random() % 11, random, unit, k % 3 == 0 ? 4 : 400);
        const LatticeDistribution sum = sum_bernoulli(trials.probability, trials.amount, unit);
        CHECK(sum.errors().discretisation == 0.0);
        CHECK(sum.errors().aliasing == 0.0);
        CHECK(sum.errors().truncation <= 2e-15);
        CHECK(sum.errors().probability() < 1e-12);
        CHECK(sum.mean() == doctest::Approx(mean_of(trials)).epsilon(1e-12));
        CHECK(sum.variance() == doctest::Approx(variance_of(trials)).epsilon(1e-11));
        const auto outcomes = enumerate(trials);
        const double tolerance = sum.errors().probability() + 1e-16;
        for (const auto& outcome : outcomes) {
            const double v = outcome.first;
            long double below = 0.0L;
            long double above = 0.0L;
            for (const auto& [value, probability] : outcomes) {
                if (value <= v + 1e-9) below += probability;
                if (value >= v - 1e-9) above += probability;
            }
            CHECK(std::abs(sum.cdf(v) - static_cast<double>(below)) <= tolerance);
            CHECK(std::abs(sum.probability_at_least(v) - static_cast<double>(above)) <= tolerance);
        }
    }
}

TEST_CASE("many amounts: the tree with transforms and trimming agrees with one-by-one convolution within its bounds") {
    std::mt19937_64 random(2);
    for (const std::size_t n : {50U, 300U, 900U}) {
        std::vector<double> probability;
        std::vector<std::size_t> whole;
        std::vector<double> amount;
        for (std::size_t i = 0; i < n; ++i) {
            probability.push_back(std::uniform_real_distribution<double>(0.0, 1.0)(random));
            whole.push_back(random() % 60 + 1);
            amount.push_back(static_cast<double>(whole.back()) * 0.01);
        }
        const std::vector<long double> reference = one_by_one(probability, whole);
        for (const double trim : {0.0, 1e-15, 1e-6}) {
            const LatticeDistribution sum = sum_bernoulli(probability, amount, 0.01, {trim, 1});
            CHECK(sum.errors().truncation <= 2.0 * trim + 1e-12);
            CHECK(sum.errors().rounding < 1e-10);
            CHECK(*std::min_element(sum.mass().begin(), sum.mass().end()) >= 0.0);
            if (trim > 0.0 && n > 500) CHECK(sum.size() < reference.size() / 2);
            long double below = 0.0L;
            for (std::size_t k = 0; k < reference.size(); ++k) {
                below += reference[k];
                const double difference = sum.cdf(static_cast<double>(k) * 0.01) - static_cast<double>(below);
                if (std::abs(difference) > sum.errors().probability() + 1e-16) CHECK(difference == 0.0);
            }
            for (const unsigned threads : {0U, 2U, 7U}) {
                const LatticeDistribution again = sum_bernoulli(probability, amount, 0.01, {trim, threads});
                CHECK(again.origin() == sum.origin());
                CHECK(std::equal(again.mass().begin(), again.mass().end(), sum.mass().begin(), sum.mass().end()));
            }
        }
    }
}

TEST_CASE("binomial masses: exact for small numbers, moments and the normal limit for large ones") {
    for (std::size_t n = 0; n <= 40; ++n) {
        for (const double p : {0.0, 1e-9, 0.1, 0.5, 0.73, 1.0 - 1e-9, 1.0}) {
            const std::vector<double> mass = binomial_mass(n, p);
            REQUIRE(mass.size() == n + 1);
            long double choose = 1.0L;
            for (std::size_t k = 0; k <= n; ++k) {
                const long double exact = choose * std::pow(static_cast<long double>(p), static_cast<long double>(k)) *
                                          std::pow(1.0L - p, static_cast<long double>(n - k));
                CHECK(mass[k] == doctest::Approx(static_cast<double>(exact)).epsilon(1e-13));
                choose = choose * static_cast<long double>(n - k) / static_cast<long double>(k + 1);
            }
        }
    }
    const std::vector<double> mass = binomial_mass(1000000, 0.3);
    const LatticeDistribution large(0.0, 1.0, mass);
    CHECK(large.mean() == doctest::Approx(300000.0).epsilon(1e-12));
    CHECK(large.variance() == doctest::Approx(210000.0).epsilon(1e-10));
    CHECK(large.cdf(300500.0) == doctest::Approx(normal_cdf(500.5 / std::sqrt(210000.0))).epsilon(1e-3));
    CHECK_THROWS_AS(binomial_mass(3, 1.5), InputError);
}

TEST_CASE("equal amounts: binomial and Poisson-binomial counts") {
    const std::vector<double> p(500, 0.2);
    const LatticeDistribution equal = sum_bernoulli(p, std::vector<double>(500, 125.5), 125.5);
    const std::vector<double> mass = binomial_mass(500, 0.2);
    for (std::size_t k = 0; k <= 500; ++k) {
        const double v = 125.5 * static_cast<double>(k);
        CHECK(equal.probability_at_least(v) ==
              doctest::Approx(std::accumulate(mass.begin() + static_cast<std::ptrdiff_t>(k), mass.end(), 0.0))
                  .epsilon(1e-6));
        if (equal.probability_at_least(v) < 1e-14) break;
    }
    std::mt19937_64 random(5);
    std::vector<double> q(400);
    for (double& x : q) x = std::uniform_real_distribution<double>(0.0, 1.0)(random);
    const LatticeDistribution mixed = sum_bernoulli(q, std::vector<double>(400, -2.0), 0.5);
    const std::vector<long double> reference = one_by_one(q, std::vector<std::size_t>(400, 1));
    long double above = 0.0L;
    for (std::size_t k = 0; k <= 400; ++k) {
        above += reference[k];
        CHECK(std::abs(mixed.probability_at_least(-2.0 * static_cast<double>(k)) - static_cast<double>(above)) <=
              mixed.errors().probability());
    }
}

TEST_CASE("amounts whose lattice is coarser than the step: the characteristic function comes back and is counted") {
    std::vector<double> probability(3000, 0.3);
    std::vector<double> amount(3000, 4.0);
    amount[0] = 1.0;  // all others lie on multiples of 4
    const LatticeDistribution sum = sum_bernoulli(probability, amount, 1.0, {1e-15, 1});
    const std::vector<double> count = binomial_mass(2999, 0.3);
    double below = 0.0;
    for (std::size_t k = 0; k < count.size(); ++k) {
        const double here = below + 0.7 * count[k];
        CHECK(std::abs(sum.cdf(4.0 * static_cast<double>(k)) - here) <= sum.errors().probability() + 1e-13);
        below += count[k];
        CHECK(std::abs(sum.cdf(4.0 * static_cast<double>(k) + 1.0) - below) <= sum.errors().probability() + 1e-13);
    }
}

TEST_CASE(
    "amounts beside the lattice: mean kept, variance grows by what is reported, distance to the truth is bounded") {
    std::mt19937_64 random(3);
    for (int k = 0; k < 40; ++k) {
        Trials trials = random_trials(random() % 10 + 1, random, 0.37, 30);
        if (k % 2 == 0) trials.amount.assign(trials.amount.size(), 2.9);  // one group
        const double step = 1.0;
        const LatticeDistribution sum = sum_bernoulli(trials.probability, trials.amount, step);
        const double error = sum.errors().discretisation;
        CHECK(sum.mean() == doctest::Approx(mean_of(trials)).epsilon(1e-12));
        CHECK(sum.variance() == doctest::Approx(variance_of(trials) + error * error).epsilon(1e-11));
        // First Wasserstein distance: the integral of the distance between the two cdfs.
        const auto outcomes = enumerate(trials);
        std::vector<double> places;
        for (const auto& outcome : outcomes) places.push_back(outcome.first);
        for (std::size_t i = 0; i < sum.size(); ++i) places.push_back(sum.value(i));
        std::sort(places.begin(), places.end());
        double distance = 0.0;
        for (std::size_t i = 0; i + 1 < places.size(); ++i) {
            double below = 0.0;
            for (const auto& [value, probability] : outcomes) {
                if (value <= places[i]) below += static_cast<double>(probability);
            }
            distance += (places[i + 1] - places[i]) * std::abs(sum.cdf(places[i]) - below);
        }
        CHECK(distance <= error + 1e-9);
        if (k % 2 == 0) CHECK(error <= 0.5 * step);  // a group is placed once, not once per trial
    }
}

TEST_CASE("all-or-nothing amounts: bad input is refused with its place") {
    const std::vector<double> one{1.0};
    CHECK_THROWS_WITH_AS(sum_bernoulli(std::vector<double>{1.2}, one, 1.0),
                         doctest::Contains("probability 1.200000 at index 0"), InputError);
    CHECK_THROWS_AS(sum_bernoulli(std::vector<double>{}, one, 1.0), InputError);
    CHECK_THROWS_AS(sum_bernoulli(one, one, 1.0, {0.5, 1}), InputError);
}
