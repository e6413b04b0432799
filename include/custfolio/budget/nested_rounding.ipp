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
#include "custfolio/budget/nested_rounding.hpp"
#include "custfolio/config.hpp"
#include "custfolio/portfolio/errors.hpp"

namespace custfolio {

namespace detail {

/// A flow of fractions through a network whose nodes take in what they give out but for whole units. No node has a
/// single fractional edge, so every fractional edge lies on a cycle; moving the flow around it keeps every node's
/// balance, until an edge of it is whole.
class FractionFlow {
  public:
    static constexpr std::int64_t one = FractionTable::one;

    explicit FractionFlow(std::size_t nodes) : edges_of_(nodes), seen_(nodes, 0), from_(nodes), place_(nodes, none) {}

    /// Edges towards the leaves should be added after those towards the root: walks take the last ones first, which
    /// keeps cycles short.
    std::size_t add(std::size_t tail, std::size_t head, std::int64_t fraction) {
        tail_.push_back(tail);
        head_.push_back(head);
        value_.push_back(fraction);
        const std::size_t edge = value_.size() - 1;
        if (is_fraction(edge)) {
            edges_of_[tail].push_back(edge);
            edges_of_[head].push_back(edge);
        }
        return edge;
    }

    [[nodiscard]] bool raised(std::size_t edge) const { return value_[edge] == one; }

    /// Moves one edge to the nearer of 0 and 1; to the other where those before it leave no choice.
    void settle(std::size_t edge) {
        const bool up = 2 * value_[edge] >= one;
        while (is_fraction(edge)) {
            cycle_.assign(1, {edge, true});
            find_path(head_[edge], tail_[edge], edge);
            push(up);
        }
    }

    /// Makes all edges whole.
    void settle_all() {
        for (std::size_t start = 0; start < edges_of_.size(); ++start) {
            while (has_other(start, none)) walk(start);
        }
    }

  private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    struct Arc {
        std::size_t edge;
        bool forward;
    };

    [[nodiscard]] bool is_fraction(std::size_t edge) const { return value_[edge] > 0 && value_[edge] < one; }

    /// Brings a fractional edge other than `not_this` to the end of the node's list; false where there is none.
    bool has_other(std::size_t node, std::size_t not_this) {
        auto& edges = edges_of_[node];
        const auto drop_whole = [&] {
            while (!edges.empty() && !is_fraction(edges.back())) edges.pop_back();
        };
        drop_whole();
        if (edges.empty()) return false;
        if (edges.back() != not_this) return true;
        edges.pop_back();
        drop_whole();
        const bool found = !edges.empty();
        edges.insert(found ? edges.end() - 1 : edges.end(), not_this);
        return found;
    }

    /// Breadth-first from one node to another without an edge; appends the path to cycle_.
    void find_path(std::size_t begin, std::size_t end, std::size_t without) {
        ++search_;
        queue_.assign(1, begin);
        seen_[begin] = search_;
        for (std::size_t at = 0; at < queue_.size() && seen_[end] != search_; ++at) {
            const std::size_t node = queue_[at];
            std::erase_if(edges_of_[node], [&](std::size_t edge) { return !is_fraction(edge); });
            for (const std::size_t edge : edges_of_[node]) {
                if (edge == without) continue;
                const std::size_t next = head_[edge] == node ? tail_[edge] : head_[edge];
                if (seen_[next] == search_) continue;
                seen_[next] = search_;
                from_[next] = edge;
                queue_.push_back(next);
            }
        }
        if (seen_[end] != search_) throw NumericalError("nested rounding found no cycle: sums of groups are not whole");
        const std::size_t first = cycle_.size();
        for (std::size_t node = end; node != begin;) {
            const std::size_t edge = from_[node];
            cycle_.push_back({edge, head_[edge] == node});
            node = head_[edge] == node ? tail_[edge] : head_[edge];
        }
        std::reverse(cycle_.begin() + static_cast<std::ptrdiff_t>(first), cycle_.end());
    }

    /// Most that the cycle can move along its first arc's direction, or against it.
    [[nodiscard]] std::int64_t room(bool up) const {
        std::int64_t step = one;
        for (const Arc& arc : cycle_) {
            step = std::min(step, arc.forward == up ? one - value_[arc.edge] : value_[arc.edge]);
        }
        return step;
    }

    void push(bool up) {
        const std::int64_t step = room(up);
        for (const Arc& arc : cycle_) value_[arc.edge] += arc.forward == up ? step : -step;
    }

    /// Walks fractional edges from a node, pushing every cycle that closes the way that moves it least.
    void walk(std::size_t start) {
        path_.clear();
        nodes_.assign(1, start);
        place_[start] = 0;
        while (true) {
            const std::size_t node = nodes_.back();
            if (!has_other(node, path_.empty() ? none : path_.back().edge)) break;
            const std::size_t edge = edges_of_[node].back();
            const std::size_t next = head_[edge] == node ? tail_[edge] : head_[edge];
            path_.push_back({edge, head_[edge] == next});
            if (place_[next] == none) {
                place_[next] = nodes_.size();
                nodes_.push_back(next);
                continue;
            }
            const auto begin = static_cast<std::ptrdiff_t>(place_[next]);
            cycle_.assign(path_.begin() + begin, path_.end());
            push(room(true) <= room(false));
            // Back to before the first edge that is whole now.
            std::size_t kept = place_[next];
            while (is_fraction(path_[kept].edge)) ++kept;
            path_.resize(kept);
            while (nodes_.size() > kept + 1) {
                place_[nodes_.back()] = none;
                nodes_.pop_back();
            }
        }
        for (const std::size_t node : nodes_) place_[node] = none;
        if (!path_.empty()) throw NumericalError("nested rounding met a dead end: sums of groups are not whole");
    }

    std::vector<std::size_t> tail_;
    std::vector<std::size_t> head_;
    std::vector<std::int64_t> value_;
    std::vector<std::vector<std::size_t>> edges_of_;  // fractional edges, and whole ones not yet dropped
    std::vector<std::size_t> seen_;
    std::vector<std::size_t> from_;   // the edge by which a search reached a node
    std::vector<std::size_t> place_;  // the position of a node on the walk
    std::vector<std::size_t> queue_;
    std::vector<std::size_t> nodes_;
    std::vector<Arc> path_;
    std::vector<Arc> cycle_;
    std::size_t search_ = 0;
};

/// A hierarchy of groups: parents come before their children, and node 0 holds everything.
struct GroupTree {
    std::vector<std::size_t> parent{0};
    std::vector<std::size_t> of_line;  ///< The innermost group of each line.
};

/// Numbers the different pairs of a group and a code from 0, in the order of their first line.
CUSTFOLIO_INLINE std::size_t number_pairs(std::span<const std::size_t> group, std::size_t groups,
                                          std::span<const std::int32_t> codes, std::vector<std::size_t>& number) {
    constexpr std::size_t most_dense = std::size_t{1} << 22;
    constexpr std::size_t none = static_cast<std::size_t>(-1);
    number.resize(codes.size());
    std::size_t count = 0;
    const auto [least, most] = std::minmax_element(codes.begin(), codes.end());
    const std::size_t width = codes.empty() ? 1 : static_cast<std::size_t>(std::int64_t{*most} - *least) + 1;
    if (width <= most_dense / std::max<std::size_t>(groups, 1)) {
        std::vector<std::size_t> table(groups * width, none);
        for (std::size_t line = 0; line < codes.size(); ++line) {
            const auto code = static_cast<std::size_t>(std::int64_t{codes[line]} - *least);
            std::size_t& entry = table[group[line] * width + code];
            if (entry == none) entry = count++;
            number[line] = entry;
        }
        return count;
    }
    std::unordered_map<std::uint64_t, std::size_t> found;
    for (std::size_t line = 0; line < codes.size(); ++line) {
        const std::uint64_t key =
            (static_cast<std::uint64_t>(group[line]) << 32U) | static_cast<std::uint32_t>(codes[line]);
        const auto [entry, is_new] = found.try_emplace(key, count);
        if (is_new) ++count;
        number[line] = entry->second;
    }
    return count;
}

CUSTFOLIO_INLINE GroupTree group_tree(const LineLevels& levels, std::size_t lines, const std::string& name) {
    GroupTree tree;
    std::vector<std::size_t> group(lines, 0);  // within the level, from 0
    std::vector<std::size_t> next;
    std::size_t groups = 1;
    std::size_t begin = 0;  // the level's first node
    for (std::size_t level = 0; level < levels.size(); ++level) {
        if (levels[level].size() != lines) {
            throw InputError("level " + std::to_string(level) + " of the " + name + " hierarchy has " +
                             std::to_string(levels[level].size()) + " codes for " + std::to_string(lines) + " lines");
        }
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

/// What a tree's groups hold: sums of the fractions of their lines.
CUSTFOLIO_INLINE std::vector<std::int64_t> group_sums(const GroupTree& tree, std::span<const SplitAmount> lines) {
    std::vector<std::int64_t> sums(tree.parent.size(), 0);
    for (std::size_t line = 0; line < lines.size(); ++line) sums[tree.of_line[line]] += lines[line].fraction;
    for (std::size_t node = sums.size(); node-- > 1;) sums[tree.parent[node]] += sums[node];
    return sums;
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<std::int64_t> round_nested(std::span<const double> amounts, const LineLevels& first,
                                                        const LineLevels& second, const Currency& currency) {
    constexpr double exact = 9007199254740992.0;  // 2^53: above it a double no longer holds every unit
    constexpr std::size_t most_lines = std::size_t{1} << 22;
    constexpr std::size_t most_settled = std::size_t{1} << 22;
    constexpr std::int64_t one = detail::FractionFlow::one;
    if (amounts.size() > most_lines) {
        throw InputError(std::to_string(amounts.size()) + " lines; at most " + std::to_string(most_lines) +
                         " can be rounded");
    }
    const double units_per_one = std::round(1 / currency.unit());
    std::vector<detail::SplitAmount> split(amounts.size());
    double size = 0;
    for (std::size_t line = 0; line < amounts.size(); ++line) {
        if (!std::isfinite(amounts[line])) require_finite(amounts[line], "amount " + std::to_string(line));
        size += std::abs(amounts[line]) * units_per_one;
        if (!(size < exact)) {
            throw InputError("amount " + std::to_string(line) + " is " + number_text(amounts[line]) +
                             ": amounts up to it add up to more than 2^53 units of " + number_text(currency.unit()) +
                             ", beyond what is exact");
        }
        split[line] = detail::split_amount(amounts[line], units_per_one);
    }
    const detail::GroupTree down = detail::group_tree(first, amounts.size(), "first");
    const detail::GroupTree up = detail::group_tree(second, amounts.size(), "second");
    const std::vector<std::int64_t> down_sums = detail::group_sums(down, split);
    const std::vector<std::int64_t> up_sums = detail::group_sums(up, split);

    // From the whole down the first tree to the lines, up the second tree, and back to the whole.
    const std::size_t offset = down.parent.size();
    detail::FractionFlow flow(offset + up.parent.size());
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
    flow.settle(total);
    // The outermost groups to their nearest unit where that is possible; each search may take as long as there are
    // lines.
    if (important.size() * amounts.size() <= most_settled) {
        for (const std::size_t edge : important) flow.settle(edge);
    }
    flow.settle_all();
    std::vector<std::int64_t> units(amounts.size());
    for (std::size_t line = 0; line < units.size(); ++line) {
        units[line] = split[line].units + (flow.raised(lines_from + line) ? 1 : 0);
    }
    return units;
}

}  // namespace custfolio
