// Definition of the migration between segments.
#pragma once

#include <string_view>
#include <unordered_map>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/selection/migration.hpp"

namespace custfolio {
namespace detail {

CUSTFOLIO_INLINE void require_segmented(const SegmentedCustomers& customers, std::size_t segments,
                                        const std::string& when) {
    const std::size_t count = customers.segment.size();
    const auto require_length = [&](std::size_t length, const char* column, bool optional) {
        if (length == count || (optional && length == 0)) return;
        throw InputError("migration, " + when + ": " + column + " has " + std::to_string(length) +
                         " values and segment " + std::to_string(count) + "; there must be one each per customer");
    };
    require_length(customers.id.size(), "id", true);
    require_length(customers.level.size(), "level", true);
    require_length(customers.heat.size(), "heat", true);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string row =
            "migration, " + when + ", customer " + (customers.id.empty() ? std::to_string(i + 1) : customers.id[i]);
        const std::int32_t segment = customers.segment[i];
        if (segment < -1 || (segment >= 0 && static_cast<std::size_t>(segment) >= segments)) {
            throw InputError(row + ": segment " + std::to_string(segment) + " does not exist; it must be below " +
                             std::to_string(segments) + ", or -1 for no customer");
        }
        if (!customers.level.empty()) require_finite(customers.level[i], row + ": level");
        if (!customers.heat.empty()) require_finite(customers.heat[i], row + ": heat");
    }
}

}  // namespace detail

CUSTFOLIO_INLINE Migration migration(const SegmentedCustomers& before, const SegmentedCustomers& after,
                                     std::size_t segments) {
    detail::require_segmented(before, segments, "before");
    detail::require_segmented(after, segments, "after");
    if (before.id.empty() != after.id.empty() && !before.segment.empty() && !after.segment.empty()) {
        throw InputError("migration: only one of the two periods has identities; give both, or neither");
    }
    const bool by_position = before.id.empty() && after.id.empty();
    if (by_position && before.segment.size() != after.segment.size()) {
        throw InputError("migration: " + std::to_string(before.segment.size()) + " customers before and " +
                         std::to_string(after.segment.size()) + " after; without identities there must be as many");
    }
    constexpr std::size_t none = static_cast<std::size_t>(-1);
    std::unordered_map<std::string_view, std::size_t> earlier;
    if (!by_position) {
        for (std::size_t i = 0; i < before.segment.size(); ++i) {
            if (!earlier.emplace(before.id[i], i).second) {
                throw InputError("migration: customer " + before.id[i] + " is there twice before; once is right");
            }
        }
    }
    Migration result;
    const auto table = [&](const ColumnView<double>& column) {
        return column.empty() ? Matrix() : Matrix(segments + 1, segments + 1);
    };
    result.customers = Matrix(segments + 1, segments + 1);
    result.level_before = table(before.level);
    result.level_after = table(after.level);
    result.heat_before = table(before.heat);
    result.heat_after = table(after.heat);
    const auto count = [&](std::size_t then, std::size_t now) {
        const auto place = [segments](const SegmentedCustomers& customers, std::size_t row) {
            const std::int32_t segment = row == none ? -1 : customers.segment[row];
            return segment < 0 ? segments : static_cast<std::size_t>(segment);
        };
        const std::size_t from = place(before, then);
        const std::size_t to = place(after, now);
        if (from == segments && to == segments) return;
        result.customers(from, to) += 1;
        if (from < segments && !before.level.empty()) result.level_before(from, to) += before.level[then];
        if (from < segments && !before.heat.empty()) result.heat_before(from, to) += before.heat[then];
        if (to < segments && !after.level.empty()) result.level_after(from, to) += after.level[now];
        if (to < segments && !after.heat.empty()) result.heat_after(from, to) += after.heat[now];
    };
    std::vector<bool> met(before.segment.size(), false);
    std::unordered_map<std::string_view, std::size_t> later;
    for (std::size_t i = 0; i < after.segment.size(); ++i) {
        std::size_t then = i;
        if (!by_position) {
            if (!later.emplace(after.id[i], i).second) {
                throw InputError("migration: customer " + after.id[i] + " is there twice after; once is right");
            }
            const auto before_row = earlier.find(after.id[i]);
            then = before_row == earlier.end() ? none : before_row->second;
        }
        if (then != none) met[then] = true;
        count(then, i);
    }
    for (std::size_t i = 0; i < before.segment.size(); ++i) {
        if (!met[i]) count(i, none);
    }
    return result;
}

}  // namespace custfolio
