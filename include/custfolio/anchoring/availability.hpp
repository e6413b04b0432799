// Availability: the days and hours on which managers work and customers can be visited.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// Days by weekday and by their place in the month, such as the first Monday.
struct DayPattern {
    std::uint8_t weekdays = 0x7f;  ///< Bit 0 is Monday, bit 6 Sunday.
    std::uint8_t weeks = 0x3f;     ///< Bits 0 to 4: the first to fifth such weekday of a month; bit 5: the last.
    /// @param day days since 1970-01-01.
    /// @return whether the day is one of the pattern.
    [[nodiscard]] bool matches(DayNumber day) const;
    /// Same days.
    /// @return whether the two are the same.
    bool operator==(const DayPattern&) const = default;
};

/// Part of a day; noon divides it.
enum class PartOfDay {
    any,        ///< The whole day.
    morning,    ///< Up to noon.
    afternoon,  ///< From noon.
};

/// @param part a part of the day.
/// @return its name: "any", "morning" or "afternoon".
std::string to_string(PartOfDay part);

/// Minutes after midnight of a local clock, `from` < `to`.
struct Hours {
    int from = 9 * 60;  ///< First minute, 0 to 1439.
    int to = 17 * 60;   ///< End, at most 1440.
    /// Same hours.
    /// @return whether the two are the same.
    bool operator==(const Hours&) const = default;
};

/// Hours of a day on which a manager has no time.
struct BusyTime {
    DayNumber day = 0;  ///< The day, days since 1970-01-01.
    Hours hours{};      ///< The time.
};

/// Marks a number of reviews without a limit.
inline constexpr int no_review_limit = std::numeric_limits<int>::max();

/// An account manager.
struct Manager {
    std::string id{};                        ///< Identity, unique and not empty.
    int reviews_per_day = 4;                 ///< Capacity per working day, >= 0.
    int reviews_per_week = no_review_limit;  ///< Capacity from Monday to Sunday, >= 0.
    DayPattern days{};                       ///< Days on which the manager works.
    Hours hours{};                           ///< Working hours, from nine to five by default; reviews must fit.
    std::vector<Period> absences{};          ///< Days without reviews.
    std::vector<BusyTime> busy{};            ///< Times without reviews.
    std::vector<std::size_t> groups{};       ///< Groups of customers (region, language) served; empty: all.
    /// @param group a group of customers.
    /// @return whether the manager serves it.
    [[nodiscard]] bool serves(std::size_t group) const;
};

/// When and where a customer can be visited.
struct CustomerSite {
    std::size_t customer = 0;                                     ///< Row or code of the customer; unique.
    DayPattern open{};                                            ///< Only these days.
    PartOfDay open_part = PartOfDay::any;                         ///< Only this part of these days.
    DayPattern preferred{};                                       ///< Rather these days.
    PartOfDay part = PartOfDay::any;                              ///< Rather this part of the day.
    std::vector<Period> closed{};                                 ///< Not on these days.
    double latitude = std::numeric_limits<double>::quiet_NaN();   ///< Degrees; NaN where not known.
    double longitude = std::numeric_limits<double>::quiet_NaN();  ///< Degrees; NaN where not known.
};

/// Days on which reviews can be.
/// @param period first and last day.
/// @param holidays days without reviews, in any order.
/// @return the days of the period from Monday to Friday without the holidays, increasing.
std::vector<DayNumber> working_days(Period period, std::span<const DayNumber> holidays = {});

/// The day by which something must be ready that is needed some working days before each of the days given.
/// @param days days, in any order.
/// @param before working days before each, >= 0.
/// @param working_days the working days, strictly increasing.
/// @return one day per day: the working day so many before it, or the first working day where there are fewer.
/// @throws InputError where `before` is negative, there is no working day or they do not increase.
std::vector<DayNumber> working_days_before(std::span<const DayNumber> days, int before,
                                           std::span<const DayNumber> working_days);

/// Marks a customer without a manager.
inline constexpr std::int64_t no_manager = -1;

/// Gives every customer a manager. Given managers stay. Each other customer, in order, goes to the manager with the
/// least load for its capacity (the first of equals), among those who serve its group.
/// @param load reviews per year of each customer, >= 0.
/// @param managers the managers, at least one with capacity for each group with a customer to assign.
/// @param given position of the manager of each customer, or no_manager; same length as `load`.
/// @param group group of each customer; empty: all in group 0.
/// @return position of the manager of each customer. O(customers x managers).
/// @throws InputError where lengths differ, a load is negative or not finite, a position is out of range or no manager
/// with capacity serves a group.
std::vector<std::size_t> assign_managers(std::span<const double> load, std::span<const Manager> managers,
                                         std::span<const std::int64_t> given, std::span<const std::size_t> group = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/availability.ipp"
#endif
