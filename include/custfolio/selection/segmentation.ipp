// Definition of the Pareto classes.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/selection/segmentation.hpp"

namespace custfolio {

CUSTFOLIO_INLINE std::string to_string(Class cls) {
    switch (cls) {
        case Class::A:
            return "A";
        case Class::B:
            return "B";
        case Class::C:
            return "C";
    }
    throw InputError("cls " + std::to_string(static_cast<int>(cls)) + " does not exist");
}

CUSTFOLIO_INLINE std::vector<Class> abc(std::span<const double> value, double a_share, double b_share) {
    if (!(0 < a_share && a_share <= b_share && b_share <= 1)) {
        throw InputError("abc: a_share is " + number_text(a_share) + " and b_share " + number_text(b_share) +
                         "; they must be fractions with 0 < a_share <= b_share <= 1, such as 0.8 and 0.95");
    }
    math::CompensatedSum sum;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (!std::isfinite(value[i])) {
            require_finite(value[i], "abc: value at position " + std::to_string(i) + " (counted from 0)");
        }
        // Losses add nothing: shares are of what the positive ones bring.
        sum += std::max(0.0, value[i]);
    }
    std::vector<std::size_t> order(value.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return value[a] > value[b]; });
    std::vector<Class> classes(value.size(), Class::C);
    const double total = sum.value();
    math::CompensatedSum before;
    Class current = Class::A;
    // The others stay C: they bring nothing to share.
    for (std::size_t k = 0; k < order.size() && value[order[k]] > 0; ++k) {
        // Equal values share the class of the first of them, so that order does not decide.
        if (k == 0 || value[order[k]] < value[order[k - 1]]) {
            // A share reached up to the last bit counts: 80 of 100 equal customers have 0.8, however the sum rounds.
            constexpr double slack = 1e-12;
            const double held = before.value() / total + slack;
            current = held < a_share ? Class::A : held < b_share ? Class::B : Class::C;
        }
        classes[order[k]] = current;
        before += value[order[k]];
    }
    return classes;
}

}  // namespace custfolio
