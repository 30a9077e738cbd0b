#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "core/sms_parts.hpp"
#include "storage/messages.hpp"

/// The folders of gammu-smsd's FILES backend (man gammu-smsd-files): what lies in outbox/ is sent, and then
/// moved to sent/ or error/ by a rename. The name of a file is made from the message, so that whoever comes
/// back after a crash sees how far it is, and puts nothing there twice.
namespace wutong::server {

class GammuSpool {
public:
    enum class Place {
        nowhere,
        outbox,  ///< the modem has not taken it yet
        sent,    ///< the network has taken all its parts
        error,   ///< gammu-smsd has given it up
    };

    explicit GammuSpool(std::filesystem::path folder) : folder_{std::move(folder)} {}

    [[nodiscard]] Place place_of(const storage::StoredMessage& message) const;
    /// @throws std::filesystem::filesystem_error
    void make_folders() const;
    /// Whole or not at all. @throws std::system_error that names the file
    void put(const storage::StoredMessage& message) const;
    /// Out of the outbox. @return false: it was not there any more
    bool take_back(const storage::StoredMessage& message) const;
    /// What is known by now need not stay. Files that can't be removed do no harm.
    void forget(const storage::StoredMessage& message) const;

    /// "OUTB20261122_093000_00_+8613800138000_w3-17-1.smsbackup"
    [[nodiscard]] static std::string name_of(const storage::StoredMessage& message);

private:
    const std::filesystem::path folder_;
};

/// Gammu's own format (man gammu-smsbackup): alphabet, parts and their headers are said, so that nothing
/// depends on the locale that gammu-smsd was started in. @param reference tells the parts of one message from
/// another's, 0 to 255
[[nodiscard]] std::string gammu_backup(const core::SmsPlan& plan, const std::string& number, int reference);

}  // namespace wutong::server
