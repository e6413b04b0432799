// Definitions of repair, exchange and exact search.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/integer_search.hpp"

namespace custfolio::detail {

inline constexpr std::size_t everybody = static_cast<std::size_t>(-1);

CUSTFOLIO_INLINE ChoiceSearch::ChoiceSearch(const ChoiceInstance& instance, std::span<const double> prices,
                                            bool with_values)
    : instance_(&instance),
      prices_(prices.begin(), prices.end()),
      with_values_(with_values),
      loss_(instance.problem.begin.back()),
      best_(instance.customers) {
    const Response response = respond(instance, prices_, with_values);
    best_ = response.choice;
    math::parallel_for(0, instance.groups(), 1, instance.threads, [&](std::size_t b, std::size_t e) {
        for (std::size_t i = instance.group[b]; i < instance.group[e]; ++i) {
            const std::size_t first = instance.problem.begin[i];
            const std::size_t best = first + best_[i];
            const auto worth = [&](std::size_t c) {
                double sum = with_values ? instance.problem.value[c] : 0.0;
                for (std::size_t r = 0; r < instance.rows; ++r) sum -= prices_[r] * instance.usage_of(c)[r];
                return sum;
            };
            const double most = worth(best);
            for (std::size_t c = first; c < instance.problem.begin[i + 1]; ++c) {
                loss_[c] = c == best ? 0.0 : std::max(most - worth(c), 0.0);
            }
        }
    });
}

CUSTFOLIO_INLINE double ChoiceSearch::value_at(std::size_t customer, std::size_t position) const {
    return with_values_ ? instance_->problem.value[instance_->problem.begin[customer] + position] : 0.0;
}

// The `size` cheapest moves at the prices, and the best course of each of their customers.
CUSTFOLIO_INLINE std::vector<ChoiceSearch::Move> ChoiceSearch::core(std::span<const std::size_t> choice,
                                                                    std::size_t size) const {
    const ChoiceProblem& problem = instance_->problem;
    std::vector<Move> moves;
    double cutoff = std::numeric_limits<double>::infinity();
    const std::size_t others = loss_.size() - instance_->customers;
    if (others > size) {
        std::vector<double> losses;
        losses.reserve(others);
        for (std::size_t i = 0; i < instance_->customers; ++i) {
            for (std::size_t c = problem.begin[i]; c < problem.begin[i + 1]; ++c) {
                if (c - problem.begin[i] != best_[i]) losses.push_back(loss_[c]);
            }
        }
        const auto nth = losses.begin() + static_cast<std::ptrdiff_t>(size);
        std::nth_element(losses.begin(), nth, losses.end());
        cutoff = *nth;
    }
    // Ties at the cutoff are cut off in the order of the customers, so that the core never outgrows its size.
    std::size_t taken = 0;
    std::size_t strictly = 0;
    for (std::size_t i = 0; i < instance_->customers; ++i) {
        for (std::size_t c = problem.begin[i]; c < problem.begin[i + 1]; ++c) {
            if (c - problem.begin[i] != best_[i] && loss_[c] < cutoff) ++strictly;
        }
    }
    for (std::size_t i = 0; i < instance_->customers; ++i) {
        bool mine = choice[i] != best_[i];
        for (std::size_t c = problem.begin[i]; c < problem.begin[i + 1]; ++c) {
            const std::size_t position = c - problem.begin[i];
            if (position == best_[i] || loss_[c] > cutoff) continue;
            if (loss_[c] == cutoff && strictly + taken >= size) continue;
            if (loss_[c] == cutoff) ++taken;
            moves.push_back({i, position, loss_[c]});
            mine = true;
        }
        if (mine) moves.push_back({i, best_[i], 0.0});
    }
    std::stable_sort(moves.begin(), moves.end(), [](const Move& a, const Move& b) { return a.loss < b.loss; });
    return moves;
}

CUSTFOLIO_INLINE void ChoiceSearch::measure(const std::vector<Move>& moves, std::span<const std::size_t> choice,
                                            std::size_t only_customer) {
    const std::size_t rows = instance_->rows;
    change_.resize(moves.size() * rows);
    gain_.resize(moves.size());
    for (std::size_t k = 0; k < moves.size(); ++k) {
        const std::size_t i = moves[k].customer;
        if (only_customer != everybody && i != only_customer) continue;
        const std::size_t first = instance_->problem.begin[i];
        const double* to = instance_->usage_of(first + moves[k].position);
        const double* from = instance_->usage_of(first + choice[i]);
        for (std::size_t r = 0; r < rows; ++r) change_[k * rows + r] = to[r] - from[r];
        gain_[k] = value_at(i, moves[k].position) - value_at(i, choice[i]);
    }
}

CUSTFOLIO_INLINE double ChoiceSearch::violation(std::span<const double> usage) const {
    return violation_after(usage, nullptr, nullptr);
}

CUSTFOLIO_INLINE double ChoiceSearch::violation_after(std::span<const double> usage, const double* first,
                                                      const double* second) const {
    double sum = 0;
    for (const std::size_t r : instance_->active) {
        double at = usage[r];
        if (first != nullptr) at += first[r];
        if (second != nullptr) at += second[r];
        if (at < instance_->lower[r]) {
            sum += (instance_->lower[r] - at) / instance_->unit_low[r];
        } else if (at > instance_->upper[r]) {
            sum += (at - instance_->upper[r]) / instance_->unit_high[r];
        }
    }
    return sum;
}

CUSTFOLIO_INLINE bool ChoiceSearch::kept_after(std::span<const double> usage, const double* first,
                                               const double* second) const {
    for (const std::size_t r : instance_->active) {
        double at = usage[r] + first[r];
        if (second != nullptr) at += second[r];
        if (at < instance_->lower[r] || at > instance_->upper[r]) return false;
    }
    return true;
}

CUSTFOLIO_INLINE bool ChoiceSearch::repair(std::vector<std::size_t>& choice) {
    constexpr std::size_t first_core = 4'000;
    constexpr std::size_t greatest_core = 400'000;
    constexpr std::size_t exchanges = 500;
    const std::size_t rows = instance_->rows;
    std::size_t size = first_core;
    std::vector<Move> moves = core(choice, size);
    measure(moves, choice, everybody);
    std::vector<double> usage = instance_->usage_of(choice);
    const double floor_of_loss = 1e-9 * std::max(instance_->value_spread, 1e-300);
    const std::size_t patience = 200 + 20 * rows + 2 * instance_->customers;
    const auto apply = [&](const Move& move) {
        choice[move.customer] = move.position;
        measure(moves, choice, move.customer);
    };
    for (std::size_t step = 0; step < patience; ++step) {
        const double now = violation(usage);
        if (now <= 0) return true;
        const double least = 1e-12 * now;
        std::size_t chosen = everybody;
        std::size_t partner = everybody;
        double best = 0;
        for (std::size_t k = 0; k < moves.size(); ++k) {
            const std::size_t i = moves[k].customer;
            if (moves[k].position == choice[i]) continue;
            const double relief = now - violation_after(usage, change_.data() + k * rows, nullptr);
            if (relief <= least) continue;
            const double loss = moves[k].loss - loss_[instance_->problem.begin[i] + choice[i]];
            const double score = with_values_ ? relief / (std::max(loss, 0.0) + floor_of_loss) : relief;
            if (score > best) {
                best = score;
                chosen = k;
            }
        }
        if (chosen == everybody) {
            const std::size_t end = std::min(moves.size(), exchanges);
            for (std::size_t a = 0; a < end; ++a) {
                for (std::size_t b = a + 1; b < end; ++b) {
                    if (moves[a].customer == moves[b].customer) continue;
                    const double relief =
                        now - violation_after(usage, change_.data() + a * rows, change_.data() + b * rows);
                    if (relief > std::max(best, least)) {
                        best = relief;
                        chosen = a;
                        partner = b;
                    }
                }
            }
        }
        if (chosen == everybody) {
            if (moves.size() >= loss_.size() || size >= greatest_core) return false;
            size *= 10;
            moves = core(choice, size);
            measure(moves, choice, everybody);
            continue;
        }
        const Move first = moves[chosen];
        const Move second = partner == everybody ? first : moves[partner];
        apply(first);
        if (partner != everybody) apply(second);
        usage = instance_->usage_of(choice);
    }
    return false;
}

CUSTFOLIO_INLINE void ChoiceSearch::improve(std::vector<std::size_t>& choice) {
    constexpr std::size_t core_size = 4'000;
    constexpr std::size_t exchanges = 700;
    constexpr int passes = 8;
    const std::size_t rows = instance_->rows;
    const std::vector<Move> moves = core(choice, core_size);
    measure(moves, choice, everybody);
    std::vector<double> usage = instance_->usage_of(choice);
    std::vector<std::vector<std::size_t>> of_customer;  // only the moves of a changed customer are measured again
    std::vector<std::size_t> slot(instance_->customers, everybody);
    for (std::size_t k = 0; k < moves.size(); ++k) {
        std::size_t& s = slot[moves[k].customer];
        if (s == everybody) {
            s = of_customer.size();
            of_customer.emplace_back();
        }
        of_customer[s].push_back(k);
    }
    const double least = 1e-13 * std::max(instance_->value_spread, 1e-300);
    const auto apply = [&](std::size_t k) {
        for (std::size_t r = 0; r < rows; ++r) usage[r] += change_[k * rows + r];
        const std::size_t i = moves[k].customer;
        choice[i] = moves[k].position;
        const std::size_t first = instance_->problem.begin[i];
        const double* from = instance_->usage_of(first + choice[i]);
        for (const std::size_t other : of_customer[slot[i]]) {
            const double* to = instance_->usage_of(first + moves[other].position);
            for (std::size_t r = 0; r < rows; ++r) change_[other * rows + r] = to[r] - from[r];
            gain_[other] = value_at(i, moves[other].position) - value_at(i, choice[i]);
        }
    };
    std::vector<std::size_t> order(moves.size());
    for (int pass = 0; pass < passes; ++pass) {
        const std::vector<std::size_t> before = choice;
        bool moved = false;
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return gain_[a] > gain_[b]; });
        for (const std::size_t k : order) {
            if (gain_[k] > least && kept_after(usage, change_.data() + k * rows, nullptr)) {
                apply(k);
                moved = true;
            }
        }
        const std::size_t end = std::min(moves.size(), exchanges);
        for (std::size_t a = 0; a < end; ++a) {
            if (moves[a].position == choice[moves[a].customer]) continue;
            std::size_t partner = everybody;
            double best = least;
            for (std::size_t b = 0; b < end; ++b) {
                if (gain_[a] + gain_[b] <= best || moves[a].customer == moves[b].customer) continue;
                if (kept_after(usage, change_.data() + a * rows, change_.data() + b * rows)) {
                    best = gain_[a] + gain_[b];
                    partner = b;
                }
            }
            if (partner == everybody) continue;
            apply(a);
            apply(partner);
            moved = true;
        }
        usage = instance_->usage_of(choice);
        if (!instance_->keeps(usage)) {  // rounding moved the running sums over a bound that is met exactly
            choice = before;
            return;
        }
        if (!moved) return;
    }
}

CUSTFOLIO_INLINE bool ChoiceSearch::exact(std::vector<std::size_t>& choice, bool& known, double bound,
                                          std::size_t nodes) {
    const ChoiceInstance& instance = *instance_;
    const std::size_t rows = instance.rows;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const double grain = 1e-13 * std::max(instance.value_spread, 1e-300);
    double allowed = known ? bound - instance.value_of(choice) : infinity;
    if (known && allowed <= grain) return true;

    // A course that alone loses the rest of the gap is in no better choice.
    std::vector<std::size_t> free;
    std::vector<std::vector<std::size_t>> courses;
    std::vector<std::size_t> answer(best_.begin(), best_.end());
    for (std::size_t i = 0; i < instance.customers; ++i) {
        std::vector<std::size_t> left;
        const std::size_t first = instance.problem.begin[i];
        for (std::size_t c = first; c < instance.problem.begin[i + 1]; ++c) {
            if (loss_[c] < allowed) left.push_back(c - first);
        }
        if (left.size() < 2) continue;
        std::stable_sort(left.begin(), left.end(),
                         [&](std::size_t a, std::size_t b) { return loss_[first + a] < loss_[first + b]; });
        free.push_back(i);
        courses.push_back(std::move(left));
    }
    constexpr std::size_t greatest_depth = 2'000;
    if (free.size() > greatest_depth) return false;

    // Customers with the greatest effect on the rows come first: violations then show early.
    std::vector<double> weight(free.size(), 0.0);
    const auto extremes = [&](std::size_t f, std::size_t r) {
        double low = infinity;
        double high = -infinity;
        for (const std::size_t position : courses[f]) {
            const double at = instance.usage_of(instance.problem.begin[free[f]] + position)[r];
            low = std::min(low, at);
            high = std::max(high, at);
        }
        return std::pair{low, high};
    };
    for (std::size_t f = 0; f < free.size(); ++f) {
        for (const std::size_t r : instance.active) {
            const auto [low, high] = extremes(f, r);
            weight[f] += (high - low) / instance.spread[r];
        }
    }
    std::vector<std::size_t> order(free.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return weight[a] > weight[b]; });

    // Least and greatest usage of all customers from a depth on, beyond the fixed part.
    const std::size_t depth = order.size();
    std::vector<double> least((depth + 1) * rows, 0.0);
    std::vector<double> most((depth + 1) * rows, 0.0);
    for (std::size_t d = depth; d-- > 0;) {
        for (std::size_t r = 0; r < rows; ++r) {
            const auto [low, high] = extremes(order[d], r);
            least[d * rows + r] = least[(d + 1) * rows + r] + low;
            most[d * rows + r] = most[(d + 1) * rows + r] + high;
        }
    }
    std::vector<double> usage((depth + 1) * rows, 0.0);
    {
        std::vector<math::CompensatedSum> fixed(rows);
        std::vector<bool> is_free(instance.customers, false);
        for (const std::size_t i : free) is_free[i] = true;
        for (std::size_t i = 0; i < instance.customers; ++i) {
            if (is_free[i]) continue;
            const double* from = instance.usage_of(instance.problem.begin[i] + best_[i]);
            for (std::size_t r = 0; r < rows; ++r) fixed[r] += from[r];
        }
        for (std::size_t r = 0; r < rows; ++r) usage[r] = fixed[r].value();
    }
    // Partial sums are rounded: a branch is cut only where the rows are missed by more than that.
    std::vector<double> blur(rows);
    for (std::size_t r = 0; r < rows; ++r) {
        blur[r] = 1e-12 * (instance.spread[r] * static_cast<double>(instance.groups()) + std::abs(usage[r]));
    }

    std::size_t visited = 0;
    bool complete = true;
    std::vector<double> lost(depth + 1, 0.0);
    std::vector<std::size_t> next(depth + 1, 0);
    std::size_t d = 0;
    // Depth first, without recursion: `next[d]` is the course to try at depth d.
    const auto promising = [&](std::size_t at) {
        double slack = 0;
        for (const std::size_t r : instance.active) {
            const double low = usage[at * rows + r] + least[at * rows + r];
            const double high = usage[at * rows + r] + most[at * rows + r];
            if (high < instance.lower[r] - blur[r] || low > instance.upper[r] + blur[r]) return false;
            if (prices_[r] > 0 && high < instance.upper[r]) slack += prices_[r] * (instance.upper[r] - high);
            if (prices_[r] < 0 && low > instance.lower[r]) slack -= prices_[r] * (low - instance.lower[r]);
        }
        return lost[at] + slack < allowed - grain;
    };
    if (!promising(0)) return true;
    while (true) {
        if (d == depth) {
            const std::vector<double> total = instance.usage_of(answer);
            if (instance.keeps(total)) {
                const double value = instance.value_of(answer);
                if (!known || value > instance.value_of(choice)) {
                    choice = answer;
                    known = true;
                    allowed = bound - value;
                }
            }
            if (d == 0) break;
            --d;
            continue;
        }
        const std::size_t f = order[d];
        if (next[d] == courses[f].size()) {
            next[d] = 0;
            if (d == 0) break;
            --d;
            continue;
        }
        if (++visited > nodes) {
            complete = false;
            break;
        }
        const std::size_t position = courses[f][next[d]++];
        const std::size_t course = instance.problem.begin[free[f]] + position;
        lost[d + 1] = lost[d] + loss_[course];
        if (lost[d + 1] >= allowed - grain) {  // the courses after it lose more
            next[d] = courses[f].size();
            continue;
        }
        const double* add = instance.usage_of(course);
        for (std::size_t r = 0; r < rows; ++r) usage[(d + 1) * rows + r] = usage[d * rows + r] + add[r];
        if (!promising(d + 1)) continue;
        answer[free[f]] = position;
        ++d;
    }
    return complete;
}

}  // namespace custfolio::detail
