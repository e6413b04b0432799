// Definitions of the season and the trend of irregular customers.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/evaporation.ipp"
#include "custfolio/lifetime/month_index.hpp"

namespace custfolio {
namespace detail {

using Year = std::array<double, season_months>;
inline constexpr Year level_year{1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
inline constexpr std::size_t most_index_years = 5;
/// Largest squared error of an index over that of the next wider one with which it is kept.
inline constexpr double company_gain = 0.65;
inline constexpr double finer_gain = 0.95;
inline constexpr double trend_damping = 0.8;

/// Sums of a group by month, and what its customer-months with a purchase are like.
struct GroupMonths {
    std::vector<double> sum;
    double purchases = 0.0;
    double amount = 0.0;
    double square = 0.0;

    explicit GroupMonths(std::size_t months) : sum(months, 0.0) {}
    void add(std::span<const double> row) {
        for (std::size_t t = 0; t < row.size(); ++t) {
            if (row[t] == 0.0) continue;
            sum[t] += row[t];
            purchases += 1.0;
            amount += row[t];
            square += row[t] * row[t];
        }
    }
    /// Variance of a month's index by chance alone.
    [[nodiscard]] double noise() const {
        const double mean = amount / purchases;
        return square / purchases / (mean * mean) / (purchases / static_cast<double>(season_months));
    }
};

/// Mean ratio of each month of the year to the local mean, over the whole years at the end; nothing without a positive
/// mean of each.
CUSTFOLIO_INLINE std::optional<Year> raw_index(std::span<const double> sum, std::size_t first_place) {
    const std::size_t years = sum.size() / season_months;
    const std::size_t begin = sum.size() - years * season_months;
    std::vector<double> mean(years);
    for (std::size_t y = 0; y < years; ++y) {
        for (std::size_t m = 0; m < season_months; ++m) mean[y] += sum[begin + y * season_months + m] / season_months;
        if (!(mean[y] > 0.0)) return std::nullopt;
    }
    const double whole = std::accumulate(mean.begin(), mean.end(), 0.0) / static_cast<double>(years);
    // Linear between the middles of two years, and on at both ends.
    const auto local = [&](std::size_t t) {
        if (years == 1) return whole;
        const double place = (static_cast<double>(t) - 5.5) / season_months;
        const auto at = static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(years - 2)));
        const double line = mean[at] + (place - static_cast<double>(at)) * (mean[at + 1] - mean[at]);
        return std::max(line, whole / 4.0);
    };
    Year index{};
    double total = 0.0;
    for (std::size_t t = 0; t < years * season_months; ++t) {
        const double ratio = sum[begin + t] / local(t) / static_cast<double>(years);
        index[(first_place + begin + t) % season_months] += ratio;
        total += ratio / season_months;
    }
    if (!(total > 0.0)) return std::nullopt;
    for (double& factor : index) factor /= total;
    return index;
}

/// A group's index, shrunk towards that of the wider group.
CUSTFOLIO_INLINE Year shrunk_index(const GroupMonths& group, const Year& wider, std::size_t first_place) {
    if (!(group.amount > 0.0)) return wider;
    const std::optional<Year> raw = raw_index(group.sum, first_place);
    if (!raw) return wider;
    double distance = 0.0;
    for (std::size_t m = 0; m < season_months; ++m) {
        distance += ((*raw)[m] - wider[m]) * ((*raw)[m] - wider[m]) / (season_months - 1);
    }
    if (!(distance > 0.0)) return wider;
    const double weight = std::max(0.0, 1.0 - group.noise() / distance);
    Year index{};
    for (std::size_t m = 0; m < season_months; ++m) {
        index[m] = std::max(0.0, wider[m] + weight * ((*raw)[m] - wider[m]));
    }
    return index;
}

/// Squared error of a year's shape.
CUSTFOLIO_INLINE double shape_error(std::span<const double> year, const Year& index, std::size_t first_place) {
    const double mean = std::accumulate(year.begin(), year.end(), 0.0) / season_months;
    double error = 0.0;
    for (std::size_t m = 0; m < season_months; ++m) {
        const double difference = year[m] - mean * index[(first_place + m) % season_months];
        error += difference * difference;
    }
    return error;
}

/// Sums of groups over the months from `begin` to before `end`.
CUSTFOLIO_INLINE std::vector<GroupMonths> group_months(const Matrix& history, std::span<const std::int32_t> group,
                                                       std::size_t groups, std::size_t begin, std::size_t end) {
    std::vector<GroupMonths> sums(groups, GroupMonths(end - begin));
    for (std::size_t i = 0; i < history.rows(); ++i) {
        if (!group.empty() && group[i] < 0) continue;
        sums[group.empty() ? 0 : static_cast<std::size_t>(group[i])].add(history.row(i).subspan(begin, end - begin));
    }
    return sums;
}

/// Indices of groups and of the wider groups that they belong to.
struct IndexLevel {
    std::vector<std::int32_t> group;  ///< Per customer; -1: none. Empty: one for all.
    std::size_t groups = 1;
    std::vector<Year> index;
};

/// Indices of finer groups from the months between `begin` and `end`.
CUSTFOLIO_INLINE std::vector<Year> finer_indices(const Matrix& history, const IndexLevel& finer,
                                                 std::span<const Year> wider, std::size_t begin, std::size_t end) {
    const std::vector<GroupMonths> sums = group_months(history, finer.group, finer.groups, begin, end);
    std::vector<Year> indices;
    indices.reserve(finer.groups);
    for (std::size_t g = 0; g < finer.groups; ++g) indices.push_back(shrunk_index(sums[g], wider[g], begin));
    return indices;
}

/// Squared error over the last year of indices of groups.
CUSTFOLIO_INLINE double last_year_error(const Matrix& history, const IndexLevel& level, std::span<const Year> indices) {
    const std::size_t begin = history.cols() - season_months;
    const std::vector<GroupMonths> sums = group_months(history, level.group, level.groups, begin, history.cols());
    double error = 0.0;
    for (std::size_t g = 0; g < level.groups; ++g) error += shape_error(sums[g].sum, indices[g], begin);
    return error;
}

/// The wider index of each finer group.
CUSTFOLIO_INLINE std::vector<Year> widened(const IndexLevel& finer, const IndexLevel& wider,
                                           std::span<const Year> of_wider) {
    std::vector<Year> indices(finer.groups, of_wider.front());
    if (wider.group.empty()) return indices;
    for (std::size_t i = 0; i < finer.group.size(); ++i) {
        if (finer.group[i] >= 0 && wider.group[i] >= 0) {
            indices[static_cast<std::size_t>(finer.group[i])] = of_wider[static_cast<std::size_t>(wider.group[i])];
        }
    }
    return indices;
}

/// A finer level of indices; nothing where it does not foresee the last year better.
CUSTFOLIO_INLINE bool refine(const Matrix& history, std::size_t begin, IndexLevel finer, double gain,
                             std::vector<Year>& before, IndexLevel& kept) {
    const std::size_t cut = history.cols() - season_months;
    const std::vector<Year> wider_before = widened(finer, kept, before);
    std::vector<Year> finer_before = finer_indices(history, finer, wider_before, begin, cut);
    const double error = last_year_error(history, finer, finer_before);
    if (!(error < gain * last_year_error(history, finer, wider_before))) return false;
    finer.index = finer_indices(history, finer, widened(finer, kept, kept.index), begin, history.cols());
    before = std::move(finer_before);
    kept = std::move(finer);
    return true;
}

}  // namespace detail

CUSTFOLIO_INLINE double MonthIndex::mean(std::size_t customer, std::size_t first, std::size_t last) const {
    if (!known() || first >= last) return 1.0;
    double sum = 0.0;
    for (std::size_t t = first; t < last; ++t) sum += of(customer, t);
    return sum / static_cast<double>(last - first);
}

CUSTFOLIO_INLINE MonthIndex month_index(const Matrix& history, std::span<const std::int32_t> segment) {
    MonthIndex result;
    const std::size_t years = std::min(history.cols() / detail::season_months, detail::most_index_years);
    if (years < 2) {
        result.reason = "no season: there are less than two whole years";
        return result;
    }
    const std::size_t begin = history.cols() - years * detail::season_months;
    // Whole years before the last one: what was known then.
    std::vector<detail::Year> before{detail::level_year};
    detail::IndexLevel kept{{}, 1, {detail::level_year}};
    if (!detail::refine(history, begin, {{}, 1, {}}, detail::company_gain, before, kept)) {
        result.reason = "no season: the months of earlier years do not foresee those of the last year";
        return result;
    }
    result.reason = "the company's";
    result.company.assign(kept.index.front().begin(), kept.index.front().end());
    if (!segment.empty()) {
        const std::int32_t highest = *std::max_element(segment.begin(), segment.end());
        detail::IndexLevel segments{{segment.begin(), segment.end()}, static_cast<std::size_t>(highest + 1), {}};
        if (highest > 0 && detail::refine(history, begin, std::move(segments), detail::finer_gain, before, kept)) {
            result.reason = "each segment's";
        }
    }
    detail::IndexLevel own{std::vector<std::int32_t>(history.rows()), history.rows(), {}};
    std::iota(own.group.begin(), own.group.end(), 0);
    if (detail::refine(history, begin, std::move(own), detail::finer_gain, before, kept)) {
        result.reason = "each customer's own";
    }
    result.reason = "irregular customers have a season: " + result.reason + " index of the month from " +
                    std::to_string(years) + " years";
    // A customer without a segment has the company's index.
    result.group = std::move(kept.group);
    if (std::find(result.group.begin(), result.group.end(), -1) != result.group.end()) {
        kept.index.emplace_back();
        std::copy(result.company.begin(), result.company.end(), kept.index.back().begin());
        std::replace(result.group.begin(), result.group.end(), -1, static_cast<std::int32_t>(kept.index.size() - 1));
    }
    result.factor = Matrix(kept.index.size(), detail::season_months);
    for (std::size_t g = 0; g < kept.index.size(); ++g) {
        std::copy(kept.index[g].begin(), kept.index[g].end(), result.factor.row(g).begin());
    }
    return result;
}

namespace detail {

/// What an irregular customer's months with a purchase of the last two years were like.
struct UsualAmount {
    double mean = 0.0;
    double second = 0.0;  ///< Mean square.
};

CUSTFOLIO_INLINE UsualAmount usual_amount(const Matrix& history, std::size_t customer, std::size_t months) {
    double active = 0.0;
    UsualAmount amount;
    for (std::size_t t = months > recent_months ? months - recent_months : 0; t < months; ++t) {
        active += history(customer, t) != 0.0;
        amount.mean += history(customer, t);
        amount.second += history(customer, t) * history(customer, t);
    }
    amount.mean /= std::max(active, 1.0);
    amount.second /= std::max(active, 1.0);
    return amount;
}

/// The factor of a month ahead on a chance that was found from months with a season of their own: chances of customers
/// whose months since the first purchase were mostly high ones are too high.
CUSTFOLIO_INLINE double season_factor(const MonthIndex& index, std::size_t customer, std::size_t first,
                                      std::size_t months, std::size_t month) {
    constexpr double least_exposure = 0.25;
    return index.of(customer, month) / std::max(index.mean(customer, first + 1, months), least_exposure);
}

/// What came over what was foreseen in the year after a month.
struct YearRatio {
    double purchases = 1.0;
    double amount = 1.0;
};

/// Chances of the year after a month.
CUSTFOLIO_INLINE Matrix year_chances(const Matrix& history, std::size_t cut, EvaporationMethod method) {
    std::optional<ModelledEvaporation> modelled;
    if (method == EvaporationMethod::bg_bb) modelled = evaporation_by_model(history, cut, season_months);
    return modelled ? std::move(modelled->chance) : evaporation_by_standing(history, cut, season_months);
}

CUSTFOLIO_INLINE YearRatio year_ratio(const Matrix& history, std::size_t cut, const MonthIndex& index,
                                      const Matrix& chance) {
    double foreseen = 0.0;
    double level = 0.0;
    double came = 0.0;
    double revenue = 0.0;
    for (std::size_t i = 0; i < history.rows(); ++i) {
        if (!standing_of(history, i, cut).irregular) continue;
        const std::size_t first = purchase_months(history, i, cut).first;
        const double mean = usual_amount(history, i, cut).mean;
        for (std::size_t h = 0; h < season_months; ++h) {
            const double buys = chance(i, h) * season_factor(index, i, first, cut, cut + h);
            foreseen += buys;
            level += buys * mean;
            came += history(i, cut + h) != 0.0;
            revenue += history(i, cut + h);
        }
    }
    YearRatio ratio;
    if (!(foreseen > 0.0) || !(came > 0.0)) return ratio;
    ratio.purchases = came / foreseen;
    if (level > 0.0 && revenue > 0.0) ratio.amount = revenue / came / (level / foreseen);
    return ratio;
}

/// A ratio after damping; 1 where that of the year before would not have improved it.
CUSTFOLIO_INLINE double kept_ratio(double last, double before) {
    const double trend = trend_damping * std::log(last);
    if (!(std::abs(std::log(last) - trend_damping * std::log(before)) < std::abs(std::log(last)))) return 1.0;
    return std::clamp(std::exp(trend), 0.5, 2.0);
}

}  // namespace detail

CUSTFOLIO_INLINE double PurchaseTrend::factor(double ratio, std::size_t ahead) {
    // From the middle of the last two years to the middle of a year ahead, where the ratio was seen.
    constexpr double to_middle = 12.0;
    constexpr double middle = 6.5;
    const double distance = static_cast<double>(std::min(ahead, detail::season_months));
    return std::pow(ratio, (to_middle + distance) / (to_middle + middle));
}

CUSTFOLIO_INLINE PurchaseTrend purchase_trend(const Matrix& history, const MonthIndex& index,
                                              const Evaporation& evaporation) {
    const std::size_t months = history.cols();
    if (months < 3 * detail::season_months) return {};
    const std::size_t cut = months - detail::season_months;
    const std::size_t before = cut - detail::season_months;
    const detail::YearRatio last = detail::year_ratio(
        history, cut, index,
        evaporation.last_year ? *evaporation.last_year : detail::year_chances(history, cut, evaporation.method));
    const detail::YearRatio earlier =
        detail::year_ratio(history, before, index, detail::year_chances(history, before, evaporation.method));
    return {detail::kept_ratio(last.purchases, earlier.purchases), detail::kept_ratio(last.amount, earlier.amount)};
}

}  // namespace custfolio
