// Binds room `budget`: lines of level and heat per month and source that add up.
#include "custfolio/budget.hpp"

#include <pybind11/pybind11.h>

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
}
