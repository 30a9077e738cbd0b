#include "server/security/permission_table.hpp"

#include <wutong/v1/options.pb.h>

#include <algorithm>
#include <regex>

namespace wutong::server {

PermissionTable::PermissionTable(const std::vector<const google::protobuf::ServiceDescriptor*>& services) {
    static const std::regex area_verb{"[a-z_]+\\.[a-z_]+"};
    std::string faults;
    for (const auto* service : services) {
        for (int i = 0; i < service->method_count(); ++i) {
            const auto* method = service->method(i);
            const auto& permission = method->options().GetExtension(v1::permission);
            if (permission.empty()) {
                faults += "\n  " + method->full_name() + ": has no (permission) option";
            } else if (permission != kPublic && permission != kSession && permission != kKiosk &&
                       !std::regex_match(permission, area_verb)) {
                faults += "\n  " + method->full_name() + ": \"" + permission +
                          "\" is neither \"public\", \"session\", \"kiosk\" nor \"area.verb\"";
            }
            permissions_["/" + service->full_name() + "/" + method->name()] = permission;
        }
    }
    if (!faults.empty()) {
        throw PermissionMissing("methods that do not say who may call them are not offered:" + faults);
    }
}

void PermissionTable::allow_everybody(const std::string& path) {
    permissions_[path] = kPublic;
}

std::optional<std::string> PermissionTable::permission_of(const std::string& path) const {
    const auto found = permissions_.find(path);
    return found == permissions_.end() ? std::nullopt : std::optional{found->second};
}

bool grants(const std::vector<std::string>& granted, const std::string& permission) {
    return std::any_of(granted.begin(), granted.end(),
                       [&](const auto& one) { return one == "*" || one == permission; });
}

}  // namespace wutong::server
