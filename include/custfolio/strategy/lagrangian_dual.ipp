// Definitions of best responses, cutting planes and the bound of prices.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/cutting_plane_master.hpp"
#include "custfolio/strategy/lagrangian_dual.hpp"

namespace custfolio::detail {

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

CUSTFOLIO_INLINE ChoiceInstance::ChoiceInstance(const ChoiceProblem& from, const ChoiceOptions& options)
    : problem(from), threads(options.threads), customers(from.customers()), rows(from.rows()) {
    if (problem.begin.empty() || problem.begin.front() != 0) throw InputError("begin: it must start with 0");
    for (std::size_t i = 0; i < customers; ++i) {
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
    if (!problem.unit.empty() && problem.unit.size() != rows) {
        throw InputError("unit: " + std::to_string(problem.unit.size()) + " values for " + std::to_string(rows) +
                         " rows");
    }
    for (const double tolerance : {options.tolerance, options.feasibility}) {
        if (!(tolerance >= 0) || !std::isfinite(tolerance)) {
            throw InputError("tolerance is " + number_text(tolerance) + "; it must be a finite number >= 0");
        }
    }
    if (options.max_iterations < 1) throw InputError("max_iterations is below 1; at least one is needed");
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (std::size_t r = 0; r < rows; ++r) {
        const double low = problem.lower[r];
        const double high = problem.upper[r];
        if (std::isnan(low) || std::isnan(high) || low == infinity || high == -infinity || low > high) {
            throw InputError("row " + std::to_string(r) + ": bounds " + number_text(low) + " and " + number_text(high) +
                             "; it must be lower <= upper, with -inf or inf for none");
        }
        if (!problem.unit.empty() && !(problem.unit[r] > 0 && std::isfinite(problem.unit[r]))) {
            throw InputError("row " + std::to_string(r) + ": unit " + number_text(problem.unit[r]) +
                             "; it must be a finite number > 0");
        }
    }

    constexpr std::size_t greatest_number_of_groups = 64;
    const std::size_t wanted = std::min(customers, greatest_number_of_groups);
    group.resize(wanted + 1);
    for (std::size_t g = 0; g <= wanted; ++g) group[g] = wanted == 0 ? 0 : customers * g / wanted;

    struct Measure {
        std::vector<double> spread, magnitude;
        double value_spread = 0;
        double least_value = 0;
    };
    std::vector<Measure> measure(wanted);
    math::parallel_for(0, wanted, 1, threads, [&](std::size_t b, std::size_t e) {
        std::vector<double> least(rows);
        std::vector<double> most(rows);
        for (std::size_t g = b; g < e; ++g) {
            Measure& sum = measure[g];
            sum.spread.assign(rows, 0.0);
            sum.magnitude.assign(rows, 0.0);
            for (std::size_t i = group[g]; i < group[g + 1]; ++i) {
                double low = infinity;
                double high = -infinity;
                std::fill(least.begin(), least.end(), infinity);
                std::fill(most.begin(), most.end(), -infinity);
                for (std::size_t c = problem.begin[i]; c < problem.begin[i + 1]; ++c) {
                    const double value = problem.value[c];
                    if (!std::isfinite(value)) {
                        require_finite(value, course_text(i, c - problem.begin[i]) + ": value");
                    }
                    low = std::min(low, value);
                    high = std::max(high, value);
                    const double* usage = usage_of(c);
                    bool finite = true;
                    for (std::size_t r = 0; r < rows; ++r) {
                        finite = finite && std::isfinite(usage[r]);
                        least[r] = std::min(least[r], usage[r]);
                        most[r] = std::max(most[r], usage[r]);
                    }
                    for (std::size_t r = 0; !finite && r < rows; ++r) {
                        require_finite(usage[r],
                                       course_text(i, c - problem.begin[i]) + ": usage of row " + std::to_string(r));
                    }
                }
                sum.value_spread += high - low;
                sum.least_value += low;
                for (std::size_t r = 0; r < rows; ++r) {
                    sum.spread[r] += most[r] - least[r];
                    sum.magnitude[r] += std::max(std::abs(most[r]), std::abs(least[r]));
                }
            }
        }
    });
    spread.assign(rows, 0.0);
    std::vector<double> magnitude(rows, 0.0);
    for (const Measure& part : measure) {
        value_spread += part.value_spread;
        least_value += part.least_value;
        for (std::size_t r = 0; r < rows; ++r) {
            spread[r] = std::max(spread[r], part.spread[r]);
            magnitude[r] += part.magnitude[r];
        }
    }
    lower.resize(rows);
    upper.resize(rows);
    unit_low.resize(rows);
    unit_high.resize(rows);
    for (std::size_t r = 0; r < rows; ++r) {
        if (!(spread[r] > 0)) spread[r] = magnitude[r] > 0 ? magnitude[r] : 1.0;
        const double low = problem.lower[r];
        const double high = problem.upper[r];
        const auto size_of = [&](double bound) {
            if (bound != 0 && std::isfinite(bound)) return std::abs(bound);
            return magnitude[r] > 0 ? magnitude[r] : 1.0;
        };
        lower[r] = low - options.feasibility * (std::isfinite(low) ? size_of(low) : 0.0);
        upper[r] = high + options.feasibility * (std::isfinite(high) ? size_of(high) : 0.0);
        unit_low[r] = problem.unit.empty() ? size_of(low) : problem.unit[r];
        unit_high[r] = problem.unit.empty() ? size_of(high) : problem.unit[r];
        if (std::isfinite(low) || std::isfinite(high)) active.push_back(r);
    }
}

CUSTFOLIO_INLINE double ChoiceInstance::value_of(std::span<const std::size_t> choice) const {
    math::CompensatedSum sum;
    for (std::size_t i = 0; i < customers; ++i) sum += problem.value[problem.begin[i] + choice[i]];
    return sum.value();
}

CUSTFOLIO_INLINE std::vector<double> ChoiceInstance::usage_of(std::span<const std::size_t> choice) const {
    std::vector<math::CompensatedSum> sum(rows);
    for (std::size_t i = 0; i < customers; ++i) {
        const double* usage = usage_of(problem.begin[i] + choice[i]);
        for (std::size_t r = 0; r < rows; ++r) sum[r] += usage[r];
    }
    std::vector<double> total(rows);
    for (std::size_t r = 0; r < rows; ++r) total[r] = sum[r].value();
    return total;
}

CUSTFOLIO_INLINE bool ChoiceInstance::keeps(std::span<const double> usage) const {
    for (std::size_t r = 0; r < rows; ++r) {
        if (usage[r] < lower[r] || usage[r] > upper[r]) return false;
    }
    return true;
}

CUSTFOLIO_INLINE Response respond(const ChoiceInstance& instance, std::span<const double> prices, bool with_values) {
    const std::size_t groups = instance.groups();
    Response answer;
    answer.choice.resize(instance.customers);
    answer.value.assign(groups, 0.0);
    answer.usage.assign(groups * instance.rows, 0.0);
    const PricedRows priced(prices);
    math::parallel_for(0, groups, 1, instance.threads, [&](std::size_t b, std::size_t e) {
        for (std::size_t g = b; g < e; ++g) {
            double* total = answer.usage.data() + g * instance.rows;
            for (std::size_t i = instance.group[g]; i < instance.group[g + 1]; ++i) {
                const std::size_t first = instance.problem.begin[i];
                std::size_t best = first;
                double most = -std::numeric_limits<double>::infinity();
                for (std::size_t c = first; c < instance.problem.begin[i + 1]; ++c) {
                    const double worth =
                        (with_values ? instance.problem.value[c] : 0.0) - priced.cost(instance.usage_of(c));
                    if (worth > most) {
                        most = worth;
                        best = c;
                    }
                }
                answer.choice[i] = static_cast<std::uint32_t>(best - first);
                if (best == first) continue;
                if (with_values) answer.value[g] += instance.problem.value[best] - instance.problem.value[first];
                const double* from = instance.usage_of(first);
                const double* to = instance.usage_of(best);
                for (std::size_t r = 0; r < instance.rows; ++r) total[r] += to[r] - from[r];
            }
        }
    });
    return answer;
}

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
                double most = -std::numeric_limits<double>::infinity();
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
        if (!std::isfinite(worth)) return {std::numeric_limits<double>::infinity(), 0.0};
        sum += worth;
        magnitude += std::abs(worth);
    }
    // Each customer's best is a sum of rows + 1 products, rounded at every step; the sums over customers are
    // compensated.
    constexpr double epsilon = std::numeric_limits<double>::epsilon();
    const double rounding = (static_cast<double>(instance.rows) + 6.0) * epsilon * magnitude;
    return {sum.value() + rounding, rounding};
}

CUSTFOLIO_INLINE DualSolution solve_dual(const ChoiceInstance& instance, const ChoiceOptions& options, bool violation,
                                         const std::function<void(double)>& progress) {
    const std::vector<std::size_t>& active = instance.active;
    const std::size_t rows = active.size();
    const std::size_t groups = instance.groups();
    DualSolution solution;
    solution.prices.assign(instance.rows, 0.0);

    // The master's units: the greatest change of a row or of the value by one group, or, where
    // only violations count, by the dearest row.
    double value_unit = 0;
    for (std::size_t k = 0; violation && k < rows; ++k) {
        const std::size_t r = active[k];
        value_unit = std::max(
            {value_unit, instance.spread[r] / instance.unit_low[r], instance.spread[r] / instance.unit_high[r]});
    }
    if (!violation) value_unit = instance.value_spread / static_cast<double>(std::max<std::size_t>(groups, 1));
    if (!(value_unit > 0)) value_unit = 1.0;

    const std::vector<std::size_t> first_choice(instance.customers, 0);
    const std::vector<double> base = instance.usage_of(first_choice);
    std::vector<double> low(rows), high(rows), price_unit(rows), edge_low(rows), edge_high(rows);
    for (std::size_t k = 0; k < rows; ++k) {
        const std::size_t r = active[k];
        low[k] = (instance.lower[r] - base[r]) / instance.spread[r];
        high[k] = (instance.upper[r] - base[r]) / instance.spread[r];
        price_unit[k] = value_unit / instance.spread[r];
        if (violation) {
            edge_low[k] = -1.0 / (instance.unit_low[r] * price_unit[k]);
            edge_high[k] = 1.0 / (instance.unit_high[r] * price_unit[k]);
        }
    }
    Master master(low, high, groups);

    std::vector<std::vector<std::uint32_t>> choices;  // one per evaluation
    struct Cut {
        std::size_t evaluation, group;
    };
    std::vector<Cut> cuts;
    std::vector<double> prices(instance.rows, 0.0);
    std::vector<double> usage(rows);
    // Evaluates the dual at scaled prices, adds new cuts to the master, and returns the dual value.
    const auto evaluate = [&](std::span<const double> scaled, bool all) {
        for (std::size_t k = 0; k < rows; ++k) prices[active[k]] = scaled[k] * price_unit[k];
        Response answer = respond(instance, prices, !violation);
        math::CompensatedSum dual;
        bool kept = false;
        for (std::size_t g = 0; g < groups; ++g) {
            for (std::size_t k = 0; k < rows; ++k) {
                usage[k] = answer.usage[g * instance.rows + active[k]] / instance.spread[active[k]];
            }
            const double value = answer.value[g] / value_unit;
            const double worth = value - dot(scaled.data(), usage.data(), rows);
            dual += worth;
            if (all || worth > master.group_value(g) + 1e-11 * (1.0 + std::abs(worth))) {
                master.add(g, value, usage);
                cuts.push_back({choices.size(), g});
                kept = true;
            }
        }
        for (std::size_t k = 0; k < rows; ++k) {
            if (scaled[k] != 0) dual += scaled[k] * (scaled[k] > 0 ? high[k] : low[k]);
        }
        if (kept) choices.push_back(std::move(answer.choice));
        return dual.value();
    };

    std::vector<double> centre(rows, 0.0), radius(rows, 1.0), box_low(rows), box_high(rows), trial(rows);
    double best = evaluate(centre, true);
    const double total_spread = violation ? 1.0 : std::max(instance.value_spread / value_unit, 1.0);
    const double target = std::max(options.tolerance, 1e-13) * total_spread;
    double least = -std::numeric_limits<double>::infinity();
    if (!violation) {
        least = (instance.least_value - instance.value_of(first_choice)) / value_unit - 1e-6 * total_spread;
    }
    double first_distance = 0;
    double fraction = 0;
    while (rows > 0 && solution.iterations < options.max_iterations) {
        ++solution.iterations;
        for (std::size_t k = 0; k < rows; ++k) {
            box_low[k] = violation ? edge_low[k] : centre[k] - radius[k];
            box_high[k] = violation ? edge_high[k] : centre[k] + radius[k];
        }
        master.set_box(box_low, box_high);
        const bool solved = master.solve(20'000);
        for (std::size_t k = 0; k < rows; ++k) {
            trial[k] = std::clamp(master.prices()[k], box_low[k], box_high[k]);
            if (std::isinf(high[k])) trial[k] = std::min(trial[k], 0.0);
            if (std::isinf(low[k])) trial[k] = std::max(trial[k], 0.0);
        }
        const double model = master.objective();
        const bool inside = violation || master.outside() <= 1e-9;
        const std::size_t before = cuts.size();
        const double dual = evaluate(trial, false);
        const bool better = dual < best;
        const double distance = std::min(best, dual) - model;
        if (better) {
            for (std::size_t k = 0; k < rows; ++k) {
                const double room = std::min(trial[k] - box_low[k], box_high[k] - trial[k]);
                if (room <= 1e-9 * radius[k]) radius[k] *= 2.0;
            }
            centre = trial;
            best = dual;
        }
        if (first_distance <= 0) first_distance = std::max(distance, target);
        if (progress) {
            const double now =
                distance > target ? std::log(first_distance / distance) / std::log(first_distance / target) : 1.0;
            fraction = std::clamp(std::isfinite(now) ? now : 0.0, fraction, 1.0);
            progress(fraction);
        }
        if (best < least) {
            solution.infeasible = true;
            break;
        }
        if (distance <= target || (!better && cuts.size() == before)) {
            if (inside || !solved) break;
            for (std::size_t k = 0; k < rows; ++k) {
                const double room = std::min(trial[k] - box_low[k], box_high[k] - trial[k]);
                if (room <= 1e-9 * radius[k]) radius[k] *= 4.0;
            }
        }
    }
    for (std::size_t k = 0; k < rows; ++k) solution.prices[active[k]] = centre[k] * price_unit[k];
    solution.objective = violation ? -best * value_unit : best * value_unit;

    // The mixture: per customer the shares of its courses over the columns of its group.
    const std::vector<double> weights = rows > 0 ? master.weights() : std::vector<double>(cuts.size(), 1.0);
    std::vector<std::vector<std::size_t>> used(groups);
    for (std::size_t k = 0; k < cuts.size(); ++k) {
        if (weights[k] > 1e-9) used[cuts[k].group].push_back(k);
    }
    solution.begin.assign(1, 0);
    for (std::size_t g = 0; g < groups; ++g) {
        for (std::size_t i = instance.group[g]; i < instance.group[g + 1]; ++i) {
            std::map<std::uint32_t, double> share;
            for (const std::size_t k : used[g]) share[choices[cuts[k].evaluation][i]] += weights[k];
            for (const auto& [course, weight] : share) {
                solution.course.push_back(course);
                solution.weight.push_back(weight);
            }
            solution.begin.push_back(solution.course.size());
        }
    }
    return solution;
}

}  // namespace custfolio::detail
