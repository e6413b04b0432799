// Budget: level and heat per month and source, in whole cents that add up.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "custfolio/portfolio/bucket.hpp"
#include "custfolio/portfolio/dates.hpp"
#include "custfolio/portfolio/money.hpp"

namespace custfolio {

/// Where an amount of the budget comes from.
enum class Source {
    baseline,      ///< Customers without any action.
    new_business,  ///< New business as usual: newcomers, and customers who come back, without any action.
    remediation,   ///< Change by new terms for old customers.
    growth,        ///< Change by action plans with old customers.
    acquisition,   ///< New customers.
    overflow       ///< Change by customers that flow over; its level is negative.
};

/// Every source, in the order in which the steps run.
inline constexpr std::array<Source, 6> sources{Source::baseline, Source::new_business, Source::remediation,
                                               Source::growth,   Source::acquisition,  Source::overflow};
/// The sources that are actions, in the same order.
inline constexpr std::array<Source, 4> action_sources{Source::remediation, Source::growth, Source::acquisition,
                                                      Source::overflow};

/// @param source a source.
/// @return its name: "baseline", "new business", "remediation", "growth", "acquisition" or "overflow".
std::string to_string(Source source);

/// An amount of the budget.
struct BudgetLine {
    Month month{};                     ///< The month it falls in.
    Source source = Source::baseline;  ///< Where it comes from.
    double level = 0;                  ///< Net revenue, currency; a change may be negative.
    double heat = 0;                   ///< Contribution, currency; may be negative.

    /// Same month, source and amounts.
    /// @return whether the two are the same.
    bool operator==(const BudgetLine&) const = default;
};

/// A sum of budget lines.
struct BudgetTotal {
    double level = 0;  ///< Net revenue, currency.
    double heat = 0;   ///< Contribution, currency.

    /// @return heat / level as a fraction; NaN at or below a level of 0.
    [[nodiscard]] double temperature() const { return temperature_of(level, heat); }
    /// Same amounts.
    /// @return whether the two are the same.
    bool operator==(const BudgetTotal&) const = default;
};

/// A budget of level and heat by month and source, rounded to the currency's unit. The lines of a month, of a source
/// and of the whole add up to their totals exactly, and every line is within one unit of its amount. Immutable; safe to
/// read from any thread.
class Budget {
  public:
    /// An empty budget.
    Budget() = default;
    /// @param lines amounts in any order; several of one month and source are summed.
    /// @param currency whose unit the lines are rounded to.
    /// @throws InputError where an amount is not finite (the text names month and source) or too large to be exact in
    /// units.
    explicit Budget(std::span<const BudgetLine> lines, const Currency& currency = {});

    /// @return the rounded lines by month, then source; one for every month and source that was given.
    [[nodiscard]] const std::vector<BudgetLine>& lines() const { return lines_; }
    /// @return the months that have lines, in order.
    [[nodiscard]] const std::vector<Month>& months() const { return months_; }
    /// @return the currency.
    [[nodiscard]] const Currency& currency() const { return currency_; }
    /// @param month any month.
    /// @param source any source.
    /// @return the line's amounts; zeros where there is none.
    [[nodiscard]] BudgetTotal at(Month month, Source source) const;
    /// @param month any month.
    /// @return the sum of the month's lines; zeros where it has none.
    [[nodiscard]] BudgetTotal total(Month month) const;
    /// @param source any source.
    /// @return the sum of the source's lines; zeros where it has none.
    [[nodiscard]] BudgetTotal total(Source source) const;
    /// @return the sum of all lines: the sum of all amounts, rounded to the nearest unit.
    [[nodiscard]] BudgetTotal total() const { return total_; }

  private:
    Currency currency_;
    std::vector<BudgetLine> lines_;
    std::vector<Month> months_;
    std::vector<BudgetTotal> month_totals_;
    std::array<BudgetTotal, sources.size()> source_totals_{};
    BudgetTotal total_;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/budget/budget.ipp"
#endif
