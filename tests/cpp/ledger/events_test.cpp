// Tests of event sums: a slow computation beside the fast one, agreement with aggregate(), new customers, bad input.
#include "custfolio/ledger/events.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "custfolio/ledger/aggregate.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

/// A random ledger that owns its columns: documents of several rows, some of them returns.
struct Book {
    std::vector<std::int32_t> customer;
    std::vector<DayNumber> day;
    std::vector<double> revenue, quantity, kilometres, rush;
    std::vector<std::int64_t> document;

    explicit Book(unsigned seed, int documents = 400, int customers = 12) {
        std::mt19937 engine(seed);
        const auto upto = [&](int n) { return static_cast<int>(engine() % static_cast<unsigned>(n)); };
        for (int d = 0; d < documents; ++d) {
            const int who = upto(customers);
            const int when = 18'628 + upto(365);
            const bool back = upto(6) == 0;
            const double urgent = upto(4) == 0;
            for (int rows = 1 + upto(4); rows > 0; --rows) {
                customer.push_back(who);
                day.push_back(when);
                document.push_back(1'000 - d);
                revenue.push_back((back ? -1 : 1) * (1 + upto(100)));
                quantity.push_back((back ? -1 : 1) * (1 + upto(9)));
                kilometres.push_back(upto(30));
                rush.push_back(rows == 1 ? urgent : 0);
            }
        }
        // Rows of a document need not be neighbours.
        for (std::size_t k = 0; k < customer.size(); ++k) swap_rows(k, engine() % customer.size());
    }
    void swap_rows(std::size_t a, std::size_t b) {
        std::swap(customer[a], customer[b]);
        std::swap(day[a], day[b]);
        std::swap(document[a], document[b]);
        for (std::vector<double>* column : {&revenue, &quantity, &kilometres, &rush})
            std::swap((*column)[a], (*column)[b]);
    }
    [[nodiscard]] LedgerView view() const {
        LedgerView ledger{customer, day, revenue, {}, quantity};
        ledger.document = document;
        ledger.drivers = {{"kilometres", kilometres}};
        ledger.delivery_drivers = {{"rush", rush}};
        return ledger;
    }
};

const std::vector<EventDriver> wanted{{"delivery", {}},
                                      {"delivery", {"lines", "rush"}},
                                      {"delivery", {"kilometres", "kilometres"}},
                                      {"return", {}},
                                      {"return", {"returned_quantity"}},
                                      {"line", {}},
                                      {"line", {"kilometres", "quantity"}},
                                      {"delivery", {"new_customer"}},
                                      {"delivery", {"quantity"}}};

/// The same sums, document by document.
Matrix slow_sums(const Book& book, Period period, const std::vector<DayNumber>& from,
                 const std::vector<DayNumber>& first_day) {
    Matrix sum(first_day.size(), from.size() * wanted.size());
    const auto span = [&](DayNumber day) {
        std::size_t s = 0;
        while (s + 1 < from.size() && from[s + 1] <= day) ++s;
        return s * wanted.size();
    };
    struct Document {
        double revenue = 0, lines = 0, sold = 0, returned = 0, kilometres = 0, rush = 0;
        DayNumber day = 1'000'000;
    };
    std::map<std::pair<int, std::int64_t>, Document> documents;
    for (std::size_t row = 0; row < book.customer.size(); ++row) {
        if (!period.contains(book.day[row])) continue;
        const auto who = static_cast<std::size_t>(book.customer[row]);
        Document& one = documents[{book.customer[row], book.document[row]}];
        one.revenue += book.revenue[row];
        one.lines += 1;
        one.sold += std::max(book.quantity[row], 0.0);
        one.returned += std::max(-book.quantity[row], 0.0);
        one.kilometres += book.kilometres[row];
        one.rush = std::max(one.rush, book.rush[row]);
        one.day = std::min(one.day, book.day[row]);
        sum(who, span(book.day[row]) + 5) += 1;
        sum(who, span(book.day[row]) + 6) += book.kilometres[row] * std::max(book.quantity[row], 0.0);
    }
    std::map<int, std::pair<DayNumber, std::int64_t>> first;
    for (const auto& [key, one] : documents) {
        if (one.revenue <= 0) continue;
        const auto [at, fresh] = first.emplace(key.first, std::pair{one.day, key.second});
        if (!fresh) at->second = std::min(at->second, std::pair{one.day, key.second});
    }
    for (const auto& [key, one] : documents) {
        const auto who = static_cast<std::size_t>(key.first);
        const std::size_t s = span(one.day);
        if (one.revenue > 0) {
            sum(who, s + 0) += 1;
            sum(who, s + 1) += one.lines * one.rush;
            sum(who, s + 2) += one.kilometres * one.kilometres;
            const bool is_new = first_day[who] >= period.first && first[key.first].second == key.second;
            sum(who, s + 7) += is_new ? 1 : 0;
            sum(who, s + 8) += one.sold;
        } else {
            sum(who, s + 3) += 1;
            sum(who, s + 4) += one.returned;
        }
    }
    return sum;
}

}  // namespace

TEST_CASE("Sums by customer and span agree with a slow computation, for any number of threads") {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        const Book book(seed);
        const std::vector<DayNumber> first_day = first_days(book.view());
        for (const Period period : {Period{18'628, 18'992}, Period{18'700, 18'900}}) {
            const std::vector<DayNumber> from{period.first, 18'750, 18'811};
            const EventSums sums =
                sum_events(book.view(), period, from, wanted, {.first_day = first_day, .threads = 1});
            CHECK(sums.sum == slow_sums(book, period, from, first_day));
            CHECK(sum_events(book.view(), period, from, wanted, {.first_day = first_day, .threads = 5}).sum ==
                  sums.sum);
        }
    }
}

TEST_CASE("Numbers of deliveries, returns and lines are those of the aggregation, with and without documents") {
    const Book book(9);
    const std::vector<EventDriver> counts{{"delivery", {}}, {"return", {}}, {"line", {}}, {"line", {"quantity"}}};
    for (const bool with_documents : {true, false}) {
        LedgerView ledger = book.view();
        if (!with_documents) ledger.document = {};
        const DriverTable table = aggregate(ledger, {18'650, 18'950});
        const EventSums sums = sum_events(ledger, {18'650, 18'950}, {}, counts);
        for (std::size_t i = 0; i < table.size(); ++i) {
            CHECK(sums.sum(i, 0) == table.deliveries[i]);
            CHECK(sums.sum(i, 1) == table.returns[i]);
            CHECK(sums.sum(i, 2) == table.lines[i]);
            CHECK(sums.sum(i, 3) == table.quantity[i]);
        }
    }
}

TEST_CASE("A line that is split in two halves changes no sum but that of lines") {
    Book book(3);
    const std::vector<EventDriver> drivers{
        {"delivery", {}}, {"delivery", {"kilometres"}}, {"delivery", {"rush"}}, {"return", {"returned_quantity"}}};
    const EventSums before = sum_events(book.view(), {}, {}, drivers);
    for (const std::size_t row : {std::size_t{4}, std::size_t{77}}) {
        book.revenue[row] /= 2;
        book.quantity[row] /= 2;
        book.kilometres[row] /= 2;
        book.customer.push_back(book.customer[row]);
        book.day.push_back(book.day[row]);
        book.document.push_back(book.document[row]);
        for (std::vector<double>* column : {&book.revenue, &book.quantity, &book.kilometres, &book.rush}) {
            column->push_back(double{(*column)[row]});
        }
    }
    CHECK(sum_events(book.view(), {}, {}, drivers).sum == before.sum);
}

TEST_CASE("Events of a table are summed by customer; those without one are not attributed") {
    const Book book(2, 40, 3);
    const std::vector<std::int32_t> customer{0, 1, -1, 1, 0};
    const std::vector<DayNumber> day{18'700, 18'700, 18'800, 18'900, 17'000};
    const std::vector<double> km{10, 20, 30, 40, 50};
    const std::vector<double> stops{1, 2, 3, 4, 5};
    EventTable visits{.name = "visits", .customer = customer, .day = day, .drivers = {{"km", km}, {"stops", stops}}};
    const std::vector<EventDriver> drivers{{"visits", {}}, {"visits", {"km"}}, {"visits", {"km", "stops"}}};
    const std::vector<DayNumber> from{18'628, 18'850};
    const Period year{18'628, 18'992};
    const EventSums sums = sum_events(book.view(), year, from, drivers, {.tables = std::span(&visits, 1)});
    CHECK(std::ranges::equal(sums.sum.row(0), Column{1, 10, 10, 0, 0, 0}));
    CHECK(std::ranges::equal(sums.sum.row(1), Column{1, 20, 40, 1, 40, 160}));
    CHECK(sums.not_attributed == Column{1, 30, 90, 0, 0, 0});

    // Rows that sum several events have a column for each product.
    const std::vector<double> count{1, 2, 1, 1, 1};
    const std::vector<double> product{10, 40, 90, 160, 250};
    visits.count = count;
    CHECK_THROWS_WITH_AS(
        sum_events(book.view(), year, from, drivers, {.tables = std::span(&visits, 1)}),
        "events 'visits', customer '1' on 2021-03-14: it sums 2 events, of which no product of drivers can "
        "be formed; give the column 'km*stops'",
        InputError);
    visits.drivers.push_back({"km*stops", product});
    CHECK(std::ranges::equal(sum_events(book.view(), year, from, drivers, {.tables = std::span(&visits, 1)}).sum.row(1),
                             Column{2, 20, 40, 1, 40, 160}));

    // Of the two events in March the sum is above 0, but not of each.
    const std::vector<double> back{10, 20, -5, 40, 50};
    visits.drivers[0].values = back;
    const std::vector<std::string> id{"Ann", "Bob"};
    LedgerView named = book.view();
    named.id = id;
    const auto sums_of_km = [&](Period period) {
        return sum_events(named, period, {}, std::vector<EventDriver>{{"visits", {"km"}}},
                          {.tables = std::span(&visits, 1)});
    };
    CHECK_THROWS_WITH_AS(sums_of_km(year),
                         "events 'visits', no customer on 2021-06-22: km is -5; a driver of an event must be >= 0",
                         InputError);
    const std::vector<std::int32_t> bob{0, 1, 1, 1, 0};
    visits.customer = bob;
    CHECK_THROWS_WITH_AS(sums_of_km(year),
                         "events 'visits', customer 'Bob' on 2021-06-22: km is -5; a driver of an event must be >= 0",
                         InputError);
    CHECK(sums_of_km({18'628, 18'750}).sum(1, 0) == 20);
}

TEST_CASE("What cannot be summed is named") {
    const Book book(1, 20, 2);
    const auto sums_of = [&](const LedgerView& ledger, EventDriver driver) {
        return sum_events(ledger, {}, {}, std::vector<EventDriver>{std::move(driver)});
    };
    CHECK_THROWS_WITH_AS(sums_of(book.view(), {"visit", {}}),
                         "there are no events 'visit'; there are delivery, line, return", NotFoundError);
    CHECK_THROWS_WITH_AS(sums_of(book.view(), {"delivery", {"rushh"}}),
                         "a delivery has no driver 'rushh'; it has lines, new_customer, quantity, returned_quantity, "
                         "kilometres, rush",
                         NotFoundError);
    CHECK_THROWS_WITH_AS(sums_of(book.view(), {"line", {"rush"}}),
                         "a line has no driver 'rush'; it has lines, quantity, returned_quantity, kilometres",
                         NotFoundError);
    CHECK_THROWS_AS(sums_of(book.view(), {"return", {"new_customer"}}), NotFoundError);
    LedgerView summed = book.view();
    const std::vector<double> lines(book.customer.size(), 3.0);
    summed.lines = lines;
    CHECK(sums_of(summed, {"line", {}}).sum(0, 0) + sums_of(summed, {"line", {}}).sum(1, 0) ==
          3.0 * static_cast<double>(lines.size()));
    CHECK_THROWS_WITH_AS(sums_of(summed, {"line", {"kilometres", "quantity"}}),
                         doctest::Contains("it sums 3 lines, of which no product of drivers can be formed"),
                         InputError);
    LedgerView broken = book.view();
    std::vector<double> rush(book.customer.size(), std::numeric_limits<double>::quiet_NaN());
    broken.delivery_drivers = {{"rush", rush}};
    CHECK_THROWS_AS(sums_of(broken, {"delivery", {"rush"}}), InputError);
    rush.pop_back();
    broken.delivery_drivers = {{"rush", rush}};
    CHECK_THROWS_AS(sums_of(broken, {"delivery", {"rush"}}), InputError);
    broken.delivery_drivers = {{"kilometres", book.rush}};
    CHECK_THROWS_WITH_AS(sums_of(broken, {"delivery", {}}),
                         "ledger: two drivers are named 'kilometres'; each must have its own name", InputError);
    CHECK_THROWS_AS(sum_events(book.view(), {18'700, 18'800}, std::vector<DayNumber>{18'750}, wanted), InputError);
    EventTable visits{.name = "line"};
    CHECK_THROWS_WITH_AS(sum_events(book.view(), {}, {}, wanted, {.tables = std::span(&visits, 1)}),
                         "events 'line' need another name, such as visits", InputError);
}
