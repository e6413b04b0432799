// Binds BG/NBD and MBG/NBD of room `lifetime`: fits, forecasts, simulation.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/lifetime.hpp"
#include "custfolio/lifetime/bg_nbd.hpp"

namespace py = pybind11;
using custfolio::BetaGeometricNBD;
using custfolio::BetaGeometricState;
using custfolio::DropOut;
using custfolio::bindings::Doubles;
using custfolio::bindings::HistoryRows;
using custfolio::bindings::matrix_of;
using custfolio::bindings::span_of;

namespace {

DropOut drop_out_of(bool at_first) {
    return at_first ? DropOut::after_all_purchases : DropOut::after_repeat_purchases;
}

/// Each row's customer, by its state: with a history where one is given, else new.
class GeometricCustomers {
  public:
    GeometricCustomers(const BetaGeometricNBD& model, const HistoryRows& rows) : model_(model), rows_(rows) {}
    [[nodiscard]] double alive(std::size_t i) const { return state(i).alive; }
    [[nodiscard]] double survival(std::size_t i, double t) const { return custfolio::survival(state(i), t); }
    [[nodiscard]] double expected_purchases(std::size_t i, double t) const {
        return custfolio::expected_purchases(state(i), t);
    }
    [[nodiscard]] double probability_mass(std::size_t i, double n, double t) const {
        if (!(n >= 0 && n <= 1e9 && n == std::floor(n))) {
            throw custfolio::InputError("n is " + custfolio::number_text(n) +
                                        "; it must be a whole number of purchases, 0 ... 1e9");
        }
        return custfolio::probability_mass(state(i), static_cast<std::uint64_t>(n), t);
    }
    [[nodiscard]] double discounted_purchases(std::size_t i, double rate, double horizon) const {
        return custfolio::discounted_purchases(state(i), rate, horizon);
    }
    static double log_likelihood(const BetaGeometricNBD& model, double x, double t_x, double age) {
        return model.log_likelihood(x, t_x, age);
    }
    template <class... Arguments>
    static custfolio::PurchaseForecast forecast(Arguments&&... arguments) {
        return custfolio::forecast_purchases(std::forward<Arguments>(arguments)...,
                                             custfolio::bindings::heed_signals());
    }
    static std::pair<std::vector<double>, std::vector<double>> simulate(const BetaGeometricNBD& model,
                                                                        std::span<const double> age, std::uint64_t seed,
                                                                        unsigned threads) {
        custfolio::SimulatedHistories histories =
            model.simulate(age, seed, threads, custfolio::bindings::heed_signals());
        return {std::move(histories.frequency), std::move(histories.recency)};
    }

  private:
    [[nodiscard]] BetaGeometricState state(std::size_t i) const {
        return rows_.x.empty() ? model_.state() : model_.state(rows_.x[i], rows_.t_x[i], rows_.T[i]);
    }

    const BetaGeometricNBD& model_;
    HistoryRows rows_;
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
            const auto z = matrix_of(covariates, "covariates");
            const py::gil_scoped_release released;
            return custfolio::fit_beta_geometric({x, t_x, T, weight, z}, drop_out_of(drop_out_at_first), names,
                                                 custfolio::bindings::fit_options_of(prior, threads));
        },
        py::arg("frequency"), py::arg("recency"), py::arg("T"), py::arg("weights") = py::none(),
        py::arg("drop_out_at_first") = false, py::arg("covariates") = py::none(),
        py::arg("covariate_names") = std::vector<std::string>{}, py::arg("prior") = custfolio::bindings::Priors{},
        py::arg("threads") = 0,
        "Maximum likelihood of BG/NBD, or of MBG/NBD where customers may drop out at the first purchase.");

    py::class_<BetaGeometricNBD> type(module, "BetaGeometricNBD", py::metaclass(plain_class()),
                                      "BG/NBD, or MBG/NBD where customers may drop out at the first purchase.");
    type.def(py::init([](double r, double alpha, double a, double b, bool drop_out_at_first) {
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
            py::arg("coefficients"), py::arg("covariates"), "The model of a customer with covariates.");
    custfolio::bindings::bind_purchase_model<GeometricCustomers>(type);
}
