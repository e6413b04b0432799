// Compiles the definitions of the numerics room once, for custfolio::custfolio.
#include "custfolio/math.hpp"
#include "custfolio/math/fft.ipp"
#include "custfolio/math/geography.ipp"
#include "custfolio/math/lattice.ipp"
#include "custfolio/math/normal.ipp"
#include "custfolio/math/parallel.ipp"
#include "custfolio/math/random.ipp"
#include "custfolio/math/rounding.ipp"
