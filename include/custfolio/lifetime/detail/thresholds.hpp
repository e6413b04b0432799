// The thresholds that choose between algorithms of customer-base models, with their reasons.
#pragma once

#include <cstddef>

namespace custfolio::detail {

/// Powers up to exp(600) stay in the range of doubles, with room for the factors beside them.
inline constexpr double largest_exponent = 600.0;

/// Terms up to which expected purchases are summed; beyond, an integral over time takes fewer evaluations.
inline constexpr double summed_terms = 1e4;
/// More terms than this take megabytes for each customer; a horizon that needs them is refused.
inline constexpr double most_terms = 1e6;
/// Ages from which on one series serves all of them. To fit it costs as much as some integrals.
inline constexpr std::size_t fewest_series_ages = 3;

/// Cells of a sample that gives a start for a BG/NBD fit, and how many samples there must be: then it saves most steps.
inline constexpr std::size_t bg_nbd_sample = 50000;
inline constexpr std::size_t bg_nbd_samples = 4;
/// The same for Pareto/NBD, whose likelihood costs more a cell.
inline constexpr std::size_t pareto_nbd_sample = 20000;
inline constexpr std::size_t pareto_nbd_samples = 2;

/// Change of an integrand's logarithm over one panel that sixteen nodes integrate to 13 digits.
inline constexpr double panel_reach = 14.0;
/// Widest panel, in the logarithm of time.
inline constexpr double panel_width = 4.0;
/// Change and width up to which four nodes give the same digits, and eight.
inline constexpr double four_node_reach = 0.3;
inline constexpr double four_node_width = 0.2;
inline constexpr double eight_node_reach = 4.0;
inline constexpr double eight_node_width = 2.0;
/// Equal panels up to this number; beyond, panels that follow the local slope are fewer.
inline constexpr double few_panels = 64.0;
/// Purchases from which on the integrand is a narrow peak, which is found first.
inline constexpr double many_purchases = 100.0;
/// Entries of a table of integrals for each history that it serves, and some in any case. An entry is cheaper than a
/// history's own integral.
inline constexpr std::size_t table_entries = 4;
inline constexpr std::size_t spare_table_entries = 4096;
/// Purchases up to which chances are listed one by one; beyond, each quantile searches for its own.
inline constexpr double most_listed_purchases = 1e4;
/// ln(1 + t / beta) below which two integrals of Pareto/NBD's variance would cancel; quadrature takes their place.
inline constexpr double short_time = 0.1;

/// Purchases beyond the first from which on a gamma variable replaces their number: single ones no longer show.
inline constexpr double many_further_purchases = 200.0;
/// Variance of the number, relative to its mean, from which on its distribution would take too many terms.
inline constexpr double wide_spread = 5000.0;
/// Below these the cube root is too far from normal, and the beta distribution is computed instead.
inline constexpr double least_normal_shape = 1.0;
inline constexpr double least_normal_rate = 2.0;

/// Cells of a table by customer and day that stay near the processor. With at most so many a row it beats a sort.
inline constexpr std::size_t most_day_cells = std::size_t{1} << 16;
inline constexpr std::size_t day_cells_per_row = 4;

}  // namespace custfolio::detail
