#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace wutong::server {

/// Prometheus. Methods and reasons are words of ours, so the number of series is bounded.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// @throws std::runtime_error naming the address when it can't be listened on
    void listen(const std::string& address);
    void stop_listening();

    /// A value that is asked for when somebody reads the metrics. Register before listen().
    enum class Kind { gauge, counter };
    void add(const std::string& name, const std::string& help, Kind kind, std::function<double()> value);

    void call_finished(const std::string& method, int status, std::chrono::steady_clock::duration took);
    void call_refused(const std::string& reason);

    /// Counts and times every call that reached its handler.
    [[nodiscard]] std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> interceptors();

    /// The exposition text, for tests.
    [[nodiscard]] std::string text() const;

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

/// "OK", "NOT_FOUND", …
[[nodiscard]] const char* status_name(int code);

}  // namespace wutong::server
