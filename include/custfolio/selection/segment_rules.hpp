// Segments by rules of the user: conditions on columns.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "custfolio/math/column_view.hpp"

namespace custfolio {

/// How a condition compares a value with its bound.
enum class Comparison {
    below,     ///< <
    at_most,   ///< <=
    at_least,  ///< >=
    above,     ///< >
    equal,     ///< =
    unequal    ///< !=
};

/// @param comparison any value.
/// @return its sign: "<", "<=", ">=", ">", "=" or "!=".
/// @throws InputError for a number that is none of them.
std::string to_string(Comparison comparison);

/// A condition on one column.
struct Condition {
    std::string column;                         ///< Name of the column.
    Comparison comparison = Comparison::equal;  ///< How to compare.
    double bound = 0;                           ///< What to compare with; finite.
    /// Same column, comparison and bound.
    /// @return whether the two are the same.
    bool operator==(const Condition&) const = default;
};

/// A segment and the conditions that its customers meet, all of them; without conditions it takes every customer.
struct SegmentRule {
    std::string segment;                ///< Name of the segment, not empty.
    std::vector<Condition> conditions;  ///< What its customers meet.
};

/// A column that rules may name.
struct RuleColumn {
    std::string name = {};           ///< Its name.
    ColumnView<double> values = {};  ///< One value per customer; NaN: not known, meets no condition.
};

/// Reads conditions as text: "revenue >= 10000 and temperature < 0.05". A name may have spaces.
/// @param text comparisons joined by "and"; empty: no condition.
/// @return the conditions. Linear.
/// @throws InputError where a comparison has no name, operator or finite number (the message names the comparison).
std::vector<Condition> conditions_of(std::string_view text);

/// Assigns segments by rules.
/// @param columns the columns, all of one length.
/// @param rules the rules; the first whose conditions are all met counts.
/// @return per customer the place of its rule; -1 where none is met. O(customers x conditions).
/// @throws NotFoundError where a rule names a column that is not there (the message lists the columns).
/// @throws InputError where lengths differ, a bound is not finite, or a segment has no name.
std::vector<std::int32_t> segments_by_rules(std::span<const RuleColumn> columns, std::span<const SegmentRule> rules);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/segment_rules.ipp"
#endif
