// The thresholds that choose between algorithms for distributions of money, with their reasons.
#pragma once

#include <cstddef>

namespace custfolio::detail {

/// Draws at once: they take 800 megabytes.
inline constexpr std::size_t most_draws = 100'000'000;
/// More points than this take gigabytes; a sum that needs them is refused.
inline constexpr std::size_t most_points = std::size_t{1} << 28;
/// Times the wanted points that an exact lattice may have: exact sums are worth the time, and need no error bound.
inline constexpr std::size_t exact_points_factor = 16;
/// Points of the lattices for values of a common factor that are always affordable.
inline constexpr double coarse_points = 0x1p14;
/// Points that a lattice has at least where a resolution makes it coarser: the shape of the sum needs them.
inline constexpr double fewest_points = 0x1p12;
/// Points up to which the lattice of given atoms, or of two distributions together, stays exact.
inline constexpr std::size_t most_exact_points = std::size_t{1} << 22;
/// Points of a lattice that cannot be exact: its spacing is then a millionth of the range.
inline constexpr std::size_t rounded_points = std::size_t{1} << 20;
/// A chance below its error bound times this is computed again by tilting: six of its digits are then right.
inline constexpr double doubtful_chance = 1e6;

/// Uncertain summands, of two amounts each at least, whose sum may be listed amount by amount: 16,384 amounts.
inline constexpr std::size_t most_uncertain_summands = 14;
/// More atoms than this are first gathered by their bits: many are equal, and sorting is the slowest part.
inline constexpr std::size_t few_atoms = 32;

/// Part of a step beyond which a lattice counts as another one; rounding leaves far less.
inline constexpr double off_lattice = 1e-6;
/// Where X_g varies less than this given Z, few values of Z would use the same values of X_g: each uses its own.
inline constexpr double narrow_deviation = 0.01;
/// Values of the factor where sums are simulated at each: their noise would let no rule settle.
inline constexpr std::size_t simulated_values = 69;
/// A log weight so much below the greatest is less than 1e-21 of it, and left out.
inline constexpr double negligible_log_weight = 50;

}  // namespace custfolio::detail
