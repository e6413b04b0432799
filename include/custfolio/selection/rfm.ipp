// Definitions of the RFM scores.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/selection/rfm.hpp"

namespace custfolio {
namespace detail {

using RfmValues = std::array<std::span<const double>, 3>;

CUSTFOLIO_INLINE void require_rfm(const RfmValues& values) {
    if (values[0].empty()) throw InputError("rfm: there is no customer; scores need at least one");
    for (std::size_t m = 0; m < values.size(); ++m) {
        const std::string name(rfm_measures[m]);
        if (values[m].size() != values[0].size()) {
            throw InputError("rfm: " + name + " has " + std::to_string(values[m].size()) + " values and recency " +
                             std::to_string(values[0].size()) + "; there must be one each per customer");
        }
        for (std::size_t i = 0; i < values[m].size(); ++i) {
            if (!std::isfinite(values[m][i])) {
                require_finite(values[m][i], "rfm: " + name + ", value " + std::to_string(i + 1));
            }
        }
    }
}

CUSTFOLIO_INLINE RfmScores scores_of(const RfmValues& values, RfmCuts cuts) {
    RfmScores result;
    for (std::size_t m = 0; m < values.size(); ++m) {
        const std::vector<double>& cut = cuts[m];
        std::vector<std::size_t> count(cut.size() + 1);
        result.score[m].reserve(values[m].size());
        for (const double value : values[m]) {
            const auto below = static_cast<std::size_t>(std::lower_bound(cut.begin(), cut.end(), value) - cut.begin());
            const std::size_t bin = m == 0 ? cut.size() - below : below;  // few days are the best
            ++count[bin];
            result.score[m].push_back(static_cast<std::int32_t>(bin + 1));
        }
        for (std::size_t bin = 0; bin < count.size(); ++bin) {
            if (count[bin] == 0) result.empty_bins.push_back({m, static_cast<std::int32_t>(bin + 1)});
        }
    }
    result.cuts = std::move(cuts);
    return result;
}

}  // namespace detail

CUSTFOLIO_INLINE RfmScores rfm(std::span<const double> recency, std::span<const double> frequency,
                               std::span<const double> monetary, int bins) {
    constexpr int most_bins = 1'000'000;
    if (bins < 1 || bins > most_bins) {
        throw InputError("rfm: bins is " + std::to_string(bins) + "; it must be from 1 to " +
                         std::to_string(most_bins) + ", such as 5");
    }
    const detail::RfmValues values{recency, frequency, monetary};
    detail::require_rfm(values);
    RfmCuts cuts;
    for (std::size_t m = 0; m < values.size(); ++m) {
        std::vector<double> sorted(values[m].begin(), values[m].end());
        std::sort(sorted.begin(), sorted.end());
        // In whole numbers, so that a cut point at a customer's value is that value to the bit.
        const auto parts = static_cast<std::uint64_t>(bins);
        for (std::uint64_t k = 1; k < parts; ++k) {
            const std::uint64_t at = k * (sorted.size() - 1);
            const auto below = static_cast<std::size_t>(at / parts);
            const double step = at % parts == 0 ? 0.0 : sorted[below + 1] - sorted[below];
            cuts[m].push_back(sorted[below] + step * static_cast<double>(at % parts) / static_cast<double>(parts));
        }
    }
    return detail::scores_of(values, std::move(cuts));
}

CUSTFOLIO_INLINE RfmScores rfm(std::span<const double> recency, std::span<const double> frequency,
                               std::span<const double> monetary, const RfmCuts& cuts) {
    const detail::RfmValues values{recency, frequency, monetary};
    detail::require_rfm(values);
    for (std::size_t m = 0; m < cuts.size(); ++m) {
        for (std::size_t k = 0; k < cuts[m].size(); ++k) {
            const std::string which = "rfm: " + std::string(rfm_measures[m]) + ", cut point " + std::to_string(k + 1);
            require_finite(cuts[m][k], which);
            if (k > 0 && !(cuts[m][k - 1] < cuts[m][k])) {
                throw InputError(which + " is " + number_text(cuts[m][k]) + " after " + number_text(cuts[m][k - 1]) +
                                 "; cut points must ascend");
            }
        }
    }
    return detail::scores_of(values, cuts);
}

CUSTFOLIO_INLINE std::vector<std::int32_t> rfm_segments(const RfmScores& scores, std::span<const RfmSegment> segments) {
    for (const RfmSegment& segment : segments) {
        for (std::size_t m = 0; m < segment.least.size(); ++m) {
            const auto bins = static_cast<std::int32_t>(scores.cuts[m].size() + 1);
            const std::int32_t named = segment.most[m] == RfmSegment::most_score ? segment.least[m] : segment.most[m];
            if (segment.least[m] < 1 || named > bins) {
                throw InputError("segment '" + segment.name + "': the " + std::string(rfm_measures[m]) + " score is " +
                                 std::to_string(segment.least[m] < 1 ? segment.least[m] : named) +
                                 "; scores are from 1 to " + std::to_string(bins));
            }
            if (segment.least[m] <= segment.most[m]) continue;
            throw InputError("segment '" + segment.name + "': the " + std::string(rfm_measures[m]) + " score is from " +
                             std::to_string(segment.least[m]) + " to " + std::to_string(segment.most[m]) +
                             "; the lowest score comes first");
        }
    }
    std::vector<std::int32_t> segment(scores.score[0].size(), -1);
    for (std::size_t i = 0; i < segment.size(); ++i) {
        for (std::size_t s = 0; s < segments.size() && segment[i] < 0; ++s) {
            bool fits = true;
            for (std::size_t m = 0; m < scores.score.size(); ++m) {
                fits = fits && segments[s].least[m] <= scores.score[m][i] && scores.score[m][i] <= segments[s].most[m];
            }
            if (fits) segment[i] = static_cast<std::int32_t>(s);
        }
    }
    return segment;
}

}  // namespace custfolio
