// Tests of purchase histories: what is refused and how it is told, and that collapsing loses nothing.
#include "custfolio/lifetime/purchase_history.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/random.hpp"

using namespace custfolio;

namespace {

std::string error_of(double x, double t, double observed) {
    const std::vector<double> frequency{0, x};
    const std::vector<double> recency{0, t};
    const std::vector<double> age{1, observed};
    try {
        const PurchaseHistories histories(frequency, recency, age);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("Histories that cannot be are refused with row, column and what would be right") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double inf = std::numeric_limits<double>::infinity();
    for (const double bad : {-1.0, 0.5, nan, inf}) {
        CHECK(error_of(bad, 1, 2).starts_with("row 2: frequency is "));
    }
    for (const double bad : {-1.0, nan, inf}) {
        CHECK(error_of(1, bad, 2).starts_with("row 2: recency is "));
        CHECK(error_of(1, 1, bad).starts_with("row 2: T is "));
    }
    CHECK(error_of(1, 3, 2).starts_with("row 2: recency is 3, after T = 2"));
    CHECK(error_of(1, 0, 2).starts_with("row 2: recency is 0 with 1 repeat purchases"));
    CHECK(error_of(0, 1, 2).starts_with("row 2: recency is 1; it must be 0 where frequency is 0"));
    CHECK(error_of(0, 0, 0).empty());
    CHECK(error_of(5000, 2, 2).empty());
}

TEST_CASE("Columns of unequal length, negative weights and covariates without a number are refused") {
    const std::vector<double> two{0, 0};
    const std::vector<double> one{0};
    CHECK_THROWS_AS(PurchaseHistories(two, one, two), InputError);
    CHECK_THROWS_AS(PurchaseHistories(two, two, two, one), InputError);
    const std::vector<double> negative{1, -1};
    CHECK_THROWS_AS(PurchaseHistories(two, two, two, negative), InputError);
    CHECK_THROWS_AS(PurchaseHistories(two, two, two, {}, Matrix(1, 1)), InputError);
    CHECK_THROWS_AS(PurchaseHistories(two, two, two, {}, Matrix(2, 1, std::nan(""))), InputError);
}

TEST_CASE("Collapsed cells hold what the rows held") {
    std::vector<double> x;
    std::vector<double> t;
    std::vector<double> observed;
    std::vector<double> weight;
    Matrix covariates(3000, 1);
    std::map<std::tuple<double, double, double, double>, double> expected;
    double purchases = 0;
    for (std::uint64_t i = 0; i < 3000; ++i) {
        x.push_back(std::floor(4 * math::uniform(1, 0, i)));
        observed.push_back(10 + std::floor(3 * math::uniform(1, 1, i)));
        t.push_back(x.back() == 0 ? 0 : 1 + std::floor(9 * math::uniform(1, 2, i)));
        weight.push_back(static_cast<double>(i % 4));
        covariates(i, 0) = static_cast<double>(i % 2);
        expected[{x[i], t[i], observed[i], covariates(i, 0)}] += weight[i];
        purchases += x[i] * weight[i];
    }
    const PurchaseHistories histories(x, t, observed, weight, covariates);
    CHECK(histories.rows() == 3000);
    CHECK(histories.cells() == expected.size());
    CHECK(histories.purchases() == purchases);
    for (std::size_t i = 0; i < 3000; ++i) {
        const std::size_t c = histories.cell_of_row()[i];
        CHECK(histories.frequency().value[histories.frequency().index[c]] == x[i]);
        CHECK(histories.recency().value[histories.recency().index[c]] == t[i]);
        CHECK(histories.age().value[histories.age().index[c]] == observed[i]);
        const double z = histories.covariates()(c, 0);
        CHECK(z == covariates(i, 0));
        CHECK(histories.weight()[c] == expected.at({x[i], t[i], observed[i], z}));
    }
    const PurchaseHistories part = histories.every(5);
    CHECK(part.cells() == (histories.cells() + 4) / 5);
    CHECK(part.weight()[1] == histories.weight()[5]);
    CHECK(part.frequency().value[part.frequency().index[1]] ==
          histories.frequency().value[histories.frequency().index[5]]);
}
