// Tests of the trace: parts sum to their nodes on random companies, a case by hand, comparisons, bad input.
#include "custfolio/selection/trace.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

constexpr DayNumber first_of_2021 = 18'628;  // 2021-01-01

/// A random company: documents of several rows, some returns, two years, visits and invoices.
struct Company {
    std::vector<std::int32_t> customer;
    std::vector<DayNumber> day;
    std::vector<double> revenue, cost, quantity, pallets, rush;
    std::vector<std::int64_t> document;
    std::vector<std::int32_t> visited;
    std::vector<DayNumber> visit_day, invoiced, paid;
    std::vector<double> kilometres, owed, hours;
    std::vector<std::string> id{"a", "b", "c", "d", "e"};

    explicit Company(unsigned seed) {
        std::mt19937 engine(seed);
        const auto upto = [&](int n) { return static_cast<int>(engine() % static_cast<unsigned>(n)); };
        const auto cents = [&](int n) { return 0.01 * (1 + upto(100 * n)); };
        for (int d = 0; d < 120; ++d) {
            const int who = upto(5);
            const int when = first_of_2021 - 365 + upto(730);
            const double sign = upto(6) == 0 ? -1 : 1;
            const double urgent = upto(4) == 0;
            for (int rows = 1 + upto(4); rows > 0; --rows) {
                customer.push_back(who);
                day.push_back(when);
                document.push_back(d);
                revenue.push_back(sign * cents(100));
                cost.push_back(sign * cents(60));
                quantity.push_back(sign * upto(9));
                pallets.push_back(0.25 * upto(8));
                rush.push_back(urgent);
            }
            visited.push_back(upto(6) - 1);
            visit_day.push_back(first_of_2021 - 365 + upto(730));
            kilometres.push_back(cents(80));
            invoiced.push_back(when);
            paid.push_back(upto(5) == 0 ? no_day : when + upto(90));
            owed.push_back(sign * cents(300));
        }
        for (std::size_t k = 0; k < 5; ++k) hours.push_back(0.5 * upto(20));
    }
    [[nodiscard]] LedgerView view() const {
        LedgerView ledger{.customer = customer,
                          .day = day,
                          .revenue = revenue,
                          .cost = cost,
                          .quantity = quantity,
                          .document = document,
                          .id = id};
        ledger.drivers = {{"pallets", pallets}};
        ledger.delivery_drivers = {{"rush", rush}};
        return ledger;
    }
    [[nodiscard]] StatementOptions options() const {
        StatementOptions given;
        given.events = {
            {.name = "visits", .customer = visited, .day = visit_day, .drivers = {{"kilometres", kilometres}}}};
        given.drivers = {{"hours", hours}};
        given.receivables = {.customer = visited, .invoiced = invoiced, .paid = paid, .amount = owed};
        return given;
    }
};

/// Rates and pools that change on a day, or an activity that a driver of the customer counts: the two exclude each
/// other.
CostModel model(double factor = 1, bool dated = true) {
    CostModel costs;
    costs.rate("deliveries", 9.17).rate("lines", 1.3 * factor).rate("quantity", 0.11).rate("returns", 4.4);
    costs.rate("returned_quantity", 0.3).rate("pallets", 2.5).rate("rush", 12).rate("kilometres", 0.35);
    costs.rate("hours", 31).rate("visits", 7);
    costs.pool("desk", 10'000 * factor, 90'000).pool("trucks", 25'000, 40'000);
    if (dated) {
        costs.rate("lines", 1.9 * factor, 1.0, first_of_2021 + 100).pool("desk", 8'000, 60'000, first_of_2021 + 200);
    } else {
        costs.activity("round", "trucks", "12", "pallets").activity("call", "trucks", "3", "hours");
    }
    costs.activity("order", "desk", "15*new_customer + 5 + 3*lines + 10*rush*lines");
    costs.activity("picking", "desk", "0.2 + 0.5*pallets*quantity", "line");
    costs.activity("credit note", "desk", "8 + 2*lines", "return");
    costs.activity("drive", "trucks", "20 + 1.5*kilometres", "visits");
    costs.revenue_share(0.05);
    return costs.credit_rate(0.08);
}

std::vector<double> sums_of_parts(const Trace& trace, const std::vector<double>& amount, std::vector<bool>& has) {
    std::vector<double> sum(amount.size(), 0.0);
    has.assign(amount.size(), false);
    for (std::size_t k = 1; k < amount.size(); ++k) {
        CHECK(trace.nodes[k].parent < k);
        sum[trace.nodes[k].parent] += amount[k];
        has[trace.nodes[k].parent] = true;
    }
    return sum;
}

std::vector<double> amounts_of(const Trace& trace) {
    std::vector<double> amounts;
    for (const TraceNode& node : trace.nodes) amounts.push_back(node.amount);
    return amounts;
}

const TraceNode& node_of(const Trace& trace, TraceLevel level, const std::string& name) {
    const auto at = std::ranges::find_if(
        trace.nodes, [&](const TraceNode& node) { return node.level == level && node.name == name; });
    REQUIRE(at != trace.nodes.end());
    return *at;
}

}  // namespace

TEST_CASE("The parts of every node sum to it, and the elements are those of the statement") {
    for (unsigned seed = 0; seed < 12; ++seed) {
        const Company company(seed);
        const LedgerView ledger = company.view();
        const StatementOptions options = company.options();
        const CostModel costs = model(1, seed % 2 == 0);
        const Period year{first_of_2021, first_of_2021 + 364};
        const Statement stated = statement(ledger, costs, year, 1, options);
        const PortfolioColumns& columns = stated.portfolio().columns();
        for (std::size_t i = 0; i < stated.portfolio().size(); ++i) {
            const Trace found = trace(stated, ledger, costs, columns.id[i], options);
            CHECK(found.nodes[0].amount == columns.contribution[i]);
            CHECK(node_of(found, TraceLevel::amount, "revenue").amount == columns.revenue[i]);
            CHECK(node_of(found, TraceLevel::amount, "cost of goods").amount == -columns.goods[i]);
            CHECK(node_of(found, TraceLevel::amount, "cost of credit").amount == -columns.credit_cost[i]);
            const CostTable& table = stated.costs();
            for (std::size_t e = 0; e < table.element.size(); ++e) {
                CHECK(node_of(found, TraceLevel::element, table.element[e]).amount == -table.charged(i, e));
            }
            for (std::size_t a = 0; a < table.activities.size(); ++a) {
                const TraceNode& activity = node_of(found, TraceLevel::activity, table.activities[a].activity);
                CHECK(activity.amount == -table.activity_cost(i, a));
            }
            CHECK(node_of(found, TraceLevel::element, "trucks").units == doctest::Approx(table.minutes(i, 1)));
            std::vector<bool> has;
            const std::vector<double> sum = sums_of_parts(found, amounts_of(found), has);
            std::map<std::size_t, DayNumber> last_day;  // per parent
            for (const TraceNode& node : found.nodes) {
                if (node.day == no_day) continue;
                const auto [last, first_of_parent] = last_day.try_emplace(node.parent, node.day);
                CHECK(last->second <= node.day);
                last->second = node.day;
            }
            for (std::size_t k = 0; k < sum.size(); ++k) {
                if (has[k]) CHECK(sum[k] == doctest::Approx(found.nodes[k].amount).epsilon(1e-9).scale(1.0));
                const bool events = found.nodes[k].level >= TraceLevel::event;
                if (events && !std::isnan(found.nodes[k].rate)) {
                    const double priced = found.nodes[k].units * found.nodes[k].rate;
                    CHECK(std::abs(found.nodes[k].amount) == doctest::Approx(std::abs(priced)).epsilon(1e-9));
                }
            }
            // Rounded to cents, parts sum to their nodes exactly.
            const std::vector<double> cents = rounded_amounts(found);
            const std::vector<double> sum_of_cents = sums_of_parts(found, cents, has);
            for (std::size_t k = 0; k < cents.size(); ++k) {
                CHECK(std::abs(cents[k] - found.nodes[k].amount) < 0.01);
                if (has[k]) CHECK(std::llround(100 * sum_of_cents[k]) == std::llround(100 * cents[k]));
            }
        }
    }
}

TEST_CASE("The events of a customer by hand") {
    const std::vector<std::int32_t> customer{0, 1, 0, 0};
    const std::vector<DayNumber> day{first_of_2021 + 4, first_of_2021 + 5, first_of_2021 + 4, first_of_2021 + 40};
    const std::vector<double> revenue{60, 500, 40, -30};
    const std::vector<double> quantity{3, 9, 2, -1};
    const std::vector<std::int64_t> document{7, 8, 7, 9};
    const LedgerView ledger{
        .customer = customer, .day = day, .revenue = revenue, .quantity = quantity, .document = document};
    CostModel costs;
    costs.rate("deliveries", 10).pool("desk", 1'000, 2'000).activity("order", "desk", "5 + 3*lines");
    const Statement stated = statement(ledger, costs);
    const Trace found = trace(stated, ledger, costs, "0");
    struct Row {
        TraceLevel level;
        std::size_t parent;
        std::string name;
        double amount;
        std::int64_t row;
    };
    using enum TraceLevel;
    const std::vector<Row> expected{{total, 0, "revenue less costs", 70 - 10 - 5.5, -1},
                                    {amount, 0, "revenue", 70, -1},
                                    {event, 1, "delivery", 100, 0},
                                    {line, 2, "line", 60, 0},
                                    {line, 2, "line", 40, 2},
                                    {event, 1, "return", -30, 3},
                                    {line, 5, "line", -30, 3},
                                    {amount, 0, "cost to serve", -15.5, -1},
                                    {element, 7, "deliveries", -10, -1},
                                    {event, 8, "delivery", -10, 0},
                                    {element, 7, "desk", -5.5, -1},
                                    {activity, 10, "order", -5.5, -1},
                                    {term, 11, "5", -2.5, -1},
                                    {event, 12, "delivery", -2.5, 0},
                                    {term, 11, "3*lines", -3, -1},
                                    {event, 14, "delivery", -3, 0}};
    REQUIRE(found.nodes.size() == expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k) {
        CAPTURE(k);
        CHECK(found.nodes[k].level == expected[k].level);
        CHECK(found.nodes[k].parent == expected[k].parent);
        CHECK(found.nodes[k].name == expected[k].name);
        CHECK(found.nodes[k].amount == doctest::Approx(expected[k].amount).epsilon(1e-12));
        CHECK(found.nodes[k].row == expected[k].row);
    }
    CHECK(found.nodes[10].units == 11);      // minutes of the pool
    CHECK(found.nodes[14].units == 2);       // lines
    CHECK(found.nodes[14].rate == 1.5);      // 3 minutes at 0.50
    CHECK(std::isnan(found.nodes[1].rate));  // an amount has no rate
    CHECK(found.nodes[2].day == first_of_2021 + 4);
}

TEST_CASE("Amounts that do not end on a cent are rounded from the top down") {
    Trace thirds{.customer = "x", .nodes = {{.amount = 1}}};
    for (int k = 0; k < 3; ++k) thirds.nodes.push_back({.parent = 0, .amount = 1.0 / 3});
    CHECK(rounded_amounts(thirds) == std::vector<double>{1, 0.34, 0.33, 0.33});
    CHECK(rounded_amounts(thirds, {.code = "JPY", .minor_digits = 0}) == std::vector<double>{1, 1, 0, 0});
    CHECK(rounded_amounts({}).empty());
}

TEST_CASE("A tree keeps the roundings that are given") {
    const std::vector<std::size_t> parent{0, 0, 0, 1, 1};
    const std::vector<double> amount{0.105, 0.055, 0.05, 0.0275, 0.0275};
    const double none = std::nan("");
    CHECK(round_tree(parent, amount) == std::vector<double>{0.11, 0.06, 0.05, 0.03, 0.03});
    CHECK(round_tree(parent, amount, {}, std::vector{0.1, 0.05, 0.05, none, none}) ==
          std::vector<double>{0.1, 0.05, 0.05, 0.02, 0.03});
    CHECK(round_tree(parent, amount, {}, std::vector{none, 0.07, none, none, none}) ==
          std::vector<double>{0.11, 0.07, 0.04, 0.04, 0.03});
    CHECK_THROWS_WITH_AS(round_tree(parent, amount, {}, std::vector{0.1, 0.05, 0.06, none, none}),
                         "round_tree: the given parts of node 0 do not sum to it", InputError);
    CHECK_THROWS_WITH_AS(round_tree(std::vector<std::size_t>{0, 1}, std::vector{1.0, 1.0}),
                         doctest::Contains("parent of node 1 is node 1"), InputError);
    CHECK_THROWS_AS(round_tree(parent, std::vector{1.0}), InputError);
    CHECK(round_tree({}, {}).empty());
    // Random trees: each given rounding stays, and all parts sum.
    std::mt19937 engine(3);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::size_t> up{0};
        for (std::size_t k = 1; k < 40; ++k) up.push_back(engine() % std::min<std::size_t>(k, 12));
        std::vector<bool> is_leaf(40, true);
        for (std::size_t k = 1; k < 40; ++k) is_leaf[up[k]] = false;
        std::vector<double> own(40), sum(40);
        for (std::size_t k = 40; k-- > 0;) {
            own[k] = is_leaf[k] ? (engine() % 3 == 0 ? 0.01 : 0.001) * (static_cast<double>(engine() % 20000) - 9000)
                                : sum[k];
            if (k > 0) sum[up[k]] += own[k];
        }
        std::vector<double> fixed(40, none);
        fixed[0] = (std::floor(own[0] * 100) + static_cast<double>(engine() % 2)) / 100;
        const std::vector<double> found = round_tree(up, own, {}, fixed);
        CHECK(found[0] == doctest::Approx(fixed[0]).epsilon(1e-15));
        std::vector<double> of_parts(40);
        for (std::size_t k = 1; k < 40; ++k) of_parts[up[k]] += found[k];
        for (std::size_t k = 0; k < 40; ++k) {
            CHECK(std::abs(found[k] - own[k]) < 0.02);
            if (!is_leaf[k]) CHECK(std::llround(100 * of_parts[k]) == std::llround(100 * found[k]));
        }
    }
}

TEST_CASE("A comparison splits each difference into volume and rate") {
    for (unsigned seed = 0; seed < 8; ++seed) {
        const Company company(seed);
        const LedgerView ledger = company.view();
        const StatementOptions options = company.options();
        const CostModel before = model(0.8, seed % 2 == 0);
        CostModel after = model(1, seed % 2 == 0);
        after.activity("packing", "desk", "1 + 0.5*lines").activity("checking", "trucks", "2", "return");
        const Statement earlier = statement(ledger, before, {first_of_2021 - 365, first_of_2021 - 1}, 1, options);
        const Statement later = statement(ledger, after, {first_of_2021, first_of_2021 + 364}, 1, options);
        for (const std::string& id : later.portfolio().columns().id) {
            if (!earlier.portfolio().contains(id)) continue;
            const Trace then = trace(earlier, ledger, before, id, options);
            const Trace now = trace(later, ledger, after, id, options);
            const std::vector<TraceChange> changes = compare_traces(then, now);
            CHECK(changes[0].difference() == now.nodes[0].amount - then.nodes[0].amount);
            std::vector<double> sum(changes.size(), 0.0);
            std::vector<double> volume(changes.size(), 0.0);
            std::vector<bool> has(changes.size(), false);
            for (std::size_t k = 1; k < changes.size(); ++k) {
                sum[changes[k].parent] += changes[k].difference();
                volume[changes[k].parent] += changes[k].volume;
                has[changes[k].parent] = true;
                if (std::isnan(changes[k].volume)) continue;
                CHECK(changes[k].volume + changes[k].rate ==
                      doctest::Approx(changes[k].difference()).epsilon(1e-9).scale(1.0));
            }
            for (std::size_t k = 0; k < changes.size(); ++k) {
                if (has[k]) CHECK(sum[k] == doctest::Approx(changes[k].difference()).epsilon(1e-9).scale(1.0));
                if (!has[k] || std::isnan(volume[k])) continue;
                CHECK(volume[k] == doctest::Approx(changes[k].volume).epsilon(1e-9).scale(1.0));
            }
        }
    }
}

TEST_CASE("The volume of a difference is at the earlier rate, the rate at the later units") {
    const auto traced = [](double units, double rate) {
        Trace one{.customer = "x", .nodes = {{.name = "contribution", .amount = -units * rate}}};
        one.nodes.push_back({.level = TraceLevel::amount, .name = "cost to serve", .amount = -units * rate});
        one.nodes.push_back({.level = TraceLevel::element,
                             .parent = 1,
                             .name = "deliveries",
                             .units = units,
                             .rate = rate,
                             .amount = -units * rate});
        return one;
    };
    const std::vector<TraceChange> changes = compare_traces(traced(10, 90), traced(14, 95));
    REQUIRE(changes.size() == 3);
    for (const TraceChange& change : changes) {  // nodes without a rate have the sums of their parts
        CHECK(change.difference() == 900 - 14 * 95);
        CHECK(change.volume == -4 * 90);
        CHECK(change.rate == -5 * 14);
    }
    Trace none{.customer = "x", .nodes = {}};
    const std::vector<TraceChange> fresh = compare_traces(none, traced(14, 95));
    CHECK(fresh[2].then == 0);
    CHECK(fresh[2].volume == -14 * 95);
    CHECK(fresh[2].rate == 0);
    CHECK(compare_traces(traced(14, 95), none)[2].volume == 14 * 95);
    none.customer = "y";
    CHECK_THROWS_WITH_AS(compare_traces(none, traced(1, 1)), doctest::Contains("'y' and 'x'"), InputError);
}

TEST_CASE("A trace needs the statement's own ledger, model and options") {
    const Company company(3);
    LedgerView ledger = company.view();
    const StatementOptions options = company.options();
    const CostModel costs = model();
    const Statement stated = statement(ledger, costs, {first_of_2021, first_of_2021 + 364}, 1, options);
    const std::string id = stated.portfolio().columns().id[0];
    CHECK_THROWS_WITH_AS(trace(stated, ledger, costs, "nobody", options), doctest::Contains("no customer 'nobody'"),
                         NotFoundError);
    CHECK_THROWS_WITH_AS(trace(stated, ledger, model(1.5), id, options),
                         doctest::Contains("must be those of the statement"), InputError);
    CHECK_THROWS_WITH_AS(trace(stated, ledger, costs, id), doctest::Contains("must be those of the statement"),
                         InputError);
    const Company other(4);
    CHECK_THROWS_WITH_AS(trace(stated, other.view(), costs, id, options), doctest::Contains("revenue is"), InputError);
    const std::vector<std::string> renamed{"v", "w", "x", "y", "z"};
    ledger.id = renamed;
    CHECK_THROWS_WITH_AS(trace(stated, ledger, costs, id, options), doctest::Contains("the ledger has no customer"),
                         InputError);
    CHECK(to_string(TraceLevel::line) == "line");
    CHECK_THROWS_AS(to_string(static_cast<TraceLevel>(9)), InputError);
}
