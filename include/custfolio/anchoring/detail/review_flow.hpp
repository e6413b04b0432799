// The exact placing of one manager's reviews: a minimum-cost flow from reviews through days and weeks.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace custfolio::detail {

/// Two levels of cost: first what is lost by leaving reviews out, then deviation.
struct FlowCost {
    std::int64_t lost = 0;       ///< Ranks of the values of the reviews left out.
    std::int64_t deviation = 0;  ///< Weighted days.
    friend auto operator<=>(const FlowCost&, const FlowCost&) = default;
    friend FlowCost operator+(FlowCost a, FlowCost b) { return {a.lost + b.lost, a.deviation + b.deviation}; }
    friend FlowCost operator-(FlowCost a, FlowCost b) { return {a.lost - b.lost, a.deviation - b.deviation}; }
};

/// A day on which a review can be.
struct FlowDay {
    std::int32_t day = 0;        ///< Position of the day.
    std::int64_t deviation = 0;  ///< Its weighted deviation.
};

/// A review, or a part of one.
struct FlowJob {
    std::int64_t rank = 1;          ///< Rank of its value, >= 1: the greater value has the greater rank.
    std::span<const FlowDay> days;  ///< Days on which it can be, increasing; their memory outlives the flow.
};

/// Marks a job without a day.
inline constexpr std::int32_t no_flow_day = -1;

/// Places jobs on days within the capacity of days and weeks: least rank lost, then least deviation.
///
/// Successive shortest paths with potentials: after each added job the placing of all jobs so far is optimal. Sets of
/// jobs that fit are the independent sets of a matroid, so the least rank lost is also the greatest value placed, for
/// any values in the order of the ranks. O(jobs x edges log days) at most.
class ReviewFlow {
  public:
    /// @param capacity jobs per day.
    /// @param week week of each day, from 0 without gaps.
    /// @param week_capacity jobs per week.
    ReviewFlow(std::vector<int> capacity, std::vector<std::int32_t> week, std::vector<int> week_capacity);

    /// Adds a job and restores the optimum.
    /// @param job the job.
    void add(const FlowJob& job);

    /// @return day of each job in the order added, or no_flow_day.
    [[nodiscard]] const std::vector<std::int32_t>& day() const { return day_; }

  private:
    friend class FurtherDays;
    struct Step {
        std::int32_t from = no_flow_day;  // node before, or none for the new job
        std::size_t job = 0;              // what moved to this day
        bool settled = false;
    };
    [[nodiscard]] bool is_week(std::size_t node) const { return node >= capacity_.size(); }
    [[nodiscard]] std::size_t week_node(std::size_t day) const {
        return capacity_.size() + static_cast<std::size_t>(week_[day]);
    }
    [[nodiscard]] bool day_has_room(std::size_t day) const {
        return static_cast<int>(on_[day].size()) < capacity_[day];
    }
    [[nodiscard]] bool week_has_room(std::size_t node) const {
        const std::size_t week = node - capacity_.size();
        return used_[week] < week_capacity_[week];
    }
    void move(std::size_t job, std::int32_t to);
    void augment(std::size_t node, std::span<const Step> steps);
    [[nodiscard]] std::int64_t deviation(std::size_t job, std::int32_t day) const;

    std::vector<int> capacity_;
    std::vector<std::int32_t> week_;
    std::vector<int> week_capacity_;
    std::vector<std::vector<std::size_t>> on_;       // jobs of each day
    std::vector<std::vector<std::size_t>> days_of_;  // days of each week
    std::vector<int> used_;                          // jobs of each week
    std::vector<FlowJob> jobs_;
    std::vector<std::int32_t> day_;        // day of each job
    std::vector<std::int64_t> deviation_;  // its deviation there
    std::vector<FlowCost> potential_;      // cost from a day or week to the end
};

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/detail/review_flow.ipp"
#endif
