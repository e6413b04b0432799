// Room `ledger` (floor 2): the lines of a company's sales, aggregated per customer.
#pragma once

#include "custfolio/ledger/aggregate.hpp"
#include "custfolio/ledger/encode.hpp"
#include "custfolio/ledger/event_table.hpp"
#include "custfolio/ledger/events.hpp"
#include "custfolio/ledger/ledger_columns.hpp"
#include "custfolio/ledger/ledger_view.hpp"
#include "custfolio/ledger/missing_cost.hpp"
#include "custfolio/ledger/order_revenue.hpp"
#include "custfolio/ledger/orders.hpp"
#include "custfolio/ledger/return_origins.hpp"
#include "custfolio/ledger/yearly_amounts.hpp"
