// What action plans bring, spend or work, by plan and month, for a budget.
#pragma once

#include <cstddef>
#include <string>

#include "custfolio/distribution/monthly_amounts.hpp"
#include "custfolio/growth/growth_forecast.hpp"

namespace custfolio {

/// The figures of action plans that a budget uses.
enum class PlanFigure {
    payoffs,  ///< Revenue and contribution.
    spend,    ///< What attempts cost, as costs of the months in which they start.
    hours     ///< The working hours of attempts, as costs of the months in which they start.
};

/// @param figure any value.
/// @return its name: "payoffs", "spend" or "hours".
/// @throws InputError for a number that is none of them.
std::string to_string(PlanFigure figure);

/// A forecast of action plans as amounts by plan and month. The common factor is the one that all plans share; other
/// factors are averaged over.
class PlanAmounts final : public MonthlyAmounts {
  public:
    /// @param forecast the forecast, with its outcomes.
    /// @param figure which figure.
    explicit PlanAmounts(const GrowthForecast& forecast, PlanFigure figure = PlanFigure::payoffs);

    [[nodiscard]] std::size_t size() const override { return forecast_.size(); }
    [[nodiscard]] Month start() const override { return forecast_.start(); }
    [[nodiscard]] int months() const override { return forecast_.months(); }
    [[nodiscard]] CUSTFOLIO_INLINE std::string customer(std::size_t item) const override;
    /// @param item position of a plan. @return "customer/plan".
    [[nodiscard]] CUSTFOLIO_INLINE std::string name(std::size_t item) const override;
    /// @param item position of a plan. @return the chance that its last step succeeds within the horizon.
    [[nodiscard]] CUSTFOLIO_INLINE double probability(std::size_t item) const override;
    [[nodiscard]] CUSTFOLIO_INLINE double expected(std::size_t item, int month, Payoff payoff) const override;
    [[nodiscard]] double correlation() const override { return forecast_.options().correlation; }
    [[nodiscard]] Distribution sum(const MonthlySum& sum, const SumOptions& options = {},
                                   double* standard_error = nullptr) const override {
        return forecast_.sum(sum, options, standard_error);
    }
    /// @return the forecast behind the amounts.
    [[nodiscard]] const GrowthForecast& forecast() const { return forecast_; }

  private:
    GrowthForecast forecast_;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/plan_amounts.ipp"
#endif
