// Definitions of amounts with their probabilities.
#pragma once

#include <algorithm>

#include "custfolio/distribution/detail/atoms.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE std::size_t merge_atoms(std::span<Atom> atoms, double greatest) {
    if (atoms.size() < 2) return atoms.size();
    std::ranges::sort(atoms, {}, &Atom::amount);
    const double apart = rounding_apart(greatest);
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

CUSTFOLIO_INLINE void merge_atoms(std::vector<Atom>& atoms, double greatest) {
    atoms.resize(merge_atoms(std::span(atoms), greatest));
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
