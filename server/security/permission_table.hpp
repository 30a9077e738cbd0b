#pragma once

#include <google/protobuf/descriptor.h>

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace wutong::server {

/// A service can't be offered: one of its methods does not say who may call it. A fault of ours, found before
/// the first client comes.
class PermissionMissing : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What each method asks of its caller, read from the (permission) option in the proto files.
class PermissionTable {
public:
    static constexpr const char* kPublic = "public";    ///< no session needed
    static constexpr const char* kSession = "session";  ///< any signed-in operator
    static constexpr const char* kKiosk = "kiosk";      ///< a registered kiosk, and no operator

    /// @throws PermissionMissing naming every method whose option is absent or malformed
    explicit PermissionTable(const std::vector<const google::protobuf::ServiceDescriptor*>& services);

    /// For services that are not ours and have no option: health and reflection.
    void allow_everybody(const std::string& path);

    /// @param path as on the wire: "/wutong.v1.SaleService/Sell"
    /// @return nothing for a method that this server does not have
    [[nodiscard]] std::optional<std::string> permission_of(const std::string& path) const;
    [[nodiscard]] const std::map<std::string, std::string>& all() const { return permissions_; }

private:
    std::map<std::string, std::string> permissions_;
};

/// @param granted an operator's permissions; "*" grants everything
[[nodiscard]] bool grants(const std::vector<std::string>& granted, const std::string& permission);

}  // namespace wutong::server
