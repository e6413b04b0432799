// Tests of cadence and due dates: calendar arithmetic, even spread, overdue reviews, appointments made earlier.
#include "custfolio/anchoring/cadence.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <limits>
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

TEST_CASE("an overdue review is due at once, later ones count from there") {
    const std::vector<Anchored> customers{{0, 0, {6, 0}, day(2020, 3, 1), 1.0}};
    const std::vector<Review> reviews = due_reviews(customers, year);
    REQUIRE(reviews.size() == 2);
    CHECK(reviews[0].due == day(2022, 1, 1));
    CHECK(reviews[1].due == day(2022, 7, 1));
}

TEST_CASE("who was never reviewed is spread evenly over the first interval, per manager and interval") {
    std::vector<Anchored> customers;
    for (std::size_t i = 0; i < 90; ++i) customers.push_back({i, i % 2, {3, 0}, never_reviewed, 0.0});
    customers.push_back({90, 0, {12, 0}, never_reviewed, 0.0});
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
    // planned for 1 March, held in the calendar on the 7th; the due date has since moved a little
    const std::vector<Appointment> fixed{{5, 0, day(2022, 3, 7), day(2022, 2, 25), true, 0}};
    const std::vector<Review> reviews = due_reviews(customers, year, fixed);
    REQUIRE(reviews.size() == 4);
    CHECK(reviews[0].due == day(2022, 2, 25));
    CHECK(reviews[1].due == day(2022, 6, 1));
}

TEST_CASE("an appointment before the horizon was held: it is the last review") {
    const std::vector<Anchored> customers{{5, 0, {6, 0}, day(2021, 1, 1), 1.0}};
    const std::vector<Appointment> fixed{{5, 0, day(2021, 11, 15), day(2021, 11, 1), true, 0}};
    const std::vector<Review> reviews = due_reviews(customers, year, fixed);
    REQUIRE(reviews.size() == 2);
    CHECK(reviews[0].due == day(2022, 5, 15));
    CHECK(reviews[1].due == day(2022, 11, 15));
}

TEST_CASE("a customer never reviewed counts from its first fixed appointment") {
    const std::vector<Anchored> customers{{5, 0, {6, 0}, never_reviewed, 1.0}};
    const std::vector<Appointment> fixed{{5, 0, day(2022, 2, 11), day(2022, 2, 10), true, 0}};
    const std::vector<Review> reviews = due_reviews(customers, year, fixed);
    REQUIRE(reviews.size() == 2);
    CHECK(reviews[0].due == day(2022, 2, 10));
    CHECK(reviews[1].due == day(2022, 8, 10));
}

TEST_CASE("bad customers and horizons are named") {
    const std::vector<Anchored> twice{{5, 0, {6, 0}, 0, 1.0}, {5, 0, {6, 0}, 0, 1.0}};
    CHECK_THROWS_WITH_AS(due_reviews(twice, year), "customer 5 is listed twice; each customer has one cadence",
                         InputError);
    const std::vector<Anchored> one{{5, 0, {6, 0}, 0, 1.0}};
    CHECK_THROWS_AS(due_reviews(one, Period{}), InputError);
    const std::vector<Anchored> worthless{{5, 0, {6, 0}, 0, std::numeric_limits<double>::quiet_NaN()}};
    CHECK_THROWS_WITH_AS(due_reviews(worthless, year), "customer 5: value is nan; a finite number is needed",
                         InputError);
    const std::vector<Anchored> never{{7, 0, {0, 0}, 0, 1.0}};
    CHECK_THROWS_AS(due_reviews(never, year), InputError);
}

TEST_CASE("cadence: reviews per year") {
    CHECK(reviews_per_year({3, 0}) == doctest::Approx(4));
    CHECK(reviews_per_year({0, 7}) == doctest::Approx(365.25 / 7));
    CHECK_THROWS_AS(reviews_per_year({0, 0}), InputError);
}
