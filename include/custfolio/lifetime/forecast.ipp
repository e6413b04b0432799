// Definitions of what the forecasts of all models share.
#pragma once

#include <algorithm>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/forecast.hpp"
#include "custfolio/lifetime/purchase_history.ipp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio::detail {

/// Checked columns, with the recency of all customers with purchases set to T: it only matters for being alive.
CUSTFOLIO_INLINE std::vector<double> recency_or_age(std::span<const double> x, std::span<const double> t_x,
                                                    std::span<const double> T) {
    check_purchase_histories(x, t_x, T);
    std::vector<double> end(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) end[i] = x[i] > 0 ? T[i] : 0.0;
    return end;
}

CUSTFOLIO_INLINE ForecastCells::ForecastCells(std::span<const double> x, std::span<const double> t_x,
                                              std::span<const double> T, const Matrix& covariates)
    : shared(x, recency_or_age(x, t_x, T), T, {}, covariates), begin(shared.cells() + 1, 0), row(x.size()) {
    // Rows sorted by their cell in one counting pass, in the order of the input within each cell.
    for (const std::uint32_t c : shared.cell_of_row()) ++begin[c + 1];
    for (std::size_t c = 0; c + 1 < begin.size(); ++c) begin[c + 1] += begin[c];
    std::vector<std::uint32_t> place(begin.begin(), begin.end() - 1);
    for (std::size_t i = 0; i < row.size(); ++i) row[place[shared.cell_of_row()[i]]++] = static_cast<std::uint32_t>(i);
}

CUSTFOLIO_INLINE double quantile_of(const std::vector<double>& at_least, double alive, double probability) {
    // The smallest n whose successor n + 1 is reached with at most 1 - probability.
    const auto first_beyond = std::partition_point(at_least.begin() + 1, at_least.end(),
                                                   [&](double reached) { return alive * reached > 1 - probability; });
    return static_cast<double>(first_beyond - at_least.begin() - 1);
}

CUSTFOLIO_INLINE std::vector<double> over_ages(const std::vector<double>& ages, double scale,
                                               const std::function<double(double)>& exact) {
    std::vector<double> result(ages.size());
    const auto [least, most] = std::minmax_element(ages.begin(), ages.end());
    // Figures are smooth in the logarithm of the scale plus the age: few nodes give all digits there.
    const double from = std::log(scale + *least);
    const double to = std::log(scale + *most);
    // A series where it needs less than half of the wanted values.
    constexpr std::array<std::size_t, 3> counts{12, 24, 48};
    const auto affordable =
        static_cast<std::size_t>(detail::count_if(counts, [&](std::size_t count) { return 2 * count < ages.size(); }));
    if (affordable > 0) {
        const ChebyshevSeries series(
            from, to, 1e-11, [&](double at) { return exact(std::max(0.0, std::exp(at) - scale)); },
            std::span(counts).first(affordable));
        if (series.good()) {
            for (std::size_t i = 0; i < ages.size(); ++i) result[i] = series(std::log(scale + ages[i]));
            return result;
        }
    }
    for (std::size_t i = 0; i < ages.size(); ++i) result[i] = exact(ages[i]);
    return result;
}

CUSTFOLIO_INLINE ChebyshevSeries::ChebyshevSeries(double from, double to, double tolerance,
                                                  const std::function<double(double)>& exact,
                                                  std::span<const std::size_t> counts)
    : from_(from), to_(to), scale_(to > from ? 1 / (to - from) : 0.0) {
    constexpr double pi = 3.14159265358979323846;
    for (const std::size_t count : counts) {
        if (good_) break;
        const auto n = static_cast<double>(count);
        // Values at Chebyshev's nodes: their polynomial is nearly the best of its degree.
        std::vector<double> value(count);
        double largest = 0;
        for (std::size_t j = 0; j < count; ++j) {
            const double node = std::cos(pi * (static_cast<double>(j) + 0.5) / n);
            value[j] = exact(0.5 * (from + to) + 0.5 * (to - from) * node);
            largest = std::max(largest, std::abs(value[j]));
        }
        std::vector<double> coefficient(count);
        for (std::size_t k = 0; k < count; ++k) {
            double sum = 0;
            for (std::size_t j = 0; j < count; ++j) {
                sum += value[j] * std::cos(pi * static_cast<double>(k) * (static_cast<double>(j) + 0.5) / n);
            }
            coefficient[k] = sum * (k == 0 ? 1 : 2) / n;
        }
        const auto vanishes = [&](double c) { return std::abs(c) <= tolerance * std::max(largest, 1e-300); };
        // Six small coefficients at the end: a single one may vanish by symmetry.
        good_ = std::all_of(coefficient.end() - 6, coefficient.end(), vanishes);
        while (coefficient.size() > 1 && vanishes(20 * coefficient.back())) coefficient.pop_back();
        coefficient_ = std::move(coefficient);
    }
}

CUSTFOLIO_INLINE void check_forecast(double horizon, double rate) {
    check_time(horizon, "horizon");
    check_discounting(rate, horizon);
}

}  // namespace custfolio::detail
