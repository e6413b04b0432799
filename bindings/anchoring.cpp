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
using custfolio::Interval;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::numbers;
using custfolio::bindings::span_of;
using custfolio::bindings::strings_of;
using custfolio::bindings::texts;
using custfolio::bindings::to_array;

namespace {

using Indices = Array<std::int64_t>;
using Days = Array<std::int32_t>;

/// A table of columns of one length, as Python passes it.
class Table {
  public:
    Table(const py::dict& columns, const char* first) : columns_(columns) { size_ = py::len(columns_[first]); }
    [[nodiscard]] std::size_t size() const { return size_; }
    /// A column as values of its own. @throws InputError where its length is another one.
    template <class T>
    [[nodiscard]] std::vector<T> column(const char* name) const {
        const auto array = py::cast<Array<T>>(columns_[name]);
        const auto values = span_of(array, name, size_);
        return {values.begin(), values.end()};
    }
    [[nodiscard]] std::vector<std::size_t> positions(const char* name) const {
        std::vector<std::size_t> positions;
        for (const std::int64_t value : column<std::int64_t>(name)) positions.push_back(position(value));
        return positions;
    }

  private:
    // -1 stands for none, in C++ the greatest position.
    static std::size_t position(std::int64_t value) {
        return value < 0 ? std::numeric_limits<std::size_t>::max() : static_cast<std::size_t>(value);
    }
    py::dict columns_;
    std::size_t size_ = 0;
};

std::vector<custfolio::Manager> managers_of(const py::dict& columns) {
    const std::vector<std::string> ids = strings_of(columns["manager"], "manager");
    const Table table(columns, "manager");
    const auto per_day = table.column<std::int32_t>("reviews_per_day");
    const auto per_week = table.column<std::int32_t>("reviews_per_week");
    const auto weekdays = table.column<std::uint8_t>("weekdays");
    const auto weeks = table.column<std::uint8_t>("weeks");
    const auto from = table.column<std::int32_t>("from");
    const auto to = table.column<std::int32_t>("to");
    const py::list groups = columns["groups"];
    std::vector<custfolio::Manager> managers;
    for (std::size_t k = 0; k < ids.size(); ++k) {
        custfolio::Manager manager{ids[k],           per_day[k], per_week[k], {weekdays[k], weeks[k]},
                                   {from[k], to[k]}, {},         {},          {}};
        manager.groups = py::cast<std::vector<std::size_t>>(groups[k]);
        managers.push_back(std::move(manager));
    }
    const Table absences(columns["absences"], "manager");
    const auto who = absences.positions("manager");
    const auto first = absences.column<std::int32_t>("first");
    const auto last = absences.column<std::int32_t>("last");
    for (std::size_t k = 0; k < who.size(); ++k) managers.at(who[k]).absences.push_back({first[k], last[k]});
    const Table busy(columns["busy"], "manager");
    const auto whose = busy.positions("manager");
    const auto day = busy.column<std::int32_t>("day");
    const auto begin = busy.column<std::int32_t>("from");
    const auto end = busy.column<std::int32_t>("to");
    for (std::size_t k = 0; k < whose.size(); ++k) managers.at(whose[k]).busy.push_back({day[k], {begin[k], end[k]}});
    return managers;
}

std::vector<custfolio::Anchored> customers_of(const py::dict& columns) {
    const Table table(columns, "customer");
    const auto customer = table.positions("customer");
    const auto manager = table.positions("manager");
    const auto months = table.column<std::int32_t>("months");
    const auto days = table.column<std::int32_t>("days");
    const auto last_review = table.column<std::int32_t>("last_review");
    const auto value = table.column<double>("value");
    const auto least_gap = table.column<std::int32_t>("least_gap");
    const auto greatest_gap = table.column<std::int32_t>("greatest_gap");
    const auto minutes = table.column<std::int32_t>("minutes");
    const auto second = table.positions("second");
    const auto group = table.positions("group");
    const auto until = table.column<std::int32_t>("until");
    const auto handover_to = table.positions("handover_to");
    const auto handover_on = table.column<std::int32_t>("handover_on");
    std::vector<custfolio::Anchored> customers;
    customers.reserve(table.size());
    for (std::size_t i = 0; i < table.size(); ++i) {
        customers.push_back({customer[i],
                             manager[i],
                             {months[i], days[i]},
                             last_review[i],
                             value[i],
                             least_gap[i],
                             greatest_gap[i],
                             minutes[i],
                             second[i],
                             group[i],
                             until[i],
                             handover_to[i],
                             handover_on[i]});
    }
    return customers;
}

std::vector<Appointment> appointments_of(const py::dict& columns) {
    const Table table(columns, "customer");
    const auto customer = table.positions("customer");
    const auto manager = table.positions("manager");
    const auto day = table.column<std::int32_t>("day");
    const auto due = table.column<std::int32_t>("due");
    const auto start = table.column<std::int32_t>("start");
    const auto minutes = table.column<std::int32_t>("minutes");
    const auto number = table.column<std::int32_t>("number");
    const auto second = table.positions("second");
    const auto months = table.column<std::int32_t>("months");
    const auto days = table.column<std::int32_t>("days");
    const auto state = table.column<std::int32_t>("state");
    std::vector<Appointment> fixed;
    fixed.reserve(table.size());
    for (std::size_t k = 0; k < table.size(); ++k) {
        fixed.push_back({customer[k],
                         manager[k],
                         day[k],
                         due[k],
                         true,
                         start[k],
                         minutes[k],
                         number[k],
                         second[k],
                         {months[k], days[k]},
                         static_cast<custfolio::AppointmentState>(state[k])});
    }
    return fixed;
}

std::vector<custfolio::CustomerSite> sites_of(const py::dict& columns) {
    const Table table(columns, "customer");
    const auto customer = table.positions("customer");
    const auto weekdays = table.column<std::uint8_t>("weekdays");
    const auto weeks = table.column<std::uint8_t>("weeks");
    const auto open_part = table.column<std::int32_t>("open_part");
    const auto preferred_weekdays = table.column<std::uint8_t>("preferred_weekdays");
    const auto preferred_weeks = table.column<std::uint8_t>("preferred_weeks");
    const auto part = table.column<std::int32_t>("part");
    const auto latitude = table.column<double>("latitude");
    const auto longitude = table.column<double>("longitude");
    std::vector<custfolio::CustomerSite> sites;
    for (std::size_t k = 0; k < table.size(); ++k) {
        sites.push_back({customer[k],
                         {weekdays[k], weeks[k]},
                         static_cast<custfolio::PartOfDay>(open_part[k]),
                         {preferred_weekdays[k], preferred_weeks[k]},
                         static_cast<custfolio::PartOfDay>(part[k]),
                         {},
                         latitude[k],
                         longitude[k]});
    }
    const Table closed(columns["closed"], "site");
    const auto site = closed.positions("site");
    const auto first = closed.column<std::int32_t>("first");
    const auto last = closed.column<std::int32_t>("last");
    for (std::size_t k = 0; k < site.size(); ++k) sites.at(site[k]).closed.push_back({first[k], last[k]});
    return sites;
}

std::int64_t index_of(std::size_t position) {
    return position == std::numeric_limits<std::size_t>::max() ? -1 : static_cast<std::int64_t>(position);
}

py::dict columns_of(const std::vector<Appointment>& made) {
    py::dict columns;
    columns["customer"] = numbers(made, [](const Appointment& one) { return index_of(one.customer); });
    columns["manager"] = numbers(made, [](const Appointment& one) { return index_of(one.manager); });
    columns["day"] = numbers(made, &Appointment::day);
    columns["due"] = numbers(made, &Appointment::due);
    columns["fixed"] =
        numbers(made, [](const Appointment& one) { return std::uint8_t{one.fixed}; }).attr("view")("bool");
    columns["start"] = numbers(made, &Appointment::start);
    columns["minutes"] = numbers(made, &Appointment::minutes);
    columns["number"] = numbers(made, &Appointment::number);
    columns["second"] = numbers(made, [](const Appointment& one) { return index_of(one.second); });
    columns["months"] = numbers(made, [](const Appointment& one) { return one.interval.months; });
    columns["days"] = numbers(made, [](const Appointment& one) { return one.interval.days; });
    return columns;
}

py::dict columns_of(const std::vector<custfolio::UnplacedReview>& left) {
    using Left = custfolio::UnplacedReview;
    py::dict columns;
    columns["customer"] = numbers(left, [](const Left& one) { return index_of(one.review.customer); });
    columns["manager"] = numbers(left, [](const Left& one) { return index_of(one.review.manager); });
    columns["due"] = numbers(left, [](const Left& one) { return one.review.due; });
    columns["value"] = numbers(left, [](const Left& one) { return one.review.value; });
    columns["reason"] = texts(left, &Left::reason);
    columns["tolerance_days"] = numbers(left, &Left::tolerance_days);
    columns["other_manager"] = numbers(left, [](const Left& one) { return index_of(one.other_manager); });
    columns["other_day"] = numbers(left, &Left::other_day);
    return columns;
}

py::dict columns_of(const std::vector<custfolio::ManagerResult>& results) {
    using Result = custfolio::ManagerResult;
    py::dict columns;
    columns["placed"] = numbers(results, &Result::placed);
    columns["unplaced"] = numbers(results, &Result::unplaced);
    columns["value"] = numbers(results, &Result::value);
    columns["bound"] = numbers(results, &Result::bound);
    columns["deviation"] = numbers(results, &Result::deviation);
    columns["deviation_bound"] = numbers(results, &Result::deviation_bound);
    columns["day_value"] = numbers(results, &Result::day_value);
    columns["best_day"] = numbers(results, &Result::best_day);
    columns["days_needed"] = numbers(results, &Result::days_needed);
    return columns;
}

py::dict columns_of(const std::vector<custfolio::AgendaNote>& notes) {
    using Note = custfolio::AgendaNote;
    py::dict columns;
    columns["customer"] = numbers(notes, [](const Note& one) { return index_of(one.customer); });
    columns["manager"] = numbers(notes, [](const Note& one) { return index_of(one.manager); });
    columns["day"] = numbers(notes, &Note::day);
    columns["text"] = texts(notes, &Note::text);
    return columns;
}

py::dict columns_of(const std::vector<custfolio::MonthlyCapacity>& capacity) {
    using Row = custfolio::MonthlyCapacity;
    py::dict columns;
    columns["manager"] = numbers(capacity, [](const Row& one) { return index_of(one.manager); });
    columns["month"] = numbers(capacity, [](const Row& one) { return one.month.index(); });
    columns["reviews_needed"] = numbers(capacity, &Row::reviews_needed);
    columns["reviews_available"] = numbers(capacity, &Row::reviews_available);
    columns["hours_needed"] = numbers(capacity, &Row::hours_needed);
    columns["hours_available"] = numbers(capacity, &Row::hours_available);
    return columns;
}

py::dict columns_of(const std::vector<custfolio::CadenceChange>& changes) {
    using Change = custfolio::CadenceChange;
    py::dict columns;
    columns["customer"] = numbers(changes, [](const Change& one) { return index_of(one.customer); });
    columns["agreed_months"] = numbers(changes, [](const Change& one) { return one.agreed.months; });
    columns["agreed_days"] = numbers(changes, [](const Change& one) { return one.agreed.days; });
    columns["wanted_months"] = numbers(changes, [](const Change& one) { return one.wanted.months; });
    columns["wanted_days"] = numbers(changes, [](const Change& one) { return one.wanted.days; });
    columns["reviews"] = numbers(changes, &Change::reviews);
    columns["needed"] = numbers(changes, &Change::needed);
    return columns;
}

std::vector<Interval> intervals_of(const Days& months, const Days& days) {
    const auto in_months = span_of(months, "months");
    const auto in_days = span_of(days, "days", in_months.size());
    std::vector<Interval> intervals;
    intervals.reserve(in_months.size());
    for (std::size_t k = 0; k < in_months.size(); ++k) intervals.push_back({in_months[k], in_days[k]});
    return intervals;
}

py::tuple arrays_of(const std::vector<Interval>& intervals) {
    return py::make_tuple(numbers(intervals, &Interval::months), numbers(intervals, &Interval::days));
}

py::dict plan_reviews(const py::dict& customers, const py::dict& managers, const py::dict& fixed, const py::dict& sites,
                      const Days& working_days, DayNumber first, DayNumber last, int tolerance_days,
                      int preference_days, double slack, unsigned threads) {
    const auto anchored = customers_of(customers);
    const auto people = managers_of(managers);
    const auto agreed = appointments_of(fixed);
    const auto places = sites_of(sites);
    const auto open = span_of(working_days, "working_days");
    custfolio::Agenda agenda;
    std::vector<custfolio::MonthlyCapacity> capacity;
    std::vector<custfolio::CadenceChange> changes;
    {
        const py::gil_scoped_release released;
        const custfolio::Period horizon{first, last};
        const auto reviews = custfolio::due_reviews(anchored, horizon, agreed, tolerance_days);
        capacity = custfolio::monthly_capacity(reviews, people, open, agreed);
        changes = custfolio::cadence_changes(anchored, horizon, agreed);
        agenda =
            custfolio::plan_agenda(reviews, people, open, agreed,
                                   {.preference_days = preference_days, .slack = slack, .threads = threads}, places);
    }
    py::dict result;
    result["appointments"] = columns_of(agenda.appointments);
    result["unplaced"] = columns_of(agenda.unplaced);
    result["managers"] = columns_of(agenda.managers);
    result["notes"] = columns_of(agenda.notes);
    result["capacity"] = columns_of(capacity);
    result["cadence_changes"] = columns_of(changes);
    result["gap"] = agenda.gap();
    return result;
}

}  // namespace

void bind_anchoring(py::module_& module) {
    const custfolio::Hours whole_day{};
    module.attr("default_hours") = py::make_tuple(whole_day.from, whole_day.to);
    module.attr("never_reviewed") = custfolio::never_reviewed;
    module.attr("no_review_limit") = custfolio::no_review_limit;
    module.def(
        "after",
        [](DayNumber day, int months, int days, int times) { return custfolio::after(day, {months, days}, times); },
        py::arg("day"), py::arg("months"), py::arg("days"), py::arg("times") = 1,
        "A day (days since 1970-01-01) some intervals of calendar months or days later.");
    module.def(
        "longest_days", [](int months, int days) { return custfolio::longest_days({months, days}); }, py::arg("months"),
        py::arg("days"), "Most days that an interval of calendar months or days can last.");

    module.def(
        "reviews_per_year",
        [](const Days& months, const Days& days) {
            return numbers(intervals_of(months, days), [](Interval each) { return custfolio::reviews_per_year(each); });
        },
        py::arg("months"), py::arg("days"), "Reviews per year of intervals of calendar months or days.");
    module.def(
        "cadence_by_rule",
        [](const Days& months, const Days& days, const py::list& rules) {
            std::vector<Doubles> figures;
            std::vector<custfolio::CadenceRule> list;
            for (const py::handle& rule : rules) {
                const auto part = py::cast<py::tuple>(rule);
                figures.push_back(py::cast<Doubles>(part[0]));
                list.push_back({span_of(figures.back(), "figure"),
                                py::cast<double>(part[1]),
                                py::cast<double>(part[2]),
                                {py::cast<int>(part[3]), py::cast<int>(part[4])}});
            }
            return arrays_of(custfolio::cadence_by_rule(intervals_of(months, days), list));
        },
        py::arg("months"), py::arg("days"), py::arg("rules"),
        "Months and days of each customer's interval: of the first rule (figures, least, greatest, months, days) that "
        "it meets, else its own.");
    module.def(
        "heat_at_stake",
        [](const Doubles& contribution, const Doubles& revenue, double target) {
            return to_array(
                custfolio::heat_at_stake(span_of(contribution, "contribution"), span_of(revenue, "revenue"), target));
        },
        py::arg("contribution"), py::arg("revenue"), py::arg("target"),
        "Priority of each customer: the heat that a review can keep or win, above 0.");
    module.def(
        "working_days",
        [](DayNumber first, DayNumber last, const Days& holidays) {
            return to_array(custfolio::working_days({first, last}, span_of(holidays, "holidays")));
        },
        py::arg("first"), py::arg("last"), py::arg("holidays"), "Days from Monday to Friday without the holidays.");
    module.def(
        "working_days_before",
        [](const Days& days, int before, const Days& working_days) {
            return to_array(
                custfolio::working_days_before(span_of(days, "days"), before, span_of(working_days, "working_days")));
        },
        py::arg("days"), py::arg("before"), py::arg("working_days"),
        "The working day so many working days before each day.");
    module.def(
        "assign_managers",
        [](const Doubles& load, const py::dict& managers, const Indices& given, const Indices& group) {
            const auto groups = span_of(group, "group");
            const auto assigned =
                custfolio::assign_managers(span_of(load, "load"), managers_of(managers), span_of(given, "given"),
                                           std::vector<std::size_t>(groups.begin(), groups.end()));
            return numbers(assigned, index_of);
        },
        py::arg("load"), py::arg("managers"), py::arg("given"), py::arg("group"),
        "Position of the manager of each customer: `given` where it is not -1, else the one with the least load.");
    module.def(
        "visiting_order",
        [](const Doubles& latitude, const Doubles& longitude) {
            return numbers(custfolio::visiting_order(span_of(latitude, "latitude"), span_of(longitude, "longitude")),
                           index_of);
        },
        py::arg("latitude"), py::arg("longitude"), "Positions of places in the shortest order to visit them.");
    module.def("plan_reviews", &plan_reviews, py::arg("customers"), py::arg("managers"), py::arg("fixed"),
               py::arg("sites"), py::kw_only(), py::arg("working_days"), py::arg("first"), py::arg("last"),
               py::arg("tolerance_days"), py::arg("preference_days"), py::arg("slack"), py::arg("threads"),
               "Due reviews of the customers, placed in the agenda: tables as columns by name.");
}
