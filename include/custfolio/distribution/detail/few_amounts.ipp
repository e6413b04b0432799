// Definitions of sums of few amounts.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "custfolio/config.hpp"
#include "custfolio/distribution/detail/few_amounts.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE FewAmounts::FewAmounts(std::vector<Atom> atoms) {
    double greatest = 0;
    for (const Atom& atom : atoms) greatest = std::max(greatest, std::abs(atom.amount));
    std::erase_if(atoms, [](const Atom& atom) { return !(atom.probability > 0); });
    merge_atoms(atoms, greatest);
    for (const Atom& atom : atoms) {
        amount_.push_back(atom.amount);
        chance_.push_back(atom.probability);
    }
    // Chances from both ends: a small one keeps its digits on its own side.
    below_.resize(amount_.size());
    above_.resize(amount_.size());
    math::CompensatedSum below;
    math::CompensatedSum above;
    for (std::size_t k = 0; k < amount_.size(); ++k) {
        below_[k] = std::min((below += chance_[k]).value(), 1.0);
        const std::size_t back = amount_.size() - 1 - k;
        above_[back] = std::min((above += chance_[back]).value(), 1.0);
    }
    // Rounding must not leave the total below 1.
    below_.back() = 1;
    above_.front() = 1;
}

CUSTFOLIO_INLINE FewAmounts::Pointer FewAmounts::sum(std::span<const DiscreteAmount> summands) {
    double count = 1;
    // The number is known before any product is made: too many are refused without work.
    for (const DiscreteAmount& one : summands) {
        count *= static_cast<double>(one.amount.size());
        if (count > static_cast<double>(most)) return nullptr;
    }
    std::vector<Atom> atoms{{0, 1}};
    for (const DiscreteAmount& one : summands) {
        std::vector<Atom> next;
        next.reserve(atoms.size() * one.amount.size());
        for (const Atom& atom : atoms) {
            for (std::size_t k = 0; k < one.amount.size(); ++k) {
                next.push_back({atom.amount + one.amount[k], atom.probability * one.probability[k]});
            }
        }
        atoms = std::move(next);
    }
    return std::make_shared<const FewAmounts>(std::move(atoms));
}

CUSTFOLIO_INLINE FewAmounts::Pointer FewAmounts::sum(const Pointer& a, const Pointer& b) {
    if (!a || !b) return nullptr;
    const DiscreteAmount both[] = {{a->chance_, a->amount_}, {b->chance_, b->amount_}};
    return sum(both);
}

CUSTFOLIO_INLINE FewAmounts::Pointer FewAmounts::affine(double factor, double by) const {
    std::vector<Atom> atoms;
    for (std::size_t k = 0; k < amount_.size(); ++k) atoms.push_back({factor * amount_[k] + by, chance_[k]});
    return std::make_shared<const FewAmounts>(std::move(atoms));
}

// The amount that a value means, where it is one but for rounding.
CUSTFOLIO_INLINE double FewAmounts::nearly(double value) const {
    const double apart = rounding_apart(std::max(std::abs(amount_.front()), std::abs(amount_.back())));
    const auto at = std::ranges::lower_bound(amount_, value - apart);
    return at != amount_.end() && *at <= value + apart ? *at : value;
}

CUSTFOLIO_INLINE double FewAmounts::cdf(double value) const {
    const auto end = std::ranges::upper_bound(amount_, nearly(value));
    return end == amount_.begin() ? 0 : below_[static_cast<std::size_t>(end - amount_.begin()) - 1];
}

CUSTFOLIO_INLINE double FewAmounts::at_least(double value) const {
    const auto begin = std::ranges::lower_bound(amount_, nearly(value));
    return begin == amount_.end() ? 0 : above_[static_cast<std::size_t>(begin - amount_.begin())];
}

CUSTFOLIO_INLINE double FewAmounts::quantile(double probability) const {
    // A chance within four units in the last place counts, as on a lattice.
    const double least = probability * (1 - 4 * std::numeric_limits<double>::epsilon());
    const auto at = std::ranges::lower_bound(below_, least);
    return amount_[at == below_.end() ? amount_.size() - 1 : static_cast<std::size_t>(at - below_.begin())];
}

}  // namespace custfolio::detail
