// Binds room `terms`: the three levers.
#include "custfolio/terms.hpp"

#include <pybind11/pybind11.h>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"

namespace py = pybind11;
using custfolio::Terms;
using custfolio::bindings::number_of;

void bind_terms(py::module_& module) {
    py::class_<Terms>(module, "Terms", py::metaclass(plain_class()),
                      "A change of what is agreed with a customer: a lever, and how far it is moved.")
        .def_static(
            "delivery_fee", [](const py::object& amount) { return Terms::delivery_fee(number_of(amount, "amount")); },
            py::arg("amount"),
            "A fee for every delivery.\n\nParameters\n----------\namount : float\n    Currency per delivery, >= 0.\n\n"
            "Returns\n-------\nTerms\n    The terms.\n\nRaises\n------\nInputError\n    If the amount is negative "
            "or not finite.")
        .def_static(
            "minimum_order",
            [](const py::object& amount, const py::object& inconvenience) {
                return Terms::minimum_order(number_of(amount, "amount"), number_of(inconvenience, "inconvenience"));
            },
            py::arg("amount"), py::arg("inconvenience") = 0.05,
            "A minimum order value: the customer buys the same in fewer, larger orders.\n\n"
            "Parameters\n----------\namount : float\n    Net revenue per delivery, currency, >= 0.\n"
            "inconvenience : float\n    What giving up all deliveries weighs for the customer, as a share of its "
            "spend, in [0, 1].\n\nReturns\n-------\nTerms\n    The terms.\n\nRaises\n------\nInputError\n    If a "
            "number is out of range.")
        .def_static(
            "price",
            [](const py::object& fraction, const py::object& elasticity) {
                return Terms::price(number_of(fraction, "fraction"), number_of(elasticity, "elasticity"));
            },
            py::arg("fraction"), py::arg("elasticity") = 0.0,
            "A change of all prices.\n\nParameters\n----------\nfraction : float\n    In (-1, 1]: 0.03 is 3 % dearer.\n"
            "elasticity : float\n    Constant price elasticity of the quantities, <= 0.\n\nReturns\n-------\nTerms\n"
            "    The terms.\n\nRaises\n------\nInputError\n    If a number is out of range.")
        .def_property_readonly(
            "lever", [](const Terms& self) { return custfolio::to_string(self.lever); },
            "\"delivery fee\", \"minimum order\" or \"price\".")
        .def_readonly("amount", &Terms::amount,
                      "Currency per delivery, currency per order, or a fraction of the price.")
        .def_readonly("elasticity", &Terms::volume_response, "Price only: elasticity of the quantities.")
        .def_readonly("inconvenience", &Terms::inconvenience, "Minimum order only: burden of giving up all deliveries.")
        .def(
            "with_amount",
            [](const Terms& self, const py::object& amount) { return self.with_amount(number_of(amount, "amount")); },
            py::arg("amount"), "The same lever moved to another amount.")
        .def("__str__", [](const Terms& self) { return custfolio::describe(self); })
        .def("__repr__", [](const Terms& self) { return "Terms(" + custfolio::describe(self) + ")"; })
        .def(
            "__eq__", [](const Terms& one, const Terms& other) { return one == other; }, py::is_operator())
        .def("__hash__", [](const Terms& self) {
            return py::hash(
                py::make_tuple(static_cast<int>(self.lever), self.amount, self.volume_response, self.inconvenience));
        });
}
