// Definitions of the Pareto/NBD model.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "custfolio/lifetime/detail/thresholds.hpp"
#include "custfolio/lifetime/forecast.ipp"
#include "custfolio/lifetime/pareto_nbd.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/linear.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/special_functions.hpp"
#include "custfolio/math/variates.hpp"

namespace custfolio::detail {

/// Nodes and weights of a Gauss-Legendre rule on [0, 1].
template <std::size_t N>
struct GaussRule {
    std::array<double, N> node, weight;
};
inline constexpr GaussRule<4> gauss4{
    {0.0694318442029737124, 0.330009478207571868, 0.669990521792428132, 0.930568155797026288},
    {0.173927422568726929, 0.326072577431273071, 0.326072577431273071, 0.173927422568726929}};
inline constexpr GaussRule<8> gauss8{
    {0.0198550717512318842, 0.10166676129318663, 0.237233795041835507, 0.408282678752175098, 0.591717321247824902,
     0.762766204958164493, 0.89833323870681337, 0.980144928248768116},
    {0.0506142681451881296, 0.111190517226687235, 0.156853322938943644, 0.181341891689180991, 0.181341891689180991,
     0.156853322938943644, 0.111190517226687235, 0.0506142681451881296}};
inline constexpr GaussRule<16> gauss16{
    {0.0052995325041750337, 0.027712488463383712, 0.0671843988060841281, 0.122297795822498483, 0.191061877798678126,
     0.270991611171386307, 0.359198224610370543, 0.45249374508118128, 0.54750625491881872, 0.640801775389629457,
     0.729008388828613693, 0.808938122201321874, 0.877702204177501517, 0.932815601193915872, 0.972287511536616288,
     0.994700467495824966},
    {0.0135762297058770474, 0.0311267619693239464, 0.0475792558412463924, 0.062314485627766936, 0.074797994408288366,
     0.0845782596975012691, 0.0913017075224617944, 0.0947253052275342481, 0.0947253052275342481, 0.0913017075224617944,
     0.0845782596975012691, 0.074797994408288366, 0.062314485627766936, 0.0475792558412463924, 0.0311267619693239464,
     0.0135762297058770474}};

/// Calls `at(y, weight)` for each node of a rule on [from, from + width].
template <std::size_t N, class At>
void each_node(const GaussRule<N>& rule, double from, double width, At&& at) {
    for (std::size_t k = 0; k < N; ++k) at(from + width * rule.node[k], width * rule.weight[k]);
}

/// (1 - exp(-k b)) / k, which is b for k = 0.
inline double decay_integral(double k, double b) {
    // expm1 keeps the digits for small k b; only where that is below rounding the limit is taken.
    return std::abs(k * b) < 1e-16 ? b : -std::expm1(-k * b) / k;
}

/// Exponents, in absolute value, of an integrand that is a product of powers of alpha + tau, of beta + tau and of
/// tau / (alpha + tau).
struct Powers {
    double of_alpha, of_beta, of_tau;
};

/// Sums an integrand over panels of ln(start + time), from left to right.
template <class At>
class PanelSum {
  public:
    PanelSum(double from, double start, At& at) : from_(from), start_(start), at_(at) {}

    /// Adds the panel that begins at `left`; `reach` bounds the change of the integrand's logarithm over it.
    /// @return whether later panels may still add to the sum. The integrand is log-concave: once it falls, it falls.
    bool add(double left, double width, double reach) {
        double first = -1.0;
        double last = 0.0;
        double sum = 0.0;
        const auto node = [&](double y, double weight) {
            // The integration variable is the logarithm of time: at(...) gets the weight times d time / d y.
            const double shift = start_ * std::expm1(y);
            const double value = at_(from_ + shift, y, weight * (start_ + shift));
            if (first < 0.0) first = value / weight;
            last = value / weight;
            sum += value;
        };
        // The smoother the panel, the fewer nodes give the same digits.
        if (reach <= four_node_reach && width <= four_node_width) {
            each_node(gauss4, left, width, node);
        } else if (reach <= eight_node_reach && width <= eight_node_width) {
            each_node(gauss8, left, width, node);
        } else {
            each_node(gauss16, left, width, node);
        }
        total_ += sum;
        return !(last <= first && total_ > 0.0 && sum <= 1e-18 * total_);
    }

  private:
    double from_, start_;
    At& at_;
    double total_ = 0.0;
};

/// Adds panels of [left, right] whose widths follow the local slope. `steepest(y, y + w)` bounds the slope of the
/// integrand's logarithm between two places. The number of panels is bounded, whatever the slopes are.
template <class At, class Steepest>
void add_panels(PanelSum<At>& sum, double left, double right, Steepest&& steepest) {
    // An integrand that underflows everywhere never falls below its sum; the count ends it.
    constexpr int most = 100000;
    // The slope at the left end gives a first width; it shrinks until the slope over the whole panel allows it.
    for (int panel = 0; left < right && panel < most; ++panel) {
        double width = std::min({right - left, panel_width, panel_reach / std::max(steepest(left, left), 1e-3)});
        for (int k = 0; k < 8 && width * steepest(left, left + width) > panel_reach; ++k) width *= 0.7;
        if (left + width <= left) return;
        if (!sum.add(left, width, width * steepest(left, left + width))) return;
        left += width;
    }
}

/// Visits the nodes of a rule over tau in [from, to] for integrands that are such products.
///
/// `at(tau, y, weight)` returns the integrand times weight, d tau included; y is the distance of from to tau in the
/// variable of integration, ln (tau + the smaller of alpha and beta). A panel is narrow enough for its rule: the
/// logarithm of the integrand changes by at most 14 over it. The integrand is log-concave in y: panels end where it
/// has fallen for good.
template <class At>
void each_leaving_time(double alpha, double beta, const Powers& powers, double from, double to, At&& at) {
    const double base = std::min(alpha, beta);
    const double start = base + from;
    // In y = ln(time / start) powers of time become exponentials, whose slopes are bounded by their exponents.
    const double range = std::log1p((to - from) / start);
    if (!(range > 0.0)) return;
    PanelSum sum(from, start, at);
    // The power of a distance counts as far as the distance changes with y.
    const auto power_of_distances = [&](double tau) {
        return (base + tau) * (powers.of_alpha / (alpha + tau) + powers.of_beta / (beta + tau));
    };
    const double power = powers.of_tau + power_of_distances(to);
    const double panels = std::ceil(std::max(range * power / panel_reach, range / panel_width));
    // Equal panels are cheapest to set up; they suffice where the steepest slope asks for few of them.
    if (panels <= few_panels && powers.of_tau <= many_purchases) {
        const double width = range / panels;
        for (double k = 0.0; k < panels && sum.add(width * k, width, width * power); ++k) {
        }
        return;
    }
    const auto time = [&](double y) { return from + start * std::expm1(y); };
    if (powers.of_tau <= many_purchases) {
        add_panels(sum, 0.0, range,
                   [&](double, double right) { return powers.of_tau + power_of_distances(time(right)); });
        return;
    }
    // Many purchases make a peak: only the part counts in which the logarithm is within 50 of its largest value.
    const auto slope = [&](double y) {
        const double tau = time(y);
        return 1.0 + powers.of_tau * (alpha / tau) * ((base + tau) / (alpha + tau)) - power_of_distances(tau);
    };
    const auto log_value = [&](double y) {
        const double tau = time(y);
        return std::log(base + tau) - powers.of_tau * std::log1p(alpha / tau) -
               powers.of_alpha * std::log1p(tau / alpha) - powers.of_beta * std::log1p(tau / beta);
    };
    // Where `below` ends to be true between two places, to 60 bits.
    const auto edge = [](double low, double high, auto&& below) {
        for (int k = 0; k < 60; ++k) {
            const double middle = 0.5 * (low + high);
            (below(middle) ? low : high) = middle;
        }
        return 0.5 * (low + high);
    };
    // The logarithm is concave in y: its slope changes sign once, at the peak.
    const double peak = edge(0.0, range, [&](double y) { return slope(y) > 0.0; });
    const double least = log_value(peak) - 50.0;
    const double left = edge(0.0, peak, [&](double y) { return !(log_value(y) > least); });
    const double right =
        log_value(range) > least ? range : edge(peak, range, [&](double y) { return log_value(y) > least; });
    // The slope of a concave logarithm is steepest at an end.
    add_panels(sum, left, right, [&](double y, double z) { return std::max(std::abs(slope(y)), std::abs(slope(z))); });
}

/// Both ways to a history, each relative to `exp(scale)`: still alive at T, or having left between t_x and T; with the
/// means over both of what the gradient needs.
struct ParetoTerms {
    double scale = 0.0;
    double alive = 0.0;  ///< Likelihood of being alive at T.
    double left = 0.0;   ///< Likelihood of having left.
    double a = 0.0;      ///< Integral of log1p(tau / alpha) over both, tau = T for those alive.
    double b = 0.0;      ///< Of log1p(tau / beta).
    double da = 0.0;     ///< Of tau / (alpha + tau).
    double db = 0.0;     ///< Of s tau / (beta + tau) where alive, (s + 1) tau / (beta + tau) - 1 where left.
};

/// The chance to be alive at T from the same integral as `pareto_terms`, without what the gradient needs.
inline double pareto_alive(const ParetoNBD& m, double x, double t_x, double age) {
    const double shape = m.r + x;
    const double a_first = std::log1p(t_x / m.alpha);
    const double b_first = std::log1p(t_x / m.beta);
    const double alive =
        std::exp(-shape * (std::log1p(age / m.alpha) - a_first) - m.s * (std::log1p(age / m.beta) - b_first));
    double left = 0.0;
    const bool of_alpha = m.alpha <= m.beta;  // one of the logarithms is the variable of integration
    each_leaving_time(m.alpha, m.beta, {shape, m.s + 1.0, 0.0}, t_x, age, [&](double tau, double y, double weight) {
        const double a = of_alpha ? y : std::log1p(tau / m.alpha) - a_first;
        const double b = of_alpha ? std::log1p(tau / m.beta) - b_first : y;
        const double value = weight * m.s / (m.beta + tau) * std::exp(-shape * a - m.s * b);
        left += value;
        return value;
    });
    return alive / (alive + left);
}

/// Probabilities that a new customer makes n or more purchases, n = 0, 1, ..., down to the first of at most 0.1; none
/// where powers would leave the range of doubles. The integral of ParetoNBD::probability_at_least over one set of
/// nodes: from one n to the next the density of the n-th purchase changes by the factor (r + n) / n u / (alpha + u).
inline void pareto_at_least(const ParetoNBD& m, double t, std::vector<double>& at_least) {
    at_least.assign(1, 1.0);
    if (t == 0.0) return;
    const double growth = t / m.alpha;
    const double mean = m.r * growth;
    // More purchases than this, without leaving, have a chance of at most 1 in 10 (Cantelli's inequality).
    const double most = mean + 3.0 * std::sqrt(mean * (1.0 + growth)) + 1.0;
    if ((m.r + 1.0) * std::log1p(growth) + m.s * std::log1p(t / m.beta) > largest_exponent ||
        most > most_listed_purchases) {
        at_least.clear();
        return;
    }
    std::vector<double> value;
    std::vector<double> factor;
    // (u / (alpha + u))^n counts only where it is above exp(-45): there it is no steeper than with an exponent of 70.
    const Powers powers{m.r, m.s + 1.0, std::min(most, 70.0)};
    each_leaving_time(m.alpha, m.beta, powers, 0.0, t, [&](double u, double, double weight) {
        factor.push_back(u / (m.alpha + u));
        value.push_back(weight * m.r / m.alpha *
                        std::exp(-(m.r + 1.0) * std::log1p(u / m.alpha) - m.s * std::log1p(u / m.beta)));
        return weight;
    });
    for (double n = 1.0; at_least.back() > 0.1 && n <= most; ++n) {
        double sum = 0.0;
        const double step = (m.r + n) / n;
        for (std::size_t k = 0; k < value.size(); ++k) {
            sum += value[k];
            value[k] *= step * factor[k];
        }
        at_least.push_back(std::min(sum, at_least.back()));
    }
}

/// The two ways, with (alpha / (alpha + tau))^(r + x) for the purchases and powers of beta / (beta + tau) for leaving.
inline ParetoTerms pareto_terms(const ParetoNBD& m, double x, double t_x, double age) {
    const double shape = m.r + x;
    const double a_age = std::log1p(age / m.alpha);
    const double b_age = std::log1p(age / m.beta);
    ParetoTerms terms;
    const double a_first = std::log1p(t_x / m.alpha);
    const double b_first = std::log1p(t_x / m.beta);
    terms.scale = -shape * a_first - m.s * b_first;
    terms.alive = std::exp(-shape * a_age - m.s * b_age - terms.scale);
    terms.a = terms.alive * a_age;
    terms.b = terms.alive * b_age;
    terms.da = terms.alive * age / (m.alpha + age);
    terms.db = terms.alive * m.s * age / (m.beta + age);
    each_leaving_time(m.alpha, m.beta, {shape, m.s + 1.0, 0.0}, t_x, age, [&](double tau, double y, double weight) {
        // One of the logarithms is the variable of integration.
        const double a = m.alpha <= m.beta ? a_first + y : std::log1p(tau / m.alpha);
        const double b = m.alpha <= m.beta ? std::log1p(tau / m.beta) : b_first + y;
        const double value = weight * m.s / (m.beta + tau) * std::exp(-shape * a - m.s * b - terms.scale);
        terms.left += value;
        terms.a += value * a;
        terms.b += value * b;
        terms.da += value * tau / (m.alpha + tau);
        terms.db += value * ((m.s + 1.0) * tau / (m.beta + tau) - 1.0);
        return value;
    });
    return terms;
}

/// Integrals over the time of leaving from some time on, of the terms that `pareto_terms` integrates; and the
/// likelihood of being alive at that time.
struct ParetoIntegrals {
    double left = 0.0, a = 0.0, b = 0.0, da = 0.0, db = 0.0, alive = 0.0;
};

/// The integrals of all histories that share x and times, which stand for many where times are whole days.
///
/// The integrand depends on x and tau alone, so that a history needs the difference of two integrals that end at the
/// latest time. No digits are lost: what lies beyond T is at most the likelihood of being alive at T, to which the
/// difference is added. From one x to the next the integrand changes by the factor alpha / (alpha + tau).
class ParetoTable {
  public:
    /// The table of all values of x and times; empty where that is more work than `histories` integrals.
    ParetoTable(const std::vector<double>& counts, const std::vector<double>& first, const std::vector<double>& last,
                std::size_t histories, const ParetoNBD& m, unsigned threads) {
        // The table costs counts x times integrals; beyond a few per history each history's own integral is cheaper.
        if (counts.size() * (first.size() + last.size()) > table_entries * histories + spare_table_entries) return;
        times_ = first;
        times_.insert(times_.end(), last.begin(), last.end());
        std::sort(times_.begin(), times_.end());
        times_.erase(std::unique(times_.begin(), times_.end()), times_.end());
        const auto places = [&](const std::vector<double>& of) {
            std::vector<std::uint32_t> positions;
            for (const double t : of) {
                positions.push_back(
                    static_cast<std::uint32_t>(std::lower_bound(times_.begin(), times_.end(), t) - times_.begin()));
            }
            return positions;
        };
        recency_ = places(first);
        age_ = places(last);
        // Powers beyond the range of doubles are left to each history's own scale.
        const double a_most = std::log1p(times_.back() / m.alpha);
        // exp(-600) is the smallest power that the table may meet: products with it still are normal numbers.
        const double spare = largest_exponent - m.s * std::log1p(times_.back() / m.beta);
        std::vector<double> x;
        std::copy_if(counts.begin(), counts.end(), std::back_inserter(x),
                     [&](double count) { return (m.r + count) * a_most <= spare; });
        std::sort(x.begin(), x.end());
        for (const double count : counts) {
            const auto at = std::lower_bound(x.begin(), x.end(), count);
            row_.push_back(at != x.end() && *at == count ? static_cast<std::uint32_t>(at - x.begin()) : none);
        }
        for (const double t : times_) {
            terms_.push_back({std::log1p(t / m.alpha), std::log1p(t / m.beta), t / (m.alpha + t), t / (m.beta + t)});
        }
        entries_.resize(x.size() * times_.size());
        math::parallel_for(0, x.size(), 12, threads, [&](std::size_t from, std::size_t to) {
            fill(m, std::span(x).subspan(from, to - from), entries_.data() + from * times_.size());
        });
    }

    /// The terms of a history, given by its places among the values, with scale 0; false where there are none.
    bool find(std::uint32_t x, std::uint32_t t_x, std::uint32_t age, const ParetoNBD& m, ParetoTerms& terms) const {
        if (entries_.empty() || row_[x] == none) return false;
        const std::uint32_t place = age_[age];
        const ParetoIntegrals* integrals = entries_.data() + row_[x] * times_.size();
        const ParetoIntegrals& first = integrals[recency_[t_x]];
        const ParetoIntegrals& last = integrals[place];
        const TimeTerms& at = terms_[place];
        terms.scale = 0.0;
        terms.alive = last.alive;
        terms.left = std::max(0.0, first.left - last.left);
        terms.a = (first.a - last.a) + last.alive * at.a;
        terms.b = (first.b - last.b) + last.alive * at.b;
        terms.da = (first.da - last.da) + last.alive * at.da;
        terms.db = (m.s + 1.0) * (first.db - last.db) - terms.left + last.alive * m.s * at.db;
        return true;
    }

  private:
    /// What a time gives for every x.
    struct TimeTerms {
        double a, b, da, db;
    };
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    /// Rows of a few neighbouring x, which share their nodes.
    void fill(const ParetoNBD& m, std::span<const double> x, ParetoIntegrals* rows) const {
        std::vector<double> a, b, da, db, factor, value;
        std::vector<std::size_t> end;  // of the nodes between a time and the next
        // Nodes that suit the largest x, the steepest integrand of the block, suit the smaller ones too.
        for (std::size_t j = 0; j + 1 < times_.size(); ++j) {
            each_leaving_time(m.alpha, m.beta, {m.r + x.back(), m.s + 1.0, 0.0}, times_[j], times_[j + 1],
                              [&](double tau, double, double weight) {
                                  a.push_back(std::log1p(tau / m.alpha));
                                  b.push_back(std::log1p(tau / m.beta));
                                  da.push_back(tau / (m.alpha + tau));
                                  db.push_back(tau / (m.beta + tau));
                                  factor.push_back(m.alpha / (m.alpha + tau));
                                  value.push_back(weight * m.s / (m.beta + tau) *
                                                  std::exp(-(m.r + x.front()) * a.back() - m.s * b.back()));
                                  return weight;  // which grows: no panel is left out
                              });
            end.push_back(value.size());
        }
        // One multiplication per node takes the integrand from a count to the next.
        double before = x.front();
        for (const double count : x) {
            if (const double more = count - before; more == 1.0) {
                for (std::size_t k = 0; k < value.size(); ++k) value[k] *= factor[k];
            } else if (more > 1.0) {
                for (std::size_t k = 0; k < value.size(); ++k) value[k] *= std::exp(-more * a[k]);
            }
            before = count;
            ParetoIntegrals sum;
            // Backwards in time, so that each entry is the integral from its time to the latest.
            for (std::size_t j = times_.size(); j-- > 0;) {
                if (j + 1 < times_.size()) {
                    for (std::size_t k = j == 0 ? 0 : end[j - 1]; k < end[j]; ++k) {
                        sum.left += value[k];
                        sum.a += value[k] * a[k];
                        sum.b += value[k] * b[k];
                        sum.da += value[k] * da[k];
                        sum.db += value[k] * db[k];
                    }
                }
                sum.alive = std::exp(-(m.r + count) * terms_[j].a - m.s * terms_[j].b);
                rows[j] = sum;
            }
            rows += times_.size();
        }
    }

    std::vector<double> times_;
    std::vector<TimeTerms> terms_;
    std::vector<std::uint32_t> recency_, age_, row_;
    std::vector<ParetoIntegrals> entries_;
};

/// Fails unless a number of purchases is one.
inline void require_count(double n) {
    if (!(n >= 0.0) || n != std::floor(n) || !std::isfinite(n)) {
        throw InputError("n is " + number_text(n) + "; it must be a whole number of purchases, at least 0");
    }
}

/// Fails unless a parameter is positive and finite.
inline void require_parameter(double value, const char* name) {
    if (!(value > 0.0) || !std::isfinite(value)) {
        throw InputError(std::string(name) + " is " + number_text(value) + "; it must be positive and finite");
    }
}

/// Draws each customer of a run: `rate` and `lifetime` from the customer's stream, then purchases until either ends.
template <class Draw>
void simulate_purchases(std::span<const double> age, std::uint64_t seed, unsigned threads, std::span<double> frequency,
                        std::span<double> recency, const math::Pulse& pulse, Draw&& draw) {
    if (frequency.size() != age.size() || recency.size() != age.size()) {
        throw InputError("frequency, recency and T must have the same number of rows");
    }
    constexpr double most = 1e8;
    const auto some_customers = [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            check_time(age[i]);
            math::VariateStream stream(seed, i);
            const auto [log_rate, lifetime] = draw(stream);
            const double until = std::min(age[i], lifetime);
            const double rate = std::exp(log_rate);
            double x = 0.0;
            double last = 0.0;
            // The gaps between purchases are exponential as long as the customer is there.
            // A rate too small for any purchase gives an infinite gap.
            for (double at = stream.exponential() / rate; at <= until && at > last; at += stream.exponential() / rate) {
                last = at;
                x += 1.0;
                if (x > most) {
                    throw NumericalError("customer " + std::to_string(i) +
                                         " buys more than 1e8 times until T = " + number_text(age[i]));
                }
            }
            frequency[i] = x;
            recency[i] = last;
        }
    };
    math::parallel_for(0, age.size(), 1024, threads, some_customers, pulse);
}

/// Purchases per unit of time over all histories; half a purchase where there is none, so that a start exists.
inline double purchase_rate(const PurchaseHistories& histories, const FitOptions& options) {
    if (!(histories.customers() > 0.0)) {
        throw InputError("there is no customer to fit: " + std::to_string(histories.rows()) +
                         " rows with weights that sum to 0");
    }
    if (histories.purchases() == 0.0 && options.prior.empty()) {
        throw InputError(
            "no customer bought again, so that the data do not determine a purchase rate; give a prior, or a longer "
            "time "
            "of observation");
    }
    math::CompensatedSum time;
    for (std::size_t c = 0; c < histories.cells(); ++c) {
        time += histories.weight()[c] * histories.age().value[histories.age().index[c]];
    }
    return std::max(histories.purchases(), 0.5) / (time.value() > 0.0 ? time.value() : 1.0);
}

}  // namespace custfolio::detail

namespace custfolio {

CUSTFOLIO_INLINE void ParetoNBD::check() const {
    detail::require_parameter(r, "r");
    detail::require_parameter(alpha, "alpha");
    detail::require_parameter(s, "s");
    detail::require_parameter(beta, "beta");
}

CUSTFOLIO_INLINE double ParetoNBD::log_likelihood(double x, double t_x, double age) const {
    const detail::ParetoTerms terms = detail::pareto_terms(*this, x, t_x, age);
    return math::log_gamma_ratio(r, x) - x * std::log(alpha) + terms.scale + std::log(terms.alive + terms.left);
}

CUSTFOLIO_INLINE double ParetoNBD::probability_alive(double x, double t_x, double age) const {
    return detail::pareto_alive(*this, x, t_x, age);
}

CUSTFOLIO_INLINE ParetoNBD ParetoNBD::given_alive(double x, double age) const {
    return {r + x, alpha + age, s, beta + age};
}

CUSTFOLIO_INLINE ParetoNBD ParetoNBD::with(std::span<const double> coefficients, std::span<const double> z) const {
    const std::size_t k = z.size();
    if (coefficients.size() != 2 * k) {
        throw InputError("there are " + std::to_string(coefficients.size()) + " coefficients for " + std::to_string(k) +
                         " covariates; there must be two a covariate");
    }
    double purchase = 0.0;
    double leaving = 0.0;
    for (std::size_t i = 0; i < k; ++i) {
        purchase += coefficients[i] * z[i];
        leaving += coefficients[k + i] * z[i];
    }
    return {r, alpha * std::exp(-purchase), s, beta * std::exp(-leaving)};
}

CUSTFOLIO_INLINE double ParetoNBD::survival(double t) const {
    detail::check_time(t);
    return std::exp(-s * std::log1p(t / beta));
}

CUSTFOLIO_INLINE double ParetoNBD::expected_purchases(double t) const {
    detail::check_time(t);
    return r / alpha * beta * detail::decay_integral(s - 1.0, std::log1p(t / beta));
}

CUSTFOLIO_INLINE double ParetoNBD::variance_of_purchases(double t) const {
    detail::check_time(t);
    // With L = min(t, lifetime): E[X (X - 1)] = E[lambda^2] E[L^2] and E[L^2] = 2 int_0^t u survival(u) du.
    const double b = std::log1p(t / beta);
    double half = 0.0;
    // For short times the difference of the two integrals would cancel; the integrand is then nearly linear.
    if (b < detail::short_time) {
        detail::each_node(detail::gauss8, 0.0, t, [&](double u, double w) { half += w * u * survival(u); });
    } else {
        half = beta * beta * (detail::decay_integral(s - 2.0, b) - detail::decay_integral(s - 1.0, b));
    }
    const double expected = beta * detail::decay_integral(s - 1.0, b);  // E[L]
    const double rate = r / alpha;
    return rate * expected + rate / alpha * 2.0 * half + rate * rate * std::max(0.0, 2.0 * half - expected * expected);
}

CUSTFOLIO_INLINE double ParetoNBD::probability_mass(double n, double t) const {
    detail::check_time(t);
    detail::require_count(n);
    if (t == 0.0) return n == 0.0 ? 1.0 : 0.0;
    const double constant = n == 0.0 ? 0.0 : math::log_gamma_ratio(r, n) - math::log_gamma(n + 1.0);
    // ln P(n purchases until tau), a negative binomial probability.
    // log1p(alpha / tau) instead of a logarithm of tau / (alpha + tau): exact for small alpha / tau.
    const auto log_count = [&](double tau) {
        return constant - r * std::log1p(tau / alpha) - (n == 0.0 ? 0.0 : n * std::log1p(alpha / tau));
    };
    double mass = std::exp(log_count(t) - s * std::log1p(t / beta));
    detail::each_leaving_time(alpha, beta, {r, s + 1.0, n}, 0.0, t, [&](double tau, double, double weight) {
        const double value = weight * s / (beta + tau) * std::exp(log_count(tau) - s * std::log1p(tau / beta));
        mass += value;
        return value;
    });
    return std::min(1.0, mass);
}

CUSTFOLIO_INLINE double ParetoNBD::probability_at_least(double n, double t) const {
    detail::check_time(t);
    detail::require_count(n);
    if (n == 0.0) return 1.0;
    if (t == 0.0) return 0.0;
    // The density of the n-th purchase over its time, with the customer still there at it.
    const double constant = -math::log_beta(r, n) - std::log(alpha);
    double reached = 0.0;
    detail::each_leaving_time(alpha, beta, {r, s + 1.0, n}, 0.0, t, [&](double u, double, double weight) {
        const double value = weight * std::exp(constant - (n - 1.0) * std::log1p(alpha / u) -
                                               (r + 1.0) * std::log1p(u / alpha) - s * std::log1p(u / beta));
        reached += value;
        return value;
    });
    return std::min(1.0, reached);
}

CUSTFOLIO_INLINE double ParetoNBD::quantile(double probability, double t, double alive) const {
    if (!(probability >= 0.0 && probability < 1.0)) {
        throw InputError("probability is " + number_text(probability) + "; it must be in [0, 1)");
    }
    const auto exceeded = [&](double n) { return alive * probability_at_least(n + 1.0, t) > 1.0 - probability; };
    if (!exceeded(0.0)) return 0.0;
    double low = 0.0;
    double high = 1.0;
    for (; exceeded(high); high *= 2.0) {
        low = high;
        if (low > 1e12) {
            throw NumericalError("more than 1,000,000,000,000 purchases are expected within a time of " +
                                 number_text(t) + "; ask for a shorter horizon");
        }
    }
    // The chance falls with n: bisection over whole numbers, after doubling has enclosed the quantile.
    while (high - low > 1.0) {
        const double middle = std::floor(0.5 * (low + high));
        (exceeded(middle) ? low : high) = middle;
    }
    return high;
}

CUSTFOLIO_INLINE double ParetoNBD::discounted_purchases(double rate, double horizon) const {
    detail::check_discounting(rate, horizon);
    const bool endless = std::isinf(horizon);
    if (rate == 0.0) {
        if (!endless) return expected_purchases(horizon);
        if (s <= 1.0) {
            throw InputError("purchases of all time are infinite at discount rate 0, since s = " + number_text(s) +
                             " is at most 1; give a discount rate or a horizon");
        }
        return r / alpha * beta / (s - 1.0);
    }
    // In u = log1p(t / beta) the integrand is exp((1 - s) u - rate beta (e^u - 1)).
    const double k = std::max(rate * beta, 1e-300);  // slower discounting changes no sum that is finite
    // Here discounting has left exp(-50). For s below 1 the integrand grows first, and ends later.
    double end = std::log1p(50.0 / k) + (s < 1.0 ? std::log1p((1.0 - s) / k) : 0.0);
    if (!endless) end = std::min(end, std::log1p(horizon / beta));
    math::CompensatedSum sum;
    double from = 0.0;
    while (from < end) {
        // The steepest slope over the panel bounds its width, as for the times of leaving.
        double width = std::min({3.0, end - from, 12.0 / (std::abs(s - 1.0) + k * std::exp(from))});
        while (width * (std::abs(s - 1.0) + k * std::exp(from + width)) > 14.0) width *= 0.7;
        double part = 0.0;
        detail::each_node(detail::gauss16, from, width, [&](double u, double weight) {
            part += weight * std::exp((1.0 - s) * u - k * std::expm1(u));
        });
        sum += part;
        from = end - from <= width ? end : from + width;
        const bool falling = k * std::exp(from) > 1.0 - s;
        if (falling && part <= 1e-18 * sum.value()) break;
    }
    return r / alpha * beta * sum.value();
}

CUSTFOLIO_INLINE void ParetoNBD::simulate(std::span<const double> age, std::uint64_t seed, unsigned threads,
                                          std::span<double> frequency, std::span<double> recency,
                                          const math::Pulse& pulse) const {
    check();
    detail::simulate_purchases(age, seed, threads, frequency, recency, pulse, [&](math::VariateStream& stream) {
        const double log_rate = stream.log_gamma_variate(r) - std::log(alpha);
        const double log_hazard = stream.log_gamma_variate(s) - std::log(beta);
        return std::pair(log_rate, stream.exponential() * std::exp(-log_hazard));
    });
}

CUSTFOLIO_INLINE double pareto_nbd_log_likelihood(std::span<const double> parameters, std::span<double> gradient,
                                                  const PurchaseHistories& histories, unsigned threads) {
    const Matrix& z = histories.covariates();
    const std::size_t k = z.cols();
    if (parameters.size() != 4 + 2 * k || gradient.size() != parameters.size()) {
        throw InputError("there are " + std::to_string(parameters.size()) + " parameters; it must be " +
                         std::to_string(4 + 2 * k));
    }
    const ParetoNBD model{std::exp(parameters[0]), std::exp(parameters[1]), std::exp(parameters[2]),
                          std::exp(parameters[3])};
    for (const double value : {model.r, model.alpha, model.s, model.beta}) {
        // Here powers of the parameters leave the range of doubles: minus infinity turns the search back.
        if (!(value > 1e-75 && value < 1e75)) return -std::numeric_limits<double>::infinity();
    }
    // What depends on x alone, once a distinct value.
    const std::vector<double>& counts = histories.frequency().value;
    std::vector<double> log_ratio(counts.size());
    std::vector<double> slope(counts.size());
    math::parallel_for(0, counts.size(), 256, threads, [&](std::size_t begin, std::size_t end) {
        const double at_r = math::digamma(model.r);
        for (std::size_t j = begin; j < end; ++j) {
            log_ratio[j] = math::log_gamma_ratio(model.r, counts[j]);
            slope[j] = math::digamma(model.r + counts[j]) - at_r;
        }
    });
    const bool alike = k == 0;
    const std::optional<detail::ParetoTable> table =
        alike ? std::optional<detail::ParetoTable>(std::in_place, counts, histories.recency().value,
                                                   histories.age().value, histories.cells(), model, threads)
              : std::nullopt;
    const std::size_t count = 4 + 2 * k;
    const auto part = [&](std::size_t begin, std::size_t end) {
        detail::LikelihoodSum sum(count);
        std::array<double, 4> by{};
        for (std::size_t c = begin; c < end; ++c) {
            const double weight = histories.weight()[c];
            if (weight == 0.0) continue;
            const std::uint32_t j = histories.frequency().index[c];
            const double x = counts[j];
            // With covariates each cell has its own alpha and beta, so that the table of shared integrals does not fit
            // it.
            ParetoNBD of_cell = model;
            double purchase = 0.0;
            if (!alike) {
                purchase = math::dot(z.row(c), parameters.subspan(4, k));
                of_cell.alpha *= std::exp(-purchase);
                of_cell.beta *= std::exp(-math::dot(z.row(c), parameters.last(k)));
                if (!(of_cell.alpha > 0.0 && of_cell.beta > 0.0 && std::isfinite(of_cell.alpha) &&
                      std::isfinite(of_cell.beta))) {
                    // The covariates of one cell leave the domain, and with it the whole likelihood.
                    sum.value += -std::numeric_limits<double>::infinity();
                    continue;
                }
            }
            detail::ParetoTerms terms;
            const std::uint32_t t_x = histories.recency().index[c];
            const std::uint32_t age = histories.age().index[c];
            if (!alike || !table->find(j, t_x, age, of_cell, terms)) {
                terms = detail::pareto_terms(of_cell, x, histories.recency().value[t_x], histories.age().value[age]);
            }
            const double both = terms.alive + terms.left;
            sum.value += weight * (log_ratio[j] - x * (parameters[1] - purchase) + terms.scale + std::log(both));
            // Derivatives of the logarithm are means over both ways, alive and left.
            const double share = weight / both;
            const double by_alpha = share * (of_cell.r + x) * terms.da - weight * x;
            const double by_beta = share * terms.db;
            by[0] += weight * of_cell.r * slope[j] - share * of_cell.r * terms.a;
            by[1] += by_alpha;
            by[2] += share * (terms.left - of_cell.s * terms.b);
            by[3] += by_beta;
            for (std::size_t i = 0; i < k; ++i) {
                const double value = z(c, i);
                sum.gradient[4 + i] -= by_alpha * value;
                sum.gradient[4 + k + i] -= by_beta * value;
            }
        }
        std::copy(by.begin(), by.end(), sum.gradient.begin());
        return sum;
    };
    const detail::LikelihoodSum sum =
        math::parallel_reduce(0, histories.cells(), alike ? 2048 : 256, threads, detail::LikelihoodSum(count), part,
                              detail::LikelihoodSum::together);
    detail::copy(sum.gradient, gradient.begin());
    return sum.value.value();
}

CUSTFOLIO_INLINE Fit fit_pareto_nbd(const PurchaseHistories& histories, const std::vector<std::string>& covariate_names,
                                    const FitOptions& options) {
    const double rate = detail::purchase_rate(histories, options);
    const std::size_t k = histories.covariates().cols();
    if (covariate_names.size() != k) {
        throw InputError("there are " + std::to_string(covariate_names.size()) + " names of covariates and " +
                         std::to_string(k) + " covariates");
    }
    std::vector<std::string> names{"r", "alpha", "s", "beta"};
    FitOptions fit_options = options;
    fit_options.unrestricted.assign(4 + 2 * k, true);
    std::fill_n(fit_options.unrestricted.begin(), 4, false);
    for (const std::string& name : covariate_names) names.push_back("purchase:" + name);
    for (const std::string& name : covariate_names) names.push_back("dropout:" + name);
    std::vector<Column> starts;
    const double longest = *std::max_element(histories.age().value.begin(), histories.age().value.end());
    // Two starts: hazards that differ much among customers, and little.
    for (const double s : {0.5, 2.0}) {
        // Leaving halves the time in which customers buy.
        starts.push_back({std::log(0.5), std::log(0.5 / (2.0 * rate)), std::log(s), std::log(s * longest)});
        starts.back().resize(4 + 2 * k, 0.0);
    }
    constexpr std::size_t sample = detail::pareto_nbd_sample;
    if (fit_options.starts.empty() && histories.cells() > detail::pareto_nbd_samples * sample) {
        const PurchaseHistories some = histories.every(histories.cells() / sample);
        const Fit first = fit_pareto_nbd(some, covariate_names, fit_options);
        if (first.converged) starts.insert(starts.begin(), first.log_parameters());
        if (first.converged) starts.resize(1);
    }
    Fit fit = fit_log_parameters(
        std::move(names),
        [&](std::span<const double> at, std::span<double> gradient) {
            return pareto_nbd_log_likelihood(at, gradient, histories, fit_options.threads);
        },
        std::move(starts), histories.customers(), fit_options);
    fit.rows = histories.rows();
    fit.cells = histories.cells();
    return fit;
}

CUSTFOLIO_INLINE PurchaseForecast forecast_purchases(const ParetoNBD& model, std::span<const double> x,
                                                     std::span<const double> t_x, std::span<const double> T,
                                                     double horizon, double rate, unsigned threads,
                                                     std::span<const double> coefficients, const Matrix& covariates,
                                                     const math::Pulse& pulse) {
    model.check();
    detail::check_forecast(horizon, rate);
    const detail::ForecastCells cells(x, t_x, T, covariates);
    const std::size_t columns = cells.covariates(0).size();
    const auto model_of = [&](std::size_t c) {
        return columns == 0 ? model : model.with(coefficients, cells.covariates(c));
    };
    constexpr double endless = std::numeric_limits<double>::infinity();
    // For a customer that is alive: purchases at a rate of 1, times the rate of the cell.
    // Discounted purchases depend on age through beta + age only; the purchase rate is a factor.
    const auto discounted = [&](const ParetoNBD& of_cell, double age, double until) {
        return ParetoNBD{1.0, 1.0, of_cell.s, of_cell.beta + age}.discounted_purchases(rate, until);
    };
    std::vector<double> within;
    std::vector<double> ever;
    if (columns == 0 && !x.empty()) {  // these depend on T alone
        const std::vector<double>& ages = cells.shared.age().value;
        within = detail::over_ages(ages, model.beta, [&](double age) { return discounted(model, age, horizon); });
        if (rate > 0.0) {
            ever = detail::over_ages(ages, model.beta, [&](double age) { return discounted(model, age, endless); });
        }
    }
    const auto of_alive = [&](std::size_t c, std::vector<double>& at_least) {
        const ParetoNBD of_cell = model_of(c);
        const double age = cells.age(c);
        const ParetoNBD later = of_cell.given_alive(cells.frequency(c), age);
        // The posterior mean of the customer's purchase rate.
        const double each = later.r / later.alpha;
        detail::ForecastOfAlive shared;
        shared.mean = later.expected_purchases(horizon);
        shared.square = later.variance_of_purchases(horizon) + shared.mean * shared.mean;
        if (columns == 0) {
            const std::uint32_t at = cells.shared.age().index[c];
            shared.discounted = each * within[at];
            shared.residual = rate > 0.0 ? each * ever[at] : std::numeric_limits<double>::quiet_NaN();
        } else {
            shared.discounted = each * discounted(of_cell, age, horizon);
            shared.residual =
                rate > 0.0 ? each * discounted(of_cell, age, endless) : std::numeric_limits<double>::quiet_NaN();
        }
        detail::pareto_at_least(later, horizon, at_least);
        return shared;
    };
    // Recency is no part of a cell here, so the table needs its distinct values for all rows.
    const DistinctValues last = columns == 0 ? detail::distinct({t_x.begin(), t_x.end()}) : DistinctValues{};
    const std::optional<detail::ParetoTable> table =
        columns == 0 && !x.empty()
            ? std::optional<detail::ParetoTable>(std::in_place, cells.shared.frequency().value, last.value,
                                                 cells.shared.age().value, x.size(), model, threads)
            : std::nullopt;
    const auto alive = [&](std::size_t i, std::size_t c) {
        detail::ParetoTerms terms;
        if (table &&
            table->find(cells.shared.frequency().index[c], last.index[i], cells.shared.age().index[c], model, terms)) {
            return terms.alive / (terms.alive + terms.left);
        }
        return model_of(c).probability_alive(x[i], t_x[i], T[i]);
    };
    const auto quantile = [&](std::size_t c, double chance, double probability) {
        return model_of(c).given_alive(cells.frequency(c), cells.age(c)).quantile(probability, horizon, chance);
    };
    const auto none = [&](std::size_t c) {
        return model_of(c).given_alive(cells.frequency(c), cells.age(c)).probability_mass(0.0, horizon);
    };
    return detail::forecast_rows(cells, 512, threads, pulse, of_alive, alive, quantile, none);
}

}  // namespace custfolio
