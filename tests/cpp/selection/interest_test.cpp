// Tests of the questionnaire: means, classes by each rule, the matrix, and bad input.
#include "custfolio/selection/interest.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/selection/select.hpp"

using namespace custfolio;

namespace {

constexpr double unanswered = std::numeric_limits<double>::quiet_NaN();

Portfolio asked_customers(const std::vector<double>& revenue, double temperature = 0.01) {
    PortfolioColumns columns;
    columns.period = {18628, 18992};
    columns.revenue = revenue;
    for (std::size_t i = 0; i < revenue.size(); ++i) {
        columns.id.push_back("c" + std::to_string(i));
        columns.contribution.push_back(temperature * revenue[i]);
    }
    return Portfolio(std::move(columns));
}

Matrix answers_of(const std::vector<std::vector<double>>& rows) {
    Matrix found(rows.size(), 4);
    for (std::size_t i = 0; i < rows.size(); ++i) std::copy(rows[i].begin(), rows[i].end(), found.row(i).begin());
    return found;
}

}  // namespace

TEST_CASE("interest: unanswered questions are left out of the mean and counted") {
    const Portfolio portfolio = asked_customers({100, 100, 100});
    InterestAnswers answers;
    answers.potential_revenue = {200, unanswered, 150};
    answers.present = answers_of(
        {{0.2, unanswered, 0.8, unanswered}, {unanswered, unanswered, unanswered, unanswered}, {1, 0, 1, 0}});
    answers.potential = answers_of({{unanswered, unanswered, 1.0, unanswered},
                                    {unanswered, unanswered, unanswered, unanswered},
                                    {unanswered, 1, unanswered, unanswered}});
    const Interest equal = interest_of(portfolio, answers);
    CHECK(equal.quality[0] == doctest::Approx(0.5));
    CHECK(equal.potential_quality[0] == doctest::Approx(0.6));
    CHECK(equal.answered == std::vector<int>{2, 0, 4});
    CHECK(std::isnan(equal.quality[1]));
    CHECK(equal.reason(1) == "interest not known: not asked");
    CHECK_FALSE(equal.cls[1].has_value());
    CHECK(equal.potential_quality[2] == doctest::Approx(0.75));
    InterestOptions options;
    options.weights = {3, 1, 0, 0};
    const Interest weighted = interest_of(portfolio, answers, options);
    CHECK(weighted.quality[0] == doctest::Approx(0.2));
    CHECK(weighted.quality[2] == doctest::Approx(0.75));
    CHECK(weighted.questions == 2);
    options.weights = {1.5e308, 0.5e308, 0, 0};
    CHECK(interest_of(portfolio, answers, options).quality[2] == doctest::Approx(0.75));
    CHECK(weighted.answered == std::vector<int>{1, 0, 2});
}

TEST_CASE("interest: classes by share and by target, and equal values together") {
    const Portfolio portfolio = asked_customers(std::vector<double>(10, 1.0));
    InterestAnswers answers;
    answers.potential_revenue = {1000, 500, 300, 100, 50, 20, 10, 10, 5, 5};
    answers.present = answers_of({{0.9, 0.9, 0.9, 0.9},
                                  {0.8, 0.8, 0.8, 0.8},
                                  {0.7, 0.7, 0.7, 0.7},
                                  {0.7, 0.7, 0.7, 0.7},
                                  {0.7, 0.7, 0.7, 0.7},
                                  {0.7, 0.7, 0.7, 0.7},
                                  {0.1, 0.1, 0.1, 0.1},
                                  {0.1, 0.1, 0.1, 0.1},
                                  {0, 0, 0, 0},
                                  {0, 0, 0, 0}});
    const Interest share = interest_of(portfolio, answers);
    // 80 % of 2,000 is 1,600: the third customer crosses it. 95 % is 1,900: the fourth reaches it.
    const std::vector<Class> potential{Class::A, Class::A, Class::A, Class::B, Class::C,
                                       Class::C, Class::C, Class::C, Class::C, Class::C};
    // The best 20 % are two; the fifth has the quality of four, so all of them are B.
    const std::vector<Class> quality{Class::A, Class::A, Class::B, Class::B, Class::B,
                                     Class::B, Class::C, Class::C, Class::C, Class::C};
    for (std::size_t i = 0; i < 10; ++i) {
        CAPTURE(i);
        CHECK(share.potential_class[i] == potential[i]);
        CHECK(share.quality_class[i] == quality[i]);
        CHECK(share.cls[i] == matrix_class(potential[i], quality[i]));
    }
    CHECK(share.potential_bounds.a == 300);
    CHECK(share.potential_bounds.b == 100);
    CHECK(share.quality_bounds.a == 0.8);
    CHECK(share.quality_bounds.b == 0.7);
    CHECK(share.reason(3) == "class B by potential revenue B and quality B from 4 of 4 questions");
    InterestOptions options;
    options.rule = ClassRule::target;
    options.potential = {500, 10};
    options.quality = {0.85, 0.1};
    const Interest target = interest_of(portfolio, answers, options);
    CHECK(target.potential_class[1] == Class::A);
    CHECK(target.potential_class[7] == Class::B);
    CHECK(target.potential_class[8] == Class::C);
    CHECK(target.quality_class[1] == Class::B);
    options.rule = ClassRule::breaks;
    const Interest breaks = interest_of(portfolio, answers, options);
    // The best of all 36 partitions into three runs: 1,000 | 500, 300 | the rest; and 0.9, 0.8 | 0.7 | the rest.
    CHECK(breaks.potential_bounds.a == 1000);
    CHECK(breaks.potential_bounds.b == 300);
    CHECK(breaks.quality_bounds.a == 0.8);
    CHECK(breaks.quality_bounds.b == 0.7);
    CHECK(breaks.potential_class[2] == Class::B);
    answers.potential_revenue = {2, 2, 2, 2, 2, 2, 2, 1, 1, 1};
    CHECK_THROWS_WITH_AS(interest_of(portfolio, answers, options),
                         doctest::Contains("the potential revenue has 2 different values; natural breaks need three"),
                         InputError);
    CHECK(to_string(ClassRule::target) == "target");
    CHECK_THROWS_AS(to_string(static_cast<ClassRule>(9)), InputError);
}

TEST_CASE("interest: equal or few qualities have no best 20 %, and a quality of 0 is class C") {
    const auto classes = [](const std::vector<double>& quality, bool by_scale) {
        InterestAnswers answers;
        answers.present = Matrix(quality.size(), 4);
        for (std::size_t i = 0; i < quality.size(); ++i) {
            std::fill(answers.present.row(i).begin(), answers.present.row(i).end(), quality[i]);
        }
        const Interest found = interest_of(asked_customers(std::vector<double>(quality.size(), 1.0)), answers);
        CHECK(found.quality_by_scale == by_scale);
        std::string text;
        for (const auto& cls : found.quality_class) text += cls ? to_string(*cls) : "-";
        return text;
    };
    CHECK(classes({0}, true) == "C");
    CHECK(classes({0.5}, true) == "B");
    CHECK(classes({0.7, 0.4, 0.3, unanswered}, true) == "ABC-");
    CHECK(classes({0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, true) == "BBBBBB");
    CHECK(classes({0, 0, 0, 0, 0, 0}, true) == "CCCCCC");
    // Nine of ten are equal: the fifth of them is in the middle, and the best 50 % end with it.
    CHECK(classes({0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.1}, false) == "BBBBBBBBBC");
    CHECK(classes({0.9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, false) == "ACCCCCCCCC");
    CHECK(classes({0.9, 0, 0, 0, 0, 0}, false) == "ACCCCC");
    CHECK(classes({0.9, 0.8, 0.7, 0.6, 0.5}, false) == "ABBCC");
}

TEST_CASE("interest: the potential of a year is at least the revenue that the period makes in a year") {
    const auto rated = [](Period period, double potential) {
        PortfolioColumns columns;
        columns.period = period;
        columns.id = {"c0"};
        columns.revenue = {600};
        columns.contribution = {6};
        InterestAnswers answers;
        answers.potential_revenue = {potential};
        return interest_of(Portfolio(std::move(columns)), answers).potential_revenue[0];
    };
    const Period half{18628, 18808};   // 2021-01-01 to 2021-06-30
    const Period three{18262, 19357};  // 2020-01-01 to 2022-12-31
    CHECK(rated(half, 1200) == 1200);
    CHECK_THROWS_WITH_AS(rated(half, 1199), doctest::Contains("revenue of 1200 a year, from 600 in 181 days"),
                         InputError);
    CHECK(rated(three, 200) == 200);
    CHECK_THROWS_WITH_AS(rated(three, 199), doctest::Contains("600 in 1096 days"), InputError);
    // 2021-01-01 to 2021-02-14 is a month and a half.
    CHECK(rated({18628, 18672}, 4800) == 4800);
    CHECK_THROWS_AS(rated({18628, 18672}, 4799), InputError);
    CHECK(rated({}, 600) == 600);
}

TEST_CASE("interest: the matrix has three cells of A, three of B and three of C") {
    CHECK(matrix_class(Class::A, Class::A) == Class::A);
    CHECK(matrix_class(Class::A, Class::B) == Class::A);
    CHECK(matrix_class(Class::B, Class::A) == Class::A);
    CHECK(matrix_class(Class::A, Class::C) == Class::B);
    CHECK(matrix_class(Class::B, Class::B) == Class::B);
    CHECK(matrix_class(Class::C, Class::A) == Class::B);
    CHECK(matrix_class(Class::B, Class::C) == Class::C);
    CHECK(matrix_class(Class::C, Class::B) == Class::C);
    CHECK(matrix_class(Class::C, Class::C) == Class::C);
}

TEST_CASE("interest: class A keeps a cold customer, and the reason names what decided") {
    const Portfolio portfolio = asked_customers({100, 100, 100, 100});
    InterestAnswers answers;
    answers.potential_revenue = {1000, 100, unanswered, 400};
    answers.present = answers_of({{1, 1, 1, 1},
                                  {0, 0, unanswered, 0},
                                  {unanswered, unanswered, unanswered, unanswered},
                                  {unanswered, unanswered, unanswered, unanswered}});
    SelectionOptions options;
    options.interest = interest_of(portfolio, answers);
    const Selection selection = select(portfolio, options);
    CHECK(selection.verdict[0] == Verdict::keep);
    CHECK(selection.reason[0] ==
          "interesting (class A by potential revenue A and quality A from 4 of 4 questions), "
          "though lukewarm: temperature 1.0%, target 5.0%");
    CHECK(selection.verdict[1] == Verdict::remediate);
    CHECK(selection.reason[1].find("; class C by potential revenue B and quality C from 3 of 4 questions") !=
          std::string::npos);
    CHECK(selection.reason[2] == "lukewarm: temperature 1.0%, target 5.0%; interest not known: not asked");
    CHECK(selection.reason[3].find("interest not known: potential revenue A, no question answered") !=
          std::string::npos);
    options.interesting = {1, 1, 1, 1};
    CHECK_THROWS_WITH_AS(select(portfolio, options), doctest::Contains("give one of them"), InputError);
    options.interesting = {};
    CHECK_THROWS_AS(select(asked_customers({1, 2}), options), InputError);
}

TEST_CASE("interest: bad answers are refused by customer and question") {
    const Portfolio portfolio = asked_customers({100, 200});
    const auto refused = [&](const InterestAnswers& answers, const InterestOptions& options, const char* text) {
        CHECK_THROWS_WITH_AS(interest_of(portfolio, answers, options), doctest::Contains(text), InputError);
    };
    InterestAnswers answers;
    answers.potential_revenue = {100, 199};
    refused(answers, {}, "the potential revenue of customer c1 is 199; it must be at least its revenue of 200");
    answers.potential_revenue = {100, std::numeric_limits<double>::infinity()};
    refused(answers, {}, "customer c1 is inf");
    answers.potential_revenue = {100};
    refused(answers, {}, "1 values for 2 customers");
    answers.potential_revenue = {100, 200};
    answers.present = answers_of({{0.5, 0.5, 0.5, 0.5}, {0.5, 80, 0.5, 0.5}});
    refused(answers, {}, "speed of customer c1");
    answers.present(1, 1) = 0.8;
    answers.potential = answers_of({{0.5, 0.5, 0.5, -1}, {0.5, 0.5, 0.5, 0.5}});
    refused(answers, {}, "network_potential of customer c0");
    answers.potential = Matrix(2, 3);
    refused(answers, {}, "2 x 3 answers");
    answers.potential = {};
    refused(answers, {.weights = {0, 0, 0, 0}}, "all weights are 0");
    refused(answers, {.weights = {1, -1, 0, 0}}, "the weight of speed is -1");
    refused(answers, {.weights = {1, 1}}, "2 weights for 4 questions");
    InterestOptions target;
    target.rule = ClassRule::target;
    target.potential = {10, 20};
    refused(answers, target, "the bounds of the potential are 10 and 20");
    target.potential = {20, 10};
    target.quality = {70, 40};
    refused(answers, target, "a bound of the quality is 70");
}
