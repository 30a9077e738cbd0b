#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/control/command_wish.hpp"
#include "client-wx/presenters/kept_change.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/ink.hpp"
#include "client-wx/text/spreadsheet.hpp"
#include "client-wx/text/wall_source.hpp"

namespace wutong::v1 {
class Command;
class CommandBatch;
class SendCommandResponse;
class SkippedMeter;
}  // namespace wutong::v1

namespace wutong::client {

/// What stands in the dialog before power is cut.
struct CutQuestion {
    std::string title, sentence;
    std::vector<std::pair<std::string, std::string>> facts;
    std::vector<std::string> units;
    std::string and_more, warning, cancel, commit;
    unsigned count{0};
    std::string type_label;
};

struct BulkScreen {
    enum class Stage {
        none,
        checking,  ///< the server is asked who would get it
        preview,
        sending,
        running,
        finished
    };
    struct Line {
        std::int64_t meter_id{0};
        WallBadge badge{WallBadge::none};
        std::string code, text, detail;
    };
    struct Count {
        WallBadge badge{WallBadge::none};
        std::string figure, word;
        std::size_t number{0};
    };

    Stage stage{Stage::none};
    std::string title;     ///< "Sending price ¥1.0500"
    std::string subtitle;  ///< "42 meters · started 10:41"
    std::string fault;     ///< nothing was sent, or a button did not work: why
    std::string waiting;   ///< no answer yet, asked again by itself

    std::string who_gets_it;  ///< "40 meters get it, 2 are skipped."
    std::string caution;      ///< "3 of them do not answer at present …"
    std::string commit;       ///< the button; empty: nobody would get it
    std::string commit_icon;
    bool cuts_power{false};

    double share_done{0}, share_skipped{0}, share_failed{0};
    std::string progress;  ///< "37 of 42 · about 20 s left"
    std::vector<Count> counts;
    std::string needs_you_title;
    std::vector<Line> needs_you;
    std::string and_more;
    bool can_pause{false}, can_resume{false}, can_stop{false}, can_export{false};
    bool busy{false};   ///< one of these buttons waits for its answer
    std::string retry;  ///< "Try 3 failed again"; empty: none failed
};

/// One command for many meters: preview, sending, progress of each, pause, stop, retry, result as a table.
/// A single meter goes the same way; `is_small()` tells that no panel is needed.
class BulkCommand {
public:
    static constexpr std::size_t kLinesShown = 40;
    static constexpr unsigned kTypeFrom = 10;

    explicit BulkCommand(Context& context);

    std::function<void()> on_changed;
    std::function<void(const std::vector<std::int64_t>& meters)> on_badges;
    /// Only for what cuts power: answer with confirm() or close().
    std::function<void(const CutQuestion&)> on_ask;
    /// All are finished.
    std::function<void()> on_finished;

    /// Asks the server who would get it; then the screen is a preview, or for what cuts one meter's power,
    /// the question comes at once.
    void prepare(CommandWish wish);
    /// The preview's button.
    void commit();
    /// The question was answered with yes.
    void confirm();
    /// Shows a batch that goes on already, e.g. from the page of commands.
    void attach(const std::string& batch_id);
    /// The panel goes; the commands go on.
    void close();
    void pause();
    void resume();
    void stop_rest();
    void retry_failed();

    [[nodiscard]] const BulkScreen& screen() const { return screen_; }
    [[nodiscard]] bool shown() const { return screen_.stage != BulkScreen::Stage::none; }
    [[nodiscard]] WallBadge badge_of(std::int64_t meter_id) const;
    [[nodiscard]] const CommandWish& wish() const { return wish_; }
    [[nodiscard]] Spreadsheet result() const;

private:
    struct Row {
        std::int64_t command_id{0};
        std::string code;
        WallBadge badge{WallBadge::waiting};
        std::string state, reason, detail;
        std::optional<TimePoint> finished_at;
        int attempts{0};
    };

    void checked(const v1::SendCommandResponse& answer);
    void sent(const v1::SendCommandResponse& answer);
    void take(const v1::Command& command);
    void take(const v1::CommandBatch& batch);
    void take_skipped(const v1::SkippedMeter& skipped);
    void load_commands(const std::string& page_token);
    void watch();
    void look_after_batch();
    void change_batch(bool pause);
    void settle();
    void refused(const Fault& fault);
    void update();
    void update_lines();
    [[nodiscard]] CutQuestion question() const;
    /// Which of those that would be switched off are guarded; empty: none.
    [[nodiscard]] std::string guard_words() const;
    [[nodiscard]] std::string name_of(std::int64_t meter_id, const std::string& code) const;
    [[nodiscard]] std::map<WallBadge, std::size_t> counted() const;

    Context& context_;
    CommandWish wish_;
    std::vector<std::int64_t> accepted_;
    std::unordered_map<std::int64_t, Row> rows_;
    std::vector<std::int64_t> order_;
    std::string batch_id_;
    std::string batch_state_;
    bool loading_{false};
    std::optional<TimePoint> started_at_, eta_;
    BulkScreen screen_;
    Call check_, stream_, batch_call_, list_;
    KeptChange change_;
    Timer look_, redraw_, watch_again_;
    Subscription connection_;
};

}  // namespace wutong::client
