// Definitions of learned acceptance.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/beta.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/logistic_regression.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/remediation/learning.hpp"

namespace custfolio {

namespace detail {

/// Answers, and those that the prior counts as, as rows of a regression in 1 and -burden.
class AnswerRows {
  public:
    AnswerRows(const OfferAnswers& answers, const LearningOptions& options)
        : with_burden_(!answers.burden.empty() || answers.accepted.empty()), between_(options.between) {
        const auto add = [&](double burden, double number, double accepted) {
            burden_.push_back(burden);
            weight_.push_back(number);
            outcome_.push_back(accepted);
        };
        const double base = options.prior.probability(0);
        add(0, options.strength / (with_burden_ ? 2 : 1), base);
        if (with_burden_) {
            add(options.heavy_burden, options.strength / 2, options.prior.probability(options.heavy_burden));
        }
        const std::size_t prior_rows = outcome_.size();
        double accepted = options.strength * base;
        for (std::size_t k = 0; k < answers.accepted.size(); ++k) {
            add(answers.burden.empty() ? 0 : answers.burden[k], 1, answers.accepted[k] != 0 ? 1 : 0);
            accepted += outcome_.back();
        }
        // From the share of all answers Newton's steps are short: no chance is near 0 or 1.
        start_ = math::logit(accepted / (options.strength + static_cast<double>(answers.accepted.size())));
        if (answers.group.empty() || between_ == 0) return;
        groups_ = static_cast<std::size_t>(answers.groups);
        group_.assign(prior_rows, -1);
        group_.insert(group_.end(), answers.group.begin(), answers.group.end());
    }

    /// The mode and what surrounds it.
    [[nodiscard]] LearnedAcceptance fit(std::size_t groups) const {
        math::LogisticRegression mode = regression(with_burden_ ? 2 : 1);
        LearnedAcceptance learned;
        // A sensitivity below 0 by rounding alone is 0.
        if (with_burden_ && mode.coefficients[1] < -1e-9 * std::sqrt(mode.covariance(1, 1))) {
            // The posterior is concave: where its mode has a sensitivity below 0, the best one from 0 on is 0.
            learned.at_bound = true;
            mode = regression(1);
        }
        const std::size_t features = mode.coefficients.size();
        learned.log_odds = mode.coefficients[0];
        if (features == 2) learned.sensitivity = std::max(mode.coefficients[1], 0.0);
        learned.between = groups_ > 0 ? between_ : 0;
        learned.covariance = Matrix(2, 2);
        learned.slope = Matrix(groups, 2);
        for (std::size_t i = 0; i < features; ++i) {
            for (std::size_t j = 0; j < features; ++j) learned.covariance(i, j) = mode.covariance(i, j);
            for (std::size_t g = 0; g < groups_; ++g) learned.slope(g, i) = mode.slope(g, i);
        }
        learned.offset = std::move(mode.offset);
        learned.own_variance = std::move(mode.offset_variance);
        learned.offset.resize(groups);
        learned.own_variance.resize(groups);
        return learned;
    }

  private:
    [[nodiscard]] math::LogisticRegression regression(std::size_t features) const {
        Matrix table(outcome_.size(), features, 1.0);
        if (features == 2) {
            for (std::size_t i = 0; i < outcome_.size(); ++i) table(i, 1) = -burden_[i];
        }
        const std::array<double, 2> mean{start_, 0};
        constexpr std::array<double, 2> none{std::numeric_limits<double>::infinity(),
                                             std::numeric_limits<double>::infinity()};
        math::LogisticRegression mode =
            math::fit_logistic({table, outcome_, weight_, group_, groups_},
                               {std::span(mean).first(features), std::span(none).first(features), between_});
        if (mode.converged) return mode;
        throw NumericalError("learn: Newton's method does not converge; raise the strength of the prior");
    }

    bool with_burden_;
    double between_;
    double start_ = 0;
    std::size_t groups_ = 0;  // with offsets
    std::vector<double> burden_{};
    std::vector<double> weight_{};
    std::vector<double> outcome_{};
    std::vector<std::int32_t> group_{};
};

CUSTFOLIO_INLINE void check_range(double value, double least, double most, const std::string& what) {
    if (value >= least && value <= most) return;
    throw InputError(what + " is " + number_text(value) + "; it must be in [" + number_text(least) + ", " +
                     number_text(most) + "]");
}

CUSTFOLIO_INLINE void check_learning(const LearningOptions& options) {
    check_range(options.strength, 0.1, 1e9, "strength");
    check_range(options.heavy_burden, 1e-6, 100, "heavy burden");
    if (options.between != 0) check_range(options.between, 0.001, 10, "between, where it is not 0,");
    for (const double burden : {0.0, options.heavy_burden}) {
        const double chance = options.prior.probability(burden);
        if (chance >= 0.001 && chance <= 0.999) continue;
        throw InputError("the prior's chance at burden " + number_text(burden) + " is " + number_text(chance) +
                         "; learning needs one in [0.001, 0.999], since no answer changes a certain prior");
    }
}

CUSTFOLIO_INLINE void check_answers(const OfferAnswers& answers) {
    const std::size_t size = answers.accepted.size();
    const auto same = [&](std::size_t number, const char* what) {
        if (number == 0 || number == size) return;
        throw InputError("answers: " + std::to_string(number) + " " + what + " for " + std::to_string(size) +
                         " answers; there must be one each, or none");
    };
    same(answers.burden.size(), "burdens");
    same(answers.group.size(), "groups");
    for (std::size_t k = 0; k < answers.burden.size(); ++k) {
        check_range(answers.burden[k], -100, 100, "answer " + std::to_string(k + 1) + ": burden, a share of spend,");
    }
    for (std::size_t k = 0; k < answers.group.size(); ++k) {
        if (answers.group[k] >= 0 && answers.group[k] < answers.groups) continue;
        throw InputError("answer " + std::to_string(k + 1) + ": group " + std::to_string(answers.group[k]) +
                         "; it must be in 0 to " + std::to_string(answers.groups - 1));
    }
}

CUSTFOLIO_INLINE void check_group(std::size_t group, std::size_t groups) {
    if (group == LearnedAcceptance::no_group || group < groups) return;
    throw NotFoundError("there is no group " + std::to_string(group) + "; there are " + std::to_string(groups));
}

}  // namespace detail

CUSTFOLIO_INLINE Acceptance LearnedAcceptance::acceptance(std::size_t group) const {
    detail::check_group(group, answers.size());
    if (share) return {alpha / (alpha + beta), 0};
    return {math::logistic(log_odds + (group == no_group ? 0 : offset[group])), sensitivity};
}

CUSTFOLIO_INLINE ChanceInterval LearnedAcceptance::chance(double burden, double level, std::size_t group) const {
    detail::check_group(group, answers.size());
    require_finite(burden, "burden");
    if (!(level > 0 && level < 1)) {
        throw InputError("level is " + number_text(level) + "; it must be in (0, 1), such as 0.8");
    }
    const double tail = (1 - level) / 2;
    if (share) {
        return {alpha / (alpha + beta), math::beta_quantile(tail, alpha, beta),
                math::beta_quantile(1 - tail, alpha, beta)};
    }
    const bool known = group != no_group;
    const double middle = log_odds - sensitivity * burden + (known ? offset[group] : 0);
    const std::array<double, 2> x{1 - (known ? slope(group, 0) : 0), -burden - (known ? slope(group, 1) : 0)};
    double variance = known ? own_variance[group] : between * between;
    // The quadratic form as two squares: a sum of its entries cancels where the two are nearly collinear.
    const double spread = covariance(1, 1);
    const double ratio = spread > 0 ? covariance(0, 1) / spread : 0;
    const double rest = std::max(covariance(0, 0) - ratio * covariance(0, 1), 0.0);
    variance += spread * (x[1] + ratio * x[0]) * (x[1] + ratio * x[0]) + rest * x[0] * x[0];
    const double reach = math::normal_quantile(1 - tail) * std::sqrt(variance);
    return {math::logistic(middle), math::logistic(middle - reach), math::logistic(middle + reach)};
}

CUSTFOLIO_INLINE LearnedAcceptance learn_acceptance(const OfferAnswers& answers, const LearningOptions& options) {
    detail::check_learning(options);
    detail::check_answers(answers);
    const std::size_t size = answers.accepted.size();
    LearnedAcceptance learned;
    if (answers.burden.empty() && answers.groups == 0 && size > 0) {
        const double base = options.prior.probability(0);
        const auto yes = static_cast<double>(
            size - static_cast<std::size_t>(std::count(answers.accepted.begin(), answers.accepted.end(), 0)));
        learned.share = true;
        learned.alpha = options.strength * base + yes;
        learned.beta = options.strength * (1 - base) + static_cast<double>(size) - yes;
    } else {
        learned = detail::AnswerRows(answers, options).fit(static_cast<std::size_t>(answers.groups));
    }
    const auto groups = static_cast<std::size_t>(answers.groups);
    learned.answers.assign(groups, 0);
    learned.accepted.assign(groups, 0);
    learned.mean_burden.assign(groups, 0);
    for (std::size_t k = 0; k < answers.group.size(); ++k) {
        const auto g = static_cast<std::size_t>(answers.group[k]);
        ++learned.answers[g];
        learned.accepted[g] += answers.accepted[k] != 0 ? 1 : 0;
        if (!answers.burden.empty()) learned.mean_burden[g] += answers.burden[k];
    }
    for (std::size_t g = 0; g < groups; ++g) {
        if (learned.answers[g] > 0) learned.mean_burden[g] /= static_cast<double>(learned.answers[g]);
    }
    return learned;
}

}  // namespace custfolio
