// Review: what accepted offers brought beyond what happened without new terms, and newcomers against their terms.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/remediation/offers.hpp"

namespace custfolio {

/// An answer of a customer to an offer.
struct AnsweredOffer {
    std::size_t offer = 0;   ///< Position among Offers::offers.
    bool accepted = false;   ///< Whether the customer accepted.
    DayNumber day = no_day;  ///< Day of the answer, days since 1970-01-01; no_day: not known.
};

/// What became of the offers to a customer.
enum class OfferAnswer {
    accepted,  ///< It accepted one.
    refused,   ///< It refused one, and accepted none.
    open,      ///< It did not answer.
    no_offer   ///< It is to be remediated, but got no offer.
};

/// @param answer what became of the offers.
/// @return its name: "accepted", "refused", "open" or "no offer".
std::string to_string(OfferAnswer answer);

/// A customer to remediate, before and after.
struct ReviewedCustomer {
    /// No offer was accepted.
    static constexpr std::size_t no_offer = std::numeric_limits<std::size_t>::max();

    std::size_t customer = 0;                    ///< Row of the portfolio before.
    OfferAnswer answer = OfferAnswer::no_offer;  ///< What became of its offers.
    std::size_t offer = no_offer;                ///< Position of the offer that it accepted, or no_offer.
    double level_before = 0;                     ///< Net revenue of the period before, currency.
    double level_after = 0;                      ///< Net revenue of the period after; 0 where it is gone.
    double heat_before = 0;                      ///< Contribution of the period before, currency.
    double heat_after = 0;                       ///< Contribution of the period after; 0 where it is gone.
    double expected_heat = 0;                    ///< Contribution after without new terms, currency.
    double brought = 0;                          ///< heat_after - expected_heat, currency.
    double promised = 0;                         ///< Offer::full_change over the days on the new terms, currency.
    double orders_below = std::numeric_limits<double>::quiet_NaN();  ///< Deliveries below the agreed minimum order;
                                                                     ///< NaN: none was agreed, or orders are not known.
};

/// The customers with one kind of answer.
struct ReviewedGroup {
    OfferAnswer answer = OfferAnswer::no_offer;  ///< The kind.
    std::size_t customers = 0;                   ///< Number of customers.
    double level_before = 0;                     ///< Sum, currency.
    double level_after = 0;                      ///< Sum, currency.
    double heat_before = 0;                      ///< Sum, currency.
    double heat_after = 0;                       ///< Sum, currency.
    double expected_heat = 0;                    ///< Sum, currency.
    double brought = 0;                          ///< Sum, currency.
    double promised = 0;                         ///< Sum, currency.
};

/// What a review compares with.
struct ReviewOptions {
    std::vector<double> level{};  ///< Baseline per customer: net revenue of the period after without new terms,
                                  ///< currency; empty: the period before stands for it.
    std::vector<double> heat{};   ///< The same for the contribution; given with `level`.
    double confidence = 0.8;      ///< Probability of the interval, in (0, 1).
};

/// What the accepted offers brought.
struct OfferReview {
    Identity identity{};                   ///< The portfolio before.
    std::vector<ReviewedCustomer> rows{};  ///< Every customer to remediate, in the portfolio's order.
    std::vector<ReviewedGroup> groups{};   ///< By answer, in the order of OfferAnswer; without empty groups.
    std::size_t compared = 0;              ///< Customers without new terms that the accepted ones are compared with.
    double growth = 1;                     ///< Their level after / their level of the baseline.
    double warming = 0;                    ///< Their contribution that this growth does not explain / that level.
    double brought = 0;                    ///< Of all accepted offers, currency.
    double promised = 0;                   ///< Of all accepted offers, currency.
    double deviation = 0;                  ///< Standard error of `brought`, currency; NaN for one customer.
    double lower = 0;                      ///< Lower end of the interval of `brought`, currency.
    double upper = 0;                      ///< Upper end of the interval of `brought`, currency.
};

/// Compares customers that accepted with those to remediate that have no new terms: refused, open, or without an offer.
///
/// The others give growth g = their level after / their level before, and w = (their heat after - g x their heat
/// before) / their level before. Without new terms a customer of level L and heat H would have g x H + w x L: so the
/// others bring 0 in total, and warming by itself is not credited. Customers that are gone count with 0. With a
/// baseline, L and H are its amounts, and the others correct what it missed; without others it counts as it is.
///
/// The standard error adds two parts. The others are drawn from many (linear influence of each on g and w). What the
/// accepted ones brought differs from the mean share of their promise (error of a ratio).
/// @param offers the offers.
/// @param answers answers to them, in the order of time; a customer's last accepted offer counts.
/// @param before the portfolio of the offers.
/// @param after the same customers in a later period; customers are joined by identity.
/// @param options baseline and confidence.
/// @return the review. O(customers + answers + orders).
/// @throws InputError where the offers are of another portfolio, contributions are not known, there is neither a
/// customer to compare with nor a baseline, a length differs, or a number is out of range.
/// @throws NotFoundError where there is no such offer.
/// @see J. D. Angrist, J.-S. Pischke (2009), Mostly Harmless Econometrics, section 5.2, differences-in-differences;
/// W. G. Cochran (1977), Sampling Techniques, chapter 6, ratio estimators.
OfferReview review_offers(const Offers& offers, std::span<const AnsweredOffer> answers, const Portfolio& before,
                          const Portfolio& after, const ReviewOptions& options = {});

/// A newcomer, and what was expected on the terms on which it came in.
struct NewcomerTerms {
    std::size_t customer = 0;  ///< Row of the portfolio after.
    double level = 0;          ///< Expected net revenue a year, currency.
    double heat = 0;           ///< Expected contribution a year, currency.
    DayNumber since = no_day;  ///< First day; no_day: the first with a line, where known, else that of the period.
};

/// A newcomer against its terms, over its days in the period.
struct ReviewedNewcomer {
    std::size_t customer = 0;   ///< Row of the portfolio.
    double days = 0;            ///< Days from its first day to the end of the period, both included.
    double expected_level = 0;  ///< Expected net revenue of these days, currency.
    double expected_heat = 0;   ///< Expected contribution of these days, currency.
    double level = 0;           ///< Net revenue, currency.
    double heat = 0;            ///< Contribution, currency.
};

/// Compares newcomers with the level and heat on which they came in.
/// @param after the portfolio with the newcomers.
/// @param newcomers what was expected; a year has 365.25 days.
/// @return one row a newcomer, in the order given.
/// @throws InputError where a number is not finite, contributions are not known, the portfolio has no period, or a
/// first day is after it.
/// @throws NotFoundError where there is no such row.
std::vector<ReviewedNewcomer> review_newcomers(const Portfolio& after, std::span<const NewcomerTerms> newcomers);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/remediation/review.ipp"
#endif
