// Tests of new business as usual: against simulated arrivals, and customers that were there before.
#include "custfolio/lifetime/newcomers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

using namespace custfolio;

namespace {

/// A history with old customers, and newcomers that arrive at a rate a month and stay.
struct Simulated {
    Matrix history;             ///< The months that are known.
    std::vector<double> later;  ///< Revenue in the months after them of customers without a purchase before.
};

Simulated simulate(double rate, double chance, std::size_t months, unsigned seed, std::size_t old = 500) {
    constexpr std::size_t ahead = 12;
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

TEST_CASE("a few rare buyers are no newcomers, and what they bring is that of all") {
    double expected = 0;
    double came = 0;
    for (unsigned seed = 0; seed < 40; ++seed) {
        Simulated one = simulate(0, 0.12, 24, seed, 40);
        // One order of a customer that is seen late is as large as those of all others.
        std::size_t last = 0;
        std::size_t last_month = 0;
        for (std::size_t i = 0; i < one.history.rows(); ++i) {
            const auto row = one.history.row(i);
            const auto first = std::find_if(row.begin(), row.end(), [](double amount) { return amount != 0; });
            const auto month = static_cast<std::size_t>(first - row.begin());
            if (month >= row.size() || month < last_month) continue;
            last = i;
            last_month = month;
        }
        one.history(last, last_month) = 12'000;
        expected += sum(newcomers_as_usual(one.history, {}, 0, 12).level);
        came += sum(one.later);
    }
    // Arrivals without their noise, and amounts of late customers alone, would be more than eight times as much.
    CHECK(expected < 4 * came);
}

TEST_CASE("arrivals have the largest likelihood, less their noise") {
    // Forty customers who were there before, and one newcomer a month; nobody else is heterogeneous.
    constexpr std::size_t months = 24;
    const BGBB model{12, 68, 0.05, 8};
    const std::vector<int> seen{7, 5, 4, 5, 3, 3, 2, 4, 1, 2, 3, 2, 2, 1, 1, 2, 1, 1, 2, 0, 1, 2, 1, 1};
    std::vector<double> share;
    double waits = 1;
    for (std::size_t t = 0; t < months + 1; ++t) {
        const double next = waits * (model.beta + static_cast<double>(t)) / (model.alpha + model.beta + double(t));
        share.push_back((waits - next) * model.survival(double(t)));
        waits = next;
    }
    std::vector<std::size_t> begins;
    for (std::size_t t = 0; t < months; ++t) begins.insert(begins.end(), static_cast<std::size_t>(seen[t]), t);
    Matrix history(begins.size(), months);
    for (std::size_t i = 0; i < begins.size(); ++i) history(i, begins[i]) = 100;
    // On ever finer grids.
    const auto likelihood = [&](double older, double rate) {
        double value = 0;
        for (std::size_t t = 0; t < months; ++t) {
            const double mean = older * share[t] + rate;
            value += seen[t] * std::log(mean) - mean;
        }
        return value;
    };
    double older = 40;
    double rate = 1;
    for (double step = 8; step > 1e-6; step /= 2) {
        for (int k = 0; k < 50; ++k) {
            const double before = likelihood(older, rate);
            for (const double way : {-1.0, 1.0}) {
                if (likelihood(older + way * step, rate) > likelihood(older, rate)) older += way * step;
                const double other = rate + way * step / 16;
                if (other > 0 && likelihood(older, other) > likelihood(older, rate)) rate = other;
            }
            if (likelihood(older, rate) == before) break;
        }
    }
    double of_older = 0;
    double both = 0;
    double of_rate = 0;
    double distance = 0;
    for (std::size_t t = 0; t < months; ++t) {
        const double mean = older * share[t] + rate;
        of_older += share[t] * share[t] / mean;
        both += share[t] / mean;
        of_rate += 1 / mean;
        distance += (seen[t] - mean) * (seen[t] - mean) / std::max(mean, 0.5);
    }
    const double variance =
        of_older / (of_older * of_rate - both * both) * std::max(1.0, distance / static_cast<double>(months - 2));
    REQUIRE(rate * rate > variance);
    const NewcomerLine line = newcomers_as_usual(history, {}, 0, 1, model);
    CHECK(line.arrivals[0] == doctest::Approx(rate - variance / rate + older * share[months]).epsilon(1e-4));
}

TEST_CASE("months before the start count, and a short history has no line") {
    const Simulated one = simulate(6, 0.4, 30, 3);
    const NewcomerLine whole = newcomers_as_usual(one.history, {}, 0, 8);
    const NewcomerLine late = newcomers_as_usual(one.history, {}, 3, 5);
    for (std::size_t m = 0; m < 5; ++m) CHECK(late.level[m] == whole.level[m + 3]);
    const NewcomerLine none = newcomers_as_usual(Matrix(4, 11, 1.0), {}, 0, 12);
    CHECK_FALSE(none.known());
    CHECK(none.reason == "new business is not known: there are less than twelve months");
    const std::string doubt = "less than two years cannot show whether as many keep coming";
    Matrix year(one.history.rows(), 18);
    for (std::size_t i = 0; i < year.rows(); ++i) {
        for (std::size_t t = 0; t < 18; ++t) year(i, t) = one.history(i, t);
    }
    CHECK(newcomers_as_usual(year, {}, 0, 8).reason.find(doubt) != std::string::npos);
    CHECK(whole.reason.find(doubt) == std::string::npos);
    const NewcomerLine nobody = newcomers_as_usual(Matrix(4, 24, 1.0), {}, 0, 3);
    for (const double level : nobody.level) CHECK(std::abs(level) < 1e-9);
    CHECK(nobody.reason == "no newcomers are expected: nobody bought for the first time in the last 18 months");
    CHECK(newcomers_as_usual(Matrix(4, 24), {}, 0, 3).level == std::vector<double>(3, 0.0));
}
