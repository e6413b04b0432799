// Definitions of the simulation of a plan.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/linear.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/quantile.hpp"
#include "custfolio/math/random.hpp"
#include "custfolio/portfolio/bucket.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/simulation.hpp"

namespace custfolio {
namespace detail {

inline constexpr std::size_t paths_of_block = 64;  // that are added up side by side

// What a stream of random numbers is for.
enum class Draw : std::uint64_t { answer = 1, win, own, common, steps };

// A stream for each identity and purpose (FNV-1a): no stream depends on the order of the customers.
inline std::uint64_t stream_of(Draw draw, std::string_view id = {}) {
    std::uint64_t hash = 0xcbf29ce484222325ULL ^ static_cast<std::uint64_t>(draw);
    for (const char letter : id) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
    return hash * 0x100000001b3ULL;
}

// Level and heat per month.
struct Change {
    std::vector<double> level, heat;
};

// How the purchases of one customer vary, per month of the plan.
struct OwnError {
    std::vector<double> level;        // deviation of its own level
    std::vector<double> heat;         // the same of its heat, by its temperature
    std::vector<double> temperature;  // deviation of its heat by the error of the temperature, the same in all months
    Change common;                    // times the factor that all customers share
};

class PurchaseErrors {
  public:
    PurchaseErrors(const Baseline& baseline, Month start, std::size_t months)
        : baseline_(baseline), from_(static_cast<std::size_t>(start - baseline.start)), months_(months) {}

    [[nodiscard]] bool known() const { return baseline_.joint.known(); }
    [[nodiscard]] double correlation() const { return baseline_.joint.correlation; }
    [[nodiscard]] double own_correlation() const { return baseline_.joint.own_correlation; }
    [[nodiscard]] OwnError of(std::size_t customer) const {
        OwnError error;
        for (std::size_t m = 0; m < months_; ++m) {
            const std::size_t at = from_ + m;
            const double share = baseline_.temperature_of(customer, at);
            const double own = baseline_.own_deviation(customer, at);
            const double common = baseline_.joint.common[at] * std::abs(baseline_.level(customer, at));
            error.level.push_back(own);
            error.heat.push_back(own * share);
            error.temperature.push_back(baseline_.heat_deviation(customer, at));
            error.common.level.push_back(common);
            error.common.heat.push_back(common * share);
        }
        return error;
    }
    // Of new business: more of it than usual stays more in all months, and so does the error of its temperature.
    [[nodiscard]] Change newcomers(std::vector<double>& of_temperature) const {
        Change change{std::vector<double>(months_), std::vector<double>(months_)};
        of_temperature.assign(months_, 0.0);
        const NewcomerLine& line = baseline_.newcomers;
        for (std::size_t m = 0; m < months_ && line.known(); ++m) {
            const std::size_t at = from_ + m;
            change.level[m] = line.deviation[at];
            if (line.level[at] != 0) change.heat[m] = line.deviation[at] * line.heat[at] / line.level[at];
            const double rest = line.heat_deviation[at] * line.heat_deviation[at] - change.heat[m] * change.heat[m];
            of_temperature[m] = std::sqrt(std::max(rest, 0.0));
        }
        return change;
    }

  private:
    const Baseline& baseline_;
    std::size_t from_, months_;
};

// A customer with an offer, or one that may flow over; or a prospect.
struct Acting {
    std::uint64_t stream = 0;  // of the answer or the win
    double probability = 0;    // to accept, or to be won
    std::size_t begin = 0;     // first month in which that changes anything
    Change gained{};           // from there on if it is accepted or won
    std::size_t leaves = 0;    // first month without it after a refusal; all months: it stays
    Change lost{};             // from there on
    double level_stays = 0;    // share of its own error from there on
    std::uint64_t own_stream = 0;
    OwnError own{};                        // of one that may leave
    std::size_t plans = 0;                 // position among the leavers with action plans
    std::vector<std::size_t> positions{};  // its action plans, where it may leave
};

// Everything that a path needs.
class Simulator {
  public:
    Simulator(const Plan& plan, const PlanInputs& inputs, const SimulationOptions& options)
        : plan_(plan),
          inputs_(inputs),
          options_(options),
          model_(inputs.model()),
          months_(model_.months()),
          errors_(inputs.baseline, plan.start, months_) {
        base_ = {{model_.level().begin(), model_.level().end()}, {model_.heat().begin(), model_.heat().end()}};
        newcomers_ = errors_.newcomers(newcomer_temperature_);
        common_ = {std::vector<double>(months_), std::vector<double>(months_)};
        read_customers();
        read_prospects();
        read_graphs();
    }

    [[nodiscard]] const CourseModel& model() const { return model_; }
    [[nodiscard]] bool purchases() const { return errors_.known(); }

    // Paths of one block, by number.
    void run(std::size_t first, std::size_t last, PlanSimulation& found) const;

  private:
    using Block = std::vector<double>;  // months x paths of a block

    void read_customers();
    [[nodiscard]] const std::string& answers_as(std::size_t who) const;
    void read_customer(std::size_t who, const Course& course);
    void read_prospects();
    void read_graphs();
    void factorise(const Matrix& covariance);
    void draw_purchases(std::size_t path, std::size_t at, Block& level, Block& heat, Block& common) const;
    void play_plans(std::size_t path, std::size_t at, Block& level, Block& heat, std::vector<Change>& leaving,
                    PlanGraph::Play& play) const;
    void draw_leaver(const Acting& one, std::size_t path, std::size_t at, bool stays, const Block& common, Block& level,
                     Block& heat) const;

    const Plan& plan_;
    PlanInputs inputs_;
    SimulationOptions options_;
    CourseModel model_;
    std::size_t months_;
    PurchaseErrors errors_;
    Change base_, newcomers_, common_;  // common_: of customers who stay in any case
    std::vector<double> newcomer_temperature_;
    Matrix root_;  // of the covariance of their own errors: level by month, then heat by month
    std::vector<Acting> customers_, prospects_;
    std::vector<std::size_t> staying_plans_;
    std::vector<std::size_t> graphs_;  // with an action plan that runs
    std::size_t leaving_plans_ = 0;
};

// Whose answer it is: of a holding that of its customer with the least identity, whatever their order.
CUSTFOLIO_INLINE const std::string& Simulator::answers_as(std::size_t who) const {
    const std::vector<std::string>& id = inputs_.portfolio.columns().id;
    if (!model_.holdings().linked(who)) return id[who];
    const std::span<const std::size_t> members = model_.holdings().members(who);
    return id[*std::min_element(members.begin(), members.end(),
                                [&](std::size_t a, std::size_t b) { return id[a] < id[b]; })];
}

// A course for certain is a part of the base; the others act by chance.
CUSTFOLIO_INLINE void Simulator::read_customer(std::size_t who, const Course& course) {
    Course plain = course;
    plain.plans.clear();
    CourseEffect effect;
    model_.effect(who, plain, effect);
    const double refusal = model_.refusal(who, course);
    const bool asked = course.offer != Course::none;
    const double accepts = asked ? 1 - refusal : 0;
    const double cost = asked && model_.pays_for(who, course.offer) ? inputs_.strategy.cost_per_offer : 0.0;
    Acting one;
    one.stream = stream_of(Draw::answer, answers_as(who));
    one.own_stream = stream_of(Draw::own, inputs_.portfolio.columns().id[who]);
    one.probability = accepts;
    one.begin = asked ? static_cast<std::size_t>(course.month + inputs_.strategy.notice_months) : months_;
    one.leaves = course.overflow >= 0 && refusal > 0 ? static_cast<std::size_t>(course.overflow) : months_;
    if (asked) base_.heat[static_cast<std::size_t>(course.month)] -= cost;
    one.gained = one.lost = {std::vector<double>(months_), std::vector<double>(months_)};
    for (std::size_t m = one.begin; m < months_ && accepts > 0; ++m) {
        const double paid = static_cast<int>(m) == course.month ? cost : 0.0;
        one.gained.level[m] = effect.remediation.level[m] / accepts;
        one.gained.heat[m] = (effect.remediation.heat[m] + paid) / accepts;
    }
    for (std::size_t m = one.leaves; m < months_; ++m) {
        one.lost.level[m] = effect.overflow.level[m] / refusal;
        one.lost.heat[m] = effect.overflow.heat[m] / refusal;
    }
    if (one.leaves < months_) {
        if (purchases()) one.own = errors_.of(who);
        if (const Exit* exit = model_.way_out(who)) one.level_stays = exit->level_stays;
        one.plans = leaving_plans_;
        one.positions = course.plans;
        leaving_plans_ += course.plans.empty() ? 0 : 1;
    } else {
        staying_plans_.insert(staying_plans_.end(), course.plans.begin(), course.plans.end());
    }
    if (asked || one.leaves < months_) customers_.push_back(std::move(one));
}

CUSTFOLIO_INLINE void Simulator::read_customers() {
    const std::vector<std::string>& id = inputs_.portfolio.columns().id;
    std::vector<std::size_t> order(id.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    detail::sort(order, [&](std::size_t a, std::size_t b) { return id[a] < id[b]; });
    std::vector<std::size_t> staying;
    for (const std::size_t who : order) {
        const Course& course = plan_.courses[who];
        if (!(course == Course{})) read_customer(who, course);
        if (!(course.overflow >= 0 && model_.refusal(who, course) > 0)) staying.push_back(who);
    }
    if (!purchases()) return;
    // The own errors of those who stay in any case add up to a normal vector: level by month, then heat by month.
    const std::size_t size = 2 * months_;
    struct Sums {
        Matrix shared, alone;  // of errors that two months share by their correlation, and in all months alike
        Change common;
    };
    const auto add = [&](std::size_t begin, std::size_t end) {
        Sums sums{
            Matrix(size, size), Matrix(months_, months_), {std::vector<double>(months_), std::vector<double>(months_)}};
        std::vector<double> own(size);
        for (std::size_t k = begin; k < end; ++k) {
            const OwnError error = errors_.of(staying[k]);
            for (std::size_t m = 0; m < months_; ++m) {
                own[m] = error.level[m];
                own[months_ + m] = error.heat[m];
                sums.common.level[m] += error.common.level[m];
                sums.common.heat[m] += error.common.heat[m];
                for (std::size_t b = 0; b <= m; ++b) {
                    sums.alone(m, b) += error.temperature[m] * error.temperature[b];
                }
            }
            for (std::size_t a = 0; a < size; ++a) {
                for (std::size_t b = 0; b <= a; ++b) sums.shared(a, b) += own[a] * own[b];
            }
        }
        return sums;
    };
    const auto both = [&](Sums left, const Sums& right) {
        for (std::size_t a = 0; a < size; ++a) {
            for (std::size_t b = 0; b <= a; ++b) left.shared(a, b) += right.shared(a, b);
        }
        for (std::size_t a = 0; a < months_; ++a) {
            for (std::size_t b = 0; b <= a; ++b) left.alone(a, b) += right.alone(a, b);
            left.common.level[a] += right.common.level[a];
            left.common.heat[a] += right.common.heat[a];
        }
        return left;
    };
    constexpr std::size_t grain = 4'096;
    const Sums none{Matrix(size, size), Matrix(months_, months_), common_};
    const Sums sums = math::parallel_reduce(std::size_t{0}, staying.size(), grain, options_.threads, none, add, both);
    common_ = sums.common;
    Matrix covariance(size, size);
    for (std::size_t a = 0; a < size; ++a) {
        for (std::size_t b = 0; b <= a; ++b) {
            covariance(a, b) = (a % months_ == b % months_ ? 1.0 : errors_.own_correlation()) * sums.shared(a, b);
            if (b >= months_) covariance(a, b) += sums.alone(a - months_, b - months_);
            covariance(b, a) = covariance(a, b);
        }
    }
    factorise(covariance);
}

// The symmetric root; months may follow from each other, so that some eigenvalues are 0 up to rounding.
CUSTFOLIO_INLINE void Simulator::factorise(const Matrix& covariance) {
    const math::SymmetricEigen eigen = math::symmetric_eigen(covariance);
    std::vector<double> factor;
    for (const double value : eigen.values) factor.push_back(std::sqrt(std::max(value, 0.0)));
    root_ = eigen.matrix(factor);
}

CUSTFOLIO_INLINE void Simulator::read_prospects() {
    std::vector<std::size_t> order;
    for (std::size_t j = 0; j < inputs_.prospects.size(); ++j) {
        if (plan_.courses[model_.customers() + j].month >= 0) order.push_back(j);
    }
    detail::stable_sort(
        order, [&](std::size_t a, std::size_t b) { return inputs_.prospects[a].id < inputs_.prospects[b].id; });
    CourseEffect effect;
    for (const std::size_t j : order) {
        const std::size_t who = model_.customers() + j;
        const auto begin = static_cast<std::size_t>(plan_.courses[who].month);
        model_.effect(who, plan_.courses[who], effect);
        // The pursuit is paid for, won or not.
        base_.heat[begin] -= inputs_.strategy.cost_per_pursuit;
        Acting one;
        one.stream = stream_of(Draw::win, inputs_.prospects[j].id);
        one.probability = inputs_.prospects[j].win_probability;
        one.begin = begin;
        one.leaves = months_;
        one.gained = {effect.acquisition.level, effect.acquisition.heat};
        one.gained.heat[begin] += inputs_.strategy.cost_per_pursuit;
        if (!(one.probability > 0)) continue;
        for (std::vector<double>* column : {&one.gained.level, &one.gained.heat}) {
            for (double& amount : *column) amount /= one.probability;
        }
        prospects_.push_back(std::move(one));
    }
}

// Other graphs change nothing: no graph's steps depend on those of another one.
CUSTFOLIO_INLINE void Simulator::read_graphs() {
    const GrowthForecast& growth = inputs_.growth;
    std::vector<char> runs(growth.size());
    for (const std::size_t plan : staying_plans_) runs[plan] = 1;
    for (const Acting& one : customers_) {
        for (const std::size_t plan : one.positions) runs[plan] = 1;
    }
    for (std::size_t g = 0; g < growth.graphs(); ++g) {
        const auto counts = [&](const PlanGraph::Node& node) { return node.step != nullptr && runs[node.plan] != 0; };
        if (detail::any_of(growth.graph(g).nodes(), counts)) graphs_.push_back(g);
    }
}

// The errors of new business and of customers who stay, and the factor that all share.
CUSTFOLIO_INLINE void Simulator::draw_purchases(std::size_t path, std::size_t at, Block& level, Block& heat,
                                                Block& common) const {
    const std::size_t size = 2 * months_;
    const std::uint64_t stream = stream_of(Draw::common);
    std::uint64_t index = path * (size + months_ + 3);
    const auto normal = [&] { return math::standard_normal(options_.seed, stream, index++); };
    std::vector<double> drawn(size);
    for (double& one : drawn) one = normal();
    const double more = normal();  // new business
    const double warmer = normal();
    const double shared = std::sqrt(errors_.correlation()) * normal();
    const double alone = std::sqrt(1 - errors_.correlation());
    for (std::size_t m = 0; m < months_; ++m) {
        const double factor = shared + alone * normal();
        common[m * paths_of_block + at] = factor;
        level[m * paths_of_block + at] +=
            math::dot(root_.row(m), drawn) + newcomers_.level[m] * more + common_.level[m] * factor;
        heat[m * paths_of_block + at] += math::dot(root_.row(months_ + m), drawn) + newcomers_.heat[m] * more +
                                         newcomer_temperature_[m] * warmer + common_.heat[m] * factor;
    }
}

// The amounts of all action plans that were chosen; those of customers who may leave are kept apart as well.
CUSTFOLIO_INLINE void Simulator::play_plans(std::size_t path, std::size_t at, Block& level, Block& heat,
                                            std::vector<Change>& leaving, PlanGraph::Play& play) const {
    const GrowthForecast& growth = inputs_.growth;
    growth.play(options_.seed ^ stream_of(Draw::steps), path, graphs_, play);
    const auto from = static_cast<std::size_t>(plan_.start - growth.start());
    for (const std::size_t g : staying_plans_) {
        for (std::size_t m = 0; m < months_; ++m) {
            level[m * paths_of_block + at] += play.revenue(g, from + m);
            heat[m * paths_of_block + at] += play.contribution(g, from + m);
        }
    }
    for (const Acting& one : customers_) {
        if (one.positions.empty()) continue;
        Change& sums = leaving[one.plans * paths_of_block + at];
        sums = {std::vector<double>(months_), std::vector<double>(months_)};
        for (const std::size_t g : one.positions) {
            for (std::size_t m = 0; m < months_; ++m) {
                sums.level[m] += play.revenue(g, from + m);
                sums.heat[m] += play.contribution(g, from + m);
            }
        }
    }
}

// The own errors of a customer that may leave, and its part of what all share, as long as it is there.
CUSTFOLIO_INLINE void Simulator::draw_leaver(const Acting& one, std::size_t path, std::size_t at, bool stays,
                                             const Block& common, Block& level, Block& heat) const {
    std::uint64_t index = path * (months_ + 2);
    const auto normal = [&] { return math::standard_normal(options_.seed, one.own_stream, index++); };
    const double shared = std::sqrt(errors_.own_correlation()) * normal();
    const double temperature = normal();
    const double alone = std::sqrt(1 - errors_.own_correlation());
    for (std::size_t m = 0; m < (stays || one.level_stays > 0 ? months_ : one.leaves); ++m) {
        const double part = stays || m < one.leaves ? 1.0 : one.level_stays;
        const double own = part * (shared + alone * normal());
        const double factor = part * common[m * paths_of_block + at];
        level[m * paths_of_block + at] += one.own.level[m] * own + one.own.common.level[m] * factor;
        heat[m * paths_of_block + at] +=
            one.own.heat[m] * own + one.own.common.heat[m] * factor + part * one.own.temperature[m] * temperature;
    }
}

CUSTFOLIO_INLINE void Simulator::run(std::size_t first, std::size_t last, PlanSimulation& found) const {
    const std::size_t count = last - first;
    Block level(months_ * paths_of_block), heat(level), common(level);
    for (std::size_t m = 0; m < months_; ++m) {
        std::fill_n(level.begin() + static_cast<std::ptrdiff_t>(m * paths_of_block), paths_of_block, base_.level[m]);
        std::fill_n(heat.begin() + static_cast<std::ptrdiff_t>(m * paths_of_block), paths_of_block, base_.heat[m]);
    }
    std::vector<Change> leaving(leaving_plans_ * paths_of_block);
    PlanGraph::Play play;
    for (std::size_t at = 0; at < count; ++at) {
        if (purchases()) draw_purchases(first + at, at, level, heat, common);
        if (!graphs_.empty()) play_plans(first + at, at, level, heat, leaving, play);
    }
    std::vector<double> drawn(paths_of_block), happens(paths_of_block);
    const auto add = [&](const Change& change, std::size_t from, std::span<const double> weight) {
        for (std::size_t m = from; m < months_; ++m) {
            double* to_level = level.data() + m * paths_of_block;
            double* to_heat = heat.data() + m * paths_of_block;
            for (std::size_t at = 0; at < paths_of_block; ++at) {
                to_level[at] += weight[at] * change.level[m];
                to_heat[at] += weight[at] * change.heat[m];
            }
        }
    };
    for (const std::vector<Acting>* all : {&customers_, &prospects_}) {
        for (const Acting& one : *all) {
            math::uniforms(options_.seed, one.stream, first, drawn);
            for (std::size_t at = 0; at < paths_of_block; ++at) happens[at] = drawn[at] < one.probability ? 1 : 0;
            Column& number = all == &customers_ ? found.accepted : found.won;
            for (std::size_t at = 0; at < count; ++at) number[first + at] += happens[at];
            add(one.gained, one.begin, happens);
            if (one.leaves == months_) continue;
            for (std::size_t at = 0; at < count; ++at) {
                const bool stays = happens[at] > 0;
                found.left[first + at] += stays ? 0 : 1;
                if (purchases()) draw_leaver(one, first + at, at, stays, common, level, heat);
                if (one.positions.empty()) continue;
                const Change& plans = leaving[one.plans * paths_of_block + at];
                for (std::size_t m = 0; m < (stays ? months_ : one.leaves); ++m) {
                    level[m * paths_of_block + at] += plans.level[m];
                    heat[m * paths_of_block + at] += plans.heat[m];
                }
            }
            for (double& one_of : happens) one_of = 1 - one_of;
            add(one.lost, one.leaves, happens);
        }
    }
    for (std::size_t at = 0; at < count; ++at) {
        for (std::size_t m = 0; m < months_; ++m) {
            found.level(first + at, m) = level[m * paths_of_block + at];
            found.heat(first + at, m) = heat[m * paths_of_block + at];
        }
    }
}

inline SimulatedFigure figure_of(std::vector<double> values) {
    SimulatedFigure figure;
    const auto count = static_cast<double>(values.size());
    figure.mean = math::deterministic_sum(values) / count;
    math::CompensatedSum squares;
    for (const double value : values) squares += (value - figure.mean) * (value - figure.mean);
    figure.deviation = std::sqrt(squares.value() / count);
    if (!std::isnan(figure.mean)) detail::sort(values);
    const auto quantile = [&](double share) {
        return std::isnan(figure.mean) ? figure.mean : math::quantile_of_sorted(values, share);
    };
    figure.p10 = quantile(0.1);
    figure.p25 = quantile(0.25);
    figure.p50 = quantile(0.5);
    figure.p75 = quantile(0.75);
    figure.p90 = quantile(0.9);
    return figure;
}

template <class Value>
SimulatedFigure figure_over(std::size_t paths, const Value& value) {
    std::vector<double> values;
    for (std::size_t path = 0; path < paths; ++path) values.push_back(value(path));
    return figure_of(std::move(values));
}

}  // namespace detail

CUSTFOLIO_INLINE SimulatedFigure PlanSimulation::level_of(std::size_t month) const {
    return detail::figure_over(paths(), [&](std::size_t path) { return level(path, month); });
}

CUSTFOLIO_INLINE SimulatedFigure PlanSimulation::heat_of(std::size_t month) const {
    return detail::figure_over(paths(), [&](std::size_t path) { return heat(path, month); });
}

CUSTFOLIO_INLINE SimulatedFigure PlanSimulation::temperature_of(std::size_t month) const {
    return detail::figure_over(
        paths(), [&](std::size_t path) { return custfolio::temperature_of(level(path, month), heat(path, month)); });
}

CUSTFOLIO_INLINE SimulatedFigure PlanSimulation::temperature_of_all() const {
    return detail::figure_of(temperature);
}

CUSTFOLIO_INLINE void SimulationOptions::check(int months) const {
    constexpr std::size_t most = 10'000'000;
    constexpr std::size_t most_cells = std::size_t{1} << 28U;
    if (paths < 1 || paths > most) {
        throw InputError("simulation: paths is " + std::to_string(paths) + "; it must lie in [1, " +
                         std::to_string(most) + "]");
    }
    const std::size_t cells = paths * static_cast<std::size_t>(months);
    if (cells > most_cells) {
        throw InputError("simulation: " + std::to_string(paths) + " paths of " + std::to_string(months) +
                         " months are " + std::to_string(cells) + " cells; at most " + std::to_string(most_cells) +
                         " are possible");
    }
}

CUSTFOLIO_INLINE PlanSimulation simulate(const Plan& plan, const PlanInputs& inputs, const SimulationOptions& options) {
    inputs.check(plan);
    options.check(inputs.strategy.months);
    const detail::Simulator simulator(plan, inputs, options);
    const std::size_t months = simulator.model().months();
    PlanSimulation found;
    found.start = plan.start;
    found.seed = options.seed;
    found.purchases = simulator.purchases();
    found.level = found.heat = Matrix(options.paths, months);
    found.accepted = found.won = found.left = Column(options.paths);
    math::parallel_for(0, options.paths, detail::paths_of_block, options.threads,
                       [&](std::size_t first, std::size_t last) {
                           // A small number of paths is one chunk of several blocks.
                           for (std::size_t at = first; at < last; at += detail::paths_of_block) {
                               simulator.run(at, std::min(at + detail::paths_of_block, last), found);
                           }
                       });
    for (std::size_t path = 0; path < options.paths; ++path) {
        const auto sum = [&](std::span<const double> row) { return std::accumulate(row.begin(), row.end(), 0.0); };
        found.temperature.push_back(temperature_of(sum(found.level.row(path)), sum(found.heat.row(path))));
    }
    std::vector<char> all(options.paths, 1);
    std::size_t place = 0;
    for (const CourseRow& row : simulator.model().rows()) {
        if (row.kind != CourseRow::Kind::floor || row.group != CourseRow::whole) continue;
        if (place == plan.floors.size()) throw InputError("the plan has fewer floors than its strategy; make it again");
        SimulatedFloor floor;
        floor.month = plan.floors[place].month;
        floor.months = plan.floors[place++].months;
        floor.floor = row.lower;
        const double needed = row.lower - 1e-12 * (std::abs(row.lower) + std::abs(row.base));
        std::vector<double> levels;
        std::size_t reached = 0;
        for (std::size_t path = 0; path < options.paths; ++path) {
            double level = row.base;
            for (const std::size_t m : row.months) level += found.level(path, m) - simulator.model().level()[m];
            levels.push_back(level);
            reached += level >= needed ? 1 : 0;
            if (level < needed) all[path] = 0;
        }
        floor.level = detail::figure_of(std::move(levels));
        if (found.purchases) floor.chance = static_cast<double>(reached) / static_cast<double>(options.paths);
        found.floors.push_back(floor);
    }
    if (!found.floors.empty() && found.purchases) {
        const auto held = std::accumulate(all.begin(), all.end(), std::size_t{0});
        found.floor_chance = static_cast<double>(held) / static_cast<double>(options.paths);
    }
    return found;
}

}  // namespace custfolio
