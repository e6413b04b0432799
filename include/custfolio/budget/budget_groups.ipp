// Definitions of groups of budget lines.
#pragma once

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "custfolio/budget/budget_groups.hpp"
#include "custfolio/budget/detail/thresholds.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE std::size_t number_codes(std::vector<std::int64_t>& codes) {
    if (codes.empty()) return 0;
    const auto [least, most] = detail::minmax(codes);
    const auto width = static_cast<std::uint64_t>(most - least) + 1;
    // A wide range of codes is sorted; a table of it would be mostly empty.
    if (width > entries_per_code * codes.size() + spare_entries) {
        std::vector<std::int64_t> distinct(codes);
        detail::sort(distinct);
        distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
        for (std::int64_t& code : codes) code = detail::lower_bound(distinct, code) - distinct.begin();
        return distinct.size();
    }
    std::vector<std::int64_t> number(width, 0);
    for (const std::int64_t code : codes) number[static_cast<std::size_t>(code - least)] = 1;
    std::int64_t count = 0;
    // Flags become running numbers in place.
    for (std::int64_t& one : number) count += std::exchange(one, count);
    for (std::int64_t& code : codes) code = number[static_cast<std::size_t>(code - least)];
    return static_cast<std::size_t>(count);
}

/// A column that rows are grouped by.
struct GroupColumn {
    std::vector<std::int64_t> codes;  // one a row
    std::vector<std::string> names;
};

/// Names of fiscal years, quarters or periods in order, and the code of each row.
/// @param part "year", "quarter" or "period". @param period of each row.
CUSTFOLIO_INLINE GroupColumn fiscal_column(const FiscalCalendar& calendar, std::string_view part,
                                           const std::vector<const FiscalPeriod*>& period) {
    const auto number = [&](const FiscalPeriod& one) {
        return part == "year" ? 0 : part == "quarter" ? one.quarter : one.number;
    };
    // A map orders names by time, which their texts do not.
    std::map<std::pair<int, int>, std::int64_t> codes;
    for (const FiscalPeriod* one : period) codes.try_emplace({one->year, number(*one)}, 0);
    GroupColumn column;
    for (auto& [key, code] : codes) {
        code = static_cast<std::int64_t>(column.names.size());
        // The year's prefix shows that a year is fiscal.
        std::string name = calendar.year_prefix() + std::to_string(key.first);
        if (part == "quarter") name += " Q" + std::to_string(key.second);
        if (part == "period") name += (key.second < 10 ? " P0" : " P") + std::to_string(key.second);
        column.names.push_back(std::move(name));
    }
    for (const FiscalPeriod* one : period) column.codes.push_back(codes.at({one->year, number(*one)}));
    return column;
}

CUSTFOLIO_INLINE std::vector<std::int64_t> GroupedRows::sums(std::span<const std::int64_t> weight) const {
    std::vector<std::int64_t> result(groups.size, 0);
    for (std::size_t k = 0; k < line.size(); ++k) result[group[k]] += units[k] * (weight.empty() ? 1 : weight[k]);
    return result;
}

inline bool is_fiscal(std::string_view name) {
    return name == "year" || name == "quarter" || name == "period";
}

/// The rows that lines give: their fiscal periods, each once, and the period of each row; none without fiscal names.
struct PeriodsOfRows {
    std::vector<FiscalPeriod> periods;
    std::vector<const FiscalPeriod*> of_row;
};

/// Divides each line among the weeks' periods that its month meets: the parts' units sum to the line's.
CUSTFOLIO_INLINE PeriodsOfRows divide_by_weeks(const LineItems& lines, const FiscalCalendar& calendar,
                                               std::span<const std::int64_t> units, std::span<const std::size_t> among,
                                               GroupedRows& rows) {
    std::vector<Month> months;
    std::vector<std::int64_t> units_of_line;
    std::vector<std::int64_t> days;
    for (const std::size_t line : among) {
        months.push_back(lines.month[line]);
        units_of_line.push_back(units[line]);
        days.push_back(months.back().last_day() - months.back().first_day() + 1);
    }
    const std::vector<PeriodShare> parts = calendar.spread(months, units_of_line);
    // The share of the days, since a line may have no units to divide.
    const std::vector<PeriodShare> by_days = calendar.spread(months, days);
    PeriodsOfRows result;
    result.periods.reserve(parts.size());
    for (std::size_t k = 0; k < parts.size(); ++k) {
        rows.line.push_back(among[parts[k].line]);
        rows.units.push_back(parts[k].units);
        rows.share.push_back(static_cast<double>(by_days[k].units) / static_cast<double>(days[parts[k].line]));
        result.periods.push_back(parts[k].period);
        result.of_row.push_back(&result.periods.back());
    }
    return result;
}

/// Periods of lines that lie in one period each: one look-up per month that occurs.
CUSTFOLIO_INLINE PeriodsOfRows periods_of_months(const LineItems& lines, const FiscalCalendar& calendar,
                                                 std::span<const std::size_t> among) {
    std::vector<std::int64_t> month;
    for (const std::size_t line : among) month.push_back(lines.month[line].index());
    PeriodsOfRows result;
    result.periods.resize(number_codes(month));
    std::vector<char> known(result.periods.size(), 0);
    for (std::size_t k = 0; k < among.size(); ++k) {
        const auto at = static_cast<std::size_t>(month[k]);
        if (known[at] == 0) result.periods[at] = calendar.period_of(lines.month[among[k]].first_day());
        known[at] = 1;
        result.of_row.push_back(&result.periods[at]);
    }
    return result;
}

CUSTFOLIO_INLINE GroupColumn month_column(const LineItems& lines, std::span<const std::size_t> rows) {
    std::vector<std::int64_t> codes;
    for (const std::size_t line : rows) codes.push_back(lines.month[line].index());
    const std::vector<std::int64_t> indices(codes);
    const std::size_t count = number_codes(codes);
    GroupColumn column{std::move(codes), std::vector<std::string>(count)};
    for (std::size_t k = 0; k < rows.size(); ++k) {
        std::string& text = column.names[static_cast<std::size_t>(column.codes[k])];
        if (text.empty()) text = to_string(Month::from_index(static_cast<int>(indices[k])));
    }
    return column;
}

CUSTFOLIO_INLINE GroupColumn dimension_column(const LineItems& lines, const std::string& name,
                                              std::span<const std::size_t> rows) {
    const Labels* const labels = name == "item" ? &lines.item : lines.find(name);
    if (labels == nullptr) {
        std::string possible = "month, period, quarter, year, item";
        for (const Dimension& dimension : lines.dimensions) possible += ", " + dimension.name;
        throw InputError("by names '" + name + "'; it can name " + possible);
    }
    GroupColumn column{{}, labels->names};
    for (const std::size_t line : rows) column.codes.push_back(labels->codes[line]);
    return column;
}

/// Numbers the groups of rows, and sets the key of each.
CUSTFOLIO_INLINE void number_groups(std::vector<GroupColumn> columns, GroupedRows& result) {
    const std::size_t rows = result.line.size();
    // The codes of all columns as one mixed-radix number.
    std::vector<std::int64_t> code(rows, 0);
    std::int64_t size = 1;
    for (const GroupColumn& column : columns) {
        const auto width = static_cast<std::int64_t>(std::max<std::size_t>(column.names.size(), 1));
        // More combinations than a 64-bit number counts: there are at most as many as rows.
        if (size > (std::int64_t{1} << 62) / width) size = static_cast<std::int64_t>(number_codes(code));
        for (std::size_t k = 0; k < rows; ++k) code[k] = code[k] * width + column.codes[k];
        size *= width;
    }
    result.groups.size = number_codes(code);
    result.group.assign(code.begin(), code.end());
    // The first row of each group has the names of its key.
    std::vector<std::size_t> first(result.groups.size);
    for (std::size_t k = rows; k-- > 0;) first[result.group[k]] = k;
    for (GroupColumn& column : columns) {
        Labels key{{}, std::move(column.names)};
        for (const std::size_t row : first) key.codes.push_back(static_cast<std::int32_t>(column.codes[row]));
        result.groups.keys.push_back(std::move(key));
    }
    // Without columns all rows are one group, also where there is no row.
    if (columns.empty()) result.groups.size = 1;
}

CUSTFOLIO_INLINE GroupedRows group_lines(const LineItems& lines, const FiscalCalendar& calendar,
                                         std::span<const std::int64_t> units, std::span<const std::string> by,
                                         std::span<const std::size_t> among) {
    for (const std::string& name : by) {
        if (detail::count(by, name) > 1) throw InputError("by names '" + name + "' twice");
    }
    // Only fiscal names need periods: looking them up takes longer than all else.
    const bool by_period = detail::any_of(by, [](const std::string& name) { return is_fiscal(name); });
    GroupedRows result;
    result.groups.by.assign(by.begin(), by.end());
    PeriodsOfRows periods;
    if (calendar.has_weeks() && by_period) {
        periods = divide_by_weeks(lines, calendar, units, among, result);
    } else {
        result.line.assign(among.begin(), among.end());
        for (const std::size_t line : among) result.units.push_back(units[line]);
        if (by_period) periods = periods_of_months(lines, calendar, among);
    }
    std::vector<GroupColumn> columns;
    for (const std::string& name : by) {
        if (name == "month") {
            if (calendar.has_weeks() && by_period) {
                throw InputError("by names 'month', and the fiscal periods are weeks, which are no parts of a month");
            }
            columns.push_back(month_column(lines, result.line));
        } else if (is_fiscal(name)) {
            columns.push_back(fiscal_column(calendar, name, periods.of_row));
        } else {
            columns.push_back(dimension_column(lines, name, result.line));
        }
    }
    number_groups(std::move(columns), result);
    return result;
}

}  // namespace custfolio::detail
