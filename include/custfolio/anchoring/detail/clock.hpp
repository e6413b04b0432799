// Clock times of a day: the order of the visits, and the first free time for each.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/anchoring/availability.hpp"

namespace custfolio::detail {

/// A review of a day, with its customer's wishes.
struct DayVisit {
    std::size_t review = 0;              ///< Position of the review.
    int minutes = 60;                    ///< Its length.
    const CustomerSite* site = nullptr;  ///< Its customer's days and place; null where not known.
};

/// The first start in free times, in the preferred part of the day where there is one; no_time where none fits.
int start_in(std::span<const Hours> free, int minutes, PartOfDay part);

/// Kilometres of the shortest way through places, as visiting_order gives it.
double way_km(std::span<const double> latitude, std::span<const double> longitude);

/// Start of each visit. Up to eight visits with known places follow the shortest way; mornings come first, afternoons
/// last. Where free times are too short for all, the last visits share a time.
/// @param visits the visits, the greatest value first.
/// @param free free times of the day.
/// @return minutes after midnight, one per visit.
std::vector<int> clock_times(std::span<const DayVisit> visits, std::vector<Hours> free);

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/detail/clock.ipp"
#endif
