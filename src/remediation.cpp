// Compiles the definitions of room `remediation` once.
#include "custfolio/remediation/acceptance.ipp"
#include "custfolio/remediation/offers.ipp"
#include "custfolio/remediation/required.ipp"
