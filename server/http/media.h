// Accept negotiation: which of the produced media types a client gets.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace thalweg::server {

// `accept` is sorted by q (stable); the first entry that matches a produced type decides, a wildcard
// takes the first one. Parameters other than q are ignored, q=0 entries dropped. nullopt: not acceptable.
std::optional<std::size_t> choose_media_type(std::string_view accept,
                                             std::span<const std::string_view> produced);

}  // namespace thalweg::server
