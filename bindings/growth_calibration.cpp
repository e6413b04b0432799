// Binds room `growth`, part `calibration`: scores of success percentages, learned rates, win rates by age.
#include <pybind11/pybind11.h>

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

template <class Number>
auto counts(const std::vector<custfolio::AgePeriod>& periods, Number custfolio::AgePeriod::* member) {
    return numbers(periods, [member](const auto& one) { return static_cast<std::int64_t>(one.*member); });
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
        [](const Doubles& said, const Array<std::uint8_t>& happened, double level, std::size_t resamples,
           std::uint64_t seed, unsigned threads) {
            const auto chances = span_of(said, "said");
            const auto outcomes = span_of(happened, "happened");
            custfolio::Reliability found;
            {
                const py::gil_scoped_release released;
                found = custfolio::reliability(chances, outcomes, {level, resamples, seed, threads});
            }
            using custfolio::ReliabilityPoint;
            py::dict result;
            result["said"] = numbers(found.points, &ReliabilityPoint::said);
            result["count"] =
                numbers(found.points, [](const ReliabilityPoint& one) { return static_cast<std::int64_t>(one.count); });
            result["share"] = numbers(found.points, &ReliabilityPoint::share);
            result["recalibrated"] = numbers(found.points, &ReliabilityPoint::recalibrated);
            result["lower"] = numbers(found.points, &ReliabilityPoint::lower);
            result["upper"] = numbers(found.points, &ReliabilityPoint::upper);
            py::dict scores;
            scores["count"] = found.count;
            scores["said"] = found.said;
            scores["happened"] = found.happened;
            scores["brier"] = found.brier;
            scores["miscalibration"] = found.miscalibration;
            scores["discrimination"] = found.discrimination;
            scores["uncertainty"] = found.uncertainty;
            scores["log_loss"] = found.log_loss;
            scores["impossible"] = found.impossible;
            return py::make_tuple(result, scores);
        },
        py::arg("said"), py::arg("happened"), py::arg("level"), py::arg("resamples"), py::arg("seed"),
        py::arg("threads") = 0U, "Points and scores of success percentages by what happened.");
    module.def(
        "success_rates",
        [](const Doubles& successes, const Doubles& trials, double level) {
            const auto good = span_of(successes, "successes");
            custfolio::SuccessRates found = custfolio::success_rates(good, span_of(trials, "trials"), level);
            py::dict result;
            result["mean"] = found.mean;
            result["precision"] = found.precision;
            result["pooled"] = found.pooled;
            result["message"] = found.message;
            result["rate"] = to_array(std::move(found.rate));
            result["lower"] = to_array(std::move(found.lower));
            result["upper"] = to_array(std::move(found.upper));
            return result;
        },
        py::arg("successes"), py::arg("trials"), py::arg("level"),
        "Success rates of groups, drawn towards each other as far as their own history is short.");
    module.def(
        "share_interval",
        [](double successes, double trials, double level) {
            const custfolio::ShareInterval found = custfolio::share_interval(successes, trials, level);
            return py::make_tuple(found.share, found.lower, found.upper);
        },
        py::arg("successes"), py::arg("trials"), py::arg("level"), "A share and its interval.");
    module.def(
        "win_rate_by_age",
        [](const Array<std::uint32_t>& age, const Array<std::uint8_t>& end, double level) {
            const auto ages = span_of(age, "age");
            std::vector<custfolio::CaseEnd> ends;
            ends.reserve(static_cast<std::size_t>(end.size()));
            for (const std::uint8_t one : span_of(end, "end", ages.size())) {
                ends.push_back(static_cast<custfolio::CaseEnd>(one));
            }
            const std::vector<custfolio::AgePeriod> found = custfolio::win_rate_by_age(ages, ends, level);
            using custfolio::AgePeriod;
            py::dict columns;
            columns["at_risk"] = counts(found, &AgePeriod::at_risk);
            columns["won"] = counts(found, &AgePeriod::won);
            columns["lost"] = counts(found, &AgePeriod::lost);
            columns["win_rate"] = numbers(found, [](const AgePeriod& one) { return one.win_rate.share; });
            columns["lower"] = numbers(found, [](const AgePeriod& one) { return one.win_rate.lower; });
            columns["upper"] = numbers(found, [](const AgePeriod& one) { return one.win_rate.upper; });
            columns["open"] = numbers(found, &AgePeriod::open);
            columns["won_by"] = numbers(found, &AgePeriod::won_by);
            columns["wins_from_here"] = numbers(found, &AgePeriod::wins_from_here);
            return columns;
        },
        py::arg("age"), py::arg("end"), py::arg("level"), "Win rate by age: discrete hazards, open cases censored.");
}
