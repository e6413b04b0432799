// Definitions of the budget.
#pragma once

#include <algorithm>
#include <cmath>

#include "custfolio/budget/budget.hpp"
#include "custfolio/budget/controlled_rounding.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE std::size_t source_index(Source source) {
    const auto index = static_cast<std::size_t>(source);
    if (index >= sources.size()) {
        throw InputError("source " + std::to_string(static_cast<int>(source)) + " is none of the sources of a budget");
    }
    return index;
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(Source source) {
    switch (source) {
        case Source::baseline:
            return "baseline";
        case Source::new_business:
            return "new business";
        case Source::remediation:
            return "remediation";
        case Source::growth:
            return "growth";
        case Source::acquisition:
            return "acquisition";
        case Source::overflow:
            return "overflow";
    }
    throw InputError("source " + std::to_string(static_cast<int>(source)) + " is none of the sources of a budget");
}

CUSTFOLIO_INLINE Budget::Budget(std::span<const BudgetLine> lines, const Currency& currency) : currency_(currency) {
    for (const BudgetLine& line : lines) {
        detail::source_index(line.source);
        if (!std::isfinite(line.level) || !std::isfinite(line.heat)) {
            const std::string place = to_string(line.month) + ", " + to_string(line.source) + ": ";
            require_finite(line.level, place + "level");
            require_finite(line.heat, place + "heat");
        }
        months_.push_back(line.month);
    }
    std::sort(months_.begin(), months_.end());
    // Months with a line, each once, in order of time.
    months_.erase(std::unique(months_.begin(), months_.end()), months_.end());

    // A cell with lines that sum to 0 is still a line; a cell without any is not.
    constexpr std::size_t width = sources.size();
    struct Cell {
        bool given = false;
        math::CompensatedSum level;
        math::CompensatedSum heat;
    };
    std::vector<Cell> cells(months_.size() * width);
    for (const BudgetLine& line : lines) {
        const auto month = std::lower_bound(months_.begin(), months_.end(), line.month) - months_.begin();
        Cell& cell = cells[static_cast<std::size_t>(month) * width + detail::source_index(line.source)];
        cell.given = true;
        cell.level += line.level;
        cell.heat += line.heat;
    }
    std::vector<double> level(cells.size());
    std::vector<double> heat(cells.size());
    std::transform(cells.begin(), cells.end(), level.begin(), [](const Cell& cell) { return cell.level.value(); });
    std::transform(cells.begin(), cells.end(), heat.begin(), [](const Cell& cell) { return cell.heat.value(); });
    // Level and heat are rounded separately: each adds up over months and sources.
    const RoundedTable levels = round_table(level, months_.size(), width, currency_);
    const RoundedTable heats = round_table(heat, months_.size(), width, currency_);
    for (std::size_t k = 0; k < cells.size(); ++k) {
        if (cells[k].given) lines_.push_back({months_[k / width], sources[k % width], levels.cells[k], heats.cells[k]});
    }
    for (std::size_t i = 0; i < months_.size(); ++i) {
        month_totals_.push_back({levels.row_totals[i], heats.row_totals[i]});
    }
    for (std::size_t j = 0; j < width; ++j) source_totals_[j] = {levels.column_totals[j], heats.column_totals[j]};
    total_ = {levels.total, heats.total};
}

CUSTFOLIO_INLINE BudgetTotal Budget::at(Month month, Source source) const {
    detail::source_index(source);
    // Lines are in order of month: a search, and then at most one line per source.
    for (auto line = std::lower_bound(lines_.begin(), lines_.end(), month,
                                      [](const BudgetLine& entry, Month wanted) { return entry.month < wanted; });
         line != lines_.end() && line->month == month; ++line) {
        if (line->source == source) return {line->level, line->heat};
    }
    return {};
}

CUSTFOLIO_INLINE BudgetTotal Budget::total(Month month) const {
    const auto at = std::lower_bound(months_.begin(), months_.end(), month);
    if (at == months_.end() || *at != month) return {};
    return month_totals_[static_cast<std::size_t>(at - months_.begin())];
}

CUSTFOLIO_INLINE BudgetTotal Budget::total(Source source) const {
    return source_totals_[detail::source_index(source)];
}

}  // namespace custfolio
