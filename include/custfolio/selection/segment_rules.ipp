// Definitions of segments by rules.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/selection/segment_rules.hpp"

namespace custfolio {
namespace detail {

inline std::string_view trimmed(std::string_view text) {
    constexpr std::string_view spaces = " \t\r\n";
    const std::size_t first = text.find_first_not_of(spaces);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

/// The signs of comparisons; a longer sign comes before the one that begins it.
inline constexpr std::array<std::pair<std::string_view, Comparison>, 7> comparison_signs{{{"<=", Comparison::at_most},
                                                                                          {">=", Comparison::at_least},
                                                                                          {"!=", Comparison::unequal},
                                                                                          {"<", Comparison::below},
                                                                                          {">", Comparison::above},
                                                                                          {"==", Comparison::equal},
                                                                                          {"=", Comparison::equal}}};

CUSTFOLIO_INLINE Condition condition_of(std::string_view text) {
    const std::size_t place = text.find_first_of("<>!=");
    for (const auto& [sign, comparison] : comparison_signs) {
        if (place == std::string_view::npos || text.substr(place, sign.size()) != sign) continue;
        const std::string_view name = trimmed(text.substr(0, place));
        const std::string_view number = trimmed(text.substr(place + sign.size()));
        double bound = 0;
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bound);
        if (name.empty() || error != std::errc{} || end != number.data() + number.size() || !std::isfinite(bound)) {
            break;
        }
        return {std::string(name), comparison, bound};
    }
    throw InputError("condition '" + std::string(text) +
                     "': it must compare a column with a number by <, <=, >, >=, = or !=, such as revenue >= 10000");
}

inline bool is_met(Comparison comparison, double value, double bound) {
    if (std::isnan(value)) return false;
    switch (comparison) {
        case Comparison::below:
            return value < bound;
        case Comparison::at_most:
            return value <= bound;
        case Comparison::at_least:
            return value >= bound;
        case Comparison::above:
            return value > bound;
        case Comparison::equal:
            return value == bound;
        case Comparison::unequal:
            return value != bound;
    }
    return false;  // segments_by_rules() refuses others
}

CUSTFOLIO_INLINE std::size_t rule_column(std::span<const RuleColumn> columns, const Condition& condition,
                                         const std::string& segment) {
    std::string names;
    for (std::size_t c = 0; c < columns.size(); ++c) {
        if (columns[c].name == condition.column) return c;
        names += (names.empty() ? "" : ", ") + columns[c].name;
    }
    throw NotFoundError("segment '" + segment + "': there is no column '" + condition.column + "'; there are " + names);
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(Comparison comparison) {
    std::string name;
    for (const auto& [sign, one] : detail::comparison_signs) {
        if (one == comparison) name = sign;  // the last one is the usual one
    }
    if (name.empty())
        throw InputError("comparison " + std::to_string(static_cast<int>(comparison)) + " does not exist");
    return name;
}

CUSTFOLIO_INLINE std::vector<Condition> conditions_of(std::string_view text) {
    std::vector<Condition> conditions;
    std::string_view rest = detail::trimmed(text);
    if (rest.empty()) return conditions;
    constexpr std::string_view joint = " and ";
    while (true) {
        const std::size_t end = rest.find(joint);
        conditions.push_back(detail::condition_of(detail::trimmed(rest.substr(0, end))));
        if (end == std::string_view::npos) return conditions;
        rest = rest.substr(end + joint.size());
    }
}

CUSTFOLIO_INLINE std::vector<std::int32_t> segments_by_rules(std::span<const RuleColumn> columns,
                                                             std::span<const SegmentRule> rules) {
    for (const RuleColumn& column : columns) {
        if (column.values.size() == columns.front().values.size()) continue;
        throw InputError("rules: column '" + column.name + "' has " + std::to_string(column.values.size()) +
                         " values and '" + columns.front().name + "' " + std::to_string(columns.front().values.size()) +
                         "; there must be one each per customer");
    }
    std::vector<std::vector<std::size_t>> places(rules.size());
    for (std::size_t r = 0; r < rules.size(); ++r) {
        if (rules[r].segment.empty()) {
            throw InputError("rules: segment " + std::to_string(r + 1) + " has no name; give it one");
        }
        for (const Condition& condition : rules[r].conditions) {
            require_finite(condition.bound, "segment '" + rules[r].segment + "': the bound of " + condition.column +
                                                " " + to_string(condition.comparison));
            places[r].push_back(detail::rule_column(columns, condition, rules[r].segment));
        }
    }
    std::vector<std::int32_t> segment(columns.empty() ? 0 : columns.front().values.size(), -1);
    for (std::size_t i = 0; i < segment.size(); ++i) {
        for (std::size_t r = 0; r < rules.size() && segment[i] < 0; ++r) {
            bool met = true;
            for (std::size_t c = 0; c < places[r].size() && met; ++c) {
                const Condition& condition = rules[r].conditions[c];
                met = detail::is_met(condition.comparison, columns[places[r][c]].values[i], condition.bound);
            }
            if (met) segment[i] = static_cast<std::int32_t>(r);
        }
    }
    return segment;
}

}  // namespace custfolio
