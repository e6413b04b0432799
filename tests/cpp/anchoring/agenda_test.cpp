// Tests of the agenda: capacity, nearest free day, who gives way, what is fixed stays, planning twice changes nothing.
#include "custfolio/anchoring/agenda.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/random.hpp"

using namespace custfolio;

namespace {

std::vector<DayNumber> working(DayNumber first, DayNumber last) {
    std::vector<DayNumber> days;
    for (DayNumber d = first; d <= last; ++d) {
        if ((d + 3) % 7 < 5) days.push_back(d);  // 1970-01-01 was a Thursday: 3 days after Monday
    }
    return days;
}

// What plan_agenda promises, with plain counting: the slow twin.
std::vector<Appointment> slow_agenda(std::vector<Review> reviews, const std::vector<Manager>& managers,
                                     const std::vector<DayNumber>& days, const std::vector<Appointment>& fixed,
                                     int tolerance) {
    std::vector<Appointment> result = fixed;
    for (Appointment& appointment : result) appointment.fixed = true;
    for (const Appointment& appointment : fixed) {
        const auto answered = std::find_if(reviews.begin(), reviews.end(), [&](const Review& review) {
            return review.customer == appointment.customer && review.due == appointment.due;
        });
        if (answered != reviews.end()) reviews.erase(answered);
    }
    std::stable_sort(reviews.begin(), reviews.end(), [](const Review& a, const Review& b) {
        return std::tuple(-a.value, a.due, a.customer) < std::tuple(-b.value, b.due, b.customer);
    });
    for (const Review& review : reviews) {
        const DayNumber* best = nullptr;
        for (const DayNumber& day : days) {
            if (std::abs(day - review.due) > tolerance) continue;
            const auto load = std::count_if(result.begin(), result.end(), [&](const Appointment& a) {
                return a.manager == review.manager && a.day == day;
            });
            if (load >= managers[review.manager].reviews_per_day) continue;
            if (std::any_of(result.begin(), result.end(),
                            [&](const Appointment& a) { return a.customer == review.customer && a.day == day; })) {
                continue;
            }
            if (best == nullptr || std::abs(day - review.due) < std::abs(*best - review.due)) best = &day;
        }
        if (best == nullptr) continue;
        int slot = 0;
        while (std::any_of(result.begin(), result.end(), [&](const Appointment& a) {
            return a.manager == review.manager && a.day == *best && a.slot == slot;
        })) {
            ++slot;
        }
        result.push_back({review.customer, review.manager, *best, review.due, false, slot});
    }
    std::sort(result.begin(), result.end(), [](const Appointment& a, const Appointment& b) {
        return std::tuple(a.day, a.manager, a.slot, a.customer, a.due) <
               std::tuple(b.day, b.manager, b.slot, b.customer, b.due);
    });
    return result;
}

std::vector<Appointment> without_flags(std::vector<Appointment> appointments) {
    for (Appointment& appointment : appointments) appointment.fixed = false;
    return appointments;
}

}  // namespace

TEST_CASE("the more valuable customer keeps its day, the other moves to the nearest") {
    const std::vector<Manager> managers{{"m", 1}};
    const std::vector<DayNumber> days = working(18995, 19030);  // from Monday 2022-01-03
    const DayNumber monday = 18995 + 7;
    const std::vector<Review> reviews{{0, 0, monday, 1.0}, {1, 0, monday, 2.0}, {2, 0, monday, 0.5}};
    const Agenda agenda = plan_agenda(reviews, managers, days, {}, 10);
    REQUIRE(agenda.appointments.size() == 3);
    CHECK(agenda.unplaced.empty());
    CHECK(agenda.appointments[0] == Appointment{1, 0, monday, monday, false, 0});
    CHECK(agenda.appointments[1] == Appointment{0, 0, monday + 1, monday, false, 0});
    CHECK(agenda.appointments[2] == Appointment{2, 0, monday + 2, monday, false, 0});  // 2 days; Friday is 3 away
}

TEST_CASE("a due date on a weekend goes to the nearest working day, the earlier of two") {
    const std::vector<Manager> managers{{"m", 4}};
    const std::vector<DayNumber> days{100, 104};
    const std::vector<Review> reviews{{0, 0, 102, 0.0}, {1, 0, 103, 0.0}};
    const Agenda agenda = plan_agenda(reviews, managers, days, {}, 5);
    CHECK(agenda.appointments[0].day == 100);
    CHECK(agenda.appointments[1].day == 104);
}

TEST_CASE("what has no place is listed with its reason") {
    const std::vector<Manager> managers{{"Ann", 0}, {"Bob", 1}};
    const std::vector<DayNumber> days{19058};
    const std::vector<Review> reviews{{0, 0, 19058, 1.0}, {1, 1, 19058, 1.0}, {2, 1, 19058, 0.5}, {3, 1, 19100, 9.0}};
    const Agenda agenda = plan_agenda(reviews, managers, days, {}, 14);
    CHECK(agenda.appointments.size() == 1);
    REQUIRE(agenda.unplaced.size() == 3);
    CHECK(agenda.unplaced[0].reason == "manager 'Ann' has no free working day within 14 days of 2022-03-07");
    CHECK(agenda.unplaced[1].review.customer == 2);
    CHECK(agenda.unplaced[2].review.customer == 3);
}

TEST_CASE("fixed appointments stay, on a holiday and beyond capacity too, and take their share") {
    const std::vector<Manager> managers{{"m", 1}};
    const std::vector<DayNumber> days{100, 101, 102};
    const std::vector<Appointment> fixed{
        {0, 0, 100, 100, false, 3}, {1, 0, 100, 100, false, 0}, {2, 0, 99, 99, true, 0}};
    const std::vector<Review> reviews{{0, 0, 100, 0.0}, {7, 0, 100, 0.0}, {8, 0, 99, 0.0}};
    const Agenda agenda = plan_agenda(reviews, managers, days, fixed, 5);
    REQUIRE(agenda.appointments.size() == 5);
    CHECK(agenda.appointments[0] == Appointment{2, 0, 99, 99, true, 0});
    CHECK(agenda.appointments[1] == Appointment{1, 0, 100, 100, true, 0});
    CHECK(agenda.appointments[2] == Appointment{0, 0, 100, 100, true, 3});
    CHECK(agenda.appointments[3] == Appointment{8, 0, 101, 99, false, 0});
    CHECK(agenda.appointments[4] == Appointment{7, 0, 102, 100, false, 0});
}

TEST_CASE("a customer is not seen twice on one day") {
    const std::vector<Manager> managers{{"m", 4}};
    const std::vector<DayNumber> days{100, 101, 102};
    const std::vector<Review> reviews{{0, 0, 101, 0.0}, {0, 0, 101, 0.0}, {0, 0, 101, 0.0}};
    const Agenda agenda = plan_agenda(reviews, managers, days, {}, 5);
    std::set<DayNumber> seen;
    for (const Appointment& appointment : agenda.appointments) seen.insert(appointment.day);
    CHECK(seen.size() == 3);
}

TEST_CASE("random agendas: as the slow twin, within capacity, and the same when planned twice") {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        std::uint64_t draw = 0;
        const auto number = [&](int below) { return static_cast<int>(below * math::uniform(seed, 0, draw++)); };
        const Period horizon{18993, 18993 + 364};
        const std::vector<DayNumber> days = working(horizon.first, horizon.last);
        const std::vector<Manager> managers{{"a", number(3)}, {"b", 1}, {"c", 3}};
        std::vector<Anchored> customers;
        const int count = 20 + number(120);
        for (int i = 0; i < count; ++i) {
            const std::vector<Interval> intervals{{3, 0}, {6, 0}, {12, 0}, {0, 45}};
            const DayNumber last = number(3) == 0 ? never_reviewed : horizon.first - number(300);
            customers.push_back({static_cast<std::size_t>(i), static_cast<std::size_t>(number(3)),
                                 intervals[static_cast<std::size_t>(number(4))], last, static_cast<double>(number(5))});
        }
        const int tolerance = number(20);
        const std::vector<Review> reviews = due_reviews(customers, horizon);
        const Agenda agenda = plan_agenda(reviews, managers, days, {}, tolerance);
        CHECK(agenda.appointments == slow_agenda(reviews, managers, days, {}, tolerance));
        CHECK(agenda.appointments.size() + agenda.unplaced.size() == reviews.size());
        std::map<std::pair<std::size_t, DayNumber>, int> load;
        for (const Appointment& a : agenda.appointments) {
            CHECK(++load[{a.manager, a.day}] <= managers[a.manager].reviews_per_day);
            CHECK(std::abs(a.day - a.due) <= tolerance);
            CHECK(std::binary_search(days.begin(), days.end(), a.day));
            CHECK(a.slot < managers[a.manager].reviews_per_day);
        }

        // planning twice
        const std::vector<Review> again = due_reviews(customers, horizon, agenda.appointments);
        const Agenda twice = plan_agenda(again, managers, days, agenda.appointments, tolerance);
        CHECK(without_flags(twice.appointments) == agenda.appointments);
        CHECK(twice.unplaced.size() == agenda.unplaced.size());

        // a part fixed: it stays, the rest is as the slow twin says
        std::vector<Appointment> part;
        for (const Appointment& a : agenda.appointments) {
            if (number(2) == 0) part.push_back(a);
        }
        const std::vector<Review> due = due_reviews(customers, horizon, part);
        const Agenda partly = plan_agenda(due, managers, days, part, tolerance);
        CHECK(partly.appointments == slow_agenda(due, managers, days, part, tolerance));
        for (Appointment a : part) {
            a.fixed = true;
            CHECK(std::count(partly.appointments.begin(), partly.appointments.end(), a) == 1);
        }

        // a month later: nothing that was anchored moves, nobody is asked twice
        const Period later{horizon.first + 31, horizon.last + 31};
        const std::vector<DayNumber> later_days = working(later.first, later.last);
        const Agenda rolled = plan_agenda(due_reviews(customers, later, agenda.appointments), managers, later_days,
                                          agenda.appointments, tolerance);
        for (Appointment a : agenda.appointments) {
            a.fixed = true;
            CHECK(std::count(rolled.appointments.begin(), rolled.appointments.end(), a) == 1);
            for (const Appointment& other : rolled.appointments) {
                if (!other.fixed && other.customer == a.customer) CHECK(std::abs(other.due - a.due) >= 45 / 2);
            }
        }
    }
}

TEST_CASE("managers: those given stay, the others share the load by capacity") {
    const std::vector<Manager> managers{{"a", 1}, {"b", 3}, {"idle", 0}};
    const std::vector<double> load(40, 4.0);
    std::vector<std::int64_t> given(40, no_manager);
    given[39] = 0;
    const std::vector<std::size_t> assigned = assign_managers(load, managers, given);
    CHECK(assigned[39] == 0);
    CHECK(std::count(assigned.begin(), assigned.end(), std::size_t{0}) == 10);
    CHECK(std::count(assigned.begin(), assigned.end(), std::size_t{1}) == 30);
    CHECK(assign_managers(load, managers, given) == assigned);
    const std::vector<std::int64_t> wrong(40, 3);
    CHECK_THROWS_WITH_AS(assign_managers(load, managers, wrong),
                         "customer at position 0 names manager 3 (0-based); there are 3", InputError);
    CHECK_THROWS_AS(assign_managers(load, {}, given), InputError);
    const std::vector<double> bad(40, -1.0);
    CHECK_THROWS_WITH_AS(assign_managers(bad, managers, given),
                         "customer at position 0: load is -1; it must be 0 or more", InputError);
}

TEST_CASE("bad managers, days and appointments are named") {
    const std::vector<Manager> managers{{"m", 1}};
    const std::vector<DayNumber> days{100, 101};
    const std::vector<Review> stranger{{0, 1, 100, 0.0}};
    CHECK_THROWS_WITH_AS(plan_agenda(stranger, managers, days, {}, 5),
                         "the review of customer 0 due on 1970-04-11 names manager 1 (0-based); there are 1",
                         InputError);
    const std::vector<Manager> twice{{"m", 1}, {"m", 1}};
    CHECK_THROWS_WITH_AS(plan_agenda({}, twice, days, {}, 5), "manager 'm' is listed twice; identities are unique",
                         InputError);
    const std::vector<Manager> negative{{"m", -1}};
    CHECK_THROWS_AS(plan_agenda({}, negative, days, {}, 5), InputError);
    const std::vector<DayNumber> backwards{101, 100};
    CHECK_THROWS_WITH_AS(plan_agenda({}, managers, backwards, {}, 5),
                         "working day 1970-04-11 follows 1970-04-12; working days must be strictly increasing",
                         InputError);
    CHECK_THROWS_AS(plan_agenda({}, managers, days, {}, -1), InputError);
    const std::vector<Review> worthless{{0, 0, 100, std::numeric_limits<double>::infinity()}};
    CHECK_THROWS_AS(plan_agenda(worthless, managers, days, {}, 5), InputError);
    const std::vector<Appointment> nowhere{{0, 4, 100, 100, true, 0}};
    CHECK_THROWS_AS(plan_agenda({}, managers, days, nowhere, 5), InputError);
    const std::vector<Appointment> slot{{0, 0, 100, 100, true, -1}};
    CHECK_THROWS_AS(plan_agenda({}, managers, days, slot, 5), InputError);
}

TEST_CASE("agenda: working days are weekdays without holidays") {
    const DayNumber monday = 19'002;  // 2022-01-10
    const std::vector<DayNumber> holidays{monday + 2};
    const std::vector<DayNumber> expected{monday - 3, monday, monday + 1, monday + 3, monday + 4};
    CHECK(working_days({monday - 3, monday + 6}, holidays) == expected);
    CHECK(working_days({5, 4}).empty());
}
