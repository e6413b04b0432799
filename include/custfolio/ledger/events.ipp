// Definitions of the sums of event drivers: the rows of each customer by document, then products per event.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/ledger/aggregate.ipp"
#include "custfolio/ledger/detail/event_sum.hpp"
#include "custfolio/ledger/events.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {
namespace detail {

/// A driver of one event of the ledger.
struct EventFactor {
    enum class Kind { lines, sold, returned, sum, largest, new_customer };
    std::string name;
    Kind kind = Kind::sum;
    std::span<const double> values{};

    /// Its part of a row.
    [[nodiscard]] double of_row(std::size_t row) const {
        if (kind == Kind::lines) return values.empty() ? 1.0 : values[row];
        if (kind == Kind::sold) return std::max(values[row], 0.0);
        if (kind == Kind::returned) return std::max(-values[row], 0.0);
        return values[row];
    }
    /// Adds the next row of the event.
    void add(double& value, std::size_t row, bool first) const {
        if (kind == Kind::largest) {
            value = first ? values[row] : std::max(value, values[row]);
        } else if (kind != Kind::new_customer) {
            value += of_row(row);
        }
    }
};

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

/// A driver to sum: its place among the drivers, and its factors' places.
struct WantedDriver {
    std::size_t driver = 0;
    std::vector<std::size_t> factors{};
};

/// The wanted drivers of one kind of event.
CUSTFOLIO_INLINE std::vector<WantedDriver> wanted_drivers(std::span<const EventDriver> drivers,
                                                          const std::string& event,
                                                          std::span<const EventFactor> factors) {
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

/// The sums of the ledger's own events.
class LedgerEvents {
  public:
    LedgerEvents(const LedgerView& ledger, std::span<const DayNumber> from, std::span<const EventDriver> drivers,
                 const EventOptions& options)
        : ledger_(ledger),
          from_(from),
          drivers_(drivers.size()),
          first_day_(options.first_day),
          factors_(ledger_factors(ledger)),
          lines_(wanted_drivers(drivers, "line", factors_)),
          deliveries_(wanted_drivers(drivers, "delivery", factors_)),
          returns_(wanted_drivers(drivers, "return", factors_)) {
        for (const std::vector<WantedDriver>* const wanted : {&deliveries_, &returns_}) {
            for (const WantedDriver& one : *wanted) used_.insert(used_.end(), one.factors.begin(), one.factors.end());
        }
        detail::sort(used_);
        used_.erase(std::unique(used_.begin(), used_.end()), used_.end());
    }

    [[nodiscard]] bool any() const { return !lines_.empty() || !deliveries_.empty() || !returns_.empty(); }

    /// Adds the events of a customer to its row of sums.
    void add(std::size_t customer, std::span<const std::uint32_t> rows, std::span<double> sums) const {
        std::vector<math::CompensatedSum> cells(sums.size());
        for (const std::uint32_t row : rows) add_line(row, cells);
        if (!deliveries_.empty() || !returns_.empty()) add_documents(customer, rows, cells);
        for (std::size_t c = 0; c < sums.size(); ++c) sums[c] = cells[c].value();
    }

  private:
    void add_line(std::size_t row, std::span<math::CompensatedSum> cells) const {
        for (const WantedDriver& wanted : lines_) {
            double value = wanted.factors.empty() ? factors_[0].of_row(row) : 1;
            if (wanted.factors.size() > 1 && !ledger_.lines.empty() && ledger_.lines[row] != 1) {
                throw InputError(ledger_row_text(row) + "it sums " + number_text(ledger_.lines[row]) +
                                 " lines, of which no product of drivers can be formed; give the product as a driver");
            }
            for (const std::size_t factor : wanted.factors) value *= factors_[factor].of_row(row);
            cells[span_of_day(from_, ledger_.day[row]) * drivers_ + wanted.driver] += value;
        }
    }

    struct Document {
        DayNumber day;
        const std::vector<WantedDriver>* wanted;  ///< Drivers of what it is; null: neither delivery nor return.
    };

    void add_documents(std::size_t customer, std::span<const std::uint32_t> rows_of_customer,
                       std::span<math::CompensatedSum> cells) const {
        const auto key = [&](std::size_t row) { return event_key(ledger_, row); };
        std::vector<std::uint32_t> rows(rows_of_customer.begin(), rows_of_customer.end());
        const auto earlier = [&](std::uint32_t a, std::uint32_t b) {
            return std::pair(key(a), a) < std::pair(key(b), b);
        };
        if (!std::is_sorted(rows.begin(), rows.end(), earlier)) detail::sort(rows, earlier);
        std::vector<Document> documents;
        std::vector<double> values;  // documents x factors
        for (std::size_t k = 0; k < rows.size();) {
            EventSum sum;
            DayNumber day = ledger_.day[rows[k]];
            values.resize(values.size() + factors_.size());
            const std::span<double> own = std::span(values).last(factors_.size());
            const std::size_t begin = k;
            for (; k < rows.size() && key(rows[k]) == key(rows[begin]); ++k) {
                const std::size_t row = rows[k];
                sum.add(ledger_.revenue[row], ledger_.quantity, row);
                day = std::min(day, ledger_.day[row]);
                for (const std::size_t f : used_) factors_[f].add(own[f], row, k == begin);
            }
            documents.push_back({day, sum.is_delivery() ? &deliveries_ : sum.is_return() ? &returns_ : nullptr});
        }
        mark_new(customer, documents, values);
        for (std::size_t k = 0; k < documents.size(); ++k) {
            if (documents[k].wanted == nullptr) continue;
            const std::size_t span = span_of_day(from_, documents[k].day);
            for (const WantedDriver& wanted : *documents[k].wanted) {
                double value = 1;
                for (const std::size_t factor : wanted.factors) value *= values[k * factors_.size() + factor];
                cells[span * drivers_ + wanted.driver] += value;
            }
        }
    }

    /// Sets new_customer of the first delivery where the customer's first day lies in the period.
    void mark_new(std::size_t customer, std::span<const Document> documents, std::span<double> values) const {
        constexpr std::size_t new_customer = 1;  // place among the factors
        if (first_day_.empty() || first_day_[customer] < from_[0]) return;
        const Document* first = nullptr;
        for (const Document& one : documents) {
            if (one.wanted == &deliveries_ && (first == nullptr || one.day < first->day)) first = &one;
        }
        if (first == nullptr) return;
        values[static_cast<std::size_t>(first - documents.data()) * factors_.size() + new_customer] = 1;
    }
    const LedgerView& ledger_;
    std::span<const DayNumber> from_;
    std::size_t drivers_;
    ColumnView<DayNumber> first_day_;
    std::vector<EventFactor> factors_;
    std::vector<WantedDriver> lines_;
    std::vector<WantedDriver> deliveries_;
    std::vector<WantedDriver> returns_;
    std::vector<std::size_t> used_;  ///< Factors of deliveries and returns.
};

/// Adds the events of a table; `wanted` are places among the drivers of the sums.
CUSTFOLIO_INLINE void add_event_table(const EventTable& table, Period period, std::span<const std::size_t> wanted,
                                      EventSums& sums) {
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
    const auto values_of = [&](const std::string& name) -> const ColumnView<double>* {
        const auto at = detail::find(table.drivers, name, &DriverColumn::name);
        return at == table.drivers.end() ? nullptr : &at->values;
    };
    const auto row_text = [&](std::size_t row) {
        return where + ", row " + std::to_string(row) + " (counted from 0): ";
    };
    const auto customers = static_cast<std::int64_t>(sums.sum.rows());
    for (std::size_t row = 0; row < table.customer.size(); ++row) {
        if (table.customer[row] >= -1 && table.customer[row] < customers) continue;
        throw InputError(row_text(row) + "customer code is " + std::to_string(table.customer[row]) +
                         "; it must lie from -1 to " + std::to_string(customers - 1));
    }
    for (const std::size_t d : wanted) {
        const std::vector<std::string>& names = sums.driver[d].factors;
        std::vector<const ColumnView<double>*> factors;
        std::string product;
        for (const std::string& name : names) product += (product.empty() ? "" : "*") + name;
        if (const ColumnView<double>* const whole = values_of(product)) {
            factors.push_back(whole);
        } else {
            for (const std::string& name : names) {
                factors.push_back(values_of(name));
                if (factors.back() != nullptr) continue;
                std::string known;
                for (const DriverColumn& driver : table.drivers) known += (known.empty() ? "" : ", ") + driver.name;
                throw NotFoundError("an event of '" + table.name + "' has no driver '" + name + "'; it has " +
                                    (known.empty() ? "none" : known));
            }
        }
        const bool formed = factors.size() > 1;
        std::vector<math::CompensatedSum> cells((sums.sum.rows() + 1) * sums.from.size());  // the last row: of nobody
        for (std::size_t row = 0; row < table.customer.size(); ++row) {
            if (!period.contains(table.day[row])) continue;
            double value = names.empty() && !table.count.empty() ? table.count[row] : 1;
            if (formed && !table.count.empty() && table.count[row] != 1) {
                throw InputError(row_text(row) + "it sums " + number_text(table.count[row]) +
                                 " events, of which no product of drivers can be formed; give the column '" + product +
                                 "'");
            }
            for (const ColumnView<double>* const factor : factors) value *= (*factor)[row];
            if (!std::isfinite(value))
                throw InputError(row_text(row) + to_string(sums.driver[d]) + " is " + number_text(value) +
                                 "; it must be finite");
            const std::size_t cell =
                table.customer[row] < 0 ? sums.sum.rows() : static_cast<std::size_t>(table.customer[row]);
            cells[cell * sums.from.size() + span_of_day(sums.from, table.day[row])] += value;
        }
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
        const detail::RowGroups rows = detail::group_rows(
            checked, checked.customers, ledger.rows(), [](std::size_t k) { return k; },
            [&](std::size_t row) { return static_cast<std::size_t>(ledger.customer[row]); }, options.threads);
        math::parallel_for(0, checked.customers, 256, options.threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) {
                events.add(i, rows.rows(i), sums.sum.row(i));
            }
        });
    }
    for (std::size_t t = 0; t < options.tables.size(); ++t) {
        detail::add_event_table(options.tables[t], period, of_table[t], sums);
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
