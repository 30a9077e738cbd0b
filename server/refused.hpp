#pragma once

#include <grpcpp/support/status.h>

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace wutong::server {

/// One field of a request that is wrong, named as in the proto ("page.size").
struct FieldViolation {
    std::string field;
    std::string description;
};

/// The answer "no" to a call: thrown anywhere below a handler, turned into a status with google.rpc.Status
/// details by handle(). Nothing has been changed, because the transaction it leaves is rolled back.
class Refused : public std::runtime_error {
public:
    /// @param reason snake_case word for programs; it never changes its meaning
    /// @param message for people: what is wrong and what to do
    Refused(grpc::StatusCode code, std::string reason, const std::string& message,
            std::vector<FieldViolation> violations = {}, std::map<std::string, std::string> metadata = {});

    [[nodiscard]] grpc::StatusCode code() const { return code_; }
    [[nodiscard]] const std::string& reason() const { return reason_; }
    [[nodiscard]] const std::vector<FieldViolation>& violations() const { return violations_; }
    [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return metadata_; }
    [[nodiscard]] grpc::Status status() const;

private:
    grpc::StatusCode code_;
    std::string reason_;
    std::vector<FieldViolation> violations_;
    std::map<std::string, std::string> metadata_;
};

/// INVALID_ARGUMENT, reason "invalid_field".
[[nodiscard]] Refused invalid(const std::string& field, const std::string& description);
/// INVALID_ARGUMENT with every field that is wrong. @pre violations is not empty
[[nodiscard]] Refused invalid(std::vector<FieldViolation> violations);
/// NOT_FOUND, reason "<what>_not_found", e.g. not_found("meter", 17).
[[nodiscard]] Refused not_found(const std::string& what, std::int64_t id);
[[nodiscard]] Refused not_found(const std::string& what, const std::string& name);
/// ALREADY_EXISTS, reason "already_exists".
[[nodiscard]] Refused already_exists(const std::string& field, const std::string& description);
/// FAILED_PRECONDITION.
[[nodiscard]] Refused failed_precondition(const std::string& reason, const std::string& message);

}  // namespace wutong::server
