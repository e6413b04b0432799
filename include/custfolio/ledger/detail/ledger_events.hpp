// The events of a ledger and of tables beside it, one by one: what is summed, listed and traced.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/ledger/detail/event_sum.hpp"
#include "custfolio/ledger/event_table.hpp"
#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/portfolio/event_drivers.hpp"

namespace custfolio::detail {

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
std::vector<EventFactor> ledger_factors(const LedgerView& ledger);

/// A driver to sum: its place among the drivers, and its factors' places.
struct WantedDriver {
    std::size_t driver = 0;
    std::vector<std::size_t> factors{};
};

/// The wanted drivers of one kind of event.
std::vector<WantedDriver> wanted_drivers(std::span<const EventDriver> drivers, const std::string& event,
                                         const std::vector<EventFactor>& factors);

/// The span of days that a day lies in.
std::size_t span_of_day(std::span<const DayNumber> from, DayNumber day);

/// A row of a ledger as a message begins.
std::string ledger_row_text(std::size_t row);

/// A document of a customer, or a day where the ledger has no documents.
struct LedgerDocument {
    std::size_t begin = 0;  ///< Its first row in LedgerDocuments::place.
    std::size_t end = 0;    ///< One past its last row.
    DayNumber day = 0;      ///< Its first day in the period.
    EventSum sum = EventSum();
};

/// The documents of a customer, by number or day.
struct LedgerDocuments {
    std::vector<std::uint32_t> place{};      ///< Places of rows among those of the customer, by document.
    std::vector<LedgerDocument> document{};  ///< The documents.
    std::vector<double> value{};             ///< Documents x factors.

    /// Places of the documents in order of day; those of a day by number.
    [[nodiscard]] std::vector<std::size_t> by_day() const {
        std::vector<std::size_t> order(document.size());
        for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
        detail::stable_sort(order, [&](std::size_t a, std::size_t b) { return document[a].day < document[b].day; });
        return order;
    }
};

/// The ledger's own events: the lines, deliveries and returns of a customer, and their drivers.
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
        const auto add_to = [&](std::size_t driver, DayNumber day, double value) {
            cells[span_of_day(from_, day) * drivers_ + driver] += value;
        };
        each_line(rows, [&](std::size_t driver, std::size_t place, double value) {
            add_to(driver, ledger_.day[rows[place]], value);
        });
        if (!deliveries_.empty() || !returns_.empty()) {
            const LedgerDocuments found = documents(customer, rows);
            each_document(found, [&](std::size_t driver, std::size_t place, double value) {
                add_to(driver, found.document[place].day, value);
            });
        }
        for (std::size_t c = 0; c < sums.size(); ++c) sums[c] = cells[c].value();
    }

    /// Visits the wanted drivers of lines: driver, place of the row, value.
    template <class Visit>
    void each_line(std::span<const std::uint32_t> rows, Visit visit) const {
        for (std::size_t place = 0; place < rows.size() && !lines_.empty(); ++place) {
            const std::size_t row = rows[place];
            for (const WantedDriver& wanted : lines_) {
                double value = wanted.factors.empty() ? lines(row) : 1;
                if (wanted.factors.size() > 1 && !ledger_.lines.empty() && ledger_.lines[row] != 1) {
                    throw InputError(ledger_row_text(row) + "it sums " + number_text(ledger_.lines[row]) +
                                     " lines, of which no product of drivers can be formed; give the product as a " +
                                     "driver");
                }
                for (const std::size_t factor : wanted.factors) value *= factors_[factor].of_row(row);
                visit(wanted.driver, place, value);
            }
        }
    }

    /// Visits the wanted drivers of deliveries and returns: driver, place of the document, value.
    template <class Visit>
    void each_document(const LedgerDocuments& documents, Visit visit) const {
        for (std::size_t k = 0; k < documents.document.size(); ++k) {
            const EventSum& sum = documents.document[k].sum;
            const bool delivery = sum.is_delivery();
            if (!delivery && !sum.is_return()) continue;
            for (const WantedDriver& wanted : delivery ? deliveries_ : returns_) {
                double value = 1;
                for (const std::size_t factor : wanted.factors) value *= documents.value[k * factors_.size() + factor];
                visit(wanted.driver, k, value);
            }
        }
    }

    /// The documents of the rows of a customer, which are in the order of the ledger.
    [[nodiscard]] LedgerDocuments documents(std::size_t customer, std::span<const std::uint32_t> rows) const {
        LedgerDocuments found;
        std::vector<std::pair<std::int64_t, std::uint32_t>> keys;
        keys.reserve(rows.size());
        for (std::uint32_t place = 0; place < rows.size(); ++place) {
            keys.emplace_back(event_key(ledger_, rows[place]), place);
        }
        if (!std::is_sorted(keys.begin(), keys.end())) detail::sort(keys);
        found.place.reserve(rows.size());
        for (std::size_t k = 0; k < keys.size();) {
            LedgerDocument document{.begin = k, .day = ledger_.day[rows[keys[k].second]]};
            found.value.resize(found.value.size() + factors_.size());
            const std::span<double> own = std::span(found.value).last(factors_.size());
            for (; k < keys.size() && keys[k].first == keys[document.begin].first; ++k) {
                found.place.push_back(keys[k].second);
                const std::size_t row = rows[keys[k].second];
                document.sum.add(ledger_.revenue[row], ledger_.quantity, row);
                document.day = std::min(document.day, ledger_.day[row]);
                for (const std::size_t f : used_) factors_[f].add(own[f], row, k == document.begin);
            }
            document.end = k;
            found.document.push_back(document);
        }
        mark_new(customer, found.document, found.value);
        return found;
    }

    /// Order lines of a row.
    [[nodiscard]] double lines(std::size_t row) const { return factors_[0].of_row(row); }
    /// The place of a driver among the factors of a document; one past the last where it is none.
    [[nodiscard]] std::size_t factor(const std::string& name) const {
        return static_cast<std::size_t>(detail::find(factors_, name, &EventFactor::name) - factors_.begin());
    }
    [[nodiscard]] std::size_t factors() const { return factors_.size(); }

  private:
    /// Sets new_customer of the first delivery where the customer's first day lies in the period.
    void mark_new(std::size_t customer, std::span<const LedgerDocument> documents, std::span<double> values) const {
        constexpr std::size_t new_customer = 1;  // place among the factors
        if (first_day_.empty() || first_day_[customer] < from_[0]) return;
        const LedgerDocument* first = nullptr;
        for (const LedgerDocument& one : documents) {
            if (one.sum.is_delivery() && (first == nullptr || one.day < first->day)) first = &one;
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

/// Checks the name, lengths and codes of a table of events.
void check_event_table(const EventTable& table, std::size_t of_customers);

/// Visits the events of a table in a period: row, and the value of a driver. Messages name customers by `id`.
template <class Visit>
void each_event(const EventTable& table, const EventDriver& driver, Period period, Visit visit,
                std::span<const std::string> id = {}) {
    const auto values_of = [&](const std::string& name) -> const ColumnView<double>* {
        const auto at = detail::find(table.drivers, name, &DriverColumn::name);
        return at == table.drivers.end() ? nullptr : &at->values;
    };
    const auto row_text = [&](std::size_t row) {
        const std::int32_t code = table.customer[row];
        const auto name = [&] { return id.empty() ? std::to_string(code) : id[static_cast<std::size_t>(code)]; };
        return "events '" + table.name + "', " + (code < 0 ? "no customer" : "customer '" + name() + "'") + " on " +
               day_text(table.day[row]) + ": ";
    };
    const std::vector<std::string>& names = driver.factors;
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
            for (const DriverColumn& one : table.drivers) known += (known.empty() ? "" : ", ") + one.name;
            throw NotFoundError("an event of '" + table.name + "' has no driver '" + name + "'; it has " +
                                (known.empty() ? "none" : known));
        }
    }
    const bool formed = factors.size() > 1;
    for (std::size_t row = 0; row < table.customer.size(); ++row) {
        if (!period.contains(table.day[row])) continue;
        double value = names.empty() && !table.count.empty() ? table.count[row] : 1;
        if (formed && !table.count.empty() && table.count[row] != 1) {
            throw InputError(row_text(row) + "it sums " + number_text(table.count[row]) +
                             " events, of which no product of drivers can be formed; give the column '" + product +
                             "'");
        }
        for (std::size_t k = 0; k < factors.size(); ++k) {
            const double units = (*factors[k])[row];
            // Events below 0 would offset others, and the minutes of each event could not be checked.
            if (units < 0) {
                throw InputError(row_text(row) + (formed ? names[k] : product) + " is " + number_text(units) +
                                 "; a driver of an event must be >= 0");
            }
            value *= units;
        }
        if (!std::isfinite(value)) {
            throw InputError(row_text(row) + to_string(driver) + " is " + number_text(value) + "; it must be finite");
        }
        visit(row, value);
    }
}

}  // namespace custfolio::detail
