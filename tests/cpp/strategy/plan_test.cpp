// Plans against an independent recomputation, the order of overflow, infeasible input and bad settings.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "custfolio/math/eigen_views.hpp"
#include "custfolio/overflow/displacement.hpp"
#include "custfolio/strategy.hpp"

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
        CHECK(sums.level[m] >= month.floor * (1 - 1e-12));
        CHECK(month.level <= month.capacity);
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
    CHECK(plan.bound >= plan.value);
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

// Everybody who may refuse in the plan, with what of it counts: level, heat, when it may leave and when it does.
struct Refuser {
    double temperature = 0;
    std::vector<double> level, heat;
    int earliest = 0;
    int leaves = horizon;
};

std::vector<Refuser> refusers(const Company& company, const custfolio::Strategy& strategy,
                              const custfolio::Plan& plan) {
    std::vector<Refuser> all;
    const custfolio::PortfolioColumns& columns = company.portfolio.columns();
    for (std::size_t i = 0; i < company.portfolio.size(); ++i) {
        const custfolio::Course& course = plan.courses[i];
        if (course.offer == custfolio::Course::none) continue;
        const double q = 1 - company.offers.offers[course.offer].acceptance;
        Refuser one;
        double level = 0;
        double heat = 0;
        for (int m = 0; m < horizon; ++m) {
            const double share = columns.monthly_revenue(i, m) / columns.revenue[i];
            double month_level = columns.revenue[i] * share;
            double month_heat = columns.contribution[i] * share;
            for (const std::size_t g : course.plans) {
                month_level += company.growth.expected_revenue()(g, m);
                month_heat += company.growth.expected_contribution()(g, m);
            }
            one.level.push_back(q * month_level);
            one.heat.push_back(q * month_heat);
            level += month_level;
            heat += month_heat;
        }
        one.temperature = heat / level;
        one.earliest = course.month + std::max(1, strategy.notice_months);
        if (course.overflow >= 0) {
            one.leaves = course.overflow;
            CHECK(one.leaves >= one.earliest);
        }
        all.push_back(std::move(one));
    }
    return all;
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
        for (const custfolio::PlannedOverflow& out : plan.overflow) {
            double replaced = 0;
            for (const custfolio::Replacement& part : out.replaced_by) replaced += part.level;
            CHECK(replaced <= out.level + 0.01);
        }
    }
}

TEST_CASE("overflow: coldest first, each only once replaced, none colder could have flowed instead") {
    for (std::uint64_t seed = 10; seed < 16; ++seed) {
        CAPTURE(seed);
        const Company company = random_company(seed, 100, 6);
        const custfolio::Strategy strategy{
            .start = {2022y / 1}, .months = horizon, .limits = {{"sales_hours", {120.0}}}};
        const custfolio::Plan plan =
            strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects);
        const std::vector<Refuser> all = refusers(company, strategy, plan);
        int flowed = 0;
        for (const Refuser& warm : all) {
            if (warm.leaves == horizon) continue;
            ++flowed;
            // Any colder one that is still there in that month: its level would not have been replaced from then on,
            // even in this one's place, or it earns money from then on.
            for (const Refuser& cold : all) {
                if (cold.temperature >= warm.temperature || cold.leaves <= warm.leaves || cold.earliest > warm.leaves)
                    continue;
                bool replaced = true;
                double heat = 0;
                for (int m = warm.leaves; m < horizon; ++m) {
                    const auto k = static_cast<std::size_t>(m);
                    double slack = plan.trajectory[k].level - plan.trajectory[k].floor + warm.level[k];
                    if (m >= cold.leaves) slack += cold.level[k];
                    replaced = replaced && slack >= cold.level[k] + 0.01;
                    heat += cold.heat[k];
                }
                const bool could = replaced && heat < 0;
                CHECK_FALSE(could);
            }
        }
        CHECK(flowed > 0);
        CHECK(plan.overflow.size() == static_cast<std::size_t>(flowed));
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
    const custfolio::Plan plan = strategy.optimise(company.portfolio);
    REQUIRE(plan.overflow.size() == 1);
    CHECK(plan.overflow[0].month == strategy.start);
    CHECK(plan.overflow[0].probability == 1.0);
    CHECK(plan.overflow[0].level == doctest::Approx(company.portfolio.at(coldest).level()));
    CHECK(plan.gain() == doctest::Approx(-company.portfolio.at(coldest).heat()));
}

TEST_CASE("an infeasible strategy tells the smallest relaxation, and keeping to it works") {
    const Company company = random_company(51, 80, 5);
    custfolio::Strategy strategy{.start = {2022y / 1}, .months = horizon, .floor = custfolio::Floor::column};
    const custfolio::Plan now =
        custfolio::Strategy{.start = {2022y / 1}, .months = horizon}.optimise(company.portfolio);
    for (const custfolio::PlanMonth& month : now.trajectory) strategy.floor_level.push_back(month.baseline_level);
    strategy.floor_level[2] *= 1.5;
    bool thrown = false;
    try {
        (void)strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects);
    } catch (const custfolio::InfeasiblePlan& error) {
        thrown = true;
        REQUIRE(error.relaxation().size() == 1);
        const custfolio::Relaxation& one = error.relaxation()[0];
        CHECK(one.row == "level floor");
        CHECK(one.month == custfolio::Month(2022y / 3));
        CHECK(one.by > 0);
        CHECK(std::string(error.what()).find("level floor 2022-03 lower by ") != std::string::npos);
        strategy.floor_level[2] = one.to;
    }
    CHECK(thrown);
    const custfolio::Plan plan =
        strategy.optimise(company.portfolio, company.offers, company.growth, company.prospects);
    check_plan(company, strategy, plan);
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
    std::size_t cold = 0;
    for (const custfolio::PlanMonth& month : plan.trajectory) level += month.level;
    for (const custfolio::PlannedOverflow& one : plan.overflow) customers -= one.probability;
    for (std::size_t k = 0; k < company.prospects.size(); ++k) {
        customers += plan.courses[40 + k].month >= 0 ? company.prospects[k].win_probability : 0;
    }
    for (std::size_t k = 0; k < 40; ++k) {
        double heat = 0;
        for (std::size_t m = 0; m < horizon; ++m) heat += baseline.heat(k, m) + plan.heat_change(k, m);
        cold += plan.courses[k].overflow < 0 && heat < 0 ? 1U : 0U;
    }
    CHECK(buckets.after.bucket.level == doctest::Approx(level));
    CHECK(buckets.after.bucket.customers == static_cast<std::size_t>(std::lround(customers)));
    CHECK(buckets.after.below_freezing == cold);
    CHECK_THROWS_AS(custfolio::plan_buckets(plan, company.portfolio, baseline), custfolio::InputError);
    const custfolio::PlanMonth month{.month = {}, .level = 100, .heat = 10, .level_deviation = 5, .heat_deviation = 2};
    CHECK(month.level_quantile(0.9) == doctest::Approx(100 + 5 * 1.2815515655446004));
    CHECK(month.heat_quantile(0.1) == doctest::Approx(10 - 2 * 1.2815515655446004));
}

TEST_CASE("floors have names") {
    CHECK(custfolio::to_string(custfolio::Floor::none) == "none");
    CHECK(custfolio::to_string(custfolio::Floor::current) == "current");
    CHECK(custfolio::to_string(custfolio::Floor::baseline) == "baseline");
    CHECK(custfolio::to_string(custfolio::Floor::number) == "number");
    CHECK(custfolio::to_string(custfolio::Floor::column) == "column");
    CHECK_THROWS_AS((void)custfolio::to_string(static_cast<custfolio::Floor>(99)), custfolio::InputError);
}

TEST_CASE("rows of the plan have names") {
    CHECK(custfolio::to_string(custfolio::CourseRow::Kind::level) == "level floor");
    CHECK(custfolio::to_string(custfolio::CourseRow::Kind::hours) == "sales_hours");
    CHECK(custfolio::to_string(custfolio::CourseRow::Kind::deliveries) == "deliveries");
    CHECK(custfolio::to_string(custfolio::CourseRow::Kind::money) == "money");
    CHECK(custfolio::to_string(custfolio::CourseRow::Kind::offers) == "offers");
    CHECK_THROWS_AS((void)custfolio::to_string(static_cast<custfolio::CourseRow::Kind>(99)), custfolio::InputError);
}
