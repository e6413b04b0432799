// All courses of a model as a multiple-choice problem, with the bounds of the rows to keep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/choice.hpp"
#include "custfolio/strategy/detail/course_oracle.hpp"
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

/// Courses as a multiple-choice problem on the changes against doing nothing: all of them, or, where they are too many,
/// those near to the best ones at given prices. Customers with one such course are fixed, the others are its members.
class CourseProblem {
  public:
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();  ///< No such course.

    /// @param model the courses and rows; must outlive the problem.
    /// @param most number of courses x rows that are listed at most; with more, narrow() lists those near to the best.
    /// @param threads 0 means all cores.
    /// @param pulse called now and then; what it throws passes through.
    CourseProblem(const CourseModel& model, std::size_t most, unsigned threads, const math::Pulse& pulse);

    /// @return prices all courses where not all of them are listed; else null.
    [[nodiscard]] const CourseOracle* oracle() const { return oracle_ ? &*oracle_ : nullptr; }
    /// Lists the courses near to the best ones at prices, and fixes all other customers.
    /// @param prices per row.
    /// @param heat whether heat counts.
    /// @param most number of courses to list beside the best ones, about.
    /// @param leavers number of customers that leave as soon as they may and whose months are open, the warmest ones,
    /// about: the order may let them wait. The colder ones are fixed.
    /// @param pulse as in the constructor.
    /// @throws InputError where they would need more than 8 GB.
    void narrow(std::span<const double> prices, bool heat, std::size_t most, std::size_t leavers,
                const math::Pulse& pulse);
    /// @return number of all courses, listed or not.
    [[nodiscard]] std::size_t candidates() const { return oracle_ ? oracle_->courses() : value.size(); }
    /// @param member position in the problem.
    /// @return the customer, or customers + prospect.
    [[nodiscard]] std::size_t who(std::size_t member) const { return member_.empty() ? member : member_[member]; }
    /// @return change of the discounted heat by customers that are fixed, currency.
    [[nodiscard]] double fixed_value() const { return fixed_value_; }
    /// @return change of each row by customers that are fixed.
    [[nodiscard]] std::span<const double> fixed_usage() const { return fixed_usage_; }
    /// Customers that are fixed and flow over as soon as they may.
    struct FixedLeavers {
        std::vector<double> out;         ///< Per month: level to replace after them, currency, >= 0.
        std::vector<double> greatest;    ///< Per month: the greatest level to replace after one of them and what it
                                         ///< brings itself, currency, >= 0.
        std::vector<std::size_t> ranks;  ///< Per month in which some leave: 1 + the rank of the warmest; else 0.
    };
    /// @return the customers that are fixed and flow over.
    [[nodiscard]] const FixedLeavers& fixed_leavers() const { return leavers_; }

    /// @return the problem of the members with the last bounds; valid until they change.
    [[nodiscard]] ChoiceProblem problem() const {
        return {begin, value, usage, member_lower_, member_upper_, unit_, penalty_};
    }
    /// @return the bounds, units and penalties of all customers.
    [[nodiscard]] ChoiceProblem bounds() const { return {{}, {}, {}, lower_, upper_, unit_, penalty_}; }
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
    /// @return whether all rows that must be met hold under the last bounds.
    [[nodiscard]] bool keeps(std::span<const double> change) const;
    /// @param change change of each row.
    /// @return whether no floor and no capacity is missed by more than without any action.
    [[nodiscard]] bool no_worse_than_keeping(std::span<const double> change) const;
    /// @return the heat that courses move on average with each unit of level.
    [[nodiscard]] double heat_per_level() const;
    /// @param choice position of a course per member.
    /// @return the courses of all customers and prospects.
    [[nodiscard]] std::vector<Course> chosen(std::span<const std::size_t> choice) const;
    /// @param all a course per customer and prospect.
    /// @return their positions per member; 0 where a course is not listed.
    [[nodiscard]] std::vector<std::size_t> positions(std::span<const Course> all) const;
    /// @param member position in the problem.
    /// @param position one of its courses.
    /// @return position of the same course without overflow.
    [[nodiscard]] std::size_t staying(std::size_t member, std::size_t position) const;
    /// @param member position in the problem.
    /// @param position one of its courses, without overflow.
    /// @param month 0-based.
    /// @return position of the same course with overflow in that month; `none` where there is none.
    [[nodiscard]] std::uint32_t leaving(std::size_t member, std::size_t position, std::size_t month) const;
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

    std::vector<std::vector<Course>> courses;  ///< Per member.
    std::vector<std::size_t> begin;            ///< Members + 1: first course of each.
    std::vector<double> value;                 ///< Per course: change of the discounted heat, currency.
    std::vector<double> usage;                 ///< Courses x rows: change of each row.

  private:
    [[nodiscard]] bool list_all(std::size_t most, const math::Pulse& pulse);
    void fill(const math::Pulse& pulse);
    void open_leavers(NearCourses& near, std::size_t least);
    void fix_leavers(const NearCourses& near);
    [[nodiscard]] double out_of(std::size_t who, const Course& course, std::size_t month) const;
    void fix(const math::Pulse& pulse);
    void shift_bounds();

    const CourseModel* model_;
    unsigned threads_;
    std::optional<CourseOracle> oracle_;
    std::vector<std::size_t> member_;  // empty where all are members
    std::vector<Course> fixed_;        // per customer and prospect; that of members is not read
    double fixed_value_ = 0;
    std::vector<double> fixed_usage_;
    FixedLeavers leavers_;
    double heat_magnitude_ = 0;      // sum over customers of all their changes of heat in size
    std::vector<double> magnitude_;  // per row: sum over customers of the greatest change in size
    std::vector<std::size_t> replacement_;
    std::vector<double> lower_, upper_, unit_, penalty_, allowance_;
    std::vector<double> member_lower_, member_upper_;  // the bounds less what is fixed
};

/// @param rows the rows.
/// @return their bounds.
RowBounds bounds_of(const std::vector<CourseRow>& rows);

}  // namespace detail
}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/detail/course_problem.ipp"
// Here and not in its own header: it needs the courses, whose definitions need this header.
#include "custfolio/strategy/detail/course_oracle.ipp"
#endif
