#pragma once

#include <cstdio>

#include "collector/service/probe.hpp"

namespace wutong::collector {

/// Listens at a broker until the meter has told each quantity of its profile, or its register a second time
/// (a round of messages is over then), or options.listen_for is over; asks it to tell where the profile says
/// how. Prints each value with what stood in the message and what it means, then the messages. Its session at
/// the broker is gone afterwards.
/// @pre meter.profile->sends_by_itself()
/// @return as run_probe; kExitFailed when nothing of the meter came, or the broker could not be reached
int run_message_probe(const ProbeOptions& options, const FieldMeter& meter, std::FILE* out,
                      std::FILE* faults);

/// " Wh", " l", " /10000 per kWh" …: in what a quantity is counted.
[[nodiscard]] const char* counted_in(core::Quantity quantity);

}  // namespace wutong::collector
