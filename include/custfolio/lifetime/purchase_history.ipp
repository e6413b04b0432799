// Definitions of purchase histories: checks, and collapsing by hash.
#pragma once

#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/purchase_history.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// Mixes the bits of a number into a hash (splitmix64's finisher). Zero and minus zero are one value.
inline std::uint64_t mix(std::uint64_t hash, double value) {
    std::uint64_t z = (hash ^ std::bit_cast<std::uint64_t>(value + 0.0)) + 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

/// Numbers things in the order of their first appearance: an open hash table that grows with its content.
class FirstSeen {
  public:
    /// The number of the thing with this hash; `same(k)` is whether thing k is it. New ones get the next number.
    template <class Same>
    std::uint32_t number(std::uint64_t hash, Same&& same) {
        // At most half full, so that probes stay short.
        if (2 * (hashes_.size() + 1) > slots_.size()) grow();
        std::size_t at = hash & (slots_.size() - 1);
        // The table has a power of two slots: the mask is the remainder.
        while (slots_[at] != empty) {
            const std::uint32_t k = slots_[at];
            // The hash decides first; equality is checked, so that two histories never merge by chance.
            if (hashes_[k] == hash && same(k)) return k;
            at = (at + 1) & (slots_.size() - 1);
        }
        slots_[at] = static_cast<std::uint32_t>(hashes_.size());
        hashes_.push_back(hash);
        return slots_[at];
    }

    [[nodiscard]] std::size_t size() const { return hashes_.size(); }

  private:
    static constexpr std::uint32_t empty = std::numeric_limits<std::uint32_t>::max();

    void grow() {
        slots_.assign(slots_.empty() ? 64 : 2 * slots_.size(), empty);
        for (std::size_t k = 0; k < hashes_.size(); ++k) {
            std::size_t at = hashes_[k] & (slots_.size() - 1);
            while (slots_[at] != empty) at = (at + 1) & (slots_.size() - 1);
            slots_[at] = static_cast<std::uint32_t>(k);
        }
    }

    std::vector<std::uint32_t> slots_;
    std::vector<std::uint64_t> hashes_;
};

/// The distinct values of a column.
CUSTFOLIO_INLINE DistinctValues distinct(const std::vector<double>& column) {
    DistinctValues result;
    result.index.reserve(column.size());
    FirstSeen seen;
    for (const double value : column) {
        const std::uint32_t k =
            seen.number(mix(0, value), [&](std::uint32_t other) { return result.value[other] == value; });
        if (k == result.value.size()) result.value.push_back(value);
        result.index.push_back(k);
    }
    return result;
}

[[noreturn]] CUSTFOLIO_INLINE void throw_history(std::size_t row, const char* name, double value, const char* right) {
    throw InputError("row " + std::to_string(row + 1) + ": " + name + " is " + number_text(value) + "; " + right);
}

CUSTFOLIO_INLINE void check_time(double t, const char* name) {
    if (!(std::isfinite(t) && t >= 0)) {
        throw InputError(std::string(name) + " is " + number_text(t) + "; it must be a finite time, at least 0");
    }
}

CUSTFOLIO_INLINE void check_discounting(double rate, double horizon) {
    if (!(std::isfinite(rate) && rate >= 0)) {
        throw InputError("discount rate is " + number_text(rate) +
                         " per unit of time; it must be finite and at least 0");
    }
    if (!(horizon >= 0)) throw InputError("horizon is " + number_text(horizon) + "; it must be a time, at least 0");
}

}  // namespace detail

CUSTFOLIO_INLINE void check_purchase_histories(std::span<const double> frequency, std::span<const double> recency,
                                               std::span<const double> age) {
    if (recency.size() != frequency.size() || age.size() != frequency.size()) {
        throw InputError("frequency has " + std::to_string(frequency.size()) + " rows, recency " +
                         std::to_string(recency.size()) + ", T " + std::to_string(age.size()) +
                         "; they must have the same number");
    }
    for (std::size_t i = 0; i < frequency.size(); ++i) {
        const double x = frequency[i];
        const double t = recency[i];
        const double observed = age[i];
        if (!(std::isfinite(x) && x >= 0 && x == std::floor(x) && x <= 1e9)) {
            detail::throw_history(i, "frequency", x, "it must be a whole number of repeat purchases, 0 ... 1e9");
        }
        if (!(std::isfinite(observed) && observed >= 0)) {
            detail::throw_history(i, "T", observed, "it must be a finite time, at least 0");
        }
        if (!(std::isfinite(t) && t >= 0)) {
            detail::throw_history(i, "recency", t, "it must be a finite time, at least 0");
        }
        if (t > observed) {
            throw InputError("row " + std::to_string(i + 1) + ": recency is " + number_text(t) + ", after T = " +
                             number_text(observed) + "; the last purchase cannot lie beyond the time observed");
        }
        // Purchases of one day are one purchase, so a repeat purchase is later than the first.
        if (x > 0 && t == 0) {
            throw InputError("row " + std::to_string(i + 1) + ": recency is 0 with " + number_text(x) +
                             " repeat purchases; it must be the time from the first purchase to the last, above 0 "
                             "(purchases of one day count as one)");
        }
        if (x == 0 && t > 0) {
            detail::throw_history(i, "recency", t,
                                  "it must be 0 where frequency is 0, since only repeat purchases count");
        }
    }
}

namespace detail {

CUSTFOLIO_INLINE void check_weights_and_covariates(std::size_t rows, std::span<const double> weights,
                                                   const Matrix& covariates) {
    if (rows >= std::numeric_limits<std::uint32_t>::max()) {
        throw InputError("there are " + std::to_string(rows) + " rows; at most 4294967294 can be taken");
    }
    if (!weights.empty() && weights.size() != rows) {
        throw InputError("weights has " + std::to_string(weights.size()) + " rows; it must have " +
                         std::to_string(rows) + ", one a row");
    }
    const std::size_t columns = covariates.cols();
    if (columns > 0 && covariates.rows() != rows) {
        throw InputError("covariates have " + std::to_string(covariates.rows()) + " rows; they must have " +
                         std::to_string(rows) + ", one a row");
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (!(std::isfinite(weights[i]) && weights[i] >= 0)) {
            throw_history(i, "weight", weights[i], "it must be a finite number of customers, at least 0");
        }
    }
    for (std::size_t i = 0; i < covariates.rows(); ++i) {
        for (std::size_t k = 0; k < columns; ++k) {
            if (!std::isfinite(covariates(i, k))) {
                throw InputError("row " + std::to_string(i + 1) + ": covariate " + std::to_string(k + 1) + " is " +
                                 number_text(covariates(i, k)) + "; it must be finite");
            }
        }
    }
}

}  // namespace detail

CUSTFOLIO_INLINE PurchaseHistories::PurchaseHistories(std::span<const double> frequency,
                                                      std::span<const double> recency, std::span<const double> age,
                                                      std::span<const double> weights, const Matrix& covariates) {
    check_purchase_histories(frequency, recency, age);
    const std::size_t rows = frequency.size();
    const std::size_t columns = covariates.cols();
    detail::check_weights_and_covariates(rows, weights, covariates);
    // Equal histories become one cell with a weight: a likelihood then takes time by cells, not by customers.
    std::vector<std::uint32_t> first;  // the row that a cell was first seen in
    detail::FirstSeen seen;
    cell_of_row_.resize(rows);
    for (std::size_t i = 0; i < rows; ++i) {
        std::uint64_t hash = detail::mix(detail::mix(detail::mix(1, frequency[i]), recency[i]), age[i]);
        for (std::size_t k = 0; k < columns; ++k) hash = detail::mix(hash, covariates(i, k));
        const std::uint32_t cell = seen.number(hash, [&](std::uint32_t c) {
            const std::size_t j = first[c];
            return frequency[j] == frequency[i] && recency[j] == recency[i] && age[j] == age[i] &&
                   (columns == 0 || detail::equal(covariates.row(j), covariates.row(i)));
        });
        if (cell == first.size()) {
            first.push_back(static_cast<std::uint32_t>(i));
            weight_.push_back(0);
        }
        cell_of_row_[i] = cell;
        weight_[cell] += weights.empty() ? 1.0 : weights[i];
    }
    const auto of_cells = [&](std::span<const double> column) {
        std::vector<double> values(first.size());
        for (std::size_t c = 0; c < first.size(); ++c) values[c] = column[first[c]];
        return values;
    };
    // Cells share values too (days are whole): each distinct value is computed once.
    frequency_ = detail::distinct(of_cells(frequency));
    recency_ = detail::distinct(of_cells(recency));
    age_ = detail::distinct(of_cells(age));
    covariates_ = Matrix(first.size(), columns);
    math::CompensatedSum customers;
    math::CompensatedSum purchases;
    for (std::size_t c = 0; c < first.size(); ++c) {
        if (columns > 0) detail::copy(covariates.row(first[c]), covariates_.row(c).begin());
        customers += weight_[c];
        purchases += weight_[c] * frequency[first[c]];
    }
    customers_ = customers.value();
    purchases_ = purchases.value();
}

CUSTFOLIO_INLINE PurchaseHistories PurchaseHistories::every(std::size_t step) const {
    PurchaseHistories part;
    std::vector<double> x;
    std::vector<double> t;
    std::vector<double> observed;
    std::vector<std::size_t> taken;
    // Every n-th cell: first appearance orders the cells, so the part is a sample of all customers.
    for (std::size_t c = 0; c < cells(); c += step) {
        x.push_back(frequency_.value[frequency_.index[c]]);
        t.push_back(recency_.value[recency_.index[c]]);
        observed.push_back(age_.value[age_.index[c]]);
        part.weight_.push_back(weight_[c]);
        part.cell_of_row_.push_back(static_cast<std::uint32_t>(taken.size()));
        part.customers_ += weight_[c];
        part.purchases_ += weight_[c] * x.back();
        taken.push_back(c);
    }
    part.frequency_ = detail::distinct(x);
    part.recency_ = detail::distinct(t);
    part.age_ = detail::distinct(observed);
    part.covariates_ = Matrix(taken.size(), covariates_.cols());
    for (std::size_t c = 0; c < taken.size(); ++c) {
        detail::copy(covariates_.row(taken[c]), part.covariates_.row(c).begin());
    }
    return part;
}

}  // namespace custfolio
