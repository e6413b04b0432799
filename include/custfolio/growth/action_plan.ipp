// Definitions of the checks and timing of action plans.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "custfolio/config.hpp"
#include "custfolio/growth/action_plan.hpp"
#include "custfolio/growth/detail/plan_steps.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

// An order of the steps in which each comes after what it waits for; the way round where there is none.
CUSTFOLIO_INLINE std::vector<std::size_t> step_order(const ActionPlan& plan) {
    // A depth-first walk: a step that is met again while it is open closes a cycle.
    enum class Seen : std::uint8_t { no, open, done };
    std::vector<Seen> seen(plan.steps.size(), Seen::no);
    std::vector<std::size_t> order;
    std::vector<std::size_t> path;
    const auto visit = [&](const auto& self, std::size_t k) -> void {
        if (seen[k] == Seen::done) return;
        if (seen[k] == Seen::open) {
            std::string way;
            for (auto at = detail::find(path, k); at != path.end(); ++at)
                way += "'" + plan.steps[*at].name + "' after ";
            throw InputError(plan_text(plan) + ": its steps wait for each other: " + way + "'" + plan.steps[k].name +
                             "'; a plan has no circle");
        }
        seen[k] = Seen::open;
        path.push_back(k);
        for (const int before : steps_before(plan, k)) {
            if (before < 0 || before >= static_cast<int>(plan.steps.size())) {
                throw InputError(step_text(plan, k) + ": comes after step " + std::to_string(before) +
                                 " (0-based); the plan has " + std::to_string(plan.steps.size()) + " steps");
            }
            self(self, static_cast<std::size_t>(before));
        }
        path.pop_back();
        // All that comes before is in the order by now.
        seen[k] = Seen::done;
        order.push_back(k);
    };
    for (std::size_t k = 0; k < plan.steps.size(); ++k) visit(visit, k);
    return order;
}

// Checks that a table of probabilities sums to 1.
CUSTFOLIO_INLINE void check_table(const std::vector<double>& chances, const std::string& what) {
    math::CompensatedSum sum;
    for (const double chance : chances) {
        require_probability(chance, what);
        sum += chance;
    }
    if (!(std::abs(sum.value() - 1) <= 1e-9)) {
        throw InputError(what + ": they sum to " + number_text(sum.value()) + "; they must sum to 1");
    }
}

CUSTFOLIO_INLINE void check_timing(const ActionStep& step, const std::string& where) {
    if (step.after.join == Join::previous && !(step.after.steps.empty() && step.after.events.empty())) {
        throw InputError(where + ": it comes after the step before and names others too; use all of or any of");
    }
    if (step.after.join == Join::any && step.after.steps.empty() && step.after.events.empty()) {
        throw InputError(where + ": it comes after any of nothing, which never happens; name what it comes after");
    }
    if (step.latest && *step.latest < step.earliest) {
        throw InputError(where + ": it may start from " + to_string(step.earliest) + " and until " +
                         to_string(*step.latest) + ": never; the latest month must not be before the earliest");
    }
    if (!step.duration_chances.empty()) {
        check_table(step.duration_chances, where + ": chances of the durations");
        if (step.duration_chances.size() > 1201) throw InputError(where + ": more than 1200 months of duration");
    }
    require_probability(step.hazard, where + ": hazard per month late");
    for (std::size_t m = 0; m < step.by_month.size(); ++m) {
        // The factor may be above 1, as long as the chance is not.
        if (!(step.by_month[m] >= 0 && step.by_month[m] * step.success_probability <= 1 + 1e-12)) {
            throw InputError(where + ": factor of the chance in month " + std::to_string(m + 1) + " is " +
                             number_text(step.by_month[m]) + "; the chance must stay in [0, 1]");
        }
    }
    // Limits keep the states of a graph, attempts times months, within reach.
    if (step.retries < 0 || step.retries > 120) {
        throw InputError(where + ": retries are " + std::to_string(step.retries) + "; they must be 0 to 120");
    }
    if (step.retry_spacing < 0 || step.retry_spacing > 1200) {
        throw InputError(where + ": months to the next attempt are " + std::to_string(step.retry_spacing) +
                         "; they must be 0 to 1200");
    }
}

CUSTFOLIO_INLINE void check_payoff(const ActionStep& step, const std::string& where) {
    require_finite(step.one_off_revenue, where + ": one-off revenue");
    require_finite(step.one_off_contribution, where + ": one-off contribution");
    if (!(std::isfinite(step.spend) && step.spend >= 0)) {
        throw InputError(where + ": spend is " + number_text(step.spend) + "; it must be 0 or more");
    }
    if (step.ramp_months < 0) throw InputError(where + ": ramp is negative; months to the full amount are 0 or more");
    if (step.pays_months < 0)
        throw InputError(where + ": the payoff lasts a negative number of months; 0 is to the end");
    if (!step.season.empty() && step.season.size() != 12) {
        throw InputError(where + ": the season has " + std::to_string(step.season.size()) +
                         " factors; it has twelve, January first");
    }
    for (const double factor : step.season) require_finite(factor, where + ": factor of the season");
    if (step.sizes.size() != step.size_probabilities.size()) {
        throw InputError(where + ": there are " + std::to_string(step.sizes.size()) + " sizes and " +
                         std::to_string(step.size_probabilities.size()) + " probabilities; each size has one");
    }
    for (const double size : step.sizes) {
        if (!(std::isfinite(size) && size >= 0)) {
            throw InputError(where + ": a size is " + number_text(size) + "; a factor of the amount is 0 or more");
        }
    }
    if (!step.sizes.empty()) check_table(step.size_probabilities, where + ": probabilities of the sizes");
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(Join join) {
    switch (join) {
        case Join::previous:
            return "previous";
        case Join::all:
            return "all";
        case Join::any:
            return "any";
    }
    throw InputError("join " + std::to_string(static_cast<int>(join)) + " does not exist");
}

CUSTFOLIO_INLINE void check(const ActionPlan& plan) {
    if (plan.customer.empty()) {
        throw InputError("an action plan" + (plan.name.empty() ? "" : " ('" + plan.name + "')") +
                         " names no customer; each plan belongs to one");
    }
    if (plan.steps.empty()) throw InputError(detail::plan_text(plan) + " has no step; a plan has at least one");
    for (std::size_t k = 0; k < plan.steps.size(); ++k) {
        const ActionStep& step = plan.steps[k];
        if (step.name.empty()) {
            throw InputError(detail::plan_text(plan) + ": step " + std::to_string(k + 1) +
                             " has no name; each step needs one");
        }
        const std::string where = detail::step_text(plan, k);
        if (step.duration_months < 0 || step.duration_months > 1200) {
            throw InputError(where + ": duration is " + std::to_string(step.duration_months) +
                             " months; it must be a whole number from 0 to 1200");
        }
        require_probability(step.success_probability, where + ": success probability");
        require_finite(step.revenue_per_month, where + ": revenue per month");
        require_finite(step.contribution_per_month, where + ": contribution per month");
        if (!(std::isfinite(step.hours) && step.hours >= 0)) {
            throw InputError(where + ": hours are " + number_text(step.hours) + "; they must be 0 or more");
        }
        detail::check_timing(step, where);
        detail::check_payoff(step, where);
    }
    detail::step_order(plan);
}

CUSTFOLIO_INLINE std::vector<StepTiming> timing(const ActionPlan& plan, Month start) {
    check(plan);
    std::vector<StepTiming> result(plan.steps.size());
    // In an order in which everything that is waited for comes first.
    for (const std::size_t k : detail::step_order(plan)) {
        const ActionStep& step = plan.steps[k];
        const std::vector<int> before = detail::steps_before(plan, k);
        int begin = 0;
        for (std::size_t i = 0; i < before.size(); ++i) {
            const int decided = result[static_cast<std::size_t>(before[i])].decided;
            begin = i == 0                         ? decided
                    : step.after.join == Join::any ? std::min(begin, decided)
                                                   : std::max(begin, decided);
        }
        // An event may come at any time, so any of several may come at once.
        if (step.after.join == Join::any && !step.after.events.empty()) begin = 0;
        // The soonest start: every attempt succeeds, and no duration is longer than it must be.
        result[k].start = std::max({0, begin, step.earliest - start});
        result[k].decided = result[k].start + detail::shortest(step);
    }
    return result;
}

CUSTFOLIO_INLINE void check_customers(std::span<const ActionPlan> plans, const Portfolio& portfolio) {
    for (const ActionPlan& plan : plans) {
        if (!portfolio.contains(plan.customer)) {
            throw NotFoundError(detail::plan_text(plan) + ": the portfolio of " + std::to_string(portfolio.size()) +
                                " customers has no such customer");
        }
    }
}

}  // namespace custfolio
