// Binds room `growth`, part `factors`: how strongly a common factor moves recorded outcomes.
#include <pybind11/pybind11.h>

#include <cstdint>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/growth.hpp"

namespace py = pybind11;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::span_of;

void bind_growth_factors(py::module_& module) {
    module.def(
        "factor_log_likelihood",
        [](const Doubles& successes, const Doubles& trials, const Array<std::int64_t>& period, double threshold,
           double common, double cell) {
            const auto won = span_of(successes, "successes");
            const custfolio::FactorHistory history{won, span_of(trials, "trials", won.size()),
                                                   span_of(period, "period", won.size())};
            const py::gil_scoped_release released;
            return custfolio::factor_log_likelihood(history, {threshold, common, cell});
        },
        py::arg("successes"), py::arg("trials"), py::arg("period"), py::arg("threshold"), py::arg("common"),
        py::arg("own"), "Log-likelihood of successes by cell of a period, but for the binomial coefficients.");
    module.def(
        "estimate_correlation",
        [](const Doubles& successes, const Doubles& trials, const Array<std::int64_t>& period, bool grouped,
           double level) {
            const auto won = span_of(successes, "successes");
            const custfolio::FactorHistory history{won, span_of(trials, "trials", won.size()),
                                                   span_of(period, "period", won.size())};
            custfolio::FactorCorrelation estimate;
            {
                const py::gil_scoped_release released;
                estimate =
                    custfolio::estimate_correlation(history, grouped, level, custfolio::bindings::heed_signals());
            }
            const auto share = [](const custfolio::FactorShare& one) {
                return py::make_tuple(one.share, one.low, one.high);
            };
            py::dict result;
            result["common"] = share(estimate.fit.common);
            result["own"] = share(estimate.fit.cell);
            result["probability"] = estimate.probability;
            result["by_moments"] = estimate.by_moments;
            result["between_successes"] = estimate.between_successes;
            return result;
        },
        py::arg("successes"), py::arg("trials"), py::arg("period"), py::arg("grouped"), py::arg("level"),
        "(share, low, high) of the factor of a period and of that of each cell, and estimates by moments.");
}
