// Definitions of the Fourier transform and the convolution.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <utility>

#include "custfolio/math/detail/complex_product.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/fft.hpp"

namespace custfolio::detail {

/// exp(-pi i k / h) for 0 <= k < h. The angle is folded to at most pi / 4, where sine and cosine are accurate to
/// rounding.
inline std::complex<double> twiddle(std::size_t k, std::size_t h) {
    const auto angle = [&](std::size_t part) {
        return std::numbers::pi * (static_cast<double>(part) / static_cast<double>(h));
    };
    if (4 * k <= h) return {std::cos(angle(k)), -std::sin(angle(k))};
    if (4 * k <= 3 * h) {
        const bool before = 2 * k <= h;  // distance to the quarter turn, times h over pi
        const double rest = 0.5 * angle(before ? h - 2 * k : 2 * k - h);
        return {before ? std::sin(rest) : -std::sin(rest), -std::cos(rest)};
    }
    return {-std::cos(angle(h - k)), -std::sin(angle(h - k))};
}

// Without this order each stage would read across the whole array.
/// Puts x in bit-reversed order.
inline void bit_reverse(std::span<std::complex<double>> x) {
    const std::size_t n = x.size();
    for (std::size_t i = 1, j = 0; i < n; ++i) {
        std::size_t bit = n >> 1;
        for (; (j & bit) != 0; bit >>= 1) j ^= bit;
        j ^= bit;
        if (i < j) std::swap(x[i], x[j]);
    }
}

/// 1-norm and 2-norm of a column; refuses what is not finite.
struct ConvolutionOperand {
    double one = 0.0;
    double two = 0.0;
    std::size_t filled = 0;  // values that are not 0
    bool non_negative = true;

    ConvolutionOperand(std::span<const double> x, const char* name) {
        for (std::size_t i = 0; i < x.size(); ++i) {
            if (!std::isfinite(x[i])) {
                throw InputError(std::string("convolve: operand ") + name + " is " + std::to_string(x[i]) +
                                 " at index " + std::to_string(i) + ", must be finite");
            }
            one += std::abs(x[i]);
            filled += x[i] != 0.0;
            two += x[i] * x[i];
            non_negative = non_negative && x[i] >= 0.0;
        }
        two = std::sqrt(two);
    }
};

/// Sums products directly, skipping zeros of b.
inline void convolve_directly(std::span<const double> a, std::span<const double> b, std::span<double> out) {
    for (std::size_t j = 0; j < b.size(); ++j) {
        const double factor = b[j];
        if (factor == 0.0) continue;
        double* const target = out.data() + j;
        for (std::size_t i = 0; i < a.size(); ++i) target[i] += factor * a[i];
    }
}

/// What a convolution by transforms costs, in products of the direct sum. Measured: one point of one stage is about
/// six.
inline double transform_cost(std::size_t size) {
    return 6.0 * static_cast<double>(size) * static_cast<double>(std::bit_width(size));
}

/// The convolution with a plan, or with one made here when there is none.
inline math::Convolution convolve(std::span<const double> a, std::span<const double> b, const math::FftPlan* plan) {
    math::Convolution result;
    ConvolutionOperand norm_a(a, "a");
    ConvolutionOperand norm_b(b, "b");
    if (a.empty() || b.empty()) return result;
    constexpr double u = 0.5 * std::numeric_limits<double>::epsilon();
    // The direct sum skips zeros of one operand, so its cost counts the values that are not 0.
    const std::size_t length = a.size() + b.size() - 1;
    result.values.assign(length, 0.0);
    const double products_a = static_cast<double>(norm_a.filled) * static_cast<double>(b.size());
    const double products_b = static_cast<double>(norm_b.filled) * static_cast<double>(a.size());
    const std::size_t size = std::bit_ceil(length);
    if (std::min(products_a, products_b) <= transform_cost(size)) {
        // The operand with more zeros is the one whose zeros are skipped.
        if (products_a < products_b) {
            std::swap(a, b);
            std::swap(norm_a, norm_b);
        }
        convolve_directly(a, b, result.values);
        // The bound of a sum of products of so many terms (Higham, gamma_n), by the operands' norms.
        const double terms = static_cast<double>(std::min(norm_a.filled, norm_b.filled)) * u;
        const double gamma = terms / (1.0 - terms);
        result.max_error = gamma * norm_a.two * norm_b.two;
        result.total_error = gamma * norm_a.one * norm_b.one;
        return result;
    }
    // The transform is long enough that the result does not wrap around.
    std::vector<std::complex<double>> left(size / 2 + 1);
    std::vector<std::complex<double>> right(size / 2 + 1);
    const auto transform = [&](const math::FftPlan& fft) {
        fft.forward_real(a, left);
        fft.forward_real(b, right);
        for (std::size_t k = 0; k < left.size(); ++k) left[k] = times(left[k], right[k]);
        fft.inverse_real(left, result.values);
    };
    plan != nullptr ? transform(*plan) : transform(math::FftPlan(size));
    // Rounding can leave a tiny negative value, where sums of products of masses cannot be negative.
    if (norm_a.non_negative && norm_b.non_negative) {
        for (double& v : result.values) v = std::max(0.0, v);
    }
    // Each stage loses a few units of rounding: two transforms in, one out, and the products.
    const double stages = (static_cast<double>(std::bit_width(size))) * 8.0 * u;  // log2(size) + 1
    const double d = stages / (1.0 - stages);
    const double ab = norm_a.two * norm_b.one;
    const double ba = norm_a.one * norm_b.two;
    result.max_error = 1.01 * (d * (ab + ba) + (d + 3.0 * u) * std::min(ab, ba)) +
                       d * d * std::sqrt(static_cast<double>(size)) * norm_a.two * norm_b.two;
    result.total_error = std::sqrt(static_cast<double>(length)) * result.max_error;
    result.by_fft = true;
    return result;
}

}  // namespace custfolio::detail

namespace custfolio::math {

CUSTFOLIO_INLINE FftPlan::FftPlan(std::size_t max_size) : max_size_(max_size) {
    if (!std::has_single_bit(max_size) || max_size > (std::size_t{1} << 40)) {
        throw InputError("FftPlan: size is " + std::to_string(max_size) + ", must be a power of two up to 2^40");
    }
    twiddle_.resize(max_size - 1);
    const std::size_t half = max_size / 2;
    // An eighth of the circle is computed, the rest is its image.
    for (std::size_t k = 0; 4 * k <= half && k < half; ++k) {
        const std::complex<double> w = detail::twiddle(k, half);
        twiddle_[half - 1 + k] = w;
        if (2 * k < half && half > 1) {
            twiddle_[half - 1 + half / 2 - k] = {-w.imag(), -w.real()};
            twiddle_[half - 1 + half / 2 + k] = {w.imag(), -w.real()};
            if (k > 0) twiddle_[2 * half - 1 - k] = {-w.real(), w.imag()};
        }
    }
    // The factors of a stage of half the size are every second one of the larger stage.
    for (std::size_t h = half / 2; h > 0; h /= 2) {
        for (std::size_t k = 0; k < h; ++k) twiddle_[h - 1 + k] = twiddle_[2 * h - 1 + 2 * k];
    }
}

CUSTFOLIO_INLINE void FftPlan::check_size(std::size_t n, std::size_t least) const {
    if (!std::has_single_bit(n) || n < least || n > max_size_) {
        throw InputError("FftPlan: transform of size " + std::to_string(n) + ", must be a power of two between " +
                         std::to_string(least) + " and " + std::to_string(max_size_));
    }
}

CUSTFOLIO_INLINE void FftPlan::forward(std::span<std::complex<double>> x) const {
    const std::size_t n = x.size();
    check_size(n, 1);
    detail::bit_reverse(x);
    for (std::size_t h = 1; h < n; h *= 2) {
        const std::complex<double>* const w = twiddle_.data() + (h - 1);
        for (std::size_t start = 0; start < n; start += 2 * h) {
            std::complex<double>* const even = x.data() + start;
            std::complex<double>* const odd = even + h;
            for (std::size_t k = 0; k < h; ++k) {
                const std::complex<double> turned = detail::times(odd[k], w[k]);
                odd[k] = even[k] - turned;
                even[k] += turned;
            }
        }
    }
}

CUSTFOLIO_INLINE void FftPlan::inverse(std::span<std::complex<double>> x) const {
    forward(x);
    // The inverse transform is the forward one with the frequencies in reverse order.
    std::reverse(x.begin() + 1, x.end());
    const double scale = 1.0 / static_cast<double>(x.size());
    for (std::complex<double>& v : x) v *= scale;
}

CUSTFOLIO_INLINE void FftPlan::forward_real(std::span<const double> x, std::span<std::complex<double>> spectrum) const {
    const std::size_t half = spectrum.empty() ? 0 : spectrum.size() - 1;
    const std::size_t n = 2 * half;
    check_size(n, 2);
    if (x.size() > n) {
        throw InputError("FftPlan: " + std::to_string(x.size()) + " values for a transform of size " +
                         std::to_string(n));
    }
    const auto value = [&](std::size_t i) { return i < x.size() ? x[i] : 0.0; };
    // Even and odd values become real and imaginary parts: one complex transform of half the size.
    for (std::size_t j = 0; j < half; ++j) spectrum[j] = {value(2 * j), value(2 * j + 1)};
    forward(spectrum.first(half));
    spectrum[half] = spectrum[0];
    const std::complex<double>* const w = twiddle_.data() + (half - 1);
    for (std::size_t k = 0; 2 * k <= half; ++k) {
        const std::complex<double> low = spectrum[k];
        const std::complex<double> high = spectrum[half - k];
        const std::complex<double> even = 0.5 * (low + std::conj(high));
        const std::complex<double> odd = 0.5 * (low - std::conj(high));
        const std::complex<double> turned = detail::times({odd.imag(), -odd.real()}, w[k]);
        spectrum[k] = even + turned;
        spectrum[half - k] = std::conj(even - turned);
    }
}

CUSTFOLIO_INLINE void FftPlan::inverse_real(std::span<std::complex<double>> spectrum, std::span<double> x) const {
    const std::size_t half = spectrum.empty() ? 0 : spectrum.size() - 1;
    const std::size_t n = 2 * half;
    check_size(n, 2);
    if (x.size() > n) {
        throw InputError("FftPlan: " + std::to_string(x.size()) + " values of a transform of size " +
                         std::to_string(n));
    }
    const std::complex<double>* const w = twiddle_.data() + (half - 1);
    // The symmetric frequencies separate the transforms of even and odd values, which one stage joins.
    for (std::size_t k = 0; 2 * k <= half; ++k) {
        const std::complex<double> low = spectrum[k];
        const std::complex<double> high = spectrum[half - k];
        const std::complex<double> even = 0.5 * (low + std::conj(high));
        const std::complex<double> odd = detail::times(0.5 * (low - std::conj(high)), std::conj(w[k]));
        const std::complex<double> turned{-odd.imag(), odd.real()};
        spectrum[k] = even + turned;
        if (k != 0) spectrum[half - k] = std::conj(even - turned);
    }
    inverse(spectrum.first(half));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = i % 2 == 0 ? spectrum[i / 2].real() : spectrum[i / 2].imag();
}

CUSTFOLIO_INLINE std::size_t convolution_fft_size(std::size_t a, std::size_t b) {
    if (a == 0 || b == 0) return 0;
    const std::size_t size = std::bit_ceil(a + b - 1);
    return static_cast<double>(a) * static_cast<double>(b) <= detail::transform_cost(size) ? 0 : size;
}

CUSTFOLIO_INLINE Convolution convolve(std::span<const double> a, std::span<const double> b) {
    return detail::convolve(a, b, nullptr);
}

CUSTFOLIO_INLINE Convolution convolve(std::span<const double> a, std::span<const double> b, const FftPlan& plan) {
    return detail::convolve(a, b, &plan);
}

}  // namespace custfolio::math
