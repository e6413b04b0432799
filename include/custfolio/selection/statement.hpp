// The statement: profit and loss per customer, reconciled with what went in.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "custfolio/costing/charge.hpp"
#include "custfolio/costing/cost_model.hpp"
#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/portfolio/bucket.hpp"
#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/selection/whale.hpp"

namespace custfolio {

/// What went in against what the statement shows. The amounts that went in are summed over the ledger's rows, those
/// stated over the customers: two ways to the same number.
struct Reconciliation {
    std::size_t rows_read = 0;       ///< Rows of the ledger; 0 where the statement was made from a driver table.
    std::size_t rows_in_period = 0;  ///< Rows that the statement covers.
    double revenue_in = 0;           ///< Net revenue of those rows, currency.
    double revenue_stated = 0;       ///< Net revenue over the customers, currency.
    double goods_in = 0;             ///< Cost of goods of those rows, currency.
    double goods_stated = 0;         ///< Cost of goods over the customers, currency.
    double cost_in = 0;              ///< Cost to serve that went in: rates x drivers, pools, revenue share, currency.
    double charged = 0;              ///< Cost to serve charged to customers, currency.
    double unused_capacity = 0;      ///< Cost of capacity that nobody used, currency: shown, never charged.
    double not_attributed = 0;       ///< Cost of drivers that belong to no customer of the ledger, currency.

    /// @return cost_in - charged - unused_capacity - not_attributed, currency.
    [[nodiscard]] double cost_gap() const { return cost_in - charged - unused_capacity - not_attributed; }
    /// @return whether revenue, goods and cost each reconcile: a difference below half a cent.
    [[nodiscard]] bool exact() const;
};

/// Profit and loss per customer over a period: revenue - goods - cost to serve = contribution. Immutable; safe to read
/// from any thread.
class Statement {
  public:
    /// A statement without customers.
    Statement() = default;
    /// @param portfolio the customers.
    /// @param costs their cost to serve by element; one row per customer of the portfolio, in its order.
    /// @param reconciliation what went in against what is stated.
    /// @throws InputError where the number of customers differs, or the amounts do not reconcile to the cent.
    Statement(Portfolio portfolio, CostTable costs, Reconciliation reconciliation);

    /// @return the customers, in the order of the ledger's codes.
    [[nodiscard]] const Portfolio& portfolio() const { return portfolio_; }
    /// @return all customers as one bucket.
    [[nodiscard]] Bucket bucket() const { return portfolio_.bucket(); }
    /// @return the whale curve of contribution.
    [[nodiscard]] const WhaleCurve& whale() const { return whale_; }
    /// @return cost to serve by customer and element, rows as in the portfolio.
    [[nodiscard]] const CostTable& costs() const { return costs_; }
    /// @return what went in against what is stated.
    [[nodiscard]] const Reconciliation& reconciliation() const { return reconciliation_; }

  private:
    Portfolio portfolio_;
    CostTable costs_;
    WhaleCurve whale_;
    Reconciliation reconciliation_;
};

/// What a statement may know beyond the ledger.
struct StatementOptions {
    std::vector<DriverColumn> drivers =
        {};                      ///< Further drivers per customer code, totals over the period; see add_drivers().
    Volume not_attributed = {};  ///< Drivers that belong to no customer: `further` in the table's order of names.
    std::span<const std::string> name = {};  ///< Name for people per customer code; empty: the identity.
    std::span<const DayNumber> first_day =
        {};  ///< Since when each code is a customer; empty: its first day in the ledger.
};

/// States the profit of every customer from the lines of a ledger.
///
/// The portfolio holds the customers with at least one row in the period, and those that have none but a further driver
/// (nobody bought, but somebody went there; their last day is the day before the period). First days come from the
/// whole ledger, so that an old customer is never taken for a new one.
/// @param ledger the lines.
/// @param costs what serving costs.
/// @param period days that the statement covers, both included; an empty period (the default) means all.
/// @param threads upper bound on threads; 0 means all cores. The result has the same bits for any number.
/// @param options drivers per customer, names.
/// @return the statement. Linear in rows.
/// @throws InputError as aggregate() does, and where an identity is empty or repeated.
/// @throws NotFoundError where the cost model has a driver that the ledger has not (the text lists those it has).
Statement statement(const LedgerView& ledger, const CostModel& costs, Period period = {}, unsigned threads = 0,
                    const StatementOptions& options = {});

/// States the profit of every customer from drivers that were aggregated elsewhere, in a database for instance.
/// @param drivers one row per customer.
/// @param id identity per row of the table.
/// @param costs what serving costs.
/// @param options drivers per customer, names.
/// @return the statement; its reconciliation counts no rows. Linear in customers.
/// @throws InputError where lengths differ, a number is not finite, or an identity is empty or repeated.
/// @throws NotFoundError where the cost model has a driver that the table has not (the text lists those it has).
Statement statement(const DriverTable& drivers, std::span<const std::string> id, const CostModel& costs,
                    const StatementOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/statement.ipp"
#endif
