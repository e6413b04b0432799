// Binds room `costing`: the cost model.
#include "custfolio/costing.hpp"

#include <pybind11/pybind11.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"

namespace py = pybind11;
using custfolio::AvoidableStep;
using custfolio::CostModel;
using custfolio::DayNumber;

void bind_costing(py::module_& module) {
    module.def(
        "time_equation", [](const std::string& text) { return custfolio::to_string(custfolio::time_equation(text)); },
        py::arg("text"), "Read a time equation and write it with its products multiplied out.");
    py::class_<CostModel>(module, "CostModel", py::metaclass(plain_class()),
                          "Amounts per driver, pools with activities, and a share of revenue.")
        .def(py::init<>())
        .def(
            "rate",
            [](CostModel& model, const std::string& driver, double amount, double avoidable,
               std::optional<DayNumber> valid_from) {
                model.rate(driver, amount, avoidable, valid_from.value_or(custfolio::always));
            },
            py::arg("driver"), py::arg("amount"), py::arg("avoidable") = 1.0, py::arg("valid_from") = py::none(),
            "Set the cost per unit of a driver, on all days or from a day on.")
        .def(
            "revenue_share",
            [](CostModel& model, double share, double avoidable) { model.revenue_share(share, avoidable); },
            py::arg("share"), py::arg("avoidable") = 1.0, "Set the share of revenue that is passed on.")
        .def(
            "credit_rate", [](CostModel& model, double rate) { model.credit_rate(rate); }, py::arg("rate"),
            "Set the yearly rate at which open invoices cost money.")
        .def(
            "pool",
            [](CostModel& model, const std::string& name, double cost, double capacity,
               std::optional<DayNumber> valid_from) {
                model.pool(name, cost, capacity, valid_from.value_or(custfolio::always));
            },
            py::arg("name"), py::arg("cost"), py::arg("capacity"), py::arg("valid_from") = py::none(),
            "Set cost and capacity in minutes of a pool, on all days or from a day on.")
        .def(
            "activity",
            [](CostModel& model, const std::string& name, const std::string& pool, const std::string& minutes,
               const std::string& event) { model.activity(name, pool, std::string_view(minutes), event); },
            py::arg("name"), py::arg("pool"), py::arg("minutes"), py::arg("event") = "delivery",
            "Set an activity: the minutes of a pool that an event takes.")
        .def(
            "avoidable",
            [](CostModel& model, const std::string& element, double share) { model.avoidable(element, share); },
            py::arg("element"), py::arg("share"), "Set the avoidable share of an element.")
        .def(
            "avoidable_steps",
            [](CostModel& model, const std::string& element, const std::vector<std::pair<int, double>>& steps) {
                std::vector<AvoidableStep> given;
                for (const auto& [months, share] : steps) given.push_back({months, share});
                model.avoidable(element, std::move(given));
            },
            py::arg("element"), py::arg("steps"), "Set the avoidable share of an element by months after a change.")
        .def("at_horizon", &CostModel::at_horizon, py::arg("months"), "The model with the shares of a horizon.")
        .def(
            "with_direct_costs",
            [](const CostModel& model, const std::vector<std::string>& drivers) {
                return custfolio::with_direct_costs(model, drivers);
            },
            py::arg("drivers"), "The model with freight and commission, if they are among the drivers, as they are.")
        .def_property_readonly(
            "event_factors",
            [](const CostModel& model) {
                py::list found;
                for (const custfolio::EventDriver& driver : model.event_drivers()) {
                    found.append(py::make_tuple(driver.event, custfolio::bindings::to_list(driver.factors)));
                }
                return found;
            },
            "The event drivers that the model needs: event, and the factors of the product.")
        .def_property_readonly(
            "columns",
            [](const CostModel& model) {
                py::list element, kind, amount, capacity, valid_from, avoidable;
                const auto add = [&](const std::string& name, const char* what, double value, py::object minutes,
                                     DayNumber from, double share) {
                    element.append(name);
                    kind.append(what);
                    amount.append(value);
                    capacity.append(std::move(minutes));
                    valid_from.append(from == custfolio::always ? py::object(py::none()) : py::cast(from));
                    avoidable.append(share);
                };
                for (const custfolio::Rate& rate : model.rates()) {
                    if (rate.dated.empty()) {
                        add(rate.driver, "rate", rate.amount, py::none(), custfolio::always, rate.avoidable);
                    }
                    for (const custfolio::DatedAmount& one : rate.dated) {
                        add(rate.driver, "rate", one.amount, py::none(), one.valid_from, rate.avoidable);
                    }
                }
                for (const custfolio::Pool& pool : model.pools()) {
                    for (const custfolio::PoolPeriod& one : pool.periods) {
                        add(pool.name, "pool", one.cost, py::cast(one.capacity), one.valid_from, pool.avoidable);
                    }
                }
                if (model.revenue_share() != 0) {
                    add("revenue share", "share", model.revenue_share(), py::none(), custfolio::always,
                        model.revenue_share_avoidable());
                }
                if (model.credit_rate() != 0) {
                    add("credit", "rate", model.credit_rate(), py::none(), custfolio::always, 1);
                }
                py::dict columns;
                columns["element"] = element;
                columns["kind"] = kind;
                columns["amount"] = amount;
                columns["capacity"] = capacity;
                columns["valid_from"] = valid_from;
                columns["avoidable"] = avoidable;
                return columns;
            },
            "The elements as columns; a row per rate, pool and first day of its figures.");
}
