#include "shell/json_text.h"

#include <gtest/gtest.h>

#include "shell/row_printer.h"

namespace thalweg::shell {
namespace {

using Names = std::vector<std::string>;

TEST(JsonText, ElementsKeepTheirDigits) {
  const auto elements =
      array_elements(R"({"row":{"columns":["a,]",10.10,1.0E10,null,[1,2],{"x":"]"}]}})", "columns");
  ASSERT_EQ(elements.size(), 6u);
  EXPECT_EQ(cell_of(elements[0]), "a,]");
  EXPECT_EQ(cell_of(elements[1]), "10.10");
  EXPECT_EQ(cell_of(elements[2]), "1.0E10");
  EXPECT_EQ(cell_of(elements[3]), "null");
  EXPECT_EQ(cell_of(elements[4]), "[1,2]");
  EXPECT_EQ(cell_of(elements[5]), R"({"x":"]"})");
}

TEST(JsonText, EmptyAndMissingArrays) {
  EXPECT_TRUE(array_elements(R"({"columns":[]})", "columns").empty());
  EXPECT_TRUE(array_elements(R"({"rows":[1]})", "columns").empty());
}

TEST(JsonText, EscapesBecomeText) { EXPECT_EQ(cell_of(R"("a\"b\n\u00e4")"), "a\"b\nä"); }

TEST(JsonText, PrettyPrintTouchesNoValue) {
  EXPECT_EQ(pretty_json(R"({"a":[1.50,{}],"b":"x:{y"})"),
            "{\n  \"a\" : [\n    1.50,\n    {}\n  ],\n  \"b\" : \"x:{y\"\n}");
}

TEST(JsonText, NamesOfASchema) {
  EXPECT_EQ(schema_names("`A` STRING KEY, `B` STRUCT<`F` INTEGER, `G` STRING>, `C``D` DECIMAL(4, 2)"),
            (Names{"A", "B", "C`D"}));
  EXPECT_EQ(schema_names(""), Names{});
}

TEST(StreamedRows, TheObjectInALine) {
  EXPECT_EQ(streamed_object(R"([{"header":{}},)"), R"({"header":{}})");
  EXPECT_EQ(streamed_object(R"({"row":{"columns":[1]}}])"), R"({"row":{"columns":[1]}})");
  EXPECT_EQ(streamed_object("]"), "");
}

}  // namespace
}  // namespace thalweg::shell
