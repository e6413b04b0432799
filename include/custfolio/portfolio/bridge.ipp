// Definitions of the temperature bridge.
#pragma once

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/portfolio/bridge.hpp"

namespace custfolio {
namespace detail {

CUSTFOLIO_INLINE void require_apart(Period before, Period after) {
    const bool shared =
        before.days() > 0 && after.days() > 0 && before.first <= after.last && after.first <= before.last;
    if (!shared || before == after) return;
    const auto text = [](Period period) { return day_text(period.first) + " to " + day_text(period.last); };
    throw InputError("a bridge: the periods " + text(before) + " and " + text(after) +
                     " share days, whose sales would count in both; take periods apart, or the same one twice");
}

}  // namespace detail

CUSTFOLIO_INLINE TemperatureBridge bridge(const Portfolio& before, const Portfolio& after) {
    before.require_heat("a bridge");
    after.require_heat("a bridge");
    detail::require_apart(before.period(), after.period());
    const Bucket old_bucket = before.bucket();
    const Bucket new_bucket = after.bucket();
    if (!(old_bucket.level > 0 && new_bucket.level > 0)) {
        throw InputError("a bridge needs a positive level in both periods; found " + number_text(old_bucket.level) +
                         " before and " + number_text(new_bucket.level) + " after");
    }
    TemperatureBridge result;
    result.before = old_bucket.temperature();
    result.after = new_bucket.temperature();
    // A customer's share in a temperature, relative to T0: w (T - T0), written with heat, so that it is right without
    // revenue too.
    const auto share = [t0 = result.before](const Customer& customer, double level) {
        return (customer.heat() - customer.level() * t0) / level;
    };
    result.rows.reserve(before.size() + after.size());
    for (std::size_t i = 0; i < after.size(); ++i) {
        const Customer now = after.at(i);
        BridgeRow row{.id = now.id()};
        const double share_now = share(now, new_bucket.level);
        if (before.contains(now.id())) {
            const Customer then = before[now.id()];
            const double share_then = share(then, old_bucket.level);
            const double weight_change = now.level() / new_bucket.level - then.level() / old_bucket.level;
            // Without a positive level in the earlier period there is no old temperature for a weight: all of it is
            // warming.
            row.mix = then.level() > 0 ? weight_change * (then.temperature() - result.before) : 0.0;
            row.warming = share_now - share_then - row.mix;
        } else {
            row.poured_in = share_now;
        }
        result.rows.push_back(std::move(row));
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
        const Customer then = before.at(i);
        if (after.contains(then.id())) continue;
        result.rows.push_back({.id = then.id(), .gone = -share(then, old_bucket.level)});
    }
    math::CompensatedSum poured_in;
    math::CompensatedSum gone;
    math::CompensatedSum mix;
    math::CompensatedSum warming;
    for (const BridgeRow& row : result.rows) {
        poured_in += row.poured_in;
        gone += row.gone;
        mix += row.mix;
        warming += row.warming;
    }
    result.poured_in = poured_in.value();
    result.gone = gone.value();
    result.mix = mix.value();
    result.warming = warming.value();
    return result;
}

}  // namespace custfolio
