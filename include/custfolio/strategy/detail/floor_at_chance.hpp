// Floors that hold with a chance: how far each one rises, and which rise is tried next.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/strategy/plan.hpp"

namespace custfolio {

struct Strategy;    // defined in strategy.hpp, whose definitions need this header
class CourseModel;  // so do those of courses.hpp
struct CourseRow;

namespace detail {

/// @param model the courses.
/// @param row one of its rows.
/// @param chosen per customer and prospect: its course.
/// @return the same; to keep for those that the row does not count.
std::vector<Course> counted_courses(const CourseModel& model, const CourseRow& row, std::span<const Course> chosen);

/// How far the expected levels of a plan must lie above their floors.
/// @param strategy its start and chance.
/// @param model the courses.
/// @param growth the forecast of the action plans.
/// @param chosen per customer and prospect: its course.
/// @param rows positions of rows of the floor.
/// @return per row an amount, currency, >= 0.
std::vector<double> floor_margins(const Strategy& strategy, const CourseModel& model, const GrowthForecast& growth,
                                  std::span<const Course> chosen, std::span<const std::size_t> rows);

/// The margins that plans are made under, one after the other. A plan has a deviation of its own, so it may need other
/// margins than those it was made under: the next plan is made under these.
class MarginSequence {
  public:
    /// @param rows number of rows; the first plan is made without margins.
    explicit MarginSequence(std::size_t rows) : tried_{std::vector<double>(rows, 0.0)} {}

    /// @param needed the margins that the last plan needs.
    /// @param enough whether a plan with the chance is known.
    /// @return the margins to try next; nothing where they would repeat. Of plans that alternate without one that has
    /// the chance, the greatest margins are tried.
    [[nodiscard]] std::optional<std::vector<double>> next(const std::vector<double>& needed, bool enough);
    /// @return whether plans alternated.
    [[nodiscard]] bool alternates() const { return alternates_; }

  private:
    std::vector<std::vector<double>> tried_;
    bool alternates_ = false;
};

/// A floor that the plan does not reach with the chance of the strategy.
struct MissedChance {
    std::size_t row = 0;  ///< Position of the row.
    double needed = 0;    ///< Expected level that a plan needs for the chance, currency.
    double nearest = 0;   ///< Expected level of the plan that comes nearest to it, currency.
};

/// What was found on the way to floors that hold with a chance.
struct FloorsAtChance {
    std::vector<MissedChance> missed{};  ///< Floors without the chance.
    double cost = 0;          ///< Discounted heat that the plan costs that comes nearest to the missed ones, currency.
    bool alternates = false;  ///< Whether plans alternated, of which the best one is shown.
    bool stopped = false;     ///< Whether the search was stopped early.
};

}  // namespace detail
}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/detail/floor_at_chance.ipp"
#endif
