#include "simulator/dial_in_tongue.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "collector/protocols/acrel_4g.hpp"
#include "collector/protocols/acrel_gateway.hpp"

namespace wutong::simulator {

namespace {

using protocols::Bytes;
using protocols::ByteView;

constexpr std::size_t kReceivedMax = 4'096;

void drop(Bytes& bytes, std::size_t count) {
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
}

/// An RTU answer to function 03 or 04 says its length; others are short and come in one piece.
bool is_whole(const Bytes& answer) {
    const bool read = answer.size() > 2 && (answer[1] == 3 || answer[1] == 4);
    return !read || answer.size() >= static_cast<std::size_t>(answer[2]) + 5;
}

/// A DTU box: a registration packet, and then the bytes as they are.
class PlainTongue final : public DialInTongue {
public:
    explicit PlainTongue(core::DialInName name) : name_{std::move(name)} {}

    Bytes hello() override { return {name_.id.begin(), name_.id.end()}; }
    Heard hear(ByteView bytes) override { return {{}, {{bytes.begin(), bytes.end()}}, false}; }
    Bytes heartbeat() override { return {name_.heartbeat.begin(), name_.heartbeat.end()}; }
    Bytes carry(ByteView piece) override { return {piece.begin(), piece.end()}; }

private:
    const core::DialInName name_;
};

/// An Acrel 4G meter: what it passes through is whole.
class Acrel4gTongue final : public DialInTongue {
public:
    explicit Acrel4gTongue(core::DialInName name) : name_{std::move(name)} {}

    Bytes hello() override {
        received_.clear();
        answer_.clear();
        // Serial number, SIM, signal, firmware and interval, as the meters have them.
        Bytes id{name_.id.begin(), name_.id.end()};
        id.resize(protocols::acrel_4g::kSerialBytes + 39);
        return protocols::acrel_4g::encode(protocols::acrel_4g::kRegister, id);
    }
    Heard hear(ByteView bytes) override {
        Heard heard;
        received_.insert(received_.end(), bytes.begin(), bytes.end());
        for (;;) {
            const auto found = protocols::acrel_4g::find_frame(received_);
            drop(received_, found.used);
            if (!found.frame) {
                heard.hang_up = received_.size() > kReceivedMax;
                return heard;
            }
            if (found.frame->command == protocols::acrel_4g::kPassThrough) {
                heard.for_bus.push_back(found.frame->body);
            }
        }
    }
    Bytes heartbeat() override { return protocols::acrel_4g::encode(protocols::acrel_4g::kHeartbeat, {}); }
    Bytes carry(ByteView piece) override {
        answer_.insert(answer_.end(), piece.begin(), piece.end());
        if (!is_whole(answer_)) {
            return {};
        }
        Bytes body{name_.id.begin(), name_.id.end()};
        body.resize(protocols::acrel_4g::kSerialBytes);
        body.insert(body.end(), answer_.begin(), answer_.end());
        answer_.clear();
        return protocols::acrel_4g::encode(protocols::acrel_4g::kPassThrough, body);
    }

private:
    const core::DialInName name_;
    Bytes received_, answer_;
};

/// An Acrel gateway with one of its serial ports: it asks to be let in, proves with the sequence that it was
/// given that it has the secret, and carries frames sealed.
class AcrelGatewayTongue final : public DialInTongue {
public:
    AcrelGatewayTongue(core::DialInName name, std::string secret)
        : name_{std::move(name)}, secret_{std::move(secret)} {}

    Bytes hello() override {
        received_.clear();
        answer_.clear();
        welcome_ = false;
        return says("request", {});
    }
    Heard hear(ByteView bytes) override {
        Heard heard;
        received_.insert(received_.end(), bytes.begin(), bytes.end());
        while (!heard.hang_up) {
            auto found = protocols::acrel_gateway::find_frame(received_);
            if (found.broken || !found.frame) {
                heard.hang_up = found.broken || received_.size() > kReceivedMax;
                return heard;
            }
            drop(received_, found.used);
            take(*found.frame, heard);
        }
        return heard;
    }
    Bytes heartbeat() override {
        // Before it is let in it has nothing to say.
        return welcome_
                   ? protocols::acrel_gateway::encode(protocols::acrel_gateway::kHeartbeat,
                                                      protocols::acrel_gateway::heartbeat_xml(name_.id, ""))
                   : Bytes{};
    }
    Bytes carry(ByteView piece) override {
        answer_.insert(answer_.end(), piece.begin(), piece.end());
        if (!is_whole(answer_)) {
            return {};
        }
        const protocols::acrel_gateway::Passed passed{name_.port, asked_, std::exchange(answer_, {})};
        return protocols::acrel_gateway::encode(
            protocols::acrel_gateway::kUp,
            protocols::acrel_gateway::seal(protocols::acrel_gateway::encode_passed(passed), secret_));
    }

private:
    [[nodiscard]] Bytes says(const std::string& operation, const std::string& md5) const {
        protocols::acrel_gateway::Authentication content;
        content.building_id = "B1";
        content.gateway_id = name_.id;
        content.operation = operation;
        content.md5 = md5;
        return protocols::acrel_gateway::encode(protocols::acrel_gateway::kAuthenticate,
                                                protocols::acrel_gateway::authentication_xml(content));
    }
    void take(const protocols::acrel_gateway::Frame& frame, Heard& heard) {
        if (frame.type == protocols::acrel_gateway::kAuthenticate) {
            const auto told = protocols::acrel_gateway::read_authentication(frame.data);
            if (told && told->operation == "sequence") {
                heard.reply = says("md5", protocols::acrel_gateway::proof(secret_, told->sequence));
            } else {
                welcome_ = told && told->operation == "result" && told->result == "pass";
                heard.hang_up = !welcome_;
            }
        } else if (frame.type == protocols::acrel_gateway::kDown && welcome_) {
            const auto text = protocols::acrel_gateway::unseal(frame.data, secret_);
            auto passed = text ? protocols::acrel_gateway::parse_passed(*text) : std::nullopt;
            // Another serial port of it has no meters here: silence.
            if (passed && passed->port == name_.port) {
                asked_ = passed->address;
                answer_.clear();
                heard.for_bus.push_back(std::move(passed->frame));
            }
        }
    }

    const core::DialInName name_;
    const std::string secret_;
    Bytes received_, answer_;
    int asked_ = 0;  ///< the address that is named with an answer
    bool welcome_ = false;
};

}  // namespace

std::unique_ptr<DialInTongue> make_dial_in_tongue(const core::DialInName& name, const std::string& secret) {
    switch (name.kind) {
        case core::DialInKind::plain:
            return std::make_unique<PlainTongue>(name);
        case core::DialInKind::acrel_4g:
            return std::make_unique<Acrel4gTongue>(name);
        case core::DialInKind::acrel_gateway:
            break;
    }
    if (secret.size() != protocols::acrel_gateway::kSecretLength) {
        throw std::runtime_error(fmt::format("an Acrel gateway needs a secret of {} characters",
                                             protocols::acrel_gateway::kSecretLength));
    }
    return std::make_unique<AcrelGatewayTongue>(name, secret);
}

}  // namespace wutong::simulator
