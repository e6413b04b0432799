// The level of a row of the floor as a random amount: its deviation, its chance, and what a wanted chance needs.
#pragma once

#include "custfolio/distribution/distribution.hpp"

namespace custfolio {

class CourseModel;  // defined in courses.hpp, whose definitions need this header
struct CourseRow;

namespace detail {

class PlanOutcomes;

/// The sum of a row's months around its expectation. The baseline is normal; answers, wins and action plans have their
/// own distribution.
class FloorLevel {
  public:
    /// @param model the courses; its baseline must have covariances.
    /// @param row a row of the floor.
    /// @param outcomes what the chosen courses change by chance: of those that the row counts.
    FloorLevel(const CourseModel& model, const CourseRow& row, const PlanOutcomes& outcomes);

    /// @return variance, squared currency.
    [[nodiscard]] double variance() const { return baseline_ + change_.variance(); }
    /// @param mean the expected level, currency.
    /// @param floor an amount, currency.
    /// @return chance that the level reaches it.
    [[nodiscard]] double chance(double mean, double floor) const;
    /// How far the expected level must lie above a floor. For a normal level it is z times the deviation.
    /// @param chance the chance that the level must have to reach the floor, in [0.5, 1).
    /// @return currency, >= 0.
    [[nodiscard]] double margin(double chance) const;

  private:
    double baseline_ = 0;  // variance of the baseline
    Distribution change_;  // by answers, wins and action plans
};

}  // namespace detail
}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/detail/floor_level.ipp"
#endif
