#pragma once

#include <memory>
#include <string>

#include "storage/database.hpp"

/// One process per collector name, whatever machine it runs on: an advisory lock that lives as long as its
/// connection.
namespace wutong::storage {

class NameLock {
public:
    NameLock(DatabaseOptions options, std::string name);
    ~NameLock();
    NameLock(const NameLock&) = delete;
    NameLock& operator=(const NameLock&) = delete;

    /// Makes sure that the lock is still held; takes it when it is not, for example on a new connection.
    /// @return false when another process holds it @throws DatabaseUnavailable
    [[nodiscard]] bool hold();

private:
    struct Holder;
    DatabaseOptions options_;
    std::string name_;
    std::unique_ptr<Holder> holder_;
};

}  // namespace wutong::storage
