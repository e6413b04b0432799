// The exact distribution of a sum of independent discrete amounts that can be told anew when some of them change.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "custfolio/distribution/distribution.hpp"
#include "custfolio/distribution/sum_distribution.hpp"
#include "custfolio/math/sparse_sum.hpp"

namespace custfolio {

namespace detail {
struct AmountBlock;
}

/// The sum of independent discrete amounts, as sum_distribution() tells, with what it takes to tell it anew when some
/// of them change. Immutable; safe to read from any thread; copies share everything.
///
/// Amounts are kept in blocks with their moments and the products of their characteristic functions, see
/// math::SparseSum: only the blocks of what changed are computed anew, and the sum has the bits of one computed anew.
/// A chosen lattice stays as long as its amounts and, but for a few round steps, its width do; where it does not, or
/// where the sum is one that a tree of convolutions computes, all is computed anew. Memory: 32 bytes an amount, 24 a
/// block of 16 summands and frequency, and 8.5 a point of the lattice.
class IndependentSum {
  public:
    /// @param summands the amounts, independent.
    /// @param options the lattice.
    /// @throws InputError as sum_distribution().
    explicit IndependentSum(std::span<const DiscreteAmount> summands, const SumOptions& options = {});
    /// The sum after some amounts have changed.
    /// @param index positions of the summands that change, each once.
    /// @param with what they are now, one a position.
    /// @param threads 0 means all cores; the bits do not depend on it.
    /// @return the sum with the same bits as one of all summands as they are now.
    /// @throws InputError as the constructor, and where a position is out of range.
    [[nodiscard]] IndependentSum replaced(std::span<const std::size_t> index, std::span<const DiscreteAmount> with,
                                          unsigned threads = 0) const;
    /// @return the distribution of the sum, with its errors.
    [[nodiscard]] const Distribution& distribution() const { return sum_; }
    /// @return what is kept, in bytes.
    [[nodiscard]] std::size_t memory() const;

  private:
    void finish(const IndependentSum* before, std::span<const std::size_t> changed, unsigned threads);

    SumOptions options_;
    std::size_t count_ = 0;
    std::size_t together_ = 16;
    std::vector<std::shared_ptr<const detail::AmountBlock>> block_;
    std::optional<math::SparseSum> sparse_;
    Distribution sum_;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/distribution/independent_sum.ipp"
#endif
