// Binds room `portfolio`: the bucket.
#include <pybind11/pybind11.h>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/portfolio.hpp"

namespace py = pybind11;
using custfolio::Bucket;
using custfolio::bindings::Doubles;
using custfolio::bindings::span_of;

void bind_portfolio(py::module_& module) {
    py::class_<Bucket>(
        module, "Bucket",
        "A group of customers as water: level (net revenue), heat (contribution), temperature (heat / level).")
        .def(py::init<double, double, std::size_t>(), py::arg("level"), py::arg("heat"), py::arg("customers"))
        .def_readonly("level", &Bucket::level, "Net revenue, currency.")
        .def_readonly("heat", &Bucket::heat, "Contribution, currency.")
        .def_readonly("customers", &Bucket::customers, "Number of customers, those without revenue included.")
        .def_property_readonly("temperature", &Bucket::temperature,
                               "Heat / level as a fraction; NaN where the level is 0 (an empty bucket has none).")
        .def("__add__", &Bucket::operator+, py::arg("other"), "Pour two groups of customers together.")
        .def(
            "__eq__", [](const Bucket& one, const Bucket& other) { return one == other; }, py::is_operator())
        .def("__hash__",
             [](const Bucket& bucket) { return py::hash(py::make_tuple(bucket.level, bucket.heat, bucket.customers)); })
        .def("__repr__", [](const Bucket& bucket) {
            return py::str("Bucket(level={:,.2f}, temperature={:.1%}, heat={:,.2f}, customers={:,})")
                .format(bucket.level, bucket.temperature(), bucket.heat, bucket.customers);
        });
    module.def(
        "pour",
        [](const Doubles& revenue, const Doubles& contribution) {
            const auto level = span_of(revenue, "revenue");
            const auto heat = span_of(contribution, "contribution");
            const py::gil_scoped_release released;
            return custfolio::pour(level, heat);
        },
        py::arg("revenue"), py::arg("contribution"),
        "Pour customers into a bucket: one revenue and one contribution a customer, currency; same bits on every "
        "run.\n\n"
        "Raises InputError where the lengths differ or a number is not finite.");
}
