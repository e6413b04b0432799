// Definitions of the review.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/remediation/review.hpp"

namespace custfolio {

namespace detail {

inline constexpr std::array review_answers{OfferAnswer::accepted, OfferAnswer::refused, OfferAnswer::open,
                                           OfferAnswer::no_offer};

/// Level and heat without new terms before the others correct it.
struct ReviewBase {
    double level;
    double heat;
};

/// Answer and accepted offer of each customer that has one, and the day of the answer.
struct LastAnswer {
    OfferAnswer answer = OfferAnswer::open;
    std::size_t offer = ReviewedCustomer::no_offer;
    DayNumber day = no_day;
};

CUSTFOLIO_INLINE std::vector<LastAnswer> last_answers(const Offers& offers, std::span<const AnsweredOffer> answers,
                                                      std::size_t customers, Period after) {
    std::vector<LastAnswer> last(customers);
    for (std::size_t k = 0; k < answers.size(); ++k) {
        const AnsweredOffer& one = answers[k];
        if (one.offer >= offers.offers.size()) {
            throw NotFoundError("answer " + std::to_string(k + 1) + ": no offer " + std::to_string(one.offer) +
                                " (counted from 0); there are " + std::to_string(offers.offers.size()));
        }
        // Terms that were agreed after the period were not in force in it.
        if (after.days() > 0 && one.day > after.last) continue;
        LastAnswer& of = last[offers.offers[one.offer].customer];
        if (one.accepted) {
            of = {OfferAnswer::accepted, one.offer, one.day};
        } else if (of.answer != OfferAnswer::accepted) {
            of.answer = OfferAnswer::refused;
        }
    }
    return last;
}

/// The least order of the terms; 0 where there is none.
CUSTFOLIO_INLINE double agreed_minimum(const Terms& terms) {
    if (terms.lever == Terms::Lever::minimum_order) return terms.amount;
    for (const Terms& part : terms.parts) {
        if (part.lever == Terms::Lever::minimum_order) return part.amount;
    }
    return 0;
}

/// Deliveries of a customer below an amount, from a day on.
CUSTFOLIO_INLINE double deliveries_below(const Orders& orders, std::size_t customer, double minimum, DayNumber from) {
    double below = 0;
    for (std::size_t k = orders.begin[customer]; k < orders.begin[customer + 1]; ++k) {
        if (orders.kind[k] == 1 && orders.day[k] >= from && orders.amount[k] < minimum - 0.005) ++below;
    }
    return below;
}

/// The share of the days before for which new terms were in force after.
CUSTFOLIO_INLINE double share_of_days(Period before, Period after, DayNumber from) {
    if (before.days() == 0 || after.days() == 0) return 1;
    const Period on_terms{from == no_day ? after.first : std::max(after.first, from), after.last};
    return static_cast<double>(on_terms.days()) / before.days();
}

/// Growth and warming of the customers without new terms, with what each accepted one is compared with.
class WithoutNewTerms {
  public:
    WithoutNewTerms(std::span<const ReviewedCustomer> rows, std::span<const ReviewBase> base)
        : rows_(rows), base_(base) {
        for (std::size_t k = 0; k < rows.size(); ++k) {
            if (rows[k].answer == OfferAnswer::accepted) continue;
            ++count_;
            level_ += base[k].level;
            heat_ += base[k].heat;
            level_after_ += rows[k].level_after;
            heat_after_ += rows[k].heat_after;
        }
        if (!known()) return;
        growth_ = level_after_ / level_;
        warming_ = (heat_after_ - growth_ * heat_) / level_;
    }
    [[nodiscard]] bool known() const { return count_ > 0 && level_ > 0; }
    [[nodiscard]] std::size_t count() const { return known() ? count_ : 0; }
    [[nodiscard]] double growth() const { return growth_; }
    [[nodiscard]] double warming() const { return warming_; }
    [[nodiscard]] double expected(const ReviewBase& base) const { return growth_ * base.heat + warming_ * base.level; }
    /// Variance of what customers with these sums are expected to have: the influence of each other one on it.
    [[nodiscard]] double variance(const ReviewBase& accepted) const {
        if (!known()) return 0;
        double sum = 0;
        for (std::size_t k = 0; k < rows_.size(); ++k) {
            const ReviewedCustomer& row = rows_[k];
            if (row.answer == OfferAnswer::accepted) continue;
            const double on_growth = (row.level_after - growth_ * base_[k].level) / level_;
            const double on_warming = (row.heat_after - expected(base_[k]) - heat_ * on_growth) / level_;
            const double influence = accepted.heat * on_growth + accepted.level * on_warming;
            sum += influence * influence;
        }
        return scaled_to_sample(sum, count_);
    }
    /// A sum of squares as the variance of a sum; NaN for one.
    [[nodiscard]] static double scaled_to_sample(double sum, std::size_t count) {
        if (count < 2) return std::numeric_limits<double>::quiet_NaN();
        return sum * static_cast<double>(count) / static_cast<double>(count - 1);
    }

  private:
    std::span<const ReviewedCustomer> rows_;
    std::span<const ReviewBase> base_;
    std::size_t count_ = 0;
    double level_ = 0;
    double heat_ = 0;
    double level_after_ = 0;
    double heat_after_ = 0;
    double growth_ = 1;
    double warming_ = 0;
};

CUSTFOLIO_INLINE void check_review(const Portfolio& before, const ReviewOptions& options) {
    if (!(options.confidence > 0 && options.confidence < 1)) {
        throw InputError("confidence is " + number_text(options.confidence) + "; it must be in (0, 1), such as 0.8");
    }
    if (options.level.size() != options.heat.size() ||
        (!options.level.empty() && options.level.size() != before.size())) {
        throw InputError("the baseline has " + std::to_string(options.level.size()) + " levels and " +
                         std::to_string(options.heat.size()) + " heats for " + std::to_string(before.size()) +
                         " customers; there must be one each, or none");
    }
    for (std::size_t k = 0; k < options.level.size(); ++k) {
        const std::string who = "the baseline of customer " + before.columns().id[k] + ": ";
        require_finite(options.level[k], who + "level");
        require_finite(options.heat[k], who + "heat");
    }
}

/// Adds up the customers of each answer, and what the accepted ones brought with its interval.
CUSTFOLIO_INLINE void sum_up(OfferReview& result, const WithoutNewTerms& others, std::span<const ReviewBase> base,
                             double confidence) {
    for (const OfferAnswer answer : review_answers) {
        ReviewedGroup group{answer};
        for (const ReviewedCustomer& row : result.rows) {
            if (row.answer != answer) continue;
            ++group.customers;
            group.level_before += row.level_before;
            group.level_after += row.level_after;
            group.heat_before += row.heat_before;
            group.heat_after += row.heat_after;
            group.expected_heat += row.expected_heat;
            group.brought += row.brought;
            group.promised += row.promised;
        }
        if (group.customers > 0) result.groups.push_back(group);
    }
    if (result.groups.empty() || result.groups[0].answer != OfferAnswer::accepted) return;
    const ReviewedGroup& accepted = result.groups[0];
    result.brought = accepted.brought;
    result.promised = accepted.promised;
    const double kept = accepted.promised != 0 ? accepted.brought / accepted.promised : 0;
    const double mean = accepted.promised != 0 ? 0 : accepted.brought / static_cast<double>(accepted.customers);
    double squares = 0;
    ReviewBase sums{0, 0};
    for (std::size_t k = 0; k < result.rows.size(); ++k) {
        const ReviewedCustomer& row = result.rows[k];
        if (row.answer != OfferAnswer::accepted) continue;
        const double rest = row.brought - kept * row.promised - mean;
        squares += rest * rest;
        sums.level += base[k].level;
        sums.heat += base[k].heat;
    }
    result.deviation =
        std::sqrt(WithoutNewTerms::scaled_to_sample(squares, accepted.customers) + others.variance(sums));
    const double reach = math::normal_quantile((1 + confidence) / 2) * result.deviation;
    result.lower = result.brought - reach;
    result.upper = result.brought + reach;
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(OfferAnswer answer) {
    static constexpr std::array names{"accepted", "refused", "open", "no offer"};
    const auto k = static_cast<std::size_t>(answer);
    if (k < names.size()) return names[k];
    throw InputError("answer " + std::to_string(k) + " is unknown; it must be one of OfferAnswer");
}

CUSTFOLIO_INLINE OfferReview review_offers(const Offers& offers, std::span<const AnsweredOffer> answers,
                                           const Portfolio& before, const Portfolio& after,
                                           const ReviewOptions& options) {
    require_same(offers.identity, before.identity(), "the offers are");
    if (offers.asked.size() != before.size()) {
        throw InputError("the offers are for " + std::to_string(offers.asked.size()) +
                         " customers; the portfolio has " + std::to_string(before.size()));
    }
    before.require_heat("a review");
    after.require_heat("a review");
    if (after.period().days() > 0 && after.period().first <= before.period().first) {
        throw InputError("the period after begins on " + day_text(after.period().first) +
                         "; it must begin later than the period before, which begins on " +
                         day_text(before.period().first));
    }
    detail::check_review(before, options);
    const std::vector<detail::LastAnswer> last = detail::last_answers(offers, answers, before.size(), after.period());
    const Orders& orders = after.columns().orders;
    OfferReview result;
    result.identity = before.identity();
    std::vector<detail::ReviewBase> base;
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (!offers.asked[i]) continue;
        const Customer then = before.at(i);
        ReviewedCustomer row{i};
        row.answer = offers.of(i).empty() ? OfferAnswer::no_offer : last[i].answer;
        row.offer = last[i].offer;
        row.level_before = then.level();
        row.heat_before = then.heat();
        const bool there = after.contains(then.id());
        if (there) {
            const Customer now = after[then.id()];
            row.level_after = now.level();
            row.heat_after = now.heat();
        }
        if (row.answer == OfferAnswer::accepted) {
            const Offer& offer = offers.offers[row.offer];
            const DayNumber day = last[i].day;
            row.promised = offer.full_change * detail::share_of_days(before.period(), after.period(), day);
            const double minimum = detail::agreed_minimum(offers.terms(offer));
            if (minimum > 0 && there && !orders.begin.empty()) {
                row.orders_below = detail::deliveries_below(orders, after.index(then.id()), minimum, day);
            }
        }
        base.push_back(options.level.empty() ? detail::ReviewBase{row.level_before, row.heat_before}
                                             : detail::ReviewBase{options.level[i], options.heat[i]});
        result.rows.push_back(row);
    }
    const detail::WithoutNewTerms others(result.rows, base);
    if (!others.known() && options.level.empty()) {
        throw InputError(
            "a review needs customers to remediate without new terms and with a positive level, to compare with; there "
            "are none, so pass a baseline");
    }
    result.compared = others.count();
    result.growth = others.growth();
    result.warming = others.warming();
    for (std::size_t k = 0; k < result.rows.size(); ++k) {
        ReviewedCustomer& row = result.rows[k];
        row.expected_heat = others.expected(base[k]);
        row.brought = row.heat_after - row.expected_heat;
    }
    detail::sum_up(result, others, base, options.confidence);
    return result;
}

CUSTFOLIO_INLINE std::vector<ReviewedNewcomer> review_newcomers(const Portfolio& after,
                                                                std::span<const NewcomerTerms> newcomers) {
    if (newcomers.empty()) return {};
    after.require_heat("a review");
    const Period period = after.period();
    if (period.days() == 0) throw InputError("newcomers need the period of the portfolio; it has none");
    const std::vector<DayNumber>& first_day = after.columns().first_day;
    std::vector<ReviewedNewcomer> found;
    found.reserve(newcomers.size());
    for (const NewcomerTerms& one : newcomers) {
        const Customer customer = after.at(one.customer);
        require_finite(one.level, "newcomer " + customer.id() + ": expected level");
        require_finite(one.heat, "newcomer " + customer.id() + ": expected heat");
        const DayNumber known = first_day.empty() ? period.first : first_day[one.customer];
        const DayNumber since = one.since == no_day ? known : one.since;
        if (since > period.last) {
            throw InputError("newcomer " + customer.id() + " came on " + day_text(since) +
                             ", after the period, which ends on " + day_text(period.last));
        }
        const double days = Period{std::max(since, period.first), period.last}.days();
        const double years = days / 365.25;
        found.push_back({one.customer, days, one.level * years, one.heat * years, customer.level(), customer.heat()});
    }
    return found;
}

}  // namespace custfolio
