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

/// The free times of a part of the day.
std::vector<Hours> within(std::span<const Hours> free, PartOfDay part);

/// @return how many reviews of a length fit one after the other.
int fitting_reviews(std::span<const Hours> free, int minutes);

/// The first start at or after a minute; no_time where none fits.
int first_start(std::span<const Hours> free, int minutes, int earliest = 0);

/// Length of a review, and the part of the day that it must keep.
struct ReviewLength {
    int minutes = 60;                 ///< Its length, > 0.
    PartOfDay part = PartOfDay::any;  ///< The part of the day.
};

/// Free times cut at noon where a review must keep a part of the day; else as they are.
std::vector<Hours> parts_of(std::span<const Hours> free, std::span<const ReviewLength> reviews);

/// Assigns reviews to free times. First fit by falling length, and up to eight reviews by enumeration.
/// @param free free times as parts_of returns them.
/// @param reviews the reviews.
/// @param at filled with the free time of each review.
/// @return whether all fit.
bool pack(std::span<const Hours> free, std::span<const ReviewLength> reviews, std::vector<std::size_t>& at);

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/detail/free_time.ipp"
#endif
