#pragma once

#include <libpq-fe.h>

#include <memory>

namespace fovea {

/// PostgreSQL's client library, which is opened when the first store on a server is: no other
/// program has to have it, nor waits for it and what it brings along (TLS, Kerberos, LDAP).
struct Libpq {
#define FOVEA_LIBPQ(name) decltype(&PQ##name) name = nullptr
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
