// Definitions of white space.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>

#include "custfolio/config.hpp"
#include "custfolio/growth/calibration.hpp"
#include "custfolio/growth/white_space.hpp"
#include "custfolio/math/beta.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// What the customers of one segment buy of one product.
struct SegmentProduct {
    std::vector<double> shares{};  ///< Share of the product in the revenue of each customer that buys it.
    double median = 0;             ///< Of these.
    double level = 0;              ///< Revenue, currency.
    double heat = 0;               ///< Contribution, currency.
    /// Parameters of the beta distribution of the chance before the peers are counted: those of the product.
    double prior_bought = 0;
    double prior_not = 0;
    bool pooled = false;  ///< Whether segments differ no more than by chance: then the prior counts all customers.
    /// Chance and its 80 % interval, for a customer that does not buy the product and for one that does.
    struct Chance {
        bool known = false;
        double mean = 0, variance = 0, p10 = 0, p90 = 0;
    };
    std::array<Chance, 2> chances{};

    /// The chance that a customer with so many `others` in its segment buys the product, of whom so many `buy`.
    const Chance& chance(bool bought, double buy, double others) {
        Chance& known_chance = chances[bought ? 1 : 0];
        if (known_chance.known) return known_chance;
        const double a = prior_bought + (pooled ? 0 : buy);
        const double b = prior_not + (pooled ? 0 : others - buy);
        known_chance = {true, a / (a + b), a * b / ((a + b) * (a + b) * (a + b + 1)), math::beta_quantile(0.1, a, b),
                        math::beta_quantile(0.9, a, b)};
        return known_chance;
    }
};

/// Sets the prior of each product's chance from its buyers in all segments.
CUSTFOLIO_INLINE void set_priors(std::map<std::int32_t, std::map<std::int32_t, SegmentProduct>>& peers,
                                 std::map<std::int32_t, std::size_t>& buyers, std::size_t products) {
    std::vector<double> customers;
    for (const auto& [segment, count] : buyers) customers.push_back(static_cast<double>(count));
    for (std::size_t code = 0; code < products; ++code) {
        const auto product = static_cast<std::int32_t>(code);
        std::vector<double> buy;
        double sum = 0;
        for (const auto& [segment, count] : buyers) {
            const auto peer = peers[segment].find(product);
            buy.push_back(peer == peers[segment].end() ? 0.0 : static_cast<double>(peer->second.shares.size()));
            sum += buy.back();
        }
        if (sum == 0) continue;
        const SuccessRates rates = success_rates(buy, customers, 0.8);
        double all = 0;
        for (const double count : customers) all += count;
        for (const auto& [segment, count] : buyers) {
            const auto peer = peers[segment].find(product);
            if (peer == peers[segment].end()) continue;
            SegmentProduct& together = peer->second;
            together.pooled = rates.pooled;
            // Jeffreys' prior and the counts of all customers; else the fitted distribution of the segments' shares.
            together.prior_bought = rates.pooled ? sum + 0.5 : rates.mean * rates.precision;
            together.prior_not = rates.pooled ? all - sum + 0.5 : (1 - rates.mean) * rates.precision;
        }
    }
}

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
    detail::set_priors(peers, buyers, sales.product.ids.size());
    std::vector<ProductGap> gaps;
    for (std::size_t customer = 0; customer < bought.size(); ++customer) {
        // A customer alone in a segment has no peers.
        if (!(total[customer] > 0) || buyers[segment[customer]] < 2) continue;
        const auto others = static_cast<double>(buyers[segment[customer]] - 1);
        for (auto& [product, together] : peers[segment[customer]]) {
            if (together.shares.empty()) continue;
            const auto purchase = bought[customer].find(product);
            // The customer itself is not a peer of its own.
            const double spent = purchase == bought[customer].end() ? 0 : purchase->second;
            const double buy = static_cast<double>(together.shares.size()) - (spent > 0 ? 1 : 0);
            const double share = buy / others;
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
            const auto& chance = together.chance(spent > 0, buy, others);
            gap.chance = chance.mean;
            gap.chance_variance = chance.variance;
            gap.expected = chance.mean * gap.gap;
            gap.expected_p10 = chance.p10 * gap.gap;
            gap.expected_p90 = chance.p90 * gap.gap;
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

CUSTFOLIO_INLINE std::vector<CustomerWhiteSpace> customer_white_space(const ProductSales& sales,
                                                                      const std::vector<ProductGap>& gaps) {
    std::map<std::string, std::size_t> row;
    std::vector<CustomerWhiteSpace> spaces;
    for (const std::string& id : sales.customer.ids) {
        row[id] = spaces.size();
        spaces.emplace_back().customer = id;
    }
    std::vector<double> variance(spaces.size());
    std::vector<double> largest(spaces.size());
    for (const ProductGap& gap : gaps) {
        const auto place = row.find(gap.customer);
        if (place == row.end()) throw NotFoundError("white space: the sales have no customer " + gap.customer);
        const std::size_t i = place->second;
        spaces[i].expected += gap.expected;
        variance[i] += gap.gap * gap.gap * gap.chance_variance;
        if (gap.expected > largest[i]) {
            largest[i] = gap.expected;
            spaces[i].product = gap.product;
        }
    }
    const double z = math::normal_quantile(0.9);
    for (std::size_t i = 0; i < spaces.size(); ++i) {
        const double deviation = z * std::sqrt(variance[i]);
        spaces[i].expected_p10 = std::max(spaces[i].expected - deviation, 0.0);
        spaces[i].expected_p90 = spaces[i].expected + deviation;
    }
    return spaces;
}

}  // namespace custfolio
