// Binds room `lifetime`: models of opportunities, contracts and spend.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/lifetime.hpp"
#include "custfolio/lifetime/beta_discrete_weibull.hpp"
#include "custfolio/lifetime/bg_bb.hpp"
#include "custfolio/lifetime/contract_forecast.hpp"
#include "custfolio/lifetime/gamma_gamma.hpp"
#include "custfolio/lifetime/normal_normal.hpp"
#include "custfolio/lifetime/shifted_beta_geometric.hpp"

namespace py = pybind11;
using custfolio::Column;
using custfolio::bindings::Doubles;
using custfolio::bindings::fit_options_of;
using custfolio::bindings::heed_signals;
using custfolio::bindings::Priors;
using custfolio::bindings::span_of;
using custfolio::bindings::to_array;

namespace {

using MaybeDoubles = std::optional<Doubles>;

/// A quantity of each entry of a column.
template <class F>
py::array_t<double> by_entry(const Doubles& values, F&& f) {
    const auto given = span_of(values, "values");
    Column result(given.size());
    {
        const py::gil_scoped_release released;
        for (std::size_t i = 0; i < given.size(); ++i) result[i] = f(given[i]);
    }
    return to_array(std::move(result));
}

/// A quantity of a contractual model, by name: of a column of periods or renewals.
template <class M>
py::array_t<double> of_contracts(const M& model, const std::string& what, const Doubles& values, double rate) {
    return by_entry(values, [&](double value) {
        if (!(value >= 0.0)) {
            throw custfolio::InputError("the number of periods is " + custfolio::number_text(value) +
                                        "; it must be at least 0");
        }
        if (what == "survival") return model.survival(value);
        if (what == "retention_rate") {
            if (value >= 1.0) return model.retention_rate(value);
            throw custfolio::InputError("the period is " + custfolio::number_text(value) + "; periods count from 1");
        }
        return model.discounted_expected_residual_lifetime(value, rate);
    });
}

}  // namespace

void bind_lifetime_counts(py::module_& module) {
    using namespace pybind11::literals;
    module.def(
        "fit_bg_bb",
        [](const Doubles& frequency, const Doubles& recency, const Doubles& periods, const MaybeDoubles& weights,
           const Priors& prior, unsigned threads) {
            const auto x = span_of(frequency, "frequency");
            const auto t_x = span_of(recency, "recency", x.size());
            const auto n = span_of(periods, "periods", x.size());
            const auto w = span_of(weights, "weights", x.size());
            const py::gil_scoped_release released;
            return custfolio::fit_bg_bb(custfolio::opportunities_of(x, t_x, n, w), fit_options_of(prior, threads));
        },
        "frequency"_a, "recency"_a, "periods"_a, "weights"_a = py::none(), py::kw_only(), "prior"_a = Priors{},
        "threads"_a = 0, "Fit the BG/BB model.");
    module.def(
        "bg_bb_of_new",
        [](const std::array<double, 4>& p, const std::string& what, const Doubles& t, double purchases) {
            const custfolio::BGBB model{p[0], p[1], p[2], p[3]};
            return by_entry(t, [&](double value) {
                if (what == "survival") {
                    if (value >= 0.0) return model.survival(value);
                    throw custfolio::InputError("t is " + custfolio::number_text(value) + "; it must be at least 0");
                }
                return what == "expected" ? model.expected_purchases(value)
                                          : model.probability_of_purchases(purchases, value);
            });
        },
        "params"_a, "what"_a, "t"_a, "purchases"_a = 0.0, "survival, expected or probability of a new customer.");
    module.def(
        "bg_bb_of_history",
        [](const std::array<double, 4>& p, const std::string& what, const Doubles& first, const Doubles& second,
           const Doubles& frequency, const Doubles& recency, const Doubles& periods) {
            const custfolio::BGBB model{p[0], p[1], p[2], p[3]};
            const auto x = span_of(frequency, "frequency");
            const auto t_x = span_of(recency, "recency", x.size());
            const auto n = span_of(periods, "periods", x.size());
            const auto a = span_of(first, "t");
            const auto b = span_of(second, "purchases");
            Column values;
            {
                const py::gil_scoped_release released;
                values = what == "alive"      ? model.probability_alive(x, t_x, n)
                         : what == "expected" ? model.conditional_expected_purchases(a, x, t_x, n)
                         : what == "probability"
                             ? model.conditional_probability_of_purchases(b, a, x, t_x, n)
                             : model.discounted_expected_residual_transactions(a.empty() ? 0.0 : a[0], x, t_x, n);
            }
            return to_array(std::move(values));
        },
        "params"_a, "what"_a, "first"_a, "second"_a, "frequency"_a, "recency"_a, "periods"_a,
        "alive, expected, probability or residual of customers with a history.");
    module.def(
        "forecast_bg_bb",
        [](const std::array<double, 4>& p, const Doubles& frequency, const Doubles& recency, const Doubles& periods,
           double horizon, double rate, unsigned threads) {
            const auto x = span_of(frequency, "frequency");
            const auto t_x = span_of(recency, "recency", x.size());
            const auto n = span_of(periods, "periods", x.size());
            custfolio::PurchaseForecast forecast;
            {
                const py::gil_scoped_release released;
                forecast = custfolio::forecast_purchases(custfolio::BGBB{p[0], p[1], p[2], p[3]}, x, t_x, n, horizon,
                                                         rate, threads, heed_signals());
            }
            return custfolio::bindings::columns_of(std::move(forecast));
        },
        "params"_a, "frequency"_a, "recency"_a, "periods"_a, "horizon"_a, "rate"_a, "threads"_a = 0,
        "The columns of a forecast over the next opportunities, one row a customer.");
    module.def(
        "simulate_bg_bb",
        [](const std::array<double, 4>& p, const Doubles& periods, std::uint64_t seed, unsigned threads) {
            const auto n = span_of(periods, "periods");
            custfolio::SimulatedOpportunities histories;
            {
                const py::gil_scoped_release released;
                histories = custfolio::simulate_bg_bb({p[0], p[1], p[2], p[3]}, n, seed, threads, heed_signals());
            }
            return std::pair(to_array(std::move(histories.frequency)), to_array(std::move(histories.recency)));
        },
        "params"_a, "periods"_a, "seed"_a, "threads"_a = 0, "Simulate histories over opportunities.");

    module.def(
        "fit_contracts",
        [](const std::string& model, const Doubles& recency, const Doubles& age, const MaybeDoubles& weights,
           const Priors& prior) {
            const auto t = span_of(recency, "recency");
            const auto n = span_of(age, "T", t.size());
            const auto w = span_of(weights, "weights", t.size());
            const py::gil_scoped_release released;
            const custfolio::Contracts contracts = custfolio::contracts_of(t, n, w);
            const custfolio::FitOptions options = fit_options_of(prior, 1);
            return model == "sbg" ? custfolio::fit_shifted_beta_geometric(contracts, options)
                                  : custfolio::fit_beta_discrete_weibull(contracts, options);
        },
        "model"_a, "recency"_a, "T"_a, "weights"_a = py::none(), py::kw_only(), "prior"_a = Priors{},
        "Fit a model of contracts: sbg or bdw.");
    module.def(
        "observed_renewals",
        [](const Doubles& recency, const Doubles& age, const MaybeDoubles& weights, std::size_t decisions) {
            const auto t = span_of(recency, "recency");
            custfolio::ObservedRenewals renewals = custfolio::observed_renewals(
                custfolio::contracts_of(t, span_of(age, "T", t.size()), span_of(weights, "weights", t.size())),
                decisions);
            py::dict columns;
            columns["customers"] = to_array(std::move(renewals.customers));
            columns["observed_retention_rate"] = to_array(std::move(renewals.retention));
            columns["observed_survival"] = to_array(std::move(renewals.survival));
            return columns;
        },
        "recency"_a, "T"_a, "weights"_a, "decisions"_a, "Customers at each decision to renew, and the share that did.");
    module.def(
        "of_contracts",
        [](const std::array<double, 3>& p, const std::string& what, const Doubles& values, double rate) {
            // The closed forms of the shifted beta-geometric serve where c is 1.
            if (p[2] == 1.0) return of_contracts(custfolio::ShiftedBetaGeometric{p[0], p[1]}, what, values, rate);
            return of_contracts(custfolio::BetaDiscreteWeibull{p[0], p[1], p[2]}, what, values, rate);
        },
        "params"_a, "what"_a, "values"_a, "rate"_a = 0.0, "survival, retention_rate or residual, of contracts.");
    module.def(
        "contracts_lifetime",
        [](const std::array<double, 3>& p, double rate) {
            return p[2] == 1.0 ? custfolio::ShiftedBetaGeometric{p[0], p[1]}.discounted_expected_lifetime(rate)
                               : custfolio::BetaDiscreteWeibull{p[0], p[1], p[2]}.discounted_expected_lifetime(rate);
        },
        "params"_a, "rate"_a, "Discounted expected lifetime of a new contract.");

    module.def(
        "simulate_contracts",
        [](const std::array<double, 3>& p, const Doubles& age, std::uint64_t seed) {
            const auto n = span_of(age, "T");
            const py::gil_scoped_release released;
            std::vector<double> recency =
                p[2] == 1.0 ? custfolio::simulate_contracts(custfolio::ShiftedBetaGeometric{p[0], p[1]}, n, seed)
                            : custfolio::simulate_contracts(custfolio::BetaDiscreteWeibull{p[0], p[1], p[2]}, n, seed);
            const py::gil_scoped_acquire acquired;
            return to_array(std::move(recency));
        },
        "params"_a, "T"_a, "seed"_a, "The last period of each simulated contract.");
    module.def(
        "forecast_contracts",
        [](const std::array<double, 3>& p, const Doubles& recency, const Doubles& age, double horizon, double rate) {
            const auto t = span_of(recency, "recency");
            const auto n = span_of(age, "T", t.size());
            custfolio::ContractForecast forecast;
            {
                const py::gil_scoped_release released;
                forecast = p[2] == 1.0 ? custfolio::forecast_contracts(custfolio::ShiftedBetaGeometric{p[0], p[1]}, t,
                                                                       n, horizon, rate)
                                       : custfolio::forecast_contracts(custfolio::BetaDiscreteWeibull{p[0], p[1], p[2]},
                                                                       t, n, horizon, rate);
            }
            py::dict columns;
            columns["renewals"] = to_array(std::move(forecast.renewals));
            columns["retention_rate"] = to_array(std::move(forecast.retention));
            columns["probability_retained"] = to_array(std::move(forecast.retained));
            columns["expected_renewals"] = to_array(std::move(forecast.mean));
            columns["renewals_sd"] = to_array(std::move(forecast.sd));
            columns["renewals_p10"] = to_array(std::move(forecast.p10));
            columns["renewals_p50"] = to_array(std::move(forecast.p50));
            columns["renewals_p90"] = to_array(std::move(forecast.p90));
            columns["median_residual_renewals"] = to_array(std::move(forecast.median));
            columns["discounted_renewals"] = to_array(std::move(forecast.discounted));
            columns["discounted_renewals_p10"] = to_array(std::move(forecast.worth_p10));
            columns["discounted_renewals_p90"] = to_array(std::move(forecast.worth_p90));
            columns["discounted_residual_lifetime"] = to_array(std::move(forecast.residual));
            return columns;
        },
        "params"_a, "recency"_a, "T"_a, "horizon"_a, "rate"_a, "The columns of a forecast of contracts.");

    module.def(
        "fit_gamma_gamma",
        [](const Doubles& frequency, const Doubles& average, const MaybeDoubles& weights, const Priors& prior,
           unsigned threads) {
            const auto x = span_of(frequency, "frequency");
            const auto z = span_of(average, "monetary_value", x.size());
            const auto w = span_of(weights, "weights", x.size());
            custfolio::SpendFit spend;
            {
                const py::gil_scoped_release released;
                spend = custfolio::fit_gamma_gamma(x, z, w, fit_options_of(prior, threads));
            }
            return py::make_tuple(std::move(spend.fit), spend.left_out, spend.correlation);
        },
        "frequency"_a, "monetary_value"_a, "weights"_a = py::none(), py::kw_only(), "prior"_a = Priors{},
        "threads"_a = 0, "Fit the Gamma-Gamma model: fit, customers left out, correlation.");
    module.def(
        "conditional_mean_spend",
        [](const std::array<double, 3>& p, const Doubles& frequency, const Doubles& average) {
            return to_array(custfolio::conditional_mean_spend({p[0], p[1], p[2]}, span_of(frequency, "frequency"),
                                                              span_of(average, "monetary_value")));
        },
        "params"_a, "frequency"_a, "monetary_value"_a, "Expected amount of the next purchases.");
    module.def(
        "simulate_spend",
        [](const std::array<double, 3>& p, const Doubles& frequency, std::uint64_t seed) {
            return to_array(custfolio::simulate_spend({p[0], p[1], p[2]}, span_of(frequency, "frequency"), seed));
        },
        "params"_a, "frequency"_a, "seed"_a, "Simulate average amounts.");
    module.def(
        "fit_normal_normal",
        [](const Doubles& mean, const Doubles& count, const MaybeDoubles& sum_of_squares, const MaybeDoubles& weights,
           const Priors& prior, unsigned threads) {
            const auto m = span_of(mean, "mean");
            const auto n = span_of(count, "count", m.size());
            const auto s = span_of(sum_of_squares, "sum_of_squares", m.size());
            const auto w = span_of(weights, "weights", m.size());
            const py::gil_scoped_release released;
            return custfolio::fit_normal_normal(m, n, s, w, fit_options_of(prior, threads));
        },
        "mean"_a, "count"_a, "sum_of_squares"_a = py::none(), "weights"_a = py::none(), py::kw_only(),
        "prior"_a = Priors{}, "threads"_a = 0, "Fit the normal-normal model.");
    module.def(
        "shrink",
        [](const std::array<double, 3>& p, const Doubles& mean, const Doubles& count) {
            custfolio::Shrunk shrunk =
                custfolio::shrink({p[0], p[1], p[2]}, span_of(mean, "mean"), span_of(count, "count"));
            return py::make_tuple(to_array(std::move(shrunk.mean)), to_array(std::move(shrunk.variance)),
                                  to_array(std::move(shrunk.weight)));
        },
        "params"_a, "mean"_a, "count"_a, "Averages shrunk to the common mean: mean, variance, weight.");
    module.def(
        "simulate_averages",
        [](const std::array<double, 3>& p, const Doubles& count, std::uint64_t seed) {
            custfolio::SimulatedAverages averages =
                custfolio::simulate_averages({p[0], p[1], p[2]}, span_of(count, "count"), seed);
            return py::make_tuple(to_array(std::move(averages.mean)), to_array(std::move(averages.sum_of_squares)));
        },
        "params"_a, "count"_a, "seed"_a, "Simulate averages and their sums of squares.");
}
