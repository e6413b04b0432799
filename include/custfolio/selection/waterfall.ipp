// Definitions of the price waterfall.
#pragma once

#include <span>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/selection/detail/price_amounts.hpp"
#include "custfolio/selection/waterfall.hpp"

namespace custfolio {
namespace detail {

/// What the steps are made of, per customer or group.
struct WaterfallInput {
    const PriceAmounts& prices;
    const Column& revenue;
    const Column& goods;        ///< Empty: not known.
    const Column& credit_cost;  ///< Empty: none.
    const Matrix& charged;
};

CUSTFOLIO_INLINE Waterfall waterfall_of(const WaterfallInput& input, std::span<const std::string> element) {
    constexpr std::size_t pocket_steps = 9;
    const std::size_t rows = input.revenue.size();
    const std::size_t steps = input.goods.empty() && rows > 0 ? pocket_steps : waterfall_steps.size();
    const auto value = [](const Column& column, std::size_t i) { return column.empty() ? 0.0 : column[i]; };
    Waterfall result{Matrix(rows, steps), Column(steps)};
    for (std::size_t i = 0; i < rows; ++i) {
        const double rebate = value(input.prices.rebate, i);
        const double invoice = input.revenue[i] + rebate;
        double discount = value(input.prices.discount, i);
        const double list = input.prices.list.empty() ? invoice + discount : input.prices.list[i];
        if (input.prices.discount.empty()) discount = list - invoice;
        double freight = 0;
        double commission = 0;
        double served = 0;
        for (std::size_t e = 0; e < element.size(); ++e) {
            (element[e] == "freight"      ? freight
             : element[e] == "commission" ? commission
                                          : served) += input.charged(i, e);
        }
        const double pocket = input.revenue[i] - freight - commission;
        const double goods = value(input.goods, i);
        const double credit = value(input.credit_cost, i);
        const std::array<double, waterfall_steps.size()> step{list,
                                                              -discount,
                                                              invoice - (list - discount),
                                                              invoice,
                                                              -rebate,
                                                              input.revenue[i],
                                                              -freight,
                                                              -commission,
                                                              pocket,
                                                              -goods,
                                                              pocket - goods,
                                                              -served,
                                                              -credit,
                                                              pocket - goods - served - credit};
        for (std::size_t s = 0; s < steps; ++s) result.amount(i, s) = step[s] + 0.0;  // no -0
    }
    for (std::size_t s = 0; s < steps; ++s) {
        math::CompensatedSum sum;
        for (std::size_t i = 0; i < rows; ++i) sum += result.amount(i, s);
        result.company[s] = sum.value();
    }
    return result;
}

}  // namespace detail

CUSTFOLIO_INLINE Waterfall waterfall(const Statement& statement) {
    const PortfolioColumns& columns = statement.portfolio().columns();
    const detail::PriceAmounts prices = detail::price_amounts(columns);
    return detail::waterfall_of(
        {prices, columns.revenue, columns.goods, columns.credit_cost, statement.costs().charged},
        statement.costs().element);
}

CUSTFOLIO_INLINE Waterfall waterfall(const Statement& statement, const GroupedStatement& groups) {
    const std::vector<std::string>& element = statement.costs().element;
    if (groups.charged.cols() != element.size()) {
        throw InputError("waterfall: the groups have " + std::to_string(groups.charged.cols()) +
                         " cost elements, the statement " + std::to_string(element.size()) +
                         "; they must be of one statement");
    }
    const detail::PriceAmounts prices{groups.list_price, groups.discount, groups.rebate};
    return detail::waterfall_of({prices, groups.revenue, groups.goods, groups.credit_cost, groups.charged}, element);
}

}  // namespace custfolio
