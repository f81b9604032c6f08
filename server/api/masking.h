// Hides what must not be echoed or logged: inserted values, connector settings, passwords.
#pragma once

#include <string>
#include <string_view>

namespace thalweg::server {

// Works on any text, also on statements that do not parse:
//   INSERT … VALUES (1, 'x')             → INSERT … VALUES ('[value]', '[value]')
//   connector properties but the class   → '[string]'
//   'sasl.jaas.config' = 'secret'        → 'sasl.jaas.config' = '[string]'
std::string mask_statement(std::string_view sql);
// The same without the first: who sent a statement that failed has to find its values again.
std::string mask_secrets(std::string_view sql);

// "password", "secret", "token", "jaas", … in any case.
bool is_secret_name(std::string_view property);

}  // namespace thalweg::server
