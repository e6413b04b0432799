// The diary of one manager: what capacity, absences, busy times and fixed appointments leave on each working day.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "custfolio/anchoring/cadence.hpp"
#include "custfolio/anchoring/detail/review_search.hpp"

namespace custfolio::detail {

/// @return Monday of a day's week, days since 1970-01-01.
DayNumber monday_of(DayNumber day);

/// Room and free times of a manager before any appointment.
/// @param manager the manager.
/// @param working_days the days on which reviews can be.
/// @return the limits.
DayLimits limits_of(const Manager& manager, std::span<const DayNumber> working_days);

/// Takes an appointment out of a diary. Its day need not be a working day.
/// @param limits the diary; changed.
/// @param appointment the appointment, with its start.
void book(DayLimits& limits, const Appointment& appointment);

/// @return position of a day among working days, or their number where it is none.
std::size_t position_of(std::span<const DayNumber> working_days, DayNumber day);

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/detail/diary.ipp"
#endif
