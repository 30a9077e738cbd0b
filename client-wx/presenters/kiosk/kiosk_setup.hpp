#pragma once

#include <functional>
#include <string>

#include "client-wx/presenters/context.hpp"
#include "client-wx/presenters/kiosk/kiosk_step.hpp"

namespace wutong::v1 {
class KioskHome;
}

namespace wutong::client {

/// First start of a kiosk, by an operator: which server, whether its certificate is the right one, and the
/// code that `wutongctl kiosk register` has shown.
class KioskSetup final : public KioskStep {
public:
    /// @param done with the kiosk's start page once it is registered; its key is in the preferences then
    KioskSetup(Context& context, std::function<void()> changed,
               std::function<void(const v1::KioskHome&)> done);

    /// Asks for the code alone when a server is known already.
    void begin();
    void end();

    void type(std::string_view utf8) override;
    void erase() override;
    void clear() override;
    void go_on() override;
    void go_back() override;
    void choose(std::size_t choice) override;
    void fill(KioskScreen& screen) const override;

private:
    void ask_certificate();
    void trust();
    void activate();
    void enter(KioskStage stage);
    void failed(const Fault& fault);
    KioskEntry& entry() { return stage_ == KioskStage::server ? address_ : code_; }

    Context& context_;
    std::function<void()> changed_;
    std::function<void(const v1::KioskHome&)> done_;
    KioskStage stage_{KioskStage::server};
    KioskEntry address_{100};
    KioskEntry code_{12};
    std::string fingerprint_;
    std::string message_;
    bool busy_{false};
    Call call_;
};

/// "kiosk_" and 64 hex digits from the operating system's random source.
[[nodiscard]] std::string new_device_key();

}  // namespace wutong::client
