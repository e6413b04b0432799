// Binds Pareto/NBD and NBD of room `lifetime`: fits, forecasts, simulation, under the names that BG/NBD has.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/lifetime.hpp"
#include "custfolio/lifetime/nbd.hpp"
#include "custfolio/lifetime/pareto_nbd.hpp"

namespace py = pybind11;
using custfolio::NBD;
using custfolio::ParetoNBD;
using custfolio::bindings::columns_of;
using custfolio::bindings::Doubles;
using custfolio::bindings::each;
using custfolio::bindings::matrix_of;
using custfolio::bindings::span_of;
using custfolio::bindings::to_array;
using OptionalColumn = std::optional<Doubles>;

namespace {

/// Each row's customer: with a history where one is given, else new, which is the history 0, 0, 0.
template <class Model>
class Customers {
  public:
    Customers(const Model& model, const OptionalColumn& frequency, const OptionalColumn& recency,
              const OptionalColumn& age, std::size_t rows)
        : model_(model),
          frequency_(span_of(frequency, "frequency", rows)),
          recency_(span_of(recency, "recency", rows)),
          age_(span_of(age, "T", rows)) {
        if (!frequency_.empty() || !recency_.empty() || !age_.empty()) {
            custfolio::check_purchase_histories(frequency_, recency_, age_);
        }
    }
    [[nodiscard]] double alive(std::size_t i) const {
        return frequency_.empty() ? 1.0 : model_.probability_alive(frequency_[i], recency_[i], age_[i]);
    }
    /// The model from T on of a customer who is alive then.
    [[nodiscard]] Model later(std::size_t i) const {
        return frequency_.empty() ? model_ : model_.given_alive(frequency_[i], age_[i]);
    }

  private:
    const Model& model_;
    std::span<const double> frequency_, recency_, age_;
};

double log_likelihood_of(const ParetoNBD& model, double x, double t_x, double age) {
    return model.log_likelihood(x, t_x, age);
}
double log_likelihood_of(const NBD& model, double x, double, double age) {
    return model.log_likelihood(x, age);
}

/// What both models have.
template <class Model>
void bind_model(py::class_<Model>& type) {
    type.def(
            "log_likelihood",
            [](const Model& self, const Doubles& frequency, const Doubles& recency, const Doubles& age,
               unsigned threads) {
                const auto x = span_of(frequency, "frequency");
                const auto t_x = span_of(recency, "recency", x.size());
                const auto T = span_of(age, "T", x.size());
                custfolio::check_purchase_histories(x, t_x, T);
                return each(x.size(), threads,
                            [&](std::size_t i) { return log_likelihood_of(self, x[i], t_x[i], T[i]); });
            },
            py::arg("frequency"), py::arg("recency"), py::arg("T"), py::arg("threads") = 0,
            "Log-likelihood of each customer.")
        .def(
            "probability_alive",
            [](const Model& self, const Doubles& frequency, const Doubles& recency, const Doubles& age,
               unsigned threads) {
                const std::size_t rows = span_of(frequency, "frequency").size();
                const Customers<Model> customers(self, frequency, recency, age, rows);
                return each(rows, threads, [&](std::size_t i) { return customers.alive(i); });
            },
            py::arg("frequency"), py::arg("recency"), py::arg("T"), py::arg("threads") = 0,
            "Probability that each customer is alive at T.")
        .def(
            "survival",
            [](const Model& self, const Doubles& t, const OptionalColumn& frequency, const OptionalColumn& recency,
               const OptionalColumn& age, unsigned threads) {
                const auto time = span_of(t, "t");
                const Customers<Model> customers(self, frequency, recency, age, time.size());
                return each(time.size(), threads,
                            [&](std::size_t i) { return customers.alive(i) * customers.later(i).survival(time[i]); });
            },
            py::arg("t"), py::arg("frequency") = py::none(), py::arg("recency") = py::none(), py::arg("T") = py::none(),
            py::arg("threads") = 0, "Probability of being alive after t.")
        .def(
            "expected_purchases",
            [](const Model& self, const Doubles& t, const OptionalColumn& frequency, const OptionalColumn& recency,
               const OptionalColumn& age, unsigned threads) {
                const auto time = span_of(t, "t");
                const Customers<Model> customers(self, frequency, recency, age, time.size());
                return each(time.size(), threads, [&](std::size_t i) {
                    return customers.alive(i) * customers.later(i).expected_purchases(time[i]);
                });
            },
            py::arg("t"), py::arg("frequency") = py::none(), py::arg("recency") = py::none(), py::arg("T") = py::none(),
            py::arg("threads") = 0, "Expected purchases within t.")
        .def(
            "probability_mass",
            [](const Model& self, const Doubles& n, const Doubles& t, const OptionalColumn& frequency,
               const OptionalColumn& recency, const OptionalColumn& age, unsigned threads) {
                const auto time = span_of(t, "t");
                const auto number = span_of(n, "n", time.size());
                const Customers<Model> customers(self, frequency, recency, age, time.size());
                return each(time.size(), threads, [&](std::size_t i) {
                    const double alive = customers.alive(i);
                    const double mass = customers.later(i).probability_mass(number[i], time[i]);
                    return (number[i] == 0.0 ? 1.0 - alive : 0.0) + alive * mass;
                });
            },
            py::arg("n"), py::arg("t"), py::arg("frequency") = py::none(), py::arg("recency") = py::none(),
            py::arg("T") = py::none(), py::arg("threads") = 0, "Probability of exactly n purchases within t.")
        .def(
            "discounted_purchases",
            [](const Model& self, double rate, double horizon, const OptionalColumn& frequency,
               const OptionalColumn& recency, const OptionalColumn& age, unsigned threads) {
                const std::size_t rows = frequency ? span_of(*frequency, "frequency").size() : 1;
                const Customers<Model> customers(self, frequency, recency, age, rows);
                return each(rows, threads, [&](std::size_t i) {
                    return customers.alive(i) * customers.later(i).discounted_purchases(rate, horizon);
                });
            },
            py::arg("rate"), py::arg("horizon") = std::numeric_limits<double>::infinity(),
            py::arg("frequency") = py::none(), py::arg("recency") = py::none(), py::arg("T") = py::none(),
            py::arg("threads") = 0, "Discounted expected purchases within the horizon.")
        .def(
            "forecast",
            [](const Model& self, const Doubles& frequency, const Doubles& recency, const Doubles& age, double horizon,
               double rate, const Doubles& coefficients, const OptionalColumn& covariates, unsigned threads) {
                const auto x = span_of(frequency, "frequency");
                const auto t_x = span_of(recency, "recency", x.size());
                const auto T = span_of(age, "T", x.size());
                const auto gamma = span_of(coefficients, "coefficients");
                const auto z = matrix_of(covariates);
                custfolio::PurchaseForecast found;
                {
                    const py::gil_scoped_release released;
                    if constexpr (std::is_same_v<Model, ParetoNBD>) {
                        found = custfolio::forecast_purchases(self, x, t_x, T, horizon, rate, threads, gamma, z);
                    } else {
                        found = custfolio::forecast_purchases(self, x, t_x, T, horizon, rate, threads);
                    }
                }
                return columns_of(std::move(found));
            },
            py::arg("frequency"), py::arg("recency"), py::arg("T"), py::arg("horizon"), py::arg("rate"),
            py::arg("coefficients"), py::arg("covariates") = py::none(), py::arg("threads") = 0,
            "The columns of a forecast, one row a customer.")
        .def(
            "simulate",
            [](const Model& self, const Doubles& age, std::uint64_t seed, unsigned threads) {
                const auto T = span_of(age, "T");
                std::vector<double> frequency(T.size());
                std::vector<double> recency(T.size());
                {
                    const py::gil_scoped_release released;
                    self.simulate(T, seed, threads, frequency, recency);
                }
                return py::make_tuple(to_array(std::move(frequency)), to_array(std::move(recency)), age);
            },
            py::arg("T"), py::arg("seed"), py::arg("threads") = 0, "Frequency, recency and T of simulated customers.");
}

}  // namespace

void bind_lifetime_pareto_nbd(py::module_& module) {
    module.def(
        "fit_pareto_nbd",
        [](const Doubles& frequency, const Doubles& recency, const Doubles& age, const OptionalColumn& weights,
           const OptionalColumn& covariates, const std::vector<std::string>& names,
           const custfolio::bindings::Priors& prior, unsigned threads) {
            const auto x = span_of(frequency, "frequency");
            const auto t_x = span_of(recency, "recency", x.size());
            const auto T = span_of(age, "T", x.size());
            const auto weight = span_of(weights, "weights", x.size());
            const auto z = matrix_of(covariates);
            const py::gil_scoped_release released;
            return custfolio::fit_pareto_nbd({x, t_x, T, weight, z}, names,
                                             custfolio::bindings::fit_options_of(prior, threads));
        },
        py::arg("frequency"), py::arg("recency"), py::arg("T"), py::arg("weights") = py::none(),
        py::arg("covariates") = py::none(), py::arg("covariate_names") = std::vector<std::string>{},
        py::arg("prior") = custfolio::bindings::Priors{}, py::arg("threads") = 0, "Maximum likelihood of Pareto/NBD.");
    module.def(
        "fit_nbd",
        [](const Doubles& frequency, const Doubles& recency, const Doubles& age, const OptionalColumn& weights,
           const custfolio::bindings::Priors& prior, unsigned threads) {
            const auto x = span_of(frequency, "frequency");
            const auto t_x = span_of(recency, "recency", x.size());
            const auto T = span_of(age, "T", x.size());
            const auto weight = span_of(weights, "weights", x.size());
            const py::gil_scoped_release released;
            return custfolio::fit_nbd({x, t_x, T, weight}, custfolio::bindings::fit_options_of(prior, threads));
        },
        py::arg("frequency"), py::arg("recency"), py::arg("T"), py::arg("weights") = py::none(),
        py::arg("prior") = custfolio::bindings::Priors{}, py::arg("threads") = 0, "Maximum likelihood of NBD.");

    py::class_<ParetoNBD> pareto(module, "ParetoNBD", py::metaclass(plain_class()),
                                 "Pareto/NBD: customers leave at a constant hazard of their own.");
    pareto
        .def(py::init([](double r, double alpha, double s, double beta) {
                 const ParetoNBD model{r, alpha, s, beta};
                 model.check();
                 return model;
             }),
             py::arg("r"), py::arg("alpha"), py::arg("s"), py::arg("beta"))
        .def_readonly("r", &ParetoNBD::r, "Shape of the purchase rate.")
        .def_readonly("alpha", &ParetoNBD::alpha, "Its inverse scale.")
        .def_readonly("s", &ParetoNBD::s, "Shape of the hazard.")
        .def_readonly("beta", &ParetoNBD::beta, "Its inverse scale.")
        .def(
            "with_covariates",
            [](const ParetoNBD& self, const Doubles& coefficients, const Doubles& z) {
                return self.with(span_of(coefficients, "coefficients"), span_of(z, "covariates"));
            },
            py::arg("coefficients"), py::arg("covariates"), "The model of a customer with covariates.");
    bind_model(pareto);

    py::class_<NBD> nbd(module, "NBD", py::metaclass(plain_class()), "NBD: nobody ever leaves.");
    nbd.def(py::init([](double r, double alpha) {
                const NBD model{r, alpha};
                model.check();
                return model;
            }),
            py::arg("r"), py::arg("alpha"))
        .def_readonly("r", &NBD::r, "Shape of the purchase rate.")
        .def_readonly("alpha", &NBD::alpha, "Its inverse scale.");
    bind_model(nbd);
}
