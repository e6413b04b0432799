// A plan with its reasons, and played: where the rise comes from, what more of a limit is worth, and the chance of a
// drop. Usage: example_plan_explained [FOLDER]; company.hpp names the files of the folder.
#include <custfolio/custfolio.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "company.hpp"

namespace {

using namespace std::chrono_literals;

const custfolio::Month start{2022y / 1};
constexpr int months = 12;
constexpr double target = 0.05;  // a store below this temperature gets an offer of new terms

// Each source's part in level, heat and temperature, and what one more unit of each limit is worth.
void print_rise(const custfolio::Plan& plan, const custfolio::PlanInputs& inputs) {
    for (const custfolio::Contribution& part : custfolio::contributions(plan, inputs)) {
        std::printf("%-12s level %12.2f heat %11.2f temperature %6.2f %%\n", custfolio::to_string(part.source).c_str(),
                    part.level, part.heat, part.percent);
    }
    for (const custfolio::ShadowPrice& price : plan.shadow_prices) {
        if (price.price > 0) std::printf("%s\n", price.text.c_str());
    }
}

// The courses that lead their runner-up by most.
void print_reasons(const custfolio::Plan& plan, const custfolio::PlanInputs& inputs) {
    std::vector<custfolio::CourseReason> reasons = custfolio::course_reasons(plan, inputs);
    std::sort(reasons.begin(), reasons.end(), [](const auto& a, const auto& b) { return a.lead > b.lead; });
    for (std::size_t k = 0; k < reasons.size() && k < 3; ++k) {
        const custfolio::CourseReason& one = reasons[k];
        std::printf("%s: %s, worth %.2f (heat %.2f, sales hours %.2f); %.2f more than: %s\n", one.name.c_str(),
                    one.course.c_str(), one.worth.total(), one.worth.heat, one.worth.sales_hours, one.lead,
                    one.runner_up.c_str());
    }
}

// Bands by month, and the share of the paths on which the level drops below its floor.
void print_paths(const custfolio::Plan& plan, const custfolio::PlanInputs& inputs) {
    const custfolio::PlanSimulation paths = custfolio::simulate(plan, inputs, {.paths = 5'000, .seed = 1});
    for (std::size_t m = 0; m < paths.level.cols(); ++m) {
        const custfolio::SimulatedFigure level = paths.level_of(m);
        const custfolio::SimulatedFigure warmth = paths.temperature_of(m);
        std::printf("%s level %.0f to %.0f, temperature %.2f %% to %.2f %%\n",
                    custfolio::to_string(plan.start + static_cast<int>(m)).c_str(), level.p10, level.p90,
                    100 * warmth.p10, 100 * warmth.p90);
    }
    for (std::size_t k = 0; k < paths.floors.size(); ++k) {
        std::printf("floor %.0f reached on %.1f %% of the paths; computed %.1f %%\n", paths.floors[k].floor,
                    100 * paths.floors[k].chance, 100 * plan.floors[k].chance);
    }
    std::printf("the level ever drops on %.1f %%\n", 100 * (1 - paths.floor_chance));
}

void run(const std::string& folder) {
    const example::Company company = example::read_company(folder, start);
    const custfolio::LedgerView ledger{.customer = company.store.codes,
                                       .day = company.day,
                                       .revenue = company.revenue,
                                       .cost = company.cost,
                                       .quantity = company.bottles,
                                       .lines = company.lines,
                                       .id = company.store.ids};
    custfolio::CostModel costs;
    costs.rate(custfolio::Driver::deliveries, 90.0)
        .rate(custfolio::Driver::lines, 2.5)
        .rate(custfolio::Driver::quantity, 0.12)
        .revenue_share(0.20);
    const custfolio::Period year{(start + -12).first_day(), (start + -1).last_day()};
    const custfolio::Statement statement = custfolio::statement(ledger, costs, year);
    const custfolio::Portfolio portfolio =
        custfolio::located(statement.portfolio(), company.located, company.latitude, company.longitude).portfolio;

    // What the plan is made of: months without action, offers of new terms, action plans and newcomers.
    const custfolio::Baseline baseline = custfolio::baseline(ledger, costs, portfolio, start, months);
    const custfolio::Selection selection = custfolio::select(portfolio, {.target = target});
    const std::vector<custfolio::Terms> terms{custfolio::Terms::delivery_fee(25), custfolio::Terms::price(0.03)};
    const custfolio::Offers offers =
        custfolio::remediate(portfolio, selection.rows(custfolio::Verdict::remediate), target, costs, terms);
    const custfolio::GrowthForecast growth = custfolio::grow(company.action_plans, start, months);
    const custfolio::Prospects prospects =
        custfolio::acquire(company.candidates, portfolio, {.minimum_temperature = target, .hours_per_pursuit = 6});

    custfolio::Strategy strategy{.start = start, .months = months};
    strategy.limits["sales_hours"] = {60};
    const custfolio::Plan plan = strategy.optimise(portfolio, offers, growth, prospects, baseline);
    std::printf("heat %.2f, %.2f more than without action\n", plan.value, plan.gain());

    const custfolio::PlanInputs inputs{strategy, portfolio, offers, growth, prospects, baseline};
    print_rise(plan, inputs);
    print_reasons(plan, inputs);
    print_paths(plan, inputs);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run(argc > 1 ? argv[1] : "examples/data");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
