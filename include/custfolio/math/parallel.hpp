// Threads whose number never changes a result: chunked loops, reductions and sums in a fixed order.
#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio::math {

/**
 * @brief Number of threads to use for a requested number.
 * @param threads requested threads; 0 means all cores of the machine.
 * @return the request, or the number of cores when it is 0; always at least 1.
 */
unsigned resolve_threads(unsigned threads);

/// What a long loop calls now and then from the thread that called it: what it throws ends the loop, as Ctrl-C does.
using Pulse = std::function<void()>;

}  // namespace custfolio::math

namespace custfolio::detail {

/**
 * @brief Runs `chunk(body, 0) ... chunk(body, chunks - 1)`, each once, on up to `threads` threads, the calling thread
 * among them.
 * @param chunks number of chunks.
 * @param threads upper bound on threads; 0 means all cores.
 * @param chunk called with the number of a chunk; must be safe to call from several threads at once. A plain function:
 * a std::function of every loop's lambda would cost a few percent of the time to compile.
 * @param body what `chunk` gets first.
 * @param pulse called before each chunk that the calling thread runs; may be empty.
 * @throws whatever the lowest-numbered failing chunk threw, for any number of threads; chunks after it may not have
 * run. What `pulse` throws counts as that of the chunk it came before.
 */
void run_chunks(std::size_t chunks, unsigned threads, void (*chunk)(const void* body, std::size_t k), const void* body,
                const math::Pulse& pulse = {});

}  // namespace custfolio::detail

namespace custfolio::math {

/**
 * @brief Calls `body(b, e)` over consecutive chunks of `[begin, end)`.
 *
 * Chunk boundaries are `begin + k * grain` and do not depend on `threads`, so a body that writes one result per chunk
 * gives the same bits for any number of threads. One chunk (a small input) runs on the calling thread without starting
 * another.
 * @tparam Body callable as `void(std::size_t, std::size_t)`, safe to call from several threads on different chunks.
 * @param begin first index.
 * @param end one past the last index; a value not above `begin` does nothing.
 * @param grain indices per chunk, at least 1.
 * @param threads upper bound on threads; 0 means all cores.
 * @param body what to do with the half-open range of indices of one chunk.
 * @param pulse called before each chunk that the calling thread runs; may be empty.
 * @throws InputError when `grain` is 0; otherwise what the lowest failing chunk or `pulse` threw.
 */
template <class Body>
void parallel_for(std::size_t begin, std::size_t end, std::size_t grain, unsigned threads, Body&& body,
                  const Pulse& pulse = {}) {
    if (grain == 0) throw InputError("parallel_for: grain is 0, must be at least 1");
    if (end <= begin) return;
    const std::size_t count = end - begin;
    const std::size_t chunks = count / grain + (count % grain != 0);
    if (chunks == 1) {
        body(begin, end);
        return;
    }
    const auto chunk = [&](std::size_t k) {
        const std::size_t b = begin + k * grain;
        body(b, end - b > grain ? b + grain : end);
    };
    const auto call = [](const void* one, std::size_t k) { (*static_cast<decltype(&chunk)>(one))(k); };
    detail::run_chunks(chunks, threads, call, &chunk, pulse);
}

/**
 * @brief Maps chunks of `[begin, end)` to partial results and combines them in a fixed binary tree.
 *
 * Both the chunks and the tree depend on `begin`, `end` and `grain` only: the result has the same bits for any number
 * of threads, also when `combine` is not associative (floating-point sums). All partial results stay in memory until
 * they are combined: choose the grain so that `(end - begin) / grain` of them fit in memory.
 * @tparam T type of a partial result, movable.
 * @tparam Map callable as `T(std::size_t, std::size_t)`.
 * @tparam Combine callable as `T(T, T)`; the left argument covers the lower indices.
 * @param begin first index.
 * @param end one past the last index.
 * @param grain indices per chunk, at least 1.
 * @param threads upper bound on threads; 0 means all cores.
 * @param identity result of an empty range.
 * @param map partial result of one half-open range of indices.
 * @param combine partial result of two neighbouring ranges.
 * @return the combined result.
 * @throws InputError when `grain` is 0; otherwise what the lowest failing chunk or `combine` threw.
 */
template <class T, class Map, class Combine>
T parallel_reduce(std::size_t begin, std::size_t end, std::size_t grain, unsigned threads, T identity, Map&& map,
                  Combine&& combine) {
    if (grain == 0) throw InputError("parallel_reduce: grain is 0, must be at least 1");
    if (end <= begin) return identity;
    const std::size_t count = end - begin;
    std::vector<std::optional<T>> partial(count / grain + (count % grain != 0));
    parallel_for(begin, end, grain, threads,
                 [&](std::size_t b, std::size_t e) { partial[(b - begin) / grain].emplace(map(b, e)); });
    for (std::size_t width = 1; width < partial.size(); width *= 2) {
        for (std::size_t k = 0; k + width < partial.size(); k += 2 * width) {
            partial[k].emplace(combine(std::move(*partial[k]), std::move(*partial[k + width])));
            partial[k + width].reset();
        }
    }
    return std::move(*partial[0]);
}

/**
 * @brief Running sum that carries its own rounding error.
 *
 * The result is within about one unit in the last place of the exact sum as long as the sum of absolute values times `n
 * u^2` is small against it (u = 2^-53). An infinite or NaN addend gives an infinite or NaN sum. Must not be compiled
 * with -ffast-math. Not safe to change from several threads at once.
 * @see A. Neumaier (1974), Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, ZAMM 54.
 */
class CompensatedSum {
  public:
    /**
     * @brief Starts at a value.
     * @param value first addend.
     */
    explicit CompensatedSum(double value = 0.0) : sum_(value) {}

    /**
     * @brief Adds a number.
     * @param value the addend.
     * @return this sum.
     */
    CompensatedSum& operator+=(double value) {
        const double total = sum_ + value;
        const double shadow = total - sum_;
        correction_ += (sum_ - (total - shadow)) + (value - shadow);
        sum_ = total;
        return *this;
    }

    /**
     * @brief Adds another sum with its correction.
     * @param other the other sum.
     * @return this sum.
     */
    CompensatedSum& operator+=(const CompensatedSum& other) {
        *this += other.sum_;
        correction_ += other.correction_;
        return *this;
    }

    /**
     * @brief The corrected sum.
     * @return sum of all that was added.
     */
    double value() const { return std::isfinite(correction_) ? sum_ + correction_ : sum_; }

  private:
    double sum_ = 0.0;
    double correction_ = 0.0;
};

/**
 * @brief Compensated sum of a column, same bits for any number of threads.
 * @param values the column; may be empty (sum 0). Infinite and NaN values give an infinite or NaN sum.
 * @param threads upper bound on threads; 0 means all cores. Columns of up to 16 384 values stay on the calling thread.
 * @return the sum, to about one unit in the last place (see CompensatedSum).
 */
double deterministic_sum(std::span<const double> values, unsigned threads = 0);

}  // namespace custfolio::math

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/parallel.ipp"
#endif
