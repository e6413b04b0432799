// Definitions of the ranking of prospects.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "custfolio/acquisition/network.hpp"
#include "custfolio/acquisition/prospects.hpp"
#include "custfolio/acquisition/route_fit.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/portfolio/places.hpp"
#include "custfolio/terms/wording.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE void check(const AcquisitionOptions& options) {
    require_positive(options.bandwidth_km, "bandwidth_km");
    require_positive(options.cutoff, "cutoff");
    require_positive(options.new_customer_share, "new_customer_share");
    require_probability(options.base_win_probability, "base_win_probability");
    // At 0 or 1 the logit is infinite.
    if (options.base_win_probability == 0 || options.base_win_probability == 1) {
        throw InputError("base_win_probability is " + number_text(options.base_win_probability) +
                         "; warmth can only move it where it lies between 0 and 1, both excluded");
    }
    const auto not_negative = [](double value, const char* what) {
        if (!(std::isfinite(value) && value >= 0)) {
            throw InputError(std::string(what) + " is " + number_text(value) + "; it must be 0 or more");
        }
    };
    require_finite(options.warmth_sensitivity, "warmth_sensitivity");
    require_finite(options.network_sensitivity, "network_sensitivity");
    require_finite(options.likeness_sensitivity, "likeness_sensitivity");
    for (const auto& [source, odds] : options.source_log_odds) {
        require_finite(odds, "source_log_odds of '" + source + "'");
    }
    not_negative(options.burden_sensitivity, "burden_sensitivity");
    not_negative(options.kilometre_cost, "kilometre_cost");
    if (!options.terms.empty() && !options.costs) {
        throw InputError("terms of newcomers need the cost model: their effect is computed from the drivers");
    }
    not_negative(options.hours_per_pursuit, "hours_per_pursuit");
    not_negative(options.ramp_months, "ramp_months");
    if (!(options.minimum_temperature > -1 && options.minimum_temperature < 1)) {
        throw InputError("minimum_temperature is " + number_text(options.minimum_temperature) +
                         "; it is a fraction of the level, 0.05 for 5 %");
    }
}

// Periods of whole calendar months are exact twelfths of a year, whatever the year's number of days.
CUSTFOLIO_INLINE double periods_per_year(Period period) {
    if (period.days() == 0) return 1.0;
    const bool whole =
        period.first == period.first_month().first_day() && period.last == Month::of(period.last).last_day();
    return whole ? 12.0 / period.months() : 365.25 / period.days();
}

/// The customers that warm a place: located, with positive revenue and contribution.
struct WarmCustomers {
    std::vector<std::size_t> row;  ///< Of the portfolio.
    std::vector<double> latitude;
    std::vector<double> longitude;
};

CUSTFOLIO_INLINE WarmCustomers warm_customers(const PortfolioColumns& columns) {
    WarmCustomers warm;
    if (columns.latitude.size() == 0 || columns.longitude.size() == 0) return warm;
    for (std::size_t i = 0; i < columns.id.size(); ++i) {
        if (!(columns.contribution[i] > 0 && columns.revenue[i] > 0)) continue;
        if (std::isnan(columns.latitude[i]) || std::isnan(columns.longitude[i])) continue;
        // Rows of the portfolio, since the index has the warm customers alone.
        warm.row.push_back(i);
        warm.latitude.push_back(columns.latitude[i]);
        warm.longitude.push_back(columns.longitude[i]);
    }
    return warm;
}

/// The area of the located customers, without the outermost twentieth on each side: places that were typed in wrongly
/// do not widen it.
struct CustomerBox {
    double south = 0;
    double north = -1;
    double west = 0;
    double east = -1;

    explicit CustomerBox(const PortfolioColumns& columns) {
        std::vector<double> at, along;
        for (std::size_t i = 0; i < columns.latitude.size(); ++i) {
            if (std::isnan(columns.latitude[i]) || std::isnan(columns.longitude[i])) continue;
            at.push_back(columns.latitude[i]);
            along.push_back(columns.longitude[i]);
        }
        if (at.empty()) return;
        std::tie(south, north) = range(at);
        std::tie(west, east) = range(along);
    }

    /// The inner range and a margin of its own width, at least of a degree: a newcomer may lie just outside.
    static std::pair<double, double> range(std::vector<double>& degrees) {
        std::sort(degrees.begin(), degrees.end());
        const std::size_t cut = (degrees.size() + 10) / 20;
        const double low = degrees[cut];
        const double high = degrees[degrees.size() - 1 - cut];
        const double margin = std::max(1.0, high - low);
        return {low - margin, high + margin};
    }

    [[nodiscard]] bool contains(double latitude, double longitude) const {
        return latitude >= south && latitude <= north && longitude >= west && longitude <= east;
    }

    /// @return whether a place lies in the area only with its numbers exchanged.
    [[nodiscard]] bool swapped(double latitude, double longitude) const {
        return !contains(latitude, longitude) && contains(longitude, latitude);
    }
};

/// What is wrong with a place; empty where nothing is, or where the candidate has none.
CUSTFOLIO_INLINE std::string reason_of_place(const Candidate& candidate, const CustomerBox& box) {
    if (std::isnan(candidate.latitude) || std::isnan(candidate.longitude)) return {};
    const std::string place = number_text(candidate.latitude) + ", " + number_text(candidate.longitude);
    const bool swapped = box.swapped(candidate.latitude, candidate.longitude);
    if (swapped) return "latitude and longitude look swapped: " + place + " is among the customers the other way round";
    return place_fault(candidate.latitude, candidate.longitude);
}

/// Why candidates are no prospects, as far as it can be seen without their neighbours; empty for the others.
CUSTFOLIO_INLINE std::vector<std::string> reasons_to_reject(std::span<const Candidate> candidates,
                                                            const Portfolio& portfolio) {
    const CustomerBox box(portfolio.columns());
    std::vector<std::string> reason(candidates.size());
    std::unordered_set<std::string_view> seen;
    seen.reserve(candidates.size());
    for (std::size_t j = 0; j < candidates.size(); ++j) {
        const Candidate& candidate = candidates[j];
        if (candidate.id.empty()) {
            reason[j] = "has no identity";
        } else if (!seen.insert(candidate.id).second) {
            reason[j] = "is listed before";
        } else if (portfolio.contains(candidate.id)) {
            // A customer would otherwise be its own warmest neighbour.
            reason[j] = "is a customer already";
        } else if (!std::isfinite(candidate.likeness)) {
            reason[j] = "likeness is " + number_text(candidate.likeness) + "; a finite number is needed";
        } else if (candidate.lead_months < -1 || candidate.lead_months > 120) {
            reason[j] = "lead_months is no whole number of months from 0 to 120";
        } else {
            reason[j] = reason_of_place(candidate, box);
        }
    }
    return reason;
}

/// Weighted sums over a candidate's neighbours, and the nearest of them.
struct NeighbourSums {
    double weight = 0;
    double heat = 0;
    Volume volume{};  ///< Weighted sums of revenue and drivers.
    double nearest = std::numeric_limits<double>::infinity();
    std::size_t introducer = 0;                       ///< Row of the nearest.
    std::vector<std::pair<double, double>> levels{};  ///< Level and weight of each.
};

/// A weighted sum of one column; 0 for a column that is not known.
CUSTFOLIO_INLINE double weighted_sum(const Column& column, std::span<const std::size_t> rows,
                                     std::span<const double> weights) {
    math::CompensatedSum sum;
    if (!column.empty()) {
        for (std::size_t k = 0; k < rows.size(); ++k) sum += weights[k] * column[rows[k]];
    }
    return sum.value();
}

/// @param rows rows of the neighbours.
/// @param weights their weights.
CUSTFOLIO_INLINE NeighbourSums sums_of(std::span<const std::size_t> rows, std::span<const double> weights,
                                       const PortfolioColumns& columns) {
    NeighbourSums sums;
    math::CompensatedSum total;
    for (const double weight : weights) total += weight;
    sums.weight = total.value();
    sums.heat = weighted_sum(columns.contribution, rows, weights);
    Volume& volume = sums.volume;
    volume.revenue = weighted_sum(columns.revenue, rows, weights);
    volume.goods = weighted_sum(columns.goods, rows, weights);
    volume.deliveries = weighted_sum(columns.deliveries, rows, weights);
    volume.lines = weighted_sum(columns.lines, rows, weights);
    volume.quantity = weighted_sum(columns.quantity, rows, weights);
    volume.returns = weighted_sum(columns.returns, rows, weights);
    volume.returned_quantity = weighted_sum(columns.returned_quantity, rows, weights);
    volume.further.assign(columns.driver_names.size(), 0.0);
    for (std::size_t k = 0; k < rows.size(); ++k) {
        for (std::size_t d = 0; d < volume.further.size(); ++d) {
            volume.further[d] += weights[k] * columns.further(rows[k], d);
        }
        sums.levels.emplace_back(columns.revenue[rows[k]], weights[k]);
    }
    return sums;
}

CUSTFOLIO_INLINE NeighbourSums sums_of_neighbours(const Neighbourhood::Answer& answer,
                                                  const std::vector<std::size_t>& row,
                                                  const PortfolioColumns& columns) {
    std::vector<std::size_t> rows;
    rows.reserve(answer.index.size());
    for (const std::size_t k : answer.index) rows.push_back(row[k]);
    NeighbourSums sums = sums_of(rows, answer.weight, columns);
    for (std::size_t k = 0; k < rows.size(); ++k) {
        // Of equally near customers the first one introduces, whatever the order of the neighbours.
        const double distance = answer.distance[k];
        if (distance < sums.nearest || (distance == sums.nearest && rows[k] < sums.introducer)) {
            sums.nearest = distance;
            sums.introducer = rows[k];
        }
    }
    return sums;
}

/// The level below which a share of the weight lies; the levels are sorted.
CUSTFOLIO_INLINE double weighted_quantile(std::span<const std::pair<double, double>> levels, double weight,
                                          double share) {
    double below = 0;
    for (const auto& [level, own] : levels) {
        below += own;
        if (below >= share * weight) return level;
    }
    return levels.back().first;
}

/// Activity times a factor.
CUSTFOLIO_INLINE Volume scaled(Volume volume, double factor) {
    for (double* part : {&volume.revenue, &volume.goods, &volume.deliveries, &volume.lines, &volume.quantity,
                         &volume.returns, &volume.returned_quantity}) {
        *part *= factor;
    }
    for (double& part : volume.further) part *= factor;
    return volume;
}

/// Mean and deviation of the warm customers' log warmth by the others.
struct WarmthScale {
    double mean = 0;
    double deviation = 0;

    [[nodiscard]] double score(double warmth) const {
        if (!(deviation > 0 && warmth > 0)) return 0.0;
        return std::clamp((std::log(warmth) - mean) / deviation, -3.0, 3.0);
    }
};

CUSTFOLIO_INLINE WarmthScale warmth_scale(const WarmCustomers& warm, const Neighbourhood& neighbourhood,
                                          const PortfolioColumns& columns, unsigned threads) {
    const std::size_t most = 2000;
    const std::size_t count = std::min(most, warm.row.size());
    std::vector<double> logs(count);
    math::parallel_for(0, count, 32, threads, [&](std::size_t begin, std::size_t end) {
        Neighbourhood::Answer answer;
        for (std::size_t c = begin; c < end; ++c) {
            const std::size_t own = c * warm.row.size() / count;
            neighbourhood.near(warm.latitude[own], warm.longitude[own], answer);
            math::CompensatedSum sum;
            for (std::size_t k = 0; k < answer.index.size(); ++k) {
                if (answer.index[k] != own) sum += answer.weight[k] * columns.contribution[warm.row[answer.index[k]]];
            }
            logs[c] = std::log(sum.value());
        }
    });
    // A customer without a neighbour has no log warmth.
    std::erase_if(logs, [](double value) { return !std::isfinite(value); });
    WarmthScale scale;
    if (logs.size() < 2) return scale;
    for (const double value : logs) scale.mean += value / static_cast<double>(logs.size());
    double squares = 0;
    for (const double value : logs) squares += (value - scale.mean) * (value - scale.mean);
    scale.deviation = std::sqrt(squares / static_cast<double>(logs.size() - 1));
    return scale;
}

/// The network with numbers for nodes: customers by row, then candidates and others.
struct NumberedNetwork {
    std::vector<std::string> names;  ///< Per node.
    std::vector<std::int64_t> source, target;
    std::vector<double> seed;   ///< Per node; positive heat of customers.
    std::vector<double> share;  ///< network_warmth().
    Introductions best;
    double heat = 0;  ///< Sum of the positive heat.
    std::unordered_map<std::string, std::size_t> node;

    NumberedNetwork(const Network& network, const PortfolioColumns& columns) {
        if (network.source.size() != network.target.size()) {
            throw InputError("the network has " + std::to_string(network.source.size()) + " sources and " +
                             std::to_string(network.target.size()) + " targets; each edge needs both");
        }
        if (network.source.empty()) return;
        for (std::size_t i = 0; i < columns.id.size(); ++i) {
            number(columns.id[i]);
            seed.push_back(std::max(columns.contribution[i], 0.0));
        }
        for (std::size_t e = 0; e < network.source.size(); ++e) {
            source.push_back(number(network.source[e]));
            target.push_back(number(network.target[e]));
        }
        seed.resize(names.size());
        const NetworkEdges edges{source, target, network.weight};
        share = network_warmth(edges, seed);
        best = introductions(edges, seed);
        math::CompensatedSum sum;
        for (const double value : seed) sum += value;
        heat = sum.value();
    }

    std::int64_t number(const std::string& name) {
        const auto [found, added] = node.emplace(name, names.size());
        if (added) names.push_back(name);
        return static_cast<std::int64_t>(found->second);
    }

    /// Writes what the network shows of a candidate.
    void describe(const Candidate& candidate, Prospect& prospect) const {
        const auto found = node.find(candidate.id);
        if (found == node.end()) return;
        prospect.network_warmth = share[found->second] * heat;
        prospect.path_strength = best.strength[found->second];
        for (const std::int64_t step : best.path(found->second)) {
            const std::string& name = names[static_cast<std::size_t>(step)];
            prospect.path += prospect.path.empty() ? name : " > " + name;
        }
        const std::int64_t introducer = best.introducer[found->second];
        if (introducer >= 0) prospect.introduced_by = names[static_cast<std::size_t>(introducer)];
    }
};

/// The weekday with most deliveries of every customer, 0 for Monday; -1 where it has none. Empty without orders.
CUSTFOLIO_INLINE std::vector<int> delivery_days(const Orders& orders) {
    std::vector<int> days;
    for (std::size_t i = 0; i + 1 < orders.begin.size(); ++i) {
        std::array<int, 7> count{};
        for (std::size_t k = orders.begin[i]; k < orders.begin[i + 1]; ++k) {
            // Day 0 of the calendar, 1 January 1970, was a Thursday.
            if (orders.kind[k] > 0) ++count[static_cast<std::size_t>((((orders.day[k] + 3) % 7) + 7) % 7)];
        }
        const auto most = std::max_element(count.begin(), count.end());
        days.push_back(*most > 0 ? static_cast<int>(most - count.begin()) : -1);
    }
    return days;
}

/// The stops of the delivery routes: located customers with deliveries, warm or cold.
struct Stops {
    std::vector<std::size_t> row;  ///< Of the portfolio.
    Neighbourhood index;

    Stops(const PortfolioColumns& columns, std::span<const int> days, const AcquisitionOptions& options)
        : row(rows(columns, days)),
          index(of_rows(columns.latitude, row), of_rows(columns.longitude, row), options.bandwidth_km, options.cutoff,
                "customer") {}

    static std::vector<std::size_t> rows(const PortfolioColumns& columns, std::span<const int> days) {
        std::vector<std::size_t> found;
        const std::size_t located = std::min(columns.latitude.size(), columns.longitude.size());
        for (std::size_t i = 0; i < std::min(days.size(), located); ++i) {
            if (days[i] < 0 || std::isnan(columns.latitude[i]) || std::isnan(columns.longitude[i])) continue;
            found.push_back(i);
        }
        return found;
    }

    static std::vector<double> of_rows(const Column& column, std::span<const std::size_t> rows) {
        std::vector<double> values;
        values.reserve(rows.size());
        for (const std::size_t i : rows) values.push_back(column[i]);
        return values;
    }
};

/// Why nobody with this activity of a year can order on terms: all purchases of a year do not fill one order. Orders
/// would otherwise wait for more than a year, which saves deliveries on paper. Empty where one order is reached.
CUSTFOLIO_INLINE std::string unreachable(const Terms& terms, const Volume& year) {
    for (const Terms& part : terms.parts) {
        std::string reason = unreachable(part, year);
        if (!reason.empty()) return reason;
    }
    const bool units = terms.lever == Terms::Lever::minimum_quantity;
    if (!units && terms.lever != Terms::Lever::minimum_order) return {};
    const double purchases = units ? year.quantity : year.revenue;
    if (purchases >= terms.amount || !(purchases > 0)) return {};
    return "its expected purchases of a year, " + amount_text(purchases, units ? 0 : 2) + (units ? " units" : "") +
           ", are below " + describe(terms);
}

/// Makes prospects of candidates, one by one.
class ProspectMaker {
  public:
    ProspectMaker(const Portfolio& portfolio, const AcquisitionOptions& options, const Network& network)
        : columns_(portfolio.columns()),
          options_(options),
          warm_(warm_customers(columns_)),
          neighbourhood_(warm_.latitude, warm_.longitude, options.bandwidth_km, options.cutoff, "customer"),
          scale_(warmth_scale(warm_, neighbourhood_, columns_, options.threads)),
          network_(network, columns_),
          yearly_(periods_per_year(portfolio.period())),
          days_(delivery_days(columns_.orders)),
          stops_(columns_, days_, options) {
        std::vector<std::size_t> rows;
        for (std::size_t i = 0; i < columns_.id.size(); ++i) {
            if (columns_.contribution[i] > 0 && columns_.revenue[i] > 0) rows.push_back(i);
        }
        all_ = sums_of(rows, std::vector<double>(rows.size(), 1.0), columns_);
    }

    /// @return the reason why the candidate is no prospect; empty where it is one.
    std::string make(const Candidate& candidate, Prospect& prospect, Neighbourhood::Answer& answer) const {
        prospect.id = candidate.id;
        prospect.name = candidate.name.empty() ? candidate.id : candidate.name;
        prospect.source = candidate.source;
        prospect.latitude = candidate.latitude;
        prospect.longitude = candidate.longitude;
        prospect.likeness = candidate.likeness;
        prospect.manager = candidate.manager;
        prospect.lead_months = candidate.lead_months;
        prospect.hours = options_.hours_per_pursuit;
        prospect.ramp_months = options_.ramp_months;
        prospect.distance_km = prospect.added_km = std::numeric_limits<double>::quiet_NaN();
        network_.describe(candidate, prospect);
        const bool located = !(std::isnan(candidate.latitude) || std::isnan(candidate.longitude));
        NeighbourSums sums;
        if (located) {
            neighbourhood_.near(candidate.latitude, candidate.longitude, answer);
            sums = sums_of_neighbours(answer, warm_.row, columns_);
        }
        // Weights of a wide cutoff may underflow: the candidate is then as one without any neighbour.
        if (sums.weight > std::numeric_limits<double>::min() && sums.volume.revenue > 0) {
            // Warmth is a sum, so many warm neighbours count; level and temperature are means.
            prospect.warmth = sums.heat;
            prospect.warmth_score = scale_.score(sums.heat);
            prospect.distance_km = sums.nearest;
            if (prospect.path_strength == 0) prospect.introduced_by = columns_.id[sums.introducer];
            add_route(candidate, answer, prospect);  // the last use of the answer
        } else if (prospect.path_strength > 0 && all_.weight > 0) {
            sums = all_;
        } else if (!located) {
            return "not located: latitude or longitude is missing or no number";
        } else if (warm_.row.empty()) {
            return "no customer with positive revenue and contribution is located";
        } else {
            return "no warm customer within " + number_text(options_.cutoff * options_.bandwidth_km) + " km";
        }
        std::string reason = add_amounts(sums, prospect);
        if (reason.empty()) add_chance(prospect);
        return reason;
    }

  private:
    void add_route(const Candidate& candidate, Neighbourhood::Answer& answer, Prospect& prospect) const {
        if (stops_.row.empty()) return;
        stops_.index.near(candidate.latitude, candidate.longitude, answer);
        std::vector<std::size_t> order(answer.index.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        const std::size_t most = std::min<std::size_t>(order.size(), 500);
        std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most), order.end(),
                          [&](std::size_t a, std::size_t b) {
                              return std::pair(answer.distance[a], answer.index[a]) <
                                     std::pair(answer.distance[b], answer.index[b]);
                          });
        std::vector<double> latitude, longitude;
        std::vector<int> day;
        for (std::size_t k = 0; k < most; ++k) {
            const std::size_t row = stops_.row[answer.index[order[k]]];
            latitude.push_back(columns_.latitude[row]);
            longitude.push_back(columns_.longitude[row]);
            day.push_back(days_[row]);
        }
        const RouteFit fit = route_fit(candidate.latitude, candidate.longitude, latitude, longitude, day);
        prospect.added_km = fit.added_km;
        prospect.delivery_day = fit.route;
    }

    /// @return why it would not become a customer on the terms; empty where it may.
    std::string add_amounts(NeighbourSums& sums, Prospect& prospect) const {
        const double share = options_.new_customer_share * yearly_ / sums.weight;
        prospect.level = share * sums.volume.revenue;
        prospect.deliveries = share * sums.volume.deliveries;
        if (options_.costs) {
            Volume volume = scaled(sums.volume, share);
            double exempt = 0;
            for (const Terms& terms : options_.terms) {
                std::string reason = unreachable(terms, volume);
                if (!reason.empty()) return reason;
                TermsEffect effect = apply(terms, TermsInput{.volume = volume, .driver_names = columns_.driver_names});
                exempt += effect.exempt;
                prospect.burden += effect.burden;
                prospect.terms += (prospect.terms.empty() ? "" : " and ") + describe(terms);
                volume = std::move(effect.after);
            }
            prospect.level = volume.revenue;
            prospect.deliveries = volume.deliveries;
            const double margin = volume.revenue - volume.goods;
            // Fees and charges pay no share of revenue.
            volume.revenue -= exempt;
            prospect.heat = margin - options_.costs->avoidable_cost(volume, columns_.driver_names);
        } else {
            prospect.heat = prospect.level * std::max(sums.heat / sums.volume.revenue, options_.minimum_temperature);
        }
        if (options_.kilometre_cost > 0 && std::isfinite(prospect.added_km)) {
            prospect.heat -= options_.kilometre_cost * prospect.added_km * prospect.deliveries;
        }
        std::sort(sums.levels.begin(), sums.levels.end());
        const double yearly = options_.new_customer_share * yearly_;
        prospect.level_low = yearly * weighted_quantile(sums.levels, sums.weight, 0.1);
        prospect.level_median = yearly * weighted_quantile(sums.levels, sums.weight, 0.5);
        prospect.level_high = yearly * weighted_quantile(sums.levels, sums.weight, 0.9);
        if (!std::isfinite(prospect.level) || !std::isfinite(prospect.heat) || !std::isfinite(prospect.level_high)) {
            return "its level or heat is beyond double precision";
        }
        return {};
    }

    void add_chance(Prospect& prospect) const {
        const auto source = options_.source_log_odds.find(prospect.source);
        const double odds =
            math::logit(options_.base_win_probability) + options_.warmth_sensitivity * prospect.warmth_score +
            options_.network_sensitivity * prospect.path_strength + options_.likeness_sensitivity * prospect.likeness +
            (source == options_.source_log_odds.end() ? 0.0 : source->second) -
            (options_.burden_sensitivity > 0 ? options_.burden_sensitivity * prospect.burden : 0.0);
        prospect.win_probability = math::logistic(odds);
    }

    const PortfolioColumns& columns_;
    const AcquisitionOptions& options_;
    WarmCustomers warm_;
    Neighbourhood neighbourhood_;
    WarmthScale scale_;
    NumberedNetwork network_;
    double yearly_;
    std::vector<int> days_;
    Stops stops_;
    NeighbourSums all_;  ///< Sums over all warm customers, for who has no place.
};

}  // namespace detail

CUSTFOLIO_INLINE Prospects acquire(std::span<const Candidate> candidates, const Portfolio& portfolio,
                                   const AcquisitionOptions& options, const Network& network) {
    detail::check(options);
    portfolio.require_heat("acquisition");
    if (options.kilometre_cost > 0 && portfolio.columns().orders.begin.empty() && portfolio.size() > 0) {
        throw InputError(
            "kilometre_cost needs the days of deliveries, and the portfolio has no orders; state it from a "
            "ledger with its orders, or leave kilometre_cost at 0");
    }
    const detail::ProspectMaker maker(portfolio, options, network);
    std::vector<std::string> reason = detail::reasons_to_reject(candidates, portfolio);
    // Each candidate writes to its own place: the same bits for any number of threads.
    std::vector<Prospect> prospects(candidates.size());
    math::parallel_for(0, candidates.size(), 32, options.threads, [&](std::size_t begin, std::size_t end) {
        detail::Neighbourhood::Answer answer;
        for (std::size_t j = begin; j < end; ++j) {
            if (!reason[j].empty()) continue;
            prospects[j].candidate = j;
            reason[j] = maker.make(candidates[j], prospects[j], answer);
        }
    });

    Prospects result;
    result.identity = portfolio.identity();
    for (std::size_t j = 0; j < candidates.size(); ++j) {
        if (reason[j].empty()) {
            result.ranked.push_back(std::move(prospects[j]));
        } else {
            result.rejected.push_back({j, candidates[j].id, std::move(reason[j])});
        }
    }
    std::stable_sort(result.ranked.begin(), result.ranked.end(), [](const Prospect& a, const Prospect& b) {
        return a.warmth + a.network_warmth > b.warmth + b.network_warmth;
    });
    for (std::size_t k = 0; k < result.ranked.size(); ++k) result.ranked[k].rank = static_cast<int>(k) + 1;
    return result;
}

CUSTFOLIO_INLINE std::vector<std::size_t> swapped_places(const Portfolio& portfolio) {
    const PortfolioColumns& columns = portfolio.columns();
    const detail::CustomerBox box(columns);
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < columns.latitude.size(); ++i) {
        if (box.swapped(columns.latitude[i], columns.longitude[i])) rows.push_back(i);
    }
    return rows;
}

}  // namespace custfolio
