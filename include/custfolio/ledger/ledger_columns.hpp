// LedgerColumns: the columns of a ledger, copied from the application's own records.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "custfolio/ledger/encode.hpp"
#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// A further driver of cost that owns its column.
struct OwnedDriver {
    std::string name;            ///< Its name, as a CostModel calls it.
    std::vector<double> values;  ///< Units of the driver, finite.
};

/// The columns of a ledger that own their memory; see LedgerView for their meaning. Made by columns_of().
struct LedgerColumns {
    std::vector<std::int32_t> customer;         ///< Code of the row's customer.
    std::vector<DayNumber> day;                 ///< Day of the row, days since 1970-01-01.
    std::vector<double> revenue;                ///< Net revenue, currency.
    std::vector<double> cost;                   ///< Cost of goods sold, currency; empty: none.
    std::vector<double> quantity;               ///< Units; empty: none.
    std::vector<std::int64_t> document;         ///< Number of the document; empty: none.
    std::vector<double> lines;                  ///< Order lines that the row sums; empty: each row is one line.
    std::vector<OwnedDriver> drivers;           ///< Further drivers per row.
    std::vector<OwnedDriver> delivery_drivers;  ///< Drivers of the document that each of its rows repeats.
    std::vector<std::string> id;                ///< Identity per code.

    /// @return a view of all columns; valid as long as the columns live and keep their sizes.
    [[nodiscard]] LedgerView view() const&;
    /// The view would outlive the columns.
    LedgerView view() const&& = delete;
    /// As view(), so that functions of a ledger take the columns.
    /// @return the view.
    operator LedgerView() const& { return view(); }  // NOLINT(google-explicit-constructor)
    operator LedgerView() const&& = delete;
};

namespace detail {

/// @throws InputError that names the row of a record and what is wrong with it.
[[noreturn]] void throw_record(std::size_t row, const std::string& what);

/// A day of a record as a number: a calendar date, a time point (its day in UTC, or its local day), or days since
/// 1970-01-01.
template <class Day>
DayNumber day_of(const Day& day, std::size_t row) {
    std::int64_t number = 0;
    if constexpr (std::integral<Day>) {
        if (!std::in_range<DayNumber>(day)) {
            throw_record(row, "day is " + std::to_string(day) + "; it must be a number of days since 1970-01-01");
        }
        number = static_cast<std::int64_t>(day);
    } else if constexpr (std::is_same_v<Day, std::chrono::year_month_day>) {
        if (!day.ok()) throw_record(row, "day is no date of the calendar");
        number = std::chrono::sys_days{day}.time_since_epoch().count();
    } else {
        number = std::chrono::floor<std::chrono::days>(day).time_since_epoch().count();
        if (!std::in_range<DayNumber>(number)) throw_record(row, "day is out of the calendar");
    }
    return static_cast<DayNumber>(number);
}

/// The customers of records, encoded: numbers, or anything that a std::string_view can be made of.
template <class Records, class Key>
Encoding encode_records(const Records& records, const Key& key, unsigned threads) {
    using Found = decltype(std::invoke(key, *std::begin(records)));
    using Value = std::remove_cvref_t<Found>;
    const auto gather = [&](auto column) {
        column.reserve(static_cast<std::size_t>(std::size(records)));
        for (const auto& record : records) column.emplace_back(std::invoke(key, record));
        return encode(column, threads);
    };
    if constexpr (std::integral<Value>) {
        static_assert(sizeof(Value) < sizeof(std::int64_t) || std::is_signed_v<Value>,
                      "columns_of: a customer's number must fit std::int64_t");
        return gather(std::vector<std::int64_t>{});
    } else if constexpr (std::is_lvalue_reference_v<Found> || !std::is_same_v<Value, std::string>) {
        static_assert(std::convertible_to<Found, std::string_view>,
                      "columns_of: a customer must be a whole number or a text");
        return gather(std::vector<std::string_view>{});
    } else {
        return gather(std::vector<std::string>{});
    }
}

}  // namespace detail

/// One number of every record, as a column.
/// @param records the records: a sized range.
/// @param number a member or a function of a record, such as `&Invoice::lines`.
/// @return the column. Linear.
template <class Records, class Number>
std::vector<double> column_of(const Records& records, Number number) {
    std::vector<double> column;
    column.reserve(static_cast<std::size_t>(std::size(records)));
    for (const auto& record : records) column.push_back(static_cast<double>(std::invoke(number, record)));
    return column;
}

/// The columns of a ledger from the application's own records:
///
///     auto columns = custfolio::columns_of(invoices, &Invoice::customer, &Invoice::day, &Invoice::net);
///     columns.lines = custfolio::column_of(invoices, &Invoice::lines);
///     auto statement = custfolio::statement(columns, costs);
///
/// Every argument after the records is a member, or a function of a record.
/// @param records the records, in any order: a sized range.
/// @param customer the customer's key: a whole number, or a text.
/// @param day the day: std::chrono::year_month_day, a time point (its day), or days since 1970-01-01.
/// @param revenue net revenue, currency.
/// @param further up to two more: cost of goods sold (currency), then the quantity (units).
/// @return columns that own their memory; keys are encoded on all cores. O(rows + distinct log distinct).
/// @throws InputError where a day is no date; the text names the record.
template <class Records, class Key, class Day, class Revenue, class... Further>
    requires(sizeof...(Further) <= 2)
LedgerColumns columns_of(const Records& records, Key customer, Day day, Revenue revenue, Further... further) {
    Encoding encoding = detail::encode_records(records, customer, 0);
    LedgerColumns columns;
    columns.customer = std::move(encoding.codes);
    columns.id = std::move(encoding.ids);
    columns.day.reserve(columns.customer.size());
    for (const auto& record : records) {
        columns.day.push_back(detail::day_of(std::invoke(day, record), columns.day.size()));
    }
    columns.revenue = column_of(records, revenue);
    const auto measures = std::tie(further...);
    if constexpr (sizeof...(Further) > 0) columns.cost = column_of(records, std::get<0>(measures));
    if constexpr (sizeof...(Further) > 1) columns.quantity = column_of(records, std::get<1>(measures));
    return columns;
}

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/ledger/ledger_columns.ipp"
#endif
