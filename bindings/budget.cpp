// Binds room `budget`: plans' budgets, rounding in two hierarchies, fiscal calendars; lines are in budget_lines.cpp.
#include "custfolio/budget.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstddef>
#include <cstdint>
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
using custfolio::bindings::span_of;
using custfolio::bindings::strings_of;

namespace {

Source source_of(const std::string& name) {
    for (const Source source : custfolio::sources) {
        if (custfolio::to_string(source) == name) return source;
    }
    throw custfolio::InputError("source is '" + name +
                                "'; it can be baseline, new business, remediation, growth, acquisition or "
                                "overflow");
}

custfolio::LineLevels levels_of(const py::sequence& levels) {
    custfolio::LineLevels codes_of_levels;
    for (const py::handle level : levels) {
        const auto codes = span_of(py::cast<Array<std::int32_t>>(level), "level");
        codes_of_levels.emplace_back(codes.begin(), codes.end());
    }
    return codes_of_levels;
}

custfolio::WeekPattern pattern_of(const std::string& name) {
    using enum custfolio::WeekPattern;
    return custfolio::bindings::enum_of(name, {four_four_five, four_five_four, five_four_four}, "pattern");
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
                py::list periods;
                for (const auto& period : self.periods(year)) periods.append(period_tuple(period));
                return periods;
            },
            py::arg("year"), "Year, quarter, number, first and last day of each period.")
        .def(
            "period_of", [](const FiscalCalendar& self, int day) { return period_tuple(self.period_of(day)); },
            py::arg("day"), "The period that contains a day.");
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
             py::arg("minor_digits") = 2);
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
}
