// The thresholds that choose between algorithms of budgets, with their reasons.
#pragma once

#include <cstddef>
#include <cstdint>

namespace custfolio::detail {

/// 2^53 units: above it a double cannot represent every unit.
inline constexpr double exact_units = 0x1p53;
/// Cells or lines that are rounded at once, so that the graph of their fractions stays small.
inline constexpr std::size_t most_rounded = std::size_t{1} << 22;
/// Groups times lines up to which the outermost groups are settled one by one: each may search all lines.
inline constexpr std::size_t most_settled = std::size_t{1} << 22;
/// Entries of a table of pairs; with more, pairs are hashed.
inline constexpr std::size_t most_pairs = std::size_t{1} << 22;
/// Codes are numbered by a table with at most so many entries a code, and some in any case. Else they are sorted.
inline constexpr std::size_t entries_per_code = 4;
inline constexpr std::size_t spare_entries = 1000;

/// Points in a standard deviation of a sum: a quantile is right to half a point.
inline constexpr double points_in_spread = 512;
/// Points in a standard deviation of the normal amounts, where they are narrow beside the rest.
inline constexpr double points_in_normal = 32;
/// Points of a sum with normal amounts; a finer step would cost time and show no digit more.
inline constexpr double points_with_normal = 0x1p18;
/// The same at each value of a common factor: there are some hundred of them.
inline constexpr double points_given_factor = 0x1p16;
/// Points of a sum without normal amounts at each value of a factor.
inline constexpr std::size_t exact_points_given_factor = std::size_t{1} << 14;
/// Part of the expected amount that a quantile may be off where amounts share a factor and a finer lattice is slow.
inline constexpr double level_resolution = 1e-3;
/// Error of a chance by the average over a factor: less than what the lattice does to it.
inline constexpr double factor_tolerance = 1e-7;

}  // namespace custfolio::detail
