// Definitions of rates of exchange.
#pragma once

#include <cmath>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/portfolio/exchange_rates.hpp"

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

CUSTFOLIO_INLINE std::vector<double> ExchangeRates::rates(std::span<const DayNumber> day,
                                                          std::span<const std::int32_t> currency,
                                                          std::span<const std::string> names) const {
    if (currency.size() != day.size()) {
        throw InputError("rates of exchange: there are " + std::to_string(currency.size()) + " currencies for " +
                         std::to_string(day.size()) + " days; each row must have both");
    }
    std::vector<double> rates(day.size(), 1.0);
    // Neighbouring rows mostly have one month and currency.
    Month month{};
    std::int32_t last = -1;
    double worth = 1;
    for (std::size_t row = 0; row < rates.size(); ++row) {
        const std::int32_t code = currency[row];
        if (code == -1) continue;
        if (code < 0 || static_cast<std::size_t>(code) >= names.size()) {
            throw InputError("rates of exchange, row " + std::to_string(row) + " (counted from 0): currency " +
                             std::to_string(code) + " is not in -1 .. " + std::to_string(names.size()) + " - 1");
        }
        const Month of_day = Month::of(day[row]);
        if (code != last || of_day != month) worth = rate(of_day, names[static_cast<std::size_t>(code)]);
        last = code;
        month = of_day;
        rates[row] = worth;
    }
    return rates;
}

}  // namespace custfolio
