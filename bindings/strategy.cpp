// Binds room `strategy`: the optimised plan, and the optimiser on bare arrays.
#include "custfolio/strategy.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/strategy.hpp"

namespace py = pybind11;
using custfolio::Plan;
using custfolio::Strategy;
using custfolio::bindings::Doubles;
using custfolio::bindings::flat_span_of;
using custfolio::bindings::numbers;
using custfolio::bindings::span_of;
using custfolio::bindings::strings_of;
using custfolio::bindings::texts;
using custfolio::bindings::to_array;
using custfolio::bindings::view_of;

namespace {

/// First month and number of months of rows.
template <class Row>
void add_months(py::dict& columns, const std::vector<Row>& rows) {
    columns["month"] = texts(rows, [](const Row& row) { return custfolio::to_string(row.month); });
    columns["months"] = numbers(rows, [](const Row& row) { return std::int64_t{row.months}; });
}

/// A month's text, empty where there is none.
std::string month_text(custfolio::Month month) {
    return month == custfolio::no_month ? std::string() : custfolio::to_string(month);
}

py::dict actions(const Plan& plan) {
    const auto& rows = plan.actions;
    py::dict columns;
    columns["month"] = texts(rows, [](const auto& row) { return custfolio::to_string(row.month); });
    columns["step"] = texts(rows, [](const auto& row) { return custfolio::to_string(row.step); });
    columns["id"] = texts(rows, [](const auto& row) { return row.id; });
    columns["name"] = texts(rows, [](const auto& row) { return row.name; });
    columns["what"] = texts(rows, [](const auto& row) { return row.what; });
    columns["why"] = texts(rows, [](const auto& row) { return row.why; });
    columns["level"] = numbers(rows, [](const auto& row) { return row.level; });
    columns["heat"] = numbers(rows, [](const auto& row) { return row.heat; });
    columns["hours"] = numbers(rows, [](const auto& row) { return row.hours; });
    columns["item"] = numbers(rows, [](const auto& row) { return static_cast<std::int64_t>(row.item); });
    columns["answer"] = texts(rows, [](const auto& row) { return month_text(row.answer); });
    return columns;
}

py::dict trajectory(const Plan& plan) {
    const auto& rows = plan.trajectory;
    py::dict columns;
    columns["month"] = texts(rows, [](const auto& row) { return custfolio::to_string(row.month); });
    columns["level"] = numbers(rows, [](const auto& row) { return row.level; });
    columns["heat"] = numbers(rows, [](const auto& row) { return row.heat; });
    columns["temperature"] = numbers(rows, [](const auto& row) { return row.temperature(); });
    columns["p10"] = numbers(rows, [](const auto& row) { return row.level_quantile(0.1); });
    columns["p90"] = numbers(rows, [](const auto& row) { return row.level_quantile(0.9); });
    columns["heat_p10"] = numbers(rows, [](const auto& row) { return row.heat_quantile(0.1); });
    columns["heat_p90"] = numbers(rows, [](const auto& row) { return row.heat_quantile(0.9); });
    columns["floor"] = numbers(rows, [](const auto& row) { return row.floor; });
    columns["capacity"] = numbers(rows, [](const auto& row) { return row.capacity; });
    columns["reference"] = numbers(rows, [](const auto& row) { return row.reference; });
    columns["out"] = numbers(rows, [](const auto& row) { return row.out; });
    columns["in"] = numbers(rows, [](const auto& row) { return row.in; });
    columns["baseline_level"] = numbers(rows, [](const auto& row) { return row.baseline_level; });
    columns["baseline_heat"] = numbers(rows, [](const auto& row) { return row.baseline_heat; });
    columns["new_business"] = numbers(rows, [](const auto& row) { return row.new_business; });
    columns["new_business_heat"] = numbers(rows, [](const auto& row) { return row.new_business_heat; });
    columns["baseline_temperature"] = numbers(rows, [](const auto& row) { return row.baseline_temperature(); });
    return columns;
}

py::dict overflow(const Plan& plan) {
    const auto& rows = plan.overflow;
    py::dict columns;
    columns["month"] = texts(rows, [](const auto& row) { return custfolio::to_string(row.month); });
    columns["id"] = texts(rows, [](const auto& row) { return row.id; });
    columns["name"] = texts(rows, [](const auto& row) { return row.name; });
    columns["probability"] = numbers(rows, [](const auto& row) { return row.probability; });
    columns["level"] = numbers(rows, [](const auto& row) { return row.level; });
    columns["heat"] = numbers(rows, [](const auto& row) { return row.heat; });
    columns["out"] = numbers(rows, [](const auto& row) { return row.out; });
    columns["why"] = texts(rows, [](const auto& row) { return row.why; });
    py::list replaced;
    for (const auto& row : rows) {
        py::list by;
        for (const auto& one : row.replaced_by) {
            by.append(py::make_tuple(custfolio::to_string(one.step), one.id, one.name, one.level));
        }
        replaced.append(by);
    }
    columns["replaced_by"] = replaced;
    return columns;
}

py::dict floors(const Plan& plan, const std::vector<custfolio::FloorRow>& rows) {
    py::dict columns;
    add_months(columns, rows);
    columns["floor"] = numbers(rows, [](const auto& row) { return row.floor; });
    columns["to"] = numbers(rows, [](const auto& row) { return row.to; });
    columns["reference"] = numbers(rows, [](const auto& row) { return row.reference; });
    columns["without"] = numbers(rows, [](const auto& row) { return row.without; });
    columns["new_business"] = numbers(rows, [](const auto& row) { return row.new_business; });
    columns["level"] = numbers(rows, [](const auto& row) { return row.level; });
    columns["deviation"] = numbers(rows, [](const auto& row) { return row.deviation; });
    columns["chance"] = numbers(rows, [](const auto& row) { return row.chance; });
    columns["span"] = texts(rows, [&](const auto& row) { return plan.span(row); });
    return columns;
}

py::dict relaxed(const Plan& plan) {
    const auto& rows = plan.relaxed;
    py::dict columns;
    columns["row"] = texts(rows, [](const auto& row) { return row.row; });
    add_months(columns, rows);
    columns["bound"] = numbers(rows, [](const auto& row) { return row.bound; });
    columns["to"] = numbers(rows, [](const auto& row) { return row.to; });
    columns["without"] = numbers(rows, [](const auto& row) { return row.without; });
    columns["level"] = numbers(rows, [](const auto& row) { return row.level; });
    columns["nearest"] = numbers(rows, [](const auto& row) { return row.nearest; });
    columns["drop_without"] = numbers(rows, [](const auto& row) { return row.drop(row.without); });
    columns["drop"] = numbers(rows, [](const auto& row) { return row.drop(row.level); });
    columns["drop_nearest"] = numbers(rows, [](const auto& row) { return row.drop(row.nearest); });
    columns["cost"] = numbers(rows, [](const auto& row) { return row.cost; });
    columns["proven"] = numbers(rows, [](const auto& row) { return static_cast<std::uint8_t>(row.proven); });
    columns["text"] = texts(rows, [](const auto& row) { return row.text; });
    columns["span"] = texts(rows, [&](const auto& row) { return plan.span(row); });
    return columns;
}

py::list relaxation(const custfolio::InfeasiblePlan& error) {
    py::list rows;
    for (const auto& one : error.relaxation()) {
        py::dict row;
        row["row"] = one.row;
        row["month"] = custfolio::to_string(one.month);
        row["months"] = one.months;
        row["bound"] = one.bound;
        row["by"] = one.by;
        row["to"] = one.to;
        row["text"] = one.text;
        rows.append(row);
    }
    return rows;
}

std::vector<double> amounts(const py::handle& values, const char* name) {
    const auto array = Doubles::ensure(values);
    if (!array) throw py::error_already_set();
    if (array.ndim() == 0) return {*array.data()};
    const auto span = span_of(array, name);
    return {span.begin(), span.end()};
}

custfolio::Floor floor_of(const std::string& name) {
    using enum custfolio::Floor;
    return custfolio::bindings::enum_of(name, {none, current, baseline, number, column}, "floor");
}

custfolio::FloorEvery floor_every_of(const std::string& name) {
    using enum custfolio::FloorEvery;
    return custfolio::bindings::enum_of(name, {year, rolling_year, quarter, month}, "floor_every");
}

custfolio::Relax relax_of(const std::string& name) {
    using enum custfolio::Relax;
    return custfolio::bindings::enum_of(name, {baseline, nearest}, "relax");
}

custfolio::Month month_of(const py::handle& index) {
    return index.is_none() ? custfolio::no_month : custfolio::Month::from_index(index.cast<int>());
}

std::vector<custfolio::Exit> exits_of(const py::list& rows) {
    std::vector<custfolio::Exit> exits;
    for (const auto& row : rows) {
        const auto cells = row.cast<py::tuple>();
        exits.push_back({cells[0].cast<std::string>(), cells[1].cast<std::string>(), month_of(cells[2]),
                         cells[3].cast<double>(), cells[4].cast<double>()});
    }
    return exits;
}

std::vector<custfolio::PreviousCourse> previous_of(const py::handle& rows) {
    std::vector<custfolio::PreviousCourse> courses;
    for (const auto& row : rows) {
        const auto cells = row.cast<py::tuple>();
        courses.push_back({cells[0].cast<std::string>(), cells[1].cast<bool>(), cells[2].cast<std::string>(),
                           month_of(cells[3]), month_of(cells[4]), cells[5].cast<std::vector<std::string>>()});
    }
    return courses;
}

/// The callback of a plan as C++ function: false where it returns False.
std::function<bool(const custfolio::PlanProgress&)> plan_progress_of(const py::object& callback) {
    return [&callback](const custfolio::PlanProgress& state) {
        const py::gil_scoped_acquire held;
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
        if (callback.is_none()) return true;
        // Loaded without conversion, so that only booleans count: Python's and numpy's.
        py::detail::make_caster<bool> answer;
        return !answer.load(callback(state), false) || static_cast<bool>(answer);
    };
}

Plan optimise_plan(const py::dict& settings, const custfolio::Portfolio& portfolio, const custfolio::Offers* offers,
                   const custfolio::GrowthForecast* growth, const custfolio::Prospects* prospects,
                   const custfolio::Baseline* baseline, unsigned threads, std::size_t nodes, std::size_t effort,
                   const py::object& progress) {
    const Strategy strategy = strategy_of(settings);
    const custfolio::PlanOptions options{
        .threads = threads, .nodes = nodes, .effort = effort, .progress = plan_progress_of(progress)};
    const custfolio::Offers no_offers;
    const custfolio::GrowthForecast no_growth;
    const custfolio::Prospects no_prospects;
    try {
        const py::gil_scoped_release released;
        const custfolio::Offers& offered = offers ? *offers : no_offers;
        const custfolio::GrowthForecast& grown = growth ? *growth : no_growth;
        const custfolio::Prospects& newcomers = prospects ? *prospects : no_prospects;
        return baseline ? strategy.optimise(portfolio, offered, grown, newcomers, *baseline, options)
                        : strategy.optimise(portfolio, offered, grown, newcomers, options);
    } catch (const custfolio::InfeasiblePlan& error) {
        const py::object type = py::module_::import("custfolio._core").attr("InfeasibleError");
        const py::object raised = type(error.what());
        raised.attr("relaxation") = relaxation(error);
        PyErr_SetObject(type.ptr(), raised.ptr());
        throw py::error_already_set();
    }
}

void bind_plan(py::module_& module) {
    using custfolio::PlanProgress;
    py::class_<PlanProgress>(module, "PlanProgress", py::metaclass(plain_class()),
                             "How far the optimisation of a plan is.")
        .def_readonly("fraction", &PlanProgress::fraction, "Of the work; never falls.")
        .def_readonly("value", &PlanProgress::value, "Discounted heat of the best plan so far; NaN: none.")
        .def_readonly("bound", &PlanProgress::bound, "No plan is worth more; infinity: not yet known.")
        .def_property_readonly("gap", &PlanProgress::gap, "(bound - value) / |value|; NaN without a plan.");
    py::class_<Plan>(module, "Plan", py::metaclass(plain_class()),
                     "The best courses found, with all that follows from them.")
        .def_readonly("value", &Plan::value, "Discounted heat of the whole bucket over the horizon, currency.")
        .def_readonly("bound", &Plan::bound, "No plan that keeps the constraints is worth more.")
        .def_readonly("gap", &Plan::gap, "(bound - value) / |value|.")
        .def_readonly("duality_gap", &Plan::duality_gap,
                      "bound - value of the best plan found for any order of overflow, currency.")
        .def_readonly("order_gap", &Plan::order_gap, "That value less this plan's: at most what the order costs.")
        .def_readonly("chance_cost", &Plan::chance_cost,
                      "Value of the plan without a chance of the floors less this plan's, currency.")
        .def_readonly("effort", &Plan::effort, "Steps of work.")
        .def_readonly("floor_chance", &Plan::floor_chance, "Chance that all floors hold; NaN where it is not known.")
        .def_readonly("customers_after", &Plan::customers_after, "Customers expected at the end.")
        .def_readonly("ice_cubes_after", &Plan::ice_cubes_after,
                      "Customers expected to stay with a negative heat over the plan's months.")
        .def_property_readonly(
            "reference", [](const Plan& self) { return month_text(self.reference); },
            "First month of the reference year; empty where none is known.")
        .def_property_readonly(
            "floors", [](const Plan& self) { return floors(self, self.floors); }, "The rows of the floor, as columns.")
        .def_property_readonly(
            "group_floors",
            [](const Plan& self) {
                py::dict columns = floors(self, self.group_floors);
                columns["group"] = texts(self.group_floors, [](const auto& row) { return row.group; });
                return columns;
            },
            "The rows of the floors of groups, as columns.")
        .def_property_readonly("relaxed", &relaxed, "Floors and capacities that the plan misses, as columns.")
        .def_readonly("baseline_value", &Plan::baseline_value, "Discounted heat without any action.")
        .def_property_readonly("gain", &Plan::gain, "value - baseline_value.")
        .def_property_readonly("gain_gap", &Plan::gain_gap, "(bound - value) / |gain|.")
        .def_readonly("candidates", &Plan::candidates, "Courses that the plan was chosen from.")
        .def_readonly("iterations", &Plan::iterations, "Cutting-plane iterations.")
        .def_property_readonly(
            "notes", [](const Plan& self) { return custfolio::bindings::to_list(self.notes); },
            "What is worth knowing about how input was read.")
        .def_property_readonly("actions", &actions, "What to do, as columns.")
        .def_property_readonly("trajectory", &trajectory, "The bucket month by month, as columns.")
        .def_property_readonly("overflow", &overflow, "Who flows over, as columns.")
        .def_property_readonly(
            "resources",
            [](const Plan& self) {
                const auto& rows = self.resources;
                py::dict columns;
                columns["resource"] = texts(rows, [](const auto& row) { return row.resource; });
                add_months(columns, rows);
                columns["used"] = numbers(rows, [](const auto& row) { return row.used; });
                columns["limit"] = numbers(rows, [](const auto& row) { return row.limit; });
                return columns;
            },
            "Use of each limited resource, as columns.")
        .def_property_readonly(
            "shadow_prices",
            [](const Plan& self) {
                const auto& rows = self.shadow_prices;
                py::dict columns;
                columns["row"] = texts(rows, [](const auto& row) { return row.row; });
                add_months(columns, rows);
                columns["price"] = numbers(rows, [](const auto& row) { return row.price; });
                columns["text"] = texts(rows, [](const auto& row) { return row.text; });
                return columns;
            },
            "What one more unit of each constraint is worth, as columns.")
        .def_property_readonly(
            "courses",
            [](const Plan& self) {
                const auto& rows = self.courses;
                py::dict columns;
                columns["offer"] = numbers(rows, [](const auto& row) {
                    return row.offer == custfolio::Course::none ? std::int64_t{-1}
                                                                : static_cast<std::int64_t>(row.offer);
                });
                columns["month"] = numbers(rows, [](const auto& row) { return static_cast<std::int64_t>(row.month); });
                columns["overflow"] =
                    numbers(rows, [](const auto& row) { return static_cast<std::int64_t>(row.overflow); });
                py::list plans;
                for (const auto& row : rows) {
                    py::list one;
                    for (const std::size_t plan : row.plans) one.append(plan);
                    plans.append(one);
                }
                columns["plans"] = plans;
                return columns;
            },
            "The course of every customer, then of every prospect; -1 for none.")
        .def_property_readonly(
            "level_change", [](const py::object& self) { return view_of(self.cast<const Plan&>().level_change, self); },
            "(Customers + prospects) x months: expected change of level, currency.")
        .def_property_readonly(
            "heat_change", [](const py::object& self) { return view_of(self.cast<const Plan&>().heat_change, self); },
            "(Customers + prospects) x months: expected change of heat, currency.")
        .def_property_readonly(
            "budget", [](const Plan& self) { return custfolio::Budget(self.budget); },
            "Level and heat per month and source; a copy.")
        .def_property_readonly(
            "minor_digits", [](const Plan& self) { return self.budget.currency().minor_digits; },
            "Digits of the budget's amounts after the decimal point.");
    module.def(
        "plan_buckets",
        [](const Plan& plan, const custfolio::Portfolio& portfolio, const custfolio::Baseline* baseline,
           const custfolio::Prospects* prospects) {
            const custfolio::PlanBuckets found = custfolio::plan_buckets(
                plan, portfolio,
                baseline != nullptr ? *baseline : custfolio::seasonal_baseline(portfolio, plan.start, plan.months),
                prospects != nullptr ? *prospects : custfolio::Prospects{});
            py::dict result;
            const auto add = [&](const char* name, const custfolio::PlanBucket& one) {
                result[name] = py::make_tuple(one.bucket, one.customers, one.below_freezing, one.new_business);
            };
            add("before", found.before);
            add("without", found.without);
            add("after", found.after);
            return result;
        },
        py::arg("plan"), py::arg("portfolio"), py::arg("baseline").none(true), py::arg("prospects").none(true),
        "Before, without and after: each bucket, its customers, those with a negative heat, both expected, and the "
        "level "
        "of new business as usual in it.");
    module.def(
        "check_strategy", [](const py::dict& settings) { strategy_of(settings).check(); }, py::arg("settings"),
        "Raise an InputError where a strategy's settings are out of range.");
    module.def(
        "late_start_text",
        [](int start, const custfolio::Portfolio& portfolio) {
            return custfolio::late_start_text(custfolio::Month::from_index(start), portfolio);
        },
        py::arg("start"), py::arg("portfolio"),
        "The warning of a plan that starts more than twelve months after the data; empty where it does not.");
    module.def("optimise_plan", &optimise_plan, py::arg("settings"), py::arg("portfolio"),
               py::arg("offers") = static_cast<custfolio::Offers*>(nullptr),
               py::arg("growth") = static_cast<custfolio::GrowthForecast*>(nullptr),
               py::arg("prospects") = static_cast<custfolio::Prospects*>(nullptr),
               py::arg("baseline") = static_cast<custfolio::Baseline*>(nullptr), py::kw_only(), py::arg("threads") = 0U,
               py::arg("nodes") = std::size_t{50'000}, py::arg("effort") = std::size_t{0},
               py::arg("progress") = py::none(), "Make the best plan of a strategy's settings.");
}

py::dict optimise_arrays(const Doubles& value, const Doubles& usage, const Doubles& lower, const Doubles& upper,
                         unsigned threads, const py::object& progress) {
    if (value.ndim() != 2 || usage.ndim() != 3 || usage.shape(0) != value.shape(0) ||
        usage.shape(1) != value.shape(1)) {
        throw custfolio::InputError("value must have the shape (n, k) and usage (n, k, r)");
    }
    const auto customers = static_cast<std::size_t>(value.shape(0));
    const auto courses = static_cast<std::size_t>(value.shape(1));
    const auto rows = static_cast<std::size_t>(usage.shape(2));
    const auto least = span_of(lower, "lower", rows);
    const auto most = span_of(upper, "upper", rows);
    std::vector<std::size_t> begin{0};
    std::vector<std::size_t> column;
    std::vector<double> worth, used;
    // Where every customer has all courses the arrays are read in place.
    const bool whole = std::none_of(value.data(), value.data() + value.size(), [](double v) { return std::isnan(v); });
    for (std::size_t i = 0; i < customers && whole; ++i) begin.push_back(begin.back() + courses);
    for (std::size_t i = 0; i < customers && !whole; ++i) {
        for (std::size_t c = 0; c < courses; ++c) {
            const double v = value.data()[i * courses + c];
            if (std::isnan(v)) continue;
            worth.push_back(v);
            column.push_back(c);
            const double* at = usage.data() + (i * courses + c) * rows;
            used.insert(used.end(), at, at + rows);
        }
        begin.push_back(worth.size());
    }
    custfolio::ChoiceResult result;
    const auto report = custfolio::bindings::progress_of(progress);
    custfolio::ChoiceOptions options;
    options.threads = threads;
    options.progress = [&report](double fraction) {
        report(fraction);
        return true;
    };
    {
        const py::gil_scoped_release released;
        const auto values = whole ? flat_span_of(value) : std::span<const double>(worth);
        const auto usages = whole ? flat_span_of(usage) : std::span<const double>(used);
        const custfolio::ChoiceProblem problem{begin, values, usages, least, most, {}, {}};
        result = custfolio::optimise(problem, options);
    }
    std::vector<std::int64_t> choice;
    for (std::size_t i = 0; i < customers; ++i) {
        choice.push_back(static_cast<std::int64_t>(whole ? result.choice[i] : column[begin[i] + result.choice[i]]));
    }
    py::dict found;
    found["choice"] = to_array(std::move(choice));
    found["value"] = result.value;
    found["bound"] = result.bound;
    found["gap"] = result.gap;
    found["usage"] = to_array(std::move(result.usage));
    found["prices"] = to_array(std::move(result.prices));
    found["feasible"] = result.feasible;
    found["proven"] = result.proven;
    found["relaxation"] = to_array(std::move(result.relaxation));
    found["iterations"] = result.iterations;
    return found;
}

}  // namespace

Strategy strategy_of(const py::dict& settings) {
    Strategy strategy;
    strategy.start = custfolio::Month::from_index(settings["start"].cast<int>());
    strategy.months = settings["months"].cast<int>();
    strategy.floor = floor_of(settings["floor"].cast<std::string>());
    strategy.floor_level = amounts(settings["floor_level"], "floor");
    strategy.capacity = amounts(settings["capacity"], "capacity");
    for (const auto& [name, limit] : settings["limits"].cast<py::dict>()) {
        strategy.limits[name.cast<std::string>()] = amounts(limit, "limits");
    }
    for (const auto& entry : settings["groups"].cast<py::list>()) {
        const auto one = entry.cast<py::dict>();
        custfolio::GroupRows& group = strategy.groups.emplace_back();
        group.by = one["by"].cast<std::string>();
        group.name = one["name"].cast<std::string>();
        group.customers = strings_of(one["customers"], "customers");
        group.prospects = strings_of(one["prospects"], "prospects");
        group.floor = floor_of(one["floor"].cast<std::string>());
        group.floor_level = amounts(one["floor_level"], "floor");
        group.floor_every = floor_every_of(one["floor_every"].cast<std::string>());
        for (const auto& [name, limit] : one["limits"].cast<py::dict>()) {
            group.limits[name.cast<std::string>()] = amounts(limit, "limits");
        }
    }
    strategy.discount_rate = settings["discount_rate"].cast<double>();
    strategy.notice_months = settings["notice_months"].cast<int>();
    strategy.lead_months = settings["lead_months"].cast<int>();
    strategy.hours_per_offer = settings["hours_per_offer"].cast<double>();
    strategy.hours_pool = settings["hours_pool"].cast<std::string>();
    strategy.cost_per_offer = settings["cost_per_offer"].cast<double>();
    strategy.cost_per_pursuit = settings["cost_per_pursuit"].cast<double>();
    strategy.interval = settings["interval"].cast<int>();
    strategy.refused = strings_of(settings["refused"], "refused");
    strategy.floor_every = floor_every_of(settings["floor_every"].cast<std::string>());
    strategy.chance = settings["chance"].cast<double>();
    if (!settings["reference"].is_none()) {
        strategy.reference = custfolio::Month::from_index(settings["reference"].cast<int>());
    }
    strategy.interesting = strings_of(settings["interesting"], "interesting");
    strategy.may_leave = strings_of(settings["may_leave"], "may_leave");
    strategy.linked = settings["linked"].cast<std::map<std::string, std::string>>();
    strategy.exits = exits_of(settings["exits"].cast<py::list>());
    strategy.previous = previous_of(settings["previous"]);
    strategy.switch_price = settings["switch_price"].cast<double>();
    strategy.frozen_months = settings["frozen_months"].cast<int>();
    strategy.replaced_by_room = settings["replaced_by_room"].cast<bool>();
    strategy.relax = relax_of(settings["relax"].cast<std::string>());
    strategy.strict = settings["strict"].cast<bool>();
    strategy.currency = {settings["currency"].cast<std::string>(), settings["minor_digits"].cast<int>()};
    return strategy;
}

void bind_strategy(py::module_& module) {
    bind_plan(module);
    module.def(
        "optimise_arrays", &optimise_arrays, py::arg("value"), py::arg("usage"), py::arg("lower"), py::arg("upper"),
        py::kw_only(), py::arg("threads") = 0U, py::arg("progress") = py::none(),
        "One course for every customer under rows that couple them; NaN marks a course that a customer does not have.");
}
