// Python face of room `lifetime`.
#include <pybind11/pybind11.h>

#include "bindings/bindings.hpp"

void bind_lifetime([[maybe_unused]] pybind11::module_& module) {}
