#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/control/bulk_command.hpp"

namespace wutong::client {

/// A button of the inspector or of the meter page.
struct MeterAction {
    std::string text, icon, key;
    bool shown{true};
    bool enabled{true};
    std::string why_not;
};

struct MeterActionsScreen {
    MeterAction sell, query, guarantee, cut;
    bool cut_is_danger{true};       ///< false: it gives power back
    std::string guard, guard_note;  ///< "Guarded: medical"; empty: the unit is not guarded
};

/// What one can do with one meter, by its state, the operator's rights and the connection.
[[nodiscard]] MeterActionsScreen meter_actions(const LiveMeter& meter, const Context& context, bool busy);

/// Sends the commands of one meter and says what became of them: a toast when it is done (with Undo where the
/// opposite exists), a sentence when it is not.
class MeterCommands {
public:
    explicit MeterCommands(Context& context);

    std::function<void()> on_changed;
    std::function<void(const CutQuestion&)> on_ask;  ///< answer with answer_cut()

    void query(const LiveMeter& meter);
    /// Guarantees, or ends it when it is guaranteed.
    void guarantee(const LiveMeter& meter);
    /// Asks and switches off, or gives power back when it was switched off by force.
    void cut(const LiveMeter& meter);
    void answer_cut(bool go_on);

    /// The meter that a command is under way to; 0: none.
    [[nodiscard]] std::int64_t busy_with() const;
    /// What goes on, or why the last one failed; of meter `about()`.
    [[nodiscard]] const std::string& sentence() const { return sentence_; }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] std::int64_t about() const { return meter_id_; }
    void forget_sentence();

private:
    void start(const LiveMeter& meter, CommandVerb verb);
    void batch_changed();
    void finished();

    Context& context_;
    BulkCommand batch_;
    std::int64_t meter_id_{0};
    std::string unit_;
    CommandWish wish_;
    std::string sentence_;
    bool failed_{false};
    bool undoing_{false};
};

}  // namespace wutong::client
