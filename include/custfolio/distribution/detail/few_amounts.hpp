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
    /// @param bound of the rounding of the amounts.
    FewAmounts(std::vector<Atom> atoms, const RoundingBound& bound);
    /// @param summands amounts of independent variables. @return whether their sum has few amounts.
    static bool are_few(std::span<const DiscreteAmount> summands);
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
    /// @param value currency. @param upper for at_least(); otherwise for cdf().
    /// @return the middle of the gap between two amounts in which all values have the same chance; the value itself
    /// beyond the amounts.
    [[nodiscard]] double mid_gap(double value, bool upper) const;
    /// @return the amounts.
    [[nodiscard]] const std::vector<double>& amounts() const { return amount_; }
    /// @return their chances.
    [[nodiscard]] const std::vector<double>& chances() const { return chance_; }

    /// @return the bound of the rounding of the amounts.
    [[nodiscard]] const RoundingBound& bound() const { return bound_; }

  private:
    [[nodiscard]] double nearly(double value) const;

    std::vector<double> amount_;
    std::vector<double> chance_;
    std::vector<double> below_;  // P(X <= amount)
    std::vector<double> above_;  // P(X >= amount)
    RoundingBound bound_;
};

/// A mean of sums of few amounts with weights. Sums at different values of a factor mostly have the same amounts.
class FewAverage {
  public:
    /// @param few a sum; without one, or where the amounts become too many, the mean has no list.
    /// @param weight its weight.
    void add(const FewAmounts::Pointer& few, double weight);
    /// @param other a mean with weights of its own.
    void add(const FewAverage& other);
    /// @param weight of all sums together. @return the mean; none where a sum had no list.
    [[nodiscard]] FewAmounts::Pointer over(double weight) const;

  private:
    void add(std::span<const double> amounts, std::span<const double> chances, double weight,
             const RoundingBound& bound);

    std::vector<double> amount_;
    std::vector<double> chance_;  // times the weights
    RoundingBound bound_;
    bool listed_ = true;
};

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/distribution/detail/few_amounts.ipp"
#endif
