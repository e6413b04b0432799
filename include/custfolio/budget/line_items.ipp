// Definitions of the lines of a budget.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "custfolio/budget/line_items.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

namespace detail {

template <class T>
std::vector<T> rows_of(const std::vector<T>& column, std::span<const std::size_t> rows) {
    std::vector<T> values;
    values.reserve(rows.size());
    for (const std::size_t row : rows) values.push_back(column[row]);
    return values;
}

template <class T>
void append_rows(std::vector<T>& column, const std::vector<T>& other) {
    column.insert(column.end(), other.begin(), other.end());
}

/// The costs of each row: as given, or revenue - contribution. @throws InputError where lengths differ, a variance is
/// negative or the three amounts contradict each other.
CUSTFOLIO_INLINE std::vector<double> costs_of(const AccountAmounts& amounts, std::size_t rows) {
    for (const auto column : {amounts.revenue, amounts.costs, amounts.contribution, amounts.variance}) {
        if (!column.empty() && column.size() != rows) {
            throw InputError("the amounts have " + std::to_string(column.size()) + " values for " +
                             std::to_string(rows) + " rows; they must have one per row");
        }
    }
    const auto where = [](std::size_t row) { return "row " + std::to_string(row + 1) + ": "; };
    for (std::size_t row = 0; row < amounts.variance.size(); ++row) {
        if (!(amounts.variance[row] >= 0)) {
            throw InputError(where(row) + "the variance is " + number_text(amounts.variance[row]) +
                             "; it must be 0 or more");
        }
    }
    std::vector<double> costs(amounts.costs.begin(), amounts.costs.end());
    if (amounts.revenue.empty() || amounts.contribution.empty()) return costs;
    costs.resize(rows);
    for (std::size_t row = 0; row < rows; ++row) {
        costs[row] = amounts.revenue[row] - amounts.contribution[row];
        // Half a cent, or the rounding of large amounts.
        if (!amounts.costs.empty() && std::abs(costs[row] - amounts.costs[row]) > 0.005 + 1e-9 * std::abs(costs[row])) {
            throw InputError(where(row) + "revenue - costs is not the contribution; leave one of the three out");
        }
    }
    return costs;
}

}  // namespace detail

CUSTFOLIO_INLINE Labels Labels::of(std::span<const std::string> texts) {
    Labels labels;
    labels.codes.reserve(texts.size());
    // Names are numbered by their first appearance, and codes refer to them.
    std::unordered_map<std::string_view, std::int32_t> place;
    for (const std::string& text : texts) {
        const auto [at, fresh] = place.try_emplace(text, static_cast<std::int32_t>(labels.names.size()));
        if (fresh) labels.names.push_back(text);
        labels.codes.push_back(at->second);
    }
    return labels;
}

CUSTFOLIO_INLINE Labels Labels::constant(std::string text, std::size_t rows) {
    return {std::vector<std::int32_t>(rows, 0), {std::move(text)}};
}

CUSTFOLIO_INLINE std::int32_t Labels::code(std::string_view text) const {
    const auto at = detail::find(names, text);
    return at == names.end() ? -1 : static_cast<std::int32_t>(at - names.begin());
}

CUSTFOLIO_INLINE Labels Labels::take(std::span<const std::size_t> rows) const {
    return {detail::rows_of(codes, rows), names};
}

CUSTFOLIO_INLINE void Labels::append(const Labels& other) {
    // Codes of the other labels move to the numbers that their names have here.
    std::unordered_map<std::string, std::int32_t> place;
    for (const std::string& name : names) place.emplace(name, static_cast<std::int32_t>(place.size()));
    std::vector<std::int32_t> moved;
    moved.reserve(other.names.size());
    for (const std::string& name : other.names) {
        const auto [at, fresh] = place.try_emplace(name, static_cast<std::int32_t>(names.size()));
        if (fresh) names.push_back(name);
        moved.push_back(at->second);
    }
    codes.reserve(codes.size() + other.codes.size());
    for (const std::int32_t code : other.codes) codes.push_back(moved[static_cast<std::size_t>(code)]);
}

CUSTFOLIO_INLINE std::string to_string(AccountType type) {
    switch (type) {
        case AccountType::income:
            return "income";
        case AccountType::expense:
            return "expense";
        case AccountType::result:
            return "result";
    }
    throw InputError("account type " + std::to_string(static_cast<int>(type)) + " is unknown");
}

namespace detail {

/// An account's name without case, underscores and blanks at the ends, by which accounts are compared.
CUSTFOLIO_INLINE std::string account_key(std::string_view account) {
    constexpr std::string_view blank = " \t\n\r\f\v";
    const std::size_t first = std::min(account.find_first_not_of(blank), account.size());
    account.remove_prefix(first);
    // Without a locale: letters of the names above are ASCII.
    account = account.substr(0, account.find_last_not_of(blank) + 1);
    std::string name;
    for (const char letter : account) {
        const bool upper = letter >= 'A' && letter <= 'Z';
        name += letter == '_' ? ' ' : upper ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return name;
}

CUSTFOLIO_INLINE void fold_accounts(LineItems& lines) {
    const auto accounts = detail::find(lines.dimensions, std::string_view("account"), &Dimension::name);
    if (accounts == lines.dimensions.end()) return;
    std::vector<std::string> folded;
    std::map<std::string, std::string> first;
    for (const std::string& name : accounts->labels.names) {
        folded.push_back(first.try_emplace(account_key(name), name).first->second);
    }
    if (first.size() == folded.size()) return;
    const Labels names = Labels::of(folded);
    for (std::int32_t& code : accounts->labels.codes) code = names.codes[static_cast<std::size_t>(code)];
    accounts->labels.names = names.names;
}

CUSTFOLIO_INLINE std::string line_text(const LineItems& lines, std::size_t line) {
    std::string text = to_string(lines.month[line]);
    for (const Dimension& dimension : lines.dimensions) text += " " + dimension.labels[line];
    if (!lines.item[line].empty()) text += " " + lines.item[line];
    return text;
}

}  // namespace detail

CUSTFOLIO_INLINE std::optional<AccountType> usual_account_type(std::string_view account) {
    static const std::map<std::string, AccountType, std::less<>> usual{
        {"revenue", AccountType::income},         {"net revenue", AccountType::income},
        {"sales", AccountType::income},           {"income", AccountType::income},
        {"turnover", AccountType::income},        {"fees", AccountType::income},
        {"costs", AccountType::expense},          {"cost", AccountType::expense},
        {"cost of goods", AccountType::expense},  {"cost to serve", AccountType::expense},
        {"cost of credit", AccountType::expense}, {"cogs", AccountType::expense},
        {"expenses", AccountType::expense},       {"spend", AccountType::expense},
        {"hours", AccountType::expense},          {"contribution", AccountType::result},
        {"margin", AccountType::result},          {"gross margin", AccountType::result},
        {"result", AccountType::result}};
    const auto type = usual.find(detail::account_key(account));
    return type == usual.end() ? std::nullopt : std::optional(type->second);
}

CUSTFOLIO_INLINE const Labels* LineItems::find(std::string_view name) const {
    const auto dimension = detail::find(dimensions, name, &Dimension::name);
    return dimension == dimensions.end() ? nullptr : &dimension->labels;
}

CUSTFOLIO_INLINE const Labels& LineItems::account() const {
    const Labels* const labels = find("account");
    if (labels == nullptr) throw InputError("the lines have no dimension account");
    return *labels;
}

CUSTFOLIO_INLINE const Labels& LineItems::source() const {
    const Labels* const labels = find("source");
    if (labels == nullptr) throw InputError("the lines have no dimension source");
    return *labels;
}

CUSTFOLIO_INLINE LineItems LineItems::of(std::span<const LineItem> lines, std::span<const std::string> dimensions,
                                         const ExchangeRates& rates) {
    LineItems result;
    std::vector<std::vector<std::string>> texts(dimensions.size() + 2);
    std::vector<std::string> items;
    std::vector<std::string> currencies;
    for (std::size_t k = 0; k < lines.size(); ++k) {
        const LineItem& line = lines[k];
        if (line.labels.size() != dimensions.size()) {
            throw InputError("line " + std::to_string(k) + " has " + std::to_string(line.labels.size()) +
                             " labels; there must be " + std::to_string(dimensions.size()) + ", one a dimension");
        }
        texts[0].push_back(line.account);
        texts[1].push_back(line.source);
        for (std::size_t d = 0; d < dimensions.size(); ++d) texts[d + 2].push_back(line.labels[d]);
        items.push_back(line.item);
        currencies.push_back(line.currency.empty() ? rates.reporting() : line.currency);
        // Amounts are converted once, at the rate of their own month; `stated` has them as they were.
        // An empty currency is the reporting one, with a rate of 1.
        const double rate = rates.rate(line.month, currencies.back());
        result.month.push_back(line.month);
        result.amount.push_back(line.amount * rate);
        result.deviation.push_back(line.deviation * rate);
        result.probability.push_back(line.probability);
        result.quantity.push_back(line.quantity);
        result.state.push_back(line.state);
        result.stated.push_back(line.amount);
    }
    for (std::size_t d = 0; d < texts.size(); ++d) {
        const std::string name = d == 0 ? "account" : d == 1 ? "source" : dimensions[d - 2];
        result.dimensions.push_back({name, Labels::of(texts[d])});
    }
    result.item = Labels::of(items);
    result.currency = Labels::of(currencies);
    result.forecast.assign(lines.size(), none);
    result.member.assign(lines.size(), 0);
    result.check();
    return result;
}

CUSTFOLIO_INLINE void LineItems::exchange(const ExchangeRates& rates) {
    amount.resize(size());
    for (std::size_t k = 0; k < size(); ++k) {
        const double rate = rates.rate(month[k], currency[k]);
        amount[k] = stated[k] * rate;
        deviation[k] *= rate;
        if (error.empty()) continue;
        error[k].common *= rate;
        error[k].steady *= rate;
    }
}

CUSTFOLIO_INLINE LineItems LineItems::of(const LineItems& common, const AccountAmounts& amounts,
                                         const ExchangeRates& rates) {
    const std::size_t rows = common.size();
    std::vector<double> costs = detail::costs_of(amounts, rows);
    const bool derived = !amounts.revenue.empty() && !amounts.contribution.empty();
    const auto contribution = derived ? std::span<const double>() : std::span<const double>(amounts.contribution);
    LineItems result;
    const std::array<std::pair<const char*, std::span<const double>>, 3> accounts{
        {{"revenue", amounts.revenue}, {"costs", costs}, {"contribution", contribution}}};
    for (const auto& [name, stated] : accounts) {
        if (stated.empty()) continue;
        LineItems part = common;
        part.dimensions.insert(part.dimensions.begin(), {"account", Labels::constant(name, rows)});
        part.stated.assign(stated.begin(), stated.end());
        part.deviation.assign(rows, 0.0);
        for (std::size_t k = 0; k < rows && !amounts.variance.empty(); ++k) {
            // Costs move with the revenue, so that the temperature stays.
            const double level = amounts.revenue.empty() ? 0.0 : amounts.revenue[k];
            const double share = stated.data() == amounts.revenue.data() || level == 0 ? 1.0 : stated[k] / level;
            part.deviation[k] = std::sqrt(amounts.variance[k]) * share;
        }
        part.forecast.assign(rows, none);
        part.member.assign(rows, 0);
        part.exchange(rates);
        if (result.dimensions.empty()) {
            result = std::move(part);
        } else {
            result.append(part);
        }
    }
    if (result.dimensions.empty()) {
        if (rows > 0) throw InputError("the budget lines have no amounts; they need revenue, costs or contribution");
        result = common;
        result.dimensions.insert(result.dimensions.begin(), {"account", Labels{}});
    }
    result.check();
    return result;
}

CUSTFOLIO_INLINE LineItems LineItems::take(std::span<const std::size_t> rows) const {
    LineItems items;
    items.month = detail::rows_of(month, rows);
    for (const Dimension& dimension : dimensions) {
        items.dimensions.push_back({dimension.name, dimension.labels.take(rows)});
    }
    items.amount = detail::rows_of(amount, rows);
    items.deviation = detail::rows_of(deviation, rows);
    if (!error.empty()) items.error = detail::rows_of(error, rows);
    items.probability = detail::rows_of(probability, rows);
    items.quantity = detail::rows_of(quantity, rows);
    items.item = item.take(rows);
    items.state = detail::rows_of(state, rows);
    items.currency = currency.take(rows);
    items.stated = detail::rows_of(stated, rows);
    items.forecast = detail::rows_of(forecast, rows);
    items.member = detail::rows_of(member, rows);
    return items;
}

CUSTFOLIO_INLINE void LineItems::append(const LineItems& other, std::int32_t forecasts) {
    // A dimension that one side does not have is "(none)" for its lines.
    for (const Dimension& dimension : other.dimensions) {
        if (find(dimension.name) == nullptr) {
            dimensions.push_back({dimension.name, Labels::constant("(none)", size())});
        }
    }
    for (Dimension& dimension : dimensions) {
        const Labels* const labels = other.find(dimension.name);
        dimension.labels.append(labels != nullptr ? *labels : Labels::constant("(none)", other.size()));
    }
    if (!error.empty() || !other.error.empty()) {
        error.resize(size());
        detail::append_rows(error, other.error);
        error.resize(size() + other.size());
    }
    detail::append_rows(month, other.month);
    detail::append_rows(amount, other.amount);
    detail::append_rows(deviation, other.deviation);
    detail::append_rows(probability, other.probability);
    detail::append_rows(quantity, other.quantity);
    item.append(other.item);
    detail::append_rows(state, other.state);
    currency.append(other.currency);
    detail::append_rows(stated, other.stated);
    // Positions of forecasts move behind those that are here already.
    for (const std::int32_t position : other.forecast) {
        forecast.push_back(position >= 0 ? position + forecasts : position);
    }
    detail::append_rows(member, other.member);
}

CUSTFOLIO_INLINE void LineItems::check() const {
    const auto require_length = [&](std::size_t count, const std::string& name) {
        if (count != size()) {
            throw InputError("column " + name + " has " + std::to_string(count) + " values for " +
                             std::to_string(size()) + " lines");
        }
    };
    const auto require_codes = [&](const Labels& labels, const std::string& name) {
        require_length(labels.codes.size(), name);
        for (std::size_t k = 0; k < labels.codes.size(); ++k) {
            if (labels.codes[k] < 0 || static_cast<std::size_t>(labels.codes[k]) >= labels.names.size()) {
                throw InputError("line " + std::to_string(k) + ": code " + std::to_string(labels.codes[k]) + " of " +
                                 name + " is none of its " + std::to_string(labels.names.size()) + " names");
            }
        }
    };
    static_cast<void>(account());
    static_cast<void>(source());
    for (const Dimension& dimension : dimensions) require_codes(dimension.labels, "dimension " + dimension.name);
    require_codes(item, "item");
    require_codes(currency, "currency");
    require_length(amount.size(), "amount");
    require_length(deviation.size(), "deviation");
    if (!error.empty()) require_length(error.size(), "error");
    require_length(probability.size(), "probability");
    require_length(quantity.size(), "quantity");
    require_length(state.size(), "state");
    require_length(stated.size(), "stated");
    require_length(forecast.size(), "forecast");
    require_length(member.size(), "member");
    // The empty name marks lines that belong to no item.
    const std::int32_t usual = item.code("");
    for (std::size_t k = 0; k < size(); ++k) {
        const auto place = [&] { return "line " + std::to_string(k) + ": "; };
        for (const double number : {amount[k], quantity[k], stated[k]}) {
            if (!std::isfinite(number)) require_finite(number, place() + "a number");
        }
        if (std::isinf(deviation[k])) require_finite(deviation[k], place() + "a number");
        if (!error.empty()) {
            require_finite(error[k].common, place() + "the common error");
            require_finite(error[k].steady, place() + "the steady error");
            for (const double correlation : {error[k].correlation, error[k].own_correlation}) {
                if (correlation >= 0 && correlation <= 1) continue;
                throw InputError(place() + "the correlation between months is " + number_text(correlation) +
                                 "; it must lie in [0, 1]");
            }
            if (error[k].never_negative && amount[k] < 0) {
                throw InputError(place() + "the amount is " + number_text(amount[k]) +
                                 ", where never_negative excludes it");
            }
        }
        // Lines of a forecast have their chances there.
        // What is wrong with a forecast's line is found by the forecast.
        if (forecast[k] != none) continue;
        if (!(probability[k] > 0 && probability[k] <= 1)) {
            throw InputError(place() + "the probability is " + number_text(probability[k]) + "; it must lie in (0, 1]");
        }
        // Amounts that come about together need a name, so that they are one event.
        if (probability[k] < 1 && item.codes[k] == usual) {
            throw InputError(place() + "the probability is " + number_text(probability[k]) +
                             " and no item is named; name what comes about or not");
        }
    }
}

}  // namespace custfolio
