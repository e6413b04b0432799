// Definition of the optimiser's core.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/strategy/choice.hpp"
#include "custfolio/strategy/integer_search.hpp"
#include "custfolio/strategy/lagrangian_dual.hpp"

namespace custfolio {
namespace detail {

// The course with the largest share of the mixture, per customer.
inline std::vector<std::size_t> rounded(const ChoiceInstance& instance, const DualSolution& dual) {
    std::vector<std::size_t> choice(instance.customers, 0);
    for (std::size_t i = 0; i < instance.customers; ++i) {
        double most = 0;
        for (std::size_t k = dual.begin[i]; k < dual.begin[i + 1]; ++k) {
            if (dual.weight[k] > most) {
                most = dual.weight[k];
                choice[i] = dual.course[k];
            }
        }
    }
    return choice;
}

}  // namespace detail

CUSTFOLIO_INLINE ChoiceResult optimise(const ChoiceProblem& problem, const ChoiceOptions& options) {
    const detail::ChoiceInstance instance(problem, options);
    if (!options.start.empty()) {
        if (options.start.size() != instance.customers) {
            throw InputError("start: " + std::to_string(options.start.size()) + " choices for " +
                             std::to_string(instance.customers) + " customers");
        }
        for (std::size_t i = 0; i < instance.customers; ++i) {
            const std::size_t courses = problem.begin[i + 1] - problem.begin[i];
            if (options.start[i] >= courses) {
                throw InputError("start: customer " + std::to_string(i) + " has course " +
                                 std::to_string(options.start[i]) + "; its courses are 0 to " +
                                 std::to_string(courses - 1));
            }
        }
    }
    double told = 0;
    const auto tell = [&](double fraction) {
        told = std::max(told, fraction);
        if (options.progress && !options.progress(told)) throw Cancelled("optimise: stopped by the progress callback");
    };
    tell(0.0);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const detail::DualSolution dual = detail::solve_dual(instance, options, false, [&](double f) { tell(0.7 * f); });
    ChoiceResult result;
    result.prices = dual.prices;
    result.iterations = dual.iterations;
    const detail::PriceBound bound = detail::bound_at(instance, dual.prices, instance.lower, instance.upper);
    result.bound = bound.bound;

    bool known = false;
    if (!dual.infeasible) {
        detail::ChoiceSearch search(instance, dual.prices, true);
        double best = -infinity;
        const auto consider = [&](std::vector<std::size_t> choice) {
            if (!search.repair(choice)) return;
            search.improve(choice);
            const double value = instance.value_of(choice);
            if (!known || value > best) {
                best = value;
                result.choice = std::move(choice);
                known = true;
            }
        };
        consider(detail::rounded(instance, dual));
        tell(0.8);
        if (!options.start.empty()) consider({options.start.begin(), options.start.end()});
        if (!known) {
            const detail::Response response = detail::respond(instance, dual.prices, true);
            consider({response.choice.begin(), response.choice.end()});
        }
        tell(0.9);
        if (options.nodes > 0) {
            result.proven = search.exact(result.choice, known, bound.bound, options.nodes);
            if (result.proven) {
                result.bound = known ? std::min(bound.bound, instance.value_of(result.choice) + bound.rounding +
                                                                 1e-13 * instance.value_spread)
                                     : -infinity;
            } else if (known) {
                search.improve(result.choice);
            }
        }
    } else {
        result.proven = true;
        result.bound = -infinity;
    }
    result.relaxation.assign(instance.rows, 0.0);
    result.feasible = known;
    if (!known) {
        const detail::DualSolution nearest = detail::solve_dual(instance, options, true, [&](double) { tell(0.9); });
        result.iterations += nearest.iterations;
        result.relaxation_bound = std::max(nearest.objective, 0.0);
        detail::ChoiceSearch search(instance, nearest.prices, false);
        result.choice = detail::rounded(instance, nearest);
        search.repair(result.choice);
        const std::vector<double> usage = instance.usage_of(result.choice);
        for (std::size_t r = 0; r < instance.rows; ++r) {
            if (usage[r] < instance.lower[r]) result.relaxation[r] = problem.lower[r] - usage[r];
            if (usage[r] > instance.upper[r]) result.relaxation[r] = usage[r] - problem.upper[r];
        }
        if (instance.keeps(usage)) {  // the search for the least violation found a choice within all rows
            result.feasible = true;
            result.proven = false;
            result.relaxation_bound = 0;
            result.bound = bound.bound;
        }
    }
    result.value = instance.value_of(result.choice);
    result.usage = instance.usage_of(result.choice);
    result.gap = result.feasible ? (result.bound - result.value) / std::max(std::abs(result.value), 1e-12)
                                 : std::numeric_limits<double>::quiet_NaN();
    tell(1.0);
    return result;
}

CUSTFOLIO_INLINE double price_bound(const ChoiceProblem& problem, std::span<const double> prices, unsigned threads) {
    ChoiceOptions options;
    options.threads = threads;
    const detail::ChoiceInstance instance(problem, options);
    if (prices.size() != instance.rows) {
        throw InputError("prices: " + std::to_string(prices.size()) + " for " + std::to_string(instance.rows) +
                         " rows");
    }
    for (std::size_t r = 0; r < prices.size(); ++r) require_finite(prices[r], "price of row " + std::to_string(r));
    return detail::bound_at(instance, prices, problem.lower, problem.upper).bound;
}

}  // namespace custfolio
