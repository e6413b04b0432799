// Definitions of the cost of credit.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/costing/credit.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {
namespace detail {

CUSTFOLIO_INLINE void check_receivables(const Receivables& receivables, std::size_t customers) {
    const std::size_t rows = receivables.customer.size();
    const auto require_length = [rows](std::size_t count, const char* name) {
        if (count == rows) return;
        throw InputError("receivables: column '" + std::string(name) + "' has " + std::to_string(count) +
                         " values, column 'customer' has " + std::to_string(rows));
    };
    require_length(receivables.invoiced.size(), "invoiced");
    if (!receivables.due.empty()) require_length(receivables.due.size(), "due");
    require_length(receivables.paid.size(), "paid");
    require_length(receivables.amount.size(), "amount");
    for (std::size_t row = 0; row < rows; ++row) {
        const std::int32_t code = receivables.customer[row];
        if (code < -1 || (code >= 0 && static_cast<std::size_t>(code) >= customers)) {
            throw InputError("receivables, row " + std::to_string(row) + " (counted from 0): customer code is " +
                             std::to_string(code) + "; it must be -1 or below " + std::to_string(customers));
        }
        if (!std::isfinite(receivables.amount[row])) {
            require_finite(receivables.amount[row],
                           "receivables, row " + std::to_string(row) + " (counted from 0): amount");
        }
    }
}

/// The last day of any invoice or payment: an unpaid invoice is open until then if there is no period.
CUSTFOLIO_INLINE DayNumber last_day_of(const Receivables& receivables) {
    DayNumber last = no_day;
    for (std::size_t row = 0; row < receivables.customer.size(); ++row) {
        last = std::max({last, receivables.invoiced[row], receivables.paid[row]});  // no_day is before all days
    }
    return last;
}

}  // namespace detail

CUSTFOLIO_INLINE CustomerCredit customer_credit(const Receivables& receivables, std::size_t customers, Period period) {
    detail::check_receivables(receivables, customers);
    const bool all = period.days() == 0;
    const DayNumber end = all ? detail::last_day_of(receivables) : period.last;
    // The last place is that of rows without a customer.
    std::vector<math::CompensatedSum> amount(customers + 1);
    std::vector<math::CompensatedSum> owed(customers + 1);
    std::vector<math::CompensatedSum> dated(customers + 1);
    std::vector<math::CompensatedSum> late(customers + 1);
    for (std::size_t row = 0; row < receivables.customer.size(); ++row) {
        const DayNumber invoiced = receivables.invoiced[row];
        if (!all && !period.contains(invoiced)) continue;
        const std::size_t who =
            receivables.customer[row] < 0 ? customers : static_cast<std::size_t>(receivables.customer[row]);
        amount[who] += receivables.amount[row];
        owed[who] += receivables.owed_days(row, end);
        if (receivables.due.empty() || receivables.due[row] == no_day) continue;
        dated[who] += receivables.amount[row];
        const double late_days = static_cast<double>(receivables.settled(row, end)) - receivables.due[row];
        late[who] += receivables.amount[row] * std::max(0.0, late_days);
    }
    const auto mean = [](double sum, double weight) {
        return weight > 0 ? sum / weight : std::numeric_limits<double>::quiet_NaN();
    };
    CustomerCredit credit;
    for (std::size_t i = 0; i < customers; ++i) {
        credit.owed_days.push_back(owed[i].value());
        credit.dso.push_back(mean(owed[i].value(), amount[i].value()));
        credit.days_late.push_back(mean(late[i].value(), dated[i].value()));
    }
    credit.not_attributed = owed[customers].value();
    return credit;
}

CUSTFOLIO_INLINE CustomerCredit customer_credit(std::span<const double> revenue, std::span<const double> dso,
                                                std::span<const double> terms) {
    if (dso.size() != revenue.size() || (!terms.empty() && terms.size() != revenue.size())) {
        throw InputError("credit: there are " + std::to_string(dso.size()) + " days sales outstanding and " +
                         std::to_string(terms.size()) + " terms for " + std::to_string(revenue.size()) + " customers");
    }
    CustomerCredit credit;
    for (std::size_t i = 0; i < revenue.size(); ++i) {
        const double agreed = terms.empty() ? std::numeric_limits<double>::quiet_NaN() : terms[i];
        for (const double days : {dso[i], agreed}) {
            if (!std::isinf(days) && !(days < 0)) continue;
            throw InputError("credit: customer at position " + std::to_string(i) + " (counted from 0) has " +
                             number_text(days) + " days; they must be finite and >= 0, or NaN where not known");
        }
        const bool known = !std::isnan(dso[i]);
        credit.owed_days.push_back(known ? revenue[i] * dso[i] : 0.0);
        credit.dso.push_back(dso[i]);
        credit.days_late.push_back(known && !std::isnan(agreed) ? std::max(0.0, dso[i] - agreed)
                                                                : std::numeric_limits<double>::quiet_NaN());
    }
    return credit;
}

}  // namespace custfolio
