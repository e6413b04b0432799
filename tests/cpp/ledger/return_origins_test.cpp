// Tests of the origins of returns: by hand, against a slow search, and bad input.
#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "custfolio/ledger.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

TEST_CASE("origins of returns: by reference, by item, and not found") {
    const std::vector<std::int32_t> customer{0, 0, 0, 0, 0, 1};
    const std::vector<DayNumber> day{10, 20, 40, 45, 50, 60};
    const std::vector<double> revenue{100, 80, -30, -20, -5, -9};
    const std::vector<std::int64_t> document{1, 2, 3, 4, 5, 6};
    // The third row refers to document 1; the fourth finds the latest sale of its item; document 99 is not there, and
    // document 1 is another customer's.
    const std::vector<std::int64_t> reference{no_reference, no_reference, 1, no_reference, 99, 1};
    const std::vector<std::int32_t> item{7, 7, 8, 7, 7, 7};
    LedgerView ledger{.customer = customer, .day = day, .revenue = revenue};
    ledger.document = document;
    const ReturnOrigins found = return_origins(ledger, reference, item);
    CHECK(found.day == std::vector<DayNumber>{10, 20, 10, 20, 50, 60});
    CHECK(found.document == document);
    CHECK(found.not_found == std::vector<std::size_t>{4, 5});
}

TEST_CASE("origins of returns: without documents a return still counts as one") {
    const std::vector<std::int32_t> customer{0, 0, 0};
    const std::vector<DayNumber> day{10, 20, 40};
    const std::vector<double> revenue{100, 80, -30};
    const std::vector<std::int32_t> item{1, 2, 1};
    LedgerView ledger{.customer = customer, .day = day, .revenue = revenue};
    const ReturnOrigins found = return_origins(ledger, {}, item);
    CHECK(found.day == std::vector<DayNumber>{10, 20, 10});
    ledger.day = found.day;
    ledger.document = found.document;
    const DriverTable table = aggregate(ledger, {1, 15});
    CHECK(table.revenue == Column{70});
    CHECK(table.deliveries == Column{1});
    CHECK(table.returns == Column{1});
}

TEST_CASE("origins of returns: a slow search finds the same sales") {
    std::mt19937 random(5);
    for (int round = 0; round < 50; ++round) {
        std::vector<std::int32_t> customer, item;
        std::vector<DayNumber> day;
        std::vector<double> revenue, quantity;
        std::vector<std::int64_t> document, reference;
        for (int row = 0; row < 60; ++row) {
            customer.push_back(static_cast<std::int32_t>(random() % 3));
            item.push_back(static_cast<std::int32_t>(random() % 5) - 1);
            day.push_back(static_cast<DayNumber>(random() % 30));
            revenue.push_back(static_cast<double>(static_cast<int>(random() % 5) - 2));
            quantity.push_back(static_cast<double>(static_cast<int>(random() % 3) - 1));
            document.push_back(static_cast<std::int64_t>(random() % 20));
            reference.push_back(random() % 2 != 0 ? no_reference : static_cast<std::int64_t>(random() % 25));
        }
        LedgerView ledger{.customer = customer, .day = day, .revenue = revenue, .quantity = quantity};
        ledger.document = document;
        const ReturnOrigins found = return_origins(ledger, reference, item);
        std::vector<std::size_t> not_found;
        for (std::size_t row = 0; row < customer.size(); ++row) {
            const auto sign = [&](std::size_t k) { return revenue[k] != 0 ? revenue[k] : quantity[k]; };
            DayNumber expected = day[row];
            bool any = sign(row) >= 0;
            for (std::size_t k = 0; sign(row) < 0 && k < customer.size(); ++k) {
                if (sign(k) <= 0 || customer[k] != customer[row]) continue;
                if (reference[row] != no_reference) {
                    if (document[k] != reference[row]) continue;
                    expected = any ? std::min(expected, day[k]) : day[k];
                } else {
                    if (item[row] < 0 || item[k] != item[row] || day[k] > day[row]) continue;
                    expected = any ? std::max(expected, day[k]) : day[k];
                }
                any = true;
            }
            CHECK(found.day[row] == expected);
            if (!any) not_found.push_back(row);
        }
        CHECK(found.not_found == not_found);
    }
}

TEST_CASE("origins of returns: what is missing is named") {
    const std::vector<std::int32_t> customer{0};
    const std::vector<DayNumber> day{10};
    const std::vector<double> revenue{-1};
    const std::vector<std::int64_t> reference{4};
    const std::vector<std::int32_t> item{1, 2};
    const LedgerView ledger{.customer = customer, .day = day, .revenue = revenue};
    CHECK_THROWS_WITH_AS(return_origins(ledger, {}, {}), doctest::Contains("neither references nor items"), InputError);
    CHECK_THROWS_WITH_AS(return_origins(ledger, reference), doctest::Contains("no documents"), InputError);
    CHECK_THROWS_WITH_AS(return_origins(ledger, {}, item), doctest::Contains("column 'item' has 2"), InputError);
}
