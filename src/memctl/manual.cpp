// The manual page, in man's macros.

#include <algorithm>
#include <cctype>

#include "memctl/command_line.h"

namespace fovea::memctl {
namespace {

/// A text as roff takes it, safe at the beginning of a line.
std::string roff(const std::string& text) {
  std::string result;
  bool at_line_start = true;
  for (const char c : text) {
    if (at_line_start && (c == '.' || c == '\'')) result += "\\&";
    at_line_start = c == '\n';
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else if (c == '`')
      result += "\\(ga";
    else if (c == '\'')
      result += "\\(aq";
    else if (c == '"')
      result += "\\(dq";
    else if (c == '^')
      result += "\\(ha";
    else if (c == '~')
      result += "\\(ti";
    else
      result += c;
  }
  return result;
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + roff(text) + "\\fR"; }

std::string value_of(const DescribedOption& option) {
  if (option.choices.empty()) return option.value;
  std::string all;
  for (const std::string& choice : option.choices) all += (all.empty() ? "" : "|") + choice;
  return all;
}

std::string entry(const DescribedOption& option) {
  std::string head;
  for (const std::string& name : option.names) head += (head.empty() ? "" : ", ") + bold(name);
  if (option.names.empty())
    head = italic(option.value.empty() ? upper(option.argument) : value_of(option));
  else if (!option.value.empty())
    head += " " + italic(value_of(option));
  return ".TP\n" + head + "\n" + roff(option.description) + "\n";
}

std::string entries(const DescribedVerb& verb) {
  std::string text;
  for (const DescribedOption& option : verb.options) {
    if (option.names.empty()) text += entry(option);
  }
  for (const DescribedOption& option : verb.options) {
    const bool is_help = std::ranges::find(option.names, "--help") != option.names.end();
    if (!option.names.empty() && !is_help) text += entry(option);
  }
  return text;
}

std::string verb_name(const DescribedVerb& verb) {
  std::string name;
  for (const std::string& part : verb.path) name += (name.empty() ? "" : " ") + part;
  return name;
}

/// The lines of a footer below "Example:".
std::string example_of(const std::string& footer) {
  constexpr std::string_view kExample = "Example:\n";
  const std::size_t at = footer.find(kExample);
  if (at == std::string::npos) return "";
  return ".PP\nExample:\n.PP\n.nf\n" + roff(footer.substr(at + kExample.size())) + "\n.fi\n";
}

std::string section(const DescribedVerb& verb) {
  std::string text = ".SS " + roff(verb_name(verb)) + "\n" + roff(verb.description) + ".\n" +
                     entries(verb) + example_of(verb.footer);
  for (const DescribedVerb& below : verb.verbs) text += section(below);
  return text;
}

constexpr const char* kEnvironment = R"(.SH ENVIRONMENT
.TP
\fBFOVEA_STORE\fR
The store file if \fB\-\-store\fR is not given.
.TP
\fBFOVEA_MODEL\fR
The checkpoint folder if \fB\-\-model\fR is not given.
.TP
\fBFOVEA_KEY\fR
The key of an encrypted store if \fB\-\-key\-file\fR is not given.
.TP
\fBFOVEA_TARGETS\fR
The file of counting rules for \fBcontext \-\-target\fR.
.SH EXIT STATUS
.TP
0
Success.
.TP
1
The system refused, or another failure.
.TP
2
The command line or an argument is invalid.
.TP
3
A file, store, page or scope does not exist.
.TP
4
A file, store or checkpoint is damaged.
.TP
130
Interrupted; the store is sound, and the same command resumes from there.
)";

}  // namespace

std::string manual_page(const DescribedVerb& program, const std::string& version) {
  std::string page = ".\\\" Made by `memctl man`.\n.TH MEMCTL 1 \"\" \"memctl " + roff(version) +
                     "\" \"User Commands\"\n.SH NAME\nmemctl \\- keep long text history as vision tokens\n"
                     ".SH SYNOPSIS\n\\fBmemctl\\fR [\\fIOPTION\\fR...] \\fIVERB\\fR [\\fIARGUMENT\\fR...]\n"
                     ".SH DESCRIPTION\n" + roff(program.description) + "\n";
  page +=
      ".PP\nResults go to standard output, all other messages to standard error; with \\fB\\-\\-json\\fR the result "
      "is one JSON document.\n.SH OPTIONS\nThese options may come before or after the verb.\n" +
      entries(program) + ".SH VERBS\n";
  for (const DescribedVerb& verb : program.verbs) page += section(verb);
  return page + kEnvironment;
}

}  // namespace fovea::memctl
