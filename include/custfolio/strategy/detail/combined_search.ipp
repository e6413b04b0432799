// Definitions of the search by combining two lists of sets of moves.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/strategy/detail/combined_search.hpp"

namespace custfolio::detail {

// Limits of the search.
namespace combined_limits {
inline constexpr std::size_t keys = 4;       // with more rows fewer sets share a cell, and more cells are looked at
inline constexpr std::size_t moves = 4'000;  // in both halves; sets of dearer ones are beyond the lists
inline constexpr std::size_t all = 1'000;    // so few sets are all looked at
inline constexpr std::size_t cells = 3;      // of a row that are looked at from its bound on
inline constexpr double grain = 1e-13;       // of the value's spread: less is no better value
}  // namespace combined_limits

// A course that a customer may change to.
struct CombinedSearch::Move {
    std::size_t customer = 0;
    std::size_t position = 0;
    double loss = 0;                                     // below 0 where it loses less than the course before
    std::array<double, combined_limits::keys> change{};  // of the key rows
};

// Sets of moves, no two of one customer. Each is another set and one more move; the first is empty.
struct CombinedSearch::Half {
    struct Set {
        double loss = 0;
        double size = 0;  // of the losses of its moves
        std::array<double, combined_limits::keys> change{};
        std::uint32_t before = 0;
        std::uint32_t move = 0;
    };
    std::vector<Move> moves;
    std::vector<Set> sets;

    template <class Visit>
    void each_move(std::size_t set, Visit&& visitor) const {
        for (; set != 0; set = sets[set].before) visitor(moves[sets[set].move]);
    }
};

// The sets of a half by the cells of their changes.
struct CombinedSearch::Grid {
    Grid(const Half& half, std::size_t keys) : half_(half), keys_(keys) {
        const auto count = static_cast<double>(half.sets.size());
        const double per_row = std::max(std::pow(count, 1.0 / static_cast<double>(keys)), 1.0);
        for (std::size_t k = 0; k < keys; ++k) {
            double mean = 0;
            double square = 0;
            for (const Half::Set& set : half.sets) mean += set.change[k] / count;
            for (const Half::Set& set : half.sets) square += (set.change[k] - mean) * (set.change[k] - mean) / count;
            constexpr double deviations = 4;  // most sets lie within two on each side
            width_[k] = std::max(deviations * std::sqrt(square) / per_row, 1e-300);
        }
        while (buckets_ < half.sets.size()) buckets_ *= 2;
        begin_.assign(buckets_ + 1, 0);
        std::vector<std::size_t> bucket;
        for (const Half::Set& set : half.sets) {
            Cell cell{};
            for (std::size_t k = 0; k < keys; ++k) cell[k] = cell_of(k, set.change[k]);
            bucket.push_back(bucket_of(cell));
            ++begin_[bucket.back() + 1];
        }
        std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
        std::vector<std::size_t> next(begin_.begin(), begin_.end() - 1);
        order_.resize(half.sets.size());
        for (std::size_t s = 0; s < bucket.size(); ++s) order_[next[bucket[s]]++] = static_cast<std::uint32_t>(s);
    }

    // Visits all sets whose changes lie between bounds, and a few others. At most so many cells a row, from the start
    // on, which may be either bound.
    template <class Visit>
    void visit(const std::array<std::pair<double, double>, combined_limits::keys>& between, Visit&& visitor) const {
        if (half_.sets.size() <= combined_limits::all) {
            for (std::size_t s = 0; s < half_.sets.size(); ++s) visitor(static_cast<std::uint32_t>(s));
            return;
        }
        Cell first{};
        Cell cell{};
        std::array<std::int64_t, combined_limits::keys> step{};
        std::array<std::size_t, combined_limits::keys> count{}, at{};
        for (std::size_t k = 0; k < keys_; ++k) {
            first[k] = cell_of(k, between[k].first);
            const std::int64_t last = cell_of(k, between[k].second);
            step[k] = last < first[k] ? -1 : 1;
            count[k] = std::min(static_cast<std::size_t>(std::abs(last - first[k])) + 1, combined_limits::cells);
        }
        cell = first;
        while (true) {
            const std::size_t bucket = bucket_of(cell);
            for (std::size_t s = begin_[bucket]; s < begin_[bucket + 1]; ++s) visitor(order_[s]);
            std::size_t k = 0;
            for (; k < keys_; ++k) {
                cell[k] += step[k];
                if (++at[k] < count[k]) break;
                at[k] = 0;
                cell[k] = first[k];
            }
            if (k == keys_) return;
        }
    }

  private:
    using Cell = std::array<std::int64_t, combined_limits::keys>;
    [[nodiscard]] std::int64_t cell_of(std::size_t k, double change) const {
        constexpr double far = 1e15;
        return static_cast<std::int64_t>(std::floor(std::clamp(change / width_[k], -far, far)));
    }
    // Different cells may share a bucket; what is looked up is checked.
    [[nodiscard]] std::size_t bucket_of(const Cell& cell) const {
        std::uint64_t mixed = 0;
        for (std::size_t k = 0; k < keys_; ++k) {
            mixed = (mixed ^ static_cast<std::uint64_t>(cell[k])) * 0x9E3779B97F4A7C15U;
            mixed ^= mixed >> 29U;
        }
        return static_cast<std::size_t>(mixed) & (buckets_ - 1);
    }

    const Half& half_;
    std::size_t keys_;
    std::array<double, combined_limits::keys> width_{};
    std::size_t buckets_ = 1;
    std::vector<std::size_t> begin_;
    std::vector<std::uint32_t> order_;
};

CUSTFOLIO_INLINE CombinedSearch::CombinedSearch(const ChoiceInstance& instance, std::span<const double> prices,
                                                std::span<const double> loss, std::vector<std::size_t> base)
    : instance_(instance), prices_(prices), loss_(loss), base_(std::move(base)), usage_(instance.usage_of(base_)) {
    for (std::size_t i = 0; i < base_.size(); ++i) base_loss_ += loss[instance.problem.begin[i] + base_[i]];
    // The rows by what they cost now, then by what they may cost.
    others_ = instance.active;
    detail::stable_sort(others_, [&](std::size_t i, std::size_t k) {
        return std::pair(row_loss(i, usage_[i]), std::abs(prices[i]) * instance.spread[i]) >
               std::pair(row_loss(k, usage_[k]), std::abs(prices[k]) * instance.spread[k]);
    });
    const auto priced = [&](std::size_t r) { return prices[r] != 0; };
    while (keys_.size() < combined_limits::keys) {
        const auto next = std::find_if(others_.begin(), others_.end(), priced);
        if (next == others_.end()) break;
        keys_.push_back(*next);
        others_.erase(next);
    }
}

// What a row costs against the bound: what is left over at its price, or what is violated at its penalty.
CUSTFOLIO_INLINE double CombinedSearch::row_loss(std::size_t row, double usage) const {
    const double price = prices_[row];
    const double above = usage - instance_.upper[row];
    const double below = instance_.lower[row] - usage;
    if (above > 0) return (instance_.penalty_high[row] - std::max(price, 0.0)) * above;
    if (below > 0) return (instance_.penalty_low[row] + std::min(price, 0.0)) * below;
    if (price > 0) return price * -above;
    return price < 0 ? price * below : 0.0;
}

// The moves that may be in a better choice, cheapest first, by halves of the customers.
CUSTFOLIO_INLINE std::array<std::vector<CombinedSearch::Move>, 2> CombinedSearch::halves(double gap) const {
    const ColumnView<std::size_t>& begin = instance_.problem.begin;
    std::vector<Move> moves;
    for (std::size_t i = 0; i < instance_.customers; ++i) {
        const std::size_t from = begin[i] + base_[i];
        for (std::size_t c = begin[i]; c < begin[i + 1]; ++c) {
            const double more = loss_[c] - loss_[from];
            if (c != from && more < gap) moves.push_back({i, c - begin[i], more, {}});
        }
    }
    // A move that gains is no more likely than one that loses as much: both change the rows.
    const auto cheaper = [](const Move& a, const Move& b) {
        return std::tuple(std::abs(a.loss), a.customer, a.position) <
               std::tuple(std::abs(b.loss), b.customer, b.position);
    };
    if (moves.size() > combined_limits::moves) {
        const auto last = moves.begin() + static_cast<std::ptrdiff_t>(combined_limits::moves);
        std::nth_element(moves.begin(), last, moves.end(), cheaper);
        moves.erase(last, moves.end());
    }
    detail::sort(moves, cheaper);
    std::array<std::vector<Move>, 2> half;
    std::map<std::size_t, std::size_t> number;  // of the customers, by their cheapest moves
    for (Move& move : moves) {
        const std::size_t first = begin[move.customer];
        const double* to = instance_.usage_of(first + move.position);
        const double* from = instance_.usage_of(first + base_[move.customer]);
        for (std::size_t k = 0; k < keys_.size(); ++k) move.change[k] = to[keys_[k]] - from[keys_[k]];
        half[number.try_emplace(move.customer, number.size()).first->second % 2].push_back(move);
    }
    return half;
}

// The cheapest sets of moves: all that lose less than a limit, which is searched for.
CUSTFOLIO_INLINE CombinedSearch::Half CombinedSearch::list_sets(std::vector<Move> moves, double gap,
                                                                std::size_t sets) const {
    Half half{std::move(moves), {}};
    std::vector<std::size_t> customers;
    for (const Move& move : half.moves) customers.push_back(move.customer);
    detail::sort(customers);
    std::vector<bool> several;  // per move: whether its customer has another
    for (const Move& move : half.moves) {
        const auto [first, last] = std::equal_range(customers.begin(), customers.end(), move.customer);
        several.push_back(last - first > 1);
    }
    const auto fits = [&](std::uint32_t set, std::uint32_t move) {
        bool taken = false;
        half.each_move(set, [&](const Move& one) { taken = taken || one.customer == half.moves[move].customer; });
        return !taken;
    };
    // Lists all sets below a limit; false where there are too many.
    std::vector<std::pair<std::uint32_t, std::uint32_t>> way;  // sets, each with the next move to add
    const auto list = [&](double limit) {
        half.sets.assign(1, {});
        way.assign(1, {0, 0});
        while (!way.empty()) {
            const std::uint32_t from = way.back().first;
            const std::uint32_t m = way.back().second++;
            if (m >= half.moves.size() || half.sets[from].size + std::abs(half.moves[m].loss) >= limit) {
                way.pop_back();
                continue;
            }
            if (several[m] && !fits(from, m)) continue;
            if (half.sets.size() == sets) return false;
            Half::Set set = half.sets[from];
            set.loss += half.moves[m].loss;
            set.size += std::abs(half.moves[m].loss);
            for (std::size_t k = 0; k < keys_.size(); ++k) set.change[k] += half.moves[m].change[k];
            set.before = from;
            set.move = m;
            way.emplace_back(static_cast<std::uint32_t>(half.sets.size()), m + 1);
            half.sets.push_back(set);
        }
        return true;
    };
    // The logarithm of the number of sets grows about as the root of the limit: so is the next limit foreseen.
    constexpr std::size_t first = 12;
    constexpr double below = 0.9;
    const double wanted = std::log(static_cast<double>(sets));
    double low = 0;
    double high = half.moves.size() > first ? std::min(std::abs(half.moves[first].loss), gap) : gap;
    double limit = high;
    high = infinity;
    constexpr int steps = 12;
    for (int step = 0; step < steps; ++step) {
        if (!list(limit)) {
            high = limit;
            limit = (low + high) / 2;
            continue;
        }
        if (limit >= gap || 2 * half.sets.size() > sets) return half;
        low = limit;
        const double ratio = wanted / std::log(static_cast<double>(half.sets.size()) + 1.0);
        limit = std::min(below * limit * ratio * ratio, gap);
        if (!(limit > low * 1.05)) limit = std::min(low * 1.05, gap);
        if (limit >= high) limit = (low + high) / 2;
    }
    list(low);
    return half;
}

// The losses of the rows that are no keys, for two sets together; infinity as soon as they reach `most`.
CUSTFOLIO_INLINE double CombinedSearch::rest_loss(const Half& a, std::size_t i, const Half& b, std::size_t k,
                                                  double most) const {
    double sum = 0;
    for (const std::size_t r : others_) {
        double usage = usage_[r];
        const auto add = [&](const Move& move) {
            const std::size_t first = instance_.problem.begin[move.customer];
            usage += instance_.usage_of(first + move.position)[r] - instance_.usage_of(first + base_[move.customer])[r];
        };
        a.each_move(i, add);
        b.each_move(k, add);
        sum += row_loss(r, usage);
        if (!(sum < most)) return infinity;
    }
    return sum;
}

CUSTFOLIO_INLINE void CombinedSearch::improve(std::vector<std::size_t>& choice, bool& found, double bound,
                                              std::size_t sets) const {
    if (keys_.empty()) return;
    const double grain = combined_limits::grain * std::max(instance_.value_spread + instance_.greatest_penalty, 1e-300);
    // Without a choice all that the cheapest moves reach counts.
    const double gap = found ? bound - instance_.objective_of(choice) : instance_.value_spread;
    if (!(gap > grain)) return;
    auto [part, other] = halves(gap);
    const Half a = list_sets(std::move(part), gap, sets);
    const Half b = list_sets(std::move(other), gap, sets);
    const Grid grid(b, keys_.size());
    double least = gap - grain;
    std::pair<std::size_t, std::size_t> best{0, 0};
    bool better = false;
    for (std::size_t i = 0; i < a.sets.size(); ++i) {
        const Half::Set& first = a.sets[i];
        // A second set gains at most what the base loses.
        const double left = least - first.loss;
        if (!(left > 0)) continue;
        std::array<std::pair<double, double>, combined_limits::keys> between;
        for (std::size_t k = 0; k < keys_.size(); ++k) {
            const std::size_t r = keys_[k];
            const double full = prices_[r] > 0 ? instance_.upper[r] : instance_.lower[r];
            const double to = full - usage_[r] - first.change[k];
            between[k] = {to, to - left / prices_[r]};
        }
        grid.visit(between, [&](std::uint32_t s) {
            const Half::Set& second = b.sets[s];
            double sum = base_loss_ + first.loss + second.loss;
            for (std::size_t k = 0; k < keys_.size() && sum < least; ++k) {
                sum += row_loss(keys_[k], usage_[keys_[k]] + first.change[k] + second.change[k]);
            }
            if (!(sum < least)) return;
            sum += rest_loss(a, i, b, s, least - sum);
            if (!(sum < least)) return;
            least = sum;
            best = {i, s};
            better = true;
        });
    }
    if (!better) return;
    std::vector<std::size_t> next = base_;
    const auto take = [&](const Move& move) { next[move.customer] = move.position; };
    a.each_move(best.first, take);
    b.each_move(best.second, take);
    // The sums above are rounded: fresh ones decide.
    if (!instance_.keeps(instance_.usage_of(next))) return;
    if (found && instance_.objective_of(next) <= instance_.objective_of(choice)) return;
    choice = std::move(next);
    found = true;
}

}  // namespace custfolio::detail
