// The thresholds that choose between algorithms for sums. They decide how long a sum takes, and not what it is.
#pragma once

#include <cstddef>
#include <cstdint>

namespace custfolio::detail {

/// Frequencies with |phi| < exp(-42) = 6e-19 are left out: below what double precision adds up.
inline constexpr double spectral_cut = 42.0;
/// A sum of small weight in a mixture needs fewer frequencies, but never fewer than those with |phi| > exp(-6).
inline constexpr double least_spectral_cut = 6.0;
/// Points beyond which a spectrum is not inverted: its transforms would take more than half a gigabyte.
inline constexpr std::size_t spectral_points = std::size_t{1} << 24;
/// Products of a tree of convolutions, a point and level: the fastest transform takes about as many.
inline constexpr double tree_products = 24.0;

/// Fewer all-or-nothing amounts are convolved: that takes microseconds, less than the tables of an inversion.
inline constexpr std::size_t fewest_inverted_trials = 64;
/// As many variables of several values: with fewer no frequency can be left out.
inline constexpr std::size_t fewest_inverted_variables = 24;
/// Amounts beyond this many steps are not counted by their distance: the column of counts would not fit.
inline constexpr std::int64_t widest_counted = std::int64_t{1} << 22;
/// Positions from here on lose the exact products of frequency and position.
inline constexpr double farthest_position = 0x1p40;
/// Positions are counted in a table where it is at most this much longer than four times their number; else sorted.
inline constexpr double spare_table = 65536.0;

/// Odds up to which the logarithm of a factor is a series; above it would take more than 146 terms.
inline constexpr double most_series_odds = 0.75;
/// Ratio up to which the series in exp(i w) - 1 converges within 46 terms.
inline constexpr double most_power_ratio = 0.4;
/// Products that the factors may take before the tree is preferred, in trees: they are simpler loops.
inline constexpr double dear_factors = 4.0;

/// A block of points shorter than this does not pay its polynomial; short transforms are used instead.
inline constexpr std::size_t fewest_band_points = 128;
/// Values from which on a power series about several frequencies takes less than the sum over the values.
inline constexpr std::size_t fewest_zone_values = 24;

}  // namespace custfolio::detail
