// From the relaxation's mixture to whole courses: repair, exchange, and an exact search within the bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "custfolio/strategy/detail/lagrangian_dual.hpp"

namespace custfolio::detail {

// Limits of the search. The first five bound its time; the others are relative, and far above rounding.
namespace search_limits {
inline constexpr std::size_t first_core = 4'000;       // cheapest moves; holds what most repairs need
inline constexpr std::size_t greatest_core = 400'000;  // grown tenfold while no move helps
inline constexpr std::size_t repairing_pairs = 500;    // moves of which all pairs are tried: quadratic
inline constexpr std::size_t improving_pairs = 700;    // the same where only value is at stake
inline constexpr std::size_t sample = 64;              // one in so many customers shows which moves are cheap
inline constexpr std::size_t least_sets = 20'000;      // of moves to combine: fewer find little
inline constexpr int passes = 8;                       // further ones rarely find anything
inline constexpr std::size_t depth = 2'000;            // beyond it no search ends within its nodes
inline constexpr std::size_t part_nodes = 1'000;       // of the search over the courses of a few customers
inline constexpr std::size_t part_customers = 6;       // of the first of these; then as many as end within the nodes
inline constexpr double relief = 1e-12;                // of the violation: less is rounding
inline constexpr double free_loss = 1e-9;              // of the value's spread: cheaper moves count as equal
inline constexpr double grain = 1e-13;                 // of the value's spread: less is no better value
inline constexpr double blur = 1e-12;                  // of a row's spread: rounding of partial sums
}  // namespace search_limits

/// A course that a customer may change to.
struct ChoiceMove {
    std::size_t customer = 0;  ///< The customer.
    std::size_t position = 0;  ///< Position of the course among its own.
    double loss = 0;           ///< Against the customer's best course at the prices, >= 0.
};

class MoveTable;

/// A search over whole choices around given prices. Safe to use from any thread.
class ChoiceSearch {
  public:
    /// @param instance the problem; must outlive the search.
    /// @param prices per row.
    ChoiceSearch(const ChoiceInstance& instance, std::span<const double> prices);

    /// Moves towards the rows that must be met until they are, or no move and no exchange of two lowers the violation.
    /// @param choice changed in place.
    /// @return whether they are met.
    bool repair(std::vector<std::size_t>& choice) const;
    /// Raises the value by moves and exchanges of two within all rows.
    /// @param choice a choice within all rows; changed in place.
    void improve(std::vector<std::size_t>& choice) const;
    /// Searches all choices that may be better.
    /// @param choice in: a choice within all rows, if `found`; out: the best one found.
    /// @param found in: whether `choice` is within all rows. Out: whether it is.
    /// @param bound the bound at these prices.
    /// @param nodes greatest number of nodes.
    /// @param accept a further rule of whole choices; empty: none. `choice` meets it where `found`.
    /// @return whether the search was complete: `choice` is then the best one, or there is none.
    bool exact(std::vector<std::size_t>& choice, bool& found, double bound, std::size_t nodes,
               const std::function<bool(std::span<const std::size_t>)>& accept = {}) const;

    /// Searches the choices that fall least short of the bound, by sets of cheap moves of two halves of the customers.
    /// @param choice in: a choice within all rows, if `found`; out: the best one found.
    /// @param found in: whether `choice` is within all rows. Out: whether it is.
    /// @param bound the bound at these prices.
    /// @param sets number of sets of moves to list in each half at most.
    void combine(std::vector<std::size_t>& choice, bool& found, double bound, std::size_t sets) const;

    /// Improves a choice by exact searches over the courses of a few customers, while all others keep theirs.
    /// @param choice a choice within all rows that meets `accept`; changed in place.
    /// @param bound the bound at these prices.
    /// @param nodes greatest number of nodes of all searches together.
    /// @param accept a further rule of whole choices; empty: none.
    void explore(std::vector<std::size_t>& choice, double bound, std::size_t nodes,
                 const std::function<bool(std::span<const std::size_t>)>& accept = {}) const;

  private:
    [[nodiscard]] std::vector<ChoiceMove> core(std::span<const std::size_t> choice, std::size_t size) const;
    [[nodiscard]] std::pair<std::size_t, std::size_t> relieving(const MoveTable& moves,
                                                                std::span<const std::size_t> choice,
                                                                std::span<const double> usage) const;
    [[nodiscard]] double violation_after(std::span<const double> usage, const double* first,
                                         const double* second) const;
    [[nodiscard]] double penalty_after(std::span<const double> usage, const double* first, const double* second) const;

    const ChoiceInstance* instance_;
    std::vector<double> prices_;
    std::vector<double> loss_;         // per course: against the customer's best course at the prices
    std::vector<std::uint32_t> best_;  // per customer
};

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/detail/integer_search.ipp"
#endif
