#pragma once

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "simulator/simulator.hpp"
#include "tests/support/test_database.hpp"

/// A database of its own, a simulated bus and a gateway in this process, and real collector processes that
/// can be killed.
namespace wutong::tests {

/// A folder that goes with the test.
class Folder {
public:
    Folder() {
        static int count = 0;
        path_ =
            std::filesystem::temp_directory_path() / fmt::format("wutong-field-{}-{}", ::getpid(), ++count);
        std::filesystem::create_directories(path_);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

inline std::uint16_t free_port() {
    boost::asio::io_context context;
    boost::asio::ip::tcp::acceptor acceptor{context, {boost::asio::ip::make_address("127.0.0.1"), 0}};
    return acceptor.local_endpoint().port();
}

/// wutong-collector as a child process.
class Collector {
public:
    Collector(const std::filesystem::path& configuration, const std::filesystem::path& log) : log_{log} {
        const std::string program = WUTONG_BINARY_DIR "/bin/wutong-collector";
        pid_ = ::fork();
        if (pid_ == 0) {
            const std::string file = log.string();
            if (std::freopen(file.c_str(), "a", stdout) == nullptr ||
                std::freopen(file.c_str(), "a", stderr) == nullptr) {
                ::_exit(120);
            }
            ::execl(program.c_str(), program.c_str(), "--config", configuration.c_str(), nullptr);
            ::_exit(121);
        }
    }
    ~Collector() {
        if (pid_ > 0) {
            end(SIGKILL);
        }
    }
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;

    /// @return the exit status, or -signal
    int end(int signal) {
        ::kill(pid_, signal);
        return wait();
    }
    int wait() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    [[nodiscard]] std::string log() const {
        std::ifstream in{log_};
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }

private:
    pid_t pid_ = -1;
    std::filesystem::path log_;
};

class FieldScene {
public:
    static constexpr int kMeters = 6;

    /// @param dlt645_port a serial server with one DL/T 645 meter, the seventh; 0: none
    /// @param sections more of the collector's configuration
    explicit FieldScene(const std::string& intervals = "state_interval_s = 2\nreading_interval_s = 2\n",
                        std::uint16_t dlt645_port = 0, const std::string& sections = "")
        : intervals_{intervals}, sections_{sections} {
        simulator::SimulatorOptions options;
        simulator::LinePlan bus;
        bus.name = "bus1";
        bus.link = folder_ / "bus1";
        options.plan.lines.push_back(bus);
        for (int i = 1; i <= kMeters; ++i) {
            simulator::MeterPlan meter;
            meter.serial = serial(i);
            meter.code = fmt::format("10{}", i);
            meter.unit = meter.code;
            meter.line = "bus1";
            meter.address = i;
            meter.premises_id = curves().of_use(simulator::Use::apartment).front()->premises_id;
            options.plan.meters.push_back(meter);
        }
        if (dlt645_port != 0) {
            add_dlt645(options.plan, dlt645_port);
        }
        options.control_port = 0;
        simulator_ = std::make_unique<simulator::Simulator>(std::move(options), curves());
        sim_thread_ = std::thread{[this] { simulator_->run(); }};
        insert_site();
    }
    ~FieldScene() {
        simulator_->stop();
        sim_thread_.join();
    }
    FieldScene(const FieldScene&) = delete;
    FieldScene& operator=(const FieldScene&) = delete;

    static std::string serial(int meter) { return fmt::format("2026{:08}", meter); }

    /// @param name of the collector @param port of its metrics; 0: a free one
    std::unique_ptr<Collector> start_collector(const std::string& name, std::uint16_t port = 0) {
        const auto password = folder_ / "password";
        std::ofstream{password} << "test-collector\n";
        const auto file = folder_ / (name + ".toml");
        std::string url = database_.url(Role::collector);
        url.erase(url.find(":test-collector"), std::string{":test-collector"}.size());
        metrics_port_ = port == 0 ? free_port() : port;
        std::ofstream{file} << fmt::format(
            "name = \"{}\"\n[database]\nurl = \"{}\"\npassword_file = \"{}\"\n[profiles]\ndirectory = "
            "\"{}/profiles\"\n"
            "[polling]\n{}lost_after_s = 6\nprobe_first_s = 1\nprobe_max_s = 2\nreload_s = 1\n"
            "[lease]\nduration_s = 3\n[spool]\ndirectory = \"{}\"\n[metrics]\nlisten = \"127.0.0.1:{}\"\n{}",
            name, url, password.string(), WUTONG_SOURCE_DIR, intervals_, (folder_ / "spool").string(),
            metrics_port_, sections_);
        return std::make_unique<Collector>(file, folder_ / (name + ".log"));
    }
    [[nodiscard]] std::uint16_t metrics_port() const { return metrics_port_; }

    [[nodiscard]] std::string value(const std::string& sql) const {
        const auto rows = database_.as_superuser(sql);
        return rows.empty() || rows[0][0].is_null() ? "" : rows[0][0].as<std::string>();
    }
    void run(const std::string& sql) const { database_.as_superuser(sql); }

    /// What the meter itself says.
    [[nodiscard]] nlohmann::json truth(int meter) const {
        return control("GET", "/v1/meters/" + serial(meter), {});
    }
    void set(int meter, const nlohmann::json& change) const {
        control("PATCH", "/v1/meters/" + serial(meter), change);
    }
    void fault(int meter, const std::string& kind, int function) const {
        control("POST", "/v1/faults",
                {{"target", "meter:" + serial(meter)}, {"kind", kind}, {"function", function}, {"count", 1}});
    }
    /// How often money was written to the meter.
    [[nodiscard]] int money_writes(int meter) const {
        int count = 0;
        const auto told = truth(meter);
        for (const auto& write : told.at("writes")) {
            count += write.at("kind") == "money" ? 1 : 0;
        }
        return count;
    }

    /// @return the delivery's id
    std::string deliver(int meter, const std::string& kind, std::int64_t amount_e4,
                        const std::string& settings = "{}") const {
        const auto id = value(fmt::format(
            "INSERT INTO credit_delivery (property_id, meter_id, account_id, kind, amount_e4, settings) "
            "VALUES (1, {}, 1, '{}', {}, '{}') RETURNING delivery_id",
            meter, kind, amount_e4, settings));
        run("NOTIFY wutong_work");
        return id;
    }
    /// As an operator orders it.
    std::string command(int meter, const std::string& kind, const std::string& arguments = "{}") const {
        const auto id = value(fmt::format(
            "INSERT INTO command (property_id, meter_id, kind, arguments, expires_at, operator_id) "
            "VALUES (1, {}, '{}', '{}', now() + interval '30 s', 1) RETURNING command_id",
            meter, kind, arguments));
        run("NOTIFY wutong_work");
        return id;
    }
    [[nodiscard]] std::string delivery_state(const std::string& id) const {
        return value("SELECT state FROM credit_delivery WHERE delivery_id = " + id);
    }
    [[nodiscard]] std::string command_state(const std::string& id) const {
        return value("SELECT state FROM command WHERE command_id = " + id);
    }
    /// An account on the meter, opened there with 50.00 at 0.95.
    bool open(int meter) const {
        run(fmt::format("INSERT INTO account_meter (property_id, account_id, meter_id) VALUES (1, 1, {})",
                        meter));
        const auto id = deliver(meter, "open", 500'000,
                                R"({"price_e4": 9500, "alarm_1_e4": 0, "alarm_2_e4": 0, "overdraft_e4": 0})");
        return eventually([&] { return delivery_state(id) == "delivered"; });
    }

    template <class Condition>
    static bool eventually(Condition condition, std::chrono::milliseconds within = std::chrono::seconds{40}) {
        const auto until = std::chrono::steady_clock::now() + within;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > until) {
                return false;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
        }
        return true;
    }

    /// Nobody gets into the database any more, and who is in is thrown out.
    void cut_database() const {
        outside("ALTER DATABASE " + database_.name() + " WITH ALLOW_CONNECTIONS false");
        outside("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                database_.name() + "'");
    }
    void mend_database() const {
        outside("ALTER DATABASE " + database_.name() + " WITH ALLOW_CONNECTIONS true");
    }

    [[nodiscard]] std::string metrics() const { return http(metrics_port_, "GET", "/metrics", ""); }

private:
    static const simulator::LoadCurves& curves() {
        static const simulator::LoadCurves loaded{std::filesystem::path{WUTONG_SOURCE_DIR} / "simulator" /
                                                  "data"};
        return loaded;
    }

    static void add_dlt645(simulator::BuildingPlan& plan, std::uint16_t port) {
        simulator::LinePlan line;
        line.name = "dl";
        line.kind = simulator::LineKind::rtu_over_tcp;
        line.framing = simulator::LineFraming::dlt645;
        line.port = port;
        plan.lines.push_back(line);
        simulator::MeterPlan meter = plan.meters.front();
        meter.serial = serial(kMeters + 1);
        meter.code = meter.unit = fmt::format("10{}", kMeters + 1);
        meter.line = "dl";
        meter.address = 0;
        meter.model = simulator::Model::dlt645_single_phase;
        plan.meters.push_back(meter);
    }

    static void outside(const std::string& sql) {
        pqxx::connection connection{std::getenv("WUTONG_TEST_PG")};
        pqxx::nontransaction{connection}.exec(sql);
    }

    void insert_site() const {
        run("INSERT INTO property (code, name) VALUES ('T', 'Test'); INSERT INTO customer (property_id, "
            "name) VALUES (1, 'Li');"
            "INSERT INTO account (property_id, number, customer_id) VALUES (1, 'A1', 1)");
        run(
            fmt::format("INSERT INTO channel (property_id, code, transport, endpoint, answer_timeout_ms) "
                        "VALUES (1, 'BUS1', 'serial', '{}', 200)",
                        (folder_ / "bus1").string()));
        for (int i = 1; i <= kMeters; ++i) {
            run(
                fmt::format("INSERT INTO meter (property_id, channel_id, code, serial_number, profile, "
                            "bus_address, price_e4) "
                            "VALUES (1, 1, '10{}', '{}', 'acrel-ddsy1352', {}, 9500)",
                            i, serial(i), i));
        }
    }

    static std::string http(std::uint16_t port, const std::string& method, const std::string& target,
                            const std::string& body) {
        boost::asio::io_context context;
        boost::asio::ip::tcp::socket socket{context};
        socket.connect({boost::asio::ip::make_address("127.0.0.1"), port});
        const std::string request = fmt::format(
            "{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: "
            "application/json\r\nContent-Length: {}\r\n\r\n{}",
            method, target, body.size(), body);
        boost::asio::write(socket, boost::asio::buffer(request));
        std::string reply;
        boost::system::error_code end;
        boost::asio::read(socket, boost::asio::dynamic_buffer(reply), end);
        const auto head = reply.find("\r\n\r\n");
        if (head == std::string::npos || reply.compare(9, 1, "2") != 0) {
            throw std::runtime_error{"the simulator answered: " + reply};
        }
        return reply.substr(head + 4);
    }
    nlohmann::json control(const std::string& method, const std::string& target,
                           const nlohmann::json& body) const {
        const auto text = http(simulator_->control_port(), method, target, body.is_null() ? "" : body.dump());
        return text.empty() ? nlohmann::json{} : nlohmann::json::parse(text);
    }

    Folder folder_;
    TestDatabase database_;
    std::string intervals_;
    std::string sections_;
    std::unique_ptr<simulator::Simulator> simulator_;
    std::thread sim_thread_;
    std::uint16_t metrics_port_ = 0;
};

}  // namespace wutong::tests
