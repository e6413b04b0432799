// Columns from records: the same statement as from columns by hand, for keys and days of any type; bad days are named.
#include "custfolio/ledger/ledger_columns.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "custfolio/ledger/aggregate.hpp"

using namespace custfolio;
using namespace std::chrono_literals;

namespace {

struct Invoice {
    std::string customer;
    std::int64_t number = 0;
    DayNumber day = 0;
    std::chrono::year_month_day date{};
    std::chrono::system_clock::time_point booked{};
    double net = 0;
    int cents_of_cost = 0;
    double units = 0;
    int lines = 1;

    [[nodiscard]] double cost() const { return cents_of_cost / 100.0; }
    [[nodiscard]] std::string key() const { return "c" + customer; }
};

std::vector<Invoice> random_invoices(std::size_t count) {
    std::mt19937 random(3);
    std::vector<Invoice> invoices(count);
    for (Invoice& invoice : invoices) {
        invoice.number = static_cast<std::int64_t>(random() % 50) * 1'000'000'007;
        invoice.customer = std::to_string(invoice.number);
        invoice.day = 18628 + static_cast<DayNumber>(random() % 365);
        invoice.date = std::chrono::sys_days{std::chrono::days{invoice.day}};
        invoice.booked = std::chrono::sys_days{invoice.date} + 23h + 59min;
        invoice.net = static_cast<double>(random() % 10'000) - 500.0;
        invoice.cents_of_cost = static_cast<int>(random() % 100'000);
        invoice.units = static_cast<double>(random() % 9);
        invoice.lines = 1 + static_cast<int>(random() % 4);
    }
    return invoices;
}

void same(const DriverTable& a, const DriverTable& b) {
    CHECK(a.revenue == b.revenue);
    CHECK(a.goods == b.goods);
    CHECK(a.deliveries == b.deliveries);
    CHECK(a.lines == b.lines);
    CHECK(a.quantity == b.quantity);
    CHECK(a.first_day == b.first_day);
    CHECK(a.last_day == b.last_day);
}

}  // namespace

static_assert(!std::is_convertible_v<LedgerColumns, LedgerView>, "the view of temporary columns would dangle");
static_assert(std::is_convertible_v<const LedgerColumns&, LedgerView>);

TEST_CASE("columns of records are the columns made by hand") {
    const std::vector<Invoice> invoices = random_invoices(2'000);
    std::vector<std::string> keys;
    LedgerColumns by_hand;
    for (const Invoice& invoice : invoices) {
        keys.push_back(invoice.customer);
        by_hand.day.push_back(invoice.day);
        by_hand.revenue.push_back(invoice.net);
        by_hand.cost.push_back(invoice.cost());
        by_hand.quantity.push_back(invoice.units);
        by_hand.lines.push_back(invoice.lines);
    }
    Encoding encoding = encode(keys);
    by_hand.customer = encoding.codes;
    by_hand.id = encoding.ids;
    by_hand.drivers.push_back({"pallets", by_hand.quantity});

    LedgerColumns columns = columns_of(invoices, &Invoice::customer, &Invoice::day, &Invoice::net, &Invoice::cost,
                                       [](const Invoice& invoice) { return invoice.units; });
    columns.lines = column_of(invoices, &Invoice::lines);
    columns.drivers.push_back({"pallets", column_of(invoices, &Invoice::units)});
    CHECK(columns.customer == by_hand.customer);
    CHECK(columns.id == by_hand.id);
    same(aggregate(columns), aggregate(by_hand));
    CHECK(columns.view().drivers[0].values.data() == columns.drivers[0].values.data());
}

TEST_CASE("keys may be numbers or texts, days dates, time points or numbers") {
    const std::vector<Invoice> invoices = random_invoices(300);
    const LedgerColumns numbers = columns_of(invoices, &Invoice::number, &Invoice::date, &Invoice::net);
    const LedgerColumns texts = columns_of(invoices, &Invoice::customer, &Invoice::day, &Invoice::net);
    CHECK(numbers.day == texts.day);
    CHECK(numbers.cost.empty());
    for (std::size_t row = 0; row < invoices.size(); ++row) {
        CHECK(numbers.id[static_cast<std::size_t>(numbers.customer[row])] == invoices[row].customer);
        CHECK(texts.id[static_cast<std::size_t>(texts.customer[row])] == invoices[row].customer);
    }
    const LedgerColumns made = columns_of(invoices, &Invoice::key, &Invoice::booked, &Invoice::net);
    CHECK(made.day == texts.day);
    CHECK(made.id[static_cast<std::size_t>(made.customer[0])] == "c" + invoices[0].customer);
    const std::deque<Invoice> elsewhere(invoices.begin(), invoices.end());
    const auto view_of_key = [](const Invoice& invoice) { return std::string_view(invoice.customer); };
    CHECK(columns_of(elsewhere, view_of_key, &Invoice::day, &Invoice::net).customer == texts.customer);
}

TEST_CASE("no records make an empty ledger; a day that is none is named") {
    const LedgerColumns none = columns_of(std::vector<Invoice>{}, &Invoice::number, &Invoice::day, &Invoice::net);
    CHECK(none.view().rows() == 0);
    std::vector<Invoice> invoices = random_invoices(3);
    invoices[1].date = 2021y / 2 / 30;
    CHECK_THROWS_WITH_AS((void)columns_of(invoices, &Invoice::number, &Invoice::date, &Invoice::net),
                         "record 1 (counted from 0): day is no date of the calendar", InputError);
    const auto seconds = [](const Invoice&) { return std::int64_t{1'700'000'000'000}; };
    CHECK_THROWS_AS((void)columns_of(invoices, &Invoice::number, seconds, &Invoice::net), InputError);
}
