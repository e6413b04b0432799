// Binds room `remediation`: the offers.
#include "custfolio/remediation.hpp"

#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"

namespace py = pybind11;
using custfolio::Offer;
using custfolio::Offers;
using custfolio::bindings::Array;
using custfolio::bindings::numbers;
using custfolio::bindings::span_of;
using custfolio::bindings::texts;
using custfolio::bindings::to_array;
using custfolio::bindings::view_of;

namespace {

/// A column of the offers: a member or a function of an offer.
template <class Get>
auto column(Get get) {
    return [get](const Offers& self) { return numbers(self.offers, get); };
}

}  // namespace

void bind_remediation(py::module_& module) {
    module.def(
        "acceptance",
        [](double base, double sensitivity, double burden) {
            return custfolio::Acceptance{base, sensitivity}.probability(burden);
        },
        py::arg("base"), py::arg("sensitivity"), py::arg("burden"), "Probability of accepting an offer of a burden.");
    py::class_<Offers>(module, "Offers", py::metaclass(plain_class()), "The offers of new terms, grouped by customer.")
        .def("__len__", [](const Offers& self) { return self.offers.size(); })
        .def_readonly("identity", &Offers::identity, "The portfolio that they are made for.")
        .def_readonly("target", &Offers::target, "The temperature that the offers are to reach.")
        .def_property_readonly("customer",
                               column([](const Offer& offer) { return static_cast<std::int64_t>(offer.customer); }),
                               "Row of the portfolio.")
        .def_property_readonly("lever",
                               column([](const Offer& offer) { return static_cast<std::int64_t>(offer.lever); }),
                               "Which of the levers.")
        .def_property_readonly(
            "terms",
            [](const Offers& self) {
                py::list terms;
                for (const Offer& offer : self.offers) terms.append(offer.terms);
                return terms;
            },
            "What is asked.")
        .def_property_readonly("required", column(&Offer::required),
                               "Amount that would reach the target whatever the ceiling; NaN: none does.")
        .def_property_readonly(
            "reaches",
            [](const Offers& self) {
                return numbers(self.offers, [](const Offer& offer) { return std::uint8_t{offer.reaches}; })
                    .attr("view")("bool");
            },
            "Whether the terms asked reach the target.")
        .def_property_readonly(
            "reason", [](const Offers& self) { return texts(self.offers, &Offer::reason); },
            "What the offer does, or why it falls short.")
        .def_property_readonly("burden", column(&Offer::burden), "Extra cost as a share of the customer's spend.")
        .def_property_readonly("acceptance", column(&Offer::acceptance), "Probability that the customer accepts.")
        .def_property_readonly("revenue_change", column(&Offer::revenue_change), "If accepted, currency.")
        .def_property_readonly("heat_change", column(&Offer::heat_change),
                               "If accepted, currency; avoidable cost only.")
        .def_property_readonly("deliveries_change", column(&Offer::deliveries_change), "If accepted; <= 0.")
        .def_property_readonly("temperature_after", column(&Offer::temperature_after), "If accepted, fraction.")
        .def_property_readonly("expected_heat_change", column(&Offer::expected_heat_change),
                               "Acceptance x heat change.")
        .def_property_readonly(
            "not_offered",
            [](const Offers& self) {
                py::list rows;
                for (const auto& one : self.not_offered) {
                    rows.append(py::make_tuple(one.customer, one.lever, one.reason));
                }
                return rows;
            },
            "Levers that are not offered: customer, lever, reason.")
        .def_property_readonly(
            "best",
            [](const Offers& self) {
                std::vector<std::int64_t> best;
                for (std::size_t i = 0; i + 1 < self.begin.size(); ++i) {
                    const Offer* offer = self.best(i);
                    if (offer != nullptr) best.push_back(offer - self.offers.data());
                }
                return to_array(std::move(best));
            },
            "Position of each customer's offer with the highest expected heat change.")
        .def_property_readonly(
            "cost_per_delivery",
            [](const py::object& self) { return view_of(self.cast<const Offers&>().cost_per_delivery, self); },
            "Per customer: cost to serve and loss on goods per delivery, currency; NaN without deliveries.")
        .def_property_readonly(
            "heat_per_delivery",
            [](const py::object& self) { return view_of(self.cast<const Offers&>().heat_per_delivery, self); },
            "Per customer: contribution per delivery, currency; NaN without deliveries.");
    module.def(
        "remediate",
        [](const custfolio::Portfolio& portfolio, const Array<std::int64_t>& rows, double target,
           const custfolio::CostModel& costs, const py::iterable& terms, double base, double sensitivity) {
            std::vector<custfolio::Terms> levers;
            for (const py::handle& one : terms) levers.push_back(one.cast<custfolio::Terms>());
            std::vector<std::size_t> chosen;
            for (const std::int64_t row : span_of(rows, "rows")) {
                if (row < 0) throw custfolio::InputError("row " + std::to_string(row) + "; rows count from 0");
                chosen.push_back(static_cast<std::size_t>(row));
            }
            const py::gil_scoped_release released;
            return custfolio::remediate(portfolio, chosen, target, costs, levers, {base, sensitivity});
        },
        py::arg("portfolio"), py::arg("rows"), py::arg("target"), py::arg("costs"), py::arg("terms"), py::arg("base"),
        py::arg("sensitivity"), "The smallest change of each lever that brings each customer to the target.");
}
