#pragma once

#include <deque>
#include <optional>

#include "collector/protocols/dlms_association.hpp"
#include "collector/protocols/dlms_link.hpp"
#include "collector/protocols/dlms_profile.hpp"
#include "collector/protocols/dlms_security.hpp"
#include "simulator/frame_device.hpp"

namespace wutong::simulator {

/// What a client needs to get in; every simulated DLMS meter has the same, docs/simulator.md tells them.
inline constexpr const char* kDlmsPassword = "12345678";
[[nodiscard]] const protocols::dlms::SecurityKeys& dlms_test_keys();

/// A DLMS meter with a disconnector and a load profile of 15 minutes, over HDLC or in the TCP wrapper. The
/// credit is the server's. Objects, rights and limits: docs/simulator.md.
class DlmsMeter : public FrameDevice {
public:
    struct Identity {
        std::string serial;
        std::uint16_t address = 1;  ///< HDLC: physical, of logical device 1. Wrapper: destination
        int phases = 1;
        std::uint64_t seed = 0;
        std::chrono::minutes local_offset{0};
        bool wrapper = false;
    };
    static constexpr std::chrono::minutes kCapturePeriod{15};
    static constexpr std::size_t kRowsMax = 960;  ///< ten days

    DlmsMeter(Identity identity, PrepaidMeter meter);

    [[nodiscard]] bool hears(protocols::ByteView frame) const override;
    [[nodiscard]] FrameKind kind_of(protocols::ByteView frame) const override;
    protocols::Bytes answer(protocols::ByteView frame, core::Timestamp now) override;
    [[nodiscard]] protocols::Bytes as_foreign(const protocols::Bytes& answer) const override;
    void advance(core::Timestamp now) override;

    [[nodiscard]] protocols::dlms::SystemTitle title() const;

private:
    enum class Access { none, reads_identity, proving, full };
    struct Row {
        core::Timestamp at;
        std::int64_t energy_wh = 0;
    };

    // dlms_meter.cpp: associations and services
    [[nodiscard]] protocols::Bytes serve(protocols::ByteView apdu);
    [[nodiscard]] protocols::Bytes associate(protocols::ByteView apdu);
    [[nodiscard]] protocols::Bytes serve_plain(protocols::ByteView apdu);
    [[nodiscard]] protocols::dlms::Response run(const protocols::dlms::Request& request);
    [[nodiscard]] protocols::dlms::Response act(const protocols::dlms::ActionRequest& action);
    [[nodiscard]] protocols::dlms::Response prove(const protocols::dlms::ActionRequest& action);
    [[nodiscard]] protocols::dlms::Response in_blocks(protocols::Bytes value, std::uint8_t invoke_id);

    // dlms_objects.cpp: what can be read and set
    [[nodiscard]] protocols::dlms::ReadResult read(const protocols::dlms::AttributeRead& read) const;
    [[nodiscard]] protocols::dlms::AccessResult set(const protocols::dlms::SetRequest& request);
    [[nodiscard]] std::optional<protocols::dlms::Data> read_register(
        const protocols::dlms::AttributeRef& what) const;
    [[nodiscard]] protocols::dlms::ReadResult read_profile(const protocols::dlms::AttributeRead& read) const;
    [[nodiscard]] protocols::Bytes shown_time(core::Timestamp at) const;

    Identity identity_;
    protocols::dlms::HdlcLink link_;
    Access access_ = Access::none;
    bool ciphered_ = false;
    std::size_t pdu_max_ = 0;
    protocols::dlms::SystemTitle client_title_{};
    protocols::Bytes client_challenge_;
    protocols::Bytes own_challenge_;
    protocols::dlms::ReplayGuard heard_counters_;
    std::uint32_t last_heard_counter_ = 0;
    std::uint32_t own_counter_ = 0;
    protocols::Bytes long_value_;
    std::size_t long_sent_ = 0;
    std::uint32_t long_block_ = 0;
    std::deque<Row> rows_;
    core::Timestamp next_capture_;
};

}  // namespace wutong::simulator
