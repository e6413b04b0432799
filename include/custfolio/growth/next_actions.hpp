// Next actions: steps that can start now and offers of products that peers buy, by expected heat per working hour.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/growth/white_space.hpp"

namespace custfolio {

/// Assumptions about an offer of a product that peers buy.
struct ProductOffer {
    double probability = 0;  ///< Chance that the customer accepts it, in [0, 1].
    double hours = 0;        ///< Its working hours, > 0.
};

/// Something that can be done now.
struct NextAction {
    std::string customer;          ///< Identity of the customer.
    std::string plan;              ///< Name of the action plan; empty for an offer.
    std::string action;            ///< Name of the step, or "offer" and the product.
    std::string condition;         ///< Condition of the step, as its plan gives it.
    std::optional<Month> month{};  ///< First month in which the step can start; none for an offer.
    double probability = 0;        ///< Success chance of the step itself, or of the offer.
    double heat = 0;   ///< Expected contribution over the horizon of the action and of all that waits for it, currency.
    double hours = 0;  ///< Expected working hours of the same.

    /// @return expected heat per hour, currency; NaN where no hours are known.
    [[nodiscard]] double heat_per_hour() const {
        return hours > 0 ? heat / hours : std::numeric_limits<double>::quiet_NaN();
    }
};

/// Ranks what can be done now. A step can start where it is undecided and all that it waits for has succeeded. Its heat
/// and hours are those of all plans, less those of all plans if the step has failed.
/// @param growth the action plans, with the outcomes that are known; see GrowthForecast::given().
/// @param gaps products that peers buy; see white_space(). An offer is proposed where the heat is known and the
/// customer has no step that can start.
/// @param offer the chance and the hours of such an offer.
/// @return the most heat per hour first; actions without hours come last.
/// @throws InputError where there are gaps, and the chance or the hours of an offer are out of range.
std::vector<NextAction> next_actions(const GrowthForecast& growth, std::span<const ProductGap> gaps = {},
                                     const ProductOffer& offer = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/next_actions.ipp"
#endif
