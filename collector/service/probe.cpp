#include "collector/service/probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <fstream>
#include <map>
#include <sstream>

#include "collector/configuration/configuration.hpp"
#include "collector/configuration/meter_secrets.hpp"
#include "collector/drivers/bus_exchange.hpp"
#include "collector/drivers/dlms_client.hpp"
#include "collector/drivers/iec62056_driver.hpp"
#include "collector/drivers/iec62056_values.hpp"
#include "collector/drivers/meter_driver.hpp"
#include "collector/protocols/cjt188.hpp"
#include "collector/protocols/dlt645_frame.hpp"
#include "collector/protocols/modbus_rtu.hpp"
#include "collector/service/message_probe.hpp"
#include "collector/service/service.hpp"
#include "core/meter_items.hpp"
#include "core/station_address.hpp"

namespace wutong::collector {

namespace {

/// The line alone. It remembers what each register and each data item said.
class ProbeBus final : public MeterBus {
public:
    ProbeBus(ModbusClient& client, const ProbeOptions& options, core::MeterProtocol protocol, Yield yield)
        : client_{client}, options_{options}, protocol_{protocol}, yield_{yield} {
        if (protocol == core::MeterProtocol::dlms) {
            objects = std::make_shared<DlmsSession>();
            objects->keeps_raw = true;
            session() = objects;
        }
    }

    BusReply exchange(const protocols::Request& request, Repeat repeat) override {
        return ask(repeat, [&] {
            BusReply reply = exchange_registers(client_, static_cast<std::uint8_t>(options_.bus_address),
                                                request, options_.answer_timeout, yield_);
            if (const auto* read = std::get_if<protocols::ReadRequest>(&request)) {
                for (std::size_t i = 0; i < reply.words.size(); ++i) {
                    registers[{read->function, read->address + static_cast<int>(i)}] = reply.words[i];
                }
            }
            return reply;
        });
    }
    BusReply transact(const FrameExchange& exchange, Repeat repeat) override {
        return ask(repeat, [&] {
            hides = exchange.confidential;
            BusReply reply = exchange_frame(client_, exchange, options_.answer_timeout, yield_);
            hides = false;
            keep_item(reply.frame);
            return reply;
        });
    }
    void pause(std::chrono::milliseconds) override {}
    [[nodiscard]] core::Timestamp now() const override {
        return std::chrono::floor<core::Timestamp::duration>(std::chrono::system_clock::now());
    }
    std::vector<EvidenceFrame> take_frames() override { return {}; }

    std::map<std::pair<int, int>, std::uint16_t> registers;  ///< by function and address
    std::map<std::uint32_t, protocols::Bytes> items;         ///< by data identifier
    std::shared_ptr<DlmsSession> objects;                    ///< of DLMS
    bool hides = false;                                      ///< what is sent now carries a password
    /// Of IEC 62056-21; null until it was read.
    [[nodiscard]] std::shared_ptr<Iec62056Session> readout() {
        return std::dynamic_pointer_cast<Iec62056Session>(session());
    }
    [[nodiscard]] bool heard_any() {
        return readout() || !registers.empty() || !items.empty() || (objects && !objects->raw.empty());
    }

private:
    /// Of an item in several frames the first is kept.
    void keep_item(protocols::ByteView frame) {
        while (!frame.empty() && frame.front() == 0xFE) {
            frame = frame.subspan(1);
        }
        if (frame.empty() || protocol_ == core::MeterProtocol::dlms ||
            protocol_ == core::MeterProtocol::iec62056_21) {
            return;
        }
        if (protocol_ == core::MeterProtocol::cjt188) {
            keep_water(protocols::cjt188::decode_frame(frame).data);
            return;
        }
        const auto answer = protocols::dlt645::decode_frame(frame);
        const std::size_t id_bytes = (answer.control & protocols::dlt645::kFunctionMask) == 0x11 ? 4 : 2;
        if ((answer.control & protocols::dlt645::kAbnormal) != 0 || answer.data.size() < id_bytes) {
            return;
        }
        std::uint32_t id = 0;
        for (std::size_t i = id_bytes; i-- > 0;) {
            id = id << 8 | answer.data[i];
        }
        items.try_emplace(id, answer.data.begin() + static_cast<std::ptrdiff_t>(id_bytes), answer.data.end());
    }

    /// Whichever order the meter gives the identifier in: both are kept.
    void keep_water(protocols::ByteView data) {
        constexpr std::size_t kHead = 3;  // identifier and sequence
        if (data.size() < kHead) {
            return;
        }
        const protocols::Bytes body{data.begin() + kHead, data.end()};
        items.try_emplace(static_cast<std::uint32_t>(data[0]) << 8 | data[1], body);
        items.try_emplace(static_cast<std::uint32_t>(data[1]) << 8 | data[0], body);
    }

    template <class Ask>
    BusReply ask(Repeat repeat, Ask once) {
        BusReply reply = once();
        for (int i = 1; i < options_.tries && repeat == Repeat::allowed && !reply.answered() &&
                        reply.kind != BusReply::Kind::refused;
             ++i) {
            reply = once();
        }
        return reply;
    }

    ModbusClient& client_;
    const ProbeOptions& options_;
    core::MeterProtocol protocol_;
    Yield yield_;
};

/// What came for one field, as it was on the wire.
std::string raw_text(const core::MeterProfile& profile, const core::Block& block, const core::Field& field,
                     ProbeBus& bus) {
    protocols::Bytes bytes;
    if (profile.protocol == core::MeterProtocol::iec62056_21) {
        const auto told = bus.readout();
        const auto text = told ? readout_text(field, told->last.data) : std::string{};
        return text.empty() ? "-" : text;
    }
    if (profile.protocol == core::MeterProtocol::modbus) {
        for (int i = 0; i < core::register_count(field.type); ++i) {
            const auto found = bus.registers.find({block.function, field.address + i});
            if (found == bus.registers.end()) {
                return "-";
            }
            protocols::append_u16(bytes, found->second);
        }
    } else if (profile.protocol == core::MeterProtocol::dlms) {
        const auto said = bus.objects->raw.find(field.object);
        return said == bus.objects->raw.end() ? "-" : protocols::to_hex(said->second);
    } else if (const auto found = bus.items.find(block.id); found != bus.items.end()) {
        const auto from = static_cast<std::size_t>(field.address);
        const auto to = from + static_cast<std::size_t>(core::byte_count(field));
        for (std::size_t i = from; i < to && i < found->second.size(); ++i) {
            bytes.push_back(found->second[i]);
        }
    }
    return bytes.empty() ? "-" : protocols::to_hex(bytes);
}

std::string place_text(const core::MeterProfile& profile, const core::Block& block,
                       const core::Field& field) {
    if (profile.protocol == core::MeterProtocol::dlms) {
        return fmt::format("{}:{}", core::obis_text(field.object.obis), field.object.attribute);
    }
    if (profile.protocol == core::MeterProtocol::iec62056_21) {
        return field.value_at == 0 ? field.code : fmt::format("{} ({})", field.code, field.value_at + 1);
    }
    return profile.protocol == core::MeterProtocol::modbus
               ? fmt::format("{:02X}h {:04X}", block.function, field.address)
               : fmt::format("{:0{}X}+{}", block.id,
                             profile.protocol == core::MeterProtocol::dlt645_2007 ? 8 : 4, field.address);
}

void print_values(const core::MeterProfile& profile, const MeterReadout& readout, ProbeBus& bus,
                  std::FILE* out) {
    fmt::print(out, "{:<22}{:<18}{:<26}{}\n", "quantity", "at", "raw", "value");
    for (const auto& block : profile.blocks) {
        for (const auto& field : block.fields) {
            const auto value = readout.value(field.quantity);
            fmt::print(out, "{:<22}{:<18}{:<26}{}{}\n", core::to_string(field.quantity),
                       place_text(profile, block, field), raw_text(profile, block, field, bus),
                       value ? fmt::format("{}{}", *value, counted_in(field.quantity)) : "not available",
                       field.confirmed ? "" : "   (unconfirmed: " + field.note + ")");
        }
    }
}

/// Not every meter tells it; then nothing is said.
void print_firmware(ProbeBus& bus, const FieldMeter& meter, std::FILE* out) {
    const auto& driver = driver_of(*meter.profile);
    if (!driver.offers(*meter.profile).firmware) {
        return;
    }
    if (const auto firmware = driver.read_firmware(bus, meter); firmware.answered()) {
        fmt::print(out, "\nfirmware: {}\n", firmware.version);
    }
}

/// What is wrong with the options for this profile; empty when nothing is.
std::string wrong_address(const core::MeterProfile& profile, const ProbeOptions& options) {
    if (auto why = core::station_address_fault(profile.protocol, options.station_address); !why.empty()) {
        return "--station " + why;
    }
    if (profile.sends_by_itself() != options.over_mqtt) {
        return profile.sends_by_itself()
                   ? "meters of this profile send by themselves: --mqtt mqtt://HOST:PORT"
                   : "--mqtt is for meters that send by themselves; name their line";
    }
    const bool modbus = profile.protocol == core::MeterProtocol::modbus;
    if (modbus && (options.bus_address < protocols::kUnitMin || options.bus_address > protocols::kUnitMax)) {
        return "--address must be the meter's Modbus unit, 1 to 247";
    }
    if (!modbus && options.link.transport == Transport::modbus_tcp) {
        return std::string{"Modbus TCP carries nothing else; "} + core::to_string(profile.protocol) +
               " needs --serial or --rtu-over-tcp";
    }
    return {};
}

std::shared_ptr<const core::MeterProfile> read_profile(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    std::ostringstream text;
    if (!in || !(text << in.rdbuf())) {
        throw std::invalid_argument(file.string() + ": can't be read; name a meter profile (*.toml)");
    }
    return std::make_shared<core::MeterProfile>(core::parse_meter_profile(text.view(), file.string()));
}

}  // namespace

const char* counted_in(core::Quantity quantity) {
    using core::Quantity;
    switch (quantity) {
        case Quantity::energy_total:
        case Quantity::energy_sharp:
        case Quantity::energy_peak:
        case Quantity::energy_flat:
        case Quantity::energy_valley:
        case Quantity::energy_reverse:
            return " Wh";
        case Quantity::volume_total:
            return " l";
        case Quantity::balance:
        case Quantity::overdraft:
        case Quantity::alarm_1:
        case Quantity::alarm_2:
            return " /10000";
        case Quantity::price:
        case Quantity::price_peak:
        case Quantity::price_flat:
        case Quantity::price_valley:
            return " /10000 per kWh";
        case Quantity::voltage_a:
        case Quantity::voltage_b:
        case Quantity::voltage_c:
            return " mV";
        case Quantity::current_a:
        case Quantity::current_b:
        case Quantity::current_c:
            return " mA";
        case Quantity::power_a:
        case Quantity::power_b:
        case Quantity::power_c:
        case Quantity::power_total:
        case Quantity::overload_power:
            return " W";
        case Quantity::reactive_power_total:
            return " var";
        case Quantity::power_factor:
            return " /1000";
        case Quantity::frequency:
            return " mHz";
        case Quantity::clock:
            return " s since 1970, as the meter's wall clock reads";
        default:
            return "";
    }
}

int run_probe(const ProbeOptions& options, std::FILE* out, std::FILE* faults) {
    FieldMeter meter;
    try {
        meter.profile = read_profile(options.profile);
    } catch (const std::exception& wrong) {  // core::ProfileError has one line per fault
        fmt::print(faults, "{}\n", wrong.what());
        return kExitUsage;
    }
    if (const auto wrong = wrong_address(*meter.profile, options); !wrong.empty()) {
        fmt::print(faults, "{}\n", wrong);
        return kExitUsage;
    }
    meter.code = "on this line";
    meter.id = core::MeterId{1};
    meter.bus_address = static_cast<std::uint8_t>(options.bus_address);
    meter.station_address = options.station_address;
    if (options.over_mqtt) {
        return run_message_probe(options, meter, out, faults);
    }
    try {
        meter.dlms = load_meter_secrets(options.secrets).of_dlms(options.serial_number);
    } catch (const ConfigurationError& wrong) {
        fmt::print(faults, "{}\n", wrong.what());
        return kExitUsage;
    }

    boost::asio::io_context context;
    boost::asio::thread_pool workers{1};
    const auto strand = boost::asio::make_strand(context);
    int status = kExitFailed;
    boost::asio::spawn(strand, [&](Yield yield) {
        try {
            std::string frames;
            const bool* hides = nullptr;
            const auto client = make_modbus_client(
                strand, workers, options.link, [&](TapDirection direction, protocols::ByteView bytes, auto) {
                    const bool sent = direction == TapDirection::sent;
                    frames += fmt::format("{} {}\n", sent ? ">" : "<",
                                          sent && hides != nullptr && *hides ? "(with a password: not shown)"
                                                                             : protocols::to_hex(bytes));
                });
            ProbeBus bus{*client, options, meter.profile->protocol, yield};
            hides = &bus.hides;
            const auto& blocks = meter.profile->blocks;
            std::vector<core::Block::Group> groups{core::Block::Group::state, core::Block::Group::reading};
            if (std::any_of(blocks.begin(), blocks.end(),
                            [](const auto& block) { return block.group == core::Block::Group::settings; })) {
                groups.push_back(core::Block::Group::settings);
            }
            const MeterReadout readout = driver_of(*meter.profile).read_groups(bus, meter, groups);
            if (bus.heard_any()) {
                print_values(*meter.profile, readout, bus, out);
            }
            fmt::print(out, "\n{}", frames);
            if (readout.answered()) {
                status = kExitOk;
                print_firmware(bus, meter, out);
            } else {
                fmt::print(faults, "The meter was not read: {}\n", readout.reason);
            }
        } catch (const std::exception& wrong) {
            fmt::print(faults, "{}\n", wrong.what());
            status = kExitUsage;
        }
    });
    context.run();
    return status;
}

}  // namespace wutong::collector
