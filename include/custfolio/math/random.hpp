// Random numbers without state: each one is a function of seed, stream and index.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "custfolio/config.hpp"

namespace custfolio::detail {

/// Two words as a number strictly between 0 and 1; 52 bits, so that the added half is exact.
/// @param high upper 32 bits.
/// @param low lower 32 bits.
/// @return a number in (0, 1).
inline double open_unit(std::uint32_t high, std::uint32_t low) {
    const std::uint64_t bits = (static_cast<std::uint64_t>(high) << 32 | low) >> 12;
    return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

}  // namespace custfolio::detail

namespace custfolio::math {

/**
 * @brief The counter-based generator Philox4x32 with ten rounds.
 * @param counter 128-bit counter as four words, lowest first.
 * @param key 64-bit key as two words, lowest first.
 * @return four words that look random; the map from counter to result is a bijection for each key.
 * @see J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, SC '11.
 */
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/**
 * @brief Uniform random number number `index` of a stream.
 *
 * No state: any number of threads may draw any numbers in any order, and gets the same bits. Seeds and streams give
 * unrelated sequences: use the seed for the run and the stream for the customer, path or purpose.
 * @param seed the run.
 * @param stream the sequence within the run.
 * @param index position in the sequence.
 * @return (k + 1/2) / 2^52 with k uniform in 0 ... 2^52 - 1: strictly between 0 and 1.
 */
double uniform(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

/**
 * @brief Fills a column with `uniform(seed, stream, first), uniform(seed, stream, first + 1), ...`, faster than one by
 * one.
 * @param seed the run.
 * @param stream the sequence within the run.
 * @param first index of the first number.
 * @param out the column to fill.
 */
void uniforms(std::uint64_t seed, std::uint64_t stream, std::uint64_t first, std::span<double> out);

/**
 * @brief Standard normal random number: normal_quantile of the uniform one at the same place.
 * @param seed the run.
 * @param stream the sequence within the run.
 * @param index position in the sequence.
 * @return a standard normal number, between -8.3 and 8.3.
 */
double standard_normal(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/random.ipp"
#endif
