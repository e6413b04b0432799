// A vector whose memory comes from a resource such as a buffer on the stack.
#pragma once

#include <cstddef>
#include <memory_resource>
#include <vector>

namespace custfolio::detail {

/// Allocates from a memory resource. In contrast to std::pmr::polymorphic_allocator it does not pass itself on to the
/// elements: for each type of element that costs g++ 2 MB.
template <class T>
class ResourceAllocator {
  public:
    using value_type = T;

    ResourceAllocator(std::pmr::memory_resource* memory = std::pmr::get_default_resource()) : memory_(memory) {}
    template <class Other>
    ResourceAllocator(const ResourceAllocator<Other>& other) : memory_(other.memory()) {}

    [[nodiscard]] std::pmr::memory_resource* memory() const { return memory_; }
    [[nodiscard]] T* allocate(std::size_t count) {
        return static_cast<T*>(memory_->allocate(count * sizeof(T), alignof(T)));
    }
    void deallocate(T* values, std::size_t count) { memory_->deallocate(values, count * sizeof(T), alignof(T)); }
    friend bool operator==(const ResourceAllocator& a, const ResourceAllocator& b) {
        return a.memory_ == b.memory_ || a.memory_->is_equal(*b.memory_);
    }

  private:
    std::pmr::memory_resource* memory_;
};

template <class T>
using ResourceVector = std::vector<T, ResourceAllocator<T>>;

}  // namespace custfolio::detail
