// ColumnView: vectors, arrays and Eigen vectors convert; temporaries that own their memory and strided blocks do not.
#include "custfolio/math/column_view.hpp"

#include <doctest/doctest.h>

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

using custfolio::ColumnView;

namespace {

template <class View, class Column>
constexpr bool views = std::is_convertible_v<Column, View>;

using Codes = std::vector<std::int32_t>;
using Amounts = ColumnView<double>;

static_assert(views<ColumnView<std::int32_t>, Codes&> && views<ColumnView<std::int32_t>, const Codes&>);
static_assert(!views<ColumnView<std::int32_t>, Codes> && !views<ColumnView<std::int32_t>, const Codes>);
static_assert(!views<ColumnView<std::string>, std::vector<std::string>>);
static_assert(views<Amounts, Eigen::VectorXd&> && views<Amounts, const Eigen::ArrayXd&>);
static_assert(!views<Amounts, Eigen::VectorXd> && !views<Amounts, std::array<double, 3>>);
static_assert(views<Amounts, std::span<double>> && views<Amounts, std::span<const double>> && views<Amounts, Amounts>);
static_assert(!views<Amounts, std::vector<float>&>);

double sum(std::span<const double> values) {
    double total = 0;
    for (const double value : values) total += value;
    return total;
}

}  // namespace

TEST_CASE("a view reads the caller's memory, whatever owns it") {
    std::vector<double> vector{1.0, 2.0, 3.0};
    const std::array<double, 3> array{1.0, 2.0, 3.0};
    const double plain[]{1.0, 2.0, 3.0};
    const Eigen::ArrayXd eigen{{1.0, 2.0, 3.0}};
    Eigen::Map<Eigen::VectorXd> map(vector.data(), 3);
    for (const Amounts view : {Amounts(vector), Amounts(array), Amounts(plain), Amounts(eigen), Amounts(map),
                               Amounts(std::span(vector)), Amounts(vector.data(), 3)}) {
        CHECK(view.size() == 3);
        CHECK(sum(view) == 6.0);
    }
    Amounts view = vector;
    vector[0] = 5.0;
    CHECK(view[0] == 5.0);
    view = array;
    CHECK(view.data() == array.data());
    CHECK(Amounts{}.empty());
}

TEST_CASE("a strided block is refused, not read wrongly") {
    Eigen::Matrix<double, 2, 2, Eigen::RowMajor> matrix;
    matrix << 1, 2, 3, 4;
    const auto column = matrix.col(0);
    CHECK_THROWS_WITH_AS((void)Amounts(column), doctest::Contains("lie 2 apart"), custfolio::InputError);
    const auto row = matrix.row(1);
    CHECK(sum(Amounts(row)) == 7.0);
}
