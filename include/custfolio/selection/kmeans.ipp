// Definition of k-means: starting centres, then rounds with bounds on distances.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/random.hpp"
#include "custfolio/selection/kmeans.hpp"

namespace custfolio {
namespace detail {

/// Customers as rows, with the loops over them.
struct KMeansRows {
    static constexpr std::size_t grain = 4096;
    static constexpr double infinite = std::numeric_limits<double>::infinity();

    std::span<const double> values;
    std::size_t columns = 0;
    unsigned threads = 0;
    const math::Pulse* pulse = nullptr;

    [[nodiscard]] std::size_t count() const { return values.size() / columns; }
    [[nodiscard]] const double* row(std::size_t i) const { return values.data() + i * columns; }
    [[nodiscard]] double squared_distance(const double* a, const double* b) const {
        double sum = 0;
        for (std::size_t j = 0; j < columns; ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
        return sum;
    }
    /// Sums `add(row, sums)` over all rows, in an order that does not depend on threads.
    template <class Add>
    [[nodiscard]] std::vector<double> sums(std::size_t size, const Add& add) const {
        // The pulse is called by the thread that made the call, before it begins.
        if (*pulse) (*pulse)();
        return math::parallel_reduce(
            std::size_t{0}, count(), grain, threads, std::vector<double>(size),
            [&](std::size_t begin, std::size_t end) {
                std::vector<double> part(size);
                for (std::size_t i = begin; i < end; ++i) add(i, part);
                return part;
            },
            [](std::vector<double> left, const std::vector<double>& right) {
                for (std::size_t j = 0; j < left.size(); ++j) left[j] += right[j];
                return left;
            });
    }
};

/// Draws rows in proportion to their weight.
class WeightedDraw {
  public:
    explicit WeightedDraw(std::span<const double> weight) : weight_(weight) {
        double sum = 0;
        for (std::size_t i = 0; i < weight.size(); ++i) {
            sum += weight[i];
            if ((i + 1) % step == 0 || i + 1 == weight.size()) below_.push_back(sum);
        }
    }
    [[nodiscard]] double total() const { return below_.back(); }
    [[nodiscard]] std::size_t at(double share) const {
        const double wanted = share * total();
        const auto block = static_cast<std::size_t>(
            std::min(std::upper_bound(below_.begin(), below_.end(), wanted), below_.end() - 1) - below_.begin());
        double sum = block == 0 ? 0.0 : below_[block - 1];
        std::size_t row = block * step;
        for (std::size_t i = row; i < std::min(weight_.size(), (block + 1) * step); ++i) {
            if (weight_[i] == 0) continue;
            row = i;  // the last one where rounding leaves a rest
            sum += weight_[i];
            if (sum > wanted) break;
        }
        return row;
    }

  private:
    static constexpr std::size_t step = 1024;
    std::span<const double> weight_;
    std::vector<double> below_;
};

/// k centres by greedy k-means++.
CUSTFOLIO_INLINE Matrix drawn_centres(const KMeansRows& rows, std::size_t k, std::uint64_t seed, std::uint64_t start) {
    const std::size_t candidates = 2 + static_cast<std::size_t>(std::log(static_cast<double>(k)));
    Matrix centres(k, rows.columns);
    std::uint64_t drawn = 0;
    const auto first =
        static_cast<std::size_t>(math::uniform(seed, start, drawn++) * static_cast<double>(rows.count()));
    std::copy_n(rows.row(std::min(first, rows.count() - 1)), rows.columns, centres.row(0).data());
    std::vector<double> nearest(rows.count());
    const auto shrink = [&](const double* centre, bool fresh) {
        math::parallel_for(0, rows.count(), KMeansRows::grain, rows.threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) {
                const double distance = rows.squared_distance(rows.row(i), centre);
                nearest[i] = fresh ? distance : std::min(nearest[i], distance);
            }
        });
    };
    shrink(centres.row(0).data(), true);
    for (std::size_t c = 1; c < k; ++c) {
        const WeightedDraw draw(nearest);
        if (!std::isfinite(draw.total())) {
            throw InputError("k-means: squared distances exceed the range of a double; use larger units");
        }
        if (draw.total() == 0) {
            throw InputError("k-means: k is " + std::to_string(k) + ", and there are " + std::to_string(c) +
                             " distinct customers; k can be at most that");
        }
        std::vector<std::size_t> candidate(candidates);
        for (std::size_t& one : candidate) one = draw.at(math::uniform(seed, start, drawn++));
        const std::vector<double> rest = rows.sums(candidates, [&](std::size_t i, std::vector<double>& part) {
            for (std::size_t a = 0; a < candidates; ++a) {
                part[a] += std::min(nearest[i], rows.squared_distance(rows.row(i), rows.row(candidate[a])));
            }
        });
        const auto best = static_cast<std::size_t>(std::min_element(rest.begin(), rest.end()) - rest.begin());
        std::copy_n(rows.row(candidate[best]), rows.columns, centres.row(c).data());
        shrink(centres.row(c).data(), false);
    }
    return centres;
}

/// One search: rounds of assignment and new means. Bounds on distances spare most of them (Hamerly 2010).
class KMeansSearch {
  public:
    KMeansSearch(const KMeansRows& rows, Matrix centres)
        : rows_(rows),
          centres_(std::move(centres)),
          label_(rows.count()),
          to_own_(rows.count(), KMeansRows::infinite),
          to_other_(rows.count()) {}

    /// @param least_move a sum of squared moves of the centres at which the search ends.
    KMeans run(int most_rounds, double least_move, bool drawn) {
        KMeans result;
        while (result.rounds < most_rounds && !result.converged) {
            const std::vector<double> sums = assign();
            ++result.rounds;
            const bool settled = result.rounds > 1 && sums.back() == 0;
            // Without changes the means are those of the round before.
            result.converged = settled || move(sums) <= least_move;
        }
        finish(result, drawn);
        return result;
    }

  private:
    [[nodiscard]] std::size_t k() const { return centres_.rows(); }
    [[nodiscard]] double distance(std::size_t i, std::size_t centre) const {
        return std::sqrt(rows_.squared_distance(rows_.row(i), centres_.row(centre).data()));
    }

    /// Assigns every row to its nearest centre. @return sums of columns per group, sizes of groups, number of changes.
    std::vector<double> assign() {
        std::vector<double> half_gap(k(), KMeansRows::infinite);
        for (std::size_t a = 0; a < k(); ++a) {
            for (std::size_t b = 0; b < k(); ++b) {
                if (a == b) continue;
                const double gap = std::sqrt(rows_.squared_distance(centres_.row(a).data(), centres_.row(b).data()));
                half_gap[a] = std::min(half_gap[a], 0.5 * gap);
            }
        }
        const std::size_t sizes = k() * rows_.columns;
        return rows_.sums(sizes + k() + 1, [&](std::size_t i, std::vector<double>& part) {
            const std::int32_t before = label_[i];
            const double enough = std::max(half_gap[static_cast<std::size_t>(before)], to_other_[i]);
            if (to_own_[i] > enough) {
                to_own_[i] = distance(i, static_cast<std::size_t>(before));
                if (to_own_[i] > enough) search(i);
            }
            const auto group = static_cast<std::size_t>(label_[i]);
            const double* row = rows_.row(i);
            for (std::size_t j = 0; j < rows_.columns; ++j) part[group * rows_.columns + j] += row[j];
            part[sizes + group] += 1;
            part.back() += label_[i] != before ? 1 : 0;
        });
    }

    /// Finds the nearest centre of a row, and the distance of the next one.
    void search(std::size_t i) {
        double nearest = KMeansRows::infinite;
        double next = KMeansRows::infinite;
        for (std::size_t c = 0; c < k(); ++c) {
            const double distance = rows_.squared_distance(rows_.row(i), centres_.row(c).data());
            if (distance < nearest) {
                next = nearest;
                nearest = distance;
                label_[i] = static_cast<std::int32_t>(c);
            } else {
                next = std::min(next, distance);
            }
        }
        to_own_[i] = std::sqrt(nearest);
        to_other_[i] = std::sqrt(next);
    }

    /// Moves the centres to the means. @return the sum of their squared moves.
    double move(const std::vector<double>& sums) {
        const std::size_t sizes = k() * rows_.columns;
        Matrix moved = centres_;
        bool lost = false;
        for (std::size_t c = 0; c < k(); ++c) {
            if (sums[sizes + c] == 0) {
                lost = true;
                continue;
            }
            for (std::size_t j = 0; j < rows_.columns; ++j) {
                moved(c, j) = sums[c * rows_.columns + j] / sums[sizes + c];
            }
        }
        if (lost) {
            refill(moved, sums);
            return KMeansRows::infinite;
        }
        std::vector<double> way(k());
        double squares = 0;
        std::size_t farthest = 0;
        for (std::size_t c = 0; c < k(); ++c) {
            const double square = rows_.squared_distance(moved.row(c).data(), centres_.row(c).data());
            squares += square;
            way[c] = std::sqrt(square);
            if (way[c] > way[farthest]) farthest = c;
        }
        double second = 0;
        for (std::size_t c = 0; c < k(); ++c) {
            if (c != farthest) second = std::max(second, way[c]);
        }
        math::parallel_for(0, rows_.count(), KMeansRows::grain, rows_.threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) {
                const auto group = static_cast<std::size_t>(label_[i]);
                to_own_[i] += way[group];
                to_other_[i] -= group == farthest ? second : way[farthest];
            }
        });
        centres_ = std::move(moved);
        return squares;
    }

    /// Puts the centres of groups without rows at the rows that are farthest from their own.
    void refill(Matrix& moved, const std::vector<double>& sums) {
        centres_ = moved;
        std::vector<double> square(rows_.count());
        for (std::size_t i = 0; i < square.size(); ++i) {
            square[i] = rows_.squared_distance(rows_.row(i), centres_.row(static_cast<std::size_t>(label_[i])).data());
        }
        for (std::size_t c = 0; c < k(); ++c) {
            if (sums[k() * rows_.columns + c] != 0) continue;
            const auto far = static_cast<std::size_t>(std::max_element(square.begin(), square.end()) - square.begin());
            if (square[far] == 0) {
                throw InputError("k-means: k is " + std::to_string(k()) +
                                 ", and there are fewer distinct customers; k can be at most their number");
            }
            std::copy_n(rows_.row(far), rows_.columns, centres_.row(c).data());
            // A row that equals the new centre is at 0 from now on.
            for (std::size_t i = 0; i < square.size(); ++i) {
                square[i] = std::min(square[i], rows_.squared_distance(rows_.row(i), centres_.row(c).data()));
            }
        }
        std::fill(to_own_.begin(), to_own_.end(), KMeansRows::infinite);
        std::fill(to_other_.begin(), to_other_.end(), 0.0);
    }

    /// Labels by the final centres, which are put in order where they were drawn, and the inertia.
    void finish(KMeans& result, bool drawn) {
        std::vector<std::size_t> order(k());
        std::iota(order.begin(), order.end(), std::size_t{0});
        const auto before = [&](std::size_t a, std::size_t b) {
            const auto left = centres_.row(a);
            const auto right = centres_.row(b);
            return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end());
        };
        if (drawn) std::sort(order.begin(), order.end(), before);
        result.centres = Matrix(k(), rows_.columns);
        for (std::size_t c = 0; c < k(); ++c) {
            std::copy_n(centres_.row(order[c]).data(), rows_.columns, result.centres.row(c).data());
        }
        centres_ = result.centres;
        std::vector<double> sums = rows_.sums(k() + 1, [&](std::size_t i, std::vector<double>& part) {
            search(i);
            part[static_cast<std::size_t>(label_[i])] += 1;
            part.back() += to_own_[i] * to_own_[i];
        });
        result.inertia = sums.back();
        sums.pop_back();
        result.size = std::move(sums);
        result.labels = std::move(label_);
    }

    KMeansRows rows_;
    Matrix centres_;
    std::vector<std::int32_t> label_;
    std::vector<double> to_own_;    ///< At least the distance to the row's own centre.
    std::vector<double> to_other_;  ///< At most the distance to any other.
};

CUSTFOLIO_INLINE void require_kmeans(std::span<const double> values, std::size_t columns, int k,
                                     const KMeansOptions& options) {
    if (columns == 0 || values.size() % columns != 0) {
        throw InputError("k-means: " + std::to_string(values.size()) + " values do not fill rows of " +
                         std::to_string(columns) + " columns");
    }
    const std::size_t rows = values.size() / columns;
    if (k < 1 || static_cast<std::size_t>(k) > rows) {
        throw InputError("k-means: k is " + std::to_string(k) + "; it must be from 1 to " + std::to_string(rows) +
                         ", the number of customers");
    }
    if (options.starts < 1 || options.most_rounds < 1) {
        throw InputError("k-means: starts is " + std::to_string(options.starts) + " and most_rounds " +
                         std::to_string(options.most_rounds) + "; both must be at least 1");
    }
    if (!(options.tolerance >= 0 && std::isfinite(options.tolerance))) {
        throw InputError("k-means: tolerance is " + number_text(options.tolerance) + "; it must be 0 or more");
    }
    const auto check = [columns](std::span<const double> of, const std::string& what) {
        for (std::size_t i = 0; i < of.size(); ++i) {
            if (std::isfinite(of[i])) continue;
            require_finite(of[i], "k-means: " + what + " " + std::to_string(i / columns + 1) + ", column " +
                                      std::to_string(i % columns + 1));
        }
    };
    check(values, "row");
    check(options.centres.values(), "centre");
    const Matrix& centres = options.centres;
    if (!centres.empty() && (centres.rows() != static_cast<std::size_t>(k) || centres.cols() != columns)) {
        throw InputError("k-means: the centres have " + std::to_string(centres.rows()) + " rows and " +
                         std::to_string(centres.cols()) + " columns; they must have " + std::to_string(k) + " and " +
                         std::to_string(columns));
    }
}

}  // namespace detail

CUSTFOLIO_INLINE KMeans kmeans(std::span<const double> values, std::size_t columns, int k,
                               const KMeansOptions& options) {
    detail::require_kmeans(values, columns, k, options);
    const detail::KMeansRows rows{values, columns, options.threads, &options.pulse};
    const auto count = static_cast<double>(rows.count());
    std::vector<double> mean = rows.sums(columns, [&](std::size_t i, std::vector<double>& part) {
        for (std::size_t j = 0; j < columns; ++j) part[j] += rows.row(i)[j];
    });
    for (double& one : mean) one /= count;
    const double squares = rows.sums(1, [&](std::size_t i, std::vector<double>& part) {
        part[0] += rows.squared_distance(rows.row(i), mean.data());
    })[0];
    const double least_move = options.tolerance * squares / (count * static_cast<double>(columns));
    KMeans best;
    const bool given = !options.centres.empty();
    for (int start = 0; start < (given ? 1 : options.starts); ++start) {
        Matrix centres = given ? options.centres
                               : detail::drawn_centres(rows, static_cast<std::size_t>(k), options.seed,
                                                       static_cast<std::uint64_t>(start));
        KMeans clusters = detail::KMeansSearch(rows, std::move(centres)).run(options.most_rounds, least_move, !given);
        if (start == 0 || clusters.inertia < best.inertia) best = std::move(clusters);
    }
    if (!std::isfinite(best.inertia)) {
        throw InputError("k-means: squared distances exceed the range of a double; use larger units");
    }
    return best;
}

}  // namespace custfolio
