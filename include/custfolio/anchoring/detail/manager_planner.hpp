// Plans the reviews of one manager: the exact flow, and the search where the flow is only a bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "custfolio/anchoring/cadence.hpp"
#include "custfolio/anchoring/detail/diary.hpp"
#include "custfolio/anchoring/detail/review_flow.hpp"
#include "custfolio/anchoring/detail/review_search.hpp"
#include "custfolio/anchoring/manager_result.hpp"

namespace custfolio::detail {

/// The plan of one manager.
class ManagerPlanner {
  public:
    /// @param reviews all reviews; they outlive the planner.
    /// @param open those of the manager.
    /// @param limits the manager's diary.
    /// @param manager the manager: its hours and reviews a day are those of a further day.
    ManagerPlanner(std::span<const Review> reviews, std::vector<OpenReview> open, DayLimits limits,
                   const Manager& manager);

    /// Plans.
    /// @param unit deviation of one day per value of 1.
    /// @param slack share by which deviation may rise for even days and short ways.
    /// @param km_per_point kilometres that weigh as much as one in the sum of squared reviews a day.
    /// @param start day of each review in another plan, or no_flow_day; empty: none. A search starts there, too.
    void plan(double unit, double slack, double km_per_point, std::span<const std::int32_t> start);

    /// @param unit deviation of one day per value of 1.
    /// @return the greatest value that any agenda places, and the least deviation of a simpler problem with that value.
    [[nodiscard]] std::pair<double, double> bound(double unit) const;

    /// @return the greatest value without least gaps, and the part of each review given that it places, in [0, 1].
    [[nodiscard]] std::pair<double, std::vector<double>> relaxed_parts() const;

    /// @return the reviews of the manager.
    [[nodiscard]] const std::vector<OpenReview>& open() const { return open_; }
    /// @return day of each review, or no_flow_day.
    [[nodiscard]] const std::vector<std::int32_t>& day() const { return day_; }
    /// @return the diary, without the reviews planned until they are booked in it.
    [[nodiscard]] const DayLimits& limits() const { return limits_; }
    /// Books an appointment in the diary.
    void book_in(const Appointment& appointment) { book(limits_, appointment); }
    /// @return value, bound and prices.
    [[nodiscard]] const ManagerResult& result() const { return result_; }

  private:
    using Windows = std::vector<std::vector<FlowDay>>;
    bool cut(std::span<const std::int32_t> day, Windows& windows) const;
    [[nodiscard]] std::vector<std::int32_t> keep_gaps(std::span<const int> capacity,
                                                      std::span<const std::int32_t> day) const;
    [[nodiscard]] ReviewFlow flow_of(std::span<const int> capacity) const;
    [[nodiscard]] double value_of(std::span<const std::int32_t> day) const;
    [[nodiscard]] double deviation_of(std::span<const std::int32_t> day) const;
    [[nodiscard]] std::vector<int> whole_capacity(int minutes) const;
    [[nodiscard]] std::vector<std::int32_t> search(std::span<const std::int32_t> start) const;
    [[nodiscard]] Windows windows() const;
    [[nodiscard]] std::vector<std::int32_t> none_placed() const {
        return std::vector<std::int32_t>(open_.size(), no_flow_day);
    }
    // An answer to a simpler problem: no agenda places more value.
    struct Relaxed {
        std::vector<std::pair<std::size_t, std::int32_t>> places;  // reviews, or parts of them, and their days
        double value = 0;
        double deviation = 0;
    };
    [[nodiscard]] std::vector<std::int32_t> whole_days(const Relaxed& relaxed) const;
    [[nodiscard]] Relaxed by_number(const Windows& windows, std::span<const int> capacity) const;
    [[nodiscard]] Relaxed by_parts(const Windows& windows) const;
    [[nodiscard]] bool branch(const Relaxed& relaxed, const Windows& windows, Windows& early, Windows& late) const;
    [[nodiscard]] std::pair<Relaxed, bool> with_gaps(const std::function<Relaxed(const Windows&)>& solve) const;
    [[nodiscard]] bool unlike() const;
    [[nodiscard]] int part_length() const;
    [[nodiscard]] bool parts_fit(std::span<const std::int32_t> day) const;
    [[nodiscard]] int length(bool longest) const;
    [[nodiscard]] std::vector<std::int32_t> better(std::vector<std::int32_t> one,
                                                   std::vector<std::int32_t> other) const;
    [[nodiscard]] std::vector<SearchJob> search_jobs() const;
    void even_out(double slack, double km_per_point);
    void price(ReviewFlow& flow);

    std::span<const Review> reviews_;
    std::vector<OpenReview> open_;
    DayLimits limits_;
    int per_day_;
    Hours hours_;
    std::vector<std::int64_t> rank_;
    std::vector<double> value_;
    std::vector<std::int32_t> day_;
    ManagerResult result_;
};

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/detail/manager_planner.ipp"
#endif
