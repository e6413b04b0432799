// Linear algebra of small dense matrices: eigenvalues of symmetric ones, inverses, products.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/math/matrix.hpp"

namespace custfolio::math {

/// A symmetric matrix as V diag(values) V', with V orthogonal.
struct SymmetricEigen {
    std::vector<double> values;  ///< Eigenvalues, ascending.
    Matrix vectors;              ///< Row k is the eigenvector of `values[k]`, of length 1.

    /// @param factor one number per eigenvalue.
    /// @param x a vector.
    /// @return V diag(factor) V' x: with factors 1 / values, the solution y of A y = x.
    [[nodiscard]] std::vector<double> apply(std::span<const double> factor, std::span<const double> x) const;
    /// @param factor one number per eigenvalue.
    /// @return the matrix V diag(factor) V'.
    [[nodiscard]] Matrix matrix(std::span<const double> factor) const;
};

/**
 * @brief Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations.
 * @param a n x n, finite; its upper triangle is read.
 * @return the decomposition. O(n^3) a sweep, some six to ten sweeps: meant for a few dozen rows at most.
 * @see G. H. Golub, C. F. Van Loan (2013), Matrix Computations, 4th ed., section 8.5.
 */
SymmetricEigen symmetric_eigen(Matrix a);

/// Inverts a matrix in place by Gauss-Jordan elimination with partial pivoting, in O(n^3).
/// @param a n x n.
/// @return whether it has an inverse: whether every pivot is finite and not 0. The content of `a` is undefined where it
/// has none.
bool invert(Matrix& a);

/// @param a a vector.
/// @param b a vector of the same size.
/// @return sum of a[k] b[k].
double dot(std::span<const double> a, std::span<const double> b);

/// @param a a vector.
/// @param factor a number.
/// @param b a vector of the size of `a`.
/// @return a + factor b.
std::vector<double> add_scaled(std::span<const double> a, double factor, std::span<const double> b);

/// @param values numbers.
/// @return the largest absolute value; 0 where there is none. NaN are passed over.
double largest_size(std::span<const double> values);

/// @param values numbers.
/// @return whether all are finite.
bool all_finite(std::span<const double> values);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/linear.ipp"
#endif
