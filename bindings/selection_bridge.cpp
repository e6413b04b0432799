// Binds the bridge between two statements.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"
#include "bindings/group_dimensions.hpp"
#include "bindings/ledger_view.hpp"
#include "bindings/statement_options.hpp"
#include "custfolio/selection/statement_bridge.hpp"

namespace py = pybind11;
using custfolio::Statement;
using custfolio::StatementBridge;
using custfolio::bindings::Array;
using custfolio::bindings::OptionalArray;
using custfolio::bindings::span_of;

namespace {

/// A period from a dict: statement, ledger, costs, item, dimensions, and the options of the statement.
class HeldPeriod {
  public:
    explicit HeldPeriod(const py::dict& given)
        : statement_(given["statement"].cast<const Statement&>()),
          costs_(given["costs"].cast<const custfolio::CostModel&>()),
          lines_(given["ledger"].cast<py::dict>()),
          item_(given["item"].cast<OptionalArray<std::int32_t>>()),
          ways_(given["dimensions"].cast<py::list>(), statement_.portfolio().period()),
          options_(given["customer_drivers"].cast<py::dict>(), given["events"].cast<py::list>(),
                   given["receivables"].cast<std::optional<py::dict>>(), given["dso"].cast<OptionalArray<double>>(),
                   given["terms"].cast<OptionalArray<double>>(), lines_.view().id.size()) {}

    [[nodiscard]] custfolio::StatedPeriod view() {
        custfolio::StatedPeriod period{.statement = statement_,
                                       .ledger = lines_.view(),
                                       .costs = costs_,
                                       .options = options_.options(),
                                       .by = ways_.ways()};
        if (item_) period.item = span_of(*item_, "item");
        return period;
    }

  private:
    const Statement& statement_;
    const custfolio::CostModel& costs_;
    custfolio::bindings::LedgerOfDict lines_;
    OptionalArray<std::int32_t> item_;
    custfolio::bindings::HeldDimensions ways_;
    custfolio::bindings::HeldOptions options_;
};

template <class T>
auto column(T StatementBridge::* member) {
    return [member](const py::object& self) {
        return custfolio::bindings::view_of(self.cast<const StatementBridge&>().*member, self);
    };
}

}  // namespace

void bind_selection_bridge(py::module_& module) {
    py::class_<StatementBridge>(module, "StatementBridge", py::metaclass(plain_class()),
                                "The change between two statements by cause.")
        .def_readonly("before", &StatementBridge::before, "All customers of the earlier period.")
        .def_readonly("after", &StatementBridge::after, "All customers of the later period.")
        .def_property_readonly(
            "id", [](const StatementBridge& self) { return custfolio::bindings::to_list(self.id); },
            "Customers of either period.")
        .def_property_readonly(
            "part", [](const StatementBridge& self) { return custfolio::bindings::to_list(self.part); },
            "Names of the parts.")
        .def_property_readonly("customer", column(&StatementBridge::customer), "Place in `id` per row.")
        .def_property_readonly(
            "value",
            [](const py::object& self) {
                py::list values;
                for (const auto& one : self.cast<const StatementBridge&>().value) {
                    values.append(custfolio::bindings::view_of(one, self));
                }
                return values;
            },
            "Per way to group the value of each row; -1: none.")
        .def_property_readonly("level_before", column(&StatementBridge::level_before), "Net revenue before.")
        .def_property_readonly("level_after", column(&StatementBridge::level_after), "Net revenue after.")
        .def_property_readonly("heat_before", column(&StatementBridge::heat_before), "Contribution before.")
        .def_property_readonly("heat_after", column(&StatementBridge::heat_after), "Contribution after.")
        .def_property_readonly("heat", column(&StatementBridge::heat), "Rows x parts, currency.")
        .def_property_readonly("temperature", column(&StatementBridge::temperature), "Rows x parts, fractions.")
        .def_property_readonly("mix", column(&StatementBridge::mix), "Effect of changed weights.")
        .def_property_readonly("warming", column(&StatementBridge::warming), "Effect of changed temperatures.")
        .def_readonly("customers_in_one_part", &StatementBridge::customers_in_one_part,
                      "Customers of both periods whose sales are one part.")
        .def_readonly("level_in_one_part", &StatementBridge::level_in_one_part, "Their net revenue after.")
        .def_property_readonly(
            "elements_in_one_part",
            [](const StatementBridge& self) { return custfolio::bindings::to_list(self.elements_in_one_part); },
            "Elements with one part for rate and use.")
        .def(
            "summed",
            [](const StatementBridge& self, bool customers, const std::vector<std::size_t>& by) {
                return custfolio::summed(self, customers, by);
            },
            py::arg("customers"), py::arg("by"), "Sum the rows over customers and ways to group.");
    module.def(
        "statement_bridge",
        [](const py::dict& before, const py::dict& after, unsigned threads) {
            HeldPeriod then(before);
            HeldPeriod now(after);
            const custfolio::StatedPeriod first = then.view();
            const custfolio::StatedPeriod second = now.view();
            const py::gil_scoped_release released;
            return custfolio::bridge(first, second, threads);
        },
        py::arg("before"), py::arg("after"), py::arg("threads") = 0U,
        "Split the change between two statements over causes, per customer and group.");
}
