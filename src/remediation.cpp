// Compiles the definitions of room `remediation` once.
#include "custfolio/remediation/acceptance.ipp"
#include "custfolio/remediation/learning.ipp"
#include "custfolio/remediation/offers.ipp"
#include "custfolio/remediation/outcome.ipp"
#include "custfolio/remediation/price_list.ipp"
#include "custfolio/remediation/required.ipp"
