// Binds BG/NBD and MBG/NBD of room `lifetime`: fits, forecasts, simulation.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/lifetime.hpp"
#include "custfolio/lifetime/bg_nbd.hpp"
#include "custfolio/math/parallel.hpp"

namespace py = pybind11;
using custfolio::BetaGeometricNBD;
using custfolio::BetaGeometricState;
using custfolio::DropOut;
using custfolio::Matrix;
using custfolio::bindings::columns_of;
using custfolio::bindings::Doubles;
using custfolio::bindings::each;
using custfolio::bindings::matrix_of;
using custfolio::bindings::span_of;
using custfolio::bindings::to_array;

namespace {

DropOut drop_out_of(bool at_first) {
    return at_first ? DropOut::after_all_purchases : DropOut::after_repeat_purchases;
}

/// The state of each row's customer: with a history where one is given, else new.
class States {
  public:
    States(const BetaGeometricNBD& model, const std::optional<Doubles>& frequency,
           const std::optional<Doubles>& recency, const std::optional<Doubles>& age, std::size_t rows)
        : model_(model),
          frequency_(span_of(frequency, "frequency", rows)),
          recency_(span_of(recency, "recency", rows)),
          age_(span_of(age, "T", rows)) {
        if (!frequency_.empty() || !recency_.empty() || !age_.empty()) {
            custfolio::check_purchase_histories(frequency_, recency_, age_);
        }
    }
    BetaGeometricState operator[](std::size_t i) const {
        return frequency_.empty() ? model_.state() : model_.state(frequency_[i], recency_[i], age_[i]);
    }

  private:
    const BetaGeometricNBD& model_;
    std::span<const double> frequency_, recency_, age_;
};

}  // namespace

void bind_lifetime_bg_nbd(py::module_& module) {
    using OptionalColumn = std::optional<Doubles>;
    module.def(
        "fit_beta_geometric",
        [](const Doubles& frequency, const Doubles& recency, const Doubles& age, const OptionalColumn& weights,
           bool drop_out_at_first, const OptionalColumn& covariates, const std::vector<std::string>& names,
           const custfolio::bindings::Priors& prior, unsigned threads) {
            const auto x = span_of(frequency, "frequency");
            const auto t_x = span_of(recency, "recency", x.size());
            const auto T = span_of(age, "T", x.size());
            const auto weight = span_of(weights, "weights", x.size());
            const auto z = matrix_of(covariates);
            const py::gil_scoped_release released;
            return custfolio::fit_beta_geometric({x, t_x, T, weight, z}, drop_out_of(drop_out_at_first), names,
                                                 custfolio::bindings::fit_options_of(prior, threads));
        },
        py::arg("frequency"), py::arg("recency"), py::arg("T"), py::arg("weights") = py::none(),
        py::arg("drop_out_at_first") = false, py::arg("covariates") = py::none(),
        py::arg("covariate_names") = std::vector<std::string>{}, py::arg("prior") = custfolio::bindings::Priors{},
        py::arg("threads") = 0,
        "Maximum likelihood of BG/NBD, or of MBG/NBD where customers may drop out at the first purchase.");

    py::class_<BetaGeometricNBD>(module, "BetaGeometricNBD", py::metaclass(plain_class()),
                                 "BG/NBD, or MBG/NBD where customers may drop out at the first purchase.")
        .def(py::init([](double r, double alpha, double a, double b, bool drop_out_at_first) {
                 return BetaGeometricNBD(r, alpha, a, b, drop_out_of(drop_out_at_first));
             }),
             py::arg("r"), py::arg("alpha"), py::arg("a"), py::arg("b"), py::arg("drop_out_at_first") = false)
        .def_property_readonly("r", &BetaGeometricNBD::r, "Shape of the purchase rate.")
        .def_property_readonly("alpha", &BetaGeometricNBD::alpha, "Its inverse scale.")
        .def_property_readonly("a", &BetaGeometricNBD::a, "Of the chance to drop out.")
        .def_property_readonly("b", &BetaGeometricNBD::b, "Of the chance to stay.")
        .def(
            "with_covariates",
            [](const BetaGeometricNBD& self, const Doubles& coefficients, const Doubles& z) {
                return self.with(span_of(coefficients, "coefficients"), span_of(z, "covariates"));
            },
            py::arg("coefficients"), py::arg("covariates"), "The model of a customer with covariates.")
        .def(
            "log_likelihood",
            [](const BetaGeometricNBD& self, const Doubles& frequency, const Doubles& recency, const Doubles& age,
               unsigned threads) {
                const auto x = span_of(frequency, "frequency");
                const auto t_x = span_of(recency, "recency", x.size());
                const auto T = span_of(age, "T", x.size());
                custfolio::check_purchase_histories(x, t_x, T);
                return each(x.size(), threads, [&](std::size_t i) { return self.log_likelihood(x[i], t_x[i], T[i]); });
            },
            py::arg("frequency"), py::arg("recency"), py::arg("T"), py::arg("threads") = 0,
            "Log-likelihood of each customer.")
        .def(
            "probability_alive",
            [](const BetaGeometricNBD& self, const Doubles& frequency, const Doubles& recency, const Doubles& age,
               unsigned threads) {
                const States states(self, frequency, recency, age, span_of(frequency, "frequency").size());
                return each(span_of(frequency, "frequency").size(), threads,
                            [&](std::size_t i) { return states[i].alive; });
            },
            py::arg("frequency"), py::arg("recency"), py::arg("T"), py::arg("threads") = 0,
            "Probability that each customer is alive at T.")
        .def(
            "survival",
            [](const BetaGeometricNBD& self, const Doubles& t, const OptionalColumn& frequency,
               const OptionalColumn& recency, const OptionalColumn& age, unsigned threads) {
                const auto time = span_of(t, "t");
                const States states(self, frequency, recency, age, time.size());
                return each(time.size(), threads,
                            [&](std::size_t i) { return custfolio::survival(states[i], time[i]); });
            },
            py::arg("t"), py::arg("frequency") = py::none(), py::arg("recency") = py::none(), py::arg("T") = py::none(),
            py::arg("threads") = 0, "Probability of being alive after t.")
        .def(
            "expected_purchases",
            [](const BetaGeometricNBD& self, const Doubles& t, const OptionalColumn& frequency,
               const OptionalColumn& recency, const OptionalColumn& age, unsigned threads) {
                const auto time = span_of(t, "t");
                const States states(self, frequency, recency, age, time.size());
                return each(time.size(), threads,
                            [&](std::size_t i) { return custfolio::expected_purchases(states[i], time[i]); });
            },
            py::arg("t"), py::arg("frequency") = py::none(), py::arg("recency") = py::none(), py::arg("T") = py::none(),
            py::arg("threads") = 0, "Expected purchases within t.")
        .def(
            "probability_mass",
            [](const BetaGeometricNBD& self, const Doubles& n, const Doubles& t, const OptionalColumn& frequency,
               const OptionalColumn& recency, const OptionalColumn& age, unsigned threads) {
                const auto time = span_of(t, "t");
                const auto number = span_of(n, "n", time.size());
                const States states(self, frequency, recency, age, time.size());
                return each(time.size(), threads, [&](std::size_t i) {
                    if (!(number[i] >= 0 && number[i] <= 1e9 && number[i] == std::floor(number[i]))) {
                        throw custfolio::InputError("n is " + custfolio::number_text(number[i]) +
                                                    "; it must be a whole number of purchases, 0 ... 1e9");
                    }
                    return custfolio::probability_mass(states[i], static_cast<std::uint64_t>(number[i]), time[i]);
                });
            },
            py::arg("n"), py::arg("t"), py::arg("frequency") = py::none(), py::arg("recency") = py::none(),
            py::arg("T") = py::none(), py::arg("threads") = 0, "Probability of exactly n purchases within t.")
        .def(
            "discounted_purchases",
            [](const BetaGeometricNBD& self, double rate, double horizon, const OptionalColumn& frequency,
               const OptionalColumn& recency, const OptionalColumn& age, unsigned threads) {
                const std::size_t rows = frequency ? span_of(*frequency, "frequency").size() : 1;
                const States states(self, frequency, recency, age, rows);
                return each(rows, threads,
                            [&](std::size_t i) { return custfolio::discounted_purchases(states[i], rate, horizon); });
            },
            py::arg("rate"), py::arg("horizon") = std::numeric_limits<double>::infinity(),
            py::arg("frequency") = py::none(), py::arg("recency") = py::none(), py::arg("T") = py::none(),
            py::arg("threads") = 0, "Discounted expected purchases within the horizon.")
        .def(
            "forecast",
            [](const BetaGeometricNBD& self, const Doubles& frequency, const Doubles& recency, const Doubles& age,
               double horizon, double rate, const Doubles& coefficients, const OptionalColumn& covariates,
               unsigned threads) {
                const auto x = span_of(frequency, "frequency");
                const auto t_x = span_of(recency, "recency", x.size());
                const auto T = span_of(age, "T", x.size());
                const auto gamma = span_of(coefficients, "coefficients");
                const auto z = matrix_of(covariates);
                custfolio::PurchaseForecast found;
                {
                    const py::gil_scoped_release released;
                    found = custfolio::forecast_purchases(self, x, t_x, T, horizon, rate, threads, gamma, z);
                }
                return columns_of(std::move(found));
            },
            py::arg("frequency"), py::arg("recency"), py::arg("T"), py::arg("horizon"), py::arg("rate"),
            py::arg("coefficients"), py::arg("covariates") = py::none(), py::arg("threads") = 0,
            "The columns of a forecast, one row a customer.")
        .def(
            "simulate",
            [](const BetaGeometricNBD& self, const Doubles& age, std::uint64_t seed, unsigned threads) {
                const auto T = span_of(age, "T");
                custfolio::SimulatedHistories found;
                {
                    const py::gil_scoped_release released;
                    found = self.simulate(T, seed, threads);
                }
                return py::make_tuple(to_array(std::move(found.frequency)), to_array(std::move(found.recency)),
                                      to_array(std::move(found.age)));
            },
            py::arg("T"), py::arg("seed"), py::arg("threads") = 0, "Frequency, recency and T of simulated customers.");
}
