// Binds room `budget`, part `lines`: budgets of lines from any source, their bands and versions.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/budget/line_item_budget.hpp"
#include "custfolio/budget/versions.hpp"
#include "custfolio/strategy/baseline_budget.hpp"

namespace py = pybind11;
using custfolio::ExchangeRates;
using custfolio::LineItemBudget;
using custfolio::LineItems;
using custfolio::Month;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::span_of;
using custfolio::bindings::to_array;

namespace {

template <class T>
std::vector<T> vector_of(const py::handle& values, const char* name) {
    const auto column = py::cast<Array<T>>(values);
    const auto entries = span_of(column, name);
    return {entries.begin(), entries.end()};
}

custfolio::Labels labels_of(const py::handle& codes, const py::handle& names) {
    return {vector_of<std::int32_t>(codes, "codes"), custfolio::bindings::strings_of(names, "names")};
}

/// The text of each row; rows of one text share the Python object.
py::list texts_of(const custfolio::Labels& labels) {
    const py::list names = custfolio::bindings::to_list(labels.names);
    py::list texts(labels.codes.size());
    for (std::size_t k = 0; k < labels.codes.size(); ++k) texts[k] = names[static_cast<std::size_t>(labels.codes[k])];
    return texts;
}

py::list keys_of(const custfolio::BudgetGroups& groups) {
    py::list keys;
    for (const custfolio::Labels& key : groups.keys) keys.append(texts_of(key));
    return keys;
}

custfolio::AccountType account_type_of(const std::string& name) {
    for (const auto type :
         {custfolio::AccountType::income, custfolio::AccountType::expense, custfolio::AccountType::result}) {
        if (custfolio::to_string(type) == name) return type;
    }
    throw custfolio::InputError("type is '" + name + "'; it can be 'income', 'expense' or 'result'");
}

custfolio::ItemState outcome_of(const std::string& name) {
    for (const auto state : {custfolio::ItemState::open, custfolio::ItemState::won, custfolio::ItemState::lost}) {
        if (custfolio::to_string(state) == name) return state;
    }
    throw custfolio::InputError("outcomes has '" + name + "'; it can have 'won', 'lost' or 'open'");
}

/// Month, dimensions and what the amounts of a row have in common.
LineItems common_of(const py::dict& columns) {
    LineItems items;
    for (const std::int32_t month : vector_of<std::int32_t>(columns["month"], "month")) {
        items.month.push_back(Month::from_index(month));
    }
    for (const py::handle each : columns["dimensions"]) {
        const auto dimension = each.cast<py::tuple>();
        items.dimensions.push_back({dimension[0].cast<std::string>(), labels_of(dimension[1], dimension[2])});
    }
    const auto pair = [&](const char* name) {
        const auto column = columns[name].cast<py::tuple>();
        return labels_of(column[0], column[1]);
    };
    items.probability = vector_of<double>(columns["probability"], "probability");
    items.quantity = vector_of<double>(columns["quantity"], "quantity");
    items.item = pair("item");
    items.currency = pair("currency");
    const custfolio::Labels state = pair("state");
    for (std::size_t k = 0; k < state.codes.size(); ++k) {
        items.state.push_back(state[k].empty() ? custfolio::ItemState::unstated : outcome_of(state[k]));
    }
    items.forecast.assign(items.size(), LineItems::none);
    items.member.assign(items.size(), 0);
    return items;
}

LineItems lines_of(const py::dict& columns) {
    LineItems items = common_of(columns);
    items.amount = vector_of<double>(columns["amount"], "amount");
    items.deviation = vector_of<double>(columns["deviation"], "deviation");
    items.stated = vector_of<double>(columns["stated"], "stated");
    if (columns.contains("common")) {
        const auto common = vector_of<double>(columns["common"], "common");
        const auto steady = vector_of<double>(columns["steady"], "steady");
        const auto correlation = vector_of<double>(columns["correlation"], "correlation");
        // Older files have one correlation of both, and no amounts that are never negative.
        const auto own = columns.contains("own_correlation")
                             ? vector_of<double>(columns["own_correlation"], "own_correlation")
                             : correlation;
        const auto never = columns.contains("never_negative")
                               ? vector_of<double>(columns["never_negative"], "never_negative")
                               : std::vector<double>(common.size());
        for (const auto* column : {&steady, &correlation, &own, &never}) {
            if (column->size() == common.size()) continue;
            throw custfolio::InputError("columns common, steady, correlation and never_negative differ in length");
        }
        for (std::size_t k = 0; k < common.size(); ++k) {
            items.error.push_back({common[k], steady[k], correlation[k], own[k], never[k] != 0});
        }
    }
    if (columns.contains("frozen")) {
        const auto frozen = py::cast<Array<bool>>(columns["frozen"]);
        const auto is_frozen = span_of(frozen, "frozen", items.size());
        for (std::size_t k = 0; k < items.size(); ++k) {
            if (is_frozen[k]) items.forecast[k] = LineItems::frozen;
        }
    }
    items.check();
    return items;
}

/// Lines of amounts that are stated in their currencies: one amount a row, or those of several accounts.
LineItems stated_lines(const py::dict& columns, const py::dict& amounts, const ExchangeRates& rates) {
    LineItems common = common_of(columns);
    std::vector<Doubles> held;
    const auto column = [&](const char* name) -> std::span<const double> {
        if (!amounts.contains(name)) return {};
        held.push_back(amounts[name].cast<Doubles>());
        return span_of(held.back(), name, common.size());
    };
    const auto variance = column("variance");
    if (amounts.contains("amount")) {
        const auto stated = column("amount");
        common.stated.assign(stated.begin(), stated.end());
        common.deviation.assign(common.size(), 0.0);
        for (std::size_t k = 0; k < variance.size(); ++k) common.deviation[k] = std::sqrt(variance[k]);
        common.exchange(rates);
        common.check();
        return common;
    }
    custfolio::AccountAmounts given;
    given.variance = variance;
    given.revenue = column("revenue");
    given.costs = column("costs");
    given.contribution = column("contribution");
    return LineItems::of(common, given, rates);
}

py::dict columns_of(const LineItems& lines) {
    py::dict columns;
    std::vector<std::int32_t> month;
    std::vector<bool> frozen;
    py::list state;
    for (std::size_t k = 0; k < lines.size(); ++k) {
        month.push_back(lines.month[k].index());
        state.append(custfolio::to_string(lines.state[k]));
    }
    py::array_t<bool> is_frozen(static_cast<py::ssize_t>(lines.size()));
    for (std::size_t k = 0; k < lines.size(); ++k) {
        is_frozen.mutable_data()[k] = lines.forecast[k] == LineItems::frozen;
    }
    py::dict dimensions;
    for (const auto& dimension : lines.dimensions) dimensions[py::str(dimension.name)] = texts_of(dimension.labels);
    columns["month"] = to_array(std::move(month));
    columns["dimensions"] = dimensions;
    columns["amount"] = to_array(std::vector<double>(lines.amount));
    columns["deviation"] = to_array(std::vector<double>(lines.deviation));
    if (!lines.error.empty()) {
        using custfolio::LineError;
        using custfolio::bindings::numbers;
        columns["common"] = numbers(lines.error, [](const LineError& error) { return error.common; });
        columns["steady"] = numbers(lines.error, [](const LineError& error) { return error.steady; });
        columns["correlation"] = numbers(lines.error, [](const LineError& error) { return error.correlation; });
        columns["own_correlation"] = numbers(lines.error, [](const LineError& error) { return error.own_correlation; });
        columns["never_negative"] =
            numbers(lines.error, [](const LineError& error) { return error.never_negative ? 1.0 : 0.0; });
    }
    columns["probability"] = to_array(std::vector<double>(lines.probability));
    columns["quantity"] = to_array(std::vector<double>(lines.quantity));
    columns["stated"] = to_array(std::vector<double>(lines.stated));
    columns["item"] = texts_of(lines.item);
    columns["state"] = state;
    columns["currency"] = texts_of(lines.currency);
    columns["frozen"] = is_frozen;
    return columns;
}

custfolio::BudgetSettings settings_of(const py::dict& given) {
    custfolio::BudgetSettings settings;
    settings.currency = {given["currency"].cast<std::string>(), given["digits"].cast<int>()};
    settings.calendar = given["calendar"].cast<custfolio::FiscalCalendar>();
    settings.rates = given["rates"].cast<ExchangeRates>();
    for (const auto& [name, type] : given["accounts"].cast<std::map<std::string, std::string>>()) {
        settings.accounts.emplace(name, account_type_of(type));
    }
    settings.correlation = given["correlation"].cast<double>();
    settings.correlation_of = given["correlation_of"].cast<std::map<std::string, double>>();
    return settings;
}

py::tuple bands_tuple(const custfolio::BudgetBands& bands) {
    py::list quantiles;
    for (const std::vector<double>& one : bands.quantiles) quantiles.append(to_array(std::vector<double>(one)));
    return py::make_tuple(keys_of(bands.groups), to_array(std::vector<double>(bands.expected)), quantiles);
}

/// Options of bands whose pulse runs Python's signal handlers.
custfolio::BandOptions band_options(const std::string& measure, std::vector<double> probabilities, unsigned threads) {
    const auto pulse = [] {
        const py::gil_scoped_acquire acquired;
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    };
    return {measure, std::move(probabilities), threads, pulse};
}

std::vector<custfolio::Dimension> dimensions_of(const py::dict& dimensions) {
    std::vector<custfolio::Dimension> further;
    for (const auto& [name, texts] : dimensions) {
        const std::vector<std::string> values = custfolio::bindings::strings_of(texts, "dimension");
        further.push_back({name.cast<std::string>(), custfolio::Labels::of(values)});
    }
    return further;
}

void bind_lines(py::module_& module) {
    py::class_<LineItems>(module, "LineItems", py::metaclass(plain_class()), "Lines of a budget as columns.")
        .def(py::init(&lines_of), py::arg("columns"))
        .def_static("stated", &stated_lines, py::arg("columns"), py::arg("amounts"), py::arg("rates"),
                    "Lines of amounts in their currencies: `amount`, or `revenue`, `costs` and `contribution`; and "
                    "`variance`.")
        .def("__len__", &LineItems::size)
        .def_property_readonly(
            "accounts", [](const LineItems& self) { return custfolio::bindings::to_list(self.account().names); },
            "Names of the accounts.")
        .def_property_readonly("columns", &columns_of, "The columns; dimensions by name.");
    module.def(
        "usual_account_type",
        [](const std::string& account) {
            const auto type = custfolio::usual_account_type(account);
            return type ? std::optional(custfolio::to_string(*type)) : std::nullopt;
        },
        py::arg("account"), "Type of an account by its usual name, or None.");
}

void bind_line_item_budget(py::module_& module) {
    using custfolio::MonthlyAmounts;
    py::class_<LineItemBudget>(module, "LineItemBudget", py::metaclass(plain_class()),
                               "A budget of lines from any source.")
        .def(py::init([](const LineItems& lines, const py::dict& settings) {
                 return LineItemBudget(lines, settings_of(settings));
             }),
             py::arg("lines"), py::arg("settings"))
        .def_static(
            "of_units",
            [](const LineItems& lines, const py::dict& settings, const py::handle& units) {
                return custfolio::with_units(lines, settings_of(settings), vector_of<std::int64_t>(units, "units"));
            },
            py::arg("lines"), py::arg("settings"), py::arg("units"), "A budget of lines that were rounded before.")
        .def_static(
            "of_plan", [](const custfolio::Budget& plan) { return LineItemBudget::of(plan); }, py::arg("plan"),
            "Level and heat of a plan as revenue and costs.")
        .def_static(
            "of_forecast",
            [](const std::shared_ptr<MonthlyAmounts>& forecast, const py::dict& settings, const std::string& source,
               const std::string& account, const py::dict& dimensions) {
                return LineItemBudget::of(forecast, settings_of(settings), source, account, dimensions_of(dimensions));
            },
            py::arg("forecast"), py::arg("settings"), py::arg("source"), py::arg("account"), py::arg("dimensions"),
            "Revenue and costs of each item and month of a forecast.")
        .def_static(
            "of_baseline",
            [](const custfolio::Baseline& baseline, const std::vector<std::string>& customers, const py::dict& settings,
               const py::dict& dimensions, const custfolio::Portfolio* sales) {
                return custfolio::baseline_budget(baseline, customers, settings_of(settings), dimensions_of(dimensions),
                                                  sales);
            },
            py::arg("baseline"), py::arg("customers"), py::arg("settings"), py::arg("dimensions"), py::arg("sales"),
            "Revenue and costs of each customer and month, and of new business, with the baseline's joint error.")
        .def("__len__", [](const LineItemBudget& self) { return self.lines().size(); })
        .def(
            "plus", [](const LineItemBudget& self, const LineItemBudget& other) { return self + other; },
            py::arg("other"), "The lines of both.")
        .def("with_calendar", &LineItemBudget::with_calendar, py::arg("calendar"), "The same lines in a calendar.")
        .def_property_readonly(
            "closed",
            [](const LineItemBudget& self) {
                return self.settings().closed ? std::optional(self.settings().closed->index()) : std::nullopt;
            },
            "Last month with actual amounts; none.")
        .def(
            "with_closed",
            [](const LineItemBudget& self, int through) { return self.with_closed(Month::from_index(through)); },
            py::arg("through"), "The same lines, actual through a month.")
        .def("with_correlation", &LineItemBudget::with_correlation, py::arg("correlation"), py::arg("of_source"),
             "The same lines with a common factor.")
        .def_property_readonly(
            "columns", [](const LineItemBudget& self) { return columns_of(self.lines()); }, "The columns of the lines.")
        .def_property_readonly(
            "months",
            [](const LineItemBudget& self) {
                std::set<int> months;
                for (const Month month : self.lines().month) months.insert(month.index());
                return std::vector<int>(months.begin(), months.end());
            },
            "Months that have lines, since 1970-01.")
        .def_property_readonly(
            "last_usual_month",
            [](const LineItemBudget& self) {
                const std::optional<Month> month = custfolio::last_usual_month(self);
                return month ? std::optional(month->index()) : std::nullopt;
            },
            "Last month of usual business, since 1970-01; none without any.")
        .def_property_readonly(
            "frozen",
            [](const LineItemBudget& self) {
                return std::ranges::find(self.lines().forecast, LineItems::frozen) != self.lines().forecast.end();
            },
            "Whether lines of forecasts have lost their distribution.")
        .def_property_readonly(
            "units", [](const LineItemBudget& self) { return to_array(std::vector<std::int64_t>(self.units())); },
            "Whole units of each line.")
        .def_property_readonly(
            "dimensions",
            [](const LineItemBudget& self) {
                py::dict dimensions;
                for (const auto& dimension : self.lines().dimensions) {
                    dimensions[py::str(dimension.name)] = custfolio::bindings::to_list(dimension.labels.names);
                }
                return dimensions;
            },
            "Values of each dimension.")
        .def_property_readonly(
            "accounts",
            [](const LineItemBudget& self) {
                py::dict types;
                for (const std::string& account : self.lines().account().names) {
                    types[py::str(account)] = custfolio::to_string(self.type(account));
                }
                return types;
            },
            "Type of each account.")
        .def_property_readonly(
            "correlation",
            [](const LineItemBudget& self) {
                return py::make_tuple(self.settings().correlation, self.settings().correlation_of);
            },
            "Share of the common factor, and by source.")
        .def(
            "totals",
            [](const LineItemBudget& self, const std::vector<std::string>& by, const std::string& account) {
                custfolio::BudgetTotals totals = [&] {
                    const py::gil_scoped_release released;
                    return self.totals(by, account);
                }();
                py::dict columns;
                if (totals.amount.empty() && totals.level.size() == totals.groups.size) {
                    columns["temperature"] = to_array(totals.temperature());
                    columns["level"] = to_array(std::move(totals.level));
                    columns["heat"] = to_array(std::move(totals.heat));
                } else {
                    columns["amount"] = to_array(std::move(totals.amount));
                }
                return py::make_tuple(keys_of(totals.groups), columns);
            },
            py::arg("by"), py::arg("account") = "", "Keys, and level, heat and temperature or the accounts' amounts.")
        .def(
            "pivot",
            [](const LineItemBudget& self, const std::vector<std::string>& rows, const std::string& column,
               const std::string& measure) {
                custfolio::BudgetPivot pivot = [&] {
                    const py::gil_scoped_release released;
                    return self.pivot(rows, column, measure);
                }();
                return py::make_tuple(keys_of(pivot.rows), custfolio::bindings::to_list(pivot.columns),
                                      to_array(std::move(pivot.amounts)), to_array(std::move(pivot.total)));
            },
            py::arg("rows"), py::arg("column"), py::arg("measure"),
            "Keys of the rows, names of the columns, totals by row and column, and totals of the rows.")
        .def(
            "bands",
            [](const LineItemBudget& self, const std::vector<std::string>& by, const std::string& measure,
               std::vector<double> probabilities, unsigned threads) {
                const custfolio::BandOptions options = band_options(measure, std::move(probabilities), threads);
                custfolio::BudgetBands bands;
                {
                    const py::gil_scoped_release released;
                    bands = self.bands(by, options);
                }
                return bands_tuple(bands);
            },
            py::arg("by"), py::arg("measure"), py::arg("probabilities"), py::arg("threads") = 0U,
            "Keys, expected totals and quantiles of groups.")
        .def(
            "distribution",
            [](const LineItemBudget& self, const std::string& measure,
               std::vector<std::pair<std::string, std::string>> where, std::optional<int> first,
               std::optional<int> last) {
                const auto month = [](std::optional<int> index) {
                    return index ? std::optional(Month::from_index(*index)) : std::nullopt;
                };
                const custfolio::LineSelection selection{measure, std::move(where), month(first), month(last), 0};
                const py::gil_scoped_release released;
                return self.distribution(selection);
            },
            py::arg("measure"), py::arg("where"), py::arg("first") = py::none(), py::arg("last") = py::none(),
            "Distribution of a total.");
}

void bind_versions(py::module_& module) {
    module.def(
        "freeze_budget",
        [](const LineItemBudget& budget, std::string name, int on, const std::vector<std::vector<std::string>>& bands) {
            const custfolio::BandOptions options = band_options("heat", {0.1, 0.5, 0.9}, 0);
            custfolio::FrozenBudget version;
            {
                const py::gil_scoped_release released;
                version = custfolio::freeze(budget, std::move(name), on, bands, options);
            }
            py::list band_list;
            for (const auto& one : version.bands) band_list.append(bands_tuple(one));
            return py::make_tuple(version.budget, band_list);
        },
        py::arg("budget"), py::arg("name"), py::arg("on"), py::arg("bands"), "The rounded lines, and bands.");
    module.def(
        "rolling_forecast",
        [](const LineItemBudget& budget, const LineItemBudget& actual, int through, const LineItemBudget& remaining,
           bool missing_is_zero, bool add_repeated) {
            return custfolio::rolling_forecast(budget, actual, Month::from_index(through), remaining,
                                               {missing_is_zero, add_repeated});
        },
        py::arg("budget"), py::arg("actual"), py::arg("through"), py::arg("remaining"), py::arg("missing_is_zero"),
        py::arg("add_repeated"), "Actual amounts through a month, expected ones after it.");
    module.def(
        "compare_budgets",
        [](const LineItemBudget& budget, const LineItemBudget& actual, std::vector<std::string> by,
           std::optional<int> through, const std::map<std::string, std::string>& outcomes, bool missing_is_zero,
           bool add_repeated) {
            custfolio::CompareOptions options{std::move(by), std::nullopt, {}, {missing_is_zero, add_repeated}};
            if (through) options.through = Month::from_index(*through);
            for (const auto& [item, outcome] : outcomes) options.outcomes.emplace(item, outcome_of(outcome));
            custfolio::BudgetVariance variance;
            {
                const py::gil_scoped_release released;
                variance = custfolio::compare(budget, actual, options);
            }
            py::dict columns;
            py::dict totals;
            columns["planned"] = to_array(std::move(variance.planned));
            columns["actual"] = to_array(std::move(variance.actual));
            totals["planned"] = variance.planned_total;
            totals["actual"] = variance.actual_total;
            for (std::size_t c = 0; c < custfolio::variance_causes.size(); ++c) {
                columns[custfolio::variance_causes[c]] = to_array(std::move(variance.causes[c]));
                totals[custfolio::variance_causes[c]] = variance.total_causes[c];
            }
            columns["variance"] = to_array(std::move(variance.variance));
            columns["judgement"] = to_array(std::move(variance.judgement));
            py::dict without_lines;
            for (const auto& [item, outcome] : variance.without_lines) {
                without_lines[py::str(item)] = custfolio::to_string(outcome);
            }
            return py::make_tuple(keys_of(variance.groups), columns, totals, without_lines);
        },
        py::arg("budget"), py::arg("actual"), py::arg("by"), py::arg("through"), py::arg("outcomes"),
        py::arg("missing_is_zero"), py::arg("add_repeated"),
        "Keys, amounts and causes of rows, contributions over all rows, and outcomes of items without lines.");
    module.def(
        "budgets_side_by_side",
        [](const std::vector<std::pair<std::string, const LineItemBudget*>>& budgets,
           const std::vector<std::string>& by, const std::string& measure) {
            std::vector<std::pair<std::string, LineItemBudget>> named;
            for (const auto& [name, budget] : budgets) named.emplace_back(name, *budget);
            custfolio::BudgetComparison comparison = custfolio::side_by_side(named, by, measure);
            py::list amounts;
            py::list changes;
            for (std::size_t b = 0; b < named.size(); ++b) {
                amounts.append(to_array(std::move(comparison.amount[b])));
                changes.append(to_array(std::move(comparison.change[b])));
            }
            return py::make_tuple(keys_of(comparison.groups), amounts, changes);
        },
        py::arg("budgets"), py::arg("by"), py::arg("measure"), "Keys, amounts, and changes from the first.");
}

}  // namespace

void bind_budget_lines(py::module_& module) {
    bind_lines(module);
    bind_line_item_budget(module);
    bind_versions(module);
}
