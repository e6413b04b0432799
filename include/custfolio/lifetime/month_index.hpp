// The season of irregular customers: an index of the month, and the damped trend of their purchases and amounts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "custfolio/lifetime/evaporation.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// What each month of the year brings, in mean months.
struct MonthIndex {
    Matrix factor{};                    ///< Groups x 12, mean 1, >= 0; column t % 12 is that of month t of the history.
    Column company{};                   ///< The company's own, whatever `factor` is; empty without a season.
    std::vector<std::int32_t> group{};  ///< Row of `factor` per customer; empty: the first row for all.
    std::string reason{};               ///< Whose index was kept, and why; why there is none.

    /// @return whether there is a season.
    [[nodiscard]] bool known() const { return factor.rows() > 0; }
    /// @param customer row of the history. @param month month of the history or after it. @return its factor, >= 0.
    [[nodiscard]] double of(std::size_t customer, std::size_t month) const {
        if (!known()) return 1.0;
        return factor(group.empty() ? 0 : static_cast<std::size_t>(group[customer]), month % 12);
    }
    /// @param month month of the history or after it. @return the company's factor; 1 without a season.
    [[nodiscard]] double of_company(std::size_t month) const { return company.empty() ? 1.0 : company[month % 12]; }
    /// @param customer row of the history. @param first month. @param last month after the last one.
    /// @return the mean factor of the months from `first` to before `last`; 1 where there is none.
    [[nodiscard]] double mean(std::size_t customer, std::size_t first, std::size_t last) const;
};

/// The index of the month from the company's whole years, at most the last five; then from segments' and customers' own
/// years, each shrunk towards the wider one.
///
/// A month's raw index is its mean ratio to the local mean: the years' means, linear between their middles and on at
/// both ends, at least a quarter of the whole mean. The raw index s of a group is shrunk towards that of the wider
/// group, w: w + max(0, 1 - noise / variance(s - w)) (s - w), where the variance is the sum of squares over 11. The
/// noise is that of compound sums: mean(amount^2) / mean(amount)^2 over the number of customer-months with a purchase
/// per month of the year. Each index is kept where, made from the years before the last, it foresees the shape of the
/// last year better: the company's has at most 65 % of the squared error without a season, a finer one at most 95 % of
/// that of the wider one.
/// @param history customers x months: net revenue, currency (per trading day, if wanted).
/// @param segment segment per row, 0 .. the highest; -1: none; empty: no segments.
/// @return the index; none with less than two whole years. Linear in customers x months.
MonthIndex month_index(const Matrix& history, std::span<const std::int32_t> segment = {});

/// By how much irregular customers buy more, and larger, than their chances and mean amounts foresaw.
struct PurchaseTrend {
    double purchases =
        1.0;              ///< Purchases in a year that were foreseen from its begin, after damping; 1: no trend kept.
    double amount = 1.0;  ///< The same of the mean amount of a month with a purchase.

    /// @param ahead months ahead, from 1.
    /// @param ratio `purchases` or `amount`.
    /// @return the factor of a month: the ratio grows with the distance, for a year at most.
    [[nodiscard]] static double factor(double ratio, std::size_t ahead);
};

/// The damped trend of irregular customers: the last year is forecast from its begin, and the ratio of what came to
/// what was foreseen, to the power 0.8 and within 1/2 and 2, is kept where the ratio of the year before would have
/// improved the forecast of the last year.
/// @param history customers x months: net revenue, currency; three whole years at least, else there is no trend.
/// @param index index of the month.
/// @param evaporation how chances are found; its chances of the last year serve again.
/// @return the trend.
/// @see E. S. Gardner, E. McKenzie (1985), Forecasting trends in time series, Management Science 31(10).
PurchaseTrend purchase_trend(const Matrix& history, const MonthIndex& index, const Evaporation& evaporation);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/month_index.ipp"
#endif
