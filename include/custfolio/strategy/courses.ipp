// Definitions of the courses of action and of their changes.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/strategy.hpp"

namespace custfolio {
namespace detail {

inline void require_range(double value, double least, double most, const std::string& what) {
    require_finite(value, what);
    if (value < least || value > most) {
        throw InputError(what + " is " + number_text(value) + "; it must lie in [" + number_text(least) + ", " +
                         number_text(most) + "]");
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

CUSTFOLIO_INLINE void check_settings(const Strategy& strategy, Period period) {
    check_start(strategy.start, period);
    require_range(strategy.months, 1, 120, "strategy: months");
    require_range(strategy.notice_months, 0, 120, "strategy: notice_months");
    require_range(strategy.lead_months, 0, 120, "strategy: lead_months");
    require_range(strategy.interval, 1, 120, "strategy: interval");
    require_range(strategy.hours_per_offer, 0, 1e12, "strategy: hours_per_offer");
    require_range(strategy.cost_per_offer, 0, 1e15, "strategy: cost_per_offer");
    require_range(strategy.cost_per_pursuit, 0, 1e15, "strategy: cost_per_pursuit");
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
        for (const double value : values) require_finite(value, "strategy: " + what);
    };
    if (strategy.floor == Floor::number) amounts(strategy.floor_level, "floor_level", true, false);
    if (strategy.floor == Floor::column) amounts(strategy.floor_level, "floor_level", false, true);
    if (!strategy.capacity.empty()) amounts(strategy.capacity, "capacity", true, true);
    for (const auto& [name, values] : strategy.limits) {
        if (name != "sales_hours" && name != "deliveries" && name != "money" && name != "offers") {
            throw InputError("strategy: limit '" + name + "'; known are sales_hours, deliveries, money and offers");
        }
        amounts(values, "limit " + name, true, true);
        for (const double value : values) {
            if (value < 0)
                throw InputError("strategy: limit " + name + " is " + number_text(value) + "; it must be >= 0");
        }
    }
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(CourseRow::Kind kind) {
    switch (kind) {
        case CourseRow::Kind::level:
            return "level floor";
        case CourseRow::Kind::hours:
            return "sales_hours";
        case CourseRow::Kind::deliveries:
            return "deliveries";
        case CourseRow::Kind::money:
            return "money";
        case CourseRow::Kind::offers:
            return "offers";
    }
    throw InputError("row kind " + std::to_string(static_cast<int>(kind)) + " does not exist");
}

CUSTFOLIO_INLINE void CourseEffect::reset(std::size_t months) {
    for (Flow* flow : {&remediation, &growth, &acquisition, &overflow}) {
        flow->level.assign(months, 0.0);
        flow->heat.assign(months, 0.0);
    }
    for (std::vector<double>* column : {&hours, &deliveries, &money, &offers}) column->assign(months, 0.0);
}

CUSTFOLIO_INLINE double CourseEffect::level(std::size_t month) const {
    return remediation.level[month] + growth.level[month] + acquisition.level[month] + overflow.level[month];
}

CUSTFOLIO_INLINE double CourseEffect::heat(std::size_t month) const {
    return remediation.heat[month] + growth.heat[month] + acquisition.heat[month] + overflow.heat[month];
}

CUSTFOLIO_INLINE CourseModel::CourseModel(const Strategy& strategy, const Portfolio& portfolio, const Offers& offers,
                                          const GrowthForecast& growth, const Prospects& prospects,
                                          const Baseline& baseline)
    : strategy_(&strategy),
      portfolio_(&portfolio),
      offers_(&offers),
      growth_(&growth),
      prospects_(prospects),
      months_(static_cast<std::size_t>(std::max(strategy.months, 0))) {
    detail::check_settings(strategy, portfolio.period());
    const PortfolioColumns& columns = portfolio.columns();
    const std::size_t n = portfolio.size();

    // Offers, prospects, action plans and refusals must belong to this portfolio and horizon.
    require_same(offers.identity, portfolio.identity(), "the offers are");
    require_same(prospects.identity, portfolio.identity(), "the prospects are");
    if (!offers.begin.empty() && offers.begin.size() != n + 1) {
        throw InputError("offers: made for " + std::to_string(offers.begin.size() - 1) +
                         " customers; the portfolio has " + std::to_string(n));
    }
    for (const Offer& offer : offers.offers) {
        if (offer.customer >= n)
            throw InputError("offers: customer row " + std::to_string(offer.customer) + " does not exist");
        const std::string what = "offer to customer " + columns.id[offer.customer];
        require_probability(offer.acceptance, what + ": acceptance");
        require_finite(offer.revenue_change, what + ": revenue change");
        require_finite(offer.heat_change, what + ": heat change");
        require_finite(offer.deliveries_change, what + ": deliveries change");
    }
    plans_of_.resize(n);
    for (std::size_t g = 0; g < growth.size(); ++g) plans_of_[portfolio.index(growth.plans()[g].customer)].push_back(g);
    if (growth.size() > 0) {
        const int first = strategy.start - growth.start();
        if (first < 0 || first + strategy.months > growth.months()) {
            throw InputError("growth: the forecast runs from " + to_string(growth.start()) + " to " +
                             to_string(growth.start() + (growth.months() - 1)) + "; the strategy needs " +
                             to_string(strategy.start) + " to " + to_string(strategy.start + (strategy.months - 1)));
        }
    }
    for (std::size_t j = 0; j < prospects.size(); ++j) {
        const Prospect& prospect = prospects[j];
        const std::string what = "prospect " + (prospect.id.empty() ? std::to_string(j) : prospect.id);
        require_probability(prospect.win_probability, what + ": win probability");
        require_finite(prospect.level, what + ": level");
        require_finite(prospect.heat, what + ": heat");
        require_finite(prospect.deliveries, what + ": deliveries");
        detail::require_range(prospect.hours, 0, 1e12, what + ": hours");
        detail::require_range(prospect.ramp_months, 0, 1200, what + ": ramp_months");
    }
    refused_.assign(n, false);
    for (const std::string& id : strategy.refused) refused_[portfolio.index(id)] = true;

    // The baseline of a leaving customer leaves with it, except the costs that stay.
    baseline.check(portfolio, strategy.start, strategy.months);
    const auto from = static_cast<std::size_t>(strategy.start - baseline.start);
    baseline_level_ = baseline_heat_ = Matrix(n, months_);
    for (std::size_t i = 0; i < n; ++i) {
        std::ranges::copy(baseline.level.row(i).subspan(from, months_), baseline_level_.row(i).begin());
        std::ranges::copy(baseline.heat.row(i).subspan(from, months_), baseline_heat_.row(i).begin());
    }
    share_ = activity(portfolio, baseline_level_);
    const Column avoidable = portfolio.avoidable_heat();
    avoidable_heat_ = baseline_heat_;
    for (std::size_t i = 0; i < n; ++i) {
        const double stays = avoidable[i] - columns.contribution[i];
        for (std::size_t m = 0; m < months_; ++m) avoidable_heat_(i, m) += share_(i, m) * stays;
    }
    notes_ = baseline.notes;
    for (std::size_t m = 0; m < months_; ++m) {
        const auto squared = [&](const Column& deviation, std::vector<double>& variance) {
            if (deviation.size() > 0) variance.push_back(deviation[from + m] * deviation[from + m]);
        };
        squared(baseline.level_deviation, level_variance_);
        squared(baseline.heat_deviation, heat_variance_);
    }
    const bool deliveries_known = columns.deliveries.size() == n;
    std::vector<double> deliveries(months_, 0.0);
    for (std::size_t m = 0; m < months_; ++m) {
        math::CompensatedSum level;
        math::CompensatedSum heat;
        math::CompensatedSum stops;
        for (std::size_t i = 0; i < n; ++i) {
            level += baseline_level_(i, m);
            heat += baseline_heat_(i, m);
            if (deliveries_known) stops += columns.deliveries[i] * share_(i, m);
        }
        level_.push_back(level.value());
        heat_.push_back(heat.value());
        deliveries[m] = stops.value();
        discount_.push_back(std::pow(1.0 + strategy.discount_rate, -static_cast<double>(m) / 12.0));
    }

    constexpr double infinity = std::numeric_limits<double>::infinity();
    Matrix reference;  // the bucket in the same months of the reference period
    if (strategy.floor == Floor::current)
        reference = seasonal_baseline(portfolio, strategy.start, strategy.months).level;
    for (std::size_t m = 0; m < months_; ++m) {
        CourseRow row{CourseRow::Kind::level, static_cast<int>(m), level_[m], -infinity, infinity};
        if (strategy.floor == Floor::baseline) row.lower = level_[m];
        if (strategy.floor == Floor::current) {
            math::CompensatedSum held;
            for (std::size_t i = 0; i < n; ++i) held += reference(i, m);
            row.lower = held.value();
        }
        if (strategy.floor == Floor::number) row.lower = strategy.floor_level.front();
        if (strategy.floor == Floor::column) row.lower = strategy.floor_level[m];
        if (!strategy.capacity.empty()) row.upper = strategy.capacity[strategy.capacity.size() == 1 ? 0 : m];
        // The caller's own sum of the same levels differs by rounding; that must not require more level.
        if (std::abs(row.lower - level_[m]) <= 1e-12 * std::abs(level_[m])) row.lower = level_[m];
        if (row.lower > row.upper) {
            throw InputError("strategy: in " + to_string(strategy.start + static_cast<int>(m)) + " the floor " +
                             number_text(row.lower) + " is above the capacity " + number_text(row.upper));
        }
        rows_.push_back(row);
    }
    for (const auto& [name, values] : strategy.limits) {
        CourseRow::Kind kind = CourseRow::Kind::hours;
        if (name == "deliveries") kind = CourseRow::Kind::deliveries;
        if (name == "money") kind = CourseRow::Kind::money;
        if (name == "offers") kind = CourseRow::Kind::offers;
        if (kind == CourseRow::Kind::deliveries && !deliveries_known && n > 0) {
            throw InputError("strategy: a limit on deliveries needs the portfolio's deliveries, which are not known");
        }
        const bool monthly = values.size() > 1;
        for (std::size_t m = 0; m < values.size(); ++m) {
            CourseRow row{kind, monthly ? static_cast<int>(m) : -1, 0.0, -infinity, values[m]};
            if (kind == CourseRow::Kind::deliveries) {
                for (std::size_t k = 0; k < months_; ++k) {
                    if (!monthly || k == m) row.base += deliveries[k];
                }
            }
            rows_.push_back(row);
        }
    }
}

CUSTFOLIO_INLINE std::size_t CourseModel::growth_offset() const {
    return growth_->size() > 0 ? static_cast<std::size_t>(strategy_->start - growth_->start()) : 0;
}

CUSTFOLIO_INLINE std::vector<Course> CourseModel::courses(std::size_t who, bool overflow) const {
    std::vector<Course> all{Course{}};
    const int horizon = strategy_->months;
    if (who >= customers()) {
        for (int a = 0; a + strategy_->lead_months < horizon; a += strategy_->interval) {
            Course course;
            course.month = a;
            all.push_back(course);
        }
        return all;
    }
    // Sets of action plans: all of them up to three, beyond that each alone and the best k together.
    std::vector<std::vector<std::size_t>> sets{{}};
    std::vector<std::size_t> mine = plans_of_[who];
    constexpr std::size_t all_subsets = 3;
    if (mine.size() <= all_subsets) {
        for (std::size_t bits = 1; bits < (std::size_t{1} << mine.size()); ++bits) {
            std::vector<std::size_t> set;
            for (std::size_t k = 0; k < mine.size(); ++k) {
                if ((bits >> k & 1U) != 0) set.push_back(mine[k]);
            }
            sets.push_back(std::move(set));
        }
    } else {
        const auto worth = [&](std::size_t g) {
            const std::span<const double> heat = growth_->expected_contribution().row(g);
            return std::accumulate(heat.begin(), heat.end(), 0.0);
        };
        for (const std::size_t g : mine) sets.push_back({g});
        std::stable_sort(mine.begin(), mine.end(), [&](std::size_t a, std::size_t b) { return worth(a) > worth(b); });
        for (std::size_t k = 2; k <= mine.size(); ++k) {
            sets.emplace_back(mine.begin(), mine.begin() + static_cast<std::ptrdiff_t>(k));
        }
    }
    std::vector<Course> plain{Course{}};
    if (!offers_->begin.empty()) {
        for (std::size_t o = offers_->begin[who]; o < offers_->begin[who + 1]; ++o) {
            for (int a = 0; a + strategy_->notice_months < horizon; a += strategy_->interval) {
                Course course;
                course.offer = o;
                course.month = a;
                plain.push_back(course);
            }
        }
    }
    const std::size_t from = growth_offset();
    for (const std::vector<std::size_t>& set : sets) {
        for (const Course& course : plain) {
            Course with = course;
            with.plans = set;
            if (!(with == Course{})) all.push_back(with);  // to keep is the first course already
            if (!overflow || !(refusal(who, course) > 0)) continue;
            const std::size_t earliest = earliest_overflow(who, course);
            double heat = 0;
            for (std::size_t b = months_; b-- > earliest;) {
                heat += avoidable_heat_(who, b);
                for (const std::size_t g : set) {
                    heat += growth_->expected_contribution()(g, from + b);
                }
                // Only customers that cost money flow over, unless the bucket may be too small.
                if (strategy_->capacity.empty() && heat >= 0) continue;
                with.overflow = static_cast<int>(b);
                all.push_back(with);
            }
        }
    }
    return all;
}

CUSTFOLIO_INLINE double CourseModel::refusal(std::size_t who, const Course& course) const {
    if (who >= customers()) return 0.0;
    if (course.offer != Course::none) return 1.0 - offers_->offers[course.offer].acceptance;
    return refused_[who] ? 1.0 : 0.0;
}

CUSTFOLIO_INLINE std::size_t CourseModel::earliest_overflow(std::size_t who, const Course& course) const {
    if (who >= customers()) return months_;
    if (course.offer != Course::none)
        return static_cast<std::size_t>(course.month + std::max(1, strategy_->notice_months));
    return refused_[who] ? 0 : months_;
}

CUSTFOLIO_INLINE void CourseModel::effect(std::size_t who, const Course& course, CourseEffect& effect) const {
    effect.reset(months_);
    if (who >= customers()) {
        if (course.month < 0) return;
        const Prospect& prospect = prospects_[who - customers()];
        const auto begin = static_cast<std::size_t>(course.month);
        effect.hours[begin] += prospect.hours;
        effect.money[begin] += strategy_->cost_per_pursuit;
        effect.acquisition.heat[begin] -= strategy_->cost_per_pursuit;
        const std::size_t won = begin + static_cast<std::size_t>(strategy_->lead_months);
        for (std::size_t m = won; m < months_; ++m) {
            const double ramp = std::min(1.0, static_cast<double>(m - won + 1) / (prospect.ramp_months + 1.0));
            const double part = prospect.win_probability * ramp / 12.0;
            effect.acquisition.level[m] += part * prospect.level;
            effect.acquisition.heat[m] += part * prospect.heat;
            effect.deliveries[m] += part * prospect.deliveries;
        }
        return;
    }
    const Column& stops = portfolio_->columns().deliveries;
    const double deliveries = stops.size() > who ? stops[who] : 0.0;
    if (course.offer != Course::none) {
        const Offer& offer = offers_->offers[course.offer];
        const auto begin = static_cast<std::size_t>(course.month);
        effect.hours[begin] += strategy_->hours_per_offer;
        effect.money[begin] += strategy_->cost_per_offer;
        effect.remediation.heat[begin] -= strategy_->cost_per_offer;
        effect.offers[begin] += 1.0;
        for (std::size_t m = begin + static_cast<std::size_t>(strategy_->notice_months); m < months_; ++m) {
            const double part = offer.acceptance * share_(who, m);
            effect.remediation.level[m] += part * offer.revenue_change;
            effect.remediation.heat[m] += part * offer.heat_change;
            effect.deliveries[m] += part * offer.deliveries_change;
        }
    }
    const double gone = course.overflow >= 0 ? refusal(who, course) : 0.0;
    const std::size_t leaves = course.overflow >= 0 ? static_cast<std::size_t>(course.overflow) : months_;
    for (std::size_t m = leaves; m < months_; ++m) {
        effect.overflow.level[m] -= gone * baseline_level_(who, m);
        effect.overflow.heat[m] -= gone * avoidable_heat_(who, m);
        effect.deliveries[m] -= gone * deliveries * share_(who, m);
    }
    const std::size_t from = growth_offset();
    for (const std::size_t g : course.plans) {
        for (std::size_t m = 0; m < months_; ++m) {
            const std::size_t k = from + m;
            const double level = growth_->expected_revenue()(g, k);
            const double heat = growth_->expected_contribution()(g, k);
            effect.growth.level[m] += level;
            effect.growth.heat[m] += heat;
            effect.hours[m] += growth_->expected_hours()(g, k) * (m >= leaves ? 1.0 - gone : 1.0);
            if (m >= leaves) {
                effect.overflow.level[m] -= gone * level;
                effect.overflow.heat[m] -= gone * heat;
            }
        }
    }
}

CUSTFOLIO_INLINE void CourseModel::add_variance(std::size_t who, const Course& course, std::span<double> level,
                                                std::span<double> heat) const {
    // Of two outcomes that differ by d, the first with probability p: p (1 - p) d^2.
    const auto add = [&](std::size_t m, double probability, double level_apart, double heat_apart) {
        level[m] += probability * (1 - probability) * level_apart * level_apart;
        heat[m] += probability * (1 - probability) * heat_apart * heat_apart;
    };
    CourseEffect sure;
    if (who >= customers()) {
        if (course.month < 0) return;
        const Prospect& prospect = prospects_[who - customers()];
        effect(who, course, sure);
        if (!(prospect.win_probability > 0)) return;
        const auto won = static_cast<std::size_t>(course.month + strategy_->lead_months);
        for (std::size_t m = won; m < months_; ++m) {
            const double spent = static_cast<int>(m) == course.month ? strategy_->cost_per_pursuit : 0.0;
            add(m, prospect.win_probability, sure.acquisition.level[m] / prospect.win_probability,
                (sure.acquisition.heat[m] + spent) / prospect.win_probability);
        }
        return;
    }
    if (course.offer == Course::none) return;
    const Offer& offer = offers_->offers[course.offer];
    const double refused = 1 - offer.acceptance;
    effect(who, course, sure);
    for (std::size_t m = static_cast<std::size_t>(course.month + strategy_->notice_months); m < months_; ++m) {
        const double part = share_(who, m);
        const double lost_level = refused > 0 ? sure.overflow.level[m] / refused : 0.0;
        const double lost_heat = refused > 0 ? sure.overflow.heat[m] / refused : 0.0;
        add(m, offer.acceptance, part * offer.revenue_change - lost_level, part * offer.heat_change - lost_heat);
    }
}

CUSTFOLIO_INLINE double CourseModel::value(const CourseEffect& effect) const {
    double sum = 0;
    for (std::size_t m = 0; m < months_; ++m) sum += discount_[m] * effect.heat(m);
    return sum;
}

CUSTFOLIO_INLINE void CourseModel::usage(const CourseEffect& effect, std::span<double> usage) const {
    for (std::size_t r = 0; r < rows_.size(); ++r) {
        const CourseRow& row = rows_[r];
        const auto at = [&](std::size_t m) {
            switch (row.kind) {
                case CourseRow::Kind::hours:
                    return effect.hours[m];
                case CourseRow::Kind::deliveries:
                    return effect.deliveries[m];
                case CourseRow::Kind::money:
                    return effect.money[m];
                case CourseRow::Kind::offers:
                    return effect.offers[m];
                case CourseRow::Kind::level:
                    break;
            }
            return effect.level(m);
        };
        usage[r] = 0;
        if (row.month >= 0) {
            usage[r] = at(static_cast<std::size_t>(row.month));
        } else {
            for (std::size_t m = 0; m < months_; ++m) usage[r] += at(m);
        }
    }
}

}  // namespace custfolio
