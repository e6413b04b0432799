// Tests of segments by rules.
#include "custfolio/selection/segment_rules.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

using Places = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("rules: the first rule whose conditions are all met counts") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<double> revenue{50'000, 50'000, 900, 900, 50'000};
    const std::vector<double> temperature{0.20, 0.01, 0.20, -0.3, nan};
    const std::vector<RuleColumn> columns{{"revenue", revenue}, {"the temperature", temperature}};
    const std::vector<SegmentRule> rules{{"core", conditions_of("revenue >= 10000 and the temperature>=0.05")},
                                         {"costly", conditions_of("the temperature < 0")},
                                         {"large", conditions_of("revenue > 1e4")},
                                         {"other", {}}};
    CHECK(segments_by_rules(columns, rules) == Places{0, 2, 3, 1, 2});
    CHECK(segments_by_rules(columns, {}) == Places(5, -1));
    CHECK(segments_by_rules({}, {}).empty());
}

TEST_CASE("rules: each comparison, and unknown values meet none") {
    const std::vector<double> x{1, 2, 3, std::numeric_limits<double>::quiet_NaN()};
    const std::vector<RuleColumn> columns{{"x", x}};
    const auto met = [&](const char* text) {
        return segments_by_rules(columns, std::vector<SegmentRule>{{"a", conditions_of(text)}});
    };
    CHECK(met("x < 2") == Places{0, -1, -1, -1});
    CHECK(met("x <= 2") == Places{0, 0, -1, -1});
    CHECK(met("x >= 2") == Places{-1, 0, 0, -1});
    CHECK(met("x > 2") == Places{-1, -1, 0, -1});
    CHECK(met("x = 2") == Places{-1, 0, -1, -1});
    CHECK(met("x == 2") == Places{-1, 0, -1, -1});
    CHECK(met("x != 2") == Places{0, -1, 0, -1});
    CHECK(met(" x>1 and x<3 ") == Places{-1, 0, -1, -1});
    CHECK(met("") == Places{0, 0, 0, 0});
    for (const char* sign : {"<", "<=", ">=", ">", "=", "!="}) {
        CHECK(to_string(conditions_of(std::string("x ") + sign + " 2").front().comparison) == sign);
    }
}

TEST_CASE("rules: bad input") {
    for (const char* text :
         {"x", "x <", "< 3", "x < y", "x < nan", "x < 3 4", "x >= 1 and", "x =< 1", "and", "x < 1,000"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(conditions_of(text), InputError);
    }
    CHECK_THROWS_WITH_AS(conditions_of("x >= 1 and y"), doctest::Contains("condition 'y': it must compare"),
                         InputError);
    const std::vector<double> one{1};
    const std::vector<double> two{1, 2};
    const std::vector<RuleColumn> columns{{"x", one}};
    CHECK_THROWS_WITH_AS(segments_by_rules(columns, std::vector<SegmentRule>{{"a", conditions_of("z < 1")}}),
                         "segment 'a': there is no column 'z'; there are x", NotFoundError);
    CHECK_THROWS_WITH_AS(segments_by_rules(columns, std::vector<SegmentRule>{{"", {}}}),
                         doctest::Contains("segment 1 has no name"), InputError);
    CHECK_THROWS_WITH_AS(segments_by_rules(std::vector<RuleColumn>{{"x", one}, {"y", two}}, {}),
                         doctest::Contains("'y' has 2 values and 'x' 1"), InputError);
    const double infinite = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH_AS(
        segments_by_rules(columns, std::vector<SegmentRule>{{"a", {{"x", Comparison::below, infinite}}}}),
        doctest::Contains("the bound of x <"), InputError);
    const auto odd = static_cast<Comparison>(9);
    CHECK_THROWS_WITH_AS(to_string(odd), "comparison 9 does not exist", InputError);
    CHECK_THROWS_AS(segments_by_rules(columns, std::vector<SegmentRule>{{"a", {{"x", odd, 1}}}}), InputError);
}
