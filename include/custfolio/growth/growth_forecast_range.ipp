// Definitions of the distribution of what action plans bring from one month to another.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/growth/kept_sums.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// The step of a lattice that holds the sums for all values of the factor; `given` tells the amounts at one of them.
template <class Given>
double step_over_factor(const std::vector<DiscreteAmount>& middle, const Given& given, const SumOptions& options) {
    if (options.step > 0) return options.step;
    std::vector<double> places;
    for (const DiscreteAmount& one : middle) {
        const double least = one.amount.empty() ? 0 : std::ranges::min(one.amount);
        for (const double amount : one.amount) places.push_back(amount - least);
    }
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -lowest;
    for (const double factor : {-8.0, -4.0, 0.0, 4.0, 8.0}) {
        math::CompensatedSum mean;
        math::CompensatedSum variance;
        math::CompensatedSum least;
        math::CompensatedSum most;
        double reach = 0;
        for (const DiscreteAmount& one : given(factor)) {
            const auto [low, high] = std::ranges::minmax(one.amount);
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
        const double half = untrimmed_half_width(variance.value(), reach, options);
        lowest = std::min(lowest, std::max(least.value(), mean.value() - half));
        highest = std::max(highest, std::min(most.value(), mean.value() + half));
    }
    if (!std::isfinite(highest - lowest)) {
        throw InputError("the amounts are too large: their sum is not a finite number");
    }
    return chosen_step(places, highest - lowest, options);
}

}  // namespace detail

CUSTFOLIO_INLINE DiscreteAmount GrowthForecast::amounts(std::size_t graph, const PlanQuestion& question,
                                                        bool* simulated) const {
    std::optional<DiscreteAmount> exact = graphs_[graph]->amounts(question, options_.limit);
    if (simulated != nullptr) *simulated = !exact;
    if (exact) return std::move(*exact);
    std::vector<detail::Atom> atoms(options_.paths);
    for (std::size_t path = 0; path < atoms.size(); ++path) {
        atoms[path] = {graphs_[graph]->play(question, options_.seed, path, (*draws_)[graph]),
                       1 / static_cast<double>(atoms.size())};
    }
    detail::compact(atoms);
    DiscreteAmount result;
    detail::append(atoms, result);
    return result;
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
    if (!(factors_->total() > 0)) return independent_range(question, options, standard_error, without);
    std::vector<std::size_t> graphs;
    for (std::size_t g = 0; g < graphs_.size(); ++g) {
        if (g != without) graphs.push_back(g);
    }
    return over_factors({question, std::move(graphs), factors_}, options, standard_error);
}

CUSTFOLIO_INLINE Distribution GrowthForecast::sum(const MonthlySum& asked, const SumOptions& options) const {
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
    std::ranges::sort(sum.graphs);
    const auto twice = std::ranges::unique(sum.graphs);
    sum.graphs.erase(twice.begin(), twice.end());
    const double first_share = asked.shares.front();
    if (!whole && options.step == 0 && std::ranges::all_of(asked.shares, [&](double s) { return s == first_share; })) {
        MonthlySum once = asked;
        std::ranges::fill(once.shares, 1.0);
        return this->sum(once, options).scaled(first_share);  // amounts that are whole cents stay on their lattice
    }
    const bool all = std::ranges::all_of(counted, [](char one) { return one != 0; });
    if (all && whole && !asked.factor) return range(asked.first, last, asked.payoff, options);
    std::vector<std::size_t> plans;  // of the graphs: those that do not count may be waited for
    for (const std::size_t g : sum.graphs) {
        for (const PlanGraph::Node& node : graphs_[g]->nodes()) {
            if (node.step != nullptr) plans.push_back(node.plan);
        }
    }
    if (!all) sum.question.counted = counted;
    if (!whole) sum.question.shares = asked.shares;
    const double known = asked.factor ? options_.correlation : 0;
    if (!all || known > 0) sum.factors = std::make_shared<const PlanFactors>(factors_->among(plans, known));
    if (known > 0) {
        sum.shift = std::sqrt(known / factors_->total()) * *asked.factor;
        sum.scale = std::sqrt(sum.factors->total() / factors_->total());
    }
    return over_factors(std::move(sum), options, nullptr);
}

// The sum of some graphs' amounts, averaged over all values of their factors.
CUSTFOLIO_INLINE Distribution GrowthForecast::over_factors(PlanSum sum, const SumOptions& options,
                                                           double* standard_error) const {
    sum.question.correlation = factors_->total();
    if (crosses(*sum.factors, sum.graphs)) {
        std::vector<detail::Atom> atoms;
        for (const double total : plays(sum, options_.paths, options_.seed, options.threads)) {
            atoms.push_back({total, 1 / static_cast<double>(options_.paths)});
        }
        detail::compact(atoms);
        DiscreteAmount found;
        detail::append(atoms, found);
        if (standard_error != nullptr) *standard_error = 0.5 / std::sqrt(static_cast<double>(options_.paths));
        return sum_distribution(std::span(&found, 1), options);
    }
    std::vector<char> simulated(sum.graphs.size());
    const auto brought = [&](double factor, unsigned threads) {
        PlanQuestion asked = sum.question;
        asked.factor = sum.shift + sum.scale * factor;
        std::vector<DiscreteAmount> found(sum.graphs.size());
        math::parallel_for(0, found.size(), 16, threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t k = begin; k < end; ++k) {
                bool by_play = false;
                found[k] = amounts(sum.graphs[k], asked, &by_play);
                if (factor == 0) simulated[k] = by_play ? 1 : 0;
            }
        });
        return found;
    };
    const std::vector<DiscreteAmount> found = brought(0, options.threads);
    if (standard_error != nullptr) {
        // A cdf value is linear in each graph's own; a mean of values in [0, 1] has at most half a standard deviation.
        const auto count = static_cast<double>(std::ranges::count(simulated, 1));
        *standard_error = 0.5 * std::sqrt(count / static_cast<double>(options_.paths));
    }
    if (!(sum.factors->total() > 0)) return sum_distribution(found, options);
    if (!sum.factors->groups().empty()) return range_by_group(sum, options);
    SumOptions given = options;
    given.threads = 1;
    given.step =
        detail::step_over_factor(found, [&](double factor) { return brought(factor, options.threads); }, options);
    const auto given_factor = [&](double factor) {
        SumOptions own = given;
        own.share = detail::factor_share(factor);
        const Distribution one = sum_distribution(brought(factor, 1), own);
        return GivenFactor{one.lattice(), one.mean(), one.variance()};
    };
    return average_over_factor(given_factor, options.unit, {.threads = options.threads});
}

// The sum where one factor divides the plans: graphs of one label are convolved for each value of what their factors
// are together.
CUSTFOLIO_INLINE Distribution GrowthForecast::range_by_group(const PlanSum& plans, const SumOptions& options) const {
    const PlanFactors::Group& factor = plans.factors->groups().front();
    std::vector<std::vector<std::size_t>> groups(factor.labels);
    for (const std::size_t g : plans.graphs) groups[factor.label[kinds(*plans.factors, g).front()]].push_back(g);
    std::erase_if(groups, [](const auto& group) { return group.empty(); });
    if (groups.empty()) return sum_distribution(std::span<const DiscreteAmount>(), options);
    const auto brought = [&](const std::vector<std::size_t>& group, double value, unsigned threads) {
        PlanQuestion asked = plans.question;
        asked.factor = plans.shift + plans.scale * value;
        std::vector<DiscreteAmount> found(group.size());
        math::parallel_for(0, group.size(), 16, threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t k = begin; k < end; ++k) found[k] = amounts(group[k], asked);
        });
        return found;
    };
    std::vector<std::size_t> all;
    for (const auto& group : groups) all.insert(all.end(), group.begin(), group.end());
    SumOptions given = options;
    given.threads = 1;
    // The sums of all groups at all values are held at once, so that fewer points are affordable.
    given.points = std::min(options.points, std::size_t{1} << 14);
    given.step = detail::step_over_factor(
        brought(all, 0, options.threads), [&](double value) { return brought(all, value, options.threads); }, given);
    const auto sum = [&](std::size_t group, double value) {
        SumOptions own = given;
        own.share = detail::factor_share(value);
        const Distribution one = sum_distribution(brought(groups[group], value, 1), own);
        return GivenFactor{one.lattice(), one.mean(), one.variance()};
    };
    return average_over_groups(groups.size(), sum, plans.factors->common() / plans.factors->total(), options.unit,
                               options.trimmed, {.threads = options.threads});
}

CUSTFOLIO_INLINE std::vector<double> GrowthForecast::plays(const PlanSum& sum, std::size_t paths, std::uint64_t seed,
                                                           unsigned threads) const {
    std::vector<double> totals(paths);
    math::parallel_for(0, paths, 64, threads, [&](std::size_t begin, std::size_t end) {
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
    });
    return totals;
}

CUSTFOLIO_INLINE Distribution GrowthForecast::independent_range(const PlanQuestion& question, const SumOptions& options,
                                                                double* standard_error,
                                                                std::optional<std::size_t> without) const {
    detail::KeptSums::Pointer kept = kept_ ? kept_->find(question, options) : nullptr;
    if (!kept || kept->graphs != graphs_) {
        std::vector<std::size_t> changed;
        for (std::size_t g = 0; g < graphs_.size(); ++g) {
            if (!kept || kept->graphs[g] != graphs_[g]) changed.push_back(g);
        }
        std::vector<char> simulated = kept ? kept->simulated : std::vector<char>(graphs_.size());
        std::vector<DiscreteAmount> found(changed.size());
        math::parallel_for(0, changed.size(), 16, options.threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) {
                bool by_play = false;
                found[i] = amounts(changed[i], question, &by_play);
                simulated[changed[i]] = by_play ? 1 : 0;
            }
        });
        // Where most has changed, nothing is gained by what is kept.
        IndependentSum sum = kept && changed.size() < graphs_.size()
                                 ? kept->sum.replaced(changed, found, options.threads)
                                 : IndependentSum(found, options);
        kept = std::make_shared<const detail::KeptSum>(
            detail::KeptSum{question, options, graphs_, std::move(simulated), std::move(sum)});
        if (kept_) kept_->keep(kept);
    }
    if (standard_error != nullptr) {
        // A cdf value is linear in each graph's own; a mean of values in [0, 1] has at most half a standard deviation.
        const auto count = static_cast<double>(std::ranges::count(kept->simulated, 1));
        *standard_error = 0.5 * std::sqrt(count / static_cast<double>(options_.paths));
    }
    if (!without || *without >= graphs_.size()) return kept->sum.distribution();
    const DiscreteAmount nothing{{1}, {0}};
    return kept->sum.replaced(std::span(&*without, 1), std::span(&nothing, 1), options.threads).distribution();
}

CUSTFOLIO_INLINE std::vector<Distribution> GrowthForecast::ranges(std::span<const Span> spans, Payoff payoff,
                                                                  const SumOptions& options) const {
    std::vector<Distribution> found(spans.size());
    SumOptions own = options;
    own.threads = 1;
    // The last first: the longest span often, and the one that takes most.
    math::parallel_for(0, spans.size(), 1, options.threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const std::size_t at = spans.size() - 1 - i;
            found[at] = range(spans[at].first, spans[at].last, payoff, own);
        }
    });
    return found;
}

CUSTFOLIO_INLINE Distribution GrowthForecast::month(Month month, Payoff payoff, const SumOptions& options) const {
    return range(month, month, payoff, options);
}

CUSTFOLIO_INLINE Distribution GrowthForecast::total(Payoff payoff, const SumOptions& options) const {
    return range(start_, start_ + (months_ - 1), payoff, options);
}

CUSTFOLIO_INLINE std::vector<double> simulate_total(const GrowthForecast& forecast, std::size_t paths,
                                                    std::uint64_t seed, Payoff payoff, unsigned threads) {
    if (paths == 0) throw InputError("paths is 0; at least one path is needed");
    const PlanQuestion question{
        .first = 0, .last = forecast.months_ - 1, .payoff = payoff, .correlation = forecast.factors_->total()};
    std::vector<std::size_t> graphs(forecast.graphs());
    std::iota(graphs.begin(), graphs.end(), std::size_t{0});
    return forecast.plays({question, std::move(graphs), forecast.factors_}, paths, seed, threads);
}

}  // namespace custfolio
