// Definitions of the order of overflow.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/choice.hpp"
#include "custfolio/strategy/course_problem.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/overflow_order.hpp"

namespace custfolio::detail {

// Limits of the search for months in order.
namespace order_limits {
inline constexpr int sweeps = 8;                // over all months; three or four mostly end it
inline constexpr int rounds = 3;                // of months, then courses; the second rarely finds anything
inline constexpr std::size_t nodes = 5'000;     // of the exact search for courses with fixed months
inline constexpr std::size_t trials = 60;       // of other thresholds, each with an optimisation
inline constexpr std::size_t work = 4'000'000;  // courses over all of them, so that large problems try few
inline constexpr double grain = 1e-13;          // of the value's spread: less is no better value
inline constexpr double no_gain = 1e-12;        // of the values of two courses: less is rounding
}  // namespace order_limits

// A customer whose refusal is known within the horizon.
struct OverflowOrder::Cube {
    std::size_t customer = 0;
    std::size_t rank = 0;
    std::size_t position = 0;  // of its course without overflow
    std::size_t known = 0;     // month of its refusal
    std::size_t alone = 0;     // first month from which on it alone is replaced by all others
    bool gains = false;        // by leaving in any month
};

// Months of overflow by thresholds, and what they are worth.
struct OverflowOrder::Arrangement {
    Thresholds thresholds;
    std::vector<std::size_t> choice;
    double violation = 0;  // of the rows that must be met, in units
    double objective = 0;

    // Fewer violations first; then the objective.
    [[nodiscard]] bool better_than(const Arrangement& other, double grain) const {
        const double least = order_limits::no_gain * (1.0 + other.violation);
        if (violation < other.violation - least) return true;
        return violation <= other.violation + least && objective > other.objective + grain;
    }
};

// What a course of a customer or prospect brings in a month; the replacement row has what leaves less what it brings.
CUSTFOLIO_INLINE double OverflowOrder::replaces(std::size_t who, std::size_t position, std::size_t month) const {
    const Course& course = problem_.courses[who][position];
    const std::size_t rows = model_.rows().size();
    const double net = problem_.usage[(problem_.begin[who] + position) * rows + problem_.replacement_row(month)];
    const bool left = course.overflow >= 0 && static_cast<int>(month) >= course.overflow;
    return (left ? model_.refusal(who, course) * std::max(model_.baseline_level()(who, month), 0.0) : 0.0) - net;
}

CUSTFOLIO_INLINE std::vector<double> OverflowOrder::replacing(std::span<const std::size_t> choice) const {
    std::vector<math::CompensatedSum> sums(model_.months());
    for (std::size_t i = 0; i < choice.size(); ++i) {
        for (std::size_t m = 0; m < sums.size(); ++m) sums[m] += replaces(i, choice[i], m);
    }
    std::vector<double> in;
    for (const math::CompensatedSum& sum : sums) in.push_back(sum.value());
    return in;
}

CUSTFOLIO_INLINE bool OverflowOrder::gains(std::size_t who, std::size_t staying) const {
    const double* value = problem_.value.data() + problem_.begin[who];
    const std::vector<Course>& courses = problem_.courses[who];
    for (std::size_t c = staying + 1; c < courses.size() && courses[c].overflow >= 0; ++c) {
        const double rounding = order_limits::no_gain * (std::abs(value[c]) + std::abs(value[staying]));
        if (value[c] - value[staying] > rounding) return true;
    }
    return false;
}

// What others bring must cover the customer in every month from its own on. That holds from some month on, so the last
// month that it does not cover decides.
CUSTFOLIO_INLINE std::size_t OverflowOrder::replaced_alone(std::size_t who, std::size_t position,
                                                           std::span<const double> in) const {
    const double refusal = model_.refusal(who, problem_.courses[who][position]);
    std::size_t first = in.size();
    while (first > 0) {
        const std::size_t m = first - 1;
        const double out = refusal * std::max(model_.baseline_level()(who, m), 0.0);
        const double others = in[m] - replaces(who, position, m) + model_.room()[m];
        if (out > others + problem_.allowance(problem_.replacement_row(m))) break;
        first = m;
    }
    return first;
}

// By rank, coldest first.
CUSTFOLIO_INLINE std::vector<OverflowOrder::Cube> OverflowOrder::cubes_of(std::span<const std::size_t> choice) const {
    const std::vector<double> in = replacing(choice);
    std::vector<Cube> cubes;
    for (std::size_t i = 0; i < model_.customers(); ++i) {
        const std::size_t position = problem_.staying(i, choice[i]);
        const std::size_t known = model_.refusal_known(i, problem_.courses[i][position]);
        if (known >= model_.months()) continue;
        cubes.push_back({i, model_.rank(i), position, known, replaced_alone(i, choice[i], in), gains(i, position)});
    }
    std::ranges::sort(cubes, [](const Cube& a, const Cube& b) { return a.rank < b.rank; });
    return cubes;
}

CUSTFOLIO_INLINE bool OverflowOrder::keeps(std::span<const std::size_t> choice) const {
    const std::size_t months = model_.months();
    const std::vector<Cube> cubes = cubes_of(choice);
    const auto leaves = [&](const Cube& cube) {
        const int month = problem_.courses[cube.customer][choice[cube.customer]].overflow;
        return month < 0 ? months : static_cast<std::size_t>(month);
    };
    std::vector<std::size_t> warmest(months, 0);  // rank + 1 of the warmest that leaves in a month; 0: nobody
    for (const Cube& cube : cubes) {
        const std::size_t month = leaves(cube);
        if (month == months) continue;
        if (month < cube.alone) return false;  // only its own level would replace it
        warmest[month] = cube.rank + 1;
    }
    for (const Cube& cube : cubes) {
        if (!cube.gains) continue;
        for (std::size_t b = std::max(cube.known, cube.alone); b < leaves(cube); ++b) {
            if (warmest[b] > cube.rank + 1) return false;
        }
    }
    return true;
}

// Months of overflow for fixed other parts of the courses. A threshold per month says how warm customers may be that
// leave in it: all colder ones whose refusal is known then leave too, so that the order is kept. Thresholds are moved
// one by one to where the objective is best within the rows, in sweeps over the months.
CUSTFOLIO_INLINE OverflowOrder::Arrangement OverflowOrder::arrange(const ChoiceInstance& instance,
                                                                   std::span<const double> prices,
                                                                   std::vector<std::size_t> choice,
                                                                   const Thresholds& start) const {
    const std::size_t months = model_.months();
    const std::size_t rows = instance.rows;
    const std::vector<Cube> cubes = cubes_of(choice);
    for (std::size_t i = 0; i < choice.size(); ++i) choice[i] = problem_.staying(i, choice[i]);
    const std::vector<double> base_usage = instance.usage_of(choice);
    const double base_value = instance.value_of(choice);
    const double grain = order_limits::grain * (instance.value_spread + instance.greatest_penalty);

    // Priced, the rows are not kept but paid for; the months then have their share of what replaces. Who would leave at
    // a loss is passed over then: another course may serve him better.
    const auto measure = [&](std::span<const double> usage, double value, Arrangement& result) {
        if (prices.empty()) {
            result.violation = instance.violation_of(usage);
            result.objective = value - instance.penalty_of(usage);
            return;
        }
        result.violation = 0;
        result.objective = value;
        for (std::size_t r = 0; r < rows; ++r) result.objective -= prices[r] * usage[r];
    };
    struct Totals {
        std::vector<double> usage;
        double value = 0;
    };
    const auto move = [&](std::size_t who, std::size_t from, std::size_t to, Totals& totals) {
        const std::size_t a = instance.problem.begin[who] + from;
        const std::size_t b = instance.problem.begin[who] + to;
        for (std::size_t r = 0; r < rows; ++r) totals.usage[r] += instance.usage_of(b)[r] - instance.usage_of(a)[r];
        totals.value += instance.problem.value[b] - instance.problem.value[a];
    };
    // The courses by thresholds, month by month. Who would leave at a loss in a month stays, and so do all warmer ones.
    const auto leaving = [&](const Thresholds& thresholds, Arrangement& result) {
        result.thresholds = thresholds;
        result.choice = choice;
        Totals totals{base_usage, base_value};
        for (std::size_t b = 0; b < months; ++b) {
            for (const Cube& cube : cubes) {
                if (cube.rank >= thresholds[b]) break;
                if (result.choice[cube.customer] != cube.position) continue;
                if (!cube.gains || b < std::max(cube.known, cube.alone)) continue;
                const std::uint32_t course = problem_.leaving(cube.customer, cube.position, b);
                if (course == CourseProblem::none && prices.empty()) break;
                if (course == CourseProblem::none) continue;
                result.choice[cube.customer] = course;
                move(cube.customer, cube.position, course, totals);
            }
        }
        measure(totals.usage, totals.value, result);
        return totals;
    };

    Arrangement best;
    leaving(start, best);
    for (int sweep = 0; sweep < order_limits::sweeps; ++sweep) {
        bool moved = false;
        for (std::size_t step = 0; step < months; ++step) {
            const std::size_t b = sweep % 2 == 0 ? step : months - 1 - step;
            Thresholds thresholds = best.thresholds;
            thresholds[b] = 0;
            Arrangement trial;
            Totals totals = leaving(thresholds, trial);
            Arrangement reached = trial;
            // One more customer after another leaves in b instead of later.
            for (const Cube& cube : cubes) {
                const int leaves = problem_.courses[cube.customer][trial.choice[cube.customer]].overflow;
                if (leaves >= 0 && leaves <= static_cast<int>(b)) continue;
                if (!cube.gains || b < std::max(cube.known, cube.alone)) continue;
                const std::uint32_t course = problem_.leaving(cube.customer, cube.position, b);
                if (course == CourseProblem::none && prices.empty()) break;
                if (course == CourseProblem::none) continue;
                move(cube.customer, trial.choice[cube.customer], course, totals);
                measure(totals.usage, totals.value, trial);
                if (trial.better_than(reached, grain)) {
                    reached.violation = trial.violation;
                    reached.objective = trial.objective;
                    thresholds[b] = cube.rank + 1;
                }
            }
            leaving(thresholds, trial);
            if (!trial.better_than(best, grain)) continue;
            best = std::move(trial);
            moved = true;
        }
        if (!moved) break;
    }
    return best;
}

// The best courses whose months of overflow are those of the thresholds: every choice of them is in order.
CUSTFOLIO_INLINE std::vector<std::size_t> OverflowOrder::reoptimised(const ChoiceInstance& instance,
                                                                     const Arrangement& from,
                                                                     const ChoiceOptions& options) const {
    const std::size_t rows = instance.rows;
    const std::vector<double> in = replacing(from.choice);
    std::vector<std::size_t> begin{0};
    std::vector<std::size_t> position, start;
    std::vector<double> value, usage;
    const auto add = [&](std::size_t who, std::size_t course) {
        const std::size_t at = instance.problem.begin[who] + course;
        if (course == from.choice[who]) start.back() = position.size() - begin.back();
        position.push_back(course);
        value.push_back(instance.problem.value[at]);
        usage.insert(usage.end(), instance.usage_of(at), instance.usage_of(at) + rows);
    };
    for (std::size_t i = 0; i < from.choice.size(); ++i) {
        start.push_back(0);
        for (std::size_t c = 0; c < problem_.courses[i].size(); ++c) {
            const Course& course = problem_.courses[i][c];
            if (course.overflow >= 0) continue;
            std::size_t b = model_.refusal_known(i, course);
            if (b < model_.months() && gains(i, c)) {
                b = std::max(b, replaced_alone(i, c, in));
                while (b < model_.months() && model_.rank(i) >= from.thresholds[b]) ++b;
            } else {
                b = model_.months();
            }
            const std::uint32_t leaves = b < model_.months() ? problem_.leaving(i, c, b) : CourseProblem::none;
            if (b == model_.months()) add(i, c);
            if (leaves != CourseProblem::none) add(i, leaves);
        }
        if (position.size() == begin.back()) add(i, from.choice[i]);  // each course would leave at a loss
        begin.push_back(position.size());
    }
    ChoiceOptions small = options;
    small.nodes = std::min(options.nodes, order_limits::nodes);
    small.start = start;
    const ChoiceProblem& whole = instance.problem;
    const ChoiceResult result =
        custfolio::optimise({begin, value, usage, whole.lower, whole.upper, whole.unit, whole.penalty}, small);
    std::vector<std::size_t> choice;
    for (std::size_t i = 0; i < from.choice.size(); ++i) choice.push_back(position[begin[i] + result.choice[i]]);
    return choice;
}

CUSTFOLIO_INLINE std::optional<std::vector<std::size_t>> OverflowOrder::search(
    const ChoiceInstance& instance, std::span<const double> prices, std::vector<std::size_t> choice,
    const ChoiceOptions& options, const std::function<bool(std::span<const std::size_t>)>& accept) const {
    std::optional<std::vector<std::size_t>> best;
    double most = -infinity;
    const auto consider = [&](const std::vector<std::size_t>& candidate) {
        const double objective = instance.objective_of(candidate);
        if (objective <= most || !instance.keeps(instance.usage_of(candidate)) || !accept(candidate)) return false;
        best = candidate;
        most = objective;
        return true;
    };
    const Thresholds nobody(model_.months(), 0);
    // From the rows' own months, then from the priced ones: those have what better courses would allow.
    for (const bool priced : {false, true}) {
        Arrangement arrangement = arrange(instance, priced ? prices : std::span<const double>{}, choice, nobody);
        consider(arrangement.choice);
        for (int round = 0; round < order_limits::rounds; ++round) {
            const std::vector<std::size_t> courses = reoptimised(instance, arrangement, options);
            bool better = consider(courses);
            arrangement = arrange(instance, {}, courses, arrangement.thresholds);
            better = consider(arrangement.choice) || better;
            if (!better) break;
        }
    }
    return best;
}

// One month's threshold moves at a time: nobody, one fewer, or a few more ice cubes leave in it. The courses then
// follow anew, which no step by itself would reach.
CUSTFOLIO_INLINE void OverflowOrder::refine(const ChoiceInstance& instance, std::vector<std::size_t>& choice,
                                            const ChoiceOptions& options,
                                            const std::function<bool(std::span<const std::size_t>)>& accept) const {
    const std::size_t months = model_.months();
    double most = instance.objective_of(choice);
    std::size_t left = std::min(order_limits::trials, order_limits::work / instance.problem.value.size());
    const auto better = [&](const std::vector<std::size_t>& candidate) {
        const double objective = instance.objective_of(candidate);
        if (objective <= most || !instance.keeps(instance.usage_of(candidate)) || !accept(candidate)) return false;
        choice = candidate;
        most = objective;
        return true;
    };
    for (std::size_t b = 0, idle = 0; idle < months && left > 0; b = (b + 1) % months) {
        Thresholds thresholds(months, 0);
        std::vector<std::size_t> ranks;  // of the ice cubes that might leave in b
        std::size_t place = 0;           // number of them below the threshold of b
        for (const Cube& cube : cubes_of(choice)) {
            const int month = problem_.courses[cube.customer][choice[cube.customer]].overflow;
            if (month >= 0) thresholds[static_cast<std::size_t>(month)] = cube.rank + 1;
            if (cube.gains && cube.known <= b) ranks.push_back(cube.rank);
            if (month == static_cast<int>(b)) place = ranks.size();
        }
        bool moved = false;
        const auto at = static_cast<std::ptrdiff_t>(place);
        for (const std::ptrdiff_t to : std::initializer_list<std::ptrdiff_t>{at - 1, at + 1, at + 4, 0}) {
            if (left == 0 || to == at || to < 0 || to > static_cast<std::ptrdiff_t>(ranks.size())) continue;
            --left;
            Arrangement trial;
            trial.thresholds = thresholds;
            trial.thresholds[b] = to == 0 ? 0 : ranks[static_cast<std::size_t>(to) - 1] + 1;
            trial.choice = choice;
            const std::vector<std::size_t> courses = reoptimised(instance, trial, options);
            moved = better(courses) || moved;
            moved = better(arrange(instance, {}, courses, trial.thresholds).choice) || moved;
            if (moved) break;
        }
        idle = moved ? 0 : idle + 1;
    }
}

}  // namespace custfolio::detail
