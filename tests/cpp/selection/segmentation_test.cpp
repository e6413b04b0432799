// Tests of the Pareto classes.
#include "custfolio/selection/segmentation.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

std::string letters(const std::vector<Class>& classes) {
    std::string text;
    for (const Class one : classes) text += static_cast<char>(one);
    return text;
}

}  // namespace

TEST_CASE("abc: classes by cumulative share, whoever crosses a bound still in it") {
    CHECK(letters(abc(std::vector<double>{50, 30, 15, 5})) == "AABC");
    CHECK(letters(abc(std::vector<double>{5, 15, 30, 50})) == "CBAA");
    CHECK(letters(abc(std::vector<double>{79, 16, 5})) == "AAC");  // the second begins at 0.79
    CHECK(letters(abc(std::vector<double>{80, 15, 5})) == "ABC");  // the second begins at 0.80
    CHECK(letters(abc(std::vector<double>{100, 0, -20})) == "ACC");
    CHECK(letters(abc(std::vector<double>{0, -1})) == "CC");
    CHECK(letters(abc({})).empty());
    // Equal values share the class of the first of them.
    CHECK(letters(abc(std::vector<double>{10, 10, 10, 10, 10})) == "AAAAA");
    CHECK(letters(abc(std::vector<double>{70, 15, 15})) == "AAA");
    // The bound is met although 0.1 eight times does not sum to 0.8 in binary.
    std::vector<double> tenths;
    for (int i = 0; i < 8; ++i) tenths.push_back(0.1 + (8 - i) * 1e-17);
    tenths.insert(tenths.end(), {0.0999999, 0.0999998});
    CHECK(letters(abc(tenths)).substr(0, 8) == "AAAAAAAA");
    CHECK(letters(abc(std::vector<double>{6, 3, 1}, 0.5, 0.9)) == "ABC");
    CHECK(letters(abc(std::vector<double>{6, 3, 1}, 1, 1)) == "AAA");
}

TEST_CASE("abc: bad input") {
    const std::vector<double> bad{1, std::numeric_limits<double>::quiet_NaN()};
    CHECK_THROWS_WITH_AS(abc(bad), doctest::Contains("position 1"), InputError);
    CHECK_THROWS_WITH_AS(abc(std::vector<double>{1}, 80, 95), doctest::Contains("a_share is 80"), InputError);
    CHECK_THROWS_WITH_AS(abc(std::vector<double>{1}, 0.9, 0.8), doctest::Contains("0.9"), InputError);
}
