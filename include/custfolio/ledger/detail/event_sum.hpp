// What decides whether a document, or a day of a customer, is a delivery or a return.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "custfolio/ledger/detail/key_table.hpp"
#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::detail {

/// The rows of a document, or of a customer's day, as far as they decide whether it is a delivery or a return.
struct EventSum {
    math::CompensatedSum revenue;
    double magnitude = 0;  ///< Sum of absolute revenue.
    bool sold = false;     ///< Whether any quantity is positive; without quantities: whether there is a row.

    void add(double amount, std::span<const double> quantity, std::size_t row) {
        revenue += amount;
        magnitude += std::abs(amount);
        sold |= quantity.empty() || quantity[row] > 0;
    }
    /// A sum within the rounding of its addends is 0: 10.1 + 20.2 - 30.3 is not a sale.
    [[nodiscard]] double sum() const {
        const double value = revenue.value();
        return std::abs(value) <= 1e-12 * magnitude ? 0.0 : value;
    }
    [[nodiscard]] bool is_delivery() const { return sum() > 0 || (sum() == 0 && sold); }
    [[nodiscard]] bool is_return() const { return sum() < 0; }
};

/// What the rows of one delivery or return share: their document, or their day where there are no documents.
inline std::int64_t event_key(const LedgerView& ledger, std::size_t row) {
    return ledger.document.empty() ? ledger.day[row] : ledger.document[row];
}

/// Numbers deliveries and returns in the order of their first rows.
class EventNumbers {
  public:
    /// A customer and an event_key().
    using Key = std::pair<std::int32_t, std::int64_t>;

    std::size_t number(const Key& key) {
        // Neighbouring rows of one document, as most ledgers have them, need no look-up.
        if (key != last_) number_ = static_cast<std::size_t>(table_.number(key));
        last_ = key;
        return number_;
    }
    [[nodiscard]] const std::vector<Key>& keys() const { return table_.keys(); }

  private:
    KeyTable<Key> table_;
    Key last_{-1, 0};
    std::size_t number_ = 0;
};

}  // namespace custfolio::detail
