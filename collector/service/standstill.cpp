#include "collector/service/standstill.hpp"

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <thread>

namespace wutong::collector {

bool Standstill::moves(const std::string& who, std::uint64_t beats, Time now) {
    auto& progress = progress_.try_emplace(who, Progress{beats, now}).first->second;
    if (progress.beats != beats) {
        progress = {beats, now};
    }
    return now - progress.since < longest_;
}

void end_process_after(std::chrono::seconds within, int exit_status) {
    std::thread{[within, exit_status] {
        std::this_thread::sleep_for(within);
        spdlog::critical("event=ended_by_force reason=\"what stood still could not be ended\"");
        spdlog::default_logger()->flush();
        std::_Exit(exit_status);
    }}.detach();
}

}  // namespace wutong::collector
