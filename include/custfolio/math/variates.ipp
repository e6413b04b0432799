// Definitions of random variates.
#pragma once

#include <cmath>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/random.hpp"
#include "custfolio/math/variates.hpp"

namespace custfolio::math {

CUSTFOLIO_INLINE double VariateStream::uniform() {
    return math::uniform(seed_, stream_, index_++);
}

CUSTFOLIO_INLINE double VariateStream::normal() {
    return normal_quantile(uniform());
}

CUSTFOLIO_INLINE double VariateStream::exponential() {
    return -std::log(uniform());
}

CUSTFOLIO_INLINE double VariateStream::log_gamma_variate(double shape) {
    if (!(shape > 0 && std::isfinite(shape))) {
        throw InputError("log_gamma_variate: the shape must be positive and finite");
    }
    // A shape below 1 is raised by one and brought back by a power of a uniform number.
    if (shape < 1) {
        const double raised = log_gamma_variate(shape + 1);
        return raised + std::log(uniform()) / shape;
    }
    // Marsaglia and Tsang's method: a cube of a normal number, accepted nearly always.
    const double d = shape - 1.0 / 3.0;
    const double c = 1 / (3 * std::sqrt(d));
    for (;;) {
        const double z = normal();
        const double root = 1 + c * z;
        if (root <= 0) continue;
        const double log_v = 3 * std::log(root);
        if (std::log(uniform()) < 0.5 * z * z + d - d * std::exp(log_v) + d * log_v) return std::log(d) + log_v;
    }
}

CUSTFOLIO_INLINE double VariateStream::beta(double a, double b) {
    // By logarithms, since gamma variates of small shapes underflow.
    const double of_a = log_gamma_variate(a);
    const double of_b = log_gamma_variate(b);
    return 1 / (1 + std::exp(of_b - of_a));
}

}  // namespace custfolio::math
