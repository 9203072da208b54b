"""Does with the Python client what the lines of its input say, and answers each with a line."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), *[".."] * 4, "clients", "python"))
from holdfast_writer import Writer  # noqa: E402

options = json.loads(sys.argv[1])
writer = Writer(**options)


def begin():
    writer.begin()
    names = ("run", "attempt", "messages", "trigger", "participant", "metadata", "body")
    return {"messageId": writer.message_id, **{name: getattr(writer, name) for name in names}}


def stopped():
    return writer.stopped


acts = {"begin": begin, "stopped": stopped, "write": writer.write, "steered": writer.steered, "end": writer.end}
for line in sys.stdin:
    name, arguments = json.loads(line)
    try:
        answer = {"ok": acts[name](*arguments)}
    except Exception as error:
        answer = {"error": type(error).__name__, "message": str(error)}
    print(json.dumps(answer), flush=True)
