// The sums that a forecast of action plans keeps, so that the same question is not answered from nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "custfolio/distribution/independent_sum.hpp"
#include "custfolio/growth/plan_graph.hpp"

namespace custfolio::detail {

/// The sum of all graphs' amounts in a span of months, and the graphs that it was made of.
struct KeptSum {
    PlanQuestion question{};
    SumOptions options{};
    std::vector<std::shared_ptr<const PlanGraph>> graphs{};
    std::vector<char> simulated{};
    IndependentSum sum;

    [[nodiscard]] bool answers(const PlanQuestion& asked, const SumOptions& lattice) const {
        return question.first == asked.first && question.last == asked.last && question.payoff == asked.payoff &&
               options.step == lattice.step && options.unit == lattice.unit && options.points == lattice.points &&
               options.trimmed == lattice.trimmed && options.share == lattice.share;
    }
};

/// The sums that were asked for last.
class KeptSums {
  public:
    using Pointer = std::shared_ptr<const KeptSum>;

    KeptSums() = default;
    explicit KeptSums(std::vector<Pointer> sums) : sums_(std::move(sums)) {}
    [[nodiscard]] std::vector<Pointer> all() const {
        const std::scoped_lock lock(mutex_);
        return sums_;
    }
    [[nodiscard]] Pointer find(const PlanQuestion& question, const SumOptions& options) const {
        const std::scoped_lock lock(mutex_);
        const auto found = std::ranges::find_if(sums_, [&](const Pointer& s) { return s->answers(question, options); });
        return found == sums_.end() ? nullptr : *found;
    }
    void keep(Pointer sum) {
        const std::scoped_lock lock(mutex_);
        std::erase_if(sums_, [&](const Pointer& s) { return s->answers(sum->question, sum->options); });
        sums_.insert(sums_.begin(), std::move(sum));
        std::size_t bytes = 0;
        const auto full = std::ranges::find_if(
            sums_, [&](const Pointer& s) { return (bytes += s->sum.memory()) > (std::size_t{1} << 28); });
        sums_.erase(full, sums_.end());
    }

  private:
    mutable std::mutex mutex_;
    std::vector<Pointer> sums_;  // the latest first
};

}  // namespace custfolio::detail
