// Definitions of kernel sums over a tree.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>

#include "custfolio/acquisition/detail/warmth_tree.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/geography.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE double squared_distance(const SpacePoint& a, const SpacePoint& b) {
    const double x = a[0] - b[0];
    const double y = a[1] - b[1];
    const double z = a[2] - b[2];
    return x * x + y * y + z * z;
}

CUSTFOLIO_INLINE PointTree::PointTree(std::span<const SpacePoint> at, std::span<const double> weight,
                                      std::size_t leaf_size)
    : index(at.size()) {
    std::iota(index.begin(), index.end(), std::size_t{0});
    if (!at.empty()) split(0, at.size(), leaf_size, at, weight);
    points.reserve(at.size());
    weights.reserve(at.size());
    for (const std::size_t i : index) {
        points.push_back(at[i]);
        weights.push_back(weight[i]);
    }
}

CUSTFOLIO_INLINE void PointTree::split(std::size_t begin, std::size_t end, std::size_t leaf_size,
                                       std::span<const SpacePoint> at, std::span<const double> weight) {
    Node node{.begin = begin, .end = end};
    SpacePoint low = at[index[begin]];
    SpacePoint high = low;
    for (std::size_t k = begin; k < end; ++k) {
        const SpacePoint& point = at[index[k]];
        node.weight += weight[index[k]];
        for (std::size_t axis = 0; axis < 3; ++axis) {
            node.centre[axis] += weight[index[k]] * point[axis];
            low[axis] = std::min(low[axis], point[axis]);
            high[axis] = std::max(high[axis], point[axis]);
        }
    }
    std::size_t widest = 0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        // Rounding never moves the mean out of the box: equal points have no spread.
        node.centre[axis] = std::clamp(node.centre[axis] / node.weight, low[axis], high[axis]);
        if (high[axis] - low[axis] > high[widest] - low[widest]) widest = axis;
    }
    for (std::size_t k = begin; k < end; ++k) {
        const double apart = squared_distance(at[index[k]], node.centre);
        node.spread += weight[index[k]] * apart;
        node.radius = std::max(node.radius, std::sqrt(apart));
    }
    const std::size_t place = nodes.size();
    nodes.push_back(node);
    if (end - begin <= leaf_size || node.radius == 0) return;
    const std::size_t middle = begin + (end - begin) / 2;
    const auto first = index.begin();
    const auto at_offset = [&](std::size_t k) { return first + static_cast<std::ptrdiff_t>(k); };
    // Ties go by position, so that the order depends on the input alone.
    std::nth_element(at_offset(begin), at_offset(middle), at_offset(end), [&](std::size_t a, std::size_t b) {
        return std::pair(at[a][widest], a) < std::pair(at[b][widest], b);
    });
    split(begin, middle, leaf_size, at, weight);
    nodes[place].second = nodes.size();
    split(middle, end, leaf_size, at, weight);
}

/// Points of a list as columns, so that the compiler forms several distances at once.
struct KernelPoints {
    std::vector<double> x, y, z, weight;

    void clear() {
        for (std::vector<double>* column : {&x, &y, &z, &weight}) column->clear();
    }
    void add(const SpacePoint& point, double amount) {
        x.push_back(point[0]);
        y.push_back(point[1]);
        z.push_back(point[2]);
        weight.push_back(amount);
    }
};

/// More than the error of a sum with short series: each term is off by 8e-9 of its exponent, below 708, and by 8e-9.
inline constexpr double coarse_error = 2e-5;

/// The value of a polynomial by its coefficients, the highest first.
template <std::size_t Size>
double horner(const std::array<double, Size>& terms, double at) {
    double sum = 0;
    for (const double term : terms) sum = sum * at + term;
    return sum;
}

/// exp(-t) for t >= 0, within two units in the last place, without branches; 0 from 708 on. Where it is coarse, its
/// relative error is below 8e-9.
template <bool Coarse>
double falling_exponential(double t) {
    constexpr double log2_e = 1.4426950408889634074;
    constexpr double ln2_high = 6.93147180369123816490e-01;
    constexpr double ln2_low = 1.90821492927058770002e-10;
    constexpr double shift = 6755399441055744.0;  // 1.5 x 2^52: the last bits of the sum are a whole number
    const double bounded = t < 708.0 ? t : 708.0;
    const double shifted = bounded * log2_e + shift;
    const double whole = shifted - shift;
    const double r = (whole * ln2_high - bounded) + whole * ln2_low;
    constexpr std::array fine{1.0 / 6227020800.0,
                              1.0 / 479001600.0,
                              1.0 / 39916800.0,
                              1.0 / 3628800.0,
                              1.0 / 362880.0,
                              1.0 / 40320.0,
                              1.0 / 5040.0,
                              1.0 / 720.0,
                              1.0 / 120.0,
                              1.0 / 24.0,
                              1.0 / 6.0,
                              0.5,
                              1.0,
                              1.0};
    constexpr std::array coarse{1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0};
    const double sum = Coarse ? horner(coarse, r) : horner(fine, r);
    // The whole number is taken off the exponent.
    const auto bits = std::bit_cast<std::uint64_t>(sum) - (std::bit_cast<std::uint64_t>(shifted) << 52U);
    return t < 708.0 ? std::bit_cast<double>(bits) : 0.0;
}

/// Angle of a chord below 0.3, in radians: the series of 2 asin(chord / 2) to full precision. Where it is coarse, its
/// relative error is below 8e-9.
template <bool Coarse>
double small_angle(double squared_chord) {
    constexpr std::array fine{12155.0 / 1245184.0, 6435.0 / 557056.0, 143.0 / 10240.0, 231.0 / 13312.0, 63.0 / 2816.0,
                              35.0 / 1152.0,       5.0 / 112.0,       3.0 / 40.0,      1.0 / 6.0,       1.0};
    constexpr std::array coarse{5.0 / 112.0, 3.0 / 40.0, 1.0 / 6.0, 1.0};
    const double u = 0.25 * squared_chord;
    return std::sqrt(squared_chord) * (Coarse ? horner(coarse, u) : horner(fine, u));
}

/// A kernel exp(-sharpness x angle) on the unit sphere, and its bounds along chords.
struct SphereKernel {
    double sharpness;  ///< Earth's radius / bandwidth.
    static constexpr double near_chord2 = 0.09;

    [[nodiscard]] double at(double squared_chord) const {
        const double half = std::min(1.0, 0.5 * std::sqrt(squared_chord));
        return std::exp(-sharpness * 2.0 * std::asin(half));
    }

    /// Most that a node's kernel sum differs from its value at the centre, for chords in [least, most].
    [[nodiscard]] double error(const PointTree::Node& node, double least, double most) const {
        const double largest = at(least * least);
        double bound = node.weight * largest;
        if (node.radius == 0) return 0.0;
        if (most >= 1.99) return bound;
        const double part = 1.0 - 0.25 * most * most;
        const double slope = sharpness / std::sqrt(part);
        const double bend = sharpness * 0.25 * most / (part * std::sqrt(part));
        bound = std::min(bound, std::sqrt(node.weight * node.spread) * slope * largest);
        if (least > 0) {
            const double curvature = std::max({slope * slope, bend, slope / least});
            bound = std::min(bound, 0.5 * node.spread * curvature * largest);
        }
        return bound;
    }

    template <bool Coarse>
    [[nodiscard]] double sum_near(const KernelPoints& list, const SpacePoint& place) const {
        constexpr std::size_t width = 64;
        std::array<double, width> terms{};
        std::array<double, 4> sums{};
        const std::size_t count = list.x.size();
        for (std::size_t first = 0; first < count; first += width) {
            const std::size_t size = std::min(width, count - first);
            const double* x = list.x.data() + first;
            const double* y = list.y.data() + first;
            const double* z = list.z.data() + first;
            const double* weight = list.weight.data() + first;
            for (std::size_t k = 0; k < size; ++k) {
                const double a = x[k] - place[0];
                const double b = y[k] - place[1];
                const double c = z[k] - place[2];
                terms[k] =
                    weight[k] * falling_exponential<Coarse>(sharpness * small_angle<Coarse>(a * a + b * b + c * c));
            }
            for (std::size_t k = 0; k < size; ++k) sums[k % 4] += terms[k];
        }
        return (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }

    [[nodiscard]] double sum_far(const KernelPoints& list, const SpacePoint& place) const {
        double sum = 0;
        for (std::size_t k = 0; k < list.x.size(); ++k) {
            sum += list.weight[k] * at(squared_distance({list.x[k], list.y[k], list.z[k]}, place));
        }
        return sum;
    }
};

/// The list of nodes that stands for all customers at the places of one leaf.
class KernelList {
  public:
    KernelList(const PointTree& customers, SphereKernel kernel, double tolerance)
        : customers_(customers),
          kernel_(kernel),
          coarse_(tolerance > 10 * coarse_error),
          tolerance_(coarse_ ? tolerance - coarse_error : tolerance) {}

    /// Refines the list until its error is within the tolerance at all places of a node.
    void refine(const PointTree::Node& places) {
        open_.clear();
        near_.clear();
        far_.clear();
        exact_ = 0;
        push(0, places);
        double error = open_.front().error;
        double least = open_.front().least;
        std::size_t splits = 0;
        std::size_t next_sum = 16;
        while (!open_.empty() && open_.front().error > 0) {
            if (error <= tolerance_ * least || splits >= next_sum) {
                // Running sums lose digits where large terms leave them, so a fresh sum decides.
                error = 0;
                least = exact_;
                for (const Entry& entry : open_) {
                    error += entry.error;
                    least += entry.least;
                }
                next_sum = 2 * splits + 16;
                // Below the smallest normal number nothing is left to refine.
                if (error <= tolerance_ * least || error < std::numeric_limits<double>::min()) break;
            }
            std::pop_heap(open_.begin(), open_.end());
            const Entry entry = open_.back();
            open_.pop_back();
            ++splits;
            error -= entry.error;
            least -= entry.least;
            const PointTree::Node& node = customers_.nodes[entry.node];
            if (node.second == 0) {
                least += add_points(node, places);
                continue;
            }
            for (const std::size_t child : {entry.node + 1, node.second}) {
                push(child, places);
                error += added_.error;
                least += added_.least;
            }
        }
        for (const Entry& entry : open_) {
            const PointTree::Node& node = customers_.nodes[entry.node];
            list_of(entry.most).add(node.centre, node.weight);
        }
    }

    [[nodiscard]] double sum(const SpacePoint& place) const {
        const double near = coarse_ ? kernel_.sum_near<true>(near_, place) : kernel_.sum_near<false>(near_, place);
        return near + (far_.x.empty() ? 0.0 : kernel_.sum_far(far_, place));
    }

  private:
    struct Entry {
        double error;
        double least;  ///< Lower bound of its kernel sum.
        double most;   ///< Largest chord to a place.
        std::size_t node;
        bool operator<(const Entry& other) const {
            return error != other.error ? error < other.error : node > other.node;
        }
    };

    KernelPoints& list_of(double most) { return most * most < SphereKernel::near_chord2 ? near_ : far_; }

    void push(std::size_t index, const PointTree::Node& places) {
        const PointTree::Node& node = customers_.nodes[index];
        const double apart = std::sqrt(squared_distance(node.centre, places.centre));
        const double reach = places.radius + node.radius;
        // Slightly wider than computed, so that rounding never narrows a bound.
        const double least = std::max(0.0, apart * (1 - 1e-12) - reach * (1 + 1e-12));
        const double most = (apart + reach) * (1 + 1e-12);
        added_ = {kernel_.error(node, least, most), node.weight * kernel_.at(most * most), most, index};
        open_.push_back(added_);
        std::push_heap(open_.begin(), open_.end());
    }

    double add_points(const PointTree::Node& node, const PointTree::Node& places) {
        double least = 0;
        for (std::size_t k = node.begin; k < node.end; ++k) {
            const double apart = std::sqrt(squared_distance(customers_.points[k], places.centre));
            const double most = (apart + places.radius) * (1 + 1e-12);
            least += customers_.weights[k] * kernel_.at(most * most);
            list_of(most).add(customers_.points[k], customers_.weights[k]);
        }
        exact_ += least;
        return least;
    }

    const PointTree& customers_;
    SphereKernel kernel_;
    bool coarse_;  ///< Whether the tolerance allows short series, whose error it then includes.
    double tolerance_;
    std::vector<Entry> open_;
    Entry added_{};
    double exact_ = 0;  ///< Lower bound of the points that count one by one.
    KernelPoints near_;
    KernelPoints far_;
};

CUSTFOLIO_INLINE std::vector<double> kernel_sums(const PointTree& customers, const PointTree& places,
                                                 double bandwidth_km, double tolerance, unsigned threads) {
    std::vector<double> sums(places.points.size());
    if (customers.nodes.empty()) return sums;
    std::vector<std::size_t> leaves;
    for (std::size_t node = 0; node < places.nodes.size(); ++node) {
        if (places.nodes[node].second == 0) leaves.push_back(node);
    }
    const SphereKernel kernel{math::earth_radius_km / bandwidth_km};
    math::parallel_for(0, leaves.size(), 8, threads, [&](std::size_t begin, std::size_t end) {
        KernelList list(customers, kernel, tolerance);
        for (std::size_t leaf = begin; leaf < end; ++leaf) {
            const PointTree::Node& node = places.nodes[leaves[leaf]];
            list.refine(node);
            for (std::size_t k = node.begin; k < node.end; ++k) sums[places.index[k]] = list.sum(places.points[k]);
        }
    });
    return sums;
}

}  // namespace custfolio::detail
