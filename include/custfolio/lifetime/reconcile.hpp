// Reconciliation: forecasts of customers made consistent with forecasts of their segments and of the company.
#pragma once

#include <cstdint>
#include <span>

#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// Minimum trace reconciliation of two levels of sums, with variances of independent errors (weighted least squares).
/// Customers b with variances W, sums A b of segments and of the company, and forecasts t of those sums with variances
/// V: the reconciled customers are b + W A' (A W A' + V)^-1 (t - A b), which is S (S' D^-1 S)^-1 S' D^-1 (t, b) with
/// S = (A, I) and D = diag(V, W). What is sure moves little and what is unsure much; the sums of the result are
/// consistent because they are its sums. A customer whose own forecast is not negative never falls below 0: it then
/// stays at 0 and the others get its part.
/// @param level customers x months: forecasts, currency.
/// @param variance customers x months: their variances, >= 0; where 0 the forecast stays.
/// @param segment per customer its segment, 0 .. segments - 1.
/// @param group_level groups x months: forecasts of the segments in their order, and of the company in a further last
/// row where there is one more row than segments (the highest segment + 1).
/// @param group_variance groups x months: their variances, >= 0.
/// @return customers x months: reconciled forecasts. Linear time in customers, cubic in groups.
/// @throws InputError where sizes do not fit, a number is not finite, a variance is negative, or a segment is out of
/// range.
/// @see S. L. Wickramasuriya, G. Athanasopoulos, R. J. Hyndman (2019), Optimal forecast reconciliation for hierarchical
/// and grouped time series through trace minimization, JASA 114(526), eqs. (6) and (8), structure WLS.
Matrix reconcile_minimum_trace(const Matrix& level, const Matrix& variance, std::span<const std::int32_t> segment,
                               const Matrix& group_level, const Matrix& group_variance);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/reconcile.ipp"
#endif
