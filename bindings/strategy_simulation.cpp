// Binds the simulation of a plan of room `strategy`.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/strategy.hpp"
#include "custfolio/strategy.hpp"

namespace py = pybind11;
using custfolio::Plan;
using custfolio::bindings::numbers;
using custfolio::bindings::OwnedInputs;
using custfolio::bindings::texts;

namespace {

/// Columns of a figure: its mean, deviation and quantiles.
template <class Rows, class Figure>
void add_figure(py::dict& columns, const std::string& name, const Rows& rows, const Figure& figure) {
    const auto add = [&](const char* end, auto member) {
        columns[py::str(name + end)] = numbers(rows, [&](const auto& row) { return figure(row).*member; });
    };
    add("", &custfolio::SimulatedFigure::mean);
    add("_deviation", &custfolio::SimulatedFigure::deviation);
    add("_p10", &custfolio::SimulatedFigure::p10);
    add("_p25", &custfolio::SimulatedFigure::p25);
    add("_p50", &custfolio::SimulatedFigure::p50);
    add("_p75", &custfolio::SimulatedFigure::p75);
    add("_p90", &custfolio::SimulatedFigure::p90);
}

py::dict simulate(const Plan& plan, const OwnedInputs& inputs, std::size_t paths, std::uint64_t seed,
                  unsigned threads) {
    custfolio::PlanSimulation found;
    std::vector<custfolio::SimulatedFigure> level, heat, temperature;
    {
        const py::gil_scoped_release released;
        found = custfolio::simulate(plan, inputs.all(), {.paths = paths, .seed = seed, .threads = threads});
        for (std::size_t m = 0; m < found.level.cols(); ++m) {
            level.push_back(found.level_of(m));
            heat.push_back(found.heat_of(m));
            temperature.push_back(found.temperature_of(m));
        }
        temperature.push_back(found.temperature_of_all());
    }
    const auto itself = [](const custfolio::SimulatedFigure& one) { return one; };
    py::dict months;
    add_figure(months, "level", level, itself);
    add_figure(months, "heat", heat, itself);
    const std::vector<custfolio::SimulatedFigure> all{temperature.back()};
    temperature.pop_back();
    add_figure(months, "temperature", temperature, itself);
    py::dict floors;
    floors["month"] = texts(found.floors, [](const auto& row) { return custfolio::to_string(row.month); });
    floors["months"] = numbers(found.floors, [](const auto& row) { return std::int64_t{row.months}; });
    floors["floor"] = numbers(found.floors, [](const auto& row) { return row.floor; });
    add_figure(floors, "level", found.floors, [](const auto& row) { return row.level; });
    floors["chance"] = numbers(found.floors, [](const auto& row) { return row.chance; });
    py::dict whole;
    add_figure(whole, "temperature", all, itself);
    py::dict result;
    result["months"] = months;
    result["floors"] = floors;
    result["whole"] = whole;
    result["floor_chance"] = found.floor_chance;
    result["purchases"] = found.purchases;
    result["accepted"] = custfolio::bindings::to_array(std::move(found.accepted));
    result["won"] = custfolio::bindings::to_array(std::move(found.won));
    result["left"] = custfolio::bindings::to_array(std::move(found.left));
    result["temperature"] = custfolio::bindings::to_array(std::move(found.temperature));
    result["level"] = custfolio::bindings::to_array(std::move(found.level));
    result["heat"] = custfolio::bindings::to_array(std::move(found.heat));
    return result;
}

}  // namespace

void bind_strategy_simulation(py::module_& module) {
    module.def(
        "check_simulation",
        [](std::size_t paths, std::uint64_t seed, int months) {
            custfolio::SimulationOptions{.paths = paths, .seed = seed}.check(months);
        },
        py::kw_only(), py::arg("paths") = std::size_t{10'000}, py::arg("seed") = std::uint64_t{1}, py::arg("months"),
        "Refuse settings of a simulation that are out of range.");
    module.def("simulate_plan", &simulate, py::arg("plan"), py::arg("inputs"), py::kw_only(),
               py::arg("paths") = std::size_t{10'000}, py::arg("seed") = std::uint64_t{1}, py::arg("threads") = 0U,
               "Paths of the bucket, and their figures per month and floor.");
}
