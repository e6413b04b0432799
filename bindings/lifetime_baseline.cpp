// Python face of the baseline: backtests, shrunk temperatures, and level and heat without any action.
#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/lifetime/backtest.hpp"
#include "custfolio/lifetime/baseline.hpp"
#include "custfolio/lifetime/exponential_smoothing.hpp"
#include "custfolio/lifetime/reconcile.hpp"
#include "custfolio/lifetime/shrinkage.hpp"

namespace py = pybind11;
using custfolio::Baseline;
using custfolio::Column;
using custfolio::Matrix;
using custfolio::bindings::Array;
using custfolio::bindings::column_of;
using custfolio::bindings::Doubles;
using custfolio::bindings::matrix_of;
using custfolio::bindings::span_of;
using custfolio::bindings::to_array;
using custfolio::bindings::view_of;

namespace {

Baseline make_baseline(int start, const Doubles& level, const Doubles& heat, const std::optional<Doubles>& variance,
                       const std::optional<Doubles>& level_deviation, const std::optional<Doubles>& heat_deviation,
                       const py::object& notes) {
    Baseline baseline;
    baseline.start = custfolio::Month::from_index(start);
    baseline.level = matrix_of(level, "level");
    baseline.heat = matrix_of(heat, "heat");
    if (variance) baseline.variance = matrix_of(*variance, "variance");
    baseline.level_deviation = column_of(level_deviation, "level_deviation");
    baseline.heat_deviation = column_of(heat_deviation, "heat_deviation");
    baseline.notes = custfolio::bindings::strings_of(notes, "notes");
    return baseline;
}

std::vector<custfolio::ForecastMethod> methods_of(const std::vector<std::string>& names) {
    using Method = custfolio::ForecastMethod;
    std::vector<Method> methods;
    for (const std::string& name : names) {
        bool known = false;
        for (const Method method : {Method::seasonal_naive, Method::drift, Method::holt_winters}) {
            if (name != custfolio::to_string(method)) continue;
            methods.push_back(method);
            known = true;
        }
        if (!known) {
            throw custfolio::InputError("method is \"" + name +
                                        "\"; it can be \"seasonal_naive\", \"drift\" or \"holt_winters\"");
        }
    }
    return methods;
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
    if (horizon < 0) throw custfolio::InputError("horizon is " + std::to_string(horizon) + "; it must not be negative");
    custfolio::HoltWinters state =
        parameters ? custfolio::holt_winters(values, season, given) : custfolio::fit_holt_winters(values, season);
    std::vector<double> forecast(static_cast<std::size_t>(horizon));
    state.forecast(forecast);
    py::dict found;
    found["alpha"] = state.alpha;
    found["beta"] = state.beta;
    found["gamma"] = state.gamma;
    found["phi"] = state.phi;
    found["level"] = state.level;
    found["trend"] = state.trend;
    found["season"] = to_array(std::move(state.season));
    found["squared_error"] = state.squared_error;
    found["forecast"] = to_array(std::move(forecast));
    return found;
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
             py::arg("variance") = py::none(), py::arg("level_deviation") = py::none(),
             py::arg("heat_deviation") = py::none(), py::kw_only(), py::arg("notes") = py::tuple(),
             "Customers x months; `start` is the index of the first month.")
        .def_property_readonly(
            "start", [](const Baseline& self) { return self.start.index(); }, "Index of the first month.")
        .def_property_readonly(
            "level", [](const py::object& self) { return view_of(self.cast<const Baseline&>().level, self); },
            "Customers x months: expected net revenue, currency.")
        .def_property_readonly(
            "heat", [](const py::object& self) { return view_of(self.cast<const Baseline&>().heat, self); },
            "Customers x months: expected contribution, currency.")
        .def_property_readonly(
            "notes", [](const Baseline& self) { return custfolio::bindings::to_list(self.notes); },
            "What is worth knowing about how it was made.");
    module.def(
        "seasonal_baseline",
        [](const custfolio::Portfolio& portfolio, int start, int months) {
            return custfolio::seasonal_baseline(portfolio, custfolio::Month::from_index(start), months);
        },
        py::arg("portfolio"), py::arg("start"), py::arg("months"),
        "The baseline that a portfolio holds by itself: its own months again.");
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
