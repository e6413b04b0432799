// Python face of the baseline: backtests, shrunk temperatures, and level and heat without any action.
#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/ledger_view.hpp"
#include "custfolio/lifetime/backtest.hpp"
#include "custfolio/lifetime/baseline.hpp"
#include "custfolio/lifetime/evaporation.hpp"
#include "custfolio/lifetime/exponential_smoothing.hpp"
#include "custfolio/lifetime/level_forecast.hpp"
#include "custfolio/lifetime/reconcile.hpp"
#include "custfolio/math/shrinkage.hpp"

namespace py = pybind11;
using custfolio::Baseline;
using custfolio::Column;
using custfolio::Matrix;
using custfolio::bindings::Array;
using custfolio::bindings::column_of;
using custfolio::bindings::Doubles;
using custfolio::bindings::matrix_of;
using custfolio::bindings::OptionalArray;
using custfolio::bindings::span_of;
using custfolio::bindings::to_array;
using custfolio::bindings::view_of;

namespace {

Baseline make_baseline(int start, const Doubles& level, const Doubles& heat, const std::optional<Doubles>& variance,
                       const std::optional<Doubles>& common, double correlation, double own_correlation,
                       const py::object& notes, const std::optional<custfolio::Identity>& identity) {
    Baseline baseline;
    if (identity) baseline.identity = *identity;
    baseline.start = custfolio::Month::from_index(start);
    baseline.level = matrix_of(level, "level");
    baseline.heat = matrix_of(heat, "heat");
    if (variance) baseline.variance = matrix_of(*variance, "variance");
    baseline.joint = {column_of(common, "common"), correlation, own_correlation};
    baseline.notes = custfolio::bindings::strings_of(notes, "notes");
    return baseline;
}

std::vector<custfolio::ForecastMethod> methods_of(const std::vector<std::string>& names) {
    using enum custfolio::ForecastMethod;
    std::vector<custfolio::ForecastMethod> methods;
    for (const std::string& name : names) {
        methods.push_back(custfolio::bindings::enum_of(name, {seasonal_naive, drift, holt_winters}, "method"));
    }
    return methods;
}

Baseline forecast_baseline(const Array<std::int32_t>& customer, const Array<std::int32_t>& day, const Doubles& revenue,
                           const OptionalArray<double>& cost, const OptionalArray<double>& quantity,
                           const OptionalArray<std::int64_t>& document, const OptionalArray<double>& lines,
                           const py::dict& drivers, const py::object& id, const custfolio::CostModel& costs,
                           const custfolio::Portfolio& portfolio, int start, int months,
                           const OptionalArray<std::int32_t>& segment, const std::optional<py::dict>& brought_in,
                           const std::vector<std::string>& methods, bool reconcile, int history_years, int origins,
                           unsigned threads, const py::object& progress) {
    const custfolio::bindings::HeldLedger ledger(customer, day, revenue, cost, quantity, document, lines, drivers, id);
    custfolio::BaselineOptions options;
    options.segment = span_of(segment, "segment", portfolio.size());
    if (brought_in) {
        const auto matrix = [&](const char* name) { return matrix_of((*brought_in)[name].cast<Doubles>(), name); };
        const auto known = (*brought_in)["known"].cast<Array<std::uint8_t>>();
        for (const std::uint8_t one : span_of(known, "known")) options.brought_in.known.push_back(one != 0);
        options.brought_in.level = matrix("level");
        options.brought_in.heat = matrix("heat");
        options.brought_in.variance = matrix("variance");
    }
    options.methods = methods_of(methods);
    options.reconcile = reconcile;
    options.history_years = history_years;
    options.origins = origins;
    options.threads = threads;
    options.progress = custfolio::bindings::progress_of(progress);
    const py::gil_scoped_release released;
    return custfolio::baseline(ledger.view(), costs, portfolio, custfolio::Month::from_index(start), months, options);
}

py::dict customers_of(const Baseline& baseline) {
    const custfolio::ShrunkTemperature& temperature = baseline.temperature;
    py::dict columns;
    columns["method"] = custfolio::bindings::to_list(baseline.method);
    columns["why"] = custfolio::bindings::to_list(baseline.reason);
    columns["origins"] = to_array(std::vector<std::int64_t>(baseline.origins.begin(), baseline.origins.end()));
    columns["error"] = to_array(Matrix(baseline.error));
    columns["observed_temperature"] = to_array(Column(temperature.observed));
    columns["temperature"] = to_array(Column(temperature.expected));
    columns["own_weight"] = to_array(Column(temperature.weight));
    return columns;
}

py::dict band_of(const Baseline& baseline) {
    const custfolio::CompanyBand& band = baseline.band;
    py::dict columns;
    columns["origins"] = to_array(std::vector<std::int64_t>(band.origins.begin(), band.origins.end()));
    columns["bias"] = to_array(Column(band.bias));
    columns["error"] = to_array(Column(band.error));
    return columns;
}

py::dict company_of(const Baseline& baseline) {
    custfolio::CompanyMonths company = baseline.company();
    py::dict columns;
    columns["level"] = to_array(std::move(company.level));
    columns["heat"] = to_array(std::move(company.heat));
    columns["temperature"] = to_array(std::move(company.temperature));
    const std::array<const char*, 3> names{"p10", "p50", "p90"};
    for (std::size_t k = 0; k < names.size(); ++k) columns[names[k]] = to_array(std::move(company.quantile[k]));
    if (!baseline.newcomers.known()) return columns;
    columns["newcomers"] = to_array(Column(baseline.newcomers.level));
    columns["newcomers_heat"] = to_array(Column(baseline.newcomers.heat));
    columns["newcomers_deviation"] = to_array(Column(baseline.newcomers.deviation));
    columns["newcomers_heat_deviation"] = to_array(Column(baseline.newcomers.heat_deviation));
    columns["returning"] = to_array(Column(baseline.newcomers.returning));
    columns["arrivals"] = to_array(Column(baseline.newcomers.arrivals));
    return columns;
}

py::dict evaporation(const Doubles& history, int ahead, const std::string& method) {
    const Matrix months = matrix_of(history, "history");
    const std::size_t known = months.cols();
    if (ahead < 1) throw custfolio::InputError("ahead is " + std::to_string(ahead) + "; it must be at least 1");
    const auto wide = static_cast<std::size_t>(ahead);
    custfolio::Evaporation evaporation;
    {
        const py::gil_scoped_release released;
        if (method == "counted standing") {
            evaporation = {custfolio::evaporation_by_standing(months, known, wide),
                           custfolio::EvaporationMethod::counted_standing, "", std::nullopt, std::nullopt};
        } else if (method == "BG/BB") {
            std::optional<custfolio::ModelledEvaporation> modelled =
                custfolio::evaporation_by_model(months, known, wide);
            if (!modelled) throw custfolio::InputError("history: nobody has a month after that of its first purchase");
            evaporation = {std::move(modelled->chance), custfolio::EvaporationMethod::bg_bb, "", std::nullopt,
                           modelled->model};
        } else {
            evaporation = custfolio::evaporation(months, wide);
        }
    }
    py::dict result;
    result["method"] = custfolio::to_string(evaporation.method);
    result["reason"] = evaporation.reason;
    result["chance"] = to_array(std::move(evaporation.chance));
    return result;
}

py::dict standings(const Doubles& history) {
    const Matrix months = matrix_of(history, "history");
    std::vector<custfolio::Standing> rows;
    for (std::size_t i = 0; i < months.rows(); ++i) rows.push_back(custfolio::standing_of(months, i, months.cols()));
    py::dict columns;
    using custfolio::bindings::numbers;
    columns["gap"] = numbers(rows, [](const custfolio::Standing& one) { return static_cast<std::int64_t>(one.gap); });
    columns["irregular"] = numbers(rows, [](const custfolio::Standing& one) { return std::int64_t{one.irregular}; });
    return columns;
}

py::dict backtest(const Doubles& history, int horizon, int origins, int fewest, int step, int season,
                  const std::vector<std::string>& methods, unsigned threads, const py::object& progress) {
    const Matrix months = matrix_of(history, "history");
    custfolio::Backtest result;
    {
        custfolio::BacktestOptions options{.horizon = horizon,
                                           .origins = origins,
                                           .fewest = fewest,
                                           .step = step,
                                           .season = season,
                                           .methods = methods_of(methods),
                                           .threads = threads,
                                           .progress = custfolio::bindings::progress_of(progress)};
        const py::gil_scoped_release released;
        result = custfolio::backtest(months, options);
    }
    py::dict columns;
    columns["method"] = custfolio::bindings::texts(
        result.method, [](custfolio::ForecastMethod method) { return custfolio::to_string(method); });
    columns["origins"] = to_array(std::move(result.origins));
    columns["error"] = to_array(std::move(result.error));
    columns["forecast"] = to_array(std::move(result.forecast));
    columns["variance"] = to_array(std::move(result.variance));
    return columns;
}

py::dict holt_winters(const Doubles& history, int horizon, int season,
                      const std::optional<std::array<double, 4>>& parameters) {
    const std::span<const double> values = span_of(history, "history");
    custfolio::HoltWinters given;
    if (parameters) {
        given.alpha = (*parameters)[0];
        given.beta = (*parameters)[1];
        given.gamma = (*parameters)[2];
        given.phi = (*parameters)[3];
    }
    constexpr int most = 100'000;  // periods: 270 years of days
    if (horizon < 0 || horizon > most) {
        throw custfolio::InputError("horizon is " + std::to_string(horizon) + "; it must be 0 to " +
                                    std::to_string(most));
    }
    custfolio::HoltWinters state =
        parameters ? custfolio::holt_winters(values, season, given) : custfolio::fit_holt_winters(values, season);
    std::vector<double> forecast(static_cast<std::size_t>(horizon));
    state.forecast(forecast);
    py::dict columns;
    columns["alpha"] = state.alpha;
    columns["beta"] = state.beta;
    columns["gamma"] = state.gamma;
    columns["phi"] = state.phi;
    columns["level"] = state.level;
    columns["trend"] = state.trend;
    columns["season"] = to_array(std::move(state.season));
    columns["squared_error"] = state.squared_error;
    columns["forecast"] = to_array(std::move(forecast));
    return columns;
}

py::array_t<double> reconcile(const Doubles& level, const Doubles& variance, const Array<std::int32_t>& segment,
                              const Doubles& group_level, const Doubles& group_variance) {
    const Matrix levels = matrix_of(level, "level");
    const Matrix variances = matrix_of(variance, "variance");
    const Matrix groups = matrix_of(group_level, "group_level");
    const Matrix group_variances = matrix_of(group_variance, "group_variance");
    const std::span<const std::int32_t> codes = span_of(segment, "segment");
    Matrix result;
    {
        const py::gil_scoped_release released;
        result = custfolio::reconcile_minimum_trace(levels, variances, codes, groups, group_variances);
    }
    return to_array(std::move(result));
}

py::dict shrink_temperature(const Doubles& level, const Doubles& heat, const Array<std::int32_t>& segment,
                            std::int32_t segments) {
    custfolio::ShrunkTemperature result = custfolio::shrink_temperature(
        matrix_of(level, "level"), matrix_of(heat, "heat"), span_of(segment, "segment"), segments);
    py::dict columns;
    columns["observed"] = to_array(std::move(result.observed));
    columns["expected"] = to_array(std::move(result.expected));
    columns["variance"] = to_array(std::move(result.variance));
    columns["weight"] = to_array(std::move(result.weight));
    columns["segment_mean"] = to_array(std::move(result.segment_mean));
    columns["segment_variance"] = to_array(std::move(result.segment_variance));
    columns["within"] = result.within;
    return columns;
}

}  // namespace

void bind_lifetime_baseline(py::module_& module) {
    py::class_<Baseline>(module, "Baseline", py::metaclass(plain_class()),
                         "Level and heat per customer and month without any action.")
        .def(py::init(&make_baseline), py::arg("start"), py::arg("level"), py::arg("heat"),
             py::arg("variance") = py::none(), py::arg("common") = py::none(), py::arg("correlation") = 0.0,
             py::arg("own_correlation") = 0.0, py::kw_only(), py::arg("notes") = py::tuple(),
             py::arg("identity") = py::none(), "Customers x months; `start` is the index of the first month.")
        .def_readonly("identity", &Baseline::identity, "The portfolio that it is of.")
        .def_property_readonly(
            "start", [](const Baseline& self) { return self.start.index(); }, "Index of the first month.")
        .def_property_readonly(
            "level", [](const py::object& self) { return view_of(self.cast<const Baseline&>().level, self); },
            "Customers x months: expected net revenue, currency.")
        .def_property_readonly(
            "heat", [](const py::object& self) { return view_of(self.cast<const Baseline&>().heat, self); },
            "Customers x months: expected contribution, currency.")
        .def_property_readonly(
            "variance", [](const py::object& self) { return view_of(self.cast<const Baseline&>().variance, self); },
            "Customers x months: variance of the level, squared currency.")
        .def_property_readonly(
            "temperature_deviation",
            [](const Baseline& self) {
                return custfolio::bindings::numbers(self.temperature.variance, [](double v) { return std::sqrt(v); });
            },
            "Per customer: standard deviation of the temperature.")
        .def_property_readonly("customers", &customers_of,
                               "Per customer: method and why, origins, scaled errors, temperature.")
        .def_property_readonly("company", &company_of,
                               "Sums of all customers per month, and P10, P50, P90 of the level with new business.")
        .def_property_readonly(
            "joint",
            [](const Baseline& self) {
                const custfolio::JointError& joint = self.joint;
                return std::tuple(to_array(Column(joint.common)), joint.correlation, joint.own_correlation);
            },
            "Deviation of the error that all share, as a share of a level per month; the correlation of months of what "
            "all share, and of a customer's own error.")
        .def_property_readonly("band", &band_of, "Relative errors of the company's level by months ahead.")
        .def_property_readonly(
            "history",
            [](const Baseline& self) { return std::pair(self.history_start.index(), to_array(Column(self.history))); },
            "Index of its first month, and the customers' net revenue per month.")
        .def_property_readonly(
            "notes", [](const Baseline& self) { return custfolio::bindings::to_list(self.notes); },
            "What is worth knowing about how it was made.");
    module.def("baseline", &forecast_baseline, py::arg("customer"), py::arg("day"), py::arg("revenue"), py::kw_only(),
               py::arg("cost") = py::none(), py::arg("quantity") = py::none(), py::arg("document") = py::none(),
               py::arg("lines") = py::none(), py::arg("drivers") = py::dict(), py::arg("id"), py::arg("costs"),
               py::arg("portfolio"), py::arg("start"), py::arg("months"), py::arg("segment") = py::none(),
               py::arg("brought_in") = py::none(),
               py::arg("methods") = std::vector<std::string>{"seasonal_naive", "drift", "holt_winters"},
               py::arg("reconcile") = false, py::arg("history_years") = 0, py::arg("origins") = 4,
               py::arg("threads") = 0U, py::arg("progress") = py::none(),
               "Forecast level and heat of every customer and month from the rows of a ledger.");
    module.def(
        "evaporation", &evaporation, py::arg("history"), py::arg("ahead"), py::kw_only(), py::arg("method") = "better",
        "Chances of irregular customers to buy by months ahead; by \"BG/BB\", \"counted standing\" or the better.");
    module.def("standings", &standings, py::arg("history"),
               "Per customer: months since the last purchase, and whether it is irregular.");
    module.def(
        "like_for_like",
        [](const Doubles& history, const Array<std::int32_t>& segment, std::size_t groups, const Doubles& everyone) {
            return to_array(custfolio::like_for_like(matrix_of(history, "history"), span_of(segment, "segment"), groups,
                                                     matrix_of(everyone, "everyone")));
        },
        py::arg("history"), py::arg("segment"), py::arg("groups"), py::arg("everyone"),
        "Histories of groups as if each always had the customers of its last year.");
    module.def(
        "seasonal_baseline",
        [](const custfolio::Portfolio& portfolio, int start, int months) {
            return custfolio::seasonal_baseline(portfolio, custfolio::Month::from_index(start), months);
        },
        py::arg("portfolio"), py::arg("start"), py::arg("months"),
        "The baseline of a portfolio alone: its own months again.");
    module.def("backtest", &backtest, py::arg("history"), py::kw_only(), py::arg("horizon") = 12,
               py::arg("origins") = 6, py::arg("fewest") = 1, py::arg("step") = 1, py::arg("season") = 12,
               py::arg("methods") = std::vector<std::string>{"seasonal_naive", "drift", "holt_winters"},
               py::arg("threads") = 0U, py::arg("progress") = py::none(),
               "Compare the forecasting methods on every row by rolling origins.");
    module.def("holt_winters", &holt_winters, py::arg("history"), py::kw_only(), py::arg("horizon") = 12,
               py::arg("season") = 12, py::arg("parameters") = py::none(),
               "Additive Holt-Winters with a damped trend; alpha, beta, gamma and phi are fitted where not given.");
    module.def("reconcile_minimum_trace", &reconcile, py::arg("level"), py::arg("variance"), py::arg("segment"),
               py::arg("group_level"), py::arg("group_variance"),
               "Forecasts of customers made consistent with those of their segments and the company.");
    module.def("shrink_temperature", &shrink_temperature, py::arg("level"), py::arg("heat"), py::arg("segment"),
               py::arg("segments"), "Temperatures shrunk towards their segment.");
}
