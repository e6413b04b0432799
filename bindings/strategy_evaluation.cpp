// Binds what room `strategy` computes of a given plan: its contributions.
#include <pybind11/pybind11.h>

#include <memory>
#include <optional>
#include <utility>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/strategy.hpp"
#include "custfolio/strategy.hpp"

namespace py = pybind11;
using custfolio::Plan;
using custfolio::bindings::numbers;
using custfolio::bindings::texts;

namespace {

/// The inputs of a plan, with empty ones for those that were not given.
class OwnedInputs {
  public:
    OwnedInputs(const py::dict& settings, const custfolio::Portfolio& portfolio, const custfolio::Offers* offers,
                const custfolio::GrowthForecast* growth, const custfolio::Prospects* prospects,
                const custfolio::Baseline* baseline)
        : strategy_(strategy_of(settings)),
          portfolio_(portfolio),
          offers_(offers),
          growth_(growth),
          prospects_(prospects),
          baseline_(baseline) {
        if (baseline == nullptr) {
            seasonal_ = custfolio::seasonal_baseline(portfolio, strategy_.start, strategy_.months);
        }
    }

    [[nodiscard]] custfolio::PlanInputs all() const {
        return {strategy_,
                portfolio_,
                offers_ ? *offers_ : no_offers_,
                growth_ ? *growth_ : no_growth_,
                prospects_ ? *prospects_ : no_prospects_,
                baseline_ ? *baseline_ : *seasonal_};
    }

  private:
    custfolio::Strategy strategy_;
    const custfolio::Portfolio& portfolio_;
    const custfolio::Offers* offers_;
    const custfolio::GrowthForecast* growth_;
    const custfolio::Prospects* prospects_;
    const custfolio::Baseline* baseline_;
    custfolio::Offers no_offers_;
    custfolio::GrowthForecast no_growth_;
    custfolio::Prospects no_prospects_;
    std::optional<custfolio::Baseline> seasonal_;
};

py::dict contributions(const Plan& plan, const OwnedInputs& inputs, unsigned threads) {
    std::vector<custfolio::Contribution> rows;
    {
        const py::gil_scoped_release released;
        rows = custfolio::contributions(plan, inputs.all(), threads);
    }
    py::dict columns;
    columns["source"] = texts(rows, [](const auto& row) { return custfolio::to_string(row.source); });
    columns["level"] = numbers(rows, [](const auto& row) { return row.level; });
    columns["heat"] = numbers(rows, [](const auto& row) { return row.heat; });
    columns["temperature"] = numbers(rows, [](const auto& row) { return row.temperature; });
    columns["percent"] = numbers(rows, [](const auto& row) { return row.percent; });
    return columns;
}

}  // namespace

void bind_strategy_evaluation(py::module_& module) {
    // The inputs stay alive with the object: custodian and ward.
    py::class_<OwnedInputs>(module, "PlanInputs", py::metaclass(plain_class()), "What a plan was made with.")
        .def(py::init<const py::dict&, const custfolio::Portfolio&, const custfolio::Offers*,
                      const custfolio::GrowthForecast*, const custfolio::Prospects*, const custfolio::Baseline*>(),
             py::arg("settings"), py::arg("portfolio"), py::arg("offers") = static_cast<custfolio::Offers*>(nullptr),
             py::arg("growth") = static_cast<custfolio::GrowthForecast*>(nullptr),
             py::arg("prospects") = static_cast<custfolio::Prospects*>(nullptr),
             py::arg("baseline") = static_cast<custfolio::Baseline*>(nullptr), py::keep_alive<1, 3>(),
             py::keep_alive<1, 4>(), py::keep_alive<1, 5>(), py::keep_alive<1, 6>(), py::keep_alive<1, 7>());
    module.def("contributions", &contributions, py::arg("plan"), py::arg("inputs"), py::kw_only(),
               py::arg("threads") = 0U, "The part of each source in the rise from no action to a plan, as columns.");
}
