// Tests of cadence and due dates: calendar arithmetic, even spread, overdue reviews, appointments made earlier.
#include "custfolio/anchoring/cadence.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

DayNumber day(int year, unsigned month, unsigned of_month) {
    const std::chrono::sys_days date{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{of_month}};
    return static_cast<DayNumber>(date.time_since_epoch().count());
}

const Period year{day(2022, 1, 1), day(2022, 12, 31)};

}  // namespace

TEST_CASE("calendar months: no day is lost on the way") {
    CHECK(after(day(2022, 1, 31), {1, 0}) == day(2022, 2, 28));
    CHECK(after(day(2024, 1, 31), {1, 0}) == day(2024, 2, 29));
    CHECK(after(day(2022, 1, 31), {1, 0}, 2) == day(2022, 3, 31));
    CHECK(after(day(2022, 11, 30), {3, 0}) == day(2023, 2, 28));
    CHECK(after(day(2022, 5, 10), {12, 0}, 3) == day(2025, 5, 10));
    CHECK(after(day(2022, 5, 10), {0, 45}, 2) == day(2022, 5, 10) + 90);
    CHECK(after(day(1969, 12, 31), {2, 0}) == day(1970, 2, 28));
    CHECK(after(day(2022, 5, 10), {3, 0}, 0) == day(2022, 5, 10));
}

TEST_CASE("intervals that are none are refused") {
    for (const Interval bad : {Interval{0, 0}, Interval{1, 1}, Interval{-1, 0}, Interval{0, -5}, Interval{5000, 0}}) {
        CHECK_THROWS_AS(after(0, bad), InputError);
    }
    CHECK_THROWS_AS(after(0, {1, 0}, -1), InputError);
    CHECK_THROWS_AS(after(0, {1200, 0}, 1000000), InputError);
    CHECK_THROWS_AS(after(0, {0, 36525}, 100000), InputError);
    CHECK(Cadence{}.of('B') == Interval{6, 0});
    CHECK_THROWS_WITH_AS(static_cast<void>(Cadence{}.of('D')), "class 'D' has no cadence; classes are A, B and C",
                         InputError);
}

TEST_CASE("due dates count from the last review") {
    const std::vector<Anchored> customers{{0, 0, {3, 0}, day(2021, 11, 30), 1.0}};
    const std::vector<Review> reviews = due_reviews(customers, year);
    REQUIRE(reviews.size() == 4);
    CHECK(reviews[0].due == day(2022, 2, 28));
    CHECK(reviews[1].due == day(2022, 5, 30));
    CHECK(reviews[2].due == day(2022, 8, 30));
    CHECK(reviews[3].due == day(2022, 11, 30));
    CHECK(reviews[3].value == 1.0);
}

TEST_CASE("overdue reviews are spread over the first interval by value, then by age; later ones count from there") {
    std::vector<Anchored> customers;
    for (std::size_t i = 0; i < 180; ++i) {
        const DayNumber last = i % 3 == 0 ? never_reviewed : day(2020, 3, 1) + static_cast<DayNumber>(i);
        customers.push_back({i, 0, {6, 0}, last, 1.0 + static_cast<double>(i / 60)});
    }
    const std::vector<Review> reviews = due_reviews(customers, year);
    REQUIRE(reviews.size() == 360);
    for (std::size_t i = 0; i < 180; ++i) {
        CHECK(reviews[2 * i + 1].due == after(reviews[2 * i].due, {6, 0}));
        CHECK(reviews[2 * i].window.first == year.first);
        CHECK(reviews[2 * i].window.last >= std::min(reviews[2 * i].due + 14, day(2022, 12, 31)));
    }
    // the last sixty have the greatest value; among them who was never reviewed comes first, then the oldest
    CHECK(reviews[2 * 120].due == year.first);
    CHECK(reviews[2 * 123].due == year.first + 1);
    CHECK(reviews[2 * 121].due == year.first + 20);
    CHECK(reviews[2 * 179].due == year.first + 59);
    CHECK(reviews[2 * 59].due == day(2022, 6, 30));
}

TEST_CASE("who was never reviewed is spread evenly over the first interval, per manager and interval") {
    std::vector<Anchored> customers;
    for (std::size_t i = 0; i < 90; ++i) customers.push_back({i, i % 2, {3, 0}, never_reviewed, 1.0});
    customers.push_back({90, 0, {12, 0}, never_reviewed, 1.0});
    const std::vector<Review> reviews = due_reviews(customers, year);
    std::vector<int> per_day(365);
    for (const Review& review : reviews) {
        if (review.manager == 0 && review.customer < 90)
            ++per_day.at(static_cast<std::size_t>(review.due - year.first));
    }
    int first_quarter = 0;
    for (std::size_t d = 0; d < 90; ++d) {
        CHECK(per_day[d] <= 1);
        first_quarter += per_day[d];
    }
    CHECK(first_quarter == 45);
    CHECK(reviews.back().customer == 90);
    CHECK(reviews.back().due == year.first + 365 / 2);
}

TEST_CASE("a fixed appointment answers the due date it is near to, once") {
    const std::vector<Anchored> customers{{5, 0, {3, 0}, day(2021, 12, 1), 1.0}};
    // planned for 25 February, agreed on 7 March: the next ones count from 25 February
    const std::vector<Appointment> fixed{{.customer = 5, .day = day(2022, 3, 7), .due = day(2022, 2, 25)}};
    const std::vector<Review> reviews = due_reviews(customers, year, fixed);
    REQUIRE(reviews.size() == 3);
    CHECK(reviews[0].due == day(2022, 5, 25));
    CHECK(reviews[0].window == Period{day(2022, 5, 11), day(2022, 6, 8)});
    CHECK(reviews[2].due == day(2022, 11, 25));
}

TEST_CASE("a review moved far is not made twice, and the next one keeps the least gap") {
    const std::vector<Anchored> customers{{5, 0, {3, 0}, day(2021, 12, 1), 1.0}};
    const std::vector<Appointment> moved{{.customer = 5, .day = day(2022, 5, 10), .due = day(2022, 3, 1)}};
    std::vector<Review> reviews = due_reviews(customers, year, moved);
    REQUIRE(reviews.size() == 3);
    CHECK(reviews[0].due == day(2022, 5, 10) + 46);  // half of the 92 days from 10 May
    CHECK(reviews[1].due == day(2022, 9, 1));
    CHECK(reviews[2].due == day(2022, 12, 1));
    const Period april{day(2022, 4, 1), day(2023, 3, 31)};
    reviews = due_reviews(customers, april, moved);
    REQUIRE(reviews.size() == 4);
    CHECK(reviews[0].due == day(2022, 5, 10) + 46);
    // postponed past the next one: nothing comes before it
    const std::vector<Appointment> far{{.customer = 5, .day = day(2022, 8, 10), .due = day(2022, 3, 1)}};
    reviews = due_reviews(customers, year, far);
    REQUIRE(reviews.size() == 2);
    CHECK(reviews[0].due == day(2022, 8, 10) + 46);
    CHECK(reviews[1].due == day(2022, 12, 1));
}

TEST_CASE("an appointment before the horizon was held: the next one counts from its due date") {
    const std::vector<Anchored> customers{{5, 0, {6, 0}, day(2021, 11, 18), 1.0}};
    const std::vector<Appointment> fixed{{.customer = 5, .day = day(2021, 11, 15), .due = day(2021, 11, 1)}};
    const std::vector<Review> reviews = due_reviews(customers, year, fixed);
    REQUIRE(reviews.size() == 2);
    CHECK(reviews[0].due == day(2022, 5, 1));
    CHECK(reviews[1].due == day(2022, 11, 1));
}

TEST_CASE("a customer never reviewed counts from its first fixed appointment") {
    const std::vector<Anchored> customers{{5, 0, {6, 0}, never_reviewed, 1.0}};
    const std::vector<Appointment> fixed{{.customer = 5, .day = day(2022, 2, 11), .due = day(2022, 2, 10)}};
    const std::vector<Review> reviews = due_reviews(customers, year, fixed);
    REQUIRE(reviews.size() == 1);
    CHECK(reviews[0].due == day(2022, 8, 10));
}

TEST_CASE("another cadence changes only what is not agreed, and is proposed") {
    const std::vector<Anchored> customers{{5, 0, {6, 0}, day(2021, 12, 1), 1.0}, {6, 0, {1, 0}, day(2021, 12, 1), 1.0}};
    std::vector<Appointment> fixed;
    for (const unsigned month : {3u, 6u}) {
        for (const std::size_t customer : {std::size_t{5}, std::size_t{6}}) {
            fixed.push_back(
                {.customer = customer, .day = day(2022, month, 2), .due = day(2022, month, 1), .interval = {3, 0}});
        }
    }
    const std::vector<Review> reviews = due_reviews(customers, year, fixed);
    REQUIRE(reviews.size() == 7);
    CHECK(reviews[0].due == day(2022, 12, 1));
    CHECK(reviews[1].due == day(2022, 7, 1));
    const std::vector<CadenceChange> changes = cadence_changes(customers, year, fixed);
    REQUIRE(changes.size() == 2);
    CHECK(changes[0].agreed == Interval{3, 0});
    CHECK(changes[0].reviews == 2);
    CHECK(changes[0].needed == 1);
    CHECK(changes[1].needed == 6);  // from January to June, since the last review
}

TEST_CASE("a new cadence counts its reviews from the first day, also before the first agreed review") {
    const std::vector<Anchored> customers{{5, 0, {1, 0}, never_reviewed, 1.0}};
    const std::vector<Appointment> fixed{
        {.customer = 5, .day = day(2022, 11, 1), .due = day(2022, 11, 1), .interval = {12, 0}}};
    const std::vector<CadenceChange> changes = cadence_changes(customers, year, fixed);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].reviews == 1);
    CHECK(changes[0].needed == 11);
}

TEST_CASE("a greatest gap below the cadence is refused") {
    CHECK(longest_days({3, 0}) == 92);
    CHECK(longest_days({12, 0}) == 366);
    CHECK(longest_days({0, 10}) == 10);
    Anchored customer{5, 0, {3, 0}, never_reviewed, 1.0};
    customer.greatest_gap = 91;
    CHECK_THROWS_WITH_AS(due_reviews(std::vector{customer}, year),
                         "customer 5: a greatest gap of 91 days is shorter than its cadence; it must be at least 92 "
                         "days, or the cadence shorter",
                         InputError);
    customer.greatest_gap = 92;
    CHECK_NOTHROW(due_reviews(std::vector{customer}, year));
}

TEST_CASE("a deleted appointment answers its due date until its review is due again") {
    const std::vector<Anchored> customers{{5, 0, {6, 0}, day(2021, 10, 1), 1.0}};
    Appointment deleted{.customer = 5, .day = day(2022, 4, 4), .due = day(2022, 4, 1), .interval = {6, 0}};
    deleted.state = AppointmentState::deleted;
    const std::vector<Review> waiting = due_reviews(customers, year, std::vector{deleted});
    REQUIRE(waiting.size() == 1);
    CHECK(waiting[0].due == day(2022, 10, 1));
    deleted.state = AppointmentState::due_again;
    CHECK(due_reviews(customers, year, std::vector{deleted}).size() == 2);
    CHECK(to_string(AppointmentState::agreed) == "agreed");
    CHECK(to_string(AppointmentState::deleted) == "deleted");
    CHECK(to_string(deleted.state) == "due again");
    CHECK_THROWS_AS(to_string(static_cast<AppointmentState>(3)), InputError);
}

TEST_CASE("gaps and the end of a customer") {
    Anchored customer{5, 0, {3, 0}, day(2021, 12, 1), 1.0};
    customer.greatest_gap = 100;
    customer.until = day(2022, 8, 15);
    const std::vector<Review> reviews = due_reviews(std::vector{customer}, year, {}, 30);
    REQUIRE(reviews.size() == 2);
    CHECK(reviews[0].window == Period{day(2022, 3, 1) - 4, day(2022, 3, 1) + 4});
    CHECK(reviews[0].least_gap == 46);
    customer.handover_to = 3;
    customer.handover_on = day(2022, 4, 1);
    const std::vector<Review> handed = due_reviews(std::vector{customer}, year);
    CHECK(handed[0].manager == 0);
    CHECK(handed[1].manager == 3);
    customer.greatest_gap = 0;
    customer.least_gap = 85;
    CHECK_THROWS_WITH_AS(due_reviews(std::vector{customer}, year),
                         "customer 5: a least gap of 85 days is longer than its cadence; it must be at most 84 days",
                         InputError);
    customer.greatest_gap = 100;
    customer.least_gap = 101;
    CHECK_THROWS_AS(due_reviews(std::vector{customer}, year), InputError);
}

TEST_CASE("29 February: a yearly review of that day is on the 28th in other years") {
    const std::vector<Anchored> customers{{5, 0, {12, 0}, day(2020, 2, 29), 1.0}};
    const std::vector<Review> reviews = due_reviews(customers, {day(2021, 1, 1), day(2024, 12, 31)});
    REQUIRE(reviews.size() == 4);
    CHECK(reviews[0].due == day(2021, 2, 28));
    CHECK(reviews[3].due == day(2024, 2, 29));
}

TEST_CASE("rules come before the segment's cadence, the first one that is met") {
    const std::vector<Interval> segment(4, Interval{6, 0});
    const std::vector<double> risk{0.9, 0.1, std::numeric_limits<double>::quiet_NaN(), 0.9};
    const std::vector<double> value{10, 500, 500, 900};
    const std::vector<CadenceRule> rules{{.figure = value, .at_least = 800, .interval = {0, 14}},
                                         {.figure = risk, .at_least = 0.5, .interval = {1, 0}}};
    const std::vector<Interval> expected{{1, 0}, {6, 0}, {6, 0}, {0, 14}};
    CHECK(cadence_by_rule(segment, rules) == expected);
    const std::vector<CadenceRule> crossed{{.figure = risk, .at_least = 2, .at_most = 1, .interval = {1, 0}}};
    CHECK_THROWS_AS(cadence_by_rule(segment, crossed), InputError);
    const std::vector<CadenceRule> shorter{{.figure = std::span(risk).first(2), .interval = {1, 0}}};
    CHECK_THROWS_AS(cadence_by_rule(segment, shorter), InputError);
}

TEST_CASE("the heat at stake: what a customer brings, or what is missing at the target") {
    const std::vector<double> contribution{50, 10, -20, 0};
    const std::vector<double> revenue{100, 1000, 100, 0};
    const std::vector<double> expected{50, 40, 25, 25};
    CHECK(heat_at_stake(contribution, revenue, 0.05) == expected);
    CHECK(heat_at_stake(std::vector{-0.0}, std::vector{0.0}, 0.05) == std::vector{1.0});
    CHECK_THROWS_AS(heat_at_stake(contribution, {}, 0.05), InputError);
}

TEST_CASE("bad customers and horizons are named") {
    const std::vector<Anchored> twice{{5, 0, {6, 0}, 0, 1.0}, {5, 0, {6, 0}, 0, 1.0}};
    CHECK_THROWS_WITH_AS(due_reviews(twice, year), "customer 5 is listed twice; each customer has one cadence",
                         InputError);
    const std::vector<Anchored> one{{5, 0, {6, 0}, 0, 1.0}};
    CHECK_THROWS_AS(due_reviews(one, Period{}), InputError);
    CHECK_THROWS_AS(due_reviews(one, year, {}, -1), InputError);
    const std::vector<Anchored> worthless{{5, 0, {6, 0}, 0, std::numeric_limits<double>::quiet_NaN()}};
    CHECK_THROWS_WITH_AS(due_reviews(worthless, year), "customer 5: value is nan; it must be above 0", InputError);
    const std::vector<Anchored> never{{7, 0, {0, 0}, 0, 1.0}};
    CHECK_THROWS_AS(due_reviews(never, year), InputError);
    Anchored endless{7, 0, {1, 0}, 0, 1.0};
    endless.minutes = 0;
    CHECK_THROWS_AS(due_reviews(std::vector{endless}, year), InputError);
}

TEST_CASE("cadence: reviews per year") {
    CHECK(reviews_per_year({3, 0}) == doctest::Approx(4));
    CHECK(reviews_per_year({0, 7}) == doctest::Approx(365.25 / 7));
    CHECK_THROWS_AS(reviews_per_year({0, 0}), InputError);
}
