// Definitions of why each customer has its course.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/course_reasons.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/terms/wording.hpp"

namespace custfolio {
namespace detail {

// The signed price of each row of a model; the rows of a plan's prices are those with a bound, in the same order.
CUSTFOLIO_INLINE std::vector<double> row_prices(const Plan& plan, const CourseModel& model) {
    std::vector<double> prices(model.rows().size(), 0.0);
    auto next = plan.shadow_prices.begin();
    for (std::size_t r = 0; r < prices.size() && next != plan.shadow_prices.end(); ++r) {
        const CourseRow& row = model.rows()[r];
        const bool same = next->row == model.name_of(row) && next->month == plan.start + row.first;
        if (!same || next->months != row.length) continue;
        prices[r] = row.kind == CourseRow::Kind::floor ? -next->price : next->price;
        ++next;
    }
    return prices;
}

CUSTFOLIO_INLINE CourseWorth worth_of(const CourseModel& model, std::span<const double> prices,
                                      const CourseEffect& effect, std::span<double> usage) {
    CourseWorth worth;
    worth.switches = -model.price_of(effect.switches);
    worth.heat = model.value(effect) - worth.switches;
    model.usage(effect, usage);
    for (std::size_t r = 0; r < prices.size(); ++r) {
        const double term = -prices[r] * usage[r];
        if (term == 0) continue;  // no -0
        switch (model.rows()[r].kind) {
            case CourseRow::Kind::floor:
            case CourseRow::Kind::capacity:
                worth.level += term;
                break;
            case CourseRow::Kind::replacement:
                worth.replacement += term;
                break;
            case CourseRow::Kind::hours:
                worth.sales_hours += term;
                break;
            case CourseRow::Kind::deliveries:
                worth.deliveries += term;
                break;
            case CourseRow::Kind::money:
                worth.money += term;
                break;
            case CourseRow::Kind::offers:
                worth.offers += term;
                break;
            case CourseRow::Kind::switches:
            case CourseRow::Kind::frozen:
                worth.switches += term;
                break;
        }
    }
    return worth;
}

// The same course, whatever the order of its action plans.
inline bool same_actions(const Course& one, const Course& other) {
    return one.offer == other.offer && one.month == other.month && one.overflow == other.overflow &&
           std::is_permutation(one.plans.begin(), one.plans.end(), other.plans.begin(), other.plans.end());
}

// "offer delivery fee +10 in 2022-03; flow over from 2022-05".
CUSTFOLIO_INLINE std::string words_of(const PlanInputs& inputs, bool prospect, const Course& course, const Exit* exit) {
    const auto month = [&](int m) { return to_string(inputs.strategy.start + m); };
    std::vector<std::string> parts;
    if (prospect && course.month >= 0) parts.push_back("pursue in " + month(course.month));
    if (course.offer != Course::none) {
        const Terms terms = inputs.offers.terms(inputs.offers.offers[course.offer]);
        parts.push_back("offer " + describe(terms) + " in " + month(course.month));
    }
    for (const std::size_t g : course.plans) {
        const std::string& name = inputs.growth.plans()[g].name;
        parts.push_back(name.empty() ? "the action plan" : "action plan '" + name + "'");
    }
    if (course.overflow >= 0) {
        parts.push_back((exit != nullptr ? exit->way : "flow over") + " from " + month(course.overflow));
    }
    if (parts.empty()) return prospect ? "leave" : "keep";
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
    return text;
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<CourseReason> course_reasons(const Plan& plan, const PlanInputs& inputs,
                                                          unsigned threads) {
    inputs.check(plan);
    const CourseModel model(inputs.strategy, inputs.portfolio, inputs.offers, inputs.growth, inputs.prospects,
                            inputs.baseline, detail::LinkedView::holdings);
    const std::vector<double> prices = detail::row_prices(plan, model);
    std::vector<std::optional<CourseReason>> all(model.size());
    constexpr std::size_t grain = 16;
    math::parallel_for(0, model.size(), grain, threads, [&](std::size_t b, std::size_t e) {
        CourseEffect effect;
        std::vector<double> usage(prices.size());
        for (std::size_t i = b; i < e; ++i) {
            const std::vector<Course> courses = model.courses(i);
            if (courses.size() < 2) continue;
            CourseReason reason;
            reason.prospect = i >= model.customers();
            const Course chosen = model.joined(i, plan.courses);
            model.effect(i, chosen, effect);
            reason.worth = detail::worth_of(model, prices, effect, usage);
            const Course* runner_up = nullptr;
            double most = 0;
            for (const Course& course : courses) {
                if (detail::same_actions(course, chosen)) continue;
                model.effect(i, course, effect);
                const double total = detail::worth_of(model, prices, effect, usage).total();
                if (runner_up != nullptr && total <= most) continue;
                runner_up = &course;
                most = total;
            }
            reason.lead = reason.worth.total() - most;
            const Exit* exit = reason.prospect ? nullptr : model.way_out(i);
            reason.course = detail::words_of(inputs, reason.prospect, chosen, exit);
            reason.runner_up = detail::words_of(inputs, reason.prospect, *runner_up, exit);
            if (reason.prospect) {
                const Prospect& prospect = inputs.prospects[i - model.customers()];
                reason.id = prospect.id;
                reason.name = prospect.name.empty() ? prospect.id : prospect.name;
            } else {
                reason.id = inputs.portfolio.columns().id[i];
                reason.name = inputs.portfolio.at(i).name();
            }
            all[i] = std::move(reason);
        }
    });
    std::vector<CourseReason> reasons;
    for (std::optional<CourseReason>& one : all) {
        if (one) reasons.push_back(std::move(*one));
    }
    return reasons;
}

}  // namespace custfolio
