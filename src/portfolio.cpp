// Compiles the definitions of room `portfolio` once.
#include "custfolio/portfolio/portfolio.ipp"
#include "custfolio/portfolio/bridge.ipp"
#include "custfolio/portfolio/bucket.ipp"
#include "custfolio/portfolio/dates.ipp"
#include "custfolio/portfolio/exchange_rates.ipp"
#include "custfolio/portfolio/identity.ipp"
#include "custfolio/portfolio/money.ipp"
#include "custfolio/portfolio/places.ipp"
