"""Records what the service answers to the requests in the files beside this one, which RecordedAnswersTest compares, and to
the examples of the OpenAPI document, which has the answers beside them.

Each line of a .jsonl file is one exchange as JSON: its name, method and path, the headers where they are not those of JSON,
the body as it is sent, and then the status, content type and body of the answer. To record anew, because answers have
changed on purpose, start the service with its default limits and run `python3 record.py http://localhost:8080`. Only answers
that RecordedAnswersTest tells apart are written: `git diff --stat` then tells how many have changed. To add an exchange, add
a line without an answer.

An answer belongs here only if it is the same in every run. Trainings told by events are not: they tell the time.
"""
import http.client
import json
import re
import sys
from pathlib import Path
from urllib.parse import urlencode, urlsplit

JSON = {"Content-Type": "application/json"}
LONGEST_EXAMPLE = 16_384
LOOKUPS = [("ops", "op", "relu"), ("notation", "notationLibrary", "math"), ("layers", "layer", "dense"), ("losses", "loss", "cross_entropy"),
           ("initializers", "initializer", "he_normal"), ("optimizers", "optimizer", "adam"), ("schedules", "schedule", "cosine")]

LINKS = [("gradientLink", "product", "/v1/gradient?" + urlencode({"expression": "f = (x + y) * z", "inputs": '{"x": -2, "y": 5, "z": -4}'}))]
PICTURES = ["render", "plot"]


def answer(connection, exchange):
    request = exchange.get("request")
    connection.request(exchange["method"], exchange["path"], None if request is None else request.encode(), exchange.get("headers", JSON))
    response = connection.getresponse()
    # Every request has an id of its own.
    body = re.sub(r'"request_id":"[^"]*",', "", response.read().decode(), count=1)
    return {"status": response.status, "type": response.getheader("Content-Type"), "answer": body}


def compared(exchange):
    """The exchange without the numbers that RecordedAnswersTest leaves out: costs, and sizes beyond a limit."""
    body = re.sub(r'"cost":\{[^}]*}', lambda cost: re.sub(r":\d[^,}]*", ":#", cost[0]), exchange.get("answer", ""))
    if '"code":"limit-exceeded"' in body:
        body = re.sub(r'(needs |"actual":")(?:more than )?\d+', r"\1#", body)
    return exchange | {"answer": body}


def newest(exchange, answered):
    return exchange if compared(exchange) == compared(answered) else answered


def write_example(connection, path, request, file):
    """Writes an answer of the OpenAPI document, of a list its first entry, unless it is too long to be read there."""
    body = answer(connection, {"method": "GET" if request is None else "POST", "path": path, "request": request})["answer"]
    if body.startswith("["):
        body = body[: json.JSONDecoder().raw_decode(body, 1)[1]] + "]"
    if len(body) <= LONGEST_EXAMPLE:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(body + "\n", "utf-8", newline="\n")


def record_examples(connection):
    resources = Path(__file__).parents[3] / "main" / "resources"
    answers = resources / "answers"
    for file in answers.glob("*/*.json"):
        file.unlink()
    for file in sorted((resources / "examples").glob("*/*.json")):
        if file.parent.name in PICTURES:
            continue
        request = json.dumps(json.loads(file.read_text("utf-8"))["request"])
        write_example(connection, f"/v1/{file.parent.name}", request, answers / file.parent.name / file.name)
    for operation, name, path in LINKS:
        write_example(connection, path, None, answers / operation / f"{name}.json")
    for plural, singular, name in LOOKUPS:
        write_example(connection, f"/v1/{plural}", None, answers / plural / "first-entry.json")
        write_example(connection, f"/v1/{plural}/{name}", None, answers / singular / f"{name}.json")


def main(base):
    connection = http.client.HTTPConnection(urlsplit(base).netloc)
    for file in sorted(Path(__file__).parent.glob("*.jsonl")):
        exchanges = [json.loads(line) for line in file.read_text("utf-8").split("\n") if line]
        lines = [json.dumps(newest(exchange, exchange | answer(connection, exchange)), ensure_ascii=False) + "\n" for exchange in exchanges]
        file.write_text("".join(lines), "utf-8", newline="\n")
    record_examples(connection)


if __name__ == "__main__":
    main(sys.argv[1])
