// Binds room `growth`, part `actions`: next actions, white space, figures of single steps, time to a target.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/payoff.hpp"
#include "custfolio/growth.hpp"

namespace py = pybind11;
using custfolio::GrowthForecast;
using custfolio::NextAction;
using custfolio::ProductGap;
using custfolio::bindings::Doubles;
using custfolio::bindings::numbers;
using custfolio::bindings::payoff_of;
using custfolio::bindings::span_of;
using custfolio::bindings::strings_of;
using custfolio::bindings::texts;
using custfolio::bindings::to_array;

namespace {

std::size_t limit_of(const std::optional<std::size_t>& top) {
    return top.value_or(custfolio::all_steps);
}

/// Positions of the plans and steps of rows.
template <class Row>
py::dict places_of(const std::vector<Row>& rows) {
    py::dict columns;
    columns["plan"] = numbers(rows, [](const Row& row) { return static_cast<std::int64_t>(row.plan); });
    columns["step"] = numbers(rows, [](const Row& row) { return static_cast<std::int64_t>(row.step); });
    return columns;
}

}  // namespace

void bind_growth_actions(py::module_& module) {
    module.def(
        "white_space",
        [](const py::handle& customer, const py::handle& product, const Doubles& revenue,
           const std::optional<Doubles>& contribution, const std::optional<py::list>& segment, double penetration,
           std::optional<std::size_t> top) {
            const auto encoded = [](const py::handle& values, const char* name) {
                return custfolio::encode(strings_of(values, name));
            };
            const auto sold = span_of(revenue, "revenue");
            custfolio::ProductSales sales{
                encoded(customer, "customer"), encoded(product, "product"), {sold.begin(), sold.end()}};
            if (contribution) {
                const auto column = span_of(*contribution, "contribution");
                sales.contribution.assign(column.begin(), column.end());
            }
            if (segment) sales.segment = encoded(*segment, "segment");
            std::vector<ProductGap> gaps = custfolio::white_space(sales, penetration);
            using custfolio::CustomerWhiteSpace;
            const std::vector<CustomerWhiteSpace> sums = custfolio::customer_white_space(sales, gaps);
            py::dict customers;
            customers["customer_id"] = texts(sums, &CustomerWhiteSpace::customer);
            customers["white_space"] = numbers(sums, &CustomerWhiteSpace::expected);
            customers["white_space_p10"] = numbers(sums, &CustomerWhiteSpace::expected_p10);
            customers["white_space_p90"] = numbers(sums, &CustomerWhiteSpace::expected_p90);
            customers["white_space_product"] = texts(sums, &CustomerWhiteSpace::product);
            if (top) gaps.resize(std::min(gaps.size(), *top));
            py::dict columns;
            columns["customer_id"] = texts(gaps, &ProductGap::customer);
            columns["product"] = texts(gaps, &ProductGap::product);
            columns["bought"] = numbers(gaps, &ProductGap::bought);
            columns["usual"] = numbers(gaps, &ProductGap::usual);
            columns["gap"] = numbers(gaps, &ProductGap::gap);
            columns["penetration"] = numbers(gaps, &ProductGap::penetration);
            columns["chance"] = numbers(gaps, &ProductGap::chance);
            columns["expected"] = numbers(gaps, &ProductGap::expected);
            columns["expected_p10"] = numbers(gaps, &ProductGap::expected_p10);
            columns["expected_p90"] = numbers(gaps, &ProductGap::expected_p90);
            columns["heat"] = numbers(gaps, &ProductGap::heat);
            return py::make_tuple(columns, customers);
        },
        py::kw_only(), py::arg("customer"), py::arg("product"), py::arg("revenue"), py::arg("contribution"),
        py::arg("segment"), py::arg("penetration"), py::arg("top"), "Products that peers buy, the largest gap first.");
    module.def(
        "next_actions",
        [](const GrowthForecast* growth, const py::handle& customer, const py::handle& product, const Doubles& heat,
           double probability, double hours, std::optional<std::size_t> top) {
            const std::vector<std::string> customers = strings_of(customer, "customer");
            const std::vector<std::string> products = strings_of(product, "product");
            const auto heats = span_of(heat, "heat", customers.size());
            std::vector<ProductGap> gaps(customers.size());
            for (std::size_t k = 0; k < gaps.size(); ++k) {
                gaps[k].customer = customers[k];
                gaps[k].product = products.at(k);
                gaps[k].heat = heats[k];
            }
            std::vector<NextAction> actions;
            {
                const py::gil_scoped_release released;
                actions = custfolio::next_actions(growth != nullptr ? *growth : GrowthForecast{}, gaps,
                                                  {.probability = probability, .hours = hours});
            }
            if (top) actions.resize(std::min(actions.size(), *top));
            py::dict columns;
            columns["customer_id"] = texts(actions, &NextAction::customer);
            columns["plan"] = texts(actions, &NextAction::plan);
            columns["action"] = texts(actions, &NextAction::action);
            columns["condition"] = texts(actions, &NextAction::condition);
            columns["month"] = texts(actions, [](const NextAction& one) {
                return one.month ? custfolio::to_string(*one.month) : std::string();
            });
            columns["probability"] = numbers(actions, &NextAction::probability);
            columns["expected_heat"] = numbers(actions, &NextAction::heat);
            columns["hours"] = numbers(actions, &NextAction::hours);
            columns["heat_per_hour"] = numbers(actions, &NextAction::heat_per_hour);
            return columns;
        },
        py::arg("growth").none(true), py::kw_only(), py::arg("customer"), py::arg("product"), py::arg("heat"),
        py::arg("probability"), py::arg("hours"), py::arg("top"), "What can be done now, most heat per hour first.");
    module.def(
        "step_sensitivity",
        [](const GrowthForecast& growth, std::optional<double> target, const std::string& payoff,
           std::optional<std::size_t> top) {
            const custfolio::Payoff asked = payoff_of(payoff);
            std::vector<custfolio::StepWorth> steps;
            {
                const py::gil_scoped_release released;
                steps = custfolio::step_sensitivity(growth, target, asked, limit_of(top));
            }
            py::dict columns = places_of(steps);
            columns["worth"] = numbers(steps, &custfolio::StepWorth::worth);
            if (target) {
                columns["chance"] = numbers(steps, [](const custfolio::StepWorth& one) { return *one.chance; });
            }
            return columns;
        },
        py::arg("growth"), py::arg("target"), py::arg("payoff"), py::arg("top"),
        "What a point of success chance of each step is worth.");
    module.def(
        "step_uncertainty",
        [](const GrowthForecast& growth, std::size_t top, const std::string& payoff) {
            const custfolio::Payoff asked = payoff_of(payoff);
            std::vector<custfolio::StepShare> steps;
            {
                const py::gil_scoped_release released;
                steps = custfolio::step_uncertainty(growth, top, asked);
            }
            py::dict columns = places_of(steps);
            columns["success"] = numbers(steps, &custfolio::StepShare::success);
            columns["share"] = numbers(steps, &custfolio::StepShare::share);
            return columns;
        },
        py::arg("growth"), py::arg("top"), py::arg("payoff"), "The part of the variance that each step carries.");
    module.def(
        "target_need",
        [](const GrowthForecast& growth, double target, double probability, const std::string& payoff,
           std::size_t top) {
            const custfolio::Payoff asked = payoff_of(payoff);
            custfolio::TargetNeed need;
            {
                const py::gil_scoped_release released;
                need = custfolio::target_need(growth, target, probability, asked, top);
            }
            py::dict columns = places_of(need.steps);
            columns["success"] = numbers(need.steps, &custfolio::StepChance::success);
            columns["chance"] = numbers(need.steps, &custfolio::StepChance::chance);
            return py::make_tuple(columns, need.chance, need.to_be_added);
        },
        py::arg("growth"), py::arg("target"), py::arg("probability"), py::arg("payoff"), py::arg("top"),
        "Chances to reach a target given each step, the chance now, and the amount that must be added.");
    module.def(
        "time_to_target",
        [](const GrowthForecast& growth, double amount, const std::string& payoff) {
            const custfolio::Payoff asked = payoff_of(payoff);
            std::vector<double> reached;
            {
                const py::gil_scoped_release released;
                reached = custfolio::time_to_target(growth, amount, asked).reached;
            }
            return to_array(std::move(reached));
        },
        py::arg("growth"), py::arg("amount"), py::arg("payoff"), "Chance to have reached an amount, by month.");
}
