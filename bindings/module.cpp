// The extension module custfolio._core: its version, and the names of every room.
#include <pybind11/pybind11.h>

#include "bindings/bindings.hpp"
#include "custfolio/config.hpp"

PYBIND11_MODULE(_core, module) {
    module.doc() = "The C++ rooms of custfolio; names are those of the C++ library.";
    module.attr("__version__") = CUSTFOLIO_VERSION;
    bind_rooms(module);
}
