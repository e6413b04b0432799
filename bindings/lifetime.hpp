// What the parts of room `lifetime` share between Python and C++: how a model is fitted, asked and simulated.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/convert.hpp"
#include "custfolio/lifetime/forecast.hpp"
#include "custfolio/lifetime/maximum_likelihood.hpp"
#include "custfolio/lifetime/purchase_history.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::bindings {

namespace py = pybind11;

/// Mean and standard deviation of the logarithm, one pair a parameter.
using Priors = std::vector<std::pair<double, double>>;

/// Options from what Python has: priors (none where empty) and threads.
inline FitOptions fit_options_of(const Priors& prior, unsigned threads) {
    FitOptions options;
    options.threads = threads;
    options.pulse = heed_signals();
    for (const auto& [mean, sd] : prior) options.prior.push_back({mean, sd});
    return options;
}

/// One quantity of every row, new customers where there is no history; rows run on all threads.
template <class Quantity>
py::array_t<double> each(std::size_t rows, unsigned threads, Quantity&& quantity) {
    std::vector<double> values(rows);
    {
        const py::gil_scoped_release released;
        const auto some_rows = [&](std::size_t from, std::size_t to) {
            for (std::size_t i = from; i < to; ++i) values[i] = quantity(i);
        };
        math::parallel_for(0, rows, 256, threads, some_rows, heed_signals());
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
    columns["purchases_p50"] = to_array(std::move(found.p50));
    columns["purchases_p90"] = to_array(std::move(found.p90));
    columns["discounted_purchases"] = to_array(std::move(found.discounted));
    columns["discounted_residual_purchases"] = to_array(std::move(found.residual));
    return columns;
}

/// The histories of a call's rows; empty where none is given, which stands for new customers.
struct HistoryRows {
    HistoryRows(const std::optional<Doubles>& frequency, const std::optional<Doubles>& recency,
                const std::optional<Doubles>& age, std::size_t rows)
        : x(span_of(frequency, "frequency", rows)), t_x(span_of(recency, "recency", rows)), T(span_of(age, "T", rows)) {
        if (!x.empty() || !t_x.empty() || !T.empty()) check_purchase_histories(x, t_x, T);
    }

    std::span<const double> x, t_x, T;
};

/**
 * What the models of purchase histories have in common. `Customers` has a model's figures of its rows, made from the
 * model and HistoryRows: alive(i), survival(i, t), expected_purchases(i, t), probability_mass(i, n, t) and
 * discounted_purchases(i, rate, horizon); and of the model itself, as static functions: log_likelihood, forecast,
 * simulate.
 */
template <class Customers, class Model>
void bind_purchase_model(py::class_<Model>& type) {
    using OptionalColumn = std::optional<Doubles>;
    type.def(
            "log_likelihood",
            [](const Model& self, const Doubles& frequency, const Doubles& recency, const Doubles& age,
               unsigned threads) {
                const auto x = span_of(frequency, "frequency");
                const auto t_x = span_of(recency, "recency", x.size());
                const auto T = span_of(age, "T", x.size());
                check_purchase_histories(x, t_x, T);
                return each(x.size(), threads,
                            [&](std::size_t i) { return Customers::log_likelihood(self, x[i], t_x[i], T[i]); });
            },
            py::arg("frequency"), py::arg("recency"), py::arg("T"), py::arg("threads") = 0,
            "Log-likelihood of each customer.")
        .def(
            "probability_alive",
            [](const Model& self, const Doubles& frequency, const Doubles& recency, const Doubles& age,
               unsigned threads) {
                const std::size_t rows = span_of(frequency, "frequency").size();
                const Customers customers(self, HistoryRows(frequency, recency, age, rows));
                return each(rows, threads, [&](std::size_t i) { return customers.alive(i); });
            },
            py::arg("frequency"), py::arg("recency"), py::arg("T"), py::arg("threads") = 0,
            "Probability that each customer is alive at T.")
        .def(
            "survival",
            [](const Model& self, const Doubles& t, const OptionalColumn& frequency, const OptionalColumn& recency,
               const OptionalColumn& age, unsigned threads) {
                const auto time = span_of(t, "t");
                const Customers customers(self, HistoryRows(frequency, recency, age, time.size()));
                return each(time.size(), threads, [&](std::size_t i) { return customers.survival(i, time[i]); });
            },
            py::arg("t"), py::arg("frequency") = py::none(), py::arg("recency") = py::none(), py::arg("T") = py::none(),
            py::arg("threads") = 0, "Probability of being alive after t.")
        .def(
            "half_life",
            [](const Model& self) {
                const Customers customers(self, HistoryRows({}, {}, {}, 0));
                return custfolio::detail::half_life([&](double t) { return customers.survival(0, t); });
            },
            "Time after which half of new customers have left; infinity where that takes a billion units or never "
            "comes.")
        .def(
            "expected_purchases",
            [](const Model& self, const Doubles& t, const OptionalColumn& frequency, const OptionalColumn& recency,
               const OptionalColumn& age, unsigned threads) {
                const auto time = span_of(t, "t");
                const Customers customers(self, HistoryRows(frequency, recency, age, time.size()));
                return each(time.size(), threads,
                            [&](std::size_t i) { return customers.expected_purchases(i, time[i]); });
            },
            py::arg("t"), py::arg("frequency") = py::none(), py::arg("recency") = py::none(), py::arg("T") = py::none(),
            py::arg("threads") = 0, "Expected purchases within t.")
        .def(
            "probability_mass",
            [](const Model& self, const Doubles& n, const Doubles& t, const OptionalColumn& frequency,
               const OptionalColumn& recency, const OptionalColumn& age, unsigned threads) {
                const auto time = span_of(t, "t");
                const auto number = span_of(n, "n", time.size());
                const Customers customers(self, HistoryRows(frequency, recency, age, time.size()));
                return each(time.size(), threads,
                            [&](std::size_t i) { return customers.probability_mass(i, number[i], time[i]); });
            },
            py::arg("n"), py::arg("t"), py::arg("frequency") = py::none(), py::arg("recency") = py::none(),
            py::arg("T") = py::none(), py::arg("threads") = 0, "Probability of exactly n purchases within t.")
        .def(
            "discounted_purchases",
            [](const Model& self, double rate, double horizon, const OptionalColumn& frequency,
               const OptionalColumn& recency, const OptionalColumn& age, unsigned threads) {
                const std::size_t rows = frequency ? span_of(*frequency, "frequency").size() : 1;
                const Customers customers(self, HistoryRows(frequency, recency, age, rows));
                return each(rows, threads,
                            [&](std::size_t i) { return customers.discounted_purchases(i, rate, horizon); });
            },
            py::arg("rate"), py::arg("horizon") = std::numeric_limits<double>::infinity(),
            py::arg("frequency") = py::none(), py::arg("recency") = py::none(), py::arg("T") = py::none(),
            py::arg("threads") = 0, "Discounted expected purchases within the horizon.")
        .def(
            "forecast",
            [](const Model& self, const Doubles& frequency, const Doubles& recency, const Doubles& age, double horizon,
               double rate, const Doubles& coefficients, const OptionalColumn& covariates, unsigned threads) {
                const auto x = span_of(frequency, "frequency");
                const auto t_x = span_of(recency, "recency", x.size());
                const auto T = span_of(age, "T", x.size());
                const auto gamma = span_of(coefficients, "coefficients");
                const auto z = matrix_of(covariates, "covariates");
                PurchaseForecast forecast;
                {
                    const py::gil_scoped_release released;
                    forecast = Customers::forecast(self, x, t_x, T, horizon, rate, threads, gamma, z);
                }
                return columns_of(std::move(forecast));
            },
            py::arg("frequency"), py::arg("recency"), py::arg("T"), py::arg("horizon"), py::arg("rate"),
            py::arg("coefficients"), py::arg("covariates") = py::none(), py::arg("threads") = 0,
            "The columns of a forecast, one row a customer.")
        .def(
            "simulate",
            [](const Model& self, const Doubles& age, std::uint64_t seed, unsigned threads) {
                const auto T = span_of(age, "T");
                std::vector<double> frequency;
                std::vector<double> recency;
                {
                    const py::gil_scoped_release released;
                    std::tie(frequency, recency) = Customers::simulate(self, T, seed, threads);
                }
                return py::make_tuple(to_array(std::move(frequency)), to_array(std::move(recency)), age);
            },
            py::arg("T"), py::arg("seed"), py::arg("threads") = 0, "Frequency, recency and T of simulated customers.");
}

}  // namespace custfolio::bindings
