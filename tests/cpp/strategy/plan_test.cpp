// Plans against an independent recomputation, the order of overflow, infeasible input and bad settings.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "custfolio/distribution/nonnegative_amount.hpp"
#include "custfolio/math/eigen_views.hpp"
#include "custfolio/overflow/displacement.hpp"
#include "custfolio/strategy.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/detail/course_problem.hpp"
#include "custfolio/strategy/detail/overflow_order.hpp"

using namespace std::chrono_literals;

namespace {

constexpr int horizon = 12;
constexpr double cent = 0.01;

// A company: customers with a season, some of them cold; offers, action plans and prospects.
struct Company {
    custfolio::Portfolio portfolio;
    custfolio::Offers offers;
    custfolio::GrowthForecast growth;
    std::vector<custfolio::Prospect> prospects;
};

Company random_company(std::uint64_t seed, std::size_t customers, std::size_t prospects) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    custfolio::PortfolioColumns columns;
    columns.period = {custfolio::Month(2021y / 1).first_day(), custfolio::Month(2021y / 12).last_day()};
    columns.monthly_revenue = custfolio::Matrix(customers, 12);
    for (custfolio::Column* column : {&columns.revenue, &columns.goods, &columns.cost_to_serve, &columns.avoidable_cost,
                                      &columns.contribution, &columns.deliveries, &columns.lines, &columns.quantity}) {
        column->resize(customers);
    }
    for (std::size_t i = 0; i < customers; ++i) {
        columns.id.push_back("c" + std::to_string(i));
        const double size = std::exp(3.0 * uniform(random)) * 10'000.0;
        for (std::size_t m = 0; m < 12; ++m) columns.monthly_revenue(i, m) = size * (0.5 + uniform(random)) / 12.0;
        columns.revenue[i] = as_array(columns.monthly_revenue).row(static_cast<Eigen::Index>(i)).sum();
        columns.goods[i] = columns.revenue[i] * (0.6 + 0.2 * uniform(random));
        columns.deliveries[i] = std::floor(10 + 90 * uniform(random));
        columns.lines[i] = columns.deliveries[i] * 4;
        columns.quantity[i] = columns.revenue[i] / 20.0;
        columns.cost_to_serve[i] = columns.deliveries[i] * 90.0;
        columns.avoidable_cost[i] = columns.cost_to_serve[i];
        columns.contribution[i] = columns.revenue[i] - columns.goods[i] - columns.cost_to_serve[i];
    }
    Company made{custfolio::Portfolio(std::move(columns)), {}, {}, {}};
    std::vector<std::size_t> cold;
    for (std::size_t i = 0; i < customers; ++i) {
        if (made.portfolio.at(i).temperature() < 0.05) cold.push_back(i);
    }
    custfolio::CostModel costs;
    costs.rate(custfolio::Driver::deliveries, 90.0);
    const std::vector<custfolio::Terms> levers{custfolio::Terms::delivery_fee(25.0),
                                               custfolio::Terms::minimum_order(2'000.0),
                                               custfolio::Terms::price(0.03, -1.5)};
    made.offers = custfolio::remediate(made.portfolio, cold, 0.05, costs, levers);
    std::vector<custfolio::ActionPlan> plans;
    for (std::size_t i = 0; i < customers; i += 4) {
        for (std::size_t k = 0; k <= i % 3; ++k) {
            custfolio::ActionPlan plan;
            plan.customer = "c" + std::to_string(i);
            plan.name = "range " + std::to_string(k);
            custfolio::ActionStep talk;
            talk.name = "talk";
            talk.duration_months = 1;
            talk.success_probability = 0.8;
            talk.hours = 4 + 4 * uniform(random);
            custfolio::ActionStep list;
            list.name = "listing";
            list.duration_months = 2;
            list.success_probability = 0.5;
            list.revenue_per_month = 3'000 * uniform(random);
            list.contribution_per_month = 600 * uniform(random);
            list.hours = 3;
            plan.steps = {talk, list};
            plans.push_back(std::move(plan));
        }
    }
    made.growth = custfolio::grow(plans, 2022y / 1, horizon);
    for (std::size_t j = 0; j < prospects; ++j) {
        custfolio::Prospect prospect;
        prospect.candidate = j;
        prospect.id = "p" + std::to_string(j);
        prospect.win_probability = 0.1 + 0.3 * uniform(random);
        prospect.level = 100'000 * uniform(random);
        prospect.heat = prospect.level * 0.08;
        prospect.deliveries = 30;
        prospect.hours = 8;
        prospect.ramp_months = 3;
        prospect.introduced_by = "c1";
        prospect.rank = static_cast<int>(j) + 1;
        made.prospects.push_back(std::move(prospect));
    }
    return made;
}

// Level, heat, deliveries and hours of one month, recomputed from the inputs and the plan's courses alone.
struct Recomputed {
    std::vector<double> level = std::vector<double>(horizon, 0.0), heat = level, deliveries = level, hours = level;
};

Recomputed recompute(const Company& company, const custfolio::Plan& plan, const custfolio::Strategy& strategy) {
    Recomputed sums;
    const custfolio::PortfolioColumns& columns = company.portfolio.columns();
    const std::size_t customers = company.portfolio.size();
    for (std::size_t i = 0; i < customers; ++i) {
        const custfolio::Course& course = plan.courses[i];
        const bool offered = course.offer != custfolio::Course::none;
        const double p = offered ? company.offers.offers[course.offer].acceptance : 0.0;
        if (offered) REQUIRE(company.offers.offers[course.offer].customer == i);
        for (int m = 0; m < horizon; ++m) {
            const double share = columns.monthly_revenue(i, m) / columns.revenue[i];
            const bool answered = offered && m >= course.month + strategy.notice_months;
            const double stays = course.overflow >= 0 && m >= course.overflow ? 0.0 : 1.0;
            double extra_level = 0;
            double extra_heat = 0;
            const auto month = static_cast<std::size_t>(m);
            for (const std::size_t g : course.plans) {
                extra_level += company.growth.expected_revenue()(g, m);
                extra_heat += company.growth.expected_contribution()(g, m);
                sums.hours[month] += company.growth.expected_hours()(g, m) * (p + (1 - p) * stays);
            }
            const double old_level = columns.revenue[i] * share + extra_level;
            const double old_heat = columns.contribution[i] * share + extra_heat;
            double new_level = old_level;
            double new_heat = old_heat;
            double new_stops = columns.deliveries[i] * share;
            if (answered) {
                const custfolio::Offer& offer = company.offers.offers[course.offer];
                new_level += offer.revenue_change * share;
                new_heat += offer.heat_change * share;
                new_stops += offer.deliveries_change * share;
            }
            sums.level[month] += p * new_level + (1 - p) * stays * old_level;
            sums.heat[month] += p * new_heat + (1 - p) * stays * old_heat;  // all costs are avoidable here
            sums.deliveries[month] += p * new_stops + (1 - p) * stays * columns.deliveries[i] * share;
        }
    }
    for (std::size_t j = 0; j < company.prospects.size(); ++j) {
        const custfolio::Course& course = plan.courses[customers + j];
        if (course.month < 0) continue;
        const custfolio::Prospect& prospect = company.prospects[j];
        sums.hours[static_cast<std::size_t>(course.month)] += prospect.hours;
        for (int m = course.month + strategy.lead_months; m < horizon; ++m) {
            const int since = m - course.month - strategy.lead_months;
            const double part =
                prospect.win_probability / 12.0 * std::min(1.0, (since + 1) / (prospect.ramp_months + 1.0));
            sums.level[static_cast<std::size_t>(m)] += part * prospect.level;
            sums.heat[static_cast<std::size_t>(m)] += part * prospect.heat;
            sums.deliveries[static_cast<std::size_t>(m)] += part * prospect.deliveries;
        }
    }
    return sums;
}

void check_plan(const Company& company, const custfolio::Strategy& strategy, const custfolio::Plan& plan) {
    REQUIRE(plan.courses.size() == company.portfolio.size() + company.prospects.size());
    REQUIRE(plan.trajectory.size() == horizon);
    const Recomputed sums = recompute(company, plan, strategy);
    double value = 0;
    double hours = 0;
    double deliveries = 0;
    for (std::size_t m = 0; m < horizon; ++m) {
        const custfolio::PlanMonth& month = plan.trajectory[m];
        // The trajectory has whole cents, whose sources add up: it differs from exact sums by up to a cent.
        CHECK(std::abs(month.level - sums.level[m]) < cent);
        CHECK(std::abs(month.heat - sums.heat[m]) < cent);
        CHECK(month.level <= month.capacity + cent);
        CHECK(month.out <= month.in + 1e-9 * (1 + month.in));
        CHECK(std::abs(plan.budget.total(month.month).level - month.level) < 0.01);
        CHECK(std::abs(plan.budget.total(month.month).heat - month.heat) < 0.01);
        CHECK(month.temperature() == month.heat / month.level);
        value += std::pow(1 + strategy.discount_rate, -static_cast<double>(m) / 12.0) * sums.heat[m];
        hours += sums.hours[m];
        deliveries += sums.deliveries[m];
        const auto column = static_cast<Eigen::Index>(m);
        const double level_change = as_array(plan.level_change).col(column).sum();
        const double heat_change = as_array(plan.heat_change).col(column).sum();
        CHECK(std::abs(month.baseline_level + level_change - month.level) < 2 * cent);
        CHECK(std::abs(month.baseline_heat + heat_change - month.heat) < 2 * cent);
    }
    CHECK(plan.value == doctest::Approx(value).epsilon(1e-10));
    for (const custfolio::FloorRow& row : plan.floors) {
        double level = 0;
        for (int m = 0; m < row.months; ++m) level += sums.level[static_cast<std::size_t>(row.month + m - plan.start)];
        CHECK(row.level == doctest::Approx(level).epsilon(1e-12));
        CHECK(level >= row.to * (1 - 1e-12));
    }
    CHECK(plan.bound >= plan.value);
    CHECK(plan.order_gap >= 0);
    CHECK(plan.duality_gap + plan.order_gap == doctest::Approx(plan.bound - plan.value).epsilon(1e-9));
    CHECK(plan.gap == doctest::Approx((plan.bound - plan.value) / std::abs(plan.value)));
    for (const custfolio::ResourceUse& use : plan.resources) {
        CHECK(use.used <= use.limit);
        if (use.resource == "sales_hours") CHECK(use.used == doctest::Approx(hours));
        if (use.resource == "deliveries") CHECK(use.used == doctest::Approx(deliveries));
    }
    // Everything that is done is told, and nothing else.
    std::size_t told = 0;
    for (const custfolio::Course& course : plan.courses) {
        told += course.plans.size() + (course.month >= 0 ? 1 : 0);
    }
    CHECK(plan.actions.size() == told);
    for (std::size_t k = 1; k < plan.actions.size(); ++k) CHECK(plan.actions[k - 1].month <= plan.actions[k].month);
    for (const custfolio::Action& action : plan.actions) {
        CHECK_FALSE(action.why.empty());
        CHECK_FALSE(action.id.empty());
    }
}

// Every ice cube of the plan, with the figures that the rules of overflow use.
struct Refuser {
    double temperature = 0;
    std::vector<double> out, in;  // level to replace from any month on, and what its own course brings
    int known = 0;
    int leaves = horizon;
    bool gains = false;
};

std::vector<Refuser> refusers(const Company& company, const custfolio::Strategy& strategy,
                              const custfolio::Plan& plan) {
    std::vector<Refuser> all;
    const custfolio::PortfolioColumns& columns = company.portfolio.columns();
    for (std::size_t i = 0; i < company.portfolio.size(); ++i) {
        const custfolio::Course& course = plan.courses[i];
        if (course.offer == custfolio::Course::none) continue;
        const custfolio::Offer& offer = company.offers.offers[course.offer];
        const double q = 1 - offer.acceptance;
        Refuser one;
        one.temperature = company.portfolio.at(i).temperature();  // all costs are avoidable, all seasons repeat
        one.known = course.month + strategy.notice_months;
        one.leaves = course.overflow >= 0 ? course.overflow : horizon;
        CHECK((one.leaves == horizon || one.leaves >= one.known));
        for (int m = 0; m < horizon; ++m) {
            const double share = columns.monthly_revenue(i, m) / columns.revenue[i];
            one.out.push_back(q * columns.revenue[i] * share);
            double in = m >= one.known ? offer.acceptance * offer.revenue_change * share : 0.0;
            for (const std::size_t g : course.plans) {
                in += company.growth.expected_revenue()(g, m) * (m >= one.leaves ? 1 - q : 1.0);
            }
            one.in.push_back(std::max(in, 0.0));
        }
        double heat = 0;
        for (int m = horizon; m-- > one.known;) {
            double month = columns.contribution[i] * columns.monthly_revenue(i, m) / columns.revenue[i];
            for (const std::size_t g : course.plans) month += company.growth.expected_contribution()(g, m);
            heat += std::pow(1 + strategy.discount_rate, -m / 12.0) * month;
            if (m == one.leaves) CHECK(heat <= 0);
            one.gains = one.gains || heat < -1e-6;
        }
        all.push_back(std::move(one));
    }
    return all;
}

// A company of customers that buy and earn the same amounts every year.
custfolio::Portfolio steady(const std::vector<std::vector<double>>& level, const std::vector<double>& heat) {
    custfolio::PortfolioColumns columns;
    columns.period = {custfolio::Month(2021y / 1).first_day(), custfolio::Month(2021y / 12).last_day()};
    columns.monthly_revenue = custfolio::Matrix(level.size(), 12);
    for (std::size_t i = 0; i < level.size(); ++i) {
        columns.id.push_back("c" + std::to_string(i));
        double sum = 0;
        for (std::size_t m = 0; m < 12; ++m) {
            columns.monthly_revenue(i, m) = level[i][m % level[i].size()];
            sum += columns.monthly_revenue(i, m);
        }
        columns.revenue.push_back(sum);
        columns.goods.push_back(sum - heat[i]);
        columns.cost_to_serve.push_back(0);
        columns.avoidable_cost.push_back(0);
        columns.contribution.push_back(heat[i]);
        columns.deliveries.push_back(12);
    }
    return custfolio::Portfolio(std::move(columns));
}

// An action plan that brings an amount for certain from the first month on.
custfolio::ActionPlan certain_plan(const std::string& customer, double level, double heat, double spend = 0) {
    custfolio::ActionPlan plan;
    plan.customer = customer;
    plan.name = "plan";
    custfolio::ActionStep step;
    step.name = "step";
    step.revenue_per_month = level;
    step.contribution_per_month = heat;
    step.spend = spend;
    plan.steps = {step};
    return plan;
}

// A baseline with the level of the portfolio's months and any heat.
custfolio::Baseline baseline_of(const custfolio::Portfolio& portfolio, int months,
                                const std::vector<std::vector<double>>& heat) {
    custfolio::Baseline baseline = custfolio::seasonal_baseline(portfolio, 2022y / 1, months);
    for (std::size_t i = 0; i < heat.size(); ++i) {
        for (std::size_t m = 0; m < static_cast<std::size_t>(months); ++m) baseline.heat(i, m) = heat[i][m];
    }
    return baseline;
}

// Checks that nobody leaves out of order or replaces himself; returns how many leave.
int check_order(const Company& company, const custfolio::Strategy& strategy, const custfolio::Plan& plan) {
    const std::vector<Refuser> all = refusers(company, strategy, plan);
    const auto alone = [&](const Refuser& one, int from) {
        for (int m = from; m < horizon; ++m) {
            const auto k = static_cast<std::size_t>(m);
            if (one.out[k] > plan.trajectory[k].in - one.in[k] + 1e-6) return false;
        }
        return true;
    };
    int flowed = 0;
    for (const Refuser& warm : all) {
        if (warm.leaves == horizon) continue;
        ++flowed;
        CHECK(alone(warm, warm.leaves));
        for (const Refuser& cold : all) {
            if (cold.temperature >= warm.temperature || cold.leaves <= warm.leaves || cold.known > warm.leaves) {
                continue;
            }
            const bool could = cold.gains && alone(cold, warm.leaves);
            CHECK_FALSE(could);
        }
    }
    return flowed;
}

// A strategy with rows of every kind.
custfolio::Strategy crowded(const Company& company, std::mt19937_64& random) {
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    custfolio::Strategy strategy{
        .start = {2022y / 1}, .months = horizon, .floor_every = custfolio::FloorEvery::quarter};
    strategy.discount_rate = 0.08;
    strategy.hours_per_offer = 2;
    strategy.cost_per_offer = 50;
    strategy.cost_per_pursuit = 300;
    strategy.capacity = {1e9};
    strategy.notice_months = static_cast<int>(3 * uniform(random));
    strategy.interval = 1 + static_cast<int>(2 * uniform(random));
    strategy.limits["sales_hours"] = std::vector<double>(horizon, 100.0);
    strategy.limits["deliveries"] = {1e6};
    strategy.limits["money"] = {20'000.0};
    strategy.limits["offers"] = std::vector<double>(horizon, 10.0);
    const std::vector<std::string>& id = company.portfolio.columns().id;
    for (const std::string& one : id) {
        if (uniform(random) < 0.2) strategy.refused.push_back(one);
        if (uniform(random) < 0.1) strategy.interesting.push_back(one);
    }
    return strategy;
}

// Two groups that share customers; both have prospects, and nobody of them is linked.
void add_groups(const Company& company, custfolio::Strategy& strategy) {
    const std::vector<std::string>& id = company.portfolio.columns().id;
    custfolio::GroupRows north{.by = "region", .name = "North"};
    custfolio::GroupRows ann{.by = "manager", .name = "Ann"};
    for (std::size_t i = 0; i < id.size(); ++i) {
        if (i % 2 == 0) north.customers.push_back(id[i]);
        if (i % 3 == 0) ann.customers.push_back(id[i]);
    }
    for (std::size_t j = 0; j < company.prospects.size(); j += 2) north.prospects.push_back(company.prospects[j].id);
    for (std::size_t j = 0; j < company.prospects.size(); j += 3) ann.prospects.push_back(company.prospects[j].id);
    north.floor = custfolio::Floor::baseline;
    north.floor_every = custfolio::FloorEvery::quarter;
    north.limits["sales_hours"] = {60.0};
    ann.floor = custfolio::Floor::current;
    ann.limits["offers"] = std::vector<double>(static_cast<std::size_t>(strategy.months), 3.0);
    strategy.groups = {north, ann};
}

}  // namespace

TEST_CASE("a plan: recomputed independently, above the floor in every month, within its limits") {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        CAPTURE(seed);
        const Company company = random_company(seed, 120, 15);
        const custfolio::Strategy strategy{
            .start = {2022y / 1},
            .months = horizon,
            .limits = {{"sales_hours", {150.0 + 50.0 * static_cast<double>(seed)}}, {"deliveries", {9'000.0}}},
            .discount_rate = 0.08};
        const custfolio::Plan plan =
            strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects);
        check_plan(company, strategy, plan);
        CHECK(plan.gain() > 0);
        CHECK(plan.gap < 0.005);
        CHECK_FALSE(plan.overflow.empty());
    }
}

TEST_CASE("overflow: coldest first, each only once replaced by others") {
    for (std::uint64_t seed = 10; seed < 16; ++seed) {
        CAPTURE(seed);
        const Company company = random_company(seed, 100, 6);
        const custfolio::Strategy strategy{
            .start = {2022y / 1}, .months = horizon, .limits = {{"sales_hours", {120.0}}}};
        const custfolio::Plan plan =
            strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects);
        const int flowed = check_order(company, strategy, plan);
        CHECK(flowed > 0);
        CHECK(plan.overflow.size() == static_cast<std::size_t>(flowed));
        for (const custfolio::PlannedOverflow& leaves : plan.overflow) {
            double replaced = 0;
            for (const custfolio::Replacement& part : leaves.replaced_by) {
                replaced += part.level;
                CHECK(part.id != leaves.id);
            }
            CHECK(replaced == doctest::Approx(leaves.out).epsilon(0.01));
        }
    }
}

TEST_CASE("the bound holds against other plans of the same company") {
    const Company company = random_company(21, 60, 8);
    custfolio::Strategy strategy{.start = {2022y / 1}, .months = horizon, .limits = {{"sales_hours", {100.0}}}};
    const custfolio::Plan plan =
        strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects);
    // Fewer possibilities can only be worse.
    custfolio::Strategy slow = strategy;
    slow.interval = 3;
    const custfolio::Plan coarse = slow.optimise(company.portfolio, company.offers, company.growth, company.prospects);
    check_plan(company, slow, coarse);
    CHECK(coarse.value <= plan.bound);
    const custfolio::Plan without = strategy.optimise(company.portfolio, {}, company.growth, company.prospects);
    CHECK(without.value <= plan.bound);
    CHECK(without.overflow.empty());
    const custfolio::Plan nothing = strategy.optimise(company.portfolio);
    CHECK(nothing.value == nothing.baseline_value);
    CHECK(nothing.gap <= 1e-12);
    CHECK(nothing.actions.empty());
}

TEST_CASE("the same bits for any number of threads") {
    const Company company = random_company(5, 150, 20);
    const custfolio::Strategy strategy{
        .start = {2022y / 1}, .months = horizon, .limits = {{"sales_hours", {200.0}}}, .discount_rate = 0.05};
    custfolio::PlanOptions options;
    options.threads = 1;
    const custfolio::Plan one =
        strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects, options);
    for (const unsigned threads : {2U, 7U}) {
        options.threads = threads;
        const custfolio::Plan many =
            strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects, options);
        CHECK(many.courses == one.courses);
        CHECK(many.value == one.value);
        CHECK(many.bound == one.bound);
    }
}

TEST_CASE("capacity: the bucket is only so big") {
    const Company company = random_company(31, 100, 20);
    custfolio::Strategy strategy{.start = {2022y / 1}, .months = horizon, .floor = custfolio::Floor::none};
    const custfolio::Plan open =
        strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects);
    for (const custfolio::PlanMonth& month : open.trajectory) strategy.capacity.push_back(month.baseline_level * 1.002);
    const custfolio::Plan plan =
        strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects);
    check_plan(company, strategy, plan);
    CHECK(plan.value <= open.bound);
}

TEST_CASE("those who refused earlier may flow over from the first month on") {
    Company company = random_company(41, 40, 10);
    custfolio::Strategy strategy{.start = {2022y / 1}, .months = horizon};
    std::size_t coldest = 0;
    for (std::size_t i = 0; i < company.portfolio.size(); ++i) {
        if (company.portfolio.at(i).temperature() < company.portfolio.at(coldest).temperature()) coldest = i;
    }
    REQUIRE(company.portfolio.at(coldest).heat() < 0);
    strategy.refused = {company.portfolio.at(coldest).id()};
    strategy.floor = custfolio::Floor::none;
    strategy.replaced_by_room = true;
    const custfolio::Plan plan = strategy.optimise(company.portfolio);
    REQUIRE(plan.overflow.size() == 1);
    CHECK(plan.overflow[0].month == strategy.start);
    CHECK(plan.overflow[0].probability == 1.0);
    CHECK(plan.overflow[0].level == doctest::Approx(company.portfolio.at(coldest).level()));
    CHECK(plan.gain() == doctest::Approx(-company.portfolio.at(coldest).heat()));
}

TEST_CASE("a floor that no plan keeps falls to the baseline; the plan shows how near it can come") {
    // 100 a month last year, 70 without action; an action plan brings 5 and costs 1.
    const custfolio::Portfolio portfolio = steady({{100}}, {120});
    custfolio::Baseline baseline = custfolio::seasonal_baseline(portfolio, 2022y / 1, horizon);
    for (double& level : baseline.level.row(0)) level = 70;
    const custfolio::GrowthForecast growth =
        custfolio::grow(std::vector{certain_plan("c0", 5, -1)}, 2022y / 1, horizon);
    custfolio::Strategy strategy{.start = {2022y / 1}, .months = horizon};
    const custfolio::Plan plan = strategy.optimise(portfolio, {}, growth, {}, baseline);
    CHECK(plan.gain() == doctest::Approx(0));
    REQUIRE(plan.floors.size() == 1);
    CHECK(plan.floors[0].floor == doctest::Approx(1200));
    CHECK(plan.floors[0].to == doctest::Approx(840));
    CHECK(plan.floors[0].reference == doctest::Approx(1200));
    REQUIRE(plan.relaxed.size() == 1);
    const custfolio::RelaxedRow& row = plan.relaxed[0];
    CHECK(row.row == "level floor");
    CHECK(row.month == custfolio::Month(2022y / 1));
    CHECK(row.months == 12);
    CHECK(row.proven);
    CHECK(row.drop(row.without) == doctest::Approx(0.30));
    CHECK(row.drop(row.level) == doctest::Approx(0.30));
    CHECK(row.nearest == doctest::Approx(900));
    CHECK(row.cost == doctest::Approx(12));
    CHECK(row.text.find("300 more of level") != std::string::npos);
    strategy.relax = custfolio::Relax::nearest;
    const custfolio::Plan nearest = strategy.optimise(portfolio, {}, growth, {}, baseline);
    CHECK(nearest.gain() == doctest::Approx(-12));
    CHECK(nearest.relaxed[0].level == doctest::Approx(900));
    strategy.strict = true;
    try {
        (void)strategy.optimise(portfolio, {}, growth, {}, baseline);
        FAIL("a strict strategy must throw");
    } catch (const custfolio::InfeasiblePlan& error) {
        REQUIRE(error.relaxation().size() == 1);
        CHECK(error.relaxation()[0].by == doctest::Approx(300));
        strategy.floor = custfolio::Floor::number;
        strategy.floor_level = {error.relaxation()[0].to};
    }
    CHECK(strategy.optimise(portfolio, {}, growth, {}, baseline).relaxed.empty());
}

TEST_CASE("rows of the floor: years, quarters, months, rolling years, and months without a reference") {
    const custfolio::Portfolio portfolio = steady({{20, 20, 20, 10, 10, 10, 10, 10, 10, 10, 10, 10}}, {15});
    const auto floors = [&](custfolio::Strategy strategy) { return strategy.optimise(portfolio).floors; };
    custfolio::Strategy strategy{
        .start = {2022y / 1}, .months = 14, .floor = custfolio::Floor::number, .floor_level = {150.0}};
    std::vector<custfolio::FloorRow> rows = floors(strategy);
    REQUIRE(rows.size() == 2);
    CHECK(rows[1].months == 2);
    CHECK(rows[1].floor == doctest::Approx(150.0 * 40 / 150));
    strategy.floor = custfolio::Floor::current;
    rows = floors(strategy);
    CHECK(rows[0].floor == doctest::Approx(150));
    CHECK(rows[1].floor == doctest::Approx(40));
    strategy.floor_every = custfolio::FloorEvery::quarter;
    CHECK(floors(strategy).size() == 5);
    strategy.floor_every = custfolio::FloorEvery::rolling_year;
    rows = floors(strategy);
    REQUIRE(rows.size() == 14);
    CHECK(rows[0].month == custfolio::Month(2021y / 2));
    CHECK(rows[0].floor == doctest::Approx(150));
    CHECK(rows[13].month == custfolio::Month(2022y / 3));
    strategy.floor = custfolio::Floor::column;
    strategy.floor_level = {1.0};
    CHECK_THROWS_WITH_AS((void)floors(strategy), doctest::Contains("one for each of the 14 rows"),
                         custfolio::InputError);
    // Only ten months are known: two months of the plan have no floor.
    custfolio::PortfolioColumns columns = portfolio.columns();
    columns.period = {custfolio::Month(2021y / 3).first_day(), custfolio::Month(2021y / 12).last_day()};
    columns.monthly_revenue = custfolio::Matrix(1, 10);
    for (double& level : columns.monthly_revenue.row(0)) level = columns.revenue[0] / 10;
    const custfolio::Plan plan =
        custfolio::Strategy{.start = {2022y / 1}, .months = 12}.optimise(custfolio::Portfolio(std::move(columns)));
    REQUIRE(plan.floors.size() == 1);
    CHECK(plan.floors[0].floor == doctest::Approx(150));
    CHECK(plan.floors[0].without == doctest::Approx(150));
    CHECK(std::isnan(plan.trajectory[0].reference));
    CHECK(plan.notes.back() == "2 months of the plan have no whole month in the reference year and therefore no floor");
}

TEST_CASE("the months of a row in words: those without a floor do not count") {
    custfolio::Plan plan;
    plan.start = custfolio::Month(2022y / 1);
    plan.trajectory.resize(6);
    for (const std::size_t m : {0, 2, 3, 5}) plan.trajectory[m].floor = 100;
    custfolio::FloorRow row;
    row.month = plan.start;
    row.months = 4;
    CHECK(plan.span(row) == "2022-01, 2022-03 to 2022-04, 2022-06");
    row.month = custfolio::Month(2021y / 11);
    row.months = 5;
    CHECK(plan.span(row) == "2021-11 to 2022-01, 2022-03 to 2022-04");
    custfolio::RelaxedRow capacity;
    capacity.row = "level capacity";
    capacity.month = custfolio::Month(2022y / 2);
    capacity.months = 1;
    CHECK(plan.span(capacity) == "2022-02");
}

TEST_CASE("limits hold exactly at equality, and no plan is above the bound") {
    const custfolio::Portfolio portfolio = steady({{100}, {100}, {100}}, {60, 60, 60});
    custfolio::Offers offers;
    offers.begin = {0};
    offers.levers = {custfolio::Terms::delivery_fee(1)};
    for (std::size_t i = 0; i < 3; ++i) {
        custfolio::Offer offer;
        offer.customer = i;
        offer.acceptance = 0.5;
        offer.heat_change = 240;
        offers.offers.push_back(offer);
        offers.begin.push_back(i + 1);
    }
    const auto made = [&](const std::string& name, std::vector<double> limit) {
        custfolio::Strategy strategy{.start = {2022y / 1}, .months = 12, .hours_per_offer = 8};
        strategy.limits[name] = std::move(limit);
        const custfolio::Plan plan = strategy.optimise(portfolio, offers);
        CHECK(plan.bound >= plan.value);
        return plan.actions.size();
    };
    CHECK(made("offers", {0}) == 0);
    CHECK(made("offers", {1}) == 1);
    CHECK(made("offers", {2}) == 2);
    CHECK(made("offers", {1.0000001}) == 1);
    CHECK(made("sales_hours", {16}) == 2);
    CHECK(made("offers", std::vector<double>(12, 1.0)) == 3);
    custfolio::Strategy strategy{.start = {2022y / 1}, .months = 12};
    strategy.limits["deliveries"] = {12};
    CHECK_THROWS_WITH_AS((void)strategy.optimise(portfolio, offers),
                         doctest::Contains("the limit on deliveries of 2022-01 to 2022-12"), custfolio::InfeasiblePlan);
}

TEST_CASE("minutes that accepted offers free of the sales pool are hours again") {
    const custfolio::Portfolio portfolio = steady({{100}, {100}, {100}}, {60, 60, 60});
    custfolio::Offers offers;
    offers.begin = {0, 1, 2, 3};
    offers.levers = {custfolio::Terms::delivery_fee(1)};
    offers.pools = {"warehouse", "sales"};
    offers.minutes_freed = custfolio::Matrix(3, 2);
    for (std::size_t i = 0; i < 3; ++i) {
        custfolio::Offer offer;
        offer.customer = i;
        offer.acceptance = 0.5;
        offer.heat_change = 240;
        offers.offers.push_back(offer);
        offers.minutes_freed(i, 1) = 240;
    }
    custfolio::Strategy strategy{.start = {2022y / 1}, .months = 12, .hours_per_offer = 8};
    // An offer uses 8 hours and frees half of 4 in 11 of 12 months: 3 x (8 - 11/6) = 18.5.
    strategy.limits["sales_hours"] = {18.5};
    CHECK(strategy.optimise(portfolio, offers).actions.size() == 2);
    strategy.hours_pool = "sales";
    const custfolio::Plan plan = strategy.optimise(portfolio, offers);
    CHECK(plan.actions.size() == 3);
    CHECK(plan.resources.at(0).used == doctest::Approx(18.5).epsilon(1e-12));
    CHECK(strategy.optimise(portfolio).actions.empty());
    strategy.hours_pool = "service";
    CHECK_THROWS_WITH_AS((void)strategy.optimise(portfolio, offers), doctest::Contains("they have warehouse, sales"),
                         custfolio::InputError);
}

TEST_CASE("a limit that fractions reach exactly is kept; a month that the ledger covers in part is no reference") {
    // Twelve deliveries a year, of which a tenth falls on each of ten months: their sum is 6 only up to rounding.
    custfolio::PortfolioColumns columns = steady({{100}}, {60}).columns();
    for (double& level : columns.monthly_revenue.row(0)) level = 120;
    columns.monthly_revenue(0, 5) = columns.monthly_revenue(0, 6) = 0;
    const custfolio::Portfolio tenths(columns);
    custfolio::Strategy strategy{.start = {2022y / 1}, .months = 5, .limits = {{"deliveries", {6.0}}}};
    CHECK(strategy.optimise(tenths).resources.at(0).used == doctest::Approx(6.0).epsilon(1e-14));
    columns = steady({{100}}, {60}).columns();
    columns.first_day = {custfolio::Month(2021y / 1).first_day()};
    columns.last_day = {custfolio::Month(2021y / 12).first_day() + 11};  // closed on 12 December
    strategy.limits.clear();
    const custfolio::Plan plan = strategy.optimise(custfolio::Portfolio(columns));
    CHECK(plan.reference == custfolio::Month(2020y / 12));
    CHECK(std::isnan(plan.trajectory[0].reference) == false);
    columns.last_day = {custfolio::Month(2021y / 12).first_day() + 19};
    CHECK(strategy.optimise(custfolio::Portfolio(columns)).reference == custfolio::Month(2021y / 1));
    strategy.reference = 2021y / 3;
    CHECK(strategy.optimise(custfolio::Portfolio(columns)).reference == custfolio::Month(2021y / 3));
}

TEST_CASE("replaced exactly is replaced, a floor reached exactly is reached") {
    const custfolio::Portfolio two = steady({{100}, {100}}, {-600, 240});
    custfolio::Strategy strategy{.start = {2022y / 1}, .months = 3, .refused = {"c0"}};
    const custfolio::Plan replaced =
        strategy.optimise(two, {}, custfolio::grow(std::vector{certain_plan("c1", 100, 10)}, 2022y / 1, 3), {});
    REQUIRE(replaced.overflow.size() == 1);
    CHECK(replaced.gain() == doctest::Approx(180));
    CHECK(replaced.overflow[0].replaced_by.at(0).id == "c1");
    CHECK(replaced.overflow[0].replaced_by[0].step == custfolio::Step::growth);
    const custfolio::Portfolio one = steady({{50}}, {120});
    custfolio::Strategy reached{
        .start = {2022y / 1}, .months = 12, .floor = custfolio::Floor::number, .floor_level = {1200.0}};
    const custfolio::Plan plan =
        reached.optimise(one, {}, custfolio::grow(std::vector{certain_plan("c0", 50, -5)}, 2022y / 1, 12));
    CHECK(plan.relaxed.empty());
    CHECK(plan.gain() == doctest::Approx(-60));
}

TEST_CASE("one leaves in the month that is worth most, discounted") {
    const custfolio::Portfolio portfolio = steady({{100}}, {0});
    custfolio::Strategy strategy{.start = {2022y / 1}, .months = 12, .floor = custfolio::Floor::none};
    strategy.refused = {"c0"};
    strategy.replaced_by_room = true;
    std::vector<double> heat(12, 20.0);
    std::fill(heat.begin() + 6, heat.end(), -22.0);
    const custfolio::Plan summer = strategy.optimise(portfolio, {}, {}, {}, baseline_of(portfolio, 12, {heat}));
    CHECK(summer.gain() == doctest::Approx(132));
    CHECK(summer.overflow.at(0).month == custfolio::Month(2022y / 7));
    strategy.months = 4;
    strategy.discount_rate = 0.9;
    const custfolio::Plan late =
        strategy.optimise(portfolio, {}, {}, {}, baseline_of(portfolio, 4, {{40, 40, 40, -130}}));
    CHECK(late.gain() == doctest::Approx(130 * std::pow(1.9, -0.25)));
    CHECK(late.overflow.at(0).month == custfolio::Month(2022y / 4));
}

TEST_CASE("room above the floor replaces nobody unless it may, and nobody replaces himself") {
    const custfolio::Portfolio portfolio = steady({{100}, {100}}, {-600, 240});
    custfolio::Strategy strategy{
        .start = {2022y / 1}, .months = 12, .floor = custfolio::Floor::number, .floor_level = {1200.0}};
    strategy.refused = {"c0"};
    CHECK(strategy.optimise(portfolio).overflow.empty());
    strategy.replaced_by_room = true;
    CHECK(strategy.optimise(portfolio).gain() == doctest::Approx(600));
    // An accepted offer would bring twice what a refusal takes away, but both are of one customer.
    const custfolio::Portfolio alone = steady({{100}}, {-600});
    custfolio::Offers offers;
    offers.begin = {0, 1};
    offers.levers = {custfolio::Terms::delivery_fee(1)};
    offers.offers.resize(1);
    offers.offers[0].acceptance = 0.5;
    offers.offers[0].revenue_change = 2400;
    CHECK(custfolio::Strategy{.start = {2022y / 1}, .months = 3}.optimise(alone, offers).overflow.empty());
}

TEST_CASE("the spend of action plans is money") {
    const custfolio::Portfolio portfolio = steady({{100}}, {120});
    const custfolio::GrowthForecast growth =
        custfolio::grow(std::vector{certain_plan("c0", 0, 100, 500)}, 2022y / 1, 12);
    for (const auto& [limit, used] : {std::pair{10.0, 0.0}, {499.99, 0.0}, {500.0, 500.0}}) {
        custfolio::Strategy strategy{.start = {2022y / 1}, .months = 12, .limits = {{"money", {limit}}}};
        const custfolio::Plan plan = strategy.optimise(portfolio, {}, growth);
        CHECK(plan.resources.at(0).resource == "money");
        CHECK(plan.resources[0].used == doctest::Approx(used));
        CHECK(plan.gain() == doctest::Approx(used > 0 ? 700 : 0));
    }
}

TEST_CASE("five action plans of a customer are chosen one by one") {
    const custfolio::Portfolio portfolio = steady({{100}}, {120});
    std::mt19937_64 random(31);
    std::uniform_int_distribution<int> any(1, 400);
    for (int trial = 0; trial < 20; ++trial) {
        std::vector<custfolio::ActionPlan> plans;
        std::vector<double> heat, money;
        for (int g = 0; g < 5; ++g) {
            heat.push_back(any(random));
            money.push_back(any(random));
            plans.push_back(certain_plan("c0", 0, heat.back(), money.back()));
        }
        const custfolio::GrowthForecast growth = custfolio::grow(plans, 2022y / 1, 12);
        const custfolio::Strategy strategy{.start = {2022y / 1}, .months = 12, .limits = {{"money", {600}}}};
        double best = 0;
        for (unsigned set = 0; set < 32; ++set) {
            double gain = 0;
            double spent = 0;
            for (unsigned g = 0; g < 5; ++g) {
                if ((set >> g & 1U) == 0) continue;
                gain += 12 * heat[g] - money[g];
                spent += money[g];
            }
            if (spent <= 600) best = std::max(best, gain);
        }
        CHECK(strategy.optimise(portfolio, {}, growth).gain() == doctest::Approx(best));
    }
}

TEST_CASE("an action plan makes the room for overflow in order; without it the capacity is relaxed") {
    const custfolio::Portfolio portfolio = steady({{60}, {100}, {50}}, {-360, -60, 120});
    const custfolio::GrowthForecast growth = custfolio::grow(std::vector{certain_plan("c2", 60, -40)}, 2022y / 1, 12);
    custfolio::Strategy strategy{.start = {2022y / 1},
                                 .months = 12,
                                 .floor = custfolio::Floor::number,
                                 .floor_level = {105.0},
                                 .floor_every = custfolio::FloorEvery::month,
                                 .capacity = {130.0},
                                 .refused = {"c0", "c1"},
                                 .replaced_by_room = true};
    const custfolio::Plan plan = strategy.optimise(portfolio, {}, growth);
    CHECK(plan.relaxed.empty());
    CHECK(plan.overflow.size() == 2);
    for (const custfolio::PlanMonth& month : plan.trajectory) {
        CHECK(month.level == doctest::Approx(110));
        CHECK(month.out == doctest::Approx(160));
        CHECK(month.in == doctest::Approx(60));
    }
    strategy.replaced_by_room = false;
    const custfolio::Plan relaxed = strategy.optimise(portfolio, {}, growth);
    REQUIRE(relaxed.relaxed.size() == 12);
    CHECK(relaxed.relaxed[0].row == "level capacity");
    CHECK(relaxed.relaxed[0].to == doctest::Approx(210));
}

TEST_CASE("two warmer customers wait for a colder one, though they are worth more") {
    const custfolio::Portfolio portfolio = steady({{60}, {50}, {50}, {10}}, {-360, -240, -240, 0});
    const custfolio::GrowthForecast growth = custfolio::grow(std::vector{certain_plan("c3", 100, 0)}, 2022y / 1, 3);
    custfolio::Strategy strategy{.start = {2022y / 1}, .months = 3, .refused = {"c0", "c1", "c2"}};
    const custfolio::Plan plan = strategy.optimise(portfolio, {}, growth);
    CHECK(plan.gain() == doctest::Approx(90));
    CHECK(plan.order_gap == doctest::Approx(30));
    CHECK(std::abs(plan.duality_gap) < 1e-6);
    // Who is kept as interesting stays, and holds nobody up.
    strategy.interesting = {"c0"};
    CHECK(strategy.optimise(portfolio, {}, growth).gain() == doctest::Approx(120));
    strategy.may_leave = {"c0"};
    CHECK(strategy.optimise(portfolio, {}, growth).gain() == doctest::Approx(90));
}

TEST_CASE("amounts too large for cents get a coarser budget, larger ones are refused before the optimisation") {
    custfolio::Strategy strategy{.start = {2022y / 1}, .months = 12};
    const custfolio::Plan plan = strategy.optimise(steady({{1e13}}, {1e13}));
    CHECK(plan.budget.currency().minor_digits == 0);
    CHECK(plan.budget.total().level == 12e13);
    CHECK(plan.notes.back().find("the budget is in whole units") != std::string::npos);
    CHECK_THROWS_WITH_AS((void)strategy.optimise(steady({{1e16}}, {1e13})), doctest::Contains("amounts in thousands"),
                         custfolio::InputError);
    strategy.currency = {"JPY", 0};
    CHECK(strategy.optimise(steady({{100}}, {12})).budget.currency().code == "JPY");
    strategy.floor = custfolio::Floor::number;
    strategy.floor_level = {1e300};
    CHECK_THROWS_WITH_AS((void)strategy.optimise(steady({{100}}, {12})), doctest::Contains("floor is 1e+300"),
                         custfolio::InputError);
}

TEST_CASE("the chance of the floors: joint normal with the baseline's correlation") {
    const custfolio::Portfolio portfolio = steady({{100}}, {120});
    custfolio::Baseline baseline = custfolio::seasonal_baseline(portfolio, 2022y / 1, 24);
    custfolio::Strategy strategy{.start = {2022y / 1}, .months = 24};
    CHECK(std::isnan(strategy.optimise(portfolio, {}, {}, {}, baseline).floor_chance));
    baseline.joint = {custfolio::Column(24, 0.1), 0.25};
    const custfolio::Plan plan = strategy.optimise(portfolio, {}, {}, {}, baseline);
    CHECK(plan.floors.at(0).deviation == doctest::Approx(std::sqrt(12 * 100 + 132 * 25)));
    CHECK(plan.floors[0].chance == doctest::Approx(0.5));
    // Two years correlate by 144 * 25 / 4500; both reach their means with chance 1/4 + asin(rho) / (2 pi).
    CHECK(plan.floor_chance == doctest::Approx(0.25 + std::asin(0.8) / (2 * 3.14159265358979)).epsilon(2e-3));
}

TEST_CASE("the caller can stop while courses are listed, and while they are priced") {
    const Company company = random_company(5, 400, 0);
    custfolio::Strategy strategy{.start = {2022y / 1}, .months = 120, .floor_every = custfolio::FloorEvery::month};
    strategy.interval = 12;
    for (const std::size_t listed : {std::size_t{1}, std::size_t{1} << 40}) {
        const bool priced = listed == 1;
        int calls = 0;
        double last = 0;
        custfolio::PlanOptions options;
        options.listed = listed;
        options.progress = [&](const custfolio::PlanProgress& state) {
            CHECK(state.fraction >= last);
            last = state.fraction;
            ++calls;
            return priced && std::isnan(state.value);  // to keep all is the first plan
        };
        if (priced) {
            const custfolio::Plan plan = strategy.optimise(company.portfolio, company.offers, {}, {}, options);
            CHECK(plan.gain() == doctest::Approx(0));
            CHECK(plan.bound >= plan.value);
            CHECK(!plan.notes.empty());
        } else {
            CHECK_THROWS_AS((void)strategy.optimise(company.portfolio, company.offers, {}, {}, options),
                            custfolio::Cancelled);
            CHECK(calls == 1);
        }
    }
}

// Adds holdings, ways out, and the plan without limits as the previous one.
void add_rules(const Company& company, custfolio::Strategy& strategy) {
    for (std::size_t i = 0; i + 9 < company.portfolio.size(); i += 7) {
        for (const std::size_t k : {0, 3, 8}) {
            strategy.linked["c" + std::to_string(i + k)] = "holding " + std::to_string(i / 9);
        }
    }
    for (std::size_t i = 0; i < company.portfolio.size(); i += 5) {
        strategy.exits.push_back({"c" + std::to_string(i), "hand over", strategy.start + static_cast<int>(i % 4),
                                  static_cast<double>(i % 3) / 2, static_cast<double>(i % 2) / 4});
    }
    const custfolio::Prospects prospects(company.prospects);
    const custfolio::Baseline baseline = custfolio::seasonal_baseline(company.portfolio, strategy.start, horizon);
    custfolio::Strategy earlier = strategy;
    earlier.limits.clear();
    earlier.capacity.clear();
    earlier.floor = custfolio::Floor::none;
    const custfolio::Plan plan =
        earlier.optimise(company.portfolio, company.offers, company.growth, prospects, baseline);
    strategy.previous = custfolio::previous_courses(
        plan, {earlier, company.portfolio, company.offers, company.growth, prospects, baseline});
    strategy.switch_price = 50;
    strategy.frozen_months = 1;
    strategy.limits["switches"] = {1e3};
}

TEST_CASE("courses without a list are worth what the list has at any prices") {
    std::mt19937_64 random(17);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    for (std::uint64_t seed = 1; seed <= 16; ++seed) {
        const Company company = random_company(seed, 30, 4);
        custfolio::Strategy strategy = crowded(company, random);
        if (seed > 12) add_rules(company, strategy);
        if (seed <= 12 && seed % 2 == 0) add_groups(company, strategy);
        if (seed > 14) strategy.frozen_months = 0;
        const custfolio::Prospects prospects(company.prospects);
        const custfolio::Baseline baseline = custfolio::seasonal_baseline(company.portfolio, strategy.start, horizon);
        const custfolio::CourseModel model(strategy, company.portfolio, company.offers, company.growth, prospects,
                                           baseline, custfolio::detail::LinkedView::holdings);
        const custfolio::detail::CourseOracle oracle(model, 1);
        const std::size_t rows = model.rows().size();
        custfolio::detail::CourseProblem problem(model, std::size_t{1} << 40, 1, [] {});
        REQUIRE(problem.oracle() == nullptr);
        CHECK(oracle.courses() == problem.value.size());
        for (std::size_t r = 0; r < rows; ++r) CHECK(oracle.magnitude()[r] >= problem.magnitude(r) * (1 - 1e-12));
        const custfolio::detail::ChoiceRows bounds = oracle.rows(problem.bounds(), true);
        for (const double scale : {0.0, 0.01, 0.3, 3.0}) {
            std::vector<double> prices(rows);
            for (std::size_t r = 0; r < rows; ++r) {
                prices[r] = scale * uniform(random);
                if (model.rows()[r].kind == custfolio::CourseRow::Kind::floor) prices[r] *= -1;
                if (model.rows()[r].kind == custfolio::CourseRow::Kind::hours) prices[r] *= 20;
            }
            double sum = 0;
            double size = 1;
            for (std::size_t i = 0; i < model.size(); ++i) {
                double most = -1e300;
                for (std::size_t c = problem.begin[i]; c < problem.begin[i + 1]; ++c) {
                    double worth = problem.value[c];
                    for (std::size_t r = 0; r < rows; ++r) worth -= prices[r] * problem.usage[c * rows + r];
                    most = std::max(most, worth);
                }
                sum += most;
                size += std::abs(most);
            }
            const custfolio::detail::Response answer = oracle.respond(prices, true);
            double responded = 0;
            for (const double value : answer.value) responded += value;
            for (std::size_t k = 0; k < answer.usage.size(); ++k) responded -= prices[k % rows] * answer.usage[k];
            CHECK(std::abs(responded - sum) <= 1e-10 * size);
            for (std::size_t r = 0; r < rows; ++r) {
                if (prices[r] != 0) sum += prices[r] * (prices[r] > 0 ? bounds.upper[r] : bounds.lower[r]);
                size += std::abs(prices[r]) * (std::abs(sum) + problem.unit(r));
            }
            const custfolio::detail::PriceBound bound = oracle.bound(bounds, prices, true);
            CHECK(bound.bound >= sum);
            CHECK(bound.bound - 2 * bound.rounding <= sum);
            CHECK(bound.rounding <= 1e-9 * size);
        }
    }
}

TEST_CASE("of many customers with the same action plan some carry it out, as far as the money goes") {
    constexpr std::size_t customers = 700;
    constexpr std::size_t planned = 100;
    const custfolio::Portfolio portfolio =
        steady(std::vector<std::vector<double>>(customers, {100.0}), std::vector<double>(customers, 120.0));
    custfolio::PlanOptions options;
    options.listed = 9'000;  // of 800 courses x 14 rows
    // At the price of money all are equal up to rounding, which may favour either.
    for (const double heat : {7.7, 33.1, 100.0, 123.45}) {
        for (const double spend : {37.7, 71.3, 90.1}) {
            std::vector<custfolio::ActionPlan> plans;
            for (std::size_t i = 0; i < planned; ++i) {
                plans.push_back(certain_plan("c" + std::to_string(i), 0, heat, spend));
            }
            const custfolio::Strategy strategy{
                .start = {2022y / 1}, .months = 12, .limits = {{"money", {20.5 * spend}}}};
            const custfolio::GrowthForecast growth = custfolio::grow(plans, 2022y / 1, 12);
            const custfolio::Plan plan = strategy.optimise(portfolio, {}, growth, {}, options);
            CHECK(plan.gain() == doctest::Approx(20 * (12 * heat - spend)));
        }
    }
}

TEST_CASE("a plan of courses near to the best ones keeps the rules, and its bound is that of all courses") {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        const Company company = random_company(seed, 120, 6);
        custfolio::Strategy strategy{.start = {2022y / 1}, .months = horizon};
        strategy.floor = seed % 2 == 0 ? custfolio::Floor::current : custfolio::Floor::baseline;
        strategy.limits["sales_hours"] = {150.0};
        if (seed == 5) strategy.floor = custfolio::Floor::number;  // out of reach
        if (seed == 5) strategy.floor_level = {1e8};
        if (seed % 3 == 0) add_groups(company, strategy);
        custfolio::PlanOptions options;
        const custfolio::Plan whole =
            strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects, options);
        options.listed = 20'000;
        options.threads = 1;
        const custfolio::Plan near =
            strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects, options);
        CHECK(near.candidates == whole.candidates);
        CHECK(near.relaxed.size() == whole.relaxed.size());
        CHECK(near.value >= whole.value - 0.1 * whole.gain());
        CHECK(near.value <= whole.bound);
        CHECK(near.bound >= whole.value);
        CHECK(near.bound <= whole.bound + 1e-4 * std::abs(whole.gain()));
        check_plan(company, strategy, near);
        check_order(company, strategy, near);
        options.threads = 2;
        const custfolio::Plan again =
            strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects, options);
        CHECK(again.value == near.value);
        CHECK(again.bound == near.bound);
        CHECK(again.courses == near.courses);
    }
}

TEST_CASE("customers that leave at once and are fixed count in rows and order as if their months were open") {
    std::mt19937_64 random(23);
    std::size_t in_order = 0;
    std::size_t out_of_order = 0;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        const Company company = random_company(seed, 60, 4);
        const custfolio::Strategy strategy = crowded(company, random);
        const custfolio::Prospects prospects(company.prospects);
        const custfolio::Baseline baseline = custfolio::seasonal_baseline(company.portfolio, strategy.start, horizon);
        const custfolio::CourseModel model(strategy, company.portfolio, company.offers, company.growth, prospects,
                                           baseline);
        const custfolio::detail::CourseProblem whole(model, std::size_t{1} << 40, 1, [] {});
        const custfolio::detail::OverflowOrder whole_order(model, whole);
        custfolio::detail::CourseProblem fixed(model, 0, 1, [] {});
        fixed.narrow(std::vector<double>(model.rows().size(), 0.0), true, 20, 2, [] {});
        const custfolio::detail::OverflowOrder fixed_order(model, fixed);
        const std::vector<std::size_t>& ranks = fixed.fixed_leavers().ranks;
        if (*std::max_element(ranks.begin(), ranks.end()) == 0) continue;
        for (int trial = 0; trial < 40; ++trial) {
            std::vector<std::size_t> choice;
            for (const std::vector<custfolio::Course>& courses : fixed.courses) {
                // Mostly the first months: later ones keep no order.
                std::uniform_int_distribution<std::size_t> any(0, courses.size() - 1);
                choice.push_back(trial % 4 == 0 ? any(random) : courses.size() - 1 - (any(random) * (trial % 2)) / 8);
            }
            const std::vector<custfolio::Course> courses = fixed.chosen(choice);
            const std::vector<std::size_t> positions = whole.positions(courses);
            double value = fixed.fixed_value();
            std::vector<double> usage(fixed.fixed_usage().begin(), fixed.fixed_usage().end());
            for (std::size_t i = 0; i < choice.size(); ++i) {
                const std::size_t at = fixed.begin[i] + choice[i];
                value += fixed.value[at];
                for (std::size_t r = 0; r < usage.size(); ++r) usage[r] += fixed.usage[at * usage.size() + r];
            }
            std::vector<double> expected(usage.size(), 0.0);
            for (std::size_t i = 0; i < positions.size(); ++i) {
                CHECK(whole.courses[i][positions[i]] == courses[i]);
                const std::size_t at = whole.begin[i] + positions[i];
                value -= whole.value[at];
                for (std::size_t r = 0; r < usage.size(); ++r) expected[r] += whole.usage[at * usage.size() + r];
            }
            CHECK(std::abs(value) < 1e-6);
            for (std::size_t r = 0; r < usage.size(); ++r)
                CHECK(usage[r] == doctest::Approx(expected[r]).epsilon(1e-9));
            const bool keeps = whole_order.keeps(positions);
            CHECK(fixed_order.keeps(choice) == keeps);
            (keeps ? in_order : out_of_order) += 1;
        }
    }
    CHECK(in_order >= 10);
    CHECK(out_of_order >= 10);
}

TEST_CASE("holdings, ways out and a previous plan: courses near to the best ones serve as well as all of them") {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const Company company = random_company(seed, 120, 6);
        custfolio::Strategy strategy{.start = {2022y / 1}, .months = horizon, .floor = custfolio::Floor::baseline};
        add_rules(company, strategy);
        // Frozen months have the hours of a plan without limits.
        strategy.frozen_months = seed % 2 == 0 ? 0 : 1;
        strategy.limits = {{"sales_hours", {seed % 2 == 0 ? 300.0 : 2'000.0}}, {"switches", {80.0}}};
        custfolio::PlanOptions options;
        const auto plan = [&] {
            return strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects, options);
        };
        const custfolio::Plan whole = plan();
        options.listed = 20'000;
        options.threads = 1;
        const custfolio::Plan near = plan();
        options.threads = 2;
        const custfolio::Plan again = plan();
        CHECK(again.courses == near.courses);
        CHECK(again.bound == near.bound);
        CHECK(near.candidates == whole.candidates);
        CHECK(near.value >= whole.value - 0.1 * whole.gain());
        const custfolio::ResourceUse& first = whole.resources.back();
        const custfolio::ResourceUse& second = near.resources.back();
        REQUIRE(second.resource == "switches");
        CHECK(second.used <= 80);
        // Without the prices of their own switches both bounds are those of all courses.
        const double gain = std::abs(whole.gain()) + 50 * first.used;
        CHECK(near.bound - 50 * second.used ==
              doctest::Approx(whole.bound - 50 * first.used).epsilon(1e-3 * gain / std::abs(whole.bound)));
        for (const auto& [customer, holding] : strategy.linked) {
            const custfolio::Course& one = near.courses[company.portfolio.index(customer)];
            for (const auto& [other, same] : strategy.linked) {
                if (same != holding) continue;
                const custfolio::Course& course = near.courses[company.portfolio.index(other)];
                CHECK(course.month == one.month);
                CHECK(course.overflow == one.overflow);
            }
        }
    }
}

TEST_CASE("reasons: the best courses at the shadow prices and the priced bounds add up to the bound of the plan") {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const Company company = random_company(seed, 120, 6);
        const custfolio::Prospects prospects(company.prospects);
        custfolio::Strategy strategy{.start = {2022y / 1}, .months = horizon, .floor = custfolio::Floor::baseline};
        strategy.hours_per_offer = 2;
        strategy.limits = {{"sales_hours", {150.0}}, {"money", {1e6}}};
        const custfolio::Baseline baseline = custfolio::seasonal_baseline(company.portfolio, strategy.start, horizon);
        custfolio::PlanOptions options;
        options.listed = 1;  // the bound is that of the prices, whatever the search proves
        const custfolio::Plan plan =
            strategy.optimise(company.portfolio, company.offers, company.growth, prospects, baseline, options);
        const custfolio::PlanInputs inputs{strategy,       company.portfolio, company.offers,
                                           company.growth, prospects,         baseline};
        const std::vector<custfolio::CourseReason> reasons = custfolio::course_reasons(plan, inputs);
        double best = 0;
        for (const custfolio::CourseReason& one : reasons) {
            CHECK(one.worth.sales_hours <= 0);
            CHECK_FALSE(one.course == one.runner_up);
            best += std::max(one.worth.total(), one.worth.total() - one.lead);
        }
        const custfolio::CourseModel model(strategy, company.portfolio, company.offers, company.growth, prospects,
                                           baseline);
        std::size_t priced = 0;
        for (const custfolio::CourseRow& row : model.rows()) {
            const bool floor = row.kind == custfolio::CourseRow::Kind::floor;
            if (!std::isfinite(floor ? row.lower : row.upper)) continue;
            const double price = plan.shadow_prices.at(priced++).price;
            best += price * (floor ? row.base - row.lower : row.upper - row.base);
        }
        CHECK(priced == plan.shadow_prices.size());
        CHECK(best == doctest::Approx(plan.bound - plan.baseline_value).epsilon(1e-9));
        // Whoever has a choice has a reason.
        std::size_t open = 0;
        for (std::size_t i = 0; i < model.size(); ++i) open += model.courses(i).size() > 1 ? 1 : 0;
        CHECK(reasons.size() == open);
    }
}

TEST_CASE("the chance of all floors is at most that of each") {
    const custfolio::Portfolio portfolio = steady({{100}}, {120});
    custfolio::Baseline baseline = custfolio::seasonal_baseline(portfolio, 2022y / 1, 12);
    baseline.joint.common.assign(12, 0.1);
    custfolio::Strategy strategy{.start = {2022y / 1}, .months = 12, .floor = custfolio::Floor::number};
    strategy.floor_every = custfolio::FloorEvery::rolling_year;
    for (const double correlation : {0.0, 0.5, 0.999}) {
        baseline.joint.correlation = correlation;
        for (const double floor : {1180.0, 1200.0, 1220.0, 1300.0, 1500.0}) {
            strategy.floor_level = {floor};
            const custfolio::Plan plan = strategy.optimise(portfolio, {}, {}, {}, baseline);
            REQUIRE(plan.floors.size() == 12);
            for (const custfolio::FloorRow& row : plan.floors) CHECK(plan.floor_chance <= row.chance);
        }
    }
}

TEST_CASE("results of another portfolio are refused, made by the same call or by hand") {
    const Company here = random_company(62, 10, 2);
    const Company there = random_company(63, 10, 2);
    const custfolio::Strategy strategy{.start = {2022y / 1}, .months = horizon};
    const std::string both =
        "of " + to_string(there.portfolio.identity()) + ", this is " + to_string(here.portfolio.identity());
    const auto refuses = [&](const std::string& what, const auto& optimise) {
        CHECK_THROWS_WITH_AS((void)optimise(), doctest::Contains((what + both).c_str()), custfolio::InputError);
    };
    refuses("the offers are ", [&] { return strategy.optimise(here.portfolio, there.offers); });
    custfolio::Prospects prospects(there.prospects);
    CHECK_NOTHROW((void)strategy.optimise(here.portfolio, {}, {}, prospects));
    prospects.identity = there.portfolio.identity();
    refuses("the prospects are ", [&] { return strategy.optimise(here.portfolio, {}, {}, prospects); });
    const custfolio::Baseline baseline = custfolio::seasonal_baseline(there.portfolio, {2022y / 1}, horizon);
    refuses("the baseline is ", [&] { return strategy.optimise(here.portfolio, {}, {}, {}, baseline); });
    custfolio::CostModel costs;
    const std::vector<custfolio::Terms> levers{custfolio::Terms::delivery_fee(25.0)};
    const custfolio::CustomerRows rows(there.portfolio.identity(), {0, 1});
    refuses("the rows to remediate are ",
            [&] { return custfolio::remediate(here.portfolio, rows, 0.05, costs, levers); });
}

TEST_CASE("settings that cannot be are named") {
    const Company company = random_company(61, 10, 2);
    const auto message = [&](const custfolio::Strategy& strategy) {
        try {
            (void)strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects);
        } catch (const custfolio::Error& error) {
            return std::string(error.what());
        }
        return std::string("no error");
    };
    const custfolio::Strategy good{.start = {2022y / 1}, .months = horizon};
    CHECK(message(good) == "no error");
    CHECK(message({.months = horizon}) == "strategy: start is missing; give the first month of the plan");
    CHECK(message({.start = {2021y / 12}, .months = horizon}) ==
          "strategy: start is 2021-12, but the reference period ends on 2021-12-31; start in 2022-01 or later, or end "
          "the period earlier");
    custfolio::Strategy bad = good;
    bad.limits["hours"] = {3.0};
    CHECK(message(bad).find("limit 'hours'; known are sales_hours") != std::string::npos);
    bad = good;
    bad.limits["deliveries"] = {1.0, 2.0};
    CHECK(message(bad).find("limit deliveries has 2 amounts") != std::string::npos);
    bad = good;
    bad.discount_rate = 8;
    CHECK(message(bad).find("0.08, never 8") != std::string::npos);
    bad = good;
    bad.months = 0;
    CHECK(message(bad).find("months is 0") != std::string::npos);
    bad.months = 100'000;
    CHECK(message(bad) == "strategy: months is 100000; it must lie in [1, 120]");
    bad = good;
    bad.start = 9999y / 2;
    CHECK(message(bad) == "strategy: start is 9999-02; the 12 months of the plan must end in 9999-12 at the latest");
    bad = good;
    bad.start = 2022y / 6;
    CHECK(message(bad).find("the strategy needs 2022-06 to 2023-05") != std::string::npos);
    bad = good;
    bad.refused = {"nobody"};
    CHECK(message(bad).find("nobody") != std::string::npos);
}

TEST_CASE("plan: the buckets before, without and after") {
    const Company company = random_company(5, 40, 6);
    const custfolio::Strategy strategy{.start = {2022y / 1}, .months = horizon};
    const custfolio::Baseline baseline = custfolio::seasonal_baseline(company.portfolio, strategy.start, horizon);
    const custfolio::Plan plan =
        strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects, baseline);
    const custfolio::PlanBuckets buckets =
        custfolio::plan_buckets(plan, company.portfolio, baseline, company.prospects);
    CHECK(buckets.before.bucket.level == doctest::Approx(company.portfolio.bucket().level));
    CHECK(buckets.without.bucket.heat == doctest::Approx(company.portfolio.bucket().heat));
    double level = 0;
    double customers = 40;
    double cold = 0;
    for (const custfolio::PlanMonth& month : plan.trajectory) level += month.level;
    for (const custfolio::PlannedOverflow& one : plan.overflow) customers -= one.probability;
    for (std::size_t k = 0; k < company.prospects.size(); ++k) {
        customers += plan.courses[40 + k].month >= 0 ? company.prospects[k].win_probability : 0;
    }
    for (std::size_t k = 0; k < 40; ++k) {
        const custfolio::Course& course = plan.courses[k];
        double old_terms = 0;
        double new_terms = 0;
        for (int m = 0; m < horizon; ++m) {
            old_terms += baseline.heat(k, m);
            for (const std::size_t g : course.plans) old_terms += company.growth.expected_contribution()(g, m);
            if (course.offer == custfolio::Course::none || m < course.month + 1) continue;
            new_terms += company.offers.offers[course.offer].heat_change * baseline.level(k, m) /
                         company.portfolio.at(k).level();
        }
        const double p = course.offer == custfolio::Course::none ? 0.0 : company.offers.offers[course.offer].acceptance;
        if (old_terms + new_terms < 0) cold += p;
        if (old_terms < 0 && course.overflow < 0) cold += 1 - p;
    }
    CHECK(buckets.after.bucket.level == doctest::Approx(level));
    CHECK(buckets.after.customers == doctest::Approx(customers));
    CHECK(buckets.after.bucket.customers == static_cast<std::size_t>(std::lround(customers)));
    CHECK(buckets.after.below_freezing == doctest::Approx(cold));
    CHECK_THROWS_AS(custfolio::plan_buckets(plan, company.portfolio, baseline), custfolio::InputError);
    const custfolio::PlanMonth month{.month = {}, .level = 100, .heat = 10, .level_deviation = 5, .heat_deviation = 2};
    CHECK(month.level_quantile(0.9) == doctest::Approx(100 + 5 * 1.2815515655446004));
    CHECK(month.heat_quantile(0.1) == doctest::Approx(10 - 2 * 1.2815515655446004));
    custfolio::PlanMonth wide{.month = {}, .level = 100, .level_deviation = 200};
    CHECK(wide.level_quantile(0.1) < 0);
    wide.never_negative = true;
    CHECK(wide.level_quantile(0.1) == 0);
    CHECK(wide.level_quantile(0.9) == custfolio::nonnegative_quantile(100, 200, 0.9));
}

TEST_CASE("floors have names") {
    CHECK(custfolio::to_string(custfolio::Floor::none) == "none");
    CHECK(custfolio::to_string(custfolio::Floor::current) == "current");
    CHECK(custfolio::to_string(custfolio::Floor::baseline) == "baseline");
    CHECK(custfolio::to_string(custfolio::Floor::number) == "number");
    CHECK(custfolio::to_string(custfolio::Floor::column) == "column");
    CHECK_THROWS_AS((void)custfolio::to_string(static_cast<custfolio::Floor>(99)), custfolio::InputError);
    using custfolio::FloorEvery;
    CHECK(custfolio::to_string(FloorEvery::year) == "year");
    CHECK(custfolio::to_string(FloorEvery::rolling_year) == "rolling year");
    CHECK(custfolio::to_string(FloorEvery::quarter) == "quarter");
    CHECK(custfolio::to_string(FloorEvery::month) == "month");
    CHECK_THROWS_AS((void)custfolio::to_string(static_cast<FloorEvery>(99)), custfolio::InputError);
    CHECK(custfolio::to_string(custfolio::Relax::baseline) == "baseline");
    CHECK(custfolio::to_string(custfolio::Relax::nearest) == "nearest");
    CHECK_THROWS_AS((void)custfolio::to_string(static_cast<custfolio::Relax>(99)), custfolio::InputError);
}

TEST_CASE("rows of the plan have names") {
    CHECK(custfolio::to_string(custfolio::CourseRow::Kind::floor) == "level floor");
    CHECK(custfolio::to_string(custfolio::CourseRow::Kind::capacity) == "level capacity");
    CHECK(custfolio::to_string(custfolio::CourseRow::Kind::replacement) == "replacement");
    CHECK(custfolio::to_string(custfolio::CourseRow::Kind::hours) == "sales_hours");
    CHECK(custfolio::to_string(custfolio::CourseRow::Kind::deliveries) == "deliveries");
    CHECK(custfolio::to_string(custfolio::CourseRow::Kind::money) == "money");
    CHECK(custfolio::to_string(custfolio::CourseRow::Kind::offers) == "offers");
    CHECK_THROWS_AS((void)custfolio::to_string(static_cast<custfolio::CourseRow::Kind>(99)), custfolio::InputError);
}

TEST_CASE("a plan that starts long after the data has a warning") {
    const Company company = random_company(3, 4, 0);  // its data ends in December 2021
    const custfolio::Month last = 2022y / 12;
    CHECK(custfolio::late_start_text(last, company.portfolio).empty());
    const std::string text = custfolio::late_start_text(last + 2, company.portfolio);
    CHECK(text ==
          "the plan starts 13 months after the data, which ends in 2021-12: what customers do until then is not known");
    custfolio::Strategy strategy{.start = last + 2, .months = 3};
    CHECK(strategy.optimise(company.portfolio).notes.front() == text);
    strategy.start = last + 1;
    CHECK(strategy.optimise(company.portfolio).notes.empty());
}

TEST_CASE("new business as usual counts in the level and in floors, and in no gain") {
    const Company company = random_company(21, 40, 3);
    custfolio::Strategy strategy{.start = 2022y / 1, .months = horizon, .floor = custfolio::Floor::current};
    custfolio::Baseline baseline = custfolio::seasonal_baseline(company.portfolio, strategy.start, horizon);
    // Half of the first customer leaves, so that the floor is not held without new business.
    for (double& level : baseline.level.row(0)) level *= 0.5;
    const auto planned = [&] {
        return strategy.optimise(company.portfolio, company.offers, company.growth, {}, baseline);
    };
    const custfolio::Plan without = planned();
    double missing = 0;
    for (const custfolio::PlanMonth& month : without.trajectory) missing += month.reference - month.baseline_level;
    REQUIRE(missing > 0);
    custfolio::NewcomerLine& line = baseline.newcomers;
    line.arrivals = line.returning = line.deviation = custfolio::Column(horizon, 0.0);
    line.level = custfolio::Column(horizon, missing / horizon + 1000);
    line.heat = custfolio::Column(horizon, 100.0);
    const custfolio::Plan with = planned();
    for (std::size_t m = 0; m < horizon; ++m) {
        const auto& [a, b] = std::pair(without.trajectory[m], with.trajectory[m]);
        CHECK(std::abs(b.baseline_level - a.baseline_level - line.level[m]) < 2 * cent);
        CHECK(std::abs(b.baseline_heat - a.baseline_heat - 100.0) < 2 * cent);
        CHECK(std::abs(b.new_business - line.level[m]) < cent);
        CHECK(b.new_business_heat == 100.0);
        CHECK(with.budget.at(b.month, custfolio::Source::new_business).level == b.new_business);
        CHECK(a.new_business == 0.0);
    }
    const double new_level = std::accumulate(line.level.begin(), line.level.end(), 0.0);
    CHECK(with.floors.front().new_business == doctest::Approx(new_level));
    const custfolio::PlanBuckets buckets = custfolio::plan_buckets(with, company.portfolio, baseline);
    CHECK(buckets.without.new_business == doctest::Approx(new_level));
    CHECK(buckets.after.new_business == buckets.without.new_business);
    CHECK(with.value - with.baseline_value >= without.value - without.baseline_value - 1e-6);
    CHECK(with.relaxed.empty());
    // A limit on deliveries has none of them, and the plan notes it.
    strategy.limits["deliveries"] = {1e9};
    CHECK(planned().notes.back() ==
          "the limit on deliveries does not count those of new business as usual, which are not known");
    strategy.limits.clear();
    // Without a floor the plan is the same, and so is its gain.
    strategy.floor = custfolio::Floor::none;
    const custfolio::Plan free_with = planned();
    line = {};
    const custfolio::Plan free_without = planned();
    CHECK(free_with.courses == free_without.courses);
    CHECK(free_with.value - free_with.baseline_value ==
          doctest::Approx(free_without.value - free_without.baseline_value).epsilon(1e-9));
}
