// Definitions of versions of a budget.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "custfolio/budget/versions.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/abridged.hpp"
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

namespace detail {

/// The months with lines.
CUSTFOLIO_INLINE std::set<Month> months_of(const LineItemBudget& budget) {
    return {budget.lines().month.begin(), budget.lines().month.end()};
}

/// The months with usual business: those that must have amounts. A month of opportunities alone may stay without any.
CUSTFOLIO_INLINE std::set<Month> usual_months(const LineItemBudget& budget) {
    const LineItems& lines = budget.lines();
    const std::int32_t usual = lines.item.code("");
    std::set<Month> months;
    for (std::size_t k = 0; k < lines.size(); ++k) {
        if (lines.item.codes[k] == usual) months.insert(lines.month[k]);
    }
    return months;
}

/// The months with lines of income or of a result.
/// @param planned whether only usual business counts, with an amount other than 0.
CUSTFOLIO_INLINE std::set<Month> months_with_income(const LineItemBudget& budget, bool planned) {
    const LineItems& lines = budget.lines();
    const Labels& account = lines.account();
    std::vector<char> income;
    for (const std::string& name : account.names) income.push_back(budget.type(name) != AccountType::expense ? 1 : 0);
    const std::int32_t usual = lines.item.code("");
    std::set<Month> months;
    for (std::size_t k = 0; k < lines.size(); ++k) {
        if (income[static_cast<std::size_t>(account.codes[k])] == 0) continue;
        if (!planned || (lines.item.codes[k] == usual && lines.amount[k] != 0)) months.insert(lines.month[k]);
    }
    return months;
}

/// Months that another set does not have, as texts.
CUSTFOLIO_INLINE std::vector<std::string> missing_months(const std::set<Month>& months, const std::set<Month>& others) {
    std::vector<std::string> missing;
    for (const Month month : months) {
        if (!others.contains(month)) missing.push_back(to_string(month));
    }
    return missing;
}

/// Lines that repeat an earlier one, as texts.
CUSTFOLIO_INLINE std::vector<std::string> repeated_lines(const LineItems& lines) {
    using Key = std::tuple<int, std::vector<std::int32_t>, double, double>;
    std::map<Key, std::size_t> first;
    std::vector<std::string> repeated;
    for (std::size_t k = 0; k < lines.size(); ++k) {
        if (lines.stated[k] == 0) continue;
        std::vector<std::int32_t> codes{lines.item.codes[k], lines.currency.codes[k]};
        for (const Dimension& dimension : lines.dimensions) codes.push_back(dimension.labels.codes[k]);
        const auto [earlier, fresh] =
            first.try_emplace({lines.month[k].index(), std::move(codes), lines.quantity[k], lines.stated[k]}, k);
        if (fresh) continue;
        repeated.push_back(line_text(lines, k) + " " + number_text(lines.stated[k]));
    }
    return repeated;
}

/// Checks that a close, and the actual amounts, lie in the months of the budget. Opportunities alone do not show where
/// a budget begins and ends.
CUSTFOLIO_INLINE void check_range(const LineItemBudget& budget, const std::set<Month>& came, Month through) {
    if (usual_months(budget).empty()) return;
    const std::set<Month> months = months_of(budget);
    if (through > *months.rbegin()) {
        throw InputError("the last close is " + to_string(through) + ", after the budget's last month " +
                         to_string(*months.rbegin()) + "; close one of its months");
    }
    const std::set<Month> earlier(came.begin(), came.lower_bound(*months.begin()));
    if (earlier.empty()) return;
    throw InputError("there are actual amounts in " + abridged(missing_months(earlier, {})) +
                     ", before the budget's first month " + to_string(*months.begin()) +
                     "; leave them out, or add these months to the budget");
}

/// Checks actual amounts of closed months.
CUSTFOLIO_INLINE void check_close(const LineItemBudget& budget, const LineItemBudget& actual, Month through,
                                  const CloseOptions& options) {
    const std::set<Month> came = months_of(actual);
    check_range(budget, came, through);
    std::set<Month> due = usual_months(budget);
    due.erase(due.upper_bound(through), due.end());
    const std::string accept = ", or accept them as 0 with missing='zero'";
    const std::vector<std::string> missing = missing_months(due, came);
    if (!missing.empty() && !options.missing_is_zero) {
        throw InputError("there are no actual amounts in " + abridged(missing) + ", and the last close is " +
                         to_string(through) + "; add them, close earlier" + accept);
    }
    std::set<Month> earning = months_with_income(budget, true);
    earning.erase(earning.upper_bound(through), earning.end());
    const std::vector<std::string> costs_alone = missing_months(earning, months_with_income(actual, false));
    if (!costs_alone.empty() && !options.missing_is_zero) {
        throw InputError("the actual amounts in " + abridged(costs_alone) +
                         " are costs alone, and the budget has income there; add the actual income" + accept);
    }
    if (options.add_repeated) return;
    const std::vector<std::string> repeated = repeated_lines(actual.lines());
    if (repeated.empty()) return;
    throw InputError("actual lines repeat an earlier line: " + abridged(repeated) +
                     "; leave them out, add a dimension in which they differ, or add them up with repeated='add'");
}

/// Checks that what remains covers the months that are left.
CUSTFOLIO_INLINE void check_remaining(const LineItemBudget& budget, Month through, const LineItemBudget& remaining,
                                      const CloseOptions& options) {
    std::set<Month> left = usual_months(budget);
    left.erase(left.begin(), left.upper_bound(through));
    const std::set<Month> covered = months_of(remaining);
    const std::string rule = "; it must cover exactly the months of the budget after " + to_string(through);
    if (const auto missing = missing_months(left, covered); !missing.empty()) {
        throw InputError("what remains has no amounts in " + abridged(missing) + rule);
    }
    const std::set<Month> budgeted = months_of(budget);
    const Month last = budgeted.empty() ? through : *budgeted.rbegin();
    const std::set<Month> beyond(covered.upper_bound(std::max(last, through)), covered.end());
    if (!beyond.empty()) {
        throw InputError("what remains has amounts in " + abridged(missing_months(beyond, {})) +
                         ", after the budget's last month" + rule);
    }
    // A budget that repeats lines itself shows that they differ in something else.
    if (options.add_repeated) return;
    const std::vector<std::string> repeated = repeated_lines(remaining.lines());
    if (repeated.empty() || !repeated_lines(budget.lines()).empty()) return;
    throw InputError("lines of what remains repeat an earlier line: " + abridged(repeated) +
                     "; leave them out, or add them up with repeated='add'");
}

}  // namespace detail

CUSTFOLIO_INLINE LineItemBudget rolling_forecast(const LineItemBudget& budget, const LineItemBudget& actual,
                                                 Month through, const LineItemBudget& remaining,
                                                 const CloseOptions& options) {
    for (const Month month : actual.lines().month) {
        // An actual amount after the close would be counted beside its forecast.
        if (month > through) {
            throw InputError("there are actual amounts in " + to_string(month) + ", after the last close " +
                             to_string(through) + "; leave them out, or close later");
        }
    }
    detail::check_close(budget, actual, through, options);
    detail::check_remaining(budget, through, remaining, options);
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
    // Both parts are rounded first, so that the forecast is their sum to the cent.
    const auto rounded = [](const LineItemBudget& part) {
        LineItems lines = part.lines();
        lines.amount = detail::money(part.units(), part.settings().currency);
        return lines;
    };
    const LineItemBudget closed(rounded(actual), actual.settings(), actual.forecasts());
    const LineItemBudget later(rounded(remaining).take(ahead), std::move(settings), remaining.forecasts());
    return (closed.with_calendar(budget.settings().calendar) + later).with_closed(through);
}

CUSTFOLIO_INLINE std::optional<Month> last_usual_month(const LineItemBudget& budget) {
    const std::set<Month> months = detail::usual_months(budget);
    return months.empty() ? std::nullopt : std::optional(*months.rbegin());
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

/// What became of named items, by the code of the item: by their actual lines, else by what the user says.
CUSTFOLIO_INLINE std::map<std::int32_t, ItemState> decided_items(const ComparedLines& compared,
                                                                 const std::map<std::string, ItemState>& outcomes) {
    const LineItems& both = compared.both;
    const auto contradiction = [](const std::string& name, ItemState one, const std::string& other) {
        return InputError("item '" + name + "' is " + to_string(one) + " in a line and " + other +
                          "; state one outcome for it");
    };
    std::map<std::int32_t, ItemState> decided;
    for (std::size_t k = compared.planned; k < both.size(); ++k) {
        const bool stated = both.state[k] == ItemState::won || both.state[k] == ItemState::lost;
        if (!stated || both.item[k].empty()) continue;
        const auto [known, fresh] = decided.try_emplace(both.item.codes[k], both.state[k]);
        if (known->second != both.state[k]) {
            throw contradiction(both.item[k], known->second, to_string(both.state[k]) + " in another");
        }
    }
    for (const auto& [name, outcome] : outcomes) {
        const std::int32_t code = both.item.code(name);
        if (code < 0 || name.empty()) continue;  // a new item without lines: compare() lists it
        const auto [known, fresh] = decided.try_emplace(code, outcome);
        if (known->second != outcome) {
            throw contradiction(name, known->second, to_string(outcome) + " in the outcomes");
        }
    }
    return decided;
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
        if (k < compared.planned) continue;
        const bool own = dated[at] == 0 && both.state[k] != ItemState::unstated;
        if (own || both.state[k] == ItemState::open) state[at] = both.state[k];
    }
    // An item that is certain now has been won.
    for (std::size_t at = 0; at < count; ++at) {
        if (now[at] >= 1 && dated[at] != 0 && state[at] == ItemState::unstated) state[at] = ItemState::won;
    }
    // A state counts for all accounts of its item. What is decided counts more than open, and the user's word fills in.
    const std::map<std::int32_t, ItemState> decided = decided_items(compared, outcomes);
    for (std::size_t k = 0; k < both.size(); ++k) {
        const auto known = decided.find(both.item.codes[k]);
        if (known != decided.end()) state[static_cast<std::size_t>(item[k])] = known->second;
    }
    std::vector<VarianceItem> items;
    items.reserve(count);
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

/// What usual business the lines of an account are.
CUSTFOLIO_INLINE VariancePart part_of(const std::string& account, AccountType type) {
    if (type == AccountType::income) return VariancePart::sales;
    if (type == AccountType::result) return VariancePart::other;
    const std::string name = account_key(account);
    if (name == "cost of goods" || name == "cogs" || name == "goods" || name == "cost of sales") {
        return VariancePart::goods;
    }
    const bool lump = name == "costs" || name == "cost" || name == "expenses" || name == "spend" || name == "hours";
    return lump ? VariancePart::other : VariancePart::serving;
}

/// Sets customer and part of the items of usual business.
CUSTFOLIO_INLINE void set_usual_business(const LineItemBudget& budget, const LineItemBudget& actual,
                                         std::span<const std::int64_t> item, ComparedLines& compared) {
    const LineItems& both = compared.both;
    const Labels& accounts = both.account();
    std::vector<VariancePart> part;
    for (const std::string& account : accounts.names) {
        const bool in_budget = budget.lines().account().code(account) >= 0;
        part.push_back(part_of(account, in_budget ? budget.type(account) : actual.type(account)));
    }
    const Labels* const customers = contains(compared.shared, "customer") ? both.find("customer") : nullptr;
    const std::int32_t nobody = customers == nullptr ? -1 : customers->code("(none)");
    for (std::size_t k = 0; k < both.size(); ++k) {
        VarianceItem& one = compared.items[static_cast<std::size_t>(item[k])];
        if (one.dated) continue;
        one.part = part[static_cast<std::size_t>(accounts.codes[k])];
        if (customers == nullptr || customers->codes[k] == nobody) continue;
        one.customer = static_cast<std::size_t>(customers->codes[k]);
    }
}

/// The sources of the lines after a month; of all lines without one.
CUSTFOLIO_INLINE std::set<std::string> open_sources(const LineItems& lines, std::optional<Month> closed) {
    const Labels& source = lines.source();
    std::set<std::string> names;
    for (std::size_t k = 0; k < lines.size(); ++k) {
        if (!closed || lines.month[k] > *closed) names.insert(source[k]);
    }
    return names;
}

/// Whether each source of the actual lines is planned. Months that the plan closed do not count: its source there is
/// "actual", and that of its open months is not.
CUSTFOLIO_INLINE bool sources_are_planned(const LineItemBudget& budget, const LineItemBudget& actual) {
    const std::optional<Month> closed = budget.settings().closed;
    const std::set<std::string> planned = open_sources(budget.lines(), closed);
    const std::set<std::string> came = open_sources(actual.lines(), closed);
    return std::includes(planned.begin(), planned.end(), came.begin(), came.end());
}

/// Counts planned new business, which has no customer, against the customers gained.
CUSTFOLIO_INLINE void net_new_business(const ComparedLines& compared, std::vector<VarianceCauses>& causes) {
    const Labels& source = compared.both.source();
    if (!contains(compared.shared, "customer")) return;
    const Labels& customer = *compared.both.find("customer");
    for (std::size_t at = 0; at < causes.size(); ++at) {
        const std::size_t k = compared.first[at];
        if (compared.items[compared.lines[at].item].dated || customer[k] != "(none)") continue;
        if (source[k] != to_string(Source::new_business)) continue;
        causes[at].customers_gained += std::exchange(causes[at].lost, 0);
    }
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
        if (dimension.name != "source" || sources_are_planned(budget, actual))
            compared.shared.push_back(dimension.name);
    }
    compared.both = plan;
    compared.both.append(real);
    fold_accounts(compared.both);
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
    set_usual_business(budget, actual, item, compared);
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
        const std::array<std::int64_t, variance_causes.size()> amounts{
            one.won,           one.lost,          one.slipped,          one.resized,
            one.fresh,         one.price,         one.volume,           one.product_mix,
            one.cost_of_goods, one.cost_to_serve, one.customers_gained, one.customers_lost,
            one.restated,      one.currency};
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
    if (options.through) detail::check_close(budget, actual, *options.through, options.close);
    const detail::ComparedLines compared = detail::compared_lines(budget, actual, options.outcomes);
    detail::check_grouping(options.by, budget, compared.shared);
    std::vector<VarianceCauses> causes =
        explain_variance(compared.lines, compared.items, options.through, settings.currency, settings.closed);
    detail::net_new_business(compared, causes);

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
    for (const auto& [name, outcome] : options.outcomes) {
        if (compared.both.item.code(name) < 0) variance.without_lines.emplace(name, outcome);
    }
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
