// Tests of k-means, against plain rounds of Lloyd's algorithm and all partitions of few customers.
#include "custfolio/selection/kmeans.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

using Numbers = std::vector<double>;

double square_between(std::span<const double> a, std::span<const double> b) {
    double sum = 0;
    for (std::size_t j = 0; j < a.size(); ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
}

/// Lloyd's algorithm without bounds, until no label changes.
std::vector<std::int32_t> plain_rounds(const Matrix& rows, Matrix centres) {
    std::vector<std::int32_t> label(rows.rows(), -1);
    while (true) {
        const std::vector<std::int32_t> before = label;
        for (std::size_t i = 0; i < rows.rows(); ++i) {
            std::size_t nearest = 0;
            for (std::size_t c = 1; c < centres.rows(); ++c) {
                if (square_between(rows.row(i), centres.row(c)) < square_between(rows.row(i), centres.row(nearest))) {
                    nearest = c;
                }
            }
            label[i] = static_cast<std::int32_t>(nearest);
        }
        if (label == before) return label;
        for (std::size_t c = 0; c < centres.rows(); ++c) {
            Numbers mean(rows.cols());
            double size = 0;
            for (std::size_t i = 0; i < rows.rows(); ++i) {
                if (label[i] != static_cast<std::int32_t>(c)) continue;
                size += 1;
                for (std::size_t j = 0; j < rows.cols(); ++j) mean[j] += rows(i, j);
            }
            for (std::size_t j = 0; size > 0 && j < rows.cols(); ++j) centres(c, j) = mean[j] / size;
        }
    }
}

/// Sum of squares about the means of the groups that labels make.
double inertia_of(const Matrix& rows, const std::vector<std::int32_t>& label, int k) {
    double sum = 0;
    for (std::int32_t c = 0; c < k; ++c) {
        Numbers mean(rows.cols());
        double size = 0;
        for (std::size_t i = 0; i < rows.rows(); ++i) {
            if (label[i] != c) continue;
            size += 1;
            for (std::size_t j = 0; j < rows.cols(); ++j) mean[j] += rows(i, j);
        }
        for (double& one : mean) one /= size;
        for (std::size_t i = 0; i < rows.rows(); ++i) {
            if (label[i] == c) sum += square_between(rows.row(i), mean);
        }
    }
    return sum;
}

/// Customers around centres, or without any shape.
Matrix random_rows(std::mt19937_64& random, std::size_t count, std::size_t columns, double gap) {
    std::normal_distribution<double> normal;
    Matrix rows(count, columns);
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < columns; ++j) rows(i, j) = normal(random) + gap * static_cast<double>((i >> j) % 2);
    }
    return rows;
}

}  // namespace

TEST_CASE("k-means: the same groups as plain rounds from the same centres") {
    std::mt19937_64 random(3);
    for (int trial = 0; trial < 20; ++trial) {
        const std::size_t columns = 1 + static_cast<std::size_t>(trial % 5);
        const Matrix rows = random_rows(random, 300, columns, trial % 2 == 0 ? 0 : 6);
        const int k = 2 + trial % 6;
        KMeansOptions options{.tolerance = 0};
        options.centres = Matrix(static_cast<std::size_t>(k), columns);
        for (std::size_t c = 0; c < options.centres.rows(); ++c) {
            std::copy_n(rows.row(17 * c).data(), columns, options.centres.row(c).data());
        }
        const KMeans found = kmeans(rows.values(), columns, k, options);
        const std::vector<std::int32_t> plain = plain_rounds(rows, options.centres);
        CAPTURE(trial);
        CHECK(found.converged);
        CHECK(found.inertia == doctest::Approx(inertia_of(rows, plain, k)).epsilon(1e-12));
        CHECK(inertia_of(rows, found.labels, k) == doctest::Approx(found.inertia).epsilon(1e-12));
        CHECK(found.labels == plain);
        double customers = 0;
        for (const double size : found.size) customers += size;
        CHECK(customers == 300);
    }
}

TEST_CASE("k-means: several starts find the best of all partitions of few customers") {
    std::mt19937_64 random(9);
    for (int trial = 0; trial < 15; ++trial) {
        const Matrix rows = random_rows(random, 8, 2, 3);
        const int k = 2 + trial % 2;
        double least = std::numeric_limits<double>::infinity();
        std::vector<std::int32_t> label(8);
        for (int code = 0; code < 6561; ++code) {
            int rest = code;
            std::vector<bool> used(3, false);
            for (std::int32_t& one : label) {
                one = rest % 3;
                used[static_cast<std::size_t>(one)] = true;
                rest /= 3;
            }
            if (std::count(used.begin(), used.begin() + k, true) == k &&
                std::count(used.begin(), used.end(), true) == k) {
                least = std::min(least, inertia_of(rows, label, k));
            }
        }
        const KMeans found = kmeans(rows.values(), 2, k, {.seed = 1, .starts = 30, .tolerance = 0});
        CHECK(found.inertia == doctest::Approx(least).epsilon(1e-12));
    }
}

TEST_CASE("k-means: the same bits for any number of threads, and by seed") {
    std::mt19937_64 random(4);
    const Matrix rows = random_rows(random, 30'000, 5, 1.5);
    const KMeans one = kmeans(rows.values(), 5, 7, {.seed = 3, .starts = 2, .threads = 1});
    for (const unsigned threads : {2U, 5U}) {
        const KMeans found = kmeans(rows.values(), 5, 7, {.seed = 3, .starts = 2, .threads = threads});
        CHECK(found.centres == one.centres);
        CHECK(found.labels == one.labels);
        CHECK(found.inertia == one.inertia);
    }
    CHECK(kmeans(rows.values(), 5, 7, {.seed = 4, .starts = 2}).inertia != one.inertia);
    for (std::size_t c = 1; c < 7; ++c) CHECK(one.centres(c - 1, 0) <= one.centres(c, 0));
    // More starts contain the fewer.
    CHECK(kmeans(rows.values(), 5, 7, {.seed = 3, .starts = 4}).inertia <= one.inertia);
}

TEST_CASE("k-means: groups of one, groups that lose all customers, equal customers") {
    const Numbers line{0, 1, 10, 11, 100};
    const KMeans found = kmeans(line, 1, 3);
    CHECK(found.labels == std::vector<std::int32_t>{0, 0, 1, 1, 2});
    CHECK(found.size == Numbers{2, 2, 1});
    CHECK(found.inertia == 1);
    CHECK(kmeans(line, 1, 5).inertia == 0);
    CHECK(kmeans(line, 1, 1).centres(0, 0) == doctest::Approx(24.4));
    // The centre at 1e6 is nobody's nearest: it continues at the customer farthest from its own centre.
    KMeansOptions options;
    options.centres = Matrix(3, 1);
    options.centres(1, 0) = 10;
    options.centres(2, 0) = 1e6;
    CHECK(kmeans(line, 1, 3, options).inertia == 1);
    // Groups have the order of the given centres, so that those of an earlier period stay the same groups.
    options.centres(0, 0) = 100;
    options.centres(1, 0) = 0;
    options.centres(2, 0) = 10;
    CHECK(kmeans(line, 1, 3, options).labels == std::vector<std::int32_t>{1, 1, 2, 2, 0});
    CHECK(kmeans(Numbers{5, 5, 5, 5}, 1, 1).inertia == 0);
    CHECK_FALSE(kmeans(line, 1, 2, {.most_rounds = 1, .tolerance = 0}).converged);
}

TEST_CASE("k-means: bad input") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH_AS(kmeans(Numbers{1, 2, nan, 4}, 2, 1), doctest::Contains("row 2, column 1"), InputError);
    CHECK_THROWS_WITH_AS(kmeans(Numbers{1, 2, 3}, 2, 1), doctest::Contains("do not fill rows of 2"), InputError);
    CHECK_THROWS_WITH_AS(kmeans(Numbers{1, 2}, 1, 3), doctest::Contains("k is 3; it must be from 1 to 2"), InputError);
    CHECK_THROWS_WITH_AS(kmeans(Numbers{7, 7, 7}, 1, 2), doctest::Contains("there are 1 distinct customers"),
                         InputError);
    CHECK_THROWS_WITH_AS(kmeans(Numbers{1, 2}, 1, 1, {.starts = 0}), doctest::Contains("starts is 0"), InputError);
    CHECK_THROWS_WITH_AS(kmeans(Numbers{1, 2}, 1, 1, {.tolerance = -1}), doctest::Contains("tolerance is -1"),
                         InputError);
    CHECK_THROWS_WITH_AS(kmeans(Numbers{-1e300, 1e300}, 1, 2), doctest::Contains("larger units"), InputError);
    KMeansOptions options;
    options.centres = Matrix(2, 2);
    CHECK_THROWS_WITH_AS(kmeans(Numbers{1, 2}, 1, 2, options), doctest::Contains("must have 2 and 1"), InputError);
    options.centres = Matrix(3, 1);
    CHECK_THROWS_WITH_AS(kmeans(Numbers{7, 7, 8}, 1, 3, options), doctest::Contains("fewer distinct"), InputError);
}
