#include "server/version.hpp"

namespace wutong::server {

const char* version() {
    return WUTONG_VERSION;
}

}  // namespace wutong::server
