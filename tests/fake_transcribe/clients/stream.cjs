// Streams a recording with AWS's JavaScript client, over HTTP/2 as on Node or over WebSocket as in a browser.
// Standard input: {"module", "transport", "endpoint", "audio", "chunkBytes", "parameters"}; prints what came back.
const fs = require("node:fs");
const { createRequire } = require("node:module");

const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const installed = createRequire(process.cwd() + "/");
const { TranscribeStreamingClient, StartStreamTranscriptionCommand } = installed(asked.module);

function configuration() {
  const common = {
    region: "us-east-1",
    endpoint: asked.endpoint,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
  if (asked.transport === "http2") return common;
  // What the browser's build adds to the same client.
  globalThis.WebSocket = installed("ws");
  const from = createRequire(installed.resolve(asked.module));
  const { WebSocketFetchHandler } = from("@aws-sdk/middleware-websocket");
  const { eventStreamPayloadHandler } = from("@aws-sdk/middleware-sdk-transcribe-streaming");
  return {
    ...common,
    requestHandler: new WebSocketFetchHandler(),
    eventStreamPayloadHandlerProvider: () => eventStreamPayloadHandler,
  };
}

async function* chunks() {
  const audio = fs.readFileSync(asked.audio);
  for (let start = 0; start < audio.length; start += asked.chunkBytes) {
    yield { AudioEvent: { AudioChunk: audio.subarray(start, start + asked.chunkBytes) } };
  }
}

async function main() {
  const results = [];
  let error = null;
  const client = new TranscribeStreamingClient(configuration());
  try {
    const command = new StartStreamTranscriptionCommand({ ...asked.parameters, AudioStream: chunks() });
    const response = await client.send(command);
    for await (const event of response.TranscriptResultStream) {
      results.push(...(event.TranscriptEvent?.Transcript?.Results ?? []));
    }
  } catch (thrown) {
    error = { name: thrown.name, message: thrown.message, status: thrown.$metadata?.httpStatusCode };
  }
  client.destroy();
  process.stdout.write(JSON.stringify({ results, error }) + "\n");
}

main();
