// All courses of a model as a multiple-choice problem, with the bounds of the rows to keep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/choice.hpp"
#include "custfolio/strategy/plan.hpp"

namespace custfolio {

class CourseModel;  // defined in courses.hpp, whose definitions need this header
struct CourseRow;

namespace detail {

/// Least and greatest amount per row, those without any action included.
struct RowBounds {
    std::vector<double> lower;  ///< -infinity where none.
    std::vector<double> upper;  ///< infinity where none.
};

/// All courses as a multiple-choice problem on the changes against doing nothing.
class CourseProblem {
  public:
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();  ///< No such course.

    /// @param model the courses and rows; must outlive the problem.
    /// @param threads 0 means all cores.
    /// @param pulse called now and then; what it throws passes through.
    /// @throws InputError where the table of courses x rows would need more than 8 GB.
    CourseProblem(const CourseModel& model, unsigned threads, const math::Pulse& pulse);

    /// @return the problem with the last bounds.
    [[nodiscard]] ChoiceProblem problem() const { return {begin, value, usage, lower_, upper_, unit_, penalty_}; }
    /// Sets the bounds to keep.
    /// @param bounds per row.
    void set_bounds(const RowBounds& bounds);
    /// Makes every row one that must be met.
    void harden();
    /// Makes floors and capacities soft under the last bounds; limits and replacement must be met.
    /// @param penalty for each unit of currency that they miss, > 0.
    /// @param all whether those that hold without any action are soft too.
    void soften(double penalty, bool all);
    /// Makes all rows but the replacement soft under the last bounds: a miss counts against the size of its row.
    void soften_limits();
    /// @param change change of each row.
    /// @return the sum of what floors and capacities miss under the last bounds, currency.
    [[nodiscard]] double missed(std::span<const double> change) const;
    /// @param change change of each row.
    /// @return whether no floor and no capacity is missed by more than without any action.
    [[nodiscard]] bool no_worse_than_keeping(std::span<const double> change) const;
    /// @return the heat that courses move on average with each unit of level.
    [[nodiscard]] double heat_per_level() const;
    /// @param choice position of a course per customer and prospect.
    /// @return the courses.
    [[nodiscard]] std::vector<Course> chosen(std::span<const std::size_t> choice) const;
    /// @param who customer or prospect.
    /// @param position one of its courses.
    /// @return position of the same course without overflow.
    [[nodiscard]] std::size_t staying(std::size_t who, std::size_t position) const;
    /// @param who customer or prospect.
    /// @param position one of its courses, without overflow.
    /// @param month 0-based.
    /// @return position of the same course with overflow in that month; `none` where there is none.
    [[nodiscard]] std::uint32_t leaving(std::size_t who, std::size_t position, std::size_t month) const;
    /// @param row one of the rows.
    /// @return the rounding of its sum, which its bounds allow for, >= 0.
    [[nodiscard]] double allowance(std::size_t row) const { return allowance_[row]; }
    /// @param row one of the rows.
    /// @return its size, against which a miss counts, > 0.
    [[nodiscard]] double unit(std::size_t row) const { return unit_[row]; }
    /// @param row one of the rows.
    /// @return the sum over customers and prospects of their greatest changes in size.
    [[nodiscard]] double magnitude(std::size_t row) const { return magnitude_[row]; }
    /// @param month 0-based.
    /// @return position of the row of its replacement.
    [[nodiscard]] std::size_t replacement_row(std::size_t month) const { return replacement_[month]; }

    std::vector<std::vector<Course>> courses;  ///< Per customer and prospect.
    std::vector<std::size_t> begin;            ///< Customers and prospects + 1: first course of each.
    std::vector<double> value;                 ///< Per course: change of the discounted heat, currency.
    std::vector<double> usage;                 ///< Courses x rows: change of each row.

  private:
    const CourseModel* model_;
    std::vector<double> magnitude_;  // per row: sum over customers of the greatest change in size
    std::vector<std::size_t> replacement_;
    std::vector<double> lower_, upper_, unit_, penalty_, allowance_;
};

/// @param rows the rows.
/// @return their bounds.
RowBounds bounds_of(const std::vector<CourseRow>& rows);

}  // namespace detail
}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/detail/course_problem.ipp"
#endif
