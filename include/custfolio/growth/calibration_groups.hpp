// Forecasts against outcomes by group: success percentages, rates, win rates by age, slippage of dates, coverage.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "custfolio/growth/calibration.hpp"
#include "custfolio/ledger/encode.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// Recalibrated success percentages: the points of a reliability diagram, joined by straight lines, level beyond them.
/// @param points as reliability() returns them, at least one.
/// @param stated probabilities to recalibrate.
/// @return one value each.
/// @throws InputError where there is no point or a probability is NaN (with its position).
std::vector<double> recalibrated(std::span<const ReliabilityPoint> points, std::span<const double> stated);

/// Stated and observed success of one group.
struct GroupCalibration {
    std::string group;      ///< The group.
    std::size_t cases = 0;  ///< Number of outcomes.
    double stated = 0;      ///< Mean of the stated probabilities.
    double observed = 0;    ///< Share that succeeded.
    double expected = 0;    ///< Rate shrunk towards the other groups; see success_rates().
    double lower = 0;       ///< Lower end of its interval.
    double upper = 0;       ///< Upper end of its interval.
};

/// @param stated stated probabilities, in [0, 1].
/// @param happened 0 or 1, one per probability.
/// @param group group of each case, such as its owner or stage.
/// @param level of the intervals, in (0, 1).
/// @return the groups, most cases first, then by name.
/// @throws InputError where the lengths differ or nothing is there.
std::vector<GroupCalibration> calibration_by_group(std::span<const double> stated,
                                                   std::span<const std::uint8_t> happened, const Encoding& group,
                                                   double level = 0.9);

/// Success rates of groups, with the cases behind them.
struct GroupSuccess {
    std::vector<std::string> group;      ///< The groups, by name.
    std::vector<std::size_t> cases;      ///< Decided cases of each.
    std::vector<std::size_t> successes;  ///< Of these, the successes.
    std::vector<double> share;           ///< successes / cases; NaN without cases.
    SuccessRates rates;                  ///< The rates, shrunk towards each other.
    std::size_t undecided = 0;           ///< Cases that are not decided yet; they do not count.

    /// @param name a group. @return its rate; the mean of the groups where it has no history.
    [[nodiscard]] double rate(const std::string& name) const;
};

/// Learns success rates from cases: owners, stages, products.
/// @param group group of each case.
/// @param end how each case ended.
/// @param level of the intervals, in (0, 1).
/// @return one rate a group; see success_rates() of counts.
/// @throws InputError where the lengths differ or nothing is decided.
GroupSuccess success_rates(const Encoding& group, std::span<const CaseEnd> end, double level = 0.9);

/// How ages of cases are counted.
struct AgeOptions {
    int period_days = 7;                 ///< Length of a period, days, >= 1.
    std::optional<DayNumber> seen = {};  ///< Day up to which open cases were seen; none: the last end.
    double level = 0.9;                  ///< Level of the intervals, in (0, 1).
};

/// Win rate by age from the days of cases.
/// @param start day on which each case began.
/// @param decided day on which each was decided; no_day for an open case.
/// @param end how each ended.
/// @param options how ages are counted.
/// @return one entry a period; see win_rate_by_age() of ages.
/// @throws InputError where the lengths differ, nothing has ended and no day seen is given, or a case has no start or
/// ends before it (with its row, from 1).
std::vector<AgePeriod> win_rate_by_age(std::span<const DayNumber> start, std::span<const DayNumber> decided,
                                       std::span<const CaseEnd> end, const AgeOptions& options);

/// By how many days dates of one group came later than planned; negative: earlier.
struct Slippage {
    std::string group;             ///< The group.
    std::size_t cases = 0;         ///< Rows with both dates.
    std::size_t without_date = 0;  ///< Rows without one of them.
    double mean = 0;               ///< Days; NaN without cases, as all that follows.
    double p10 = 0;                ///< Days that 10 % do not exceed (linear between order statistics).
    double p50 = 0;                ///< Median, days.
    double p90 = 0;                ///< Days that 90 % do not exceed.
    double late = 0;               ///< Share that came after the planned day.
};

/// @param planned day that was planned, or no_day.
/// @param actual day that it became, or no_day.
/// @param group group of each row.
/// @return the groups, most rows first, then by name.
/// @throws InputError where the lengths differ or no row has both dates.
std::vector<Slippage> slippage(std::span<const DayNumber> planned, std::span<const DayNumber> actual,
                               const Encoding& group);

/// Where an outcome lies.
enum class BandPlace : std::uint8_t {
    below,   ///< Below its band.
    inside,  ///< In its band, the ends included.
    above    ///< Above its band.
};

/// @param place any value.
/// @return its name: "below", "inside" or "above".
/// @throws InputError for a number that is none of them.
std::string to_string(BandPlace place);

/// How often outcomes lay within the bands that were forecast.
struct Coverage {
    std::vector<BandPlace> place;  ///< Of each outcome.
    std::size_t below = 0;         ///< Outcomes below their bands.
    std::size_t inside = 0;        ///< Outcomes in their bands.
    std::size_t above = 0;         ///< Outcomes above their bands.
    ShareInterval within;          ///< Share in the bands, with its 90 % interval.
};

/// @param actual outcomes, finite.
/// @param low lower ends of the bands, finite.
/// @param high upper ends, finite and not below the lower ones.
/// @return the places and their counts.
/// @throws InputError where there is nothing, the lengths differ or a value cannot be used (with its row, from 1).
Coverage coverage(std::span<const double> actual, std::span<const double> low, std::span<const double> high);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/calibration_groups.ipp"
#endif
