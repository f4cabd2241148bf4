"""Drives the page of `netctl map -o html` in a headless Chromium through a pipe (the DevTools protocol), as a person would.

usage: page.py CHROMIUM PAGE  < commands  > answers, one JSON value a line
A command is ["type", TEXT], ["click", SELECTOR], ["move", SELECTOR] or ["ask", EXPRESSION].
"""
import json
import os
import subprocess
import sys
import tempfile


class Browser:
    def __init__(self, chromium, page):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_read, self.writer = os.pipe()
        self.reader, to_write = os.pipe()

        def pipes():
            # Chromium reads descriptor 3 and writes descriptor 4.
            os.dup2(to_read, 103)
            os.dup2(to_write, 104)
            os.dup2(103, 3)
            os.dup2(104, 4)

        self.process = subprocess.Popen(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}", "--window-size=1500,1000", "about:blank"],
            preexec_fn=pipes, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.rest, self.number, self.session, self.events = b"", 0, None, []
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(target for target in targets if target["type"] == "page")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.navigate", url=f"file://{page}")
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.receive()

    def receive(self):
        while b"\0" not in self.rest:
            part = os.read(self.reader, 1 << 16)
            if not part:
                sys.exit("chromium has ended")
            self.rest += part
        message, self.rest = self.rest.split(b"\0", 1)
        message = json.loads(message)
        if "method" in message:
            self.events.append(message)
        return message

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer["result"]

    def ask(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            sys.exit(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def point(self, selector):
        place = self.ask(
            "(() => { const found = document.querySelector(%s); found.scrollIntoView({block: 'center'}); "
            "const box = found.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()" % json.dumps(selector))
        return {"x": place[0], "y": place[1]}

    def carry_out(self, verb, argument):
        if verb == "type":
            self.call("Input.insertText", text=argument)
        elif verb == "move":
            self.call("Input.dispatchMouseEvent", type="mouseMoved", **self.point(argument))
        elif verb == "click":
            place = self.point(argument)
            for kind in ("mousePressed", "mouseReleased"):
                self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)
        elif verb == "complaints":
            # Errors of scripts, and everything that the page has tried to load besides itself.
            loaded = [event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"]
            errors = [event["method"] for event in self.events if event["method"] in ("Runtime.exceptionThrown", "Log.entryAdded")]
            return errors + loaded[1:]
        else:
            return self.ask(argument)


def main():
    browser = Browser(sys.argv[1], sys.argv[2])
    try:
        for command in json.load(sys.stdin):
            print(json.dumps(browser.carry_out(*command)))
    finally:
        browser.process.kill()
        browser.process.wait()


main()
