// Tests of new business as usual: against simulated arrivals, and customers that were there before.
#include "custfolio/lifetime/newcomers.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

using namespace custfolio;

namespace {

/// A history with old customers, and newcomers that arrive at a rate a month and stay.
struct Simulated {
    Matrix history;             ///< The months that are known.
    std::vector<double> later;  ///< Revenue in the months after them of customers without a purchase before.
};

Simulated simulate(double rate, double chance, std::size_t months, unsigned seed) {
    constexpr std::size_t ahead = 12;
    constexpr std::size_t old = 500;
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform;
    std::poisson_distribution<int> arrive(rate);
    std::vector<std::size_t> begins(old, 0);
    for (std::size_t t = 0; t < months + ahead; ++t) {
        for (int k = rate > 0 ? arrive(random) : 0; k > 0; --k) begins.push_back(t);
    }
    Simulated result{Matrix(begins.size(), months), std::vector<double>(ahead)};
    for (std::size_t i = 0; i < begins.size(); ++i) {
        bool bought = false;
        for (std::size_t t = begins[i]; t < months + ahead; ++t) {
            const bool first = i >= old && t == begins[i];  // who arrives, buys
            if (!first && uniform(random) >= chance) continue;
            if (t < months) {
                result.history(i, t) = 100;
                bought = true;
            } else if (!bought) {
                result.later[t - months] += 100;
            }
        }
    }
    return result;
}

double sum(const std::vector<double>& values) {
    double total = 0;
    for (const double value : values) total += value;
    return total;
}

}  // namespace

TEST_CASE("newcomers bring what newcomers brought") {
    for (const std::size_t months : {18U, 24U, 36U, 48U}) {
        double expected = 0;
        double came = 0;
        double variance = 0;
        for (unsigned seed = 0; seed < 12; ++seed) {
            const Simulated one = simulate(6, 0.4, months, seed);
            const NewcomerLine line = newcomers_as_usual(one.history, {}, 0, 12);
            REQUIRE(line.known());
            CHECK(line.level.back() > 3 * line.level.front());  // they add up
            CHECK(std::abs(line.arrivals[3] - 6) < 2.5);
            expected += sum(line.level);
            came += sum(one.later);
            for (const double deviation : line.deviation) variance += deviation * deviation;
        }
        CHECK(std::abs(expected / came - 1) < 0.08);
        CHECK(variance > 0);
    }
}

TEST_CASE("older customers who had not bought yet are no newcomers") {
    double expected = 0;
    double came = 0;
    for (unsigned seed = 0; seed < 12; ++seed) {
        const Simulated one = simulate(0, 0.08, 24, seed);
        const NewcomerLine line = newcomers_as_usual(one.history, {}, 0, 12);
        expected += sum(line.level);
        came += sum(one.later);
    }
    // Without the correction it would be four times as much: the second year's first purchases.
    CHECK(expected < 2 * came);
    CHECK(expected > came / 2);
}

TEST_CASE("months before the start count, and a short history has no line") {
    const Simulated one = simulate(6, 0.4, 30, 3);
    const NewcomerLine whole = newcomers_as_usual(one.history, {}, 0, 8);
    const NewcomerLine late = newcomers_as_usual(one.history, {}, 3, 5);
    for (std::size_t m = 0; m < 5; ++m) CHECK(late.level[m] == whole.level[m + 3]);
    const NewcomerLine none = newcomers_as_usual(Matrix(4, 11, 1.0), {}, 0, 12);
    CHECK_FALSE(none.known());
    CHECK(none.reason == "new business is not known: there are less than twelve months");
    const NewcomerLine nobody = newcomers_as_usual(Matrix(4, 24), {}, 0, 3);
    CHECK(nobody.level == std::vector<double>(3, 0.0));
}
