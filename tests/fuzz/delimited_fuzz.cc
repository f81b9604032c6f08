#include "payload_fuzz.h"

using thalweg::planner::SqlKind;
using thalweg::planner::SqlType;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static thalweg::runtime::PayloadFuzz fuzz("DELIMITED", {{"A", SqlKind::kString},
                                                          {"B", SqlKind::kBigint},
                                                          {"C", SqlKind::kDouble},
                                                          {"D", SqlType::decimal(20, 4)},
                                                          {"E", SqlKind::kString},
                                                          {"F", SqlKind::kBytes},
                                                          {"G", SqlKind::kBoolean},
                                                          {"H", SqlKind::kTime}});
  fuzz.run({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
