// Definitions of the verdict over a portfolio.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/selection/detail/target.hpp"
#include "custfolio/selection/select.hpp"
#include "custfolio/terms/wording.hpp"

namespace custfolio {
namespace detail {

CUSTFOLIO_INLINE int whole_months(DayNumber first, DayNumber last) {
    // The day after the last counts: 1 January to 31 January is a whole month.
    const DayNumber end = last + 1;
    const Month from = Month::of(first);
    const Month to = Month::of(end);
    return (to - from) - ((end - to.first_day()) < (first - from.first_day()) ? 1 : 0);
}

/// A target as a percentage: one digit, or as many as it has.
CUSTFOLIO_INLINE std::string target_text(double target) {
    // As many digits as the target has, since it is the user's own number.
    int digits = 1;
    while (digits < 12 &&
           std::abs(std::round(target * std::pow(10.0, digits + 2)) / std::pow(10.0, digits + 2) - target) > 1e-12)
        ++digits;
    return percent_text(target, digits);
}

/// A temperature as a percentage: one digit, or more where it would equal the bound that it misses: 4.96 % is
/// never shown as a 5.0 % that misses 5.0 %.
CUSTFOLIO_INLINE std::string temperature_text(double temperature, double bound) {
    int digits = 1;
    while (digits < 12 && temperature != bound && percent_text(temperature, digits) == percent_text(bound, digits))
        ++digits;
    return percent_text(temperature, digits);
}

CUSTFOLIO_INLINE std::string months_text(int months) {
    return std::to_string(months) + (months == 1 ? " month" : " months");
}

/// How interesting a customer is, in words.
struct StatedInterest {
    bool keeps = false;    // a cold customer
    std::string reason{};  // empty where nobody was asked
};

CUSTFOLIO_INLINE StatedInterest stated_interest(const SelectionOptions& options, bool matrix, std::size_t row) {
    if (matrix) return {options.interest.cls[row] == Class::A, options.interest.reason(row)};
    if (options.interesting.empty()) return {};
    const double interest = options.interesting[row];
    if (std::isnan(interest)) return {false, "interest not known"};
    if (interest >= options.interesting_threshold) return {true, number_text(interest)};
    return {false, "interest " + number_text(interest) + ", kept from " + number_text(options.interesting_threshold)};
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::keep:
            return "keep";
        case Verdict::remediate:
            return "remediate";
        case Verdict::too_young:
            return "too young";
    }
    throw InputError("verdict " + std::to_string(static_cast<int>(verdict)) + " does not exist");
}

CUSTFOLIO_INLINE bool Selection::warm(std::size_t row) const {
    if (row >= temperature.size()) {
        throw NotFoundError("selection: row " + std::to_string(row) + " of " + std::to_string(temperature.size()) +
                            " customers");
    }
    return temperature[row] >= target;
}

CUSTFOLIO_INLINE CustomerRows Selection::rows(Verdict wanted) const {
    CustomerRows selected(identity, {});
    for (std::size_t row = 0; row < verdict.size(); ++row) {
        if (verdict[row] == wanted) selected.rows.push_back(row);
    }
    return selected;
}

CUSTFOLIO_INLINE Selection select(const Portfolio& portfolio, const SelectionOptions& options) {
    detail::require_target(options.target, "selection");
    if (options.min_months < 0) {
        throw InputError("selection: min_months is " + std::to_string(options.min_months) + "; it must be 0 or more");
    }
    require_probability(options.interesting_threshold, "selection: interesting_threshold");
    portfolio.require_heat("selection");
    const PortfolioColumns& columns = portfolio.columns();
    const std::size_t n = portfolio.size();
    const auto require_column = [&](const std::vector<double>& column, const char* name, bool may_be_unknown) {
        if (column.empty()) return;
        if (column.size() != n) {
            throw InputError("selection: " + std::string(name) + " has " + std::to_string(column.size()) +
                             " values for " + std::to_string(n) + " customers; it must have one per customer");
        }
        for (std::size_t i = 0; i < n; ++i) {
            if ((column[i] >= 0 && column[i] <= 1) || (may_be_unknown && std::isnan(column[i]))) continue;
            require_probability(column[i], "selection: " + std::string(name) + " of customer " + columns.id[i]);
        }
    };
    require_column(options.interesting, "interesting", true);
    require_column(options.probability_below, "probability_below", false);
    const bool matrix = !options.interest.cls.empty();
    if (matrix) {
        if (!options.interesting.empty()) {
            throw InputError("selection: there are answers and one number per customer; give one of them");
        }
        require_same(options.interest.identity, portfolio.identity(), "selection: the interest");
    }
    Selection selection;
    selection.identity = portfolio.identity();
    selection.target = options.target;
    // By revenue: the class is the size of a customer, and the verdict its heat.
    selection.cls = abc(columns.revenue);
    selection.verdict.reserve(n);
    selection.reason.reserve(n);
    selection.temperature.reserve(n);
    selection.probability_below = options.probability_below;
    selection.only_by_cost_that_stays.reserve(n);
    const Column avoidable_heat = portfolio.avoidable_heat();
    const std::string target = detail::target_text(options.target);
    for (std::size_t i = 0; i < n; ++i) {
        const double revenue = columns.revenue[i];
        const double heat = columns.contribution[i];
        // Heat over no revenue is no temperature; the sign of the heat decides alone.
        const bool has_temperature = revenue > 0;
        const double temperature = temperature_of(revenue, heat);
        const auto judge = [&](Verdict verdict, std::string reason) {
            selection.verdict.push_back(verdict);
            selection.reason.push_back(std::move(reason));
        };
        selection.temperature.push_back(temperature);
        // Without first days nobody is too young.
        const int months = columns.first_day.empty() ? options.min_months
                                                     : detail::whole_months(columns.first_day[i], columns.period.last);
        const double avoidable = temperature_of(revenue, avoidable_heat[i]);
        const bool stays = temperature < options.target && avoidable >= options.target;
        selection.only_by_cost_that_stays.push_back(stays);
        // The bound that the text compares with: freezing for a loss, else the target.
        const double bound = temperature < 0 ? 0.0 : options.target;
        const std::string state = has_temperature ? "temperature " + detail::temperature_text(temperature, bound)
                                  : heat < 0      ? std::string("costs without revenue")
                                                  : std::string("no revenue and no loss");
        // Too young comes first: a short history shows a temperature by chance.
        if (months < options.min_months) {
            judge(Verdict::too_young, "too young to judge: a customer for " + detail::months_text(std::max(months, 0)) +
                                          ", judged from " + std::to_string(options.min_months) + " on; " + state);
        } else if (has_temperature && temperature >= options.target) {
            judge(Verdict::keep, "warm: " + state + ", target " + target);
        } else if (!has_temperature && heat >= 0) {
            judge(Verdict::keep, state + ": nothing to remediate");
        } else {
            const std::string cold = heat < 0 ? "cold: " : "lukewarm: ";
            const std::string missed = heat < 0 ? state + ", below freezing" : state + ", target " + target;
            const detail::StatedInterest interest = detail::stated_interest(options, matrix, i);
            if (interest.keeps) {
                judge(Verdict::keep, "interesting (" + interest.reason + "), though " + cold + missed);
            } else {
                judge(Verdict::remediate,
                      cold + missed + (interest.reason.empty() ? std::string() : "; " + interest.reason));
            }
        }
        std::string& reason = selection.reason.back();
        if (stays) reason += "; only by cost that stays: " + percent_text(avoidable) + " at avoidable cost";
        if (selection.probability_below.empty()) continue;
        const double below = selection.probability_below[i];
        const bool cold = detail::below_target(temperature, heat, options.target);
        selection.certainty.push_back(certainty_of(below, cold));
        const bool sure = selection.certainty.back() == Certainty::sure;
        if (selection.verdict.back() == Verdict::too_young) continue;
        if (sure) {
            reason += "; sure";
        } else {
            // Shrunk by its own months, the expected temperature may lie on the other side of the target.
            const bool other_side = cold != (below >= 0.5);
            reason += "; undecided: " + percent_text(below, 0) + " chance to be below the target" +
                      (other_side ? " in usual months" : "");
        }
    }
    return selection;
}

}  // namespace custfolio
