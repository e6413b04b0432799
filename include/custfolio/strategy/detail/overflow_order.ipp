// Definitions of the order of overflow.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/choice.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/detail/course_problem.hpp"
#include "custfolio/strategy/detail/overflow_order.hpp"

namespace custfolio::detail {

// Limits of the search for months in order.
namespace order_limits {
inline constexpr int sweeps = 8;                          // over all months; three or four mostly end it
inline constexpr int rounds = 3;                          // of months, then courses; the second rarely finds anything
inline constexpr std::size_t nodes = 5'000;               // of the exact search for courses with fixed months
inline constexpr std::size_t trials = 60;                 // of other thresholds, each with an optimisation
inline constexpr std::size_t work = 4'000'000;            // courses over all of them, so that large problems try few
inline constexpr std::size_t coarse_work = 40'000'000;    // the same of large steps, which large problems need most
inline constexpr std::size_t starting_work = 1'000'000;   // the same of further starts
inline constexpr std::size_t branching_work = 1'000'000;  // the same of branches
inline constexpr double grain = 1e-13;                    // of the value's spread: less is no better value
inline constexpr double no_gain = 1e-12;                  // of the values of two courses: less is rounding
}  // namespace order_limits

// A customer whose refusal is known within the horizon.
struct OverflowOrder::Cube {
    std::size_t customer = 0;  // its position in the problem
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
CUSTFOLIO_INLINE double OverflowOrder::replaces(std::size_t member, std::size_t position, std::size_t month) const {
    const Course& course = problem_.courses[member][position];
    const std::size_t rows = model_.rows().size();
    const double net = problem_.usage[(problem_.begin[member] + position) * rows + problem_.replacement_row(month)];
    // Only the difference of out and in is stored; out is known from the course.
    const bool left = course.overflow >= 0 && static_cast<int>(month) >= course.overflow;
    if (!left) return -net;
    const std::size_t who = problem_.who(member);
    return model_.refusal(who, course) * model_.to_replace(who, month) - net;
}

CUSTFOLIO_INLINE std::vector<double> OverflowOrder::replacing(std::span<const std::size_t> choice) const {
    std::vector<math::CompensatedSum> sums(model_.months());
    for (std::size_t i = 0; i < choice.size(); ++i) {
        for (std::size_t m = 0; m < sums.size(); ++m) sums[m] += replaces(i, choice[i], m);
    }
    for (std::size_t m = 0; m < sums.size(); ++m) {
        sums[m] += problem_.fixed_leavers().out[m];
        sums[m] += -problem_.fixed_usage()[problem_.replacement_row(m)];
    }
    std::vector<double> in;
    for (const math::CompensatedSum& sum : sums) in.push_back(sum.value());
    return in;
}

CUSTFOLIO_INLINE bool OverflowOrder::gains(std::size_t member, std::size_t staying) const {
    const double* value = problem_.value.data() + problem_.begin[member];
    const std::vector<Course>& courses = problem_.courses[member];
    // The order is one of heat, without a price of switches.
    const auto heat = [&](std::size_t c) {
        return value[c] + model_.price_of(model_.switches(problem_.who(member), courses[c]));
    };
    const double stays = heat(staying);
    for (std::size_t c = staying + 1; c < courses.size() && courses[c].overflow >= 0; ++c) {
        const double leaves = heat(c);
        const double rounding = order_limits::no_gain * (std::abs(leaves) + std::abs(stays));
        if (leaves - stays > rounding) return true;
    }
    return false;
}

// What others bring must cover the customer in every month from its own on. That holds from some month on, so the last
// month that it does not cover decides.
CUSTFOLIO_INLINE std::size_t OverflowOrder::replaced_alone(std::size_t member, std::size_t position,
                                                           std::span<const double> in) const {
    const std::size_t who = problem_.who(member);
    const double refusal = model_.refusal(who, problem_.courses[member][position]);
    std::size_t first = in.size();
    while (first > 0) {
        const std::size_t m = first - 1;
        const double out = refusal * model_.to_replace(who, m);
        const double others = in[m] - replaces(member, position, m) + model_.room()[m];
        if (out > others + problem_.allowance(problem_.replacement_row(m))) break;
        first = m;
    }
    return first;
}

// By rank, coldest first.
CUSTFOLIO_INLINE std::vector<OverflowOrder::Cube> OverflowOrder::cubes_of(std::span<const std::size_t> choice) const {
    const std::vector<double> in = replacing(choice);
    std::vector<Cube> cubes;
    for (std::size_t i = 0; i < choice.size(); ++i) {
        const std::size_t position = problem_.staying(i, choice[i]);
        const std::size_t known = model_.refusal_known(problem_.who(i), problem_.courses[i][position]);
        if (known >= model_.months()) continue;
        Cube cube{i, model_.rank(problem_.who(i)), position, known, model_.months(), gains(i, position)};
        // Nobody waits for one that neither gains nor leaves.
        if (cube.gains || choice[i] != position) cube.alone = replaced_alone(i, choice[i], in);
        cubes.push_back(cube);
    }
    detail::sort(cubes, [](const Cube& a, const Cube& b) { return a.rank < b.rank; });
    return cubes;
}

// A customer that waits in a month in which a warmer one leaves; or one that leaves though only its own level replaces
// it, which must not leave then.
struct OverflowOrder::Wait {
    std::size_t customer = 0;
    std::size_t month = 0;
    bool itself = false;
};

// The coldest customer comes first: the most may have to wait for it.
CUSTFOLIO_INLINE std::optional<OverflowOrder::Wait> OverflowOrder::first_wait(
    std::span<const std::size_t> choice) const {
    const std::size_t months = model_.months();
    const std::vector<Cube> cubes = cubes_of(choice);
    const auto leaves = [&](const Cube& cube) {
        const int month = problem_.courses[cube.customer][choice[cube.customer]].overflow;
        return month < 0 ? months : static_cast<std::size_t>(month);
    };
    // Only the warmest that leaves in a month matters: whoever must have left before any other must have left before
    // it.
    std::vector<std::size_t> warmest =
        problem_.fixed_leavers().ranks;  // rank + 1 of the warmest that leaves in a month; 0: nobody
    for (const Cube& cube : cubes) {
        const std::size_t month = leaves(cube);
        if (month == months) continue;
        if (month < cube.alone) return Wait{cube.customer, month, true};
        warmest[month] = std::max(warmest[month], cube.rank + 1);
    }
    for (const Cube& cube : cubes) {
        if (!cube.gains) continue;
        for (std::size_t b = std::max(cube.known, cube.alone); b < leaves(cube); ++b) {
            if (warmest[b] > cube.rank + 1) return Wait{cube.customer, b, false};
        }
    }
    return std::nullopt;
}

CUSTFOLIO_INLINE bool OverflowOrder::keeps(std::span<const std::size_t> choice) const {
    return !first_wait(choice) && replaces_fixed(choice);
}

// Whether each fixed leaver is replaced by what the others bring.
CUSTFOLIO_INLINE bool OverflowOrder::replaces_fixed(std::span<const std::size_t> choice) const {
    const std::vector<double>& greatest = problem_.fixed_leavers().greatest;
    if (detail::all_of(greatest, [](double one) { return one == 0; })) return true;
    const std::vector<double> in = replacing(choice);
    for (std::size_t m = 0; m < in.size(); ++m) {
        if (greatest[m] > in[m] + model_.room()[m] + problem_.allowance(problem_.replacement_row(m))) return false;
    }
    return true;
}

// Months of overflow for fixed other parts of the courses. A threshold per month bounds how warm customers may be that
// leave in it: all colder ones whose refusal is known then leave too, so that the order is kept.
class OverflowOrder::MonthSearch {
  public:
    // With prices the rows are not kept but paid for; the months then have their share of what replaces.
    MonthSearch(const OverflowOrder& order, const ChoiceInstance& instance, std::span<const double> prices,
                std::vector<std::size_t> choice)
        : order_(order),
          instance_(instance),
          prices_(prices),
          cubes_(order.cubes_of(choice)),
          choice_(std::move(choice)),
          grain_(order_limits::grain * (instance.value_spread + instance.greatest_penalty)) {
        std::erase_if(cubes_, [](const Cube& cube) { return !cube.gains; });  // they stay in any case
        for (std::size_t i = 0; i < choice_.size(); ++i) choice_[i] = order.problem_.staying(i, choice_[i]);
        base_ = {instance.usage_of(choice_), instance.value_of(choice_)};
    }

    // Thresholds are moved one by one to where the objective is best, in sweeps over the months. Early months first and
    // late months first in turn: what comes in is taken by whoever comes first.
    [[nodiscard]] Arrangement best(const Thresholds& start) const {
        Arrangement best;
        leave(start, best);
        for (int sweep = 0; sweep < order_limits::sweeps; ++sweep) {
            bool moved = false;
            for (std::size_t step = 0; step < start.size(); ++step) {
                const std::size_t b = sweep % 2 == 0 ? step : start.size() - 1 - step;
                Arrangement trial;
                leave(with_best_threshold(best.thresholds, b), trial);
                if (!trial.better_than(best, grain_)) continue;
                best = std::move(trial);
                moved = true;
            }
            if (!moved) break;
        }
        return best;
    }

  private:
    struct Totals {
        std::vector<double> usage;
        double value = 0;
    };

    void measure(const Totals& totals, Arrangement& result) const {
        result.violation = prices_.empty() ? instance_.violation_of(totals.usage) : 0.0;
        result.objective = totals.value;
        if (prices_.empty()) result.objective -= instance_.penalty_of(totals.usage);
        for (std::size_t r = 0; r < prices_.size(); ++r) result.objective -= prices_[r] * totals.usage[r];
    }

    void move(std::size_t who, std::size_t from, std::size_t to, Totals& totals) const {
        const std::size_t a = instance_.problem.begin[who] + from;
        const std::size_t b = instance_.problem.begin[who] + to;
        for (std::size_t r = 0; r < instance_.rows; ++r) {
            totals.usage[r] += instance_.usage_of(b)[r] - instance_.usage_of(a)[r];
        }
        totals.value += instance_.problem.value[b] - instance_.problem.value[a];
    }

    // The course with which a cube may leave in a month. Nothing where the order lets it stay. `blocked` where it would
    // leave at a loss: it must stay then, and so must all warmer ones. With prices it is passed over, since another
    // course may serve it better.
    [[nodiscard]] std::uint32_t course_in(const Cube& cube, std::size_t b, bool& blocked) const {
        if (!cube.gains || b < std::max(cube.known, cube.alone)) return CourseProblem::none;
        const std::uint32_t course = order_.problem_.leaving(cube.customer, cube.position, b);
        blocked = course == CourseProblem::none && prices_.empty();
        return course;
    }

    // The courses by thresholds, month by month.
    Totals leave(const Thresholds& thresholds, Arrangement& result) const {
        result.thresholds = thresholds;
        result.choice = choice_;
        Totals totals = base_;
        for (std::size_t b = 0; b < thresholds.size(); ++b) {
            bool blocked = false;
            // The order lets none colder than one that is fixed wait.
            const std::size_t threshold = std::max(thresholds[b], order_.problem_.fixed_leavers().ranks[b]);
            for (const Cube& cube : cubes_) {
                if (cube.rank >= threshold) break;
                if (result.choice[cube.customer] != cube.position) continue;  // it has left
                const std::uint32_t course = course_in(cube, b, blocked);
                if (blocked) break;
                if (course == CourseProblem::none) continue;
                result.choice[cube.customer] = course;
                move(cube.customer, cube.position, course, totals);
            }
        }
        measure(totals, result);
        return totals;
    }

    // One customer after another leaves in b instead of later, coldest first; the best of these places is taken.
    [[nodiscard]] Thresholds with_best_threshold(Thresholds thresholds, std::size_t b) const {
        thresholds[b] = 0;
        Arrangement trial;
        Totals totals = leave(thresholds, trial);
        Arrangement reached;
        reached.violation = trial.violation;
        reached.objective = trial.objective;
        bool blocked = false;
        for (const Cube& cube : cubes_) {
            const std::size_t now = trial.choice[cube.customer];
            const int leaves = order_.problem_.courses[cube.customer][now].overflow;
            if (leaves >= 0 && leaves <= static_cast<int>(b)) continue;
            const std::uint32_t course = course_in(cube, b, blocked);
            if (blocked) break;
            if (course == CourseProblem::none) continue;
            move(cube.customer, now, course, totals);
            measure(totals, trial);
            if (!trial.better_than(reached, grain_)) continue;
            reached.violation = trial.violation;
            reached.objective = trial.objective;
            thresholds[b] = cube.rank + 1;
        }
        return thresholds;
    }

    const OverflowOrder& order_;
    const ChoiceInstance& instance_;
    std::span<const double> prices_;
    std::vector<Cube> cubes_;
    std::vector<std::size_t> choice_;  // without any overflow
    Totals base_;                      // of that
    double grain_;
};

CUSTFOLIO_INLINE OverflowOrder::Arrangement OverflowOrder::arrange(const ChoiceInstance& instance,
                                                                   std::span<const double> prices,
                                                                   std::vector<std::size_t> choice,
                                                                   const Thresholds& start) const {
    return MonthSearch(*this, instance, prices, std::move(choice)).best(start);
}

// The best courses whose months of overflow are those of the thresholds: every choice of them is in order.
CUSTFOLIO_INLINE std::vector<std::size_t> OverflowOrder::reoptimised(const ChoiceInstance& instance,
                                                                     const Arrangement& from,
                                                                     const ChoiceOptions& options) const {
    const std::size_t rows = instance.rows;
    // Who is replaced alone depends on what the others bring, which is that of the last choice; the rule is checked
    // after.
    const std::vector<double> in = replacing(from.choice);
    Thresholds thresholds = from.thresholds;
    for (std::size_t m = 0; m < thresholds.size(); ++m) {
        thresholds[m] = std::max(thresholds[m], problem_.fixed_leavers().ranks[m]);
    }
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
            std::size_t b = model_.refusal_known(problem_.who(i), course);
            if (b < model_.months() && gains(i, c)) {
                b = std::max(b, replaced_alone(i, c, in));
                // The first month that lets it go is its own: to stay longer would hold up the warmer ones.
                while (b < model_.months() && model_.rank(problem_.who(i)) >= thresholds[b]) ++b;
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
    // Months are fixed, so a good answer is enough; they change again after it.
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

// Where what replaces costs more, more comes in, and the order has more room.
CUSTFOLIO_INLINE std::span<const double> OverflowOrder::dearer_replacements(const ChoiceInstance& instance) const {
    static constexpr std::array times{1.0, 2.0};
    // Where rows are soft the search is a step on the way to a plan.
    const bool few =
        instance.greatest_penalty == 0 && problem_.candidates() <= order_limits::starting_work / model_.months();
    return few ? std::span<const double>(times) : std::span<const double>{};
}

CUSTFOLIO_INLINE std::vector<std::size_t> OverflowOrder::responses(const ChoiceInstance& instance,
                                                                   std::span<const double> prices, double times) const {
    std::vector<double> dearer(prices.begin(), prices.end());
    for (std::size_t m = 0; m < model_.months(); ++m) dearer[problem_.replacement_row(m)] *= times;
    const Response response = respond(instance, dearer);
    return {response.choice.begin(), response.choice.end()};
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
    // The rows decide the months, or their prices do: those have what better courses would allow.
    Arrangement arrangement = arrange(instance, prices, std::move(choice), nobody);
    consider(arrangement.choice);
    for (int round = 0; round < order_limits::rounds; ++round) {
        const std::vector<std::size_t> courses = reoptimised(instance, arrangement, options);
        bool better = consider(courses);
        arrangement = arrange(instance, {}, courses, arrangement.thresholds);
        better = consider(arrangement.choice) || better;
        if (!better) break;
    }
    return best;
}

// One month's threshold moves at a time: nobody, one fewer, or a few more ice cubes leave in it. The courses are
// then found again, which no step by itself would reach.
CUSTFOLIO_INLINE void OverflowOrder::refine(const ChoiceInstance& instance, std::vector<std::size_t>& choice,
                                            const ChoiceOptions& options,
                                            const std::function<bool(std::span<const std::size_t>)>& accept) const {
    const std::size_t months = model_.months();
    double most = instance.objective_of(choice);
    // The work is bounded by counts, not by time: the same input gives the same plan.
    const auto trials = [&](std::size_t work) { return std::min(order_limits::trials, work / problem_.candidates()); };
    std::size_t left = trials(order_limits::coarse_work);
    const auto better = [&](const std::vector<std::size_t>& candidate) {
        const double objective = instance.objective_of(candidate);
        if (objective <= most || !instance.keeps(instance.usage_of(candidate)) || !accept(candidate)) return false;
        choice = candidate;
        most = objective;
        return true;
    };
    // Moves the threshold of a month to the first place that is better: so many ice cubes warmer, or to nobody.
    const auto shift = [&](std::size_t b, std::initializer_list<std::ptrdiff_t> steps) {
        Thresholds thresholds(months, 0);
        std::vector<std::size_t> ranks;  // of the ice cubes that might leave in b
        std::size_t place = 0;           // number of them below the threshold of b
        for (const Cube& cube : cubes_of(choice)) {
            const int month = problem_.courses[cube.customer][choice[cube.customer]].overflow;
            if (month >= 0) thresholds[static_cast<std::size_t>(month)] = cube.rank + 1;
            if (cube.gains && cube.known <= b) ranks.push_back(cube.rank);
            if (month == static_cast<int>(b)) place = ranks.size();
        }
        const auto at = static_cast<std::ptrdiff_t>(place);
        for (const std::ptrdiff_t step : steps) {
            const std::ptrdiff_t to = std::max(at + step, std::ptrdiff_t{0});
            if (left == 0 || to == at || to > static_cast<std::ptrdiff_t>(ranks.size())) continue;
            --left;
            Arrangement trial;
            trial.thresholds = thresholds;
            trial.thresholds[b] = to == 0 ? 0 : ranks[static_cast<std::size_t>(to) - 1] + 1;
            trial.choice = choice;
            const std::vector<std::size_t> courses = reoptimised(instance, trial, options);
            const bool moved = better(courses);
            if (better(arrange(instance, {}, courses, trial.thresholds).choice) || moved) return true;
        }
        return false;
    };
    // Large steps first: single ones would need a trial for each ice cube of a large portfolio. A part of a sweep over
    // the months rarely finds anything.
    const bool sweeps = left >= 2 * months;
    for (auto step = static_cast<std::ptrdiff_t>(cubes_of(choice).size() / 8); sweeps && step > 4; step /= 4) {
        for (std::size_t b = 0; b < months; ++b) shift(b, {-step, step});
    }
    left = trials(order_limits::work);
    const auto all = static_cast<std::ptrdiff_t>(model_.customers());
    for (std::size_t b = 0, idle = 0; idle < months && left > 0; b = (b + 1) % months) {
        idle = shift(b, {-1, 1, 4, -all}) ? 0 : idle + 1;
    }
}

// What a branch forbids, and its best choice for any order.
struct OverflowOrder::Branch {
    std::vector<Wait> waits;     // of these customers in these months
    std::vector<Wait> leavings;  // of all that are warmer than these customers in these months; or of these themselves
    std::vector<std::size_t> alone;  // customers that others must replace once they leave
    std::vector<std::size_t> choice;
    double objective = 0;
};

CUSTFOLIO_INLINE bool OverflowOrder::within(std::size_t member, std::size_t position, const Branch& branch) const {
    const std::size_t who = problem_.who(member);
    const Course& course = problem_.courses[member][position];
    for (const Wait& wait : branch.waits) {
        if (wait.customer != member) continue;
        const bool left = course.overflow >= 0 && static_cast<std::size_t>(course.overflow) <= wait.month;
        const bool known = model_.refusal_known(who, course) <= wait.month;
        if (known && !left && gains(member, problem_.staying(member, position))) return false;
    }
    for (const Wait& wait : branch.leavings) {
        if (course.overflow != static_cast<int>(wait.month)) continue;
        const bool warmer = model_.rank(who) > model_.rank(problem_.who(wait.customer));
        if (wait.itself ? wait.customer == member : warmer) return false;
    }
    return true;
}

// The best choice within a branch, for any order.
CUSTFOLIO_INLINE ChoiceResult OverflowOrder::solved(const ChoiceInstance& instance, const Branch& branch,
                                                    const ChoiceOptions& options,
                                                    std::vector<std::size_t>& choice) const {
    const std::size_t rows = instance.rows;
    std::vector<std::size_t> begin{0};
    std::vector<std::size_t> position;
    std::vector<double> value, usage;
    for (std::size_t i = 0; i < choice.size(); ++i) {
        for (std::size_t c = 0; c < problem_.courses[i].size(); ++c) {
            if (model_.customers() > problem_.who(i) && !within(i, c, branch)) continue;
            const std::size_t at = instance.problem.begin[i] + c;
            position.push_back(c);
            value.push_back(instance.problem.value[at]);
            usage.insert(usage.end(), instance.usage_of(at), instance.usage_of(at) + rows);
            // What leaves of the customer, less what the others bring.
            for (const std::size_t alone : branch.alone) {
                for (std::size_t m = 0; m < model_.months(); ++m) {
                    const double net = instance.usage_of(at)[problem_.replacement_row(m)];
                    usage.push_back(i == alone ? net + replaces(i, c, m) : -replaces(i, c, m));
                }
            }
        }
        // To keep without an offer is forbidden only to who refused earlier and may not wait.
        if (position.size() == begin.back()) return {};
        begin.push_back(position.size());
    }
    ChoiceOptions small = options;
    small.nodes = std::min(options.nodes, order_limits::nodes);
    small.start = {};
    small.prices = {};  // there are further rows
    const ChoiceProblem& whole = instance.problem;
    std::vector<double> lower(whole.lower.begin(), whole.lower.end()), upper(whole.upper.begin(), whole.upper.end());
    std::vector<double> unit(whole.unit.begin(), whole.unit.end());
    std::vector<double> penalty(whole.penalty.begin(), whole.penalty.end());
    for (std::size_t m = 0; m < model_.months() * branch.alone.size(); ++m) {
        const std::size_t row = problem_.replacement_row(m % model_.months());
        lower.push_back(whole.lower[row]);
        upper.push_back(whole.upper[row]);
        unit.push_back(unit[row]);
        if (!penalty.empty()) penalty.push_back(penalty[row]);
    }
    ChoiceResult result = custfolio::optimise({begin, value, usage, lower, upper, unit, penalty}, small);
    for (std::size_t i = 0; i < choice.size(); ++i) choice[i] = position[begin[i] + result.choice[i]];
    return result;
}

CUSTFOLIO_INLINE void OverflowOrder::branch(const ChoiceInstance& instance, std::span<const std::size_t> free,
                                            std::vector<std::size_t>& choice, const ChoiceOptions& options,
                                            const std::function<bool(std::span<const std::size_t>)>& accept) const {
    double most = instance.objective_of(choice);
    const auto consider = [&](const std::vector<std::size_t>& candidate) {
        const double objective = instance.objective_of(candidate);
        if (objective <= most || !instance.keeps(instance.usage_of(candidate)) || !accept(candidate)) return;
        choice = candidate;
        most = objective;
    };
    std::size_t left = std::min(order_limits::trials, order_limits::branching_work / problem_.candidates());
    std::vector<Branch> open(1);
    open[0].choice.assign(free.begin(), free.end());
    open[0].objective = instance.objective_of(free);
    bool deeper = false;
    while (!open.empty() && left > 0) {
        // Down to a choice in order first, then from the best of the others.
        if (!deeper) {
            const auto worse = [](const Branch& a, const Branch& b) { return a.objective < b.objective; };
            std::iter_swap(std::max_element(open.begin(), open.end(), worse), open.end() - 1);
        }
        const Branch from = std::move(open.back());
        open.pop_back();
        deeper = false;
        if (from.objective <= most) continue;
        const std::optional<Wait> wait = first_wait(from.choice);
        if (!wait) continue;
        std::vector<Branch> next;
        for (const bool leaving : {true, false}) {
            Branch branch = from;
            if (!leaving && wait->itself) {
                // Others may bring enough for it.
                branch.alone.push_back(wait->customer);
            } else {
                (leaving ? branch.leavings : branch.waits).push_back(*wait);
            }
            --left;
            const ChoiceResult result = solved(instance, branch, options, branch.choice);
            if (!result.feasible) continue;
            consider(branch.choice);
            Thresholds nobody(model_.months(), 0);
            consider(arrange(instance, {}, branch.choice, nobody).choice);
            branch.objective = result.value;
            next.push_back(std::move(branch));
            if (left == 0) break;
        }
        // The better one is followed first.
        if (next.size() == 2 && next[0].objective > next[1].objective) std::swap(next[0], next[1]);
        for (Branch& branch : next) open.push_back(std::move(branch));
        deeper = !next.empty();
    }
}

}  // namespace custfolio::detail
