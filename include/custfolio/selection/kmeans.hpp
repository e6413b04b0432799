// k-means: groups of customers that are near each other in several columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "custfolio/math/matrix.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

/// How k-means searches.
struct KMeansOptions {
    std::uint64_t seed = 0;   ///< The same seed gives the same groups.
    int starts = 10;          ///< Searches from random centres, at least 1; the one with the least inertia counts.
    Matrix centres{};         ///< Where to start, k x columns, in place of random centres; empty: random.
    int most_rounds = 300;    ///< Rounds of one search at most, at least 1.
    double tolerance = 1e-4;  ///< A search ends when the centres' squared moves sum to at most this times the mean
                              ///< variance of the columns; 0: when no customer changes its group.
    unsigned threads = 0;     ///< Upper bound on threads; 0 means all cores.
    math::Pulse pulse{};      ///< Called now and then; what it throws ends the search.
};

/// Groups of customers: in the order of the given centres, else in ascending order of the first column of their
/// centres, then the next.
struct KMeans {
    Matrix centres;                    ///< k x columns: the mean of each group, up to the tolerance.
    std::vector<std::int32_t> labels;  ///< Group of each customer, in [0, k): the nearest centre.
    std::vector<double> size;          ///< Customers per group.
    double inertia = 0;                ///< Sum of squared distances to the nearest centre.
    int rounds = 0;                    ///< Rounds of the search that counts.
    bool converged = false;            ///< Whether it ended before `most_rounds`.
};

/// Groups customers by k-means: Lloyd's algorithm, with Hamerly's bounds in place of most distances. Random centres
/// are drawn by k-means++ in its greedy form: each next centre is the best of several candidates, which are drawn in
/// proportion to the squared distance to the centres so far. A group that loses its last customer continues at the
/// customer who is farthest from its centre. The search finds a local optimum.
///
/// Columns count by their variance: divide each by its deviation, or take logarithms, where their units differ.
/// @param values customers x columns, row by row.
/// @param columns number of columns, at least 1.
/// @param k number of groups, from 1 to the number of distinct customers.
/// @param options seed, starts, end of the search.
/// @return the groups; the same bits for any number of threads. O(customers x k x columns) per start, then most rounds
/// O(customers x columns).
/// @throws InputError where a value is not finite (the message names row and column), `k` or an option is out of range,
/// the shape of the centres differs, or squared distances exceed the range of a double.
/// @see G. Hamerly (2010), Making k-means even faster, SDM; D. Arthur, S. Vassilvitskii (2007), k-means++: the
/// advantages of careful seeding, SODA.
KMeans kmeans(std::span<const double> values, std::size_t columns, int k, const KMeansOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/kmeans.ipp"
#endif
