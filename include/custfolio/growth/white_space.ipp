// Definitions of white space.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>

#include "custfolio/config.hpp"
#include "custfolio/growth/white_space.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// What the customers of one segment buy of one product.
struct SegmentProduct {
    std::vector<double> shares{};  ///< Share of the product in the revenue of each customer that buys it.
    double median = 0;             ///< Of these.
    double level = 0;              ///< Revenue, currency.
    double heat = 0;               ///< Contribution, currency.
};

CUSTFOLIO_INLINE double median_of(std::vector<double>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    // With an even number the median is the mean of the two in the middle.
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

CUSTFOLIO_INLINE void check_sales(const ProductSales& sales) {
    const std::size_t rows = sales.revenue.size();
    const auto length = [&](std::size_t rows_of_column, const char* name) {
        if (rows_of_column != rows) {
            throw InputError(std::string(name) + " has " + std::to_string(rows_of_column) + " rows; revenue has " +
                             std::to_string(rows));
        }
    };
    length(sales.customer.codes.size(), "customer");
    length(sales.product.codes.size(), "product");
    // Optional columns are empty or complete.
    if (!sales.contribution.empty()) length(sales.contribution.size(), "contribution");
    if (!sales.segment.codes.empty()) length(sales.segment.codes.size(), "segment");
    for (std::size_t row = 0; row < rows; ++row) {
        require_finite(sales.revenue[row], "row " + std::to_string(row + 1) + ": revenue");
        if (!sales.contribution.empty()) {
            require_finite(sales.contribution[row], "row " + std::to_string(row + 1) + ": contribution");
        }
    }
}

/// The segment of each customer.
CUSTFOLIO_INLINE std::vector<std::int32_t> segments_of(const ProductSales& sales) {
    std::vector<std::int32_t> segment(sales.customer.ids.size(), sales.segment.codes.empty() ? 0 : -1);
    for (std::size_t row = 0; row < sales.segment.codes.size(); ++row) {
        const auto customer = static_cast<std::size_t>(sales.customer.codes[row]);
        const std::int32_t code = sales.segment.codes[row];
        if (segment[customer] >= 0 && segment[customer] != code) {
            throw InputError("row " + std::to_string(row + 1) + ": customer " + sales.customer.ids[customer] +
                             " is in segment '" + sales.segment.ids[static_cast<std::size_t>(code)] + "' and in '" +
                             sales.segment.ids[static_cast<std::size_t>(segment[customer])] + "'");
        }
        segment[customer] = code;
    }
    return segment;
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<ProductGap> white_space(const ProductSales& sales, double penetration) {
    if (!(penetration > 0 && penetration <= 1)) {
        throw InputError("penetration is " + number_text(penetration) + "; it must lie in (0, 1]");
    }
    detail::check_sales(sales);
    const std::vector<std::int32_t> segment = detail::segments_of(sales);
    std::vector<std::map<std::int32_t, double>> bought(sales.customer.ids.size());  // by customer and product
    std::map<std::int32_t, std::map<std::int32_t, detail::SegmentProduct>> peers;   // by segment and product
    for (std::size_t row = 0; row < sales.revenue.size(); ++row) {
        const auto customer = static_cast<std::size_t>(sales.customer.codes[row]);
        const std::int32_t product = sales.product.codes[row];
        bought[customer][product] += sales.revenue[row];
        if (sales.contribution.empty()) continue;
        detail::SegmentProduct& together = peers[segment[customer]][product];
        together.level += sales.revenue[row];
        together.heat += sales.contribution[row];
        const auto what = [&](const char* sum) {
            return "row " + std::to_string(row + 1) + ": with it the " + sum + " of product " +
                   sales.product.ids[static_cast<std::size_t>(product)] + " in its segment";
        };
        if (!std::isfinite(together.level)) require_finite(together.level, what("revenue"));
        if (!std::isfinite(together.heat)) require_finite(together.heat, what("contribution"));
    }
    std::vector<double> total(bought.size());
    std::map<std::int32_t, std::size_t> buyers;  // customers with revenue, by segment
    for (std::size_t customer = 0; customer < bought.size(); ++customer) {
        math::CompensatedSum sum;
        for (const auto& [product, revenue] : bought[customer]) sum += revenue;
        // A customer whose returns exceed the sales has no shares.
        total[customer] = require_finite(sum.value(), "customer " + sales.customer.ids[customer] + ": total revenue");
        if (!(total[customer] > 0)) continue;
        ++buyers[segment[customer]];
        for (const auto& [product, revenue] : bought[customer]) {
            if (revenue > 0) peers[segment[customer]][product].shares.push_back(revenue / total[customer]);
        }
    }
    for (auto& [which, products] : peers) {
        for (auto& [product, together] : products) {
            if (!together.shares.empty()) together.median = detail::median_of(together.shares);
        }
    }
    std::vector<ProductGap> gaps;
    for (std::size_t customer = 0; customer < bought.size(); ++customer) {
        // A customer alone in a segment has no peers.
        if (!(total[customer] > 0) || buyers[segment[customer]] < 2) continue;
        const auto others = static_cast<double>(buyers[segment[customer]] - 1);
        for (const auto& [product, together] : peers[segment[customer]]) {
            if (together.shares.empty()) continue;
            const auto purchase = bought[customer].find(product);
            // The customer itself is not a peer of its own.
            const double spent = purchase == bought[customer].end() ? 0 : purchase->second;
            const double share = (static_cast<double>(together.shares.size()) - (spent > 0 ? 1 : 0)) / others;
            // What a customer of this size usually spends on the product; the median ignores few heavy buyers.
            const double usual = total[customer] * together.median;
            if (!(share >= penetration && usual - spent > 0)) continue;
            ProductGap& gap = gaps.emplace_back();
            gap.customer = sales.customer.ids[customer];
            gap.product = sales.product.ids[static_cast<std::size_t>(product)];
            gap.bought = spent;
            gap.usual = usual;
            gap.gap = usual - spent;
            gap.penetration = share;
            // The gap is worth what the segment's sales of the product keep.
            if (together.level > 0) gap.heat = gap.gap * (together.heat / together.level);
            if (std::isinf(gap.heat)) require_finite(gap.heat, "customer " + gap.customer + ": heat of " + gap.product);
        }
    }
    detail::sort(gaps, [](const ProductGap& a, const ProductGap& b) {
        if (a.gap != b.gap) return a.gap > b.gap;
        return a.customer != b.customer ? a.customer < b.customer : a.product < b.product;
    });
    return gaps;
}

}  // namespace custfolio
