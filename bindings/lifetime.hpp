// What the parts of room `lifetime` share between Python and C++: how a model is fitted.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <utility>
#include <vector>

#include "custfolio/lifetime/fit.hpp"

namespace custfolio::bindings {

/// Mean and standard deviation of the logarithm, one pair a parameter.
using Priors = std::vector<std::pair<double, double>>;

/// Options from what Python has: priors (none where empty) and threads.
inline FitOptions fit_options_of(const Priors& prior, unsigned threads) {
    FitOptions options;
    options.threads = threads;
    for (const auto& [mean, sd] : prior) options.prior.push_back({mean, sd});
    return options;
}

}  // namespace custfolio::bindings
