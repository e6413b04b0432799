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
    if (!monthly_.emplace(std::pair{month, currency}, rate).second) {
        throw InputError(currency + " has two rates in " + to_string(month));
    }
}

CUSTFOLIO_INLINE double ExchangeRates::rate(Month month, const std::string& currency) const {
    if (const auto found = monthly_.find({month, currency}); found != monthly_.end()) return found->second;
    if (const auto found = always_.find(currency); found != always_.end()) return found->second;
    throw InputError("there is no rate for " + currency + " in " + to_string(month) +
                     "; give what one unit is worth in " + reporting_);
}

}  // namespace custfolio
