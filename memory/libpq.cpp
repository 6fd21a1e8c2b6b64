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
#define FOVEA_LIBPQ(name) find_in(library, "PQ" #name, functions.name)
  FOVEA_LIBPQ(clear);
  FOVEA_LIBPQ(cmdTuples);
  FOVEA_LIBPQ(connectdbParams);
  FOVEA_LIBPQ(errorMessage);
  FOVEA_LIBPQ(exec);
  FOVEA_LIBPQ(execPrepared);
  FOVEA_LIBPQ(finish);
  FOVEA_LIBPQ(ftype);
  FOVEA_LIBPQ(getisnull);
  FOVEA_LIBPQ(getlength);
  FOVEA_LIBPQ(getvalue);
  FOVEA_LIBPQ(ntuples);
  FOVEA_LIBPQ(prepare);
  FOVEA_LIBPQ(resultErrorField);
  FOVEA_LIBPQ(resultErrorMessage);
  FOVEA_LIBPQ(resultStatus);
  FOVEA_LIBPQ(serverVersion);
  FOVEA_LIBPQ(setNoticeProcessor);
  FOVEA_LIBPQ(status);
#undef FOVEA_LIBPQ
  return functions;
}

}  // namespace

const Libpq& libpq() {
  static const Libpq functions = open_libpq();
  return functions;
}

}  // namespace fovea
