// Tests of the aggregation: against a slow one, its bits for any number of threads, and its answers to bad input.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "custfolio/ledger.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

struct Lines {
    std::vector<std::int32_t> customer;
    std::vector<DayNumber> day;
    std::vector<double> revenue;
    std::vector<double> cost;
    std::vector<double> quantity;
    std::vector<std::int64_t> document;
    std::vector<double> lines;
    std::vector<double> kilometres;

    [[nodiscard]] LedgerView view() const {
        LedgerView ledger{customer, day, revenue, cost, quantity};
        ledger.drivers = {{"kilometres", kilometres}};
        return ledger;
    }
};

/// Lines in runs of one customer and day, as ledgers have them, or in any order where `run` is 1.
Lines random_lines(std::size_t rows, int customers, int days, int run, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> any_customer(0, customers - 1);
    std::uniform_int_distribution<int> any_day(18262, 18262 + days - 1);
    std::uniform_int_distribution<int> cents(-200000, 1000000);
    std::uniform_int_distribution<int> length(1, run);
    Lines lines;
    int customer = 0;
    int day = 18262;
    int left = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        if (left-- <= 0) {
            customer = any_customer(random);
            day = any_day(random);
            left = length(random) - 1;
        }
        lines.customer.push_back(customer);
        lines.day.push_back(day);
        lines.revenue.push_back(cents(random) / 100.0);
        lines.cost.push_back(cents(random) / 150.0);
        lines.quantity.push_back(cents(random) / 10000);
        lines.document.push_back(random() % 7 + static_cast<std::int64_t>(day) * 5);
        lines.lines.push_back(static_cast<double>(random() % 5));
        lines.kilometres.push_back(cents(random) / 1000.0);
    }
    return lines;
}

/// The slow way: a map of days or documents and long double sums per customer.
void compare_with_slow(const LedgerView& ledger, Period period, const DriverTable& table) {
    struct Event {
        std::int64_t cents = 0;
        bool sold = false;
    };
    struct Slow {
        long double revenue = 0, cost = 0, quantity = 0, returned = 0, lines = 0, kilometres = 0;
        std::set<DayNumber> days;
        std::map<std::int64_t, Event> events;
        std::map<int, long double> months;
    };
    std::vector<Slow> slow(table.size());
    for (std::size_t row = 0; row < ledger.rows(); ++row) {
        if (ledger.day[row] < period.first || ledger.day[row] > period.last) continue;
        Slow& one = slow[static_cast<std::size_t>(ledger.customer[row])];
        one.revenue += static_cast<long double>(ledger.revenue[row]);
        one.cost += static_cast<long double>(ledger.cost[row]);
        const double quantity = ledger.quantity.empty() ? 0.0 : ledger.quantity[row];
        (quantity < 0 ? one.returned : one.quantity) += std::abs(static_cast<long double>(quantity));
        one.lines += ledger.lines.empty() ? 1.0L : static_cast<long double>(ledger.lines[row]);
        one.kilometres += static_cast<long double>(ledger.drivers[0].values[row]);
        one.days.insert(ledger.day[row]);
        Event& event = one.events[ledger.document.empty() ? ledger.day[row] : ledger.document[row]];
        event.cents += std::llround(100 * ledger.revenue[row]);
        event.sold |= ledger.quantity.empty() || quantity > 0;
        one.months[Month::of(ledger.day[row]) - period.first_month()] += static_cast<long double>(ledger.revenue[row]);
    }
    for (std::size_t i = 0; i < slow.size(); ++i) {
        const Slow& one = slow[i];
        CAPTURE(i);
        REQUIRE(table.revenue[i] == doctest::Approx(static_cast<double>(one.revenue)).epsilon(1e-14));
        REQUIRE(table.goods[i] == doctest::Approx(static_cast<double>(one.cost)).epsilon(1e-14));
        REQUIRE(table.quantity[i] == static_cast<double>(one.quantity));
        REQUIRE(table.lines[i] == static_cast<double>(one.lines));
        REQUIRE(table.further(i, 0) == doctest::Approx(static_cast<double>(one.kilometres)).epsilon(1e-14));
        REQUIRE(table.returned_quantity[i] == static_cast<double>(one.returned));
        const auto delivered = std::ranges::count_if(one.events, [](const auto& event) {
            return event.second.cents > 0 || (event.second.cents == 0 && event.second.sold);
        });
        const auto returned =
            std::ranges::count_if(one.events, [](const auto& event) { return event.second.cents < 0; });
        REQUIRE(table.deliveries[i] == static_cast<double>(delivered));
        REQUIRE(table.returns[i] == static_cast<double>(returned));
        REQUIRE(table.first_day[i] == (one.days.empty() ? 0 : *one.days.begin()));
        REQUIRE(table.last_day[i] == (one.days.empty() ? -1 : *one.days.rbegin()));
        for (std::size_t m = 0; m < table.monthly_revenue.cols(); ++m) {
            const auto found = one.months.find(static_cast<int>(m));
            const double expected = found == one.months.end() ? 0 : static_cast<double>(found->second);
            REQUIRE(table.monthly_revenue(i, m) == doctest::Approx(expected).epsilon(1e-12).scale(1e6));
        }
    }
}

bool same_bits(const double* one, const double* other, std::size_t size) {
    return std::memcmp(one, other, static_cast<std::size_t>(size) * sizeof(double)) == 0;
}

bool same_bits(const DriverTable& one, const DriverTable& other) {
    return same_bits(one.revenue.data(), other.revenue.data(), one.revenue.size()) &&
           same_bits(one.goods.data(), other.goods.data(), one.goods.size()) &&
           same_bits(one.quantity.data(), other.quantity.data(), one.quantity.size()) &&
           same_bits(one.lines.data(), other.lines.data(), one.lines.size()) &&
           same_bits(one.deliveries.data(), other.deliveries.data(), one.deliveries.size()) &&
           one.returns == other.returns && one.returned_quantity == other.returned_quantity &&
           same_bits(one.further.data(), other.further.data(), one.further.size()) &&
           same_bits(one.monthly_revenue.data(), other.monthly_revenue.data(), one.monthly_revenue.size()) &&
           one.first_day == other.first_day && one.last_day == other.last_day && one.period == other.period;
}

template <class Call>
std::string error_of(Call call) {
    try {
        call();
    } catch (const InputError& error) {
        return error.what();
    }
    return "nothing was thrown";
}

bool has(const std::string& text, const std::string& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("aggregate: agrees with the slow way, in small tables and in groups, with runs and without") {
    struct Case {
        std::size_t rows;
        int customers, days, run;
        bool documents, lines, part, even = false, quantity = true;
    };
    for (const Case& one :
         {Case{1, 1, 1, 1, false, false, false}, Case{5000, 37, 400, 30, false, true, true},
          Case{5000, 20, 90, 9, false, false, true, true}, Case{5000, 20, 90, 9, true, true, true, true},
          Case{700000, 20, 900, 9, false, false, true, true, false},
          Case{20000, 9000, 3000, 3, false, false, true, true}, Case{5000, 37, 400, 1, true, false, true},
          Case{20000, 9000, 3000, 3, false, false, false}, Case{20000, 9000, 3000, 3, true, true, true},
          Case{600000, 50, 90, 40, false, false, true}, Case{300000, 1, 64, 100000, true, false, false}}) {
        Lines lines = random_lines(one.rows, one.customers, one.days, one.run, 7);
        if (one.even) {  // many days and documents that add up to 0, up to rounding
            constexpr std::array amounts{-30.3, -20.2, -10.1, 0.0, 10.1, 20.2, 30.3};
            for (double& revenue : lines.revenue) revenue = amounts[static_cast<std::size_t>(std::abs(revenue)) % 7];
        }
        LedgerView ledger = lines.view();
        if (!one.quantity) ledger.quantity = {};
        if (one.documents) ledger.document = lines.document;
        if (one.lines) ledger.lines = lines.lines;
        const Period all = span_of_days(ledger);
        const Period period = one.part ? Period{all.first + one.days / 5, all.last - one.days / 3} : Period{};
        CAPTURE(one.rows);
        const DriverTable table = aggregate(ledger, period, 2);
        CHECK(table.period == (one.part ? period : all));
        compare_with_slow(ledger, table.period, table);
        for (const unsigned threads : {1U, 3U, 7U}) CHECK(same_bits(table, aggregate(ledger, period, threads)));
    }
}

TEST_CASE("aggregate: sums are compensated") {
    const std::vector<std::int32_t> customer{0, 0, 0, 0};
    const std::vector<DayNumber> day{1, 1, 1, 2};
    const std::vector<double> revenue{1e16, 1.0, 1.0, -1e16};
    CHECK(aggregate({.customer = customer, .day = day, .revenue = revenue}).revenue[0] == 2.0);
}

TEST_CASE("aggregate: the ledger of the documentation, by hand") {
    const std::vector<int> customers{1, 0, 1, 1, 3};
    const std::vector<int> days{Month::of(18262).first_day(), 18262, 18262 + 31, 18262 + 31, 18300};
    const std::vector<double> revenue{10, 20, 30, -5, 1};
    const std::vector<double> cost{6, 12, 18, -3, 2};
    const std::vector<double> quantity{1, 2, 3, -1, 1};
    LedgerView ledger{customers, days, revenue, cost, quantity};
    CHECK(ledger.rows() == 5);
    CHECK(ledger.customers() == 4);
    const DriverTable table = aggregate(ledger);
    CHECK(table.size() == 4);
    CHECK(table.period == Period{18262, 18300});
    CHECK(table.revenue[1] == 35);
    CHECK(table.goods[1] == 21);
    CHECK(table.deliveries[1] == 2);
    CHECK(table.returns[1] == 0);
    CHECK(table.quantity[1] == 4);
    CHECK(table.returned_quantity[1] == 1);
    CHECK(table.lines[1] == 3);
    CHECK(table.monthly_revenue(1, 0) == 10);
    CHECK(table.monthly_revenue(1, 1) == 25);
    CHECK(table.first_day[1] == 18262);
    CHECK(table.last_day[1] == 18293);
    CHECK(table.lines[2] == 0);
    CHECK(table.last_day[2] == -1);
    CHECK(first_days(ledger)[3] == 18300);
    CHECK(first_days(ledger)[2] == std::numeric_limits<DayNumber>::max());
    const DriverTable january = aggregate(ledger, {18262, 18292});
    CHECK(january.revenue[1] == 10);
    CHECK(january.lines[3] == 0);
    CHECK(january.size() == 4);
}

TEST_CASE("aggregate: a document or day of returns is a return, not a delivery") {
    const std::vector<std::int32_t> customer{0, 0, 0, 0, 0, 0, 0};
    const std::vector<DayNumber> day{1, 2, 3, 3, 3, 4, 5};
    const std::vector<double> revenue{100, -20, 10.1, 20.2, -30.3, 0, 0};  // the third day adds up to 4e-15
    const std::vector<double> quantity{10, -2, 1, 2, -3, 1, -1};
    LedgerView ledger{customer, day, revenue, {}, quantity};
    const auto counts = [](const DriverTable& table) {
        return std::vector<double>{table.deliveries[0], table.returns[0], table.quantity[0], table.returned_quantity[0],
                                   table.lines[0]};
    };
    CHECK(counts(aggregate(ledger)) == std::vector<double>{3, 1, 14, 6, 7});
    const std::vector<std::int64_t> document{7, 8, 9, 9, 9, 10, 11};
    ledger.document = document;
    CHECK(counts(aggregate(ledger)) == std::vector<double>{3, 1, 14, 6, 7});
    // The return is booked in the document of the sale: the document is a smaller delivery.
    const std::vector<std::int64_t> same{7, 7, 9, 9, 9, 10, 11};
    ledger.document = same;
    CHECK(counts(aggregate(ledger)) == std::vector<double>{3, 0, 14, 6, 7});
    // Without quantities nothing shows that no goods went out.
    ledger.document = {};
    ledger.quantity = {};
    CHECK(counts(aggregate(ledger)) == std::vector<double>{4, 1, 0, 0, 7});
    // Splitting each row in two changes no count but that of rows.
    std::vector<std::int32_t> customers;
    std::vector<DayNumber> days;
    std::vector<double> halves;
    for (std::size_t row = 0; row < revenue.size(); ++row) {
        customers.insert(customers.end(), 2, 0);
        days.insert(days.end(), 2, day[row]);
        halves.insert(halves.end(), 2, revenue[row] / 2);
    }
    CHECK(counts(aggregate({customers, days, halves})) == std::vector<double>{4, 1, 0, 0, 14});
}

TEST_CASE("aggregate: nothing in, nothing out") {
    const DriverTable table = aggregate(LedgerView{});
    CHECK(table.size() == 0);
    CHECK(table.period.days() == 0);
    const std::vector<std::string> id{"a", "b"};
    const DriverTable known = aggregate(LedgerView{.id = id}, {10, 20});
    CHECK(known.size() == 2);
    CHECK(known.revenue[1] == 0);
    CHECK(known.period == Period{10, 20});
    CHECK(first_days(LedgerView{.id = id}).size() == 2);
}

TEST_CASE("aggregate: bad input is named with row and column") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<std::int32_t> customer{0, 1, 0};
    const std::vector<DayNumber> day{100, 101, 500};
    const std::vector<double> fine{1, 2, 3};
    const std::vector<double> two{1, 2};
    const std::vector<std::int64_t> documents{1, 2, 3};
    const LedgerView good{.customer = customer, .day = day, .revenue = fine};

    LedgerView bad = good;
    bad.quantity = two;
    has(error_of([&] { aggregate(bad); }), "column 'quantity' has 2 values, column 'customer' has 3");
    bad = good;
    bad.day = {};
    has(error_of([&] { aggregate(bad); }), "column 'day' has 0 values");
    bad = good;
    bad.drivers = {{"miles", two}};
    has(error_of([&] { aggregate(bad); }), "column 'miles' has 2 values");
    bad.drivers = {{"", fine}};
    has(error_of([&] { aggregate(bad); }), "has no name");
    bad.drivers = {{"lines", fine}};
    has(error_of([&] { aggregate(bad); }), "named 'lines'");
    bad.drivers = {{"returns", fine}};
    has(error_of([&] { aggregate(bad); }),
        "named 'returns', which every ledger has; give it another name, or give the "
        "column as document");
    bad.drivers = {{"miles", fine}, {"miles", fine}};
    has(error_of([&] { aggregate(bad); }), "two columns are named 'miles'");

    bad = good;
    const std::vector<double> with_nan{1, nan, infinity};
    bad.revenue = with_nan;
    has(error_of([&] { aggregate(bad); }), "row 1 (counted from 0): revenue is nan");
    has(error_of([&] { aggregate(bad, {200, 600}); }), "row 2 (counted from 0): revenue is inf");
    CHECK(aggregate(bad, {100, 100}).revenue[0] == 1);
    bad = good;
    bad.cost = with_nan;
    has(error_of([&] { aggregate(bad); }), "row 1 (counted from 0): cost is nan");
    bad = good;
    bad.drivers = {{"miles", with_nan}};
    has(error_of([&] { aggregate(bad); }), "row 1 (counted from 0): miles is nan");
    bad = good;
    const std::vector<double> negative{1, 1, -1};
    bad.lines = negative;
    has(error_of([&] { aggregate(bad); }), "row 2 (counted from 0): lines is -1");
    bad = good;
    const std::vector<double> huge{1e308, 0, 1e308};
    bad.revenue = huge;
    has(error_of([&] { aggregate(bad); }), "the sum of revenue of customer 0 overflows");

    const std::vector<std::string> one_id{"only"};
    bad = good;
    bad.id = one_id;
    has(error_of([&] { aggregate(bad); }), "row 1 (counted from 0): customer code is 1; codes run from 0 to 0");
    bad.document = documents;
    has(error_of([&] { aggregate(bad); }), "row 1 (counted from 0): customer code is 1");
    has(error_of([&] { first_days(bad); }), "row 1 (counted from 0): customer code is 1");
    const std::vector<std::int32_t> below{0, -3, 0};
    bad = good;
    bad.customer = below;
    has(error_of([&] { aggregate(bad); }), "row 1 (counted from 0): customer code is -3");
    const std::vector<std::int32_t> sparse{0, 2'000'000'000, 0};
    bad.customer = sparse;
    has(error_of([&] { aggregate(bad); }), "encode()");

    bad = good;
    const std::vector<DayNumber> ancient{100, 101, -600000};
    bad.day = ancient;
    has(error_of([&] { aggregate(bad); }), "at most 1200");
    const std::vector<DayNumber> impossible{100, 101, std::numeric_limits<DayNumber>::max()};
    bad.day = impossible;
    has(error_of([&] { aggregate(bad); }), "years 1 to 9999");
    CHECK(aggregate(bad, {100, 101}).revenue[1] == 2);
}

TEST_CASE("attribute_driver: rows are summed by customer, and those of nobody apart") {
    const std::vector<std::int32_t> code{1, -1, 0, 1, -1};
    const std::vector<double> amount{1, 2, 4, 8, 16};
    const AttributedDriver found = attribute_driver(code, amount, 3);
    CHECK(found.customer == std::vector<double>{4, 9, 0});
    CHECK(found.not_attributed == 18);
    has(error_of([&] { attribute_driver(code, amount, 1); }), "row 0 (counted from 0): customer code is 1");
    has(error_of([&] { attribute_driver(code, std::vector<double>{1}, 3); }), "1 amounts for 5 rows");
    const std::vector<double> bad{1, 2, std::numeric_limits<double>::infinity(), 8, 16};
    has(error_of([&] { attribute_driver(code, bad, 3); }), "row 2");
}

TEST_CASE("add_drivers: totals per customer come beside the ledger's own") {
    const std::vector<std::int32_t> customer{0, 1};
    const std::vector<DayNumber> day{1, 2};
    const std::vector<double> revenue{1, 2};
    const std::vector<double> miles{5, 6};
    const std::vector<double> visits{1, 0};
    DriverTable table =
        aggregate({.customer = customer, .day = day, .revenue = revenue, .drivers = {{"miles", miles}}});
    add_drivers(table, std::vector<DriverColumn>{{"visits", visits}, {"miles", visits}});
    CHECK(table.driver_names == std::vector<std::string>{"miles", "visits"});
    CHECK(table.further(0, 0) == 6);
    CHECK(table.further(1, 0) == 6);
    CHECK(table.further(0, 1) == 1);
    CHECK(table.further(1, 1) == 0);
    const std::vector<double> bad{1, std::numeric_limits<double>::quiet_NaN()};
    has(error_of([&] { add_drivers(table, std::vector<DriverColumn>{{"hours", visits}, {"weight", bad}}); }),
        "driver 'weight', row 1");
    CHECK(table.driver_names.size() == 2);
    const std::vector<double> longer{1, 2, 3};
    has(error_of([&] { add_drivers(table, std::vector<DriverColumn>{{"hours", longer}}); }),
        "3 values for 2 customers");
    has(error_of([&] { add_drivers(table, std::vector<DriverColumn>{{"quantity", visits}}); }), "named 'quantity'");
}

TEST_CASE("all months in one pass have the bits of each month alone") {
    struct Case {
        std::size_t rows;
        int customers, run;
        bool documents;
    };
    // Partial tables over three chunks, groups of customers, documents, and runs that two chunks share.
    for (const Case& one : {Case{600'000, 40, 3, false}, Case{60'000, 30'000, 1, false}, Case{20'000, 300, 4, true},
                            Case{600'000, 30'000, 9, false}}) {
        CAPTURE(one.rows);
        const Lines lines = random_lines(one.rows, one.customers, 800, one.run, 11);
        LedgerView ledger = lines.view();
        if (one.documents) ledger.document = lines.document;
        const Period period{18262 + 9, 18262 + 500};  // begins and ends within a month
        for (const unsigned threads : {1U, 3U}) {
            int months = 0;
            aggregate_by_month(ledger, period, threads, [&](const DriverTable& found) {
                const Month month = period.first_month() + months++;
                const DriverTable alone = aggregate(
                    ledger, {std::max(month.first_day(), period.first), std::min(month.last_day(), period.last)}, 1);
                CHECK(same_bits(found, alone));
            });
            CHECK(months == period.months());
        }
    }
}

TEST_CASE("a bad amount in one month is named") {
    Lines lines = random_lines(500, 10, 300, 1, 3);
    lines.cost[77] = std::numeric_limits<double>::quiet_NaN();
    int months = 0;
    const auto count = [&](const DriverTable&) { ++months; };
    CHECK_THROWS_WITH_AS(aggregate_by_month(lines.view(), {}, 1, count),
                         doctest::Contains("row 77 (counted from 0): cost is nan"), InputError);
    const LedgerView empty;
    months = 0;
    aggregate_by_month(empty, {}, 1, count);
    CHECK(months == 0);
}
