#include "ctl/client.hpp"

#include <fmt/format.h>
#include <google/protobuf/empty.pb.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <array>
#include <iostream>
#include <random>
#include <thread>

#include "ctl/passwords.hpp"
#include "proto/client/pinned_channel.hpp"
#include "wutong/v1/site_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

constexpr auto kConnectTimeout = std::chrono::seconds{5};
constexpr int kAttemptsMax = 4;

std::string violations_of(const google::rpc::Status& details) {
    std::string text;
    for (const auto& any : details.details()) {
        google::rpc::BadRequest bad;
        if (any.UnpackTo(&bad)) {
            for (const auto& violation : bad.field_violations()) {
                text += fmt::format("\n  {}: {}", violation.field(), violation.description());
            }
        }
    }
    return text;
}

std::string reason_of(const google::rpc::Status& details) {
    for (const auto& any : details.details()) {
        google::rpc::ErrorInfo info;
        if (any.UnpackTo(&info)) {
            return info.reason();
        }
    }
    return {};
}

// The server's gate can't send details (gRPC 1.51), it says "reason: sentence".
std::string take_reason(std::string& text) {
    const auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
    if (end == std::string::npos || end < 3 || text.compare(end, 2, ": ") != 0 || text.find('_') > end) {
        return {};
    }
    std::string reason = text.substr(0, end);
    text.erase(0, end + 2);
    return reason;
}

ExitCode exit_code_of(const grpc::Status& status, const std::string& reason) {
    switch (status.error_code()) {
        case grpc::StatusCode::UNAUTHENTICATED:
        case grpc::StatusCode::PERMISSION_DENIED:
            return ExitCode::not_allowed;
        case grpc::StatusCode::UNAVAILABLE:
            return ExitCode::unreachable;
        case grpc::StatusCode::DEADLINE_EXCEEDED:
            return ExitCode::outcome_unknown;
        case grpc::StatusCode::ABORTED:
            return reason == "outcome_unknown" ? ExitCode::outcome_unknown : ExitCode::refused;
        default:
            return ExitCode::refused;
    }
}

}  // namespace

Client::Client(GlobalOptions& options) : options_{options} {}

ServerStore& Client::store() {
    if (!store_) {
        store_.emplace(options_.home.empty() ? ServerStore::default_directory()
                                             : std::filesystem::path{options_.home});
    }
    return *store_;
}

const std::string& Client::address() {
    if (address_.empty()) {
        address_ = !options_.server.empty()          ? options_.server
                   : !store().last_address().empty() ? store().last_address()
                                                     : "localhost:7443";
        if (address_.find(':') == std::string::npos) {
            address_ += ":7443";
        }
    }
    return address_;
}

std::shared_ptr<grpc::Channel> Client::channel() {
    if (channel_) {
        return channel_;
    }
    ServerEntry known = store().find(address());
    token_ = known.token;
    try {
        std::string pinned = known.fingerprint;
        if (!options_.fingerprint.empty()) {
            pinned = api::normalize_fingerprint(options_.fingerprint);
        }
        if (pinned.empty()) {
            const auto certificate = api::fetch_certificate(address(), kConnectTimeout);
            const std::string question = fmt::format(
                "{} presents a certificate with the SHA-256 fingerprint\n  {}\nThe server prints its own at "
                "every start. Are they the same?",
                address(), certificate.fingerprint);
            if (!options_.accept_new && !ask_yes(question)) {
                throw Failure(ExitCode::certificate_changed,
                              fmt::format("{} is not known yet; give its fingerprint with --fingerprint {}",
                                          address(), certificate.fingerprint));
            }
            pinned = certificate.fingerprint;
        }
        channel_ = api::connect_pinned(address(), pinned, kConnectTimeout);
        if (pinned != known.fingerprint) {
            known.fingerprint = pinned;
            store().save(address(), known);
        }
    } catch (const api::CertificateChanged& changed) {
        throw Failure(ExitCode::certificate_changed,
                      fmt::format("{}\nSomebody may be between you and the server, or it was set up anew. "
                                  "Ask its administrator, then pin the "
                                  "new one with --fingerprint.",
                                  changed.what()));
    } catch (const api::ServerUnreachable& error) {
        throw Failure(ExitCode::unreachable, error.what());
    } catch (const std::invalid_argument& error) {
        throw Failure(ExitCode::usage, error.what());
    }
    return channel_;
}

void Client::remember_session(const std::string& token, const std::string& operator_name) {
    ServerEntry entry = store().find(address());
    entry.token = token;
    entry.operator_name = operator_name;
    store().save(address(), entry);
    token_ = token;
}

void Client::forget_session() {
    remember_session("", "");
}

std::unique_ptr<grpc::ClientContext> Client::context(bool deadline) {
    auto context = std::make_unique<grpc::ClientContext>();
    if (deadline) {
        context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds{options_.timeout_s});
        // The server has just shown its certificate: one connection that fails is worth a second one.
        context->set_wait_for_ready(true);
    }
    if (!token_.empty()) {
        context->AddMetadata("authorization", "Bearer " + token_);
    }
    return context;
}

const std::string& Client::request_id() {
    if (request_id_.empty()) {
        request_id_ = options_.request_id.empty() ? new_request_id() : options_.request_id;
    }
    return request_id_;
}

std::int64_t Client::property_id() {
    if (property_id_ != 0) {
        return property_id_;
    }
    const auto list = call(*this, &v1::SiteService::Stub::ListProperties, google::protobuf::Empty{});
    for (const auto& property : list.properties()) {
        if (options_.property.empty() ? list.properties_size() == 1 : property.code() == options_.property) {
            return property_id_ = property.property_id();
        }
    }
    std::string codes;
    for (const auto& property : list.properties()) {
        codes += (codes.empty() ? "" : ", ") + property.code();
    }
    if (codes.empty()) {
        throw Failure(ExitCode::refused,
                      "there is no property yet; make one with 'property create' or 'import'",
                      "property_not_found");
    }
    throw Failure(ExitCode::usage, options_.property.empty()
                                       ? "which property? --property is one of: " + codes
                                       : "no property '" + options_.property + "'; known are: " + codes);
}

Failure failure_of(const grpc::Status& status, const std::string& request_id) {
    google::rpc::Status details;
    details.ParseFromString(status.error_details());
    std::string reason = reason_of(details);
    std::string text = status.error_message().empty()
                           ? fmt::format("call failed (status {})", static_cast<int>(status.error_code()))
                           : status.error_message();
    if (reason.empty()) {
        reason = take_reason(text);
    }
    const ExitCode code = exit_code_of(status, reason);
    text += violations_of(details);
    const bool unsure = code == ExitCode::outcome_unknown || code == ExitCode::unreachable;
    if (unsure && !request_id.empty()) {
        text += fmt::format(
            "\nWhether it was done is not known. The same command with --request-id {} asks again and is "
            "never done twice.",
            request_id);
    }
    return Failure(code, text, reason);
}

std::string new_request_id() {
    std::random_device random;
    std::array<std::uint32_t, 4> words{};
    for (auto& word : words) {
        word = random();
    }
    words[1] = (words[1] & 0xFFFF0FFFU) | 0x4000U;
    words[2] = (words[2] & 0x3FFFFFFFU) | 0x80000000U;
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:04x}{:08x}", words[0], words[1] >> 16,
                       words[1] & 0xFFFF, words[2] >> 16, words[2] & 0xFFFF, words[3]);
}

bool worth_retrying(const grpc::Status& status, int attempt) {
    return attempt < kAttemptsMax && (status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                                      status.error_code() == grpc::StatusCode::ABORTED);
}

void wait_before_retry(int attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds{200} * (1 << attempt));
}

}  // namespace wutong::ctl
