// Definitions of a budget of lines from any source.
#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <utility>

#include "custfolio/budget/line_item_budget.hpp"
#include "custfolio/budget/nested_rounding.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

/// Units of all lines, computed on first use.
struct LineItemBudget::Rounded {
    std::once_flag once{};
    std::vector<std::int64_t> units{};
    bool known = false;  ///< Whether units were given.
};

namespace detail {

/// How an account counts in a measure.
CUSTFOLIO_INLINE std::int64_t account_sign(AccountType type, bool level) {
    if (type == AccountType::income) return 1;
    if (level) return 0;
    return type == AccountType::expense ? -1 : 1;
}

CUSTFOLIO_INLINE double units_in_one(const Currency& currency) {
    return std::round(1 / currency.unit());
}

CUSTFOLIO_INLINE std::vector<double> money(std::span<const std::int64_t> units, const Currency& currency) {
    const double scale = units_in_one(currency);
    std::vector<double> amounts;
    for (const std::int64_t one : units) amounts.push_back(static_cast<double>(one) / scale);
    return amounts;
}

CUSTFOLIO_INLINE void check_share(double share, const std::string& source) {
    if (!(share >= 0 && share < 1)) {
        throw InputError("the correlation" + (source.empty() ? "" : " of source '" + source + "'") + " is " +
                         number_text(share) + "; it must be 0 or more and below 1");
    }
}

/// Checks that sums of amounts are exact in units of the currency.
CUSTFOLIO_INLINE void check_size(const LineItems& lines, const Currency& currency) {
    double size = 0;
    for (const double amount : lines.amount) size += std::abs(amount) / currency.unit();
    if (size < exact_units) return;
    const auto greatest = std::max_element(lines.amount.begin(), lines.amount.end(),
                                           [](double a, double b) { return std::abs(a) < std::abs(b); });
    throw InputError("the amounts add up to more than 2^53 units of " + number_text(currency.unit()) +
                     ", beyond what is exact; the greatest is " + number_text(*greatest) + " in " +
                     line_text(lines, static_cast<std::size_t>(greatest - lines.amount.begin())) +
                     ". Round to whole units with digits=0, or count in thousands");
}

// Accounts and source, then from few values to many: groups come before their members.
CUSTFOLIO_INLINE std::vector<std::int64_t> round_lines(const LineItems& lines, const BudgetSettings& settings) {
    std::vector<const Dimension*> order;
    for (const Dimension& dimension : lines.dimensions) order.push_back(&dimension);
    const auto rank = [](const Dimension* dimension) {
        if (dimension->name == "account") return std::pair<int, std::size_t>{0, 0};
        if (dimension->name == "source") return std::pair<int, std::size_t>{1, 0};
        return std::pair<int, std::size_t>{2, dimension->labels.names.size()};
    };
    detail::stable_sort(order, [&](const Dimension* a, const Dimension* b) { return rank(a) < rank(b); });
    LineLevels codes;
    for (const Dimension* dimension : order) codes.push_back(dimension->labels.codes);
    LineLevels times;
    std::vector<std::int32_t> month;
    for (const Month one : lines.month) month.push_back(one.index());
    // Weeks cross months: with them only months nest, and quarters are no groups of lines.
    if (!settings.calendar.has_weeks()) {
        std::map<Month, FiscalPeriod> known;
        std::vector<std::int32_t> year;
        std::vector<std::int32_t> quarter;
        for (const Month one : lines.month) {
            // A period is looked up once per month, not once per line.
            auto at = known.find(one);
            if (at == known.end()) at = known.emplace(one, settings.calendar.period_of(one.first_day())).first;
            year.push_back(at->second.year);
            quarter.push_back(at->second.quarter);
        }
        times = {std::move(year), std::move(quarter)};
    }
    LineLevels first = codes;
    first.insert(first.end(), times.begin(), times.end());
    // The second hierarchy has time first, so that totals by month are rounded in it.
    LineLevels second = std::move(times);
    second.push_back(std::move(month));
    second.insert(second.end(), codes.begin(), codes.end());
    // A line that is alone in its month and group is bounded itself: the finest groups then need no level.
    if (group_count(second, lines.size()) == lines.size()) second.pop_back();
    return round_nested(lines.amount, first, second, settings.currency);
}

/// The lines of one forecast within a sum. They are one joint distribution, which gives its own sum over months and
/// items.
struct ForecastLines {
    std::vector<std::size_t> items;
    std::map<Month, std::pair<std::size_t, double>> months;  // a line, and the sum of its shares
    bool revenue = false;
    bool costs = false;
    std::int64_t sign = 0;
    bool in_market = false;

    void add(const LineItems& lines, std::size_t line, std::int64_t line_sign, double share, bool income) {
        items.push_back(static_cast<std::size_t>(lines.member[line]));
        const auto month = months.try_emplace(lines.month[line], line, 0.0).first;
        if (month->second.first == line) month->second.second += share;  // all lines of a month have its share
        (income ? revenue : costs) = true;
        if (sign == 0) sign = line_sign;
    }
    [[nodiscard]] ForecastPart part(const MonthlyAmounts& amounts) const {
        ForecastPart part{&amounts, {items, months.begin()->first, {}, {}, {}}, in_market && amounts.correlation() > 0};
        detail::sort(part.sum.items);
        part.sum.items.erase(std::unique(part.sum.items.begin(), part.sum.items.end()), part.sum.items.end());
        // Revenue and costs together are contribution, in which costs count against revenue already.
        const bool both = revenue && costs;
        part.sum.payoff = both ? Payoff::contribution : revenue ? Payoff::revenue : Payoff::costs;
        const double factor = both ? 1 : static_cast<double>(sign);
        // A month without a line has expectation 0, but its amounts are part of the sum.
        for (Month month = part.sum.first; month <= std::prev(months.end())->first; month = month + 1) {
            const auto at = months.find(month);
            const double share = at == months.end() ? 1 : std::round(at->second.second * 1e12) / 1e12;
            part.sum.shares.push_back(factor * share);
        }
        return part;
    }
};

/// Normal errors of lines. Accounts of one customer and month move together. Errors of one customer meet over the
/// months by their correlation, and those of all customers by what they share and by the factor.
class NormalCells {
  public:
    void add(const LineItems& lines, std::size_t line, double weight, double market) {
        const LineError error = lines.error.empty() ? LineError{} : lines.error[line];
        const double deviation = lines.deviation[line] * weight;
        if (weight == 0 || (deviation == 0 && error.common == 0 && error.steady == 0)) return;
        mean_ += lines.amount[line] * weight;
        never_negative_ = never_negative_ && error.never_negative && weight > 0;
        key_.assign(1, lines.month[line].index());
        for (const Dimension& dimension : lines.dimensions) {
            if (dimension.name != "account") key_.push_back(dimension.labels.codes[line]);
        }
        // An error with a correlation between months has a part that is the same in all of them.
        const double lasting = std::sqrt(error.own_correlation);
        const double passing = std::sqrt(1 - error.own_correlation);
        drift_ += std::sqrt(market) * deviation;
        const double alone = std::sqrt(1 - market) * deviation;
        cells_[key_] += passing * alone;
        common_[key_.front()] += std::sqrt(1 - error.correlation) * error.common * weight;
        lasting_common_ += std::sqrt(error.correlation) * error.common * weight;
        if (error.own_correlation == 0 && error.steady == 0) return;
        key_.front() = std::numeric_limits<std::int32_t>::min();
        cells_[key_] += lasting * alone;
        steady_[key_] += error.steady * weight;
    }
    /// A share of each own deviation moves with the factor, in all cells alike; the rest is independent.
    void set(UncertainSum& sum) const {
        math::CompensatedSum variance;
        variance += lasting_common_ * lasting_common_;
        for (const auto& [month, common] : common_) variance += common * common;
        for (const auto& [key, steady] : steady_) variance += steady * steady;
        for (const auto& [key, cell] : cells_) variance += cell * cell;
        sum.deviation = std::sqrt(variance.value());
        sum.drift = drift_.value();
        // Amounts that move with a factor are normal at each of its values.
        sum.never_negative = never_negative_ && sum.drift == 0;
        if (!sum.never_negative) return;
        sum.mean = mean_.value();
        sum.certain -= sum.mean;
    }

  private:
    // By month and dimensions; what lasts has no month.
    std::map<std::vector<std::int32_t>, double> cells_, steady_;
    std::map<std::int32_t, double> common_;
    double lasting_common_ = 0;
    math::CompensatedSum drift_, mean_;
    bool never_negative_ = true;
    std::vector<std::int32_t> key_;
};

}  // namespace detail

CUSTFOLIO_INLINE std::vector<double> BudgetTotals::temperature() const {
    std::vector<double> temperatures;
    for (std::size_t k = 0; k < level.size(); ++k) {
        temperatures.push_back(level[k] > 0 ? heat[k] / level[k] : std::numeric_limits<double>::quiet_NaN());
    }
    return temperatures;
}

CUSTFOLIO_INLINE LineItemBudget::LineItemBudget()
    : lines_(std::make_shared<const LineItems>(LineItems::of(std::span<const LineItem>()))),
      rounded_(std::make_shared<Rounded>()) {}

CUSTFOLIO_INLINE LineItemBudget::LineItemBudget(LineItems lines, BudgetSettings settings,
                                                std::vector<std::shared_ptr<const MonthlyAmounts>> forecasts)
    : settings_(std::move(settings)), forecasts_(std::move(forecasts)), rounded_(std::make_shared<Rounded>()) {
    lines.check();
    detail::fold_accounts(lines);
    // Wrong settings, accounts and amounts raise at once, not at the first total.
    detail::check_size(lines, settings_.currency);
    for (std::size_t k = 0; k < lines.size(); ++k) {
        const std::int32_t position = lines.forecast[k];
        if (position < 0) continue;
        const auto at = static_cast<std::size_t>(position);
        if (at >= forecasts_.size() || forecasts_[at] == nullptr || lines.member[k] < 0 ||
            static_cast<std::size_t>(lines.member[k]) >= forecasts_[at]->size()) {
            throw InputError("line " + std::to_string(k) + " names a forecast or an item that is not there");
        }
    }
    lines_ = std::make_shared<const LineItems>(std::move(lines));
    for (const std::string& account : lines_->account().names) static_cast<void>(type(account));
    detail::check_share(settings_.correlation, {});
    for (const auto& [source, share] : settings_.correlation_of) detail::check_share(share, source);
}

CUSTFOLIO_INLINE LineItemBudget with_units(LineItems lines, BudgetSettings settings, std::vector<std::int64_t> units) {
    if (units.size() != lines.size()) {
        throw InputError("there are " + std::to_string(units.size()) + " units for " + std::to_string(lines.size()) +
                         " lines");
    }
    // Amounts become exactly what the units are, so that both can be shown.
    lines.amount = detail::money(units, settings.currency);
    LineItemBudget budget(std::move(lines), std::move(settings));
    budget.rounded_->units = std::move(units);
    budget.rounded_->known = true;
    return budget;
}

CUSTFOLIO_INLINE LineItemBudget LineItemBudget::of(const Budget& plan) {
    std::vector<LineItem> lines;
    const double scale = detail::units_in_one(plan.currency());
    for (const char* account : {"revenue", "costs"}) {
        const bool revenue = std::string_view(account) == "revenue";
        for (const BudgetLine& line : plan.lines()) {
            // Costs are the difference of rounded figures, so that revenue less costs is the heat to the cent.
            const double costs = std::round((line.level - line.heat) * scale) / scale;
            lines.push_back({.month = line.month,
                             .account = account,
                             .amount = revenue ? line.level : costs,
                             .source = to_string(line.source)});
        }
    }
    BudgetSettings settings;
    settings.currency = plan.currency();
    settings.rates = ExchangeRates(plan.currency().code);
    return LineItemBudget(LineItems::of(lines, {}, settings.rates), settings);
}

CUSTFOLIO_INLINE LineItemBudget LineItemBudget::of(std::shared_ptr<const MonthlyAmounts> forecast,
                                                   BudgetSettings settings, const std::string& source,
                                                   const std::string& account, std::span<const Dimension> dimensions) {
    const std::size_t items = forecast->size();
    std::vector<std::string> customers;
    std::vector<std::string> names;
    std::vector<double> chances;
    for (std::size_t item = 0; item < items; ++item) {
        customers.push_back(forecast->customer(item));
        names.push_back(forecast->name(item));
        chances.push_back(forecast->probability(item));
    }
    std::vector<Dimension> by_item{{"customer", Labels::of(customers)}};
    for (const Dimension& dimension : dimensions) {
        if (dimension.labels.codes.size() != items) {
            throw InputError("dimension '" + dimension.name + "' has " + std::to_string(dimension.labels.codes.size()) +
                             " labels for " + std::to_string(items) + " items of the forecast");
        }
        by_item.push_back(dimension);
    }
    const Labels name = Labels::of(names);
    if (name.names.size() < items) {
        std::set<std::int32_t> seen;
        const auto again = detail::find_if(name.codes, [&](std::int32_t code) { return !seen.insert(code).second; });
        const std::string& key = name.names[static_cast<std::size_t>(*again)];
        throw InputError("two action plans have the key '" + key +
                         "', customer and plan with a slash between them; rename one");
    }
    // Revenue first and then costs, so that the lines of an account stand together.
    std::vector<std::size_t> item_of;  // of each line
    LineItems lines;
    std::vector<std::string> accounts;
    for (const Payoff payoff : {Payoff::revenue, Payoff::costs}) {
        // Only months with an amount become lines.
        for (std::size_t item = 0; item < items; ++item) {
            for (int month = 0; month < forecast->months(); ++month) {
                const double amount = forecast->expected(item, month, payoff);
                if (amount == 0) continue;
                item_of.push_back(item);
                accounts.push_back(payoff == Payoff::revenue ? "revenue" : account);
                lines.month.push_back(forecast->start() + month);
                lines.amount.push_back(amount);
                lines.probability.push_back(chances[item]);
                lines.member.push_back(static_cast<std::int32_t>(item));
            }
        }
    }
    const std::size_t rows = item_of.size();
    lines.dimensions = {{"account", Labels::of(accounts)}, {"source", Labels::constant(source, rows)}};
    for (const Dimension& dimension : by_item) {
        lines.dimensions.push_back({dimension.name, dimension.labels.take(item_of)});
    }
    lines.deviation.assign(rows, 0.0);
    lines.quantity.assign(rows, 0.0);
    lines.item = name.take(item_of);
    lines.state.assign(rows, ItemState::unstated);
    lines.currency = Labels::constant(settings.currency.code, rows);
    lines.stated = lines.amount;
    lines.forecast.assign(rows, 0);
    return LineItemBudget(std::move(lines), std::move(settings), {std::move(forecast)});
}

CUSTFOLIO_INLINE LineItemBudget operator+(const LineItemBudget& a, const LineItemBudget& b) {
    const BudgetSettings& settings_of_a = a.settings_;
    const BudgetSettings& other = b.settings_;
    if (settings_of_a.currency != other.currency) {
        throw InputError("budgets in " + settings_of_a.currency.code + " and " + other.currency.code +
                         " cannot be added; convert one of them to the other's currency");
    }
    for (const std::string& account : b.lines().account().names) {
        // An account of both budgets must mean the same in both.
        const bool both = a.lines().account().code(account) >= 0;
        if (both && a.type(account) != b.type(account)) {
            throw InputError("account '" + account + "' is " + to_string(a.type(account)) + " in one budget and " +
                             to_string(b.type(account)) + " in the other");
        }
    }
    const auto correlated = [](const BudgetSettings& one) {
        return one.correlation > 0 || !one.correlation_of.empty();
    };
    if (correlated(settings_of_a) && correlated(other) &&
        (settings_of_a.correlation != other.correlation || settings_of_a.correlation_of != other.correlation_of)) {
        throw InputError("budgets with different correlations cannot be added; give the correlation to their sum");
    }
    BudgetSettings settings = settings_of_a;
    settings.accounts.insert(other.accounts.begin(), other.accounts.end());
    // The sum has the correlation of the budget that has one.
    if (!correlated(settings_of_a)) {
        settings.correlation = other.correlation;
        settings.correlation_of = other.correlation_of;
    }
    LineItems lines = a.lines();
    // Lines of the second budget point to its forecasts, which now follow those of the first.
    lines.append(b.lines(), static_cast<std::int32_t>(a.forecasts_.size()));
    std::vector<std::shared_ptr<const MonthlyAmounts>> forecasts(a.forecasts_);
    forecasts.insert(forecasts.end(), b.forecasts_.begin(), b.forecasts_.end());
    return LineItemBudget(std::move(lines), std::move(settings), std::move(forecasts));
}

CUSTFOLIO_INLINE LineItemBudget LineItemBudget::with_calendar(const FiscalCalendar& calendar) const {
    // A calendar changes the order of rounding, so units are fixed before.
    static_cast<void>(units());  // lines keep the units that they have
    LineItemBudget changed = *this;
    changed.settings_.calendar = calendar;
    return changed;
}

CUSTFOLIO_INLINE LineItemBudget LineItemBudget::with_closed(std::optional<Month> through) const {
    LineItemBudget changed = *this;
    changed.settings_.closed = through;
    return changed;
}

CUSTFOLIO_INLINE LineItemBudget LineItemBudget::with_correlation(double correlation,
                                                                 const std::map<std::string, double>& of_source) const {
    detail::check_share(correlation, {});
    const Labels& labels = lines().source();
    for (const auto& [source, share] : of_source) {
        if (labels.code(source) < 0) {
            std::string known;
            for (const std::string& name : labels.names) known += (known.empty() ? "'" : ", '") + name + "'";
            throw InputError("correlation names source '" + source + "'; the budget has " + known);
        }
        detail::check_share(share, source);
    }
    LineItemBudget changed = *this;
    changed.settings_.correlation = correlation;
    changed.settings_.correlation_of = of_source;
    return changed;
}

CUSTFOLIO_INLINE AccountType LineItemBudget::type(const std::string& account) const {
    if (const auto of_account = settings_.accounts.find(account); of_account != settings_.accounts.end())
        return of_account->second;
    if (const std::optional<AccountType> usual = usual_account_type(account)) return *usual;
    throw InputError("account '" + account + "' has no type; state whether it is income, expense or result");
}

CUSTFOLIO_INLINE const std::vector<std::int64_t>& LineItemBudget::units() const {
    std::call_once(rounded_->once, [&] {
        if (!rounded_->known) rounded_->units = detail::round_lines(*lines_, settings_);
    });
    return rounded_->units;
}

// Positions of the lines of an account; all where it is empty.
CUSTFOLIO_INLINE std::vector<std::size_t> LineItemBudget::lines_of(const std::string& account) const {
    const Labels& accounts = lines_->account();
    const std::int32_t code = account.empty() ? 0 : accounts.code(account);
    if (code < 0) {
        std::string possible = "level, heat";
        for (const std::string& name : accounts.names) possible += ", " + name;
        throw InputError("measure is '" + account + "'; it can be " + possible);
    }
    std::vector<std::size_t> positions;
    for (std::size_t k = 0; k < lines_->size(); ++k) {
        if (account.empty() || accounts.codes[k] == code) positions.push_back(k);
    }
    return positions;
}

CUSTFOLIO_INLINE std::vector<std::int64_t> LineItemBudget::signs(std::span<const std::size_t> lines,
                                                                 const std::string& measure) const {
    const Labels& accounts = lines_->account();
    std::vector<std::int64_t> of_account;
    // A single account counts as it is; level and heat give each account its sign.
    for (const std::string& account : accounts.names) {
        const bool single = measure != "level" && measure != "heat";
        of_account.push_back(single ? 1 : detail::account_sign(type(account), measure == "level"));
    }
    std::vector<std::int64_t> result;
    result.reserve(lines.size());
    for (const std::size_t line : lines) result.push_back(of_account[static_cast<std::size_t>(accounts.codes[line])]);
    return result;
}

CUSTFOLIO_INLINE BudgetTotals LineItemBudget::totals(std::span<const std::string> by,
                                                     const std::string& account) const {
    detail::GroupedRows rows = detail::group_lines(*lines_, settings_.calendar, units(), by, lines_of(account));
    BudgetTotals totals;
    const auto sums = [&](std::span<const std::int64_t> weight) {
        return detail::money(rows.sums(weight), settings_.currency);
    };
    // By account each line counts as it is; else level and heat are signed sums.
    if (detail::contains(by, "account")) {
        totals.amount = sums({});
    } else if (!account.empty()) {
        totals.level.assign(rows.groups.size, 0.0);
        totals.heat = sums({});
    } else {
        totals.level = sums(signs(rows.line, "level"));
        totals.heat = sums(signs(rows.line, "heat"));
    }
    totals.groups = std::move(rows.groups);
    return totals;
}

CUSTFOLIO_INLINE BudgetPivot LineItemBudget::pivot(std::span<const std::string> rows, const std::string& column,
                                                   const std::string& measure) const {
    std::vector<std::string> by(rows.begin(), rows.end());
    by.push_back(column);
    const bool of_account = measure != "level" && measure != "heat";
    detail::GroupedRows grouped =
        detail::group_lines(*lines_, settings_.calendar, units(), by, lines_of(of_account ? measure : ""));
    const bool unsigned_amounts = of_account || detail::contains(by, "account");
    const std::vector<std::int64_t> cells =
        grouped.sums(unsigned_amounts ? std::vector<std::int64_t>{} : signs(grouped.line, measure));
    const Labels values = std::move(grouped.groups.keys.back());
    grouped.groups.keys.pop_back();
    grouped.groups.by.pop_back();
    const std::vector<Labels>& keys = grouped.groups.keys;
    // Groups ascend by the codes of their keys, so that those of one row follow each other.
    std::vector<std::size_t> row_of(cells.size(), 0);
    std::vector<std::size_t> first;  // of each row
    for (std::size_t g = 0; g < cells.size(); ++g) {
        const auto differs = [&](const Labels& key) { return key.codes[g] != key.codes[g - 1]; };
        if (g == 0 || detail::any_of(keys, differs)) first.push_back(g);
        row_of[g] = first.size() - 1;
    }
    if (rows.empty()) first.resize(1, 0);  // one row, also without lines
    std::vector<std::int32_t> heads(values.codes);
    if (column == "month" || detail::is_fiscal(column)) detail::sort(heads);
    BudgetPivot pivot;
    std::vector<std::size_t> column_of(values.names.size(), values.names.size());
    for (const std::int32_t code : heads) {
        std::size_t& place = column_of[static_cast<std::size_t>(code)];
        if (place != values.names.size()) continue;
        place = pivot.columns.size();
        pivot.columns.push_back(values.names[static_cast<std::size_t>(code)]);
    }
    const std::vector<double> amounts = detail::money(cells, settings_.currency);
    pivot.amounts = Matrix(first.size(), pivot.columns.size());
    std::vector<std::int64_t> sums(first.size(), 0);
    for (std::size_t g = 0; g < cells.size(); ++g) {
        pivot.amounts(row_of[g], column_of[static_cast<std::size_t>(values.codes[g])]) = amounts[g];
        sums[row_of[g]] += cells[g];
    }
    pivot.total = detail::money(sums, settings_.currency);
    for (const Labels& key : keys) pivot.rows.keys.push_back(key.take(first));
    pivot.rows.by = std::move(grouped.groups.by);
    pivot.rows.size = first.size();
    return pivot;
}

// What the sum of some lines consists of.
CUSTFOLIO_INLINE detail::UncertainSum LineItemBudget::sum_of(std::span<const std::size_t> lines,
                                                             std::span<const std::int64_t> signs,
                                                             std::span<const double> shares) const {
    detail::UncertainSum sum;
    const Labels& accounts = lines_->account();
    const Labels& sources_of_lines = lines_->source();
    std::vector<char> is_income;
    for (const std::string& account : accounts.names) is_income.push_back(type(account) == AccountType::income ? 1 : 0);
    std::vector<double> shared;  // with the common factor, by source
    for (const std::string& source : sources_of_lines.names) {
        const auto of_source = settings_.correlation_of.find(source);
        shared.push_back(of_source == settings_.correlation_of.end() ? settings_.correlation : of_source->second);
    }
    const auto correlation_of = [&](std::size_t line) {
        return shared[static_cast<std::size_t>(sources_of_lines.codes[line])];
    };
    math::CompensatedSum certain;
    detail::NormalCells normal;
    std::map<std::int32_t, std::size_t> event;  // position of an item's amount
    std::map<std::int32_t, detail::ForecastLines> forecasts;
    for (std::size_t k = 0; k < lines.size(); ++k) {
        const std::size_t line = lines[k];
        const double share = shares.empty() ? 1 : shares[k];
        const double weight = static_cast<double>(signs[k]) * share;
        const std::int32_t position = lines_->forecast[line];
        if (position == LineItems::frozen && signs[k] != 0) {
            throw InputError(
                "a frozen version keeps the amounts of action plans and not their distribution; use the budget that "
                "was frozen, name the bands when it is frozen, or give a forecast the plans as remaining");
        }
        if (position != LineItems::none) {
            if (signs[k] == 0) continue;
            detail::ForecastLines& forecast = forecasts[position];
            forecast.add(*lines_, line, signs[k], share,
                         is_income[static_cast<std::size_t>(accounts.codes[line])] != 0);
            forecast.in_market = forecast.in_market || correlation_of(line) > 0;
            continue;
        }
        const double amount = lines_->amount[line] * weight;
        const double chance = lines_->probability[line];
        const ItemState state = lines_->state[line];
        if (chance < 1 && state != ItemState::won && state != ItemState::lost) {
            // Lines of one item come about together: one all-or-nothing amount with the sum of their amounts.
            const auto [at, fresh] = event.try_emplace(lines_->item.codes[line], sum.amount.size());
            if (fresh) {
                sum.chance.push_back(chance);
                sum.amount.push_back(0);
                sum.share.push_back(correlation_of(line));
            }
            sum.chance[at->second] = chance;
            // A line has its expected amount; the item brings 1 / chance of that if it comes about.
            sum.amount[at->second] += amount / chance;
            continue;
        }
        certain += amount;
        normal.add(*lines_, line, weight, correlation_of(line));
    }
    sum.certain = certain.value();
    normal.set(sum);
    for (const auto& [position, forecast] : forecasts) {
        sum.forecasts.push_back(forecast.part(*forecasts_[static_cast<std::size_t>(position)]));
    }
    return sum;
}

CUSTFOLIO_INLINE BudgetBands LineItemBudget::bands(std::span<const std::string> by, const BandOptions& options) const {
    const std::vector<double>& chosen = options.probabilities;
    for (std::size_t k = 0; k < chosen.size(); ++k) {
        if (!(chosen[k] > 0 && chosen[k] < 1) || (k > 0 && chosen[k] < chosen[k - 1])) {
            throw InputError("the probabilities of the quantiles must ascend and lie between 0 and 1; number " +
                             std::to_string(k) + " is " + number_text(chosen[k]));
        }
    }
    // A measure is level, heat or the name of an account.
    const bool account = options.measure != "level" && options.measure != "heat";
    detail::GroupedRows rows = detail::group_lines(*lines_, settings_.calendar, units(), by,
                                                   lines_of(account ? options.measure : std::string()));
    const std::vector<std::int64_t> sign = signs(rows.line, options.measure);
    BudgetBands bands{{}, options.measure, detail::money(rows.sums(sign), settings_.currency), chosen, {}};
    const std::size_t groups = rows.groups.size;
    // Lines of a group side by side, by counting.
    std::vector<std::size_t> begin(groups + 1);
    for (const std::size_t group : rows.group) ++begin[group + 1];
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    std::vector<std::size_t> next(begin.begin(), begin.end() - 1);
    std::vector<std::size_t> lines(rows.line.size());
    std::vector<std::int64_t> signs(lines.size());
    std::vector<double> shares(rows.share.size());
    for (std::size_t k = 0; k < lines.size(); ++k) {
        const std::size_t at = next[rows.group[k]]++;
        lines[at] = rows.line[k];
        signs[at] = sign[k];
        if (!shares.empty()) shares[at] = rows.share[k];
    }
    bands.quantiles.assign(chosen.size(), std::vector<double>(groups));
    // Groups side by side, or the parts of a single one.
    const unsigned inner = groups > 1 ? 1 : options.threads;
    math::parallel_for(
        0, groups, 1, options.threads,
        [&](std::size_t first, std::size_t last) {
            for (std::size_t g = first; g < last; ++g) {
                const std::size_t at = begin[g];
                const std::size_t count = begin[g + 1] - at;
                const auto of_group = [&](const auto& column) {
                    return std::span(column).subspan(column.empty() ? 0 : at, column.empty() ? 0 : count);
                };
                const SumOptions lattice{.threads = inner,
                                         .resolution = detail::level_resolution * std::abs(bands.expected[g])};
                const std::vector<double> quantiles =
                    sum_of(of_group(lines), of_group(signs), of_group(shares)).quantiles(chosen, lattice);
                for (std::size_t q = 0; q < chosen.size(); ++q) bands.quantiles[q][g] = quantiles[q];
            }
        },
        options.pulse);
    bands.groups = std::move(rows.groups);
    return bands;
}

CUSTFOLIO_INLINE Distribution LineItemBudget::distribution(const LineSelection& selection) const {
    const auto& [measure, where, first, last, threads] = selection;
    if (first && last && *first > *last) {
        throw InputError("first is " + to_string(*first) + " and last is " + to_string(*last) +
                         "; the first month comes first");
    }
    std::vector<std::pair<const Labels*, std::int32_t>> wanted;
    for (const auto& [name, value] : where) {
        const Labels* const labels = lines_->find(name);
        const std::int32_t code = labels == nullptr ? -1 : labels->code(value);
        if (code < 0) throw InputError("where is " + name + ": '" + value + "'; there are no such lines");
        wanted.emplace_back(labels, code);
    }
    const bool account = measure != "level" && measure != "heat";
    std::vector<std::size_t> lines = lines_of(account ? measure : std::string());
    // Lines are filtered before any distribution is computed: most of them never matter.
    std::erase_if(lines, [&](std::size_t line) {
        const Month month = lines_->month[line];
        if ((selection.first && month < *selection.first) || (selection.last && month > *selection.last)) return true;
        return detail::any_of(wanted, [&](const auto& one) { return one.first->codes[line] != one.second; });
    });
    return sum_of(lines, signs(lines, measure), {}).distribution(threads);
}

}  // namespace custfolio
