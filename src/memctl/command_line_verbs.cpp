#include "memctl/command_line.h"
#include "memctl/output.h"
#include "memctl/session.h"

namespace fovea::memctl {
namespace {

/// The text is the result: --json has nothing to add.
int print_for(const CLI::App& app, const std::string& shell) {
  const DescribedVerb program = describe(app);
  write_out(shell == "bash"  ? completion_for_bash(program)
            : shell == "zsh" ? completion_for_zsh(program)
                             : completion_for_fish(program));
  return kOk;
}

}  // namespace

void add_command_line_verbs(CLI::App& app, Session& session) {
  auto shell = std::make_shared<std::string>();
  auto* completion =
      add_verb(app, "completion", "Print a shell completion script for memctl",
               "memctl completion bash > ~/.local/share/bash-completion/completions/memctl");
  completion->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([&app, &session, shell] {
    session.run = [&app, shell] { return print_for(app, *shell); };
  });
  add_verb(app, "man", "Print the manual page", "memctl man | man -l -")->callback([&app, &session] {
    session.run = [&app] {
      write_out(manual_page(describe(app), FOVEA_VERSION));
      return kOk;
    };
  });
}

}  // namespace fovea::memctl
