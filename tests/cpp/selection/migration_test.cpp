// Tests of the migration between segments, against a search of every customer.
#include "custfolio/selection/migration.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

struct Customers {
    std::vector<std::string> id;
    std::vector<std::int32_t> segment;
    std::vector<double> level;
    std::vector<double> heat;

    [[nodiscard]] SegmentedCustomers view() const { return {id, segment, level, heat}; }
    [[nodiscard]] std::ptrdiff_t place(const std::string& who) const {
        const auto found = std::find(id.begin(), id.end(), who);
        return found == id.end() || segment[static_cast<std::size_t>(found - id.begin())] < 0 ? -1 : found - id.begin();
    }
};

double sum_of(const Matrix& matrix) {
    double sum = 0;
    for (const double one : matrix.values()) sum += one;
    return sum;
}

}  // namespace

TEST_CASE("migration: customers, level and heat by segment before and after") {
    const Customers before{{"a", "b", "c"}, {0, 1, 1}, {100, 50, 10}, {10, 5, -1}};
    const Customers after{{"c", "a", "d"}, {0, 0, 1}, {40, 90, 7}, {4, 9, 1}};
    const Migration found = migration(before.view(), after.view(), 2);
    CHECK(found.customers.values() == std::vector<double>{1, 0, 0, 1, 0, 1, 0, 1, 0});
    CHECK(found.level_before.values() == std::vector<double>{100, 0, 0, 10, 0, 50, 0, 0, 0});
    CHECK(found.level_after.values() == std::vector<double>{90, 0, 0, 40, 0, 0, 0, 7, 0});
    CHECK(found.heat_before.values() == std::vector<double>{10, 0, 0, -1, 0, 5, 0, 0, 0});
    CHECK(found.heat_after.values() == std::vector<double>{9, 0, 0, 4, 0, 0, 0, 1, 0});
}

TEST_CASE("migration: random periods, with identities and by position") {
    std::mt19937_64 random(13);
    for (int trial = 0; trial < 60; ++trial) {
        const std::size_t segments = 1 + random() % 4;
        std::array<Customers, 2> period;
        for (Customers& one : period) {
            for (int c = 0; c < 12; ++c) {
                if (trial % 2 == 0 && random() % 3 == 0) continue;
                one.id.push_back("c" + std::to_string(c));
                one.segment.push_back(static_cast<std::int32_t>(random() % (segments + 1)) - 1);
                one.level.push_back(static_cast<double>(random() % 100));
                one.heat.push_back(static_cast<double>(random() % 50) - 20);
            }
        }
        const auto& [before, after] = period;
        SegmentedCustomers then = before.view();
        SegmentedCustomers now = after.view();
        if (trial % 2 == 1) then.id = now.id = {};
        const Migration found = migration(then, now, segments);
        Matrix customers(segments + 1, segments + 1);
        Matrix heat_after(segments + 1, segments + 1);
        double level = 0;
        for (int c = 0; c < 12; ++c) {
            const std::ptrdiff_t b = before.place("c" + std::to_string(c));
            const std::ptrdiff_t a = after.place("c" + std::to_string(c));
            if (a < 0 && b < 0) continue;
            const std::size_t from =
                b < 0 ? segments : static_cast<std::size_t>(before.segment[static_cast<std::size_t>(b)]);
            const std::size_t to =
                a < 0 ? segments : static_cast<std::size_t>(after.segment[static_cast<std::size_t>(a)]);
            customers(from, to) += 1;
            heat_after(from, to) += a < 0 ? 0 : after.heat[static_cast<std::size_t>(a)];
            level += b < 0 ? 0 : before.level[static_cast<std::size_t>(b)];
        }
        CHECK(found.customers == customers);
        CHECK(found.heat_after == heat_after);
        CHECK(sum_of(found.level_before) == level);
    }
}

TEST_CASE("migration: bad input") {
    const Customers one{{"a"}, {0}, {1}, {}};
    const Customers nobody;
    const Customers single{{}, {0}, {}, {}};
    const Customers twice{{"a", "a"}, {0, 0}, {1, 1}, {}};
    const Customers many{{}, {0, 1}, {}, {}};
    const Customers odd{{"a"}, {3}, {}, {}};
    const Customers bad{{"a"}, {0}, {std::numeric_limits<double>::quiet_NaN()}, {}};
    const Customers shorter{{"a"}, {0}, {1}, {1, 2}};
    CHECK(migration(one.view(), nobody.view(), 1).customers.values() == std::vector<double>{0, 1, 0, 0});
    CHECK(migration(one.view(), one.view(), 1).heat_before.empty());
    CHECK_THROWS_WITH_AS(migration(twice.view(), one.view(), 1), doctest::Contains("customer a is there twice before"),
                         InputError);
    CHECK_THROWS_WITH_AS(migration(one.view(), twice.view(), 1), doctest::Contains("twice after"), InputError);
    CHECK_THROWS_WITH_AS(migration(one.view(), many.view(), 2), doctest::Contains("only one of the two"), InputError);
    CHECK_THROWS_WITH_AS(migration(single.view(), many.view(), 2), doctest::Contains("1 customers before and 2"),
                         InputError);
    CHECK_THROWS_WITH_AS(migration(odd.view(), one.view(), 3), doctest::Contains("customer a: segment 3"), InputError);
    CHECK_THROWS_WITH_AS(migration(one.view(), bad.view(), 1), doctest::Contains("after, customer a: level"),
                         InputError);
    CHECK_THROWS_WITH_AS(migration(shorter.view(), one.view(), 1), doctest::Contains("heat has 2"), InputError);
}
