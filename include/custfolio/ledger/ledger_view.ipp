// Definitions of what a LedgerView counts and has.
#pragma once

#include <algorithm>

#include "custfolio/config.hpp"
#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

CUSTFOLIO_INLINE std::size_t LedgerView::customers() const {
    if (!id.empty()) return id.size();
    std::int32_t highest = -1;
    for (const std::int32_t code : customer) highest = std::max(highest, code);
    return static_cast<std::size_t>(highest + std::int64_t{1});
}

CUSTFOLIO_INLINE bool LedgerView::has_driver(std::string_view driver) const {
    return is_usual_driver(driver) || detail::find(drivers, driver, &DriverColumn::name) != drivers.end();
}

CUSTFOLIO_INLINE std::span<const double> LedgerView::rebate() const {
    for (const DriverColumn& driver : drivers) {
        if (driver.name == "rebate") return driver.values;
    }
    return {};
}

}  // namespace custfolio
