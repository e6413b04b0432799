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
    /// The penetration, shrunk towards that of all customers; see success_rates(). It is the chance that a customer
    /// like this one buys the product.
    double chance = 0;
    double chance_variance = 0;  ///< Variance of the chance.
    double expected = 0;         ///< chance x gap, currency.
    double expected_p10 = 0;     ///< Lower end of its 80 % interval, currency: of the chance alone, at the same gap.
    double expected_p90 = 0;     ///< Upper end of that interval, currency.
};

/// The white space of a customer over all products.
struct CustomerWhiteSpace {
    std::string customer;     ///< Identity of the customer.
    double expected = 0;      ///< Sum of the expected revenue of its gaps, currency.
    double expected_p10 = 0;  ///< Lower end of its 80 % interval, currency, at least 0: normal, chances independent.
    double expected_p90 = 0;  ///< Upper end of that interval, currency.
    std::string product{};    ///< The product with the largest expected revenue; empty without a gap.
};

/// Compares the sales of each customer with those of its peers. A gap describes peers, not what the customer will do.
/// @param sales the sales.
/// @param penetration products that at least this share of the other peers buy count, in (0, 1].
/// @return the gaps, the largest first; equal gaps by customer and product. O(rows + customers x products), and a fit
/// of the chances per product.
/// @throws InputError where columns differ in length, a value is not finite, or a customer is in several segments. The
/// text names the row, from 1. The same where penetration is out of range.
std::vector<ProductGap> white_space(const ProductSales& sales, double penetration = 0.3);

/// Sums the gaps of each customer.
/// @param sales the sales.
/// @param gaps the gaps of white_space() on these sales.
/// @return one row per customer of the sales, in their order. Linear in gaps.
/// @throws NotFoundError where a gap is of another customer.
std::vector<CustomerWhiteSpace> customer_white_space(const ProductSales& sales, const std::vector<ProductGap>& gaps);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/white_space.ipp"
#endif
