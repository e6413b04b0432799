// Binds room `growth`, part `factors`: how strongly a common factor moves recorded outcomes.
#include <pybind11/pybind11.h>

#include <cstdint>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/growth/factor_history.hpp"

namespace py = pybind11;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::span_of;

void bind_growth_factors(py::module_& module) {
    module.def(
        "factor_log_likelihood",
        [](const Doubles& successes, const Doubles& trials, const Array<std::int64_t>& period, double threshold,
           double common, double own) {
            const auto won = span_of(successes, "successes");
            const custfolio::FactorHistory history{won, span_of(trials, "trials", won.size()),
                                                   span_of(period, "period", won.size())};
            const py::gil_scoped_release released;
            return custfolio::factor_log_likelihood(history, {threshold, common, own});
        },
        py::arg("successes"), py::arg("trials"), py::arg("period"), py::arg("threshold"), py::arg("common"),
        py::arg("own"), "Log-likelihood of successes by cell of a period, but for the binomial coefficients.");
    module.def(
        "fit_factors",
        [](const Doubles& successes, const Doubles& trials, const Array<std::int64_t>& period, bool grouped,
           double level) {
            const auto won = span_of(successes, "successes");
            const custfolio::FactorHistory history{won, span_of(trials, "trials", won.size()),
                                                   span_of(period, "period", won.size())};
            custfolio::FactorFit fit;
            {
                const py::gil_scoped_release released;
                fit = custfolio::fit_factors(history, grouped, level);
            }
            return py::make_tuple(fit.threshold, py::make_tuple(fit.common.share, fit.common.low, fit.common.high),
                                  py::make_tuple(fit.own.share, fit.own.low, fit.own.high));
        },
        py::arg("successes"), py::arg("trials"), py::arg("period"), py::arg("grouped"), py::arg("level"),
        "Threshold, and (share, low, high) of the factor of a period and of that of each cell.");
    module.def("correlation_of_pairs", &custfolio::correlation_of_pairs, py::arg("threshold"), py::arg("both"),
               "Correlation of two normal variables of which both are below a threshold with a chance.");
}
