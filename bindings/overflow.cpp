// Binds room `overflow`: displacement of ice cubes.
#include "custfolio/overflow.hpp"

#include <pybind11/pybind11.h>

#include <cstdint>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/convert.hpp"

namespace py = pybind11;
using custfolio::bindings::Array;
using custfolio::bindings::Doubles;
using custfolio::bindings::numbers;
using custfolio::bindings::span_of;

void bind_overflow(py::module_& module) {
    module.def(
        "displace",
        [](const Doubles& level, const Doubles& heat, const Array<std::int32_t>& earliest, const Doubles& slack,
           bool only_cold, const Doubles& discount) {
            if (level.ndim() != 2 || heat.ndim() != 2 || heat.shape(0) != level.shape(0) ||
                heat.shape(1) != level.shape(1)) {
                throw custfolio::InputError(
                    "level and heat must have two dimensions of the same shape: ice cubes x months");
            }
            const auto count = static_cast<std::size_t>(level.shape(0));
            const auto months = static_cast<std::size_t>(level.shape(1));
            const auto first = span_of(earliest, "earliest", count);
            const auto room = span_of(slack, "slack");
            std::vector<custfolio::IceCube> cubes;
            cubes.reserve(count);
            for (std::size_t i = 0; i < count; ++i) {
                const double* row = level.data() + i * months;
                const double* warm = heat.data() + i * months;
                cubes.push_back({i, {row, row + months}, {warm, warm + months}, first[i]});
            }
            const auto weights = span_of(discount, "discount");
            const custfolio::DisplacementOptions options{.only_cold = only_cold,
                                                         .discount = {weights.begin(), weights.end()}};
            std::vector<custfolio::Displaced> displaced;
            {
                const py::gil_scoped_release released;
                displaced = custfolio::displace(cubes, room, options);
            }
            using custfolio::Displaced;
            py::dict columns;
            columns["cube"] =
                numbers(displaced, [](const Displaced& one) { return static_cast<std::int64_t>(one.cube); });
            columns["month"] = numbers(displaced, [](const Displaced& one) { return std::int64_t{one.month}; });
            columns["level"] = numbers(displaced, &Displaced::level);
            columns["heat"] = numbers(displaced, &Displaced::heat);
            return columns;
        },
        py::arg("level"), py::arg("heat"), py::arg("earliest"), py::arg("slack"), py::arg("only_cold"),
        py::arg("discount"),
        "Let ice cubes flow over, coldest first, each once replaced: columns cube, month, level, heat.");
}
