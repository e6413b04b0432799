// Displacement: ice cubes flow over coldest first, each only once the level that leaves with it has been replaced.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace custfolio {

/// Rank in the order of flowing over: the lowest flows first.
/// @param level net revenue, currency.
/// @param heat contribution, currency.
/// @return the temperature, heat / level; at or below a level of 0 -infinity where it costs money, else +infinity.
double overflow_rank(double level, double heat);

/// A customer that accepted no change, with the amounts that leave with it.
struct IceCube {
    std::size_t customer = 0;     ///< Row of the portfolio, or any number of the caller.
    std::vector<double> level{};  ///< Net revenue per month of the horizon, currency.
    std::vector<double>
        heat{};        ///< Avoidable contribution per month of the horizon, currency; negative: it costs money.
    int earliest = 0;  ///< First month in which it may flow over, 0-based (after its refusal).

    /// @return overflow_rank() of its level and heat over the horizon.
    [[nodiscard]] double rank() const;
};

/// A customer that flows over.
struct Displaced {
    std::size_t cube = 0;      ///< Position among the ice cubes that were passed.
    std::size_t customer = 0;  ///< The ice cube's customer.
    int month = 0;             ///< First month without it, 0-based.
    double level = 0;          ///< Net revenue that leaves from that month to the end of the horizon, currency.
    double heat = 0;           ///< Avoidable contribution that leaves with it, currency, not weighted; negative: so
                               ///< much is gained.
};

/// Settings of displace().
struct DisplacementOptions {
    bool only_cold = true;           ///< Only in a month from which on it costs money (weighted heat < 0) does an ice
                                     ///< cube flow over.
    std::vector<double> discount{};  ///< Weight of each month's heat, >= 0; empty: all 1.
};

/// Lets ice cubes flow over in the order of their temperature over the horizon, coldest first (ties: the lower heat,
/// then the earlier position). Each leaves in the month that is worth most: the least weighted heat from it on, among
/// the months from which on the slack covers its level in every month; of equal ones the earliest. A colder cube lowers
/// the slack for warmer ones, never the other way round. A cube too big to be replaced stays; warmer ones that are
/// smaller may still flow over.
///
/// After every single displacement each month from the displaced customer's on keeps slack >= 0; a month that was below
/// its floor before is never lowered. A colder one that is still in the bucket when a warmer one leaves could not be
/// replaced then, or waits for a month that is worth more.
/// @param cubes the ice cubes.
/// @param slack level above the floor per month before any of them leaves, currency; +infinity where there is no floor.
/// @param options discount, and the setting for customers that earn money.
/// @return those that flow over, coldest first. O(n log n + n x months).
/// @throws InputError where a cube's months differ in number from the slack's, an amount is not finite, the slack is
/// NaN, `earliest` is negative or a discount is not a finite number >= 0 (the message names it).
std::vector<Displaced> displace(std::span<const IceCube> cubes, std::span<const double> slack,
                                const DisplacementOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/overflow/displacement.ipp"
#endif
