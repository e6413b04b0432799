// Definitions of the bound on the value of managers who meet.
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "custfolio/anchoring/detail/manager_planner.hpp"
#include "custfolio/anchoring/detail/meeting_bound.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE MeetingBound meeting_bound(std::span<const Review> reviews, std::span<const Manager> managers,
                                            std::span<const MeetingDiary> diaries, double reached, unsigned threads) {
    // The value of each meeting for its own manager; the rest is for the one who comes along.
    std::vector<double> share;
    for (const Review& review : reviews) share.push_back(review.value / 2);
    std::vector<double> value(diaries.size());
    std::vector<std::vector<double>> placed(diaries.size());
    const auto sum_of = [&](const std::function<void(std::size_t, const ManagerPlanner&)>& solve) {
        math::parallel_for(0, diaries.size(), 1, threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t d = begin; d < end; ++d) {
                const MeetingDiary& diary = diaries[d];
                std::vector<Review> own;
                for (const std::size_t r : diary.reviews) {
                    own.push_back(reviews[r]);
                    if (reviews[r].second == no_second) continue;
                    own.back().value = reviews[r].manager == diary.manager ? share[r] : reviews[r].value - share[r];
                }
                solve(d, ManagerPlanner(own, diary.open, diary.limits, managers[diary.manager]));
            }
        });
        return std::accumulate(value.begin(), value.end(), 0.0);
    };

    std::size_t number = 1;
    for (const MeetingDiary& each : diaries) number += each.reviews.size();
    const std::size_t most_steps = std::clamp<std::size_t>(50'000 / number, 5, 100);
    constexpr int most_worse = 3;
    double least = std::numeric_limits<double>::max();
    std::vector<double> best = share;
    std::vector<double> chosen(reviews.size());
    double length = 1;
    int worse = 0;
    for (std::size_t step = 0; step < most_steps; ++step) {
        const double now = sum_of([&](std::size_t d, const ManagerPlanner& planner) {
            std::tie(value[d], placed[d]) = planner.relaxed_parts();
        });
        if (now < least) {
            least = now;
            best = share;
            worse = 0;
        } else if (++worse == most_worse) {
            length /= 2;
            worse = 0;
        }
        const double recent = std::max(0.1, 1 / static_cast<double>(step + 1));
        for (double& each : chosen) each *= 1 - recent;
        std::vector<double> direction(reviews.size());
        for (std::size_t d = 0; d < diaries.size(); ++d) {
            for (std::size_t k = 0; k < placed[d].size(); ++k) {
                const std::size_t r = diaries[d].reviews[k];
                if (reviews[r].second == no_second) continue;
                direction[r] += reviews[r].manager == diaries[d].manager ? placed[d][k] : -placed[d][k];
                chosen[r] += recent / 2 * placed[d][k];
            }
        }
        const double norm = std::inner_product(direction.begin(), direction.end(), direction.begin(), 0.0);
        if (!(norm > 0) || now <= reached) break;
        const double each_step = length * (now - reached) / norm;
        for (std::size_t r = 0; r < reviews.size(); ++r) {
            share[r] = std::clamp(share[r] - each_step * direction[r], 0.0, reviews[r].value);
        }
    }
    share = best;
    const double with_gaps =
        sum_of([&](std::size_t d, const ManagerPlanner& planner) { value[d] = planner.bound(1.0).first; });
    return {std::max(reached, std::min(least, with_gaps)), std::move(chosen)};
}

}  // namespace custfolio::detail
