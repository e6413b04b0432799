// Binds room `growth`, part `calibration`: scores of success percentages, learned rates, win rates by age.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/growth.hpp"

namespace py = pybind11;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::numbers;
using custfolio::bindings::span_of;
using custfolio::bindings::to_array;

namespace {

template <class Row>
auto counts(const std::vector<Row>& rows, std::size_t Row::* member) {
    return numbers(rows, [member](const Row& one) { return static_cast<std::int64_t>(one.*member); });
}

py::array whole(const std::vector<std::size_t>& counts) {
    return to_array(std::vector<std::int64_t>(counts.begin(), counts.end()));
}

std::vector<custfolio::CaseEnd> ends_of(const Array<std::uint8_t>& end, std::size_t rows) {
    std::vector<custfolio::CaseEnd> ends;
    ends.reserve(rows);
    for (const std::uint8_t one : span_of(end, "end", rows)) ends.push_back(static_cast<custfolio::CaseEnd>(one));
    return ends;
}

custfolio::Encoding encoded(const py::handle& groups) {
    return custfolio::encode(custfolio::bindings::strings_of(groups, "group"));
}

}  // namespace

void bind_growth_calibration(py::module_& module) {
    module.def(
        "isotonic_regression",
        [](const Doubles& values, const Doubles& weights) {
            return to_array(custfolio::isotonic_regression(span_of(values, "values"), span_of(weights, "weights")));
        },
        py::arg("values"), py::arg("weights"), "The non-decreasing sequence nearest in weighted squares.");
    module.def(
        "reliability",
        [](const Doubles& stated, const Array<std::uint8_t>& happened, double level, std::size_t resamples,
           std::uint64_t seed, unsigned threads) {
            const auto chances = span_of(stated, "stated");
            const auto outcomes = span_of(happened, "happened");
            custfolio::Reliability diagram;
            {
                const py::gil_scoped_release released;
                diagram = custfolio::reliability(
                    chances, outcomes, {level, resamples, seed, threads, custfolio::bindings::heed_signals()});
            }
            using custfolio::ReliabilityPoint;
            py::dict result;
            result["stated"] = numbers(diagram.points, &ReliabilityPoint::stated);
            result["count"] = numbers(diagram.points,
                                      [](const ReliabilityPoint& one) { return static_cast<std::int64_t>(one.count); });
            result["share"] = numbers(diagram.points, &ReliabilityPoint::share);
            result["recalibrated"] = numbers(diagram.points, &ReliabilityPoint::recalibrated);
            result["lower"] = numbers(diagram.points, &ReliabilityPoint::lower);
            result["upper"] = numbers(diagram.points, &ReliabilityPoint::upper);
            py::dict scores;
            scores["count"] = diagram.count;
            scores["stated"] = diagram.stated;
            scores["observed"] = diagram.observed;
            scores["brier"] = diagram.brier;
            scores["miscalibration"] = diagram.miscalibration;
            scores["discrimination"] = diagram.discrimination;
            scores["uncertainty"] = diagram.uncertainty;
            scores["log_loss"] = diagram.log_loss;
            scores["impossible"] = diagram.impossible;
            return py::make_tuple(result, scores);
        },
        py::arg("stated"), py::arg("happened"), py::arg("level"), py::arg("resamples"), py::arg("seed"),
        py::arg("threads") = 0U, "Points and scores of success percentages by what happened.");
    module.def(
        "success_rates",
        [](const Doubles& successes, const Doubles& trials, double level) {
            const auto good = span_of(successes, "successes");
            custfolio::SuccessRates rates = custfolio::success_rates(good, span_of(trials, "trials"), level);
            py::dict result;
            result["mean"] = rates.mean;
            result["precision"] = rates.precision;
            result["pooled"] = rates.pooled;
            result["message"] = rates.message;
            result["rate"] = to_array(std::move(rates.rate));
            result["lower"] = to_array(std::move(rates.lower));
            result["upper"] = to_array(std::move(rates.upper));
            return result;
        },
        py::arg("successes"), py::arg("trials"), py::arg("level"),
        "Success rates of groups, shrunk towards each other.");
    module.def(
        "share_interval",
        [](double successes, double trials, double level) {
            const custfolio::ShareInterval interval = custfolio::share_interval(successes, trials, level);
            return py::make_tuple(interval.share, interval.lower, interval.upper);
        },
        py::arg("successes"), py::arg("trials"), py::arg("level"), "A share and its interval.");
    module.def(
        "recalibrated",
        [](const Doubles& point, const Doubles& level, const Doubles& stated) {
            const auto at = span_of(point, "point");
            const auto levels = span_of(level, "level", at.size());
            std::vector<custfolio::ReliabilityPoint> points(at.size());
            for (std::size_t k = 0; k < points.size(); ++k) {
                points[k].stated = at[k];
                points[k].recalibrated = levels[k];
            }
            return to_array(custfolio::recalibrated(points, custfolio::bindings::flat_span_of(stated)));
        },
        py::arg("point"), py::arg("level"), py::arg("stated"),
        "Success percentages recalibrated by a diagram's points.");
    module.def(
        "calibration_by_group",
        [](const Doubles& stated, const Array<std::uint8_t>& happened, const py::handle& group, double level) {
            using Row = custfolio::GroupCalibration;
            const std::vector<Row> groups = custfolio::calibration_by_group(
                span_of(stated, "stated"), span_of(happened, "happened"), encoded(group), level);
            py::dict columns;
            columns["group"] = custfolio::bindings::texts(groups, &Row::group);
            columns["cases"] = counts(groups, &Row::cases);
            columns["stated"] = numbers(groups, &Row::stated);
            columns["observed"] = numbers(groups, &Row::observed);
            columns["expected"] = numbers(groups, &Row::expected);
            columns["lower"] = numbers(groups, &Row::lower);
            columns["upper"] = numbers(groups, &Row::upper);
            return columns;
        },
        py::arg("stated"), py::arg("happened"), py::arg("group"), py::arg("level"),
        "Stated and observed success by group, most cases first.");
    module.def(
        "success_rates_of_cases",
        [](const py::handle& group, const Array<std::uint8_t>& end, double level) {
            const custfolio::Encoding groups = encoded(group);
            custfolio::GroupSuccess result = custfolio::success_rates(groups, ends_of(end, groups.codes.size()), level);
            py::dict columns;
            columns["group"] = custfolio::bindings::to_list(result.group);
            columns["cases"] = whole(result.cases);
            columns["successes"] = whole(result.successes);
            columns["share"] = to_array(std::move(result.share));
            columns["rate"] = to_array(std::move(result.rates.rate));
            columns["lower"] = to_array(std::move(result.rates.lower));
            columns["upper"] = to_array(std::move(result.rates.upper));
            py::dict facts;
            facts["mean"] = result.rates.mean;
            facts["precision"] = result.rates.precision;
            facts["message"] = result.rates.message;
            facts["undecided"] = result.undecided;
            return py::make_tuple(columns, facts);
        },
        py::arg("group"), py::arg("end"), py::arg("level"),
        "Success rates of groups from their cases, and their mean.");
    module.def(
        "win_rate_by_age",
        [](const Array<std::int32_t>& start, const Array<std::int32_t>& decided, const Array<std::uint8_t>& end,
           int period_days, std::optional<int> seen, double level) {
            using Row = custfolio::AgePeriod;
            const auto begins = span_of(start, "start");
            const std::vector<Row> rows =
                custfolio::win_rate_by_age(begins, span_of(decided, "decided", begins.size()),
                                           ends_of(end, begins.size()), {period_days, seen, level});
            py::dict columns;
            columns["at_risk"] = counts(rows, &Row::at_risk);
            columns["won"] = counts(rows, &Row::won);
            columns["lost"] = counts(rows, &Row::lost);
            columns["win_rate"] = numbers(rows, [](const Row& one) { return one.win_rate.share; });
            columns["lower"] = numbers(rows, [](const Row& one) { return one.win_rate.lower; });
            columns["upper"] = numbers(rows, [](const Row& one) { return one.win_rate.upper; });
            columns["open"] = numbers(rows, &Row::open);
            columns["won_by"] = numbers(rows, &Row::won_by);
            columns["wins_from_here"] = numbers(rows, &Row::wins_from_here);
            return columns;
        },
        py::arg("start"), py::arg("decided"), py::arg("end"), py::arg("period_days"), py::arg("seen"), py::arg("level"),
        "Win rate by age: discrete hazards, open cases censored.");
    module.def(
        "open_chances",
        [](const Array<std::int32_t>& created, const Array<std::int32_t>& decided, const Array<std::uint8_t>& end,
           const std::vector<py::object>& groups, const Array<std::int64_t>& deal, const Array<std::int32_t>& entered,
           const py::handle& stage, int at, int months, double prior, double prior_days) {
            const auto begins = span_of(created, "created");
            std::vector<custfolio::Encoding> groupings;
            for (const py::object& group : groups) groupings.push_back(encoded(group));
            custfolio::StageHistory history;
            for (const std::int64_t position : span_of(deal, "deal")) {
                history.deal.push_back(static_cast<std::size_t>(position));
            }
            const auto days = span_of(entered, "entered");
            history.entered.assign(days.begin(), days.end());
            history.stage = encoded(stage);
            custfolio::OpenChances chances =
                custfolio::open_chances(begins, span_of(decided, "decided", begins.size()), ends_of(end, begins.size()),
                                        groupings, history, {at, months, prior, prior_days});
            using Open = custfolio::OpenChance;
            using Pace = custfolio::GroupPace;
            const auto position = [](const auto& one) { return static_cast<std::int64_t>(one); };
            py::dict open;
            open["deal"] = numbers(chances.open, [&](const Open& one) { return position(one.deal); });
            open["stage"] = custfolio::bindings::texts(chances.open, &Open::stage);
            open["days"] = numbers(chances.open, &Open::days);
            open["won"] = numbers(chances.open, &Open::won);
            open["lost"] = numbers(chances.open, &Open::lost);
            py::dict paces;
            paces["dimension"] = numbers(chances.groups, [&](const Pace& one) { return position(one.dimension); });
            paces["group"] = custfolio::bindings::texts(chances.groups, &Pace::group);
            paces["won"] = counts(chances.groups, &Pace::won);
            paces["expected_won"] = numbers(chances.groups, &Pace::expected_won);
            paces["win_factor"] = numbers(chances.groups, &Pace::win_factor);
            paces["lost"] = counts(chances.groups, &Pace::lost);
            paces["expected_lost"] = numbers(chances.groups, &Pace::expected_lost);
            paces["loss_factor"] = numbers(chances.groups, &Pace::loss_factor);
            py::dict rest;
            rest["won_by_month"] = custfolio::bindings::to_array(std::move(chances.won_by_month));
            rest["decided"] = chances.decided;
            rest["left_out"] = numbers(chances.left_out, [&](const auto& one) { return position(one.opportunity); });
            rest["reason"] = custfolio::bindings::texts(chances.left_out, &custfolio::LeftOutOpportunity::reason);
            return py::make_tuple(open, paces, rest);
        },
        py::kw_only(), py::arg("created"), py::arg("decided"), py::arg("end"), py::arg("groups"), py::arg("deal"),
        py::arg("entered"), py::arg("stage"), py::arg("at"), py::arg("months"), py::arg("prior"), py::arg("prior_days"),
        "Chances of open deals, paces of groups, wins by month and what is left out.");
    module.def(
        "slippage",
        [](const Array<std::int32_t>& planned, const Array<std::int32_t>& actual, const py::handle& group) {
            using Row = custfolio::Slippage;
            const std::vector<Row> rows =
                custfolio::slippage(span_of(planned, "planned"), span_of(actual, "actual"), encoded(group));
            py::dict columns;
            columns["group"] = custfolio::bindings::texts(rows, &Row::group);
            columns["cases"] = counts(rows, &Row::cases);
            columns["without_date"] = counts(rows, &Row::without_date);
            columns["mean"] = numbers(rows, &Row::mean);
            columns["p10"] = numbers(rows, &Row::p10);
            columns["p50"] = numbers(rows, &Row::p50);
            columns["p90"] = numbers(rows, &Row::p90);
            columns["late"] = numbers(rows, &Row::late);
            return columns;
        },
        py::arg("planned"), py::arg("actual"), py::arg("group"), "Days later than planned, by group.");
    module.def(
        "coverage",
        [](const Doubles& actual, const Doubles& low, const Doubles& high) {
            const custfolio::Coverage coverage =
                custfolio::coverage(span_of(actual, "actual"), span_of(low, "low"), span_of(high, "high"));
            py::dict result;
            result["place"] = custfolio::bindings::texts(
                coverage.place, [](custfolio::BandPlace place) { return custfolio::to_string(place); });
            result["below"] = coverage.below;
            result["inside"] = coverage.inside;
            result["above"] = coverage.above;
            result["within"] = py::make_tuple(coverage.within.share, coverage.within.lower, coverage.within.upper);
            return result;
        },
        py::arg("actual"), py::arg("low"), py::arg("high"), "Outcomes in the bands that were forecast.");
    module.attr("no_day") = custfolio::no_day;
}
