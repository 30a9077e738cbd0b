#pragma once

#include <functional>
#include <string>

#include "client-wx/presenters/context.hpp"

namespace wutong::client {

/// Changing one's own password.
class PasswordPresenter {
public:
    static constexpr std::size_t length_min = 8;
    struct Screen {
        std::string old_error, new_error, repeat_error, error;
        bool busy{false};
        bool done{false};
    };
    PasswordPresenter(Context& context, std::function<void()> on_changed);
    PasswordPresenter(const PasswordPresenter&) = delete;
    PasswordPresenter& operator=(const PasswordPresenter&) = delete;

    void change(const std::string& old_password, const std::string& new_password,
                const std::string& repeated);
    [[nodiscard]] const Screen& screen() const { return screen_; }

private:
    Context& context_;
    std::function<void()> changed_;
    Screen screen_;
    Call call_;
};

}  // namespace wutong::client
