// Tests of the bridge between two statements, against sums over the rows.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "custfolio/ledger.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/portfolio/bridge.hpp"
#include "custfolio/selection.hpp"

using namespace custfolio;

namespace {

/// A period's lines with their item and family.
struct BridgedSales {
    std::vector<std::int32_t> customer, item, family;
    std::vector<DayNumber> day;
    std::vector<double> revenue, cost, quantity;
    std::vector<std::string> id;

    void add(std::int32_t who, DayNumber when, std::int32_t what, std::int32_t kind, double units, double price,
             double unit_cost) {
        customer.push_back(who);
        day.push_back(when);
        item.push_back(what);
        family.push_back(kind);
        quantity.push_back(units);
        revenue.push_back(units * price);
        cost.push_back(units * unit_cost);
    }
    [[nodiscard]] LedgerView view() const {
        return {.customer = customer, .day = day, .revenue = revenue, .cost = cost, .quantity = quantity, .id = id};
    }
};

/// One period, stated.
struct BridgedPeriod {
    BridgedSales sales;
    CostModel costs;
    LedgerView ledger = sales.view();
    Statement stated = statement(ledger, costs);

    [[nodiscard]] StatedPeriod view(bool by_family = true, bool items = true) const {
        StatedPeriod period{.statement = stated, .ledger = ledger, .costs = costs};
        if (items) period.item = sales.item;
        if (by_family) period.by = {{.name = "family", .of_row = sales.family}};
        return period;
    }
};

std::size_t part_of(const StatementBridge& bridge, const std::string& name) {
    return static_cast<std::size_t>(std::find(bridge.part.begin(), bridge.part.end(), name) - bridge.part.begin());
}

double total_of(const StatementBridge& bridge, const std::string& name, bool temperature = false) {
    const StatementBridge whole = summed(bridge, false);
    return (temperature ? whole.temperature : whole.heat)(0, part_of(bridge, name));
}

/// All rows sum to their change, and the company to that of the statements.
void check_sums(const StatementBridge& found, const Statement& before, const Statement& after) {
    for (std::size_t row = 0; row < found.rows(); ++row) {
        double heat = 0;
        double points = 0;
        double finer = 0;
        for (std::size_t p = 0; p < found.part.size(); ++p) {
            heat += found.heat(row, p);
            points += found.temperature(row, p);
            if (p > 1) finer += found.temperature(row, p);
        }
        CHECK(heat == doctest::Approx(found.heat_after[row] - found.heat_before[row]).epsilon(1e-9));
        CHECK(std::abs(finer - found.mix[row] - found.warming[row]) < 1e-12);
    }
    const StatementBridge whole = summed(found, false);
    double points = 0;
    for (const double one : whole.temperature.values()) points += one;
    CHECK(std::abs(points - (after.bucket().temperature() - before.bucket().temperature())) < 1e-12);
    const TemperatureBridge four = bridge(before.portfolio(), after.portfolio());
    CHECK(std::abs(whole.temperature(0, part_of(found, "poured_in")) - four.poured_in) < 1e-12);
    CHECK(std::abs(whole.temperature(0, part_of(found, "gone")) - four.gone) < 1e-12);
    CHECK(std::abs(whole.mix[0] - four.mix) < 1e-12);
    CHECK(std::abs(whole.warming[0] - four.warming) < 1e-12);
    const StatementBridge customers = summed(found, true);
    for (std::size_t row = 0; row < customers.rows(); ++row) {
        const std::string& id = customers.id[static_cast<std::size_t>(customers.customer[row])];
        for (const BridgeRow& one : four.rows) {
            if (one.id != id) continue;
            CHECK(std::abs(customers.mix[row] - one.mix) < 1e-12);
            CHECK(std::abs(customers.warming[row] - one.warming) < 1e-12);
        }
    }
}

BridgedPeriod random_period(std::mt19937_64& random, DayNumber first, int customers, CostModel costs) {
    BridgedSales sales;
    std::uniform_real_distribution<double> unit(0.5, 1.5);
    for (int c = 0; c < customers; ++c) {
        sales.id.push_back("c" + std::to_string(c));
        if (random() % 4 == 0) continue;
        for (int line = 0; line < 12; ++line) {
            const auto item = static_cast<std::int32_t>(random() % 5);
            sales.add(c, first + static_cast<DayNumber>(random() % 20), item, item % 2, std::floor(20 * unit(random)),
                      10 * unit(random), 7 * unit(random));
        }
    }
    return {std::move(sales), std::move(costs)};
}

}  // namespace

TEST_CASE("statement bridge: one cause at a time") {
    const auto period = [](DayNumber first, double units, double price, double unit_cost, double rate, int deliveries) {
        BridgedSales sales;
        sales.id = {"a", "b"};
        for (int d = 0; d < deliveries; ++d) {
            sales.add(0, first + d, 0, 0, units / deliveries, price, unit_cost);
            sales.add(1, first + d, 1, 0, 100.0 / deliveries, 4, 3);
        }
        return BridgedPeriod{std::move(sales), CostModel{}.rate(Driver::deliveries, rate)};
    };
    const BridgedPeriod before = period(18628, 100, 10, 6, 5, 4);
    const auto changes = [&](const BridgedPeriod& after) {
        const StatementBridge found = bridge(before.view(), after.view());
        check_sums(found, before.stated, after.stated);
        std::map<std::string, double> changed;
        for (const std::string& name : found.part) {
            const double heat = total_of(found, name);
            if (std::abs(heat) > 1e-9) changed[name] = heat;
        }
        return changed;
    };
    using Changes = std::map<std::string, double>;
    CHECK(changes(period(18993, 100, 10, 6, 5, 4)).empty());
    CHECK(changes(period(18993, 100, 11, 6, 5, 4)) == Changes{{"price", 100}});
    CHECK(changes(period(18993, 100, 10, 7, 5, 4)) == Changes{{"cost_of_goods", -100}});
    // A change of rates is no colder customer: only the rate's part moves.
    CHECK(changes(period(18993, 100, 10, 6, 8, 4)) == Changes{{"rate of deliveries", -24}});
    CHECK(changes(period(18993, 100, 10, 6, 5, 6)) == Changes{{"use of deliveries", -20}});
    // Twice the units at the same deliveries: volume carries the costs along, use gives them back.
    const Changes more = changes(period(18993, 200, 10, 6, 5, 4));
    CHECK(more.size() == 2);
    CHECK(more.at("volume") == doctest::Approx(400 - 20));
    CHECK(more.at("use of deliveries") == doctest::Approx(20));
}

TEST_CASE("statement bridge: random periods, against sums over the rows") {
    std::mt19937_64 random(21);
    for (int trial = 0; trial < 12; ++trial) {
        const CostModel old_costs = CostModel{}.rate("lines", 2).rate("quantity", 0.5).revenue_share(0.1);
        const CostModel new_costs = trial % 3 == 0 ? old_costs : CostModel{}.rate("lines", 2.5).rate("quantity", 0.4);
        const BridgedPeriod before = random_period(random, 18628, 9, old_costs);
        const BridgedPeriod after = random_period(random, 18993, 9, new_costs);
        const StatementBridge found = bridge(before.view(), after.view());
        CAPTURE(trial);
        check_sums(found, before.stated, after.stated);
        // Slowly: per customer and family, item by item.
        const Bucket b0 = before.stated.bucket();
        const Bucket b1 = after.stated.bucket();
        const auto cost_of = [](const BridgedSales& sales, std::size_t row, bool old_rates, bool has_share) {
            const double units = std::max(0.0, sales.quantity[row]);
            return std::array<double, 3>{old_rates ? 2 : 2.5, (old_rates ? 0.5 : 0.4) * units,
                                         has_share ? 0.1 * sales.revenue[row] : 0};
        };
        const auto sum = [](const BridgedSales& sales, std::int32_t who, std::int32_t item, std::int32_t family,
                            const std::vector<double>& column) {
            double total = 0;
            for (std::size_t row = 0; row < column.size(); ++row) {
                if (sales.customer[row] == who && (item < 0 || sales.item[row] == item) &&
                    (family < 0 || sales.family[row] == family)) {
                    total += column[row];
                }
            }
            return total;
        };
        const bool same = trial % 3 == 0;
        double price = 0;
        double volume = 0;
        double product_mix = 0;
        double goods = 0;
        double rate_of_lines = 0;
        double use_of_share = 0;
        double rate_of_share = 0;
        double volume_points = 0;
        for (std::int32_t who = 0; who < 9; ++who) {
            const BridgedSales& s0 = before.sales;
            const BridgedSales& s1 = after.sales;
            const double r0 = sum(s0, who, -1, -1, s0.revenue);
            const double r1 = sum(s1, who, -1, -1, s1.revenue);
            if (r0 == 0 || r1 == 0) continue;
            double at_old_prices = 0;
            double at_old_costs = 0;
            for (std::int32_t item = 0; item < 5; ++item) {
                const double q0 = sum(s0, who, item, -1, s0.quantity);
                const double q1 = sum(s1, who, item, -1, s1.quantity);
                const bool both = q0 > 0 && q1 > 0;
                at_old_prices +=
                    both ? q1 / q0 * sum(s0, who, item, -1, s0.revenue) : sum(s1, who, item, -1, s1.revenue);
                at_old_costs += both ? q1 / q0 * sum(s0, who, item, -1, s0.cost) : sum(s1, who, item, -1, s1.cost);
            }
            const double scale = at_old_prices / r0;
            const double g0 = sum(s0, who, -1, -1, s0.cost);
            double heat = r0 - g0;
            for (std::size_t row = 0; row < s0.customer.size(); ++row) {
                if (s0.customer[row] != who) continue;
                for (const double cost : cost_of(s0, row, true, true)) heat -= cost;
            }
            price += r1 - at_old_prices;
            volume += (scale - 1) * heat;
            volume_points += (scale / b1.level - 1 / b0.level) * (heat - b0.temperature() * r0);
            product_mix += at_old_prices - at_old_costs - scale * (r0 - g0);
            goods += at_old_costs - sum(s1, who, -1, -1, s1.cost);
            for (std::size_t row = 0; row < s1.customer.size(); ++row) {
                if (s1.customer[row] == who) rate_of_lines += same ? 0 : 2 - 2.5;
            }
            use_of_share += 0.1 * (scale * r0 - r1);
            rate_of_share += same ? 0 : 0.1 * r1;
        }
        CHECK(total_of(found, "price") == doctest::Approx(price));
        CHECK(total_of(found, "volume") == doctest::Approx(volume));
        CHECK(total_of(found, "volume", true) == doctest::Approx(volume_points));
        CHECK(total_of(found, "product_mix") == doctest::Approx(product_mix));
        CHECK(total_of(found, "cost_of_goods") == doctest::Approx(goods));
        CHECK(total_of(found, "rate of lines") == doctest::Approx(rate_of_lines));
        CHECK(total_of(found, "use of revenue share") == doctest::Approx(use_of_share));
        CHECK(total_of(found, "rate of revenue share") == doctest::Approx(rate_of_share));
        // Families sum to the customers and the company, whatever the order of summing.
        const std::vector<std::size_t> first{0};
        const StatementBridge families = summed(found, false, first);
        CHECK(families.value[0] == std::vector<std::int32_t>{0, 1});
        for (const std::string& name : found.part) {
            const std::size_t p = part_of(found, name);
            CHECK(families.heat(0, p) + families.heat(1, p) == doctest::Approx(total_of(summed(found, true), name)));
        }
    }
}

TEST_CASE("statement bridge: without items, sales are one part, and costs stay apart") {
    std::mt19937_64 random(5);
    const CostModel costs = CostModel{}.rate(Driver::deliveries, 5);
    const BridgedPeriod before = random_period(random, 18628, 8, costs);
    BridgedPeriod after = random_period(random, 18993, 8, CostModel{}.rate(Driver::deliveries, 6));
    const StatementBridge items = bridge(before.view(), after.view());
    const StatementBridge found = bridge(before.view(true, false), after.view());
    check_sums(found, before.stated, after.stated);
    CHECK(found.customers_in_one_part > 0);
    CHECK(items.customers_in_one_part == 0);
    for (const char* name : {"volume", "price", "product_mix", "cost_of_goods"}) CHECK(total_of(found, name) == 0);
    CHECK(total_of(found, "rate of deliveries") == doctest::Approx(total_of(items, "rate of deliveries")));
    // One row without an item puts its customer in one part, and leaves the others.
    after.sales.item.front() = -1;
    const StatementBridge one = bridge(before.view(), after.view());
    check_sums(one, before.stated, after.stated);
    CHECK(one.customers_in_one_part <= 1);
    CHECK(one.level_in_one_part < found.level_in_one_part);
}

TEST_CASE("statement bridge: a customer with net returns before has no old temperature") {
    BridgedSales earlier;
    earlier.id = {"a", "b"};
    earlier.add(0, 18628, 0, 0, 10, 10, 6);
    earlier.add(1, 18628, 0, 0, -2, 10, 6);
    BridgedSales later = earlier;
    later.quantity[1] = 5;
    later.revenue[1] = 50;
    later.cost[1] = 30;
    const BridgedPeriod before{earlier, CostModel{}.rate("lines", 1)};
    const BridgedPeriod after{later, CostModel{}.rate("lines", 1)};
    const StatementBridge found = bridge(before.view(), after.view());
    check_sums(found, before.stated, after.stated);
    CHECK(found.customers_in_one_part == 1);
    CHECK(total_of(found, "sales") == doctest::Approx(70 - 42));
}

TEST_CASE("statement bridge: a customer that grows more than tenfold is not compared with next to nothing") {
    BridgedSales earlier;
    earlier.id = {"a", "b"};
    earlier.add(0, 18628, 0, 0, 100, 10, 6);
    earlier.add(1, 18628, 0, 0, 1, 1, 1);
    BridgedSales later = earlier;
    later.quantity[1] = 900;
    later.revenue[1] = 1000;
    later.cost[1] = 600;
    const BridgedPeriod before{earlier, CostModel{}.rate("lines", 20)};
    const BridgedPeriod after{later, CostModel{}.rate("lines", 20)};
    const StatementBridge found = bridge(before.view(), after.view());
    check_sums(found, before.stated, after.stated);
    CHECK(found.customers_in_one_part == 1);
    CHECK(std::abs(total_of(found, "use of lines")) < 1e-9);
    CHECK(total_of(found, "sales") == doctest::Approx(400));
}

TEST_CASE("statement bridge: rates by day, pools, and costs that the later ledger does not have") {
    std::mt19937_64 random(8);
    // One model with the rates of both years: the change of rates is no change of use.
    const CostModel dated = CostModel{}.rate("lines", 2).rate("lines", 3, 1, 18993);
    const BridgedPeriod before = random_period(random, 18628, 8, dated);
    const BridgedPeriod after = random_period(random, 18993, 8, dated);
    const BridgedPeriod plain0{before.sales, CostModel{}.rate("lines", 2)};
    const BridgedPeriod plain1{after.sales, CostModel{}.rate("lines", 3)};
    const StatementBridge by_day = bridge(before.view(), after.view());
    const StatementBridge by_year = bridge(plain0.view(), plain1.view());
    CHECK(total_of(by_day, "rate of lines") == doctest::Approx(total_of(by_year, "rate of lines")));
    CHECK(total_of(by_day, "rate of lines") < 0);
    // A rate that changed within the earlier period counts at its average.
    const BridgedPeriod within{before.sales, CostModel{}.rate("lines", 2).rate("lines", 4, 1, 18638)};
    double charged = 0;
    for (const double one : within.stated.costs().charged.values()) charged += one;
    const double mean = charged / static_cast<double>(before.sales.customer.size());
    const BridgedPeriod flat{before.sales, CostModel{}.rate("lines", mean)};
    CHECK(total_of(bridge(within.view(), plain1.view()), "rate of lines") ==
          doctest::Approx(total_of(bridge(flat.view(), plain1.view()), "rate of lines")));
    // A pool whose minute costs more, and whose activity takes longer, has dearer rates.
    const auto pooled = [](double cost, const char* minutes) {
        return CostModel{}.pool("office", cost, 1000).activity("order", "office", minutes);
    };
    const BridgedPeriod calm{before.sales, pooled(500, "4 + lines")};
    const BridgedPeriod dear{before.sales, pooled(700, "5 + lines")};
    const StatementBridge rates = bridge(calm.view(), dear.view());
    check_sums(rates, calm.stated, dear.stated);
    CHECK(std::abs(total_of(rates, "use of office")) < 1e-9);
    CHECK(total_of(rates, "rate of office") == doctest::Approx(dear.stated.bucket().heat - calm.stated.bucket().heat));
    // Miles were registered in the earlier year alone.
    StatementOptions options;
    const std::vector<double> miles(8, 3.0);
    options.drivers = {{"miles", miles}};
    const CostModel by_mile = CostModel{}.rate("lines", 2).rate("miles", 1);
    const Statement driven = statement(before.ledger, by_mile, {}, 1, options);
    StatedPeriod with_miles{.statement = driven, .ledger = before.ledger, .costs = by_mile, .options = options};
    const StatementBridge gone = bridge(with_miles, after.view(false));
    CHECK(gone.elements_in_one_part == std::vector<std::string>{"miles"});
    check_sums(gone, driven, after.stated);
}

TEST_CASE("statement bridge: bad input") {
    std::mt19937_64 random(1);
    const BridgedPeriod one = random_period(random, 18628, 4, CostModel{}.rate("lines", 2));
    CHECK_THROWS_WITH_AS(bridge(one.view(true), one.view(false)), doctest::Contains("the groupings differ"),
                         InputError);
    BridgedSales costless = one.sales;
    LedgerView without = costless.view();
    without.cost = {};
    const Statement levels = statement(without, one.costs);
    CHECK_THROWS_WITH_AS(bridge({.statement = levels, .ledger = without, .costs = one.costs}, one.view(false)),
                         doctest::Contains("a bridge"), InputError);
    const std::vector<std::size_t> third{2};
    CHECK_THROWS_WITH_AS(summed(bridge(one.view(), one.view()), false, third), doctest::Contains("there are 1"),
                         InputError);
    CHECK_THROWS_WITH_AS(summed(summed(bridge(one.view(), one.view()), false), true),
                         doctest::Contains("cannot stay apart"), InputError);
    BridgedSales returned;
    returned.id = {"a"};
    returned.add(0, 18628, 0, 0, -1, 10, 6);
    const BridgedPeriod below{returned, CostModel{}};
    CHECK_THROWS_WITH_AS(bridge(below.view(), one.view()), doctest::Contains("found -10 before"), InputError);
}
