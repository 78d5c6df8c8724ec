"""A headless Chromium that is looked at and typed into, as its DevTools protocol allows, over two pipes."""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LATEST = 60.0  # seconds, after which a browser hangs, on a busy machine too
KEYS = {
    "Tab": {"windowsVirtualKeyCode": 9},
    "Enter": {"windowsVirtualKeyCode": 13, "text": "\r"},
    " ": {"windowsVirtualKeyCode": 32, "text": " "},
}
# The browser reads from 3 and writes to 4, whatever numbers the pipes have here.
START = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """One tab.

    Parameters
    ----------
    profile : Path
        Where the browser may write.
    """

    def __init__(self, profile: Path) -> None:
        theirs, ours = os.pipe()
        answers, told = os.pipe()
        command = [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            f"--user-data-dir={profile}", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-pipe",
        ]  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, str(theirs), str(told), *command],
            pass_fds=(theirs, told), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs)
        os.close(told)
        self._out, self._in, self._left = ours, answers, b""
        self._number, self._session = 0, None
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def close(self) -> None:
        """End the browser."""
        self.process.terminate()
        self.process.wait(20)
        os.close(self._out)
        os.close(self._in)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask for something; what happens meanwhile is kept in ``events``."""
        self._number += 1
        number = self._number
        asked = {"id": number, "method": method, "params": params}
        if self._session is not None:
            asked["sessionId"] = self._session
        os.write(self._out, json.dumps(asked).encode() + b"\0")
        until = time.monotonic() + LATEST
        while True:
            told = self._next(until)
            if told.get("id") == number:
                assert "error" not in told, (method, told["error"])
                return told["result"]
            self.events.append(told)

    def wait(self, event: str) -> None:
        """Let time pass until something has happened."""
        until = time.monotonic() + LATEST
        while not any(one.get("method") == event for one in self.events):
            self.events.append(self._next(until))

    def _next(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._left:
            ready, _, _ = select.select([self._in], [], [], max(0.0, until - time.monotonic()))
            assert ready, "the browser said nothing"
            read = os.read(self._in, 1 << 20)
            assert read, f"the browser ended with code {self.process.wait(20)}"
            self._left += read
        told, _, self._left = self._left.partition(b"\0")
        return json.loads(told)

    def go(self, address: str) -> None:
        """Open a page, and wait for all of it."""
        self.events.clear()
        self.call("Page.navigate", url=address)
        self.wait("Page.loadEventFired")

    def value(self, script: str) -> Any:
        """Return what an expression is on the page."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def wide(self, width: int, *, dark: bool = False, paper: bool = False) -> None:
        """Make the window so wide, and light or dark, or paper."""
        phone = width < 500
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=phone
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme], media="print" if paper else "")

    def press(self, key: str, *, loads: bool = False) -> None:
        """Press a key; wait for the page that it leads to."""
        if loads:
            self.events.clear()
        told = {"key": key, "code": key if key != " " else "Space", **KEYS[key]}
        self.call("Input.dispatchKeyEvent", type="keyDown", **told)
        self.call("Input.dispatchKeyEvent", type="keyUp", **{k: v for k, v in told.items() if k != "text"})
        if loads:
            self.wait("Page.loadEventFired")

    def type(self, text: str) -> None:
        """Type."""
        self.call("Input.insertText", text=text)

    def faults(self) -> list[str]:
        """Return what the page complained of since it was opened."""
        found = []
        for one in self.events:
            params = one.get("params", {})
            if one.get("method") == "Runtime.exceptionThrown":
                found.append(params["exceptionDetails"]["text"])
            elif one.get("method") == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                found.append(params["entry"]["text"])
            elif one.get("method") == "Runtime.consoleAPICalled":
                found.append(str(params["args"]))
        return found

    def asked(self) -> set[str]:
        """Return what the page asked anybody for since it was opened."""
        events = [one["params"] for one in self.events if one.get("method") == "Network.requestWillBeSent"]
        return {one["request"]["url"] for one in events}

    def picture(self, path: Path) -> None:
        """Keep what is seen, all of it."""
        found = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))
