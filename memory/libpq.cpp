#include "memory/libpq.h"

#include <dlfcn.h>

#include <string>

#include "fovea/error.h"

namespace fovea {
namespace {

[[noreturn]] void throw_no_libpq(const char* what) {
  throw Error(ErrorCode::unsupported,
              std::string("a store on a PostgreSQL server needs its client library libpq.so.5 (") +
                  (what ? what : "unknown") + "); install it (Debian: libpq5)");
}

template <class Function>
void find_in(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (!function) throw_no_libpq(dlerror());
}

Libpq open_libpq() {
  void* library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);  // stays open
  if (!library) throw_no_libpq(dlerror());
  Libpq functions;
#define FOVEA_FIND(name) find_in(library, "PQ" #name, functions.name);
  FOVEA_LIBPQ_FUNCTIONS(FOVEA_FIND)
#undef FOVEA_FIND
  return functions;
}

}  // namespace

const Libpq& libpq() {
  static const Libpq functions = open_libpq();
  return functions;
}

}  // namespace fovea
