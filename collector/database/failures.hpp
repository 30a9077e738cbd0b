#pragma once

#include <exception>

namespace wutong::collector {

/// Is this the database being away, busy or unsure, so that the same thing may be asked again soon? Anything
/// else is an answer: the database is there and will not have it, today or tomorrow (a constraint, a right
/// that is missing, figures that can't be booked). Then asking every few seconds helps nobody; a person has
/// to look.
[[nodiscard]] bool passes_by_itself(const std::exception& error);

}  // namespace wutong::collector
