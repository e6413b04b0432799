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
    KeyTable() : slots_(1024) {}

    /// The number of the key, which is added where it is new.
    std::int32_t number(const Key& key) {
        const auto hash = static_cast<std::uint32_t>(key_hash(key));
        std::size_t slot = hash & (slots_.size() - 1);
        for (; slots_[slot].number >= 0; slot = next(slot)) {
            // Most other keys differ in their hash: the keys themselves are seldom read.
            if (slots_[slot].hash == hash && keys_[static_cast<std::size_t>(slots_[slot].number)] == key) {
                return slots_[slot].number;
            }
        }
        if (keys_.size() >= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
            throw InputError("more than 2^31 - 1 distinct customers; codes have 32 bits");
        }
        const auto added = static_cast<std::int32_t>(keys_.size());
        slots_[slot] = {hash, added};
        keys_.push_back(key);
        if (2 * keys_.size() > slots_.size()) grow();
        return added;
    }
    [[nodiscard]] const std::vector<Key>& keys() const { return keys_; }
    /// Removes all keys, in time that is linear in their number.
    void clear() {
        for (const Key& key : keys_) {
            // A key is in the run of taken slots from its own on.
            std::size_t slot = static_cast<std::uint32_t>(key_hash(key)) & (slots_.size() - 1);
            for (; slots_[slot].number >= 0; slot = next(slot)) slots_[slot] = {};
        }
        keys_.clear();
    }

  private:
    struct Slot {
        std::uint32_t hash = 0;    ///< Of its key.
        std::int32_t number = -1;  ///< Of its key; -1 where free.
    };

    [[nodiscard]] std::size_t next(std::size_t slot) const { return (slot + 1) & (slots_.size() - 1); }
    void grow() {
        const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(2 * slots_.size()));
        for (const Slot& one : old) {
            if (one.number < 0) continue;
            std::size_t slot = one.hash & (slots_.size() - 1);
            while (slots_[slot].number >= 0) slot = next(slot);
            slots_[slot] = one;
        }
    }

    std::vector<Slot> slots_;
    std::vector<Key> keys_;
};

}  // namespace custfolio::detail
