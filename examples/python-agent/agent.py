"""An agent in Python for `remoteAgent`, with the standard library alone: PORT=8000 KEY=secret python3 agent.py"""

import hmac
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LIMIT = 32 * 1024 * 1024


def text(words):
    """The chunks of a text, as the AI SDK has them."""
    yield {"type": "text-start", "id": "t"}
    for word in words:
        yield {"type": "text-delta", "id": "t", "delta": word}
    yield {"type": "text-end", "id": "t"}


def answer(request):
    """Stands for your model: yields the chunks of the answer to a `RemoteRequest`."""
    yield {"type": "start", "messageId": request["messageId"]}
    last = request["messages"][-1]
    # A picture may stand in front of the words, or in their place.
    said = "".join(part["text"] for part in last["parts"] if part["type"] == "text")
    if last["role"] == "assistant":  # Called again, behind the output of a tool, or its error.
        outputs = [part["output"] for part in last["parts"] if "output" in part]
        if outputs:
            yield from text(["You are in ", str(outputs[-1]), "."])
        else:
            yield from text(["I do not know where you are."])
    elif "where" in said:  # A tool that the client executes, and answers.
        call = {"toolCallId": request["runId"], "toolName": "locate"}
        yield {"type": "tool-input-available", **call, "input": {}}
    else:
        yield from text(["You said: ", said])
    yield {"type": "finish"}


class Agent(BaseHTTPRequestHandler):
    """Answers each POST with a UI message stream; each in a thread of its own."""

    answer = staticmethod(answer)

    def do_POST(self):
        key = self.headers.get("authorization", "")
        if not hmac.compare_digest(key.encode(), f"Bearer {os.environ['KEY']}".encode()):
            return self.send_error(401)
        size = int(self.headers.get("content-length") or 0)
        if not 0 < size <= LIMIT:
            return self.send_error(413)
        request = json.loads(self.rfile.read(size))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("cache-control", "no-cache")
        self.send_header("x-vercel-ai-ui-message-stream", "v1")
        self.end_headers()
        try:
            for chunk in self.answer(request):
                self.write(f"data: {json.dumps(chunk)}\n\n")
            self.write("data: [DONE]\n\n")
        except (BrokenPipeError, ConnectionResetError):
            # The request was closed: the user has stopped the run. Stop your model here.
            print(f"stopped {request['runId']}", flush=True)

    def write(self, event):
        self.wfile.write(event.encode())
        self.wfile.flush()

    def log_message(self, *_):
        pass


def serve(handler=Agent):
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), handler)
    server.daemon_threads = True
    print(f"listening on {server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    try:
        serve()
    except KeyboardInterrupt:
        sys.exit(0)
