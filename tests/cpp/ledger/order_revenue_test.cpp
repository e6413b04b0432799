// Tests of the revenue of rows of orders: by hand, against a slow computation, and bad input.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "custfolio/ledger.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

TEST_CASE("orders: tax within, a refund, rows by value, and rows without one") {
    const double none = std::numeric_limits<double>::quiet_NaN();
    const std::vector<std::int64_t> order{0, 1, 0, 2, 2, 3};
    const std::vector<double> price{30, 50, 20, 0, 0, 9}, quantity{2, 1, 2, 1, 1, 1}, discount{0, none, 20, 0, 0, 0};
    // 121 of which 21 are tax; 50 beside tax, of which half was refunded; 10 without a price; an unknown amount.
    const std::vector<double> net{121, 50, 10, none}, total{131, 60.5, 10, 9}, tax{21, 10.5, 0, none};
    const std::vector<double> shipping{10, 0, none, none}, refunded{0, 30.25, 0, 0};
    const OrderRevenue found = share_orders({order, price, quantity, discount}, {net, total, tax, shipping, refunded});
    const double first = 121 * (1 - 21.0 / 131);
    CHECK(found.tax_within == 1);
    CHECK(found.revenue[0] == doctest::Approx(first * 0.75));
    CHECK(found.revenue[1] == doctest::Approx(25));
    CHECK(found.revenue[2] == doctest::Approx(first * 0.25));
    CHECK(found.revenue[3] == 5);
    CHECK(found.revenue[4] == 5);
    CHECK(std::isnan(found.revenue[5]));
    CHECK(share_orders({order}, {net}).revenue[0] == 60.5);
    const std::vector<double> unknown{none, none, none, none};
    CHECK(std::isnan(share_orders({order}, {.net = net, .total = unknown, .refunded = refunded}).revenue[1]));
    CHECK(share_orders({order}, {.net = net, .total = unknown, .refunded = refunded}).revenue[0] == 60.5);
    CHECK(share_orders({}, {}).revenue.empty());
}

TEST_CASE("orders: the same as each order on its own") {
    std::mt19937 engine(5);
    const auto upto = [&](unsigned n) { return static_cast<double>(engine() % n); };
    for (int round = 0; round < 100; ++round) {
        std::vector<std::int64_t> order;
        std::vector<double> price, quantity, net(9), total(9), tax(9), refunded(9);
        for (int row = 0; row < 40; ++row) {
            order.push_back(static_cast<std::int64_t>(engine() % 9));
            price.push_back(upto(20) - 3);
            quantity.push_back(upto(4));
        }
        for (std::size_t k = 0; k < 9; ++k) {
            net[k] = 1 + upto(500);
            tax[k] = upto(3) * 5;
            total[k] = engine() % 2 == 0 ? net[k] : net[k] + tax[k];
            refunded[k] = upto(3) * 0.25 * total[k];
        }
        const OrderRevenue found =
            share_orders({order, price, quantity}, {.net = net, .total = total, .tax = tax, .refunded = refunded});
        for (std::size_t k = 0; k < 9; ++k) {
            const bool within = tax[k] > 0 && total[k] == net[k];
            const double whole = (within ? net[k] - net[k] * tax[k] / total[k] : net[k]) * (1 - refunded[k] / total[k]);
            double sum = 0, weights = 0, rows = 0;
            for (std::size_t row = 0; row < order.size(); ++row) {
                if (order[row] != static_cast<std::int64_t>(k)) continue;
                sum += found.revenue[row];
                weights += std::max(0.0, price[row] * quantity[row]);
                rows += 1;
            }
            if (rows > 0) CHECK(sum == doctest::Approx(whole).epsilon(1e-12));
            for (std::size_t row = 0; row < order.size(); ++row) {
                if (order[row] != static_cast<std::int64_t>(k)) continue;
                const double own = std::max(0.0, price[row] * quantity[row]);
                CHECK(found.revenue[row] ==
                      doctest::Approx(weights > 0 ? whole * own / weights : whole / rows).epsilon(1e-12));
            }
        }
    }
}

TEST_CASE("signed sums: an empty cell is 0 beside another") {
    const double none = std::numeric_limits<double>::quiet_NaN();
    const std::vector<double> debit{none, 5, none}, credit{12, none, none}, fee{1, none, none};
    const std::vector<ColumnView<double>> plus{credit, fee}, minus{debit};
    const std::vector<double> found = signed_sums(plus, minus);
    CHECK(found[0] == 13);
    CHECK(found[1] == -5);
    CHECK(std::isnan(found[2]));
    CHECK(signed_sums({}, {}).empty());
}

TEST_CASE("orders: what does not belong together is named") {
    const std::vector<std::int64_t> order{0, 2};
    const std::vector<double> net{1, 2}, one{1};
    CHECK_THROWS_WITH_AS(share_orders({order}, {net}), "orders, row 1 (counted from 0): the order is 2; there are 2",
                         InputError);
    CHECK_THROWS_WITH_AS(share_orders({order, one}, {net}), "orders: column 'price' has 1 values; it must have 2",
                         InputError);
    CHECK_THROWS_AS(share_orders({order}, {net, one}), InputError);
    const std::vector<ColumnView<double>> columns{net, one};
    CHECK_THROWS_WITH_AS(signed_sums(columns, {}),
                         "signed sums: column 1 (counted from 0) has 1 values, the first one 2", InputError);
}
