// Definitions of the best courses at given prices.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/detail/course_oracle.hpp"
#include "custfolio/strategy/strategy.hpp"

namespace custfolio::detail {

// What one unit of each amount is worth in each month, at the prices of the rows.
struct CourseOracle::MonthPrices {
    // Heat is worth its discount; all others cost their prices.
    std::vector<double> heat, level, replacement, hours, deliveries, money, offers;
    std::vector<double> begin;  // of an offer: its cost, hours and money in its month
    double switches = 0;        // a switch from the previous plan
    double frozen = 0;          // one in a frozen month
};

// What a customer or prospect can do with one offer from one month on, and one set of action plans.
struct CourseOracle::Family {
    std::size_t offer = Course::none;
    int month = -1;
    std::size_t known = 0;  // month from which on it may leave
    double worth = 0;       // at the prices, if it stays
    bool leaves = false;    // whether it may leave
};

// Sums of one customer over its months; reused, since there are millions of customers.
struct CourseOracle::Scratch {
    explicit Scratch(std::size_t months)
        : gone(months),
          waiting(months),
          plan_level(months),
          plan_heat(months),
          plan_hours(months),
          plan_money(months),
          plan_size(months),
          before(months + 1),
          after(months + 1),
          left(months),
          best_left(months + 1),
          best_month(months + 1),
          may_leave(months),
          moves(months + 1) {}

    std::span<const std::size_t> plans;  // of the set
    std::vector<double> gone;            // worth of what a certain refusal takes away, without action plans
    std::vector<double> waiting;         // worth of a month of the action plans
    std::vector<double> plan_level, plan_heat, plan_hours, plan_money, plan_size;
    std::vector<double> before;            // worth of all months before one, waiting
    std::vector<double> after;             // worth of all months from one on, with an answer
    std::vector<double> left;              // change of a month's worth by action plans that leave
    std::vector<double> best_left;         // by the best leaving from a month on; 0 where staying is better
    std::vector<std::size_t> best_month;   // its month; the number of months where staying is better
    std::vector<unsigned char> may_leave;  // per month: whether leaving is no loss
    std::vector<unsigned char> moves;      // whether a leaving from a month on moves anything
    bool leaves = false;                   // whether one of any month does
};

// Sums of amounts over customers, per month.
class CourseOracle::MonthTotals {
  public:
    explicit MonthTotals(std::size_t months)
        : heat(months), level(months), net(months), hours(months), deliveries(months), money(months), offers(months) {}

    void add(const CourseEffect& effect) {
        for (std::size_t m = 0; m < heat.size(); ++m) {
            heat[m] += effect.heat(m);
            level[m] += effect.level(m);
            net[m] += effect.out[m] - effect.in[m];
            hours[m] += effect.hours[m];
            deliveries[m] += effect.deliveries[m];
            money[m] += effect.money[m];
            offers[m] += effect.offers[m];
        }
        switches += effect.switches;
        frozen += effect.frozen;
    }
    [[nodiscard]] const std::vector<double>& of(CourseRow::Kind kind) const {
        switch (kind) {
            case CourseRow::Kind::replacement:
                return net;
            case CourseRow::Kind::hours:
                return hours;
            case CourseRow::Kind::deliveries:
                return deliveries;
            case CourseRow::Kind::money:
                return money;
            case CourseRow::Kind::offers:
                return offers;
            case CourseRow::Kind::floor:
            case CourseRow::Kind::capacity:
            case CourseRow::Kind::switches:
            case CourseRow::Kind::frozen:
                break;
        }
        return level;
    }

    std::vector<double> heat, level, net, hours, deliveries, money, offers;
    double switches = 0;
    double frozen = 0;
};

CUSTFOLIO_INLINE std::vector<CourseOracle::MonthPrices> CourseOracle::monthly_prices(std::span<const double> prices,
                                                                                     bool heat) const {
    std::vector<MonthPrices> all;
    for (std::size_t k = 0; k < model_.memberships(); ++k) all.push_back(month_prices(prices, heat, k));
    return all;
}

CUSTFOLIO_INLINE CourseOracle::MonthPrices CourseOracle::month_prices(std::span<const double> prices, bool heat,
                                                                      std::size_t membership) const {
    const std::vector<double> none(months_, 0.0);
    MonthPrices all{none, none, none, none, none, none, none, none, heat ? model_.strategy_->switch_price : 0.0, 0.0};
    for (std::size_t m = 0; m < months_ && heat; ++m) all.heat[m] = model_.discount()[m];
    for (std::size_t r = 0; r < prices.size(); ++r) {
        const CourseRow& row = model_.rows()[r];
        if (!model_.counts(row, membership)) continue;
        if (row.kind == CourseRow::Kind::switches) all.switches += prices[r];
        if (row.kind == CourseRow::Kind::frozen) all.frozen += prices[r];
        // Rows of switches have no months.
        std::vector<double>& price = row.soft()                                 ? all.level
                                     : row.kind == CourseRow::Kind::replacement ? all.replacement
                                     : row.kind == CourseRow::Kind::hours       ? all.hours
                                     : row.kind == CourseRow::Kind::deliveries  ? all.deliveries
                                     : row.kind == CourseRow::Kind::money       ? all.money
                                                                                : all.offers;
        for (const std::size_t m : row.months) price[m] += prices[r];
    }
    for (std::size_t m = 0; m < months_; ++m) {
        all.begin[m] = (all.heat[m] + all.money[m]) * model_.strategy_->cost_per_offer +
                       all.hours[m] * model_.strategy_->hours_per_offer;
    }
    return all;
}

// Most customers of a large company have no offer and no action plan.
CUSTFOLIO_INLINE bool CourseOracle::only_keeps(std::size_t who) const {
    if (who >= model_.customers()) return false;
    if (model_.together_ && model_.holdings_.linked(who)) return model_.follows(who);
    const std::vector<std::size_t>& begin = model_.offers_->begin;
    const bool offered = !begin.empty() && begin[who] != begin[who + 1];
    return !offered && !model_.refused_[who] && model_.plans_of(who).empty();
}

// What leaves with the customer, whatever its offer.
CUSTFOLIO_INLINE void CourseOracle::begin_customer(std::size_t who, const MonthPrices& prices, Scratch& scratch) const {
    const Column& deliveries = model_.portfolio_->columns().deliveries;
    const double stops = deliveries.size() > who ? deliveries[who] : 0.0;
    const double* base = model_.baseline_level().row(who).data();
    const double* share = model_.share_.row(who).data();
    const double part = model_.leaving_part(who);
    const double heat_part = model_.leaving_heat_part(who);
    for (std::size_t m = 0; m < months_; ++m) {
        scratch.gone[m] = part * (prices.level[m] * base[m] + prices.deliveries[m] * stops * share[m] -
                                  prices.replacement[m] * std::max(base[m], 0.0)) -
                          prices.heat[m] * heat_part * model_.avoidable_heat(who, m);
    }
}

// The action plans of a set, and the months in which leaving with it is no loss; as CourseModel::add_overflows().
CUSTFOLIO_INLINE void CourseOracle::begin_set(std::size_t who, std::span<const std::size_t> plans,
                                              const MonthPrices& prices, Scratch& scratch) const {
    scratch.plans = plans;
    if (plans.empty()) {
        if (ever_leaves_[who]) find_leavings(who, scratch);
        scratch.leaves = ever_leaves_[who];
        return;
    }
    const std::size_t from = model_.growth_offset();
    for (std::vector<double>* column :
         {&scratch.plan_level, &scratch.plan_heat, &scratch.plan_hours, &scratch.plan_money, &scratch.plan_size}) {
        std::fill(column->begin(), column->end(), 0.0);
    }
    for (const std::size_t g : plans) {
        const double* level = model_.growth_->expected_revenue().row(g).data() + from;
        const double* heat = model_.growth_->expected_contribution().row(g).data() + from;
        const double* hours = model_.growth_->expected_hours().row(g).data() + from;
        const double* money = model_.spend_.rows() > 0 ? model_.spend_.row(g).data() + from : nullptr;
        for (std::size_t m = 0; m < months_; ++m) {
            scratch.plan_level[m] += level[m];
            scratch.plan_size[m] += std::abs(level[m]);
            scratch.plan_heat[m] += heat[m];
            scratch.plan_hours[m] += hours[m];
            if (money != nullptr) scratch.plan_money[m] += money[m];
        }
    }
    scratch.before[0] = 0;
    for (std::size_t m = 0; m < months_; ++m) {
        scratch.waiting[m] = prices.heat[m] * scratch.plan_heat[m] - prices.level[m] * scratch.plan_level[m] -
                             prices.hours[m] * scratch.plan_hours[m] - prices.money[m] * scratch.plan_money[m] +
                             prices.replacement[m] * std::max(scratch.plan_level[m], 0.0);
        scratch.before[m + 1] = scratch.before[m] + scratch.waiting[m];
    }
    find_leavings(who, scratch);
}

// The months in which leaving is no loss; as CourseModel::add_overflows().
CUSTFOLIO_INLINE void CourseOracle::find_leavings(std::size_t who, Scratch& scratch) const {
    const bool plans = !scratch.plans.empty();
    const double part = model_.leaving_part(who);
    const double heat_part = model_.leaving_heat_part(who);
    const std::size_t opens = model_.opens(who);
    scratch.moves[months_] = 0;
    double heat = 0;
    double size = 0;
    for (std::size_t b = months_; b-- > 0;) {
        const double leaves = heat_part * model_.avoidable_heat(who, b) + (plans ? scratch.plan_heat[b] : 0.0);
        heat += model_.discount()[b] * leaves;
        size +=
            std::abs(part * model_.baseline_level()(who, b)) + (plans ? scratch.plan_size[b] : 0.0) + std::abs(leaves);
        const bool no_loss_by_it = !(heat > no_loss * size) && !model_.stays_[who] && b >= opens;
        scratch.may_leave[b] = no_loss_by_it ? 1 : 0;
        scratch.moves[b] = scratch.moves[b + 1] != 0 || (no_loss_by_it && size > 0) ? 1 : 0;
    }
    scratch.leaves = scratch.moves[0] != 0;
}

// The worth of the months after an answer, and of leaving. Without an offer the answer is an earlier refusal.
CUSTFOLIO_INLINE void CourseOracle::price_states(std::size_t who, std::size_t offer, double refusal,
                                                 const MonthPrices& prices, Scratch& scratch,
                                                 double leaving_costs) const {
    const bool plans = !scratch.plans.empty();
    const double* share = model_.share_.row(who).data();
    double accepted = 0;
    double level = 0;
    double heat = 0;
    double deliveries = 0;
    double freed = 0;
    if (offer != Course::none) {
        const Offer& one = model_.offers_->offers[offer];
        accepted = one.acceptance;
        level = one.revenue_change;
        heat = one.heat_change;
        deliveries = one.deliveries_change;
        if (!model_.freed_hours_.empty()) freed = model_.freed_hours_[offer];
    }
    const double comes = std::max(level, 0.0);
    scratch.after[months_] = 0;
    for (std::size_t m = months_; m-- > 0;) {
        const double part = accepted * share[m];
        double answered = part * (prices.heat[m] * heat - prices.level[m] * level - prices.deliveries[m] * deliveries +
                                  prices.hours[m] * freed);
        if (!plans) {
            answered += prices.replacement[m] * part * comes;
        } else {
            // Terms and action plans are one sum: what comes in counts only where it is above 0.
            const double both = std::max(part * level + scratch.plan_level[m], 0.0);
            const double rest = std::max(part * level + scratch.plan_level[m] * (1 - refusal), 0.0);
            const double alone = std::max(scratch.plan_level[m], 0.0);
            answered += scratch.waiting[m] + prices.replacement[m] * (both - alone);
            scratch.left[m] =
                prices.replacement[m] * (rest - both) - refusal * (scratch.waiting[m] - prices.replacement[m] * alone);
        }
        scratch.after[m] = scratch.after[m + 1] + answered;
    }
    if (!scratch.leaves) return;
    scratch.best_left[months_] = 0;
    scratch.best_month[months_] = months_;
    double left = 0;
    for (std::size_t m = months_; m-- > 0;) {
        left += refusal * scratch.gone[m] + (plans ? scratch.left[m] : 0.0);
        const bool better = scratch.may_leave[m] != 0 && left - leaving_costs > scratch.best_left[m + 1];
        scratch.best_left[m] = better ? left - leaving_costs : scratch.best_left[m + 1];
        scratch.best_month[m] = better ? m : scratch.best_month[m + 1];
    }
}

CUSTFOLIO_INLINE double CourseOracle::worth_of(const CourseEffect& effect, const MonthPrices& prices) const {
    double worth = -prices.switches * effect.switches - prices.frozen * effect.frozen;
    for (std::size_t m = 0; m < months_; ++m) {
        worth += prices.heat[m] * effect.heat(m) - prices.level[m] * effect.level(m) -
                 prices.replacement[m] * (effect.out[m] - effect.in[m]) - prices.hours[m] * effect.hours[m] -
                 prices.deliveries[m] * effect.deliveries[m] - prices.money[m] * effect.money[m] -
                 prices.offers[m] * effect.offers[m];
    }
    return worth;
}

// All families of a holding, or of a customer with a previous course, from the list of its courses.
template <class Visit>
void CourseOracle::visit_listed(std::size_t who, const MonthPrices& prices, Scratch& scratch, Visit&& visitor) const {
    const std::vector<Course> courses = model_.courses(who);
    CourseEffect effect;
    const auto worth = [&](const Course& course) {
        model_.effect(who, course, effect);
        return worth_of(effect, prices);
    };
    for (std::size_t c = 0; c < courses.size();) {
        const Course& stays = courses[c];
        scratch.plans = stays.plans;
        Family family{stays.offer, stays.month, model_.refusal_known(who, stays), worth(stays), false};
        std::fill(scratch.may_leave.begin(), scratch.may_leave.end(), static_cast<unsigned char>(0));
        for (++c; c < courses.size() && courses[c].overflow >= 0; ++c) {
            const auto month = static_cast<std::size_t>(courses[c].overflow);
            scratch.left[month] = worth(courses[c]) - family.worth;
            scratch.may_leave[month] = 1;
            family.leaves = true;
        }
        scratch.best_left[months_] = 0;
        scratch.best_month[months_] = months_;
        for (std::size_t m = months_; m-- > 0;) {
            const bool better = scratch.may_leave[m] != 0 && scratch.left[m] > scratch.best_left[m + 1];
            scratch.best_left[m] = better ? scratch.left[m] : scratch.best_left[m + 1];
            scratch.best_month[m] = better ? m : scratch.best_month[m + 1];
        }
        visitor(std::as_const(family));
    }
}

// All families of a customer, in the order of CourseModel::courses(); the first is to keep.
template <class Visit>
void CourseOracle::visit(std::size_t who, const MonthPrices& prices, Scratch& scratch, Visit&& visitor) const {
    if (model_.one_by_one(who)) {
        visit_listed(who, prices, scratch, visitor);
        return;
    }
    const Strategy& strategy = *model_.strategy_;
    const bool grows = !model_.plans_of(who).empty();
    if (grows || ever_leaves_[who]) begin_customer(who, prices, scratch);
    const double switches = model_.kept_before(who) ? prices.switches : 0.0;
    const auto visit_set = [&](std::span<const std::size_t> plans) {
        begin_set(who, plans, prices, scratch);
        Family family;
        const bool refused = model_.refused_[who] && scratch.leaves;
        // Only to keep is no switch; with overflow it is one.
        if (refused) price_states(who, Course::none, 1.0, prices, scratch, plans.empty() ? switches : 0.0);
        family.worth = plans.empty() ? 0.0 : scratch.before[months_] - switches;
        family.leaves = refused;
        visitor(std::as_const(family));
        const std::vector<std::size_t>& begin = model_.offers_->begin;
        if (begin.empty()) return;
        for (std::size_t o = begin[who]; o < begin[who + 1]; ++o) {
            const Offer& offer = model_.offers_->offers[o];
            const double refusal = 1.0 - offer.acceptance;
            price_states(who, o, refusal, prices, scratch);
            family.offer = o;
            for (int a = 0; a + strategy.notice_months < strategy.months; a += strategy.interval) {
                const auto begins = static_cast<std::size_t>(a);
                family.month = a;
                family.known = begins + static_cast<std::size_t>(strategy.notice_months);
                family.worth = scratch.after[family.known] - prices.begin[begins] - switches;
                if (offer.acceptance > 0) family.worth -= prices.offers[begins];
                if (!scratch.plans.empty()) family.worth += scratch.before[family.known];
                family.leaves = scratch.leaves && refusal > 0 && scratch.moves[family.known] != 0;
                visitor(std::as_const(family));
            }
        }
    };
    visit_set({});
    if (!grows) return;
    const std::vector<std::vector<std::size_t>> sets = model_.plan_sets(who);
    for (std::size_t k = 1; k < sets.size(); ++k) visit_set(sets[k]);  // the first is empty
}

// A newcomer grows over its ramp, so each of its months is summed by itself.
template <class Visit>
void CourseOracle::visit_prospect(std::size_t who, const MonthPrices& prices, Scratch& scratch, Visit&& visitor) const {
    if (model_.one_by_one(who)) {
        visit_listed(who, prices, scratch, visitor);
        return;
    }
    scratch.plans = {};
    const Strategy& strategy = *model_.strategy_;
    const Prospect& prospect = model_.prospects_[who - model_.customers()];
    const int lead = model_.lead_months(who);
    visitor(Family{});
    for (int a = 0; a + lead < strategy.months; a += strategy.interval) {
        Family family;
        family.month = a;
        family.known = months_;
        const auto begins = static_cast<std::size_t>(a);
        family.worth = -(prices.heat[begins] + prices.money[begins]) * strategy.cost_per_pursuit -
                       prices.hours[begins] * prospect.hours - (model_.kept_before(who) ? prices.switches : 0.0);
        const std::size_t won = begins + static_cast<std::size_t>(lead);
        for (std::size_t m = won; m < months_; ++m) {
            const double ramp = std::min(1.0, static_cast<double>(m - won + 1) / (prospect.ramp_months + 1.0));
            family.worth +=
                prospect.win_probability * ramp / 12.0 *
                (prices.heat[m] * prospect.heat - prices.level[m] * prospect.level -
                 prices.deliveries[m] * prospect.deliveries + prices.replacement[m] * std::max(prospect.level, 0.0));
        }
        visitor(std::as_const(family));
    }
}

CUSTFOLIO_INLINE Course CourseOracle::course_of(const Family& family, const Scratch& scratch) const {
    return {family.offer, family.month, -1, {scratch.plans.begin(), scratch.plans.end()}};
}

// A family's course without overflow, then those with it, the latest month first.
CUSTFOLIO_INLINE void CourseOracle::add_courses(const Family& family, const Scratch& scratch,
                                                std::vector<Course>& all) const {
    all.push_back(course_of(family, scratch));
    if (!family.leaves) return;
    for (std::size_t b = months_; b-- > family.known;) {
        if (scratch.may_leave[b] == 0) continue;
        all.push_back(course_of(family, scratch));
        all.back().overflow = static_cast<int>(b);
    }
}

// Least and greatest amounts of each customer, month by month: at least as wide as those of its courses.
class CourseOracle::Ranges {
  public:
    explicit Ranges(const CourseModel& model)
        : low(model.months()), high(model.months()), model_(model), least_(model.rows().size()), most_(least_) {
        spread.assign(least_.size(), 0.0);
        magnitude.assign(least_.size(), 0.0);
    }

    // Clears the amounts of a customer.
    void begin(std::size_t membership) {
        membership_ = membership;
        std::fill(least_.begin(), least_.end(), 0.0);
        std::fill(most_.begin(), most_.end(), 0.0);
        least_value_ = most_value_ = 0;
    }
    // Widens the rows of a kind by amounts per month, low <= 0 <= high.
    void widen(CourseRow::Kind kind) {
        for (std::size_t r = 0; r < least_.size(); ++r) {
            const CourseRow& row = model_.rows()[r];
            const bool level = row.soft() && kind == CourseRow::Kind::floor;
            if ((row.kind != kind && !level) || !model_.counts(row, membership_)) continue;
            double least = 0;
            double most = 0;
            for (const std::size_t m : row.months) {
                least += low[m];
                most += high[m];
            }
            least_[r] += least;
            most_[r] += most;
        }
    }
    void widen_heat() {
        for (std::size_t m = 0; m < low.size(); ++m) {
            least_value_ += model_.discount()[m] * low[m];
            most_value_ += model_.discount()[m] * high[m];
        }
    }
    // Widens all rows and the heat to those of a course.
    void widen_to(std::span<const double> usage, double value) {
        for (std::size_t r = 0; r < least_.size(); ++r) {
            least_[r] = std::min(least_[r], usage[r]);
            most_[r] = std::max(most_[r], usage[r]);
        }
        least_value_ = std::min(least_value_, value);
        most_value_ = std::max(most_value_, value);
    }
    // A switch of a customer or prospect that kept in the previous plan.
    void add_switch(double price) {
        for (std::size_t r = 0; r < least_.size(); ++r) {
            if (model_.rows()[r].kind == CourseRow::Kind::switches) most_[r] += 1;
        }
        least_value_ -= price;
    }
    // What the start of an offer or a pursuit uses at most, in any month.
    void begin_course(double hours, double money, double offers) {
        for (std::size_t r = 0; r < least_.size(); ++r) {
            const CourseRow::Kind kind = model_.rows()[r].kind;
            if (!model_.counts(model_.rows()[r], membership_)) continue;
            if (kind == CourseRow::Kind::hours) most_[r] += hours;
            if (kind == CourseRow::Kind::money) most_[r] += money;
            if (kind == CourseRow::Kind::offers) most_[r] += offers;
        }
        least_value_ -= money * *std::max_element(model_.discount().begin(), model_.discount().end());
    }
    void end() {
        for (std::size_t r = 0; r < least_.size(); ++r) {
            spread[r] += most_[r] - least_[r];
            magnitude[r] += std::max(most_[r], -least_[r]);
        }
        value_spread += most_value_ - least_value_;
        least_value += least_value_;
        heat_magnitude += std::max(most_value_, -least_value_);
    }

    std::vector<double> low, high;  // per month, of one kind
    std::vector<double> spread, magnitude;
    double value_spread = 0;
    double least_value = 0;
    double heat_magnitude = 0;
    std::size_t courses = 0;

  private:
    const CourseModel& model_;
    std::vector<double> least_, most_;  // per row, of one customer
    std::size_t membership_ = 0;        // of that customer
    double least_value_ = 0;
    double most_value_ = 0;
};

CUSTFOLIO_INLINE void CourseOracle::measure_listed(std::size_t who, Ranges& ranges) const {
    CourseEffect effect;
    std::vector<double> usage(model_.rows().size());
    ranges.begin(model_.membership(who));
    for (const Course& course : model_.courses(who)) {
        model_.effect(who, course, effect);
        model_.usage(effect, usage);
        ranges.widen_to(usage, model_.value(effect));
        ++ranges.courses;
    }
    ranges.end();
}

// Offers and sets of action plans are widened one after the other: an offer's amounts, those of all action plans, and
// what may leave add up to at least what any course has.
CUSTFOLIO_INLINE void CourseOracle::measure(std::size_t who, Scratch& scratch, Ranges& ranges) const {
    const Strategy& strategy = *model_.strategy_;
    using Kind = CourseRow::Kind;
    ranges.begin(model_.membership(who));
    const auto widen = [&](Kind kind, bool heat, auto&& amount) {
        for (std::size_t m = 0; m < months_; ++m) {
            const auto [low, high] = amount(m);
            ranges.low[m] = std::min(low, 0.0);
            ranges.high[m] = std::max(high, 0.0);
        }
        if (heat) {
            ranges.widen_heat();
        } else {
            ranges.widen(kind);
        }
    };
    const auto one = [](double amount) { return std::pair(amount, amount); };
    if (who >= model_.customers()) {
        const Prospect& prospect = model_.prospects_[who - model_.customers()];
        const double part = prospect.win_probability / 12.0;
        widen(Kind::floor, true, [&](std::size_t) { return one(part * prospect.heat); });
        widen(Kind::floor, false, [&](std::size_t) { return one(part * prospect.level); });
        widen(Kind::replacement, false, [&](std::size_t) { return one(-part * std::max(prospect.level, 0.0)); });
        widen(Kind::deliveries, false, [&](std::size_t) { return one(part * prospect.deliveries); });
        ranges.begin_course(prospect.hours, strategy.cost_per_pursuit, 0);
        if (model_.kept_before(who)) ranges.add_switch(strategy.switch_price);
        const int lead = model_.lead_months(who);
        ranges.courses += 1;
        for (int a = 0; a + lead < strategy.months; a += strategy.interval) ++ranges.courses;
        ranges.end();
        return;
    }
    // The greatest changes by one of the offers.
    double level_low = 0, level_high = 0, heat_low = 0, heat_high = 0, stops_low = 0, stops_high = 0;
    double freed_low = 0, freed_high = 0, refusal = model_.refused_[who] ? 1.0 : 0.0;
    const std::vector<std::size_t>& begin = model_.offers_->begin;
    const bool offered = !begin.empty() && begin[who] != begin[who + 1];
    for (std::size_t o = offered ? begin[who] : 0; offered && o < begin[who + 1]; ++o) {
        const Offer& offer = model_.offers_->offers[o];
        const auto reach = [&](double change, double& low, double& high) {
            low = std::min(low, offer.acceptance * change);
            high = std::max(high, offer.acceptance * change);
        };
        reach(offer.revenue_change, level_low, level_high);
        reach(offer.heat_change, heat_low, heat_high);
        reach(offer.deliveries_change, stops_low, stops_high);
        if (!model_.freed_hours_.empty()) reach(-model_.freed_hours_[o], freed_low, freed_high);
        refusal = std::max(refusal, 1.0 - offer.acceptance);
    }
    if (model_.stays_[who]) refusal = 0;
    const double* share = model_.share_.row(who).data();
    const double* base = model_.baseline_level().row(who).data();
    widen(Kind::floor, true, [&](std::size_t m) { return std::pair(share[m] * heat_low, share[m] * heat_high); });
    widen(Kind::floor, false, [&](std::size_t m) { return std::pair(share[m] * level_low, share[m] * level_high); });
    widen(Kind::replacement, false, [&](std::size_t m) {
        return std::pair(-share[m] * std::max(level_high, 0.0), refusal * std::max(base[m], 0.0));
    });
    widen(Kind::deliveries, false,
          [&](std::size_t m) { return std::pair(share[m] * stops_low, share[m] * stops_high); });
    if (!model_.freed_hours_.empty()) {
        widen(Kind::hours, false,
              [&](std::size_t m) { return std::pair(share[m] * freed_low, share[m] * freed_high); });
    }
    const Column& deliveries = model_.portfolio_->columns().deliveries;
    const double stops = deliveries.size() > who ? deliveries[who] : 0.0;
    const double leaves = refusal * model_.leaving_part(who);
    widen(Kind::floor, true,
          [&](std::size_t m) { return one(-refusal * model_.leaving_heat_part(who) * model_.avoidable_heat(who, m)); });
    widen(Kind::floor, false, [&](std::size_t m) { return one(-leaves * base[m]); });
    widen(Kind::deliveries, false, [&](std::size_t m) { return one(-leaves * stops * share[m]); });
    const std::size_t from = model_.growth_offset();
    for (const std::size_t g : model_.plans_of(who)) {
        const auto level = [&](std::size_t m) { return one(model_.growth_->expected_revenue()(g, from + m)); };
        widen(Kind::floor, true,
              [&](std::size_t m) { return one(model_.growth_->expected_contribution()(g, from + m)); });
        widen(Kind::floor, false, level);
        widen(Kind::replacement, false, [&](std::size_t m) { return one(-std::max(level(m).first, 0.0)); });
        widen(Kind::hours, false, [&](std::size_t m) { return one(model_.growth_->expected_hours()(g, from + m)); });
        if (model_.spend_.rows() > 0) {
            widen(Kind::money, false, [&](std::size_t m) { return one(model_.spend_(g, from + m)); });
        }
    }
    if (offered) ranges.begin_course(strategy.hours_per_offer, strategy.cost_per_offer, 1.0);
    if (model_.kept_before(who)) ranges.add_switch(strategy.switch_price);
    ranges.end();
    visit(who, month_prices({}, false, 0), scratch, [&](const Family& family) {
        ++ranges.courses;
        for (std::size_t b = family.known; b < months_ && family.leaves; ++b) {
            ranges.courses += scratch.may_leave[b];
        }
    });
}

CUSTFOLIO_INLINE CourseOracle::CourseOracle(const CourseModel& model, unsigned threads)
    : model_(model), months_(model.months()) {
    measures_.threads = threads;
    measures_.customers = model.size();
    measures_.rows = model.rows().size();
    measures_.set_groups();
    ever_leaves_.assign(model.size(), false);
    Scratch one_customer(months_);
    for (std::size_t i = 0; i < model.customers(); ++i) {
        if (only_keeps(i)) continue;
        find_leavings(i, one_customer);
        ever_leaves_[i] = one_customer.leaves;
    }
    std::vector<Ranges> ranges(measures_.groups(), Ranges(model));
    math::parallel_for(0, ranges.size(), 1, threads, [&](std::size_t b, std::size_t e) {
        Scratch scratch(months_);
        for (std::size_t g = b; g < e; ++g) {
            for (std::size_t i = measures_.group[g]; i < measures_.group[g + 1]; ++i) {
                if (only_keeps(i)) {
                    ++ranges[g].courses;
                } else if (model_.one_by_one(i)) {
                    measure_listed(i, ranges[g]);
                } else {
                    measure(i, scratch, ranges[g]);
                }
            }
        }
    });
    measures_.spread.assign(measures_.rows, 0.0);
    measures_.magnitude.assign(measures_.rows, 0.0);
    for (const Ranges& one : ranges) {
        measures_.value_spread += one.value_spread;
        measures_.least_value += one.least_value;
        heat_magnitude_ += one.heat_magnitude;
        courses_ += one.courses;
        for (std::size_t r = 0; r < measures_.rows; ++r) {
            measures_.spread[r] = std::max(measures_.spread[r], one.spread[r]);
            measures_.magnitude[r] += one.magnitude[r];
        }
    }
}

CUSTFOLIO_INLINE ChoiceRows CourseOracle::rows(const ChoiceProblem& bounds, bool heat) const {
    ChoiceRows rows = measures_;
    if (!heat) rows.value_spread = rows.least_value = 0;
    rows.set_bounds(bounds, 0);
    return rows;
}

// The amounts of a course without action plans: CourseModel::effect(), without its columns.
CUSTFOLIO_INLINE void CourseOracle::add_terms(std::size_t who, const Course& course, MonthTotals& totals) const {
    const Strategy& strategy = *model_.strategy_;
    const double* share = model_.share_.row(who).data();
    if (course.offer != Course::none) {
        const Offer& offer = model_.offers_->offers[course.offer];
        const auto begin = static_cast<std::size_t>(course.month);
        const double freed = model_.freed_hours_.empty() ? 0.0 : model_.freed_hours_[course.offer];
        const double comes = std::max(offer.revenue_change, 0.0);
        totals.hours[begin] += strategy.hours_per_offer;
        totals.money[begin] += strategy.cost_per_offer;
        totals.heat[begin] -= strategy.cost_per_offer;
        totals.offers[begin] += offer.acceptance > 0 ? 1.0 : 0.0;
        for (std::size_t m = begin + static_cast<std::size_t>(strategy.notice_months); m < months_; ++m) {
            const double part = offer.acceptance * share[m];
            totals.level[m] += part * offer.revenue_change;
            totals.heat[m] += part * offer.heat_change;
            totals.deliveries[m] += part * offer.deliveries_change;
            totals.hours[m] -= part * freed;
            totals.net[m] -= part * comes;
        }
    }
    if (course.overflow < 0) return;
    const double refused = model_.refusal(who, course);
    const Column& deliveries = model_.portfolio_->columns().deliveries;
    const double stops = deliveries.size() > who ? deliveries[who] : 0.0;
    const double part = model_.leaving_part(who);
    for (std::size_t m = static_cast<std::size_t>(course.overflow); m < months_; ++m) {
        const double level = refused * part * model_.baseline_level()(who, m);
        totals.level[m] -= level;
        totals.heat[m] -= refused * model_.leaving_heat_part(who) * model_.avoidable_heat(who, m);
        totals.deliveries[m] -= refused * part * stops * share[m];
        totals.net[m] += std::max(level, 0.0);
    }
}

CUSTFOLIO_INLINE Response CourseOracle::respond(std::span<const double> prices, bool heat, std::size_t stride) const {
    const std::vector<MonthPrices> monthly = monthly_prices(prices, heat);
    Response answer;
    answer.value.assign(measures_.groups(), 0.0);
    answer.usage.assign(measures_.groups() * measures_.rows, 0.0);
    math::parallel_for(0, measures_.groups(), 1, measures_.threads, [&](std::size_t b, std::size_t e) {
        Scratch scratch(months_);
        CourseEffect effect;
        Course course;
        const auto times = static_cast<double>(stride);
        for (std::size_t g = b; g < e; ++g) {
            std::vector<MonthTotals> totals(model_.memberships(), MonthTotals(months_));
            for (std::size_t i = measures_.group[g]; i < measures_.group[g + 1]; i += stride) {
                if (only_keeps(i)) continue;
                double most = 0;
                bool acts = false;
                const auto consider = [&](const Family& family) {
                    const double worth = family.worth + (family.leaves ? scratch.best_left[family.known] : 0.0);
                    if (!(worth > most)) return;
                    most = worth;
                    acts = true;
                    course.offer = family.offer;
                    course.month = family.month;
                    const std::size_t leaves = family.leaves ? scratch.best_month[family.known] : months_;
                    course.overflow = leaves < months_ ? static_cast<int>(leaves) : -1;
                    course.plans.assign(scratch.plans.begin(), scratch.plans.end());
                };
                if (i < model_.customers()) {
                    visit(i, monthly[model_.membership(i)], scratch, consider);
                } else {
                    visit_prospect(i, monthly[model_.membership(i)], scratch, consider);
                }
                if (!acts) continue;
                if (i < model_.customers() && course.plans.empty() && !model_.one_by_one(i)) {
                    MonthTotals& own = totals[model_.membership(i)];
                    add_terms(i, course, own);
                    own.switches += model_.kept_before(i) ? 1 : 0;
                    continue;
                }
                model_.effect(i, course, effect);
                totals[effect.membership].add(effect);
            }
            for (const MonthTotals& one : totals) {
                for (std::size_t m = 0; m < months_ && heat; ++m) {
                    answer.value[g] += times * model_.discount()[m] * one.heat[m];
                }
            }
            for (const MonthTotals& one : totals) {
                if (heat && model_.has_previous()) answer.value[g] -= times * model_.price_of(one.switches);
            }
            for (std::size_t r = 0; r < measures_.rows; ++r) {
                const CourseRow& row = model_.rows()[r];
                double& used = answer.usage[g * measures_.rows + r];
                for (std::size_t k = 0; k < totals.size(); ++k) {
                    if (!model_.counts(row, k)) continue;
                    if (row.kind == CourseRow::Kind::switches) used += times * totals[k].switches;
                    if (row.kind == CourseRow::Kind::frozen) used += times * totals[k].frozen;
                    for (const std::size_t m : row.months) used += times * totals[k].of(row.kind)[m];
                }
            }
        }
    });
    return answer;
}

CUSTFOLIO_INLINE PriceBound CourseOracle::bound(const ChoiceRows& rows, std::span<const double> prices,
                                                bool heat) const {
    const std::vector<MonthPrices> monthly = monthly_prices(prices, heat);
    std::vector<math::CompensatedSum> parts(measures_.groups());
    math::parallel_for(0, parts.size(), 1, measures_.threads, [&](std::size_t b, std::size_t e) {
        Scratch scratch(months_);
        for (std::size_t g = b; g < e; ++g) {
            for (std::size_t i = measures_.group[g]; i < measures_.group[g + 1]; ++i) {
                if (only_keeps(i)) continue;
                double most = 0;
                const auto consider = [&](const Family& family) {
                    most = std::max(most, family.worth + (family.leaves ? scratch.best_left[family.known] : 0.0));
                };
                if (i < model_.customers()) {
                    visit(i, monthly[model_.membership(i)], scratch, consider);
                } else {
                    visit_prospect(i, monthly[model_.membership(i)], scratch, consider);
                }
                parts[g] += most;
            }
        }
    });
    math::CompensatedSum sum;
    double size = heat ? heat_magnitude_ : 0.0;
    for (const math::CompensatedSum& part : parts) sum += part.value();
    for (std::size_t r = 0; r < rows.rows; ++r) {
        if (prices[r] == 0) continue;
        const double worth = prices[r] * (prices[r] > 0 ? rows.upper[r] : rows.lower[r]);
        if (!std::isfinite(worth)) return {infinity, 0.0};
        sum += worth;
        size += std::abs(worth) + std::abs(prices[r]) * measures_.magnitude[r];
    }
    // A customer's worth is a sum over the months of some products, each rounded; the sums over customers are
    // compensated. Parts of an amount are at most twice as large as the amount without one of them.
    constexpr double epsilon = std::numeric_limits<double>::epsilon();
    const double rounding = (16.0 * static_cast<double>(months_) + 64.0) * epsilon * size;
    return {sum.value() + rounding, rounding};
}

CUSTFOLIO_INLINE NearCourses CourseOracle::near(std::span<const double> prices, bool heat, std::size_t most) const {
    const std::vector<MonthPrices> monthly = monthly_prices(prices, heat);
    // Losses are counted by their size first: there are too many to keep and sort. A class is an eighth of an octave.
    constexpr std::size_t classes = 1024;
    const auto class_of = [](double loss) {
        if (!(loss > 0)) return std::size_t{0};
        const double place = 8.0 * std::log2(loss) + 512.0;
        return static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(classes - 1)));
    };
    const std::size_t groups = measures_.groups();
    // Visits every customer that may choose: its best family's worth, then all its families.
    const auto each = [&](std::size_t g, Scratch& scratch, auto&& begin, auto&& visitor, auto&& end) {
        for (std::size_t i = measures_.group[g]; i < measures_.group[g + 1]; ++i) {
            if (only_keeps(i)) continue;
            const auto families = [&](auto&& one) {
                if (i < model_.customers()) {
                    visit(i, monthly[model_.membership(i)], scratch, one);
                } else {
                    visit_prospect(i, monthly[model_.membership(i)], scratch, one);
                }
            };
            double best = -infinity;
            const auto worth = [&](const Family& family) {
                return family.worth + (family.leaves ? scratch.best_left[family.known] : 0.0);
            };
            families([&](const Family& family) { best = std::max(best, worth(family)); });
            begin(i);
            families([&](const Family& family) { visitor(i, family, best - worth(family)); });
            end(i);
        }
    };
    std::vector<std::vector<std::size_t>> counts(groups);
    math::parallel_for(0, groups, 1, measures_.threads, [&](std::size_t b, std::size_t e) {
        Scratch scratch(months_);
        for (std::size_t g = b; g < e; ++g) {
            counts[g].assign(classes, 0);
            each(
                g, scratch, [](std::size_t) {},
                [&](std::size_t, const Family& family, double loss) {
                    if (loss > 0) counts[g][class_of(loss)] += family.leaves ? months_ - family.known + 1 : 1;
                },
                [](std::size_t) {});
        }
    });
    std::size_t cutoff = 0;
    for (std::size_t taken = 0; cutoff < classes; ++cutoff) {
        for (const std::vector<std::size_t>& count : counts) taken += count[cutoff];
        if (taken > most) break;
    }
    NearCourses near;
    near.best.resize(model_.size());
    std::vector<NearCourses> parts(groups);
    math::parallel_for(0, groups, 1, measures_.threads, [&](std::size_t b, std::size_t e) {
        Scratch scratch(months_);
        std::vector<Course> open;
        for (std::size_t g = b; g < e; ++g) {
            bool found = false;
            bool leaves = false;
            bool at_once = false;
            bool alone = true;  // whether only those of the best offer and action plans are near
            each(
                g, scratch,
                [&](std::size_t) {
                    open.clear();
                    found = leaves = at_once = false;
                    alone = true;
                },
                [&](std::size_t i, const Family& family, double loss) {
                    const bool best = !found && !(loss > 0);
                    if (best) {
                        near.best[i] = course_of(family, scratch);
                        const std::size_t month = family.leaves ? scratch.best_month[family.known] : months_;
                        if (month < months_) near.best[i].overflow = static_cast<int>(month);
                        leaves = family.leaves;
                        at_once = family.leaves && month == family.known;
                        found = true;
                    }
                    // To keep is always open: a repair may need it.
                    const bool keeps = open.empty();
                    const bool near_best = class_of(loss) < cutoff;
                    if (!best && !keeps && !near_best) return;
                    alone = alone && (best || !(near_best || family.leaves));
                    add_courses(family, scratch, open);
                },
                [&](std::size_t i) {
                    if (alone && !leaves) return;
                    if (alone && at_once) {
                        parts[g].leavers.push_back(i);
                        return;
                    }
                    parts[g].member.push_back(i);
                    parts[g].courses.push_back(open);
                });
        }
    });
    for (NearCourses& part : parts) {
        near.member.insert(near.member.end(), part.member.begin(), part.member.end());
        near.leavers.insert(near.leavers.end(), part.leavers.begin(), part.leavers.end());
        for (std::vector<Course>& courses : part.courses) near.courses.push_back(std::move(courses));
    }
    return near;
}

CUSTFOLIO_INLINE std::vector<Course> CourseOracle::months_of(std::size_t who, Course best) const {
    std::vector<Course> all{Course{}};
    best.overflow = -1;
    if (!(best == all.front())) all.push_back(best);
    model_.add_overflows(who, best, all);
    return all;
}

}  // namespace custfolio::detail
