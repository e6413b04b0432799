// Tests of the distribution of a sum: against direct convolution, published binomials, exact moments, and bad input.
#include "custfolio/distribution/sum_distribution.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <numeric>
#include <span>
#include <vector>

#include "custfolio/distribution/monthly_amounts.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/random.hpp"

using namespace custfolio;

namespace {

// Masses of a sum of whole amounts, one at a time in long double: the slow twin. Index k is `lowest + k`.
std::vector<long double> direct(const std::vector<double>& probability, const std::vector<int>& amount, int& lowest) {
    lowest = 0;
    std::vector<long double> mass{1.0L};
    for (std::size_t i = 0; i < amount.size(); ++i) {
        const auto size = static_cast<std::size_t>(std::abs(amount[i]));
        std::vector<long double> next(mass.size() + size);
        const auto p = static_cast<long double>(probability[i]);
        const std::size_t up = amount[i] > 0 ? size : 0;
        for (std::size_t k = 0; k < mass.size(); ++k) {
            next[k + up] += p * mass[k];
            next[k + size - up] += (1 - p) * mass[k];
        }
        if (amount[i] < 0) lowest += amount[i];
        mass = std::move(next);
    }
    return mass;
}

double binomial(int n, int k, double p) {
    return std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) + k * std::log(p) +
                    (n - k) * std::log1p(-p));
}

}  // namespace

TEST_CASE("1,000 all-or-nothing amounts: every cdf value as direct convolution gives it") {
    std::vector<double> probability;
    std::vector<double> amount;
    std::vector<int> whole;
    for (std::size_t i = 0; i < 1000; ++i) {
        probability.push_back(math::uniform(5, 0, i));
        whole.push_back(1 + static_cast<int>(100 * math::uniform(5, 1, i)));
        amount.push_back(whole.back());
    }
    int lowest = 0;
    const std::vector<long double> mass = direct(probability, whole, lowest);
    const Distribution sum = sum_distribution(probability, amount);
    CHECK(sum.step() == 1.0);
    CHECK(sum.errors().discretisation == 0.0);
    CHECK(sum.errors().probability() < 1e-11);
    long double below = 0;
    double worst = 0;
    for (std::size_t k = 0; k < mass.size(); ++k) {
        below += mass[k];
        worst = std::max(worst, std::abs(static_cast<double>(below) - sum.cdf(static_cast<double>(k))));
    }
    CHECK(worst <= sum.errors().probability());
    CHECK(worst < 1e-12);
    const double expected = std::inner_product(probability.begin(), probability.end(), amount.begin(), 0.0);
    CHECK(sum.mean() == doctest::Approx(expected).epsilon(1e-13));
    CHECK(sum.lattice().mean() == doctest::Approx(expected).epsilon(1e-12));
}

TEST_CASE("amounts of both signs") {
    const std::vector<double> probability{0.5, 0.25, 0.9, 1.0, 0.0};
    const std::vector<double> amount{-3, 2, 5, 7, 1000};
    const std::vector<int> whole{-3, 2, 5, 7, 0};
    int lowest = 0;
    const std::vector<long double> mass = direct({0.5, 0.25, 0.9, 1.0, 0.0}, whole, lowest);
    const Distribution sum = sum_distribution(probability, amount);
    long double below = 0;
    for (std::size_t k = 0; k < mass.size(); ++k) {
        below += mass[k];
        CHECK(sum.cdf(lowest + static_cast<double>(k)) == doctest::Approx(static_cast<double>(below)).epsilon(1e-14));
    }
    CHECK(sum.quantile(0) == 4);
    CHECK(sum.quantile(1) == 14);
    CHECK(sum.cdf(3.99) == 0);
    CHECK(sum.probability_at_least(14.01) == 0);
    CHECK(sum.mean() == doctest::Approx(-1.5 + 0.5 + 4.5 + 7));
    CHECK(sum.variance() == doctest::Approx(9 * 0.25 + 4 * 0.1875 + 25 * 0.09));
}

TEST_CASE("equal amounts are a binomial") {
    const std::vector<double> probability(40, 0.3);
    const std::vector<double> amount(40, 2500.0);
    SumOptions whole;
    whole.trimmed = 0;
    const Distribution sum = sum_distribution(probability, amount, whole);
    CHECK(sum.size() == 41);
    double below = 0;
    for (int k = 0; k <= 40; ++k) {
        below += binomial(40, k, 0.3);
        CHECK(sum.cdf(2500.0 * k) == doctest::Approx(below).epsilon(1e-12));
    }
    CHECK(std::abs(sum.probability_at_least(2500.0 * 40) / std::pow(0.3, 40) - 1) < 1e-10);
    CHECK(sum_distribution(probability, amount).size() < 41);
    // half of a symmetric sum is its middle
    CHECK(sum_distribution(std::vector<double>(11, 0.5), std::vector<double>(11, 1.0)).quantile(0.5) == 5);
}

TEST_CASE("amounts off the lattice keep their mean, and the variance added is reported") {
    std::vector<double> probability;
    std::vector<double> amount;
    for (std::size_t i = 0; i < 60; ++i) {
        probability.push_back(0.1 + 0.8 * math::uniform(6, 0, i));
        amount.push_back(1000 * math::uniform(6, 1, i));
    }
    SumOptions options;
    options.points = 2000;
    const Distribution sum = sum_distribution(probability, amount, options);
    CHECK(sum.size() <= 2002);
    CHECK(sum.errors().discretisation > 0);
    CHECK(sum.lattice().mean() == doctest::Approx(sum.mean()).epsilon(1e-12));
    CHECK(sum.lattice().variance() ==
          doctest::Approx(sum.variance() + sum.errors().discretisation * sum.errors().discretisation).epsilon(1e-9));
    // near the exact distribution of the 2^12 sums of fewer amounts
    const std::vector<double> few_p(probability.begin(), probability.begin() + 12);
    const std::vector<double> few_a(amount.begin(), amount.begin() + 12);
    std::map<double, double> exact;
    for (unsigned set = 0; set < (1U << 12); ++set) {
        double p = 1;
        double total = 0;
        for (std::size_t i = 0; i < 12; ++i) {
            const bool in = ((set >> i) & 1U) != 0;
            p *= in ? few_p[i] : 1 - few_p[i];
            total += in ? few_a[i] : 0;
        }
        exact[total] += p;
    }
    SumOptions fine;
    fine.points = 1U << 22;
    fine.unit = 1e-4;
    const Distribution few = sum_distribution(few_p, few_a, fine);
    double below = 0;
    for (const auto& [total, p] : exact) {
        CHECK(few.cdf(total - 0.02) <= below + p + 1e-12);
        below += p;
        CHECK(few.cdf(total + 0.02) >= below - 1e-12);
    }
}

TEST_CASE("cents stay cents") {
    const std::vector<double> probability{0.5, 0.5, 0.5};
    const std::vector<double> amount{0.1, 0.2, 0.29};
    const Distribution sum = sum_distribution(probability, amount);
    CHECK(sum.errors().discretisation == 0.0);
    CHECK(sum.quantile(1) == 0.59);
    CHECK(sum.cdf(0.3 - 1e-13) == doctest::Approx(5.0 / 8));  // 0, 0.1, 0.2, 0.29, 0.3
    CHECK(sum.probability_at_least(0.3) == doctest::Approx(4.0 / 8));
}

TEST_CASE("an error that does no harm spares points") {
    std::vector<double> probability, amount;
    for (int k = 0; k < 30; ++k) {
        probability.push_back(0.1 + 0.02 * k);
        amount.push_back(100.01 + 33.37 * k);
    }
    const Distribution exact = sum_distribution(probability, amount);
    const Distribution coarse = sum_distribution(probability, amount, {.resolution = 10});
    CHECK(exact.step() == 0.01);
    CHECK(coarse.step() > 0.01);
    CHECK(coarse.size() <= 1U << 18U);
    CHECK(coarse.mean() == exact.mean());
    for (const double q : {0.1, 0.5, 0.9}) CHECK(std::abs(coarse.quantile(q) - exact.quantile(q)) <= 10);
    // A resolution that the fewer points do not reach changes nothing.
    CHECK(sum_distribution(probability, amount, {.resolution = 0.02}).step() == 0.01);
}

TEST_CASE("discrete amounts: against enumeration, and all-or-nothing ones give the same") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        std::uint64_t draw = 0;
        const auto number = [&] { return math::uniform(seed, 9, draw++); };
        std::vector<DiscreteAmount> summands(5);
        std::map<long, double> exact{{0, 1.0}};
        double mean = 0;
        for (DiscreteAmount& summand : summands) {
            double total = 0;
            const int count = 1 + static_cast<int>(4 * number());
            for (int k = 0; k < count; ++k) {
                summand.probability.push_back(number() < 0.2 ? 0.0 : number());
                total += summand.probability.back();
                summand.amount.push_back(std::floor(40 * number()) * 25 - 300);
            }
            if (total == 0) total = summand.probability[0] = 1;
            std::map<long, double> next;
            for (std::size_t k = 0; k < summand.amount.size(); ++k) {
                summand.probability[k] /= total;
                mean += summand.probability[k] * summand.amount[k];
                for (const auto& [value, p] : exact) {
                    next[value + static_cast<long>(summand.amount[k])] += p * summand.probability[k];
                }
            }
            exact = std::move(next);
        }
        const Distribution sum = sum_distribution(summands);
        CHECK(sum.mean() == doctest::Approx(mean));
        CHECK(sum.errors().discretisation == 0.0);
        double below = 0;
        double variance = 0;
        for (const auto& [value, p] : exact) {
            below += p;
            variance += p * (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean);
            CHECK(std::abs(sum.cdf(static_cast<double>(value)) - below) < 1e-14);
        }
        CHECK(sum.variance() == doctest::Approx(variance).epsilon(1e-9));
    }
}

TEST_CASE("nothing uncertain gives a certain sum") {
    const Distribution none = sum_distribution(std::vector<double>{}, std::vector<double>{});
    CHECK(none.mean() == 0);
    CHECK(none.cdf(0) == 1);
    CHECK(none.cdf(-1) == 0);
    CHECK(none.quantile(0.5) == 0);
    const std::vector<DiscreteAmount> certain{{{1.0}, {12.5}}, {{0.0, 1.0}, {9.0, 3.25}}};
    const Distribution sum = sum_distribution(certain);
    CHECK(sum.mean() == 15.75);
    CHECK(sum.variance() == 0);
    CHECK(sum.quantile(0.3) == 15.75);
    CHECK(sum.probability_at_least(15.75) == 1);
    CHECK(sum.standard_deviation() == 0);
}

TEST_CASE("the same bits for any number of threads") {
    std::vector<double> probability;
    std::vector<double> amount;
    for (std::size_t i = 0; i < 400; ++i) {
        probability.push_back(math::uniform(15, 0, i));
        amount.push_back(1 + std::floor(1000 * math::uniform(15, 1, i)));
    }
    SumOptions options;
    options.threads = 1;
    const Distribution one = sum_distribution(probability, amount, options);
    for (const unsigned threads : {2U, 7U}) {
        options.threads = threads;
        const Distribution more = sum_distribution(probability, amount, options);
        CHECK(std::equal(one.mass().begin(), one.mass().end(), more.mass().begin(), more.mass().end()));
    }
}

TEST_CASE("bad input is named") {
    const std::vector<double> percent{0.5, 70};
    const std::vector<double> half{0.5, 0.5};
    const std::vector<double> endless{1, std::numeric_limits<double>::infinity()};
    const std::vector<double> one{1};
    CHECK_THROWS_WITH_AS(sum_distribution(percent, half),
                         "probability at position 1 is 70; a probability lies in [0, 1] (70 % is 0.7)", InputError);
    CHECK_THROWS_WITH_AS(sum_distribution(half, endless), "amount at position 1 is inf; a finite number is needed",
                         InputError);
    CHECK_THROWS_WITH_AS(sum_distribution(half, one),
                         "there are 2 probabilities and 1 amounts; each amount has one probability", InputError);
    const std::vector<DiscreteAmount> loose{{{0.5, 0.4}, {1, 2}}};
    CHECK_THROWS_WITH_AS(sum_distribution(loose),
                         "summand at position 0: its probabilities sum to 0.9; they must sum to 1", InputError);
    const std::vector<DiscreteAmount> empty{{}};
    CHECK_THROWS_AS(sum_distribution(empty), InputError);
    SumOptions options;
    options.step = 1e-9;
    CHECK_THROWS_AS(sum_distribution(half, std::vector<double>{1e6, 1e7}, options), InputError);
    for (const double bad : {-1.0, std::numeric_limits<double>::quiet_NaN()}) {
        options = {};
        options.step = bad;
        CHECK_THROWS_AS(sum_distribution(half, half, options), InputError);
        options = {};
        options.unit = bad;
        CHECK_THROWS_AS(sum_distribution(half, half, options), InputError);
        options = {};
        options.trimmed = bad;
        CHECK_THROWS_AS(sum_distribution(half, half, options), InputError);
    }
    options = {};
    options.points = 1;
    CHECK_THROWS_AS(sum_distribution(half, half, options), InputError);
    const std::vector<double> huge{1e308, 1e308};
    CHECK_THROWS_AS(sum_distribution(half, huge), InputError);
    const Distribution sum = sum_distribution(half, half);
    CHECK_THROWS_AS(static_cast<void>(sum.cdf(std::nan(""))), InputError);
    CHECK_THROWS_AS(static_cast<void>(sum.probability_at_least(std::nan(""))), InputError);
    CHECK_THROWS_WITH_AS(static_cast<void>(sum.quantile(90)),
                         "the quantile's probability is 90; a probability lies in [0, 1] (90 % is 0.9)", InputError);
}

TEST_CASE("one chance in 10^100 and less: relative accuracy against long double") {
    // Binomial: P(X >= k) has a closed form, summed here in long double.
    const std::vector<double> probability(2000, 0.125);
    const std::vector<double> amount(2000, 3.0);
    const Distribution sum = sum_distribution(probability, amount);
    for (const int k : {400, 500, 700, 1100, 1500, 1990, 2000}) {
        long double above = 0;
        for (int j = k; j <= 2000; ++j) {
            above += std::exp(std::lgamma(2001.0L) - std::lgamma(j + 1.0L) - std::lgamma(2001.0L - j) +
                              static_cast<long double>(j) * std::log(0.125L) +
                              static_cast<long double>(2000 - j) * std::log(0.875L));
        }
        CAPTURE(k);
        const TailProbability tail = sum.tail(3.0 * k);
        const auto expected = static_cast<double>(std::log(above));
        CHECK(std::abs(tail.log_probability - expected) < 1e-11);
        CHECK(std::abs(tail.log_probability - expected) <= tail.relative_error + 1e-13);
        CHECK(sum.probability_at_least(3.0 * k) == doctest::Approx(static_cast<double>(above)).epsilon(1e-6));
    }
    CHECK(sum.tail(6000.5).probability == 0.0);
    CHECK(sum.tail(-1).probability == 1.0);
    CHECK(sum.tail(0, false).log_probability == doctest::Approx(2000 * std::log(0.875)).epsilon(1e-13));
}

TEST_CASE("tails of many different amounts, of both signs, by direct convolution in long double") {
    std::vector<double> probability;
    std::vector<double> amount;
    std::vector<int> whole;
    for (std::size_t i = 0; i < 300; ++i) {
        probability.push_back(0.01 + 0.3 * math::uniform(6, 0, i));
        whole.push_back(static_cast<int>(60 * math::uniform(6, 1, i)) - 20);
        amount.push_back(whole.back());
    }
    int lowest = 0;
    const std::vector<long double> mass = direct(probability, whole, lowest);
    const Distribution sum = sum_distribution(probability, amount);
    const Distribution turned = sum.scaled(-0.5).shifted(7);
    long double above = 0;
    for (std::size_t k = mass.size(); k-- > 0;) {
        above += mass[k];
        if (k % 97 != 0) continue;
        const double value = static_cast<double>(k) + lowest;
        CAPTURE(value);
        const double log_above = static_cast<double>(std::log(above));
        const TailProbability tail = sum.tail(value);
        CHECK(std::abs(tail.log_probability - log_above) <= tail.relative_error + 1e-13);
        CHECK(tail.relative_error < 1e-8);
        CHECK(turned.tail(7 - 0.5 * value, false).log_probability == doctest::Approx(log_above).epsilon(1e-12));
        if (log_above > -700) {
            CHECK(sum.probability_at_least(value) == doctest::Approx(static_cast<double>(above)).epsilon(1e-6));
        }
    }
    long double below = 0;
    for (std::size_t k = 0; k < mass.size(); ++k) {
        below += mass[k];
        if (k % 97 != 0) continue;
        const TailProbability tail = sum.tail(static_cast<double>(k) + lowest, false);
        CHECK(std::abs(tail.log_probability - static_cast<double>(std::log(below))) <= tail.relative_error + 1e-13);
    }
}

TEST_CASE("tails of sums of discrete amounts are those of the same amounts as trials") {
    const std::vector<double> probability{0.1, 0.2, 0.3, 0.05, 0.6, 0.7};
    const std::vector<double> amount{3, 5, -2, 11, 4, 1};
    std::vector<DiscreteAmount> summands;
    for (std::size_t i = 0; i < 6; ++i) summands.push_back({{1 - probability[i], probability[i]}, {0, amount[i]}});
    const Distribution trials = sum_distribution(probability, amount);
    const Distribution sum = sum_distribution(summands);
    for (double v = -2; v <= 24; ++v) {
        CHECK(sum.tail(v).probability == doctest::Approx(trials.tail(v).probability).epsilon(1e-13));
        CHECK(sum.tail(v).probability == doctest::Approx(trials.probability_at_least(v)).epsilon(1e-13));
    }
    // Split in two and added again, also with small chances.
    const std::vector<double> rare(40, 1e-6);
    const std::vector<double> one(40, 1.0);
    const Distribution small = sum_distribution(rare, one);
    CHECK((small + small).tail(20).log_probability ==
          doctest::Approx(
              sum_distribution(std::vector<double>(80, 1e-6), std::vector<double>(80, 1.0)).tail(20).log_probability)
              .epsilon(1e-12));
}

TEST_CASE("payoffs have names") {
    CHECK(custfolio::to_string(custfolio::Payoff::contribution) == "contribution");
    CHECK(custfolio::to_string(custfolio::Payoff::revenue) == "revenue");
    CHECK(custfolio::to_string(custfolio::Payoff::costs) == "costs");
    CHECK_THROWS_AS((void)custfolio::to_string(static_cast<custfolio::Payoff>(99)), custfolio::InputError);
}

TEST_CASE("few amounts with a common factor keep their chances") {
    const std::vector<double> chance{0.5, 0.5};
    const std::vector<double> thirds{1000.0 / 3, 2000.0 / 3};
    const double correlation = 0.1;
    const Distribution sum = sum_distribution(chance, thirds, std::span(&correlation, 1));
    // Both come together with the chance of two normal variables below 0: 1/4 + asin(r) / (2 pi).
    const double both = 0.25 + std::asin(0.1) / (2 * std::numbers::pi);
    CHECK(sum.probability_at_least(1000) == doctest::Approx(both).epsilon(1e-12));
    CHECK(sum.off_lattice());
    CHECK_THROWS_WITH_AS((void)sum.sample(1'000'000'000, 1), doctest::Contains("at most 100000000"), InputError);
}
