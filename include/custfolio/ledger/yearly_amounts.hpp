// Amounts of calendar years, as far as a period counts them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// The part of yearly amounts that a period counts: that of the year's days in the period.
/// @param amount amount of a year each, currency, finite.
/// @param year calendar year of each amount, from 1 to 9999.
/// @param period the days, both included.
/// @return amount x days of the year in the period / days of the year. Linear.
/// @throws InputError where lengths differ, or an amount or a year is out of range (the message names the row, counted
/// from 0).
std::vector<double> amounts_in_period(std::span<const double> amount, std::span<const std::int32_t> year,
                                      Period period);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/ledger/yearly_amounts.ipp"
#endif
