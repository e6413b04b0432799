// Special functions of probability in the log domain, safe to call from any number of threads.
#pragma once

#include <span>

#include "custfolio/config.hpp"

namespace custfolio::math {

/**
 * @brief Logarithm of the gamma function.
 *
 * Unlike std::lgamma it writes no global sign and gives the same bits on every platform whose logarithm does.
 * @param x positive and finite.
 * @return ln Gamma(x); relative error below 4e-15, also at the zeros x = 1 and x = 2.
 * @throws InputError when x is not positive and finite.
 */
double log_gamma(double x);

/**
 * @brief Derivative of log_gamma.
 * @param x positive and finite.
 * @return psi(x); error below 4e-15 times max(1, |psi(x)|).
 * @throws InputError when x is not positive and finite.
 */
double digamma(double x);

/**
 * @brief Derivative of digamma.
 * @param x positive and finite, at least 1e-150.
 * @return psi'(x); relative error below 4e-15.
 * @throws InputError when x is outside of the range.
 */
double trigamma(double x);

/**
 * @brief Logarithm of Gamma(a + b) / Gamma(a), without the cancellation of a difference of two log gammas.
 * @param a positive and finite.
 * @param b not negative and finite.
 * @return ln (Gamma(a + b) / Gamma(a)), 0 for b = 0; for a from 1e-8 to 1e12 and b from 1e-8 to 1e12 the error is below
 * 2e-14 times the larger of the result and min(b, 1).
 * @throws InputError when an argument is outside of its range.
 */
double log_gamma_ratio(double a, double b);

/**
 * @brief Logarithm of the beta function.
 * @param a positive and finite.
 * @param b positive and finite.
 * @return ln B(a, b); error below 2e-14 times max(1, |ln B(a, b)|) for arguments from 1e-8 to 1e12, whatever their
 * ratio.
 * @throws InputError when an argument is not positive and finite.
 * @see A. R. DiDonato, A. H. Morris (1992), Algorithm 708, ACM Transactions on Mathematical Software 18(3), for the
 * form used where both are large.
 */
double log_beta(double a, double b);

/**
 * @brief ln(1 - exp(x)).
 * @param x not positive.
 * @return the logarithm, accurate at both ends; -infinity for x = 0.
 * @throws InputError when x is positive or NaN.
 */
double log1m_exp(double x);

/**
 * @brief ln(exp(x) + exp(y)).
 * @param x finite or -infinity.
 * @param y finite or -infinity.
 * @return the logarithm, free of overflow.
 */
double log_sum_exp(double x, double y);

/**
 * @brief ln of the sum of exponentials.
 * @param values finite or -infinity; none gives -infinity.
 * @return the logarithm, free of overflow.
 */
double log_sum_exp(std::span<const double> values);

/**
 * @brief ln(exp(x) - exp(y)).
 * @param x finite or -infinity.
 * @param y at most x.
 * @return the logarithm, -infinity when they are equal.
 * @throws InputError when y exceeds x or either is NaN.
 */
double log_diff_exp(double x, double y);

/**
 * @brief Logarithm of Gauss's hypergeometric function 2F1(a, b; c; z) for positive parameters.
 *
 * A series of positive terms where it is short; near z = 1 the trapezoidal rule on Euler's integral in the logit of its
 * variable, whose tails are summed in closed form (DLMF 15.6.1), after raising c above a or b by contiguous relations
 * (DLMF 15.5.18) where it is not. Negative z is brought to (0, 1) by Pfaff's transformation (DLMF 15.8.1).
 * @param a positive and finite.
 * @param b positive and finite.
 * @param c positive and finite.
 * @param z below 1.
 * @return ln 2F1(a, b; c; z); error below 1e-12 times max(1, |result|) for parameters from 0.01 to 10 000 and z from
 * -1e6 to 1 - 1e-9.
 * @throws InputError when an argument is outside of its range.
 * @throws InputError when the function is not positive there or cannot be reached (z < 0 with a and b above c).
 */
double log_hyp2f1(double a, double b, double c, double z);

/**
 * @brief Gauss's hypergeometric function 2F1(a, b; c; z).
 * @param a positive and finite.
 * @param b positive and finite.
 * @param c finite and above -1, not 0 (the models' new customer has a + b - 1).
 * @param z below 1.
 * @return the value, relative error as the error of log_hyp2f1; for c in (-1, 0) or near 0 relative to the largest term
 * of the contiguous relation.
 * @throws InputError when an argument is outside of its range.
 * @throws InputError as log_hyp2f1.
 * @throws NumericalError when the value exceeds the largest double.
 */
double hyp2f1(double a, double b, double c, double z);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/special_functions.ipp"
#endif
