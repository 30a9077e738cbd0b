#include "simulator/faults.hpp"

#include <stdexcept>

namespace wutong::simulator {
namespace {

constexpr FaultKind kKinds[] = {FaultKind::lost_request,   FaultKind::lost_answer,
                                FaultKind::late_answer,    FaultKind::torn_answer,
                                FaultKind::garbled_answer, FaultKind::repeated_answer,
                                FaultKind::foreign_answer, FaultKind::power_cut_after_write};
constexpr int kWriteFunctions[] = {0x06, 0x10, 0x20};

bool is_write(int function) {
    for (const int write : kWriteFunctions) {
        if (function == write) {
            return true;
        }
    }
    return false;
}

}  // namespace

const char* to_string(FaultKind kind) {
    switch (kind) {
        case FaultKind::lost_request:
            return "lost_request";
        case FaultKind::lost_answer:
            return "lost_answer";
        case FaultKind::late_answer:
            return "late_answer";
        case FaultKind::torn_answer:
            return "torn_answer";
        case FaultKind::garbled_answer:
            return "garbled_answer";
        case FaultKind::repeated_answer:
            return "repeated_answer";
        case FaultKind::foreign_answer:
            return "foreign_answer";
        case FaultKind::power_cut_after_write:
            return "power_cut_after_write";
    }
    return "?";
}

std::optional<FaultKind> parse_fault_kind(const std::string& text) {
    for (const auto kind : kKinds) {
        if (text == to_string(kind)) {
            return kind;
        }
    }
    return std::nullopt;
}

std::int64_t FaultBook::add(Fault fault) {
    if (faults_.size() >= kFaultsMax) {
        throw std::runtime_error("there are " + std::to_string(kFaultsMax) +
                                 " faults already; DELETE /v1/faults first");
    }
    fault.id = next_id_++;
    fault.hits = 0;
    const auto id = fault.id;
    faults_.emplace(id, std::move(fault));
    return id;
}

std::optional<Fault> FaultBook::strike(const std::string& serial, const std::string& line, int function) {
    return strike(serial, line, function, is_write(function));
}

std::optional<Fault> FaultBook::strike(const std::string& serial, const std::string& line, int function,
                                       bool writes) {
    for (auto& [id, fault] : faults_) {
        const bool target_fits = fault.target == "meter:" + serial || fault.target == "bus:" + line ||
                                 fault.target == "gateway:" + line;
        const bool function_fits = fault.function ? *fault.function == function
                                                  : fault.kind != FaultKind::power_cut_after_write || writes;
        if (fault.spent() || !target_fits || !function_fits) {
            continue;
        }
        if (fault.probability < 1.0 &&
            std::uniform_real_distribution<double>{0.0, 1.0}(dice_) >= fault.probability) {
            continue;
        }
        ++fault.hits;
        return fault;
    }
    return std::nullopt;
}

}  // namespace wutong::simulator
