#include <fmt/format.h>
#include <mosquitto.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "collector/transports/mqtt_session.hpp"

namespace wutong::collector {

namespace {

constexpr std::size_t kLineBytesMax = 1'000;
constexpr int kLookEveryMs = 100;

struct User {
    std::string name, password;
};

/// @throws std::runtime_error when the file may be read by others, or holds no user
std::optional<User> user_of(const std::filesystem::path& folder, const std::string& host) {
    const auto file = folder / host;
    std::error_code none;
    const auto status = std::filesystem::status(file, none);
    if (folder.empty() || none || !std::filesystem::is_regular_file(status)) {
        return std::nullopt;
    }
    using std::filesystem::perms;
    if ((status.permissions() & perms::others_all) != perms::none) {
        throw std::runtime_error(file.string() + " may be read by others: it needs mode 0600");
    }
    std::ifstream in{file};
    User user;
    if (!std::getline(in, user.name) || user.name.empty() || user.name.size() > kLineBytesMax) {
        throw std::runtime_error(file.string() + " has no user in its first line");
    }
    std::getline(in, user.password);
    return user;
}

}  // namespace

void EndMosquitto::operator()(mosquitto* session) const {
    mosquitto_destroy(session);
}

MqttSession make_mqtt_session(const core::BrokerName& broker, const BrokerAccess& access,
                              const std::string& name, void* self) {
    static std::once_flag once;
    std::call_once(once, [] { mosquitto_lib_init(); });
    MqttSession session{mosquitto_new(name.c_str(), !access.keeps_session, self)};
    if (!session) {
        throw std::runtime_error("no memory, or a bad name of the session");
    }
    if (broker.tls) {
        const bool own = !access.certificate.empty();
        const int result = mosquitto_tls_set(session.get(), access.authority.c_str(), nullptr,
                                             own ? access.certificate.c_str() : nullptr,
                                             own ? access.key.c_str() : nullptr, nullptr);
        if (result != MOSQ_ERR_SUCCESS) {
            throw std::runtime_error(fmt::format("TLS with {}: {}", broker.host, mosquitto_strerror(result)));
        }
        mosquitto_tls_opts_set(session.get(), 1, "tlsv1.2", nullptr);
    }
    if (const auto user = user_of(access.users, broker.host)) {
        mosquitto_username_pw_set(session.get(), user->name.c_str(), user->password.c_str());
    }
    return session;
}

// The library's own way to connect can't be given a time, and would hold a worker for as long as the system
// tries.
std::string reach(const core::BrokerName& broker, std::chrono::milliseconds within,
                  const std::atomic<bool>& given_up) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int resolved =
        getaddrinfo(broker.host.c_str(), std::to_string(broker.port).c_str(), &hints, &found);
    if (resolved != 0) {
        return fmt::format("{}: {}", broker.host, gai_strerror(resolved));
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses{found, freeaddrinfo};
    std::string why = "no address";
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
        const int socket = ::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (socket < 0) {
            continue;
        }
        int error = 0;
        if (connect(socket, address->ai_addr, address->ai_addrlen) != 0) {
            error = errno;
            pollfd wait{socket, POLLOUT, 0};
            if (error == EINPROGRESS) {
                socklen_t size = sizeof error;
                error = ETIMEDOUT;
                const auto until = std::chrono::steady_clock::now() + within;
                while (error == ETIMEDOUT && !given_up && std::chrono::steady_clock::now() < until) {
                    error = poll(&wait, 1, kLookEveryMs) == 1 ? 0 : ETIMEDOUT;
                }
                if (error == 0) {
                    getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
                }
            }
        }
        ::close(socket);
        if (error == 0) {
            return {};
        }
        why = std::generic_category().message(error);
    }
    return fmt::format("{}:{}: {}", broker.host, broker.port, why);
}

}  // namespace wutong::collector
