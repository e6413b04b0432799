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
#include "custfolio/strategy/course_problem.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/integer_search.hpp"
#include "custfolio/strategy/overflow_order.hpp"
#include "custfolio/strategy/plan_writer.hpp"
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
    [[nodiscard]] Answer best(const RowBounds& bounds, std::vector<std::size_t> start) {
        problem_.set_soft(false);
        problem_.set_bounds(bounds);
        return solve(problem_.problem(), std::move(start));
    }

    // The plan in order that misses the least sum of floors and capacities, whatever its heat.
    [[nodiscard]] Answer nearest(const RowBounds& bounds, std::vector<std::size_t> start) {
        problem_.set_soft(true);
        problem_.set_bounds(bounds);
        const std::vector<double> zeros(problem_.value.size(), 0.0);
        ChoiceProblem problem = problem_.problem();
        problem.value = zeros;
        return solve(problem, std::move(start));
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
    [[nodiscard]] Answer solve(const ChoiceProblem& problem, std::vector<std::size_t> start) {
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
        if (!answer.free.feasible) return answer;
        if (order_.keeps(answer.free.choice)) {
            answer.choice = answer.free.choice;
            answer.value = answer.free.value;
            return answer;
        }
        const ChoiceInstance instance(problem, choice);
        answer.choice = in_order(instance, answer.free, start, choice, [&] { part(0.8); });
        bool found = answer.choice.has_value();
        std::vector<std::size_t> best = found ? *answer.choice : answer.free.choice;
        // Only on small problems can the exact search come to an end; each whole choice costs a check of all customers.
        const std::size_t nodes = options_.nodes * 64 / std::max<std::size_t>(64, model_.size());
        answer.proven = ChoiceSearch(instance, answer.free.prices)
                            .exact(best, found, answer.free.bound, nodes,
                                   [&](std::span<const std::size_t> trial) { return order_.keeps(trial); });
        part(1.0);
        if (found) {
            answer.value = instance.objective_of(best);
            answer.choice = std::move(best);
        }
        return answer;
    }

    // The best of the choices in order that are at hand: the start, and those of the search.
    [[nodiscard]] std::optional<std::vector<std::size_t>> in_order(const ChoiceInstance& instance,
                                                                   const ChoiceResult& free,
                                                                   const std::vector<std::size_t>& start,
                                                                   const ChoiceOptions& options,
                                                                   const std::function<void()>& tick) const {
        ChoiceOptions inner = options;
        inner.progress = [&](double) {
            tick();
            return true;
        };
        std::optional<std::vector<std::size_t>> best = order_.search(instance, free.prices, free.choice, inner, tick);
        const bool possible = instance.keeps(instance.usage_of(start)) && order_.keeps(start);
        if (possible && (!best || instance.objective_of(start) > instance.objective_of(*best))) best = start;
        return best;
    }

    const CourseModel& model_;
    const PlanOptions& options_;
    CourseProblem problem_;
    OverflowOrder order_;
    int iterations_ = 0;
    double fraction_ = 0;
};

// Rows that miss their bound in a choice.
inline std::vector<bool> missed_rows(const CourseModel& model, const CourseProblem& problem,
                                     std::span<const double> usage) {
    std::vector<bool> missed;
    for (std::size_t r = 0; r < usage.size(); ++r) {
        const CourseRow& row = model.rows()[r];
        const double amount = row.base + usage[r];
        const double allowance = problem.allowance(r);
        missed.push_back(row.soft() && (amount < row.lower - allowance || amount > row.upper + allowance));
    }
    return missed;
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

CUSTFOLIO_INLINE Plan Strategy::optimise(const Portfolio& portfolio, const Offers& offers, const GrowthForecast& growth,
                                         const Prospects& prospects, const PlanOptions& options) const {
    detail::check_settings(*this, portfolio.period());
    return optimise(portfolio, offers, growth, prospects, seasonal_baseline(portfolio, start, months), options);
}

CUSTFOLIO_INLINE Plan Strategy::optimise(const Portfolio& portfolio, const Offers& offers, const GrowthForecast& growth,
                                         const Prospects& prospects, const Baseline& baseline,
                                         const PlanOptions& options) const {
    const CourseModel model(*this, portfolio, offers, growth, prospects, baseline);
    const std::vector<CourseRow>& rows = model.rows();
    detail::PlanSearch search(model, options);
    search.report(0.0);
    const std::vector<std::size_t> keep(model.size(), 0);
    const detail::RowBounds asked = detail::bounds_of(rows);
    detail::RowBounds kept = asked;
    detail::PlanSearch::Answer answer = search.best(asked, keep);

    std::vector<double> reached;  // by the nearest plan, per row; empty: nothing is relaxed
    double cost = 0;
    const bool proven = answer.proven;
    if (!answer.choice) {
        if (strict) detail::refuse(*this, model, answer.free);
        const detail::PlanSearch::Answer nearest = search.nearest(asked, keep);
        if (!nearest.choice) {
            for (std::size_t r = 0; r < rows.size(); ++r) {
                if (!rows[r].soft()) continue;
                kept.lower[r] = -std::numeric_limits<double>::infinity();
                kept.upper[r] = std::numeric_limits<double>::infinity();
            }
            detail::refuse(*this, model, search.best(kept, keep).free);
        }
        reached = search.usage_of(*nearest.choice);
        const std::vector<bool> missed = detail::missed_rows(model, search.problem(), reached);
        detail::RowBounds near = asked;
        for (std::size_t r = 0; r < rows.size(); ++r) {
            reached[r] += rows[r].base;
            if (!missed[r]) continue;
            const bool below = rows[r].kind == CourseRow::Kind::floor;
            (below ? near.lower : near.upper)[r] = reached[r];
            if (below) kept.lower[r] = std::min(asked.lower[r], rows[r].base);
            if (!below) kept.upper[r] = std::max(asked.upper[r], rows[r].base);
        }
        detail::PlanSearch::Answer closest = search.best(near, *nearest.choice);
        if (!closest.choice) closest = nearest;  // only where rounding moves a row that is met exactly
        if (relax == Relax::nearest) {
            kept = near;
            answer = std::move(closest);
        } else {
            answer = search.best(kept, keep);
            if (!answer.choice) {  // limits alone push the level below that without action
                for (std::size_t r = 0; r < rows.size(); ++r) {
                    if (!missed[r]) continue;
                    kept.lower[r] = std::min(kept.lower[r], reached[r]);
                    kept.upper[r] = std::max(kept.upper[r], reached[r]);
                }
                answer = search.best(kept, *nearest.choice);
            }
            if (!answer.choice) answer = closest;
            cost = answer.value - closest.value;
        }
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
    math::CompensatedSum without;
    for (std::size_t m = 0; m < model.months(); ++m) without += model.discount()[m] * model.heat()[m];
    plan.baseline_value = without.value();
    plan.value = plan.baseline_value + answer.value;
    const double rounding =
        4 * std::numeric_limits<double>::epsilon() * (std::abs(plan.baseline_value) + std::abs(answer.free.bound));
    plan.bound = plan.baseline_value + answer.free.bound + rounding;
    plan.gap = (plan.bound - plan.value) / std::max(std::abs(plan.value), 1e-12);
    plan.order_gap = std::max(answer.free.value - answer.value, 0.0);
    plan.duality_gap = plan.bound - plan.value - plan.order_gap;
    const detail::PlanWriter writer(*this, model, portfolio, offers, growth, prospects);
    writer.write(plan, kept);
    writer.write_prices(plan, answer.free.prices);
    if (!reached.empty()) writer.write_relaxed(plan, kept, reached, cost, proven);
    search.report(1.0);
    return plan;
}

}  // namespace custfolio
