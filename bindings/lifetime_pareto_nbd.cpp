// Binds Pareto/NBD and NBD of room `lifetime`: fits, forecasts, simulation, under the names that BG/NBD has.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
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
using custfolio::bindings::Doubles;
using custfolio::bindings::heed_signals;
using custfolio::bindings::HistoryRows;
using custfolio::bindings::matrix_of;
using custfolio::bindings::span_of;
using OptionalColumn = std::optional<Doubles>;

namespace {

/// Each row's customer: with a history where one is given, else new, which is the history 0, 0, 0.
template <class Model>
class Customers {
  public:
    Customers(const Model& model, const HistoryRows& rows) : model_(model), rows_(rows) {}
    [[nodiscard]] double alive(std::size_t i) const {
        return rows_.x.empty() ? 1.0 : model_.probability_alive(rows_.x[i], rows_.t_x[i], rows_.T[i]);
    }
    [[nodiscard]] double survival(std::size_t i, double t) const { return alive(i) * later(i).survival(t); }
    [[nodiscard]] double expected_purchases(std::size_t i, double t) const {
        return alive(i) * later(i).expected_purchases(t);
    }
    [[nodiscard]] double probability_mass(std::size_t i, double n, double t) const {
        const double here = alive(i);
        const double mass = later(i).probability_mass(n, t);
        return (n == 0.0 ? 1.0 - here : 0.0) + here * mass;
    }
    [[nodiscard]] double discounted_purchases(std::size_t i, double rate, double horizon) const {
        return alive(i) * later(i).discounted_purchases(rate, horizon);
    }
    static double log_likelihood(const Model& model, double x, double t_x, double age) {
        if constexpr (std::is_same_v<Model, ParetoNBD>) {
            return model.log_likelihood(x, t_x, age);
        } else {
            return model.log_likelihood(x, age);
        }
    }
    static custfolio::PurchaseForecast forecast(const Model& model, std::span<const double> x,
                                                std::span<const double> t_x, std::span<const double> T, double horizon,
                                                double rate, unsigned threads, std::span<const double> coefficients,
                                                const custfolio::Matrix& covariates) {
        if constexpr (std::is_same_v<Model, ParetoNBD>) {
            return custfolio::forecast_purchases(model, x, t_x, T, horizon, rate, threads, coefficients, covariates,
                                                 heed_signals());
        } else {
            return custfolio::forecast_purchases(model, x, t_x, T, horizon, rate, threads, heed_signals());
        }
    }
    static std::pair<std::vector<double>, std::vector<double>> simulate(const Model& model, std::span<const double> age,
                                                                        std::uint64_t seed, unsigned threads) {
        std::vector<double> frequency(age.size());
        std::vector<double> recency(age.size());
        model.simulate(age, seed, threads, frequency, recency, heed_signals());
        return {std::move(frequency), std::move(recency)};
    }

  private:
    /// The model from T on of a customer who is alive then.
    [[nodiscard]] Model later(std::size_t i) const {
        return rows_.x.empty() ? model_ : model_.given_alive(rows_.x[i], rows_.T[i]);
    }

    const Model& model_;
    HistoryRows rows_;
};

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
            const auto z = matrix_of(covariates, "covariates");
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
    custfolio::bindings::bind_purchase_model<Customers<ParetoNBD>>(pareto);

    py::class_<NBD> nbd(module, "NBD", py::metaclass(plain_class()), "NBD: nobody ever leaves.");
    nbd.def(py::init([](double r, double alpha) {
                const NBD model{r, alpha};
                model.check();
                return model;
            }),
            py::arg("r"), py::arg("alpha"))
        .def_readonly("r", &NBD::r, "Shape of the purchase rate.")
        .def_readonly("alpha", &NBD::alpha, "Its inverse scale.");
    custfolio::bindings::bind_purchase_model<Customers<NBD>>(nbd);
}
