// Tests of the replay of orders: a case by hand, a slow replay day by day, properties, drivers of merged deliveries.
#include "custfolio/terms/replay.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

Orders orders_with(const std::vector<std::pair<DayNumber, double>>& rows) {
    Orders orders;
    orders.begin = {0, rows.size()};
    for (const auto& [day, amount] : rows) {
        orders.day.push_back(day);
        orders.kind.push_back(amount > 0 ? 1 : amount < 0 ? -1 : 0);
        orders.amount.push_back(amount);
        orders.lines.push_back(2);
        orders.quantity.push_back(std::max(0.0, amount / 10));
    }
    return orders;
}

CustomerOrders view(const Orders& orders, DayNumber last) {
    return orders_of_customer(orders, 0, {0, last});
}

/// The rule day by day: a queue of what waits, looked at every morning and after every order.
Regrouped slow_waiting(const Orders& orders, const OrderRule& rule, DayNumber last) {
    struct Waiting {
        DayNumber day;
        double amount, measure;
    };
    Regrouped result;
    std::deque<Waiting> pile;
    DayNumber delivered = -1'000'000;
    const auto deliver = [&](DayNumber day) {
        for (const Waiting& one : pile) result.waited += one.amount * (day - one.day);
        ++result.deliveries;
        pile.clear();
        delivered = day;
    };
    const auto full = [&] {
        double sum = 0;
        for (const Waiting& one : pile) sum += one.measure;
        return sum >= rule.minimum;
    };
    const auto allowed = [&](DayNumber day) {
        const auto weekday = std::chrono::weekday{std::chrono::sys_days{std::chrono::days{day}}};
        const bool on = rule.weekdays == 0 || ((rule.weekdays >> (weekday.iso_encoding() - 1)) & 1U) != 0;
        return on && (rule.interval == 0 || day >= delivered + rule.interval);
    };
    const auto overdue = [&](DayNumber day) {
        return rule.longest_wait > 0 && !pile.empty() && day >= pile.front().day + rule.longest_wait;
    };
    std::size_t next = 0;
    for (DayNumber day = 0; day <= last; ++day) {
        for (; next < orders.size() && orders.day[next] == day; ++next) {
            if (!(orders.amount[next] > 0)) continue;
            pile.push_back({day, orders.amount[next], rule.by_quantity ? orders.quantity[next] : orders.amount[next]});
            // Where nothing but the minimum counts, a full pile goes at once.
            if (rule.interval == 0 && rule.weekdays == 0 && full()) deliver(day);
        }
        if (!pile.empty() && (full() || overdue(day)) && allowed(day)) deliver(day);
    }
    if (pile.empty()) return result;
    // What is full or overdue waits for a day that is allowed, also after the period; the rest goes on its last day.
    DayNumber day = last;
    const DayNumber due = pile.front().day + rule.longest_wait;
    if (full() || rule.longest_wait > 0) {
        if (!full()) day = std::max(day, due);
        while (!allowed(day)) ++day;
    }
    deliver(day);
    return result;
}

/// Tops up, one need after another, with the stock of every day.
Regrouped slow_topping_up(const Orders& orders, double minimum, DayNumber last) {
    Regrouped result;
    double stock = 0;
    std::size_t next = 0;
    for (DayNumber day = 0; day <= last; ++day) {
        for (; next < orders.size() && orders.day[next] == day; ++next) {
            const double need = orders.amount[next];
            if (!(need > 0)) continue;
            if (stock >= need && result.deliveries > 0) {
                stock -= need;
                continue;
            }
            const double order = std::max(minimum, need - stock);
            ++result.deliveries;
            stock = stock + order - need;
        }
        if (day < last) result.stock += stock;
    }
    return result;
}

Orders random_orders(std::mt19937_64& random, DayNumber last) {
    std::uniform_int_distribution<DayNumber> day(0, last);
    std::normal_distribution<double> normal;
    std::uniform_int_distribution<int> count(0, 60);
    std::vector<std::pair<DayNumber, double>> rows;
    for (int k = count(random); k > 0; --k) {
        const double size = std::round(100 * std::exp(6 + normal(random))) / 100;
        rows.emplace_back(day(random), k % 9 == 0 ? -size : size);
    }
    std::sort(rows.begin(), rows.end());
    return orders_with(rows);
}

}  // namespace

TEST_CASE("by hand: five orders under a minimum of 100") {
    const Orders orders = orders_with({{0, 40}, {3, 70}, {5, -30}, {10, 250}, {20, 60}, {24, 10}});
    const CustomerOrders of = view(orders, 30);
    CHECK(regroup(of, {}).deliveries == 5);
    const Regrouped waits = regroup(of, {.minimum = 100});
    CHECK(waits.deliveries == 3);  // 40 + 70 on day 3, 250 on day 10, 60 + 10 on the last day
    CHECK(waits.waited == 40 * 3 + 60 * 10 + 10 * 6);
    const Regrouped week = regroup(of, {.minimum = 100, .longest_wait = 2});
    CHECK(week.deliveries == 5);  // 40 alone on day 2, 70 on day 5, 60 on day 22, 10 on day 26
    CHECK(week.waited == 40 * 2 + 70 * 2 + 60 * 2 + 10 * 2);
    // 100 for 40: 60 left; 100 for 70: 90 left; 160 for 250: none left; 100 for 60: 40 left, which covers 10.
    const Regrouped tops_up = regroup(of, {.minimum = 100}, true);
    CHECK(tops_up.deliveries == 4);
    CHECK(tops_up.stock == 60 * 3 + 90 * 7 + 0 + 40 * 4 + 30 * 6);
    // Below a value: 40, 70, 60 and 10 today; 70 of the merged ones.
    CHECK(regroup(of, {}, false, nullptr, 100).below == 4);
    CHECK(regroup(of, {.minimum = 100}, false, nullptr, 100).below == 1);
}

TEST_CASE("random orders: the replay agrees with one that looks at every day") {
    std::mt19937_64 random(11);
    std::uniform_real_distribution<double> uniform;
    constexpr DayNumber last = 364;
    double merged = 0;
    for (int k = 0; k < 3'000; ++k) {
        const Orders orders = random_orders(random, last);
        OrderRule rule;
        if (k % 4 != 3) rule.minimum = 2'000 * uniform(random);
        rule.by_quantity = k % 5 == 4;
        if (rule.by_quantity) rule.minimum /= 10;
        if (k % 3 == 1) rule.longest_wait = 1 + static_cast<int>(30 * uniform(random));
        if (k % 4 == 3 && k % 8 == 3) rule.interval = 1 + static_cast<int>(20 * uniform(random));
        if (k % 8 == 7) rule.weekdays = static_cast<std::uint8_t>(1 + static_cast<int>(126 * uniform(random)));
        CAPTURE(k);
        const Regrouped fast = regroup(view(orders, last), rule);
        const Regrouped slow = slow_waiting(orders, rule, last);
        CHECK(fast.deliveries == slow.deliveries);
        CHECK(fast.waited == doctest::Approx(slow.waited).epsilon(1e-9));
        merged += regroup(view(orders, last), {}).deliveries - fast.deliveries;
        if (rule.by_quantity || rule.minimum == 0) continue;
        const Regrouped tops_up = regroup(view(orders, last), {.minimum = rule.minimum}, true);
        const Regrouped slowly = slow_topping_up(orders, rule.minimum, last);
        CHECK(tops_up.deliveries == slowly.deliveries);
        CHECK(tops_up.stock == doctest::Approx(slowly.stock).epsilon(1e-9).scale(1));
    }
    CHECK(merged > 20'000);
}

TEST_CASE("a higher minimum never means more deliveries, and one above all orders means one") {
    std::mt19937_64 random(12);
    for (int k = 0; k < 400; ++k) {
        const Orders orders = random_orders(random, 364);
        for (const bool tops_up : {false, true}) {
            for (const int longest : {0, 10}) {
                double before = 1e9;
                for (double minimum = 0; minimum < 5'000; minimum += 50) {
                    const double now =
                        regroup(view(orders, 364), {.minimum = minimum, .longest_wait = longest}, tops_up).deliveries;
                    CHECK(now <= before);
                    before = now;
                }
            }
        }
        const bool any = std::any_of(orders.amount.begin(), orders.amount.end(), [](double v) { return v > 0; });
        CHECK(regroup(view(orders, 364), {.minimum = 1e9}).deliveries == (any ? 1 : 0));
        CHECK(regroup(view(orders, 364), {.minimum = 1e9}, true).deliveries == (any ? 1 : 0));
    }
}

TEST_CASE("drivers of a merged delivery: the largest of a whole delivery, sums of the others, then products") {
    Orders orders = orders_with({{0, 40}, {3, 70}, {10, 250}, {20, 60}});
    orders.driver_names = {"rush", "pallets"};
    orders.whole = {1, 0};
    orders.drivers = Matrix(4, 2);
    const double values[4][2] = {{1, 2}, {0, 3}, {0, 1}, {1, 4}};
    for (std::size_t k = 0; k < 4; ++k) {
        for (std::size_t d = 0; d < 2; ++d) orders.drivers(k, d) = values[k][d];
    }
    const std::vector<EventDriver> wanted{{"delivery", {"rush"}},
                                          {"delivery", {"lines", "rush"}},
                                          {"delivery", {"pallets", "pallets"}},
                                          {"delivery", {"quantity"}},
                                          {"delivery", {"unknown"}}};
    const std::vector<std::string> names{"pallets", "rush"};
    const OrderProducts products = OrderProducts::of(orders, wanted, names);
    REQUIRE(products.driver.size() == 5);  // four that are known, and rush as a driver of the customer
    CHECK(products.further == std::vector<std::pair<std::size_t, std::size_t>>{{4, 1}});
    const CustomerOrders of = view(orders, 30);
    const Regrouped today = regroup(of, {}, false, &products);
    CHECK(today.sums == std::vector<double>{2, 2 + 2, 4 + 9 + 1 + 16, 42, 2});
    // {40, 70}, {250}, {60}: rush 1, 0, 1; lines 4, 2, 2; pallets 5, 1, 4.
    const Regrouped merged = regroup(of, {.minimum = 100}, false, &products);
    CHECK(merged.deliveries == 3);
    CHECK(merged.sums == std::vector<double>{2, 4 + 2, 25 + 1 + 16, 42, 2});
}

TEST_CASE("no orders, and orders without quantities") {
    const Orders none = orders_with({});
    CHECK(regroup(view(none, 10), {.minimum = 100}).deliveries == 0);
    CHECK(regroup({}, {.minimum = 100}).deliveries == 0);
    Orders orders = orders_with({{0, 40}});
    orders.quantity.clear();
    CHECK_THROWS_AS(regroup(view(orders, 10), {.minimum = 5, .by_quantity = true}), InputError);
}
