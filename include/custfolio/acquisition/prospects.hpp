// Step five: newcomers to pursue, their level and heat on the new terms, and the customers that may introduce them.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/acquisition/neighbourhood.hpp"
#include "custfolio/costing/cost_model.hpp"
#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/terms/terms.hpp"

namespace custfolio {

/// A company that is not yet a customer.
struct Candidate {
    std::string id{};      ///< Identity, unique and not empty.
    std::string name{};    ///< Name for people; empty: the identity.
    double latitude = 0;   ///< Degrees north; NaN where it is not located.
    double longitude = 0;  ///< Degrees east; NaN where it is not located.
    std::string source{};  ///< Where the company heard of it, such as "fair"; empty: not known.
    double likeness = 0;  ///< Log-odds to be warm by its attributes, less those of an average customer; see likeness().
    std::string manager{};  ///< Who pursues it; empty: not known.
    int lead_months = -1;   ///< Months from the pursuit to its first month as a customer; -1: those of the strategy.
};

/// Relations between customers, candidates and others, by identity: referral, ownership, supplier.
struct Network {
    std::vector<std::string> source{};  ///< Who introduces or supplies.
    std::vector<std::string> target{};  ///< Whom; same length.
    std::vector<double> weight{};       ///< Strength, >= 0; same length, or empty: 1 each.
};

/// The assumptions behind prospects. None is estimated; fit_win() estimates those of the chance to win.
struct AcquisitionOptions {
    double bandwidth_km = 10;           ///< Distance over which a neighbour's weight falls to 1/e, km, > 0.
    double cutoff = default_cutoff;     ///< Neighbours farther than this many bandwidths are left out, > 0.
    double base_win_probability = 0.2;  ///< Chance to win an average candidate, in (0, 1).
    double warmth_sensitivity = 0.5;    ///< Log-odds per standard deviation of log warmth, finite.
    double network_sensitivity = 1.0;   ///< Log-odds of the best path of strength 1, finite.
    double likeness_sensitivity = 0.5;  ///< Log-odds per unit of likeness, finite.
    std::map<std::string, double> source_log_odds{};  ///< Log-odds by source; 0 for others.
    double new_customer_share = 0.5;                  ///< Level of a newcomer as a share of its neighbours', > 0.
    double minimum_temperature = 0.05;                ///< Least temperature of a newcomer without `costs`, a fraction.
    std::optional<CostModel> costs{};  ///< Gives the heat from the newcomer's own drivers; none: as its neighbours.
    std::vector<Terms> terms{};        ///< Terms of newcomers, applied in turn; they need `costs`.
    double burden_sensitivity = 0;     ///< Fall of the log-odds per unit of burden of the terms, >= 0; see Acceptance.
    double kilometre_cost = 0;         ///< Cost of an added kilometre of a route, currency, >= 0; needs orders.
    int ramp_months = 3;               ///< Months from winning to the full level, >= 0.
    double hours_per_pursuit = 8;      ///< Working hours of a pursuit, won or not, >= 0.
    unsigned threads = 0;              ///< 0 means all cores; the bits do not depend on it.
};

/// A candidate worth pursuing, with its expected amounts.
struct Prospect {
    std::size_t candidate = 0;    ///< Position among the candidates.
    double warmth = 0;            ///< Distance-weighted heat of the warm customers around it, currency.
    double win_probability = 0;   ///< Chance to win it if pursued.
    double level = 0;             ///< Net revenue per year if won, after the ramp, currency: the mean.
    double heat = 0;              ///< Contribution per year if won, on the new terms, currency.
    double deliveries = 0;        ///< Deliveries per year if won; 0 where the portfolio has none.
    double hours = 0;             ///< Working hours of the pursuit.
    std::string introduced_by{};  ///< Customer where the best path begins; without a path the nearest warm customer.
    int rank = 0;                 ///< 1 for the warmest.
    double distance_km = 0;       ///< Distance to the nearest warm customer, km; NaN where none is near.
    int ramp_months = 0;          ///< Months from winning to the full level.
    std::string id{};             ///< The candidate's identity.
    std::string name{};           ///< The candidate's name.
    double network_warmth = 0;    ///< Share of network_warmth() x the positive heat of all customers, currency.
    double path_strength = 0;     ///< Strength of the best path from a warm customer, see introductions(); 0: none.
    std::string path{};           ///< Identities on that path, with " > " between them; empty: none.
    double level_low = 0;         ///< 10 % quantile of the level, from the neighbours' levels, currency.
    double level_median = 0;      ///< Median of the level, currency.
    double level_high = 0;        ///< 90 % quantile of the level, currency.
    double warmth_score = 0;      ///< Log warmth, standardised, in [-3, 3]; 0 where it is not located.
    double likeness = 0;          ///< The candidate's likeness.
    std::string source{};         ///< The candidate's source.
    double added_km = 0;          ///< Kilometres that it adds to a route, see route_fit(); NaN where not known.
    int delivery_day = -1;        ///< That route's day of the week, 0 for Monday; -1 where not known.
    double latitude = 0;          ///< Degrees north; NaN where it is not located.
    double longitude = 0;         ///< Degrees east; NaN where it is not located.
    double burden = 0;            ///< Extra cost by the terms as a share of its spend, see TermsEffect.
    std::string terms{};          ///< Words of the terms of its heat; empty: none.
    std::string manager{};        ///< Who pursues it; empty: not known.
    int lead_months = -1;         ///< Months from the pursuit to its first month; -1: those of the strategy.
};

/// A candidate without a rank.
struct RejectedCandidate {
    std::size_t candidate = 0;  ///< Position among the candidates.
    std::string id;             ///< The candidate's identity.
    std::string reason;         ///< The reason.
};

/// Prospects, warmest first, and the candidates without a rank; converts to std::span<const Prospect>, and from a
/// vector of prospects that were made by hand.
struct Prospects {
    Identity identity;                        ///< The portfolio whose neighbourhood they are from.
    std::vector<Prospect> ranked;             ///< Warmest first; equally warm ones in the order of the candidates.
    std::vector<RejectedCandidate> rejected;  ///< In the order of the candidates; with `ranked` these are all of them.

    /// No prospects.
    Prospects() = default;
    /// @param prospects prospects of no portfolio.
    Prospects(std::vector<Prospect> prospects) : ranked(std::move(prospects)) {}  // NOLINT(google-explicit-constructor)

    /// @return the first prospect.
    [[nodiscard]] auto begin() const { return ranked.begin(); }
    /// @return past the last prospect.
    [[nodiscard]] auto end() const { return ranked.end(); }
    /// @return the prospects' memory.
    [[nodiscard]] const Prospect* data() const { return ranked.data(); }
    /// @return number of prospects.
    [[nodiscard]] std::size_t size() const { return ranked.size(); }
    /// @return whether there is no prospect.
    [[nodiscard]] bool empty() const { return ranked.empty(); }
    /// @param position 0-based.
    /// @return that prospect; position must be below size().
    [[nodiscard]] const Prospect& operator[](std::size_t position) const { return ranked[position]; }
};

/// Ranks candidates by the warmth of their neighbourhood and their network.
///
/// Over the located customers i with positive heat, weights w_i = exp(-d_i / bandwidth):
/// - warmth sum w_i heat_i, as neighbourhood_warmth();
/// - level share x sum w_i level_i / sum w_i, per year; deliveries and other drivers likewise; the band has the
/// weighted
///   quantiles of the neighbours' levels;
/// - heat level x max(sum w_i heat_i / sum w_i level_i, minimum temperature). With `costs`: the newcomer's own revenue
///   less goods and avoidable costs of its drivers, on its terms. Added kilometres cost `kilometre_cost` each: the
///   route_fit() among the 500 nearest customers with deliveries, warm or cold, by the weekday with most of them.
/// - introduced by the nearest of these customers (the earlier of equally near), without a path of the network.
/// A candidate with a path and without a warm neighbour has the means of all warm customers.
///
/// The chance to win is logistic(logit(base) + warmth_sensitivity x score + network_sensitivity x path strength +
/// likeness_sensitivity x likeness + log-odds of the source - burden_sensitivity x burden). The score is (ln warmth -
/// mean) / deviation, within
/// [-3, 3]. Mean and deviation are those of the warm customers' own ln warmth by the others, of at most 2,000 evenly
/// taken ones. The chance does not depend on other candidates.
///
/// Amounts of the portfolio's period become yearly by 12 / months where it is whole calendar months, else by 365.25 /
/// days; without a period they are yearly.
/// @param candidates the candidates.
/// @param portfolio today's customers, located where possible.
/// @param options the assumptions.
/// @param network relations; empty: none.
/// @return prospects and rejected candidates, each with the reason: no identity, listed before, a customer already, a
/// bad or swapped place, no place and no path, no warm customer within the cutoff, or a minimum order (or quantity)
/// above its purchases of a whole year.
/// @throws InputError where an option is out of range, the network is (the message names it), or kilometres cost and
/// the portfolio has no orders; NotFoundError where the cost model has a driver that the portfolio does not have.
/// Candidates x customers.
Prospects acquire(std::span<const Candidate> candidates, const Portfolio& portfolio,
                  const AcquisitionOptions& options = {}, const Network& network = {});

/// Customers whose latitude and longitude look swapped: outside of the area where nine in ten customers are, with a
/// margin as wide as that area, and inside of it the other way round.
/// @param portfolio the customers.
/// @return their rows; empty where fewer than ten are located. O(customers log(customers)).
std::vector<std::size_t> swapped_places(const Portfolio& portfolio);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/acquisition/prospects.ipp"
#endif
