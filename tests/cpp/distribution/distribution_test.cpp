// Tests of a distribution of money and its arithmetic: against enumeration, identities, and bad input.
#include "custfolio/distribution/distribution.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "custfolio/distribution/sum_distribution.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

const std::vector<double> values{-4, 0, 2.5, 10};
const std::vector<double> chances{0.1, 0.4, 0.3, 0.2};

Distribution sample_case() {
    return Distribution::from_atoms(values, chances);
}

}  // namespace

TEST_CASE("atoms keep their mean, variance and cdf") {
    const Distribution found = sample_case();
    CHECK(found.mean() == doctest::Approx(2.35).epsilon(1e-15));
    CHECK(found.variance() == doctest::Approx(0.1 * 16 + 0.3 * 6.25 + 0.2 * 100 - 2.35 * 2.35).epsilon(1e-14));
    CHECK(found.errors().discretisation == 0.0);
    CHECK(found.cdf(-4.01) == 0.0);
    CHECK(found.cdf(-4) == 0.1);
    CHECK(found.cdf(2.49) == doctest::Approx(0.5).epsilon(1e-15));
    CHECK(found.probability_at_least(10) == doctest::Approx(0.2).epsilon(1e-15));
    CHECK(found.quantile(0.5) == 0.0);
    CHECK(found.quantile(0.51) == 2.5);
}

TEST_CASE("the mean of the worst and of the best outcomes") {
    const Distribution found = sample_case();
    CHECK(found.expected_shortfall(0.1) == doctest::Approx(-4.0).epsilon(1e-14));
    CHECK(found.expected_shortfall(0.05) == doctest::Approx(-4.0).epsilon(1e-14));
    CHECK(found.expected_shortfall(0.25) == doctest::Approx((0.1 * -4) / 0.25).epsilon(1e-14));
    CHECK(found.expected_shortfall(0.2, true) == doctest::Approx(10.0).epsilon(1e-14));
    CHECK(found.expected_shortfall(0.4, true) == doctest::Approx((2 + 0.2 * 2.5) / 0.4).epsilon(1e-14));
    CHECK(found.expected_shortfall(1) == doctest::Approx(found.mean()).epsilon(1e-14));
    CHECK_THROWS_AS(static_cast<void>(found.expected_shortfall(0)), InputError);
    CHECK_THROWS_AS(static_cast<void>(found.expected_shortfall(1.5)), InputError);
}

TEST_CASE("sum, multiple and mixture by enumeration") {
    const Distribution a = sample_case();
    const Distribution b = Distribution::from_atoms(std::vector<double>{0, 3}, std::vector<double>{0.75, 0.25});
    const Distribution sum = a + b.scaled(-2);
    const Distribution mixed = mix(std::vector<Distribution>{a, b}, std::vector<double>{0.5, 0.5});
    std::map<double, double> expected;
    std::map<double, double> either;
    for (std::size_t i = 0; i < values.size(); ++i) {
        expected[values[i]] += 0.75 * chances[i];
        expected[values[i] - 6] += 0.25 * chances[i];
        either[values[i]] += 0.5 * chances[i];
    }
    either[0] += 0.375;
    either[3] += 0.125;
    double below = 0;
    for (const auto& [value, chance] : expected) {
        below += chance;
        CHECK(sum.cdf(value) == doctest::Approx(below).epsilon(1e-14));
    }
    below = 0;
    for (const auto& [value, chance] : either) {
        below += chance;
        CHECK(mixed.cdf(value) == doctest::Approx(below).epsilon(1e-14));
    }
    CHECK(sum.mean() == doctest::Approx(a.mean() - 2 * b.mean()).epsilon(1e-14));
    CHECK(sum.variance() == doctest::Approx(a.variance() + 4 * b.variance()).epsilon(1e-14));
    CHECK(sum.lattice().variance() == doctest::Approx(sum.variance()).epsilon(1e-13));
    CHECK(mixed.lattice().mean() == doctest::Approx(mixed.mean()).epsilon(1e-13));
    CHECK(mixed.lattice().variance() == doctest::Approx(mixed.variance()).epsilon(1e-13));
    CHECK(a.shifted(100).quantile(0) == 96.0);
    CHECK(a.scaled(0).quantile(0.3) == 0.0);
    CHECK(a.scaled(-1).quantile(1) == 4.0);
    // Constants are distributions too.
    const Distribution coin =
        mix(std::vector<Distribution>{Distribution{}, Distribution{}.shifted(0.5)}, std::vector<double>{0.25, 0.75});
    CHECK(coin.cdf(0.49) == doctest::Approx(0.25).epsilon(1e-15));
    CHECK(coin.mean() == doctest::Approx(0.375).epsilon(1e-15));
}

TEST_CASE("lattices that share no step are joined with the mean kept and the added variance told") {
    const Distribution a =
        Distribution::from_atoms(std::vector<double>{0, std::sqrt(2.0)}, std::vector<double>{0.5, 0.5}, 1e-3);
    const Distribution b = sample_case().scaled(std::sqrt(3.0));
    const Distribution sum = a + b;
    CHECK(sum.lattice().mean() == doctest::Approx(sum.mean()).epsilon(1e-12));
    CHECK(sum.lattice().variance() ==
          doctest::Approx(sum.variance() + std::pow(sum.errors().discretisation, 2)).epsilon(1e-9));
    CHECK(sum.errors().discretisation < 0.01);
}

TEST_CASE("what is left when a range is known") {
    const Distribution found = sample_case().given(0.0, std::nullopt);
    CHECK(found.cdf(0) == doctest::Approx(0.4 / 0.9).epsilon(1e-14));
    CHECK(found.mean() == doctest::Approx((0.75 + 2) / 0.9).epsilon(1e-13));
    CHECK(sample_case().given(std::nullopt, 9.0).quantile(1) == 2.5);
    CHECK(sample_case().given(2.5, 2.5).variance() == 0.0);
    CHECK_THROWS_AS(static_cast<void>(sample_case().given(3.0, 9.0)), InputError);
    CHECK_THROWS_AS(static_cast<void>(sample_case().given(std::nan(""), std::nullopt)), InputError);
}

TEST_CASE("draws have the distribution, and the same bits for any number of threads") {
    const std::vector<double> drawn = sample_case().sample(100000, 7, 1);
    CHECK(drawn == sample_case().sample(100000, 7, 2));
    CHECK(drawn != sample_case().sample(100000, 8, 1));
    std::map<double, int> count;
    for (const double value : drawn) ++count[value];
    REQUIRE(count.size() == 4);
    for (std::size_t i = 0; i < values.size(); ++i) {
        CHECK(count[values[i]] == doctest::Approx(1e5 * chances[i]).epsilon(0.02));
    }
}

TEST_CASE("bad input is refused") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(static_cast<void>(Distribution::from_atoms(std::vector<double>{}, std::vector<double>{})),
                    InputError);
    CHECK_THROWS_AS(static_cast<void>(Distribution::from_atoms(values, std::vector<double>{0.5, 0.5})), InputError);
    CHECK_THROWS_AS(
        static_cast<void>(Distribution::from_atoms(std::vector<double>{1, nan}, std::vector<double>{0.5, 0.5})),
        InputError);
    CHECK_THROWS_AS(
        static_cast<void>(Distribution::from_atoms(std::vector<double>{1, 2}, std::vector<double>{0.5, 0.4})),
        InputError);
    CHECK_THROWS_AS(static_cast<void>(Distribution::from_atoms(values, chances, 0)), InputError);
    CHECK_THROWS_AS(static_cast<void>(sample_case().shifted(nan)), InputError);
    CHECK_THROWS_AS(static_cast<void>(sample_case().scaled(nan)), InputError);
    CHECK_THROWS_AS(static_cast<void>(sample_case().tail(nan)), InputError);
    CHECK_THROWS_AS(static_cast<void>(mix(std::vector<Distribution>{}, std::vector<double>{})), InputError);
    CHECK_THROWS_AS(static_cast<void>(mix(std::vector<Distribution>{sample_case()}, std::vector<double>{0.5})),
                    InputError);
}

TEST_CASE("few amounts that no lattice holds are told from themselves") {
    const std::vector<double> chance{0.87, 0.51};
    const std::vector<double> amount{33.33, 9876543.21};
    const Distribution sum = sum_distribution(chance, amount);
    REQUIRE(sum.errors().discretisation > 0);
    CHECK(sum.probability_at_least(9876543.21) == doctest::Approx(0.51).epsilon(1e-14));
    CHECK(sum.cdf(33.33) == doctest::Approx(0.49).epsilon(1e-14));
    CHECK(sum.cdf(33.32) == doctest::Approx(0.49 * 0.13).epsilon(1e-14));
    CHECK(sum.quantile(0.4) == 33.33);
    CHECK(sum.quantile(0) == 0);
    CHECK(sum.quantile(1) == 9876576.54);
    CHECK(sum.tail(9876576.54).probability == doctest::Approx(0.51 * 0.87).epsilon(1e-12));
    CHECK(sum.tail(1e9).probability == 0);
    CHECK(sum.expected_shortfall(0.49) == doctest::Approx(0.87 * 33.33).epsilon(1e-9));
    CHECK(sum.given(1.0, std::nullopt).cdf(33.33) == doctest::Approx(0.49 * 0.87 / (1 - 0.49 * 0.13)).epsilon(1e-12));
    // Not even where an amount beside the range was split into it.
    CHECK_THROWS_WITH_AS(static_cast<void>(sum.given(33.34, 33.33 + 2 * sum.step())),
                         doctest::Contains("no amount from 33.34"), InputError);
    const Distribution turned = sum.scaled(-1).shifted(33.33);
    CHECK(turned.probability_at_least(0) == doctest::Approx(0.49).epsilon(1e-14));
    const std::vector<double> coin{0, 1234567.89};
    const std::vector<double> halves{0.5, 0.5};
    const Distribution more = sum + Distribution::from_atoms(coin, halves);
    CHECK(more.cdf(1234567.89) == doctest::Approx(0.49 * 0.5 + 0.49 * 0.5 * 0.13).epsilon(1e-14));
    // More than few: from the lattice.
    const std::vector<double> many(20, 0.5);
    std::vector<double> odd;
    for (int i = 0; i < 20; ++i) odd.push_back(9876543.21 + 1000.01 * i * i);
    CHECK(sum_distribution(many, odd).mean() == doctest::Approx(sum_distribution(many, odd).lattice().mean()));
}
