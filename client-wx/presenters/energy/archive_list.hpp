#pragma once

#include <cstdint>
#include <string>

#include "client-wx/presenters/change.hpp"
#include "client-wx/presenters/lists/item_list.hpp"

namespace wutong::v1 {
class Archive;
class ArchiveMonth;
}  // namespace wutong::v1

namespace wutong::client {

/// Readings of past months and where they lie; for those who look after the installation.
class ArchivePresenter final : public ItemList<v1::ArchiveMonth> {
public:
    explicit ArchivePresenter(Context& context);
    ~ArchivePresenter() override;

    [[nodiscard]] bool may_look() const { return context_.session.may("parameter.read"); }
    [[nodiscard]] bool may_change() const { return context_.session.may("parameter.write"); }
    [[nodiscard]] bool busy() const { return change_.busy(); }
    /// Nothing of this property is moved or forgotten.
    [[nodiscard]] bool held() const { return held_; }
    /// How large it is and what the last round did, in sentences.
    [[nodiscard]] const std::string& summary() const { return summary_; }
    [[nodiscard]] bool in_trouble() const { return in_trouble_; }  ///< the last round met an error

    /// A round now, instead of within ten minutes.
    void start();
    void hold(bool held);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    void take(const v1::Archive& archive);

    Change change_;
    std::string summary_;
    bool held_{false}, in_trouble_{false};
};

}  // namespace wutong::client
