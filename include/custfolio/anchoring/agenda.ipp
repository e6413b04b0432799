// Definitions of the placing of reviews in the managers' agendas.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "custfolio/anchoring/agenda.hpp"
#include "custfolio/anchoring/detail/clock.hpp"
#include "custfolio/anchoring/detail/diary.hpp"
#include "custfolio/anchoring/detail/free_time.hpp"
#include "custfolio/anchoring/detail/manager_checks.hpp"
#include "custfolio/anchoring/detail/manager_planner.hpp"
#include "custfolio/anchoring/detail/meeting_bound.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

CUSTFOLIO_INLINE double Agenda::gap() const {
    double value = 0;
    for (const ManagerResult& each : managers) value += each.value;
    // Sums in another order differ by rounding.
    return bound > value * (1 + 1e-12) ? (bound - value) / bound : 0.0;
}

namespace detail {

CUSTFOLIO_INLINE void check_second(const std::string& what, std::size_t manager, std::size_t second,
                                   std::size_t count) {
    if (second == no_second) return;
    if (second >= count) throw InputError(what + " " + manager_text(second, count));
    if (second == manager) throw InputError(what + " has one manager twice; the second must be another one");
}

CUSTFOLIO_INLINE void check(std::span<const Review> reviews, std::size_t managers) {
    for (const Review& review : reviews) {
        const std::string what =
            "the review of customer " + std::to_string(review.customer) + " due on " + day_text(review.due);
        if (review.manager >= managers) throw InputError(what + " " + manager_text(review.manager, managers));
        check_second(what, review.manager, review.second, managers);
        if (!(std::isfinite(review.value) && review.value > 0)) {
            throw InputError(what + ": value is " + number_text(review.value) + "; it must be above 0");
        }
        if (review.minutes < 1 || review.minutes > 24 * 60 || review.least_gap < 1) {
            throw InputError(what + " has " + std::to_string(review.minutes) + " minutes and a least gap of " +
                             std::to_string(review.least_gap) + " days; it needs 1 to 1440 minutes and a gap of 1 day");
        }
    }
}

CUSTFOLIO_INLINE void check(std::span<const Appointment> fixed, std::size_t managers) {
    std::set<std::pair<std::size_t, int>> numbers;
    for (const Appointment& each : fixed) {
        const std::string what =
            "the appointment of customer " + std::to_string(each.customer) + " on " + day_text(each.day);
        if (each.manager >= managers) throw InputError(what + " " + manager_text(each.manager, managers));
        check_second(what, each.manager, each.second, managers);
        if (each.start != no_time && (each.start < 0 || each.start >= 24 * 60)) {
            throw InputError(what + " starts at minute " + std::to_string(each.start) +
                             "; a day has the minutes 0 to 1439");
        }
        if (each.minutes < 1 || each.minutes > 24 * 60) {
            throw InputError(what + " lasts " + std::to_string(each.minutes) + " minutes; it must last 1 to 1440");
        }
        if (each.number < 0) {
            throw InputError(what + " has number " + std::to_string(each.number) + "; numbers count from 1");
        }
        if (each.number > 0 && !numbers.emplace(each.customer, each.number).second) {
            throw InputError(what + " has number " + std::to_string(each.number) +
                             ", as another appointment of the customer; each has its own number");
        }
    }
}

// All that plan_agenda works on.
class AgendaPlan {
  public:
    AgendaPlan(std::span<const Review> reviews, std::span<const Manager> managers,
               std::span<const DayNumber> working_days, const AgendaOptions& options,
               std::span<const CustomerSite> sites)
        : reviews_(reviews),
          managers_(managers),
          working_days_(working_days),
          options_(options),
          diaries_(managers.size()),
          day_(reviews.size(), no_flow_day) {
        double greatest = 0;
        for (const Review& review : reviews_) greatest = std::max(greatest, review.value);
        constexpr double steps = 1 << 30;
        unit_ = greatest > 0 ? steps / greatest : 1.0;
        for (const CustomerSite& site : sites) {
            if (!sites_.emplace(site.customer, &site).second) {
                throw InputError("customer " + std::to_string(site.customer) +
                                 " has two entries of days and places; each customer has one");
            }
        }
        math::parallel_for(0, managers.size(), 1, options.threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t m = begin; m < end; ++m) diaries_[m] = limits_of(managers[m], working_days);
        });
    }

    // Keeps the fixed appointments, also on days off or beyond capacity, and notes what is wrong with them.
    void fix(std::span<const Appointment> fixed);
    // Whether managers meet, and have so few reviews that a search over all of them is fast.
    [[nodiscard]] bool meets() const;
    // Places the meetings of two managers, the greatest value first: each on the nearest day, or at a given place.
    // With `chosen`, only meetings that are chosen at least three times out of four.
    void meet(std::span<const ReviewPlace> places, std::span<const double> chosen = {});
    // Places of meetings that a search over all managers who meet finds, from a finished plan on.
    [[nodiscard]] std::vector<ReviewPlace> search_meetings(const AgendaPlan& plan) const;
    // Whether it places more value than another plan, or as much with less deviation.
    [[nodiscard]] bool better_than(const AgendaPlan& other) const;
    // Plans the managers one by one; given places are tried, too.
    void plan(std::span<const ReviewPlace> places);
    // Bounds the value of all managers together; `before` is the plan before any meeting is placed.
    [[nodiscard]] MeetingBound bound_together(const AgendaPlan& before) const;
    Agenda finished();

  private:
    [[nodiscard]] std::vector<FlowDay> days_of(const Review& review) const;
    [[nodiscard]] std::vector<OpenReview> open_of(std::span<const std::size_t> reviews) const;
    [[nodiscard]] bool can_visit(const CustomerSite* site, DayNumber day) const;
    [[nodiscard]] bool gap_holds(const Review& review, DayNumber day) const;
    [[nodiscard]] const CustomerSite* site_of(std::size_t customer) const {
        const auto at = sites_.find(customer);
        return at == sites_.end() ? nullptr : at->second;
    }
    void note_fixed(const Appointment& appointment, const DayLimits& before);
    [[nodiscard]] std::set<std::size_t> who_meet() const;
    void bound_meetings();
    [[nodiscard]] int meeting_start(const Review& review, std::size_t day) const;
    [[nodiscard]] ReviewPlace nearest_meeting(const Review& review, std::span<const FlowDay> days) const;
    void keep(const Appointment& appointment);
    void give_times(const ManagerPlanner& planner);
    void leave_out(std::size_t review, std::span<const ManagerPlanner> planners);
    [[nodiscard]] std::string reason(const Review& review) const;
    void number();

    std::span<const Review> reviews_;
    std::span<const Manager> managers_;
    std::span<const DayNumber> working_days_;
    AgendaOptions options_;
    std::unordered_map<std::size_t, const CustomerSite*> sites_;
    std::vector<DayLimits> diaries_;
    std::unordered_map<std::size_t, std::vector<DayNumber>> agreed_;  // days of each customer's appointments
    std::unordered_map<std::size_t, int> numbers_;                    // greatest number of each customer
    std::vector<std::size_t> unmet_;                                  // meetings of two managers without a place
    std::vector<std::optional<std::pair<double, double>>> bounds_;    // of managers who meet with another one
    std::vector<std::int32_t> day_;                                   // day of each review placed here
    double unit_ = 1;
    Agenda agenda_;
    std::vector<std::vector<Appointment>> planned_;  // per manager
};

CUSTFOLIO_INLINE void AgendaPlan::note_fixed(const Appointment& appointment, const DayLimits& before) {
    const auto note = [&](const std::string& text) {
        agenda_.notes.push_back({appointment.customer, appointment.manager, appointment.day, text});
    };
    const Manager& manager = managers_[appointment.manager];
    const std::size_t at = position_of(working_days_, appointment.day);
    if (at == working_days_.size()) {
        if (!working_days_.empty() && appointment.day >= working_days_.front() &&
            appointment.day <= working_days_.back()) {
            note("the agreed day is no working day");
        }
        return;
    }
    if (before.room[at] == 0) {
        note(manager.days.matches(appointment.day) &&
                     none_of(manager.absences, [&](const Period& p) { return p.contains(appointment.day); })
                 ? "the agreed day has more reviews than the manager's " + std::to_string(manager.reviews_per_day)
                 : "the manager does not work on the agreed day");
    }
    if (appointment.start == no_time) return;
    const Hours time{appointment.start, appointment.start + appointment.minutes};
    const bool free = any_of(before.free[at], [&](Hours each) { return each.from <= time.from && time.to <= each.to; });
    if (!free) note("the agreed time is not free: another appointment, a busy time or the end of the working hours");
}

CUSTFOLIO_INLINE void AgendaPlan::keep(const Appointment& appointment) {
    agreed_[appointment.customer].push_back(appointment.day);
    agenda_.appointments.push_back(appointment);
}

CUSTFOLIO_INLINE void AgendaPlan::fix(std::span<const Appointment> fixed) {
    // Appointments with a time come first, so that those without one get a time that is free.
    std::vector<Appointment> in_order(fixed.begin(), fixed.end());
    std::stable_sort(in_order.begin(), in_order.end(), [](const Appointment& a, const Appointment& b) {
        return std::tuple(a.start == no_time, a.day, a.start) < std::tuple(b.start == no_time, b.day, b.start);
    });
    for (Appointment& appointment : in_order) {
        int& greatest = numbers_[appointment.customer];
        greatest = std::max(greatest, appointment.number);
        if (appointment.state != AppointmentState::agreed) continue;
        appointment.fixed = true;
        DayLimits& diary = diaries_[appointment.manager];
        note_fixed(appointment, diary);
        if (appointment.start == no_time) {
            const std::size_t at = position_of(working_days_, appointment.day);
            const Hours hours = managers_[appointment.manager].hours;
            const std::vector<Hours> whole{hours};
            appointment.start = first_start(at < working_days_.size() ? diary.free[at] : whole, appointment.minutes);
            if (appointment.start == no_time) appointment.start = hours.from;
        }
        book(diary, appointment);
        if (appointment.second != no_second) book(diaries_[appointment.second], appointment);
        keep(appointment);
    }
}

CUSTFOLIO_INLINE bool AgendaPlan::can_visit(const CustomerSite* site, DayNumber day) const {
    return site == nullptr || (site->open.matches(day) &&
                               none_of(site->closed, [&](const Period& closed) { return closed.contains(day); }));
}

CUSTFOLIO_INLINE bool AgendaPlan::gap_holds(const Review& review, DayNumber day) const {
    const auto at = agreed_.find(review.customer);
    return at == agreed_.end() ||
           none_of(at->second, [&](DayNumber seen) { return std::abs(seen - day) < review.least_gap; });
}

// The first start of a review in its part of the day.
CUSTFOLIO_INLINE int first_start_of(std::span<const Hours> free, ReviewLength length) {
    return length.part == PartOfDay::any ? first_start(free, length.minutes)
                                         : first_start(within(free, length.part), length.minutes);
}

// Whether a day alone has room for a review of a length, at its customer's part of the day.
CUSTFOLIO_INLINE bool has_room(const DayLimits& limits, std::size_t day, ReviewLength length) {
    return limits.room[day] > 0 && limits.week_room[static_cast<std::size_t>(limits.week[day])] > 0 &&
           first_start_of(limits.free[day], length) != no_time;
}

// Whether a review fits in the free times of a day, but not in the part of the day that its customer requires.
CUSTFOLIO_INLINE bool misses_part(std::span<const Hours> free, ReviewLength length) {
    return length.part != PartOfDay::any && first_start_of(free, length) == no_time &&
           first_start(free, length.minutes) != no_time;
}

// The days of a review's window on which it can be, with their weighted deviation.
CUSTFOLIO_INLINE std::vector<FlowDay> AgendaPlan::days_of(const Review& review) const {
    const CustomerSite* const site = site_of(review.customer);
    const DayLimits& diary = diaries_[review.manager];
    const auto weight = std::max<std::int64_t>(1, std::llround(review.value * unit_));
    std::vector<FlowDay> days;
    const auto first = std::lower_bound(working_days_.begin(), working_days_.end(), review.window.first);
    for (auto at = first; at != working_days_.end() && *at <= review.window.last; ++at) {
        if (!can_visit(site, *at) || !gap_holds(review, *at)) continue;
        const auto day = static_cast<std::size_t>(at - working_days_.begin());
        // A day without room stays: a further day of the manager could be there.
        if (misses_part(diary.free[day], length_of(review.minutes, site))) continue;
        std::int64_t apart = std::abs(std::int64_t{*at} - review.due);
        if (site != nullptr && !site->preferred.matches(*at)) apart += options_.preference_days;
        days.push_back({static_cast<std::int32_t>(day), weight * apart});
    }
    return days;
}

CUSTFOLIO_INLINE std::vector<OpenReview> AgendaPlan::open_of(std::span<const std::size_t> reviews) const {
    std::unordered_map<std::size_t, std::size_t> number;
    std::vector<OpenReview> open;
    open.reserve(reviews.size());
    for (const std::size_t r : reviews) {
        const std::size_t customer = number.emplace(reviews_[r].customer, number.size()).first->second;
        open.push_back({r, customer, site_of(reviews_[r].customer), days_of(reviews_[r])});
    }
    return open;
}

CUSTFOLIO_INLINE std::set<std::size_t> AgendaPlan::who_meet() const {
    std::set<std::size_t> who;
    for (const Review& review : reviews_) {
        if (review.second != no_second) who.insert({review.manager, review.second});
    }
    return who;
}

CUSTFOLIO_INLINE bool AgendaPlan::meets() const {
    constexpr std::ptrdiff_t few = 10'000;
    const std::set<std::size_t> who = who_meet();
    const auto theirs = std::count_if(reviews_.begin(), reviews_.end(),
                                      [&](const Review& review) { return who.contains(review.manager); });
    return !who.empty() && theirs <= few;
}

// The bounds of managers who meet with another one are those of all their reviews before any meeting is placed.
CUSTFOLIO_INLINE void AgendaPlan::bound_meetings() {
    bounds_.resize(managers_.size());
    for (const std::size_t m : who_meet()) {
        std::vector<std::size_t> reviews;
        for (std::size_t r = 0; r < reviews_.size(); ++r) {
            if (reviews_[r].manager == m) reviews.push_back(r);
        }
        const ManagerPlanner planner(reviews_, open_of(reviews), diaries_[m], managers_[m]);
        bounds_[m] = planner.bound(unit_);
    }
}

// The first common time of two managers on a day, or no_time.
CUSTFOLIO_INLINE int AgendaPlan::meeting_start(const Review& review, std::size_t day) const {
    const DayLimits& one = diaries_[review.manager];
    const DayLimits& other = diaries_[review.second];
    const CustomerSite* const site = site_of(review.customer);
    const ReviewLength length = length_of(review.minutes, site);
    if (!has_room(one, day, length) || !has_room(other, day, length)) return no_time;
    return start_in(common_time(one.free[day], other.free[day]), review.minutes, site);
}

// The first common time of two managers on the nearest day that has one.
CUSTFOLIO_INLINE ReviewPlace AgendaPlan::nearest_meeting(const Review& review, std::span<const FlowDay> days) const {
    ReviewPlace best;
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (const FlowDay& each : days) {
        if (each.deviation >= least) continue;
        const int start = meeting_start(review, static_cast<std::size_t>(each.day));
        if (start == no_time) continue;
        best = {each.day, start};
        least = each.deviation;
    }
    return best;
}

CUSTFOLIO_INLINE MeetingBound AgendaPlan::bound_together(const AgendaPlan& before) const {
    const std::set<std::size_t> who = who_meet();
    double others = 0;
    double reached = 0;
    double apart = 0;
    for (std::size_t m = 0; m < managers_.size(); ++m) {
        const ManagerResult& each = agenda_.managers[m];
        if (who.contains(m)) {
            reached += each.value;
            apart += each.bound;
        } else {
            others += each.bound;
        }
    }
    MeetingBound together{apart, {}};
    if (apart > reached * (1 + 1e-12)) {
        std::vector<MeetingDiary> diaries;
        for (const std::size_t m : who) {
            std::vector<std::size_t> theirs;
            for (std::size_t r = 0; r < reviews_.size(); ++r) {
                if (reviews_[r].manager == m || reviews_[r].second == m) theirs.push_back(r);
            }
            diaries.push_back({m, before.diaries_[m], theirs, before.open_of(theirs)});
            std::vector<OpenReview>& open = diaries.back().open;
            for (std::size_t k = 0; k < open.size(); ++k) {
                open[k].review = k;
                const Review& review = reviews_[theirs[k]];
                if (review.second == no_second) continue;
                std::erase_if(open[k].days, [&](const FlowDay& day) {
                    return before.meeting_start(review, static_cast<std::size_t>(day.day)) == no_time;
                });
            }
        }
        together = meeting_bound(reviews_, managers_, diaries, reached, options_.threads);
        together.value = std::min(together.value, apart);
    }
    together.value += others;
    return together;
}

CUSTFOLIO_INLINE void AgendaPlan::meet(std::span<const ReviewPlace> places, std::span<const double> chosen) {
    std::vector<std::size_t> order;
    for (std::size_t r = 0; r < reviews_.size(); ++r) {
        if (reviews_[r].second != no_second) order.push_back(r);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return reviews_[a].value > reviews_[b].value; });
    agenda_.managers.resize(managers_.size());
    bound_meetings();
    for (const std::size_t r : order) {
        const Review& review = reviews_[r];
        const std::vector<FlowDay> days = days_of(review);
        ReviewPlace place;
        if (!places.empty()) {
            place = places[r];
        } else if (chosen.empty() || chosen[r] >= 0.75) {
            place = nearest_meeting(review, days);
        }
        ManagerResult& result = agenda_.managers[review.manager];
        if (place.day == no_flow_day) {
            unmet_.push_back(r);
            ++result.unplaced;
            continue;
        }
        const Appointment met{review.customer,
                              review.manager,
                              working_days_[static_cast<std::size_t>(place.day)],
                              review.due,
                              false,
                              place.start,
                              review.minutes,
                              0,
                              review.second,
                              review.interval,
                              AppointmentState::agreed};
        book(diaries_[review.manager], met);
        book(diaries_[review.second], met);
        keep(met);
        day_[r] = place.day;
        ++result.placed;
        result.value += review.value;
        const auto at = detail::find_if(days, [&](const FlowDay& each) { return each.day == place.day; });
        result.deviation += static_cast<double>(at->deviation) / unit_;
    }
}

CUSTFOLIO_INLINE std::vector<ReviewPlace> AgendaPlan::search_meetings(const AgendaPlan& plan) const {
    const std::set<std::size_t> who = who_meet();
    std::vector<std::size_t> reviews;
    for (std::size_t r = 0; r < reviews_.size(); ++r) {
        if (who.contains(reviews_[r].manager)) reviews.push_back(r);
    }
    const std::vector<OpenReview> open = open_of(reviews);
    std::vector<SearchJob> jobs;
    std::vector<std::int32_t> day;
    for (const OpenReview& each : open) {
        const Review& review = reviews_[each.review];
        jobs.push_back({each.days, review.value, length_of(review.minutes, each.site), review.least_gap, each.customer,
                        review.manager, review.second});
        day.push_back(plan.day_[each.review]);
    }
    ReviewSearch searched(jobs, diaries_);
    searched.start(day);
    searched.improve();
    searched.shake(0);
    std::vector<ReviewPlace> places(reviews_.size());
    for (std::size_t k = 0; k < open.size(); ++k) places[open[k].review] = searched.place(k);
    return places;
}

CUSTFOLIO_INLINE bool AgendaPlan::better_than(const AgendaPlan& other) const {
    const auto sums = [](const Agenda& agenda) {
        std::pair<double, double> sum{0, 0};
        for (const ManagerResult& each : agenda.managers) {
            sum.first += each.value;
            sum.second -= each.deviation;
        }
        return sum;
    };
    return sums(agenda_) > sums(other.agenda_);
}

CUSTFOLIO_INLINE void AgendaPlan::give_times(const ManagerPlanner& planner) {
    const DayLimits& limits = planner.limits();
    std::vector<std::vector<DayVisit>> visits(limits.days.size());
    for (std::size_t k = 0; k < planner.open().size(); ++k) {
        const std::int32_t day = planner.day()[k];
        if (day == no_flow_day) continue;
        const std::size_t r = planner.open()[k].review;
        day_[r] = day;
        visits[static_cast<std::size_t>(day)].push_back({r, reviews_[r].minutes, site_of(reviews_[r].customer)});
    }
    for (std::size_t day = 0; day < visits.size(); ++day) {
        if (visits[day].empty()) continue;
        const std::vector<int> starts = clock_times(visits[day], limits.free[day]);
        for (std::size_t k = 0; k < visits[day].size(); ++k) {
            const Review& review = reviews_[visits[day][k].review];
            planned_[review.manager].push_back({review.customer, review.manager, limits.days[day], review.due, false,
                                                starts[k], review.minutes, 0, no_second, review.interval,
                                                AppointmentState::agreed});
        }
    }
}

CUSTFOLIO_INLINE void AgendaPlan::plan(std::span<const ReviewPlace> places) {
    std::vector<std::vector<std::size_t>> of_manager(managers_.size());
    for (std::size_t r = 0; r < reviews_.size(); ++r) {
        if (reviews_[r].second == no_second) of_manager[reviews_[r].manager].push_back(r);
    }
    std::vector<ManagerPlanner> planners;
    planners.reserve(managers_.size());
    for (std::size_t m = 0; m < managers_.size(); ++m) {
        planners.emplace_back(reviews_, std::vector<OpenReview>{}, DayLimits{}, managers_[m]);
    }
    planned_.resize(managers_.size());
    math::parallel_for(0, managers_.size(), 1, options_.threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t m = begin; m < end; ++m) {
            planners[m] = ManagerPlanner(reviews_, open_of(of_manager[m]), diaries_[m], managers_[m]);
            std::vector<std::int32_t> start;
            for (const OpenReview& each : planners[m].open()) {
                if (!places.empty()) start.push_back(places[each.review].day);
            }
            planners[m].plan(unit_, options_.slack, options_.km_per_point, start);
            give_times(planners[m]);
        }
    });
    std::vector<std::size_t> left = unmet_;
    for (std::size_t m = 0; m < managers_.size(); ++m) {
        const ManagerResult& result = planners[m].result();
        ManagerResult& sum = agenda_.managers[m];
        const ManagerResult met = sum;
        sum = result;
        sum.placed += met.placed;
        sum.unplaced += met.unplaced;
        sum.value += met.value;
        sum.deviation += met.deviation;
        if (bounds_[m]) std::tie(sum.bound, sum.deviation_bound) = *bounds_[m];
        for (const Appointment& each : planned_[m]) {
            planners[m].book_in(each);
            keep(each);
        }
        for (std::size_t k = 0; k < planners[m].open().size(); ++k) {
            if (planners[m].day()[k] == no_flow_day) left.push_back(planners[m].open()[k].review);
        }
    }
    std::sort(left.begin(), left.end());
    for (const std::size_t r : left) {
        leave_out(r, planners);
    }
}

CUSTFOLIO_INLINE std::string AgendaPlan::reason(const Review& review) const {
    const std::string window = " from " + day_text(review.window.first) + " to " + day_text(review.window.last);
    const Manager& manager = managers_[review.manager];
    const CustomerSite* const site = site_of(review.customer);
    const PartOfDay part = length_of(review.minutes, site).part;
    bool working = false;
    bool visited = false;
    bool apart = false;
    bool common = false;
    for (const DayNumber day : working_days_) {
        if (!review.window.contains(day)) continue;
        working = true;
        if (!can_visit(site, day)) continue;
        visited = true;
        if (!gap_holds(review, day)) continue;
        apart = true;
        common = common || manager.days.matches(day);
    }
    if (!working) return "there is no working day" + window;
    if (!visited) return "the customer can be visited on no working day" + window;
    if (!apart) {
        return "every working day" + window +
               (review.least_gap == 1 ? " has" : " is less than " + std::to_string(review.least_gap) + " days from") +
               " another appointment of the customer";
    }
    if (!common) {
        return "manager '" + manager.id + "' works on none of the days on which the customer can be visited" + window;
    }
    if (first_start(within(std::vector<Hours>{manager.hours}, part), review.minutes) == no_time) {
        return "the hours of manager '" + manager.id + "' have no room for " + std::to_string(review.minutes) +
               " minutes" + (part == PartOfDay::any ? "" : " in the " + to_string(part));
    }
    if (review.second == no_second) return "manager '" + manager.id + "' has no free working day" + window;
    return "manager '" + manager.id + "' and manager '" + managers_[review.second].id + "' have no free working day" +
           window;
}

// The remedies leave all other appointments where they are.
CUSTFOLIO_INLINE void AgendaPlan::leave_out(std::size_t r, std::span<const ManagerPlanner> planners) {
    const Review& review = reviews_[r];
    UnplacedReview left{review, reason(review), -1, nobody_else, no_day};
    if (review.second == no_second) {
        const CustomerSite* const site = site_of(review.customer);
        const auto apart = [&](std::size_t day) { return std::abs(std::int64_t{working_days_[day]} - review.due); };
        std::vector<std::size_t> days;
        for (std::size_t day = 0; day < working_days_.size(); ++day) {
            if (can_visit(site, working_days_[day]) && gap_holds(review, working_days_[day])) days.push_back(day);
        }
        std::stable_sort(days.begin(), days.end(), [&](std::size_t a, std::size_t b) { return apart(a) < apart(b); });
        const ReviewLength length = length_of(review.minutes, site);
        // The first of some days on which a manager has room; they are in order of their distance from the due date.
        const auto first_free = [&](std::size_t manager, std::span<const std::size_t> some) {
            const auto at = detail::find_if(
                some, [&](std::size_t day) { return has_room(planners[manager].limits(), day, length); });
            return at == some.end() ? working_days_.size() : *at;
        };
        const std::size_t nearest = first_free(review.manager, days);
        if (nearest < working_days_.size()) left.tolerance_days = static_cast<int>(apart(nearest));
        std::erase_if(days, [&](std::size_t day) { return !review.window.contains(working_days_[day]); });
        for (std::size_t m = 0; m < managers_.size() && left.other_manager == nobody_else; ++m) {
            if (m == review.manager || !managers_[m].serves(review.group)) continue;
            const std::size_t day = first_free(m, days);
            if (day == working_days_.size()) continue;
            left.other_manager = m;
            left.other_day = working_days_[day];
        }
    }
    agenda_.unplaced.push_back(std::move(left));
}

// Gives each appointment without a number the next one of its customer, by due date.
CUSTFOLIO_INLINE void AgendaPlan::number() {
    std::vector<std::size_t> order;
    for (std::size_t k = 0; k < agenda_.appointments.size(); ++k) {
        const Appointment& each = agenda_.appointments[k];
        if (each.number == 0) order.push_back(k);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const Appointment& x = agenda_.appointments[a];
        const Appointment& y = agenda_.appointments[b];
        return std::tuple(!x.fixed, x.due, x.day, x.start) < std::tuple(!y.fixed, y.due, y.day, y.start);
    });
    for (const std::size_t k : order) {
        agenda_.appointments[k].number = ++numbers_[agenda_.appointments[k].customer];
    }
}

CUSTFOLIO_INLINE Agenda AgendaPlan::finished() {
    number();
    agenda_.bound = 0;
    for (const ManagerResult& each : agenda_.managers) agenda_.bound += each.bound;
    // A total order, so that the agenda does not depend on the order in which reviews found their places.
    std::sort(agenda_.appointments.begin(), agenda_.appointments.end(), [](const Appointment& a, const Appointment& b) {
        return std::tuple(a.day, a.manager, a.start, a.customer, a.number) <
               std::tuple(b.day, b.manager, b.start, b.customer, b.number);
    });
    return std::move(agenda_);
}

}  // namespace detail

CUSTFOLIO_INLINE Agenda plan_agenda(std::span<const Review> reviews, std::span<const Manager> managers,
                                    std::span<const DayNumber> working_days, std::span<const Appointment> fixed,
                                    const AgendaOptions& options, std::span<const CustomerSite> sites) {
    detail::check(managers);
    detail::check_increasing(working_days);
    detail::check(reviews, managers.size());
    detail::check(fixed, managers.size());
    if (options.preference_days < 0) {
        throw InputError("preference_days is " + std::to_string(options.preference_days) + "; it must be 0 or more");
    }
    if (!(options.slack >= 0 && std::isfinite(options.slack)) || !(options.km_per_point > 0)) {
        throw InputError("slack is " + number_text(options.slack) + " and km_per_point " +
                         number_text(options.km_per_point) + "; slack must be 0 or more, km_per_point above 0");
    }
    detail::AgendaPlan plan(reviews, managers, working_days, options, sites);
    plan.fix(fixed);
    std::optional<detail::AgendaPlan> before;
    if (plan.meets()) before = plan;
    plan.meet({});
    plan.plan({});
    if (!before) return plan.finished();
    const auto improve = [&](const detail::AgendaPlan& from) {
        const std::vector<detail::ReviewPlace> places = before->search_meetings(from);
        detail::AgendaPlan searched = *before;
        searched.meet(places);
        searched.plan(places);
        return searched.better_than(from) ? searched : from;
    };
    plan = improve(plan);
    const detail::MeetingBound together = plan.bound_together(*before);
    if (!together.chosen.empty()) {
        detail::AgendaPlan guided = *before;
        guided.meet({}, together.chosen);
        guided.plan({});
        guided = improve(guided);
        if (guided.better_than(plan)) plan = std::move(guided);
    }
    Agenda agenda = plan.finished();
    agenda.bound = together.value;
    return agenda;
}

CUSTFOLIO_INLINE std::vector<MonthlyCapacity> monthly_capacity(std::span<const Review> reviews,
                                                               std::span<const Manager> managers,
                                                               std::span<const DayNumber> working_days,
                                                               std::span<const Appointment> fixed) {
    detail::check(managers);
    detail::check_increasing(working_days);
    detail::check(reviews, managers.size());
    detail::check(fixed, managers.size());
    if (working_days.empty()) return {};
    const Month first = Month::of(working_days.front());
    const int months = Month::of(working_days.back()) - first + 1;
    std::vector<MonthlyCapacity> capacity;
    std::vector<double> minutes(managers.size());
    std::vector<int> count(managers.size());
    for (std::size_t m = 0; m < managers.size(); ++m) {
        for (int k = 0; k < months; ++k) capacity.push_back({m, first + k, 0, 0, 0, 0});
    }
    const auto entry = [&](std::size_t manager, DayNumber day) -> MonthlyCapacity* {
        const int month = Month::of(day) - first;
        if (month < 0 || month >= months) return nullptr;
        return &capacity[manager * static_cast<std::size_t>(months) + static_cast<std::size_t>(month)];
    };
    const auto need = [&](std::size_t manager, DayNumber day, int length) {
        if (manager == no_second) return;
        MonthlyCapacity* const month = entry(manager, day);
        if (month == nullptr) return;
        ++month->reviews_needed;
        month->hours_needed += length / 60.0;
        minutes[manager] += length;
        ++count[manager];
    };
    for (const Review& review : reviews) {
        for (const std::size_t manager : {review.manager, review.second}) need(manager, review.due, review.minutes);
    }
    for (const Appointment& each : fixed) {
        if (each.state != AppointmentState::agreed) continue;
        for (const std::size_t manager : {each.manager, each.second}) need(manager, each.day, each.minutes);
    }
    for (std::size_t m = 0; m < managers.size(); ++m) {
        const detail::DayLimits limits = detail::limits_of(managers[m], working_days);
        const double mean = count[m] > 0 ? minutes[m] / count[m] : 60.0;
        std::vector<int> week_left = limits.week_room;
        for (std::size_t day = 0; day < working_days.size(); ++day) {
            MonthlyCapacity& month = *entry(m, working_days[day]);
            int& left = week_left[static_cast<std::size_t>(limits.week[day])];
            int room = std::min(limits.room[day], left);
            int free = 0;
            for (const Hours& each : limits.free[day]) free += each.to - each.from;
            room = std::min(room, static_cast<int>(free / mean));
            if (left != no_review_limit) left -= room;
            month.reviews_available += room;
            month.hours_available += room * mean / 60.0;
        }
    }
    return capacity;
}

}  // namespace custfolio
