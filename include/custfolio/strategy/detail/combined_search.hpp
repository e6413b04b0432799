// Search of whole choices by combining two lists of cheap sets of moves.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/strategy/detail/lagrangian_dual.hpp"

namespace custfolio::detail {

/// Searches the choices that fall least short of the bound at given prices: by the losses of their courses and by what
/// they leave of priced rows. The customers with cheap moves are halved, the cheapest sets of moves of each half are
/// listed, and for each set of one half those of the other that fill the rows are looked up (meeting in the middle:
/// Horowitz and Sahni, Computing partitions with applications to the knapsack problem, 1974). The same bits every time.
class CombinedSearch {
  public:
    /// @param instance the problem; must outlive the search.
    /// @param prices per row; must outlive the search.
    /// @param loss per course: against the customer's best course at the prices, >= 0; must outlive the search.
    /// @param base the choice that moves begin from; within the rows or not.
    CombinedSearch(const ChoiceInstance& instance, std::span<const double> prices, std::span<const double> loss,
                   std::vector<std::size_t> base);

    /// Looks for a better choice. O(sets x (rows + log sets)) and the size of the problem.
    /// @param choice in: a choice within all rows, if `found`; out: the best one found.
    /// @param found in: whether `choice` is within all rows. Out: whether it is.
    /// @param bound the bound at these prices.
    /// @param sets number of sets of moves to list in each half at most.
    void improve(std::vector<std::size_t>& choice, bool& found, double bound, std::size_t sets) const;

  private:
    struct Move;
    struct Half;
    struct Grid;
    [[nodiscard]] std::array<std::vector<Move>, 2> halves(double gap) const;
    [[nodiscard]] Half list_sets(std::vector<Move> moves, double gap, std::size_t sets) const;
    [[nodiscard]] double row_loss(std::size_t row, double usage) const;
    [[nodiscard]] double rest_loss(const Half& a, std::size_t i, const Half& b, std::size_t k, double most) const;

    const ChoiceInstance& instance_;
    std::span<const double> prices_, loss_;
    std::vector<std::size_t> base_;
    double base_loss_ = 0;
    std::vector<double> usage_;        // per row, of the base
    std::vector<std::size_t> keys_;    // the priced rows that sets are looked up by
    std::vector<std::size_t> others_;  // all other rows with a bound
};

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/detail/combined_search.ipp"
#endif
