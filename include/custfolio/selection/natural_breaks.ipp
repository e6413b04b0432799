// Definition of the natural breaks: a dynamic programme over sorted values, narrowed by bounds.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/selection/detail/run_spread.hpp"
#include "custfolio/selection/natural_breaks.hpp"

namespace custfolio {
namespace detail {

/// Positions from `first` to `last`, both included.
struct PositionRange {
    std::size_t first = 0;
    std::size_t last = 0;
};

/// The best column of each row where better columns never move back from row to row: O((rows + columns) log rows).
/// @param rows the rows.
/// @param columns the columns.
/// @param value the value of (row, column), for columns before the row.
/// @param offset the row of the first entry of `best` and `choice`.
/// @param best written per row of `rows`: the least value, infinite without a column.
/// @param choice written per row of `rows`: its first column.
/// @param pulse called now and then.
template <class Value>
void best_columns(PositionRange rows, PositionRange columns, const Value& value, std::size_t offset,
                  std::vector<double>& best, std::vector<std::uint32_t>& choice, const math::Pulse& pulse) {
    constexpr std::size_t long_work = 1024;
    if (pulse && rows.last - rows.first >= long_work) pulse();
    const std::size_t row = rows.first + (rows.last - rows.first) / 2;
    double least = std::numeric_limits<double>::infinity();
    std::size_t chosen = columns.first;
    for (std::size_t column = columns.first; column <= columns.last && column < row; ++column) {
        const double sum = value(row, column);
        if (sum < least) {
            least = sum;
            chosen = column;
        }
    }
    best[row - offset] = least;
    choice[row - offset] = static_cast<std::uint32_t>(chosen);
    if (row > rows.first) {
        best_columns({rows.first, row - 1}, {columns.first, chosen}, value, offset, best, choice, pulse);
    }
    if (row < rows.last) {
        best_columns({row + 1, rows.last}, {chosen, columns.last}, value, offset, best, choice, pulse);
    }
}

/// Lower bounds on the spread of the values before a point of a grid, in 1 to k classes. The values of the cell in
/// which a break lies are not counted.
struct RunBounds {
    std::vector<std::vector<double>> least;          ///< Per number of classes - 1: a bound per point.
    std::vector<std::vector<std::uint32_t>> choice;  ///< The cell of the last break in it.
};

/// @param points number of the last point; the first one is 0.
/// @param k number of classes.
/// @param spread spread between two points.
/// @param pulse called now and then.
/// @return the bounds. O(k points log points).
template <class Spread>
RunBounds run_bounds(std::size_t points, std::size_t k, const Spread& spread, const math::Pulse& pulse) {
    RunBounds bounds;
    for (std::size_t q = 0; q < k; ++q) {
        std::vector<double> least(points + 1);
        std::vector<std::uint32_t> choice(points + 1);
        if (q == 0) {
            for (std::size_t t = 1; t <= points; ++t) least[t] = spread(std::size_t{0}, t);
        } else {
            const std::vector<double>& before = bounds.least.back();
            const auto value = [&](std::size_t t, std::size_t s) { return before[s] + spread(s + 1, t); };
            best_columns({1, points}, {0, points - 1}, value, 0, least, choice, pulse);
        }
        bounds.least.push_back(std::move(least));
        bounds.choice.push_back(std::move(choice));
    }
    return bounds;
}

/// A partition into runs, by the positions at which they begin and the end, and its spread.
struct KnownRuns {
    std::vector<std::size_t> begin;
    double spread = std::numeric_limits<double>::infinity();
};

/// Moves the breaks of a partition to the middle between the means of its runs until they stay: Lloyd's algorithm.
CUSTFOLIO_INLINE KnownRuns settled_runs(const RunSpread& spread, std::vector<std::size_t> begin) {
    constexpr int most_rounds = 100;
    const std::span<const double> values = spread.values();
    for (int round = 0; round < most_rounds; ++round) {
        begin.erase(std::unique(begin.begin(), begin.end()), begin.end());  // runs without values
        std::vector<std::size_t> moved = begin;
        for (std::size_t c = 1; c + 1 < begin.size(); ++c) {
            const double middle = 0.5 * (spread.mean(begin[c - 1], begin[c]) + spread.mean(begin[c], begin[c + 1]));
            moved[c] =
                static_cast<std::size_t>(std::upper_bound(values.begin(), values.end(), middle) - values.begin());
        }
        if (moved == begin) break;
        begin = std::move(moved);
    }
    double sum = 0;
    for (std::size_t c = 0; c + 1 < begin.size(); ++c) sum += spread(begin[c], begin[c + 1]);
    return {std::move(begin), sum};
}

/// A grid for bounds: its cells have few values, and a small part of the spread of the known partition.
CUSTFOLIO_INLINE std::vector<std::size_t> grid_of(const RunSpread& spread, const KnownRuns& known) {
    constexpr std::size_t most_values = 64;
    const double largest_part = known.spread * static_cast<double>(most_values) / static_cast<double>(spread.size());
    std::vector<std::size_t> grid{0};
    for (std::size_t c = 0; c + 1 < known.begin.size(); ++c) {
        const double mean = spread.mean(known.begin[c], known.begin[c + 1]);
        double sum = 0;
        for (std::size_t i = known.begin[c]; i < known.begin[c + 1]; ++i) {
            const double square = spread.square(i, mean);
            if (i > grid.back() && (i - grid.back() >= most_values || sum + square > largest_part)) {
                grid.push_back(i);
                sum = 0;
            }
            sum += square;
        }
    }
    grid.push_back(spread.size());
    return grid;
}

/// Where the best breaks can lie: those places at which a bound on the whole spread is not above a known partition's.
CUSTFOLIO_INLINE std::vector<PositionRange> break_ranges(const RunSpread& spread, std::size_t k,
                                                         const math::Pulse& pulse) {
    constexpr std::size_t first_cells = 1024;
    constexpr std::size_t fewest_narrowed = 4 * first_cells;
    const std::size_t count = spread.size();
    std::vector<PositionRange> ranges(k - 1);
    for (std::size_t q = 1; q < k; ++q) ranges[q - 1] = {q, count - (k - q)};
    if (count < fewest_narrowed || k == 1) return ranges;
    std::vector<std::size_t> grid(first_cells + 1);
    for (std::size_t t = 0; t <= first_cells; ++t) grid[t] = count * t / first_cells;
    const auto between = [&](std::size_t s, std::size_t t) { return spread(grid[s], grid[t]); };
    KnownRuns known;
    // The ends of the cells that the bounds choose make a partition, which settles near the best one.
    const auto learn = [&](const RunBounds& bounds) {
        std::vector<std::size_t> begin{count};
        for (std::size_t q = k, row = grid.size() - 1; q-- > 1 && row > 0;) {
            row = bounds.choice[q][row];
            begin.push_back(grid[row + 1]);
        }
        begin.push_back(0);
        std::reverse(begin.begin(), begin.end());
        KnownRuns runs = settled_runs(spread, std::move(begin));
        if (runs.spread < known.spread) known = std::move(runs);
    };
    learn(run_bounds(first_cells, k, between, pulse));
    grid = grid_of(spread, known);
    const std::size_t points = grid.size() - 1;
    const RunBounds forward = run_bounds(points, k, between, pulse);
    learn(forward);
    const RunBounds backward =
        run_bounds(points, k - 1, [&](std::size_t s, std::size_t t) { return between(points - t, points - s); }, pulse);
    constexpr double slack = 1e-9;  // for the rounding of the bounds
    for (std::size_t q = 1; q < k; ++q) {
        const auto possible = [&](std::size_t s) {
            const double bound = forward.least[q - 1][s] + backward.least[k - q - 1][points - (s + 1)];
            return bound <= known.spread * (1 + slack);
        };
        std::size_t first = 0;
        while (first + 1 < points && !possible(first)) ++first;
        std::size_t last = points - 1;
        while (last > first && !possible(last)) --last;
        PositionRange& range = ranges[q - 1];
        range = {std::max(range.first, grid[first]), std::min(range.last, grid[last + 1])};
    }
    return ranges;
}

/// The positions at which the classes of the best partition begin, and the end.
CUSTFOLIO_INLINE std::vector<std::size_t> best_runs(const RunSpread& spread, std::size_t k, const math::Pulse& pulse) {
    std::vector<std::size_t> begin(k + 1);
    begin[k] = spread.size();
    const std::vector<PositionRange> ranges = break_ranges(spread, k, pulse);
    std::vector<std::vector<std::uint32_t>> choices;
    std::vector<double> before;
    for (std::size_t q = 1; q <= k; ++q) {
        const PositionRange rows = q < k ? ranges[q - 1] : PositionRange{spread.size(), spread.size()};
        std::vector<double> best(rows.last - rows.first + 1);
        std::vector<std::uint32_t> choice(best.size());
        if (q == 1) {
            for (std::size_t i = rows.first; i <= rows.last; ++i) best[i - rows.first] = spread(0, i);
        } else {
            const PositionRange columns = ranges[q - 2];
            const auto value = [&](std::size_t i, std::size_t j) { return before[j - columns.first] + spread(j, i); };
            best_columns(rows, columns, value, rows.first, best, choice, pulse);
        }
        before = std::move(best);
        choices.push_back(std::move(choice));
    }
    for (std::size_t q = k; q-- > 1;) {
        const std::size_t offset = q + 1 == k ? spread.size() : ranges[q].first;
        begin[q] = choices[q][begin[q + 1] - offset];
    }
    return begin;
}

/// Distinct values in ascending order with their weights; values of weight 0 are left out.
struct WeightedValues {
    std::vector<double> value;
    std::vector<double> weight;
};

CUSTFOLIO_INLINE WeightedValues distinct_values(std::span<const double> value, std::span<const double> weight) {
    WeightedValues distinct;
    const auto add = [&](double one, double amount) {
        if (distinct.value.empty() || distinct.value.back() != one) {
            distinct.value.push_back(one);
            distinct.weight.push_back(amount);
        } else {
            distinct.weight.back() += amount;
        }
    };
    if (weight.empty()) {
        std::vector<double> sorted(value.begin(), value.end());
        std::sort(sorted.begin(), sorted.end());
        distinct.value.reserve(sorted.size());
        distinct.weight.reserve(sorted.size());
        for (const double one : sorted) add(one, 1.0);
        return distinct;
    }
    std::vector<std::pair<double, double>> sorted;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (weight[i] > 0) sorted.emplace_back(value[i], weight[i]);
    }
    // By weight too, so that the sums do not depend on the order of the rows.
    std::sort(sorted.begin(), sorted.end());
    for (const auto& [one, amount] : sorted) add(one, amount);
    return distinct;
}

}  // namespace detail

CUSTFOLIO_INLINE NaturalBreaks natural_breaks(std::span<const double> value, int k, std::span<const double> weight,
                                              const math::Pulse& pulse) {
    if (!weight.empty() && weight.size() != value.size()) {
        throw InputError("natural breaks: " + std::to_string(weight.size()) + " weights for " +
                         std::to_string(value.size()) + " values; there must be one each");
    }
    double largest = 0;
    double heaviest = weight.empty() ? 1 : 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (!std::isfinite(value[i])) require_finite(value[i], "natural breaks: value " + std::to_string(i + 1));
        largest = std::max(largest, std::abs(value[i]));
        if (weight.empty()) continue;
        if (!(std::isfinite(weight[i]) && weight[i] >= 0)) {
            throw InputError("natural breaks: weight " + std::to_string(i + 1) + " is " + number_text(weight[i]) +
                             "; it must be 0 or more");
        }
        heaviest = std::max(heaviest, weight[i]);
    }
    if (value.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw InputError("natural breaks: " + std::to_string(value.size()) + " values; there can be at most 2^32 - 1");
    }
    if (heaviest == 0) throw InputError("natural breaks: all weights are 0; at least one must be positive");
    detail::WeightedValues distinct = detail::distinct_values(value, weight);
    if (k < 1 || static_cast<std::size_t>(k) > distinct.value.size()) {
        throw InputError("natural breaks: k is " + std::to_string(k) + "; it must be from 1 to " +
                         std::to_string(distinct.value.size()) + ", the number of distinct values" +
                         (weight.empty() ? "" : " with a positive weight"));
    }
    const auto classes = static_cast<std::size_t>(k);
    NaturalBreaks result;
    // Powers of two keep squares within the range of a double and change no digit.
    const int value_scale = largest > 0 ? std::ilogb(largest) : 0;
    const int weight_scale = std::ilogb(heaviest);
    const std::vector<double> level = distinct.value;
    for (double& one : distinct.value) one = std::ldexp(one, -value_scale);
    for (double& one : distinct.weight) one = std::ldexp(one, -weight_scale);
    const detail::RunSpread spread(distinct.value, distinct.weight);
    const std::vector<std::size_t> begin = detail::best_runs(spread, classes, pulse);
    const auto squares = [&](double scaled) { return std::ldexp(scaled, 2 * value_scale + weight_scale); };
    result.breaks.push_back(level.front());
    for (std::size_t c = 0; c < classes; ++c) {
        result.lowest.push_back(level[begin[c]]);
        result.breaks.push_back(level[begin[c + 1] - 1]);
        result.mean.push_back(std::ldexp(spread.mean(begin[c], begin[c + 1]), value_scale));
        result.weight.push_back(std::ldexp(spread.weight(begin[c], begin[c + 1]), weight_scale));
        result.within += squares(spread(begin[c], begin[c + 1]));
    }
    result.total = squares(spread(0, level.size()));
    if (!std::isfinite(result.total)) {
        throw InputError("natural breaks: the sum of squares exceeds the range of a double; use a larger unit");
    }
    result.labels.reserve(value.size());
    for (const double one : value) {
        // The last class has no upper end, for values of weight 0.
        const auto end = result.breaks.end() - 1;
        result.labels.push_back(static_cast<std::int32_t>(std::lower_bound(result.breaks.begin() + 1, end, one) -
                                                          result.breaks.begin() - 1));
    }
    return result;
}

}  // namespace custfolio
