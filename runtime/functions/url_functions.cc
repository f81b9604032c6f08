// URL_EXTRACT_*, URL_ENCODE_PARAM, URL_DECODE_PARAM.
#include "runtime/functions/families.h"
#include "runtime/functions/scalar.h"
#include "runtime/functions/uri.h"

namespace thalweg::runtime {
namespace {

using MaybeText = std::optional<std::string>;

MaybeText decoded(std::optional<std::string_view> part) {
  if (!part) return std::nullopt;
  return percent_decode(*part, false);
}
MaybeText as_written(std::optional<std::string_view> part) {
  if (!part) return std::nullopt;
  return std::string(*part);
}

// An overload that takes one part out of a URL.
template <typename Part>
Overload part_of(Part part) {
  return scalar([part](std::string_view text) -> Result<std::invoke_result_t<Part, const Uri&>> {
    THALWEG_TRY(const Uri uri, parse_uri(text));
    return part(uri);
  });
}

// The query is decoded first, then cut: as the reference does, even though %26 then separates.
MaybeText parameter(const Uri& uri, std::string_view wanted) {
  const MaybeText query = decoded(uri.query);
  if (!query) return std::nullopt;
  for (std::string_view rest = *query;;) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) == wanted) {
      return equals == pair.npos ? std::string() : std::string(pair.substr(equals + 1));
    }
    if (end == rest.npos) return std::nullopt;
    rest.remove_prefix(end + 1);
  }
}

void add_address_parts(FunctionLibrary& library) {
  const std::string sample = "('http://Ada@river.org:8080/a%20b/c?x=1&y=2#top')";
  library.add({.name = "url_extract_protocol",
               .category = "URL",
               .doc = "The scheme of a URL.",
               .arguments = {"input"},
               .overloads = {part_of([](const Uri& uri) { return as_written(uri.scheme); })},
               .examples = {{"url_extract_protocol" + sample, "http"}}});
  library.add({.name = "url_extract_host",
               .category = "URL",
               .doc = "The server name of a URL.",
               .arguments = {"input"},
               .overloads = {part_of([](const Uri& uri) { return as_written(uri.host); })},
               .examples = {{"url_extract_host" + sample, "river.org"}}});
  library.add({.name = "url_extract_port",
               .category = "URL",
               .doc = "The port of a URL.",
               .arguments = {"input"},
               .overloads = {part_of([](const Uri& uri) { return uri.port; })},
               .examples = {{"url_extract_port" + sample, "8080"}}});
  library.add({.name = "url_extract_path",
               .category = "URL",
               .doc = "The decoded path of a URL.",
               .arguments = {"input"},
               .overloads = {part_of([](const Uri& uri) -> MaybeText {
                 if (uri.opaque) return std::nullopt;
                 return decoded(uri.path);
               })},
               .examples = {{"url_extract_path" + sample, "/a b/c"}}});
}

void add_query_parts(FunctionLibrary& library) {
  library.add({.name = "url_extract_query",
               .category = "URL",
               .doc = "The decoded query of a URL.",
               .arguments = {"input"},
               .overloads = {part_of([](const Uri& uri) { return decoded(uri.query); })},
               .examples = {{"url_extract_query('http://river.org/?a=b%20c')", "a=b c"}}});
  library.add({.name = "url_extract_fragment",
               .category = "URL",
               .doc = "The decoded fragment of a URL.",
               .arguments = {"input"},
               .overloads = {part_of([](const Uri& uri) { return decoded(uri.fragment); })},
               .examples = {{"url_extract_fragment('http://river.org/#top')", "top"}}});
  library.add({.name = "url_extract_parameter",
               .category = "URL",
               .doc = "The value of the first query parameter of that name; '' if it has none.",
               .arguments = {"input", "paramToFind"},
               .overloads = {scalar([](std::string_view text, std::string_view wanted) -> Result<MaybeText> {
                 THALWEG_TRY(const Uri uri, parse_uri(text));
                 return parameter(uri, wanted);
               })},
               .examples = {{"url_extract_parameter('http://river.org/?x=1&y=2', 'y')", "2"}}});
}

}  // namespace

void add_url_functions(FunctionLibrary& library) {
  add_address_parts(library);
  add_query_parts(library);

  library.add({.name = "url_encode_param",
               .category = "URL",
               .doc = "A text as it is written in a URL's query.",
               .arguments = {"input"},
               .overloads = {scalar([](std::string_view text) { return form_encode(text); })},
               .examples = {{"url_encode_param('a b&c~')", "a+b%26c%7E"}}});
  library.add({.name = "url_decode_param",
               .category = "URL",
               .doc = "The text that a part of a URL's query stands for.",
               .arguments = {"input"},
               .overloads = {scalar([](std::string_view text) -> Result<std::string> {
                 auto plain = percent_decode(text, true);
                 if (!plain) return row_error("bad escape in URL parameter: " + std::string(text));
                 return std::move(*plain);
               })},
               .examples = {{"url_decode_param('a+b%26c')", "a b&c"}}});
}

}  // namespace thalweg::runtime
