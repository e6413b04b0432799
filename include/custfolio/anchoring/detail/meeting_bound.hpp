// What managers who meet can place together at most.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/anchoring/availability.hpp"
#include "custfolio/anchoring/cadence.hpp"
#include "custfolio/anchoring/detail/review_search.hpp"

namespace custfolio::detail {

/// A manager who meets others: the diary before reviews are placed, and all reviews that need its time.
struct MeetingDiary {
    std::size_t manager = 0;             ///< Position of the manager.
    DayLimits limits{};                  ///< The diary.
    std::vector<std::size_t> reviews{};  ///< Positions of its reviews and of those where it comes along.
    std::vector<OpenReview> open{};      ///< The same reviews; each names its position in `reviews`.
};

/// A bound on the value of managers who meet, and the meetings that go with it.
struct MeetingBound {
    double value = 0;              ///< No agenda places more value.
    std::vector<double> chosen{};  ///< Per review: how often its managers placed it in the last steps, in [0, 1].
};

/// Bounds the value that managers who meet place together.
///
/// The value of a meeting is split over its two managers. Each manager places its reviews without regard to the
/// others. The sum of these values is a bound for every split (a Lagrangian decomposition). Subgradient steps of
/// Polyak's length move value from the manager who places a meeting to the one who does not. Deterministic.
/// @param reviews all reviews.
/// @param managers all managers.
/// @param diaries those who meet.
/// @param reached the value that a plan of these managers places, at most the bound.
/// @param threads upper bound on threads; 0: all cores. Any number gives the same bound.
/// @return the bound, at least `reached`; `chosen` is for meetings only. 5 to 100 flows per manager, fewer for more
/// reviews.
MeetingBound meeting_bound(std::span<const Review> reviews, std::span<const Manager> managers,
                           std::span<const MeetingDiary> diaries, double reached, unsigned threads);

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/detail/meeting_bound.ipp"
#endif
