// Free time of a day: what is left of the hours, and how reviews of some length fit into it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/anchoring/availability.hpp"

namespace custfolio::detail {

/// Takes a time out of the free times of a day.
/// @param free free times, in order; changed.
/// @param taken the time.
void take_time(std::vector<Hours>& free, Hours taken);

/// The free times that two managers share.
std::vector<Hours> common_time(std::span<const Hours> a, std::span<const Hours> b);

/// @return how many reviews of a length fit one after the other.
int fitting_reviews(std::span<const Hours> free, int minutes);

/// The first start at or after a minute; no_time where none fits.
int first_start(std::span<const Hours> free, int minutes, int earliest = 0);

/// Assigns reviews to free times. First fit by falling length, and up to eight reviews by enumeration.
/// @param free free times.
/// @param minutes length of each review.
/// @param at filled with the free time of each review.
/// @return whether all fit.
bool pack(std::span<const Hours> free, std::span<const int> minutes, std::vector<std::size_t>& at);

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/detail/free_time.ipp"
#endif
