// Tests of the cost model: published customer statements, avoidable shares, drivers that do not exist, values out of
// range.
#include "custfolio/costing/cost_model.hpp"
#include "custfolio/costing/cost_change.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

double avoidable_change(const CostModel& model, const Volume& before, const Volume& after,
                        const std::vector<std::string>& names = {}) {
    return CostChange(model, names).of(before, after).avoidable;
}

template <class Error, class Call>
std::string refusal(Call call) {
    try {
        call();
    } catch (const Error& error) {
        return error.what();
    }
    return "nothing was thrown";
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("two pharmacies: 725 and -220") {
    // ABC customer profitability case: order 40, line 3, delivery 50, carton 1, shelf stocking 16 per hour.
    CostModel costs;
    costs.rate("orders", 40).rate(Driver::lines, 3).rate(Driver::deliveries, 50).rate(Driver::quantity, 1);
    costs.rate("stocking hours", 16);
    const std::vector<std::string> names{"orders", "stocking hours"};
    const Volume charleston{7 * 2400.0, 7 * 2100.0, 7, 13 * 9, 7 * 22, {13, 0}};
    const Volume chapel_hill{10 * 1800.0, 10 * 1650.0, 10, 10 * 18, 10 * 20, {10, 10 * 0.5}};
    CHECK(charleston.revenue - charleston.goods - costs.cost(charleston, names) == 725);
    CHECK(chapel_hill.revenue - chapel_hill.goods - costs.cost(chapel_hill, names) == -220);
}

TEST_CASE("a decision counts avoidable cost only") {
    CostModel costs;
    costs.rate(Driver::deliveries, 90, 0.8).rate(Driver::lines, 2.5).rate(Driver::quantity, 0.12, 0);
    costs.revenue_share(0.2, 0.5);
    const Volume before{10'000, 7'000, 20, 100, 1'000, {}};
    CHECK(costs.cost(before) == doctest::Approx(1'800 + 250 + 120 + 2'000).epsilon(1e-15));
    CHECK(costs.avoidable_cost(before) == doctest::Approx(0.8 * 1'800 + 250 + 0.5 * 2'000).epsilon(1e-15));
    Volume after = before;
    after.deliveries = 12;
    CHECK(avoidable_change(costs, before, after) == doctest::Approx(-0.8 * 90 * 8).epsilon(1e-15));
    after = before;
    after.quantity = 0;  // nothing of it is avoidable
    CHECK(avoidable_change(costs, before, after) == 0);
    after.revenue = 11'000;
    CHECK(avoidable_change(costs, before, after) == doctest::Approx(0.5 * 0.2 * 1'000).epsilon(1e-15));
}

TEST_CASE("properties over random models: all avoidable is the full cost; a change there and back is none") {
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> share(0, 1);
    std::uniform_real_distribution<double> amount(0, 1'000);
    const std::vector<std::string> names{"kilometres"};
    for (int k = 0; k < 300; ++k) {
        CostModel full;
        CostModel part;
        for (const char* driver : {"deliveries", "lines", "quantity", "kilometres"}) {
            const double rate = amount(random);
            full.rate(driver, rate);
            part.rate(driver, rate, share(random));
        }
        const double passed_on = share(random);
        full.revenue_share(passed_on);
        part.revenue_share(passed_on, share(random));
        const auto volume = [&] {
            return Volume{amount(random), amount(random), amount(random),
                          amount(random), amount(random), {amount(random)}};
        };
        const Volume before = volume();
        const Volume after = volume();
        const double scale = full.cost(before, names) + full.cost(after, names);
        CHECK(full.avoidable_cost(before, names) == doctest::Approx(full.cost(before, names)).epsilon(1e-14));
        CHECK(part.cost(before, names) == full.cost(before, names));
        CHECK(part.avoidable_cost(before, names) <= part.cost(before, names));
        CHECK(avoidable_change(part, before, before, names) == 0);
        CHECK(avoidable_change(part, before, after, names) == -avoidable_change(part, after, before, names));
        CHECK(std::abs(avoidable_change(part, before, after, names) -
                       (part.avoidable_cost(after, names) - part.avoidable_cost(before, names))) <= 1e-14 * scale);
    }
}

TEST_CASE("a driver that does not exist is refused with those that do") {
    CostModel costs;
    costs.rate("miles", 2);
    const std::string text = refusal<NotFoundError>([&] {
        const std::vector<std::string> names{"kilometres", "visits"};
        static_cast<void>(costs.cost(Volume{1, 1, 1, 1, 1, {1, 1}}, names));
    });
    CHECK(text ==
          "no driver 'miles'; there are deliveries, lines, quantity, returns, returned_quantity, kilometres, visits");
    CHECK(contains(refusal<NotFoundError>([&] { CostChange(costs, {}); }), "'miles'"));
}

TEST_CASE("a second rate replaces the first, in its place") {
    CostModel costs;
    costs.rate(Driver::deliveries, 90).rate(Driver::lines, 2).rate("deliveries", 100, 0.5);
    REQUIRE(costs.rates().size() == 2);
    CHECK(costs.rates()[0] == Rate{"deliveries", 100, 0.5});
}

TEST_CASE("values out of range are refused with the remedy") {
    CostModel costs;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(
        contains(refusal<InputError>([&] { costs.rate(Driver::lines, -1); }), "rate of lines is -1; it must be >= 0"));
    CHECK(contains(refusal<InputError>([&] { costs.rate(Driver::lines, nan); }), "rate of lines is nan"));
    CHECK(contains(refusal<InputError>([&] { costs.rate(Driver::lines, 1, 80); }), "80 % is 0.8"));
    CHECK(contains(refusal<InputError>([&] { costs.rate("", 1); }), "empty driver name"));
    CHECK(contains(refusal<InputError>([&] { costs.rate("revenue share", 1); }), "revenue share"));
    CHECK(contains(refusal<InputError>([&] { costs.revenue_share(20); }), "20 % is 0.2"));
    CHECK(contains(refusal<InputError>([&] { costs.revenue_share(0.2, -1); }), "[0, 1]"));
    CHECK(costs == CostModel{});
    const std::vector<std::string> names{"visits"};
    costs.rate("visits", 1);
    CHECK(contains(refusal<InputError>([&] { static_cast<void>(costs.cost(Volume{}, names)); }),
                   "0 further drivers for 1 names"));
}
