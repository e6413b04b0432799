// Prices of the common rows: best responses of all customers, cutting planes, and the bound of prices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "custfolio/strategy/choice_problem.hpp"

namespace custfolio::detail {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// The rows of a multiple-choice problem, and the measures of its customers that prices need.
struct ChoiceRows {
    unsigned threads = 0;                     ///< 0 means all cores.
    std::size_t customers = 0;                ///< Number of customers.
    std::size_t rows = 0;                     ///< Number of rows.
    std::vector<double> lower, upper;         ///< Per row: the bounds, loosened by the tolerance.
    std::vector<std::size_t> active;          ///< Rows with a bound.
    std::vector<double> spread;               ///< Per row: the greatest change by one group's choice; > 0.
    std::vector<double> magnitude;            ///< Per row: sum of the customers' greatest usages in size.
    std::vector<double> unit_low, unit_high;  ///< Per row: a violation of the lower and upper bound that counts as 1.
    std::vector<double> penalty_low, penalty_high;  ///< Per row: of a violation of 1; infinity: it must be met.
    double greatest_penalty = 0;                    ///< More than any choice's penalties.
    double value_spread = 0;                        ///< The greatest change of the value, over all customers.
    double least_value = 0;                         ///< Sum of the customers' least values.
    std::vector<std::size_t> group;                 ///< Boundaries of the groups: groups + 1.

    /// @return number of groups.
    [[nodiscard]] std::size_t groups() const { return group.size() - 1; }
    /// @return the greatest change of the value by one group, or of the dearest penalty; > 0.
    [[nodiscard]] double value_unit() const;
    /// @return the spread of the values, at least value_unit(); tolerances are shares of it.
    [[nodiscard]] double value_scale() const;
    /// @param usage per row a sum.
    /// @return whether all rows without a finite penalty are met.
    [[nodiscard]] bool keeps(std::span<const double> usage) const;
    /// @param usage per row a sum.
    /// @return the violation of the rows without a finite penalty, in units.
    [[nodiscard]] double violation_of(std::span<const double> usage) const;
    /// @param usage per row a sum.
    /// @return the penalties of its violations.
    [[nodiscard]] double penalty_of(std::span<const double> usage) const;
    /// Divides the customers into groups; their number does not depend on the threads.
    void set_groups();
    /// Sets the bounds, once spread and magnitude are measured.
    /// @param from its bounds, units and penalties are read.
    /// @param feasibility as ChoiceOptions::feasibility.
    void set_bounds(const ChoiceProblem& from, double feasibility);

  protected:
    /// Sets `greatest_penalty`.
    void set_greatest_penalty();
};

/// A checked multiple-choice problem.
struct ChoiceInstance : ChoiceRows {
    ChoiceProblem problem;  ///< The caller's memory.

    /// Checks a problem and measures it. Linear in its memory.
    /// @param from the problem.
    /// @param options its options.
    /// @throws InputError as optimise().
    ChoiceInstance(const ChoiceProblem& from, const ChoiceOptions& options);

    /// @param course number of a course.
    /// @return its usage, one per row.
    [[nodiscard]] const double* usage_of(std::size_t course) const { return problem.usage.data() + course * rows; }
    /// @param choice position of a course per customer.
    /// @return compensated sum of the values.
    [[nodiscard]] double value_of(std::span<const std::size_t> choice) const;
    /// @param choice position of a course per customer.
    /// @return per row the compensated sum of the usages.
    [[nodiscard]] std::vector<double> usage_of(std::span<const std::size_t> choice) const;
    /// @param choice position of a course per customer.
    /// @return the values less the penalties.
    [[nodiscard]] double objective_of(std::span<const std::size_t> choice) const;
    /// The problem of the least violation: no values, and a penalty of 1 for a violation of one unit in any row.
    /// @param zeros one 0 a course; must outlive the instance.
    /// @return that problem.
    [[nodiscard]] ChoiceInstance nearest(const std::vector<double>& zeros) const;
};

/// @param nodes nodes of a search on a small problem.
/// @param customers number of customers.
/// @return nodes of the same work: each whole choice costs a sum over all customers.
inline std::size_t search_nodes(std::size_t nodes, std::size_t customers) {
    constexpr std::size_t small = 64;
    return customers <= small ? nodes : nodes * small / customers;
}

/// The best response of every customer to prices.
struct Response {
    std::vector<std::uint32_t> choice;  ///< Per customer: position of the first of its best courses.
    std::vector<double> value;          ///< Per group: sum of (value - value of the first course).
    std::vector<double> usage;          ///< Groups x rows: sum of (usage - usage of the first course).
};

/// Best responses. The bits do not depend on the number of threads.
/// @param instance the problem.
/// @param prices per row.
/// @param stride 1: of all customers; k: of every k-th one, times k, without choices.
/// @return each customer's best course at these prices.
Response respond(const ChoiceInstance& instance, std::span<const double> prices, std::size_t stride = 1);

/// The bound of prices at given bounds of the rows.
struct PriceBound {
    double bound = 0;     ///< Rounding errors added.
    double rounding = 0;  ///< The amount added for them.
};

/// @param instance the problem.
/// @param prices per row.
/// @param lower least sum per row.
/// @param upper greatest sum per row.
/// @return the bound; +infinity where a price needs an infinite bound.
PriceBound bound_at(const ChoiceInstance& instance, std::span<const double> prices, std::span<const double> lower,
                    std::span<const double> upper);

/// The optimum of the relaxation, in which customers may mix courses.
struct DualSolution {
    std::vector<double> prices;      ///< Per row.
    bool infeasible = false;         ///< Whether it is proven that not even mixtures meet the rows.
    std::vector<std::size_t> begin;  ///< Customers + 1: the mixture of customer i is at begin[i] .. begin[i + 1] - 1.
                                     ///< Empty where the answers to prices had no choices.
    std::vector<std::uint32_t> course;  ///< Positions of its courses.
    std::vector<double> weight;         ///< Their shares, > 0.
    std::vector<double> support;        ///< Prices that lead to the best ones at once when they are tried first: these,
                                        ///< then others with the greatest shares in the mixture; any number x rows.
    std::vector<double> usage;          ///< Per row: the usage of the mixture.
    int iterations = 0;                 ///< Cutting-plane iterations.
};

/// Where the search for prices starts: a first choice of all customers, to which values and usages are relative, and
/// prices near to the best ones.
struct DualStart {
    double value = 0;              ///< Value of the first choice.
    std::vector<double> usage;     ///< Usage of the first choice, per row.
    std::vector<double> prices{};  ///< Any number x rows, as DualSolution::support; may be empty.
};

/// Minimises the bound over the prices by cutting planes. The price of a row with a penalty is at most the penalty.
/// @param rows the rows and their measures.
/// @param start where it starts.
/// @param answer the best response of all customers to prices; its choice may be empty.
/// @param options tolerance and iterations.
/// @param progress called with a fraction after every iteration.
/// @return prices, and the mixture where responses have choices.
DualSolution solve_dual(const ChoiceRows& rows, DualStart start,
                        const std::function<Response(std::span<const double>)>& answer, const ChoiceOptions& options,
                        const std::function<void(double)>& progress);

/// Prices of many customers from those of a sample. The sample's bounds move until its best prices are those at which
/// all customers use what the rows ask for: the sample shows how usage bends with the prices, all of them where it lies
/// (as in distributed approximate Newton methods: Shamir, Srebro and Zhang 2014). There is no proof that they are the
/// best ones; the bound of any prices is valid.
/// @param rows the rows and their measures.
/// @param start where it starts.
/// @param answer the best response of every k-th customer to prices, times k; k is the second argument.
/// @param stride k of the sample, > 1.
/// @param options tolerance and iterations.
/// @param progress called with a fraction after every round.
/// @return prices and support, without a mixture; `infeasible` where it is proven for the sample.
DualSolution solve_by_sample(const ChoiceRows& rows, DualStart start,
                             const std::function<Response(std::span<const double>, std::size_t)>& answer,
                             std::size_t stride, const ChoiceOptions& options,
                             const std::function<void(double)>& progress);

/// The same of a problem in memory.
/// @param instance the problem.
/// @param options tolerance and iterations.
/// @param progress called with a fraction after every iteration.
/// @return prices and mixture.
DualSolution solve_dual(const ChoiceInstance& instance, const ChoiceOptions& options,
                        const std::function<void(double)>& progress);

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/detail/lagrangian_dual.ipp"
#endif
