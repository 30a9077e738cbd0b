#include "simulator/recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>

namespace wutong::simulator {

using protocols::Bytes;
using protocols::ByteView;

namespace {

constexpr std::string_view kFirstLine = "# wutong line recording 1";
constexpr std::uintmax_t kFileBytesMax = 200'000'000;
constexpr std::size_t kNumberBytes = 2;

/// "12.000345"
std::optional<std::chrono::microseconds> parse_time(std::string_view text) {
    const auto point = text.find('.');
    std::int64_t seconds = 0, micros = 0;
    const auto number = [](std::string_view digits, std::int64_t& into) {
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
        return error == std::errc{} && end == digits.data() + digits.size() && into >= 0;
    };
    if (point == std::string_view::npos || text.size() - point != 7 || point > 9 ||
        !number(text.substr(0, point), seconds) || !number(text.substr(point + 1), micros)) {
        return std::nullopt;
    }
    return std::chrono::seconds{seconds} + std::chrono::microseconds{micros};
}

std::optional<Bytes> parse_bytes(std::string_view text) {
    try {
        auto bytes = protocols::from_hex(text);
        return bytes.empty() ? std::nullopt : std::optional{std::move(bytes)};
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

}  // namespace

Recording::Recording(std::string_view text, const std::string& name) {
    std::size_t number = 0;
    std::chrono::microseconds asked{0};
    Answer* answer = nullptr;
    const auto fail = [&](const std::string& what) {
        throw std::runtime_error(fmt::format("{}:{}: {}", name, number, what));
    };
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        const bool torn = end == text.size();  // what a power cut left of the last line
        text.remove_prefix(std::min(end + 1, text.size()));
        if (++number == 1 && line != kFirstLine) {
            fail(fmt::format("not a recording; it begins with \"{}\"", kFirstLine));
        }
        if (line.empty() || line.front() == '#') {
            numbered_ = numbered_ || line.find(" transport=modbus_tcp ") != std::string_view::npos;
            continue;
        }
        const auto blank = line.find(' ');
        const auto at = parse_time(line.substr(0, blank));
        const bool shaped = at && blank != std::string_view::npos && line.size() >= blank + 4 &&
                            line[blank + 2] == ' ' && (line[blank + 1] == '>' || line[blank + 1] == '<');
        if (shaped && line[blank + 3] == '(') {
            ++left_out_;
            answer = nullptr;
            continue;
        }
        const auto bytes = shaped ? parse_bytes(line.substr(blank + 3)) : std::nullopt;
        if (!bytes && torn) {
            break;
        }
        if (!bytes) {
            fail("expected \"SECONDS.MICROSECONDS > HEX\" or \"<\", bytes as pairs of hexadecimal digits");
        }
        const bool sent = line[blank + 1] == '>';
        if (sent) {
            asked = *at;
            auto& exchange = exchanges_[key(*bytes)];
            answer = &exchange.answers.emplace_back();
        } else if (answer != nullptr) {  // what came before any question, nobody asks for
            answer->push_back({std::max(*at - asked, std::chrono::microseconds{0}), *bytes});
        }
    }
    if (number == 0) {
        number = 1;
        fail("is empty");
    }
}

Recording Recording::read(const std::filesystem::path& file) {
    std::error_code fault;
    const auto size = std::filesystem::file_size(file, fault);
    std::ifstream in{file, std::ios::binary};
    if (fault || !in || size > kFileBytesMax) {
        throw std::runtime_error(
            fmt::format("{}: can't be read, or has more than {} bytes", file.string(), kFileBytesMax));
    }
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    return Recording{text, file.string()};
}

Bytes Recording::key(ByteView question) const {
    const auto from = numbered_ ? std::min(kNumberBytes, question.size()) : 0;
    return {question.begin() + static_cast<std::ptrdiff_t>(from), question.end()};
}

std::size_t Recording::question_in(ByteView heard) const {
    const auto bytes = key(heard);
    // All that could begin what was heard come before it in order, the longest last.
    for (auto it = exchanges_.upper_bound(bytes); it != exchanges_.begin();) {
        --it;
        const auto& known = it->first;
        if (known.size() <= bytes.size() && std::equal(known.begin(), known.end(), bytes.begin())) {
            return known.size() + (heard.size() - bytes.size());
        }
        if (known.empty() || bytes.empty() || known.front() != bytes.front()) {
            break;
        }
    }
    return 0;
}

bool Recording::may_become(ByteView heard) const {
    const auto bytes = key(heard);
    const auto it = exchanges_.lower_bound(bytes);
    return it != exchanges_.end() && it->first.size() > bytes.size() &&
           std::equal(bytes.begin(), bytes.end(), it->first.begin());
}

Recording::Answer Recording::next_answer(ByteView question) {
    const auto found = exchanges_.find(key(question));
    if (found == exchanges_.end()) {
        return {};
    }
    auto& exchange = found->second;
    Answer answer = exchange.answers[exchange.next];
    exchange.next = (exchange.next + 1) % exchange.answers.size();
    if (numbered_ && !answer.empty() && answer.front().bytes.size() >= kNumberBytes) {
        std::copy_n(question.begin(), kNumberBytes, answer.front().bytes.begin());
    }
    return answer;
}

}  // namespace wutong::simulator
