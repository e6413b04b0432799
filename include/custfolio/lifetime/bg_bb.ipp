// Definitions of bg_bb.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "custfolio/lifetime/bg_bb.hpp"
#include "custfolio/lifetime/forecast.ipp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/special_functions.hpp"
#include "custfolio/math/variates.hpp"

namespace custfolio::detail {

/// A likelihood needs as many steps as there are opportunities.
inline constexpr double most_opportunities = 1e5;

/// Checks one history. @throws InputError naming the row.
CUSTFOLIO_INLINE void check_opportunities(std::size_t row, double x, double t_x, double n) {
    const bool whole = x == std::floor(x) && t_x == std::floor(t_x) && n == std::floor(n);
    if (n > most_opportunities) {
        throw InputError("row " + std::to_string(row + 1) + ": periods is " + number_text(n) +
                         "; the model takes at most 100,000 opportunities");
    }
    if (whole && x >= 0.0 && x <= t_x && t_x <= n && (x == 0.0) == (t_x == 0.0)) return;
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
            // The greatest term so far is the scale: sums and slopes shrink to it, and nothing overflows.
            const double shrink = std::exp(top - term);
            sum *= shrink;
            for (double& entry : weighted) entry *= shrink;
            top = term;
        }
        const double share = std::exp(term - top);
        sum += share;
        weighted[0] += share * (of_a - of_ab);
        weighted[1] += share * (of_b - of_ab);
        // digamma(g + 1) = digamma(g) + 1 / g: the term is B(gamma + 1, .), one step from that of the stay.
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
    Column column(frequency.size());
    for (std::size_t i = 0; i < frequency.size(); ++i) {
        column[i] = f(i, base + model.log_likelihood(frequency[i], recency[i], periods[i]));
    }
    return column;
}

/// Discounted chances to be alive at opportunities n + 1, n + 2, ... of a customer that is alive at n.
CUSTFOLIO_INLINE double bg_bb_discounted_stay(const BGBB& model, double n, double rate) {
    // Without discounting the sum of the ratios of beta functions telescopes; else it is a hypergeometric series.
    const double d = model.delta + n;
    if (rate == 0.0) return d / (model.gamma - 1.0);
    return d / (model.gamma + d) / (1.0 + rate) * math::hyp2f1(1.0, d + 1.0, model.gamma + d + 1.0, 1.0 / (1.0 + rate));
}

/// Chances to be still there at opportunity n, of customers with x purchases at n, by their recency from `first` on.
CUSTFOLIO_INLINE void bg_bb_chances_there(const BGBB& model, double x, double n, double first,
                                          std::vector<double>& chance) {
    // Beside the likelihood of being there to the end, those of being lost after tau = n - 1, n - 2, ...: each beta
    // function follows from the one before by a step of the recurrence.
    const double not_taken = model.beta - x;
    chance.assign(static_cast<std::size_t>(n - first) + 1, 1.0);
    double buy = 1.0;
    double stay = 1.0;
    double lost = 0.0;
    for (double tau = n - 1.0; tau >= first; tau -= 1.0) {
        buy *= (model.alpha + model.beta + tau) / (not_taken + tau);
        const double leave = model.gamma / (model.delta + tau);
        lost += buy * stay * leave;
        stay *= 1.0 + leave;
        // `lost` is relative to the way of being there to the end, so the chance is 1 / (1 + lost).
        chance[static_cast<std::size_t>(tau - first)] = 1.0 / (1.0 + lost);
    }
}

/// Opportunities to come at which a customer is there that is alive after some opportunities.
struct OpportunitiesAhead {
    double mean = 0.0;
    double square = 0.0;      ///< Mean of the squared number.
    double discounted = 0.0;  ///< Discounted, within the horizon.
    double residual = 0.0;    ///< Discounted, of all time; NaN where that is infinite.
};

CUSTFOLIO_INLINE OpportunitiesAhead opportunities_ahead(const BGBB& model, double n, double horizon, double rate) {
    math::CompensatedSum mean;
    math::CompensatedSum square;
    math::CompensatedSum discounted;
    double stay = 1.0;
    double worth = 1.0;
    for (double j = 0.0; j < horizon; j += 1.0) {
        stay *= (model.delta + n + j) / (model.gamma + model.delta + n + j);
        worth /= 1.0 + rate;
        mean += stay;
        square += (2.0 * j + 1.0) * stay;
        discounted += worth * stay;
    }
    const bool endless = rate == 0.0 && !(model.gamma > 1.0);
    return {mean.value(), square.value(), discounted.value(),
            endless ? std::numeric_limits<double>::quiet_NaN() : bg_bb_discounted_stay(model, n, rate)};
}

/// Chances of 0, 1, ... purchases or more at the next opportunities of a customer with x purchases that is alive at n.
CUSTFOLIO_INLINE void bg_bb_at_least(const BGBB& model, double x, double n, std::size_t horizon,
                                     std::vector<double>& at_least) {
    const double a = model.alpha + x;
    const double b = model.beta + n - x;
    const double d = model.delta + n;
    // Polya's urn with leaving: `now` has the chances of y purchases while alive, `gone` those of lost customers.
    std::vector<double> number(horizon + 1);
    std::iota(number.begin(), number.end(), 0.0);
    std::vector<double> now(horizon + 2, 0.0);
    std::vector<double> next(horizon + 2, 0.0);
    std::vector<double> gone(horizon + 1, 0.0);
    now[1] = 1.0;  // y purchases at y + 1, so that there is one before the first
    for (std::size_t j = 0; j < horizon; ++j) {
        const auto past = static_cast<double>(j);
        const double stay = (d + past) / (model.gamma + d + past);
        const double leave = model.gamma / (model.gamma + d + past);
        const double share = stay / (a + b + past);
        for (std::size_t y = 0; y <= j; ++y) gone[y] += leave * now[y + 1];
        for (std::size_t y = 0; y <= j + 1; ++y) {
            next[y + 1] = share * (now[y + 1] * (b + past - number[y]) + now[y] * (a - 1.0 + number[y]));
        }
        std::swap(now, next);
    }
    at_least.assign(horizon + 1, 1.0);
    // Summed from the rare end, so that small chances keep their digits.
    double sum = 0.0;
    for (std::size_t y = horizon; y > 0; --y) {
        sum += gone[y] + now[y + 1];
        at_least[y] = std::min(1.0, sum);
    }
}

}  // namespace custfolio::detail

namespace custfolio {

CUSTFOLIO_INLINE Opportunities opportunities_of(std::span<const double> frequency, std::span<const double> recency,
                                                std::span<const double> periods, std::span<const double> weights) {
    Opportunities cells_of_rows;
    cells_of_rows.rows = frequency.size();
    if (cells_of_rows.rows == 0) throw InputError("no row to fit; a model needs at least one customer");
    detail::check_opportunities(frequency, recency, periods);
    cells_of_rows.customers = detail::sum_of_weights(weights, cells_of_rows.rows);
    // Histories that are equal need one evaluation; a map makes their order the same for any order of rows.
    std::map<std::array<double, 3>, double> cells;
    for (std::size_t i = 0; i < cells_of_rows.rows; ++i) {
        const double weight = weights.empty() ? 1.0 : weights[i];
        if (weight > 0.0) cells[{frequency[i], recency[i], periods[i]}] += weight;
    }
    for (const auto& [cell, weight] : cells) {
        cells_of_rows.frequency.push_back(cell[0]);
        cells_of_rows.recency.push_back(cell[1]);
        cells_of_rows.periods.push_back(cell[2]);
        cells_of_rows.weight.push_back(weight);
    }
    return cells_of_rows;
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
    // Either alive at all n opportunities, or lost after opportunity i, when all x purchases lie up to it.
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
    // The sum depends on past and future opportunities alone: customers share it.
    std::map<std::pair<double, double>, double> sums;  // of the chances to stay, by periods and ahead
    return detail::by_history(*this, frequency, recency, periods, [&](std::size_t i, double log_all) {
        detail::check_count(ahead[i], "t");
        const auto [place, fresh] = sums.try_emplace({periods[i], ahead[i]}, 0.0);
        if (fresh) {
            math::CompensatedSum sum;
            double stay = 1.0;  // beyond opportunity n, of a customer alive then
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
        if (fresh) place->second = detail::bg_bb_discounted_stay(*this, periods[i], discount_rate);
        return place->second * std::exp(math::log_beta(alpha + frequency[i] + 1.0, beta + periods[i] - frequency[i]) +
                                        math::log_beta(gamma, delta + periods[i]) - log_all);
    });
}

CUSTFOLIO_INLINE Fit fit_bg_bb(const Opportunities& histories, const FitOptions& options) {
    const auto likelihood = [&](std::span<const double> at, std::span<double> gradient) {
        const BGBB model{std::exp(at[0]), std::exp(at[1]), std::exp(at[2]), std::exp(at[3])};
        const std::array<double, 4> values{model.alpha, model.beta, model.gamma, model.delta};
        for (const double value : values) {
            // Far outside, beta functions lose their digits; minus infinity turns the search back.
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
    std::vector<Column> starts;
    // Guesses with a mean chance to buy and to leave, spread as beta distributions with parameters that sum to 2 and 3.
    for (const auto& [buy, lose] : {std::pair(0.5, 0.1), std::pair(0.2, 0.3), std::pair(0.2, 0.05)}) {
        starts.push_back(
            {std::log(2.0 * buy), std::log(2.0 * (1.0 - buy)), std::log(3.0 * lose), std::log(3.0 * (1.0 - lose))});
    }
    Fit fit = fit_log_parameters({"alpha", "beta", "gamma", "delta"}, likelihood, starts, histories.customers, options);
    fit.rows = histories.rows;
    fit.cells = histories.weight.size();
    return fit;
}

CUSTFOLIO_INLINE SimulatedOpportunities simulate_bg_bb(const BGBB& model, std::span<const double> periods,
                                                       std::uint64_t seed, unsigned threads, const math::Pulse& pulse) {
    const auto n = periods.size();
    for (std::size_t i = 0; i < n; ++i) {
        if (!(periods[i] >= 0 && periods[i] <= detail::most_opportunities && periods[i] == std::floor(periods[i]))) {
            throw InputError("periods of customer " + std::to_string(i + 1) + " are " + number_text(periods[i]) +
                             "; they must be a whole number from 0 to " + number_text(detail::most_opportunities));
        }
    }
    SimulatedOpportunities histories{Column(n, 0.0), Column(n, 0.0)};
    const auto some_customers = [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            math::VariateStream draw(seed, i);
            const double buys = draw.beta(model.alpha, model.beta);
            const double leaves = draw.beta(model.gamma, model.delta);
            for (double t = 1.0; t <= periods[i] && draw.uniform() >= leaves; t += 1.0) {
                if (draw.uniform() < buys) {
                    histories.frequency[i] += 1.0;
                    histories.recency[i] = t;
                }
            }
        }
    };
    math::parallel_for(0, periods.size(), 1024, threads, some_customers, pulse);
    return histories;
}

CUSTFOLIO_INLINE PurchaseForecast forecast_purchases(const BGBB& model, std::span<const double> x,
                                                     std::span<const double> t_x, std::span<const double> periods,
                                                     double horizon, double discount_rate, unsigned threads,
                                                     const math::Pulse& pulse) {
    detail::check_opportunities(x, t_x, periods);
    detail::check_count(horizon, "horizon");
    // Chances of every number take horizon squared steps.
    if (horizon > detail::most_opportunities)
        throw InputError("horizon is " + number_text(horizon) + " opportunities; it can be 100,000");
    if (!(discount_rate >= 0.0) || !std::isfinite(discount_rate)) {
        throw InputError("discount rate is " + number_text(discount_rate) +
                         " per opportunity; it must be finite and at least 0");
    }
    const detail::ForecastCells cells(x, t_x, periods, Matrix(0, 0));
    // The part that depends on past opportunities alone.
    const std::vector<double>& ages = cells.shared.age().value;
    std::vector<detail::OpportunitiesAhead> ahead(ages.size());
    const auto look_ahead = [&](std::size_t from, std::size_t to) {
        for (std::size_t k = from; k < to; ++k) {
            ahead[k] = detail::opportunities_ahead(model, ages[k], horizon, discount_rate);
        }
    };
    math::parallel_for(0, ages.size(), 64, threads, look_ahead, pulse);
    // Customers of one cell differ in recency alone: one pass gives the chances of all.
    std::vector<double> chance_there(x.size());
    const auto stand = [&](std::size_t from, std::size_t to) {
        std::vector<double> by_recency;
        for (std::size_t c = from; c < to; ++c) {
            const std::span<const std::uint32_t> rows(cells.row.data() + cells.begin[c],
                                                      cells.begin[c + 1] - cells.begin[c]);
            // The chances of all recencies come from one pass down to the earliest.
            double first = cells.age(c);
            for (const std::uint32_t i : rows) first = std::min(first, t_x[i]);
            detail::bg_bb_chances_there(model, cells.frequency(c), cells.age(c), first, by_recency);
            for (const std::uint32_t i : rows) chance_there[i] = by_recency[static_cast<std::size_t>(t_x[i] - first)];
        }
    };
    math::parallel_for(0, cells.begin.size() - 1, 64, threads, stand, pulse);
    const auto of_alive = [&](std::size_t c, std::vector<double>& at_least) {
        const double a = model.alpha + cells.frequency(c);
        const double whole = model.alpha + model.beta + cells.age(c);
        const double buys = a / whole;
        // E[p] and E[p^2] of the chance to buy, beta distributed given the history.
        const double buys_twice = buys * (a + 1.0) / (whole + 1.0);
        const detail::OpportunitiesAhead& now = ahead[cells.shared.age().index[c]];
        detail::bg_bb_at_least(model, cells.frequency(c), cells.age(c), static_cast<std::size_t>(horizon), at_least);
        // Of X purchases at N opportunities with chance p: E[X^2] = (E[p] - E[p^2]) E[N] + E[p^2] E[N^2].
        return detail::ForecastOfAlive{buys * now.mean, (buys - buys_twice) * now.mean + buys_twice * now.square,
                                       buys * now.discounted, buys * now.residual};
    };
    const auto never = [](auto...) { return 0.0; };  // every cell has its probabilities
    // A cell takes horizon^2 steps: few cells a chunk for long horizons, so that a cancellation is heeded soon.
    const auto grain = static_cast<std::size_t>(std::clamp(1e6 / (1.0 + horizon * horizon), 1.0, 512.0));
    PurchaseForecast forecast = detail::forecast_rows(
        cells, grain, threads, pulse, of_alive, [&](std::size_t i, std::size_t) { return chance_there[i]; }, never,
        never);
    // The forecast counts who is still there at the next opportunity, one more chance to leave.
    for (std::size_t i = 0; i < x.size(); ++i) {
        forecast.alive[i] *= (model.delta + periods[i]) / (model.gamma + model.delta + periods[i]);
    }
    return forecast;
}

}  // namespace custfolio
