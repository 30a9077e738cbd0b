#pragma once

#include <map>
#include <optional>
#include <set>

#include "collector/drivers/field_meter.hpp"
#include "collector/drivers/meter_bus.hpp"
#include "collector/protocols/dlms_conversation.hpp"
#include "collector/protocols/dlms_link.hpp"
#include "collector/protocols/dlms_profile.hpp"

/// Questions to one DLMS meter on a bus, inside of an association that is opened when it has to be.
namespace wutong::collector {

struct DlmsAnswer {
    BusReply::Kind kind = BusReply::Kind::silent;
    std::optional<protocols::dlms::Response> response;  ///< when answered
    std::string reason;                                 ///< for people, when not

    [[nodiscard]] bool answered() const { return kind == BusReply::Kind::answered; }
};

/// What lasts between two visits: the connection and the association, as long as the meter keeps them too,
/// and what the meter has told of itself.
class DlmsSession final : public MeterSession {
public:
    std::optional<protocols::dlms::HdlcLink> hdlc;
    std::optional<protocols::dlms::DlmsConversation> talk;
    core::Timestamp used_at;
    std::uint32_t counter = 0;                ///< of the last frame that we have ciphered or proved
    bool counter_known = false;               ///< and the meter has told what it heard last
    std::set<core::ObjectAttribute> missing;  ///< the meter said that it does not have them
    std::map<core::ObjectAttribute, protocols::dlms::ScalerUnit> scalers;
    bool keeps_raw = false;  ///< for a look from the command line: what each attribute said, as it came
    std::map<core::ObjectAttribute, protocols::Bytes> raw;
};

inline constexpr int kDlmsPublicClient = 16;
/// What we propose; most meters grant 128 bytes each way.
inline constexpr protocols::dlms::HdlcLimits kDlmsHdlcLimits{128, 512, 1, 1};

class DlmsClient {
public:
    /// Both have to outlive the client.
    DlmsClient(MeterBus& bus, const FieldMeter& meter);

    /// @param answer_bytes of data that the answer will have, roughly
    /// @param repeat never: for what changes something. It is not asked twice then, unless the meter said
    /// that
    ///        there is no association, so that nothing was done
    [[nodiscard]] DlmsAnswer ask(const protocols::dlms::Request& request, std::size_t answer_bytes,
                                 Repeat repeat);
    /// Several attributes, in as few questions as the meter grants. One result for each, in their order.
    struct Read {
        BusReply::Kind kind = BusReply::Kind::answered;
        std::vector<protocols::dlms::ReadResult> results;
        std::string reason;
    };
    [[nodiscard]] Read read(const std::vector<core::ObjectAttribute>& what);

    /// Connects and no more. What was open before is not any longer.
    [[nodiscard]] BusReply knock();

    [[nodiscard]] DlmsSession& session() { return *session_; }

private:
    /// An APDU there and one back, in the meter's envelope.
    struct Carried {
        BusReply::Kind kind = BusReply::Kind::silent;
        protocols::Bytes apdu;
        std::string reason;
        bool gone = false;  ///< the meter says that there is no connection: it has not looked at the APDU
    };
    [[nodiscard]] Carried carry(const protocols::Bytes& apdu, std::size_t answer_bytes, Repeat repeat,
                                bool confidential);
    [[nodiscard]] Carried carry_in_hdlc(const protocols::Bytes& apdu, std::size_t answer_bytes, Repeat repeat,
                                        bool confidential);
    [[nodiscard]] BusReply frame(const protocols::Bytes& bytes, std::size_t answer_bytes, Repeat repeat,
                                 bool confidential);
    [[nodiscard]] BusReply connect(int client);
    void disconnect();

    /// Empty when the meter can be talked to as its profile wants it, else what is missing.
    [[nodiscard]] std::string cannot_prove() const;
    [[nodiscard]] DlmsAnswer open();
    [[nodiscard]] DlmsAnswer associate(int client, protocols::dlms::Credentials credentials);
    /// The counter that the meter heard last, as it tells anybody.
    [[nodiscard]] DlmsAnswer learn_counter();
    [[nodiscard]] DlmsAnswer converse(protocols::Bytes apdu, std::size_t answer_bytes, Repeat repeat,
                                      bool& gone);
    [[nodiscard]] bool usable() const;
    void drop();

    MeterBus& bus_;
    const FieldMeter& meter_;
    std::shared_ptr<DlmsSession> session_;
    int client_ = 0;  ///< on whose behalf frames go out now
};

/// The least that a counter may be at this moment, so that it grows over a restart without being written
/// down: quarters of a second since 2025.
[[nodiscard]] std::uint32_t counter_floor(core::Timestamp now);

}  // namespace wutong::collector
