// Scores of recency, frequency and monetary value, and named segments of them.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace custfolio {

/// The measures of RFM, in the order of every array of three here.
inline constexpr std::array<std::string_view, 3> rfm_measures{"recency", "frequency", "monetary"};

/// Cut points of the three measures, ascending. m cut points make m + 1 bins; a value equal to a cut point is below it,
/// so equal values are never in two bins.
using RfmCuts = std::array<std::vector<double>, 3>;

/// A bin without customers.
struct EmptyBin {
    std::size_t measure = 0;  ///< Place in rfm_measures.
    std::int32_t score = 0;   ///< The score that no customer has.
    /// Same measure and score.
    /// @return whether the two are the same.
    bool operator==(const EmptyBin&) const = default;
};

/// Scores of customers, 1 for the worst bin. Few days since the last purchase are good; so are many purchases and much
/// money.
struct RfmScores {
    std::array<std::vector<std::int32_t>, 3> score;  ///< Per measure: one score per customer.
    RfmCuts cuts;                                    ///< The cut points; equal ones where values leave bins empty.
    std::vector<EmptyBin> empty_bins;                ///< By measure, then score.
};

/// A named segment: ranges of the three scores, both ends included.
struct RfmSegment {
    std::string name;                                                      ///< Its name, for messages.
    std::array<std::int32_t, 3> least{1, 1, 1};                            ///< Lowest score per measure.
    std::array<std::int32_t, 3> most{most_score, most_score, most_score};  ///< Highest score per measure.

    /// The highest score that there can be.
    static constexpr std::int32_t most_score = std::numeric_limits<std::int32_t>::max();
};

/// Scores customers with cut points at quantiles: those of k / bins for k = 1 ... bins - 1, linear between neighbouring
/// values. Many equal values make cut points coincide; the bins between them stay empty, and are listed.
/// @param recency days since the last purchase, per customer.
/// @param frequency purchases, per customer.
/// @param monetary money, per customer.
/// @param bins number of bins, at least 1.
/// @return the scores, with the cut points. O(n log n).
/// @throws InputError where lengths differ, there is no customer, a number is not finite (the message names measure and
/// position), or `bins` is below 1 or above a million.
RfmScores rfm(std::span<const double> recency, std::span<const double> frequency, std::span<const double> monetary,
              int bins = 5);

/// Scores customers with given cut points, such as those of an earlier period.
/// @param recency days since the last purchase, per customer.
/// @param frequency purchases, per customer.
/// @param monetary money, per customer.
/// @param cuts cut points of each measure, ascending; none makes one bin.
/// @return the scores. O(n log cuts).
/// @throws InputError as above, or where cut points do not ascend.
RfmScores rfm(std::span<const double> recency, std::span<const double> frequency, std::span<const double> monetary,
              const RfmCuts& cuts);

/// Assigns named segments to scores.
/// @param scores the scores.
/// @param segments the segments; the first that fits counts.
/// @return per customer the place of its segment; -1 where none fits. O(customers x segments).
/// @throws InputError where a segment's lowest score exceeds its highest, or no customer can have a score that it names
/// (the message names it). A highest score of RfmSegment::most_score is no bound.
std::vector<std::int32_t> rfm_segments(const RfmScores& scores, std::span<const RfmSegment> segments);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/rfm.ipp"
#endif
