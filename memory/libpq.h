#pragma once

#include <libpq-fe.h>

#include <memory>

namespace fovea {

/// Calls do_one(NAME) for each function PQNAME that is used.
// clang-format off
#define FOVEA_LIBPQ_FUNCTIONS(do_one) \
  do_one(clear) do_one(cmdStatus) do_one(cmdTuples) do_one(conndefaults) do_one(connectdbParams) \
  do_one(conninfoFree) do_one(enterPipelineMode) do_one(errorMessage) do_one(exec) \
  do_one(exitPipelineMode) do_one(finish) do_one(ftype) do_one(getisnull) do_one(getlength) \
  do_one(getResult) do_one(getvalue) do_one(ntuples) do_one(pipelineSync) \
  do_one(resultErrorField) do_one(resultErrorMessage) do_one(resultStatus) do_one(sendPrepare) \
  do_one(sendQueryParams) do_one(sendQueryPrepared) do_one(serverVersion) \
  do_one(setNoticeProcessor) do_one(status)
// clang-format on

/// PostgreSQL's client library, which is opened when the first store on a server is: no other
/// program has to have it, nor waits for it and what it brings along (TLS, Kerberos, LDAP).
struct Libpq {
#define FOVEA_MEMBER(name) decltype(&PQ##name) name = nullptr;
  FOVEA_LIBPQ_FUNCTIONS(FOVEA_MEMBER)
#undef FOVEA_MEMBER
};

/// Throws Error(unsupported), naming the package to install, where there is none.
const Libpq& libpq();

struct ConnectionCloser {
  void operator()(PGconn* connection) const { libpq().finish(connection); }
};
using PostgresConnection = std::unique_ptr<PGconn, ConnectionCloser>;

struct ResultCloser {
  void operator()(PGresult* result) const { libpq().clear(result); }
};
using PostgresResult = std::unique_ptr<PGresult, ResultCloser>;

}  // namespace fovea
