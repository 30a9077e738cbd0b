#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <thread>

#include "collector/drivers/bus_exchange.hpp"
#include "collector/drivers/meter_driver.hpp"
#include "collector/transports/channel_link.hpp"
#include "field_scene.hpp"
#include "simulator/dlms_meter.hpp"
#include "simulator/plan_file.hpp"
#include "unit/simulator/sim_fixture.hpp"

/// Meters of wutong-sim that speak in frames of their own, planned in a file, on pseudo-terminals and behind
/// serial servers, and a collector's line to them.
namespace wutong::tests {

using namespace std::chrono_literals;
using namespace wutong::collector;
using core::Quantity;
using Group = core::Block::Group;
namespace sim = wutong::simulator;

/// The simulator as its own program runs it.
class Street {
public:
    Street() {
        sim::SimulatorOptions options;
        options.control_port = 0;
        auto config = sim::read_config(plan());
        options.plan.lines = std::move(config.lines);
        options.plan.meters = std::move(config.meters);
        sim::check_plan(options.plan, sim::test::curves());
        simulator_ = std::make_unique<sim::Simulator>(options, sim::test::curves());
        thread_ = std::thread{[this] { simulator_->run(); }};
    }
    ~Street() {
        simulator_->stop();
        thread_.join();
    }
    Street(const Street&) = delete;
    Street& operator=(const Street&) = delete;

    /// Where a line of the plan is reached.
    [[nodiscard]] LinkSettings link(const std::string& line) const {
        LinkSettings settings;
        if (line == "serial" || line == "optical") {
            settings.transport = Transport::serial;
            settings.endpoint = (folder_ / line).string();
            settings.serial.baud = 115'200;
        } else {
            settings.transport = Transport::rtu_over_tcp;
            settings.endpoint = "127.0.0.1:" + std::to_string(ports_.at(line));
            settings.serial.baud = 115'200;
        }
        return settings;
    }

private:
    [[nodiscard]] std::filesystem::path plan() {
        const auto file = folder_ / "plan.toml";
        const auto premises = sim::test::curves().of_use(sim::Use::apartment).front()->premises_id;
        std::ofstream out{file};
        const auto line = [&](const std::string& name, const std::string& kind, const std::string& framing,
                              int baud = 115'200, int turnaround_ms = 1) {
            out << "[[line]]\nname = \"" << name << "\"\nkind = \"" << kind << "\"\nframing = \"" << framing
                << "\"\nbaud = " << baud << "\nturnaround_ms = " << turnaround_ms << '\n';
            if (kind == "serial") {
                out << "link = \"" << (folder_ / name).string() << "\"\n";
            } else {
                ports_[name] = free_port();
                out << "port = " << ports_[name] << '\n';
            }
        };
        const auto meter = [&](const char* serial, const char* profile, const char* on, int address) {
            out << "[[meter]]\nserial = \"" << serial << "\"\ncode = \"" << serial << "\"\nunit = \""
                << serial << "\"\nprofile = \"" << profile << "\"\nline = \"" << on << "\"\npremises = \""
                << premises << "\"\n";
            if (address != 0) {
                out << "address = " << address << '\n';
            }
        };
        line("serial", "serial", "hdlc");
        line("tcp", "rtu_over_tcp", "dlms_wrapper");
        line("water", "rtu_over_tcp", "cjt188");
        line("purse", "rtu_over_tcp", "dlt645");
        line("readout", "rtu_over_tcp", "iec62056");
        line("optical", "serial", "iec62056", 300, 400);
        meter("202600000004", "dlms-1ph", "serial", 17);
        meter("202600000006", "dlms-3ph", "serial", 200);
        meter("202600000005", "dlms-3ph", "tcp", 1);
        meter("202600000003", "cjt188-valve-water", "water", 0);
        meter("202600000001", "dlt645-relay-1ph", "purse", 0);
        meter("202600000007", "iec62056-1ph", "readout", 0);
        meter("202600000008", "iec62056-3ph", "readout", 0);
        meter("202600000009", "iec62056-3ph", "optical", 0);
        return file;
    }

    Folder folder_;
    std::map<std::string, std::uint16_t> ports_;
    std::unique_ptr<sim::Simulator> simulator_;
    std::thread thread_;
};

class LineBus final : public MeterBus {
public:
    LineBus(ModbusClient& client, Yield yield) : client_{client}, yield_{yield} {}
    BusReply exchange(const protocols::Request&, Repeat) override { return {}; }
    BusReply transact(const FrameExchange& exchange, Repeat /*repeat*/) override {
        ++exchanges;
        return exchange_frame(client_, exchange, 10s, yield_);
    }
    void pause(std::chrono::milliseconds duration) override {
        boost::asio::steady_timer timer{boost::asio::get_associated_executor(yield_), duration};
        timer.async_wait(yield_);
    }
    [[nodiscard]] core::Timestamp now() const override {
        return std::chrono::floor<core::Timestamp::duration>(std::chrono::system_clock::now()) + later;
    }
    std::vector<EvidenceFrame> take_frames() override { return {}; }

    int exchanges = 0;
    std::chrono::seconds later{0};

private:
    ModbusClient& client_;
    Yield yield_;
};

inline std::string profile_file(const std::string& profile) {
    return std::string{WUTONG_SOURCE_DIR} + "/profiles/" + profile + ".toml";
}

inline FieldMeter meter_of(const std::string& profile, const std::string& station) {
    std::ifstream file{profile_file(profile)};
    std::stringstream text;
    text << file.rdbuf();
    FieldMeter meter;
    meter.code = profile;
    meter.station_address = station;
    meter.profile = std::make_shared<core::MeterProfile>(core::parse_meter_profile(text.str(), profile));
    meter.utc_offset = 8h;
    return meter;
}

inline DlmsSecret dlms_secret() {
    DlmsSecret secret;
    const std::string password = sim::kDlmsPassword;
    secret.password.assign(password.begin(), password.end());
    secret.keys = sim::dlms_test_keys();
    return secret;
}

inline void on_line(const LinkSettings& settings, const std::function<void(ModbusClient&, Yield)>& run) {
    boost::asio::io_context context;
    boost::asio::thread_pool workers{1};
    const auto strand = boost::asio::make_strand(context);
    bool finished = false;
    boost::asio::spawn(strand, [&](Yield yield) {
        const auto client = make_modbus_client(strand, workers, settings);
        run(*client, yield);
        finished = true;
    });
    context.run();
    CHECK(finished);
}

inline const MeterDriver::Groups kAll{Group::state, Group::reading};
inline const auto kMaySend = [] { return true; };

}  // namespace wutong::tests
