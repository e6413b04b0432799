// Definitions of groups of budget lines.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "custfolio/budget/budget_groups.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE std::size_t number_codes(std::vector<std::int64_t>& codes) {
    if (codes.empty()) return 0;
    const auto [least, most] = std::ranges::minmax(codes);
    const auto width = static_cast<std::uint64_t>(most - least) + 1;
    if (width > 4 * codes.size() + 1000) {
        std::vector<std::int64_t> distinct(codes);
        std::ranges::sort(distinct);
        distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
        for (std::int64_t& code : codes) code = std::ranges::lower_bound(distinct, code) - distinct.begin();
        return distinct.size();
    }
    std::vector<std::int64_t> number(width, 0);
    for (const std::int64_t code : codes) number[static_cast<std::size_t>(code - least)] = 1;
    std::int64_t count = 0;
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
    std::map<std::pair<int, int>, std::int64_t> codes;
    for (const FiscalPeriod* one : period) codes.try_emplace({one->year, number(*one)}, 0);
    GroupColumn found;
    for (auto& [key, code] : codes) {
        code = static_cast<std::int64_t>(found.names.size());
        std::string name = calendar.year_prefix() + std::to_string(key.first);
        if (part == "quarter") name += " Q" + std::to_string(key.second);
        if (part == "period") name += (key.second < 10 ? " P0" : " P") + std::to_string(key.second);
        found.names.push_back(std::move(name));
    }
    for (const FiscalPeriod* one : period) found.codes.push_back(codes.at({one->year, number(*one)}));
    return found;
}

CUSTFOLIO_INLINE std::vector<std::int64_t> GroupedRows::sums(std::span<const std::int64_t> weight) const {
    std::vector<std::int64_t> found(groups.size, 0);
    for (std::size_t k = 0; k < line.size(); ++k) found[group[k]] += units[k] * (weight.empty() ? 1 : weight[k]);
    return found;
}

CUSTFOLIO_INLINE GroupedRows group_lines(const LineItems& lines, const FiscalCalendar& calendar,
                                         std::span<const std::int64_t> units, std::span<const std::string> by,
                                         std::span<const std::size_t> among) {
    constexpr std::array<std::string_view, 3> fiscal{"year", "quarter", "period"};
    const auto is_fiscal = [&](std::string_view name) { return std::ranges::find(fiscal, name) != fiscal.end(); };
    GroupedRows found;
    found.groups.by.assign(by.begin(), by.end());
    for (std::size_t k = 0; k < by.size(); ++k) {
        if (std::ranges::count(by, by[k]) > 1) throw InputError("by names '" + by[k] + "' twice");
    }
    const bool by_period = std::ranges::any_of(by, is_fiscal);
    std::vector<FiscalPeriod> periods;           // each once
    std::vector<const FiscalPeriod*> period_of;  // of each row
    if (calendar.has_weeks() && by_period) {
        std::vector<Month> months;
        std::vector<std::int64_t> own;
        std::vector<std::int64_t> days;
        for (const std::size_t line : among) {
            months.push_back(lines.month[line]);
            own.push_back(units[line]);
            days.push_back(months.back().last_day() - months.back().first_day() + 1);
        }
        const std::vector<PeriodShare> parts = calendar.spread(months, own);
        const std::vector<PeriodShare> by_days = calendar.spread(months, days);
        periods.reserve(parts.size());
        for (std::size_t k = 0; k < parts.size(); ++k) {
            found.line.push_back(among[parts[k].line]);
            found.units.push_back(parts[k].units);
            found.share.push_back(static_cast<double>(by_days[k].units) / static_cast<double>(days[parts[k].line]));
            periods.push_back(parts[k].period);
            period_of.push_back(&periods.back());
        }
    } else {
        found.line.assign(among.begin(), among.end());
        for (const std::size_t line : among) found.units.push_back(units[line]);
        if (by_period) {
            std::vector<std::int64_t> month;
            for (const std::size_t line : among) month.push_back(lines.month[line].index());
            periods.resize(number_codes(month));
            std::vector<char> known(periods.size(), 0);
            for (std::size_t k = 0; k < among.size(); ++k) {
                const auto at = static_cast<std::size_t>(month[k]);
                if (known[at] == 0) periods[at] = calendar.period_of(lines.month[among[k]].first_day());
                known[at] = 1;
                period_of.push_back(&periods[at]);
            }
        }
    }
    const std::size_t rows = found.line.size();
    std::vector<GroupColumn> columns;
    for (const std::string& name : by) {
        if (name == "month") {
            if (calendar.has_weeks() && by_period) {
                throw InputError("by names 'month', and the fiscal periods are weeks, which are no parts of a month");
            }
            std::vector<std::int64_t> codes;
            for (const std::size_t line : found.line) codes.push_back(lines.month[line].index());
            std::vector<std::int64_t> indices(codes);
            const std::size_t count = number_codes(codes);
            GroupColumn column{std::move(codes), std::vector<std::string>(count)};
            for (std::size_t k = 0; k < rows; ++k) {
                std::string& text = column.names[static_cast<std::size_t>(column.codes[k])];
                if (text.empty()) text = to_string(Month::from_index(static_cast<int>(indices[k])));
            }
            columns.push_back(std::move(column));
        } else if (is_fiscal(name)) {
            columns.push_back(fiscal_column(calendar, name, period_of));
        } else {
            const Labels* const labels = name == "item" ? &lines.item : lines.find(name);
            if (labels == nullptr) {
                std::string possible = "month, period, quarter, year, item";
                for (const Dimension& dimension : lines.dimensions) possible += ", " + dimension.name;
                throw InputError("by names '" + name + "'; it can name " + possible);
            }
            GroupColumn column{{}, labels->names};
            for (const std::size_t line : found.line) column.codes.push_back(labels->codes[line]);
            columns.push_back(std::move(column));
        }
    }
    std::vector<std::int64_t> code(rows, 0);
    std::int64_t size = 1;
    for (const GroupColumn& column : columns) {
        const auto width = static_cast<std::int64_t>(std::max<std::size_t>(column.names.size(), 1));
        // More combinations than a 64-bit number counts: there are at most as many as rows.
        if (size > (std::int64_t{1} << 62) / width) size = static_cast<std::int64_t>(number_codes(code));
        for (std::size_t k = 0; k < rows; ++k) code[k] = code[k] * width + column.codes[k];
        size *= width;
    }
    found.groups.size = number_codes(code);
    found.group.assign(code.begin(), code.end());
    std::vector<std::size_t> first(found.groups.size);
    for (std::size_t k = rows; k-- > 0;) first[found.group[k]] = k;
    for (GroupColumn& column : columns) {
        Labels key{{}, std::move(column.names)};
        for (const std::size_t row : first) key.codes.push_back(static_cast<std::int32_t>(column.codes[row]));
        found.groups.keys.push_back(std::move(key));
    }
    if (by.empty()) found.groups.size = 1;
    return found;
}

}  // namespace custfolio::detail
