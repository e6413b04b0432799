// What a customer-base model forecasts of each customer, and how rows that have much in common share the work.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "custfolio/lifetime/purchase_history.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/root.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// The columns of a forecast, one row a customer.
struct PurchaseForecast {
    std::vector<double> alive;       ///< Probability of being alive.
    std::vector<double> mean;        ///< Expected purchases within the horizon.
    std::vector<double> sd;          ///< Standard deviation of these purchases.
    std::vector<double> none;        ///< Probability of no purchase within the horizon.
    std::vector<double> p10;         ///< Number not exceeded with probability 0.1.
    std::vector<double> p50;         ///< Number not exceeded with probability 0.5: the median.
    std::vector<double> p90;         ///< Number not exceeded with probability 0.9.
    std::vector<double> discounted;  ///< Discounted expected purchases within the horizon.
    std::vector<double> residual;    ///< Discounted expected purchases of all time to come (DERT); NaN where infinite.
};

}  // namespace custfolio

namespace custfolio::detail {

/// Rows whose forecasts differ by the chance of being alive alone: they share frequency, T and covariates.
struct ForecastCells {
    /// Checks and collapses the rows. @throws InputError if a value is out of range; the message names row and column.
    ForecastCells(std::span<const double> x, std::span<const double> t_x, std::span<const double> T,
                  const Matrix& covariates);

    /// Frequency of a cell.
    [[nodiscard]] double frequency(std::size_t c) const {
        return shared.frequency().value[shared.frequency().index[c]];
    }
    /// Time observed of a cell.
    [[nodiscard]] double age(std::size_t c) const { return shared.age().value[shared.age().index[c]]; }
    /// Covariates of a cell.
    [[nodiscard]] std::span<const double> covariates(std::size_t c) const {
        const auto columns = static_cast<std::size_t>(shared.covariates().cols());
        return {shared.covariates().data() + c * columns, columns};
    }

    PurchaseHistories shared;          ///< The cells; their recency means nothing.
    std::vector<std::uint32_t> begin;  ///< Rows of cell c: row[begin[c]] ... row[begin[c + 1] - 1].
    std::vector<std::uint32_t> row;
};

/// The common figures of a cell's rows, for a customer that is alive.
struct ForecastOfAlive {
    double mean = 0;        ///< Expected purchases.
    double square = 0;      ///< Expected square of the purchases.
    double discounted = 0;  ///< Discounted expected purchases within the horizon.
    double residual = 0;    ///< The same of all time; NaN where there is none.
};

/// The smallest n whose successor is reached with a probability of at most 1 - probability, by an alive customer's
/// probabilities of n or more.
double quantile_of(const std::vector<double>& at_least, double alive, double probability);

/// A smooth function on an interval by its Chebyshev series, as long as its coefficients need to vanish.
class ChebyshevSeries {
  public:
    /// Takes as many values of the function as the first of `counts` that suffices for an error of `tolerance` times
    /// the largest of them; the last where none does.
    ChebyshevSeries(double from, double to, double tolerance, const std::function<double(double)>& exact,
                    std::span<const std::size_t> counts = few_or_many);
    /// Whether the coefficients vanish.
    [[nodiscard]] bool good() const { return good_; }
    /// The function at a place of the interval.
    [[nodiscard]] double operator()(double at) const {
        const double y = (2 * at - (from_ + to_)) * scale_;
        double first = 0;
        double second = 0;
        for (std::size_t k = coefficient_.size(); k-- > 1;) {
            const double next = 2 * y * first - second + coefficient_[k];
            second = first;
            first = next;
        }
        return y * first - second + coefficient_[0];
    }

  private:
    static constexpr std::array<std::size_t, 2> few_or_many{32, 96};

    double from_, to_, scale_;
    std::vector<double> coefficient_;
    bool good_ = false;
};

/// A function of time, from its Chebyshev series in ln(scale + T) for many times.
std::vector<double> over_ages(const std::vector<double>& ages, double scale,
                              const std::function<double(double)>& exact);

/// Fails unless a horizon is a finite time and a discount rate is one. @throws InputError.
void check_forecast(double horizon, double rate);

/// The time at which a survival function, which falls, reaches one half: 0 where it begins at or below it, infinity
/// where it stays above for a billion units of time.
template <class Survival>
double half_life(Survival&& survival) {
    const auto over = [&](double t) { return survival(t) - 0.5; };
    if (over(0.0) <= 0.0) return 0.0;
    double until = 1.0;
    while (over(until) > 0.0) {
        until *= 2.0;
        if (until > 1e9) return std::numeric_limits<double>::infinity();
    }
    return math::brent_root(over, until > 1.0 ? 0.5 * until : 0.0, until).root;
}

/// The forecast of every row, `grain` cells at a time. `of_alive(c, at_least)` returns the common part of cell c and
/// fills the probabilities of n or more purchases, down to at most 0.1; `alive(i, c)` is row i's chance; `quantile(c,
/// alive, probability)` and `none(c)` serve a cell that leaves `at_least` empty.
template <class OfAlive, class Alive, class Quantile, class None>
PurchaseForecast forecast_rows(const ForecastCells& cells, std::size_t grain, unsigned threads,
                               const math::Pulse& pulse, OfAlive&& of_alive, Alive&& alive_of, Quantile&& quantile,
                               None&& none) {
    PurchaseForecast result;
    for (std::vector<double>* column : {&result.alive, &result.mean, &result.sd, &result.none, &result.p10, &result.p50,
                                        &result.p90, &result.discounted, &result.residual}) {
        column->resize(cells.row.size());
    }
    const auto some_cells = [&](std::size_t from, std::size_t to) {
        std::vector<double> at_least;
        for (std::size_t c = from; c < to; ++c) {
            const ForecastOfAlive shared = of_alive(c, at_least);
            const double some = at_least.empty() ? 1 - none(c) : at_least.size() > 1 ? at_least[1] : 0.0;
            for (std::uint32_t k = cells.begin[c]; k < cells.begin[c + 1]; ++k) {
                const std::size_t i = cells.row[k];
                const double alive = alive_of(i, c);
                const double mean = alive * shared.mean;
                result.alive[i] = alive;
                result.mean[i] = mean;
                result.sd[i] = std::sqrt(std::max(0.0, alive * shared.square - mean * mean));
                result.none[i] = 1 - alive * some;
                const auto not_exceeded = [&](double probability) {
                    return at_least.empty() ? quantile(c, alive, probability)
                                            : quantile_of(at_least, alive, probability);
                };
                result.p10[i] = not_exceeded(0.1);
                result.p50[i] = not_exceeded(0.5);
                result.p90[i] = not_exceeded(0.9);
                result.discounted[i] = alive * shared.discounted;
                result.residual[i] = alive * shared.residual;
                if (!std::isfinite(mean + result.sd[i] + result.none[i] + result.discounted[i]) ||
                    std::isinf(result.residual[i])) {
                    throw NumericalError("row " + std::to_string(i + 1) +
                                         ": the forecast is beyond the range of numbers; check T and the parameters");
                }
            }
        }
    };
    math::parallel_for(0, cells.begin.size() - 1, grain, threads, some_cells, pulse);
    return result;
}

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/forecast.ipp"
#endif
