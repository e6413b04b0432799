// Definition of the optimisation of a plan.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/choice.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/detail/course_problem.hpp"
#include "custfolio/strategy/detail/integer_search.hpp"
#include "custfolio/strategy/detail/overflow_order.hpp"
#include "custfolio/strategy/detail/plan_writer.hpp"
#include "custfolio/strategy/strategy.hpp"
#include "custfolio/terms/wording.hpp"

namespace custfolio {
namespace detail {

// The rows that a choice must be relaxed by, as an error.
[[noreturn]] CUSTFOLIO_INLINE void refuse(const Strategy& strategy, const CourseModel& model,
                                          const ChoiceResult& result) {
    std::vector<Relaxation> all;
    std::string text;
    double missing = 0;
    for (std::size_t r = 0; r < model.rows().size(); ++r) {
        if (!(result.relaxation[r] > 0)) continue;
        const CourseRow& row = model.rows()[r];
        const double amount = row.base + result.usage[r];
        const bool below = row.kind == CourseRow::Kind::floor;
        Relaxation one;
        one.row = to_string(row.kind);
        one.month = strategy.start + row.first;
        one.months = row.length;
        one.bound = below ? row.lower : row.upper;
        // Up to a whole hundredth, but not for the rounding of the sum.
        one.by = std::max(std::ceil(std::abs(one.bound - amount) * 100.0 - 1e-6), 1.0) / 100.0;
        one.to = below ? one.bound - one.by : one.bound + one.by;
        one.text = one.row + " " + span_text(one.month, one.months) + (below ? " lower by " : " higher by ") +
                   amount_text(one.by) + " (" + amount_text(one.to) + " instead of " + amount_text(one.bound) + ")";
        text += (all.empty() ? "" : "; ") + one.text;
        if (below) missing += one.by;
        all.push_back(std::move(one));
    }
    // Each row could be kept, but not by a plan in order.
    if (all.empty()) {
        throw InfeasiblePlan(
            "no plan in the order of overflow keeps all limits and the capacity: warmer customers would have to flow "
            "over before colder ones; raise the capacity or the limits",
            {});
    }
    if (missing > 0) {
        text += "; " + whole_text(std::ceil(missing)) +
                " more of level from newcomers, action plans or new terms closes it, or floor \"baseline\"";
    }
    throw InfeasiblePlan("no plan keeps all constraints; the smallest relaxation found: " + text, std::move(all));
}

// Penalties of a miss above what heat is worth: level at any price. And the rounding of the sum of all misses.
inline constexpr double far_above = 1e3;
inline constexpr double same_miss = 1e-12;

// The search for the best plan under given bounds, and the ladder of bounds that leads to one.
class PlanSearch {
  public:
    /// A best choice under some bounds.
    struct Answer {
        ChoiceResult free;                               // for any order of overflow
        std::optional<std::vector<std::size_t>> choice;  // in order
        double value = 0;                                // of that
        bool proven = false;                             // whether that is proven to be the best, or that there is none
    };

    PlanSearch(const CourseModel& model, const PlanOptions& options)
        : model_(model), options_(options), problem_(model, options.threads), order_(model, problem_) {}

    [[nodiscard]] const CourseProblem& problem() const { return problem_; }
    [[nodiscard]] int iterations() const { return iterations_; }

    // Tells the caller how much is done; the number of problems is not foreseen, so each takes half of what is left.
    void report(double fraction) {
        fraction_ = std::max(fraction_, fraction);
        if (options_.progress && !options_.progress(fraction_)) {
            throw Cancelled("strategy: stopped by the progress callback");
        }
    }

    // The best plan in order within bounds.
    [[nodiscard]] Answer best(const RowBounds& bounds, const std::vector<std::size_t>& start) {
        problem_.set_penalty(0);
        problem_.set_bounds(bounds);
        return solve(problem_.problem(), start,
                     [&](std::span<const std::size_t> choice) { return order_.keeps(choice); });
    }

    // The plan in order that misses the least sum of floors and capacities, whatever its heat.
    [[nodiscard]] Answer nearest(const RowBounds& bounds, const std::vector<std::size_t>& start) {
        problem_.set_penalty(1);
        problem_.set_bounds(bounds);
        // Heat does not count here: level at any price.
        const std::vector<double> zeros(problem_.value.size(), 0.0);
        ChoiceProblem problem = problem_.problem();
        problem.value = zeros;
        return solve(problem, start, [&](std::span<const std::size_t> choice) { return order_.keeps(choice); });
    }

    // The best plan in order among those that miss no more than the nearest one. A penalty far above what heat is worth
    // leads there; those who miss more all the same are not accepted.
    [[nodiscard]] Answer best_of_nearest(const RowBounds& bounds, const std::vector<std::size_t>& nearest) {
        problem_.set_penalty(far_above * problem_.heat_per_level());
        problem_.set_bounds(bounds);
        const ChoiceProblem problem = problem_.problem();
        ChoiceOptions exactly;
        // The same instance as solve() makes: the sum of misses must be the same to the last digit.
        exactly.feasibility = 0;
        const ChoiceInstance instance(problem, exactly);
        const double least = instance.penalty_of(instance.usage_of(nearest));
        const double most = least * (1 + same_miss);
        const auto near = [&](std::span<const std::size_t> choice) {
            return instance.penalty_of(instance.usage_of(choice)) <= most && order_.keeps(choice);
        };
        Answer answer = solve(problem, nearest, near);
        // Without their penalties the amounts are heat again. The bound is for plans that miss no more. It is loose
        // where mixtures of courses come nearer than whole ones; the best course of everybody bounds it then.
        if (answer.choice) answer.value = heat_of(*answer.choice);
        answer.free.bound = std::max(std::min(answer.free.bound + most, greatest_heat()), answer.value);
        answer.free.value = std::clamp(heat_of(answer.free.choice), answer.value, answer.free.bound);
        return answer;
    }

    // Change of the discounted heat by a choice.
    [[nodiscard]] double heat_of(std::span<const std::size_t> choice) const {
        math::CompensatedSum heat;
        for (std::size_t i = 0; i < choice.size(); ++i) heat += problem_.value[problem_.begin[i] + choice[i]];
        return heat.value();
    }

    // The best course of everybody, whatever the rows.
    [[nodiscard]] double greatest_heat() const {
        math::CompensatedSum heat;
        for (std::size_t i = 0; i + 1 < problem_.begin.size(); ++i) {
            const auto first = problem_.value.begin() + static_cast<std::ptrdiff_t>(problem_.begin[i]);
            const auto last = problem_.value.begin() + static_cast<std::ptrdiff_t>(problem_.begin[i + 1]);
            heat += *std::max_element(first, last);
        }
        return heat.value();
    }

    // Change of each row by a choice.
    [[nodiscard]] std::vector<double> usage_of(std::span<const std::size_t> choice) const {
        const std::size_t rows = model_.rows().size();
        std::vector<math::CompensatedSum> sums(rows);
        for (std::size_t i = 0; i < choice.size(); ++i) {
            const double* usage = problem_.usage.data() + (problem_.begin[i] + choice[i]) * rows;
            for (std::size_t r = 0; r < rows; ++r) sums[r] += usage[r];
        }
        std::vector<double> total;
        for (const math::CompensatedSum& sum : sums) total.push_back(sum.value());
        return total;
    }

  private:
    using Accept = std::function<bool(std::span<const std::size_t>)>;

    [[nodiscard]] Answer solve(const ChoiceProblem& problem, const std::vector<std::size_t>& start,
                               const Accept& accept) {
        // The number of problems to solve is not foreseen: each gets half of the progress that is left.
        const double from = fraction_;
        const auto part = [&](double share) { report(from + (0.5 - 0.5 * from) * share); };
        ChoiceOptions choice;
        choice.tolerance = options_.tolerance;
        choice.feasibility = 0;  // the problem's bounds have the allowance for rounding already
        choice.nodes = options_.nodes;
        choice.threads = options_.threads;
        choice.start = start;
        choice.progress = [&](double share) {
            part(0.7 * share);
            return true;
        };
        Answer answer;
        answer.free = custfolio::optimise(problem, choice);
        iterations_ += answer.free.iterations;
        answer.proven = answer.free.proven;
        // Without the order there is no plan either.
        if (!answer.free.feasible) return answer;
        if (accept(answer.free.choice)) {
            answer.choice = answer.free.choice;
            answer.value = answer.free.value;
            return answer;
        }
        // The best plan breaks the order. Plans in order are searched around it, and the bound holds for them as well.
        const ChoiceInstance instance(problem, choice);
        choice.progress = [&](double) {
            part(0.8);
            return true;
        };
        answer.choice = order_.search(instance, answer.free.prices, answer.free.choice, choice, accept);
        const bool possible = instance.keeps(instance.usage_of(start)) && accept(start);
        if (possible && (!answer.choice || instance.objective_of(start) > instance.objective_of(*answer.choice))) {
            answer.choice = start;
        }
        bool found = answer.choice.has_value();
        std::vector<std::size_t> best = found ? *answer.choice : answer.free.choice;
        // Only on small problems can the exact search come to an end; each whole choice costs a check of all customers.
        const std::size_t nodes = options_.nodes * 64 / std::max<std::size_t>(64, model_.size());
        // The losses of the exact search count against the bound at the prices, not against a proven value.
        const double bound = bound_at(instance, answer.free.prices, instance.lower, instance.upper).bound;
        answer.proven = ChoiceSearch(instance, answer.free.prices).exact(best, found, bound, nodes, accept);
        if (found && !answer.proven) order_.refine(instance, best, choice, accept);
        part(1.0);
        if (found) {
            answer.value = instance.objective_of(best);
            answer.choice = std::move(best);
        }
        return answer;
    }

    const CourseModel& model_;
    const PlanOptions& options_;
    CourseProblem problem_;
    OverflowOrder order_;
    int iterations_ = 0;
    double fraction_ = 0;
};

// What was relaxed on the way to a plan.
struct Relaxing {
    RowBounds kept;               // by the plan, per row
    std::vector<double> nearest;  // amounts of the nearest plan, per row; empty: nothing was relaxed
    double cost = 0;              // heat that the nearest plan costs more
    bool proven = false;          // whether no plan keeps all rows
};

// Without the floors and capacities a problem that has no plan breaks the limits: throws what would be enough of them.
[[noreturn]] CUSTFOLIO_INLINE void refuse_limits(const Strategy& strategy, const CourseModel& model, PlanSearch& search,
                                                 RowBounds bounds) {
    for (std::size_t r = 0; r < model.rows().size(); ++r) {
        if (!model.rows()[r].soft()) continue;
        bounds.lower[r] = -infinity;
        bounds.upper[r] = infinity;
    }
    refuse(strategy, model, search.best(bounds, std::vector<std::size_t>(model.size(), 0)).free);
}

// The plan where no plan keeps all rows. The nearest one shows which rows fall; then the others are kept.
CUSTFOLIO_INLINE PlanSearch::Answer relax_rows(const Strategy& strategy, const CourseModel& model, PlanSearch& search,
                                               Relaxing& relaxing) {
    const std::vector<CourseRow>& rows = model.rows();
    const std::vector<std::size_t> keep(model.size(), 0);
    const RowBounds asked = relaxing.kept;
    const PlanSearch::Answer nearest = search.nearest(asked, keep);
    if (!nearest.choice) refuse_limits(strategy, model, search, asked);
    PlanSearch::Answer closest = search.best_of_nearest(asked, *nearest.choice);
    relaxing.nearest = search.usage_of(*closest.choice);
    // The row falls to what would be without action, never below; what the others ask for is kept.
    RowBounds fallen = asked;
    RowBounds reached = asked;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const double amount = relaxing.nearest[r] += rows[r].base;
        const double allowance = search.problem().allowance(r);
        if (!rows[r].soft()) continue;
        if (amount < asked.lower[r] - allowance) {
            fallen.lower[r] = std::min(asked.lower[r], rows[r].base);
            reached.lower[r] = amount;
        }
        if (amount > asked.upper[r] + allowance) {
            fallen.upper[r] = std::max(asked.upper[r], rows[r].base);
            reached.upper[r] = amount;
        }
    }
    relaxing.kept = reached;
    // The nearest plan is one in which level is bought at any price: the user must ask for it.
    if (strategy.relax == Relax::nearest) return closest;
    PlanSearch::Answer answer = search.best(fallen, keep);
    if (!answer.choice) {  // limits push the level below that without action: what can be reached is enough
        for (std::size_t r = 0; r < rows.size(); ++r) {
            fallen.lower[r] = std::min(fallen.lower[r], reached.lower[r]);
            fallen.upper[r] = std::max(fallen.upper[r], reached.upper[r]);
        }
        answer = search.best(fallen, *closest.choice);
    }
    if (!answer.choice) return closest;
    relaxing.kept = fallen;
    relaxing.cost = answer.value - closest.value;
    return answer;
}

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

CUSTFOLIO_INLINE std::string to_string(FloorEvery every) {
    switch (every) {
        case FloorEvery::year:
            return "year";
        case FloorEvery::rolling_year:
            return "rolling year";
        case FloorEvery::quarter:
            return "quarter";
        case FloorEvery::month:
            return "month";
    }
    throw InputError("floor_every " + std::to_string(static_cast<int>(every)) + " does not exist");
}

CUSTFOLIO_INLINE std::string to_string(Relax relax) {
    switch (relax) {
        case Relax::baseline:
            return "baseline";
        case Relax::nearest:
            return "nearest";
    }
    throw InputError("relax " + std::to_string(static_cast<int>(relax)) + " does not exist");
}

CUSTFOLIO_INLINE void Strategy::check() const {
    detail::check_settings(*this, Period{});
}

CUSTFOLIO_INLINE Plan Strategy::optimise(const Portfolio& portfolio, const Offers& offers, const GrowthForecast& growth,
                                         const Prospects& prospects, const PlanOptions& options) const {
    detail::check_settings(*this, portfolio.period());
    portfolio.require_heat("a plan");
    return optimise(portfolio, offers, growth, prospects, seasonal_baseline(portfolio, start, months), options);
}

CUSTFOLIO_INLINE Plan Strategy::optimise(const Portfolio& portfolio, const Offers& offers, const GrowthForecast& growth,
                                         const Prospects& prospects, const Baseline& baseline,
                                         const PlanOptions& options) const {
    const CourseModel model(*this, portfolio, offers, growth, prospects, baseline);
    detail::PlanSearch search(model, options);
    search.report(0.0);
    detail::Relaxing relaxing{detail::bounds_of(model.rows()), {}, 0, false};
    detail::PlanSearch::Answer answer = search.best(relaxing.kept, std::vector<std::size_t>(model.size(), 0));
    if (!answer.choice) {
        if (strict) detail::refuse(*this, model, answer.free);
        relaxing.proven = answer.proven;
        answer = detail::relax_rows(*this, model, search, relaxing);
    }
    search.report(0.9);

    Plan plan;
    plan.start = start;
    plan.months = months;
    plan.reference = model.reference().first;
    plan.notes = model.notes();
    plan.candidates = search.problem().value.size();
    plan.iterations = search.iterations();
    plan.courses = search.problem().chosen(*answer.choice);
    // The objective is a change; the plan shows the whole bucket.
    math::CompensatedSum without;
    for (std::size_t m = 0; m < model.months(); ++m) without += model.discount()[m] * model.heat()[m];
    plan.baseline_value = without.value();
    plan.value = plan.baseline_value + answer.value;
    // Adding the baseline rounds once more.
    const double rounding =
        4 * std::numeric_limits<double>::epsilon() * (std::abs(plan.baseline_value) + std::abs(answer.free.bound));
    plan.bound = plan.baseline_value + answer.free.bound + rounding;
    plan.gap = (plan.bound - plan.value) / std::max(std::abs(plan.value), 1e-12);
    plan.order_gap = std::max(answer.free.value - answer.value, 0.0);
    plan.duality_gap = plan.bound - plan.value - plan.order_gap;
    const detail::PlanWriter writer(*this, model, portfolio, offers, growth, prospects);
    writer.write(plan, relaxing.kept);
    // The prices of a nearest plan are those of its penalties, not of heat.
    if (relax == Relax::baseline || relaxing.nearest.empty()) writer.write_prices(plan, answer.free.prices);
    if (!relaxing.nearest.empty()) {
        writer.write_relaxed(plan, relaxing.kept, relaxing.nearest, relaxing.cost, relaxing.proven);
    }
    search.report(1.0);
    return plan;
}

}  // namespace custfolio
