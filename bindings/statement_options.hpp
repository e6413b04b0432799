// The options of a statement whose columns are NumPy arrays.
#pragma once

#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bindings/convert.hpp"
#include "bindings/ledger_view.hpp"
#include "custfolio/selection/statement.hpp"

namespace custfolio::bindings {

/// The arrays of receivables, and a view of them.
struct HeldReceivables {
    Array<std::int32_t> customer, invoiced, due, paid;
    Doubles amount;

    explicit HeldReceivables(const pybind11::dict& columns)
        : customer(columns["customer"].cast<Array<std::int32_t>>()),
          invoiced(columns["invoiced"].cast<Array<std::int32_t>>()),
          due(columns["due"].cast<Array<std::int32_t>>()),
          paid(columns["paid"].cast<Array<std::int32_t>>()),
          amount(columns["amount"].cast<Doubles>()) {}
    [[nodiscard]] Receivables view() const {
        return {span_of(customer, "customer"), span_of(invoiced, "invoiced"), span_of(due, "due"),
                span_of(paid, "paid"), span_of(amount, "amount")};
    }
};

/// The options that a trace reads too: drivers per customer, events, receivables or DSO. The arrays must outlive them.
class HeldOptions {
  public:
    HeldOptions(const pybind11::dict& customer_drivers, const pybind11::list& events,
                const std::optional<pybind11::dict>& receivables, const OptionalArray<double>& dso,
                const OptionalArray<double>& terms, std::size_t customers)
        : tables_(events) {
        options_.drivers = drivers_of(customer_drivers, held_, customers);
        if (receivables) options_.receivables = invoices_.emplace(*receivables).view();
        if (dso) options_.dso = span_of(*dso, "dso");
        if (terms) options_.terms = span_of(*terms, "terms");
        options_.events = tables_.tables();
    }
    HeldOptions(const HeldOptions&) = delete;
    HeldOptions& operator=(const HeldOptions&) = delete;

    [[nodiscard]] StatementOptions& options() { return options_; }

  private:
    HeldEvents tables_;
    std::vector<Doubles> held_;
    std::optional<HeldReceivables> invoices_;
    StatementOptions options_;
};

}  // namespace custfolio::bindings
