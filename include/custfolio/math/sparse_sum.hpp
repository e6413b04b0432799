// Exact sums of independent variables of few values each, and such a sum told anew when some of them change.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/math/lattice.hpp"

namespace custfolio::detail {
struct SparseState;
}

namespace custfolio::math {

/// Independent variables of few values each, as columns: variable i has the values begin[i] ... begin[i + 1] - 1.
struct SparseSummands {
    std::vector<std::size_t> begin{0};  ///< where each variable begins; one entry more than variables.
    std::vector<double> position;       ///< values, in steps of the lattice; below 2^50 in size.
    std::vector<double> probability;    ///< of each value, not negative, summing to 1 within 1e-9 in each variable.
};

/**
 * @brief The sum of independent variables of few values each, which can be told anew when some of them change.
 *
 * A value between two points is split over both so that its mean stays; one within a billionth of a step of a point (or
 * within its own rounding) counts as on it.
 *
 * By inverting the characteristic function where there are many variables. On N points, the power of two that holds
 * what Bernstein's inequality leaves, |phi(w)| <= exp(-sum_{a < b} p_a p_b (1 - cos(w (a - b)))), summed over pairs of
 * values of one variable (the eight likeliest with all others): one cosine transform of these weights bounds phi at all
 * N frequencies, and it is computed only at the few, k, where the bound is not below 1e-18: about 40 for many like
 * variables. There the factor of a variable is the power series of its moments about its middle, of at most 26 terms,
 * where it is narrow against the wave length, else the sum over its values. Where k low frequencies are left, a block
 * of points is a polynomial of 13 terms. Otherwise, and for fewer than 24 variables, by the tree of sum_independent.
 *
 * Factors are multiplied in blocks of variables, and the blocks' products are kept: where few variables change, only
 * their blocks are computed anew. What is kept has the same bits as what is computed anew. Memory: 16 bytes a value and
 * 24 k bytes a block of at least 16 variables, of which there are at most 1024, beside the sum itself.
 *
 * Immutable; safe to read from several threads at once; copies share everything.
 * @see J. Abate, W. Whitt (1992), Numerical inversion of probability generating functions, Operations Research Letters
 * 12(4), 245-251, for the inversion and its aliasing error.
 */
class SparseSum {
  public:
    /**
     * @brief Sums variables.
     * @param summands the variables; none gives 0 for certain.
     * @param step distance between points, positive.
     * @param settings trimming and threads.
     * @throws InputError when a length does not fit, a probability is negative or those of a variable do not
     * sum to 1 (with its index), or an argument is out of range.
     */
    SparseSum(const SparseSummands& summands, double step, const SumSettings& settings = {});

    /**
     * @brief The sum after some variables have changed.
     *
     * With m values in the blocks that change, and B blocks: O(k (m + B)) and the inversion, which takes the most. All
     * is computed anew where N changes, as it does where the sum's width passes a power of two.
     * @param index of the variables that change, each once.
     * @param with what they are now, one for each index.
     * @param threads upper bound on threads, 0 all cores; the bits do not depend on it.
     * @return the same bits as SparseSum of all variables as they are now.
     * @throws InputError as the constructor, and when an index is out of range.
     */
    SparseSum replaced(std::span<const std::size_t> index, const SparseSummands& with, unsigned threads = 0) const;

    /**
     * @brief The distribution of the sum.
     * @return with its errors.
     */
    const LatticeDistribution& distribution() const;

    /**
     * @brief Distance between points.
     * @return as given.
     */
    double step() const;

    /**
     * @brief What is kept beside the distribution.
     * @return bytes.
     */
    std::size_t memory() const;

  private:
    std::shared_ptr<const detail::SparseState> state_;
};

/**
 * @brief Distribution of the sum of independent variables of few values each, as SparseSum tells.
 * @param summands the variables.
 * @param step distance between points, positive.
 * @param settings trimming and threads.
 * @return the distribution of the sum with its errors; no variable gives 0 for certain.
 * @throws InputError as SparseSum.
 */
LatticeDistribution sum_sparse(const SparseSummands& summands, double step, const SumSettings& settings = {});

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/sparse_sum.ipp"
#endif
