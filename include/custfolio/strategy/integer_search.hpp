// From the relaxation's mixture to whole courses: repair, exchange, and an exact search within the bound.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/strategy/lagrangian_dual.hpp"

namespace custfolio::detail {

/// A search over whole choices around given prices. Not safe to change from several threads at once.
class ChoiceSearch {
  public:
    /// @param instance the problem; must outlive the search.
    /// @param prices per row.
    /// @param with_values false: only violations count.
    ChoiceSearch(const ChoiceInstance& instance, std::span<const double> prices, bool with_values);

    /// Moves towards the rows until they are met, or no move and no exchange of two lowers the violation.
    /// @param choice changed in place.
    /// @return whether all rows are met.
    bool repair(std::vector<std::size_t>& choice);
    /// Raises the value by moves and exchanges of two within all rows.
    /// @param choice a choice within all rows; changed in place.
    void improve(std::vector<std::size_t>& choice);
    /// Searches all choices that may be better.
    /// @param choice in: the best one known, if `known`; out: the best one found.
    /// @param known whether `choice` is within all rows. Out: whether such a choice is known.
    /// @param bound the bound at these prices.
    /// @param nodes greatest number of nodes.
    /// @return whether the search was complete: `choice` is then the best one, or there is none.
    bool exact(std::vector<std::size_t>& choice, bool& known, double bound, std::size_t nodes);
    /// @param usage per row a sum.
    /// @return sum over the rows of violation / unit.
    [[nodiscard]] double violation(std::span<const double> usage) const;

  private:
    struct Move {
        std::size_t customer = 0;
        std::size_t position = 0;
        double loss = 0;  // against the customer's best course at the prices
    };
    [[nodiscard]] std::vector<Move> core(std::span<const std::size_t> choice, std::size_t size) const;
    [[nodiscard]] double value_at(std::size_t customer, std::size_t position) const;
    void measure(const std::vector<Move>& moves, std::span<const std::size_t> choice, std::size_t only_customer);
    [[nodiscard]] double violation_after(std::span<const double> usage, const double* first,
                                         const double* second) const;
    [[nodiscard]] bool kept_after(std::span<const double> usage, const double* first, const double* second) const;

    const ChoiceInstance* instance_;
    std::vector<double> prices_;
    bool with_values_;
    std::vector<double> loss_;           // per course
    std::vector<std::uint32_t> best_;    // per customer
    std::vector<double> change_, gain_;  // of the moves last measured: moves x rows, and value
};

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/integer_search.ipp"
#endif
