// Tests of the reconciliation: against the matrix formula with the whole summing matrix, exact sums, and its corners.
#include "custfolio/lifetime/reconcile.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include <Eigen/LU>

#include "custfolio/math/eigen_views.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

// S (S' D^-1 S)^-1 S' D^-1 y with the whole summing matrix; y and d: groups first, then customers.
Eigen::VectorXd by_matrices(const Eigen::MatrixXd& sums, const Eigen::VectorXd& y, const Eigen::VectorXd& d) {
    const Eigen::MatrixXd weighted = sums.transpose() * d.cwiseInverse().asDiagonal();
    return (weighted * sums).inverse() * (weighted * y);
}

}  // namespace

TEST_CASE("reconciled forecasts are those of the matrix formula, with and without a company row") {
    constexpr int customers = 7;
    constexpr int segments = 3;
    const std::vector<std::int32_t> segment{0, 1, 1, 2, 0, 2, 2};
    for (const int groups : {segments, segments + 1}) {
        Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(groups + customers, customers);
        for (int i = 0; i < customers; ++i) {
            sums(segment[static_cast<std::size_t>(i)], i) = 1;
            if (groups > segments) sums(segments, i) = 1;
            sums(groups + i, i) = 1;
        }
        constexpr int months = 4;
        Matrix level(customers, months), variance(customers, months);
        Matrix group(groups, months), group_variance(groups, months);
        for (int m = 0; m < months; ++m) {
            for (int i = 0; i < customers; ++i) {
                as_array(level)(i, m) = 500 + 100 * std::sin(static_cast<double>(3 * i + m));
                as_array(variance)(i, m) = 50 + 40 * std::cos(static_cast<double>(i + 5 * m));
            }
            for (int g = 0; g < groups; ++g) {
                as_array(group)(g, m) = (g < segments ? 1200 : 3500) + 60 * std::sin(static_cast<double>(g + 2 * m));
                as_array(group_variance)(g, m) = 20 + 10 * std::cos(static_cast<double>(4 * g + m));
            }
        }
        const Matrix found = reconcile_minimum_trace(level, variance, segment, group, group_variance);
        for (int m = 0; m < months; ++m) {
            Eigen::VectorXd y(groups + customers), d(groups + customers);
            y << as_array(group).col(m), as_array(level).col(m);
            d << as_array(group_variance).col(m), as_array(variance).col(m);
            const Eigen::VectorXd slow = by_matrices(sums, y, d);
            for (int i = 0; i < customers; ++i) CHECK(as_array(found)(i, m) == doctest::Approx(slow(i)).epsilon(1e-10));
        }
    }
}

TEST_CASE("a sum that is known for sure is met exactly, and nobody is taken below nothing for it") {
    Matrix level(4, 1), variance(4, 1);
    as_array(level) << 100, 5, 50, -3;
    as_array(variance) << 10, 30, 0, 10;
    const std::vector<std::int32_t> segment{0, 0, 0, 0};
    const Matrix group(1, 1, 102.0);
    const Matrix sure(1, 1);
    const Matrix found = reconcile_minimum_trace(level, variance, segment, group, sure);
    CHECK(as_array(found).sum() == doctest::Approx(102.0));
    CHECK(found(1, 0) == 0.0);                    // it would have fallen to -25
    CHECK(found(2, 0) == 50.0);                   // sure of itself
    CHECK(found(0, 0) == doctest::Approx(77.5));  // it and the one below nothing share the rest alike
    CHECK(found(3, 0) == doctest::Approx(-25.5));
    // What is as unsure as everyone together moves halfway.
    const Matrix half = reconcile_minimum_trace(level, variance, segment, Matrix(1, 1, 162.0), Matrix(1, 1, 50.0));
    CHECK(as_array(half).sum() == doctest::Approx(157.0));
    // Segments and a company that are all sure, and agree.
    const std::vector<std::int32_t> two{0, 0, 1, 1};
    Matrix both(3, 1);
    as_array(both) << 120, 60, 180;
    const Matrix exact = reconcile_minimum_trace(level, Matrix(4, 1, 1.0), two, both, Matrix(3, 1));
    CHECK(exact(0, 0) + exact(1, 0) == doctest::Approx(120.0));
    CHECK(exact(2, 0) + exact(3, 0) == doctest::Approx(60.0));
}

TEST_CASE("what cannot be reconciled is refused") {
    const Matrix level(2, 1, 1.0);
    const Matrix group(1, 1, 1.0);
    const std::vector<std::int32_t> one{0, 0};
    CHECK_THROWS_WITH_AS(reconcile_minimum_trace(level, level, std::vector<std::int32_t>{0, 3}, group, group),
                         doctest::Contains("row 1 is 3"), InputError);
    CHECK_THROWS_AS(reconcile_minimum_trace(level, Matrix(2, 1, -1.0), one, group, group), InputError);
    CHECK_THROWS_AS(reconcile_minimum_trace(level, Matrix(3, 1, 1.0), one, group, group), InputError);
    CHECK_THROWS_AS(reconcile_minimum_trace(level, level, std::vector<std::int32_t>{0}, group, group), InputError);
    const Matrix three(3, 1, 1.0);
    CHECK_THROWS_WITH_AS(reconcile_minimum_trace(level, level, one, three, three), doctest::Contains("3 groups"),
                         InputError);
    Matrix unknown = level;
    unknown(0, 0) = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH_AS(reconcile_minimum_trace(unknown, level, one, group, group), doctest::Contains("finite"),
                         InputError);
}
