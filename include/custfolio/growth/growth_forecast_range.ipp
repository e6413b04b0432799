// Definitions of the distribution of what action plans bring from one month to another.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/distribution/detail/atoms.hpp"
#include "custfolio/growth/detail/thresholds.hpp"
#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// The step of a lattice that is wide enough for the sums at all values of the factor. `given` returns the amounts at
/// one of them.
template <class Given>
// One lattice for all values of the factor; their distributions can then be averaged point by point.
double step_over_factor(const std::vector<DiscreteAmount>& middle, const Given& given, const SumOptions& options) {
    if (options.step > 0) return options.step;
    std::vector<double> places;
    for (const DiscreteAmount& one : middle) {
        const double least = one.amount.empty() ? 0 : detail::min(one.amount);
        for (const double amount : one.amount) places.push_back(amount - least);
    }
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -lowest;
    // A few values of the factor, out to its ends, enclose the sums at all of them.
    for (const double factor : {-8.0, -4.0, 0.0, 4.0, 8.0}) {
        math::CompensatedSum mean;
        math::CompensatedSum variance;
        math::CompensatedSum least;
        math::CompensatedSum most;
        double reach = 0;
        for (const DiscreteAmount& one : given(factor)) {
            const auto [low, high] = detail::minmax(one.amount);
            double centre = 0;
            for (std::size_t k = 0; k < one.amount.size(); ++k) centre += one.probability[k] * one.amount[k];
            for (std::size_t k = 0; k < one.amount.size(); ++k) {
                variance += one.probability[k] * (one.amount[k] - centre) * (one.amount[k] - centre);
            }
            mean += centre;
            least += low;
            most += high;
            reach = std::max({reach, high - centre, centre - low});
        }
        // Bernstein's bound holds whatever the amounts are.
        const double half = untrimmed_half_width(variance.value(), reach, options);
        // Neither beyond all losses and gains together, nor beyond where tails count.
        lowest = std::min(lowest, std::max(least.value(), mean.value() - half));
        highest = std::max(highest, std::min(most.value(), mean.value() + half));
    }
    if (!std::isfinite(highest - lowest)) {
        throw InputError("the amounts are too large: their sum is not a finite number");
    }
    return step_given_factor(chosen_step(places, highest - lowest, options), highest - lowest, options);
}

/// Totals of plays as a discrete amount.
/// @param months of which each total is a sum.
CUSTFOLIO_INLINE DiscreteAmount amounts_of_plays(std::span<const double> totals, int months) {
    std::vector<Atom> atoms;
    double largest = 0;
    bool whole = true;
    for (const double total : totals) {
        atoms.push_back({total, 1 / static_cast<double>(totals.size())});
        largest = std::max(largest, std::abs(total));
        whole = whole && total == std::trunc(total);
    }
    RoundingBound bound;
    bound.add(largest, given_roundings + months, whole);
    merge_atoms(atoms, bound.apart());
    return discrete_amount(atoms);
}

/// The greatest standard error of a chance that `plays` plays estimate.
CUSTFOLIO_INLINE double greatest_standard_error(std::size_t plays) {
    // The deviation of a share is largest at one half.
    return 0.5 / std::sqrt(static_cast<double>(plays));
}

}  // namespace detail

CUSTFOLIO_INLINE DiscreteAmount GrowthForecast::amounts(std::size_t graph, const PlanQuestion& question,
                                                        bool* simulated) const {
    return amounts(graph, question, {0, options_.paths}, options_.threads, simulated);
}

CUSTFOLIO_INLINE DiscreteAmount GrowthForecast::amounts(std::size_t graph, const PlanQuestion& question,
                                                        const PlayRange& plays, unsigned threads,
                                                        bool* simulated) const {
    std::optional<DiscreteAmount> exact = graphs_[graph]->amounts(question, options_.limit);
    if (simulated != nullptr) *simulated = !exact;
    if (exact) return std::move(*exact);
    std::vector<double> totals(plays.last - plays.first);
    const auto play = [&](std::size_t begin, std::size_t end) {
        for (std::size_t k = begin; k < end; ++k) {
            // Every graph has its own draws, so that graphs are independent.
            totals[k] = graphs_[graph]->play(question, options_.seed, plays.first + k, (*draws_)[graph]);
        }
    };
    math::parallel_for(0, totals.size(), 1024, threads, play, options_.pulse);
    return detail::amounts_of_plays(totals, months_);
}

// The plays of graphs that are too large to be computed exactly, at a value of the factors. Every value has plays of
// its own, as many as its share of the normal law. So all values together have the standard error of all plays.
CUSTFOLIO_INLINE GrowthForecast::PlayRange GrowthForecast::plays_at(const PlanSum& sum, double factor) const {
    if (!(sum.question.correlation > 0)) return {0, options_.paths};
    const auto paths = static_cast<double>(options_.paths);
    double first = 0;
    double share = sum.share;
    if (sum.factors->total() > 0) {
        // Up to the middles between this value and its neighbours at the finest spacing that is used.
        const double half = 0.5 * detail::factor_spacing(1);
        first = math::normal_cdf(factor - half);
        share = math::normal_cdf(factor + half) - first;
    }
    const double fewest = std::min(static_cast<double>(detail::fewest_plays), paths);
    const auto count = static_cast<std::size_t>(std::clamp(paths * share, fewest, paths));
    const std::size_t begin = std::min(static_cast<std::size_t>(paths * first), options_.paths - count);
    return {begin, begin + count};
}

CUSTFOLIO_INLINE void GrowthForecast::check_span(Month first, Month last) const {
    if (first > last || first < start_ || last >= start_ + months_) {
        throw InputError("the months " + to_string(first) + " to " + to_string(last) + " are not in the horizon " +
                         to_string(start_) + " to " + to_string(start_ + (months_ - 1)));
    }
}

CUSTFOLIO_INLINE Distribution GrowthForecast::range(Month first, Month last, Payoff payoff, const SumOptions& options,
                                                    double* standard_error, std::optional<std::size_t> without) const {
    check_span(first, last);
    const PlanQuestion question{.first = first - start_, .last = last - start_, .payoff = payoff};
    std::vector<std::size_t> graphs;
    for (std::size_t g = 0; g < graphs_.size(); ++g) {
        if (g != without) graphs.push_back(g);
    }
    return over_factors({question, std::move(graphs), factors_}, options, standard_error);
}

CUSTFOLIO_INLINE Distribution GrowthForecast::sum(const MonthlySum& asked, const SumOptions& options,
                                                  double* standard_error) const {
    if (asked.shares.empty()) throw InputError("the sum has no months; give a share for one month at least");
    const Month last = asked.first + (static_cast<int>(asked.shares.size()) - 1);
    check_span(asked.first, last);
    bool whole = true;  // all of each month
    for (const double share : asked.shares) whole = require_finite(share, "a month's share") == 1 && whole;
    PlanSum sum{{.first = asked.first - start_, .last = last - start_, .payoff = asked.payoff}, {}, factors_};
    std::vector<char> counted(size());
    for (const std::size_t plan : asked.items) {
        sum.graphs.push_back(place(plan, 0).graph);
        counted[plan] = 1;
    }
    detail::sort(sum.graphs);
    sum.graphs.erase(std::unique(sum.graphs.begin(), sum.graphs.end()), sum.graphs.end());
    const double first_share = asked.shares.front();
    // Equal shares of every month are a scaled sum of whole months.
    if (!whole && options.step == 0 && detail::all_of(asked.shares, [&](double s) { return s == first_share; })) {
        MonthlySum once = asked;
        detail::fill(once.shares, 1.0);
        return this->sum(once, options, standard_error)
            .scaled(first_share);  // amounts that are whole cents stay on their lattice
    }
    const bool all = detail::all_of(counted, [](char one) { return one != 0; });
    if (all && whole && !asked.factor) return range(asked.first, last, asked.payoff, options, standard_error);
    std::vector<std::size_t> plans;  // of the graphs: those that do not count may be waited for
    for (const std::size_t g : sum.graphs) {
        for (const PlanGraph::Node& node : graphs_[g]->nodes()) {
            if (node.step != nullptr) plans.push_back(node.plan);
        }
    }
    if (!all) sum.question.counted = counted;
    if (!whole) sum.question.shares = asked.shares;
    if (asked.factor) sum.share = options.share;
    // A known factor is no longer averaged over: it shifts what remains.
    const double known = asked.factor ? options_.correlation : 0;
    if (!all || known > 0) sum.factors = std::make_shared<const PlanFactors>(factors_->among(plans, known));
    if (known > 0) {
        sum.shift = std::sqrt(known / factors_->total()) * *asked.factor;
        sum.scale = std::sqrt(sum.factors->total() / factors_->total());
    }
    return over_factors(std::move(sum), options, standard_error);
}

// What some graphs of a sum bring at a value of the factors, and how many of them were simulated.
CUSTFOLIO_INLINE std::vector<DiscreteAmount> GrowthForecast::amounts_at(const PlanSum& sum,
                                                                        std::span<const std::size_t> graphs,
                                                                        double factor, unsigned threads,
                                                                        std::size_t* simulated) const {
    PlanQuestion question = sum.question;
    question.factor = sum.shift + sum.scale * factor;
    std::vector<DiscreteAmount> brought(graphs.size());
    std::vector<char> played(graphs.size());
    const PlayRange plays = plays_at(sum, factor);
    const auto bring = [&](std::size_t begin, std::size_t end) {
        for (std::size_t k = begin; k < end; ++k) {
            bool by_play = false;
            brought[k] = amounts(graphs[k], question, plays, threads, &by_play);
            played[k] = by_play ? 1 : 0;
        }
    };
    math::parallel_for(0, graphs.size(), 16, threads, bring, options_.pulse);
    if (simulated != nullptr) *simulated = static_cast<std::size_t>(detail::count(played, 1));
    return brought;
}

// How sums are averaged over the factors. Simulated sums have noise, and no refinement of the rule takes it away.
CUSTFOLIO_INLINE FactorOptions GrowthForecast::factor_options(const SumOptions& options, bool simulated) const {
    FactorOptions result{.threads = options.threads, .pulse = options_.pulse};
    if (simulated) result.values = detail::simulated_values;
    return result;
}

// The sum of some graphs' amounts, averaged over all values of their factors.
CUSTFOLIO_INLINE Distribution GrowthForecast::over_factors(PlanSum sum, const SumOptions& options,
                                                           double* standard_error) const {
    sum.question.correlation = factors_->total();
    // Factors that cross have no common value to condition on: whole forecasts are played instead.
    if (crosses(*sum.factors, sum.graphs)) {
        const DiscreteAmount total =
            detail::amounts_of_plays(plays(sum, options_.paths, options_.seed, options.threads), months_);
        if (standard_error != nullptr) *standard_error = detail::greatest_standard_error(options_.paths);
        return sum_distribution(std::span(&total, 1), options);
    }
    std::size_t simulated = 0;
    const std::vector<DiscreteAmount> middle = amounts_at(sum, sum.graphs, 0, options.threads, &simulated);
    if (standard_error != nullptr) {
        // A cdf value is linear in each graph's own.
        *standard_error = std::sqrt(static_cast<double>(simulated)) * detail::greatest_standard_error(options_.paths);
    }
    if (!(sum.factors->total() > 0)) return sum_distribution(middle, options);
    if (!sum.factors->groups().empty()) return range_by_group(sum, middle, simulated > 0, options);
    // Values of the factor are computed in parallel, so each sum uses one thread.
    SumOptions given = options;
    given.threads = 1;
    given.step = detail::step_over_factor(
        middle, [&](double factor) { return amounts_at(sum, sum.graphs, factor, options.threads); }, options);
    // Few amounts between the points are the same at all values of the factor: their chances are averaged.
    const bool listed = detail::FewAmounts::are_few(middle) && sum_distribution(middle, given).off_lattice();
    const auto given_factor = [&](double factor) {
        SumOptions weighted = given;
        // A value of small density needs fewer digits.
        weighted.share = detail::factor_share(factor);
        const Distribution one = sum_distribution(amounts_at(sum, sum.graphs, factor, 1), weighted);
        return GivenFactor{one.lattice(), one.mean(), one.variance(), listed ? one.few() : nullptr};
    };
    return average_over_factor(given_factor, options.unit, factor_options(options, simulated > 0));
}

// The sum where one factor divides the plans: graphs of one label are convolved for each value of what their factors
// are together.
CUSTFOLIO_INLINE Distribution GrowthForecast::range_by_group(const PlanSum& plans,
                                                             const std::vector<DiscreteAmount>& middle, bool simulated,
                                                             const SumOptions& options) const {
    const PlanFactors::Group& factor = plans.factors->groups().front();
    std::vector<std::vector<std::size_t>> groups(factor.labels);
    for (const std::size_t g : plans.graphs) groups[factor.label[kinds(*plans.factors, g).front()]].push_back(g);
    // A label without a plan in the sum has nothing to convolve.
    std::erase_if(groups, [](const auto& group) { return group.empty(); });
    if (groups.empty()) return sum_distribution(std::span<const DiscreteAmount>(), options);
    SumOptions given = options;
    given.threads = 1;
    // The sums of all groups at all values are in memory at once, so that fewer points are affordable.
    given.points = std::min(options.points, detail::grouped_points);
    given.step = detail::step_over_factor(
        middle, [&](double value) { return amounts_at(plans, plans.graphs, value, options.threads); }, given);
    const bool listed = detail::FewAmounts::are_few(middle) && sum_distribution(middle, given).off_lattice();
    const auto sum = [&](std::size_t group, double value) {
        SumOptions weighted = given;
        weighted.share = detail::factor_share(value);
        const Distribution one = sum_distribution(amounts_at(plans, groups[group], value, 1), weighted);
        return GivenFactor{one.lattice(), one.mean(), one.variance(), listed ? one.few() : nullptr};
    };
    return average_over_groups(groups.size(), sum, plans.factors->common() / plans.factors->total(), options.unit,
                               options.trimmed, factor_options(options, simulated));
}

CUSTFOLIO_INLINE std::vector<double> GrowthForecast::plays(const PlanSum& sum, std::size_t paths, std::uint64_t seed,
                                                           unsigned threads) const {
    std::vector<double> totals(paths);
    const auto play = [&](std::size_t begin, std::size_t end) {
        for (std::size_t path = begin; path < end; ++path) {
            PlanQuestion asked = sum.question;
            std::vector<double> factors;
            if (asked.correlation > 0) {
                factors = sum.factors->draw(seed, path, draws_->back());
                for (double& factor : factors) factor = sum.shift + sum.scale * factor;
                asked.factors = factors;
            }
            math::CompensatedSum total;
            for (const std::size_t g : sum.graphs) total += graphs_[g]->play(asked, seed, path, (*draws_)[g]);
            totals[path] = total.value();
        }
    };
    math::parallel_for(0, paths, 64, threads, play, options_.pulse);
    return totals;
}

CUSTFOLIO_INLINE void GrowthForecast::play(std::uint64_t seed, std::uint64_t path, std::span<const std::size_t> graphs,
                                           PlanGraph::Play& play) const {
    const auto months = static_cast<std::size_t>(months_);
    for (Matrix* amounts : {&play.revenue, &play.contribution}) {
        if (amounts->rows() != size() || amounts->cols() != months) *amounts = Matrix(size(), months);
        for (const std::size_t g : graphs) {
            for (const PlanGraph::Node& node : graphs_[g]->nodes()) {
                if (node.step != nullptr) detail::fill(amounts->row(node.plan), 0.0);
            }
        }
    }
    PlanQuestion question{.first = 0, .last = months_ - 1, .correlation = factors_->total()};
    const std::vector<double> factors =
        question.correlation > 0 ? factors_->draw(seed, path, draws_->back()) : std::vector<double>{};
    question.factors = factors;
    for (const std::size_t g : graphs) graphs_[g]->play(question, seed, path, (*draws_)[g], nullptr, &play);
}

CUSTFOLIO_INLINE std::vector<Distribution> GrowthForecast::ranges(std::span<const Span> spans, Payoff payoff,
                                                                  const SumOptions& options) const {
    std::vector<Distribution> sums(spans.size());
    SumOptions one_thread = options;
    one_thread.threads = 1;
    // The last first: often the longest span, which needs the most time.
    math::parallel_for(0, spans.size(), 1, options.threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const std::size_t at = spans.size() - 1 - i;
            sums[at] = range(spans[at].first, spans[at].last, payoff, one_thread);
        }
    });
    return sums;
}

CUSTFOLIO_INLINE Distribution GrowthForecast::month(Month month, Payoff payoff, const SumOptions& options) const {
    return range(month, month, payoff, options);
}

CUSTFOLIO_INLINE Distribution GrowthForecast::total(Payoff payoff, const SumOptions& options) const {
    return range(start_, start_ + (months_ - 1), payoff, options);
}

CUSTFOLIO_INLINE std::vector<double> simulate_total(const GrowthForecast& forecast, std::size_t paths,
                                                    std::uint64_t seed, Payoff payoff, unsigned threads) {
    if (paths == 0 || paths > detail::most_plays) {
        throw InputError("paths are " + std::to_string(paths) + "; a simulation has 1 to " +
                         std::to_string(detail::most_plays));
    }
    const PlanQuestion question{
        .first = 0, .last = forecast.months_ - 1, .payoff = payoff, .correlation = forecast.factors_->total()};
    std::vector<std::size_t> graphs(forecast.graphs());
    std::iota(graphs.begin(), graphs.end(), std::size_t{0});
    return forecast.plays({question, std::move(graphs), forecast.factors_}, paths, seed, threads);
}

}  // namespace custfolio
