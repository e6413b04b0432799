// The band of a random number of random amounts: what a customer's purchases within a horizon may bring.
#pragma once

#include <span>
#include <vector>

#include "custfolio/math/column_view.hpp"
#include "custfolio/math/parallel.hpp"

#include "custfolio/config.hpp"

namespace custfolio {

/// Moments and percentiles of the number of purchases, one row a customer; as in a PurchaseForecast.
struct PurchaseMoments {
    ColumnView<double> none;  ///< Probability of no purchase.
    ColumnView<double> mean;  ///< Expected purchases.
    ColumnView<double> sd;    ///< Their standard deviation.
    ColumnView<double> p10;   ///< Number not exceeded with probability 0.1.
    ColumnView<double> p90;   ///< Number not exceeded with probability 0.9.
};

/// The 10th and 90th percentile of each customer's sum of amounts, currency.
struct ValueBand {
    std::vector<double> p10;  ///< Sum not exceeded with probability 0.1.
    std::vector<double> p90;  ///< Sum not exceeded with probability 0.9.
};

/**
 * @brief The band of a customer's sum of amounts that are normal around a mean that is itself normal.
 *
 * The number N of purchases is 0 with its own probability; given some, N - 1 is of Panjer's class (negative binomial,
 * Poisson or binomial) with the mean and the variance that the moments leave it, its parts weighted so that both
 * percentiles of N are met. Given N the law of the sum is exact, here normal with mean N m and variance N W + N^2 V;
 * the percentiles are found in the mixture. Beyond 200 expected purchases N is a gamma variable.
 * @param count moments of the number of purchases.
 * @param amount expected amount m of a purchase, currency.
 * @param variance variance V of the customer's mean amount, at least 0.
 * @param within variance W of single amounts around the mean, at least 0.
 * @param threads upper bound on threads; 0 means all cores.
 * @param pulse called now and then from the calling thread; what it throws ends the call.
 * @return the band; p10 <= p90.
 * @throws InputError where columns differ in length or an entry is no probability, moment or variance.
 * @see Klugman, Panjer and Willmot (2012), Loss Models, 4th ed., sections 6.5 and 9.3.
 */
ValueBand value_band_normal(const PurchaseMoments& count, std::span<const double> amount,
                            std::span<const double> variance, double within, unsigned threads = 0,
                            const math::Pulse& pulse = {});

/**
 * @brief The same for gamma amounts whose rate is itself gamma: the Gamma-Gamma model of spend given a history.
 *
 * Given N the sum is `scale` times the ratio of a gamma (shape N) and a gamma (q) variable, an F distribution up to
 * scale; it is taken by Paulson's cube-root approximation, and by the incomplete beta function where shape N < 1 or q
 * < 2.
 * @param count moments of the number of purchases.
 * @param shape shape p of an amount, above 0.
 * @param q shape of the rate given the history, q + p x, above 1.
 * @param scale rate of the rate given the history, gamma + x z, currency, above 0.
 * @param threads upper bound on threads; 0 means all cores.
 * @param pulse called now and then from the calling thread; what it throws ends the call.
 * @return the band; 0 <= p10 <= p90.
 * @throws InputError where columns differ in length or an entry is no probability, moment or parameter.
 * @see Paulson (1942), Annals of Mathematical Statistics 13(2), 233-235; Fader and Hardie (2013), The Gamma-Gamma Model
 * of Monetary Value.
 */
ValueBand value_band_gamma(const PurchaseMoments& count, double shape, std::span<const double> q,
                           std::span<const double> scale, unsigned threads = 0, const math::Pulse& pulse = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/value_band.ipp"
#endif
