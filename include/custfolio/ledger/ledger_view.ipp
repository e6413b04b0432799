// Definition of the number of customers of a LedgerView.
#pragma once

#include <algorithm>

#include "custfolio/config.hpp"
#include "custfolio/ledger/ledger_view.hpp"

namespace custfolio {

CUSTFOLIO_INLINE std::size_t LedgerView::customers() const {
    if (!id.empty()) return id.size();
    std::int32_t highest = -1;
    for (const std::int32_t code : customer) highest = std::max(highest, code);
    return static_cast<std::size_t>(highest + std::int64_t{1});
}

}  // namespace custfolio
