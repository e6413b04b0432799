// Room `portfolio` (floor 1): customers, the bucket, the temperature bridge, calendar and money.
#pragma once

#include "custfolio/portfolio/bridge.hpp"
#include "custfolio/portfolio/bucket.hpp"
#include "custfolio/portfolio/columns.hpp"
#include "custfolio/portfolio/dates.hpp"
#include "custfolio/portfolio/event_drivers.hpp"
#include "custfolio/portfolio/exchange_rates.hpp"
#include "custfolio/portfolio/identity.hpp"
#include "custfolio/portfolio/money.hpp"
#include "custfolio/portfolio/orders.hpp"
#include "custfolio/portfolio/places.hpp"
#include "custfolio/portfolio/portfolio.hpp"
