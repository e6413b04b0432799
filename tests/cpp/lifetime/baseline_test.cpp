// Tests of the baseline's parts: forecasts of one series, the backtest, and the portfolio's own months.
#include "custfolio/lifetime/baseline.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <vector>

#include "custfolio/lifetime/backtest.hpp"
#include "custfolio/lifetime/exponential_smoothing.hpp"
#include "custfolio/math/eigen_views.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;
using namespace std::chrono_literals;

namespace {

constexpr double pi = 3.14159265358979323846;

// Series with a level, a trend and a season of their own, and noise.
Matrix made_up(std::size_t series, std::size_t months) {
    Matrix values(series, months);
    for (std::size_t i = 0; i < series; ++i) {
        for (std::size_t t = 0; t < months; ++t) {
            const auto k = static_cast<double>(t);
            const double noise = std::sin(12.9898 * static_cast<double>(i * months + t + 1)) * 40.0;
            values(i, t) = 1000 + static_cast<double>(i % 5) * 4 * k +
                           static_cast<double>(i % 3) * 90 * std::sin(k * pi / 6) + noise;
        }
    }
    return values;
}

// The first months of a history.
Matrix first_months(const Matrix& history, std::size_t months) {
    Matrix part(history.rows(), months);
    for (std::size_t i = 0; i < part.rows(); ++i) {
        std::ranges::copy(history.row(i).first(months), part.row(i).begin());
    }
    return part;
}

}  // namespace

TEST_CASE("seasonal naive repeats the last season, and drift draws the line through the ends") {
    const std::array<double, 6> history{1, 2, 3, 4, 5, 7};
    std::array<double, 5> forecast{};
    seasonal_naive(history, 4, 6, forecast);
    CHECK(forecast == std::array<double, 5>{3, 4, 5, 7, 3});
    // Only the place in the season counts; a season that is not there yet is the mean.
    seasonal_naive(std::span(history).first(3), 4, 2, forecast);
    CHECK(forecast == std::array<double, 5>{3, 2, 1, 2, 3});
    drift(history, forecast);
    CHECK(forecast[0] == doctest::Approx(7 + 6.0 / 5));
    CHECK(forecast[4] == doctest::Approx(7 + 5 * 6.0 / 5));
    CHECK_THROWS_AS(drift({}, forecast), InputError);
    CHECK_THROWS_AS(seasonal_naive({}, 12, 0, forecast), InputError);
    CHECK_THROWS_AS(seasonal_naive(history, 0, 0, forecast), InputError);
}

TEST_CASE("Holt-Winters continues a line with a season exactly, whatever the smoothing") {
    std::vector<double> history;
    const std::array<double, 4> season{5, -3, -4, 2};
    for (int t = 1; t <= 22; ++t) history.push_back(100 + 2.5 * t + season[static_cast<std::size_t>(t - 1) % 4]);
    HoltWinters parameters;
    parameters.alpha = 0.4;
    parameters.beta = 0.3;
    parameters.gamma = 0.2;
    parameters.phi = 1;
    const HoltWinters state = holt_winters(history, 4, parameters);
    CHECK(state.squared_error < 1e-20);
    std::array<double, 6> forecast{};
    state.forecast(forecast);
    for (std::size_t h = 0; h < forecast.size(); ++h) {
        const auto t = static_cast<double>(23 + h);
        CHECK(forecast[h] == doctest::Approx(100 + 2.5 * t + season[(22 + h) % 4]).epsilon(1e-12));
    }
    CHECK_THROWS_AS(holt_winters(std::span(history).first(7), 4, parameters), InputError);
    parameters.alpha = 1.5;
    CHECK_THROWS_AS(holt_winters(history, 4, parameters), InputError);
}

TEST_CASE("fitted smoothing is no worse than a fine grid of parameters") {
    const Matrix values = made_up(6, 60);
    for (std::size_t i = 0; i < values.rows(); ++i) {
        const std::span<const double> history(values.data() + i * values.cols(), 60);
        const HoltWinters fitted = fit_holt_winters(history, 12);
        double best = std::numeric_limits<double>::infinity();
        for (double alpha = 0; alpha <= 1; alpha += 0.1) {
            for (double beta = 0; beta <= 1; beta += 0.1) {
                for (double gamma = 0; gamma <= 1; gamma += 0.1) {
                    for (double phi = 0.8; phi <= 0.98; phi += 0.06) {
                        HoltWinters tried;
                        tried.alpha = alpha;
                        tried.beta = beta;
                        tried.gamma = gamma;
                        tried.phi = phi;
                        best = std::min(best, holt_winters(history, 12, tried).squared_error);
                    }
                }
            }
        }
        CHECK(fitted.squared_error <= best * 1.02);
    }
}

TEST_CASE("the backtest takes the method that is best, looks at nothing behind an origin, and has the same bits") {
    Matrix values(3, 72);
    for (std::size_t t = 0; t < 72; ++t) {
        const auto k = static_cast<double>(t);
        values(0, t) = 100 + 30 * std::sin(k * pi / 6);  // seasonal only: naive is exact
        values(1, t) = 100 + 7 * k;                      // a line only: drift is exact
        values(2, t) = t < 70 ? 0.0 : 5.0;               // two months of history
    }
    BacktestOptions options;
    Backtest result = backtest(values, options);
    CHECK(result.method[0] == ForecastMethod::seasonal_naive);
    CHECK(result.method[1] == ForecastMethod::drift);
    CHECK(result.error(1, 1) < 1e-10);
    CHECK(result.error(1, 0) == doctest::Approx(1.0));  // off by a year's growth, which is the unit
    CHECK(result.origins[0] == 6);
    CHECK(result.origins[2] == 0);
    CHECK(result.method[2] == ForecastMethod::seasonal_naive);
    CHECK(std::isnan(result.variance(2, 0)));
    CHECK(result.forecast(2, 0) == 5.0);
    CHECK(to_string(result.method[1]) == "drift");

    // With one month of returns the line through two months is no trend; as the only method it is still taken.
    Matrix returned = values;
    returned(1, 3) = -50;
    CHECK(backtest(returned, options).method[1] != ForecastMethod::drift);
    options.methods = {ForecastMethod::drift};
    CHECK(backtest(returned, options).method[1] == ForecastMethod::drift);
    options.methods = BacktestOptions{}.methods;

    const Matrix many = made_up(200, 60);
    options.threads = 1;
    const Backtest one = backtest(many, options);
    options.threads = 5;
    const Backtest five = backtest(many, options);
    CHECK(one.forecast == five.forecast);
    CHECK(one.variance == five.variance);
    CHECK(one.method == five.method);

    // With one origin, what lies behind it moves the error but no forecast made at the origin.
    options.origins = 1;
    Matrix other = many;
    as_array(other).rightCols(12) += 1000;
    const Backtest before = backtest(first_months(many, 48), options);
    const Backtest changed = backtest(first_months(other, 48), options);
    CHECK(before.forecast == changed.forecast);

    options.horizon = 0;
    CHECK_THROWS_AS(backtest(many, options), InputError);
    options.horizon = 12;
    options.methods = {ForecastMethod::drift};
    for (const ForecastMethod method : backtest(many, options).method) CHECK(method == ForecastMethod::drift);
    options.methods = {ForecastMethod::holt_winters};
    CHECK(backtest(first_months(many, 30), options).method[0] == ForecastMethod::holt_winters);  // too short to compare
    CHECK(backtest(first_months(many, 20), options).method[0] == ForecastMethod::seasonal_naive);  // too short for it
    options.methods = BacktestOptions{}.methods;
    options.origins = 4;
    options.step = 3;
    options.fewest = 4;
    // 33 months hold four origins a quarter apart for seasonal naive and drift, 32 do not; one method needs no four.
    Matrix line(1, values.cols());
    std::ranges::copy(values.row(1), line.row(0).begin());
    CHECK(backtest(first_months(line, 33), options).method[0] == ForecastMethod::drift);
    const Backtest thin = backtest(first_months(line, 32), options);
    CHECK(thin.method[0] == ForecastMethod::seasonal_naive);
    CHECK(thin.origins[0] == 3);
    CHECK(thin.variance(0, 0) == doctest::Approx(84.0 * 84.0));
    options.methods = {};
    CHECK_THROWS_WITH_AS(backtest(many, options), doctest::Contains("no method"), InputError);
    other(1, 2) = std::nan("");
    CHECK_THROWS_WITH_AS(backtest(other), doctest::Contains("row 1, month 2"), InputError);
}

TEST_CASE("the portfolio's own months come again, and a baseline that does not fit is refused") {
    PortfolioColumns columns;
    columns.period = {Month{2021y / 1}.first_day(), Month{2021y / 12}.last_day()};
    columns.id = {"a", "b"};
    columns.revenue = Column{780.0, 0.0};
    columns.contribution = Column{78.0, -12.0};
    columns.monthly_revenue = Matrix(2, 12);
    for (std::size_t m = 0; m < 12; ++m) {
        columns.monthly_revenue(0, m) = 10.0 * static_cast<double>(m + 1);
        columns.monthly_revenue(1, m) = 0;
    }
    const Portfolio portfolio(columns);
    const Baseline baseline = seasonal_baseline(portfolio, 2022y / 3, 14);
    CHECK(baseline.level(0, 0) == 30.0);
    CHECK(baseline.level(0, 10) == 10.0);
    CHECK(baseline.level(0, 12) == 30.0);
    CHECK(baseline.heat(0, 0) == doctest::Approx(3.0));
    CHECK(baseline.heat(1, 0) == doctest::Approx(-1.0));  // costs without revenue: an even share
    CHECK_NOTHROW(baseline.check(portfolio, 2022y / 3, 14));
    CHECK_THROWS_WITH_AS(baseline.check(portfolio, 2022y / 3, 15), doctest::Contains("2023-05"), InputError);
    CHECK_THROWS_AS(baseline.check(Portfolio{}, 2022y / 3, 14), InputError);
    Baseline broken = baseline;
    broken.level(1, 2) = std::nan("");
    CHECK_THROWS_WITH_AS(broken.check(portfolio, 2022y / 3, 14), doctest::Contains("customer b in 2022-05"),
                         InputError);
    CHECK_THROWS_AS(seasonal_baseline(portfolio, 2022y / 3, 0), InputError);
}

TEST_CASE("a part of a month counts by its days, and no month repeats it") {
    // 1 January to 12 May: 31 a month, so 12 in May; a mean month is 31, not 136 / 5.
    PortfolioColumns columns;
    columns.period = {Month{2021y / 1}.first_day(), Month{2021y / 5}.first_day() + 11};
    columns.id = {"a"};
    columns.revenue = Column{136.0};
    columns.contribution = Column{13.6};
    columns.monthly_revenue = Matrix(1, 5);
    for (std::size_t m = 0; m < 5; ++m) columns.monthly_revenue(0, m) = m < 4 ? 31.0 : 12.0;
    const Baseline whole = seasonal_baseline(Portfolio(columns), 2021y / 6, 12);
    for (std::size_t m = 0; m < 12; ++m) CHECK(whole.level(0, m) == doctest::Approx(31.0));
    REQUIRE(whole.notes.size() == 2);
    CHECK(whole.notes[0].starts_with("2021-05 is in the period in part"));
    CHECK(whole.notes[1].starts_with("8 months of the horizon"));
    // The whole May of the year before comes again.
    columns.period.first = Month{2020y / 5}.first_day();
    columns.revenue = Column{12 * 20.0 + 12.0};
    columns.contribution = Column{1.0};
    columns.monthly_revenue = Matrix(1, 13);
    for (std::size_t m = 0; m < 13; ++m) columns.monthly_revenue(0, m) = m < 12 ? 20.0 : 12.0;
    CHECK(seasonal_baseline(Portfolio(columns), 2021y / 5, 1).level(0, 0) == 20.0);
    // Only a part of one month: every month counts by its days.
    columns.period = {Month{2021y / 5}.first_day(), Month{2021y / 5}.first_day() + 11};
    columns.revenue = Column{12.0};
    columns.monthly_revenue = Matrix(1, 1);
    columns.monthly_revenue(0, 0) = 12.0;
    CHECK(seasonal_baseline(Portfolio(columns), 2021y / 5, 1).level(0, 0) == doctest::Approx(31.0));
    columns.monthly_revenue = {};
    CHECK(seasonal_baseline(Portfolio(columns), 2021y / 6, 1).level(0, 0) == doctest::Approx(31.0));
}
