// Tests of the exact flow: brute force on small instances, prices, and what one more day brings.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/anchoring/agenda.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/random.hpp"

using namespace custfolio;

namespace {

// A draw of small numbers from a seed.
struct Draw {
    std::uint64_t seed = 0;
    std::uint64_t count = 0;
    int operator()(int below) { return static_cast<int>(below * math::uniform(seed, 0, count++)); }
};

// One small instance.
struct Small {
    std::vector<Review> reviews;
    std::vector<Manager> managers;
    std::vector<DayNumber> days;
};

// The greatest value, then the least deviation, over every way to place the reviews.
struct Best {
    double value = -1;
    double deviation = 0;
};

bool keeps_limits(const Small& small, const std::vector<std::size_t>& at, std::size_t count) {
    const std::size_t none = small.days.size();
    for (std::size_t m = 0; m < small.managers.size(); ++m) {
        const Manager& manager = small.managers[m];
        for (std::size_t d = 0; d < none; ++d) {
            int on_day = 0;
            int in_week = 0;
            int minutes = 0;
            for (std::size_t r = 0; r < count; ++r) {
                if (at[r] == none || (small.reviews[r].manager != m && small.reviews[r].second != m)) continue;
                on_day += at[r] == d;
                minutes += at[r] == d ? small.reviews[r].minutes : 0;
                in_week += (small.days[at[r]] + 3) / 7 == (small.days[d] + 3) / 7;
            }
            if (on_day > manager.reviews_per_day || in_week > manager.reviews_per_week) return false;
            if (minutes > manager.hours.to - manager.hours.from) return false;
        }
    }
    for (std::size_t a = 0; a < count; ++a) {
        for (std::size_t b = 0; b < a; ++b) {
            if (at[a] == none || at[b] == none || small.reviews[a].customer != small.reviews[b].customer) continue;
            const int gap = std::max(small.reviews[a].least_gap, small.reviews[b].least_gap);
            if (std::abs(small.days[at[a]] - small.days[at[b]]) < gap) return false;
        }
    }
    return true;
}

void try_all(const Small& small, std::vector<std::size_t>& at, std::size_t r, double value, double deviation,
             Best& best) {
    if (r == small.reviews.size()) {
        if (value > best.value + 1e-9 || (value > best.value - 1e-9 && deviation < best.deviation)) {
            best = {value, deviation};
        }
        return;
    }
    const Review& review = small.reviews[r];
    for (std::size_t d = 0; d <= small.days.size(); ++d) {
        at[r] = d;
        if (d == small.days.size()) {
            try_all(small, at, r + 1, value, deviation, best);
        } else if (review.window.contains(small.days[d]) && keeps_limits(small, at, r + 1)) {
            try_all(small, at, r + 1, value + review.value,
                    deviation + review.value * std::abs(small.days[d] - review.due), best);
        }
    }
}

Best brute_force(const Small& small) {
    Best best;
    std::vector<std::size_t> at(small.reviews.size());
    try_all(small, at, 0, 0, 0, best);
    return best;
}

Small small_instance(std::uint64_t seed, bool weeks) {
    Draw draw{seed};
    Small small;
    small.managers = {{.id = "m", .reviews_per_day = 1 + draw(2)}};
    if (weeks) small.managers[0].reviews_per_week = 1 + draw(3);
    const int first = 18993 + draw(7);
    for (int k = 0; k < 6; ++k) small.days.push_back(first + 2 * k);
    const int count = 3 + draw(4);
    for (int k = 0; k < count; ++k) {
        const DayNumber due = first + draw(11);
        const int wide = draw(5);
        small.reviews.push_back({.customer = static_cast<std::size_t>(k),
                                 .manager = 0,
                                 .due = due,
                                 .value = 1.0 + draw(4),
                                 .window = {due - wide, due + wide}});
    }
    return small;
}

Best planned(const Small& small) {
    const Agenda agenda = plan_agenda(small.reviews, small.managers, small.days);
    Best found{0, 0};
    for (const Appointment& each : agenda.appointments) {
        const auto at = std::find_if(small.reviews.begin(), small.reviews.end(), [&](const Review& review) {
            return review.customer == each.customer && review.due == each.due;
        });
        found.value += at->value;
        found.deviation += at->value * std::abs(each.day - each.due);
    }
    const ManagerResult& result = agenda.managers[0];
    CHECK(result.value == doctest::Approx(found.value));
    CHECK(result.deviation == doctest::Approx(found.deviation).epsilon(1e-7));
    CHECK(result.bound >= result.value - 1e-9);
    return found;
}

// The greatest value that reviews have in some places of each day, without week limits: one augmenting path a review.
class Matching {
  public:
    explicit Matching(std::vector<std::vector<std::size_t>> days) : days_(std::move(days)) {}
    double value(std::span<const double> values, const std::vector<int>& places) {
        on_.assign(places.size(), {});
        double value = 0;
        for (std::size_t r = 0; r < values.size(); ++r) {
            std::vector<bool> seen(places.size());
            if (seat(r, places, seen)) value += values[r];
        }
        return value;
    }

  private:
    bool seat(std::size_t r, const std::vector<int>& places, std::vector<bool>& seen) {
        for (const std::size_t day : days_[r]) {
            if (seen[day]) continue;
            seen[day] = true;
            if (static_cast<int>(on_[day].size()) < places[day]) {
                on_[day].push_back(r);
                return true;
            }
            for (std::size_t& other : on_[day]) {
                if (!seat(other, places, seen)) continue;
                other = r;
                return true;
            }
        }
        return false;
    }
    std::vector<std::vector<std::size_t>> days_;
    std::vector<std::vector<std::size_t>> on_;
};

// Adds day after day where one more review is worth most, each found by placing everything again.
struct Slow {
    DayNumber best_day = no_day;
    double day_value = 0;
    int days = 0;
};
Slow slow_days(std::span<const Review> reviews, int per_day, const std::vector<DayNumber>& days) {
    std::vector<double> values;
    std::vector<std::vector<std::size_t>> possible;
    double all = 0;
    for (const Review& review : reviews) {
        values.push_back(review.value);
        possible.emplace_back();
        for (std::size_t d = 0; d < days.size(); ++d) {
            if (review.window.contains(days[d])) possible.back().push_back(d);
        }
        if (!possible.back().empty()) all += review.value;
    }
    Matching matching(possible);
    std::vector<int> places(days.size(), per_day);
    Slow slow;
    for (double now = matching.value(values, places); now < all;) {
        std::vector<double> gain;
        for (std::size_t d = 0; d < days.size(); ++d) {
            ++places[d];
            gain.push_back(matching.value(values, places) - now);
            --places[d];
        }
        const auto best = static_cast<std::size_t>(std::max_element(gain.begin(), gain.end()) - gain.begin());
        places[best] += per_day;
        const double then = matching.value(values, places);
        if (slow.days++ == 0) slow = {days[best], then - now, 1};
        now = then;
    }
    return slow;
}

}  // namespace

TEST_CASE("further days under overload are those of placing everything again for each") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        CAPTURE(seed);
        Draw draw{seed + 5000};
        const std::vector<Manager> managers{{"m", 1 + draw(3)}};
        std::vector<DayNumber> days;
        for (int k = 0; k < 12; ++k) days.push_back(18993 + 3 * k);
        std::vector<Review> reviews;
        for (std::size_t k = 0; k < 60; ++k) {
            const DayNumber due = 18993 + draw(34);
            const int wide = draw(9);
            // Whole values by fall, and many of them equal.
            const double value = std::ceil(static_cast<double>(60 - k) / (1 + static_cast<double>(seed % 7)));
            reviews.push_back(
                {.customer = k, .manager = 0, .due = due, .value = value, .window = {due - wide, due + wide}});
        }
        const Slow slow = slow_days(reviews, managers[0].reviews_per_day, days);
        const ManagerResult result = plan_agenda(reviews, managers, days).managers[0];
        CHECK(result.days_needed == slow.days);
        CHECK(result.best_day == slow.best_day);
        CHECK(result.day_value == slow.day_value);
    }
}

TEST_CASE("a full week and the least gap name a review in the way once") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        CAPTURE(seed);
        Draw draw{seed + 9000};
        std::vector<Manager> managers{{.id = "m", .reviews_per_day = 1 + draw(2), .reviews_per_week = 2 + draw(2)}};
        std::vector<DayNumber> days;
        for (DayNumber day = 18993; day < 18993 + 40; ++day) {
            if ((day + 3) % 7 < 5) days.push_back(day);
        }
        std::vector<Review> reviews;
        for (std::size_t customer = 0; customer < 8; ++customer) {
            for (DayNumber due = 18993 + draw(8); due < days.back(); due += 8) {
                reviews.push_back({.customer = customer,
                                   .manager = 0,
                                   .due = due,
                                   .value = 1.0 + draw(5),
                                   .window = {due - 7, due + 7},
                                   .least_gap = 6});
            }
        }
        const Agenda agenda = plan_agenda(reviews, managers, days);
        CHECK(agenda.appointments.size() + agenda.unplaced.size() == reviews.size());
        bool held = true;
        for (const Appointment& a : agenda.appointments) {
            int in_week = 0;
            for (const Appointment& b : agenda.appointments) {
                in_week += (a.day + 3) / 7 == (b.day + 3) / 7;
                const bool other = a.customer == b.customer && (a.day != b.day || a.due != b.due);
                held = held && (!other || std::abs(a.day - b.day) >= 6);
            }
            held = held && in_week <= managers[0].reviews_per_week;
        }
        CHECK(held);
    }
}

TEST_CASE("the flow places the greatest value with the least deviation: every way by brute force") {
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        CAPTURE(seed);
        const Small small = small_instance(seed, seed % 2 == 1);
        const Best best = brute_force(small);
        const Best found = planned(small);
        CHECK(found.value == doctest::Approx(best.value));
        CHECK(found.deviation == doctest::Approx(best.deviation));
        CHECK(plan_agenda(small.reviews, small.managers, small.days).gap() == 0.0);
    }
}

TEST_CASE("least gaps and unlike lengths: the search is at most the brute force, and mostly equal") {
    int equal = 0;
    int cases = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        Small small = small_instance(seed, false);
        Draw draw{seed + 1000};
        if (seed % 3 != 0) {
            for (Review& review : small.reviews) {
                review.customer /= 2;
                review.least_gap = 1 + draw(5);
                // Two reviews of a customer are told apart by their due dates.
                if (&review != &small.reviews.front() && review.due == (&review - 1)->due) ++review.due;
            }
        }
        if (seed % 3 != 1) {
            small.managers[0].reviews_per_day = 8;
            small.managers[0].hours = Hours{540, 660};
            for (Review& review : small.reviews) review.minutes = 30 * (1 + draw(4));
        }
        const Best best = brute_force(small);
        const Best found = planned(small);
        CHECK(found.value <= best.value + 1e-9);
        ++cases;
        equal += found.value >= best.value - 1e-9;
        const Agenda agenda = plan_agenda(small.reviews, small.managers, small.days);
        CHECK(agenda.managers[0].bound >= best.value - 1e-9);
    }
    CHECK(equal == cases);
}

TEST_CASE("least gaps that bind in small agendas: value and deviation of the brute force, and no gap") {
    int bound = 0;
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        CAPTURE(seed);
        Draw draw{seed + 3000};
        Small small;
        small.managers = {{.id = "m", .reviews_per_day = 1, .reviews_per_week = 2 + draw(3)}};
        for (int k = 0; k < 12; ++k) small.days.push_back(18993 + k);
        for (std::size_t customer = 0; customer < 3; ++customer) {
            const int cadence = 4 + draw(2);
            const double value = 1.0 + draw(4);
            for (DayNumber due = 18993 + draw(4); due < 18993 + 12; due += cadence) {
                small.reviews.push_back({.customer = customer,
                                         .manager = 0,
                                         .due = due,
                                         .value = value,
                                         .window = {due - 2, due + 2},
                                         .least_gap = cadence - draw(2)});
            }
        }
        const Best best = brute_force(small);
        const Best found = planned(small);
        CHECK(found.value == doctest::Approx(best.value));
        CHECK(found.deviation == doctest::Approx(best.deviation));
        CHECK(plan_agenda(small.reviews, small.managers, small.days).gap() == 0.0);
        for (Review& review : small.reviews) review.least_gap = 1;
        bound += brute_force(small).value > best.value + 1e-9;
    }
    CHECK(bound > 5);
}

TEST_CASE("a meeting of two managers leaves its nearest day to a review that has no other") {
    const std::vector<Manager> managers{{"a", 1}, {"b", 1}};
    const std::vector<DayNumber> days{18995, 18996};
    const std::vector<Review> reviews{
        {.customer = 0, .manager = 0, .due = 18995, .value = 5, .window = {18995, 18996}, .second = 1},
        {.customer = 1, .manager = 1, .due = 18995, .value = 4, .window = {18995, 18995}}};
    const Agenda agenda = plan_agenda(reviews, managers, days);
    REQUIRE(agenda.unplaced.empty());
    CHECK(agenda.gap() == 0.0);
    CHECK(agenda.appointments[0].customer == 1);
    CHECK(agenda.appointments[1].day == 18996);
    CHECK(agenda.managers[0].deviation == doctest::Approx(5.0));
}

TEST_CASE("meetings of two managers: the bound is at least the brute force, the plan at most, and they mostly meet") {
    int equal = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        CAPTURE(seed);
        Small small = small_instance(seed, seed % 2 == 1);
        Draw draw{seed + 5000};
        small.managers.push_back({.id = "n", .reviews_per_day = 1});
        for (Review& review : small.reviews) {
            review.manager = static_cast<std::size_t>(draw(2));
            if (draw(2) == 0) review.second = 1 - review.manager;
            if (seed % 4 < 2) review.minutes = 240 * (1 + draw(2));
        }
        const double best = brute_force(small).value;
        const Agenda agenda = plan_agenda(small.reviews, small.managers, small.days);
        const double value = agenda.managers[0].value + agenda.managers[1].value;
        CHECK(value <= best + 1e-9);
        CHECK(agenda.bound >= best - 1e-9);
        CHECK(agenda.bound <= agenda.managers[0].bound + agenda.managers[1].bound + 1e-9);
        equal += value >= best - 1e-9 && agenda.gap() == 0.0;
    }
    CHECK(equal >= 190);
}

TEST_CASE("meetings that need more time than there is: the gap is below 1 % for any number of threads") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(seed);
        Draw draw{seed + 9000};
        std::vector<Manager> managers;
        for (const char* name : {"a", "b", "c"}) managers.push_back({name, 1 + draw(2)});
        std::vector<DayNumber> days;
        for (DayNumber day = 18995; day < 18995 + 42; ++day) {
            if ((day + 3) % 7 < 5) days.push_back(day);
        }
        std::vector<Review> reviews;
        for (std::size_t customer = 0; customer < 50; ++customer) {
            const auto manager = static_cast<std::size_t>(draw(3));
            const std::size_t second = draw(5) == 0 ? (manager + 1) % 3 : no_second;
            const double value = 1.0 + draw(9);
            const int tolerance = 2 + draw(4);
            for (DayNumber due = 18995 + draw(9); due <= days.back(); due += 14) {
                reviews.push_back(
                    {customer, manager, due, value, {due - tolerance, due + tolerance}, 1, 60, second, 0, {}});
            }
        }
        const Agenda agenda = plan_agenda(reviews, managers, days, {}, {.threads = 1});
        CHECK(agenda.gap() < 0.01);
        // The managers' own bounds leave out the meetings where they come along.
        double apart = 0;
        for (const ManagerResult& each : agenda.managers) apart += each.bound;
        CHECK(agenda.bound < apart - 1e-6);
        const Agenda four = plan_agenda(reviews, managers, days, {}, {.threads = 4});
        CHECK(four.bound == agenda.bound);
        CHECK(four.appointments == agenda.appointments);
    }
}

TEST_CASE("meetings of two managers, their other reviews and least gaps: all limits hold") {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        CAPTURE(seed);
        Draw draw{seed + 7000};
        std::vector<Manager> managers;
        for (const char* name : {"a", "b", "c"}) {
            managers.push_back({.id = name, .reviews_per_day = 3, .reviews_per_week = 8, .hours = {540, 720}});
        }
        std::vector<DayNumber> days;
        for (DayNumber day = 18995; day < 18995 + 28; ++day) {
            if ((day + 3) % 7 < 5) days.push_back(day);
        }
        std::vector<Review> reviews;
        for (std::size_t customer = 0; customer < 24; ++customer) {
            const auto manager = static_cast<std::size_t>(draw(3));
            const std::size_t second = draw(4) == 0 ? (manager + 1) % 3 : no_second;
            const int minutes = 30 * (1 + draw(4));
            const double value = 1.0 + draw(9);
            for (DayNumber due = 18995 + draw(9); due <= days.back(); due += 10) {
                reviews.push_back({customer, manager, due, value, {due - 4, due + 4}, 8, minutes, second, 0, {}});
            }
        }
        const Agenda agenda = plan_agenda(reviews, managers, days);
        CHECK(agenda.appointments.size() + agenda.unplaced.size() == reviews.size());
        bool held = true;
        for (const Appointment& x : agenda.appointments) {
            held = held && x.start >= 540 && x.start + x.minutes <= 720 && std::abs(x.day - x.due) <= 4;
            for (const Appointment& y : agenda.appointments) {
                if (x.number == y.number && x.customer == y.customer) continue;
                held = held && (x.customer != y.customer || std::abs(x.day - y.day) >= 8);
                const bool same = x.manager == y.manager || x.manager == y.second || x.second == y.manager ||
                                  (x.second != no_second && x.second == y.second);
                const bool meets = x.start < y.start + y.minutes && y.start < x.start + x.minutes;
                held = held && !(same && x.day == y.day && meets);
            }
        }
        CHECK(held);
        const std::vector<Appointment>& fixed = agenda.appointments;
        std::vector<Review> left;
        for (const UnplacedReview& each : agenda.unplaced) left.push_back(each.review);
        CHECK(plan_agenda(left, managers, days, fixed).unplaced.size() == left.size());
    }
}

TEST_CASE("one more day can be in an absence") {
    std::vector<Manager> managers{{"m", 1}};
    managers[0].absences = {{18996, 18996}};
    std::vector<Review> reviews;
    for (std::size_t k = 0; k < 2; ++k) {
        reviews.push_back({.customer = k, .manager = 0, .due = 18996, .value = 5, .window = {18996, 18996}});
    }
    const Agenda agenda = plan_agenda(reviews, managers, std::vector<DayNumber>{18995, 18996});
    CHECK(agenda.managers[0].day_value == 5.0);
    CHECK(agenda.managers[0].best_day == 18996);
    CHECK(agenda.managers[0].days_needed == 2);
}

TEST_CASE("one more day: its value and the days needed are as planning with them shows") {
    const std::vector<Manager> managers{{"m", 1}};
    const std::vector<DayNumber> days{18995, 18996};
    std::vector<Review> reviews;
    for (std::size_t k = 0; k < 5; ++k) {
        reviews.push_back({.customer = k,
                           .manager = 0,
                           .due = 18995,
                           .value = 10.0 + static_cast<double>(k),
                           .window = {18995, 18996}});
    }
    const Agenda agenda = plan_agenda(reviews, managers, days);
    CHECK(agenda.managers[0].placed == 2);
    CHECK(agenda.managers[0].value == 27.0);
    CHECK(agenda.managers[0].day_value == 12.0);
    CHECK(agenda.managers[0].days_needed == 3);
    const Agenda wider = plan_agenda(reviews, std::vector<Manager>{{"m", 3}}, days);
    CHECK(wider.unplaced.empty());
    CHECK(wider.managers[0].day_value == 0.0);
    CHECK(wider.managers[0].best_day == no_day);
}
