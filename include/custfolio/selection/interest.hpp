// How interesting customers are: answers to a questionnaire, and the matrix of potential and quality.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "custfolio/math/matrix.hpp"
#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/selection/segmentation.hpp"

namespace custfolio {

/// The questions on the quality of a customer; an answer lies in [0, 1].
///
/// - margin: how much of what it buys earns well.
/// - speed: how fast it decides and pays.
/// - innovation: how open it is to new products.
/// - network: what its name and its introductions are worth.
inline constexpr std::array<std::string_view, 4> interest_questions{"margin", "speed", "innovation", "network"};

/// Answers per customer, in the order of the portfolio. NaN: not answered.
struct InterestAnswers {
    Column potential_revenue{};  ///< Revenue of a year that the customer could bring, currency; at least what its
                                 ///< revenue of the period is in a year.
    Matrix present{};            ///< Customers x interest_questions: the customer today.
    Matrix potential{};          ///< Customers x interest_questions: the customer as it could be; empty: no answer.
};

/// Where the classes of the matrix begin.
enum class ClassRule {
    /// Potential: 80 % and 95 % of its sum, as abc(). Quality: the best 20 % and 50 % of the customers. Equal qualities
    /// are in one class: that of the middle one. A quality of 0 is class C. Fewer than five qualities, or only equal
    /// ones, have no best 20 %: then class A begins at 2/3 of the scale and class B at 1/3.
    share,
    breaks,  ///< Natural breaks in three classes, as natural_breaks().
    target   ///< The bounds of the options.
};

/// @param rule any value.
/// @return "share", "breaks" or "target".
/// @throws InputError for a number that is none of them.
std::string to_string(ClassRule rule);

/// Least values of class A and of class B; the rest is C.
struct ClassBounds {
    double a = 0;  ///< Least value of class A; infinite where it has no customer.
    double b = 0;  ///< Least value of class B, at most that of A; infinite where neither has a customer.
};

/// How answers become classes.
struct InterestOptions {
    std::vector<double> weights = {1, 1, 1, 1};  ///< Weights of interest_questions, >= 0, not all 0.
    ClassRule rule = ClassRule::share;           ///< Where the classes begin.
    ClassBounds potential = {};                  ///< Bounds of the potential revenue for ClassRule::target, currency.
    ClassBounds quality = {};                    ///< Bounds of the quality for ClassRule::target, in [0, 1].
};

/// Potential, quality and class per customer, in the order of the portfolio.
struct Interest {
    Identity identity{};             ///< The portfolio of the answers.
    Column potential_revenue{};      ///< As answered, currency; NaN: not known.
    Column quality{};                ///< Weighted mean of today's answers; NaN: not known.
    Column potential_quality{};      ///< The same, with the potential where it was answered.
    int questions = 0;               ///< Questions on quality with a weight.
    std::vector<int> answered{};     ///< Those of them that were answered.
    ClassBounds potential_bounds{};  ///< Where the classes of the potential revenue begin.
    ClassBounds quality_bounds{};    ///< Where the classes of the potential quality begin.
    bool quality_by_scale = false;   ///< Whether those are thirds of the scale, since nothing could be ranked.
    std::vector<std::optional<Class>> potential_class{};  ///< By potential revenue; none: not known.
    std::vector<std::optional<Class>> quality_class{};    ///< By potential quality; none: not known.
    std::vector<std::optional<Class>> cls{};              ///< matrix_class() of both; none: one is not known.

    /// @param row a customer of the portfolio, 0-based, not checked.
    /// @return what decides its class: "class A by potential revenue A and quality B from 2 of 4 questions"; or what is
    /// not known.
    [[nodiscard]] std::string reason(std::size_t row) const;
};

/// Class of a cell of the matrix: A where both are A, or one is A and the other B. C where both are C, or one is C and
/// the other B. Else B.
/// @param potential class of the potential revenue.
/// @param quality class of the quality.
/// @return the class.
Class matrix_class(Class potential, Class quality);

/// Rates customers by a questionnaire. The quality is the weighted mean of the questions that were answered. A customer
/// that was not asked is unknown: it has no class.
/// @param portfolio the customers.
/// @param answers their answers.
/// @param options weights and classes.
/// @return potential, quality and class per customer. Equal values are never in two classes. O(n log n).
/// @throws InputError in these cases; the message names the customer or the question:
/// - a length differs, an answer is out of range, or a potential revenue is below the revenue of a year, which is that
/// of the period x 12 / its months (see covered_months());
/// - a weight is negative, or all weights are 0;
/// - the bounds of a target do not fall or are no qualities, or natural breaks need three different values.
Interest interest_of(const Portfolio& portfolio, const InterestAnswers& answers, const InterestOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/selection/interest.ipp"
#endif
