// Tests of the terms: exact effects, properties over random customers, values out of range, wording.
#include "custfolio/terms/terms.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "custfolio/math/errors.hpp"
#include "custfolio/terms/wording.hpp"

using namespace custfolio;

namespace {

bool same(const Volume& a, const Volume& b) {
    return a.revenue == b.revenue && a.goods == b.goods && a.deliveries == b.deliveries && a.lines == b.lines &&
           a.quantity == b.quantity && a.further == b.further;
}

class Customers {
  public:
    Volume operator()() {
        return {std::exp(normal_(random_) + 8),
                std::exp(normal_(random_) + 7),
                std::floor(std::exp(normal_(random_) + 3)),
                std::floor(std::exp(normal_(random_) + 4)),
                std::floor(std::exp(normal_(random_) + 6)),
                {uniform_(random_)}};
    }
    double share() { return uniform_(random_); }

  private:
    std::mt19937_64 random_{5};
    std::normal_distribution<double> normal_;
    std::uniform_real_distribution<double> uniform_;
};

}  // namespace

TEST_CASE("a delivery fee is revenue per delivery, exactly") {
    const Volume before{10'000, 7'000, 40, 200, 900, {12}};
    const TermsEffect effect = apply(Terms::delivery_fee(25), before);
    Volume expected = before;
    expected.revenue = 11'000;
    CHECK(same(effect.after, expected));
    CHECK(effect.burden == 0.1);
}

TEST_CASE("a minimum order combines deliveries and changes nothing else") {
    const Volume before{10'000, 7'000, 40, 200, 900, {12}};  // 250 an order
    const TermsEffect effect = apply(Terms::minimum_order(500, 0.08), before);
    Volume expected = before;
    expected.deliveries = 20;
    CHECK(same(effect.after, expected));
    CHECK(effect.burden == 0.04);
    CHECK(same(apply(Terms::minimum_order(250), before).after, before));
    CHECK(apply(Terms::minimum_order(100), before).burden == 0);
    CHECK(apply(Terms::minimum_order(1e6), before).after.deliveries == 1);  // who buys at all is delivered once
    Volume seldom = before;
    seldom.deliveries = 0.4;
    CHECK(apply(Terms::minimum_order(1e6), seldom).after.deliveries == 0.4);  // and never more often than before
}

TEST_CASE("a price change moves what follows the volume") {
    const Volume before{10'000, 7'000, 40, 200, 900, {12}};
    Volume expected = before;
    expected.revenue = 10'300;
    CHECK(apply(Terms::price(0.03), before).after.revenue == doctest::Approx(10'300).epsilon(1e-15));
    CHECK(apply(Terms::price(0.03), before).burden == 0.03);
    CHECK(apply(Terms::price(-0.03), before).burden == -0.03);
    const Volume after = apply(Terms::price(0.25, -1), before).after;
    CHECK(after.revenue == doctest::Approx(10'000).epsilon(1e-15));  // at elasticity -1 spend stays
    CHECK(after.goods == doctest::Approx(7'000 / 1.25).epsilon(1e-15));
    CHECK(after.lines == 160);
    CHECK(after.quantity == 720);
    CHECK(after.deliveries == 40);
    CHECK(after.further == before.further);
}

TEST_CASE("properties over random customers: no change is no change; more is monotone") {
    Customers customer;
    for (int k = 0; k < 1'000; ++k) {
        const Volume before = customer();
        const double elasticity = -3 * customer.share();
        for (const Terms& none : {Terms::delivery_fee(0), Terms::minimum_order(0), Terms::price(0, elasticity)}) {
            const TermsEffect effect = apply(none, before);
            CHECK(same(effect.after, before));
            CHECK(effect.burden == 0);
        }
        const double low = 100 * customer.share();
        const double high = low + 100 * customer.share();
        const TermsEffect fee_low = apply(Terms::delivery_fee(low), before);
        const TermsEffect fee_high = apply(Terms::delivery_fee(high), before);
        CHECK(fee_low.after.revenue == before.revenue + low * before.deliveries);
        CHECK(fee_low.after.revenue <= fee_high.after.revenue);
        CHECK(fee_low.burden <= fee_high.burden);
        const TermsEffect order_low = apply(Terms::minimum_order(20 * low), before);
        const TermsEffect order_high = apply(Terms::minimum_order(20 * high), before);
        CHECK(order_low.after.deliveries >= order_high.after.deliveries);
        CHECK(order_high.after.deliveries <= before.deliveries);
        CHECK(order_high.after.deliveries >= std::min(before.deliveries, 1.0));
        CHECK(order_low.burden <= order_high.burden);
        CHECK(order_high.burden <= 0.05);
        // An average order meets the minimum, unless one delivery is all there is.
        if (order_high.after.deliveries > 1 && order_high.after.deliveries < before.deliveries) {
            CHECK(order_high.after.revenue / order_high.after.deliveries == doctest::Approx(20 * high).epsilon(1e-12));
        }
        const TermsEffect price_low = apply(Terms::price(low / 200, elasticity), before);
        const TermsEffect price_high = apply(Terms::price(high / 200, elasticity), before);
        CHECK(price_low.after.quantity >= price_high.after.quantity);
        CHECK(price_low.burden <= price_high.burden);
        // Goods per revenue fall by exactly the price.
        CHECK(price_low.after.goods / price_low.after.revenue * (1 + low / 200) ==
              doctest::Approx(before.goods / before.revenue).epsilon(1e-12));
    }
}

TEST_CASE("customers without spend or deliveries") {
    CHECK(std::isinf(apply(Terms::delivery_fee(5), Volume{0, 0, 3, 0, 0, {}}).burden));
    CHECK(apply(Terms::delivery_fee(5), Volume{0, 0, 0, 0, 0, {}}).burden == 0);
    CHECK(apply(Terms::minimum_order(500), Volume{-100, -80, 3, 0, 0, {}}).after.deliveries == 1);
    CHECK(apply(Terms::minimum_order(500), Volume{0, 0, 0, 0, 0, {}}).after.deliveries == 0);
}

TEST_CASE("values out of range are refused") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH_AS(Terms::delivery_fee(-1), "delivery fee is -1; it must be >= 0", InputError);
    CHECK_THROWS_WITH_AS(Terms::minimum_order(nan), "minimum order is nan; a finite number is needed", InputError);
    CHECK_THROWS_AS(Terms::minimum_order(1, 2), InputError);
    CHECK_THROWS_WITH_AS(Terms::price(3), "price change is 3, 300%; it is a fraction in (-1, 1], 0.03 for 3 % dearer",
                         InputError);
    CHECK_THROWS_AS(Terms::price(-1), InputError);
    CHECK_THROWS_AS((void)Terms::price(0.03).with_amount(1.01), InputError);
    CHECK_THROWS_WITH_AS(Terms::price(0.03, 1.2), "price: elasticity is 1.2; it must be <= 0 (dearer never sells more)",
                         InputError);
    Terms made_by_hand;
    made_by_hand.amount = nan;
    CHECK_THROWS_AS(apply(made_by_hand, Volume{}), InputError);
    CHECK_THROWS_WITH_AS(apply(Terms::price(0.1), Volume{1, nan, 0, 0, 0, {}}),
                         "goods is nan; a finite number is needed", InputError);
    CHECK_THROWS_AS(apply(Terms::price(0.1), Volume{1, 0, -2, 0, 0, {}}), InputError);
    CHECK_THROWS_AS(apply(Terms::price(0.1), Volume{1, 0, 0, 0, 0, {nan}}), InputError);
    CHECK_THROWS_AS(apply(Terms::delivery_fee(1e308), Volume{1, 0, 1e10, 0, 0, {}}), InputError);  // no infinity leaves
}

TEST_CASE("wording") {
    CHECK(describe(Terms::delivery_fee(25)) == "a delivery fee of 25.00");
    CHECK(describe(Terms::minimum_order(2'000)) == "a minimum order of 2000.00");
    CHECK(describe(Terms::price(0.03)) == "prices up by 3.00%");
    CHECK(describe(Terms::price(-0.025)) == "prices down by 2.50%");
    CHECK(amount_text(-0.001) == "0.00");
    CHECK(amount_text(-0.006) == "-0.01");
    CHECK(amount_text(1e300).size() == 304);
    CHECK(amount_text(std::numeric_limits<double>::infinity()) == "inf");
    CHECK(percent_text(0.0314) == "3.1%");
    CHECK(percent_text(-0.0314, 2) == "-3.14%");
}

TEST_CASE("the catalogue by hand: charges, discounts, terms of payment, channels") {
    const std::vector<std::string> names{"kilometres", "discount", "rebate", "wine"};
    TermsInput before;
    before.volume = {10'000, 7'000, 40, 200, 900, {500, 800, 300, 4'000}, 3, 20};
    before.driver_names = names;
    before.days_to_pay = 50;
    const auto revenue = [&](const Terms& terms) { return apply(terms, before).after.revenue - 10'000; };
    const auto burden = [&](const Terms& terms) { return apply(terms, before).burden; };
    CHECK(revenue(Terms::delivery_fee(2, 0, "kilometres")) == 1'000);
    CHECK(revenue(Terms::delivery_fee(2, 300)) == 80);  // 250 an order on average
    CHECK(revenue(Terms::delivery_fee(2, 200)) == 0);
    CHECK(revenue(Terms::service_charge(30)) == 360);
    CHECK(revenue(Terms::service_charge(15, "returns")) == 45);
    CHECK(revenue(Terms::discount(0.25)) == 200);
    CHECK(revenue(Terms::rebate(0.5)) == 150);
    CHECK(revenue(Terms::price(0.05, 0, "wine")) == doctest::Approx(200).epsilon(1e-14));
    CHECK(burden(Terms::price(0.05, 0, "wine")) == doctest::Approx(0.02).epsilon(1e-14));
    CHECK(burden(Terms::rebate(0.5)) == 0.015);
    const TermsEffect elastic = apply(Terms::price(0.05, -1, "wine"), before);
    CHECK(elastic.after.revenue == doctest::Approx(10'000).epsilon(1e-14));
    CHECK(elastic.after.goods == doctest::Approx(7'000 * (1 + 0.4 * (1 / 1.05 - 1))).epsilon(1e-14));
    const TermsEffect sooner = apply(Terms::payment_term(14, 0.1), before);
    CHECK(sooner.days_to_pay == -36);
    CHECK(sooner.burden == doctest::Approx(0.1 * 36 / 365));
    CHECK(apply(Terms::payment_term(60), before).days_to_pay == 0);
    CHECK(burden(Terms::order_channel("order", 2, 0.01)) == 0.01);
    CHECK(same(apply(Terms::order_channel("order", 2), before).after, before.volume));
    CHECK(describe(Terms::order_channel("order", 1)) == "'order' in 1 minute");
    CHECK(describe(Terms::order_channel("order", 2.5)) == "'order' in 2.5 minutes");
    Terms exempt = Terms::delivery_fee(10);
    exempt.outside_share = true;
    CHECK(apply(exempt, before).exempt == 400);
    // Without orders averages stand for the replay.
    CHECK(apply(Terms::frequency(14), before).after.deliveries == doctest::Approx(365.0 / 14));
    CHECK(apply(Terms::minimum_quantity(45), before).after.deliveries == 20);
    CHECK(apply(Terms::fixed_days(std::vector<int>{1, 4}), before).after.deliveries == 40);
    before.volume.deliveries = 120;
    CHECK(apply(Terms::fixed_days(std::vector<int>{1, 4}), before).after.deliveries == doctest::Approx(365 / 3.5));
    // In a package the fee counts the deliveries that are left.
    const TermsEffect both = apply(Terms::package({Terms::delivery_fee(10), Terms::minimum_order(500, 0.1)}), before);
    CHECK(both.after.deliveries == 20);
    CHECK(both.after.revenue == 10'200);
    CHECK(both.burden == doctest::Approx(0.02 + 0.1 * 100 / 120));
    const auto twice = [](const TermsInput& input, double amount) {
        TermsEffect effect{input.volume};
        effect.after.deliveries *= amount;
        return effect;
    };
    CHECK(apply(Terms::custom("half", twice, 0.5, 0.5), before).after.deliveries == 60);
    const auto nonsense = [](const TermsInput& input, double) {
        TermsEffect effect{input.volume};
        effect.burden = std::nan("");
        return effect;
    };
    CHECK_THROWS_AS(apply(Terms::custom("nonsense", nonsense), before), InputError);
}

TEST_CASE("orders that are replayed: deliveries, waiting and stock at the customer's cost of capital") {
    Orders orders;
    orders.begin = {0, 4};
    orders.day = {0, 100, 200, 300};
    orders.kind = {1, 1, 1, 1};
    orders.amount = {100, 100, 100, 100};
    orders.lines = {1, 1, 1, 1};
    TermsInput before;
    before.volume = {400, 200, 4, 4, 0, {}};
    before.orders = orders_of_customer(orders, 0, {0, 364});
    Terms terms = Terms::minimum_order(200, 0.08, 1);
    terms.cost_of_capital = 0.1;
    const TermsEffect waits = apply(terms, before);
    CHECK(waits.after.deliveries == 2);
    CHECK(waits.days_waited == 50);
    CHECK(waits.burden == doctest::Approx(0.08 * 0.5 + 0.1 * 20'000 / 365 / 400));
    terms.waits = 0;
    const TermsEffect tops_up = apply(terms, before);
    CHECK(tops_up.after.deliveries == 2);
    CHECK(tops_up.stock == doctest::Approx(20'000.0 / 365));
    terms.waits = 0.25;
    CHECK(apply(terms, before).burden == doctest::Approx(0.25 * waits.burden + 0.75 * tops_up.burden));
    // A fee below an order value counts the orders.
    orders.amount[2] = 50;
    CHECK(apply(Terms::delivery_fee(7, 80), before).after.revenue == 407);
    const Terms package = Terms::package({Terms::delivery_fee(7, 180), terms.with_amount(150)});
    CHECK(apply(package, before).after.revenue == doctest::Approx(400 + 7 * (0.25 * 1 + 0.75 * 3)));
}

TEST_CASE("terms in words, and what cannot be terms") {
    const std::vector<int> days{1, 4};
    CHECK(describe(Terms::delivery_fee(5, 300)) == "a delivery fee of 5.00 for orders below 300.00");
    CHECK(describe(Terms::delivery_fee(0.5, 0, "kilometres")) == "a delivery fee of 0.50 per kilometres");
    CHECK(describe(Terms::minimum_quantity(24)) == "a minimum order of 24 units");
    CHECK(describe(Terms::frequency(7)) == "at most one delivery in 7 days");
    CHECK(describe(Terms::fixed_days(days)) == "deliveries on Tuesday and Friday only");
    CHECK(describe(Terms::discount(0.5)) == "50.00% of the discount taken back");
    CHECK(describe(Terms::payment_term(30)) == "payment within 30 days");
    CHECK(describe(Terms::service_charge(5)) == "a service charge of 5.00 a month");
    CHECK(describe(Terms::package({Terms::delivery_fee(5), Terms::price(0.02)})) ==
          "a delivery fee of 5.00 and prices up by 2.00%");
    CHECK_THROWS_AS(Terms::package({}), InputError);
    CHECK_THROWS_AS(Terms::package({Terms::minimum_order(5), Terms::frequency(7)}), InputError);
    CHECK_THROWS_AS(Terms::package({Terms::package({Terms::price(0.1)})}), InputError);
    CHECK_THROWS_AS(Terms::fixed_days(std::vector<int>{7}), InputError);
    CHECK_THROWS_AS(Terms::fixed_days({}), InputError);
    CHECK_THROWS_AS(Terms::minimum_order(5, 0.05, 1.5), InputError);
    CHECK_THROWS_AS(Terms::frequency(400), InputError);
    CHECK_THROWS_AS(Terms::discount(1.2), InputError);
    CHECK_THROWS_AS(Terms::order_channel("", 2), InputError);
    CHECK_THROWS_AS(Terms::delivery_fee(2, 100, "kilometres"), InputError);
    CHECK_THROWS_AS(Terms::custom("none", nullptr), InputError);
    const Volume volume{100, 50, 2, 2, 2, {}};
    CHECK_THROWS_WITH_AS(apply(Terms::discount(0.1), volume),
                         "no driver 'discount'; there are deliveries, lines, quantity, returns and returned_quantity",
                         NotFoundError);
}
