// Definitions of the required terms.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/root.hpp"
#include "custfolio/remediation/required.hpp"
#include "custfolio/terms/detail/apply_terms.hpp"
#include "custfolio/terms/wording.hpp"

namespace custfolio {

namespace detail {

inline constexpr double no_amount = std::numeric_limits<double>::quiet_NaN();

/// A price beyond a million times the old one is not an answer.
inline constexpr double largest_price_factor = 1e6;

/// Amounts that are tried where a lever has no step and no closed form.
inline constexpr int default_steps = 64;
/// The same for a part of a package, whose parts multiply.
inline constexpr int default_part_steps = 20;
/// The most combinations of a package: beyond them the steps are too fine.
inline constexpr double most_combinations = 1e5;

/// "25.00 per delivery", "2000.00 per order", "3.00 %".
CUSTFOLIO_INLINE std::string lever_amount_text(const Terms& terms) {
    switch (terms.lever) {
        case Terms::Lever::delivery_fee:
            return amount_text(terms.amount) + " per " + (terms.driver.empty() ? "delivery" : terms.driver);
        case Terms::Lever::minimum_order:
            return amount_text(terms.amount) + " per order";
        case Terms::Lever::price:
        case Terms::Lever::discount:
        case Terms::Lever::rebate:
            return percent_text(terms.amount, 2);
        case Terms::Lever::service_charge:
            return amount_text(terms.amount) + (terms.driver.empty() ? " a month" : " per " + terms.driver);
        default:
            return describe(terms);
    }
}

/// With u = 1 + p the temperature is retained - B / (R u) - C / (R u^(1 + e)): B cost that follows the volume (goods,
/// lines, units sold and returned), C cost that stays. Its slope has the sign of B + C (1 + e) u^-e, which is monotone
/// in u: at most one turn.
struct PriceTemperature {
    double retained;
    double varying;
    double fixed;
    double revenue;
    double elasticity;

    double operator()(double factor) const {
        return retained - varying / (revenue * factor) - fixed / (revenue * std::pow(factor, 1 + elasticity));
    }
    /// Where the slope changes its sign, a factor > 1; infinity where it keeps it.
    [[nodiscard]] double turn() const {
        const double power = -varying / (fixed * (1 + elasticity));  // u^-e at the turn; not finite where there is none
        if (elasticity == 0 || !std::isfinite(power) || power <= 1) return std::numeric_limits<double>::infinity();
        return std::pow(power, -1 / elasticity);
    }
    /// Whether the temperature rises just above the old price.
    [[nodiscard]] bool rises() const {
        const double slope = varying + fixed * (1 + elasticity);
        return slope > 0 || (slope == 0 && elasticity != 0 && fixed * (1 + elasticity) > 0);
    }
};

/// The smallest factor > 1 that reaches the target; NaN where none up to the largest does.
CUSTFOLIO_INLINE double price_factor(const PriceTemperature& temperature, double target) {
    const double turn = temperature.turn();
    // At elasticity -1 revenue stays, so the cost that stays is a constant part of the temperature.
    if (temperature.elasticity == -1) {
        const double spread = temperature.revenue * (temperature.retained - target) - temperature.fixed;
        return temperature.varying > 0 && spread > 0 ? temperature.varying / spread : no_amount;
    }
    // The one interval on which the temperature rises.
    const bool first = temperature.rises();
    if (!first && std::isinf(turn)) return no_amount;
    double lower = first ? 1.0 : turn;
    double upper = first ? std::min(turn, largest_price_factor) : largest_price_factor;
    if (!(lower < upper) || !(temperature(upper) >= target)) return no_amount;
    // The temperature rises on this interval, from below the target to above it. Most answers are near its beginning.
    for (double next = 1.25 * lower; next < upper; next *= next) {
        if (temperature(next) >= target)
            upper = next;
        else
            lower = next;
    }
    return math::brent_root([&](double factor) { return temperature(factor) - target; }, lower, upper).upper;
}

/// A lever whose effect is amount x units of revenue, and nothing else.
CUSTFOLIO_INLINE bool is_charge(const Terms& terms) {
    switch (terms.lever) {
        case Terms::Lever::delivery_fee:
        case Terms::Lever::service_charge:
        case Terms::Lever::discount:
        case Terms::Lever::rebate:
            return true;
        case Terms::Lever::price:
            return terms.volume_response == 0;
        default:
            return false;
    }
}

/// A lever that is taken as it is, or not at all.
CUSTFOLIO_INLINE bool is_fixed(const Terms& terms) {
    return terms.lever == Terms::Lever::fixed_days || terms.lever == Terms::Lever::order_channel;
}

/// The search for the amount of one customer's levers.
class TermsSearch {
  public:
    TermsSearch(const TermsCosts& costs, const TermsInput& input, double heat, const SearchGoal& goal)
        : costs_(costs), input_(input), heat_(heat), goal_(goal), revenue_(input.volume.revenue) {}

    [[nodiscard]] Required find(const Terms& lever) const {
        if (!(revenue_ > 0)) return none(Shortfall::Kind::no_revenue, revenue_);
        if (heat_ >= goal_.target * revenue_) return {0, 0, {}, {}};
        if (lever.lever == Terms::Lever::package) return package(lever);
        Required found = reach(lever);
        if (goal_.objective == Objective::expected && found.best != 0) found = worth_most(lever, found);
        return found;
    }

    /// The amounts of a lever, the mildest first.
    [[nodiscard]] std::vector<double> amounts(const Terms& lever, int without_step) const {
        if (is_fixed(lever)) return {lever.amount};
        std::vector<double> found;
        if (lever.lever == Terms::Lever::payment_term) {
            const double span = input_.days_to_pay - lever.amount;
            if (!(span > 0)) return found;
            const double step = lever.step > 0 ? lever.step : span / without_step;
            const auto count = static_cast<int>(std::ceil(span / step - 1e-9));
            for (int k = count - 1; k >= 0; --k) found.push_back(lever.amount + k * step);
            return found;
        }
        const double step = lever.step > 0 ? lever.step : lever.amount / without_step;
        const auto count = static_cast<int>(std::ceil(lever.amount / step - 1e-9));
        for (int k = 1; k <= count; ++k) found.push_back(std::min(k * step, lever.amount));
        return found;
    }

  private:
    [[nodiscard]] static Required none(Shortfall::Kind kind, double value = 0) {
        return {no_amount, 0, {kind, value, 0}, {}};
    }
    [[nodiscard]] Outcome at(const Terms& terms) const { return costs_.outcome(terms, input_, heat_, false); }
    [[nodiscard]] Outcome at(Terms lever, double amount) const {
        lever.amount = amount;
        return at(lever);
    }
    /// Closed forms reach the target but for rounding.
    [[nodiscard]] bool reaches(const Outcome& outcome) const { return outcome.temperature >= goal_.target - 1e-12; }
    [[nodiscard]] double retained(const Terms& lever) const {
        return lever.outside_share ? 1 : costs_.costs().retained();
    }

    /// The next multiple of the step; the ceiling is one.
    [[nodiscard]] static double stepped(const Terms& lever, double amount) {
        if (lever.step == 0 || std::isnan(amount)) return amount;
        const double next = lever.step * std::max(1.0, std::ceil(amount / lever.step - 1e-9));
        return amount <= lever.amount ? std::min(next, lever.amount) : next;
    }

    /// The answer that an exact amount gives.
    [[nodiscard]] Required answer(const Terms& lever, double exact) const {
        const double amount = stepped(lever, exact);
        if (amount <= lever.amount) return {amount, amount, {}, {}};
        return {amount, lever.amount, {Shortfall::Kind::ceiling, at(lever).temperature, 0}, {}};
    }

    [[nodiscard]] Required reach(const Terms& lever) const {
        if (is_charge(lever)) return charge(lever);
        switch (lever.lever) {
            case Terms::Lever::price:
                return lever.step > 0 || !lever.driver.empty() ? scan(lever) : price(lever);
            case Terms::Lever::payment_term:
                return payment(lever);
            case Terms::Lever::order_channel:
            case Terms::Lever::custom:
                return scan(lever);
            default:
                return merging(lever);
        }
    }

    /// Heat rises by retained x units and revenue by units for every unit of the charge.
    [[nodiscard]] Required charge(const Terms& lever) const {
        const double units = charged_units(lever, input_);
        if (!(units > 0)) return none(Shortfall::Kind::nothing);
        const double kept = retained(lever);
        if (kept <= goal_.target) {
            return {no_amount, lever.amount, {Shortfall::Kind::passed_on, 1 - kept, goal_.target}, {}};
        }
        // (K + kept f D) / (R + f D) = target, solved for f.
        return answer(lever, (goal_.target * revenue_ - heat_) / (units * (kept - goal_.target)));
    }

    [[nodiscard]] Required price(const Terms& lever) const {
        PriceTemperature temperature{};
        temperature.retained = costs_.costs().retained();
        temperature.revenue = revenue_;
        temperature.elasticity = lever.volume_response;
        temperature.varying = input_.volume.goods + costs_.costs().volume_cost(input_.volume);
        temperature.fixed = temperature.retained * revenue_ - temperature.varying - heat_;
        const double factor = price_factor(temperature, goal_.target);
        const double amount = factor <= largest_price_factor ? factor - 1 : no_amount;
        if (amount <= lever.amount) return {amount, amount, {}, {}};
        // The warmest amount up to the ceiling: the ceiling, or where the temperature turns down before it.
        const double turn = temperature.turn();
        double best = lever.amount;
        if (temperature.rises()) {
            best = std::min(best, turn - 1);
        } else if (!(temperature(1 + best) > temperature(1))) {
            return {amount, 0, {Shortfall::Kind::volume_lost, 0, 0}, {}};
        }
        if (best < lever.amount) {
            return {amount, best, {Shortfall::Kind::turns, temperature(1 + best), best}, {}};
        }
        if (std::isnan(amount) && temperature.retained <= goal_.target) {
            return {amount, best, {Shortfall::Kind::passed_on, 1 - temperature.retained, goal_.target}, {}};
        }
        return {amount, best, {Shortfall::Kind::ceiling, at(lever).temperature, 0}, {}};
    }

    /// Every day earlier saves the credit of a day.
    [[nodiscard]] Required payment(const Terms& lever) const {
        if (std::isnan(input_.days_to_pay)) return none(Shortfall::Kind::no_payment_days);
        if (input_.days_to_pay <= lever.amount) return none(Shortfall::Kind::pays_in_time, input_.days_to_pay);
        const double of_day = costs_.costs().credit_rate() * revenue_ / 365;
        const double exact = input_.days_to_pay - (goal_.target * revenue_ - heat_) / of_day;
        double days = exact >= 0 ? exact : no_amount;
        if (lever.step > 0 && days >= lever.amount) {
            days = lever.amount + lever.step * std::floor((days - lever.amount) / lever.step + 1e-9);
        }
        if (days >= lever.amount) return {days, days, {}, {}};
        return {days, lever.amount, {Shortfall::Kind::ceiling, at(lever).temperature, 0}, {}};
    }

    /// The mildest of all amounts that reaches, else the warmest.
    [[nodiscard]] Required scan(const Terms& lever) const {
        Required found{no_amount, 0, {Shortfall::Kind::volume_lost, 0, 0}, {}};
        double warmest = heat_ / revenue_;
        for (const double amount : amounts(lever, default_steps)) {
            const Outcome outcome = at(lever, amount);
            if (reaches(outcome)) return {amount, amount, {}, {}};
            if (!(outcome.temperature > warmest)) continue;
            warmest = outcome.temperature;
            found.best = amount;
            const bool last = amount == lever.amount;
            found.shortfall = {last ? Shortfall::Kind::ceiling : Shortfall::Kind::turns, warmest, amount};
        }
        if (found.best == 0 && lever.lever != Terms::Lever::price) found.shortfall.kind = Shortfall::Kind::nothing;
        return found;
    }

    [[nodiscard]] Required merging(const Terms& lever) const {
        const Volume& volume = input_.volume;
        if (volume.deliveries == 0) return none(Shortfall::Kind::nothing);
        if (volume.deliveries <= 1) return none(Shortfall::Kind::one_delivery);
        const double saved = costs_.costs().delivery_cost();
        if (saved == 0 && input_.products == nullptr) return none(Shortfall::Kind::saves_nothing);
        const bool minimum = lever.lever == Terms::Lever::minimum_order;
        if (minimum && !input_.orders.known()) return minimum_of_averages(lever, saved);
        const Outcome most = at(lever);
        if (reaches(most)) {
            const double amount = is_fixed(lever) ? lever.amount : smallest(lever, 0, lever.amount);
            return {amount, amount, {}, {}};
        }
        double amount = no_amount;
        const double widest = is_fixed(lever)                                 ? 0
                              : lever.lever == Terms::Lever::frequency        ? 366
                              : lever.lever == Terms::Lever::minimum_quantity ? volume.quantity
                                                                              : volume.revenue;
        double once = most.temperature;
        if (widest > lever.amount) {
            once = at(lever, widest).temperature;
            if (once >= goal_.target) amount = smallest(lever, lever.amount, widest);
        }
        return short_of(lever, amount, most, once);
    }

    /// The smallest amount in (lower, upper] that reaches; `upper` does.
    [[nodiscard]] double smallest(const Terms& lever, double lower, double upper) const {
        if (lever.step == 0) {
            const auto found =
                math::smallest_where([&](double amount) { return reaches(at(lever, amount)); }, lower, upper);
            return found.root;
        }
        // Steps from the last one that does not reach to the first one that does.
        auto none = static_cast<long>(std::floor(lower / lever.step + 1e-9));
        auto does = static_cast<long>(std::ceil(upper / lever.step - 1e-9));
        const auto of = [&](long k) { return std::min(upper, static_cast<double>(k) * lever.step); };
        while (does - none > 1) {
            const long middle = none + (does - none) / 2;
            (reaches(at(lever, of(middle))) ? does : none) = middle;
        }
        return of(does);
    }

    /// Why a ceiling does not reach; `once` is the temperature with as few deliveries as can be.
    [[nodiscard]] Required short_of(const Terms& lever, double amount, const Outcome& most, double once) const {
        const Volume& volume = input_.volume;
        if (!(most.after.deliveries < volume.deliveries)) {
            return {amount, 0, {Shortfall::Kind::large_orders, revenue_ / volume.deliveries, 0}, {}};
        }
        Shortfall shortfall{Shortfall::Kind::ceiling, most.temperature, 0};
        if (std::isnan(amount) && volume.goods >= revenue_) {
            shortfall = {Shortfall::Kind::loss_on_goods, 0, 0};
        } else if (std::isnan(amount) && lever.lever == Terms::Lever::minimum_order) {
            shortfall = {Shortfall::Kind::once_a_period, once, 0};
        }
        return {amount, lever.amount, shortfall, {}};
    }

    /// Every delivery given up saves its cost: K + saved x (D - D') = target R, D' = R / m.
    [[nodiscard]] Required minimum_of_averages(const Terms& lever, double saved) const {
        const Volume& volume = input_.volume;
        // Deliveries that remain if the saving closes the gap to the target.
        const double left = volume.deliveries - (goal_.target * revenue_ - heat_) / saved;
        const double amount = left >= 1 ? stepped(lever, revenue_ / left) : no_amount;
        if (amount <= lever.amount) return {amount, amount, {}, {}};
        return short_of(lever, amount, at(lever), at(lever, revenue_).temperature);
    }

    [[nodiscard]] double worth(const Outcome& outcome) const {
        if (!(outcome.full_change > 0)) return -std::numeric_limits<double>::infinity();
        return goal_.acceptance.probability(outcome.burden) * outcome.heat_change;
    }

    /// The amount with the highest acceptance x heat change.
    [[nodiscard]] Required worth_most(const Terms& lever, Required found) const {
        const std::vector<double> tried = amounts(lever, default_steps);
        double most = -std::numeric_limits<double>::infinity();
        std::size_t best = 0;
        for (std::size_t k = 0; k < tried.size(); ++k) {
            const double value = worth(at(lever, tried[k]));
            if (!(value > most)) continue;
            most = value;
            best = k;
        }
        double amount = tried[best];
        if (lever.step == 0 && !lever.merges_orders() && !is_fixed(lever)) {
            const double first = lever.lever == Terms::Lever::payment_term ? input_.days_to_pay : 0;
            amount = peak(lever, best == 0 ? first : tried[best - 1],
                          best + 1 == tried.size() ? tried[best] : tried[best + 1]);
        }
        const Outcome outcome = at(lever, amount);
        found.best = amount;
        if (reaches(outcome)) {
            found.shortfall = {};
        } else if (found.shortfall.kind == Shortfall::Kind::none) {
            found.shortfall = {Shortfall::Kind::worth_most, outcome.temperature, 0};
        }
        return found;
    }

    /// The maximum of a function with one peak, by golden section.
    [[nodiscard]] double peak(const Terms& lever, double from, double to) const {
        constexpr double golden = 0.6180339887498949;
        double a = to - golden * (to - from);
        double b = from + golden * (to - from);
        double at_a = worth(at(lever, a));
        double at_b = worth(at(lever, b));
        for (int k = 0; k < 40; ++k) {
            if (at_a > at_b) {
                to = b;
                b = a;
                at_b = at_a;
                a = to - golden * (to - from);
                at_a = worth(at(lever, a));
            } else {
                from = a;
                a = b;
                at_a = at_b;
                b = from + golden * (to - from);
                at_b = worth(at(lever, b));
            }
        }
        return worth(at(lever, to)) > std::max(at_a, at_b) ? to : at_a > at_b ? a : b;
    }

    /// A charge of a package, beside the parts that were chosen.
    struct Charge {
        std::size_t part;
        double units;
        double kept;  ///< Of an amount charged, at full cost.
    };
    /// The best package so far.
    struct Best {
        std::vector<double> parts{};
        bool reaches = false;
        double score = -std::numeric_limits<double>::infinity();
        double temperature = 0;
    };

    [[nodiscard]] Required package(const Terms& lever) const {
        std::vector<std::size_t> enumerated;
        std::vector<std::vector<double>> choices;
        double combinations = 1;
        for (std::size_t k = 0; k < lever.parts.size(); ++k) {
            const bool charge = is_charge(lever.parts[k]);
            if (charge && goal_.objective == Objective::reach) continue;
            std::vector<double> of_part = amounts(lever.parts[k], default_part_steps);
            combinations *= static_cast<double>(of_part.size() + 1);
            if (charge) continue;
            enumerated.push_back(k);
            choices.push_back(std::move(of_part));
        }
        if (combinations > most_combinations) {
            throw InputError("package: its steps make " + number_text(combinations) + " combinations; at most " +
                             number_text(most_combinations) + " are tried, so larger steps are needed");
        }
        Best best;
        std::vector<std::size_t> place(enumerated.size(), 0);  // 0: the part is not used
        for (bool more = true; more;) {
            std::vector<double> parts(lever.parts.size(), no_amount);
            for (std::size_t k = 0; k < place.size(); ++k) {
                if (place[k] > 0) parts[enumerated[k]] = choices[k][place[k] - 1];
            }
            add_charges(lever, std::move(parts), best);
            more = false;
            for (std::size_t k = 0; k < place.size() && !more; ++k) {
                more = place[k] < choices[k].size();
                place[k] = more ? place[k] + 1 : 0;
            }
        }
        if (best.parts.empty()) return none(Shortfall::Kind::nothing);
        if (best.reaches) return {1, 1, {}, std::move(best.parts)};
        const auto kind =
            goal_.objective == Objective::expected ? Shortfall::Kind::worth_most : Shortfall::Kind::ceiling;
        return {no_amount, 1, {kind, best.temperature, 0}, std::move(best.parts)};
    }

    /// Keeps a package if it is better than the best one: the least burden of those that reach, else the warmest; or
    /// the highest acceptance x heat change.
    void keep(const Terms& lever, const std::vector<double>& parts, Best& best) const {
        if (detail::all_of(parts, [](double amount) { return std::isnan(amount); })) return;
        const Outcome outcome = at(custfolio::terms_of(lever, 1, parts));
        const bool does = reaches(outcome);
        if (goal_.objective == Objective::expected) {
            const double score = worth(outcome);
            if (score > best.score) best = {parts, does, score, outcome.temperature};
            return;
        }
        const double score = does ? -outcome.burden : outcome.temperature;
        if (does != best.reaches ? does : score > best.score) best = {parts, does, score, outcome.temperature};
    }

    /// Adds the charges to the parts that were chosen.
    void add_charges(const Terms& lever, std::vector<double> parts, Best& best) const {
        Terms chosen = custfolio::terms_of(lever, 1, parts);
        TermsInput left = input_;
        double gap = goal_.target * revenue_ - heat_;
        if (!chosen.parts.empty()) {
            const Outcome outcome = at(chosen);
            left.volume.deliveries = outcome.after.deliveries;
            left.volume.further = outcome.after.further;
            gap = goal_.target * outcome.after.revenue - heat_ - outcome.full_change;
        }
        std::vector<Charge> charges;
        for (std::size_t k = 0; k < lever.parts.size(); ++k) {
            const Terms& part = lever.parts[k];
            if (!is_charge(part)) continue;
            const double units = units_left(part, chosen, left);
            if (units > 0) charges.push_back({k, units, retained(part)});
        }
        if (goal_.objective == Objective::expected) {
            try_all(lever, charges, 0, parts, best);
            return;
        }
        // A charge that brings nothing towards the target is left out.
        std::erase_if(charges, [&](const Charge& one) { return one.kept <= goal_.target; });
        // Charges with a step are tried, but for the last; those without one fill the gap, the least passed on first.
        std::stable_sort(charges.begin(), charges.end(), [&](const Charge& a, const Charge& b) {
            const bool first = lever.parts[a.part].step > 0;
            const bool second = lever.parts[b.part].step > 0;
            if (first != second) return first;
            return a.kept > b.kept;
        });
        fill(lever, charges, 0, gap, parts, best);
    }

    /// Units of a charge after the parts that were chosen.
    [[nodiscard]] double units_left(const Terms& part, const Terms& chosen, const TermsInput& left) const {
        if (part.below > 0) {
            // The fee of one counts the deliveries of less than the value that are left.
            Terms trial = chosen;
            trial.lever = Terms::Lever::package;
            trial.parts.push_back(part);
            trial.parts.back().amount = 1;
            const double without = chosen.parts.empty() ? 0 : at(chosen).revenue_change;
            return at(trial).revenue_change - without;
        }
        return charged_units(part, left);
    }

    void fill(const Terms& lever, const std::vector<Charge>& charges, std::size_t k, double gap,
              std::vector<double>& parts, Best& best) const {
        if (k == charges.size() || gap <= 0) {
            keep(lever, parts, best);
            return;
        }
        const Charge& one = charges[k];
        const Terms& part = lever.parts[one.part];
        const double of_one = one.units * (one.kept - goal_.target);  // towards the target, per unit of the amount
        const bool last = k + 1 == charges.size();
        if (part.step == 0 || last) {
            const double amount = std::min(part.amount, stepped(part, gap / of_one));
            parts[one.part] = amount;
            // What rounding leaves of the gap is no gap.
            const double rest = amount < part.amount ? 0 : gap - amount * of_one;
            fill(lever, charges, k + 1, rest, parts, best);
        } else {
            fill(lever, charges, k + 1, gap, parts, best);
            for (const double amount : amounts(part, default_part_steps)) {
                parts[one.part] = amount;
                fill(lever, charges, k + 1, gap - amount * of_one, parts, best);
                if (amount * of_one >= gap) break;
            }
        }
        parts[one.part] = no_amount;
    }

    void try_all(const Terms& lever, const std::vector<Charge>& charges, std::size_t k, std::vector<double>& parts,
                 Best& best) const {
        if (k == charges.size()) {
            keep(lever, parts, best);
            return;
        }
        const std::size_t part = charges[k].part;
        try_all(lever, charges, k + 1, parts, best);
        for (const double amount : amounts(lever.parts[part], default_part_steps)) {
            parts[part] = amount;
            try_all(lever, charges, k + 1, parts, best);
        }
        parts[part] = no_amount;
    }

    const TermsCosts& costs_;
    const TermsInput& input_;
    double heat_;
    const SearchGoal& goal_;
    double revenue_;
};

CUSTFOLIO_INLINE Required find_terms(const Terms& lever, const TermsCosts& costs, const TermsInput& input, double heat,
                                     const SearchGoal& goal) {
    return TermsSearch(costs, input, heat, goal).find(lever);
}

}  // namespace detail

CUSTFOLIO_INLINE std::string to_string(Objective objective) {
    return objective == Objective::reach ? "reach" : "expected";
}

CUSTFOLIO_INLINE std::string to_string(Shortfall::Kind kind) {
    static constexpr std::array names{"none",         "at target",     "no revenue",      "nothing",
                                      "one delivery", "saves nothing", "passed on",       "ceiling",
                                      "large orders", "loss on goods", "once a period",   "volume lost",
                                      "turns",        "worth most",    "no payment days", "pays in time"};
    const auto k = static_cast<std::size_t>(kind);
    if (k < names.size()) return names[k];
    throw InputError("shortfall " + std::to_string(k) + " is unknown; it must be one of Shortfall::Kind");
}

CUSTFOLIO_INLINE std::string to_string(const Shortfall& shortfall, const Terms& lever) {
    const bool fee = lever.lever == Terms::Lever::delivery_fee && lever.driver.empty();
    switch (shortfall.kind) {
        case Shortfall::Kind::none:
            return "";
        case Shortfall::Kind::at_target:
            return "already at " + percent_text(shortfall.value);
        case Shortfall::Kind::no_revenue:
            return "net revenue of the period is " + amount_text(shortfall.value) + ": no temperature to raise";
        case Shortfall::Kind::nothing:
            if (fee) return "no deliveries that a fee could be charged for";
            if (lever.merges_orders()) return "no deliveries that could be combined";
            return "nothing that " + to_string(lever.lever) + " could change";
        case Shortfall::Kind::one_delivery:
            return "one delivery in the period: nothing to combine";
        case Shortfall::Kind::saves_nothing:
            return "a delivery less saves nothing: no cost per delivery";
        case Shortfall::Kind::passed_on:
            return percent_text(shortfall.value) + " of every amount charged is passed on, so that " +
                   percent_text(shortfall.other) + " cannot be reached";
        case Shortfall::Kind::ceiling:
            return "even at the ceiling of " + detail::lever_amount_text(lever) + " the temperature is " +
                   percent_text(shortfall.value);
        case Shortfall::Kind::large_orders:
            return "orders of " + amount_text(shortfall.value) + " on average are not below the ceiling of " +
                   detail::lever_amount_text(lever);
        case Shortfall::Kind::loss_on_goods:
            return "costs more than it earns in goods alone";
        case Shortfall::Kind::once_a_period:
            return "even with one delivery in the whole period the temperature is " + percent_text(shortfall.value);
        case Shortfall::Kind::volume_lost:
            return "dearer is no warmer: the volume falls faster than the price rises";
        case Shortfall::Kind::turns:
            if (lever.lever != Terms::Lever::price) {
                return "no amount reaches it: the temperature is " + percent_text(shortfall.value) + " at most";
            }
            return "no price reaches it: the temperature is " + percent_text(shortfall.value) + " at most, at " +
                   percent_text(shortfall.other, 2) + " dearer, since beyond it too much volume is lost";
        case Shortfall::Kind::worth_most:
            return "the temperature is " + percent_text(shortfall.value) +
                   "; a larger change is worth less, since fewer accept it";
        case Shortfall::Kind::no_payment_days:
            return "days from invoice to payment are not known";
        case Shortfall::Kind::pays_in_time:
            return "pays within " + amount_text(shortfall.value, 0) + " days already";
    }
    return "";
}

CUSTFOLIO_INLINE void check_ceiling(const Terms& lever) {
    check(lever);
    const std::string name = to_string(lever.lever);
    if (lever.amount <= 0) {
        throw InputError("ceiling of the " + name + " is " + number_text(lever.amount) +
                         "; it must be > 0: the most that the company will ask");
    }
    if (lever.step > lever.amount && lever.lever != Terms::Lever::payment_term) {
        throw InputError("step of the " + name + " is " + number_text(lever.step) + ", more than its ceiling of " +
                         number_text(lever.amount) + "; it must not exceed it");
    }
    if (lever.step > 0 && lever.amount / lever.step > detail::most_combinations) {
        throw InputError("step of the " + name + " is " + number_text(lever.step) + "; up to its ceiling of " +
                         number_text(lever.amount) + " there are too many steps");
    }
    for (const Terms& part : lever.parts) check_ceiling(part);
}

CUSTFOLIO_INLINE Terms terms_of(const Terms& lever, double amount, std::span<const double> parts) {
    Terms terms = lever;
    terms.amount = amount;
    if (lever.lever != Terms::Lever::package) return terms;
    terms.parts.clear();
    for (std::size_t k = 0; k < parts.size(); ++k) {
        if (std::isnan(parts[k])) continue;
        terms.parts.push_back(lever.parts[k]);
        terms.parts.back().amount = parts[k];
    }
    return terms;
}

CUSTFOLIO_INLINE Required required_terms(const Terms& lever, const Position& before, double target,
                                         const CostModel& costs, std::span<const std::string> driver_names,
                                         Objective objective, const Acceptance& acceptance) {
    require_finite(lever.amount, "ceiling of the " + to_string(lever.lever));
    check_ceiling(lever);
    require_finite(before.heat, "contribution");
    if (!(std::abs(target) < 1)) {
        throw InputError("target temperature is " + number_text(target) + "; it is a fraction in (-1, 1)");
    }
    detail::check_volume(before.volume);
    const TermsCosts resolved(costs, driver_names, before.orders.known() ? *before.orders.orders : Orders{},
                              std::span(&lever, 1));
    return detail::find_terms(lever, resolved, resolved.input(before), before.heat, {target, objective, acceptance});
}

}  // namespace custfolio
