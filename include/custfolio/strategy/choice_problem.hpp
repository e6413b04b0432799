// The multiple-choice problem that the optimiser solves, and the settings of its solution.
#pragma once

#include <cstddef>
#include <functional>

#include "custfolio/math/column_view.hpp"

namespace custfolio {

/// A multiple-choice problem: every customer gets exactly one of its courses.
///
///     maximise   sum_i value[c(i)]
///     subject to lower[r] <= sum_i usage[c(i), r] <= upper[r]   for every row r without a finite penalty
///
/// The violations of the other rows, times their penalties, are taken off the value.
///
/// All spans are the caller's memory and are read in place. Courses have one numbering: those of customer i are
/// begin[i] .. begin[i + 1] - 1.
struct ChoiceProblem {
    ColumnView<std::size_t> begin{};  ///< Customers + 1, from 0, strictly increasing: each has a course.
    ColumnView<double> value{};       ///< Per course: its value; finite.
    ColumnView<double> usage{};       ///< Courses x rows, row-major: its amount in each row; finite.
    ColumnView<double> lower{};       ///< Per row: least sum; -infinity where there is none.
    ColumnView<double> upper{};       ///< Per row: greatest sum; +infinity where there is none.
    ColumnView<double> unit{};        ///< Per row, > 0: a violation this large counts as 1 when the smallest relaxation
                                      ///< is sought. Empty: the size of the bound that is violated.
    ColumnView<double> penalty{};  ///< Per row, >= 0: what a violation of 1 takes off the value; infinity: the row must
                                   ///< be met. Empty: all rows must.

    /// @return number of customers.
    [[nodiscard]] std::size_t customers() const { return begin.empty() ? 0 : begin.size() - 1; }
    /// @return number of coupling rows.
    [[nodiscard]] std::size_t rows() const { return lower.size(); }
};

/// Settings of the solution.
struct ChoiceOptions {
    double tolerance = 1e-9;          ///< The dual stops when it is this close to the relaxation's optimum, relative to
                                      ///< the spread of values; >= 0.
    double feasibility = 1e-9;        ///< A row is met if it is violated by at most this share of the size of
                                      ///< its bound (of the usages where the bound is 0); 0: not at all.
    int max_iterations = 1000;        ///< Cutting-plane iterations at most, >= 1; the bound is valid whenever it stops.
    std::size_t nodes = 200'000;      ///< Nodes of the exact search that ends the solution; 0: none.
    unsigned threads = 0;             ///< 0 means all cores; the result has the same bits for any number.
    ColumnView<std::size_t> start{};  ///< A further choice to start from, one position per customer; may be empty.
    ColumnView<double> prices{};      ///< Prices to start from, any number x rows, near to the best; may be empty.
    std::function<bool(double)> progress{};  ///< Called from the calling thread with a fraction that never falls; false
                                             ///< stops with Cancelled. Its own exceptions pass through.
};

}  // namespace custfolio
