// The chance that a customer accepts an offer, from its burden.
#pragma once

namespace custfolio {

/// Prior for accepting an offer: logistic in the burden, logit(p) = logit(base) - sensitivity x burden.
struct Acceptance {
    double base = 0.7;        ///< Probability of accepting an offer without any cost for the customer, in [0, 1].
    double sensitivity = 10;  ///< Fall of the log-odds per unit of burden, >= 0: 10 means 0.1 for every 1 % of spend.

    /// @param burden extra cost for the customer as a share of its spend; negative for relief, infinity for a burden on
    /// no spend.
    /// @return probability of acceptance in [0, 1]; decreasing in the burden.
    /// @throws InputError where base is not a probability, sensitivity is negative or not finite, or the burden is NaN.
    [[nodiscard]] double probability(double burden) const;
    /// Same prior.
    /// @return whether the two are the same.
    bool operator==(const Acceptance&) const = default;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/remediation/acceptance.ipp"
#endif
