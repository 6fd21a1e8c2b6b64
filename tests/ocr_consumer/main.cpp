#include <exception>
#include <iostream>

#include "fovea/error.h"
#include "fovea/grounding.h"
#include "fovea/ocr.h"

// Opens a picture; a checkpoint that reads none says so.
int main(int argc, char** argv) try {
  if (argc != 3) return 2;
  const fovea::Picture picture = fovea::PictureFile(argv[1]).page(1);
  std::cout << picture.width << " x " << picture.height << '\n'
            << fovea::plain_text("<|ref|>title<|/ref|><|det|>[[0, 0, 9, 9]]<|/det|>\nHarbour", {})
            << '\n';
  try {
    const fovea::Ocr ocr(argv[2]);
  } catch (const fovea::Error& error) {
    return error.code() == fovea::ErrorCode::unsupported ? 0 : 1;
  }
  return 1;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
