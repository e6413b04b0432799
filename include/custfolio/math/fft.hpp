// Fourier transforms of power-of-two sizes and convolution with a bound on its rounding error.
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/config.hpp"

namespace custfolio::math {

/**
 * @brief Twiddle factors for Fourier transforms of every power-of-two size up to a greatest one.
 *
 * A plain value: immutable after construction, safe to use from several threads at once, nothing global behind it.
 * Memory: 16 bytes per point of the greatest size. Radix-2 decimation in time; O(n log n).
 * @see J. W. Cooley, J. W. Tukey (1965), An algorithm for the machine calculation of complex Fourier series, Math.
 * Comp. 19.
 */
class FftPlan {
  public:
    /**
     * @brief Computes the twiddle factors.
     * @param max_size greatest size of a transform: a power of two, 1 to 2^40.
     * @throws InputError when max_size is no power of two in that range.
     */
    explicit FftPlan(std::size_t max_size);

    /**
     * @brief Greatest size of a transform.
     * @return as given to the constructor.
     */
    std::size_t max_size() const { return max_size_; }

    /**
     * @brief A root of unity, exp(-2 pi i k / n).
     * @param k below n.
     * @param n a power of two, 2 to max_size(); neither is checked.
     * @return accurate to rounding.
     */
    std::complex<double> root(std::size_t k, std::size_t n) const {
        const std::size_t half = n / 2;
        return k < half ? twiddle_[half - 1 + k] : -twiddle_[k - 1];
    }

    /**
     * @brief Forward transform in place: X[k] = sum_j x[j] exp(-2 pi i j k / n).
     * @param x the values; their number n is a power of two up to max_size().
     * @throws InputError when n is no such power of two.
     */
    void forward(std::span<std::complex<double>> x) const;

    /**
     * @brief Inverse transform in place, scaled by 1 / n: inverse(forward(x)) is x.
     * @param x the values; their number n is a power of two up to max_size().
     * @throws InputError when n is no such power of two.
     */
    void inverse(std::span<std::complex<double>> x) const;

    /**
     * @brief Forward transform of real values, zero-padded to the size of the transform.
     * @param x up to n real values.
     * @param spectrum receives the n / 2 + 1 values X[0] ... X[n / 2]; the others are their conjugates. n is a power of
     * two, 2 to max_size().
     * @throws InputError when the sizes do not fit.
     */
    void forward_real(std::span<const double> x, std::span<std::complex<double>> spectrum) const;

    /**
     * @brief Inverse of forward_real, scaled by 1 / n.
     * @param spectrum the n / 2 + 1 values X[0] ... X[n / 2]; overwritten.
     * @param x receives the first values of the result, up to n of them.
     * @throws InputError when the sizes do not fit.
     */
    void inverse_real(std::span<std::complex<double>> spectrum, std::span<double> x) const;

  private:
    void check_size(std::size_t n, std::size_t least) const;

    std::size_t max_size_;
    std::vector<std::complex<double>> twiddle_;  // exp(-pi i k / h), k < h, at position h - 1 + k for h = 1, 2, 4, ...
};

/// A convolution and how far rounding may have moved it.
struct Convolution {
    std::vector<double> values;  ///< c[k] = sum_j a[j] b[k - j]; size a + size b - 1.
    double max_error = 0.0;      ///< bound on the absolute error of any single value.
    double total_error = 0.0;    ///< bound on the sum of the absolute errors of all values.
    bool by_fft = false;         ///< whether Fourier transforms were used.
};

/**
 * @brief Size of the transform that convolve uses for operands without zeros (a fixed rule, for planning).
 * @param a number of values of the one operand.
 * @param b number of values of the other.
 * @return 0 when the convolution is summed directly; otherwise the least power of two that is at least a + b - 1, so
 * that nothing wraps around. An operand with many zeros may be summed directly also then.
 */
std::size_t convolution_fft_size(std::size_t a, std::size_t b);

/**
 * @brief Convolution of two columns: directly when one of them has few values other than 0, else by Fourier transforms.
 *
 * Non-negative operands never give a negative value: what rounding would make negative is 0 (which is nearer to the
 * truth). Error bounds, u = 2^-53: direct summation of at most m products has |error_k| <= g sum |a_j b_{k-j}|, g = m u
 * / (1 - m u). A transform of t = log2 n stages (one more for packing reals) has a relative error in the 2-norm of at
 * most d = t eta / (1 - t eta), eta = 8 u (Higham, theorem 24.2); carried through the product and back, |error|_2 <= d
 * (|a|_2 |b|_1 + |a|_1 |b|_2) + (d + 3 u) min(|a|_2 |b|_1, |a|_1 |b|_2) + terms of order d^2. By transforms, values
 * that are small against the largest are good to that absolute error only.
 * @param a one operand, finite.
 * @param b the other, finite.
 * @return values with their error bounds; no values when an operand is empty.
 * @throws InputError when a value is infinite or NaN (with its index).
 * @see N. J. Higham (2002), Accuracy and Stability of Numerical Algorithms, 2nd ed., sections 3.1 and 24.1.
 */
Convolution convolve(std::span<const double> a, std::span<const double> b);

/**
 * @brief As convolve, with twiddle factors that were computed before.
 * @param a one operand, finite.
 * @param b the other, finite.
 * @param plan a plan with max_size() of at least convolution_fft_size(a.size(), b.size()).
 * @return values with their error bounds; the same bits as convolve(a, b).
 * @throws InputError when a value is not finite or the plan is too small.
 */
Convolution convolve(std::span<const double> a, std::span<const double> b, const FftPlan& plan);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/fft.ipp"
#endif
