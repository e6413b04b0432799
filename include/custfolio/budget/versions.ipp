// Definitions of versions of a budget.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>

#include "custfolio/budget/versions.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

CUSTFOLIO_INLINE const BudgetBands* FrozenBudget::find(std::span<const std::string> by) const {
    const auto found =
        std::ranges::find_if(bands, [&](const BudgetBands& one) { return std::ranges::equal(one.groups.by, by); });
    return found == bands.end() ? nullptr : &*found;
}

CUSTFOLIO_INLINE FrozenBudget freeze(const LineItemBudget& budget, std::string name, DayNumber on,
                                     std::span<const std::vector<std::string>> bands, const BandOptions& options) {
    if (name.find_first_not_of(" \t\r\n") == std::string::npos) {
        throw InputError("name is '" + name + "'; a version has a name, such as '2026'");
    }
    FrozenBudget found{std::move(name), on, {}, {}};
    BandOptions own;
    own.threads = options.threads;
    own.pulse = options.pulse;
    for (const std::vector<std::string>& by : bands) found.bands.push_back(budget.bands(by, own));
    LineItems lines = budget.lines();
    for (std::int32_t& forecast : lines.forecast) {
        if (forecast >= 0) forecast = LineItems::frozen;
    }
    found.budget = with_units(std::move(lines), budget.settings(), budget.units());
    return found;
}

CUSTFOLIO_INLINE LineItemBudget rolling_forecast(const LineItemBudget& budget, const LineItemBudget& actual,
                                                 Month through, const LineItemBudget& remaining) {
    for (const Month month : actual.lines().month) {
        if (month > through) {
            throw InputError("there are actual amounts in " + to_string(month) + ", after the last close " +
                             to_string(through) + "; leave them out, or close later");
        }
    }
    std::vector<std::size_t> ahead;
    for (std::size_t k = 0; k < remaining.lines().size(); ++k) {
        if (remaining.lines().month[k] > through) ahead.push_back(k);
    }
    BudgetSettings settings = remaining.settings();
    settings.calendar = budget.settings().calendar;
    if (!(settings.correlation > 0) && settings.correlation_of.empty()) {
        settings.correlation = budget.settings().correlation;
        settings.correlation_of = budget.settings().correlation_of;
    }
    const LineItemBudget later(remaining.lines().take(ahead), std::move(settings), remaining.forecasts());
    return actual.with_calendar(budget.settings().calendar) + later;
}

namespace detail {

/// Amounts of an item in a cell, planned and actual.
struct ComparedLines {
    LineItems both;                   ///< Planned lines, then actual ones.
    std::size_t planned = 0;          ///< Number of planned lines.
    std::vector<std::string> shared;  ///< Dimensions that both sides have.
    std::vector<VarianceItem> items;  ///< The items.
    std::vector<VarianceLine> lines;  ///< The cells.
    std::vector<std::size_t> first;   ///< For each cell the first line of `both` in it.
};

/// Numbers distinct rows of columns from 0, in ascending order.
CUSTFOLIO_INLINE std::vector<std::int64_t> number_rows(std::span<const std::vector<std::int64_t>> columns) {
    std::vector<std::int64_t> code(columns.front().size(), 0);
    for (const std::vector<std::int64_t>& column : columns) {
        std::vector<std::int64_t> own(column);
        const auto width = static_cast<std::int64_t>(std::max<std::size_t>(number_codes(own), 1));
        for (std::size_t k = 0; k < code.size(); ++k) code[k] = code[k] * width + own[k];
        number_codes(code);
    }
    return code;
}

CUSTFOLIO_INLINE std::size_t count_of(std::span<const std::int64_t> numbers) {
    return numbers.empty() ? 0 : static_cast<std::size_t>(std::ranges::max(numbers)) + 1;
}

/// What is known of each item.
CUSTFOLIO_INLINE std::vector<VarianceItem> compared_items(const ComparedLines& compared,
                                                          std::span<const std::int64_t> item,
                                                          const std::map<std::string, ItemState>& outcomes) {
    const LineItems& both = compared.both;
    const std::int32_t usual = both.item.code("");
    const std::size_t count = count_of(item);
    std::vector<double> was(count, 0.0);
    std::vector<double> now(count, -1.0);
    std::vector<char> dated(count, 0);
    std::vector<ItemState> state(count, ItemState::open);
    for (std::size_t k = 0; k < both.size(); ++k) {
        const auto at = static_cast<std::size_t>(item[k]);
        if (both.item.codes[k] != usual) dated[at] = 1;
        double& chance = k < compared.planned ? was[at] : now[at];
        chance = std::max(chance, both.probability[k]);
    }
    for (std::size_t at = 0; at < count; ++at) {
        if (now[at] >= 1 && dated[at] != 0) state[at] = ItemState::won;
    }
    for (const ItemState told : {ItemState::won, ItemState::lost}) {
        for (std::size_t k = compared.planned; k < both.size(); ++k) {
            if (both.state[k] == told) state[static_cast<std::size_t>(item[k])] = told;
        }
    }
    for (const auto& [name, outcome] : outcomes) {
        const std::int32_t code = both.item.code(name);
        if (code < 0) throw InputError("outcomes names '" + name + "'; no line has this item");
        for (std::size_t k = 0; k < both.size(); ++k) {
            if (both.item.codes[k] == code) state[static_cast<std::size_t>(item[k])] = outcome;
        }
    }
    std::vector<VarianceItem> items;
    for (std::size_t at = 0; at < count; ++at) {
        const double planned = was[at] == 0 ? 1.0 : was[at];
        const double actual = now[at] >= 0 ? now[at] : state[at] == ItemState::won ? 1.0 : planned;
        items.push_back({dated[at] != 0, planned, dated[at] != 0 ? actual : planned, state[at]});
    }
    return items;
}

/// Puts planned and actual lines together, item by item and cell by cell.
CUSTFOLIO_INLINE ComparedLines compared_lines(const LineItemBudget& budget, const LineItemBudget& actual,
                                              const std::map<std::string, ItemState>& outcomes) {
    const LineItems& plan = budget.lines();
    const LineItems& real = actual.lines();
    ComparedLines found;
    found.planned = plan.size();
    for (const Dimension& dimension : plan.dimensions) {
        const Labels* const other = real.find(dimension.name);
        if (other == nullptr) continue;
        const bool unknown =
            std::ranges::any_of(other->names, [&](const std::string& name) { return dimension.labels.code(name) < 0; });
        if (dimension.name != "source" || !unknown) found.shared.push_back(dimension.name);
    }
    found.both = plan;
    found.both.append(real);
    const LineItems& both = found.both;
    const auto wide = [](std::span<const std::int32_t> codes) {
        return std::vector<std::int64_t>(codes.begin(), codes.end());
    };
    const std::int32_t usual = both.item.code("");
    std::vector<std::vector<std::int64_t>> identity{wide(both.item.codes), wide(both.account().codes)};
    std::vector<std::vector<std::int64_t>> cell{{}, {}};
    for (const Month month : both.month) cell[1].push_back(month.index());
    for (const std::string& name : found.shared) {
        cell.push_back(wide(both.find(name)->codes));
        if (name == "account") continue;
        identity.push_back(cell.back());
        for (std::size_t k = 0; k < both.size(); ++k) {
            if (both.item.codes[k] != usual) identity.back()[k] = -1;
        }
    }
    const std::vector<std::int64_t> item = number_rows(identity);
    cell[0] = item;
    const std::vector<std::int64_t> line = number_rows(cell);
    found.items = compared_items(found, item, outcomes);
    const std::size_t count = count_of(line);
    found.first.resize(count);
    found.lines.resize(count);
    for (std::size_t k = both.size(); k-- > 0;) found.first[static_cast<std::size_t>(line[k])] = k;
    const double scale = units_in_one(budget.settings().currency);
    std::vector<std::int64_t> planned_units(count, 0);
    std::vector<std::int64_t> actual_units(count, 0);
    for (std::size_t k = 0; k < both.size(); ++k) {
        const auto at = static_cast<std::size_t>(line[k]);
        VarianceLine& one = found.lines[at];
        if (k < found.planned) {
            planned_units[at] += budget.units()[k];
            one.planned_quantity += both.quantity[k];
            continue;
        }
        const std::size_t row = k - found.planned;
        const std::string& currency = real.currency[row];
        const bool foreign = currency != budget.settings().currency.code;
        actual_units[at] += actual.units()[row];
        one.actual += foreign ? real.stated[row] * budget.settings().rates.rate(real.month[row], currency)
                              : static_cast<double>(actual.units()[row]) / scale;
        one.actual_quantity += both.quantity[k];
    }
    for (std::size_t at = 0; at < count; ++at) {
        VarianceLine& one = found.lines[at];
        one.item = static_cast<std::size_t>(item[found.first[at]]);
        one.month = both.month[found.first[at]];
        one.planned = static_cast<double>(planned_units[at]) / scale;
        one.actual_at_rates = static_cast<double>(actual_units[at]) / scale;
    }
    return found;
}

}  // namespace detail

CUSTFOLIO_INLINE BudgetVariance compare(const LineItemBudget& budget, const LineItemBudget& actual,
                                        const CompareOptions& options) {
    const BudgetSettings& settings = budget.settings();
    if (settings.currency != actual.settings().currency) {
        throw InputError("the budget is in " + settings.currency.code + ", the actual amounts in " +
                         actual.settings().currency.code);
    }
    const auto is_time = [](const std::string& name) {
        return name == "month" || name == "period" || name == "quarter" || name == "year";
    };
    if (settings.calendar.has_weeks() &&
        std::ranges::any_of(options.by, [&](const auto& name) { return is_time(name) && name != "month"; })) {
        throw InputError("causes are known by month, and the calendar's periods are weeks; group by month");
    }
    detail::ComparedLines compared = detail::compared_lines(budget, actual, options.outcomes);
    for (const std::string& name : options.by) {
        if (is_time(name) || name == "item" || std::ranges::find(compared.shared, name) != compared.shared.end()) {
            continue;
        }
        if (budget.lines().find(name) != nullptr) {
            throw InputError("by names '" + name + "', which the actual lines do not have as the budget does");
        }
        std::string possible = "month, quarter, year, item";
        for (const std::string& each : compared.shared) possible += ", " + each;
        throw InputError("by names '" + name + "'; a variance can be grouped by " + possible);
    }
    const std::vector<VarianceCauses> causes =
        explain_variance(compared.lines, compared.items, options.through, settings.currency);

    // All months decide the sizes of items; the rows are those of the months compared.
    std::vector<std::size_t> kept;
    for (std::size_t at = 0; at < compared.lines.size(); ++at) {
        if (!options.through || compared.lines[at].month <= *options.through) kept.push_back(at);
    }
    const LineItems shown = compared.both.take(detail::rows_of(compared.first, kept));
    const double scale = detail::units_in_one(settings.currency);
    const auto whole = [&](double amount) { return std::llround(amount * scale); };
    std::vector<std::int64_t> planned;
    std::vector<std::int64_t> came;
    std::array<std::vector<std::int64_t>, variance_causes.size()> by_cause;
    for (const std::size_t at : kept) {
        planned.push_back(whole(compared.lines[at].planned));
        came.push_back(whole(compared.lines[at].actual_at_rates));
        const VarianceCauses& one = causes[at];
        const std::array<std::int64_t, variance_causes.size()> amounts{one.won,   one.lost,  one.slipped, one.resized,
                                                                       one.fresh, one.price, one.volume,  one.currency};
        for (std::size_t c = 0; c < amounts.size(); ++c) by_cause[c].push_back(amounts[c]);
    }
    std::vector<std::size_t> all(kept.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    detail::GroupedRows rows = detail::group_lines(shown, settings.calendar, planned, options.by, all);
    const Labels& accounts = shown.account();
    const auto type_of = [&](const std::string& account) {
        const bool own = budget.lines().account().code(account) >= 0 || settings.accounts.contains(account);
        return own ? budget.type(account) : actual.type(account);
    };
    std::vector<std::int64_t> heat;
    for (std::size_t k = 0; k < kept.size(); ++k) heat.push_back(detail::account_sign(type_of(accounts[k]), false));
    const bool by_account = std::ranges::find(options.by, "account") != options.by.end();
    const std::vector<std::int64_t> weight = by_account ? std::vector<std::int64_t>() : heat;
    const auto sums = [&](std::span<const std::int64_t> units) {
        rows.units.assign(units.begin(), units.end());
        return rows.sums(weight);
    };
    const auto total = [&](std::span<const std::int64_t> units) {
        std::int64_t sum = 0;
        for (std::size_t k = 0; k < units.size(); ++k) sum += units[k] * heat[k];
        return static_cast<double>(sum) / scale;
    };
    BudgetVariance found;
    const std::vector<std::int64_t> planned_sums = sums(planned);
    const std::vector<std::int64_t> actual_sums = sums(came);
    found.planned = detail::money(planned_sums, settings.currency);
    found.actual = detail::money(actual_sums, settings.currency);
    std::vector<std::int64_t> change;
    for (std::size_t g = 0; g < rows.groups.size; ++g) change.push_back(actual_sums[g] - planned_sums[g]);
    found.variance = detail::money(change, settings.currency);
    found.planned_total = total(planned);
    found.actual_total = total(came);
    for (std::size_t c = 0; c < by_cause.size(); ++c) {
        found.causes[c] = detail::money(sums(by_cause[c]), settings.currency);
        found.total_causes[c] = total(by_cause[c]);
    }
    const auto at_account = std::ranges::find(options.by, "account") - options.by.begin();
    for (std::size_t g = 0; g < rows.groups.size; ++g) {
        const bool expense =
            by_account && type_of(rows.groups.keys[static_cast<std::size_t>(at_account)][g]) == AccountType::expense;
        found.judgement.push_back(change[g] == 0 ? 0 : (change[g] > 0) != expense ? 1 : -1);
    }
    found.groups = std::move(rows.groups);
    return found;
}

CUSTFOLIO_INLINE BudgetComparison side_by_side(std::span<const std::pair<std::string, LineItemBudget>> budgets,
                                               std::span<const std::string> by, const std::string& measure) {
    if (budgets.size() < 2) {
        throw InputError(std::to_string(budgets.size()) + " budgets; two or more can be put side by side");
    }
    const Currency& currency = budgets.front().second.settings().currency;
    const bool account = measure != "level" && measure != "heat";
    std::map<std::vector<std::string>, std::size_t> place;
    std::vector<std::vector<std::string>> cells;
    std::vector<std::map<std::size_t, double>> amounts(budgets.size());
    for (std::size_t b = 0; b < budgets.size(); ++b) {
        const auto& [name, budget] = budgets[b];
        if (budget.settings().currency != currency) {
            throw InputError("budget '" + name + "' is in " + budget.settings().currency.code + ", the first in " +
                             currency.code);
        }
        const BudgetTotals totals = budget.totals(by, account ? measure : std::string());
        const std::vector<double>& figure = !totals.amount.empty() ? totals.amount
                                            : measure == "level"   ? totals.level
                                                                   : totals.heat;
        for (std::size_t g = 0; g < totals.groups.size; ++g) {
            std::vector<std::string> cell;
            for (const Labels& key : totals.groups.keys) cell.push_back(key[g]);
            const auto [at, fresh] = place.try_emplace(cell, cells.size());
            if (fresh) cells.push_back(cell);
            amounts[b][at->second] = figure[g];
        }
    }
    const auto is_time = [](const std::string& name) {
        return name == "month" || name == "period" || name == "quarter" || name == "year";
    };
    if (std::ranges::any_of(by, is_time)) {
        std::ranges::sort(cells);
    }
    BudgetComparison found;
    found.groups.by.assign(by.begin(), by.end());
    found.groups.size = cells.size();
    for (std::size_t column = 0; column < by.size(); ++column) {
        std::vector<std::string> texts;
        for (const auto& cell : cells) texts.push_back(cell[column]);
        found.groups.keys.push_back(Labels::of(texts));
    }
    const double scale = detail::units_in_one(currency);
    for (std::size_t b = 0; b < budgets.size(); ++b) {
        std::vector<double> amount;
        std::vector<double> change;
        for (std::size_t g = 0; g < cells.size(); ++g) {
            const auto at = amounts[b].find(place.at(cells[g]));
            amount.push_back(at == amounts[b].end() ? 0.0 : at->second);
            change.push_back(b == 0 ? 0.0 : std::round((amount[g] - found.amount[0][g]) * scale) / scale);
        }
        found.amount.push_back(std::move(amount));
        found.change.push_back(std::move(change));
    }
    return found;
}

}  // namespace custfolio
