// The thresholds that choose between algorithms for ledgers, with their reasons.
#pragma once

#include <cstddef>

namespace custfolio::detail {

/// Rows of the smallest part that a thread gets: some milliseconds of work.
inline constexpr std::size_t part_rows = std::size_t{1} << 18;
/// Bytes of a table of all customers up to which each part of the rows has one of its own: it stays in the cache.
inline constexpr std::size_t most_part_table_bytes = std::size_t{4} << 20;
/// Bytes of the table of a group of customers: it fits the second-level cache with room to spare.
inline constexpr std::size_t group_table_bytes = std::size_t{1} << 18;

}  // namespace custfolio::detail
