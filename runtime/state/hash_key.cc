#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/state/state_store.h"

namespace thalweg::runtime {

std::uint64_t hash_key(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace thalweg::runtime
