// White space: products that a customer's peers buy, and that the customer buys less of or not at all.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "custfolio/ledger/encode.hpp"

namespace custfolio {

/// Sales of a period by customer and product, any number of rows of each pair.
struct ProductSales {
    Encoding customer{};                 ///< Customer of each row; see encode().
    Encoding product{};                  ///< Product, or group of products, of each row.
    std::vector<double> revenue{};       ///< Net revenue of each row, currency.
    std::vector<double> contribution{};  ///< Contribution of each row, currency; may be empty.
    Encoding segment{};  ///< Segment of the customer in each row: peers are of one segment. Empty: all are peers.
};

/// A product that a customer buys less of than its peers.
struct ProductGap {
    std::string customer;  ///< Identity of the customer.
    std::string product;   ///< The product.
    double bought = 0;     ///< The customer's revenue of the product, currency.
    /// Its total revenue times the median share of the product in its segment, among those that buy it. The customer
    /// itself counts where it buys the product.
    double usual = 0;
    double gap = 0;          ///< usual - bought, > 0, currency.
    double penetration = 0;  ///< Share of the other peers that buy the product, in [0, 1].
    double heat = std::numeric_limits<double>::quiet_NaN();  ///< Contribution of the gap at the product's temperature
                                                             ///< in the segment, the customer included, currency;
                                                             ///< NaN where it is unknown.
};

/// Compares the sales of each customer with those of its peers. A gap describes peers, not what the customer will do.
/// @param sales the sales.
/// @param penetration products that at least this share of the other peers buy count, in (0, 1].
/// @return the gaps, the largest first; equal gaps by customer and product. O(rows + customers x products).
/// @throws InputError where columns differ in length, a value is not finite, or a customer is in several segments. The
/// text names the row, from 1. The same where penetration is out of range.
std::vector<ProductGap> white_space(const ProductSales& sales, double penetration = 0.3);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/white_space.ipp"
#endif
