// Binds room `budget`: lines whose totals add up, fiscal calendars, causes of variance.
#include "custfolio/budget.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"

namespace py = pybind11;
using custfolio::Budget;
using custfolio::Month;
using custfolio::Source;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::numbers;
using custfolio::bindings::span_of;
using custfolio::bindings::strings_of;
using custfolio::bindings::texts;

namespace {

Source source_of(const std::string& name) {
    for (const Source source : custfolio::sources) {
        if (custfolio::to_string(source) == name) return source;
    }
    throw custfolio::InputError("source is '" + name +
                                "'; it can be baseline, remediation, growth, acquisition or overflow");
}

custfolio::LineLevels levels_of(const py::sequence& levels) {
    custfolio::LineLevels found;
    for (const py::handle level : levels) {
        const auto codes = span_of(py::cast<Array<std::int32_t>>(level), "level");
        found.emplace_back(codes.begin(), codes.end());
    }
    return found;
}

custfolio::WeekPattern pattern_of(const std::string& name) {
    if (name == "4-4-5") return custfolio::WeekPattern::four_four_five;
    if (name == "4-5-4") return custfolio::WeekPattern::four_five_four;
    if (name == "5-4-4") return custfolio::WeekPattern::five_four_four;
    throw custfolio::InputError("pattern is '" + name + "'; it can be '4-4-5', '4-5-4' or '5-4-4'");
}

py::tuple period_tuple(const custfolio::FiscalPeriod& period) {
    return py::make_tuple(period.year, period.quarter, period.number, period.days.first, period.days.last);
}

void bind_fiscal_calendar(py::module_& module) {
    using custfolio::FiscalCalendar;
    py::class_<FiscalCalendar>(module, "FiscalCalendar", py::metaclass(plain_class()),
                               "How days belong to fiscal years, quarters and periods.")
        .def_static("of_months", &FiscalCalendar::of_months, py::arg("first_month"), py::arg("named_by_end"))
        .def_static(
            "of_weeks",
            [](const std::string& pattern, unsigned end_month, unsigned end_weekday, bool nearest, bool named_by_end,
               int long_period) {
                return FiscalCalendar::of_weeks(pattern_of(pattern), end_month, end_weekday, nearest, named_by_end,
                                                long_period);
            },
            py::arg("pattern"), py::arg("end_month"), py::arg("end_weekday"), py::arg("nearest"),
            py::arg("named_by_end"), py::arg("long_period"))
        .def(
            "periods",
            [](const FiscalCalendar& self, int year) {
                py::list found;
                for (const auto& period : self.periods(year)) found.append(period_tuple(period));
                return found;
            },
            py::arg("year"), "Year, quarter, number, first and last day of each period.")
        .def(
            "period_of", [](const FiscalCalendar& self, int day) { return period_tuple(self.period_of(day)); },
            py::arg("day"), "The period that holds a day.")
        .def(
            "spread",
            [](const FiscalCalendar& self, const Array<std::int32_t>& month, const Array<std::int64_t>& units) {
                std::vector<Month> months;
                for (const std::int32_t index : span_of(month, "month")) months.push_back(Month::from_index(index));
                auto parts = self.spread(months, span_of(units, "units"));
                py::dict columns;
                columns["line"] = numbers(parts, [](const auto& part) { return static_cast<std::int64_t>(part.line); });
                columns["year"] = numbers(parts, [](const auto& part) { return part.period.year; });
                columns["quarter"] = numbers(parts, [](const auto& part) { return part.period.quarter; });
                columns["period"] = numbers(parts, [](const auto& part) { return part.period.number; });
                columns["units"] = numbers(parts, [](const auto& part) { return part.units; });
                return columns;
            },
            py::arg("month"), py::arg("units"), "Parts of amounts in fiscal periods, as columns.");
}

custfolio::ItemState state_of(const std::string& name) {
    if (name == "open") return custfolio::ItemState::open;
    if (name == "won") return custfolio::ItemState::won;
    if (name == "lost") return custfolio::ItemState::lost;
    throw custfolio::InputError("state is '" + name + "'; it can be open, won or lost");
}

py::dict explain(const py::dict& lines, const py::dict& items, std::optional<int> through, int minor_digits) {
    const auto column = [&](const char* name) { return py::cast<Doubles>(lines[name]); };
    const auto number = py::cast<Array<std::int64_t>>(lines["item"]);
    const auto item = span_of(number, "item");
    const std::size_t n = item.size();
    const auto month_held = py::cast<Array<std::int32_t>>(lines["month"]);
    const auto month = span_of(month_held, "month", n);
    const std::array<Doubles, 5> held{column("planned"), column("planned_quantity"), column("actual"),
                                      column("actual_quantity"), column("actual_at_rates")};
    std::array<std::span<const double>, 5> amounts;
    for (std::size_t k = 0; k < held.size(); ++k) amounts[k] = span_of(held[k], "amount", n);
    std::vector<custfolio::VarianceLine> rows;
    rows.reserve(n);
    for (std::size_t k = 0; k < n; ++k) {
        rows.push_back({static_cast<std::size_t>(item[k]), Month::from_index(month[k]), amounts[0][k], amounts[1][k],
                        amounts[2][k], amounts[3][k], amounts[4][k]});
    }
    const std::vector<std::string> state = strings_of(items["state"], "state");
    const auto dated_held = py::cast<Array<bool>>(items["dated"]);
    const auto planned_held = py::cast<Doubles>(items["planned_probability"]);
    const auto actual_held = py::cast<Doubles>(items["actual_probability"]);
    const auto dated = span_of(dated_held, "dated", state.size());
    const auto planned = span_of(planned_held, "planned_probability", state.size());
    const auto actual = span_of(actual_held, "actual_probability", state.size());
    std::vector<custfolio::VarianceItem> known;
    known.reserve(state.size());
    for (std::size_t k = 0; k < state.size(); ++k) {
        known.push_back({dated[k], planned[k], actual[k], state_of(state[k])});
    }
    const std::optional<Month> last = through ? std::optional(Month::from_index(*through)) : std::nullopt;
    const auto causes = custfolio::explain_variance(rows, known, last, {"", minor_digits});
    using Causes = custfolio::VarianceCauses;
    py::dict columns;
    columns["won"] = numbers(causes, &Causes::won);
    columns["lost"] = numbers(causes, &Causes::lost);
    columns["slipped"] = numbers(causes, &Causes::slipped);
    columns["resized"] = numbers(causes, &Causes::resized);
    columns["new"] = numbers(causes, &Causes::fresh);
    columns["price"] = numbers(causes, &Causes::price);
    columns["volume"] = numbers(causes, &Causes::volume);
    columns["currency"] = numbers(causes, &Causes::currency);
    return columns;
}

py::tuple pair(const custfolio::BudgetTotal& total) {
    return py::make_tuple(total.level, total.heat);
}

}  // namespace

void bind_budget(py::module_& module) {
    py::class_<Budget>(module, "Budget", py::metaclass(plain_class()),
                       "Level and heat by month and source, rounded so that all totals add up.")
        .def(py::init([](const Array<std::int32_t>& month, const py::handle& source, const Doubles& level,
                         const Doubles& heat, const std::string& currency, int minor_digits) {
                 const std::vector<std::string> names = strings_of(source, "source");
                 const auto months = span_of(month, "month", names.size());
                 const auto levels = span_of(level, "level", names.size());
                 const auto heats = span_of(heat, "heat", names.size());
                 std::vector<custfolio::BudgetLine> lines;
                 lines.reserve(names.size());
                 for (std::size_t k = 0; k < names.size(); ++k) {
                     lines.push_back({Month::from_index(months[k]), source_of(names[k]), levels[k], heats[k]});
                 }
                 return Budget(lines, {currency, minor_digits});
             }),
             py::arg("month"), py::arg("source"), py::arg("level"), py::arg("heat"), py::arg("currency") = "EUR",
             py::arg("minor_digits") = 2)
        .def_property_readonly(
            "lines",
            [](const Budget& self) {
                const auto& lines = self.lines();
                py::dict columns;
                columns["month"] = numbers(lines, [](const auto& line) { return line.month.index(); });
                columns["source"] = texts(lines, [](const auto& line) { return custfolio::to_string(line.source); });
                columns["level"] = numbers(lines, &custfolio::BudgetLine::level);
                columns["heat"] = numbers(lines, &custfolio::BudgetLine::heat);
                return columns;
            },
            "The rounded lines by month, then source, as columns.")
        .def(
            "month_total", [](const Budget& self, int month) { return pair(self.total(Month::from_index(month))); },
            py::arg("month"), "Level and heat of a month.")
        .def(
            "source_total",
            [](const Budget& self, const std::string& source) { return pair(self.total(source_of(source))); },
            py::arg("source"), "Level and heat of a source.")
        .def_property_readonly(
            "total", [](const Budget& self) { return pair(self.total()); }, "Level and heat of all lines.");
    module.def(
        "round_nested",
        [](const Doubles& amount, const py::sequence& first, const py::sequence& second, int minor_digits) {
            const custfolio::LineLevels outer = levels_of(first);
            const custfolio::LineLevels inner = levels_of(second);
            const auto amounts = span_of(amount, "amount");
            std::vector<std::int64_t> units;
            {
                py::gil_scoped_release release;
                units = custfolio::round_nested(amounts, outer, inner, {"", minor_digits});
            }
            return custfolio::bindings::to_array(std::move(units));
        },
        py::arg("amount"), py::arg("first"), py::arg("second"), py::arg("minor_digits") = 2,
        "Whole units of lines such that the totals of two hierarchies stay within a unit.");
    bind_fiscal_calendar(module);
    module.def("explain_variance", &explain, py::arg("lines"), py::arg("items"), py::arg("through") = py::none(),
               py::arg("minor_digits") = 2, "Causes of each line's variance, in units, as columns.");
}
