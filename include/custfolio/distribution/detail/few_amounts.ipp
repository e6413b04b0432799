// Definitions of sums of few amounts.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/detail/few_amounts.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE FewAmounts::FewAmounts(std::vector<Atom> atoms, const RoundingBound& bound) : bound_(bound) {
    std::erase_if(atoms, [](const Atom& atom) { return !(atom.probability > 0); });
    merge_atoms(atoms, bound.apart());
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

CUSTFOLIO_INLINE bool FewAmounts::are_few(std::span<const DiscreteAmount> summands) {
    double count = 1;
    for (const DiscreteAmount& one : summands) {
        count *= static_cast<double>(one.amount.size());
        if (count > static_cast<double>(most)) return false;
    }
    return true;
}

CUSTFOLIO_INLINE FewAmounts::Pointer FewAmounts::sum(std::span<const DiscreteAmount> summands) {
    // The number is known before any product is made: too many are refused without work.
    if (!are_few(summands)) return nullptr;
    std::vector<Atom> atoms{{0, 1}};
    RoundingBound bound;
    for (const DiscreteAmount& one : summands) {
        double largest = 0;
        bool whole = true;
        for (const double amount : one.amount) {
            largest = std::max(largest, std::abs(amount));
            whole = whole && amount == std::trunc(amount);
        }
        bound.add(largest, given_roundings, whole);
        std::vector<Atom> next;
        next.reserve(atoms.size() * one.amount.size());
        for (const Atom& atom : atoms) {
            for (std::size_t k = 0; k < one.amount.size(); ++k) {
                next.push_back({atom.amount + one.amount[k], atom.probability * one.probability[k]});
            }
        }
        atoms = std::move(next);
    }
    return std::make_shared<const FewAmounts>(std::move(atoms), bound);
}

CUSTFOLIO_INLINE FewAmounts::Pointer FewAmounts::sum(const Pointer& a, const Pointer& b) {
    if (!a || !b || a->amount_.size() * b->amount_.size() > most) return nullptr;
    std::vector<Atom> atoms;
    for (std::size_t i = 0; i < a->amount_.size(); ++i) {
        for (std::size_t k = 0; k < b->amount_.size(); ++k) {
            atoms.push_back({a->amount_[i] + b->amount_[k], a->chance_[i] * b->chance_[k]});
        }
    }
    RoundingBound bound = a->bound_;
    bound.add(b->bound_);
    return std::make_shared<const FewAmounts>(std::move(atoms), bound);
}

CUSTFOLIO_INLINE FewAmounts::Pointer FewAmounts::affine(double factor, double by) const {
    std::vector<Atom> atoms;
    for (std::size_t k = 0; k < amount_.size(); ++k) atoms.push_back({factor * amount_[k] + by, chance_[k]});
    RoundingBound bound;
    bound.error = std::abs(factor) * bound_.error;
    bound.add(std::abs(factor) * bound_.greatest + std::abs(by), 1,
              bound_.whole && factor == std::trunc(factor) && by == std::trunc(by));
    return std::make_shared<const FewAmounts>(std::move(atoms), bound);
}

// The amount that a value means, where it is one but for rounding.
CUSTFOLIO_INLINE double FewAmounts::nearly(double value) const {
    const auto above = detail::lower_bound(amount_, value);
    const bool last = above == amount_.end();
    const double high = last ? amount_.back() : *above;
    const double low = above == amount_.begin() ? high : *(above - 1);
    const double near = last || value - low < high - value ? (last ? high : low) : high;
    // A value is mostly rounded more often than the amounts. It may use a small part of the gap, but not more.
    const double slack = std::min(1e-12 * std::max(std::abs(amount_.front()), std::abs(amount_.back())),
                                  high > low ? 1e-3 * (high - low) : std::numeric_limits<double>::infinity());
    return std::abs(value - near) <= std::max(slack, bound_.apart()) ? near : value;
}

CUSTFOLIO_INLINE double FewAmounts::mid_gap(double value, bool upper) const {
    const auto above =
        upper ? detail::lower_bound(amount_, nearly(value)) : detail::upper_bound(amount_, nearly(value));
    return above == amount_.begin() || above == amount_.end() ? value : std::midpoint(*(above - 1), *above);
}

CUSTFOLIO_INLINE double FewAmounts::cdf(double value) const {
    const auto end = detail::upper_bound(amount_, nearly(value));
    return end == amount_.begin() ? 0 : below_[static_cast<std::size_t>(end - amount_.begin()) - 1];
}

CUSTFOLIO_INLINE double FewAmounts::at_least(double value) const {
    const auto begin = detail::lower_bound(amount_, nearly(value));
    return begin == amount_.end() ? 0 : above_[static_cast<std::size_t>(begin - amount_.begin())];
}

CUSTFOLIO_INLINE double FewAmounts::quantile(double probability) const {
    // A chance within four units in the last place counts, as on a lattice.
    const double least = probability * (1 - 4 * std::numeric_limits<double>::epsilon());
    const auto at = detail::lower_bound(below_, least);
    return amount_[at == below_.end() ? amount_.size() - 1 : static_cast<std::size_t>(at - below_.begin())];
}

CUSTFOLIO_INLINE void FewAverage::add(std::span<const double> amounts, std::span<const double> chances, double weight,
                                      const RoundingBound& bound) {
    bound_.greatest = std::max(bound_.greatest, bound.greatest);
    bound_.error = std::max(bound_.error, bound.error);
    bound_.whole = bound_.whole && bound.whole;
    if (!detail::equal(amount_, amounts)) {
        // A chance of 0 at an extreme value of the factor has left amounts out: both lists are joined.
        std::vector<Atom> atoms;
        for (std::size_t k = 0; k < amount_.size(); ++k) atoms.push_back({amount_[k], chance_[k]});
        for (std::size_t k = 0; k < amounts.size(); ++k) atoms.push_back({amounts[k], weight * chances[k]});
        merge_atoms(atoms, bound_.apart());
        amount_.clear();
        chance_.clear();
        for (const Atom& atom : atoms) {
            amount_.push_back(atom.amount);
            chance_.push_back(atom.probability);
        }
        listed_ = amount_.size() <= FewAmounts::most;
        return;
    }
    for (std::size_t k = 0; k < chances.size(); ++k) chance_[k] += weight * chances[k];
}

CUSTFOLIO_INLINE void FewAverage::add(const FewAmounts::Pointer& few, double weight) {
    listed_ = listed_ && few;
    if (listed_) add(few->amounts(), few->chances(), weight, few->bound());
}

CUSTFOLIO_INLINE void FewAverage::add(const FewAverage& other) {
    listed_ = listed_ && other.listed_;
    if (listed_) add(other.amount_, other.chance_, 1, other.bound_);
}

CUSTFOLIO_INLINE FewAmounts::Pointer FewAverage::over(double weight) const {
    if (!listed_ || amount_.empty()) return nullptr;
    std::vector<Atom> atoms;
    for (std::size_t k = 0; k < amount_.size(); ++k) atoms.push_back({amount_[k], chance_[k] / weight});
    return std::make_shared<const FewAmounts>(std::move(atoms), bound_);
}

}  // namespace custfolio::detail
