// Amounts by item and month that depend on each other, as the room that forecasts them offers them to others.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "custfolio/distribution/distribution.hpp"
#include "custfolio/distribution/sum_distribution.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// Which amount of a plan is added up.
enum class Payoff {
    contribution,  ///< Contribution (heat), after what the attempts cost.
    revenue,       ///< Net revenue (level).
    costs          ///< Net revenue less contribution: what the attempts cost is part of it.
};

/// @param payoff any value.
/// @return its name: "contribution", "revenue" or "costs".
/// @throws InputError for a number that is none of them.
std::string to_string(Payoff payoff);

/// A sum over items i and months m of shares[m] X_{i, first + m}.
struct MonthlySum {
    std::vector<std::size_t> items{};      ///< Positions of the items, each once.
    Month first{};                         ///< First month.
    std::vector<double> shares{};          ///< Share of each month that counts, one a month from `first` on.
    Payoff payoff = Payoff::contribution;  ///< What is added up.
    std::optional<double> factor{};        ///< Value of the common factor; none: the average over all values.
};

/// Amounts by item and month whose joint distribution a forecast computes. Implementations are immutable, and safe to
/// read from any thread.
class MonthlyAmounts {
  public:
    MonthlyAmounts() = default;
    MonthlyAmounts(const MonthlyAmounts&) = delete;
    MonthlyAmounts& operator=(const MonthlyAmounts&) = delete;
    MonthlyAmounts(MonthlyAmounts&&) = delete;
    MonthlyAmounts& operator=(MonthlyAmounts&&) = delete;
    virtual ~MonthlyAmounts() = default;

    /// @return number of items.
    [[nodiscard]] virtual std::size_t size() const = 0;
    /// @return first month of the horizon.
    [[nodiscard]] virtual Month start() const = 0;
    /// @return number of months.
    [[nodiscard]] virtual int months() const = 0;
    /// @param item below size(). @return the customer that it belongs to.
    [[nodiscard]] virtual std::string customer(std::size_t item) const = 0;
    /// @param item below size(). @return its name, for instance "customer/plan".
    [[nodiscard]] virtual std::string name(std::size_t item) const = 0;
    /// @param item below size(). @return the chance that it comes about, in [0, 1].
    [[nodiscard]] virtual double probability(std::size_t item) const = 0;
    /// @param item below size(). @param month counted from the horizon's first, below months(). @param payoff which
    /// amount. @return the expected amount, currency; exact.
    [[nodiscard]] virtual double expected(std::size_t item, int month, Payoff payoff) const = 0;
    /// @return share of the common factor in every success, in [0, 1); 0: items do not share it with anything.
    [[nodiscard]] virtual double correlation() const = 0;
    /// @param sum items, months and their shares, payoff and factor.
    /// @param options the lattice.
    /// @param standard_error where given: the greatest standard error of a probability by simulation; 0: exact.
    /// @return the distribution of the sum, with its errors.
    /// @throws InputError where the months are not in the horizon, or a share is not finite.
    /// @throws NotFoundError where there is no such item.
    [[nodiscard]] virtual Distribution sum(const MonthlySum& sum, const SumOptions& options = {},
                                           double* standard_error = nullptr) const = 0;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/distribution/monthly_amounts.ipp"
#endif
