// Scripts that complete command lines, in the languages of three shells.

#include "memctl/command_line.h"

namespace fovea::memctl {
namespace {

std::string joined(const std::vector<std::string>& words, const std::string& between = " ") {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : between) + word;
  return all;
}

std::string names_of(const std::vector<DescribedOption>& options) {
  std::vector<std::string> names;
  for (const DescribedOption& option : options)
    names.insert(names.end(), option.names.begin(), option.names.end());
  return joined(names);
}

std::string names_of(const std::vector<DescribedVerb>& verbs) {
  std::vector<std::string> names;
  for (const DescribedVerb& verb : verbs) names.push_back(verb.path.back());
  return joined(names);
}

void collect_valued(const DescribedVerb& verb, std::vector<std::string>& names) {
  for (const DescribedOption& option : verb.options) {
    if (!option.value.empty()) names.insert(names.end(), option.names.begin(), option.names.end());
  }
  for (const DescribedVerb& below : verb.verbs) collect_valued(below, names);
}

/// A text with `quote` before each of `special`.
std::string escaped(const std::string& text, const std::string& special, const std::string& quote) {
  std::string result;
  for (const char c : text) {
    if (special.find(c) != std::string::npos) result += quote;
    result += c;
  }
  return result;
}

/// In single quotes, for zsh; fish wants a backslash before one instead of '\''.
std::string in_quotes(const std::string& text, bool fish = false) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'')
      result += fish ? "\\'" : "'\\''";
    else if (c == '\\' && fish)
      result += "\\\\";
    else
      result += c;
  }
  return result + "'";
}

void add_bash_case(const DescribedVerb& verb, std::string& script) {
  script += "    " + in_quotes(joined(verb.path)) + ")\n";
  for (const DescribedOption& option : verb.options) {
    if (option.value.empty() || option.names.empty()) continue;
    script += "      case $prev in " + joined(option.names, "|") + ") ";
    if (!option.choices.empty())
      script += "COMPREPLY=($(compgen -W '" + joined(option.choices) + "' -- \"$cur\")); ";
    script += "return ;; esac\n";
  }
  std::string words = names_of(verb.options);
  if (!verb.verbs.empty()) words = names_of(verb.verbs);
  for (const DescribedOption& option : verb.options) {
    if (option.names.empty() && !option.choices.empty()) words += " " + joined(option.choices);
  }
  script += "      options='" + names_of(verb.options) + "'\n";
  script += "      words='" + words + "' ;;\n";
  for (const DescribedVerb& below : verb.verbs) add_bash_case(below, script);
}

std::string zsh_option(const DescribedOption& option) {
  const std::string text = escaped(option.description, "[]:\\", "\\");
  std::string value;
  if (!option.value.empty()) {
    value = ":" + escaped(option.value, ":\\", "\\") + ":";
    if (!option.choices.empty())
      value += "(" + joined(option.choices) + ")";
    else if (option.is_file())
      value += "_files";
  }
  if (option.names.empty()) return " \\\n      " + in_quotes("*" + (value.empty() ? ":argument:" : value));
  std::string all;
  for (const std::string& name : option.names)
    all += " \\\n      " + in_quotes("*" + name + "[" + text + "]" + value);
  return all;
}

std::string zsh_options(const DescribedVerb& verb, const DescribedVerb& program) {
  std::string options;
  for (const DescribedOption& option : verb.options) options += zsh_option(option);
  for (const DescribedOption& option : program.options) {
    if (&verb != &program && option.names.front() != "--help" && option.names.front() != "-h")
      options += zsh_option(option);
  }
  return options;
}

std::string zsh_verbs(const DescribedVerb& verb, const std::string& indent) {
  std::string list;
  for (const DescribedVerb& below : verb.verbs)
    list += "\n" + indent + in_quotes(below.path.back() + ":" + escaped(below.description, ":\\", "\\"));
  return list;
}

void add_zsh_case(const DescribedVerb& verb, const DescribedVerb& program, std::string& script) {
  script += "    " + verb.path.back() + ")\n";
  if (verb.verbs.empty()) {
    script += "      _arguments -s" + zsh_options(verb, program) + " ;;\n";
    return;
  }
  script += "      if (( CURRENT == 2 )); then\n        local -a below=(" + zsh_verbs(verb, "          ") +
            ")\n        _describe verb below\n      else\n        shift words; (( CURRENT-- ))\n"
            "        case $words[1] in\n";
  for (const DescribedVerb& below : verb.verbs) add_zsh_case(below, program, script);
  script += "        esac\n      fi ;;\n";
}

std::string fish_option(const DescribedOption& option, const std::string& when) {
  std::string line = "complete -c memctl" + when;
  for (const std::string& name : option.names)
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (!option.choices.empty())
    line += " -xa " + in_quotes(joined(option.choices), true);
  else if (option.is_file())
    line += " -rF";
  else if (!option.value.empty())
    line += " -x";
  return line + " -d " + in_quotes(option.description, true) + "\n";
}

void add_fish_verb(const DescribedVerb& verb, std::string& script) {
  std::string seen;
  for (const std::string& name : verb.path) seen += (seen.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + name);
  const std::string when = " -n " + in_quotes(seen, true);
  for (const DescribedOption& option : verb.options) {
    if (!option.names.empty()) {
      script += fish_option(option, when);
    } else if (!option.choices.empty()) {
      script += "complete -c memctl" + when + " -fa " + in_quotes(joined(option.choices), true) + "\n";
    }
  }
  for (const DescribedVerb& below : verb.verbs) {
    script += "complete -c memctl" + when + " -fa " + below.path.back() + " -d " +
              in_quotes(below.description, true) + "\n";
    add_fish_verb(below, script);
  }
}

}  // namespace

std::string completion_for_bash(const DescribedVerb& program) {
  std::vector<std::string> valued;
  collect_valued(program, valued);
  std::string script =
      "# Completes memctl's command lines in bash; made by `memctl completion bash`.\n"
      "_memctl() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local verb='' options='' words='' i\n"
      "  local globals='" + names_of(program.options) + "'\n"
      "  local valued=' " + joined(valued) + " ' above=' ";
  for (const DescribedVerb& verb : program.verbs) {
    if (!verb.verbs.empty()) script += verb.path.back() + " ";
  }
  script +=
      "'\n"
      "  COMPREPLY=()\n"
      "  [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
      "  [[ $cur == = ]] && cur=''\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    case ${COMP_WORDS[i]} in\n"
      "      =) ((++i)) ;;\n"
      "      -*) [[ $valued == *\" ${COMP_WORDS[i]} \"* && ${COMP_WORDS[i+1]} != = ]] && ((++i)) ;;\n"
      "      *) if [[ -z $verb ]]; then verb=${COMP_WORDS[i]}\n"
      "         elif [[ $above == *\" $verb \"* ]]; then verb+=\" ${COMP_WORDS[i]}\"; fi ;;\n"
      "    esac\n"
      "  done\n"
      "  case $verb in\n";
  script += "    '') ;;\n";
  for (const DescribedVerb& verb : program.verbs) add_bash_case(verb, script);
  script +=
      "    *) return ;;\n"
      "  esac\n"
      "  case $prev in\n";
  for (const DescribedOption& option : program.options) {
    if (!option.value.empty() && !option.names.empty())
      script += "    " + joined(option.names, "|") + ") return ;;\n";
  }
  script +=
      "  esac\n"
      "  if [[ $cur == -* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$options $globals\" -- \"$cur\"))\n"
      "  elif [[ -z $verb ]]; then\n"
      "    COMPREPLY=($(compgen -W '" + names_of(program.verbs) + "' -- \"$cur\"))\n"
      "  elif [[ $words != \"$options\" ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
      "  fi\n"
      "}\n"
      "complete -o default -F _memctl memctl\n";
  return script;
}

std::string completion_for_zsh(const DescribedVerb& program) {
  std::string script =
      "#compdef memctl\n"
      "# Completes memctl's command lines in zsh; made by `memctl completion zsh`.\n"
      "_memctl() {\n"
      "  local curcontext=$curcontext state line\n"
      "  typeset -A opt_args\n"
      "  local -a verbs=(" + zsh_verbs(program, "    ") + ")\n"
      "  _arguments -C" + zsh_options(program, program) +
      " \\\n      '1: :->verb' '*:: :->rest'\n"
      "  case $state in\n"
      "  verb) _describe verb verbs ;;\n"
      "  rest)\n"
      "    case $words[1] in\n";
  for (const DescribedVerb& verb : program.verbs) add_zsh_case(verb, program, script);
  return script + "    esac ;;\n  esac\n}\n_memctl \"$@\"\n";
}

std::string completion_for_fish(const DescribedVerb& program) {
  std::string script = "# Completes memctl's command lines in fish; made by `memctl completion fish`.\n";
  for (const DescribedOption& option : program.options) script += fish_option(option, "");
  for (const DescribedVerb& verb : program.verbs) {
    script += "complete -c memctl -n __fish_use_subcommand -fa " + verb.path.back() + " -d " +
              in_quotes(verb.description, true) + "\n";
    add_fish_verb(verb, script);
  }
  return script;
}

}  // namespace fovea::memctl
