#pragma once

#include <functional>
#include <pqxx/pqxx>
#include <string>

namespace wutong::storage {

/// Remembers libpq's own handle, which libpqxx 6 keeps to itself: COPY in binary form needs it.
class HandlePolicy : public pqxx::connect_direct {
public:
    using pqxx::connect_direct::connect_direct;
    [[nodiscard]] handle current() const { return current_; }

    handle do_startconnect(handle before) override;
    handle do_completeconnect(handle before) override;
    handle do_dropconnect(handle before) noexcept override;
    handle do_disconnect(handle before) noexcept override;

private:
    handle current_ = nullptr;
};

/// As pqxx::connection, and rows can be brought in binary form.
class Connection : private HandlePolicy, public pqxx::connection_base {
public:
    explicit Connection(const std::string& target);
    ~Connection() noexcept;

    /// Fills an empty piece. @return false: that was the last one
    using NextPiece = std::function<bool(std::string& piece)>;
    /// Inside a transaction of this connection: COPY … FROM STDIN (FORMAT binary). What is sent is stored
    /// while the next piece is made.
    /// @param statement a constant of ours @param next the pieces make the whole, its header and trailer
    /// included
    /// @throws as pqxx does when a statement fails; the transaction can only be rolled back then
    void copy_in(const char* statement, const NextPiece& next);
};

}  // namespace wutong::storage
