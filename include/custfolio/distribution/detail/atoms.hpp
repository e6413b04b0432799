// Amounts with their probabilities, and the one rule by which amounts that differ by rounding alone are equal.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/distribution/tail_probability.hpp"
#include "custfolio/math/detail/resource_vector.hpp"

namespace custfolio::detail {

/// An amount and its probability.
struct Atom {
    double amount = 0;       ///< Currency.
    double probability = 0;  ///< Or a derivative of it.
};

/// Bounds how far apart sums of the same amounts may lie by rounding alone.
///
/// A share of the greatest amount alone would merge amounts that differ: 1 is 1e-12 of 1e12.
struct RoundingBound {
    double greatest = 0;  ///< Bounds every absolute sum so far, currency.
    double error = 0;     ///< Bounds the rounding of one sum, currency.
    bool whole = true;    ///< All amounts are whole numbers, which add up without rounding below 2^53.

    /// @param largest the largest absolute amount of a summand, currency.
    /// @param roundings how often the amount itself was rounded.
    /// @param is_whole whether all amounts of the summand are whole numbers.
    void add(double largest, double roundings, bool is_whole) {
        greatest += largest;
        error += 0.5 * std::numeric_limits<double>::epsilon() * (greatest + roundings * largest);
        whole = whole && is_whole;
    }
    /// @param other the bound of an independent sum that is added.
    void add(const RoundingBound& other) {
        error += other.error;
        add(other.greatest, 0, other.whole);
    }
    /// @return how far apart equal sums may lie, currency.
    [[nodiscard]] double apart() const { return whole && greatest < 0x1p53 ? 0 : 2 * error; }
};

/// How often an amount that a user gives is taken to be rounded.
inline constexpr double given_roundings = 4;

/// Sorts amounts and adds up the probabilities of those that differ by rounding alone.
/// @param atoms in any order; the first ones are ascending and distinct afterwards.
/// @param apart how far apart equal amounts may lie, currency.
/// @param table memory for the work; its content does not matter.
/// @return the number of distinct amounts.
std::size_t merge_atoms(std::span<Atom> atoms, double apart, ResourceVector<std::uint32_t>& table);

/// As above; the vector is cut to the distinct amounts.
/// @param atoms in any order; ascending and distinct afterwards.
/// @param apart how far apart equal amounts may lie, currency.
void merge_atoms(std::vector<Atom>& atoms, double apart);

/// Whether amounts lie between the points of a lattice, by more than rounding and a billionth of the unit.
/// @param amounts currency, counted from a point. @param step of the lattice. @param unit smallest amount that counts.
bool between_points(std::span<const double> amounts, double step, double unit);

/// Distinct amounts as a discrete amount.
/// @param atoms ascending and distinct.
/// @param chances whether they have chances, which a rounded sum must not lift over 1; derivatives have no bound.
/// @return the discrete amount.
DiscreteAmount discrete_amount(std::span<const Atom> atoms, bool chances = true);

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/distribution/detail/atoms.ipp"
#endif
