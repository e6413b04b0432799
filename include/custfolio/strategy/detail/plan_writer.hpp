// All figures and sentences of a plan, from its courses.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/acquisition/prospects.hpp"
#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/math/matrix.hpp"
#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/remediation/offers.hpp"
#include "custfolio/strategy/plan.hpp"

namespace custfolio {

struct Strategy;    // defined in strategy.hpp, whose definitions need this header
class CourseModel;  // so do those of courses.hpp
struct CourseRow;

namespace detail {

struct FloorsAtChance;
class PlanOutcomes;
struct RowBounds;

/// @param amount any number.
/// @return it in whole units with commas: "1,234,567"; its shortest text from 1e15 on.
std::string whole_text(double amount);

/// Fills a plan whose courses are chosen. Refers to its arguments, which must outlive it.
class PlanWriter {
  public:
    /// @param strategy the settings.
    /// @param model the model of the courses.
    /// @param portfolio the customers.
    /// @param offers the offers.
    /// @param growth the action plans.
    /// @param prospects the newcomers.
    PlanWriter(const Strategy& strategy, const CourseModel& model, const Portfolio& portfolio, const Offers& offers,
               const GrowthForecast& growth, std::span<const Prospect> prospects)
        : strategy_(strategy),
          model_(model),
          portfolio_(portfolio),
          offers_(offers),
          growth_(growth),
          prospects_(prospects) {}

    /// @param plan its courses are read; receives everything that follows from them.
    /// @param kept the bounds of the rows that it keeps.
    void write(Plan& plan, const RowBounds& kept) const;
    /// @param plan receives the prices.
    /// @param prices per row of the model.
    void write_prices(Plan& plan, std::span<const double> prices) const;
    /// Adds the rows that a plan misses.
    /// @param plan a plan that was written; receives the rows.
    /// @param kept the bounds that it keeps.
    /// @param nearest per row of the model the amount of the nearest plan.
    /// @param cost discounted heat that the nearest plan costs more.
    /// @param proven whether no plan keeps all rows for sure.
    void write_relaxed(Plan& plan, const RowBounds& kept, std::span<const double> nearest, double cost,
                       bool proven) const;
    /// Adds the floors that a plan does not reach with the chance of the strategy.
    /// @param plan a plan that was written; receives the rows.
    /// @param found these floors.
    void write_missed_chances(Plan& plan, const FloorsAtChance& found) const;

  private:
    struct Incoming;
    [[nodiscard]] Month month(int m) const;
    [[nodiscard]] std::string until() const;
    [[nodiscard]] const std::string& name_of(std::size_t who) const;
    [[nodiscard]] std::string introducer(const std::string& id) const;
    void write_flows(Plan& plan, const PlanOutcomes& outcomes, Matrix& covariance) const;
    void write_floors(Plan& plan, const RowBounds& kept, const PlanOutcomes& outcomes, const Matrix& covariance) const;
    [[nodiscard]] double level_of(const Plan& plan, const CourseRow& row) const;
    void write_group_floor(Plan& plan, const CourseRow& row, double kept) const;
    [[nodiscard]] std::pair<Month, int> counted_months(const CourseRow& row) const;
    void spread_floor(Plan& plan, const CourseRow& row) const;
    void write_chances(Plan& plan, const std::vector<const CourseRow*>& rows, const PlanOutcomes& outcomes,
                       const Matrix& covariance) const;
    void write_actions(Plan& plan) const;
    void write_offer(Plan& plan, std::size_t who, const Course& course) const;
    void write_action_plan(Plan& plan, std::size_t who, const Course& course, std::size_t g) const;
    void write_pursuit(Plan& plan, std::size_t who, const Course& course) const;
    void write_overflow(Plan& plan) const;
    void write_replacements(Plan& plan) const;
    void write_resources(Plan& plan) const;
    void write_counts(Plan& plan) const;

    const Strategy& strategy_;
    const CourseModel& model_;
    const Portfolio& portfolio_;
    const Offers& offers_;
    const GrowthForecast& growth_;
    std::span<const Prospect> prospects_;
};

}  // namespace detail
}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/detail/plan_writer.ipp"
#endif
