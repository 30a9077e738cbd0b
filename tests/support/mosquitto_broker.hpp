#pragma once

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

/// Debian's mosquitto, and its two tools, as processes of a test.
namespace wutong::tests {

inline pid_t start_program(const std::vector<std::string>& words, const std::string& output = "/dev/null") {
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::setpgid(0, 0);  // so that a pipe of programs can be ended as one
        if (std::freopen(output.c_str(), "a", stdout) == nullptr ||
            std::freopen(output.c_str(), "a", stderr) == nullptr) {
            ::_exit(120);
        }
        std::vector<char*> arguments;
        for (const auto& word : words) {
            arguments.push_back(const_cast<char*>(word.c_str()));
        }
        arguments.push_back(nullptr);
        ::execvp(arguments[0], arguments.data());
        ::_exit(121);
    }
    return pid;
}

class MosquittoBroker {
public:
    /// @param more lines of its configuration; {} is its folder
    explicit MosquittoBroker(const std::string& more = "allow_anonymous true\n") {
        static int count = 0;
        folder_ = std::filesystem::temp_directory_path() /
                  fmt::format("wutong-mosquitto-{}-{}", ::getpid(), ++count);
        std::filesystem::create_directories(folder_);
        {
            boost::asio::io_context context;
            boost::asio::ip::tcp::acceptor acceptor{context, {boost::asio::ip::make_address("127.0.0.1"), 0}};
            port_ = acceptor.local_endpoint().port();
        }
        std::ofstream{folder_ / "mosquitto.conf"} << "listener " << port_
                                                  << " 127.0.0.1\npersistence true\npersistence_location "
                                                  << folder_.string() << "/\n"
                                                  << (::geteuid() == 0 ? "user root\n" : "") << more;
        start();
    }
    ~MosquittoBroker() {
        if (pid_ > 0) {
            end(SIGKILL);
        }
        for (const pid_t pipe : pipes_) {
            ::kill(-pipe, SIGKILL);
            ::waitpid(pipe, nullptr, 0);
        }
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    MosquittoBroker(const MosquittoBroker&) = delete;
    MosquittoBroker& operator=(const MosquittoBroker&) = delete;

    void start() {
        pid_ = start_program({"/usr/sbin/mosquitto", "-c", (folder_ / "mosquitto.conf").string()},
                             (folder_ / "log").string());
        for (int i = 0; i < 3'000; ++i) {
            boost::asio::io_context context;
            boost::asio::ip::tcp::socket socket{context};
            boost::system::error_code error;
            socket.connect({boost::asio::ip::make_address("127.0.0.1"), port_}, error);
            if (!error) {
                return;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
        throw std::runtime_error("mosquitto did not start");
    }
    /// SIGTERM: it writes down what it keeps for others. SIGKILL: it does not.
    void end(int signal) {
        ::kill(pid_, signal);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    /// By mosquitto_pub. @throws when it says that it failed
    void publish(const std::string& topic, const std::string& payload,
                 std::vector<std::string> more = {"-q", "1"}) const {
        std::vector<std::string> words{"mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(port_), "-t",
                                       topic,           "-m", payload};
        words.insert(words.end(), more.begin(), more.end());
        int status = -1;
        ::waitpid(start_program(words), &status, 0);
        if (status != 0) {
            throw std::runtime_error("mosquitto_pub failed");
        }
    }
    /// A device whose relay follows its orders and tells so: mosquitto_sub and mosquitto_pub in a pipe.
    void add_relay(const std::string& order_topic, const std::string& state_topic) {
        const auto at = fmt::format("-h 127.0.0.1 -p {}", port_);
        pipes_.push_back(
            start_program({"bash", "-c",
                           fmt::format("exec 3< <(exec mosquitto_sub {0} -q 1 -t {1}); sub=$!; trap 'kill "
                                       "$sub' EXIT; while read -r order <&3; do "
                                       "mosquitto_pub {0} -q 1 -t {2} -m \"$order\"; done",
                                       at, order_topic, state_topic)}));
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    [[nodiscard]] std::string log() const {
        std::ifstream in{folder_ / "log"};
        return {std::istreambuf_iterator<char>{in}, {}};
    }

private:
    std::filesystem::path folder_;
    std::uint16_t port_ = 0;
    pid_t pid_ = -1;
    std::vector<pid_t> pipes_;
};

}  // namespace wutong::tests
