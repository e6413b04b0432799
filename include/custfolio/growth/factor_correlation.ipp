// Definitions of estimates of how strongly successes go together.
#pragma once

#include <numeric>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/growth/factor_correlation.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"

namespace custfolio {

namespace detail {

/// Ordered pairs of trials within cells, and those of them that both succeeded.
struct TrialPairs {
    double all = 0;
    double both = 0;

    void add(double successes, double trials) {
        // Ordered pairs of different trials, so that the same trial never counts twice.
        all += trials * (trials - 1);
        both += successes * (successes - 1);
    }
};

}  // namespace detail

CUSTFOLIO_INLINE FactorCorrelation estimate_correlation(const FactorHistory& history, bool grouped, double level,
                                                        const math::Pulse& pulse) {
    const std::size_t cells = history.successes.size();
    if (history.trials.size() != cells || history.period.size() != cells) {
        throw InputError("there are " + std::to_string(cells) + " successes, " + std::to_string(history.trials.size()) +
                         " trials and " + std::to_string(history.period.size()) + " periods; there must be as many");
    }
    const double good = std::accumulate(history.successes.begin(), history.successes.end(), 0.0);
    const double all = std::accumulate(history.trials.begin(), history.trials.end(), 0.0);
    const double p = good / all;
    if (!(p > 0 && p < 1)) {
        throw InputError(number_text(good) + " of " + number_text(all) +
                         " trials succeeded; a correlation needs both successes and failures");
    }
    detail::TrialPairs within;  // pairs of one cell
    detail::TrialPairs period;  // pairs of one period
    std::size_t periods = 0;
    // Cells of one period stand together, in the order of the history.
    for (std::size_t k = 0; k < cells;) {
        const std::int64_t now = history.period[k];
        double successes = 0;
        double trials = 0;
        for (; k < cells && history.period[k] == now; ++k) {
            within.add(history.successes[k], history.trials[k]);
            successes += history.successes[k];
            trials += history.trials[k];
        }
        period.add(successes, trials);
        ++periods;
    }
    if (periods < 2) {
        throw InputError("the number of periods with trials is " + std::to_string(periods) +
                         "; a correlation needs at least two");
    }
    if (within.all == 0) {
        throw InputError(std::string("no ") + (grouped ? "label in a period" : "period") +
                         " has two trials; a correlation needs trials that went together");
    }
    FactorCorrelation estimate;
    // The chance that both of a pair succeed shows the correlation, without any likelihood.
    double both = within.both / within.all;
    if (grouped) {
        // Pairs of one period and different labels share the common factor alone.
        if (period.all == within.all) {
            throw InputError("no period has trials of two labels; the factors cannot be separated");
        }
        both = (period.both - within.both) / (period.all - within.all);
    }
    estimate.fit = fit_factors(history, grouped, level, pulse);
    estimate.probability = math::normal_cdf(estimate.fit.threshold);
    estimate.by_moments = correlation_of_pairs(math::normal_quantile(p), both);
    estimate.between_successes = (both - p * p) / (p * (1 - p));
    return estimate;
}

}  // namespace custfolio
