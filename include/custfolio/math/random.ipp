// Definitions of the counter-based random numbers.
#pragma once

#include <cstddef>

#include "custfolio/math/normal.hpp"
#include "custfolio/math/random.hpp"

namespace custfolio::detail {

/// The two uniform numbers 2 * pair and 2 * pair + 1 of a stream.
inline std::array<double, 2> uniform_pair(std::uint64_t seed, std::uint64_t stream, std::uint64_t pair) {
    const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
    const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
    const auto word = math::philox4x32({low(pair), high(pair), low(stream), high(stream)}, {low(seed), high(seed)});
    return {open_unit(word[0], word[1]), open_unit(word[2], word[3])};
}

}  // namespace custfolio::detail

namespace custfolio::math {

CUSTFOLIO_INLINE std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                         std::array<std::uint32_t, 2> key) {
    constexpr std::uint64_t multiplier_even = 0xD2511F53;
    constexpr std::uint64_t multiplier_odd = 0xCD9E8D57;
    constexpr std::uint32_t golden_ratio = 0x9E3779B9;  // the Weyl increments of the key
    constexpr std::uint32_t sqrt_three_less_one = 0xBB67AE85;
    // Philox4x32-10: ten rounds of multiplications, whose halves are exchanged.
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t even = multiplier_even * counter[0];
        const std::uint64_t odd = multiplier_odd * counter[2];
        counter = {static_cast<std::uint32_t>(odd >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(odd),
                   static_cast<std::uint32_t>(even >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(even)};
        key[0] += golden_ratio;
        key[1] += sqrt_three_less_one;
    }
    return counter;
}

CUSTFOLIO_INLINE double uniform(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
    return detail::uniform_pair(seed, stream, index / 2)[index % 2];
}

CUSTFOLIO_INLINE void uniforms(std::uint64_t seed, std::uint64_t stream, std::uint64_t first, std::span<double> out) {
    std::size_t i = 0;
    // Numbers come in pairs: an odd first and a last single one are halves of theirs.
    if (first % 2 == 1 && !out.empty()) out[i++] = uniform(seed, stream, first);
    for (; i + 2 <= out.size(); i += 2) {
        const std::array<double, 2> pair = detail::uniform_pair(seed, stream, (first + i) / 2);
        out[i] = pair[0];
        out[i + 1] = pair[1];
    }
    if (i < out.size()) out[i] = uniform(seed, stream, first + i);
}

CUSTFOLIO_INLINE double standard_normal(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
    return normal_quantile(uniform(seed, stream, index));
}

}  // namespace custfolio::math
