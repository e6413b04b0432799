// The days that a manager needs beyond those of the agenda, and what the first of them brings.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <vector>

#include "custfolio/anchoring/detail/review_flow.hpp"

namespace custfolio::detail {

/// What further days bring.
struct Further {
    std::int32_t first = no_flow_day;  ///< Position of the first one; no_flow_day where no job needs one.
    double value = 0;                  ///< Value of the jobs that the first one places.
    int days = 0;                      ///< Days after which all jobs that can be placed have a place.
};

/// Adds days to a placing, one after the other, until all jobs that can be placed have a place.
///
/// Each day is added where one more job is worth most, to the first such day, and takes the jobs of greatest value.
/// Counts of the jobs that can move from each day to each other one replace the jobs in all searches for room. O(days x
/// widest window) per job that is placed.
class FurtherDays {
  public:
    /// @param flow a flow with all its jobs; changed.
    /// @param value value of each job; outlives the object.
    FurtherDays(ReviewFlow& flow, std::span<const double> value);

    /// Adds the days.
    /// @param per_day jobs per further day, > 0.
    /// @return what they bring.
    Further add(int per_day);

  private:
    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
    [[nodiscard]] int& movable(std::size_t from, std::size_t to) {
        return movable_[from * (2 * widest_ + 1) + to + widest_ - from];
    }
    [[nodiscard]] std::size_t first_near(std::size_t day) const { return day - std::min(day, widest_); }
    [[nodiscard]] std::size_t end_near(std::size_t day) const { return std::min(days_, day + widest_ + 1); }
    [[nodiscard]] std::span<const std::size_t> same_week(std::size_t day) const {
        return flow_.days_of_[static_cast<std::size_t>(flow_.week_[day])];
    }
    void count(std::size_t job, int change);
    void move(std::size_t job, std::int32_t to);
    void want(std::size_t job, int change);
    [[nodiscard]] std::size_t one_to(std::size_t from, std::size_t to) const;
    std::size_t best_day();
    void find_ways(std::size_t day);
    bool place(std::size_t job);

    ReviewFlow& flow_;
    std::span<const double> value_;
    std::size_t days_;
    std::size_t widest_ = 0;         // greatest distance of two days of one job
    std::list<std::size_t> left_;    // jobs without a day, the greatest value first
    std::vector<int> wanted_;        // jobs of the greatest value that can be on each day
    std::vector<int> movable_;       // jobs on each day that can move to each other day
    std::vector<std::size_t> next_;  // the next day on a way to room; the day itself where it has room
};

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/detail/further_days.ipp"
#endif
