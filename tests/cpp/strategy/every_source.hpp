// A small company whose best plan has every source: new terms, an action plan, a newcomer and overflow.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/strategy.hpp"

namespace test_plans {

// Three customers, an action plan, and a prospect, whose best plan has every source.
struct Evaluated {
    custfolio::Portfolio portfolio;
    custfolio::Offers offers;
    custfolio::GrowthForecast growth;
    custfolio::Prospects prospects;
    custfolio::Strategy strategy;
    custfolio::Baseline baseline;
    custfolio::Plan plan;

    [[nodiscard]] custfolio::PlanInputs inputs() const {
        return {strategy, portfolio, offers, growth, prospects, baseline};
    }
};

inline custfolio::Offer offer_to(std::size_t customer, double acceptance, double level, double heat) {
    custfolio::Offer offer;
    offer.customer = customer;
    offer.acceptance = acceptance;
    offer.revenue_change = level;
    offer.heat_change = heat;
    return offer;
}

// @param order of the customers "ice", "warm" and "cold" in the portfolio.
inline Evaluated every_source(std::array<std::size_t, 3> order = {0, 1, 2}) {
    using namespace std::chrono_literals;
    custfolio::PortfolioColumns columns;
    columns.period = {custfolio::Month(2021y / 1).first_day(), custfolio::Month(2021y / 12).last_day()};
    const std::array<std::string, 3> id{"ice", "warm", "cold"};
    columns.monthly_revenue = custfolio::Matrix(3, 12);
    const std::array<double, 3> revenue{12'000, 60'000, 24'000};
    const std::array<double, 3> heat{-6'000, 9'000, -1'200};
    for (std::size_t row = 0; row < 3; ++row) {
        const std::size_t i = order[row];
        columns.id.push_back(id[i]);
        for (std::size_t m = 0; m < 12; ++m) columns.monthly_revenue(row, m) = revenue[i] / 12;
        columns.revenue.push_back(revenue[i]);
        columns.goods.push_back(revenue[i] - heat[i]);
        columns.cost_to_serve.push_back(0);
        columns.avoidable_cost.push_back(0);
        columns.contribution.push_back(heat[i]);
    }
    Evaluated made{custfolio::Portfolio(std::move(columns)), {}, {}, {}, {}, {}, {}};
    made.offers.identity = made.portfolio.identity();
    made.offers.begin = {0};
    for (std::size_t row = 0; row < 3; ++row) {
        if (order[row] == 0) made.offers.offers.push_back(offer_to(row, 0.3, 600, 3'000));
        if (order[row] == 2) made.offers.offers.push_back(offer_to(row, 0.6, -1'200, 2'400));
        made.offers.begin.push_back(made.offers.offers.size());
    }
    made.offers.levers = {custfolio::Terms::price(0.03)};
    custfolio::ActionPlan plan;
    plan.customer = "ice";
    plan.name = "range";
    custfolio::ActionStep step;
    step.name = "listing";
    step.success_probability = 0.5;
    step.revenue_per_month = 400;
    step.contribution_per_month = 90;
    plan.steps = {step};
    made.growth = custfolio::grow(std::vector{plan}, 2022y / 1, 12);
    custfolio::Prospect prospect;
    prospect.id = "p";
    prospect.win_probability = 0.5;
    prospect.level = 48'000;
    prospect.heat = 4'800;
    made.prospects = custfolio::Prospects({prospect});
    made.strategy.start = {2022y / 1};
    made.strategy.floor = custfolio::Floor::none;
    made.strategy.interesting = {"cold"};  // it does not leave
    made.baseline = custfolio::seasonal_baseline(made.portfolio, made.strategy.start, 12);
    made.plan = made.strategy.optimise(made.portfolio, made.offers, made.growth, made.prospects, made.baseline);
    return made;
}

}  // namespace test_plans
