// Definitions of best responses, cutting planes and the bound of prices.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/detail/cutting_plane_master.hpp"
#include "custfolio/strategy/detail/lagrangian_dual.hpp"

namespace custfolio::detail {

// Limits of the method, relative to amounts that are scaled to about 1.
namespace dual_limits {
inline constexpr std::size_t groups = 64;         // more cuts an iteration foresee more, but the master grows with them
inline constexpr std::size_t pivots = 20'000;     // far more than a master of some hundred columns needs
inline constexpr double least_tolerance = 1e-13;  // sums of doubles do not resolve less
inline constexpr double infeasible = 1e-6;        // far beyond rounding, so that no feasible problem is given up
inline constexpr double new_cut = 1e-11;          // a better cut by less is rounding
inline constexpr double outside = 1e-9;           // so little activity bought at the edge of the box is rounding
inline constexpr double at_edge = 1e-9;           // as a share of the box's radius
inline constexpr double least_share = 1e-9;       // a smaller share of a mixture is rounding
inline constexpr std::size_t support = 16;        // prices that are handed on; more would cost more than they save
inline constexpr double near = 1e-2;              // radius of the box around prices that are given
inline constexpr std::size_t sample = 20'000;     // customers that give first prices
inline constexpr int sample_rounds = 10;          // of its bounds; two or three mostly end it
}  // namespace dual_limits

// A fixed number of accumulators and a fixed order: the same bits whatever the memory's alignment.
inline double dot(const double* a, const double* b, std::size_t size) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    std::size_t r = 0;
    for (; r + 4 <= size; r += 4) {
        s0 += a[r] * b[r];
        s1 += a[r + 1] * b[r + 1];
        s2 += a[r + 2] * b[r + 2];
        s3 += a[r + 3] * b[r + 3];
    }
    for (; r < size; ++r) s0 += a[r] * b[r];
    return (s0 + s1) + (s2 + s3);
}

// The rows with a price, if they are few enough to be worth picking.
class PricedRows {
  public:
    explicit PricedRows(std::span<const double> prices) : all_(prices) {
        for (std::size_t r = 0; r < prices.size(); ++r) {
            if (prices[r] != 0) {
                row_.push_back(r);
                price_.push_back(prices[r]);
            }
        }
        // Most rows of a plan have no price: they need not be read.
        sparse_ = 2 * row_.size() <= prices.size();
    }
    [[nodiscard]] double cost(const double* usage) const {
        if (!sparse_) return dot(all_.data(), usage, all_.size());
        double sum = 0;
        for (std::size_t k = 0; k < row_.size(); ++k) sum += price_[k] * usage[row_[k]];
        return sum;
    }

  private:
    std::span<const double> all_;
    std::vector<std::size_t> row_;
    std::vector<double> price_;
    bool sparse_ = false;
};

inline std::string course_text(std::size_t customer, std::size_t position) {
    return "customer " + std::to_string(customer) + ", course " + std::to_string(position);
}

// Beyond it sums and products with prices may overflow.
inline constexpr double largest_amount = 1e100;

inline bool is_amount(double value) {
    return std::abs(value) <= largest_amount;
}

inline void require_amount(double value, const std::string& what) {
    require_finite(value, what);
    if (!is_amount(value)) {
        throw InputError(what + " is " + number_text(value) + "; it must lie in [-1e100, 1e100]");
    }
}

// Sizes of the problem, and settings within their ranges; throws InputError.
CUSTFOLIO_INLINE void check_problem(const ChoiceProblem& problem, const ChoiceOptions& options) {
    if (problem.begin.empty() || problem.begin.front() != 0) throw InputError("begin: it must start with 0");
    const std::size_t rows = problem.rows();
    for (std::size_t i = 0; i < problem.customers(); ++i) {
        if (problem.begin[i + 1] <= problem.begin[i]) {
            throw InputError("customer " + std::to_string(i) +
                             ": no course; every customer needs at least one (to keep)");
        }
        if (problem.begin[i + 1] - problem.begin[i] > std::numeric_limits<std::uint32_t>::max()) {
            throw InputError("customer " + std::to_string(i) + ": more than 2^32 courses");
        }
    }
    const std::size_t courses = problem.begin.back();
    if (problem.value.size() != courses) {
        throw InputError("value: " + std::to_string(problem.value.size()) + " values for " + std::to_string(courses) +
                         " courses; it must have one per course");
    }
    if (problem.upper.size() != rows) {
        throw InputError("upper: " + std::to_string(problem.upper.size()) + " bounds for " + std::to_string(rows) +
                         " rows; as many as lower bounds are needed");
    }
    if (problem.usage.size() != courses * rows) {
        throw InputError("usage: " + std::to_string(problem.usage.size()) + " values; courses x rows = " +
                         std::to_string(courses) + " x " + std::to_string(rows) + " are needed");
    }
    const auto check_size = [&](const ColumnView<double>& values, const std::string& name) {
        if (values.empty() || values.size() == rows) return;
        throw InputError(name + ": " + std::to_string(values.size()) + " values for " + std::to_string(rows) + " rows");
    };
    check_size(problem.unit, "unit");
    check_size(problem.penalty, "penalty");
    if (rows == 0 ? !options.prices.empty() : options.prices.size() % rows != 0) {
        throw InputError("prices: " + std::to_string(options.prices.size()) + " values for " + std::to_string(rows) +
                         " rows; a multiple is needed");
    }
    for (const double tolerance : {options.tolerance, options.feasibility}) {
        if (!(tolerance >= 0) || !std::isfinite(tolerance)) {
            throw InputError("tolerance is " + number_text(tolerance) + "; it must be a finite number >= 0");
        }
    }
    if (options.max_iterations < 1) throw InputError("max_iterations is below 1; at least one is needed");
    for (std::size_t r = 0; r < rows; ++r) {
        const double low = problem.lower[r];
        const double high = problem.upper[r];
        if (std::isnan(low) || std::isnan(high) || low == infinity || high == -infinity || low > high) {
            throw InputError("row " + std::to_string(r) + ": bounds " + number_text(low) + " and " + number_text(high) +
                             "; it must be lower <= upper, with -inf or inf for none");
        }
        for (const double bound : {low, high}) {
            if (std::isfinite(bound)) require_amount(bound, "row " + std::to_string(r) + ": bound");
        }
        if (!problem.penalty.empty() && !(problem.penalty[r] >= 0)) {
            throw InputError("row " + std::to_string(r) + ": penalty " + number_text(problem.penalty[r]) +
                             "; it must be >= 0, with inf for a row that must be met");
        }
        if (!problem.unit.empty() && !(problem.unit[r] > 0 && std::isfinite(problem.unit[r]))) {
            throw InputError("row " + std::to_string(r) + ": unit " + number_text(problem.unit[r]) +
                             "; it must be a finite number > 0");
        }
    }
}

// What one group of customers can change at most, and the size of its usages.
struct GroupRange {
    std::vector<double> spread, magnitude;  // per row
    double value_spread = 0;
    double least_value = 0;
};

// The ranges of the customers begin .. end - 1; checks that each of their numbers is finite.
CUSTFOLIO_INLINE GroupRange range_of(const ChoiceInstance& instance, std::size_t begin, std::size_t end) {
    const ChoiceProblem& problem = instance.problem;
    const std::size_t rows = instance.rows;
    // One pass over the memory checks and measures.
    GroupRange range;
    range.spread.assign(rows, 0.0);
    range.magnitude.assign(rows, 0.0);
    std::vector<double> least(rows);
    std::vector<double> most(rows);
    for (std::size_t i = begin; i < end; ++i) {
        double low = infinity;
        double high = -infinity;
        std::fill(least.begin(), least.end(), infinity);
        std::fill(most.begin(), most.end(), -infinity);
        for (std::size_t c = problem.begin[i]; c < problem.begin[i + 1]; ++c) {
            const double value = problem.value[c];
            if (!is_amount(value)) require_amount(value, course_text(i, c - problem.begin[i]) + ": value");
            low = std::min(low, value);
            high = std::max(high, value);
            const double* usage = instance.usage_of(c);
            bool fits = true;  // the text of the place is made only where a number is wrong
            for (std::size_t r = 0; r < rows; ++r) {
                fits = fits && is_amount(usage[r]);
                least[r] = std::min(least[r], usage[r]);
                most[r] = std::max(most[r], usage[r]);
            }
            for (std::size_t r = 0; !fits && r < rows; ++r) {
                require_amount(usage[r], course_text(i, c - problem.begin[i]) + ": usage of row " + std::to_string(r));
            }
        }
        range.value_spread += high - low;
        range.least_value += low;
        for (std::size_t r = 0; r < rows; ++r) {
            range.spread[r] += most[r] - least[r];
            range.magnitude[r] += std::max(std::abs(most[r]), std::abs(least[r]));
        }
    }
    return range;
}

CUSTFOLIO_INLINE void ChoiceRows::set_groups() {
    // The number of groups does not depend on the threads, so that all sums have the same order of addition.
    const std::size_t wanted = std::min(customers, dual_limits::groups);
    group.resize(wanted + 1);
    for (std::size_t g = 0; g <= wanted; ++g) group[g] = wanted == 0 ? 0 : customers * g / wanted;
}

CUSTFOLIO_INLINE ChoiceInstance::ChoiceInstance(const ChoiceProblem& from, const ChoiceOptions& options)
    : problem(from) {
    threads = options.threads;
    customers = from.customers();
    rows = from.rows();
    check_problem(problem, options);
    set_groups();
    std::vector<GroupRange> ranges(groups());
    math::parallel_for(0, groups(), 1, threads, [&](std::size_t b, std::size_t e) {
        for (std::size_t g = b; g < e; ++g) ranges[g] = range_of(*this, group[g], group[g + 1]);
    });
    // A row is scaled by its greatest change by one group: that is the size of the master's columns.
    spread.assign(rows, 0.0);
    magnitude.assign(rows, 0.0);
    for (const GroupRange& range : ranges) {
        value_spread += range.value_spread;
        least_value += range.least_value;
        for (std::size_t r = 0; r < rows; ++r) {
            spread[r] = std::max(spread[r], range.spread[r]);
            magnitude[r] += range.magnitude[r];
        }
    }
    set_bounds(from, options.feasibility);
}

// The bounds loosened by the tolerance, and the violations that count as 1.
CUSTFOLIO_INLINE void ChoiceRows::set_bounds(const ChoiceProblem& from, double feasibility) {
    lower.resize(rows);
    upper.resize(rows);
    unit_low.resize(rows);
    unit_high.resize(rows);
    for (std::size_t r = 0; r < rows; ++r) {
        // A row that nobody can change still needs a scale.
        const double size = magnitude[r] > 0 ? magnitude[r] : 1.0;
        if (!(spread[r] > 0)) spread[r] = size;
        // A bound of 0 has no size of its own; the usages of its row give one.
        const auto size_of = [&](double bound) { return bound != 0 && std::isfinite(bound) ? std::abs(bound) : size; };
        const double low = from.lower[r];
        const double high = from.upper[r];
        lower[r] = low - feasibility * (std::isfinite(low) ? size_of(low) : 0.0);
        upper[r] = high + feasibility * (std::isfinite(high) ? size_of(high) : 0.0);
        unit_low[r] = from.unit.empty() ? size_of(low) : from.unit[r];
        unit_high[r] = from.unit.empty() ? size_of(high) : from.unit[r];
        if (std::isfinite(low) || std::isfinite(high)) active.push_back(r);
        penalty_low.push_back(from.penalty.empty() ? infinity : from.penalty[r]);
    }
    penalty_high = penalty_low;
    set_greatest_penalty();
}

// No sum of usages is further from a bound than the sizes of both together.
CUSTFOLIO_INLINE void ChoiceRows::set_greatest_penalty() {
    greatest_penalty = 0;
    for (const std::size_t r : active) {
        const auto add = [&](double bound, double penalty) {
            if (std::isfinite(bound) && std::isfinite(penalty)) {
                greatest_penalty += penalty * (std::abs(bound) + magnitude[r]);
            }
        };
        add(lower[r], penalty_low[r]);
        add(upper[r], penalty_high[r]);
    }
}

CUSTFOLIO_INLINE double ChoiceRows::value_unit() const {
    double unit = value_spread / static_cast<double>(std::max<std::size_t>(groups(), 1));
    for (const std::size_t r : active) {
        for (const double penalty : {penalty_low[r], penalty_high[r]}) {
            if (std::isfinite(penalty)) unit = std::max(unit, spread[r] * penalty);
        }
    }
    return unit > 0 ? unit : 1.0;
}

CUSTFOLIO_INLINE double ChoiceRows::value_scale() const {
    return std::max(value_spread, value_unit());
}

CUSTFOLIO_INLINE ChoiceInstance ChoiceInstance::nearest(const std::vector<double>& zeros) const {
    ChoiceInstance soft = *this;
    // Groups and scales stay: only values and penalties change.
    soft.problem.value = zeros;
    soft.value_spread = soft.least_value = 0;
    for (std::size_t r = 0; r < rows; ++r) {
        soft.penalty_low[r] = 1.0 / unit_low[r];
        soft.penalty_high[r] = 1.0 / unit_high[r];
    }
    soft.set_greatest_penalty();
    return soft;
}

CUSTFOLIO_INLINE double ChoiceInstance::value_of(std::span<const std::size_t> choice) const {
    math::CompensatedSum sum;
    for (std::size_t i = 0; i < customers; ++i) sum += problem.value[problem.begin[i] + choice[i]];
    return sum.value();
}

CUSTFOLIO_INLINE std::vector<double> ChoiceInstance::usage_of(std::span<const std::size_t> choice) const {
    // Compensated: whether a row is met exactly must not depend on the order of the customers.
    std::vector<math::CompensatedSum> sum(rows);
    for (std::size_t i = 0; i < customers; ++i) {
        const double* usage = usage_of(problem.begin[i] + choice[i]);
        for (std::size_t r = 0; r < rows; ++r) sum[r] += usage[r];
    }
    std::vector<double> total(rows);
    for (std::size_t r = 0; r < rows; ++r) total[r] = sum[r].value();
    return total;
}

// Fresh sums without any tolerance beyond that of the instance: this decides whether a choice is within the rows.
CUSTFOLIO_INLINE bool ChoiceRows::keeps(std::span<const double> usage) const {
    for (const std::size_t r : active) {
        if (usage[r] < lower[r] && std::isinf(penalty_low[r])) return false;
        if (usage[r] > upper[r] && std::isinf(penalty_high[r])) return false;
    }
    return true;
}

CUSTFOLIO_INLINE double ChoiceRows::violation_of(std::span<const double> usage) const {
    double sum = 0;
    for (const std::size_t r : active) {
        if (usage[r] < lower[r] && std::isinf(penalty_low[r])) sum += (lower[r] - usage[r]) / unit_low[r];
        if (usage[r] > upper[r] && std::isinf(penalty_high[r])) sum += (usage[r] - upper[r]) / unit_high[r];
    }
    return sum;
}

CUSTFOLIO_INLINE double ChoiceRows::penalty_of(std::span<const double> usage) const {
    double sum = 0;
    for (const std::size_t r : active) {
        if (usage[r] < lower[r] && std::isfinite(penalty_low[r])) sum += penalty_low[r] * (lower[r] - usage[r]);
        if (usage[r] > upper[r] && std::isfinite(penalty_high[r])) sum += penalty_high[r] * (usage[r] - upper[r]);
    }
    return sum;
}

CUSTFOLIO_INLINE double ChoiceInstance::objective_of(std::span<const std::size_t> choice) const {
    return greatest_penalty > 0 ? value_of(choice) - penalty_of(usage_of(choice)) : value_of(choice);
}

// Given prices each customer decides alone, so the groups run side by side. Amounts are relative to the first course:
// what nobody can change would only blur the sums. Of equal courses the first one is taken, so that the answer is
// unique.
CUSTFOLIO_INLINE Response respond(const ChoiceInstance& instance, std::span<const double> prices, std::size_t stride) {
    const std::size_t groups = instance.groups();
    const auto times = static_cast<double>(stride);
    Response answer;
    if (stride == 1) answer.choice.resize(instance.customers);
    answer.value.assign(groups, 0.0);
    answer.usage.assign(groups * instance.rows, 0.0);
    const PricedRows priced(prices);
    math::parallel_for(0, groups, 1, instance.threads, [&](std::size_t b, std::size_t e) {
        for (std::size_t g = b; g < e; ++g) {
            double* total = answer.usage.data() + g * instance.rows;
            for (std::size_t i = instance.group[g]; i < instance.group[g + 1]; i += stride) {
                const std::size_t first = instance.problem.begin[i];
                std::size_t best = first;
                double most = -infinity;
                for (std::size_t c = first; c < instance.problem.begin[i + 1]; ++c) {
                    const double worth = instance.problem.value[c] - priced.cost(instance.usage_of(c));
                    if (worth > most) {
                        most = worth;
                        best = c;
                    }
                }
                if (stride == 1) answer.choice[i] = static_cast<std::uint32_t>(best - first);
                if (best == first) continue;
                answer.value[g] += times * (instance.problem.value[best] - instance.problem.value[first]);
                const double* from = instance.usage_of(first);
                const double* to = instance.usage_of(best);
                for (std::size_t r = 0; r < instance.rows; ++r) total[r] += times * (to[r] - from[r]);
            }
        }
    });
    return answer;
}

// Any prices give a valid bound: a choice within the rows is worth at most its value less priced usage, plus the priced
// bounds. The rounding of these sums is bounded from the sizes of what is added.
CUSTFOLIO_INLINE PriceBound bound_at(const ChoiceInstance& instance, std::span<const double> prices,
                                     std::span<const double> lower, std::span<const double> upper) {
    struct Part {
        math::CompensatedSum bound;
        double magnitude = 0;
    };
    const PricedRows priced(prices);
    std::vector<double> size(prices.size());
    for (std::size_t r = 0; r < size.size(); ++r) size[r] = std::abs(prices[r]);
    const PricedRows sizes(size);
    std::vector<Part> parts(instance.groups());
    math::parallel_for(0, parts.size(), 1, instance.threads, [&](std::size_t b, std::size_t e) {
        std::vector<double> absolute(instance.rows);
        for (std::size_t g = b; g < e; ++g) {
            for (std::size_t i = instance.group[g]; i < instance.group[g + 1]; ++i) {
                double most = -infinity;
                double magnitude = 0;
                for (std::size_t c = instance.problem.begin[i]; c < instance.problem.begin[i + 1]; ++c) {
                    const double* usage = instance.usage_of(c);
                    most = std::max(most, instance.problem.value[c] - priced.cost(usage));
                    for (std::size_t r = 0; r < instance.rows; ++r) absolute[r] = std::abs(usage[r]);
                    magnitude = std::max(magnitude, std::abs(instance.problem.value[c]) + sizes.cost(absolute.data()));
                }
                parts[g].bound += most;
                parts[g].magnitude += magnitude;
            }
        }
    });
    math::CompensatedSum sum;
    double magnitude = 0;
    for (const Part& part : parts) {
        sum += part.bound;
        magnitude += part.magnitude;
    }
    for (std::size_t r = 0; r < instance.rows; ++r) {
        if (prices[r] == 0) continue;
        const double worth = prices[r] * (prices[r] > 0 ? upper[r] : lower[r]);
        if (!std::isfinite(worth)) return {infinity, 0.0};
        sum += worth;
        magnitude += std::abs(worth);
    }
    // Each customer's best is a sum of rows + 1 products, rounded at every step; the sums over customers are
    // compensated.
    constexpr double epsilon = std::numeric_limits<double>::epsilon();
    const double rounding = (static_cast<double>(instance.rows) + 6.0) * epsilon * magnitude;
    return {sum.value() + rounding, rounding};
}

// Cutting planes for the prices with the least bound. The master mixes the choices seen so far, which makes a model of
// the bound from below; its best prices are tried next. They may only move within a box around the best prices, since
// far from it a model of few cuts is arbitrary. Amounts are scaled: a row by the greatest change of one group, the
// value likewise, so that the master's numbers are about 1.
class DualSolver {
  public:
    using Answer = std::function<Response(std::span<const double>)>;

    DualSolver(const ChoiceRows& instance, DualStart start, const Answer& answer, const ChoiceOptions& options)
        : instance_(instance),
          start_(std::move(start)),
          answer_(answer),
          options_(options),
          rows_(instance.active.size()),
          value_unit_(instance.value_unit()),
          price_unit_(rows_),
          low_(rows_),
          high_(rows_),
          edge_low_(rows_),
          edge_high_(rows_),
          centre_(rows_, 0.0),
          radius_(rows_, start_.prices.empty() ? 1.0 : dual_limits::near),
          box_low_(rows_),
          box_high_(rows_),
          trial_(rows_),
          master_(scaled_master()) {}

    DualSolution solve(const std::function<void(double)>& progress) {
        DualSolution solution;
        best_ = evaluate(centre_, true);
        if (!start_.prices.empty()) begin_at_start();
        const double total_spread = instance_.value_scale() / value_unit_;
        target_ = std::max(options_.tolerance, dual_limits::least_tolerance) * total_spread;
        // Below the least value of any choice the bound proves that no mixture meets the rows.
        const double least = (instance_.least_value - start_.value) / value_unit_ -
                             instance_.greatest_penalty / value_unit_ - dual_limits::infeasible * total_spread;
        while (rows_ > 0 && solution.iterations < options_.max_iterations) {
            ++solution.iterations;
            const bool finished = step(progress);
            if (best_ < least) {
                solution.infeasible = true;
                break;
            }
            if (finished) break;
        }
        solution.prices.assign(instance_.rows, 0.0);
        for (std::size_t k = 0; k < rows_; ++k) solution.prices[instance_.active[k]] = centre_[k] * price_unit_[k];
        if (choices_.empty() || !choices_.front().empty()) mix(solution);
        if (rows_ > 0) find_support(solution);
        sum_mixture(solution);
        return solution;
    }

  private:
    // The given prices: the best ones become the centre, all of them sharpen the model.
    void begin_at_start() {
        for (std::size_t first = 0; first < start_.prices.size(); first += instance_.rows) {
            for (std::size_t k = 0; k < rows_; ++k) {
                double price = start_.prices[first + instance_.active[k]] / price_unit_[k];
                price = std::clamp(price, edge_low_[k], edge_high_[k]);
                if (std::isinf(high_[k])) price = std::min(price, 0.0);
                if (std::isinf(low_[k])) price = std::max(price, 0.0);
                trial_[k] = price;
            }
            const double dual = evaluate(trial_, true);
            if (dual >= best_) continue;
            centre_ = trial_;
            best_ = dual;
        }
    }

    // The prices of the solution, and those of the choices with the greatest shares in the mixture.
    void find_support(DualSolution& solution) const {
        solution.support = solution.prices;
        std::vector<double> share(tried_.size(), 0.0);
        const std::vector<double> weights = master_.weights();
        for (std::size_t k = 0; k < cuts_.size(); ++k) share[cuts_[k].evaluation] += weights[k];
        std::vector<std::size_t> order(share.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        detail::stable_sort(order, [&](std::size_t a, std::size_t b) { return share[a] > share[b]; });
        for (std::size_t n = 0; n < std::min(order.size(), dual_limits::support) && share[order[n]] > 0; ++n) {
            if (tried_[order[n]] == centre_) continue;
            std::vector<double> prices(instance_.rows, 0.0);
            for (std::size_t k = 0; k < rows_; ++k) prices[instance_.active[k]] = tried_[order[n]][k] * price_unit_[k];
            solution.support.insert(solution.support.end(), prices.begin(), prices.end());
        }
    }

    // What the mixture uses of each row.
    void sum_mixture(DualSolution& solution) const {
        solution.usage = start_.usage;
        if (rows_ == 0) return;
        const std::vector<double> weights = master_.weights();
        for (std::size_t c = 0; c < cuts_.size(); ++c) {
            if (weights[c] == 0) continue;
            for (std::size_t k = 0; k < rows_; ++k) {
                const std::size_t r = instance_.active[k];
                solution.usage[r] += weights[c] * master_.usage(c)[k] * instance_.spread[r];
            }
        }
    }

    struct Cut {
        std::size_t evaluation, group;
    };

    // Scales the rows, relative to the first choice of all customers.
    [[nodiscard]] Master scaled_master() {
        // Relative to the first choice the master's bounds are small numbers, like its columns.
        const std::vector<double>& base = start_.usage;
        for (std::size_t k = 0; k < rows_; ++k) {
            const std::size_t r = instance_.active[k];
            low_[k] = (instance_.lower[r] - base[r]) / instance_.spread[r];
            high_[k] = (instance_.upper[r] - base[r]) / instance_.spread[r];
            price_unit_[k] = value_unit_ / instance_.spread[r];
            edge_low_[k] = -instance_.penalty_low[r] / price_unit_[k];
            edge_high_[k] = instance_.penalty_high[r] / price_unit_[k];
        }
        return {low_, high_, instance_.groups()};
    }

    // The bound at scaled prices; adds the choices that the master's model does not have to it.
    double evaluate(std::span<const double> scaled, bool all) {
        std::vector<double> prices(instance_.rows, 0.0);
        for (std::size_t k = 0; k < rows_; ++k) prices[instance_.active[k]] = scaled[k] * price_unit_[k];
        Response answer = answer_(prices);
        math::CompensatedSum dual;
        std::vector<double> usage(rows_);
        bool added = false;
        for (std::size_t g = 0; g < instance_.groups(); ++g) {
            for (std::size_t k = 0; k < rows_; ++k) {
                const std::size_t r = instance_.active[k];
                usage[k] = answer.usage[g * instance_.rows + r] / instance_.spread[r];
            }
            const double value = answer.value[g] / value_unit_;
            // What the group is worth at the prices; the sum over groups is the bound without the rows' own part.
            const double worth = value - dot(scaled.data(), usage.data(), rows_);
            dual += worth;
            // A group whose answer the model foresees adds no column: the master stays small.
            if (all || worth > master_.group_value(g) + dual_limits::new_cut * (1.0 + std::abs(worth))) {
                master_.add(g, value, usage);
                cuts_.push_back({choices_.size(), g});
                added = true;
            }
        }
        for (std::size_t k = 0; k < rows_; ++k) {
            if (scaled[k] != 0) dual += scaled[k] * (scaled[k] > 0 ? high_[k] : low_[k]);
        }
        if (added) {
            choices_.push_back(std::move(answer.choice));
            tried_.emplace_back(scaled.begin(), scaled.end());
        }
        return dual.value();
    }

    // One iteration. Returns whether the bound cannot fall by more than the tolerance.
    bool step(const std::function<void(double)>& progress) {
        for (std::size_t k = 0; k < rows_; ++k) {
            box_low_[k] = std::max(centre_[k] - radius_[k], edge_low_[k]);
            box_high_[k] = std::min(centre_[k] + radius_[k], edge_high_[k]);
        }
        master_.set_box(box_low_, box_high_);
        const bool solved = master_.solve(dual_limits::pivots);
        // Rounding may lead the prices out of the box, or to the side on which a row has no bound.
        for (std::size_t k = 0; k < rows_; ++k) {
            trial_[k] = std::clamp(master_.prices()[k], box_low_[k], box_high_[k]);
            if (std::isinf(high_[k])) trial_[k] = std::min(trial_[k], 0.0);
            if (std::isinf(low_[k])) trial_[k] = std::max(trial_[k], 0.0);
        }
        // The model lies below the bound everywhere; at its own optimum the two close in on the least bound.
        const double model = master_.objective();
        const bool inside = bought_outside() <= dual_limits::outside;
        const std::size_t cuts_before = cuts_.size();
        const double dual = evaluate(trial_, false);
        // Only a better bound moves the centre; a worse one has still sharpened the model by its cuts.
        const bool better = dual < best_;
        const double distance = std::min(best_, dual) - model;
        if (better) {
            widen(2.0);
            centre_ = trial_;
            best_ = dual;
        }
        report(distance, progress);
        if (distance > target_ && (better || cuts_.size() > cuts_before)) return false;
        if (inside || !solved) return true;
        widen(4.0);  // the model is exact here, but its optimum lies at the edge of the box
        return false;
    }

    // Activity bought at an edge of the box that is not the penalty: the best prices lie further out.
    [[nodiscard]] double bought_outside() const {
        const std::vector<double> bought = master_.bought();
        double sum = 0;
        for (std::size_t k = 0; k < rows_; ++k) {
            if (box_high_[k] < edge_high_[k]) sum += bought[k];
            if (box_low_[k] > edge_low_[k]) sum += bought[rows_ + k];
        }
        return sum;
    }

    // Widens the box in the directions in which the tried prices are at its edge.
    void widen(double factor) {
        for (std::size_t k = 0; k < rows_; ++k) {
            const double room = std::min(trial_[k] - box_low_[k], box_high_[k] - trial_[k]);
            if (room <= dual_limits::at_edge * radius_[k]) radius_[k] *= factor;
        }
    }

    // Distances shrink by about the same factor each time, so their logarithm shows how much is done.
    void report(double distance, const std::function<void(double)>& progress) {
        // The first distance is the scale of all later ones.
        if (first_distance_ <= 0) first_distance_ = std::max(distance, target_);
        if (!progress) return;
        const double now =
            distance > target_ ? std::log(first_distance_ / distance) / std::log(first_distance_ / target_) : 1.0;
        fraction_ = std::clamp(std::isfinite(now) ? now : 0.0, fraction_, 1.0);
        progress(fraction_);
    }

    // The master's mixture: per customer the shares of its courses over the choices of its group.
    void mix(DualSolution& solution) const {
        const std::vector<double> weights = rows_ > 0 ? master_.weights() : std::vector<double>(cuts_.size(), 1.0);
        // Most choices have no share in the mixture.
        std::vector<std::vector<std::size_t>> mixed(instance_.groups());
        for (std::size_t k = 0; k < cuts_.size(); ++k) {
            if (weights[k] > dual_limits::least_share) mixed[cuts_[k].group].push_back(k);
        }
        solution.begin.assign(1, 0);
        for (std::size_t g = 0; g < instance_.groups(); ++g) {
            for (std::size_t i = instance_.group[g]; i < instance_.group[g + 1]; ++i) {
                std::map<std::uint32_t, double> share;
                for (const std::size_t k : mixed[g]) share[choices_[cuts_[k].evaluation][i]] += weights[k];
                for (const auto& [course, weight] : share) {
                    solution.course.push_back(course);
                    solution.weight.push_back(weight);
                }
                solution.begin.push_back(solution.course.size());
            }
        }
    }

    const ChoiceRows& instance_;
    DualStart start_;
    const Answer& answer_;
    const ChoiceOptions& options_;
    std::size_t rows_;
    double value_unit_;
    std::vector<double> price_unit_, low_, high_, edge_low_, edge_high_;
    std::vector<double> centre_, radius_, box_low_, box_high_, trial_;
    Master master_;
    std::vector<Cut> cuts_;
    std::vector<std::vector<std::uint32_t>> choices_;  // of each evaluation that added a cut
    std::vector<std::vector<double>> tried_;           // the scaled prices of each of them
    double best_ = 0;
    double target_ = 0;
    double first_distance_ = 0;
    double fraction_ = 0;
};

CUSTFOLIO_INLINE DualSolution solve_dual(const ChoiceRows& rows, DualStart start,
                                         const std::function<Response(std::span<const double>)>& answer,
                                         const ChoiceOptions& options, const std::function<void(double)>& progress) {
    return DualSolver(rows, std::move(start), answer, options).solve(progress);
}

CUSTFOLIO_INLINE DualSolution
solve_by_sample(const ChoiceRows& rows, DualStart start,
                const std::function<Response(std::span<const double>, std::size_t)>& answer, std::size_t stride,
                const ChoiceOptions& options, const std::function<void(double)>& progress) {
    const auto few = [&](std::span<const double> prices) { return answer(prices, stride); };
    const double least = std::max(options.tolerance, dual_limits::least_tolerance) * rows.value_scale();
    ChoiceRows moved = rows;
    DualSolution best;
    double bound = infinity;
    std::vector<double> shift(rows.rows, 0.0), from = shift,
                                               to = shift;  // of the sample's usage: from .. to at the best
    double step = 1;
    for (int round = 0; round < dual_limits::sample_rounds; ++round) {
        for (std::size_t r = 0; r < rows.rows; ++r) {
            shift[r] = from[r] + step * (to[r] - from[r]);
            moved.lower[r] = rows.lower[r] - shift[r];
            moved.upper[r] = rows.upper[r] - shift[r];
        }
        DualSolution sample = solve_dual(moved, start, few, options, [](double) {});
        best.iterations += sample.iterations;
        if (sample.infeasible) {
            best.infeasible = best.prices.empty();
            break;
        }
        const Response all = answer(sample.prices, 1);
        math::CompensatedSum sum(start.value);
        std::vector<double> usage = start.usage;
        for (std::size_t g = 0; g < rows.groups(); ++g) {
            sum += all.value[g];
            for (std::size_t r = 0; r < rows.rows; ++r) usage[r] += all.usage[g * rows.rows + r];
        }
        for (std::size_t r = 0; r < rows.rows; ++r) {
            const double price = sample.prices[r];
            if (price != 0) sum += price * ((price > 0 ? rows.upper[r] : rows.lower[r]) - usage[r]);
        }
        progress(static_cast<double>(round + 1) / dual_limits::sample_rounds);
        start.prices = sample.support;
        const double fall = bound - sum.value();
        if (fall > 0) {
            bound = sum.value();
            from = shift;
            for (std::size_t r = 0; r < rows.rows; ++r) to[r] = usage[r] - sample.usage[r];
            best.prices = std::move(sample.prices);
            best.support = std::move(sample.support);
        } else {
            step /= 2;  // usage bends more than that of the sample
        }
        if (std::abs(fall) <= least) break;
    }
    return best;
}

CUSTFOLIO_INLINE DualSolution solve_dual(const ChoiceInstance& instance, const ChoiceOptions& options,
                                         const std::function<void(double)>& progress) {
    const std::vector<std::size_t> first(instance.customers, 0);
    DualStart start{instance.value_of(first), instance.usage_of(first), {options.prices.begin(), options.prices.end()}};
    // The prices of a sample are near to those of all.
    const std::size_t stride = instance.customers / dual_limits::sample;
    if (stride > 1 && start.prices.empty()) {
        const auto some = [&](std::span<const double> prices, std::size_t every) {
            return respond(instance, prices, every);
        };
        start.prices = solve_by_sample(instance, start, some, stride, options, [](double) {}).support;
    }
    const auto all = [&](std::span<const double> prices) { return respond(instance, prices); };
    return solve_dual(instance, std::move(start), all, options, progress);
}

}  // namespace custfolio::detail
