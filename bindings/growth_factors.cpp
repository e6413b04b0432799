// Binds room `growth`, part `factors`: how strongly a common factor moves recorded outcomes.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/growth.hpp"

namespace py = pybind11;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::span_of;
using custfolio::bindings::to_array;

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
        "factor_cells",
        [](const Doubles& successes, const std::optional<Doubles>& trials, const Array<std::int64_t>& period,
           const std::optional<Array<std::int64_t>>& label) {
            const auto won = span_of(successes, "successes");
            custfolio::FactorCells cells =
                custfolio::factor_cells(won, span_of(trials, "trials", won.size()),
                                        span_of(period, "periods", won.size()), span_of(label, "groups", won.size()));
            return py::make_tuple(to_array(std::move(cells.successes)), to_array(std::move(cells.trials)),
                                  to_array(std::move(cells.period)),
                                  to_array(std::vector<std::int64_t>(cells.row.begin(), cells.row.end())));
        },
        py::arg("successes"), py::arg("trials"), py::arg("period"), py::arg("label"),
        "Successes, trials, period and a row of each cell.");
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
