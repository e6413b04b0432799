// Rounding of many lines so that the totals of two hierarchies stay within a unit of the truth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "custfolio/portfolio/money.hpp"

namespace custfolio {

/// The levels of a hierarchy from the outside in: for each level the code of every line. Lines with the same codes on
/// all levels up to one are a group of that level.
using LineLevels = std::vector<std::vector<std::int32_t>>;

/// Rounds lines to whole units once: every total over any set of lines is the sum of its lines, and adds up exactly.
///
/// - Every line, and the total of every group of two hierarchies, is less than one unit from the sum of its amounts.
/// - The total of all lines is rounded to the nearest unit.
/// - Lines that are whole units stay as they are.
///
/// Such a rounding always exists for two hierarchies, and in general not for three. The fractions are moved around
/// cycles of the network that joins the two (groups of the first, lines, groups of the second), so that no sum of a
/// group passes a unit. Fractions are multiples of 2^-40 units.
/// @param amounts the lines, finite, currency.
/// @param first levels of the first hierarchy, such as account, source, customer; one code a line each.
/// @param second levels of the second, such as month, account, source.
/// @param currency whose unit.
/// @return units per line, each rounded up or down; the same for the same input. Near linear in the number of lines.
/// @throws InputError where a level has another number of codes than there are lines, or an amount is not finite (the
/// text names its position, counted from 0). Also for more than 2^22 lines, or a sum above 2^53 units.
/// @see L. H. Cox, "A constructive procedure for unbiased controlled rounding", JASA 82(398), 1987; two laminar
/// families give a totally unimodular system: J. Edmonds, "Submodular functions, matroids, and certain polyhedra",
/// 1970.
std::vector<std::int64_t> round_nested(std::span<const double> amounts, const LineLevels& first,
                                       const LineLevels& second, const Currency& currency = {});

namespace detail {

/// @param levels levels of a hierarchy. @param lines number of lines. @return number of its innermost groups.
std::size_t group_count(const LineLevels& levels, std::size_t lines);

}  // namespace detail

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/budget/nested_rounding.ipp"
#endif
