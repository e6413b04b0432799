// Tests of the statement: published tables of customer profit, reconciliation, and bad input.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "custfolio/ledger.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/selection.hpp"

using namespace custfolio;

namespace {

/// A ledger that owns its columns; a line is added with `line`.
struct Book {
    std::vector<std::int32_t> customer;
    std::vector<DayNumber> day;
    std::vector<double> revenue;
    std::vector<double> cost;
    std::vector<double> quantity;
    std::vector<std::int64_t> document;
    std::vector<std::vector<double>> further;
    std::vector<std::string> names;
    std::vector<std::string> id;

    void line(int who, DayNumber when, std::int64_t number, double sold, double goods, double units,
              std::vector<double> drivers) {
        customer.push_back(who);
        day.push_back(when);
        document.push_back(number);
        revenue.push_back(sold);
        cost.push_back(goods);
        quantity.push_back(units);
        further.resize(drivers.size());
        for (std::size_t d = 0; d < drivers.size(); ++d) further[d].push_back(drivers[d]);
    }
    [[nodiscard]] LedgerView view() const {
        LedgerView ledger{customer, day, revenue, cost, quantity};
        ledger.document = document;
        ledger.id = id;
        for (std::size_t d = 0; d < further.size(); ++d) ledger.drivers.push_back({names[d], further[d]});
        return ledger;
    }
};

constexpr DayNumber new_year = 18628;  // 2021-01-01

/// Spring Distribution (Horngren, Cost Accounting: customer-profitability analysis): each delivery is a document on a
/// day of its own; orders and expedited deliveries are drivers on its line, visits come per customer.
struct Spring {
    Book book;
    std::vector<double> visits{2, 3, 6, 2, 3};
    CostModel costs;

    Spring() {
        struct Customer {
            double cases, price;
            int orders, deliveries;
            double miles;
            int expedited;
        };
        const Customer customers[] = {{2080, 14.40, 15, 10, 14, 0},
                                      {8750, 14.16, 25, 30, 4, 0},
                                      {60800, 13.20, 30, 60, 3, 0},
                                      {31800, 13.92, 25, 40, 8, 0},
                                      {3900, 12.96, 30, 20, 40, 1}};
        book.names = {"orders", "miles", "expedited"};
        book.id = {"P", "Q", "R", "S", "T"};
        std::int64_t number = 0;
        for (int who = 0; who < 5; ++who) {
            const Customer& one = customers[who];
            for (int d = 0; d < one.deliveries; ++d) {
                const double cases = one.cases / one.deliveries;
                const double orders = static_cast<double>(one.orders) / one.deliveries;
                book.line(who, new_year + d, ++number, cases * one.price, cases * 12.0, cases,
                          {orders, one.miles, d < one.expedited ? 1.0 : 0.0});
            }
        }
        costs.rate("orders", 100)
            .rate("visits", 80)
            .rate("miles", 2)
            .rate(Driver::quantity, 0.5)
            .rate("expedited", 300);
    }
};

}  // namespace

TEST_CASE("statement: Horngren's Spring Distribution, every figure of the table") {
    const Spring spring;
    const Statement result =
        statement(spring.book.view(), spring.costs, {}, 2, {.drivers = {{"visits", spring.visits}}});
    const PortfolioColumns& columns = result.portfolio().columns();
    const double gross_margin[] = {4992, 18900, 72960, 61056, 3744};
    const double cost_to_serve[] = {2980, 7355, 34240, 19200, 7090};
    const double income[] = {2012, 11545, 38720, 41856, -3346};
    const double deliveries[] = {10, 30, 60, 40, 20};
    for (std::size_t i = 0; i < 5; ++i) {
        CAPTURE(i);
        CHECK(columns.revenue[i] - columns.goods[i] == doctest::Approx(gross_margin[i]).epsilon(1e-12));
        CHECK(columns.cost_to_serve[i] == doctest::Approx(cost_to_serve[i]).epsilon(1e-12));
        CHECK(columns.contribution[i] == doctest::Approx(income[i]).epsilon(1e-12));
        CHECK(columns.deliveries[i] == deliveries[i]);
    }
    CHECK(result.bucket().heat == doctest::Approx(90787).epsilon(1e-12));
    CHECK(result.whale().loss == doctest::Approx(3346).epsilon(1e-12));
    const CostTable& costs = result.costs();
    CHECK(costs.charged(4, costs.index("miles")) == doctest::Approx(1600));
    CHECK(costs.charged(4, costs.index("visits")) == doctest::Approx(240));
    const Reconciliation& check = result.reconciliation();
    CHECK(check.exact());
    CHECK(check.cost_in == doctest::Approx(2980 + 7355 + 34240 + 19200 + 7090));
    CHECK(check.rows_read == 160);
    CHECK(check.rows_in_period == 160);
    // T costs money with every delivery: its heat per delivery.
    CHECK(result.portfolio()["T"].heat() / 20 == doctest::Approx(-167.30));
}

TEST_CASE("statement: two pharmacies, cartons and shelf hours as drivers of the delivery") {
    Book book;
    book.names = {"orders", "order lines", "cartons", "hours"};
    book.id = {"Charleston", "Chapel Hill"};
    for (int d = 0; d < 7; ++d) {
        book.line(0, new_year + d, d, 2400, 2100, 1, {13.0 / 7, 13.0 * 9 / 7, 22, 0});
    }
    for (int d = 0; d < 10; ++d) book.line(1, new_year + d, d, 1800, 1650, 1, {1, 18, 20, 0.5});
    CostModel costs;
    costs.rate("orders", 40).rate("order lines", 3).rate(Driver::deliveries, 50).rate("cartons", 1).rate("hours", 16);
    const Statement result = statement(book.view(), costs);
    CHECK(result.portfolio()["Charleston"].heat() == doctest::Approx(725).epsilon(1e-12));
    CHECK(result.portfolio()["Chapel Hill"].heat() == doctest::Approx(-220).epsilon(1e-12));
    CHECK(result.bucket().heat == doctest::Approx(505).epsilon(1e-12));
}

TEST_CASE("statement: reconciles to the cent over random ledgers, with the same bits for 1, 2 and 7 threads") {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        std::mt19937 random(seed);
        Book book;
        book.names = {"km"};
        for (int i = 0; i < 40; ++i) book.id.push_back("customer " + std::to_string(i));
        for (int row = 0; row < 20000; ++row) {
            book.line(static_cast<int>(random() % 40), new_year + static_cast<int>(random() % 700),
                      static_cast<std::int64_t>(random() % 5000), static_cast<int>(random() % 100000) / 100.0 - 100,
                      static_cast<int>(random() % 70000) / 100.0 - 70, static_cast<double>(random() % 30),
                      {static_cast<double>(random() % 100) / 7});
        }
        CostModel costs;
        costs.rate(Driver::deliveries, 90).rate(Driver::lines, 2.5).rate("km", 0.37).revenue_share(0.2);
        const Period period{new_year + 100, new_year + 464};
        const Statement one = statement(book.view(), costs, period, 1);
        const Reconciliation& check = one.reconciliation();
        CHECK(check.exact());
        CHECK(std::abs(check.cost_gap()) < 0.005);
        CHECK(std::abs(check.revenue_in - check.revenue_stated) < 0.005);
        CHECK(check.rows_read == 20000);
        CHECK(check.rows_in_period < 20000);
        CHECK(check.unused_capacity == 0);
        const Bucket bucket = one.bucket();
        CHECK(bucket.level == doctest::Approx(check.revenue_in).epsilon(1e-13));
        CHECK(bucket.heat == doctest::Approx(bucket.level * bucket.temperature()).epsilon(1e-13));
        CHECK(bucket.heat == doctest::Approx(check.revenue_in - check.goods_in - check.charged).epsilon(1e-12));
        for (const unsigned threads : {2U, 7U}) {
            const Statement other = statement(book.view(), costs, period, threads);
            const Column& a = one.portfolio().columns().contribution;
            const Column& b = other.portfolio().columns().contribution;
            REQUIRE(a.size() == b.size());
            CHECK(std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(double)) == 0);
            CHECK(other.reconciliation().revenue_in == check.revenue_in);
            CHECK(other.reconciliation().cost_in == check.cost_in);
        }
    }
}

TEST_CASE(
    "statement: the portfolio holds who bought in the period or caused cost in it, known since the ledger's first "
    "day") {
    Book book;
    book.id = {"old", "gone", "never", "visited"};
    book.line(0, new_year - 400, 1, 100, 50, 1, {});
    book.line(1, new_year - 300, 2, 100, 50, 1, {});
    book.line(3, new_year - 200, 3, 10, 5, 1, {});
    book.line(0, new_year + 5, 4, 100, 50, 1, {});
    const std::vector<double> visits{0, 0, 0, 2};
    CostModel costs;
    costs.rate("visits", 80);
    const Period period{new_year, new_year + 364};
    const Statement result = statement(book.view(), costs, period, 1, {.drivers = {{"visits", visits}}});
    const PortfolioColumns& columns = result.portfolio().columns();
    CHECK(columns.id == std::vector<std::string>{"old", "visited"});
    CHECK(columns.first_day == std::vector<DayNumber>{new_year - 400, new_year - 200});
    CHECK(columns.last_day == std::vector<DayNumber>{new_year + 5, new_year - 1});
    CHECK(columns.contribution[0] == 50);
    CHECK(columns.contribution[1] == -160);
    CHECK(columns.period == period);
    CHECK(columns.monthly_revenue.cols() == 12);
    CHECK(result.reconciliation().rows_read == 4);
    CHECK(result.reconciliation().rows_in_period == 1);
    CHECK(result.reconciliation().revenue_outside_period() ==
          result.reconciliation().revenue_read - result.reconciliation().revenue_stated);
    CHECK(result.reconciliation().revenue_outside_period() > 100);
    const Selection selection = select(result.portfolio());
    CHECK(selection.verdict[0] == Verdict::keep);
    CHECK(selection.verdict[1] == Verdict::remediate);
}

TEST_CASE("statement: drivers of nobody are shown as not attributed") {
    Book book;
    book.id = {"a"};
    book.line(0, new_year, 1, 100, 50, 1, {});
    const std::vector<double> visits{1};
    CostModel costs;
    costs.rate("visits", 80);
    const Statement result =
        statement(book.view(), costs, {}, 1, {.drivers = {{"visits", visits}}, .not_attributed = {.further = {3}}});
    CHECK(result.reconciliation().not_attributed == 240);
    CHECK(result.reconciliation().charged == 80);
    CHECK(result.reconciliation().cost_in == 320);
    CHECK(result.reconciliation().exact());
    CHECK_THROWS_WITH_AS(statement(book.view(), CostModel{}, {}, 1, {.not_attributed = {.further = {3}}}),
                         doctest::Contains("not_attributed has 1"), InputError);
}

TEST_CASE("statement: a rate on a driver that the ledger does not have is an error that names both") {
    const std::vector<std::int32_t> customer{0, 0};
    const std::vector<DayNumber> day{new_year, new_year + 1};
    const std::vector<double> revenue{100, 50};
    const std::vector<double> units{2, 3};
    LedgerView ledger;
    ledger.customer = customer;
    ledger.day = day;
    ledger.revenue = revenue;
    CostModel costs;
    costs.rate(Driver::deliveries, 1.0).rate(Driver::lines, 1.0).rate(Driver::quantity, 3.0);
    CHECK_THROWS_WITH_AS(statement(ledger, costs),
                         "the cost model has a rate of 3 for 'quantity', but the ledger has no 'quantity'; there are "
                         "deliveries, lines, returns; add the column, or leave the rate out",
                         NotFoundError);
    ledger.quantity = units;
    CHECK(statement(ledger, costs).costs().total_charged() == 2 + 2 + 15);
    costs.rate("visits", 4.0);
    CHECK_THROWS_WITH_AS(
        statement(ledger, costs),
        doctest::Contains("no 'visits'; there are deliveries, lines, returns, quantity, returned_quantity"),
        NotFoundError);
    const std::vector<double> visits{2};
    StatementOptions options;
    options.drivers.push_back({"visits", visits});
    CHECK(statement(ledger, costs, {}, 0, options).costs().total_charged() == 2 + 2 + 15 + 8);
}

TEST_CASE("statement: from drivers that were aggregated elsewhere") {
    const Spring spring;
    DriverTable table = aggregate(spring.book.view());
    const std::vector<std::string> names{"Pool", "Quay", "Rail", "Sail", "Tree"};
    const Statement result =
        statement(table, spring.book.id, spring.costs, {.drivers = {{"visits", spring.visits}}, .name = names});
    CHECK(result.bucket().heat == doctest::Approx(90787).epsilon(1e-12));
    CHECK(result.portfolio()["Q"].name() == "Quay");
    CHECK(result.reconciliation().rows_read == 0);
    CHECK(result.reconciliation().exact());
    CHECK_THROWS_WITH_AS(statement(table, names, spring.costs, {}), doctest::Contains("visits"), NotFoundError);
    table.goods.resize(3);
    CHECK_THROWS_WITH_AS(statement(table, names, spring.costs), doctest::Contains("goods has 3 values for 5 customers"),
                         InputError);
}

TEST_CASE("statement: an empty ledger is an empty bucket, bad input is named") {
    const Statement nobody = statement(LedgerView{}, CostModel{});
    CHECK(nobody.portfolio().size() == 0);
    CHECK(nobody.reconciliation().exact());
    CHECK(std::isnan(nobody.bucket().temperature()));
    Book book;
    book.id = {"a", "a"};
    book.line(0, new_year, 1, 1, 1, 1, {});
    book.line(1, new_year, 1, 1, 1, 1, {});
    CHECK_THROWS_AS(statement(book.view(), CostModel{}), InputError);
    book.id = {"a", "b"};
    const std::vector<std::string> names{"only one"};
    CHECK_THROWS_WITH_AS(statement(book.view(), CostModel{}, {}, 1, {.name = names}),
                         doctest::Contains("name has 1 values for 2 customers"), InputError);
    const std::vector<double> visits{3, -1};
    CHECK_THROWS_WITH_AS(statement(book.view(), CostModel{}, {}, 1, {.drivers = {{"visits", visits}}}),
                         doctest::Contains("driver 'visits' of customer b is -1; it must be 0 or more"), InputError);
    CHECK(statement(book.view(), CostModel{}, {}, 1, {.drivers = {{"rebate", visits}}}).bucket().level == 0);
    book.revenue[1] = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH_AS(statement(book.view(), CostModel{}),
                         doctest::Contains("row 1 (counted from 0): revenue is inf"), InputError);
}

TEST_CASE("Pools, activities and events of a ledger reconcile by element, and what was spent may differ") {
    Book book;
    book.id = {"old", "new", "visited"};
    book.line(0, new_year - 40, 1, 50, 30, 1, {});
    book.line(0, new_year + 3, 2, 100, 60, 2, {});
    book.line(0, new_year + 3, 2, 100, 60, 2, {});
    book.line(1, new_year + 9, 3, 200, 120, 5, {});
    book.line(1, new_year + 70, 4, 200, 120, 5, {});
    book.line(1, new_year + 80, 5, -20, -12, -1, {});
    const std::vector<double> rush{0, 1, 1, 0, 1, 0};
    LedgerView ledger = book.view();
    ledger.delivery_drivers = {{"rush", rush}};
    const std::vector<std::int32_t> customer{0, 2, -1};
    const std::vector<DayNumber> day{new_year + 1, new_year + 60, new_year + 61};
    const std::vector<double> km{10, 20, 5};
    CostModel costs;
    costs.rate("rush", 30).rate("visits", 7).rate("returns", 4);
    costs.pool("desk", 1'000, 500).pool("desk", 2'000, 500, new_year + 50);
    costs.activity("order", "desk", "15*new_customer + 5 + 3*lines + 10*rush*lines");
    costs.activity("visit", "desk", "km", "visits").activity("credit note", "desk", "6", "return");
    StatementOptions options;
    options.events = {{.name = "visits", .customer = customer, .day = day, .drivers = {{"km", km}}}};
    const Period quarter{new_year, new_year + 89};
    const Statement stated = statement(ledger, costs, quarter, 0, options);
    CHECK(stated.portfolio().columns().id == book.id);
    CHECK(stated.portfolio().columns().lines == Column{2, 3, 0});
    CHECK(stated.portfolio().columns().driver_names == std::vector<std::string>{"rush", "visits"});
    // old: 5 + 6 + 20 minutes and 10 km at 2; new: 23 at 2, then 18 and a return of 6 at 4; visited: 20 km at 4.
    const CostTable& table = stated.costs();
    const Column desk{31 * 2 + 10 * 2, 23 * 2 + 18 * 4 + 6 * 4, 20 * 4};
    for (std::size_t i = 0; i < 3; ++i) CHECK(table.charged(i, table.index("desk")) == desk[i]);
    CHECK(table.total == Column{30 + 7 + desk[0], 30 + 4 + desk[1], 7 + desk[2]});
    CHECK(std::ranges::equal(table.minutes.values(), Column{41, 47, 20}));
    const Reconciliation& check = stated.reconciliation();
    CHECK(check.exact());
    const ReconciledElement& pool = check.elements.at(table.index("desk"));
    CHECK(pool.spent == 3'000);
    CHECK(pool.not_attributed == 5 * 4);
    CHECK(pool.unused == 3'000 - 20 - (desk[0] + desk[1] + desk[2]));
    CHECK(check.elements[table.index("visits")].not_attributed == 7);
    CHECK(check.cost_in == doctest::Approx(60 + 21 + 4 + 3'000).epsilon(1e-15));

    options.spent = {{"desk", 3'100}, {"returns", 4}};
    const Statement spent = statement(ledger, costs, quarter, 0, options);
    CHECK_FALSE(spent.reconciliation().exact());
    CHECK(spent.reconciliation().cost_gap() == doctest::Approx(100));
    CHECK(spent.reconciliation().elements.at(table.index("desk")).difference() == 100);
    CHECK(spent.costs().total == table.total);
    options.spent = {{"desks", 1}};
    CHECK_THROWS_WITH_AS(statement(ledger, costs, quarter, 0, options),
                         "no cost element 'desks'; there are: rush, visits, returns, desk", NotFoundError);
    options.spent = {{"desk", 1}, {"desk", 2}};
    CHECK_THROWS_AS(statement(ledger, costs, quarter, 0, options), InputError);
    options.spent = {};
    const Column own(3, 1.0);
    options.drivers = {{"visits", own}};
    CHECK_THROWS_WITH_AS(statement(ledger, costs, quarter, 0, options),
                         "event 'visits' of activity 'visit' is in two places: a table of events and a driver per "
                         "customer; give one of them another name",
                         InputError);
}

TEST_CASE("A rate that changes on a day is charged to each event at its own amount") {
    const Spring spring;
    CostModel dated = spring.costs;
    dated.rate("miles", 2, 1.0, new_year).rate("miles", 3, 1.0, new_year + 30);
    StatementOptions options;
    options.drivers = {{"visits", spring.visits}};
    const Statement stated = statement(spring.book.view(), dated, {}, 0, options);
    const Statement plain = statement(spring.book.view(), spring.costs, {}, 0, options);
    // Only R and S have deliveries after 30 days: 30 of 3 miles, and 10 of 8.
    const std::size_t miles = plain.costs().index("miles");
    const Column more{0, 0, 30 * 3, 10 * 8, 0};
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(stated.costs().charged(i, miles) == plain.costs().charged(i, miles) + more[i]);
    }
    CHECK(stated.reconciliation().exact());
    dated.rate("visits", 90, 1.0, new_year + 30);
    CHECK_THROWS_WITH_AS(statement(spring.book.view(), dated, {}, 0, options),
                         doctest::Contains("needs 'visits' by day, since a rate or pool changes on 2021-01-31"),
                         InputError);
}

TEST_CASE("A rebate per customer lowers its orders in proportion, and they sum to its revenue") {
    Book book;
    book.id = {"a", "b"};
    book.line(0, new_year, 1, 100, 60, 1, {});
    book.line(0, new_year + 2, 2, 300, 180, 3, {});
    book.line(0, new_year + 3, 3, -40, -24, -1, {});
    book.line(1, new_year + 3, 4, 50, 30, 1, {});
    const Column rebate{36, 0};
    StatementOptions options;
    options.drivers = {{"rebate", rebate}};
    const Statement stated = statement(book.view(), CostModel{}, {}, 0, options);
    CHECK(stated.portfolio().columns().revenue == Column{324, 50});
    const Orders orders = orders_of(stated.portfolio(), book.view(), CostModel{});
    const Column expected{90, 270, -36, 50};  // 36 of 360: a tenth of each
    REQUIRE(orders.amount.size() == expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k) CHECK(orders.amount[k] == doctest::Approx(expected[k]));
    CHECK(orders_of(statement(book.view(), CostModel{}).portfolio(), book.view(), CostModel{}).amount ==
          Column{100, 300, -40, 50});
}
