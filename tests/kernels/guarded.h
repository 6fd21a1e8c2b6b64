#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include <doctest/doctest.h>

/// Values right before a page that nobody may touch: a kernel that reads or writes behind them
/// stops the program, as one does that reads behind the end of a mapped file. With
/// FOVEA_TEST_EMULATED set, the page may be read: QEMU loads the whole vector of AVX2's masked
/// load (vmaskmov) and so faults on lanes that a processor leaves alone.
template <typename T>
class Guarded {
 public:
  explicit Guarded(std::int64_t count) : count_(count) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const auto bytes = static_cast<std::size_t>(count) * sizeof(T);
    whole_ = (bytes + page - 1) / page * page + page;
    void* pages = mmap(nullptr, whole_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(pages != MAP_FAILED);
    pages_ = static_cast<char*>(pages);
    const int access = std::getenv("FOVEA_TEST_EMULATED") != nullptr ? PROT_READ : PROT_NONE;
    REQUIRE(mprotect(pages_ + whole_ - page, page, access) == 0);
    data_ = reinterpret_cast<T*>(pages_ + whole_ - page - bytes);
  }
  explicit Guarded(const std::vector<T>& values)
      : Guarded(static_cast<std::int64_t>(values.size())) {
    std::copy(values.begin(), values.end(), data_);
  }
  ~Guarded() { munmap(pages_, whole_); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  T* data() const { return data_; }
  T& operator[](std::int64_t i) const { return data_[i]; }
  std::vector<T> values() const { return {data_, data_ + count_}; }

 private:
  std::int64_t count_;
  std::size_t whole_;
  char* pages_;
  T* data_;
};
