// The price waterfall: from list price over invoice and pocket to contribution, step by step.
#pragma once

#include <array>
#include <string_view>

#include "custfolio/math/matrix.hpp"
#include "custfolio/portfolio/columns.hpp"
#include "custfolio/selection/group_by.hpp"
#include "custfolio/selection/statement.hpp"

namespace custfolio {

/// A step of the waterfall: a total, or a change on the way to the next one.
struct WaterfallStep {
    std::string_view name{};  ///< Its name.
    bool total = false;       ///< Whether it is a total; else a change, negative where it lowers the total.
};

/// The steps from list price to contribution. A total is the total before it plus the changes between.
inline constexpr std::array<WaterfallStep, 14> waterfall_steps{{{"list price", true},
                                                                {"discount", false},
                                                                {"price difference", false},
                                                                {"invoice", true},
                                                                {"rebate", false},
                                                                {"net revenue", true},
                                                                {"freight", false},
                                                                {"commission", false},
                                                                {"pocket", true},
                                                                {"cost of goods", false},
                                                                {"pocket margin", true},
                                                                {"other cost to serve", false},
                                                                {"cost of credit", false},
                                                                {"contribution", true}}};

/// The waterfall of customers or groups, and of all of them.
///
/// A price element that the ledger does not have is 0. Without list prices, list price = invoice + discount; a customer
/// whose amounts at list price sum to 0 has none. Without a discount, the discount is list price - invoice. With both,
/// the price difference is what neither explains. Net revenue is the level, contribution the heat. Freight and
/// commission are what the statement charges for the drivers of these names; the other cost to serve is the rest.
struct Waterfall {
    Matrix amount{};   ///< Customers or groups x steps of waterfall_steps, currency. Without costs of goods the steps
                       ///< end with the pocket.
    Column company{};  ///< Per step the sum over the rows, currency.
};

/// The waterfall of every customer.
/// @param statement the statement.
/// @return one row per customer of the portfolio. O(customers x elements).
/// @see M. V. Marn, R. L. Rosiello (1992), Managing Price, Gaining Profit, Harvard Business Review 70(5).
Waterfall waterfall(const Statement& statement);

/// The waterfall of every group, from sums.
/// @param statement the statement.
/// @param groups its groups; see group_by().
/// @return one row per group, which sum to the company. O(groups x elements).
/// @throws InputError where the groups have other cost elements than the statement.
Waterfall waterfall(const Statement& statement, const GroupedStatement& groups);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/waterfall.ipp"
#endif
