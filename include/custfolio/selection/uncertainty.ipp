// Definitions of uncertain temperatures.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>

#include "custfolio/config.hpp"
#include "custfolio/costing/detail/elements.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/shrinkage.hpp"
#include "custfolio/selection/detail/target.hpp"
#include "custfolio/selection/group_by.hpp"
#include "custfolio/selection/statement.ipp"
#include "custfolio/selection/uncertainty.hpp"

namespace custfolio {
namespace detail {

/// The relative deviation of each element of a statement.
CUSTFOLIO_INLINE std::vector<double> element_deviations(const CostTable& table, const CostModel& costs,
                                                        const UncertaintyOptions& options) {
    const auto check = [](double deviation, const std::string& of) {
        if (deviation >= 0 && deviation <= 1) return deviation;
        throw InputError("uncertainty: the deviation of " + of + " is " + number_text(deviation) +
                         "; it must be a fraction from 0 to 1, 0.25 for 25 %");
    };
    std::vector<double> deviations(table.element.size());
    check(options.rates, "rates");
    for (const Rate& rate : costs.rates()) deviations[table.index(rate.driver)] = options.rates;
    for (const RateDeviation& one : options.deviations) {
        if (one.element == revenue_share_element) {
            throw InputError("uncertainty: the revenue share is agreed, so it has no deviation; leave it out");
        }
        deviations[table.index(one.element)] = check(one.deviation, one.element);
    }
    return deviations;
}

/// Temperatures of the customers' own months, shrunk towards their segments.
CUSTFOLIO_INLINE ShrunkTemperature shrink_months(const UncertaintyOptions& options, std::size_t customers) {
    CustomerMonths months = options.months;
    std::vector<std::int32_t> segment = options.segment;
    if (segment.empty()) segment.assign(customers, 0);
    if (months.level.rows() != customers || months.heat.rows() != customers || segment.size() != customers) {
        throw InputError("uncertainty: there are months of " + std::to_string(months.level.rows()) + " levels and " +
                         std::to_string(months.heat.rows()) + " heats, and " + std::to_string(segment.size()) +
                         " segments, for " + std::to_string(customers) + " customers; each must have one row");
    }
    bool repeated = false;
    for (std::size_t i = 0; i < customers; ++i) {
        carry_returns(months.level.row(i), months.heat.row(i));
        repeated = repeated || detail::count_if(months.level.row(i), [](double level) { return level > 0; }) > 1;
    }
    if (!repeated) {
        throw InputError(
            "uncertainty: no customer has sales in two months, so months show no deviation; leave them "
            "out, or take a longer period");
    }
    return shrink_temperature(months.level, months.heat, segment,
                              *std::max_element(segment.begin(), segment.end()) + 1);
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(Certainty certainty) {
    switch (certainty) {
        case Certainty::sure:
            return "sure";
        case Certainty::undecided:
            return "undecided";
    }
    throw InputError("certainty " + std::to_string(static_cast<int>(certainty)) + " does not exist");
}

CUSTFOLIO_INLINE Certainty certainty_of(double probability_below, bool below) {
    return (below ? probability_below > 0.95 : probability_below < 0.05) ? Certainty::sure : Certainty::undecided;
}

CUSTFOLIO_INLINE std::size_t Uncertainty::surely_warm() const {
    return certainty.size() - surely_cold() - undecided();
}

CUSTFOLIO_INLINE std::size_t Uncertainty::surely_cold() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < certainty.size(); ++i) {
        count += certainty[i] == Certainty::sure && probability_below[i] > 0.5 ? 1 : 0;
    }
    return count;
}

CUSTFOLIO_INLINE std::size_t Uncertainty::undecided() const {
    return static_cast<std::size_t>(
        detail::count_if(certainty, [](Certainty one) { return one == Certainty::undecided; }));
}

CUSTFOLIO_INLINE Uncertainty uncertain(const Statement& statement, const CostModel& costs,
                                       const UncertaintyOptions& options) {
    detail::require_target(options.target, "uncertainty");
    statement.portfolio().require_heat("uncertainty");
    const PortfolioColumns& columns = statement.portfolio().columns();
    const Matrix& charged = statement.costs().charged;
    const std::size_t n = columns.id.size();
    const std::vector<double> relative = detail::element_deviations(statement.costs(), costs, options);
    ShrunkTemperature shrunk;
    const bool months = !options.months.level.empty() && n > 0;
    if (months) shrunk = detail::shrink_months(options, n);

    Uncertainty result;
    result.identity = statement.identity();
    result.target = options.target;
    result.temperature = statement.portfolio().temperature();
    result.expected = result.temperature;
    for (Column* column : {&result.deviation, &result.p10, &result.p90, &result.probability_below}) column->resize(n);
    const double z = math::normal_quantile(0.9);
    for (std::size_t i = 0; i < n; ++i) {
        double squares = 0;
        for (std::size_t k = 0; k < relative.size(); ++k) {
            squares += relative[k] * charged(i, k) * relative[k] * charged(i, k);
        }
        const double revenue = columns.revenue[i];
        double above = columns.contribution[i];
        double deviation = std::sqrt(squares);
        if (revenue > 0) {
            double variance = squares / revenue / revenue;
            if (months) {
                result.expected[i] = shrunk.expected[i];
                variance += shrunk.variance[i];
            }
            deviation = std::sqrt(variance);
            above = result.expected[i] - options.target;
            if (!std::isfinite(above) || !std::isfinite(deviation)) {
                throw InputError("uncertainty: customer " + columns.id[i] + " has a revenue of " +
                                 number_text(revenue) + " and a contribution of " +
                                 number_text(columns.contribution[i]) +
                                 ", so its temperature is beyond the range of numbers");
            }
        }
        result.deviation[i] = revenue > 0 ? deviation : result.temperature[i];
        result.p10[i] = result.expected[i] - z * result.deviation[i];
        result.p90[i] = result.expected[i] + z * result.deviation[i];
        // Without any deviation the temperature itself decides.
        result.probability_below[i] = deviation > 0 ? math::normal_cdf(-above / deviation) : (above < 0 ? 1.0 : 0.0);
        const bool below = detail::below_target(result.temperature[i], columns.contribution[i], options.target);
        result.certainty.push_back(certainty_of(result.probability_below[i], below));
    }
    return result;
}

CUSTFOLIO_INLINE CustomerMonths customer_months(const Statement& statement, const LedgerView& ledger,
                                                const CostModel& costs, const StatementOptions& options) {
    statement.portfolio().require_heat("months");
    const std::vector<std::int32_t> code = detail::codes_of(statement.portfolio(), ledger, "months");
    std::vector<std::int32_t> every(ledger.customers());
    std::iota(every.begin(), every.end(), 0);
    std::vector<std::size_t> row(every.size());
    for (std::size_t i = 0; i < code.size(); ++i) row[static_cast<std::size_t>(code[i])] = i;
    const std::vector<std::int32_t> month = months_of(statement.portfolio().period());
    const std::vector<GroupDimension> dimensions{{.name = "customer", .of_row = ledger.customer, .of_customer = every},
                                                 {.name = "month", .of_day = month}};
    const GroupedStatement groups = group_by(statement, ledger, costs, dimensions, options);
    const auto count = static_cast<std::size_t>(statement.portfolio().period().months());
    CustomerMonths months{Matrix(code.size(), count), Matrix(code.size(), count)};
    for (std::size_t g = 0; g < groups.revenue.size(); ++g) {
        // A customer without rows has no months.
        if (groups.value[1][g] < 0) continue;
        const std::size_t i = row[static_cast<std::size_t>(groups.value[0][g])];
        const auto t = static_cast<std::size_t>(groups.value[1][g]);
        months.level(i, t) = groups.revenue[g];
        months.heat(i, t) = groups.contribution[g];
    }
    return months;
}

}  // namespace custfolio
