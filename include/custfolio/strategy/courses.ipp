// Definitions of the courses of action and of their changes.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/growth/plan_amounts.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/overflow/displacement.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/strategy.hpp"
#include "custfolio/terms/wording.hpp"

namespace custfolio {
namespace detail {

inline void require_range(double value, double least, double most, const std::string& what) {
    require_finite(value, what);
    // 100000, not 1e+05.
    const auto text = [](double number) {
        return number == std::floor(number) && std::abs(number) < 1e12 ? amount_text(number, 0) : number_text(number);
    };
    if (value < least || value > most) {
        throw InputError(what + " is " + text(value) + "; it must lie in [" + text(least) + ", " + text(most) + "]");
    }
}

/// A plan begins after the reference period: a month of both would be history and plan at once.
CUSTFOLIO_INLINE void check_start(Month start, Period period) {
    if (start == no_month) throw InputError("strategy: start is missing; give the first month of the plan");
    if (period.days() > 0 && start.first_day() <= period.last) {
        throw InputError("strategy: start is " + to_string(start) + ", but the reference period ends on " +
                         day_text(period.last) + "; start in " + to_string(Month::of(period.last) + 1) +
                         " or later, or end the period earlier");
    }
}

// The floor and the limits of a group, as those of a company.
CUSTFOLIO_INLINE Strategy strategy_of(const Strategy& strategy, const GroupRows& group) {
    Strategy own{.start = strategy.start, .months = strategy.months};
    own.floor = group.floor;
    own.floor_level = group.floor_level;
    own.floor_every = group.floor_every;
    own.reference = strategy.reference;
    own.limits = group.limits;
    return own;
}

CUSTFOLIO_INLINE void check_groups(const Strategy& strategy) {
    std::vector<std::string> labels;
    for (const GroupRows& group : strategy.groups) {
        const std::string what = "strategy: group " + group.label();
        if (group.by.empty() || group.name.empty()) throw InputError(what + " has an empty name");
        if (detail::contains(labels, group.label())) throw InputError(what + " is there twice");
        labels.push_back(group.label());
        if (group.limits.contains("switches")) throw InputError(what + " limits switches; only the company may");
        if (group.floor == Floor::none && group.limits.empty()) {
            throw InputError(what + " has neither a floor nor limits");
        }
        try {
            check_settings(strategy_of(strategy, group), Period{});
        } catch (const InputError& error) {
            const std::string text = error.what();
            const std::string prefix = "strategy: ";
            throw InputError(what + ": " + text.substr(text.starts_with(prefix) ? prefix.size() : 0));
        }
    }
}

CUSTFOLIO_INLINE void check_settings(const Strategy& strategy, Period period) {
    check_start(strategy.start, period);
    require_range(strategy.months, 1, 120, "strategy: months");
    constexpr Month last{std::chrono::year{9999} / 12};  // later months have no date
    if (strategy.start + (strategy.months - 1) > last) {
        throw InputError("strategy: start is " + to_string(strategy.start) + "; the " +
                         std::to_string(strategy.months) + " months of the plan must end in " + to_string(last) +
                         " at the latest");
    }
    require_range(strategy.notice_months, 0, 120, "strategy: notice_months");
    require_range(strategy.lead_months, 0, 120, "strategy: lead_months");
    require_range(strategy.interval, 1, 120, "strategy: interval");
    require_range(strategy.hours_per_offer, 0, 1e12, "strategy: hours_per_offer");
    require_range(strategy.cost_per_offer, 0, 1e15, "strategy: cost_per_offer");
    require_range(strategy.cost_per_pursuit, 0, 1e15, "strategy: cost_per_pursuit");
    require_range(strategy.switch_price, 0, 1e15, "strategy: switch_price");
    require_range(strategy.frozen_months, 0, strategy.months, "strategy: frozen_months");
    for (const Exit& exit : strategy.exits) {
        const std::string what = "strategy: exit of customer " + exit.customer;
        if (exit.way.empty()) throw InputError(what + " has no way; give it in words");
        require_range(exit.level_stays, 0, 1, what + ": level_stays");
        require_range(exit.heat_stays, 0, 1, what + ": heat_stays");
    }
    require_finite(strategy.discount_rate, "strategy: discount_rate");
    if (strategy.discount_rate <= -1) throw InputError("strategy: discount_rate must be above -1 a year");
    if (strategy.discount_rate > 1) {
        throw InputError("strategy: discount_rate is " + number_text(strategy.discount_rate) +
                         "; it is a fraction a year (0.08, never 8)");
    }
    const auto months = static_cast<std::size_t>(strategy.months);
    const auto amounts = [&](const std::vector<double>& values, const std::string& what, bool one, bool many) {
        const bool fits = (one && values.size() == 1) || (many && values.size() == months);
        if (!fits) {
            throw InputError("strategy: " + what + " has " + std::to_string(values.size()) + " amounts; " +
                             (one ? "one" : "") + (one && many ? ", or " : "") +
                             (many ? "one for each of the " + std::to_string(months) + " months" : "") + " is needed");
        }
        for (const double value : values) require_range(value, -0x1p53, 0x1p53, "strategy: " + what);
    };
    if (strategy.floor == Floor::number) amounts(strategy.floor_level, "floor", true, false);
    if (strategy.floor == Floor::column) {
        const std::size_t rows = count_of_rows(strategy);
        if (strategy.floor_level.size() != rows) {
            throw InputError("strategy: floor has " + std::to_string(strategy.floor_level.size()) +
                             " amounts; one for each of the " + std::to_string(rows) + " rows is needed: each " +
                             to_string(strategy.floor_every) + " of the " + std::to_string(months) + " months");
        }
        for (const double value : strategy.floor_level) require_range(value, -0x1p53, 0x1p53, "strategy: floor");
    }
    if (strategy.chance != 0) {
        require_finite(strategy.chance, "strategy: chance");
        if (strategy.chance < 0.5 || strategy.chance >= 1) {
            throw InputError("strategy: chance is " + number_text(strategy.chance) +
                             "; it must lie in [0.5, 1), such as 0.9");
        }
        if (strategy.floor == Floor::none) {
            throw InputError("strategy: chance is that of the floor, but floor is \"none\"");
        }
    }
    check_groups(strategy);
    if (!strategy.capacity.empty()) amounts(strategy.capacity, "capacity", true, true);
    for (const auto& [name, values] : strategy.limits) {
        if (name != "sales_hours" && name != "deliveries" && name != "money" && name != "offers" &&
            name != "switches") {
            throw InputError("strategy: limit '" + name +
                             "'; known are sales_hours, deliveries, money, offers and switches");
        }
        amounts(values, "limit " + name, true, name != "switches");
        for (const double value : values) {
            if (value < 0)
                throw InputError("strategy: limit " + name + " is " + number_text(value) + "; it must be >= 0");
        }
    }
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(CourseRow::Kind kind) {
    switch (kind) {
        case CourseRow::Kind::floor:
            return "level floor";
        case CourseRow::Kind::capacity:
            return "level capacity";
        case CourseRow::Kind::replacement:
            return "replacement";
        case CourseRow::Kind::hours:
            return "sales_hours";
        case CourseRow::Kind::deliveries:
            return "deliveries";
        case CourseRow::Kind::money:
            return "money";
        case CourseRow::Kind::offers:
            return "offers";
        case CourseRow::Kind::switches:
            return "switches";
        case CourseRow::Kind::frozen:
            return "frozen";
    }
    throw InputError("row kind " + std::to_string(static_cast<int>(kind)) + " does not exist");
}

CUSTFOLIO_INLINE std::string CourseModel::name_of(const CourseRow& row) const {
    const std::string kind = to_string(row.kind);
    return row.group == CourseRow::whole ? kind : kind + ", " + strategy_->groups[row.group].label();
}

CUSTFOLIO_INLINE std::string CourseModel::group_text(const CourseRow& row) const {
    return row.group == CourseRow::whole ? "" : " of " + strategy_->groups[row.group].label();
}

// Columns are reused between courses: there are millions of them on large portfolios.
CUSTFOLIO_INLINE void CourseEffect::reset(std::size_t months) {
    for (Flow* flow : {&remediation, &growth, &acquisition, &overflow}) {
        flow->level.assign(months, 0.0);
        flow->heat.assign(months, 0.0);
    }
    for (std::vector<double>* column : {&out, &in, &hours, &deliveries, &money, &offers}) column->assign(months, 0.0);
    switches = frozen = 0;
}

CUSTFOLIO_INLINE double CourseEffect::level(std::size_t month) const {
    return remediation.level[month] + growth.level[month] + acquisition.level[month] + overflow.level[month];
}

CUSTFOLIO_INLINE double CourseEffect::heat(std::size_t month) const {
    return remediation.heat[month] + growth.heat[month] + acquisition.heat[month] + overflow.heat[month];
}

CUSTFOLIO_INLINE CourseModel::CourseModel(const Strategy& strategy, const Portfolio& portfolio, const Offers& offers,
                                          const GrowthForecast& growth, const Prospects& prospects,
                                          const Baseline& baseline, detail::LinkedView view)
    : strategy_(&strategy),
      portfolio_(&portfolio),
      offers_(&offers),
      growth_(&growth),
      prospects_(prospects),
      months_(static_cast<std::size_t>(std::max(strategy.months, 0))) {
    detail::check_settings(strategy, portfolio.period());
    portfolio.require_heat("a plan");
    // Rows are positions: results of another portfolio would be taken for other customers.
    require_same(offers.identity, portfolio.identity(), "the offers are");
    require_same(prospects.identity, portfolio.identity(), "the prospects are");
    check_inputs();
    baseline.check(portfolio, strategy.start, strategy.months);
    holdings_ = detail::Holdings(strategy.linked, portfolio);
    together_ = view == detail::LinkedView::holdings && !holdings_.empty();
    read_plans();
    read_links();
    read_exits();
    refused_.assign(customers(), false);
    for (const std::string& id : strategy.refused) refused_[portfolio.index(id)] = true;
    stays_.assign(customers(), false);
    // Who is kept as interesting is no ice cube: the order passes over it, and it gets no course with overflow.
    for (const std::string& id : strategy.interesting) stays_[portfolio.index(id)] = true;
    for (const std::string& id : strategy.may_leave) stays_[portfolio.index(id)] = false;
    for (std::size_t i = 0; i < customers() && !holdings_.empty(); ++i) {
        if (!holdings_.linked(i)) continue;
        // What one answered or is kept for, all are.
        const std::size_t first = holdings_.first(i);
        if (refused_[i]) refused_[first] = true;
        if (stays_[i]) stays_[first] = true;
    }
    for (std::size_t i = 0; i < customers() && !holdings_.empty(); ++i) {
        refused_[i] = refused_[holdings_.first(i)];
        stays_[i] = stays_[holdings_.first(i)];
    }
    read_spend();
    read_freed_hours();
    read_baseline(baseline);
    sum_baseline();
    rank_customers();
    read_previous();
    reference_ = detail::reference_year(strategy, portfolio, baseline);
    read_groups();
    make_rows();
    make_group_rows(baseline);
    if (strategy.chance != 0 && customers() > 0 && level_covariance_.rows() == 0) {
        throw InputError(
            "strategy: chance needs a baseline with a band; the baseline has none: make one with "
            "custfolio's baseline() from at least two years of data");
    }
}

// Customers and prospects with the same groups have one membership, so that prices are summed once for all of them.
CUSTFOLIO_INLINE void CourseModel::read_groups() {
    const std::size_t count = strategy_->groups.size();
    if (count == 0) return;
    std::vector<std::vector<std::size_t>> in(size());  // per customer and prospect: its groups
    std::map<std::string, std::vector<std::size_t>> prospect;
    for (std::size_t j = 0; j < prospects_.size(); ++j) prospect[prospects_[j].id].push_back(customers() + j);
    for (std::size_t g = 0; g < count; ++g) {
        const GroupRows& group = strategy_->groups[g];
        if (group.customers.empty() && group.prospects.empty()) {
            throw InputError("strategy: group " + group.label() + " has no customer and no prospect");
        }
        const auto add = [&](std::size_t who) {
            if (in[who].empty() || in[who].back() != g) in[who].push_back(g);
        };
        for (const std::string& id : group.customers) add(portfolio_->index(id));
        for (const std::string& id : group.prospects) {
            const auto found = prospect.find(id);
            if (found == prospect.end()) {
                throw InputError("strategy: group " + group.label() + " has the prospect '" + id +
                                 "', which is none of the prospects");
            }
            for (const std::size_t who : found->second) add(who);
        }
    }
    for (std::size_t i = 0; i < customers(); ++i) {
        if (in[i] == in[holdings_.first(i)]) continue;
        const std::vector<std::string>& id = portfolio_->columns().id;
        throw InputError("strategy: the linked customers " + id[holdings_.first(i)] + " and " + id[i] +
                         " are in other groups; a holding must be in the same groups as a whole");
    }
    groups_of_.clear();
    std::map<std::vector<std::size_t>, std::size_t> known;
    for (const std::vector<std::size_t>& groups : in) {
        const auto [place, added] = known.try_emplace(groups, groups_of_.size());
        if (added) {
            groups_of_.emplace_back(count, false);
            for (const std::size_t g : groups) groups_of_.back()[g] = true;
        }
        membership_.push_back(place->second);
    }
}

CUSTFOLIO_INLINE void CourseModel::make_group_rows(const Baseline& baseline) {
    group_covariance_.resize(strategy_->groups.size());
    for (std::size_t g = 0; g < strategy_->groups.size(); ++g) {
        const GroupRows& group = strategy_->groups[g];
        std::vector<std::size_t> members;
        for (std::size_t i = 0; i < customers(); ++i) {
            if (groups_of_[membership_[i]][g]) members.push_back(i);
        }
        std::vector<double> level;
        for (std::size_t m = 0; m < months_; ++m) {
            math::CompensatedSum sum;
            for (const std::size_t i : members) sum += (*baseline_level_)(i, m);
            level.push_back(sum.value());
        }
        const detail::ReferenceYear reference = detail::reference_year(reference_, *portfolio_, members);
        for (const detail::FloorSpan& span :
             detail::floor_rows(detail::strategy_of(*strategy_, group), reference, level)) {
            rows_.push_back({CourseRow::Kind::floor, span.first, span.length, span.months, span.baseline, span.floor,
                             std::numeric_limits<double>::infinity(), g});
        }
        for (const auto& [name, values] : group.limits) make_limit(name, values, g);
        if (group.floor == Floor::none || level_covariance_.rows() == 0) continue;
        // The joint error of its customers alone.
        Baseline part;
        part.start = baseline.start;
        part.joint = baseline.joint;
        const std::size_t count = baseline.level.cols();
        part.level = Matrix(members.size(), count);
        if (baseline.variance.size() > 0) part.variance = Matrix(members.size(), count);
        for (std::size_t k = 0; k < members.size(); ++k) {
            detail::copy(baseline.level.row(members[k]), part.level.row(k).begin());
            if (part.variance.size() > 0) detail::copy(baseline.variance.row(members[k]), part.variance.row(k).begin());
        }
        const Matrix covariance = part.level_covariance();
        const auto from = static_cast<std::size_t>(strategy_->start - baseline.start);
        group_covariance_[g] = Matrix(months_, months_);
        for (std::size_t a = 0; a < months_; ++a) {
            for (std::size_t b = 0; b < months_; ++b) group_covariance_[g](a, b) = covariance(from + a, from + b);
        }
    }
}

// Action plans name their customer; index() throws where it is unknown.
CUSTFOLIO_INLINE void CourseModel::read_plans() {
    if (growth_->size() == 0) return;
    std::vector<std::size_t> customer;
    plan_begin_.assign(customers() + 1, 0);
    for (const ActionPlan& plan : growth_->plans()) {
        plan_customer_.push_back(portfolio_->index(plan.customer));
        // Of a holding, its first customer has the plans of all.
        customer.push_back(together_ ? holdings_.first(plan_customer_.back()) : plan_customer_.back());
        ++plan_begin_[customer.back() + 1];
    }
    std::partial_sum(plan_begin_.begin(), plan_begin_.end(), plan_begin_.begin());
    plan_order_.resize(customer.size());
    std::iota(plan_order_.begin(), plan_order_.end(), std::size_t{0});
    detail::stable_sort(plan_order_, [&](std::size_t a, std::size_t b) { return customer[a] < customer[b]; });
}

// One answer of a holding: the mean over those who are asked, by revenue.
CUSTFOLIO_INLINE void CourseModel::read_links() {
    if (holdings_.empty() || offers_->begin.empty()) return;
    repeated_.assign(offers_->offers.size(), false);
    for (const Offer& offer : offers_->offers) acceptance_.push_back(offer.acceptance);
    const Column& revenue = portfolio_->columns().revenue;
    for (std::size_t i = 0; i < customers(); ++i) {
        if (!holdings_.linked(i) || holdings_.first(i) != i) continue;
        std::map<std::size_t, std::vector<std::size_t>> by_lever;
        for (const std::size_t member : holdings_.members(i)) {
            for (std::size_t o = offers_->begin[member]; o < offers_->begin[member + 1]; ++o) {
                by_lever[offers_->offers[o].lever].push_back(o);
            }
        }
        for (const auto& [lever, same] : by_lever) {
            double weights = 0;
            for (const std::size_t o : same) weights += std::max(revenue[offers_->offers[o].customer], 0.0);
            double mean = 0;
            for (const std::size_t o : same) {
                const double weight = weights > 0 ? std::max(revenue[offers_->offers[o].customer], 0.0) / weights
                                                  : 1.0 / static_cast<double>(same.size());
                mean += weight * offers_->offers[o].acceptance;
            }
            for (const std::size_t o : same) {
                acceptance_[o] = std::min(mean, 1.0);
                repeated_[o] = o != same.front();
            }
        }
    }
}

CUSTFOLIO_INLINE void CourseModel::read_exits() {
    if (strategy_->exits.empty()) return;
    exits_.assign(customers(), nullptr);
    for (const Exit& exit : strategy_->exits) {
        const Exit*& own = exits_[portfolio_->index(exit.customer)];
        if (own != nullptr) {
            throw InputError("strategy: customer " + exit.customer + " has two exits, '" + own->way + "' and '" +
                             exit.way + "'; give one");
        }
        own = &exit;
    }
}

CUSTFOLIO_INLINE void CourseModel::read_previous() {
    if (strategy_->previous.empty()) return;
    previous_.assign(size(), std::nullopt);
    if (strategy_->frozen_months > 0) {
        for (const ActionPlan& plan : growth_->plans()) {
            const int first = timing(plan, growth_->start()).front().start + (growth_->start() - strategy_->start);
            plan_begins_.push_back(std::max(first, 0));
        }
    }
    std::map<std::string, std::size_t> prospect;
    for (std::size_t j = 0; j < prospects_.size(); ++j) prospect.emplace(prospects_[j].id, customers() + j);
    std::vector<std::string> levers;
    for (const Terms& lever : offers_->levers) levers.push_back(describe(lever));
    const auto customer = detail::find_if(strategy_->previous, [](const PreviousCourse& one) { return !one.prospect; });
    bool known = customer == strategy_->previous.end();
    for (const PreviousCourse& earlier : strategy_->previous) {
        std::size_t who = size();
        if (earlier.prospect) {
            if (const auto found = prospect.find(earlier.id); found != prospect.end()) who = found->second;
        } else if (portfolio_->contains(earlier.id)) {
            who = portfolio_->index(earlier.id);
            known = true;
        }
        if (who < size()) previous_[who] = translated(who, earlier, levers);
    }
    if (!known) {
        throw InputError("strategy: none of the customers of the previous plan is in the portfolio; its first one is " +
                         customer->id);
    }
    for (std::optional<Course>& course : previous_) {
        if (!course) continue;
        switched_by_keeping_ += *course == Course{} ? 0 : 1;
        frozen_by_keeping_ += frozen_differs(Course{}, *course) ? 1 : 0;
    }
}

// Nothing where the course is not possible any more. What lies before the start is done.
CUSTFOLIO_INLINE std::optional<Course> CourseModel::translated(std::size_t who, const PreviousCourse& earlier,
                                                               std::span<const std::string> levers) const {
    Course course;
    const auto place = [&](Month month) { return month == no_month ? -1 : month - strategy_->start; };
    const int month = place(earlier.month);
    if (who >= customers()) {
        if (month < 0) return course;
        course.month = month;
        return detail::contains(courses(who), course) ? std::optional(course) : std::nullopt;
    }
    if (!earlier.lever.empty() && month >= 0) {
        std::vector<std::size_t> among{who};
        if (holdings_.linked(who)) {
            among.insert(among.end(), holdings_.members(who).begin(), holdings_.members(who).end());
        }
        for (const std::size_t member : among) {
            for (std::size_t o = offers_->begin.empty() ? 0 : offers_->begin[member];
                 !offers_->begin.empty() && o < offers_->begin[member + 1] && course.offer == Course::none; ++o) {
                if (levers[offers_->offers[o].lever] == earlier.lever) course.offer = o;
            }
        }
        if (course.offer == Course::none) return std::nullopt;
        course.month = month;
    }
    if (earlier.overflow != no_month) {
        course.overflow = place(earlier.overflow);
        if (course.overflow < 0) return std::nullopt;  // it has left
    }
    std::map<std::string, std::size_t> used;  // two action plans of a customer may have one name
    for (const std::string& name : earlier.plans) {
        std::size_t before = used[name]++;
        const std::size_t wanted = course.plans.size() + 1;
        for (const std::size_t g : plans_of(together_ ? holdings_.first(who) : who)) {
            const bool same = plan_customer_[g] == who && growth_->plans()[g].name == name;
            if (same && course.plans.size() < wanted && before-- == 0) course.plans.push_back(g);
        }
        if (course.plans.size() < wanted) return std::nullopt;
    }
    detail::sort(course.plans);
    if (holdings_.linked(who)) {
        // The course is that of the holding, which has further action plans.
        const bool late = course.month >= 0 && course.month + strategy_->notice_months >= strategy_->months;
        const bool leaves = course.overflow >= 0;
        const bool may =
            course.overflow < strategy_->months && course.overflow >= static_cast<int>(refusal_known(who, course));
        if (late || course.month % strategy_->interval > 0 || (leaves && !may)) return std::nullopt;
        return course;
    }
    std::vector<Course> possible = courses(who);
    for (Course& one : possible) detail::sort(one.plans);
    return detail::contains(possible, course) ? std::optional(course) : std::nullopt;
}

// Numbers of the user's own that would spoil sums later on.
CUSTFOLIO_INLINE void CourseModel::check_inputs() const {
    const std::size_t n = customers();
    const std::vector<std::string>& id = portfolio_->columns().id;
    if (!offers_->begin.empty() && offers_->begin.size() != n + 1) {
        throw InputError("offers: made for " + std::to_string(offers_->begin.size() - 1) +
                         " customers; the portfolio has " + std::to_string(n));
    }
    for (const Offer& offer : offers_->offers) {
        if (offer.customer >= n)
            throw InputError("offers: customer row " + std::to_string(offer.customer) + " does not exist");
        const std::string what = "offer to customer " + id[offer.customer];
        require_probability(offer.acceptance, what + ": acceptance");
        require_finite(offer.revenue_change, what + ": revenue change");
        require_finite(offer.heat_change, what + ": heat change");
        require_finite(offer.deliveries_change, what + ": deliveries change");
    }
    if (growth_->size() > 0) {
        const int first = strategy_->start - growth_->start();
        if (first < 0 || first + strategy_->months > growth_->months()) {
            throw InputError("growth: the forecast runs from " + to_string(growth_->start()) + " to " +
                             to_string(growth_->start() + (growth_->months() - 1)) + "; the strategy needs " +
                             to_string(strategy_->start) + " to " +
                             to_string(strategy_->start + (strategy_->months - 1)));
        }
    }
    for (const Prospect& prospect : prospects_) {
        const std::string what = "prospect " + prospect.id;
        require_probability(prospect.win_probability, what + ": win_probability");
        require_finite(prospect.level, what + ": level");
        require_finite(prospect.heat, what + ": heat");
        require_finite(prospect.deliveries, what + ": deliveries");
        detail::require_range(prospect.hours, 0, 1e12, what + ": hours");
        detail::require_range(prospect.ramp_months, 0, 1200, what + ": ramp_months");
        detail::require_range(prospect.lead_months, -1, 120, what + ": lead_months");
    }
}

// Expected spend of the action plans; their contribution is net of it already, but a limit on money needs it alone.
CUSTFOLIO_INLINE void CourseModel::read_spend() {
    const auto spends = [](const ActionPlan& plan) {
        return detail::any_of(plan.steps, [](const ActionStep& step) { return step.spend > 0; });
    };
    if (detail::none_of(growth_->plans(), spends)) return;
    const PlanAmounts amounts(*growth_, PlanFigure::spend);
    spend_ = Matrix(growth_->size(), static_cast<std::size_t>(growth_->months()));
    for (std::size_t g = 0; g < spend_.rows(); ++g) {
        for (std::size_t m = 0; m < spend_.cols(); ++m) {
            spend_(g, m) = -amounts.expected(g, static_cast<int>(m), Payoff::contribution);
        }
    }
}

// Minutes of the sales pool that each offer frees, as hours.
CUSTFOLIO_INLINE void CourseModel::read_freed_hours() {
    const std::string& name = strategy_->hours_pool;
    if (name.empty() || offers_->offers.empty()) return;
    const auto pool = detail::find(offers_->pools, name);
    if (pool == offers_->pools.end()) {
        std::string known;
        for (const std::string& one : offers_->pools) known += (known.empty() ? "" : ", ") + one;
        throw InputError("strategy: hours_pool '" + name + "' is no pool of the offers; they have " +
                         (known.empty() ? "none" : known));
    }
    const auto column = static_cast<std::size_t>(pool - offers_->pools.begin());
    for (const Offer& offer : offers_->offers) {
        const double minutes = offers_->minutes_freed(freed_hours_.size(), column);
        require_finite(minutes, "offer to customer " + portfolio_->columns().id[offer.customer] + ": minutes freed");
        freed_hours_.push_back(minutes / 60);
    }
}

// The baseline of a leaving customer leaves with it, except the costs that stay.
CUSTFOLIO_INLINE void CourseModel::read_baseline(const Baseline& baseline) {
    const std::size_t n = customers();
    const auto from = static_cast<std::size_t>(strategy_->start - baseline.start);
    baseline_level_ = &baseline.level;
    baseline_heat_ = &baseline.heat;
    if (from > 0 || baseline.level.cols() > months_) {
        own_level_ = own_heat_ = Matrix(n, months_);
        for (std::size_t i = 0; i < n; ++i) {
            detail::copy(baseline.level.row(i).subspan(from, months_), own_level_.row(i).begin());
            detail::copy(baseline.heat.row(i).subspan(from, months_), own_heat_.row(i).begin());
        }
        baseline_level_ = &own_level_;
        baseline_heat_ = &own_heat_;
    }
    newcomer_level_.assign(months_, 0.0);
    newcomer_heat_.assign(months_, 0.0);
    if (baseline.newcomers.known()) {
        detail::copy(std::span(baseline.newcomers.level).subspan(from, months_), newcomer_level_.begin());
        detail::copy(std::span(baseline.newcomers.heat).subspan(from, months_), newcomer_heat_.begin());
    }
    // Deliveries and new terms follow activity, not money: returns in one month do not turn their sign.
    share_ = activity(*portfolio_, *baseline_level_);
    const Column avoidable = portfolio_->avoidable_heat();
    // A pool's cost falls only where capacity is really cut, so a part of the cost stays when a customer leaves.
    cost_that_stays_.resize(n);
    for (std::size_t i = 0; i < n; ++i) cost_that_stays_[i] = avoidable[i] - portfolio_->columns().contribution[i];
    // The baseline's own remarks hold for the plan as well.
    notes_ = baseline.notes;
    if (const std::string late = late_start_text(strategy_->start, *portfolio_); !late.empty()) notes_.push_back(late);
    level_never_negative_ = baseline.all_never_negative();
    const Matrix covariance = baseline.level_covariance();
    const Column heat_deviation = baseline.heat_deviation();
    if (covariance.rows() > 0) level_covariance_ = Matrix(months_, months_);
    for (std::size_t a = 0; a < level_covariance_.rows(); ++a) {
        for (std::size_t b = 0; b < months_; ++b) level_covariance_(a, b) = covariance(from + a, from + b);
        heat_variance_.push_back(heat_deviation[from + a] * heat_deviation[from + a]);
    }
}

CUSTFOLIO_INLINE void CourseModel::sum_baseline() {
    double size = 0;
    math::CompensatedSum value;
    for (std::size_t m = 0; m < months_; ++m) {
        // The same sums serve rows, trajectory and budget, so that no two tables differ.
        math::CompensatedSum level(newcomer_level_[m]);
        math::CompensatedSum heat(newcomer_heat_[m]);
        for (std::size_t i = 0; i < customers(); ++i) {
            level += (*baseline_level_)(i, m);
            heat += (*baseline_heat_)(i, m);
        }
        level_.push_back(level.value());
        heat_.push_back(heat.value());
        size += std::abs(level.value()) + std::abs(heat.value());
        discount_.push_back(std::pow(1.0 + strategy_->discount_rate, -static_cast<double>(m) / 12.0));
        value += discount_[m] * heat_[m];
    }
    baseline_value_ = value.value();
    // What actions add counts whether they are chosen or not, so that no plan fails after the optimisation.
    for (std::size_t g = 0; g < growth_->size(); ++g) {
        for (std::size_t m = 0; m < months_; ++m) {
            const std::size_t at = growth_offset() + m;
            size += std::abs(growth_->expected_revenue()(g, at)) + std::abs(growth_->expected_contribution()(g, at));
        }
    }
    const double years = static_cast<double>(months_) / 12.0;
    for (const Offer& offer : offers_->offers) {
        size += years * offer.acceptance * (std::abs(offer.revenue_change) + std::abs(offer.heat_change));
    }
    for (const Prospect& prospect : prospects_) {
        size += years * prospect.win_probability * (std::abs(prospect.level) + std::abs(prospect.heat));
    }
    // Beyond 2^53 units the budget's sums would not be exact; half of that is left to rounding.
    currency_ = strategy_->currency;
    if (size > 0x1p52 * currency_.unit()) currency_.minor_digits = 0;
    if (size > 0x1p52 * currency_.unit()) {
        throw InputError("strategy: level and heat without action and of all actions sum to " + number_text(size) +
                         " over the months; a budget is exact up to " + number_text(0x1p52) +
                         " in whole units of the currency: give the amounts in thousands");
    }
    if (currency_.minor_digits < strategy_->currency.minor_digits) {
        notes_.push_back("the amounts are too large to be exact in units of " +
                         number_text(strategy_->currency.unit()) + ": the budget is in whole units");
    }
}

// The coldest first; ties by less heat, then by the row.
CUSTFOLIO_INLINE void CourseModel::rank_customers() {
    // The rank is that without any action: a plan must not move its own order about.
    struct Coldness {
        double rank, heat;
        std::size_t customer;
    };
    std::vector<Coldness> order;
    for (std::size_t i = 0; i < customers(); ++i) {
        if (holdings_.first(i) != i) continue;
        math::CompensatedSum level;
        math::CompensatedSum heat;
        holdings_.for_members(i, [&](std::size_t member) {
            for (std::size_t m = 0; m < months_; ++m) {
                level += (*baseline_level_)(member, m);
                heat += avoidable_heat(member, m);
            }
        });
        order.push_back({overflow_rank(level.value(), heat.value()), heat.value(), i});
    }
    detail::sort(order, [](const Coldness& a, const Coldness& b) {
        return std::tie(a.rank, a.heat, a.customer) < std::tie(b.rank, b.heat, b.customer);
    });
    rank_.resize(customers());
    for (std::size_t k = 0; k < order.size(); ++k) {
        holdings_.for_members(order[k].customer, [&](std::size_t member) { rank_[member] = k; });
    }
}

CUSTFOLIO_INLINE void CourseModel::make_rows() {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const std::vector<detail::FloorSpan> spans = detail::floor_rows(*strategy_, reference_, level_);
    std::vector<double> floors;
    for (const detail::FloorSpan& span : spans) {
        rows_.push_back(
            {CourseRow::Kind::floor, span.first, span.length, span.months, span.baseline, span.floor, infinity});
        floors.push_back(span.floor);
    }
    // Room is that of the floor asked for. Where a row falls to the baseline it has none either way.
    room_.assign(months_, 0.0);
    // Infinite where there is no floor: the row then has no bound.
    if (strategy_->replaced_by_room) room_ = detail::room_above(spans, floors, level_);
    for (std::size_t m = 0; m < months_; ++m) {
        const int month = static_cast<int>(m);
        if (!strategy_->capacity.empty()) {
            const double capacity = strategy_->capacity[strategy_->capacity.size() == 1 ? 0 : m];
            rows_.push_back({CourseRow::Kind::capacity, month, 1, {m}, level_[m], -infinity, capacity});
        }
        // Month by month, without running totals: a good month does not replace what leaves in another.
        rows_.push_back({CourseRow::Kind::replacement, month, 1, {m}, 0.0, -infinity, room_[m]});
    }
    for (const auto& [name, values] : strategy_->limits) make_limit(name, values, CourseRow::whole);
    if (has_previous() && strategy_->frozen_months > 0) {
        rows_.push_back({CourseRow::Kind::frozen, 0, strategy_->frozen_months, {}, frozen_by_keeping_, -infinity, 0.0});
    }
    if (strategy_->floor == Floor::current && reference_.first == no_month && customers() > 0) {
        notes_.push_back("no whole month before " + to_string(strategy_->start) + " is known: the plan has no floor");
    }
    // A row without a floor is easily taken for one that holds: the plan notes which months do not count.
    int missing = 0;
    for (std::size_t m = 0; m < months_; ++m) {
        missing += std::isnan(reference_.at(strategy_->start + static_cast<int>(m))) ? 1 : 0;
    }
    if (strategy_->floor == Floor::current && strategy_->reference != no_month && customers() > 0 &&
        missing == strategy_->months) {
        throw InputError("strategy: reference is " + to_string(strategy_->reference) +
                         ", but the data has no whole month of that year that the plan needs");
    }
    if (strategy_->floor == Floor::current && reference_.first != no_month && missing > 0) {
        notes_.push_back(std::to_string(missing) +
                         (missing == 1 ? " month of the plan has" : " months of the plan have") +
                         " no whole month in the reference year and therefore no floor");
    }
}

CUSTFOLIO_INLINE void CourseModel::make_limit(const std::string& name, const std::vector<double>& values,
                                              std::size_t group) {
    if (name == "switches") {
        // Without a previous plan there is nothing to switch.
        constexpr double infinity = std::numeric_limits<double>::infinity();
        if (!has_previous()) return;
        rows_.push_back(
            {CourseRow::Kind::switches, 0, strategy_->months, {}, switched_by_keeping_, -infinity, values.front()});
        return;
    }
    CourseRow::Kind kind = CourseRow::Kind::hours;
    if (name == "deliveries") kind = CourseRow::Kind::deliveries;
    if (name == "money") kind = CourseRow::Kind::money;
    if (name == "offers") kind = CourseRow::Kind::offers;
    const Column& deliveries = portfolio_->columns().deliveries;
    if (kind == CourseRow::Kind::deliveries && deliveries.size() != customers()) {
        throw InputError("strategy: a limit on deliveries needs the portfolio's deliveries, which are not known");
    }
    // One number is for the whole horizon, several are for a month each.
    const bool monthly = values.size() > 1;
    for (std::size_t k = 0; k < values.size(); ++k) {
        CourseRow row{kind,
                      monthly ? static_cast<int>(k) : 0,
                      monthly ? 1 : strategy_->months,
                      {},
                      0.0,
                      -std::numeric_limits<double>::infinity(),
                      values[k],
                      group};
        for (int m = row.first; m < row.first + row.length; ++m) row.months.push_back(static_cast<std::size_t>(m));
        if (kind == CourseRow::Kind::deliveries) {
            // Deliveries without action use the limit too; courses change them.
            math::CompensatedSum sum;
            for (std::size_t i = 0; i < customers(); ++i) {
                if (!counts(row, membership(i))) continue;
                for (const std::size_t m : row.months) sum += deliveries[i] * share_(i, m);
            }
            row.base = sum.value();
        }
        rows_.push_back(std::move(row));
    }
    const bool comes = std::any_of(newcomer_level_.begin(), newcomer_level_.end(), [](double one) { return one != 0; });
    if (kind == CourseRow::Kind::deliveries && comes && group == CourseRow::whole) {
        notes_.push_back("the limit on deliveries does not count those of new business as usual, which are not known");
    }
}

CUSTFOLIO_INLINE std::size_t CourseModel::growth_offset() const {
    return growth_->size() > 0 ? static_cast<std::size_t>(strategy_->start - growth_->start()) : 0;
}

// Sets of action plans: all of them up to six, beyond that each alone and the best k together.
CUSTFOLIO_INLINE std::vector<std::vector<std::size_t>> CourseModel::plan_sets(std::size_t who) const {
    constexpr std::size_t all_subsets = 6;  // 64 sets; each further plan would double the courses
    std::vector<std::vector<std::size_t>> sets{{}};
    std::vector<std::size_t> mine(plans_of(who).begin(), plans_of(who).end());
    if (mine.size() <= all_subsets) {
        for (std::size_t bits = 1; bits < (std::size_t{1} << mine.size()); ++bits) {
            std::vector<std::size_t> set;
            for (std::size_t k = 0; k < mine.size(); ++k) {
                if ((bits >> k & 1U) != 0) set.push_back(mine[k]);
            }
            sets.push_back(std::move(set));
        }
        return sets;
    }
    // Undiscounted heat is enough to sort by: it only decides which sets are tried at all.
    const auto worth = [&](std::size_t g) {
        const std::span<const double> heat = growth_->expected_contribution().row(g);
        return std::accumulate(heat.begin(), heat.end(), 0.0);
    };
    // Beyond that many only the sets that are worth most are tried.
    for (const std::size_t g : mine) sets.push_back({g});
    detail::stable_sort(mine, [&](std::size_t a, std::size_t b) { return worth(a) > worth(b); });
    for (std::size_t k = 2; k <= mine.size(); ++k) {
        sets.emplace_back(mine.begin(), mine.begin() + static_cast<std::ptrdiff_t>(k));
    }
    return sets;
}

// The same course with each overflow that is no loss; none where no overflow moves heat or level.
CUSTFOLIO_INLINE void CourseModel::add_overflows(std::size_t who, const Course& course,
                                                 std::vector<Course>& all) const {
    if (stays_[who] || !(refusal(who, course) > 0)) return;
    const std::size_t from = growth_offset();
    const std::size_t before = all.size();
    bool moves = false;
    double heat = 0;
    double size = 0;
    for (std::size_t b = months_; b-- > refusal_known(who, course);) {
        double leaves = 0;
        double level = 0;
        const auto add = [&](std::size_t member) {
            leaves += leaving_heat_part(member) * avoidable_heat(member, b);
            level += std::abs(leaving_part(member) * (*baseline_level_)(member, b));
        };
        if (together_) {
            holdings_.for_members(who, add);
        } else {
            add(who);
        }
        for (const std::size_t g : course.plans) {
            leaves += growth_->expected_contribution()(g, from + b);
            level += std::abs(growth_->expected_revenue()(g, from + b));
        }
        heat += discount_[b] * leaves;
        size += level + std::abs(leaves);
        // From the end backwards each month adds its heat to that of the later ones: one pass serves all months.
        if (heat > detail::no_loss * size) continue;
        all.push_back(course);
        all.back().overflow = static_cast<int>(b);
        moves = moves || size > 0;
    }
    if (!moves) all.resize(before);
}

// Its own offers; of a holding one for each lever, the first.
CUSTFOLIO_INLINE std::vector<std::size_t> CourseModel::offers_of(std::size_t who) const {
    std::vector<std::size_t> found;
    if (offers_->begin.empty()) return found;
    const auto add = [&](std::size_t member) {
        for (std::size_t o = offers_->begin[member]; o < offers_->begin[member + 1]; ++o) {
            if (!together_ || repeated_.empty() || !repeated_[o]) found.push_back(o);
        }
    };
    if (together_) {
        holdings_.for_members(who, add);
    } else {
        add(who);
    }
    return found;
}

CUSTFOLIO_INLINE std::vector<Course> CourseModel::courses(std::size_t who) const {
    std::vector<Course> all{Course{}};
    if (follows(who)) return all;
    const int horizon = strategy_->months;
    if (who >= customers()) {
        // A pursuit that is won after the horizon would only cost.
        for (int a = 0; a + lead_months(who) < horizon; a += strategy_->interval) {
            all.push_back(Course{});
            all.back().month = a;
        }
        return all;
    }
    std::vector<Course> plain{Course{}};
    for (const std::size_t o : offers_of(who)) {
        // So would an offer that is answered after it.
        for (int a = 0; a + strategy_->notice_months < horizon; a += strategy_->interval) {
            plain.push_back(Course{});
            plain.back().offer = o;
            plain.back().month = a;
        }
    }
    for (const std::vector<std::size_t>& set : plan_sets(who)) {
        // The courses with overflow follow the one without at once: staying() and leaving() of the problem rely on it.
        for (Course course : plain) {
            course.plans = set;
            if (!(course == Course{})) all.push_back(course);  // to keep is the first course already
            add_overflows(who, course, all);
        }
    }
    return all;
}

// A new offer replaces an earlier refusal: its own answer counts.
CUSTFOLIO_INLINE double CourseModel::refusal(std::size_t who, const Course& course) const {
    if (who >= customers()) return 0.0;
    if (course.offer != Course::none) return 1.0 - acceptance(course.offer);
    return refused_[who] ? 1.0 : 0.0;
}

CUSTFOLIO_INLINE std::size_t CourseModel::refusal_known(std::size_t who, const Course& course) const {
    if (who >= customers() || stays_[who] || !(refusal(who, course) > 0)) return months_;
    std::size_t known =
        course.offer != Course::none ? static_cast<std::size_t>(course.month + strategy_->notice_months) : 0;
    // A way out may open later; the last one of a holding counts, since all leave together.
    if (!holdings_.linked(who)) return std::max(known, opens(who));
    for (const std::size_t member : holdings_.members(who)) known = std::max(known, opens(member));
    return known;
}

CUSTFOLIO_INLINE std::size_t CourseModel::opens(std::size_t who) const {
    const Exit* exit = way_out(who);
    if (exit == nullptr || exit->opens == no_month) return 0;
    return static_cast<std::size_t>(std::clamp(exit->opens - strategy_->start, 0, strategy_->months));
}

CUSTFOLIO_INLINE double CourseModel::to_replace(std::size_t who, std::size_t month) const {
    const auto own = [&](std::size_t member) {
        return std::max(leaving_part(member) * (*baseline_level_)(member, month), 0.0);
    };
    if (!together_ || !holdings_.linked(who)) return own(who);
    double sum = 0;
    holdings_.for_members(who, [&](std::size_t member) { sum += own(member); });
    return sum;
}

// Its own offer of the same lever; where it has none, the one of the holding.
CUSTFOLIO_INLINE std::size_t CourseModel::same_offer(std::size_t who, std::size_t offer) const {
    for (std::size_t o = offers_->begin[who]; o < offers_->begin[who + 1]; ++o) {
        if (offers_->offers[o].lever == offers_->offers[offer].lever) return o;
    }
    return offer;
}

CUSTFOLIO_INLINE Course CourseModel::course_of_member(std::size_t member, const Course& course) const {
    Course own = course;
    if (course.offer != Course::none) own.offer = same_offer(member, course.offer);
    std::erase_if(own.plans, [&](std::size_t g) { return plan_customer_[g] != member; });
    return own;
}

CUSTFOLIO_INLINE void CourseModel::part(std::vector<Course>& courses) const {
    if (!together_) return;
    for (std::size_t i = 0; i < customers(); ++i) {
        if (!holdings_.linked(i) || follows(i)) continue;
        const Course whole = courses[i];
        for (const std::size_t member : holdings_.members(i)) courses[member] = course_of_member(member, whole);
    }
}

CUSTFOLIO_INLINE Course CourseModel::joined(std::size_t who, std::span<const Course> courses) const {
    Course course = courses[who];
    if (!together_ || !holdings_.linked(who)) return course;
    for (const std::size_t o : offers_of(who)) {
        if (course.offer != Course::none && offers_->offers[o].lever == offers_->offers[course.offer].lever) {
            course.offer = o;
            break;
        }
    }
    course.plans.clear();
    for (const std::size_t member : holdings_.members(who)) {
        course.plans.insert(course.plans.end(), courses[member].plans.begin(), courses[member].plans.end());
    }
    detail::sort(course.plans);
    return course;
}

CUSTFOLIO_INLINE std::vector<Course> CourseModel::previous() const {
    std::vector<Course> own;
    for (const std::optional<Course>& course : previous_) own.push_back(course.value_or(Course{}));
    std::vector<Course> all;
    for (std::size_t i = 0; i < own.size(); ++i) all.push_back(follows(i) ? Course{} : joined(i, own));
    return all;
}

CUSTFOLIO_INLINE bool CourseModel::frozen() const {
    return strategy_->frozen_months > 0;
}

CUSTFOLIO_INLINE bool CourseModel::frozen_differs(const Course& course, const Course& earlier) const {
    const auto frozen = [&](int month) { return month >= 0 && month < strategy_->frozen_months; };
    const bool begins = frozen(course.month) || frozen(earlier.month);
    if (begins && (course.month != earlier.month || course.offer != earlier.offer)) return true;
    if ((frozen(course.overflow) || frozen(earlier.overflow)) && course.overflow != earlier.overflow) return true;
    const auto beyond = [&](const Course& one, const Course& other) {
        return detail::any_of(
            one.plans, [&](std::size_t g) { return frozen(plan_begins_[g]) && !detail::contains(other.plans, g); });
    };
    return strategy_->frozen_months > 0 && (beyond(course, earlier) || beyond(earlier, course));
}

// Against the same by keeping, as all amounts are.
CUSTFOLIO_INLINE void CourseModel::count_switches(std::size_t who, const Course& course, CourseEffect& effect) const {
    const auto& earlier = previous_[who];
    if (!earlier) return;
    const auto differs = [&](const Course& one) {
        if (one.plans.size() < 2) return !(one == *earlier);
        Course sorted = one;
        detail::sort(sorted.plans);
        return !(sorted == *earlier);
    };
    const auto change = [](bool now, bool by_keeping) {
        return static_cast<double>(now) - static_cast<double>(by_keeping);
    };
    effect.switches += change(differs(course), differs(Course{}));
    if (strategy_->frozen_months == 0) return;
    effect.frozen += change(frozen_differs(course, *earlier), frozen_differs(Course{}, *earlier));
}

CUSTFOLIO_INLINE double CourseModel::switches(std::size_t who, const Course& course) const {
    CourseEffect effect;
    if (!has_previous()) return 0;
    if (!together_ || !holdings_.linked(who)) {
        count_switches(who, course, effect);
    } else {
        holdings_.for_members(
            who, [&](std::size_t member) { count_switches(member, course_of_member(member, course), effect); });
    }
    return effect.switches;
}

CUSTFOLIO_INLINE double CourseModel::price_of(double switches) const {
    return strategy_->switch_price * switches;
}

CUSTFOLIO_INLINE int CourseModel::lead_months(std::size_t who) const {
    const int own = prospects_[who - customers()].lead_months;
    return own < 0 ? strategy_->lead_months : own;
}

// A newcomer grows over its ramp and has no season: nothing is known of it but a year's level. The pursuit costs hours
// and money whether it is won or not; the win counts by its chance.
CUSTFOLIO_INLINE void CourseModel::prospect_effect(std::size_t who, const Course& course, CourseEffect& effect) const {
    if (course.month < 0) return;
    const Prospect& prospect = prospects_[who - customers()];
    const auto begin = static_cast<std::size_t>(course.month);
    effect.hours[begin] += prospect.hours;
    effect.money[begin] += strategy_->cost_per_pursuit;
    effect.acquisition.heat[begin] -= strategy_->cost_per_pursuit;
    const std::size_t won = begin + static_cast<std::size_t>(lead_months(who));
    for (std::size_t m = won; m < months_; ++m) {
        const double ramp = std::min(1.0, static_cast<double>(m - won + 1) / (prospect.ramp_months + 1.0));
        const double part = prospect.win_probability * ramp / 12.0;
        effect.acquisition.level[m] += part * prospect.level;
        effect.acquisition.heat[m] += part * prospect.heat;
        effect.deliveries[m] += part * prospect.deliveries;
        effect.in[m] = std::max(effect.acquisition.level[m], 0.0);
    }
}

// All amounts are changes against doing nothing, so that sums over customers do not cancel large levels. Answers and
// refusals count by their chances; what leaves of the action plans is taken off what they bring, month by month.
CUSTFOLIO_INLINE void CourseModel::effect(std::size_t who, const Course& course, CourseEffect& effect) const {
    effect.reset(months_);
    effect.membership = membership(who);
    const auto add = [&](std::size_t member, const Course& own) {
        if (member < customers()) {
            customer_effect(member, own, effect);
        } else {
            prospect_effect(member, own, effect);
        }
        if (has_previous()) count_switches(member, own, effect);
    };
    if (!together_ || !holdings_.linked(who)) {
        add(who, course);
    } else {
        holdings_.for_members(who, [&](std::size_t member) { add(member, course_of_member(member, course)); });
    }
}

// Adds what a customer changes by its own course.
CUSTFOLIO_INLINE void CourseModel::customer_effect(std::size_t who, const Course& course, CourseEffect& effect) const {
    const Column& deliveries = portfolio_->columns().deliveries;
    // Without known deliveries there is no limit on them either.
    const double stops = deliveries.size() > who ? deliveries[who] : 0.0;
    // An offer to another customer of its holding decides whether it stays, and changes no more.
    const bool asked = course.offer != Course::none && offers_->offers[course.offer].customer == who;
    std::size_t answered = months_;
    double new_level = 0;
    if (asked) {
        const Offer& offer = offers_->offers[course.offer];
        const auto begin = static_cast<std::size_t>(course.month);
        answered = begin + static_cast<std::size_t>(strategy_->notice_months);
        new_level = offer.revenue_change;
        if (pays_for(who, course.offer)) {
            effect.hours[begin] += strategy_->hours_per_offer;
            effect.money[begin] += strategy_->cost_per_offer;
            effect.remediation.heat[begin] -= strategy_->cost_per_offer;
            // One that is refused for certain is made to let the customer go: it wins nobody.
            effect.offers[begin] += acceptance(course.offer) > 0 ? 1.0 : 0.0;
        }
        for (std::size_t m = answered; m < months_; ++m) {
            const double part = acceptance(course.offer) * share_(who, m);
            effect.remediation.level[m] += part * offer.revenue_change;
            effect.remediation.heat[m] += part * offer.heat_change;
            effect.deliveries[m] += part * offer.deliveries_change;
            if (!freed_hours_.empty()) effect.hours[m] -= part * freed_hours_[course.offer];
        }
    }
    // Only what it would have bought on old terms must be replaced; net returns leave nothing behind.
    const double refused = course.overflow >= 0 ? refusal(who, course) : 0.0;
    const std::size_t leaves = course.overflow >= 0 ? static_cast<std::size_t>(course.overflow) : months_;
    const double part_leaves = leaving_part(who);
    for (std::size_t m = leaves; m < months_; ++m) {
        const double level = part_leaves * (*baseline_level_)(who, m);
        effect.overflow.level[m] -= refused * level;
        effect.overflow.heat[m] -= refused * (leaving_heat_part(who) * avoidable_heat(who, m));
        effect.deliveries[m] -= refused * stops * share_(who, m) * part_leaves;
        effect.out[m] += refused * std::max(level, 0.0);
    }
    // The forecast may begin before the plan.
    const std::size_t from = growth_offset();
    for (std::size_t m = 0; m < months_; ++m) {
        const double gone = m >= leaves ? refused : 0.0;
        // Terms and action plans of one customer are one sum: a loss of level by new terms is no replacement.
        double arrives = m >= answered ? acceptance(course.offer) * share_(who, m) * new_level : 0.0;
        for (const std::size_t g : course.plans) {
            const double level = growth_->expected_revenue()(g, from + m);
            const double heat = growth_->expected_contribution()(g, from + m);
            effect.growth.level[m] += level;
            effect.growth.heat[m] += heat;
            effect.hours[m] += growth_->expected_hours()(g, from + m) * (1.0 - gone);
            if (spend_.rows() > 0) effect.money[m] += spend_(g, from + m) * (1.0 - gone);
            effect.overflow.level[m] -= gone * level;
            effect.overflow.heat[m] -= gone * heat;
            arrives += level * (1.0 - gone);
        }
        effect.in[m] += std::max(arrives, 0.0);
    }
}

CUSTFOLIO_INLINE CourseOutcome CourseModel::outcome(std::size_t who, const Course& course) const {
    CourseOutcome outcome{0, std::vector<double>(months_, 0.0), std::vector<double>(months_, 0.0)};
    const bool pursued = who >= customers();
    if (pursued ? course.month < 0 : course.offer == Course::none) return outcome;
    outcome.probability = pursued ? prospects_[who - customers()].win_probability : 1 - refusal(who, course);
    if (!(outcome.probability > 0)) return outcome;
    CourseEffect effects;
    effect(who, course, effects);
    if (pursued) {
        for (std::size_t m = static_cast<std::size_t>(course.month + lead_months(who)); m < months_; ++m) {
            // The pursuit is paid for, won or not.
            const double spent = static_cast<int>(m) == course.month ? strategy_->cost_per_pursuit : 0.0;
            outcome.level[m] = effects.acquisition.level[m] / outcome.probability;
            outcome.heat[m] = (effects.acquisition.heat[m] + spent) / outcome.probability;
        }
        return outcome;
    }
    const Offer& offer = offers_->offers[course.offer];
    const double refused = 1 - outcome.probability;
    for (std::size_t m = static_cast<std::size_t>(course.month + strategy_->notice_months); m < months_; ++m) {
        const double lost_level = refused > 0 ? effects.overflow.level[m] / refused : 0.0;
        const double lost_heat = refused > 0 ? effects.overflow.heat[m] / refused : 0.0;
        const double share = offer.customer == who ? share_(who, m) : 0.0;  // another of the holding is asked
        outcome.level[m] = share * offer.revenue_change - lost_level;
        outcome.heat[m] = share * offer.heat_change - lost_heat;
    }
    return outcome;
}

CUSTFOLIO_INLINE double CourseModel::value(const CourseEffect& effect) const {
    double sum = 0;
    for (std::size_t m = 0; m < months_; ++m) sum += discount_[m] * effect.heat(m);
    return has_previous() ? sum - price_of(effect.switches) : sum;
}

// Floors and capacities have the same usage, the level, and differ only in their bounds.
CUSTFOLIO_INLINE void CourseModel::usage(const CourseEffect& effect, std::span<double> usage) const {
    for (std::size_t r = 0; r < rows_.size(); ++r) {
        const CourseRow& row = rows_[r];
        usage[r] = 0;
        if (!counts(row, effect.membership)) continue;
        const auto at = [&](std::size_t m) {
            switch (row.kind) {
                case CourseRow::Kind::replacement:
                    return effect.out[m] - effect.in[m];
                case CourseRow::Kind::hours:
                    return effect.hours[m];
                case CourseRow::Kind::deliveries:
                    return effect.deliveries[m];
                case CourseRow::Kind::money:
                    return effect.money[m];
                case CourseRow::Kind::offers:
                    return effect.offers[m];
                case CourseRow::Kind::floor:
                case CourseRow::Kind::capacity:
                case CourseRow::Kind::switches:
                case CourseRow::Kind::frozen:
                    break;
            }
            return effect.level(m);
        };
        if (row.kind == CourseRow::Kind::switches) usage[r] = effect.switches;
        if (row.kind == CourseRow::Kind::frozen) usage[r] = effect.frozen;
        for (const std::size_t m : row.months) usage[r] += at(m);
    }
}

}  // namespace custfolio
