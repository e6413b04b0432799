// Tests of sums that are told anew: the bits of a sum computed anew, whatever changed.
#include "custfolio/distribution/independent_sum.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

DiscreteAmount random_amount(std::mt19937_64& random, std::size_t most, double unit) {
    DiscreteAmount x;
    const std::size_t count = random() % most + 1;
    double total = 0;
    for (std::size_t k = 0; k < count; ++k) {
        x.amount.push_back(unit * static_cast<double>(random() % 500) - 7 * unit);
        x.probability.push_back(std::uniform_real_distribution<double>(0.01, 1)(random));
        total += x.probability.back();
    }
    for (double& p : x.probability) p /= total;
    return x;
}

void same(const Distribution& a, const Distribution& b) {
    CHECK(a.mean() == b.mean());
    CHECK(a.variance() == b.variance());
    CHECK(a.step() == b.step());
    CHECK(a.value(0) == b.value(0));
    CHECK(std::equal(a.mass().begin(), a.mass().end(), b.mass().begin(), b.mass().end()));
    CHECK(a.errors().probability() == b.errors().probability());
    CHECK(a.errors().discretisation == b.errors().discretisation);
    const double far = a.mean() + 12 * a.standard_deviation();
    CHECK(a.tail(far).probability == b.tail(far).probability);
}

}  // namespace

TEST_CASE("told anew and computed anew are one, on whole amounts, cents and lattices too coarse for them") {
    std::mt19937_64 random(11);
    for (const double unit : {100.0, 0.01, 0.0137}) {
        for (const std::size_t n : {2U, 70U, 1500U}) {
            std::vector<DiscreteAmount> amounts;
            for (std::size_t i = 0; i < n; ++i) amounts.push_back(random_amount(random, i % 7 == 0 ? 25 : 4, unit));
            const SumOptions options{.points = 1U << 12};
            IndependentSum sum(amounts, options);
            same(sum.distribution(), sum_distribution(amounts, options));
            int kept = 0;
            for (int turn = 0; turn < 6; ++turn) {
                std::vector<std::size_t> index;
                std::vector<DiscreteAmount> with;
                for (std::size_t i = turn % 2; i < n; i += 1 + random() % n) {
                    index.push_back(i);
                    // Turn 4: amounts that are no multiples of what all had in common, and larger ones.
                    with.push_back(random_amount(random, turn == 0 ? 1 : 6, turn == 4 ? 1.7 * unit : unit));
                    amounts[i] = with.back();
                }
                const IndependentSum next = sum.replaced(index, with, 1);
                kept += next.distribution().step() == sum.distribution().step() ? 1 : 0;
                sum = next;
                same(sum.distribution(), sum_distribution(amounts, options));
            }
            if (n == 1500) CHECK(kept >= 4);
            CHECK(sum.memory() > 16 * n);
        }
    }
}

TEST_CASE("told anew: bad input is named") {
    const std::vector<DiscreteAmount> one{{{0.5, 0.5}, {0, 10}}};
    const IndependentSum sum(one);
    const std::size_t zero = 0;
    const std::size_t second = 1;
    CHECK_THROWS_WITH_AS(static_cast<void>(sum.replaced(std::span(&second, 1), one)),
                         "position is 1; there are 1 summands", InputError);
    CHECK_THROWS_AS(static_cast<void>(sum.replaced({}, one)), InputError);
    const std::vector<DiscreteAmount> bad{{{0.5, 0.6}, {0, 10}}};
    CHECK_THROWS_WITH_AS(static_cast<void>(sum.replaced(std::span(&zero, 1), bad)),
                         "summand at position 0: its probabilities sum to 1.1; they must sum to 1", InputError);
}
