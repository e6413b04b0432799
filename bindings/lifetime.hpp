// What the parts of room `lifetime` share between Python and C++: how a model is fitted, and what it forecasts.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <utility>
#include <vector>

#include "bindings/convert.hpp"
#include "custfolio/lifetime/fit.hpp"
#include "custfolio/lifetime/forecast.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::bindings {

namespace py = pybind11;

/// Mean and standard deviation of the logarithm, one pair a parameter.
using Priors = std::vector<std::pair<double, double>>;

/// Options from what Python has: priors (none where empty) and threads.
inline FitOptions fit_options_of(const Priors& prior, unsigned threads) {
    FitOptions options;
    options.threads = threads;
    // A fit of millions of rows takes seconds: Ctrl-C ends it, whether or not the caller holds the interpreter.
    options.pulse = [] {
        const py::gil_scoped_acquire held;
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    };
    for (const auto& [mean, sd] : prior) options.prior.push_back({mean, sd});
    return options;
}

/// Covariates as rows x columns over the array's own memory; none where there is no array.
inline Eigen::Map<const Matrix> matrix_of(const std::optional<Doubles>& array) {
    if (!array) return {nullptr, 0, 0};
    if (array->ndim() != 2) throw InputError("covariates must have two dimensions");
    return {array->data(), array->shape(0), array->shape(1)};
}

/// One quantity of every row, new customers where there is no history; rows run on all threads.
template <class Quantity>
py::array_t<double> each(std::size_t rows, unsigned threads, Quantity&& quantity) {
    std::vector<double> values(rows);
    {
        const py::gil_scoped_release released;
        math::parallel_for(0, rows, 256, threads, [&](std::size_t from, std::size_t to) {
            for (std::size_t i = from; i < to; ++i) values[i] = quantity(i);
        });
    }
    return to_array(std::move(values));
}

/// A forecast as Python has it, by the names of the prediction's columns.
inline py::dict columns_of(PurchaseForecast&& found) {
    py::dict columns;
    columns["probability_alive"] = to_array(std::move(found.alive));
    columns["expected_purchases"] = to_array(std::move(found.mean));
    columns["purchases_sd"] = to_array(std::move(found.sd));
    columns["probability_no_purchase"] = to_array(std::move(found.none));
    columns["purchases_p10"] = to_array(std::move(found.p10));
    columns["purchases_p90"] = to_array(std::move(found.p90));
    columns["discounted_purchases"] = to_array(std::move(found.discounted));
    columns["discounted_residual_purchases"] = to_array(std::move(found.residual));
    return columns;
}

}  // namespace custfolio::bindings
