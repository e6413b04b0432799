// Room `remediation` (floor 3, step 2): which change of terms makes a cold customer warm, how probably it is accepted,
// what it is worth.
#pragma once

#include "custfolio/remediation/acceptance.hpp"
#include "custfolio/remediation/learning.hpp"
#include "custfolio/remediation/offers.hpp"
#include "custfolio/remediation/outcome.hpp"
#include "custfolio/remediation/peers.hpp"
#include "custfolio/remediation/price_list.hpp"
#include "custfolio/remediation/required.hpp"
#include "custfolio/remediation/review.hpp"
#include "custfolio/remediation/sequences.hpp"
