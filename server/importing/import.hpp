#pragma once

#include <string>
#include <vector>

#include "core/identity.hpp"
#include "server/importing/import_plan.hpp"
#include "server/profiles.hpp"
#include "storage/database.hpp"

namespace wutong::server {

struct ImportSource {
    std::string name;  ///< its ending says what it is: .csv or .toml
    std::string content;
};

struct ImportResult {
    std::vector<ImportFault> faults;  ///< not empty: nothing was changed
    core::PropertyId property;
    int buildings = 0, floors = 0, units = 0, gateways = 0, channels = 0, meters = 0;  ///< newly made
    int unchanged = 0;  ///< parts that were there already, the same
};

inline constexpr std::size_t kImportBytesMax = 4 * 1024 * 1024;
inline constexpr std::size_t kImportFilesMax = 20;
inline constexpr std::size_t kImportFaultsMax = 1'000;

/// Reads the files and checks what can be seen in them alone.
[[nodiscard]] ImportPlan read_import(const std::vector<ImportSource>& files,
                                     std::vector<ImportFault>& faults);

/// Compares the plan with the database and, when there are no faults at all, makes what is missing. What is
/// there already and the same counts as unchanged; what is there and different is a fault: an import adds, it
/// never changes.
/// @param faults those of read_import; the result has them and its own, in the order of files and lines
/// @param who gets a property that is made here, when he has not all of them
[[nodiscard]] ImportResult apply_import(storage::Transaction& tx, const ImportPlan& plan,
                                        const Profiles& profiles, core::OperatorId who,
                                        std::vector<ImportFault> faults, bool check_only);

}  // namespace wutong::server
