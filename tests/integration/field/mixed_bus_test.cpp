#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <thread>

#include "collector/commands/relay_command.hpp"
#include "collector/drivers/bus_exchange.hpp"
#include "collector/transports/channel_link.hpp"
#include "unit/simulator/sim_fixture.hpp"

/// Modbus and DL/T 645 meters of the simulator on one bus, read through one line of the collector.
namespace wutong::tests {
namespace {

using namespace std::chrono_literals;
using namespace wutong::collector;
namespace sim = wutong::simulator;

constexpr const char* kStation = "202600000002";

/// A bus behind a serial server: every meter hears every frame, and answers what it understands.
class MixedBus {
public:
    MixedBus() : building_{plan(), sim::test::curves(), sim::test::noon()} {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(::bind(listener_, generic, length) == 0);
        REQUIRE(::listen(listener_, 1) == 0);
        REQUIRE(::getsockname(listener_, generic, &length) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread{[this] { serve(); }};
    }
    ~MixedBus() {
        stop_ = true;
        thread_.join();
        ::close(listener_);
    }
    MixedBus(const MixedBus&) = delete;
    MixedBus& operator=(const MixedBus&) = delete;

    [[nodiscard]] std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }
    std::atomic<int> garble_each{0};  ///< the sum of every so many-th answer is wrong

private:
    static sim::BuildingPlan plan() {
        auto plan = sim::test::small_plan();
        sim::LinePlan line;
        line.name = "dl";
        line.kind = sim::LineKind::rtu_over_tcp;
        line.framing = sim::LineFraming::dlt645;
        plan.lines.push_back(line);
        sim::MeterPlan meter;
        meter.serial = meter.code = meter.unit = kStation;
        meter.model = sim::Model::dlt645_three_phase;
        meter.line = "dl";
        meter.address = 0;
        meter.premises_id = plan.meters.front().premises_id;
        std::erase_if(plan.meters,
                      [](const auto& one) { return one.serial == kStation || one.feeds.size() > 0; });
        plan.meters.push_back(meter);
        return plan;
    }

    void serve() {
        while (!stop_) {
            pollfd waiting{listener_, POLLIN, 0};
            if (::poll(&waiting, 1, 10) <= 0) {
                continue;
            }
            const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            talk(peer);
            ::close(peer);
        }
    }

    /// A question comes in one piece here, since the collector writes it at once and waits for its answer.
    void talk(int peer) {
        while (!stop_) {
            pollfd waiting{peer, POLLIN, 0};
            if (::poll(&waiting, 1, 10) <= 0) {
                continue;
            }
            std::array<std::uint8_t, 512> chunk{};
            const auto count = ::read(peer, chunk.data(), chunk.size());
            if (count <= 0) {
                return;
            }
            protocols::ByteView frame = protocols::ByteView{chunk}.first(static_cast<std::size_t>(count));
            while (!frame.empty() && frame.front() == 0xFE) {
                frame = frame.subspan(1);
            }
            for (const auto& line : building_.plan().lines) {
                auto answer = building_.exchange_frame(line, frame, sim::test::noon());
                if (!answer.answered) {
                    continue;
                }
                const int each = garble_each;
                if (each > 0 && ++answers_ % each == 0) {
                    answer.frame[answer.frame.size() - 2] ^= 0x5A;
                }
                if (::send(peer, answer.frame.data(), answer.frame.size(), MSG_NOSIGNAL) < 0) {
                    return;
                }
            }
        }
    }

    sim::Building building_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    int answers_ = 0;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

class LineBus final : public MeterBus {
public:
    LineBus(ModbusClient& client, const FieldMeter& meter, Yield yield)
        : client_{client}, meter_{meter}, yield_{yield} {}
    BusReply exchange(const protocols::Request& request, Repeat repeat) override {
        return again(repeat,
                     [&] { return exchange_registers(client_, meter_.bus_address, request, 2s, yield_); });
    }
    BusReply transact(const FrameExchange& exchange, Repeat repeat) override {
        return again(repeat, [&] { return exchange_frame(client_, exchange, 2s, yield_); });
    }
    void pause(std::chrono::milliseconds) override {}
    [[nodiscard]] core::Timestamp now() const override { return sim::test::noon(); }
    std::vector<EvidenceFrame> take_frames() override { return {}; }

private:
    template <class Ask>
    static BusReply again(Repeat repeat, Ask ask) {
        auto reply = ask();
        for (int i = 0; i < 2 && repeat == Repeat::allowed && reply.kind == BusReply::Kind::garbled; ++i) {
            reply = ask();
        }
        return reply;
    }
    ModbusClient& client_;
    const FieldMeter& meter_;
    Yield yield_;
};

FieldMeter meter_of(const std::string& profile) {
    std::ifstream file{std::string{WUTONG_SOURCE_DIR} + "/profiles/" + profile + ".toml"};
    std::stringstream text;
    text << file.rdbuf();
    FieldMeter meter;
    meter.code = profile;
    meter.profile = std::make_shared<core::MeterProfile>(core::parse_meter_profile(text.str(), profile));
    return meter;
}

}  // namespace

TEST_CASE("mixed bus: Modbus and DL/T 645 meters in turn, with every seventh answer garbled",
          "[field][mixed]") {
    MixedBus wire;
    boost::asio::io_context context;
    boost::asio::thread_pool workers{1};
    const auto strand = boost::asio::make_strand(context);
    LinkSettings settings;
    settings.transport = Transport::rtu_over_tcp;
    settings.endpoint = wire.endpoint();
    settings.serial.baud = 115'200;
    bool finished = false;
    boost::asio::spawn(strand, [&](Yield yield) {
        const auto client = make_modbus_client(strand, workers, settings);
        FieldMeter modbus = meter_of("acrel-ddsy1352");
        FieldMeter dlt645 = meter_of("dlt645-relay-3ph");
        dlt645.station_address = kStation;
        dlt645.secret = MeterSecret{2, 0, 0};
        LineBus modbus_bus{*client, modbus, yield};
        LineBus dlt645_bus{*client, dlt645, yield};
        const MeterDriver::Groups groups{core::Block::Group::state, core::Block::Group::reading};
        for (int round = 0; round < 6; ++round) {
            CAPTURE(round);
            wire.garble_each = round >= 3 ? 7 : 0;
            const auto one = read_groups(modbus_bus, modbus, groups);
            INFO(one.reason);
            CHECK(one.answered());
            CHECK(one.value(core::Quantity::purchase_number));
            const auto other = read_groups(dlt645_bus, dlt645, groups);
            INFO(other.reason);
            CHECK(other.answered());
            CHECK(other.value(core::Quantity::energy_total));
            CHECK(other.value(core::Quantity::voltage_c).value_or(0) > 200'000);
            CHECK(other.value(core::Quantity::relay_closed) == 1);
        }
        wire.garble_each = 0;
        dlt645.utc_offset = 8h;
        const auto may_send = [] { return true; };
        auto relay = set_relay(dlt645_bus, dlt645, RelayOrder::open, may_send);
        CHECK(relay.reason.empty());
        CHECK(relay.readout.value(core::Quantity::relay_closed) == 0);
        relay = set_relay(dlt645_bus, dlt645, RelayOrder::stay_closed, may_send);
        CHECK(relay.reason.empty());
        CHECK(read_groups(modbus_bus, modbus, groups).answered());
        finished = true;
    });
    context.run();
    CHECK(finished);
}

}  // namespace wutong::tests
