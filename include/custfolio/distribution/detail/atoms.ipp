// Definitions of amounts with their probabilities.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "custfolio/distribution/detail/atoms.hpp"
#include "custfolio/distribution/detail/thresholds.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"

namespace custfolio::detail {

// Adds up amounts with the same bits, by a hash table with open addressing; returns the number that is left.
CUSTFOLIO_INLINE std::size_t gather_equal_bits(std::span<Atom> atoms, ResourceVector<std::uint32_t>& table) {
    const std::size_t places = std::bit_ceil(2 * atoms.size());
    // At most half full; the golden ratio mixes the bits (Fibonacci hashing).
    const int shift = 64 - std::countr_zero(places);
    table.assign(places, 0);
    std::uint32_t count = 0;
    for (const Atom atom : atoms) {
        const double amount = atom.amount + 0.0;  // no -0
        std::size_t at = (std::bit_cast<std::uint64_t>(amount) * 0x9e3779b97f4a7c15U) >> shift;
        while (table[at] != 0 && atoms[table[at] - 1].amount != amount) at = (at + 1) & (places - 1);
        if (table[at] == 0) {
            atoms[count] = {amount, atom.probability};
            table[at] = ++count;
        } else {
            atoms[table[at] - 1].probability += atom.probability;
        }
    }
    return count;
}

CUSTFOLIO_INLINE std::size_t merge_atoms(std::span<Atom> atoms, double apart, ResourceVector<std::uint32_t>& table) {
    if (atoms.size() > few_atoms) atoms = atoms.first(gather_equal_bits(atoms, table));
    if (atoms.size() < 2) return atoms.size();
    // Sums of the same amounts in another order differ by rounding only, so near amounts are one.
    const auto less = [](const Atom& a, const Atom& b) { return a.amount < b.amount; };
    if (!std::is_sorted(atoms.begin(), atoms.end(), less)) std::sort(atoms.begin(), atoms.end(), less);
    std::size_t last = 0;
    for (std::size_t i = 1; i < atoms.size(); ++i) {
        if (atoms[i].amount - atoms[last].amount <= apart) {
            atoms[last].probability += atoms[i].probability;
        } else {
            atoms[++last] = atoms[i];
        }
    }
    return last + 1;
}

CUSTFOLIO_INLINE void merge_atoms(std::vector<Atom>& atoms, double apart) {
    ResourceVector<std::uint32_t> table;
    atoms.resize(merge_atoms(atoms, apart, table));
}

CUSTFOLIO_INLINE bool between_points(std::span<const double> amounts, double step, double unit) {
    return detail::any_of(amounts, [&](double amount) {
        const double away = std::abs(amount - std::round(amount / step) * step);
        return away >
               1e-9 * std::min(unit, std::abs(amount)) + 8 * std::numeric_limits<double>::epsilon() * std::abs(amount);
    });
}

CUSTFOLIO_INLINE DiscreteAmount discrete_amount(std::span<const Atom> atoms, bool chances) {
    DiscreteAmount result;
    result.amount.reserve(atoms.size());
    result.probability.reserve(atoms.size());
    for (const Atom& atom : atoms) {
        result.amount.push_back(atom.amount);
        result.probability.push_back(chances ? std::min(atom.probability, 1.0) : atom.probability);
    }
    return result;
}

}  // namespace custfolio::detail
