// Definitions of the chances of open deals.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/growth/open_chances.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/minimise.hpp"
#include "custfolio/math/special_functions.hpp"

namespace custfolio {

namespace detail {

inline constexpr std::size_t stay_open = std::numeric_limits<std::size_t>::max();  ///< The stay had no end before `at`.
inline constexpr std::size_t stay_won = stay_open - 1;                             ///< It ended in a win.
inline constexpr std::size_t stay_lost = stay_open - 2;                            ///< It ended in a loss.

/// A stay of a deal in a stage.
struct DealStay {
    std::size_t deal;   ///< Position of the deal.
    std::size_t stage;  ///< Code of the stage.
    std::size_t days;   ///< Days at risk, the day of the end included.
    std::size_t next;   ///< Code of the stage that it moved to, or stay_open, stay_won, stay_lost.
};

/// The greatest number of age bands before the open end, and the least number of events of each.
inline constexpr std::size_t most_age_bands = 24;
inline constexpr std::size_t events_a_band = 20;
/// Ends expected beyond the last one: that none came has a chance below 5 %. With fewer it only shows where the data
/// end.
inline constexpr double events_beyond = 3;

/// Factors of groups beside what is expected of them. They have a gamma distribution around 1, fitted by maximum
/// likelihood; all are 1 where the groups differ no more than by chance.
CUSTFOLIO_INLINE std::vector<double> shrunken_factors(std::span<const double> observed,
                                                      std::span<const double> expected) {
    std::vector<double> factors(observed.size(), 1.0);
    // Minus the log likelihood of Poisson counts whose rates have a gamma factor of shape exp(x).
    const auto likelihood = [&](std::span<const double> x, std::span<double> gradient) {
        gradient[0] = 0;
        if (!(x[0] > std::log(1e-3) && x[0] < std::log(1e7))) return std::numeric_limits<double>::infinity();
        const double shape = std::exp(x[0]);
        double value = 0;
        for (std::size_t g = 0; g < observed.size(); ++g) {
            const double n = observed[g];
            const double e = expected[g];
            value -= math::log_gamma_ratio(shape, n) - n * x[0] - (shape + n) * std::log1p(e / shape);
            gradient[0] -= shape * (math::digamma(shape + n) - math::digamma(shape) - std::log1p(e / shape) +
                                    (e - n) / (shape + e));
        }
        return value;
    };
    const math::MinimiseResult best = math::minimise(likelihood, {std::log(10.0)});
    const double same = std::accumulate(expected.begin(), expected.end(), 0.0);
    if (!(best.value < same - 1e-9 * same) || best.x[0] > std::log(1e6)) return factors;
    const double shape = std::exp(best.x[0]);
    for (std::size_t g = 0; g < factors.size(); ++g) factors[g] = (observed[g] + shape) / (expected[g] + shape);
    return factors;
}

/// The stays of the deals before a day. Deals that cannot be placed in time are left out.
CUSTFOLIO_INLINE std::vector<DealStay> deal_stays(std::span<const DayNumber> created,
                                                  std::span<const DayNumber> decided, std::span<const CaseEnd> end,
                                                  const StageHistory& history, DayNumber at,
                                                  std::vector<LeftOutOpportunity>& left_out) {
    std::vector<std::size_t> order(history.deal.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(history.deal[a], history.entered[a]) < std::pair(history.deal[b], history.entered[b]);
    });
    // Deals without a row of the history share a stage of their own, after all others.
    const std::size_t unnamed = history.stage.ids.size();
    std::vector<DealStay> stays;
    std::size_t row = 0;
    for (std::size_t k = 0; k < created.size(); ++k) {
        std::vector<std::pair<DayNumber, std::size_t>> entries;
        for (; row < order.size() && history.deal[order[row]] == k; ++row) {
            const std::pair entry(history.entered[order[row]],
                                  static_cast<std::size_t>(history.stage.codes[order[row]]));
            // A repeated entry counts once.
            if (std::find(entries.begin(), entries.end(), entry) == entries.end()) entries.push_back(entry);
        }
        if (created[k] != no_day && created[k] >= at) continue;
        const bool closed = end[k] != CaseEnd::open;
        if (closed && decided[k] == no_day) {
            left_out.push_back({k, "no day of its end"});
            continue;
        }
        const bool over = closed && decided[k] < at;
        if (created[k] == no_day) {
            left_out.push_back({k, "no day of creation"});
            continue;
        }
        if (closed && decided[k] < created[k]) {
            left_out.push_back(
                {k, "its end on " + day_text(decided[k]) + " is before its creation on " + day_text(created[k])});
            continue;
        }
        const DayNumber until = over ? decided[k] : at;
        // Entries from the end on are no moves: some systems list the end as a stage. A first day may be the last one.
        std::erase_if(entries, [&](const auto& entry) { return entry.first >= until && entry.first > created[k]; });
        if (entries.empty()) entries.emplace_back(created[k], unnamed);
        // The first day at risk: that of the creation, later the day after a move.
        DayNumber first = created[k];
        for (std::size_t i = 0; i < entries.size(); ++i) {
            // Equal stages in a row are one stay, as where the history is a series of snapshots.
            const std::size_t stage = entries[i].second;
            while (i + 1 < entries.size() && entries[i + 1].second == stage) ++i;
            const bool last = i + 1 == entries.size();
            const std::size_t next = !last                    ? entries[i + 1].second
                                     : !over                  ? stay_open
                                     : end[k] == CaseEnd::won ? stay_won
                                                              : stay_lost;
            const DayNumber ended = last ? until : entries[i + 1].first;
            const auto days = static_cast<std::size_t>(std::max(ended - first, 0)) + (next == stay_open ? 0U : 1U);
            stays.push_back({k, stage, days, next});
            first = std::max(ended, first) + 1;
        }
    }
    return stays;
}

/// Daily rates by stage and age.
class DealRates {
  public:
    /// Learns the rates from stays.
    DealRates(std::span<const DealStay> stays, std::size_t stages, const OpenChanceOptions& options) : stages_(stages) {
        std::vector<std::size_t> ages;
        for (const DealStay& stay : stays) {
            if (stay.next == stay_open) continue;
            ages.push_back(stay.days - 1);
            decided_ += stay.next == stay_won || stay.next == stay_lost ? 1U : 0U;
        }
        // Where nothing is decided, what has waited shows only that the export begins here.
        if (decided_ == 0) ages.clear();
        set_edges(std::move(ages));
        join_open_end(stays);
        const std::size_t bands = edges_.size();
        days_ = won_ = lost_ = Matrix(stages, bands);
        std::vector<Matrix> moved(stages, Matrix(stages, bands));
        if (decided_ != 0) {
            for (const DealStay& stay : stays) {
                each_band(stay.days, [&](std::size_t band, double count) { days_(stay.stage, band) += count; });
                if (stay.next == stay_open) continue;
                const std::size_t band = band_of(stay.days - 1);
                Matrix& ended = stay.next == stay_won ? won_ : stay.next == stay_lost ? lost_ : moved[stay.stage];
                ended(&ended == &moved[stay.stage] ? stay.next : stay.stage, band) += 1;
            }
        }
        learn(days_, days_, options);
        learn_moves(moved);
    }

    /// Learns the rates of ends again. Each day at risk is weighted by its deal's factors of winning and of losing.
    void learn(std::span<const DealStay> stays, std::span<const std::pair<double, double>> factors,
               const OpenChanceOptions& options) {
        Matrix win_days(stages_, edges_.size()), loss_days(stages_, edges_.size());
        for (const DealStay& stay : stays) {
            const std::pair<double, double>& factor = factors[stay.deal];
            each_band(stay.days, [&](std::size_t band, double count) {
                win_days(stay.stage, band) += count * factor.first;
                loss_days(stay.stage, band) += count * factor.second;
            });
        }
        learn(win_days, loss_days, options);
    }

    [[nodiscard]] std::size_t decided() const { return decided_; }
    [[nodiscard]] bool moves() const { return moves_; }
    [[nodiscard]] std::size_t stages() const { return stages_; }
    /// The stages that deals moved to from a stage.
    [[nodiscard]] const std::vector<std::size_t>& next(std::size_t stage) const { return next_[stage]; }
    [[nodiscard]] const std::vector<GroupPace>& paces() const { return paces_; }

    /// Expected wins and losses of a stay.
    [[nodiscard]] std::pair<double, double> expected(const DealStay& stay) const {
        std::pair<double, double> sum{0, 0};
        each_band(stay.days, [&](std::size_t band, double count) {
            sum.first += count * hazards_[0](stay.stage, band);
            sum.second += count * hazards_[1](stay.stage, band);
        });
        return sum;
    }

    /// Calls `day(j, won, lost, moved)` for days j = 0 .. days - 1 of a stay that has lasted `age` days, with the
    /// chances that the day brings each end. `moved` has one chance a stage.
    template <class Day>
    void follow(std::size_t stage, std::size_t age, std::size_t days, double win_factor, double loss_factor,
                Day day) const {
        std::vector<double> moved(stages_, 0.0);
        double open = 1;
        std::size_t band = band_of(age);
        for (std::size_t j = 0; j < days; ++j) {
            while (band + 1 < edges_.size() && age + j >= edges_[band + 1]) ++band;
            const double win = rates_[0](stage, band) * win_factor;
            const double loss = rates_[1](stage, band) * loss_factor;
            double all = win + loss;
            for (const std::size_t to : next_[stage]) all += move_rates_[stage](to, band);
            const double ends = -std::expm1(-all);
            const double share = all > 0 ? open * ends / all : 0;
            for (const std::size_t to : next_[stage]) moved[to] = share * move_rates_[stage](to, band);
            day(j, share * win, share * loss, moved);
            open *= 1 - ends;
        }
    }

  private:
    void set_edges(std::vector<std::size_t> ages) {
        edges_ = {0};
        if (ages.empty()) return;
        std::sort(ages.begin(), ages.end());
        const std::size_t bands = std::clamp(ages.size() / events_a_band, std::size_t{1}, most_age_bands);
        for (std::size_t k = 1; k <= bands; ++k) {
            const std::size_t edge = ages[ages.size() * k / bands - 1] + 1;
            if (edge > edges_.back()) edges_.push_back(edge);
        }
    }

    /// Joins the open end with the band before it, unless that band's pace expects `events_beyond` ends there.
    void join_open_end(std::span<const DealStay> stays) {
        if (edges_.size() < 2) return;
        const std::size_t first = edges_[edges_.size() - 2];
        const std::size_t last = edges_.back();
        double events = 0;
        double days = 0;
        double beyond = 0;
        for (const DealStay& stay : stays) {
            days += static_cast<double>(std::clamp(stay.days, first, last) - first);
            beyond += static_cast<double>(std::max(stay.days, last) - last);
            events += stay.next != stay_open && stay.days > first ? 1 : 0;
        }
        if (beyond * events < events_beyond * days) edges_.pop_back();
    }

    [[nodiscard]] std::size_t band_of(std::size_t age) const {
        return static_cast<std::size_t>(std::upper_bound(edges_.begin(), edges_.end(), age) - edges_.begin()) - 1;
    }

    /// Calls `visit(band, days)` for the bands of the first `days` days of a stay.
    template <class Visit>
    void each_band(std::size_t days, Visit visit) const {
        for (std::size_t band = 0; band < edges_.size() && edges_[band] < days; ++band) {
            const std::size_t until = band + 1 < edges_.size() ? std::min(edges_[band + 1], days) : days;
            visit(band, static_cast<double>(until - edges_[band]));
        }
    }

    /// The company's hazards by age, times the factors of a stage and of a stage at an age.
    void learn(const Matrix& win_days, const Matrix& loss_days, const OpenChanceOptions& options) {
        const std::size_t bands = edges_.size();
        const Matrix* counts[] = {&won_, &lost_};
        const Matrix* weighted[] = {&win_days, &loss_days};
        const double share[] = {options.prior, 1 - options.prior};
        // The prior is one case, spread evenly over the bands.
        const double part = 1 / static_cast<double>(bands);
        std::vector<double> total(bands, 0.0), company[2];
        for (std::size_t end = 0; end < 2; ++end) {
            for (std::size_t band = 0; band < bands; ++band) {
                double events = share[end] * part;
                double at_risk = options.prior_days * part;
                double plain = at_risk;
                for (std::size_t s = 0; s < stages_; ++s) {
                    events += (*counts[end])(s, band);
                    at_risk += (*weighted[end])(s, band);
                    plain += days_(s, band);
                }
                company[end].push_back(events / at_risk);
                // Days without factors: this share is below 1.
                total[band] += events / plain;
            }
        }
        paces_.assign(stages_, {});
        for (std::size_t end = 0; end < 2; ++end) {
            std::vector<double> observed(stages_, 0.0), expected(stages_, 0.0), in_cells, of_cells;
            for (std::size_t s = 0; s < stages_; ++s) {
                for (std::size_t band = 0; band < bands; ++band) {
                    observed[s] += (*counts[end])(s, band);
                    expected[s] += (*weighted[end])(s, band) * company[end][band];
                }
                (end == 0 ? paces_[s].expected_won : paces_[s].expected_lost) = expected[s];
                (end == 0 ? paces_[s].won : paces_[s].lost) = static_cast<std::size_t>(observed[s]);
            }
            std::vector<double> factor(stages_, 1.0), cell_factor(stages_ * bands, 1.0);
            // One stage has the company's rates.
            if (stages_ > 1 && decided_ > 0) {
                factor = shrunken_factors(observed, expected);
                for (std::size_t s = 0; s < stages_; ++s) {
                    for (std::size_t band = 0; band < bands; ++band) {
                        in_cells.push_back((*counts[end])(s, band));
                        of_cells.push_back((*weighted[end])(s, band) * company[end][band] * factor[s]);
                    }
                }
                cell_factor = shrunken_factors(in_cells, of_cells);
            }
            hazards_[end] = rates_[end] = Matrix(stages_, bands);
            for (std::size_t s = 0; s < stages_; ++s) {
                (end == 0 ? paces_[s].win_factor : paces_[s].loss_factor) = factor[s];
                for (std::size_t band = 0; band < bands; ++band) {
                    const double both = factor[s] * cell_factor[s * bands + band];
                    hazards_[end](s, band) = company[end][band] * both;
                    // A rate gives its hazard back: 1 - exp(-rate) over a day.
                    rates_[end](s, band) = hazards_[end](s, band) * (-std::log1p(-total[band]) / total[band]);
                }
            }
        }
    }

    void learn_moves(const std::vector<Matrix>& moved) {
        const std::size_t bands = edges_.size();
        move_rates_.assign(stages_, Matrix(stages_, bands));
        next_.resize(stages_);
        for (std::size_t s = 0; s < stages_; ++s) {
            const auto at_risk = days_.row(s);
            const double all = std::accumulate(at_risk.begin(), at_risk.end(), 0.0);
            for (std::size_t to = 0; to < stages_; ++to) {
                const auto counts = moved[s].row(to);
                const double events = std::accumulate(counts.begin(), counts.end(), 0.0);
                if (events == 0) continue;
                moves_ = true;
                next_[s].push_back(to);
                std::vector<double> expected;
                for (const double n : at_risk) expected.push_back(n * events / all);
                const std::vector<double> factors = shrunken_factors(counts, expected);
                for (std::size_t band = 0; band < bands; ++band) {
                    move_rates_[s](to, band) = events / all * factors[band];
                }
            }
        }
    }

    std::size_t stages_;
    std::size_t decided_ = 0;
    bool moves_ = false;
    std::vector<std::size_t> edges_;              ///< First age of each band; the last one has no end.
    Matrix days_;                                 ///< Days at risk; stages x bands.
    Matrix won_;                                  ///< Wins; stages x bands.
    Matrix lost_;                                 ///< Losses; stages x bands.
    Matrix hazards_[2];                           ///< Chance of a win, of a loss, on a day at risk; stages x bands.
    Matrix rates_[2];                             ///< The same as rates of a day.
    std::vector<std::vector<std::size_t>> next_;  ///< Of each stage: those that deals moved to.
    std::vector<Matrix> move_rates_;              ///< Of each stage: rates to each other stage; stages x bands.
    std::vector<GroupPace> paces_;                ///< Of each stage.
};

/// Factors of the groups of each grouping and the rates, by turns until they agree, at most 100 times. Each grouping
/// accounts for the others. The rates account for all: deals of fast groups leave early, slow ones reach high ages.
/// @return per grouping and group its pace.
CUSTFOLIO_INLINE std::vector<std::vector<GroupPace>> group_paces(std::span<const DealStay> stays, DealRates& rates,
                                                                 std::span<const Encoding> groups, std::size_t deals,
                                                                 const OpenChanceOptions& options) {
    std::vector<std::vector<GroupPace>> paces(groups.size());
    for (std::size_t d = 0; d < groups.size(); ++d) {
        for (const std::string& id : groups[d].ids) paces[d].push_back({.dimension = d + 1, .group = id});
    }
    if (rates.decided() == 0) return paces;
    std::vector<std::pair<double, double>> of_deal(deals);
    for (const DealStay& stay : stays) {
        for (std::size_t d = 0; d < groups.size(); ++d) {
            GroupPace& pace = paces[d][static_cast<std::size_t>(groups[d].codes[stay.deal])];
            pace.won += stay.next == stay_won ? 1U : 0U;
            pace.lost += stay.next == stay_lost ? 1U : 0U;
        }
    }
    const auto fit = [&](std::size_t dimension, double GroupPace::* factor, double GroupPace::* expected,
                         std::size_t GroupPace::* count, double std::pair<double, double>::* base) {
        std::vector<double> observed, mean(paces[dimension].size(), 0.0);
        for (std::size_t k = 0; k < deals; ++k) {
            double e = of_deal[k].*base;
            for (std::size_t d = 0; d < groups.size(); ++d) {
                if (d != dimension) e *= paces[d][static_cast<std::size_t>(groups[d].codes[k])].*factor;
            }
            mean[static_cast<std::size_t>(groups[dimension].codes[k])] += e;
        }
        for (const GroupPace& pace : paces[dimension]) observed.push_back(static_cast<double>(pace.*count));
        const std::vector<double> factors = shrunken_factors(observed, mean);
        double change = 0;
        for (std::size_t g = 0; g < factors.size(); ++g) {
            change = std::max(change, std::abs(paces[dimension][g].*factor - factors[g]));
            paces[dimension][g].*factor = factors[g];
            paces[dimension][g].*expected = mean[g];
        }
        return change;
    };
    for (int round = 0; round < 100; ++round) {
        of_deal.assign(deals, {});
        for (const DealStay& stay : stays) {
            const auto [win, loss] = rates.expected(stay);
            of_deal[stay.deal].first += win;
            of_deal[stay.deal].second += loss;
        }
        double change = 0;
        for (std::size_t d = 0; d < groups.size(); ++d) {
            using Pair = std::pair<double, double>;
            change = std::max(change,
                              fit(d, &GroupPace::win_factor, &GroupPace::expected_won, &GroupPace::won, &Pair::first));
            change = std::max(
                change, fit(d, &GroupPace::loss_factor, &GroupPace::expected_lost, &GroupPace::lost, &Pair::second));
        }
        if (change < 1e-10) break;
        std::vector<std::pair<double, double>> factors(deals, {1.0, 1.0});
        std::pair<double, double> company{0, 0}, with_factors{0, 0};
        for (std::size_t k = 0; k < deals; ++k) {
            for (std::size_t d = 0; d < groups.size(); ++d) {
                const GroupPace& pace = paces[d][static_cast<std::size_t>(groups[d].codes[k])];
                factors[k].first *= pace.win_factor;
                factors[k].second *= pace.loss_factor;
            }
            company.first += of_deal[k].first;
            company.second += of_deal[k].second;
            with_factors.first += of_deal[k].first * factors[k].first;
            with_factors.second += of_deal[k].second * factors[k].second;
        }
        // Factors are relative to the company: at its own pace it expects the ends that it had.
        for (auto& [win, loss] : factors) {
            if (with_factors.first > 0) win *= company.first / with_factors.first;
            if (with_factors.second > 0) loss *= company.second / with_factors.second;
        }
        rates.learn(stays, factors, options);
    }
    return paces;
}

/// Chances that a deal which has just entered a stage is won, and is lost, within 0 .. days days; stages x (days + 1).
struct FreshChances {
    Matrix won;   ///< Won within so many days.
    Matrix lost;  ///< Lost within so many days.
};

CUSTFOLIO_INLINE FreshChances fresh_chances(const DealRates& rates, std::size_t days, double win_factor,
                                            double loss_factor) {
    const std::size_t stages = rates.stages();
    FreshChances fresh{Matrix(stages, days + 1), Matrix(stages, days + 1)};
    std::vector<Matrix> moved(stages, Matrix(stages, days));
    // First what a stage brings itself; then, day by day, what the stages after it bring.
    for (std::size_t s = 0; s < stages; ++s) {
        rates.follow(s, 0, days, win_factor, loss_factor,
                     [&](std::size_t j, double won, double lost, const std::vector<double>& moves) {
                         fresh.won(s, j + 1) = fresh.won(s, j) + won;
                         fresh.lost(s, j + 1) = fresh.lost(s, j) + lost;
                         for (std::size_t to = 0; to < stages; ++to) moved[s](to, j) = moves[to];
                     });
    }
    for (std::size_t h = 1; h <= days; ++h) {
        for (std::size_t s = 0; s < stages; ++s) {
            for (const std::size_t to : rates.next(s)) {
                for (std::size_t j = 0; j < h; ++j) {
                    fresh.won(s, h) += moved[s](to, j) * fresh.won(to, h - j - 1);
                    fresh.lost(s, h) += moved[s](to, j) * fresh.lost(to, h - j - 1);
                }
            }
        }
    }
    return fresh;
}

CUSTFOLIO_INLINE void check_open_chances(std::size_t deals, std::span<const DayNumber> decided,
                                         std::span<const CaseEnd> end, std::span<const Encoding> groups,
                                         const StageHistory& history, const OpenChanceOptions& options) {
    check_lengths(decided.size(), deals, "decided");
    check_lengths(end.size(), deals, "end");
    for (const Encoding& group : groups) check_lengths(group.codes.size(), deals, "group");
    check_lengths(history.entered.size(), history.deal.size(), "entered");
    check_lengths(history.stage.codes.size(), history.deal.size(), "stage");
    for (std::size_t k = 0; k < history.deal.size(); ++k) {
        if (history.deal[k] >= deals || history.entered[k] == no_day) {
            throw InputError("history, row " + std::to_string(k + 1) +
                             ": each row needs the position of a deal, and the day on which it entered the stage");
        }
    }
    if (options.at == no_day) throw InputError("at is missing; pass the day at whose beginning the deals are open");
    if (options.months < 1 || options.months > 60) {
        throw InputError("months is " + std::to_string(options.months) + "; it must be 1 to 60");
    }
    require_probability(options.prior, "prior");
    if (!(options.prior_days > 1 && std::isfinite(options.prior_days))) {
        throw InputError("prior_days is " + number_text(options.prior_days) +
                         "; it must be the mean days to a decision, above 1");
    }
}

}  // namespace detail

CUSTFOLIO_INLINE MonthChances OpenChances::months_if_won(std::size_t k) const {
    MonthChances months;
    for (std::size_t m = 0; m < won_by_month.cols(); ++m) {
        if (won_by_month(k, m) > 0) months[static_cast<int>(m)] = won_by_month(k, m) / open[k].won;
    }
    // A deal that cannot be won is decided at once.
    if (months.empty()) months[0] = 1;
    return months;
}

CUSTFOLIO_INLINE OpenChances open_chances(std::span<const DayNumber> created, std::span<const DayNumber> decided,
                                          std::span<const CaseEnd> end, std::span<const Encoding> groups,
                                          const StageHistory& history, const OpenChanceOptions& options) {
    detail::check_open_chances(created.size(), decided, end, groups, history, options);
    OpenChances result;
    const std::vector<detail::DealStay> stays =
        detail::deal_stays(created, decided, end, history, options.at, result.left_out);
    detail::DealRates rates(stays, history.stage.ids.size() + 1, options);
    const std::vector<std::vector<GroupPace>> paces =
        detail::group_paces(stays, rates, groups, created.size(), options);
    result.decided = rates.decided();
    for (std::size_t s = 0; s < history.stage.ids.size(); ++s) {
        result.groups.push_back(rates.paces()[s]);
        result.groups.back().group = history.stage.ids[s];
    }
    for (const auto& each : paces) result.groups.insert(result.groups.end(), each.begin(), each.end());

    // Days from `at` to the end of each month.
    std::vector<std::size_t> month_ends;
    for (int m = 0; m < options.months; ++m) {
        const DayNumber last = (Month::of(options.at) + m).last_day();
        month_ends.push_back(static_cast<std::size_t>(last - options.at) + 1);
    }
    const std::size_t days = month_ends.back();
    // Chances under the prior alone, which count as much as one decided deal.
    std::vector<double> prior_won(days + 1, 0.0);
    double prior_lost = 0;
    detail::DealRates({}, 1, options)
        .follow(0, 0, days, 1, 1, [&](std::size_t j, double win, double loss, const auto&) {
            prior_won[j + 1] = prior_won[j] + win;
            prior_lost += loss;
        });
    const double learned = static_cast<double>(result.decided) / static_cast<double>(result.decided + 1);
    std::vector<std::vector<double>> won_by_month;
    std::map<std::pair<double, double>, detail::FreshChances> fresh;
    for (const detail::DealStay& stay : stays) {
        if (stay.next != detail::stay_open) continue;
        double win_factor = 1;
        double loss_factor = 1;
        for (std::size_t d = 0; d < groups.size(); ++d) {
            const GroupPace& pace = paces[d][static_cast<std::size_t>(groups[d].codes[stay.deal])];
            win_factor *= pace.win_factor;
            loss_factor *= pace.loss_factor;
        }
        std::vector<double> won(days + 1, 0.0);
        double lost = 0;
        Matrix moved(rates.stages(), days);
        rates.follow(stay.stage, stay.days, days, win_factor, loss_factor,
                     [&](std::size_t j, double win, double loss, const std::vector<double>& moves) {
                         won[j + 1] = won[j] + win;
                         lost += loss;
                         for (std::size_t to = 0; to < moves.size(); ++to) moved(to, j) = moves[to];
                     });
        const detail::FreshChances* later = nullptr;
        if (rates.moves()) {
            const auto [at, added] = fresh.try_emplace({win_factor, loss_factor});
            if (added) at->second = detail::fresh_chances(rates, days, win_factor, loss_factor);
            later = &at->second;
            for (const std::size_t to : rates.next(stay.stage)) {
                for (std::size_t j = 0; j < days; ++j) lost += moved(to, j) * later->lost(to, days - j - 1);
            }
        }
        std::vector<double> by_month;
        double before = 0;
        for (const std::size_t until : month_ends) {
            double by_then = won[until];
            for (const std::size_t to : rates.next(stay.stage)) {
                for (std::size_t j = 0; j < until; ++j) by_then += moved(to, j) * later->won(to, until - j - 1);
            }
            by_then = learned * by_then + (1 - learned) * prior_won[until];
            by_month.push_back(std::max(by_then - before, 0.0));
            before = by_then;
        }
        const std::string stage = stay.stage < history.stage.ids.size() ? history.stage.ids[stay.stage] : "";
        lost = learned * lost + (1 - learned) * prior_lost;
        result.open.push_back({stay.deal, stage, static_cast<int>(stay.days), before, lost});
        won_by_month.push_back(std::move(by_month));
    }
    result.won_by_month = Matrix(won_by_month.size(), month_ends.size());
    for (std::size_t k = 0; k < won_by_month.size(); ++k) {
        std::copy(won_by_month[k].begin(), won_by_month[k].end(), result.won_by_month.row(k).begin());
    }
    return result;
}

}  // namespace custfolio
