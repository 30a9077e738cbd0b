#include "gateway/epochs.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace wutong::gateway {

namespace {
/// A gateway has a few ports; a file with more is not ours.
constexpr std::size_t kChannelsMax = 10'000;
}  // namespace

Epochs::Epochs(std::filesystem::path file) : file_{std::move(file)} {
    if (!std::filesystem::exists(file_)) {
        return;
    }
    std::ifstream in{file_};
    std::string line;
    while (std::getline(in, line)) {
        std::istringstream words{line};
        std::string channel;
        std::int64_t epoch = 0;
        if (!(words >> channel >> epoch) || epoch < 1 || highest_.size() >= kChannelsMax) {
            throw std::runtime_error(file_.string() + ": \"" + line.substr(0, 80) +
                                     "\" is not a channel and its epoch; move the file away to begin anew");
        }
        highest_[channel] = epoch;
    }
    if (in.bad()) {
        throw std::runtime_error(file_.string() + " can't be read");
    }
}

std::int64_t Epochs::highest(const std::string& channel) const {
    const auto found = highest_.find(channel);
    return found == highest_.end() ? 0 : found->second;
}

bool Epochs::admit(const std::string& channel, std::int64_t epoch) {
    const auto known = highest(channel);
    if (epoch < known) {
        return false;
    }
    if (epoch > known) {
        if (known == 0 && highest_.size() >= kChannelsMax) {
            throw std::runtime_error("more channels than a gateway has ports");
        }
        highest_[channel] = epoch;
        store();
    }
    return true;
}

void Epochs::store() const {
    const auto fresh = std::filesystem::path{file_.string() + ".new"};
    std::ofstream out{fresh, std::ios::trunc};
    for (const auto& [channel, epoch] : highest_) {
        out << channel << ' ' << epoch << '\n';
    }
    out.close();
    if (!out) {
        throw std::runtime_error(fresh.string() + " can't be written");
    }
    std::filesystem::rename(fresh, file_);
}

}  // namespace wutong::gateway
