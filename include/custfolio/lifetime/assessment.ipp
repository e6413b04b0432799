// Definitions of lifetime/assessment.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/assessment.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

CUSTFOLIO_INLINE CountScores score_counts(std::span<const double> mass, std::size_t width,
                                          std::span<const double> count, double lower, double upper, unsigned threads) {
    const std::size_t rows = count.size();
    if (width == 0 || mass.size() != rows * width) {
        throw InputError("forecasts: the mass has " + std::to_string(mass.size()) + " probabilities for " +
                         std::to_string(rows) + " rows of " + std::to_string(width) + "; it must have one each");
    }
    if (!(0 < lower && lower < upper && upper < 1)) {
        throw InputError("forecasts: the levels are " + number_text(lower) + " and " + number_text(upper) +
                         "; they must rise and lie within 0 and 1");
    }
    CountScores scores;
    for (auto* column : {&scores.crps, &scores.lower, &scores.upper, &scores.below, &scores.up_to})
        column->resize(rows);
    std::vector<double> missing(rows);
    math::parallel_for(0, rows, 4096, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t row = begin; row < end; ++row) {
            const std::string where = "forecasts, row " + std::to_string(row) + " (counted from 0): ";
            const double found = count[row];
            if (!(found >= 0) || found != std::floor(found) || !std::isfinite(found)) {
                throw InputError(where + "the count is " + number_text(found) + "; it must be a whole number from 0");
            }
            double reached = 0;
            double below = 0;
            double up_to = 0;
            double score = 0;
            double low = -1;
            double high = -1;
            for (std::size_t k = 0; k < width; ++k) {
                const double probability = mass[row * width + k];
                if (!(probability >= 0 && probability <= 1 + 1e-6)) {
                    throw InputError(where + "the probability of " + std::to_string(k) + " is " +
                                     number_text(probability) + "; it must lie in [0, 1]");
                }
                const auto value = static_cast<double>(k);
                if (value == found) below = reached;
                reached += probability;
                if (value == found) up_to = reached;
                const double distance = reached - (found <= value ? 1.0 : 0.0);
                score += distance * distance;
                if (low < 0 && reached >= lower) low = value;
                if (high < 0 && reached >= upper) high = value;
            }
            if (reached > 1 + 1e-6) {
                throw InputError(where + "the probabilities sum to " + number_text(reached) +
                                 "; they must to at most 1");
            }
            const auto beyond = static_cast<double>(width);
            if (found >= beyond) {
                score += (found - beyond) * reached * reached;
                below = up_to = reached;
            }
            scores.crps[row] = score;
            scores.lower[row] = low < 0 ? beyond : low;
            scores.upper[row] = high < 0 ? beyond : high;
            scores.below[row] = std::min(below, 1.0);
            scores.up_to[row] = std::min(up_to, 1.0);
            missing[row] = std::max(0.0, 1 - reached);
        }
    });
    for (const double one : missing) scores.missing_mass = std::max(scores.missing_mass, one);
    return scores;
}

}  // namespace custfolio
