// The bridge between two statements: price, volume, product mix and costs behind a change of contribution and
// temperature.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "custfolio/costing/cost_model.hpp"
#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/math/matrix.hpp"
#include "custfolio/portfolio/bucket.hpp"
#include "custfolio/selection/group_by.hpp"
#include "custfolio/selection/statement.hpp"

namespace custfolio {

/// A statement with all that it was made from; they must outlive it.
struct StatedPeriod {
    std::reference_wrapper<const Statement> statement;  ///< The statement.
    std::reference_wrapper<const LedgerView> ledger;    ///< The lines that it was made from.
    std::reference_wrapper<const CostModel> costs;      ///< The cost model that it was made with.
    StatementOptions options = {};                      ///< The options that it was made with.
    ColumnView<std::int32_t> item = {};   ///< Item per row of the ledger, from 0, the same numbers in both
                                          ///< periods; -1: not known. Empty: no item is known.
    std::vector<GroupDimension> by = {};  ///< Ways to group, the same ones with the same values in both periods.
};

/// A change of contribution and temperature, split over causes, per customer and group. The parts of a row sum to its
/// change, and rows sum to the company, up to rounding.
struct StatementBridge {
    Bucket before;                                 ///< All customers of the earlier period.
    Bucket after;                                  ///< All customers of the later period.
    std::vector<std::string> id;                   ///< Customers of either period.
    std::vector<std::string> part;                 ///< Names of the parts; see bridge().
    std::vector<std::int32_t> customer;            ///< Place in `id` per row; empty where rows sum over customers.
    std::vector<std::vector<std::int32_t>> value;  ///< Per way to group: the value of each row, -1: none.
    Column level_before;                           ///< Net revenue before, currency.
    Column level_after;                            ///< Net revenue after, currency.
    Column heat_before;                            ///< Contribution before, currency.
    Column heat_after;                             ///< Contribution after, currency.
    Matrix heat;                                   ///< Rows x parts: change of contribution, currency.
    Matrix temperature;  ///< Rows x parts: effect on the temperature of all customers, as a fraction.
    Column mix;          ///< Effect of changed weights at old temperatures, as in TemperatureBridge, as a fraction.
    Column warming;      ///< Effect of changed temperatures at new weights, as in TemperatureBridge, as a fraction.
    std::size_t customers_in_one_part = 0;  ///< Customers of both periods with "sales" in place of the finer parts.
    double level_in_one_part = 0;           ///< Their net revenue after, currency.
    std::vector<std::string> elements_in_one_part;  ///< Elements with one part for rate and use.

    /// @return number of rows.
    [[nodiscard]] std::size_t rows() const { return heat.rows(); }
};

/// Splits the change of contribution and temperature between two statements over causes.
///
/// Customers of both periods are i, their cells of the grouping f, their items p; R is net revenue, G cost of goods, K
/// contribution, L the level of all, T temperature, 0 before and 1 after. V = sum of new quantities at the customer's
/// old prices is revenue without price changes; an item without quantities in both periods counts at its new revenue.
/// s = V_i / R0_i scales the customer. The parts in currency:
///
/// - `poured_in`, `gone`: K1 of new customers, -K0 of those gone
/// - `volume`: (s - 1) K0_f, growth in which everything scales
/// - `price`: R1_f - V_f
/// - `product_mix`: V_f - (V_f at old unit costs of goods) - s (R0_f - G0_f)
/// - `cost_of_goods`: -(G1_f - new quantities at old unit costs)
/// - `use of X`, `rate of X` per cost element: -(C1_f at old rates - s C0_f), -(C1_f - C1_f at old rates). Old rates
/// are those of the earlier cost model: its rates, minutes and pools, as averages where they changed within the period.
/// - `cost of X`: both in one, where the later ledger does not have what the earlier model charges
/// - `credit`: -(credit1_f - s credit0_f)
/// - `sales`: volume, price, product mix and cost of goods in one, where items or quantities are not known, R0_i is not
/// positive, or s is above 10. Costs of the last two do not scale: s is 1
///
/// In temperature each counts relative to T0, over the new level: a price euro has (1 - T0) / L1, volume (s / L1 - 1 /
/// L0)(K0_f - T0 R0_f). Volume and the part of a price that changes weights, (R1_f - V_f)(T0_i - T0) / L1, make `mix`;
/// the others make `warming`. The sums of `poured_in`, `gone`, `mix` and `warming` per customer are those of
/// TemperatureBridge.
/// @param before the earlier statement.
/// @param after the later statement; customers are matched by identity.
/// @param threads upper bound on threads; 0 means all cores.
/// @return one row per customer and group that occurs, ordered by customer, then by the values of the grouping.
/// @throws InputError where a level is not positive, the costs of goods are not known, the periods share some of their
/// days without being the same, groupings differ, or ledger, costs and options are not the statement's own.
/// @throws NotFoundError as group_by() does. O(rows log items) plus what group_by() takes.
StatementBridge bridge(const StatedPeriod& before, const StatedPeriod& after, unsigned threads = 0);

/// Sums the rows of a bridge.
/// @param bridge rows of customers and groups.
/// @param customers whether rows of different customers stay apart.
/// @param by places of the ways to group that stay apart, without repetition.
/// @return the sums, ordered by customer, then by the values in the order of `by`. O(rows x parts).
/// @throws InputError where a way to group does not exist.
StatementBridge summed(const StatementBridge& bridge, bool customers, std::span<const std::size_t> by = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/statement_bridge.ipp"
#endif
