// Natural breaks: the classes of one column with the least spread within them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "custfolio/math/parallel.hpp"

namespace custfolio {

/// Classes of one column, from the lowest values up.
struct NaturalBreaks {
    std::vector<double> breaks;        ///< k + 1 values: the lowest one, then the highest one of each class.
    std::vector<double> lowest;        ///< Lowest value per class.
    std::vector<std::int32_t> labels;  ///< Class of each value, in [0, k).
    std::vector<double> mean;          ///< Weighted mean per class.
    std::vector<double> weight;        ///< Weight per class; number of values where there are no weights.
    double within = 0;                 ///< Weighted sum of squares of the values about the means of their classes.
    double total = 0;                  ///< Weighted sum of squares about the mean of all values.

    /// @return 1 - within / total, in [0, 1]: the goodness of variance fit; 1 where all values are equal.
    [[nodiscard]] double goodness_of_fit() const { return total > 0 ? 1 - within / total : 1.0; }
};

/// Finds the k classes with the least sum of squares within them. The result is exact: sums have twice the digits of a
/// double, and no partition into runs has less. Equal values are never in two classes.
/// @param value one per customer, in any order.
/// @param k number of classes, from 1 to the number of distinct values with a positive weight.
/// @param weight weight of each value, >= 0; empty: 1 each. A value of weight 0 gets a class and moves no break.
/// @param pulse called now and then; what it throws ends the search.
/// @return the classes. O(n log n + k n log n), and at most 4 k n bytes; where classes have hundreds of values, bounds
/// on runs of values spare nearly all of the second part, and of the memory.
/// @throws InputError where a number is not finite or a weight negative (the message names the position), all weights
/// are 0, `k` is out of range, the sum of squares exceeds the range of a double, or there are 2^32 values.
/// @see W. D. Fisher (1958), On Grouping for Maximum Homogeneity, JASA 53; H. Wang, M. Song (2011), Ckmeans.1d.dp:
/// Optimal k-means Clustering in One Dimension by Dynamic Programming, The R Journal 3(2).
NaturalBreaks natural_breaks(std::span<const double> value, int k, std::span<const double> weight = {},
                             const math::Pulse& pulse = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/natural_breaks.ipp"
#endif
