// Binds the purchase days of room `lifetime` and what is counted from them.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/lifetime/assessment.hpp"
#include "custfolio/lifetime/summary.hpp"

namespace py = pybind11;
using custfolio::DayNumber;
using custfolio::PurchaseDays;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::span_of;
using custfolio::bindings::to_array;
using custfolio::bindings::view_of;

namespace {

PurchaseDays days_of(const Array<std::int32_t>& customer, const Array<std::int32_t>& day, const Doubles& revenue,
                     const std::optional<Doubles>& cost, std::size_t customers, unsigned threads) {
    custfolio::LedgerView ledger;
    ledger.customer = span_of(customer, "customer");
    const std::size_t rows = ledger.rows();
    ledger.day = span_of(day, "day", rows);
    ledger.revenue = span_of(revenue, "revenue", rows);
    ledger.cost = span_of(cost, "cost", rows);
    const std::vector<std::string> ids(customers);
    ledger.id = ids;
    const py::gil_scoped_release released;
    return custfolio::purchase_days(ledger, threads);
}

py::dict summary_of(const PurchaseDays& days, DayNumber first, DayNumber last, DayNumber end, unsigned threads) {
    custfolio::PurchaseSummary found;
    {
        const py::gil_scoped_release released;
        found = custfolio::summarise(days, {first, last}, end, threads);
    }
    py::dict columns;
    columns["first_day"] = to_array(std::move(found.first_day));
    columns["last_day"] = to_array(std::move(found.last_day));
    columns["purchases"] = to_array(std::move(found.purchases));
    columns["first_revenue"] = to_array(std::move(found.first_revenue));
    columns["revenue"] = to_array(std::move(found.revenue));
    columns["contribution"] = to_array(std::move(found.contribution));
    columns["returned"] = to_array(std::move(found.returned));
    columns["holdout_purchases"] = to_array(std::move(found.holdout_purchases));
    columns["holdout_revenue"] = to_array(std::move(found.holdout_revenue));
    columns["holdout_contribution"] = to_array(std::move(found.holdout_contribution));
    return columns;
}

py::dict scores_of(const Doubles& mass, const Doubles& count, double lower, double upper, unsigned threads) {
    if (mass.ndim() != 2)
        throw custfolio::InputError("forecasts: the mass must have two dimensions, one row a forecast");
    const auto width = static_cast<std::size_t>(mass.shape(1));
    const auto counts = span_of(count, "count");
    custfolio::CountScores scores;
    {
        const auto probabilities = custfolio::bindings::flat_span_of(mass);
        const py::gil_scoped_release released;
        scores = custfolio::score_counts(probabilities, width, counts, lower, upper, threads);
    }
    py::dict columns;
    columns["crps"] = to_array(std::move(scores.crps));
    columns["lower"] = to_array(std::move(scores.lower));
    columns["upper"] = to_array(std::move(scores.upper));
    columns["below"] = to_array(std::move(scores.below));
    columns["up_to"] = to_array(std::move(scores.up_to));
    columns["missing_mass"] = scores.missing_mass;
    return columns;
}

}  // namespace

void bind_lifetime_summary(py::module_& module) {
    py::class_<PurchaseDays>(module, "PurchaseDays", py::metaclass(plain_class()),
                             "The days on which customers bought or returned, ordered by customer, then by day.")
        .def_property_readonly(
            "begin", [](const py::object& self) { return view_of(self.cast<PurchaseDays&>().begin, self); },
            "Where each customer's entries begin, and one past the last.")
        .def_property_readonly(
            "day", [](const py::object& self) { return view_of(self.cast<PurchaseDays&>().day, self); },
            "Days since 1970-01-01.")
        .def_property_readonly(
            "revenue", [](const py::object& self) { return view_of(self.cast<PurchaseDays&>().revenue, self); },
            "Net revenue of each, currency.")
        .def_property_readonly(
            "contribution",
            [](const py::object& self) { return view_of(self.cast<PurchaseDays&>().contribution, self); },
            "Revenue minus cost of goods of each, currency; empty without cost.")
        .def("summary", &summary_of, py::arg("first"), py::arg("last"), py::arg("end"), py::kw_only(),
             py::arg("threads") = 0U,
             "Count the purchases of every customer from `first` to `last`, and after it up to `end`.");
    module.def("purchase_days", &days_of, py::arg("customer"), py::arg("day"), py::arg("revenue"), py::kw_only(),
               py::arg("cost") = py::none(), py::arg("customers"), py::arg("threads") = 0U,
               "Merge the lines of a ledger into days per customer.");
    module.def("score_counts", &scores_of, py::arg("mass"), py::arg("count"), py::kw_only(), py::arg("lower") = 0.1,
               py::arg("upper") = 0.9, py::arg("threads") = 0U,
               "Score forecasts of counts, one row of probabilities each, against what came true.");
}
