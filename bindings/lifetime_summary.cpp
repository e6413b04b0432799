// Binds the purchase days of room `lifetime` and what is counted from them.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/lifetime.hpp"
#include "custfolio/lifetime/assessment.hpp"
#include "custfolio/lifetime/purchase_value.hpp"
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
                     const std::optional<Doubles>& cost, const std::optional<Doubles>& rebate, std::size_t customers,
                     unsigned threads) {
    custfolio::LedgerView ledger;
    ledger.customer = span_of(customer, "customer");
    const std::size_t rows = ledger.rows();
    ledger.day = span_of(day, "day", rows);
    ledger.revenue = span_of(revenue, "revenue", rows);
    ledger.cost = span_of(cost, "cost", rows);
    if (rebate) ledger.drivers = {{"rebate", span_of(*rebate, "rebate", rows)}};
    const std::vector<std::string> ids(customers);
    ledger.id = ids;
    const py::gil_scoped_release released;
    return custfolio::purchase_days(ledger, threads);
}

py::dict summary_of(const PurchaseDays& days, DayNumber first, DayNumber last, DayNumber end, unsigned threads) {
    custfolio::PurchaseSummary summary;
    {
        const py::gil_scoped_release released;
        summary = custfolio::summarise(days, {first, last}, end, threads);
    }
    py::dict columns;
    columns["first_day"] = to_array(std::move(summary.first_day));
    columns["last_day"] = to_array(std::move(summary.last_day));
    columns["purchases"] = to_array(std::move(summary.purchases));
    columns["first_revenue"] = to_array(std::move(summary.first_revenue));
    columns["revenue"] = to_array(std::move(summary.revenue));
    columns["contribution"] = to_array(std::move(summary.contribution));
    columns["returned"] = to_array(std::move(summary.returned));
    columns["holdout_purchases"] = to_array(std::move(summary.holdout_purchases));
    columns["holdout_revenue"] = to_array(std::move(summary.holdout_revenue));
    columns["holdout_contribution"] = to_array(std::move(summary.holdout_contribution));
    return columns;
}

py::dict histories_of(const py::dict& columns, bool with_cost, DayNumber first, DayNumber last, DayNumber end,
                      double days_per_unit, bool include_first, const std::optional<Doubles>& contribution,
                      const Array<std::int64_t>& customers) {
    custfolio::PurchaseSummary summary;
    const auto fill = [&]<class T>(std::vector<T>& column, const char* name) {
        const auto values = columns[name].cast<Array<T>>();
        const auto entries = span_of(values, name);
        column.assign(entries.begin(), entries.end());
    };
    fill(summary.first_day, "first_day");
    fill(summary.last_day, "last_day");
    fill(summary.purchases, "purchases");
    fill(summary.first_revenue, "first_revenue");
    fill(summary.revenue, "revenue");
    fill(summary.contribution, "contribution");
    fill(summary.holdout_purchases, "holdout_purchases");
    fill(summary.holdout_revenue, "holdout_revenue");
    fill(summary.holdout_contribution, "holdout_contribution");
    const auto chosen = span_of(customers, "customers");
    const std::vector<std::size_t> places(chosen.begin(), chosen.end());
    custfolio::HistoryOptions options{.days_per_unit = days_per_unit, .include_first = include_first};
    if (contribution) options.contribution = span_of(*contribution, "contribution");
    options.customers = places;
    custfolio::CustomerHistories histories =
        custfolio::customer_histories(summary, with_cost, {first, last}, end, options);
    py::dict result;
    result["frequency"] = to_array(std::move(histories.frequency));
    result["recency"] = to_array(std::move(histories.recency));
    result["T"] = to_array(std::move(histories.T));
    result["monetary_value"] = to_array(std::move(histories.monetary_value));
    result["contribution"] = to_array(std::move(histories.contribution));
    if (end > last) {
        result["frequency_holdout"] = to_array(std::move(histories.frequency_holdout));
        result["duration_holdout"] = to_array(std::vector<double>(places.size(), histories.duration_holdout));
        result["monetary_value_holdout"] = to_array(std::move(histories.monetary_value_holdout));
        result["contribution_holdout"] = to_array(std::move(histories.contribution_holdout));
    }
    return result;
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
    columns["within"] = to_array(std::move(scores.within));
    columns["missing_mass"] = scores.missing_mass;
    return columns;
}

/// Columns of a forecast of purchases, by their names in Python; the arrays are appended to `held`.
custfolio::PurchaseColumns purchases_of(const py::dict& forecast, std::vector<Doubles>& held) {
    const auto column = [&](const char* name) -> std::span<const double> {
        held.push_back(forecast[name].cast<Doubles>());
        return span_of(held.back(), name);
    };
    custfolio::PurchaseColumns purchases;
    purchases.count.none = column("probability_no_purchase");
    purchases.count.mean = column("expected_purchases");
    purchases.count.sd = column("purchases_sd");
    purchases.count.p10 = column("purchases_p10");
    purchases.count.p90 = column("purchases_p90");
    purchases.discounted = column("discounted_purchases");
    purchases.residual = column("discounted_residual_purchases");
    return purchases;
}

py::dict columns_of(custfolio::PurchaseValue&& found) {
    py::dict columns;
    columns["contribution_per_purchase"] = to_array(std::move(found.amount));
    columns["value"] = to_array(std::move(found.value));
    columns["value_sd"] = to_array(std::move(found.sd));
    columns["value_p10"] = to_array(std::move(found.p10));
    columns["value_p90"] = to_array(std::move(found.p90));
    columns["value_infinite"] = to_array(std::move(found.infinite));
    return columns;
}

py::dict value_of_amounts(const py::dict& forecast, const Doubles& amount) {
    std::vector<Doubles> held;
    const custfolio::PurchaseColumns purchases = purchases_of(forecast, held);
    return columns_of(custfolio::purchase_value(purchases, span_of(amount, "amount")));
}

/// The value by a model of amounts.
template <class Spend>
py::dict value_of(const py::dict& forecast, const std::array<double, 3>& params, const Doubles& frequency,
                  const Doubles& average, const std::string& band, unsigned threads) {
    std::vector<Doubles> held;
    const custfolio::PurchaseColumns purchases = purchases_of(forecast, held);
    const auto count = span_of(frequency, "frequency");
    const auto mean = span_of(average, "average", count.size());
    const Spend spend{params[0], params[1], params[2]};
    using enum custfolio::ValueBandOf;
    const custfolio::ValueOptions options{custfolio::bindings::enum_of(band, {number, sum}, "band"), threads,
                                          custfolio::bindings::heed_signals()};
    custfolio::PurchaseValue value;
    {
        const py::gil_scoped_release released;
        value = custfolio::purchase_value(purchases, spend, count, mean, options);
    }
    return columns_of(std::move(value));
}

py::dict value_of_contracts(const py::dict& forecast, const Doubles& contribution) {
    custfolio::ContractForecast contracts;
    const auto column = [&](const char* name) {
        const auto values = forecast[name].cast<Doubles>();
        const auto entries = span_of(values, name);
        return std::vector<double>(entries.begin(), entries.end());
    };
    contracts.discounted = column("discounted_renewals");
    contracts.worth_p10 = column("discounted_renewals_p10");
    contracts.worth_p90 = column("discounted_renewals_p90");
    contracts.residual = column("discounted_residual_lifetime");
    custfolio::ContractValue value = custfolio::contract_value(contracts, span_of(contribution, "contribution"));
    py::dict columns;
    columns["value"] = to_array(std::move(value.value));
    columns["value_p10"] = to_array(std::move(value.p10));
    columns["value_p90"] = to_array(std::move(value.p90));
    columns["value_infinite"] = to_array(std::move(value.infinite));
    return columns;
}

py::dict periods_of(const PurchaseDays& days, const Array<DayNumber>& first_purchase, DayNumber last,
                    const std::string& period) {
    using enum custfolio::CalendarPeriod;
    custfolio::PeriodCounts counts =
        custfolio::count_periods(days, span_of(first_purchase, "first_purchase"), last,
                                 custfolio::bindings::enum_of(period, {week, month, quarter, year}, "period"));
    py::dict columns;
    columns["frequency"] = to_array(std::move(counts.frequency));
    columns["recency"] = to_array(std::move(counts.recency));
    columns["periods"] = to_array(std::move(counts.opportunities));
    return columns;
}

py::dict tracking_of(const Array<DayNumber>& end, const Array<DayNumber>& first_purchase,
                     const Doubles& expected_by_age, const Array<DayNumber>& repeat_purchase) {
    custfolio::PurchaseTracking tracking =
        custfolio::track_purchases(span_of(end, "end"), span_of(first_purchase, "first_purchase"),
                                   span_of(expected_by_age, "expected_by_age"), span_of(repeat_purchase, "repeat"));
    py::dict columns;
    columns["actual"] = to_array(std::move(tracking.actual));
    columns["expected"] = to_array(std::move(tracking.expected));
    columns["actual_cumulative"] = to_array(std::move(tracking.actual_cumulative));
    columns["expected_cumulative"] = to_array(std::move(tracking.expected_cumulative));
    return columns;
}

py::dict holdout_of(const Doubles& actual, const Doubles& expected, const py::dict& scores, const Doubles& frequency,
                    std::size_t classes) {
    custfolio::CountScores given;
    const auto column = [&](const char* name) {
        const auto values = scores[name].cast<Doubles>();
        const auto entries = span_of(values, name);
        return std::vector<double>(entries.begin(), entries.end());
    };
    given.crps = column("crps");
    given.lower = column("lower");
    given.upper = column("upper");
    given.below = column("below");
    given.up_to = column("up_to");
    given.within = column("within");
    custfolio::HoldoutMeasures holdout = custfolio::measure_holdout(
        span_of(actual, "actual"), span_of(expected, "expected"), given, span_of(frequency, "frequency"), classes);
    py::dict measures;
    measures["purchases_actual"] = holdout.purchases_actual;
    measures["purchases_expected"] = holdout.purchases_expected;
    measures["crps"] = holdout.crps;
    measures["crps_constant"] = holdout.crps_constant;
    measures["mae"] = holdout.mae;
    measures["rmse"] = holdout.rmse;
    measures["bias"] = holdout.bias;
    measures["coverage_p10_p90"] = holdout.coverage;
    measures["coverage_nominal"] = holdout.coverage_nominal;
    py::dict result;
    result["measures"] = measures;
    result["transform"] = to_array(std::move(holdout.transform));
    result["customers"] = to_array(std::move(holdout.class_customers));
    result["actual"] = to_array(std::move(holdout.class_actual));
    result["expected"] = to_array(std::move(holdout.class_expected));
    return result;
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
             "Count the purchases of every customer from `first` to `last`, and after it up to `end`.")
        .def("periods", &periods_of, py::arg("first_purchase"), py::arg("last"), py::arg("period"),
             "Count by calendar period after that of each customer's first purchase.");
    module.def("purchase_days", &days_of, py::arg("customer"), py::arg("day"), py::arg("revenue"), py::kw_only(),
               py::arg("cost") = py::none(), py::arg("rebate") = py::none(), py::arg("customers"),
               py::arg("threads") = 0U, "Merge the lines of a ledger into days per customer.");
    module.def("customer_histories", &histories_of, py::arg("summary"), py::arg("with_cost"), py::arg("first"),
               py::arg("last"), py::arg("end"), py::kw_only(), py::arg("days_per_unit"), py::arg("include_first"),
               py::arg("contribution"), py::arg("customers"), "Frequency, recency and T of the customers chosen.");
    module.def("score_counts", &scores_of, py::arg("mass"), py::arg("count"), py::kw_only(), py::arg("lower") = 0.1,
               py::arg("upper") = 0.9, py::arg("threads") = 0U,
               "Score forecasts of counts, one row of probabilities each, against what came true.");
    module.def("purchase_value", &value_of_amounts, py::arg("forecast"), py::arg("amount"),
               "The value of purchases of certain amounts.");
    module.def("purchase_value_normal", &value_of<custfolio::NormalNormal>, py::arg("forecast"), py::arg("params"),
               py::arg("frequency"), py::arg("average"), py::kw_only(), py::arg("band") = "sum",
               py::arg("threads") = 0U, "The value of purchases of normal amounts.");
    module.def("purchase_value_gamma", &value_of<custfolio::GammaGamma>, py::arg("forecast"), py::arg("params"),
               py::arg("frequency"), py::arg("average"), py::kw_only(), py::arg("band") = "sum",
               py::arg("threads") = 0U, "The value of purchases of amounts of the Gamma-Gamma model.");
    module.def("contract_value", &value_of_contracts, py::arg("forecast"), py::arg("contribution"),
               "The value of contracts.");
    module.def("track_purchases", &tracking_of, py::arg("end"), py::arg("first_purchase"), py::arg("expected_by_age"),
               py::arg("repeat_purchase"), "Sum expected and actual repeat purchases up to the end of every step.");
    module.def(
        "frequency_classes",
        [](const Doubles& frequency, const Doubles& customers, const Doubles& mass) {
            custfolio::FrequencyClasses frequencies =
                custfolio::frequency_classes(span_of(frequency, "frequency"), span_of(customers, "customers"),
                                             custfolio::bindings::flat_span_of(mass));
            return py::make_tuple(to_array(std::move(frequencies.actual)), to_array(std::move(frequencies.expected)));
        },
        py::arg("frequency"), py::arg("customers"), py::arg("mass"),
        "Count customers by repeat purchases, and how many a model expects.");
    module.def("measure_holdout", &holdout_of, py::arg("actual"), py::arg("expected"), py::arg("scores"),
               py::arg("frequency"), py::arg("classes"), "Measure forecasts of a holdout.");
}
