// Definition of the optimisation of a plan.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/choice.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/detail/course_problem.hpp"
#include "custfolio/strategy/detail/floor_at_chance.hpp"
#include "custfolio/strategy/detail/integer_search.hpp"
#include "custfolio/strategy/detail/overflow_order.hpp"
#include "custfolio/strategy/detail/plan_writer.hpp"
#include "custfolio/strategy/strategy.hpp"
#include "custfolio/terms/wording.hpp"

namespace custfolio {
namespace detail {

// Penalties of a miss above what heat is worth: level at any price. And the rounding of the sum of all misses.
inline constexpr double far_above = 1e3;
inline constexpr double same_miss = 1e-12;
// Of the spread of the heat: the accuracy of prices where not all courses are listed. Whole courses are further apart.
inline constexpr double dual_tolerance = 1e-7;
inline constexpr std::size_t sample = 10'000;       // customers and prospects that give first prices
inline constexpr std::size_t open_leavers = 2'000;  // whose months are open at first, at least
inline constexpr double close_bound = 1e-6;         // of the spread of the heat: better prices would gain no more
// Times the heat that courses move with a unit of level: prices of what a nearest plan misses, for its bound.
inline constexpr std::array prices_of_misses{0.0, 0.25, 1.0, 4.0, 16.0};

// The search for the best plan under given bounds, and the ladder of bounds that leads to one.
class PlanSearch {
  public:
    /// Courses of all customers and prospects, with their sums. No courses: all keep.
    struct Chosen {
        std::vector<Course> courses;
        std::vector<double> usage;  // change of each row
        double heat = 0;            // change of the discounted heat
    };

    /// A best choice under some bounds.
    struct Answer {
        ChoiceResult free;                              // for any order of overflow
        Chosen free_plan;                               // the same, without its courses
        std::optional<std::vector<std::size_t>> found;  // in order: positions of the listed courses
        std::optional<Chosen> choice;                   // the same
        double value = 0;                               // of that
        bool proven = false;                            // whether that is proven to be the best, or that there is none
    };

    // The best plan so far, and the bounds that it keeps.
    struct Incumbent {
        Chosen plan;
        RowBounds kept;
    };
    // Thrown where the progress callback or the effort ends the search.
    struct Stopped {};

    PlanSearch(const CourseModel& model, const PlanOptions& options)
        : model_(model),
          options_(options),
          problem_(model, options.listed, options.threads,
                   [this] {
                       if (!reported(0.0)) throw Cancelled("strategy: stopped before the courses were listed");
                   }),
          order_(model, problem_) {}

    [[nodiscard]] const CourseProblem& problem() const { return problem_; }
    [[nodiscard]] int iterations() const { return iterations_; }
    [[nodiscard]] std::size_t effort() const { return effort_; }
    [[nodiscard]] const std::optional<Incumbent>& incumbent() const { return incumbent_; }

    // Reports the progress; false where the callback asks to stop.
    bool reported(double fraction) {
        fraction_ = std::max(fraction_, fraction);
        if (!options_.progress) return true;
        PlanProgress state;
        state.fraction = fraction_;
        if (incumbent_) state.value = model_.baseline_value() + incumbent_->plan.heat;
        state.bound = model_.baseline_value() + bound_;
        return options_.progress(state);
    }
    void report(double fraction) {
        if (!reported(fraction)) throw Stopped{};
    }
    // A step of work. Steps are the same in each run, so that the effort ends it at the same plan.
    void step(double fraction) {
        if (options_.effort > 0 && effort_ == options_.effort) throw Stopped{};
        ++effort_;
        report(fraction);
    }

    // To keep all customers.
    [[nodiscard]] Chosen keep() const { return {{}, std::vector<double>(model_.rows().size(), 0.0)}; }

    // The courses of the previous plan, whose sums are not known; without one to keep all customers.
    [[nodiscard]] Chosen previous() const {
        if (!model_.has_previous()) return keep();
        return {model_.previous(), std::vector<double>(model_.rows().size(), infinity)};
    }

    // The best plan in order within bounds.
    [[nodiscard]] Answer best(const RowBounds& bounds, const Chosen& start) {
        problem_.set_bounds(bounds);
        problem_.harden();
        // A plan under other bounds is no longer the best so far.
        recorded_ = &bounds;
        bound_ = infinity;
        if (start.courses.empty()) record(start);  // others may come without their sums
        Answer answer = solve(true, start, [&](std::span<const std::size_t> choice) { return order_.keeps(choice); });
        recorded_ = nullptr;
        return answer;
    }

    // A bound of the heat of all plans within bounds: each course as if it alone mattered.
    [[nodiscard]] double loose_bound(const RowBounds& bounds) {
        problem_.set_bounds(bounds);
        problem_.harden();
        const std::vector<double> free(model_.rows().size(), 0.0);
        ChoiceOptions options;
        options.threads = options_.threads;
        if (const CourseOracle* oracle = problem_.oracle()) {
            return oracle->bound(oracle->rows(problem_.bounds(), true), free, true).bound;
        }
        const ChoiceInstance instance(problem_.problem(), options);
        return bound_at(instance, free, instance.lower, instance.upper).bound;
    }

    // A limit, floor or capacity that a plan breaks.
    struct Broken {
        std::size_t row = 0;
        bool below = false;  // its lower bound
        double miss = 0;     // > 0
    };

    // The limits, floors and capacities that a plan breaks.
    [[nodiscard]] std::vector<Broken> broken(const RowBounds& bounds, const Chosen& chosen) {
        problem_.set_bounds(bounds);
        std::vector<Broken> all;
        for (std::size_t r = 0; r < chosen.usage.size(); ++r) {
            if (model_.rows()[r].kind == CourseRow::Kind::replacement) continue;
            const double amount = model_.rows()[r].base + chosen.usage[r];
            const bool below = amount < bounds.lower[r];
            const double miss = below ? bounds.lower[r] - amount : amount - bounds.upper[r];
            if (miss > problem_.allowance(r)) all.push_back({r, below, miss});
        }
        return all;
    }

    // The plan in order that breaks the bounds least, each against its size, whatever its heat.
    [[nodiscard]] Chosen least_broken(const RowBounds& bounds) {
        const auto sum = [&](const std::vector<Broken>& all) {
            double sizes = 0;
            for (const Broken& one : all) sizes += one.miss / problem_.unit(one.row);
            return sizes;
        };
        Chosen first = softened(bounds);
        const std::vector<Broken> by_first = broken(bounds, first);
        if (by_first.empty()) return first;
        // Prices are 0 as soon as mixtures of courses keep a bound; out of reach, it draws the search further.
        RowBounds tight = bounds;
        for (const Broken& one : by_first) {
            const double base = model_.rows()[one.row].base;
            const double reach = 2 * problem_.magnitude(one.row);
            (one.below ? tight.lower : tight.upper)[one.row] = one.below ? base + reach : base - reach;
        }
        Chosen second = softened(tight);
        return sum(broken(bounds, second)) < sum(broken(bounds, first)) ? second : first;
    }

    // The plan in order that misses the least sum of floors and capacities, whatever its heat. No row is missed by more
    // than without any action, unless `worse`.
    [[nodiscard]] Answer nearest(const RowBounds& bounds, bool worse, const Chosen& start) {
        problem_.set_bounds(bounds);
        problem_.soften(1, worse);
        return solve(false, start, [&](std::span<const std::size_t> choice) { return allowed(choice, worse); });
    }

    // The best plan in order among those that miss no more than the nearest one. A penalty far above what heat is worth
    // leads there; those who miss more all the same are not accepted.
    [[nodiscard]] Answer best_of_nearest(const RowBounds& bounds, bool worse, const Chosen& nearest) {
        problem_.set_bounds(bounds);
        problem_.soften(far_above * problem_.heat_per_level(), worse);
        const double most = problem_.missed(nearest.usage) * (1 + same_miss);
        Answer answer = solve(true, nearest, [&](std::span<const std::size_t> choice) {
            return problem_.missed(usage_of(choice)) <= most && allowed(choice, worse);
        });
        if (!answer.choice) answer.choice = nearest;  // its courses need not be among those that are listed
        // Without their penalties the amounts are heat again.
        answer.value = answer.choice->heat;
        answer.free.bound += far_above * problem_.heat_per_level() * most;
        return answer;
    }

    // The bound of the heat of all plans that miss no more than a nearest one, at lower prices of what they miss, too.
    // At a great one it is loose where mixtures of courses come nearer than whole ones.
    void bound_nearest(const RowBounds& bounds, bool worse, Answer& answer) {
        problem_.set_bounds(bounds);
        const double most = problem_.missed(answer.choice->usage) * (1 + same_miss);
        ChoiceOptions options;
        options.feasibility = 0;
        options.threads = options_.threads;
        double bound = answer.free.bound;
        for (const double times : prices_of_misses) {
            const double price = times * problem_.heat_per_level();
            problem_.soften(price, worse);
            const auto progress = [&](double) { step(fraction_); };
            if (problem_.oracle() != nullptr) {
                const ChoiceRows rows = problem_.oracle()->rows(problem_.bounds(), true);
                bound = std::min(bound, priced_courses(rows, true, {}, options, progress).bound + price * most);
                continue;
            }
            const ChoiceInstance instance(problem_.problem(), options);
            const DualSolution dual = solve_dual(instance, options, progress);
            const double priced = bound_at(instance, dual.prices, instance.lower, instance.upper).bound;
            bound = std::min(bound, priced + price * most);
        }
        answer.free.bound = std::max(bound, answer.value);
        // Only plans that miss no more compare in heat.
        answer.free.value = answer.value;
        if (problem_.missed(answer.free_plan.usage) <= most) {
            answer.free.value = std::clamp(answer.free_plan.heat, answer.value, answer.free.bound);
        }
    }

    // Whether a plan misses less than another, or the same with more heat.
    [[nodiscard]] bool preferred(const RowBounds& bounds, const Chosen& chosen, const Chosen& other) {
        problem_.set_bounds(bounds);
        const double first = problem_.missed(chosen.usage);
        const double second = problem_.missed(other.usage);
        if (!(first <= second * (1 + same_miss))) return false;
        return first < second * (1 - same_miss) || chosen.heat > other.heat;
    }

  private:
    using Accept = std::function<bool(std::span<const std::size_t>)>;

    // Keeps a plan in order if it is within the bounds that are searched now, and better than the best so far.
    void record(const Chosen& plan) {
        if (recorded_ == nullptr) return;
        const ChoiceProblem bounds = problem_.bounds();
        for (std::size_t r = 0; r < plan.usage.size(); ++r) {
            if (plan.usage[r] < bounds.lower[r] || plan.usage[r] > bounds.upper[r]) return;
        }
        const bool same =
            incumbent_ && incumbent_->kept.lower == recorded_->lower && incumbent_->kept.upper == recorded_->upper;
        if (!same || plan.heat > incumbent_->plan.heat) incumbent_ = {plan, *recorded_};
    }

    // Change of the discounted heat by a choice.
    [[nodiscard]] double heat_of(std::span<const std::size_t> choice) const {
        math::CompensatedSum heat(problem_.fixed_value());
        for (std::size_t i = 0; i < choice.size(); ++i) heat += problem_.value[problem_.begin[i] + choice[i]];
        return heat.value();
    }

    // Change of each row by a choice.
    [[nodiscard]] std::vector<double> usage_of(std::span<const std::size_t> choice) const {
        const std::size_t rows = model_.rows().size();
        std::vector<math::CompensatedSum> sums(problem_.fixed_usage().begin(), problem_.fixed_usage().end());
        for (std::size_t i = 0; i < choice.size(); ++i) {
            const double* usage = problem_.usage.data() + (problem_.begin[i] + choice[i]) * rows;
            for (std::size_t r = 0; r < rows; ++r) sums[r] += usage[r];
        }
        std::vector<double> total;
        for (const math::CompensatedSum& sum : sums) total.push_back(sum.value());
        return total;
    }

    [[nodiscard]] Chosen plan_of(std::span<const std::size_t> choice) const {
        return {problem_.chosen(choice), usage_of(choice), heat_of(choice)};
    }

    // In order, and with no row worse than without any action, unless `worse`.
    [[nodiscard]] bool allowed(std::span<const std::size_t> choice, bool worse) const {
        return (worse || problem_.no_worse_than_keeping(usage_of(choice))) && order_.keeps(choice);
    }

    // The plan in order that costs the least penalties where all rows but the replacement are soft.
    [[nodiscard]] Chosen softened(const RowBounds& bounds) {
        problem_.set_bounds(bounds);
        problem_.soften_limits();
        const Answer answer =
            solve(false, keep(), [&](std::span<const std::size_t> choice) { return order_.keeps(choice); });
        return answer.choice ? *answer.choice : keep();
    }

    // Prices of all courses under the last bounds, and their bound.
    struct Priced {
        DualSolution dual;
        double bound = 0;
        bool sampled = false;  // whether a sample gave them: they need not be the best ones
    };
    // From prices near to the best ones; without any a sample of the customers gives them, which mostly are as good.
    [[nodiscard]] Priced priced_courses(const ChoiceRows& rows, bool heat, std::vector<double> near,
                                        const ChoiceOptions& options,
                                        const std::function<void(double)>& progress) const {
        const CourseOracle& oracle = *problem_.oracle();
        const auto respond = [&](std::span<const double> prices, std::size_t stride) {
            return oracle.respond(prices, heat, stride);
        };
        DualStart start{0.0, std::vector<double>(rows.rows, 0.0), std::move(near)};
        Priced priced;
        const std::size_t stride = model_.size() / sample;
        if (start.prices.empty() && stride > 1) {
            priced.dual = solve_by_sample(rows, start, respond, stride, options, progress);
            priced.sampled = !priced.dual.infeasible;
        }
        if (!priced.sampled) {
            const auto all = [&](std::span<const double> prices) { return respond(prices, 1); };
            priced.dual = solve_dual(rows, std::move(start), all, options, progress);
        }
        priced.bound = oracle.bound(rows, priced.dual.prices, heat).bound;
        return priced;
    }

    // The best plan by heat and penalties, or by penalties alone, that meets a rule. Of more courses than are listed
    // only those near to the best ones at their prices are searched; the bound is that of all.
    [[nodiscard]] Answer solve(bool heat, const Chosen& start, const Accept& rule) {
        if (problem_.oracle() == nullptr) return search(heat, start, {}, rule);
        ChoiceOptions options;
        options.tolerance = std::max(options_.tolerance, dual_tolerance);
        options.feasibility = 0;
        options.threads = options_.threads;
        const double from = fraction_;
        const auto progress = [&](double share) { step(from + (0.3 - 0.3 * from) * share); };
        const ChoiceRows rows = problem_.oracle()->rows(problem_.bounds(), heat);
        Answer answer;
        std::vector<double> near;
        for (bool sampled = true; sampled;) {
            Priced priced = priced_courses(rows, heat, near, options, progress);
            iterations_ += priced.dual.iterations;
            answer = {};
            answer.proven = priced.dual.infeasible;
            answer.free.bound = -infinity;
            if (priced.dual.infeasible) return answer;
            if (recorded_ != nullptr) bound_ = std::min(bound_, priced.bound);
            answer = search_near(heat, start, priced.dual, rule);
            // What the listed courses are worth at most is a lower limit of every bound: it shows how good prices are.
            const double least = answer.free.bound;
            double bound = priced.bound;
            if (const double other = problem_.oracle()->bound(rows, answer.free.prices, heat).bound; other < bound) {
                bound = other;
            } else {
                answer.free.prices = std::move(priced.dual.prices);
            }
            answer.free.bound = std::max(bound, answer.free.value);
            if (recorded_ != nullptr) bound_ = std::min(bound_, answer.free.bound);
            sampled = priced.sampled && bound - least > close_bound * rows.value_scale();
            near = std::move(priced.dual.support);
        }
        return answer;
    }

    // The best plan of the courses near to the best ones at given prices; its bound is that of these courses.
    [[nodiscard]] Answer search_near(bool heat, const Chosen& start, const DualSolution& dual, const Accept& rule) {
        Answer answer;
        // More courses are listed where those near to the best ones have no plan.
        std::size_t most = options_.listed / model_.rows().size() / 4;
        std::size_t leavers = open_leavers;
        for (int round = 0; round < 2 && !answer.choice; ++round, most *= 8, leavers = model_.size()) {
            problem_.narrow(dual.prices, heat, most, leavers, [this] { report(fraction_); });
            answer = search(heat, start, dual.support, rule);
            answer.proven = false;
        }
        const double fixed = heat ? problem_.fixed_value() : 0.0;
        answer.free.value += fixed;
        answer.free.bound += fixed;
        answer.value += fixed;
        // A known plan need not have near courses alone.
        if (!answer.choice && problem_.keeps(start.usage)) {
            answer.choice = start;
            answer.value = heat ? start.heat : 0.0;
        }
        return answer;
    }

    // The best plan of the listed courses, from prices near to the best ones where these are not empty.
    [[nodiscard]] Answer search(bool heat, const Chosen& from_plan, const std::vector<double>& prices,
                                const Accept& rule) {
        const std::vector<double> zeros(heat ? 0 : problem_.value.size(), 0.0);
        ChoiceProblem problem = problem_.problem();
        if (!heat) problem.value = zeros;
        const std::vector<std::size_t> start = from_plan.courses.empty()
                                                   ? std::vector<std::size_t>(problem_.courses.size(), 0)
                                                   : problem_.positions(from_plan.courses);
        // A search checks many choices without a report in between.
        const Accept accept = [&](std::span<const std::size_t> choice) {
            if (++checks_ % 64 == 0) step(fraction_);
            return rule(choice);
        };
        // The number of problems to solve is not foreseen: each gets half of the progress that is left.
        const double from = fraction_;
        const auto part = [&](double share) { step(from + (0.5 - 0.5 * from) * share); };
        ChoiceOptions choice;
        choice.tolerance = options_.tolerance;
        choice.feasibility = 0;  // the problem's bounds have the allowance for rounding already
        choice.nodes = options_.nodes;
        choice.threads = options_.threads;
        choice.start = start;
        choice.prices = prices;
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
        answer.free_plan = {{}, usage_of(answer.free.choice), heat_of(answer.free.choice)};
        if (recorded_ != nullptr && problem_.oracle() == nullptr) bound_ = answer.free.bound;
        if (accept(answer.free.choice)) {
            answer.choice = plan_of(answer.free.choice);
            answer.value = answer.free.value;
            return answer;
        }
        choice.progress = [&](double) {
            part(0.8);
            return true;
        };
        // The best plan breaks the order. Rows without a price cost nothing, but they block the ways of a search: the
        // first one goes without them.
        RowBounds priced{{problem.lower.begin(), problem.lower.end()}, {problem.upper.begin(), problem.upper.end()}};
        // The value of soft rows depends on their bounds.
        if (problem.penalty.empty() && drop_idle(priced, answer.free.prices)) {
            ChoiceProblem wide = problem;
            wide.lower = priced.lower;
            wide.upper = priced.upper;
            Answer other = answer;
            search_in_order(wide, start, choice, accept, other);
            const ChoiceInstance instance(problem, choice);
            if (other.found ? instance.keeps(instance.usage_of(*other.found)) : other.proven) {
                part(1.0);
                if (other.found) other.choice = plan_of(*other.found);
                return other;
            }
        }
        search_in_order(problem, start, choice, accept, answer);
        part(1.0);
        if (answer.found) answer.choice = plan_of(*answer.found);
        return answer;
    }

    // Drops the bounds without a price, but not those of the replacement, which belong to the order; whether there were
    // any.
    [[nodiscard]] bool drop_idle(RowBounds& bounds, std::span<const double> prices) const {
        bool dropped = false;
        for (std::size_t r = 0; r < prices.size(); ++r) {
            if (prices[r] != 0 || model_.rows()[r].kind == CourseRow::Kind::replacement) continue;
            dropped = dropped || std::isfinite(bounds.lower[r]) || std::isfinite(bounds.upper[r]);
            bounds.lower[r] = -infinity;
            bounds.upper[r] = infinity;
        }
        return dropped;
    }

    // The best plan in order that is found around the best one for any order; the bound of that holds as well.
    void search_in_order(const ChoiceProblem& problem, const std::vector<std::size_t>& start,
                         const ChoiceOptions& choice, const Accept& accept, Answer& answer) {
        const ChoiceInstance instance(problem, choice);
        bool found = false;
        std::vector<std::size_t> best = answer.free.choice;
        const auto consider = [&](const std::vector<std::size_t>& other) {
            if (found && instance.objective_of(other) <= instance.objective_of(best)) return;
            best = other;
            found = true;
            if (recorded_ != nullptr) record(plan_of(best));
        };
        std::vector<std::vector<std::size_t>> ends;
        const auto search_from = [&](const std::vector<std::size_t>& origin, std::span<const double> paid) {
            auto end = order_.search(instance, paid, origin, choice, accept);
            if (!end) return;
            consider(*end);
            if (!contains(ends, *end)) ends.push_back(std::move(*end));
        };
        search_from(answer.free.choice, {});
        search_from(answer.free.choice, answer.free.prices);
        if (instance.keeps(instance.usage_of(start)) && accept(start)) consider(start);
        // Only on small problems can the exact search come to an end.
        const std::size_t nodes = search_nodes(options_.nodes, start.size());
        // The losses of the exact search count against the bound at the prices, not against a proven value.
        const double bound = bound_at(instance, answer.free.prices, instance.lower, instance.upper).bound;
        const ChoiceSearch exact(instance, answer.free.prices);
        answer.proven = exact.exact(best, found, bound, nodes, accept);
        if (!answer.proven) {
            // Each search ends where no small step improves: other starts end at other plans.
            const std::span<const double> dearer = order_.dearer_replacements(instance);
            for (const double times : dearer) search_from(order_.responses(instance, answer.free.prices, times), {});
            if (dearer.empty()) ends.clear();
            if (found && !contains(ends, best)) ends.push_back(best);
            for (std::vector<std::size_t>& end : ends) {
                order_.refine(instance, end, choice, accept);
                consider(end);
            }
        }
        if (found && !answer.proven) {
            order_.branch(instance, answer.free.choice, best, choice, accept);
            exact.explore(best, bound, nodes, accept);
        }
        if (found) {
            answer.value = instance.objective_of(best);
            answer.found = std::move(best);
        }
    }

    const CourseModel& model_;
    const PlanOptions& options_;
    int iterations_ = 0;
    std::size_t checks_ = 0;
    std::size_t effort_ = 0;
    double bound_ = infinity;              // of the change of the heat, under these bounds
    const RowBounds* recorded_ = nullptr;  // the bounds of a search for heat; null in other searches
    std::optional<Incumbent> incumbent_;
    double fraction_ = 0;  // before the problem, which reports it
    CourseProblem problem_;
    OverflowOrder order_;
};

// What was relaxed on the way to a plan.
struct Relaxing {
    RowBounds kept;               // by the plan, per row
    std::vector<double> nearest;  // amounts of the nearest plan, per row; empty: nothing was relaxed
    double cost = 0;              // heat that the nearest plan costs more
    bool proven = false;          // whether no plan keeps all rows
};

// What the bounds need so that a plan keeps them; they are loosened in place.
CUSTFOLIO_INLINE std::vector<Relaxation> relaxations(const Strategy& strategy, const CourseModel& model,
                                                     const std::vector<PlanSearch::Broken>& broken, RowBounds& bounds) {
    std::vector<Relaxation> all;
    for (const auto& [r, below, miss] : broken) {
        double& bound = below ? bounds.lower[r] : bounds.upper[r];
        Relaxation one;
        one.row = model.name_of(model.rows()[r]);
        one.month = strategy.start + model.rows()[r].first;
        one.months = model.rows()[r].length;
        one.bound = bound;
        // Up to a whole hundredth, but not for the rounding of the sum.
        one.by = std::max(std::ceil(miss * 100.0 - 1e-6), 1.0) / 100.0;
        bound = one.to = below ? one.bound - one.by : one.bound + one.by;
        const CourseRow::Kind kind = model.rows()[r].kind;
        const std::string group = model.group_text(model.rows()[r]);
        one.text = (kind == CourseRow::Kind::floor      ? "the floor"
                    : kind == CourseRow::Kind::capacity ? "the capacity"
                                                        : "the limit on " + to_string(kind)) +
                   group + " of " + span_text(one.month, one.months) + (below ? " falls" : " rises") + " by " +
                   amount_text(one.by) + " from " + amount_text(one.bound) + " to " + amount_text(one.to);
        if (kind == CourseRow::Kind::frozen) {
            one.text = whole_text(std::ceil(one.by)) +
                       " of the courses may differ from the previous plan in the frozen " +
                       (one.months == 1 ? "month " : "months ") + span_text(one.month, one.months);
        }
        all.push_back(std::move(one));
    }
    return all;
}

// The plan in order that breaks the bounds least, each against its size. Throws with what it breaks; a plan that breaks
// nothing is returned. What leaves must be replaced in any case: only limits, floors and capacities can be relaxed.
CUSTFOLIO_INLINE PlanSearch::Chosen unbroken(const Strategy& strategy, const CourseModel& model, PlanSearch& search,
                                             const RowBounds& bounds) {
    PlanSearch::Chosen choice = search.least_broken(bounds);
    std::vector<Relaxation> all;
    constexpr int rounds = 5;  // the second rarely breaks a bound
    for (int round = 1;; ++round) {
        const std::vector<PlanSearch::Broken> broken = search.broken(bounds, choice);
        if (broken.empty()) return choice;
        RowBounds relaxed = bounds;
        all = relaxations(strategy, model, broken, relaxed);
        // A search under other bounds takes other ways: whoever applies the relaxation must get a plan. To keep all
        // customers is where each search starts.
        if (round == rounds) break;
        choice = round + 1 == rounds ? search.keep() : search.least_broken(relaxed);
        if (search.broken(relaxed, choice).empty()) break;
    }
    std::string text;
    double missing = 0;
    for (const Relaxation& one : all) {
        text += (text.empty() ? "" : ", and ") + one.text;
        if (one.to < one.bound) missing += one.by;
    }
    if (missing > 0) {
        text += "; or with " + whole_text(std::ceil(missing)) +
                " more of level from newcomers, action plans or new terms, or with floor \"baseline\"";
    }
    const std::string rows = strategy.strict ? "limits, floors and capacities" : "limits";
    throw InfeasiblePlan("no plan was found that keeps all " + rows + "; there is one if " + text, std::move(all));
}

// The limits, without floors and capacities.
CUSTFOLIO_INLINE RowBounds limits_of(const CourseModel& model, RowBounds bounds) {
    for (std::size_t r = 0; r < model.rows().size(); ++r) {
        if (!model.rows()[r].soft()) continue;
        bounds.lower[r] = -infinity;
        bounds.upper[r] = infinity;
    }
    return bounds;
}

// The bounds where the rows fall that a nearest plan misses: to what would be without action, and never beyond, unless
// limits push the plan there. What the other rows ask for is kept.
CUSTFOLIO_INLINE void let_fall(const CourseModel& model, const CourseProblem& problem, std::span<const double> usage,
                               const RowBounds& asked, Relaxing& relaxing) {
    relaxing.kept = asked;
    relaxing.nearest.assign(usage.begin(), usage.end());
    for (std::size_t r = 0; r < model.rows().size(); ++r) {
        const CourseRow& row = model.rows()[r];
        const double amount = relaxing.nearest[r] += row.base;
        if (!row.soft()) continue;
        if (amount < asked.lower[r] - problem.allowance(r)) relaxing.kept.lower[r] = std::min(amount, row.base);
        if (amount > asked.upper[r] + problem.allowance(r)) relaxing.kept.upper[r] = std::max(amount, row.base);
    }
}

// The plan where no plan keeps all rows. The nearest one shows which rows fall; then the others are kept.
CUSTFOLIO_INLINE PlanSearch::Answer relax_rows(const Strategy& strategy, const CourseModel& model, PlanSearch& search,
                                               Relaxing& relaxing) {
    const RowBounds asked = relaxing.kept;
    PlanSearch::Answer nearest = search.nearest(asked, false, search.keep());
    // Limits may leave no plan without a row that is worse than without action.
    const bool pushed = !nearest.choice;
    if (pushed) nearest = search.nearest(asked, true, unbroken(strategy, model, search, limits_of(model, asked)));
    PlanSearch::Answer closest = search.best_of_nearest(asked, pushed, *nearest.choice);
    PlanSearch::Answer answer;
    constexpr int rounds = 3;  // the second rarely finds a nearer plan
    for (int round = 1;; ++round) {
        let_fall(model, search.problem(), closest.choice->usage, asked, relaxing);
        answer = search.best(relaxing.kept, *closest.choice);
        // The best plan under the fallen rows may come as near, or nearer, since each search tries other plans.
        if (round == rounds || !search.preferred(asked, *answer.choice, *closest.choice)) break;
        closest = search.best_of_nearest(asked, pushed, *answer.choice);
    }
    if (strategy.relax == Relax::baseline) {
        relaxing.cost = answer.value - closest.value;
        return answer;
    }
    // The nearest plan is one in which level is bought at any price: the user must ask for it.
    for (std::size_t r = 0; r < model.rows().size(); ++r) {
        if (relaxing.kept.lower[r] != asked.lower[r]) relaxing.kept.lower[r] = relaxing.nearest[r];
        if (relaxing.kept.upper[r] != asked.upper[r]) relaxing.kept.upper[r] = relaxing.nearest[r];
    }
    search.bound_nearest(asked, pushed, closest);
    return closest;
}

// The best plan so far of a search that was stopped. Without one nobody acts, and floors and capacities fall to what
// would be without action.
CUSTFOLIO_INLINE PlanSearch::Answer best_so_far(const Strategy& strategy, const CourseModel& model, PlanSearch& search,
                                                Relaxing& relaxing) {
    PlanSearch::Answer answer;
    if (search.incumbent()) {
        answer.choice = search.incumbent()->plan;
        relaxing.kept = search.incumbent()->kept;
    } else {
        answer.choice = search.keep();
        const RowBounds asked = bounds_of(model.rows());
        const bool fixed = detail::any_of(search.broken(asked, *answer.choice), [&](const PlanSearch::Broken& one) {
            return strategy.strict || !model.rows()[one.row].soft();
        });
        if (fixed) throw Cancelled("strategy: stopped before a plan was found that keeps all limits");
        let_fall(model, search.problem(), answer.choice->usage, asked, relaxing);
    }
    answer.value = answer.free.value = answer.choice->heat;
    answer.free.bound = std::max(search.loose_bound(relaxing.kept), answer.value);
    return answer;
}

// Raises floors until they hold with the strategy's chance.
class ChanceSearch {
  public:
    ChanceSearch(const Strategy& strategy, const CourseModel& model, const CourseModel& members,
                 const GrowthForecast& growth, PlanSearch& search, const RowBounds& kept)
        : strategy_(strategy), model_(model), members_(members), growth_(growth), search_(search), kept_(kept) {
        // A floor that fell has no chance to keep.
        for (std::size_t r = 0; r < model.rows().size(); ++r) {
            const CourseRow& row = model.rows()[r];
            if (row.kind == CourseRow::Kind::floor && kept.lower[r] == row.lower) goals_.push_back(r);
        }
    }

    // The best plan with the chance, from the best one that keeps its floors in expectation. Of a search that was
    // stopped, that one.
    [[nodiscard]] PlanSearch::Answer best(const PlanSearch::Answer& expected, bool stopped, FloorsAtChance& found) {
        constexpr int most = 20;
        plans_left_ = stopped ? 0 : most;
        // No plan with the chance is worth more.
        if (within(*expected.choice, needed(*expected.choice))) return expected;
        PlanSearch::Answer from = expected;
        while (!goals_.empty()) {
            PlanSearch::Chosen closest = *expected.choice;
            try {
                const std::optional<PlanSearch::Chosen> last = raise(std::move(from), found);
                if (best_) return *best_;
                closest = last ? *last : nearest(closest);
            } catch (const PlanSearch::Stopped&) {
                found.stopped = true;
                plans_left_ = 0;
                if (best_) return *best_;
            }
            from = expected;
            const std::vector<double> margins = needed(closest);
            if (within(closest, margins)) {
                from.choice = closest;
                from.value = closest.heat;
                from.free.prices.clear();  // those of its penalties
            } else {
                drop(closest, margins, found);
                found.cost = std::max(found.cost, expected.value - closest.heat);
            }
        }
        return expected;
    }

  private:
    [[nodiscard]] std::vector<double> needed(const PlanSearch::Chosen& plan) const {
        std::vector<Course> courses = plan.courses;
        courses.resize(model_.size());  // without courses all keep
        model_.part(courses);
        return floor_margins(strategy_, members_, growth_, courses, goals_);
    }
    // How much more expected level a plan needs in a row for the chance.
    [[nodiscard]] double short_by(const PlanSearch::Chosen& plan, std::size_t row, double margin) const {
        const double amount = model_.rows()[row].base + plan.usage[row];
        return kept_.lower[row] + margin - amount - search_.problem().allowance(row);
    }
    [[nodiscard]] bool within(const PlanSearch::Chosen& plan, const std::vector<double>& margins) const {
        for (std::size_t g = 0; g < goals_.size(); ++g) {
            if (short_by(plan, goals_[g], margins[g]) > 0) return false;
        }
        return true;
    }
    // Whether lower margins may bring more than the gap of the plan. Its bound rises by no more than their prices.
    [[nodiscard]] bool worth_lowering(const PlanSearch::Answer& plan, const std::vector<double>& margins) const {
        if (plan.free.prices.empty()) return true;
        double worth = 0;
        for (std::size_t g = 0; g < goals_.size(); ++g) {
            const std::size_t r = goals_[g];
            worth -= plan.free.prices[r] * std::max(raised_.lower[r] - kept_.lower[r] - margins[g], 0.0);
        }
        return worth > plan.free.bound - plan.value;
    }
    // Makes plans under the margins that the last one needs; returns the last plan, nothing where none has them.
    std::optional<PlanSearch::Chosen> raise(PlanSearch::Answer plan, FloorsAtChance& found) {
        MarginSequence sequence(goals_.size());
        raised_ = kept_;
        for (;;) {
            const std::vector<double> margins = needed(*plan.choice);
            const bool holds = within(*plan.choice, margins);
            if (holds && (!best_ || plan.value > best_->value)) best_ = plan;
            if (holds && !worth_lowering(plan, margins)) return plan.choice;
            const auto next = sequence.next(margins, best_.has_value());
            found.alternates = sequence.alternates();
            if (!next || plans_left_ == 0) return plan.choice;
            --plans_left_;
            for (std::size_t g = 0; g < goals_.size(); ++g) {
                raised_.lower[goals_[g]] = kept_.lower[goals_[g]] + (*next)[g];
            }
            PlanSearch::Answer other = search_.best(raised_, *plan.choice);
            if (!other.choice) return std::nullopt;
            plan = std::move(other);
        }
    }
    // The plan that comes nearest to the raised floors; the first one where that breaks other rows.
    [[nodiscard]] PlanSearch::Chosen nearest(const PlanSearch::Chosen& start) {
        const PlanSearch::Answer plan = search_.nearest(raised_, false, start);
        if (!plan.choice) return start;
        PlanSearch::Chosen closest = *search_.best_of_nearest(raised_, false, *plan.choice).choice;
        return search_.broken(kept_, closest).empty() ? closest : start;
    }
    // Gives up the chance of the rows that a plan misses; of all rows where no further plan may be made.
    void drop(const PlanSearch::Chosen& plan, const std::vector<double>& margins, FloorsAtChance& found) {
        if (strategy_.strict) refuse(plan, margins);
        std::vector<std::size_t> left;
        for (std::size_t g = 0; g < goals_.size(); ++g) {
            const std::size_t r = goals_[g];
            if (plans_left_ > 0 && short_by(plan, r, margins[g]) <= 0) {
                left.push_back(r);
            } else {
                found.missed.push_back({r, kept_.lower[r] + margins[g], model_.rows()[r].base + plan.usage[r]});
            }
        }
        goals_ = std::move(left);
    }
    // Throws with the floors that a plan reaches with the chance.
    [[noreturn]] void refuse(const PlanSearch::Chosen& plan, const std::vector<double>& margins) const {
        std::vector<PlanSearch::Broken> broken;
        for (std::size_t g = 0; g < goals_.size(); ++g) {
            const double miss = short_by(plan, goals_[g], margins[g]);
            if (miss > 0) broken.push_back({goals_[g], true, miss});
        }
        RowBounds bounds = kept_;
        std::vector<Relaxation> all = relaxations(strategy_, model_, broken, bounds);
        std::string text;
        for (const Relaxation& one : all) text += (text.empty() ? "" : ", and ") + one.text;
        throw InfeasiblePlan("no plan was found whose floors all hold with a chance of " +
                                 percent_text(strategy_.chance) + "; there is one if " + text + "; or without `chance`",
                             std::move(all));
    }

    const Strategy& strategy_;
    const CourseModel& model_;
    const CourseModel& members_;  // where customers are linked, each with its own amounts
    const GrowthForecast& growth_;
    PlanSearch& search_;
    const RowBounds& kept_;
    RowBounds raised_;
    std::vector<std::size_t> goals_;
    std::optional<PlanSearch::Answer> best_;
    int plans_left_ = 0;
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

CUSTFOLIO_INLINE std::string late_start_text(Month start, const Portfolio& portfolio) {
    constexpr int recent = 12;
    const std::vector<DayNumber>& days = portfolio.columns().last_day;
    if (portfolio.period().days() <= 0) return {};
    const Month last = Month::of(days.empty() ? portfolio.period().last : detail::max(days));
    const int months = start - last - 1;
    if (months <= recent) return {};
    return "the plan starts " + std::to_string(months) + " months after the data, which ends in " + to_string(last) +
           ": what customers do until then is not known";
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
    const CourseModel model(*this, portfolio, offers, growth, prospects, baseline, detail::LinkedView::holdings);
    detail::PlanSearch search(model, options);
    detail::Relaxing relaxing{detail::bounds_of(model.rows()), {}, 0, false};
    detail::PlanSearch::Answer answer;
    bool stopped = false;
    try {
        search.report(0.0);
        answer = search.best(relaxing.kept, search.previous());
        if (!answer.choice) {
            relaxing.proven = answer.proven;
            if (strict) {
                answer = search.best(relaxing.kept, detail::unbroken(*this, model, search, relaxing.kept));
            } else {
                answer = detail::relax_rows(*this, model, search, relaxing);
            }
        }
    } catch (const detail::PlanSearch::Stopped&) {
        stopped = true;
        answer = detail::best_so_far(*this, model, search, relaxing);
    }
    std::optional<CourseModel> members;  // of linked customers, each with its own amounts
    if (!model.holdings().empty()) members.emplace(*this, portfolio, offers, growth, prospects, baseline);
    detail::FloorsAtChance at_chance;
    const ChoiceResult free = answer.free;
    const double expected = answer.value;
    if (chance > 0) {
        detail::ChanceSearch floors(*this, model, members ? *members : model, growth, search, relaxing.kept);
        answer = floors.best(answer, stopped, at_chance);
        stopped = stopped || at_chance.stopped;
    }
    (void)search.reported(0.9);  // the plan is made

    Plan plan;
    plan.start = start;
    plan.months = months;
    plan.reference = model.reference().first;
    plan.notes = model.notes();
    if (stopped) plan.notes.push_back("the search was stopped early: a better plan may exist, within the gap");
    if (at_chance.alternates && at_chance.missed.empty()) {
        plan.notes.push_back(
            "plans whose floors hold with the chance alternate with plans whose floors do not, since each "
            "has a deviation of its own: of those found with the chance this one has the most heat");
    }
    plan.candidates = search.problem().candidates();
    plan.iterations = search.iterations();
    plan.effort = search.effort();
    plan.courses = std::move(answer.choice->courses);
    plan.courses.resize(model.size());  // without courses all keep
    // Prices of switches are no heat.
    double switches = 0;
    for (std::size_t i = 0; i < model.size(); ++i) switches += model.switches(i, plan.courses[i]);
    const double price = model.price_of(switches);
    model.part(plan.courses);
    // The objective is a change; the plan shows the whole bucket.
    plan.baseline_value = model.baseline_value();
    plan.value = plan.baseline_value + answer.value + price;
    // Adding the baseline rounds once more.
    const double rounding =
        4 * std::numeric_limits<double>::epsilon() * (std::abs(plan.baseline_value) + std::abs(free.bound));
    plan.bound = plan.baseline_value + free.bound + price + rounding;
    plan.gap = (plan.bound - plan.value) / std::max(std::abs(plan.value), 1e-12);
    plan.chance_cost = std::max(expected - answer.value, 0.0);
    plan.order_gap = std::max(free.value - answer.value - plan.chance_cost, 0.0);
    plan.duality_gap = plan.bound - plan.value - plan.order_gap - plan.chance_cost;
    const detail::PlanWriter writer(*this, members ? *members : model, portfolio, offers, growth, prospects);
    writer.write(plan, relaxing.kept);
    // The prices of a nearest plan are those of its penalties, not of heat.
    const bool priced = relax == Relax::baseline || relaxing.nearest.empty();
    // A search that was stopped early has none.
    if (priced && !answer.free.prices.empty()) writer.write_prices(plan, answer.free.prices);
    if (!relaxing.nearest.empty()) {
        writer.write_relaxed(plan, relaxing.kept, relaxing.nearest, relaxing.cost, relaxing.proven);
    }
    writer.write_missed_chances(plan, at_chance);
    (void)search.reported(1.0);
    return plan;
}

}  // namespace custfolio
