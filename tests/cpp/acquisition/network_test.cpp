// Tests of the warmth through a network: against a dense solution, of the best path and of referral value.
#include "custfolio/acquisition/network.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/linear.hpp"
#include "custfolio/math/matrix.hpp"
#include "custfolio/math/random.hpp"

using custfolio::introductions;
using custfolio::network_warmth;
using custfolio::NetworkEdges;
using custfolio::referral_value;

namespace {

struct EdgeList {
    std::vector<std::int64_t> source, target;
    std::vector<double> weight;

    [[nodiscard]] NetworkEdges view() const { return {source, target, weight}; }
};

/// Random edges with repetitions, self-loops, edges without weight, and nodes without edges out.
EdgeList random_edges(std::uint64_t seed, std::size_t nodes, std::size_t count) {
    EdgeList edges;
    for (std::size_t e = 0; e < count; ++e) {
        const auto node = [&](std::uint64_t stream) {
            return static_cast<std::int64_t>(custfolio::math::uniform(seed, stream, e) * static_cast<double>(nodes));
        };
        edges.source.push_back(node(0) * 2 / 3);  // the last third has no edges out
        edges.target.push_back(e % 9 == 0 ? edges.source.back() : node(1));
        edges.weight.push_back(e % 7 == 0 ? 0.0 : custfolio::math::uniform(seed, 2, e));
    }
    return edges;
}

/// The stationary walk by inversion of I - damping (P + dangling seed)'.
std::vector<double> dense_walk(const EdgeList& edges, const std::vector<double>& seed, double damping) {
    const std::size_t nodes = seed.size();
    double total = 0;
    for (const double value : seed) total += std::max(value, 0.0);
    std::vector<double> out(nodes);
    for (std::size_t e = 0; e < edges.source.size(); ++e) {
        out[static_cast<std::size_t>(edges.source[e])] += edges.weight[e];
    }
    custfolio::Matrix walk(nodes, nodes);
    for (std::size_t e = 0; e < edges.source.size(); ++e) {
        const auto from = static_cast<std::size_t>(edges.source[e]);
        if (out[from] > 0)
            walk(static_cast<std::size_t>(edges.target[e]), from) -= damping * edges.weight[e] / out[from];
    }
    std::vector<double> start(nodes);
    for (std::size_t i = 0; i < nodes; ++i) start[i] = std::max(seed[i], 0.0) / total;
    for (std::size_t from = 0; from < nodes; ++from) {
        if (out[from] == 0) {
            for (std::size_t to = 0; to < nodes; ++to) walk(to, from) -= damping * start[to];
        }
        walk(from, from) += 1;
    }
    REQUIRE(custfolio::math::invert(walk));
    std::vector<double> share(nodes);
    for (std::size_t i = 0; i < nodes; ++i) share[i] = (1 - damping) * custfolio::math::dot(walk.row(i), start);
    return share;
}

}  // namespace

TEST_CASE("network warmth is the stationary walk of a dense solution, within its tolerance") {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        const std::size_t nodes = 5 + 7 * seed;
        const EdgeList edges = random_edges(seed, nodes, nodes * (seed % 4));
        std::vector<double> heat;
        for (std::size_t i = 0; i < nodes; ++i) heat.push_back(100 * custfolio::math::uniform(seed, 9, i) - 60);
        heat[0] = 5;
        for (const double damping : {0.0, 0.5, 0.85, 0.999}) {
            const std::vector<double> exact = dense_walk(edges, heat, damping);
            for (const double tolerance : {1e-2, 1e-6, 1e-12}) {
                const std::vector<double> share = network_warmth(edges.view(), heat, damping, tolerance);
                double error = 0;
                double sum = 0;
                for (std::size_t i = 0; i < nodes; ++i) {
                    error += std::abs(share[i] - exact[i]);
                    sum += share[i];
                }
                CHECK(error <= tolerance + 1e-12);
                CHECK(sum == doctest::Approx(1));
            }
        }
    }
}

TEST_CASE("a network of self-loops leaves the warmth at the seed") {
    const EdgeList loops{{0, 1, 2}, {0, 1, 2}, {1, 2, 3}};
    const std::vector<double> heat{3, 1, -5};
    const std::vector<double> share = network_warmth(loops.view(), heat);
    CHECK(share[0] == doctest::Approx(0.75));
    CHECK(share[1] == doctest::Approx(0.25));
    CHECK(share[2] == 0);
    CHECK(network_warmth({}, heat) == std::vector<double>{0.75, 0.25, 0});
    CHECK(network_warmth({}, {}).empty());
    const std::vector<double> cold{-1, 0};
    CHECK(network_warmth({}, cold) == std::vector<double>{0, 0});
    const std::vector<double> huge{1e308, 1e308};
    CHECK(network_warmth({}, huge) == std::vector<double>{0.5, 0.5});
}

TEST_CASE("the best path has the largest product of shares among all simple paths") {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const std::size_t nodes = 7;
        const EdgeList edges = random_edges(seed + 40, nodes, 14);
        std::vector<double> out(nodes), heat(nodes);
        custfolio::Matrix together(nodes, nodes);  // repeated edges add
        heat[seed % 3] = 10;
        heat[3] = seed % 2 == 0 ? 4 : -1;
        for (std::size_t e = 0; e < edges.source.size(); ++e) {
            const auto from = static_cast<std::size_t>(edges.source[e]);
            out[from] += edges.weight[e];
            together(from, static_cast<std::size_t>(edges.target[e])) += edges.weight[e];
        }
        // Every step of Bellman and Ford allows one more edge.
        std::vector<double> best(nodes);
        for (std::size_t i = 0; i < nodes; ++i) best[i] = heat[i] > 0 ? 1 : 0;
        for (std::size_t step = 0; step < nodes; ++step) {
            for (std::size_t from = 0; from < nodes; ++from) {
                for (std::size_t to = 0; to < nodes && out[from] > 0; ++to) {
                    best[to] = std::max(best[to], best[from] * 0.85 * (together(from, to) / out[from]));
                }
            }
        }
        const custfolio::Introductions found = introductions(edges.view(), heat);
        for (std::size_t i = 0; i < nodes; ++i) {
            CHECK(found.strength[i] == doctest::Approx(best[i]));
            const std::vector<std::int64_t> path = found.path(i);
            CHECK(path.empty() == (best[i] == 0));
            if (path.empty()) continue;
            CHECK(path.front() == found.introducer[i]);
            CHECK(path.back() == static_cast<std::int64_t>(i));
            CHECK(heat[static_cast<std::size_t>(path.front())] > 0);
        }
    }
}

TEST_CASE("repeated edges are one introduction") {
    const EdgeList twice{{0, 0}, {1, 1}, {1, 1}};
    const std::vector<double> heat{1, 0};
    CHECK(introductions(twice.view(), heat).strength[1] == doctest::Approx(0.85));
}

TEST_CASE("referral value shares what was brought among the introducers") {
    const EdgeList edges{{0, 1, 0, 2}, {2, 2, 3, 2}, {3, 1, 5, 9}};
    const std::vector<double> heat{10, 10, 80, -20};
    CHECK(referral_value(edges.view(), heat) == std::vector<double>{60 - 20, 20, 0, 0});
}

TEST_CASE("who brought more by introductions is more interesting") {
    const std::vector<double> value{40, 0, 10, -5, 10, 20};
    CHECK(custfolio::referral_interest(value) == std::vector<double>{1, 0, 0.5, 0, 0.5, 0.75});
    CHECK(custfolio::referral_interest({}).empty());
    const std::vector<double> bad{std::numeric_limits<double>::infinity()};
    CHECK_THROWS_AS(custfolio::referral_interest(bad), custfolio::InputError);
}

TEST_CASE("bad edges, seeds and options are named") {
    const std::vector<double> heat{1, 1};
    const std::vector<double> missing{1, std::numeric_limits<double>::quiet_NaN()};
    const std::vector<std::int64_t> zero{0}, two{2}, less{-1};
    const std::vector<double> minus{-1.0};
    CHECK_THROWS_WITH_AS(network_warmth({zero, two, {}}, heat),
                         "edge at position 0: target is 2; nodes are numbered from 0 to 1", custfolio::InputError);
    CHECK_THROWS_AS(network_warmth({less, zero, {}}, heat), custfolio::InputError);
    CHECK_THROWS_WITH_AS(network_warmth({zero, zero, minus}, heat),
                         "edge at position 0: weight is -1; it must be a number of 0 or more", custfolio::InputError);
    CHECK_THROWS_AS(network_warmth({zero, {}, {}}, heat), custfolio::InputError);
    CHECK_THROWS_WITH_AS(network_warmth({}, missing), "node at position 1: seed is nan; a finite number is needed",
                         custfolio::InputError);
    for (const double bad : {-0.1, 1.0, std::numeric_limits<double>::quiet_NaN()}) {
        CHECK_THROWS_AS(network_warmth({}, heat, bad), custfolio::InputError);
        CHECK_THROWS_AS(introductions({}, heat, bad), custfolio::InputError);
    }
    CHECK_THROWS_AS(network_warmth({}, heat, 0.85, 0), custfolio::InputError);
}
