#include "collector/protocols/dial_in_session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "collector/protocols/acrel_4g.hpp"
#include "collector/protocols/acrel_gateway.hpp"

namespace wutong::protocols {

namespace {

using Time = DialInSession::Time;
/// A registration packet comes in one piece; after this much silence it has ended.
constexpr std::chrono::milliseconds kNameSettles{300};
/// After this much silence no answer is under way any more, so that what comes may be a heartbeat.
constexpr std::chrono::milliseconds kAnswerOver{500};

void append(Bytes& to, ByteView bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

std::string text_of(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace

class DialInSession::Talk {
public:
    virtual ~Talk() = default;
    virtual DialInEvents receive(ByteView bytes, Time now) = 0;
    virtual Bytes request(int port, ByteView frame, Time now) = 0;
    [[nodiscard]] virtual std::optional<core::DialInName> name() const = 0;
};

namespace {

/// A DTU box: the bytes of the bus as they are, and now and then its registration packet or heartbeat. These
/// are taken out only where a new message can begin, so that an answer that happens to hold the same bytes is
/// whole.
class PlainTalk final : public DialInSession::Talk {
public:
    explicit PlainTalk(const DialInFacts::PlainMatch& match)
        : name_{core::DialInKind::plain, match.id, 0, ""}, marks_{match.id} {
        if (!match.heartbeat.empty()) {
            marks_.push_back(match.heartbeat);
        }
        // The longer first: one may be the beginning of the other.
        std::sort(marks_.begin(), marks_.end(),
                  [](const auto& a, const auto& b) { return a.size() > b.size(); });
    }

    DialInEvents receive(ByteView bytes, Time now) override {
        DialInEvents events;
        const bool begins = !answering_ || now - heard_at_ >= kAnswerOver;
        heard_at_ = now;
        if (!begins) {
            events.payloads.emplace_back(0, Bytes{bytes.begin(), bytes.end()});
            return events;
        }
        answering_ = false;
        held_ += text_of(bytes);
        while (take_mark()) {
            ++events.heartbeats;
        }
        const bool may_become_mark = std::any_of(marks_.begin(), marks_.end(), [this](const auto& mark) {
            return held_.size() < mark.size() && mark.starts_with(held_);
        });
        if (!held_.empty() && !may_become_mark) {
            answering_ = true;
            events.payloads.emplace_back(0, Bytes{held_.begin(), held_.end()});
            held_.clear();
        }
        return events;
    }

    Bytes request(int, ByteView frame, Time) override {
        answering_ = false;
        return {frame.begin(), frame.end()};
    }

    [[nodiscard]] std::optional<core::DialInName> name() const override { return name_; }

private:
    bool take_mark() {
        for (const auto& mark : marks_) {
            if (held_.starts_with(mark)) {
                held_.erase(0, mark.size());
                return true;
            }
        }
        return false;
    }

    core::DialInName name_;
    std::vector<std::string> marks_;
    std::string held_;        ///< may be the beginning of a heartbeat
    bool answering_ = false;  ///< bytes of the bus have come since the last request
    Time heard_at_{};
};

/// An Acrel 4G meter.
class Acrel4gTalk final : public DialInSession::Talk {
public:
    explicit Acrel4gTalk(const DialInFacts& facts) : facts_{facts} {}

    DialInEvents receive(ByteView bytes, Time) override {
        DialInEvents events;
        append(received_, bytes);
        for (;;) {
            auto found = acrel_4g::find_frame(received_);
            events.rubbish += found.rubbish;
            received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(found.used));
            if (!found.frame) {
                return events;
            }
            handle(*found.frame, events);
        }
    }

    Bytes request(int, ByteView frame, Time) override {
        return acrel_4g::encode(acrel_4g::kPassThrough, frame);
    }

    [[nodiscard]] std::optional<core::DialInName> name() const override { return name_; }

private:
    void handle(const acrel_4g::Frame& frame, DialInEvents& events) {
        switch (frame.command) {
            case acrel_4g::kRegister:
                register_as(acrel_4g::serial_of(frame.body), events);
                break;
            case acrel_4g::kTime:
                append(events.reply, time_reply());
                ++events.heartbeats;
                break;
            case acrel_4g::kUpload:
                append(events.reply, acrel_4g::encode(acrel_4g::kUpload, {}));
                ++events.uploads;
                break;
            case acrel_4g::kPassThrough:
                if (const auto passed = acrel_4g::passed_through(frame.body, name_ ? name_->id : "");
                    name_ && !passed.empty()) {
                    events.payloads.emplace_back(0, Bytes{passed.begin(), passed.end()});
                }
                break;
            default:
                ++events.heartbeats;  // 94, and what nobody has to answer
        }
    }

    void register_as(const std::string& serial, DialInEvents& events) {
        if (serial.empty()) {
            events.hang_up = "registers without a serial number";
        } else if (name_ && name_->id != serial) {
            events.hang_up = "registers a second time with another serial number";
        } else {
            name_ = core::DialInName{core::DialInKind::acrel_4g, serial, 0, ""};
            append(events.reply, acrel_4g::encode(acrel_4g::kRegister, {}));
        }
    }

    Bytes time_reply() const {
        const auto now = facts_.local_time();
        Bytes body;
        for (const int value :
             {now.year % 100, now.month, now.day, now.weekday, now.hour, now.minute, now.second}) {
            body.push_back(static_cast<std::uint8_t>(value));
        }
        return acrel_4g::encode(acrel_4g::kTime, body);
    }

    const DialInFacts& facts_;
    std::optional<core::DialInName> name_;
    Bytes received_;
};

/// An Acrel gateway.
class AcrelGatewayTalk final : public DialInSession::Talk {
public:
    explicit AcrelGatewayTalk(const DialInFacts& facts) : facts_{facts} {}

    DialInEvents receive(ByteView bytes, Time) override {
        DialInEvents events;
        append(received_, bytes);
        while (events.hang_up.empty()) {
            auto found = acrel_gateway::find_frame(received_);
            if (found.broken) {
                events.rubbish += received_.size();
                events.hang_up = "sends something else than its frames";
            }
            if (!found.frame) {
                if (!name_ && received_.size() > DialInSession::kUnnamedBytesMax) {
                    events.hang_up = "says too much before it has shown who it is";
                }
                return events;
            }
            received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(found.used));
            handle(*found.frame, events);
        }
        return events;
    }

    Bytes request(int port, ByteView frame, Time) override {
        const acrel_gateway::Passed passed{
            port, frame.empty() ? 0 : frame.front(), {frame.begin(), frame.end()}};
        return acrel_gateway::encode(acrel_gateway::kDown,
                                     acrel_gateway::seal(acrel_gateway::encode_passed(passed), secret_));
    }

    [[nodiscard]] std::optional<core::DialInName> name() const override { return name_; }

private:
    void handle(const acrel_gateway::Frame& frame, DialInEvents& events) {
        if (frame.type == acrel_gateway::kAuthenticate) {
            authenticate(frame.data, events);
        } else if (!name_) {
            events.hang_up = "talks before it has shown who it is";
        } else if (frame.type == acrel_gateway::kHeartbeat) {
            const auto now = facts_.local_time();
            append(events.reply,
                   acrel_gateway::encode(
                       acrel_gateway::kHeartbeat,
                       acrel_gateway::heartbeat_xml(
                           name_->id, fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", now.year, now.month,
                                                  now.day, now.hour, now.minute, now.second))));
            ++events.heartbeats;
        } else if (frame.type == acrel_gateway::kUp) {
            const auto text = acrel_gateway::unseal(frame.data, secret_);
            auto passed = text ? acrel_gateway::parse_passed(*text) : std::nullopt;
            if (passed) {
                events.payloads.emplace_back(passed->port, std::move(passed->frame));
            } else {
                events.rubbish += frame.data.size();
            }
        } else {
            ++events.uploads;
        }
    }

    void authenticate(ByteView xml, DialInEvents& events) {
        const auto asked = acrel_gateway::read_authentication(xml);
        if (!asked || (name_ && name_->id != asked->gateway_id)) {
            events.hang_up = "sends an authentication that can't be read";
            return;
        }
        auto answer = *asked;
        answer.md5.clear();
        answer.sequence.clear();
        if (asked->operation == "request") {
            const auto secret = facts_.secret(asked->gateway_id);
            if (!secret || secret->size() != acrel_gateway::kSecretLength) {
                events.hang_up = fmt::format("there is no secret of {} characters for gateway {}",
                                             acrel_gateway::kSecretLength, asked->gateway_id);
                return;
            }
            secret_ = *secret;
            asked_id_ = asked->gateway_id;
            sequence_ = facts_.new_sequence();
            answer.operation = "sequence";
            answer.sequence = sequence_;
        } else if (asked->operation == "md5") {
            auto proof = asked->md5;
            std::transform(proof.begin(), proof.end(), proof.begin(), [](char c) {
                return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
            });
            const bool pass = !sequence_.empty() && asked->gateway_id == asked_id_ &&
                              proof == acrel_gateway::proof(secret_, sequence_);
            sequence_.clear();  // good for one try
            answer.operation = "result";
            answer.result = pass ? "pass" : "fail";
            if (pass) {
                name_ = core::DialInName{core::DialInKind::acrel_gateway, asked_id_, 0, ""};
            } else {
                events.hang_up = fmt::format("gateway {} does not know its secret", asked->gateway_id);
            }
        } else {
            return;
        }
        append(events.reply, acrel_gateway::encode(acrel_gateway::kAuthenticate,
                                                   acrel_gateway::authentication_xml(answer)));
    }

    const DialInFacts& facts_;
    std::optional<core::DialInName> name_;
    std::string secret_, asked_id_, sequence_;
    Bytes received_;
};

}  // namespace

DialInSession::DialInSession(const DialInFacts& facts) : facts_{facts} {}
DialInSession::~DialInSession() = default;

DialInEvents DialInSession::find_out(Time now, bool settled) {
    DialInEvents events;
    if (received_.empty()) {
        return events;
    }
    const auto match = facts_.find_plain(received_);
    if (!match.id.empty() && (!match.may_grow || settled)) {
        talk_ = std::make_unique<PlainTalk>(match);
    } else if (match.may_grow) {
        return events;
    } else if (received_.starts_with("{{")) {
        talk_ = std::make_unique<Acrel4gTalk>(facts_);
    } else if (received_.starts_with("\x1F\x1F")) {
        talk_ = std::make_unique<AcrelGatewayTalk>(facts_);
    } else {
        if (received_.size() > kUnnamedBytesMax) {
            events.rubbish = received_.size();
            events.hang_up = "does not say who it is";
        }
        return events;
    }
    const Bytes so_far{received_.begin(), received_.end()};
    received_.clear();
    events = talk_->receive(so_far, now);
    name_ = talk_->name();
    return events;
}

DialInEvents DialInSession::receive(ByteView bytes, Time now) {
    if (talk_) {
        auto events = talk_->receive(bytes, now);
        name_ = talk_->name();
        return events;
    }
    received_ += text_of(bytes);
    heard_at_ = now;
    return find_out(now, false);
}

DialInEvents DialInSession::look_again(Time now) {
    return talk_ ? DialInEvents{} : find_out(now, now - heard_at_ >= kNameSettles);
}

Bytes DialInSession::request(int port, ByteView frame, Time now) {
    return talk_->request(port, frame, now);
}

}  // namespace wutong::protocols
