// Definitions of the two-way controlled rounding.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>

#include "custfolio/budget/controlled_rounding.hpp"
#include "custfolio/budget/detail/thresholds.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

namespace detail {

/// A table of fractions whose rows and columns each sum to whole units, rounded to 0 or 1 without moving those sums.
///
/// Cells that are still fractions are the edges of a graph between rows and columns. No edge is a bridge: the cells of
/// a part of the graph sum to a whole number by its rows and by its columns, and a single edge would be the difference.
/// So every edge lies on a cycle, and moving by +t, -t, +t, ... around it keeps every sum, until a cell of it is whole.
class FractionTable {
  public:
    static constexpr std::int64_t one = std::int64_t{1} << 40;  ///< A whole unit; fractions are multiples of 1 / one.

    FractionTable(std::size_t rows, std::size_t columns)
        : rows_(rows),
          columns_(columns),
          value_(rows * columns, 0),
          row_edges_(rows),
          column_edges_(columns),
          row_from_(rows),
          column_from_(columns),
          row_seen_(rows, 0),
          column_seen_(columns, 0) {}

    std::int64_t& operator()(std::size_t row, std::size_t column) { return value_[row * columns_ + column]; }

    /// Registers the fractions; call once, after the values are set.
    void build() {
        for (std::size_t row = 0; row < rows_; ++row) {
            for (std::size_t column = 0; column < columns_; ++column) {
                if (!is_fraction(row, column)) continue;
                row_edges_[row].push_back(column);
                column_edges_[column].push_back(row);
            }
        }
    }

    /// Moves a cell to 0 or 1, whichever is nearer to what it is now; to the other where those before it leave no
    /// choice.
    void settle(std::size_t row, std::size_t column) {
        const bool up = 2 * (*this)(row, column) >= one;
        while (is_fraction(row, column)) push(row, column, up);
    }

  private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    [[nodiscard]] bool is_fraction(std::size_t row, std::size_t column) const {
        const std::int64_t value = value_[row * columns_ + column];
        return value > 0 && value < one;
    }

    /// One cycle through the cell, moved as far as it goes.
    void push(std::size_t row, std::size_t column, bool up) {
        find_path(row, column);
        // Cells around the cycle, the given one first; from its column back to its row.
        cycle_.assign(1, {row, column});
        for (std::size_t c = column; c != none;) {
            const std::size_t r = column_from_[c];
            cycle_.push_back({r, c});
            c = r == row ? none : row_from_[r];
            if (c != none) cycle_.push_back({r, c});
        }
        std::int64_t step = one;
        // Cells rise and fall in turn; the one with the least room ends the step.
        bool rises = up;
        for (const auto& [r, c] : cycle_) {
            step = std::min(step, rises ? one - (*this)(r, c) : (*this)(r, c));
            rises = !rises;
        }
        for (const auto& [r, c] : cycle_) {
            (*this)(r, c) += rises ? step : -step;
            rises = !rises;
        }
    }

    /// Breadth-first from a row to a column without the edge between them; fills column_from_ and row_from_ on the way.
    void find_path(std::size_t row, std::size_t column) {
        ++search_;
        queue_.assign(1, row);
        row_seen_[row] = search_;
        for (std::size_t head = 0; head < queue_.size(); ++head) {
            const std::size_t r = queue_[head];
            if (r != row && is_fraction(r, column)) {
                column_from_[column] = r;
                return;
            }
            // Whole cells leave the graph when they are met.
            prune(row_edges_[r], [&](std::size_t c) { return is_fraction(r, c); });
            for (const std::size_t c : row_edges_[r]) {
                if (c == column || column_seen_[c] == search_) continue;
                column_seen_[c] = search_;
                column_from_[c] = r;
                prune(column_edges_[c], [&](std::size_t k) { return is_fraction(k, c); });
                for (const std::size_t next : column_edges_[c]) {
                    if (row_seen_[next] == search_) continue;
                    row_seen_[next] = search_;
                    row_from_[next] = c;
                    queue_.push_back(next);
                }
            }
        }
        throw NumericalError("controlled rounding found no cycle: the sums of rows and columns are not whole");
    }

    template <class Keep>
    static void prune(std::vector<std::size_t>& edges, const Keep& keep) {
        std::erase_if(edges, [&](std::size_t k) { return !keep(k); });
    }

    std::size_t rows_;
    std::size_t columns_;
    std::vector<std::int64_t> value_;
    std::vector<std::vector<std::size_t>> row_edges_;  // columns of a row's fractions, and whole cells not yet pruned
    std::vector<std::vector<std::size_t>> column_edges_;  // rows of a column's fractions
    std::vector<std::size_t> row_from_;                   // the column from which a row was reached
    std::vector<std::size_t> column_from_;                // the row from which a column was reached
    std::vector<std::size_t> row_seen_;
    std::vector<std::size_t> column_seen_;
    std::size_t search_ = 0;
    std::vector<std::size_t> queue_;
    std::vector<std::pair<std::size_t, std::size_t>> cycle_;
};

/// An amount as whole units below it and a fraction in multiples of 1 / FractionTable::one.
struct SplitAmount {
    std::int64_t units;
    std::int64_t fraction;
};

CUSTFOLIO_INLINE SplitAmount split_amount(double amount, double units_per_one) {
    const double scaled = amount * units_per_one;
    const double nearest = std::round(scaled);
    // The amount is the double nearest to a decimal: 0.29 x 100 is below 29, but 0.29 is 29 cents.
    if (nearest / units_per_one == amount) return {static_cast<std::int64_t>(nearest), 0};
    const double below = std::floor(scaled);
    const auto fraction =
        static_cast<std::int64_t>(std::round((scaled - below) * static_cast<double>(FractionTable::one)));
    const auto units = static_cast<std::int64_t>(below);
    return fraction == FractionTable::one ? SplitAmount{units + 1, 0} : SplitAmount{units, fraction};
}

}  // namespace detail

CUSTFOLIO_INLINE RoundedTable round_table(std::span<const double> amounts, std::size_t rows, std::size_t columns,
                                          const Currency& currency) {
    constexpr std::int64_t one = detail::FractionTable::one;
    if ((columns != 0 && rows > detail::most_rounded / columns) || amounts.size() != rows * columns) {
        throw InputError("the table has " + std::to_string(amounts.size()) + " amounts for " + std::to_string(rows) +
                         " rows x " + std::to_string(columns) + " columns; at most " +
                         std::to_string(detail::most_rounded) + " can be rounded");
    }
    const double units_per_one = std::round(1 / currency.unit());
    std::vector<std::int64_t> units(amounts.size());
    std::vector<std::size_t> order;
    detail::FractionTable table(rows + 1, columns + 1);
    double size = 0;
    for (std::size_t k = 0; k < amounts.size(); ++k) {
        const auto place = [&] {
            return "amount at row " + std::to_string(k / columns) + ", column " + std::to_string(k % columns) +
                   " (counted from 0)";
        };
        if (!std::isfinite(amounts[k])) require_finite(amounts[k], place());
        size += std::abs(amounts[k]) * units_per_one;
        if (!(size < detail::exact_units)) {
            throw InputError(place() + " is " + number_text(amounts[k]) +
                             ": amounts up to it add up to more than 2^53 units of " + number_text(currency.unit()) +
                             ", beyond what is exact");
        }
        const detail::SplitAmount split = detail::split_amount(amounts[k], units_per_one);
        units[k] = split.units;
        table(k / columns, k % columns) = split.fraction;
        if (split.fraction != 0) order.push_back(k);
    }
    // A further row and column make every sum whole; what they are rounded to decides the totals, the corner the grand
    // total.
    std::int64_t rest = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        std::int64_t sum = 0;
        for (std::size_t j = 0; j < columns; ++j) sum += table(i, j);
        table(i, columns) = (one - sum % one) % one;
        rest += sum % one;
    }
    for (std::size_t j = 0; j < columns; ++j) {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < rows; ++i) sum += table(i, j);
        table(rows, j) = (one - sum % one) % one;
    }
    table(rows, columns) = rest % one;
    // Cells that are clearly nearer to one side are settled first, while there is most freedom.
    const auto decided = [&](std::size_t k) {
        return std::abs(2 * table(k / columns, k % columns) - one);  // large: clearly nearer to one side
    };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return decided(a) > decided(b); });
    table.build();
    table.settle(rows, columns);
    // Totals first: each is rounded to its nearest unit where that is possible.
    for (std::size_t i = 0; i < rows; ++i) table.settle(i, columns);
    for (std::size_t j = 0; j < columns; ++j) table.settle(rows, j);
    for (const std::size_t k : order) table.settle(k / columns, k % columns);

    RoundedTable result{rows, columns, std::vector<double>(amounts.size()), {}, {}, 0};
    std::vector<std::int64_t> row_units(rows, 0);
    std::vector<std::int64_t> column_units(columns, 0);
    // Units become money at the end, so totals are exact sums of cells.
    const auto money = [&](std::int64_t whole) { return static_cast<double>(whole) / units_per_one; };
    for (std::size_t k = 0; k < amounts.size(); ++k) {
        const std::int64_t whole = units[k] + table(k / columns, k % columns) / one;
        row_units[k / columns] += whole;
        column_units[k % columns] += whole;
        result.cells[k] = money(whole);
    }
    std::transform(row_units.begin(), row_units.end(), std::back_inserter(result.row_totals), money);
    std::transform(column_units.begin(), column_units.end(), std::back_inserter(result.column_totals), money);
    result.total = money(std::accumulate(row_units.begin(), row_units.end(), std::int64_t{0}));
    return result;
}

}  // namespace custfolio
