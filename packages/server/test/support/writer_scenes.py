"""Plays a scene with a Python writer as a program has it, and says how that came out."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), *[".."] * 4, "clients", "python"))
from holdfast_writer import Writer  # noqa: E402

WORDS = [{"type": "text-start", "id": "t"}, {"type": "text-delta", "id": "t", "delta": "Hello"}]


def finishes(run):
    run.write(*WORDS, {"type": "text-end", "id": "t"})


def reuses(run):
    chunk = {**WORDS[0]}
    run.write(chunk)
    chunk["type"] = "text-delta"
    for letter in "Hello":
        chunk["delta"] = letter
        run.write(chunk)
    run.write({"type": "text-end", "id": "t"})


def raises(run):
    run.write(*WORDS)
    raise KeyError("mine")


def explains(run):
    run.write(*WORDS)
    run.end("failed", error="No tokens left.")


def goes_on(run):
    run.write(*WORDS)
    run.end()
    run.write(*WORDS)


def stops(run):
    run.write(*WORDS)
    while not run.stopped:
        time.sleep(0.01)


def chatters(run):
    run.write(WORDS[0])
    for at in range(2000):
        run.write({"type": "text-delta", "id": "t", "delta": f"{at} "})
    run.write({"type": "text-end", "id": "t"})


def bursts(run):
    run.write(*WORDS)
    run.write({"type": "x-large", "text": "a" * 400_000})


def answers(run):
    run.write(*WORDS, {"type": "data-page", "data": "ж" * 3_000_000 + "\ud83d"})


def leaves(run):
    run.write(*WORDS)
    sys.stdin.readline()
    run.write(*WORDS)


scene, options = sys.argv[1], json.loads(sys.argv[2])
try:
    with Writer(**options) as writer:
        globals()[scene](writer)
    print("came out well", flush=True)
except Exception as error:
    print(f"raised {type(error).__name__}", flush=True)
