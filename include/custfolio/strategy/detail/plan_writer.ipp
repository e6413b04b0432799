// Definitions of a plan's figures and sentences.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "custfolio/budget/budget.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/abridged.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/overflow/displacement.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/detail/course_problem.hpp"
#include "custfolio/strategy/detail/floor_at_chance.hpp"
#include "custfolio/strategy/detail/floor_chance.hpp"
#include "custfolio/strategy/detail/floor_level.hpp"
#include "custfolio/strategy/detail/plan_outcomes.hpp"
#include "custfolio/strategy/detail/plan_writer.hpp"
#include "custfolio/strategy/strategy.hpp"
#include "custfolio/terms/wording.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE std::string whole_text(double amount) {
    constexpr double most = 1e15;  // beyond it doubles have no cents, and digits would only be noise
    if (std::abs(amount) >= most) return number_text(amount);
    std::string text = amount_text(amount, 0);
    const std::size_t first = text.starts_with('-') ? 1 : 0;
    for (std::size_t at = text.size(); at > first + 3;) {
        at -= 3;
        text.insert(at, 1, ',');
    }
    return text;
}

inline std::string unit_text(CourseRow::Kind kind) {
    switch (kind) {
        case CourseRow::Kind::hours:
            return "sales hour";
        case CourseRow::Kind::deliveries:
            return "delivery";
        case CourseRow::Kind::money:
            return "unit of money";
        case CourseRow::Kind::offers:
            return "offer";
        case CourseRow::Kind::switches:
            return "switch";
        default:
            return "unit of currency";
    }
}

// A price with two digits after the decimal point, and a small one with three significant digits.
inline std::string price_text(double price, bool discounted) {
    if (!(price > 0)) return "nothing";
    const int digits = price < 1 ? 2 - static_cast<int>(std::floor(std::log10(price))) : 2;
    return amount_text(price, digits) + (discounted ? " of discounted heat" : " of heat");
}

inline std::string change_text(double level, double heat) {
    if (std::abs(level) < 0.5 && std::abs(heat) < 0.5) return "changes level and heat by less than 1";
    return (level < 0 ? "takes " : "adds ") + whole_text(std::abs(level)) + " of level and " +
           (heat < 0 ? "costs " : (level < 0 ? "adds " : "")) + whole_text(std::abs(heat)) + " of heat";
}

inline double sum(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

CUSTFOLIO_INLINE Month PlanWriter::month(int m) const {
    return strategy_.start + m;
}

CUSTFOLIO_INLINE std::string PlanWriter::until() const {
    return to_string(month(strategy_.months - 1));
}

CUSTFOLIO_INLINE const std::string& PlanWriter::name_of(std::size_t who) const {
    if (who < model_.customers()) return portfolio_.at(who).name();
    const Prospect& prospect = prospects_[who - model_.customers()];
    return prospect.name.empty() ? prospect.id : prospect.name;
}

CUSTFOLIO_INLINE std::string PlanWriter::introducer(const std::string& id) const {
    return portfolio_.contains(id) ? portfolio_[id].name() : id;
}

CUSTFOLIO_INLINE void PlanWriter::write(Plan& plan, const RowBounds& kept) const {
    const PlanOutcomes outcomes(model_, growth_, strategy_.start, plan.courses);
    Matrix covariance(model_.months(), model_.months());
    write_flows(plan, outcomes, covariance);
    write_floors(plan, kept, outcomes, covariance);
    write_actions(plan);
    write_overflow(plan);
    write_replacements(plan);
    write_resources(plan);
    write_counts(plan);
}

CUSTFOLIO_INLINE void PlanWriter::write_prices(Plan& plan, std::span<const double> prices) const {
    for (std::size_t r = 0; r < model_.rows().size(); ++r) {
        const CourseRow& row = model_.rows()[r];
        // Prices are those of the last bounds: a row that fell is priced at where it fell to.
        const bool lower = row.kind == CourseRow::Kind::floor;
        // More freedom in frozen months is no unit to be had.
        if (!std::isfinite(lower ? row.lower : row.upper) || row.kind == CourseRow::Kind::frozen) continue;
        ShadowPrice entry;
        entry.row = model_.name_of(row);
        entry.month = month(row.first);
        entry.months = row.length;
        // The sign only shows which bound is meant. Zero comes first: of -0 and 0, max() returns the first.
        entry.price = std::max(0.0, lower ? -prices[r] : prices[r]);
        std::string change = "one more " + unit_text(row.kind);
        if (lower) change = "one " + unit_text(row.kind) + " less of floor";
        if (row.kind == CourseRow::Kind::capacity) change += " of capacity";
        if (row.kind == CourseRow::Kind::replacement) change += " that comes in";
        entry.text = change + model_.group_text(row) + " in " + span_text(entry.month, entry.months) + " is worth " +
                     price_text(entry.price, strategy_.discount_rate != 0);
        plan.shadow_prices.push_back(std::move(entry));
    }
}

// Of two outcomes that differ by d, the first with probability p, the variance is p (1 - p) d^2. One outcome decides
// all months, so months of one customer move together.
inline void add_covariance(const CourseOutcome& outcome, Matrix& level, std::span<double> heat) {
    const double variance = outcome.probability * (1 - outcome.probability);
    if (!(variance > 0)) return;
    for (std::size_t a = 0; a < heat.size(); ++a) {
        for (std::size_t b = 0; b < heat.size(); ++b) level(a, b) += variance * outcome.level[a] * outcome.level[b];
        heat[a] += variance * outcome.heat[a] * outcome.heat[a];
    }
}

// Level and heat by month and source, with the covariances of answers and wins; empty where the baseline has none.
CUSTFOLIO_INLINE void PlanWriter::write_flows(Plan& plan, const PlanOutcomes& outcomes, Matrix& covariance) const {
    const std::size_t months = model_.months();
    plan.level_change = plan.heat_change = Matrix(model_.size(), months);
    struct Sums {
        math::CompensatedSum level, heat;
    };
    std::vector<std::array<Sums, 4>> source(months);
    // What leaves and what comes in are the two sides of the replacement, apart from the change of the level.
    std::vector<math::CompensatedSum> out(months), in(months);
    std::vector<double> heat_variance(months, 0.0);
    CourseEffect effect;
    for (std::size_t i = 0; i < plan.courses.size(); ++i) {
        // To keep changes nothing.
        if (plan.courses[i] == Course{}) continue;
        model_.effect(i, plan.courses[i], effect);
        const std::array<const CourseEffect::Flow*, 4> flows{&effect.remediation, &effect.growth, &effect.acquisition,
                                                             &effect.overflow};
        for (std::size_t m = 0; m < months; ++m) {
            plan.level_change(i, m) = effect.level(m);
            plan.heat_change(i, m) = effect.heat(m);
            out[m] += effect.out[m];
            in[m] += effect.in[m];
            for (std::size_t k = 0; k < flows.size(); ++k) {
                source[m][k].level += flows[k]->level[m];
                source[m][k].heat += flows[k]->heat[m];
            }
        }
    }
    for (std::size_t i = 0; i < plan.courses.size(); ++i) {
        CourseOutcome outcome;
        model_.holdings().for_members(i, [&](std::size_t member) {
            if (!(plan.courses[member] == Course{})) add_outcome(outcome, model_.outcome(member, plan.courses[member]));
        });
        if (!outcome.level.empty()) add_covariance(outcome, covariance, heat_variance);
    }
    const Matrix& baseline = model_.level_covariance();
    std::vector<BudgetLine> lines;
    for (std::size_t m = 0; m < months; ++m) {
        PlanMonth entry;
        entry.month = month(static_cast<int>(m));
        entry.baseline_level = model_.level()[m];
        entry.baseline_heat = model_.heat()[m];
        entry.reference = model_.reference().at(entry.month);
        entry.never_negative = model_.level_never_negative();
        entry.out = out[m].value();
        entry.in = in[m].value();
        std::vector<double> alone(months, 0.0);
        alone[m] = 1;
        if (baseline.rows() > 0) {
            const double growth = outcomes.growth_variance(alone, Payoff::revenue);
            entry.level_deviation = std::sqrt(baseline(m, m) + covariance(m, m) + growth);
        }
        if (!model_.heat_variance().empty()) {
            const double growth = outcomes.growth_variance(alone, Payoff::contribution);
            entry.heat_deviation = std::sqrt(model_.heat_variance()[m] + heat_variance[m] + growth);
        }
        plan.trajectory.push_back(entry);
        const double new_level = model_.new_business_level()[m];
        const double new_heat = model_.new_business_heat()[m];
        lines.push_back(
            {entry.month, Source::baseline, entry.baseline_level - new_level, entry.baseline_heat - new_heat});
        if (new_level != 0.0) lines.push_back({entry.month, Source::new_business, new_level, new_heat});
        for (std::size_t k = 0; k < 4; ++k) {
            lines.push_back({entry.month, action_sources[k], source[m][k].level.value(), source[m][k].heat.value()});
        }
    }
    // The budget rounds every line once and keeps all totals.
    plan.budget = Budget(lines, model_.currency());
    // Amounts are rounded once: the trajectory shows the budget's rounded totals, so that no two tables differ.
    for (PlanMonth& entry : plan.trajectory) {
        const BudgetTotal total_of_month = plan.budget.total(entry.month);
        const BudgetTotal customers = plan.budget.at(entry.month, Source::baseline);
        const BudgetTotal others = plan.budget.at(entry.month, Source::new_business);
        entry.level = total_of_month.level;
        entry.heat = total_of_month.heat;
        entry.new_business = others.level;
        entry.new_business_heat = others.heat;
        entry.baseline_level = round_money(customers.level + others.level, model_.currency());
        entry.baseline_heat = round_money(customers.heat + others.heat, model_.currency());
    }
    if (baseline.rows() == 0) covariance = Matrix();
}

// A level that is certain and meets its floor up to rounding holds it.
inline double attainable(const CourseRow& row) {
    return row.lower - 1e-12 * (std::abs(row.lower) + std::abs(row.base));
}

// The planned level of a row: what would be without action, and the changes of all courses that it counts.
CUSTFOLIO_INLINE double PlanWriter::level_of(const Plan& plan, const CourseRow& row) const {
    math::CompensatedSum level(row.base);
    for (const std::size_t m : row.months) {
        for (std::size_t i = 0; i < plan.courses.size(); ++i) {
            if (model_.counts(row, model_.membership(i))) level += plan.level_change(i, m);
        }
    }
    return level.value();
}

// The first month of a row that counts, and the number of these months. Those before the start count as bought.
CUSTFOLIO_INLINE std::pair<Month, int> PlanWriter::counted_months(const CourseRow& row) const {
    const int before = std::max(-row.first, 0);
    return {month(before > 0 ? row.first : static_cast<int>(row.months.front())),
            before + static_cast<int>(row.months.size())};
}

// The rows of the floor, and the part of each month for pictures.
CUSTFOLIO_INLINE void PlanWriter::write_floors(Plan& plan, const RowBounds& kept, const PlanOutcomes& outcomes,
                                               const Matrix& covariance) const {
    std::vector<const CourseRow*> rows;
    for (std::size_t r = 0; r < model_.rows().size(); ++r) {
        const CourseRow& row = model_.rows()[r];
        if (row.kind == CourseRow::Kind::capacity) plan.trajectory[row.months.front()].capacity = row.upper;
        if (row.kind != CourseRow::Kind::floor) continue;
        if (row.group != CourseRow::whole) {
            write_group_floor(plan, row, kept.lower[r]);
            continue;
        }
        FloorRow entry;
        std::tie(entry.month, entry.months) = counted_months(row);
        entry.floor = row.lower;
        entry.to = kept.lower[r];
        entry.without = row.base;
        for (const std::size_t m : row.months) entry.new_business += model_.new_business_level()[m];
        entry.level = level_of(plan, row);
        // The row in the reference year, months before the start included: what a reader compares with.
        math::CompensatedSum reference;
        for (int m = row.first; m < row.first + row.length; ++m) {
            const double amount = model_.reference().at(month(m));
            // A month without a counterpart counts on neither side.
            if (strategy_.floor == Floor::current && std::isnan(amount)) continue;
            reference += amount;
        }
        entry.reference = reference.value();
        plan.floors.push_back(entry);
        rows.push_back(&row);
        spread_floor(plan, row);
    }
    if (covariance.rows() > 0 && !rows.empty()) {
        write_chances(plan, rows, outcomes, covariance);
    } else {
        for (FloorRow& row : plan.floors) row.deviation = row.chance = std::numeric_limits<double>::quiet_NaN();
    }
}

CUSTFOLIO_INLINE void PlanWriter::write_group_floor(Plan& plan, const CourseRow& row, double kept) const {
    FloorRow entry;
    entry.group = strategy_.groups[row.group].label();
    std::tie(entry.month, entry.months) = counted_months(row);
    entry.floor = row.lower;
    entry.to = kept;
    entry.without = row.base;
    entry.level = level_of(plan, row);
    entry.reference = entry.deviation = entry.chance = std::numeric_limits<double>::quiet_NaN();
    if (strategy_.groups[row.group].floor == Floor::current) entry.reference = row.lower;
    if (model_.level_covariance(row).rows() > 0) {
        const std::vector<Course> counted = counted_courses(model_, row, plan.courses);
        const PlanOutcomes outcomes(model_, growth_, strategy_.start, counted);
        const FloorLevel level(model_, row, outcomes);
        entry.deviation = std::sqrt(level.variance());
        entry.chance = level.chance(entry.level, attainable(row));
    }
    plan.group_floors.push_back(entry);
}

// A month's part of its row's floor is that of its reference; where that is not known all months have the same part.
CUSTFOLIO_INLINE void PlanWriter::spread_floor(Plan& plan, const CourseRow& row) const {
    // Of a rolling year the months before the start are bought already.
    double past = row.base;
    math::CompensatedSum reference;
    for (const std::size_t m : row.months) {
        past -= model_.level()[m];
        reference += plan.trajectory[m].reference;
    }
    for (const std::size_t m : row.months) {
        // Rolling years overlap: each shows its last month only.
        const bool shown = row.first >= 0 || row.first + row.length == static_cast<int>(m) + 1;
        if (!shown) continue;
        const double part = reference.value() > 0 ? plan.trajectory[m].reference / reference.value()
                                                  : 1.0 / static_cast<double>(row.months.size());
        plan.trajectory[m].floor = (row.lower - past) * part;
    }
}

// Chances of the rows alone, and of all together: rows share months, or months that move together.
CUSTFOLIO_INLINE void PlanWriter::write_chances(Plan& plan, const std::vector<const CourseRow*>& rows,
                                                const PlanOutcomes& outcomes, const Matrix& covariance) const {
    Matrix between(rows.size(), rows.size());
    std::vector<double> mean, floor, growth;  // growth: variance of action plans
    std::vector<std::vector<double>> counts;  // per row: 1 for its months
    for (std::size_t a = 0; a < rows.size(); ++a) {
        counts.emplace_back(model_.months(), 0.0);
        for (const std::size_t m : rows[a]->months) counts[a][m] = 1;
        if (rows.size() > 1) growth.push_back(outcomes.growth_variance(counts[a], Payoff::revenue));
        FloorRow& row = plan.floors[a];
        mean.push_back(row.level);
        floor.push_back(attainable(*rows[a]));
        const FloorLevel level(model_, *rows[a], outcomes);
        between(a, a) = level.variance();
        row.deviation = std::sqrt(between(a, a));
        row.chance = level.chance(mean[a], floor[a]);
    }
    if (rows.size() == 1) {
        plan.floor_chance = plan.floors.front().chance;
        return;
    }
    for (std::size_t a = 0; a < rows.size(); ++a) {
        for (std::size_t b = 0; b < a; ++b) {
            for (const std::size_t m : rows[a]->months) {
                for (const std::size_t k : rows[b]->months) {
                    between(a, b) += covariance(m, k) + model_.level_covariance()(m, k);
                }
            }
            // The variance of a sum has the covariance of its parts.
            std::vector<double> both = counts[a];
            for (std::size_t m = 0; m < both.size(); ++m) both[m] += counts[b][m];
            between(a, b) += (outcomes.growth_variance(both, Payoff::revenue) - growth[a] - growth[b]) / 2;
            between(b, a) = between(a, b);
        }
    }
    // The chance of all has an error of its own, which must not lift it above that of a single row.
    plan.floor_chance = chance_of_all(mean, between, floor);
    for (const FloorRow& row : plan.floors) plan.floor_chance = std::min(plan.floor_chance, row.chance);
}

CUSTFOLIO_INLINE void PlanWriter::write_relaxed(Plan& plan, const RowBounds& kept, std::span<const double> nearest,
                                                double cost, bool proven) const {
    for (std::size_t r = 0; r < model_.rows().size(); ++r) {
        const CourseRow& row = model_.rows()[r];
        if (!row.soft()) continue;
        const bool below = row.kind == CourseRow::Kind::floor;
        RelaxedRow entry;
        entry.bound = below ? row.lower : row.upper;
        entry.to = below ? kept.lower[r] : kept.upper[r];
        entry.level = level_of(plan, row);
        // Below a floor, above a capacity.
        const double missing = below ? entry.bound - entry.level : entry.level - entry.bound;
        // A row that fell but is kept by this plan after all misses nothing.
        if (entry.to == entry.bound || !(missing > 1e-12 * (std::abs(entry.bound) + std::abs(row.base)))) continue;
        entry.row = model_.name_of(row);
        std::tie(entry.month, entry.months) = counted_months(row);
        entry.without = row.base;
        // The nearest plan is so in the sum over all rows: it may be farther from one of them than this plan.
        entry.nearest = below ? std::max(nearest[r], entry.level) : std::min(nearest[r], entry.level);
        entry.cost = std::max(cost, 0.0);
        entry.proven = proven;
        const auto amount = [&](double value) {
            return whole_text(value) + (entry.bound > 0 ? " (" + percent_text(std::abs(entry.drop(value))) +
                                                              (entry.drop(value) < 0 ? " above)" : " below)")
                                                        : std::string());
        };
        // What no plan can reach is what must come from outside of the plan.
        const double rest = below ? entry.bound - entry.nearest : entry.nearest - entry.bound;
        // Shares of the bound mean more than amounts, where there is a bound to compare with.
        entry.text = "the level" + model_.group_text(row) + " of " + plan.span(entry) +
                     (below ? " cannot reach " : " cannot stay within ") + whole_text(entry.bound) +
                     ": without action it is " + amount(entry.without) + ", with this plan " + amount(entry.level) +
                     "; it can come to " + amount(entry.nearest) + " at best, for " + whole_text(entry.cost) +
                     " of heat";
        entry.text += below ? "; " + whole_text(std::ceil(rest)) +
                                  " more of level from newcomers, action plans or new terms closes the rest"
                            : "; " + whole_text(std::ceil(rest)) + " more of capacity closes the rest";
        if (!below && entry.to <= row.base && !strategy_.replaced_by_room) {
            entry.text += "; the plan adds no level there, so few customers are replaced and flow over";
        }
        plan.relaxed.push_back(std::move(entry));
    }
}

CUSTFOLIO_INLINE void PlanWriter::write_missed_chances(Plan& plan, const FloorsAtChance& found) const {
    for (const MissedChance& missed : found.missed) {
        const CourseRow& row = model_.rows()[missed.row];
        RelaxedRow entry;
        const bool whole = row.group == CourseRow::whole;
        const std::string group = whole ? "" : strategy_.groups[row.group].label();
        entry.row = "floor chance" + (whole ? "" : ", " + group);
        std::tie(entry.month, entry.months) = counted_months(row);
        entry.bound = missed.needed;
        entry.to = row.lower;
        entry.without = row.base;
        entry.level = level_of(plan, row);
        entry.nearest = std::max(missed.nearest, entry.level);
        entry.cost = std::max(found.cost, 0.0);
        const auto floor = detail::find_if(whole ? plan.floors : plan.group_floors, [&](const FloorRow& one) {
            return one.group == group && one.month == entry.month && one.months == entry.months;
        });
        entry.text = "the floor" + model_.group_text(row) + " of " + plan.span(entry) + ", " + whole_text(row.lower) +
                     ", holds with a chance of " + percent_text(floor->chance) + ", not " +
                     percent_text(strategy_.chance) + ": for that the expected level must be " +
                     whole_text(entry.bound) + ", with this plan it is " + whole_text(entry.level) +
                     "; it can come to " + whole_text(entry.nearest) + " at best, for " + whole_text(entry.cost) +
                     " of heat; " + whole_text(std::ceil(std::max(entry.bound - entry.nearest, 0.0))) +
                     " more of level from newcomers, action plans or new terms closes the rest";
        plan.relaxed.push_back(std::move(entry));
    }
}

// An action with its sums over the horizon.
inline Action begin_action(Month month, Step step, const CourseEffect::Flow& flow) {
    Action action;
    action.month = month;
    action.step = step;
    action.level = sum(flow.level);
    action.heat = sum(flow.heat);
    return action;
}

CUSTFOLIO_INLINE void PlanWriter::write_actions(Plan& plan) const {
    for (std::size_t i = 0; i < plan.courses.size(); ++i) {
        const Course& course = plan.courses[i];
        if (i >= model_.customers()) {
            if (course.month >= 0) write_pursuit(plan, i, course);
            continue;
        }
        const bool asked = course.offer != Course::none && offers_.offers[course.offer].customer == i;
        if (asked) write_offer(plan, i, course);
        for (const std::size_t g : course.plans) write_action_plan(plan, i, course, g);
    }
    // Steps run in their order within a month, so that one customer's offer comes before its action plan.
    detail::stable_sort(plan.actions, [](const Action& a, const Action& b) {
        return std::tie(a.month, a.step) < std::tie(b.month, b.step);
    });
}

CUSTFOLIO_INLINE void PlanWriter::write_pursuit(Plan& plan, std::size_t who, const Course& course) const {
    const std::size_t j = who - model_.customers();
    const Prospect& prospect = prospects_[j];
    // The pursuit's cost is in its heat.
    CourseEffect effect;
    model_.effect(who, course, effect);
    Action action = begin_action(month(course.month), Step::acquisition, effect.acquisition);
    // Positions, not identities: two prospects may have the same name.
    action.prospect = true;
    action.who = j;
    action.id = prospect.id;
    action.name = name_of(who);
    action.item = j;
    action.hours = sum(effect.hours);
    action.what = "pursue" + (prospect.manager.empty() ? "" : " by " + prospect.manager);
    // Without a path the nearest warm customer is no introducer.
    const std::string link = prospect.path_strength > 0 ? ", introduced by " : ", near the warm customer ";
    if (!prospect.introduced_by.empty()) action.what += link + introducer(prospect.introduced_by);
    action.why = "Won with " + percent_text(prospect.win_probability, 0) + ", it brings " + whole_text(prospect.level) +
                 " of level a year at " + percent_text(temperature_of(prospect.level, prospect.heat)) +
                 (prospect.terms.empty() ? "" : " on " + prospect.terms) + "; in expectation it " +
                 change_text(action.level, action.heat) + " by " + until() + " for " + amount_text(action.hours, 1) +
                 " hours.";
    plan.actions.push_back(std::move(action));
}

inline constexpr double hardly_accepted = 0.05;  // offers with a smaller chance state why they are made

CUSTFOLIO_INLINE void PlanWriter::write_offer(Plan& plan, std::size_t who, const Course& course) const {
    const Offer& offer = offers_.offers[course.offer];
    Course alone;
    alone.offer = course.offer;
    alone.month = course.month;
    CourseEffect effect;
    model_.effect(who, alone, effect);
    Action action = begin_action(month(course.month), Step::remediation, effect.remediation);
    const Customer customer = portfolio_.at(who);
    action.who = who;
    action.id = customer.id();
    action.name = customer.name();
    action.item = course.offer;
    action.answer = month(course.month + strategy_.notice_months);
    action.hours = sum(effect.hours);
    action.what = "offer " + describe(offers_.terms(offer));
    const double each = offers_.heat_per_delivery.size() > who ? offers_.heat_per_delivery[who]
                                                               : std::numeric_limits<double>::quiet_NaN();
    action.why = "Its temperature is " + percent_text(customer.temperature());
    if (std::isfinite(each)) {
        action.why += " and a delivery " + std::string(each < 0 ? "costs " : "earns ") + amount_text(std::abs(each));
    }
    const double acceptance = 1.0 - model_.refusal(who, alone);
    action.why += std::string("; accepted ") + (model_.holdings().linked(who) ? "by its holding " : "") + "with " +
                  percent_text(acceptance, 0) + ", the offer " + change_text(action.level, action.heat) + " by " +
                  until() + " in expectation.";
    if (course.overflow >= 0 && acceptance < hardly_accepted) {
        action.why += " It is made since a customer who refuses may flow over.";
    }
    plan.actions.push_back(std::move(action));
}

CUSTFOLIO_INLINE void PlanWriter::write_action_plan(Plan& plan, std::size_t who, const Course& course,
                                                    std::size_t g) const {
    Course alone;
    alone.plans = {g};
    CourseEffect effect;
    model_.effect(who, alone, effect);
    const ActionPlan& steps = growth_.plans()[g];
    const std::vector<StepTiming> times = timing(steps, growth_.start());
    const int first = std::max(times.front().start + (growth_.start() - strategy_.start), 0);
    // The step that is decided last: of a chain, that all of it has succeeded.
    std::size_t last = 0;
    for (std::size_t k = 1; k < times.size(); ++k) {
        if (times[k].decided >= times[last].decided) last = k;
    }
    const double chance = growth_.success(g, last);
    Action action = begin_action(month(std::min(first, strategy_.months - 1)), Step::growth, effect.growth);
    action.who = who;
    action.id = portfolio_.at(who).id();
    action.name = name_of(who);
    action.item = g;
    action.hours = sum(effect.hours);
    action.what = "begin " +
                  (steps.name.empty() ? std::string("the action plan") : "action plan '" + steps.name + "'") + ": " +
                  steps.steps.front().name;
    action.why = "Its last step, " + steps.steps[last].name + ", succeeds with " + percent_text(chance, 0) +
                 "; in expectation the plan " + change_text(action.level, action.heat) + " by " + until() + " for " +
                 amount_text(action.hours, 1) + " hours.";
    if (course.overflow >= 0) {
        action.why.back() = ',';
        action.why += " less if the offer is refused.";
    }
    plan.actions.push_back(std::move(action));
}

// The two largest replacements by name.
inline std::string replacement_text(const PlannedOverflow& leaves) {
    std::vector<std::string> names;
    for (const Replacement& one : leaves.replaced_by) names.push_back(one.name + " (" + to_string(one.step) + ")");
    return names.empty() ? std::string() : " by " + abridged(names, 2);
}

CUSTFOLIO_INLINE void PlanWriter::write_overflow(Plan& plan) const {
    CourseEffect effect;
    for (std::size_t i = 0; i < model_.customers(); ++i) {
        const Course& course = plan.courses[i];
        if (course.overflow < 0) continue;
        model_.effect(i, course, effect);
        // Amounts include the chance of the refusal.
        PlannedOverflow leaves;
        leaves.customer = i;
        leaves.id = portfolio_.at(i).id();
        leaves.name = name_of(i);
        leaves.month = month(course.overflow);
        leaves.probability = model_.refusal(i, course);
        leaves.level = -sum(effect.overflow.level);
        leaves.heat = -sum(effect.overflow.heat);
        // What must be replaced counts net returns as nothing, so it may exceed the level that leaves.
        leaves.out = sum(effect.out);
        plan.overflow.push_back(std::move(leaves));
    }
    detail::stable_sort(plan.overflow, [&](const PlannedOverflow& a, const PlannedOverflow& b) {
        return std::pair(a.month, model_.rank(a.customer)) < std::pair(b.month, model_.rank(b.customer));
    });
}

// A customer or prospect that brings level, month by month.
struct PlanWriter::Incoming {
    std::size_t who = 0;
    Replacement replacement;
    std::vector<double> level;
    double total = 0;
};

// Pairs of who leaves and who replaces, month by month: the sum of what comes in covers all, so any order of the pairs
// does, as long as nobody is paired with himself. What leavers bring is given to others first, since it serves fewer.
CUSTFOLIO_INLINE void PlanWriter::write_replacements(Plan& plan) const {
    constexpr double cent = 0.005;  // less is not shown
    std::vector<Incoming> sources;
    CourseEffect effect;
    for (std::size_t i = 0; i < plan.courses.size(); ++i) {
        if (plan.courses[i] == Course{}) continue;
        model_.effect(i, plan.courses[i], effect);
        const double total = sum(effect.in);
        if (!(total > 0)) continue;
        Incoming source{i, {}, effect.in, total};
        source.replacement.step =
            sum(effect.growth.level) > sum(effect.remediation.level) ? Step::growth : Step::remediation;
        // A newcomer has one source of level.
        if (i >= model_.customers()) source.replacement.step = Step::acquisition;
        source.replacement.id = i < model_.customers() ? portfolio_.at(i).id() : prospects_[i - model_.customers()].id;
        source.replacement.name = name_of(i);
        sources.push_back(std::move(source));
    }
    // A leaver's own level may not replace itself; given to others first, it is used up before it is left over.
    const auto stays = [&](const Incoming& source) { return plan.courses[source.who].overflow < 0; };
    detail::stable_sort(sources, [&](const Incoming& a, const Incoming& b) {
        return stays(a) != stays(b) ? !stays(a) : a.total > b.total;
    });
    std::vector<std::map<std::size_t, double>> taken(plan.overflow.size());  // by source
    for (std::size_t m = 0; m < model_.months(); ++m) {
        // Sources are used up in order, so each pair is looked at once but for a leaver's own.
        std::size_t used = 0;  // sources before it are used up
        for (std::size_t k = 0; k < plan.overflow.size(); ++k) {
            const std::size_t who = plan.overflow[k].customer;
            if (static_cast<int>(m) < plan.courses[who].overflow) continue;
            double needed = model_.refusal(who, plan.courses[who]) * model_.to_replace(who, m);
            for (std::size_t s = used; s < sources.size() && needed > 0; ++s) {
                if (model_.holdings().first(sources[s].who) == model_.holdings().first(who)) continue;
                const double part = std::min(needed, sources[s].level[m]);
                if (part > 0) taken[k][s] += part;
                sources[s].level[m] -= part;
                needed -= part;
            }
            while (used < sources.size() && !(sources[used].level[m] > 0)) ++used;
        }
    }
    for (std::size_t k = 0; k < plan.overflow.size(); ++k) {
        PlannedOverflow& leaves = plan.overflow[k];
        // Equal parts go by the order of the sources.
        std::vector<std::pair<std::size_t, double>> parts(taken[k].begin(), taken[k].end());
        detail::stable_sort(parts, [](const auto& a, const auto& b) { return a.second > b.second; });
        for (const auto& [source, level] : parts) {
            // Hundreds of sources may each have a part of a cent.
            if (level <= cent) continue;
            leaves.replaced_by.push_back(sources[source].replacement);
            leaves.replaced_by.back().level = level;
        }
        double room = leaves.out;
        for (const Replacement& one : leaves.replaced_by) room -= one.level;
        const bool by_room = strategy_.replaced_by_room && room > cent * static_cast<double>(model_.months());
        std::string replaced = " is replaced" + replacement_text(leaves);
        if (by_room) {
            replaced = leaves.replaced_by.empty()
                           ? " is covered by room above the floor"
                           : replaced + ", and " + whole_text(room) + " of it by room above the floor";
        }
        // Returns and action plans leave with it, but only what it would buy without action must be replaced.
        const std::string level = whole_text(leaves.level);
        const std::string out = whole_text(leaves.out);
        leaves.why = (plan.courses[leaves.customer].offer == Course::none
                          ? std::string("It refused earlier")
                          : "It refuses with " + percent_text(leaves.probability, 0)) +
                     "; its level of " + level + " until " + until() +
                     (level == out ? "" : " leaves; the " + out + " that it would buy without action") + replaced +
                     ", and its " + (leaves.heat < 0 ? "cold of " : "heat of ") + whole_text(std::abs(leaves.heat)) +
                     " leaves with it (expected amounts).";
        if (const Exit* exit = model_.way_out(leaves.customer)) {
            leaves.why += " Way out: " + exit->way + "; " + percent_text(exit->level_stays, 0) + " of the level and " +
                          percent_text(exit->heat_stays, 0) + " of the heat stay.";
        }
    }
}

// Every outcome of an offer counts by its chance: new terms, old terms, or gone.
CUSTFOLIO_INLINE void PlanWriter::write_counts(Plan& plan) const {
    math::CompensatedSum customers, cubes;
    CourseEffect effect;
    for (std::size_t i = 0; i < plan.courses.size(); ++i) {
        const Course& course = plan.courses[i];
        if (i >= model_.customers()) {
            if (course.month >= 0) customers += prospects_[i - model_.customers()].win_probability;
            continue;
        }
        model_.effect(i, course, effect);
        const double refused = model_.refusal(i, course);
        // On old terms with its action plans as expected: outcomes of action plans are not followed one by one.
        const double old_terms = sum(model_.baseline_heat().row(i)) + sum(effect.growth.heat);
        const double leaves = course.overflow >= 0 ? refused : 0.0;
        customers += 1.0 - leaves;
        if (course.offer == Course::none) {
            cubes += old_terms < 0 ? 1.0 - leaves : 0.0;
            continue;
        }
        const double accepts = 1.0 - refused;
        // The effect is weighted by the chance and net of the offer's cost; a customer that accepts has all of it.
        const double cost = model_.pays_for(i, course.offer) ? strategy_.cost_per_offer : 0.0;
        const double change = sum(effect.remediation.heat) + cost;
        if (accepts > 0 && old_terms + change / accepts < 0) cubes += accepts;
        if (old_terms < 0) cubes += refused - leaves;
    }
    plan.customers_after = customers.value();
    plan.ice_cubes_after = cubes.value();
}

// The use of every limited resource, then of the others.
CUSTFOLIO_INLINE void PlanWriter::write_resources(Plan& plan) const {
    constexpr std::array kinds{CourseRow::Kind::hours, CourseRow::Kind::deliveries, CourseRow::Kind::money,
                               CourseRow::Kind::offers};
    using Used = std::array<std::vector<math::CompensatedSum>, kinds.size()>;
    // Sums are compensated, as those of the optimiser are: the table must not show more than a limit.
    Used none;
    none.fill(std::vector<math::CompensatedSum>(model_.months()));
    // Of the company, then of each group.
    std::vector<Used> used(1 + strategy_.groups.size(), none);
    CourseEffect effect;
    for (std::size_t i = 0; i < plan.courses.size(); ++i) {
        if (plan.courses[i] == Course{}) continue;
        model_.effect(i, plan.courses[i], effect);
        const std::array columns{&effect.hours, &effect.deliveries, &effect.money, &effect.offers};
        for (std::size_t g = 0; g < used.size(); ++g) {
            if (g > 0 && !model_.in_group(i, g - 1)) continue;
            for (std::size_t k = 0; k < kinds.size(); ++k) {
                for (std::size_t m = 0; m < model_.months(); ++m) used[g][k][m] += (*columns[k])[m];
            }
        }
    }
    const auto sum_of = [&](std::size_t group, CourseRow::Kind kind, std::span<const std::size_t> months) {
        const auto k = static_cast<std::size_t>(detail::find(kinds, kind) - kinds.begin());
        math::CompensatedSum total;
        for (const std::size_t m : months) total += used[group][k][m];
        return total.value();
    };
    for (const CourseRow& row : model_.rows()) {
        if (row.soft() || row.kind == CourseRow::Kind::replacement || row.months.empty()) continue;
        const std::size_t group = row.group == CourseRow::whole ? 0 : row.group + 1;
        plan.resources.push_back({model_.name_of(row), month(row.first), row.length,
                                  row.base + sum_of(group, row.kind, row.months), row.upper});
    }
    // Resources without a limit are shown too: the user may want to set one.
    std::vector<std::size_t> all(model_.months());
    std::iota(all.begin(), all.end(), std::size_t{0});
    for (const CourseRow::Kind kind : {CourseRow::Kind::hours, CourseRow::Kind::money, CourseRow::Kind::offers}) {
        if (strategy_.limits.contains(to_string(kind))) continue;
        plan.resources.push_back({to_string(kind), strategy_.start, strategy_.months, sum_of(0, kind, all),
                                  std::numeric_limits<double>::infinity()});
    }
    if (!model_.has_previous()) return;
    const auto cap = strategy_.limits.find("switches");
    double switches = model_.switched_by_keeping();
    for (std::size_t i = 0; i < plan.courses.size(); ++i) switches += model_.switches(i, plan.courses[i]);
    plan.resources.push_back(
        {"switches", strategy_.start, strategy_.months, switches,
         cap == strategy_.limits.end() ? std::numeric_limits<double>::infinity() : cap->second.front()});
}

}  // namespace custfolio::detail
