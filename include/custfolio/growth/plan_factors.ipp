// Definitions of the factors behind plans.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/growth/detail/plan_steps.hpp"
#include "custfolio/growth/plan_factors.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/random.hpp"

namespace custfolio {

CUSTFOLIO_INLINE PlanFactors::PlanFactors(std::span<const ActionPlan> plans, double common,
                                          std::span<const GroupFactor> groups)
    : total_(common), common_(common), plans_(plans.size()) {
    if (!(common >= 0 && common < 1)) {
        throw InputError("correlation is " + number_text(common) +
                         "; it must be 0 or more and below 1: the share of what all successes have in common");
    }
    for (std::size_t j = 0; j < groups.size(); ++j) {
        const GroupFactor& factor = groups[j];
        if (factor.name.empty()) throw InputError("factor " + std::to_string(j + 1) + " has no name; each needs one");
        // A correlation of 1 would leave an attempt no chance of its own.
        if (!(factor.correlation >= 0 && factor.correlation < 1)) {
            throw InputError("correlation of factor '" + factor.name + "' is " + number_text(factor.correlation) +
                             "; it must be 0 or more and below 1");
        }
        for (std::size_t i = 0; i < j; ++i) {
            if (groups[i].name == factor.name) throw InputError("factor '" + factor.name + "' is given twice");
        }
        // Variances of the independent factors add; 1 less the sum is each attempt's own.
        total_ += factor.correlation;
        Group group{factor.correlation, {}, 0};
        std::map<std::string_view, std::size_t> numbers;
        for (const ActionPlan& plan : plans) {
            const auto label = plan.factors.find(factor.name);
            if (label == plan.factors.end() || label->second.empty()) {
                throw InputError(detail::plan_text(plan) + " has no label of factor '" + factor.name +
                                 "'; every plan needs one, or the factor has no correlation");
            }
            group.label.push_back(numbers.try_emplace(label->second, numbers.size()).first->second);
        }
        group.labels = numbers.size();
        if (factor.correlation > 0) add(std::move(group));
    }
    if (!(total_ < 1)) {
        throw InputError("the correlations of the factors sum to " + number_text(total_) +
                         "; the sum must be below 1: what is left is each attempt's own");
    }
}

CUSTFOLIO_INLINE void PlanFactors::add(Group group) {
    // A factor of one label is common to all; factors that divide the plans alike are one with both correlations.
    const auto same = detail::find(groups_, group.label, &Group::label);
    if (group.labels < 2) {
        common_ += group.correlation;
    } else if (same != groups_.end()) {
        same->correlation += group.correlation;
    } else {
        groups_.push_back(std::move(group));
    }
}

CUSTFOLIO_INLINE PlanFactors PlanFactors::among(std::span<const std::size_t> plans, double without) const {
    // A known factor no longer varies, so its share leaves the common part.
    PlanFactors subset;
    subset.total_ = std::max(total_ - without, 0.0);
    subset.common_ = std::max(common_ - without, 0.0);
    subset.plans_ = plans_;
    for (const Group& group : groups_) {
        Group among{group.correlation, std::vector<std::size_t>(plans_), 0};
        std::unordered_map<std::size_t, std::size_t> numbers;
        for (const std::size_t plan : plans) {
            // Labels are numbered among these plans alone: a factor that does not divide them becomes common.
            among.label[plan] = numbers.try_emplace(group.label[plan], numbers.size()).first->second;
        }
        among.labels = numbers.size();
        subset.add(std::move(among));
    }
    return subset;
}

CUSTFOLIO_INLINE bool PlanFactors::alike(std::size_t a, std::size_t b) const {
    return detail::all_of(groups_, [&](const Group& group) { return group.label[a] == group.label[b]; });
}

CUSTFOLIO_INLINE double PlanFactors::correlation(std::size_t a, std::size_t b) const {
    if (!(total_ > 0)) return 0;
    if (alike(a, b)) return 1;
    double shared = common_;
    // Of the variance that two plans' factors have, the share in which their labels agree.
    for (const Group& group : groups_) shared += group.label[a] == group.label[b] ? group.correlation : 0;
    return shared / total_;
}

CUSTFOLIO_INLINE std::vector<double> PlanFactors::draw(std::uint64_t seed, std::uint64_t path,
                                                       std::uint64_t first) const {
    if (!(total_ > 0)) return std::vector<double>(plans_);
    // Numbers are used in a fixed order: the same path has the same factors.
    const auto normal = [&] { return math::normal_quantile(math::uniform(seed, path, first++)); };
    std::vector<double> together(plans_, std::sqrt(common_ / total_) * (common_ > 0 ? normal() : 0.0));
    // The number of the common factor is used up in any case, so that the draws of the others stay.
    if (!(common_ > 0)) ++first;
    std::vector<double> value;
    for (const Group& group : groups_) {
        value.clear();
        for (std::size_t k = 0; k < group.labels; ++k) value.push_back(normal());
        const double loading = std::sqrt(group.correlation / total_);
        for (std::size_t p = 0; p < plans_; ++p) together[p] += loading * value[group.label[p]];
    }
    return together;
}

}  // namespace custfolio
