// Room `distribution` (floor 2): distributions of money, and sums of independent or correlated amounts.
#pragma once

#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/distribution/distribution.hpp"
#include "custfolio/distribution/monthly_amounts.hpp"
#include "custfolio/distribution/nonnegative_amount.hpp"
#include "custfolio/distribution/normal_amount.hpp"
#include "custfolio/distribution/sum_distribution.hpp"
#include "custfolio/distribution/tail_probability.hpp"
