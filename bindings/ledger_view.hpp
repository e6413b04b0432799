// Views of a ledger and of events whose columns are NumPy arrays.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/convert.hpp"
#include "custfolio/ledger/events.hpp"
#include "custfolio/ledger/ledger_view.hpp"

namespace custfolio::bindings {

template <class T>
using OptionalArray = std::optional<Array<T>>;

/// Further drivers, by name; `held` keeps the arrays alive.
inline std::vector<DriverColumn> drivers_of(const pybind11::dict& columns, std::vector<Doubles>& held,
                                            std::size_t expected) {
    std::vector<DriverColumn> drivers;
    for (const auto& [name, values] : columns) {
        held.push_back(values.cast<Doubles>());
        auto text = name.cast<std::string>();
        const auto span = span_of(held.back(), text, expected);
        drivers.push_back({std::move(text), span});
    }
    return drivers;
}

/// The columns of a ledger and a view of them. The arrays must outlive it; identities and drivers are its own.
class HeldLedger {
  public:
    HeldLedger(const Array<std::int32_t>& customer, const Array<std::int32_t>& day, const Doubles& revenue,
               const OptionalArray<double>& cost, const OptionalArray<double>& quantity,
               const OptionalArray<std::int64_t>& document, const OptionalArray<double>& lines,
               const pybind11::dict& drivers, const pybind11::object& id, const pybind11::dict& delivery_drivers = {})
        : ids_(strings_of(id, "customer_id")) {
        view_.customer = span_of(customer, "customer");
        const std::size_t rows = view_.rows();
        view_.day = span_of(day, "day", rows);
        view_.revenue = span_of(revenue, "revenue", rows);
        view_.cost = span_of(cost, "cost", rows);
        view_.quantity = span_of(quantity, "quantity", rows);
        view_.document = span_of(document, "document", rows);
        view_.lines = span_of(lines, "lines", rows);
        view_.drivers = drivers_of(drivers, held_, rows);
        view_.delivery_drivers = drivers_of(delivery_drivers, held_, rows);
        view_.id = ids_;
    }
    HeldLedger(const HeldLedger&) = delete;
    HeldLedger& operator=(const HeldLedger&) = delete;

    [[nodiscard]] const LedgerView& view() const { return view_; }
    [[nodiscard]] const std::vector<std::string>& ids() const { return ids_; }

  private:
    std::vector<std::string> ids_;
    std::vector<Doubles> held_;
    LedgerView view_;
};

/// A ledger from a dict of its columns, as the functions take them by name.
class LedgerOfDict {
  public:
    explicit LedgerOfDict(const pybind11::dict& columns)
        : customer_(columns["customer"].cast<Array<std::int32_t>>()),
          day_(columns["day"].cast<Array<std::int32_t>>()),
          revenue_(columns["revenue"].cast<Doubles>()),
          cost_(columns["cost"].cast<OptionalArray<double>>()),
          quantity_(columns["quantity"].cast<OptionalArray<double>>()),
          document_(columns["document"].cast<OptionalArray<std::int64_t>>()),
          lines_(columns["lines"].cast<OptionalArray<double>>()),
          ledger_(customer_, day_, revenue_, cost_, quantity_, document_, lines_,
                  columns["drivers"].cast<pybind11::dict>(), columns["id"],
                  columns["delivery_drivers"].cast<pybind11::dict>()) {}

    [[nodiscard]] const LedgerView& view() const { return ledger_.view(); }

  private:
    Array<std::int32_t> customer_, day_;
    Doubles revenue_;
    OptionalArray<double> cost_, quantity_;
    OptionalArray<std::int64_t> document_;
    OptionalArray<double> lines_;
    HeldLedger ledger_;
};

/// Tables of events beside a ledger: tuples of name, customer, day, count and a dict of drivers. The list must outlive
/// it.
class HeldEvents {
  public:
    explicit HeldEvents(const pybind11::list& tables) {
        for (const auto& table : tables) {
            const auto cells = table.cast<pybind11::tuple>();
            custfolio::EventTable events;
            events.name = cells[0].cast<std::string>();
            events.customer = span_of(whole_.emplace_back(cells[1].cast<Array<std::int32_t>>()), "customer");
            events.day = span_of(whole_.emplace_back(cells[2].cast<Array<std::int32_t>>()), "day");
            events.count = span_of(held_.emplace_back(cells[3].cast<Doubles>()), "count");
            events.drivers = drivers_of(cells[4].cast<pybind11::dict>(), held_, events.customer.size());
            tables_.push_back(std::move(events));
        }
    }

    [[nodiscard]] const std::vector<custfolio::EventTable>& tables() const { return tables_; }

  private:
    std::vector<Array<std::int32_t>> whole_;
    std::vector<Doubles> held_;
    std::vector<custfolio::EventTable> tables_;
};

}  // namespace custfolio::bindings
