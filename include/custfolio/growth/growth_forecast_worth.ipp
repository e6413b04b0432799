// Definitions of what single steps of action plans are worth, and what they carry of the uncertainty.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// Sum of amounts times their masses.
CUSTFOLIO_INLINE double first_moment(const DiscreteAmount& x) {
    math::CompensatedSum sum;
    for (std::size_t k = 0; k < x.amount.size(); ++k) sum += x.amount[k] * x.probability[k];
    return sum.value();
}

}  // namespace detail

CUSTFOLIO_INLINE DiscreteAmount GrowthForecast::exact_amounts(std::size_t graph, const PlanQuestion& question) const {
    std::optional<DiscreteAmount> found = graphs_[graph]->amounts(question, options_.limit);
    if (!found) throw InputError("the graph of steps is too large to be computed exactly; raise `limit`");
    return std::move(*found);
}

CUSTFOLIO_INLINE std::vector<double> GrowthForecast::reach(std::size_t graph, std::span<const PlanQuestion> questions,
                                                           double target) const {
    require_finite(target, "the target");
    if (graph >= graphs_.size()) {
        throw NotFoundError("there is no graph " + std::to_string(graph) + "; there are " +
                            std::to_string(graphs_.size()));
    }
    if (questions.empty()) return {};
    if (!factors_->groups().empty()) {
        throw InputError(
            "the chance to reach a target given one step is not computed with factors that only some plans "
            "share; ask for the worth without a target, or put the share of all factors on the one that is "
            "common to all");
    }
    PlanQuestion rest = questions.front();
    rest.derivative.reset();
    rest.succeeds.reset();
    const auto reached = [&](double factor, std::vector<double>& chance) {
        rest.correlation = factors_->total();
        rest.factor = factor;
        std::vector<DiscreteAmount> others(graphs_.size());
        math::parallel_for(0, graphs_.size(), 16, options_.threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t g = begin; g < end; ++g) {
                if (g != graph) others[g] = amounts(g, rest);
            }
        });
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(graph));
        const Distribution sum = sum_distribution(others, {.threads = options_.threads});
        for (std::size_t q = 0; q < questions.size(); ++q) {
            PlanQuestion asked = questions[q];
            asked.correlation = factors_->total();
            asked.factor = factor;
            const DiscreteAmount found = exact_amounts(graph, asked);
            math::CompensatedSum total;
            for (std::size_t k = 0; k < found.amount.size(); ++k) {
                total += found.probability[k] * sum.probability_at_least(target - found.amount[k]);
            }
            chance[q] = total.value();
        }
    };
    return over_factor(questions.size(), 1e-9, reached);
}

CUSTFOLIO_INLINE std::vector<std::size_t> GrowthForecast::first_nodes() const {
    std::vector<std::size_t> begin{0};
    for (const auto& graph : graphs_) begin.push_back(begin.back() + graph->nodes().size());
    return begin;
}

CUSTFOLIO_INLINE std::vector<double> GrowthForecast::worth(Month first, Month last, Payoff payoff) const {
    const std::vector<std::size_t> begin = first_nodes();
    const auto slopes = [&](std::size_t g, PlanQuestion asked, double* value) {
        asked.first = first - start_;
        asked.last = last - start_;
        asked.payoff = payoff;
        for (std::size_t v = 0; v < graphs_[g]->nodes().size(); ++v) {
            asked.derivative = v;
            value[v] = detail::first_moment(exact_amounts(g, asked));
        }
    };
    // Graphs whose plans carry different labels have factors of their own each.
    std::vector<char> mixed(graphs_.size());
    for (std::size_t g = 0; crossed_ && g < graphs_.size(); ++g) mixed[g] = kinds(*factors_, g).size() > 1 ? 1 : 0;
    const auto slope = [&](double factor, std::vector<double>& value) {
        PlanQuestion asked;
        asked.correlation = factors_->total();
        asked.factor = factor;
        math::parallel_for(0, graphs_.size(), 16, options_.threads, [&](std::size_t b, std::size_t e) {
            for (std::size_t g = b; g < e; ++g) {
                if (mixed[g] == 0) slopes(g, asked, value.data() + begin[g]);
            }
        });
    };
    std::vector<double> result = over_factor(begin.back(), 1e-13, slope);
    for (std::size_t g = 0; g < graphs_.size(); ++g) {
        if (mixed[g] == 0) continue;
        std::size_t draws = 0;
        const std::vector<double> found =
            over_graph(g, graphs_[g]->nodes().size(), 1e-13, draws,
                       [&](const PlanQuestion& asked, std::vector<double>& value) { slopes(g, asked, value.data()); });
        std::ranges::copy(found, result.begin() + static_cast<std::ptrdiff_t>(begin[g]));
    }
    return result;
}

CUSTFOLIO_INLINE std::vector<GrowthForecast::Carried> GrowthForecast::carried(Month first, Month last,
                                                                              Payoff payoff) const {
    if (!factors_->groups().empty()) {
        return carried_by_group({.first = first - start_, .last = last - start_, .payoff = payoff});
    }
    const std::vector<std::size_t> begin = first_nodes();
    const std::size_t count = begin.back();
    // Given the factor: the mean of everything, and for each node its chance, its covariance with its own graph, and
    // the product with the mean of everything.
    const auto joint = [&](double factor, std::vector<double>& value) {
        PlanQuestion question{.first = first - start_, .last = last - start_, .payoff = payoff};
        question.correlation = factors_->total();
        question.factor = factor;
        std::vector<double> mean(graphs_.size());
        math::parallel_for(0, graphs_.size(), 16, options_.threads, [&](std::size_t b, std::size_t e) {
            for (std::size_t g = b; g < e; ++g) {
                mean[g] = detail::first_moment(exact_amounts(g, question));
                PlanQuestion asked = question;
                for (std::size_t v = 0; v < graphs_[g]->nodes().size(); ++v) {
                    asked.succeeds = v;
                    const DiscreteAmount found = exact_amounts(g, asked);
                    double chance = 0;
                    for (const double p : found.probability) chance += p;
                    value[1 + begin[g] + v] = chance;
                    value[1 + count + begin[g] + v] = detail::first_moment(found) - mean[g] * chance;
                }
            }
        });
        math::CompensatedSum total;
        for (const double one : mean) total += one;
        value[0] = total.value();
        for (std::size_t k = 0; k < count; ++k) value[1 + 2 * count + k] = total.value() * value[1 + k];
    };
    const std::vector<double> found = over_factor(1 + 3 * count, 1e-13, joint);
    std::vector<Carried> result(count);
    for (std::size_t k = 0; k < count; ++k) {
        result[k].success = std::clamp(found[1 + k], 0.0, 1.0);
        result[k].covariance = found[1 + count + k] + (found[1 + 2 * count + k] - found[0] * found[1 + k]);
    }
    return result;
}

// With factors that only some plans share: given what the factors of two graphs are together, standard normal X and Y
// with the correlation c, the graphs are independent, so that Cov(f(X), g(Y)) = sum_k c^k f_k g_k over k > 0 with the
// coefficients f_k = E[f(X) h_k(X)] of the orthonormal Hermite polynomials (Mehler's formula).
CUSTFOLIO_INLINE std::vector<GrowthForecast::Carried> GrowthForecast::carried_by_group(
    const PlanQuestion& question) const {
    const std::vector<std::size_t> begin = first_nodes();
    const std::size_t count = begin.back();
    // Graphs by their combination of labels.
    std::vector<std::size_t> kind(graphs_.size());
    std::vector<std::size_t> plans;
    for (std::size_t g = 0; g < graphs_.size(); ++g) {
        const std::vector<std::size_t> own = kinds(*factors_, g);
        if (own.size() > 1) {
            throw InputError("plans that wait for each other carry different labels of a factor (" +
                             detail::plan_text((*plans_)[own[0]]) + " and " + detail::plan_text((*plans_)[own[1]]) +
                             "): what their steps carry of the uncertainty is not computed; give them one label");
        }
        const auto same = [&](std::size_t plan) { return factors_->alike(plan, own[0]); };
        kind[g] = static_cast<std::size_t>(std::ranges::find_if(plans, same) - plans.begin());
        if (kind[g] == plans.size()) plans.push_back(own[0]);
    }
    double nearest = 0;
    std::vector<double> between(plans.size() * plans.size(), 1.0);
    for (std::size_t a = 0; a < plans.size(); ++a) {
        for (std::size_t b = 0; b < plans.size(); ++b) {
            if (a == b) continue;
            const double c = factors_->correlation(plans[a], plans[b]);
            between[a * plans.size() + b] = c;
            nearest = std::max(nearest, c);
        }
    }
    // Beyond these many terms c^k is nothing, or the coefficients of what is smoothed by the steps' own chance are.
    const auto terms =
        static_cast<std::size_t>(nearest > 0 ? std::clamp(std::ceil(-32 / std::log(nearest)), 2.0, 300.0) : 2.0);
    std::vector<math::CompensatedSum> mean_terms(graphs_.size() * terms);
    std::vector<math::CompensatedSum> chance_terms(count * terms);
    std::vector<math::CompensatedSum> own(count);
    std::vector<math::CompensatedSum> alike(count);
    const auto covariances = [&](double spacing) {
        std::vector<Carried> result(count);
        std::vector<double> kinds_terms(plans.size() * terms);
        for (std::size_t g = 0; g < graphs_.size(); ++g) {
            for (std::size_t k = 0; k < terms; ++k) {
                kinds_terms[kind[g] * terms + k] += spacing * mean_terms[g * terms + k].value();
            }
        }
        std::vector<double> seen(plans.size() * terms);  // of the other kinds, by a graph of that kind
        for (std::size_t a = 0; a < plans.size(); ++a) {
            for (std::size_t b = 0; b < plans.size(); ++b) {
                if (a == b) continue;
                double power = 1;
                for (std::size_t k = 0; k < terms; ++k) {
                    seen[a * terms + k] += power * kinds_terms[b * terms + k];
                    power *= between[a * plans.size() + b];
                }
            }
        }
        for (std::size_t g = 0; g < graphs_.size(); ++g) {
            for (std::size_t v = begin[g]; v < begin[g + 1]; ++v) {
                result[v].success = std::clamp(spacing * chance_terms[v * terms].value(), 0.0, 1.0);
                // Given X within the graph; with its own kind, which has the same X; with the others.
                math::CompensatedSum sum;
                sum += spacing * own[v].value();
                sum += spacing * alike[v].value() -
                       spacing * chance_terms[v * terms].value() * kinds_terms[kind[g] * terms];
                for (std::size_t k = 1; k < terms; ++k) {
                    sum += spacing * chance_terms[v * terms + k].value() * seen[kind[g] * terms + k];
                }
                result[v].covariance = sum.value();
            }
        }
        return result;
    };
    std::vector<double> mean(graphs_.size());
    std::vector<double> chance(count);
    std::vector<double> within(count);
    std::vector<double> hermite(terms);
    std::vector<Carried> now;
    const auto add_one = [&](double x, double density) {
        PlanQuestion given = question;
        given.correlation = factors_->total();
        given.factor = x;
        math::parallel_for(0, graphs_.size(), 16, options_.threads, [&](std::size_t b, std::size_t e) {
            for (std::size_t g = b; g < e; ++g) {
                mean[g] = detail::first_moment(exact_amounts(g, given));
                PlanQuestion asked = given;
                for (std::size_t v = 0; v < graphs_[g]->nodes().size(); ++v) {
                    asked.succeeds = v;
                    const DiscreteAmount found = exact_amounts(g, asked);
                    double succeeds = 0;
                    for (const double p : found.probability) succeeds += p;
                    chance[begin[g] + v] = succeeds;
                    within[begin[g] + v] = detail::first_moment(found) - mean[g] * succeeds;
                }
            }
        });
        hermite[0] = density;
        if (terms > 1) hermite[1] = x * hermite[0];
        for (std::size_t k = 2; k < terms; ++k) {
            const auto order = static_cast<double>(k);
            hermite[k] = (x * hermite[k - 1] - std::sqrt(order - 1) * hermite[k - 2]) / std::sqrt(order);
        }
        for (std::size_t k = 0; k < terms; ++k) {
            for (std::size_t g = 0; g < mean.size(); ++g) mean_terms[g * terms + k] += hermite[k] * mean[g];
            for (std::size_t v = 0; v < count; ++v) chance_terms[v * terms + k] += hermite[k] * chance[v];
        }
        std::vector<double> together(plans.size());
        for (std::size_t g = 0; g < mean.size(); ++g) together[kind[g]] += mean[g];
        for (std::size_t g = 0; g < mean.size(); ++g) {
            for (std::size_t v = begin[g]; v < begin[g + 1]; ++v) {
                own[v] += hermite[0] * within[v];
                alike[v] += hermite[0] * chance[v] * together[kind[g]];
            }
        }
    };
    const auto add = [&](std::span<const double> values, std::span<const double> densities) {
        for (std::size_t k = 0; k < values.size(); ++k) add_one(values[k], densities[k]);
    };
    const auto settled = [&](double spacing, std::size_t /*used*/) {
        std::vector<Carried> next = covariances(spacing);
        double greatest = 0;
        double change = now.empty() ? std::numeric_limits<double>::infinity() : 0;
        for (std::size_t v = 0; v < now.size(); ++v) {
            greatest = std::max(greatest, std::abs(next[v].covariance));
            change = std::max(change, std::abs(next[v].covariance - now[v].covariance));
        }
        now = std::move(next);
        return change <= 1e-11 * greatest;
    };
    detail::refine_over_factor(6, add, settled);
    return now;
}

}  // namespace custfolio
