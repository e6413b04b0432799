// Definitions of forecasts against outcomes by group.
#pragma once

#include <cmath>
#include <numeric>

#include "custfolio/config.hpp"
#include "custfolio/growth/calibration_groups.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/quantile.hpp"

namespace custfolio {

namespace detail {

/// Positions of groups, the most cases first, equal ones in their order.
CUSTFOLIO_INLINE std::vector<std::size_t> by_size(std::span<const std::size_t> cases) {
    std::vector<std::size_t> order(cases.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    // Groups with many cases are the most certain, so they come first.
    detail::stable_sort(order, [&](std::size_t a, std::size_t b) { return cases[a] > cases[b]; });
    return order;
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(BandPlace place) {
    switch (place) {
        case BandPlace::below:
            return "below";
        case BandPlace::inside:
            return "inside";
        case BandPlace::above:
            return "above";
    }
    throw InputError("band place " + std::to_string(static_cast<int>(place)) + " does not exist");
}

CUSTFOLIO_INLINE std::vector<double> recalibrated(std::span<const ReliabilityPoint> points,
                                                  std::span<const double> stated) {
    if (points.empty()) throw InputError("there is no point of a reliability diagram; at least one is needed");
    std::vector<double> result;
    result.reserve(stated.size());
    for (std::size_t k = 0; k < stated.size(); ++k) {
        const double x = stated[k];
        if (std::isnan(x)) throw InputError("probability at position " + std::to_string(k) + " is nan");
        // Between two points the recalibrated value is interpolated; beyond the ends it is that of the end.
        const auto above = detail::upper_bound(points, x, &ReliabilityPoint::stated);
        if (above == points.begin()) {
            result.push_back(points.front().recalibrated);
        } else if (above == points.end()) {
            result.push_back(points.back().recalibrated);
        } else {
            const ReliabilityPoint& from = *(above - 1);
            const double slope = (above->recalibrated - from.recalibrated) / (above->stated - from.stated);
            result.push_back(slope * (x - from.stated) + from.recalibrated);
        }
    }
    return result;
}

CUSTFOLIO_INLINE std::vector<GroupCalibration> calibration_by_group(std::span<const double> stated,
                                                                    std::span<const std::uint8_t> happened,
                                                                    const Encoding& group, double level) {
    detail::check_lengths(happened.size(), stated.size(), "happened");
    detail::check_lengths(group.codes.size(), stated.size(), "group");
    std::vector<std::size_t> cases(group.ids.size());
    std::vector<double> successes(group.ids.size());
    std::vector<math::CompensatedSum> sums(group.ids.size());
    for (std::size_t k = 0; k < stated.size(); ++k) {
        const auto g = static_cast<std::size_t>(group.codes[k]);
        // One pass over the cases: sums by group, by the group's code.
        ++cases[g];
        successes[g] += happened[k];
        sums[g] += stated[k];
    }
    // Small groups are shrunk towards the mean of all.
    const SuccessRates rates = success_rates(successes, std::vector<double>(cases.begin(), cases.end()), level);
    std::vector<GroupCalibration> groups;
    for (const std::size_t g : detail::by_size(cases)) {
        const auto n = static_cast<double>(cases[g]);
        groups.push_back({group.ids[g], cases[g], sums[g].value() / n, successes[g] / n, rates.rate[g], rates.lower[g],
                          rates.upper[g]});
    }
    return groups;
}

CUSTFOLIO_INLINE double GroupSuccess::rate(const std::string& name) const {
    const auto at = detail::lower_bound(group, name);
    // A group without history has the mean of all.
    if (at == group.end() || *at != name) return rates.mean;
    return rates.rate[static_cast<std::size_t>(at - group.begin())];
}

CUSTFOLIO_INLINE GroupSuccess success_rates(const Encoding& group, std::span<const CaseEnd> end, double level) {
    detail::check_lengths(end.size(), group.codes.size(), "end");
    GroupSuccess rates_of_groups;
    rates_of_groups.group = group.ids;
    rates_of_groups.cases.resize(group.ids.size());
    rates_of_groups.successes.resize(group.ids.size());
    for (std::size_t k = 0; k < end.size(); ++k) {
        const auto g = static_cast<std::size_t>(group.codes[k]);
        rates_of_groups.undecided += end[k] == CaseEnd::open ? 1U : 0U;
        rates_of_groups.cases[g] += end[k] == CaseEnd::open ? 0U : 1U;
        rates_of_groups.successes[g] += end[k] == CaseEnd::won ? 1U : 0U;
    }
    const std::vector<double> successes(rates_of_groups.successes.begin(), rates_of_groups.successes.end());
    const std::vector<double> cases(rates_of_groups.cases.begin(), rates_of_groups.cases.end());
    rates_of_groups.rates = success_rates(successes, cases, level);
    for (std::size_t g = 0; g < cases.size(); ++g) rates_of_groups.share.push_back(successes[g] / cases[g]);
    return rates_of_groups;
}

CUSTFOLIO_INLINE std::vector<AgePeriod> win_rate_by_age(std::span<const DayNumber> start,
                                                        std::span<const DayNumber> decided,
                                                        std::span<const CaseEnd> end, const AgeOptions& options) {
    if (options.period_days < 1) {
        throw InputError("period_days is " + std::to_string(options.period_days) + "; it must be at least 1");
    }
    detail::check_lengths(decided.size(), start.size(), "decided");
    detail::check_lengths(end.size(), start.size(), "end");
    // Without a day of the last look, the last decision is the latest day that is known.
    const DayNumber last = decided.empty() ? no_day : detail::max(decided);
    if (!options.seen && last == no_day) {
        throw InputError("no case has ended; pass as seen the day up to which the cases were seen");
    }
    std::vector<std::uint32_t> age(start.size());
    for (std::size_t k = 0; k < start.size(); ++k) {
        const DayNumber until = end[k] == CaseEnd::open ? options.seen.value_or(last) : decided[k];
        if (start[k] == no_day || until == no_day || until < start[k]) {
            const auto text = [](DayNumber day) { return day == no_day ? "no day" : day_text(day); };
            throw InputError("case in row " + std::to_string(k + 1) + ": it begins on " + text(start[k]) +
                             " and ends on " + text(until) + "; each case needs a start, and an end on or after it");
        }
        // Whole periods at risk: a case of less than one period has age 0.
        const std::int64_t days = std::int64_t{until} - start[k];
        age[k] = static_cast<std::uint32_t>(days / options.period_days);
    }
    return win_rate_by_age(age, end, options.level);
}

CUSTFOLIO_INLINE std::vector<Slippage> slippage(std::span<const DayNumber> planned, std::span<const DayNumber> actual,
                                                const Encoding& group) {
    detail::check_lengths(actual.size(), planned.size(), "actual");
    detail::check_lengths(group.codes.size(), planned.size(), "group");
    std::vector<std::vector<double>> days(group.ids.size());
    std::vector<std::size_t> rows(group.ids.size());
    bool any = false;
    for (std::size_t k = 0; k < planned.size(); ++k) {
        const auto g = static_cast<std::size_t>(group.codes[k]);
        ++rows[g];
        // Rows without both days are counted, but have no delay.
        if (planned[k] == no_day || actual[k] == no_day) continue;
        days[g].push_back(static_cast<double>(actual[k]) - static_cast<double>(planned[k]));
        any = true;
    }
    if (!any) throw InputError("no row has both the planned and the actual day");
    std::vector<Slippage> delays;
    for (const std::size_t g : detail::by_size(rows)) {
        constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
        std::vector<double>& late = days[g];
        Slippage& one = delays.emplace_back(
            Slippage{group.ids[g], late.size(), rows[g] - late.size(), nothing, nothing, nothing, nothing, nothing});
        if (late.empty()) continue;
        // Sorted once, for all three quantiles.
        detail::sort(late);
        const auto n = static_cast<double>(late.size());
        one.mean = std::accumulate(late.begin(), late.end(), 0.0) / n;
        one.p10 = math::quantile_of_sorted(late, 0.1);
        one.p50 = math::quantile_of_sorted(late, 0.5);
        one.p90 = math::quantile_of_sorted(late, 0.9);
        one.late = static_cast<double>(detail::count_if(late, [](double value) { return value > 0; })) / n;
    }
    return delays;
}

CUSTFOLIO_INLINE Coverage coverage(std::span<const double> actual, std::span<const double> low,
                                   std::span<const double> high) {
    detail::check_lengths(low.size(), actual.size(), "low");
    detail::check_lengths(high.size(), actual.size(), "high");
    if (actual.empty()) throw InputError("there is no outcome; at least one is needed");
    Coverage result;
    for (std::size_t k = 0; k < actual.size(); ++k) {
        const std::string row = ", row " + std::to_string(k + 1);
        require_finite(actual[k], "actual" + row);
        require_finite(low[k], "low" + row);
        require_finite(high[k], "high" + row);
        if (high[k] < low[k]) {
            throw InputError("band in row " + std::to_string(k + 1) + ": it begins at " + number_text(low[k]) +
                             " and ends at " + number_text(high[k]));
        }
        // The ends of a band belong to it.
        const BandPlace place = actual[k] < low[k]    ? BandPlace::below
                                : actual[k] > high[k] ? BandPlace::above
                                                      : BandPlace::inside;
        result.place.push_back(place);
        result.below += place == BandPlace::below ? 1U : 0U;
        result.inside += place == BandPlace::inside ? 1U : 0U;
        result.above += place == BandPlace::above ? 1U : 0U;
    }
    result.within = share_interval(static_cast<double>(result.inside), static_cast<double>(actual.size()), 0.9);
    return result;
}

}  // namespace custfolio
