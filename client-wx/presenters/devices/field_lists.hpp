#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/presenters/lists/item_list.hpp"

namespace wutong::v1 {
class Gateway;
class Meter;
}  // namespace wutong::v1

/// Gateways, channels and meters: what is in the field, and how well it answers.
namespace wutong::client {

class GatewaysPresenter : public ItemList<v1::Gateway> {
public:
    static constexpr std::chrono::milliseconds kEvery{10'000};

    explicit GatewaysPresenter(Context& context);
    ~GatewaysPresenter() override;
    /// The form that makes a new one.
    [[nodiscard]] std::unique_ptr<Form> new_form();

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
};

class ChannelsPresenter : public ListPresenter {
public:
    static constexpr std::chrono::milliseconds kEvery{5000};

    explicit ChannelsPresenter(Context& context);
    ~ChannelsPresenter() override;
    [[nodiscard]] std::unique_ptr<Form> new_form();
    /// @return null when the channel is not there
    [[nodiscard]] std::unique_ptr<Form> edit_form(std::int64_t channel);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;
    void opened() override;

private:
    struct Items;
    /// Which meter hangs on which channel: how many of them answer comes from the live stream.
    void load_meters(const std::string& page_token);

    std::unique_ptr<Items> items_;
    Call meters_call_;
    Call loads_call_;
};

class MetersPresenter : public ItemList<v1::Meter> {
public:
    static constexpr std::chrono::milliseconds kEvery{60'000};
    static constexpr std::chrono::milliseconds kRedrawEvery{3000};
    static constexpr std::size_t kRowsMax = 100'000;

    struct Extra {
        std::vector<FormOption> channels{};  ///< first: all
        std::string channel{};
        std::string role{};
        std::string text{};
        bool disabled_only{false};
    };

    explicit MetersPresenter(Context& context);
    ~MetersPresenter() override;

    [[nodiscard]] const Extra& extra() const { return extra_; }
    void search(const std::string& text);
    void choose_channel(const std::string& code);  ///< "": all
    void choose_role(const std::string& role);     ///< "": all
    void clear_filter();
    [[nodiscard]] std::unique_ptr<Form> new_form();
    [[nodiscard]] std::unique_ptr<Form> edit_form(std::int64_t meter);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;
    void opened() override;
    void closed() override;

private:
    Extra extra_;
    Timer redraw_;
    std::uint64_t drawn_revision_{0};
};

}  // namespace wutong::client
