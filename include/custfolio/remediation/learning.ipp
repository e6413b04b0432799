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
#include "custfolio/math/normal.hpp"
#include "custfolio/remediation/learning.hpp"

namespace custfolio {

namespace detail {

/// Log-odds at burden 0 and sensitivity, or numbers that belong to the two.
using LogisticPair = std::array<double, 2>;

/// Answers that the prior counts as.
struct PriorAnswers {
    double burden;
    double number;
    double accepted;
};

/// The posterior of a logistic with groups. Its Hessian is a 2 x 2 matrix, bordered by one diagonal entry per group.
class LogisticPosterior {
  public:
    LogisticPosterior(const OfferAnswers& answers, const LearningOptions& options)
        : answers_(answers),
          with_burden_(!answers.burden.empty() || answers.accepted.empty()),
          between_(options.between) {
        const double base = options.prior.probability(0);
        if (with_burden_) {
            const double half = options.strength / 2;
            const double heavy = options.prior.probability(options.heavy_burden);
            prior_ = {{0, half, half * base}, {options.heavy_burden, half, half * heavy}};
        } else {
            prior_ = {{0, options.strength, options.strength * base}};
        }
        // From the share of all answers Newton's steps are short: no chance is near 0 or 1.
        double accepted = options.strength * base;
        for (const std::uint8_t one : answers.accepted) accepted += one != 0 ? 1 : 0;
        start_ = math::logit(accepted / (options.strength + static_cast<double>(answers.accepted.size())));
        if (!answers.group.empty() && between_ > 0) groups_ = static_cast<std::size_t>(answers.groups);
    }

    /// The mode and what surrounds it.
    [[nodiscard]] LearnedAcceptance fit() {
        LearnedAcceptance found;
        move_to_mode(with_burden_);
        if (theta_[1] < 0) {
            // The posterior is concave: where its mode has a sensitivity below 0, the best one from 0 on is 0.
            found.at_bound = true;
            move_to_mode(false);
        }
        found.log_odds = theta_[0];
        found.sensitivity = theta_[1];
        found.between = groups_ > 0 ? between_ : 0;
        found.covariance = Matrix(2, 2);
        for (std::size_t i = 0; i < 2; ++i) {
            for (std::size_t j = 0; j < 2; ++j) found.covariance(i, j) = inverse_[i][j];
        }
        const auto groups = static_cast<std::size_t>(answers_.groups);
        found.offset = offset_;
        found.offset.resize(groups);
        found.own_variance.assign(groups, 0);
        found.slope = Matrix(groups, 2);
        for (std::size_t g = 0; g < groups_; ++g) {
            found.own_variance[g] = 1 / diagonal_[g];
            for (std::size_t i = 0; i < 2; ++i) found.slope(g, i) = border_[g][i] / diagonal_[g];
        }
        return found;
    }

  private:
    /// Logarithm of the posterior density, up to a constant.
    [[nodiscard]] double log_density(const LogisticPair& theta, const std::vector<double>& offset) const {
        double sum = 0;
        for (const PriorAnswers& one : prior_) {
            const double odds = theta[0] - theta[1] * one.burden;
            sum += one.accepted * odds - one.number * math::log1pexp(odds);
        }
        for (std::size_t k = 0; k < answers_.accepted.size(); ++k) {
            const double odds = log_odds(k, theta, offset);
            sum -= math::log1pexp(answers_.accepted[k] != 0 ? -odds : odds);
        }
        for (const double one : offset) sum -= one * one / (2 * between_ * between_);
        return sum;
    }

    [[nodiscard]] double log_odds(std::size_t k, const LogisticPair& theta, const std::vector<double>& offset) const {
        const double burden = with_burden_ ? answers_.burden[k] : 0;
        return theta[0] - theta[1] * burden + (groups_ > 0 ? offset[group(k)] : 0);
    }

    [[nodiscard]] std::size_t group(std::size_t k) const { return static_cast<std::size_t>(answers_.group[k]); }

    /// Gradient and Hessian at the present point.
    void differentiate() {
        gradient_ = {};
        corner_ = {};
        border_.assign(groups_, {});
        diagonal_.assign(groups_, 1 / (between_ * between_));
        own_gradient_.resize(groups_);
        for (std::size_t g = 0; g < groups_; ++g) own_gradient_[g] = -offset_[g] / (between_ * between_);
        const auto add = [&](double burden, double number, double accepted, double odds) {
            const double p = math::logistic(odds);
            const double weight = number * p * math::logistic(-odds);
            const double residual = accepted - number * p;
            gradient_[0] += residual;
            gradient_[1] -= residual * burden;
            corner_[0][0] += weight;
            corner_[0][1] -= weight * burden;
            corner_[1][1] += weight * burden * burden;
            return std::pair{residual, weight};
        };
        for (const PriorAnswers& one : prior_) {
            add(one.burden, one.number, one.accepted, theta_[0] - theta_[1] * one.burden);
        }
        for (std::size_t k = 0; k < answers_.accepted.size(); ++k) {
            const double burden = with_burden_ ? answers_.burden[k] : 0;
            const auto [residual, weight] =
                add(burden, 1, answers_.accepted[k] != 0 ? 1 : 0, log_odds(k, theta_, offset_));
            if (groups_ == 0) continue;
            const std::size_t g = group(k);
            own_gradient_[g] += residual;
            diagonal_[g] += weight;
            border_[g][0] += weight;
            border_[g][1] -= weight * burden;
        }
        corner_[1][0] = corner_[0][1];
    }

    /// Inverts what is left of the corner once the offsets are eliminated, and solves for a Newton step of the two.
    [[nodiscard]] LogisticPair solve(bool with_sensitivity) {
        std::array<LogisticPair, 2> left = corner_;
        LogisticPair right = gradient_;
        for (std::size_t g = 0; g < groups_; ++g) {
            for (std::size_t i = 0; i < 2; ++i) {
                const double ratio = border_[g][i] / diagonal_[g];
                right[i] -= ratio * own_gradient_[g];
                for (std::size_t j = 0; j < 2; ++j) left[i][j] -= ratio * border_[g][j];
            }
        }
        inverse_ = {};
        if (with_sensitivity) {
            const double determinant = left[0][0] * left[1][1] - left[0][1] * left[1][0];
            inverse_ = {{{left[1][1] / determinant, -left[0][1] / determinant},
                         {-left[1][0] / determinant, left[0][0] / determinant}}};
        } else {
            inverse_[0][0] = 1 / left[0][0];
        }
        return {inverse_[0][0] * right[0] + inverse_[0][1] * right[1],
                inverse_[1][0] * right[0] + inverse_[1][1] * right[1]};
    }

    /// Newton's method with halved steps where a whole one goes too far.
    void move_to_mode(bool with_sensitivity) {
        theta_ = {start_, 0};
        offset_.assign(groups_, 0);
        double value = log_density(theta_, offset_);
        constexpr int most_steps = 200;
        for (int step = 0; step < most_steps; ++step) {
            differentiate();
            const LogisticPair change = solve(with_sensitivity);
            std::vector<double> own(groups_);
            double rise = change[0] * gradient_[0] + change[1] * gradient_[1];
            for (std::size_t g = 0; g < groups_; ++g) {
                own[g] = (own_gradient_[g] - border_[g][0] * change[0] - border_[g][1] * change[1]) / diagonal_[g];
                rise += own[g] * own_gradient_[g];
            }
            if (std::abs(rise) <= 1e-18 * (1 + std::abs(value))) return;
            if (!(rise > 0 && std::isfinite(rise))) break;
            bool moved = false;
            for (double share = 1; !moved && share > 1e-12; share /= 2) {
                const LogisticPair theta{theta_[0] + share * change[0], theta_[1] + share * change[1]};
                std::vector<double> offset = offset_;
                for (std::size_t g = 0; g < groups_; ++g) offset[g] += share * own[g];
                const double next = log_density(theta, offset);
                // Near the mode the density is flat to the last bit: then the whole step counts.
                moved = next >= value || rise < 1e-10 * (1 + std::abs(value));
                if (!moved) continue;
                theta_ = theta;
                offset_ = std::move(offset);
                value = next;
            }
            if (!moved) break;
        }
        throw NumericalError("learn: Newton's method does not converge; raise the strength of the prior");
    }

    const OfferAnswers& answers_;
    bool with_burden_;
    double between_;
    std::size_t groups_ = 0;
    std::vector<PriorAnswers> prior_{};
    double start_ = 0;
    LogisticPair theta_{};
    std::vector<double> offset_{};
    LogisticPair gradient_{};
    std::array<LogisticPair, 2> corner_{};
    std::array<LogisticPair, 2> inverse_{};
    std::vector<LogisticPair> border_{};
    std::vector<double> diagonal_{};
    std::vector<double> own_gradient_{};
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
    const auto same = [&](std::size_t found, const char* what) {
        if (found == 0 || found == size) return;
        throw InputError("answers: " + std::to_string(found) + " " + what + " for " + std::to_string(size) +
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
    const detail::LogisticPair x{1 - (known ? slope(group, 0) : 0), -burden - (known ? slope(group, 1) : 0)};
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
    LearnedAcceptance found;
    if (answers.burden.empty() && answers.groups == 0 && size > 0) {
        const double base = options.prior.probability(0);
        const auto yes = static_cast<double>(
            size - static_cast<std::size_t>(std::count(answers.accepted.begin(), answers.accepted.end(), 0)));
        found.share = true;
        found.alpha = options.strength * base + yes;
        found.beta = options.strength * (1 - base) + static_cast<double>(size) - yes;
    } else {
        found = detail::LogisticPosterior(answers, options).fit();
    }
    const auto groups = static_cast<std::size_t>(answers.groups);
    found.answers.assign(groups, 0);
    found.accepted.assign(groups, 0);
    found.mean_burden.assign(groups, 0);
    for (std::size_t k = 0; k < answers.group.size(); ++k) {
        const auto g = static_cast<std::size_t>(answers.group[k]);
        ++found.answers[g];
        found.accepted[g] += answers.accepted[k] != 0 ? 1 : 0;
        if (!answers.burden.empty()) found.mean_burden[g] += answers.burden[k];
    }
    for (std::size_t g = 0; g < groups; ++g) {
        if (found.answers[g] > 0) found.mean_burden[g] /= static_cast<double>(found.answers[g]);
    }
    return found;
}

}  // namespace custfolio
