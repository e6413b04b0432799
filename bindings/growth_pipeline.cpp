// Binds room `growth`, part `pipeline`: plans of opportunities, and tables of uncertain amounts and durations.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/growth.hpp"

namespace py = pybind11;
using custfolio::ActionStep;
using custfolio::Month;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::numbers;
using custfolio::bindings::span_of;
using custfolio::bindings::strings_of;

namespace {

/// Margin, amount, slip, undated, sizes and their chances.
using Kind = std::tuple<std::optional<double>, std::optional<double>, std::map<int, double>, std::map<int, double>,
                        std::vector<double>, std::vector<double>>;

py::dict table_of(const custfolio::SizeTable& table) {
    py::dict result;
    for (std::size_t k = 0; k < table.sizes.size(); ++k) {
        result[py::float_(table.sizes[k])] = table.probabilities[k];
    }
    return result;
}

/// The fields of a step that differ between the steps of opportunities, by their names in Python.
py::dict fields_of(const custfolio::ActionPlan& plan, const ActionStep& step) {
    py::dict fields;
    fields["name"] = step.name;
    fields["earliest"] =
        step.earliest == Month{} ? py::object(py::int_(1)) : py::str(custfolio::to_string(step.earliest));
    py::dict durations;
    for (std::size_t months = 0; months < step.duration_chances.size(); ++months) {
        if (step.duration_chances[months] > 0) durations[py::int_(months)] = step.duration_chances[months];
    }
    fields["duration"] = durations.empty() ? py::object(py::int_(step.duration_months)) : durations;
    fields["after"] = 0;
    for (const int before : step.after.steps) fields["after"] = plan.steps[static_cast<std::size_t>(before)].name;
    fields["probability"] = step.success_probability;
    fields["hours"] = step.hours;
    fields["revenue"] = step.revenue_per_month;
    fields["contribution"] = step.contribution_per_month;
    fields["lasts"] = step.pays_months;
    fields["one_off_revenue"] = step.one_off_revenue;
    fields["one_off_contribution"] = step.one_off_contribution;
    return fields;
}

}  // namespace

void bind_growth_pipeline(py::module_& module) {
    module.def(
        "opportunity_plans",
        [](const py::handle& customer, const py::handle& name, const Array<std::int64_t>& row,
           const std::vector<std::optional<int>>& close, const Doubles& probability, const Doubles& amount,
           const Doubles& monthly_amount, const Doubles& exchange_rate,
           const std::vector<std::map<std::string, std::string>>& factors, const Array<std::int64_t>& kind,
           const std::vector<std::map<int, double>>& decided, const std::vector<Kind>& kinds, int start, int months,
           int recurring_months, const std::string& default_customer, double hours, bool leave_out) {
            const std::vector<std::string> customers = strings_of(customer, "customer");
            const std::size_t rows = customers.size();
            const std::vector<std::string> names = strings_of(name, "name");
            custfolio::bindings::check_size(names.size(), rows, "name");
            custfolio::bindings::check_size(close.size(), rows, "close");
            custfolio::bindings::check_size(factors.size(), rows, "factors");
            custfolio::bindings::check_size(decided.size(), rows, "decided");
            const auto number = span_of(row, "row", rows);
            const auto chance = span_of(probability, "probability", rows);
            const auto whole = span_of(amount, "amount", rows);
            const auto monthly = span_of(monthly_amount, "monthly_amount", rows);
            const auto rate = span_of(exchange_rate, "exchange_rate", rows);
            const auto which = span_of(kind, "kind", rows);
            std::vector<custfolio::Opportunity> opportunities;
            opportunities.reserve(rows);
            for (std::size_t k = 0; k < rows; ++k) {
                opportunities.push_back({.customer = customers[k],
                                         .name = names[k],
                                         .row = static_cast<std::size_t>(number[k]),
                                         .close = close[k] ? std::optional(Month::from_index(*close[k])) : std::nullopt,
                                         .probability = chance[k],
                                         .amount = whole[k],
                                         .monthly_amount = monthly[k],
                                         .exchange_rate = rate[k],
                                         .factors = factors[k],
                                         .kind = static_cast<std::size_t>(which[k]),
                                         .months = decided[k]});
            }
            std::vector<custfolio::OpportunityKind> assumptions;
            for (const auto& [margin, usual, slip, undated, sizes, chances] : kinds) {
                assumptions.push_back({margin, usual, slip, undated, sizes, chances});
            }
            const custfolio::OpportunityPlans made = custfolio::opportunity_plans(opportunities, assumptions,
                                                                                  {.start = Month::from_index(start),
                                                                                   .months = months,
                                                                                   .recurring_months = recurring_months,
                                                                                   .customer = default_customer,
                                                                                   .hours = hours,
                                                                                   .leave_out = leave_out});
            using custfolio::OpportunityFigures;
            const auto position = [](const auto& one) { return static_cast<std::int64_t>(one.opportunity); };
            py::dict result;
            result["opportunity"] = numbers(made.figures, position);
            result["customer"] = custfolio::bindings::texts(made.plans, &custfolio::ActionPlan::customer);
            result["plan"] = custfolio::bindings::texts(made.plans, &custfolio::ActionPlan::name);
            result["month"] = custfolio::bindings::texts(
                made.figures, [](const OpportunityFigures& one) { return custfolio::to_string(one.month); });
            result["probability"] = numbers(made.figures, &OpportunityFigures::probability);
            result["amount"] = numbers(made.figures, &OpportunityFigures::amount);
            result["contribution"] = numbers(made.figures, &OpportunityFigures::contribution);
            py::list steps;
            for (const custfolio::ActionPlan& plan : made.plans) {
                py::list fields;
                for (const ActionStep& step : plan.steps) fields.append(fields_of(plan, step));
                steps.append(fields);
            }
            result["steps"] = steps;
            result["left_out"] = numbers(made.left_out, position);
            result["reason"] = custfolio::bindings::texts(made.left_out, &custfolio::LeftOutOpportunity::reason);
            return result;
        },
        py::kw_only(), py::arg("customer"), py::arg("name"), py::arg("row"), py::arg("close"), py::arg("probability"),
        py::arg("amount"), py::arg("monthly_amount"), py::arg("exchange_rate"), py::arg("factors"), py::arg("kind"),
        py::arg("decided"), py::arg("kinds"), py::arg("start"), py::arg("months"), py::arg("recurring_months"),
        py::arg("default_customer"), py::arg("hours"), py::arg("leave_out"),
        "Action plans of open opportunities, their figures, and the opportunities that miss a value.");
    module.def(
        "triangular_sizes",
        [](double low, double mode, double high, int points) {
            return table_of(custfolio::triangular_sizes(low, mode, high, points));
        },
        py::arg("low"), py::arg("mode"), py::arg("high"), py::arg("points"),
        "Sizes of an amount with a triangular distribution, and their chances.");
    module.def(
        "lognormal_sizes", [](double sigma, int points) { return table_of(custfolio::lognormal_sizes(sigma, points)); },
        py::arg("sigma"), py::arg("points"),
        "Sizes of an amount with a lognormal distribution of mean 1, and their chances.");
    module.def("triangular_months", &custfolio::triangular_months, py::arg("low"), py::arg("mode"), py::arg("high"),
               "Chances of low, low + 1, ..., high months of a triangular distribution.");
}
