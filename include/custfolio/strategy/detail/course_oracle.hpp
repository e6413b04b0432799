// Best courses of all customers at given prices of the rows, without a list of their courses.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/strategy/detail/lagrangian_dual.hpp"
#include "custfolio/strategy/plan.hpp"

namespace custfolio {

class CourseModel;  // defined in courses.hpp, whose definitions need this header
struct CourseEffect;
struct CourseRow;

namespace detail {

/// The courses that are worth most at given prices.
struct NearCourses {
    std::vector<Course> best;                  ///< Per customer and prospect: the best course.
    std::vector<std::size_t> member;           ///< Customers and prospects whose course is open, in their order.
    std::vector<std::vector<Course>> courses;  ///< Per member: its courses, in the order of CourseModel::courses().
    std::vector<std::size_t> leavers;          ///< Customers without another near course that leave as soon as they
                                               ///< may, in their order; they are no members.
};

/// Prices the courses of a model. A course is a path over the months: a customer waits, has an answer, and may be gone
/// after a refusal; action plans go on beside it. Given the prices every month of each state has a worth, so the best
/// months follow from sums over the rest of the months. Each customer takes O(offers x sets of action plans x months).
/// The courses of a holding, and of a customer with a previous course, are priced one by one.
/// Refers to the model, which must outlive it. Safe to use from any thread.
class CourseOracle {
  public:
    /// Measures the courses.
    /// @param model the courses and rows.
    /// @param threads 0 means all cores; results have the same bits for any number.
    CourseOracle(const CourseModel& model, unsigned threads);

    /// @return number of courses of all customers and prospects.
    [[nodiscard]] std::size_t courses() const { return courses_; }
    /// @return per row at least the sum over customers and prospects of their greatest changes in size.
    [[nodiscard]] std::span<const double> magnitude() const { return measures_.magnitude; }
    /// @return at least the sum over customers and prospects of their greatest changes of heat in size, currency.
    [[nodiscard]] double heat_magnitude() const { return heat_magnitude_; }
    /// @param bounds its bounds, units and penalties are read.
    /// @param heat whether heat counts; else only penalties do.
    /// @return the rows with the measures of all courses.
    [[nodiscard]] ChoiceRows rows(const ChoiceProblem& bounds, bool heat) const;
    /// @param prices per row.
    /// @param heat as in rows().
    /// @param stride 1: of all customers; k: of every k-th one, times k.
    /// @return the best response of each customer to the prices, without choices.
    [[nodiscard]] Response respond(std::span<const double> prices, bool heat, std::size_t stride = 1) const;
    /// @param rows the rows.
    /// @param prices per row.
    /// @param heat as in rows().
    /// @return the bound of the prices.
    [[nodiscard]] PriceBound bound(const ChoiceRows& rows, std::span<const double> prices, bool heat) const;
    /// The courses near to the best ones. A member's course comes with all its months of overflow, since the order
    /// decides between these.
    /// @param prices per row.
    /// @param heat as in rows().
    /// @param most number of courses to add to the best ones, cheapest first; about.
    /// @return best and near courses.
    [[nodiscard]] NearCourses near(std::span<const double> prices, bool heat, std::size_t most) const;
    /// @param who a customer.
    /// @param best its course.
    /// @return to keep, and the course without and with each of its months of overflow.
    [[nodiscard]] std::vector<Course> months_of(std::size_t who, Course best) const;

  private:
    struct MonthPrices;
    struct Scratch;
    struct Family;
    class MonthTotals;
    class Ranges;
    [[nodiscard]] std::vector<MonthPrices> monthly_prices(std::span<const double> prices, bool heat) const;
    [[nodiscard]] MonthPrices month_prices(std::span<const double> prices, bool heat, std::size_t membership) const;
    [[nodiscard]] bool only_keeps(std::size_t who) const;
    template <class Visit>
    void visit(std::size_t who, const MonthPrices& prices, Scratch& scratch, Visit&& visitor) const;
    template <class Visit>
    void visit_listed(std::size_t who, const MonthPrices& prices, Scratch& scratch, Visit&& visitor) const;
    template <class Visit>
    void visit_prospect(std::size_t who, const MonthPrices& prices, Scratch& scratch, Visit&& visitor) const;
    void begin_customer(std::size_t who, const MonthPrices& prices, Scratch& scratch) const;
    void begin_set(std::size_t who, std::span<const std::size_t> plans, const MonthPrices& prices,
                   Scratch& scratch) const;
    void find_leavings(std::size_t who, Scratch& scratch) const;
    void price_states(std::size_t who, std::size_t offer, double refusal, const MonthPrices& prices, Scratch& scratch,
                      double leaving_costs = 0) const;
    void measure(std::size_t who, Scratch& scratch, Ranges& ranges) const;
    void measure_listed(std::size_t who, Ranges& ranges) const;
    [[nodiscard]] double worth_of(const CourseEffect& effect, const MonthPrices& prices) const;
    void add_terms(std::size_t who, const Course& course, MonthTotals& totals) const;
    [[nodiscard]] Course course_of(const Family& family, const Scratch& scratch) const;
    void add_courses(const Family& family, const Scratch& scratch, std::vector<Course>& all) const;

    const CourseModel& model_;
    std::size_t months_;
    std::size_t courses_ = 0;
    double heat_magnitude_ = 0;
    ChoiceRows measures_;            // of heat, without bounds
    std::vector<bool> ever_leaves_;  // per customer: whether leaving without action plans is no loss in some month
};

}  // namespace detail
}  // namespace custfolio
