#pragma once

#include <grpcpp/support/status.h>

#include "client-wx/api/fault.hpp"
#include "client-wx/api/server.hpp"

namespace wutong::client {

/// What a status that is not OK means to the caller. The server says why in google.rpc.Status details, or,
/// from its gate, as "reason: sentence".
[[nodiscard]] Fault fault_of(const grpc::Status& status, Repeat repeat);

/// The status was made on the way and not by the server: nobody knows what became of the call.
[[nodiscard]] bool link_broke(const grpc::Status& status);

}  // namespace wutong::client
