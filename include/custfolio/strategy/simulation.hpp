// Simulation of a plan, month by month: the independent check of what it expects, and of its chances.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "custfolio/math/matrix.hpp"
#include "custfolio/portfolio/columns.hpp"
#include "custfolio/strategy/plan.hpp"
#include "custfolio/strategy/plan_inputs.hpp"

namespace custfolio {

/// How a plan is simulated.
struct SimulationOptions {
    std::size_t paths = 10'000;  ///< Paths, 1 to 10,000,000; paths x months at most 2^28.
    std::uint64_t seed = 1;      ///< Of the run: the same seed gives the same bits.
    unsigned threads = 0;        ///< 0 means all cores; the bits do not depend on it.

    /// Checks the number of paths.
    /// @param months of the plan.
    /// @throws InputError where paths, or paths x months, is out of range; the text names what was found.
    void check(int months) const;
};

/// Mean and quantiles of one figure over the paths.
struct SimulatedFigure {
    double mean = 0;       ///< Mean.
    double deviation = 0;  ///< Standard deviation of a path.
    double p10 = 0;        ///< Not exceeded on a tenth of the paths.
    double p25 = 0;        ///< Not exceeded on a quarter of the paths.
    double p50 = 0;        ///< Median.
    double p75 = 0;        ///< Not exceeded on three quarters of the paths.
    double p90 = 0;        ///< Not exceeded on nine tenths of the paths.
};

/// A row of the floor on the paths.
struct SimulatedFloor {
    Month month{};                                             ///< First month that counts, as in FloorRow.
    int months = 0;                                            ///< Number of months that count.
    double floor = 0;                                          ///< The floor of the strategy, currency.
    SimulatedFigure level{};                                   ///< The level of the row, currency.
    double chance = std::numeric_limits<double>::quiet_NaN();  ///< Share of the paths that reach it; NaN where
                                                               ///< purchases do not vary.
};

/// Paths of the bucket.
struct PlanSimulation {
    Month start{};                         ///< First month.
    std::uint64_t seed = 0;                ///< Of the run.
    bool purchases = false;                ///< Whether purchases vary: the baseline has a joint error.
    Matrix level{};                        ///< Paths x months: net revenue, currency.
    Matrix heat{};                         ///< Paths x months: contribution, currency.
    Column temperature{};                  ///< Per path heat / level over all months; NaN at or below a level of 0.
    Column accepted{};                     ///< Per path the number of customers who accept their offer.
    Column won{};                          ///< Per path the number of prospects that are won.
    Column left{};                         ///< Per path the number of customers who flow over.
    std::vector<SimulatedFloor> floors{};  ///< The rows of the floor.
    double floor_chance = std::numeric_limits<double>::quiet_NaN();  ///< Share of the paths that reach all floors; NaN
                                                                     ///< without, or where purchases do not vary.

    /// @return number of paths.
    [[nodiscard]] std::size_t paths() const { return level.rows(); }
    /// @param month 0-based.
    /// @return the level of that month, currency.
    [[nodiscard]] SimulatedFigure level_of(std::size_t month) const;
    /// @param month 0-based.
    /// @return the heat of that month, currency.
    [[nodiscard]] SimulatedFigure heat_of(std::size_t month) const;
    /// @param month 0-based.
    /// @return heat / level of that month as a fraction; NaN where a path has no positive level.
    [[nodiscard]] SimulatedFigure temperature_of(std::size_t month) const;
    /// @return heat / level over all months as a fraction; NaN where a path has no positive level.
    [[nodiscard]] SimulatedFigure temperature_of_all() const;
};

/// Simulates a plan: answers to offers, steps of action plans, wins of prospects, leaving, and purchases.
///
/// A path draws for each customer with an offer whether it accepts, for each action plan its steps (GrowthForecast::
/// play()), and for each pursued prospect whether it is won. One who refuses and flows over takes its purchases, their
/// errors and its action plans with it. Purchases vary as the joint error of the baseline has it. Customers who cannot
/// leave are drawn together: the sum of their own errors is normal, with a covariance between months that is exact.
///
/// Numbers are functions of seed, identity and path (Philox). Customers and prospects are added up in the order of
/// their identities. So the bits depend neither on threads nor on the order of the customers.
/// @param plan a plan.
/// @param inputs what it was made with.
/// @param options paths, seed and threads.
/// @return the paths. O(paths x (actions x months + months^2) + customers x months^2). Of action plans only those are
/// played that the plan runs, or that depend on such ones.
/// @throws InputError where the inputs are not those of the plan, or a setting is out of range.
PlanSimulation simulate(const Plan& plan, const PlanInputs& inputs, const SimulationOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/simulation.ipp"
#endif
