import { ConnectionLost, createClient, FoveaError } from "fovea-client";

const memory = createClient({
  baseUrl: "http://localhost:8322",
  token: process.env.FOVEA_TOKEN,
});

try {
  await memory.POST("/v1/recall", { body: { ids: [4711] }, signal: AbortSignal.timeout(30_000) });
} catch (error) {
  if (error instanceof FoveaError) {
    console.log(error.status, error.code); // 404 not_found
    console.log(error.detail); // for people: the place and the fix
    console.log(error.errors); // wrong fields, each with a JSON pointer
    console.log(error.requestId); // finds it in the server's log
  } else if (error instanceof ConnectionLost) {
    console.log("not reached, or the answer was cut:", error.message);
  } else {
    throw error; // the TimeoutError of the signal
  }
}
