// One function per family of built-ins; each lives in the file named after it.
#pragma once

#include "runtime/functions/library.h"

namespace thalweg::runtime {

void add_conditional_functions(FunctionLibrary& library);
void add_math_functions(FunctionLibrary& library);
void add_rounding_functions(FunctionLibrary& library);
void add_extremum_functions(FunctionLibrary& library);
void add_text_functions(FunctionLibrary& library);
void add_text_search_functions(FunctionLibrary& library);
void add_text_composition_functions(FunctionLibrary& library);
void add_masking_functions(FunctionLibrary& library);
void add_bytes_functions(FunctionLibrary& library);
void add_encoding_functions(FunctionLibrary& library);
void add_regex_functions(FunctionLibrary& library);
void add_array_functions(FunctionLibrary& library);
void add_array_set_functions(FunctionLibrary& library);
void add_map_functions(FunctionLibrary& library);
void add_lambda_functions(FunctionLibrary& library);
void add_json_functions(FunctionLibrary& library);
void add_json_text_functions(FunctionLibrary& library);
void add_url_functions(FunctionLibrary& library);
void add_date_functions(FunctionLibrary& library);
void add_time_format_functions(FunctionLibrary& library);
void add_geo_functions(FunctionLibrary& library);
void add_counting_aggregates(FunctionLibrary& library);
void add_extremum_aggregates(FunctionLibrary& library);
void add_statistics_aggregates(FunctionLibrary& library);
void add_collection_aggregates(FunctionLibrary& library);
void add_top_aggregates(FunctionLibrary& library);
void add_offset_aggregates(FunctionLibrary& library);
void add_distinct_count_aggregates(FunctionLibrary& library);
void add_table_functions(FunctionLibrary& library);

}  // namespace thalweg::runtime
