// Definitions of the rounding in two hierarchies.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <unordered_map>
#include <utility>

#include "custfolio/budget/controlled_rounding.hpp"
#include "custfolio/budget/controlled_rounding.ipp"
#include "custfolio/budget/detail/thresholds.hpp"
#include "custfolio/budget/nested_rounding.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

namespace detail {

/// A flow of fractions through a network whose nodes have equal flow in and out, except whole units. No node has a
/// single fractional edge, so every fractional edge lies on a cycle; moving the flow around it keeps every node's
/// balance, until an edge of it is whole.
class FractionFlow {
  public:
    static constexpr std::int64_t one = FractionTable::one;

    /// @param nodes number of nodes. @param edges number of edges that will be added.
    FractionFlow(std::size_t nodes, std::size_t edges) : nodes_(nodes) { edges_.reserve(edges); }

    /// Edges towards the leaves are added after those towards the root: walks use the last ones first, which keeps
    /// cycles short, and searches the first ones.
    std::size_t add(std::size_t tail, std::size_t head, std::int64_t fraction) {
        edges_.push_back({static_cast<Index>(tail), static_cast<Index>(head), fraction});
        return edges_.size() - 1;
    }

    /// To be called once, after the last edge was added.
    void connect() {
        // Links of all nodes in one array: counted first, then placed.
        for (const Edge& edge : edges_) {
            if (!edge.is_fraction()) continue;
            ++nodes_[edge.tail].end;
            ++nodes_[edge.head].end;
        }
        Index links = 0;
        for (Node& node : nodes_) {
            const Index edges = node.end;
            node.begin = node.end = links;
            links += edges;
        }
        links_.resize(links);
        for (Index edge = 0; edge < edges_.size(); ++edge) {
            if (!edges_[edge].is_fraction()) continue;
            links_[nodes_[edges_[edge].tail].end++] = edge;
            links_[nodes_[edges_[edge].head].end++] = edge;
        }
    }

    [[nodiscard]] bool raised(std::size_t edge) const { return edges_[edge].value == one; }

    /// Moves one edge to the nearer of 0 and 1; to the other where those before it leave no choice.
    void settle(std::size_t edge) {
        const bool up = 2 * edges_[edge].value >= one;
        while (edges_[edge].is_fraction()) {
            find_cycle(static_cast<Index>(edge));
            const Room most = room(cycle_);
            move(cycle_, up ? most.up : -most.down);
        }
    }

    /// Makes all edges whole.
    void settle_all() {
        for (Index start = 0; start < nodes_.size(); ++start) {
            while (has_other(start, none)) walk(start);
        }
    }

  private:
    using Index = std::uint32_t;
    static constexpr Index none = static_cast<Index>(-1);
    struct Edge {
        Index tail;
        Index head;
        std::int64_t value;
        [[nodiscard]] bool is_fraction() const { return value > 0 && value < one; }
    };
    struct Arc {
        Index edge;
        bool forward;
    };

    /// Brings a fractional edge other than `not_this` to the end of the node's links, and drops whole ones there; false
    /// where there is none.
    bool has_other(Index node, Index not_this) {
        const Index begin = nodes_[node].begin;
        Index& end = nodes_[node].end;
        // Whole edges are dropped only when they are met, so that each is looked at once.
        while (end > begin && !edges_[links_[end - 1]].is_fraction()) --end;
        if (end == begin) return false;
        if (links_[end - 1] != not_this) return true;
        while (end - begin > 1 && !edges_[links_[end - 2]].is_fraction()) {
            --end;
            links_[end - 1] = not_this;
        }
        if (end - begin == 1) return false;
        std::swap(links_[end - 2], links_[end - 1]);
        return true;
    }

    /// Finds a cycle that begins with an edge. From the edge's head it follows the flow as long as possible: down one
    /// tree, and up the other to the root. The search is depth first and visits each node once.
    void find_cycle(Index edge) {
        ++search_;
        cycle_.assign(1, {edge, true});
        nodes_[edges_[edge].head].seen = search_;
        stack_.assign(1, {edges_[edge].head, nodes_[edges_[edge].head].begin, false});
        while (!stack_.empty()) {
            Visit& visit = stack_.back();
            const Index node = visit.node;
            if (visit.next == nodes_[node].end) {
                if (visit.turned) {
                    stack_.pop_back();
                    cycle_.pop_back();
                    continue;
                }
                visit.next = nodes_[node].begin;
                visit.turned = true;
                continue;
            }
            const Index link = links_[visit.next++];
            const Edge& step = edges_[link];
            const bool forward = step.tail == node;
            if ((forward == cycle_.back().forward) == visit.turned || link == edge || !step.is_fraction()) continue;
            const Index next = forward ? step.head : step.tail;
            if (nodes_[next].seen == search_) continue;
            nodes_[next].seen = search_;
            cycle_.push_back({link, forward});
            if (next == edges_[edge].tail) return;
            stack_.push_back({next, nodes_[next].begin, false});
        }
        throw NumericalError("nested rounding found no cycle: sums of groups are not whole");
    }

    /// Most that arcs can move along the first one's direction, and against it.
    struct Room {
        std::int64_t up = one;
        std::int64_t down = one;
    };
    [[nodiscard]] Room room(std::span<const Arc> arcs) const {
        Room most;
        for (const Arc& arc : arcs) {
            const std::int64_t value = edges_[arc.edge].value;
            most.up = std::min(most.up, arc.forward ? one - value : value);
            most.down = std::min(most.down, arc.forward ? value : one - value);
        }
        return most;
    }

    void move(std::span<const Arc> arcs, std::int64_t step) {
        for (const Arc& arc : arcs) edges_[arc.edge].value += arc.forward ? step : -step;
    }

    /// Walks fractional edges from a node, moving every cycle that closes the cheapest way.
    void walk(Index start) {
        path_.clear();
        walked_.assign(1, start);
        nodes_[start].place = 0;
        while (true) {
            const Index node = walked_.back();
            if (!has_other(node, path_.empty() ? none : path_.back().edge)) break;
            const Index edge = links_[nodes_[node].end - 1];
            const bool forward = edges_[edge].tail == node;
            const Index next = forward ? edges_[edge].head : edges_[edge].tail;
            path_.push_back({edge, forward});
            const Index place = nodes_[next].place;
            if (place == none) {
                nodes_[next].place = static_cast<Index>(walked_.size());
                walked_.push_back(next);
                continue;
            }
            const std::span<const Arc> cycle{path_.data() + place, path_.size() - place};
            const Room most = room(cycle);
            move(cycle, most.up <= most.down ? most.up : -most.down);
            // Back to before the first edge that is whole now.
            std::size_t before = place;
            while (edges_[path_[before].edge].is_fraction()) ++before;
            path_.resize(before);
            while (walked_.size() > before + 1) {
                nodes_[walked_.back()].place = none;
                walked_.pop_back();
            }
        }
        for (const Index node : walked_) nodes_[node].place = none;
        if (!path_.empty()) throw NumericalError("nested rounding met a dead end: sums of groups are not whole");
    }

    struct Visit {
        Index node;
        Index next;   ///< The link that is looked at next.
        bool turned;  ///< Whether it now looks at edges against the way that it came by.
    };

    struct Node {
        Index begin = 0;  ///< Its links: fractional edges, and whole ones not yet dropped.
        Index end = 0;
        Index seen = 0;      ///< The last search that reached it.
        Index place = none;  ///< Its position on the walk.
    };

    std::vector<Edge> edges_;
    std::vector<Node> nodes_;
    std::vector<Index> links_;
    std::vector<Index> walked_;
    std::vector<Visit> stack_;
    std::vector<Arc> path_;
    std::vector<Arc> cycle_;
    Index search_ = 0;
};

/// A hierarchy of groups: parents come before their children, and node 0 contains all.
struct GroupTree {
    std::vector<std::size_t> parent{0};
    std::vector<std::size_t> of_line;  ///< The innermost group of each line.
};

/// Numbers the different pairs of a group and a code from 0, in the order of their first line.
CUSTFOLIO_INLINE std::size_t number_pairs(std::span<const std::size_t> group, std::size_t groups,
                                          std::span<const std::int32_t> codes, std::vector<std::size_t>& number) {
    constexpr std::size_t none = static_cast<std::size_t>(-1);
    number.resize(codes.size());
    std::size_t count = 0;
    const auto [least, most] = std::minmax_element(codes.begin(), codes.end());
    const std::size_t width = codes.empty() ? 1 : static_cast<std::size_t>(std::int64_t{*most} - *least) + 1;
    // A table is fast where all pairs fit in it; else pairs are hashed.
    if (width <= most_pairs / std::max<std::size_t>(groups, 1)) {
        std::vector<std::size_t> table(groups * width, none);
        for (std::size_t line = 0; line < codes.size(); ++line) {
            const auto code = static_cast<std::size_t>(std::int64_t{codes[line]} - *least);
            std::size_t& entry = table[group[line] * width + code];
            if (entry == none) entry = count++;
            number[line] = entry;
        }
        return count;
    }
    std::unordered_map<std::uint64_t, std::size_t> numbers;
    for (std::size_t line = 0; line < codes.size(); ++line) {
        const std::uint64_t key =
            (static_cast<std::uint64_t>(group[line]) << 32U) | static_cast<std::uint32_t>(codes[line]);
        const auto [entry, is_new] = numbers.try_emplace(key, count);
        if (is_new) ++count;
        number[line] = entry->second;
    }
    return count;
}

CUSTFOLIO_INLINE std::size_t group_count(const LineLevels& levels, std::size_t lines) {
    std::vector<std::size_t> group(lines, 0);
    std::vector<std::size_t> next;
    std::size_t groups = 1;
    for (const std::vector<std::int32_t>& codes : levels) {
        groups = number_pairs(group, groups, codes, next);
        group.swap(next);
    }
    return groups;
}

CUSTFOLIO_INLINE void check_levels(const LineLevels& levels, std::size_t lines, const std::string& name) {
    for (std::size_t level = 0; level < levels.size(); ++level) {
        if (levels[level].size() != lines) {
            throw InputError("level " + std::to_string(level) + " of the " + name + " hierarchy has " +
                             std::to_string(levels[level].size()) + " codes for " + std::to_string(lines) + " lines");
        }
    }
}

CUSTFOLIO_INLINE GroupTree group_tree(const LineLevels& levels, std::size_t lines) {
    GroupTree tree;
    std::vector<std::size_t> group(lines, 0);  // within the level, from 0
    std::vector<std::size_t> next;
    std::size_t groups = 1;
    std::size_t begin = 0;  // the level's first node
    for (std::size_t level = 0; level < levels.size(); ++level) {
        const std::size_t count = number_pairs(group, groups, levels[level], next);
        if (count <= groups) continue;  // it splits no group
        const std::size_t first = tree.parent.size();
        tree.parent.resize(first + count);
        for (std::size_t line = 0; line < lines; ++line) tree.parent[first + next[line]] = begin + group[line];
        group.swap(next);
        groups = count;
        begin = first;
    }
    tree.of_line = std::move(group);
    for (std::size_t& node : tree.of_line) node += begin;
    return tree;
}

/// Sums of the fractions of the lines of a tree's groups.
CUSTFOLIO_INLINE std::vector<std::int64_t> group_sums(const GroupTree& tree, const std::vector<SplitAmount>& lines) {
    std::vector<std::int64_t> sums(tree.parent.size(), 0);
    for (std::size_t line = 0; line < lines.size(); ++line) sums[tree.of_line[line]] += lines[line].fraction;
    // Children come after their parents, so backwards every sum is complete when it is passed on.
    for (std::size_t node = sums.size(); node-- > 1;) sums[tree.parent[node]] += sums[node];
    return sums;
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<std::int64_t> round_nested(std::span<const double> amounts, const LineLevels& first,
                                                        const LineLevels& second, const Currency& currency) {
    constexpr std::int64_t one = detail::FractionFlow::one;
    if (amounts.size() > detail::most_rounded) {
        throw InputError(std::to_string(amounts.size()) + " lines; at most " + std::to_string(detail::most_rounded) +
                         " can be rounded");
    }
    detail::check_levels(first, amounts.size(), "first");
    detail::check_levels(second, amounts.size(), "second");
    const double units_per_one = std::round(1 / currency.unit());
    std::vector<detail::SplitAmount> split(amounts.size());
    double size = 0;
    for (std::size_t line = 0; line < amounts.size(); ++line) {
        if (!std::isfinite(amounts[line])) require_finite(amounts[line], "amount " + std::to_string(line));
        size += std::abs(amounts[line]) * units_per_one;
        if (!(size < detail::exact_units)) {
            throw InputError("amount " + std::to_string(line) + " is " + number_text(amounts[line]) +
                             ": amounts up to it add up to more than 2^53 units of " + number_text(currency.unit()) +
                             ", beyond what is exact");
            // Splitting an amount needs its units to be exact.
        }
        split[line] = detail::split_amount(amounts[line], units_per_one);
    }
    std::vector<std::int64_t> units(amounts.size());
    for (std::size_t line = 0; line < units.size(); ++line) units[line] = split[line].units;
    const auto whole = [](const detail::SplitAmount& amount) { return amount.fraction == 0; };
    if (detail::all_of(split, whole)) return units;  // rounded before
    const detail::GroupTree down = detail::group_tree(first, amounts.size());
    const detail::GroupTree up = detail::group_tree(second, amounts.size());
    const std::vector<std::int64_t> down_sums = detail::group_sums(down, split);
    const std::vector<std::int64_t> up_sums = detail::group_sums(up, split);

    // From the whole down the first tree to the lines, up the second tree, and back to the whole.
    const std::size_t offset = down.parent.size();
    detail::FractionFlow flow(offset + up.parent.size(), offset + up.parent.size() + split.size());
    // The edge of the grand total closes every path to a cycle.
    const std::size_t total = flow.add(offset, 0, down_sums[0] % one);
    std::vector<std::size_t> important;
    for (std::size_t node = 1; node < up.parent.size(); ++node) {
        const std::size_t edge = flow.add(offset + node, offset + up.parent[node], up_sums[node] % one);
        if (up.parent[node] == 0) important.push_back(edge);
    }
    for (std::size_t node = 1; node < down.parent.size(); ++node) {
        const std::size_t edge = flow.add(down.parent[node], node, down_sums[node] % one);
        if (down.parent[node] == 0) important.push_back(edge);
    }
    const std::size_t lines_from = offset + up.parent.size() - 1;
    for (std::size_t line = 0; line < split.size(); ++line) {
        flow.add(down.of_line[line], offset + up.of_line[line], split[line].fraction);
    }
    flow.connect();
    flow.settle(total);
    // The outermost groups to their nearest unit where that is possible; each search may take as long as there are
    // lines.
    if (important.size() * amounts.size() <= detail::most_settled) {
        for (const std::size_t edge : important) flow.settle(edge);
    }
    flow.settle_all();
    for (std::size_t line = 0; line < units.size(); ++line) units[line] += flow.raised(lines_from + line) ? 1 : 0;
    return units;
}

}  // namespace custfolio
