// Definitions of a sum of independent amounts that can be told anew.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/independent_sum.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::detail {

/// A summand: its amounts above the lowest, and what sums need to know of it.
struct KnownAmount {
    DiscreteAmount above;
    double least = std::numeric_limits<double>::infinity();
    double mean = 0;
    double variance = 0;
    double width = 0;
    double reach = 0;
    math::CommonDivisor divisor{};

    KnownAmount(const DiscreteAmount& summand, double unit) {
        double most = -least;
        math::CompensatedSum centre;
        for (std::size_t k = 0; k < summand.amount.size(); ++k) {
            if (!(summand.probability[k] > 0)) continue;
            centre += summand.probability[k] * summand.amount[k];
            least = std::min(least, summand.amount[k]);
            most = std::max(most, summand.amount[k]);
        }
        mean = centre.value();
        if (most == least) {
            above = {{1}, {0}};
            return;
        }
        above.amount.reserve(summand.amount.size());
        above.probability.reserve(summand.amount.size());
        math::CompensatedSum squares;
        for (std::size_t k = 0; k < summand.amount.size(); ++k) {
            if (!(summand.probability[k] > 0)) continue;
            const double distance = summand.amount[k] - mean;
            squares += summand.probability[k] * distance * distance;
            above.probability.push_back(summand.probability[k]);
            above.amount.push_back(summand.amount[k] - least);
            divisor.add(above.amount.back(), unit);
        }
        variance = squares.value();
        width = most - least;
        reach = std::max(most - mean, mean - least);
    }
};

/// Some summands, next to each other, and what is added up of them.
struct AmountBlock {
    std::vector<KnownAmount> summand;
    double mean = 0;
    double variance = 0;
    double least = 0;
    double width = 0;
    double reach = 0;
    math::CommonDivisor divisor{};

    explicit AmountBlock(std::vector<KnownAmount> summands) : summand(std::move(summands)) {
        math::CompensatedSum means;
        math::CompensatedSum variances;
        math::CompensatedSum lowest;
        for (const KnownAmount& one : summand) {
            means += one.mean;
            variances += one.variance;
            lowest += one.least;
            width += one.width;
            reach = std::max(reach, one.reach);
            divisor.add(one.divisor);
        }
        mean = means.value();
        variance = variances.value();
        least = lowest.value();
    }
};

CUSTFOLIO_INLINE void check_summand(const DiscreteAmount& summand, std::size_t position) {
    const auto where = [&] { return "summand at position " + std::to_string(position); };
    if (summand.amount.empty() || summand.amount.size() != summand.probability.size()) {
        throw InputError(where() + " has " + std::to_string(summand.probability.size()) + " probabilities and " +
                         std::to_string(summand.amount.size()) + " amounts; it must have as many, and at least one");
    }
    math::CompensatedSum total;
    for (std::size_t k = 0; k < summand.amount.size(); ++k) {
        const double p = summand.probability[k];
        const double a = summand.amount[k];
        if (!(p >= 0 && p <= 1)) require_probability(p, where() + ": probability " + std::to_string(k + 1));
        if (!std::isfinite(a)) require_finite(a, where() + ": amount " + std::to_string(k + 1));
        total += p;
    }
    if (!(std::abs(total.value() - 1) <= 1e-9)) {
        throw InputError(where() + ": its probabilities sum to " + number_text(total.value()) + "; they must sum to 1");
    }
}

/// Adds what a sparse sum takes: amounts in steps.
CUSTFOLIO_INLINE void add_columns(const DiscreteAmount& above, double step, math::SparseSummands& columns) {
    for (const double amount : above.amount) columns.position.push_back(amount / step);
    columns.probability.insert(columns.probability.end(), above.probability.begin(), above.probability.end());
    columns.begin.push_back(columns.position.size());
}

}  // namespace custfolio::detail

namespace custfolio {

CUSTFOLIO_INLINE IndependentSum::IndependentSum(std::span<const DiscreteAmount> summands, const SumOptions& options)
    : options_(options), count_(summands.size()) {
    detail::check(options);
    for (std::size_t s = 0; s < summands.size(); ++s) detail::check_summand(summands[s], s);
    together_ = std::max<std::size_t>(16, std::bit_ceil((count_ + 1023) / 1024));
    block_.resize((count_ + together_ - 1) / together_);
    math::parallel_for(0, block_.size(), 16, options.threads, [&](std::size_t b, std::size_t e) {
        for (; b < e; ++b) {
            std::vector<detail::KnownAmount> some;
            some.reserve(together_);
            for (const DiscreteAmount& one :
                 summands.subspan(b * together_, std::min(together_, count_ - b * together_))) {
                some.emplace_back(one, options.unit);
            }
            block_[b] = std::make_shared<const detail::AmountBlock>(std::move(some));
        }
    });
    finish(nullptr, {}, options.threads);
}

CUSTFOLIO_INLINE IndependentSum IndependentSum::replaced(std::span<const std::size_t> index,
                                                         std::span<const DiscreteAmount> with, unsigned threads) const {
    if (index.size() != with.size()) {
        throw InputError("there are " + std::to_string(index.size()) + " positions and " + std::to_string(with.size()) +
                         " amounts; each has one");
    }
    IndependentSum result = *this;
    std::vector<std::size_t> order(index.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t k) { return index[k]; });
    for (std::size_t k = 0; k < order.size();) {
        const std::size_t b = index[order[k]] / together_;
        if (index[order[k]] >= count_) {
            throw InputError("position is " + std::to_string(index[order[k]]) + "; there are " +
                             std::to_string(count_) + " summands");
        }
        std::vector<detail::KnownAmount> some = block_[b]->summand;
        for (; k < order.size() && index[order[k]] / together_ == b && index[order[k]] < count_; ++k) {
            detail::check_summand(with[order[k]], index[order[k]]);
            some[index[order[k]] % together_] = detail::KnownAmount(with[order[k]], options_.unit);
        }
        result.block_[b] = std::make_shared<const detail::AmountBlock>(std::move(some));
    }
    result.finish(this, index, threads);
    return result;
}

CUSTFOLIO_INLINE void IndependentSum::finish(const IndependentSum* before, std::span<const std::size_t> changed,
                                             unsigned threads) {
    math::CompensatedSum mean;
    math::CompensatedSum variance;
    math::CompensatedSum lowest;
    math::CommonDivisor divisor;
    double width = 0;
    double reach = 0;
    for (const auto& block : block_) {
        mean += block->mean;
        variance += block->variance;
        lowest += block->least;
        width += block->width;
        reach = std::max(reach, block->reach);
        divisor.add(block->divisor);
    }
    const double step = detail::lattice_step(divisor, width, variance.value(), reach, options_);
    const math::SumSettings settings{.trim = options_.trimmed, .threads = threads, .share = options_.share};
    math::SparseSummands columns;
    if (before != nullptr && before->sparse_->step() == step) {
        for (const std::size_t i : changed)
            detail::add_columns(block_[i / together_]->summand[i % together_].above, step, columns);
        sparse_ = before->sparse_->replaced(changed, columns, threads);
    } else {
        for (const auto& block : block_) {
            for (const detail::KnownAmount& one : block->summand) detail::add_columns(one.above, step, columns);
        }
        sparse_.emplace(columns, step, settings);
    }
    const double least = lowest.value();
    // Summands are gathered when a small chance is asked for.
    const auto tilting = [blocks = block_, least, step, settings] {
        std::vector<DiscreteAmount> uncertain;
        for (const auto& block : blocks) {
            for (const detail::KnownAmount& one : block->summand) {
                if (one.above.amount.size() > 1) uncertain.push_back(one.above);
            }
        }
        return detail::tilting_of(std::move(uncertain), least, step, settings);
    };
    detail::FewAmounts::Pointer few;
    if (sparse_->distribution().errors().discretisation > 0) {
        std::vector<DiscreteAmount> uncertain{{{1}, {least}}};
        for (const auto& block : block_) {
            for (const detail::KnownAmount& one : block->summand) {
                if (one.above.amount.size() > 1) uncertain.push_back(one.above);
            }
            if (uncertain.size() > 1 + detail::FewAmounts::most_uncertain) break;
        }
        few = detail::FewAmounts::sum(uncertain);
    }
    sum_ = Distribution(math::shifted(sparse_->distribution(), least), mean.value(), variance.value(), options_.unit,
                        detail::tilting_when_asked(tilting), std::move(few));
}

CUSTFOLIO_INLINE std::size_t IndependentSum::memory() const {
    std::size_t bytes = sparse_->memory() + 9 * sum_.size();
    for (const auto& block : block_) {
        bytes += sizeof(detail::AmountBlock);
        for (const detail::KnownAmount& one : block->summand) bytes += sizeof(one) + 16 * one.above.amount.size();
    }
    return bytes;
}

CUSTFOLIO_INLINE Distribution sum_distribution(std::span<const DiscreteAmount> summands, const SumOptions& options) {
    return IndependentSum(summands, options).distribution();
}

}  // namespace custfolio
