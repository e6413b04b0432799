// Chances of open deals: survival with two ends, won and lost, by stage and age, shrunk by owner and segment.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "custfolio/growth/calibration.hpp"
#include "custfolio/growth/opportunities.hpp"
#include "custfolio/ledger/encode.hpp"
#include "custfolio/math/matrix.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// The days on which deals entered their stages, one entry a row in any order. Without rows all deals have one stage.
struct StageHistory {
    std::vector<std::size_t> deal{};   ///< Position of the deal.
    std::vector<DayNumber> entered{};  ///< Day on which it entered the stage.
    Encoding stage{};                  ///< The stage.
};

/// How chances of open deals are learned.
struct OpenChanceOptions {
    DayNumber at = no_day;   ///< Day at whose beginning the deals are open; later days are not used.
    int months = 12;         ///< Calendar months ahead, that of `at` included, 1 to 60.
    double prior = 0.3;      ///< Chance that a deal is won in the end while none is decided, in [0, 1].
    double prior_days = 90;  ///< Mean days to its decision then, above 1.
};

/// The chances of one open deal.
struct OpenChance {
    std::size_t deal = 0;  ///< Position of the deal.
    std::string stage;     ///< Its stage; empty without a history.
    int days = 0;          ///< Whole days in that stage, without the day of a move.
    double won = 0;        ///< Chance that it is won by the end of the months.
    double lost = 0;       ///< Chance that it is lost by then.
};

/// How fast the deals of one group are decided, beside the company's pace in the same stages at the same ages.
struct GroupPace {
    std::size_t dimension = 0;  ///< 0: stage; k: the k-th grouping.
    std::string group;          ///< The group.
    std::size_t won = 0;        ///< Deals won.
    double expected_won = 0;    ///< Deals won at the company's pace and that of its other groups.
    double win_factor = 1;      ///< What its rate of winning is multiplied by: won / expected_won, shrunk to 1.
    std::size_t lost = 0;       ///< Deals lost.
    double expected_lost = 0;   ///< Deals lost at the company's pace and that of its other groups.
    double loss_factor = 1;     ///< What its rate of losing is multiplied by.
};

/// Chances of open deals.
struct OpenChances {
    std::vector<OpenChance> open;                ///< One an open deal, in their order.
    Matrix won_by_month;                         ///< Chance to be won in each month; open deals x months.
    std::vector<GroupPace> groups;               ///< Stages (with a history), then the groups of each grouping.
    std::vector<LeftOutOpportunity> left_out{};  ///< Deals without a usable day, each with the reason.
    std::size_t decided = 0;                     ///< Decided deals behind the chances; 0: the prior is used.
    /// @param k position in `open`. @return months from that of `at` to the win, given that the deal is won in them.
    [[nodiscard]] MonthChances months_if_won(std::size_t k) const;
};

/// Learns daily rates of winning and of losing by age, and applies them to the deals that are open.
///
/// - The age counts days in the stage: from the creation in the first one, from the day after the move in a later one.
/// - Rates are constant between ages that divide the decisions and moves evenly, at most 24 of them. Beyond the
///   greatest age of these they have a value of their own where at least 3 ends were to be expected there.
/// - The prior counts as one case in the rates. A chance is the mean of n decided deals' and of the prior's alone, with
///   weights n and 1: the first decided deals change it step by step.
/// - A stage, a stage at an age, and a group multiply the company's rates. The factors have a gamma distribution
///   around 1, fitted by maximum likelihood, and are shrunk by it.
/// - Rates and group factors are fitted by turns, at most 100 times. A day at risk is weighted by its deal's group
///   factors, relative to the company's mean. So the early end of a fast group's deals does not count twice.
/// - A deal moves on from stage to stage, is won, or is lost (a semi-Markov process, in days).
/// @param created day on which each deal began; no_day: not known.
/// @param decided day of its end; no_day while it is open.
/// @param end how it ended, as seen on any day; what was decided on `at` or later is still open.
/// @param groups groupings such as owner and segment, one code a deal each.
/// @param history stages of the deals.
/// @param options day, months and prior.
/// @return chances of the deals that began before `at` and were not decided before it.
/// @throws InputError where lengths differ, a position or an option is out of range. O(turns x deals x 24 + open deals
/// x days), with a history also O(combinations of groups x (stages x days)^2).
/// @see J. D. Kalbfleisch, R. L. Prentice (2002), The Statistical Analysis of Failure Time Data, 2nd ed., chapter 8.
OpenChances open_chances(std::span<const DayNumber> created, std::span<const DayNumber> decided,
                         std::span<const CaseEnd> end, std::span<const Encoding> groups, const StageHistory& history,
                         const OpenChanceOptions& options);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/open_chances.ipp"
#endif
