// The cutting planes' master problem: a small linear programme that mixes the known choices.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/math/matrix.hpp"

namespace custfolio::detail {

/// Finds the best mixture of known choices. Customers are in groups; a column is a choice of all customers of a group.
///
///     maximise   sum_k value[k] x[k] - sum_r high[r] p[r] + sum_r low[r] q[r]
///     subject to lower[r] <= sum_k usage[k, r] x[k] - p[r] + q[r] <= upper[r]    for every row r
///                sum_{k of group g} x[k] = 1 for every group g;  x, p, q >= 0
///
/// The dual solution, the prices of the rows, is then in the box low <= y <= high. The method is a primal simplex with
/// bounded variables and an explicit inverse of its basis. It stays feasible when columns are added or the box moves.
/// Amounts should be scaled to about 1. Not safe to change from several threads at once.
class Master {
  public:
    /// @param lower least activity per row, -infinity where none; not both infinite.
    /// @param upper greatest activity per row, +infinity where none; not below `lower`.
    /// @param groups number of groups.
    Master(std::vector<double> lower, std::vector<double> upper, std::size_t groups);

    /// Adds a column. The first solve() needs one column for each group, added in the order of the groups.
    /// @param group its group.
    /// @param value its value.
    /// @param usage its activity per row.
    void add(std::size_t group, double value, std::span<const double> usage);
    /// Moves the box of the prices.
    /// @param low least price per row.
    /// @param high greatest price per row, not below `low`.
    void set_box(std::span<const double> low, std::span<const double> high);
    /// Optimises from the last basis.
    /// @param max_pivots stops after so many.
    /// @return whether the optimum was reached; prices() and weights are those of the last basis in any case.
    bool solve(std::size_t max_pivots);

    /// @return price per row at the last basis.
    [[nodiscard]] std::span<const double> prices() const { return {dual_.data(), rows_}; }
    /// @param group a group.
    /// @return the value of its best column at these prices.
    [[nodiscard]] double group_value(std::size_t group) const { return dual_[rows_ + group]; }
    /// @return the objective at the last basis.
    [[nodiscard]] double objective() const;
    /// @return activity bought at the edge of the box: p per row, then q per row.
    [[nodiscard]] std::vector<double> bought() const;
    /// @param column a column, in the order of adding.
    /// @return its activity per row.
    [[nodiscard]] const double* usage(std::size_t column) const { return usage_.data() + column * rows_; }
    /// @return number of columns added.
    [[nodiscard]] std::size_t columns() const { return group_.size(); }
    /// @return per column, in the order of adding: its share in the mixture, in [0, 1].
    [[nodiscard]] std::vector<double> weights() const;

  private:
    enum class Place : unsigned char { lower, upper, basic };

    [[nodiscard]] double low_of(std::size_t variable) const;
    [[nodiscard]] double high_of(std::size_t variable) const;
    [[nodiscard]] double cost_of(std::size_t variable) const;
    [[nodiscard]] double resting_value(std::size_t variable) const;
    void begin_basis();
    void column_of(std::size_t variable, std::vector<double>& column) const;
    /// @return whether the basis has an inverse.
    bool refactor();
    void price_out();
    struct Step {
        std::size_t leaving = 0;  // position in the basis
        double length = 0;
    };
    [[nodiscard]] double reduced_gain(std::size_t variable) const;
    [[nodiscard]] std::size_t entering(bool bland) const;
    [[nodiscard]] Step leaving(std::span<const double> change, double own_room, bool bland) const;
    void update_inverse(std::size_t leaving, std::span<const double> direction);

    std::size_t rows_ = 0;
    std::size_t groups_ = 0;
    std::vector<double> lower_, upper_, box_low_, box_high_;
    // Columns x rows, and what goes with each column.
    std::vector<double> usage_, value_;
    std::vector<std::size_t> group_;
    // Variables: per row its activity, p and q (3 x rows), then the columns.
    std::vector<Place> place_;
    std::vector<std::size_t> basis_;
    std::vector<double> basic_value_, dual_;
    Matrix inverse_;
    std::size_t pivots_since_refactor_ = 0;
};

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/detail/cutting_plane_master.ipp"
#endif
