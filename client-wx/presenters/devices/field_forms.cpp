#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/devices/device_forms.hpp"
#include "client-wx/presenters/devices/device_words.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/device_service.pb.h"

namespace wutong::client {

namespace {

std::string endpoint_hint(const std::string& transport) {
    if (transport == "serial") {
        return tr("The port on the collector's machine: /dev/ttyUSB0 or COM3");
    }
    if (transport == "dial_in") {
        return tr("How it names itself: plain:DTU-0042, acrel-4g:SERIAL or acrel-gateway:ID/1");
    }
    if (transport == "mqtt") {
        return tr("The broker: mqtts://broker.example:8883, or mqtt://10.0.0.5:1883 (not encrypted)");
    }
    if (is_plain_link(transport)) {
        return tr("Not encrypted: whoever is on this network can read and switch the meters");
    }
    return transport.starts_with("gateway_") ? tr("Host, port and serial port: 10.0.3.9:7610/bus1")
                                             : tr("Host and port: 10.0.3.21:502");
}

class GatewayForm final : public Form {
public:
    explicit GatewayForm(Context& context) : Form{context} {
        screen_.title = tr("Add gateway");
        screen_.intro = tr(
            "A gateway brings buses to the network: a communication management machine or a serial server.");
        add({"code", FormField::Kind::text, tr("Code"), "", "", tr("Short, as on the cabinet: GW3")});
        add({"name", FormField::Kind::text, tr("Name"), "", "", tr("Where it stands; empty: the code")});
        auto& kind = add({"kind", FormField::Kind::choice, tr("Kind"), "modbus_tcp"});
        kind.options = transport_options();
        add({"endpoint", FormField::Kind::text, tr("Address"), "", "", endpoint_hint("modbus_tcp")});
    }

protected:
    void follow(const std::string& key) override {
        if (key == "kind") {
            find("endpoint")->hint = endpoint_hint(value("kind"));
        }
    }
    void check() override {
        need("code");
        need("endpoint");
    }
    [[nodiscard]] std::string submit_label() const override {
        const auto code = value("code");
        return code.empty() ? tr("Add gateway") : fill(tr("Add gateway {}"), code);
    }
    void send() override {
        v1::CreateGatewayRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(context_.session.property_id());
        request.set_code(value("code"));
        request.set_name(value("name"));
        request.set_kind(value("kind"));
        request.set_endpoint(value("endpoint"));
        change<v1::CreateGatewayRequest, v1::Gateway>(
            method::create_gateway, std::move(request),
            [](const v1::Gateway& made) { return fill(tr("Gateway {} added."), made.code()); });
    }
};

class ChannelForm final : public Form {
public:
    ChannelForm(Context& context, const v1::Channel* channel) : Form{context} {
        if (channel != nullptr) {
            channel_ = *channel;
        } else {
            channel_.set_transport("modbus_tcp");
            channel_.set_baud(9600);
            channel_.set_parity("N");
            channel_.set_stop_bits(1);
            channel_.set_answer_timeout_ms(500);
            channel_.set_retries(1);
            channel_.set_enabled(true);
        }
        screen_.title = is_new() ? tr("Add channel") : fill(tr("Channel {}"), channel_.code());
        screen_.intro = tr("A channel is one bus or link. Its meters are asked one after the other.");
        add({"code", FormField::Kind::text, tr("Code"), channel_.code(), "", tr("Short: BUS5")});
        add({"name", FormField::Kind::text, tr("Name"), channel_.name(), "", tr("Empty: the code")});
        auto& gateway = add(
            {"gateway_id", FormField::Kind::choice, tr("Gateway"), std::to_string(channel_.gateway_id())});
        gateway.options = {{"0", tr("none: a port of the collector's machine")}};
        auto& transport = add({"transport", FormField::Kind::choice, tr("Link"), channel_.transport()});
        transport.options = transport_options();
        add({"endpoint", FormField::Kind::text, tr("Address"), channel_.endpoint(), "",
             endpoint_hint(channel_.transport())});
        add({"standby_endpoint", FormField::Kind::text, tr("Second path"), channel_.standby_endpoint(), "",
             tr("Taken while the address can't be reached; empty: none")});
        auto& baud =
            add({"baud", FormField::Kind::choice, tr("Speed"), std::to_string(channel_.baud()), tr("baud")});
        for (const auto* speed : {"1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200"}) {
            baud.options.push_back({speed, speed});
        }
        if (std::none_of(baud.options.begin(), baud.options.end(),
                         [&](const auto& option) { return option.value == baud.value; })) {
            baud.options.push_back({baud.value, baud.value});
        }
        auto& parity = add({"parity", FormField::Kind::choice, tr("Parity"), channel_.parity()});
        parity.options = {{"N", tr("none")}, {"E", tr("even")}, {"O", tr("odd")}};
        auto& stop = add(
            {"stop_bits", FormField::Kind::choice, tr("Stop bits"), std::to_string(channel_.stop_bits())});
        stop.options = {{"1", "1"}, {"2", "2"}};
        add({"answer_timeout_ms", FormField::Kind::number, tr("Waits for an answer"),
             std::to_string(channel_.answer_timeout_ms()), "ms"});
        add({"retries", FormField::Kind::number, tr("Asks again"), std::to_string(channel_.retries()),
             tr("times")});
        add({"state_interval_s", FormField::Kind::number, tr("State and balance every"),
             channel_.has_state_interval_s() ? std::to_string(channel_.state_interval_s()) : "", "s",
             tr("Empty: as the property's parameters say")});
        add({"reading_interval_s", FormField::Kind::number, tr("Whole readings every"),
             channel_.has_reading_interval_s() ? std::to_string(channel_.reading_interval_s()) : "", "s",
             tr("Empty: as the property's parameters say")});
        add({"enabled", FormField::Kind::toggle, tr("The collector asks this channel"),
             channel_.enabled() ? "1" : ""});
        follow("transport");
        load_gateways();
    }

protected:
    void follow(const std::string& key) override {
        if (key == "transport") {
            const auto transport = value("transport");
            find("endpoint")->hint = endpoint_hint(transport);
            for (const auto* serial : {"baud", "parity", "stop_bits"}) {
                find(serial)->enabled = transport != "modbus_tcp" && transport != "mqtt";
            }
            find("standby_endpoint")->enabled = transport != "dial_in";
        }
    }
    void check() override {
        need("code");
        need("endpoint");
        whole("answer_timeout_ms", 20, 60'000, true);
        whole("retries", 0, 10, true);
        whole("state_interval_s", 1, 86'400, false);
        whole("reading_interval_s", 1, 86'400, false);
    }
    [[nodiscard]] std::string submit_label() const override {
        const auto code = value("code");
        return fill(is_new() ? tr("Add channel {}") : tr("Save channel {}"), code);
    }
    void send() override {
        auto channel = channel_;
        channel.set_property_id(context_.session.property_id());
        channel.set_code(value("code"));
        channel.set_name(value("name"));
        channel.set_gateway_id(parse_id("gateway_id"));
        channel.set_transport(value("transport"));
        channel.set_endpoint(value("endpoint"));
        channel.set_standby_endpoint(value("transport") == "dial_in" ? "" : value("standby_endpoint"));
        channel.set_baud(static_cast<int>(parse_id("baud")));
        channel.set_parity(value("parity"));
        channel.set_stop_bits(static_cast<int>(parse_id("stop_bits")));
        channel.set_answer_timeout_ms(
            static_cast<int>(whole("answer_timeout_ms", 20, 60'000, true).value_or(500)));
        channel.set_retries(static_cast<int>(whole("retries", 0, 10, true).value_or(1)));
        channel.clear_state_interval_s();
        channel.clear_reading_interval_s();
        if (const auto every = whole("state_interval_s", 1, 86'400, false)) {
            channel.set_state_interval_s(static_cast<int>(*every));
        }
        if (const auto every = whole("reading_interval_s", 1, 86'400, false)) {
            channel.set_reading_interval_s(static_cast<int>(*every));
        }
        channel.set_enabled(!value("enabled").empty());
        if (is_new()) {
            v1::CreateChannelRequest request;
            request.set_request_id(new_request_id());
            *request.mutable_channel() = channel;
            change<v1::CreateChannelRequest, v1::Channel>(
                method::create_channel, std::move(request),
                [](const v1::Channel& made) { return fill(tr("Channel {} added."), made.code()); });
        } else {
            v1::UpdateChannelRequest request;
            request.set_request_id(new_request_id());
            *request.mutable_channel() = channel;
            change<v1::UpdateChannelRequest, v1::Channel>(
                method::update_channel, std::move(request),
                [](const v1::Channel& saved_one) { return fill(tr("Channel {} saved."), saved_one.code()); });
        }
    }

private:
    [[nodiscard]] bool is_new() const { return channel_.channel_id() == 0; }
    [[nodiscard]] std::int64_t parse_id(const std::string& key) const {
        return parse_count(value(key)).value_or(0);
    }
    void load_gateways() {
        v1::ListGatewaysRequest request;
        request.set_property_id(context_.session.property_id());
        request.mutable_page()->set_size(1000);
        gateways_ = context_.server.call(
            method::list_gateways, request,
            std::function<void(Result<v1::ListGatewaysResponse>)>{
                [this](Result<v1::ListGatewaysResponse> result) {
                    if (!result) {
                        screen_.failure = describe_with_code(result.fault());
                        tell();
                        return;
                    }
                    for (const auto& one : result->gateways()) {
                        find("gateway_id")
                            ->options.push_back(
                                {std::to_string(one.gateway_id()),
                                 one.name() == one.code() ? one.code() : one.code() + " · " + one.name()});
                    }
                    tell();
                }});
    }

    v1::Channel channel_;
    Call gateways_;
};

}  // namespace

std::unique_ptr<Form> gateway_form(Context& context) {
    return std::make_unique<GatewayForm>(context);
}

std::unique_ptr<Form> channel_form(Context& context, const v1::Channel* channel) {
    return std::make_unique<ChannelForm>(context, channel);
}

}  // namespace wutong::client
