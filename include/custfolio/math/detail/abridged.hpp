// Texts in a row for a message: the first ones, and how many follow.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

namespace custfolio::detail {

/// @param texts the texts.
/// @param most how many of them are listed.
/// @return for instance "a, b and 3 more".
inline std::string abridged(std::span<const std::string> texts, std::size_t most = 5) {
    std::string result;
    for (std::size_t k = 0; k < std::min(texts.size(), most); ++k) result += (k > 0 ? ", " : "") + texts[k];
    if (texts.size() > most) result += " and " + std::to_string(texts.size() - most) + " more";
    return result;
}

}  // namespace custfolio::detail
