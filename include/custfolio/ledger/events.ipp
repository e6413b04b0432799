// Definitions of the sums of event drivers: the rows of each customer by document, then products per event.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/ledger/aggregate.ipp"
#include "custfolio/ledger/detail/ledger_events.hpp"
#include "custfolio/ledger/events.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {
namespace detail {

/// The drivers of the ledger's events.
CUSTFOLIO_INLINE std::vector<EventFactor> ledger_factors(const LedgerView& ledger) {
    using Kind = EventFactor::Kind;
    std::vector<EventFactor> factors{{"lines", Kind::lines, ledger.lines}, {"new_customer", Kind::new_customer, {}}};
    if (!ledger.quantity.empty()) {
        factors.push_back({"quantity", Kind::sold, ledger.quantity});
        factors.push_back({"returned_quantity", Kind::returned, ledger.quantity});
    }
    for (const DriverColumn& driver : ledger.drivers) factors.push_back({driver.name, Kind::sum, driver.values});
    for (const DriverColumn& driver : ledger.delivery_drivers) {
        require_driver_name(driver.name, "ledger");
        if (detail::find(factors, driver.name, &EventFactor::name) != factors.end()) {
            throw InputError("ledger: two drivers are named '" + driver.name + "'; each must have its own name");
        }
        if (driver.values.size() != ledger.rows()) {
            throw InputError("ledger: column '" + driver.name + "' has " + std::to_string(driver.values.size()) +
                             " values, column 'customer' has " + std::to_string(ledger.rows()) +
                             "; all columns must have one value a row");
        }
        for (std::size_t row = 0; row < ledger.rows(); ++row) {
            if (std::isfinite(driver.values[row])) continue;
            require_finite(driver.values[row], ledger_row_text(row) + driver.name);
        }
        factors.push_back({driver.name, Kind::largest, driver.values});
    }
    return factors;
}

/// The wanted drivers of one kind of event.
CUSTFOLIO_INLINE std::vector<WantedDriver> wanted_drivers(std::span<const EventDriver> drivers,
                                                          const std::string& event,
                                                          const std::vector<EventFactor>& factors) {
    std::vector<WantedDriver> wanted;
    for (std::size_t d = 0; d < drivers.size(); ++d) {
        if (drivers[d].event != event) continue;
        WantedDriver one{d, {}};
        for (const std::string& name : drivers[d].factors) {
            const auto at = detail::find(factors, name, &EventFactor::name);
            const bool of_line = event != "line" || at == factors.end() || at->kind != EventFactor::Kind::largest;
            const bool of_delivery =
                event == "delivery" || at == factors.end() || at->kind != EventFactor::Kind::new_customer;
            if (at == factors.end() || !of_line || !of_delivery) {
                std::string known;
                for (const EventFactor& factor : factors) {
                    if (factor.kind == EventFactor::Kind::largest && event == "line") continue;
                    if (factor.kind == EventFactor::Kind::new_customer && event != "delivery") continue;
                    known += (known.empty() ? "" : ", ") + factor.name;
                }
                throw NotFoundError("a " + event + " has no driver '" + name + "'; it has " + known);
            }
            one.factors.push_back(static_cast<std::size_t>(at - factors.begin()));
        }
        wanted.push_back(std::move(one));
    }
    return wanted;
}

CUSTFOLIO_INLINE std::size_t span_of_day(std::span<const DayNumber> from, DayNumber day) {
    return static_cast<std::size_t>(detail::upper_bound(from, day) - from.begin()) - 1;
}

/// Rows of a period by customer, each customer's in the order of the ledger.
CUSTFOLIO_INLINE RowGroups rows_by_customer(const LedgerView& ledger, const Aggregation& what, unsigned threads) {
    return group_rows<std::uint32_t>(
        what, what.customers, ledger.rows(), [](std::size_t k) { return k; },
        [&](std::size_t row) { return static_cast<std::size_t>(ledger.customer[row]); }, threads);
}

CUSTFOLIO_INLINE RowGroups rows_by_customer(const LedgerView& ledger, Period period, unsigned threads) {
    return rows_by_customer(ledger, prepare(ledger, period, threads), threads);
}

/// Checks the name, lengths and codes of a table of events.
CUSTFOLIO_INLINE void check_event_table(const EventTable& table, std::size_t of_customers) {
    const std::string where = "events '" + table.name + "'";
    if (table.name.empty() || table.name == "delivery" || table.name == "line" || table.name == "return" ||
        table.name == driver_event) {
        throw InputError(where + " need another name, such as visits");
    }
    const auto require_length = [&](std::size_t count, const std::string& name, bool optional) {
        if (count == table.customer.size() || (optional && count == 0)) return;
        throw InputError(where + ": column '" + name + "' has " + std::to_string(count) +
                         " values, column 'customer' has " + std::to_string(table.customer.size()) +
                         "; all columns must have one value a row");
    };
    require_length(table.day.size(), "day", false);
    require_length(table.count.size(), "count", true);
    for (const DriverColumn& driver : table.drivers) require_length(driver.values.size(), driver.name, false);
    const auto customers = static_cast<std::int64_t>(of_customers);
    for (std::size_t row = 0; row < table.customer.size(); ++row) {
        if (table.customer[row] >= -1 && table.customer[row] < customers) continue;
        throw InputError(where + ", row " + std::to_string(row + 1) + ": customer code is " +
                         std::to_string(table.customer[row]) + "; it must lie from -1 to " +
                         std::to_string(customers - 1));
    }
}

/// Adds the events of a table; `wanted` are places among the drivers of the sums.
CUSTFOLIO_INLINE void add_event_table(const EventTable& table, Period period, std::span<const std::size_t> wanted,
                                      std::span<const std::string> id, EventSums& sums) {
    check_event_table(table, sums.sum.rows());
    for (const std::size_t d : wanted) {
        std::vector<math::CompensatedSum> cells((sums.sum.rows() + 1) * sums.from.size());  // the last row: of nobody
        const auto add = [&](std::size_t row, double value) {
            const std::size_t cell =
                table.customer[row] < 0 ? sums.sum.rows() : static_cast<std::size_t>(table.customer[row]);
            cells[cell * sums.from.size() + span_of_day(sums.from, table.day[row])] += value;
        };
        each_event(table, sums.driver[d], period, add, id);
        for (std::size_t s = 0; s < sums.from.size(); ++s) {
            const std::size_t column = s * sums.driver.size() + d;
            for (std::size_t i = 0; i < sums.sum.rows(); ++i) {
                sums.sum(i, column) = cells[i * sums.from.size() + s].value();
            }
            sums.not_attributed[column] = cells[sums.sum.rows() * sums.from.size() + s].value();
        }
    }
}

}  // namespace detail

CUSTFOLIO_INLINE EventSums sum_events(const LedgerView& ledger, Period period, std::span<const DayNumber> from,
                                      std::span<const EventDriver> drivers, const EventOptions& options) {
    // The checks of aggregate(): lengths and the period.
    const detail::Aggregation checked = detail::prepare(ledger, period, options.threads);
    period = checked.period;
    EventSums sums;
    sums.from.assign(from.begin(), from.end());
    if (from.empty()) sums.from.push_back(period.first);
    if (sums.from[0] > period.first || !std::is_sorted(sums.from.begin(), sums.from.end())) {
        throw InputError("events: the first span begins on " + day_text(sums.from[0]) + ", the period on " +
                         day_text(period.first) + "; spans must be ascending and cover the period");
    }
    sums.driver.assign(drivers.begin(), drivers.end());
    const std::size_t columns = sums.from.size() * drivers.size();
    sums.sum = Matrix(checked.customers, columns);
    sums.not_attributed.assign(columns, 0.0);
    if (!options.first_day.empty() && options.first_day.size() != checked.customers) {
        throw InputError("events: first_day has " + std::to_string(options.first_day.size()) + " values for " +
                         std::to_string(checked.customers) + " customers; it must have one per customer");
    }
    std::vector<std::vector<std::size_t>> of_table(options.tables.size());
    for (std::size_t d = 0; d < drivers.size(); ++d) {
        const std::string& event = drivers[d].event;
        if (event == "delivery" || event == "line" || event == "return") continue;
        const auto at = detail::find(options.tables, event, &EventTable::name);
        if (at == options.tables.end()) {
            std::string known = "delivery, line, return";
            for (const EventTable& table : options.tables) known += ", " + table.name;
            throw NotFoundError("there are no events '" + event + "'; there are " + known);
        }
        of_table[static_cast<std::size_t>(at - options.tables.begin())].push_back(d);
    }
    const detail::LedgerEvents events(ledger, sums.from, drivers, options);
    if (events.any() && checked.months > 0) {
        const detail::RowGroups rows = detail::rows_by_customer(ledger, checked, options.threads);
        math::parallel_for(0, checked.customers, 256, options.threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) {
                events.add(i, rows.of(i), sums.sum.row(i));
            }
        });
    }
    for (std::size_t t = 0; t < options.tables.size(); ++t) {
        detail::add_event_table(options.tables[t], period, of_table[t], ledger.id, sums);
    }
    for (std::size_t i = 0; i < sums.sum.rows(); ++i) {
        for (std::size_t c = 0; c < columns; ++c) {
            if (std::isfinite(sums.sum(i, c))) continue;
            require_finite(sums.sum(i, c), "events of customer " +
                                               (ledger.id.empty() ? std::to_string(i) : ledger.id[i]) +
                                               ": the sum of " + to_string(drivers[c % drivers.size()]));
        }
    }
    return sums;
}

}  // namespace custfolio
