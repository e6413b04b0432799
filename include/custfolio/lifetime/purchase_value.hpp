// The value of what customers are forecast to buy or renew: purchases times contribution, with its spread and its band.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "custfolio/lifetime/contract_forecast.hpp"
#include "custfolio/lifetime/forecast.hpp"
#include "custfolio/lifetime/gamma_gamma.hpp"
#include "custfolio/lifetime/normal_normal.hpp"
#include "custfolio/lifetime/value_band.hpp"
#include "custfolio/math/column_view.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

/// A forecast of purchases as columns, one row a customer.
struct PurchaseColumns {
    PurchaseMoments count;          ///< Moments and percentiles of the number of purchases within the horizon.
    ColumnView<double> discounted;  ///< Discounted expected purchases within the horizon.
    ColumnView<double> residual;    ///< Discounted expected purchases of all time to come; NaN where infinite.

    /// No rows.
    PurchaseColumns() = default;
    /// @param forecast the forecast; it must outlive the columns.
    explicit PurchaseColumns(const PurchaseForecast& forecast);
    /// A temporary forecast: the columns would dangle.
    explicit PurchaseColumns(PurchaseForecast&& forecast) = delete;
};

/// How uncertain the amounts in the band of a value are.
enum class ValueBandOf {
    number,  ///< Every purchase brings the expected amount: the band is that of the number of purchases.
    sum      ///< Single amounts and the customer's average vary too: the band of the sum.
};

/// @param band what a band counts. @return "number" or "sum".
std::string to_string(ValueBandOf band);

/// What a band of values counts, and how it is computed.
struct ValueOptions {
    ValueBandOf band = ValueBandOf::sum;  ///< How uncertain the amounts are.
    unsigned threads = 0;                 ///< 0 means all cores; the bits do not depend on it.
    math::Pulse pulse{};  ///< Called now and then from the calling thread; what it throws ends the call.
};

/// Value of each customer's purchases.
struct PurchaseValue {
    std::vector<double> amount;    ///< Expected contribution of a purchase, currency.
    std::vector<double> value;     ///< Expected discounted contribution within the horizon, currency.
    std::vector<double> sd;        ///< Its standard deviation; NaN where that of the amounts is infinite.
    std::vector<double> p10;       ///< Value not exceeded with probability 0.1.
    std::vector<double> p90;       ///< Value not exceeded with probability 0.9.
    std::vector<double> infinite;  ///< Expected discounted contribution of all time to come; NaN where infinite.
};

/// The value of purchases whose amounts are certain. The spread of a discounted value is that of the undiscounted one,
/// times the share of the expected purchases that discounting leaves.
/// @param purchases the forecast.
/// @param amount contribution of a purchase of each customer, currency.
/// @return one entry a customer; p10 <= p90.
/// @throws InputError where columns differ in length.
PurchaseValue purchase_value(const PurchaseColumns& purchases, std::span<const double> amount);

/// The value of purchases of normal amounts: each customer's average is shrunk towards the common one.
/// @param purchases the forecast.
/// @param spend the model of the amounts.
/// @param frequency amounts averaged, at least 0.
/// @param average average contribution of the customer's purchases, currency; not read where the frequency is 0.
/// @param options band and threads.
/// @return one entry a customer; p10 <= p90.
/// @throws InputError as shrink() and value_band_normal() do.
PurchaseValue purchase_value(const PurchaseColumns& purchases, const NormalNormal& spend,
                             std::span<const double> frequency, std::span<const double> average,
                             const ValueOptions& options = {});

/// The value of purchases of gamma amounts.
/// @param purchases the forecast.
/// @param spend the model of the amounts.
/// @param frequency amounts averaged, at least 0.
/// @param average average amount of the customer's purchases, currency, above 0 where the frequency is.
/// @param options band and threads.
/// @return one entry a customer; the deviation is NaN where q + p x <= 2.
/// @throws InputError as conditional_mean_spend() and value_band_gamma() do.
PurchaseValue purchase_value(const PurchaseColumns& purchases, const GammaGamma& spend,
                             std::span<const double> frequency, std::span<const double> average,
                             const ValueOptions& options = {});

/// Value of each customer's contract.
struct ContractValue {
    std::vector<double> value;     ///< Expected discounted contribution of the renewals within the horizon, currency.
    std::vector<double> p10;       ///< Value not exceeded with probability 0.1.
    std::vector<double> p90;       ///< Value not exceeded with probability 0.9.
    std::vector<double> infinite;  ///< The same of all time to come; NaN where infinite.
};

/// The value of contracts: renewals times the contribution of a period.
/// @param forecast the forecast.
/// @param contribution contribution per period of each customer, currency; may be negative.
/// @return one entry a customer; p10 <= p90. The band is exact: a value rises with the number of renewals.
/// @throws InputError where lengths differ.
ContractValue contract_value(const ContractForecast& forecast, std::span<const double> contribution);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/purchase_value.ipp"
#endif
