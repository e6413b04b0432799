// The rows of a ledger by group: by customer, by month.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio::detail {

/// Rows, or runs of them, ordered by group, each group's in the order of the ledger.
template <class Entry>
struct Groups {
    std::vector<Entry> entry{};
    std::vector<std::size_t> begin{};  ///< Per group and one past the last.

    [[nodiscard]] std::span<const Entry> of(std::size_t group) const {
        return std::span(entry).subspan(begin[group], begin[group + 1] - begin[group]);
    }
};

using RowGroups = Groups<std::uint32_t>;

/// Checks a ledger as aggregate() does, and groups its rows in a period by customer code.
RowGroups rows_by_customer(const LedgerView& ledger, Period period, unsigned threads);

}  // namespace custfolio::detail
