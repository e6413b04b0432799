// New business as usual: what newcomers bring, as newcomers did before, and customers of earlier years who come back.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "custfolio/lifetime/bg_bb.hpp"
#include "custfolio/lifetime/month_index.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// What customers who do not exist yet, and customers of the ledger that the portfolio does not have, are expected to
/// bring in each month of a baseline. It is apart from the level of the portfolio's customers.
struct NewcomerLine {
    Column arrivals{};        ///< Expected first purchases per month; empty where the history is too short.
    Column returning{};       ///< Expected net revenue of the ledger's other customers per month, currency.
    Column level{};           ///< Expected net revenue of both per month, currency.
    Column heat{};            ///< Expected contribution of both per month, currency.
    Column deviation{};       ///< Standard deviation of `level`, currency.
    Column heat_deviation{};  ///< Standard deviation of `heat`, currency.
    std::string reason{};     ///< From what it was found, or why it is not known.

    /// @return whether the line is known.
    [[nodiscard]] bool known() const { return !level.empty(); }
};

/// The level of newcomers: arrivals by month times what newcomers bring by their age.
///
/// A first purchase is that of a newcomer, or of an older customer who had not bought before. Of N older customers, N
/// S(t) have not bought in t months. S is that of BG/BB: months count by the season, and some customers leave. N, and a
/// rate of arrivals for every two years before the end, have the largest Poisson likelihood. The rate v of the last two
/// years is shrunk by its noise: max(0, 1 - var(v) / v^2) v. The information matrix, times Pearson's dispersion where
/// that is above 1, has the variance. Older customers still to come are added.
/// Arrivals have an index of the month of their own, as month_index() has it, where there are two whole years of them.
/// What a newcomer brings is its mean level by age in months (0, 1, 2, 3 to 5, 6 to 11, 12 and more), without the
/// season. Newcomers are first purchases of the last two years, from the seventh month of the history on. Each mean is
/// shrunk towards that of all customers by its noise, as the rate is towards 0.
///
/// The variance is that of a compound Poisson sum, and of the rate of arrivals.
/// @param history all customers x months: net revenue, currency (per trading day, if wanted).
/// @param season index of the month.
/// @param lead months between the last known one and the first that is wanted; newcomers of these months count as well.
/// @param horizon months that are wanted.
/// @param model BG/BB of the history, as evaporation() has it; none: it is fitted.
/// @return arrivals, level and deviation of newcomers, without heat and customers that return; nothing with less than
/// twelve months. O(customers x months + (lead + horizon)^2).
NewcomerLine newcomers_as_usual(const Matrix& history, const MonthIndex& season, std::size_t lead, std::size_t horizon,
                                std::optional<BGBB> model = std::nullopt);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/newcomers.ipp"
#endif
