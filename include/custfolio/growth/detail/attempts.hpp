// The attempts of a step, retries included, walked through in one place.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <span>
#include <vector>

#include "custfolio/growth/action_plan.hpp"
#include "custfolio/math/detail/resource_vector.hpp"

namespace custfolio::detail {

/// Months that bound the attempts of a step, counted from the horizon's first.
struct AttemptMonths {
    int latest = 0;  ///< No attempt begins after this month.
    int last = 0;    ///< What is decided after this month does not count.
};

/// Attempts of one number that begin in one month: what they have in common is computed once.
template <class Mass>
struct Attempts {
    int month = 0;
    double cost = 0;  ///< What the attempts before these have cost.
    Mass mass{};      ///< Their chance, or whatever else the visitor adds up.
};

/// Walks through the attempts of a step that begins in a month, number by number.
///
/// Attempts that begin in the same month at the same cost are merged. So the work grows with the number of retries. It
/// does not grow with the number of sequences of uncertain durations.
/// @param step the step.
/// @param start month of the first attempt.
/// @param months bounds of what counts.
/// @param visitor its type Mass has += and converts to bool. Its functions are:
/// - whole(): the mass of the first attempt;
/// - begin(mass, month): the cost of an attempt that begins;
/// - lasting(mass, month, d): the mass of attempts of duration_months + d months;
/// - decide(mass, month, cost): notes successes, and returns the mass of failures;
/// - fail(mass, cost): they have failed for good, or are decided too late.
template <class Visitor>
void walk_attempts(const ActionStep& step, int start, const AttemptMonths& months, Visitor& visitor) {
    using Mass = typename Visitor::Mass;
    using Some = Attempts<Mass>;
    const int latest = std::min(months.latest, months.last);
    if (start > latest) return visitor.fail(visitor.whole(), 0);
    std::array<std::byte, 1024> space;  // enough for most steps, so that nothing is allocated
    std::pmr::monotonic_buffer_resource memory(space.data(), space.size());
    ResourceVector<Some> now(&memory);
    ResourceVector<Some> next(&memory);
    const auto before = [](const Some& a, const Some& b) {
        return a.month != b.month ? a.month < b.month : a.cost < b.cost;
    };
    const auto add = [&](const Some& some) {
        const auto at = std::lower_bound(next.begin(), next.end(), some, before);
        if (at != next.end() && !before(some, *at)) {
            at->mass += some.mass;
        } else {
            next.insert(at, some);
        }
    };
    const std::size_t durations = std::max<std::size_t>(step.duration_chances.size(), 1);
    const auto attempt = [&](const Some& some, bool again) {
        if (some.month > latest) return visitor.fail(some.mass, some.cost);
        const double cost = some.cost + visitor.begin(some.mass, some.month);
        for (std::size_t d = 0; d < durations; ++d) {
            const Mass mass = visitor.lasting(some.mass, some.month, d);
            if (!mass) continue;
            const int decided = some.month + step.duration_months + static_cast<int>(d);
            if (decided > months.last) {
                visitor.fail(mass, cost);
                continue;
            }
            const Mass failing = visitor.decide(mass, decided, cost);
            if (!failing) continue;
            if (again) {
                add({decided + step.retry_spacing, cost, failing});
            } else {
                visitor.fail(failing, cost);
            }
        }
    };
    attempt({start, 0, visitor.whole()}, step.retries > 0);
    for (int left = step.retries; !next.empty(); --left) {
        std::swap(now, next);
        next.clear();
        for (const Some& some : now) attempt(some, left > 1);
    }
}

/// The chance of a duration of duration_months + d.
inline double duration_chance(const ActionStep& step, std::size_t d) {
    return step.duration_chances.empty() ? 1 : step.duration_chances[d];
}

/// Which entry of a table of chances a uniform number draws.
/// @param chances not empty.
/// @param number in [0, 1).
/// @return position; the last where rounding leaves the sum below the number.
inline std::size_t drawn(std::span<const double> chances, double number) {
    std::size_t k = 0;
    while (k + 1 < chances.size() && number >= chances[k]) number -= chances[k++];
    return k;
}

}  // namespace custfolio::detail
