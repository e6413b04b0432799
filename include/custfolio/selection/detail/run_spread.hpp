// The spread of any run of sorted values, from sums with twice the digits of a double.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace custfolio::detail {

/// A number as the sum of two doubles, the second at most half a unit in the last place of the first.
struct Twofold {
    double high = 0;
    double low = 0;

    static Twofold sum_of(double a, double b) {
        const double sum = a + b;
        const double part = sum - a;
        return {sum, (a - (sum - part)) + (b - part)};
    }
    friend Twofold operator+(Twofold a, Twofold b) {
        const Twofold sum = sum_of(a.high, b.high);
        return sum_of(sum.high, sum.low + (a.low + b.low));
    }
    friend Twofold operator-(Twofold a, Twofold b) { return a + Twofold{-b.high, -b.low}; }
    friend Twofold operator*(Twofold a, double b) {
        const double product = a.high * b;
        return sum_of(product, std::fma(a.high, b, -product) + a.low * b);
    }
};

/// Weighted sums of squares of runs of values about their means. The difference of two such sums loses as many digits
/// as the run is far from 0 for its width; twofold sums keep a double's worth.
class RunSpread {
  public:
    /// @param value ascending; it must outlive this object.
    /// @param weight one each, > 0; it must outlive this object.
    RunSpread(std::span<const double> value, std::span<const double> weight)
        : value_(value), weight_(weight), sums_(value.size() + 1) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            const Twofold moment = Twofold{weight[i]} * value[i];
            sums_[i + 1] = {sums_[i].weight + Twofold{weight[i]}, sums_[i].moment + moment,
                            sums_[i].square + moment * value[i]};
        }
    }

    /// @return number of values.
    [[nodiscard]] std::size_t size() const { return sums_.size() - 1; }
    /// @return the values.
    [[nodiscard]] std::span<const double> values() const { return value_; }
    /// @return the square of a value about a centre, weighted.
    [[nodiscard]] double square(std::size_t place, double centre) const {
        return weight_[place] * (value_[place] - centre) * (value_[place] - centre);
    }
    /// @return the weight of the run [first, last).
    [[nodiscard]] double weight(std::size_t first, std::size_t last) const {
        return (sums_[last].weight - sums_[first].weight).high;
    }
    /// @return its mean.
    [[nodiscard]] double mean(std::size_t first, std::size_t last) const {
        return (sums_[last].moment - sums_[first].moment).high / weight(first, last);
    }
    /// @return its sum of squares about its mean; 0 for no value or one.
    [[nodiscard]] double operator()(std::size_t first, std::size_t last) const {
        if (last <= first + 1) return 0.0;
        const Twofold weight = sums_[last].weight - sums_[first].weight;
        const Twofold moment = sums_[last].moment - sums_[first].moment;
        const Twofold square = sums_[last].square - sums_[first].square;
        // Squares about a rounded mean: its error counts squared.
        const double mean = moment.high / weight.high;
        const Twofold spread = square - (moment + moment - weight * mean) * mean;
        return std::max(0.0, spread.high);
    }

  private:
    struct Sums {
        Twofold weight;
        Twofold moment;
        Twofold square;
    };
    std::span<const double> value_;
    std::span<const double> weight_;
    std::vector<Sums> sums_;
};

}  // namespace custfolio::detail
