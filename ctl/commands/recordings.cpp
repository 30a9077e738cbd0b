// "channel record" and "channel recordings": what goes over a line, into a file that wutong-sim plays back.
#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <thread>

#include "ctl/program.hpp"
#include "wutong/v1/device_service.grpc.pb.h"
#include "wutong/v1/recording_service.grpc.pb.h"

namespace wutong::ctl {

namespace {

using Recordings = v1::RecordingService::Stub;

/// Beside the time that is recorded: until a collector has taken it, and until it has stored it.
constexpr std::chrono::seconds kWaitBeside{150};
constexpr std::chrono::milliseconds kAskEvery{500};

std::int64_t channel_of(Program& program, const std::string& code) {
    PageOptions all;
    all.size = 1000;
    v1::ListChannelsRequest request;
    request.set_property_id(program.client.property_id());
    all.fill(*request.mutable_page());
    const auto list = call(program.client, &v1::DeviceService::Stub::ListChannels, request);
    for (const auto& one : list.channels()) {
        if (one.code() == code) {
            return one.channel_id();
        }
    }
    throw Failure(ExitCode::refused, "no channel '" + code + "'", "channel_not_found");
}

v1::LineRecording recording(Program& program, std::int64_t id) {
    v1::GetRecordingRequest request;
    request.set_property_id(program.client.property_id());
    request.set_recording_id(id);
    return call(program.client, &Recordings::GetRecording, request);
}

v1::LineRecording wait_for(Program& program, const v1::LineRecording& started) {
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::seconds{started.seconds()} + kWaitBeside;
    for (;;) {
        auto now = recording(program, started.recording_id());
        if (now.state() == "done") {
            return now;
        }
        if (now.state() == "failed") {
            throw Failure(ExitCode::refused, "nothing was recorded: " + now.note(), "recording_failed");
        }
        if (std::chrono::steady_clock::now() > until) {
            throw Failure(ExitCode::refused,
                          fmt::format("recording {} is still {}; look later with \"channel recordings\"",
                                      now.recording_id(), now.state()),
                          "recording_late");
        }
        std::this_thread::sleep_for(kAskEvery);
    }
}

void save(Program& program, const v1::LineRecording& done, const std::string& path) {
    std::ofstream out{path, std::ios::binary};
    v1::ReadRecordingRequest request;
    request.set_property_id(program.client.property_id());
    request.set_recording_id(done.recording_id());
    while (out && request.offset() < done.bytes()) {
        const auto part = call(program.client, &Recordings::ReadRecording, request);
        if (part.part().empty()) {
            break;
        }
        out << part.part();
        request.set_offset(request.offset() + static_cast<std::int64_t>(part.part().size()));
    }
    out.close();
    if (!out || request.offset() != done.bytes()) {
        throw Failure(ExitCode::refused, path + " can't be written as a whole", "file_not_written");
    }
}

template <class List>
void print_recordings(const List& list) {
    Table table;
    table.column("id", Table::Align::right);
    for (const char* title : {"channel", "asked", "by", "state", "collector"}) {
        table.column(title);
    }
    table.column("seconds", Table::Align::right);
    table.column("bytes", Table::Align::right);
    table.column("note");
    for (const auto& one : list) {
        table.row({std::to_string(one.recording_id()), one.channel_code(),
                   time_text(one.has_requested_at(), one.requested_at()), one.operator_(), one.state(),
                   one.collector(), std::to_string(one.seconds()), std::to_string(one.bytes()), one.note()});
    }
    table.print(std::cout);
}

struct RecordArguments {
    std::string channel, output;
    int seconds = 60, bytes_max = 0;
    bool no_wait = false;
};

void add_record(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand(
        "record", "Record what goes over a channel, and fetch it as a file that wutong-sim plays back");
    auto a = std::make_shared<RecordArguments>();
    verb->add_option("code", a->channel)->required();
    verb->add_option("--seconds", a->seconds, "For so long")->check(CLI::Range(1, 3'600));
    verb->add_option("--bytes-max", a->bytes_max, "Or until the file is so large; 0: 8 MB")
        ->check(CLI::Range(0, 8'000'000));
    verb->add_option("--output", a->output, "File to write; CODE.rec unless said");
    verb->add_flag("--no-wait", a->no_wait, "Only order it; \"channel recordings --save\" fetches it");
    verb->callback([&program, a] {
        v1::StartRecordingRequest request;
        request.set_request_id(program.client.request_id());
        request.set_property_id(program.client.property_id());
        request.set_channel_id(channel_of(program, a->channel));
        request.set_seconds(a->seconds);
        request.set_bytes_max(a->bytes_max);
        auto told = call(program.client, &Recordings::StartRecording, request);
        if (!a->no_wait) {
            told = wait_for(program, told);
            save(program, told, a->output.empty() ? a->channel + ".rec" : a->output);
        }
        program.show(told, [&] { print_recordings(std::vector{told}); });
    });
}

void add_recordings(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("recordings", "The last twenty, for a week");
    auto id = std::make_shared<std::int64_t>(0);
    auto output = std::make_shared<std::string>();
    auto* saved = verb->add_option("--save", *id, "Fetch this one");
    verb->add_option("--output", *output, "Into this file; CODE.rec unless said")->needs(saved);
    verb->callback([&program, id, output] {
        if (*id != 0) {
            const auto one = recording(program, *id);
            save(program, one, output->empty() ? one.channel_code() + ".rec" : *output);
            program.show(one, [&] { print_recordings(std::vector{one}); });
            return;
        }
        v1::ListRecordingsRequest request;
        request.set_property_id(program.client.property_id());
        const auto list = call(program.client, &Recordings::ListRecordings, request);
        program.show(list, [&] { print_recordings(list.recordings()); });
    });
}

}  // namespace

void add_recording_commands(CLI::App& app, Program& program) {
    auto* noun = app.get_subcommand("channel");
    add_record(*noun, program);
    add_recordings(*noun, program);
}

}  // namespace wutong::ctl
