// Rates of exchange by currency and month.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// What a unit of each currency is worth in the reporting currency: one rate for all months, or one a month.
class ExchangeRates {
  public:
    /// @param reporting code of the reporting currency, whose own rate is 1.
    explicit ExchangeRates(std::string reporting = "EUR");
    /// Sets the rate of all months that have no rate of their own.
    /// @param currency code of the currency.
    /// @param rate what a unit of it is worth in the reporting currency, > 0.
    /// @throws InputError where the rate is not positive, or that of the reporting currency is not 1.
    void set(const std::string& currency, double rate);
    /// Sets the rate of one month.
    /// @param month the month.
    /// @param currency code of the currency.
    /// @param rate what a unit of it is worth in the reporting currency, > 0.
    /// @throws InputError as for all months, and where the month has a rate already.
    void set(Month month, const std::string& currency, double rate);
    /// @param month the month.
    /// @param currency code of the currency.
    /// @return what a unit of it is worth in the reporting currency.
    /// @throws InputError where there is no rate; the text names currency and month.
    [[nodiscard]] double rate(Month month, const std::string& currency) const;
    /// The rates of many rows, such as those of a ledger.
    /// @param day day of each row.
    /// @param currency currency of each row, as its place among the names; -1: the reporting currency.
    /// @param names codes of the currencies.
    /// @return what a unit of each row's currency is worth in the reporting currency. Linear for rows in order of time.
    /// @throws InputError where lengths differ, a place is out of range, or there is no rate (the message names
    /// currency and month).
    [[nodiscard]] std::vector<double> rates(std::span<const DayNumber> day, std::span<const std::int32_t> currency,
                                            std::span<const std::string> names) const;
    /// @return code of the reporting currency.
    [[nodiscard]] const std::string& reporting() const { return reporting_; }
    /// @return the rates of all months, by currency.
    [[nodiscard]] const std::map<std::string, double>& always() const { return always_; }
    /// @return the rates of single months, by month and currency.
    [[nodiscard]] const std::map<std::pair<Month, std::string>, double>& monthly() const { return monthly_; }

  private:
    void check(const std::string& currency, double rate) const;

    std::string reporting_;
    std::map<std::string, double> always_;
    std::map<std::pair<Month, std::string>, double> monthly_;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/portfolio/exchange_rates.ipp"
#endif
