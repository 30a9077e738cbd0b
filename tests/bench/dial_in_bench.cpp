// Bench `dial_in`: links that gateways opened, held by one listener, ten meters behind each read round after
// round. The boxes are another process (forked before anything else), so that CPU time and memory are the
// collector's side alone. Lines: NAME value unit (limit, ratio).

#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <cstdio>
#include <fstream>
#include <map>
#include <thread>
#include <unordered_map>

#include "collector/protocols/modbus_rtu.hpp"
#include "collector/transports/channel_link.hpp"

namespace {

using namespace wutong;
using collector::Monotonic;
using namespace std::chrono_literals;

constexpr int kMeters = 10;
constexpr std::uint16_t kRegisters = 48;

std::string registration(int box) {
    return "BOX-" + std::to_string(100'000 + box);
}

/// The boxes: connect, name themselves, answer whatever is asked. Never returns.
[[noreturn]] void be_boxes(int count, int port_pipe) {
    std::uint16_t port = 0;
    if (::read(port_pipe, &port, sizeof port) != sizeof port) {
        ::_exit(1);
    }
    const int events = ::epoll_create1(0);
    std::unordered_map<int, protocols::RequestDeframer> lines;
    boost::asio::io_context unused;
    std::vector<boost::asio::ip::tcp::socket> sockets;
    sockets.reserve(static_cast<std::size_t>(count));
    for (int box = 0; box < count; ++box) {
        auto& socket = sockets.emplace_back(unused);
        boost::system::error_code error;
        socket.connect({boost::asio::ip::address_v4::loopback(), port}, error);
        if (error) {
            std::fprintf(stderr, "box %d: %s\n", box, error.message().c_str());
            ::_exit(1);
        }
        socket.set_option(boost::asio::ip::tcp::no_delay{true}, error);
        const auto name = registration(box);
        (void)!::write(socket.native_handle(), name.data(), name.size());
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = socket.native_handle();
        ::epoll_ctl(events, EPOLL_CTL_ADD, socket.native_handle(), &event);
    }
    protocols::Words words(kRegisters, 0x1234);
    const auto answer = protocols::encode_read_reply(3, words);
    std::array<epoll_event, 256> ready{};
    std::array<std::uint8_t, 512> buffer{};
    for (;;) {
        const int many = ::epoll_wait(events, ready.data(), static_cast<int>(ready.size()), -1);
        for (int i = 0; i < many; ++i) {
            const int fd = ready[static_cast<std::size_t>(i)].data.fd;
            const auto length = ::read(fd, buffer.data(), buffer.size());
            if (length <= 0) {
                ::epoll_ctl(events, EPOLL_CTL_DEL, fd, nullptr);
                continue;
            }
            // Requests are 8 bytes and come whole, one at a time; the unit is the first.
            const auto frame = protocols::encode_rtu(buffer[0], answer);
            (void)!::write(fd, frame.data(), frame.size());
        }
    }
}

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

double resident_mb() {
    std::ifstream status{"/proc/self/statm"};
    long pages = 0, resident = 0;
    status >> pages >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
    int links = 5'000, rounds = 3;
    CLI::App app{"Links that gateways opened, held and read"};
    app.add_option("--links", links)->check(CLI::Range(1, 20'000));
    app.add_option("--rounds", rounds)->check(CLI::Range(1, 100));
    CLI11_PARSE(app, argc, argv);
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < static_cast<rlim_t>(links) + 64) {
        std::fprintf(stderr, "dial_in: %d links need %d descriptors, %lu are allowed (ulimit -n)\n", links,
                     links + 64, static_cast<unsigned long>(files.rlim_cur));
        return 77;
    }
    int port_pipe[2];
    if (::pipe(port_pipe) != 0) {
        return 1;
    }
    const pid_t boxes = ::fork();
    if (boxes == 0) {
        be_boxes(links, port_pipe[0]);
    }

    int failed = 1;
    {
        boost::asio::io_context context;
        boost::asio::thread_pool workers{1};
        collector::DialInOptions options;
        options.address = "127.0.0.1";
        options.links_max = static_cast<std::size_t>(links) + 10;
        options.links_per_address_max = options.links_max;
        const auto hub = std::make_shared<collector::DialInHub>(context, options);
        hub->listen();
        auto work = boost::asio::make_work_guard(context);
        std::atomic<int> answered{0}, silent{0}, waiting{links};
        std::vector<std::unique_ptr<collector::ModbusClient>> clients;
        const auto before = resident_mb();
        for (int box = 0; box < links; ++box) {
            const auto strand = boost::asio::make_strand(context);
            collector::LinkSettings settings;
            settings.transport = collector::Transport::dial_in;
            settings.endpoint = "plain:" + registration(box);
            settings.owner = std::to_string(box);
            settings.dial_in = hub;
            settings.serial.baud = 115'200;
            clients.push_back(collector::make_modbus_client(strand, workers, settings));
            boost::asio::spawn(strand, [&, client = clients.back().get()](collector::Yield yield) {
                for (int round = 0; round < rounds; ++round) {
                    for (int unit = 1; unit <= kMeters; ++unit) {
                        const auto outcome = client->read_registers(static_cast<std::uint8_t>(unit), 3,
                                                                    0x0200, kRegisters, 20s, yield);
                        const auto* words = std::get_if<protocols::Words>(&outcome);
                        ++(words != nullptr && words->size() == kRegisters ? answered : silent);
                    }
                }
                --waiting;
            });
        }
        const auto begin = Monotonic::now();
        const auto cpu_before = cpu_seconds();
        std::vector<std::thread> threads;
        for (int i = 0; i < 2; ++i) {
            threads.emplace_back([&context] { context.run(); });
        }
        const std::uint16_t port = hub->port();
        (void)!::write(port_pipe[1], &port, sizeof port);
        const auto until = begin + 100s;
        while (waiting > 0 && Monotonic::now() < until) {
            std::this_thread::sleep_for(20ms);
        }
        const auto took = std::chrono::duration<double>(Monotonic::now() - begin).count();
        const auto cpu = cpu_seconds() - cpu_before;
        const auto counts = hub->counts();
        const double wanted = static_cast<double>(links) * kMeters * rounds;
        std::printf("dial_in.links %lu links (limit %d, %.2f)\n",
                    static_cast<unsigned long>(counts.registered), links,
                    static_cast<double>(counts.registered) / links);
        std::printf("dial_in.readings %d readings (limit %.0f, %.4f)\n", answered.load(), wanted,
                    answered / wanted);
        std::printf("dial_in.rate %.0f readings/s (in %.1f s, connecting included)\n", answered / took, took);
        std::printf("dial_in.cpu %.1f s (for %d readings: %.0f us each)\n", cpu, answered.load(),
                    cpu * 1e6 / std::max(1, answered.load()));
        std::printf("dial_in.memory %.0f MB (limit 150, %.2f)\n", resident_mb(), resident_mb() / 150.0);
        std::printf("dial_in.memory_per_link %.1f KB (before %.0f MB)\n",
                    (resident_mb() - before) * 1000.0 / links, before);
        failed =
            answered == static_cast<int>(wanted) && counts.registered == static_cast<std::uint64_t>(links)
                ? 0
                : 1;
        hub->stop();
        work.reset();
        context.stop();
        for (auto& thread : threads) {
            thread.join();
        }
        hub->forget();
    }
    ::kill(boxes, SIGKILL);
    ::waitpid(boxes, nullptr, 0);
    std::fflush(stdout);
    // Coroutines that never ended (a failure) are not worth unwinding.
    ::_exit(failed);
}
