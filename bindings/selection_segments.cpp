// Binds segmentation on bare arrays.
#include <pybind11/pybind11.h>

#include <optional>
#include <utility>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/selection/natural_breaks.hpp"

namespace py = pybind11;
using custfolio::bindings::Doubles;
using custfolio::bindings::span_of;
using custfolio::bindings::to_array;

void bind_selection_segments(py::module_& module) {
    module.def(
        "natural_breaks",
        [](const Doubles& value, int k, const std::optional<Doubles>& weight) {
            custfolio::NaturalBreaks found;
            {
                const auto values = span_of(value, "values");
                const auto weights = span_of(weight, "weights", values.size());
                const py::gil_scoped_release released;
                found = custfolio::natural_breaks(values, k, weights, custfolio::bindings::heed_signals());
            }
            py::dict columns;
            columns["breaks"] = to_array(std::move(found.breaks));
            columns["lowest"] = to_array(std::move(found.lowest));
            columns["labels"] = to_array(std::move(found.labels));
            columns["mean"] = to_array(std::move(found.mean));
            columns["weight"] = to_array(std::move(found.weight));
            columns["within"] = found.within;
            columns["total"] = found.total;
            columns["goodness_of_fit"] = found.goodness_of_fit();
            return columns;
        },
        py::arg("value"), py::arg("k"), py::arg("weight") = py::none(),
        "The k classes of a column with the least sum of squares within them.");
}
