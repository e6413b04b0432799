// The chance to win, fitted to candidates of the past and checked out of sample.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "custfolio/acquisition/prospects.hpp"

namespace custfolio {

/// What history shows of the chance to win.
struct WinFit {
    double base_win_probability = 0;                  ///< See AcquisitionOptions; without lift the rate of the past.
    double warmth_sensitivity = 0;                    ///< See AcquisitionOptions; 0 without lift, as those below.
    double network_sensitivity = 0;                   ///< See AcquisitionOptions.
    double likeness_sensitivity = 0;                  ///< See AcquisitionOptions.
    std::map<std::string, double> source_log_odds{};  ///< See AcquisitionOptions.
    std::size_t prospects = 0;                        ///< Prospects of the past.
    std::size_t won = 0;                              ///< Those that were won.
    double gain = 0;                  ///< Mean gain of log loss on the base rate, out of sample, nats a prospect.
    double gain_error = 0;            ///< Its standard error.
    bool lift = false;                ///< Whether the gain is above 1.645 standard errors (5 %, one-sided).
    std::vector<double> predicted{};  ///< Out of sample, per prospect: the fitted chance.

    /// @param options assumptions.
    /// @return the same with the chance to win of this fit.
    [[nodiscard]] AcquisitionOptions apply(AcquisitionOptions options) const;
    /// @return the result in words.
    [[nodiscard]] std::string note() const;
};

/// Fits the chance to win to the past: a logistic regression on warmth score, path strength, likeness and source.
///
/// The prior of each coefficient is normal around the assumption of the options, with deviation 1. Prospects are taken
/// in ten folds by position. Each fold is predicted from the others, and by the base rate of the others. Where the mean
/// gain is not significant, or there are fewer than 20 prospects, the answer is the base rate: (won +
/// base_win_probability) / (prospects + 1).
/// @param prospects what acquire() returned for the candidates and the portfolio of then.
/// @param won one per prospect: 1 where it became a customer, 0 where it did not.
/// @param prior the assumptions of then.
/// @return the fitted chance, or the base rate.
/// @throws InputError where lengths differ, a value of `won` is neither 0 nor 1, or there are more than 50 sources.
/// Eleven regressions.
WinFit fit_win(std::span<const Prospect> prospects, std::span<const double> won, const AcquisitionOptions& prior = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/acquisition/win_fit.ipp"
#endif
