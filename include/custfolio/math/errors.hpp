// The error tree: one hierarchy for all rooms, mirrored class by class in Python.
#pragma once

#include <stdexcept>
#include <string>

namespace custfolio {

/// Root of every error that the library throws on purpose. The text names what is wrong, where, and what would be
/// right. Python: `custfolio.CustfolioError`.
class Error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A value, column or combination that cannot be used. The text names row, column or customer, the value, and what
/// would be right. Python: `custfolio.InputError`, also a `ValueError`.
class InputError : public Error {
  public:
    using Error::Error;
};

/// A customer, column, driver or step that does not exist; the text names it. Python: `custfolio.NotFoundError`, also a
/// `KeyError`.
class NotFoundError : public Error {
  public:
    using Error::Error;
};

/// No plan satisfies all constraints; the text carries the smallest relaxation that would. Python:
/// `custfolio.InfeasibleError`, also a `ValueError`.
class InfeasibleError : public Error {
  public:
    using Error::Error;
};

/// A numerical method did not reach its stated accuracy. Python: `custfolio.NumericalError`, also an `ArithmeticError`.
class NumericalError : public Error {
  public:
    using Error::Error;
};

/// The caller's progress callback asked to stop. Python raises the callback's own exception (KeyboardInterrupt on
/// Ctrl-C) instead.
class Cancelled : public Error {
  public:
    using Error::Error;
};

/// Shortest text that reads back as the same number, for messages; "nan" and "inf" for what is not finite.
/// @param value any number.
/// @return the number's text, locale-independent.
std::string number_text(double value);

/// Checks that a number is finite.
/// @param value the number found.
/// @param what the place, as the message shall name it: "customer 2633: revenue".
/// @return `value`.
/// @throws InputError where it is NaN or infinite.
double require_finite(double value, const std::string& what);

/// Checks that a number is a probability.
/// @param value the number found.
/// @param what the place, as the message shall name it.
/// @return `value`.
/// @throws InputError where it is not in [0, 1]; a percentage (1 < value <= 100) gets the fraction as its remedy.
double require_probability(double value, const std::string& what);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/math/errors.ipp"
#endif
