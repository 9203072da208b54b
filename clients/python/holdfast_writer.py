"""Writes runs into Holdfast sessions over HTTP (PROTOCOL.md, HF-WRT). Python 3.9 or later, standard library only.

    with Writer(url, token, "chat-1", "planner", command="job 7") as run:
        for chunk in model(run.messages):      # UI message chunks of the AI SDK, as dicts
            if run.stopped:
                break
            run.write(chunk)

What is written goes in groups, one request at a time, by a thread that also renews the lease. Every request is
repeated until its answer is known. One Writer writes one run, from one thread.
"""

import collections
import http.client
import json
import random
import threading
import time
import urllib.parse
import uuid

MOST_CHUNKS = 500
MOST_BYTES = 64 * 1024
TAIL_BYTES = 1024 * 1024


class WriterError(Exception):
    """What every error here is."""


class Refused(WriterError):
    """The server does not take it, and would not the next time: `code` is that of PROTOCOL.md section 13."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code = status, code


class Unavailable(WriterError):
    """No answer within `retry_for`: the outcome is unknown."""


class Superseded(WriterError):
    """Another writer has the run: stop, and write nothing more."""


class Ended(WriterError):
    """The run is over; `state` says how."""

    def __init__(self, state):
        super().__init__(f"the run is over: {state}")
        self.state = state


class Full(WriterError):
    """The session has reached its size limit: only the end still fits."""


class Writer:
    """
    A run. `command` names one of the writer's own: the same again, from any process, goes on with it, and shuts the
    process out that had it. `job` is one of Holdfast's, as a queue gave it: a run that a user has asked for.
    """

    def __init__(self, url, token, session, agent, *, command=None, job=None, parent=None, metadata=None,
                 body=None, lease_ms=15_000, retry_for=60.0, timeout=10.0):
        address = urllib.parse.urlsplit(url)
        if address.scheme not in ("http", "https"):
            raise ValueError("url must be http or https")
        secure = address.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connect = lambda: kind(address.hostname, address.port, timeout=timeout)
        self._connection = None
        self._path = f"{address.path.rstrip('/')}/{session}"
        self._headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        self._retry_for = retry_for
        self._lease_ms = lease_ms
        self._agent = agent
        # Another one for each Writer: a second process of the same name must not pass for this one.
        named = {"command": command} if job is None else {"run": job["run"], "attempt": job["attempt"]}
        extra = {"parent": parent, "metadata": metadata, "body": body} if job is None else {}
        wanted = {**named, **extra, "holder": uuid.uuid4().hex, "leaseMs": lease_ms}
        self._wanted = {name: value for name, value in wanted.items() if value is not None}
        self._changed = threading.Condition()
        self._waiting = collections.deque()
        self._waiting_bytes = 0
        self._tail = collections.deque()
        self._tail_bytes = 0
        self._next = 1
        self._closing = False
        self._failed = None
        self._stopped = False
        self._thread = None
        self._steers, self._heard = {}, set()

    def begin(self):
        """Takes the run. Raises Superseded or Ended where there is nothing to do, Refused and Unavailable."""
        began = self._running(self._ask("begin", self._wanted))
        self.run, self.attempt, self.message_id = began["run"], began["attempt"], began["messageId"]
        self.messages, self.trigger = began["messages"], began["trigger"]
        self.participant = began["participant"]
        self.metadata, self.body = began.get("metadata"), began.get("body", {})
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        return self

    @property
    def stopped(self):
        """True once somebody wants the run to stop: then end it, which leaving the `with` block does."""
        return self._stopped

    def steered(self):
        """Messages that users have sent to the run since the last call, for its model; they count as read then."""
        with self._changed:
            steers, self._steers = self._steers, {}
            self._heard.update(steers)
        for name, message in steers.items():
            self.write({"type": "data-steering", "id": name, "data": {"parts": message["parts"]}})
        return list(steers.values())

    def write(self, *chunks):
        """Has chunks written soon, in order; waits while a lot is waiting. Raises what went wrong, and behind `end`."""
        for chunk in chunks:
            text = json.dumps(chunk)
            chunk, size = json.loads(text), len(text)  # As it is now: programs go on with the same dict.
            with self._changed:
                self._changed.wait_for(lambda: self._failed or self._closing or self._waiting_bytes < TAIL_BYTES)
                if self._failed:
                    raise self._failed
                if self._closing:  # Nobody would write it.
                    raise WriterError("the run was ended or left here")
                self._waiting.append((chunk, size))
                self._waiting_bytes += size
                self._changed.notify_all()

    def end(self, outcome="finished", reason=None, error=None):
        """Writes what waits, and the end; gives how the run has ended. `error` is told to users of one that failed."""
        failed = self.close()
        if isinstance(failed, Ended):
            return failed.state
        if isinstance(failed, (Full, Refused)):
            outcome, reason = "failed", getattr(failed, "code", "full")
        elif failed:
            raise failed
        end = {**self._named(), "outcome": outcome, "reason": reason, "error": error}
        answer = self._ask_in_order("end", {name: value for name, value in end.items() if value is not None})
        if answer["state"] == "superseded":
            raise Superseded("another writer has the run")
        if failed:
            raise failed
        return answer["state"]

    def close(self):
        """Writes what waits and leaves the run as it is, for its lease. Gives the error that kept it from that."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread:
            self._thread.join()
        return self._failed

    def __enter__(self):
        return self.begin()

    def __exit__(self, kind, error, _):
        if kind is None:
            self.end("stopped" if self._stopped else "finished")
        elif isinstance(error, (Superseded, Ended, Unavailable)):
            self.close()
        elif error is not self._failed:
            self.end("failed")
        else:
            try:
                self.end()
            except WriterError:
                pass  # It is raised already.

    def _work(self):
        """The thread: appends what waits, one request at a time; renews the lease, and hears what is steered."""
        pause = self._lease_ms / 3000
        due = time.monotonic() + pause
        try:
            while True:
                with self._changed:
                    left = max(0, due - time.monotonic())
                    self._changed.wait_for(lambda: self._waiting or self._closing, left)
                    chunks, size = self._take()
                    if not chunks and self._closing:
                        return
                if chunks:
                    self._append(chunks, size)
                if time.monotonic() >= due:
                    self._renew()
                    due = time.monotonic() + pause
        except Exception as error:  # Told to whoever writes next.
            with self._changed:
                self._failed = error
                self._changed.notify_all()

    def _renew(self):
        answer = self._running(self._ask("renew", {**self._named(), "leaseMs": self._lease_ms}))
        with self._changed:
            steers = {message["id"]: message for message in answer.get("steers", [])}
            self._steers = {name: steers[name] for name in steers if name not in self._heard}

    def _take(self):
        chunks, total = [], 0
        while self._waiting and len(chunks) < MOST_CHUNKS:
            chunk, size = self._waiting[0]
            if chunks and total + size > MOST_BYTES:
                break
            self._waiting.popleft()
            chunks.append(chunk)
            total += size
        self._waiting_bytes -= total
        self._changed.notify_all()
        return chunks, total

    def _append(self, chunks, size):
        self._running(self._ask_in_order("append", {**self._named(), "chunks": chunks}))
        self._tail.append((self._next, chunks, size))
        self._tail_bytes += size
        self._next += 1
        while len(self._tail) > 1 and self._tail_bytes > TAIL_BYTES:
            self._tail_bytes -= self._tail.popleft()[2]

    def _ask_in_order(self, verb, body):
        """The next request of the run; what the log turns out to have lost is sent again in front of it."""
        expected = 0
        while True:
            answer = self._ask(verb, {**body, "seq": self._next})
            if answer["state"] != "gap":
                return answer
            lost = [each for each in self._tail if each[0] >= answer["next"]]
            if answer["next"] <= expected or not lost or lost[0][0] != answer["next"]:
                raise Superseded("the log has lost more than is kept here")
            expected = answer["next"]
            for seq, chunks, _ in lost:
                self._running(self._ask("append", {**self._named(), "seq": seq, "chunks": chunks}))

    def _named(self):
        return {"run": self.run, "attempt": self.attempt}

    def _running(self, answer):
        state = answer["state"]
        if state == "superseded" or state == "gap":
            raise Superseded("another writer has the run")
        if state == "full":
            raise Full("the session has reached its size limit")
        if state != "running":
            raise Ended(state)
        self._stopped = self._stopped or answer["cancelled"]
        return answer

    def _ask(self, verb, body):
        """One request, repeated while its outcome is unknown: 20 ms doubling to 1 s, for `retry_for` seconds."""
        # As UTF-8: escapes take up to three times as much of a request. Half of a character has no other form.
        text = json.dumps({"agent": self._agent, **body}, ensure_ascii=False).encode(errors="backslashreplace")
        since, delay = None, 0.02
        while True:
            try:
                status, answer = self._post(verb, text)
                if status == 200:
                    return answer
                told = answer.get("error")  # A proxy may have a text there.
                error = told if isinstance(told, dict) else {}
                if status < 500 and status != 429 or status == 507:
                    raise Refused(status, str(error.get("code", "")), error.get("message", f"status {status}"))
                fault = f"{status} {error.get('message', '')}"
            except (OSError, http.client.HTTPException, ValueError) as lost:
                self._drop()
                fault = str(lost)
            now = time.monotonic()
            since = since or now
            if now - since + delay > self._retry_for:
                raise Unavailable(f"{verb} got no answer: {fault}")
            time.sleep(delay * random.uniform(0.5, 1))
            delay = min(delay * 2, 1.0)

    def _post(self, verb, text):
        # Redirects are not followed: the token would go with them.
        self._connection = self._connection or self._connect()
        self._connection.request("POST", f"{self._path}/{verb}", text, self._headers)
        with self._connection.getresponse() as response:
            text = response.read()
            try:
                answer = json.loads(text)
            except ValueError:
                answer = None
        if not isinstance(answer, dict):
            answer = {}
        if response.status == 200 and "state" not in answer:  # Of somebody in between.
            raise ValueError("the answer is none of a chat route")
        return response.status, answer

    def _drop(self):
        if self._connection:
            self._connection.close()
        self._connection = None
