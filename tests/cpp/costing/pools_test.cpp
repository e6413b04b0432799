// Tests of pools and activities: published cases, reconciliation, avoidable shares, and bad input.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "custfolio/costing.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

/// A table of customers with the numbers of further events.
DriverTable table_with(std::size_t customers, std::vector<std::string> names = {}) {
    DriverTable table;
    table.period = {18'628, 18'992};
    for (Column* each : {&table.revenue, &table.goods, &table.deliveries, &table.lines, &table.quantity}) {
        *each = Column(customers, 0.0);
    }
    table.further = Matrix(customers, names.size());
    table.driver_names = std::move(names);
    return table;
}

CostModel kaplan(double cost, double capacity) {
    CostModel costs;
    costs.pool("customer service", cost, capacity)
        .activity("process order", "customer service", "8")
        .activity("handle inquiry", "customer service", "44", "inquiries")
        .activity("check credit", "customer service", "50", "credit checks");
    return costs;
}

DriverTable volumes(double orders, double inquiries, double checks) {
    DriverTable table = table_with(2, {"inquiries", "credit checks"});
    table.deliveries = {orders - 1'000, 1'000};
    table.further(0, 0) = inquiries - 150;
    table.further(1, 0) = 150;
    table.further(1, 1) = checks;
    return table;
}

}  // namespace

TEST_CASE("Kaplan & Anderson, HBR November 2004: 462,880 charged, 97,120 unused; next period 474,880 and 85,120") {
    const CostModel costs = kaplan(560'000, 700'000);
    const CostTable first = charge(costs, volumes(49'000, 1'400, 2'500));
    CHECK(first.pools.at(0).rate() == doctest::Approx(0.80).epsilon(1e-15));
    CHECK(first.pools[0].used == 578'600);
    CHECK(first.pools[0].charged == doctest::Approx(462'880).epsilon(1e-14));
    CHECK(first.pools[0].unused == doctest::Approx(97'120).epsilon(1e-14));
    const double cost[] = {313'600, 49'280, 100'000};
    const double minutes[] = {392'000, 61'600, 125'000};
    for (std::size_t a = 0; a < 3; ++a) {
        CHECK(first.activities.at(a).charged == doctest::Approx(cost[a]).epsilon(1e-14));
        CHECK(first.activities[a].minutes == minutes[a]);
    }
    CHECK(first.activities[0].events == 49'000);
    CHECK(first.element == std::vector<std::string>{"customer service"});
    CHECK(first.total_cost_in() == 560'000);
    CHECK(first.minutes(1, 0) == 1'000 * 8 + 150 * 44 + 2'500 * 50);
    CHECK(first.charged(1, 0) == doctest::Approx(0.80 * first.minutes(1, 0)).epsilon(1e-15));

    const CostTable next = charge(costs, volumes(51'000, 1'150, 2'700));
    CHECK(next.pools.at(0).used == 593'600);
    CHECK(next.pools[0].charged == doctest::Approx(474'880).epsilon(1e-14));
    CHECK(next.pools[0].unused == doctest::Approx(85'120).epsilon(1e-14));
}

TEST_CASE("Kaplan & Anderson 2007: 0.90 a minute, 520,740 charged, 51,400 minutes and 46,260 unused") {
    const CostTable table = charge(kaplan(567'000, 630'000), volumes(49'000, 1'400, 2'500));
    CHECK(table.pools.at(0).rate() == doctest::Approx(0.90).epsilon(1e-15));
    CHECK(table.pools[0].capacity - table.pools[0].used == 51'400);
    CHECK(table.pools[0].unused == doctest::Approx(46'260).epsilon(1e-13));
    CHECK(table.charged_total.at(0) == doctest::Approx(520'740).epsilon(1e-14));
    CHECK(table.activities.at(1).charged == doctest::Approx(55'440).epsilon(1e-14));
}

TEST_CASE("A pool over its capacity charges its rate and has a negative unused amount") {
    CostModel costs;
    costs.pool("van", 1'000, 500).activity("drive", "van", "6");
    DriverTable table = table_with(1);
    table.deliveries = {100};
    const CostTable charged = charge(costs, table);
    CHECK(charged.total == Column{1'200});
    CHECK(charged.unused == std::vector<double>{-200});
    CHECK(charged.pools.at(0).used == 600);
}

TEST_CASE("Figures of a pool and a rate count from their day; a span without them is an error") {
    CostModel costs;
    costs.pool("desk", 100, 100).pool("desk", 300, 150, 18'700).activity("call", "desk", "10", "calls");
    costs.rate("lines", 2).rate("lines", 3, 1.0, 18'800);
    const Period year{18'628, 18'992};
    CHECK(costs.changes(year) == std::vector<DayNumber>{18'628, 18'700, 18'800});
    CHECK(costs.changes({18'700, 18'799}) == std::vector<DayNumber>{18'700});
    CHECK(costs.rates().at(0).amount == 3);
    DriverTable table = table_with(1);
    table.lines = {12};
    EventSums events;
    events.from = costs.changes(year);
    events.driver = costs.event_drivers();
    CHECK(events.driver == std::vector<EventDriver>{{"calls", {}}, {driver_event, {"lines"}}});
    events.sum = Matrix(1, 6);
    const double sums[] = {4, 5, 2, 3, 1, 4};  // calls and lines in each span
    std::ranges::copy(sums, events.sum.row(0).begin());
    events.not_attributed = {0, 0, 1, 0, 0, 0};
    const CostTable charged = charge(costs, table, events);
    CHECK(charged.element == std::vector<std::string>{"lines", "desk"});
    CHECK(charged.charged(0, 0) == 5 * 2 + 3 * 2 + 4 * 3);
    CHECK(charged.charged(0, 1) == 40 * 1 + 20 * 2 + 10 * 2);
    REQUIRE(charged.pools.size() == 2);
    CHECK(charged.pools[1].first == 18'700);
    CHECK(charged.pools[1].not_attributed == 20);
    CHECK(charged.pools[1].used == 40);
    CHECK(charged.unused.at(1) == 60 * 1 + 110 * 2);
    CHECK(charged.cost_in.at(1) == 400);

    CostModel late;
    late.pool("desk", 300, 150, 18'700);
    CHECK_THROWS_WITH_AS(charge(late, table),
                         "pool 'desk' is valid from 2021-03-14, but the period begins on 2021-01-01; give it from that "
                         "day on",
                         InputError);
    CHECK_THROWS_WITH_AS(charge(CostModel().rate("lines", 2, 1.0, 18'700), table, events),
                         "the rate of lines is valid from 2021-03-14, but the period begins on 2021-01-01; give it "
                         "from that day on",
                         InputError);
}

TEST_CASE("Random models reconcile to the cent and agree with a slow computation") {
    std::mt19937 engine(11);
    std::uniform_real_distribution<double> amount(0, 1'000);
    for (int trial = 0; trial < 20; ++trial) {
        const std::size_t customers = 1 + engine() % 300;
        CostModel costs;
        costs.rate("deliveries", amount(engine)).revenue_share(0.1);
        EventSums events;
        events.from = {18'628};
        for (std::size_t p = 0; p < 3; ++p) {
            const std::string pool = "pool " + std::to_string(p);
            costs.pool(pool, 1e6 * amount(engine), 1e3 + 1e5 * amount(engine));
            for (std::size_t a = 0; a < 4; ++a) {
                costs.activity(
                    "activity " + std::to_string(a), pool,
                    {{amount(engine), {}}, {amount(engine), {"rush", "lines"}}, {amount(engine), {"lines"}}});
            }
        }
        events.driver = costs.event_drivers();
        CHECK(events.driver.size() == 3);
        events.sum = Matrix(customers, 3);
        DriverTable table = table_with(customers);
        for (std::size_t i = 0; i < customers; ++i) {
            table.deliveries[i] = static_cast<double>(engine() % 50);
            table.revenue[i] = amount(engine) - 200;
            events.sum(i, 0) = table.deliveries[i];
            events.sum(i, 1) = 3 * table.deliveries[i];
            events.sum(i, 2) = amount(engine);
        }
        events.not_attributed = {4, 5, 6};
        Volume nobody;
        nobody.deliveries = 4;
        const CostTable charged = charge(costs, table, events, nobody);
        for (std::size_t k = 0; k < charged.element.size(); ++k) {
            CHECK(std::abs(charged.cost_in[k] - charged.charged_total[k] - charged.unused[k] -
                           charged.not_attributed[k]) < 0.005);
        }
        for (std::size_t i = 0; i < customers; ++i) {
            double total = costs.rates()[0].amount * table.deliveries[i] + 0.1 * table.revenue[i];
            for (const Activity& activity : costs.activities()) {
                double minutes = 0;
                for (const TimeTerm& term : activity.minutes) {
                    minutes += term.minutes * events.sum(i, events.find({"delivery", term.drivers}));
                }
                const auto& pool = *std::ranges::find(costs.pools(), activity.pool, &Pool::name);
                total += minutes * pool.periods[0].cost / pool.periods[0].capacity;
            }
            CHECK(charged.total[i] == doctest::Approx(total).epsilon(1e-11));
            CHECK(charged.avoidable[i] ==
                  doctest::Approx(charged.charged(i, 0) + charged.charged(i, 4)).epsilon(1e-11));
        }
    }
}

TEST_CASE("A customer alone costs what it costs in company, and scaling the currency scales all costs") {
    const CostModel costs = kaplan(560'000, 700'000);
    const DriverTable both = volumes(49'000, 1'400, 2'500);
    const CostTable company = charge(costs, both);
    DriverTable alone = table_with(1, both.driver_names);
    alone.deliveries = {both.deliveries[1]};
    std::ranges::copy(both.further.row(1), alone.further.row(0).begin());
    const CostTable one = charge(costs, alone);
    CHECK(one.total[0] == company.total[1]);
    CHECK(one.unused[0] > company.unused[0]);
    const CostTable pennies = charge(kaplan(56'000'000, 700'000), both);
    CHECK(pennies.total[1] == doctest::Approx(100 * company.total[1]).epsilon(1e-14));
    CHECK(pennies.unused[0] == doctest::Approx(100 * company.unused[0]).epsilon(1e-14));
}

TEST_CASE("Avoidable shares by horizon: rates 1, pools 0, steps from their month on") {
    CostModel costs = kaplan(560'000, 700'000);
    costs.rate("lines", 2);
    DriverTable table = volumes(49'000, 1'400, 2'500);
    table.lines = {10, 20};
    CHECK(charge(costs, table).avoidable == Column{20, 40});
    costs.avoidable("customer service", std::vector<AvoidableStep>{{6, 0.25}, {12, 0.75}}).avoidable("lines", 0.5);
    const double service = charge(costs, table).charged(1, 1);
    const std::pair<int, double> shares[] = {{0, 0}, {5, 0}, {6, 0.25}, {11, 0.25}, {12, 0.75}, {40, 0.75}};
    for (const auto& [months, share] : shares) {
        const CostTable charged = charge(costs.at_horizon(months), table);
        CHECK(charged.avoidable[1] == doctest::Approx(20 + share * service).epsilon(1e-14));
        CHECK(charged.total == charge(costs, table).total);
    }
    Volume before;
    before.deliveries = 10;
    Volume after = before;
    after.deliveries = 4;
    const CostModel year = kaplan(560'000, 700'000).avoidable("customer service", 0.5);
    const std::vector<std::string> names{"inquiries", "credit checks"};
    before.further = after.further = {3, 4};
    const CostDifference change = CostChange(year, names).of(before, after);
    CHECK(change.avoidable == doctest::Approx(-6 * 8 * 0.8 * 0.5).epsilon(1e-14));
    CHECK(change.full == doctest::Approx(-6 * 8 * 0.8).epsilon(1e-14));
    CHECK_THROWS_WITH_AS(costs.avoidable("service", 0.5),
                         "'service' is no element of the cost model; there are: lines, customer service",
                         NotFoundError);
    CHECK_THROWS_AS(costs.avoidable("lines", 50), InputError);
    CHECK_THROWS_AS(costs.avoidable("lines", std::vector<AvoidableStep>{{6, 0.5}, {6, 0.7}}), InputError);
    CHECK_THROWS_AS(static_cast<void>(costs.at_horizon(-1)), InputError);
}

TEST_CASE("More minutes than can be charged to the cent name the pool and its minutes") {
    CostModel costs;
    costs.pool("desk", 1, 100).activity("call", "desk", "1e20", "calls");
    DriverTable table = table_with(2, {"calls"});
    table.further(0, 0) = 1;
    table.further(1, 0) = 3;
    CHECK_THROWS_WITH_AS(charge(costs, table),
                         "pool 'desk': its activities take 4e+20 minutes of 100; a cost of that size is not exact to "
                         "the cent; multiply fewer drivers in their minutes",
                         InputError);
}

TEST_CASE("Bad pools, activities and sums are named") {
    CostModel costs;
    CHECK_THROWS_WITH_AS(costs.pool("", 1, 1), "a pool has an empty name; it must have one", InputError);
    CHECK_THROWS_WITH_AS(costs.pool("desk", -1, 1), "cost of pool 'desk' is -1; it must be >= 0", InputError);
    CHECK_THROWS_WITH_AS(costs.pool("desk", 1, 0), "capacity of pool 'desk' is 0 minutes; it must be > 0", InputError);
    CHECK_THROWS_AS(costs.pool("desk", std::numeric_limits<double>::quiet_NaN(), 1), InputError);
    CHECK_THROWS_WITH_AS(costs.activity("call", "desk", "5"),
                         "activity 'call' uses pool 'desk', which the model does not have; there are: none",
                         InputError);
    costs.pool("desk", 100, 100);
    CHECK_THROWS_WITH_AS(costs.pool("desk", 50, 100),
                         "pool 'desk' is given twice from the beginning on; give each pool one cost and capacity a day",
                         InputError);
    CostModel dated = costs;
    dated.pool("desk", 50, 100, 18'700);
    CHECK_THROWS_WITH_AS(dated.pool("desk", 60, 100, 18'700),
                         "pool 'desk' is given twice from 2021-03-14 on; give each pool one cost and capacity a day",
                         InputError);
    CHECK(dated.pools().at(0).periods == std::vector<PoolPeriod>{{always, 100, 100}, {18'700, 50, 100}});
    CHECK_THROWS_WITH_AS(costs.rate("desk", 1), "'desk' is a pool of the model; a driver needs another name",
                         InputError);
    CHECK_THROWS_WITH_AS(CostModel().rate("lines", 1).pool("lines", 1, 1),
                         "pool 'lines' has the name of another element; it needs a name of its own", InputError);
    CHECK_THROWS_WITH_AS(costs.activity("call", "desk", "5 lines"),
                         "activity 'call', minutes '5 lines': found 'lines' at character 3; it must be +, -, * or the "
                         "end",
                         InputError);
    costs.activity("call", "desk", "5", "calls");
    CHECK_THROWS_WITH_AS(costs.activity("call", "desk", "6"),
                         "activity 'call' of pool 'desk' is given twice; each activity of a pool needs its own name",
                         InputError);
    CHECK(costs.activities().size() == 1);
    CHECK_THROWS_WITH_AS(
        charge(costs, table_with(1)),
        "activity 'call' needs the sums of 'calls'; there are: none; give the table events={\"calls\": ...}",
        NotFoundError);
    DriverTable table = table_with(2, {"calls"});
    table.further(1, 0) = -3;
    CHECK_THROWS_WITH_AS(
        charge(costs, table),
        "row 1 (counted from 0): activity 'call' takes -15 minutes from 2021-01-01 to 2021-12-31; they must "
        "be finite and >= 0",
        InputError);
    EventSums events;
    events.from = {0, 10};
    CHECK_THROWS_WITH_AS(charge(costs, table, events),
                         "activity 'call' needs 'calls' by day, since a rate or pool changes on 1970-01-11; give it as "
                         "a table of events",
                         InputError);
    events.driver = {{"calls", {}}};
    CHECK_THROWS_AS(charge(costs, table, events), InputError);
}
