// Sums of few amounts between the points of every lattice, amount by amount.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "custfolio/distribution/detail/atoms.hpp"
#include "custfolio/distribution/detail/thresholds.hpp"
#include "custfolio/distribution/tail_probability.hpp"

namespace custfolio::detail {

/// Amounts and their chances, ascending and distinct, with what is added up of them. Immutable.
class FewAmounts {
  public:
    using Pointer = std::shared_ptr<const FewAmounts>;
    /// Uncertain summands, of two amounts each at least, whose sum may still be few.
    static constexpr std::size_t most_uncertain = most_uncertain_summands;
    /// Number of amounts that are few.
    static constexpr std::size_t most = std::size_t{1} << most_uncertain;

    /// @param atoms amounts and their chances, in any order; those that differ by rounding alone are equal.
    explicit FewAmounts(std::vector<Atom> atoms);
    /// The sum of independent amounts.
    /// @param summands the amounts.
    /// @return none where they could be more than few.
    static Pointer sum(std::span<const DiscreteAmount> summands);
    /// The sum of two independent variables.
    /// @param a one, or none. @param b the other, or none. @return none where one is none or they could be too many.
    static Pointer sum(const Pointer& a, const Pointer& b);
    /// @param factor not 0. @param by a shift. @return factor * X + by.
    [[nodiscard]] Pointer affine(double factor, double by) const;

    /// @param value currency. @return P(X <= value).
    [[nodiscard]] double cdf(double value) const;
    /// @param value currency. @return P(X >= value).
    [[nodiscard]] double at_least(double value) const;
    /// @param probability in [0, 1]. @return the smallest amount with P(X <= amount) >= probability.
    [[nodiscard]] double quantile(double probability) const;
    /// @return the amounts.
    [[nodiscard]] const std::vector<double>& amounts() const { return amount_; }
    /// @return their chances.
    [[nodiscard]] const std::vector<double>& chances() const { return chance_; }

  private:
    [[nodiscard]] double nearly(double value) const;

    std::vector<double> amount_;
    std::vector<double> chance_;
    std::vector<double> below_;  // P(X <= amount)
    std::vector<double> above_;  // P(X >= amount)
};

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/distribution/detail/few_amounts.ipp"
#endif
