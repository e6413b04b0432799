// Which factors act on which plans: the market on all, a manager or a product on those that carry the same label.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "custfolio/growth/action_plan.hpp"

namespace custfolio {

/// A factor that plans with the same label of it have in common: a manager, a product.
struct GroupFactor {
    std::string name{};      ///< As in ActionPlan::factors, not empty.
    double correlation = 0;  ///< Its share in the success of every attempt, >= 0.
};

/// The factors behind the successes of plans. With independent standard normal factors, the latent variable of an
/// attempt of plan p is
///
///     X = sqrt(rho_0) Z_0 + sum_j sqrt(rho_j) Z_{j, label of p} + sqrt(1 - sum rho) eps,
///
/// so that the factors of a plan together are one standard normal factor with the share sum rho. The factors of two
/// plans have a correlation that grows with the labels they share. A factor with one label is common to all. Factors
/// that divide the plans alike are added up.
class PlanFactors {
  public:
    /// A factor; those that divide the plans alike are one.
    struct Group {
        double correlation = 0;            ///< Its share, > 0.
        std::vector<std::size_t> label{};  ///< Number of its label, by plan.
        std::size_t labels = 0;            ///< How many labels there are, at least 2.
    };

    /// No factors.
    PlanFactors() = default;
    /// @param plans the plans with their labels.
    /// @param common share of the factor that all have in common.
    /// @param groups the further factors.
    /// @throws InputError where shares are negative or sum to 1 or more, or a factor has no name or that of another.
    /// The same where a plan has no label of it; the text names plan and factor.
    PlanFactors(std::span<const ActionPlan> plans, double common, std::span<const GroupFactor> groups);

    /// @return the share of all factors together, in [0, 1); the same for every plan.
    [[nodiscard]] double total() const { return total_; }
    /// @return the share of the factor that all have in common, in [0, 1).
    [[nodiscard]] double common() const { return common_; }
    /// @return the further factors.
    [[nodiscard]] const std::vector<Group>& groups() const { return groups_; }
    /// Whether two plans carry the same labels.
    /// @param a position of one. @param b position of the other.
    /// @return true where their factors together are the same.
    [[nodiscard]] bool alike(std::size_t a, std::size_t b) const;
    /// The correlation of what the factors of two plans are together.
    /// @param a position of one. @param b position of the other.
    /// @return in [0, 1]; 0 where there are no factors.
    [[nodiscard]] double correlation(std::size_t a, std::size_t b) const;
    /// The factors of some plans: those that divide these plans alike become one.
    /// @param plans positions of the plans.
    /// @param without part of the common factor's share that is left out, in [0, common()].
    /// @return the factors, by the same positions; only those of `plans` have a meaning.
    [[nodiscard]] PlanFactors among(std::span<const std::size_t> plans, double without = 0) const;
    /// One draw of all factors.
    /// @param seed any number.
    /// @param path number of the draw.
    /// @param first number of the first uniform; one is used, and one more for every label.
    /// @return for each plan what its factors are together, standard normal.
    [[nodiscard]] std::vector<double> draw(std::uint64_t seed, std::uint64_t path, std::uint64_t first) const;

  private:
    void add(Group group);

    double total_ = 0;
    double common_ = 0;
    std::vector<Group> groups_;
    std::size_t plans_ = 0;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/plan_factors.ipp"
#endif
