#include "client-wx/presenters/session.hpp"

#include <google/protobuf/empty.pb.h>
#include <wutong/v1/session_service.pb.h>
#include <wutong/v1/site_service.pb.h>

#include <algorithm>
#include <utility>

#include "client-wx/api/methods.hpp"
#include "client-wx/text/format.hpp"

namespace wutong::client {
namespace {

constexpr std::size_t kNameMax = 120;
constexpr int kPropertiesMax = 10'000;

}  // namespace

Session::Session(Server& server, Timers& timers, Preferences& preferences)
    : server_{server}, timers_{timers}, preferences_{preferences}, active_at_{timers.now()} {
    server_.on_session_ended([this](const Fault&) {
        if (state_ == State::signed_in || state_ == State::locked) {
            server_.use_token("");
            enter(State::ended);
        }
    });
}

void Session::sign_in(const std::string& operator_name, const std::string& password,
                      std::function<void(const Fault*)> done) {
    v1::SignInRequest request;
    request.set_operator_(operator_name);
    request.set_password(password);
    busy_ = true;
    call_ = server_.call(method::sign_in, request,
                         [this, done = std::move(done)](const Result<v1::SignInResponse>& result) {
                             if (!result) {
                                 busy_ = false;
                                 done(&result.fault());
                                 return;
                             }
                             server_.use_token(result->token());
                             take(result->who());
                             preferences_.set_operator_name(who_.name);
                             load_properties(done);
                         });
}

void Session::resume(const std::string& token, std::function<void(const Fault*)> done) {
    server_.use_token(token);
    busy_ = true;
    call_ = server_.call(method::who_am_i, google::protobuf::Empty{},
                         [this, done = std::move(done)](const Result<v1::WhoAmIResponse>& result) {
                             if (!result) {
                                 busy_ = false;
                                 server_.use_token("");
                                 done(&result.fault());
                                 return;
                             }
                             take(*result);
                             load_properties(done);
                         });
}

void Session::take(const v1::WhoAmIResponse& who) {
    if (who_.operator_id != 0 && who_.operator_id != who.operator_id()) {
        properties_.clear();
        property_ = {};
    }
    who_ = {};
    who_.operator_id = who.operator_id();
    who_.name = clipped(who.operator_(), kNameMax);
    who_.full_name = clipped(who.full_name(), kNameMax);
    for (const auto& role : who.roles()) {
        who_.roles.push_back(clipped(role, kNameMax));
    }
    who_.server_version = clipped(who.server_version(), kNameMax);
    permissions_.clear();
    permissions_.insert(who.permissions().begin(), who.permissions().end());
    property_ids_.assign(who.property_ids().begin(), who.property_ids().end());
}

void Session::load_properties(std::function<void(const Fault*)> done) {
    const auto finish = [this, done = std::move(done)](const Fault* fault) {
        busy_ = false;
        if (fault != nullptr) {
            server_.use_token("");
            done(fault);
            return;
        }
        const auto wanted = property_.property_id != 0 ? property_.property_id : preferences_.property_id();
        property_ = {};
        if (!properties_.empty()) {
            const auto found = std::find_if(properties_.begin(), properties_.end(),
                                            [&](const Property& one) { return one.property_id == wanted; });
            property_ = found == properties_.end() ? properties_.front() : *found;
            set_currency(property_.currency);
            set_time_zone(property_.time_zone);
        }
        active();
        watch_idleness();
        enter(State::signed_in);
        done(nullptr);
    };
    if (!may("site.read")) {
        // A kiosk's role, for one: the property has a number but no name.
        properties_.clear();
        for (const auto id : property_ids_) {
            if (id != 0) {
                properties_.push_back({id, "", "", "Asia/Shanghai", "CNY"});
            }
        }
        finish(nullptr);
        return;
    }
    call_ = server_.call(
        method::list_properties, google::protobuf::Empty{},
        [this, finish](const Result<v1::ListPropertiesResponse>& result) {
            if (!result) {
                finish(&result.fault());
                return;
            }
            properties_.clear();
            for (const auto& one : result->properties()) {
                if (static_cast<int>(properties_.size()) == kPropertiesMax) {
                    break;
                }
                properties_.push_back({one.property_id(), clipped(one.code(), kNameMax),
                                       clipped(one.name(), kNameMax), one.time_zone(), one.currency()});
            }
            finish(nullptr);
        });
}

void Session::sign_out() {
    if (state_ != State::signed_out) {
        // The server forgets the session as well; if it can't be reached, it ends there by itself.
        farewell_ = server_.call(method::sign_out, google::protobuf::Empty{},
                                 [](const Result<google::protobuf::Empty>&) {});
    }
    call_.cancel();
    busy_ = false;
    server_.use_token("");
    forget();
    enter(State::signed_out);
}

void Session::lock() {
    if (state_ == State::signed_in) {
        enter(State::locked);
    }
}

bool Session::may(std::string_view permission) const {
    return permissions_.contains(permission) || permissions_.contains("*");
}

void Session::choose_property(std::int64_t property_id) {
    const auto found = std::find_if(properties_.begin(), properties_.end(),
                                    [&](const Property& one) { return one.property_id == property_id; });
    if (found == properties_.end() || property_.property_id == property_id) {
        return;
    }
    property_ = *found;
    preferences_.set_property_id(property_id);
    set_currency(property_.currency);
    set_time_zone(property_.time_zone);
    listeners_.tell();
}

void Session::enter(State state) {
    state_ = state;
    if (state != State::signed_in) {
        idle_timer_.stop();
    }
    listeners_.tell();
}

void Session::forget() {
    who_ = {};
    permissions_.clear();
    property_ids_.clear();
    properties_.clear();
    property_ = {};
}

void Session::watch_idleness() {
    idle_timer_ = timers_.every(std::chrono::seconds{5}, [this] {
        if (idle_limit_.count() > 0 && timers_.now() - active_at_ >= idle_limit_) {
            lock();
        }
    });
}

}  // namespace wutong::client
