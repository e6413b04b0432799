// Rounding of many lines so that the totals of two hierarchies stay within a unit of the truth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "custfolio/portfolio/money.hpp"

namespace custfolio {

/// The levels of a hierarchy from the outside in: for each level the code of every line. Lines with the same codes on
/// the first levels up to one belong together there.
using LineLevels = std::vector<std::vector<std::int32_t>>;

/// Rounds lines to whole units once, so that every total over any set of lines adds up exactly because it is the sum of
/// its lines; and so that in each of two hierarchies every group's total, as every line, is less than one unit from the
/// sum of its amounts, and the total of all is rounded to the nearest unit.
///
/// Such a rounding always exists for two hierarchies, and in general not for three. It is found by moving the fractions
/// around cycles of the network that joins the two (groups of the first, lines, groups of the second), so that no sum
/// of a group moves past a unit. Fractions are held in multiples of 2^-40 units.
/// @param amounts the lines, finite, currency.
/// @param first levels of the first hierarchy, such as account, source, customer; one code a line each.
/// @param second levels of the second, such as month, account, source.
/// @param currency whose unit.
/// @return units per line: each up or down to a neighbour of its amount, one that is whole stays. The same for the same
/// input. Near linear in the number of lines.
/// @throws InputError where a level has another number of codes than there are lines, an amount is not finite (the text
/// names its position, counted from 0), there are more than 2^22 lines, or they are too large to be exact (2^53 units).
/// @see L. H. Cox, "A constructive procedure for unbiased controlled rounding", JASA 82(398), 1987; two laminar
/// families give a totally unimodular system: J. Edmonds, "Submodular functions, matroids, and certain polyhedra",
/// 1970.
std::vector<std::int64_t> round_nested(std::span<const double> amounts, const LineLevels& first,
                                       const LineLevels& second, const Currency& currency = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/budget/nested_rounding.ipp"
#endif
