// Definitions of the fitted chance to win.
#pragma once

#include <algorithm>
#include <cmath>

#include "custfolio/acquisition/win_fit.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/logistic_regression.hpp"
#include "custfolio/math/normal.hpp"

namespace custfolio {

namespace detail {

inline constexpr std::size_t win_folds = 10;
inline constexpr std::size_t most_sources = 50;

/// Features of prospects and the prior of their coefficients.
struct WinProblem {
    std::vector<std::string> sources;
    Matrix features;
    std::vector<double> mean;
    std::vector<double> deviation;

    WinProblem(std::span<const Prospect> prospects, const AcquisitionOptions& prior)
        : mean{math::logit(prior.base_win_probability), prior.warmth_sensitivity, prior.network_sensitivity,
               prior.likeness_sensitivity} {
        for (const Prospect& prospect : prospects) {
            if (!prospect.source.empty()) sources.push_back(prospect.source);
        }
        std::sort(sources.begin(), sources.end());
        sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
        if (sources.size() > most_sources) {
            throw InputError("the prospects have " + std::to_string(sources.size()) + " sources; at most " +
                             std::to_string(most_sources) + " are supported: group rare ones");
        }
        for (const std::string& source : sources) {
            const auto found = prior.source_log_odds.find(source);
            mean.push_back(found == prior.source_log_odds.end() ? 0.0 : found->second);
        }
        deviation.assign(mean.size(), 1.0);
        features = Matrix(prospects.size(), mean.size());
        for (std::size_t k = 0; k < prospects.size(); ++k) {
            const Prospect& prospect = prospects[k];
            features(k, 0) = 1.0;
            features(k, 1) = prospect.warmth_score;
            features(k, 2) = prospect.path_strength;
            features(k, 3) = prospect.likeness;
            const auto source = std::lower_bound(sources.begin(), sources.end(), prospect.source);
            if (source != sources.end() && *source == prospect.source) {
                features(k, 4 + static_cast<std::size_t>(source - sources.begin())) = 1.0;
            }
        }
    }

    /// Fits the rows whose fold is not `fold`.
    [[nodiscard]] math::LogisticRegression fit_without(std::size_t fold, std::span<const double> won) const {
        std::vector<double> outcome;
        std::vector<std::size_t> rows;
        for (std::size_t k = 0; k < won.size(); ++k) {
            if (k % win_folds != fold) rows.push_back(k);
        }
        Matrix part(rows.size(), features.cols());
        for (std::size_t r = 0; r < rows.size(); ++r) {
            std::copy_n(features.row(rows[r]).begin(), features.cols(), part.row(r).begin());
            outcome.push_back(won[rows[r]]);
        }
        return math::fit_logistic({part, outcome}, {mean, deviation});
    }
};

CUSTFOLIO_INLINE double log_loss(double chance, double outcome) {
    const double bounded = std::clamp(chance, 1e-12, 1 - 1e-12);
    return outcome > 0 ? -std::log(bounded) : -std::log1p(-bounded);
}

/// Gain of the fit on the base rate, both out of sample.
CUSTFOLIO_INLINE void measure_gain(const WinProblem& problem, std::span<const double> won, double prior, WinFit& fit) {
    const std::size_t count = won.size();
    std::vector<double> gains(count);
    fit.predicted.resize(count);
    for (std::size_t fold = 0; fold < std::min(win_folds, count); ++fold) {
        const math::LogisticRegression model = problem.fit_without(fold, won);
        double wins = prior;
        double others = 1;
        for (std::size_t k = 0; k < count; ++k) {
            if (k % win_folds == fold) continue;
            wins += won[k];
            ++others;
        }
        for (std::size_t k = fold; k < count; k += win_folds) {
            fit.predicted[k] = model.probability(problem.features.row(k));
            gains[k] = log_loss(wins / others, won[k]) - log_loss(fit.predicted[k], won[k]);
            fit.gain += gains[k] / static_cast<double>(count);
        }
    }
    double squares = 0;
    for (const double gain : gains) squares += (gain - fit.gain) * (gain - fit.gain);
    if (count > 1) fit.gain_error = std::sqrt(squares / static_cast<double>(count - 1) / static_cast<double>(count));
    fit.lift = count >= 2 * win_folds && fit.gain > 1.645 * fit.gain_error;
}

}  // namespace detail

CUSTFOLIO_INLINE AcquisitionOptions WinFit::apply(AcquisitionOptions options) const {
    options.base_win_probability = base_win_probability;
    options.warmth_sensitivity = warmth_sensitivity;
    options.network_sensitivity = network_sensitivity;
    options.likeness_sensitivity = likeness_sensitivity;
    options.source_log_odds = source_log_odds;
    return options;
}

CUSTFOLIO_INLINE std::string WinFit::note() const {
    const std::string past = std::to_string(won) + " of " + std::to_string(prospects) + " earlier prospects were won. ";
    if (prospects < 2 * detail::win_folds) {
        return past + "Fewer than 20 are too few to tell what predicts it, so each chance is this rate.";
    }
    if (lift) return past + "Warmth, network, likeness and source predict it better than this rate.";
    return past + "Warmth, network, likeness and source do not predict it better, so each chance is this rate.";
}

CUSTFOLIO_INLINE WinFit fit_win(std::span<const Prospect> prospects, std::span<const double> won,
                                const AcquisitionOptions& prior) {
    detail::check(prior);
    if (won.size() != prospects.size()) {
        throw InputError("there are " + std::to_string(prospects.size()) + " prospects and " +
                         std::to_string(won.size()) + " results; each prospect needs one");
    }
    WinFit fit;
    fit.prospects = prospects.size();
    for (std::size_t k = 0; k < won.size(); ++k) {
        if (won[k] != 0 && won[k] != 1) {
            throw InputError("prospect at position " + std::to_string(k) + ": won is " + number_text(won[k]) +
                             "; it must be 0 or 1");
        }
        if (won[k] == 1) ++fit.won;
    }
    const detail::WinProblem problem(prospects, prior);
    detail::measure_gain(problem, won, prior.base_win_probability, fit);
    if (!fit.lift) {
        fit.base_win_probability =
            (static_cast<double>(fit.won) + prior.base_win_probability) / (static_cast<double>(fit.prospects) + 1);
        return fit;
    }
    const math::LogisticRegression model = problem.fit_without(detail::win_folds, won);
    fit.base_win_probability = math::logistic(model.coefficients[0]);
    fit.warmth_sensitivity = model.coefficients[1];
    fit.network_sensitivity = model.coefficients[2];
    fit.likeness_sensitivity = model.coefficients[3];
    for (std::size_t k = 0; k < problem.sources.size(); ++k) {
        fit.source_log_odds[problem.sources[k]] = model.coefficients[4 + k];
    }
    return fit;
}

}  // namespace custfolio
