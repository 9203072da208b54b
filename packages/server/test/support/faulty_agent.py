"""The agent of examples/python-agent, which goes wrong where it is told to."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), *[".."] * 4, "examples", "python-agent"))
from agent import Agent, answer, serve  # noqa: E402


def endless(request):
    """Writes until its reader has gone."""
    for chunk in answer(request):
        if chunk["type"] == "text-end":
            break
        yield chunk
    while True:
        time.sleep(0.02)
        yield {"type": "text-delta", "id": "t", "delta": "."}


class Faulty(Agent):
    def answer(self, request):
        last = request["messages"][-1]
        wish = last["parts"][0].get("text", "")
        if wish == "half a chunk":
            yield from list(answer(request))[:3]
            self.write('data: {"type":"text-de')
            self.close_connection = True
            self.connection.shutdown(2)
        elif wish in ("hang", "die"):
            yield from list(answer(request))[:3]
            print("hanging", flush=True)
            time.sleep(3600)
        elif wish == "on and on":
            yield from endless(request)
        else:
            yield from answer(request)


serve(Faulty)
