// Compiles the room `ledger`.
#include "custfolio/ledger.hpp"
#include "custfolio/ledger/aggregate.ipp"
#include "custfolio/ledger/encode.ipp"
#include "custfolio/ledger/events.ipp"
#include "custfolio/ledger/ledger_columns.ipp"
#include "custfolio/ledger/ledger_view.ipp"
#include "custfolio/ledger/missing_cost.ipp"
#include "custfolio/ledger/orders.ipp"
