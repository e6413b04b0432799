// Tests of the displacement: by hand, its two properties over random buckets, agreement with a slow search, speed, bad
// input.
#include "custfolio/overflow/displacement.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

IceCube steady(std::size_t customer, double level, double heat, std::size_t months, int earliest = 0) {
    return {customer, std::vector<double>(months, level), std::vector<double>(months, heat), earliest};
}

struct Bucketful {
    std::vector<IceCube> cubes;
    std::vector<double> slack;
};

Bucketful random_bucket(std::mt19937_64& random, std::size_t cubes, std::size_t months) {
    std::uniform_real_distribution<double> uniform;
    std::normal_distribution<double> normal;
    Bucketful bucket;
    double level = 0;
    for (std::size_t i = 0; i < cubes; ++i) {
        IceCube cube{
            i, {}, {}, uniform(random) < 0.3 ? static_cast<int>(uniform(random) * static_cast<double>(months)) : 0};
        const double size = std::exp(normal(random));
        const double temperature = -0.3 + 0.4 * uniform(random);
        for (std::size_t m = 0; m < months; ++m) {
            cube.level.push_back(std::round(100 * size * (uniform(random) - 0.05)) / 100);
            cube.heat.push_back(size * (temperature + 0.1 * normal(random)));
        }
        level += size / 2;
        bucket.cubes.push_back(cube);
    }
    double slack = 0.2 * level * (uniform(random) - 0.2);
    for (std::size_t m = 0; m < months; ++m) {
        bucket.slack.push_back(slack);
        slack += level / static_cast<double>(months) * (uniform(random) - 0.2);
    }
    return bucket;
}

/// The order of flowing over, written down a second time.
std::vector<std::size_t> coldest_first(const std::vector<IceCube>& cubes) {
    std::vector<std::size_t> order(cubes.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto sum = [](const std::vector<double>& values) {
        double total = 0;
        for (const double value : values) total += value;
        return total;
    };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const double ta = cubes[a].rank();
        const double tb = cubes[b].rank();
        return ta != tb ? ta < tb : sum(cubes[a].heat) < sum(cubes[b].heat);
    });
    return order;
}

/// Whether what is left of the slack replaces a cube from a month on: slow and direct.
bool replaced(const IceCube& cube, std::size_t month, const std::vector<double>& slack) {
    if (month < static_cast<std::size_t>(cube.earliest) || month >= slack.size()) return false;
    for (std::size_t m = slack.size(); m-- > month;) {
        if (cube.level[m] > 0 && slack[m] - cube.level[m] < 0) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("by hand: coldest first, each once replaced, a big one passed over") {
    const std::size_t months = 4;
    // The coldest is too big until month 2; meanwhile only what it leaves over from there on may flow.
    const std::vector<IceCube> cubes{steady(10, 5, -1, months),    // -20 %
                                     steady(11, 30, -15, months),  // -50 %: coldest
                                     steady(12, 5, -2, months),    // -40 %
                                     steady(13, 5, 1, months)};    // earns money
    const std::vector<double> slack{5, 8, 36, 37};
    const std::vector<Displaced> out = displace(cubes, slack);
    REQUIRE(out.size() == 2);
    CHECK(out[0].customer == 11);
    CHECK(out[0].month == 2);
    CHECK(out[0].level == 60);
    CHECK(out[0].heat == -30);
    CHECK(out[1].customer == 12);
    CHECK(out[1].cube == 2);
    CHECK(out[1].month == 0);  // 5 in month 0; 36 - 30 - 5 >= 0 in month 2
    CHECK(out[1].level == 20);
    // 13 earns money: it never flows over, unless asked.
    const std::vector<double> ample(months, 1'000);
    CHECK(displace(cubes, ample).size() == 3);
    const std::vector<Displaced> all = displace(cubes, ample, {.only_cold = false});
    REQUIRE(all.size() == 4);
    CHECK(all.back().customer == 13);
}

TEST_CASE("an exact replacement is enough, one cent less is not; after a refusal only later") {
    const std::vector<IceCube> cube{steady(0, 100, -5, 3, 1)};
    CHECK(displace(cube, std::vector<double>{100, 100, 100}).at(0).month == 1);
    CHECK(displace(cube, std::vector<double>{100, 99.99, 100}).at(0).month == 2);
    CHECK(displace(cube, std::vector<double>{100, 100, 99.99}).empty());
    const std::vector<IceCube> late{steady(0, 100, -5, 3, 3)};
    CHECK(displace(late, std::vector<double>{100, 100, 100}).empty());
}

TEST_CASE("in the month that is worth most, discounted") {
    const std::vector<IceCube> seasonal{{0, {10, 10, 10}, {-9, 8, -3}, 0}};
    // From month 0 on it costs 4, from month 1 on it earns 5, in month 2 it costs 3.
    CHECK(displace(seasonal, std::vector<double>{10, 10, 10}).at(0).month == 0);
    CHECK(displace(seasonal, std::vector<double>{9, 10, 10}).at(0).month == 2);
    const std::vector<double> slack(3, 10.0);
    const std::vector<IceCube> late{{0, {10, 10, 10}, {2, 2, -9}, 0}};
    CHECK(displace(late, slack).at(0).month == 2);
    const std::vector<IceCube> warm{{0, {10, 10, 10}, {-3, 2, 2}, 0}};
    CHECK(displace(warm, slack).empty());
    CHECK(displace(warm, slack, {.discount = {1.0, 0.5, 0.25}}).at(0).month == 0);
    CHECK_THROWS_WITH_AS((void)displace(warm, slack, {.discount = {1.0}}), "discount has 1 months; the horizon has 3",
                         custfolio::InputError);
    CHECK_THROWS_AS((void)displace(warm, slack, {.discount = {1.0, -1.0, 0.0}}), custfolio::InputError);
}

TEST_CASE("random buckets: never before being replaced, coldest first, as a slow search finds") {
    std::mt19937_64 random(29);
    std::size_t flowed = 0;
    std::size_t stayed = 0;
    for (int round = 0; round < 400; ++round) {
        const std::size_t months = 1 + static_cast<std::size_t>(round) % 7;
        const bool only_cold = round % 3 != 0;
        const Bucketful bucket = random_bucket(random, static_cast<std::size_t>(round) % 12, months);
        std::vector<double> discount;
        for (std::size_t m = 0; m < months && round % 2 == 0; ++m) discount.push_back(std::pow(0.9, m));
        const std::vector<Displaced> out =
            displace(bucket.cubes, bucket.slack, {.only_cold = only_cold, .discount = discount});
        flowed += out.size();
        stayed += bucket.cubes.size() - out.size();

        // Never before being replaced: after each displacement every month is at its floor or was not lowered.
        std::vector<double> left = bucket.slack;
        std::vector<int> month_of(bucket.cubes.size(), static_cast<int>(months));
        for (const Displaced& each : out) {
            month_of[each.cube] = each.month;
            for (std::size_t m = static_cast<std::size_t>(each.month); m < months; ++m) {
                const double before = left[m];
                left[m] -= bucket.cubes[each.cube].level[m];
                CHECK((left[m] >= 0 || left[m] >= before));
            }
        }
        // The whole answer, searched month by month: coldest first, each where it is worth most.
        const std::vector<std::size_t> order = coldest_first(bucket.cubes);
        std::vector<double> slack = bucket.slack;
        std::size_t next = 0;
        for (const std::size_t cube : order) {
            std::size_t best = months;
            double least = std::numeric_limits<double>::infinity();
            for (std::size_t month = 0; month < months; ++month) {
                double heat = 0;
                for (std::size_t m = months; m-- > month;) {
                    heat += bucket.cubes[cube].heat[m] * (discount.empty() ? 1.0 : discount[m]);
                }
                if (!replaced(bucket.cubes[cube], month, slack) || (only_cold && heat >= 0)) continue;
                if (heat < least) {
                    least = heat;
                    best = month;
                }
            }
            if (best == months) continue;
            REQUIRE(next < out.size());
            CHECK(out[next].cube == cube);
            CHECK(out[next].month == static_cast<int>(best));
            ++next;
            for (std::size_t m = best; m < months; ++m) slack[m] -= bucket.cubes[cube].level[m];
        }
        CHECK(next == out.size());
    }
    CHECK(flowed > 300);
    CHECK(stayed > 300);
}

TEST_CASE("more slack in the last month never keeps the coldest longer") {
    std::mt19937_64 random(31);
    for (int round = 0; round < 100; ++round) {
        Bucketful bucket = random_bucket(random, 8, 6);
        const std::vector<std::size_t> order = coldest_first(bucket.cubes);
        const auto month = [&](const std::vector<Displaced>& out) {
            for (const Displaced& each : out) {
                if (each.cube == order[0]) return each.month;
            }
            return 6;
        };
        const int before = month(displace(bucket.cubes, bucket.slack));
        for (double& slack : bucket.slack) slack += 1;
        CHECK(month(displace(bucket.cubes, bucket.slack)) <= before);
    }
}

TEST_CASE("customers without level are the coldest where they cost money") {
    const std::vector<IceCube> cubes{steady(0, 10, -9, 2), steady(1, 0, -1, 2), steady(2, 0, 1, 2)};
    CHECK(std::isinf(cubes[1].rank()));
    const std::vector<Displaced> out =
        displace(cubes, std::vector<double>{-5, 10});  // month 0 is below its floor already
    REQUIRE(out.size() == 2);
    CHECK(out[0].customer == 1);
    CHECK(out[0].month == 0);
    CHECK(out[1].customer == 0);
    CHECK(out[1].month == 1);
}

TEST_CASE("no floor, no cubes, no months") {
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<IceCube> cubes{steady(0, 1e9, -1, 2)};
    CHECK(displace(cubes, std::vector<double>{infinity, infinity}).at(0).month == 0);
    CHECK(displace(cubes, std::vector<double>{-infinity, -infinity}).empty());
    CHECK(displace({}, std::vector<double>{1, 2}).empty());
    CHECK(displace(std::vector<IceCube>{steady(0, 1, -1, 0)}, {}).empty());
}

TEST_CASE("fifty thousand ice cubes over twelve months take well under a second") {
    std::mt19937_64 random(37);
    const Bucketful bucket = random_bucket(random, 50'000, 12);
    const auto start = std::chrono::steady_clock::now();
    CHECK_FALSE(displace(bucket.cubes, bucket.slack).empty());
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
}

TEST_CASE("bad input names the ice cube") {
    const std::vector<double> slack{1, 2};
    CHECK_THROWS_WITH_AS(displace(std::vector<IceCube>{steady(0, 1, -1, 2), steady(1, 1, -1, 3)}, slack),
                         "ice cube 2 has 3 months of level and 3 of heat; the horizon has 2", InputError);
    CHECK_THROWS_WITH_AS(displace(std::vector<IceCube>{{0, {1, 1}, {-1, std::nan("")}, 0}}, slack),
                         "ice cube 1, month 2: heat is nan; a finite number is needed", InputError);
    CHECK_THROWS_AS(displace(std::vector<IceCube>{steady(0, 1, -1, 2, -1)}, slack), InputError);
    CHECK_THROWS_AS(displace({}, std::vector<double>{std::nan("")}), InputError);
    CHECK_THROWS_WITH_AS(displace(std::vector<IceCube>{steady(0, 1e308, -1, 2)}, slack),
                         doctest::Contains("ice cube 1: the sum of its levels is inf"), InputError);
}
