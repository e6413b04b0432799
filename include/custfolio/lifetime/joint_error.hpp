// The joint error of a baseline: what all customers share, and what is each customer's own.
#pragma once

#include "custfolio/lifetime/company_band.hpp"
#include "custfolio/math/matrix.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// How far levels come out from what is expected. With standard normal z and x, the level of customer i in month m is
///
///     level(i, m) + common(m) |level(i, m)| z(m) + own(i, m) x(i, m).
///
/// All customers share z; x is each customer's own. Two months of z have `correlation` r: z(m) = sqrt(r) Z + sqrt(1 -
/// r) Z(m). Two months of one customer's x have `own_correlation`. Baseline::own_deviation() has own(i, m). A sum of
/// any customers and months follows from it, as a normal variable; see Baseline::never_negative.
struct JointError {
    Column common{};         ///< Per month: standard deviation of what all share, as a share of a level; empty where
                             ///< there is too little history.
    double correlation = 0;  ///< Between two months of what all share, in [0, 1].
    double own_correlation = 0;  ///< Between two months of a customer's own error, in [0, 1].

    /// @return whether the error is known.
    [[nodiscard]] bool known() const { return !common.empty(); }
};

/// Splits the errors of a company: what the customers' own variances do not explain of its deviation, they share. The
/// same for its covariances between months, whose sum is the company's as far as a correlation in [0, 1] allows.
/// @param band the company's errors, from its back-test.
/// @param level customers x months: expected net revenue, currency.
/// @param variance customers x months: variance of the level, from each customer's back-test.
/// @return the joint error, with correlations of 1 where only one month was compared; unknown where a month's
/// deviation is, or is above 3 times the level. The company's variance is at least that of its customers as
/// independent. O(customers x months).
JointError joint_error(const CompanyBand& band, const Matrix& level, const Matrix& variance);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/joint_error.ipp"
#endif
