// Face of the numerics room: includes all of it.
#pragma once

#include "custfolio/math/beta.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/fft.hpp"
#include "custfolio/math/gamma.hpp"
#include "custfolio/math/geography.hpp"
#include "custfolio/math/lattice.hpp"
#include "custfolio/math/minimise.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/random.hpp"
#include "custfolio/math/root.hpp"
#include "custfolio/math/rounding.hpp"
#include "custfolio/math/sparse_sum.hpp"
#include "custfolio/math/special_functions.hpp"
#include "custfolio/math/variates.hpp"
