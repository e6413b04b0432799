// The agenda: reviews on working days within each manager's capacity; fixed appointments never move.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "custfolio/anchoring/availability.hpp"
#include "custfolio/anchoring/cadence.hpp"
#include "custfolio/anchoring/manager_result.hpp"

namespace custfolio {

/// Marks a review that no other manager can take over.
inline constexpr std::size_t nobody_else = std::numeric_limits<std::size_t>::max();

/// A review without a place.
struct UnplacedReview {
    Review review{};          ///< The review that was due.
    std::string reason{};     ///< Why there is no place for it.
    int tolerance_days = -1;  ///< Distance from the due date of a free place, where all others stay; -1: none.
    std::size_t other_manager = nobody_else;  ///< Position of the first manager with a place in the window.
    DayNumber other_day = no_day;             ///< That manager's day nearest to the due date.
};

/// What a reader of the agenda should know of an appointment: it is kept, but something is wrong with it.
struct AgendaNote {
    std::size_t customer = 0;  ///< Row or code of the customer.
    std::size_t manager = 0;   ///< Position of the manager.
    DayNumber day = 0;         ///< Day of the appointment.
    std::string text{};        ///< What is wrong.
};

/// Appointments and reviews without a place.
struct Agenda {
    std::vector<Appointment> appointments{};  ///< By day, manager, start, customer.
    std::vector<UnplacedReview> unplaced{};   ///< In the order of the reviews given.
    std::vector<ManagerResult> managers{};    ///< One per manager.
    std::vector<AgendaNote> notes{};          ///< Fixed appointments on days off, beyond capacity or at one time.
    /// No agenda places more value: the sum of the managers' bounds, or less where meetings need time of two managers.
    double bound = 0;

    /// @return the share of value that the agenda may be below the greatest possible, in [0, 1]; 0 where it is exact.
    [[nodiscard]] double gap() const;
};

/// Settings of plan_agenda.
struct AgendaOptions {
    int preference_days = 5;  ///< Days of deviation that a day counts more which the customer does not prefer, >= 0.
    /// Share by which deviation may rise for even days and short ways, >= 0; the value placed stays.
    double slack = 0;
    double km_per_point = 25;  ///< Kilometres that weigh as much as one in the sum of squared reviews a day, > 0.
    unsigned threads = 0;      ///< Upper bound on threads; 0: all cores. Any number gives the same agenda.
};

/// Places reviews on days and gives them clock times.
///
/// Fixed appointments stay as they are and use their share of the capacity. The other reviews of a manager are placed
/// so that the sum of their values is greatest, then so that the sum of value x days from the due date is least. Both
/// are exact (a minimum-cost flow from reviews through days and weeks) unless least gaps bind, reviews of unlike length
/// share the hours of a day, or two managers meet. Then a search improves the exact answer of a simpler problem, and
/// Agenda::gap bounds what is lost. Where a manager has up to 100 reviews of one length, branch and bound mostly makes
/// least gaps exact. Meetings of two managers are placed by value; then a search over all managers who meet
/// moves them, where these have up to 10,000 reviews. Where they need more time than there is, then a Lagrangian
/// decomposition over the managers gives a bound, and a second plan with the meetings that it chooses.
///
/// With `slack` above 0 the days of a manager then become more even and its ways shorter: single reviews and pairs move
/// as long as the sum of squared reviews a day, plus the kilometres of each day's shortest way over `km_per_point`,
/// falls and deviation stays within its share.
///
/// Values count to a billionth of the greatest one. The same input gives the same agenda, and that agenda as fixed
/// appointments changes nothing.
///
/// Within a day, up to eight reviews at known places follow the shortest way; else they follow their value. Reviews
/// start at the first free time, in the preferred part of the day where it has one. Reviews never overlap, and keep the
/// part of the day that their customer requires; where that binds, Agenda::gap bounds what is lost, too.
/// @param reviews the reviews that are due.
/// @param managers the managers.
/// @param working_days the days on which reviews can be, strictly increasing; holidays and weekends are left out by the
/// caller.
/// @param fixed appointments made earlier; all that are agreed stay, also on days that are not working days or beyond
/// capacity. Deleted ones take no place, and their numbers are not given again.
/// @param options settings.
/// @param sites customers' days and places; customers without one can be visited on every working day.
/// @return the agenda.
/// @throws InputError where a manager is repeated, nameless or of negative capacity, hours are impossible, a review or
/// appointment names a missing manager, working days are not increasing, a value is not above 0, a length is not
/// positive, a number of a customer's appointments is repeated, or a setting is out of range.
Agenda plan_agenda(std::span<const Review> reviews, std::span<const Manager> managers,
                   std::span<const DayNumber> working_days, std::span<const Appointment> fixed = {},
                   const AgendaOptions& options = {}, std::span<const CustomerSite> sites = {});

/// Reviews and hours of one manager in one month.
struct MonthlyCapacity {
    std::size_t manager = 0;     ///< Position of the manager.
    Month month{};               ///< The month.
    int reviews_needed = 0;      ///< Reviews that are due, and fixed appointments.
    int reviews_available = 0;   ///< Reviews that the working days have room for.
    double hours_needed = 0;     ///< Hours of the reviews needed.
    double hours_available = 0;  ///< Hours for reviews: working hours, at most reviews_per_day of mean length a day.
};

/// Hours needed beside hours available, before anything is planned.
/// @param reviews the reviews that are due.
/// @param managers the managers.
/// @param working_days the days on which reviews can be, strictly increasing.
/// @param fixed appointments made earlier; those before the first working day's month are left out.
/// @return one entry per manager and month of the working days, by manager, then month. O(n + managers x days).
/// @throws InputError as plan_agenda.
std::vector<MonthlyCapacity> monthly_capacity(std::span<const Review> reviews, std::span<const Manager> managers,
                                              std::span<const DayNumber> working_days,
                                              std::span<const Appointment> fixed = {});

/// The shortest order to visit places, from any first to any last place.
///
/// Exact by dynamic programming over subsets up to eight places; from there the nearest place follows, from the first.
/// @param latitude degrees, one per place.
/// @param longitude degrees, one per place.
/// @return positions of the places in the order of the visits; of equal ways the first in lexicographic order.
/// @throws InputError where lengths differ or a coordinate is not on the earth.
std::vector<std::size_t> visiting_order(std::span<const double> latitude, std::span<const double> longitude);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/agenda.ipp"
#endif
