// Binds room `lifetime`: the fit that all models share.
#include <pybind11/functional.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <functional>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/lifetime.hpp"
#include "custfolio/lifetime/maximum_likelihood.hpp"
#include "custfolio/lifetime/profile_likelihood.hpp"

namespace py = pybind11;
using custfolio::Fit;
using custfolio::bindings::to_array;
using custfolio::bindings::view_of;

void bind_lifetime(py::module_& module) {
    py::class_<Fit>(module, "Fit", py::metaclass(plain_class()), "A fitted model.")
        .def_readonly("names", &Fit::names, "Parameters, as published.")
        .def_property_readonly(
            "estimate", [](const py::object& self) { return view_of(self.cast<const Fit&>().estimate, self); },
            "The parameters.")
        .def_property_readonly(
            "standard_error",
            [](const py::object& self) { return view_of(self.cast<const Fit&>().standard_error, self); },
            "Theirs; NaN where the data do not determine it.")
        .def_property_readonly(
            "covariance", [](const py::object& self) { return view_of(self.cast<const Fit&>().covariance, self); },
            "Of the log parameters (of coefficients: themselves).")
        .def_readonly("unrestricted", &Fit::unrestricted, "Which parameters are not on a log scale.")
        .def_readonly("log_likelihood", &Fit::log_likelihood, "At the estimates, without prior.")
        .def_readonly("log_prior", &Fit::log_prior, "Log density of the prior there.")
        .def_readonly("customers", &Fit::customers, "Sum of weights.")
        .def_readonly("rows", &Fit::rows, "Rows given.")
        .def_readonly("cells", &Fit::cells, "Distinct rows.")
        .def_readonly("iterations", &Fit::iterations, "Steps of the search.")
        .def_readonly("evaluations", &Fit::evaluations, "Evaluations of the likelihood.")
        .def_readonly("optima", &Fit::optima, "Distinct optima found.")
        .def_readonly("converged", &Fit::converged, "Whether the estimates are an optimum with standard errors.")
        .def_readonly("message", &Fit::message, "The outcome in words.")
        .def_property_readonly("aic", &Fit::aic, "Akaike's criterion.")
        .def_property_readonly("bic", &Fit::bic, "The Bayesian criterion.")
        .def(
            "interval",
            [](const Fit& self, double level) {
                custfolio::ConfidenceIntervals interval = self.interval(level);
                return std::pair(to_array(std::move(interval.lower)), to_array(std::move(interval.upper)));
            },
            py::arg("level"), "Lower and upper ends of the parameters' confidence intervals.");
    module.def(
        "percentile_intervals",
        [](const custfolio::bindings::Doubles& estimates, double level) {
            custfolio::ConfidenceIntervals intervals =
                custfolio::percentile_intervals(custfolio::bindings::matrix_of(estimates, "estimates"), level);
            return std::pair(to_array(std::move(intervals.lower)), to_array(std::move(intervals.upper)));
        },
        py::arg("estimates"), py::arg("level"), "Lower and upper ends from the samples of a bootstrap.");
    module.def(
        "likelihood_ratio",
        [](const std::vector<double>& apart, double together, std::size_t parameters) {
            const custfolio::LikelihoodRatio ratio = custfolio::likelihood_ratio(apart, together, parameters);
            return py::make_tuple(ratio.statistic, static_cast<long>(ratio.degrees), ratio.p_value,
                                  ratio.aic_difference);
        },
        py::arg("apart"), py::arg("together"), py::arg("parameters"),
        "Compare models of groups with one of all: statistic, degrees of freedom, p-value, difference of AIC.");
    module.def(
        "profile_intervals",
        [](const Fit& fit, const std::function<Fit(custfolio::bindings::Priors)>& refit,
           const custfolio::bindings::Priors& prior, double level) {
            const auto with = [&](const std::vector<custfolio::LogPrior>& priors) {
                custfolio::bindings::Priors pairs;
                for (const auto& [mean, sd] : priors) pairs.emplace_back(mean, sd);
                return refit(pairs);
            };
            custfolio::ConfidenceIntervals interval =
                custfolio::profile_intervals(fit, with, custfolio::bindings::fit_options_of(prior, 1).prior, level);
            return std::pair(to_array(std::move(interval.lower)), to_array(std::move(interval.upper)));
        },
        py::arg("fit"), py::arg("refit"), py::arg("prior"), py::arg("level"),
        "Lower and upper ends by profile likelihood; refit fits the same data with other priors.");
}
