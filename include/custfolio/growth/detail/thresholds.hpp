// The thresholds and tolerances of the forecast of action plans, with their reasons.
#pragma once

#include <cstddef>

namespace custfolio::detail {

/// Error of means over one factor, as a share of the greatest value. The rule converges so fast that this costs at most
/// one more level than 1e-9.
inline constexpr double mean_tolerance = 1e-13;
/// The same for means over pairs of factors, whose levels cost four times as much each.
inline constexpr double pair_tolerance = 1e-9;
/// The same for chances to reach a target, which are no smoother than the lattice of the sum.
inline constexpr double chance_tolerance = 1e-9;
/// The same for covariances, as a share of the greatest.
inline constexpr double covariance_tolerance = 1e-11;

/// States before merging, in times of the limit: merging mostly brings them below the limit.
inline constexpr std::size_t unmerged_states = 8;
/// Three or more factors in one graph are drawn, by so many times fewer draws than plays: a draw costs a whole graph.
inline constexpr std::size_t plays_per_draw = 16;
/// Resampled histories: a band from more shows no further digit.
inline constexpr std::size_t most_resamples = 1'000'000;
/// Resampled histories times their points: they are in memory at once, which is one gigabyte.
inline constexpr std::size_t most_resampled_points = std::size_t{1} << 27;
/// Trials of one cell of a history: the nodes of its factor grow with their root, and more take minutes.
inline constexpr double most_trials = 1e6;
/// Plays of a simulation: more take minutes, and gain less than the fourth digit.
inline constexpr std::size_t most_plays = 10'000'000;
/// Plays given a value of the factor where its density is small; fewer would leave out rare sums.
inline constexpr std::size_t fewest_plays = 100;
/// Points of a lattice where the sums of all groups at all values of a factor are in memory at once.
inline constexpr std::size_t grouped_points = std::size_t{1} << 14;

}  // namespace custfolio::detail
