#include "client-wx/platform/print_spool.hpp"

namespace wutong::client {

PrintTarget PrintTarget::parse(const std::string& text) {
    const auto after = [&](const char* prefix) {
        const std::string start{prefix};
        return text.rfind(start, 0) == 0 ? text.substr(start.size()) : std::string{};
    };
    if (const auto queue = after("cups:"); !queue.empty()) {
        return {Kind::queue, queue};
    }
    if (const auto address = after("tcp:"); !address.empty()) {
        return {Kind::network, address};
    }
    if (const auto path = after("file:"); !path.empty()) {
        return {Kind::file, path};
    }
    return {};
}

}  // namespace wutong::client
