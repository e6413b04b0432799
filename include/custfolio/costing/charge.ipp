// Definitions of charging and its reconciliation.
#pragma once

#include <cmath>

#include "custfolio/config.hpp"
#include "custfolio/costing/charge.hpp"
#include "custfolio/costing/cost_model.ipp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// One driver's column in a table: contiguous for the columns of every ledger, strided for a column of `further`.
struct DriverValues {
    const double* first = nullptr;
    std::size_t stride = 1;
    double operator[](std::size_t row) const { return first[row * stride]; }
};

CUSTFOLIO_INLINE DriverValues driver_values(const DriverTable& table, const std::string& driver) {
    // The drivers of every ledger have columns of their own; that of returns may be empty.
    static constexpr double none = 0;
    const auto optional = [](const Column& column) {
        return column.empty() ? DriverValues{&none, 0} : DriverValues{column.data()};
    };
    if (driver == "deliveries") return {table.deliveries.data()};
    if (driver == "lines") return {table.lines.data()};
    if (driver == "quantity") return {table.quantity.data()};
    if (driver == "returns") return optional(table.returns);
    if (driver == "returned_quantity") return optional(table.returned_quantity);
    const auto k = further_driver(driver, table.driver_names);
    return {table.further.data() + k, table.further.cols()};
}

CUSTFOLIO_INLINE void check_driver_table(const DriverTable& table) {
    const auto check = [&](std::size_t count, const char* name) {
        if (count != table.revenue.size()) {
            throw InputError(std::string("column ") + name + " has " + std::to_string(count) +
                             " entries, revenue has " + std::to_string(table.revenue.size()));
        }
    };
    check(table.deliveries.size(), "deliveries");
    check(table.lines.size(), "lines");
    check(table.quantity.size(), "quantity");
    if (!table.returns.empty()) check(table.returns.size(), "returns");
    if (!table.returned_quantity.empty()) check(table.returned_quantity.size(), "returned_quantity");
    if (table.driver_names.empty()) return;
    check(table.further.rows(), "further drivers");
    if (table.further.cols() != table.driver_names.size()) {
        throw InputError("the table has " + std::to_string(table.further.cols()) + " further drivers for " +
                         std::to_string(table.driver_names.size()) + " names");
    }
}

}  // namespace detail

CUSTFOLIO_INLINE double CostTable::total_cost_in() const {
    return math::deterministic_sum(cost_in, 1);
}

CUSTFOLIO_INLINE double CostTable::total_charged() const {
    return math::deterministic_sum(charged_total, 1);
}

CUSTFOLIO_INLINE std::size_t CostTable::index(const std::string& name) const {
    std::string known;
    for (std::size_t k = 0; k < element.size(); ++k) {
        if (element[k] == name) return k;
        known += (k == 0 ? "" : ", ") + element[k];
    }
    throw NotFoundError("no cost element '" + name + "'; there are: " + (known.empty() ? "none" : known));
}

CUSTFOLIO_INLINE CostTable charge(const CostModel& model, const DriverTable& drivers) {
    detail::check_driver_table(drivers);
    const std::size_t customers = drivers.revenue.size();
    const bool shared = model.revenue_share() != 0;
    // The share of revenue is an element of its own, last.
    const std::size_t elements = model.rates().size() + (shared ? 1 : 0);
    CostTable table;
    table.charged = Matrix(customers, elements);
    table.total = Column(customers, 0.0);
    table.avoidable = Column(customers, 0.0);
    const auto add = [&](const std::string& element, double amount, double avoidable, detail::DriverValues values) {
        const std::size_t k = table.element.size();
        math::CompensatedSum units;
        math::CompensatedSum charged;
        // Costs are charged row by row and compared with the rate times all units: the two must agree to the cent.
        for (std::size_t i = 0; i < customers; ++i) {
            const double value = values[i];
            const double cost = amount * value;
            if (!std::isfinite(cost)) {
                throw InputError("row " + std::to_string(i) + " (counted from 0): " + element + " is " +
                                 number_text(value) + " at a rate of " + number_text(amount) +
                                 "; the cost must be a finite number");
            }
            table.charged(i, k) = cost;
            table.total[i] += cost;
            table.avoidable[i] += avoidable * cost;
            units += value;
            charged += cost;
        }
        // Computed without any customer: the check below compares two ways.
        const double cost_in = amount * units.value();
        if (!(std::abs(cost_in - charged.value()) < 0.005)) {
            throw InputError(element + ": the customers are charged " + number_text(charged.value()) + " of " +
                             number_text(cost_in) + "; amounts of this size do not reconcile to the cent");
        }
        table.element.push_back(element);
        table.driver_total.push_back(units.value());
        table.cost_in.push_back(cost_in);
        table.charged_total.push_back(charged.value());
    };
    for (const Rate& rate : model.rates()) {
        add(rate.driver, rate.amount, rate.avoidable, detail::driver_values(drivers, rate.driver));
    }
    if (shared) {
        add(std::string(detail::revenue_share_element), model.revenue_share(), model.revenue_share_avoidable(),
            {drivers.revenue.data()});
    }
    return table;
}

}  // namespace custfolio
