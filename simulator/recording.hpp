#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "collector/protocols/bytes.hpp"

namespace wutong::simulator {

/// What a collector has recorded of a line (docs/line-recordings.md), as questions and what came back.
class Recording {
public:
    struct Piece {
        std::chrono::microseconds after{0};  ///< since the question
        protocols::Bytes bytes;
    };
    using Answer = std::vector<Piece>;  ///< empty: silence

    /// @param name for messages
    /// @throws std::runtime_error "name:line: what is wrong"
    Recording(std::string_view text, const std::string& name);
    [[nodiscard]] static Recording read(const std::filesystem::path& file);

    /// How many bytes at the beginning of `heard` are a question that was recorded; 0: none (yet).
    [[nodiscard]] std::size_t question_in(protocols::ByteView heard) const;
    /// True while more bytes could make a question of what was heard.
    [[nodiscard]] bool may_become(protocols::ByteView heard) const;
    /// The answers to a question in the order of the recording; after the last one it begins anew.
    [[nodiscard]] Answer next_answer(protocols::ByteView question);

    [[nodiscard]] std::size_t questions() const { return exchanges_.size(); }
    /// Of questions that held a password and were not kept.
    [[nodiscard]] std::size_t left_out() const { return left_out_; }

private:
    struct Exchange {
        std::vector<Answer> answers;
        std::size_t next = 0;
    };
    [[nodiscard]] protocols::Bytes key(protocols::ByteView question) const;

    bool numbered_ = false;  ///< Modbus TCP: each question has a number of its own
    std::map<protocols::Bytes, Exchange> exchanges_;
    std::size_t left_out_ = 0;
};

}  // namespace wutong::simulator
