// The statement: profit and loss per customer, reconciled with its input.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "custfolio/costing/charge.hpp"
#include "custfolio/costing/cost_model.hpp"
#include "custfolio/costing/credit.hpp"
#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/portfolio/bucket.hpp"
#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/selection/whale.hpp"

namespace custfolio {

/// Input against statement. Input amounts are summed over the ledger's rows, stated amounts over the customers: two
/// ways to the same number.
struct Reconciliation {
    std::size_t rows_read = 0;         ///< Rows of the ledger; 0 where the statement was made from a driver table.
    std::size_t rows_in_period = 0;    ///< Rows that the statement covers.
    double revenue_read = 0;           ///< Net revenue of all rows of the ledger, currency.
    double revenue_in = 0;             ///< Net revenue of those rows, currency.
    double revenue_stated = 0;         ///< Net revenue over the customers, currency.
    double goods_in = 0;               ///< Cost of goods of those rows, currency.
    double goods_stated = 0;           ///< Cost of goods over the customers, currency.
    double cost_in = 0;                ///< Input cost to serve: rates x drivers, pools, revenue share, currency.
    double charged = 0;                ///< Cost to serve charged to customers, currency.
    double unused_capacity = 0;        ///< Cost of unused capacity, currency: shown, never charged.
    double not_attributed = 0;         ///< Cost of drivers outside the ledger's customers, currency.
    double credit_in = 0;              ///< Cost of credit of all invoices of the period, currency.
    double credit_charged = 0;         ///< Cost of credit charged to customers, currency.
    double credit_not_attributed = 0;  ///< Cost of credit of customers outside the ledger, currency.

    /// @return net revenue of the ledger's rows outside the period, currency.
    [[nodiscard]] double revenue_outside_period() const { return revenue_read - revenue_in; }
    /// @return cost_in - charged - unused_capacity - not_attributed, currency.
    [[nodiscard]] double cost_gap() const { return cost_in - charged - unused_capacity - not_attributed; }
    /// @return whether revenue, goods, cost to serve and cost of credit each reconcile: a difference below half a cent.
    [[nodiscard]] bool exact() const;
};

/// Profit and loss per customer over a period: revenue - goods - cost to serve - cost of credit = contribution.
/// Immutable; safe to read from any thread.
class Statement {
  public:
    /// A statement without customers.
    Statement() = default;
    /// @param portfolio the customers.
    /// @param costs their cost to serve by element; one row per customer of the portfolio, in its order.
    /// @param reconciliation input against statement.
    /// @throws InputError where the number of customers differs, or the amounts do not reconcile to the cent.
    Statement(Portfolio portfolio, CostTable costs, Reconciliation reconciliation);

    /// @return the customers, in the order of the ledger's codes.
    [[nodiscard]] const Portfolio& portfolio() const { return portfolio_; }
    /// @return which portfolio it states.
    [[nodiscard]] const Identity& identity() const { return portfolio_.identity(); }
    /// @return all customers as one bucket.
    [[nodiscard]] Bucket bucket() const { return portfolio_.bucket(); }
    /// @return the whale curve of contribution; empty where the costs of goods are not known.
    [[nodiscard]] const WhaleCurve& whale() const { return whale_; }
    /// @return cost to serve by customer and element, rows as in the portfolio.
    [[nodiscard]] const CostTable& costs() const { return costs_; }
    /// @return input against statement.
    [[nodiscard]] const Reconciliation& reconciliation() const { return reconciliation_; }

  private:
    Portfolio portfolio_;
    CostTable costs_;
    WhaleCurve whale_;
    Reconciliation reconciliation_;
};

/// Optional input of a statement beside the ledger.
struct StatementOptions {
    std::vector<DriverColumn> drivers =
        {};                      ///< Further drivers per customer code, totals over the period; see add_drivers().
    Volume not_attributed = {};  ///< Drivers without a customer: `further` in the table's order of names.
    ColumnView<std::string> name = {};  ///< Name for people per customer code; empty: the identity.
    ColumnView<DayNumber> first_day =
        {};                         ///< First day of each code as a customer; empty: its first day in the ledger.
    Receivables receivables = {};   ///< Invoices, for the cost of credit.
    ColumnView<double> dso = {};    ///< Days sales outstanding per customer code, in place of invoices; NaN: not known.
    ColumnView<double> terms = {};  ///< Agreed days of payment per customer code, beside `dso`.
};

/// States the profit of every customer from the lines of a ledger.
///
/// The portfolio has the customers with at least one row in the period, and those with a further driver only, such as a
/// visit without a sale; their last day is the day before the period. First days come from the whole ledger, so an old
/// customer is never counted as a new one. A ledger without costs of goods has levels, but neither heat nor temperature
/// (see Portfolio::has_heat()).
///
/// The cost of credit is the yearly rate x amount x days / 365, over the invoices of the period; see customer_credit().
/// @param ledger the lines.
/// @param costs the cost model; without one the statement is of gross margins.
/// @param period the days, both included; an empty period (the default) means all.
/// @param threads upper bound on threads; 0 means all cores. The result has the same bits for any number.
/// @param options drivers per customer, names.
/// @return the statement. Linear in rows.
/// @throws InputError as aggregate() and customer_credit() do, and where an identity is empty or repeated.
/// @throws NotFoundError where the ledger has no driver of that name (the message lists its drivers), or the model has
/// a credit rate and the options have neither receivables nor DSO.
Statement statement(const LedgerView& ledger, const CostModel& costs = {}, Period period = {}, unsigned threads = 0,
                    const StatementOptions& options = {});

/// States the profit of every customer from drivers that were aggregated elsewhere, in a database for instance.
/// @param drivers one row per customer; an empty column of goods: their costs are not known.
/// @param id identity per row of the table.
/// @param costs the cost model.
/// @param options drivers per customer, names.
/// @return the statement; its reconciliation counts no rows. Linear in customers.
/// @throws InputError where lengths differ, a number is not finite, or an identity is empty or repeated.
/// @throws NotFoundError where the table has no driver of that name (the message lists its drivers).
Statement statement(const DriverTable& drivers, std::span<const std::string> id, const CostModel& costs,
                    const StatementOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/statement.ipp"
#endif
