// Tests of the price waterfall: by hand, random ledgers against a slow computation, groups, and bad input.
#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "custfolio/ledger.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/selection.hpp"

using namespace custfolio;

namespace {

std::map<std::string, double> company(const Waterfall& found) {
    std::map<std::string, double> steps;
    for (std::size_t s = 0; s < found.company.size(); ++s) {
        steps[std::string(waterfall_steps[s].name)] = found.company[s];
    }
    return steps;
}

/// Every total is the total before it plus the changes between.
void check_adds_up(const Matrix& amount) {
    for (std::size_t i = 0; i < amount.rows(); ++i) {
        double running = amount(i, 0);
        for (std::size_t s = 1; s < amount.cols(); ++s) {
            if (waterfall_steps[s].total) {
                CHECK(amount(i, s) == doctest::Approx(running).epsilon(1e-12).scale(1e3));
            } else {
                running += amount(i, s);
            }
        }
    }
}

}  // namespace

TEST_CASE("waterfall: a year-end rebate lowers the level, it is no cost") {
    const std::vector<std::int32_t> customer{0};
    const std::vector<DayNumber> day{18700};
    const std::vector<double> revenue{100}, cost{60}, rebate{5};
    LedgerView ledger{.customer = customer, .day = day, .revenue = revenue, .cost = cost};
    const StatementOptions yearly{.drivers = {{"rebate", rebate}}};
    const Statement beside = statement(ledger, {}, {}, 1, yearly);
    ledger.drivers = {{"rebate", rebate}};
    const Statement in_rows = statement(ledger, {});
    for (const Statement* const one : {&beside, &in_rows}) {
        CHECK(one->bucket().level == 95);
        CHECK(one->bucket().temperature() == doctest::Approx(35.0 / 95.0));
        CHECK(one->reconciliation().exact());
        CHECK(one->portfolio().columns().monthly_revenue(0, 0) == 95);
        const auto steps = company(waterfall(*one));
        CHECK(steps.at("invoice") == 100);
        CHECK(steps.at("rebate") == -5);
        CHECK(steps.at("net revenue") == 95);
        CHECK(steps.at("contribution") == 35);
    }
    CHECK(beside.reconciliation().rebates == 5);
    CHECK(in_rows.reconciliation().revenue_in == 95);
}

TEST_CASE("waterfall: freight and commission are charged as they are, by hand") {
    const std::vector<std::int32_t> customer{0, 0, 1};
    const std::vector<DayNumber> day{18700, 18701, 18700};
    const std::vector<double> revenue{90, 45, 200}, cost{50, 20, 120};
    const std::vector<double> list{100, 50, 240}, discount{8, 5, 40}, freight{4, 0, 6}, commission{0, 1, 2};
    LedgerView ledger{.customer = customer, .day = day, .revenue = revenue, .cost = cost};
    ledger.drivers = {{"list_price", list}, {"discount", discount}, {"freight", freight}, {"commission", commission}};
    const Statement stated = statement(ledger, CostModel{}.rate(Driver::deliveries, 10));
    const Waterfall found = waterfall(stated);
    const std::vector<double> first{150, -13, -2, 135, 0, 135, -4, -1, 130, -70, 60, -20, 0, 40};
    for (std::size_t s = 0; s < first.size(); ++s) CHECK(found.amount(0, s) == first[s]);
    CHECK(found.company.back() == stated.bucket().heat);
    // A rate of the model goes before the amount itself, and what it adds is charged.
    const Statement dearer = statement(ledger, CostModel{}.rate("freight", 1.5));
    CHECK(company(waterfall(dearer)).at("freight") == -15);
    // Without costs of goods the steps end with the pocket.
    ledger.cost = {};
    CHECK(waterfall(statement(ledger, {})).company.size() == 9);
}

TEST_CASE("waterfall: random ledgers against a slow computation, and groups sum to the company") {
    std::mt19937 random(11);
    std::uniform_real_distribution<double> uniform(0, 1);
    for (int round = 0; round < 30; ++round) {
        constexpr std::size_t rows = 80;
        std::vector<std::int32_t> customer, family;
        std::vector<DayNumber> day;
        std::vector<double> revenue, cost, list, discount, rebate, freight;
        for (std::size_t row = 0; row < rows; ++row) {
            customer.push_back(static_cast<std::int32_t>(random() % 6));
            family.push_back(static_cast<std::int32_t>(random() % 4) - 1);
            day.push_back(18628 + static_cast<DayNumber>(random() % 90));
            const double sign = random() % 8 == 0 ? -1 : 1;
            list.push_back(sign * 100 * uniform(random));
            discount.push_back(list.back() * 0.2 * uniform(random));
            revenue.push_back((list.back() - discount.back()) * (random() % 4 == 0 ? 0.99 : 1));
            rebate.push_back(revenue.back() * 0.1 * uniform(random));
            cost.push_back(revenue.back() * 0.6);
            freight.push_back(5 * uniform(random));
        }
        const std::vector<double> yearly_rebate{3, 0, 7, 1, 0, 2}, yearly_commission{1, 2, 3, 4, 5, 6};
        const bool with_list = round % 3 != 0;
        const bool with_discount = round % 3 != 1;
        LedgerView ledger{.customer = customer, .day = day, .revenue = revenue, .cost = cost};
        ledger.drivers = {{"rebate", rebate}, {"freight", freight}};
        if (with_list) ledger.drivers.push_back({"list_price", list});
        if (with_discount) ledger.drivers.push_back({"discount", discount});
        const StatementOptions options{.drivers = {{"rebate", yearly_rebate}, {"commission", yearly_commission}}};
        const CostModel costs = CostModel{}.rate(Driver::lines, 0.5);
        const Period period{18628 + 20, 18628 + 70};
        const Statement stated = statement(ledger, costs, period, 1, options);
        const Waterfall found = waterfall(stated);
        check_adds_up(found.amount);

        std::vector<double> slow(waterfall_steps.size(), 0.0);
        for (std::size_t row = 0; row < rows; ++row) {
            if (!period.contains(day[row])) continue;
            const double listed = with_list ? list[row] : revenue[row] + discount[row];
            const double less = with_discount ? discount[row] : listed - revenue[row];
            slow[0] += listed;
            slow[1] -= less;
            slow[2] += revenue[row] - listed + less;
            slow[4] -= rebate[row];
            slow[6] -= freight[row];
            slow[9] -= cost[row];
            slow[11] -= 0.5;
        }
        for (const double one : yearly_rebate) slow[4] -= one;
        for (const double one : yearly_commission) slow[7] -= one;
        for (std::size_t s = 0; s < slow.size(); ++s) {
            if (!waterfall_steps[s].total) CHECK(found.company[s] == doctest::Approx(slow[s]).epsilon(1e-11));
        }
        CHECK(found.company[5] == doctest::Approx(stated.bucket().level));
        CHECK(found.company[13] == doctest::Approx(stated.bucket().heat));

        const std::vector<std::int32_t> months = months_of(period);
        const std::vector<GroupDimension> dimensions{{.name = "family", .of_row = family},
                                                     {.name = "month", .of_day = months}};
        const Waterfall groups = waterfall(stated, group_by(stated, ledger, costs, dimensions, options));
        check_adds_up(groups.amount);
        for (std::size_t s = 0; s < slow.size(); ++s) {
            CHECK(groups.company[s] == doctest::Approx(found.company[s]).epsilon(1e-10).scale(1));
        }
    }
}

TEST_CASE("waterfall: rebates of strangers are shown, and other groups are refused") {
    const std::vector<std::int32_t> customer{0};
    const std::vector<DayNumber> day{18700};
    const std::vector<double> revenue{100}, cost{60}, rebate{5}, freight{3};
    LedgerView ledger{.customer = customer, .day = day, .revenue = revenue, .cost = cost};
    StatementOptions options{.drivers = {{"rebate", rebate}, {"freight", freight}}};
    options.not_attributed.further = {2, 4};
    const Statement stated = statement(ledger, {}, {}, 1, options);
    CHECK(stated.reconciliation().rebates_not_attributed == 2);
    CHECK(stated.reconciliation().not_attributed == 4);
    CHECK(stated.reconciliation().exact());
    const Statement plain = statement(ledger, {});
    CHECK_THROWS_WITH_AS(waterfall(stated, group_by(plain, ledger, {}, {})), doctest::Contains("of one statement"),
                         InputError);
}
