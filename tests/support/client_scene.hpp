#pragma once

#include <google/protobuf/empty.pb.h>
#include <wutong/v1/live_service.pb.h>
#include <wutong/v1/session_service.pb.h>
#include <wutong/v1/site_service.pb.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/context.hpp"
#include "tests/support/hand_clock.hpp"
#include "tests/support/scripted_server.hpp"

namespace wutong::client::test {

/// Preferences that no file keeps.
class MemoryPreferences final : public Preferences {
public:
    [[nodiscard]] std::optional<std::string> get(const std::string& key) const override {
        const auto found = values.find(key);
        return found == values.end() ? std::nullopt : std::optional{found->second};
    }
    void set(const std::string& key, const std::string& value) override { values[key] = value; }
    void remove(const std::string& key) override { values.erase(key); }

    std::map<std::string, std::string> values;
};

/// A Navigator that remembers where it was sent.
class RecordedNavigator final : public Navigator {
public:
    using Navigator::toast;
    void open(const Place& place) override { opened.push_back(place); }
    void back() override { ++backs; }
    void toast(const std::string& text, std::function<void()> undo) override {
        toasts.push_back(text);
        last_undo = std::move(undo);
    }

    std::vector<Place> opened;
    int backs{0};
    std::vector<std::string> toasts;
    std::function<void()> last_undo;
};

/// Everything a presenter needs, without a server and without a display.
struct ClientScene {
    HandClock clock;
    ScriptedServer server;
    ScriptedLink link;
    MemoryPreferences preferences;
    RecordedNavigator navigator;
    Connection connection{clock, link};
    Session session{server, clock, preferences};
    LiveMeters live{server, clock, connection};
    ShiftWatch shift{server, clock, session, connection};
    GuardWatch guards{server, clock, session, connection};
    Context context{server, clock, session, live, navigator, preferences, connection, shift, guards};

    /// The server answers, and `name` is signed in with the permissions at property 1 (TOWER, CNY, Shanghai).
    void sign_in(const std::vector<std::string>& permissions, const std::string& name = "cashier02") {
        connection.connect({"localhost:7443", std::string(64, 'a')});
        link.succeed();
        v1::SignInResponse answer;
        answer.set_token("token-1");
        answer.mutable_who()->set_operator_id(7);
        answer.mutable_who()->set_operator_(name);
        answer.mutable_who()->add_property_ids(1);
        for (const auto& permission : permissions) {
            answer.mutable_who()->add_permissions(permission);
        }
        v1::ListPropertiesResponse properties;
        auto* property = properties.add_properties();
        property->set_property_id(1);
        property->set_code("TOWER");
        property->set_name("Harbour Plaza");
        property->set_time_zone("Asia/Shanghai");
        property->set_currency("CNY");
        session.sign_in(name, "secret-password", [](const Fault*) {});
        server.answer(method::sign_in, answer);
        if (server.waiting(method::list_properties) > 0) {
            server.answer(method::list_properties, properties);
        }
    }
};

}  // namespace wutong::client::test
