// Definitions of the aggregation: one pass into small tables where they fit a processor's cache, else one per group of
// customers.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/ledger/aggregate.hpp"
#include "custfolio/ledger/detail/event_sum.hpp"
#include "custfolio/ledger/detail/key_table.hpp"
#include "custfolio/ledger/detail/row_groups.hpp"
#include "custfolio/ledger/detail/thresholds.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/linear.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {
namespace detail {

/// Lowest and highest value of a column; lowest > highest where it is empty.
struct Extent {
    std::int32_t lowest = std::numeric_limits<std::int32_t>::max();
    std::int32_t highest = std::numeric_limits<std::int32_t>::min();
};

CUSTFOLIO_INLINE Extent extent(std::span<const std::int32_t> values, unsigned threads) {
    return math::parallel_reduce(
        0, values.size(), part_rows, threads, Extent{},
        [&](std::size_t begin, std::size_t end) {
            Extent extent;
            for (std::size_t i = begin; i < end; ++i) {
                extent.lowest = std::min(extent.lowest, values[i]);
                extent.highest = std::max(extent.highest, values[i]);
            }
            return extent;
        },
        [](Extent left, Extent right) {
            return Extent{std::min(left.lowest, right.lowest), std::max(left.highest, right.highest)};
        });
}

CUSTFOLIO_INLINE std::string ledger_row_text(std::size_t row) {
    return "ledger, row " + std::to_string(row) + " (counted from 0): ";
}

/// Names the first row whose code is out of range; there must be one.
CUSTFOLIO_INLINE void throw_code_out_of_range(std::span<const std::int32_t> customer, std::size_t customers) {
    for (std::size_t row = 0; row < customer.size(); ++row) {
        if (customer[row] < 0 || static_cast<std::size_t>(customer[row]) >= customers) {
            throw InputError(ledger_row_text(row) + "customer code is " + std::to_string(customer[row]) +
                             "; codes run from 0 to " + std::to_string(static_cast<std::int64_t>(customers) - 1));
        }
    }
}

/// The number of customers of a ledger. Without identities, its codes are searched for the highest and checked to be
/// dense. With identities, each use of a code checks it.
CUSTFOLIO_INLINE std::size_t count_customers(const LedgerView& ledger, unsigned threads) {
    // Identities give the number at once; customers without a row count too.
    if (!ledger.id.empty()) return ledger.id.size();
    if (ledger.rows() == 0) return 0;
    const Extent codes = extent(ledger.customer, threads);
    const auto customers = static_cast<std::size_t>(std::max(codes.highest + std::int64_t{1}, std::int64_t{0}));
    // Customer numbers used as codes would need a table of their size; dense codes never get here.
    if (customers > 16 * ledger.rows() + 65536) {
        throw InputError("ledger: the highest customer code is " + std::to_string(codes.highest) + " in a ledger of " +
                         std::to_string(ledger.rows()) +
                         " rows; codes must be dense, 0, 1, 2, ...; encode() makes them");
    }
    return customers;
}

/// Which part of its values a column sums.
enum class SignedPart { all, positive, negative };

/// An amount column of the ledger besides revenue.
struct AmountColumn {
    std::string name;
    std::span<const double> values;
    Column DriverTable::* column = nullptr;  ///< Where its sums go; null: a column of `further`.
    SignedPart part = SignedPart::all;
};

/// The checked input: the columns, the period, and the shape of a table row.
struct Aggregation {
    std::span<const std::int32_t> customer;
    std::span<const DayNumber> day;
    std::span<const double> revenue;  ///< As invoiced.
    std::span<const double> rebate;
    std::span<const double> quantity;
    std::span<const std::int64_t> document;
    std::vector<AmountColumn> amounts;  ///< Cost, quantity, lines and drivers, if there are any.
    bool all_sales = true;  ///< Whether every revenue is positive, and so every day and document a delivery.
    Period period;
    std::size_t customers = 0;
    std::size_t months = 0;
    std::size_t words = 0;                ///< 64-bit words of the flags of a customer's days.
    std::vector<std::uint32_t> month_of;  ///< Month within the period per day of it.

    [[nodiscard]] std::size_t cells() const { return months + amounts.size(); }
    /// Words of the flags of the days whose sum decides what they are: with documents, and where all rows are sales,
    /// none.
    [[nodiscard]] std::size_t open_words() const { return all_sales || !document.empty() ? 0 : words; }
    [[nodiscard]] std::size_t bytes_per_customer() const {
        return cells() * sizeof(math::CompensatedSum) + (words + open_words() + 1) * sizeof(std::uint64_t);
    }
};

/// Sums of a contiguous group of customers; one row each.
class AggregationTable {
  public:
    AggregationTable(const Aggregation& what, std::size_t first_customer, std::size_t customers)
        : what_(&what),
          first_(first_customer),
          sums_(customers * what.cells()),
          days_(customers * what.words),
          open_(customers * what.open_words()),
          rows_(customers) {}

    /// Adds rows in the order in which `row_at(begin) .. row_at(end - 1)` names them. Neighbouring rows of one customer
    /// and day, as most ledgers have them, are summed before the table is touched. With `adjacent`, neighbours are
    /// those of the ledger.
    template <bool adjacent = false, class RowAt>
    void add(std::size_t begin, std::size_t end, RowAt row_at) {
        const Aggregation& what = *what_;
        for (std::size_t k = begin; k < end;) {
            const std::size_t row = row_at(k);
            const std::int32_t code = what.customer[row];
            const DayNumber day = what.day[row];
            std::size_t stop = k + 1;
            while (stop < end && what.customer[row_at(stop)] == code && what.day[row_at(stop)] == day &&
                   (!adjacent || row_at(stop) == row_at(stop - 1) + 1)) {
                ++stop;
            }
            add_run(k, stop, row_at);
            k = stop;
        }
    }

    /// Adds neighbouring rows of one customer and day.
    template <class RowAt>
    void add_run(std::size_t k, std::size_t stop, RowAt row_at) {
        const Aggregation& what = *what_;
        const std::size_t cells = what.cells();
        const std::size_t row = row_at(k);
        const DayNumber day = what.day[row];
        const std::size_t local = static_cast<std::size_t>(what.customer[row]) - first_;
        if (local >= rows_.size()) throw_code_out_of_range(what.customer, what.customers);
        if (!what.period.contains(day)) return;
        const auto offset = static_cast<std::size_t>(day - what.period.first);
        math::CompensatedSum* const sums = &sums_[local * cells];
        // Sums by month: the period's revenue is the sum of its months, and needs no cell of its own.
        math::CompensatedSum& month = sums[what.month_of[offset]];
        month += sum(what.revenue, k, stop, row_at);
        if (!what.rebate.empty()) {
            month += sum_of([&](std::size_t one) { return -what.rebate[one]; }, k, stop, row_at);
        }
        for (std::size_t a = 0; a < what.amounts.size(); ++a) {
            sums[what.months + a] += sum(what.amounts[a], k, stop, row_at);
        }
        // A flag per day: first and last day, and deliveries where there are no documents, come from it.
        days_[local * what.words + offset / 64] |= std::uint64_t{1} << (offset % 64);
        if (!open_.empty()) {
            bool sales = true;
            for (std::size_t j = k; j < stop; ++j) sales &= what.revenue[row_at(j)] > 0;
            if (!sales) open_[local * what.words + offset / 64] |= std::uint64_t{1} << (offset % 64);
        }
        rows_[local] += stop - k;
    }

    /// Adds the same customer's row of another table.
    void add_row(std::size_t local, const AggregationTable& other) {
        // Most customers have no row in most parts.
        if (other.rows_[local] == 0) return;
        const std::size_t cells = what_->cells();
        for (std::size_t c = local * cells; c < (local + 1) * cells; ++c) sums_[c] += other.sums_[c];
        const std::size_t words = what_->words;
        for (std::size_t w = local * words; w < (local + 1) * words; ++w) days_[w] |= other.days_[w];
        if (!open_.empty()) {
            for (std::size_t w = local * words; w < (local + 1) * words; ++w) open_[w] |= other.open_[w];
        }
        rows_[local] += other.rows_[local];
    }

    /// Number of rows of a customer.
    [[nodiscard]] std::size_t rows(std::size_t local) const { return rows_[local]; }
    [[nodiscard]] double month(std::size_t local, std::size_t m) const {
        return sums_[local * what_->cells() + m].value();
    }
    [[nodiscard]] double revenue(std::size_t local) const {
        math::CompensatedSum total;
        for (std::size_t m = 0; m < what_->months; ++m) total += sums_[local * what_->cells() + m];
        return total.value();
    }
    [[nodiscard]] double amount(std::size_t local, std::size_t a) const {
        return sums_[local * what_->cells() + what_->months + a].value();
    }
    [[nodiscard]] std::span<const std::uint64_t> days(std::size_t local) const {
        return std::span(days_).subspan(local * what_->words, what_->words);
    }
    /// A flag per day with a row that is not a sale; empty where there can be none.
    [[nodiscard]] std::span<const std::uint64_t> open_days() const { return open_; }
    /// The place of a row's day among the flags: 64 x word + bit.
    [[nodiscard]] std::size_t day_flag(std::size_t row) const {
        const std::size_t local = static_cast<std::size_t>(what_->customer[row]) - first_;
        return 64 * local * what_->words + static_cast<std::size_t>(what_->day[row] - what_->period.first);
    }
    [[nodiscard]] bool is_open(std::size_t row) const {
        if (!what_->period.contains(what_->day[row])) return false;
        const std::size_t flag = day_flag(row);
        return (open_[flag / 64] >> (flag % 64) & 1) != 0;
    }

  private:
    template <class RowAt>
    static math::CompensatedSum sum(const AmountColumn& amount, std::size_t k, std::size_t stop, RowAt row_at) {
        switch (amount.part) {
            case SignedPart::positive:
                return sum_of([&](std::size_t row) { return std::max(amount.values[row], 0.0); }, k, stop, row_at);
            case SignedPart::negative:
                return sum_of([&](std::size_t row) { return std::max(-amount.values[row], 0.0); }, k, stop, row_at);
            default:
                return sum(amount.values, k, stop, row_at);
        }
    }
    template <class RowAt>
    static math::CompensatedSum sum(std::span<const double> values, std::size_t k, std::size_t stop, RowAt row_at) {
        return sum_of([&](std::size_t row) { return values[row]; }, k, stop, row_at);
    }
    template <class ValueOf, class RowAt>
    static math::CompensatedSum sum_of(ValueOf value_of, std::size_t k, std::size_t stop, RowAt row_at) {
        math::CompensatedSum first(value_of(row_at(k)));
        if (++k == stop) return first;
        if (stop - k >= 8) {  // independent lanes keep the processor busy; their order is fixed
            math::CompensatedSum second;
            math::CompensatedSum third;
            math::CompensatedSum fourth;
            for (; k + 4 <= stop; k += 4) {
                first += value_of(row_at(k));
                second += value_of(row_at(k + 1));
                third += value_of(row_at(k + 2));
                fourth += value_of(row_at(k + 3));
            }
            first += second;
            third += fourth;
            first += third;
        }
        for (; k < stop; ++k) first += value_of(row_at(k));
        return first;
    }

    const Aggregation* what_;
    std::size_t first_;
    std::vector<math::CompensatedSum> sums_;  ///< Per customer: revenue per month, then the amounts.
    std::vector<std::uint64_t> days_;         ///< Per customer: a flag per day of the period.
    std::vector<std::uint64_t> open_;         ///< Per customer: a flag per day with a row that is not a sale.
    std::vector<std::uint64_t> rows_;
};

/// The smallest period with every day; empty where there is none.
CUSTFOLIO_INLINE Period span_of_days(std::span<const DayNumber> day, unsigned threads) {
    const Extent days = extent(day, threads);
    return day.empty() ? Period{} : Period{days.lowest, days.highest};
}

/// A further driver needs its own name.
CUSTFOLIO_INLINE void require_driver_name(const std::string& name, const std::string& where) {
    if (name.empty()) throw InputError(where + ": a further driver has no name");
    if (is_usual_driver(name)) {
        const bool of_documents = name == "deliveries" || name == "returns";
        throw InputError(where + ": a further driver is named '" + name +
                         "', which every ledger has; give it another name, or give the column as " +
                         (of_documents      ? "document"
                          : name == "lines" ? "lines"
                                            : "quantity"));
    }
}

/// Whether all values of a column are as wanted.
template <class Wanted>
bool all_rows(std::span<const double> values, unsigned threads, Wanted wanted) {
    return math::parallel_reduce(
        0, values.size(), part_rows, threads, true,
        [&](std::size_t begin, std::size_t end) {
            bool all = true;
            for (std::size_t row = begin; row < end; ++row) all &= wanted(values[row]);
            return all;
        },
        [](bool left, bool right) { return left && right; });
}

/// Checks the columns of a ledger and returns the input of the aggregation.
CUSTFOLIO_INLINE Aggregation prepare(const LedgerView& ledger, Period period, unsigned threads) {
    const std::size_t rows = ledger.rows();
    if (rows > std::numeric_limits<std::uint32_t>::max()) {
        throw InputError("ledger: " + std::to_string(rows) + " rows; at most 4,294,967,295 can be aggregated at once");
    }
    const auto require_length = [rows](std::size_t count, const std::string& name, bool optional) {
        if (count != rows && !(optional && count == 0)) {
            throw InputError("ledger: column '" + name + "' has " + std::to_string(count) +
                             " values, column 'customer' has " + std::to_string(rows) +
                             "; all columns must have one value a row");
        }
    };
    require_length(ledger.day.size(), "day", false);
    require_length(ledger.revenue.size(), "revenue", false);
    require_length(ledger.document.size(), "document", true);
    Aggregation what;
    what.customer = ledger.customer;
    what.day = ledger.day;
    what.revenue = ledger.revenue;
    what.rebate = ledger.rebate();
    what.quantity = ledger.quantity;
    what.document = ledger.document;
    what.all_sales = all_rows(ledger.revenue, threads, [](double revenue) { return revenue > 0; });
    const auto add_amount = [&](std::string name, std::span<const double> values, Column DriverTable::* column,
                                SignedPart part = SignedPart::all) {
        require_length(values.size(), name, column != nullptr);
        if (column == nullptr || !values.empty()) what.amounts.push_back({std::move(name), values, column, part});
    };
    add_amount("cost", ledger.cost, &DriverTable::goods);
    const bool returned = !all_rows(ledger.quantity, threads, [](double quantity) { return !(quantity < 0); });
    add_amount("quantity", ledger.quantity, &DriverTable::quantity, returned ? SignedPart::positive : SignedPart::all);
    if (returned) {
        add_amount("returned_quantity", ledger.quantity, &DriverTable::returned_quantity, SignedPart::negative);
    }
    add_amount("lines", ledger.lines, &DriverTable::lines);
    for (const DriverColumn& driver : ledger.drivers) {
        require_driver_name(driver.name, "ledger");
        for (const AmountColumn& other : what.amounts) {
            // Two columns of one name would be one driver in the cost model.
            if (other.name == driver.name) throw InputError("ledger: two columns are named '" + driver.name + "'");
        }
        add_amount(driver.name, driver.values, nullptr);
    }
    what.customers = count_customers(ledger, threads);
    what.period = period;
    // An empty period is the whole ledger.
    if (period.last < period.first) what.period = span_of_days(ledger.day, threads);
    if (what.period.last < what.period.first) return what;

    constexpr DayNumber year_1 = -719162;
    constexpr DayNumber year_9999_end = 2932896;
    constexpr int most_months = 1200;
    if (what.period.first < year_1 || what.period.last > year_9999_end) {
        throw InputError("ledger: day numbers from " + std::to_string(what.period.first) + " to " +
                         std::to_string(what.period.last) +
                         "; days are counted from 1970-01-01 and must lie in the years 1 to 9999");
    }
    if (what.period.months() > most_months) {
        throw InputError("ledger: the period from " + day_text(what.period.first) + " to " +
                         day_text(what.period.last) + " has " + std::to_string(what.period.months()) +
                         " months, at most " + std::to_string(most_months) +
                         " are aggregated; correct the date, or give the period");
    }
    what.months = static_cast<std::size_t>(what.period.months());
    const auto days = static_cast<std::size_t>(what.period.days());
    what.words = (days + 63) / 64;
    // A table of days makes the month of a row one look-up.
    what.month_of.resize(days);
    Month month = what.period.first_month();
    DayNumber last_of_month = month.last_day();
    std::uint32_t index = 0;
    for (std::size_t d = 0; d < days; ++d) {
        if (what.period.first + static_cast<DayNumber>(d) > last_of_month) {
            month = month + 1;
            last_of_month = month.last_day();
            ++index;
        }
        what.month_of[d] = index;
    }
    return what;
}

/// Names the first row of the period with a number that cannot be added.
CUSTFOLIO_INLINE void throw_bad_amount(const Aggregation& what) {
    for (std::size_t row = 0; row < what.customer.size(); ++row) {
        if (!what.period.contains(what.day[row])) continue;
        if (!std::isfinite(what.revenue[row])) {
            throw InputError(ledger_row_text(row) + "revenue is " + number_text(what.revenue[row]) +
                             "; an amount must be finite");
        }
        for (const AmountColumn& amount : what.amounts) {
            const double value = amount.values[row];
            if (!std::isfinite(value)) {
                throw InputError(ledger_row_text(row) + amount.name + " is " + number_text(value) +
                                 "; it must be finite");
            }
            if (amount.name == "lines" && value < 0) {
                throw InputError(ledger_row_text(row) + "lines is " + number_text(value) +
                                 "; a row cannot sum fewer than 0 order lines");
            }
        }
    }
}

/// The places of a customer's results.
struct AggregationTarget {
    DriverTable* table;
    std::vector<std::size_t> rows;  ///< Rows per customer.
};

CUSTFOLIO_INLINE void write_customer(const Aggregation& what, const AggregationTable& from, std::size_t local,
                                     std::size_t customer, AggregationTarget& target) {
    if (from.rows(local) == 0) return;
    DriverTable& to = *target.table;
    target.rows[customer] = from.rows(local);
    to.revenue[customer] = from.revenue(local);
    for (std::size_t m = 0; m < what.months; ++m) {
        to.monthly_revenue(customer, m) = from.month(local, m);
    }
    // A row is an order line, unless the ledger has a column of lines.
    to.lines[customer] = static_cast<double>(from.rows(local));
    for (std::size_t a = 0, driver = 0; a < what.amounts.size(); ++a) {
        Column DriverTable::* const column = what.amounts[a].column;
        (column != nullptr ? (to.*column)[customer] : to.further(customer, driver++)) = from.amount(local, a);
    }
    const std::span<const std::uint64_t> days = from.days(local);
    int deliveries = 0;
    int first = -1;
    int last = -1;
    for (std::size_t w = 0; w < days.size(); ++w) {
        if (days[w] == 0) continue;
        const int base = static_cast<int>(w) * 64;
        deliveries += std::popcount(days[w]);
        if (first < 0) first = base + std::countr_zero(days[w]);
        last = base + 63 - std::countl_zero(days[w]);
    }
    // Without documents a day with rows is a delivery, and count_open_days() corrects those that are not.
    if (what.document.empty()) to.deliveries[customer] = deliveries;
    to.first_day[customer] = what.period.first + first;
    to.last_day[customer] = what.period.first + last;
}

/// Sums the days that have a row which is not a sale, and counts each as what it is. `rows_of(visit)` visits rows in
/// the order of the ledger, at least those of such days.
template <class RowsOf>
void count_open_days(const Aggregation& what, const AggregationTable& from, std::size_t first_customer, RowsOf rows_of,
                     DriverTable& table) {
    const std::span<const std::uint64_t> open = from.open_days();
    std::vector<std::uint32_t> before(open.size());  // open days before those of a word
    std::uint32_t count = 0;
    for (std::size_t w = 0; w < open.size(); ++w) {
        before[w] = std::exchange(count, count + static_cast<std::uint32_t>(std::popcount(open[w])));
    }
    if (count == 0) return;
    std::vector<EventSum> sums(count);
    rows_of([&](std::size_t row) {
        if (!from.is_open(row)) return;
        const std::size_t flag = from.day_flag(row);
        const std::uint64_t earlier = open[flag / 64] & ((std::uint64_t{1} << (flag % 64)) - 1);
        const std::size_t place = before[flag / 64] + static_cast<std::size_t>(std::popcount(earlier));
        sums[place].add(what.revenue[row], what.quantity, row);
    });
    std::size_t place = 0;
    for (std::size_t w = 0; w < open.size(); ++w) {
        const std::size_t customer = first_customer + w / what.words;
        for (int k = std::popcount(open[w]); k > 0; --k, ++place) {
            if (!sums[place].is_delivery()) table.deliveries[customer] -= 1;
            if (sums[place].is_return()) table.returns[customer] += 1;
        }
    }
}

/// Rows per chunk: a multiple of 2^18, at most 64 chunks, whatever the number of threads.
CUSTFOLIO_INLINE std::size_t chunk_rows(std::size_t rows) {
    return part_rows * std::max<std::size_t>(1, (rows + 64 * part_rows - 1) / (64 * part_rows));
}

/// Adds up partial tables in their order and writes the customers; `row_at` as for group_rows().
template <class RowAt>
void write_parts(const Aggregation& what, std::vector<AggregationTable>& part, AggregationTarget& target,
                 std::size_t rows, RowAt row_at, unsigned threads) {
    math::parallel_for(0, what.customers, 1024, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t customer = begin; customer < end; ++customer) {
            // In the order of the parts, whatever thread computed them.
            for (std::size_t p = 1; p < part.size(); ++p) part[0].add_row(customer, part[p]);
            write_customer(what, part[0], customer, customer, target);
        }
    });
    if (part[0].open_days().empty()) return;
    // The rows are searched on all threads; few are of such days.
    std::vector<std::vector<std::size_t>> open((rows + part_rows - 1) / part_rows);
    math::parallel_for(0, rows, part_rows, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t k = begin; k < end; ++k) {
            if (part[0].is_open(row_at(k))) open[begin / part_rows].push_back(row_at(k));
        }
    });
    const auto rows_of = [&](auto visit) {
        for (const std::vector<std::size_t>& some : open) std::for_each(some.begin(), some.end(), visit);
    };
    count_open_days(what, part[0], 0, rows_of, *target.table);
}

/// One partial table per chunk of rows, added up in the order of the chunks.
CUSTFOLIO_INLINE void aggregate_in_chunks(const Aggregation& what, AggregationTarget& target, unsigned threads) {
    const std::size_t rows = what.customer.size();
    const std::size_t grain = chunk_rows(rows);
    // Chunks depend on the number of rows alone, so the sums have the same bits for any number of threads.
    std::vector<AggregationTable> part((rows + grain - 1) / grain, AggregationTable(what, 0, 0));
    const auto row_at = [](std::size_t k) { return k; };
    math::parallel_for(0, rows, grain, threads, [&](std::size_t begin, std::size_t end) {
        AggregationTable table(what, 0, what.customers);
        table.add(begin, end, row_at);
        part[begin / grain] = std::move(table);
    });
    write_parts(what, part, target, rows, row_at, threads);
}

/// The same for some rows, ascending, with the chunks of the whole ledger.
CUSTFOLIO_INLINE void aggregate_in_chunks(const Aggregation& what, std::span<const std::uint32_t> rows,
                                          AggregationTarget& target, unsigned threads) {
    const std::size_t grain = chunk_rows(what.customer.size());
    // Rows of a part of the ledger meet the chunks of the whole: then a month alone has the bits of all months at once.
    std::vector<std::size_t> begin{0};  // per chunk with rows, and one past the last
    while (begin.back() < rows.size()) {
        const std::size_t end = (rows[begin.back()] / grain + 1) * grain;
        const auto next = std::partition_point(rows.begin() + static_cast<std::ptrdiff_t>(begin.back()), rows.end(),
                                               [&](std::uint32_t row) { return row < end; });
        begin.push_back(static_cast<std::size_t>(next - rows.begin()));
    }
    std::vector<AggregationTable> part(begin.size() - 1, AggregationTable(what, 0, 0));
    const auto row_at = [&](std::size_t k) { return std::size_t{rows[k]}; };
    math::parallel_for(0, part.size(), 1, threads, [&](std::size_t c, std::size_t) {
        AggregationTable table(what, 0, what.customers);
        table.add<true>(begin[c], begin[c + 1], row_at);
        part[c] = std::move(table);
    });
    if (!part.empty()) write_parts(what, part, target, rows.size(), row_at, threads);
}

/// Rows that stand one after another in the ledger, of one customer and day.
struct RowRun {
    std::uint32_t first;
    std::uint32_t count;
};

/// One past the last of the rows from `k` on that are of its run.
template <class RowAt>
std::size_t end_of_run(const Aggregation& what, std::size_t k, std::size_t end, RowAt row_at) {
    const std::size_t first = row_at(k);
    const std::int32_t code = what.customer[first];
    const DayNumber day = what.day[first];
    std::size_t stop = k + 1;
    while (stop < end && row_at(stop) == first + (stop - k) && what.customer[row_at(stop)] == code &&
           what.day[row_at(stop)] == day) {
        ++stop;
    }
    return stop;
}

/// Groups the rows of the period, as rows or as runs. `row_at(0) .. row_at(rows - 1)` names the candidates in the order
/// of the ledger; `group_of(row)` is read where the row is in the period; rows of one customer and day are of one
/// group.
template <class Entry, class RowAt, class GroupOf>
Groups<Entry> group_rows(const Aggregation& what, std::size_t count, std::size_t rows, RowAt row_at, GroupOf group_of,
                         unsigned threads) {
    constexpr bool runs = std::is_same_v<Entry, RowRun>;
    // A chunk counts its entries per group: as many rows as make these counts small beside them.
    const std::size_t grain = std::max(chunk_rows(rows), 16 * count);
    const std::size_t chunks = (rows + grain - 1) / grain;
    Groups<Entry> groups;
    std::vector<std::size_t> next(chunks * count);  // first the number of entries, then where the next one goes
    math::parallel_for(0, rows, grain, threads, [&](std::size_t begin, std::size_t end) {
        std::size_t* const counts = &next[begin / grain * count];
        for (std::size_t k = begin; k < end;) {
            const std::size_t row = row_at(k);
            if (static_cast<std::size_t>(what.customer[row]) >= what.customers) {
                throw_code_out_of_range(what.customer, what.customers);
            }
            const std::size_t stop = end_of_run(what, k, end, row_at);
            if (what.period.contains(what.day[row])) counts[group_of(row)] += runs ? 1 : stop - k;
            k = stop;
        }
    });
    groups.begin.resize(count + 1);
    std::size_t place = 0;
    for (std::size_t g = 0; g < count; ++g) {
        groups.begin[g] = place;
        for (std::size_t c = 0; c < chunks; ++c) place += std::exchange(next[c * count + g], place);
    }
    groups.begin[count] = place;
    groups.entry.resize(place);
    math::parallel_for(0, rows, grain, threads, [&](std::size_t begin, std::size_t end) {
        std::size_t* const to = &next[begin / grain * count];
        for (std::size_t k = begin; k < end;) {
            const std::size_t row = row_at(k);
            const std::size_t stop = end_of_run(what, k, end, row_at);
            if (what.period.contains(what.day[row])) {
                std::size_t& place_of_next = to[group_of(row)];
                if constexpr (runs) {
                    groups.entry[place_of_next++] = {static_cast<std::uint32_t>(row),
                                                     static_cast<std::uint32_t>(stop - k)};
                } else {
                    for (std::size_t j = 0; j < stop - k; ++j) {
                        groups.entry[place_of_next++] = static_cast<std::uint32_t>(row + j);
                    }
                }
            }
            k = stop;
        }
    });
    return groups;
}

/// Counts the documents of the customers of a group: deliveries and returns. `rows_of(visit)` visits its rows.
template <class RowsOf>
void count_documents(const Aggregation& what, RowsOf rows_of, DriverTable& table) {
    EventNumbers documents;
    std::vector<EventSum> sums;  // per document, where their sums decide
    rows_of([&](std::size_t row) {
        const std::size_t number = documents.number({what.customer[row], what.document[row]});
        if (what.all_sales) return;
        if (number == sums.size()) sums.emplace_back();  // a key that is new gets the next number
        sums[number].add(what.revenue[row], what.quantity, row);
    });
    for (std::size_t k = 0; k < documents.keys().size(); ++k) {
        const auto customer = static_cast<std::size_t>(documents.keys()[k].first);
        if (what.all_sales || sums[k].is_delivery()) table.deliveries[customer] += 1;
        if (!what.all_sales && sums[k].is_return()) table.returns[customer] += 1;
    }
}

/// Asks for memory that is read soon; a compiler without such a request ignores it.
inline void prefetch([[maybe_unused]] const void* address) {
#if defined(__GNUC__)
    __builtin_prefetch(address);
#endif
}

/// One table per group of customers; its rows are found by a stable partition first. `row_at` as for group_rows().
template <class RowAt>
void aggregate_in_groups(const Aggregation& what, std::size_t rows, RowAt row_at, AggregationTarget& target,
                         unsigned threads) {
    // As many customers a group as fit the cache, but enough groups for all threads and not too many.
    const std::size_t fitting = std::max<std::size_t>(1, group_table_bytes / what.bytes_per_customer());
    const std::size_t wanted = std::max(std::min(fitting, what.customers / 64 + 1), what.customers / 4096 + 1);
    const auto shift = static_cast<unsigned>(std::bit_width(wanted) - 1);
    // Most ledgers have the lines of a customer's day one after another: runs take less memory than rows.
    const Groups<RowRun> groups = group_rows<RowRun>(
        what, ((what.customers - 1) >> shift) + 1, rows, row_at,
        [&](std::size_t row) { return static_cast<std::size_t>(what.customer[row]) >> shift; }, threads);
    math::parallel_for(0, groups.begin.size() - 1, 1, threads, [&](std::size_t g, std::size_t) {
        const std::size_t first = g << shift;
        const std::size_t customers = std::min(std::size_t{1} << shift, what.customers - first);
        AggregationTable table(what, first, customers);
        const auto itself = [](std::size_t row) { return row; };
        const std::span<const RowRun> runs = groups.of(g);
        constexpr std::size_t ahead = 8;  // runs whose customer and day come from memory in time
        for (std::size_t r = 0; r < runs.size();) {
            RowRun run = runs[r];
            if (r + ahead < runs.size()) {
                prefetch(&what.customer[runs[r + ahead].first]);
                prefetch(&what.day[runs[r + ahead].first]);
            }
            // A run that two chunks share is one, so that sums do not depend on the chunks.
            while (++r < runs.size() && runs[r].first == run.first + run.count &&
                   what.customer[runs[r].first] == what.customer[run.first] &&
                   what.day[runs[r].first] == what.day[run.first]) {
                run.count += runs[r].count;
            }
            table.add_run(run.first, std::size_t{run.first} + run.count, itself);
        }
        for (std::size_t i = 0; i < customers; ++i) write_customer(what, table, i, first + i, target);
        const auto rows_of = [&](auto visit) {
            for (const RowRun& run : runs) {
                for (std::size_t j = 0; j < run.count; ++j) visit(run.first + j);
            }
        };
        if (!what.document.empty()) count_documents(what, rows_of, *target.table);
        if (!table.open_days().empty()) count_open_days(what, table, first, rows_of, *target.table);
    });
}

/// Whether a row of the period sums fewer than 0 lines.
CUSTFOLIO_INLINE bool any_negative_lines(const Aggregation& what, std::span<const double> lines, unsigned threads) {
    return math::parallel_reduce(
        0, lines.size(), part_rows, threads, false,
        [&](std::size_t begin, std::size_t end) {
            bool negative = false;
            for (std::size_t row = begin; row < end; ++row)
                negative |= lines[row] < 0 && what.period.contains(what.day[row]);
            return negative;
        },
        [](bool left, bool right) { return left || right; });
}

/// Names the first column and customer whose sum left the range of a double although every row is finite.
CUSTFOLIO_INLINE void throw_overflow(const LedgerView& ledger, const DriverTable& table) {
    const auto check = [&](const Column& column, const std::string& name) {
        for (std::size_t code = 0; code < column.size(); ++code) {
            if (std::isfinite(column[code])) continue;
            throw InputError("ledger: the sum of " + name + " of customer " +
                             (ledger.id.empty() ? std::to_string(code) : ledger.id[code]) +
                             " overflows; check the unit of the column");
        }
    };
    check(table.revenue, "revenue");
    check(table.goods, "cost");
    check(table.quantity, "quantity");
    check(table.returned_quantity, "returned quantity");
    check(table.lines, "lines");
    for (std::size_t d = 0; d < table.driver_names.size(); ++d) {
        Column sums(table.size());
        for (std::size_t code = 0; code < sums.size(); ++code) sums[code] = table.further(code, d);
        check(sums, table.driver_names[d]);
    }
}

/// Aggregates the rows of the period: all rows of the ledger are read, or those of `rows`, which are all of the period.
CUSTFOLIO_INLINE Aggregated aggregate_prepared(const LedgerView& ledger, const Aggregation& what,
                                               const std::span<const std::uint32_t>* rows, unsigned threads) {
    Aggregated result;
    DriverTable& table = result.table;
    table.period = what.period;
    for (Column* column : {&table.revenue, &table.goods, &table.deliveries, &table.lines, &table.quantity,
                           &table.returns, &table.returned_quantity}) {
        column->assign(what.customers, 0.0);
    }
    table.first_day.assign(what.customers, 0);
    table.last_day.assign(what.customers, -1);
    table.monthly_revenue = Matrix(what.customers, what.months);
    AggregationTarget target{&table, std::vector<std::size_t>(what.customers)};
    for (const DriverColumn& driver : ledger.drivers) table.driver_names.push_back(driver.name);
    table.further = Matrix(what.customers, table.driver_names.size());
    if (what.months == 0 || ledger.rows() == 0) return result;

    // Small tables: each chunk of rows has one of its own, and nothing needs sorting. Documents must be grouped by
    // customer.
    const bool chunks = what.document.empty() && what.customers * what.bytes_per_customer() <= most_part_table_bytes;
    if (chunks && rows != nullptr) {
        aggregate_in_chunks(what, *rows, target, threads);
    } else if (chunks) {
        aggregate_in_chunks(what, target, threads);
    } else if (rows != nullptr) {
        aggregate_in_groups(
            what, rows->size(), [&](std::size_t k) { return std::size_t{(*rows)[k]}; }, target, threads);
    } else {
        aggregate_in_groups(what, ledger.rows(), [](std::size_t k) { return k; }, target, threads);
    }
    // NaN and infinity stay in every sum that they enter: only then are the rows searched.
    if (!math::all_finite(table.revenue) || !math::all_finite(table.goods) || !math::all_finite(table.quantity) ||
        !math::all_finite(table.returned_quantity) || !math::all_finite(table.lines) ||
        !math::all_finite(table.further.values())) {
        throw_bad_amount(what);
        throw_overflow(ledger, table);
    }
    for (const std::size_t count : target.rows) result.rows += count;
    return result;
}

CUSTFOLIO_INLINE Aggregated aggregate_counted(const LedgerView& ledger, Period period, unsigned threads) {
    const Aggregation what = prepare(ledger, period, threads);
    if (what.months > 0 && any_negative_lines(what, ledger.lines, threads)) throw_bad_amount(what);
    return aggregate_prepared(ledger, what, nullptr, threads);
}

}  // namespace detail

CUSTFOLIO_INLINE Period span_of_days(const LedgerView& ledger) {
    return detail::span_of_days(ledger.day, 1);
}

CUSTFOLIO_INLINE DriverTable aggregate(const LedgerView& ledger, Period period, unsigned threads) {
    return detail::aggregate_counted(ledger, period, threads).table;
}

CUSTFOLIO_INLINE void aggregate_by_month(const LedgerView& ledger, Period period, unsigned threads,
                                         const std::function<void(const DriverTable&)>& visit) {
    const detail::Aggregation whole = detail::prepare(ledger, period, threads);
    if (whole.months == 0) return;
    if (detail::any_negative_lines(whole, ledger.lines, threads)) detail::throw_bad_amount(whole);
    // Rows are grouped by month once, and each month then reads its own rows alone.
    const detail::RowGroups months = detail::group_rows<std::uint32_t>(
        whole, whole.months, ledger.rows(), [](std::size_t k) { return k; },
        [&](std::size_t row) {
            return std::size_t{whole.month_of[static_cast<std::size_t>(ledger.day[row] - whole.period.first)]};
        },
        threads);
    for (std::size_t m = 0; m < whole.months; ++m) {
        const Month month = whole.period.first_month() + static_cast<int>(m);
        detail::Aggregation what = whole;
        what.period = {std::max(month.first_day(), whole.period.first), std::min(month.last_day(), whole.period.last)};
        what.months = 1;
        what.words = 1;  // a month has at most 31 days
        what.month_of.assign(static_cast<std::size_t>(what.period.days()), 0);
        const std::span<const std::uint32_t> rows = months.of(m);
        visit(detail::aggregate_prepared(ledger, what, &rows, threads).table);
    }
}

CUSTFOLIO_INLINE std::vector<DayNumber> first_days(const LedgerView& ledger, unsigned threads) {
    if (ledger.day.size() != ledger.rows()) {
        throw InputError("ledger: column 'day' has " + std::to_string(ledger.day.size()) +
                         " values, column 'customer' has " + std::to_string(ledger.rows()) +
                         "; all columns must have one value a row");
    }
    const std::size_t customers = detail::count_customers(ledger, threads);
    constexpr DayNumber none = std::numeric_limits<DayNumber>::max();
    // A chunk has a table of its own: as many rows as make that table small beside them.
    const std::size_t grain = std::max(detail::chunk_rows(ledger.rows()), 16 * customers);
    std::vector<DayNumber> first = math::parallel_reduce(
        0, ledger.rows(), grain, threads, std::vector<DayNumber>{},
        [&](std::size_t begin, std::size_t end) {
            std::vector<DayNumber> days(customers, none);
            for (std::size_t row = begin; row < end; ++row) {
                const auto code = static_cast<std::size_t>(ledger.customer[row]);
                if (code >= customers) detail::throw_code_out_of_range(ledger.customer, customers);
                DayNumber& day = days[code];
                day = std::min(day, ledger.day[row]);
            }
            return days;
        },
        [](std::vector<DayNumber> left, const std::vector<DayNumber>& right) {
            for (std::size_t i = 0; i < left.size(); ++i) left[i] = std::min(left[i], right[i]);
            return left;
        });
    first.resize(customers, none);
    return first;
}

CUSTFOLIO_INLINE void add_drivers(DriverTable& table, std::span<const DriverColumn> drivers) {
    for (const DriverColumn& driver : drivers) {
        detail::require_driver_name(driver.name, "drivers per customer");
        if (driver.values.size() != table.size()) {
            throw InputError("driver '" + driver.name + "' has " + std::to_string(driver.values.size()) +
                             " values for " + std::to_string(table.size()) +
                             " customers; it must have one per customer");
        }
        for (std::size_t i = 0; i < driver.values.size(); ++i) {
            if (std::isfinite(driver.values[i])) continue;
            require_finite(driver.values[i],
                           "driver '" + driver.name + "', row " + std::to_string(i) + " (counted from 0)");
        }
    }
    std::vector<std::size_t> column_of;
    for (const DriverColumn& driver : drivers) {
        const auto known = std::find(table.driver_names.begin(), table.driver_names.end(), driver.name);
        column_of.push_back(static_cast<std::size_t>(known - table.driver_names.begin()));
        if (known == table.driver_names.end()) table.driver_names.push_back(driver.name);
    }
    Matrix further(table.size(), table.driver_names.size());
    for (std::size_t i = 0; i < further.rows(); ++i) {
        if (i < table.further.rows()) detail::copy(table.further.row(i), further.row(i).begin());
        for (std::size_t k = 0; k < drivers.size(); ++k) further(i, column_of[k]) += drivers[k].values[i];
    }
    table.further = std::move(further);
}

CUSTFOLIO_INLINE AttributedDriver attribute_driver(std::span<const std::int32_t> code, std::span<const double> amount,
                                                   std::size_t customers) {
    if (amount.size() != code.size()) {
        throw InputError("driver: there are " + std::to_string(amount.size()) + " amounts for " +
                         std::to_string(code.size()) + " rows; there must be one per row");
    }
    AttributedDriver attributed{std::vector<double>(customers), 0.0};
    for (std::size_t row = 0; row < code.size(); ++row) {
        const auto where = [&] { return "driver, row " + std::to_string(row) + " (counted from 0)"; };
        if (code[row] < -1 || code[row] >= static_cast<std::int64_t>(customers)) {
            throw InputError(where() + ": customer code is " + std::to_string(code[row]) + "; it must lie from -1 to " +
                             std::to_string(static_cast<std::int64_t>(customers) - 1));
        }
        if (!std::isfinite(amount[row])) require_finite(amount[row], where());
        (code[row] < 0 ? attributed.not_attributed : attributed.customer[static_cast<std::size_t>(code[row])]) +=
            amount[row];
    }
    return attributed;
}

}  // namespace custfolio
