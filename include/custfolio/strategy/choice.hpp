// The optimiser's core: one course for every customer under a few common rows, with a certified bound.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/strategy/choice_problem.hpp"

namespace custfolio {

/// The answer to a multiple-choice problem.
struct ChoiceResult {
    std::vector<std::size_t> choice;  ///< Per customer: position of its course among its own, from 0. Where the problem
                                      ///< is infeasible: the choice with the smallest violation found.
    double value = 0;                 ///< Sum of the values of the chosen courses, less the penalties.
    double bound = 0;  ///< Upper bound of the value of choices within all rows; rounding errors are added. -infinity
                       ///< where it is proven that there is no such choice.
    double gap = 0;    ///< (bound - value) / max(|value|, 1e-12); NaN where the choice is not feasible.
    std::vector<double> usage;   ///< Per row: the sum over the chosen courses.
    std::vector<double> prices;  ///< Per row: value of one more unit of its bound. >= 0 where the upper bound
                                 ///< binds, <= 0 where the lower one does, 0 where neither.
    bool feasible = false;       ///< Whether the choice is within all rows without a finite penalty.
    bool proven = false;  ///< Whether the choice is proven to be the best one or, where it is not feasible, whether it
                          ///< is proven that there is no feasible one.
    std::vector<double> relaxation;  ///< Per row: how far the choice violates it, 0 where met. Loosening each row by
                                     ///< this much makes the choice feasible. Where feasible: 0 but for rows with a
                                     ///< penalty.
    double relaxation_bound = 0;     ///< No choice violates the rows by a smaller sum of relaxation / unit; 0 where
                                     ///< feasible or where only whole courses, not mixtures, are short of the rows.
    int iterations = 0;              ///< Cutting-plane iterations.
};

/// Chooses one course for every customer.
///
/// Prices move the rows into the values (Lagrangian relaxation), so that customers decide one by one. Cutting planes
/// find the prices with the lowest bound (Dantzig-Wolfe, customers aggregated in groups, prices in a moving box). The
/// mixture of choices is rounded, repaired to meet all rows, and improved by single moves and exchanges of two. An
/// exact search among the courses that the bound does not rule out comes last.
///
/// At most as many customers as there are rows are mixed in the relaxation, so the gap vanishes as portfolios grow.
/// Small problems are solved exactly (`proven`). In large ones a feasible choice may be missed only where rows leave
/// almost no room: the result is then `feasible == false` and `proven == false`.
/// @param problem the problem; its memory is only read.
/// @param options how to solve it.
/// @return the choice with its bound.
/// @throws InputError where the sizes do not fit, a customer has no course, a number is not finite (the message names
/// customer, course and row), a lower bound exceeds the upper one or the start is no choice.
/// @throws Cancelled where `progress` returned false.
/// @see A. M. Geoffrion (1974), Lagrangean relaxation for integer programming; O. du Merle, D. Villeneuve,
/// J. Desrosiers, P. Hansen (1999), Stabilized column generation. Each iteration is linear in courses x rows.
ChoiceResult optimise(const ChoiceProblem& problem, const ChoiceOptions& options = {});

/// The bound of any prices, with rounding errors added: sum_i max_c (value - price . usage) + the value of the rows'
/// bounds at these prices.
/// @param problem the problem.
/// @param prices per row; positive ones need a finite upper bound, negative ones a finite lower bound.
/// @param threads 0 means all cores; the bits do not depend on it.
/// @return upper bound of the value of choices within all rows; +infinity where a price needs an infinite bound.
/// @throws InputError as optimise(), or where the number of prices is not that of the rows or one is not finite.
double price_bound(const ChoiceProblem& problem, std::span<const double> prices, unsigned threads = 0);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/choice.ipp"
#endif
