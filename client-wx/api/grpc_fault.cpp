#include "client-wx/api/grpc_fault.hpp"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <string>
#include <utility>

namespace wutong::client {
namespace {

using grpc::StatusCode;

// Whatever the server is, its words stay of a size that a screen can bear.
constexpr std::size_t kTextMax = 2000;
constexpr int kFieldsMax = 50;
constexpr std::size_t kDetailsMax = 20;

/// "session_ended: this session has ended" → "session_ended", and `text` keeps the sentence.
std::string take_reason(std::string& text) {
    const auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
    if (end == std::string::npos || end < 3 || end > 60 || text.compare(end, 2, ": ") != 0 ||
        text.find('_') > end) {
        return {};
    }
    auto reason = text.substr(0, end);
    text.erase(0, end + 2);
    return reason;
}

void read_details(const grpc::Status& status, Fault& fault) {
    google::rpc::Status details;
    if (!details.ParseFromString(status.error_details())) {
        return;
    }
    for (const auto& any : details.details()) {
        google::rpc::ErrorInfo info;
        google::rpc::BadRequest bad;
        if (any.UnpackTo(&info)) {
            fault.reason = info.reason().substr(0, 60);
            for (const auto& [key, value] : info.metadata()) {
                if (fault.details.size() < kDetailsMax) {
                    fault.details.emplace(key.substr(0, 60), value.substr(0, kTextMax));
                }
            }
        } else if (any.UnpackTo(&bad)) {
            for (const auto& violation : bad.field_violations()) {
                if (static_cast<int>(fault.fields.size()) < kFieldsMax) {
                    fault.fields.push_back(
                        {violation.field().substr(0, 200), violation.description().substr(0, kTextMax)});
                }
            }
        }
    }
}

Fault words_of(const grpc::Status& status) {
    Fault fault;
    fault.text = status.error_message().substr(0, kTextMax);
    read_details(status, fault);
    if (fault.reason.empty()) {
        fault.reason = take_reason(fault.text);
    }
    return fault;
}

Fault::Kind broken(Repeat repeat) {
    return repeat == Repeat::with_same_request ? Fault::Kind::outcome_unknown : Fault::Kind::unreachable;
}

Fault::Kind said_by_server(StatusCode code, const std::string& reason) {
    switch (code) {
        case StatusCode::INVALID_ARGUMENT:
            return Fault::Kind::invalid;
        case StatusCode::NOT_FOUND:
            return Fault::Kind::not_found;
        case StatusCode::UNAUTHENTICATED:
            return Fault::Kind::unauthenticated;
        case StatusCode::PERMISSION_DENIED:
            return Fault::Kind::not_permitted;
        case StatusCode::ABORTED:
            return reason == "outcome_unknown" ? Fault::Kind::outcome_unknown : Fault::Kind::refused;
        case StatusCode::FAILED_PRECONDITION:
        case StatusCode::ALREADY_EXISTS:
        case StatusCode::RESOURCE_EXHAUSTED:
        case StatusCode::OUT_OF_RANGE:
        case StatusCode::UNAVAILABLE:  // with a reason: it did nothing, and says why
            return Fault::Kind::refused;
        default:
            return Fault::Kind::internal;
    }
}

}  // namespace

bool link_broke(const grpc::Status& status) {
    switch (status.error_code()) {
        case StatusCode::UNAVAILABLE:
        case StatusCode::CANCELLED:
        case StatusCode::INTERNAL:
        case StatusCode::UNKNOWN:
            return words_of(status).reason.empty();
        default:
            return false;
    }
}

Fault fault_of(const grpc::Status& status, Repeat repeat) {
    Fault fault = words_of(status);
    if (fault.reason.empty()) {
        switch (status.error_code()) {
            case StatusCode::UNAVAILABLE:
            case StatusCode::CANCELLED:
            case StatusCode::INTERNAL:
            case StatusCode::UNKNOWN:
                fault.kind = broken(repeat);
                return fault;
            case StatusCode::DEADLINE_EXCEEDED:
                fault.kind = repeat == Repeat::with_same_request ? Fault::Kind::outcome_unknown
                                                                 : Fault::Kind::timed_out;
                return fault;
            case StatusCode::UNIMPLEMENTED:
                fault.reason = "no_such_method";
                return fault;
            case StatusCode::RESOURCE_EXHAUSTED:
                // gRPC's own word for an answer above the channel's limit.
                if (fault.text.find("larger than max") != std::string::npos) {
                    fault.reason = "answer_too_large";
                    fault.kind = repeat == Repeat::with_same_request ? Fault::Kind::outcome_unknown
                                                                     : Fault::Kind::internal;
                    return fault;
                }
                break;
            default:
                break;
        }
    }
    fault.kind = said_by_server(status.error_code(), fault.reason);
    return fault;
}

}  // namespace wutong::client
