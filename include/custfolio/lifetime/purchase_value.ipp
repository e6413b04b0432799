// Definitions of the value of purchases and contracts.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/purchase_value.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

namespace detail {

/// @throws InputError where a column has another number of rows.
CUSTFOLIO_INLINE void require_rows(std::size_t count, std::size_t rows, const char* name) {
    if (count == rows) return;
    throw InputError(std::string("value: column ") + name + " has " + std::to_string(count) + " values for " +
                     std::to_string(rows) + " customers");
}

/// Low and high end of each row, in order.
CUSTFOLIO_INLINE ValueBand band_of_number(std::span<const double> p10, std::span<const double> p90,
                                          std::span<const double> amount) {
    ValueBand band;
    for (std::size_t i = 0; i < amount.size(); ++i) {
        const double few = p10[i] * amount[i];
        const double many = p90[i] * amount[i];
        // A negative amount turns the band: many purchases are then the low end.
        band.p10.push_back(std::min(few, many));
        band.p90.push_back(std::max(few, many));
    }
    return band;
}

/// Contribution of purchases, per customer.
struct Amounts {
    std::vector<double> expected;  ///< Expected contribution of a purchase.
    std::vector<double> variance;  ///< Variance of the customer's average.
    std::vector<double> within;    ///< Variance of single purchases around that average.
};

/// Values from purchases, amounts and the band of their undiscounted sum.
CUSTFOLIO_INLINE PurchaseValue value_of(const PurchaseColumns& purchases, Amounts amounts, const ValueBand& band) {
    const std::size_t rows = amounts.expected.size();
    PurchaseValue result;
    result.amount = std::move(amounts.expected);
    for (std::vector<double>* column : {&result.value, &result.sd, &result.p10, &result.p90, &result.infinite}) {
        column->resize(rows);
    }
    for (std::size_t i = 0; i < rows; ++i) {
        const double each = result.amount[i];
        const double mean = purchases.count.mean[i];
        const double variance = purchases.count.sd[i] * purchases.count.sd[i];
        // The band is of undiscounted sums; discounting shortens it as it shortens the mean.
        const double share = mean > 0 ? purchases.discounted[i] / mean : 0.0;
        // The variance of a random number of random amounts: within customers, of their averages, and of the number.
        const double spread =
            mean * amounts.within[i] + (variance + mean * mean) * amounts.variance[i] + variance * each * each;
        result.value[i] = purchases.discounted[i] * each;
        result.sd[i] = share * std::sqrt(spread);
        result.p10[i] = share * band.p10[i];
        result.p90[i] = share * band.p90[i];
        result.infinite[i] = purchases.residual[i] * each;
        // NaN stands for what a model cannot give; infinity would be a wrong figure.
        for (const double figure : {result.value[i], result.sd[i], result.p10[i], result.p90[i], result.infinite[i]}) {
            if (!std::isinf(figure)) continue;
            throw NumericalError("row " + std::to_string(i + 1) +
                                 ": the value is beyond the range of numbers; check the amount of a purchase");
        }
    }
    return result;
}

CUSTFOLIO_INLINE void check_rows(const PurchaseColumns& purchases, std::size_t rows) {
    const PurchaseMoments& count = purchases.count;
    require_rows(count.none.size(), rows, "none");
    require_rows(count.mean.size(), rows, "mean");
    require_rows(count.sd.size(), rows, "sd");
    require_rows(count.p10.size(), rows, "p10");
    require_rows(count.p90.size(), rows, "p90");
    require_rows(purchases.discounted.size(), rows, "discounted");
    require_rows(purchases.residual.size(), rows, "residual");
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(ValueBandOf band) {
    switch (band) {
        case ValueBandOf::number:
            return "number";
        case ValueBandOf::sum:
            return "sum";
    }
    throw InputError("band " + std::to_string(static_cast<int>(band)) + " is unknown");
}

CUSTFOLIO_INLINE PurchaseColumns::PurchaseColumns(const PurchaseForecast& forecast)
    : count{forecast.none, forecast.mean, forecast.sd, forecast.p10, forecast.p90},
      discounted(forecast.discounted),
      residual(forecast.residual) {}

CUSTFOLIO_INLINE PurchaseValue purchase_value(const PurchaseColumns& purchases, std::span<const double> amount) {
    const std::size_t rows = amount.size();
    detail::check_rows(purchases, rows);
    const ValueBand band = detail::band_of_number(purchases.count.p10, purchases.count.p90, amount);
    std::vector<double> expected(amount.begin(), amount.end());
    return detail::value_of(
        purchases, {std::move(expected), std::vector<double>(rows, 0.0), std::vector<double>(rows, 0.0)}, band);
}

CUSTFOLIO_INLINE PurchaseValue purchase_value(const PurchaseColumns& purchases, const NormalNormal& spend,
                                              std::span<const double> frequency, std::span<const double> average,
                                              const ValueOptions& options) {
    const std::size_t rows = frequency.size();
    detail::check_rows(purchases, rows);
    Shrunk shrunk = shrink(spend, average, frequency);
    detail::Amounts amounts{std::move(shrunk.mean), std::move(shrunk.variance),
                            std::vector<double>(rows, spend.within_variance)};
    const ValueBand band = options.band == ValueBandOf::sum
                               ? value_band_normal(purchases.count, amounts.expected, amounts.variance,
                                                   spend.within_variance, options.threads, options.pulse)
                               : detail::band_of_number(purchases.count.p10, purchases.count.p90, amounts.expected);
    return detail::value_of(purchases, std::move(amounts), band);
}

CUSTFOLIO_INLINE PurchaseValue purchase_value(const PurchaseColumns& purchases, const GammaGamma& spend,
                                              std::span<const double> frequency, std::span<const double> average,
                                              const ValueOptions& options) {
    const std::size_t rows = frequency.size();
    detail::check_rows(purchases, rows);
    detail::Amounts amounts{conditional_mean_spend(spend, frequency, average), std::vector<double>(rows),
                            std::vector<double>(rows)};
    std::vector<double> q(rows);
    std::vector<double> scale(rows);
    for (std::size_t i = 0; i < rows; ++i) {
        const double square = amounts.expected[i] * amounts.expected[i];
        // The posterior of the customer's rate is gamma with these parameters.
        q[i] = spend.q + spend.p * frequency[i];
        scale[i] = spend.gamma + frequency[i] * average[i];
        // The customer's average is an inverse gamma variable; it has a variance only for q above 2.
        amounts.variance[i] = q[i] > 2 ? square / (q[i] - 2) : std::numeric_limits<double>::quiet_NaN();
        amounts.within[i] = (amounts.variance[i] + square) / spend.p;
    }
    const ValueBand band = options.band == ValueBandOf::sum
                               ? value_band_gamma(purchases.count, spend.p, q, scale, options.threads, options.pulse)
                               : detail::band_of_number(purchases.count.p10, purchases.count.p90, amounts.expected);
    return detail::value_of(purchases, std::move(amounts), band);
}

CUSTFOLIO_INLINE ContractValue contract_value(const ContractForecast& forecast, std::span<const double> contribution) {
    const std::size_t rows = contribution.size();
    detail::require_rows(forecast.discounted.size(), rows, "discounted");
    ValueBand band = detail::band_of_number(forecast.worth_p10, forecast.worth_p90, contribution);
    ContractValue result{std::vector<double>(rows), std::move(band.p10), std::move(band.p90),
                         std::vector<double>(rows)};
    for (std::size_t i = 0; i < rows; ++i) {
        result.value[i] = forecast.discounted[i] * contribution[i];
        result.infinite[i] = forecast.residual[i] * contribution[i];
    }
    return result;
}

}  // namespace custfolio
