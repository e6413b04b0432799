// Identity of a portfolio: its results carry it, so that they are never applied to another portfolio by row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// Which portfolio something belongs to. The hash covers the customers' keys in order, the period, the revenue and the
/// contribution. It is the same on every run and platform.
struct Identity {
    std::uint64_t hash = 0;     ///< 0: of no portfolio, as a result that was filled by hand.
    std::size_t customers = 0;  ///< Number of customers.
    Period period{};            ///< The reference period.
    /// Same hash, customers and period.
    /// @return whether the two are the same.
    bool operator==(const Identity&) const = default;
};

/// Hashes the columns of a portfolio.
/// @param id the customers' keys, in order.
/// @param period the reference period.
/// @param revenue net revenue per customer, currency.
/// @param contribution contribution per customer, currency.
/// @return their identity. Linear.
/// @throws InputError where the lengths differ.
Identity identify(std::span<const std::string> id, Period period, std::span<const double> revenue,
                  std::span<const double> contribution);

/// @param identity any identity.
/// @return it in words: "portfolio 9f86d081884c7d65 (1948 customers, 2021-01-01 to 2021-12-31)".
std::string to_string(const Identity& identity);

/// Checks that a result belongs to a portfolio. A result of no portfolio passes.
/// @param result identity of the result.
/// @param portfolio identity of the portfolio.
/// @param what the result as the message begins: "the offers are".
/// @throws InputError that names both portfolios where they differ.
void require_same(const Identity& result, const Identity& portfolio, const std::string& what);

/// Rows of a portfolio, such as the customers with a verdict. Converts from plain rows, which belong to no portfolio.
struct CustomerRows {
    Identity identity{};              ///< The portfolio that they are rows of.
    std::vector<std::size_t> rows{};  ///< The rows, 0-based.

    /// No rows.
    CustomerRows() = default;
    /// @param of the portfolio that they are rows of.
    /// @param positions the rows.
    CustomerRows(const Identity& of, std::vector<std::size_t> positions) : identity(of), rows(std::move(positions)) {}
    /// @param positions rows of no portfolio.
    CustomerRows(std::vector<std::size_t> positions)
        : rows(std::move(positions)) {}  // NOLINT(google-explicit-constructor)
    /// @param positions rows of no portfolio.
    CustomerRows(std::span<const std::size_t> positions)  // NOLINT(google-explicit-constructor)
        : rows(positions.begin(), positions.end()) {}
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/portfolio/identity.ipp"
#endif
