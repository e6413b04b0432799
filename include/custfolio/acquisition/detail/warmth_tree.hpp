// Kernel sums over many customers at many places: a tree on the unit sphere with a bound of the error.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace custfolio::detail {

/// Coordinates of a point in space.
using SpacePoint = std::array<double, 3>;

/// Weighted points in a binary tree of balls: every node has the points of a range, their centre and their spread.
struct PointTree {
    /// The points of one node.
    struct Node {
        std::size_t begin = 0;   ///< First of its points in the tree's order.
        std::size_t end = 0;     ///< One past the last.
        std::size_t second = 0;  ///< Its second child; the first one follows the node. 0: a leaf.
        SpacePoint centre{};     ///< Weighted mean.
        double weight = 0;       ///< Sum of the weights.
        double spread = 0;       ///< Sum of weight x squared distance to the centre.
        double radius = 0;       ///< Largest distance to the centre.
    };
    std::vector<Node> nodes;         ///< The root is the first; empty without points.
    std::vector<std::size_t> index;  ///< Positions of the points in the columns given, in the tree's order.
    std::vector<SpacePoint> points;  ///< In the tree's order.
    std::vector<double> weights;     ///< In the tree's order.

    /// @param at points.
    /// @param weight one per point, > 0.
    /// @param leaf_size most points of a leaf, >= 1. O(n log n).
    PointTree(std::span<const SpacePoint> at, std::span<const double> weight, std::size_t leaf_size);

  private:
    void split(std::size_t begin, std::size_t end, std::size_t leaf_size, std::span<const SpacePoint> at,
               std::span<const double> weight);
};

/// Sums of weight x exp(-distance / bandwidth) over the points of `customers`, at every point of `places`.
///
/// The places of a leaf share one list. It begins with the root of the customers' tree. The node with the largest error
/// is replaced by its children, or a leaf by its points, until the errors of the list sum to at most `tolerance` times
/// a lower bound of the kernel sum. A node counts as one point at its centre. Its error is at most half its spread
/// times the largest second derivative of the kernel over its ball (the first derivative cancels at the mean).
/// @param customers the customers' tree, weights are heats.
/// @param places the places' tree.
/// @param bandwidth_km km, > 0.
/// @param tolerance relative error, > 0.
/// @param threads 0 means all cores; the bits do not depend on it.
/// @return one sum per place, in the order of the columns given.
std::vector<double> kernel_sums(const PointTree& customers, const PointTree& places, double bandwidth_km,
                                double tolerance, unsigned threads);

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/acquisition/detail/warmth_tree.ipp"
#endif
