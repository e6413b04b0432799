// Definitions of rates of exchange.
#pragma once

#include <cmath>

#include "custfolio/budget/exchange_rates.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

CUSTFOLIO_INLINE ExchangeRates::ExchangeRates(std::string reporting)
    : reporting_(std::move(reporting)), always_{{reporting_, 1.0}} {}

CUSTFOLIO_INLINE void ExchangeRates::check(const std::string& currency, double rate) const {
    if (!(rate > 0 && std::isfinite(rate))) {
        throw InputError("the rate of " + currency + " is " + number_text(rate) + "; it must be above 0");
    }
    // A rate of the reporting currency would convert amounts that need none.
    if (currency == reporting_ && rate != 1) {
        throw InputError("the rate of " + currency + " is " + number_text(rate) +
                         "; it is the reporting currency, whose rate is 1");
    }
}

CUSTFOLIO_INLINE void ExchangeRates::set(const std::string& currency, double rate) {
    check(currency, rate);
    always_[currency] = rate;
}

CUSTFOLIO_INLINE void ExchangeRates::set(Month month, const std::string& currency, double rate) {
    check(currency, rate);
    // Two rates of one month are a mistake in the source, not an update.
    if (!monthly_.emplace(std::pair{month, currency}, rate).second) {
        throw InputError(currency + " has two rates in " + to_string(month));
    }
}

CUSTFOLIO_INLINE double ExchangeRates::rate(Month month, const std::string& currency) const {
    // A rate of the month goes before a rate for all months.
    if (const auto monthly = monthly_.find({month, currency}); monthly != monthly_.end()) return monthly->second;
    if (const auto always = always_.find(currency); always != always_.end()) return always->second;
    throw InputError("there is no rate for " + currency + " in " + to_string(month) +
                     "; give what one unit is worth in " + reporting_);
}

}  // namespace custfolio
