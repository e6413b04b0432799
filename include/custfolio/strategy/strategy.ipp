// Definition of the optimisation of a plan.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "custfolio/budget/budget.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/overflow/displacement.hpp"
#include "custfolio/strategy/choice.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/strategy.hpp"
#include "custfolio/terms/wording.hpp"

namespace custfolio {
namespace detail {

// "1,234,567": whole units with commas, the same in every locale.
inline std::string whole_text(double amount) {
    std::string text = amount_text(amount, 0);
    const std::size_t first = text.starts_with('-') ? 1 : 0;
    for (std::size_t at = text.size(); at > first + 3;) {
        at -= 3;
        text.insert(at, ",");
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
        case CourseRow::Kind::level:
            break;
    }
    return "unit of currency";
}

// All courses as a multiple-choice problem on the changes against doing nothing.
class CourseProblem {
  public:
    CourseProblem(const CourseModel& model, bool overflow, unsigned threads) : courses(model.size()) {
        const std::size_t who = model.size();
        const std::size_t rows = model.rows().size();
        math::parallel_for(0, who, 64, threads, [&](std::size_t b, std::size_t e) {
            for (std::size_t i = b; i < e; ++i) courses[i] = model.courses(i, overflow);
        });
        begin.assign(1, 0);
        for (const std::vector<Course>& mine : courses) begin.push_back(begin.back() + mine.size());
        value.resize(begin.back());
        usage.resize(begin.back() * rows);
        math::parallel_for(0, who, 16, threads, [&](std::size_t b, std::size_t e) {
            CourseEffect effect;
            for (std::size_t i = b; i < e; ++i) {
                for (std::size_t c = 0; c < courses[i].size(); ++c) {
                    const std::size_t at = begin[i] + c;
                    model.effect(i, courses[i][c], effect);
                    value[at] = model.value(effect);
                    model.usage(effect, std::span<double>(usage).subspan(at * rows, rows));
                }
            }
        });
        for (const CourseRow& row : model.rows()) {
            // Slightly tighter, so that base + change is within the bound when it is summed in doubles.
            constexpr double hair = 8 * std::numeric_limits<double>::epsilon();
            const double size = std::max(std::abs(row.base), 1.0);
            double low = row.lower - row.base;
            double high = row.upper - row.base;
            if (std::isfinite(low) && low != 0) low += hair * std::max(size, std::abs(row.lower));
            if (std::isfinite(high) && high != 0) high -= hair * std::max(size, std::abs(row.upper));
            lower.push_back(low);
            upper.push_back(std::max(low, high));
            double unit = std::abs(row.base);
            if (std::isfinite(row.lower)) unit = std::max(unit, std::abs(row.lower));
            if (std::isfinite(row.upper)) unit = std::max(unit, std::abs(row.upper));
            units.push_back(unit > 0 ? unit : 1.0);
        }
    }
    [[nodiscard]] ChoiceProblem problem() const { return {begin, value, usage, lower, upper, units}; }
    [[nodiscard]] std::vector<Course> chosen(std::span<const std::size_t> choice) const {
        std::vector<Course> taken;
        for (std::size_t i = 0; i < courses.size(); ++i) taken.push_back(courses[i][choice[i]]);
        return taken;
    }

    std::vector<std::vector<Course>> courses;
    std::vector<std::size_t> begin;
    std::vector<double> value, usage, lower, upper, units;
};

// The amounts of chosen courses in each row, and their discounted heat.
struct CourseTotals {
    std::vector<double> usage;
    double value = 0;
};

inline CourseTotals totals_of(const CourseModel& model, std::span<const Course> courses) {
    const std::size_t rows = model.rows().size();
    std::vector<math::CompensatedSum> sums(rows);
    std::vector<double> usage(rows);
    math::CompensatedSum value;
    CourseEffect effect;
    for (std::size_t i = 0; i < courses.size(); ++i) {
        model.effect(i, courses[i], effect);
        model.usage(effect, usage);
        value += model.value(effect);
        for (std::size_t r = 0; r < rows; ++r) sums[r] += usage[r];
    }
    for (std::size_t r = 0; r < rows; ++r) usage[r] = sums[r].value();
    return {usage, value.value()};
}

inline bool keeps(const CourseProblem& problem, std::span<const double> usage) {
    for (std::size_t r = 0; r < usage.size(); ++r) {
        if (usage[r] < problem.lower[r] || usage[r] > problem.upper[r]) return false;
    }
    return true;
}

// Every customer that may refuse, as an ice cube: the refusing share of its level and heat.
inline std::vector<IceCube> ice_cubes(const CourseModel& model, std::span<const Course> courses) {
    std::vector<IceCube> cubes;
    CourseEffect effect;
    for (std::size_t i = 0; i < model.customers(); ++i) {
        Course leaves = courses[i];
        const std::size_t earliest = model.earliest_overflow(i, leaves);
        if (earliest >= model.months() || !(model.refusal(i, leaves) > 0)) continue;
        leaves.overflow = 0;
        model.effect(i, leaves, effect);
        IceCube cube;
        cube.customer = i;
        cube.earliest = static_cast<int>(earliest);
        for (std::size_t m = 0; m < model.months(); ++m) {
            cube.level.push_back(-effect.overflow.level[m]);
            cube.heat.push_back(-effect.overflow.heat[m]);
        }
        cubes.push_back(std::move(cube));
    }
    return cubes;
}

// After refusals, customers flow over coldest first on the slack of the courses. Where the capacity needs more than the
// cold ones, warmer ones follow, coldest first and no more than needed. Empty where no such order keeps all rows.
inline std::vector<Course> overflow_in_order(const CourseModel& model, const CourseProblem& problem,
                                             std::vector<Course> courses) {
    for (Course& course : courses) course.overflow = -1;
    const CourseTotals before = totals_of(model, courses);
    std::vector<double> slack(model.months(), std::numeric_limits<double>::infinity());
    for (std::size_t r = 0; r < model.rows().size(); ++r) {
        const CourseRow& row = model.rows()[r];
        if (row.kind != CourseRow::Kind::level || !std::isfinite(row.lower)) continue;
        const double rounding = 1e-12 * std::max(std::abs(row.base), std::abs(row.lower));
        slack[static_cast<std::size_t>(row.month)] = before.usage[r] - problem.lower[r] - rounding;
    }
    std::vector<IceCube> cubes = ice_cubes(model, courses);
    const auto displaced = [&](std::span<const IceCube> candidates, bool only_cold) {
        std::vector<Course> after = courses;
        DisplacementOptions options;
        options.only_cold = only_cold;
        for (const Displaced& out : displace(candidates, slack, options)) after[out.customer].overflow = out.month;
        return after;
    };
    std::vector<Course> ordered = displaced(cubes, true);
    if (keeps(problem, totals_of(model, ordered).usage)) return ordered;
    std::stable_sort(cubes.begin(), cubes.end(),
                     [](const IceCube& a, const IceCube& b) { return a.rank() < b.rank(); });
    std::size_t low = 0;
    std::size_t high = cubes.size();
    std::vector<Course> best;
    while (low <= high) {
        const std::size_t middle = low + (high - low) / 2;
        ordered = displaced(std::span<const IceCube>(cubes).first(middle), false);
        if (keeps(problem, totals_of(model, ordered).usage)) {
            best = std::move(ordered);
            if (middle == 0) break;
            high = middle - 1;
        } else {
            low = middle + 1;
        }
    }
    return best;
}

[[noreturn]] inline void refuse(const Strategy& strategy, const CourseModel& model, const ChoiceResult& result) {
    std::vector<Relaxation> all;
    std::string text = "no plan keeps all constraints; the smallest relaxation found: ";
    double missing = 0;
    double falls_short = 0;
    for (std::size_t r = 0; r < model.rows().size(); ++r) {
        if (!(result.relaxation[r] > 0)) continue;
        const CourseRow& row = model.rows()[r];
        const double amount = row.base + result.usage[r];
        const bool below = amount < row.lower;
        Relaxation one;
        one.row = row.kind == CourseRow::Kind::level && !below ? "level capacity" : to_string(row.kind);
        one.monthly = row.month >= 0;
        if (one.monthly) one.month = strategy.start + row.month;
        one.bound = below ? row.lower : row.upper;
        one.by = std::ceil(std::max(std::abs(one.bound - amount), result.relaxation[r]) * 100.0 + 1e-6) / 100.0;
        one.to = below ? one.bound - one.by : one.bound + one.by;
        one.text = one.row + (one.monthly ? " " + to_string(one.month) : "") + (below ? " lower by " : " higher by ") +
                   amount_text(one.by) + " (" + amount_text(one.to) + " instead of " + amount_text(one.bound) + ")";
        text += (all.empty() ? "" : "; ") + one.text;
        if (row.kind == CourseRow::Kind::level && below) {
            missing += one.by;
            falls_short += std::max(row.lower - row.base, 0.0);
        }
        all.push_back(std::move(one));
    }
    if (falls_short > 0) {
        text += "; without any action the level of these months falls short of the floor by " +
                whole_text(falls_short) + ", and what would close it is " + whole_text(std::ceil(missing)) +
                " more of level from newcomers, action plans or new terms, or floor \"baseline\"";
    }
    throw InfeasiblePlan(text, std::move(all));
}

inline std::string change_text(double level, double heat) {
    return (level < 0 ? "takes " : "adds ") + whole_text(std::abs(level)) + " of level and " +
           (heat < 0 ? "costs " : (level < 0 ? "adds " : "")) + whole_text(std::abs(heat)) + " of heat";
}

inline double sum(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

// All figures of chosen courses.
class PlanWriter {
  public:
    PlanWriter(const Strategy& strategy, const CourseModel& model, const Portfolio& portfolio, const Offers& offers,
               const GrowthForecast& growth, std::span<const Prospect> prospects)
        : strategy_(strategy),
          model_(model),
          portfolio_(portfolio),
          offers_(offers),
          growth_(growth),
          prospects_(prospects) {}

    void write(Plan& plan) const {
        write_flows(plan);
        write_actions(plan);
        write_overflow(plan);
        write_resources(plan);
    }

    void write_prices(Plan& plan, std::span<const double> prices) const {
        for (std::size_t r = 0; r < model_.rows().size(); ++r) {
            const CourseRow& row = model_.rows()[r];
            const auto add = [&](const std::string& name, double price, const std::string& change) {
                ShadowPrice entry;
                entry.row = name;
                entry.monthly = row.month >= 0;
                if (entry.monthly) entry.month = strategy_.start + row.month;
                entry.price = std::max(price, 0.0);
                entry.text = name + (entry.monthly ? " " + to_string(entry.month) : "") + ": " + change + " is worth " +
                             amount_text(entry.price, 4) + " of discounted heat";
                plan.shadow_prices.push_back(std::move(entry));
            };
            const std::string unit = unit_text(row.kind);
            if (row.kind == CourseRow::Kind::level) {
                if (std::isfinite(row.lower)) add("level floor", -prices[r], "one " + unit + " less of floor");
                if (std::isfinite(row.upper)) add("level capacity", prices[r], "one " + unit + " more of capacity");
            } else {
                add(to_string(row.kind), prices[r], "one " + unit + " more");
            }
        }
    }

  private:
    [[nodiscard]] Month month(int m) const { return strategy_.start + m; }
    [[nodiscard]] std::string until() const { return to_string(month(strategy_.months - 1)); }
    [[nodiscard]] const std::string& name_of(std::size_t customer) const { return portfolio_.at(customer).name(); }

    void write_flows(Plan& plan) const {
        const std::size_t months = model_.months();
        plan.level_change = plan.heat_change = Matrix(model_.size(), months);
        struct Sums {
            math::CompensatedSum level, heat;
        };
        std::vector<std::array<Sums, 4>> source(months);
        std::vector<double> level_variance(months, 0.0), heat_variance(months, 0.0);
        CourseEffect effect;
        for (std::size_t i = 0; i < plan.courses.size(); ++i) {
            model_.effect(i, plan.courses[i], effect);
            model_.add_variance(i, plan.courses[i], level_variance, heat_variance);
            const std::array<const CourseEffect::Flow*, 4> flows{&effect.remediation, &effect.growth,
                                                                 &effect.acquisition, &effect.overflow};
            for (std::size_t m = 0; m < months; ++m) {
                plan.level_change(i, m) = effect.level(m);
                plan.heat_change(i, m) = effect.heat(m);
                for (std::size_t k = 0; k < flows.size(); ++k) {
                    source[m][k].level += flows[k]->level[m];
                    source[m][k].heat += flows[k]->heat[m];
                }
            }
        }
        std::vector<BudgetLine> lines;
        for (std::size_t m = 0; m < months; ++m) {
            PlanMonth entry;
            entry.month = month(static_cast<int>(m));
            entry.baseline_level = model_.level()[m];
            entry.baseline_heat = model_.heat()[m];
            entry.floor = model_.rows()[m].lower;  // the rows begin with the levels, month by month
            entry.capacity = model_.rows()[m].upper;
            if (!model_.level_variance().empty()) {
                entry.level_deviation = std::sqrt(model_.level_variance()[m] + level_variance[m]);
            }
            if (!model_.heat_variance().empty()) {
                entry.heat_deviation = std::sqrt(model_.heat_variance()[m] + heat_variance[m]);
            }
            plan.trajectory.push_back(entry);
            lines.push_back({entry.month, Source::baseline, entry.baseline_level, entry.baseline_heat});
            for (std::size_t k = 0; k < 4; ++k) {
                lines.push_back({entry.month, sources[k + 1], source[m][k].level.value(), source[m][k].heat.value()});
            }
        }
        plan.budget = Budget(lines);
        // Amounts are rounded once: the trajectory shows the budget's rounded totals, so that no two tables differ.
        for (PlanMonth& entry : plan.trajectory) {
            const BudgetTotal total_of_month = plan.budget.total(entry.month);
            const BudgetTotal baseline = plan.budget.at(entry.month, Source::baseline);
            entry.level = total_of_month.level;
            entry.heat = total_of_month.heat;
            entry.baseline_level = baseline.level;
            entry.baseline_heat = baseline.heat;
        }
    }

    void write_actions(Plan& plan) const {
        CourseEffect effect;
        for (std::size_t i = 0; i < plan.courses.size(); ++i) {
            const Course& course = plan.courses[i];
            if (i >= model_.customers()) {
                if (course.month < 0) continue;
                model_.effect(i, course, effect);
                const std::size_t j = i - model_.customers();
                const Prospect& prospect = prospects_[j];
                Action action = begin_action(Step::acquisition, course.month, effect.acquisition);
                action.prospect = true;
                action.who = j;
                action.id = prospect.id;
                action.name = prospect.name.empty() ? prospect.id : prospect.name;
                action.item = j;
                action.hours = sum(effect.hours);
                action.what = "pursue" + (prospect.introduced_by.empty()
                                              ? std::string()
                                              : ", introduced by " + introducer(prospect.introduced_by));
                action.why = "Won with " + percent_text(prospect.win_probability, 0) + ", it brings " +
                             whole_text(prospect.level) + " of level a year at " +
                             percent_text(temperature_of(prospect.level, prospect.heat)) +
                             " on the new terms; in expectation it " + change_text(action.level, action.heat) + " by " +
                             until() + " for " + amount_text(action.hours, 1) + " hours.";
                plan.actions.push_back(std::move(action));
                continue;
            }
            if (course.offer != Course::none) write_offer(plan, i, course);
            for (const std::size_t g : course.plans) write_plan(plan, i, course, g);
        }
        std::stable_sort(plan.actions.begin(), plan.actions.end(), [](const Action& a, const Action& b) {
            if (a.month != b.month) return a.month < b.month;
            return a.step < b.step;
        });
    }

    [[nodiscard]] Action begin_action(Step step, int at, const CourseEffect::Flow& flow) const {
        Action action;
        action.month = month(at);
        action.step = step;
        action.level = sum(flow.level);
        action.heat = sum(flow.heat);
        return action;
    }

    [[nodiscard]] std::string introducer(const std::string& id) const {
        return portfolio_.contains(id) ? portfolio_[id].name() : id;
    }

    void write_offer(Plan& plan, std::size_t i, const Course& course) const {
        const Offer& offer = offers_.offers[course.offer];
        Course alone;
        alone.offer = course.offer;
        alone.month = course.month;
        CourseEffect effect;
        model_.effect(i, alone, effect);
        Action action = begin_action(Step::remediation, course.month, effect.remediation);
        const Customer customer = portfolio_.at(i);
        action.who = i;
        action.id = customer.id();
        action.name = customer.name();
        action.item = course.offer;
        action.hours = sum(effect.hours);
        action.what = "offer " + describe(offer.terms);
        const double each = offers_.heat_per_delivery.size() > i ? offers_.heat_per_delivery[i]
                                                                 : std::numeric_limits<double>::quiet_NaN();
        action.why = "Its temperature is " + percent_text(customer.temperature());
        if (std::isfinite(each)) {
            action.why +=
                " and a delivery " + std::string(each < 0 ? "costs " : "earns ") + amount_text(std::abs(each));
        }
        action.why += "; accepted with " + percent_text(offer.acceptance, 0) + ", the offer " +
                      change_text(action.level, action.heat) + " by " + until() + " in expectation.";
        plan.actions.push_back(std::move(action));
    }

    void write_plan(Plan& plan, std::size_t i, const Course& course, std::size_t g) const {
        Course alone;
        alone.plans = {g};
        CourseEffect effect;
        model_.effect(i, alone, effect);
        const ActionPlan& steps = growth_.plans()[g];
        const std::vector<StepTiming> times = timing(steps, growth_.start());
        const int first = std::max(times.front().start + (growth_.start() - strategy_.start), 0);
        // The step that is decided last: of a chain, that all of it has succeeded.
        std::size_t last = 0;
        for (std::size_t k = 1; k < times.size(); ++k) {
            if (times[k].decided >= times[last].decided) last = k;
        }
        const double chance = growth_.success(g, last);
        Action action = begin_action(Step::growth, std::min(first, strategy_.months - 1), effect.growth);
        action.who = i;
        action.id = portfolio_.at(i).id();
        action.name = name_of(i);
        action.item = g;
        action.hours = sum(effect.hours);
        action.what = "begin " +
                      (steps.name.empty() ? std::string("the action plan") : "action plan '" + steps.name + "'") +
                      ": " + steps.steps.front().name;
        action.why = "Its last step, " + steps.steps[last].name + ", succeeds with " + percent_text(chance, 0) +
                     "; in expectation the plan " + change_text(action.level, action.heat) + " by " + until() +
                     " for " + amount_text(action.hours, 1) + " hours.";
        if (course.overflow >= 0) {
            action.why.back() = ',';
            action.why += " less if the offer is refused.";
        }
        plan.actions.push_back(std::move(action));
    }

    void write_overflow(Plan& plan) const {
        // Incoming level, in the order of arrival.
        struct Incoming {
            Replacement what;
            std::vector<double> level;
            int first = 0;
            double total = 0;
            double used = 0;
        };
        std::vector<Incoming> incoming;
        CourseEffect effect;
        for (std::size_t i = 0; i < plan.courses.size(); ++i) {
            if (plan.courses[i] == Course{}) continue;
            model_.effect(i, plan.courses[i], effect);
            const auto add = [&](Step step, const std::vector<double>& level) {
                const double total = sum(level);
                if (!(total > 0)) return;
                Incoming one;
                one.what.step = step;
                if (i < model_.customers()) {
                    one.what.id = portfolio_.at(i).id();
                    one.what.name = name_of(i);
                } else {
                    const Prospect& prospect = prospects_[i - model_.customers()];
                    one.what.id = prospect.id;
                    one.what.name = prospect.name.empty() ? prospect.id : prospect.name;
                }
                one.level = level;
                one.total = total;
                while (!(level[static_cast<std::size_t>(one.first)] > 0)) ++one.first;
                incoming.push_back(std::move(one));
            };
            add(Step::remediation, effect.remediation.level);
            add(Step::growth, effect.growth.level);
            add(Step::acquisition, effect.acquisition.level);
        }
        std::stable_sort(incoming.begin(), incoming.end(), [](const Incoming& a, const Incoming& b) {
            return a.first != b.first ? a.first < b.first : a.total > b.total;
        });

        for (std::size_t i = 0; i < model_.customers(); ++i) {
            const Course& course = plan.courses[i];
            if (course.overflow < 0) continue;
            model_.effect(i, course, effect);
            PlannedOverflow out;
            out.customer = i;
            out.id = portfolio_.at(i).id();
            out.name = name_of(i);
            out.month = month(course.overflow);
            out.probability = model_.refusal(i, course);
            out.level = -sum(effect.overflow.level);
            out.heat = -sum(effect.overflow.heat);
            plan.overflow.push_back(std::move(out));
        }
        std::stable_sort(plan.overflow.begin(), plan.overflow.end(),
                         [](const PlannedOverflow& a, const PlannedOverflow& b) {
                             if (a.month != b.month) return a.month < b.month;
                             return overflow_rank(a.level, a.heat) < overflow_rank(b.level, b.heat);
                         });
        for (PlannedOverflow& out : plan.overflow) {
            const int from = out.month - strategy_.start;
            double needed = out.level;
            for (Incoming& source : incoming) {
                if (needed <= 0.005 || source.first > from) break;
                const double later = sum(std::span<const double>(source.level).subspan(static_cast<std::size_t>(from)));
                const double taken = std::min(needed, later - source.used);
                if (taken <= 0.005) continue;
                source.used += taken;
                needed -= taken;
                out.replaced_by.push_back(source.what);
                out.replaced_by.back().level = taken;
            }
            out.why = (plan.courses[out.customer].offer == Course::none
                           ? std::string("It refused earlier")
                           : "It refuses with " + percent_text(out.probability, 0)) +
                      "; its level of " + whole_text(out.level) + " until " + until() + " has been replaced" +
                      replacement_text(out) + ", and " + (out.heat < 0 ? "its cold of " : "its heat of ") +
                      whole_text(std::abs(out.heat)) + " leaves with it (expected amounts).";
        }
    }

    [[nodiscard]] static std::string replacement_text(const PlannedOverflow& out) {
        constexpr std::size_t named = 2;
        std::string text;
        for (std::size_t k = 0; k < std::min(named, out.replaced_by.size()); ++k) {
            text +=
                (k == 0 ? " by " : ", ") + out.replaced_by[k].name + " (" + to_string(out.replaced_by[k].step) + ")";
        }
        if (out.replaced_by.size() > named) text += " and " + std::to_string(out.replaced_by.size() - named) + " more";
        return text;
    }

    void write_resources(Plan& plan) const {
        const std::size_t months = model_.months();
        std::vector<double> hours(months, 0.0), deliveries(months, 0.0), money(months, 0.0), offers(months, 0.0);
        CourseEffect effect;
        for (std::size_t i = 0; i < plan.courses.size(); ++i) {
            if (plan.courses[i] == Course{}) continue;
            model_.effect(i, plan.courses[i], effect);
            for (std::size_t m = 0; m < months; ++m) {
                hours[m] += effect.hours[m];
                deliveries[m] += effect.deliveries[m];
                money[m] += effect.money[m];
                offers[m] += effect.offers[m];
            }
        }
        const auto column = [&](CourseRow::Kind kind) -> const std::vector<double>& {
            if (kind == CourseRow::Kind::deliveries) return deliveries;
            if (kind == CourseRow::Kind::money) return money;
            return kind == CourseRow::Kind::offers ? offers : hours;
        };
        for (const CourseRow& row : model_.rows()) {
            if (row.kind == CourseRow::Kind::level) continue;
            const std::vector<double>& used = column(row.kind);
            ResourceUse entry;
            entry.resource = to_string(row.kind);
            entry.monthly = row.month >= 0;
            if (entry.monthly) entry.month = month(row.month);
            entry.used = row.base + (entry.monthly ? used[static_cast<std::size_t>(row.month)] : sum(used));
            entry.limit = row.upper;
            plan.resources.push_back(std::move(entry));
        }
        for (const CourseRow::Kind kind : {CourseRow::Kind::hours, CourseRow::Kind::money, CourseRow::Kind::offers}) {
            if (strategy_.limits.contains(to_string(kind))) continue;
            ResourceUse entry;
            entry.resource = to_string(kind);
            entry.used = sum(column(kind));
            plan.resources.push_back(std::move(entry));
        }
    }

    const Strategy& strategy_;
    const CourseModel& model_;
    const Portfolio& portfolio_;
    const Offers& offers_;
    const GrowthForecast& growth_;
    std::span<const Prospect> prospects_;
};

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(Floor floor) {
    switch (floor) {
        case Floor::none:
            return "none";
        case Floor::current:
            return "current";
        case Floor::baseline:
            return "baseline";
        case Floor::number:
            return "number";
        case Floor::column:
            return "column";
    }
    throw InputError("floor " + std::to_string(static_cast<int>(floor)) + " does not exist");
}

CUSTFOLIO_INLINE Plan Strategy::optimise(const Portfolio& portfolio, const Offers& offers, const GrowthForecast& growth,
                                         const Prospects& prospects, const PlanOptions& options) const {
    detail::check_settings(*this, portfolio.period());
    return optimise(portfolio, offers, growth, prospects, seasonal_baseline(portfolio, start, months), options);
}

CUSTFOLIO_INLINE Plan Strategy::optimise(const Portfolio& portfolio, const Offers& offers, const GrowthForecast& growth,
                                         const Prospects& prospects, const Baseline& baseline,
                                         const PlanOptions& options) const {
    const CourseModel model(*this, portfolio, offers, growth, prospects, baseline);
    double told = 0;
    const auto tell = [&](double fraction) {
        told = std::max(told, fraction);
        if (options.progress && !options.progress(told)) throw Cancelled("strategy: stopped by the progress callback");
        return true;
    };
    const auto solve = [&](const detail::CourseProblem& problem, double from, double to) {
        const std::vector<std::size_t> keep(model.size(), 0);
        ChoiceOptions choice;
        choice.tolerance = options.tolerance;
        choice.feasibility = 0;  // the level never drops, not even by rounding
        choice.nodes = options.nodes;
        choice.threads = options.threads;
        choice.start = keep;
        choice.progress = [&](double fraction) { return tell(from + (to - from) * fraction); };
        return custfolio::optimise(problem.problem(), choice);
    };
    tell(0.0);
    const detail::CourseProblem free(model, true, options.threads);
    const ChoiceResult best = solve(free, 0.05, 0.55);
    if (!best.feasible) detail::refuse(*this, model, best);

    Plan plan;
    plan.start = start;
    plan.months = months;
    plan.notes = model.notes();
    plan.candidates = free.value.size();
    plan.iterations = best.iterations;
    plan.courses = detail::overflow_in_order(model, free, free.chosen(best.choice));
    double value = -std::numeric_limits<double>::infinity();
    if (!plan.courses.empty() || model.size() == 0) value = detail::totals_of(model, plan.courses).value;
    {
        // The same without overflow in the courses: the order may then add a better plan, or the only one in order.
        const detail::CourseProblem staying(model, false, options.threads);
        if (staying.value.size() < free.value.size()) {
            const ChoiceResult other = solve(staying, 0.55, 0.9);
            plan.iterations += other.iterations;
            if (other.feasible) {
                std::vector<Course> courses = detail::overflow_in_order(model, staying, staying.chosen(other.choice));
                if (!courses.empty()) {
                    const double worth = detail::totals_of(model, courses).value;
                    if (worth > value) {
                        value = worth;
                        plan.courses = std::move(courses);
                    }
                }
            }
        }
    }
    tell(0.9);
    if (!std::isfinite(value)) {
        throw InfeasiblePlan(
            "the capacity can only be kept by letting warmer customers flow over before colder ones: raise the "
            "capacity",
            {});
    }
    math::CompensatedSum without;
    for (std::size_t m = 0; m < model.months(); ++m) without += model.discount()[m] * model.heat()[m];
    plan.baseline_value = without.value();
    plan.value = plan.baseline_value + value;
    const double rounding =
        4 * std::numeric_limits<double>::epsilon() * (std::abs(plan.baseline_value) + std::abs(best.bound));
    plan.bound = plan.baseline_value + best.bound + rounding;
    plan.gap = (plan.bound - plan.value) / std::max(std::abs(plan.value), 1e-12);
    const detail::PlanWriter writer(*this, model, portfolio, offers, growth, prospects);
    writer.write(plan);
    writer.write_prices(plan, best.prices);
    tell(1.0);
    return plan;
}

}  // namespace custfolio
