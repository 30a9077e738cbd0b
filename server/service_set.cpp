#include "server/service_set.hpp"

#include "server/app.hpp"
#include "server/services/session_service.hpp"

namespace wutong::server {

ServiceSet make_services(App& app) {
    ServiceSet set;
    set.add<v1::SessionService>(std::make_unique<SessionService>(app));
    return set;
}

}  // namespace wutong::server
