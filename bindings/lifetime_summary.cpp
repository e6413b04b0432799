// Binds the purchase days of room `lifetime` and what is counted from them.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/lifetime.hpp"
#include "custfolio/lifetime/assessment.hpp"
#include "custfolio/lifetime/summary.hpp"
#include "custfolio/lifetime/value_band.hpp"

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

/// Runs what finds a band from the moments of the numbers of purchases.
template <class Find>
std::pair<py::array, py::array> band_of(const Doubles& none, const Doubles& mean, const Doubles& sd, const Doubles& p10,
                                        const Doubles& p90, Find&& find) {
    custfolio::PurchaseMoments count;
    count.none = span_of(none, "none");
    count.mean = span_of(mean, "mean", count.none.size());
    count.sd = span_of(sd, "sd", count.none.size());
    count.p10 = span_of(p10, "p10", count.none.size());
    count.p90 = span_of(p90, "p90", count.none.size());
    custfolio::ValueBand band;
    {
        const py::gil_scoped_release released;
        band = find(count);
    }
    return {to_array(std::move(band.p10)), to_array(std::move(band.p90))};
}

std::pair<py::array, py::array> band_normal(const Doubles& none, const Doubles& mean, const Doubles& sd,
                                            const Doubles& p10, const Doubles& p90, const Doubles& amount,
                                            const Doubles& variance, double within, unsigned threads) {
    const auto expected = span_of(amount, "amount");
    const auto uncertainty = span_of(variance, "variance", expected.size());
    return band_of(none, mean, sd, p10, p90, [&](const custfolio::PurchaseMoments& count) {
        return custfolio::value_band_normal(count, expected, uncertainty, within, threads,
                                            custfolio::bindings::heed_signals());
    });
}

std::pair<py::array, py::array> band_gamma(const Doubles& none, const Doubles& mean, const Doubles& sd,
                                           const Doubles& p10, const Doubles& p90, double shape, const Doubles& q,
                                           const Doubles& scale, unsigned threads) {
    const auto rate = span_of(q, "q");
    const auto scales = span_of(scale, "scale", rate.size());
    return band_of(none, mean, sd, p10, p90, [&](const custfolio::PurchaseMoments& count) {
        return custfolio::value_band_gamma(count, shape, rate, scales, threads, custfolio::bindings::heed_signals());
    });
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
    module.def("value_band_normal", &band_normal, py::arg("none"), py::arg("mean"), py::arg("sd"), py::arg("p10"),
               py::arg("p90"), py::kw_only(), py::arg("amount"), py::arg("variance"), py::arg("within"),
               py::arg("threads") = 0U, "The 10th and 90th percentiles of sums of normal amounts.");
    module.def("value_band_gamma", &band_gamma, py::arg("none"), py::arg("mean"), py::arg("sd"), py::arg("p10"),
               py::arg("p90"), py::kw_only(), py::arg("shape"), py::arg("q"), py::arg("scale"), py::arg("threads") = 0U,
               "The 10th and 90th percentiles of sums of amounts of the Gamma-Gamma model.");
}
