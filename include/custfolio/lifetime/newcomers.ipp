// Definition of new business as usual.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
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

/// The part of a mean, or a rate, that is left after its noise.
inline double kept_share(double distance, double noise) {
    return distance * distance > noise ? 1.0 - noise / (distance * distance) : 0.0;
}

/// First purchases by month: those of older customers, N (S(t) - S(t + 1)) (1 - chance to have left), and arrivals at a
/// rate for every two years, counted from the end.
class FirstPurchases {
  public:
    FirstPurchases(std::span<const double> seen, const std::optional<BGBB>& model, const MonthIndex& season,
                   std::size_t ahead)
        : share_(seen.size() + ahead, 0.0), blocks_((seen.size() - 1) / recent_months + 1) {
        double seasons = 0.0;  // months count by the season, in mean months
        const auto waits = [&] {
            return std::exp(math::log_beta(model->alpha, model->beta + seasons) -
                            math::log_beta(model->alpha, model->beta));
        };
        for (std::size_t t = 0; model && t < share_.size(); ++t) {
            const double before = waits();
            seasons += season.of_company(t);
            share_[t] = (before - waits()) * model->survival(static_cast<double>(t));
        }
        // Without repeated purchases, who was there before is seen in the first month.
        if (!(std::accumulate(share_.begin(), share_.begin() + std::ssize(seen), 0.0) > 0.0)) share_.front() = 1.0;
        fit(seen);
        set_variance(seen);
    }
    /// @param month month of the history or after it. @return expected first purchases of older customers.
    [[nodiscard]] double older(std::size_t month) const { return older_ * share_[month]; }
    /// @return arrivals a month of the last two years, after shrinkage.
    [[nodiscard]] double rate() const { return rates_.front() * kept_share(rates_.front(), variance_); }
    /// @return variance of the arrivals a month.
    [[nodiscard]] double variance() const { return variance_; }

  private:
    [[nodiscard]] std::size_t block(std::size_t month, std::size_t months) const {
        return (months - 1 - month) / recent_months;
    }

    /// The largest Poisson likelihood by expectation and maximisation: concave, so that any begin leads there.
    void fit(std::span<const double> seen) {
        const std::size_t months = seen.size();
        const double total = std::accumulate(seen.begin(), seen.end(), 0.0);
        double length = 0.0;
        for (std::size_t t = 0; t < months; ++t) length += share_[t];
        older_ = total / 2.0 / length;
        rates_.assign(blocks_, total / 2.0 / static_cast<double>(months));
        std::vector<double> lasts(blocks_, 0.0);
        for (std::size_t t = 0; t < months; ++t) lasts[block(t, months)] += 1.0;
        constexpr int most_steps = 2000;
        for (int step = 0; step < most_steps; ++step) {
            double of_older = 0.0;
            std::vector<double> of_rates(blocks_, 0.0);
            for (std::size_t t = 0; t < months; ++t) {
                const double rate = rates_[block(t, months)];
                const double expected = older(t) + rate;
                if (!(expected > 0.0)) continue;
                of_older += seen[t] * older(t) / expected;
                of_rates[block(t, months)] += seen[t] * rate / expected;
            }
            older_ = of_older / length;
            for (std::size_t k = 0; k < blocks_; ++k) rates_[k] = of_rates[k] / lasts[k];
        }
    }

    /// The variance of the last rate by the information matrix: older customers are shared by all blocks.
    void set_variance(std::span<const double> seen) {
        const std::size_t months = seen.size();
        constexpr double least = 1e-9;  // expected first purchases
        double square = 0.0;
        double distance = 0.0;
        std::vector<double> cross(blocks_, 0.0);
        std::vector<double> own(blocks_, 0.0);
        for (std::size_t t = 0; t < months; ++t) {
            const std::size_t k = block(t, months);
            const double expected = std::max(older(t) + rates_[k], least);
            square += share_[t] * share_[t] / expected;
            cross[k] += share_[t] / expected;
            own[k] += 1.0 / expected;
            const double error = seen[t] - expected;
            distance += error * error / std::max(expected, 0.5);
        }
        for (std::size_t k = 1; k < blocks_; ++k) square -= cross[k] * cross[k] / own[k];
        const double left = own.front() - (square > 0.0 ? cross.front() * cross.front() / square : 0.0);
        const double freedom = std::max(static_cast<double>(months) - static_cast<double>(blocks_) - 1.0, 1.0);
        // The rate lies between 0 and all first purchases, also where older customers have the same shape.
        const std::size_t last = std::min(months, recent_months);
        const double most = std::accumulate(seen.end() - static_cast<std::ptrdiff_t>(last), seen.end(), 0.0) /
                            static_cast<double>(last);
        variance_ = most * most;
        if (left > 0.0) variance_ = std::min(variance_, std::max(1.0, distance / freedom) / left);
    }

    std::vector<double> share_;  // of the older customers who buy first in a month
    std::size_t blocks_;         // of two years, from the end
    double older_ = 0.0;         // customers that were there before
    std::vector<double> rates_;  // arrivals a month per block
    double variance_ = 0.0;      // of the first rate
};

/// What customers bring by age, without the season.
struct ByAge {
    std::array<double, age_classes> mean{};
    std::array<double, age_classes> square{};  ///< Mean square.
    std::array<double, age_classes> noise{};   ///< Variance of the mean: months of one customer move together.

    ByAge(const Matrix& history, const MonthIndex& season, std::span<const std::size_t> first, std::size_t begin) {
        using Classes = std::array<double, age_classes>;
        Classes months{}, amounts{}, amounts_of_customers{}, months_of_customers{}, products{};
        for (std::size_t i = 0; i < history.rows(); ++i) {
            if (first[i] < begin) continue;
            Classes amount{}, count{};
            for (std::size_t t = first[i]; t < history.cols(); ++t) {
                constexpr double least_factor = 0.25;
                const double one = history(i, t) / std::max(season.of(i, t), least_factor);
                const std::size_t age = age_class(t - first[i]);
                amount[age] += one;
                count[age] += 1.0;
                square[age] += one * one;
            }
            for (std::size_t age = 0; age < age_classes; ++age) {
                amounts[age] += amount[age];
                months[age] += count[age];
                amounts_of_customers[age] += amount[age] * amount[age];
                months_of_customers[age] += count[age] * count[age];
                products[age] += amount[age] * count[age];
            }
        }
        for (std::size_t age = 0; age < age_classes; ++age) {
            if (months[age] > 0.0) {
                const double average = amounts[age] / months[age];
                mean[age] = average;
                square[age] /= months[age];
                // The sum of squared (amount - months x mean) over customers.
                const double error = amounts_of_customers[age] - 2.0 * average * products[age] +
                                     average * average * months_of_customers[age];
                noise[age] = std::max(error, 0.0) / (months[age] * months[age]);
            } else if (age > 0) {  // nobody is so old yet
                mean[age] = mean[age - 1];
                square[age] = square[age - 1];
                noise[age] = noise[age - 1];
            }
        }
    }

    /// Shrinks each mean towards that of a wider group.
    void shrink(const ByAge& wider) {
        for (std::size_t age = 0; age < age_classes; ++age) {
            const double weight = kept_share(mean[age] - wider.mean[age], noise[age]);
            mean[age] = wider.mean[age] + weight * (mean[age] - wider.mean[age]);
            square[age] = wider.square[age] + weight * (square[age] - wider.square[age]);
        }
    }
};

inline std::string counted(double count, const std::string& one) {
    const long whole = std::lround(count);
    return std::to_string(whole) + " " + one + (whole == 1 ? "" : "s");
}

/// From what new business was found.
inline std::string newcomer_reason(double known, double older, double rate, std::size_t months) {
    const std::string span = std::to_string(months) + " months";
    if (known == 0.0) return "no newcomers are expected: nobody bought for the first time in the last " + span;
    std::string text = "new business as usual from " + counted(known, "first purchase") + " in " + span;
    if (std::lround(older) > 0) text += ", of which older customers explain " + std::to_string(std::lround(older));
    return text + (rate > 0.0 ? "" : "; the data gives no evidence of newcomers");
}

}  // namespace detail

CUSTFOLIO_INLINE NewcomerLine newcomers_as_usual(const Matrix& history, const MonthIndex& season, std::size_t lead,
                                                 std::size_t horizon, std::optional<BGBB> model) {
    NewcomerLine line;
    const std::size_t months = history.cols();
    if (months < detail::season_months) {
        line.reason = "new business is not known: there are less than twelve months";
        return line;
    }
    if (!model) {
        const detail::PurchaseCounts counts = detail::purchase_counts(history, months);
        if (counts.later()) {
            model = detail::fitted_model(opportunities_of(counts.frequency, counts.recency, counts.periods));
        }
    }
    const std::size_t ahead = lead + horizon;
    const std::size_t begin = detail::first_newcomer_month(months);
    std::vector<std::size_t> first(history.rows());
    std::vector<double> seen(months, 0.0);
    for (std::size_t i = 0; i < history.rows(); ++i) {
        first[i] = detail::purchase_months(history, i, months).first;
        if (first[i] < months) seen[first[i]] += 1.0;
    }
    const detail::FirstPurchases purchases(seen, model, season, ahead);
    // Of the months in which newcomers are seen.
    detail::GroupMonths recent(months - begin);
    double older = 0.0;
    for (std::size_t t = begin; t < months; ++t) {
        recent.sum[t - begin] = seen[t];
        recent.purchases += seen[t];
        older += purchases.older(t);
    }
    const double known = recent.purchases;
    recent.amount = recent.square = known;
    detail::Year index = detail::level_year;
    if (months - begin >= detail::recent_months) index = detail::shrunk_index(recent, detail::level_year, begin);
    detail::ByAge by_age(history, season, first, begin);
    by_age.shrink(detail::ByAge(history, season, first, 0));
    const double rate = purchases.rate();
    std::vector<double> usual(ahead);
    std::vector<double> arrivals(ahead);
    for (std::size_t h = 0; h < ahead; ++h) {
        usual[h] = index[(months + h) % detail::season_months];
        arrivals[h] = rate * usual[h] + purchases.older(months + h);
    }
    for (std::size_t h = lead; h < ahead; ++h) {
        // A newcomer has no season of its own yet.
        const double factor = season.of_company(months + h);
        double level = 0.0;
        double of_one = 0.0;  // what a rate of one newcomer a month brings
        double variance = 0.0;
        for (std::size_t j = 0; j <= h; ++j) {
            const std::size_t age = detail::age_class(h - j);
            level += arrivals[j] * by_age.mean[age] * factor;
            of_one += usual[j] * by_age.mean[age] * factor;
            variance += arrivals[j] * by_age.square[age] * factor * factor;
        }
        line.arrivals.push_back(arrivals[h]);
        line.level.push_back(level);
        line.deviation.push_back(std::sqrt(variance + of_one * of_one * purchases.variance()));
    }
    line.reason = detail::newcomer_reason(known, std::min(older, known), rate, months - begin);
    if (rate > 0.0 && months < 2 * detail::season_months) {
        line.reason += "; less than two years cannot show whether as many keep coming";
    }
    return line;
}

}  // namespace custfolio
