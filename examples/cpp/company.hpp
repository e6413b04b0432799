// The data of a company for the example `plan`: six small CSV files of one folder.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <custfolio/custfolio.hpp>

#include "csv.hpp"

namespace example {

/// What the company sold, and what it has agreed with itself to do.
struct Company {
    custfolio::Encoding store;                          ///< Customer of each delivery.
    std::vector<custfolio::DayNumber> day;              ///< Its day.
    std::vector<double> lines, bottles, revenue, cost;  ///< Its drivers and amounts.

    std::vector<std::string> located;         ///< Stores with a place.
    std::vector<double> latitude, longitude;  ///< Their places, degrees.

    std::vector<custfolio::ActionPlan> action_plans;
    std::vector<custfolio::Candidate> candidates;
    std::vector<custfolio::Manager> managers;
    std::map<std::string, std::size_t> manager_of;  ///< Position of a store's manager.
    std::vector<custfolio::DayNumber> holidays;
};

/// Reads deliveries.csv, stores.csv, action_plans.csv, candidates.csv, managers.csv and holidays.csv.
inline Company read_company(const std::string& folder, custfolio::Month start) {
    Company company;
    const Csv deliveries(folder + "/deliveries.csv");
    company.store = custfolio::encode(deliveries.texts("store"));
    company.day = deliveries.days("date");
    company.lines = deliveries.numbers("lines");
    company.bottles = deliveries.numbers("bottles");
    company.revenue = deliveries.numbers("revenue");
    company.cost = deliveries.numbers("cost");

    const Csv stores(folder + "/stores.csv");
    company.located = stores.texts("customer_id");
    company.latitude = stores.numbers("latitude");
    company.longitude = stores.numbers("longitude");

    const Csv steps(folder + "/action_plans.csv");  // one row a step, the steps of a plan in their order
    const auto& customer = steps.texts("customer");
    const auto& plan = steps.texts("plan");
    const auto earliest = steps.numbers("earliest");
    const auto duration = steps.numbers("duration");
    const auto probability = steps.numbers("probability");
    const auto revenue = steps.numbers("revenue");
    const auto contribution = steps.numbers("contribution");
    const auto hours = steps.numbers("hours");
    for (std::size_t k = 0; k < customer.size(); ++k) {
        auto& plans = company.action_plans;
        if (plans.empty() || plans.back().customer != customer[k] || plans.back().name != plan[k]) {
            plans.push_back({.customer = customer[k], .name = plan[k], .steps = {}});
        }
        custfolio::ActionStep step{.name = steps.texts("step")[k], .condition = steps.texts("condition")[k]};
        step.earliest = start + (static_cast<int>(earliest[k]) - 1);
        step.duration_months = static_cast<int>(duration[k]);
        step.success_probability = probability[k];
        step.revenue_per_month = revenue[k];
        step.contribution_per_month = contribution[k];
        step.hours = hours[k];
        plans.back().steps.push_back(step);
    }

    const Csv candidates(folder + "/candidates.csv");
    const auto latitude = candidates.numbers("latitude");
    const auto longitude = candidates.numbers("longitude");
    for (std::size_t k = 0; k < latitude.size(); ++k) {
        company.candidates.push_back(
            {candidates.texts("id")[k], candidates.texts("name")[k], latitude[k], longitude[k]});
    }

    const Csv managers(folder + "/managers.csv");
    const custfolio::Encoding names = custfolio::encode(managers.texts("manager"));
    const auto reviews_per_day = managers.numbers("reviews_per_day");
    for (const std::string& name : names.ids) company.managers.push_back({.id = name});
    for (std::size_t k = 0; k < names.codes.size(); ++k) {
        const auto position = static_cast<std::size_t>(names.codes[k]);
        company.managers[position].reviews_per_day = static_cast<int>(reviews_per_day[k]);
        company.manager_of[managers.texts("customer")[k]] = position;
    }
    company.holidays = Csv(folder + "/holidays.csv").days("day");
    return company;
}

}  // namespace example
