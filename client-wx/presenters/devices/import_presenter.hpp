#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client-wx/presenters/change.hpp"
#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/lists/list_screen.hpp"

namespace wutong::v1 {
class ImportRequest;
class ImportResponse;
}  // namespace wutong::v1

namespace wutong::client {

/// Site and meters from files: choose, look what would happen, then do it. The server checks every row before
/// it takes any, so a file with a fault changes nothing.
class ImportPresenter {
public:
    static constexpr std::size_t kFilesMax = 20;
    static constexpr std::size_t kBytesMax = 4 * 1024 * 1024;

    struct File {
        std::string name{};  ///< without its folder
        std::string content{};
    };
    enum class Step {
        choose,    ///< no files yet
        checking,  ///< the server looks at them
        faults,    ///< it found something: the list says what and where
        ready,     ///< it would do what the figures say
        importing,
        done
    };
    struct Figure {
        std::string words{};
        std::string number{};
    };
    struct Screen {
        Step step{Step::choose};
        std::vector<std::string> files{};  ///< "meters.csv · 12 kB"
        std::string sentence{};            ///< what happened, and what next
        std::vector<Figure> figures{};     ///< what will be made, or was made
        ListScreen faults{};               ///< file, line, column, what is wrong
        std::string failure{};             ///< the files could not be taken at all
        std::string import_words{};        ///< the button: "Import 200 meters"
        std::string off{};                 ///< not empty: the button is off, and why
    };

    explicit ImportPresenter(Context& context);
    ~ImportPresenter();

    [[nodiscard]] const Screen& screen() const { return screen_; }
    std::function<void()> on_changed;

    /// Replaces what was chosen before, and has it checked.
    void choose(std::vector<File> files);
    /// The same files again, read anew by the view.
    void check_again();
    void import();
    void start_over();
    /// The view could not read a file.
    void could_not_read(const std::string& sentence);
    [[nodiscard]] std::string csv() const { return to_csv(screen_.faults); }

private:
    void check();
    void show_faults(const v1::ImportResponse& answer);
    void show_figures(const v1::ImportResponse& answer);
    void tell();

    Context& context_;
    std::vector<File> files_;
    Screen screen_;
    Call check_;
    Change change_;
};

}  // namespace wutong::client
