#pragma once

#include <string>
#include <string_view>

/// Operators' passwords: scrypt, a memory-hard hash, with its parameters in the stored text, so that they can
/// be raised later without making anybody's password invalid.
namespace wutong::server {

struct ScryptCost {
    int log2_n = 15;  ///< with r = 8: 32 MB and some 0.1 s for one guess
    int r = 8;
    int p = 1;
};

inline constexpr std::size_t kPasswordBytesMin = 8;
inline constexpr std::size_t kPasswordBytesMax = 256;

/// "scrypt$15$8$1$<salt, hex>$<hash, hex>", with a new random salt each time.
[[nodiscard]] std::string hash_password(std::string_view password, ScryptCost cost = {});

/// Compares in constant time.
/// @throws std::invalid_argument for a stored text that hash_password didn't make, or whose cost is beyond
/// what this server would pay (log2_n over 20)
[[nodiscard]] bool verify_password(std::string_view password, const std::string& stored);

/// Takes the same time as verify_password for a stored password of today's cost, and is always false: what an
/// unknown operator costs must not tell that there is none.
bool verify_nobody(std::string_view password);

/// True when the stored text was made with a lower cost than today's.
[[nodiscard]] bool needs_rehash(const std::string& stored);

/// 32 random bytes from the operating system, as 64 hex digits.
[[nodiscard]] std::string random_token();

}  // namespace wutong::server
