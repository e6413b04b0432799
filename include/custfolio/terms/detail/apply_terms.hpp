// The effect of terms that were checked before, for searches over many amounts.
#pragma once

#include "custfolio/terms/terms.hpp"

namespace custfolio::detail {

/// Applies terms without checks of the terms and the customer; see apply().
/// @param terms the change, checked.
/// @param before the customer, checked.
/// @param effect changed; `after` begins as the activity before.
void apply_to(const Terms& terms, const TermsInput& before, TermsEffect& effect);

/// Checks that the numbers of a customer's activity are finite, and that deliveries are not negative.
/// @param volume the activity.
/// @throws InputError where they are not.
void check_volume(const Volume& volume);

/// A share of the burden that a charge is.
/// @param charge currency.
/// @param revenue the customer's spend, currency.
/// @return charge / revenue; infinity where a charge meets no spend.
double burden_of(double charge, double revenue);

}  // namespace custfolio::detail
