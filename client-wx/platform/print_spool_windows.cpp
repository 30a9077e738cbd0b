#include <fstream>

#include "client-wx/platform/print_spool.hpp"

namespace wutong::client {

std::string hand_to_printer(const PrintTarget& target, const std::string& job, std::chrono::seconds) {
    // A shared roll printer is a file there: \\counter\receipts. Queues need a driver's dialog.
    if (target.kind != PrintTarget::Kind::file) {
        return "only printers that are shared as a file (\\\\computer\\printer) are supported here";
    }
    std::ofstream out{target.name, std::ios::binary};
    out.write(job.data(), static_cast<std::streamsize>(job.size()));
    out.close();
    return out ? std::string{} : target.name + " takes nothing";
}

}  // namespace wutong::client
