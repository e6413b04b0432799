// The temperature bridge: why a bucket's temperature changed between two periods.
#pragma once

#include <string>
#include <vector>

#include "custfolio/portfolio/portfolio.hpp"

namespace custfolio {

/// One customer's part in a change of temperature; the four parts sum to `total()`.
struct BridgeRow {
    std::string id;        ///< The customer.
    double poured_in = 0;  ///< Effect of being new, as a fraction (0.001 is a tenth of a percentage point).
    double gone = 0;       ///< Effect of having left.
    double mix = 0;        ///< Effect of a changed weight at the old temperature.
    double warming = 0;    ///< Effect of its own changed temperature at the new weight.
    /// @return poured_in + gone + mix + warming.
    [[nodiscard]] double total() const { return poured_in + gone + mix + warming; }
};

/// The change of temperature T1 - T0 split over causes, without residual.
///
/// The weights are w = R_i / L. Customers in both periods are C, new ones N, gone ones G. Effects are measured against
/// the old temperature T0: a customer of exactly T0 changes nothing by coming, going or changing weight.
///     poured in  sum_N w1 (T1_i - T0)        gone  -sum_G w0 (T0_i - T0)
///     mix        sum_C (w1 - w0) (T0_i - T0)   warming  sum_C w1 (T1_i - T0_i)
/// The four sum to T1 - T0 exactly in real arithmetic; the rounding error is below 1e-12 and in none of the terms.
/// A customer without positive revenue in a period has no temperature: its heat counts, w T = K / L.
struct TemperatureBridge {
    double before = 0;     ///< T0.
    double after = 0;      ///< T1.
    double poured_in = 0;  ///< Sum over customers.
    double gone = 0;       ///< Sum over customers.
    double mix = 0;        ///< Sum over customers.
    double warming = 0;    ///< Sum over customers.
    std::vector<BridgeRow>
        rows;  ///< One row per customer of either period: those of `after` in order, then the gone in order.
};

namespace detail {

/// @throws InputError where two periods share some of their days. Two statements of the same period may be compared.
void require_apart(Period before, Period after);

}  // namespace detail

/// Splits the change of temperature between two portfolios.
/// @param before the earlier portfolio.
/// @param after the later portfolio; customers are matched by identity.
/// @return the bridge.
/// @throws InputError where either level is not positive, and so has no temperature, or the periods share some of their
/// days without being the same. Linear on average.
TemperatureBridge bridge(const Portfolio& before, const Portfolio& after);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/portfolio/bridge.ipp"
#endif
