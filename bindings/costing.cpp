// Binds room `costing`: the cost model.
#include "custfolio/costing.hpp"

#include <pybind11/pybind11.h>

#include <string>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"

namespace py = pybind11;
using custfolio::CostModel;

void bind_costing(py::module_& module) {
    py::class_<CostModel>(module, "CostModel", py::metaclass(plain_class()),
                          "An amount per driver and a share of revenue, each with the share of it that is avoidable.")
        .def(py::init<>())
        .def(
            "rate",
            [](CostModel& model, const std::string& driver, double amount, double avoidable) {
                model.rate(driver, amount, avoidable);
            },
            py::arg("driver"), py::arg("amount"), py::arg("avoidable") = 1.0, "Set the cost per unit of a driver.")
        .def(
            "revenue_share",
            [](CostModel& model, double share, double avoidable) { model.revenue_share(share, avoidable); },
            py::arg("share"), py::arg("avoidable") = 1.0, "Set the share of revenue that is passed on.")
        .def(
            "credit_rate", [](CostModel& model, double rate) { model.credit_rate(rate); }, py::arg("rate"),
            "Set the yearly rate at which open invoices cost money.");
}
