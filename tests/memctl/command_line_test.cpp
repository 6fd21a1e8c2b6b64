// What is made of the command line: its description, completions, the manual, and what its values
// may be.
#include "memctl/command_line.h"

#include <doctest/doctest.h>

#include "memctl/checks.h"
#include "memctl/where.h"
#include "tests/memory/store_fixture.h"

using namespace fovea;
using namespace fovea::memctl;
using fovea::test::contains;
using fovea::test::error_of;

namespace {

/// A program with what the real one has of each kind, and texts with signs that shells know.
struct Program {
  Program() {
    app.add_option("--store", "The store's file")->type_name("FILE");
    app.add_flag("--json", flag, "Print JSON");
    auto* recall = app.add_subcommand("recall", "Read pages back");
    recall->add_option("-s,--source", source, "From: what's [there]")
        ->check(CLI::IsMember({"tokens", "archive"}));
    recall->add_option("id", ids, "Pages")->type_name("ID");
    recall->footer("Example:\n  memctl recall 1 --source tokens");
    auto* model = app.add_subcommand("model", "About the model");
    model->add_subcommand("check", "Is it sound?")->add_flag("--all", flag, "All of it");
    auto* shell = app.add_subcommand("completion", "Print a script");
    shell->add_option("shell", source, "A shell")->check(CLI::IsMember({"bash", "zsh"}));
  }
  DescribedVerb described() const { return describe(app); }

  CLI::App app{"keeps text"};
  std::string source;
  std::vector<std::string> ids;
  bool flag = false;
};

DescribedOption option_taking(const std::string& value) {
  DescribedOption option;
  option.value = value;
  return option;
}

std::string refusal(const CLI::Validator& check, std::string text) { return check(text); }

void require_values_of(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  require_values(static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

TEST_CASE("command line: verbs know their path, options their names, values and choices") {
  const DescribedVerb program = Program().described();
  CHECK(program.path.empty());
  CHECK(program.description == "keeps text");
  REQUIRE(program.verbs.size() == 3);
  CHECK(program.verbs[1].verbs.at(0).path == std::vector<std::string>{"model", "check"});
  const DescribedVerb& recall = program.verbs[0];
  REQUIRE(recall.options.size() == 3);  // with --help
  const DescribedOption& source = recall.options[1];
  CHECK(source.names == std::vector<std::string>{"--source", "-s"});
  CHECK(source.choices == std::vector<std::string>{"tokens", "archive"});
  CHECK(source.value == "TEXT");
  CHECK_FALSE(source.is_file());
  const DescribedOption& id = recall.options[2];
  CHECK(id.names.empty());
  CHECK(id.argument == "id");
  CHECK(id.value == "ID");
  CHECK(program.options[1].is_file());
  CHECK(program.options[2].value == "");  // a flag
}

TEST_CASE("command line: files are known by what stands for their value") {
  for (const char* value : {"FILE", "FILE...", "DIR", "POLICY", "TEXT.fvt"})
    CHECK(option_taking(value).is_file());
  for (const char* value : {"", "TEXT", "N", "NAME"}) CHECK_FALSE(option_taking(value).is_file());
}

TEST_CASE("completion: bash is told of values, of verbs below verbs and of an argument's words") {
  const std::string script = completion_for_bash(Program().described());
  CHECK(contains(script, "local valued=' --store --source -s ' above=' model '"));
  CHECK(contains(script, "    'recall')\n"));
  CHECK(contains(script,
                 "case $prev in --source|-s) COMPREPLY=($(compgen -W 'tokens archive' -- "
                 "\"$cur\")); return ;; esac"));
  CHECK(contains(script, "    'model')\n      options='--help -h'\n      words='check' ;;\n"));
  CHECK(contains(script, "    'model check')\n      options='--help -h --all'\n"));
  CHECK(contains(script, "words='--help -h bash zsh' ;;"));
  CHECK(contains(script, "    --store) return ;;\n"));
  CHECK(script.ends_with("complete -o default -F _memctl memctl\n"));
}

TEST_CASE("completion: zsh gets descriptions with its own signs escaped") {
  const std::string script = completion_for_zsh(Program().described());
  CHECK(script.starts_with("#compdef memctl\n"));
  CHECK(contains(script, "'*--source[From\\: what'\\''s \\[there\\]]:TEXT:(tokens archive)'"));
  CHECK(contains(script, "'*--store[The store'\\''s file]:FILE:_files'"));
  CHECK(contains(script, "'*:ID:'"));
  CHECK(contains(script, "'check:Is it sound?'"));
}

TEST_CASE(
    "completion: fish gets long and short names, and each verb once the verb above is there") {
  const std::string script = completion_for_fish(Program().described());
  CHECK(contains(script, "complete -c memctl -l store -rF -d 'The store\\'s file'\n"));
  CHECK(contains(script, "complete -c memctl -l json -d 'Print JSON'\n"));
  CHECK(contains(script,
                 "complete -c memctl -n '__fish_seen_subcommand_from recall' -l source -s s "
                 "-xa 'tokens archive' -d 'From: what\\'s [there]'\n"));
  CHECK(contains(script,
                 "-n '__fish_seen_subcommand_from model; and __fish_seen_subcommand_from "
                 "check' -l all -d 'All of it'\n"));
  CHECK(contains(script, "-n '__fish_seen_subcommand_from completion' -fa 'bash zsh'\n"));
}

TEST_CASE("manual: verbs are sections, arguments stand before options, help is left out") {
  const std::string page = manual_page(Program().described(), "1.2-rc1");
  CHECK(contains(page, ".TH MEMCTL 1 \"\" \"memctl 1.2\\-rc1\""));
  CHECK(contains(page, ".SH DESCRIPTION\nkeeps text\n"));
  CHECK(contains(page,
                 ".SS recall\nRead pages back.\n.TP\n\\fIID\\fR\nPages\n.TP\n"
                 "\\fB\\-\\-source\\fR, \\fB\\-s\\fR \\fItokens|archive\\fR\n"));
  CHECK(contains(page, "From: what\\(aqs [there]\n"));
  CHECK(contains(page, ".PP\nExample:\n.PP\n.nf\n  memctl recall 1 \\-\\-source tokens\n.fi\n"));
  CHECK(contains(page, ".SS model check\n"));
  CHECK_FALSE(contains(page, "\\-\\-help"));
}

TEST_CASE("manual: no text is taken for a request of roff") {
  DescribedOption argument;
  argument.argument = "thing";
  argument.description = ".B";
  DescribedVerb verb, program;
  verb.path = {"odd"};
  verb.description = ".so /etc/passwd\n'quoted' \\n ~^`\"";
  verb.options = {argument};
  program.verbs = {verb};
  const std::string page = manual_page(program, "1");
  CHECK(contains(page,
                 ".SS odd\n\\&.so /etc/passwd\n\\&\\(aqquoted\\(aq \\en "
                 "\\(ti\\(ha\\(ga\\(dq.\n"));
  CHECK(contains(page, ".TP\n\\fITHING\\fR\n\\&.B\n"));
}

TEST_CASE("checks: whole numbers within their limits, and nothing beside them") {
  const auto check = whole_number(1, 1'000'000);
  for (const char* right : {"1", "42", "1000000", "007"}) CHECK(refusal(check, right) == "");
  for (const char* wrong : {"0", "-1", "1000001", " 1", "1 ", "+1", "1.0", "1e3", "0x10", "abc",
                            "99999999999999999999999", "1,000", "\xD9\xA1"}) {
    CAPTURE(wrong);
    CHECK(refusal(check, wrong) ==
          std::string("expected a whole number from 1 to 1,000,000, got ") + wrong);
  }
  CHECK(refusal(check, "") == "expected a whole number from 1 to 1,000,000, got nothing");
  for (const char* right : {"64", "80", "106", "128", "160"})
    CHECK(refusal(columns(), right) == "");
  for (const char* wrong : {"0", "65", "0106", " 64", "64.0"})
    CHECK(contains(refusal(columns(), wrong), "expected 64, 80, 106, 128 or 160 columns"));
  CHECK(contains(refusal(whole_number(-5, 5), "9"), "from -5 to 5"));
  CHECK(refusal(whole_number(-5, 5), "-5") == "");
}

TEST_CASE("checks: numbers with a point, and no infinity") {
  const auto check = number(0, 0.5);
  for (const char* right : {"0", "0.25", ".5", "5e-1", "0.0"}) CHECK(refusal(check, right) == "");
  for (const char* wrong : {"0.51", "-0.1", "nan", "inf", "", "0,5", "0.5x", "half"}) {
    CAPTURE(wrong);
    CHECK(contains(refusal(check, wrong), "expected a number from 0 to 0.5, got "));
  }
}

TEST_CASE("checks: a page's number may be 0, but no other word") {
  for (const char* right : {"0", "1", "9223372036854775807"})
    CHECK(refusal(page_number(), right) == "");
  for (const char* wrong : {"-1", "9223372036854775808", "one", "1-3"})
    CHECK(contains(refusal(page_number(), wrong), "expected the number of a page, got "));
}

TEST_CASE("checks: an option without anything in it is refused by its name") {
  CHECK_NOTHROW(require_values_of({"memctl", "--store", "a.db", "--json"}));
  CHECK_NOTHROW(require_values_of({"memctl", "--query=a=", "--", "--store="}));
  CHECK_NOTHROW(require_values_of({"memctl"}));
  CHECK_THROWS_WITH_AS(require_values_of({"memctl", "recall", "--store="}),
                       doctest::Contains("--store: the value is empty"), CLI::ValidationError);
  Program program;
  std::vector<std::string> words{"", "--store"};  // CLI11 takes them from the end
  program.app.parse(words);
  CHECK_THROWS_WITH_AS(require_values(program.app), doctest::Contains("--store"),
                       CLI::ValidationError);
  Program below;
  words = {"", "recall"};
  below.app.parse(words);
  CHECK_THROWS_WITH_AS(require_values(below.app), doctest::Contains("id: the value is empty"),
                       CLI::ValidationError);
}

TEST_CASE("where: conditions come one by one, in their order") {
  CLI::App app;
  std::vector<std::string> where;
  add_where(app, where);
  std::vector<std::string> words{"time < 2026-01-01", "--where", "role = user", "--where"};
  app.parse(words);
  const auto conditions = conditions_of(where);
  REQUIRE(conditions.size() == 2);
  CHECK(contains(error_of([] { conditions_of({"role = user", "nonsense"}); })->what(), "nonsense"));
  CHECK(conditions_of({}).empty());
}
