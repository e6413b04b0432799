// Products of complex numbers that are finite.
#pragma once

#include <complex>

namespace custfolio::detail {

/// Product without the checks for infinities that std::complex makes.
inline std::complex<double> times(const std::complex<double>& a, const std::complex<double>& b) {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

}  // namespace custfolio::detail
