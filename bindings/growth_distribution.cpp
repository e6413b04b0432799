// Binds room `growth`, part `distribution`: distributions of money and sums of independent amounts.
#include <pybind11/pybind11.h>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/growth.hpp"

namespace py = pybind11;
using custfolio::Distribution;
using custfolio::bindings::Doubles;
using custfolio::bindings::span_of;

void bind_growth_distribution(py::module_& module) {
    py::class_<Distribution>(module, "Distribution", py::metaclass(plain_class()), "A distribution of money.")
        .def_property_readonly("mean", &Distribution::mean, "Mean, currency; exact.")
        .def_property_readonly("variance", &Distribution::variance, "Variance, currency squared; exact.")
        .def_property_readonly("standard_deviation", &Distribution::standard_deviation, "Currency.")
        .def("cdf", &Distribution::cdf, py::arg("value"), "P(X <= value).")
        .def("probability_at_least", &Distribution::probability_at_least, py::arg("value"), "P(X >= value).")
        .def("quantile", &Distribution::quantile, py::arg("probability"),
             "Smallest amount that is not exceeded with a probability, currency.")
        .def_property_readonly(
            "errors",
            [](const Distribution& self) {
                const auto& found = self.errors();
                py::dict errors;
                errors["discretisation"] = found.discretisation;
                errors["truncation"] = found.truncation;
                errors["aliasing"] = found.aliasing;
                errors["rounding"] = found.rounding;
                return errors;
            },
            "Bounds: discretisation in currency, the others in probability.");
    module.def(
        "sum_distribution",
        [](const Doubles& probability, const Doubles& amount) {
            const auto chances = span_of(probability, "probability");
            const auto amounts = span_of(amount, "amount", chances.size());
            const py::gil_scoped_release released;
            return custfolio::sum_distribution(chances, amounts);
        },
        py::arg("probability"), py::arg("amount"), "Distribution of a sum of independent all-or-nothing amounts.");
}
