// Definitions of the parallel loop's engine and of the deterministic sum.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>

#include "custfolio/math/parallel.hpp"

namespace custfolio::math {

CUSTFOLIO_INLINE unsigned resolve_threads(unsigned threads) {
    return threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace custfolio::math

namespace custfolio::detail {

CUSTFOLIO_INLINE void run_chunks(std::size_t chunks, unsigned threads, void (*chunk)(const void* body, std::size_t k),
                                 const void* body, const math::Pulse& pulse) {
    const std::size_t workers = std::min<std::size_t>(math::resolve_threads(threads), chunks);
    if (workers <= 1) {
        for (std::size_t k = 0; k < chunks; ++k) {
            if (pulse) pulse();
            chunk(body, k);
        }
        return;
    }
    // Chunks are claimed in increasing order, and a claimed chunk always runs. So the lowest failing chunk is always
    // among those that ran. Which exception is reported does not depend on timing.
    std::atomic<std::size_t> next{0};
    std::atomic<bool> failed{false};
    std::mutex guard;
    std::size_t lowest = std::numeric_limits<std::size_t>::max();
    std::exception_ptr error;
    const auto work = [&](bool calling) {
        while (!failed.load(std::memory_order_relaxed)) {
            const std::size_t k = next.fetch_add(1, std::memory_order_relaxed);
            if (k >= chunks) return;
            try {
                if (calling && pulse) pulse();
                chunk(body, k);
            } catch (...) {
                const std::lock_guard lock(guard);
                if (k < lowest) {
                    lowest = k;
                    error = std::current_exception();
                }
                failed.store(true, std::memory_order_relaxed);
            }
        }
    };
    {
        std::vector<std::jthread> pool;
        pool.reserve(workers - 1);
        try {
            while (pool.size() + 1 < workers) pool.emplace_back(work, false);
        } catch (const std::system_error&) {
            // The system gives no more threads: those that started and this one do the work.
        }
        work(true);
    }
    if (error) std::rethrow_exception(error);
}

}  // namespace custfolio::detail

namespace custfolio::math {

CUSTFOLIO_INLINE double deterministic_sum(std::span<const double> values, unsigned threads) {
    constexpr std::size_t block = 16384;
    return parallel_reduce(
               0, values.size(), block, threads, CompensatedSum{},
               [&](std::size_t b, std::size_t e) {
                   // Four independent lanes keep the processor busy; their order is fixed.
                   std::array<CompensatedSum, 4> lane;
                   std::size_t i = b;
                   for (; i + 4 <= e; i += 4)
                       for (std::size_t l = 0; l < 4; ++l) lane[l] += values[i + l];
                   for (; i < e; ++i) lane[0] += values[i];
                   lane[0] += lane[1];
                   lane[2] += lane[3];
                   lane[0] += lane[2];
                   return lane[0];
               },
               [](CompensatedSum left, const CompensatedSum& right) { return left += right; })
        .value();
}

}  // namespace custfolio::math
