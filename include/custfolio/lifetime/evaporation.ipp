// Definitions of evaporation and of newcomers.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <tuple>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/bg_bb.hpp"
#include "custfolio/lifetime/evaporation.hpp"

namespace custfolio::detail {

inline constexpr std::size_t season_months = 12;
/// Customers who bought in at least this share of their last twelve months are regular.
inline constexpr double regular_share = 0.75;
/// Months back over which cases are counted and temperatures observed.
inline constexpr std::size_t recent_months = 24;
/// Weight in cases of a frequency class beside one standing, and of no change for newcomers.
inline constexpr double prior_cases = 10.0;
/// The first month whose first purchases count as newcomers: of the last two years, and not of the first months, in
/// which customers who were there before are seen first.
inline constexpr std::size_t first_newcomer_month(std::size_t months) {
    constexpr std::size_t first_months = 6;
    return std::max(first_months, months > recent_months ? months - recent_months : 0);
}
inline constexpr std::size_t frequency_classes = 5;
inline constexpr std::size_t standings = frequency_classes * (season_months + 1);

/// First and last month with a purchase among the first `months`; both `months` where there is none.
struct PurchaseMonths {
    std::size_t first, last, count;
};

CUSTFOLIO_INLINE PurchaseMonths purchase_months(const Matrix& history, std::size_t customer, std::size_t months) {
    PurchaseMonths purchases{months, months, 0};
    for (std::size_t t = 0; t < months; ++t) {
        if (history(customer, t) == 0.0) continue;
        if (purchases.count == 0) purchases.first = t;
        purchases.last = t;
        ++purchases.count;
    }
    return purchases;
}

/// Opportunities of customers with a purchase.
struct PurchaseCounts {
    std::vector<std::size_t> customer;
    std::vector<double> frequency, recency, periods;

    /// The model needs an opportunity after a first purchase.
    [[nodiscard]] bool later() const {
        return std::any_of(periods.begin(), periods.end(), [](double months) { return months > 0.0; });
    }
};

CUSTFOLIO_INLINE PurchaseCounts purchase_counts(const Matrix& history, std::size_t months) {
    PurchaseCounts counts;
    for (std::size_t i = 0; i < history.rows(); ++i) {
        const PurchaseMonths purchases = purchase_months(history, i, months);
        if (purchases.count == 0) continue;
        counts.customer.push_back(i);
        // The first purchase makes a customer, and is not counted among the opportunities.
        counts.frequency.push_back(static_cast<double>(purchases.count - 1));
        counts.recency.push_back(static_cast<double>(purchases.last - purchases.first));
        counts.periods.push_back(static_cast<double>(months - 1 - purchases.first));
    }
    return counts;
}

/// Fitted to regular customers too, since purchases decide who is irregular. The prior does not show beside some dozens
/// of customers; it keeps the parameters of fewer from running away.
CUSTFOLIO_INLINE BGBB fitted_model(const Opportunities& cells) {
    FitOptions options;
    options.prior.assign(4, {0.0, 3.0});
    options.threads = 1;
    const Fit fit = fit_bg_bb(cells, options);
    return {fit.estimate[0], fit.estimate[1], fit.estimate[2], fit.estimate[3]};
}

inline std::size_t cell_of(const Standing& standing) {
    return standing.frequency * (season_months + 1) + standing.gap;
}

/// Mean squared difference between chances and what happened in the months from `cut` on, over irregular customers.
CUSTFOLIO_INLINE double brier_score(const Matrix& history, const Matrix& chance, const std::vector<std::size_t>& rows,
                                    std::size_t cut) {
    double sum = 0.0;
    for (const std::size_t i : rows) {
        for (std::size_t h = 0; h < season_months; ++h) {
            const double difference = chance(i, h) - (history(i, cut + h) != 0.0 ? 1.0 : 0.0);
            sum += difference * difference;
        }
    }
    return sum / static_cast<double>(rows.size() * season_months);
}

CUSTFOLIO_INLINE std::string four_decimals(double value) {
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 4);
    return {text.data(), end.ptr};
}

}  // namespace custfolio::detail

namespace custfolio {

CUSTFOLIO_INLINE std::string to_string(EvaporationMethod method) {
    return method == EvaporationMethod::bg_bb ? "BG/BB" : "counted standing";
}

CUSTFOLIO_INLINE Standing standing_of(const Matrix& history, std::size_t customer, std::size_t months) {
    const detail::PurchaseMonths purchases = detail::purchase_months(history, customer, months);
    Standing standing;
    if (purchases.count == 0) return standing;
    standing.months = std::min(months - purchases.first, detail::season_months);
    const std::size_t begin = months > detail::season_months ? months - detail::season_months : 0;
    for (std::size_t t = begin; t < months; ++t) standing.bought += history(customer, t) != 0.0;
    // Shares of a customer's own months, so that a newcomer is not irregular for the months before the first purchase.
    const double share = static_cast<double>(standing.bought) / static_cast<double>(standing.months);
    standing.frequency = static_cast<std::size_t>(std::ceil(4.0 * share));
    standing.gap = std::min(months - 1 - purchases.last, detail::season_months);
    standing.irregular = share < detail::regular_share;
    return standing;
}

CUSTFOLIO_INLINE std::optional<ModelledEvaporation> evaporation_by_model(const Matrix& history, std::size_t months,
                                                                         std::size_t ahead) {
    const detail::PurchaseCounts counts = detail::purchase_counts(history, months);
    const auto& [customer, frequency, recency, periods] = counts;
    if (!counts.later()) return std::nullopt;
    const Opportunities cells = opportunities_of(frequency, recency, periods);
    const BGBB model = detail::fitted_model(cells);
    const std::vector<double> one(cells.weight.size(), 1.0);
    const auto next = model.conditional_expected_purchases(one, cells.frequency, cells.recency, cells.periods);
    Matrix chance(history.rows(), ahead);
    using Cell = std::tuple<double, double, double>;
    for (std::size_t k = 0; k < customer.size(); ++k) {
        const Cell wanted{frequency[k], recency[k], periods[k]};
        std::size_t low = 0;
        std::size_t high = cells.weight.size() - 1;
        while (low < high) {  // cells are sorted
            const std::size_t middle = (low + high) / 2;
            if (Cell{cells.frequency[middle], cells.recency[middle], cells.periods[middle]} < wanted) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        // From one opportunity to the next the chance falls by the chance to stay.
        double expected = next[low];
        for (std::size_t h = 0; h < ahead; ++h) {
            const double before = model.delta + periods[k] + static_cast<double>(h);
            if (h > 0) expected *= before / (model.gamma + before);
            chance(customer[k], h) = std::clamp(expected, 0.0, 1.0);
        }
    }
    return ModelledEvaporation{std::move(chance), model};
}

CUSTFOLIO_INLINE Matrix evaporation_by_standing(const Matrix& history, std::size_t months, std::size_t ahead) {
    // Chances are counted by standing (frequency class and months since the last purchase) and by months ahead.
    const std::size_t count = history.rows();
    std::vector<double> seen(detail::standings * ahead, 0.0);
    std::vector<double> came(detail::standings * ahead, 0.0);
    // An origin needs a year of standing before it; older origins describe other times.
    const std::size_t first =
        std::max(detail::season_months, months > detail::recent_months ? months - detail::recent_months : 0);
    for (std::size_t origin = first; origin < months; ++origin) {
        for (std::size_t i = 0; i < count; ++i) {
            const Standing standing = standing_of(history, i, origin);
            if (!standing.irregular) continue;
            const std::size_t cell = detail::cell_of(standing) * ahead;
            for (std::size_t h = 0; h < std::min(ahead, months - origin); ++h) {
                seen[cell + h] += 1.0;
                came[cell + h] += history(i, origin + h) != 0.0;
            }
        }
    }
    // A class pools its standings, for standings that few customers had.
    std::array<double, detail::frequency_classes> cases{};
    std::array<double, detail::frequency_classes> hits{};
    for (std::size_t k = 0; k < seen.size(); ++k) {
        cases[k / ahead / (detail::season_months + 1)] += seen[k];
        hits[k / ahead / (detail::season_months + 1)] += came[k];
    }
    Matrix chance(count, ahead);
    for (std::size_t i = 0; i < count; ++i) {
        const Standing standing = standing_of(history, i, months);
        const std::size_t span = std::min(months, detail::season_months);
        const double share = static_cast<double>(standing.bought) / static_cast<double>(span);
        const std::size_t group = standing.frequency;
        // Without any case in the class the customer's own share of months is all there is.
        const double pooled = cases[group] > 0.0 ? hits[group] / std::max(cases[group], 1.0) : share;
        double before = pooled;
        for (std::size_t h = 0; h < ahead; ++h) {
            // A cell's few cases are shrunk towards the month before, or the class where that is lower.
            const double prior = h == 0 ? pooled : std::min(before, pooled);
            const std::size_t cell = detail::cell_of(standing) * ahead + h;
            if (seen[cell] > 0.0) {
                before = (came[cell] + detail::prior_cases * prior) / (seen[cell] + detail::prior_cases);
            }
            chance(i, h) = before;
        }
    }
    return chance;
}

CUSTFOLIO_INLINE Evaporation evaporation(const Matrix& history, std::size_t ahead) {
    const std::string begin = "irregular customers are forecast by ";
    const std::size_t months = history.cols();
    std::optional<ModelledEvaporation> modelled = evaporation_by_model(history, months, ahead);
    const std::string model = to_string(EvaporationMethod::bg_bb);
    const std::string counted = "the share of customers of the same standing";
    if (!modelled) {
        return {evaporation_by_standing(history, months, ahead), EvaporationMethod::counted_standing,
                begin + counted + ": nobody has two months", std::nullopt, std::nullopt};
    }
    std::vector<std::size_t> irregular;
    // The last year is forecast by both methods from what was known before it; the better one forecasts the future.
    const std::size_t cut = months > detail::season_months ? months - detail::season_months : 0;
    if (cut >= detail::season_months) {
        for (std::size_t i = 0; i < history.rows(); ++i) {
            if (standing_of(history, i, cut).irregular) irregular.push_back(i);
        }
    }
    std::optional<ModelledEvaporation> earlier;
    if (!irregular.empty()) earlier = evaporation_by_model(history, cut, detail::season_months);
    if (!earlier) {
        return {std::move(modelled->chance), EvaporationMethod::bg_bb,
                begin + model + ": too little history to compare", std::nullopt, modelled->model};
    }
    const double of_model = detail::brier_score(history, earlier->chance, irregular, cut);
    Matrix by_count = evaporation_by_standing(history, cut, detail::season_months);
    const double of_count = detail::brier_score(history, by_count, irregular, cut);
    const auto reason = [&](const std::string& better, double score, const std::string& other, double worse) {
        return begin + better + "; its Brier score in the last year is " + detail::four_decimals(score) + ", that of " +
               other + " " + detail::four_decimals(worse);
    };
    if (of_model <= of_count) {
        return {std::move(modelled->chance), EvaporationMethod::bg_bb, reason(model, of_model, counted, of_count),
                std::move(earlier->chance), modelled->model};
    }
    return {evaporation_by_standing(history, months, ahead), EvaporationMethod::counted_standing,
            reason(counted, of_count, model, of_model), std::move(by_count), modelled->model};
}

CUSTFOLIO_INLINE std::vector<double> settling(const Matrix& history, std::size_t ahead) {
    constexpr std::array<std::size_t, 3> class_begins{2, 4, 7};  // ages in months; the first class is that of less
    constexpr std::size_t classes = class_begins.size() + 1;
    const auto class_of = [&](std::size_t age) {
        return static_cast<std::size_t>(std::upper_bound(class_begins.begin(), class_begins.end(), age) -
                                        class_begins.begin());
    };
    const std::size_t months = history.cols();
    std::array<double, classes> cases{};
    std::array<double, classes> expected{};
    std::array<double, classes> came{};
    const std::size_t first =
        std::max<std::size_t>(1, months > detail::recent_months ? months - detail::recent_months : 0);
    for (std::size_t i = 0; i < history.rows(); ++i) {
        const std::size_t began = detail::purchase_months(history, i, months).first;
        // A customer who bought in the first month of the history may have begun before it.
        if (began == 0) continue;
        for (std::size_t origin = std::max(first, began + 1); origin < std::min(months, began + detail::season_months);
             ++origin) {
            const std::size_t age = origin - began;
            double known = 0.0;
            double bought = 0.0;
            for (std::size_t t = began; t < origin; ++t) {
                known += history(i, t);
                bought += history(i, t) != 0.0;
            }
            // Irregular newcomers evaporate, and do not count here.
            if (bought < detail::regular_share * static_cast<double>(age)) continue;
            const std::size_t end = std::min(months, origin + ahead);
            double later = 0.0;
            for (std::size_t t = origin; t < end; ++t) later += history(i, t);
            const std::size_t kind = class_of(age);
            cases[kind] += 1.0;
            expected[kind] += known / static_cast<double>(age) * static_cast<double>(end - origin);
            came[kind] += later;
        }
    }
    std::vector<double> share(detail::season_months);
    for (std::size_t age = 0; age < share.size(); ++age) {
        const std::size_t kind = class_of(age);
        // Few cases are shrunk towards no change: the prior adds the same to both sums.
        const double prior = detail::prior_cases * expected[kind] / std::max(cases[kind], 1.0);
        const double whole = expected[kind] + prior;
        share[age] = whole > 0.0 ? std::max((came[kind] + prior) / whole, 0.0) : 1.0;
    }
    return share;
}

}  // namespace custfolio
