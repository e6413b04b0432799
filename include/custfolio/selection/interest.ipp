// Definitions of the questionnaire and its matrix.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <numeric>
#include <span>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/selection/interest.hpp"
#include "custfolio/selection/natural_breaks.hpp"

namespace custfolio {
namespace detail {

CUSTFOLIO_INLINE void require_answers(const Matrix& answers, const std::vector<std::string>& id, const char* suffix) {
    if (answers.empty()) return;
    if (answers.rows() != id.size() || answers.cols() != interest_questions.size()) {
        throw InputError("interest: there are " + std::to_string(answers.rows()) + " x " +
                         std::to_string(answers.cols()) + " answers for " + std::to_string(id.size()) +
                         " customers and " + std::to_string(interest_questions.size()) + " questions");
    }
    for (std::size_t i = 0; i < answers.rows(); ++i) {
        for (std::size_t q = 0; q < answers.cols(); ++q) {
            const double answer = answers(i, q);
            if (std::isnan(answer) || (answer >= 0 && answer <= 1)) continue;
            require_probability(answer,
                                "interest: " + std::string(interest_questions[q]) + suffix + " of customer " + id[i]);
        }
    }
}

/// Weighted means of the answers of each customer; NaN without any.
CUSTFOLIO_INLINE Column means_of(const Matrix& present, const Matrix& potential, std::span<const double> weights,
                                 std::size_t customers) {
    Column mean(customers, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < customers; ++i) {
        double sum = 0;
        double weight = 0;
        for (std::size_t q = 0; q < weights.size(); ++q) {
            double answer = potential.empty() ? std::numeric_limits<double>::quiet_NaN() : potential(i, q);
            if (std::isnan(answer) && !present.empty()) answer = present(i, q);
            if (std::isnan(answer)) continue;
            sum += weights[q] * answer;
            weight += weights[q];
        }
        if (weight > 0) mean[i] = sum / weight;
    }
    return mean;
}

/// Whether qualities have no best 20 %: there are fewer than five, or all are equal.
CUSTFOLIO_INLINE bool unranked(const Column& quality) {
    std::vector<double> known;
    std::copy_if(quality.begin(), quality.end(), std::back_inserter(known), [](double q) { return !std::isnan(q); });
    return known.size() < 5 || detail::count_if(known, [&](double q) { return q != known[0]; }) == 0;
}

/// The bounds by shares of the customers: the best 20 % and the best 50 %.
CUSTFOLIO_INLINE ClassBounds customer_bounds(std::vector<double> known) {
    detail::sort(known, [](double a, double b) { return a > b; });
    const auto at = [&](double share) {
        // A share reached up to the last bit counts: 0.2 of 10 customers are 2, however the product rounds.
        const double customers = share * static_cast<double>(known.size());
        const auto place = static_cast<std::size_t>(std::max(std::ceil(customers - 1e-9), 1.0)) - 1;
        const auto [first, end] = std::equal_range(known.begin(), known.end(), known[place], std::greater<>());
        // Equal qualities are in the class of the middle one, and a quality of 0 is in none but C.
        const auto middle = static_cast<std::size_t>((first - known.begin()) + (end - known.begin()) - 1);
        if (known[place] > 0 && middle <= 2 * place) return known[place];
        return first == known.begin() ? std::numeric_limits<double>::infinity() : *(first - 1);
    };
    return {at(0.2), at(0.5)};
}

/// The bounds by shares of the sum, those of abc().
CUSTFOLIO_INLINE ClassBounds sum_bounds(const std::vector<double>& known) {
    const std::vector<Class> classes = abc(known);
    ClassBounds bounds{std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (classes[i] == Class::A) bounds.a = std::min(bounds.a, known[i]);
        if (classes[i] != Class::C) bounds.b = std::min(bounds.b, known[i]);
    }
    return bounds;
}

/// The bounds by natural breaks in three classes.
CUSTFOLIO_INLINE ClassBounds break_bounds(const std::vector<double>& known, const std::string& what) {
    std::vector<double> distinct = known;
    detail::sort(distinct);
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    if (distinct.size() < 3) {
        throw InputError("interest: the " + what + " has " + std::to_string(distinct.size()) +
                         (distinct.size() == 1 ? " value" : " different values") +
                         "; natural breaks need three, so take classes by share or by a target");
    }
    const NaturalBreaks breaks = natural_breaks(known, 3);
    return {breaks.lowest[2], breaks.lowest[1]};
}

/// Sets the class of each known value, and the bounds of the classes.
CUSTFOLIO_INLINE void classify(const Column& value, ClassRule rule, bool revenue, ClassBounds& bounds,
                               std::vector<std::optional<Class>>& classes) {
    classes.assign(value.size(), std::nullopt);
    std::vector<double> known;
    for (const double one : value) {
        if (!std::isnan(one)) known.push_back(one);
    }
    if (known.empty()) return;
    if (rule == ClassRule::breaks) bounds = break_bounds(known, revenue ? "potential revenue" : "quality");
    if (rule == ClassRule::share) bounds = revenue ? sum_bounds(known) : customer_bounds(std::move(known));
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (std::isnan(value[i])) continue;
        classes[i] = value[i] >= bounds.a ? Class::A : value[i] >= bounds.b ? Class::B : Class::C;
    }
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(ClassRule rule) {
    switch (rule) {
        case ClassRule::share:
            return "share";
        case ClassRule::breaks:
            return "breaks";
        case ClassRule::target:
            return "target";
    }
    throw InputError("class rule " + std::to_string(static_cast<int>(rule)) + " does not exist");
}

CUSTFOLIO_INLINE Class matrix_class(Class potential, Class quality) {
    const int sum = (static_cast<char>(potential) - 'A') + (static_cast<char>(quality) - 'A');
    return sum < 2 ? Class::A : sum == 2 ? Class::B : Class::C;
}

CUSTFOLIO_INLINE std::string Interest::reason(std::size_t row) const {
    const std::string from =
        " from " + std::to_string(answered[row]) + " of " + std::to_string(questions) + " questions";
    if (cls[row]) {
        return "class " + to_string(*cls[row]) + " by potential revenue " + to_string(*potential_class[row]) +
               " and quality " + to_string(*quality_class[row]) + from;
    }
    if (quality_class[row])
        return "interest not known: quality " + to_string(*quality_class[row]) + from + ", no potential revenue";
    if (potential_class[row])
        return "interest not known: potential revenue " + to_string(*potential_class[row]) + ", no question answered";
    return "interest not known: not asked";
}

CUSTFOLIO_INLINE Interest interest_of(const Portfolio& portfolio, const InterestAnswers& answers,
                                      const InterestOptions& options) {
    const PortfolioColumns& columns = portfolio.columns();
    const std::size_t n = portfolio.size();
    const std::size_t questions = interest_questions.size();
    if (options.weights.size() != questions) {
        throw InputError("interest: there are " + std::to_string(options.weights.size()) + " weights for " +
                         std::to_string(questions) + " questions; each must have one");
    }
    Interest interest;
    interest.identity = portfolio.identity();
    double weights = 0;
    for (std::size_t q = 0; q < questions; ++q) {
        const double weight = options.weights[q];
        if (!(weight >= 0) || !std::isfinite(weight)) {
            throw InputError("interest: the weight of " + std::string(interest_questions[q]) + " is " +
                             number_text(weight) + "; it must be 0 or more");
        }
        weights += weight;
        interest.questions += weight > 0 ? 1 : 0;
    }
    if (!(weights > 0)) throw InputError("interest: all weights are 0; one question must count");
    // Relative to the largest, so that their size does not matter.
    std::vector<double> relative = options.weights;
    const double largest = *std::max_element(relative.begin(), relative.end());
    for (double& weight : relative) weight /= largest;
    for (const double bound : {options.quality.a, options.quality.b}) {
        if (bound >= 0 && bound <= 1) continue;
        require_probability(bound, "interest: a bound of the quality");
    }
    for (const auto& [bounds, name] :
         {std::pair{options.potential, "potential"}, std::pair{options.quality, "quality"}}) {
        if (options.rule != ClassRule::target) continue;
        if (bounds.a >= bounds.b) continue;
        throw InputError("interest: the bounds of the " + std::string(name) + " are " + number_text(bounds.a) +
                         " and " + number_text(bounds.b) + "; class A must begin at or above class B");
    }
    detail::require_answers(answers.present, columns.id, "");
    detail::require_answers(answers.potential, columns.id, "_potential");
    interest.potential_revenue = answers.potential_revenue;
    if (interest.potential_revenue.empty()) {
        interest.potential_revenue.assign(n, std::numeric_limits<double>::quiet_NaN());
    }
    if (interest.potential_revenue.size() != n) {
        throw InputError("interest: potential_revenue has " + std::to_string(interest.potential_revenue.size()) +
                         " values for " + std::to_string(n) + " customers; it must have one per customer");
    }
    const std::vector<double> covered = covered_months(columns.period);
    const double months = covered.empty() ? 12.0 : std::accumulate(covered.begin(), covered.end(), 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        const double potential = interest.potential_revenue[i];
        const double year = months == 12 ? columns.revenue[i] : columns.revenue[i] * (12 / months);
        constexpr double rounding = 1e-9;
        if (std::isnan(potential) || (potential >= year - rounding * std::abs(year) && std::isfinite(potential))) {
            continue;
        }
        throw InputError("interest: the potential revenue of customer " + columns.id[i] + " is " +
                         number_text(potential) + "; it must be at least its revenue of " + number_text(year) +
                         (months == 12 ? std::string()
                                       : " a year, from " + number_text(columns.revenue[i]) + " in " +
                                             std::to_string(columns.period.days()) + " days"));
    }
    interest.quality = detail::means_of(answers.present, {}, relative, n);
    interest.potential_quality = detail::means_of(answers.present, answers.potential, relative, n);
    interest.answered.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t q = 0; q < questions; ++q) {
            const auto answer = [&](const Matrix& of) { return !of.empty() && !std::isnan(of(i, q)); };
            const bool answered = answer(answers.present) || answer(answers.potential);
            interest.answered[i] += options.weights[q] > 0 && answered ? 1 : 0;
        }
    }
    interest.potential_bounds = options.potential;
    interest.quality_bounds = options.quality;
    detail::classify(interest.potential_revenue, options.rule, true, interest.potential_bounds,
                     interest.potential_class);
    interest.quality_by_scale = options.rule == ClassRule::share && detail::unranked(interest.potential_quality);
    if (interest.quality_by_scale) interest.quality_bounds = {2.0 / 3, 1.0 / 3};
    detail::classify(interest.potential_quality, interest.quality_by_scale ? ClassRule::target : options.rule, false,
                     interest.quality_bounds, interest.quality_class);
    interest.cls.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        if (!interest.potential_class[i] || !interest.quality_class[i]) continue;
        interest.cls[i] = matrix_class(*interest.potential_class[i], *interest.quality_class[i]);
    }
    return interest;
}

}  // namespace custfolio
