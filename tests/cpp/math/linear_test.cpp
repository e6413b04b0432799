// Tests of the linear algebra of small matrices: known eigenvalues, rebuilt matrices, inverses, and their corners.
#include "custfolio/math/linear.hpp"
#include "custfolio/math/eigen_views.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

using custfolio::Matrix;
using custfolio::math::dot;
using custfolio::math::invert;
using custfolio::math::symmetric_eigen;

namespace {

Matrix random_matrix(std::size_t n, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    Matrix a(n, n);
    for (std::size_t i = 0; i < n; ++i) {
        for (double& entry : a.row(i)) entry = normal(random);
    }
    return a;
}

}  // namespace

TEST_CASE("symmetric_eigen finds the eigenvalues of the second difference, 2 - 2 cos(k pi / (n + 1))") {
    constexpr std::size_t n = 12;
    Matrix a(n, n);
    for (std::size_t i = 0; i < n; ++i) {
        a(i, i) = 2.0;
        if (i + 1 < n) a(i, i + 1) = a(i + 1, i) = -1.0;
    }
    const auto found = symmetric_eigen(a);
    for (std::size_t k = 0; k < n; ++k) {
        const double angle = std::numbers::pi * static_cast<double>(k + 1) / static_cast<double>(n + 1);
        CHECK(found.values[k] == doctest::Approx(2.0 - 2.0 * std::cos(angle)).epsilon(1e-13));
    }
}

TEST_CASE("symmetric_eigen: vectors are orthonormal and rebuild the matrix; the inverse solves") {
    for (const std::size_t n : {0U, 1U, 2U, 5U, 20U}) {
        Matrix a = random_matrix(n, 7 + n);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < i; ++j) a(i, j) = a(j, i);
        }
        const auto found = symmetric_eigen(a);
        const Matrix again = found.matrix(found.values);
        std::vector<double> inverse;
        for (const double value : found.values) inverse.push_back(1.0 / value);
        for (std::size_t i = 0; i < n; ++i) {
            const std::vector<double> solved = found.apply(inverse, a.row(i));
            for (std::size_t j = 0; j < n; ++j) {
                CHECK(std::abs(dot(found.vectors.row(i), found.vectors.row(j)) - (i == j ? 1.0 : 0.0)) < 1e-13);
                CHECK(std::abs(again(i, j) - a(i, j)) < 1e-12);
                CHECK(std::abs(solved[j] - (i == j ? 1.0 : 0.0)) < 1e-10);
            }
        }
    }
}

TEST_CASE("symmetric_eigen keeps small eigenvalues of a positive matrix of very different scales") {
    // Diagonal entries 1, 1e-8, 1e-16 and a correlation of a half between each two: D C D with C known.
    const std::vector<double> scale{1.0, 1e-4, 1e-8};
    Matrix a(3, 3);
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) a(i, j) = scale[i] * scale[j] * (i == j ? 1.0 : 0.5);
    }
    const auto found = symmetric_eigen(a);
    // The determinant of C is a half.
    CHECK(found.values[0] * found.values[1] * found.values[2] == doctest::Approx(0.5e-24).epsilon(1e-10));
}

TEST_CASE("invert gives the identity, row exchanges included, and refuses a singular matrix") {
    for (const std::size_t n : {1U, 3U, 30U}) {
        Matrix a = random_matrix(n, 100 + n);
        if (n == 3) a(0, 0) = 0.0;
        Matrix inverse = a;
        REQUIRE(invert(inverse));
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < n; ++j) {
                double sum = 0.0;
                for (std::size_t k = 0; k < n; ++k) sum += a(i, k) * inverse(k, j);
                CHECK(std::abs(sum - (i == j ? 1.0 : 0.0)) < 1e-10);
            }
        }
    }
    Matrix singular(2, 2, 1.0);
    CHECK_FALSE(invert(singular));
}

TEST_CASE("a matrix is rows of one vector, and Eigen sees the same numbers") {
    Matrix a(2, 3, 1.0);
    a(1, 2) = 5.0;
    CHECK(a.values() == std::vector<double>{1, 1, 1, 1, 1, 5});
    CHECK(a.row(1)[2] == 5.0);
    as_array(a).col(0) *= 2.0;
    CHECK(a(0, 0) == 2.0);
    CHECK(as_array(a).sum() == 12.0);
    std::vector<double> column{1.0, 2.0};
    custfolio::as_array(column) += 1.0;
    CHECK(column == std::vector<double>{2.0, 3.0});
    CHECK(Matrix().empty());
    CHECK(Matrix(2, 3, 1.0) != a);
}
