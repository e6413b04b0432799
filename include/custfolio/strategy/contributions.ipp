// Definitions of the contributions of the steps to a plan.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/rounding.hpp"
#include "custfolio/portfolio/bucket.hpp"
#include "custfolio/strategy/contributions.hpp"
#include "custfolio/strategy/courses.hpp"

namespace custfolio {
namespace detail {

inline constexpr std::size_t players = action_sources.size();
inline constexpr std::size_t coalitions = 1U << players;

// A set of sources has the bit k where it has action_sources[k].
struct CoalitionSums {
    std::array<math::CompensatedSum, coalitions> level, heat;
};

inline std::size_t sources_of(const Course& course, bool prospect) {
    if (prospect) return course.month >= 0 ? 0b0100U : 0U;
    return (course.offer != Course::none ? 0b0001U : 0U) | (course.plans.empty() ? 0U : 0b0010U) |
           (course.overflow >= 0 ? 0b1000U : 0U);
}

// A course without the sources that are not in a set.
inline Course course_of(const Course& whole, bool prospect, std::size_t set) {
    Course course = whole;
    if (!prospect && (set & 0b0001U) == 0) {
        course.offer = Course::none;
        course.month = -1;
    }
    if ((set & 0b0010U) == 0) course.plans.clear();
    if ((set & 0b1000U) == 0) course.overflow = -1;
    return course;
}

// Shapley values of the four sources: the mean of what one adds over all orders in which they may come.
template <class Worth>
std::array<double, players> shapley(const Worth& worth) {
    constexpr std::array<double, players> weight{1.0 / 4, 1.0 / 12, 1.0 / 12, 1.0 / 4};  // by the number before it
    std::array<double, players> value{};
    for (std::size_t k = 0; k < players; ++k) {
        for (std::size_t set = 0; set < coalitions; ++set) {
            if ((set >> k & 1U) != 0) continue;
            value[k] += weight[static_cast<std::size_t>(std::popcount(set))] * (worth(set | 1U << k) - worth(set));
        }
    }
    return value;
}

// Parts in units that add up to a total. What the total was rounded by elsewhere goes to the largest part.
inline std::vector<std::int64_t> units_to_total(std::span<const double> parts, double unit, std::int64_t total) {
    std::vector<std::int64_t> units = math::largest_remainder_units(parts, unit);
    std::size_t largest = 0;
    for (std::size_t k = 0; k < parts.size(); ++k) {
        if (std::abs(parts[k]) > std::abs(parts[largest])) largest = k;
    }
    units[largest] += total - std::accumulate(units.begin(), units.end(), std::int64_t{0});
    return units;
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<Contribution> contributions(const Plan& plan, const PlanInputs& inputs, unsigned threads) {
    using detail::players;
    inputs.check(plan);
    const CourseModel model = inputs.model();
    const auto customers = [&](std::size_t begin, std::size_t end) {
        detail::CoalitionSums sums;
        CourseEffect effect;
        std::array<double, detail::coalitions> level{}, heat{};
        for (std::size_t i = begin; i < end; ++i) {
            const Course& course = plan.courses[i];
            const bool prospect = i >= model.customers();
            const std::size_t own = detail::sources_of(course, prospect);
            if (own == 0) continue;
            for (std::size_t set = 1; set < detail::coalitions; ++set) {
                // Other sources change nothing here, and the sets of own ones come first.
                if (set == (set & own)) {
                    model.effect(i, detail::course_of(course, prospect, set), effect);
                    level[set] = heat[set] = 0;
                    for (std::size_t m = 0; m < model.months(); ++m) {
                        level[set] += effect.level(m);
                        heat[set] += effect.heat(m);
                    }
                }
                sums.level[set] += level[set & own];
                sums.heat[set] += heat[set & own];
            }
        }
        return sums;
    };
    const auto both = [](detail::CoalitionSums left, const detail::CoalitionSums& right) {
        for (std::size_t set = 0; set < detail::coalitions; ++set) {
            left.level[set] += right.level[set].value();
            left.heat[set] += right.heat[set].value();
        }
        return left;
    };
    constexpr std::size_t grain = 4'096;
    const detail::CoalitionSums change = math::parallel_reduce(std::size_t{0}, plan.courses.size(), grain, threads,
                                                               detail::CoalitionSums(), customers, both);

    math::CompensatedSum level_without, heat_without, level, heat;
    for (const PlanMonth& month : plan.trajectory) {
        level_without += month.baseline_level;
        heat_without += month.baseline_heat;
        level += month.level;
        heat += month.heat;
    }
    const double unit = plan.budget.currency().unit();
    const auto parts_of = [&](const auto& sums, double rise) {
        const auto parts = detail::shapley([&](std::size_t set) { return sums[set].value(); });
        return detail::units_to_total(parts, unit, std::llround(rise / unit));
    };
    const std::vector<std::int64_t> level_parts = parts_of(change.level, level.value() - level_without.value());
    const std::vector<std::int64_t> heat_parts = parts_of(change.heat, heat.value() - heat_without.value());
    const auto temperature_at = [&](std::size_t set) {
        return temperature_of(level_without.value() + change.level[set].value(),
                              heat_without.value() + change.heat[set].value());
    };
    std::vector<Contribution> all{
        {Source::baseline, level_without.value(), heat_without.value(), temperature_at(0), 0}};
    const std::array<double, players> temperature = detail::shapley(temperature_at);
    for (std::size_t k = 0; k < players; ++k) {
        all.push_back({action_sources[k], math::from_units(level_parts[k], unit), math::from_units(heat_parts[k], unit),
                       temperature[k], 0});
    }
    // In hundredths of a percent, as temperatures are shown.
    constexpr double hundredth = 1e-4;
    const double planned = temperature_of(level.value(), heat.value());
    const bool known =
        std::isfinite(planned) && detail::all_of(temperature, [](double part) { return std::isfinite(part); });
    if (!known || std::abs(planned) > 1e6) {
        for (Contribution& one : all) {
            one.temperature = known ? one.temperature : std::numeric_limits<double>::quiet_NaN();
            one.percent = 100 * one.temperature;
        }
        return all;
    }
    const auto shown = [](double share) { return std::llrint(100 * (100 * share)); };
    const std::int64_t without = shown(all.front().temperature);
    const std::vector<std::int64_t> percent = detail::units_to_total(temperature, hundredth, shown(planned) - without);
    all.front().percent = math::from_units(without, 0.01);
    for (std::size_t k = 0; k < players; ++k) all[k + 1].percent = math::from_units(percent[k], 0.01);
    return all;
}

}  // namespace custfolio
