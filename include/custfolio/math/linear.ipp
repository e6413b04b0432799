// Definitions of the linear algebra of small matrices.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/linear.hpp"

namespace custfolio::math {

CUSTFOLIO_INLINE std::vector<double> SymmetricEigen::apply(std::span<const double> factor,
                                                           std::span<const double> x) const {
    std::vector<double> result(x.size(), 0.0);
    for (std::size_t k = 0; k < values.size(); ++k) {
        const double share = factor[k] * dot(vectors.row(k), x);
        for (std::size_t i = 0; i < result.size(); ++i) result[i] += share * vectors(k, i);
    }
    return result;
}

CUSTFOLIO_INLINE Matrix SymmetricEigen::matrix(std::span<const double> factor) const {
    const std::size_t n = values.size();
    Matrix result(n, n);
    for (std::size_t k = 0; k < n; ++k) {
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < n; ++j) result(i, j) += factor[k] * vectors(k, i) * vectors(k, j);
        }
    }
    return result;
}

CUSTFOLIO_INLINE SymmetricEigen symmetric_eigen(Matrix a) {
    const std::size_t n = a.rows();
    Matrix vectors(n, n);
    for (std::size_t k = 0; k < n; ++k) vectors(k, k) = 1.0;
    // Jacobi's method: simple, accurate for small matrices, and of quadratic convergence at the end.
    constexpr int most_sweeps = 60;
    for (int sweep = 0; sweep < most_sweeps; ++sweep) {
        bool rotated = false;
        for (std::size_t p = 0; p < n; ++p) {
            for (std::size_t q = p + 1; q < n; ++q) {
                // An entry is as good as 0 where it is lost beside both entries of the diagonal.
                const double beside = a(p, q);
                const double at_p = std::abs(a(p, p));
                const double at_q = std::abs(a(q, q));
                if (at_p + std::abs(beside) == at_p && at_q + std::abs(beside) == at_q) continue;
                rotated = true;
                const double slope = (a(q, q) - a(p, p)) / (2.0 * beside);
                // The smaller of the two rotations that make the entry 0, so that others change least.
                const double t = std::copysign(1.0, slope) / (std::abs(slope) + std::hypot(1.0, slope));
                const double c = 1.0 / std::hypot(1.0, t);
                const double s = t * c;
                const auto rotate = [c, s](double& x, double& y) {
                    const double before = x;
                    x = c * before - s * y;
                    y = s * before + c * y;
                };
                a(p, p) -= t * beside;
                a(q, q) += t * beside;
                a(p, q) = 0.0;
                for (std::size_t k = 0; k < p; ++k) rotate(a(k, p), a(k, q));
                for (std::size_t k = p + 1; k < q; ++k) rotate(a(p, k), a(k, q));
                for (std::size_t k = q + 1; k < n; ++k) rotate(a(p, k), a(q, k));
                for (std::size_t k = 0; k < n; ++k) rotate(vectors(p, k), vectors(q, k));
            }
        }
        if (!rotated) break;
    }
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t p, std::size_t q) { return a(p, p) < a(q, q); });
    SymmetricEigen result{std::vector<double>(n), Matrix(n, n)};
    for (std::size_t k = 0; k < n; ++k) {
        result.values[k] = a(order[k], order[k]);
        detail::copy(vectors.row(order[k]), result.vectors.row(k).begin());
    }
    return result;
}

CUSTFOLIO_INLINE bool invert(Matrix& a) {
    const std::size_t n = a.rows();
    std::vector<std::size_t> swapped(n);
    for (std::size_t k = 0; k < n; ++k) {
        std::size_t pivot = k;
        for (std::size_t i = k + 1; i < n; ++i) {
            if (std::abs(a(i, k)) > std::abs(a(pivot, k))) pivot = i;
        }
        // The largest entry as pivot bounds the growth of rounding.
        swapped[k] = pivot;
        if (pivot != k) std::swap_ranges(a.row(pivot).begin(), a.row(pivot).end(), a.row(k).begin());
        const double whole = a(k, k);
        if (whole == 0.0 || !std::isfinite(whole)) return false;
        // Gauss-Jordan in place: the column of the pivot makes room for that of the inverse.
        a(k, k) = 1.0;
        const std::span<double> row = a.row(k);
        for (double& entry : row) entry /= whole;
        for (std::size_t i = 0; i < n; ++i) {
            const double times = a(i, k);
            if (i == k || times == 0.0) continue;
            a(i, k) = 0.0;
            const std::span<double> other = a.row(i);
            for (std::size_t j = 0; j < n; ++j) other[j] -= times * row[j];
        }
    }
    // Swapped rows of the matrix are swapped columns of its inverse.
    for (std::size_t k = n; k-- > 0;) {
        if (swapped[k] == k) continue;
        for (std::size_t i = 0; i < n; ++i) std::swap(a(i, k), a(i, swapped[k]));
    }
    return true;
}

CUSTFOLIO_INLINE double dot(std::span<const double> a, std::span<const double> b) {
    double sum = 0.0;
    for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
    return sum;
}

CUSTFOLIO_INLINE std::vector<double> add_scaled(std::span<const double> a, double factor, std::span<const double> b) {
    std::vector<double> result(a.begin(), a.end());
    for (std::size_t k = 0; k < result.size(); ++k) result[k] += factor * b[k];
    return result;
}

CUSTFOLIO_INLINE double largest_size(std::span<const double> values) {
    double largest = 0.0;
    for (const double value : values) largest = std::max(largest, std::abs(value));
    return largest;
}

CUSTFOLIO_INLINE bool all_finite(std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

}  // namespace custfolio::math
