// Compiles the definitions of room `distribution` once.
#include "custfolio/distribution/distribution.ipp"
#include "custfolio/distribution/common_factor.ipp"
#include "custfolio/distribution/detail/atoms.ipp"
#include "custfolio/distribution/detail/few_amounts.ipp"
#include "custfolio/distribution/monthly_amounts.ipp"
#include "custfolio/distribution/normal_amount.ipp"
#include "custfolio/distribution/sum_distribution.ipp"
#include "custfolio/distribution/tail_probability.ipp"
