// The statement: profit and loss per customer, reconciled with its input.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "custfolio/costing/charge.hpp"
#include "custfolio/costing/cost_model.hpp"
#include "custfolio/costing/credit.hpp"
#include "custfolio/ledger/events.hpp"
#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/ledger/orders.hpp"
#include "custfolio/portfolio/bucket.hpp"
#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/selection/whale.hpp"

namespace custfolio {

/// An amount that was spent on a cost element, as the ledger's accounts have it.
struct SpentAmount {
    std::string element{};  ///< A driver with a rate, a pool, or "revenue share".
    double amount = 0;      ///< Currency.
};

/// A cost element: what was spent against what became of it.
struct ReconciledElement {
    std::string element{};      ///< Its name.
    double spent = 0;           ///< As given; else the cost of the pool, or rate x driver, currency.
    bool given = false;         ///< Whether `spent` was given, or is the cost of a pool.
    double charged = 0;         ///< Charged to customers, currency.
    double unused = 0;          ///< Cost of unused capacity, currency; negative: over capacity.
    double not_attributed = 0;  ///< Cost of events and drivers outside the ledger's customers, currency.
    /// @return spent - charged - unused - not_attributed, currency: what nothing explains.
    [[nodiscard]] double difference() const { return spent - charged - unused - not_attributed; }
};

/// Input against statement. Input amounts are summed over the ledger's rows, stated amounts over the customers: two
/// ways to the same number. Costs are compared with what was spent, which may differ from what the model charges.
struct Reconciliation {
    std::size_t rows_read = 0;          ///< Rows of the ledger; 0 where the statement was made from a driver table.
    std::size_t rows_in_period = 0;     ///< Rows that the statement covers.
    double revenue_read = 0;            ///< Net revenue of all rows of the ledger, currency.
    double revenue_in = 0;              ///< Net revenue of those rows, currency.
    double rebates = 0;                 ///< Rebates per customer, beside those of the rows, currency.
    double rebates_not_attributed = 0;  ///< Rebates of customers outside the ledger, currency: nobody's.
    double revenue_stated = 0;          ///< Net revenue over the customers: revenue_in less rebates, currency.
    double goods_in = 0;                ///< Cost of goods of those rows, currency.
    double goods_stated = 0;            ///< Cost of goods over the customers, currency.
    double cost_in = 0;                 ///< Cost to serve that was spent: the sum over the elements, currency.
    double charged = 0;                 ///< Cost to serve charged to customers, currency.
    double unused_capacity = 0;         ///< Cost of unused capacity, currency: shown, never charged.
    double not_attributed = 0;          ///< Cost of events and drivers outside the ledger's customers, currency.
    double credit_in = 0;               ///< Cost of credit of all invoices of the period, currency.
    double credit_charged = 0;          ///< Cost of credit charged to customers, currency.
    double credit_not_attributed = 0;   ///< Cost of credit of customers outside the ledger, currency.
    std::vector<ReconciledElement> elements{};  ///< The cost to serve by element.

    /// @return net revenue of the ledger's rows outside the period, currency.
    [[nodiscard]] double revenue_outside_period() const { return revenue_read - revenue_in; }
    /// @return cost_in - charged - unused_capacity - not_attributed, currency.
    [[nodiscard]] double cost_gap() const { return cost_in - charged - unused_capacity - not_attributed; }
    /// @return whether revenue, goods, cost of credit and every cost element reconcile: a difference below half a cent.
    [[nodiscard]] bool exact() const;
};

/// Profit and loss per customer over a period: net revenue - goods - cost to serve - cost of credit = contribution.
/// Immutable; safe to read from any thread.
class Statement {
  public:
    /// A statement without customers.
    Statement() = default;
    /// @param portfolio the customers.
    /// @param costs their cost to serve by element; one row per customer of the portfolio, in its order.
    /// @param reconciliation input against statement.
    /// @throws InputError where the number of customers differs, or revenue or goods do not reconcile to the cent.
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
    std::vector<DriverColumn> drivers = {};  ///< Further drivers per customer code, totals over the period, >= 0; see
                                             ///< add_drivers(). Amounts of price_elements have the sign of their sale;
                                             ///< a rebate lowers the revenue of the months in proportion to it.
    Volume not_attributed = {};              ///< Drivers without a customer: `further` in the table's order of names.
    ColumnView<std::string> name = {};       ///< Name for people per customer code; empty: the identity.
    ColumnView<DayNumber> first_day =
        {};                         ///< First day of each code as a customer; empty: its first day in the ledger.
    Receivables receivables = {};   ///< Invoices, for the cost of credit.
    ColumnView<double> dso = {};    ///< Days sales outstanding per customer code, in place of invoices; NaN: not known.
    ColumnView<double> terms = {};  ///< Agreed days of payment per customer code, beside `dso`.
    std::vector<EventTable> events = {};  ///< Events beside the ledger, for activities and rates.
    int horizon = 12;                     ///< Months after a change, for avoidable shares by horizon; >= 0.
    std::vector<SpentAmount> spent = {};  ///< What was spent per element; others: the pool's cost, or rate x driver.
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
/// @param options drivers per customer, names, events, horizon, what was spent.
/// @return the statement. Linear in rows.
/// @throws InputError as aggregate(), sum_events(), charge() and customer_credit() do, where a driver of a customer is
/// negative, and where an identity is empty or repeated.
/// @throws NotFoundError where a driver, event or element of that name does not exist (the message lists what there
/// is), or the model has a credit rate and the options have neither receivables nor DSO.
Statement statement(const LedgerView& ledger, const CostModel& costs = {}, Period period = {}, unsigned threads = 0,
                    const StatementOptions& options = {});

/// States the profit of every customer from drivers that were aggregated elsewhere, in a database for instance.
/// @param drivers one row per customer; an empty column of goods: their costs are not known.
/// @param id identity per row of the table.
/// @param costs the cost model.
/// @param options drivers per customer, names; not its tables of events, which need a ledger.
/// @param events sums of the model's event drivers, rows as in the table; see charge().
/// @return the statement; its reconciliation counts no rows. Linear in customers.
/// @throws InputError where lengths differ, a number is not finite, a driver of a customer is negative, or an identity
/// is empty or repeated.
/// @throws NotFoundError where the table has no driver of that name (the message lists its drivers).
Statement statement(const DriverTable& drivers, std::span<const std::string> id, const CostModel& costs,
                    const StatementOptions& options = {}, const EventSums& events = {});

/// The orders of a statement's customers, for terms that are replayed, such as a minimum order.
/// @param portfolio the customers of the statement.
/// @param ledger the lines that it was made from.
/// @param costs the cost model: further drivers of deliveries and returns that it uses are listed.
/// @param threads upper bound on threads; 0 means all cores. The result has the same bits for any number.
/// @return the orders, for Portfolio::with_orders(). Those of a customer sum to its revenue: rebates per customer lower
/// them in proportion. See list_orders().
/// @throws InputError where a customer is not in the ledger, and as list_orders() does.
Orders orders_of(const Portfolio& portfolio, const LedgerView& ledger, const CostModel& costs, unsigned threads = 0);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/statement.ipp"
#endif
