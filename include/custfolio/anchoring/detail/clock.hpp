// Clock times of a day: the order of the visits, and the first free time for each.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/anchoring/availability.hpp"
#include "custfolio/anchoring/detail/free_time.hpp"

namespace custfolio::detail {

/// A review of a day, with its customer's wishes.
struct DayVisit {
    std::size_t review = 0;              ///< Position of the review.
    int minutes = 60;                    ///< Its length.
    const CustomerSite* site = nullptr;  ///< Its customer's days and place; null where not known.
};

/// @return length of a review, with the part of the day that its customer requires.
ReviewLength length_of(int minutes, const CustomerSite* site);

/// The first start in free times: in the part of the day that the customer requires, rather in the one that it prefers;
/// no_time where none fits.
int start_in(std::span<const Hours> free, int minutes, const CustomerSite* site);

/// Kilometres of the shortest way through places, as visiting_order gives it.
double way_km(std::span<const double> latitude, std::span<const double> longitude);

/// Start of each visit. Up to eight visits with known places follow the shortest way; mornings come first, afternoons
/// last.
/// @param visits the visits, the greatest value first.
/// @param free free times of the day, with room for all visits.
/// @return minutes after midnight, one per visit.
std::vector<int> clock_times(std::span<const DayVisit> visits, std::vector<Hours> free);

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/detail/clock.ipp"
#endif
