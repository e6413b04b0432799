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
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/geography.hpp"
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

Review review_of(std::size_t customer, std::size_t manager, DayNumber due, double value, int tolerance) {
    return {.customer = customer,
            .manager = manager,
            .due = due,
            .value = value,
            .window = {due - tolerance, due + tolerance}};
}

Appointment agreed(std::size_t customer, DayNumber on, int start = no_time) {
    return {.customer = customer, .manager = 0, .day = on, .due = on, .fixed = true, .start = start};
}

// Every review on the nearest day with room, the greatest value first: what a planner without a flow does.
double greedy_value(std::vector<Review> reviews, const std::vector<Manager>& managers,
                    const std::vector<DayNumber>& days) {
    std::stable_sort(reviews.begin(), reviews.end(),
                     [](const Review& a, const Review& b) { return a.value > b.value; });
    std::map<std::pair<std::size_t, DayNumber>, int> load;
    std::map<std::pair<std::size_t, DayNumber>, int> week;
    std::map<std::size_t, std::vector<DayNumber>> seen;
    double value = 0;
    for (const Review& review : reviews) {
        const DayNumber* best = nullptr;
        for (const DayNumber& day : days) {
            if (!review.window.contains(day)) continue;
            if (load[{review.manager, day}] >= managers[review.manager].reviews_per_day) continue;
            if (week[{review.manager, (day + 3) / 7}] >= managers[review.manager].reviews_per_week) continue;
            const auto& own = seen[review.customer];
            if (std::any_of(own.begin(), own.end(),
                            [&](DayNumber other) { return std::abs(other - day) < review.least_gap; })) {
                continue;
            }
            if (best == nullptr || std::abs(day - review.due) < std::abs(*best - review.due)) best = &day;
        }
        if (best == nullptr) continue;
        ++load[{review.manager, *best}];
        ++week[{review.manager, (*best + 3) / 7}];
        seen[review.customer].push_back(*best);
        value += review.value;
    }
    return value;
}

std::vector<Appointment> without_flags(std::vector<Appointment> appointments) {
    for (Appointment& appointment : appointments) appointment.fixed = false;
    return appointments;
}

std::vector<DayNumber> days_by_customer(const Agenda& agenda) {
    std::vector<std::pair<std::size_t, DayNumber>> found;
    for (const Appointment& each : agenda.appointments) found.emplace_back(each.customer, each.day);
    std::sort(found.begin(), found.end());
    std::vector<DayNumber> days;
    for (const auto& [customer, day] : found) days.push_back(day);
    return days;
}

constexpr DayNumber monday = 18995 + 7;  // 2022-01-10

}  // namespace

TEST_CASE("the more valuable customer keeps its day, the others move as little as possible") {
    const std::vector<Manager> managers{{"m", 1}};
    const std::vector<DayNumber> days = working(18995, 19030);
    const std::vector<Review> reviews{review_of(0, 0, monday, 1.0, 10), review_of(1, 0, monday, 2.0, 10),
                                      review_of(2, 0, monday, 0.5, 10)};
    const Agenda agenda = plan_agenda(reviews, managers, days);
    CHECK(agenda.unplaced.empty());
    CHECK(agenda.gap() == 0.0);
    CHECK(days_by_customer(agenda) == std::vector<DayNumber>{monday + 1, monday, monday + 2});
    CHECK(agenda.managers[0].deviation == doctest::Approx(2.0));
    for (const Appointment& each : agenda.appointments) {
        CHECK(each.start == 9 * 60);
        CHECK(each.number == 1);
    }
}

TEST_CASE("who has one day only gets it, though a more valuable customer was nearest to it") {
    const std::vector<Manager> managers{{"m", 1}};
    const std::vector<DayNumber> days{monday, monday + 1};
    const std::vector<Review> reviews{review_of(0, 0, monday, 9.0, 3), review_of(1, 0, monday, 1.0, 0)};
    const Agenda agenda = plan_agenda(reviews, managers, days);
    CHECK(days_by_customer(agenda) == std::vector<DayNumber>{monday + 1, monday});
}

TEST_CASE("what has no place is listed with its reason and the smallest remedy") {
    const std::vector<Manager> managers{{"Ann", 0}, {"Bob", 1}};
    const std::vector<DayNumber> days{19058, 19070};
    const std::vector<Review> reviews{review_of(0, 0, 19058, 1.0, 5), review_of(1, 1, 19058, 1.0, 5),
                                      review_of(2, 1, 19058, 0.5, 5), review_of(3, 1, 19100, 9.0, 5)};
    const Agenda agenda = plan_agenda(reviews, managers, days);
    CHECK(agenda.appointments.size() == 1);
    REQUIRE(agenda.unplaced.size() == 3);
    CHECK(agenda.unplaced[0].reason == "manager 'Ann' has no free working day from 2022-03-02 to 2022-03-12");
    CHECK(agenda.unplaced[0].tolerance_days == -1);
    CHECK(agenda.unplaced[0].other_manager == nobody_else);
    CHECK(agenda.unplaced[1].review.customer == 2);
    CHECK(agenda.unplaced[1].tolerance_days == 12);
    CHECK(agenda.unplaced[2].reason == "there is no working day from 2022-04-13 to 2022-04-23");
    CHECK(agenda.unplaced[2].tolerance_days == 30);
    const std::vector<Review> wide{review_of(0, 0, 19065, 1.0, 6)};
    const Agenda other = plan_agenda(wide, managers, days);
    CHECK(other.unplaced[0].other_manager == 1);
    CHECK(other.unplaced[0].other_day == 19070);
}

TEST_CASE("fixed appointments stay, on a holiday and beyond capacity too, take their share and are noted") {
    const std::vector<Manager> managers{{"m", 1}};
    const std::vector<DayNumber> days{100, 101, 103};
    const std::vector<Appointment> fixed{agreed(0, 100, 600), agreed(1, 100, 630), agreed(2, 102)};
    const std::vector<Review> reviews{review_of(7, 0, 100, 1.0, 5), review_of(8, 0, 99, 2.0, 5)};
    const Agenda agenda = plan_agenda(reviews, managers, days, fixed);
    REQUIRE(agenda.appointments.size() == 5);
    for (const Appointment& each : agenda.appointments) {
        if (each.customer == 0) CHECK(each == Appointment{0, 0, 100, 100, true, 600, 60, 1, no_second, {}});
        if (each.customer == 1) CHECK(each.start == 630);
        if (each.customer == 2) CHECK(each.day == 102);
        if (each.customer == 7) CHECK(each.day == 103);
        if (each.customer == 8) CHECK(each.day == 101);
    }
    REQUIRE(agenda.notes.size() == 3);
    CHECK(agenda.notes[0].text == "the agreed day has more reviews than the manager's 1");
    CHECK(agenda.notes[1].customer == 1);
    CHECK(agenda.notes[2].text == "the agreed day is no working day");
}

TEST_CASE("the least gap wins over the due date") {
    const std::vector<Manager> managers{{"m", 4}};
    const std::vector<DayNumber> days{100, 101, 102, 103, 104, 105, 106, 107};
    std::vector<Review> reviews(3, review_of(0, 0, 103, 1.0, 5));
    for (Review& review : reviews) review.least_gap = 3;
    const Agenda agenda = plan_agenda(reviews, managers, days);
    REQUIRE(agenda.appointments.size() == 3);
    for (std::size_t k = 1; k < 3; ++k) CHECK(agenda.appointments[k].day - agenda.appointments[k - 1].day >= 3);
    const std::vector<Appointment> fixed{agreed(0, 102)};
    const Agenda beside = plan_agenda(std::span(reviews).first(1), managers, days, fixed);
    CHECK(std::abs(beside.appointments[1].day - beside.appointments[0].day) == 3);
}

TEST_CASE("managers' days, absences, busy times and hours; customers' days and parts of the day") {
    std::vector<Manager> managers{{.id = "m", .reviews_per_day = 8, .hours = Hours{540, 720}}};
    managers[0].days.weekdays = 0x0f;  // Monday to Thursday
    managers[0].absences = {{monday, monday + 1}};
    managers[0].busy = {{monday + 2, {540, 660}}};
    const std::vector<DayNumber> days = working(monday, monday + 8);
    std::vector<Review> reviews;
    for (std::size_t k = 0; k < 5; ++k) reviews.push_back(review_of(k, 0, monday, 5.0 - static_cast<double>(k), 8));
    std::vector<CustomerSite> sites(2);
    sites[0].customer = 0;
    sites[0].preferred.weekdays = 0x08;  // Thursday
    sites[1].customer = 1;
    sites[1].open = {0x01, 0x04};  // the third Monday
    const Agenda agenda = plan_agenda(reviews, managers, days, {}, {}, sites);
    CHECK(agenda.unplaced.empty());
    const std::vector<DayNumber> expected{monday + 3, monday + 7, monday + 2, monday + 3, monday + 3};
    CHECK(days_by_customer(agenda) == expected);
    std::set<std::pair<DayNumber, int>> starts;
    for (const Appointment& each : agenda.appointments) {
        CHECK(each.start >= (each.day == monday + 2 ? 660 : 540));
        CHECK(each.start + 60 <= 720);
        CHECK(starts.emplace(each.day, each.start).second);
    }
    sites[1].open.weeks = 0x20;  // the last Monday
    CHECK(plan_agenda(reviews, managers, days, {}, {}, sites).unplaced[0].reason ==
          "the customer can be visited on no working day from 2022-01-02 to 2022-01-18");
    managers[0].hours = Hours{540, 540};
    CHECK_THROWS_AS(plan_agenda(reviews, managers, days), InputError);
}

TEST_CASE("a day that is busy as a whole has no review, with and without working hours") {
    std::vector<Manager> managers{{.id = "m", .reviews_per_day = 1}};
    managers[0].busy = {{monday, {0, 1440}}};
    const std::vector<Review> reviews{review_of(0, 0, monday, 1.0, 1)};
    const std::vector<DayNumber> days{monday, monday + 1};
    CHECK(plan_agenda(reviews, managers, days).appointments[0].day == monday + 1);
    managers[0].hours = Hours{540, 1020};
    CHECK(plan_agenda(reviews, managers, days).appointments[0].day == monday + 1);
}

TEST_CASE("the part of the day") {
    const std::vector<Manager> managers{{.id = "m", .reviews_per_day = 3, .hours = Hours{540, 1020}}};
    std::vector<Review> reviews;
    for (std::size_t k = 0; k < 3; ++k) reviews.push_back(review_of(k, 0, monday, 3.0 - static_cast<double>(k), 0));
    std::vector<CustomerSite> sites(2);
    sites[0].part = PartOfDay::afternoon;
    sites[1].customer = 2;
    sites[1].part = PartOfDay::morning;
    const Agenda agenda = plan_agenda(reviews, managers, std::vector<DayNumber>{monday}, {}, {}, sites);
    REQUIRE(agenda.appointments.size() == 3);
    CHECK(agenda.appointments[0].customer == 2);
    CHECK(agenda.appointments[2].customer == 0);
    CHECK(agenda.appointments[2].start == 720);
}

TEST_CASE("without hours a manager works from nine to five, and reviews never overlap") {
    const std::vector<Manager> managers{{"m", 12}};
    std::vector<Review> reviews;
    for (std::size_t k = 0; k < 12; ++k) {
        reviews.push_back(review_of(k, 0, monday, 1.0, 0));
        reviews.back().minutes = 100;
    }
    const Agenda agenda = plan_agenda(reviews, managers, std::vector<DayNumber>{monday});
    REQUIRE(agenda.appointments.size() == 4);  // 480 minutes
    for (std::size_t k = 0; k < 4; ++k) CHECK(agenda.appointments[k].start == 540 + static_cast<int>(k) * 100);
    const auto capacity = monthly_capacity(reviews, managers, std::vector<DayNumber>{monday});
    CHECK(capacity[0].reviews_available == 4);
}

TEST_CASE("the part of the day that a customer requires is kept, or the review has no place") {
    const std::vector<Manager> managers{{"m", 8}};
    const std::vector<DayNumber> days{monday, monday + 1};
    std::vector<Review> reviews;
    std::vector<CustomerSite> sites;
    for (std::size_t k = 0; k < 5; ++k) {
        reviews.push_back(review_of(k, 0, monday, 5.0 - static_cast<double>(k), 1));
        sites.push_back({.customer = k, .open_part = PartOfDay::morning, .part = PartOfDay::afternoon});
    }
    const Agenda agenda = plan_agenda(reviews, managers, days, {}, {}, sites);
    CHECK(agenda.unplaced.empty());
    std::map<DayNumber, int> mornings;
    for (const Appointment& each : agenda.appointments) {
        CHECK(each.start + each.minutes <= 720);
        CHECK(++mornings[each.day] <= 3);
    }
    const std::vector<Manager> late{{.id = "m", .reviews_per_day = 8, .hours = Hours{780, 1020}}};
    const Agenda none = plan_agenda(reviews, late, days, {}, {}, sites);
    REQUIRE(none.unplaced.size() == 5);
    CHECK(none.unplaced[0].reason == "the hours of manager 'm' have no room for 60 minutes in the morning");
    CHECK(none.unplaced[0].tolerance_days == -1);
    CHECK(none.managers[0].bound == 0.0);
}

TEST_CASE("random days with parts of the day, lengths and busy times: nothing overlaps, all parts are kept") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        CAPTURE(seed);
        std::uint64_t draw = 0;
        const auto number = [&](int below) { return static_cast<int>(below * math::uniform(seed, 0, draw++)); };
        std::vector<Manager> managers{{"m", 1 + number(9)}};
        if (number(2) == 0) managers[0].hours = {500 + number(100), 800 + number(240)};
        const std::vector<DayNumber> days = working(monday, monday + 14);
        for (int k = 0; k < 4; ++k) {
            const int from = 500 + number(400);
            managers[0].busy.push_back({days[static_cast<std::size_t>(number(10))], {from, from + 30 + number(90)}});
        }
        std::vector<Review> reviews;
        std::vector<CustomerSite> sites;
        const bool alike = number(2) == 0;
        for (std::size_t k = 0; k < 40; ++k) {
            reviews.push_back(review_of(k, 0, monday + number(14), 1.0 + number(5), number(6)));
            reviews.back().minutes = alike ? 60 : 30 * (1 + number(4));
            sites.push_back({.customer = k, .open_part = static_cast<PartOfDay>(number(3))});
        }
        const Agenda agenda = plan_agenda(reviews, managers, days, {}, {}, sites);
        int free_from = 0;
        for (std::size_t k = 0; k < agenda.appointments.size(); ++k) {
            const Appointment& each = agenda.appointments[k];
            if (k == 0 || agenda.appointments[k - 1].day != each.day) free_from = managers[0].hours.from;
            const int end = each.start + each.minutes;
            CHECK(each.start >= free_from);
            CHECK(end <= managers[0].hours.to);
            free_from = end;
            if (sites[each.customer].open_part == PartOfDay::morning) CHECK(end <= 720);
            if (sites[each.customer].open_part == PartOfDay::afternoon) CHECK(each.start >= 720);
            for (const BusyTime& busy : managers[0].busy) {
                CHECK((busy.day != each.day || busy.hours.to <= each.start || end <= busy.hours.from));
            }
        }
    }
}

TEST_CASE("remedies work with all other appointments where they are, and reasons name what is in the way") {
    const std::vector<Manager> managers{{"m", 1}};
    const std::vector<DayNumber> days{monday, monday + 1, monday + 2, monday + 3};
    std::vector<Review> reviews{review_of(0, 0, monday, 9.0, 0), review_of(1, 0, monday, 7.0, 0),
                                review_of(2, 0, monday + 1, 8.0, 0)};
    const Agenda agenda = plan_agenda(reviews, managers, days);
    REQUIRE(agenda.unplaced.size() == 1);
    CHECK(agenda.unplaced[0].tolerance_days == 2);
    std::vector<CustomerSite> sites(1);
    sites[0].customer = 0;
    sites[0].open.weekdays = 0x02;  // Tuesday
    std::vector<Manager> mondays = managers;
    mondays[0].days.weekdays = 0x01;
    reviews = {review_of(0, 0, monday, 9.0, 3)};
    CHECK(plan_agenda(reviews, mondays, days, {}, {}, sites).unplaced[0].reason ==
          "manager 'm' works on none of the days on which the customer can be visited from 2022-01-07 to 2022-01-13");
}

TEST_CASE("one more day of a manager has its hours") {
    const std::vector<Manager> managers{{.id = "m", .reviews_per_day = 8, .hours = Hours{540, 780}}};
    std::vector<Review> reviews;
    for (std::size_t k = 0; k < 7; ++k) {
        reviews.push_back(review_of(k, 0, monday, 1.0, 0));
        reviews.back().minutes = 120;
    }
    const Agenda agenda = plan_agenda(reviews, managers, std::vector<DayNumber>{monday});
    CHECK(agenda.managers[0].placed == 2);
    CHECK(agenda.managers[0].day_value == 2.0);
    CHECK(agenda.managers[0].days_needed == 3);
}

TEST_CASE("a deleted appointment takes no time, and its number is not given again") {
    const std::vector<Manager> managers{{"m", 1}};
    Appointment deleted = agreed(0, monday, 540);
    deleted.number = 4;
    deleted.state = AppointmentState::deleted;
    const std::vector<Review> reviews{review_of(0, 0, monday, 1.0, 0)};
    const std::vector<DayNumber> days{monday};
    const Agenda agenda = plan_agenda(reviews, managers, days, std::vector{deleted});
    REQUIRE(agenda.appointments.size() == 1);
    CHECK(agenda.appointments[0].day == monday);
    CHECK(agenda.appointments[0].number == 5);
    CHECK(monthly_capacity({}, managers, days, std::vector{deleted})[0].reviews_needed == 0);
}

TEST_CASE("a meeting of two managers has one time that both have free") {
    std::vector<Manager> managers{{.id = "a", .reviews_per_day = 2, .hours = Hours{540, 720}},
                                  {.id = "b", .reviews_per_day = 2, .hours = Hours{540, 720}}};
    managers[0].busy = {{monday, {540, 600}}};
    managers[1].busy = {{monday, {660, 720}}};
    Review both = review_of(0, 0, monday, 5.0, 0);
    both.second = 1;
    const std::vector<Review> reviews{both, review_of(1, 0, monday, 9.0, 0), review_of(2, 1, monday, 1.0, 0)};
    const Agenda agenda = plan_agenda(reviews, managers, std::vector<DayNumber>{monday});
    REQUIRE(agenda.appointments.size() == 3);
    for (const Appointment& each : agenda.appointments) {
        CHECK(each.start == (each.customer == 0 ? 600 : each.customer == 1 ? 660 : 540));
    }
    Review later = both;
    later.customer = 3;
    const std::vector<Review> twice{both, later};
    CHECK(plan_agenda(twice, managers, std::vector<DayNumber>{monday}).unplaced[0].reason ==
          "manager 'a' and manager 'b' have no free working day from 2022-01-10 to 2022-01-10");
    // The bound counts both meetings, since it is that before any of them is placed.
    const ManagerResult bounded = plan_agenda(twice, managers, std::vector<DayNumber>{monday}).managers[0];
    CHECK(bounded.value == 5.0);
    CHECK(bounded.bound == 10.0);
    both.second = 0;
    CHECK_THROWS_AS(plan_agenda(std::vector{both}, managers, std::vector<DayNumber>{monday}), InputError);
}

TEST_CASE("random agendas: within all limits, not below a greedy planner, and the same when planned twice") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        CAPTURE(seed);
        std::uint64_t draw = 0;
        const auto number = [&](int below) { return static_cast<int>(below * math::uniform(seed, 0, draw++)); };
        const Period horizon{18993, 18993 + 364};
        const std::vector<DayNumber> days = working(horizon.first, horizon.last);
        std::vector<Manager> managers{{"a", number(3)}, {"b", 1}, {"c", 3}};
        if (number(3) == 0) managers[1].reviews_per_week = 3;
        std::vector<Anchored> customers;
        const int count = 20 + number(120);
        for (int i = 0; i < count; ++i) {
            const std::vector<Interval> intervals{{3, 0}, {6, 0}, {12, 0}, {0, 45}, {0, 10}};
            const DayNumber last = number(3) == 0 ? never_reviewed : horizon.first - number(300);
            customers.push_back({static_cast<std::size_t>(i), static_cast<std::size_t>(number(3)),
                                 intervals[static_cast<std::size_t>(number(5))], last, 1.0 + number(5)});
        }
        const int tolerance = number(20);
        const std::vector<Review> reviews = due_reviews(customers, horizon, {}, tolerance);
        const Agenda agenda = plan_agenda(reviews, managers, days);
        CHECK(agenda.appointments.size() + agenda.unplaced.size() == reviews.size());
        double value = 0;
        for (const ManagerResult& each : agenda.managers) value += each.value;
        CHECK(value >= greedy_value(reviews, managers, days) - 1e-9);
        CHECK(agenda.gap() < 0.01);
        std::map<std::pair<std::size_t, DayNumber>, int> load;
        std::map<std::pair<std::size_t, DayNumber>, int> week;
        std::map<std::size_t, std::vector<DayNumber>> seen;
        for (const Appointment& a : agenda.appointments) {
            CHECK(++load[{a.manager, a.day}] <= managers[a.manager].reviews_per_day);
            CHECK(++week[{a.manager, (a.day + 3) / 7}] <= managers[a.manager].reviews_per_week);
            CHECK(std::binary_search(days.begin(), days.end(), a.day));
            seen[a.customer].push_back(a.day);
        }
        for (const Anchored& customer : customers) {
            const std::vector<DayNumber>& own = seen[customer.customer];
            for (std::size_t k = 1; k < own.size(); ++k) {
                CHECK(own[k] - own[k - 1] >= (after(own[k - 1], customer.interval) - own[k - 1]) / 2 - 2);
            }
        }

        // planning twice
        const std::vector<Review> again = due_reviews(customers, horizon, agenda.appointments, tolerance);
        const Agenda twice = plan_agenda(again, managers, days, agenda.appointments);
        CHECK(without_flags(twice.appointments) == agenda.appointments);
        CHECK(twice.unplaced.size() == agenda.unplaced.size());

        // a part fixed: it stays
        std::vector<Appointment> part;
        for (const Appointment& a : agenda.appointments) {
            if (number(2) == 0) part.push_back(a);
        }
        const Agenda partly = plan_agenda(due_reviews(customers, horizon, part, tolerance), managers, days, part);
        for (Appointment a : part) {
            a.fixed = true;
            CHECK(std::count(partly.appointments.begin(), partly.appointments.end(), a) == 1);
        }

        // a month later: nothing that was agreed moves, nobody is asked twice
        const Period later{horizon.first + 31, horizon.last + 31};
        const std::vector<DayNumber> later_days = working(later.first, later.last);
        const Agenda rolled = plan_agenda(due_reviews(customers, later, agenda.appointments, tolerance), managers,
                                          later_days, agenda.appointments);
        for (Appointment a : agenda.appointments) {
            a.fixed = true;
            CHECK(std::count(rolled.appointments.begin(), rolled.appointments.end(), a) == 1);
            for (const Appointment& other : rolled.appointments) {
                if (!other.fixed && other.customer == a.customer) {
                    const Interval interval = customers[a.customer].interval;
                    CHECK(std::abs(other.day - a.day) >= (after(a.day, interval) - a.day) / 2 - 2);
                }
            }
        }
    }
}

TEST_CASE("any number of threads gives the same agenda") {
    std::vector<Review> reviews;
    std::vector<Manager> managers;
    for (std::size_t m = 0; m < 5; ++m) managers.push_back({"m" + std::to_string(m), 1});
    for (std::size_t k = 0; k < 200; ++k) {
        reviews.push_back(
            review_of(k, k % 5, monday + static_cast<DayNumber>(k * 7 % 90), 1.0 + static_cast<double>(k % 11), 10));
    }
    const std::vector<DayNumber> days = working(monday, monday + 90);
    const Agenda one = plan_agenda(reviews, managers, days, {}, {.threads = 1});
    const Agenda four = plan_agenda(reviews, managers, days, {}, {.threads = 4});
    CHECK(one.appointments == four.appointments);
    CHECK(one.gap() == four.gap());
}

TEST_CASE("hours needed beside hours available, per manager and month") {
    const std::vector<Manager> managers{{.id = "m", .reviews_per_day = 2},
                                        {.id = "n", .reviews_per_day = 8, .hours = Hours{540, 720}}};
    const std::vector<DayNumber> days = working(18993, 19051);  // January and February 2022
    const std::vector<Review> reviews{review_of(0, 0, 18995, 1.0, 5), review_of(1, 1, 19030, 1.0, 5)};
    const auto capacity = monthly_capacity(reviews, managers, days, std::vector{agreed(4, 18996)});
    REQUIRE(capacity.size() == 4);
    CHECK(capacity[0].reviews_needed == 2);
    CHECK(capacity[0].reviews_available == 42);
    CHECK(capacity[0].hours_needed == 2.0);
    CHECK(capacity[3].reviews_needed == 1);
    CHECK(capacity[3].reviews_available == 60);
    CHECK(capacity[3].hours_available == 60.0);
    CHECK(capacity[3].month == Month::of(19030));
}

TEST_CASE("the order of up to eight visits is the shortest of all orders") {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        std::uint64_t draw = 0;
        const std::size_t places = 2 + seed % 6;
        std::vector<double> latitude;
        std::vector<double> longitude;
        for (std::size_t k = 0; k < places; ++k) {
            latitude.push_back(41 + math::uniform(seed, 0, draw++));
            longitude.push_back(-93 + math::uniform(seed, 0, draw++));
        }
        const auto way = [&](const std::vector<std::size_t>& order) {
            double km = 0;
            for (std::size_t k = 1; k < order.size(); ++k) {
                km += math::great_circle_km(latitude[order[k - 1]], longitude[order[k - 1]], latitude[order[k]],
                                            longitude[order[k]]);
            }
            return km;
        };
        std::vector<std::size_t> order(places);
        std::iota(order.begin(), order.end(), std::size_t{0});
        double least = way(order);
        while (std::next_permutation(order.begin(), order.end())) least = std::min(least, way(order));
        CHECK(way(visiting_order(latitude, longitude)) == doctest::Approx(least));
    }
    CHECK(visiting_order({}, {}).empty());
    CHECK_THROWS_AS(visiting_order(std::vector{1.0}, {}), InputError);
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
    const std::vector<Review> stranger{review_of(0, 1, 100, 1.0, 5)};
    CHECK_THROWS_WITH_AS(plan_agenda(stranger, managers, days),
                         "the review of customer 0 due on 1970-04-11 names manager 1 (0-based); there are 1",
                         InputError);
    const std::vector<Manager> twice{{"m", 1}, {"m", 1}};
    CHECK_THROWS_WITH_AS(plan_agenda({}, twice, days), "manager 'm' is listed twice; identities are unique",
                         InputError);
    const std::vector<Manager> negative{{"m", -1}};
    CHECK_THROWS_AS(plan_agenda({}, negative, days), InputError);
    const std::vector<DayNumber> backwards{101, 100};
    CHECK_THROWS_WITH_AS(plan_agenda({}, managers, backwards),
                         "working day 1970-04-11 follows 1970-04-12; working days must be strictly increasing",
                         InputError);
    CHECK_THROWS_AS(plan_agenda({}, managers, days, {}, {.preference_days = -1}), InputError);
    const std::vector<Review> worthless{review_of(0, 0, 100, std::numeric_limits<double>::infinity(), 5)};
    CHECK_THROWS_AS(plan_agenda(worthless, managers, days), InputError);
    CHECK_THROWS_AS(plan_agenda(std::vector{review_of(0, 0, 100, 0.0, 5)}, managers, days), InputError);
    Appointment nowhere = agreed(0, 100);
    nowhere.manager = 4;
    CHECK_THROWS_AS(plan_agenda({}, managers, days, std::vector{nowhere}), InputError);
    CHECK_THROWS_AS(plan_agenda({}, managers, days, std::vector{agreed(0, 100, 1440)}), InputError);
    Appointment numbered = agreed(0, 100);
    numbered.number = 1;
    CHECK_THROWS_WITH_AS(plan_agenda({}, managers, days, std::vector{numbered, numbered}),
                         "the appointment of customer 0 on 1970-04-11 has number 1, as another appointment of the "
                         "customer; each has its own number",
                         InputError);
    const std::vector<CustomerSite> sites(2);
    CHECK_THROWS_AS(plan_agenda({}, managers, days, {}, {}, sites), InputError);
}

TEST_CASE("the region: only managers who serve a customer's group are assigned") {
    std::vector<Manager> managers{{"a", 1}, {"b", 1}};
    managers[0].groups = {1};
    const std::vector<std::int64_t> given(4, no_manager);
    const std::vector<std::size_t> group{0, 0, 1, 1};
    const std::vector<double> load(4, 1.0);
    CHECK(assign_managers(load, managers, given, group) == std::vector<std::size_t>{1, 1, 0, 0});
    managers[1].groups = {1};
    CHECK_THROWS_AS(assign_managers(load, managers, given, group), InputError);
}

TEST_CASE("agenda: working days are weekdays without holidays") {
    const DayNumber second_monday = 19'002;  // 2022-01-10
    const std::vector<DayNumber> holidays{second_monday + 2};
    const std::vector<DayNumber> expected{second_monday - 3, second_monday, second_monday + 1, second_monday + 3,
                                          second_monday + 4};
    CHECK(working_days({second_monday - 3, second_monday + 6}, holidays) == expected);
    CHECK(working_days({5, 4}).empty());
}

TEST_CASE("agenda: what must be ready some working days before") {
    const std::vector<DayNumber> days = working(monday, monday + 11);
    const std::vector<DayNumber> asked{monday + 7, monday + 5, monday};
    CHECK(working_days_before(asked, 3, days) == std::vector<DayNumber>{monday + 2, monday + 2, monday});
    CHECK_THROWS_AS(working_days_before(asked, -1, days), InputError);
    CHECK_THROWS_AS(working_days_before(asked, 1, {}), InputError);
    CHECK(to_string(PartOfDay::morning) == "morning");
}

TEST_CASE("slack: days become more even and ways shorter within the share, and all limits still hold") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        std::uint64_t draw = 0;
        const auto number = [&](int below) { return static_cast<int>(below * math::uniform(seed, 0, draw++)); };
        const std::vector<Manager> managers{{.id = "m", .reviews_per_day = 4, .reviews_per_week = 14}};
        const std::vector<DayNumber> days = working(monday, monday + 60);
        std::vector<Review> reviews;
        std::vector<CustomerSite> sites;
        for (std::size_t k = 0; k < 60; ++k) {
            reviews.push_back(review_of(k / 2, 0, monday + number(60), 1.0 + number(5), 10));
            reviews.back().least_gap = 3;
        }
        for (std::size_t k = 0; k < 30; ++k) {
            sites.emplace_back();
            sites.back().customer = k;
            sites.back().latitude = 50 + (k % 3 == 0 ? 1.0 : 0.0) + 0.01 * number(10);
            sites.back().longitude = 4 + 0.01 * number(10);
        }
        const auto measure = [&](const Agenda& agenda) {
            std::map<DayNumber, std::vector<std::size_t>> on;
            for (const Appointment& each : agenda.appointments) on[each.day].push_back(each.customer);
            double points = 0;
            for (const auto& [day, customers] : on) {
                CHECK(customers.size() <= 4);
                std::vector<double> latitude;
                std::vector<double> longitude;
                for (const std::size_t customer : customers) {
                    latitude.push_back(sites[customer].latitude);
                    longitude.push_back(sites[customer].longitude);
                }
                const auto order = visiting_order(latitude, longitude);
                points += static_cast<double>(customers.size() * customers.size());
                for (std::size_t k = 1; k < order.size(); ++k) {
                    points += math::great_circle_km(latitude[order[k - 1]], longitude[order[k - 1]], latitude[order[k]],
                                                    longitude[order[k]]) /
                              25;
                }
            }
            return points;
        };
        const Agenda strict = plan_agenda(reviews, managers, days, {}, {}, sites);
        const Agenda even = plan_agenda(reviews, managers, days, {}, {.slack = 0.2}, sites);
        CHECK(measure(even) < measure(strict));
        CHECK(even.managers[0].value == doctest::Approx(strict.managers[0].value));
        CHECK(even.managers[0].deviation <= 1.2 * strict.managers[0].deviation + 1e-6);
        std::map<std::size_t, std::vector<DayNumber>> seen;
        for (const Appointment& each : even.appointments) seen[each.customer].push_back(each.day);
        for (const auto& [customer, own] : seen) {
            for (std::size_t k = 1; k < own.size(); ++k) CHECK(own[k] - own[k - 1] >= 3);
        }
    }
    CHECK_THROWS_AS(plan_agenda({}, {}, {}, {}, {.slack = -0.1}), InputError);
    CHECK_THROWS_AS(plan_agenda({}, {}, {}, {}, {.km_per_point = 0}), InputError);
}
