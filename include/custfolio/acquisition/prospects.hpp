// Step five: newcomers to pursue, their level and heat on the new terms, and the customers that may introduce them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/acquisition/neighbourhood.hpp"
#include "custfolio/portfolio/portfolio.hpp"

namespace custfolio {

/// A company that is not yet a customer.
struct Candidate {
    std::string id{};      ///< Identity, unique and not empty.
    std::string name{};    ///< Name for people; empty: the identity.
    double latitude = 0;   ///< Degrees north; NaN where it is not located.
    double longitude = 0;  ///< Degrees east; NaN where it is not located.
};

/// The assumptions behind prospects; none is estimated.
struct AcquisitionOptions {
    double bandwidth_km = 10;           ///< Distance over which a neighbour's weight falls to 1/e, km, > 0.
    double cutoff = default_cutoff;     ///< Neighbours farther than this many bandwidths are left out, > 0.
    double base_win_probability = 0.2;  ///< Chance to win a candidate of median warmth, in (0, 1).
    double warmth_sensitivity = 2.0;    ///< Log-odds between the coldest and the warmest candidate, >= 0.
    double new_customer_share = 0.5;    ///< Level of a newcomer as a share of its neighbours', > 0.
    double minimum_temperature = 0.05;  ///< Least temperature of a newcomer on the new terms, a fraction.
    int ramp_months = 3;                ///< Months from winning to the full level, >= 0.
    double hours_per_pursuit = 8;       ///< Working hours of a pursuit, won or not, >= 0.
    unsigned threads = 0;               ///< 0 means all cores; the bits do not depend on it.
};

/// A candidate worth pursuing, with its expected amounts.
struct Prospect {
    std::size_t candidate = 0;    ///< Position among the candidates.
    double warmth = 0;            ///< Distance-weighted heat of the warm customers around it, currency.
    double win_probability = 0;   ///< Chance to win it if pursued.
    double level = 0;             ///< Net revenue per year if won, after the ramp, currency.
    double heat = 0;              ///< Contribution per year if won, on the new terms, currency.
    double deliveries = 0;        ///< Deliveries per year if won; 0 where the portfolio has none.
    double hours = 0;             ///< Working hours of the pursuit.
    std::string introduced_by{};  ///< Identity of the nearest warm customer, which may introduce it.
    int rank = 0;                 ///< 1 for the warmest.
    double distance_km = 0;       ///< Distance to that customer, km.
    int ramp_months = 0;          ///< Months from winning to the full level.
    std::string id{};             ///< The candidate's identity.
    std::string name{};           ///< The candidate's name.
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

/// Ranks candidates by the warmth of their neighbourhood.
///
/// Over the located customers i with positive heat, weights w_i = exp(-d_i / bandwidth):
/// - warmth sum w_i heat_i, as neighbourhood_warmth();
/// - win probability logistic(logit(base) + sensitivity (u - 1/2)), u in (0, 1) the mid-rank of the warmth among the
/// prospects;
/// - level share x sum w_i level_i / sum w_i, per year; deliveries likewise;
/// - heat level x max(sum w_i heat_i / sum w_i level_i, minimum temperature);
/// - introduced by the nearest of these customers (the earlier of equally near).
/// Amounts of the portfolio's period become yearly by 12 / months where it is whole calendar months, else by 365.25 /
/// days; without a period they are yearly.
/// @param candidates the candidates.
/// @param portfolio today's customers, located where possible.
/// @param options the assumptions.
/// @return prospects and rejected candidates: not located, already a customer (same identity), or no warm customer
/// within the cutoff.
/// @throws InputError where an identity is empty or repeated, a coordinate is out of range, or an option is; the
/// message names it. Candidates x customers.
Prospects acquire(std::span<const Candidate> candidates, const Portfolio& portfolio,
                  const AcquisitionOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/acquisition/prospects.ipp"
#endif
