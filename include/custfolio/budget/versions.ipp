// Definitions of versions of a budget.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>

#include "custfolio/budget/versions.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

CUSTFOLIO_INLINE const BudgetBands* FrozenBudget::find(std::span<const std::string> by) const {
    const auto frozen =
        detail::find_if(bands, [&](const BudgetBands& one) { return detail::equal(one.groups.by, by); });
    return frozen == bands.end() ? nullptr : &*frozen;
}

CUSTFOLIO_INLINE FrozenBudget freeze(const LineItemBudget& budget, std::string name, DayNumber on,
                                     std::span<const std::vector<std::string>> bands, const BandOptions& options) {
    // A version is found by its name.
    if (name.find_first_not_of(" \t\r\n") == std::string::npos) {
        throw InputError("name is '" + name + "'; a version has a name, such as '2026'");
    }
    // Bands are computed now: the distribution of action plans is not stored in a version.
    FrozenBudget version{std::move(name), on, {}, {}};
    BandOptions band_options;
    band_options.threads = options.threads;
    band_options.pulse = options.pulse;
    for (const std::vector<std::string>& by : bands) version.bands.push_back(budget.bands(by, band_options));
    LineItems lines = budget.lines();
    // Lines of forecasts keep their amounts, and from here on have no distribution.
    for (std::int32_t& forecast : lines.forecast) {
        if (forecast >= 0) forecast = LineItems::frozen;
    }
    version.budget = with_units(std::move(lines), budget.settings(), budget.units());
    return version;
}

CUSTFOLIO_INLINE LineItemBudget rolling_forecast(const LineItemBudget& budget, const LineItemBudget& actual,
                                                 Month through, const LineItemBudget& remaining) {
    for (const Month month : actual.lines().month) {
        // An actual amount after the close would be counted beside its forecast.
        if (month > through) {
            throw InputError("there are actual amounts in " + to_string(month) + ", after the last close " +
                             to_string(through) + "; leave them out, or close later");
        }
    }
    // Closed months come from the actual amounts, later months from what remains.
    // Only what lies after the close remains.
    std::vector<std::size_t> ahead;
    for (std::size_t k = 0; k < remaining.lines().size(); ++k) {
        if (remaining.lines().month[k] > through) ahead.push_back(k);
    }
    BudgetSettings settings = remaining.settings();
    settings.calendar = budget.settings().calendar;
    // What remains has no correlation of its own: the budget's is the best that is known.
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
        std::vector<std::int64_t> codes(column);
        const auto width = static_cast<std::int64_t>(std::max<std::size_t>(number_codes(codes), 1));
        // Numbered again after each column, so that the codes never overflow.
        for (std::size_t k = 0; k < code.size(); ++k) code[k] = code[k] * width + codes[k];
        number_codes(code);
    }
    return code;
}

CUSTFOLIO_INLINE std::size_t count_of(std::span<const std::int64_t> numbers) {
    return numbers.empty() ? 0 : static_cast<std::size_t>(detail::max(numbers)) + 1;
}

/// What is known of each item.
CUSTFOLIO_INLINE std::vector<VarianceItem> compared_items(const ComparedLines& compared,
                                                          std::span<const std::int64_t> item,
                                                          const std::map<std::string, ItemState>& outcomes) {
    const LineItems& both = compared.both;
    // The empty name: such lines belong to no named item, and have no date.
    const std::int32_t usual = both.item.code("");
    const std::size_t count = count_of(item);
    std::vector<double> was(count, 0.0);
    std::vector<double> now(count, -1.0);
    std::vector<char> dated(count, 0);
    std::vector<ItemState> state(count, ItemState::unstated);
    for (std::size_t k = 0; k < both.size(); ++k) {
        const auto at = static_cast<std::size_t>(item[k]);
        if (both.item.codes[k] != usual) dated[at] = 1;
        double& chance = k < compared.planned ? was[at] : now[at];
        chance = std::max(chance, both.probability[k]);
        if (k >= compared.planned && both.state[k] == ItemState::open) state[at] = ItemState::open;
    }
    // An item that is certain now has been won.
    for (std::size_t at = 0; at < count; ++at) {
        if (now[at] >= 1 && dated[at] != 0 && state[at] == ItemState::unstated) state[at] = ItemState::won;
    }
    // A line's own state decides, and lost counts more than won; outcomes of the user decide last.
    for (const ItemState outcome : {ItemState::won, ItemState::lost}) {
        for (std::size_t k = compared.planned; k < both.size(); ++k) {
            if (both.state[k] == outcome) state[static_cast<std::size_t>(item[k])] = outcome;
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
        // An item without planned lines counts as certain.
        const double planned = was[at] == 0 ? 1.0 : was[at];
        // An item that is no longer in the lines has the chance that its state gives. An open item is not certain: a
        // chance of 1 means that its lines state none.
        const bool stated = now[at] >= 0 && !(state[at] == ItemState::open && now[at] >= 1);
        const double actual = stated ? now[at] : state[at] == ItemState::won ? 1.0 : planned;
        items.push_back({dated[at] != 0, planned, dated[at] != 0 ? actual : planned, state[at]});
    }
    return items;
}

/// Puts planned and actual lines together, item by item and cell by cell.
CUSTFOLIO_INLINE ComparedLines compared_lines(const LineItemBudget& budget, const LineItemBudget& actual,
                                              const std::map<std::string, ItemState>& outcomes) {
    const LineItems& plan = budget.lines();
    const LineItems& real = actual.lines();
    ComparedLines compared;
    compared.planned = plan.size();
    for (const Dimension& dimension : plan.dimensions) {
        const Labels* const other = real.find(dimension.name);
        // A dimension that only one side has cannot group a comparison.
        if (other == nullptr) continue;
        const bool unknown =
            detail::any_of(other->names, [&](const std::string& name) { return dimension.labels.code(name) < 0; });
        if (dimension.name != "source" || !unknown) compared.shared.push_back(dimension.name);
    }
    compared.both = plan;
    compared.both.append(real);
    const LineItems& both = compared.both;
    // In 64 bits, as numbers of rows are.
    const auto wide = [](std::span<const std::int32_t> codes) {
        return std::vector<std::int64_t>(codes.begin(), codes.end());
    };
    const std::int32_t usual = both.item.code("");
    // An item is the same wherever its lines are; lines without one differ by their dimensions.
    std::vector<std::vector<std::int64_t>> identity{wide(both.item.codes), wide(both.account().codes)};
    std::vector<std::vector<std::int64_t>> cell{{}, {}};
    for (const Month month : both.month) cell[1].push_back(month.index());
    for (const std::string& name : compared.shared) {
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
    compared.items = compared_items(compared, item, outcomes);
    const std::size_t count = count_of(line);
    compared.first.resize(count);
    compared.lines.resize(count);
    // Backwards, so that the first line of a cell remains.
    for (std::size_t k = both.size(); k-- > 0;) compared.first[static_cast<std::size_t>(line[k])] = k;
    // Whole units are summed, so that causes add up to the cent.
    const double scale = units_in_one(budget.settings().currency);
    std::vector<std::int64_t> planned_units(count, 0);
    std::vector<std::int64_t> actual_units(count, 0);
    for (std::size_t k = 0; k < both.size(); ++k) {
        const auto at = static_cast<std::size_t>(line[k]);
        VarianceLine& one = compared.lines[at];
        if (k < compared.planned) {
            planned_units[at] += budget.units()[k];
            one.planned_quantity += both.quantity[k];
            continue;
        }
        const std::size_t row = k - compared.planned;
        const std::string& currency = real.currency[row];
        // Actual amounts in another currency count at the budget's rates; the difference is the currency's cause.
        // Amounts in the budget's own currency need no rate.
        const bool foreign = currency != budget.settings().currency.code;
        actual_units[at] += actual.units()[row];
        one.actual += foreign ? real.stated[row] * budget.settings().rates.rate(real.month[row], currency)
                              : static_cast<double>(actual.units()[row]) / scale;
        one.actual_quantity += both.quantity[k];
    }
    for (std::size_t at = 0; at < count; ++at) {
        VarianceLine& one = compared.lines[at];
        one.item = static_cast<std::size_t>(item[compared.first[at]]);
        one.month = both.month[compared.first[at]];
        one.planned = static_cast<double>(planned_units[at]) / scale;
        one.actual_at_rates = static_cast<double>(actual_units[at]) / scale;
    }
    return compared;
}

inline bool is_time(const std::string& name) {
    return name == "month" || name == "period" || name == "quarter" || name == "year";
}

CUSTFOLIO_INLINE void check_grouping(std::span<const std::string> by, const LineItemBudget& budget,
                                     const std::vector<std::string>& shared) {
    for (const std::string& name : by) {
        if (budget.settings().calendar.has_weeks() && is_time(name) && name != "month") {
            throw InputError("causes are known by month, and the calendar's periods are weeks; group by month");
        }
    }
    for (const std::string& name : by) {
        if (is_time(name) || name == "item" || detail::contains(shared, name)) continue;
        if (budget.lines().find(name) != nullptr) {
            throw InputError("by names '" + name + "', which the actual lines do not have as the budget does");
        }
        std::string possible = "month, quarter, year, item";
        for (const std::string& each : shared) possible += ", " + each;
        throw InputError("by names '" + name + "'; a variance can be grouped by " + possible);
    }
}

/// Whole units of the cells of a comparison.
struct ComparedUnits {
    std::vector<std::int64_t> planned;
    std::vector<std::int64_t> actual;
    std::array<std::vector<std::int64_t>, variance_causes.size()> by_cause;
};

CUSTFOLIO_INLINE ComparedUnits units_of(const ComparedLines& compared, const std::vector<VarianceCauses>& causes,
                                        std::span<const std::size_t> cells, double scale) {
    const auto whole = [&](double amount) { return std::llround(amount * scale); };
    ComparedUnits units;
    for (const std::size_t at : cells) {
        units.planned.push_back(whole(compared.lines[at].planned));
        units.actual.push_back(whole(compared.lines[at].actual_at_rates));
        const VarianceCauses& one = causes[at];
        const std::array<std::int64_t, variance_causes.size()> amounts{one.won,   one.lost,  one.slipped, one.resized,
                                                                       one.fresh, one.price, one.volume,  one.currency};
        for (std::size_t c = 0; c < amounts.size(); ++c) units.by_cause[c].push_back(amounts[c]);
    }
    return units;
}

}  // namespace detail

CUSTFOLIO_INLINE BudgetVariance compare(const LineItemBudget& budget, const LineItemBudget& actual,
                                        const CompareOptions& options) {
    const BudgetSettings& settings = budget.settings();
    if (settings.currency != actual.settings().currency) {
        throw InputError("the budget is in " + settings.currency.code + ", the actual amounts in " +
                         actual.settings().currency.code);
    }
    const detail::ComparedLines compared = detail::compared_lines(budget, actual, options.outcomes);
    detail::check_grouping(options.by, budget, compared.shared);
    const std::vector<VarianceCauses> causes =
        explain_variance(compared.lines, compared.items, options.through, settings.currency);

    // All months decide the sizes of items; the rows are those of the months compared.
    std::vector<std::size_t> cells;
    for (std::size_t at = 0; at < compared.lines.size(); ++at) {
        if (!options.through || compared.lines[at].month <= *options.through) cells.push_back(at);
    }
    const LineItems shown = compared.both.take(detail::rows_of(compared.first, cells));
    const double scale = detail::units_in_one(settings.currency);
    const detail::ComparedUnits units = detail::units_of(compared, causes, cells, scale);
    std::vector<std::size_t> all(cells.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    detail::GroupedRows rows = detail::group_lines(shown, settings.calendar, units.planned, options.by, all);
    const Labels& accounts = shown.account();
    // The budget decides on the type of an account that both have.
    const auto type_of = [&](const std::string& account) {
        const bool in_budget = budget.lines().account().code(account) >= 0 || settings.accounts.contains(account);
        return in_budget ? budget.type(account) : actual.type(account);
    };
    std::vector<std::int64_t> heat;
    for (std::size_t k = 0; k < cells.size(); ++k) heat.push_back(detail::account_sign(type_of(accounts[k]), false));
    const auto at_account = static_cast<std::size_t>(detail::find(options.by, "account") - options.by.begin());
    const bool by_account = at_account < options.by.size();
    const std::vector<std::int64_t> weight = by_account ? std::vector<std::int64_t>() : heat;
    const auto sums = [&](std::span<const std::int64_t> of_cells) {
        rows.units.assign(of_cells.begin(), of_cells.end());
        return rows.sums(weight);
    };
    const auto total = [&](std::span<const std::int64_t> of_cells) {
        std::int64_t sum = 0;
        for (std::size_t k = 0; k < of_cells.size(); ++k) sum += of_cells[k] * heat[k];
        return static_cast<double>(sum) / scale;
    };
    BudgetVariance variance;
    const std::vector<std::int64_t> planned_sums = sums(units.planned);
    const std::vector<std::int64_t> actual_sums = sums(units.actual);
    variance.planned = detail::money(planned_sums, settings.currency);
    variance.actual = detail::money(actual_sums, settings.currency);
    variance.planned_total = total(units.planned);
    variance.actual_total = total(units.actual);
    for (std::size_t c = 0; c < units.by_cause.size(); ++c) {
        variance.causes[c] = detail::money(sums(units.by_cause[c]), settings.currency);
        variance.total_causes[c] = total(units.by_cause[c]);
    }
    std::vector<std::int64_t> change;
    for (std::size_t g = 0; g < rows.groups.size; ++g) {
        change.push_back(actual_sums[g] - planned_sums[g]);
        // More expense than planned is bad news, where more income is good news.
        const bool expense = by_account && type_of(rows.groups.keys[at_account][g]) == AccountType::expense;
        variance.judgement.push_back(change[g] == 0 ? 0 : (change[g] > 0) != expense ? 1 : -1);
    }
    variance.variance = detail::money(change, settings.currency);
    variance.groups = std::move(rows.groups);
    return variance;
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
    // Months in order of time, though one budget may begin later than another.
    if (detail::any_of(by, detail::is_time)) detail::sort(cells);
    BudgetComparison comparison;
    comparison.groups.by.assign(by.begin(), by.end());
    comparison.groups.size = cells.size();
    for (std::size_t column = 0; column < by.size(); ++column) {
        std::vector<std::string> texts;
        for (const auto& cell : cells) texts.push_back(cell[column]);
        comparison.groups.keys.push_back(Labels::of(texts));
    }
    const double scale = detail::units_in_one(currency);
    for (std::size_t b = 0; b < budgets.size(); ++b) {
        std::vector<double> amount;
        std::vector<double> change;
        for (std::size_t g = 0; g < cells.size(); ++g) {
            const auto at = amounts[b].find(place.at(cells[g]));
            amount.push_back(at == amounts[b].end() ? 0.0 : at->second);
            // Rounded again, since differences of doubles are no whole cents.
            change.push_back(b == 0 ? 0.0 : std::round((amount[g] - comparison.amount[0][g]) * scale) / scale);
        }
        comparison.amount.push_back(std::move(amount));
        comparison.change.push_back(std::move(change));
    }
    return comparison;
}

}  // namespace custfolio
