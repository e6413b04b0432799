// Definitions of the comparison of two plans.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/detail/plan_writer.hpp"
#include "custfolio/strategy/plan_comparison.hpp"
#include "custfolio/terms/terms.hpp"

namespace custfolio {
namespace detail {

// A plan with what its comparison looks up: rows by identity, actions in words, prices by row.
class ComparedPlan {
  public:
    using Row = std::tuple<std::string, int, int>;  // name, first month, number of months

    ComparedPlan(const Plan& plan, const PlanInputs& inputs) : plan_(plan), inputs_(inputs), model_(inputs.model()) {
        inputs.check(plan);
        for (std::size_t j = 0; j < inputs.prospects.size(); ++j) prospect_.emplace(inputs.prospects[j].id, j);
        for (std::size_t g = 0; g < inputs.growth.size(); ++g) {
            const ActionPlan& one = inputs.growth.plans()[g];
            action_plans_[{one.customer, one.name}].push_back(g);
        }
        for (const ShadowPrice& one : plan.shadow_prices) prices_[{one.row, one.month.index(), one.months}] = one.price;
        words_.resize(model_.size());
        for (const Action& action : plan.actions) {
            const std::size_t who = action.prospect ? model_.customers() + action.who : action.who;
            if (who < words_.size()) add_words(who, action.what + " in " + to_string(action.month));
        }
        for (std::size_t i = 0; i < model_.customers(); ++i) {
            const int leaves = plan.courses[i].overflow;
            const Exit* exit = model_.way_out(i);
            const std::string way = exit != nullptr ? exit->way : "flow over";
            if (leaves >= 0) add_words(i, way + " from " + to_string(plan.start + leaves));
        }
    }

    [[nodiscard]] std::size_t customers() const { return model_.customers(); }
    [[nodiscard]] std::size_t size() const { return model_.size(); }
    [[nodiscard]] const Course& course(std::size_t who) const { return plan_.courses[who]; }
    [[nodiscard]] const std::string& words(std::size_t who) const { return words_[who]; }
    [[nodiscard]] const std::map<Row, double>& prices() const { return prices_; }
    [[nodiscard]] const std::vector<ShadowPrice>& rows() const { return plan_.shadow_prices; }

    [[nodiscard]] const std::string& id(std::size_t who) const {
        return who < customers() ? inputs_.portfolio.columns().id[who] : inputs_.prospects[who - customers()].id;
    }
    [[nodiscard]] std::string name(std::size_t who) const {
        if (who < customers()) return inputs_.portfolio.at(who).name();
        const Prospect& prospect = inputs_.prospects[who - customers()];
        return prospect.name.empty() ? prospect.id : prospect.name;
    }

    // The same customer or prospect by identity.
    [[nodiscard]] std::optional<std::size_t> find(const std::string& id, bool prospect) const {
        if (prospect) {
            const auto found = prospect_.find(id);
            return found == prospect_.end() ? std::nullopt : std::optional(customers() + found->second);
        }
        return inputs_.portfolio.contains(id) ? std::optional(inputs_.portfolio.index(id)) : std::nullopt;
    }

    // A course of another plan among the inputs of this one; nothing where they do not have it.
    [[nodiscard]] std::optional<Course> translated(const ComparedPlan& other, std::size_t whose,
                                                   std::size_t who) const {
        Course course = other.course(whose);
        const int later = other.plan_.start - plan_.start;
        for (int* month : {&course.month, &course.overflow}) {
            if (*month < 0) continue;
            *month += later;
            if (*month < 0 || *month >= plan_.months) return std::nullopt;
        }
        if (course.offer != Course::none) {
            const std::string lever = other.lever(course.offer);
            course.offer = Course::none;
            // Its own offer; or, of a holding, the one to another customer of it.
            std::vector<std::size_t> among{who};
            const Holdings& holdings = model_.holdings();
            if (holdings.linked(who)) {
                among.insert(among.end(), holdings.members(who).begin(), holdings.members(who).end());
            }
            for (const std::size_t member : among) {
                for (std::size_t o = inputs_.offers.begin.empty() ? 0 : inputs_.offers.begin[member];
                     !inputs_.offers.begin.empty() && o < inputs_.offers.begin[member + 1] &&
                     course.offer == Course::none;
                     ++o) {
                    if (lever == this->lever(o)) course.offer = o;
                }
            }
            if (course.offer == Course::none) return std::nullopt;
        }
        std::map<std::string, std::size_t> used;  // two action plans of a customer may have one name
        for (std::size_t& g : course.plans) {
            const std::string name = other.inputs_.growth.plans()[g].name;
            const auto found = action_plans_.find({id(who), name});
            const std::size_t place = used[name]++;
            if (found == action_plans_.end() || place >= found->second.size()) return std::nullopt;
            g = found->second[place];
        }
        detail::sort(course.plans);
        return course;
    }

    // The discounted heat of a course, and what it gives to the rows and takes from them at the prices of a plan.
    [[nodiscard]] double worth(std::size_t who, const Course& course, const ComparedPlan& priced) const {
        CourseEffect effect;
        model_.effect(who, course, effect);
        std::vector<double> usage(model_.rows().size());
        model_.usage(effect, usage);
        double worth = model_.value(effect);
        for (std::size_t r = 0; r < usage.size(); ++r) {
            const CourseRow& row = model_.rows()[r];
            const auto price =
                priced.prices_.find({model_.name_of(row), (plan_.start + row.first).index(), row.length});
            if (price == priced.prices_.end()) continue;
            worth += (row.kind == CourseRow::Kind::floor ? price->second : -price->second) * usage[r];
        }
        return worth;
    }

  private:
    void add_words(std::size_t who, const std::string& text) {
        words_[who] += (words_[who].empty() ? "" : "; ") + text;
    }
    [[nodiscard]] std::string lever(std::size_t offer) const {
        return describe(inputs_.offers.levers[inputs_.offers.offers[offer].lever]);
    }

    const Plan& plan_;
    PlanInputs inputs_;
    CourseModel model_;
    std::map<std::string, std::size_t> prospect_;
    std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> action_plans_;
    std::map<Row, double> prices_;
    std::vector<std::string> words_;
};

// The cause of a change of course, from what each course is worth with the inputs and prices of both plans.
inline void explain(CourseChange& change, const ComparedPlan& before, std::size_t first, const ComparedPlan& after,
                    std::size_t second) {
    const std::optional<Course> earlier = after.translated(before, first, second);
    const std::optional<Course> later = before.translated(after, second, first);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    // What the later course is worth more, with the inputs of one plan and the prices of one.
    const auto more = [&](const ComparedPlan& inputs, const ComparedPlan& prices) {
        if (&inputs == &before) {
            return later ? before.worth(first, *later, prices) - before.worth(first, before.course(first), prices)
                         : nan;
        }
        return earlier ? after.worth(second, after.course(second), prices) - after.worth(second, *earlier, prices)
                       : nan;
    };
    const double at_first = more(before, before);
    const double at_last = more(after, after);
    change.lead_before = -at_first;
    change.lead_after = at_last;
    if (!earlier || !later) {
        change.why = !later ? "Its later actions were no choice in the earlier plan."
                            : "Its earlier actions are no choice any more: they are past, or no longer offered.";
        return;
    }
    const double across = more(before, after);
    const double back = more(after, before);
    // The mean of both orders: inputs first, or prices first.
    change.by_inputs = ((back - at_first) + (at_last - across)) / 2;
    change.by_prices = ((across - at_first) + (at_last - back)) / 2;
    constexpr double cent = 0.005;
    const bool priced_out = at_first > cent || at_last < -cent || at_last - at_first <= cent;
    if (priced_out) {
        change.cause = ChangeCause::limits;
        change.why =
            "At the shadow prices another course is best in one of the plans: limits in whole actions, or the "
            "order of overflow, decide.";
        return;
    }
    const bool own = change.by_inputs >= change.by_prices;
    change.cause = own ? ChangeCause::inputs : ChangeCause::prices;
    change.why = "The later course gains " + whole_text(at_last - at_first) +
                 " on the earlier one: " + whole_text(change.by_inputs) + " by its own inputs and " +
                 whole_text(change.by_prices) + " by shadow prices.";
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(ChangeCause cause) {
    switch (cause) {
        case ChangeCause::inputs:
            return "inputs";
        case ChangeCause::prices:
            return "prices";
        case ChangeCause::limits:
            return "limits";
    }
    throw InputError("cause of change " + std::to_string(static_cast<int>(cause)) + " does not exist");
}

CUSTFOLIO_INLINE PlanComparison compare_plans(const Plan& before, const PlanInputs& before_inputs, const Plan& after,
                                              const PlanInputs& after_inputs) {
    const detail::ComparedPlan first(before, before_inputs);
    const detail::ComparedPlan last(after, after_inputs);
    PlanComparison found;
    const auto begin = [](const detail::ComparedPlan& plan, std::size_t who) {
        CourseChange change;
        change.prospect = who >= plan.customers();
        change.id = plan.id(who);
        change.name = plan.name(who);
        return change;
    };
    const auto compare_later = [&](std::size_t from, std::size_t to) {
        for (std::size_t who = from; who < to; ++who) {
            CourseChange change = begin(last, who);
            change.after = last.words(who);
            if (const auto whose = first.find(change.id, change.prospect)) {
                const std::optional<Course> same = last.translated(first, *whose, who);
                Course own = last.course(who);
                detail::sort(own.plans);
                if (same == own) continue;
                change.before = first.words(*whose);
                detail::explain(change, first, *whose, last, who);
            } else {
                if (last.course(who) == Course{}) continue;
                change.why = "It is not in the earlier plan.";
            }
            found.courses.push_back(std::move(change));
        }
    };
    const auto add_gone = [&](std::size_t from, std::size_t to) {
        for (std::size_t who = from; who < to; ++who) {
            CourseChange change = begin(first, who);
            if (first.course(who) == Course{} || last.find(change.id, change.prospect)) continue;
            change.before = first.words(who);
            change.why = "It is not in the later plan.";
            found.courses.push_back(std::move(change));
        }
    };
    compare_later(0, last.customers());
    add_gone(0, first.customers());
    compare_later(last.customers(), last.size());
    add_gone(first.customers(), first.size());
    const auto add_prices = [&](const std::vector<ShadowPrice>& rows, bool later) {
        for (const ShadowPrice& row : rows) {
            const detail::ComparedPlan::Row key{row.row, row.month.index(), row.months};
            const auto other = (later ? first : last).prices().find(key);
            const bool there = other != (later ? first : last).prices().end();
            if (there && (!later || other->second == row.price)) continue;
            const double price = there ? other->second : 0.0;
            found.prices.push_back(
                {row.row, row.month, row.months, later ? price : row.price, later ? row.price : price});
        }
    };
    add_prices(last.rows(), true);
    add_prices(first.rows(), false);
    return found;
}

}  // namespace custfolio
