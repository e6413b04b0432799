// Tests of sums of variables of few values, against the tree of convolutions and direct convolution.
#include "custfolio/math/sparse_sum.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "custfolio/math/bernoulli_sum.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio::math;
using custfolio::InputError;

namespace {

struct Variable {
    std::vector<double> position;
    std::vector<double> probability;
};

Variable random_variable(std::mt19937_64& random, std::size_t most, int highest, bool whole) {
    Variable x;
    const std::size_t values = random() % most + 1;
    double total = 0.0;
    for (std::size_t k = 0; k < values; ++k) {
        x.position.push_back(static_cast<double>(random() % static_cast<unsigned>(highest)) - 20.0 +
                             (whole ? 0.0 : 0.3));
        x.probability.push_back(std::uniform_real_distribution<double>(0.01, 1.0)(random));
        total += x.probability.back();
    }
    for (double& p : x.probability) p /= total;
    return x;
}

SparseSummands columns(const std::vector<Variable>& variables) {
    SparseSummands all;
    for (const Variable& x : variables) {
        all.position.insert(all.position.end(), x.position.begin(), x.position.end());
        all.probability.insert(all.probability.end(), x.probability.begin(), x.probability.end());
        all.begin.push_back(all.position.size());
    }
    return all;
}

void same(const LatticeDistribution& a, const LatticeDistribution& b) {
    CHECK(a.origin() == b.origin());
    CHECK(a.step() == b.step());
    CHECK(a.mean() == b.mean());
    CHECK(a.variance() == b.variance());
    CHECK(a.errors().probability() == b.errors().probability());
    CHECK(std::equal(a.mass().begin(), a.mass().end(), b.mass().begin(), b.mass().end()));
}

}  // namespace

TEST_CASE("sparse variables: the inverted characteristic function agrees with the tree within both bounds") {
    std::mt19937_64 random(5);
    struct Shape {
        std::size_t most;
        int highest;
    };
    // Few values, many values, and variables of which one is far wider than the sum of the others.
    for (const Shape shape : {Shape{6, 90}, Shape{40, 90}, Shape{6, 30000}}) {
        for (const std::size_t n : {1U, 5U, 60U, 700U}) {
            for (const bool whole : {true, false}) {
                std::vector<Variable> variables;
                for (std::size_t i = 0; i < n; ++i) {
                    variables.push_back(random_variable(random, shape.most, i == 3 ? shape.highest : 90, whole));
                }
                std::vector<LatticeDistribution> parts;
                double variance = 0.0;
                for (const Variable& x : variables) {
                    std::vector<double> value = x.position;
                    for (double& v : value) v *= 0.5;
                    parts.push_back(LatticeDistribution::from_atoms(value, x.probability, 0.5, 0.0));
                    variance += parts.back().variance();
                }
                const LatticeDistribution fast = sum_sparse(columns(variables), 0.5, {1e-15, 1});
                const LatticeDistribution tree = sum_independent(parts, {1e-15, 1});
                const double bound = fast.errors().probability() + tree.errors().probability() + 1e-15;
                CHECK(bound < 1e-9);
                CHECK(fast.errors().discretisation == doctest::Approx(tree.errors().discretisation).epsilon(1e-9));
                CHECK(fast.mean() == doctest::Approx(tree.mean()).epsilon(1e-12));
                CHECK(fast.variance() == doctest::Approx(variance).epsilon(1e-9));
                CHECK(*std::min_element(fast.mass().begin(), fast.mass().end()) >= 0.0);
                bool near = true;
                for (std::size_t k = 0; k < tree.size(); k += 7) {
                    near = near && std::abs(fast.cdf(tree.value(k)) - tree.cdf(tree.value(k))) <= bound;
                }
                CHECK(near);
                same(fast, sum_sparse(columns(variables), 0.5, {1e-15, 2}));
            }
        }
    }
    CHECK_THROWS_AS(sum_sparse({{0, 1}, {1.0}, {0.5}}, 1.0), InputError);
    CHECK_THROWS_AS(sum_sparse({{0, 2}, {1.0}, {1.0}}, 1.0), InputError);
    CHECK_THROWS_AS(sum_sparse({{0, 1, 1}, {1.0}, {1.0}}, 1.0), InputError);
    CHECK(sum_sparse({}, 1.0).mean() == 0.0);
}

TEST_CASE("many narrow variables: a block of points is a polynomial, as direct convolution in long double gives it") {
    std::mt19937_64 random(6);
    std::vector<Variable> variables;
    for (int i = 0; i < 400; ++i) variables.push_back(random_variable(random, 5, 60, true));
    const LatticeDistribution sum = sum_sparse(columns(variables), 1.0);
    REQUIRE(sum.size() > 4096);
    std::vector<long double> mass{1.0L};  // from -20 a variable on
    for (const Variable& x : variables) {
        std::vector<long double> next(mass.size() + 60);
        for (std::size_t k = 0; k < mass.size(); ++k) {
            for (std::size_t a = 0; a < x.position.size(); ++a) {
                next[k + static_cast<std::size_t>(x.position[a] + 20.0)] +=
                    mass[k] * static_cast<long double>(x.probability[a]);
            }
        }
        mass = std::move(next);
    }
    long double below = 0.0L;
    double greatest = 0.0;
    for (std::size_t k = 0; k < mass.size(); ++k) {
        below += mass[k];
        greatest =
            std::max(greatest, std::abs(sum.cdf(static_cast<double>(k) - 20.0 * 400) - static_cast<double>(below)));
    }
    CHECK(greatest < 1e-13);
    CHECK(greatest <= sum.errors().probability());
}

TEST_CASE("variables of many values where few frequencies can be left out: power series about several frequencies") {
    std::mt19937_64 random(8);
    std::vector<Variable> variables(1000);
    std::vector<LatticeDistribution> parts;
    for (Variable& x : variables) {
        // Nothing or something near 1,000, so that the characteristic function is great at multiples of one frequency.
        x.position.push_back(0.0);
        x.probability.push_back(0.8);
        const std::size_t values = 24 + random() % 30;
        double total = 0.0;
        for (std::size_t k = 0; k < values; ++k) {
            x.position.push_back(1000.0 + static_cast<double>(random() % 60));
            x.probability.push_back(std::uniform_real_distribution<double>(0.01, 1.0)(random));
            total += x.probability.back();
        }
        for (std::size_t k = 1; k <= values; ++k) x.probability[k] *= 0.2 / total;
        parts.push_back(LatticeDistribution::from_atoms(x.position, x.probability, 1.0, 0.0));
    }
    const LatticeDistribution fast = sum_sparse(columns(variables), 1.0);
    const LatticeDistribution tree = sum_independent(parts);
    // A tree has no aliasing: the other way was taken.
    REQUIRE(fast.errors().aliasing > 0.0);
    double greatest = 0.0;
    for (std::size_t k = 0; k < tree.size(); ++k) {
        greatest = std::max(greatest, std::abs(fast.cdf(tree.value(k)) - tree.cdf(tree.value(k))));
    }
    CHECK(greatest < 1e-13);
    CHECK(greatest <= fast.errors().probability() + tree.errors().probability());
}

TEST_CASE("a sum of a small share is as wrong as its errors at most, and not more than the share allows") {
    std::mt19937_64 random(9);
    std::vector<Variable> variables;
    std::vector<double> chance;
    std::vector<double> amount;
    for (int i = 0; i < 300; ++i) {
        const double p = std::uniform_real_distribution<double>(0.01, 0.2)(random);
        const auto a = static_cast<double>(random() % 200 + 1);
        variables.push_back({{0.0, a}, {1.0 - p, p}});
        chance.push_back(p);
        amount.push_back(a);
    }
    const LatticeDistribution whole = sum_sparse(columns(variables), 1.0);
    for (const double share : {1e-3, 1e-8, 1e-14, 1e-22}) {
        CAPTURE(share);
        const SumSettings settings{.share = share};
        for (const LatticeDistribution& part :
             {sum_sparse(columns(variables), 1.0, settings), sum_bernoulli(chance, amount, 1.0, settings)}) {
            double greatest = 0.0;
            for (std::size_t k = 0; k < whole.size(); ++k) {
                greatest = std::max(greatest, std::abs(part.cdf(whole.value(k)) - whole.cdf(whole.value(k))));
            }
            CHECK(greatest <= part.errors().probability() + whole.errors().probability());
            CHECK(greatest * share < 1e-14);
            CHECK(part.mean() == doctest::Approx(whole.mean()).epsilon(std::min(1e-2, 1e-12 / share)));
            CHECK(part.size() <= whole.size());
        }
    }
    CHECK_THROWS_WITH_AS(sum_sparse({}, 1.0, {.share = 0.0}), doctest::Contains("share is 0"), InputError);
    CHECK_THROWS_WITH_AS(sum_bernoulli({}, {}, 1.0, {.share = 1.5}), doctest::Contains("share is 1.5"), InputError);
}
