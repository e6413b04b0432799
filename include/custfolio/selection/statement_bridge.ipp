// Definition of the bridge between two statements.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/portfolio/bridge.hpp"
#include "custfolio/selection/statement_bridge.hpp"

namespace custfolio {
namespace detail {

/// A customer and the values of a grouping.
using BridgeKey = std::vector<std::int32_t>;

/// Order of keys: none, -1, is last.
struct BridgeOrder {
    bool operator()(const BridgeKey& a, const BridgeKey& b) const {
        return std::lexicographical_compare(
            a.begin(), a.end(), b.begin(), b.end(), [](std::int32_t left, std::int32_t right) {
                return static_cast<std::uint32_t>(left) < static_cast<std::uint32_t>(right);
            });
    }
};

/// A cell of a customer, before and after.
struct BridgeCell {
    double revenue[2] = {0, 0};
    double goods[2] = {0, 0};
    double heat[2] = {0, 0};
    double credit[2] = {0, 0};
    std::vector<double> cost[2];            ///< Per element.
    std::vector<double> cost_at_old_rates;  ///< Per element, of the later period.
    double revenue_at_old_prices = 0;
    double goods_at_old_costs = 0;
};

/// A customer whose revenue grows more has no scale: its costs would be compared with multiples of next to nothing.
inline constexpr double most_bridge_growth = 10.0;

/// A customer of either period.
struct BridgeCustomer {
    bool there[2] = {false, false};
    double revenue[2] = {0, 0};
    double heat_before = 0;
    double revenue_at_old_prices = 0;
    bool items_known = true;
    [[nodiscard]] bool stayed() const { return there[0] && there[1]; }
    /// Whether the parts that need items are apart.
    [[nodiscard]] bool is_split() const { return items_known && has_scale(); }
    /// What everything scales by; 1 where that would compare with next to nothing.
    [[nodiscard]] double scale() const { return has_scale() ? growth() : 1.0; }

  private:
    [[nodiscard]] double growth() const { return (items_known ? revenue_at_old_prices : revenue[1]) / revenue[0]; }
    [[nodiscard]] bool has_scale() const { return revenue[0] > 0 && growth() <= most_bridge_growth; }
};

/// A model with the last amounts that are valid on a day, without dates, so that they charge any period.
CUSTFOLIO_INLINE CostModel model_on(const CostModel& costs, DayNumber day) {
    CostModel model;
    const auto last_on = [day](const auto& dated) {
        auto found = dated.end();
        for (auto one = dated.begin(); one != dated.end(); ++one) {
            if (one->valid_from <= day) found = one;
        }
        return found;
    };
    for (const Rate& rate : costs.rates()) {
        const auto amount = last_on(rate.dated);
        if (rate.dated.empty()) model.rate(rate.driver, rate.amount);
        if (amount != rate.dated.end()) model.rate(rate.driver, amount->amount);
    }
    for (const Pool& pool : costs.pools()) {
        const auto period = last_on(pool.periods);
        if (period == pool.periods.end()) continue;
        model.pool(pool.name, period->cost, period->capacity);
        for (const Activity& activity : costs.activities()) {
            if (activity.pool == pool.name) model.activity(activity.name, pool.name, activity.minutes, activity.event);
        }
    }
    model.revenue_share(costs.revenue_share());
    return model;
}

/// Charges of a period by another model than its own.
struct OtherCharges {
    std::vector<std::string> element;
    GroupedStatement groups;
};

/// Makes the bridge: first the cells with their amounts, then the parts.
class StatementBridgeMaker {
  public:
    StatementBridgeMaker(const StatedPeriod& before, const StatedPeriod& after, unsigned threads)
        : period_{&before, &after}, threads_(threads) {}

    StatementBridge make() {
        check();
        number_customers();
        for (const std::size_t side : {0U, 1U}) add_amounts(side);
        add_old_rates();
        price_items();
        return parts();
    }

  private:
    [[nodiscard]] const Statement& statement_of(std::size_t side) const { return period_[side]->statement; }
    [[nodiscard]] Period days(std::size_t side) const { return statement_of(side).portfolio().period(); }

    void check() const {
        for (const std::size_t side : {0U, 1U}) {
            const Portfolio& portfolio = statement_of(side).portfolio();
            portfolio.require_heat("a bridge");
            if (!(portfolio.bucket().level > 0)) {
                throw InputError("a bridge needs a positive level in both periods; found " +
                                 number_text(portfolio.bucket().level) + (side == 0 ? " before" : " after"));
            }
        }
        require_apart(days(0), days(1));
        const auto& [before, after] = period_;
        const auto same_name = [](const GroupDimension& a, const GroupDimension& b) { return a.name == b.name; };
        if (!std::equal(before->by.begin(), before->by.end(), after->by.begin(), after->by.end(), same_name)) {
            throw InputError("a bridge groups both periods in the same ways; the groupings differ in number or name");
        }
    }

    /// Numbers the customers of both periods by identity, those of the later period first.
    void number_customers() {
        std::map<std::string, std::int32_t, std::less<>> number;
        for (const std::size_t side : {1U, 0U}) {
            const PortfolioColumns& columns = statement_of(side).portfolio().columns();
            for (std::size_t i = 0; i < columns.id.size(); ++i) {
                const auto [found, is_new] = number.emplace(columns.id[i], static_cast<std::int32_t>(id_.size()));
                if (is_new) {
                    id_.push_back(columns.id[i]);
                    customer_.emplace_back();
                }
                BridgeCustomer& customer = customer_[static_cast<std::size_t>(found->second)];
                customer.there[side] = true;
                customer.revenue[side] = columns.revenue[i];
                if (side == 0) customer.heat_before = columns.contribution[i];
            }
        }
        for (const std::size_t side : {0U, 1U}) {
            const LedgerView& ledger = period_[side]->ledger;
            for (std::size_t code = 0; code < ledger.customers(); ++code) {
                const auto found = number.find(ledger.id.empty() ? std::to_string(code) : ledger.id[code]);
                of_code_[side].push_back(found == number.end() ? -1 : found->second);
            }
        }
    }

    /// Groups a statement of a period by customer and further ways; customers have common numbers.
    [[nodiscard]] GroupedStatement grouped(std::size_t side, const Statement& statement, const CostModel& costs,
                                           const StatementOptions& options,
                                           std::span<const GroupDimension> further) const {
        std::vector<GroupDimension> ways{{.name = "customer", .of_customer = of_code_[side]}};
        ways.insert(ways.end(), further.begin(), further.end());
        return group_by(statement, period_[side]->ledger, costs, ways, options);
    }

    [[nodiscard]] static BridgeKey key_of(const GroupedStatement& groups, std::size_t row, std::size_t first = 0) {
        BridgeKey key{groups.value[0][row]};
        for (std::size_t d = first + 1; d < groups.value.size(); ++d) key.push_back(groups.value[d][row]);
        return key;
    }

    /// A cell, as wide as the elements so far.
    BridgeCell& cell(const BridgeKey& key) {
        BridgeCell& found = cells_[key];
        widen(found);
        return found;
    }

    void widen(BridgeCell& cell) const {
        for (std::vector<double>* cost : {&cell.cost[0], &cell.cost[1], &cell.cost_at_old_rates}) {
            cost->resize(element_.size());
        }
    }

    std::size_t element_place(const std::string& name) {
        const auto found = detail::find(element_, name);
        if (found != element_.end()) return static_cast<std::size_t>(found - element_.begin());
        element_.push_back(name);
        return element_.size() - 1;
    }

    void add_amounts(std::size_t side) {
        const StatedPeriod& period = *period_[side];
        const GroupedStatement groups = grouped(side, period.statement, period.costs, period.options, period.by);
        std::vector<std::size_t> place;
        for (const std::string& name : statement_of(side).costs().element) place.push_back(element_place(name));
        for (std::size_t row = 0; row < groups.revenue.size(); ++row) {
            BridgeCell& one = cell(key_of(groups, row));
            one.revenue[side] = groups.revenue[row];
            one.goods[side] = groups.goods[row];
            one.heat[side] = groups.contribution[row];
            if (!groups.credit_cost.empty()) one.credit[side] = groups.credit_cost[row];
            for (std::size_t e = 0; e < place.size(); ++e) one.cost[side][place[e]] = groups.charged(row, e);
        }
    }

    /// Options without what depends on the model or the credit.
    [[nodiscard]] StatementOptions plain_options(std::size_t side) const {
        StatementOptions options = period_[side]->options;
        options.receivables = {};
        options.dso = {};
        options.terms = {};
        options.spent = {};
        return options;
    }

    [[nodiscard]] OtherCharges charged_by(std::size_t side, const CostModel& model) const {
        const StatementOptions options = plain_options(side);
        const Statement stated = statement(period_[side]->ledger, model, days(side), threads_, options);
        return {stated.costs().element, grouped(side, stated, model, options, period_[side]->by)};
    }

    /// The charges of the later period by the earlier model. Without what a pool's activities need, pools are left out.
    OtherCharges charged_by_earlier(CostModel model) {
        const StatedPeriod& after = *period_[1];
        const auto is_there = [&](const std::string& driver) {
            const LedgerView& ledger = after.ledger;
            const auto named = [&](const auto& one) { return one.name == driver; };
            return ledger.has_driver(driver) || detail::any_of(ledger.delivery_drivers, named) ||
                   detail::any_of(after.options.drivers, named) || detail::any_of(after.options.events, named);
        };
        CostModel possible;
        for (const Rate& rate : model.rates()) {
            if (is_there(rate.driver)) {
                possible.rate(rate.driver, rate.amount);
            } else {
                in_one_part_.push_back(rate.driver);
            }
        }
        possible.revenue_share(model.revenue_share());
        CostModel with_pools = possible;
        for (const Pool& pool : model.pools()) {
            with_pools.pool(pool.name, pool.periods.front().cost, pool.periods.front().capacity);
        }
        for (const Activity& activity : model.activities()) {
            with_pools.activity(activity.name, activity.pool, activity.minutes, activity.event);
        }
        try {
            return charged_by(1, with_pools);
        } catch (const NotFoundError&) {
            if (model.pools().empty()) throw;
            for (const Pool& pool : model.pools()) in_one_part_.push_back(pool.name);
            return charged_by(1, possible);
        }
    }

    /// The costs of the later period at the rates of the earlier one.
    void add_old_rates() {
        const CostModel& before = period_[0]->costs;
        const CostModel& after = period_[1]->costs;
        const CostModel old_model = model_on(before, days(0).last);
        const bool changed_within = before.changes(days(0)).size() > 1;
        const bool same =
            !changed_within && after.changes(days(1)).size() == 1 && old_model == model_on(after, days(1).last);
        if (same) {
            for (auto& [key, one] : cells_) {
                widen(one);
                one.cost_at_old_rates = one.cost[1];
            }
            return;
        }
        const OtherCharges old_charges = charged_by_earlier(old_model);
        std::vector<std::size_t> place;
        std::vector<double> factor;
        const auto totals = [](const GroupedStatement& groups, std::size_t element) {
            math::CompensatedSum sum;
            for (std::size_t row = 0; row < groups.charged.rows(); ++row) sum += groups.charged(row, element);
            return sum.value();
        };
        for (const std::string& name : old_charges.element) {
            place.push_back(element_place(name));
            factor.push_back(1.0);
        }
        if (changed_within) {
            // The last amounts stand for the average of the period.
            const OtherCharges earlier = charged_by(0, old_model);
            const Statement& stated = statement_of(0);
            for (std::size_t e = 0; e < place.size(); ++e) {
                const auto there = detail::find(earlier.element, old_charges.element[e]);
                const auto own = detail::find(stated.costs().element, old_charges.element[e]);
                if (there == earlier.element.end() || own == stated.costs().element.end()) continue;
                const double last = totals(earlier.groups, static_cast<std::size_t>(there - earlier.element.begin()));
                math::CompensatedSum charged;
                for (std::size_t i = 0; i < stated.costs().charged.rows(); ++i) {
                    charged +=
                        stated.costs().charged(i, static_cast<std::size_t>(own - stated.costs().element.begin()));
                }
                if (last != 0) factor[e] = charged.value() / last;
            }
        }
        for (std::size_t row = 0; row < old_charges.groups.charged.rows(); ++row) {
            BridgeCell& one = cell(key_of(old_charges.groups, row));
            for (std::size_t e = 0; e < place.size(); ++e) {
                one.cost_at_old_rates[place[e]] = factor[e] * old_charges.groups.charged(row, e);
            }
        }
    }

    /// The quantities of the later period at the customer's old prices and unit costs.
    void price_items() {
        if (period_[0]->item.empty() || period_[1]->item.empty() || !has_quantities(0) || !has_quantities(1)) {
            for (BridgeCustomer& customer : customer_) customer.items_known = false;
            return;
        }
        const GroupedStatement before = by_item(0, {});
        const GroupedStatement after = by_item(1, period_[1]->by);
        const auto quantity = [](const GroupedStatement& groups, std::size_t row) {
            return groups.quantity[row] - groups.returned_quantity[row];
        };
        // Both are ordered by customer and item.
        std::size_t old = 0;
        for (std::size_t begin = 0, end = 0; begin < after.revenue.size(); begin = end) {
            const BridgeKey item = item_of(after, begin);
            double sold = 0;
            for (end = begin; end < after.revenue.size() && item_of(after, end) == item; ++end) {
                sold += quantity(after, end);
            }
            while (old < before.revenue.size() && BridgeOrder{}(item_of(before, old), item)) ++old;
            const bool known = old < before.revenue.size() && item_of(before, old) == item;
            const bool priced = known && quantity(before, old) > 0 && sold > 0;
            for (std::size_t row = begin; row < end; ++row) {
                const double share = priced ? quantity(after, row) / quantity(before, old) : 0.0;
                const double at_old_prices = priced ? share * before.revenue[old] : after.revenue[row];
                BridgeCell& one = cell(key_of(after, row, 1));
                one.revenue_at_old_prices += at_old_prices;
                one.goods_at_old_costs += priced ? share * before.goods[old] : after.goods[row];
                customer_[static_cast<std::size_t>(item[0])].revenue_at_old_prices += at_old_prices;
            }
        }
    }

    [[nodiscard]] bool has_quantities(std::size_t side) const { return !period_[side]->ledger.get().quantity.empty(); }

    [[nodiscard]] static BridgeKey item_of(const GroupedStatement& groups, std::size_t row) {
        return {groups.value[0][row], groups.value[1][row]};
    }

    /// Amounts by customer, item and further ways. Customers with amounts without an item are marked.
    [[nodiscard]] GroupedStatement by_item(std::size_t side, std::span<const GroupDimension> by) {
        const StatementOptions options = plain_options(side);
        const CostModel costless;
        const Statement stated = statement(period_[side]->ledger, costless, days(side), threads_, options);
        std::vector<GroupDimension> ways{{.name = "item", .of_row = period_[side]->item}};
        ways.insert(ways.end(), by.begin(), by.end());
        GroupedStatement found = grouped(side, stated, costless, options, ways);
        for (std::size_t row = 0; row < found.revenue.size(); ++row) {
            const BridgeKey item = item_of(found, row);
            if (item[1] >= 0 || (found.revenue[row] == 0 && found.goods[row] == 0)) continue;
            customer_[static_cast<std::size_t>(item[0])].items_known = false;
        }
        return found;
    }

    enum FixedPart : std::size_t { poured_in, gone, volume, price, product_mix, cost_of_goods, sales, fixed_parts };

    StatementBridge parts() {
        StatementBridge result;
        result.before = statement_of(0).bucket();
        result.after = statement_of(1).bucket();
        result.id = id_;
        result.part = {"poured_in", "gone", "volume", "price", "product_mix", "cost_of_goods", "sales"};
        std::vector<std::size_t> use_place;
        for (const std::string& name : element_) {
            use_place.push_back(result.part.size());
            if (detail::contains(in_one_part_, name)) {
                result.part.push_back("cost of " + name);
                result.elements_in_one_part.push_back(name);
            } else {
                result.part.push_back("use of " + name);
                result.part.push_back("rate of " + name);
            }
        }
        const std::size_t credit_place = result.part.size();
        result.part.emplace_back("credit");
        for (const BridgeCustomer& customer : customer_) {
            if (!customer.stayed() || customer.is_split()) continue;
            ++result.customers_in_one_part;
            result.level_in_one_part += customer.revenue[1];
        }
        const std::size_t rows = cells_.size();
        result.value.resize(period_[0]->by.size());
        result.heat = Matrix(rows, result.part.size());
        result.temperature = Matrix(rows, result.part.size());
        std::size_t row = 0;
        for (auto& [key, one] : cells_) {
            widen(one);
            result.customer.push_back(key[0]);
            for (std::size_t d = 0; d < result.value.size(); ++d) result.value[d].push_back(key[d + 1]);
            result.level_before.push_back(one.revenue[0]);
            result.level_after.push_back(one.revenue[1]);
            result.heat_before.push_back(one.heat[0]);
            result.heat_after.push_back(one.heat[1]);
            split(result, row, one, use_place, credit_place);
            ++row;
        }
        return result;
    }

    /// Writes the parts of a cell.
    void split(StatementBridge& result, std::size_t row, const BridgeCell& one, std::span<const std::size_t> use_place,
               std::size_t credit_place) const {
        const std::span<double> heat = result.heat.row(row);
        const std::span<double> points = result.temperature.row(row);
        const double t0 = result.before.temperature();
        const double l0 = result.before.level;
        const double l1 = result.after.level;
        const double excess_before = (one.heat[0] - t0 * one.revenue[0]) / l0;
        const double excess_after = (one.heat[1] - t0 * one.revenue[1]) / l1;
        const BridgeCustomer& customer = customer_[static_cast<std::size_t>(result.customer[row])];
        double mix = 0;
        if (!customer.stayed()) {
            const bool is_new = customer.there[1];
            heat[is_new ? poured_in : gone] = is_new ? one.heat[1] : -one.heat[0];
            points[is_new ? poured_in : gone] = is_new ? excess_after : -excess_before;
            result.mix.push_back(0);
            result.warming.push_back(0);
            return;
        }
        const double scale = customer.scale();
        double costs = 0;
        const auto add_cost = [&](std::size_t place, double amount) {
            heat[place] = amount;
            points[place] = amount / l1;
            costs += amount;
        };
        for (std::size_t e = 0; e < element_.size(); ++e) {
            const double change = scale * one.cost[0][e] - one.cost[1][e];
            if (detail::contains(in_one_part_, element_[e])) {
                add_cost(use_place[e], change);
                continue;
            }
            const double of_rate = one.cost_at_old_rates[e] - one.cost[1][e];
            add_cost(use_place[e], change - of_rate);
            add_cost(use_place[e] + 1, of_rate);
        }
        add_cost(credit_place, scale * one.credit[0] - one.credit[1]);
        const double excess = one.heat[0] - t0 * one.revenue[0];
        if (customer.is_split()) {
            const double by_volume = (scale / l1 - 1 / l0) * excess;
            const double by_price = one.revenue[1] - one.revenue_at_old_prices;
            const double old_temperature = customer.heat_before / customer.revenue[0];
            heat[volume] = (scale - 1) * one.heat[0];
            heat[price] = by_price;
            heat[product_mix] =
                one.revenue_at_old_prices - one.goods_at_old_costs - scale * (one.revenue[0] - one.goods[0]);
            heat[cost_of_goods] = one.goods_at_old_costs - one.goods[1];
            points[volume] = by_volume;
            points[price] = by_price * (1 - t0) / l1;
            points[product_mix] = (heat[product_mix] - t0 * (one.revenue_at_old_prices - scale * one.revenue[0])) / l1;
            points[cost_of_goods] = heat[cost_of_goods] / l1;
            mix = by_volume + by_price * (old_temperature - t0) / l1;
        } else {
            // Without revenue before there is no old temperature for a weight.
            if (customer.revenue[0] > 0) mix = (customer.revenue[1] / customer.revenue[0] / l1 - 1 / l0) * excess;
            heat[sales] = one.heat[1] - one.heat[0] - costs;
            points[sales] = excess_after - excess_before - costs / l1;
        }
        result.mix.push_back(mix);
        result.warming.push_back(excess_after - excess_before - mix);
    }

    const StatedPeriod* period_[2];
    unsigned threads_;
    std::vector<std::string> id_;
    std::vector<BridgeCustomer> customer_;
    std::vector<std::int32_t> of_code_[2];  ///< Customer per code of the ledger; -1: not in the statement.
    std::vector<std::string> element_;
    std::vector<std::string> in_one_part_;
    std::map<BridgeKey, BridgeCell, BridgeOrder> cells_;
};

}  // namespace detail

CUSTFOLIO_INLINE StatementBridge bridge(const StatedPeriod& before, const StatedPeriod& after, unsigned threads) {
    return detail::StatementBridgeMaker(before, after, threads).make();
}

CUSTFOLIO_INLINE StatementBridge summed(const StatementBridge& bridge, bool customers,
                                        std::span<const std::size_t> by) {
    for (const std::size_t d : by) {
        if (d < bridge.value.size()) continue;
        throw InputError("summed: way to group " + std::to_string(d) + " does not exist; there are " +
                         std::to_string(bridge.value.size()));
    }
    if (customers && bridge.customer.empty() && bridge.rows() > 0) {
        throw InputError("summed: the rows sum over customers already, so customers cannot stay apart");
    }
    std::map<detail::BridgeKey, std::size_t, detail::BridgeOrder> place;
    std::vector<std::size_t> of_row;
    const auto key_of = [&](std::size_t row) {
        detail::BridgeKey key;
        if (customers) key.push_back(bridge.customer[row]);
        for (const std::size_t d : by) key.push_back(bridge.value[d][row]);
        return key;
    };
    for (std::size_t row = 0; row < bridge.rows(); ++row) place.emplace(key_of(row), 0);
    StatementBridge result;
    result.value.resize(by.size());
    std::size_t count = 0;
    for (auto& [key, number] : place) {
        number = count++;
        if (customers) result.customer.push_back(key[0]);
        for (std::size_t d = 0; d < by.size(); ++d) result.value[d].push_back(key[(customers ? 1 : 0) + d]);
    }
    for (std::size_t row = 0; row < bridge.rows(); ++row) of_row.push_back(place.at(key_of(row)));
    result.before = bridge.before;
    result.after = bridge.after;
    result.id = bridge.id;
    result.part = bridge.part;
    result.customers_in_one_part = bridge.customers_in_one_part;
    result.level_in_one_part = bridge.level_in_one_part;
    result.elements_in_one_part = bridge.elements_in_one_part;
    const auto sums = [&](const auto& amount) {
        std::vector<math::CompensatedSum> sum(count);
        for (std::size_t row = 0; row < bridge.rows(); ++row) sum[of_row[row]] += amount(row);
        Column values;
        for (const math::CompensatedSum& one : sum) values.push_back(one.value());
        return values;
    };
    const auto summed_column = [&](const Column& column) { return sums([&](std::size_t row) { return column[row]; }); };
    result.level_before = summed_column(bridge.level_before);
    result.level_after = summed_column(bridge.level_after);
    result.heat_before = summed_column(bridge.heat_before);
    result.heat_after = summed_column(bridge.heat_after);
    result.mix = summed_column(bridge.mix);
    result.warming = summed_column(bridge.warming);
    for (const auto& [from, to] :
         {std::pair{&bridge.heat, &result.heat}, std::pair{&bridge.temperature, &result.temperature}}) {
        *to = Matrix(count, bridge.part.size());
        for (std::size_t p = 0; p < bridge.part.size(); ++p) {
            const Column column = sums([&, from = from](std::size_t row) { return (*from)(row, p); });
            for (std::size_t g = 0; g < count; ++g) (*to)(g, p) = column[g];
        }
    }
    return result;
}

}  // namespace custfolio
