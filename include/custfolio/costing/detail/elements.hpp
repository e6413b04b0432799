// What charging and tracing share: the name of the revenue share, and the figures that are valid on a day.
#pragma once

#include <string_view>
#include <vector>

#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio::detail {

/// Name of the revenue share's element in the statement; no driver may have it.
inline constexpr std::string_view revenue_share_element = "revenue share";

/// Puts an entry in its place by day; one of the same day is replaced.
template <class Dated>
void place(std::vector<Dated>& entries, const Dated& entry) {
    const auto at = detail::lower_bound(entries, entry.valid_from, &Dated::valid_from);
    if (at != entries.end() && at->valid_from == entry.valid_from) {
        *at = entry;
    } else {
        entries.insert(at, entry);
    }
}

/// The entry that is valid on a day; null before the first one.
template <class Dated>
const Dated* valid_on(const std::vector<Dated>& entries, DayNumber day) {
    const auto after = detail::upper_bound(entries, day, &Dated::valid_from);
    return after == entries.begin() ? nullptr : &*(after - 1);
}

}  // namespace custfolio::detail
