// Definitions of factors estimated from a history.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <numeric>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/growth/detail/thresholds.hpp"
#include "custfolio/growth/factor_history.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/minimise.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// Values of a standard normal factor for the trapezoidal rule, and the logarithms of their weights.
struct FactorNodes {
    std::vector<double> value;
    std::vector<double> log_weight;
};

/// The nodes for a likelihood of the factor with this information. Its product with the density is as narrow as 1 /
/// sqrt(1 + information). A spacing of 0.8 of that leaves an error of 1e-13.
inline FactorNodes factor_nodes(double information) {
    FactorNodes nodes;
    // Half a deviation is enough for the density itself.
    const double spacing = std::min(0.5, 0.8 / std::sqrt(1 + information));
    // Beyond 8.5 deviations the density is below 1e-16 of its peak.
    const auto last = static_cast<int>(8.5 / spacing);
    for (int k = -last; k <= last; ++k) {
        const double z = k * spacing;
        nodes.value.push_back(z);
        nodes.log_weight.push_back(std::log(spacing) - 0.5 * std::log(2 * std::numbers::pi) - 0.5 * z * z);
    }
    return nodes;
}

CUSTFOLIO_INLINE void check(const FactorHistory& history) {
    const std::size_t count = history.trials.size();
    if (count == 0 || history.successes.size() != count || history.period.size() != count) {
        throw InputError("there are " + std::to_string(history.successes.size()) + " successes, " +
                         std::to_string(count) + " trials and " + std::to_string(history.period.size()) +
                         " periods; there must be as many, and at least one");
    }
    for (std::size_t c = 0; c < count; ++c) {
        if (!(history.trials[c] <= most_trials)) {
            throw InputError("cell " + std::to_string(c + 1) + " has " + number_text(history.trials[c]) +
                             " trials; it must have at most " + number_text(most_trials));
        }
    }
}

/// ln Phi of a trial's argument and of its negative, with their derivatives by the parameters.
struct FactorPoint {
    double won;
    double lost;
    std::array<double, 3> if_won;
    std::array<double, 3> if_lost;
};

/// The nodes of a period's factor Z_t and of a cell's factor Z_c, and a trial at each pair of them.
struct FactorGrid {
    FactorNodes outer;
    FactorNodes inner{{0}, {0}};
    std::vector<FactorPoint> points;  // by outer and inner node
};

/// What a cell or a period adds at each value of Z_t: a logarithm, and its derivatives by the parameters.
struct FactorTerms {
    std::vector<double> value;
    std::vector<std::array<double, 3>> slope;
};

CUSTFOLIO_INLINE FactorGrid factor_grid(const FactorHistory& history, const FactorParameters& at, double square) {
    // Information of one trial on its argument is at most 2 / pi; of a period on Z_t, what its cells' factors leave.
    constexpr double most = 2 / std::numbers::pi;
    double in_cell = 0;
    double in_period = 0;
    double sum = 0;
    for (std::size_t c = 0; c < history.trials.size(); ++c) {
        in_cell = std::max(in_cell, history.trials[c]);
        if (c > 0 && history.period[c] != history.period[c - 1]) sum = 0;
        sum += at.common * at.common / (at.cell * at.cell + square / (most * history.trials[c]));
        in_period = std::max(in_period, sum);
    }
    FactorGrid grid;
    grid.outer = factor_nodes(in_period);
    // Without a factor of its own a cell has one node.
    if (at.cell != 0) grid.inner = factor_nodes(at.cell * at.cell * most * in_cell / square);
    const double rest = std::sqrt(square);
    for (const double z : grid.outer.value) {
        for (const double u : grid.inner.value) {
            const double top = at.threshold - at.common * z - at.cell * u;
            const double x = top / rest;
            FactorPoint& point = grid.points.emplace_back();
            point.won = math::log_normal_cdf(x);
            point.lost = math::log_normal_cdf(-x);
            // The density over each chance by logarithms, since both may underflow.
            const double log_density = -0.5 * x * x - 0.5 * std::log(2 * std::numbers::pi);
            const double up = std::exp(log_density - point.won);
            const double down = -std::exp(log_density - point.lost);
            const std::array<double, 3> slope{1 / rest, -z / rest + top * at.common / (rest * square),
                                              -u / rest + top * at.cell / (rest * square)};
            for (std::size_t k = 0; k < 3; ++k) {
                point.if_won[k] = up * slope[k];
                point.if_lost[k] = down * slope[k];
            }
        }
    }
    return grid;
}

/// For each value of Z_t: the logarithm of the mean over Z_c of a cell's likelihood, and the derivatives of that.
CUSTFOLIO_INLINE FactorTerms cell_terms(const FactorGrid& grid, double won, double lost) {
    const std::size_t nz = grid.outer.value.size();
    const std::size_t nu = grid.inner.value.size();
    FactorTerms cell{std::vector<double>(nz), std::vector<std::array<double, 3>>(nz)};
    std::vector<double> term(nu);
    for (std::size_t i = 0; i < nz; ++i) {
        // Terms are relative to the greatest: the likelihood of many trials underflows.
        double top = -std::numeric_limits<double>::infinity();
        for (std::size_t j = 0; j < nu; ++j) {
            const FactorPoint& point = grid.points[i * nu + j];
            term[j] = grid.inner.log_weight[j] + won * point.won + lost * point.lost;
            top = std::max(top, term[j]);
        }
        double total = 0;
        std::array<double, 3> slope{};
        for (std::size_t j = 0; j < nu; ++j) {
            const FactorPoint& point = grid.points[i * nu + j];
            const double weight = std::exp(term[j] - top);
            if (weight == 0) continue;
            total += weight;
            for (std::size_t k = 0; k < 3; ++k) slope[k] += weight * (won * point.if_won[k] + lost * point.if_lost[k]);
        }
        cell.value[i] = top + std::log(total);
        for (std::size_t k = 0; k < 3; ++k) cell.slope[i][k] = slope[k] / total;
    }
    return cell;
}

/// A search for the parameters of factors, and for the intervals of their loadings.
class FactorSearch {
  public:
    FactorSearch(const FactorHistory& history, bool grouped, const math::Pulse& pulse)
        : history_(history), grouped_(grouped), pulse_(pulse) {}

    /// The parameters of greatest likelihood, and the logarithm of that.
    [[nodiscard]] std::pair<FactorParameters, double> best(double threshold) const {
        FactorParameters best;
        double top = -std::numeric_limits<double>::infinity();
        // Either factor may explain what happened, and each may be an optimum of its own.
        for (const auto& [common, cell] : {std::pair{0.3, 0.3}, {0.6, 0.1}, {0.1, 0.6}}) {
            const auto [parameters, value] =
                maximise({threshold, common, grouped_ ? cell : 0.0}, {true, true, grouped_});
            if (value > top) {
                best = parameters;
                top = value;
            }
        }
        // The sign of a loading has no meaning: the factor is symmetric.
        best.common = std::abs(best.common);
        best.cell = std::abs(best.cell);
        return {best, top};
    }

    /// The share of a factor, and where the profile of its loading falls below `drop`: by halving, to four digits.
    [[nodiscard]] FactorShare share(const FactorParameters& best, std::size_t which, double drop) const {
        const auto loading = member[which];
        FactorParameters from = best;
        const auto above = [&](double value) {
            from.*loading = value;
            const double square = 1 - from.common * from.common - from.cell * from.cell;
            if (!(square > 0.01)) {
                // The other loading makes room: both together must explain less than all.
                double& other = which == 1 ? from.cell : from.common;
                other = std::min(other, 0.9 * std::sqrt(std::max(0.0, 1 - value * value)));
            }
            std::array<bool, 3> free{true, true, grouped_};
            free[which] = false;
            const auto [parameters, height] = maximise(from, free);
            from = parameters;  // the next start: neighbouring values have neighbouring optima
            return height >= drop;
        };
        const auto end = [&](double inside, double outside) {
            from = best;
            if (above(outside)) return outside;
            from = best;
            while (std::abs(inside - outside) > 2e-4) {
                const double half = 0.5 * (inside + outside);
                (above(half) ? inside : outside) = half;
            }
            return 0.5 * (inside + outside);
        };
        const double middle = best.*loading;
        const double low = end(middle, 0);
        const double high = end(middle, 0.99);
        return {middle * middle, low * low, high * high};
    }

  private:
    static constexpr std::array<double FactorParameters::*, 3> member{
        &FactorParameters::threshold, &FactorParameters::common, &FactorParameters::cell};

    /// The greatest likelihood over the parameters that are free, from where it is begun.
    [[nodiscard]] std::pair<FactorParameters, double> maximise(const FactorParameters& at,
                                                               const std::array<bool, 3>& free) const {
        std::vector<std::size_t> moved;
        for (std::size_t k = 0; k < 3; ++k) {
            if (free[k]) moved.push_back(k);
        }
        const auto with = [&](std::span<const double> x) {
            if (pulse_) pulse_();
            FactorParameters parameters = at;
            for (std::size_t k = 0; k < moved.size(); ++k) parameters.*member[moved[k]] = x[k];
            return parameters;
        };
        const auto minus_likelihood = [&](std::span<const double> x, std::span<double> slope) {
            std::array<double, 3> derivative{};
            const double value = factor_log_likelihood(history_, with(x), derivative.data());
            for (std::size_t k = 0; k < moved.size(); ++k) slope[k] = -derivative[moved[k]];
            return -value;
        };
        std::vector<double> start(moved.size());
        for (std::size_t k = 0; k < moved.size(); ++k) start[k] = at.*member[moved[k]];
        const math::MinimiseResult optimum = math::minimise(minus_likelihood, start, {.max_step = 0.3});
        return {with(optimum.x), -optimum.value};
    }

    const FactorHistory& history_;
    bool grouped_;
    const math::Pulse& pulse_;
};

}  // namespace detail

CUSTFOLIO_INLINE FactorCells factor_cells(std::span<const double> successes, std::span<const double> trials,
                                          std::span<const std::int64_t> period, std::span<const std::int64_t> label) {
    const std::size_t rows = successes.size();
    const std::size_t columns[] = {trials.empty() ? rows : trials.size(), period.size(),
                                   label.empty() ? rows : label.size()};
    for (const std::size_t length : columns) {
        if (length == rows) continue;
        throw InputError("there are " + std::to_string(rows) + " rows of successes and " + std::to_string(length) +
                         " of trials, periods or labels; there must be as many");
    }
    std::map<std::int64_t, std::int64_t> number;  // of each period
    std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> place;
    FactorCells unordered;
    for (std::size_t k = 0; k < rows; ++k) {
        const double won = successes[k];
        const double tried = trials.empty() ? 1.0 : trials[k];
        const bool whole = won == std::floor(won) && tried == std::floor(tried);
        if (!(won >= 0 && won <= tried && whole && std::isfinite(tried))) {
            const std::string row = std::to_string(k + 1);
            throw InputError(trials.empty()
                                 ? "outcome " + row + " is " + number_text(won) + "; it must be 1 (success) or 0"
                                 : "row " + row + ": " + number_text(won) + " successes of " + number_text(tried) +
                                       " trials; whole numbers are needed, 0 to all");
        }
        if (tried == 0) continue;
        const std::int64_t time = number.try_emplace(period[k], static_cast<std::int64_t>(number.size())).first->second;
        const auto [at, is_new] = place.try_emplace({time, label.empty() ? 0 : label[k]}, unordered.row.size());
        if (is_new) {
            unordered.successes.push_back(0);
            unordered.trials.push_back(0);
            unordered.period.push_back(time);
            unordered.row.push_back(k);
        }
        unordered.successes[at->second] += won;
        unordered.trials[at->second] += tried;
    }
    std::vector<std::size_t> order(unordered.row.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    detail::stable_sort(order, [&](std::size_t a, std::size_t b) { return unordered.period[a] < unordered.period[b]; });
    FactorCells cells;
    for (const std::size_t k : order) {
        cells.successes.push_back(unordered.successes[k]);
        cells.trials.push_back(unordered.trials[k]);
        cells.period.push_back(unordered.period[k]);
        cells.row.push_back(unordered.row[k]);
    }
    return cells;
}

CUSTFOLIO_INLINE double factor_log_likelihood(const FactorHistory& history, const FactorParameters& at,
                                              double* gradient) {
    detail::check(history);
    const double square = 1 - at.common * at.common - at.cell * at.cell;
    if (!(square > 1e-6) || !std::isfinite(at.threshold)) return -std::numeric_limits<double>::infinity();
    const std::size_t cells = history.trials.size();
    const detail::FactorGrid grid = detail::factor_grid(history, at, square);
    const std::size_t nz = grid.outer.value.size();
    // Cells of as many successes and trials have the same terms.
    std::map<std::pair<double, double>, detail::FactorTerms> kinds;
    for (std::size_t c = 0; c < cells; ++c) {
        const auto [place, fresh] = kinds.try_emplace({history.successes[c], history.trials[c]});
        if (fresh) {
            place->second = detail::cell_terms(grid, history.successes[c], history.trials[c] - history.successes[c]);
        }
    }
    math::CompensatedSum likelihood;
    std::array<math::CompensatedSum, 3> derivative;
    std::vector<double> term(nz);
    std::vector<std::array<double, 3>> slope(nz);
    for (std::size_t begin = 0, end = 0; begin < cells; begin = end) {
        // Given Z_t the cells of a period are independent: their logarithms add.
        term = grid.outer.log_weight;
        detail::fill(slope, std::array<double, 3>{});
        for (; end < cells && history.period[end] == history.period[begin]; ++end) {
            const detail::FactorTerms& cell = kinds.at({history.successes[end], history.trials[end]});
            for (std::size_t i = 0; i < nz; ++i) {
                term[i] += cell.value[i];
                for (std::size_t k = 0; k < 3; ++k) slope[i][k] += cell.slope[i][k];
            }
        }
        const double top = detail::max(term);
        double total = 0;
        std::array<double, 3> sums{};
        for (std::size_t i = 0; i < nz; ++i) {
            const double weight = std::exp(term[i] - top);
            if (weight == 0) continue;
            total += weight;
            for (std::size_t k = 0; k < 3; ++k) sums[k] += weight * slope[i][k];
        }
        likelihood += top + std::log(total);
        for (std::size_t k = 0; k < 3; ++k) derivative[k] += sums[k] / total;
    }
    for (std::size_t k = 0; k < 3 && gradient != nullptr; ++k) gradient[k] = derivative[k].value();
    return likelihood.value();
}

CUSTFOLIO_INLINE FactorFit fit_factors(const FactorHistory& history, bool grouped, double level,
                                       const math::Pulse& pulse) {
    detail::check(history);
    if (!(level > 0 && level < 1)) {
        throw InputError("level is " + number_text(level) + "; it must lie between 0 and 1");
    }
    double won = 0;
    double all = 0;
    for (std::size_t c = 0; c < history.trials.size(); ++c) {
        won += history.successes[c];
        all += history.trials[c];
    }
    if (!(won > 0 && won < all)) {
        throw InputError(number_text(won) + " of " + number_text(all) +
                         " trials succeeded; factors need both successes and failures");
    }
    const detail::FactorSearch search(history, grouped, pulse);
    const auto [best, top] = search.best(math::normal_quantile(won / all));
    // Twice the fall of the log likelihood is chi-square: the interval ends where it reaches the quantile, squared.
    const double quantile = math::normal_quantile(0.5 + 0.5 * level);
    const double drop = top - 0.5 * quantile * quantile;
    FactorFit fit;
    fit.threshold = best.threshold;
    fit.log_likelihood = top;
    fit.common = search.share(best, 1, drop);
    if (grouped) fit.cell = search.share(best, 2, drop);
    return fit;
}

CUSTFOLIO_INLINE double correlation_of_pairs(double threshold, double both) {
    const auto chance = [&](double correlation) {
        return detail::factor_means(1, 1e-12, [&](double z, std::vector<double>& value) {
            const double p = math::normal_cdf((threshold - std::sqrt(correlation) * z) / std::sqrt(1 - correlation));
            value[0] = p * p;
        })[0];
    };
    // The chance rises with the correlation, so bisection finds it.
    double low = 0;
    double high = 0.999;
    if (chance(low) >= both) return low;
    if (chance(high) <= both) return high;
    while (high - low > 1e-9) {
        const double middle = 0.5 * (low + high);
        (chance(middle) < both ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

}  // namespace custfolio
