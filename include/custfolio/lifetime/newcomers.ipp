// Definition of new business as usual.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/month_index.ipp"
#include "custfolio/lifetime/newcomers.hpp"
#include "custfolio/math/special_functions.hpp"

namespace custfolio {
namespace detail {

inline constexpr std::array<std::size_t, 5> age_begins{1, 2, 3, 6, 12};  // the first class is age 0
inline constexpr std::size_t age_classes = age_begins.size() + 1;

inline std::size_t age_class(std::size_t age) {
    return static_cast<std::size_t>(std::upper_bound(age_begins.begin(), age_begins.end(), age) - age_begins.begin());
}

/// First purchases of older customers by month: N (S(t) - S(t + 1)), with S(t) = B(a, b + t) / B(a, b). Months count by
/// the season, in mean months.
class LatePurchases {
  public:
    LatePurchases(const Matrix& history, const MonthIndex& season, std::span<const std::size_t> first,
                  std::size_t begin, std::size_t months) {
        left_.assign(months + 1, 0.0);
        const PurchaseCounts counts = purchase_counts(history, history.cols());
        if (!counts.later()) return;
        const BGBB model = fitted_model(opportunities_of(counts.frequency, counts.recency, counts.periods));
        double bought = 0.0;
        for (const std::size_t month : first) bought += month < begin;
        double seasons = 0.0;
        std::vector<double> share(months + 1);
        for (std::size_t t = 0; t <= months; ++t) {
            share[t] =
                std::exp(math::log_beta(model.alpha, model.beta + seasons) - math::log_beta(model.alpha, model.beta));
            seasons += season.of_company(t);
        }
        if (!(share[begin] < 1.0)) return;
        const double everyone = bought / (1.0 - share[begin]);
        for (std::size_t t = 0; t <= months; ++t) left_[t] = everyone * share[t];
    }
    /// @param month month of the history or after it. @return expected first purchases of older customers.
    [[nodiscard]] double in(std::size_t month) const { return left_[month] - left_[month + 1]; }

  private:
    std::vector<double> left_;
};

/// What a newcomer brings by age, without the season.
struct ByAge {
    std::array<double, age_classes> mean{};
    std::array<double, age_classes> square{};  ///< Mean square.

    ByAge(const Matrix& history, const MonthIndex& season, std::span<const std::size_t> first, std::size_t begin) {
        std::array<double, age_classes> months{};
        for (std::size_t i = 0; i < history.rows(); ++i) {
            for (std::size_t t = first[i]; t < history.cols() && first[i] >= begin; ++t) {
                constexpr double least_factor = 0.25;
                const double amount = history(i, t) / std::max(season.of(i, t), least_factor);
                const std::size_t age = age_class(t - first[i]);
                months[age] += 1.0;
                mean[age] += amount;
                square[age] += amount * amount;
            }
        }
        for (std::size_t age = 0; age < age_classes; ++age) {
            if (months[age] > 0.0) {
                mean[age] /= months[age];
                square[age] /= months[age];
            } else if (age > 0) {  // nobody is so old yet
                mean[age] = mean[age - 1];
                square[age] = square[age - 1];
            }
        }
    }
};

}  // namespace detail

CUSTFOLIO_INLINE NewcomerLine newcomers_as_usual(const Matrix& history, const MonthIndex& season, std::size_t lead,
                                                 std::size_t horizon) {
    NewcomerLine line;
    const std::size_t months = history.cols();
    if (months < detail::season_months) {
        line.reason = "new business is not known: there are less than twelve months";
        return line;
    }
    const std::size_t ahead = lead + horizon;
    const std::size_t begin = detail::first_newcomer_month(months);
    std::vector<std::size_t> first(history.rows());
    for (std::size_t i = 0; i < history.rows(); ++i) first[i] = detail::purchase_months(history, i, months).first;
    const detail::LatePurchases late(history, season, first, begin, months + ahead);
    // First purchases by month, and how many of them are newcomers.
    detail::GroupMonths seen(months - begin);
    double known = 0.0;
    for (const std::size_t month : first) {
        if (month < begin || month >= months) continue;
        seen.sum[month - begin] += 1.0;
        known += 1.0;
    }
    seen.purchases = seen.amount = seen.square = known;
    double older = 0.0;
    for (std::size_t t = begin; t < months; ++t) older += late.in(t);
    const double newcomers = std::max(known - older, 0.0);
    const double rate = newcomers / static_cast<double>(months - begin);
    detail::Year index = detail::level_year;
    if (months - begin >= detail::recent_months) index = detail::shrunk_index(seen, detail::level_year, begin);
    const detail::ByAge by_age(history, season, first, begin);
    std::vector<double> arrivals(ahead);
    for (std::size_t h = 0; h < ahead; ++h) {
        arrivals[h] = rate * index[(months + h) % detail::season_months] + late.in(months + h);
    }
    for (std::size_t h = lead; h < ahead; ++h) {
        // A newcomer has no season of its own yet.
        const double factor = season.of_company(months + h);
        double level = 0.0;
        double variance = 0.0;
        for (std::size_t j = 0; j <= h; ++j) {
            const std::size_t age = detail::age_class(h - j);
            level += arrivals[j] * by_age.mean[age] * factor;
            variance += arrivals[j] * by_age.square[age] * factor * factor;
        }
        line.arrivals.push_back(arrivals[h]);
        line.level.push_back(level);
        line.deviation.push_back(std::sqrt(variance + level * level / std::max(known, 1.0)));
    }
    line.reason = "new business as usual from " + std::to_string(static_cast<long>(known)) + " first purchases in " +
                  std::to_string(months - begin) + " months, of which " +
                  std::to_string(std::lround(std::min(older, known))) + " are of older customers";
    return line;
}

}  // namespace custfolio
