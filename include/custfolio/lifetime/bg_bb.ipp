// Definitions of bg_bb.hpp.
#pragma once

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "custfolio/lifetime/bg_bb.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/special.hpp"
#include "custfolio/math/variates.hpp"
#include "custfolio/portfolio/errors.hpp"

namespace custfolio::detail {

/// Checks one history. @throws InputError naming the row.
CUSTFOLIO_INLINE void check_opportunities(std::size_t row, double x, double t_x, double n) {
    const bool whole = x == std::floor(x) && t_x == std::floor(t_x) && n == std::floor(n);
    if (whole && x >= 0.0 && x <= t_x && t_x <= n && n <= 1e9 && (x == 0.0) == (t_x == 0.0)) return;
    throw InputError("row " + std::to_string(row + 1) + ": frequency is " + number_text(x) + ", recency " +
                     number_text(t_x) + " and periods " + number_text(n) +
                     "; they must be whole numbers with 0 <= frequency <= recency <= periods, and recency 0 exactly "
                     "where frequency is 0");
}

/// Checks columns of histories. @throws InputError.
CUSTFOLIO_INLINE void check_opportunities(std::span<const double> frequency, std::span<const double> recency,
                                          std::span<const double> periods) {
    check_length(recency.size(), frequency.size(), "recency");
    check_length(periods.size(), frequency.size(), "periods");
    for (std::size_t i = 0; i < frequency.size(); ++i) {
        check_opportunities(i, frequency[i], recency[i], periods[i]);
    }
}

/// Checks a number of opportunities. @throws InputError.
CUSTFOLIO_INLINE void check_count(double value, const std::string& name) {
    if (!(value >= 0.0 && value <= 1e9) || value != std::floor(value)) {
        throw InputError(name + " is " + number_text(value) + "; it must be a whole number, at least 0");
    }
}

/// Log of the binomial coefficient.
CUSTFOLIO_INLINE double log_choose(double n, double k) {
    return math::log_gamma(n + 1.0) - math::log_gamma(k + 1.0) - math::log_gamma(n - k + 1.0);
}

/// One customer's log-likelihood and its gradient by the parameters themselves.
CUSTFOLIO_INLINE double bg_bb_log_likelihood(const BGBB& model, double x, double t_x, double n,
                                             std::array<double, 4>& slope) {
    const double a = model.alpha + x;
    const double whole = model.gamma + model.delta;
    // Alive at all n opportunities, and lost before opportunity tau + 1 for tau = t_x ... n - 1: from the last back,
    // each term and its digammas from the one before by a step of the recurrence.
    const double not_taken = model.beta + n - x;
    double log_buy = math::log_beta(a, not_taken);
    double log_stay = math::log_beta(model.gamma, model.delta + n);
    double of_b = math::digamma(not_taken);
    double of_ab = math::digamma(a + not_taken);
    double of_d = math::digamma(model.delta + n);
    double of_gd = math::digamma(whole + n);
    const double of_a = math::digamma(a);
    const double of_g = math::digamma(model.gamma);
    double top = log_buy + log_stay;
    double sum = 1.0;
    std::array<double, 4> weighted{of_a - of_ab, of_b - of_ab, of_g - of_gd, of_d - of_gd};
    double log_leave = log_stay;  // becomes B(gamma + 1, delta + tau)
    double b = not_taken;
    for (double tau = n - 1.0; tau >= t_x; tau -= 1.0) {
        b -= 1.0;
        log_buy += std::log1p(a / b);  // B(a, b) = B(a, b + 1) (a + b) / b
        of_b -= 1.0 / b;
        of_ab -= 1.0 / (a + b);
        // B(gamma + 1, delta + tau) = B(gamma, delta + tau + 1) gamma / (delta + tau); then one step of the latter.
        log_leave = log_stay + std::log(model.gamma / (model.delta + tau));
        log_stay += std::log1p(model.gamma / (model.delta + tau));
        const double of_gd1 = of_gd;  // gamma + 1 + delta + tau
        of_d -= 1.0 / (model.delta + tau);
        of_gd -= 1.0 / (whole + tau);
        const double term = log_buy + log_leave;
        if (term > top) {
            const double shrink = std::exp(top - term);
            sum *= shrink;
            for (double& entry : weighted) entry *= shrink;
            top = term;
        }
        const double share = std::exp(term - top);
        sum += share;
        weighted[0] += share * (of_a - of_ab);
        weighted[1] += share * (of_b - of_ab);
        weighted[2] += share * (of_g + 1.0 / model.gamma - of_gd1);
        weighted[3] += share * (of_d - of_gd1);
    }
    const double base_ab = math::digamma(model.alpha + model.beta);
    const double base_gd = math::digamma(whole);
    slope = {weighted[0] / sum - math::digamma(model.alpha) + base_ab,
             weighted[1] / sum - math::digamma(model.beta) + base_ab, weighted[2] / sum - of_g + base_gd,
             weighted[3] / sum - math::digamma(model.delta) + base_gd};
    return top + std::log(sum) - math::log_beta(model.alpha, model.beta) - math::log_beta(model.gamma, model.delta);
}

/// The columns of a conditional quantity: f(row, log of likelihood times both beta functions).
template <class F>
Column by_history(const BGBB& model, std::span<const double> frequency, std::span<const double> recency,
                  std::span<const double> periods, F&& f) {
    check_opportunities(frequency, recency, periods);
    const double base = math::log_beta(model.alpha, model.beta) + math::log_beta(model.gamma, model.delta);
    Column found(static_cast<Eigen::Index>(frequency.size()));
    for (std::size_t i = 0; i < frequency.size(); ++i) {
        found[static_cast<Eigen::Index>(i)] = f(i, base + model.log_likelihood(frequency[i], recency[i], periods[i]));
    }
    return found;
}

}  // namespace custfolio::detail

namespace custfolio {

CUSTFOLIO_INLINE Opportunities opportunities_of(std::span<const double> frequency, std::span<const double> recency,
                                                std::span<const double> periods, std::span<const double> weights) {
    Opportunities found;
    found.rows = frequency.size();
    if (found.rows == 0) throw InputError("no row to fit; a model needs at least one customer");
    detail::check_opportunities(frequency, recency, periods);
    found.customers = detail::sum_of_weights(weights, found.rows);
    std::map<std::array<double, 3>, double> cells;
    for (std::size_t i = 0; i < found.rows; ++i) {
        const double weight = weights.empty() ? 1.0 : weights[i];
        if (weight > 0.0) cells[{frequency[i], recency[i], periods[i]}] += weight;
    }
    for (const auto& [cell, weight] : cells) {
        found.frequency.push_back(cell[0]);
        found.recency.push_back(cell[1]);
        found.periods.push_back(cell[2]);
        found.weight.push_back(weight);
    }
    return found;
}

CUSTFOLIO_INLINE double BGBB::log_likelihood(double x, double t_x, double n) const {
    std::array<double, 4> unused{};
    return detail::bg_bb_log_likelihood(*this, x, t_x, n, unused);
}

CUSTFOLIO_INLINE double BGBB::survival(double t) const {
    return std::exp(math::log_beta(gamma, delta + t) - math::log_beta(gamma, delta));
}

CUSTFOLIO_INLINE double BGBB::expected_purchases(double t) const {
    detail::check_count(t, "t");
    math::CompensatedSum sum;
    double stay = 1.0;
    for (double j = 0.0; j < t; j += 1.0) {
        stay *= (delta + j) / (gamma + delta + j);
        sum += stay;
    }
    return alpha / (alpha + beta) * sum.value();
}

CUSTFOLIO_INLINE double BGBB::probability_of_purchases(double x, double n) const {
    detail::check_count(x, "purchases");
    detail::check_count(n, "periods");
    if (x > n) return 0.0;
    const double base = math::log_beta(alpha, beta) + math::log_beta(gamma, delta);
    math::CompensatedSum sum;
    sum += std::exp(detail::log_choose(n, x) + math::log_beta(alpha + x, beta + n - x) +
                    math::log_beta(gamma, delta + n) - base);
    for (double i = x; i < n; i += 1.0) {
        sum += std::exp(detail::log_choose(i, x) + math::log_beta(alpha + x, beta + i - x) +
                        math::log_beta(gamma + 1.0, delta + i) - base);
    }
    return sum.value();
}

CUSTFOLIO_INLINE Column BGBB::probability_alive(std::span<const double> frequency, std::span<const double> recency,
                                                std::span<const double> periods) const {
    return detail::by_history(*this, frequency, recency, periods, [&](std::size_t i, double log_all) {
        return std::exp(math::log_beta(alpha + frequency[i], beta + periods[i] - frequency[i]) +
                        math::log_beta(gamma, delta + periods[i] + 1.0) - log_all);
    });
}

CUSTFOLIO_INLINE Column BGBB::conditional_expected_purchases(std::span<const double> ahead,
                                                             std::span<const double> frequency,
                                                             std::span<const double> recency,
                                                             std::span<const double> periods) const {
    detail::check_length(ahead.size(), frequency.size(), "t");
    std::map<std::pair<double, double>, double> sums;  // of the chances to stay, by periods and ahead
    return detail::by_history(*this, frequency, recency, periods, [&](std::size_t i, double log_all) {
        detail::check_count(ahead[i], "t");
        const auto [place, fresh] = sums.try_emplace({periods[i], ahead[i]}, 0.0);
        if (fresh) {
            math::CompensatedSum sum;
            double stay = 1.0;  // beyond opportunity n, of who was there
            for (double j = 0.0; j < ahead[i]; j += 1.0) {
                stay *= (delta + periods[i] + j) / (gamma + delta + periods[i] + j);
                sum += stay;
            }
            place->second = sum.value();
        }
        return place->second * std::exp(math::log_beta(alpha + frequency[i] + 1.0, beta + periods[i] - frequency[i]) +
                                        math::log_beta(gamma, delta + periods[i]) - log_all);
    });
}

CUSTFOLIO_INLINE Column BGBB::conditional_probability_of_purchases(std::span<const double> purchases,
                                                                   std::span<const double> ahead,
                                                                   std::span<const double> frequency,
                                                                   std::span<const double> recency,
                                                                   std::span<const double> periods) const {
    detail::check_length(purchases.size(), frequency.size(), "purchases");
    detail::check_length(ahead.size(), frequency.size(), "t");
    return detail::by_history(*this, frequency, recency, periods, [&](std::size_t i, double log_all) {
        detail::check_count(purchases[i], "purchases");
        detail::check_count(ahead[i], "t");
        const double y = purchases[i];
        const double a = alpha + frequency[i] + y;
        const double b = beta + periods[i] - frequency[i] - y;
        const double d = delta + periods[i];
        math::CompensatedSum sum;
        if (y == 0.0) {  // lost by now
            sum += 1.0 - std::exp(math::log_beta(a, b) + math::log_beta(gamma, d) - log_all);
        }
        if (y > ahead[i]) return 0.0;
        sum += std::exp(detail::log_choose(ahead[i], y) + math::log_beta(a, b + ahead[i]) +
                        math::log_beta(gamma, d + ahead[i]) - log_all);
        for (double j = y; j < ahead[i]; j += 1.0) {
            sum += std::exp(detail::log_choose(j, y) + math::log_beta(a, b + j) + math::log_beta(gamma + 1.0, d + j) -
                            log_all);
        }
        return std::min(1.0, std::max(0.0, sum.value()));
    });
}

CUSTFOLIO_INLINE Column BGBB::discounted_expected_residual_transactions(double discount_rate,
                                                                        std::span<const double> frequency,
                                                                        std::span<const double> recency,
                                                                        std::span<const double> periods) const {
    if (!(discount_rate >= 0.0) || !std::isfinite(discount_rate) || (discount_rate == 0.0 && !(gamma > 1.0))) {
        throw InputError("discount_rate is " + number_text(discount_rate) + " and gamma " + number_text(gamma) +
                         "; the rate must be finite and above 0, such as 0.1, or 0 where gamma is above 1");
    }
    std::map<double, double> sums;  // of the discounted chances to stay from opportunity n + 1 on, by n
    return detail::by_history(*this, frequency, recency, periods, [&](std::size_t i, double log_all) {
        const auto [place, fresh] = sums.try_emplace(periods[i], 0.0);
        const double d = delta + periods[i];
        if (fresh) {
            place->second = discount_rate == 0.0
                                ? d / (gamma - 1.0)
                                : d / (gamma + d) / (1.0 + discount_rate) *
                                      math::hyp2f1(1.0, d + 1.0, gamma + d + 1.0, 1.0 / (1.0 + discount_rate));
        }
        return place->second * std::exp(math::log_beta(alpha + frequency[i] + 1.0, beta + periods[i] - frequency[i]) +
                                        math::log_beta(gamma, d) - log_all);
    });
}

CUSTFOLIO_INLINE Fit fit_bg_bb(const Opportunities& histories, const FitOptions& options) {
    const auto likelihood = [&](const Eigen::VectorXd& at, Eigen::VectorXd& gradient) {
        const BGBB model{std::exp(at[0]), std::exp(at[1]), std::exp(at[2]), std::exp(at[3])};
        const std::array<double, 4> values{model.alpha, model.beta, model.gamma, model.delta};
        for (const double value : values) {
            if (!(value > 1e-8 && value < 1e11)) return -std::numeric_limits<double>::infinity();
        }
        return detail::sum_of_terms<4>(
            histories.weight.size(), options.threads, gradient, [&](std::size_t i, std::array<double, 4>& slope) {
                const double value = detail::bg_bb_log_likelihood(model, histories.frequency[i], histories.recency[i],
                                                                  histories.periods[i], slope);
                for (std::size_t k = 0; k < 4; ++k) slope[k] *= histories.weight[i] * values[k];
                return histories.weight[i] * value;
            });
    };
    std::vector<Eigen::VectorXd> starts;
    for (const auto& [buy, lose] : {std::pair(0.5, 0.1), std::pair(0.2, 0.3), std::pair(0.2, 0.05)}) {
        starts.push_back(Eigen::VectorXd{
            {std::log(2.0 * buy), std::log(2.0 * (1.0 - buy)), std::log(3.0 * lose), std::log(3.0 * (1.0 - lose))}});
    }
    Fit fit = fit_log_parameters({"alpha", "beta", "gamma", "delta"}, likelihood, starts, histories.customers, options);
    fit.rows = histories.rows;
    fit.cells = histories.weight.size();
    return fit;
}

CUSTFOLIO_INLINE SimulatedOpportunities simulate_bg_bb(const BGBB& model, std::span<const double> periods,
                                                       std::uint64_t seed, unsigned threads) {
    const auto n = static_cast<Eigen::Index>(periods.size());
    SimulatedOpportunities found{Column::Zero(n), Column::Zero(n)};
    math::parallel_for(0, periods.size(), 1024, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            math::VariateStream draw(seed, i);
            const auto at = static_cast<Eigen::Index>(i);
            const double buys = draw.beta(model.alpha, model.beta);
            const double leaves = draw.beta(model.gamma, model.delta);
            for (double t = 1.0; t <= periods[i] && draw.uniform() >= leaves; t += 1.0) {
                if (draw.uniform() < buys) {
                    found.frequency[at] += 1.0;
                    found.recency[at] = t;
                }
            }
        }
    });
    return found;
}

}  // namespace custfolio
