// Random variates of the distributions that customers are drawn from, each stream a function of seed and number.
#pragma once

#include <cstdint>

#include "custfolio/config.hpp"

namespace custfolio::math {

/**
 * @brief One stream of random variates: the numbers uniform(seed, stream, 0), uniform(seed, stream, 1), ... in turn.
 *
 * One stream a customer gives the same bits for any number of threads. Not safe to use from several threads at once.
 */
class VariateStream {
  public:
    /// @param seed the run.
    /// @param stream the customer, path or purpose.
    VariateStream(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

    /// @return uniform, strictly between 0 and 1.
    double uniform();
    /// @return standard normal.
    double normal();
    /// @return exponential with mean 1, above 0.
    double exponential();
    /**
     * @brief Logarithm of a gamma variate with scale 1; the variate itself underflows for small shapes.
     * @param shape positive and finite.
     * @return ln of the variate.
     * @throws InputError when the shape is not positive and finite.
     * @see G. Marsaglia, W. W. Tsang (2000), A simple method for generating gamma variables, ACM TOMS 26(3).
     */
    double log_gamma_variate(double shape);
    /**
     * @brief Beta variate, from two gamma variates in the log domain.
     * @param a positive and finite.
     * @param b positive and finite.
     * @return a number in [0, 1]; the ends only by rounding.
     * @throws InputError when a parameter is not positive and finite.
     */
    double beta(double a, double b);

  private:
    std::uint64_t seed_;
    std::uint64_t stream_;
    std::uint64_t index_ = 0;
};

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/variates.ipp"
#endif
