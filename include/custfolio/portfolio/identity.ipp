// Definitions of the identity of a portfolio.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/portfolio/identity.hpp"

namespace custfolio {
namespace detail {

/// A multiplicative hash of 64-bit words. Words are read byte by byte, so that the byte order of the machine has no
/// effect.
class WordHash {
  public:
    void add(std::uint64_t word) {
        // An odd multiplier loses nothing, and the shift brings high bits down.
        state_ = (state_ ^ word) * 0xff51afd7ed558ccdULL;
        state_ ^= state_ >> 32;
    }
    void add(double value) { add(std::bit_cast<std::uint64_t>(value + 0.0)); }  // -0 counts as 0
    void add(const std::string& text) {
        add(static_cast<std::uint64_t>(text.size()));
        for (std::size_t begin = 0; begin < text.size(); begin += 8) {
            std::uint64_t word = 0;
            for (std::size_t k = begin; k < std::min(text.size(), begin + 8); ++k) {
                word = word << 8U | static_cast<unsigned char>(text[k]);
            }
            add(word);
        }
    }
    [[nodiscard]] std::uint64_t value() const { return std::max(state_, std::uint64_t{1}); }  // 0 is no portfolio

  private:
    std::uint64_t state_ = 0x9e3779b97f4a7c15ULL;
};

}  // namespace detail

CUSTFOLIO_INLINE Identity identify(std::span<const std::string> id, Period period, std::span<const double> revenue,
                                   std::span<const double> contribution) {
    if (revenue.size() != id.size() || contribution.size() != id.size()) {
        throw InputError("identity: " + std::to_string(id.size()) + " customers have " +
                         std::to_string(revenue.size()) + " revenues and " + std::to_string(contribution.size()) +
                         " contributions; one of each is needed");
    }
    detail::WordHash hash;
    // Lengths enter the hash, so that moving a letter from one key to the next changes it.
    hash.add(static_cast<std::uint64_t>(id.size()));
    hash.add(static_cast<std::uint64_t>(static_cast<std::int64_t>(period.first)));
    hash.add(static_cast<std::uint64_t>(static_cast<std::int64_t>(period.last)));
    for (std::size_t i = 0; i < id.size(); ++i) {
        hash.add(id[i]);
        hash.add(revenue[i]);
        hash.add(contribution[i]);
    }
    return {hash.value(), id.size(), period};
}

CUSTFOLIO_INLINE std::string to_string(const Identity& identity) {
    if (identity.hash == 0) return "no portfolio";
    std::array<char, 16> digits{};
    const auto [end, status] = std::to_chars(digits.data(), digits.data() + digits.size(), identity.hash, 16);
    const auto count = static_cast<std::size_t>(end - digits.data());
    std::string text = "portfolio " + std::string(digits.size() - count, '0') + std::string(digits.data(), count) +
                       " (" + std::to_string(identity.customers) +
                       (identity.customers == 1 ? " customer, " : " customers, ");
    if (identity.period.days() == 0) return text + "no period)";
    return text + day_text(identity.period.first) + " to " + day_text(identity.period.last) + ")";
}

CUSTFOLIO_INLINE void require_same(const Identity& result, const Identity& portfolio, const std::string& what) {
    if (result.hash == 0 || result == portfolio) return;
    throw InputError(what + " of " + to_string(result) + ", this is " + to_string(portfolio) +
                     "; results apply to the portfolio that they were made from");
}

}  // namespace custfolio
