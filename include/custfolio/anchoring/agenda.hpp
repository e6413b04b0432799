// The agenda: reviews on working days within each manager's capacity; fixed appointments never move.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "custfolio/anchoring/cadence.hpp"

namespace custfolio {

/// An account manager.
struct Manager {
    std::string id{};         ///< Identity, unique and not empty.
    int reviews_per_day = 4;  ///< Capacity per working day, >= 0.
};

/// A review without a place.
struct UnplacedReview {
    Review review;       ///< The review that was due.
    std::string reason;  ///< Why there is no place for it.
};

/// Appointments and reviews without a place.
struct Agenda {
    std::vector<Appointment> appointments;  ///< By day, manager, slot, customer.
    std::vector<UnplacedReview> unplaced;   ///< In the order of the reviews given.
};

/// Places reviews on days.
///
/// Fixed appointments stay as they are and use their share of the capacity. A fixed appointment answers a review of the
/// same customer and due date. The other reviews are placed in order of value, then due date, then customer. Each goes
/// to its manager's free working day nearest to the due date, the earlier of two equally near. It must be within the
/// tolerance, and not on a day on which the customer is already seen. So a customer of greater value never gives way to
/// one of less; the sum of deviations is small but not proven smallest. Within a day each review gets the first free
/// slot. The same input gives the same agenda, and that agenda as fixed appointments changes nothing.
/// @param reviews the reviews that are due.
/// @param managers the managers.
/// @param working_days the days on which reviews can be, strictly increasing; holidays and weekends are left out by the
/// caller.
/// @param fixed appointments made earlier; all stay, also on days that are not working days or beyond capacity.
/// @param tolerance_days greatest distance from the due date, days, >= 0.
/// @return the agenda.
/// @throws InputError where a manager is repeated, nameless or of negative capacity, a review or appointment names a
/// missing manager, working days are not increasing, a value is not finite or the tolerance is negative. O(n
/// log n).
Agenda plan_agenda(std::span<const Review> reviews, std::span<const Manager> managers,
                   std::span<const DayNumber> working_days, std::span<const Appointment> fixed, int tolerance_days);

/// Days on which reviews can be.
/// @param period first and last day.
/// @param holidays days without reviews, in any order.
/// @return the days of the period from Monday to Friday without the holidays, increasing.
std::vector<DayNumber> working_days(Period period, std::span<const DayNumber> holidays = {});

/// Marks a customer without a manager.
inline constexpr std::int64_t no_manager = -1;

/// Gives every customer a manager. Given managers stay. Each other customer, in order, goes to the manager with the
/// least load for its capacity (the first of equals).
/// @param load reviews per year of each customer, >= 0.
/// @param managers the managers, at least one with capacity where a customer is still to be assigned.
/// @param given position of the manager of each customer, or no_manager; same length as `load`.
/// @return position of the manager of each customer. O(customers x managers).
/// @throws InputError where lengths differ, a load is negative or not finite, a position is out of range or no manager
/// has capacity.
std::vector<std::size_t> assign_managers(std::span<const double> load, std::span<const Manager> managers,
                                         std::span<const std::int64_t> given);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/agenda.ipp"
#endif
