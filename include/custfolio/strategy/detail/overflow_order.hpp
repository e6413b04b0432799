// The order of overflow: whether a plan keeps it, and the best months for it.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "custfolio/strategy/choice.hpp"
#include "custfolio/strategy/detail/lagrangian_dual.hpp"

namespace custfolio {

class CourseModel;  // defined in courses.hpp, whose definitions need this header

namespace detail {

class CourseProblem;

/// Checks and searches choices of courses in which ice cubes flow over in order; the rules are those of Strategy.
/// Refers to its arguments, which must outlive it.
class OverflowOrder {
  public:
    /// @param model the model.
    /// @param problem its courses.
    OverflowOrder(const CourseModel& model, const CourseProblem& problem) : model_(model), problem_(problem) {}

    /// @param choice position of a course per member of the problem.
    /// @return whether nobody leaves out of order or replaces himself. O(customers x months).
    [[nodiscard]] bool keeps(std::span<const std::size_t> choice) const;

    /// Finds good choices in order: months of overflow for given other parts of the courses, then courses for these
    /// months, and so on.
    /// @param instance the problem with its bounds.
    /// @param prices per row, of the relaxation: the first months pay for the rows. Empty: they keep the rows.
    /// @param choice where to start; within the rows or not.
    /// @param options tolerance, nodes, threads and progress of the problems with fixed months.
    /// @param accept the rule that the answer meets: keeps(), and further ones.
    /// @return the best choice found that keeps rows and rule; nothing where none was found.
    [[nodiscard]] std::optional<std::vector<std::size_t>> search(
        const ChoiceInstance& instance, std::span<const double> prices, std::vector<std::size_t> choice,
        const ChoiceOptions& options, const std::function<bool(std::span<const std::size_t>)>& accept) const;

    /// @param instance the problem with its bounds.
    /// @return how much more than its price replacement may be worth, for further starts of the search; none where the
    /// problem is large or has soft rows.
    [[nodiscard]] std::span<const double> dearer_replacements(const ChoiceInstance& instance) const;
    /// @param instance the problem with its bounds.
    /// @param prices per row, of the relaxation.
    /// @param times the price of the replacement, times this.
    /// @return the best courses at these prices: where to start a search.
    [[nodiscard]] std::vector<std::size_t> responses(const ChoiceInstance& instance, std::span<const double> prices,
                                                     double times) const;

    /// Improves a choice in order by other thresholds of its months, each with the best courses for them.
    /// @param instance the problem with its bounds.
    /// @param choice within the rows and in order; changed in place.
    /// @param options as in search().
    /// @param accept as in search().
    void refine(const ChoiceInstance& instance, std::vector<std::size_t>& choice, const ChoiceOptions& options,
                const std::function<bool(std::span<const std::size_t>)>& accept) const;

    /// Searches from the best choice for any order: of a customer that waits while a warmer one leaves, either the wait
    /// or the leaving is forbidden, and the best choice without it follows, and so on.
    /// @param instance the problem with its bounds.
    /// @param free the best choice for any order.
    /// @param choice within the rows and in order; changed in place where a better one is found.
    /// @param options as in search().
    /// @param accept as in search().
    void branch(const ChoiceInstance& instance, std::span<const std::size_t> free, std::vector<std::size_t>& choice,
                const ChoiceOptions& options, const std::function<bool(std::span<const std::size_t>)>& accept) const;

  private:
    /// Per month: the rank below which an ice cube leaves; see arrange().
    using Thresholds = std::vector<std::size_t>;
    struct Cube;
    struct Arrangement;
    class MonthSearch;
    [[nodiscard]] std::vector<double> replacing(std::span<const std::size_t> choice) const;
    [[nodiscard]] double replaces(std::size_t member, std::size_t position, std::size_t month) const;
    [[nodiscard]] std::vector<Cube> cubes_of(std::span<const std::size_t> choice) const;
    [[nodiscard]] bool gains(std::size_t member, std::size_t staying) const;
    [[nodiscard]] std::size_t replaced_alone(std::size_t member, std::size_t position,
                                             std::span<const double> in) const;
    [[nodiscard]] Arrangement arrange(const ChoiceInstance& instance, std::span<const double> prices,
                                      std::vector<std::size_t> choice, const Thresholds& start) const;
    [[nodiscard]] std::vector<std::size_t> reoptimised(const ChoiceInstance& instance, const Arrangement& from,
                                                       const ChoiceOptions& options) const;
    struct Wait;
    struct Branch;
    [[nodiscard]] std::optional<Wait> first_wait(std::span<const std::size_t> choice) const;
    [[nodiscard]] bool replaces_fixed(std::span<const std::size_t> choice) const;
    [[nodiscard]] bool within(std::size_t member, std::size_t position, const Branch& branch) const;
    [[nodiscard]] ChoiceResult solved(const ChoiceInstance& instance, const Branch& branch,
                                      const ChoiceOptions& options, std::vector<std::size_t>& choice) const;

    const CourseModel& model_;
    const CourseProblem& problem_;
};

}  // namespace detail
}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/detail/overflow_order.ipp"
#endif
