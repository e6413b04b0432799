// A hash table that numbers distinct keys in their order of appearance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "custfolio/math/errors.hpp"

namespace custfolio::detail {

inline std::size_t key_hash(std::int64_t key) {
    // Multiplying by an odd constant near 2^64 / golden ratio spreads neighbouring numbers; the high bits are the mixed
    // ones.
    const std::uint64_t mixed = static_cast<std::uint64_t>(key) * 0x9E3779B97F4A7C15U;
    return static_cast<std::size_t>(mixed ^ (mixed >> 32));
}
inline std::size_t key_hash(std::string_view key) {
    return std::hash<std::string_view>{}(key);
}

inline std::size_t key_hash(const std::pair<std::int32_t, std::int64_t>& key) {
    return key_hash(key.second ^ (std::int64_t{key.first} << 40));
}

/// Distinct keys in their order of appearance, in a hash table with open addressing that is at most half full.
template <class Key>
class KeyTable {
  public:
    KeyTable() : slots_(1024, -1) {}

    /// The number of the key, which is added where it is new.
    std::int32_t number(const Key& key) {
        const std::size_t hash = key_hash(key);
        std::size_t slot = hash & (slots_.size() - 1);
        while (slots_[slot] >= 0) {
            const auto key_number = static_cast<std::size_t>(slots_[slot]);
            if (hashes_[key_number] == hash && keys_[key_number] == key) return slots_[slot];
            slot = (slot + 1) & (slots_.size() - 1);
        }
        if (keys_.size() >= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
            throw InputError("more than 2^31 - 1 distinct customers; codes have 32 bits");
        }
        const auto added = static_cast<std::int32_t>(keys_.size());
        slots_[slot] = added;
        keys_.push_back(key);
        hashes_.push_back(hash);
        if (2 * keys_.size() > slots_.size()) grow();
        return added;
    }
    [[nodiscard]] const std::vector<Key>& keys() const { return keys_; }

  private:
    void grow() {
        slots_.assign(2 * slots_.size(), -1);
        for (std::size_t k = 0; k < keys_.size(); ++k) {
            std::size_t slot = hashes_[k] & (slots_.size() - 1);
            while (slots_[slot] >= 0) slot = (slot + 1) & (slots_.size() - 1);
            slots_[slot] = static_cast<std::int32_t>(k);
        }
    }

    std::vector<std::int32_t> slots_;  ///< Number of the key, -1 where free.
    std::vector<Key> keys_;
    std::vector<std::size_t> hashes_;
};

}  // namespace custfolio::detail
