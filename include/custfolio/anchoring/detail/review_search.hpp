// Placing of reviews where a flow is not exact: least gaps that bind, and reviews of unlike length in one day.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "custfolio/anchoring/availability.hpp"
#include "custfolio/anchoring/detail/free_time.hpp"
#include "custfolio/anchoring/detail/review_flow.hpp"

namespace custfolio::detail {

/// A review as the search sees it.
struct SearchJob {
    std::span<const FlowDay> days;  ///< Days on which it can be.
    double value = 1;               ///< Its value, > 0.
    ReviewLength length{};          ///< Its length and part of the day.
    int least_gap = 1;              ///< Least days to another review of the customer.
    std::size_t customer = 0;       ///< Its customer.
};

/// What limits the reviews of one manager.
struct DayLimits {
    std::vector<DayNumber> days;           ///< The working days.
    std::vector<int> room;                 ///< Reviews per working day.
    std::vector<std::int32_t> week;        ///< Week of each working day, from 0.
    std::vector<int> week_room;            ///< Reviews per week.
    std::vector<std::vector<Hours>> free;  ///< Free times per working day.
};

/// A local search: reviews come in, one other review may move or cheaper ones give way, and days are exchanged, as long
/// as the value rises, or the deviation falls at the same value. Deterministic.
class ReviewSearch {
  public:
    /// @param jobs the reviews; they outlive the search.
    /// @param limits the manager's limits; they outlive the search.
    ReviewSearch(std::span<const SearchJob> jobs, const DayLimits& limits);

    /// Places reviews on given days, the greatest value first, each where it fits.
    /// @param day day of each review, or no_flow_day.
    void start(std::span<const std::int32_t> day);

    /// Searches until nothing improves, at most 50 rounds.
    void improve();

    /// Puts each review without a place on each of its days, in place of all that are in the way, and improves again;
    /// keeps what is better. Only where reviews are few, since each trial is a search of its own.
    void force();

    /// What a day costs beside deviation, of the reviews on it.
    using DayCost = std::function<double(std::span<const std::size_t>)>;

    /// Moves and exchanges placed reviews as long as the costs of the days fall, at most 20 rounds. Then reviews
    /// without a place come in where others made room.
    /// @param most_deviation the sum of deviations stays at or below it.
    /// @param cost cost of a day.
    void even_out(std::int64_t most_deviation, const DayCost& cost);

    /// @return day of each review, or no_flow_day.
    [[nodiscard]] const std::vector<std::int32_t>& day() const { return day_; }

  private:
    struct Move {
        const FlowDay* to = nullptr;
        std::size_t other = 0;
        const FlowDay* other_to = nullptr;
        std::int64_t deviation = 0;
    };
    [[nodiscard]] std::vector<std::size_t> too_near(std::size_t job, std::int32_t day) const;
    [[nodiscard]] bool fits(std::size_t job, std::int32_t day) const;
    [[nodiscard]] bool room_for(std::size_t job, std::size_t day) const;
    [[nodiscard]] const FlowDay* best_day(std::size_t job) const;
    [[nodiscard]] std::vector<std::size_t> in_the_way(std::size_t job, std::int32_t day) const;
    [[nodiscard]] std::int64_t deviation(std::size_t job) const;
    void put(std::size_t job, std::int32_t day);
    void take(std::size_t job);
    Move best_exchange(std::size_t job, std::int64_t below);
    bool insert(std::size_t job);
    bool displace(std::size_t job);
    bool force(std::size_t job);
    [[nodiscard]] std::pair<double, std::int64_t> order() const;
    bool nearer(std::size_t job);
    Move cheapest_days(std::size_t job, std::int64_t slack, const DayCost& cost);

    std::span<const SearchJob> jobs_;
    const DayLimits& limits_;
    std::vector<std::int32_t> day_;
    std::vector<std::vector<std::size_t>> on_;                                 // reviews of each day
    std::vector<std::set<std::pair<std::int32_t, std::size_t>>> of_customer_;  // placed reviews, by day
    std::vector<DayNumber> widest_gap_;                                        // greatest least gap of each customer
    std::vector<int> used_;                                                    // reviews of each week
    std::vector<std::size_t> by_value_;
};

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/detail/review_search.ipp"
#endif
