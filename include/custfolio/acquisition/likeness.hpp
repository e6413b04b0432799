// Likeness: how much candidates are like the warm customers, by their attributes.
#pragma once

#include <span>
#include <vector>

#include "custfolio/math/matrix.hpp"

namespace custfolio {

/// Likeness of candidates, with the part of every attribute.
struct Likeness {
    std::vector<double> probability;   ///< Chance that a customer with these attributes is warm.
    std::vector<double> log_odds;      ///< Its log-odds, less those of an average customer: Candidate::likeness.
    Matrix parts;                      ///< Candidates x attributes: parts of `log_odds`; rows sum to it.
    std::vector<double> coefficients;  ///< Log-odds per standard deviation of each attribute.
    double intercept = 0;              ///< Log-odds of an average customer.
};

/// Fits a regularised logistic regression of warm against other customers, and applies it to candidates.
///
/// Attributes are standardised by the customers; each coefficient has a normal prior with mean 0. The sum of the
/// customers' chances is that of the warm ones, up to a prior of deviation 10 on the intercept.
/// @param customers customers x attributes; NaN: not known, counts as the mean.
/// @param warm one per customer: 1 warm, 0 not.
/// @param candidates candidates x attributes, the same columns.
/// @param deviation of the prior of a coefficient, > 0; a smaller one regularises more.
/// @return the likeness of every candidate. O(customers x attributes^2).
/// @throws InputError where shapes differ, there is no customer, a value of `warm` is neither 0 nor 1, an attribute is
/// infinite, or the deviation is out of range.
Likeness likeness(const Matrix& customers, std::span<const double> warm, const Matrix& candidates,
                  double deviation = 1.0);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/acquisition/likeness.ipp"
#endif
