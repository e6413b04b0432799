// Placing of reviews where a flow is not exact: least gaps that bind, reviews of unlike length, and meetings of two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "custfolio/anchoring/availability.hpp"
#include "custfolio/anchoring/cadence.hpp"
#include "custfolio/anchoring/detail/free_time.hpp"
#include "custfolio/anchoring/detail/review_flow.hpp"

namespace custfolio::detail {

/// A review with the days on which it can be.
struct OpenReview {
    std::size_t review = 0;              ///< Position among the reviews given.
    std::size_t customer = 0;            ///< Number of its customer among those of the manager.
    const CustomerSite* site = nullptr;  ///< Its customer's days and place; null where not known.
    std::vector<FlowDay> days{};         ///< Days in its window.
};

/// A review as the search sees it.
struct SearchJob {
    std::span<const FlowDay> days;   ///< Days on which it can be.
    double value = 1;                ///< Its value, > 0.
    ReviewLength length{};           ///< Its length and part of the day.
    int least_gap = 1;               ///< Least days to another review of the customer.
    std::size_t customer = 0;        ///< Its customer.
    std::size_t manager = 0;         ///< Position of its manager.
    std::size_t second = no_second;  ///< Position of a manager who comes along.
};

/// What limits the reviews of one manager. All managers of a search have the same days and weeks.
struct DayLimits {
    std::vector<DayNumber> days;           ///< The working days.
    std::vector<int> room;                 ///< Reviews per working day.
    std::vector<std::int32_t> week;        ///< Week of each working day, from 0.
    std::vector<int> week_room;            ///< Reviews per week.
    std::vector<std::vector<Hours>> free;  ///< Free times per working day.
};

/// Where a review is.
struct ReviewPlace {
    std::int32_t day = no_flow_day;  ///< Position of the day; no_flow_day where it has none.
    int start = no_time;             ///< Start of a meeting of two managers, minutes after midnight; else no_time.
};

/// A local search: reviews come in, one other review may move or cheaper ones give way, and days are exchanged, as long
/// as the value rises, or the deviation falls at the same value. Deterministic.
class ReviewSearch {
  public:
    /// @param jobs the reviews; they outlive the search.
    /// @param limits limits of each manager; they outlive the search.
    ReviewSearch(std::span<const SearchJob> jobs, std::span<const DayLimits> limits);

    /// Places reviews on given days, the greatest value first, each where it fits.
    /// @param day day of each review, or no_flow_day.
    void start(std::span<const std::int32_t> day);

    /// Searches until nothing improves, at most 50 rounds.
    void improve();

    /// Takes reviews out around one without a place and fills up again, some hundred times; keeps what is not worse.
    /// Only where reviews are few. Draws are the same each time.
    /// @param least_left value without a place at which nothing better is possible.
    void shake(double least_left);

    /// What a day costs beside deviation, of the reviews on it.
    using DayCost = std::function<double(std::span<const std::size_t>)>;

    /// Moves and exchanges placed reviews as long as the costs of the days fall, at most 20 rounds. Then reviews
    /// without a place come in where others made room.
    /// @param most_deviation the sum of deviations stays at or below it.
    /// @param cost cost of a day.
    void even_out(std::int64_t most_deviation, const DayCost& cost);

    /// @return day of each review, or no_flow_day.
    [[nodiscard]] const std::vector<std::int32_t>& day() const { return day_; }
    /// @param job a review.
    /// @return its place.
    [[nodiscard]] ReviewPlace place(std::size_t job) const { return {day_[job], start_[job]}; }

  private:
    struct Move {
        const FlowDay* to = nullptr;
        std::size_t other = 0;
        const FlowDay* other_to = nullptr;
        std::int64_t deviation = 0;
    };
    [[nodiscard]] std::vector<std::size_t> too_near(std::size_t job, std::int32_t day) const;
    [[nodiscard]] bool fits(std::size_t job, std::int32_t day) const;
    [[nodiscard]] std::size_t slot(std::size_t manager, std::int32_t day) const {
        return manager * days_.size() + static_cast<std::size_t>(day);
    }
    [[nodiscard]] std::size_t week_of(std::size_t manager, std::int32_t day) const {
        return manager * weeks_ + static_cast<std::size_t>(limits_[0].week[static_cast<std::size_t>(day)]);
    }
    [[nodiscard]] bool week_is_full(std::size_t manager, std::int32_t day) const;
    [[nodiscard]] std::vector<Hours> free_of(std::size_t manager, std::int32_t day) const;
    [[nodiscard]] bool packs(std::size_t manager, std::int32_t day, std::span<const Hours> free,
                             std::vector<ReviewLength> reviews) const;
    [[nodiscard]] bool has_room(std::size_t job, std::int32_t day) const;
    [[nodiscard]] int start_on(std::size_t job, std::int32_t day) const;
    [[nodiscard]] const FlowDay* best_day(std::size_t job) const;
    [[nodiscard]] std::vector<std::size_t> in_the_way(std::size_t job, std::int32_t day) const;
    [[nodiscard]] std::int64_t deviation(std::size_t job) const;
    void put(std::size_t job, std::int32_t day);
    void put(std::size_t job, ReviewPlace place);
    ReviewPlace take(std::size_t job);
    Move best_exchange(std::size_t job, std::int64_t below);
    bool insert(std::size_t job);
    bool displace(std::size_t job);
    // Days around a day that a shake touches.
    static constexpr std::int32_t most_apart = 10;
    void refill(std::int32_t day);
    [[nodiscard]] std::pair<double, std::int64_t> order() const;
    bool nearer(std::size_t job);
    [[nodiscard]] std::vector<std::int32_t> best_days(std::span<const std::size_t> reviews) const;
    bool rearrange(std::span<const std::size_t> reviews);
    Move cheapest_days(std::size_t job, std::int64_t slack, const DayCost& cost);

    std::span<const SearchJob> jobs_;
    std::span<const DayLimits> limits_;
    std::span<const DayNumber> days_;
    std::size_t weeks_;
    std::vector<std::int32_t> day_;
    std::vector<int> start_;                                                   // of meetings of two
    std::vector<std::vector<std::size_t>> on_;                                 // reviews of each manager and day
    std::vector<int> used_;                                                    // reviews of each manager and week
    std::vector<std::set<std::pair<std::int32_t, std::size_t>>> of_customer_;  // placed reviews, by day
    std::vector<std::vector<std::size_t>> jobs_of_;  // all reviews of each customer, by their first day
    std::vector<DayNumber> widest_gap_;              // greatest least gap of each customer
    std::vector<std::size_t> by_value_;
};

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/detail/review_search.ipp"
#endif
