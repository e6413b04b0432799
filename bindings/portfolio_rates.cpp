// Binds the rates of exchange.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/portfolio/exchange_rates.hpp"

namespace py = pybind11;
using custfolio::ExchangeRates;
using custfolio::Month;
using custfolio::bindings::Array;
using custfolio::bindings::span_of;
using custfolio::bindings::to_array;

void bind_portfolio_rates(py::module_& module) {
    py::class_<ExchangeRates>(module, "ExchangeRates", py::metaclass(plain_class()),
                              "What a unit of each currency is worth in the reporting currency.")
        .def(py::init<std::string>(), py::arg("reporting"))
        .def(
            "set",
            [](ExchangeRates& self, const std::string& currency, double rate, std::optional<int> month) {
                if (month) return self.set(Month::from_index(*month), currency, rate);
                self.set(currency, rate);
            },
            py::arg("currency"), py::arg("rate"), py::arg("month") = py::none(), "Sets a rate, of all months or one.")
        .def(
            "rates",
            [](const ExchangeRates& self, const Array<std::int32_t>& day, const Array<std::int32_t>& currency,
               const std::vector<std::string>& names) {
                return to_array(self.rates(span_of(day, "day"), span_of(currency, "currency"), names));
            },
            py::arg("day"), py::arg("currency"), py::arg("names"),
            "The rate of each row's currency, a place among the names; -1 is the reporting currency.")
        .def_property_readonly("reporting", &ExchangeRates::reporting, "Code of the reporting currency.")
        .def_property_readonly("always", &ExchangeRates::always, "Rates of all months, by currency.")
        .def_property_readonly(
            "monthly",
            [](const ExchangeRates& self) {
                py::dict rates;
                for (const auto& [key, rate] : self.monthly()) {
                    rates[py::make_tuple(key.first.index(), key.second)] = rate;
                }
                return rates;
            },
            "Rates of single months, by month and currency.");
}
