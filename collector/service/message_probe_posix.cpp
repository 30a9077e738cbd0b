#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <map>
#include <set>

#include "collector/drivers/message_driver.hpp"
#include "collector/drivers/message_router.hpp"
#include "collector/protocols/bytes.hpp"
#include "collector/protocols/message_values.hpp"
#include "collector/service/message_probe.hpp"
#include "collector/service/service.hpp"
#include "collector/transports/mqtt_line.hpp"

namespace wutong::collector {

namespace {

namespace asio = boost::asio;

constexpr std::size_t kMessagesShown = 50;
constexpr std::size_t kTextShown = 4'000;

core::Timestamp wall_now() {
    return std::chrono::floor<core::Timestamp::duration>(std::chrono::system_clock::now());
}

/// Text as it is, anything else in hexadecimal digits; the end of what is very long is left out.
std::string shown(const std::string& payload) {
    const bool text = std::all_of(payload.begin(), payload.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t' || c == '\r';
    });
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(payload.data());
    const auto whole = text ? payload : protocols::to_hex({bytes, payload.size()});
    return whole.size() <= kTextShown ? whole : whole.substr(0, kTextShown) + " …";
}

/// The meter's element of a message that tells of several.
const protocols::JsonNode* element_of(const core::MessagePlace& place, const protocols::JsonNode& root,
                                      const FieldMeter& meter) {
    if (place.each.empty()) {
        return &root;
    }
    const auto* all = protocols::find(root, place.each);
    const auto wanted = protocols::filled_in(place.is, meter.station_address, meter.code);
    for (std::size_t i = 0; all != nullptr && i < all->members.size(); ++i) {
        const auto& [name, element] = all->members[i];
        const auto* id = place.meter.empty() ? nullptr : protocols::find(element, place.meter);
        if ((place.meter.empty() ? name : id == nullptr ? std::string{} : id->text) == wanted) {
            return &element;
        }
    }
    return nullptr;
}

class Listener {
public:
    Listener(const ProbeOptions& options, const FieldMeter& meter, asio::thread_pool& workers,
             asio::io_context& context)
        : meter_{meter}, strand_{asio::make_strand(context)}, over_{strand_}, router_{{meter}} {
        MqttOptions mqtt;
        mqtt.brokers.push_back(std::get<core::BrokerName>(core::parse_broker_name(options.link.endpoint)));
        mqtt.session = fmt::format("wutong-probe-{}", ::getpid());
        mqtt.access = options.broker_access;
        mqtt.access.keeps_session = false;
        for (const auto& block : meter.profile->blocks) {
            for (const auto& field : block.fields) {
                missing_.insert(field.quantity);
            }
        }
        line_ = make_mqtt_line(strand_, workers, std::move(mqtt), [this] { look(); });
        asio::post(strand_, [this, patience = options.listen_for] {
            line_->listen(router_.topics());
            over_.expires_after(patience);
            over_.async_wait([this](boost::system::error_code) { finish(); });
        });
    }

    [[nodiscard]] const core::Values& values() const { return values_; }
    [[nodiscard]] const std::string& why_down() const { return why_down_; }
    [[nodiscard]] const std::vector<std::string>& topics() const { return router_.topics(); }

    void print(std::FILE* out) const {
        fmt::print(out, "{:<22}{:<44}{:<20}{}\n", "quantity", "at", "raw", "value");
        for (const auto& block : meter_.profile->blocks) {
            const auto topic = protocols::filled_in(block.message.topic, meter_.station_address, meter_.code);
            for (const auto& field : block.fields) {
                const auto value = values_.find(field.quantity);
                fmt::print(out, "{:<22}{:<44}{:<20}{}{}\n", core::to_string(field.quantity),
                           topic + (topic.empty() || field.path.empty() ? "" : " ") + field.path,
                           raw(block, field, topic),
                           value == values_.end()
                               ? std::string{"not told"}
                               : fmt::format("{}{}", value->second, counted_in(field.quantity)),
                           field.confirmed ? "" : "   (unconfirmed: " + field.note + ")");
            }
        }
        fmt::print(out, "\n");
        for (const auto& message : messages_) {
            fmt::print(out, "< {}{} {}\n", message.topic, message.retained ? " (kept by the broker)" : "",
                       shown(message.payload));
        }
    }

private:
    void look() {
        if (done_) {
            return;
        }
        while (auto message = line_->take()) {
            hear(*message);
        }
        if (!line_->up()) {
            why_down_ = line_->why_down();
            return;
        }
        why_down_.clear();
        if (!asked_) {
            asked_ = true;
            if (const auto question = asking_message(meter_, wall_now())) {
                line_->publish(*question);
            }
        }
        if (missing_.empty() || registers_heard_ > 1) {
            over_.cancel();
        }
    }

    void hear(const Message& message) {
        auto routed = router_.route(message, wall_now());
        if (!routed.known) {
            return;
        }
        if (messages_.size() < kMessagesShown) {
            messages_.push_back(message);
        }
        newest_[message.topic] = message.payload;
        for (const auto& news : routed.news) {
            registers_heard_ +=
                !message.retained && news.values.contains(meter_.profile->register_quantity()) ? 1 : 0;
            for (const auto& [quantity, value] : news.values) {
                values_[quantity] = value;
                missing_.erase(quantity);
            }
        }
        for (const auto& answer : routed.answers) {
            line_->publish(answer);
        }
    }

    /// What stood in the message; nothing of Sparkplug, whose messages are no text.
    [[nodiscard]] std::string raw(const core::Block& block, const core::Field& field,
                                  const std::string& topic) const {
        const auto message = newest_.find(topic);
        if (message == newest_.end()) {
            return "-";
        }
        std::string why;
        const auto root = protocols::parse_json(message->second, why);
        if (field.path.empty() || !root) {
            return shown(message->second);
        }
        const auto* element = element_of(block.message, *root, meter_);
        const auto* leaf = element == nullptr ? nullptr : protocols::find(*element, field.path);
        return leaf == nullptr || !leaf->is_leaf() ? "-" : leaf->text;
    }

    void finish() {
        done_ = true;
        line_->close();
    }

    const FieldMeter& meter_;
    asio::strand<asio::io_context::executor_type> strand_;
    asio::steady_timer over_;
    MessageRouter router_;
    std::unique_ptr<MessageLine> line_;
    std::set<core::Quantity> missing_;
    core::Values values_;
    std::vector<Message> messages_;
    std::map<std::string, std::string> newest_;
    std::string why_down_ = "it did not answer in time";
    int registers_heard_ = 0;
    bool asked_ = false, done_ = false;
};

}  // namespace

int run_message_probe(const ProbeOptions& options, const FieldMeter& meter, std::FILE* out,
                      std::FILE* faults) {
    if (const auto name = core::parse_broker_name(options.link.endpoint);
        const auto* bad = std::get_if<core::BadName>(&name)) {
        fmt::print(faults, "--mqtt {}\n", bad->why);
        return kExitUsage;
    }
    asio::io_context context;
    asio::thread_pool workers{1};
    Listener listener{options, meter, workers, context};
    context.run();
    workers.join();
    if (!listener.values().empty()) {
        listener.print(out);
        return kExitOk;
    }
    if (!listener.why_down().empty()) {
        fmt::print(faults, "The broker was not reached: {}\n", listener.why_down());
    } else {
        fmt::print(faults, "Nothing came of this meter in {} s. Listened to: {}\n",
                   std::chrono::duration_cast<std::chrono::seconds>(options.listen_for).count(),
                   fmt::join(listener.topics(), ", "));
    }
    return kExitFailed;
}

}  // namespace wutong::collector
