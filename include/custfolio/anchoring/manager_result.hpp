// How well an agenda fills the days of one manager, and what one more day is worth.
#pragma once

#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// How well the agenda of one manager fills its days.
struct ManagerResult {
    int placed = 0;               ///< Reviews placed, without the fixed ones.
    int unplaced = 0;             ///< Reviews without a place.
    double value = 0;             ///< Sum of the values placed.
    double bound = 0;             ///< No agenda places more value of this manager's own reviews.
    double deviation = 0;         ///< Sum of value x days from the due date.
    double deviation_bound = 0;   ///< No agenda that places as much value has less, where `value` equals `bound`.
    double day_value = 0;         ///< Value of the reviews that one more working day would place.
    DayNumber best_day = no_day;  ///< The day on which it would place them; no_day where all reviews have a place.
    int days_needed = 0;          ///< Further working days after which all reviews that can be placed have a place.
};

}  // namespace custfolio
