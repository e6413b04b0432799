// Definitions of repair, exchange and exact search.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/random.hpp"
#include "custfolio/strategy/detail/combined_search.hpp"
#include "custfolio/strategy/detail/integer_search.hpp"

namespace custfolio::detail {

inline constexpr std::size_t nothing = static_cast<std::size_t>(-1);

CUSTFOLIO_INLINE ChoiceSearch::ChoiceSearch(const ChoiceInstance& instance, std::span<const double> prices)
    : instance_(&instance),
      prices_(prices.begin(), prices.end()),
      loss_(instance.problem.begin.back()),
      best_(instance.customers) {
    // The loss of a course at the prices is what a choice with it falls short of the bound at least.
    const Response response = respond(instance, prices_);
    best_ = response.choice;
    math::parallel_for(0, instance.groups(), 1, instance.threads, [&](std::size_t b, std::size_t e) {
        for (std::size_t i = instance.group[b]; i < instance.group[e]; ++i) {
            const std::size_t first = instance.problem.begin[i];
            const std::size_t best = first + best_[i];
            const auto worth = [&](std::size_t c) {
                double sum = instance.problem.value[c];
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

// The `size` cheapest moves at the prices, and the best course of each of their customers. A good choice differs from
// the best courses in few and cheap moves: those that lose much are left out.
CUSTFOLIO_INLINE std::vector<ChoiceMove> ChoiceSearch::core(std::span<const std::size_t> choice,
                                                            std::size_t size) const {
    const ChoiceProblem& problem = instance_->problem;
    std::vector<ChoiceMove> moves;
    double cutoff = infinity;
    const std::size_t others = loss_.size() - instance_->customers;
    if (others > size) {
        const auto collect = [&](std::size_t stride, double most) {
            std::vector<double> losses;
            for (std::size_t i = 0; i < instance_->customers; i += stride) {
                for (std::size_t c = problem.begin[i]; c < problem.begin[i + 1]; ++c) {
                    if (c - problem.begin[i] != best_[i] && loss_[c] <= most) losses.push_back(loss_[c]);
                }
            }
            return losses;
        };
        // Most losses are far above the cutoff: that of a sample, doubled, leaves few to select from.
        std::vector<double> losses = collect(search_limits::sample, infinity);
        if (const std::size_t place = 2 * size / search_limits::sample; place < losses.size()) {
            std::nth_element(losses.begin(), losses.begin() + static_cast<std::ptrdiff_t>(place), losses.end());
            losses = collect(1, losses[place]);
        }
        if (losses.size() <= size) losses = collect(1, infinity);
        // Selection, not sorting: there may be millions of courses.
        const auto nth = losses.begin() + static_cast<std::ptrdiff_t>(size);
        std::nth_element(losses.begin(), nth, losses.end());
        cutoff = *nth;
    }
    // Ties at the cutoff are cut off in the order of the customers, so that the core never outgrows its size.
    // Moves with the loss of the cutoff fill what room the cheaper ones leave.
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
    std::stable_sort(moves.begin(), moves.end(),
                     [](const ChoiceMove& a, const ChoiceMove& b) { return a.loss < b.loss; });
    return moves;
}

// The moves around a choice that are tried again and again, with the change of rows and value by each.
class MoveTable {
  public:
    MoveTable(const ChoiceInstance& instance, std::vector<ChoiceMove> moves, std::span<const std::size_t> choice)
        : moves_(std::move(moves)), instance_(&instance), change_(moves_.size() * instance.rows), gain_(moves_.size()) {
        for (std::size_t k = 0; k < moves_.size(); ++k) {
            of_customer_[moves_[k].customer].push_back(k);
            measure(k, choice);
        }
    }

    [[nodiscard]] std::size_t size() const { return moves_.size(); }
    [[nodiscard]] const ChoiceMove& operator[](std::size_t k) const { return moves_[k]; }
    [[nodiscard]] const double* change(std::size_t k) const { return change_.data() + k * instance_->rows; }
    [[nodiscard]] double gain(std::size_t k) const { return gain_[k]; }
    // Takes a move; only the moves of its customer change by it.
    void apply(std::size_t k, std::vector<std::size_t>& choice) {
        choice[moves_[k].customer] = moves_[k].position;
        for (const std::size_t other : of_customer_[moves_[k].customer]) measure(other, choice);
    }

  private:
    void measure(std::size_t k, std::span<const std::size_t> choice) {
        // Changes are against the course that the customer has now.
        const std::size_t first = instance_->problem.begin[moves_[k].customer];
        const std::size_t to = first + moves_[k].position;
        const std::size_t from = first + choice[moves_[k].customer];
        for (std::size_t r = 0; r < instance_->rows; ++r) {
            change_[k * instance_->rows + r] = instance_->usage_of(to)[r] - instance_->usage_of(from)[r];
        }
        gain_[k] = instance_->problem.value[to] - instance_->problem.value[from];
    }

    std::vector<ChoiceMove> moves_;
    const ChoiceInstance* instance_;
    std::vector<double> change_;  // moves x rows
    std::vector<double> gain_;
    std::unordered_map<std::size_t, std::vector<std::size_t>> of_customer_;
};

// The violation, in units, of the rows that must be met, after none, one or two moves, without a copy of the usage:
// this is the innermost loop of the repair.
CUSTFOLIO_INLINE double ChoiceSearch::violation_after(std::span<const double> usage, const double* first,
                                                      const double* second) const {
    double sum = 0;
    for (const std::size_t r : instance_->active) {
        double at = usage[r];
        if (first != nullptr) at += first[r];
        if (second != nullptr) at += second[r];
        if (at < instance_->lower[r]) {
            if (std::isinf(instance_->penalty_low[r])) sum += (instance_->lower[r] - at) / instance_->unit_low[r];
        } else if (at > instance_->upper[r]) {
            if (std::isinf(instance_->penalty_high[r])) sum += (at - instance_->upper[r]) / instance_->unit_high[r];
        }
    }
    return sum;
}

// The penalties after none, one or two moves; infinity where a row that must be met is not.
CUSTFOLIO_INLINE double ChoiceSearch::penalty_after(std::span<const double> usage, const double* first,
                                                    const double* second) const {
    double sum = 0;
    for (const std::size_t r : instance_->active) {
        double at = usage[r];
        if (first != nullptr) at += first[r];
        if (second != nullptr) at += second[r];
        if (at < instance_->lower[r]) sum += instance_->penalty_low[r] * (instance_->lower[r] - at);
        if (at > instance_->upper[r]) sum += instance_->penalty_high[r] * (at - instance_->upper[r]);
        if (std::isinf(sum)) break;
    }
    return sum;
}

// The move that relieves the rows most for its loss at the prices; failing that, the exchange of two that relieves them
// most. `nothing` where neither does.
CUSTFOLIO_INLINE std::pair<std::size_t, std::size_t> ChoiceSearch::relieving(const MoveTable& moves,
                                                                             std::span<const std::size_t> choice,
                                                                             std::span<const double> usage) const {
    const double now = violation_after(usage, nullptr, nullptr);
    const double least = search_limits::relief * now;
    const double free_loss = search_limits::free_loss * std::max(instance_->value_spread, 1e-300);
    std::pair chosen{nothing, nothing};
    double best = 0;
    for (std::size_t k = 0; k < moves.size(); ++k) {
        const ChoiceMove& move = moves[k];
        if (move.position == choice[move.customer]) continue;
        const double relief = now - violation_after(usage, moves.change(k), nullptr);
        if (relief <= least) continue;
        const double loss = move.loss - loss_[instance_->problem.begin[move.customer] + choice[move.customer]];
        const double score = relief / (std::max(loss, 0.0) + free_loss);
        if (score > best) {
            best = score;
            chosen.first = k;
        }
    }
    if (chosen.first != nothing) return chosen;
    const std::size_t end = std::min(moves.size(), search_limits::repairing_pairs);
    for (std::size_t a = 0; a < end; ++a) {
        for (std::size_t b = a + 1; b < end; ++b) {
            if (moves[a].customer == moves[b].customer) continue;
            const double relief = now - violation_after(usage, moves.change(a), moves.change(b));
            if (relief > std::max(best, least)) {
                best = relief;
                chosen = {a, b};
            }
        }
    }
    return chosen;
}

CUSTFOLIO_INLINE bool ChoiceSearch::repair(std::vector<std::size_t>& choice) const {
    const std::size_t rows = instance_->rows;
    std::size_t size = search_limits::first_core;
    MoveTable moves(*instance_, core(choice, size), choice);
    std::vector<double> usage = instance_->usage_of(choice);
    std::vector<math::CompensatedSum> sums(usage.begin(), usage.end());
    // Moves that undo each other could go on for ever; a repair needs fewer than two moves a customer.
    const std::size_t patience = 200 + 20 * rows + 2 * instance_->customers;
    for (std::size_t step = 0; step < patience; ++step) {
        if (violation_after(usage, nullptr, nullptr) <= 0) {
            // The running sums are rounded at every move; only fresh sums decide.
            usage = instance_->usage_of(choice);
            if (violation_after(usage, nullptr, nullptr) <= 0) return true;
            sums = {usage.begin(), usage.end()};
        }
        const auto [first, second] = relieving(moves, choice, usage);
        if (first == nothing) {
            if (moves.size() >= loss_.size() || size >= search_limits::greatest_core) return false;
            // No cheap move helps: dearer ones may.
            size *= 10;
            moves = MoveTable(*instance_, core(choice, size), choice);
            continue;
        }
        // Only the changes are added: a sum over all customers at every move would be quadratic.
        for (const std::size_t k : {first, second}) {
            if (k == nothing) continue;
            for (std::size_t r = 0; r < rows; ++r) {
                sums[r] += moves.change(k)[r];
                usage[r] = sums[r].value();
            }
            moves.apply(k, choice);
        }
    }
    return false;
}

// Single moves come first, greatest gain first; then exchanges of two, where one move makes the room that the other
// needs. Both repeat, since each may make room for the other.
CUSTFOLIO_INLINE void ChoiceSearch::improve(std::vector<std::size_t>& choice) const {
    MoveTable moves(*instance_, core(choice, search_limits::first_core), choice);
    std::vector<double> usage = instance_->usage_of(choice);
    const double least = search_limits::grain * std::max(instance_->value_spread + instance_->greatest_penalty, 1e-300);
    const bool soft = instance_->greatest_penalty > 0;  // a move without a gain may then lower the penalties
    double penalty = soft ? penalty_after(usage, nullptr, nullptr) : 0.0;
    const auto apply = [&](std::size_t k) {
        for (std::size_t r = 0; r < instance_->rows; ++r) usage[r] += moves.change(k)[r];
        moves.apply(k, choice);
        if (soft) penalty = penalty_after(usage, nullptr, nullptr);
    };
    std::vector<std::size_t> order(moves.size());
    for (int pass = 0; pass < search_limits::passes; ++pass) {
        // A pass may be undone.
        const std::vector<std::size_t> before = choice;
        bool moved = false;
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return moves.gain(a) > moves.gain(b); });
        for (const std::size_t k : order) {
            if (!(moves.gain(k) > least) && !soft) continue;
            if (moves.gain(k) - penalty_after(usage, moves.change(k), nullptr) > least - penalty) {
                apply(k);
                moved = true;
            }
        }
        const std::size_t end = std::min(moves.size(), search_limits::improving_pairs);
        for (std::size_t a = 0; a < end; ++a) {
            if (moves[a].position == choice[moves[a].customer]) continue;
            std::size_t partner = nothing;
            double best = least;
            for (std::size_t b = 0; b < end; ++b) {
                const double gain = moves.gain(a) + moves.gain(b);
                if ((gain <= best && !soft) || moves[a].customer == moves[b].customer) continue;
                const double change = gain + penalty - penalty_after(usage, moves.change(a), moves.change(b));
                if (change > best) {
                    best = change;
                    partner = b;
                }
            }
            if (partner == nothing) continue;
            apply(a);
            apply(partner);
            moved = true;
        }
        usage = instance_->usage_of(choice);
        if (!instance_->keeps(usage)) {  // rounding moved the running sums over a bound that is met exactly
            choice = before;
            return;
        }
        if (soft) penalty = penalty_after(usage, nullptr, nullptr);
        if (!moved) return;
    }
}

// A depth-first search over the customers that have more than one course which may be in a better choice. The loss at
// the prices bounds what a branch can still be worth, and the extremes of the remaining customers bound its rows.
class ExactSearch {
  public:
    using Accept = std::function<bool(std::span<const std::size_t>)>;

    // Only `customers` may change their course; all others keep that of `kept`.
    ExactSearch(const ChoiceInstance& instance, std::span<const double> prices, std::span<const double> loss,
                std::vector<std::size_t> kept, std::span<const std::size_t> customers, const Accept& accept)
        : instance_(instance),
          prices_(prices),
          loss_(loss),
          customers_(customers),
          accept_(accept),
          answer_(std::move(kept)) {}

    bool search(std::vector<std::size_t>& choice, bool& found, double bound, std::size_t nodes) {
        const double grain =
            search_limits::grain * std::max(instance_.value_spread + instance_.greatest_penalty, 1e-300);
        double value = found ? instance_.objective_of(choice) : 0.0;
        allowed_ = found ? bound - value : infinity;
        if (found && allowed_ <= grain) return true;
        // The fewer courses are left, the deeper the search gets within its nodes.
        collect_courses();
        // Memory is depths x rows.
        if (free_.size() > search_limits::depth) return false;
        sort_customers();
        sum_extremes();
        allowed_ -= grain;
        if (!promising(0)) return true;
        std::vector<std::size_t> next(free_.size() + 1, 0);  // the course to try at each depth: no recursion
        std::size_t visited = 0;
        for (std::size_t d = 0;;) {
            if (d == free_.size() || next[d] == courses_[d].size()) {
                if (d == free_.size()) {
                    // A whole choice: the partial sums are rounded, so fresh sums decide.
                    const bool better = instance_.keeps(instance_.usage_of(answer_)) &&
                                        (!found || instance_.objective_of(answer_) > value) &&
                                        (!accept_ || accept_(answer_));
                    if (better) {
                        choice = answer_;
                        found = true;
                        value = instance_.objective_of(answer_);
                        allowed_ = bound - value - grain;
                    }
                }
                // All courses at this depth are done: one up.
                next[d] = 0;
                if (d == 0) return true;
                --d;
                continue;
            }
            if (++visited > nodes) return false;
            if (!descend(d, courses_[d][next[d]++])) {
                // Courses are in the order of their losses: those after one that loses too much lose more.
                if (lost_[d + 1] >= allowed_) next[d] = courses_[d].size();
                continue;
            }
            ++d;
        }
    }

  private:
    // A course that alone loses the rest of the gap is in no better choice.
    void collect_courses() {
        for (const std::size_t i : customers_) {
            std::vector<std::size_t> left;
            const std::size_t first = instance_.problem.begin[i];
            for (std::size_t c = first; c < instance_.problem.begin[i + 1]; ++c) {
                if (loss_[c] < allowed_) left.push_back(c - first);
            }
            if (left.size() < 2) continue;
            std::stable_sort(left.begin(), left.end(),
                             [&](std::size_t a, std::size_t b) { return loss_[first + a] < loss_[first + b]; });
            free_.push_back(i);
            courses_.push_back(std::move(left));
        }
    }

    // Least and greatest usage of a row among the courses of one customer.
    [[nodiscard]] std::pair<double, double> extremes(std::size_t f, std::size_t r) const {
        double low = infinity;
        double high = -infinity;
        for (const std::size_t position : courses_[f]) {
            const double at = instance_.usage_of(instance_.problem.begin[free_[f]] + position)[r];
            low = std::min(low, at);
            high = std::max(high, at);
        }
        return {low, high};
    }

    // Customers with the greatest effect on the rows come first: violations then show early.
    void sort_customers() {
        std::vector<double> weight(free_.size(), 0.0);
        for (std::size_t f = 0; f < free_.size(); ++f) {
            for (const std::size_t r : instance_.active) {
                const auto [low, high] = extremes(f, r);
                weight[f] += (high - low) / instance_.spread[r];
            }
        }
        // Sorting positions keeps customers and courses together.
        std::vector<std::size_t> order(free_.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return weight[a] > weight[b]; });
        std::vector<std::size_t> customers;
        std::vector<std::vector<std::size_t>> courses;
        for (const std::size_t f : order) {
            customers.push_back(free_[f]);
            courses.push_back(std::move(courses_[f]));
        }
        free_ = std::move(customers);
        courses_ = std::move(courses);
    }

    // Usage of the customers with one course, and the extremes of all customers from each depth on.
    void sum_extremes() {
        const std::size_t rows = instance_.rows;
        const std::size_t depth = free_.size();
        least_.assign((depth + 1) * rows, 0.0);
        most_.assign((depth + 1) * rows, 0.0);
        for (std::size_t d = depth; d-- > 0;) {
            for (std::size_t r = 0; r < rows; ++r) {
                const auto [low, high] = extremes(d, r);
                least_[d * rows + r] = least_[(d + 1) * rows + r] + low;
                most_[d * rows + r] = most_[(d + 1) * rows + r] + high;
            }
        }
        usage_.assign((depth + 1) * rows, 0.0);
        lost_.assign(depth + 1, 0.0);
        std::vector<bool> is_free(instance_.customers, false);
        for (const std::size_t i : free_) is_free[i] = true;
        std::vector<math::CompensatedSum> fixed(rows);
        math::CompensatedSum lost;
        for (std::size_t i = 0; i < instance_.customers; ++i) {
            if (is_free[i]) continue;
            const std::size_t course = instance_.problem.begin[i] + answer_[i];
            for (std::size_t r = 0; r < rows; ++r) fixed[r] += instance_.usage_of(course)[r];
            lost += loss_[course];
        }
        lost_[0] = lost.value();
        // Partial sums are rounded: a branch is cut only where the rows are missed by more than that.
        blur_.resize(rows);
        for (std::size_t r = 0; r < rows; ++r) {
            usage_[r] = fixed[r].value();
            blur_[r] = search_limits::blur *
                       (instance_.spread[r] * static_cast<double>(instance_.groups()) + std::abs(usage_[r]));
        }
    }

    // Whether a branch may hold a better choice. A priced row that cannot be used up costs its price times the rest.
    // One that is violated for sure costs what the penalty exceeds its price.
    [[nodiscard]] bool promising(std::size_t at) const {
        double slack = 0;
        for (const std::size_t r : instance_.active) {
            const std::size_t k = at * instance_.rows + r;
            const double low = usage_[k] + least_[k];
            const double high = usage_[k] + most_[k];
            const double below = instance_.lower[r] - blur_[r] - high;
            const double above = low - instance_.upper[r] - blur_[r];
            if (below > 0) slack += (instance_.penalty_low[r] + std::min(prices_[r], 0.0)) * below;
            if (above > 0) slack += (instance_.penalty_high[r] - std::max(prices_[r], 0.0)) * above;
            if (prices_[r] > 0 && high < instance_.upper[r]) slack += prices_[r] * (instance_.upper[r] - high);
            if (prices_[r] < 0 && low > instance_.lower[r]) slack -= prices_[r] * (low - instance_.lower[r]);
        }
        return lost_[at] + slack < allowed_;
    }

    // Adds a course at a depth; whether the branch below it is promising.
    bool descend(std::size_t d, std::size_t position) {
        const std::size_t rows = instance_.rows;
        // Sums by depth: going back up needs no subtraction, which would leave rounding behind.
        const std::size_t course = instance_.problem.begin[free_[d]] + position;
        lost_[d + 1] = lost_[d] + loss_[course];
        if (lost_[d + 1] >= allowed_) return false;
        const double* add = instance_.usage_of(course);
        for (std::size_t r = 0; r < rows; ++r) usage_[(d + 1) * rows + r] = usage_[d * rows + r] + add[r];
        if (!promising(d + 1)) return false;
        answer_[free_[d]] = position;
        return true;
    }

    const ChoiceInstance& instance_;
    std::span<const double> prices_, loss_;
    std::span<const std::size_t> customers_;
    const Accept& accept_;
    std::vector<std::size_t> answer_;
    double allowed_ = infinity;                      // a better choice loses less than this at the prices
    std::vector<std::size_t> free_;                  // customers with several courses, by depth
    std::vector<std::vector<std::size_t>> courses_;  // their positions, least loss first
    std::vector<double> least_, most_, usage_;       // depths x rows
    std::vector<double> lost_;                       // by depth
    std::vector<double> blur_;                       // per row
};

CUSTFOLIO_INLINE bool ChoiceSearch::exact(std::vector<std::size_t>& choice, bool& found, double bound,
                                          std::size_t nodes,
                                          const std::function<bool(std::span<const std::size_t>)>& accept) const {
    std::vector<std::size_t> all(instance_->customers);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return ExactSearch(*instance_, prices_, loss_, {best_.begin(), best_.end()}, all, accept)
        .search(choice, found, bound, nodes);
}

CUSTFOLIO_INLINE void ChoiceSearch::combine(std::vector<std::size_t>& choice, bool& found, double bound,
                                            std::size_t sets) const {
    // A few sets first, which shortens the search among many. Of large problems the best courses at the prices may be
    // far from the rows; there the best choice is the better start, and each better one begins other sets.
    constexpr std::size_t few = 8;
    constexpr int passes = 4;
    if (sets < search_limits::least_sets) return;
    const CombinedSearch from_best(*instance_, prices_, loss_, {best_.begin(), best_.end()});
    from_best.improve(choice, found, bound, sets / few);
    from_best.improve(choice, found, bound, sets);
    for (int pass = 0; found && pass < passes; ++pass) {
        const std::vector<std::size_t> before = choice;
        CombinedSearch(*instance_, prices_, loss_, choice).improve(choice, found, bound, sets / 2);
        if (choice == before) return;
    }
}

// One after another the customers that lose most at the prices are freed, each with others drawn by chance. The draws
// are always the same.
CUSTFOLIO_INLINE void ChoiceSearch::explore(std::vector<std::size_t>& choice, double bound, std::size_t nodes,
                                            const std::function<bool(std::span<const std::size_t>)>& accept) const {
    const std::size_t parts = nodes / search_limits::part_nodes;
    if (parts == 0) return;
    const ColumnView<std::size_t>& begin = instance_->problem.begin;
    const double gap = bound - instance_->objective_of(choice);
    std::vector<std::size_t> movable;  // customers with another course that a better choice may have
    for (std::size_t i = 0; i < instance_->customers; ++i) {
        const auto fits = [&](std::size_t c) { return c != begin[i] + choice[i] && loss_[c] < gap; };
        bool another = false;
        for (std::size_t c = begin[i]; c < begin[i + 1] && !another; ++c) another = fits(c);
        if (another) movable.push_back(i);
    }
    std::size_t size = search_limits::part_customers;
    std::uint64_t draws = 0;
    const auto draw = [&] {
        const auto count = static_cast<double>(movable.size());
        return movable[static_cast<std::size_t>(math::uniform(0, 0, draws++) * count)];
    };
    for (std::size_t part = 0, idle = 0; part < parts && idle < 2 * movable.size(); ++part) {
        std::vector<std::size_t> freed{movable[part % movable.size()]};
        while (freed.size() < std::min(size, movable.size())) {
            const std::size_t drawn = draw();
            if (!contains(freed, drawn)) freed.push_back(drawn);
        }
        const double before = instance_->objective_of(choice);
        bool found = true;
        const bool complete = ExactSearch(*instance_, prices_, loss_, choice, freed, accept)
                                  .search(choice, found, bound, search_limits::part_nodes);
        // The more customers are freed, the more is found, as long as the search comes to its end.
        size = complete ? size + 1 : std::max<std::size_t>(size - 1, 2);
        idle = instance_->objective_of(choice) > before ? 0 : idle + 1;
    }
}

}  // namespace custfolio::detail
