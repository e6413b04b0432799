// Definitions of BG/NBD and MBG/NBD. Both are one model with m chances to drop out after x repeat purchases: m = x in
// BG/NBD, m = x + 1 in MBG/NBD.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/bg_nbd.hpp"
#include "custfolio/lifetime/detail/thresholds.hpp"
#include "custfolio/lifetime/forecast.ipp"
#include "custfolio/lifetime/purchase_history.ipp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/linear.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/special_functions.hpp"
#include "custfolio/math/variates.hpp"

namespace custfolio::detail {

/// What the likelihood needs of the number of purchases, and not of the times.
struct BetaGeometricTerms {
    double log_gain;  // ln Gamma(r + x) / Gamma(r) + ln B(a, b + m) / B(a, b)
    double log_odds;  // ln (a / (b + m - 1)); minus infinity for m = 0, when nobody can have dropped out
    double by_r, by_a, by_b;
    double by_b_gone;  // b / (b + m - 1)
};

inline double chances(double x, DropOut drop_out) {
    return drop_out == DropOut::after_all_purchases ? x + 1 : x;
}

// Differences of logarithms are ratios of gamma functions: log_gamma_ratio() keeps their digits for large x.
CUSTFOLIO_INLINE BetaGeometricTerms beta_geometric_terms(double x, double r, double a, double b, DropOut drop_out) {
    using math::digamma;
    using math::log_gamma_ratio;
    const double m = chances(x, drop_out);
    // Without a chance to drop out all ratios are 1, and nobody can have left.
    if (m == 0) return {0, -std::numeric_limits<double>::infinity(), 0, 0, 0, 0};
    const double both = digamma(a + b) - digamma(a + b + m);
    return {log_gamma_ratio(r, x) + log_gamma_ratio(b, m) - log_gamma_ratio(a + b, m),
            std::log(a) - std::log(b + m - 1),
            x == 0 ? 0 : digamma(r + x) - digamma(r),
            both,
            both + digamma(b + m) - digamma(b),
            b / (b + m - 1)};
}

/// A time as the likelihood needs it.
struct BetaGeometricTime {
    double log_growth;  // ln (1 + t / alpha)
    double share;       // alpha / (alpha + t)
};

inline BetaGeometricTime beta_geometric_time(double t, double alpha) {
    return {std::log1p(t / alpha), alpha / (alpha + t)};
}

/// One customer's log-likelihood; derivatives by ln r, ln alpha, ln a, ln b.
inline double beta_geometric_customer(const BetaGeometricTerms& terms, double x, double r, double log_alpha, double a,
                                      double b, const BetaGeometricTime& last, const BetaGeometricTime& end,
                                      std::array<double, 4>& by) {
    const double since = end.log_growth - last.log_growth;
    // The likelihood is the sum of two ways: still alive at the end, or dropped out right after the last purchase.
    const double odds = terms.log_odds + (r + x) * since;
    // The exponent is never positive, so that no odds overflow.
    const double e = std::exp(-std::abs(odds));
    const double log_sum = std::max(odds, 0.0) + std::log(1 + e);  // beside larger terms: absolute digits are enough
    const double dead = (odds > 0 ? 1.0 : e) / (1 + e);            // probability of having dropped out
    by[0] = r * (terms.by_r - end.log_growth + dead * since);
    by[1] = -x + (r + x) * ((1 - end.share) + dead * (end.share - last.share));
    by[2] = a * terms.by_a + dead;
    by[3] = b * terms.by_b - dead * terms.by_b_gone;
    return terms.log_gain - x * log_alpha - (r + x) * end.log_growth + log_sum;
}

/// The customers of up to 256 cells together, as beta_geometric_customer() has each.
class BetaGeometricBlock {
  public:
    /// Adds a cell; there must be room.
    void add(double weight, const BetaGeometricTerms& terms, double x, double r, double log_alpha,
             const BetaGeometricTime& last, const BetaGeometricTime& end) {
        const double since = end.log_growth - last.log_growth;
        const double rx = r + x;
        // The sums of beta_geometric_customer(), with each factor that is the same for all cells left to move_to().
        const double odds = terms.log_odds + rx * since;
        const double e = std::exp(-std::abs(odds));
        const double dead = weight * (odds > 0 ? 1.0 : e) / (1 + e);  // times the chance of having dropped out
        value_ += weight * (terms.log_gain - x * log_alpha - rx * end.log_growth + std::max(odds, 0.0));
        if (weight == 1.0) {
            product_ *= 1 + e;  // one logarithm for all of them
        } else {
            value_ += weight * std::log(1 + e);
        }
        by_[0] += weight * (terms.by_r - end.log_growth) + dead * since;
        by_[1] += weight * (rx * (1 - end.share) - x) + dead * rx * (end.share - last.share);
        by_[2] += weight * terms.by_a;
        by_[3] += weight * terms.by_b;
        dead_ += dead;
        dead_by_b_ += dead * terms.by_b_gone;
        ++count_;
    }
    [[nodiscard]] bool full() const { return count_ == 256; }  // the product stays below 2^256

    /// Moves what was added to a sum: the value, and the derivatives by ln r, ln alpha, ln a and ln b.
    void move_to(LikelihoodSum& sum, double r, double a, double b) {
        sum.value += value_ + std::log(product_);
        sum.gradient[0] += r * by_[0];
        sum.gradient[1] += by_[1];
        sum.gradient[2] += a * by_[2] + dead_;
        sum.gradient[3] += b * by_[3] - dead_by_b_;
        *this = {};
    }

  private:
    double value_ = 0;
    double product_ = 1;
    double dead_ = 0;
    double dead_by_b_ = 0;
    std::array<double, 4> by_{};
    std::size_t count_ = 0;
};

/// Far out the likelihood is not computed: a search that gets there has left the domain.
inline constexpr double farthest_log_parameter = 230;

/// The likelihood of cells that share their parameters. What depends on one value alone is computed once per distinct
/// value.
class SharedBetaGeometric {
  public:
    SharedBetaGeometric(std::span<const double> log_parameters, const PurchaseHistories& histories, DropOut drop_out,
                        unsigned threads)
        : histories_(histories),
          r_(std::exp(log_parameters[0])),
          log_alpha_(log_parameters[1]),
          a_(std::exp(log_parameters[2])),
          b_(std::exp(log_parameters[3])),
          terms_(histories.frequency().value.size()) {
        const std::vector<double>& x = histories.frequency().value;
        math::parallel_for(0, x.size(), 4096, threads, [&](std::size_t from, std::size_t to) {
            for (std::size_t k = from; k < to; ++k) terms_[k] = beta_geometric_terms(x[k], r_, a_, b_, drop_out);
        });
        const double alpha = std::exp(log_alpha_);
        const auto times = [&](const std::vector<double>& t, std::vector<BetaGeometricTime>& at) {
            at.resize(t.size());
            math::parallel_for(0, at.size(), 16384, threads, [&](std::size_t from, std::size_t to) {
                for (std::size_t k = from; k < to; ++k) at[k] = beta_geometric_time(t[k], alpha);
            });
        };
        times(histories.recency().value, at_last_);
        times(histories.age().value, at_end_);
    }
    void add(std::size_t from, std::size_t to, LikelihoodSum& sum) const {
        BetaGeometricBlock block;
        for (std::size_t c = from; c < to; ++c) {
            const double weight = histories_.weight()[c];
            if (weight == 0) continue;
            const std::uint32_t x = histories_.frequency().index[c];
            block.add(weight, terms_[x], histories_.frequency().value[x], r_, log_alpha_,
                      at_last_[histories_.recency().index[c]], at_end_[histories_.age().index[c]]);
            if (block.full()) block.move_to(sum, r_, a_, b_);
        }
        block.move_to(sum, r_, a_, b_);
    }

  private:
    const PurchaseHistories& histories_;
    double r_;
    double log_alpha_;
    double a_;
    double b_;
    std::vector<BetaGeometricTerms> terms_;
    std::vector<BetaGeometricTime> at_last_;
    std::vector<BetaGeometricTime> at_end_;
};

/// The likelihood of cells with covariates: each has its own alpha, a and b.
class ShiftedBetaGeometricCells {
  public:
    ShiftedBetaGeometricCells(std::span<const double> log_parameters, const PurchaseHistories& histories,
                              DropOut drop_out)
        : histories_(histories), drop_out_(drop_out), r_(std::exp(log_parameters[0])) {
        const std::size_t covariates = histories.covariates().cols();
        const auto shifted = [&](double centre, double sign, std::size_t side) {
            std::vector<double> logarithm(histories.cells());
            for (std::size_t c = 0; c < logarithm.size(); ++c) {
                const auto coefficients = log_parameters.subspan(4 + side * covariates, covariates);
                logarithm[c] = centre + sign * math::dot(histories.covariates().row(c), coefficients);
            }
            return logarithm;
        };
        log_alpha_ = shifted(log_parameters[1], -1.0, 0);
        log_a_ = shifted(log_parameters[2], 1.0, 1);
        log_b_ = shifted(log_parameters[3], 1.0, 2);
    }
    [[nodiscard]] double farthest() const {
        return std::max({math::largest_size(log_alpha_), math::largest_size(log_a_), math::largest_size(log_b_)});
    }
    void add(std::size_t from, std::size_t to, LikelihoodSum& sum) const {
        const std::size_t covariates = histories_.covariates().cols();
        std::array<double, 4> by{};
        for (std::size_t c = from; c < to; ++c) {
            const double weight = histories_.weight()[c];
            if (weight == 0) continue;
            const double x = histories_.frequency().value[histories_.frequency().index[c]];
            const double last = histories_.recency().value[histories_.recency().index[c]];
            const double end = histories_.age().value[histories_.age().index[c]];
            const double alpha = std::exp(log_alpha_[c]);
            const double a = std::exp(log_a_[c]);
            const double b = std::exp(log_b_[c]);
            sum.value += weight * beta_geometric_customer(beta_geometric_terms(x, r_, a, b, drop_out_), x, r_,
                                                          log_alpha_[c], a, b, beta_geometric_time(last, alpha),
                                                          beta_geometric_time(end, alpha), by);
            // Covariates shift ln alpha downwards and ln a, ln b upwards: their slopes are those times the covariate.
            for (std::size_t k = 0; k < covariates; ++k) {
                const double z = weight * histories_.covariates()(c, k);
                sum.gradient[4 + k] -= z * by[1];
                sum.gradient[4 + k + covariates] += z * by[2];
                sum.gradient[4 + k + 2 * covariates] += z * by[3];
            }
            for (std::size_t k = 0; k < 4; ++k) sum.gradient[k] += weight * by[k];
        }
    }

  private:
    const PurchaseHistories& histories_;
    DropOut drop_out_;
    double r_;
    std::vector<double> log_alpha_;
    std::vector<double> log_a_;
    std::vector<double> log_b_;
};

/// Nodes and weights of Gauss-Legendre quadrature with 16 points on (-1, 1), the positive half.
inline constexpr std::array<std::array<double, 2>, 8> gauss_legendre_16{{{0.0950125098376374, 0.1894506104550685},
                                                                         {0.2816035507792589, 0.1826034150449236},
                                                                         {0.4580167776572274, 0.1691565193950025},
                                                                         {0.6178762444026438, 0.1495959888165767},
                                                                         {0.7554044083550030, 0.1246289712555339},
                                                                         {0.8656312023878318, 0.0951585116824928},
                                                                         {0.9445750230732326, 0.0622535239386479},
                                                                         {0.9894009349916499, 0.0271524594117541}}};

/// Refuses a negative binomial distribution of purchases that has too many terms to be listed.
/// @param growth the time over alpha. @return the distribution's mean and standard deviation.
CUSTFOLIO_INLINE std::array<double, 2> check_terms(double r, double growth, double t) {
    const double mean = r * growth;
    const double sd = std::sqrt(mean * (1 + growth));
    // A list ends after about so many terms: twelve deviations, and the tail that falls like the ratio of neighbours.
    if (!(mean + 12 * sd + 45 * (1 + growth) < most_terms)) {
        throw NumericalError("the distribution of purchases over a time of " + number_text(t) +
                             " has more than 1,000,000 terms for a customer who is alive; ask for a shorter horizon");
    }
    return {mean, sd};
}

/// Mean and second moment of an alive customer's purchases, and the probabilities of n or more.
CUSTFOLIO_INLINE std::array<double, 2> count_alive(const BetaGeometricState& state, double t,
                                                   std::vector<double>& at_least) {
    at_least.assign(1, 1.0);
    if (t == 0) return {0, 0};
    // With r + n successes the negative binomial terms follow from each other by a ratio, without gamma functions.
    const auto& [alive, r, alpha, a, b] = state;
    // Without dropping out the number is negative binomial: mean r t / alpha, ratio q of far neighbours.
    const double growth = t / alpha;
    const auto [mean, sd] = check_terms(r, growth, t);
    const double q = t / (alpha + t);
    // The first term may underflow. Terms further than twelve deviations below the mean are too small to count.
    const double log_none = -r * std::log1p(growth);
    const double first = log_none > -largest_exponent ? 0.0 : std::max(0.0, std::floor(mean - 12 * sd));
    double mass = 0;
    double below = 0;      // probability of up to n purchases without dropping out
    double stay = 1;       // probability of staying through n purchases
    double purchases = 0;  // expected purchases, and their square, given n chances to buy
    double squares = 0;
    double moment_1 = 0;
    double moment_2 = 0;
    for (double n = 0;; ++n) {
        if (n == first) {
            mass = first == 0 ? std::exp(log_none)
                              : std::exp(math::log_gamma_ratio(r, n) - math::log_gamma(n + 1) + log_none -
                                         n * std::log1p(alpha / t));
        }
        moment_1 += mass * purchases;
        moment_2 += mass * squares;
        below += mass;
        // A bound of all later ratios of masses: the rest falls about as a geometric series.
        const double ratio = std::max((r + n) / (n + 1), 1.0) * q;
        // A mass below the range of normal numbers no longer falls: a ratio near 1 rounds it to itself.
        const double least = std::max(1e-16 * (1 - ratio) * moment_2, std::numeric_limits<double>::min() * squares);
        if (n > mean && ratio < 1 && mass * squares <= least) break;
        at_least.push_back(std::max(0.0, 1 - below) * stay);
        purchases += stay;
        // The square of the number grows by 2 n + 1 with purchase n + 1, if the customer stayed until then.
        squares += (2 * n + 1) * stay;
        stay *= (b + n) / (a + b + n);
        mass *= (r + n) / (n + 1) * q;
    }
    return {moment_1, moment_2};
}

/// The farthest time that counts, as ln(1 + (r + 1) u / alpha).
inline double discounting_range(double r, double alpha, double rate, double horizon) {
    // Beyond 45 / rate the discount factor is below 3e-20.
    const double farthest = rate > 0 ? std::min(horizon, 45 / rate) : horizon;
    return std::log1p(farthest / (alpha / (r + 1)));
}

/// Discounted purchases of an alive customer: the expected rate at time u, (r / alpha) 2F1(r + 1, a; a + b; -u /
/// alpha), discounted and integrated. `log_rate(w)` is the logarithm of the hypergeometric function at u = alpha / (r +
/// 1) (exp(w) - 1), which makes its fall smooth over the whole range.
template <class LogRate>
double discounted_alive(double r, double alpha, double rate, double horizon, LogRate&& log_rate) {
    // The rate falls by powers of time, so equal panels in the logarithm of time are equally smooth.
    const double scale = alpha / (r + 1);
    const double range = discounting_range(r, alpha, rate, horizon);
    const auto panels = static_cast<int>(std::ceil(range / 1.25));
    const double half = 0.5 * range / panels;
    math::CompensatedSum sum;
    for (int panel = 0; panel < panels; ++panel) {
        const double middle = (2 * panel + 1) * half;
        for (const auto& [node, weight] : gauss_legendre_16) {
            // du = scale exp(w) dw: the factor exp(w) joins the exponent, so that the product does not overflow.
            for (const double w : {middle - half * node, middle + half * node}) {
                sum += half * weight * std::exp(w - rate * scale * std::expm1(w) + log_rate(w));
            }
        }
    }
    return (r / alpha) * scale * sum.value();
}

}  // namespace custfolio::detail

namespace custfolio {

CUSTFOLIO_INLINE std::string to_string(DropOut drop_out) {
    switch (drop_out) {
        case DropOut::after_repeat_purchases:
            return "after repeat purchases";
        case DropOut::after_all_purchases:
            return "after all purchases";
    }
    throw InputError("drop out " + std::to_string(static_cast<int>(drop_out)) + " does not exist");
}

CUSTFOLIO_INLINE double PurchaseCount::quantile(double probability) const {
    if (!(probability >= 0 && probability < 1)) {
        throw InputError("probability is " + number_text(probability) + "; it must be in [0, 1)");
    }
    return detail::quantile_of(at_least, alive, probability);
}

CUSTFOLIO_INLINE BetaGeometricNBD::BetaGeometricNBD(double r, double alpha, double a, double b, DropOut drop_out)
    : r_(r), alpha_(alpha), a_(a), b_(b), drop_out_(drop_out) {
    const std::array<std::pair<const char*, double>, 4> named{{{"r", r}, {"alpha", alpha}, {"a", a}, {"b", b}}};
    for (const auto& [name, value] : named) {
        if (!(std::isfinite(value) && value > 0)) {
            throw InputError(std::string("parameter ") + name + " is " + number_text(value) +
                             "; it must be positive and finite");
        }
    }
}

CUSTFOLIO_INLINE BetaGeometricNBD BetaGeometricNBD::with(std::span<const double> coefficients,
                                                         std::span<const double> z) const {
    const std::size_t k = z.size();
    if (coefficients.size() != 3 * k) {
        throw InputError("there are " + std::to_string(coefficients.size()) + " coefficients for " + std::to_string(k) +
                         " covariates; there must be three a covariate");
    }
    std::array<double, 3> sum{};
    for (std::size_t j = 0; j < 3; ++j) {
        for (std::size_t i = 0; i < k; ++i) sum[j] += coefficients[j * k + i] * z[i];
    }
    return {r_, alpha_ * std::exp(-sum[0]), a_ * std::exp(sum[1]), b_ * std::exp(sum[2]), drop_out_};
}

CUSTFOLIO_INLINE double BetaGeometricNBD::log_likelihood(double x, double t_x, double T) const {
    check_purchase_histories({&x, 1}, {&t_x, 1}, {&T, 1});
    std::array<double, 4> by{};
    return detail::beta_geometric_customer(detail::beta_geometric_terms(x, r_, a_, b_, drop_out_), x, r_,
                                           std::log(alpha_), a_, b_, detail::beta_geometric_time(t_x, alpha_),
                                           detail::beta_geometric_time(T, alpha_), by);
}

CUSTFOLIO_INLINE BetaGeometricState BetaGeometricNBD::state() const {
    return state(0, 0, 0);
}

CUSTFOLIO_INLINE BetaGeometricState BetaGeometricNBD::state(double x, double t_x, double T) const {
    const double m = detail::chances(x, drop_out_);
    double alive = 1;
    // Under BG/NBD a customer without a repeat purchase had no chance to drop out, and is alive.
    if (m > 0) {
        const double since = std::log1p(T / alpha_) - std::log1p(t_x / alpha_);
        alive = 1 / (1 + a_ / (b_ + m - 1) * std::exp((r_ + x) * since));
    }
    return {alive, r_ + x, alpha_ + T, a_, b_ + m};
}

CUSTFOLIO_INLINE SimulatedHistories BetaGeometricNBD::simulate(std::span<const double> age, std::uint64_t seed,
                                                               unsigned threads, const math::Pulse& pulse) const {
    SimulatedHistories result;
    result.frequency.resize(age.size());
    result.recency.resize(age.size());
    result.age.assign(age.begin(), age.end());
    for (std::size_t k = 0; k < age.size(); ++k) {
        if (!(std::isfinite(age[k]) && age[k] >= 0)) {
            detail::throw_history(k, "T", age[k], "it must be a finite time, at least 0");
        }
    }
    const auto draw = [&](std::size_t begin, std::size_t end) {
        for (std::size_t k = begin; k < end; ++k) {
            // Each customer has an own stream, so the draws are the same for any division among threads.
            math::VariateStream stream(seed, k);
            const double rate = std::exp(stream.log_gamma_variate(r_)) / alpha_;
            const double drop = stream.beta(a_, b_);
            double x = 0;
            double last = 0;
            // Under MBG/NBD customers can drop out right after the first purchase, which is not counted in x.
            bool alive = drop_out_ == DropOut::after_repeat_purchases || stream.uniform() >= drop;
            while (alive) {
                const double next = last + stream.exponential() / rate;
                if (!(next <= age[k])) break;
                // A rate so large is a wrong parameter, and its simulation would not end.
                if (x >= 1e8) throw NumericalError("a simulated customer would buy more than 100,000,000 times");
                last = next;
                ++x;
                alive = stream.uniform() >= drop;
            }
            result.frequency[k] = x;
            result.recency[k] = last;
        }
    };
    math::parallel_for(0, age.size(), 4096, threads, draw, pulse);
    return result;
}

CUSTFOLIO_INLINE double beta_geometric_log_likelihood(std::span<const double> log_parameters,
                                                      std::span<double> gradient, const PurchaseHistories& histories,
                                                      DropOut drop_out, unsigned threads) {
    const std::size_t covariates = histories.covariates().cols();
    const std::size_t parameters = 4 + 3 * covariates;
    detail::fill(gradient, 0.0);
    if (log_parameters.size() != parameters || gradient.size() != parameters) {
        throw InputError("there are " + std::to_string(log_parameters.size()) + " log parameters; there must be " +
                         std::to_string(parameters));
    }
    const double outside = -std::numeric_limits<double>::infinity();
    if (!(math::largest_size(log_parameters.first(4)) < detail::farthest_log_parameter)) return outside;
    const auto sum_of = [&](const auto& cells, std::size_t chunk) {
        const detail::LikelihoodSum total = math::parallel_reduce(
            0, histories.cells(), chunk, threads, detail::LikelihoodSum(parameters),
            [&](std::size_t from, std::size_t to) {
                detail::LikelihoodSum sum(parameters);
                cells.add(from, to, sum);
                return sum;
            },
            detail::LikelihoodSum::together);
        detail::copy(total.gradient, gradient.begin());
        return total.value.value();
    };
    if (covariates > 0) {
        const detail::ShiftedBetaGeometricCells cells(log_parameters, histories, drop_out);
        return cells.farthest() < detail::farthest_log_parameter ? sum_of(cells, 2048) : outside;
    }
    // Without covariates a cell costs some 20 ns: fewer of them than this are done before a thread has begun.
    return sum_of(detail::SharedBetaGeometric(log_parameters, histories, drop_out, threads), 16384);
}

CUSTFOLIO_INLINE Fit fit_beta_geometric(const PurchaseHistories& histories, DropOut drop_out,
                                        const std::vector<std::string>& covariate_names, const FitOptions& options) {
    const std::size_t covariates = histories.covariates().cols();
    if (covariate_names.size() != covariates) {
        throw InputError("there are " + std::to_string(covariate_names.size()) + " names for " +
                         std::to_string(covariates) + " covariates");
    }
    if (!(histories.customers() > 0)) {
        throw InputError("there is no customer to fit: " + std::to_string(histories.rows()) +
                         " rows with weights that sum to 0");
    }
    if (histories.purchases() == 0 && options.prior.empty()) {
        throw InputError(
            "no customer bought again, so that the data do not determine a purchase rate; give a prior, or a "
            "longer time of observation");
    }
    std::vector<std::string> names{"r", "alpha", "a", "b"};
    FitOptions chosen = options;
    chosen.unrestricted.assign(4, false);
    for (const char* side : {"purchase:", "a:", "b:"}) {
        for (const std::string& name : covariate_names) {
            names.push_back(side + name);
            chosen.unrestricted.push_back(true);
        }
    }
    if (chosen.starts.empty()) {
        math::CompensatedSum exposure;
        for (std::size_t c = 0; c < histories.cells(); ++c) {
            exposure += histories.weight()[c] * histories.age().value[histories.age().index[c]];
        }
        const double rate = (histories.purchases() + 0.5) / (exposure.value() > 0 ? exposure.value() : 1.0);
        for (const auto& [r, a, b] :
             {std::array{0.5, 0.8, 2.5}, std::array{1.0, 0.5, 5.0}, std::array{3.0, 0.3, 1.0}}) {
            // Lost customers bought for a part of the time only: rates are above purchases per time.
            chosen.starts.push_back({std::log(r), std::log(0.5 * r / rate), std::log(a), std::log(b)});
            chosen.starts.back().resize(4 + 3 * covariates, 0.0);
        }
        // With many cells a fit to every n-th gives a start near the optimum.
        constexpr std::size_t sample = detail::bg_nbd_sample;
        if (histories.cells() > detail::bg_nbd_samples * sample) {
            const Fit near =
                fit_beta_geometric(histories.every(histories.cells() / sample), drop_out, covariate_names, chosen);
            if (near.converged) chosen.starts.assign(1, near.log_parameters());
        }
    }
    Fit fit = fit_log_parameters(
        std::move(names),
        [&](std::span<const double> at, std::span<double> gradient) {
            return beta_geometric_log_likelihood(at, gradient, histories, drop_out, options.threads);
        },
        chosen.starts, histories.customers(), chosen);
    fit.rows = histories.rows();
    fit.cells = histories.cells();
    return fit;
}

CUSTFOLIO_INLINE double survival(const BetaGeometricState& state, double t) {
    detail::check_time(t);
    return state.alive * std::exp(math::log_hyp2f1(state.r, state.a, state.a + state.b, -t / state.alpha));
}

CUSTFOLIO_INLINE double expected_purchases(const BetaGeometricState& state, double t) {
    detail::check_time(t);
    // Few terms are summed exactly. With more terms the integral over time is cheaper than the distribution.
    const double growth = t / state.alpha;
    if (!(state.r * growth + 45 * (1 + growth) < detail::summed_terms)) return discounted_purchases(state, 0, t);
    std::vector<double> at_least;
    return state.alive * detail::count_alive(state, t, at_least)[0];
}

CUSTFOLIO_INLINE double probability_mass(const BetaGeometricState& state, std::uint64_t n, double t) {
    detail::check_time(t);
    const auto& [alive, r, alpha, a, b] = state;
    if (t == 0) return n == 0 ? 1 : 0;
    const double none = std::exp(-r * std::log1p(t / alpha));
    if (n == 0) return (1 - alive) + alive * none;
    const auto count = static_cast<double>(n);
    const auto negative_binomial = [&, r_ = r, alpha_ = alpha](double j) {
        return std::exp(math::log_gamma_ratio(r_, j) - math::log_gamma(j + 1) - r_ * std::log1p(t / alpha_) -
                        j * std::log1p(alpha_ / t));
    };
    const double q = t / (alpha + t);
    const double exactly = negative_binomial(count);
    double reached = 0;  // n or more, without dropping out
    // The shorter tail is summed: above the mean from n upwards, below it from n - 1 downwards.
    if (count > r * t / alpha) {
        double mass = exactly;
        // The rest is at most the geometric series with a bound of its ratios.
        for (double j = count; mass > 1e-17 * reached * (1 - std::min(1.0, std::max((r + j) / (j + 1), 1.0) * q));
             ++j) {
            reached += mass;
            mass *= (r + j) / (j + 1) * q;
        }
    } else {
        double mass = negative_binomial(count - 1);
        double below = 0;
        for (double j = count - 1; mass > 1e-18 * below && j >= 0; --j) {
            below += mass;
            if (j > 0) mass *= j / ((r + j - 1) * q);
        }
        reached = std::max(0.0, 1 - below);
    }
    // Exactly n: bought n times and stayed, or made the n-th purchase, dropped out and would have bought more.
    const double stay = std::exp(math::log_gamma_ratio(b, count - 1) - math::log_gamma_ratio(a + b, count - 1));
    const double whole = a + b + count - 1;
    return alive * stay * ((b + count - 1) / whole * exactly + a / whole * reached);
}

CUSTFOLIO_INLINE PurchaseCount purchase_count(const BetaGeometricState& state, double t) {
    detail::check_time(t);
    PurchaseCount count;
    const auto [first, second] = detail::count_alive(state, t, count.at_least);
    count.alive = state.alive;
    count.mean = state.alive * first;
    count.variance = std::max(0.0, state.alive * second - count.mean * count.mean);
    return count;
}

CUSTFOLIO_INLINE double discounted_purchases(const BetaGeometricState& state, double rate, double horizon) {
    detail::check_discounting(rate, horizon);
    if (rate == 0 && std::isinf(horizon)) {
        throw InputError("an infinite horizon needs a discount rate above 0: undiscounted purchases may have no end");
    }
    if (horizon == 0) return 0;
    const auto log_survival = [&](double w) {
        return math::log_hyp2f1(state.r + 1, state.a, state.a + state.b, -std::expm1(w) / (state.r + 1));
    };
    return state.alive * detail::discounted_alive(state.r, state.alpha, rate, horizon, log_survival);
}

CUSTFOLIO_INLINE PurchaseForecast forecast_purchases(const BetaGeometricNBD& model, std::span<const double> x,
                                                     std::span<const double> t_x, std::span<const double> T,
                                                     double horizon, double rate, unsigned threads,
                                                     std::span<const double> coefficients, const Matrix& covariates,
                                                     const math::Pulse& pulse) {
    detail::check_forecast(horizon, rate);
    const detail::ForecastCells cells(x, t_x, T, covariates);
    const PurchaseHistories& shared = cells.shared;
    const std::size_t count = shared.cells();
    const std::size_t columns = cells.covariates(0).size();
    const auto model_of = [&](std::size_t c) {
        return columns == 0 ? model : model.with(coefficients, cells.covariates(c));
    };
    // Discounted purchases by frequency and covariates, over the ages that occur with them.
    std::vector<double> within(count);
    std::vector<double> ever(count, std::numeric_limits<double>::quiet_NaN());
    detail::FirstSeen seen;
    std::vector<std::vector<std::uint32_t>> groups;
    // Customers of equal frequency and covariates differ in age only, so they are put together in groups.
    for (std::size_t c = 0; c < count; ++c) {
        std::uint64_t hash = detail::mix(2, cells.frequency(c));
        for (const double z : cells.covariates(c)) hash = detail::mix(hash, z);
        const std::uint32_t group = seen.number(hash, [&](std::uint32_t g) {
            const std::uint32_t other = groups[g].front();
            return shared.frequency().index[other] == shared.frequency().index[c] &&
                   detail::equal(cells.covariates(other), cells.covariates(c));
        });
        if (group == groups.size()) groups.emplace_back();
        groups[group].push_back(static_cast<std::uint32_t>(c));
    }
    // Before the integrals below, which take long for the parameters that are refused here.
    for (std::size_t c = 0; c < count; ++c) {
        const BetaGeometricState state = model_of(c).state(cells.frequency(c), cells.age(c), cells.age(c));
        detail::check_terms(state.r, horizon / state.alpha, horizon);
    }
    const auto discount = [&](std::size_t from, std::size_t to) {
        for (std::size_t g = from; g < to; ++g) {
            const BetaGeometricNBD of_group = model_of(groups[g].front());
            const double purchases = cells.frequency(groups[g].front());
            std::vector<double> ages;
            for (const std::uint32_t c : groups[g]) ages.push_back(cells.age(c));
            // The rate of purchases depends on T by a scale of time: one series serves all ages.
            const BetaGeometricState now = of_group.state(purchases, 0, 0);
            const double youngest = *std::min_element(ages.begin(), ages.end());
            const double range = detail::discounting_range(
                now.r, of_group.alpha() + youngest, rate, rate > 0 ? std::numeric_limits<double>::infinity() : horizon);
            const auto exact = [&](double w) {
                return math::log_hyp2f1(now.r + 1, now.a, now.a + now.b, -std::expm1(w) / (now.r + 1));
            };
            std::optional<detail::ChebyshevSeries> series;
            // A series pays off only where several ages share it.
            if (ages.size() >= detail::fewest_series_ages) series.emplace(0.0, range, 1e-13, exact);
            const auto discounted = [&](double until) {
                return detail::over_ages(ages, of_group.alpha(), [&](double age) {
                    const double alpha = of_group.alpha() + age;
                    return series && series->good() ? detail::discounted_alive(now.r, alpha, rate, until, *series)
                                                    : detail::discounted_alive(now.r, alpha, rate, until, exact);
                });
            };
            const std::vector<double> short_run = discounted(horizon);
            for (std::size_t k = 0; k < ages.size(); ++k) within[groups[g][k]] = short_run[k];
            if (rate > 0) {
                const std::vector<double> long_run = discounted(std::numeric_limits<double>::infinity());
                for (std::size_t k = 0; k < ages.size(); ++k) ever[groups[g][k]] = long_run[k];
            }
        }
    };
    math::parallel_for(0, groups.size(), 1, threads, discount, pulse);
    const auto of_alive = [&](std::size_t c, std::vector<double>& at_least) {
        const auto [mean, square] =
            detail::count_alive(model_of(c).state(cells.frequency(c), cells.age(c), cells.age(c)), horizon, at_least);
        return detail::ForecastOfAlive{mean, square, within[c], ever[c]};
    };
    const auto alive = [&](std::size_t i, std::size_t c) { return model_of(c).state(x[i], t_x[i], T[i]).alive; };
    const auto never = [](auto...) { return 0.0; };  // every cell has its probabilities
    return detail::forecast_rows(cells, 512, threads, pulse, of_alive, alive, never, never);
}

}  // namespace custfolio
