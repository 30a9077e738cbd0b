#include "server/refused.hpp"

#include <fmt/format.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <utility>

namespace wutong::server {

namespace {

/// google.rpc.ErrorInfo wants to know whose reasons these are.
constexpr const char* kDomain = "wutong";
/// Details travel in a trailer, which clients limit to 8 kB in all: the first faults are enough to go on
/// with.
constexpr std::size_t kViolationsMax = 40;

std::string sentence(const std::vector<FieldViolation>& violations) {
    const auto& first = violations.front();
    auto text = first.field + ": " + first.description;
    if (violations.size() > 1) {
        text += fmt::format(" (and {} more)", violations.size() - 1);
    }
    return text;
}

}  // namespace

Refused::Refused(grpc::StatusCode code, std::string reason, const std::string& message,
                 std::vector<FieldViolation> violations, std::map<std::string, std::string> metadata)
    : std::runtime_error{message},
      code_{code},
      reason_{std::move(reason)},
      violations_{std::move(violations)},
      metadata_{std::move(metadata)} {}

grpc::Status Refused::status() const {
    google::rpc::Status details;
    details.set_code(static_cast<int>(code_));
    details.set_message(what());
    google::rpc::ErrorInfo info;
    info.set_reason(reason_);
    info.set_domain(kDomain);
    for (const auto& [key, value] : metadata_) {
        (*info.mutable_metadata())[key] = value;
    }
    details.add_details()->PackFrom(info);
    if (!violations_.empty()) {
        google::rpc::BadRequest bad;
        for (const auto& violation : violations_) {
            if (static_cast<std::size_t>(bad.field_violations_size()) == kViolationsMax) {
                break;
            }
            auto* out = bad.add_field_violations();
            out->set_field(violation.field);
            out->set_description(violation.description);
        }
        details.add_details()->PackFrom(bad);
    }
    return {code_, what(), details.SerializeAsString()};
}

Refused invalid(const std::string& field, const std::string& description) {
    return invalid(std::vector<FieldViolation>{{field, description}});
}

Refused invalid(std::vector<FieldViolation> violations) {
    const auto message = sentence(violations);
    return {grpc::StatusCode::INVALID_ARGUMENT, "invalid_field", message, std::move(violations)};
}

Refused not_found(const std::string& what, std::int64_t id) {
    return not_found(what, "#" + std::to_string(id));
}

Refused not_found(const std::string& what, const std::string& name) {
    return {grpc::StatusCode::NOT_FOUND, what + "_not_found",
            fmt::format("there is no {} {} in this property", what, name)};
}

Refused already_exists(const std::string& field, const std::string& description) {
    return {grpc::StatusCode::ALREADY_EXISTS,
            "already_exists",
            field + ": " + description,
            {{field, description}}};
}

Refused failed_precondition(const std::string& reason, const std::string& message) {
    return {grpc::StatusCode::FAILED_PRECONDITION, reason, message};
}

}  // namespace wutong::server
