// Purchase histories: what a customer-base model sees of each customer, checked and with identical rows collapsed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// A column by its distinct values: `value[index[i]]` is entry i.
struct DistinctValues {
    std::vector<double> value;         ///< Distinct values in the order of their first appearance.
    std::vector<std::uint32_t> index;  ///< Place in `value` of each entry.
};

/**
 * @brief Purchase histories of customers, identical ones collapsed into cells that carry a weight.
 *
 * A history is how many repeat purchases a customer made (frequency x; the first purchase is not counted), the time
 * from the first purchase to the last (recency t_x, 0 where x = 0) and the time observed (age T), in one unit of time.
 * Cells stand in the order in which they first appear. Immutable; safe to read from any thread.
 *
 * Memory is linear: 56 bytes a cell and 4 a row, and a hash table of twice the number of cells while they are found.
 */
class PurchaseHistories {
  public:
    /**
     * @brief Checks and collapses columns.
     * @param frequency repeat purchases x: whole numbers, at least 0.
     * @param recency time of the last purchase t_x, 0 <= t_x <= T; 0 exactly where x = 0.
     * @param age time observed T, at least 0.
     * @param weights customers that a row stands for, at least 0; empty: one each. Rows of weight 0 count for nothing.
     * @param covariates one row a customer, one column a covariate; no columns where there are none.
     * @throws InputError if a value is out of range (the message names row and column), and the row where x > 0 but T
     * or t_x is 0.
     */
    PurchaseHistories(std::span<const double> frequency, std::span<const double> recency, std::span<const double> age,
                      std::span<const double> weights = {}, const Matrix& covariates = Matrix(0, 0));

    /// @return rows read.
    [[nodiscard]] std::size_t rows() const { return cell_of_row_.size(); }
    /// @return distinct histories.
    [[nodiscard]] std::size_t cells() const { return weight_.size(); }
    /// @return customers: the sum of all weights.
    [[nodiscard]] double customers() const { return customers_; }
    /// @return repeat purchases by cell.
    [[nodiscard]] const DistinctValues& frequency() const { return frequency_; }
    /// @return time of the last purchase by cell.
    [[nodiscard]] const DistinctValues& recency() const { return recency_; }
    /// @return time observed by cell.
    [[nodiscard]] const DistinctValues& age() const { return age_; }
    /// @return customers of each cell.
    [[nodiscard]] const std::vector<double>& weight() const { return weight_; }
    /// @return cells x covariates.
    [[nodiscard]] const Matrix& covariates() const { return covariates_; }
    /// @return the cell of each row.
    [[nodiscard]] const std::vector<std::uint32_t>& cell_of_row() const { return cell_of_row_; }
    /// @return sum of weight times frequency.
    [[nodiscard]] double purchases() const { return purchases_; }

    /**
     * @brief A part of the cells, spread evenly over all, each with its weight: enough to come near an estimate.
     * @param step every `step`-th cell is taken, at least 1.
     * @return the histories of those cells, one row a cell.
     */
    [[nodiscard]] PurchaseHistories every(std::size_t step) const;

  private:
    PurchaseHistories() = default;

    DistinctValues frequency_, recency_, age_;
    std::vector<double> weight_;
    std::vector<std::uint32_t> cell_of_row_;
    Matrix covariates_;
    double customers_ = 0;
    double purchases_ = 0;
};

/**
 * @brief Checks that columns are purchase histories; PurchaseHistories does it for itself.
 * @param frequency repeat purchases x.
 * @param recency time of the last purchase t_x.
 * @param age time observed T.
 * @throws InputError naming the row, what was found and what would be right.
 */
void check_purchase_histories(std::span<const double> frequency, std::span<const double> recency,
                              std::span<const double> age);

}  // namespace custfolio

namespace custfolio::detail {

/// Fails unless a length of time is one: finite, at least 0. @throws InputError naming it.
void check_time(double t, const char* name = "time");

/// Fails unless a continuous discount rate is finite and at least 0, and the time that it is for at least 0, which may
/// be infinite. @throws InputError naming it.
void check_discounting(double rate, double horizon);

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/purchase_history.ipp"
#endif
