#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>

#include "fovea/history.h"
#include "fovea/memory.h"

// Turns a text into vision tokens, keeps nothing else, finds a page again and reads it back.
int main(int argc, char** argv) try {
  if (argc != 2) {
    std::cerr << "usage: quickstart TEXT_FILE\n";
    return 2;
  }
  std::ifstream file(argv[1]);
  const std::string text{std::istreambuf_iterator<char>(file), {}};

  fovea::Memory memory("quickstart.db", FOVEA_MODEL, {.user = "me"});
  const fovea::MemoryOptions options{.archive = fovea::Archive::drop};  // only vision tokens
  fovea::HistoryReader history(argv[1]);       // a text, a chat, a session of a coding agent
  auto result = memory.add(history, options);  // memory.add("Good morning", "user") adds a message
  result += memory.finish(options);            // the end of the text, a part-filled page
  std::cout << result.text_tokens << " text tokens became " << result.vision_tokens
            << " vision tokens on " << result.pages << " pages\n";

  for (const auto& hit : memory.search("lighthouse", 1)) {
    const auto page = memory.recall({hit.id}, fovea::Source::tokens).at(0);
    std::cout << "best page: " << hit.id << ", read with confidence " << page.confidence << '\n';
  }
  std::string recovered;
  for (const auto& page : memory.recall_all(fovea::Source::tokens)) recovered += page.text;
  std::cout << "original:  " << text.substr(0, 100) << "\nrecovered: " << recovered.substr(0, 100)
            << "\naccuracy:  " << fovea::accuracy(text, recovered) << '\n';
} catch (const std::exception& error) {
  std::cerr << "quickstart: " << error.what() << '\n';
  return 1;
}
