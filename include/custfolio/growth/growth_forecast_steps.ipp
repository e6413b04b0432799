// Definitions of figures of single steps: derivatives by their chances, and covariances with the sum of all plans.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/growth/detail/plan_steps.hpp"
#include "custfolio/growth/detail/thresholds.hpp"
#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
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
    std::optional<DiscreteAmount> exact = graphs_[graph]->amounts(question, options_.limit);
    if (!exact) throw InputError("the graph of steps is too large to be computed exactly; raise `limit`");
    return std::move(*exact);
}

CUSTFOLIO_INLINE std::vector<double> GrowthForecast::chances_to_reach(std::size_t graph,
                                                                      std::span<const PlanQuestion> questions,
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
    PlanQuestion of_others = questions.front();
    of_others.derivative.reset();
    of_others.succeeds.reset();
    const auto chances_given = [&](double factor, std::vector<double>& chance) {
        of_others.correlation = factors_->total();
        of_others.factor = factor;
        std::vector<DiscreteAmount> others(graphs_.size());
        math::parallel_for(0, graphs_.size(), 16, options_.threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t g = begin; g < end; ++g) {
                if (g != graph) others[g] = amounts(g, of_others);
            }
        });
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(graph));
        const Distribution sum = sum_distribution(others, {.threads = options_.threads});
        for (std::size_t q = 0; q < questions.size(); ++q) {
            PlanQuestion question = questions[q];
            question.correlation = factors_->total();
            question.factor = factor;
            const DiscreteAmount brought = exact_amounts(graph, question);
            math::CompensatedSum total;
            for (std::size_t k = 0; k < brought.amount.size(); ++k) {
                total += brought.probability[k] * sum.probability_at_least(target - brought.amount[k]);
            }
            chance[q] = total.value();
        }
    };
    return over_factor(questions.size(), detail::chance_tolerance, chances_given);
}

CUSTFOLIO_INLINE std::vector<std::size_t> GrowthForecast::first_nodes() const {
    std::vector<std::size_t> begin{0};
    for (const auto& graph : graphs_) begin.push_back(begin.back() + graph->nodes().size());
    return begin;
}

CUSTFOLIO_INLINE std::vector<double> GrowthForecast::mean_derivatives(Month first, Month last, Payoff payoff) const {
    const std::vector<std::size_t> begin = first_nodes();
    const auto derivatives_of = [&](std::size_t g, PlanQuestion question, double* value) {
        question.first = first - start_;
        question.last = last - start_;
        question.payoff = payoff;
        for (std::size_t v = 0; v < graphs_[g]->nodes().size(); ++v) {
            question.derivative = v;
            value[v] = detail::first_moment(exact_amounts(g, question));
        }
    };
    // A graph whose plans carry different labels has several factors. It is averaged on its own.
    std::vector<char> mixed(graphs_.size());
    for (std::size_t g = 0; crossed_ && g < graphs_.size(); ++g) mixed[g] = kinds(*factors_, g).size() > 1 ? 1 : 0;
    const auto given_factor = [&](double factor, std::vector<double>& value) {
        PlanQuestion question;
        question.correlation = factors_->total();
        question.factor = factor;
        math::parallel_for(0, graphs_.size(), 16, options_.threads, [&](std::size_t b, std::size_t e) {
            for (std::size_t g = b; g < e; ++g) {
                if (mixed[g] == 0) derivatives_of(g, question, value.data() + begin[g]);
            }
        });
    };
    std::vector<double> result = over_factor(begin.back(), detail::mean_tolerance, given_factor);
    for (std::size_t g = 0; g < graphs_.size(); ++g) {
        if (mixed[g] == 0) continue;
        std::size_t simulations = 0;
        const std::vector<double> derivatives =
            over_graph(g, graphs_[g]->nodes().size(), simulations,
                       [&](const PlanQuestion& question, std::span<const double> /*begun*/,
                           std::vector<double>& value) { derivatives_of(g, question, value.data()); });
        detail::copy(derivatives, result.begin() + static_cast<std::ptrdiff_t>(begin[g]));
    }
    return result;
}

// Given the factors: the mean of each graph, and for each node its chance and its covariance with its graph.
struct GrowthForecast::StepMoments {
    std::vector<double> mean;     // by graph
    std::vector<double> success;  // by node
    std::vector<double> within;   // by node: covariance of its success with its own graph
};

CUSTFOLIO_INLINE GrowthForecast::StepMoments GrowthForecast::step_moments(std::span<const std::size_t> begin,
                                                                          const PlanQuestion& question) const {
    StepMoments moments{std::vector<double>(graphs_.size()), std::vector<double>(begin.back()),
                        std::vector<double>(begin.back())};
    math::parallel_for(0, graphs_.size(), 16, options_.threads, [&](std::size_t b, std::size_t e) {
        for (std::size_t g = b; g < e; ++g) {
            moments.mean[g] = detail::first_moment(exact_amounts(g, question));
            PlanQuestion of_step = question;
            for (std::size_t v = begin[g]; v < begin[g + 1]; ++v) {
                of_step.succeeds = v - begin[g];
                const DiscreteAmount brought = exact_amounts(g, of_step);
                for (const double p : brought.probability) moments.success[v] += p;
                moments.within[v] = detail::first_moment(brought) - moments.mean[g] * moments.success[v];
            }
        }
    });
    return moments;
}

// With factors that only some plans share. The factors of two graphs add up to X and Y, standard normal with a
// correlation c. Given them the graphs are independent. By Mehler's formula
//
//     Cov(f(X), g(Y)) = sum_{k > 0} c^k f_k g_k, with f_k = E[f(X) h_k(X)]
//
// the coefficients of the orthonormal Hermite polynomials h_k. Each coefficient is a mean over one factor.
class GrowthForecast::GroupCovariances {
  public:
    GroupCovariances(const GrowthForecast& forecast, const PlanQuestion& question)
        : forecast_(forecast), question_(question), begin_(forecast.first_nodes()) {
        find_kinds();
        const std::size_t count = begin_.back();
        hermite_.resize(terms_);
        mean_terms_.resize(kinds_ * terms_);
        success_terms_.resize(count * terms_);
        within_.resize(count);
        alike_.resize(count);
    }

    /// @return one entry a node; the spacing of the factor is halved until no covariance changes.
    [[nodiscard]] std::vector<SuccessCovariance> compute() {
        constexpr int last = 6;  // 2,177 values of the factor
        std::vector<SuccessCovariance> covariances;
        const auto add_all = [&](std::span<const double> values, std::span<const double> densities) {
            for (std::size_t k = 0; k < values.size(); ++k) add(values[k], densities[k]);
        };
        const auto settled = [&](double spacing, std::size_t /*used*/) {
            std::vector<SuccessCovariance> refined = at_spacing(spacing);
            double greatest = 0;
            double change = covariances.empty() ? std::numeric_limits<double>::infinity() : 0;
            for (std::size_t v = 0; v < covariances.size(); ++v) {
                greatest = std::max(greatest, std::abs(refined[v].covariance));
                change = std::max(change, std::abs(refined[v].covariance - covariances[v].covariance));
            }
            covariances = std::move(refined);
            return change <= detail::covariance_tolerance * greatest;
        };
        detail::refine_over_factor(last, add_all, settled);
        return covariances;
    }

  private:
    /// Graphs by their combination of labels, the correlations between these, and the number of terms.
    void find_kinds() {
        std::vector<std::size_t> plans;  // one of each kind
        for (std::size_t g = 0; g < forecast_.graphs_.size(); ++g) {
            const std::vector<std::size_t> of_graph = forecast_.kinds(*forecast_.factors_, g);
            if (of_graph.size() > 1) {
                throw InputError("plans that wait for each other carry different labels of a factor (" +
                                 detail::plan_text((*forecast_.plans_)[of_graph[0]]) + " and " +
                                 detail::plan_text((*forecast_.plans_)[of_graph[1]]) +
                                 "): what their steps carry of the uncertainty is not computed; give them one label");
            }
            const auto same = [&](std::size_t plan) { return forecast_.factors_->alike(plan, of_graph[0]); };
            kind_.push_back(static_cast<std::size_t>(detail::find_if(plans, same) - plans.begin()));
            if (kind_.back() == plans.size()) plans.push_back(of_graph[0]);
        }
        kinds_ = plans.size();
        double nearest = 0;
        correlation_.assign(kinds_ * kinds_, 1.0);
        for (std::size_t a = 0; a < kinds_; ++a) {
            for (std::size_t b = 0; b < kinds_; ++b) {
                if (a == b) continue;
                const double c = forecast_.factors_->correlation(plans[a], plans[b]);
                correlation_[a * kinds_ + b] = c;
                nearest = std::max(nearest, c);
            }
        }
        // Beyond these many terms c^k is nothing, or the coefficients are: a step's own chance smooths f.
        constexpr double smallest = -32;  // logarithm of c^k
        terms_ = static_cast<std::size_t>(nearest > 0 ? std::clamp(std::ceil(smallest / std::log(nearest)), 2.0, 300.0)
                                                      : 2.0);
    }
    /// Adds a value of the factor to all sums.
    void add(double x, double density) {
        question_.factor = x;
        const StepMoments moments = forecast_.step_moments(begin_, question_);
        // The recurrence of the orthonormal polynomials, times the density.
        hermite_[0] = density;
        hermite_[1] = x * density;
        for (std::size_t k = 2; k < terms_; ++k) {
            const auto order = static_cast<double>(k);
            hermite_[k] = (x * hermite_[k - 1] - std::sqrt(order - 1) * hermite_[k - 2]) / std::sqrt(order);
        }
        std::vector<double> mean_of_kind(kinds_);
        for (std::size_t g = 0; g < kind_.size(); ++g) mean_of_kind[kind_[g]] += moments.mean[g];
        for (std::size_t k = 0; k < terms_; ++k) {
            for (std::size_t a = 0; a < kinds_; ++a) mean_terms_[a * terms_ + k] += hermite_[k] * mean_of_kind[a];
            for (std::size_t v = 0; v < within_.size(); ++v) {
                success_terms_[v * terms_ + k] += hermite_[k] * moments.success[v];
            }
        }
        for (std::size_t g = 0; g < kind_.size(); ++g) {
            for (std::size_t v = begin_[g]; v < begin_[g + 1]; ++v) {
                within_[v] += density * moments.within[v];
                alike_[v] += density * moments.success[v] * mean_of_kind[kind_[g]];
            }
        }
    }
    /// The covariances that the sums so far give.
    [[nodiscard]] std::vector<SuccessCovariance> at_spacing(double spacing) const {
        // What a step of a kind correlates with in all other kinds, term by term.
        std::vector<double> others(kinds_ * terms_);
        for (std::size_t a = 0; a < kinds_; ++a) {
            for (std::size_t b = 0; b < kinds_; ++b) {
                double power = a == b ? 0 : 1;
                for (std::size_t k = 0; k < terms_; ++k) {
                    others[a * terms_ + k] += power * spacing * mean_terms_[b * terms_ + k].value();
                    power *= correlation_[a * kinds_ + b];
                }
            }
        }
        std::vector<SuccessCovariance> result(within_.size());
        for (std::size_t g = 0; g < kind_.size(); ++g) {
            const double mean_of_kind = spacing * mean_terms_[kind_[g] * terms_].value();
            for (std::size_t v = begin_[g]; v < begin_[g + 1]; ++v) {
                const auto success = [&](std::size_t k) { return spacing * success_terms_[v * terms_ + k].value(); };
                // Within the graph; with graphs of its kind, which have the same factor; with all others.
                math::CompensatedSum sum;
                sum += spacing * within_[v].value();
                sum += spacing * alike_[v].value() - success(0) * mean_of_kind;
                for (std::size_t k = 1; k < terms_; ++k) sum += success(k) * others[kind_[g] * terms_ + k];
                result[v] = {std::clamp(success(0), 0.0, 1.0), sum.value()};
            }
        }
        return result;
    }

    const GrowthForecast& forecast_;
    PlanQuestion question_;
    std::vector<std::size_t> begin_;  // first node of each graph
    std::vector<std::size_t> kind_;   // of each graph
    std::size_t kinds_ = 0;
    std::vector<double> correlation_;  // kinds x kinds
    std::size_t terms_ = 2;            // at least
    std::vector<double> hermite_;
    // Sums over the values of the factor.
    std::vector<math::CompensatedSum> mean_terms_;     // kinds x terms
    std::vector<math::CompensatedSum> success_terms_;  // nodes x terms
    std::vector<math::CompensatedSum> within_;         // by node
    std::vector<math::CompensatedSum> alike_;          // by node: success times the mean of its kind
};

CUSTFOLIO_INLINE std::vector<GrowthForecast::SuccessCovariance> GrowthForecast::success_covariances(
    Month first, Month last, Payoff payoff) const {
    PlanQuestion question{.first = first - start_, .last = last - start_, .payoff = payoff};
    question.correlation = factors_->total();
    if (!factors_->groups().empty()) return GroupCovariances(*this, question).compute();
    const std::vector<std::size_t> begin = first_nodes();
    const std::size_t count = begin.back();
    // The law of total covariance. The first part is the mean of each node's covariance within its graph given the
    // factor. The second part is the covariance of the conditional means, E[S T] - E[S] E[T], with T the mean of
    // everything.
    const auto joint = [&](double factor, std::vector<double>& value) {
        question.factor = factor;
        const StepMoments moments = step_moments(begin, question);
        math::CompensatedSum total;
        for (const double mean : moments.mean) total += mean;
        value[0] = total.value();
        for (std::size_t v = 0; v < count; ++v) {
            value[1 + v] = moments.success[v];
            value[1 + count + v] = moments.within[v];
            value[1 + 2 * count + v] = total.value() * moments.success[v];
        }
    };
    const std::vector<double> mean = over_factor(1 + 3 * count, detail::mean_tolerance, joint);
    std::vector<SuccessCovariance> result(count);
    for (std::size_t v = 0; v < count; ++v) {
        result[v].success = std::clamp(mean[1 + v], 0.0, 1.0);
        result[v].covariance = mean[1 + count + v] + (mean[1 + 2 * count + v] - mean[0] * mean[1 + v]);
    }
    return result;
}

}  // namespace custfolio
