// Binds room `anchoring`: due dates, agenda, assignment of managers, as columns.
#include "custfolio/anchoring.hpp"

#include <pybind11/pybind11.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "custfolio/math/errors.hpp"

namespace py = pybind11;
using custfolio::Appointment;
using custfolio::DayNumber;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::numbers;
using custfolio::bindings::span_of;
using custfolio::bindings::strings_of;
using custfolio::bindings::to_array;

namespace {

using Indices = Array<std::int64_t>;
using Days = Array<std::int32_t>;

std::size_t position(std::int64_t value, const char* name, std::size_t row) {
    if (value < 0) {
        throw custfolio::InputError("column '" + std::string(name) + "', row " + std::to_string(row) + " is " +
                                    std::to_string(value) + "; positions count from 0");
    }
    return static_cast<std::size_t>(value);
}

std::vector<custfolio::Manager> managers_of(const py::handle& id, const Indices& reviews_per_day) {
    const std::vector<std::string> ids = strings_of(id, "manager");
    const auto capacity = span_of(reviews_per_day, "reviews_per_day", ids.size());
    std::vector<custfolio::Manager> managers;
    for (std::size_t k = 0; k < ids.size(); ++k) {
        if (capacity[k] > std::numeric_limits<int>::max() || capacity[k] < std::numeric_limits<int>::min()) {
            throw custfolio::InputError("manager '" + ids[k] + "': reviews_per_day is " + std::to_string(capacity[k]) +
                                        "; that is no number of reviews");
        }
        managers.push_back({ids[k], static_cast<int>(capacity[k])});
    }
    return managers;
}

}  // namespace

void bind_anchoring(py::module_& module) {
    module.attr("never_reviewed") = custfolio::never_reviewed;
    module.def(
        "after",
        [](DayNumber day, int months, int days, int times) { return custfolio::after(day, {months, days}, times); },
        py::arg("day"), py::arg("months"), py::arg("days"), py::arg("times") = 1,
        "A day (days since 1970-01-01) some intervals of calendar months or days later.");

    module.def(
        "reviews_per_year",
        [](const Days& months, const Days& days) {
            const auto each = span_of(months, "months");
            const auto further = span_of(days, "days", each.size());
            std::vector<double> reviews(each.size());
            for (std::size_t k = 0; k < reviews.size(); ++k) {
                reviews[k] = custfolio::reviews_per_year({each[k], further[k]});
            }
            return to_array(std::move(reviews));
        },
        py::arg("months"), py::arg("days"), "Reviews per year of intervals of calendar months or days.");
    module.def(
        "working_days",
        [](DayNumber first, DayNumber last, const Days& holidays) {
            return to_array(custfolio::working_days({first, last}, span_of(holidays, "holidays")));
        },
        py::arg("first"), py::arg("last"), py::arg("holidays"), "Days from Monday to Friday without the holidays.");
    module.def(
        "assign_managers",
        [](const Doubles& load, const py::handle& manager, const Indices& reviews_per_day, const Indices& given) {
            const auto managers = managers_of(manager, reviews_per_day);
            const auto assigned = custfolio::assign_managers(span_of(load, "load"), managers, span_of(given, "given"));
            return to_array(std::vector<std::int64_t>(assigned.begin(), assigned.end()));
        },
        py::arg("load"), py::arg("manager"), py::arg("reviews_per_day"), py::arg("given"),
        "Position of the manager of each customer: `given` where it is not -1, else the one with the least load.");

    module.def(
        "plan_reviews",
        [](const Indices& customer, const Indices& manager_of, const Array<std::int32_t>& months,
           const Array<std::int32_t>& days, const Days& last_review, const Doubles& value, const py::handle& manager,
           const Indices& reviews_per_day, const Days& working_days, DayNumber first, DayNumber last,
           const Indices& fixed_customer, const Indices& fixed_manager, const Days& fixed_day, const Days& fixed_due,
           const Array<std::int32_t>& fixed_slot, int tolerance_days) {
            const auto who = span_of(customer, "customer");
            const auto by = span_of(manager_of, "manager_of", who.size());
            const auto in_months = span_of(months, "months", who.size());
            const auto in_days = span_of(days, "days", who.size());
            const auto reviewed = span_of(last_review, "last_review", who.size());
            const auto worth = span_of(value, "value", who.size());
            std::vector<custfolio::Anchored> customers;
            customers.reserve(who.size());
            for (std::size_t i = 0; i < who.size(); ++i) {
                customers.push_back({position(who[i], "customer", i),
                                     position(by[i], "manager_of", i),
                                     {in_months[i], in_days[i]},
                                     reviewed[i],
                                     worth[i]});
            }
            const auto made_by = span_of(fixed_customer, "fixed_customer");
            const auto made_with = span_of(fixed_manager, "fixed_manager", made_by.size());
            const auto made_on = span_of(fixed_day, "fixed_day", made_by.size());
            const auto made_for = span_of(fixed_due, "fixed_due", made_by.size());
            const auto made_at = span_of(fixed_slot, "fixed_slot", made_by.size());
            std::vector<Appointment> fixed;
            fixed.reserve(made_by.size());
            for (std::size_t k = 0; k < made_by.size(); ++k) {
                fixed.push_back({position(made_by[k], "fixed_customer", k), position(made_with[k], "fixed_manager", k),
                                 made_on[k], made_for[k], true, made_at[k]});
            }
            const auto managers = managers_of(manager, reviews_per_day);
            const auto open = span_of(working_days, "working_days");

            custfolio::Agenda agenda;
            {
                const py::gil_scoped_release released;
                const auto reviews = custfolio::due_reviews(customers, {first, last}, fixed);
                agenda = custfolio::plan_agenda(reviews, managers, open, fixed, tolerance_days);
            }
            py::list unplaced;
            for (const auto& left : agenda.unplaced) {
                unplaced.append(
                    py::make_tuple(left.review.customer, left.review.manager, left.review.due, left.reason));
            }
            const auto& made = agenda.appointments;
            py::dict columns;
            columns["customer"] =
                numbers(made, [](const Appointment& one) { return static_cast<std::int64_t>(one.customer); });
            columns["manager"] =
                numbers(made, [](const Appointment& one) { return static_cast<std::int64_t>(one.manager); });
            columns["day"] = numbers(made, &Appointment::day);
            columns["due"] = numbers(made, &Appointment::due);
            columns["slot"] = numbers(made, &Appointment::slot);
            columns["fixed"] =
                numbers(made, [](const Appointment& one) { return std::uint8_t{one.fixed}; }).attr("view")("bool");
            columns["unplaced"] = unplaced;
            return columns;
        },
        py::arg("customer"), py::arg("manager_of"), py::arg("months"), py::arg("days"), py::arg("last_review"),
        py::arg("value"), py::kw_only(), py::arg("manager"), py::arg("reviews_per_day"), py::arg("working_days"),
        py::arg("first"), py::arg("last"), py::arg("fixed_customer"), py::arg("fixed_manager"), py::arg("fixed_day"),
        py::arg("fixed_due"), py::arg("fixed_slot"), py::arg("tolerance_days"),
        "due_reviews and plan_agenda on columns: appointments as columns, and what found no place.");
}
