// Tests of the orders of every customer: a slow list beside the fast one, days in place of documents, bad input.
#include "custfolio/ledger/orders.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "custfolio/ledger/aggregate.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

struct OrderBook {
    std::vector<std::int32_t> customer;
    std::vector<DayNumber> day;
    std::vector<double> revenue, quantity, pallets, rush;
    std::vector<std::int64_t> document;

    explicit OrderBook(unsigned seed, int documents = 700) {
        std::mt19937 engine(seed);
        const auto upto = [&](int n) { return static_cast<int>(engine() % static_cast<unsigned>(n)); };
        for (int d = 0; d < documents; ++d) {
            const int who = upto(300);
            const int when = 18'628 + upto(365);
            const int sign = upto(6) == 0 ? -1 : 1;
            for (int rows = 1 + upto(4); rows > 0; --rows) {
                customer.push_back(who);
                day.push_back(when + upto(2));  // a document may have rows on two days
                document.push_back(documents - d);
                revenue.push_back(sign * upto(5'000) * 0.01);
                quantity.push_back(sign * upto(9));
                pallets.push_back(upto(30));
                rush.push_back(upto(2));
            }
        }
        customer.push_back(311);
        for (auto* column : {&revenue, &quantity, &pallets, &rush}) column->push_back(1);
        day.push_back(18'000);  // before the period
        document.push_back(0);
    }
    [[nodiscard]] LedgerView view(bool documents) const {
        LedgerView ledger{.customer = customer, .day = day, .revenue = revenue, .quantity = quantity};
        if (documents) ledger.document = document;
        ledger.drivers = {{"pallets", pallets}};
        ledger.delivery_drivers = {{"rush", rush}};
        return ledger;
    }
};

}  // namespace

TEST_CASE("Orders are the documents of each customer, by day") {
    for (const bool documents : {true, false}) {
        const OrderBook book(documents ? 1 : 2);
        const LedgerView ledger = book.view(documents);
        const Period year{18'628, 18'992};
        const std::vector<std::string> drivers{"rush", "pallets"};
        const Orders orders = list_orders(ledger, year, drivers, {.threads = 1});

        struct Document {
            double amount = 0, lines = 0, sold = 0, rush = 0, pallets = 0;
            DayNumber day = 1'000'000;
            bool any = false;
        };
        std::map<std::pair<std::int32_t, std::int64_t>, Document> slow;
        for (std::size_t row = 0; row < book.customer.size(); ++row) {
            if (!year.contains(book.day[row])) continue;
            Document& one = slow[{book.customer[row], documents ? book.document[row] : book.day[row]}];
            one.amount += book.revenue[row];
            one.lines += 1;
            one.sold += std::max(book.quantity[row], 0.0);
            one.rush = std::max(one.rush, book.rush[row]);
            one.pallets += book.pallets[row];
            one.day = std::min(one.day, book.day[row]);
            one.any = one.any || book.quantity[row] > 0;
        }
        std::vector<std::tuple<std::int32_t, DayNumber, std::int64_t>> keys;
        for (const auto& [key, one] : slow) keys.emplace_back(key.first, one.day, key.second);
        std::ranges::sort(keys);
        REQUIRE(orders.size() == slow.size());
        REQUIRE(orders.begin.size() == 313);
        for (std::size_t k = 0; k < keys.size(); ++k) {
            const auto& [who, day, number] = keys[k];
            const Document& one = slow[{who, number}];
            CHECK(orders.begin[static_cast<std::size_t>(who)] <= k);
            CHECK(k < orders.begin[static_cast<std::size_t>(who) + 1]);
            CHECK(orders.day[k] == day);
            CHECK(orders.amount[k] == doctest::Approx(one.amount).epsilon(1e-12).scale(1.0));
            const double whole = std::abs(one.amount) < 1e-9 ? 0 : one.amount;
            CHECK(orders.kind[k] == (whole > 0 || (whole == 0 && one.any) ? 1 : whole < 0 ? -1 : 0));
            CHECK(orders.lines[k] == one.lines);
            CHECK(orders.quantity[k] == one.sold);
            CHECK(orders.drivers(k, 0) == one.rush);
            CHECK(orders.drivers(k, 1) == one.pallets);
        }
        CHECK(orders.bytes() == 313 * 8 + orders.size() * (29 + 2 * 8));

        // Sums agree with the table of drivers, and threads change nothing.
        const DriverTable table = aggregate(ledger, year);
        for (std::size_t i = 0; i < table.size(); ++i) {
            double amount = 0;
            double deliveries = 0;
            for (std::size_t k = orders.begin[i]; k < orders.begin[i + 1]; ++k) {
                amount += orders.amount[k];
                deliveries += orders.kind[k] == 1;
            }
            CHECK(std::abs(amount - table.revenue[i]) < 0.005);
            CHECK(deliveries == table.deliveries[i]);
        }
        const Orders threaded = list_orders(ledger, year, drivers, {.threads = 4});
        CHECK(threaded.amount == orders.amount);
        CHECK(threaded.begin == orders.begin);
        CHECK(threaded.drivers == orders.drivers);
    }
}

TEST_CASE("Without quantities an order has none; an empty ledger has no orders") {
    const OrderBook book(5, 20);
    LedgerView ledger = book.view(true);
    ledger.quantity = {};
    const Orders orders = list_orders(ledger);
    CHECK(orders.quantity.empty());
    CHECK(orders.bytes() == orders.begin.size() * 8 + orders.size() * 21);
    CHECK(list_orders(LedgerView{}).size() == 0);
    CHECK(list_orders(LedgerView{}).begin == std::vector<std::size_t>{0});
}

TEST_CASE("Orders of a broken ledger are refused") {
    OrderBook book(7, 20);
    const std::vector<std::string> unknown{"miles"};
    CHECK_THROWS_WITH_AS(list_orders(book.view(true), {}, unknown), doctest::Contains("no driver 'miles'"),
                         NotFoundError);
    book.revenue[3] = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH_AS(list_orders(book.view(true)), doctest::Contains("not finite"), InputError);
    book.day.pop_back();
    CHECK_THROWS_AS(list_orders(book.view(true)), InputError);
}
