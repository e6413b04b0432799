// Amounts with their probabilities, and the one rule by which amounts that differ by rounding alone are equal.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/distribution/tail_probability.hpp"

namespace custfolio::detail {

/// An amount and its probability.
struct Atom {
    double amount = 0;       ///< Currency.
    double probability = 0;  ///< Or a derivative of it.
};

/// How far amounts may lie apart by rounding alone.
/// @param greatest the greatest absolute amount that was added up on the way, currency.
/// @return currency.
inline double rounding_apart(double greatest) {
    return 1e-12 * std::abs(greatest);
}

/// Sorts amounts and adds up the probabilities of those that differ by rounding alone.
/// @param atoms in any order; the first ones are ascending and distinct afterwards.
/// @param greatest as for rounding_apart().
/// @param table memory for the work; its content does not matter.
/// @return the number of distinct amounts.
std::size_t merge_atoms(std::span<Atom> atoms, double greatest, std::pmr::vector<std::uint32_t>& table);

/// As above; the vector is cut to the distinct amounts.
/// @param atoms in any order; ascending and distinct afterwards.
/// @param greatest as for rounding_apart().
void merge_atoms(std::vector<Atom>& atoms, double greatest);

/// Distinct amounts as a discrete amount.
/// @param atoms ascending and distinct.
/// @param chances whether they have chances, which a rounded sum must not lift over 1; derivatives have no bound.
/// @return the discrete amount.
DiscreteAmount discrete_amount(std::span<const Atom> atoms, bool chances = true);

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/distribution/detail/atoms.ipp"
#endif
